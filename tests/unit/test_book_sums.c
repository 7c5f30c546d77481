/* Proves: depth in bands, the cost of a sale and depth by cell equal sums over the listed levels,
 * one by one, on random books of all shapes: dense, sparse, far from the mid, with and without a
 * window, linear and inverse, wholly or partly covered, levels beyond the covered band among them.
 */
#include "market/book.h"

#include <math.h>

#include "base/num.h"
#include "unit.h"

#define LEVELS 1200
#define CELLS  40
#define MORE   20 /* levels of the delta */

static uint64_t state = 42;

static double rnd(double lo, double hi)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return lo + (hi - lo) * (double)(state >> 11) / 9007199254740992.0;
}

struct shape {
    double mid, reach; /* levels lie within this fraction of mid */
    int decimals;
    uint32_t n; /* of a side */
    bool inverse;
    double ct_size;
};
static const struct shape shapes[] = {
    {61800, .002, 1, 1000, false, 1},   {61800, .05, 1, 1000, false, 1},
    {61800, .02, 1, 800, true, 100},    {3.4567, .03, 4, 300, false, 10},
    {0.00001234, .1, 8, 200, false, 1}, {113000, .6, 2, 500, false, .001},
    {24.5, .01, 3, 30, true, 10},       {98765, .0005, 2, 900, false, 1},
};

struct side {
    struct level l[LEVELS]; /* best first, as the book lists them */
    uint32_t n;
    double cov_px, worst; /* worst: of the snapshot */
    double sign;          /* away from the mid */
};

static double decimal(double px, int decimals)
{
    char text[64];
    double x;
    int n = snprintf(text, sizeof text, "%.*f", decimals, px);
    ck_assert_int_eq(num_parse(text, (size_t)n, &x), 0);
    return x;
}

static struct level random_level(const struct shape *s, double sign, double most)
{
    double tick = pow(10, -s->decimals), away = pow(rnd(0, 1), 2) * most * s->mid;
    return (struct level){decimal(s->mid + sign * (away + tick), s->decimals),
                          rnd(0, 2) * 3e6 / s->n / (s->inverse ? s->ct_size : s->mid * s->ct_size)};
}

static void fill(const struct shape *s, double sign, double most, struct level *l)
{
    for (uint32_t i = 0; i < s->n; i++)
        l[i] = random_level(s, sign, most);
}

/* A snapshot, covered to its worst level when it is cut; then a delta that reaches further,
 * some of it just behind the last covered level. */
static struct book *random_book(const struct shape *s, bool cut, struct side side[2])
{
    static struct level bids[LEVELS], asks[LEVELS];
    struct book *b = book_new(s->n < 64 ? 60 : 8192, 16);
    struct ev_book e = {
        .snapshot = true, .bids = bids, .asks = asks, .n_bids = s->n, .n_asks = s->n};
    ck_assert_ptr_nonnull(b);
    e.cap = cut ? s->n : s->n + 1;
    e.seq_first = e.seq_last = 10, e.seq_prev = -1;
    fill(s, -1, s->reach, bids);
    fill(s, 1, s->reach, asks);
    ck_assert_int_eq(book_apply(b, &e, 1), 0);
    for (int k = 0; k < 2; k++) {
        side[k].sign = k ? 1 : -1;
        side[k].n = book_levels(b, k == 0, side[k].l, LEVELS);
        side[k].worst = side[k].l[side[k].n - 1].px;
        side[k].cov_px = !cut ? (k ? INFINITY : 0) : side[k].worst;
    }
    for (uint32_t i = 0; i < MORE; i++) {
        bids[i] = random_level(s, -1, s->reach * 1.5);
        asks[i] = random_level(s, 1, s->reach * 1.5);
        for (int k = 0; i < 5 && k < 2; k++)
            (k ? asks : bids)[i].px = decimal(
                side[k].worst + side[k].sign * (i + 1) * pow(10, -s->decimals), s->decimals);
    }
    e = (struct ev_book){.bids = bids, .asks = asks, .n_bids = MORE, .n_asks = MORE};
    e.seq_first = e.seq_prev = 10, e.seq_last = 11;
    ck_assert_int_eq(book_apply(b, &e, 2), 0);
    for (int k = 0; k < 2; k++)
        side[k].n = book_levels(b, k == 0, side[k].l, LEVELS);
    return b;
}

static bool covered(const struct side *s, double px)
{
    return (s->cov_px - px) * s->sign >= 0;
}

static void same(double got, double want, const char *what)
{
    ck_assert_msg(isnan(got) == isnan(want) &&
                      (isnan(want) || fabs(got - want) <= 1e-9 * fmax(1, fabs(want))),
                  "%s: %.17g, want %.17g", what, got, want);
}

