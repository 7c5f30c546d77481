/* Streaming statistics. In: samples with their time. Out: means, deviations, extremes, quantiles,
 * fits. All state is the caller's plain data; the robust and concentration measures of whole arrays
 * are in stat_array.c. Sources are named above each.
 * Surprise: an input that is not finite is ignored (an unknown must not poison a state that lives
 * for months), and time that runs backwards counts as no time. */
#include "base/stat.h"

#include <assert.h>
#include <math.h>

/* 2^(-dt / half-life) for the time since *last_us, which is moved on; 1 when time stood still. */
static double fade(int64_t *last_us, int64_t t_us, double half_life_s)
{
    if (t_us <= *last_us)
        return 1;
    double dt_s = (double)(t_us - *last_us) / 1e6;
    *last_us = t_us;
    return exp2(-dt_s / half_life_s);
}

/* --- EWMA: West (1979), "Updating mean and variance estimates", with decaying weights
 * --- */

void ewma_init(struct ewma *e, double half_life_s)
{
    assert(half_life_s > 0);
    *e = (struct ewma){.half_life_s = half_life_s};
}

void ewma_add(struct ewma *e, int64_t t_us, double x)
{
    if (!isfinite(x))
        return;
    if (e->w == 0)
        e->t_us = t_us;
    if (t_us < e->t_us)
        e->out_of_order++;
    double f = fade(&e->t_us, t_us, e->half_life_s);
    e->w = e->w * f + 1;
    e->w2 = e->w2 * f * f + 1;
    double d = x - e->mean;
    e->mean += d / e->w;
    e->s = e->s * f + d * (x - e->mean);
}

double ewma_var(const struct ewma *e)
{
    return e->w > 0 ? e->s / e->w : NAN;
}

double ewma_eff(const struct ewma *e)
{
    return e->w2 > 0 ? e->w * e->w / e->w2 : 0;
}

double ewma_z(struct ewma *e, int64_t t_us, double x, double floor_sd)
{
    const double warm_eff = 30, winsor = 8;
    double z = NAN;
    if (!isfinite(x))
        return z;
    if (ewma_eff(e) >= warm_eff) {
        double sd = fmax(fmax(sqrt(ewma_var(e)), floor_sd), 1e-12);
        z = (x - e->mean) / sd;
        x = fmin(fmax(x, e->mean - winsor * sd), e->mean + winsor * sd);
    }
    ewma_add(e, t_us, x);
    return z;
}

/* --- time-weighted EWMA
 * --- */

void tw_ewma_init(struct tw_ewma *e, double half_life_s)
{
    assert(half_life_s > 0);
    *e = (struct tw_ewma){.half_life_s = half_life_s, .mean = NAN, .last = NAN};
}

/* While the level is unknown no time passes for the mean. */
void tw_ewma_add(struct tw_ewma *e, int64_t t_us, double x)
{
    if (!e->primed) {
        if (!isfinite(x))
            return;
        e->mean = x;
        e->t_us = t_us;
        e->primed = true;
    }
    double f = fade(&e->t_us, t_us, e->half_life_s);
    if (isfinite(e->last))
        e->mean += (1 - f) * (e->last - e->mean);
    e->last = isfinite(x) ? x : NAN;
}

/* --- decayed counter
 * --- */

void decay_init(struct decay *d, double half_life_s)
{
    assert(half_life_s > 0);
    *d = (struct decay){.half_life_s = half_life_s};
}

void decay_add(struct decay *d, int64_t t_us, double x)
{
    if (!isfinite(x))
        return;
    d->r = d->r * fade(&d->t_us, t_us, d->half_life_s) + x;
}

double decay_rate(const struct decay *d, int64_t t_us)
{
    int64_t last_us = d->t_us;
    return d->r * fade(&last_us, t_us, d->half_life_s) * M_LN2 / d->half_life_s;
}

/* --- sliding maximum: monotonic queue, values falling from head to tail
 * --- */

void slide_max_init(struct slide_max *m, struct slide_max_item *items, uint32_t cap,
                    int64_t span_us)
{
    assert(cap > 0 && span_us > 0);
    *m = (struct slide_max){.span_us = span_us, .items = items, .cap = cap};
}

static struct slide_max_item *slot(struct slide_max *m, uint32_t i)
{
    return &m->items[(m->head + i) % m->cap];
}

static void expire(struct slide_max *m, int64_t t_us)
{
    while (m->n > 0 && t_us - slot(m, 0)->t_us >= m->span_us) {
        m->head = (m->head + 1) % m->cap;
        m->n--;
    }
}

