/* The batch: one large block, allocated once by its owner and reused for every text. Only counters
 * are reset between texts; an element is initialised when it is handed out. Overflow is sticky
 * until batch_clear, so that a parser may check once at its end. */
#include "facts/batch.h"

#include <stdlib.h>

struct batch *batch_new(void)
{
    struct batch *b = malloc(sizeof *b);
    if (b)
        batch_clear(b);
    return b;
}

void batch_free(struct batch *b)
{
    free(b);
}

void batch_clear(struct batch *b)
{
    b->n = b->n_levels = b->n_tiers = b->n_text = 0;
    b->err = 0;
}

struct event *batch_add(struct batch *b, enum event_kind kind)
{
    if (b->n >= BATCH_EVENTS_MAX) {
        b->err = E_LIMIT;
        return NULL;
    }
    struct event *e = &b->ev[b->n++];
    event_init(e, kind);
    return e;
}

struct level *batch_level(struct batch *b)
{
    if (b->n_levels >= BATCH_LEVELS_MAX) {
        b->err = E_LIMIT;
        return NULL;
    }
    return &b->levels[b->n_levels++];
}

struct tier *batch_tier(struct batch *b)
{
    if (b->n_tiers >= BATCH_TIERS_MAX) {
        b->err = E_LIMIT;
        return NULL;
    }
    return &b->tiers[b->n_tiers++];
}
