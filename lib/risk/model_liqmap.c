/* The liquidation map, learning: entries come from changes of open interest, exits from the mark
 * crossing cells, from liquidations seen and from open interest falling. In: marks, trades,
 * liquidations, open interest. Out: the state that liqmap_query.c reads. The surprising thing: what
 * the mark crosses is not gone but in flight until open interest is read again: it either fell, or
 * somebody opened what was closed. */
#include <stdlib.h>
#include <string.h>

#include "risk/liqmap_priv.h"
#include "risk/liqmap_seed.h"

#define GONE_US     (INT64_C(86400) * 1000000) /* a thawed leg that nobody lists again */
#define FLIGHT_DUST 1e-9

struct entries { /* where positions were opened: price cells with weights */
    int n;
    double u[TRADE_CELLS]; /* ln price */
    double weight[TRADE_CELLS];
};

/* --- openings ------------------------------------------------------------------------------ */

/* Half-open in steps: the middle of cell k of the price grid. */
static double middle(int64_t key)
{
    return ((double)key + 0.5) * LIQGRID_STEP;
}

static void spread(struct entries *e, double lo_px, double hi_px)
{
    double lo = log(fmin(lo_px, hi_px)), hi = log(fmax(lo_px, hi_px));
    int n = (int)fmin((hi - lo) / LIQGRID_STEP, TRADE_CELLS - 1) + 1;
    e->n = n;
    for (int i = 0; i < n; i++) {
        e->u[i] = lo + (hi - lo) * (i + 0.5) / n;
        e->weight[i] = 1;
    }
}

/* Traded volume by price since the last reading; without trades evenly between the two marks. */
static void leg_entries(const struct leg *l, double mark_px, struct entries *e)
{
    e->n = 0;
    for (int i = 0; i < TRADE_CELLS && l->traded > 0; i++) {
        if (l->trade[i] > 0) {
            e->u[e->n] = middle(l->trade0 + i);
            e->weight[e->n++] = l->trade[i];
        }
    }
    if (e->n == 0)
        spread(e, isfinite(l->mark_px) ? l->mark_px : mark_px, mark_px);
}

/* Weight of the entries whose liquidation price the mark has not reached. */
static double surviving(const struct entries *e, enum pos_side side, double front, double dist)
{
    double sum = 0;
    for (int i = 0; i < e->n; i++) {
        double u = side == POS_LONG ? e->u[i] : -e->u[i];
        sum += u - dist < front ? e->weight[i] : 0;
    }
    return sum;
}

struct opening {
    const struct entries *entries; /* NULL: nobody saw them, a seed */
    const struct ladder *ladder;
    double base;  /* asset units opened on the side */
    double cells; /* what its cells weigh before */
};

struct rung { /* a share of an opening on its way into the grid */
    enum pos_side side;
    double dist, per_weight;
    double carry; /* fractions of quanta */
};

static void put_rung(struct liqgrid *g, const struct opening *o, struct rung *r)
{
    const struct entries *e = o->entries;
    for (int i = 0; i < e->n; i++) {
        double u = (r->side == POS_LONG ? e->u[i] : -e->u[i]) - r->dist;
        if (u < g->front)
            liqgrid_add(g, u, e->weight[i] * r->per_weight, false, &r->carry);
    }
}

/* How many quanta an opening is, after making room for them. */
static double quanta_of(struct liqgrid *g, const struct opening *o)
{
    while (g->total > 0 && g->total < LIQGRID_THIN)
        liqgrid_double(g);
    while (g->total > 0) {
        double n = o->cells > 0 ? o->base / o->cells * (double)g->total : INFINITY;
        if (n + (double)g->total < (double)LIQGRID_FULL)
            return n;
        liqgrid_halve(g);
    }
    return (double)(LIQGRID_FULL / 4);
}

/* Equal weights over the rungs of which some entry survives; what has no rung at all has no
 * liquidation price and lies at the far end. */
