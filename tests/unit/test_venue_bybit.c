/* Proves what the goldens of tests/frames cannot: Bybit's subscribe texts, requests and back-off,
 * routes by instrument, the length of topics, channels of events, refusals that name one topic,
 * limits of the batch, a book's way through the engine, and that a refused text leaves nothing. */
#include <math.h>

#include "engine/engine.h"
#include "facts/wire.h"
#include "unit.h"
#include "venue/venue.h"

static const struct venue *v;
static uint8_t vi;
static struct batch *b;
static struct directory *dir;
static char buf[1 << 20];
static struct text out;

static void add_spec(const char *symbol, const char *unit)
{
    char line[400];
    struct slice name;
    uint32_t id;
    snprintf(line, sizeof line,
             "{\"kind\":\"spec\",\"venue\":\"bybit\",\"symbol\":\"%s\",\"base\":\"BTC\","
             "\"quote\":\"USDT\",\"ct_size\":1,\"ct_unit\":\"%s\",\"linear\":%s}",
             symbol, unit, strcmp(unit, "usd") == 0 ? "false" : "true");
    batch_clear(b);
    ck_assert_int_eq(wire_spec_parse(line, strlen(line), b, &name), 0);
    ck_assert_int_ge(directory_apply(dir, vi, &b->ev[0], &id), 0);
}

static void setup(void)
{
    static const char *names[DIR_VENUES_MAX];
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    vi = (uint8_t)venue_find(SLICE("bybit"));
    v = venues[vi];
    b = batch_new();
    dir = directory_new(NULL, 0, names, n_venues);
    add_spec("BTCUSDT", "base");
    add_spec("BTCUSD", "usd");
    text_init(&out, buf, sizeof buf);
}

static void teardown(void)
{
    batch_free(b);
    directory_free(dir);
}

static int parse(const char *text, size_t len, const char *req)
{
    struct origin o = {vi, req ? CONN_REST : 0, req};
    return v->parse(dir, &o, text, len, b);
}

static struct want want(const char *channel, uint32_t inst)
{
    struct want w = {
        .venue = vi, .channel = venue_channel_find(v, slice_of(channel)), .inst = inst};
    ck_assert_int_ne(w.channel, CHANNEL_NONE);
    return w;
}

START_TEST(subscribes_by_topics)
{
    struct want w[] = {want("tickers", 0), want("orderbook", 1), want("allLiquidation", 0),
                       want("publicTrade", 1)};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){w, 4, true, 17}, &out), 0);
    ck_assert_str_eq(buf, "{\"req_id\":\"17\",\"op\":\"subscribe\",\"args\":[\"tickers.BTCUSDT\","
                          "\"orderbook.1000.BTCUSD\",\"allLiquidation.BTCUSDT\","
                          "\"publicTrade.BTCUSD\"]}");
    text_init(&out, buf, sizeof buf);
    struct want m[] = {want("adlAlert", INST_NONE), want("insurance", INST_NONE)};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){m, 2, false, 18}, &out), 0);
    ck_assert_str_eq(buf, "{\"req_id\":\"18\",\"op\":\"unsubscribe\",\"args\":[\"adlAlert.USDT\","
                          "\"adlAlert.USDC\",\"insurance.USDT\",\"insurance.USDC\"]}");
    text_init(&out, buf, sizeof buf);
    ck_assert_int_eq(v->ping(&out), 0);
    ck_assert_str_eq(buf, "{\"op\":\"ping\"}");
    ck_assert_int_eq(v->limits.ping_s, 20);
}
END_TEST

START_TEST(subscribe_that_does_not_fit_is_refused)
{
    char small[32];
    struct text t;
    struct want w = want("tickers", 0);
    text_init(&t, small, sizeof small);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&w, 1, true, 1}, &t), E_LIMIT);
}
END_TEST

/* "The total length of all args of one connection is at most 21,000 characters": a full connection
 * of the longest topics of a symbol of 27 characters. */
