/* Hyperliquid: pushed texts -> events. In: {"channel":..,"data":..} frames, and single objects as
 * files hold them; out: events. Here the channel is found and control texts are read; data is read
 * in venue_hyperliquid_market.c and venue_hyperliquid_fills.c. Sources: Hyperliquid's docs (API,
 * websocket). Acks are the request with defaults added, so they are matched by their members. */
#include "venue/venue_hyperliquid.h"

struct subscription {
    struct slice type, coin, inner;
    double sig_figs;
};

static uint8_t channel_of(const struct subscription *s)
{
    static const struct {
        const char *type;
        uint8_t channel;
    } rows[] = {{"allDexsAssetCtxs", HL_ASSET_CTXS},
                {"trades", HL_TRADES},
                {"bbo", HL_BBO},
                {"l2Book", HL_BOOK},
                {"userFills", HL_FILLS}};
    for (int i = 0; i < ADAPT_COUNT(rows); i++) {
        if (!slice_is(s->type, rows[i].type))
            continue;
        if (rows[i].channel != HL_BOOK || isnan(s->sig_figs))
            return rows[i].channel;
        return s->sig_figs == 4 ? HL_BOOK4 : s->sig_figs == 3 ? HL_BOOK3 : CHANNEL_NONE;
    }
    return CHANNEL_NONE;
}

/* The subscription a reply is about, as {"type":..} or inside {"subscription":{..}}. What cannot be
 * read stays unsaid: the text itself was valid. */
static void name_subscription(const struct parse *p, struct event *e, struct slice raw)
{
    static const struct member keys[] = {
        {"type", M_STR, offsetof(struct subscription, type)},
        {"coin", M_STR, offsetof(struct subscription, coin)},
        {"nSigFigs", M_NUM, offsetof(struct subscription, sig_figs)},
        {"subscription", M_RAW, offsetof(struct subscription, inner)}};
    for (int depth = 0; depth < 2 && raw.p; depth++) {
        struct subscription s = {.sig_figs = NAN};
        struct parse q = adapt_sub(p, raw);
        adapt_object(&q, keys, ADAPT_COUNT(keys), &s);
        if (q.s.err)
            return;
        if (s.type.p) {
            e->channel = channel_of(&s);
            e->symbol = s.coin;
        }
        raw = s.inner;
    }
}

/* Subscriptions: "the server acknowledges with subscriptionResponse", the request with defaults
 * added. */
static void take_ack(struct parse *p)
{
    struct slice raw = {0};
    struct event *e = adapt_control(p, CTL_ACK, p->text);
    if (scan_raw(&p->s, &raw) == 0 && e)
        name_subscription(p, e, raw);
}

/* error: data is a text, often with the refused request embedded as JSON. */
static void take_error(struct parse *p)
{
    struct slice text = {0};
    struct event *e = adapt_control(p, CTL_ERROR, p->text);
    if (scan_peek(&p->s) != SCAN_STRING) {
        scan_skip(&p->s);
        return;
    }
    adapt_str(p, &text);
    if (!e || p->s.err)
        return;
    e->u.control.text = text;
    const char *brace = text.len ? memchr(text.p, '{', text.len) : NULL;
    if (brace)
        name_subscription(p, e, (struct slice){brace, (uint32_t)(text.p + text.len - brace)});
}

static void take_notice(struct parse *p)
{
    adapt_control(p, CTL_NOTICE, p->text);
    scan_skip(&p->s);
}

static const struct {
    const char *name;
    uint8_t channel;
    void (*take)(struct parse *p); /* at the value of "data" */
} frames[] = {
    {"l2Book", HL_BOOK, hl_take_book},
    {"bbo", HL_BBO, hl_take_bbo},
    {"trades", HL_TRADES, hl_take_pushed_trades},
    {"activeAssetCtx", HL_ASSET_CTXS, hl_take_active_ctx},
    {"allDexsAssetCtxs", HL_ASSET_CTXS, hl_take_all_ctxs},
    {"assetCtxs", HL_ASSET_CTXS, hl_take_dex_ctxs},
    {"subscriptionResponse", CHANNEL_NONE, take_ack},
    {"error", CHANNEL_NONE, take_error},
    {"notification", CHANNEL_NONE, take_notice},
    {"userFills", HL_FILLS, hl_take_user_fills},
    {"user", HL_FILLS, hl_take_user_events},
};

/* An object without channel, as files hold them: a book, a fill; else nothing we claim. */
static void take_bare(struct parse *p)
{
    struct scan look = p->s;
    struct slice k;
    bool book = false, fill = false;
    scan_object(&look);
    while (scan_key(&look, &k)) {
        book |= KEY_IS(k, "levels");
        fill |= KEY_IS(k, "dir") || KEY_IS(k, "liquidation");
        scan_skip(&look);
    }
    if (book) {
        hl_take_book(p);
        return;
    }
    if (!fill) {
        adapt_ignore(p);
        return;
    }
    hl_take_fill(p, (struct slice){0});
    if (!p->b->n)
        adapt_control(p, CTL_IGNORED, p->text);
}

static void take_envelope(struct parse *p, void (*take)(struct parse *p))
{
    struct slice k;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "data")) {
            take(p);
            said = true;
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
}

/* Timeouts and heartbeats: {"method":"ping"} is answered by {"channel":"pong"}. */
static void take_pong(struct parse *p)
{
    adapt_control(p, CTL_PONG, p->text);
    scan_skip(&p->s);
}

void hl_take_frame(struct parse *p)
{
    struct slice name = adapt_peek(p, "channel");
    if (!name.p) {
        take_bare(p);
        return;
    }
    for (int i = 0; i < ADAPT_COUNT(frames); i++)
        if (slice_is(name, frames[i].name)) {
            p->channel = frames[i].channel;
            take_envelope(p, frames[i].take);
            return;
        }
    if (slice_is(name, "pong"))
        take_pong(p);
    else
        adapt_ignore(p);
}
