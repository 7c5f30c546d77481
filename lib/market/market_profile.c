/* The book of a slot on a grid (profile.h). In: the views of its book. Out: measured depth, and the
 * same continued to the end of the grid. No state. Surprising: a side the venue told whole is not
 * continued: behind its last level there really is nothing. */
#include "market/profile.h"

#include <assert.h>

#include "market/market_priv.h"

/* Without a link the book is merely empty; that is not why it is unknown. */
static enum unknown_reason book_why(const struct market *m, const struct slot *s, int64_t now_us)
{
    uint8_t why = R_KNOWN;
    if (s->depth_err == 0)
        return R_KNOWN;
    (void)market_level(m, s, S_SPREAD_BPS, now_us, &why);
    return why == R_DOWN ? R_DOWN : market_depth_reason(s);
}

static double sum(const double *x, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += x[i];
    return total;
}

struct side { /* as it is measured */
    bool bids;
    int used;                       /* cells that may hold something */
    double cell[PROFILE_CELLS_MAX]; /* coins of the instrument */
};

/* All views, finest first; returns the distance they cover together. */
static double measure(const struct market *m, const struct slot *s, int64_t now_us,
                      const struct depth_profile *l, struct side *side)
{
    struct book_cells c = {.mid = s->depth.mid, .edge = l->edge, .n = l->n};
    enum qty_unit unit = m->priv[s - m->slot].book_unit;
    if (market_book_unit(directory_get(m->dir, s->inst), unit, &c.v.ct_size, &c.v.inverse) < 0)
        return 0;
    for (int v = 0; v < MARKET_VIEWS; v++) {
        const struct book *b = s->book[v];
        if (!b || now_us - book_time(b) > market_ttl_us(m, s->venue, EV_BOOK))
            continue;
        c.from = book_add_cells(b, side->bids, &c, side->cell);
        c.counted = sum(side->cell, c.used);
    }
    side->used = c.used;
    return c.from;
}

/* models: D3 (a), linear density beyond the last level seen, tau times the mean within. */
static void continue_cells(const struct depth_profile *l, double seen, double *cell)
{
    if (l->cov_frac >= 1)
        return;
    double density = l->tau * seen / l->cov_frac;
    for (int i = l->n - 1; i >= 0 && l->edge[i + 1] > l->cov_frac; i--) {
        double from = l->edge[i] > l->cov_frac ? l->edge[i] : l->cov_frac;
        cell[i] += density * (l->edge[i + 1] - from);
    }
}

enum unknown_reason market_profile(const struct market *m, const struct slot *s, bool bids,
                                   int64_t now_us, struct depth_profile *l)
{
    struct side side = {.bids = bids};
    double *cell = side.cell;
    enum unknown_reason why = book_why(m, s, now_us);
    assert(l->n > 0 && l->n <= PROFILE_CELLS_MAX);
    if (why != R_KNOWN)
        return why;
    double cov = measure(m, s, now_us, l, &side);
    double seen = sum(cell, side.used);
    if (!(cov > 0) || !(seen > 0))
        return R_EMPTY_BOOK;
    l->cov_frac = cov;
    for (int i = 0; i < side.used; i++)
        l->measured[i] += cell[i] * s->multiplier;
    continue_cells(l, seen, cell);
    for (int i = 0; i < l->n; i++)
        l->base[i] += cell[i] * s->multiplier;
    return R_KNOWN;
}
