/* Which rows of a part go by COPY, and their data. Measured against unnest, COPY takes half of the
 * server's time for a row, but a round trip for each table, so few rows are not worth it. In: the
 * outbox. Out: what the connection asks for, table by table. The surprising thing: rows of tables
 * whose statement does more than insert (ON CONFLICT, functions) stay with unnest, in the same
 * transaction. */
#include "store/store_priv.h"

#include <assert.h>

#define COPY_ROWS_MIN 32

bool writer_copies(const struct writer *l, struct part p)
{
    int n = 0;
    for (int i = p.lo; i < p.hi; i++)
        n += l->plan[l->out.rows[i].stream].copy[0] != 0;
    return n >= COPY_ROWS_MIN;
}

/* The k-th stream that goes by COPY and has rows in the part. */
static int nth_stream(const struct writer *l, struct part p, int k)
{
    bool has[STREAMS] = {false};
    for (int i = p.lo; i < p.hi; i++)
        has[l->out.rows[i].stream] = true;
    for (int s = 0; s < STREAMS; s++)
        if (has[s] && l->plan[s].copy[0] && k-- == 0)
            return s;
    return -1;
}

bool writer_copy(void *arg, int k, struct db_copy *out)
{
    struct writer *l = arg;
    struct stream_params *q = &l->out.params;
    struct part p = outbox_next(&l->out);
    int s = nth_stream(l, p, k);
    if (s < 0)
        return false;
    const struct row_span rows = {l->out.rows + p.lo, p.hi - p.lo};
    int n = stream_copy((enum stream_id)s, &l->plan[s], rows, l->run_id, q);
    assert(n > 0); /* the memory is for all rows of the outbox */
    *out = (struct db_copy){l->plan[s].copy, q->mem, q->used};
    return true;
}
