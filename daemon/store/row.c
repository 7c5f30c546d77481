/* See row.h. A value that does not fit marks the row as full; its owner counts it and gives it up.
 */
#include "store/row.h"

#include <math.h>
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
