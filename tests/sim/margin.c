/* Tier tables and the closed forms of isolated margin. In: tiers, side, entry, size, margin. Out:
 * prices, NAN when there is none. Linear contracts:
 *   LP = (margin + cum - s q EP) / (q (mmr - s)),  s = +1 long, -1 short,
 * from equity margin + s q (P - EP) = maintenance q P mmr - cum. Equity minus maintenance is
 * monotone and continuous in P, so exactly one tier holds its own solution: the walk tries each. */
#include "sim/margin.h"

#include <math.h>

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

void sim_tiers_binance(struct sim_tiers *t, int cls)
{
    t->n = classes[cls].n;
    for (int i = 0; i < t->n; i++) {
        const struct row *r = &classes[cls].rows[i];
        t->t[i] = (struct sim_tier){0, r->cap_usd, r->mmr, 0, r->max_leverage};
    }
    sim_tiers_finish(t);
}

void sim_tiers_hl(struct sim_tiers *t, double max_leverage, double split_usd)
{
    double low = floor(max_leverage / 2);
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

double sim_liq_ratio(const struct sim_tiers *t, enum sim_side side, double leverage,
                     double notional_usd)
{
    return sim_liq_px(t, side, 1, notional_usd, notional_usd / leverage);
}

double sim_bankruptcy_px(enum sim_side side, double entry_px, double leverage)
{
    return entry_px * (side == SIM_LONG ? 1 - 1 / leverage : 1 + 1 / leverage);
}
