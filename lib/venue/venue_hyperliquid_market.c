/* Hyperliquid: market data -> events: contexts, books, best prices, trades. In: a scan at the value
 * of "data"; out: events. Sources: the pages of Hyperliquid's docs (API, websocket) named above
 * each parser. Surprising: contexts carry no coin name, only a position in the dex's universe. */
#include "venue/venue_hyperliquid.h"

#define CTX_MARK    1u
#define CTX_INDEX   2u
#define CTX_FUNDING 4u
#define CTX_OI      8u
#define CTX_VOLUME  16u

struct ctx {
    double mark, index, funding, oi, volume;
    unsigned said;
};

/* Perpetuals asset context: funding (the current hour's rate), openInterest (base coins,
 * one-sided), oraclePx, markPx, dayNtlVlm; any of them may be null. midPx, impactPxs, premium and
 * prevDayPx are no facts we keep. */
static void take_ctx(struct parse *p, struct ctx *c)
{
    struct slice k;
    *c = (struct ctx){NAN, NAN, NAN, NAN, NAN, 0};
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "markPx")) {
            adapt_px_opt(p, &c->mark);
            c->said |= CTX_MARK;
        } else if (KEY_IS(k, "oraclePx")) {
            adapt_px_opt(p, &c->index);
            c->said |= CTX_INDEX;
        } else if (KEY_IS(k, "funding")) {
            scan_num_opt(&p->s, &c->funding);
            c->said |= CTX_FUNDING;
        } else if (KEY_IS(k, "openInterest")) {
            adapt_px_opt(p, &c->oi);
            c->said |= CTX_OI;
        } else if (KEY_IS(k, "dayNtlVlm")) {
            adapt_px_opt(p, &c->volume);
            c->said |= CTX_VOLUME;
        } else {
            scan_skip(&p->s);
        }
    }
}

struct place { /* what names a context: a coin, or a dex and a position */
    struct slice symbol, dex;
    int32_t ord;
};

static struct event *add_at(struct parse *p, enum event_kind kind, const struct place *at)
{
    struct event *e = adapt_event(p, kind);
    if (!e)
        return NULL;
    e->symbol = at->symbol;
    e->dex = at->dex;
    e->ord = at->ord;
    return e;
}

/* Funding is paid hourly and the rate is per hour (docs, funding); the frame has no time. */
static void put_ctx(struct parse *p, const struct ctx *c, const struct place *at)
{
    struct event *e;
    if (c->said & CTX_MARK && (e = add_at(p, EV_MARK, at)))
        e->u.px.px = adapt_none_px(e, c->mark);
    if (c->said & CTX_INDEX && (e = add_at(p, EV_INDEX, at)))
        e->u.px.px = adapt_none_px(e, c->index);
    if (c->said & CTX_FUNDING && (e = add_at(p, EV_FUNDING, at))) {
        e->u.funding.rate = c->funding;
        e->u.funding.interval_h = 1;
        e->none |= isnan(c->funding) ? NONE_RATE : 0;
    }
    if (c->said & CTX_OI && (e = add_at(p, EV_OI, at))) {
        e->u.oi = (struct ev_oi){.qty = c->oi, .unit = QTY_BASE, .value = NAN};
        e->none |= isnan(c->oi) ? NONE_QTY : 0;
    }
    if (!isnan(c->volume) && (e = add_at(p, EV_STAT, at)))
        e->u.stat = (struct ev_stat){STAT_VOLUME_24H_USD, c->volume, 86400};
}

int32_t hl_take_ctxs(struct parse *p, struct slice dex)
{
    struct place at = {.dex = dex, .ord = 0};
    struct ctx c;
    scan_array(&p->s);
    for (; scan_item(&p->s); at.ord++) {
        take_ctx(p, &c);
        put_ctx(p, &c, &at);
    }
    return at.ord;
}

void hl_name_ctxs(struct parse *p, uint32_t from,
                  struct slice (*symbol_at)(const void *arg, int32_t ord), const void *arg)
{
    for (uint32_t i = from; i < p->b->n; i++)
        p->b->ev[i].symbol = symbol_at(arg, p->b->ev[i].ord);
}

