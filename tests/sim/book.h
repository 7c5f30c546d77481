/* A limit order book on a grid of slots (a slot is a whole number of ticks). Bids and asks share
 * one ring of lots: every slot <= best_bid is a bid, every slot >= best_ask an ask, between them is
 * nothing. Quantities are whole lots, so what is taken from the book equals what is filled,
 * exactly. Every change goes through sim_book_set, which notes the slot for the next depth delta.
 */
#ifndef SIM_BOOK_H
#define SIM_BOOK_H

#include <stdbool.h>
#include <stdint.h>

enum sim_book_side { SIM_BID, SIM_ASK };

#define SIM_BLOCK 64 /* slots per block sum */

struct sim_book {
    int64_t *lots;      /* ring of size slots */
    int64_t *block_sum; /* lots per block, lets walks skip empty stretches */
    uint8_t *is_dirty;
    int64_t *dirty; /* slot * 2 + side of what changed since sim_book_clean; a slot whose price was
                     * crossed stands twice, once per side */
    uint32_t size, mask, n_dirty, dirty_cap;
    int64_t lo, hi;             /* valid window [lo, hi) */
    int64_t best_bid, best_ask; /* lo - 1 / hi when that side is empty */
    int64_t update_id, prev_id; /* last id, and the last id before the changes still dirty */
};

struct sim_fill {
    int64_t lots;
    double px_lots;    /* sum of slot * lots: mean slot = px_lots / lots */
    int64_t last_slot; /* deepest slot touched; valid when lots > 0 */
};

/* size: a power of two >= SIM_BLOCK; window centred on mid_slot. 0, or -1 out of memory. */
int sim_book_init(struct sim_book *b, uint32_t size, int64_t mid_slot, int64_t first_id);
void sim_book_fini(struct sim_book *b);

int64_t sim_book_get(const struct sim_book *b, int64_t slot); /* 0 outside the window */

int64_t sim_book_level(const struct sim_book *b, enum sim_book_side side,
                       int64_t slot); /* that side's */

/* Sets a level. A bid must lie below the best ask and an ask above the best bid (assert). Outside
 * the window nothing happens. */
void sim_book_set(struct sim_book *b, enum sim_book_side side, int64_t slot, int64_t lots);

/* Removes every bid above / ask below a slot. */
void sim_book_cancel_beyond(struct sim_book *b, enum sim_book_side side, int64_t slot);

/* A taker order: hits side's levels from the best one until lots are filled or the next level is
 * beyond limit_slot. */
struct sim_fill sim_book_take(struct sim_book *b, enum sim_book_side side, int64_t lots,
                              int64_t limit_slot);

/* Moves the window so that mid_slot is in its middle half; levels that leave are removed. Returns
 * the number of slots moved (sign = direction): the caller fills what came in. */
int64_t sim_book_recentre(struct sim_book *b, int64_t mid_slot);

/* Lots of a side from the best level to limit_slot, that one included. */
int64_t sim_book_sum(const struct sim_book *b, enum sim_book_side side, int64_t limit_slot);

/* The next non-empty level of a side at or beyond slot (downwards for bids); false at the end. */
bool sim_book_next(const struct sim_book *b, enum sim_book_side side, int64_t *slot);

/* The best levels of a side, best first, max at most; returns how many. */
struct sim_view_level {
    int64_t slot, lots;
};
int sim_book_read(const struct sim_book *b, enum sim_book_side side, struct sim_view_level *out,
                  int max);

/* Begins a new delta: assigns ids to what is dirty. Call once a step, before reading dirty[]. */
void sim_book_stamp(struct sim_book *b, uint64_t extra_ids);
void sim_book_clean(struct sim_book *b);

#endif
