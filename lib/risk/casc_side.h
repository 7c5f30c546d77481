/* One side of a market (one venue, or several pooled) on the grid: book depth and the mass that
 * would be liquidated, and what a shock does to it. Pure: filled by the model, asked by metrics and
 * by whoever asks "what if"; both get their numbers here, so they are the same to the last digit.
 * "modelled, uncalibrated": without stops, spot sellers, refills and ADL. */
#ifndef RISK_CASC_SIDE_H
#define RISK_CASC_SIDE_H

#include "risk/metric.h"
#include "risk/sweep.h"

enum casc_dir { CASC_DN, CASC_UP, CASC_DIRS }; /* longs into the bids, shorts into the asks */

#define CASC_SHOCKS 4
extern const double casc_shock_frac[CASC_SHOCKS]; /* .01 .02 .05 .10 */

struct casc_side {     /* does not move: w points into it */
    uint8_t why;       /* R_KNOWN, or why this side is unknown (then nothing else means anything) */
    double cov_frac;   /* how far the book was measured */
    double seen_base;  /* measured depth within the largest shock */
    double share_frac; /* of the last known open interest, what is in here */
    uint32_t venues;   /* bit per venue that is in here */
    double depth[SWEEP_GRID_N], liq[SWEEP_GRID_N], liq_usd[SWEEP_GRID_N];
    double cum_depth[SWEEP_GRID_N + 1], cum_liq[SWEEP_GRID_N + 1], cum_usd[SWEEP_GRID_N + 1];
    double most[SWEEP_GRID_N + 1];
    struct sweep w;
};

void casc_side_clear(struct casc_side *s); /* zeroes the masses: nothing is in here */
/* Values liq[] at the mark into liq_usd[]: each cell at the price in its middle. */
void casc_side_value(struct casc_side *s, const double *edge, enum casc_dir dir, double mark_px);
/* Adds the masses of a side to a pool. */
void casc_side_add(struct casc_side *pool, const struct casc_side *s);
/* The masses are complete: adds them up on the grid, which is borrowed. A mass that is negative or
 * not finite makes the side unknown. */
void casc_side_close(struct casc_side *s, const double *edge);

/* Where a shock ends. */
struct casc_run {
    uint8_t why; /* R_KNOWN; R_RUNAWAY, R_OFF_GRID, or why the side is unknown; then all are NAN */
    double final_frac, amp, liq_base, liq_usd;
};
struct casc_run casc_side_shock(const struct casc_side *s, enum sweep_kind kind, double shock_frac);

/* First-round amplification of a shock of 5 %, critical shock, reproduction number within frac of
 * the mark, and the share of the depth within the largest
 * shock that was measured, not continued. */
struct cell casc_side_first(const struct casc_side *s, enum sweep_kind kind);
struct cell casc_side_crit(const struct casc_side *s, enum sweep_kind kind);
struct cell casc_side_reproduction(const struct casc_side *s, double frac);
struct cell casc_side_measured(const struct casc_side *s);

#endif
