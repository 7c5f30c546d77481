/* One side of a liquidation map: whole quanta of mass over a logarithmic price grid that follows
 * the mark. Plain data in the caller's memory; what a quantum is worth the caller knows.
 * Longs and shorts are the same thing seen in a mirror: a place is u = ln price for longs and
 * u = -ln price for shorts, the mark stands at `front`, and all mass lies at u <= front. Quanta are
 * integers so that what is frozen reads back equal and sums are exact. */
#ifndef RISK_LIQGRID_H
#define RISK_LIQGRID_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "facts/event.h"

#define LIQGRID_STEP  0.002 /* width of a cell in ln price: 20 bps */
#define LIQGRID_CELLS 640   /* e^1.28: longs down to -72 %, shorts up to +260 % */
#define LIQGRID_FULL  (UINT64_C(1) << 31)
#define LIQGRID_THIN  (UINT64_C(1) << 27)

struct liqgrid {
    uint32_t cell[LIQGRID_CELLS]; /* quanta; ring by key = floor(u / LIQGRID_STEP) */
    uint32_t seed[LIQGRID_CELLS]; /* of these, placed by assumption when tracking began */
    uint64_t total, seeded;       /* sums; total < LIQGRID_FULL */
    double front;                 /* of the mark */
    int64_t top;                  /* its key */
    uint32_t head;                /* and that cell's place in the ring */
};

/* floor() for what fits; libm's is a call. */
static inline int64_t liqgrid_floor(double x)
{
    int64_t i = (int64_t)x;
    return i - (x < (double)i);
}

/* Where the cell k steps beyond the mark's own lies, k = 0 .. LIQGRID_CELLS - 1. */
static inline uint32_t liqgrid_at(const struct liqgrid *g, uint32_t k)
{
    return g->head >= k ? g->head - k : g->head + LIQGRID_CELLS - k;
}

static inline double liqgrid_place(enum pos_side side, double px)
{
    return side == POS_LONG ? log(px) : -log(px);
}

/* Distance of an edge (fraction of the mark, away from it) in ln price; INFINITY at zero price. */
static inline double liqgrid_distance(enum pos_side side, double frac)
{
    if (side == POS_LONG)
        return frac < 1 ? -log1p(-frac) : INFINITY;
    return log1p(frac);
}

void liqgrid_start(struct liqgrid *g, double front); /* empty */

/* The mark moved. Returns the quanta it crossed: they are gone. A cell entered half-way loses the
 * half that was passed. Mass left beyond the far end gathers in the last cell. */
uint64_t liqgrid_move(struct liqgrid *g, double front);

/* Puts quanta at u, shared by the two cells around it; beyond the mark or the far end they lie in
 * the last cell. *carry keeps the fractions of quanta over a series of calls; start it at 0. */
void liqgrid_add(struct liqgrid *g, double u, double quanta, bool seed, double *carry);

/* The same into cell k beyond the mark's own, k < LIQGRID_CELLS. */
void liqgrid_add_cell(struct liqgrid *g, uint32_t k, double quanta, bool seed, double *carry);

/* Removes up to n quanta, nearest to the mark first. */
void liqgrid_take(struct liqgrid *g, uint64_t n);

/* Halves or doubles all quanta; a caller that needs room or resolution. */
void liqgrid_halve(struct liqgrid *g);
void liqgrid_double(struct liqgrid *g);

/* cum[i] = quanta not further than dist[i] from the mark, for n rising distances in ln price. Mass
 * is spread evenly over its cell, in the mark's own cell over the part behind the mark. */
void liqgrid_cum(const struct liqgrid *g, const double *dist, int n, double *cum);

#endif
