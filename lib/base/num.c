/* Numbers as text. In: text or a number. Out: the other. Owns nothing.
 * Surprise: printing computes the 15, 16 and 17 digits itself with 128-bit integers for magnitudes
 * 1e-11 to 1e17 (fifteen times faster than three snprintf); the rest goes through snprintf with the
 * locale's radix character put right. Both give the same bytes; a test compares them. */
#include "base/num.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/num_exact.h"

__extension__ typedef unsigned __int128 u128;

int num_parse(const char *p, size_t len, double *out)
{
    struct decimal d;
    if (len == 0)
        return E_SYNTAX;
    if (num_grammar(p, p + len, &d) != p + len)
        return E_SYNTAX;
    return decimal_value(&d, out);
}

int num_parse_i64(const char *p, size_t len, int64_t *out)
{
    struct decimal d;
    if (len == 0)
        return E_SYNTAX;
    if (num_grammar(p, p + len, &d) != p + len || !d.integer)
        return E_SYNTAX;
    return decimal_i64(&d, out);
}

size_t num_print_i64(char buf[NUM_PRINT_MAX], int64_t x)
{
    char tmp[24];
    size_t n = 0, len = 0;
    uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    do
        tmp[n++] = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    if (x < 0)
        buf[len++] = '-';
    while (n > 0)
        buf[len++] = tmp[--n];
    buf[len] = 0;
    return len;
}

/* x = n * 10^(exp10 - 16) + a fraction of that unit; n has 17 digits. */
struct digits17 {
    uint64_t n;
    int exp10;
    u128 rest, unit; /* the fraction is rest / unit */
};

/* m * 2^e * 10^(16 - exp10), exactly: the 5s are multiplied, the 2s are shifted. */
static bool scale17(uint64_t m, int e, int exp10, struct digits17 *d)
{
    int s = 16 - exp10;
    if (s < 0 || s > 27)
        return false;
    u128 v = (u128)m * num_pow5[s];
    int right = -(e + s);
    d->exp10 = exp10;
    d->rest = 0;
    d->unit = 1;
    if (right > 0) {
        d->unit = (u128)1 << right;
        d->rest = v & (d->unit - 1);
        v >>= right;
    } else {
        v <<= -right;
    }
    d->n = v >> 64 ? UINT64_MAX : (uint64_t)v;
    return true;
}

static bool exact17(double x, struct digits17 *d)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int be = (int)(bits >> 52 & 0x7ff);
    if (be < 1023 - 36 || be > 1023 + 56)
        return false;
    uint64_t m = (bits & ((1ull << 52) - 1)) | 1ull << 52;
    int exp10 = (be - 1023) * 1233 / 4096; /* log10(2), within one of the true exponent */
    if (!scale17(m, be - 1075, exp10, d))
        return false;
    if (d->n >= 100000000000000000u)
        return scale17(m, be - 1075, exp10 + 1, d);
    if (d->n < 10000000000000000u)
        return scale17(m, be - 1075, exp10 - 1, d);
    return true;
}

/* Rounds to prec digits, ties to even; a carry raises *exp10. */
static uint64_t round_digits(const struct digits17 *d, int prec, int *exp10)
{
    uint64_t div = num_pow10_u64[17 - prec];
    uint64_t q = d->n / div, r = d->n % div;
    /* twice the remainder against the unit, in exact integers: (r + rest/unit) * 2 : div */
    bool above, tie;
    if (div == 1) {
        above = d->rest > d->unit - d->rest;
        tie = d->rest != 0 && d->rest == d->unit - d->rest;
    } else {
        above = r > div / 2 || (r == div / 2 && d->rest != 0);
        tie = r == div / 2 && d->rest == 0;
    }
    if (above || (tie && (q & 1)))
        q++;
    *exp10 = d->exp10;
    if (q == num_pow10_u64[prec]) {
        q /= 10;
        ++*exp10;
    }
    return q;
}

static size_t put_exponent(char *out, int exp10)
{
    unsigned e = (unsigned)(exp10 < 0 ? -exp10 : exp10);
    out[0] = 'e';
    out[1] = exp10 < 0 ? '-' : '+';
    out[2] = (char)('0' + e / 10);
    out[3] = (char)('0' + e % 10);
    return 4;
}

/* Lays digits[0..n) out as %g does: fixed for -4 <= exp10 < prec, else with an exponent. */
static size_t layout(char *out, const char *digits, int n, int exp10, int prec)
{
    char *o = out;
    bool sci = exp10 < -4 || exp10 >= prec;
    int whole = sci ? 1 : exp10 + 1; /* digits before the point */
    if (whole <= 0) {
        *o++ = '0';
        *o++ = '.';
        for (int i = whole; i < 0; i++)
            *o++ = '0';
        whole = 0;
    }
    for (int i = 0; i < n || i < whole; i++) {
        if (i == whole && whole > 0)
            *o++ = '.';
        *o++ = i < n ? digits[i] : '0';
    }
    if (sci)
        o += put_exponent(o, exp10);
    *o = 0;
    return (size_t)(o - out);
}

static size_t print_digits(char *out, uint64_t q, int exp10, int prec)
{
    char digits[20];
    int n = prec;
    for (int i = prec - 1; i >= 0; i--, q /= 10)
        digits[i] = (char)('0' + q % 10);
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return layout(out, digits, n, exp10, prec);
}

/* x > 0 in the range of exact17; 0 when it is not. */
static size_t print_fast(char *out, double x)
{
    struct digits17 d;
    if (!exact17(x, &d))
        return 0;
    int exp10, prec = 15;
    uint64_t q = round_digits(&d, 15, &exp10);
    for (; prec < 17; q = round_digits(&d, ++prec, &exp10))
        if (decimal_small(q, exp10 - prec + 1) == x)
            break;
    return print_digits(out, q, exp10, prec);
}

/* A locale may write the radix as any bytes: whatever is no part of a number becomes '.'. */
static size_t fix_radix(char *s)
{
    char *o = s;
    bool in_radix = false;
    for (const char *p = s; *p; p++) {
        bool part = (*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e';
        if (part)
            *o++ = *p;
        else if (!in_radix)
            *o++ = '.';
        in_radix = !part;
    }
    *o = 0;
    return (size_t)(o - s);
}

static size_t print_slow(char *out, double x)
{
    size_t n = 0;
    for (int prec = 15; prec <= 17; prec++) {
        double back;
        snprintf(out, NUM_PRINT_MAX - 1, "%.*g", prec, x);
        n = fix_radix(out);
        if (num_parse(out, n, &back) == 0 && back == x)
            break;
    }
    return n;
}

size_t num_print(char buf[NUM_PRINT_MAX], double x)
{
    if (!isfinite(x)) {
        memcpy(buf, "null", 5);
        return 4;
    }
    size_t sign = signbit(x) ? 1 : 0;
    if (sign) {
        buf[0] = '-';
        x = -x;
    }
    if (x == 0) {
        memcpy(buf + sign, "0", 2);
        return sign + 1;
    }
    size_t n = print_fast(buf + sign, x);
    return sign + (n ? n : print_slow(buf + sign, x));
}
