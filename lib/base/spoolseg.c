/* See spoolseg.h. Nothing is allocated here but zstd's own working memory. The surprising thing:
 * the end of a preallocated segment is zeros, which is an end and not a fault. */
#include "base/spoolseg.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"

#define SECTOR 512 /* what a disk writes as a whole, at the least */

/* --- rows --- */

static uint64_t get_le(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return le64(v);
}

int spool_put_row(uint8_t *dst, size_t cap, size_t *len, const struct spool_row *r)
{
    uint8_t *p = dst + *len;
    if (cap - *len < SPOOL_ROW_HEAD || cap - *len - SPOOL_ROW_HEAD < r->len)
        return E_LIMIT;
    memcpy(p + SPOOL_ROW_HEAD, r->data, r->len);
    spool_put_row_head(dst, len, r);
    return 0;
}

int spool_get_row(const uint8_t *raw, size_t len, size_t *pos, struct spool_row *out)
{
    const uint8_t *p = raw + *pos;
    if (*pos == len)
        return 0;
    if (len - *pos < SPOOL_ROW_HEAD)
        return E_TORN;
    uint32_t n = (uint32_t)get_le(p, 4);
    if (len - *pos - SPOOL_ROW_HEAD < n)
        return E_TORN;
    *out = (struct spool_row){(int64_t)get_le(p + 5, 8), p + SPOOL_ROW_HEAD, n, p[4]};
    *pos += SPOOL_ROW_HEAD + n;
    return 1;
}

/* --- records --- */

size_t spool_bound(size_t body_len)
{
    return seglog_bound(body_len + SEGLOG_HEAD_MAX) + SEGLOG_MAGIC_LEN;
}

static int64_t encode(const struct seglog_record *r, int level, struct slice scratch, char *dst,
                      size_t cap)
{
    size_t n = 0;
    char *raw = (char *)(uintptr_t)scratch.p;
    int rc = seglog_put(raw, scratch.len, &n, r);
    return rc < 0 ? rc : seglog_encode(raw, n, level, dst, cap);
}

int64_t spool_encode_head(const struct spool_head *h, int level, struct slice scratch, char *dst,
                          size_t cap)
{
    struct seglog_record r = {0, SLICE("head"), SLICE("-"), 255, h->lane, h->text};
    if (cap < SEGLOG_MAGIC_LEN)
        return E_LIMIT;
    memcpy(dst, SEGLOG_MAGIC, SEGLOG_MAGIC_LEN);
    int64_t n = encode(&r, level, scratch, dst + SEGLOG_MAGIC_LEN, cap - SEGLOG_MAGIC_LEN);
    return n < 0 ? n : n + SEGLOG_MAGIC_LEN;
}

int64_t spool_encode_batch(const struct spool_batch *b, int level, struct slice scratch, char *dst,
                           size_t cap)
{
    char req[4 * NUM_PRINT_MAX];
    int64_t field[4] = {(int64_t)b->seq, b->n_rows, b->t_from_us, (int64_t)b->synced_seq};
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        n += (size_t)num_print_i64(req + n, field[i]);
        req[n++] = '.';
    }
    struct seglog_record r = {b->t_to_us, SLICE("batch"),         SLICE("-"),
                              255,        {req, (uint32_t)n - 1}, b->rows};
    return encode(&r, level, scratch, dst, cap);
}

/* "<seq>.<rows>.<t_from_us>.<synced>" */
static int read_numbers(struct slice req, struct spool_batch *b)
{
    int64_t field[4];
    for (int i = 0; i < 4; i++) {
        const char *dot = i < 3 ? memchr(req.p, '.', req.len) : req.p + req.len;
        uint32_t n = dot ? (uint32_t)(dot - req.p) : 0;
        if (!dot || num_parse_i64(req.p, n, &field[i]) < 0)
            return E_SYNTAX;
        if (i < 3)
            req = (struct slice){dot + 1, req.len - n - 1};
    }
    if (field[0] < 1 || field[1] < 0 || field[1] > UINT32_MAX || field[3] < 0)
        return E_SYNTAX;
    b->seq = (uint64_t)field[0];
    b->n_rows = (uint32_t)field[1];
    b->t_from_us = field[2];
    b->synced_seq = (uint64_t)field[3];
    return 0;
}

/* --- walking --- */

void spool_walk_init(struct spool_walk *w, const char *p, size_t len, char *raw)
{
    *w = (struct spool_walk){.p = p, .len = len, .raw = raw};
}

