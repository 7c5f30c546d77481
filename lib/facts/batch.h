/* Everything one text said: events plus the pools they point into. Allocated once, reused for every
 * text; overflow of any pool refuses the whole text (E_LIMIT). */
#ifndef FACTS_BATCH_H
#define FACTS_BATCH_H

#include "base/err.h"
#include "facts/event.h"

#define BATCH_EVENTS_MAX 4096
#define BATCH_LEVELS_MAX 16384
#define BATCH_TIERS_MAX  16384

struct batch {
    uint32_t n, n_levels, n_tiers;
    int err; /* first overflow, sticky until batch_clear */
    struct event ev[BATCH_EVENTS_MAX];
    struct level levels[BATCH_LEVELS_MAX];
    struct tier tiers[BATCH_TIERS_MAX];
    char text[65536]; /* for unescaped strings; n_text used */
    uint32_t n_text;
};

struct batch *batch_new(void); /* NULL when out of memory */
void batch_free(struct batch *b);
void batch_clear(struct batch *b);

/* The next event, initialised by event_init; NULL (b->err = E_LIMIT) when full. */
struct event *batch_add(struct batch *b, enum event_kind kind);
/* The next level / tier; NULL (b->err = E_LIMIT) when full. */
struct level *batch_level(struct batch *b);
struct tier *batch_tier(struct batch *b);

#endif
