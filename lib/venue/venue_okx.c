/* OKX v5 perpetual swaps: the venue's row. In: wants; out: subscribe texts, REST requests,
 * back-off. Frames are parsed in venue_okx_ws.c, bodies in venue_okx_rest.c. Surprising: the
 * heartbeat is the bare text `ping`, answered by the bare text `pong`, neither of them JSON; and
 * books have a route of their own to the same address, because the venue advises few of them on a
 * connection. */
#include "venue/venue_okx.h"

#define EV(kind) (1u << (kind))
#define URL      "wss://ws.okx.com:8443/ws/v5/public"

/* "The total length of multiple channels cannot exceed 64 KB" in one request, 4,096 bytes in older
 * pages: ours stay below the smaller. */
#define MESSAGE_MAX 4096

static const struct venue_route routes[] = {{"public", URL, 240}, {"books", URL, 30}};

#define WS(name, scope, role, route, events, first, silent, prio, help)                            \
    {                                                                                              \
        name, CH_WS, scope, role, route, events, first, silent, 0, 0, prio, CHANNEL_NONE, 0, help, \
            0                                                                                      \
    }
#define REST(name, scope, events, first, silent, period, prio, help)                               \
    {                                                                                              \
        name, CH_REST, scope, scope == CH_ALL ? ROLE_START : ROLE_TRACKED, 0, events, first,       \
            silent, period, 1, prio, CHANNEL_NONE, 0, help, 0                                      \
    }

static const struct venue_channel channels[OKX_CHANNELS] = {
    [OKX_MARK_PRICE] = WS("markPrice", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_MARK), 30, 30, 0,
                          "mark price, on change within 200 ms, else each 10 s"),
    [OKX_INDEX] = WS("index", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_INDEX), 90, 150, 1,
                     "index price, on change within 100 ms, else each minute"),
    [OKX_FUNDING] = WS("funding", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_FUNDING), 120, 240, 1,
                       "running funding rate, its time and interval, each 30 to 90 s"),
    [OKX_OPEN_INTEREST] = WS("openInterest", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_OI), 60, 300, 1,
                             "open interest in contracts, every 3 s when it changed"),
    [OKX_LIQUIDATIONS] = WS("liquidations", CH_ALL, ROLE_START, 0, EV(EV_LIQ), 3600, 0, 0,
                            "liquidation orders of every swap, not all of them"),
    [OKX_TRADES] = WS("trades", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_TRADE), 600, 0, 4,
                      "trades, aggregated by taker order and price"),
    [OKX_BBO] = WS("bbo", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_QUOTE), 30, 120, 2,
                   "best bid and ask, on change within 10 ms"),
    [OKX_BOOK] = WS("book", CH_INSTRUMENT, ROLE_TRACKED, 1, EV(EV_BOOK), 30, 150, 3,
                    "400 levels a side: snapshot, then changes each 100 ms"),
    [OKX_ADL_WARNING] = WS("adlWarning", CH_ALL, ROLE_START, 0, EV(EV_FUND), 0, 0, 0,
                           "security funds near or in auto-deleveraging; silent in calm"),
    [OKX_CONTRACT_INFO] = WS("contractInfo", CH_ALL, ROLE_START, 0, EV(EV_SPEC), 0, 0, 1,
                             "instruments whose state, tick or expiry changed"),
    [OKX_TICKER] = WS("ticker", CH_INSTRUMENT, ROLE_FILE, 0, EV(EV_QUOTE) | EV(EV_STAT), 0, 0, 5,
                      "best prices and 24 h volume; read only from files"),
    [OKX_INSTRUMENTS] = REST("instruments", CH_ALL, EV(EV_SPEC), 60, 1860, 600, 0,
                             "instruments: contract sizes, ticks, state, category"),
    [OKX_MARKS] = REST("marks", CH_ALL, EV(EV_MARK), 60, 210, 60, 1,
                       "mark price of every swap, to value what is ranked"),
    [OKX_OI_ALL] = REST("openInterestAll", CH_ALL, EV(EV_OI), 60, 210, 60, 1,
                        "open interest of every swap, ranks the universe"),
    [OKX_TICKERS] =
        REST("tickers", CH_ALL, EV(EV_STAT), 60, 960, 300, 1, "24 h volume of every swap"),
    [OKX_COIN_INDEX] = REST("coinIndex", CH_ALL, EV(EV_INDEX), 60, 60, 10, 1,
                            "dollar index of the coins that swaps are quoted in"),
    [OKX_TIERS] = REST("tiers", CH_INSTRUMENT, EV(EV_SPEC), 300, 64800, 21600, 3,
                       "margin tiers in contracts, the rate of a tier for the whole position"),
    [OKX_INSURANCE_FUND] = REST("insuranceFund", CH_INSTRUMENT, EV(EV_FUND), 300, 10860, 3600, 4,
                                "security fund of a family, a daily figure"),
    [OKX_LONG_SHORT_RATIO] = REST("longShortRatio", CH_INSTRUMENT, EV(EV_STAT), 300, 960, 300, 4,
                                  "accounts net long against accounts net short, each 5 minutes"),
    [OKX_BOOK_SNAPSHOT] = {"bookSnapshot", CH_REST, CH_INSTRUMENT, ROLE_SNAPSHOT, 0, EV(EV_BOOK), 0,
                           0, 0, 1, 0, OKX_BOOK, 0, "400 levels a side, on demand after a gap", 0},
};

