/* The market makers of one instrument: they keep a book of a target shape around a reference
 * price, cancel what is on the wrong side of it and refill what was eaten, at the pace the
 * scenario allows. */
#ifndef SIM_MAKER_H
#define SIM_MAKER_H

#include "sim/world.h"

/* Cuts the grid, sizes the ring and writes the whole book. 0 or -1 (memory). */
int sim_maker_init(struct sim_inst *in, const struct sim_forces *f, int64_t first_id);
/* One step of quoting around in->ref_px; updates in->mid_px. */
void sim_maker_step(struct sim_inst *in, const struct sim_forces *f);
/* Something ate one side down to slot. */
void sim_maker_eaten(struct sim_inst *in, enum sim_book_side side, int64_t slot);

#endif
