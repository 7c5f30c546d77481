/* What liquidity metrics read from a book: depth in bands, and the cost of selling at market.
 * In: a live book, the contract's size. Out: numbers of one walk per side. No state.
 * Surprising: a level outside the covered band is never counted, known or not: its neighbours are
 * not known. */
#include "market/book.h"

#include <math.h>

#include "market/book_priv.h"

static const double band_bps[BOOK_BANDS] = {10, 50, 100};
static const double slip_usd[2] = {1e6, 10e6};

struct value { /* of quantities: notional and the unit a position is counted in */
    double ct_size;
    bool inverse;
};

/* A position of usd to be sold, as far as the walk has come. Linear: sold and target in coins, got
 * in USD; inverse: sold and target in USD of contracts, got in coins. */
struct sale {
    double target, sold, got;
    bool done;
};

static struct sale sale_of(struct value v, double mid, double usd)
{
    return (struct sale){.target = v.inverse ? usd : usd / mid};
}

static void sale_take(struct sale *t, struct value v, const struct level *l)
{
    double qty = l->qty * v.ct_size;
    if (t->done)
        return;
    if (t->sold + qty >= t->target) {
        qty = t->target - t->sold;
        t->done = true;
    }
    t->sold += qty;
    t->got += v.inverse ? qty / l->px : qty * l->px;
}

/* (mid - average price) / mid; NAN with the reason when the covered band ended before. */
static double sale_bps(const struct sale *t, struct value v, double mid, double cov_px,
                       uint8_t *reason)
{
    if (!t->done) {
        *reason = cov_px > 0 ? 1 : 2; /* a bid side covered down to 0 was really too thin */
        return NAN;
    }
    double average = v.inverse ? t->sold / t->got : t->got / t->sold;
    return (mid - average) / mid * 1e4;
}

/* Bands of one side: usd[i] = notional within band i, NAN where the side is not covered so far.
 * Feeds n sales as well, which go on behind the last band. */
static void walk_side(const struct book *b, bool bid, double mid, struct value v,
                      double usd[BOOK_BANDS], struct sale *sales, int n)
{
    const struct book_side *s = bid ? &b->bids : &b->asks;
    double limit[BOOK_BANDS], sum = 0;
    for (int i = 0; i < BOOK_BANDS; i++)
        limit[i] = bid ? mid - mid * band_bps[i] / 1e4 : mid + mid * band_bps[i] / 1e4;
    struct side_walk w;
    struct level l;
    int band = 0;
    bool selling = n > 0;
    walk_start(&w, b, bid);
    while ((band < BOOK_BANDS || selling) && walk_next(&w, &l)) {
        if (bid ? l.px < s->cov_px : l.px > s->cov_px)
            break;
        while (band < BOOK_BANDS && (bid ? l.px < limit[band] : l.px > limit[band]))
            usd[band++] = sum;
        sum += v.inverse ? l.qty * v.ct_size : l.qty * v.ct_size * l.px;
        selling = false;
        for (int i = 0; i < n; i++) {
            sale_take(&sales[i], v, &l);
            selling |= !sales[i].done;
        }
    }
    while (band < BOOK_BANDS)
        usd[band++] = sum;
    for (int i = 0; i < BOOK_BANDS; i++)
        if (bid ? s->cov_px > limit[i] : s->cov_px < limit[i])
            usd[i] = NAN;
}

static double covered_bps(double away_px, double mid)
{
    double bps = away_px / mid * 1e4;
    return bps < 0 ? 0 : bps < 1e4 ? bps : 1e4;
}

int book_depth_from(const struct book *b, double mid, double ct_size, bool inverse,
                    struct book_depth *out)
{
    struct level bid, ask;
    if (b->state != BOOK_LIVE)
        return E_MISSING;
    if (!side_best(b, &b->bids, &bid) || !side_best(b, &b->asks, &ask) || bid.px >= ask.px ||
        !(mid > 0))
        return E_RANGE;
    struct value v = {ct_size, inverse};
    struct sale sales[2] = {sale_of(v, mid, slip_usd[0]), sale_of(v, mid, slip_usd[1])};
    struct book_depth d = {.bid_px = bid.px, .ask_px = ask.px, .mid = mid};
    d.spread_bps = (ask.px - bid.px) / mid * 1e4;
    walk_side(b, true, mid, v, d.bid_usd, sales, 2);
    walk_side(b, false, mid, v, d.ask_usd, NULL, 0);
    d.cov_bid_bps = covered_bps(mid - b->bids.cov_px, mid);
    d.cov_ask_bps = covered_bps(b->asks.cov_px - mid, mid);
    d.slip_1m_bps = sale_bps(&sales[0], v, mid, b->bids.cov_px, &d.slip_reason);
    d.slip_10m_bps = sale_bps(&sales[1], v, mid, b->bids.cov_px, &d.slip_reason);
    *out = d;
    return 0;
}

int book_depth(const struct book *b, double ct_size, bool inverse, struct book_depth *out)
{
    struct level bid, ask;
    if (b->state != BOOK_LIVE)
        return E_MISSING;
    if (!side_best(b, &b->bids, &bid) || !side_best(b, &b->asks, &ask))
        return E_RANGE;
    return book_depth_from(b, (bid.px + ask.px) / 2, ct_size, inverse, out);
}

double book_slip_bps(const struct book *b, double mid, double ct_size, bool inverse, double usd,
                     uint8_t *reason)
{
    struct value v = {ct_size, inverse};
    struct sale sale = sale_of(v, mid, usd);
    double unused[BOOK_BANDS];
    *reason = 1;
    if (b->state != BOOK_LIVE || !(mid > 0) || !(usd > 0))
        return NAN;
    *reason = 0;
    walk_side(b, true, mid, v, unused, &sale, 1);
    return sale_bps(&sale, v, mid, b->bids.cov_px, reason);
}
