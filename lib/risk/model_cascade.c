/* Sweeps of the liquidation map through the measured books, per venue, asset and direction, and
 * pooled over the venues of an asset. In: the market's books, the map. Out: the cells of m_scenario
 * and the grids they were computed from. Owner: the board. The surprising thing: nothing survives a
 * restart, because nothing is learnt: one evaluation gives it all back.
 * Sources: least fixed point and scenarios: models D1 as corrected by 0.13; depth beyond the book:
 * D3 (a); pooling: D4 with full coupling, so that N equal venues are as one. */
#include <stdlib.h>
#include <string.h>

#include "market/profile.h"
#include "risk/board.h"
#include "risk/cascade.h"
#include "risk/liqgrid.h"
#include "risk/liqmap.h"

#define TAU    1.0 /* density beyond the covered band over the mean within it */
#define NO_ROW UINT16_MAX

struct market_state { /* one venue, or the pool */
    struct casc_side side[CASC_DIRS];
    struct cell cell[SWEEP_KINDS][CASC_CELLS];
};

/* The lately of one number: its last known values, one an evaluation. */
#define USUAL_US  INT64_C(300000000)
#define USUAL_N   64
#define USUAL_MIN 4 /* evaluations before there is a usual */
struct usual {
    double x[USUAL_N];
    uint32_t venues[USUAL_N]; /* that were in the pool: only like is compared with like */
    int64_t t_us[USUAL_N];
    uint32_t n; /* values ever; the newest is n - 1 */
};

struct lately { /* of a row */
    struct usual usual[CASC_RELS];
    struct cell rel[CASC_RELS];
};

struct cascade {
    double edge[SWEEP_GRID_N + 1];
    double dist[CASC_DIRS][SWEEP_GRID_N + 1]; /* of the edges, in ln price */
    int n_venues;
    uint32_t max_assets;
    uint16_t row_of[DIR_ASSETS_MAX];
    bool *used; /* rows */
    struct lately *lately;
    int64_t *t_us;           /* of a row's last evaluation */
    struct market_state *at; /* max_assets x (n_venues + 1); the pool is the last of a row */
};

/* ---- memory ---- */

static struct market_state *state_of(const struct cascade *m, uint16_t row, int venue)
{
    return &m->at[(size_t)row * (size_t)(m->n_venues + 1) + (size_t)venue];
}

static void fini(void *state)
{
    struct cascade *m = state;
    free(m->used);
    free(m->t_us);
    free(m->lately);
    free(m->at);
    free(m);
}

static void *init(const struct risk *r)
{
    struct cascade *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->n_venues = r->conf.n_venues;
    m->max_assets = r->conf.max_assets;
    m->used = calloc(m->max_assets, sizeof(*m->used));
    m->t_us = calloc(m->max_assets, sizeof(*m->t_us));
    m->lately = calloc(m->max_assets, sizeof(*m->lately));
    m->at = calloc((size_t)m->max_assets * (size_t)(m->n_venues + 1), sizeof(*m->at));
    memset(m->row_of, 0xff, sizeof(m->row_of));
    sweep_grid(m->edge);
    for (int i = 0; i <= SWEEP_GRID_N; i++) {
        m->dist[CASC_DN][i] = liqgrid_distance(POS_LONG, m->edge[i]);
        m->dist[CASC_UP][i] = liqgrid_distance(POS_SHORT, m->edge[i]);
    }
    if (m->used && m->t_us && m->lately && m->at)
        return m;
    fini(m);
    return NULL;
}

static void enter(void *state, const struct risk *r, uint32_t asset)
{
    struct cascade *m = state;
    uint16_t row = 0;
    (void)r;
    if (m->row_of[asset] != NO_ROW)
        return;
    while (m->used[row])
        row++; /* the board tracks no more assets than there are rows */
    m->used[row] = true;
    m->t_us[row] = 0;
    m->row_of[asset] = row;
    m->lately[row] = (struct lately){0};
    cells_unknown(m->lately[row].rel, CASC_RELS, R_WARMUP);
    for (int v = 0; v <= m->n_venues; v++) {
        struct market_state *s = state_of(m, row, v);
        for (int d = 0; d < CASC_DIRS; d++)
            s->side[d].why = R_WARMUP;
        for (int k = 0; k < SWEEP_KINDS; k++)
            cells_unknown(s->cell[k], CASC_CELLS, R_WARMUP);
    }
}

