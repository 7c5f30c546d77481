/* The two sweeps (sweep.h). In: depth and liquidation mass per cell; out: where shocks end.
 * The surprising thing: both sums are straight lines between edges, so absorption less liquidations
 * is one too between the edges of the one and the shifted edges of the other; a walk over these
 * points finds the first one where it suffices, and for all shocks the walk only goes forward. */
#include "risk/sweep.h"

#include <math.h>
#include <stddef.h>

void sweep_grid(double *edge)
{
    static const struct {
        double to;
        int cells;
    } parts[] = {{.0001, 1}, {.01, 71}, {.02, 28}, {.05, 36}, {.10, 28}, {SWEEP_GRID_TOP, 36}};
    int at = 0;
    edge[0] = 0;
    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        double from = edge[at], ratio = from > 0 ? parts[p].to / from : 1;
        for (int i = 1; i < parts[p].cells; i++)
            edge[at + i] = from * pow(ratio, (double)i / parts[p].cells);
        at += parts[p].cells;
        edge[at] = parts[p].to;
    }
}

/* Sums, and whether all are fit: a mass that is negative or no number, or an edge that does not
 * rise, is not; one that is infinite makes a sum infinite. */
static bool add_up(struct sweep *w)
{
    const double *edge = w->edge, *depth = w->depth, *liq = w->liq;
    double d = 0, l = 0;
    int fit = 1;
    for (int i = 0; i < w->n; i++) {
        fit &= (depth[i] >= 0) & (liq[i] >= 0) & (edge[i] < edge[i + 1]);
        w->cum_depth[i + 1] = d += depth[i];
        w->cum_liq[i + 1] = l += liq[i];
    }
    return fit && isfinite(d) && isfinite(l) && isfinite(edge[w->n]);
}

int sweep_init(struct sweep *w)
{
    if (w->n < 1 || w->n > SWEEP_CELLS_MAX || !(w->phi >= 0 && w->phi <= 1) || w->edge[0] != 0)
        return E_RANGE;
    w->cum_depth[0] = w->cum_liq[0] = 0;
    if (!add_up(w))
        return E_RANGE;
    for (int i = w->n; i >= 0; i--) {
        double have = w->cum_depth[i] - w->phi * w->cum_liq[i];
        w->most[i] = i < w->n && w->most[i + 1] > have ? w->most[i + 1] : have;
    }
    return 0;
}

/* The cell that holds x; at an edge, the cell beyond it, but never beyond the last. */
static int cell_at(const struct sweep *w, double x)
{
    int lo = 0, hi = w->n - 1;
    while (lo < hi) {
        int at = (lo + hi + 1) / 2;
        if (x < w->edge[at])
            hi = at - 1;
        else
            lo = at;
    }
    return lo;
}

/* The same, from a cell near by. */
static int cell_of(const struct sweep *w, double x, int i)
{
    while (i > 0 && x < w->edge[i])
        i--;
    while (i < w->n - 1 && x >= w->edge[i + 1])
        i++;
    return i;
}

/* A sum at x in cell i. At the edges of the cell it is exactly cum[i] and cum[i + 1]. */
static double sum_at(const struct sweep *w, const double *cum, const double *mass, double x, int i)
{
    return cum[i] + (x - w->edge[i]) / (w->edge[i + 1] - w->edge[i]) * mass[i];
}

/* What the walk stands on: x is in cell xi, x - shift in cell di. */
struct walk {
    double shift, need, x;
    int xi, di;
};

/* At a shock: nothing walked yet. */
static void walk_start(const struct sweep *w, struct walk *k, enum sweep_kind kind, double shock)
{
    *k = (struct walk){.shift = kind == SWEEP_NEWS ? shock : 0, .x = shock};
    k->xi = cell_at(w, shock);
    k->di = kind == SWEEP_NEWS ? 0 : k->xi;
    if (kind == SWEEP_FLOW)
        k->need = sum_at(w, w->cum_depth, w->depth, shock, k->xi);
}

/* Absorption less liquidations less what the shock consumes. */
static double surplus(const struct sweep *w, const struct walk *k, double x)
{
    return sum_at(w, w->cum_depth, w->depth, x - k->shift, k->di) -
           w->phi * sum_at(w, w->cum_liq, w->liq, x, k->xi) - k->need;
}

/* The same at the next edge of either kind, a of the mass, b of the depth: there the sum is known.
 */
