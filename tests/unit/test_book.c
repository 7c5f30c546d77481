/* Proves: the book equals a naive map under random snapshots, deltas and prices of every size and
 * precision, best levels bit for bit; every sequence rule; limits; bad numbers. */
#include "market/book.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "unit.h"

#define SEC 1000000ll

static uint64_t seed = 88172645463325252ull;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* --- a naive book: unsorted levels, searched from end to end ------------------------------------
 */

#define NAIVE_MAX 20000
struct naive {
    struct level l[2][NAIVE_MAX];
    uint32_t n[2];
};
static struct naive naive;

static void naive_put(int side, struct level l)
{
    for (uint32_t i = 0; i < naive.n[side]; i++) {
        if (naive.l[side][i].px != l.px)
            continue;
        if (l.qty > 0)
            naive.l[side][i] = l;
        else
            naive.l[side][i] = naive.l[side][--naive.n[side]];
        return;
    }
    if (l.qty > 0)
        naive.l[side][naive.n[side]++] = l;
}

static int by_px_up(const void *a, const void *b)
{
    double x = ((const struct level *)a)->px, y = ((const struct level *)b)->px;
    return x < y ? -1 : x > y;
}

static int by_px_down(const void *a, const void *b)
{
    return by_px_up(b, a);
}

static struct level out[NAIVE_MAX];

static void same_as_naive(const struct book *b, int round, int step)
{
    for (int side = 0; side < 2; side++) {
        qsort(naive.l[side], naive.n[side], sizeof(struct level), side ? by_px_up : by_px_down);
        uint32_t n = book_levels(b, side == 0, out, NAIVE_MAX);
        ck_assert_msg(n == naive.n[side], "round %d step %d side %d: %u levels, want %u", round,
                      step, side, n, naive.n[side]);
        for (uint32_t i = 0; i < n; i++)
            ck_assert_msg(memcmp(&out[i], &naive.l[side][i], sizeof out[i]) == 0,
                          "round %d step %d side %d level %u: %.17g x %.17g, want %.17g x %.17g",
                          round, step, side, i, out[i].px, out[i].qty, naive.l[side][i].px,
                          naive.l[side][i].qty);
        struct level best;
        ck_assert(book_best(b, side == 0, &best) == (n > 0));
        if (n)
            ck_assert(memcmp(&best, &out[0], sizeof best) == 0);
    }
}

/* A price as a venue writes it: decimal text, parsed. */
static double decimal(double px, int decimals)
{
    char text[64];
    double x;
    int n = snprintf(text, sizeof text, "%.*f", decimals, px);
    ck_assert_int_eq(num_parse(text, (size_t)n, &x), 0);
    return x;
}

struct shape {
    double mid, width, far; /* width as a fraction of mid; share of levels far away */
    int decimals, odd;      /* odd: one price in so many has two more decimals; 0 = none */
};
static const struct shape shapes[] = {
    {61800, .002, .05, 2, 0},    {113000, .002, .01, 2, 0}, {61800, .01, .05, 1, 0},
    {0.0071234, .05, .1, 7, 0},  {24.5, .02, .05, 3, 0},    {4100, .004, .1, 2, 50},
    {98765, .001, 0, 0, 30},     {1.0, .001, .02, 12, 0},   {1e9, .5, .1, 2, 0},
    {0.00000123, .1, .1, 10, 0}, {61800, .004, .1, 12, 0},
};

static struct level random_level(const struct shape *s, double mid)
{
    double u = (double)(rnd() % 2000001) / 1e6 - 1;
    double px = mid * (1 + u * s->width);
    if ((double)(rnd() % 1000) < s->far * 1000)
        px = mid * (rnd() % 2 ? .016 + (double)(rnd() % 100) / 100 : 1 + (double)(rnd() % 50));
    int decimals = s->decimals + (s->odd && rnd() % (uint64_t)s->odd == 0 ? 2 : 0);
    double qty = rnd() % 5 < 2 ? 0 : (double)(rnd() % 40000 + 1) / 1000;
    px = decimal(px, decimals);
    return (struct level){px > 0 ? px : decimal(mid, decimals), qty};
}

static struct level bids[NAIVE_MAX], asks[NAIVE_MAX];
static int64_t seq;