static void leave(void *state, const struct risk *r, uint32_t asset)
{
    struct cascade *m = state;
    (void)r;
    if (m->row_of[asset] == NO_ROW)
        return;
    m->used[m->row_of[asset]] = false;
    m->row_of[asset] = NO_ROW;
}

/* ---- filling the grids ---- */

struct task { /* one venue and direction */
    const struct risk *r;
    struct subject s;
    enum casc_dir dir;
    int64_t now_us;
};

static double within(const struct cascade *m, const double *mass, double x)
{
    double sum = 0;
    for (int i = 0; i < SWEEP_GRID_N && m->edge[i + 1] <= x; i++)
        sum += mass[i];
    return sum;
}

/* Depth of all instruments of the venue whose book is known; they must have half of its open
 * interest. */
static uint8_t fill_depth(const struct cascade *m, const struct task *t, struct casc_side *side)
{
    const struct risk_view *v = risk_view_of(t->r, t->s);
    double measured[SWEEP_GRID_N] = {0}, weighted = 0;
    struct part_sum cov = {0};
    for (int i = 0; i < v->n; i++) {
        struct depth_profile l = {m->edge, SWEEP_GRID_N, TAU, side->depth, measured, 0};
        uint8_t why =
            market_profile(risk_market(t->r), v->slot[i], t->dir == CASC_DN, t->now_us, &l);
        part_add(&cov, why ? NAN : l.cov_frac, why, v->oi_last[i]);
        weighted += why ? 0 : v->oi_last[i] * l.cov_frac;
    }
    if (!part_ok(&cov))
        return part_why(&cov);
    side->cov_frac = cov.w_known > 0 ? weighted / cov.w_known : cov.sum / cov.n_known;
    side->share_frac = part_cover(&cov);
    side->seen_base = within(m, measured, casc_shock_frac[CASC_SHOCKS - 1]);
    return R_KNOWN;
}

static uint8_t fill_mass(const struct cascade *m, const struct task *t, struct casc_side *side)
{
    const struct risk_view *v = risk_view_of(t->r, t->s);
    const struct slot *primary = v->slot[v->primary];
    const struct liqmap *map = risk_model(t->r, MODEL_LIQMAP);
    enum pos_side longs_or_shorts = t->dir == CASC_DN ? POS_LONG : POS_SHORT;
    uint8_t why;
    double mark = market_level(risk_market(t->r), primary, S_MARK, t->now_us, &why);
    if (why == R_KNOWN)
        why = liqmap_fill_at(map, (struct liqmap_side){t->s.venue, longs_or_shorts, t->s.id},
                             m->dist[t->dir], SWEEP_GRID_N, side->liq);
    if (why == R_KNOWN)
        casc_side_value(side, m->edge, t->dir, market_asset_px(primary, mark));
    return why;
}

static void fill_side(const struct cascade *m, const struct task *t, struct casc_side *side)
{
    const struct risk_view *v = risk_view_of(t->r, t->s);
    uint8_t why = v->n == 0 ? R_NOT_TRACKED : v->down ? R_DOWN : R_KNOWN;
    if (why == R_KNOWN) {
        casc_side_clear(side);
        why = fill_depth(m, t, side);
    }
    if (why == R_KNOWN)
        why = fill_mass(m, t, side);
    if (why == R_KNOWN)
        casc_side_close(side, m->edge);
    else
        side->why = why;
}

