/* Hyperliquid: bodies of POST /info -> events. In: a body and its request's name ("metas",
 * "l2Book:BTC"); out: events. One table row per request type; any other valid body, and null, is
 * `ignored`. Sources: Hyperliquid's docs, info endpoint and margin tiers. Surprising: a meta does
 * not say which dex it is of; the coins' own prefix ("xyz:NVDA") does. */
#include "venue/venue_hyperliquid.h"

#define TABLES_MAX 256

/* Margin tables of one meta, by id; their rows are in the batch's pool. */
struct tables {
    int n;
    struct {
        double id;
        const struct tier *tiers;
        uint32_t n;
    } of[TABLES_MAX];
};

struct meta_raw {
    struct slice universe, tables;
    double collateral;
};

struct asset_raw {
    struct slice name;
    double max_leverage, table_id;
    bool delisted;
};

/* margin tiers: "maintenance margin rate is half of the initial margin rate at max leverage", so
 * mmr = 1 / (2 maxLeverage); the deduction follows by the recursion. */
static void take_tiers(struct parse *p, struct slice raw, uint32_t *n)
{
    struct tier_raw {
        double lower, leverage;
    };
    static const struct member keys[] = {
        {"lowerBound", M_PX, offsetof(struct tier_raw, lower)},
        {"maxLeverage", M_PX, offsetof(struct tier_raw, leverage)}};
    struct tier *first = p->b->tiers + p->b->n_tiers;
    struct parse q = adapt_sub(p, raw);
    *n = 0;
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct tier_raw r = {NAN, NAN};
        struct tier *t = batch_tier(p->b);
        adapt_object(&q, keys, ADAPT_COUNT(keys), &r);
        if (!t || !(r.leverage > 0) || isnan(r.lower)) {
            adapt_fail(&q, t ? E_RANGE : E_LIMIT);
            break;
        }
        *t = (struct tier){r.lower, INFINITY, 1 / (2 * r.leverage), 0, r.leverage};
        if (*n)
            t[-1].cap_usd = r.lower;
        ++*n;
    }
    tiers_fill_cum(first, (int)*n);
    adapt_join(p, &q);
}

/* [[id,{"description":..,"marginTiers":[..]}],..] */
static void take_tables(struct parse *p, struct slice raw, struct tables *t)
{
    static const struct member keys[] = {{"marginTiers", M_RAW, 0}};
    struct parse q = adapt_sub(p, raw);
    t->n = 0;
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct slice tiers = {0};
        double id = NAN;
        if (t->n == TABLES_MAX) {
            adapt_fail(&q, E_LIMIT);
            break;
        }
        scan_array(&q.s);
        if (scan_item(&q.s))
            scan_num(&q.s, &id);
        if (scan_item(&q.s))
            adapt_object(&q, keys, 1, &tiers);
        while (scan_item(&q.s))
            scan_skip(&q.s);
        if (!tiers.p) {
            adapt_fail(&q, E_MISSING);
            break;
        }
        t->of[t->n].id = id;
        t->of[t->n].tiers = p->b->tiers + p->b->n_tiers;
        take_tiers(&q, tiers, &t->of[t->n].n);
        t->n++;
    }
    adapt_join(p, &q);
}

/* "an id below 50 that is not listed is a single tier with maxLeverage = id". */
static void put_tiers(struct parse *p, struct ev_spec *s, const struct tables *t, double id)
{
    for (int i = 0; i < t->n; i++)
        if (t->of[i].id == id) {
            s->tiers = t->of[i].tiers;
            s->n_tiers = t->of[i].n;
            return;
        }
    if (!(id > 0 && id < 50))
        return;
    struct tier *one = batch_tier(p->b);
    if (!one) {
        adapt_fail(p, E_LIMIT);
        return;
    }
    *one = (struct tier){0, INFINITY, 1 / (2 * id), 0, id};
    s->tiers = one;
    s->n_tiers = 1;
}

/* collateralToken is an index into spotMeta's tokens. Listed are those seen in its answers; any
 * other stays unsaid. Bodies from before HIP-3 have no such key: USDC. */
static struct slice settle_of(double token)
{
    static const struct {
        int token;
        const char *name;
    } rows[] = {{0, "USDC"}, {235, "USDE"}, {360, "USDH"}};
    if (isnan(token))
        token = 0;
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (rows[i].token == token)
            return slice_of(rows[i].name);
    return (struct slice){0};
}

