/* The agents. In: opens, closes, marks, fills. Out: what is to be liquidated, and the truth (mass
 * by liquidation price and leverage). Owner: the instrument. Surprising: a liquidation price is EP
 * * f(leverage, size class), with f from the venue's own tiers at notionals fixed in USD, so the
 * tier walk runs once per class and not once per position. */
#include "sim/pop.h"

#include <stdlib.h>
#include <string.h>

const double sim_levs[SIM_LEVS] = {2, 3, 5, 10, 20, 25, 50, 75, 100};
/* Share of open interest by leverage; survivors are mostly low. */
static const double mix[SIM_LEVS] = {.215, .23, .25, .18, .06, .025, .025, .008, .007};
static const double size_usd[SIM_SIZES] = {8e3, 150e3, 2e6};
static const double size_share[SIM_SIZES] = {.3, .45, .25};

static double *cell(const struct sim_pop *p, int s, int lev, int c)
{
    return &p->mass[(s * SIM_LEVS + lev) * SIM_CELLS + c];
}

double sim_pop_cell_px(const struct sim_pop *p, int c)
{
    return p->px0 * exp((c - SIM_CELLS / 2 + .5) * SIM_CELL_STEP);
}

int sim_pop_cell_of(const struct sim_pop *p, double px)
{
    int c = (int)floor(log(px / p->px0) / SIM_CELL_STEP) + SIM_CELLS / 2;
    return c < 0 ? 0 : c >= SIM_CELLS ? SIM_CELLS - 1 : c;
}

double sim_pop_mass(const struct sim_pop *p, enum sim_side s, int lev, int c)
{
    return p->scale[s] * *cell(p, s, lev, c);
}

static void add(struct sim_pop *p, int s, int lev, double lp, double qty)
{
    int c = sim_pop_cell_of(p, lp);
    *cell(p, s, lev, c) += qty / p->scale[s];
    p->q[s] += qty;
    if (s == SIM_LONG ? c > p->edge[s] : c < p->edge[s])
        p->edge[s] = c;
}

/* Old positions: entries spread around today's price, and only those that are still alive: the
 * closer to the mark, the fewer have survived. */
static void seed_lev(struct sim_pop *p, int s, int lev, double qty, double spread)
{
    enum { N = 81 };
    double w[SIM_SIZES][N], sum = 0;
    for (int k = 0; k < SIM_SIZES; k++)
        for (int i = 0; i < N; i++) {
            double z = (i - N / 2) / (N / 6.0), lp = exp(z * spread) * p->f[s][lev][k];
            double gap = (s == SIM_LONG ? -log(lp) : log(lp)), live = (gap - .001) / .012;
            live = live < 0 ? 0 : live > 1 ? 1 : live * live;
            sum += w[k][i] = size_share[k] * exp(-z * z / 2) * live;
        }
    for (int k = 0; k < SIM_SIZES; k++)
        for (int i = 0; i < N; i++)
            if (sum > 0 && w[k][i] > 0)
                add(p, s, lev, p->px0 * exp((i - N / 2) / (N / 6.0) * spread) * p->f[s][lev][k],
                    qty * w[k][i] / sum);
}

static void set_mix(struct sim_pop *p, const struct sim_tiers *t)
{
    double sum = 0;
    for (int j = 0; j < SIM_LEVS; j++)
        sum += p->w[j] = sim_levs[j] <= t->t[0].max_leverage ? mix[j] : 0;
    for (int j = 0; j < SIM_LEVS; j++) {
        p->w[j] /= sum;
        for (int s = 0; s < SIM_SIDES; s++)
            for (int k = 0; k < SIM_SIZES; k++) {
                /* nobody holds more than his leverage's tier allows */
                double n = size_usd[k];
                while (n > 1000 && t->t[sim_tier_of(t, n)].max_leverage < sim_levs[j])
                    n /= 2;
                p->f[s][j][k] = sim_liq_ratio(t, (enum sim_side)s, sim_levs[j], n);
            }
    }
}