/* The venues whose side is known; they must have half of the asset's open interest. */
static void pool_side(const struct cascade *m, const struct risk *r, uint32_t asset,
                      enum casc_dir dir)
{
    uint16_t row = m->row_of[asset];
    struct casc_side *pool = &state_of(m, row, m->n_venues)->side[dir];
    struct part_sum cov = {0};
    double weighted = 0;
    casc_side_clear(pool);
    for (int v = 0; v < m->n_venues; v++) {
        const struct casc_side *side = &state_of(m, row, v)->side[dir];
        double oi = risk_view_of(r, subject_venue_asset((uint8_t)v, asset))->oi_last_sum;
        if (side->why == R_NOT_TRACKED)
            continue;
        part_add(&cov, side->why ? NAN : side->cov_frac, side->why, oi);
        if (side->why != R_KNOWN)
            continue;
        weighted += oi * side->cov_frac;
        casc_side_add(pool, side);
        pool->venues |= 1u << v;
    }
    pool->why = part_ok(&cov) ? R_KNOWN : part_why(&cov);
    if (pool->why != R_KNOWN)
        return;
    pool->cov_frac = cov.w_known > 0 ? weighted / cov.w_known : cov.sum / cov.n_known;
    pool->share_frac = part_cover(&cov);
    casc_side_close(pool, m->edge);
}

/* ---- results ---- */

static struct cell cell_from(double x, uint8_t why)
{
    struct cell c;
    cell_or(&c, why == R_KNOWN ? x : NAN, why);
    return c;
}

static void put_shocks(const struct casc_side *side, enum sweep_kind kind, enum casc_dir dir,
                       struct cell *out)
{
    struct casc_run run = {side->why, NAN, NAN, NAN, NAN};
    for (int i = 0; i < CASC_SHOCKS; i++) {
        if (run.why == R_KNOWN) /* what ends nowhere, ends nowhere when it is larger */
            run = casc_side_shock(side, kind, casc_shock_frac[i]);
        int at = (int)dir * CASC_SHOCKS + i;
        out[CASC_AMP + at] = cell_from(run.amp, run.why);
        out[CASC_FINAL + at] = cell_from(run.final_frac, run.why);
        out[CASC_LIQ + at] = cell_from(run.liq_usd, run.why);
    }
}

static enum casc_state state_of_dir(const struct cell *out, enum casc_dir dir)
{
    const double top = casc_shock_frac[CASC_SHOCKS - 1];
    struct cell crit = out[CASC_CRIT + dir], r = out[CASC_R + dir];
    for (int i = 0; i < CASC_SHOCKS; i++)
        if (out[CASC_AMP + (int)dir * CASC_SHOCKS + i].reason == R_RUNAWAY)
            return CASC_RUNAWAY;
    if ((crit.reason == R_KNOWN && crit.value <= .01) || (r.reason == R_KNOWN && r.value >= 1))
        return CASC_CRITICAL;
    return crit.reason == R_KNOWN && crit.value <= top ? CASC_AMPLIFIES : CASC_CONTAINED;
}

static void put_results(struct market_state *s, enum sweep_kind kind)
{
    struct cell *out = s->cell[kind];
    uint8_t why = R_KNOWN;
    for (int d = 0; d < CASC_DIRS; d++) {
        const struct casc_side *side = &s->side[d];
        why = reason_worse(why, side->why);
        put_shocks(side, kind, (enum casc_dir)d, out);
        out[CASC_CRIT + d] = casc_side_crit(side, kind);
        out[CASC_R + d] = casc_side_reproduction(side, .01);
        out[CASC_R5 + d] = casc_side_reproduction(side, .05);
        out[CASC_FIRST + d] = casc_side_first(side, kind);
        out[CASC_MEAS + d] = casc_side_measured(side);
        out[CASC_COV + d] = cell_from(side->cov_frac, side->why);
        out[CASC_SHARE + d] = cell_from(side->share_frac, side->why);
    }
    enum casc_state dn = state_of_dir(out, CASC_DN), up = state_of_dir(out, CASC_UP);
    out[CASC_STATE] = cell_from(dn > up ? dn : up, why);
}

