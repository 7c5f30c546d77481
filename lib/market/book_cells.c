/* Depth of a side per cell of a grid of distances, in one walk from the best level. In: a live
 * book, the grid. Out: sums per cell, how far the book is known. No state.
 * Surprising: a coarser view is skipped by quantity, not by price, because one of its levels may
 * span the price at which the finer view ends. */
#include <math.h>

#include "market/book_priv.h"

static double coins(const struct book_value *v, const struct level *l)
{
    double qty = l->qty * v->ct_size;
    return v->inverse ? qty / l->px : qty;
}

static double covered(const struct book_side *s, double mid)
{
    double frac = (s->bid ? mid - s->cov_px : s->cov_px - mid) / mid;
    return frac < 1 ? frac : 1;
}

double book_add_cells(const struct book *b, bool bid, const struct book_cells *c, double *base)
{
    const struct book_side *s = bid ? &b->bids : &b->asks;
    double cov = b->state == BOOK_LIVE ? covered(s, c->mid) : 0, skip = c->counted;
    double sign = bid ? -1 : 1, near = c->mid * (1 + sign * c->from);
    struct side_walk w;
    struct level l;
    double limit = c->mid * (1 + sign * c->edge[1]); /* of cell i */
    int i = 0;
    if (!(cov > c->from))
        return c->from;
    walk_start(&w, b, bid);
    while (walk_next(&w, &l) && (s->cov_px - l.px) * sign >= 0) {
        double qty = coins(&c->v, &l), seen = skip < qty ? skip : qty;
        skip -= seen;
        if (c->from > 0 && (l.px - near) * sign <= 0)
            continue;
        while (i < c->n && (l.px - limit) * sign > 0)
            limit = ++i < c->n ? c->mid * (1 + sign * c->edge[i + 1]) : limit;
        if (i == c->n)
            break;
        base[i] += qty - seen;
    }
    return cov;
}
