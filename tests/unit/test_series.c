/* Proves: every answer of a series equals that of a naive array of all that was said, over random
 * values, gaps of all lengths and all spans; slots passed over read unknown; flows know zero only
 * from series_start on, and not across series_break. */
#include "market/series.h"

#include <math.h>
#include <string.h>

#include "unit.h"

#define SEC  1000000ll
#define T0   (1700000040ll * SEC) /* a whole minute */
#define NMAX 20000

static struct series s;
static struct series_rings rings;
static struct said {
    int64_t t;
    double x;
} said[NMAX];
static int n_said;
static uint64_t seed = 88172645463325252ull;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void say(int64_t t, double x)
{
    series_add(&s, t, 0, x);
    said[n_said++] = (struct said){t, x};
}

/* The slot end a value at t belongs to. */
static int64_t slot_end(int64_t t, int64_t w)
{
    return (t + w - 1) / w * w;
}

static int64_t width_for(int64_t span)
{
    return span <= 300 * SEC ? SEC : span <= 3600 * SEC ? 10 * SEC : 60 * SEC;
}

static double naive_sum(int64_t now, int64_t span)
{
    int64_t w = width_for(span), hi = slot_end(now, w), lo = hi - slot_end(span, w);
    double sum = 0;
    for (int i = 0; i < n_said; i++)
        if (slot_end(said[i].t, w) > lo && said[i].t <= now)
            sum += said[i].x;
    return sum;
}

START_TEST(test_sum_random)
{
    static const int64_t spans[] = {1, 10, 60, 299, 300, 301, 900, 3600, 3601, 7200, 86400, 90000};
    for (int round = 0; round < 40; round++) {
        int64_t t = T0 + (int64_t)(rnd() % (600 * SEC));
        series_init(&s, true, &rings);
        series_start(&s, t - 100000 * SEC);
        n_said = 0;
        uint64_t step = round % 4 == 0 ? 2000 : round % 4 == 1 ? 60 : round % 4 == 2 ? 5 : 400;
        for (int i = 0; i < 400; i++) {
            t += (int64_t)(rnd() % (step * SEC));
            say(t, (double)(rnd() % 1000) / 7);
            int64_t now = i % 2 ? t : slot_end(t, SEC) + (int64_t)(rnd() % 3) * SEC;
            for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++) {
                double got = series_sum(&s, now, spans[k] * SEC);
                double want = naive_sum(now, spans[k] * SEC);
                ck_assert_msg(fabs(got - want) <= 1e-12 * (fabs(want) + 1),
                              "round %d i %d span %lld: %.17g, want %.17g", round, i,
                              (long long)spans[k], got, want);
            }
        }
    }
}
END_TEST

/* Newest value in (t - tolerance, t] at the resolution of the finest ring that holds t. */
static double naive_at(int64_t t, int64_t tolerance)
{
    static const int64_t width[3] = {SEC, 10 * SEC, 60 * SEC}, len[3] = {300, 360, 1500};
    const struct said *last = &said[n_said - 1];
    if (t >= last->t)
        return t - last->t <= tolerance ? last->x : NAN;
    for (int r = 0; r < 3; r++) {
        int64_t w = width[r], end = t / w * w, newest = slot_end(last->t, w);
        if (end <= newest - len[r] * w)
            continue;
        for (int i = n_said - 1; i >= 0; i--) {
            int64_t slot = slot_end(said[i].t, w);
            if (slot > end)
                continue;
            if (slot >= t - tolerance && slot > newest - len[r] * w)
                return said[i].x;
            break;
        }
        if (slot_end(t - tolerance, w) > newest - len[r] * w)
            return NAN; /* else the tolerance reaches past the ring: a coarser one knows */
    }
    return NAN;
}

START_TEST(test_level_random)
{
    for (int round = 0; round < 40; round++) {
        int64_t t = T0;
        series_init(&s, false, &rings);
        n_said = 0;
        uint64_t step = round % 3 == 0 ? 3000 : round % 3 == 1 ? 30 : 2;
        for (int i = 0; i < 500; i++) {
            t += (int64_t)(rnd() % (step * SEC));
            say(t, (double)i);
            int64_t back = (int64_t)(rnd() % (i % 3 == 0 ? 90000 * SEC : 400 * SEC));
            int64_t tolerance = (int64_t)(rnd() % (600 * SEC));
            double got = series_at(&s, t - back, tolerance, t),
                   want = naive_at(t - back, tolerance);
            ck_assert_msg(got == want || (isnan(got) && isnan(want)),
                          "round %d i %d back %lld tolerance %lld: %g, want %g", round, i,
                          (long long)back, (long long)tolerance, got, want);
        }
    }
}
END_TEST

START_TEST(test_whole_seconds)
{
    series_init(&s, true, &rings);
    series_start(&s, T0);
    series_add(&s, T0, 0, 1);              /* at the very beginning: outside (T0, T0 + 60] */
    series_add(&s, T0 + 1, 0, 10);         /* a microsecond later: inside */
    series_add(&s, T0 + 60 * SEC, 0, 100); /* the last instant of the window */
    ck_assert_double_eq(series_sum(&s, T0 + 60 * SEC, 60 * SEC), 110);
    ck_assert_double_eq(series_sum(&s, T0 + 61 * SEC, 60 * SEC), 100);
    ck_assert_double_eq(series_sum(&s, T0 + 120 * SEC, 60 * SEC), 0);
}
END_TEST

