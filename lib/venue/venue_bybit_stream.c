/* Bybit: data of the topics -> events, one parser per topic, the table at the end. In: a scan at
 * the value of "data"; out: events. The sentence of Bybit's page that decides a meaning stands
 * above each parser. Surprising: in the data of tickers a missing member means "unchanged" and an
 * empty text means "no value", and all its numbers are texts. */
#include "venue/venue_bybit.h"

enum field {
    F_MARK,
    F_INDEX,
    F_RATE,
    F_NEXT,
    F_INTERVAL,
    F_OI,
    F_SINGLE,
    F_OI_VALUE,
    F_SINGLE_VALUE,
    F_BID,
    F_BID_QTY,
    F_ASK,
    F_ASK_QTY,
    F_TURNOVER,
    F_VOLUME,
    FIELDS
};

struct ticker {
    struct slice symbol;
    double v[FIELDS]; /* NAN = missing, or "" */
    unsigned said;    /* bit per field that is there at all */
};

#define FIELD(lit, id)                                                                             \
    {                                                                                              \
        lit, sizeof(lit) - 1, id                                                                   \
    }

static const struct {
    const char *key;
    uint8_t len, field;
} fields[] = {
    FIELD("bid1Price", F_BID),
    FIELD("bid1Size", F_BID_QTY),
    FIELD("ask1Price", F_ASK),
    FIELD("ask1Size", F_ASK_QTY),
    FIELD("turnover24h", F_TURNOVER),
    FIELD("volume24h", F_VOLUME),
    FIELD("markPrice", F_MARK),
    FIELD("indexPrice", F_INDEX),
    FIELD("openInterest", F_OI),
    FIELD("singleOpenInterest", F_SINGLE),
    FIELD("openInterestValue", F_OI_VALUE),
    FIELD("singleOpenInterestValue", F_SINGLE_VALUE),
    FIELD("fundingRate", F_RATE),
    FIELD("nextFundingTime", F_NEXT),
    FIELD("fundingIntervalHour", F_INTERVAL),
};

static int field_of(struct slice k)
{
    for (int i = 0; i < ADAPT_COUNT(fields); i++)
        if (fields[i].len == k.len && memcmp(fields[i].key, k.p, k.len) == 0)
            return fields[i].field;
    return FIELDS;
}

static void take_fields(struct parse *p, struct ticker *t)
{
    struct slice k;
    for (int i = 0; i < FIELDS; i++)
        t->v[i] = NAN;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        int f = field_of(k);
        if (f < FIELDS) {
            scan_num_opt(&p->s, &t->v[f]);
            t->said |= 1u << f;
            if (f != F_RATE && t->v[f] < 0)
                adapt_fail(p, E_RANGE);
        } else if (KEY_IS(k, "symbol")) {
            adapt_str(p, &t->symbol);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!t->symbol.len)
        adapt_fail(p, E_MISSING);
}

static bool says(const struct ticker *t, enum field f)
{
    return t->said >> f & 1;
}

static struct event *add(struct parse *p, enum event_kind kind, const struct ticker *t)
{
    struct event *e = adapt_event(p, kind);
    if (e)
        e->symbol = t->symbol;
    return e;
}

static void put_px(struct parse *p, enum event_kind kind, const struct ticker *t, enum field f)
{
    struct event *e = says(t, f) ? add(p, kind, t) : NULL;
    if (e)
        e->u.px.px = adapt_none_px(e, t->v[f]);
}

/* "fundingRate: the running rate that settles at nextFundingTime", per fundingIntervalHour hours;
 * dated futures have "" in both, by REST also "0" as the time. */