static void open_seen(struct liqgrid *g, enum pos_side side, const struct opening *o)
{
    const struct ladder *l = o->ladder;
    double n = quanta_of(g, o), alive[LADDER_MAX];
    struct rung r = {.side = side};
    int rungs = 0;
    for (int j = 0; j < l->n; j++) {
        double d = l->dist[side][j];
        alive[j] = isfinite(d) ? surviving(o->entries, side, g->front, d) : 0;
        rungs += alive[j] > 0;
    }
    for (int j = 0; j < l->n; j++) {
        if (!(alive[j] > 0))
            continue;
        r.dist = l->dist[side][j];
        r.per_weight = n / rungs / alive[j];
        put_rung(g, o, &r);
    }
    if (rungs == 0)
        liqgrid_add_cell(g, LIQGRID_CELLS - 1, n, false, &r.carry);
}

static void open_side(struct liqgrid *g, enum pos_side side, const struct opening *o)
{
    if (!(o->base > 0))
        return;
    if (o->entries)
        open_seen(g, side, o);
    else
        seed_fill(g, side, o->ladder, seed_kappa(SEED_HOLD_DAYS, SEED_SIGMA_DAY), quanta_of(g, o));
}

/* --- readings of open interest ------------------------------------------------------------- */

static void forget_interval(struct leg *l, double mark_px)
{
    l->mark_px = mark_px;
    l->liq[POS_LONG] = l->liq[POS_SHORT] = 0;
    l->traded = 0;
    memset(l->trade, 0, sizeof l->trade);
}

static void learn_ladder(struct leg *l, const struct instrument *i)
{
    if (l->ladder.n > 0 && l->version == i->version)
        return;
    ladder_of(i, &l->ladder);
    l->version = i->version;
}

/* Closes first settle what is in flight, then what liquidations name beyond it, nearest mass
 * first; the rest closes evenly: every quantum is worth less. */
static void close_side(struct liqmap_market *k, struct leg *l, enum pos_side side, double base)
{
    struct liqgrid *g = &k->side[side];
    double confirmed = fmin(base, k->flight[side]), cells = liqmap_cells(k, side);
    double forced = fmin(fmax(l->liq[side] - confirmed, 0), base - confirmed);
    k->flight[side] -= confirmed;
    if (forced > 0 && cells > 0)
        liqgrid_take(g, (uint64_t)(fmin(forced / cells, 1) * (double)g->total + 0.5));
}

/* What was in flight and open interest did not lose was opened anew, in the same trades: the share
 * of this instrument. */
static double land_flight(struct liqmap_market *k, enum pos_side side, double share)
{
    double all = k->flight[side];
    double some = all <= FLIGHT_DUST * k->base || share >= 1 ? all : all * share;
    k->flight[side] = all - some;
    return some;
}

static void open_both(struct liqmap_market *k, struct leg *l, double opened, bool seed)
{
    struct entries e;
    if (!seed)
        leg_entries(l, k->mark_px, &e);
    double share = k->base > 0 ? l->base / k->base : 1;
    for (int side = POS_LONG; side <= POS_SHORT; side++) {
        double cells = fmax(k->base - opened - k->flight[side], 0);
        struct opening o = {seed ? NULL : &e, &l->ladder, opened, cells};
        if (!seed)
            o.base += land_flight(k, (enum pos_side)side, share);
        open_side(&k->side[side], (enum pos_side)side, &o);
        if (k->side[side].total == 0) /* nothing stands: all of it is in flight */
            k->flight[side] = k->base;
    }
}

static void change_base(struct liqmap_market *k, struct leg *l, double base)
{
    l->base = base;
    k->base = 0;
    for (int i = 0; i < k->n_legs; i++)
        k->base += k->leg[i].base;
    for (int side = POS_LONG; side <= POS_SHORT; side++)
        k->flight[side] = fmin(k->flight[side], k->base);
}

static double base_of(const struct liqmap_market *k, const struct leg *l, double qty)
{
    return l->inverse ? qty / k->mark_px : qty;
}

