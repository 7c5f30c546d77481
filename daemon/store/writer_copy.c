/* Which rows of a part go by COPY, and their data. Measured against unnest, COPY takes half of the
 * server's time for a row, but a round trip for each table, so few rows are not worth it. In: the
 * outbox. Out: what the connection asks for, table by table, in its own thread. The surprising
 * thing: rows of tables whose statement does more than insert (ON CONFLICT, functions) stay with
 * unnest, in the same transaction. */
#include "store/store_priv.h"

#include <assert.h>

#define COPY_ROWS_MIN 32

bool writer_copies(struct writer *l, struct part p)
{
    int n = 0;
    const struct part_sum *m = writer_sum(l, p);
    for (int i = 0; i < STREAMS; i++)
        n += l->plan[i].copy[0] ? m->rows[i] : 0;
    return n >= COPY_ROWS_MIN;
}

void writer_carry(struct writer *l, struct part p)
{
    struct carried *c = &l->carried;
    const struct part_sum *m = writer_sum(l, p);
    *c = (struct carried){.rows = {l->out.rows + p.lo, p.hi - p.lo}, .run = l->run_id};
    for (int i = 0; i < STREAMS; i++)
        if (m->rows[i] && l->plan[i].copy[0])
            c->stream[c->streams++] = (uint8_t)i;
}

/* In the thread of the connection. */
bool writer_copy(void *arg, int k, struct db_copy *out)
{
    struct writer *l = arg;
    const struct carried *c = &l->carried;
    struct stream_params *q = &l->out.params;
    if (k >= c->streams)
        return false;
    const struct stream_plan *plan = &l->plan[c->stream[k]];
    static_assert(STREAMS <= DB_COPIES_MAX, "each stream has one");
    size_t before = k ? q->used : 0;
    struct stream_params rest = {.mem = q->mem + before, .cap = q->cap - before};
    int n = stream_copy((enum stream_id)c->stream[k], plan, c->rows, c->run, &rest);
    assert(n > 0); /* the memory is for all rows of the outbox */
    *out = (struct db_copy){plan->copy, rest.mem, rest.used};
    q->used = before + rest.used;
    return true;
}

void writer_let_go(void *arg)
{
    struct writer *l = arg;
    writer_load_back(l);
    if (l->job == JOB_NONE) /* of a connection that was dropped: what waited for it can go on */
        store_kick_soon(l->s);
}
