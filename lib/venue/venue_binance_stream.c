/* Binance: payloads of the streams -> events, one parser per type, the table at the end. In: a scan
 * inside the payload's object; out: events. The sentence of Binance's page that decides a meaning
 * stands above each parser. Surprising: since June 2026 COIN-M symbols arrive on the same
 * all-market streams, told by st = 2, and there quantities count contracts. */
#include "venue/venue_binance.h"

/* Times of a payload: E = event time, T = transaction time. T is the engine's own and is used when
 * given. */
struct stamp {
    int64_t event_us, trade_us;
};

static int64_t stamp_us(struct stamp t)
{
    return t.trade_us ? t.trade_us : t.event_us;
}

/* Architecture Integration notice of 2026-06: st 1 = UM, 2 = CM. Without st: "_PERP" and dated
 * contracts of a USD pair are COIN-M; dated contracts of a stablecoin pair (BTCUSDT_261225) USD-M.
 */
static bool is_coin_m(struct slice s)
{
    static const char *const usd_m[] = {"USDT", "USDC", "BUSD"};
    const char *cut = s.p ? memchr(s.p, '_', s.len) : NULL;
    if (!cut)
        return false;
    uint32_t pair = (uint32_t)(cut - s.p);
    if (s.len - pair == 5 && memcmp(cut, "_PERP", 5) == 0)
        return true;
    for (size_t i = 0; i < sizeof usd_m / sizeof *usd_m; i++)
        if (pair > 4 && memcmp(cut - 4, usd_m[i], 4) == 0)
            return false;
    return true;
}

void binance_identify(struct parse *p, struct event *e, struct slice symbol, int64_t st)
{
    if (!symbol.p || symbol.len == 0)
        adapt_fail(p, E_MISSING);
    e->symbol = symbol;
    e->segment = st ? st == 2 : is_coin_m(symbol);
}

enum qty_unit binance_unit(const struct event *e)
{
    return e->segment ? QTY_CT : QTY_BASE;
}

/* Individual Symbol Book Ticker Streams: "Pushes any update to the best bid or ask's price or
 * quantity in real-time". A side without orders is written with price 0. */
static void take_book_ticker(struct parse *p)
{
    struct event *e = adapt_event(p, EV_QUOTE);
    struct slice k, symbol = {0};
    struct stamp t = {0, 0};
    int64_t st = 0;
    if (!e)
        return;
    struct ev_quote *q = &e->u.quote;
    while (scan_key(&p->s, &k)) {
        switch (key_code(k)) {
        case 'u':
            scan_i64(&p->s, &q->seq);
            break;
        case 's':
            adapt_str(p, &symbol);
            break;
        case 'b':
            adapt_px(p, &q->bid_px);
            break;
        case 'B':
            adapt_px(p, &q->bid_qty);
            break;
        case 'a':
            adapt_px(p, &q->ask_px);
            break;
        case 'A':
            adapt_px(p, &q->ask_qty);
            break;
        case 'T':
            adapt_ms(p, &t.trade_us);
            break;
        case 'E':
            adapt_ms(p, &t.event_us);
            break;
        case K2('s', 't'):
            scan_i64(&p->s, &st);
            break;
        default:
            scan_skip(&p->s);
        }
    }
    binance_identify(p, e, symbol, st);
    q->unit = binance_unit(e);
    e->t_venue_us = stamp_us(t);
    if (isnan(q->bid_px) || isnan(q->bid_qty) || isnan(q->ask_px) || isnan(q->ask_qty))
        adapt_fail(p, E_MISSING);
    if (q->bid_px == 0) {
        q->bid_px = q->bid_qty = NAN;
        e->none |= NONE_BID;
    }
    if (q->ask_px == 0) {
        q->ask_px = q->ask_qty = NAN;
        e->none |= NONE_ASK;
    }
}

/* `<s>@depth<5|10|20>` carries a self-contained top of the book under the type of a diff. */
static bool is_partial_depth(struct slice stream)
{
    const char *at = stream.p ? memchr(stream.p, '@', stream.len) : NULL;
    size_t left = at ? (size_t)(stream.p + stream.len - at) : 0;
    return left > 6 && memcmp(at, "@depth", 6) == 0 && at[6] >= '0' && at[6] <= '9';
}

/* `<s>@rpiDepth` includes retail orders that nobody else can hit: another book. */
static bool is_rpi_depth(struct slice stream)
{
    const char *at = stream.p ? memchr(stream.p, '@', stream.len) : NULL;
    size_t left = at ? (size_t)(stream.p + stream.len - at) : 0;
    return left >= 9 && memcmp(at, "@rpiDepth", 9) == 0;
}

