/* Proves that events, specs and notes become text as defined and that what can be read back reads
 * back equal: absent against null, escapes, round trips of specs and notes, refusals. */
#include <math.h>

#include "facts/wire.h"
#include "unit.h"

static char buf[1 << 16];
static struct text out;

static const char *event_text(const struct event *e)
{
    text_init(&out, buf, sizeof buf);
    wire_event(&out, &(struct wire_from){3, "binance", 0, NULL}, e);
    ck_assert(!out.full);
    return buf;
}

START_TEST(absent_is_not_null)
{
    struct event e;
    event_init(&e, EV_QUOTE);
    e.symbol = SLICE("X");
    ck_assert_str_eq(event_text(&e),
                     "{\"line\":3,\"kind\":\"quote\",\"venue\":\"binance\",\"symbol\":\"X\","
                     "\"asset\":null,\"t_venue_us\":0}");
    e.none = NONE_ASK;
    e.u.quote.bid_px = 1.5;
    ck_assert_str_eq(event_text(&e),
                     "{\"line\":3,\"kind\":\"quote\",\"venue\":\"binance\",\"symbol\":\"X\","
                     "\"asset\":null,\"t_venue_us\":0,\"bid_px\":1.5,\"ask_px\":null,"
                     "\"ask_qty\":null}");
}
END_TEST

START_TEST(positions_and_segments_are_said)
{
    struct event e;
    event_init(&e, EV_MARK);
    e.dex = SLICE("");
    e.ord = 7;
    e.segment = 1;
    e.u.px.px = 2;
    ck_assert_str_eq(event_text(&e),
                     "{\"line\":3,\"kind\":\"mark\",\"venue\":\"binance\",\"symbol\":null,"
                     "\"asset\":null,\"t_venue_us\":0,\"dex\":\"\",\"ord\":7,\"segment\":1,"
                     "\"px\":2}");
}
END_TEST

START_TEST(control_text_is_escaped)
{
    struct event e;
    event_init(&e, EV_CONTROL);
    e.u.control.what = CTL_NOTICE;
    e.u.control.text = SLICE("a\"b\\\n\x01\xff");
    ck_assert_ptr_nonnull(strstr(event_text(&e), "\"text\":\"a\\\"b\\\\\\u000a\\u0001\\ufffd\"}"));
}
END_TEST

START_TEST(names_find_their_kind)
{
    for (int k = 0; k < EV_KINDS; k++)
        ck_assert_int_eq(event_kind_find(slice_of(event_kind_name((enum event_kind)k))), k);
    ck_assert_int_eq(event_kind_find(SLICE("nothing")), -1);
    ck_assert_str_eq(event_kind_name((enum event_kind)99), "unknown");
}
END_TEST

static const char full_spec[] =
    "{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"BTCUSDT\",\"asset\":null,\"t_venue_us\":"
    "5,"
    "\"dex\":\"d\",\"ord\":4,\"segment\":1,\"base\":\"BTC\",\"quote\":\"USDT\",\"settle\":\"BTC\","
    "\"ct_size\":100,\"ct_unit\":\"usd\",\"linear\":false,\"tick\":0.1,\"max_leverage\":125,"
    "\"status\":\"pre\",\"category\":\"dated\",\"index\":\"BTCUSD\",\"funding_interval_h\":4,"
    "\"partial\":true,\"tier_unit\":\"contracts\",\"tier_whole\":true,\"tiers\":[{\"floor_usd\":0,"
    "\"cap_usd\":5,\"mmr\":0.01,\"cum\":0,"
    "\"max_leverage\":50},{\"floor_usd\":5,\"cap_usd\":null,\"mmr\":0.02,\"cum\":0.05,"
    "\"max_leverage\":25}]}";

START_TEST(spec_reads_back_what_it_prints)
{
    struct batch *b = batch_new();
    struct slice venue;
    batch_clear(b);
    ck_assert_int_eq(wire_spec_parse(full_spec, sizeof full_spec - 1, b, &venue), 0);
    ck_assert(slice_is(venue, "binance"));
    ck_assert_uint_eq(b->n, 1);
    ck_assert_uint_eq(b->ev[0].u.spec.n_tiers, 2);
    ck_assert(isinf(b->ev[0].u.spec.tiers[1].cap_usd));
    text_init(&out, buf, sizeof buf);
    wire_event(&out, &(struct wire_from){0, "binance", 0, NULL}, &b->ev[0]);
    ck_assert_str_eq(buf, full_spec);
    batch_free(b);
}
END_TEST