static void read_leg(struct liqmap_market *k, struct leg *l, double qty, int64_t t_us)
{
    double change = base_of(k, l, qty) - base_of(k, l, l->qty);
    l->t_us = t_us;
    if (qty == l->qty)
        return;
    for (int side = POS_LONG; side <= POS_SHORT && change < 0; side++)
        close_side(k, l, (enum pos_side)side, -change);
    l->qty = qty;
    change_base(k, l, base_of(k, l, qty));
    open_both(k, l, fmax(change, 0), false);
    forget_interval(l, k->mark_px);
}

/* --- legs come and go ---------------------------------------------------------------------- */

static struct leg *find_leg(struct liqmap_market *k, const struct instrument *i)
{
    for (int n = 0; n < k->n_legs; n++) {
        struct leg *l = &k->leg[n];
        if (l->inst == INST_NONE && strcmp(l->symbol, i->symbol) == 0)
            l->inst = i->id;
        if (l->inst == i->id)
            return l;
    }
    return NULL;
}

static struct leg *add_leg(struct liqmap_market *k, const struct instrument *i)
{
    if (k->n_legs == LEGS_MAX)
        return NULL;
    struct leg *l = &k->leg[k->n_legs++];
    memset(l, 0, sizeof *l);
    memcpy(l->symbol, i->symbol, sizeof l->symbol);
    l->inst = i->id;
    l->inverse = i->linear == 0;
    return l;
}

/* The first open interest ever seen: nobody saw the entries. */
static void seed_leg(struct liqmap_market *k, const struct instrument *i, double qty,
                     int64_t now_us)
{
    struct leg *l = add_leg(k, i);
    if (!l)
        return;
    if (k->t_began_us == 0)
        k->t_began_us = now_us;
    learn_ladder(l, i);
    l->qty = qty;
    l->t_us = now_us;
    change_base(k, l, base_of(k, l, qty));
    open_both(k, l, l->base, true);
    forget_interval(l, k->mark_px);
}

/* An instrument that is tracked no more: its positions close evenly. */
static void drop_leg(struct liqmap_market *k, int n)
{
    change_base(k, &k->leg[n], 0);
    memmove(&k->leg[n], &k->leg[n + 1], (size_t)(k->n_legs - n - 1) * sizeof k->leg[0]);
    k->n_legs--;
}

static bool left(const struct leg *l, const struct risk_view *v, int64_t now_us)
{
    if (l->inst == INST_NONE)
        return now_us - l->t_us > GONE_US;
    for (int i = 0; i < v->n; i++)
        if (v->slot[i]->inst == l->inst)
            return false;
    return true;
}

static void step_leg(struct liqmap_market *k, const struct risk *r, const struct slot *s,
                     const struct instrument *i)
{
    const struct series *x = &s->s[S_OI_BASE];
    double qty = i->linear == 0 ? market_bulk_oi_usd(risk_market(r), s->inst) : x->last;
    struct leg *l = find_leg(k, i);
    if (l)
        learn_ladder(l, i);
    if (x->t_last_us == 0 || !isfinite(qty))
        return;
    if (!l)
        seed_leg(k, i, qty, x->t_last_us);
    else if (x->t_last_us > l->t_us)
        read_leg(k, l, qty, x->t_last_us);
}

/* --- the mark ------------------------------------------------------------------------------ */

static bool is_ref(struct liqmap_market *k, const struct instrument *i)
{
    if (k->ref == INST_NONE && strcmp(k->ref_symbol, i->symbol) == 0)
        k->ref = i->id; /* thawed, and listed again */
    return k->ref == i->id;
}

/* The primary's mark moves the map. While open interest is still coming in (a start) the primary
 * is not settled, and what was chosen before, or thawed, stays. */
static const struct slot *reference(struct liqmap_market *k, const struct risk_view *v)
{
    const struct slot *found = NULL, *primary = v->slot[v->primary];
    for (int i = 0; i < v->n; i++)
        if (is_ref(k, v->inst[i]))
            found = v->slot[i];
    bool lost = !found && k->ref != INST_NONE;
    bool first = !k->ref_symbol[0] && v->oi_last[v->primary] > 0;
    if (first || lost || (!v->settling && found != primary)) {
        memcpy(k->ref_symbol, v->inst[v->primary]->symbol, sizeof k->ref_symbol);
        k->ref = primary->inst;
        found = primary;
    }
    return found;
}

