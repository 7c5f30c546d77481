/* The part of a book that a venue publishes: the best levels of each side as last told. The next
 * message is what differs, levels that left or entered the window included, so that whoever follows
 * the messages holds exactly this. Owner: the publisher. */
#ifndef SIM_VIEW_H
#define SIM_VIEW_H

#include "sim/book.h"

struct sim_view {
    int depth, n[2]; /* levels a side at most; levels held */
    struct sim_view_level *side[2], *next;
    int64_t seq, prev_seq; /* of the last message, and of the one before; the publisher's */
    bool restart;          /* the next message begins anew; the publisher's */
};

struct sim_view_sink {
    void *arg;
    void (*level)(void *arg, int64_t slot, int64_t lots); /* lots 0: gone */
};

/* NULL: no memory. */
struct sim_view *sim_view_new(int depth);
void sim_view_free(struct sim_view *v);

/* Reads one side anew, best level first; tells what changed, best first. Returns how many. sink
 * NULL = quietly. */
int sim_view_update(struct sim_view *v, const struct sim_book *b, enum sim_book_side side,
                    const struct sim_view_sink *sink);

#endif
