/* Loads a batch for sending: its rows as this program's, judged row by row, those that are ours to
 * store in an outbox of their own, and what the statements have to know of them. In: a batch of the
 * spool, held, and the lease as it is now, copied. Out: l->load. Small batches are loaded at once,
 * large ones in the thread pool, where the work never waits for anything, or, while one is on its
 * way, by the thread that carries it. The surprising thing: what was loaded ahead may be out of
 * date when it is wanted: then it is done again. */
#include "store/store_priv.h"

#include <assert.h>

#define POOL_ROWS 64 /* fewer are not worth the way to the pool */

/* --- in the pool ----------------------------------------------------------------------------- */

/* More days than there is room for: their partitions are not looked for, the part is refused and
 * halved until they fit. */
static void sum_day(struct part_sum *m, int64_t day)
{
    for (int i = m->days - 1; i >= 0; i--)
        if (m->day[i] == day)
            return;
    if (m->days < DAYS_KNOWN)
        m->day[m->days++] = day;
}

static void sum_row(struct part_sum *m, const struct packed_row *r)
{
    int64_t owned = lease_time(r->stream, r->t_us, r->data, r->len);
    m->rows[r->stream]++;
    m->latest = r->t_us > m->latest ? r->t_us : m->latest;
    m->last_owned = owned > m->last_owned ? owned : m->last_owned;
    if (stream_defs[r->stream].fact)
        sum_day(m, writer_day(r->t_us));
}

static void sum_rows(struct part_sum *m, const struct outbox *o, struct part p)
{
    *m = (struct part_sum){.part = p, .last_owned = INT64_MIN};
    for (int i = p.lo; i < p.hi; i++)
        sum_row(m, &o->rows[i]);
}

/* A row of another daemon's time; one that is read again counts once. */
static void drop_row(struct load *j, uint32_t no)
{
    const struct write_pos at = {j->it.epoch, j->it.batch.seq, no};
    if (!pos_behind(at, j->dropped))
        return;
    j->dropped = at;
    j->n_dropped++;
}

/* A row of the batch into the outbox, when it is ours to store. */
static enum lease_says load_row(struct load *j, const struct spool_row *in, uint32_t no, bool *full)
{
    struct row *r = &j->row;
    int rc = spool_map_row(j->map, in, r);
    if (rc < 0) { /* not a row of its head: cannot happen */
        j->n_lost++;
        j->t_lost_us = in->t_us;
    }
    if (rc != 1)
        return LEASE_DROP;
    int64_t t_us = lease_time(r->stream, r->t_us, r->data, r->len);
    enum lease_says says = lease_judge(&j->lease, t_us, j->now_us);
    if (says == LEASE_DROP)
        drop_row(j, no);
    if (says != LEASE_WRITE)
        return says;
    if (r->stream == ST_GAP_END || r->stream == ST_UNKNOWN_END) {
        row_own(r);
        lease_clamp(&j->lease, r);
    }
    *full = !outbox_add(&j->box, r, no);
    return says;
}

static void load(struct load *j)
{
    size_t pos = 0;
    bool full = false;
    uint32_t no = 0;
    struct spool_row in;
    const struct slice rows = j->it.batch.rows;
    outbox_drop(&j->box);
    j->n_dropped = j->n_lost = 0;
    j->wait = false;
    while (!full && !j->wait && spool_get_row((const uint8_t *)rows.p, rows.len, &pos, &in) == 1)
        if (++no > j->from)
            j->wait = load_row(j, &in, no, &full) == LEASE_WAIT;
    j->last = !full;
    sum_rows(&j->sum, &j->box, (struct part){0, j->box.n});
    outbox_seal(&j->box);
}

static void on_work(uv_work_t *w)
{
    load(w->data);
}

void writer_meanwhile(void *arg)
{
    struct load *j = &((struct writer *)arg)->load;
    if (!j->ahead)
        return;
    load(j);
    j->done = true;
}

/* --- on the loop ----------------------------------------------------------------------------- */

static void on_worked(uv_work_t *w, int status)
{
    struct load *j = w->data;
    (void)status;
    j->busy = false;
    j->ready = true;
    j->loaded(j->arg);
}

static bool lease_is(const struct lease *a, const struct lease *b)
{
    return a->role == b->role && a->known == b->known && a->asking == b->asking &&
           a->t_from_us == b->t_from_us && a->n == b->n &&
           memcmp(a->window, b->window, (size_t)a->n * sizeof(a->window[0])) == 0;
}