static void put_funding(struct parse *p, const struct ticker *t)
{
    unsigned any = 1u << F_RATE | 1u << F_NEXT | 1u << F_INTERVAL;
    struct event *e = t->said & any ? add(p, EV_FUNDING, t) : NULL;
    if (!e)
        return;
    double next_ms = t->v[F_NEXT];
    if (next_ms > 4102444800000) { /* 2100 */
        adapt_fail(p, E_RANGE);
        return;
    }
    struct ev_funding *f = &e->u.funding;
    f->rate = t->v[F_RATE];
    f->interval_h = t->v[F_INTERVAL] > 0 ? t->v[F_INTERVAL] : NAN;
    f->next_us = next_ms > 0 ? (int64_t)next_ms * 1000 : 0;
    e->none |= says(t, F_RATE) && isnan(f->rate) ? NONE_RATE : 0;
    e->none |= says(t, F_INTERVAL) && isnan(f->interval_h) ? NONE_INTERVAL : 0;
    e->none |= says(t, F_NEXT) && f->next_us == 0 ? NONE_NEXT : 0;
}

/* Changelog 2026-06-11: openInterest is "the sum of both sides", singleOpenInterest is one side; so
 * are their values, in quote currency on linear contracts, in base coin on inverse ones. */
static void put_oi(struct parse *p, const struct ticker *t)
{
    bool single = says(t, F_SINGLE);
    struct event *e = single || says(t, F_OI) ? add(p, EV_OI, t) : NULL;
    if (!e)
        return;
    e->u.oi.qty = single ? t->v[F_SINGLE] : t->v[F_OI] / 2;
    e->u.oi.unit = bybit_unit(t->symbol);
    e->none |= isnan(e->u.oi.qty) ? NONE_QTY : 0;
    e->u.oi.value = single ? t->v[F_SINGLE_VALUE] : t->v[F_OI_VALUE] / 2;
    e->u.oi.value_unit = bybit_is_inverse(t->symbol) ? QTY_BASE : QTY_USD;
}

static unsigned put_side(double *px, double *qty, const struct ticker *t, enum field f)
{
    *px = t->v[f] > 0 ? t->v[f] : NAN;
    *qty = t->v[f + 1];
    return says(t, f) && isnan(*px);
}

/* A side that is not there is unchanged. The cross sequence comes later, see finish_ticker. */
static void put_quote(struct parse *p, const struct ticker *t)
{
    struct event *e = says(t, F_BID) || says(t, F_ASK) ? add(p, EV_QUOTE, t) : NULL;
    if (!e)
        return;
    struct ev_quote *q = &e->u.quote;
    e->none |= put_side(&q->bid_px, &q->bid_qty, t, F_BID) ? NONE_BID : 0;
    e->none |= put_side(&q->ask_px, &q->ask_qty, t, F_ASK) ? NONE_ASK : 0;
    q->unit = bybit_unit(t->symbol);
}

/* "turnover24h" is in quote currency on linear contracts, in base coin on inverse ones, whose
 * "volume24h" counts contracts of 1 USD. */
static void put_volume(struct parse *p, const struct ticker *t)
{
    double usd = t->v[bybit_is_inverse(t->symbol) ? F_VOLUME : F_TURNOVER];
    struct event *e = isnan(usd) ? NULL : add(p, EV_STAT, t);
    if (e)
        e->u.stat = (struct ev_stat){STAT_VOLUME_24H_USD, usd, 86400};
}

/* Ticker: "if a field is not found in the delta message, its value has not changed"; an empty text
 * means there is no value. bulk: only what ranks instruments that have no stream. */
void bybit_take_ticker(struct parse *p, bool bulk)
{
    struct ticker t = {.said = 0};
    take_fields(p, &t);
    if (p->s.err)
        return;
    put_px(p, EV_MARK, &t, F_MARK);
    if (!bulk) {
        put_px(p, EV_INDEX, &t, F_INDEX);
        put_funding(p, &t);
    }
    put_oi(p, &t);
    if (!bulk)
        put_quote(p, &t);
    put_volume(p, &t);
}

static void take_pushed_ticker(struct parse *p)
{
    bybit_take_ticker(p, false);
}

