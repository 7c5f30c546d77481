/* The face a venue gives its instruments when it misbehaves: not trading any more, another symbol,
 * another contract size, prices of its own, a new run of book numbers. The market underneath goes
 * on as it would have, so that with the same seed all other venues say the same to the byte. In:
 * what is in force. Out: instruments as the encoders shall see them. Owner: struct sim.
 * Surprising: the face is put on after each market step and taken off before the next. */
#ifndef SIM_GUISE_H
#define SIM_GUISE_H

#include "sim/mis.h"
#include "sim/world.h"

struct guise_face { /* of one instrument */
    bool trading;
    char symbol[24], code[24]; /* code "" = the asset's own */
    double unit;               /* units of the asset's own contract in one of this one */
    double bps;
    double mark_bps; /* the mark alone, off all other prices */
    double fund_pct; /* lost by the insurance fund; 0 = what it really lost */
};

struct guise {
    bool started;
    struct guise_face face[SIM_INSTS_MAX];
    struct sim_inst saved[SIM_INSTS_MAX]; /* only the members that guise_off puts back */
    bool on[SIM_INSTS_MAX];
    struct sim_asset asset[SIM_INSTS_MAX]; /* with another base code */
};

/* After a market step: what shall be seen from now on. Marks instruments whose listing changed
 * (announce) and breaks the numbers of a book whose prices or sizes jump. */
void guise_judge(struct guise *g, struct sim_market *m, struct mis *x);
void guise_on(struct guise *g, struct sim_market *m);
/* What happened in this step, told by those faces; once, after guise_on. */
void guise_events(const struct guise *g, struct sim_market *m);
void guise_off(struct guise *g, struct sim_market *m); /* twice does no harm */

#endif
