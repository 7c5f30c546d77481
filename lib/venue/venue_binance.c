/* Binance USD-M and COIN-M futures: the venue's row. In: wants; out: subscribe texts, REST
 * requests, back-off. Frames are parsed in venue_binance_ws.c, bodies in venue_binance_rest.c.
 * Surprising: since April 2026 a stream asked for on the wrong route is acknowledged and stays
 * silent (Important WebSocket Change Notice), so each channel names its route: `public` for quotes
 * and books, `market` for the rest. COIN-M is the second segment, taken only when configured: its
 * instruments have a route and a REST host of their own, but share the all-market streams. */
#include "venue/venue_binance.h"

#define EV(kind) (1u << (kind))

enum { ROUTE_PUBLIC, ROUTE_MARKET, ROUTE_COINM };
#define COIN_M (1u << 1) /* bit of the second segment */

static const struct venue_route routes[] = {
    {"public", "wss://fstream.binance.com/public/stream", 200},
    {"market", "wss://fstream.binance.com/market/stream", 200},
    {"coinm", "wss://dstream.binance.com/stream", 200},
};

#define WS(name, scope, role, route, events, first, silent, prio, help)                            \
    {                                                                                              \
        name, CH_WS, scope, role, route, events, first, silent, 0, 0, prio, CHANNEL_NONE, 0, help, \
            0                                                                                      \
    }
#define REST(name, scope, role, events, first, silent, period, weight, prio, help)                 \
    {                                                                                              \
        name, CH_REST, scope, role, 0, events, first, silent, period, weight, prio, CHANNEL_NONE,  \
            0, help, 0                                                                             \
    }

static const struct venue_channel channels[BN_CHANNELS] = {
    [BN_BOOK_TICKER] = WS("bookTicker", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_QUOTE), 15, 60, 2,
                          "best bid and ask, every change"),
    [BN_DEPTH] = WS("depth", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_BOOK), 15, 60, 3,
                    "book differences, every 100 ms"),
    [BN_MARK_PRICE] =
        WS("markPrice", CH_ALL, ROLE_START, 1, EV(EV_MARK) | EV(EV_INDEX) | EV(EV_FUNDING), 10, 10,
           0, "mark, index, running funding rate of every symbol, each second"),
    [BN_FORCE_ORDER] = WS("forceOrder", CH_ALL, ROLE_START, 1, EV(EV_LIQ), 3600, 0, 0,
                          "liquidation orders, at most one a symbol and second"),
    [BN_CONTRACT_INFO] = WS("contractInfo", CH_ALL, ROLE_START, 1, EV(EV_SPEC), 0, 0, 1,
                            "listings, settlements and changed margin brackets"),
    [BN_ASSET_INDEX] = WS("assetIndex", CH_ALL, ROLE_START, 1, EV(EV_INDEX), 15, 15, 1,
                          "dollar index of collateral assets, each second"),
    [BN_AGG_TRADE] = WS("aggTrade", CH_INSTRUMENT, ROLE_TRACKED, 1, EV(EV_TRADE), 600, 0, 4,
                        "market trades, aggregated over 100 ms"),
    [BN_COINM_MARK] = {"coinmMarkPrice", CH_WS, CH_INSTRUMENT, ROLE_TRACKED, ROUTE_COINM,
                       EV(EV_MARK) | EV(EV_INDEX) | EV(EV_FUNDING), 10, 10, 0, 0, 0, CHANNEL_NONE,
                       0, "mark, index, running funding rate of a COIN-M symbol, each second",
                       COIN_M},
    [BN_EXCHANGE_INFO] = REST("exchangeInfo", CH_ALL, ROLE_START, EV(EV_SPEC), 60, 7800, 3600, 1, 0,
                              "instruments: sizes, ticks, status, category"),
    [BN_FUNDING_INFO] = REST("fundingInfo", CH_ALL, ROLE_START, EV(EV_SPEC), 60, 7800, 3600, 1, 1,
                             "funding intervals that differ from 8 hours"),
    [BN_TICKER_24H] = REST("ticker24h", CH_ALL, ROLE_START, EV(EV_STAT), 60, 960, 300, 40, 1,
                           "24 h volume of every symbol, ranks the universe"),
    [BN_OPEN_INTEREST] = REST("openInterest", CH_INSTRUMENT, ROLE_TRACKED, EV(EV_OI), 60, 60, 5, 1,
                              2, "open interest of one symbol in base coins; no stream has it"),
    [BN_DEPTH_SNAPSHOT] = {"depthSnapshot", CH_REST, CH_INSTRUMENT, ROLE_SNAPSHOT, 0, EV(EV_BOOK),
                           0, 0, 0, 20, 0, BN_DEPTH, 0,
                           "1,000 levels a side, on demand after a gap", 0},
    [BN_LONG_SHORT_RATIO] =
        REST("longShortRatio", CH_INSTRUMENT, ROLE_TRACKED, EV(EV_STAT), 300, 960, 300, 1, 5,
             "share of accounts that are long, each 5 minutes; COIN-M by pair"),
    [BN_COINM_INFO] = {"coinmExchangeInfo", CH_REST, CH_ALL, ROLE_START, 0, EV(EV_SPEC), 60, 7800,
                       3600, 1, 0, CHANNEL_NONE, 0,
                       "COIN-M instruments: dollars a contract, ticks, status", COIN_M},
    [BN_COINM_PREMIUM] = {"coinmPremiumIndex", CH_REST, CH_ALL, ROLE_START, 0,
                          EV(EV_MARK) | EV(EV_INDEX) | EV(EV_FUNDING), 60, 210, 60, 10, 1,
                          CHANNEL_NONE, 0, "mark, index, funding of every COIN-M symbol", COIN_M},
    [BN_COINM_TICKER] = {"coinmTicker24h", CH_REST, CH_ALL, ROLE_START, 0, EV(EV_STAT), 60, 960,
                         300, 40, 1, CHANNEL_NONE, 0, "24 h volume of every COIN-M symbol in coins",
                         COIN_M},
    [BN_PREMIUM_INDEX] =
        REST("premiumIndex", CH_ALL, ROLE_FILE, EV(EV_MARK) | EV(EV_INDEX) | EV(EV_FUNDING), 0, 0,
             0, 10, 5, "mark, index, funding by request; read only from files"),
    [BN_TIERS] = REST("tiers", CH_ALL, ROLE_FILE, EV(EV_SPEC), 0, 0, 0, 0, 0,
                      "margin tiers from our dated file, the venue's are signed"),
    [BN_LEVERAGE_BRACKET] = REST("leverageBracket", CH_ALL, ROLE_FILE, EV(EV_SPEC), 0, 0, 0, 0, 0,
                                 "margin brackets as an operator with a key may save them"),
};