/* Channel names of the subscriptions. */
static const char *const streams[OKX_CHANNELS] = {
    [OKX_MARK_PRICE] = "mark-price",
    [OKX_INDEX] = "index-tickers",
    [OKX_FUNDING] = "funding-rate",
    [OKX_OPEN_INTEREST] = "open-interest",
    [OKX_LIQUIDATIONS] = "liquidation-orders",
    [OKX_TRADES] = "trades",
    [OKX_BBO] = "bbo-tbt",
    [OKX_BOOK] = "books",
    [OKX_ADL_WARNING] = "adl-warning",
    [OKX_CONTRACT_INFO] = "instruments",
};

/* REST paths; to those of one instrument its name is appended, or its family. */
static const struct {
    const char *path;
    bool family;
} requests[OKX_CHANNELS] = {
    [OKX_INSTRUMENTS] = {"/api/v5/public/instruments?instType=SWAP", false},
    [OKX_MARKS] = {"/api/v5/public/mark-price?instType=SWAP", false},
    [OKX_OI_ALL] = {"/api/v5/public/open-interest?instType=SWAP", false},
    [OKX_TICKERS] = {"/api/v5/market/tickers?instType=SWAP", false},
    [OKX_COIN_INDEX] = {"/api/v5/market/index-tickers?quoteCcy=USD", false},
    [OKX_TIERS] = {"/api/v5/public/position-tiers?instType=SWAP&tdMode=cross&instFamily=", true},
    [OKX_INSURANCE_FUND] = {"/api/v5/public/insurance-fund?instType=SWAP&limit=1&instFamily=",
                            true},
    [OKX_LONG_SHORT_RATIO] = {"/api/v5/rubik/stat/contracts/long-short-account-ratio-contract"
                              "?period=5m&limit=1&instId=",
                              false},
    [OKX_BOOK_SNAPSHOT] = {"/api/v5/market/books?sz=400&instId=", false},
};

/* Overview, Connect: "send the String 'ping' and expect a 'pong' as a response". */
static int parse(const struct directory *dir, const struct origin *o, const char *text, size_t len,
                 struct batch *out)
{
    static const struct adapt_doors doors = {
        .frame = okx_take_frame, .body = okx_take_body, .plain = "pong", .plain_is = CTL_PONG};
    return adapt_parse(&doors, &(struct adapt_in){dir, o, text, len}, out);
}

/* index-tickers is subscribed by the index ("BTC-USDT"), which a swap names as its underlying;
 * liquidation-orders, adl-warning and instruments only by instrument type. */
static void put_arg(struct text *t, const struct directory *dir, const struct want *w)
{
    text_str(t, "{\"channel\":\"");
    text_str(t, streams[w->channel]);
    text_char(t, '"');
    if (channels[w->channel].scope == CH_INSTRUMENT) {
        const struct instrument *i = directory_get(dir, w->inst);
        text_str(t, ",\"instId\":");
        text_json(t, slice_of(w->channel == OKX_INDEX ? i->index : i->symbol));
    } else {
        text_str(t, ",\"instType\":\"SWAP\"");
    }
    text_char(t, '}');
}