static void cross_side(struct liqmap_market *k, enum pos_side side, double far_px, double px)
{
    struct liqgrid *g = &k->side[side];
    double cells = liqmap_cells(k, side), all = (double)g->total;
    double crossed = (double)liqgrid_move(g, liqgrid_place(side, far_px));
    crossed += (double)liqgrid_move(g, liqgrid_place(side, px));
    if (crossed > 0)
        k->flight[side] += cells * (crossed / all);
    if (g->total == 0)
        k->flight[side] = k->base;
}

static void move_mark(struct liqmap_market *k, double px)
{
    if (!k->started) {
        for (int side = POS_LONG; side <= POS_SHORT; side++)
            liqgrid_start(&k->side[side], liqgrid_place((enum pos_side)side, px));
        k->started = true;
        k->lo_px = k->hi_px = px;
    }
    cross_side(k, POS_LONG, fmin(k->lo_px, px), px);
    cross_side(k, POS_SHORT, fmax(k->hi_px, px), px);
    k->mark_px = k->lo_px = k->hi_px = px;
    for (int n = 0; n < k->n_legs; n++)
        if (k->leg[n].inverse)
            change_base(k, &k->leg[n], base_of(k, &k->leg[n], k->leg[n].qty));
}

/* --- a step -------------------------------------------------------------------------------- */

/* Unknown when more than half of what was last known is not known now. */
static uint8_t judge_legs(struct liqmap_market *k, const struct risk *r, const struct risk_view *v,
                          int64_t now_us)
{
    struct part_sum p = {0};
    for (int i = 0; i < v->n; i++) {
        uint8_t why = R_KNOWN;
        double oi = market_level(risk_market(r), v->slot[i], S_OI_BASE, now_us, &why);
        struct leg *l = find_leg(k, v->inst[i]);
        part_add(&p, oi, why, l ? l->base : 0);
    }
    if (k->n_legs == 0 || !part_ok(&p))
        return part_why(&p);
    return k->base > 0 ? R_KNOWN : R_NO_OI;
}

static void step_market(struct liqmap_market *k, const struct risk *r, const struct risk_view *v,
                        int64_t now_us)
{
    const struct slot *ref = v->n > 0 ? reference(k, v) : NULL;
    for (int n = k->n_legs - 1; n >= 0; n--)
        if (left(&k->leg[n], v, now_us))
            drop_leg(k, n);
    if (!ref) {
        k->reason = v->n > 0 ? R_WARMUP : R_NOT_TRACKED;
        return;
    }
    uint8_t why = R_KNOWN;
    double mark = market_level(risk_market(r), ref, S_MARK, now_us, &why);
    if (why != R_KNOWN) {
        k->reason = why;
        return;
    }
    move_mark(k, market_asset_px(ref, mark));
    for (int i = 0; i < v->n; i++)
        step_leg(k, r, v->slot[i], v->inst[i]);
    k->reason = judge_legs(k, r, v, now_us);
}

static void step(void *model, const struct risk *r, uint32_t asset, int64_t now_us)
{
    struct liqmap *m = model;
    for (int v = 0; v < m->n_venues; v++) {
        struct liqmap_market *k = liqmap_at(m, (uint8_t)v, asset);
        if (k)
            step_market(k, r, risk_view_of(r, subject_venue_asset((uint8_t)v, asset)), now_us);
    }
}

/* --- facts between steps ------------------------------------------------------------------- */

static void take_mark(struct liqmap_market *k, const struct slot *s, const struct instrument *i)
{
    double px = market_asset_px(s, s->s[S_MARK].last);
    if (!k->started || !is_ref(k, i) || !(px > 0))
        return;
    k->lo_px = fmin(k->lo_px, px);
    k->hi_px = fmax(k->hi_px, px);
}