START_TEST(a_full_connection_keeps_to_the_length_of_topics)
{
    static const char symbol[] = "12345678901234567890123USDT";
    size_t longest = 0;
    ck_assert_uint_eq(sizeof symbol - 1, 27);
    add_spec(symbol, "base");
    uint32_t inst = directory_find(dir, vi, slice_of(symbol));
    for (int i = 0; i < v->n_channels; i++) {
        struct want w = {.venue = vi, .channel = (uint8_t)i, .inst = inst};
        if (v->channels[i].transport != CH_WS || v->channels[i].scope != CH_INSTRUMENT)
            continue;
        text_init(&out, buf, sizeof buf);
        ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&w, 1, true, 1}, &out), 0);
        const char *args = strchr(buf, '[');
        size_t n = strlen(args) - strlen("[\"\"]}");
        longest = n > longest ? n : longest;
    }
    for (int r = 0; r < v->n_routes; r++)
        ck_assert_uint_le(v->routes[r].max_streams * longest, 21000);
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
    struct rest_request r;
    check_request(want("instruments", INST_NONE), "instruments",
                  "/v5/market/instruments-info?category=linear&limit=1000");
    check_request(want("instrumentsInverse", INST_NONE), "instrumentsInverse",
                  "/v5/market/instruments-info?category=inverse&limit=1000");
    check_request(want("allTickers", INST_NONE), "allTickers",
                  "/v5/market/tickers?category=linear");
    check_request(want("allTickersInverse", INST_NONE), "allTickersInverse",
                  "/v5/market/tickers?category=inverse");
    check_request(want("insurancePools", INST_NONE), "insurancePools", "/v5/market/insurance");
    check_request(want("riskLimit", 0), "riskLimit:BTCUSDT",
                  "/v5/market/risk-limit?symbol=BTCUSDT&category=linear");
    check_request(want("accountRatio", 1), "accountRatio:BTCUSD",
                  "/v5/market/account-ratio?period=5min&limit=1&symbol=BTCUSD&category=inverse");
    check_request(want("orderbookSnapshot", 1), "orderbook:BTCUSD",
                  "/v5/market/orderbook?limit=1000&symbol=BTCUSD&category=inverse");
    struct want ws = want("tickers", 0);
    ck_assert_int_eq(v->request(dir, &ws, &r), E_UNKNOWN);
}
END_TEST

