/* Proves the streaming statistics against worked numbers (models.md A2, A7, F1, J), closed forms
 * and brute force over random input; unknown input, time running backwards and full queues
 * included. */
#include <math.h>

#include "base/stat.h"
#include "unit.h"

#define S ((int64_t)1000000) /* microseconds */

static uint64_t state = 42;

static double rnd(void) /* uniform in [0, 1) */
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void ck_near(double got, double want, double tol)
{
    ck_assert_msg(fabs(got - want) <= tol, "got %.12g, want %.12g", got, want);
}

/* J: half-life 10 s, (t, x) = (0, 1), (10, 2), (15, 3). */
START_TEST(test_ewma)
{
    static const double t[] = {0, 10, 15}, x[] = {1, 2, 3};
    static const double mean[] = {1, 1.666667, 2.313708}, var[] = {0, .222222, .558441},
                        w[] = {1, 1.5, 2.060660};
    struct ewma e;
    ewma_init(&e, 10);
    ck_assert(isnan(ewma_var(&e)) && ewma_eff(&e) == 0);
    for (int i = 0; i < 3; i++) {
        ewma_add(&e, (int64_t)(t[i] * S), x[i]);
        ck_near(e.mean, mean[i], 5e-7);
        ck_near(ewma_var(&e), var[i], 5e-7);
        ck_near(e.w, w[i], 5e-7);
    }
    ewma_add(&e, 14 * S, 3); /* one second back: counted, no decay */
    ck_assert_uint_eq(e.out_of_order, 1);
    ck_near(e.w, 3.060660, 5e-7);
    double mean_was = e.mean;
    ewma_add(&e, 20 * S, NAN);
    ewma_add(&e, 20 * S, INFINITY);
    ck_assert(e.mean == mean_was && e.t_us == 15 * S);
}
END_TEST

/* Against the sums written out: weights 2^(-age / half-life). */
START_TEST(test_ewma_brute)
{
    enum { N = 200 };
    double t[N], x[N], w = 0, w2 = 0, mean = 0, var = 0;
    struct ewma e;
    ewma_init(&e, 7);
    for (int i = 0; i < N; i++) {
        t[i] = (i ? t[i - 1] : 1.7e9) + floor(rnd() * 3e6) / 1e6;
        x[i] = 100 + rnd();
        ewma_add(&e, llround(t[i] * 1e6), x[i]);
    }
    for (int i = 0; i < N; i++) {
        double f = exp2(-(t[N - 1] - t[i]) / 7);
        w += f;
        w2 += f * f;
        mean += f * x[i];
    }
    mean /= w;
    for (int i = 0; i < N; i++)
        var += exp2(-(t[N - 1] - t[i]) / 7) * (x[i] - mean) * (x[i] - mean) / w;
    ck_near(e.mean, mean, 1e-7);
    ck_near(ewma_var(&e), var, 1e-7);
    ck_near(ewma_eff(&e), w * w / w2, 1e-4);
}
END_TEST

START_TEST(test_z)
{
    struct ewma e;
    ewma_init(&e, 3600);
    int scored = 0;
    for (int i = 0; i < 200; i++) {
        double eff = ewma_eff(&e), z = ewma_z(&e, i * S, i % 2 ? 1 : -1, 0);
        ck_assert_msg(isnan(z) == (eff < 30), "sample %d", i);
        scored += !isnan(z);
    }
    ck_assert_int_gt(scored, 100);
    double sd = sqrt(ewma_var(&e)), mean = e.mean;
    ck_near(sd, 1, 1e-3);
    ck_near(ewma_z(&e, 200 * S, 1000, 0), (1000 - mean) / sd, 1e-9); /* scored before learnt */
    ck_near(e.mean, mean + 8 * sd / e.w, 1e-9);                      /* learnt at 8 deviations */
    ck_assert(isnan(ewma_z(&e, 201 * S, NAN, 0)));
    struct ewma flat;
    ewma_init(&flat, 3600);
    for (int i = 0; i < 50; i++)
        ewma_z(&flat, i * S, 5, 0.1);
    ck_near(ewma_z(&flat, 50 * S, 6, 0.1), 10, 1e-9); /* the floor stands in for a deviation of 0 */
}
END_TEST

