/* See spool.h. The loop's side but for reading: which batches are in memory, which files there are,
 * what the next job of the thread pool is. One writing job and one loading job run at a time. The
 * surprising thing: a batch leaves memory early only once it is synced, because a failed sync means
 * writing it again. */
#include "store/spool_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_FIRST_MS 200
#define RETRY_CAP_MS   10000

/* --- memory -------------------------------------------------------------------------------- */

static void free_block(struct spool *s)
{
    struct spool_block *b = s->spare.first;
    s->spare.first = b->next;
    s->spare.n--;
    free(b);
}

/* Blocks that were there all the time are more than are needed. Half of them go at a time: a fresh
 * one costs the loop more than writing it does. */
static void look_at_spare(struct spool *s)
{
    struct spool_free *f = &s->spare;
    if (f->n < f->least)
        f->least = f->n;
    if (++f->takes < BLOCK_LOOK)
        return;
    for (uint32_t i = (f->least + 1) / 2; i > 0; i--)
        free_block(s);
    f->takes = 0;
    f->least = f->n;
}

struct spool_block *spool_block_take(struct spool *s, uint32_t cap)
{
    struct spool_block **at = &s->spare.first, *b;
    while (*at && ((*at)->cap < cap || (*at)->cap / 8 * 7 > cap))
        at = &(*at)->next;
    b = *at;
    if (b) {
        *at = b->next;
        s->spare.n--;
    } else if ((b = malloc(sizeof(*b) + cap)) != NULL) {
        b->cap = cap;
    }
    if (b) {
        b->refs = 1;
        b->once = false;
    }
    look_at_spare(s);
    return b;
}

void spool_block_let(struct spool *s, struct spool_block *b)
{
    if (!b || --b->refs > 0)
        return;
    if (b->once || b->cap < BLOCK_KEPT_MIN) {
        free(b);
        return;
    }
    b->next = s->spare.first;
    s->spare.first = b;
    s->spare.n++;
}

static size_t mem_size(const struct spool_mem *m)
{
    return sizeof(*m) + sizeof(*m->block) + m->block->cap;
}

static void drop_first(struct spool *s)
{
    struct spool_mem *m = s->first;
    s->first = m->next;
    if (!s->first)
        s->last = NULL;
    if (s->read == m)
        s->read = NULL;
    if (s->written == m)
        s->written = NULL;
    s->mem_bytes -= mem_size(m);
    spool_block_let(s, m->block);
    free(m);
}

/* Is the oldest batch one that the job under way is writing? Those before it are not its. */
static bool is_being_written(const struct spool *s)
{
    return s->job.busy && s->job.n > 0 && s->first->batch.seq >= s->job.from->batch.seq;
}

/* May the oldest batch leave memory? Only when a file holds it for good. */
static bool may_drop(const struct spool *s)
{
    return s->first && s->first != s->to_write && s->on_disk && !is_being_written(s) &&
           s->first->batch.seq <= s->st.durable_seq;
}

/* Committed elsewhere: not even to be written any more, should the disk have refused it. */
static void trim_memory(struct spool *s, uint64_t seq)
{
    while (s->first && !is_being_written(s) && s->first->batch.seq <= seq) {
        if (s->first == s->to_write)
            s->to_write = s->first->next;
        drop_first(s);
    }
}

static void evict(struct spool *s, size_t need)
{
    while (s->mem_bytes + need > s->c.memory_bytes && may_drop(s))
        drop_first(s);
}

void spool_tell_lost(struct spool *s, const struct spool_lost *l)
{
    s->st.lost_rows += l->rows;
    s->told_epoch = l->epoch;
    s->told_seq = l->last_seq;
    if (s->h.lost)
        s->h.lost(s->h.arg, l);
}

/* Memory is all there is: the oldest goes. What was sent is most likely stored: should it be asked
 * for again, it is told as lost then, see tell_hole. */
static void shed_memory(struct spool *s, size_t need)
{
    while (!s->on_disk && s->first && s->mem_bytes + need > s->c.memory_bytes) {
        const struct spool_batch *b = &s->first->batch;
        const struct spool_lost l = {s->c.epoch,   b->seq,     b->seq, b->n_rows,
                                     b->t_from_us, b->t_to_us, b->rows};
        if (s->to_write == s->first)
            s->to_write = s->first->next;
        if (b->seq > s->sent_seq)
            spool_tell_lost(s, &l);
        drop_first(s);
    }
}

