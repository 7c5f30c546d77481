/* Encoded rows. A row is the values of one stream's columns one after the other, each as
 * PostgreSQL's binary array elements are: four bytes of length (big endian, -1 = NULL), then the
 * bytes. So a batch is made by copying. NAN is NULL, every other double keeps its bits. The
 * surprising thing: a row's bytes may lie elsewhere than in the row: in the batch it becomes part
 * of, or, of one that was read back, in the batch it came with. */
#ifndef DAEMON_STORE_ROW_H
#define DAEMON_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

#define ROW_MAX 8192 /* bytes of an encoded row; a longer one is refused */

struct row {
    int64_t t_us;   /* the time that chooses its partition */
    uint8_t stream; /* enum stream_id */
    bool full;      /* it did not fit: not to be queued */
    uint32_t len;
    uint8_t *data; /* len bytes: own, or the caller's */
    uint8_t own[ROW_MAX];
};

void row_begin(struct row *r, uint8_t stream, int64_t t_us);
/* Encodes into the caller's memory, ROW_MAX bytes; NULL: as row_begin. */
void row_begin_at(struct row *r, uint8_t stream, int64_t t_us, uint8_t *room);
/* A whole row that lies elsewhere, borrowed: not to be added to before row_own. */
void row_borrow(struct row *r, uint8_t stream, int64_t t_us, struct slice data);
void row_own(struct row *r); /* copies its bytes into the row */
void row_null(struct row *r);
void row_f8(struct row *r, double x);
void row_f8s(struct row *r, const double *v, int n); /* the same as row_f8 of each */
void row_i8(struct row *r, int64_t x);
void row_bool(struct row *r, bool x);
void row_time(struct row *r, int64_t t_us);                      /* 0 = NULL */
void row_text(struct row *r, const char *s);                     /* NULL = NULL */
void row_slice(struct row *r, struct slice s);                   /* p NULL = NULL */
void row_raw(struct row *r, const uint8_t *element, uint32_t n); /* as it is, with its length */

static inline uint32_t be32(uint32_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap32(x);
#else
    return x;
#endif
}

static inline uint64_t be64(uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(x);
#else
    return x;
#endif
}

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

/* Bytes of the value at p, without its length; NULL: 0. */
static inline uint32_t row_element_len(const uint8_t *p)
{
    uint32_t n;
    memcpy(&n, p, sizeof(n));
    n = be32(n);
    return n == UINT32_MAX ? 0 : n;
}

#endif
