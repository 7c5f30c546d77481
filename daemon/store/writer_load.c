/* Loads what goes into one transaction: all batches that wait, within a limit, their rows as this
 * program's, judged row by row, those that are ours to store in an outbox of their own, and what
 * the statements have to know of them. In: batches of the spool, held, and the lease as it is now,
 * copied. Out: l->load. Few rows are loaded at once, many in the thread pool, where the work never
 * waits for anything, or, while others are on their way, by the thread that carries those. The
 * surprising thing: what was loaded ahead may be out of date when it is wanted: then it is done
 * again. */
#include "store/store_priv.h"

#include <assert.h>

#define POOL_ROWS  64                     /* fewer are not worth the way to the pool */
#define LOAD_BYTES (OUTBOX_BYTES / 3 * 2) /* as values, a run is longer by half at most */

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
static void drop_row(struct load *j, uint64_t seq, uint32_t no)
{
    const struct write_pos at = {j->epoch, seq, no};
    if (!pos_behind(at, j->dropped))
        return;
    j->dropped = at;
    j->n_dropped++;
}

struct place {
    uint64_t seq;
    uint32_t no;
};

/* A row into the outbox, when it is ours to store. */
static enum lease_says load_row(struct load *j, const struct spool_row *in, struct place at,
                                bool *full)
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
        drop_row(j, at.seq, at.no);
    if (says != LEASE_WRITE)
        return says;
    if (r->stream == ST_GAP_END || r->stream == ST_UNKNOWN_END) {
        row_own(r);
        lease_clamp(&j->lease, r);
    }
    *full = !outbox_add(&j->box, r, at.seq, at.no);
    return says;
}

/* False: nothing is to be loaded behind what was. */
static bool load_batch(struct load *j, const struct spool_batch *b, uint32_t from)
{
    size_t pos = 0;
    bool full = false;
    struct place at = {b->seq, 0};
    struct spool_row in;
    while (!full && !j->wait &&
           spool_get_row((const uint8_t *)b->rows.p, b->rows.len, &pos, &in) == 1)
        if (++at.no > from)
            j->wait = load_row(j, &in, at, &full) == LEASE_WAIT;
    j->seq = b->seq;
    j->last = !full;
    return !full && !j->wait;
}

struct load_mark { /* how far it was before a batch */
    int rows;
    uint64_t seq;
    struct write_pos dropped;
    uint32_t n_dropped, n_lost;
};

/* The batch of which nothing can be said yet, or none of whose rows finds room, is not part of it:
 * those before it need not wait. */
static void without(struct load *j, const struct load_mark *before)
{
    outbox_cut(&j->box, before->rows);
    j->dropped = before->dropped;
    j->n_dropped = before->n_dropped;
    j->n_lost = before->n_lost;
    j->seq = before->seq;
    j->last = true;
    j->wait = false;
}

