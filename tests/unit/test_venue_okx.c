/* Proves what the goldens of tests/frames cannot: OKX's subscribe texts within its message length,
 * the ping that is no JSON, requests and back-off, the channel of every event and reply, the swap
 * an index belongs to, and what becomes of a book through the market's own rules. */
#include <math.h>

#include "facts/wire.h"
#include "market/book.h"
#include "unit.h"
#include "venue/venue.h"

static const struct venue *v;
static uint8_t venue;
static struct batch *b;
static struct directory *dir;
static char buf[16384];
static struct text out;

static void add_spec(const char *symbol, const char *index)
{
    char line[512];
    struct slice name;
    uint32_t id;
    snprintf(line, sizeof line,
             "{\"kind\":\"spec\",\"venue\":\"okx\",\"symbol\":\"%s\",\"base\":\"BTC\",\"quote\":"
             "\"USDT\",\"settle\":\"USDT\",\"ct_size\":0.01,\"ct_unit\":\"base\",\"linear\":true,"
             "\"status\":\"trading\",\"category\":\"perp\",\"index\":\"%s\"}",
             symbol, index);
    ck_assert_int_eq(wire_spec_parse(line, strlen(line), b, &name), 0);
    ck_assert_int_ge(directory_apply(dir, venue, &b->ev[b->n - 1], &id), 0);
}

static void setup(void)
{
    const char *names[DIR_VENUES_MAX];
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    venue = (uint8_t)venue_find(SLICE("okx"));
    v = venues[venue];
    b = batch_new();
    dir = directory_new(NULL, 0, names, n_venues);
    add_spec("BTC-USDT-SWAP", "BTC-USDT");
    add_spec("BTC-USD-SWAP", "BTC-USD");
    add_spec("ODD-USDT-SWAP", "EVEN-USDT");
    text_init(&out, buf, sizeof buf);
}

static void teardown(void)
{
    batch_free(b);
    directory_free(dir);
}

static int parse(const char *text, const char *req)
{
    struct origin o = {venue, req ? CONN_REST : 0, req};
    return v->parse(dir, &o, text, strlen(text), b);
}

static struct want want(const char *channel, uint32_t inst)
{
    struct want w = {
        .venue = venue, .channel = venue_channel_find(v, slice_of(channel)), .inst = inst};
    ck_assert_int_ne(w.channel, CHANNEL_NONE);
    return w;
}

START_TEST(subscribes_by_instrument_index_or_type)
{
    struct want w[] = {want("markPrice", 0), want("index", 0), want("liquidations", INST_NONE)};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){w, 3, true, 7}, &out), 0);
    ck_assert_str_eq(buf, "{\"id\":\"7\",\"op\":\"subscribe\",\"args\":["
                          "{\"channel\":\"mark-price\",\"instId\":\"BTC-USDT-SWAP\"},"
                          "{\"channel\":\"index-tickers\",\"instId\":\"BTC-USDT\"},"
                          "{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"}]}");
    text_init(&out, buf, sizeof buf);
    struct want book = want("book", 1);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&book, 1, false, 8}, &out), 0);
    ck_assert_str_eq(buf, "{\"id\":\"8\",\"op\":\"unsubscribe\",\"args\":["
                          "{\"channel\":\"books\",\"instId\":\"BTC-USD-SWAP\"}]}");
}
END_TEST

/* A full batch of the longest args fits the venue's older limit, and a text beyond it is refused.
 */
START_TEST(messages_stay_below_4096_bytes)
{
    struct want w[128];
    for (int i = 0; i < 128; i++)
        w[i] = want("openInterest", 0);
    ck_assert_int_eq(
        v->subscribe(dir, &(struct sub_message){w, v->limits.sub_batch, true, 7}, &out), 0);
    ck_assert_uint_le(out.len, 4096);
    text_init(&out, buf, sizeof buf);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){w, 128, true, 7}, &out), E_LIMIT);
    text_init(&out, buf, 40);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){w, 1, true, 7}, &out), E_LIMIT);
}
END_TEST

/* Every stream that can be wanted has a subscription, every poll a request, nothing else has. */
START_TEST(every_channel_can_be_had)
{
    struct rest_request r;
    for (int c = 0; c < v->n_channels; c++) {
        const struct venue_channel *ch = &v->channels[c];
        struct want w = {.venue = venue,
                         .channel = (uint8_t)c,
                         .inst = ch->scope == CH_INSTRUMENT ? 0 : INST_NONE};
        text_init(&out, buf, sizeof buf);
        if (ch->transport == CH_REST)
            ck_assert_int_eq(v->request(dir, &w, &r), 0);
        else
            ck_assert_int_eq(v->request(dir, &w, &r), E_UNKNOWN);
        if (ch->transport == CH_WS && ch->role != ROLE_FILE)
            ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&w, 1, true, 1}, &out), 0);
    }
}
END_TEST