/* "cs: cross sequence": an older one than the last was overtaken. */
static void finish_ticker(struct parse *p, uint32_t from, const struct bybit_frame *f)
{
    for (uint32_t i = from; i < p->b->n; i++)
        if (p->b->ev[i].kind == EV_QUOTE)
            p->b->ev[i].u.quote.seq = f->cs;
}

/* Orderbook: "s symbol, b bids, a asks, u update ID; size 0 deletes". Frames and REST bodies. */
void bybit_take_book(struct parse *p)
{
    struct event *e = adapt_event(p, EV_BOOK);
    struct slice k;
    if (!e)
        return;
    struct ev_book *b = &e->u.book;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "b"))
            adapt_levels(p, &b->bids, &b->n_bids);
        else if (KEY_IS(k, "a"))
            adapt_levels(p, &b->asks, &b->n_asks);
        else if (KEY_IS(k, "u"))
            scan_i64(&p->s, &b->seq_last);
        else if (KEY_IS(k, "s"))
            adapt_str(p, &e->symbol);
        else if (KEY_IS(k, "cts") || (KEY_IS(k, "ts") && e->t_venue_us == 0))
            adapt_ms(p, &e->t_venue_us);
        else
            scan_skip(&p->s);
    }
    if (!b->bids || !b->asks || b->seq_last < 0 || !e->symbol.len)
        adapt_fail(p, E_MISSING);
    b->unit = bybit_unit(e->symbol);
}

/* "orderbook.50.BTCUSDT": the levels a side it tells of. 0 when that is no number. */
static uint32_t levels_of(struct slice topic)
{
    uint32_t n = 0;
    const char *dot = memchr(topic.p, '.', topic.len), *end = topic.p + topic.len;
    for (const char *c = dot ? dot + 1 : end; c < end && *c >= '0' && *c <= '9' && n < 100000; c++)
        n = n * 10 + (uint32_t)(*c - '0');
    return n;
}

/* "Once you have subscribed successfully, you will receive a snapshot"; "if you receive a new
 * snapshot message, you will have to reset your local orderbook"; "occasionally u = 1: a snapshot
 * due to the restart of the service". u rises by one from message to message. cts is the matching
 * engine's time. Other depths than the one we ask for belong to no channel. */
static void finish_book(struct parse *p, uint32_t from, const struct bybit_frame *f)
{
    struct event *e = &p->b->ev[from];
    struct ev_book *b = &e->u.book;
    b->cap = b->window = levels_of(f->topic);
    if (b->cap != BYBIT_BOOK_LEVELS)
        e->channel = CHANNEL_NONE;
    if (f->cts_us)
        e->t_venue_us = f->cts_us;
    b->snapshot = b->seq_last == 1 || slice_is(f->type, "snapshot");
    if (!b->snapshot && !slice_is(f->type, "delta"))
        adapt_fail(p, f->type.p ? E_UNKNOWN : E_MISSING);
    if (!b->snapshot)
        b->seq_first = b->seq_last;
}

struct print { /* a trade or a liquidation */
    struct slice symbol, side, id;
    double px, qty;
    int64_t t_us;
    bool block;
};

static void take_print(struct parse *p, struct print *t)
{
    struct slice k;
    *t = (struct print){.px = NAN, .qty = NAN};
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        switch (key_code(k)) {
        case 's':
            adapt_str(p, &t->symbol);
            break;
        case 'S':
            adapt_str(p, &t->side);
            break;
        case 'p':
            adapt_px(p, &t->px);
            break;
        case 'v':
            adapt_px(p, &t->qty);
            break;
        case 'T':
            adapt_ms(p, &t->t_us);
            break;
        case 'i':
            adapt_str(p, &t->id);
            break;
        case K2('B', 'T'):
            scan_bool(&p->s, &t->block);
            break;
        default:
            scan_skip(&p->s);
        }
    }
    if (!t->symbol.len || !t->side.p || isnan(t->px) || isnan(t->qty))
        adapt_fail(p, E_MISSING);
}

