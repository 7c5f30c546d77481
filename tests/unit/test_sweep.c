/* Proves the sweeps: worked books, the difference between standing and re-quoting books, and, on
 * 100,000 random books and maps, equality with a brute-force least fixed point for every shock of
 * both kinds. */
#include "unit.h"

#include <math.h>

#include "risk/sweep.h"

#define CELLS 2000

static double depth[CELLS], liq[CELLS], cum_d[CELLS + 1], cum_l[CELLS + 1];
static int x_star[CELLS + 1];

/* The worked tests speak of percent: 20 % in cells of 0.01 %; densities are per percent. */
static struct sweep book(double (*d)(double), double (*l)(double))
{
    for (int i = 0; i < CELLS; i++) {
        double x = (i + .5) * .01;
        depth[i] = d(x) * .01;
        liq[i] = l(x) * .01;
    }
    struct sweep w = {CELLS, .0001, 1, depth, liq, cum_d, cum_l};
    ck_assert_int_eq(sweep_init(&w), 0);
    return w;
}

static double ten(double x)
{
    (void)x;
    return 10;
}
static double five(double x)
{
    (void)x;
    return 5;
}
static double twelve_to_five(double x)
{
    return x < 5 ? 12 : 0;
}
static double lump_at_three(double x)
{
    return x > 3 && x < 3.01 ? 4000 : 0;
}
static double thin_then_thick(double x)
{
    return x < 1 ? 2 : 20;
}
static double eight(double x)
{
    (void)x;
    return 8;
}

static void ends_at(double shock, double want)
{
    double got = x_star[(int)lround(shock / .01)] * .01;
    ck_assert_msg(fabs(got - want) < 1e-9, "shock %g ends at %g, not %g", shock, got, want);
}

START_TEST(uniform_book_amplifies_by_one_over_one_minus_r)
{
    struct sweep w = book(ten, five);
    ck_assert_int_eq(sweep_run(&w, SWEEP_FLOW, x_star),
                     SWEEP_OFF_GRID); /* not runaway: depth wins */
    for (int s = 1; s <= 1000; s++)
        ck_assert_int_eq(x_star[s], 2 * s);
    ck_assert_int_gt(x_star[1001], CELLS);
    ck_assert_int_eq(sweep_critical(&w, x_star, SWEEP_OFF_GRID),
                     100); /* 1 %: it runs as far again */
    ck_assert_double_eq_tol(sweep_reproduction(&w, .01), .5, 1e-12);
}
END_TEST

START_TEST(a_stretch_of_excess_liquidations)
{
    struct sweep w = book(ten, twelve_to_five);
    enum sweep_state off = sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(1, 7);
    ends_at(2, 8);
    ends_at(3, 9);
    ends_at(5, 11);
    ends_at(10, 16);
    ck_assert_int_eq(sweep_critical(&w, x_star, off), 1);
    ck_assert_double_eq_tol(sweep_reproduction(&w, .01), 1.2, 1e-12);
}
END_TEST

START_TEST(a_lump_is_met_only_by_shocks_that_reach_it)
{
    struct sweep w = book(ten, lump_at_three);
    enum sweep_state off = sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(1, 1);
    ends_at(2, 2);
    ends_at(3, 3);
    ends_at(5, 9);
    ends_at(10, 14);
    ck_assert_int_eq(sweep_critical(&w, x_star, off), 301);
}
END_TEST

START_TEST(flow_and_news_differ)
{
    struct sweep w = book(thin_then_thick, eight);
    (void)sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(3, 5);
    (void)sweep_run(&w, SWEEP_NEWS, x_star);
    ends_at(3, 6.5);
}
END_TEST

START_TEST(runaway_is_told_from_off_grid)
{
    struct sweep w = book(five, ten);
    enum sweep_state off = sweep_run(&w, SWEEP_FLOW, x_star);
    ck_assert_int_eq(off, SWEEP_RUNAWAY);
    ck_assert_int_eq(sweep_critical(&w, x_star, off), 1);
    ck_assert_int_gt(x_star[1], CELLS);
}
END_TEST

START_TEST(bad_books_are_refused)
{
    struct sweep w = book(ten, five);
    depth[7] = -1;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    depth[7] = NAN;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    depth[7] = 1;
    w.phi = 1.5;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    w.phi = 1;
    w.n = SWEEP_CELLS_MAX + 1;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
}
END_TEST

/* --- brute force ------------------------------------------------------------------------------ */

static uint64_t seed = 5;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* Integers as masses, so that sums are exact and the comparison has no tolerance. */
static int random_book(void)
{
    int n = 1 + (int)rnd(40);
    for (int i = 0; i < n; i++) {
        depth[i] = rnd(4) ? rnd(20) : 0;
        liq[i] = rnd(3) ? 0 : rnd(rnd(8) ? 15 : 120);
    }
    return n;
}

/* Least fixed point of x <- min { y : D(y) >= what the shock and the liquidations up to x consume
 * }, started at the shock. */
static int fixed_point(const struct sweep *w, enum sweep_kind kind, int s)
{
    int x = s;
    for (;;) {
        int y = kind == SWEEP_NEWS ? s : 0;
        double need = w->phi * w->cum_liq[x] + (kind == SWEEP_FLOW ? w->cum_depth[s] : 0);
        while (y <= w->n && w->cum_depth[kind == SWEEP_NEWS ? y - s : y] < need)
            y++;
        if (y <= x)
            return x;
        if (y > w->n)
            return w->n + 1;
        x = y;
    }
}

START_TEST(sweep_equals_the_least_fixed_point)
{
    long cases = 0, mismatches = 0;
    for (int k = 0; k < 100000; k++) {
        struct sweep w = {random_book(), .001, rnd(2) ? 1 : .5, depth, liq, cum_d, cum_l};
        ck_assert_int_eq(sweep_init(&w), 0);
        for (int kind = SWEEP_FLOW; kind <= SWEEP_NEWS; kind++) {
            (void)sweep_run(&w, (enum sweep_kind)kind, x_star);
            for (int s = 0; s <= w.n; s++, cases++)
                mismatches += x_star[s] != fixed_point(&w, (enum sweep_kind)kind, s);
        }
    }
    printf("%ld shocks on 100,000 books, %ld mismatches\n", cases, mismatches);
    ck_assert_int_eq(mismatches, 0);
    ck_assert_int_gt(cases, 1000000);
}
END_TEST

UNIT_MAIN("sweep", tcase_add_test(tc, uniform_book_amplifies_by_one_over_one_minus_r);
          tcase_add_test(tc, a_stretch_of_excess_liquidations);
          tcase_add_test(tc, a_lump_is_met_only_by_shocks_that_reach_it);
          tcase_add_test(tc, flow_and_news_differ);
          tcase_add_test(tc, runaway_is_told_from_off_grid);
          tcase_add_test(tc, bad_books_are_refused);
          tcase_add_test(tc, sweep_equals_the_least_fixed_point);)