START_TEST(pings_by_bare_text)
{
    ck_assert_int_eq(v->ping(&out), 0);
    ck_assert_str_eq(buf, "ping");
    ck_assert_int_gt(v->limits.ping_s, 0);
    ck_assert_int_lt(v->limits.ping_s, 30);
    ck_assert_int_eq(parse("pong", NULL), 0);
    ck_assert_int_eq(b->ev[0].u.control.what, CTL_PONG);
    ck_assert_int_lt(parse("pong", "marks"), 0); /* no body of a poll */
}
END_TEST

static void check_request(struct want w, const char *name, const char *path)
{
    struct rest_request r;
    ck_assert_int_eq(v->request(dir, &w, &r), 0);
    ck_assert_str_eq(r.name, name);
    ck_assert_str_eq(r.path, path);
    ck_assert_str_eq(r.body, "");
}

START_TEST(requests_name_what_they_ask)
{
    check_request(want("instruments", INST_NONE), "instruments",
                  "/api/v5/public/instruments?instType=SWAP");
    check_request(want("openInterestAll", INST_NONE), "openInterestAll",
                  "/api/v5/public/open-interest?instType=SWAP");
    check_request(want("coinIndex", INST_NONE), "coinIndex",
                  "/api/v5/market/index-tickers?quoteCcy=USD");
    check_request(want("tiers", 0), "tiers:BTC-USDT-SWAP",
                  "/api/v5/public/position-tiers?instType=SWAP&tdMode=cross&instFamily=BTC-USDT");
    check_request(want("insuranceFund", 1), "insuranceFund:BTC-USD-SWAP",
                  "/api/v5/public/insurance-fund?instType=SWAP&limit=1&instFamily=BTC-USD");
    check_request(want("bookSnapshot", 0), "book:BTC-USDT-SWAP",
                  "/api/v5/market/books?sz=400&instId=BTC-USDT-SWAP");
}
END_TEST

