/* Decimal text to double in two steps: num_grammar reads JSON's number grammar into a decimal,
 * decimal_value rounds it correctly. Inside lib/base only; num.h is the public face.
 * Surprise: no strtod anywhere, so no locale can change a result. */
#ifndef BASE_NUM_EXACT_H
#define BASE_NUM_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct decimal {
    uint64_t w;    /* the first 19 significant digits as an integer */
    int64_t exp10; /* value = w * 10^exp10, when cut is false */
    bool neg;
    bool integer;        /* no fraction and no exponent in the text */
    bool cut;            /* more than 19 significant digits: the rest is only in the text */
    const char *p, *end; /* mantissa text, digits and at most one '.' */
};

extern const uint64_t num_pow10_u64[20]; /* 10^0 .. 10^19 */
extern const uint64_t num_pow5[28];      /* 5^0 .. 5^27 */
extern const double num_pow10[23];       /* 10^0 .. 10^22, all exact */

/* Reads a number at p as far as the grammar goes; returns its end, NULL when p holds none. */
const char *num_grammar(const char *p, const char *end, struct decimal *d);

/* The nearest double (ties to even); E_RANGE when it overflows. */
int decimal_value(const struct decimal *d, double *out) MUST_CHECK;

/* The value of a decimal whose text is an integer; E_RANGE beyond 64 bits. */
int decimal_i64(const struct decimal *d, int64_t *out) MUST_CHECK;

/* w * 10^exp10 for |exp10| <= 27 and w from 1 up, rounded to nearest, ties to even. */
double decimal_small(uint64_t w, int exp10);

/* The first 17 digits of x and what is left of it: x = (n + rest) * 10^(exp10 - 16), exactly, where
 * n has 17 digits and rest is in [0, 1). */
struct digits17 {
    uint64_t n;
    int exp10;
    enum { REST_NONE, REST_LESS, REST_HALF, REST_MORE } rest; /* against one half */
};

void num_digits17(double x, struct digits17 *d); /* x > 0 and finite */

#endif
