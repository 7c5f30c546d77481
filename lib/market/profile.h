/* The standing book of one instrument as depth per distance from its mid, in base units of the
 * asset: what models of price impact run on. Finest view first, coarser ones where it ends; beyond
 * the last, depth is not measured but continued with the mean density seen, and both are told
 * apart. */
#ifndef MARKET_PROFILE_H
#define MARKET_PROFILE_H

#include "market/market.h"

#define PROFILE_CELLS_MAX 256

struct depth_profile {  /* one side */
    const double *edge; /* in: n + 1 rising fractions of the mid, edge[0] = 0; cell i holds levels
                           with edge[i] < distance <= edge[i + 1] */
    int n;              /* in: <= PROFILE_CELLS_MAX */
    double tau;         /* in: density beyond the covered band over the mean density within it */
    double *base;       /* in, out: n; depth is added, continued beyond the covered band */
    double *measured;   /* in, out: n; the measured part of it is added */
    double cov_frac;    /* out: the book was measured to this distance; 1 = the whole side */
};

/* Adds the side (true = bids) of a slot's book as of the last market_tick. R_KNOWN, or why the book
 * is unknown (then nothing was added). */
enum unknown_reason market_profile(const struct market *m, const struct slot *s, bool bids,
                                   int64_t now_us, struct depth_profile *l);

#endif
