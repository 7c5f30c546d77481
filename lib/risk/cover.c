/* Cells and sums that know what they miss. In: numbers with reasons and weights. Out: cells that
 * are known only when enough of the parts is. Stateless. The surprising thing: a sum over venues of
 * which some are unknown stays known while these had less than half of the last known open
 * interest. */
#include "risk/family.h"

#include <assert.h>

void cell_known(struct cell *c, double x)
{
    assert(isfinite(x));
    c->value = x;
    c->reason = R_KNOWN;
}

void cell_unknown(struct cell *c, enum unknown_reason why)
{
    assert(why != R_KNOWN);
    c->value = NAN;
    c->reason = (uint8_t)why;
}

void cells_unknown(struct cell *c, int n, enum unknown_reason why)
{
    for (int i = 0; i < n; i++)
        cell_unknown(&c[i], why);
}

void cell_or(struct cell *c, double x, uint8_t why)
{
    if (isfinite(x))
        cell_known(c, x);
    else
        cell_unknown(c, (enum unknown_reason)(why ? why : R_WARMUP));
}

uint8_t reason_worse(uint8_t a, uint8_t b)
{
    static const uint8_t rank[R_REASONS] = {
        [R_KNOWN] = 0,     [R_NOT_TRACKED] = 1,   [R_NO_OI] = 2,      [R_WARMUP] = 3,
        [R_THROTTLED] = 4, [R_UNIT_UNPROVEN] = 5, [R_EMPTY_BOOK] = 6, [R_OFF_GRID] = 7,
        [R_LATE] = 8,      [R_RUNAWAY] = 9,       [R_GAP] = 10,       [R_STALE] = 11,
        [R_DOWN] = 12,
    };
    return rank[b] > rank[a] ? b : a;
}

void part_add(struct part_sum *p, double x, uint8_t why, double weight)
{
    p->n++;
    p->w_all += weight;
    if (!isfinite(x)) {
        p->why = reason_worse(p->why, why ? why : R_WARMUP);
        return;
    }
    p->n_known++;
    p->w_known += weight;
    p->sum += x;
}

double part_cover(const struct part_sum *p)
{
    if (p->w_all > 0)
        return fmin(1, p->w_known / p->w_all);
    return p->n > 0 && p->n_known == p->n ? 1 : NAN;
}

bool part_ok(const struct part_sum *p)
{
    return p->n_known > 0 && part_cover(p) >= 0.5;
}

uint8_t part_why(const struct part_sum *p)
{
    return p->why ? p->why : R_NOT_TRACKED;
}

void part_cell(const struct part_sum *p, struct cell *out)
{
    if (part_ok(p))
        cell_known(out, p->sum);
    else
        cell_unknown(out, part_why(p));
}

struct part_sum venues_sum(const struct risk *r, uint32_t asset, enum family_id f, int i)
{
    struct part_sum p = {0};
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        const struct risk_view *view = risk_view_of(r, s);
        if (view->n == 0)
            continue;
        struct cell c = risk_family_cells(r, s, f)[i];
        part_add(&p, c.value, c.reason, view->oi_last_sum);
    }
    return p;
}
