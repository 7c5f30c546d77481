/* The shape of a liquidation map nobody saw being built: what stands, and how far from the mark,
 * once positions have been opened for a long time at a constant rate, equally in every rung of the
 * ladder. Price: a Brownian motion in ln price without drift; a position is closed by its owner
 * with a constant hazard, or taken away when the mark reaches its liquidation price. An assumption,
 * and counted as such (seeded). */
#ifndef RISK_LIQMAP_SEED_H
#define RISK_LIQMAP_SEED_H

#include "risk/ladder.h"
#include "risk/liqgrid.h"

/* Median holding time and volatility, models B2.4 and 0.4: half of a day's volume opens and closes
 * within the day. 3 % a day is 57 % a year, an ordinary year of BTC; smaller coins move more, but
 * no venue tells a volatility when tracking begins. */
#define SEED_HOLD_DAYS 0.5
#define SEED_SIGMA_DAY 0.03

/* What a position may wander before it is closed, as 1 / ln price: sqrt(2 h) / sigma, with h =
 * ln 2 / median holding time. */
double seed_kappa(double hold_days, double sigma_day);

/* Of all mass opened at distance d > 0 of its liquidation price (ln price), the share that stands
 * and lies within y >= 0 of the mark; at y = INFINITY 1 - exp(-kappa d), the rest is gone. */
double seed_within(double kappa, double d, double y);

/* Fills quanta into a side, most to the rungs of which most survives; without any rung all lies at
 * the far end. */
void seed_fill(struct liqgrid *g, enum pos_side side, const struct ladder *l, double kappa,
               double quanta);

#endif
