/* The seed of a liquidation map (liqmap_seed.h). In: a ladder, how far positions wander. Out:
 * quanta per cell. The density at y of what is opened at d at unit rate and lives h-exponentially
 * is h times the resolvent of Brownian motion killed at 0: kappa / 2 (e^(-kappa |y - d|) -
 * e^(-kappa (y + d))), the method of images. Cells get differences of its integral, so that nothing
 * is sampled. The surprising thing: no e is raised per rung and cell; the integral is a product of
 * one power per rung and one per cell. */
#include "risk/liqmap_seed.h"

#include <assert.h>

double seed_kappa(double hold_days, double sigma_day)
{
    return sqrt(2 * log(2) / hold_days) / sigma_day;
}

/* a = e^(-kappa d), e = e^(kappa y). Before the opening distance a (cosh kappa y - 1), beyond it
 * all that survives less the tail, sinh(kappa d) / e. */
static double within(double a, double e)
{
    return e * a < 1 ? a * ((e + 1 / e) / 2 - 1) : 1 - a - (1 / a - a) / (2 * e);
}

double seed_within(double kappa, double d, double y)
{
    return within(exp(-kappa * d), exp(kappa * y));
}

/* Powers of the rungs that have a distance; returns how many. */
static int rungs_of(const struct ladder *l, enum pos_side side, double kappa, double *a)
{
    int n = 0;
    for (int j = 0; j < l->n; j++)
        if (isfinite(l->dist[side][j]))
            a[n++] = exp(-kappa * l->dist[side][j]);
    return n;
}

static double sum_within(const double *a, int n, double e)
{
    double sum = 0;
    for (int j = 0; j < n; j++)
        sum += within(a[j], e);
    return sum;
}

void seed_fill(struct liqgrid *g, enum pos_side side, const struct ladder *l, double kappa,
               double quanta)
{
    const uint32_t last = LIQGRID_CELLS - 1;
    double a[LADDER_MAX], before = 0, carry = 0;
    double far = g->front - (double)g->top * LIQGRID_STEP; /* end of the mark's own cell */
    int n = rungs_of(l, side, kappa, a);
    double all = sum_within(a, n, INFINITY);
    for (uint32_t k = 0; k < last && all > 0; k++) {
        double sum = sum_within(a, n, exp(kappa * (far + k * LIQGRID_STEP)));
        liqgrid_add_cell(g, k, quanta * ((sum - before) / all), true, &carry);
        before = sum;
    }
    liqgrid_add_cell(g, last, all > 0 ? quanta * ((all - before) / all) : quanta, true, &carry);
}