static struct slice dex_of(struct slice name)
{
    const char *colon = name.len ? memchr(name.p, ':', name.len) : NULL;
    return colon ? (struct slice){name.p, (uint32_t)(colon - name.p)} : SLICE("");
}

/* Quantities are base coins, margin is in the collateral token, funding is hourly. There is no
 * fixed tick: prices have at most 5 significant figures. */
static void put_asset(struct parse *p, const struct asset_raw *a, const struct tables *t,
                      double collateral)
{
    struct event *e = adapt_event(p, EV_SPEC);
    if (!e)
        return;
    if (!a->name.len) {
        adapt_fail(p, E_MISSING);
        return;
    }
    struct ev_spec *s = &e->u.spec;
    e->symbol = a->name;
    e->dex = dex_of(a->name);
    s->base = a->name;
    if (e->dex.len) {
        s->base.p += e->dex.len + 1;
        s->base.len -= e->dex.len + 1;
    }
    s->quote = SLICE("USDC");
    s->settle = settle_of(collateral);
    s->ct_size = 1;
    s->ct_unit = QTY_BASE;
    s->linear = 1;
    s->max_leverage = a->max_leverage;
    s->status = a->delisted ? INST_DELISTED : INST_TRADING;
    s->category = e->dex.len ? CAT_BUILDER : CAT_PERP;
    s->funding_interval_h = 1;
    put_tiers(p, s, t, a->table_id);
}

static void take_universe(struct parse *p, struct slice raw, const struct tables *t,
                          double collateral)
{
    static const struct member keys[] = {
        {"name", M_STR, offsetof(struct asset_raw, name)},
        {"maxLeverage", M_PX, offsetof(struct asset_raw, max_leverage)},
        {"marginTableId", M_NUM, offsetof(struct asset_raw, table_id)},
        {"isDelisted", M_BOOL, offsetof(struct asset_raw, delisted)},
    };
    struct parse q = adapt_sub(p, raw);
    int32_t ord = 0;
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct asset_raw a = {{0}, NAN, NAN, false};
        uint32_t at = p->b->n;
        adapt_object(&q, keys, ADAPT_COUNT(keys), &a);
        put_asset(&q, &a, t, collateral);
        if (p->b->n > at)
            p->b->ev[at].ord = ord++;
    }
    adapt_join(p, &q);
}

/* meta: {"universe":[..],"marginTables":[..],"collateralToken":0}; null for a dex that is not. */
static void take_meta(struct parse *p)
{
    static const struct member keys[] = {
        {"universe", M_RAW, offsetof(struct meta_raw, universe)},
        {"marginTables", M_RAW, offsetof(struct meta_raw, tables)},
        {"collateralToken", M_NUM, offsetof(struct meta_raw, collateral)}};
    struct meta_raw m = {{0}, {0}, NAN};
    struct tables t = {.n = 0};
    if (scan_peek(&p->s) == SCAN_NULL) {
        scan_skip(&p->s);
        return;
    }
    adapt_object(p, keys, ADAPT_COUNT(keys), &m);
    if (!m.universe.p) {
        adapt_fail(p, E_MISSING);
        return;
    }
    if (m.tables.p && m.tables.p[0] == '[')
        take_tables(p, m.tables, &t);
    take_universe(p, m.universe, &t, m.collateral);
}

/* allPerpMetas: [meta,..], index = dex. */
static void take_metas(struct parse *p)
{
    scan_array(&p->s);
    while (scan_item(&p->s))
        take_meta(p);
}

static struct slice symbol_of_spec(const void *arg, int32_t ord)
{
    const struct event *specs = arg;
    return specs[ord].symbol;
}

/* metaAndAssetCtxs: [meta,[ctx,..]]: the body carries the names of its own positions. */
static void take_meta_and_ctxs(struct parse *p)
{
    uint32_t from = p->b->n, n_specs;
    scan_array(&p->s);
    if (scan_item(&p->s))
        take_meta(p);
    n_specs = p->b->n - from;
    struct slice dex = n_specs ? p->b->ev[from].dex : p->arg;
    if (!scan_item(&p->s)) {
        adapt_fail(p, E_MISSING);
        return;
    }
    uint32_t ctxs = p->b->n;
    p->channel = HL_ASSET_CTXS;
    int32_t n = hl_take_ctxs(p, dex.p ? dex : SLICE(""));
    if (n > 0 && (uint32_t)n == n_specs)
        hl_name_ctxs(p, ctxs, symbol_of_spec, &p->b->ev[from]);
    while (scan_item(&p->s))
        scan_skip(&p->s);
}

