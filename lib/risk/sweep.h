/* How far a shock runs once forced sales feed on it: the least fixed point of price impact and
 * liquidations. All in base units, so that the price of execution cancels; distances from the mark
 * as fractions of it. Masses lie evenly within a cell, so an end is exact, not rounded to a cell.
 *   D(x) cumulative book depth within x, L(x) cumulative mass liquidated within x, phi the share of
 * it that reaches the book, s the shock.
 *   flow: the shock consumes D(s) of the standing book: x* = min { x >= s : D(x) - phi L(x) >= D(s)
 * } news: the book re-quotes at the shocked price:      x* = min { x >= s : D(x - s) >= phi L(x) }
 * Pure; memory is the caller's. Without stops, spot sellers, refills and ADL. */
#ifndef RISK_SWEEP_H
#define RISK_SWEEP_H

#include <stdbool.h>

#include "base/err.h"

#define SWEEP_CELLS_MAX 4096

enum sweep_kind { SWEEP_FLOW, SWEEP_NEWS, SWEEP_KINDS };
enum sweep_state {
    SWEEP_INSIDE,   /* every end is on the grid */
    SWEEP_OFF_GRID, /* beyond it, and absorption was winning: unknown, not infinite */
    SWEEP_RUNAWAY /* beyond it, and liquidations exceeded depth over the last tenth of the cells */
};

/* One side of one market on a grid of n cells [edge[i], edge[i + 1]); edge[0] = 0. depth and liq
 * are masses per cell. */
struct sweep {
    int n;
    double phi;
    const double *edge; /* n + 1, rising */
    const double *depth, *liq;
    double *cum_depth, *cum_liq; /* n + 1 each, filled by sweep_init */
    double *most; /* n + 1, filled by sweep_init: largest D - phi L from this edge on */
};

/* A geometric grid: SWEEP_GRID_N cells from 1 bp to SWEEP_GRID_TOP of the price, on which 1, 2, 5
 * and 10 % are edges. edge: SWEEP_GRID_N + 1. */
#define SWEEP_GRID_N   200
#define SWEEP_GRID_TOP .25
void sweep_grid(double *edge);

/* Fills the cumulated sums. E_RANGE for a bad size or edge, or a negative or non-finite mass. */
int sweep_init(struct sweep *w) MUST_CHECK;

/* Where the shock of any size ends; INFINITY = off the grid. O(n). */
double sweep_end(const struct sweep *w, enum sweep_kind kind, double shock);
/* The first round alone: the shock and what is liquidated within it, before that sets off more; a
 * lower bound of sweep_end that stays finite where the whole runs away. Beyond the grid depth goes
 * on with its mean density; INFINITY = there is none, or the shock is off the grid. */
double sweep_first(const struct sweep *w, enum sweep_kind kind, double shock);
/* The same as sweep_end for the shock edge[i], i = 0..n, in one pass, O(n): an end never falls with
 * the shock.
 */
void sweep_run(const struct sweep *w, enum sweep_kind kind, double *x_star);
/* What "off the grid" means for this book: SWEEP_OFF_GRID or SWEEP_RUNAWAY. */
enum sweep_state sweep_off(const struct sweep *w);

/* D(x) and L(x), 0 <= x <= edge[n]. */
double sweep_depth(const struct sweep *w, double x);
double sweep_forced(const struct sweep *w, double x);
/* The same of any other cumulated sum over the cells (n + 1). */
double sweep_at(const struct sweep *w, const double *cum, double x);

/* Mechanical reproduction number: liquidation mass over depth within the first frac of the price;
 * INFINITY when there is mass and no depth, 0 without either, NAN beyond the grid. */
double sweep_reproduction(const struct sweep *w, double frac);

/* Smallest shock (an edge; the first and every stride-th are tried) whose run beyond itself is at
 * least as large as the shock and 1 % of the price, or that runs away; INFINITY when there is none
 * on the grid. */
double sweep_critical(const struct sweep *w, enum sweep_kind kind, int stride);

#endif
