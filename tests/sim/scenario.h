/* Scenarios: what pushes the market, as a function of time since start and since the shock. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/assets.h"

#define SIM_STEP_US     100000
#define SIM_STEPS_PER_S 10

struct sim_scenario {
    bool crash;
    uint64_t seed;
    int64_t shock_step;        /* -1 = not (yet) */
    double drop_ln;            /* fall of the common factor, > 0 */
    double rebound_frac;       /* of the fall, recovered in the end */
    enum sim_venue dislocated; /* the venue whose price leaves the others */
    double disloc_ln_s;        /* its extra drift, ln per second */
    bool oi_builds;
};

/* What holds in one step. */
struct sim_forces {
    double shift_ln;  /* displacement of the common factor */
    double vol;       /* multiplier of all volatilities */
    double activity;  /* of the takers: orders and volume, 1 = normal */
    double flow_sd_s; /* spread of each instrument's own net flow of open interest, per second */
    double depth;     /* near-touch liquidity, 1 = normal */
    double churn_s;   /* share of near levels renewed per second */
    double refill_s;  /* time constant of what was eaten */
    double arb_s, fund_s; /* time constants: venues to each other, prices to the fundamental */
    double impact;        /* share of a walk that stays in the price */
    double drift_ln_s[SIM_VENUES];
    double open_s, close_s; /* share of open interest opened and closed per second */
};

/* name "calm" or "crash": 0, else -1. */
int sim_scenario_init(struct sim_scenario *sc, const char *name, uint64_t seed);
void sim_forces_at(const struct sim_scenario *sc, int64_t step, struct sim_forces *f);

#endif
