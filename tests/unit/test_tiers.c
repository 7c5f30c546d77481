/* Proves the margin tier rules on Binance's published BTCUSDT rows and on Hyperliquid's recursion:
 * what is accepted, what is refused and which tier a notional is in. */
#include <math.h>

#include "facts/tiers.h"
#include "unit.h"

/* Binance BTCUSDT as published in October 2024. */
static const struct tier btc[] = {
    {0, 50000, 0.004, 0, 125},    {50000, 600000, 0.005, 50, 100}, {600000, 3e6, 0.0065, 950, 75},
    {3e6, 12e6, 0.01, 11450, 50}, {12e6, 70e6, 0.02, 131450, 25},  {70e6, 100e6, 0.025, 481450, 20},
};

#define N ((int)(sizeof btc / sizeof *btc))

START_TEST(accepts_published_rows)
{
    ck_assert_int_eq(tiers_check(btc, N), 0);
    ck_assert_int_eq(tiers_check(btc, 1), 0);
}
END_TEST

/* OKX AAVE-USDT in May 2023, in contracts: the rate of a tier is for the whole position. */
START_TEST(whole_position_tiers_deduct_nothing)
{
    struct tier t[3] = {
        {0, 1000, 0.0065, 0, 50}, {1000, 3000, 0.01, 0, 40}, {3000, 8000, 0.015, 0, 20}};
    ck_assert_int_eq(tiers_check_whole(t, 3), 0);
    ck_assert_int_eq(tiers_check(t, 3), E_RANGE); /* as tiers with deduction they are broken */
    ck_assert_int_eq(tiers_check_whole(btc, N), E_RANGE);
    t[2].floor_usd = 3001;
    ck_assert_int_eq(tiers_check_whole(t, 3), E_RANGE);
    t[2].floor_usd = 3000;
    t[2].mmr = 0.009;
    ck_assert_int_eq(tiers_check_whole(t, 3), E_RANGE);
    ck_assert_int_eq(tiers_check_whole(t, 0), E_RANGE);
}
END_TEST

START_TEST(fills_cum_by_recursion)
{
    struct tier t[N];
    memcpy(t, btc, sizeof t);
    for (int i = 0; i < N; i++)
        t[i].cum = NAN;
    tiers_fill_cum(t, N);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(t[i].cum, btc[i].cum, 1e-6);
}
END_TEST

START_TEST(margin_is_continuous_at_floors)
{
    for (int i = 1; i < N; i++) {
        double n = btc[i].floor_usd;
        ck_assert_double_eq_tol(n * btc[i - 1].mmr - btc[i - 1].cum, n * btc[i].mmr - btc[i].cum,
                                0.5);
    }
}
END_TEST

START_TEST(finds_tier_with_cap_inside)
{
    ck_assert_int_eq(tiers_find(btc, N, 0), 0);
    ck_assert_int_eq(tiers_find(btc, N, 50000), 0);
    ck_assert_int_eq(tiers_find(btc, N, 50000.01), 1);
    ck_assert_int_eq(tiers_find(btc, N, 100e6), N - 1);
    ck_assert_int_eq(tiers_find(btc, N, 1e12), N - 1);
}
END_TEST

/* One field broken at a time; each must be refused. */
static int broken(int row, double tier_field(struct tier *t))
{
    struct tier t[N];
    memcpy(t, btc, sizeof t);
    tier_field(&t[row]);
    return tiers_check(t, N);
}

static double first_floor(struct tier *t)
{
    return t->floor_usd = 1;
}

static double gap(struct tier *t)
{
    return t->floor_usd += 1;
}

static double nan_mmr(struct tier *t)
{
    return t->mmr = NAN;
}

static double zero_mmr(struct tier *t)
{
    return t->mmr = 0;
}

static double falling_mmr(struct tier *t)
{
    return t->mmr = 0.001;
}

static double wrong_cum(struct tier *t)
{
    return t->cum += 1;
}

static double inf_cap(struct tier *t)
{
    return t->cap_usd = INFINITY;
}

static double no_leverage(struct tier *t)
{
    return t->max_leverage = 0;
}

START_TEST(refuses_what_cannot_be)
{
    ck_assert_int_eq(broken(0, first_floor), E_RANGE);
    ck_assert_int_eq(broken(2, gap), E_RANGE);
    ck_assert_int_eq(broken(2, nan_mmr), E_RANGE);
    ck_assert_int_eq(broken(0, zero_mmr), E_RANGE);
    ck_assert_int_eq(broken(3, falling_mmr), E_RANGE);
    ck_assert_int_eq(broken(3, wrong_cum), E_RANGE);
    ck_assert_int_eq(broken(3, inf_cap), E_RANGE);
    ck_assert_int_eq(broken(5, inf_cap), 0);
    ck_assert_int_eq(broken(1, no_leverage), E_RANGE);
    ck_assert_int_eq(tiers_check(btc, 0), E_RANGE);
    struct tier many[TIERS_MAX + 1];
    for (int i = 0; i <= TIERS_MAX; i++)
        many[i] = (struct tier){i, i + 1, 0.01, 0, 10};
    ck_assert_int_eq(tiers_check(many, TIERS_MAX), 0);
    ck_assert_int_eq(tiers_check(many, TIERS_MAX + 1), E_RANGE);
}
END_TEST

UNIT_MAIN("tiers", tcase_add_test(tc, accepts_published_rows);
          tcase_add_test(tc, whole_position_tiers_deduct_nothing);
          tcase_add_test(tc, fills_cum_by_recursion);
          tcase_add_test(tc, margin_is_continuous_at_floors);
          tcase_add_test(tc, finds_tier_with_cap_inside);
          tcase_add_test(tc, refuses_what_cannot_be);)
