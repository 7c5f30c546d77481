/* Correctly rounded decimal to double, three ways by difficulty: one exact division or product of
 * doubles (Clinger 1990, "How to read floating point numbers accurately", the fast case); 128-bit
 * integer division with remainder; long integers for everything else. In: a decimal read by
 * num_grammar. Out: the nearest double. Owns nothing, no allocation, no locale.
 * Surprise: 800 significant digits are kept, because a point halfway between two doubles has at
 * most 767 (one beyond the cap that is not 0 only says "a little more"). */
#include "base/num_exact.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

#define DIGITS_MAX 800
#define LIMBS      64 /* 4096 bits: 10^1131 * 2^64 is the longest that comes up */

struct big {
    int n; /* limbs in use; v[n - 1] is not 0 */
    uint64_t v[LIMBS];
};

const uint64_t num_pow10_u64[20] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};

const uint64_t num_pow5[28] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

const double num_pow10[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* q * 2^e2, plus a little when sticky, as the bits of a positive double. q is not 0. */
static int assemble(uint64_t q, bool sticky, int e2, double *out)
{
    int lz = __builtin_clzll(q);
    q <<= lz;
    int top = e2 - lz + 63; /* exponent of the leading bit */
    int drop = 11;
    if (top < -1022)
        drop += -1022 - top;
    uint64_t m = 0, bits;
    if (drop <= 64) { /* beyond: below a quarter of the smallest subnormal */
        uint64_t rest = drop == 64 ? q : q & ((1ull << drop) - 1);
        uint64_t half = 1ull << (drop - 1);
        m = drop == 64 ? 0 : q >> drop;
        if (rest > half || (rest == half && (sticky || (m & 1))))
            m++;
    }
    if (top < -1022)
        bits = m;
    else if (top > 1023)
        return E_RANGE;
    else
        bits = ((uint64_t)(top + 1022) << 52) + m; /* m's leading bit, or a carry, adds 1 to it */
    if (bits >= 0x7ffull << 52)
        return E_RANGE;
    memcpy(out, &bits, sizeof bits);
    return 0;
}

/* The same for 128 bits. */
static int assemble_wide(u128 q, bool sticky, int e2, double *out)
{
    uint64_t hi = (uint64_t)(q >> 64);
    if (hi) {
        int n = 64 - __builtin_clzll(hi);
        if (q & (((u128)1 << n) - 1))
            sticky = true;
        q >>= n;
        e2 += n;
    }
    return assemble((uint64_t)q, sticky, e2, out);
}

/* w * 10^k = w * 5^k * 2^k, |k| <= 27, exactly in 128 bits: 5^27 is the last that fits 64. */
static int by_u128(uint64_t w, int k, double *out)
{
    if (k >= 0)
        return assemble_wide((u128)w * num_pow5[k], false, k, out);
    int shift = __builtin_clzll(w) + 64;
    u128 n = (u128)w << shift;
    uint64_t d = num_pow5[-k];
    return assemble_wide(n / d, n % d != 0, k - shift, out);
}

static void big_mul_add(struct big *b, uint64_t m, uint64_t add)
{
    uint64_t carry = add;
    for (int i = 0; i < b->n; i++) {
        u128 t = (u128)b->v[i] * m + carry;
        b->v[i] = (uint64_t)t;
        carry = (uint64_t)(t >> 64);
    }
    if (carry) {
        assert(b->n < LIMBS);
        b->v[b->n++] = carry;
    }
}

static void big_mul_pow10(struct big *b, int64_t k)
{
    for (; k > 19; k -= 19)
        big_mul_add(b, num_pow10_u64[19], 0);
    big_mul_add(b, num_pow10_u64[k], 0);
}

static int big_bits(const struct big *b)
{
    return 64 * b->n - __builtin_clzll(b->v[b->n - 1]);
}

static void big_shl(struct big *b, int s)
{
    int words = s / 64, bits = s % 64;
    assert(b->n + words + 1 <= LIMBS);
    for (int i = b->n; i >= 0; i--) {
        uint64_t hi = i < b->n ? b->v[i] : 0, lo = i > 0 ? b->v[i - 1] : 0;
        b->v[i + words] = bits ? hi << bits | lo >> (64 - bits) : hi;
    }
    for (int i = 0; i < words; i++)
        b->v[i] = 0;
    b->n += words + 1;
    while (b->v[b->n - 1] == 0)
        b->n--;
}

static int big_cmp(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->v[i] != b->v[i])
            return a->v[i] < b->v[i] ? -1 : 1;
    return 0;
}

