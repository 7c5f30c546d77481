/* Proves what the goldens of tests/frames cannot: Binance's subscribe texts, requests and back-off,
 * channels of events, funding intervals against the directory, limits of the batch, and that a
 * refused text leaves nothing behind. */
#include <math.h>

#include "engine/engine.h"
#include "facts/wire.h"
#include "unit.h"
#include "venue/venue.h"

static const struct venue *v;
static struct batch *b;
static struct directory *dir;
static char buf[1 << 20];
static struct text out;

static void add_spec(const char *line)
{
    struct slice name;
    uint32_t id;
    batch_clear(b);
    ck_assert_int_eq(wire_spec_parse(line, strlen(line), b, &name), 0);
    ck_assert_int_ge(directory_apply(dir, 0, &b->ev[0], &id), 0);
}

static void setup(void)
{
    const char *names[] = {"binance", "hyperliquid"};
    v = venues[venue_find(SLICE("binance"))];
    b = batch_new();
    dir = directory_new(NULL, 0, names, 2);
    add_spec(
        "{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"BTCUSDT\",\"base\":\"BTC\","
        "\"quote\":\"USDT\",\"settle\":\"USDT\",\"ct_size\":1,\"ct_unit\":\"base\",\"linear\":true,"
        "\"status\":\"trading\",\"category\":\"perp\",\"funding_interval_h\":4}");
    add_spec(
        "{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"\xe5\xb8\x81USDT\",\"base\":"
        "\"\xe5\xb8\x81\","
        "\"quote\":\"USDT\",\"settle\":\"USDT\",\"ct_size\":1,\"ct_unit\":\"base\",\"linear\":true,"
        "\"status\":\"trading\",\"category\":\"perp\"}");
    batch_clear(b);
    const char *coin_m = "{\"symbols\":[{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\","
                         "\"contractType\":\"PERPETUAL\",\"contractStatus\":\"TRADING\","
                         "\"contractSize\":100,\"marginAsset\":\"BTC\",\"baseAsset\":\"BTC\","
                         "\"quoteAsset\":\"USD\",\"underlyingType\":\"COIN\"}]}";
    struct origin o = {0, CONN_REST, "coinmExchangeInfo"};
    uint32_t id;
    ck_assert_int_eq(v->parse(dir, &o, coin_m, strlen(coin_m), b), 0);
    ck_assert_int_ge(directory_apply(dir, 0, &b->ev[0], &id), 0);
    ck_assert_uint_eq(id, 2);
    text_init(&out, buf, sizeof buf);
}

static void teardown(void)
{
    batch_free(b);
    directory_free(dir);
}

static int parse(const char *text, size_t len, const char *req)
{
    struct origin o = {0, req ? CONN_REST : 0, req};
    return v->parse(dir, &o, text, len, b);
}

static struct want want(const char *channel, uint32_t inst)
{
    struct want w = {.channel = venue_channel_find(v, slice_of(channel)), .inst = inst};
    ck_assert_int_ne(w.channel, CHANNEL_NONE);
    return w;
}

START_TEST(subscribes_by_stream_names)
{
    struct want w[] = {want("bookTicker", 0), want("depth", 1), want("depth", 0)};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){w, 3, true, 17}, &out), 0);
    ck_assert_str_eq(buf, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@bookTicker\","
                          "\"\xe5\xb8\x81usdt@depth@100ms\",\"btcusdt@depth@100ms\"],\"id\":17}");
    text_init(&out, buf, sizeof buf);
    struct want m[] = {want("markPrice", INST_NONE), want("forceOrder", INST_NONE),
                       want("contractInfo", INST_NONE), want("assetIndex", INST_NONE),
                       want("aggTrade", 0)};
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){m, 5, false, 18}, &out), 0);
    ck_assert_str_eq(buf, "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"!markPrice@arr@1s\","
                          "\"!forceOrder@arr\",\"!contractInfo\",\"!assetIndex@arr\","
                          "\"btcusdt@aggTrade\"],\"id\":18}");
}
END_TEST

