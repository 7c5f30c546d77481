/* See minute.h. A minute holds three numbers of each metric and is reused, so nothing is allocated
 * once a subject has been seen. NAN compares false with everything: `!(min <= x)` takes the first
 * value as well as a lower one. */
#include "store/minute.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

int64_t minute_start(int64_t t_us)
{
    int64_t past = t_us % MINUTE_US;
    return t_us - (past < 0 ? past + MINUTE_US : past);
}

void minute_clear(struct minute *m)
{
    m->t_us = 0;
    m->seen = m->summed_n = 0;
    m->open = NAN;
    m->sum = 0;
    for (int i = 0; i < m->n; i++)
        m->cell[i] = (struct minute_cell){NAN, NAN, NAN};
}

struct minute *minute_new(struct subject x, int n)
{
    struct minute *m = malloc(sizeof(*m) + (size_t)n * sizeof(m->cell[0]));
    if (!m)
        return NULL;
    m->subject = x;
    m->n = n;
    m->open_col = m->mean_col = -1;
    minute_clear(m);
    return m;
}

bool minute_over(const struct minute *m, int64_t t_us)
{
    return m->t_us != 0 && m->t_us != minute_start(t_us);
}

void minute_add(struct minute *m, int64_t t_us, const double *v, int n)
{
    assert(n == m->n && !minute_over(m, t_us));
    m->t_us = minute_start(t_us);
    m->seen++;
    for (int i = 0; i < n; i++) {
        struct minute_cell *c = &m->cell[i];
        if (isnan(v[i]))
            continue;
        c->last = v[i];
        if (!(c->min <= v[i]))
            c->min = v[i];
        if (!(c->max >= v[i]))
            c->max = v[i];
    }
    if (m->open_col >= 0 && isnan(m->open))
        m->open = v[m->open_col];
    if (m->mean_col >= 0 && !isnan(v[m->mean_col])) {
        m->sum += v[m->mean_col];
        m->summed_n++;
    }
}

double minute_mean(const struct minute *m)
{
    return m->summed_n ? m->sum / m->summed_n : NAN;
}