static double surplus_at_edge(const struct sweep *w, const struct walk *k, double a, double b)
{
    double x = a < b ? a : b;
    double depth =
        b <= x ? w->cum_depth[k->di + 1] : sum_at(w, w->cum_depth, w->depth, x - k->shift, k->di);
    double liq = a <= x ? w->cum_liq[k->xi + 1] : sum_at(w, w->cum_liq, w->liq, x, k->xi);
    return depth - w->phi * liq - k->need;
}

/* Sums carry rounding: a part in 1e12 of the whole is nothing. */
static double slack(const struct sweep *w)
{
    return 1e-12 * (w->cum_depth[w->n] + w->cum_liq[w->n]);
}

/* Absorption is never ahead from here on. (A re-quoted book absorbs no more than the standing one,
 * and within a cell the difference lies between those at its edges.) */
static bool never(const struct sweep *w, const struct walk *k, double eps)
{
    return w->most[k->xi] - k->need < -eps;
}

/* The standing book less liquidations less need at an edge. */
static double standing(const struct sweep *w, const struct walk *k, int i)
{
    return w->cum_depth[i] - w->phi * w->cum_liq[i] - k->need;
}

/* To the last edge before which nothing can end: the standing book is behind at both edges of each
 * cell on the way. */
static void skip(const struct sweep *w, struct walk *k, double eps)
{
    int i = k->xi;
    if (standing(w, k, i) >= -eps)
        return;
    while (i < w->n - 1 && standing(w, k, i + 1) < -eps)
        i++;
    if (i > k->xi)
        k->x = w->edge[i];
    k->xi = i;
}

/* A re-quoted book: on to where it has absorbed what is liquidated within x; nothing ends before.
 * False when that is no further edge of the depth. */
static bool leap(const struct sweep *w, struct walk *k, double eps)
{
    double forced = w->phi * sum_at(w, w->cum_liq, w->liq, k->x, k->xi) - 2 * eps;
    int j = k->di;
    while (j < w->n - 1 && w->cum_depth[j + 1] < forced)
        j++;
    if (j == k->di)
        return false;
    k->di = j;
    k->x = w->edge[j] + k->shift;
    k->xi = cell_of(w, k->x, k->xi);
    return true;
}

/* The first x from k->x on where the surplus is not negative; INFINITY when the grid ends before.
 * Leaves k at the last edge before it. */
static double walk_on(const struct sweep *w, struct walk *k)
{
    double eps = slack(w);
    k->xi = cell_of(w, k->x, k->xi);
    k->di = cell_of(w, k->x - k->shift, k->shift > 0 ? k->di : k->xi);
    double have = surplus(w, k, k->x);
    if (have < -eps && !never(w, k, eps)) {
        skip(w, k, eps);
        k->di = cell_of(w, k->x - k->shift, k->shift > 0 ? k->di : k->xi);
        have = surplus(w, k, k->x);
    }
    while (have < -eps) {
        if (never(w, k, eps))
            return INFINITY;
        if (k->shift > 0 && leap(w, k, eps)) {
            if (k->x >= w->edge[w->n])
                return INFINITY;
            have = surplus(w, k, k->x);
            continue;
        }
        double a = w->edge[k->xi + 1], b = w->edge[k->di + 1] + k->shift, next = a < b ? a : b;
        double then = surplus_at_edge(w, k, a, b);
        if (then >= 0)
            return k->x + (next - k->x) * (have / (have - then));
        if (next >= w->edge[w->n])
            return then >= -eps ? next : INFINITY;
        k->xi += a <= next;
        k->di += b <= next;
        k->x = next;
        have = then;
    }
    return k->x;
}

double sweep_end(const struct sweep *w, enum sweep_kind kind, double shock)
{
    if (!(shock >= 0 && shock <= w->edge[w->n]))
        return INFINITY;
    struct walk k;
    walk_start(w, &k, kind, shock);
    return walk_on(w, &k);
}

/* Smallest x within which there is so much depth; beyond the grid with its mean density. */
static double depth_reaches(const struct sweep *w, double need)
{
    int i = 0, n = w->n;
    while (n > 0) { /* first cell at the end of which there is enough */
        bool right = w->cum_depth[i + n / 2 + 1] < need * (1 - 1e-12);
        i = right ? i + n / 2 + 1 : i;
        n = right ? n - n / 2 - 1 : n / 2;
    }
    if (i == w->n)
        return w->cum_depth[w->n] > 0 ? w->edge[w->n] * (need / w->cum_depth[w->n]) : INFINITY;
    double part = w->depth[i] > 0 ? (need - w->cum_depth[i]) / w->depth[i] : 0;
    return w->edge[i] + fmin(fmax(part, 0), 1) * (w->edge[i + 1] - w->edge[i]);
}

