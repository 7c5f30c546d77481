/* Proves how a channel's rate is judged against its own past: golden scores, blocks that stretch
 * for sparse channels, warm-up, breaks, that a fault is scored before it is learned and learned
 * slowly, and that hours of random but ordinary traffic never reach the thresholds of the rules. */
#include "unit.h"

#include <math.h>

#include "market/rate.h"

#define SEC INT64_C(1000000)
#define T0  (INT64_C(1760000000) * SEC)

struct bench {
    struct rate r;
    uint64_t n;
    double left; /* parts of a datum not yet said */
    int64_t now_us;
    double lowest, highest; /* z over the run */
    int blocks;
};

static struct bench bench_new(void)
{
    struct bench b = {.now_us = T0, .lowest = INFINITY, .highest = -INFINITY};
    rate_init(&b.r);
    return b;
}

static void run(struct bench *b, double per_s, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        b->now_us += SEC;
        b->left += per_s;
        b->n += (uint64_t)b->left;
        b->left -= floor(b->left);
        if (rate_step(&b->r, b->n, b->now_us))
            b->blocks++;
        b->lowest = fmin(b->lowest, b->r.z);
        b->highest = fmax(b->highest, b->r.z);
    }
}

START_TEST(test_warm_up)
{
    struct bench b = bench_new();
    run(&b, 10, 20 * 30 + 1); /* the first second starts the first block */
    ck_assert_int_eq(b.blocks, 20);
    ck_assert(isnan(b.r.z)); /* twenty blocks are known, none was judged */
    ck_assert_double_eq_tol(b.r.now_per_s, 10, 1e-9);
    ck_assert_double_eq_tol(b.r.usual_per_s, 10, 1e-9);
    run(&b, 10, 30);
    ck_assert_double_eq_tol(b.r.z, 0, 1e-9);
}
END_TEST

/* 20 blocks of exactly 300 data: usual 10 a second; the variance is the prior's, thinned:
 * 0.25 x 5/6 x 6/7 ... x 23/24 = 0.25 x 5/24 (19 blocks learned after the first, the prior counts
 * as five), sigma = sqrt(0.04 + 0.0520833). A block of 30: z = ln(35/305)/sigma. */
START_TEST(test_golden)
{
    struct bench b = bench_new();
    run(&b, 10, 20 * 30 + 1);
    ck_assert_double_eq_tol(b.r.var, 0.25 * 5 / 24, 1e-12);
    double sigma = sqrt(0.04 + 0.25 * 5 / 24);
    run(&b, 1, 30);
    double z = log(35.0 / 305.0) / sigma;
    ck_assert_double_eq_tol(b.r.z, z, 1e-12);
    ck_assert_double_eq_tol(z, -7.13443, 1e-4);
    /* scored before it was learned from, and learned only as far as three deviations */
    double believed = (305 * exp(-3 * sigma) - 5) / 30;
    ck_assert_double_eq_tol(b.r.usual_per_s, 10 + (believed - 10) / 21, 1e-9);
}
END_TEST

START_TEST(test_fault_does_not_become_usual)
{
    struct bench b = bench_new();
    run(&b, 10, 3 * 3600);
    run(&b, 0.5, 1800);
    ck_assert_double_lt(b.r.z, -6); /* half an hour later it still is no norm */
    run(&b, 0.5, 12 * 3600);
    ck_assert_double_gt(b.r.z, -3); /* the next day it is */
    run(&b, 10, 120);
    ck_assert_double_gt(b.r.z, 6);
}
END_TEST

START_TEST(test_sparse)
{
    struct bench b = bench_new();
    run(&b, 0.1, 4 * 3600);
    ck_assert_double_eq_tol(rate_block_s(&b.r), 400, 40);
    int before = b.blocks;
    run(&b, 0.1, 3600);
    ck_assert_int_ge(b.blocks - before, 8);
    ck_assert_int_le(b.blocks - before, 10);
    run(&b, 0, 850); /* silence over two blocks */
    ck_assert_double_lt(b.r.z, -6);

    struct bench never = bench_new(); /* a channel that never speaks has nothing to be judged by */
    run(&never, 0, 86400);
    ck_assert_double_eq(never.r.z, 0);
    ck_assert_double_eq(rate_block_s(&never.r), RATE_BLOCK_MAX_S);
    run(&never, 1.0 / 600, 7200); /* six an hour: too few to prove anything */
    ck_assert_double_lt(never.highest, 6);
}
END_TEST

START_TEST(test_busy_sparse_channel_closes_early)
{
    struct bench b = bench_new();
    run(&b, 0.02, 12 * 3600); /* blocks of half an hour */
    ck_assert_double_gt(rate_block_s(&b.r), 1500);
    run(&b, 100, 62);
    ck_assert_double_gt(b.r.z, 6);
}
END_TEST

START_TEST(test_break)
{
    struct bench b = bench_new();
    run(&b, 10, 3600);
    double usual = b.r.usual_per_s;
    rate_break(&b.r);
    ck_assert(isnan(b.r.z) && isnan(b.r.now_per_s));
    b.now_us += 600 * SEC; /* ten minutes without a link are no rate */
    run(&b, 10, 31);
    ck_assert_double_eq_tol(b.r.z, 0, 1e-6);
    ck_assert_double_eq_tol(b.r.usual_per_s, usual, 1e-6);
}
END_TEST

/* A day of Poisson traffic whose rate wanders by itself (log-normal, a factor of e at two
 * deviations, an hour of memory), dense and sparse: no score reaches a rule. */
START_TEST(test_ordinary_days)
{
    static const double rates[] = {0.005, 0.05, 0.5, 2, 20};
    uint64_t seed = 1;
    srand48(7);
    for (size_t k = 0; k < sizeof rates / sizeof *rates; k++, seed++) {
        struct bench b = bench_new();
        double wander = 0;
        for (int i = 0; i < 86400; i++) {
            double u = drand48() + drand48() + drand48() - 1.5; /* sd 0.5 */
            wander += 0.5 * sqrt(2.0 / 3600) * 2 * u - wander / 3600;
            double mean = rates[k] * exp(wander), p = exp(-mean), f = drand48(), sum = p;
            uint64_t n = 0;
            while (f > sum && n < 1000) {
                n++;
                p *= mean / (double)n;
                sum += p;
            }
            b.n += n;
            b.now_us += SEC;
            b.blocks += rate_step(&b.r, b.n, b.now_us);
            b.lowest = fmin(b.lowest, b.r.z);
            b.highest = fmax(b.highest, b.r.z);
        }
        ck_assert_msg(b.lowest > -6 && b.highest < 6, "rate %g: z from %g to %g", rates[k],
                      b.lowest, b.highest);
        ck_assert_int_ge(b.blocks, 24);
        ck_assert_double_lt(b.lowest, 0); /* it was judged at all */
    }
}
END_TEST

UNIT_MAIN("rate", tcase_add_test(tc, test_warm_up); tcase_add_test(tc, test_golden);
          tcase_add_test(tc, test_fault_does_not_become_usual); tcase_add_test(tc, test_sparse);
          tcase_add_test(tc, test_busy_sparse_channel_closes_early); tcase_add_test(tc, test_break);
          tcase_add_test(tc, test_ordinary_days);)