static bool all_zero(const char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* One block with one record at `at`; *next: behind it. 1, 0 = end. */
static int read_block(const struct spool_walk *w, size_t at, struct seglog_record *r, size_t *next)
{
    size_t raw_len, pos = 0;
    if (all_zero(w->p + at, w->len - at))
        return 0;
    int64_t n = seglog_decode(w->p + at, w->len - at, w->raw, SEGLOG_BLOCK_MAX, &raw_len);
    if (n < 0)
        return (int)n;
    int rc = seglog_get(w->raw, raw_len, &pos, r);
    if (rc <= 0 || pos != raw_len)
        return rc < 0 ? rc : E_SYNTAX;
    *next = at + (size_t)n;
    return 1;
}

int spool_walk_head(struct spool_walk *w, struct spool_head *out)
{
    struct seglog_record r;
    size_t next;
    size_t mark = w->len < SEGLOG_MAGIC_LEN ? w->len : SEGLOG_MAGIC_LEN;
    if (memcmp(w->p, SEGLOG_MAGIC, mark) != 0) /* a first sector that never came */
        return all_zero(w->p, w->len < SECTOR ? w->len : SECTOR) ? E_TORN : E_SYNTAX;
    if (w->len < SEGLOG_MAGIC_LEN)
        return E_TORN;
    int rc = read_block(w, SEGLOG_MAGIC_LEN, &r, &next);
    if (rc <= 0)
        return rc < 0 ? rc : E_TORN;
    if (!slice_is(r.kind, "head"))
        return E_SYNTAX;
    *out = (struct spool_head){r.req, r.body};
    w->begun = true;
    w->at = next;
    return 1;
}

static int read_batch(const struct spool_walk *w, size_t at, struct spool_batch *out, size_t *next)
{
    struct seglog_record r;
    struct spool_batch b = {0};
    int rc = read_block(w, at, &r, next);
    if (rc <= 0)
        return rc;
    if (!slice_is(r.kind, "batch") || read_numbers(r.req, &b) < 0)
        return E_SYNTAX;
    b.t_to_us = r.t_us;
    b.rows = r.body;
    *out = b;
    return 1;
}

int spool_walk_next(struct spool_walk *w, struct spool_batch *out)
{
    struct spool_batch b;
    size_t next;
    assert(w->begun);
    int rc = read_batch(w, w->at, &b, &next);
    if (rc <= 0)
        return rc;
    if (w->last_seq && b.seq != w->last_seq + 1)
        return E_GAP;
    w->last_seq = b.seq;
    w->at = next;
    *out = b;
    return 1;
}

/* --- judging --- */

/* The next place behind `from` where a whole good batch with a higher number begins; 0 = none.
 * *synced: one of all that follow was written when what is bad had been synced. */
static size_t find_good(const struct spool_walk *w, size_t from, uint64_t *seq, bool *synced)
{
    struct spool_batch b;
    size_t next, found = 0;
    for (size_t at = from; at + 4 <= w->len && !(*synced && found);) {
        const char *p = memchr(w->p + at, 'S', w->len - at);
        if (!p || w->len - (size_t)(p - w->p) < 4)
            break;
        at = (size_t)(p - w->p);
        if (memcmp(p, "SBLK", 4) != 0 || read_batch(w, at, &b, &next) != 1 ||
            b.seq <= w->last_seq) {
            at++;
            continue;
        }
        *seq = found ? *seq : b.seq;
        found = found ? found : at;
        *synced = *synced || b.synced_seq > w->last_seq;
        at = next;
    }
    return found;
}

static void note_batch(struct spool_verdict *v, const struct spool_batch *b)
{
    if (v->first_seq == 0) {
        v->first_seq = b->seq;
        v->t_from_us = b->t_from_us;
        v->t_to_us = b->t_to_us;
    }
    v->last_seq = b->seq;
    v->rows += b->n_rows;
    if (b->t_from_us < v->t_from_us)
        v->t_from_us = b->t_from_us;
    if (b->t_to_us > v->t_to_us)
        v->t_to_us = b->t_to_us;
}

void spool_judge(const char *p, size_t len, bool sealed, char *raw, struct spool_verdict *out)
{
    struct spool_walk w;
    struct spool_batch b;
    struct spool_head head;
    *out = (struct spool_verdict){0};
    spool_walk_init(&w, p, len, raw);
    int rc = spool_walk_head(&w, &head);
    while (rc == 1 && (rc = spool_walk_next(&w, &b)) == 1)
        note_batch(out, &b);
    out->good_len = out->bad_at = w.at;
    if (rc == 0)
        return;
    if (!w.begun && rc == E_SYNTAX) {
        out->err = E_SYNTAX;
        return;
    }
    bool synced = sealed;
    size_t good = find_good(&w, w.at + 1, &out->next_seq, &synced);
    if (!w.begun && good) /* the head is synced before any batch is written */
        synced = true;
    out->err = synced ? E_CRC : E_TORN;
    out->next_at = synced ? good : 0;
    out->next_seq = synced ? out->next_seq : 0;
}