/* Stream names: "!.." stands alone, "@.." follows the symbol in lower case. */
static const char *const streams[BN_CHANNELS] = {
    [BN_BOOK_TICKER] = "@bookTicker",      [BN_DEPTH] = "@depth@100ms",
    [BN_MARK_PRICE] = "!markPrice@arr@1s", [BN_FORCE_ORDER] = "!forceOrder@arr",
    [BN_CONTRACT_INFO] = "!contractInfo",  [BN_ASSET_INDEX] = "!assetIndex@arr",
    [BN_AGG_TRADE] = "@aggTrade",          [BN_COINM_MARK] = "@markPrice@1s",
};

/* REST paths of each segment; the symbol is appended to those of one instrument, where COIN-M asks
 * for a pair that. */
#define RATIO_PATH "/futures/data/globalLongShortAccountRatio?period=5m&limit=1&"
static const struct {
    const char *usd_m, *coin_m;
    bool by_pair; /* COIN-M */
} paths[BN_CHANNELS] = {
    [BN_EXCHANGE_INFO] = {"/fapi/v1/exchangeInfo", NULL, false},
    [BN_FUNDING_INFO] = {"/fapi/v1/fundingInfo", NULL, false},
    [BN_TICKER_24H] = {"/fapi/v1/ticker/24hr", NULL, false},
    [BN_OPEN_INTEREST] = {"/fapi/v1/openInterest?symbol=", "/dapi/v1/openInterest?symbol=", false},
    [BN_DEPTH_SNAPSHOT] = {"/fapi/v1/depth?limit=1000&symbol=", "/dapi/v1/depth?limit=1000&symbol=",
                           false},
    [BN_LONG_SHORT_RATIO] = {RATIO_PATH "symbol=", RATIO_PATH "pair=", true},
    [BN_COINM_INFO] = {NULL, "/dapi/v1/exchangeInfo", false},
    [BN_COINM_PREMIUM] = {NULL, "/dapi/v1/premiumIndex", false},
    [BN_COINM_TICKER] = {NULL, "/dapi/v1/ticker/24hr", false},
    [BN_PREMIUM_INDEX] = {"/fapi/v1/premiumIndex", NULL, false},
};

static int parse(const struct directory *dir, const struct origin *o, const char *text, size_t len,
                 struct batch *out)
{
    static const struct adapt_doors doors = {.frame = binance_take_frame,
                                             .body = binance_take_body};
    return adapt_parse(&doors, &(struct adapt_in){dir, o, text, len}, out);
}

