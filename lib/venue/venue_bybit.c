/* Bybit v5, linear and inverse perpetuals: the venue's row. In: wants; out: subscribe texts, REST
 * requests, back-off. Frames are parsed in venue_bybit_ws.c, bodies in venue_bybit_rest.c.
 * Surprising: each category has a websocket address of its own, so the route of a channel depends
 * on the instrument. The category itself is read from the symbol: every name tells it. */
#include "venue/venue_bybit.h"

#define EV(kind) (1u << (kind))

enum { ROUTE_LINEAR, ROUTE_INVERSE };

/* Connect: "args array max length: 21,000 characters for all args on one public connection". 500
 * topics of at most 42 characters: "orderbook.1000." and a symbol of 27; the longest listed has 24.
 */
static const struct venue_route routes[] = {
    {"linear", "wss://stream.bybit.com/v5/public/linear", 500},
    {"inverse", "wss://stream.bybit.com/v5/public/inverse", 500},
};

#define WS(name, scope, role, route, events, first, silent, prio, help)                            \
    {                                                                                              \
        name, CH_WS, scope, role, route, events, first, silent, 0, 0, prio, CHANNEL_NONE, 0, help, \
            0                                                                                      \
    }
#define REST(name, scope, role, events, first, silent, period, prio, help)                         \
    {                                                                                              \
        name, CH_REST, scope, role, 0, events, first, silent, period, 1, prio, CHANNEL_NONE, 0,    \
            help, 0                                                                                \
    }
#define BULK (EV(EV_MARK) | EV(EV_OI) | EV(EV_STAT))

static const struct venue_channel channels[BB_CHANNELS] = {
    [BB_TICKERS] =
        WS("tickers", CH_INSTRUMENT, ROLE_TRACKED, ROUTE_LINEAR,
           BULK | EV(EV_INDEX) | EV(EV_FUNDING) | EV(EV_QUOTE), 15, 30, 1,
           "mark, index, funding, open interest, best prices, volume; only what changed, "
           "every 100 ms"),
    [BB_BOOK] = WS("orderbook", CH_INSTRUMENT, ROLE_TRACKED, ROUTE_LINEAR, EV(EV_BOOK), 15, 60, 3,
                   "the best 1,000 levels a side, every 200 ms"),
    [BB_TRADES] = WS("publicTrade", CH_INSTRUMENT, ROLE_TRACKED, ROUTE_LINEAR, EV(EV_TRADE), 600, 0,
                     4, "trades; block trades are not read"),
    [BB_LIQ] = WS("allLiquidation", CH_INSTRUMENT, ROLE_TRACKED, ROUTE_LINEAR, EV(EV_LIQ), 0, 0, 0,
                  "every liquidation, collected over 500 ms, at the bankruptcy price"),
    [BB_ADL] = WS("adlAlert", CH_ALL, ROLE_START, ROUTE_LINEAR, EV(EV_FUND), 0, 0, 5,
                  "auto-deleveraging state of each contract, each second"),
    [BB_ADL_INVERSE] = WS("adlAlertInverse", CH_ALL, ROLE_START, ROUTE_INVERSE, EV(EV_FUND), 0, 0,
                          5, "the same of inverse contracts"),
    [BB_INSURANCE] = WS("insurance", CH_ALL, ROLE_START, ROUTE_LINEAR, EV(EV_FUND), 0, 0, 5,
                        "insurance pools of single contracts, when they change"),
    [BB_INSURANCE_INVERSE] = WS("insuranceInverse", CH_ALL, ROLE_START, ROUTE_INVERSE, EV(EV_FUND),
                                0, 0, 5, "the same of inverse contracts"),
    [BB_INSTRUMENTS] = REST("instruments", CH_ALL, ROLE_START, EV(EV_SPEC), 60, 7800, 3600, 0,
                            "linear instruments: sizes, ticks, status, category, interval"),
    [BB_INSTRUMENTS_INVERSE] = REST("instrumentsInverse", CH_ALL, ROLE_START, EV(EV_SPEC), 60, 7800,
                                    3600, 0, "the same of inverse instruments"),
    [BB_ALL_TICKERS] = REST("allTickers", CH_ALL, ROLE_START, BULK, 60, 960, 300, 1,
                            "mark, open interest, 24 h volume of every linear instrument"),
    [BB_ALL_TICKERS_INVERSE] = REST("allTickersInverse", CH_ALL, ROLE_START, BULK, 60, 960, 300, 1,
                                    "the same of inverse instruments"),
    [BB_POOLS] = REST("insurancePools", CH_ALL, ROLE_START, EV(EV_FUND), 60, 2000, 600, 5,
                      "insurance pools with their value; those shared by contracts change daily"),
    [BB_RISK_LIMIT] = REST("riskLimit", CH_INSTRUMENT, ROLE_TRACKED, EV(EV_SPEC), 300, 7800, 3600,
                           4, "margin tiers of one instrument"),
    [BB_ACCOUNT_RATIO] = REST("accountRatio", CH_INSTRUMENT, ROLE_TRACKED, EV(EV_STAT), 300, 960,
                              300, 5, "share of accounts that are long"),
    [BB_BOOK_SNAPSHOT] = {"orderbookSnapshot", CH_REST, CH_INSTRUMENT, ROLE_SNAPSHOT, 0,
                          EV(EV_BOOK), 0, 0, 0, 1, 0, BB_BOOK, 0,
                          "1,000 levels a side, on demand after a gap", 0},
};

