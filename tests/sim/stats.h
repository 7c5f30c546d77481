/* What a perfect observer of the simulated market would have measured, to state and to test how a
 * scenario stands against alert thresholds. Fed once a step; published as one JSON line. */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include <stdio.h>

#include "sim/market.h"

struct sim_stats;

struct sim_stats *sim_stats_new(void);
void sim_stats_free(struct sim_stats *s);
/* After each sim_market_step; liqs[].shown must be final for the second that ends with it. */
void sim_stats_step(struct sim_stats *s, const struct sim_market *m);
/* A liquidation the venue published, USD. */
void sim_stats_shown(struct sim_stats *s, const struct sim_market *m, const struct sim_liq *l);
void sim_stats_print(const struct sim_stats *s, const struct sim_market *m, FILE *out);

#endif
