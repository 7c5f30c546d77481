/* Proves: a book whose stream brings its own snapshots and tells of the best levels only starts
 * anew with each of them whatever its sequence, equals a naive book cut to the window under random
 * deltas, is covered exactly as far as the stream tells, and is healed by REST after a gap. */
#include "market/book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SEC    1000000ll
#define WINDOW 8
#define PRICES 60

static struct level pool[2][PRICES];
static uint64_t seed = 88172645463325252ull;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* n levels a side around 100, one tick apart. */
static struct ev_book message(bool snapshot, int64_t seq, uint32_t n)
{
    struct ev_book e = {.snapshot = snapshot,
                        .bids = pool[0],
                        .asks = pool[1],
                        .n_bids = n,
                        .n_asks = n,
                        .cap = WINDOW,
                        .window = WINDOW,
                        .seq_first = snapshot ? -1 : seq,
                        .seq_last = seq,
                        .seq_prev = -1};
    for (uint32_t i = 0; i < n; i++) {
        pool[0][i] = (struct level){(1000.0 - i) / 10, 1 + i};
        pool[1][i] = (struct level){(1001.0 + i) / 10, 1 + i};
    }
    return e;
}

static struct book *live_book(int64_t seq)
{
    struct book *b = book_new(200, 16);
    struct ev_book e = message(true, seq, WINDOW);
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert(!book_wants_snapshot(b));
    return b;
}

START_TEST(test_snapshot_restarts)
{
    struct book *b = live_book(1000);
    struct ev_book e = message(false, 1001, 1);
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    e = message(true, 1, WINDOW); /* the exchange restarted */
    ck_assert_int_eq(book_apply(b, &e, 2 * SEC), 0);
    ck_assert_int_eq(book_seq(b), 1);
    e = message(false, 2, 1);
    ck_assert_int_eq(book_apply(b, &e, 2 * SEC), 0);
    ck_assert_int_eq(book_seq(b), 2);
    e = message(false, 4, 1);
    ck_assert_int_eq(book_apply(b, &e, 2 * SEC), E_GAP);
    e = message(true, 7, WINDOW);
    ck_assert_int_eq(book_apply(b, &e, 2 * SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    book_free(b);
}
END_TEST

START_TEST(test_next_must_follow)
{
    struct book *b = live_book(10);
    struct ev_book e = message(false, 12, 1); /* 11 is missing, already after the snapshot */
    ck_assert_int_eq(book_apply(b, &e, SEC), E_GAP);
    ck_assert_int_eq(book_state(b), BOOK_GAP);
    ck_assert(book_wants_snapshot(b));
    book_free(b);
}
END_TEST

START_TEST(test_rest_heals_a_gap)
{
    struct book *b = live_book(10);
    for (int64_t s = 13; s <= 15; s++) {
        struct ev_book e = message(false, s, 1);
        ck_assert_int_eq(book_apply(b, &e, SEC), s == 13 ? E_GAP : 0);
    }
    struct ev_book e = message(true, 14, WINDOW);
    e.window = 0; /* by REST */
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_seq(b), 15); /* the snapshot and the delta after it */
    e = message(true, 9, WINDOW);
    e.window = 0;
    ck_assert_int_eq(book_apply(b, &e, SEC), E_STALE);
    book_free(b);
}
END_TEST

/* Levels that fall out of the window are not told any more: they are no part of the book, and the
 * covered band ends where the stream ends. */
START_TEST(test_covered_band_rolls)
{
    struct book *b = live_book(10);
    struct book_depth d;
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq_tol(d.cov_bid_bps, (100.05 - 99.3) / 100.05 * 1e4, 1e-6);
    struct level up[2] = {{100.2, 1}, {100.3, 1}}, gone[3] = {{100.1, 0}, {100.2, 0}, {100.3, 0}};
    struct ev_book e = message(false, 11, 0);
    e.bids = up;
    e.n_bids = 2;
    e.asks = gone;
    e.n_asks = 3;
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    struct level l[PRICES];
    ck_assert_uint_eq(book_levels(b, true, l, PRICES), WINDOW);
    ck_assert_double_eq_tol(l[WINDOW - 1].px, 99.5, 1e-9); /* 99.4 and 99.3 fell out */
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq_tol(d.cov_bid_bps, (d.mid - 99.5) / d.mid * 1e4, 1e-6);
    ck_assert_double_eq(d.cov_ask_bps, 10000); /* five asks of eight: the whole side */
    ck_assert(!book_wants_snapshot(b));
    book_free(b);
}
END_TEST

/* A book that may keep fewer levels than the stream tells goes by its own limit. */
START_TEST(test_small_book)
{
    struct book *b = book_new(4, 16);
    struct ev_book e = message(true, 10, WINDOW);
    struct level l[PRICES];
    struct book_depth d;
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_uint_eq(book_levels(b, true, l, PRICES), 4);
    struct level gone[1] = {{100, 0}};
    e = message(false, 11, 0);
    e.bids = gone;
    e.n_bids = 1;
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_lt(d.cov_bid_bps, 50); /* three levels are left, and not the whole side */
    book_free(b);
}
END_TEST

static double have[2][PRICES]; /* quantity by tick, the naive book; 0 = none */

static uint32_t naive_best(int side, double px[WINDOW])
{
    uint32_t n = 0;
    for (int i = 0; i < PRICES && n < WINDOW; i++) {
        int k = side ? i : PRICES - 1 - i;
        if (have[side][k] > 0)
            px[n++] = k;
    }
    return n;
}

/* What fell out of the window comes back only when the stream tells it again. */
static void naive_cut(int side)
{
    double px[WINDOW];
    uint32_t n = naive_best(side, px);
    for (int k = 0; n == WINDOW && k < PRICES; k++)
        if (side ? k > px[WINDOW - 1] : k < px[WINDOW - 1])
            have[side][k] = 0;
}

START_TEST(test_random_against_naive)
{
    struct book *b = book_new(200, 16);
    struct ev_book e = message(true, 1, 0);
    memset(have, 0, sizeof have);
    ck_assert_int_eq(book_apply(b, &e, SEC), 0);
    for (int64_t s = 2; s < 20000; s++) {
        uint32_t n[2] = {rnd(6), rnd(6)};
        e = message(false, s, 0);
        for (int side = 0; side < 2; side++)
            for (uint32_t i = 0; i < n[side]; i++) {
                uint32_t k = rnd(PRICES - 1) + 1;
                pool[side][i] = (struct level){k, rnd(2) ? 1 + rnd(9) : 0};
                have[side][k] = pool[side][i].qty;
            }
        e.n_bids = n[0];
        e.n_asks = n[1];
        ck_assert_int_eq(book_apply(b, &e, SEC), 0);
        for (int side = 0; side < 2; side++) {
            struct level l[PRICES];
            double px[WINDOW];
            naive_cut(side);
            uint32_t want = naive_best(side, px), got = book_levels(b, side == 0, l, PRICES);
            ck_assert_uint_eq(got, want);
            for (uint32_t i = 0; i < want; i++) {
                ck_assert_double_eq(l[i].px, px[i]);
                ck_assert_double_eq(l[i].qty, have[side][(int)px[i]]);
            }
        }
    }
    book_free(b);
}
END_TEST

UNIT_MAIN("book_window", tcase_add_test(tc, test_snapshot_restarts);
          tcase_add_test(tc, test_next_must_follow); tcase_add_test(tc, test_rest_heals_a_gap);
          tcase_add_test(tc, test_covered_band_rolls); tcase_add_test(tc, test_small_book);
          tcase_add_test(tc, test_random_against_naive);)