static struct ev_book message(bool snapshot, uint32_t n_bids, uint32_t n_asks)
{
    struct ev_book e = {.snapshot = snapshot, .bids = bids, .asks = asks};
    e.n_bids = n_bids;
    e.n_asks = n_asks;
    e.seq_prev = snapshot ? -1 : seq;
    e.seq_first = snapshot ? -1 : seq + 1;
    e.seq_last = seq += 10;
    return e;
}

static void random_message(struct book *b, const struct shape *s, double mid, bool snapshot,
                           uint32_t most)
{
    uint32_t n[2] = {(uint32_t)(rnd() % most), (uint32_t)(rnd() % most)};
    struct level *const l[2] = {bids, asks};
    if (snapshot)
        naive.n[0] = naive.n[1] = 0;
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < n[side]; i++) {
            l[side][i] = random_level(s, mid);
            naive_put(side, l[side][i]);
        }
    struct ev_book e = message(snapshot, n[0], n[1]);
    ck_assert_int_eq(book_apply(b, &e, seq), 0);
    ck_assert_int_eq(book_seq(b), e.seq_last);
}

START_TEST(test_random)
{
    for (int round = 0; round < 44; round++) {
        const struct shape *s = &shapes[round % (int)(sizeof shapes / sizeof shapes[0])];
        struct book *b = book_new(round < 33 ? 8192 : 60, 0); /* the small one has no window */
        double mid = s->mid;
        ck_assert_ptr_nonnull(b);
        seq = 100;
        for (int step = 0; step < 60; step++) {
            uint32_t most = round >= 33 ? 8 : step % 20 ? 60 : 400;
            bool snapshot = round >= 33 ? step % 6 == 0 : step % 20 == 0;
            mid *= 1 + ((double)(rnd() % 1001) / 1000 - .5) * s->width;
            random_message(b, s, mid, snapshot, most);
            same_as_naive(b, round, step);
        }
        book_free(b);
    }
}
END_TEST

/* A trend of 20 % in steps moves the window many times; nothing is lost or doubled. */
START_TEST(test_drift)
{
    const struct shape s = {61800, .0005, .01, 1, 0};
    struct book *b = book_new(16384, 0);
    double mid = s.mid;
    seq = 1;
    random_message(b, &s, mid, true, 200);
    for (int step = 0; step < 300; step++) {
        mid *= step < 200 ? .999 : 1.0015;
        random_message(b, &s, mid, false, 40);
        if (step % 10 == 0)
            same_as_naive(b, 0, step);
    }
    same_as_naive(b, 0, 300);
    book_free(b);
}
END_TEST

/* Fewer levels than come: the best max_levels stay, and the covered band ends at the worst kept. */
START_TEST(test_max_levels)
{
    for (int small = 0; small < 2; small++) {
        uint32_t max = small ? 20 : 200;
        struct book *b = book_new(max, 0);
        seq = 1;
        for (uint32_t i = 0; i < 1000; i++) {
            bids[i] = (struct level){decimal(60000 - .1 * (double)((i * 7) % 1000), 1), 1};
            asks[i] = (struct level){decimal(60000.1 + 50 * (double)((i * 3) % 1000), 1), 2};
        }
        struct ev_book e = message(true, 1000, 1000);
        ck_assert_int_eq(book_apply(b, &e, 1), 0);
        ck_assert_uint_eq(book_levels(b, true, out, NAIVE_MAX), max);
        for (uint32_t i = 0; i < max; i++)
            ck_assert_double_eq(out[i].px, decimal(60000 - .1 * i, 1));
        ck_assert_uint_eq(book_levels(b, false, out, NAIVE_MAX), max);
        for (uint32_t i = 0; i < max; i++)
            ck_assert_double_eq(out[i].px, decimal(60000.1 + 50 * i, 1));
        struct book_depth d;
        ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
        ck_assert_double_eq_tol(d.cov_bid_bps, (max * .1 - .05) / 60000.05 * 1e4, 1e-6);
        ck_assert(isnan(d.bid_usd[0]));
        book_free(b);
    }
}
END_TEST

