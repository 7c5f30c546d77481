/* One run of the simulator: the market, its publishing, truth, statistics and misbehaviour; the
 * common part of serving and of writing a tape. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdio.h>

#include "sim/fault.h"
#include "sim/guise.h"
#include "sim/mis.h"
#include "sim/pub.h"
#include "sim/stats.h"

struct sim_options {
    const char *scenario, *shock_asset, *truth, *summary, *tape, *cert, *key, *ports, *control;
    const char *conf; /* tape: its text goes into the head */
    uint64_t seed;
    int assets, port[SIM_VENUES];
    double shock_at_s, duration_s;
    double speed; /* tape: simulated seconds a second at most; 0 = no limit */
    bool shock_on_signal;
    int64_t t0_us; /* tape: start of simulated time */
};

/* Where the messages of all venues go. */
struct sim_outlet {
    void *arg;
    bool (*wanted)(void *arg, int stream);
    fault_put *put;
};

struct sim {
    struct sim_options opt;
    struct sim_market *m;
    struct sim_pub *pub;
    struct sim_stats *stats;
    struct mis mis;
    struct guise guise;
    struct fault *fault;
    struct sim_outlet outlet;
    FILE *truth;
};

/* 0, or -1 with a sentence on stderr. */
int sim_open(struct sim *s, const struct sim_options *o, int64_t t0_us, struct sim_outlet out);
void sim_close(struct sim *s); /* writes the summary */

/* One step of 100 ms: market, frames, truth. */
void sim_step(struct sim *s);
/* The shock comes after so many seconds of simulated time. */
void sim_shock_in(struct sim *s, double seconds);

int sim_serve(struct sim *s,
              const struct sim_options *o); /* runs until told to stop; exit status */
int sim_tape(struct sim *s, const struct sim_options *o);

#endif
