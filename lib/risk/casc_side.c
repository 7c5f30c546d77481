/* One side of a market on the grid (casc_side.h). In: masses per cell. Out: ends of shocks, the
 * critical shock, the reproduction number, each with a reason when it is unknown. No state.
 * The surprising thing: the sweep knows no prices; dollars come from a third sum beside depth and
 * mass. */
#include "risk/casc_side.h"

#include <string.h>

const double casc_shock_frac[CASC_SHOCKS] = {.01, .02, .05, .10};

#define FIRST_FRAC  .05
#define CRIT_STRIDE 3 /* critical shocks to 8 % of themselves, 20 % below 1 % of the price */

void casc_side_clear(struct casc_side *s)
{
    memset(s->depth, 0, sizeof(s->depth));
    memset(s->liq, 0, sizeof(s->liq));
    memset(s->liq_usd, 0, sizeof(s->liq_usd));
    s->seen_base = 0;
    s->venues = 0;
}

void casc_side_value(struct casc_side *s, const double *edge, enum casc_dir dir, double mark_px)
{
    double sign = dir == CASC_DN ? -1 : 1;
    for (int i = 0; i < SWEEP_GRID_N; i++)
        s->liq_usd[i] = s->liq[i] * mark_px * (1 + sign * (edge[i] + edge[i + 1]) / 2);
}

void casc_side_add(struct casc_side *pool, const struct casc_side *s)
{
    for (int i = 0; i < SWEEP_GRID_N; i++) {
        pool->depth[i] += s->depth[i];
        pool->liq[i] += s->liq[i];
        pool->liq_usd[i] += s->liq_usd[i];
    }
    pool->seen_base += s->seen_base;
}

void casc_side_close(struct casc_side *s, const double *edge)
{
    s->w =
        (struct sweep){SWEEP_GRID_N, 1, edge, s->depth, s->liq, s->cum_depth, s->cum_liq, s->most};
    s->cum_usd[0] = 0;
    for (int i = 0; i < SWEEP_GRID_N; i++)
        s->cum_usd[i + 1] = s->cum_usd[i] + s->liq_usd[i];
    s->why = sweep_init(&s->w) == 0 ? R_KNOWN : R_UNIT_UNPROVEN;
}

static uint8_t off_why(const struct casc_side *s)
{
    return sweep_off(&s->w) == SWEEP_RUNAWAY ? R_RUNAWAY : R_OFF_GRID;
}

struct casc_run casc_side_shock(const struct casc_side *s, enum sweep_kind kind, double shock_frac)
{
    struct casc_run run = {s->why, NAN, NAN, NAN, NAN};
    if (s->why != R_KNOWN)
        return run;
    double x = sweep_end(&s->w, kind, shock_frac);
    bool beyond =
        !(shock_frac > 0 && shock_frac <= SWEEP_GRID_TOP); /* asked for more than we have */
    if (beyond || isinf(x)) {
        run.why = beyond ? R_OFF_GRID : off_why(s);
        return run;
    }
    return (struct casc_run){R_KNOWN, x, x / shock_frac, sweep_forced(&s->w, x),
                             sweep_at(&s->w, s->cum_usd, x)};
}

static struct cell cell_of(double x, uint8_t why)
{
    return isfinite(x) ? (struct cell){x, R_KNOWN} : (struct cell){NAN, why};
}

struct cell casc_side_crit(const struct casc_side *s, enum sweep_kind kind)
{
    if (s->why != R_KNOWN)
        return cell_of(NAN, s->why);
    return cell_of(sweep_critical(&s->w, kind, CRIT_STRIDE), R_OFF_GRID);
}

struct cell casc_side_first(const struct casc_side *s, enum sweep_kind kind)
{
    if (s->why != R_KNOWN)
        return cell_of(NAN, s->why);
    return cell_of(sweep_first(&s->w, kind, FIRST_FRAC) / FIRST_FRAC, R_EMPTY_BOOK);
}

struct cell casc_side_reproduction(const struct casc_side *s, double frac)
{
    if (s->why != R_KNOWN)
        return cell_of(NAN, s->why);
    return cell_of(sweep_reproduction(&s->w, frac), R_EMPTY_BOOK);
}

struct cell casc_side_measured(const struct casc_side *s)
{
    if (s->why != R_KNOWN)
        return cell_of(NAN, s->why);
    double all = sweep_depth(&s->w, casc_shock_frac[CASC_SHOCKS - 1]);
    return cell_of(all > 0 ? fmin(1, s->seen_base / all) : NAN, R_EMPTY_BOOK);
}