double sweep_first(const struct sweep *w, enum sweep_kind kind, double shock)
{
    if (!(shock >= 0 && shock <= w->edge[w->n]))
        return INFINITY;
    double need = w->phi * sweep_forced(w, shock);
    if (kind == SWEEP_NEWS)
        return shock + depth_reaches(w, need);
    return fmax(shock, depth_reaches(w, need + sweep_depth(w, shock)));
}

/* The next edge as a shock, from where the one before it ended. */
static double run_next(const struct sweep *w, enum sweep_kind kind, int i, struct walk *k)
{
    double s = w->edge[i];
    k->shift = kind == SWEEP_NEWS ? s : 0;
    k->need = kind == SWEEP_FLOW ? w->cum_depth[i] : 0;
    k->x = s > k->x ? s : k->x;
    return k->x = isinf(k->x) ? INFINITY : walk_on(w, k);
}

void sweep_run(const struct sweep *w, enum sweep_kind kind, double *x_star)
{
    struct walk k = {0};
    for (int i = 0; i <= w->n; i++)
        x_star[i] = run_next(w, kind, i, &k);
}

enum sweep_state sweep_off(const struct sweep *w)
{
    int from = w->n - (w->n >= 10 ? w->n / 10 : 1);
    double depth = w->cum_depth[w->n] - w->cum_depth[from];
    double forced = w->phi * (w->cum_liq[w->n] - w->cum_liq[from]);
    return forced > 0 && forced >= depth ? SWEEP_RUNAWAY : SWEEP_OFF_GRID;
}

double sweep_depth(const struct sweep *w, double x)
{
    return sum_at(w, w->cum_depth, w->depth, x, cell_at(w, x));
}

double sweep_forced(const struct sweep *w, double x)
{
    return sum_at(w, w->cum_liq, w->liq, x, cell_at(w, x));
}

double sweep_at(const struct sweep *w, const double *cum, double x)
{
    int i = cell_at(w, x);
    return cum[i] + (x - w->edge[i]) / (w->edge[i + 1] - w->edge[i]) * (cum[i + 1] - cum[i]);
}

double sweep_reproduction(const struct sweep *w, double frac)
{
    if (!(frac > 0 && frac <= w->edge[w->n]))
        return NAN;
    double forced = w->phi * sweep_forced(w, frac), depth = sweep_depth(w, frac);
    if (depth > 0)
        return forced / depth;
    return forced > 0 ? INFINITY : 0;
}

/* Certainly ends before y: at y absorption is ahead already, so it was level before. */
static bool ends_before(const struct sweep *w, struct walk *k, double y)
{
    if (y > w->edge[w->n])
        return false;
    k->xi = cell_of(w, y, k->xi);
    k->di = k->shift > 0 ? cell_of(w, y - k->shift, k->di) : k->xi;
    return surplus(w, k, y) > slack(w);
}

/* Where the shock edge[i] ends, going on from where a smaller one did. */
static double end_after(const struct sweep *w, enum sweep_kind kind, int i, struct walk *k)
{
    double s = w->edge[i];
    k->shift = kind == SWEEP_NEWS ? s : 0;
    k->need = kind == SWEEP_FLOW ? w->cum_depth[i] : 0;
    k->x = s > k->x ? s : k->x;
    return walk_on(w, k);
}

double sweep_critical(const struct sweep *w, enum sweep_kind kind, int stride)
{
    const double least = .01; /* a lump beside the price is no catastrophe */
    struct walk probe = {0}, k = {0};
    for (int i = 1; i <= w->n; i = i < stride ? stride : i + stride) {
        double s = w->edge[i], run = s > least ? s : least;
        probe.shift = kind == SWEEP_NEWS ? s : 0;
        probe.need = kind == SWEEP_FLOW ? w->cum_depth[i] : 0;
        if (ends_before(w, &probe, s + run * (1 - 1e-9)))
            continue;
        double end = end_after(w, kind, i, &k);
        if (isinf(end))
            return sweep_off(w) == SWEEP_RUNAWAY ? s : INFINITY; /* unknown is not critical */
        if (end - s >= run * (1 - 1e-9))
            return s;
    }
    return INFINITY;
}