/* Topics of a want; those of one instrument are followed by its symbol. */
static const char *const topics[BB_CHANNELS] = {
    [BB_TICKERS] = "tickers.",
    [BB_BOOK] = "orderbook.1000.",
    [BB_TRADES] = "publicTrade.",
    [BB_LIQ] = "allLiquidation.",
    [BB_ADL] = "adlAlert.USDT\",\"adlAlert.USDC",
    [BB_ADL_INVERSE] = "adlAlert.inverse",
    [BB_INSURANCE] = "insurance.USDT\",\"insurance.USDC",
    [BB_INSURANCE_INVERSE] = "insurance.inverse",
};

/* REST paths; those of one instrument are followed by its symbol and category. A body that names a
 * next page asks for it by a notice. */
static const char *const paths[BB_CHANNELS] = {
    [BB_INSTRUMENTS] = "/v5/market/instruments-info?category=linear&limit=1000",
    [BB_INSTRUMENTS_INVERSE] = "/v5/market/instruments-info?category=inverse&limit=1000",
    [BB_ALL_TICKERS] = "/v5/market/tickers?category=linear",
    [BB_ALL_TICKERS_INVERSE] = "/v5/market/tickers?category=inverse",
    [BB_POOLS] = "/v5/market/insurance",
    [BB_RISK_LIMIT] = "/v5/market/risk-limit?symbol=",
    [BB_ACCOUNT_RATIO] = "/v5/market/account-ratio?period=5min&limit=1&symbol=",
    [BB_BOOK_SNAPSHOT] = "/v5/market/orderbook?limit=1000&symbol=",
};

/* Enums, symbol: USDT perpetual BTCUSDT, USDC perpetual BTCPERP, their futures with a dash and a
 * date; inverse perpetual BTCUSD; inverse future BTCUSDH23: month letter and year. */
bool bybit_is_inverse(struct slice s)
{
    static const char months[] = "FGHJKMNQUVXZ";
    if (s.len > 6 && s.p[s.len - 1] >= '0' && s.p[s.len - 1] <= '9' && s.p[s.len - 2] >= '0' &&
        s.p[s.len - 2] <= '9' && memchr(months, s.p[s.len - 3], sizeof months - 1))
        s.len -= 3;
    return s.len > 3 && memcmp(s.p + s.len - 3, "USD", 3) == 0;
}

enum qty_unit bybit_unit(struct slice symbol)
{
    return bybit_is_inverse(symbol) ? QTY_USD : QTY_BASE;
}

bool bybit_is_usd(struct slice coin)
{
    return slice_is(coin, "USDT") || slice_is(coin, "USDC");
}

static struct slice symbol_of(const struct directory *dir, uint32_t inst)
{
    return slice_of(directory_get(dir, inst)->symbol);
}

static uint8_t route(const struct directory *dir, uint8_t channel, uint32_t inst)
{
    (void)channel;
    return bybit_is_inverse(symbol_of(dir, inst)) ? ROUTE_INVERSE : ROUTE_LINEAR;
}

static int parse(const struct directory *dir, const struct origin *o, const char *text, size_t len,
                 struct batch *out)
{
    static const struct adapt_doors doors = {.frame = bybit_take_frame, .body = bybit_take_body};
    return adapt_parse(&doors, &(struct adapt_in){dir, o, text, len}, out);
}

static void put_topic(struct text *t, const struct directory *dir, const struct want *w)
{
    char buf[96];
    struct text name;
    text_init(&name, buf, sizeof buf);
    text_str(&name, topics[w->channel]);
    text_slice(&name, symbol_of(dir, w->inst));
    text_json(t, (struct slice){name.buf, (uint32_t)name.len});
}