START_TEST(test_tw_ewma)
{
    struct tw_ewma e;
    tw_ewma_init(&e, 10);
    tw_ewma_add(&e, 5 * S, NAN);
    ck_assert(isnan(e.mean) && !e.primed);
    tw_ewma_add(&e, 10 * S, 1);
    tw_ewma_add(&e, 20 * S, 3); /* 1 held for a half-life: nothing new learnt */
    ck_near(e.mean, 1, 1e-12);
    tw_ewma_add(&e, 30 * S, 100); /* 3 held for a half-life */
    ck_near(e.mean, 2, 1e-12);
    tw_ewma_add(&e, 30 * S, 2); /* 100 held no time */
    ck_near(e.mean, 2, 1e-12);
    tw_ewma_add(&e, 40 * S, NAN); /* 2 held; unknown from here */
    tw_ewma_add(&e, 4000 * S, 7); /* unknown time does not count */
    ck_near(e.mean, 2, 1e-12);
    tw_ewma_add(&e, 4010 * S, 7);
    ck_near(e.mean, 4.5, 1e-12);
}
END_TEST

START_TEST(test_decay)
{
    struct decay d;
    decay_init(&d, 10);
    ck_assert(decay_rate(&d, 5 * S) == 0);
    decay_add(&d, 10 * S, 4);
    decay_add(&d, 20 * S, 1);
    ck_near(d.r, 3, 1e-12);
    ck_near(decay_rate(&d, 20 * S), 3 * M_LN2 / 10, 1e-12);
    ck_near(decay_rate(&d, 30 * S), 1.5 * M_LN2 / 10, 1e-12);
    ck_near(d.r, 3, 1e-12); /* reading changes nothing */
    decay_add(&d, 20 * S, NAN);
    decay_add(&d, 19 * S, 0);
    ck_near(d.r, 3, 1e-12);
    for (int i = 0; i < 4000; i++) /* a steady flow of 5 a second is its own rate */
        decay_add(&d, 20 * S + i * (S / 10), 0.5);
    ck_near(decay_rate(&d, 20 * S + 400 * S), 5, 0.05);
}
END_TEST

START_TEST(test_slide_max)
{
    enum { N = 3000, CAP = 64 };
    static double x[N];
    static int64_t t[N];
    struct slide_max_item items[CAP];
    struct slide_max m;
    slide_max_init(&m, items, CAP, 10 * S);
    ck_assert(isnan(slide_max_get(&m, 0)));
    for (int i = 0; i < N; i++) {
        t[i] = (i ? t[i - 1] : 0) + (int64_t)(rnd() * 2 * S);
        x[i] = rnd();
        ck_assert_int_eq(slide_max_add(&m, t[i], x[i]), 0);
        double want = -1;
        for (int k = 0; k <= i; k++)
            if (t[i] - t[k] < 10 * S && x[k] > want)
                want = x[k];
        ck_assert(slide_max_get(&m, t[i]) == want);
    }
    ck_assert(isnan(slide_max_get(&m, t[N - 1] + 10 * S)));
}
END_TEST

START_TEST(test_slide_max_full)
{
    struct slide_max_item items[3];
    struct slide_max m;
    slide_max_init(&m, items, 3, 100);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(slide_max_add(&m, i, 10 - i), 0);
    ck_assert_int_eq(slide_max_add(&m, 50, 1), E_LIMIT);
    ck_assert(slide_max_get(&m, 99) == 10 && slide_max_get(&m, 101) == 8);
    ck_assert(slide_max_get(&m, 140) ==
              8); /* stands in for the 1 that found no room: never too low */
    ck_assert(isnan(slide_max_get(&m, 150)));
    ck_assert_int_eq(slide_max_add(&m, 200, NAN), 0);
    ck_assert(isnan(slide_max_get(&m, 200)));
    ck_assert_int_eq(slide_max_add(&m, 200, 5), 0);
    ck_assert_int_eq(slide_max_add(&m, 150, 4), 0); /* time that falls counts as the latest */
    ck_assert(slide_max_get(&m, 299) == 5);
}
END_TEST

/* J: the worked example of Jain and Chlamtac (1985). */
START_TEST(test_p2)
{
    static const double x[] = {0.02,  0.15,  0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92,
                               34.60, 10.28, 1.47, 0.40, 0.05, 11.39, 0.27,  0.42,  0.09,  11.37};
    static const double want[] = {.02, .4939, 4.4406, 17.2039, 38.62};
    struct p2 q;
    p2_init(&q, 0.5);
    ck_assert(isnan(p2_get(&q)));
    for (int i = 0; i < 20; i++) {
        p2_add(&q, x[i]);
        if (i == 2)
            ck_assert(p2_get(&q) == 0.15);
        if (i == 4)
            ck_assert(p2_get(&q) == 0.74);
    }
    for (int i = 0; i < 5; i++)
        ck_near(q.q[i], want[i], 5e-5);
    ck_near(p2_get(&q), 4.44, 5e-3);
    p2_add(&q, NAN);
    ck_assert_uint_eq(q.n, 20);
}
END_TEST