START_TEST(backs_off_as_told)
{
    struct slice none = {0}, fast = SLICE("{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}");
    struct slice ws = SLICE("{\"event\":\"error\",\"code\":\"60014\",\"msg\":\"..\"}");
    struct slice gone = SLICE("{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"50011\"}");
    struct slice close = SLICE("{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"..\"}");
    ck_assert_int_eq(v->backoff_s(200, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(200, -1, fast), 10);
    ck_assert_int_eq(v->backoff_s(429, -1, none), 10);
    ck_assert_int_eq(v->backoff_s(429, 33, none), 33);
    ck_assert_int_ge(v->backoff_s(403, -1, none), 60);
    ck_assert_int_eq(v->backoff_s(0, -1, ws), 10);
    ck_assert_int_eq(v->backoff_s(0, -1, gone), 0);
    ck_assert_int_eq(v->backoff_s(0, -1, close), 0); /* it asks for a new connection */
    ck_assert_int_gt(v->backoff_s(502, -1, none), 0);
}
END_TEST

/* One text of each channel, and the channel its events must carry. */
static const struct {
    const char *text, *req, *channel;
} said[] = {
    {"{\"arg\":{\"channel\":\"mark-price\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"markPx\":\"1\"}]}",
     NULL, "markPrice"},
    {"{\"arg\":{\"channel\":\"index-tickers\"},\"data\":[{\"instId\":\"A-B\",\"idxPx\":\"1\"}]}",
     NULL, "index"},
    {"{\"arg\":{\"channel\":\"funding-rate\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"fundingRate\":"
     "\"0\"}]}",
     NULL, "funding"},
    {"{\"arg\":{\"channel\":\"open-interest\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"oi\":\"1\"}]}",
     NULL, "openInterest"},
    {"{\"arg\":{\"channel\":\"liquidation-orders\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"details\":"
     "[{\"side\":\"buy\",\"posSide\":\"net\",\"bkPx\":\"1\",\"sz\":\"1\"}]}]}",
     NULL, "liquidations"},
    {"{\"arg\":{\"channel\":\"trades\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"px\":\"1\",\"sz\":"
     "\"1\","
     "\"side\":\"buy\"}]}",
     NULL, "trades"},
    {"{\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"A-B-SWAP\"},\"data\":[{\"bids\":[],\"asks\":"
     "[]}]}",
     NULL, "bbo"},
    {"{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B-SWAP\"},\"action\":\"update\",\"data\":[{"
     "\"bids\":[],\"asks\":[],\"seqId\":2,\"prevSeqId\":1}]}",
     NULL, "book"},
    {"{\"arg\":{\"channel\":\"adl-warning\"},\"data\":[{\"instFamily\":\"A-B\",\"state\":\"adl\"}]"
     "}",
     NULL, "adlWarning"},
    {"{\"arg\":{\"channel\":\"instruments\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"instType\":"
     "\"SWAP\","
     "\"uly\":\"A-B\",\"ctType\":\"linear\",\"ctVal\":\"1\",\"ctValCcy\":\"A\"}]}",
     NULL, "contractInfo"},
    {"{\"arg\":{\"channel\":\"tickers\"},\"data\":[{\"instId\":\"A-B-SWAP\",\"volCcy24h\":\"1\"}]}",
     NULL, "ticker"},
    {"{\"code\":\"0\",\"data\":[{\"instId\":\"A-B-SWAP\",\"instType\":\"SWAP\",\"uly\":\"A-B\","
     "\"ctType\":\"linear\",\"ctVal\":\"1\",\"ctValCcy\":\"A\"}]}",
     "instruments", "instruments"},
    {"{\"code\":\"0\",\"data\":[{\"instId\":\"A-B-SWAP\",\"markPx\":\"1\"}]}", "marks", "marks"},
    {"{\"code\":\"0\",\"data\":[{\"instId\":\"A-B-SWAP\",\"oi\":\"1\"}]}", "openInterestAll",
     "openInterestAll"},
    {"{\"code\":\"0\",\"data\":[{\"instId\":\"A-B-SWAP\",\"volCcy24h\":\"1\"}]}", "tickers",
     "tickers"},
    {"{\"code\":\"0\",\"data\":[{\"instId\":\"USDT-USD\",\"idxPx\":\"1\"}]}", "coinIndex",
     "coinIndex"},
    {"{\"code\":\"0\",\"data\":[{\"minSz\":\"0\",\"maxSz\":\"1\",\"mmr\":\"0.01\",\"maxLever\":"
     "\"5\"}]}",
     "tiers:A-B-SWAP", "tiers"},
    {"{\"code\":\"0\",\"data\":[{\"total\":\"1\",\"details\":[]}]}", "insuranceFund:A-B-SWAP",
     "insuranceFund"},
    {"{\"code\":\"0\",\"data\":[[\"1\",\"1\"]]}", "longShortRatio:A-B-SWAP", "longShortRatio"},
    {"{\"code\":\"0\",\"data\":[{\"bids\":[],\"asks\":[],\"seqId\":2}]}", "book:A-B-SWAP",
     "bookSnapshot"},
};

START_TEST(events_carry_their_channel_and_kinds)
{
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        uint8_t c = venue_channel_find(v, slice_of(said[i].channel));
        ck_assert_msg(parse(said[i].text, said[i].req) == 0, "%s", said[i].channel);
        ck_assert_uint_ge(b->n, 1);
        for (uint32_t k = 0; k < b->n; k++) {
            ck_assert_int_eq(b->ev[k].channel, c);
            ck_assert(v->channels[c].events & 1u << b->ev[k].kind);
        }
    }
    ck_assert_uint_eq(sizeof said / sizeof *said, (size_t)v->n_channels);
}
END_TEST

static void check_reply(const char *text, enum control_what what, const char *channel,
                        const char *symbol, int64_t id)
{
    ck_assert_int_eq(parse(text, NULL), 0);
    ck_assert_uint_eq(b->n, 1);
    ck_assert_int_eq(b->ev[0].u.control.what, what);
    ck_assert_int_eq(b->ev[0].channel,
                     channel ? venue_channel_find(v, slice_of(channel)) : CHANNEL_NONE);
    ck_assert(symbol ? slice_is(b->ev[0].symbol, symbol) : !b->ev[0].symbol.p);
    ck_assert_int_eq(b->ev[0].u.control.id, id);
}

