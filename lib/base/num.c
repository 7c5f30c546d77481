/* Numbers as text. In: text or a number. Out: the other. Owns nothing.
 * Surprise: printing takes its digits from exact integers (num_exact.c) and not from printf, so it
 * is fifteen times faster and no locale can put a comma in; a test compares it with printf. */
#include "base/num.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/num_exact.h"

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

/* Rounds to prec digits, ties to even; a carry raises *exp10. */
static uint64_t round_digits(const struct digits17 *d, int prec, int *exp10)
{
    uint64_t div = num_pow10_u64[17 - prec];
    uint64_t q = d->n / div, r = d->n % div;
    bool above, tie;
    if (div == 1) {
        above = d->rest == REST_MORE;
        tie = d->rest == REST_HALF;
    } else {
        above = r > div / 2 || (r == div / 2 && d->rest != REST_NONE);
        tie = r == div / 2 && d->rest == REST_NONE;
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
    size_t n = 2;
    if (e >= 100)
        out[n++] = (char)('0' + e / 100);
    out[n++] = (char)('0' + e / 10 % 10);
    out[n++] = (char)('0' + e % 10);
    return n;
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
    char digits[20] = {0};
    int n = prec;
    for (int i = prec - 1; i >= 0; i--, q /= 10)
        digits[i] = (char)('0' + q % 10);
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return layout(out, digits, n, exp10, prec);
}

/* Does q * 10^exp10 read back as x? */
static bool reads_back(uint64_t q, int exp10, double x)
{
    double y;
    if (exp10 >= -27 && exp10 <= 27)
        return decimal_small(q, exp10) == x;
    char text[32]; /* the exact way needs the digits as text */
    size_t n = num_print_i64(text, (int64_t)q);
    struct decimal d = {.w = q, .exp10 = exp10, .p = text, .end = text + n};
    return decimal_value(&d, &y) == 0 && y == x;
}

static size_t print_positive(char *out, double x)
{
    struct digits17 d;
    num_digits17(x, &d);
    int exp10, prec = 15;
    uint64_t q = round_digits(&d, prec, &exp10);
    while (prec < 17 && !reads_back(q, exp10 - prec + 1, x))
        q = round_digits(&d, ++prec, &exp10);
    return print_digits(out, q, exp10, prec);
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
    return sign + print_positive(buf + sign, x);
}
