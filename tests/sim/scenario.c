/* Two scenarios. `calm`, an ordinary day, not a dead one: BTC moves some 0.05 % a minute, traders
 * come and go with the hour and in short bursts, open interest of each instrument wanders by some
 * 0.3 % in 5 minutes, and every few hours the market moves by up to 0.6 % within minutes. `crash`,
 * in the shape of 10 October 2025: open interest builds, fastest in the last half minute, while
 * makers thin out; at the shock the common factor falls within seconds, makers withdraw to a few
 * per cent of their depth on all venues, one venue's price runs away from the other, arbitrage
 * slows, liquidations do the rest; from 13 s on the makers return, by 50 s all is whole again. In:
 * the step number. Out: forces. No state: the same step always gives the same forces. */
#include "sim/scenario.h"

#include <math.h>
#include <string.h>

#include "sim/rng.h"

int sim_scenario_init(struct sim_scenario *sc, const char *name, uint64_t seed)
{
    struct sim_rng r;
    memset(sc, 0, sizeof *sc);
    sc->crash = strcmp(name, "crash") == 0;
    if (!sc->crash && strcmp(name, "calm") != 0)
        return -1;
    sim_rng_init(&r, seed, 1);
    sc->seed = seed;
    sc->shock_step = -1;
    sc->drop_ln = sim_rng_range(&r, .046, .056);
    sc->rebound_frac = sim_rng_range(&r, .3, .5);
    sc->dislocated = sim_rng_unit(&r) < .5 ? SIM_BINANCE : SIM_HL;
    sc->disloc_ln_s = sim_rng_range(&r, .0024, .0032) * (sc->dislocated == SIM_HL ? .8 : 1.5);
    sc->oi_builds = sc->crash;
    return 0;
}

/* 0 before a, 1 after b, smooth between. */
static double ramp(double x, double a, double b)
{
    double u = (x - a) / (b - a);
    return u <= 0 ? 0 : u >= 1 ? 1 : u * u * (3 - 2 * u);
}

static void calm_forces(struct sim_forces *f)
{
    *f = (struct sim_forces){.vol = 1,
                             .activity = 1,
                             .depth = 1,
                             .churn_s = .05,
                             .refill_s = .25,
                             .arb_s = 1.5,
                             .fund_s = 8,
                             .impact = .01,
                             .open_s = 2e-5,
                             .close_s = 2e-5};
}

/* A draw that belongs to a period of the day, whenever it is asked for. */
static double draw(const struct sim_scenario *sc, uint64_t what, int64_t period, double lo,
                   double hi)
{
    struct sim_rng r;
    sim_rng_init(&r, sc->seed, what << 32 | (uint64_t)period);
    return sim_rng_range(&r, lo, hi);
}

enum { DRAW_PHASE = 2, DRAW_BURST, DRAW_BURST_SIZE, DRAW_MOVE, DRAW_MOVE_SIZE };

/* Traders by the time of day, by the hour, by the quarter of an hour; one minute in twenty is a
 * burst. */
static double activity_at(const struct sim_scenario *sc, double t)
{
    static const struct {
        double period_s, ln;
    } waves[] = {{86400, .5}, {2820, .25}, {780, .15}};
    double ln = 0;
    for (int i = 0; i < 3; i++)
        ln += waves[i].ln * sin(2 * M_PI * (t / waves[i].period_s + draw(sc, DRAW_PHASE, i, 0, 1)));
    int64_t minute = (int64_t)(t / 60);
    if (draw(sc, DRAW_BURST, minute, 0, 1) < .05)
        ln += log(draw(sc, DRAW_BURST_SIZE, minute, 1.5, 4));
    return exp(ln);
}

/* Where the common factor stands because of the moves so far: every third hour brings one of 0.2 to
 * 0.6 %, within two to five minutes, half of it taken back in the next half hour. */
static double moves_at(const struct sim_scenario *sc, double t)
{
    double ln = 0;
    for (int64_t h = t > 28800 ? (int64_t)(t / 3600) - 8 : 1; h <= (int64_t)(t / 3600); h++) {
        double u = draw(sc, DRAW_MOVE, h, -3, 3), size = draw(sc, DRAW_MOVE_SIZE, h, .002, .006);
        if (fabs(u) > 1)
            continue;
        double from = (double)h * 3600 + 600 * (1 + fabs(u)), took = 120 + 180 * fabs(u);
        ln += (u < 0 ? -size : size) *
              (ramp(t, from, from + took) - .5 * ramp(t, from + took, from + took + 1800) -
               .5 * ramp(t, from + 7200, from + 25000));
    }
    return ln;
}

static void ordinary_day(const struct sim_scenario *sc, double t, struct sim_forces *f)
{
    f->activity = activity_at(sc, t);
    f->vol = sqrt(f->activity);
    f->flow_sd_s = 1.5e-5;
    f->shift_ln = moves_at(sc, t);
}

/* t: seconds since the shock, negative. The last half minute before it: positions pile up, and the
 * near book thins to little more than half. */
static double thinned(double t)
{
    return 1 - .45 * ramp(t, -25, -4) * (1 - ramp(t, 13, 38));
}

static void before_crash(double t, struct sim_forces *f)
{
    f->open_s += 2.4e-4 * ramp(t, -30, -10); /* up to 1.8 % a minute */
    f->churn_s += .4 * ramp(t, -25, -20);
    f->depth = thinned(t);
}

/* t: seconds since the shock. */
static void crash_forces(const struct sim_scenario *sc, double t, struct sim_forces *f)
{
    double gone = ramp(t, .5, 3) * (1 - ramp(t, 13, 38));
    double stress = ramp(t, 0, 1) * (1 - ramp(t, 13, 22));
    f->shift_ln = -sc->drop_ln * (.85 * ramp(t, 0, 5.5) + .15 * ramp(t, 5, 11) -
                                  sc->rebound_frac * ramp(t, 12, 40));
    f->vol = 1 + 5 * stress;
    f->depth = fmin(exp(gone * log(.045)), thinned(t));
    f->churn_s = .05 + 1.5 * (ramp(t, .3, 1) - ramp(t, 42, 50));
    f->refill_s = .25 + .5 * stress;
    f->arb_s = 1.5 + 40 * stress;
    f->fund_s = 8 + 40 * stress;
    f->impact = .01 + .02 * stress;
    f->drift_ln_s[sc->dislocated] = -sc->disloc_ln_s * (ramp(t, 3, 5) - ramp(t, 9, 11));
    f->open_s *= 1 - .8 * stress;
}

void sim_forces_at(const struct sim_scenario *sc, int64_t step, struct sim_forces *f)
{
    calm_forces(f);
    if (!sc->crash)
        ordinary_day(sc, (double)step / SIM_STEPS_PER_S, f);
    if (sc->oi_builds && (sc->shock_step < 0 || step < sc->shock_step))
        f->open_s += 6e-5; /* 0.36 % a minute */
    if (sc->crash && sc->shock_step >= 0 && step < sc->shock_step)
        before_crash((double)(step - sc->shock_step) / SIM_STEPS_PER_S, f);
    if (sc->shock_step >= 0 && step >= sc->shock_step)
        crash_forces(sc, (double)(step - sc->shock_step) / SIM_STEPS_PER_S, f);
}