/* One message, an answer per arg, all with one id: only what names nothing is matched by the id. */
START_TEST(replies_name_what_they_answer)
{
    check_reply("{\"id\":\"5\",\"event\":\"subscribe\",\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":"
                "\"BTC-USDT-SWAP\"}}",
                CTL_ACK, "bbo", "BTC-USDT-SWAP", -1);
    check_reply(
        "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"index-tickers\",\"instId\":\"BTC-USDT\"}"
        "}",
        CTL_ACK, "index", "BTC-USDT-SWAP", -1);
    check_reply(
        "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"adl-warning\",\"instType\":\"SWAP\"}}",
        CTL_ACK, "adlWarning", NULL, -1);
    check_reply(
        "{\"id\":\"5\",\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:"
        "mark-price,instId:BTC-USDT-SWAP doesn't exist.\"}",
        CTL_ERROR, "markPrice", "BTC-USDT-SWAP", -1);
    check_reply(
        "{\"id\":\"5\",\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:"
        "liquidation-orders,instType:SPOT doesn't exist.\"}",
        CTL_ERROR, "liquidations", NULL, -1);
    check_reply("{\"id\":\"5\",\"event\":\"error\",\"code\":\"60012\",\"msg\":\"Invalid request\"}",
                CTL_ERROR, NULL, NULL, 5);
    check_reply(
        "{\"id\":\"x5\",\"event\":\"error\",\"code\":\"60012\",\"msg\":\"Invalid request\"}",
        CTL_ERROR, NULL, NULL, -1);
    check_reply("{\"event\":\"error\",\"code\":\"60012\",\"msg\":\"channel:\"}", CTL_ERROR, NULL,
                NULL, -1);
    check_reply("{\"event\":\"subscribe\",\"arg\":{\"channel\":\"candle1m\",\"instId\":\"A-B\"}}",
                CTL_ACK, NULL, NULL, -1);
}
END_TEST

static const char *index_symbol(const char *index)
{
    static char name[64];
    char text[256];
    snprintf(
        text, sizeof text,
        "{\"arg\":{\"channel\":\"index-tickers\"},\"data\":[{\"instId\":\"%s\",\"idxPx\":\"1\"}]}",
        index);
    ck_assert_int_eq(parse(text, NULL), 0);
    ck_assert(slice_copy(b->ev[0].symbol, name, sizeof name));
    return name;
}

START_TEST(an_index_is_given_to_the_swap_of_its_name)
{
    ck_assert_str_eq(index_symbol("BTC-USDT"), "BTC-USDT-SWAP");
    ck_assert_str_eq(index_symbol("BTC-USD"), "BTC-USD-SWAP");
    ck_assert_str_eq(index_symbol("ETH-USDT"), "ETH-USDT"); /* no such swap */
    ck_assert_str_eq(index_symbol("ODD-USDT"), "ODD-USDT"); /* its swap names another index */
    ck_assert_str_eq(index_symbol("A234567890123456789012345678901234567890-USDT"),
                     "A234567890123456789012345678901234567890-USDT");
}
END_TEST

START_TEST(a_notice_of_closing_asks_for_another_connection)
{
    static const struct {
        const char *text;
        enum control_ask ask;
    } rows[] = {
        {"{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"soon closed\",\"connId\":\"a\"}",
         ASK_RECONNECT},
        {"{\"event\":\"notice\",\"code\":\"64009\",\"msg\":\"64008\"}", ASK_NOTHING},
        {"{\"event\":\"error\",\"code\":\"64008\",\"msg\":\"\"}", ASK_NOTHING}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(parse(rows[i].text, NULL), 0);
        ck_assert_int_eq(b->ev[0].kind, EV_CONTROL);
        ck_assert_int_eq(b->ev[0].u.control.ask, rows[i].ask);
    }
    ck_assert_uint_eq(v->limits.subs_per_h, 480);
}
END_TEST

START_TEST(open_interest_carries_the_venues_value)
{
    ck_assert_int_eq(parse("{\"arg\":{\"channel\":\"open-interest\",\"instId\":\"BTC-USDT-SWAP\"},"
                           "\"data\":[{\"instId\":\"BTC-USDT-SWAP\",\"oi\":\"2716113.01\","
                           "\"oiCcy\":\"27161.1301\",\"oiUsd\":\"2287301844.55\",\"ts\":\"1\"}]}",
                           NULL),
                     0);
    ck_assert_double_eq(b->ev[0].u.oi.value, 2287301844.55);
    ck_assert_int_eq(b->ev[0].u.oi.value_unit, QTY_USD);
}
END_TEST

/* The tiers are cut where the directory's room ends, and it takes them. */
START_TEST(more_tiers_than_fit)
{
    uint32_t id;
    text_str(&out, "{\"code\":\"0\",\"data\":[");
    for (int i = 0; i < TIERS_MAX + 5; i++)
        text_fmt(&out, "%s{\"minSz\":\"%g\",\"maxSz\":\"%d\",\"mmr\":\"%g\",\"maxLever\":\"%d\"}",
                 i ? "," : "", i ? i * 100 + 0.01 : 0, i * 100 + 100, 0.004 + i * 0.001, 200 - i);
    text_str(&out, "]}");
    ck_assert_int_eq(parse(buf, "tiers:BTC-USDT-SWAP"), 0);
    ck_assert_uint_eq(b->ev[0].u.spec.n_tiers, TIERS_MAX);
    ck_assert_int_eq(directory_apply(dir, venue, &b->ev[0], &id), 1);
    const struct instrument *i = directory_get(dir, id);
    ck_assert_int_eq(i->tier_unit, QTY_CT);
    ck_assert(i->tier_whole);
    ck_assert_double_eq(i->tiers[1].floor_usd, 100);
    ck_assert_double_eq(i->tiers[1].mmr, 0.005);
    ck_assert_int_eq(tiers_find(i->tiers, i->n_tiers, 100.01), 1);
}
END_TEST