START_TEST(backs_off_as_told)
{
    struct slice none = {0};
    ck_assert_int_eq(v->backoff_s(200, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(200, -1, SLICE("{\"retCode\":10001,\"retMsg\":\"error\"}")), 0);
    ck_assert_int_eq(v->backoff_s(403, -1, none), 600);
    ck_assert_int_eq(v->backoff_s(403, 1200, none), 1200);
    ck_assert_int_eq(v->backoff_s(429, -1, none), 60);
    ck_assert_int_eq(v->backoff_s(429, 7, none), 7);
    ck_assert_int_gt(v->backoff_s(503, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(200, -1, SLICE("{\"retCode\":10006,\"retMsg\":\"visits\"}")), 10);
    ck_assert_int_eq(v->backoff_s(200, -1, SLICE("{\"retCode\":10429,\"retMsg\":\"x\"}")), 60);
    ck_assert_int_eq(v->backoff_s(200, -1, SLICE("{\"retCode\":10016,\"retMsg\":\"x\"}")), 10);
    ck_assert_int_eq(v->backoff_s(0, -1, SLICE("{\"success\":true,\"op\":\"ping\"}")), 0);
}
END_TEST

/* One text of each channel, and the channel its events must carry. */
static const struct {
    const char *text, *req, *channel;
} said[] = {
    {"{\"topic\":\"tickers.X\",\"type\":\"snapshot\",\"ts\":1,\"data\":{\"symbol\":\"X\","
     "\"markPrice\":\"1\",\"indexPrice\":\"1\",\"fundingRate\":\"0\",\"openInterest\":\"1\","
     "\"bid1Price\":\"1\",\"bid1Size\":\"1\",\"turnover24h\":\"1\"}}",
     NULL, "tickers"},
    {"{\"topic\":\"orderbook.1000.X\",\"type\":\"delta\",\"ts\":1,\"data\":{\"s\":\"X\",\"b\":[],"
     "\"a\":[],\"u\":2}}",
     NULL, "orderbook"},
    {"{\"topic\":\"publicTrade.X\",\"ts\":1,\"data\":[{\"s\":\"X\",\"S\":\"Buy\",\"p\":\"1\","
     "\"v\":\"1\",\"i\":\"z\"}]}",
     NULL, "publicTrade"},
    {"{\"topic\":\"allLiquidation.X\",\"ts\":1,\"data\":[{\"s\":\"X\",\"S\":\"Buy\",\"p\":\"1\","
     "\"v\":\"1\"}]}",
     NULL, "allLiquidation"},
    {"{\"topic\":\"adlAlert.USDC\",\"ts\":1,\"data\":[{\"c\":\"USDC\",\"s\":\"X\",\"pr\":0}]}",
     NULL, "adlAlert"},
    {"{\"topic\":\"adlAlert.inverse\",\"ts\":1,\"data\":[{\"c\":\"BTC\",\"s\":\"X\",\"pr\":0}]}",
     NULL, "adlAlertInverse"},
    {"{\"topic\":\"insurance.USDT\",\"ts\":1,\"data\":[{\"coin\":\"USDT\",\"symbols\":\"X\","
     "\"balance\":\"1\"}]}",
     NULL, "insurance"},
    {"{\"topic\":\"insurance.inverse\",\"ts\":1,\"data\":[{\"coin\":\"BTC\",\"symbols\":\"X\","
     "\"balance\":\"1\"}]}",
     NULL, "insuranceInverse"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"X\",\"baseCoin\":\"X\",\"quoteCoin\":"
     "\"Y\",\"contractType\":\"LinearPerpetual\"}]}}",
     "instruments", "instruments"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"X\",\"baseCoin\":\"X\",\"quoteCoin\":"
     "\"Y\",\"contractType\":\"InversePerpetual\"}]}}",
     "instrumentsInverse", "instrumentsInverse"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"X\",\"markPrice\":\"1\"}]}}", "allTickers",
     "allTickers"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"XUSD\",\"markPrice\":\"1\"}]}}",
     "allTickersInverse", "allTickersInverse"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"coin\":\"BTC\",\"symbols\":\"X\",\"value\":\"1\"}]}}",
     "insurancePools", "insurancePools"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"X\",\"riskLimitValue\":\"1\","
     "\"maintenanceMargin\":\"0.1\",\"initialMargin\":\"0.2\",\"maxLeverage\":\"5\"}]}}",
     "riskLimit:X", "riskLimit"},
    {"{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"X\",\"buyRatio\":\"0.5\"}]}}",
     "accountRatio:X", "accountRatio"},
    {"{\"retCode\":0,\"result\":{\"s\":\"X\",\"b\":[],\"a\":[],\"u\":2}}", "orderbook:X",
     "orderbookSnapshot"},
};

START_TEST(events_carry_their_channel_and_kinds)
{
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        uint8_t c = venue_channel_find(v, slice_of(said[i].channel));
        uint32_t kinds = 0;
        ck_assert_int_eq(parse(said[i].text, strlen(said[i].text), said[i].req), 0);
        ck_assert_uint_ge(b->n, 1);
        for (uint32_t k = 0; k < b->n; k++) {
            ck_assert_int_eq(b->ev[k].channel, c);
            kinds |= 1u << b->ev[k].kind;
        }
        ck_assert_uint_eq(kinds & ~v->channels[c].events, 0);
        if (i == 0)
            ck_assert_uint_eq(kinds, v->channels[c].events);
    }
    ck_assert_uint_eq(sizeof said / sizeof *said, (size_t)v->n_channels);
}
END_TEST

START_TEST(books_of_other_depths_have_no_channel)
{
    static const char text[] = "{\"topic\":\"orderbook.50.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1,"
                               "\"data\":{\"s\":\"BTCUSDT\",\"b\":[],\"a\":[],\"u\":2}}";
    ck_assert_int_eq(parse(text, sizeof text - 1, NULL), 0);
    ck_assert_int_eq(b->ev[0].channel, CHANNEL_NONE);
    ck_assert_uint_eq(b->ev[0].u.book.window, 50);
}
END_TEST

static void check_control(const char *text, enum control_what what, const char *channel, int64_t id)
{
    ck_assert_int_eq(parse(text, strlen(text), NULL), 0);
    ck_assert_uint_eq(b->n, 1);
    ck_assert_int_eq(b->ev[0].u.control.what, what);
    ck_assert_int_eq(b->ev[0].u.control.id, id);
    ck_assert_int_eq(b->ev[0].channel,
                     channel ? venue_channel_find(v, slice_of(channel)) : CHANNEL_NONE);
}

/* One bad topic fails the whole message: only the topic that is named is refused by it. */
START_TEST(refusals_name_their_topic)
{
    check_control("{\"success\":true,\"ret_msg\":\"\",\"req_id\":\"5\",\"op\":\"subscribe\"}",
                  CTL_ACK, NULL, 5);
    check_control("{\"success\":false,\"ret_msg\":\"error:handler not found,topic:orderbook.1000."
                  "BTCUSD\",\"req_id\":\"5\",\"op\":\"subscribe\"}",
                  CTL_ERROR, "orderbook", -1);
    ck_assert(slice_is(b->ev[0].symbol, "BTCUSD"));
    check_control("{\"success\":false,\"ret_msg\":\"Invalid topic: adlAlert.USDC\",\"req_id\":\"5\""
                  ",\"op\":\"subscribe\"}",
                  CTL_ERROR, "adlAlert", -1);
    check_control("{\"success\":false,\"ret_msg\":\"too many: topics\",\"req_id\":\"5\",\"op\":"
                  "\"subscribe\"}",
                  CTL_ERROR, NULL, 5);
}
END_TEST

START_TEST(too_many_events_refuse_the_text)
{
    static const char *const row = "{\"s\":\"X\",\"S\":\"Buy\",\"p\":\"1\",\"v\":\"1\"}";
    text_str(&out, "{\"topic\":\"allLiquidation.X\",\"ts\":1,\"data\":[");
    for (int i = 0; i < BATCH_EVENTS_MAX; i++) {
        text_str(&out, i ? "," : "");
        text_str(&out, row);
    }
    size_t fits = out.len;
    text_str(&out, "]}");
    ck_assert_int_eq(parse(buf, out.len, NULL), 0);
    ck_assert_uint_eq(b->n, BATCH_EVENTS_MAX);
    out.len = fits;
    text_char(&out, ',');
    text_str(&out, row);
    text_str(&out, "]}");
    ck_assert_int_eq(parse(buf, out.len, NULL), E_LIMIT);
    ck_assert_uint_eq(b->n, 0);
}
END_TEST

/* 1,300 instruments in one answer fit a batch: twice as many as are listed. */
START_TEST(all_tickers_fit_a_batch)
{
    text_str(&out, "{\"retCode\":0,\"result\":{\"category\":\"linear\",\"list\":[");
    for (int i = 0; i < 1300; i++)
        text_fmt(&out,
                 "%s{\"symbol\":\"S%dUSDT\",\"markPrice\":\"1\",\"indexPrice\":\"1\","
                 "\"singleOpenInterest\":\"5\",\"turnover24h\":\"7\",\"fundingRate\":\"0\"}",
                 i ? "," : "", i);
    text_str(&out, "]},\"time\":1}");
    ck_assert(!out.full);
    ck_assert_int_eq(parse(buf, out.len, "allTickers"), 0);
    ck_assert_uint_eq(b->n, 3 * 1300);
}
END_TEST

/* Every proper prefix of a frame is refused and leaves no event. */
START_TEST(cut_texts_are_refused)
{
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        for (size_t n = 0; n < strlen(said[i].text); n++) {
            ck_assert_int_lt(parse(said[i].text, n, said[i].req), 0);
            ck_assert_uint_eq(b->n, 0);
        }
}
END_TEST

/* --- through the engine -------------------------------------------------------------------------
 */

#define T0 1795312800000000LL
#define S  1000000LL

#define LINEAR                                                                                     \
    "{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"BTCUSDT\",\"contractType\":"               \
    "\"LinearPerpetual\",\"status\":\"Trading\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\","      \
    "\"settleCoin\":\"USDT\",\"fundingInterval\":480,\"symbolType\":\"\"}]},\"time\":1}"
#define INVERSE                                                                                    \
    "{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"BTCUSD\",\"contractType\":"                \
    "\"InversePerpetual\",\"status\":\"Trading\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USD\","      \
    "\"settleCoin\":\"BTC\",\"fundingInterval\":480,\"symbolType\":\"\"}]},\"time\":1}"
#define TICKER(symbol, px, oi)                                                                     \
    "{\"topic\":\"tickers." symbol "\",\"type\":\"snapshot\",\"data\":{\"symbol\":\"" symbol       \
    "\",\"markPrice\":\"" px "\",\"singleOpenInterest\":\"" oi "\"},\"cs\":1,\"ts\":1}"
#define BOOK(type, u)                                                                              \
    "{\"topic\":\"orderbook.1000.BTCUSDT\",\"type\":\"" type                                       \
    "\",\"ts\":1,\"data\":{\"s\":\"BTCUSDT\",\"b\":[[\"99\",\"1\"]],\"a\":[[\"101\",\"1\"]],"      \
    "\"u\":" u "}}"

static struct engine *make(void)
{
    static struct sinks none;
    char why[160] = "";
    struct engine_conf c = {.venues = 1u << vi,
                            .max_assets = 4,
                            .n_assets = 1,
                            .universe_warm_s = 1,
                            .universe_period_s = 3600,
                            .leave_after_s = 21600,
                            .book_levels = 2000};
    slice_copy(SLICE("BTC"), c.assets[0], sizeof c.assets[0]);
    for (int i = 0; i < DIR_VENUES_MAX; i++)
        c.segments[i] = 1;
    struct engine *e = engine_new(&c, &none, why);
    ck_assert_msg(e != NULL, "%s", why);
    return e;
}

static int put(struct engine *e, const char *req, const char *text, int64_t t_us)
{
    struct origin o = {vi, req ? CONN_REST : CONN_SLOT(0, 0, 0), req};
    return engine_ingest(e, &o, text, strlen(text), t_us);
}

/* The want of this name and kind, or NULL. */
static const struct want *find_want(const struct engine *e, enum want_kind kind, const char *name)
{
    static struct want w[WANTS_MAX];
    int n = engine_wants(e, w, WANTS_MAX);
    for (int i = 0; i < n; i++) {
        char got[64];
        struct text t;
        text_init(&t, got, sizeof got);
        want_name(engine_directory(e), &w[i], &t);
        if (w[i].kind == kind && strcmp(got, name) == 0)
            return &w[i];
    }
    return NULL;
}

static struct engine *warm(void)
{
    struct engine *e = make();
    engine_tick(e, T0);
    ck_assert_int_eq(put(e, "instruments", LINEAR, T0 + 1), 0);
    ck_assert_int_eq(put(e, "instrumentsInverse", INVERSE, T0 + 2), 0);
    for (int i = 1; i < 4; i++)
        engine_tick(e, T0 + i * S);
    return e;
}

START_TEST(each_category_has_its_route)
{
    static const char *const channels[] = {"tickers", "orderbook", "publicTrade", "allLiquidation"};
    struct engine *e = warm();
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int inverse = 0; inverse < 2; inverse++) {
            char name[64];
            snprintf(name, sizeof name, "%s:%s", channels[i], inverse ? "BTCUSD" : "BTCUSDT");
            const struct want *w = find_want(e, WANT_STREAM, name);
            ck_assert_msg(w != NULL, "%s", name);
            ck_assert_str_eq(v->routes[CONN_ROUTE(w->conn)].name, inverse ? "inverse" : "linear");
        }
    const struct want *w = find_want(e, WANT_STREAM, "adlAlertInverse");
    ck_assert(w && CONN_ROUTE(w->conn) == 1);
    ck_assert_str_eq(v->routes[0].url, "wss://stream.bybit.com/v5/public/linear");
    ck_assert_str_eq(v->routes[1].url, "wss://stream.bybit.com/v5/public/inverse");
    ck_assert(find_want(e, WANT_POLL, "riskLimit:BTCUSD") != NULL);
    engine_free(e);
}
END_TEST

