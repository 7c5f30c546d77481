/* See ring.h. The ring's memory is only as much touched as rows were queued at once: when it runs
 * empty it starts again at its beginning, so a long quiet run does not walk through all of it. */
#include "store/ring.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_2000_US INT64_C(946684800000000)

void put_be32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

void put_be64(uint8_t *p, uint64_t x)
{
    put_be32(p, (uint32_t)(x >> 32));
    put_be32(p + 4, (uint32_t)x);
}

void row_begin(struct row *r, uint8_t stream, int64_t t_us)
{
    r->t_us = t_us;
    r->stream = stream;
    r->full = false;
    r->len = 0;
}

/* Room for an element of n bytes, its length written; NULL when it does not fit. */
static uint8_t *element(struct row *r, uint32_t n)
{
    uint8_t *p = r->data + r->len;
    if (r->full || n > ROW_MAX || r->len + 4 + n > ROW_MAX) {
        r->full = true;
        return NULL;
    }
    put_be32(p, n);
    r->len += 4 + n;
    return p + 4;
}

void row_null(struct row *r)
{
    uint8_t *p = element(r, 0);
    if (p)
        put_be32(p - 4, UINT32_MAX);
}

void row_f8(struct row *r, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    if (isnan(x)) {
        row_null(r);
        return;
    }
    uint8_t *p = element(r, 8);
    if (p)
        put_be64(p, bits);
}

void row_i8(struct row *r, int64_t x)
{
    uint8_t *p = element(r, 8);
    if (p)
        put_be64(p, (uint64_t)x);
}

void row_bool(struct row *r, bool x)
{
    uint8_t *p = element(r, 1);
    if (p)
        *p = x;
}

void row_time(struct row *r, int64_t t_us)
{
    if (t_us == 0)
        row_null(r);
    else
        row_i8(r, t_us - EPOCH_2000_US);
}

void row_slice(struct row *r, struct slice s)
{
    uint8_t *p;
    if (!s.p) {
        row_null(r);
        return;
    }
    p = element(r, s.len);
    if (p && s.len)
        memcpy(p, s.p, s.len);
}

void row_raw(struct row *r, const uint8_t *e, uint32_t n)
{
    if (r->full || n > ROW_MAX - r->len) {
        r->full = true;
        return;
    }
    memcpy(r->data + r->len, e, n);
    r->len += n;
}

void row_text(struct row *r, const char *s)
{
    row_slice(r, slice_of(s));
}

/* ---- the queue ------------------------------------------------------------------------------ */

struct record { /* before each row's bytes */
    int64_t t_us;
    uint32_t len;
    uint8_t stream;
};
#define RECORD_BYTES(len) ((sizeof(struct record) + (len) + 7) & ~(size_t)7)

int ring_init(struct ring *q, uint32_t max_rows, size_t row_bytes)
{
    memset(q, 0, sizeof(*q));
    q->max_rows = max_rows;
    q->cap = (size_t)max_rows * RECORD_BYTES(row_bytes) + RECORD_BYTES(ROW_MAX);
    q->mem = malloc(q->cap);
    return q->mem ? E_OK : E_NOMEM;
}

void ring_fini(struct ring *q)
{
    free(q->mem);
    memset(q, 0, sizeof(*q));
}

/* Place for need bytes at the tail, wrapping when the end is too near. */
static bool find_room(struct ring *q, size_t need)
{
    if (q->wrapped)
        return q->head - q->tail >= need;
    if (q->cap - q->tail >= need)
        return true;
    if (q->head < need)
        return false;
    q->end = q->tail;
    q->tail = 0;
    q->wrapped = true;
    return true;
}

bool ring_push(struct ring *q, const struct row *r)
{
    size_t need = RECORD_BYTES(r->len);
    assert(!r->full);
    if (q->rows >= q->max_rows || !find_room(q, need))
        return false;
    struct record h = {r->t_us, r->len, r->stream};
    memcpy(q->mem + q->tail, &h, sizeof(h));
    memcpy(q->mem + q->tail + sizeof(h), r->data, r->len);
    q->tail += need;
    if (++q->rows > q->peak)
        q->peak = q->rows;
    return true;
}

static struct record first(const struct ring *q)
{
    struct record h;
    memcpy(&h, q->mem + q->head, sizeof(h));
    return h;
}

bool ring_first(const struct ring *q, uint8_t *stream, int64_t *t_us)
{
    if (q->rows == 0)
        return false;
    struct record h = first(q);
    *stream = h.stream;
    *t_us = h.t_us;
    return true;
}

bool ring_peek(const struct ring *q, struct row *out)
{
    if (q->rows == 0)
        return false;
    struct record h = first(q);
    row_begin(out, h.stream, h.t_us);
    out->len = h.len;
    memcpy(out->data, q->mem + q->head + sizeof(h), h.len);
    return true;
}

void ring_pop(struct ring *q)
{
    assert(q->rows > 0);
    q->head += RECORD_BYTES(first(q).len);
    q->rows--;
    if (q->wrapped && q->head == q->end) {
        q->head = 0;
        q->wrapped = false;
    }
    if (q->rows == 0)
        q->head = q->tail = 0;
}
