/* Taker orders and the liquidation engine of a simulated venue. */
#ifndef SIM_LIQUIDATE_H
#define SIM_LIQUIDATE_H

#include "sim/world.h"

struct sim_order { /* of a taker */
    bool buys;
    int64_t lots;
    double limit_px; /* 0 = none */
};

/* A taker order: walks the book, prints a trade, moves the makers a little, counts volume. Returns
 * the fill; mean price into *px (may be NULL) when something filled. */
struct sim_fill sim_take(struct sim_market *m, struct sim_inst *in, struct sim_order o, double *px);

/* Crosses cohorts with the mark and sends the engine's orders for one step. */
void sim_liquidate(struct sim_market *m, struct sim_inst *in, enum sim_side side);

#endif