START_TEST(instrument_prints_as_its_spec)
{
    static const char line[] =
        "{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"1000PEPEUSDT\",\"asset\":\"PEPE\","
        "\"t_venue_us\":0,\"base\":\"1000PEPE\",\"quote\":\"USDT\",\"settle\":\"USDT\",\"ct_size\":"
        "1,"
        "\"ct_unit\":\"base\",\"linear\":true,\"tick\":1e-07,\"status\":\"trading\",\"category\":"
        "\"perp\"}";
    static const struct asset_alias alias = {"binance", "1000PEPE", "PEPE", 1000};
    const char *names[] = {"binance"};
    struct directory *d = directory_new(&alias, 1, names, 1);
    struct batch *b = batch_new();
    struct slice venue;
    uint32_t id;
    batch_clear(b);
    ck_assert_int_eq(wire_spec_parse(line, sizeof line - 1, b, &venue), 0);
    ck_assert_int_eq(directory_apply(d, 0, &b->ev[0], &id), 1);
    text_init(&out, buf, sizeof buf);
    wire_instrument(&out, "binance", d, id);
    ck_assert_str_eq(buf, line);
    batch_free(b);
    directory_free(d);
}
END_TEST

START_TEST(bad_spec_lines_leave_nothing)
{
    static const struct {
        const char *line;
        int code;
    } rows[] = {
        {"{\"kind\":\"mark\",\"venue\":\"binance\",\"symbol\":\"X\"}", E_UNKNOWN},
        {"{\"venue\":\"binance\",\"symbol\":\"X\"}", E_UNKNOWN},
        {"{\"kind\":\"spec\",\"symbol\":\"X\"}", E_MISSING},
        {"{\"kind\":\"spec\",\"venue\":\"binance\"}", E_MISSING},
        {"{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"X\",\"status\":\"odd\"}",
         E_UNKNOWN},
        {"{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"X\",\"tick\":\"x\"}", E_TYPE},
        {"{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"X\",\"tiers\":{}}", E_TYPE},
        {"{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"X\"", E_SYNTAX},
        {"", E_SYNTAX},
        {"[]", E_TYPE},
    };
    struct batch *b = batch_new();
    struct slice venue;
    batch_clear(b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(wire_spec_parse(rows[i].line, strlen(rows[i].line), b, &venue),
                         rows[i].code);
        ck_assert_uint_eq(b->n + b->n_tiers + b->n_text, 0);
    }
    batch_free(b);
}
END_TEST

START_TEST(spec_texts_may_have_escapes)
{
    static const char line[] =
        "{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"A\\u00e9\\\"\"}";
    struct batch *b = batch_new();
    struct slice venue;
    batch_clear(b);
    ck_assert_int_eq(wire_spec_parse(line, sizeof line - 1, b, &venue), 0);
    ck_assert(slice_is(b->ev[0].symbol, "A\xc3\xa9\""));
    batch_free(b);
}
END_TEST

static void check_note(const struct note *n, const char *want)
{
    struct note back;
    char again[2048];
    struct text t;
    text_init(&out, buf, sizeof buf);
    wire_note(&out, n);
    ck_assert_str_eq(buf, want);
    ck_assert_int_eq(wire_note_parse(buf, out.len, &back), 0);
    text_init(&t, again, sizeof again);
    wire_note(&t, &back);
    ck_assert_str_eq(again, want);
    ck_assert_int_eq(back.kind, n->kind);
    ck_assert(slice_eq(back.cause, n->cause));
    ck_assert(slice_eq(back.who, n->who));
}