int sim_pop_init(struct sim_pop *p, const struct sim_tiers *t, double px, double oi_base,
                 double spread)
{
    memset(p, 0, sizeof *p);
    p->mass = calloc((size_t)SIM_SIDES * SIM_LEVS * SIM_CELLS, sizeof *p->mass);
    if (!p->mass)
        return -1;
    p->px0 = px;
    p->tiers = t;
    p->scale[0] = p->scale[1] = 1;
    p->edge[SIM_LONG] = 0;
    p->edge[SIM_SHORT] = SIM_CELLS - 1;
    set_mix(p, t);
    for (int s = 0; s < SIM_SIDES; s++)
        for (int j = 0; j < SIM_LEVS; j++)
            if (p->w[j] > 0)
                seed_lev(p, s, j, oi_base * p->w[j], spread);
    return 0;
}

void sim_pop_fini(struct sim_pop *p)
{
    free(p->mass);
    memset(p, 0, sizeof *p);
}

void sim_pop_open(struct sim_pop *p, enum sim_side s, double px, double qty, double max_lev)
{
    double sum = 0;
    for (int j = 0; j < SIM_LEVS; j++)
        if (max_lev <= 0 || sim_levs[j] <= max_lev)
            sum += p->w[j];
    if (!(sum > 0) || !(qty > 0))
        return;
    for (int j = 0; j < SIM_LEVS; j++)
        for (int k = 0; k < SIM_SIZES && p->w[j] > 0 && (max_lev <= 0 || sim_levs[j] <= max_lev);
             k++)
            add(p, s, j, px * p->f[s][j][k], qty * p->w[j] / sum * size_share[k]);
    if (s == SIM_LONG)
        p->opened += qty;
}

static double pending_sum(const struct sim_pop *p, enum sim_side s)
{
    double sum = 0;
    for (int j = 0; j < SIM_LEVS; j++)
        sum += p->pending[s][j].qty;
    return sum;
}

double sim_pop_close(struct sim_pop *p, enum sim_side s, double qty)
{
    double alive = p->q[s] - pending_sum(p, s);
    if (!(alive > 0) || !(qty > 0))
        return 0;
    if (qty > alive)
        qty = alive;
    p->scale[s] *= 1 - qty / alive;
    p->q[s] -= qty;
    if (s == SIM_LONG)
        p->closed += qty;
    return qty;
}

static double cross_cell(struct sim_pop *p, enum sim_side s, int c)
{
    double moved = 0, lp = sim_pop_cell_px(p, c);
    for (int j = 0; j < SIM_LEVS; j++) {
        double *m = cell(p, s, j, c), qty = *m * p->scale[s];
        if (qty <= 0)
            continue;
        *m = 0;
        p->pending[s][j].qty += qty;
        p->pending[s][j].bp_qty +=
            qty * sim_bankruptcy_px(p->tiers, s, lp / p->f[s][j][0], sim_levs[j]);
        moved += qty;
    }
    return moved;
}

double sim_pop_cross(struct sim_pop *p, enum sim_side s, double mark_px)
{
    double moved = 0;
    int m = sim_pop_cell_of(p, mark_px);
    if (s == SIM_LONG)
        for (; p->edge[s] > m; p->edge[s]--)
            moved += cross_cell(p, s, p->edge[s]);
    else
        for (; p->edge[s] < m; p->edge[s]++)
            moved += cross_cell(p, s, p->edge[s]);
    return moved;
}

void sim_pop_filled(struct sim_pop *p, enum sim_side s, int lev, double qty)
{
    struct sim_pending *d = &p->pending[s][lev];
    if (qty >= d->qty)
        qty = d->qty;
    d->bp_qty -= d->qty > 0 ? d->bp_qty * (qty / d->qty) : 0;
    d->qty -= qty;
    p->q[s] -= qty;
    p->liquidated += qty;
}

double sim_pop_total(const struct sim_pop *p, enum sim_side s)
{
    double sum = 0;
    for (int j = 0; j < SIM_LEVS; j++)
        for (int c = 0; c < SIM_CELLS; c++)
            sum += sim_pop_mass(p, s, j, c);
    return sum + pending_sum(p, s);
}