/* The batch as one in memory; NULL when out of memory. */
static struct spool_mem *make_mem(struct spool *s, const struct spool_batch *b,
                                  struct spool_block *block)
{
    struct spool_mem *m = calloc(1, sizeof(*m));
    if (m && block)
        spool_block_hold(block);
    else if (m)
        block = spool_block_take(s, b->rows.len);
    if (!m || !block) {
        free(m);
        return NULL;
    }
    *m = (struct spool_mem){.batch = *b, .block = block};
    if (b->rows.p < (const char *)block->data ||
        b->rows.p >= (const char *)block->data + block->cap)
        m->batch.rows.p = memcpy(block->data, b->rows.p, b->rows.len);
    return m;
}

int spool_append(struct spool *s, const struct spool_batch *b, struct spool_block *block,
                 uint64_t *seq)
{
    size_t need = sizeof(struct spool_mem) + sizeof(*block) + (block ? block->cap : b->rows.len);
    assert(b->rows.len > 0 && b->rows.len <= SPOOL_BATCH_MAX && !s->stopping);
    evict(s, need);
    shed_memory(s, need);
    struct spool_mem *m = s->mem_bytes + need > s->c.memory_bytes ? NULL : make_mem(s, b, block);
    if (!m) {
        s->st.refused++;
        return E_LIMIT;
    }
    m->batch.seq = s->next_seq++;
    s->last ? (s->last->next = m) : (s->first = m);
    s->last = m;
    if (!s->to_write)
        s->to_write = m;
    s->mem_bytes += mem_size(m);
    s->st.batches++;
    s->st.rows += b->n_rows;
    s->st.appended_seq = *seq = m->batch.seq;
    spool_kick(s);
    return 0;
}

/* --- files --------------------------------------------------------------------------------- */

static int64_t disk_bytes(const struct spool *s)
{
    int64_t n = 0;
    for (int i = 0; i < s->n_files; i++)
        n += s->files[i].on_disk;
    return n;
}

static void forget_first_file(struct spool *s)
{
    assert(s->n_drop < (int)(sizeof(s->drop) / sizeof(s->drop[0])));
    s->drop[s->n_drop++] = s->files[0];
    memmove(s->files, s->files + 1, (size_t)--s->n_files * sizeof(*s->files));
}

static bool drop_room(const struct spool *s)
{
    return s->n_drop < (int)(sizeof(s->drop) / sizeof(s->drop[0]));
}

/* Gives the oldest whole segment up. */
static bool shed_file(struct spool *s)
{
    if (s->n_files < (s->writing ? 2 : 1) || !drop_room(s))
        return false;
    struct spool_file f = s->files[0];
    if (s->load.busy && s->load.epoch == f.epoch && s->load.first_seq == f.first_seq)
        return false; /* it is being read: next time */
    while (s->first && f.epoch == s->c.epoch && s->first->batch.seq <= f.last_seq && may_drop(s))
        drop_first(s);
    if (s->load.epoch == f.epoch && s->load.first_seq == f.first_seq)
        spool_load_drop(s);
    forget_first_file(s);
    spool_tell_lost(
        s, &(struct spool_lost){
               f.epoch, f.first_seq, f.last_seq, f.rows, f.t_from_us, f.t_to_us, {NULL, 0}});
    return true;
}

/* The walk is short: the next job takes what there is, but while the disk refuses. */
static int64_t unwritten_bytes(const struct spool *s)
{
    size_t n = 0;
    for (const struct spool_mem *m = s->to_write; m; m = m->next)
        n += mem_size(m);
    return (int64_t)n;
}

static void keep_limits(struct spool *s)
{
    /* What a file holds is in memory only as long as there is room: it is no reason. */
    bool full = s->st.last_errno == ENOSPC && unwritten_bytes(s) > (int64_t)s->c.memory_bytes / 2;
    if (full)
        shed_file(s);
    while ((disk_bytes(s) > s->c.limit_bytes || s->n_files > SPOOL_FILES_MAX - 64) && shed_file(s))
        continue;
}

/* --- writing ------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *t)
{
    struct spool *s = t->data;
    s->sync_due = true;
    spool_kick(s);
}

static void plan_timer(struct spool *s)
{
    if (s->st.last_errno) {
        uint32_t n = s->tries < 6 ? s->tries : 6, ms = RETRY_FIRST_MS << n;
        uv_timer_start(&s->timer, on_timer, ms < RETRY_CAP_MS ? ms : RETRY_CAP_MS, 0);
    } else if (s->st.durable_seq < s->st.written_seq && !uv_is_active((uv_handle_t *)&s->timer)) {
        uv_timer_start(&s->timer, on_timer, s->c.sync_ms, 0);
    }
}

/* Memory may hold very many small batches: nobody walks over those known to lie before. */
struct spool_mem *spool_mem_behind(struct spool *s, struct spool_mem **before, uint64_t seq)
{
    struct spool_mem *m = *before && (*before)->batch.seq <= seq ? *before : s->first;
    for (; m && m->batch.seq <= seq; m = m->next)
        *before = m;
    return m;
}