START_TEST(subscribe_that_does_not_fit_is_refused)
{
    char small[32];
    struct text t;
    struct want w = want("depth", 0);
    text_init(&t, small, sizeof small);
    ck_assert_int_eq(v->subscribe(dir, &(struct sub_message){&w, 1, true, 1}, &t), E_LIMIT);
}
END_TEST

START_TEST(streams_are_on_the_route_that_serves_them)
{
    static const char *const public_[] = {"bookTicker", "depth"};
    for (int i = 0; i < v->n_channels; i++) {
        const struct venue_channel *c = &v->channels[i];
        bool is_public = strcmp(c->name, public_[0]) == 0 || strcmp(c->name, public_[1]) == 0;
        bool coin_m = c->segments == 2;
        if (c->transport == CH_WS)
            ck_assert_str_eq(v->routes[c->route].name, is_public ? "public"
                                                       : coin_m  ? "coinm"
                                                                 : "market");
        if (c->transport == CH_WS && c->scope == CH_INSTRUMENT) {
            ck_assert_str_eq(v->routes[v->route(dir, (uint8_t)i, 2)].name, "coinm");
            ck_assert_uint_eq(v->route(dir, (uint8_t)i, 0), c->route);
        }
    }
    ck_assert_str_eq(v->routes[0].url, "wss://fstream.binance.com/public/stream");
    ck_assert_str_eq(v->routes[1].url, "wss://fstream.binance.com/market/stream");
}
END_TEST

static void check_request(struct want w, const char *name, const char *path)
{
    struct rest_request r;
    ck_assert_int_eq(v->request(dir, &w, &r), 0);
    ck_assert_str_eq(r.name, name);
    ck_assert_str_eq(r.path, path);
    ck_assert_str_eq(r.body, "");
    ck_assert_int_eq(r.second, strncmp(path, "/dapi/", 6) == 0 || strstr(path, "pair=") != NULL);
}

START_TEST(requests_name_what_they_ask)
{
    struct rest_request r;
    check_request(want("exchangeInfo", INST_NONE), "exchangeInfo", "/fapi/v1/exchangeInfo");
    check_request(want("fundingInfo", INST_NONE), "fundingInfo", "/fapi/v1/fundingInfo");
    check_request(want("ticker24h", INST_NONE), "ticker24h", "/fapi/v1/ticker/24hr");
    check_request(want("openInterest", 0), "openInterest:BTCUSDT",
                  "/fapi/v1/openInterest?symbol=BTCUSDT");
    check_request(want("depthSnapshot", 0), "depth:BTCUSDT",
                  "/fapi/v1/depth?limit=1000&symbol=BTCUSDT");
    check_request(want("depthSnapshot", 1), "depth:\xe5\xb8\x81USDT",
                  "/fapi/v1/depth?limit=1000&symbol=%E5%B8%81USDT");
    check_request(want("longShortRatio", 0), "longShortRatio:BTCUSDT",
                  "/futures/data/globalLongShortAccountRatio?period=5m&limit=1&symbol=BTCUSDT");
    check_request(want("longShortRatio", 2), "longShortRatio:BTCUSD_PERP",
                  "/futures/data/globalLongShortAccountRatio?period=5m&limit=1&pair=BTCUSD");
    check_request(want("openInterest", 2), "openInterest:BTCUSD_PERP",
                  "/dapi/v1/openInterest?symbol=BTCUSD_PERP");
    check_request(want("depthSnapshot", 2), "depth:BTCUSD_PERP",
                  "/dapi/v1/depth?limit=1000&symbol=BTCUSD_PERP");
    check_request(want("coinmExchangeInfo", INST_NONE), "coinmExchangeInfo",
                  "/dapi/v1/exchangeInfo");
    check_request(want("coinmPremiumIndex", INST_NONE), "coinmPremiumIndex",
                  "/dapi/v1/premiumIndex");
    check_request(want("coinmTicker24h", INST_NONE), "coinmTicker24h", "/dapi/v1/ticker/24hr");
    ck_assert_str_eq(v->rest2_url, "https://dapi.binance.com");
    struct want ws = want("depth", 0);
    ck_assert_int_eq(v->request(dir, &ws, &r), E_UNKNOWN);
}
END_TEST

