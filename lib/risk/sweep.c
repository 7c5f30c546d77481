/* The two sweeps (sweep.h). In: depth and liquidation mass per cell; out: where each shock ends.
 * The surprising thing: because the end never falls with the shock, two pointers that only move
 * forward give all shocks at the cost of one. */
#include "risk/sweep.h"

#include <math.h>

static bool good_mass(double x)
{
    return isfinite(x) && x >= 0;
}

int sweep_init(struct sweep *w)
{
    if (w->n < 1 || w->n > SWEEP_CELLS_MAX || !(w->dx > 0) || !(w->phi >= 0 && w->phi <= 1))
        return E_RANGE;
    for (int i = 0; i < w->n; i++)
        if (!good_mass(w->depth[i]) || !good_mass(w->liq[i]))
            return E_RANGE;
    w->cum_depth[0] = w->cum_liq[0] = 0;
    for (int i = 0; i < w->n; i++) {
        w->cum_depth[i + 1] = w->cum_depth[i] + w->depth[i];
        w->cum_liq[i + 1] = w->cum_liq[i] + w->liq[i];
    }
    return 0;
}

/* Does the run of the shock s end at x? Sums carry rounding: a part in 1e12 of the whole is
 * nothing. */
static bool ends(const struct sweep *w, enum sweep_kind kind, int s, int x)
{
    double eps = 1e-12 * (w->cum_depth[w->n] + w->cum_liq[w->n]);
    double forced = w->phi * w->cum_liq[x];
    double absorbs = kind == SWEEP_FLOW ? w->cum_depth[x] - w->cum_depth[s] : w->cum_depth[x - s];
    return absorbs - forced >= -eps;
}

static enum sweep_state off_grid(const struct sweep *w)
{
    int from = w->n - (w->n >= 10 ? w->n / 10 : 1);
    double depth = w->cum_depth[w->n] - w->cum_depth[from];
    double forced = w->phi * (w->cum_liq[w->n] - w->cum_liq[from]);
    return forced > 0 && forced >= depth ? SWEEP_RUNAWAY : SWEEP_OFF_GRID;
}

enum sweep_state sweep_run(const struct sweep *w, enum sweep_kind kind, int *x_star)
{
    int x = 0;
    bool left = false;
    for (int s = 0; s <= w->n; s++) {
        if (x < s)
            x = s;
        while (x <= w->n && !ends(w, kind, s, x))
            x++;
        x_star[s] = x;
        left |= x > w->n;
    }
    return left ? off_grid(w) : SWEEP_INSIDE;
}

double sweep_reproduction(const struct sweep *w, double frac)
{
    int cells = (int)lround(frac / w->dx);
    if (cells < 1)
        cells = 1;
    if (cells > w->n)
        return NAN;
    double forced = w->phi * w->cum_liq[cells], depth = w->cum_depth[cells];
    if (depth > 0)
        return forced / depth;
    return forced > 0 ? INFINITY : 0;
}

int sweep_critical(const struct sweep *w, const int *x_star, enum sweep_state off)
{
    const double least = .01; /* a lump beside the price is no catastrophe */
    for (int s = 1; s <= w->n; s++) {
        if (x_star[s] > w->n) {
            if (off == SWEEP_RUNAWAY)
                return s;
            continue; /* unknown, not critical */
        }
        double run = (x_star[s] - s) * w->dx, floor = fmax(s * w->dx, least);
        if (run >= floor * (1 - 1e-12))
            return s;
    }
    return w->n + 1;
}