/* A live book that grows beyond its limit covers less, but not less than the levels it kept. */
START_TEST(test_grows_too_large)
{
    struct book *b = book_new(100, 0);
    struct book_depth d;
    seq = 1;
    for (int i = 0; i < 90; i++) {
        bids[i] = (struct level){1000 - i, 1};
        asks[i] = (struct level){1100 + i, 1};
    }
    struct ev_book e = message(true, 90, 90);
    e.cap = 1000; /* fewer: both sides are whole */
    ck_assert_int_eq(book_apply(b, &e, 1), 0);
    for (int i = 0; i < 30; i++)
        bids[i] = (struct level){1001 + i, 1};
    e = message(false, 30, 0);
    ck_assert_int_eq(book_apply(b, &e, 1), 0);
    ck_assert_uint_eq(book_levels(b, true, out, NAIVE_MAX), 100);
    ck_assert_double_eq(out[0].px, 1030);
    ck_assert_double_eq(out[99].px, 931); /* 20 fell off */
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq_tol(d.cov_bid_bps, (1065 - 931) / 1065. * 1e4, 1e-9);
    ck_assert_double_eq(d.cov_ask_bps, 1e4);
    bids[0] = (struct level){500, 1}; /* beyond what is covered: dropped, nothing shrinks */
    e = message(false, 1, 0);
    ck_assert_int_eq(book_apply(b, &e, 1), 0);
    ck_assert_int_eq(book_depth(b, 1, false, &d), 0);
    ck_assert_double_eq_tol(d.cov_bid_bps, (1065 - 931) / 1065. * 1e4, 1e-9);
    book_free(b);
}
END_TEST

/* --- sequences ----------------------------------------------------------------------------------
 */

static struct level one_bid = {99, 1}, one_ask = {101, 1};

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

static int snapshot(struct book *b, int64_t last, int64_t t)
{
    struct ev_book e = {.snapshot = true, .bids = &one_bid, .n_bids = 1, .asks = &one_ask};
    e.n_asks = 1;
    e.seq_first = e.seq_prev = -1;
    e.seq_last = last;
    return book_apply(b, &e, t);
}

static double qty_at_98(const struct book *b)
{
    uint32_t n = book_levels(b, true, out, 10);
    for (uint32_t i = 0; i < n; i++)
        if (out[i].px == 98)
            return out[i].qty;
    return 0;
}

START_TEST(test_sync)
{
    struct book *b = book_new(100, 8);
    struct level l;
    ck_assert_int_eq(book_state(b), BOOK_EMPTY);
    ck_assert(!book_wants_snapshot(b));
    ck_assert_int_eq(delta(b, (struct seq){1, 5, 0}, 1, SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_WAITING);
    ck_assert(book_wants_snapshot(b));
    ck_assert(!book_best(b, true, &l));
    ck_assert_int_eq(delta(b, (struct seq){6, 9, 5}, 2, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){10, 12, 9}, 3, SEC), 0);
    ck_assert_int_eq(snapshot(b, 7, SEC), 0); /* drops 1-5, joins at 6-9 */
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_seq(b), 12);
    ck_assert_double_eq(qty_at_98(b), 3);
    ck_assert(!book_wants_snapshot(b));
    ck_assert_int_eq(delta(b, (struct seq){13, 20, 12}, 4, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){13, 20, 12}, 9, SEC),
                     0); /* the other connection says it again */
    ck_assert_double_eq(qty_at_98(b), 4);
    ck_assert_int_eq(book_time(b), SEC);
    book_free(b);
}
END_TEST

START_TEST(test_bridge)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(snapshot(b, 100, SEC), 0); /* before any delta */
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(delta(b, (struct seq){90, 95, 89}, 5, SEC),
                     0); /* older than the snapshot: dropped */
    ck_assert_double_eq(qty_at_98(b), 0);
    ck_assert_int_eq(delta(b, (struct seq){96, 105, 95}, 6, SEC), 0); /* spans it */
    ck_assert_double_eq(qty_at_98(b), 6);
    ck_assert_int_eq(delta(b, (struct seq){106, 107, 105}, 7, SEC), 0);
    ck_assert_int_eq(snapshot(b, 200, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){201, 205, 200}, 8, SEC), 0); /* prev is the snapshot */
    ck_assert_int_eq(book_seq(b), 205);
    ck_assert_int_eq(snapshot(b, 300, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){302, 305, 301}, 8, SEC), E_GAP); /* starts after it */
    ck_assert_int_eq(book_state(b), BOOK_GAP);
    book_free(b);
}
END_TEST

