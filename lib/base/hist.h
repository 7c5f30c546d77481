/* Log-linear histogram of non-negative integers (microseconds, bytes): 32 sub-buckets per octave,
 * relative error <= 1/32. Plain data; zero means empty. Quantiles never exceed the maximum seen. */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include <stdint.h>

#define HIST_BUCKETS (60 * 32)

struct hist {
    uint64_t n, max;
    double sum;
    uint32_t count[HIST_BUCKETS];
};
void hist_add(struct hist *h, uint64_t x);
uint64_t hist_quantile(const struct hist *h,
                       double q); /* upper bound of the bucket; 0 when empty */
void hist_clear(struct hist *h);

#endif
