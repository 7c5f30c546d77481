/* Proves what the goldens of tests/frames cannot: Hyperliquid's subscribe texts, ping, request and
 * back-off, the view of a book by its connection, the channel an ack or an error is about, and
 * names by position only while lengths agree. */
#include <math.h>

#include "facts/wire.h"
#include "unit.h"
#include "venue/venue.h"

static const struct venue *v;
static uint8_t venue;
static struct batch *b;
static struct directory *dir;
static char buf[4096];
static struct text out;

static void add_spec(const char *symbol, int ord)
{
    char line[512];
    struct slice name;
    uint32_t id;
    snprintf(
        line, sizeof line,
        "{\"kind\":\"spec\",\"venue\":\"hyperliquid\",\"symbol\":\"%s\",\"dex\":\"\",\"ord\":%d,"
        "\"base\":\"%s\",\"quote\":\"USDC\",\"settle\":\"USDC\",\"ct_size\":1,\"ct_unit\":\"base\","
        "\"linear\":true,\"status\":\"trading\",\"category\":\"perp\",\"funding_interval_h\":1}",
        symbol, ord, symbol);
    ck_assert_int_eq(wire_spec_parse(line, strlen(line), b, &name), 0);
    ck_assert_int_ge(directory_apply(dir, venue, &b->ev[b->n - 1], &id), 0);
}

static void setup(void)
{
    const char *names[] = {"binance", "hyperliquid"};
    venue = (uint8_t)venue_find(SLICE("hyperliquid"));
    v = venues[venue];
    b = batch_new();
    dir = directory_new(NULL, 0, names, 2);
    add_spec("BTC", 0);
    add_spec("kPEPE", 1);
    directory_dex_end(dir, venue, SLICE(""), 2);
    text_init(&out, buf, sizeof buf);
}

static void teardown(void)
{
    batch_free(b);
    directory_free(dir);
}

static int parse(const char *text, uint8_t conn, const char *req)
{
    struct origin o = {venue, conn, req};
    return v->parse(dir, &o, text, strlen(text), b);
}

static uint8_t channel(const char *name)
{
    uint8_t c = venue_channel_find(v, slice_of(name));
    ck_assert_int_ne(c, CHANNEL_NONE);
    return c;
}

static void check_subscribe(const char *name, uint32_t inst, bool on, const char *text)
{
    struct want w = {.venue = venue, .channel = channel(name), .inst = inst};
    text_init(&out, buf, sizeof buf);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&w, 1, on, 5}, &out), 0);
    ck_assert_str_eq(buf, text);
}

START_TEST(subscribes_one_a_message)
{
    check_subscribe("assetCtxs", INST_NONE, true,
                    "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"allDexsAssetCtxs\"}}");
    check_subscribe(
        "trades", 1, true,
        "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"trades\",\"coin\":\"kPEPE\"}}");
    check_subscribe(
        "bbo", 0, false,
        "{\"method\":\"unsubscribe\",\"subscription\":{\"type\":\"bbo\",\"coin\":\"BTC\"}}");
    check_subscribe(
        "book", 0, true,
        "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"l2Book\",\"coin\":\"BTC\"}}");
    check_subscribe(
        "book4", 0, true,
        "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"l2Book\",\"coin\":\"BTC\","
        "\"nSigFigs\":4}}");
    check_subscribe(
        "book3", 0, true,
        "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"l2Book\",\"coin\":\"BTC\","
        "\"nSigFigs\":3}}");
    struct want two[2] = {{.channel = channel("bbo")}, {.channel = channel("bbo")}};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){two, 2, true, 1}, &out), E_LIMIT);
    ck_assert_int_eq(v->limits.sub_batch, 1);
}
END_TEST

START_TEST(pings_by_text_and_asks_for_all_dexes)
{
    struct rest_request r;
    struct want w = {.venue = venue, .channel = channel("metas"), .inst = INST_NONE};
    ck_assert_int_eq(v->ping(&out), 0);
    ck_assert_str_eq(buf, "{\"method\":\"ping\"}");
    ck_assert_int_gt(v->limits.ping_s, 0);
    ck_assert_int_lt(v->limits.ping_s, 60);
    ck_assert_int_eq(v->request(dir, &w, &r), 0);
    ck_assert_str_eq(r.name, "metas");
    ck_assert_str_eq(r.path, "/info");
    ck_assert_str_eq(r.body, "{\"type\":\"allPerpMetas\"}");
    w.channel = channel("bbo");
    ck_assert_int_eq(v->request(dir, &w, &r), E_UNKNOWN);
}
END_TEST

START_TEST(view_is_told_by_the_connection)
{
    static const char text[] = "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\",\"time\":1,"
                               "\"levels\":[[{\"px\":\"1\",\"sz\":\"1\",\"n\":1}],[]]}}";
    static const char *const names[] = {"book", "book4", "book3"};
    for (int route = 0; route < 3; route++) {
        ck_assert_int_eq(parse(text, CONN_SLOT(route, 2, 1), NULL), 0);
        ck_assert_int_eq(b->ev[0].u.book.view, route);
        ck_assert_int_eq(b->ev[0].channel, channel(names[route]));
        ck_assert_int_eq(v->channels[b->ev[0].channel].view, route);
        ck_assert_int_eq(v->channels[b->ev[0].channel].route, route);
    }
}
END_TEST

