/* How far a shock runs once forced sales feed on it: the least fixed point of price impact and
 * liquidations, for every shock on a grid in one pass each. All in base units, so that the price of
 * execution cancels; distances from the mark as fractions. Pure; memory is the caller's.
 *   D(x) cumulative book depth within x, L(x) cumulative mass liquidated within x, phi the share of
 * it that reaches the book. flow: the shock consumes D(s) of the standing book:   x* = min { x >= s
 * : D(x) - phi L(x) >= D(s) } news: the book re-quotes at the shocked price:        x* = min { x >=
 * s : D(x - s) >= phi L(x) } The modelled price is without stops, spot sellers, refills and ADL:
 * "modelled, uncalibrated". */
#ifndef RISK_SWEEP_H
#define RISK_SWEEP_H

#include <stdbool.h>

#include "base/err.h"

#define SWEEP_CELLS_MAX 4096

enum sweep_kind { SWEEP_FLOW, SWEEP_NEWS };
enum sweep_state {
    SWEEP_INSIDE,   /* x* is on the grid */
    SWEEP_OFF_GRID, /* beyond it, and absorption was winning: unknown, not infinite */
    SWEEP_RUNAWAY   /* beyond it, and liquidations exceeded depth over the last tenth of the grid */
};

/* One side of one market on a grid of n cells of width dx. depth and liq are masses per cell. */
struct sweep {
    int n;
    double dx, phi;
    const double *depth, *liq;
    double *cum_depth, *cum_liq; /* n + 1 each, filled by sweep_init */
};

/* Fills the cumulated sums. E_RANGE for a bad size or a negative or non-finite mass. */
int sweep_init(struct sweep *w) MUST_CHECK;

/* x*[i] for the shock i dx, i = 0..n, as a cell boundary index; n + 1 = off the grid. O(n): x*
 * never falls with the shock. Returns what "off the grid" means for this book. */
enum sweep_state sweep_run(const struct sweep *w, enum sweep_kind kind, int *x_star);

/* Mechanical reproduction number: liquidation mass over depth within the first frac of the price;
 * INFINITY when there is mass and no depth, 0 without either. */
double sweep_reproduction(const struct sweep *w, double frac);

/* Smallest shock (index) whose run beyond itself is at least as large as the shock and 1 % of the
 * price, or that runs away; n + 1 when there is none on the grid. */
int sweep_critical(const struct sweep *w, const int *x_star, enum sweep_state off);

#endif
