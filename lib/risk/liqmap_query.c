/* The liquidation map, asked (liqmap.h). In: distances from the mark; out: masses, or why they are
 * unknown. Changes nothing. The surprising thing: what is in flight is shown as if it had been
 * entered at the mark of the last step, so that the map always weighs the open interest. */
#include <assert.h>
#include <string.h>

#include "risk/liqmap_priv.h"

#define EDGES_MAX 4096 /* as many cells as a sweep takes */

const double liqmap_edges[LIQMAP_BANDS + 1] = {
    0,    .001,  .002, .003, .004, .005, .006,  .007, .008,  .009, .01,   .011, .012,  .013, .014,
    .015, .016,  .017, .018, .019, .02,  .0225, .025, .0275, .03,  .0325, .035, .0375, .04,  .0425,
    .045, .0475, .05,  .06,  .07,  .08,  .09,   .10,  .11,   .12,  .13,   .14,  .15,   .16,  .17,
    .18,  .19,   .20,  .25,  .30,  .35,  .40,   .45,  .50,   .60,  .70,   .80,  .90,   1};

const struct leg *liqmap_ref_leg(const struct liqmap_market *k)
{
    for (int n = 0; n < k->n_legs; n++)
        if (k->leg[n].inst == k->ref)
            return &k->leg[n];
    return k->n_legs > 0 ? &k->leg[0] : NULL;
}

/* First distance that is not nearer than d; n when all are. */
static int reached(const double *dist, int n, double d)
{
    int i = 0;
    while (n > 0) {
        bool right = dist[i + n / 2] < d;
        i = right ? i + n / 2 + 1 : i;
        n = right ? n - n / 2 - 1 : n / 2;
    }
    return i;
}

struct reach { /* of the rungs of a side */
    int rungs;
    uint8_t here[EDGES_MAX + 2]; /* how many are reached at a distance first */
};

static void find_rungs(const struct ladder *l, enum pos_side side, const double *dist, int n,
                       struct reach *out)
{
    memset(out->here, 0, (size_t)n + 1);
    out->rungs = 0;
    for (int j = 0; j < l->n; j++) {
        if (!isfinite(l->dist[side][j]))
            continue;
        out->here[reached(dist, n, l->dist[side][j])]++;
        out->rungs++;
    }
    if (out->rungs == 0) { /* without any, all of it lies at the far end */
        out->here[reached(dist, n, LIQGRID_CELLS * LIQGRID_STEP)]++;
        out->rungs++;
    }
}

/* The flight in rungs of equal weight. */
static void add_flight(const struct reach *r, double flight, int n, double *cum)
{
    int within = 0;
    for (int i = 0; i < n; i++) {
        within += r->here[i];
        cum[i] += flight * ((double)within / r->rungs);
    }
}

static void cum_side(const struct liqmap_market *k, enum pos_side side, const double *dist, int n,
                     double *cum)
{
    const struct liqgrid *g = &k->side[side];
    const struct leg *leg = liqmap_ref_leg(k);
    double per = g->total > 0 ? liqmap_cells(k, side) / (double)g->total : 0;
    liqgrid_cum(g, dist, n, cum);
    for (int i = 0; i < n; i++)
        cum[i] *= per;
    if (k->flight[side] > 0 && leg) {
        struct reach r;
        find_rungs(&leg->ladder, side, dist, n, &r);
        add_flight(&r, k->flight[side], n, cum);
    }
}

enum unknown_reason liqmap_reason(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    return k ? (enum unknown_reason)k->reason : R_NOT_TRACKED;
}

enum unknown_reason liqmap_fill_at(const struct liqmap *m, struct liqmap_side of,
                                   const double *dist, int n, double *mass_base)
{
    assert(n >= 0 && n <= EDGES_MAX);
    const struct liqmap_market *k = liqmap_at(m, of.venue, of.asset);
    double cum[EDGES_MAX + 1];
    enum unknown_reason why = liqmap_reason(m, of.venue, of.asset);
    if (why != R_KNOWN)
        return why;
    cum_side(k, of.side, dist, n + 1, cum);
    for (int i = 0; i < n; i++)
        mass_base[i] = cum[i + 1] - cum[i];
    return R_KNOWN;
}

enum unknown_reason liqmap_fill(const struct liqmap *m, struct liqmap_side of, const double *edge,
                                int n, double *mass_base)
{
    double dist[EDGES_MAX + 1];
    assert(n >= 0 && n <= EDGES_MAX);
    for (int i = 0; i <= n; i++)
        dist[i] = liqgrid_distance(of.side, edge[i]);
    return liqmap_fill_at(m, of, dist, n, mass_base);
}

enum unknown_reason liqmap_fill_even(const struct liqmap *m, struct liqmap_side of,
                                     double mass_base[LIQMAP_EVEN_BANDS])
{
    return liqmap_fill_at(m, of, m->even[of.side], LIQMAP_EVEN_BANDS, mass_base);
}

enum unknown_reason liqmap_within(const struct liqmap *m, struct liqmap_side of, int bands,
                                  double *mass_base)
{
    assert(bands >= 0 && bands <= LIQMAP_EVEN_BANDS);
    const double dist[2] = {0, m->even[of.side][bands]};
    return liqmap_fill_at(m, of, dist, 1, mass_base);
}

double liqmap_seeded(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    double mass = 0;
    if (!k || k->reason != R_KNOWN)
        return NAN;
    for (int side = POS_LONG; side <= POS_SHORT; side++) {
        const struct liqgrid *g = &k->side[side];
        if (g->total > 0)
            mass += liqmap_cells(k, (enum pos_side)side) * ((double)g->seeded / (double)g->total);
    }
    return fmin(mass / (2 * k->base), 1);
}

double liqmap_px(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    return k && k->reason == R_KNOWN ? k->mark_px : NAN;
}

double liqmap_oi(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    return k && k->reason == R_KNOWN ? k->base : NAN;
}

double liqmap_flight(const struct liqmap *m, uint8_t venue, uint32_t asset, enum pos_side side)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    return k && k->reason == R_KNOWN ? k->flight[side] : NAN;
}

int64_t liqmap_began(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    const struct liqmap_market *k = liqmap_at(m, venue, asset);
    return k ? k->t_began_us : 0;
}
