/* Margin tiers of an instrument, as the venue publishes them: by position notional in quote USD,
 * or, where the spec says so (tier_unit), by contracts or base coins: then "_usd" below reads "in
 * contracts" or "in coins".
 * Maintenance margin of a position with notional N in tier k = N * mmr - cum. Where the spec says
 * tier_whole (OKX) nothing is deducted: cum is 0 and the margin jumps at a floor. */
#ifndef FACTS_TIERS_H
#define FACTS_TIERS_H

#include <stdint.h>

#include "base/err.h"

#define TIERS_MAX 128 /* BTCUSDT of one venue has more than 40 */

struct tier {
    double floor_usd, cap_usd; /* notional range (floor, cap]; cap INFINITY on the last */
    double mmr;                /* maintenance margin rate */
    double cum;                /* maintenance amount deducted, USD */
    double max_leverage;
};

/* Checks order, contiguity and the recursion cum_k = cum_{k-1} + floor_k (mmr_k - mmr_{k-1}) within
 * 0.5 USD + 1e-9 relative. 0, or E_RANGE. */
int tiers_check(const struct tier *t, int n) MUST_CHECK;
/* The same for tiers of the whole position: every cum is 0, rates and leverages only climb down. */
int tiers_check_whole(const struct tier *t, int n) MUST_CHECK;

/* The tier that holds notional_usd (>= 0; contracts where tiers count them): index, the last one
 * when beyond every cap. */
int tiers_find(const struct tier *t, int n, double notional_usd);

/* Fills cum of n tiers by the recursion; for venues that publish only floors and rates. */
void tiers_fill_cum(struct tier *t, int n);

#endif
