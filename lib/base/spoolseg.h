/* What lies in a segment of the spool: the blocks of base/seglog, each holding one record: first a
 * head (who writes, opaque here), then batches of rows, numbered without a hole. Also how a segment
 * is judged after a crash. Bytes in, bytes out; files are the shell's.
 *   record head   T <t_us> head - 255 <lane> <len>\n<bytes>\n
 *   record batch  T <t_us> batch - 255 <seq>.<rows>.<t_from_us>.<synced> <len>\n<rows>\n    (t_us:
 *                 of the latest row; synced: batches up to it were on the disk before)
 *   row           u32 length of data, u8 stream, i64 t_us (little endian), data */
#ifndef BASE_SPOOLSEG_H
#define BASE_SPOOLSEG_H

#include <string.h>

#include "base/order.h"
#include "base/seglog.h"

#define SPOOL_BATCH_MAX (4u << 20) /* bytes of rows in a batch at most */
#define SPOOL_ROW_HEAD  13

struct spool_row {
    int64_t t_us;
    const uint8_t *data;
    uint32_t len;
    uint8_t stream;
};
/* Appends a row at *len of dst[cap]; E_LIMIT (nothing written) when it does not fit. */
int spool_put_row(uint8_t *dst, size_t cap, size_t *len, const struct spool_row *r) MUST_CHECK;

/* The same for a row whose data already lies at dst + *len + SPOOL_ROW_HEAD; each row of the loop
 * goes through here, so it is to be inlined. */
static inline void spool_put_row_head(uint8_t *dst, size_t *len, const struct spool_row *r)
{
    uint8_t *p = dst + *len;
    uint64_t n = le64(r->len), t = le64((uint64_t)r->t_us);
    memcpy(p, &n, 4);
    p[4] = r->stream;
    memcpy(p + 5, &t, 8);
    *len += SPOOL_ROW_HEAD + r->len;
}

/* 1 = got one and advanced *pos, 0 = end, E_TORN. data is borrowed from raw. */
int spool_get_row(const uint8_t *raw, size_t len, size_t *pos, struct spool_row *out) MUST_CHECK;

struct spool_batch {
    uint64_t seq; /* from 1, in each epoch */
    uint32_t n_rows;
    int64_t t_from_us, t_to_us; /* of its rows */
    struct slice rows;
    uint64_t synced_seq; /* of its segment, when it was written; 0 = nothing yet */
};

/* Bytes of dst that hold any head or batch whose body has so many bytes. */
size_t spool_bound(size_t body_len);

/* Encodes one block into dst; scratch needs body + SEGLOG_HEAD_MAX bytes. Length, or E_*. */
struct spool_head {
    struct slice lane, text; /* text: opaque here */
};
int64_t spool_encode_head(const struct spool_head *h, int level, struct slice scratch, char *dst,
                          size_t cap) MUST_CHECK;
int64_t spool_encode_batch(const struct spool_batch *b, int level, struct slice scratch, char *dst,
                           size_t cap) MUST_CHECK;

/* Walks a segment that is in memory as a whole. */
struct spool_walk {
    const char *p;
    size_t len, at;    /* at: everything before it was good */
    uint64_t last_seq; /* 0 = no batch yet */
    bool begun;        /* the head was read */
    char *raw;         /* the caller's, SEGLOG_BLOCK_MAX bytes */
};
void spool_walk_init(struct spool_walk *w, const char *p, size_t len, char *raw);
/* First call: the head; each next one a batch. 1 = got one, 0 = end (also where a
 * preallocated segment is still zero), E_TORN / E_CRC / E_SYNTAX / E_GAP (numbers do not follow);
 * w->at stays before what is bad. Bodies are borrowed until the next call. */
int spool_walk_head(struct spool_walk *w, struct spool_head *out) MUST_CHECK;
int spool_walk_next(struct spool_walk *w, struct spool_batch *out) MUST_CHECK;

/* Judges a whole segment. What was written and never synced may after a loss of power be there in
 * any parts: a bad block is the begin of a torn tail, whatever follows. It is a corrupt middle when
 * it is known to have been synced: a good batch behind it says so (behind the head: any), or the
 * segment was `sealed` (synced before the next one was begun). */
struct spool_verdict {
    uint64_t first_seq, last_seq, rows; /* 0 = none */
    int64_t t_from_us, t_to_us;
    size_t good_len; /* bytes to keep */
    size_t bad_at;   /* = good_len when anything is bad */
    size_t next_at;  /* corrupt: the good block behind it; 0 = none */
    uint64_t next_seq;
    int err; /* 0 good, E_TORN torn tail, E_CRC corrupt, E_SYNTAX not a segment (no head) */
};
void spool_judge(const char *p, size_t len, bool sealed, char *raw, struct spool_verdict *out);

#endif
