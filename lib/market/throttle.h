/* A liquidation feed that shows at most one order a second: what can be inferred about the rest.
 * In: each push of one instrument. Out: occupancy of the last five minutes, the kind of throttle as
 * the gaps between pushes show it, and how much was probably not shown. Owned by struct slot.
 * The surprising thing: the two kinds need different inversions. A fixed one-second grid shows a
 * share 1 - exp(-r) of its windows; dead time after a push shows r / (1 + r) pushes a second. */
#ifndef MARKET_THROTTLE_H
#define MARKET_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_SPAN_S 300
#define THROTTLE_BLOCK_S                                                                           \
    10                        /* rates are taken per block: a burst in a calm hour is not averaged \
                               */
#define THROTTLE_FULL     0.8 /* occupancy from which a block counts as saturated: 1.61 a second */
#define THROTTLE_MIN_GAPS 30  /* gaps below three windows before the kind is judged */

enum throttle_kind {
    THROTTLE_UNSEEN,    /* too few gaps to tell */
    THROTTLE_GRID,      /* one order per fixed second */
    THROTTLE_DEAD_TIME, /* silence of a second after each order */
    THROTTLE_NONE,      /* three orders within a second happen: it is not throttled this way */
    THROTTLE_KINDS
};

struct throttle {
    int64_t t_push_us[2]; /* stamps of the last two pushes, newest first; 0 = none */
    int64_t second;       /* newest second of the ring */
    uint8_t n[THROTTLE_SPAN_S];
    double usd[2][THROTTLE_SPAN_S];              /* closed longs, closed shorts */
    uint32_t gaps, short_gaps, even_gaps, dense; /* halved together at 4,096 gaps */
    int64_t min_gap_us, min_gap_before_us;       /* INT64_MAX = none yet */
};

void throttle_init(struct throttle *t);

/* A liquidation received at t_recv_us with the venue's stamp (0 = none). Orders that share a stamp
 * are one push. shorts: which side was closed. */
void throttle_add(struct throttle *t, int64_t t_recv_us, int64_t t_venue_us, bool shorts,
                  double usd);

enum throttle_kind throttle_kind(const struct throttle *t);
int64_t throttle_min_gap_us(const struct throttle *t); /* between pushes; 0 = none seen */

/* Liquidations per second behind k of n one-second windows that showed one; +INFINITY when all did.
 * exact: -ln(1 - k/n) on the grid, m/(1-m) with m = k/n in dead time. The corrected one takes
 * n + 1/2: without its first-order bias in short blocks, and finite. */
double throttle_rate(enum throttle_kind kind, double k, double n);
double throttle_rate_corrected(enum throttle_kind kind, double k, double n);
/* Its relative standard error over n windows at a rate a second. */
double throttle_rel_sd(enum throttle_kind kind, double rate, double n);

struct throttle_view { /* the last THROTTLE_SPAN_S seconds at a whole second */
    double occupancy_10s, occupancy, saturated_frac;
    int saturated;               /* blocks */
    double usd[2];               /* shown */
    double est[2], lo[2], hi[2]; /* hi NAN while a block is saturated; lo >= usd */
};
void throttle_read(const struct throttle *t, int64_t now_us, struct throttle_view *out);

#endif