static int feed_book(struct book *k, const char *action, int64_t prev, int64_t seq, int64_t t_us)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"arg\":{\"channel\":\"books\",\"instId\":\"BTC-USDT-SWAP\"},\"action\":\"%s\","
             "\"data\":[{"
             "\"asks\":[[\"101\",\"%d\",\"0\",\"1\"]],\"bids\":[[\"100\",\"2\",\"0\",\"1\"]],"
             "\"ts\":\"1\","
             "\"checksum\":0,\"prevSeqId\":%d,\"seqId\":%d}]}",
             action, (int)seq, (int)prev, (int)seq);
    ck_assert_int_eq(parse(text, NULL), 0);
    return book_apply(k, &b->ev[0].u.book, t_us);
}

static double ask_qty(const struct book *k)
{
    struct level l;
    return book_best(k, false, &l) ? l.qty : NAN;
}

/* The five rules of the order book page: snapshot, update, keep-alive, reset, gap; and the REST
 * snapshot where the stream brings none. */
START_TEST(books_follow_the_venues_rules)
{
    struct book *k = book_new(400, 16);
    ck_assert_int_eq(feed_book(k, "snapshot", -1, 50, 1000000), 0);
    ck_assert_int_eq(feed_book(k, "update", 50, 57, 1100000), 0);
    ck_assert_int_eq(feed_book(k, "update", 57, 57, 61100000), 0); /* keep-alive after a minute */
    ck_assert_int_eq(book_state(k), BOOK_LIVE);
    ck_assert_int_eq(feed_book(k, "update", 57, 3, 61200000), 0); /* maintenance */
    ck_assert_double_eq(ask_qty(k), 3);
    ck_assert_int_eq(feed_book(k, "update", 3, 9, 61300000), 0);
    ck_assert_double_eq(ask_qty(k), 9);
    ck_assert_int_eq(feed_book(k, "update", 12, 15, 61400000), E_GAP);
    ck_assert(book_wants_snapshot(k));
    ck_assert_int_eq(
        parse("{\"code\":\"0\",\"data\":[{\"asks\":[[\"101\",\"1\",\"0\",\"1\"]],\"bids\":[["
              "\"100\",\"2\",\"0\",\"1\"]],\"ts\":\"1\",\"seqId\":11}]}",
              "book:BTC-USDT-SWAP"),
        0);
    ck_assert_int_eq(book_apply(k, &b->ev[0].u.book, 61500000), E_STALE); /* 12 is not in it */
    ck_assert_int_eq(
        parse("{\"code\":\"0\",\"data\":[{\"asks\":[[\"101\",\"1\",\"0\",\"1\"]],\"bids\":[["
              "\"100\",\"2\",\"0\",\"1\"]],\"ts\":\"1\",\"seqId\":13}]}",
              "book:BTC-USDT-SWAP"),
        0);
    ck_assert_int_eq(book_apply(k, &b->ev[0].u.book, 61600000), 0);
    ck_assert_int_eq(book_state(k), BOOK_LIVE);
    ck_assert_double_eq(ask_qty(k), 15); /* the buffered update is in it */
    book_free(k);
}
END_TEST

UNIT_MAIN("venue_okx", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, subscribes_by_instrument_index_or_type);
          tcase_add_test(tc, messages_stay_below_4096_bytes);
          tcase_add_test(tc, every_channel_can_be_had); tcase_add_test(tc, pings_by_bare_text);
          tcase_add_test(tc, requests_name_what_they_ask); tcase_add_test(tc, backs_off_as_told);
          tcase_add_test(tc, events_carry_their_channel_and_kinds);
          tcase_add_test(tc, replies_name_what_they_answer);
          tcase_add_test(tc, an_index_is_given_to_the_swap_of_its_name);
          tcase_add_test(tc, a_notice_of_closing_asks_for_another_connection);
          tcase_add_test(tc, open_interest_carries_the_venues_value);
          tcase_add_test(tc, more_tiers_than_fit);
          tcase_add_test(tc, books_follow_the_venues_rules);)