/* Subscribe: "op", "args"; "id: unique identifier of the message, provided by the client", up to 32
 * letters and digits. Each arg has its own answer. */
static int subscribe(const struct directory *dir, const struct sub_message *m, struct text *out)
{
    text_str(out, "{\"id\":\"");
    text_i64(out, m->id);
    text_str(out,
             m->on ? "\",\"op\":\"subscribe\",\"args\":[" : "\",\"op\":\"unsubscribe\",\"args\":[");
    for (int i = 0; i < m->n; i++) {
        if (i)
            text_char(out, ',');
        put_arg(out, dir, &m->wants[i]);
    }
    text_str(out, "]}");
    return out->len > MESSAGE_MAX ? E_LIMIT : adapt_fits(out);
}

/* Connect: "if there's a network problem ... or no data for 30 seconds, the connection breaks". */
static int ping(struct text *out)
{
    text_str(out, "ping");
    return adapt_fits(out);
}

/* Family of a swap: its name without "-SWAP". */
static struct slice family_of(struct slice symbol)
{
    static const char tail[] = "-SWAP";
    uint32_t n = sizeof tail - 1;
    if (symbol.len > n && memcmp(symbol.p + symbol.len - n, tail, n) == 0)
        symbol.len -= n;
    return symbol;
}

static int request(const struct directory *dir, const struct want *w, struct rest_request *out)
{
    struct text name, path;
    if (w->channel >= OKX_CHANNELS || !requests[w->channel].path)
        return E_UNKNOWN;
    text_init(&name, out->name, sizeof out->name);
    text_init(&path, out->path, sizeof out->path);
    out->body[0] = 0;
    want_name(dir, w, &name);
    text_str(&path, requests[w->channel].path);
    if (channels[w->channel].scope == CH_INSTRUMENT) {
        struct slice symbol = slice_of(directory_get(dir, w->inst)->symbol);
        adapt_query(&path, requests[w->channel].family ? family_of(symbol) : symbol);
    }
    return name.full || path.full ? E_LIMIT : 0;
}

/* Rate limits: "error code 50011: rate limit reached", with HTTP 429 or inside a 200; over the
 * websocket 60014 "requests too frequent". 403 is the firewall in front. 64008 ("connection will
 * soon be closed") asks for a new connection, not for patience. */
static int backoff_s(int http_status, int retry_after_s, struct slice body)
{
    static const struct adapt_hold rows[] = {{429, NULL, 10},
                                             {403, NULL, 300},
                                             {418, NULL, 300},
                                             {0, "\"code\":\"50011\"", 10},
                                             {0, "\"code\":\"60014\"", 10}};
    return adapt_backoff_s(rows, ADAPT_COUNT(rows),
                           &(struct adapt_answer){http_status, retry_after_s, body});
}

const struct venue venue_okx = {
    .name = "okx",
    .channels = channels,
    .channel_docs = okx_docs,
    .doc = &okx_doc,
    .n_channels = OKX_CHANNELS,
    .also = "`fundingRate`, `fundingRateHistory`",
    .routes = routes,
    .n_routes = ADAPT_COUNT(routes),
    .rest_url = "https://openapi.okx.com",
    /* The tightest call we use allows 5 requests in 2 s, and 3 connections a second are allowed:
     * below each. */
    .limits = {.weight_per_min = 150,
               .rest_in_flight = 2,
               .rest_per_s = 3,
               .msg_per_s = 2,
               .connects_per_min = 40,
               .subs_per_h = 480,
               .sub_batch = 64,
               .rotate_s = 0,
               .ping_s = 25,
               .ack_s = 10},
    .liq_coverage = COVER_PARTIAL,
    .liq_public = true,
    .listing = 1u << OKX_INSTRUMENTS,
    .parse = parse,
    .subscribe = subscribe,
    .ping = ping,
    .request = request,
    .backoff_s = backoff_s,
};