START_TEST(open_interest_in_one_unit)
{
    struct engine *e = warm();
    ck_assert_int_eq(put(e, NULL, TICKER("BTCUSDT", "80000", "250"), T0 + 4 * S), 0);
    ck_assert_int_eq(put(e, NULL, TICKER("BTCUSD", "80000", "4000000"), T0 + 4 * S), 0);
    static const struct {
        const char *symbol;
        double base;
    } rows[] = {{"BTCUSDT", 250}, {"BTCUSD", 50}};
    for (int i = 0; i < 2; i++) {
        uint32_t inst = directory_find(engine_directory(e), vi, slice_of(rows[i].symbol));
        const struct slot *s = market_slot(engine_market(e), inst);
        ck_assert(s != NULL);
        ck_assert_double_eq(series_last(&s->s[S_OI_BASE], T0 + 4 * S, 60 * S), rows[i].base);
    }
    engine_free(e);
}
END_TEST

START_TEST(a_gap_is_healed_by_the_stream_or_by_rest)
{
    struct engine *e = warm();
    int64_t t = T0 + 4 * S;
    uint32_t inst = directory_find(engine_directory(e), vi, SLICE("BTCUSDT"));
    ck_assert_int_eq(put(e, NULL, BOOK("snapshot", "500"), t), 0);
    ck_assert_int_eq(put(e, NULL, BOOK("delta", "501"), t), 0);
    const struct book *book = market_slot(engine_market(e), inst)->book[0];
    ck_assert_int_eq(book_state(book), BOOK_LIVE);
    ck_assert(!find_want(e, WANT_SNAPSHOT, "orderbook:BTCUSDT"));
    ck_assert_int_eq(put(e, NULL, BOOK("delta", "503"), t), 0);
    ck_assert_int_eq(book_state(book), BOOK_GAP);
    ck_assert(find_want(e, WANT_SNAPSHOT, "orderbook:BTCUSDT") != NULL);
    ck_assert_int_eq(put(e, "orderbook:BTCUSDT",
                         "{\"retCode\":0,\"result\":{\"s\":\"BTCUSDT\",\"b\":[[\"98\",\"1\"]],"
                         "\"a\":[[\"102\",\"1\"]],\"u\":503}}",
                         t),
                     0);
    ck_assert_int_eq(book_state(book), BOOK_LIVE);
    ck_assert_int_eq(book_seq(book), 503);
    ck_assert(!find_want(e, WANT_SNAPSHOT, "orderbook:BTCUSDT"));
    ck_assert_int_eq(put(e, NULL, BOOK("delta", "505"), t), 0);
    ck_assert_int_eq(book_state(book), BOOK_GAP);
    ck_assert_int_eq(put(e, NULL, BOOK("snapshot", "1"), t), 0);
    ck_assert_int_eq(put(e, NULL, BOOK("delta", "2"), t), 0);
    ck_assert_int_eq(book_state(book), BOOK_LIVE);
    engine_free(e);
}
END_TEST