int slide_max_add(struct slide_max *m, int64_t t_us, double x)
{
    if (!isfinite(x))
        return 0;
    if (m->n > 0 && t_us < slot(m, m->n - 1)->t_us)
        t_us = slot(m, m->n - 1)->t_us;
    expire(m, t_us);
    while (m->n > 0 && slot(m, m->n - 1)->x <= x)
        m->n--;
    if (m->n == m->cap) { /* too high for a while rather than too low */
        slot(m, m->n - 1)->t_us = t_us;
        return E_LIMIT;
    }
    *slot(m, m->n++) = (struct slide_max_item){t_us, x};
    return 0;
}

double slide_max_get(struct slide_max *m, int64_t t_us)
{
    expire(m, t_us);
    return m->n > 0 ? slot(m, 0)->x : NAN;
}

/* --- P2 quantile: Jain and Chlamtac (1985), "The P2 algorithm ..."
 * --- */

void p2_init(struct p2 *q, double p)
{
    assert(p > 0 && p < 1);
    *q = (struct p2){.p = p};
    for (int i = 0; i < 5; i++)
        q->pos[i] = i + 1;
    q->want[0] = 1;
    q->want[1] = 1 + 2 * p;
    q->want[2] = 1 + 4 * p;
    q->want[3] = 3 + 2 * p;
    q->want[4] = 5;
}

static void insert_sorted(double *x, uint64_t n, double v)
{
    for (; n > 0 && x[n - 1] > v; n--)
        x[n] = x[n - 1];
    x[n] = v;
}

/* The paper's piecewise-parabolic prediction for marker i moved by d (+1 or -1). */
static double parabolic(const struct p2 *q, int i, double d)
{
    double left = q->pos[i] - q->pos[i - 1], right = q->pos[i + 1] - q->pos[i];
    return q->q[i] + d / (left + right) *
                         ((left + d) * (q->q[i + 1] - q->q[i]) / right +
                          (right - d) * (q->q[i] - q->q[i - 1]) / left);
}

static void adjust(struct p2 *q, int i)
{
    double off = q->want[i] - q->pos[i];
    int d = off >= 1 && q->pos[i + 1] - q->pos[i] > 1     ? 1
            : off <= -1 && q->pos[i - 1] - q->pos[i] < -1 ? -1
                                                          : 0;
    if (d == 0)
        return;
    double h = parabolic(q, i, d);
    if (!(q->q[i - 1] < h && h < q->q[i + 1])) /* out of order: the linear one */
        h = q->q[i] + d * (q->q[i + d] - q->q[i]) / (q->pos[i + d] - q->pos[i]);
    q->q[i] = h;
    q->pos[i] += d;
}

void p2_add(struct p2 *q, double x)
{
    if (!isfinite(x))
        return;
    if (q->n < 5) {
        insert_sorted(q->q, q->n++, x);
        return;
    }
    q->n++;
    q->q[0] = fmin(q->q[0], x);
    q->q[4] = fmax(q->q[4], x);
    int cell = 0;
    while (cell < 3 && x >= q->q[cell + 1])
        cell++;
    for (int i = cell + 1; i < 5; i++)
        q->pos[i]++;
    const double step[5] = {0, q->p / 2, q->p, (1 + q->p) / 2, 1};
    for (int i = 0; i < 5; i++)
        q->want[i] += step[i];
    for (int i = 1; i < 4; i++)
        adjust(q, i);
}

double p2_get(const struct p2 *q)
{
    if (q->n == 0)
        return NAN;
    if (q->n > 5)
        return q->q[2];
    int rank = (int)ceil(q->p * (double)q->n); /* nearest rank */
    return q->q[rank > 0 ? rank - 1 : 0];
}

/* --- decayed least squares: Welford's co-moments with decaying weights
 * --- */

void ewls_init(struct ewls *r, double half_life_s)
{
    assert(half_life_s > 0);
    *r = (struct ewls){.half_life_s = half_life_s};
}

void ewls_add(struct ewls *r, int64_t t_us, double x, double y)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    double f = fade(&r->t_us, t_us, r->half_life_s);
    r->w = r->w * f + 1;
    double dx = x - r->mx, dy = y - r->my;
    r->mx += dx / r->w;
    r->my += dy / r->w;
    r->sxx = r->sxx * f + dx * (x - r->mx);
    r->sxy = r->sxy * f + dx * (y - r->my);
    r->syy = r->syy * f + dy * (y - r->my);
}

double ewls_slope(const struct ewls *r)
{
    return r->sxx > 1e-12 ? r->sxy / r->sxx : NAN;
}

double ewls_r2(const struct ewls *r)
{
    return r->sxx > 1e-12 && r->syy > 1e-12 ? r->sxy * r->sxy / (r->sxx * r->syy) : NAN;
}

/* --- CUSUM: Page (1954), one-sided
 * --- */

bool cusum_add(struct cusum *c, double z)
{
    if (!isnan(z))
        c->s = fmax(0, c->s + fmin(z, 5) - c->k);
    return c->s >= c->h;
}
