/* See row.h. A value that does not fit marks the row as full; its owner counts it and gives it up.
 */
#include "store/row.h"

#include <math.h>
#include <string.h>

#define RUN_HEAD 8
#define RUN_MIN  2 /* a run of fewer is longer than its values */

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

void row_null(struct row *r)
{
    uint8_t *p = row_element(r, 0);
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
    uint8_t *p = row_element(r, 8);
    if (p)
        put_be64(p, bits);
}

static bool fit_numbers(const struct row *r, int n)
{
    return !r->full && (uint32_t)n <= (ROW_MAX - r->len - r->grows) / 12;
}

static void copy_le64(uint8_t *to, const double *v, int n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, v, 8 * (size_t)n);
#else
    for (int i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof(bits));
        bits = le64(bits);
        memcpy(to + 8 * i, &bits, sizeof(bits));
    }
#endif
}

/* Most of all rows are numbers, and the loop makes all of them: it only copies. */
void row_f8s(struct row *r, const double *v, int n)
{
    uint8_t *p = r->data + r->len;
    if (n < RUN_MIN || !fit_numbers(r, n)) { /* it may fit yet, with NULLs */
        for (int i = 0; i < n; i++)
            row_f8(r, v[i]);
        return;
    }
    put_be32(p, ROW_RUN);
    put_be32(p + 4, (uint32_t)n);
    copy_le64(p + RUN_HEAD, v, n);
    r->len += RUN_HEAD + 8 * (uint32_t)n;
    r->grows += 4 * (uint32_t)n - RUN_HEAD;
}

/* Bytes of the value or run at p, with its head; UINT32_MAX: more than there are. */
static uint32_t value_bytes(const uint8_t *p, uint32_t left)
{
    uint32_t n;
    if (left < 4)
        return UINT32_MAX;
    memcpy(&n, p, sizeof(n));
    n = be32(n);
    if (n == ROW_RUN && left >= RUN_HEAD) {
        memcpy(&n, p + 4, sizeof(n));
        n = be32(n);
        return n <= (left - RUN_HEAD) / 8 ? RUN_HEAD + 8 * n : UINT32_MAX;
    }
    if (n == UINT32_MAX)
        return 4;
    return n <= left - 4 ? 4 + n : UINT32_MAX;
}

static bool is_run(const uint8_t *p)
{
    static const uint8_t head[] = {0xff, 0xff, 0xff, 0xfe};
    return memcmp(p, head, sizeof(head)) == 0;
}

int row_has_run(const uint8_t *data, uint32_t len)
{
    int found = 0;
    for (uint32_t at = 0, n; at < len; at += n) {
        n = value_bytes(data + at, len - at);
        if (n == UINT32_MAX)
            return E_TORN;
        found |= is_run(data + at);
    }
    return found;
}

/* Room is asked for once, and no branch depends on what is known. A NULL's bytes behind its length
 * are written over by the next value. */
static void expand_run(struct row *r, const uint8_t *run, int n)
{
    static const uint8_t head[2][4] = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 8}};
    uint8_t *p = r->data + r->len;
    if (!fit_numbers(r, n)) {
        r->full = true;
        return;
    }
    for (int i = 0; i < n; i++) {
        uint64_t bits;
        double x;
        memcpy(&bits, run + 8 * i, sizeof(bits));
        bits = le64(bits);
        memcpy(&x, &bits, sizeof(x));
        size_t known = x == x;
        memcpy(p, head[known], sizeof(head[known]));
        put_be64(p + 4, bits);
        p += 4 + 8 * known;
    }
    r->len = (uint32_t)(p - r->data);
}

int row_expand(struct row *r, const uint8_t *data, uint32_t len)
{
    for (uint32_t at = 0, n; at < len; at += n) {
        n = value_bytes(data + at, len - at);
        if (n == UINT32_MAX)
            return E_TORN;
        if (is_run(data + at))
            expand_run(r, data + at + RUN_HEAD, (int)((n - RUN_HEAD) / 8));
        else
            row_raw(r, data + at, n);
    }
    return 0;
}

void row_bool(struct row *r, bool x)
{
    uint8_t *p = row_element(r, 1);
    if (p)
        *p = x;
}

void row_raw(struct row *r, const uint8_t *e, uint32_t n)
{
    if (r->full || n > ROW_MAX - r->len - r->grows) {
        r->full = true;
        return;
    }
    memcpy(r->data + r->len, e, n);
    r->len += n;
}
