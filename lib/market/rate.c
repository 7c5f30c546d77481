/* See rate.h. The score of a block is ln((n + k) / (usual + k)) over its standard deviation: rates
 * change by factors, so the logarithm is what is about symmetric; k keeps a handful of data from
 * proving anything. What is learned from a block is cut, the rate at three standard deviations, the
 * spread at one and a half, because that one feeds itself: a fault does not become the norm within
 * the hour, but a rate that changed for good does within the day.
 * Surprising: a busy sparse channel closes its block early, a quiet one never does. */
#include "market/rate.h"

#include <math.h>

#define SEC         1000000ll
#define PRIOR_VAR   0.25 /* before anything is known of its spread: a factor of e^0.5 */
#define PRIOR_N     4    /* and for how many blocks that counts */
#define CUT_RATE    3.0  /* deviations */
#define CUT_SPREAD  1.5
#define FULL_BLOCKS 4.0 /* a block that holds so many times what is due closes early */

void rate_init(struct rate *r)
{
    *r = (struct rate){.usual_per_s = NAN, .var = PRIOR_VAR, .now_per_s = NAN, .z = NAN};
}

void rate_break(struct rate *r)
{
    r->t_block_us = 0;
    r->now_per_s = r->z = NAN;
}

double rate_block_s(const struct rate *r)
{
    if (isnan(r->usual_per_s) || r->n_learned < RATE_WARM_BLOCKS / 4)
        return RATE_BLOCK_S;
    if (!(r->usual_per_s > RATE_EXPECT / RATE_BLOCK_MAX_S)) /* also one that never speaks */
        return RATE_BLOCK_MAX_S;
    double s = RATE_EXPECT / r->usual_per_s;
    return s < RATE_BLOCK_S ? RATE_BLOCK_S : s;
}

/* ln of now over usual, and its standard deviation as far as the past tells. */
static double log_ratio(const struct rate *r, double n, double span_s)
{
    return log((n + RATE_PSEUDO_COUNT) / (r->usual_per_s * span_s + RATE_PSEUDO_COUNT));
}

static double sigma(const struct rate *r)
{
    return sqrt(RATE_SIGMA * RATE_SIGMA + r->var);
}

static double cut(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* Weight of a block: by its length against the memory, but never below that of a plain mean. */
static double weight(double span_s, uint32_t n_before)
{
    double by_time = 1 - exp(-span_s / RATE_MEMORY_S), by_count = 1.0 / (n_before + 1);
    return by_time > by_count ? by_time : by_count;
}

static void learn(struct rate *r, double n, double span_s)
{
    if (r->n_learned == 0) {
        r->usual_per_s = n / span_s;
        r->n_learned = 1;
        return;
    }
    double sd = sigma(r), y = log_ratio(r, n, span_s), kept = cut(y, CUT_RATE * sd);
    double spread = cut(y, CUT_SPREAD * sd), believed = n / span_s;
    if (kept != y) /* the rate that would have scored the limit */
        believed = ((r->usual_per_s * span_s + RATE_PSEUDO_COUNT) * exp(kept) - RATE_PSEUDO_COUNT) /
                   span_s;
    if (believed < 0)
        believed = 0;
    r->usual_per_s += weight(span_s, r->n_learned) * (believed - r->usual_per_s);
    r->var += weight(span_s, r->n_learned + PRIOR_N) * (spread * spread - r->var);
    r->n_learned++;
}

static bool is_due(const struct rate *r, double n, double span_s)
{
    double full_s = rate_block_s(r);
    return span_s >= full_s ||
           (span_s >= RATE_BLOCK_S && full_s > RATE_BLOCK_S && n >= FULL_BLOCKS * RATE_EXPECT);
}

bool rate_step(struct rate *r, uint64_t n_data, int64_t now_us)
{
    if (r->t_block_us == 0) {
        r->t_block_us = now_us;
        r->n_block = n_data;
        return false;
    }
    double span_s = (double)(now_us - r->t_block_us) / SEC, n = (double)(n_data - r->n_block);
    if (!is_due(r, n, span_s))
        return false;
    r->now_per_s = n / span_s;
    r->z = r->n_learned >= RATE_WARM_BLOCKS ? log_ratio(r, n, span_s) / sigma(r) : NAN;
    learn(r, n, span_s);
    r->t_block_us = now_us;
    r->n_block = n_data;
    return true;
}
