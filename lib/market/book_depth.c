/* What liquidity metrics read from a book: depth in bands, and the cost of selling at market.
 * In: a live book, the contract's size. Out: sums over price ranges, and a walk that ends where the
 * position is sold. No state.
 * Surprising: a level outside the covered band is never counted, known or not: its neighbours are
 * not known. */
#include "market/book.h"

#include <math.h>

#include "market/book_priv.h"

static const double band_bps[BOOK_BANDS] = {10, 50, 100};
static const double slip_usd[2] = {1e6, 10e6};

/* Notional of a side within each band; NAN where the covered band ends before. */
static void sum_bands(const struct book *b, bool bid, double mid, struct book_value v,
                      double out[BOOK_BANDS])
{
    const struct book_side *s = bid ? &b->bids : &b->asks;
    double edge = bid ? INFINITY : 0, usd = 0; /* what is better than edge is counted already */
    for (int i = 0; i < BOOK_BANDS; i++) {
        double away = mid * band_bps[i] / 1e4, limit = bid ? mid - away : mid + away;
        double beyond =
            bid ? limit : nextafter(limit, INFINITY); /* bids [limit, edge), asks [edge, ) */
        struct side_sum sum = bid ? side_sum(b, s, beyond, edge) : side_sum(b, s, edge, beyond);
        usd += (v.inverse ? sum.qty : sum.qty_px) * v.ct_size;
        out[i] = (bid ? s->cov_px <= limit : s->cov_px >= limit) ? usd : NAN;
        edge = beyond;
    }
}

struct sale { /* into the bids of a book */
    const struct book *b;
    double mid, all; /* all that is covered, contracts: summed once for all sizes */
    struct book_value v;
};

static struct sale sale_into(const struct book *b, double mid, struct book_value v)
{
    return (struct sale){b, mid, side_sum(b, &b->bids, b->bids.cov_px, INFINITY).qty, v};
}

/* The cost of selling usd at market: (mid - average price) / mid in bps. Linear: usd / mid coins
 * are sold for dollars; inverse: usd of contracts, whose coins are bought. NAN with *reason when
 * the covered band ends before. */
static double sell_bps(const struct sale *a, double usd, uint8_t *reason)
{
    const struct book_side *s = &a->b->bids;
    const struct book_value v = a->v;
    double target = v.inverse ? usd : usd / a->mid, sold = 0, got = 0;
    struct side_walk w;
    struct level l;
    walk_start(&w, a->b, true);
    while (a->all * v.ct_size >= target && sold < target && walk_next(&w, &l)) {
        double qty = fmin(l.qty * v.ct_size, target - sold);
        if (l.px < s->cov_px)
            break; /* the sum and the walk differ in the last digit */
        sold += qty;
        got += v.inverse ? qty / l.px : qty * l.px;
    }
    if (sold < target) {
        *reason = s->cov_px > 0 ? 1 : 2; /* a side covered down to 0 was really too thin */
        return NAN;
    }
    return (a->mid - (v.inverse ? sold / got : got / sold)) / a->mid * 1e4;
}

static double covered_bps(double away_px, double mid)
{
    double bps = away_px / mid * 1e4;
    return bps < 0 ? 0 : bps < 1e4 ? bps : 1e4;
}

int book_depth_from(const struct book *b, double mid, double ct_size, bool inverse,
                    struct book_depth *out)
{
    struct level bid = b->best_bid, ask = b->best_ask;
    if (b->state != BOOK_LIVE)
        return E_MISSING;
    if (!(bid.px < ask.px) || !(mid > 0))
        return E_RANGE;
    struct book_value v = {ct_size, inverse};
    struct book_depth d = {.bid_px = bid.px, .ask_px = ask.px, .mid = mid};
    d.spread_bps = (ask.px - bid.px) / mid * 1e4;
    sum_bands(b, true, mid, v, d.bid_usd);
    sum_bands(b, false, mid, v, d.ask_usd);
    d.cov_bid_bps = covered_bps(mid - b->bids.cov_px, mid);
    d.cov_ask_bps = covered_bps(b->asks.cov_px - mid, mid);
    struct sale sale = sale_into(b, mid, v);
    d.slip_1m_bps = sell_bps(&sale, slip_usd[0], &d.slip_reason);
    d.slip_10m_bps = sell_bps(&sale, slip_usd[1], &d.slip_reason);
    *out = d;
    return 0;
}

int book_depth(const struct book *b, double ct_size, bool inverse, struct book_depth *out)
{
    if (b->state != BOOK_LIVE)
        return E_MISSING;
    return book_depth_from(b, (b->best_bid.px + b->best_ask.px) / 2, ct_size, inverse, out);
}

double book_slip_bps(const struct book *b, double mid, struct book_value v, double usd,
                     uint8_t *reason)
{
    *reason = 1;
    if (b->state != BOOK_LIVE || !(mid > 0) || !(usd > 0))
        return NAN;
    *reason = 0;
    struct sale sale = sale_into(b, mid, v);
    return sell_bps(&sale, usd, reason);
}