static void take_depth_key(struct parse *p, int key, struct ev_book *b, struct stamp *t)
{
    switch (key) {
    case 'b':
        adapt_levels(p, &b->bids, &b->n_bids);
        break;
    case 'a':
        adapt_levels(p, &b->asks, &b->n_asks);
        break;
    case 'U':
        scan_i64(&p->s, &b->seq_first);
        break;
    case 'u':
        scan_i64(&p->s, &b->seq_last);
        break;
    case K2('p', 'u'):
        scan_i64(&p->s, &b->seq_prev);
        break;
    case 'T':
        adapt_ms(p, &t->trade_us);
        break;
    case 'E':
        adapt_ms(p, &t->event_us);
        break;
    default:
        scan_skip(&p->s);
    }
}

/* Diff. Book Depth Streams: "U first update ID, u final update ID, pu final update Id in last
 * stream"; "the data in each event is the absolute quantity for a price level". */
static void take_depth(struct parse *p)
{
    struct event *e = adapt_event(p, EV_BOOK);
    struct slice k, symbol = {0};
    struct stamp t = {0, 0};
    int64_t st = 0;
    if (!e)
        return;
    struct ev_book *b = &e->u.book;
    while (scan_key(&p->s, &k)) {
        int key = key_code(k);
        if (key == 's')
            adapt_str(p, &symbol);
        else if (key == K2('s', 't'))
            scan_i64(&p->s, &st);
        else
            take_depth_key(p, key, b, &t);
    }
    binance_identify(p, e, symbol, st);
    b->unit = binance_unit(e);
    e->t_venue_us = stamp_us(t);
    if (!b->bids || !b->asks || b->seq_last < 0)
        adapt_fail(p, E_MISSING);
    if (is_partial_depth(p->stream)) {
        b->snapshot = true;
        b->seq_first = b->seq_prev = -1;
        e->channel = CHANNEL_NONE;
    }
}

static void take_trade_key(struct parse *p, int key, struct ev_trade *d, int *maker)
{
    bool yes = false;
    switch (key) {
    case 'a': /* aggregate trade id */
    case 't': /* trade id */
        scan_i64(&p->s, &d->id);
        break;
    case 'p':
        adapt_px(p, &d->px);
        break;
    case 'q':
        adapt_px(p, &d->qty);
        break;
    case 'm':
        if (scan_bool(&p->s, &yes) == 0)
            *maker = yes;
        break;
    default:
        scan_skip(&p->s);
    }
}

/* Aggregate Trade Streams: "m: is the buyer the market maker?" (true = an aggressive sell); "only
 * market trades will be aggregated, which means the insurance fund trades and ADL trades won't be
 * aggregated". The raw trade stream says the same in X: MARKET, INSURANCE_FUND, ADL, NA; only
 * MARKET is a trade of the market, the others are transfers and are ignored. */
static void take_trade(struct parse *p)
{
    struct event *e = adapt_event(p, EV_TRADE);
    struct slice k, symbol = {0}, x = {0};
    struct stamp t = {0, 0};
    int64_t st = 0;
    int maker = -1;
    if (!e)
        return;
    while (scan_key(&p->s, &k)) {
        int key = key_code(k);
        if (key == 's')
            adapt_str(p, &symbol);
        else if (key == 'X')
            adapt_str(p, &x);
        else if (key == 'T')
            adapt_ms(p, &t.trade_us);
        else if (key == 'E')
            adapt_ms(p, &t.event_us);
        else if (key == K2('s', 't'))
            scan_i64(&p->s, &st);
        else
            take_trade_key(p, key, &e->u.trade, &maker);
    }
    binance_identify(p, e, symbol, st);
    e->u.trade.unit = binance_unit(e);
    e->u.trade.taker_buys = maker == 0;
    e->t_venue_us = stamp_us(t);
    if (maker < 0 || isnan(e->u.trade.px) || isnan(e->u.trade.qty))
        adapt_fail(p, E_MISSING);
    if (x.p && !slice_is(x, "MARKET")) {
        p->b->n--;
        adapt_control(p, CTL_IGNORED, p->text);
    }
}

struct mark_fields {
    struct slice symbol;
    double px, index, rate;
    int64_t t_us, next_us, st;
    bool said_index, said_rate;
};