static void load(struct load *j)
{
    bool more = true;
    outbox_drop(&j->box);
    j->n_dropped = j->n_lost = 0;
    j->wait = false;
    for (int k = 0; more && k < j->batches; k++) {
        const struct load_mark before = {j->box.n, j->seq, j->dropped, j->n_dropped, j->n_lost};
        more = load_batch(j, &j->batch[k], k ? 0 : j->from);
        if (k > 0 && (j->wait || (!j->last && j->box.n == before.rows)))
            without(j, &before);
    }
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

/* Their rows are in the outbox now, or nobody wants them. */
static void let_blocks(struct writer *l)
{
    struct load *j = &l->load;
    for (int i = 0; i < j->batches; i++)
        spool_block_let(l->spool, j->block[i]);
    j->batches = 0;
}

static void on_worked(uv_work_t *w, int status)
{
    struct load *j = w->data;
    (void)status;
    j->busy = false;
    j->ready = true;
    let_blocks(j->arg);
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
    assert(!l->load.busy);
    let_blocks(l);
    l->load.ready = false;
}

void writer_load_lost(struct writer *l, const struct spool_lost *x)
{
    struct load *j = &l->load;
    if (j->epoch == x->epoch && j->first <= x->last_seq && j->asked >= x->first_seq)
        j->at.row = UINT32_MAX; /* behind no row there is */
}

/* Are what lies ready the batches behind `at`, judged as they would be now? What nobody could say
 * of may be known meanwhile. */
static bool is_of(const struct writer *l, struct write_pos at)
{
    const struct load *j = &l->load;
    return j->ready && pos_is(j->at, at) && j->epoch == l->map_epoch &&
           lease_is(&j->lease, &l->s->lease);
}

static void hold(struct load *j, const struct spool_item *it)
{
    spool_block_hold(it->block);
    j->batch[j->batches] = it->batch;
    j->block[j->batches++] = it->block;
    j->asked = it->batch.seq;
}

/* More batches of the same epoch, as long as they are at hand and find room in a transaction. */
static void hold_more(struct writer *l)
{
    struct load *j = &l->load;
    struct spool_item it;
    size_t bytes = j->batch[0].rows.len, rows = j->batch[0].n_rows;
    size_t rows_max = l->s->d.conf->store_batch_rows;
    while (j->batches < LOAD_BATCHES && spool_read(l->spool, j->epoch, j->asked, &it) == 1) {
        bytes += it.batch.rows.len;
        rows += it.batch.n_rows;
        if (it.epoch != j->epoch || bytes > LOAD_BYTES || rows > rows_max)
            break;
        hold(j, &it);
    }
}

/* The first one, and what follows it. */
static void prepare(struct writer *l, const struct spool_item *it, struct write_pos at)
{
    struct load *j = &l->load;
    bool next = it->epoch == at.epoch && it->batch.seq == at.seq + 1;
    j->epoch = it->epoch;
    j->first = it->batch.seq;
    hold(j, it);
    hold_more(l);
    j->at = at;
    j->from = next ? at.row : 0;
    j->lease = l->s->lease;
    j->now_us = store_now(l->s);
    j->dropped = l->dropped;
    j->map = l->map;
}

static size_t rows_of(const struct load *j)
{
    size_t n = 0;
    for (int i = 0; i < j->batches; i++)
        n += j->batch[i].n_rows;
    return n;
}

static void begin(struct writer *l)
{
    struct load *j = &l->load;
    j->work.data = j;
    if (rows_of(j) < POOL_ROWS) {
        load(j);
        let_blocks(l);
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
    prepare(l, &it, at);
    begin(l);
    return j->ready ? 1 : E_AGAIN;
}

/* Only what costs nothing to be wrong about: many rows of the run that is being sent. */
void writer_load_ahead(struct writer *l)
{
    struct load *j = &l->load;
    const struct write_pos at = {l->run_epoch, l->out_seq, 0};
    struct spool_item it;
    if (!l->out_last || j->busy || is_of(l, at) || l->run_epoch != l->map_epoch)
        return;
    writer_load_drop(l);
    if (spool_read(l->spool, at.epoch, at.seq, &it) != 1 || it.epoch != l->map_epoch ||
        it.batch.n_rows < POOL_ROWS)
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
    let_blocks(l);
    j->busy = j->ahead = false;
    j->ready = j->done;
}

bool writer_load_take(struct writer *l)
{
    struct load *j = &l->load;
    struct store *s = l->s;
    assert(j->ready && outbox_empty(&l->out));
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
    l->out_epoch = j->epoch;
    l->out_first = j->first;
    l->out_seq = j->seq;
    l->out_last = j->last;
    writer_load_drop(l);
    return true;
}

const struct part_sum *writer_sum(struct writer *l, struct part p)
{
    if (p.lo == p.hi || l->sum.part.lo != p.lo || l->sum.part.hi != p.hi)
        sum_rows(&l->sum, &l->out, p);
    return &l->sum;
}