START_TEST(backs_off_as_told)
{
    struct slice none = {0}, banned = SLICE("{\"code\":-1003,\"msg\":\"Too many requests\"}");
    ck_assert_int_eq(v->backoff_s(200, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(400, -1, SLICE("{\"code\":-1121}")), 0);
    ck_assert_int_eq(v->backoff_s(429, -1, none), 60);
    ck_assert_int_eq(v->backoff_s(429, 7, none), 7);
    ck_assert_int_eq(v->backoff_s(418, 3600, none), 3600);
    ck_assert_int_ge(v->backoff_s(418, -1, none), 120);
    ck_assert_int_gt(v->backoff_s(403, -1, none), 60);
    ck_assert_int_gt(v->backoff_s(503, -1, none), 0);
    ck_assert_int_eq(v->backoff_s(400, -1, banned), 60);
    ck_assert_int_eq(v->backoff_s(0, -1, banned), 60);
}
END_TEST

/* One text of each channel, and the channel its events must carry. */
static const struct {
    const char *text, *req, *channel;
} said[] = {
    {"{\"e\":\"bookTicker\",\"u\":1,\"s\":\"X\",\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}",
     NULL, "bookTicker"},
    {"{\"e\":\"depthUpdate\",\"s\":\"X\",\"U\":1,\"u\":1,\"pu\":0,\"b\":[],\"a\":[]}", NULL,
     "depth"},
    {"{\"e\":\"aggTrade\",\"s\":\"X\",\"p\":\"1\",\"q\":\"1\",\"m\":true}", NULL, "aggTrade"},
    {"{\"e\":\"markPriceUpdate\",\"s\":\"X\",\"p\":\"1\",\"i\":\"1\",\"r\":\"0\"}", NULL,
     "markPrice"},
    {"{\"e\":\"contractInfo\",\"s\":\"X\"}", NULL, "contractInfo"},
    {"{\"e\":\"assetIndexUpdate\",\"s\":\"X\",\"i\":\"1\"}", NULL, "assetIndex"},
    {"{\"e\":\"forceOrder\",\"o\":{\"s\":\"X\",\"S\":\"BUY\",\"p\":\"1\",\"z\":\"1\"}}", NULL,
     "forceOrder"},
    {"{\"symbols\":[{\"symbol\":\"X\",\"baseAsset\":\"X\",\"quoteAsset\":\"Y\"}]}", "exchangeInfo",
     "exchangeInfo"},
    {"[{\"symbol\":\"X\",\"fundingIntervalHours\":4}]", "fundingInfo", "fundingInfo"},
    {"[{\"symbol\":\"XUSDT\",\"quoteVolume\":\"1\"}]", "ticker24h", "ticker24h"},
    {"{\"symbol\":\"X\",\"openInterest\":\"1\"}", "openInterest:X", "openInterest"},
    {"{\"lastUpdateId\":1,\"bids\":[],\"asks\":[]}", "depth:X", "depthSnapshot"},
    {"{\"symbol\":\"X\",\"markPrice\":\"1\"}", "premiumIndex", "premiumIndex"},
    {"{\"kind\":\"spec\",\"venue\":\"binance\",\"symbol\":\"X\"}", "tiers", "tiers"},
    {"[{\"symbol\":\"X\",\"brackets\":[]}]", "leverageBracket", "leverageBracket"},
    {"{\"stream\":\"x_perp@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"s\":\"X_PERP\","
     "\"p\":\"1\",\"i\":\"1\",\"r\":\"0\"}}",
     NULL, "coinmMarkPrice"},
    {"[{\"pair\":\"X\",\"longAccount\":\"0.6\"}]", "longShortRatio:X_PERP", "longShortRatio"},
    {"{\"symbols\":[{\"symbol\":\"X\",\"baseAsset\":\"X\",\"quoteAsset\":\"USD\","
     "\"contractSize\":10}]}",
     "coinmExchangeInfo", "coinmExchangeInfo"},
    {"[{\"symbol\":\"X_PERP\",\"markPrice\":\"1\"}]", "coinmPremiumIndex", "coinmPremiumIndex"},
    {"[{\"symbol\":\"X_PERP\",\"volume\":\"9\",\"baseVolume\":\"2\"}]", "coinmTicker24h",
     "coinmTicker24h"},
};

START_TEST(events_carry_their_channel_and_kinds)
{
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        uint8_t c = venue_channel_find(v, slice_of(said[i].channel));
        ck_assert_int_eq(parse(said[i].text, strlen(said[i].text), said[i].req), 0);
        ck_assert_uint_ge(b->n, 1);
        for (uint32_t k = 0; k < b->n; k++) {
            ck_assert_int_eq(b->ev[k].channel, c);
            ck_assert(v->channels[c].events & 1u << b->ev[k].kind);
        }
    }
    ck_assert_uint_eq(sizeof said / sizeof *said, (size_t)v->n_channels);
}
END_TEST

