/* What liquidity metrics read from a book: depth in bands, and the cost of selling at market.
 * In: a live book, the contract's size. Out: sums over price ranges, and a walk that ends where the
 * position is sold. No state.
 * Surprising: a level outside the covered band is never counted, known or not: its neighbours are
 * not known. */
#include "market/book.h"

#include <math.h>

#include "market/book_priv.h"

static const double band_bps[BOOK_BANDS] = {10, 50, 100};
#define SIZES 2
static const double slip_usd[SIZES] = {1e6, 10e6};

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

/* A position sold into the bids of a book, in one walk for both sizes. */
struct sale {
    const struct book *b;
    bool inverse;
    double need[SIZES]; /* contracts, rising */
    double got[SIZES];  /* value of them in contract units: quantity x price, inverse: / price */
    int sold;           /* sizes that are */
    double qty, value;  /* of the levels behind us */
};

/* The sizes that end within qty contracts of price px: what they got. False: all of them have. */
static bool sell_into(struct sale *a, double px, double qty)
{
    while (a->sold < SIZES && a->qty + qty >= a->need[a->sold]) {
        double part = a->need[a->sold] - a->qty;
        a->got[a->sold++] = a->value + (a->inverse ? part / px : part * px);
    }
    a->qty += qty;
    a->value += a->inverse ? qty / px : qty * px;
    return a->sold < SIZES;
}

/* Levels of the sorted array, worse than the one before; false: no more are wanted or covered. */
static bool sell_far(struct sale *a, uint32_t from, uint32_t to)
{
    const struct book_side *s = &a->b->bids;
    for (uint32_t i = from; i > to; i--)
        if (s->far[i - 1].px < s->cov_px || !sell_into(a, s->far[i - 1].px, s->far[i - 1].qty))
            return false;
    return true;
}

/* Levels of a word of the window that all are sold: a sum in whole ticks, divided once. */
static bool sell_word(struct sale *a, int32_t w, uint64_t bits)
{
    const struct book *b = a->b;
    double qty = 0, ticks = 0;
    for (uint64_t k = bits; k; k &= k - 1) {
        int32_t i = w * 64 + __builtin_ctzll(k);
        qty += b->bids.qty[i];
        ticks += b->bids.qty[i] * (double)(b->base + i);
    }
    if (a->qty + qty >= a->need[a->sold])
        return false;
    a->qty += qty;
    a->value += ticks / b->scale;
    return true;
}

static bool sell_window(struct sale *a)
{
    const struct book_side *s = &a->b->bids;
    int32_t end = s->n_win ? book_tick_from(a->b, s->cov_px) : BOOK_TICKS;
    for (int32_t w = s->best_word; s->n_win && w >= end >> 6; w--) {
        uint64_t bits = w == end >> 6 ? s->bits[w] & book_bits_from(end) : s->bits[w];
        if (!bits || (!a->inverse && sell_word(a, w, bits)))
            continue;
        while (bits) {
            int32_t bit = 63 - __builtin_clzll(bits), i = w * 64 + bit;
            bits &= ~(1ull << bit);
            if (!sell_into(a, tick_px(a->b, i), s->qty[i]))
                return false;
        }
    }
    return true;
}

/* The cost of selling each of `usd` at market: (mid - average price) / mid in bps. Linear: usd /
 * mid coins are sold for dollars; inverse: usd of contracts, whose coins are bought. NAN where the
 * covered band ends before. */
static void sell_bps(const struct book *b, double mid, struct book_value v, const double usd[SIZES],
                     double bps[SIZES])
{
    const struct book_side *s = &b->bids;
    struct sale a = {.b = b, .inverse = v.inverse};
    for (int i = 0; i < SIZES; i++)
        a.need[i] = (v.inverse ? usd[i] : usd[i] / mid) / v.ct_size;
    (void)(sell_far(&a, s->n_far, s->n_below) && sell_window(&a) && sell_far(&a, s->n_below, 0));
    for (int i = 0; i < SIZES; i++) {
        bps[i] = NAN;
        if (i >= a.sold)
            continue;
        double px = v.inverse ? a.need[i] / a.got[i] : a.got[i] / a.need[i];
        bps[i] = (mid - px) / mid * 1e4;
    }
}

/* Why a sale is not known: 1 = off grid, 2 = a side covered down to 0 was really too thin. */
static uint8_t sale_reason(const struct book *b)
{
    return b->bids.cov_px > 0 ? 1 : 2;
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
    double slip[SIZES];
    sell_bps(b, mid, v, slip_usd, slip);
    d.slip_1m_bps = slip[0];
    d.slip_10m_bps = slip[1];
    if (isnan(slip[SIZES - 1]))
        d.slip_reason = sale_reason(b);
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
    double bps[SIZES];
    sell_bps(b, mid, v, (const double[SIZES]){usd, usd}, bps);
    *reason = isnan(bps[0]) ? sale_reason(b) : 0;
    return bps[0];
}
