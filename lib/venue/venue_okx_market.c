/* OKX: elements of "data" that are market data -> events: mark, index, funding, open interest,
 * liquidations, trades, quotes, books, tickers. In: a scan at the element; out: events. Sources:
 * the channel pages of OKX's API guide v5 (Public Data, Order Book Trading), quoted above each
 * parser. Surprising: every size counts contracts, and every number is a string, "" where there is
 * none. */
#include "venue/venue_okx.h"

bool okx_is_contract(struct slice symbol)
{
    int dashes = 0;
    for (uint32_t i = 0; i < symbol.len; i++)
        dashes += symbol.p[i] == '-';
    return dashes >= 2;
}

struct event *okx_event(struct parse *p, enum event_kind kind, struct slice symbol)
{
    if (!symbol.len)
        adapt_fail(p, E_MISSING);
    if (okx_is_contract(symbol)) {
        struct event *e = adapt_event(p, kind);
        if (e)
            e->symbol = symbol;
        return e;
    }
    adapt_control(p, CTL_IGNORED, p->text);
    return NULL;
}

bool okx_is_dollar(struct slice ccy)
{
    return slice_is(ccy, "USDT") || slice_is(ccy, "USDC") || slice_is(ccy, "USD");
}

void okx_ms_opt(struct parse *p, int64_t *out_us)
{
    double ms = 0;
    if (scan_num_opt(&p->s, &ms) < 0)
        return;
    if (isnan(ms))
        ms = 0;
    if (ms < 0 || ms > 4102444800000 || ms != floor(ms))
        adapt_fail(p, E_RANGE);
    else
        *out_us = (int64_t)ms * 1000;
}

/* Members that most elements have. */
struct row {
    struct slice id, side, type;
    double a, b, c, d;
    int64_t t_us, n;
};

#define ROW_INIT                                                                                   \
    {                                                                                              \
        .a = NAN, .b = NAN, .c = NAN, .d = NAN, .n = -1                                            \
    }

static void put_px(struct parse *p, enum event_kind kind, struct slice symbol, const struct row *r)
{
    struct event *e = adapt_event(p, kind);
    if (!e)
        return;
    e->symbol = symbol;
    e->t_venue_us = r->t_us;
    e->u.px.px = adapt_none_px(e, r->a);
}

/* id and price of an element under the key px; false when the key was not there. */
static bool take_px(struct parse *p, const char *px, struct row *r)
{
    size_t n = strlen(px);
    bool said = false;
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "instId")) {
            adapt_str(p, &r->id);
        } else if (k.len == n && memcmp(k.p, px, n) == 0) {
            adapt_px_opt(p, &r->a);
            said = true;
        } else if (KEY_IS(k, "ts")) {
            adapt_ms(p, &r->t_us);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said || !r->id.len)
        adapt_fail(p, E_MISSING);
    return said;
}

/* Mark price channel: markPx; "" or 0 around listings. Contracts and, for margin, spot pairs. */
void okx_take_mark(struct parse *p)
{
    struct row r = ROW_INIT;
    if (!take_px(p, "markPx", &r))
        return;
    if (okx_is_contract(r.id))
        put_px(p, EV_MARK, r.id, &r);
    else
        adapt_control(p, CTL_IGNORED, p->text);
}

/* A swap's underlying is its index and its name is the index with "-SWAP" behind. */
struct slice okx_index_symbol(const struct parse *p, struct slice index)
{
    char name[48];
    struct text t;
    text_init(&t, name, sizeof name);
    text_slice(&t, index);
    text_str(&t, "-SWAP");
    if (!p->dir || !index.len || t.full)
        return index;
    uint32_t id = directory_find(p->dir, p->venue, (struct slice){t.buf, (uint32_t)t.len});
    if (id == INST_NONE || !slice_is(index, directory_get(p->dir, id)->index))
        return index;
    return slice_of(directory_get(p->dir, id)->symbol);
}

/* Index tickers channel: "instId: Index", idxPx; the name of an index, not of an instrument. */
void okx_take_index(struct parse *p)
{
    struct row r = ROW_INIT;
    if (take_px(p, "idxPx", &r))
        put_px(p, EV_INDEX, okx_index_symbol(p, r.id), &r);
}