static void put_mark(struct parse *p, const struct mark_fields *m)
{
    struct event *e = adapt_event(p, EV_MARK);
    if (!e)
        return;
    binance_identify(p, e, m->symbol, m->st);
    e->t_venue_us = m->t_us;
    e->u.px.px = adapt_none_px(e, m->px);
    if (m->said_index && (e = adapt_event(p, EV_INDEX))) {
        binance_identify(p, e, m->symbol, m->st);
        e->t_venue_us = m->t_us;
        e->u.px.px = adapt_none_px(e, m->index);
    }
    if (m->said_rate && (e = adapt_event(p, EV_FUNDING))) {
        binance_identify(p, e, m->symbol, m->st);
        e->t_venue_us = m->t_us;
        e->u.funding.rate = m->rate;
        e->u.funding.next_us = m->next_us;
        e->none |= (isnan(m->rate) ? NONE_RATE : 0) | (m->next_us ? 0 : NONE_NEXT);
    }
}

/* `btcusd_perp@markPrice@1s`: of one COIN-M symbol, where USD-M's comes for all at once. */
static bool is_coin_m_mark(struct slice stream)
{
    const char *at = stream.p ? memchr(stream.p, '@', stream.len) : NULL;
    return at && at - stream.p > 5 && memcmp(at - 5, "_perp", 5) == 0;
}

/* Mark Price Stream: p mark price (ap is its moving average, a different number), i index price,
 * r funding rate = the running estimate for the period that ends at T. Delivery contracts have
 * r = "" and T = 0: "for perpetual only". The stream does not say how long the period is. */
static void take_mark_price(struct parse *p)
{
    struct mark_fields m = {.px = NAN, .index = NAN, .rate = NAN};
    struct slice k;
    bool said_px = false;
    while (scan_key(&p->s, &k)) {
        switch (key_code(k)) {
        case 's':
            adapt_str(p, &m.symbol);
            break;
        case 'p':
            adapt_px_opt(p, &m.px);
            said_px = true;
            break;
        case 'i':
            adapt_px_opt(p, &m.index);
            m.said_index = true;
            break;
        case 'r':
            scan_num_opt(&p->s, &m.rate);
            m.said_rate = true;
            break;
        case 'T':
            adapt_ms(p, &m.next_us);
            break;
        case 'E':
            adapt_ms(p, &m.t_us);
            break;
        case K2('s', 't'):
            scan_i64(&p->s, &m.st);
            break;
        default:
            scan_skip(&p->s);
        }
    }
    if (!said_px)
        adapt_fail(p, E_MISSING);
    if (is_coin_m_mark(p->stream))
        p->channel = BN_COINM_MARK;
    put_mark(p, &m);
}

struct order_fields {
    struct slice symbol, side, status;
    int64_t t_us, st;
};

static void take_order(struct parse *p, struct order_fields *o, struct ev_liq *l)
{
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        switch (key_code(k)) {
        case 's':
            adapt_str(p, &o->symbol);
            break;
        case 'S':
            adapt_str(p, &o->side);
            break;
        case 'X':
            adapt_str(p, &o->status);
            break;
        case 'p':
            adapt_px(p, &l->px);
            break;
        case K2('a', 'p'):
            adapt_px(p, &l->fill_px);
            break;
        case 'z':
            adapt_px(p, &l->qty);
            break;
        case 'T':
            adapt_ms(p, &o->t_us);
            break;
        case K2('s', 't'):
            scan_i64(&p->s, &o->st);
            break;
        default:
            scan_skip(&p->s);
        }
    }
}

static enum pos_side closed_by(struct parse *p, struct slice order_side)
{
    if (slice_is(order_side, "SELL"))
        return POS_LONG;
    if (!slice_is(order_side, "BUY"))
        adapt_fail(p, order_side.p ? E_UNKNOWN : E_MISSING);
    return POS_SHORT;
}

/* All Market Liquidation Order Streams: "for each symbol, only the latest one liquidation order
 * within 1000ms will be pushed": sampled. S is the side of the order, so SELL closed a long; p the
 * limit price of the IOC order, ap the average fill price, z the accumulated filled quantity. st
 * stands at the top level on USD-M pages and inside o on COIN-M ones. */