START_TEST(test_knowledge)
{
    series_init(&s, true, &rings);
    ck_assert(isnan(series_sum(&s, T0, 60 * SEC))); /* never started */
    series_start(&s, T0);
    series_start(&s, T0 + 30 * SEC); /* idempotent */
    ck_assert(isnan(series_sum(&s, T0 + 53 * SEC, 60 * SEC)));
    ck_assert_double_eq(series_sum(&s, T0 + 54 * SEC, 60 * SEC), 0); /* 10 % may be missing */
    series_add(&s, T0 + 55 * SEC, 0, 5);
    ck_assert_double_eq(series_sum(&s, T0 + 56 * SEC, 60 * SEC), 5);
    series_break(&s, T0 + 57 * SEC);
    ck_assert(isnan(series_sum(&s, T0 + 58 * SEC, 60 * SEC)));
    series_start(&s, T0 + 70 * SEC);
    ck_assert(isnan(series_sum(&s, T0 + 123 * SEC, 60 * SEC)));
    ck_assert_double_eq(series_sum(&s, T0 + 124 * SEC, 60 * SEC), 0);
    ck_assert(isnan(series_sum(&s, T0 + 90000 * SEC, 91000 * SEC))); /* longer than any ring */
}
END_TEST

START_TEST(test_gap_reads_unknown)
{
    series_init(&s, false, &rings);
    for (int i = 0; i < 300; i++) /* fill the ring with old values */
        series_add(&s, T0 + i * SEC, 0, 1000 + i);
    int64_t t = T0 + (299 + 200) * SEC;
    series_add(&s, t, 0, 7);
    for (int64_t back = 1; back < 200; back++)
        ck_assert(isnan(series_at(&s, t - back * SEC, 0, t)));
    ck_assert_double_eq(series_at(&s, t - 200 * SEC, 0, t), 1299);
    ck_assert_double_eq(series_at(&s, t - 100 * SEC, 100 * SEC, t), 1299);
    int n;
    ck_assert_double_eq(series_mean(&s, t, 100 * SEC, &n), 7);
    ck_assert_int_eq(n, 1);
    series_add(&s, t + 100000 * SEC, 0, 8); /* longer than every ring */
    ck_assert(isnan(series_at(&s, t, 86400 * SEC, t + 100000 * SEC)));
    ck_assert(isnan(series_mean(&s, t + 100400 * SEC, 300 * SEC, &n)));
    ck_assert_int_eq(n, 0);
}
END_TEST

START_TEST(test_change)
{
    series_init(&s, false, &rings);
    series_add(&s, T0, 0, 100);
    ck_assert(isnan(series_change(&s, T0, 60 * SEC)));
    series_add(&s, T0 + 60 * SEC, 0, 130);
    ck_assert_double_eq(series_change(&s, T0 + 60 * SEC, 60 * SEC), 30);
    ck_assert_double_eq(series_change(&s, T0 + 66 * SEC, 60 * SEC), 30);
    ck_assert(isnan(series_change(&s, T0 + 67 * SEC, 60 * SEC))); /* 7 s > 10 % of 60 s too old */
    for (int i = 1; i <= 1440; i++)
        series_add(&s, T0 + i * 60 * SEC, 0, i);
    int64_t now = T0 + 1440 * 60 * SEC;
    ck_assert_double_eq(series_change(&s, now, 3600 * SEC), 60);
    ck_assert_double_eq(series_change(&s, now, 86400 * SEC), 1340);
}
END_TEST

/* A level polled every 5 s: the change over the whole length of the finest ring is known each
 * second. */
START_TEST(test_change_of_a_slow_poll)
{
    series_init(&s, false, &rings);
    for (int i = 0; i < 400; i++) {
        if (i % 5 == 4)
            series_add(&s, T0 + i * SEC, 0, i);
        if (i >= 310) /* from the first whole slot of the 10 s ring */
            ck_assert_msg(!isnan(series_change(&s, T0 + i * SEC, 300 * SEC)), "second %d", i);
    }
}
END_TEST

START_TEST(test_last_and_time)
{
    series_init(&s, false, &rings);
    ck_assert(isnan(series_last(&s, T0, SEC)));
    series_add(&s, T0, 5, 3);
    series_add(&s, T0 - SEC, 6, 4); /* older is treated as newest */
    ck_assert_double_eq(s.last, 4);
    ck_assert_int_eq(s.t_last_us, T0);
    ck_assert_int_eq(s.t_venue_us, 6);
    ck_assert_double_eq(series_last(&s, T0 + SEC, SEC), 4);
    ck_assert(isnan(series_last(&s, T0 + SEC + 1, SEC)));
    series_add(&s, T0 + SEC, 0, NAN); /* nothing was said */
    series_add(&s, T0 + SEC, 0, INFINITY);
    ck_assert_double_eq(s.last, 4);
}
END_TEST

UNIT_MAIN("series", tcase_add_test(tc, test_sum_random); tcase_add_test(tc, test_level_random);
          tcase_add_test(tc, test_whole_seconds); tcase_add_test(tc, test_knowledge);
          tcase_add_test(tc, test_gap_reads_unknown); tcase_add_test(tc, test_change);
          tcase_add_test(tc, test_change_of_a_slow_poll); tcase_add_test(tc, test_last_and_time);)
