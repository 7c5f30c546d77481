/* Gathers the rows of a lane into a batch, in a block that goes to the spool as it is. In: rows,
 * made in place where possible. Out: batches appended. The loop spends most of a row's time here,
 * in memory that is in no cache: a row is written once, and where the next ones will lie is fetched
 * ahead. */
#include "store/store_priv.h"

#include <assert.h>
#include <string.h>

#define BATCH_BYTES (1u << 20)
#define BLOCK_FIRST (64u << 10)
#define BLOCK_STEP  (16u << 10) /* blocks are multiples of it */
#define SHRINK      16          /* one part in so many is given up with each smaller batch */
#define CACHE_LINE  64
#define FETCH_AHEAD (20 * CACHE_LINE) /* about two rows of m_asset */

/* Every row of a batch that cannot be taken is counted for its table. */
static void lose_build(struct writer *l)
{
    size_t pos = 0;
    struct spool_row r;
    while (spool_get_row(l->build_block->data, l->build_len, &pos, &r) == 1)
        store_lost(l->s, r.stream, r.t_us);
}

static uint32_t whole_steps(size_t bytes)
{
    size_t n = (bytes + BLOCK_STEP - 1) / BLOCK_STEP * BLOCK_STEP;
    return n < BATCH_BYTES ? (uint32_t)n : BATCH_BYTES;
}

/* How large the next block is to be: for the largest of the latest batches, and some more. True:
 * that was this one. */
static bool plan_block(struct writer *l)
{
    uint32_t want = (uint32_t)(l->build_len + l->build_len / 8 + ROW_MAX);
    uint32_t less = l->build_cap - l->build_cap / SHRINK;
    l->build_cap = want > less ? want : less;
    return want >= less;
}

/* A block that is well filled goes to the spool as it is; of one that is not, a copy: the batch is
 * small against what comes at other times, or the block is too large, and is not used again. */
static int append_build(struct writer *l, uint64_t *seq)
{
    struct spool_block *b = l->build_block;
    bool whole = l->build_len >= b->cap / 3 * 2;
    l->build.rows = (struct slice){(const char *)b->data, (uint32_t)l->build_len};
    int rc = spool_append(l->spool, &l->build, whole ? b : NULL, seq);
    if (rc < 0)
        lose_build(l);
    bool largest = plan_block(l);
    if (whole || (largest && b->cap > whole_steps(l->build_cap))) {
        spool_block_let(l->spool, b);
        l->build_block = NULL;
    }
    return rc;
}

void writer_seal(struct writer *l)
{
    uint64_t seq = UINT64_MAX;
    if (l->build.n_rows == 0)
        return;
    int rc = append_build(l, &seq);
    int64_t rows = rc < 0 ? 0 : l->build.n_rows;
    l->build.n_rows = 0;
    l->build_len = 0;
    writer_sealed(l, rows, seq);
}

/* A larger block, the rows so far moved into it. */
static bool grow_build(struct writer *l, size_t need)
{
    struct spool_block *was = l->build_block;
    size_t cap = was ? 2 * (size_t)was->cap : l->build_cap ? l->build_cap : BLOCK_FIRST;
    struct spool_block *b = spool_block_take(l->spool, whole_steps(cap > need ? cap : need));
    if (!b)
        return false;
    if (was && l->build_len)
        memcpy(b->data, was->data, l->build_len);
    spool_block_let(l->spool, was);
    l->build_block = b;
    return true;
}

/* Behind the rows of the batch, which is not full. */
static inline bool has_room(const struct writer *l, uint32_t len)
{
    const struct spool_block *b = l->build_block;
    return b && b->cap - l->build_len >= SPOOL_ROW_HEAD + len &&
           l->build.n_rows < l->s->d.conf->store_batch_rows;
}

/* Makes room: a new batch is begun when this one is full; false: no memory. */
static bool make_room(struct writer *l, uint32_t len)
{
    size_t need = l->build_len + SPOOL_ROW_HEAD + len;
    if (l->build.n_rows >= l->s->d.conf->store_batch_rows || need > BATCH_BYTES) {
        writer_seal(l);
        need = SPOOL_ROW_HEAD + len;
    }
    return (l->build_block && l->build_block->cap >= need) || grow_build(l, need);
}

uint8_t *writer_room(struct writer *l)
{
    if (!has_room(l, ROW_MAX) && !make_room(l, ROW_MAX))
        return NULL;
    return l->build_block->data + l->build_len + SPOOL_ROW_HEAD;
}

static void count_row(struct spool_batch *b, int64_t t_us)
{
    if (b->n_rows++ == 0)
        b->t_from_us = b->t_to_us = t_us;
    b->t_from_us = t_us < b->t_from_us ? t_us : b->t_from_us;
    b->t_to_us = t_us > b->t_to_us ? t_us : b->t_to_us;
}

/* A block that comes back was read by other cores since, and fell out of this one's cache. Where
 * the row after the next one will lie is asked for now; measured, a fifth of a row's time. */
static inline void fetch_ahead(const struct writer *l, size_t len)
{
    const struct spool_block *b = l->build_block;
    size_t at = l->build_len + FETCH_AHEAD, end = at + len < b->cap ? at + len : b->cap;
    for (; at < end; at += CACHE_LINE)
        __builtin_prefetch(b->data + at, 1);
}

void writer_add(struct writer *l, const struct row *r)
{
    const struct spool_row in = {r->t_us, r->data, r->len, r->stream};
    bool there = l->build_block && r->data == l->build_block->data + l->build_len + SPOOL_ROW_HEAD;
    if (there) {
        spool_put_row_head(l->build_block->data, &l->build_len, &in);
        fetch_ahead(l, r->len);
    } else if (!has_room(l, r->len) && !make_room(l, r->len)) {
        store_lost(l->s, r->stream, r->t_us);
        return;
    } else {
        int rc = spool_put_row(l->build_block->data, l->build_block->cap, &l->build_len, &in);
        assert(rc == 0);
    }
    count_row(&l->build, r->t_us);
}
