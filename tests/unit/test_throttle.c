/* Proves the inference on throttled liquidation feeds: the published vectors of the inversions, the
 * two throttles told apart by their gaps, and estimates on simulated feeds against what was hidden.
 */
#include "unit.h"

#include <math.h>

#include "market/throttle.h"

#define SEC INT64_C(1000000)
#define T0  (INT64_C(1700000000) * SEC)

static uint64_t seed;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

/* Fractions seen: (1 - e^-r) / r. */
START_TEST(test_grid_vectors)
{
    static const double v[][2] = {{.1, .952}, {.5, .787}, {1, .632},
                                  {2, .432},  {5, .199},  {20, .050}};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        double r = v[i][0], occupied = -expm1(-r);
        ck_assert_double_eq_tol(occupied / r, v[i][1], 6e-4);
        ck_assert_double_eq_tol(throttle_rate(THROTTLE_GRID, occupied, 1), r, 1e-7 * r);
    }
    ck_assert_double_eq_tol(throttle_rate(THROTTLE_GRID, 80, 100), 1.61,
                            5e-3); /* saturated begins */
    ck_assert(isinf(throttle_rate(THROTTLE_GRID, 10, 10)));
    ck_assert(isfinite(throttle_rate_corrected(THROTTLE_GRID, 10, 10)));
    ck_assert_double_eq(throttle_rate(THROTTLE_GRID, 0, 10), 0);
}
END_TEST

/* One a second behind dead time shows one in two seconds: the grid inversion would read .69. */
START_TEST(test_dead_time_vectors)
{
    ck_assert_double_eq_tol(throttle_rate(THROTTLE_DEAD_TIME, 1, 2), 1, 1e-15);
    ck_assert_double_eq_tol(throttle_rate(THROTTLE_GRID, 1, 2), .69, 5e-3);
}
END_TEST

/* +-10 % at 95 % needs about 610 s at 2/s, 660 s at 1/s, 1,000 s at .5/s. */
START_TEST(test_windows_needed)
{
    static const double v[][2] = {{2, 610}, {1, 660}, {.5, 1000}};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        ck_assert_double_eq_tol(1.96 * throttle_rel_sd(THROTTLE_GRID, v[i][0], v[i][1]), .1, 5e-4);
}
END_TEST

/* The corrected estimator over blocks of ten has no first-order bias. */
START_TEST(test_correction)
{
    static const double rates[] = {.05, .2, .5, 1};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double p = -expm1(-rates[i]), mean = 0, plain = 0, choose = 1;
        for (int k = 0; k <= 10; k++) {
            double w = choose * pow(p, k) * pow(1 - p, 10 - k);
            mean += w * throttle_rate_corrected(THROTTLE_GRID, k, 10);
            plain += k < 10 ? w * throttle_rate(THROTTLE_GRID, k, 10) : 0;
            choose = choose * (10 - k) / (k + 1);
        }
        ck_assert_double_eq_tol(mean / rates[i], 1, .02);
        ck_assert(plain > mean);
    }
}
END_TEST

struct feed {
    struct throttle t;
    double true_usd, shown_usd;
};

/* Orders at a rate for n seconds, each of 100 USD, through a throttle of the kind. */
static void run(struct feed *f, enum throttle_kind kind, double rate, int n)
{
    double at = 0, free_at = 0;
    throttle_init(&f->t);
    f->true_usd = f->shown_usd = 0;
    while ((at += -log(uniform()) / rate) < n) {
        bool inside = at > n - THROTTLE_SPAN_S;
        f->true_usd += inside ? 100 : 0;
        if (kind != THROTTLE_NONE && at < free_at)
            continue;
        free_at = kind == THROTTLE_GRID ? floor(at) + 1 : at + 1;
        f->shown_usd += inside ? 100 : 0;
        int64_t t = T0 + (int64_t)(at * 1e6);
        throttle_add(&f->t, t + 50000, t, false, 100);
    }
}

START_TEST(test_kinds)
{
    struct feed f;
    for (seed = 1; seed <= 20; seed++) {
        run(&f, THROTTLE_GRID, 1, 600);
        ck_assert_int_eq(throttle_kind(&f.t), THROTTLE_GRID);
        ck_assert_int_lt(throttle_min_gap_us(&f.t), 900000);
        run(&f, THROTTLE_DEAD_TIME, 1, 600);
        ck_assert_int_eq(throttle_kind(&f.t), THROTTLE_DEAD_TIME);
        ck_assert_int_ge(throttle_min_gap_us(&f.t), 999999);
        run(&f, THROTTLE_NONE, 3, 600);
        ck_assert_int_eq(throttle_kind(&f.t), THROTTLE_NONE);
        run(&f, THROTTLE_GRID, .02, 600);
        ck_assert_int_eq(throttle_kind(&f.t), THROTTLE_UNSEEN);
    }
    throttle_init(&f.t); /* pushes that stand on the grid itself, a second or two apart */
    for (int i = 0; i < 100; i++)
        throttle_add(&f.t, T0 + i * 3 / 2 * SEC, T0 + i * 3 / 2 * SEC + i % 7 * 1000, true, 1);
    ck_assert_int_eq(throttle_kind(&f.t), THROTTLE_GRID);
}
END_TEST

