/* The simulated market: assets on four venues, each instrument with a book and a population of
 * leveraged agents, advanced in steps of 100 ms of simulated time. Time enters only as the step
 * number, never as a clock. What happened in the last step stands in trades[] and liqs[] (world.h).
 */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include "sim/world.h"

/* n_crypto: how many crypto assets of the table (the others always come along). NULL: no memory. */
struct sim_market *sim_market_new(const struct sim_scenario *sc, int n_crypto, int64_t t0_us);
void sim_market_free(struct sim_market *m);

/* Sets which asset is shocked: it falls by the scenario's drop, others by their beta relative to
 * it. 0, or -1 when there is no such asset. */
int sim_market_shock_asset(struct sim_market *m, const char *name);
void sim_market_shock_at(struct sim_market *m, int64_t step);

void sim_market_step(struct sim_market *m);

int64_t sim_market_now_us(const struct sim_market *m);
int sim_market_find(const struct sim_market *m, enum sim_venue v, const char *symbol); /* or -1 */

/* Depth of a side within bps of the book's own mid, USD. */
double sim_depth_usd(const struct sim_inst *in, enum sim_book_side side, double bps);
/* Per funding interval of the venue (8 or 4 h, Hyperliquid 1 h). */
double sim_funding_rate(const struct sim_inst *in);
int sim_funding_hours(const struct sim_inst *in);

#endif