/* Connect, how to subscribe to topics: {"req_id":"..","op":"subscribe","args":[..]}; "req_id:
 * customised ID, optional". */
static int subscribe(const struct directory *dir, const struct sub_message *m, struct text *out)
{
    text_str(out, "{\"req_id\":\"");
    text_i64(out, m->id);
    text_str(out,
             m->on ? "\",\"op\":\"subscribe\",\"args\":[" : "\",\"op\":\"unsubscribe\",\"args\":[");
    for (int i = 0; i < m->n; i++) {
        const struct want *w = &m->wants[i];
        if (i)
            text_char(out, ',');
        if (channels[w->channel].scope == CH_INSTRUMENT)
            put_topic(out, dir, w);
        else
            text_fmt(out, "\"%s\"", topics[w->channel]);
    }
    text_str(out, "]}");
    return adapt_fits(out);
}

/* Connect, how to send the heartbeat packet: "send the ping heartbeat packet every 20 seconds". */
static int ping(struct text *out)
{
    text_str(out, "{\"op\":\"ping\"}");
    return adapt_fits(out);
}

static int request(const struct directory *dir, const struct want *w, struct rest_request *out)
{
    struct text name, path;
    if (w->channel >= BB_CHANNELS || !paths[w->channel])
        return E_UNKNOWN;
    text_init(&name, out->name, sizeof out->name);
    text_init(&path, out->path, sizeof out->path);
    out->body[0] = 0;
    want_name(dir, w, &name);
    text_str(&path, paths[w->channel]);
    if (channels[w->channel].scope == CH_INSTRUMENT) {
        struct slice symbol = symbol_of(dir, w->inst);
        adapt_query(&path, symbol);
        text_str(&path, bybit_is_inverse(symbol) ? "&category=inverse" : "&category=linear");
    }
    return name.full || path.full ? E_LIMIT : 0;
}

/* Pagination: "use the nextPageCursor token from the response to retrieve the next page": it comes
 * percent-encoded and goes back as it came. */
static int next_page(struct slice cursor, struct rest_request *io)
{
    struct text path;
    size_t n = strlen(io->path);
    text_init(&path, io->path + n, sizeof io->path - n);
    text_str(&path, "&cursor=");
    for (uint32_t i = 0; i < cursor.len; i++)
        if (cursor.p[i] == '%')
            text_char(&path, '%');
        else
            adapt_query(&path, (struct slice){cursor.p + i, 1});
    return adapt_fits(&path);
}

/* Rate limit rules: "403, access too frequent: stop all HTTP sessions and wait for at least 10
 * minutes"; error codes 10006 "too many visits", 10429 and HTTP 429 "system level frequency
 * protection", 10016 "internal server error or service is restarting". */
static int backoff_s(int http_status, int retry_after_s, struct slice body)
{
    static const struct adapt_hold rows[] = {{403, NULL, 600},
                                             {429, NULL, 60},
                                             {0, "\"retCode\":10006", 10},
                                             {0, "\"retCode\":10429", 60},
                                             {0, "\"retCode\":10018", 60},
                                             {0, "\"retCode\":10016", 10}};
    return adapt_backoff_s(rows, ADAPT_COUNT(rows),
                           &(struct adapt_answer){http_status, retry_after_s, body});
}

const struct venue venue_bybit = {
    .name = "bybit",
    .channels = channels,
    .channel_docs = bybit_docs,
    .doc = &bybit_doc,
    .n_channels = BB_CHANNELS,
    .also = "`openInterest`, `fundingHistory`, `adlAlertState`",
    .routes = routes,
    .n_routes = ADAPT_COUNT(routes),
    .rest_url = "https://api.bybit.com",
    /* 600 requests in 5 s and 500 new connections in 5 min an IP: far below each. One bad topic
     * fails its whole message, so messages are short. Pings every 20 s are asked for. */
    .limits = {.weight_per_min = 1200,
               .rest_in_flight = 4,
               .rest_per_s = 20,
               .msg_per_s = 10,
               .connects_per_min = 30,
               .sub_batch = 10,
               .rotate_s = 0,
               .ping_s = 20,
               .ack_s = 10},
    .liq_coverage = COVER_COMPLETE,
    .liq_public = true,
    .merged = 1u << BB_TICKERS,
    .listing = 1u << BB_INSTRUMENTS | 1u << BB_INSTRUMENTS_INVERSE,
    .parse = parse,
    .subscribe = subscribe,
    .route = route,
    .ping = ping,
    .request = request,
    .next_page = next_page,
    .backoff_s = backoff_s,
};
