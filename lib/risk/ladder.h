/* Where positions of the usual leverages are liquidated, as distances from their entry: the ladder
 * that turns entries into a liquidation map. Exact prices (liqprice.h) of isolated positions small
 * enough for the venue's first margin tier, so that a distance depends on neither size nor price.
 */
#ifndef RISK_LADDER_H
#define RISK_LADDER_H

#include "facts/directory.h"

#define LADDER_MAX 11
/* What is assumed when the directory does not know: the highest leverage, and the maintenance
 * margin as half of the initial margin at it (what Hyperliquid states as its rule, and what the
 * first tiers of the others come to). */
#define LADDER_LEVERAGE 50.0

struct ladder {
    int n; /* rungs: leverages 1.5, 2, 3, 5, 10, 20, 25, 50, 75, 100, 125 up to the venue's highest,
              the one above it lowered to it */
    double leverage[LADDER_MAX];
    double dist[2][LADDER_MAX]; /* by enum pos_side: ln(entry / price) of longs, ln(price / entry)
                                   of shorts, > 0; NAN = such a position has no liquidation price */
};

void ladder_of(const struct instrument *i, struct ladder *out);

#endif