START_TEST(pages_follow_their_cursor)
{
    struct rest_request r;
    struct want w = want("instruments", INST_NONE);
    const char *text =
        "{\"retCode\":0,\"result\":{\"list\":[],\"nextPageCursor\":\"first%3DA%26x\"}}";
    ck_assert_int_eq(parse(text, strlen(text), "instruments"), 0);
    ck_assert_uint_eq(b->n, 1);
    ck_assert_int_eq(b->ev[0].u.control.ask, ASK_NEXT_PAGE);
    ck_assert_int_eq(v->request(dir, &w, &r), 0);
    ck_assert_int_eq(v->next_page(b->ev[0].u.control.text, &r), 0);
    ck_assert_str_eq(r.path, "/v5/market/instruments-info?category=linear&limit=1000"
                             "&cursor=first%3DA%26x");
    ck_assert_str_eq(r.name, "instruments");
    ck_assert_int_eq(v->request(dir, &w, &r), 0);
    ck_assert_int_eq(v->next_page(SLICE("a b&c=d"), &r), 0);
    ck_assert(strstr(r.path, "&cursor=a%20b%26c%3Dd") != NULL);
    static char big[300];
    memset(big, 'x', sizeof big);
    ck_assert_int_eq(v->next_page((struct slice){big, sizeof big}, &r), E_LIMIT);
    const char *last = "{\"retCode\":0,\"result\":{\"list\":[],\"nextPageCursor\":\"\"}}";
    ck_assert_int_eq(parse(last, strlen(last), "instruments"), 0);
    for (uint32_t i = 0; i < b->n; i++)
        ck_assert_int_eq(b->ev[i].u.control.ask, ASK_NOTHING);
}
END_TEST

