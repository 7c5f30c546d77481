/* See outbox.h. Parts are a stack; halving adds one, so its depth is bounded by the logarithm of
 * the batch. */
#include "store/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int outbox_init_rows(struct outbox *o, int max_rows)
{
    memset(o, 0, sizeof(*o));
    o->max = max_rows;
    o->cap = (size_t)max_rows * stream_row_bytes() + ROW_MAX;
    if (o->cap > OUTBOX_BYTES)
        o->cap = OUTBOX_BYTES;
    o->mem = malloc(o->cap);
    o->rows = calloc((size_t)max_rows, sizeof(*o->rows));
    return o->mem && o->rows ? E_OK : E_NOMEM;
}

int outbox_init(struct outbox *o, int max_rows)
{
    int rc = outbox_init_rows(o, max_rows);
    o->params.cap = stream_params_bytes(o->cap, (size_t)max_rows);
    o->params.mem = malloc(o->params.cap);
    return o->params.mem ? rc : E_NOMEM;
}

void outbox_fini(struct outbox *o)
{
    free(o->mem);
    free(o->rows);
    free(o->params.mem);
    memset(o, 0, sizeof(*o));
}

void outbox_clear(struct outbox *o)
{
    assert(o->parts == 0);
    o->n = 0;
    o->used = 0;
}

bool outbox_add(struct outbox *o, const struct row *r, uint64_t seq, uint32_t no)
{
    if (o->n >= o->max || o->cap - o->used < r->len)
        return false;
    const uint8_t *at = memcpy(o->mem + o->used, r->data, r->len);
    o->used += r->len;
    o->rows[o->n++] = (struct packed_row){r->t_us, seq, at, r->len, no, r->stream};
    return true;
}

void outbox_cut(struct outbox *o, int n)
{
    assert(o->parts == 0 && n <= o->n);
    o->used = n ? (size_t)(o->rows[n - 1].data + o->rows[n - 1].len - o->mem) : 0;
    o->n = n;
}

void outbox_seal(struct outbox *o)
{
    if (o->n > 0)
        o->part[o->parts++] = (struct part){0, o->n};
}

void outbox_exchange(struct outbox *to, struct outbox *from)
{
    uint8_t *mem = to->mem;
    struct packed_row *rows = to->rows;
    assert(to->parts == 0 && from->parts <= 1 && to->cap == from->cap && to->max == from->max);
    to->mem = from->mem;
    to->rows = from->rows;
    to->n = from->n;
    to->used = from->used;
    to->parts = from->parts;
    to->part[0] = from->part[0];
    from->mem = mem;
    from->rows = rows;
    outbox_drop(from);
}

void outbox_drop(struct outbox *o)
{
    o->parts = 0;
    outbox_clear(o);
}

bool outbox_empty(const struct outbox *o)
{
    return o->parts == 0;
}

struct part outbox_next(const struct outbox *o)
{
    assert(o->parts > 0);
    return o->part[o->parts - 1];
}

void outbox_accept(struct outbox *o)
{
    assert(o->parts > 0);
    o->parts--;
}

bool outbox_split(struct outbox *o)
{
    struct part p = outbox_next(o);
    int mid = p.lo + (p.hi - p.lo) / 2;
    if (p.hi - p.lo <= 1)
        return false;
    assert(o->parts < OUTBOX_PARTS);
    o->part[o->parts - 1] = (struct part){mid, p.hi}; /* the earlier half first */
    o->part[o->parts++] = (struct part){p.lo, mid};
    return true;
}