static void take_force_order(struct parse *p)
{
    struct event *e = adapt_event(p, EV_LIQ);
    struct order_fields o = {.st = 0};
    struct slice k;
    int64_t event_us = 0, st = 0;
    bool said = false;
    if (!e)
        return;
    struct ev_liq *l = &e->u.liq;
    while (scan_key(&p->s, &k)) {
        int key = key_code(k);
        if (key == 'o') {
            take_order(p, &o, l);
            said = true;
        } else if (key == 'E') {
            adapt_ms(p, &event_us);
        } else if (key == K2('s', 't')) {
            scan_i64(&p->s, &st);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said || isnan(l->qty) || isnan(l->px))
        adapt_fail(p, E_MISSING);
    binance_identify(p, e, o.symbol, o.st ? o.st : st);
    e->t_venue_us = o.t_us ? o.t_us : event_us;
    l->closed = closed_by(p, o.side);
    l->px_kind = PX_LIMIT;
    l->px = adapt_none_px(e, l->px);
    if (!(l->fill_px > 0)) /* "0" while nothing is filled */
        l->fill_px = NAN;
    l->unit = binance_unit(e);
    l->coverage = COVER_SAMPLED;
    l->final = slice_is(o.status, "FILLED");
}

/* Contract Info Stream: "pushed when contract info updates (listing/settlement/contract bracket
 * update). bks field only shows when bracket gets updated." Brackets: bnf floor and bnc cap of the
 * notional, mmr, cf = auxiliary number for quick calculation (cum), ma = maximum leverage. */
static void take_contract_info(struct parse *p)
{
    static const struct member keys[] = {
        {"bnf", M_PX, offsetof(struct tier, floor_usd)},
        {"bnc", M_PX, offsetof(struct tier, cap_usd)},
        {"mmr", M_PX, offsetof(struct tier, mmr)},
        {"cf", M_NUM, offsetof(struct tier, cum)},
        {"ma", M_PX, offsetof(struct tier, max_leverage)},
    };
    struct event *e = adapt_event(p, EV_SPEC);
    struct slice k, symbol = {0}, type = {0}, status = {0};
    int64_t st = 0;
    if (!e)
        return;
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "s"))
            adapt_str(p, &symbol);
        else if (KEY_IS(k, "ct"))
            adapt_str(p, &type);
        else if (KEY_IS(k, "cs"))
            adapt_str(p, &status);
        else if (KEY_IS(k, "st"))
            scan_i64(&p->s, &st);
        else if (KEY_IS(k, "E"))
            adapt_ms(p, &e->t_venue_us);
        else if (KEY_IS(k, "bks"))
            binance_take_brackets(p, keys, 5, &e->u.spec);
        else
            scan_skip(&p->s);
    }
    binance_identify(p, e, symbol, st);
    e->u.spec.partial = true;
    e->u.spec.status = binance_status(status);
    e->u.spec.category = binance_category(type, (struct slice){0});
}

/* Multi-Assets Mode Asset Index: i = index price of the pair asset/USD ("USDTUSD"). */
static void take_asset_index(struct parse *p)
{
    struct event *e = adapt_event(p, EV_INDEX);
    struct slice k, symbol = {0};
    double px = NAN;
    if (!e)
        return;
    while (scan_key(&p->s, &k)) {
        int key = key_code(k);
        if (key == 's')
            adapt_str(p, &symbol);
        else if (key == 'i')
            adapt_px(p, &px);
        else if (key == 'E')
            adapt_ms(p, &e->t_venue_us);
        else
            scan_skip(&p->s);
    }
    binance_identify(p, e, symbol, 1);
    if (isnan(px))
        adapt_fail(p, E_MISSING);
    e->u.px.px = adapt_none_px(e, px);
}

#define TYPE(lit, channel, take)                                                                   \
    {                                                                                              \
        lit, sizeof(lit) - 1, channel, take                                                        \
    }

static const struct binance_payload types[] = {
    TYPE("bookTicker", BN_BOOK_TICKER, take_book_ticker),
    TYPE("depthUpdate", BN_DEPTH, take_depth),
    TYPE("aggTrade", BN_AGG_TRADE, take_trade),
    TYPE("markPriceUpdate", BN_MARK_PRICE, take_mark_price),
    TYPE("forceOrder", BN_FORCE_ORDER, take_force_order),
    TYPE("trade", CHANNEL_NONE, take_trade),
    TYPE("contractInfo", BN_CONTRACT_INFO, take_contract_info),
    TYPE("assetIndexUpdate", BN_ASSET_INDEX, take_asset_index),
};

const struct binance_payload *binance_payload_find(struct slice name, struct slice stream)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].len == name.len && memcmp(types[i].name, name.p, name.len) == 0)
            return types[i].take == take_depth && is_rpi_depth(stream) ? NULL : &types[i];
    return NULL;
}
