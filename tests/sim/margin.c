/* Tier tables and the closed forms of isolated margin. In: tiers, side, entry, size, margin. Out:
 * prices, NAN when there is none. Linear contracts:
 *   LP = (margin + cum - s q EP) / (q (mmr - s)),  s = +1 long, -1 short,
 * from equity margin + s q (P - EP) = maintenance q P mmr - cum. Equity minus maintenance is
 * monotone and continuous in P, so exactly one tier holds its own solution: the walk tries each. */
#include "sim/margin.h"

#include <math.h>
#include <string.h>

#define OKX_FEE .0005 /* taker fee of the liquidation */

void sim_tiers_finish(struct sim_tiers *t)
{
    for (int i = 0; i < t->n; i++) {
        struct sim_tier *x = &t->t[i];
        x->floor_usd = i ? t->t[i - 1].cap_usd : 0;
        x->cum = i ? t->t[i - 1].cum + x->floor_usd * (x->mmr - t->t[i - 1].mmr) : 0;
    }
}

struct row {
    double cap_usd, mmr, max_leverage;
};

static const struct row class_top[] = {
    {300e3, .004, 125}, {800e3, .005, 100}, {3e6, .0065, 75}, {12e6, .01, 50},
    {70e6, .02, 25},    {100e6, .025, 20},  {230e6, .05, 10}, {480e6, .1, 5},
    {600e6, .125, 4},   {800e6, .15, 3},    {1.2e9, .25, 2},  {1.8e9, .5, 1},
};
static const struct row class_large[] = {
    {50e3, .005, 100}, {250e3, .0065, 75}, {1e6, .01, 50},   {5e6, .02, 25},  {10e6, .025, 20},
    {50e6, .05, 10},   {100e6, .1, 5},     {125e6, .125, 4}, {250e6, .25, 2}, {500e6, .5, 1},
};
static const struct row class_middle[] = {
    {10e3, .0065, 75}, {80e3, .01, 50},   {500e3, .02, 25}, {1e6, .025, 20}, {5e6, .05, 10},
    {10e6, .1, 5},     {12.5e6, .125, 4}, {25e6, .25, 2},   {50e6, .5, 1},
};
static const struct row class_small[] = {
    {5e3, .01, 50}, {50e3, .02, 25},  {200e3, .025, 20}, {1e6, .05, 10},
    {2e6, .1, 5},   {2.5e6, .125, 4}, {5e6, .25, 2},     {10e6, .5, 1},
};
static const struct {
    const struct row *rows;
    int n;
} classes[] = {
    {class_top, (int)(sizeof class_top / sizeof *class_top)},
    {class_large, (int)(sizeof class_large / sizeof *class_large)},
    {class_middle, (int)(sizeof class_middle / sizeof *class_middle)},
    {class_small, (int)(sizeof class_small / sizeof *class_small)},
};

static const struct row bybit_top[] = {
    {300e3, .0033, 150}, {2e6, .005, 100}, {1e7, .01, 50}, {3e7, .02, 25},
    {6e7, .025, 20},     {1.5e8, .05, 10}, {4e8, .1, 5},   {1e9, .25, 2},
};

void sim_tiers_binance(struct sim_tiers *t, int cls)
{
    memset(t, 0, sizeof *t);
    t->n = classes[cls].n;
    for (int i = 0; i < t->n; i++) {
        const struct row *r = &classes[cls].rows[i];
        t->t[i] = (struct sim_tier){0, r->cap_usd, r->mmr, 0, r->max_leverage};
    }
    sim_tiers_finish(t);
}

void sim_tiers_bybit(struct sim_tiers *t, int cls)
{
    sim_tiers_binance(t, cls);
    if (cls > 0)
        return;
    t->n = (int)(sizeof bybit_top / sizeof *bybit_top);
    for (int i = 0; i < t->n; i++)
        t->t[i] = (struct sim_tier){0, bybit_top[i].cap_usd, bybit_top[i].mmr, 0,
                                    bybit_top[i].max_leverage};
    sim_tiers_finish(t);
}

/* The ladders of the others, cut to whole hundreds of contracts, at most 100-fold. */
void sim_tiers_okx(struct sim_tiers *t, int cls, double ct_usd)
{
    sim_tiers_binance(t, cls);
    t->by_size = true;
    for (int i = 0; i < t->n; i++) {
        struct sim_tier *x = &t->t[i];
        double ct = ceil(x->cap_usd / ct_usd / 100) * 100, before = i ? x[-1].cap_usd / ct_usd : 0;
        x->cap_usd = (ct > before + .5 ? ct : before + 100) * ct_usd;
        x->max_leverage = fmin(x->max_leverage, 100);
        x->floor_usd = i ? x[-1].cap_usd : 0;
        x->cum = 0;
    }
}

void sim_tiers_hl(struct sim_tiers *t, double max_leverage, double split_usd)
{
    double low = floor(max_leverage / 2);
    memset(t, 0, sizeof *t);
    t->n = split_usd > 0 ? 2 : 1;
    t->t[0] = (struct sim_tier){0, split_usd > 0 ? split_usd : INFINITY, 1 / (2 * max_leverage), 0,
                                max_leverage};
    t->t[1] = (struct sim_tier){0, INFINITY, 1 / (2 * low), 0, low};
    sim_tiers_finish(t);
}

int sim_tier_of(const struct sim_tiers *t, double notional_usd)
{
    int i = 0;
    while (i < t->n - 1 && notional_usd > t->t[i].cap_usd)
        i++;
    return i;
}

double sim_liq_px(const struct sim_tiers *t, enum sim_side side, double entry_px, double qty_base,
                  double margin_usd)
{
    double s = side == SIM_LONG ? 1 : -1;
    for (int i = 0; i < t->n; i++) {
        const struct sim_tier *x = &t->t[i];
        double lp = (margin_usd + x->cum - s * qty_base * entry_px) / (qty_base * (x->mmr - s));
        if (lp > 0 && sim_tier_of(t, lp * qty_base) == i)
            return lp;
    }
    return NAN;
}

/* Inverse: margin and maintenance in coins, Q dollars: margin + s Q (1/EP - 1/P) = Q mmr / P - cum,
 * all over Q with EP = 1, the tier by the size at the opening. */
static double inverse_ratio(const struct sim_tier *x, double s, double leverage, double notional)
{
    return (1 + s * x->mmr) / (1 + s * (1 / leverage + x->cum / notional));
}

/* OKX: margin + s q (P - EP) = q P (mmr + fee). */
static double by_size_ratio(const struct sim_tier *x, double s, double leverage)
{
    return (1 - s / leverage) / (1 - s * (x->mmr + OKX_FEE));
}

double sim_liq_ratio(const struct sim_tiers *t, enum sim_side side, double leverage,
                     double notional_usd)
{
    const struct sim_tier *x = &t->t[sim_tier_of(t, notional_usd)];
    double s = side == SIM_LONG ? 1 : -1;
    if (t->inverse)
        return inverse_ratio(x, s, leverage, notional_usd);
    if (t->by_size)
        return by_size_ratio(x, s, leverage);
    return sim_liq_px(t, side, 1, notional_usd, notional_usd / leverage);
}

double sim_bankruptcy_px(const struct sim_tiers *t, enum sim_side side, double entry_px,
                         double leverage)
{
    double s = side == SIM_LONG ? 1 : -1;
    return t->inverse ? entry_px / (1 + s / leverage) : entry_px * (1 - s / leverage);
}
