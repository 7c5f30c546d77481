/* Proves: depth in bands, spread and the cost of selling on worked numbers, linear and inverse;
 * what is outside the covered band is unknown; a narrow band is refreshed without a hole. */
#include "market/book.h"

#include <math.h>

#include "base/num.h"
#include "unit.h"

#define SEC 1000000ll

static struct level bids[1000], asks[1000], out[2000];

/* A price as a venue writes it: decimal text, parsed. */
static double decimal(double px, int decimals)
{
    char text[64];
    double x;
    int n = snprintf(text, sizeof text, "%.*f", decimals, px);
    ck_assert_int_eq(num_parse(text, (size_t)n, &x), 0);
    return x;
}

struct seq {
    int64_t first, last, prev;
};

static int delta(struct book *b, struct seq q, double qty, int64_t t)
{
    struct level l = {98, qty};
    struct ev_book e = {.bids = &l, .n_bids = 1, .asks = &l};
    e.seq_first = q.first;
    e.seq_last = q.last;
    e.seq_prev = q.prev;
    return book_apply(b, &e, t);
}

static void load(struct book *b, const struct level *bid, uint32_t n_bid, const struct level *ask,
                 uint32_t n_ask)
{
    struct ev_book e = {.snapshot = true, .bids = bid, .n_bids = n_bid, .asks = ask};
    e.n_asks = n_ask;
    e.seq_first = e.seq_last = e.seq_prev = -1;
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
}

/* Bids 99x1, 98x2, mid 100: selling 2 costs (1 + 2) / 2 = 1.5 = 150 bps, 4 too many.
 */
START_TEST(test_slip)
{
    static const struct level bid[] = {{99, 1}, {98, 2}}, ask[] = {{101, 1}};
    struct book *b = book_new(100, 0);
    struct book_depth d;
    uint8_t why = 9;
    load(b, bid, 2, ask, 1);
    ck_assert_double_eq_tol(book_slip_bps(b, 100, (struct book_value){1, false}, 200, &why), 150,
                            1e-9);
    ck_assert_int_eq(why, 0);
    ck_assert_double_eq_tol(book_slip_bps(b, 100, (struct book_value){1, false}, 50, &why), 100,
                            1e-9);
    ck_assert_double_eq_tol(book_slip_bps(b, 100, (struct book_value){1, false}, 300, &why),
                            500. / 3, 1e-9);
    ck_assert(isnan(book_slip_bps(b, 100, (struct book_value){1, false}, 400, &why)));
    ck_assert_int_eq(why, 2);
    /* inverse: contracts of 1 USD, so 99x1 is 1 USD; selling 3 takes 1 at 99 and 2 at 98 */
    double vwap = 3 / (1 / 99. + 2 / 98.);
    ck_assert_double_eq_tol(book_slip_bps(b, 100, (struct book_value){1, true}, 3, &why),
                            (100 - vwap) / 100 * 1e4, 1e-9);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq(d.mid, 100);
    ck_assert_double_eq_tol(d.spread_bps, 200, 1e-9);
    ck_assert(isnan(d.slip_1m_bps) && isnan(d.slip_10m_bps));
    ck_assert_int_eq(d.slip_reason, 2);
    book_free(b);
}
END_TEST

START_TEST(test_bands)
{
    /* mid 60,000: 10 bps is 60, inclusive */
    static const struct level bid[] = {{59999, 1}, {59940, 2}, {59939, 4}, {59700, 8}, {59400, 16}};
    static const struct level ask[] = {{60001, 1}, {60060, 2}, {60061, 4}, {60300, 8}, {60601, 16}};
    struct book *b = book_new(100, 0);
    struct book_depth d;
    load(b, bid, 5, ask, 5);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq(d.bid_usd[0], 59999 + 2 * 59940.);
    ck_assert_double_eq(d.bid_usd[1], d.bid_usd[0] + 4 * 59939. + 8 * 59700.);
    ck_assert_double_eq(d.bid_usd[2], d.bid_usd[1] + 16 * 59400.);
    ck_assert_double_eq(d.ask_usd[0], 60001 + 2 * 60060.);
    ck_assert_double_eq(d.ask_usd[2],
                        d.ask_usd[0] + 4 * 60061. + 8 * 60300.); /* 60601 is outside */
    ck_assert_double_eq(d.cov_bid_bps, 1e4); /* fewer than 20 levels: the whole side */
    ck_assert_double_eq(d.cov_ask_bps, 1e4);
    double vwap =
        (59999 + 2 * 59940. + 4 * 59939. + 8 * 59700. + (1e6 / 60000 - 15) * 59400) / (1e6 / 60000);
    ck_assert_double_eq_tol(d.slip_1m_bps, (60000 - vwap) / 60000 * 1e4, 1e-9);
    /* contracts of 0.01 coin, and inverse contracts of 10 USD */
    ck_assert_int_eq(book_depth(b, .01, false, &d), 0);
    ck_assert_double_eq_tol(d.bid_usd[0], (59999 + 2 * 59940.) / 100, 1e-9);
    ck_assert_int_eq(book_depth(b, 10, true, &d), 0);
    ck_assert_double_eq(d.bid_usd[0], 30);
    ck_assert_double_eq(d.ask_usd[2], 150);
    /* from another mid, as for a coarser view */
    ck_assert_int_eq(book_depth_from(b, 60050, 1, false, &d), 0);
    ck_assert_double_eq(d.mid, 60050);
    ck_assert_double_eq(d.ask_usd[0], 60001 + 2 * 60060. + 4 * 60061.);
    book_free(b);
}
END_TEST

