/* The rows on their way: taken from the queues, kept until the database has acknowledged their
 * commit, sent again as they are after a lost connection. A batch that is refused for its content
 * is halved until the guilty row is alone. Memory is taken once. Owner: the store. */
#ifndef DAEMON_STORE_OUTBOX_H
#define DAEMON_STORE_OUTBOX_H

#include "store/streams.h"

#define OUTBOX_PARTS 64
#define OUTBOX_BYTES (4u << 20) /* of a transaction at most */

struct outbox {
    uint8_t *mem;
    size_t cap, used;
    struct packed_row *rows;
    int n, max;
    struct part {
        int lo, hi;
    } part[OUTBOX_PARTS]; /* still to be committed; the last one is next */
    int parts;
    struct stream_params params;
};

int outbox_init(struct outbox *o, int max_rows) MUST_CHECK;      /* E_NOMEM */
int outbox_init_rows(struct outbox *o, int max_rows) MUST_CHECK; /* without params: to load only */
void outbox_fini(struct outbox *o);

/* A new batch: outbox_clear, outbox_add until it says false (full), outbox_seal. */
void outbox_clear(struct outbox *o);
/* Copies the row; (seq, no): the batch it came in, and its place there, from 1. */
bool outbox_add(struct outbox *o, const struct row *r, uint64_t seq, uint32_t no);
void outbox_cut(struct outbox *o, int n); /* the first n stay; before outbox_seal */
void outbox_seal(struct outbox *o);

/* Rows and parts of `from`, which gets the memory of `to`; each keeps its params. `to` is empty. */
void outbox_exchange(struct outbox *to, struct outbox *from);

void outbox_drop(struct outbox *o);              /* forgets all of it */
bool outbox_empty(const struct outbox *o);       /* nothing left to commit */
struct part outbox_next(const struct outbox *o); /* the part to send */
void outbox_accept(struct outbox *o);            /* it was committed, or its only row set aside */
bool outbox_split(struct outbox *o);             /* halves it; false when it is one row */

#endif
