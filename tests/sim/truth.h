/* The truth file: one JSON object a line, keys "kind" and "t_us" first.
 *   head         scenario, seed, version
 *   liquidation  every fill: venue, symbol, asset, closed, qty_base, px, notional_usd, leverage,
 *                takeover (by the fund, off the book), shown (published by the venue)
 *   shock        asset, size_frac (fall of the common factor), dislocated venue
 *   each minute, per venue ("group") and asset:
 *   dist         side, first_px (centre of base[0]), step_bps (ln), base: mass by liquidation price
 *   levmix       side, leverage, weight
 *   flow         base since the start: opened, closed, liquidated; oi
 *   fund         venue, balance_usd */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdio.h>

#include "sim/market.h"
#include "sim/pub.h"

void truth_head(FILE *f, const struct sim_market *m);
void truth_shock(FILE *f, const struct sim_market *m, const char *asset);
void truth_liqs(FILE *f, const struct sim_market *m, const struct sim_timed_liq *l, int n);
void truth_minute(FILE *f, const struct sim_market *m);

#endif
