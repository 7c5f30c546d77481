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

/* The first n (1..8) of eight ASCII digits, the first in the lowest byte. */
static inline __attribute__((always_inline)) uint64_t num_fast_digits(uint64_t v, unsigned n)
{
    v = (v ^ 0x3030303030303030u) << (64 - 8 * n);
    v = v * 10 + (v >> 8);
    return ((v & 0x000000ff000000ffu) * 0x000f424000000064u +
            ((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >>
           32;
}

static inline __attribute__((always_inline)) uint64_t num_fast_load(const char *q)
{
    uint64_t v;
    memcpy(&v, q, 8);
    return v;
}

/* whole digits at q, then, unless scale is 0, a point and scale digits; together 9 to 15. Out of
 * line, because the shorter ones are the common ones. */
uint64_t num_fast_long(const char *q, unsigned whole, unsigned scale);

/* The same with at most 8 digits: the point is closed up, then they are converted at once. */
static inline __attribute__((always_inline)) uint64_t num_fast_short(const char *q, unsigned whole,
                                                                     unsigned scale)
{
    uint64_t before = ~(uint64_t)0 >> (64 - 8 * whole); /* the bytes before the point */
    uint64_t v = (num_fast_load(q) & before) | (num_fast_load(q + 1) & ~before);
    return num_fast_digits(v, whole + scale);
}

/* Returns the end of the number, NULL when it is not of the common form. The end comes from one
 * mask (neither digit nor point), because the next token waits for it. Whoever takes a bare number
 * looks himself whether an exponent follows: num_fast_goes_on. */
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
    unsigned odds = (unsigned)_mm_movemask_epi8(odd);
    unsigned ends = odds & ~(unsigned)_mm_movemask_epi8(point);
    if (ends == 0)
        return NULL;
    unsigned end = (unsigned)__builtin_ctz(ends), whole = (unsigned)__builtin_ctz(odds);
    out->scale = 0;
    if (whole < end) { /* a point, and the next that is no digit must be the end */
        odds &= odds - 1;
        if ((unsigned)__builtin_ctz(odds) != end || end - whole == 1)
            return NULL;
        out->scale = end - whole - 1;
    }
    /* & : the length is not predictable */
    if (whole == 0 || ((*p == '0') & (whole > 1)))
        return NULL;
    out->w = __builtin_expect(whole + out->scale <= 8, 1) ? num_fast_short(p, whole, out->scale)
                                                          : num_fast_long(p, whole, out->scale);
    return p + end;
}

/* Does an exponent follow? Then the number is not of the common form. */
static inline bool num_fast_goes_on(const char *end)
{
    return (*end | 0x20) == 'e';
}
#else
static inline __attribute__((always_inline)) const char *num_fast(const char *p,
                                                                  struct num_fast *out)
{
    (void)p;
    (void)out;
    return NULL;
}

static inline bool num_fast_goes_on(const char *end)
{
    (void)end;
    return true;
}
#endif

static inline __attribute__((always_inline)) double num_fast_value(const struct num_fast *n)
{
    double x = (double)(int64_t)n->w;
    if (n->scale)
        x /= num_pow10[n->scale];
    return n->neg ? -x : x;
}

/* The same for two that are not negative, with one division: its latency is what a list of pairs
 * waits for. */
static inline __attribute__((always_inline)) void
num_fast_values(const struct num_fast *x, const struct num_fast *y, double out[2])
{
#ifdef NUM_FAST_SSE2
    __m128d w = _mm_set_pd((double)(int64_t)y->w, (double)(int64_t)x->w);
    __m128d by = _mm_set_pd(num_pow10[y->scale], num_pow10[x->scale]);
    _mm_storeu_pd(out, _mm_div_pd(w, by));
#else
    out[0] = num_fast_value(x);
    out[1] = num_fast_value(y);
#endif
}

#endif