/* More tiers than 32, unsorted, of an inverse contract: in coins, deductions by the recursion. */
START_TEST(many_tiers_of_an_inverse_contract)
{
    enum { N = 60 };
    uint32_t id;
    text_str(&out, "{\"retCode\":0,\"result\":{\"list\":[");
    for (int i = N - 1; i >= 0; i--)
        text_fmt(&out,
                 "%s{\"symbol\":\"BTCUSD\",\"riskLimitValue\":\"%d\",\"maintenanceMargin\":\"%g\","
                 "\"initialMargin\":\"%g\",\"maxLeverage\":\"%g\",\"mmDeduction\":\"\"}",
                 i < N - 1 ? "," : "", 150 * (i + 1), 0.5 + 0.5 * i, 1 + 0.5 * i,
                 100 / (1 + 0.5 * i));
    text_str(&out, "]}}");
    ck_assert_int_eq(parse(buf, out.len, "riskLimit:BTCUSD"), 0);
    ck_assert_uint_eq(b->n, 1);
    ck_assert_int_eq(b->ev[0].u.spec.tier_unit, QTY_BASE);
    ck_assert_int_eq(directory_apply(dir, vi, &b->ev[0], &id), 1);
    const struct instrument *i = directory_get(dir, id);
    ck_assert_uint_eq(i->n_tiers, N);
    ck_assert_int_eq(i->tier_unit, QTY_BASE);
    ck_assert_double_eq(i->tiers[0].cap_usd, 150);
    ck_assert_double_eq(i->tiers[0].mmr, 0.005);
    ck_assert_double_eq_tol(i->tiers[2].cum, 150 * 0.005 + 300 * 0.005, 1e-9);
    ck_assert_int_eq(tiers_find(i->tiers, i->n_tiers, 151), 1);
}
END_TEST