/* a -= b * q; the result is not negative. */
static void big_sub_mul(struct big *a, const struct big *b, uint64_t q)
{
    uint64_t carry = 0, borrow = 0;
    for (int i = 0; i < a->n; i++) {
        u128 t = (i < b->n ? (u128)b->v[i] * q : 0) + carry;
        carry = (uint64_t)(t >> 64);
        u128 d = (u128)a->v[i] - (uint64_t)t - borrow;
        a->v[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    assert(!carry && !borrow);
    while (a->n > 0 && a->v[a->n - 1] == 0)
        a->n--;
}

/* floor(b / 2^shift), which is known to fit. A negative shift multiplies. */
static u128 big_top(const struct big *b, int shift)
{
    u128 out = 0;
    for (int i = b->n - 1; i >= 0; i--) {
        int at = 64 * i - shift;
        if (at >= 0)
            out |= (u128)b->v[i] << at;
        else if (at > -64)
            out |= b->v[i] >> -at;
        else
            break;
    }
    return out;
}

/* num / den, known to be below 2^64; num becomes the remainder. The estimate from the leading bits
 * is at most a few too small. */
static uint64_t big_quotient(struct big *num, const struct big *den)
{
    int cut = big_bits(den) - 64;
    uint64_t q = (uint64_t)(big_top(num, cut) / (big_top(den, cut) + 1));
    big_sub_mul(num, den, q);
    while (big_cmp(num, den) >= 0) {
        big_sub_mul(num, den, 1);
        q++;
    }
    return q;
}

/* num / den as a double: shifted so that the quotient has 63 or 64 bits. */
static int big_divide(struct big *num, struct big *den, double *out)
{
    int shift = big_bits(den) + 63 - big_bits(num);
    if (shift > 0)
        big_shl(num, shift);
    else
        big_shl(den, -shift);
    uint64_t q = big_quotient(num, den);
    return assemble(q, num->n > 0, -shift, out);
}

/* All significant digits of the text as a long integer; returns its power of ten. */
static int64_t read_digits(const struct decimal *d, struct big *b)
{
    int64_t exp10 = d->exp10;
    int kept = 0, seen = 0;
    bool more = false;
    *b = (struct big){.n = 0};
    for (const char *p = d->p; p < d->end; p++) {
        if (*p == '.' || (seen == 0 && *p == '0'))
            continue;
        if (seen++ >= 19)
            exp10--; /* d->exp10 counts every digit after the 19th as dropped */
        if (kept < DIGITS_MAX) {
            big_mul_add(b, 10, (uint64_t)(*p - '0'));
            kept++;
        } else {
            more |= *p != '0';
            exp10++;
        }
    }
    if (more) {
        big_mul_add(b, 10, 1);
        exp10--;
    }
    return exp10;
}

static int by_long_integers(const struct decimal *d, double *out)
{
    if (d->exp10 > 310)
        return E_RANGE;
    if (d->exp10 < -350) { /* w has at most 19 digits */
        *out = 0;
        return 0;
    }
    struct big num, den = {.n = 1, .v = {1}};
    int64_t exp10 = read_digits(d, &num);
    if (exp10 >= 0)
        big_mul_pow10(&num, exp10);
    else
        big_mul_pow10(&den, -exp10);
    return big_divide(&num, &den, out);
}

int decimal_value(const struct decimal *d, double *out)
{
    double x = 0;
    int rc = 0;
    if (d->w != 0) {
        if (!d->cut && d->exp10 >= -27 && d->exp10 <= 27)
            x = decimal_small(d->w, (int)d->exp10);
        else
            rc = by_long_integers(d, &x);
    }
    if (rc < 0)
        return rc;
    *out = d->neg ? -x : x;
    return 0;
}

int decimal_i64(const struct decimal *d, int64_t *out)
{
    uint64_t limit = (uint64_t)INT64_MAX + d->neg;
    if (d->exp10 != 0 || d->w > limit)
        return E_RANGE;
    *out = d->neg ? (int64_t)(0 - d->w) : (int64_t)d->w;
    return 0;
}

double decimal_small(uint64_t w, int exp10)
{
    double x = 0;
    if (w >> 53 == 0 && exp10 >= -22 && exp10 <= 22)
        return exp10 < 0 ? (double)w / num_pow10[-exp10] : (double)w * num_pow10[exp10];
    assert(w != 0 && exp10 >= -27 && exp10 <= 27);
    int rc = by_u128(w, exp10, &x);
    assert(rc == 0);
    return x;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && (unsigned char)(*p - '0') <= 9;
}

/* Digits from p on, into w as long as they fit 19 places; returns the end. */
static const char *take_digits(const char *p, const char *end, struct decimal *d, int *used,
                               bool fraction)
{
    for (; is_digit(p, end); p++) {
        unsigned c = (unsigned)(*p - '0');
        if (*used < 19) {
            d->w = d->w * 10 + c;
            *used += d->w != 0;
            d->exp10 -= fraction;
        } else {
            d->cut |= c != 0;
            d->exp10 += !fraction;
        }
    }
    return p;
}

/* The exponent's digits. Saturates far above any text's length, so that a long run of zeros before
 * it cannot bring a saturated value back into range. */
static const char *take_exponent(const char *p, const char *end, int64_t *exp10)
{
    bool neg = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (!is_digit(p, end))
        return NULL;
    int64_t e = 0;
    for (; is_digit(p, end); p++)
        if (e < 1000000000000000)
            e = e * 10 + (*p - '0');
    *exp10 += neg ? -e : e;
    return p;
}

const char *num_grammar(const char *p, const char *end, struct decimal *d)
{
    *d = (struct decimal){.integer = true};
    int used = 0;
    if (p < end && *p == '-') {
        d->neg = true;
        p++;
    }
    d->p = p;
    if (!is_digit(p, end) || (*p == '0' && is_digit(p + 1, end)))
        return NULL;
    p = take_digits(p, end, d, &used, false);
    if (p < end && *p == '.') {
        d->integer = false;
        if (!is_digit(p + 1, end))
            return NULL;
        p = take_digits(p + 1, end, d, &used, true);
    }
    d->end = p;
    if (p < end && (*p == 'e' || *p == 'E')) {
        d->integer = false;
        p = take_exponent(p + 1, end, &d->exp10);
    }
    return p;
}

/* m * 2^e * 10^s in 128 bits: the 5s are multiplied, the 2s are shifted. */
static void scale_u128(uint64_t m, int e, int s, struct digits17 *d)
{
    u128 v = (u128)m * num_pow5[s];
    int right = -(e + s);
    u128 rest = 0, half = 1;
    if (right > 0) {
        rest = v & (((u128)1 << right) - 1);
        half = (u128)1 << (right - 1);
        v >>= right;
    } else {
        v <<= -right;
    }
    d->n = v >> 64 ? UINT64_MAX : (uint64_t)v;
    d->rest = rest == 0      ? REST_NONE
              : rest < half  ? REST_LESS
              : rest == half ? REST_HALF
                             : REST_MORE;
}

/* The same with long integers, for any double. */
static void scale_big(uint64_t m, int e, int s, struct digits17 *d)
{
    struct big num = {.n = 1, .v = {m}}, den = {.n = 1, .v = {1}};
    big_mul_pow10(s > 0 ? &num : &den, s > 0 ? s : -s);
    big_shl(e > 0 ? &num : &den, e > 0 ? e : -e);
    d->n = big_quotient(&num, &den);
    d->rest = REST_NONE;
    if (num.n > 0) {
        big_mul_add(&num, 2, 0);
        int c = big_cmp(&num, &den);
        d->rest = c < 0 ? REST_LESS : c == 0 ? REST_HALF : REST_MORE;
    }
}

void num_digits17(double x, struct digits17 *d)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int be = (int)(bits >> 52 & 0x7ff), e = (be ? be : 1) - 1075;
    uint64_t m = (bits & ((1ull << 52) - 1)) | (be ? 1ull << 52 : 0);
    assert(m != 0 && be != 0x7ff);
    int top = e + 63 - __builtin_clzll(m);
    d->exp10 =
        (int)((int64_t)top * 1292913986 / ((int64_t)1 << 32)); /* log10(2): one off at most */
    for (;;) {
        int s = 16 - d->exp10;
        if (s >= 0 && s <= 27 && e + s > -127 && e + s < 64)
            scale_u128(m, e, s, d);
        else
            scale_big(m, e, s, d);
        if (d->n >= 100000000000000000u)
            d->exp10++;
        else if (d->n < 10000000000000000u)
            d->exp10--;
        else
            break;
    }
}