/* The same by REST for a quote currency: here only the coins that swaps are quoted in matter. */
void okx_take_coin_index(struct parse *p)
{
    struct row r = ROW_INIT;
    if (!take_px(p, "idxPx", &r))
        return;
    if (slice_is(r.id, "USDT-USD") || slice_is(r.id, "USDC-USD"))
        put_px(p, EV_INDEX, r.id, &r);
}

static void put_funding(struct parse *p, const struct row *r, int64_t at_us, int64_t after_us)
{
    struct event *e = okx_event(p, EV_FUNDING, r->id);
    if (!e)
        return;
    e->t_venue_us = r->t_us;
    e->u.funding.rate = r->a;
    e->u.funding.next_us = at_us;
    e->none |= (isnan(r->a) ? NONE_RATE : 0) | (at_us ? 0 : NONE_NEXT);
    if (!at_us || !after_us)
        return;
    e->u.funding.interval_h = (double)(after_us - at_us) / 3.6e9;
    if (after_us <= at_us)
        adapt_fail(p, E_RANGE);
}

/* Funding rate channel: "fundingTime: settlement time of the current funding", "nextFundingTime:
 * forecasted funding time for the next period", so their distance is the interval; fundingRate is
 * the rate that settles at fundingTime. nextFundingRate is "" for good. */
void okx_take_funding(struct parse *p)
{
    struct row r = ROW_INIT;
    struct slice k;
    int64_t at_us = 0, after_us = 0;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "instId")) {
            adapt_str(p, &r.id);
        } else if (KEY_IS(k, "fundingRate")) {
            scan_num_opt(&p->s, &r.a);
            said = true;
        } else if (KEY_IS(k, "fundingTime")) {
            okx_ms_opt(p, &at_us);
        } else if (KEY_IS(k, "nextFundingTime")) {
            okx_ms_opt(p, &after_us);
        } else if (KEY_IS(k, "ts")) {
            adapt_ms(p, &r.t_us);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
    put_funding(p, &r, at_us, after_us);
}

/* Funding rate history: "realizedRate: actual funding rate", settled at fundingTime. */
void okx_take_settled(struct parse *p)
{
    static const struct member keys[] = {{"instId", M_STR, offsetof(struct row, id)},
                                         {"realizedRate", M_NUM, offsetof(struct row, a)},
                                         {"fundingTime", M_MS, offsetof(struct row, t_us)}};
    struct row r = ROW_INIT;
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    put_funding(p, &r, r.t_us, 0);
}

/* Open interest channel: "oi: open interest, in units of contracts", oiCcy in coins, oiUsd in
 * dollars: the same number three times; one-sided. The contracts are taken, the dollars passed on
 * as the venue's own valuation. */
void okx_take_oi(struct parse *p)
{
    struct row r = ROW_INIT;
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "instId"))
            adapt_str(p, &r.id);
        else if (KEY_IS(k, "oi"))
            adapt_px(p, &r.a);
        else if (KEY_IS(k, "oiUsd"))
            adapt_px_opt(p, &r.b);
        else if (KEY_IS(k, "ts"))
            adapt_ms(p, &r.t_us);
        else
            scan_skip(&p->s);
    }
    if (isnan(r.a))
        adapt_fail(p, E_MISSING);
    struct event *e = okx_event(p, EV_OI, r.id);
    if (!e)
        return;
    e->t_venue_us = r.t_us;
    e->u.oi.qty = r.a;
    e->u.oi.unit = QTY_CT;
    e->u.oi.value = r.b;
    e->u.oi.value_unit = QTY_USD;
}

/* side: "order side"; posSide "net" in one-way mode. In hedge mode the two must agree: an order
 * that sells can only close a long. */
static enum pos_side closed_by(struct parse *p, struct slice side, struct slice pos)
{
    bool sell = slice_is(side, "sell");
    if (!sell && !slice_is(side, "buy"))
        adapt_fail(p, side.p ? E_UNKNOWN : E_MISSING);
    if ((sell && slice_is(pos, "short")) || (!sell && slice_is(pos, "long")))
        adapt_fail(p, E_RANGE);
    return sell ? POS_LONG : POS_SHORT;
}

/* One of details[]: "bkPx: bankruptcy price; the price of the transaction with the system's
 * liquidation account", a transfer inside the venue and no fill of the market. */
