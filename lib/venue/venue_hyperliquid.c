/* Hyperliquid: the venue's row. In: wants; out: subscribe texts, REST requests, back-off. Frames
 * are parsed in venue_hyperliquid_ws.c, bodies in venue_hyperliquid_rest.c. Surprising: a book
 * frame does not say how coarse it is, so the raw book and the views of 4 and 3 significant figures
 * use one connection each, all to the same address. */
#include "venue/venue_hyperliquid.h"

#define EV(kind) (1u << (kind))
#define URL      "wss://api.hyperliquid.xyz/ws"

static const char greeting[] = "Websocket connection established.";

static const struct venue_route routes[] = {
    {"ws", URL, 300}, {"coarse4", URL, 100}, {"coarse3", URL, 100}};

#define WS(name, scope, role, route, events, first, silent, prio, view, help)                      \
    {                                                                                              \
        name, CH_WS, scope, role, route, events, first, silent, 0, 0, prio, CHANNEL_NONE, view,    \
            help, 0                                                                                \
    }

static const struct venue_channel channels[HL_CHANNELS] = {
    [HL_ASSET_CTXS] =
        WS("assetCtxs", CH_ALL, ROLE_START, 0,
           EV(EV_MARK) | EV(EV_INDEX) | EV(EV_FUNDING) | EV(EV_OI) | EV(EV_STAT), 30, 30, 0, 0,
           "mark, oracle, funding, open interest, volume of every perpetual"),
    [HL_TRADES] = WS("trades", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_TRADE), 600, 0, 4, 0,
                     "trades; the first push repeats older ones"),
    [HL_BBO] = WS("bbo", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_QUOTE), 30, 120, 2, 0,
                  "best bid and ask, when a block changes them"),
    [HL_BOOK] = WS("book", CH_INSTRUMENT, ROLE_TRACKED, 0, EV(EV_BOOK), 30, 60, 3, 0,
                   "20 levels a side, raw"),
    [HL_BOOK4] = WS("book4", CH_INSTRUMENT, ROLE_TRACKED, 1, EV(EV_BOOK), 30, 60, 3, 1,
                    "20 levels a side, prices to 4 significant figures"),
    [HL_BOOK3] = WS("book3", CH_INSTRUMENT, ROLE_TRACKED, 2, EV(EV_BOOK), 30, 60, 3, 2,
                    "20 levels a side, prices to 3 significant figures"),
    [HL_METAS] = {"metas", CH_REST, CH_ALL, ROLE_START, 0, EV(EV_SPEC), 60, 960, 300, 20, 0,
                  CHANNEL_NONE, 0, "instruments of every dex, in the order contexts are named by",
                  0},
    [HL_FILLS] = WS("fills", CH_ALL, ROLE_FILE, 0, EV(EV_LIQ), 0, 0, 5, 0,
                    "liquidations in the fills of accounts; read only from files"),
};

/* Subscription types and what follows the coin. */
static const struct {
    const char *type, *more;
} subscriptions[HL_CHANNELS] = {
    [HL_ASSET_CTXS] = {"allDexsAssetCtxs", ""},
    [HL_TRADES] = {"trades", ""},
    [HL_BBO] = {"bbo", ""},
    [HL_BOOK] = {"l2Book", ""},
    [HL_BOOK4] = {"l2Book", ",\"nSigFigs\":4"},
    [HL_BOOK3] = {"l2Book", ",\"nSigFigs\":3"},
};

/* Each view of a book has a connection of its own. */
static void take_frame(struct parse *p)
{
    p->view = (uint8_t)(p->route < ADAPT_COUNT(routes) ? p->route : 0);
    hl_take_frame(p);
}

/* The websocket page: the first frame is the greeting, which is not JSON. */
static int parse(const struct directory *dir, const struct origin *o, const char *text, size_t len,
                 struct batch *out)
{
    static const struct adapt_doors doors = {
        .frame = take_frame, .body = hl_take_body, .plain = greeting, .plain_is = CTL_NOTICE};
    return adapt_parse(&doors, &(struct adapt_in){dir, o, text, len}, out);
}

/* Subscriptions: {"method":"subscribe","subscription":{..}}, one a message. Acks echo the
 * subscription, not an id. */
static int subscribe(const struct directory *dir, const struct sub_message *m, struct text *out)
{
    if (m->n != 1)
        return E_LIMIT;
    uint8_t c = m->wants[0].channel;
    text_str(out, m->on ? "{\"method\":\"subscribe\"" : "{\"method\":\"unsubscribe\"");
    text_str(out, ",\"subscription\":{\"type\":\"");
    text_str(out, subscriptions[c].type);
    text_char(out, '"');
    if (channels[c].scope == CH_INSTRUMENT) {
        text_str(out, ",\"coin\":");
        text_json(out, slice_of(directory_get(dir, m->wants[0].inst)->symbol));
    }
    text_str(out, subscriptions[c].more);
    text_str(out, "}}");
    return adapt_fits(out);
}

/* Timeouts and heartbeats: "the server will close any connection if it hasn't sent a message to it
 * in the last 60 seconds"; {"method":"ping"} is answered. */
static int ping(struct text *out)
{
    text_str(out, "{\"method\":\"ping\"}");
    return adapt_fits(out);
}

static int request(const struct directory *dir, const struct want *w, struct rest_request *out)
{
    struct text name;
    if (w->channel != HL_METAS)
        return E_UNKNOWN;
    text_init(&name, out->name, sizeof out->name);
    want_name(dir, w, &name);
    slice_copy(SLICE("/info"), out->path, sizeof out->path);
    slice_copy(SLICE("{\"type\":\"allPerpMetas\"}"), out->body, sizeof out->body);
    return adapt_fits(&name);
}

/* Rate limits and user limits: HTTP 429; over the websocket only texts tell. */
static int backoff_s(int http_status, int retry_after_s, struct slice body)
{
    static const struct adapt_hold rows[] = {{429, NULL, 60},
                                             {0, "Cannot send more than", 60},
                                             {0, "Cannot subscribe to more than", 300},
                                             {0, "Cannot track more than", 300},
                                             {0, "too many pending post requests", 10}};
    return adapt_backoff_s(rows, ADAPT_COUNT(rows),
                           &(struct adapt_answer){http_status, retry_after_s, body});
}

const struct venue venue_hyperliquid = {
    .name = "hyperliquid",
    .channels = channels,
    .channel_docs = hl_docs,
    .doc = &hl_doc,
    .n_channels = HL_CHANNELS,
    .also = "`fundingHistory`, `predictedFundings`",
    .routes = routes,
    .n_routes = ADAPT_COUNT(routes),
    .rest_url = "https://api.hyperliquid.xyz",
    /* 1,200 weight, 2,000 client messages and 30 new connections a minute and IP, 1,000
     * subscriptions and 10 connections in all: below each. */
    .limits = {.weight_per_min = 800,
               .rest_in_flight = 2,
               .rest_per_s = 5,
               .msg_per_s = 10,
               .connects_per_min = 20,
               .sub_batch = 1,
               .rotate_s = 0,
               .ping_s = 30,
               .ack_s = 10},
    .liq_coverage = COVER_PARTIAL,
    .liq_public = false,
    .listing = 1u << HL_METAS,
    .parse = parse,
    .subscribe = subscribe,
    .ping = ping,
    .request = request,
    .backoff_s = backoff_s,
};
