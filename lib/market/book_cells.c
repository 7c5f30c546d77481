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

struct filler {
    const struct book *b;
    const struct book_side *s;
    const struct book_cells *c;
    double *base;
    double sign;  /* away from the mid: -1 for bids */
    double limit; /* price at the far edge of cell i */
    int i;
};

static void open_cell(struct filler *f, int i)
{
    f->i = i;
    f->limit = f->c->mid * (1 + f->sign * f->c->edge[i + 1]);
}

/* The cell of a price further away than the last; false behind the grid. */
static bool find_cell(struct filler *f, double px)
{
    while ((px - f->limit) * f->sign > 0) {
        if (f->i + 1 == f->c->n)
            return false;
        open_cell(f, f->i + 1);
    }
    return true;
}

static void add_coarse(struct filler *f)
{
    double near = f->c->mid * (1 + f->sign * f->c->from), skip = f->c->counted;
    struct side_walk w;
    struct level l;
    walk_start(&w, f->b, f->s->bid);
    while (walk_next(&w, &l) && (f->s->cov_px - l.px) * f->sign >= 0) {
        double qty = coins(&f->c->v, &l), seen = skip < qty ? skip : qty;
        skip -= seen;
        if (f->c->from > 0 && (l.px - near) * f->sign <= 0)
            continue;
        if (!find_cell(f, l.px))
            break;
        f->base[f->i] += qty - seen;
    }
}

/* The last tick of the window, on the way from the mid, whose price is not beyond px. */
static int64_t last_tick(const struct book *b, bool bid, double px)
{
    if (!(px >= b->lo_px && px < b->hi_px))
        return (px >= b->hi_px) == bid ? (bid ? BOOK_TICKS : -1) : (bid ? 0 : BOOK_TICKS);
    int64_t i = (int64_t)(px * b->scale) - b->base; /* within one of it */
    i += bid ? -1 : 1;
    while (bid ? tick_px(b, i) < px : tick_px(b, i) > px)
        i += bid ? 1 : -1;
    return i;
}

/* A first view: nothing was counted before, so prices are compared with one limit, of the cell or
 * of what is covered, whichever is nearer. */
static double nearer(const struct filler *f)
{
    return (f->s->cov_px - f->limit) * f->sign < 0 ? f->s->cov_px : f->limit;
}

/* The levels of a word whose bits are given. */
static double word_coins(const struct filler *f, int32_t w, uint64_t bits)
{
    const double *qty = f->s->qty + (size_t)w * 64;
    double sum = 0;
    for (; bits; bits &= bits - 1) {
        int k = __builtin_ctzll(bits);
        sum += f->c->v.inverse ? qty[k] / tick_px(f->b, w * 64 + k) : qty[k];
    }
    return sum * f->c->v.ct_size;
}

/* Of the bits, those not beyond the tick `end`. */
static uint64_t bits_to(bool bid, uint64_t bits, int32_t w, int64_t end)
{
    int64_t k = end - (int64_t)w * 64; /* its place in the word, or outside of it */
    if (bid)
        return k <= 0 ? bits : k > 63 ? 0 : bits & ~0ull << k;
    return k >= 63 ? bits : k < 0 ? 0 : bits & ~0ull >> (63 - k);
}

/* A word of the window, cell by cell; *end: the last tick of the cell that is open. False: it ends
 * here. */
static bool add_word(struct filler *f, int32_t w, int64_t *end)
{
    bool bid = f->s->bid;
    for (uint64_t bits = f->s->bits[w]; bits;) {
        uint64_t within = bits_to(bid, bits, w, *end);
        f->base[f->i] += word_coins(f, w, within);
        bits &= ~within;
        if (!bits)
            break;
        int32_t i = w * 64 + (bid ? 63 - __builtin_clzll(bits) : __builtin_ctzll(bits));
        double px = tick_px(f->b, i);
        if ((f->s->cov_px - px) * f->sign < 0 || !find_cell(f, px))
            return false;
        *end = last_tick(f->b, bid, nearer(f)); /* prices become ticks once a cell */
        if (bid ? *end > i : *end < i)
            *end = i; /* never less than the level that opened it */
    }
    return true;
}

static bool add_window(struct filler *f)
{
    bool bid = f->s->bid;
    int64_t end = last_tick(f->b, bid, nearer(f));
    for (int32_t w = f->s->best_word; f->s->n_win && w >= 0 && w < BOOK_WORDS; w += bid ? -1 : 1)
        if (!add_word(f, w, &end))
            return false;
    return true;
}

/* n levels of the sorted array, from the one at `at` away from the mid. */
static bool add_far(struct filler *f, int64_t at, int64_t n)
{
    double sign = f->sign, end = nearer(f);
    for (int64_t k = 0; k < n; k++) {
        const struct level *l = &f->s->far[f->s->bid ? at - k : at + k];
        if ((l->px - end) * sign > 0) {
            if ((f->s->cov_px - l->px) * sign < 0 || !find_cell(f, l->px))
                return false;
            end = nearer(f);
        }
        f->base[f->i] += coins(&f->c->v, l);
    }
    return true;
}

static void add_first(struct filler *f)
{
    const struct book_side *s = f->s;
    int64_t below = s->n_below, above = s->n_far - below;
    if (s->bid)
        (void)(add_far(f, (int64_t)s->n_far - 1, above) && add_window(f) &&
               add_far(f, below - 1, below));
    else
        (void)(add_far(f, 0, below) && add_window(f) && add_far(f, below, above));
}

double book_add_cells(const struct book *b, bool bid, struct book_cells *c, double *base)
{
    const struct book_side *s = bid ? &b->bids : &b->asks;
    struct filler f = {b, s, c, base, bid ? -1 : 1, 0, 0};
    double cov = b->state == BOOK_LIVE ? covered(s, c->mid) : 0;
    if (!(cov > c->from))
        return c->from;
    open_cell(&f, 0);
    if (c->from > 0 || c->counted > 0)
        add_coarse(&f);
    else
        add_first(&f);
    c->used = f.i + 1 > c->used ? f.i + 1 : c->used;
    return cov;
}