/* "Buy" or "Sell"; refuses all else. */
static bool is_buy(struct parse *p, struct slice side)
{
    if (slice_is(side, "Buy"))
        return true;
    if (!slice_is(side, "Sell"))
        adapt_fail(p, E_UNKNOWN);
    return false;
}

/* Ids are UUIDs, which are wider than ours: FNV-1a over the text, without the sign bit. */
static int64_t hash_id(struct slice id)
{
    uint64_t h = 0xcbf29ce484222325ull;
    for (uint32_t i = 0; i < id.len; i++)
        h = (h ^ (unsigned char)id.p[i]) * 0x100000001b3ull;
    return (int64_t)(h >> 1);
}

/* Trade: "S: side of taker", "BT: whether it is a block trade order or not": agreed elsewhere, no
 * flow of this market. */
static void take_trade(struct parse *p)
{
    struct print t;
    take_print(p, &t);
    struct event *e = t.block || p->s.err ? NULL : adapt_event(p, EV_TRADE);
    if (!e)
        return;
    if (!t.id.len)
        adapt_fail(p, E_MISSING);
    e->symbol = t.symbol;
    e->t_venue_us = t.t_us;
    e->u.trade.px = t.px;
    e->u.trade.qty = t.qty;
    e->u.trade.unit = bybit_unit(t.symbol);
    e->u.trade.taker_buys = is_buy(p, t.side);
    e->u.trade.id = hash_id(t.id);
}

/* All Liquidation: "push all liquidations that occur on Bybit"; "S: position side; when you receive
 * a Buy update, a long position has been liquidated"; "p: bankruptcy price; v: executed size". */
static void take_liquidation(struct parse *p)
{
    struct print t;
    take_print(p, &t);
    struct event *e = p->s.err ? NULL : adapt_event(p, EV_LIQ);
    if (!e)
        return;
    e->symbol = t.symbol;
    e->t_venue_us = t.t_us;
    e->u.liq.closed = is_buy(p, t.side) ? POS_LONG : POS_SHORT;
    e->u.liq.px_kind = PX_BANKRUPTCY;
    e->u.liq.coverage = COVER_COMPLETE;
    e->u.liq.unit = bybit_unit(t.symbol);
    e->u.liq.px = t.px;
    e->u.liq.qty = t.qty;
    e->u.liq.final = true;
}

/* A pool is named by the first of its contracts and its coin, because the list of those that share
 * one changes. */
static void name_pool(struct parse *p, struct event *e, struct slice first, struct slice coin)
{
    struct text t;
    size_t left = sizeof p->b->text - p->b->n_text;
    if (left == 0) {
        adapt_fail(p, E_LIMIT);
        return;
    }
    text_init(&t, p->b->text + p->b->n_text, left);
    text_slice(&t, first);
    text_char(&t, '/');
    text_slice(&t, coin);
    if (t.full)
        adapt_fail(p, E_LIMIT);
    e->u.fund.pool = (struct slice){t.buf, (uint32_t)t.len};
    p->b->n_text += (uint32_t)t.len;
}

/* ADL alert: b "balance of insurance fund", i_pr "trigger threshold of the drawdown ratio", pr "PnL
 * drawdown ratio in the last 8 hours". Numbers stand bare or as texts. The balance is in the coin:
 * dollars only of dollar coins. State is not told. */
void bybit_take_adl(struct parse *p, const struct member *m, int n)
{
    struct bybit_adl a = {{0}, {0}, NAN, NAN, NAN};
    adapt_object(p, m, n, &a);
    struct event *e = p->s.err ? NULL : adapt_event(p, EV_FUND);
    if (!e)
        return;
    if (!a.symbol.len || !a.coin.len || isnan(a.drawdown))
        adapt_fail(p, E_MISSING);
    e->symbol = a.symbol;
    name_pool(p, e, a.symbol, a.coin);
    e->u.fund.balance_usd = bybit_is_usd(a.coin) ? a.balance : NAN;
    e->u.fund.drawdown_frac = a.drawdown;
    e->u.fund.trigger_frac = a.trigger;
}

