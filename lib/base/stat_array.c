/* Robust and concentration measures of a whole array (models.md sections A2, A7, F1, J). In:
 * values, never changed. Out: one number, NAN when it has no meaning. Owns nothing, allocates
 * nothing: sorted copies live on the stack, which is why the counts have limits. Surprise: qsort is
 * not used, because glibc's allocates. */
#include "base/stat.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define ROBUST_MAX 64
#define GINI_MAX   4096

static void sort_small(double *x, double *w, int n)
{
    for (int i = 1; i < n; i++) {
        double v = x[i], weight = w ? w[i] : 0;
        int j = i;
        for (; j > 0 && x[j - 1] > v; j--) {
            x[j] = x[j - 1];
            if (w)
                w[j] = w[j - 1];
        }
        x[j] = v;
        if (w)
            w[j] = weight;
    }
}

double stat_median(const double *x, int n)
{
    double s[ROBUST_MAX];
    assert(n >= 0 && n <= ROBUST_MAX);
    if (n == 0)
        return NAN;
    memcpy(s, x, (size_t)n * sizeof s[0]);
    sort_small(s, NULL, n);
    return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

double stat_mad(const double *x, int n)
{
    double d[ROBUST_MAX] = {0}, mid = stat_median(x, n);
    for (int i = 0; i < n; i++)
        d[i] = fabs(x[i] - mid);
    return stat_median(d, n);
}

/* Values without weight take no part. */
static int weighted_only(const double *x, const double *w, int n, double *xs, double *ws)
{
    int m = 0;
    for (int i = 0; i < n; i++)
        if (w[i] > 0) {
            xs[m] = x[i];
            ws[m++] = w[i];
        }
    return m;
}

double stat_wmedian(const double *x, const double *w, int n)
{
    double xs[ROBUST_MAX], ws[ROBUST_MAX], total = 0, cum = 0;
    assert(n >= 0 && n <= ROBUST_MAX);
    int m = weighted_only(x, w, n, xs, ws), i = 0;
    if (m == 0)
        return NAN;
    sort_small(xs, ws, m);
    for (int k = 0; k < m; k++)
        total += ws[k];
    while (i < m - 1 && (cum += ws[i]) < total / 2)
        i++;
    return i < m - 1 && cum == total / 2 ? (xs[i] + xs[i + 1]) / 2 : xs[i];
}

/* The sum of amounts; NAN when one is negative or unknown, or when there is nothing. */
static double total_of(const double *x, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += x[i] >= 0 ? x[i] : NAN;
    return total > 0 ? total : NAN;
}

double stat_hhi(const double *x, int n)
{
    double total = total_of(x, n), sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] / total * (x[i] / total);
    return isnan(total) ? NAN : sum;
}

double stat_cr(const double *x, int n, int k)
{
    double top[ROBUST_MAX + 1], total = total_of(x, n), sum = 0;
    assert(k >= 0 && k <= ROBUST_MAX);
    int m = 0;
    if (isnan(total))
        return NAN;
    for (int i = 0; i < n; i++) { /* top[] falls; the one pushed out at the end is dropped */
        int j = m;
        for (; j > 0 && top[j - 1] < x[i]; j--)
            top[j] = top[j - 1];
        top[j] = x[i];
        m = m < k ? m + 1 : k;
    }
    for (int i = 0; i < m; i++)
        sum += top[i] / total;
    return sum;
}

double stat_entropy_number(const double *x, int n)
{
    double total = total_of(x, n), h = 0;
    if (isnan(total))
        return NAN;
    for (int i = 0; i < n; i++)
        if (x[i] > 0)
            h -= x[i] / total * log(x[i] / total);
    return exp(h);
}

static void sift_down(double *x, int i, int n)
{
    double v = x[i];
    for (int c; (c = 2 * i + 1) < n; i = c) {
        c += c + 1 < n && x[c + 1] > x[c];
        if (x[c] <= v)
            break;
        x[i] = x[c];
    }
    x[i] = v;
}

static void heap_sort(double *x, int n)
{
    for (int i = n / 2 - 1; i >= 0; i--)
        sift_down(x, i, n);
    for (int i = n - 1; i > 0; i--) {
        double last = x[i];
        x[i] = x[0];
        x[0] = last;
        sift_down(x, 0, i);
    }
}

/* Gini (1912) in the form of sorted ranks: sum (2i - n - 1) x_i / (n sum x), i from 1. */
double stat_gini(const double *x, int n)
{
    double s[GINI_MAX], total = total_of(x, n), sum = 0;
    assert(n >= 0 && n <= GINI_MAX);
    if (isnan(total))
        return NAN;
    memcpy(s, x, (size_t)n * sizeof s[0]);
    heap_sort(s, n);
    for (int i = 0; i < n; i++)
        sum += (2.0 * (i + 1) - n - 1) * s[i];
    return sum / (n * total);
}