static void put_lower(struct text *t, const char *s)
{
    for (; *s; s++)
        text_char(t, *s >= 'A' && *s <= 'Z' ? (char)(*s | 32) : *s);
}

static void put_stream(struct text *t, const struct directory *dir, const struct want *w)
{
    char buf[96];
    struct text name;
    text_init(&name, buf, sizeof buf);
    if (channels[w->channel].scope == CH_INSTRUMENT)
        put_lower(&name, directory_get(dir, w->inst)->symbol);
    text_str(&name, streams[w->channel]);
    text_json(t, (struct slice){name.buf, (uint32_t)name.len});
}

/* Live Subscribing/Unsubscribing to streams; "id is used as an identifier to uniquely identify the
 * messages going back and forth", an unsigned integer. */
static int subscribe(const struct directory *dir, const struct sub_message *m, struct text *out)
{
    text_str(out, m->on ? "{\"method\":\"SUBSCRIBE\",\"params\":["
                        : "{\"method\":\"UNSUBSCRIBE\",\"params\":[");
    for (int i = 0; i < m->n; i++) {
        if (i)
            text_char(out, ',');
        put_stream(out, dir, &m->wants[i]);
    }
    text_str(out, "],\"id\":");
    text_i64(out, m->id);
    text_char(out, '}');
    return adapt_fits(out);
}

static uint8_t route(const struct directory *dir, uint8_t channel, uint32_t inst)
{
    return directory_get(dir, inst)->segment ? ROUTE_COINM : channels[channel].route;
}

/* What a request about one instrument names it by: its pair is what it has for an index. */
static struct slice asked_for(const struct instrument *i, bool by_pair)
{
    return slice_of(i->segment && by_pair ? i->index : i->symbol);
}

static int request(const struct directory *dir, const struct want *w, struct rest_request *out)
{
    struct text name, path;
    if (w->channel >= BN_CHANNELS)
        return E_UNKNOWN;
    bool one = channels[w->channel].scope == CH_INSTRUMENT;
    out->second =
        one ? directory_get(dir, w->inst)->segment > 0 : channels[w->channel].segments > 1;
    const char *p = out->second ? paths[w->channel].coin_m : paths[w->channel].usd_m;
    if (!p)
        return E_UNKNOWN;
    text_init(&name, out->name, sizeof out->name);
    text_init(&path, out->path, sizeof out->path);
    out->body[0] = 0;
    want_name(dir, w, &name);
    text_str(&path, p);
    if (one)
        adapt_query(&path, asked_for(directory_get(dir, w->inst), paths[w->channel].by_pair));
    return name.full || path.full ? E_LIMIT : 0;
}

/* General Info: "a 429 will be returned when breaking a request rate limit", "IPs are automatically
 * banned (418) for 2 minutes to 3 days for repeatedly not backing off after 429", "403: the WAF
 * limit has been violated". Code -1003 says the same in a body or a frame. */
static int backoff_s(int http_status, int retry_after_s, struct slice body)
{
    static const struct adapt_hold rows[] = {
        {429, NULL, 60}, {418, NULL, 300}, {403, NULL, 300}, {0, "\"code\":-1003", 60}};
    return adapt_backoff_s(rows, ADAPT_COUNT(rows),
                           &(struct adapt_answer){http_status, retry_after_s, body});
}

const struct venue venue_binance = {
    .name = "binance",
    .channels = channels,
    .channel_docs = binance_docs,
    .doc = &binance_doc,
    .n_channels = BN_CHANNELS,
    .also = "`fundingRate`, `openInterestHist`, `globalLongShortAccountRatio`, `insuranceBalance`",
    .routes = routes,
    .n_routes = ADAPT_COUNT(routes),
    .rest_url = "https://fapi.binance.com",
    .rest2_url = "https://dapi.binance.com",
    /* 2,400 weight a minute and IP over both hosts, 10 client messages a second, 24 h a connection:
       below each. */
    .limits = {.weight_per_min = 1800,
               .rest_in_flight = 4,
               .rest_per_s = 20,
               .msg_per_s = 4,
               .connects_per_min = 30,
               .sub_batch = 100,
               .rotate_s = 82800,
               .ping_s = 0,
               .ack_s = 10},
    .liq_coverage = COVER_SAMPLED,
    .liq_public = true,
    .listing = 1u << BN_EXCHANGE_INFO | 1u << BN_COINM_INFO,
    .parse = parse,
    .subscribe = subscribe,
    .route = route,
    .request = request,
    .backoff_s = backoff_s,
};