START_TEST(test_p2_uniform)
{
    static const double p[] = {0.05, 0.5, 0.9, 0.99};
    for (int i = 0; i < 4; i++) {
        struct p2 q;
        p2_init(&q, p[i]);
        for (int k = 0; k < 100000; k++)
            p2_add(&q, rnd());
        ck_near(p2_get(&q), p[i], 0.01);
    }
    struct p2 q;
    p2_init(&q, 0.99);
    for (int k = 5; k > 0; k--)
        p2_add(&q, k);
    ck_assert(p2_get(&q) == 5); /* exact while there are five, and not the median */
}
END_TEST

/* F1: {97, 99.9, 100, 100.05, 100.1} -> median 100, MAD .1, sigma .14826, z(97) = -20.23. */
START_TEST(test_robust)
{
    const double x[] = {100.05, 97, 100.1, 99.9, 100};
    ck_near(stat_median(x, 5), 100, 1e-12);
    ck_near(stat_mad(x, 5), .1, 1e-9);
    ck_near((97 - stat_median(x, 5)) / (1.4826 * stat_mad(x, 5)), -20.23, 5e-3);
    ck_assert(x[0] == 100.05 && x[1] == 97); /* not sorted in place */
    ck_near(stat_median(x, 4), 99.975, 1e-9);
    ck_assert(stat_median(x, 1) == 100.05 && isnan(stat_median(x, 0)) && isnan(stat_mad(x, 0)));
}
END_TEST

START_TEST(test_wmedian)
{
    const double x[] = {3, 1, 2}, equal[] = {1, 1, 1}, heavy[] = {5, 1, 1}, half[] = {1, 1, 2},
                 none[] = {0, 0, -1};
    ck_assert(stat_wmedian(x, equal, 3) == 2);
    ck_assert(stat_wmedian(x, heavy, 3) == 3);
    ck_assert(stat_wmedian((const double[]){1, 2}, (const double[]){1, 1}, 2) == 1.5);
    ck_assert(stat_wmedian((const double[]){1, 2, 9}, half, 3) ==
              5.5); /* 1 + 1 is exactly half of 4 */
    ck_assert(stat_wmedian((const double[]){1, 2, 9}, (const double[]){1, 0, 1}, 3) == 5);
    ck_assert(isnan(stat_wmedian(x, none, 3)) && isnan(stat_wmedian(x, equal, 0)));
    /* a source can move it only with half of the weight (Binance 3, OKX 2, Bybit 2, others 1) */
    const double px[] = {50, 100, 100.1, 100.2}, w[] = {3, 2, 2, 1};
    ck_assert(stat_wmedian(px, w, 4) == 100);
}
END_TEST

START_TEST(test_wmedian_brute)
{
    for (int round = 0; round < 2000; round++) {
        double x[64], w[64], all[64 * 4];
        int n = 1 + (int)(rnd() * 20), m = 0;
        for (int i = 0; i < n; i++) {
            x[i] = floor(rnd() * 30);
            w[i] = floor(rnd() * 4);
            for (int k = 0; k < (int)w[i]; k++)
                all[m++] = x[i];
        }
        if (m == 0)
            ck_assert(isnan(stat_wmedian(x, w, n)));
        else if (m <= 64) /* whole weights: the median of the repeated values */
            ck_assert(stat_wmedian(x, w, n) == stat_median(all, m));
    }
}
END_TEST

/* A2: shares 40, 25, 15, 12, 8. */
START_TEST(test_concentration)
{
    const double x[] = {12, 40, 8, 25, 15};
    double hhi = stat_hhi(x, 5);
    ck_near(hhi, 0.2658, 1e-12);
    ck_near(1 / hhi, 3.7622, 5e-5);
    ck_near(stat_entropy_number(x, 5), 4.2808, 5e-5);
    ck_near(stat_cr(x, 5, 3), 0.80, 1e-12);
    ck_near((hhi - 0.2) / (1 - 0.2), 0.08225, 1e-12);
    ck_assert(stat_cr(x, 5, 0) == 0);
    ck_near(stat_cr(x, 5, 5), 1, 1e-12);
    ck_near(stat_cr(x, 5, 64), 1, 1e-12);
    const double one[] = {7, 0}, none[] = {0, 0}, bad[] = {5, -1}, unknown[] = {5, NAN};
    ck_assert(stat_hhi(one, 2) == 1 && stat_entropy_number(one, 2) == 1 && stat_cr(one, 2, 1) == 1);
    ck_assert(isnan(stat_hhi(none, 2)) && isnan(stat_entropy_number(none, 2)) &&
              isnan(stat_cr(none, 2, 1)));
    ck_assert(isnan(stat_hhi(bad, 2)) && isnan(stat_cr(unknown, 2, 1)) &&
              isnan(stat_hhi(unknown, 2)));
    ck_assert(isnan(stat_hhi(x, 0)) && isnan(stat_gini(x, 0)) && isnan(stat_gini(none, 2)));
}
END_TEST