#define VALUED(symbol, mark, single, value)                                                        \
    "{\"topic\":\"tickers." symbol                                                                 \
    "\",\"type\":\"snapshot\",\"ts\":1,\"data\":{\"symbol\":\"" symbol "\",\"markPrice\":\"" mark  \
    "\",\"singleOpenInterest\":\"" single "\",\"singleOpenInterestValue\":\"" value "\"}}"

/* Linear: the value is in dollars; inverse: in coins, the open interest in dollars. */
START_TEST(open_interest_is_checked_against_the_venues_value)
{
    static const struct {
        const char *symbol, *good, *far;
        double base;
    } rows[] = {{"BTCUSDT", VALUED("BTCUSDT", "80000", "250", "20000000"),
                 VALUED("BTCUSDT", "80000", "500", "20000000"), 250},
                {"BTCUSD", VALUED("BTCUSD", "80000", "4000000", "50"),
                 VALUED("BTCUSD", "80000", "4000000", "4000000"), 50}};
    struct engine *e = warm();
    for (int i = 0; i < 2; i++) {
        uint8_t why;
        int64_t t = T0 + (4 + 10 * i) * S;
        uint32_t inst = directory_find(engine_directory(e), vi, slice_of(rows[i].symbol));
        const struct slot *s = market_slot(engine_market(e), inst);
        ck_assert_int_eq(put(e, NULL, rows[i].good, t), 0);
        ck_assert_double_eq(market_level(engine_market(e), s, S_OI_BASE, t, &why), rows[i].base);
        ck_assert_int_eq(put(e, NULL, rows[i].far, t + 1), 0);
        ck_assert(isnan(market_level(engine_market(e), s, S_OI_BASE, t + 1, &why)));
        ck_assert_int_eq(why, R_UNIT_UNPROVEN);
        ck_assert_int_eq(put(e, NULL, rows[i].good, t + 2), 0);
        ck_assert_double_eq(market_level(engine_market(e), s, S_OI_BASE, t + 2, &why),
                            rows[i].base);
    }
    ck_assert_uint_eq(market_counter(engine_market(e), vi, MC_VALUE_DIFFERS), 2);
    engine_free(e);
}
END_TEST

UNIT_MAIN("venue_bybit", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, subscribes_by_topics);
          tcase_add_test(tc, subscribe_that_does_not_fit_is_refused);
          tcase_add_test(tc, a_full_connection_keeps_to_the_length_of_topics);
          tcase_add_test(tc, requests_name_what_they_ask); tcase_add_test(tc, backs_off_as_told);
          tcase_add_test(tc, events_carry_their_channel_and_kinds);
          tcase_add_test(tc, books_of_other_depths_have_no_channel);
          tcase_add_test(tc, refusals_name_their_topic);
          tcase_add_test(tc, too_many_events_refuse_the_text);
          tcase_add_test(tc, all_tickers_fit_a_batch); tcase_add_test(tc, cut_texts_are_refused);
          tcase_add_test(tc, each_category_has_its_route);
          tcase_add_test(tc, open_interest_in_one_unit);
          tcase_add_test(tc, pages_follow_their_cursor);
          tcase_add_test(tc, many_tiers_of_an_inverse_contract);
          tcase_add_test(tc, open_interest_is_checked_against_the_venues_value);
          tcase_add_test(tc, a_gap_is_healed_by_the_stream_or_by_rest);)