START_TEST(known_intervals_are_not_undone)
{
    static const char body[] =
        "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\",\"underlyingType\":"
        "\"COIN\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\"},{\"symbol\":\"NEWUSDT\","
        "\"contractType\":\"PERPETUAL\",\"underlyingType\":\"COIN\",\"baseAsset\":\"NEW\","
        "\"quoteAsset\":\"USDT\"}]}";
    ck_assert_int_eq(parse(body, sizeof body - 1, "exchangeInfo"), 0);
    ck_assert(isnan(b->ev[0].u.spec.funding_interval_h));
    ck_assert_double_eq(b->ev[1].u.spec.funding_interval_h, 8);
}
END_TEST

START_TEST(too_many_levels_refuse_the_text)
{
    text_str(&out, "{\"e\":\"depthUpdate\",\"s\":\"X\",\"U\":1,\"u\":1,\"pu\":0,\"a\":[],\"b\":[");
    for (int i = 0; i < BATCH_LEVELS_MAX; i++)
        text_str(&out, i ? ",[\"1\",\"2\"]" : "[\"1\",\"2\"]");
    size_t fits = out.len;
    text_str(&out, "]}");
    ck_assert_int_eq(parse(buf, out.len, NULL), 0);
    ck_assert_uint_eq(b->ev[0].u.book.n_bids, BATCH_LEVELS_MAX);
    out.len = fits;
    text_str(&out, ",[\"1\",\"2\"]]}");
    ck_assert_int_eq(parse(buf, out.len, NULL), E_LIMIT);
    ck_assert_uint_eq(b->n, 0);
}
END_TEST

