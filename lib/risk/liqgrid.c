/* The grid of one side of a liquidation map (liqgrid.h). In: moves of the mark, masses; out: what
 * was crossed, cumulated masses. The surprising thing: a ring slot is never searched for; key k and
 * key k - LIQGRID_CELLS share one, so what the mark uncovers on one side is what the far end loses
 * on the other. */
#include "risk/liqgrid.h"

#include <string.h>

static int64_t key_of(double u)
{
    return liqgrid_floor(u / LIQGRID_STEP);
}

static uint32_t slot_of(int64_t key)
{
    return (uint32_t)((uint64_t)(key + ((int64_t)LIQGRID_CELLS << 32)) % LIQGRID_CELLS);
}

static void stand(struct liqgrid *g, double front)
{
    g->front = front;
    g->top = key_of(front);
    g->head = slot_of(g->top);
}

void liqgrid_start(struct liqgrid *g, double front)
{
    memset(g, 0, sizeof *g);
    stand(g, front);
}

static uint64_t take(struct liqgrid *g, uint32_t i, uint32_t n)
{
    uint32_t all = g->cell[i];
    uint32_t seed = n == all ? g->seed[i] : (uint32_t)((uint64_t)g->seed[i] * n / all);
    if (seed + (all - n) < g->seed[i]) /* what stays cannot hold more than itself */
        seed = g->seed[i] - (all - n);
    g->cell[i] -= n;
    g->seed[i] -= seed;
    g->total -= n;
    g->seeded -= seed;
    return n;
}

static uint64_t take_part(struct liqgrid *g, uint32_t i, double frac)
{
    uint32_t n = frac < 1 ? (uint32_t)(g->cell[i] * frac + 0.5) : g->cell[i];
    return n ? take(g, i, n) : 0;
}

/* Towards the mass. */
static uint64_t cross(struct liqgrid *g, double front)
{
    int64_t top = key_of(front), passed = g->top - top;
    uint64_t n = 0;
    for (uint32_t k = 0; k < LIQGRID_CELLS && k < passed; k++)
        n += take_part(g, liqgrid_at(g, k), 1);
    double hi = passed == 0 ? g->front : (double)(top + 1) * LIQGRID_STEP;
    double lo = (double)top * LIQGRID_STEP;
    return n + take_part(g, slot_of(top), hi > lo ? (hi - front) / (hi - lo) : 1);
}

/* Away from it: the slot of a new key held the furthest cell, which joins its neighbour. */
static void retreat(struct liqgrid *g, double front)
{
    int64_t top = key_of(front);
    for (int64_t k = g->top + 1; k <= top; k++) {
        uint32_t from = slot_of(k), to = slot_of(k + 1);
        g->cell[to] += g->cell[from];
        g->seed[to] += g->seed[from];
        g->cell[from] = g->seed[from] = 0;
    }
}

uint64_t liqgrid_move(struct liqgrid *g, double front)
{
    uint64_t n = 0;
    if (front < g->front)
        n = cross(g, front);
    else
        retreat(g, front);
    stand(g, front);
    return n;
}

void liqgrid_add_cell(struct liqgrid *g, uint32_t k, double quanta, bool seed, double *carry)
{
    uint32_t i = liqgrid_at(g, k);
    double want = quanta + *carry;
    uint32_t n = want > 0 ? (uint32_t)(want + 0.5) : 0;
    *carry = want - n;
    g->cell[i] += n;
    g->total += n;
    if (seed) {
        g->seed[i] += n;
        g->seeded += n;
    }
}

static uint32_t cell_of_key(const struct liqgrid *g, int64_t key)
{
    int64_t beyond = g->top - key;
    return beyond <= 0 ? 0 : beyond < LIQGRID_CELLS ? (uint32_t)beyond : LIQGRID_CELLS - 1;
}

void liqgrid_add(struct liqgrid *g, double u, double quanta, bool seed, double *carry)
{
    double x = u / LIQGRID_STEP - 0.5;
    int64_t k = liqgrid_floor(x);
    double upper = x - (double)k;
    liqgrid_add_cell(g, cell_of_key(g, k), quanta * (1 - upper), seed, carry);
    liqgrid_add_cell(g, cell_of_key(g, k + 1), quanta * upper, seed, carry);
}

void liqgrid_take(struct liqgrid *g, uint64_t n)
{
    for (uint32_t k = 0; n > 0 && k < LIQGRID_CELLS; k++) {
        uint32_t i = liqgrid_at(g, k), some = g->cell[i] < n ? g->cell[i] : (uint32_t)n;
        if (some)
            n -= take(g, i, some);
    }
}

static void resum(struct liqgrid *g)
{
    g->total = g->seeded = 0;
    for (int i = 0; i < LIQGRID_CELLS; i++) {
        g->total += g->cell[i];
        g->seeded += g->seed[i];
    }
}

void liqgrid_halve(struct liqgrid *g)
{
    for (int i = 0; i < LIQGRID_CELLS; i++) {
        g->cell[i] >>= 1;
        g->seed[i] >>= 1;
    }
    resum(g);
}

void liqgrid_double(struct liqgrid *g)
{
    for (int i = 0; i < LIQGRID_CELLS; i++) {
        g->cell[i] <<= 1;
        g->seed[i] <<= 1;
    }
    resum(g);
}

void liqgrid_cum(const struct liqgrid *g, const double *dist, int n, double *cum)
{
    uint32_t k = 0;
    double before = 0, near = 0; /* quanta and distance before cell k */
    double far = g->front - (double)g->top * LIQGRID_STEP;
    for (int i = 0; i < n; i++) {
        while (k < LIQGRID_CELLS && far <= dist[i]) {
            before += g->cell[liqgrid_at(g, k++)];
            near = far;
            far += LIQGRID_STEP;
        }
        double part = dist[i] > near ? (dist[i] - near) / (far - near) : 0;
        if (k >= LIQGRID_CELLS)
            cum[i] = (double)g->total;
        else
            cum[i] = before + g->cell[liqgrid_at(g, k)] * part;
    }
}