void writer_load_drop(struct writer *l)
{
    struct load *j = &l->load;
    assert(!j->busy);
    spool_block_let(l->spool, j->it.block);
    j->it.block = NULL;
    j->ready = false;
}

void writer_load_lost(struct writer *l, const struct spool_lost *x)
{
    struct load *j = &l->load;
    uint64_t seq = j->it.batch.seq;
    if (j->it.epoch == x->epoch && seq >= x->first_seq && seq <= x->last_seq)
        j->at.row = UINT32_MAX; /* behind no row there is */
}

/* Is what lies ready the batch behind `at`, judged as it would be now? What nobody could say of may
 * be known meanwhile. */
static bool is_of(const struct writer *l, struct write_pos at)
{
    const struct load *j = &l->load;
    return j->ready && pos_is(j->at, at) && j->it.epoch == l->map_epoch &&
           lease_is(&j->lease, &l->s->lease);
}

static void prepare(struct writer *l, const struct spool_item *it, struct write_pos at)
{
    struct load *j = &l->load;
    j->it = *it;
    bool next = j->it.epoch == at.epoch && j->it.batch.seq == at.seq + 1;
    j->at = at;
    j->from = next ? at.row : 0;
    j->lease = l->s->lease;
    j->now_us = store_now(l->s);
    j->dropped = l->dropped;
    j->map = l->map;
}

static void begin(struct writer *l)
{
    struct load *j = &l->load;
    j->work.data = j;
    if (j->it.batch.n_rows < POOL_ROWS) {
        load(j);
        j->ready = true;
        return;
    }
    j->busy = true;
    int rc = uv_queue_work(l->s->d.loop, &j->work, on_work, on_worked);
    assert(rc == 0);
}

int writer_load(struct writer *l, struct write_pos at)
{
    struct load *j = &l->load;
    struct spool_item it;
    if (j->busy)
        return E_AGAIN;
    if (is_of(l, at))
        return 1;
    writer_load_drop(l);
    int rc = spool_read(l->spool, at.epoch, at.seq, &it);
    if (rc != 1)
        return rc;
    if (it.epoch != l->map_epoch && !writer_take_head(l, &it))
        return E_AGAIN;
    if (spool_keep(l->spool, &it) < 0) {
        writer_away(l, "out of memory");
        return E_AGAIN;
    }
    prepare(l, &it, at);
    begin(l);
    return j->ready ? 1 : E_AGAIN;
}

/* Only what costs nothing to be wrong about: a large batch of the run that is being sent. */
void writer_load_ahead(struct writer *l)
{
    struct load *j = &l->load;
    const struct write_pos at = {l->run_epoch, l->out_seq, 0};
    struct spool_item it;
    if (!l->out_last || j->busy || is_of(l, at) || l->run_epoch != l->map_epoch)
        return;
    writer_load_drop(l);
    if (spool_read(l->spool, at.epoch, at.seq, &it) != 1 || it.epoch != l->map_epoch ||
        it.batch.n_rows < POOL_ROWS || spool_keep(l->spool, &it) < 0)
        return;
    prepare(l, &it, at);
    j->busy = j->ahead = true;
    j->done = false;
}

void writer_load_back(struct writer *l)
{
    struct load *j = &l->load;
    if (!j->ahead)
        return;
    j->busy = j->ahead = false;
    j->ready = j->done;
}

bool writer_load_take(struct writer *l)
{
    struct load *j = &l->load;
    struct store *s = l->s;
    assert(j->ready && outbox_empty(&l->out) && !l->out_block);
    if (j->wait) { /* judged anew when it is asked for again */
        writer_load_drop(l);
        return false;
    }
    for (uint32_t i = 0; i < j->n_lost; i++)
        store_lost_of(s, (enum lane_id)l->id, j->t_lost_us);
    l->dropped = j->dropped;
    s->st.rows_dropped += j->n_dropped;
    writer_pending(l, -(int64_t)j->n_dropped);
    outbox_exchange(&l->out, &j->box);
    l->sum = j->sum;
    l->out_epoch = j->it.epoch;
    l->out_seq = j->it.batch.seq;
    l->out_n = j->it.batch.n_rows;
    l->out_last = j->last;
    if (!outbox_empty(&l->out)) {
        l->out_block = j->it.block;
        j->it.block = NULL;
    }
    writer_load_drop(l);
    return true;
}

const struct part_sum *writer_sum(struct writer *l, struct part p)
{
    if (p.lo == p.hi || l->sum.part.lo != p.lo || l->sum.part.hi != p.hi)
        sum_rows(&l->sum, &l->out, p);
    return &l->sum;
}