static void take_detail(struct parse *p)
{
    static const struct member keys[] = {{"side", M_STR, offsetof(struct row, side)},
                                         {"posSide", M_STR, offsetof(struct row, type)},
                                         {"bkPx", M_PX, offsetof(struct row, a)},
                                         {"sz", M_PX, offsetof(struct row, b)},
                                         {"ts", M_MS, offsetof(struct row, t_us)}};
    struct row r = ROW_INIT;
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    struct event *e = adapt_event(p, EV_LIQ);
    if (!e)
        return;
    if (isnan(r.b))
        adapt_fail(p, E_MISSING);
    struct ev_liq *l = &e->u.liq;
    l->closed = closed_by(p, r.side, r.type);
    l->px_kind = PX_TAKEOVER;
    l->px = adapt_none_px(e, r.a);
    l->qty = r.b;
    l->unit = QTY_CT;
    l->coverage = COVER_PARTIAL;
    l->final = true;
    e->t_venue_us = r.t_us;
}

/* Liquidation orders channel: by instType only, an instId is refused; "this data does not represent
 * the total number of liquidations", not in the order of time. details come before the names. */
void okx_take_liquidation(struct parse *p)
{
    struct slice k, id = {0};
    uint32_t from = p->b->n;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "details")) {
            scan_array(&p->s);
            while (scan_item(&p->s))
                take_detail(p);
            said = true;
        } else if (KEY_IS(k, "instId")) {
            adapt_str(p, &id);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said || !id.len)
        adapt_fail(p, E_MISSING);
    if (!okx_is_contract(id)) { /* margin: sizes in coins of a spot pair */
        p->b->n = from;
        adapt_control(p, CTL_IGNORED, p->text);
        return;
    }
    for (uint32_t i = from; i < p->b->n; i++)
        p->b->ev[i].symbol = id;
}

static bool taker_buys(struct parse *p, struct slice side)
{
    if (!slice_is(side, "buy") && !slice_is(side, "sell"))
        adapt_fail(p, side.p ? E_UNKNOWN : E_MISSING);
    return slice_is(side, "buy");
}

/* Trades channel: "side: trade direction of taker", sz in contracts, tradeId "the last trade ID in
 * the trades aggregation". */
void okx_take_trade(struct parse *p)
{
    struct row r = ROW_INIT;
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "instId"))
            adapt_str(p, &r.id);
        else if (KEY_IS(k, "px"))
            adapt_px(p, &r.a);
        else if (KEY_IS(k, "sz"))
            adapt_px(p, &r.b);
        else if (KEY_IS(k, "side"))
            adapt_str(p, &r.side);
        else if (KEY_IS(k, "tradeId"))
            scan_i64(&p->s, &r.n);
        else if (KEY_IS(k, "ts"))
            adapt_ms(p, &r.t_us);
        else
            scan_skip(&p->s);
    }
    bool buys = taker_buys(p, r.side);
    if (isnan(r.a) || isnan(r.b))
        adapt_fail(p, E_MISSING);
    struct event *e = okx_event(p, EV_TRADE, r.id);
    if (!e)
        return;
    e->t_venue_us = r.t_us;
    e->u.trade =
        (struct ev_trade){.px = r.a, .qty = r.b, .unit = QTY_CT, .taker_buys = buys, .id = r.n};
}

/* The levels of an element; bids and asks NULL when absent. */
static void take_levels(struct parse *p, struct ev_book *b, int64_t *t_us)
{
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "asks"))
            adapt_levels(p, &b->asks, &b->n_asks);
        else if (KEY_IS(k, "bids"))
            adapt_levels(p, &b->bids, &b->n_bids);
        else if (KEY_IS(k, "ts"))
            adapt_ms(p, t_us);
        else if (KEY_IS(k, "prevSeqId"))
            scan_i64(&p->s, &b->seq_prev);
        else if (KEY_IS(k, "seqId"))
            scan_i64(&p->s, &b->seq_last);
        else
            scan_skip(&p->s);
    }
    if (!b->bids || !b->asks)
        adapt_fail(p, E_MISSING);
}

/* bbo-tbt: one level a side, or none. */
void okx_take_bbo(struct parse *p)
{
    struct ev_book b = {.seq_last = 0};
    int64_t t_us = 0;
    take_levels(p, &b, &t_us);
    struct event *e = okx_event(p, EV_QUOTE, p->arg);
    if (!e)
        return;
    struct ev_quote *q = &e->u.quote;
    e->t_venue_us = t_us;
    q->unit = QTY_CT;
    q->seq = b.seq_last;
    if (b.n_bids) {
        q->bid_px = b.bids->px;
        q->bid_qty = b.bids->qty;
    }
    if (b.n_asks) {
        q->ask_px = b.asks->px;
        q->ask_qty = b.asks->qty;
    }
    e->none |= (b.n_bids ? 0 : NONE_BID) | (b.n_asks ? 0 : NONE_ASK);
}

