/* See row.h. A value that does not fit marks the row as full; its owner counts it and gives it up.
 */
#include "store/row.h"

#include <math.h>
#include <string.h>

#define EPOCH_2000_US INT64_C(946684800000000)

void row_begin_at(struct row *r, uint8_t stream, int64_t t_us, uint8_t *room)
{
    r->t_us = t_us;
    r->stream = stream;
    r->full = false;
    r->len = 0;
    r->data = room ? room : r->own;
}

void row_begin(struct row *r, uint8_t stream, int64_t t_us)
{
    row_begin_at(r, stream, t_us, NULL);
}

void row_borrow(struct row *r, uint8_t stream, int64_t t_us, struct slice data)
{
    row_begin_at(r, stream, t_us, (uint8_t *)(uintptr_t)data.p);
    r->full = data.len > ROW_MAX;
    r->len = r->full ? 0 : data.len;
}

void row_own(struct row *r)
{
    if (r->data != r->own)
        memcpy(r->own, r->data, r->len);
    r->data = r->own;
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

/* Most of all rows are numbers: room is asked for once, and no branch depends on what is known. A
 * NULL's bytes behind its length are written over by the next value. */
void row_f8s(struct row *r, const double *v, int n)
{
    uint8_t *p = r->data + r->len;
    if (r->full || (uint32_t)n > (ROW_MAX - r->len) / 12) { /* it may fit yet, with NULLs */
        for (int i = 0; i < n; i++)
            row_f8(r, v[i]);
        return;
    }
    for (int i = 0; i < n; i++) {
        static const uint8_t head[2][4] = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 8}};
        uint64_t bits;
        size_t known = v[i] == v[i];
        memcpy(&bits, &v[i], sizeof(bits));
        memcpy(p, head[known], sizeof(head[known]));
        put_be64(p + 4, bits);
        p += 4 + 8 * known;
    }
    r->len = (uint32_t)(p - r->data);
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