struct dex_list {
    const struct directory *dir;
    uint8_t venue;
    struct slice dex;
};

static struct slice symbol_in_directory(const void *arg, int32_t ord)
{
    const struct dex_list *l = arg;
    uint32_t id = directory_at(l->dir, l->venue, l->dex, ord);
    const char *symbol = id == INST_NONE ? NULL : directory_get(l->dir, id)->symbol;
    return slice_of(symbol);
}

/* Names by position hold only while the list has the length the directory learned. */
static void take_dex(struct parse *p, struct slice dex)
{
    struct dex_list l = {p->dir, p->venue, dex};
    uint32_t from = p->b->n;
    int32_t n = hl_take_ctxs(p, dex);
    if (p->dir && n > 0 && directory_dex_len(p->dir, p->venue, dex) == (uint32_t)n)
        hl_name_ctxs(p, from, symbol_in_directory, &l);
}

/* allDexsAssetCtxs: {"ctxs":[[dex,[ctx,..]],..]}, "" is the main dex; index i is universe[i]. */
void hl_take_all_ctxs(struct parse *p)
{
    struct slice k, dex;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (!KEY_IS(k, "ctxs")) {
            scan_skip(&p->s);
            continue;
        }
        scan_array(&p->s);
        while (scan_item(&p->s)) {
            scan_array(&p->s);
            if (scan_item(&p->s))
                adapt_str(p, &dex);
            if (!scan_item(&p->s))
                adapt_fail(p, E_MISSING);
            else
                take_dex(p, dex);
            while (scan_item(&p->s))
                scan_skip(&p->s);
        }
    }
}

/* assetCtxs: {"dex":"","ctxs":[ctx,..]}, one dex. */
void hl_take_dex_ctxs(struct parse *p)
{
    static const struct member keys[] = {{"dex", M_STR, offsetof(struct hl_two, name)},
                                         {"ctxs", M_RAW, offsetof(struct hl_two, raw)}};
    struct hl_two m = {{0}, {0}};
    adapt_object(p, keys, ADAPT_COUNT(keys), &m);
    if (!m.name.p || !m.raw.p) {
        adapt_fail(p, E_MISSING);
        return;
    }
    struct parse q = adapt_sub(p, m.raw);
    take_dex(&q, m.name);
    adapt_join(p, &q);
}

/* activeAssetCtx: {"coin":..,"ctx":{..}}. */
void hl_take_active_ctx(struct parse *p)
{
    struct place at = {.ord = -1};
    struct ctx c = {.said = 0};
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "coin"))
            adapt_str(p, &at.symbol);
        else if (KEY_IS(k, "ctx"))
            take_ctx(p, &c);
        else
            scan_skip(&p->s);
    }
    if (!at.symbol.p || !c.said)
        adapt_fail(p, E_MISSING);
    put_ctx(p, &c, &at);
}

static void take_level(struct parse *p, struct level *l)
{
    struct slice k;
    *l = (struct level){NAN, NAN};
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        switch (key_code(k)) {
        case K2('p', 'x'):
            adapt_px(p, &l->px);
            break;
        case K2('s', 'z'):
            adapt_px(p, &l->qty);
            break;
        default:
            scan_skip(&p->s);
        }
    }
    if (isnan(l->px) || isnan(l->qty))
        adapt_fail(p, E_MISSING);
}

static void take_side(struct parse *p, const struct level **out, uint32_t *n)
{
    uint32_t from = p->b->n_levels;
    if (!scan_item(&p->s)) {
        adapt_fail(p, E_MISSING);
        return;
    }
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        struct level *l = batch_level(p->b);
        if (!l) {
            adapt_fail(p, E_LIMIT);
            return;
        }
        take_level(p, l);
    }
    *out = p->b->levels + from;
    *n = p->b->n_levels - from;
}

/* l2Book: "levels: [bids, asks]", a full snapshot each time, no sequence. Which view it is (raw, 4
 * or 3 significant figures) the frame does not say: each view has its own connection. */