static void take_trade(struct leg *l, const struct market *m, const struct slot *s,
                       const struct ev_trade *t)
{
    double base = market_asset_qty(m, s, t->qty, t->unit, t->px);
    if (!isfinite(base))
        return;
    int64_t key = (int64_t)floor(log(market_asset_px(s, t->px)) / LIQGRID_STEP);
    if (l->traded <= 0)
        l->trade0 = (int32_t)key - TRADE_CELLS / 2;
    int64_t i = key - l->trade0;
    l->trade[i < 0 ? 0 : i >= TRADE_CELLS ? TRADE_CELLS - 1 : i] += base;
    l->traded += base;
}

static void take_liq(struct leg *l, const struct market *m, const struct slot *s,
                     const struct ev_liq *q)
{
    double px = isfinite(q->fill_px) ? q->fill_px : q->px;
    double base = market_asset_qty(m, s, q->qty, q->unit, px);
    l->liq[q->closed] += isfinite(base) ? base : 0;
}

static void on_event(void *model, const struct risk *r, const struct slot *s, const struct event *e)
{
    const uint32_t kinds = 1u << EV_MARK | 1u << EV_TRADE | 1u << EV_LIQ;
    if (!(kinds >> e->kind & 1))
        return;
    const struct market *market = risk_market(r);
    const struct instrument *i = directory_get(market_directory(market), s->inst);
    struct liqmap_market *k = liqmap_at(model, s->venue, s->asset);
    struct leg *l = k ? find_leg(k, i) : NULL;
    if (l && e->kind == EV_MARK)
        take_mark(k, s, i);
    else if (l && e->kind == EV_TRADE && !e->u.trade.backfill)
        take_trade(l, market, s, &e->u.trade);
    else if (l && e->kind == EV_LIQ)
        take_liq(l, market, s, &e->u.liq);
}

/* --- making -------------------------------------------------------------------------------- */

static void fini(void *model)
{
    struct liqmap *m = model;
    free(m->used);
    free(m->market);
    free(m);
}

static void *init(const struct risk *r)
{
    struct liqmap *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->rows = risk_max_assets(r);
    m->n_venues = risk_venues(r);
    memset(m->row_of, 0xff, sizeof m->row_of);
    for (int side = POS_LONG; side <= POS_SHORT; side++)
        for (int i = 0; i <= LIQMAP_EVEN_BANDS; i++)
            m->even[side][i] = liqgrid_distance((enum pos_side)side, i * LIQMAP_EVEN_BAND);
    m->used = calloc(m->rows, sizeof *m->used);
    m->market = calloc((size_t)m->rows * (size_t)m->n_venues, sizeof *m->market);
    if (m->used && m->market)
        return m;
    fini(m);
    return NULL;
}

static void enter(void *model, const struct risk *r, uint32_t asset)
{
    struct liqmap *m = model;
    uint32_t row = 0;
    (void)r;
    while (m->used[row]) /* the board has no more assets than rows */
        row++;
    m->used[row] = true;
    m->row_of[asset] = (uint16_t)row;
    for (int v = 0; v < m->n_venues; v++) {
        struct liqmap_market *k = liqmap_at(m, (uint8_t)v, asset);
        memset(k, 0, sizeof *k);
        k->reason = R_WARMUP;
        k->ref = INST_NONE;
    }
}

static void leave(void *model, const struct risk *r, uint32_t asset)
{
    struct liqmap *m = model;
    (void)r;
    m->used[m->row_of[asset]] = false;
    m->row_of[asset] = ROW_FREE;
}

const struct model model_liqmap = {
    .name = "liqmap",
    .help = "Where forced sales sit. An increase of open interest opens the same amount long and "
            "short, entered where trades were since the last reading, with equal weights over the "
            "leverages the venue allows; the first open interest seen lies where what was opened "
            "so for long would stand, at 3 % volatility a day and a median holding time of 12 h. "
            "Exact liquidation prices of small isolated positions.",
    .period_s = 1,
    .budget_us = 700,
    .init = init,
    .fini = fini,
    .enter = enter,
    .leave = leave,
    .on_event = on_event,
    .step = step,
    .freeze = liqmap_freeze,
    .thaw = liqmap_thaw,
};