/* NAN when the covered band ends before the limit. */
static double naive_band(const struct shape *s, const struct side *a, double mid, double bps)
{
    double limit = mid + a->sign * (mid * bps / 1e4), usd = 0;
    for (uint32_t i = 0; i < a->n; i++)
        if ((limit - a->l[i].px) * a->sign >= 0)
            usd += a->l[i].qty * s->ct_size * (s->inverse ? 1 : a->l[i].px);
    return covered(a, limit) ? usd : NAN;
}

static double naive_sale(const struct shape *s, const struct side *bids, double mid, double usd)
{
    double left = s->inverse ? usd : usd / mid, need = left, got = 0;
    for (uint32_t i = 0; i < bids->n && left > 0 && covered(bids, bids->l[i].px); i++) {
        double qty = fmin(left, bids->l[i].qty * s->ct_size);
        got += s->inverse ? qty / bids->l[i].px : qty * bids->l[i].px;
        left -= qty;
    }
    double px = s->inverse ? need / got : got / need;
    return left > 0 ? NAN : (mid - px) / mid * 1e4;
}

/* Dollars that all covered bids can take. */
static double naive_all(const struct shape *s, const struct side *bids, double mid)
{
    double qty = 0;
    for (uint32_t i = 0; i < bids->n && covered(bids, bids->l[i].px); i++)
        qty += bids->l[i].qty * s->ct_size;
    return s->inverse ? qty : qty * mid;
}

static int known; /* sales that were: a test of unknowns alone proves little */

static void check_depth(const struct shape *s, const struct book *b, const struct side side[2])
{
    static const double bps[BOOK_BANDS] = {10, 50, 100};
    struct book_depth d;
    ck_assert_int_eq(book_depth(b, s->ct_size, s->inverse, &d), 0);
    for (int k = 0; k < BOOK_BANDS; k++) {
        same(d.bid_usd[k], naive_band(s, &side[0], d.mid, bps[k]), "bids within a band");
        same(d.ask_usd[k], naive_band(s, &side[1], d.mid, bps[k]), "asks within a band");
    }
    same(d.slip_1m_bps, naive_sale(s, &side[0], d.mid, 1e6), "selling 1 million");
    same(d.slip_10m_bps, naive_sale(s, &side[0], d.mid, 1e7), "selling 10 million");
    ck_assert_int_eq(d.slip_reason, !isnan(d.slip_10m_bps) ? 0 : side[0].cov_px > 0 ? 1 : 2);
    double all = naive_all(s, &side[0], d.mid);
    for (int i = 0; i < 40; i++) {
        uint8_t why;
        double usd = i % 2 ? pow(10, rnd(2, 7)) : all * rnd(.97, 1.03);
        double bps1 =
            book_slip_bps(b, d.mid, (struct book_value){s->ct_size, s->inverse}, usd, &why);
        same(bps1, naive_sale(s, &side[0], d.mid, usd), "selling some");
        known += !isnan(bps1);
    }
}

static void check_cells(const struct shape *s, const struct book *b, const struct side *a,
                        double mid)
{
    double edge[CELLS + 1], base[CELLS] = {0}, want[CELLS] = {0};
    for (int i = 0; i <= CELLS; i++)
        edge[i] = pow((double)i / CELLS, 2) * s->reach * 1.2;
    struct book_cells c = {.mid = mid, .edge = edge, .n = CELLS, .v = {s->ct_size, s->inverse}};
    double cov = book_add_cells(b, a->sign < 0, &c, base);
    same(cov, fmin(1, (a->cov_px - mid) * a->sign / mid), "the covered distance");
    for (uint32_t i = 0; i < a->n && covered(a, a->l[i].px); i++) {
        int k = 0;
        while (k < CELLS && (a->l[i].px - mid * (1 + a->sign * edge[k + 1])) * a->sign > 0)
            k++;
        if (k < CELLS)
            want[k] += a->l[i].qty * s->ct_size / (s->inverse ? a->l[i].px : 1);
    }
    for (int i = 0; i < CELLS; i++) {
        same(base[i], want[i], "a cell");
        ck_assert(i < c.used || base[i] == 0);
    }
}

START_TEST(test_against_listed_levels)
{
    static struct side side[2];
    for (int round = 0; round < 400; round++) {
        const struct shape *s = &shapes[round % (int)(sizeof shapes / sizeof *shapes)];
        struct book *b = random_book(s, round % 3 > 0, side);
        double mid = (side[0].l[0].px + side[1].l[0].px) / 2;
        check_depth(s, b, side);
        check_cells(s, b, &side[0], mid);
        check_cells(s, b, &side[1], mid * (1 + rnd(-1e-4, 1e-4))); /* as of a finer view */
        book_free(b);
    }
    ck_assert_int_gt(known, 4000);
}
END_TEST

UNIT_MAIN("book_sums", tcase_add_test(tc, test_against_listed_levels);)