START_TEST(too_many_events_refuse_the_text)
{
    text_char(&out, '[');
    for (int i = 0; i < BATCH_EVENTS_MAX; i++)
        text_str(&out, i ? ",{\"e\":\"aggTrade\",\"s\":\"X\",\"p\":1,\"q\":1,\"m\":true}"
                         : "{\"e\":\"aggTrade\",\"s\":\"X\",\"p\":1,\"q\":1,\"m\":true}");
    size_t fits = out.len;
    text_char(&out, ']');
    ck_assert_int_eq(parse(buf, out.len, NULL), 0);
    ck_assert_uint_eq(b->n, BATCH_EVENTS_MAX);
    out.len = fits;
    text_str(&out, ",{\"e\":\"aggTrade\",\"s\":\"X\",\"p\":1,\"q\":1,\"m\":true}]");
    ck_assert_int_eq(parse(buf, out.len, NULL), E_LIMIT);
    ck_assert_uint_eq(b->n, 0);
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

/* --- COIN-M through the engine ---------------------------------------------------------------- */

#define T0 (1795312800ll * 1000000)
#define S  1000000ll

static struct engine *make(uint8_t segments)
{
    static struct sinks none;
    char why[160] = "";
    struct engine_conf c = {.venues = 1u,
                            .max_assets = 4,
                            .n_assets = 1,
                            .universe_warm_s = 1,
                            .universe_period_s = 3600,
                            .leave_after_s = 21600,
                            .book_levels = 2000};
    slice_copy(SLICE("BTC"), c.assets[0], sizeof c.assets[0]);
    for (int i = 0; i < DIR_VENUES_MAX; i++)
        c.segments[i] = segments;
    struct engine *e = engine_new(&c, &none, why);
    ck_assert_msg(e != NULL, "%s", why);
    return e;
}

static int tell(struct engine *e, const char *req, uint8_t conn, const char *text, int64_t t_us)
{
    struct origin o = {0, req ? CONN_REST : conn, req};
    return engine_ingest(e, &o, text, strlen(text), t_us);
}

/* How many wants of this channel there are; their route, and whether all are for inst. */
static int count_wants(const struct engine *e, const char *name, uint32_t inst, int *route)
{
    static struct want w[WANTS_MAX];
    int n = engine_wants(e, w, WANTS_MAX), found = 0;
    uint8_t channel = venue_channel_find(v, slice_of(name));
    for (int i = 0; i < n; i++)
        if (w[i].channel == channel && w[i].inst == inst) {
            found++;
            *route = CONN_ROUTE(w[i].conn);
        }
    return found;
}

#define COIN_M_INFO                                                                                \
    "{\"symbols\":[{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"contractType\":"              \
    "\"PERPETUAL\","                                                                               \
    "\"contractStatus\":\"TRADING\",\"contractSize\":100,\"marginAsset\":\"BTC\",\"baseAsset\":"   \
    "\"BTC\","                                                                                     \
    "\"quoteAsset\":\"USD\",\"underlyingType\":\"COIN\"}]}"
#define COIN_M_MARK                                                                                \
    "{\"stream\":\"btcusd_perp@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"E\":"          \
    "1795312805000,"                                                                               \
    "\"s\":\"BTCUSD_PERP\",\"p\":\"80000\",\"i\":\"80010\",\"r\":\"0.0001\",\"T\":0,\"st\":2}}"
#define COIN_M_LIQ                                                                                 \
    "{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":1795312805000,\"o\":{"   \
    "\"s\":\"BTCUSD_PERP\",\"S\":\"SELL\",\"p\":\"79000\",\"ap\":\"79200\",\"X\":\"FILLED\","      \
    "\"z\":\"35\",\"T\":1795312805000},\"st\":2}}"
#define COIN_M_OI "{\"symbol\":\"BTCUSD_PERP\",\"openInterest\":\"560000\",\"time\":1795312805000}"
#define COIN_M_BOOK                                                                                \
    "{\"lastUpdateId\":5,\"E\":1,\"T\":1,\"symbol\":\"BTCUSD_PERP\",\"bids\":[[\"79990\",\"50\"]]" \
    ","                                                                                            \
    "\"asks\":[[\"80010\",\"30\"]]}"

#define COIN_M_DEPTH                                                                               \
    "{\"stream\":\"btcusd_perp@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1795312805000," \
    "\"T\":1795312805000,\"s\":\"BTCUSD_PERP\",\"ps\":\"BTCUSD\",\"U\":4,\"u\":7,\"pu\":3,\"b\":[" \
    "],"                                                                                           \
    "\"a\":[[\"80500\",\"9\"]]}}"

/* Contracts of 100 dollars: open interest and liquidations in dollars whatever the price, in coins
 * at it; depth in dollars; streams on the route, polls on the host of the segment. */
START_TEST(coin_m_is_an_inverse_market)
{
    static const char *const streams[] = {"coinmMarkPrice", "bookTicker", "depth", "aggTrade"};
    struct engine *e = make(3);
    const struct market *m = engine_market(e);
    int route = -1;
    uint8_t why;
    engine_tick(e, T0);
    ck_assert_int_eq(count_wants(e, "coinmPremiumIndex", INST_NONE, &route), 1);
    ck_assert_int_eq(tell(e, "coinmExchangeInfo", 0, COIN_M_INFO, T0 + 1), 0);
    for (int i = 1; i < 4; i++)
        engine_tick(e, T0 + i * S);
    uint32_t inst = directory_find(engine_directory(e), 0, SLICE("BTCUSD_PERP"));
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        ck_assert_int_eq(count_wants(e, streams[i], inst, &route), 1);
        ck_assert_str_eq(v->routes[route].name, "coinm");
    }
    const struct slot *s = market_slot(m, inst);
    ck_assert(s != NULL);
    uint8_t up = CONN_SLOT(2, 0, 0);
    ck_assert_int_eq(tell(e, "openInterest:BTCUSD_PERP", 0, COIN_M_OI, T0 + 4 * S), 0);
    market_level(m, s, S_OI_BASE, T0 + 4 * S, &why);
    ck_assert_int_ne(why, R_KNOWN); /* dollars, and no price yet to make them coins */
    ck_assert_int_eq(tell(e, NULL, up, COIN_M_MARK, T0 + 5 * S), 0);
    ck_assert_int_eq(tell(e, "openInterest:BTCUSD_PERP", 0, COIN_M_OI, T0 + 5 * S), 0);
    ck_assert_double_eq(market_oi_usd(m, s, T0 + 5 * S, &why), 56e6);
    ck_assert_double_eq(market_level(m, s, S_OI_BASE, T0 + 5 * S, &why), 700);
    ck_assert_double_eq(market_level(m, s, S_INDEX, T0 + 5 * S, &why), 80010);
    ck_assert_int_eq(tell(e, NULL, CONN_SLOT(1, 0, 0), COIN_M_LIQ, T0 + 5 * S), 0);
    ck_assert_double_eq(s->s[S_LIQ_LONG_USD].last, 3500);
    ck_assert_double_eq_tol(s->s[S_LIQ_LONG_BASE].last, 3500 / 79200.0, 1e-12);
    ck_assert_int_eq(tell(e, "depth:BTCUSD_PERP", 0, COIN_M_BOOK, T0 + 5 * S), 0);
    ck_assert_int_eq(tell(e, NULL, up, COIN_M_DEPTH, T0 + 5 * S), 0);
    engine_tick(e, T0 + 6 * S);
    ck_assert_double_eq(s->depth.bid_usd[0], 5000);
    ck_assert_double_eq(s->depth.ask_usd[0], 3000);
    ck_assert_uint_eq(market_counter(m, 0, MC_SEGMENT), 0);
    engine_free(e);
}
END_TEST