/* Now over the mean of the last five minutes of the same venues, the present not among them. */
static struct cell compare(struct usual *u, struct cell now, uint32_t venues, int64_t now_us)
{
    double sum = 0;
    int n = 0;
    if (now.reason != R_KNOWN)
        return now;
    for (uint32_t i = 0; i < u->n && i < USUAL_N; i++)
        if (u->t_us[i] > now_us - USUAL_US && u->venues[i] == venues) {
            sum += u->x[i];
            n++;
        }
    u->x[u->n % USUAL_N] = now.value;
    u->venues[u->n % USUAL_N] = venues;
    u->t_us[u->n % USUAL_N] = now_us;
    u->n++;
    return cell_from(n >= USUAL_MIN && sum > 0 ? now.value / (sum / n) : NAN,
                     n >= USUAL_MIN && sum > 0 ? R_KNOWN : R_WARMUP);
}

static void put_lately(struct lately *l, const struct market_state *pool, int64_t now_us)
{
    const struct cell *now = pool->cell[SWEEP_FLOW];
    for (int d = 0; d < CASC_DIRS; d++) {
        int r = CASC_REL + d, first = CASC_REL_FIRST + d;
        uint32_t venues = pool->side[d].venues;
        l->rel[r] = compare(&l->usual[r], now[CASC_R5 + d], venues, now_us);
        l->rel[first] = compare(&l->usual[first], now[CASC_FIRST + d], venues, now_us);
    }
}

static void step(void *state, const struct risk *r, uint32_t asset, int64_t now_us)
{
    struct cascade *m = state;
    uint16_t row = m->row_of[asset];
    for (int v = 0; v < m->n_venues; v++)
        for (int d = 0; d < CASC_DIRS; d++) {
            struct task t = {r, subject_venue_asset((uint8_t)v, asset), (enum casc_dir)d, now_us};
            fill_side(m, &t, &state_of(m, row, v)->side[d]);
        }
    for (int d = 0; d < CASC_DIRS; d++)
        pool_side(m, r, asset, (enum casc_dir)d);
    for (int v = 0; v <= m->n_venues; v++)
        for (int k = 0; k < SWEEP_KINDS; k++)
            put_results(state_of(m, row, v), (enum sweep_kind)k);
    put_lately(&m->lately[row], state_of(m, row, m->n_venues), now_us);
    m->t_us[row] = now_us;
}

/* ---- questions ---- */

static const struct market_state *find(const struct cascade *m, uint8_t venue, uint32_t asset)
{
    uint16_t row = asset < DIR_ASSETS_MAX ? m->row_of[asset] : NO_ROW;
    int v = venue == CASC_POOL ? m->n_venues : venue;
    return row != NO_ROW && v <= m->n_venues ? state_of(m, row, v) : NULL;
}

const struct cell *cascade_cells(const struct cascade *m, uint8_t venue, uint32_t asset,
                                 enum sweep_kind kind)
{
    const struct market_state *s = find(m, venue, asset);
    return s ? s->cell[kind] : NULL;
}

const struct casc_side *cascade_side(const struct cascade *m, uint8_t venue, uint32_t asset,
                                     enum casc_dir dir)
{
    const struct market_state *s = find(m, venue, asset);
    return s ? &s->side[dir] : NULL;
}

const struct cell *cascade_rel(const struct cascade *m, uint32_t asset)
{
    uint16_t row = asset < DIR_ASSETS_MAX ? m->row_of[asset] : NO_ROW;
    return row != NO_ROW ? m->lately[row].rel : NULL;
}

int64_t cascade_time(const struct cascade *m, uint32_t asset)
{
    uint16_t row = asset < DIR_ASSETS_MAX ? m->row_of[asset] : NO_ROW;
    return row != NO_ROW ? m->t_us[row] : 0;
}

const struct model model_cascade = {
    .name = "cascade",
    .help = "Sweeps the liquidation map through the measured books: the shock and every forced "
            "order meet the standing book (flow), or the book re-quoted at the shocked price "
            "(news). All forced orders reach the book; beyond the covered band the book goes on "
            "with its mean density. Without stops, spot sellers, refills and ADL; uncalibrated.",
    .period_s = 5,
    .budget_us = 2000,
    .init = init,
    .fini = fini,
    .enter = enter,
    .leave = leave,
    .step = step,
};
