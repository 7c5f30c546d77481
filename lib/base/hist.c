/* Log-linear histogram. In: non-negative integers. Out: quantiles with a relative error of at most
 * 1/32. Plain data of the caller, cleared by hist_clear or by zero. Surprise: below 32 each value
 * has its own bucket, so small counts are exact; a counter that is full stays full and quantiles
 * then answer the maximum. */
#include "base/hist.h"

#include <string.h>

#define SUB 32 /* sub-buckets an octave */

static uint32_t bucket_of(uint64_t x)
{
    if (x < SUB)
        return (uint32_t)x;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(x); /* 5 .. 63 */
    return (octave - 4) * SUB + (uint32_t)((x >> (octave - 5)) & (SUB - 1));
}

/* The largest value that falls into the bucket. */
static uint64_t upper_of(uint32_t b)
{
    if (b < SUB)
        return b;
    uint32_t shift = b / SUB - 1;
    return ((uint64_t)(SUB + b % SUB + 1) << shift) - 1;
}

void hist_add(struct hist *h, uint64_t x)
{
    uint32_t *c = &h->count[bucket_of(x)];
    *c += *c < UINT32_MAX;
    h->n++;
    h->sum += (double)x;
    if (x > h->max)
        h->max = x;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
    double want = q * (double)h->n;
    uint64_t seen = 0;
    if (h->n == 0)
        return 0;
    for (uint32_t b = 0; b < HIST_BUCKETS; b++) {
        seen += h->count[b];
        if (h->count[b] && (double)seen >= want) {
            uint64_t up = upper_of(b);
            return up < h->max ? up : h->max;
        }
    }
    return h->max;
}

void hist_clear(struct hist *h)
{
    memset(h, 0, sizeof *h);
}
