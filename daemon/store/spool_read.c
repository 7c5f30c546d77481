/* See spool.h. Reading on the loop's side: where the next batch is, in memory or in which file, and
 * what there is to say when it is nowhere. A file is read as a whole by the thread pool, which
 * also unpacks its batches, some at a time. The surprising thing: a file can go bad between the
 * start, when it was judged, and now; the rest of it is told as lost, and reading goes on. */
#include "store/spool_priv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The first file with a batch behind (epoch, seq); -1 = none. */
static int file_behind(const struct spool *s, uint32_t epoch, uint64_t seq)
{
    for (int i = 0; i < s->n_files; i++)
        if (s->files[i].last_seq &&
            spool_behind(s->files[i].epoch, s->files[i].last_seq, epoch, seq))
            return i;
    return -1;
}

void spool_load_drop(struct spool *s)
{
    struct spool_load *l = &s->load;
    assert(!l->busy);
    for (; l->at < l->items; l->at++)
        spool_block_let(s, l->item[l->at].block);
    l->first_seq = 0;
}

static void on_loaded(uv_work_t *w, int status)
{
    struct spool *s = w->data;
    (void)status;
    s->load.busy = false;
    if (s->h.readable)
        s->h.readable(s->h.arg);
    if (s->stopping)
        spool_kick(s);
}

/* The next batches behind `seq`, of the file as it is loaded or, with fresh, as it is now. */
static int load(struct spool *s, const struct spool_file *f, uint64_t seq, bool fresh)
{
    struct spool_load *l = &s->load;
    spool_load_drop(s);
    l->epoch = f->epoch;
    l->first_seq = f->first_seq;
    l->bytes = fresh ? f->bytes : l->bytes;
    l->last_seq = fresh ? 0 : l->last_seq;
    l->fresh = fresh;
    l->passed = seq;
    l->at = l->items = l->err = 0;
    l->work.data = s;
    l->busy = true;
    int rc = uv_queue_work(s->c.loop, &l->work, spool_work_load, on_loaded);
    assert(rc == 0);
    return E_AGAIN;
}

/* A file that was good at the start is not any more: the rest of it is given up. */
static int give_up_rest(struct spool *s, int i, int err)
{
    struct spool_file *f = &s->files[i];
    const struct spool_load *l = &s->load;
    uint64_t from = (l->last_seq > l->passed ? l->last_seq : l->passed) + 1;
    from = from > f->first_seq ? from : f->first_seq;
    spool_tell_lost(s, &(struct spool_lost){
                           f->epoch, from, f->last_seq, 0, f->t_from_us, f->t_to_us, {NULL, 0}});
    f->last_seq = from - 1; /* nothing behind it is in this file any more */
    spool_load_drop(s);
    return err;
}

/* From the loaded file i: the first batch behind seq. */
static int read_loaded(struct spool *s, int i, uint64_t seq, struct spool_item *out)
{
    struct spool_load *l = &s->load;
    const struct spool_file *f = &s->files[i];
    if (seq < l->passed) /* asked again for what was passed: start over */
        return load(s, f, seq, true);
    l->passed = seq;
    for (; l->at < l->items && l->item[l->at].batch.seq <= seq; l->at++)
        spool_block_let(s, l->item[l->at].block);
    if (l->at < l->items) {
        *out = l->item[l->at];
        return 1;
    }
    if (l->err == ENOMEM) { /* tried again when somebody asks again */
        spool_load_drop(s);
        return E_AGAIN;
    }
    if (l->err || l->rc < 0)
        return give_up_rest(s, i, l->err ? E_IO : l->rc);
    if (l->rc == 1)
        return load(s, f, seq, false);
    return l->bytes < f->bytes ? load(s, f, seq, true) /* it has grown since it was loaded */
                               : give_up_rest(s, i, E_IO);
}

static int read_disk(struct spool *s, int i, uint32_t epoch, uint64_t seq, struct spool_item *out)
{
    const struct spool_file *f = &s->files[i];
    const struct spool_load *l = &s->load;
    uint64_t want = f->epoch > epoch ? 0 : seq;
    if (l->busy)
        return E_AGAIN;
    if (l->epoch != f->epoch || l->first_seq != f->first_seq)
        return load(s, f, want, true);
    return read_loaded(s, i, want, out);
}

/* Numbers between two batches that no file has: shed, or skipped by a person; told once. */
static void tell_hole(struct spool *s, uint32_t epoch, uint64_t seq, const struct spool_item *got)
{
    uint64_t from = got->epoch == epoch ? seq + 1 : 1;
    if (got->batch.seq == from ||
        !spool_behind(got->epoch, got->batch.seq - 1, s->told_epoch, s->told_seq))
        return;
    if (s->told_epoch == got->epoch && s->told_seq >= from)
        from = s->told_seq + 1;
    if (got->epoch == epoch) /* the first of another epoch: trimmed before, not lost */
        spool_tell_lost(
            s, &(struct spool_lost){got->epoch, from, got->batch.seq - 1, 0, 0, 0, {NULL, 0}});
}

static bool is_given(const struct spool *s, const struct spool_mem *m)
{
    uint64_t upto = s->c.sync_ms == 0 ? s->st.durable_seq : s->st.written_seq;
    return !s->on_disk || m->batch.seq <= upto || s->st.last_errno;
}

int spool_read(struct spool *s, uint32_t epoch, uint64_t seq, struct spool_item *out)
{
    uint64_t want = epoch == s->c.epoch ? seq : 0;
    struct spool_mem *m = spool_mem_behind(s, &s->read, want);
    int i = file_behind(s, epoch, seq), rc = 0;
    bool older = i >= 0 && s->files[i].epoch != s->c.epoch; /* older epochs come first */
    bool on_file =
        older ||
        (i >= 0 && (!m || (m->batch.seq > want + 1 && m->batch.seq > s->files[i].first_seq)));
    if (on_file) {
        rc = read_disk(s, i, epoch, seq, out);
    } else if (m && is_given(s, m)) {
        *out = (struct spool_item){s->c.epoch, {s->head, s->head_len}, m->batch, m->block};
        rc = 1;
    } else if (m) {
        rc = E_AGAIN; /* it is being written */
    }
    if (rc == 1)
        tell_hole(s, epoch, seq, out);
    return rc;
}