/* Over 200 simulated feeds of each kind: the mean estimate is what was hidden, and nine in ten
 * intervals hold it; showing alone is far below. */
static void check_estimates(enum throttle_kind kind, double rate, double bias)
{
    double sum = 0, shown = 0, truth = 0;
    int held = 0, n = 200;
    for (int i = 0; i < n; i++) {
        struct feed f;
        struct throttle_view v;
        seed = (uint64_t)i * 7919 + 17;
        run(&f, kind, rate, 600);
        throttle_read(&f.t, T0 + 600 * SEC, &v);
        sum += v.est[0];
        shown += v.usd[0];
        truth += f.true_usd;
        ck_assert(v.usd[0] <= v.lo[0] && v.lo[0] <= v.est[0] && v.est[1] == 0);
        held += v.lo[0] <= f.true_usd && !(v.hi[0] < f.true_usd);
    }
    ck_assert_double_eq_tol(sum / truth, 1, bias);
    ck_assert(shown / truth < .9);
    ck_assert_int_ge(held, n * 9 / 10);
}

START_TEST(test_estimates)
{
    check_estimates(THROTTLE_GRID, .3, .03);
    check_estimates(THROTTLE_GRID, 1, .03);
    check_estimates(THROTTLE_DEAD_TIME, .3, .06);
    check_estimates(THROTTLE_DEAD_TIME, 1, .15); /* short blocks: the ends of gaps are cut */
}
END_TEST

START_TEST(test_saturated)
{
    struct throttle t;
    struct throttle_view v;
    throttle_init(&t);
    for (int i = 0; i < 60; i++) /* five minutes ago a calm, then one order every second */
        throttle_add(&t, T0 + i * SEC + 500000, 0, i % 2, 1000);
    throttle_read(&t, T0 + 60 * SEC, &v);
    ck_assert_double_eq(v.occupancy_10s, 1);
    ck_assert_double_eq_tol(v.occupancy, .2, 1e-12);
    ck_assert_int_eq(v.saturated, 6);
    ck_assert_double_eq_tol(v.saturated_frac, .2, 1e-12);
    ck_assert_double_eq(v.usd[0], 30000);
    ck_assert(v.est[0] > 60000 && isfinite(v.est[0])); /* at least twice what was shown */
    ck_assert(isnan(v.hi[0]) && v.lo[0] > 30000);
    throttle_read(&t, T0 + 400 * SEC, &v); /* all of it has passed: known to be nothing */
    ck_assert_double_eq(v.est[0], 0);
    ck_assert_double_eq(v.hi[1], 0);
    ck_assert_double_eq(v.occupancy_10s, 0);
}
END_TEST

/* Orders of one push count once; late and unstamped ones do no harm. */
START_TEST(test_one_push)
{
    struct throttle t;
    struct throttle_view v;
    throttle_init(&t);
    throttle_read(&t, T0, &v);
    ck_assert_double_eq(v.est[0], 0);
    for (int i = 0; i < 5; i++)
        throttle_add(&t, T0, T0 - 30000, false, 10);
    throttle_add(&t, T0, T0 - 90000, true, 7);
    throttle_read(&t, T0, &v);
    ck_assert_double_eq_tol(v.occupancy_10s, .1, 1e-12);
    ck_assert_double_eq(v.usd[0], 50);
    ck_assert_double_eq(v.usd[1], 7);
    throttle_add(&t, T0 - 5 * SEC, 0, true, 1); /* received before: goes with the newest second */
    throttle_read(&t, T0, &v);
    ck_assert_double_eq(v.usd[1], 8);
}
END_TEST

UNIT_MAIN("throttle", tcase_add_test(tc, test_grid_vectors);
          tcase_add_test(tc, test_dead_time_vectors); tcase_add_test(tc, test_windows_needed);
          tcase_add_test(tc, test_correction); tcase_add_test(tc, test_kinds);
          tcase_add_test(tc, test_estimates); tcase_add_test(tc, test_saturated);
          tcase_add_test(tc, test_one_push);)