void hl_take_book(struct parse *p)
{
    struct event *e = adapt_event(p, EV_BOOK);
    struct slice k;
    if (!e)
        return;
    struct ev_book *b = &e->u.book;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "coin")) {
            adapt_str(p, &e->symbol);
        } else if (KEY_IS(k, "time")) {
            adapt_ms(p, &e->t_venue_us);
        } else if (KEY_IS(k, "levels")) {
            scan_array(&p->s);
            take_side(p, &b->bids, &b->n_bids);
            take_side(p, &b->asks, &b->n_asks);
            while (scan_item(&p->s))
                scan_skip(&p->s);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!e->symbol.p || !b->asks)
        adapt_fail(p, E_MISSING);
    e->channel = (uint8_t)(HL_BOOK + p->view);
    b->view = p->view;
    b->snapshot = true;
    b->cap = 20; /* "at most 20 levels per side" */
    b->unit = QTY_BASE;
}

static void take_best(struct parse *p, double *px, double *qty, uint32_t *none, uint32_t bit)
{
    struct level l;
    if (!scan_item(&p->s)) {
        adapt_fail(p, E_MISSING);
    } else if (scan_peek(&p->s) == SCAN_NULL) {
        scan_skip(&p->s);
        *none |= bit;
    } else {
        take_level(p, &l);
        *px = l.px;
        *qty = l.qty;
    }
}

/* bbo: "bbo: [WsLevel | null, WsLevel | null]", bid and ask. */
void hl_take_bbo(struct parse *p)
{
    struct event *e = adapt_event(p, EV_QUOTE);
    struct slice k;
    bool said = false;
    if (!e)
        return;
    struct ev_quote *q = &e->u.quote;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "coin")) {
            adapt_str(p, &e->symbol);
        } else if (KEY_IS(k, "time")) {
            adapt_ms(p, &e->t_venue_us);
        } else if (KEY_IS(k, "bbo")) {
            scan_array(&p->s);
            take_best(p, &q->bid_px, &q->bid_qty, &e->none, NONE_BID);
            take_best(p, &q->ask_px, &q->ask_qty, &e->none, NONE_ASK);
            while (scan_item(&p->s))
                scan_skip(&p->s);
            said = true;
        } else {
            scan_skip(&p->s);
        }
    }
    if (!e->symbol.p || !said)
        adapt_fail(p, E_MISSING);
    q->unit = QTY_BASE;
}

/* side: "A" = ask, "B" = bid, of the aggressor. */
bool hl_buys(struct parse *p, struct slice side)
{
    if (!slice_is(side, "A") && !slice_is(side, "B"))
        adapt_fail(p, side.p ? E_UNKNOWN : E_MISSING);
    return slice_is(side, "B");
}

static void take_trade(struct parse *p, bool backfill)
{
    struct event *e = adapt_event(p, EV_TRADE);
    struct slice k, side = {0};
    if (!e)
        return;
    struct ev_trade *d = &e->u.trade;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "coin"))
            adapt_str(p, &e->symbol);
        else if (KEY_IS(k, "side"))
            adapt_str(p, &side);
        else if (KEY_IS(k, "px"))
            adapt_px(p, &d->px);
        else if (KEY_IS(k, "sz"))
            adapt_px(p, &d->qty);
        else if (KEY_IS(k, "time"))
            adapt_ms(p, &e->t_venue_us);
        else if (KEY_IS(k, "tid"))
            scan_i64(&p->s, &d->id);
        else
            scan_skip(&p->s);
    }
    if (!e->symbol.p || isnan(d->px) || isnan(d->qty))
        adapt_fail(p, E_MISSING);
    d->taker_buys = hl_buys(p, side);
    d->unit = QTY_BASE;
    d->backfill = backfill;
}

void hl_take_trades(struct parse *p, bool backfill)
{
    scan_array(&p->s);
    while (scan_item(&p->s))
        take_trade(p, backfill);
}

/* trades: the first push after subscribing holds older trades and nothing marks it; tid is unique,
 * so whoever keeps state drops what it has seen. */
void hl_take_pushed_trades(struct parse *p)
{
    hl_take_trades(p, false);
}
