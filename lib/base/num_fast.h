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

/* Keeps the compiler from turning a jump into arithmetic that the next load has to wait for. */
#define NUM_FAST_JUMP __asm__ volatile("")

#if defined(__SSE2__) && defined(__x86_64__)
#define NUM_FAST_SSE2
#include <emmintrin.h>

/* Eight ASCII digits at q, of which the first n (1..8) count. */
static inline __attribute__((always_inline)) uint64_t num_fast_8(const char *q, unsigned n)
{
    uint64_t v;
    memcpy(&v, q, 8);
    v = (v ^ 0x3030303030303030u) << (64 - 8 * n);
    v = v * 10 + (v >> 8);
    return ((v & 0x000000ff000000ffu) * 0x000f424000000064u +
            ((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >>
           32;
}

/* Up to 16 digits; out of line, because the shorter ones are the common ones. */
uint64_t num_fast_16(const char *q, unsigned n);

/* Returns the end of the number, NULL when it is not of the common form. The end comes from one
 * mask (neither digit nor point), because the next token waits for it; where the point is comes
 * second. */
static inline __attribute__((always_inline)) const char *num_fast(const char *p,
                                                                  struct num_fast *out)
{
    out->neg = false;
    if (__builtin_expect(*p == '-', 0)) { /* a jump, so that the loads below need not wait for *p */
        NUM_FAST_JUMP;
        out->neg = true;
        p++;
    }
    __m128i x;
    memcpy(&x, p, sizeof x);
    /* '0'..'9' become the ten smallest signed bytes */
    __m128i odd = _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8((char)(0x80 - '0'))),
                                 _mm_set1_epi8((char)(0x80 + 9)));
    __m128i point = _mm_cmpeq_epi8(x, _mm_set1_epi8('.'));
    unsigned ends = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(point, odd));
    unsigned points = (unsigned)_mm_movemask_epi8(point);
    if (ends == 0)
        return NULL;
    const char *end = p + __builtin_ctz(ends);
    points &= (ends & -ends) - 1; /* only those before the end */
    unsigned whole = (unsigned)__builtin_ctz(points ? points : ends);
    out->scale = points ? (unsigned)(end - p) - whole - 1 : 0;
    if (whole == 0 || (points & (points - 1)) || (points && out->scale == 0) ||
        ((*p == '0') & (whole > 1)) || (*end | 0x20) == 'e') /* & : the length is not predictable */
        return NULL;
    out->w = __builtin_expect(whole <= 8, 1) ? num_fast_8(p, whole) : num_fast_16(p, whole);
    if (out->scale) {
        const char *f = p + whole + 1;
        out->w = out->w * num_pow10_u64[out->scale] + (__builtin_expect(out->scale <= 8, 1)
                                                           ? num_fast_8(f, out->scale)
                                                           : num_fast_16(f, out->scale));
    }
    return end;
}
#else
static inline __attribute__((always_inline)) const char *num_fast(const char *p,
                                                                  struct num_fast *out)
{
    (void)p;
    (void)out;
    return NULL;
}
#endif

static inline __attribute__((always_inline)) double num_fast_value(const struct num_fast *n)
{
    double x = (double)(int64_t)n->w;
    if (n->scale)
        x /= num_pow10[n->scale];
    return n->neg ? -x : x;
}

#endif