START_TEST(notes_read_back)
{
    struct note n;
    note_init(&n, NOTE_LINK_DOWN);
    n.venue = 1;
    n.conn = 33;
    n.cause = SLICE("closed: \"1006\" \\ \n");
    check_note(&n, "{\"kind\":\"link_down\",\"venue\":1,\"conn\":33,\"channel\":255,"
                   "\"cause\":\"closed: \\\"1006\\\" \\\\ \\u000a\"}");
    note_init(&n, NOTE_SENT);
    n.venue = 0;
    n.channel = 3;
    n.venue_name = SLICE("binance");
    n.channel_name = SLICE("depth");
    check_note(&n, "{\"kind\":\"sent\",\"venue\":0,\"conn\":255,\"channel\":3,"
                   "\"venue_name\":\"binance\",\"channel_name\":\"depth\"}");
    note_init(&n, NOTE_DESK);
    n.action = SLICE("silence");
    n.key = SLICE("liq_1m{asset=\"BTC\"}");
    n.who = SLICE("ann");
    n.until_us = INT64_MAX;
    check_note(&n, "{\"kind\":\"desk\",\"venue\":255,\"conn\":255,\"channel\":255,"
                   "\"until_us\":9223372036854775807,\"action\":\"silence\","
                   "\"key\":\"liq_1m{asset=\\\"BTC\\\"}\",\"who\":\"ann\"}");
    note_init(&n, NOTE_CLOCK);
    n.value = -1.5;
    n.code = -3;
    check_note(&n, "{\"kind\":\"clock\",\"venue\":255,\"conn\":255,\"channel\":255,\"code\":-3,"
                   "\"value\":-1.5}");
}
END_TEST

START_TEST(bad_notes_are_refused)
{
    static const struct {
        const char *line;
        int code;
    } rows[] = {
        {"{\"venue\":1}", E_MISSING},
        {"{\"kind\":\"odd\"}", E_UNKNOWN},
        {"{\"kind\":\"sent\",\"venue\":256}", E_RANGE},
        {"{\"kind\":\"sent\",\"venue\":-1}", E_RANGE},
        {"{\"kind\":\"sent\",\"code\":3000000000}", E_RANGE},
        {"{\"kind\":\"sent\",\"cause\":5}", E_TYPE},
        {"{\"kind\":\"sent\"} x", E_SYNTAX},
    };
    struct note n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(wire_note_parse(rows[i].line, strlen(rows[i].line), &n), rows[i].code);
    char long_line[4096];
    struct text t;
    text_init(&t, long_line, sizeof long_line);
    text_str(&t, "{\"kind\":\"sent\",\"cause\":\"\\n");
    for (int i = 0; i < NOTE_TEXT_MAX; i++)
        text_char(&t, 'x');
    text_str(&t, "\"}");
    ck_assert_int_eq(wire_note_parse(long_line, t.len, &n), E_LIMIT);
}
END_TEST

START_TEST(batch_refuses_overflow_and_recovers)
{
    struct batch *b = batch_new();
    for (int i = 0; i < BATCH_EVENTS_MAX; i++)
        ck_assert_ptr_nonnull(batch_add(b, EV_MARK));
    ck_assert_int_eq(b->err, 0);
    ck_assert_ptr_null(batch_add(b, EV_MARK));
    ck_assert_int_eq(b->err, E_LIMIT);
    batch_clear(b);
    ck_assert_int_eq(b->err, 0);
    for (int i = 0; i < BATCH_LEVELS_MAX; i++)
        ck_assert_ptr_nonnull(batch_level(b));
    ck_assert_ptr_null(batch_level(b));
    for (int i = 0; i < BATCH_TIERS_MAX; i++)
        ck_assert_ptr_nonnull(batch_tier(b));
    ck_assert_ptr_null(batch_tier(b));
    ck_assert_int_eq(b->err, E_LIMIT);
    batch_free(b);
}
END_TEST

UNIT_MAIN("wire", tcase_add_test(tc, absent_is_not_null);
          tcase_add_test(tc, positions_and_segments_are_said);
          tcase_add_test(tc, control_text_is_escaped); tcase_add_test(tc, names_find_their_kind);
          tcase_add_test(tc, spec_reads_back_what_it_prints);
          tcase_add_test(tc, instrument_prints_as_its_spec);
          tcase_add_test(tc, bad_spec_lines_leave_nothing);
          tcase_add_test(tc, spec_texts_may_have_escapes); tcase_add_test(tc, notes_read_back);
          tcase_add_test(tc, bad_notes_are_refused);
          tcase_add_test(tc, batch_refuses_overflow_and_recovers);)
