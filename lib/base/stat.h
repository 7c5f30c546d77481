/* Streaming statistics (models.md section J). All plain data, initialised by zero plus parameters;
 * time is passed in seconds or microseconds, never read. An input that is not finite is ignored.
 * Tested against worked vectors. */
#ifndef BASE_STAT_H
#define BASE_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Irregular EWMA mean and variance (West/Welford form), half-life in seconds.
 * f = 2^(-dt/hl); W *= f; S *= f; W2 *= f^2; then W += 1 ... var = S / W. dt < 0 is clamped to 0
 * and counted. eff = W^2 / W2 is the effective number of samples. */
struct ewma {
    double half_life_s;
    double mean, s, w, w2;
    int64_t t_us;
    uint64_t out_of_order;
};
void ewma_init(struct ewma *e, double half_life_s);
void ewma_add(struct ewma *e, int64_t t_us, double x);
double ewma_var(const struct ewma *e); /* NAN before the first sample */
double ewma_eff(const struct ewma *e);

/* z-score with a floor on the deviation and a warm-up of 30 effective samples (NAN before): scored
 * first, learned after; learning is winsorised at 8 deviations. */
double ewma_z(struct ewma *e, int64_t t_us, double x, double floor_sd);

/* Time-weighted EWMA of a level: the previous value counts for the time it held. mean is NAN before
 * the first value; a NAN input says "unknown from here on", and unknown time does not count. */
struct tw_ewma {
    double half_life_s, mean, last;
    int64_t t_us;
    bool primed;
};
void tw_ewma_init(struct tw_ewma *e, double half_life_s);
void tw_ewma_add(struct tw_ewma *e, int64_t t_us, double x);

/* Decayed counter: rate per second = r ln2 / half-life. */
struct decay {
    double half_life_s, r;
    int64_t t_us;
};
void decay_init(struct decay *d, double half_life_s);
void decay_add(struct decay *d, int64_t t_us, double x);
double decay_rate(const struct decay *d, int64_t t_us);

/* Sliding maximum over (t - span, t]: monotonic queue of at most cap entries in the caller's
 * memory. Time must not fall; what does counts as the latest time. */
struct slide_max {
    int64_t span_us;
    struct slide_max_item {
        int64_t t_us;
        double x;
    } * items;
    uint32_t cap, head, n;
};
void slide_max_init(struct slide_max *m, struct slide_max_item *items, uint32_t cap,
                    int64_t span_us);
int slide_max_add(struct slide_max *m, int64_t t_us,
                  double x) MUST_CHECK; /* E_LIMIT: x merged into the newest kept */
double slide_max_get(struct slide_max *m, int64_t t_us); /* NAN when empty */

/* P2 quantile of Jain and Chlamtac (1985), five markers. */
struct p2 {
    double p, q[5], want[5];
    double pos[5];
    uint64_t n;
};
void p2_init(struct p2 *q, double p);
void p2_add(struct p2 *q, double x);
double p2_get(const struct p2 *q); /* exact (nearest rank) for the first five; NAN when empty */

/* Median, median absolute deviation and weighted median of n <= 64 values; NAN for n = 0. Inputs
 * are not changed. Weighted median: the smallest x whose cumulated weight reaches half the total
 * (on an exact half: the mean of it and the next). */
double stat_median(const double *x, int n);
double stat_mad(const double *x, int n);
double stat_wmedian(const double *x, const double *w, int n);

/* Concentration of non-negative amounts: hhi = sum s^2, neff = 1/hhi, cr_k = share of the k
 * largest, k <= 64, entropy number exp(-sum s ln s). NAN when the total is not positive or an
 * amount is negative or unknown. */
double stat_hhi(const double *x, int n);
double stat_cr(const double *x, int n, int k);
double stat_entropy_number(const double *x, int n);
double stat_gini(const double *x, int n); /* n <= 4096 */

/* Decayed weighted least squares of y on x (centred co-moments). slope is NAN while Sxx <= 1e-12.
 */
struct ewls {
    double half_life_s, w, mx, my, sxx, sxy, syy;
    int64_t t_us;
};
void ewls_init(struct ewls *r, double half_life_s);
void ewls_add(struct ewls *r, int64_t t_us, double x, double y);
double ewls_slope(const struct ewls *r);
double ewls_r2(const struct ewls *r);

/* One-sided CUSUM: S = max(0, S + min(z, 5) - k). Returns true while S >= h. */
struct cusum {
    double k, h, s;
};
bool cusum_add(struct cusum *c, double z);

#endif