START_TEST(test_empty_and_crossed)
{
    static const struct level bid[] = {{99, 1}}, ask[] = {{101, 1}}, crossed[] = {{98, 1}};
    struct book *b = book_new(100, 0);
    struct book_depth d;
    uint8_t why;
    ck_assert_int_eq(book_depth(b, 1, false, &d), E_MISSING);
    ck_assert(isnan(book_slip_bps(b, 100, (struct book_value){1, false}, 1, &why)));
    load(b, bid, 0, ask, 1);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_depth(b, 1, false, &d), E_RANGE);
    load(b, bid, 1, ask, 0);
    ck_assert_int_eq(book_depth(b, 1, false, &d), E_RANGE);
    load(b, bid, 1, crossed, 1);
    ck_assert_int_eq(book_depth(b, 1, false, &d), E_RANGE);
    load(b, bid, 1, ask, 1);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    book_free(b);
}
END_TEST

/* 1,000 levels a side, 0.1 apart, said to be all the venue gives: covered to the worst of them. */
static struct ev_book thousand(int64_t s, double mid)
{
    for (int i = 0; i < 1000; i++) {
        bids[i] = (struct level){decimal(mid - .1 - .1 * i, 1), 1};
        asks[i] = (struct level){decimal(mid + .1 + .1 * i, 1), 1};
    }
    struct ev_book e = {.snapshot = true, .bids = bids, .n_bids = 1000, .asks = asks, .cap = 1000};
    e.n_asks = 1000;
    e.seq_first = e.seq_prev = -1;
    e.seq_last = s;
    return e;
}

START_TEST(test_covered)
{
    struct book *b = book_new(4096, 8);
    struct book_depth d;
    struct ev_book e = thousand(10, 60000);
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq_tol(d.cov_bid_bps, 100. / 60000 * 1e4, 1e-6); /* 16.7 bps */
    ck_assert(d.bid_usd[0] > 0 && isnan(d.bid_usd[1]) && isnan(d.ask_usd[2]));
    ck_assert(isnan(d.slip_10m_bps) == (1000 * 60000. < 1e7));
    /* a level far outside is kept, but covers nothing */
    struct level far = {1000, 606.675};
    struct ev_book f = {.bids = &far, .n_bids = 1, .asks = &far};
    f.seq_first = 11;
    f.seq_last = f.seq_prev = 10;
    f.seq_last = 11;
    ck_assert_int_eq(book_apply(b, &f, SEC), 0);
    ck_assert_uint_eq(book_levels(b, true, out, 2000), 1001);
    ck_assert_double_eq(out[1000].px, 1000);
    double before = d.bid_usd[0];
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq(d.bid_usd[0], before);
    ck_assert(isnan(d.bid_usd[1]));
    uint8_t why;
    ck_assert(isnan(book_slip_bps(b, 60000, (struct book_value){1, false}, 1e9, &why)));
    ck_assert_int_eq(why, 1); /* off grid, not empty */
    /* a side with fewer than cap levels is whole */
    e.n_bids = 999;
    e.seq_last = 20;
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq(d.cov_bid_bps, 1e4);
    ck_assert(d.bid_usd[2] > 0 && isnan(d.ask_usd[2]));
    ck_assert(isnan(book_slip_bps(b, 60000, (struct book_value){1, false}, 1e9, &why)));
    ck_assert_int_eq(why, 2);
    book_free(b);
}
END_TEST

/* The mid moves by 10 bps: the band on that side is narrow, a refresh is wanted, nothing goes dark.
 */
START_TEST(test_refresh)
{
    struct book *b = book_new(4096, 8);
    struct level gone[100], come[100];
    struct book_depth d;
    struct ev_book e = thousand(10, 60000);
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    for (int64_t i = 0; i < 6; i++) { /* sells 60 dollars down */
        for (int k = 0; k < 100; k++) {
            gone[k] = (struct level){bids[i * 100 + k].px, 0};
            come[k] = (struct level){bids[i * 100 + k].px, 2};
        }
        struct ev_book f = {.bids = gone, .n_bids = 100, .asks = come, .n_asks = 100};
        f.seq_prev = 10 + i;
        f.seq_first = f.seq_last = 11 + i;
        ck_assert(!book_wants_snapshot(b) || i > 3);
        ck_assert_int_eq(book_apply(b, &f, SEC), 0);
    }
    ck_assert(book_wants_snapshot(b));
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(delta(b, (struct seq){17, 18, 16}, 7, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){19, 20, 18}, 8, SEC), 0);
    ck_assert_int_eq(book_seq(b), 20);
    e = thousand(18, 59940); /* older than the book, but it joins the buffered deltas */
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_seq(b), 20);
    ck_assert(!book_wants_snapshot(b));
    ck_assert_uint_eq(book_levels(b, true, out, 2000), 1001);
    ck_assert_double_eq(out[1000].px, 98);
    ck_assert_double_eq(out[1000].qty, 8);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert(d.cov_bid_bps > 16);
    /* an older one that cannot be joined changes nothing */
    e = thousand(12, 59940);
    ck_assert_int_eq(book_apply(b, &e, SEC), E_STALE);
    ck_assert_int_eq(book_seq(b), 20);
    book_free(b);
}
END_TEST

UNIT_MAIN("book_depth", tcase_add_test(tc, test_slip); tcase_add_test(tc, test_bands);
          tcase_add_test(tc, test_empty_and_crossed); tcase_add_test(tc, test_covered);
          tcase_add_test(tc, test_refresh);)