START_TEST(test_gap)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(snapshot(b, 10, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){11, 12, 10}, 1, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){15, 16, 14}, 2, SEC), E_GAP);
    ck_assert_int_eq(book_state(b), BOOK_GAP);
    ck_assert(book_wants_snapshot(b));
    struct book_depth d;
    ck_assert_int_eq(book_depth(b, 1, false, &d), E_MISSING);
    ck_assert_int_eq(delta(b, (struct seq){17, 18, 16}, 3, SEC), 0); /* said once */
    ck_assert_int_eq(book_state(b), BOOK_GAP);
    ck_assert_int_eq(snapshot(b, 13, SEC), E_STALE); /* the buffer starts later: too old */
    ck_assert(book_wants_snapshot(b));
    ck_assert_int_eq(snapshot(b, 14, SEC), 0); /* prev of the first buffered */
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_seq(b), 18);
    ck_assert_double_eq(qty_at_98(b), 3);
    book_free(b);
}
END_TEST

START_TEST(test_hole_in_buffer)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(delta(b, (struct seq){1, 2, 0}, 1, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){5, 6, 4}, 2, SEC),
                     0); /* 3-4 lost: what came before is useless */
    ck_assert_int_eq(snapshot(b, 2, SEC), E_STALE);
    ck_assert_int_eq(snapshot(b, 5, SEC), 0);
    ck_assert_int_eq(book_seq(b), 6);
    book_free(b);
}
END_TEST

START_TEST(test_restart)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(snapshot(b, 1000, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){1001, 1002, 1000}, 1, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){1, 2, 0}, 2, 2 * SEC),
                     0); /* lower numbers: maybe an overlap */
    ck_assert_int_eq(delta(b, (struct seq){3, 4, 2}, 2, 7 * SEC), E_GAP);
    ck_assert_int_eq(delta(b, (struct seq){5, 6, 4}, 3, 7 * SEC), 0);
    ck_assert_int_eq(snapshot(b, 3, 8 * SEC), 0);
    ck_assert_int_eq(book_seq(b), 6);
    /* the same while a snapshot is awaited */
    book_reset(b);
    ck_assert_int_eq(delta(b, (struct seq){901, 902, 900}, 1, 10 * SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){1, 2, 0}, 1, 16 * SEC), 0);
    ck_assert_int_eq(snapshot(b, 1, 17 * SEC), 0);
    ck_assert_int_eq(book_seq(b), 2);
    book_free(b);
}
END_TEST

START_TEST(test_linked_but_not_higher)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(snapshot(b, 1000, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){1001, 1002, 1000}, 1, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){1003, 1002, 1002}, 2, 70 * SEC),
                     0); /* a quiet minute later */
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    ck_assert_int_eq(book_time(b), 70 * SEC);
    ck_assert_int_eq(delta(b, (struct seq){1003, 10, 1002}, 3, 70 * SEC),
                     0); /* numbers begin anew */
    ck_assert_int_eq(book_seq(b), 10);
    ck_assert_double_eq(qty_at_98(b), 3);
    ck_assert_int_eq(delta(b, (struct seq){11, 15, 10}, 4, 71 * SEC), 0);
    ck_assert_double_eq(qty_at_98(b), 4);
    ck_assert_int_eq(delta(b, (struct seq){1003, 1005, 1002}, 5, 71 * SEC),
                     E_GAP); /* of the old numbers */
    book_free(b);
}
END_TEST

/* OKX gives no first number: what the snapshot must hold is the end of the message before. */
START_TEST(test_join_by_prev_alone)
{
    struct book *b = book_new(100, 8);
    ck_assert_int_eq(snapshot(b, 100, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){-1, 110, 101}, 1, SEC), E_GAP); /* 101 was never seen */
    ck_assert_int_eq(snapshot(b, 100, SEC), E_STALE);
    ck_assert_int_eq(delta(b, (struct seq){-1, 120, 110}, 2, SEC), 0);
    ck_assert_int_eq(snapshot(b, 112, SEC), 0); /* 101-110 is in it, 110-120 goes on from it */
    ck_assert_int_eq(book_seq(b), 120);
    ck_assert_double_eq(qty_at_98(b), 2);
    ck_assert_int_eq(snapshot(b, 130, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){-1, 140, 130}, 3, SEC), 0);
    ck_assert_double_eq(qty_at_98(b), 3);
    book_free(b);
}
END_TEST