/* The list of files follows what the job did: ended ones, then the one that is open. */
static void take_files(struct spool *s, const struct spool_job *j)
{
    if (s->writing)
        s->n_files--;
    for (int i = 0; i < j->n_sealed; i++)
        if (j->sealed[i].last_seq && s->n_files < SPOOL_FILES_MAX - 1)
            s->files[s->n_files++] = j->sealed[i];
    s->writing = s->fd >= 0;
    if (s->writing)
        s->files[s->n_files++] = j->file;
}

static void finish(struct spool *s);

static void on_written(uv_work_t *w, int status)
{
    struct spool *s = w->data;
    struct spool_job *j = &s->job;
    uint64_t was = s->st.durable_seq;
    (void)status;
    j->busy = false;
    take_files(s, j);
    if (j->written_seq > s->st.written_seq)
        s->st.written_seq = j->written_seq;
    if (j->synced_seq > s->st.durable_seq)
        s->st.durable_seq = j->synced_seq;
    if (j->err && s->fd < 0) /* cut back: what is behind the last sync is written again */
        s->st.written_seq = s->st.durable_seq;
    s->to_write = spool_mem_behind(s, &s->written, s->st.written_seq);
    s->st.syncs += j->sync && !j->err;
    s->st.errors += j->err != 0;
    int was_errno = s->st.last_errno;
    s->st.last_errno = j->err;
    s->tries = j->err ? s->tries + 1 : 0;
    if (s->h.trouble && was_errno != j->err)
        s->h.trouble(s->h.arg, j->err);
    if (s->st.durable_seq > was && s->h.durable)
        s->h.durable(s->h.arg, s->st.durable_seq);
    trim_memory(s, s->trimmed_seq);
    keep_limits(s);
    plan_timer(s);
    if (s->h.readable)
        s->h.readable(s->h.arg);
    spool_kick(s);
}

/* Gathers the next job; false when there is nothing to do. */
static bool fill_job(struct spool *s)
{
    struct spool_job *j = &s->job;
    size_t bytes = 0;
    j->n = 0;
    j->from = s->to_write;
    for (struct spool_mem *m = j->from; m && bytes < SPOOL_JOB_BYTES; m = m->next, j->n++)
        bytes += m->batch.rows.len;
    j->close = s->stopping && s->writing;
    j->sync = (s->c.sync_ms == 0 && j->n > 0) || s->stopping ||
              (s->sync_due && s->st.durable_seq < s->st.written_seq);
    s->sync_due = false;
    j->n_drop = s->n_drop;
    memcpy(j->drop, s->drop, (size_t)s->n_drop * sizeof(*s->drop));
    s->n_drop = 0;
    return j->n > 0 || j->n_drop > 0 || j->close ||
           (j->sync && s->st.durable_seq < s->st.written_seq);
}

static bool waits_for_retry(const struct spool *s)
{
    return s->st.last_errno && !s->sync_due && !s->stopping;
}

/* Without a folder, memory is all there is: what is in it counts as kept. */
static void on_memory(uv_timer_t *t)
{
    struct spool *s = t->data;
    s->to_write = NULL;
    s->st.written_seq = s->st.durable_seq = s->st.appended_seq;
    if (s->h.durable)
        s->h.durable(s->h.arg, s->st.durable_seq);
    if (s->h.readable)
        s->h.readable(s->h.arg);
}

void spool_kick(struct spool *s)
{
    if (s->job.busy)
        return;
    if (!s->on_disk) {
        if (s->stopping)
            finish(s);
        else
            uv_timer_start(&s->timer, on_memory, 0, 0);
        return;
    }
    if (waits_for_retry(s))
        return;
    if (s->writing)
        s->job.file = s->files[s->n_files - 1];
    s->job.n_sealed = 0;
    s->job.written_seq = s->st.written_seq;
    s->job.synced_seq = s->st.durable_seq;
    bool last_try = s->stopping && s->tries > 2;
    if (last_try || !fill_job(s)) {
        if (s->stopping)
            finish(s);
        return;
    }
    s->job.work.data = s;
    s->job.busy = true;
    int rc = uv_queue_work(s->c.loop, &s->job.work, spool_work_write, on_written);
    assert(rc == 0);
}

/* --- from those who read ------------------------------------------------------------------ */

void spool_sent(struct spool *s, uint32_t epoch, uint64_t seq)
{
    if (epoch == s->c.epoch && seq > s->sent_seq)
        s->sent_seq = seq;
}