START_TEST(coin_m_is_dropped_until_it_is_configured)
{
    struct engine *e = make(1);
    int route = -1;
    engine_tick(e, T0);
    ck_assert_int_eq(count_wants(e, "coinmPremiumIndex", INST_NONE, &route), 0);
    ck_assert_int_eq(count_wants(e, "coinmExchangeInfo", INST_NONE, &route), 0);
    ck_assert_int_eq(count_wants(e, "exchangeInfo", INST_NONE, &route), 1);
    (void)tell(e, NULL, CONN_SLOT(1, 0, 0), COIN_M_LIQ, T0 + 1);
    ck_assert_uint_eq(market_counter(engine_market(e), 0, MC_SEGMENT), 1);
    engine_free(e);
}
END_TEST

UNIT_MAIN("venue_binance", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, subscribes_by_stream_names);
          tcase_add_test(tc, subscribe_that_does_not_fit_is_refused);
          tcase_add_test(tc, streams_are_on_the_route_that_serves_them);
          tcase_add_test(tc, requests_name_what_they_ask); tcase_add_test(tc, backs_off_as_told);
          tcase_add_test(tc, events_carry_their_channel_and_kinds);
          tcase_add_test(tc, known_intervals_are_not_undone);
          tcase_add_test(tc, too_many_levels_refuse_the_text);
          tcase_add_test(tc, too_many_events_refuse_the_text);
          tcase_add_test(tc, cut_texts_are_refused);
          tcase_add_test(tc, coin_m_is_an_inverse_market);
          tcase_add_test(tc, coin_m_is_dropped_until_it_is_configured);)