START_TEST(test_buffer_limit)
{
    struct book *b = book_new(100, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(delta(b, (struct seq){2 * i + 1, 2 * i + 2, 2 * i}, 1, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){9, 10, 8}, 1, SEC), E_LIMIT);
    ck_assert_int_eq(book_state(b), BOOK_GAP);
    ck_assert_int_eq(snapshot(b, 5, SEC), E_STALE); /* the buffer was emptied */
    ck_assert_int_eq(snapshot(b, 9, SEC), 0);
    ck_assert_int_eq(book_seq(b), 10);
    book_free(b);
    b = book_new(100, 2); /* 64 levels in all */
    struct ev_book e = {.bids = bids, .n_bids = 70, .asks = bids};
    e.seq_first = e.seq_last = 5;
    e.seq_prev = 4;
    ck_assert_int_eq(book_apply(b, &e, SEC), E_LIMIT);
    book_free(b);
}
END_TEST

START_TEST(test_no_sequence)
{
    struct book *b = book_new(100, 0);
    ck_assert_int_eq(snapshot(b, -1, SEC), 0);
    ck_assert_int_eq(book_state(b), BOOK_LIVE);
    one_bid.qty = 5;
    ck_assert_int_eq(snapshot(b, -1, 2 * SEC), 0); /* each message replaces */
    struct level l;
    ck_assert(book_best(b, true, &l));
    ck_assert_double_eq(l.qty, 5);
    ck_assert_int_eq(delta(b, (struct seq){-1, -1, -1}, 1, SEC), E_MISSING); /* cannot be checked */
    ck_assert_int_eq(delta(b, (struct seq){5, 5, -1}, 1, SEC), E_GAP);
    ck_assert_int_eq(snapshot(b, 5, SEC), 0);
    ck_assert_int_eq(delta(b, (struct seq){6, 6, -1}, 1, SEC),
                     0); /* first = last + 1 where there is no prev */
    ck_assert_int_eq(delta(b, (struct seq){8, 8, -1}, 1, SEC), E_GAP);
    one_bid.qty = 1;
    book_reset(b);
    ck_assert_int_eq(book_state(b), BOOK_EMPTY);
    ck_assert(!book_best(b, true, &l));
    ck_assert_int_eq(book_seq(b), -1);
    book_free(b);
}
END_TEST

START_TEST(test_bad_numbers)
{
    static const struct level bad[] = {{NAN, 1}, {INFINITY, 1}, {-1, 1},       {0, 1},
                                       {1, -1},  {1, NAN},      {1, INFINITY}, {1e300, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct book *b = book_new(i % 2 ? 100 : 10, 4);
        ck_assert_int_eq(snapshot(b, 10, SEC), 0);
        struct ev_book e = {.bids = &bad[i], .n_bids = 1, .asks = bad};
        e.seq_first = e.seq_last = 11;
        e.seq_prev = 10;
        ck_assert_int_eq(book_apply(b, &e, SEC), E_RANGE);
        ck_assert_int_eq(book_state(b), BOOK_GAP);
        ck_assert(book_wants_snapshot(b));
        e.snapshot = true;
        ck_assert_int_eq(book_apply(b, &e, SEC), E_RANGE);
        ck_assert_int_eq(book_state(b), BOOK_GAP);
        ck_assert_int_eq(snapshot(b, 12, SEC), 0);
        ck_assert_int_eq(book_state(b), BOOK_LIVE);
        book_free(b);
    }
}
END_TEST

UNIT_MAIN("book", tcase_add_test(tc, test_random); tcase_add_test(tc, test_drift);
          tcase_add_test(tc, test_max_levels); tcase_add_test(tc, test_grows_too_large);
          tcase_add_test(tc, test_sync); tcase_add_test(tc, test_bridge);
          tcase_add_test(tc, test_gap); tcase_add_test(tc, test_hole_in_buffer);
          tcase_add_test(tc, test_restart); tcase_add_test(tc, test_linked_but_not_higher);
          tcase_add_test(tc, test_join_by_prev_alone); tcase_add_test(tc, test_buffer_limit);
          tcase_add_test(tc, test_no_sequence); tcase_add_test(tc, test_bad_numbers);)
