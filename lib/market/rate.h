/* How often a channel speaks, against its own past. Counts are taken in blocks: half a minute, or
 * longer for a channel that says little, until some forty data are due, so that a sparse channel is
 * judged by as much evidence as a dense one. A closed block is scored against what was usual before
 * it, and only then learned from. Pure arithmetic; the owner is the liveness row. */
#ifndef MARKET_RATE_H
#define MARKET_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_BLOCK_S      30   /* shortest block */
#define RATE_BLOCK_MAX_S  3600 /* longest: below a datum in 90 s there is never much evidence */
#define RATE_EXPECT       40.0 /* data a block should hold as usual */
#define RATE_MEMORY_S     3600 /* of what is usual */
#define RATE_WARM_BLOCKS  20
#define RATE_SIGMA        0.2 /* least standard deviation of ln(rate) that is believed */
#define RATE_PSEUDO_COUNT 5.0 /* added to both counts: few data prove little */

struct rate {
    int64_t t_block_us;  /* start of the running block; 0 = none runs */
    uint64_t n_block;    /* data at its start */
    uint32_t n_learned;  /* blocks learned from */
    double usual_per_s;  /* NAN before the first block */
    double var;          /* of ln(rate / usual), mean square over the past */
    double now_per_s, z; /* of the last closed block; NAN = none, or the past was too short */
};

void rate_init(struct rate *r);

/* The count cannot be trusted here (no link, silent beyond its limit): the running block is
 * dropped and nothing is scored; what is usual stays. */
void rate_break(struct rate *r);

/* Each second: n_data counts all data ever. Closes the block when it is due. True when it did. */
bool rate_step(struct rate *r, uint64_t n_data, int64_t now_us);

/* How long a block takes by what is usual now. */
double rate_block_s(const struct rate *r);

#endif