struct rate_raw {
    struct slice coin;
    double rate, interval_h;
    int64_t t_us;
};

static void put_rate(struct parse *p, const struct rate_raw *r, int64_t t_venue_us)
{
    struct event *e = adapt_event(p, EV_FUNDING);
    if (!e)
        return;
    if (!r->coin.p || isnan(r->rate))
        adapt_fail(p, E_MISSING);
    e->symbol = r->coin;
    e->t_venue_us = t_venue_us;
    e->u.funding = (struct ev_funding){
        .rate = r->rate, .interval_h = r->interval_h, .next_us = r->t_us, .predicted = false};
}

/* fundingHistory: [{"coin","fundingRate","premium","time"}]: hourly rates, settled at time. */
static void take_funding_history(struct parse *p)
{
    static const struct member keys[] = {{"coin", M_STR, offsetof(struct rate_raw, coin)},
                                         {"fundingRate", M_NUM, offsetof(struct rate_raw, rate)},
                                         {"time", M_MS, offsetof(struct rate_raw, t_us)}};
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        struct rate_raw r = {{0}, NAN, 1, 0};
        adapt_object(p, keys, ADAPT_COUNT(keys), &r);
        put_rate(p, &r, r.t_us);
    }
}

/* One [venue, rate | null] of predictedFundings; only "HlPerp" is about this venue. */
static void take_prediction(struct parse *p, struct slice coin)
{
    static const struct member keys[] = {
        {"fundingRate", M_NUM, offsetof(struct rate_raw, rate)},
        {"nextFundingTime", M_MS, offsetof(struct rate_raw, t_us)},
        {"fundingIntervalHours", M_NUM, offsetof(struct rate_raw, interval_h)}};
    struct rate_raw r = {coin, NAN, 1, 0};
    struct slice name = {0};
    scan_array(&p->s);
    if (scan_item(&p->s))
        adapt_str(p, &name);
    if (scan_item(&p->s)) {
        if (slice_is(name, "HlPerp") && scan_peek(&p->s) == SCAN_OBJECT) {
            adapt_object(p, keys, ADAPT_COUNT(keys), &r);
            put_rate(p, &r, 0);
        } else {
            scan_skip(&p->s);
        }
    }
    while (scan_item(&p->s))
        scan_skip(&p->s);
}

/* predictedFundings: [[coin,[[venue,{..}|null],..]],..]. */
static void take_predicted(struct parse *p)
{
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        struct slice coin = {0};
        scan_array(&p->s);
        if (scan_item(&p->s))
            adapt_str(p, &coin);
        if (scan_item(&p->s)) {
            scan_array(&p->s);
            while (scan_item(&p->s))
                take_prediction(p, coin);
        }
        while (scan_item(&p->s))
            scan_skip(&p->s);
    }
}

static void take_recent_trades(struct parse *p)
{
    hl_take_trades(p, true);
}

static void take_fills(struct parse *p)
{
    hl_take_fills(p, p->arg);
}

static const struct {
    const char *name;
    uint8_t channel;
    void (*take)(struct parse *p);
} bodies[] = {
    {"metas", HL_METAS, take_metas},
    {"allPerpMetas", HL_METAS, take_metas},
    {"meta", HL_METAS, take_meta},
    {"metaAndAssetCtxs", HL_METAS, take_meta_and_ctxs},
    {"l2Book", HL_BOOK, hl_take_book},
    {"recentTrades", HL_TRADES, take_recent_trades},
    {"fundingHistory", CHANNEL_NONE, take_funding_history},
    {"predictedFundings", CHANNEL_NONE, take_predicted},
    {"userFills", HL_FILLS, take_fills},
    {"userFillsByTime", HL_FILLS, take_fills},
};

void hl_take_body(struct parse *p, struct slice name)
{
    if (scan_peek(&p->s) == SCAN_NULL) {
        adapt_ignore(p);
        return;
    }
    for (int i = 0; i < ADAPT_COUNT(bodies); i++)
        if (slice_is(name, bodies[i].name)) {
            p->channel = bodies[i].channel;
            bodies[i].take(p);
            return;
        }
    adapt_ignore(p);
}