static void take_pushed_adl(struct parse *p)
{
    static const struct member keys[] = {{"c", M_STR, ADL(coin)},
                                         {"s", M_STR, ADL(symbol)},
                                         {"b", M_NUM, ADL(balance)},
                                         {"pr", M_NUM, ADL(drawdown)},
                                         {"i_pr", M_NUM, ADL(trigger)}};
    bybit_take_adl(p, keys, ADAPT_COUNT(keys));
}

struct pool {
    struct slice coin, symbols;
    double balance, value;
    int64_t t_us;
};

/* Insurance pool: "symbols: separated by comma"; a pool that contracts share has many. By REST
 * "value" is its USD value; pushed is the balance in the coin only. */
void bybit_take_pool(struct parse *p, bool usd_value)
{
    static const struct member keys[] = {{"coin", M_STR, offsetof(struct pool, coin)},
                                         {"symbols", M_STR, offsetof(struct pool, symbols)},
                                         {"balance", M_NUM, offsetof(struct pool, balance)},
                                         {"value", M_NUM, offsetof(struct pool, value)},
                                         {"updateTime", M_MS, offsetof(struct pool, t_us)}};
    struct pool d = {{0}, {0}, NAN, NAN, 0};
    adapt_object(p, keys, ADAPT_COUNT(keys), &d);
    struct event *e = p->s.err ? NULL : adapt_event(p, EV_FUND);
    if (!e)
        return;
    if (!d.symbols.len || !d.coin.len || isnan(usd_value ? d.value : d.balance)) {
        adapt_fail(p, E_MISSING);
        return;
    }
    const char *comma = memchr(d.symbols.p, ',', d.symbols.len);
    if (comma)
        d.symbols.len = (uint32_t)(comma - d.symbols.p);
    else
        e->symbol = d.symbols;
    name_pool(p, e, d.symbols, d.coin);
    e->t_venue_us = d.t_us;
    e->u.fund.balance_usd = usd_value ? d.value : bybit_is_usd(d.coin) ? d.balance : NAN;
}

static void take_pushed_pool(struct parse *p)
{
    bybit_take_pool(p, false);
}

static void each(struct parse *p, void (*take)(struct parse *p))
{
    scan_array(&p->s);
    while (scan_item(&p->s))
        take(p);
}

static void take_trades(struct parse *p)
{
    each(p, take_trade);
}

static void take_liquidations(struct parse *p)
{
    each(p, take_liquidation);
}

static void take_adls(struct parse *p)
{
    each(p, take_pushed_adl);
}

static void take_pools(struct parse *p)
{
    each(p, take_pushed_pool);
}

static const struct bybit_topic topics[] = {
    {"tickers.", BB_TICKERS, take_pushed_ticker, finish_ticker},
    {"orderbook.rpi.", CHANNEL_NONE, NULL, NULL}, /* with orders that nobody else can hit */
    {"orderbook.", BB_BOOK, bybit_take_book, finish_book},
    {"publicTrade.", BB_TRADES, take_trades, NULL},
    {"allLiquidation.", BB_LIQ, take_liquidations, NULL},
    {"adlAlert.inverse", BB_ADL_INVERSE, take_adls, NULL},
    {"adlAlert.", BB_ADL, take_adls, NULL},
    {"insurance.inverse", BB_INSURANCE_INVERSE, take_pools, NULL},
    {"insurance.", BB_INSURANCE, take_pools, NULL},
};

const struct bybit_topic *bybit_topic_find(struct slice topic, struct slice *symbol)
{
    for (int i = 0; i < ADAPT_COUNT(topics) && topic.p; i++) {
        size_t n = strlen(topics[i].name);
        if (topic.len < n || memcmp(topic.p, topics[i].name, n) != 0)
            continue;
        const char *dot = memrchr(topic.p, '.', topic.len);
        *symbol = (struct slice){dot + 1, (uint32_t)(topic.p + topic.len - dot - 1)};
        return topics[i].take ? &topics[i] : NULL;
    }
    return NULL;
}
