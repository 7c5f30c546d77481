/* The common number in a few instructions: an optional '-', up to 15 digits, at most one '.', no
 * exponent. In: text with at least NUM_FAST_WINDOW readable bytes. Out: an exact mantissa and
 * scale. Inside lib/base only. Surprise: digits are found with one SSE2 compare of 16 bytes and
 * converted eight at a time by three multiplications (Lemire, "Quickly parsing eight digits");
 * anything it does not take goes the exact way and gives the same value. */
#ifndef BASE_NUM_FAST_H
#define BASE_NUM_FAST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/num_exact.h"

#define NUM_FAST_WINDOW 24 /* sign, 6 digits, point, 16 bytes loaded: the longest reach */

struct num_fast {
    uint64_t w;     /* below 10^15: exact as a double */
    unsigned scale; /* value = w / 10^scale */
    bool neg;
};

#if defined(__SSE2__) && defined(__x86_64__)
#include <emmintrin.h>

/* Eight ASCII digits at q, of which the first n (1..8) count. */
static inline uint64_t num_fast_8(const char *q, unsigned n)
{
    uint64_t v;
    memcpy(&v, q, 8);
    v = (v ^ 0x3030303030303030u) << (64 - 8 * n);
    v = v * 10 + (v >> 8);
    return ((v & 0x000000ff000000ffu) * 0x000f424000000064u +
            ((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >>
           32;
}

static inline uint64_t num_fast_digits(const char *q, unsigned n)
{
    if (n <= 8)
        return num_fast_8(q, n);
    return num_fast_8(q, 8) * num_pow10_u64[n - 8] + num_fast_8(q + 8, n - 8);
}

/* Returns the end of the number, NULL when it is not of the common form. */
static inline const char *num_fast(const char *p, struct num_fast *out)
{
    out->neg = *p == '-';
    p += out->neg;
    __m128i x;
    memcpy(&x, p, sizeof x);
    __m128i t = _mm_sub_epi8(x, _mm_set1_epi8('0'));
    __m128i is = _mm_cmpeq_epi8(_mm_min_epu8(t, _mm_set1_epi8(9)), t);
    uint32_t other =
        ~(uint32_t)_mm_movemask_epi8(is); /* a bit per byte that is no digit; 16.. set */
    unsigned whole = (unsigned)__builtin_ctz(other);
    if (whole - 1 > 14 || (*p == '0' && whole > 1))
        return NULL;
    out->w = num_fast_digits(p, whole);
    out->scale = 0;
    p += whole;
    if (*p == '.') {
        unsigned frac = (unsigned)__builtin_ctz(other >> (whole + 1));
        if (frac == 0 || whole + 1 + frac >= 16)
            return NULL;
        out->w = out->w * num_pow10_u64[frac] + num_fast_digits(p + 1, frac);
        out->scale = frac;
        p += 1 + frac;
    }
    return (*p | 0x20) == 'e' ? NULL : p;
}
#else
static inline const char *num_fast(const char *p, struct num_fast *out)
{
    (void)p;
    (void)out;
    return NULL;
}
#endif

static inline double num_fast_value(const struct num_fast *n)
{
    double x = (double)(int64_t)n->w;
    if (n->scale)
        x /= num_pow10[n->scale];
    return n->neg ? -x : x;
}

#endif