static void check_reply(const char *text, enum control_what what, const char *name,
                        const char *symbol)
{
    ck_assert_int_eq(parse(text, 0, NULL), 0);
    ck_assert_uint_eq(b->n, 1);
    ck_assert_int_eq(b->ev[0].u.control.what, what);
    ck_assert_int_eq(b->ev[0].channel, name ? channel(name) : CHANNEL_NONE);
    ck_assert(symbol ? slice_is(b->ev[0].symbol, symbol) : !b->ev[0].symbol.p);
}

START_TEST(replies_name_what_they_answer)
{
    check_reply(
        "{\"channel\":\"subscriptionResponse\",\"data\":{\"method\":\"subscribe\",\"subscription\":"
        "{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":null,\"mantissa\":null}}}",
        CTL_ACK, "book", "BTC");
    check_reply(
        "{\"channel\":\"subscriptionResponse\",\"data\":{\"method\":\"subscribe\",\"subscription\":"
        "{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":3,\"mantissa\":null}}}",
        CTL_ACK, "book3", "BTC");
    check_reply(
        "{\"channel\":\"subscriptionResponse\",\"data\":{\"method\":\"subscribe\",\"subscription\":"
        "{\"type\":\"allDexsAssetCtxs\"}}}",
        CTL_ACK, "assetCtxs", NULL);
    check_reply(
        "{\"channel\":\"error\",\"data\":\"Already subscribed: {\\\"type\\\":\\\"trades\\\","
        "\\\"coin\\\":\\\"kPEPE\\\"}\"}",
        CTL_ERROR, "trades", "kPEPE");
    check_reply("{\"channel\":\"error\",\"data\":\"Invalid subscription {not json\"}", CTL_ERROR,
                NULL, NULL);
    check_reply("{\"channel\":\"error\",\"data\":\"Cannot track more than 10 total users.\"}",
                CTL_ERROR, NULL, NULL);
}
END_TEST

START_TEST(positions_hold_while_lengths_agree)
{
    ck_assert_int_eq(
        parse("{\"channel\":\"allDexsAssetCtxs\",\"data\":{\"ctxs\":[[\"\",[{\"markPx\":\"1\"},"
              "{\"markPx\":\"2\"}]]]}}",
              0, NULL),
        0);
    ck_assert_uint_eq(b->n, 2);
    ck_assert(slice_is(b->ev[0].symbol, "BTC") && slice_is(b->ev[1].symbol, "kPEPE"));
    ck_assert_int_eq(b->ev[1].ord, 1);
    ck_assert_int_eq(
        parse("{\"channel\":\"allDexsAssetCtxs\",\"data\":{\"ctxs\":[[\"\",[{\"markPx\":\"1\"},"
              "{\"markPx\":\"2\"},{\"markPx\":\"3\"}]]]}}",
              0, NULL),
        0);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_ptr_null(b->ev[i].symbol.p);
        ck_assert_ptr_nonnull(b->ev[i].dex.p);
        ck_assert_int_eq(b->ev[i].ord, (int)i);
    }
}
END_TEST

START_TEST(backs_off_as_told)
{
    struct slice none = {0};
    ck_assert_int_eq(v->backoff_s(200, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(429, -1, none), 60);
    ck_assert_int_eq(v->backoff_s(429, 9, none), 9);
    ck_assert_int_gt(v->backoff_s(502, -1, SLICE("<html>")), 0);
    ck_assert_int_gt(v->backoff_s(0, -1, SLICE("Cannot send more than 2000 messages per minute.")),
                     0);
    ck_assert_int_eq(v->backoff_s(0, -1, SLICE("Already subscribed: {}")), 0);
}
END_TEST

START_TEST(bare_texts_that_are_cut_are_refused)
{
    static const char text[] =
        "{\"channel\":\"trades\",\"data\":[{\"coin\":\"BTC\",\"side\":\"A\",\"px\":\"1\","
        "\"sz\":\"2\",\"time\":3,\"tid\":4}]}";
    char cut[sizeof text];
    for (size_t n = 0; n < sizeof text - 1; n++) {
        ck_assert(slice_copy((struct slice){text, (uint32_t)n}, cut, sizeof cut));
        ck_assert_int_lt(parse(cut, 0, NULL), 0);
        ck_assert_uint_eq(b->n, 0);
    }
    ck_assert_int_eq(parse(text, 0, NULL), 0);
}
END_TEST

UNIT_MAIN("venue_hyperliquid", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, subscribes_one_a_message);
          tcase_add_test(tc, pings_by_text_and_asks_for_all_dexes);
          tcase_add_test(tc, view_is_told_by_the_connection);
          tcase_add_test(tc, replies_name_what_they_answer);
          tcase_add_test(tc, positions_hold_while_lengths_agree);
          tcase_add_test(tc, backs_off_as_told);
          tcase_add_test(tc, bare_texts_that_are_cut_are_refused);)