void spool_trim(struct spool *s, uint32_t epoch, uint64_t seq)
{
    if (epoch == s->c.epoch) {
        s->trimmed_seq = seq > s->trimmed_seq ? seq : s->trimmed_seq;
        trim_memory(s, seq);
    }
    while (s->n_files > (s->writing ? 1 : 0) && drop_room(s) &&
           !spool_behind(s->files[0].epoch, s->files[0].last_seq, epoch, seq)) {
        if (s->load.epoch == s->files[0].epoch && s->load.first_seq == s->files[0].first_seq) {
            if (s->load.busy)
                break;
            spool_load_drop(s);
        }
        forget_first_file(s);
    }
    spool_kick(s);
}

/* --- life ---------------------------------------------------------------------------------- */

static bool take_memory(struct spool *s, const struct spool_conf *c)
{
    s->head = malloc(c->head.len + 1);
    s->scratch_cap = SPOOL_BATCH_MAX + SEGLOG_HEAD_MAX;
    s->out_cap = spool_bound(SPOOL_BATCH_MAX);
    s->scratch = malloc(s->scratch_cap);
    s->out = malloc(s->out_cap);
    s->files = calloc(SPOOL_FILES_MAX, sizeof(*s->files));
    s->load.raw = malloc(SEGLOG_BLOCK_MAX);
    return s->head && s->scratch && s->out && s->files && s->load.raw;
}

struct spool *spool_open(const struct spool_conf *c, const struct spool_hooks *h, char why[400])
{
    struct spool *s = calloc(1, sizeof(*s));
    assert(c->epoch > 0 && strlen(c->lane) < sizeof(s->lane));
    snprintf(why, 400, "spool: out of memory");
    if (!s)
        return NULL;
    s->c = *c;
    s->h = *h;
    s->fd = s->lock_fd = -1;
    s->next_seq = 1;
    s->st.epoch = c->epoch;
    s->on_disk = c->dir[0] != 0;
    snprintf(s->lane, sizeof(s->lane), "%s", c->lane);
    bool fits = (size_t)snprintf(s->dir, sizeof(s->dir), "%s", c->dir) < sizeof(s->dir);
    if (!fits)
        snprintf(why, 400, "spool: the path of the folder is longer than %zu", sizeof(s->dir));
    if (!fits || !take_memory(s, c) || (s->on_disk && spool_recover(s, why) < 0)) {
        spool_free(s);
        return NULL;
    }
    memcpy(s->head, c->head.p, c->head.len);
    s->head_len = c->head.len;
    uv_timer_init(c->loop, &s->timer);
    s->timer.data = s;
    return s;
}

static void on_closed(uv_handle_t *h)
{
    struct spool *s = h->data;
    s->done(s->done_arg);
}

/* A file whose batches are all committed elsewhere is not needed at the next start. */
static void finish(struct spool *s)
{
    char path[SPOOL_PATH_MAX];
    if (!s->done || s->load.busy || uv_is_closing((uv_handle_t *)&s->timer))
        return;
    while (s->n_files && s->files[0].epoch == s->c.epoch &&
           s->files[0].last_seq <= s->trimmed_seq) {
        spool_path(s, &s->files[0], path);
        unlink(path);
        memmove(s->files, s->files + 1, (size_t)--s->n_files * sizeof(*s->files));
    }
    uv_close((uv_handle_t *)&s->timer, on_closed);
}

void spool_stop(struct spool *s, void (*done)(void *arg), void *arg)
{
    assert(!s->stopping);
    s->stopping = true;
    s->tries = 0;
    s->done = done;
    s->done_arg = arg;
    spool_kick(s);
}

void spool_free(struct spool *s)
{
    if (!s)
        return;
    assert(!s->job.busy && !s->load.busy);
    while (s->first)
        drop_first(s);
    spool_load_drop(s);
    while (s->spare.first)
        free_block(s);
    if (s->fd >= 0)
        close(s->fd);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s->head);
    free(s->scratch);
    free(s->out);
    free(s->files);
    free(s->load.raw);
    free(s->load.data);
    free(s->load.head_copy);
    free(s);
}

void spool_get_status(const struct spool *s, struct spool_status *out)
{
    *out = s->st;
    out->files = (uint64_t)s->n_files;
    out->disk_bytes = disk_bytes(s);
    out->memory_bytes = (int64_t)s->mem_bytes;
    out->memory_limit = (int64_t)s->c.memory_bytes;
    out->waiting_bytes = s->on_disk ? unwritten_bytes(s) : (int64_t)s->mem_bytes;
}