/* A7: {1, 2, 3, 4, 10} -> 0.40; all equal -> 0; one holder of n -> (n - 1) / n. */
START_TEST(test_gini)
{
    static double x[4096];
    ck_near(stat_gini((const double[]){10, 1, 3, 2, 4}, 5), 0.40, 1e-12);
    ck_near(stat_gini((const double[]){3, 3, 3, 3}, 4), 0, 1e-12);
    ck_near(stat_gini((const double[]){0, 0, 0, 8}, 4), 0.75, 1e-12);
    double diff = 0, total = 0;
    for (int i = 0; i < 4096; i++)
        x[i] = exp(4 * rnd());
    for (int i = 0; i < 4096; i++) {
        total += x[i];
        for (int k = 0; k < i; k++)
            diff += 2 * fabs(x[i] - x[k]);
    }
    ck_near(stat_gini(x, 4096), diff / (2 * 4096 * total),
            1e-9); /* half the mean absolute difference */
}
END_TEST

START_TEST(test_ewls)
{
    struct ewls r;
    ewls_init(&r, 60);
    ck_assert(isnan(ewls_slope(&r)) && isnan(ewls_r2(&r)));
    for (int i = 0; i < 300; i++) {
        double x = rnd();
        ewls_add(&r, 1700000000 * S + i * S, x, 3 - 2 * x);
    }
    ck_near(ewls_slope(&r), -2, 1e-9);
    ck_near(ewls_r2(&r), 1, 1e-9);
    ewls_add(&r, 1700000300 * S, NAN, 1);
    ck_near(ewls_slope(&r), -2, 1e-9);
    struct ewls flat;
    ewls_init(&flat, 60);
    for (int i = 0; i < 50; i++)
        ewls_add(&flat, i * S, 5, rnd());
    ck_assert(isnan(ewls_slope(&flat))); /* x never moved */
}
END_TEST

/* Noise of known size, against the weighted sums written out. */
START_TEST(test_ewls_brute)
{
    enum { N = 100 };
    double x[N], y[N], w = 0, mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0;
    struct ewls r;
    ewls_init(&r, 20);
    for (int i = 0; i < N; i++) {
        x[i] = rnd();
        y[i] = x[i] + rnd();
        ewls_add(&r, i * S, x[i], y[i]);
    }
    for (int i = 0; i < N; i++) {
        double f = exp2(-(N - 1 - i) / 20.0);
        w += f;
        mx += f * x[i];
        my += f * y[i];
    }
    mx /= w;
    my /= w;
    for (int i = 0; i < N; i++) {
        double f = exp2(-(N - 1 - i) / 20.0);
        sxx += f * (x[i] - mx) * (x[i] - mx);
        sxy += f * (x[i] - mx) * (y[i] - my);
        syy += f * (y[i] - my) * (y[i] - my);
    }
    ck_near(ewls_slope(&r), sxy / sxx, 1e-9);
    ck_near(ewls_r2(&r), sxy * sxy / (sxx * syy), 1e-9);
}
END_TEST

START_TEST(test_cusum)
{
    struct cusum c = {.k = 0.5, .h = 8};
    static const double z[] = {1, -3, 2, NAN, 100, 100, 0.5, -9};
    static const double s[] = {.5, 0, 1.5, 1.5, 6, 10.5, 10.5, 1};
    for (int i = 0; i < 8; i++) {
        bool on = cusum_add(&c, z[i]);
        ck_near(c.s, s[i], 1e-12);
        ck_assert(on == (s[i] >= 8));
    }
}
END_TEST

UNIT_MAIN("stat", tcase_add_test(tc, test_ewma); tcase_add_test(tc, test_ewma_brute);
          tcase_add_test(tc, test_z); tcase_add_test(tc, test_tw_ewma);
          tcase_add_test(tc, test_decay); tcase_add_test(tc, test_slide_max);
          tcase_add_test(tc, test_slide_max_full); tcase_add_test(tc, test_p2);
          tcase_add_test(tc, test_p2_uniform); tcase_add_test(tc, test_robust);
          tcase_add_test(tc, test_wmedian); tcase_add_test(tc, test_wmedian_brute);
          tcase_add_test(tc, test_concentration); tcase_add_test(tc, test_gini);
          tcase_add_test(tc, test_ewls); tcase_add_test(tc, test_ewls_brute);
          tcase_add_test(tc, test_cusum);)