/* Order book channel `books`: "prevSeqId: sequence ID of the last sent message", -1 in a snapshot;
 * without changes for a minute an update without levels repeats seqId; in maintenance seqId may
 * fall, "prevSeqId still equals the seqId before". The checksum is 0 since June 2026. A message
 * without seqId is of the protocol before 2023 and cannot be proven whole. */
void okx_take_book(struct parse *p)
{
    struct event *e = okx_event(p, EV_BOOK, p->arg);
    struct event spare;
    if (!e) { /* a spot pair: read, not told */
        event_init(&spare, EV_BOOK);
        e = &spare;
    }
    struct ev_book *b = &e->u.book;
    take_levels(p, b, &e->t_venue_us);
    b->snapshot = slice_is(p->stream, "snapshot");
    if (!b->snapshot && !slice_is(p->stream, "update"))
        adapt_fail(p, p->stream.p ? E_UNKNOWN : E_MISSING);
    if (b->seq_last < 0 || (!b->snapshot && b->seq_prev < 0))
        adapt_fail(p, E_MISSING);
    b->cap = b->snapshot ? 400 : 0; /* "400 depth levels will be pushed" */
    b->unit = QTY_CT;
    if (b->snapshot)
        b->seq_prev = -1;
}

/* GET /api/v5/market/books: the same rows, always whole. */
void okx_take_book_body(struct parse *p)
{
    p->stream = SLICE("snapshot");
    okx_take_book(p);
}

static void put_volume(struct parse *p, const struct row *r)
{
    struct event *e = isnan(r->a) ? NULL : okx_event(p, EV_STAT, r->id);
    if (!e)
        return;
    e->t_venue_us = r->t_us;
    e->u.stat = (struct ev_stat){STAT_VOLUME_24H_BASE, r->a, 86400};
}

/* Tickers: "volCcy24h: 24h trading volume, with a unit of currency. If it is a derivatives
 * contract, the value is the number of base currency". */
void okx_take_volume(struct parse *p)
{
    static const struct member keys[] = {{"instId", M_STR, offsetof(struct row, id)},
                                         {"volCcy24h", M_PX, offsetof(struct row, a)},
                                         {"ts", M_MS, offsetof(struct row, t_us)}};
    struct row r = ROW_INIT;
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    if (!r.id.len)
        adapt_fail(p, E_MISSING);
    put_volume(p, &r);
}

struct ticker {
    struct row r; /* a = volume */
    double bid_px, bid_qty, ask_px, ask_qty;
};

static void put_ticker(struct parse *p, const struct ticker *t)
{
    struct event *e = okx_event(p, EV_QUOTE, t->r.id);
    if (!e)
        return;
    struct ev_quote *q = &e->u.quote;
    e->t_venue_us = t->r.t_us;
    q->unit = QTY_CT;
    if (t->bid_px > 0) {
        q->bid_px = t->bid_px;
        q->bid_qty = t->bid_qty;
    }
    if (t->ask_px > 0) {
        q->ask_px = t->ask_px;
        q->ask_qty = t->ask_qty;
    }
    e->none |= (t->bid_px > 0 ? 0 : NONE_BID) | (t->ask_px > 0 ? 0 : NONE_ASK);
    put_volume(p, &t->r);
}

/* Tickers channel: bidPx, askPx "" or 0 = no orders on that side. */
void okx_take_ticker(struct parse *p)
{
    static const struct member keys[] = {{"instId", M_STR, offsetof(struct ticker, r.id)},
                                         {"volCcy24h", M_PX, offsetof(struct ticker, r.a)},
                                         {"bidPx", M_PX, offsetof(struct ticker, bid_px)},
                                         {"bidSz", M_PX, offsetof(struct ticker, bid_qty)},
                                         {"askPx", M_PX, offsetof(struct ticker, ask_px)},
                                         {"askSz", M_PX, offsetof(struct ticker, ask_qty)},
                                         {"ts", M_MS, offsetof(struct ticker, r.t_us)}};
    struct ticker t = {ROW_INIT, NAN, NAN, NAN, NAN};
    adapt_object(p, keys, ADAPT_COUNT(keys), &t);
    put_ticker(p, &t);
}
