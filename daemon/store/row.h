/* Encoded rows. A row is the values of one stream's columns one after the other, each as
 * PostgreSQL's binary array elements are: four bytes of length (big endian, -1 = NULL), then the
 * bytes. So a batch is made by copying. Many numbers together are a run, as they are in memory:
 * -2, their count (both four bytes, big endian), then eight bytes each, little endian; row_expand
 * makes values of them, where nobody waits for it. NAN is NULL, every other double keeps its bits.
 * The surprising thing: a row's bytes may lie elsewhere than in the row: in the batch it becomes
 * part of, or, of one that was read back, in the batch it came with. */
#ifndef DAEMON_STORE_ROW_H
#define DAEMON_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/order.h"
#include "base/slice.h"

#define ROW_MAX 8192 /* bytes of a row without runs; a longer one is refused */
#define ROW_RUN (UINT32_MAX - 1)

#define PG_EPOCH_US INT64_C(946684800000000) /* PostgreSQL counts from 2000 */

struct row {
    int64_t t_us;        /* the time that chooses its partition */
    uint8_t stream;      /* enum stream_id */
    bool full;           /* it did not fit: not to be queued */
    uint32_t len, grows; /* grows: by so much at most when its runs are expanded */
    uint8_t *data;       /* len bytes: own, or the caller's */
    uint8_t own[ROW_MAX];
};

void row_begin(struct row *r, uint8_t stream, int64_t t_us);
/* A whole row that lies elsewhere, borrowed: not to be added to before row_own. */
void row_borrow(struct row *r, uint8_t stream, int64_t t_us, struct slice data);
void row_own(struct row *r); /* copies its bytes into the row */
void row_null(struct row *r);
void row_f8(struct row *r, double x);
/* A run, which stands for row_f8 of each; where that might not fit, row_f8 of each. */
void row_f8s(struct row *r, const double *v, int n);
void row_bool(struct row *r, bool x);
void row_raw(struct row *r, const uint8_t *element, uint32_t n); /* as it is, with its length */

static inline void put_be32(uint8_t *p, uint32_t x)
{
    x = be32(x);
    memcpy(p, &x, sizeof(x));
}

static inline void put_be64(uint8_t *p, uint64_t x)
{
    x = be64(x);
    memcpy(p, &x, sizeof(x));
}

/* Has it a run? 1, 0; E_TORN: it is no row. */
int row_has_run(const uint8_t *data, uint32_t len);
/* Adds the values of a row to r, those of its runs one by one. E_TORN: it is no row. */
int row_expand(struct row *r, const uint8_t *data, uint32_t len);

/* Bytes of the value at p, without its length, which is no run; NULL: 0. */
static inline uint32_t row_element_len(const uint8_t *p)
{
    uint32_t n;
    memcpy(&n, p, sizeof(n));
    n = be32(n);
    return n == UINT32_MAX ? 0 : n;
}

/* What every row of the loop begins with is made here, to be inlined. */

/* Encodes into the caller's memory, ROW_MAX bytes; NULL: as row_begin. */
static inline void row_begin_at(struct row *r, uint8_t stream, int64_t t_us, uint8_t *room)
{
    r->t_us = t_us;
    r->stream = stream;
    r->full = false;
    r->len = r->grows = 0;
    r->data = room ? room : r->own;
}

/* Room for a value of n bytes, its length written; NULL when it does not fit. */
static inline uint8_t *row_element(struct row *r, uint32_t n)
{
    uint8_t *p = r->data + r->len;
    if (r->full || n > ROW_MAX || r->len + r->grows + 4 + n > ROW_MAX) {
        r->full = true;
        return NULL;
    }
    put_be32(p, n);
    r->len += 4 + n;
    return p + 4;
}

static inline void row_i8(struct row *r, int64_t x)
{
    uint8_t *p = row_element(r, 8);
    if (p)
        put_be64(p, (uint64_t)x);
}

static inline void row_time(struct row *r, int64_t t_us) /* 0 = NULL */
{
    if (t_us == 0)
        row_null(r);
    else
        row_i8(r, t_us - PG_EPOCH_US);
}

static inline void row_slice(struct row *r, struct slice s) /* p NULL = NULL */
{
    uint8_t *p = s.p ? row_element(r, s.len) : NULL;
    if (!s.p)
        row_null(r);
    else if (p && s.len)
        memcpy(p, s.p, s.len);
}

#define ROW_NAME 24 /* a text shorter than that is copied as its end is looked for */

static inline void row_text(struct row *r, const char *s) /* NULL = NULL */
{
    const char *end = s;
    bool room = s && !r->full && r->len + r->grows + 4 + ROW_NAME <= ROW_MAX;
    for (uint8_t *p = r->data + r->len + 4; room && end - s < ROW_NAME && *end; end++)
        *p++ = (uint8_t)*end;
    if (!room || end - s == ROW_NAME) {
        row_slice(r, slice_of(s));
        return;
    }
    put_be32(r->data + r->len, (uint32_t)(end - s));
    r->len += 4 + (uint32_t)(end - s);
}

#endif
