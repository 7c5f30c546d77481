/* Proves the histogram's promise: no quantile is below the true one or more than 1/32 above it. */
#include "base/hist.h"
#include "unit.h"

static struct hist h;
static uint64_t values[4096];

static int by_value(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

START_TEST(test_small)
{
    hist_clear(&h);
    ck_assert_uint_eq(hist_quantile(&h, 0.5), 0);
    for (uint64_t x = 0; x <= 63; x++)
        hist_add(&h, x);
    ck_assert(h.n == 64 && h.max == 63 && h.sum == 2016);
    ck_assert_uint_eq(hist_quantile(&h, 0), 0);
    ck_assert_uint_eq(hist_quantile(&h, 0.5), 31); /* below 64 each value is its own bucket */
    ck_assert_uint_eq(hist_quantile(&h, 0.99), 63);
    ck_assert_uint_eq(hist_quantile(&h, 1), 63);
}
END_TEST

START_TEST(test_extreme)
{
    hist_clear(&h);
    hist_add(&h, UINT64_MAX);
    ck_assert(hist_quantile(&h, 0.5) == UINT64_MAX);
    for (int bit = 0; bit < 64; bit++) { /* both ends of every octave stay inside the table */
        hist_add(&h, 1ull << bit);
        hist_add(&h, (1ull << bit) - 1);
    }
    ck_assert(h.n == 129 && hist_quantile(&h, 1) == UINT64_MAX);
    h.count[0] = UINT32_MAX;
    hist_add(&h, 0);
    ck_assert_uint_eq(h.count[0], UINT32_MAX); /* full, not wrapped */
}
END_TEST

START_TEST(test_error)
{
    const size_t n = sizeof values / sizeof values[0];
    uint64_t seed = 3;
    hist_clear(&h);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        values[i] = seed >> 33 >> (seed >> 8 & 31);
        hist_add(&h, values[i]);
    }
    qsort(values, n, sizeof values[0], by_value);
    for (int q = 1; q <= 1024; q++) {
        uint64_t want = values[((size_t)q * n + 1023) / 1024 - 1],
                 got = hist_quantile(&h, q / 1024.0);
        ck_assert_msg(got >= want && got <= want + want / 32, "q %d: %llu for %llu", q,
                      (unsigned long long)got, (unsigned long long)want);
    }
}
END_TEST

UNIT_MAIN("hist", tcase_add_test(tc, test_small); tcase_add_test(tc, test_extreme);
          tcase_add_test(tc, test_error);)
