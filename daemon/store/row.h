/* Encoded rows. A row is the values of one stream's columns one after the other, each as
 * PostgreSQL's binary array elements are: four bytes of length (big endian, -1 = NULL), then the
 * bytes. So a batch is made by copying. NAN is NULL, every other double keeps its bits. */
#ifndef DAEMON_STORE_ROW_H
#define DAEMON_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define ROW_MAX 8192 /* bytes of an encoded row; a longer one is refused */

struct row {
    int64_t t_us;   /* the time that chooses its partition */
    uint8_t stream; /* enum stream_id */
    bool full;      /* it did not fit: not to be queued */
    uint32_t len;
    uint8_t data[ROW_MAX];
};

void row_begin(struct row *r, uint8_t stream, int64_t t_us);
void row_null(struct row *r);
void row_f8(struct row *r, double x);
void row_i8(struct row *r, int64_t x);
void row_bool(struct row *r, bool x);
void row_time(struct row *r, int64_t t_us);                      /* 0 = NULL */
void row_text(struct row *r, const char *s);                     /* NULL = NULL */
void row_slice(struct row *r, struct slice s);                   /* p NULL = NULL */
void row_raw(struct row *r, const uint8_t *element, uint32_t n); /* as it is, with its length */

/* Bytes of the value at p, without its length; NULL: 0. */
static inline uint32_t row_element_len(const uint8_t *p)
{
    uint32_t n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return n == UINT32_MAX ? 0 : n;
}

void put_be32(uint8_t *p, uint32_t x);
void put_be64(uint8_t *p, uint64_t x);

#endif
