/* The writer of a lane: rows are gathered into batches (writer_gather.c), batches go to the spool,
 * and from there, in order, over the lane's own connection into the database. In: rows. Out:
 * statements (writer_jobs.c). Where the lane stands is known only to the database; it is asked anew
 * on every connection, so whatever was under way when the last one was lost is either there or sent
 * again.
 */
#include "store/store_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST_MS 500
#define BACKOFF_CAP_MS   30000
#define SCHEMA_OLD_MS    10000
#define REFUSED_MS       60000
#define HELD_US          (INT64_C(60) * 1000000) /* a lane without rows commits nothing for long */
#define LOG_AGAIN_US     (INT64_C(600) * 1000000)

const char *lane_name(enum lane_id id)
{
    return id == LANE_ALERT ? "alert" : "bulk";
}

void writer_pending(struct writer *l, int64_t change)
{
    struct store_status *st = &l->s->st;
    l->pending += change;
    if (l->pending < 0)
        l->pending = 0;
    int64_t all = store_pending(l->s);
    if (all > st->queue_max)
        st->queue_max = all > UINT32_MAX ? UINT32_MAX : (uint32_t)all;
}

/* --- gathered ------------------------------------------------------------------------------ */

static void note_alerts(struct store *s, uint64_t seq)
{
    if (s->n_durable_alerts == DURABLE_ALERTS) /* the last one stands for both */
        s->n_durable_alerts--;
    s->durable_alert[s->n_durable_alerts++] = (struct durable_alert){seq, s->alert_n};
}

static void on_durable(void *arg, uint64_t seq);

/* A disk that refuses must not hold alerts back, nor must memory that is full. */
static bool is_refusing(const struct writer *l)
{
    struct spool_status st;
    spool_get_status(l->spool, &st);
    return st.last_errno != 0;
}

void writer_sealed(struct writer *l, int64_t rows, uint64_t seq)
{
    writer_pending(l, rows);
    if (l->id != LANE_ALERT)
        return;
    note_alerts(l->s, seq);
    if (rows == 0 || is_refusing(l))
        on_durable(l, UINT64_MAX);
}

/* --- what is sent next --------------------------------------------------------------------- */

struct write_pos writer_after(const struct writer *l, struct part p)
{
    if (p.hi == l->out.n && l->out_last)
        return (struct write_pos){l->run_epoch, l->out_seq, 0};
    assert(p.hi > 0);
    const struct packed_row *r = &l->out.rows[p.hi - 1];
    return (struct write_pos){l->run_epoch, r->seq - 1, r->no};
}

void writer_alert_kept(struct writer *l)
{
    struct spool_status st;
    writer_seal(l);
    spool_get_status(l->spool, &st);
    note_alerts(l->s, st.appended_seq);
    on_durable(l, st.last_errno ? UINT64_MAX : st.durable_seq);
}

static void finish_part(struct writer *l)
{
    struct part p = outbox_next(&l->out);
    writer_pending(l, -(int64_t)(p.hi - p.lo));
    if (l->holds == HOLDS_BATCH)
        l->at = writer_after(l, p);
    outbox_accept(&l->out);
    if (!outbox_empty(&l->out))
        return;
    l->holds = HOLDS_NOTHING;
    writer_drop_out(l);
}

void writer_drop_out(struct writer *l)
{
    outbox_drop(&l->out);
    l->sum.part = (struct part){0, 0};
}

void writer_committed(struct writer *l)
{
    struct store *s = l->s;
    struct part p = outbox_next(&l->out);
    bool batch = l->holds == HOLDS_BATCH;
    s->st.rows_written += (uint64_t)(p.hi - p.lo);
    s->st.batches++;
    s->st.t_last_commit_us = store_now(s);
    l->attempt = 0;
    l->misfits = 0;
    l->day_retried = false;
    if (!batch)
        writer_pending(l, p.hi - p.lo); /* catalogue rows were never queued */
    finish_part(l);
    if (batch) {
        l->db_at = l->at;
        l->unsure_rows += p.hi - p.lo;
    }
    if (l->run_epoch == s->d.epoch && batch)
        l->run_rows += p.hi - p.lo;
    if (l->id == LANE_BULK && batch)
        s->hurry = false;
}

void writer_skip(struct writer *l)
{
    if (l->holds != HOLDS_BATCH)
        writer_pending(l, 1);
    finish_part(l);
}

bool writer_is_idle(const struct writer *l)
{
    return l->job == JOB_NONE && l->holds == HOLDS_NOTHING && l->build.n_rows == 0 && !l->reading &&
           pos_is(l->at, l->durable);
}

static bool fill_dims(struct writer *l)
{
    writer_drop_out(l);
    store_collect_dims(l->s);
    outbox_seal(&l->out);
    if (outbox_empty(&l->out))
        return false;
    l->holds = HOLDS_DIMS;
    return true;
}

void writer_settled(struct writer *l)
{
    l->unsure = false;
    l->unsure_rows = 0;
    l->durable = l->at;
    spool_trim(l->spool, l->durable.epoch, l->durable.seq);
}

/* What was passed and never sent needs no commit. */
static bool is_passed_only(const struct writer *l)
{
    return !l->unsure && (l->run_epoch != l->at.epoch || pos_is(l->at, l->db_at));
}

/* Nothing is left to send: the own run is registered, commits are made durable, the end is told. */
static void send_rest(struct writer *l)
{
    struct store *s = l->s;
    int64_t due_us = l->t_durable_us + (int64_t)s->d.conf->store_durable_ms * 1000;
    bool own = l->run_epoch == s->d.epoch;
    if (!own && s->lease.role == ROLE_LEADER && writer_take_head(l, NULL)) {
        writer_send_run(l, l->at.epoch == s->d.epoch ? l->at.seq : 0);
        return;
    }
    if (!pos_is(l->at, l->durable) && is_passed_only(l))
        writer_settled(l);
    if (!pos_is(l->at, l->durable) && (store_now(s) >= due_us || s->stopping)) {
        writer_send_durable(l);
    } else if (s->stopping && l->id == LANE_BULK && !s->ended && own) {
        writer_send_end(l);
    } else {
        s->ended = s->ended || (s->stopping && l->id == LANE_BULK && !own);
        store_writer_idle(s);
    }
}

/* While another one writes, what is certainly its own need not wait for a connection. */
static void pass_by(struct writer *l)
{
    if (l->s->lease.role != ROLE_STANDBY || l->state == STORE_OFF || db_is_held(l->db))
        return;
    l->reading = writer_find(l) == E_AGAIN;
    writer_drop_out(l);
    if (!pos_is(l->at, l->durable) && is_passed_only(l))
        writer_settled(l);
}

/* Catalogues and partitions ahead can wait until one that took over has stored something, and until
 * one that comes back knows that nobody else has taken over. */
static bool may_care(const struct writer *l)
{
    const struct store *s = l->s;
    return l->id == LANE_BULK && store_leads_surely(s) &&
           (!s->hurry || store_now(s) >= s->t_maintenance_us);
}

void writer_kick(struct writer *l)
{
    struct store *s = l->s;
    if (l->job != JOB_NONE || s->finishing)
        return;
    if (l->state != STORE_READY) {
        pass_by(l);
        return;
    }
    if (l->id == LANE_ALERT && store_lease_due(s)) {
        writer_send_lease(l);
        return;
    }
    if (l->id == LANE_ALERT && store_pulse_due(s)) {
        writer_send_pulse(l);
        return;
    }
    if (l->id == LANE_BULK && s->held_up) {
        writer_send_unblock(l);
        return;
    }
    if (!s->lease.known)
        return;
    bool care = may_care(l);
    if (care && store_now(s) >= s->t_maintenance_us) {
        writer_send_maintenance(l);
        return;
    }
    if (l->holds == HOLDS_NOTHING && !(care && fill_dims(l))) {
        int rc = writer_next(l);
        l->reading = rc == E_AGAIN;
        if (rc == 0)
            send_rest(l);
        if (rc != 1 || l->job != JOB_NONE)
            return;
    }
    if (l->holds != HOLDS_NOTHING)
        writer_send_part(l);
}

/* The database has said how far this lane of an epoch is stored. */
void writer_caught(struct writer *l)
{
    struct store *s = l->s;
    l->run_id = l->asked_run;
    l->run_epoch = l->asked_epoch;
    l->at = l->db_at = l->asked;
    if (l->durable.epoch == l->at.epoch && pos_behind(l->durable, l->at))
        l->at = l->durable; /* batches that were passed are gone from the spool */
    l->unsure = true;       /* what is seen there may not be on its disk */
    if (l->asked_epoch != s->d.epoch)
        return;
    if (l->asked_rows > l->run_rows) /* a commit whose end was not heard */
        s->st.rows_written += (uint64_t)(l->asked_rows - l->run_rows);
    l->run_rows = l->asked_rows;
    if (l->id == LANE_BULK)
        s->st.run_id = l->run_id;
}

/* --- coming and going ---------------------------------------------------------------------- */

static void connect_now(struct writer *l)
{
    l->state = STORE_CONNECTING;
    l->job = JOB_NONE;
    if (l->id == LANE_BULK)
        l->s->st.t_retry_us = 0;
    if (db_connect(l->db, l->s->conninfo, l->s->application) < 0)
        writer_away(l, "out of memory");
}

static void on_retry(uv_timer_t *t)
{
    connect_now(t->data);
}

static uint32_t backoff_ms(struct writer *l)
{
    if (l->schema_version >= 0 && l->schema_version < SCHEMA_VERSION)
        return SCHEMA_OLD_MS;
    if (l->state == STORE_REFUSED)
        return REFUSED_MS;
    uint32_t n = l->attempt < 8 ? l->attempt : 8;
    uint32_t ms = BACKOFF_FIRST_MS << n;
    return store_jitter(l->s, ms > BACKOFF_CAP_MS ? BACKOFF_CAP_MS : ms);
}

/* Both lanes lose the same server: the bulk lane speaks, the other one only of what differs. */
static void announce(struct writer *l, const char *why, uint32_t ms)
{
    const struct writer *other = &l->s->writer[LANE_BULK];
    bool same = l->announced_away && strcmp(why, l->last_error) == 0;
    if (same && store_now(l->s) < l->t_log_us)
        return;
    l->announced_away = true;
    l->t_log_us = store_now(l->s) + LOG_AGAIN_US;
    if (l->id == LANE_ALERT && other->announced_away && strcmp(why, other->last_error) == 0)
        return;
    log_line(LOG_LV_WARNING, "store: %s; %s, next try in %.1f s", why,
             l->s->d.conf->spool_dir[0] ? "rows are kept in the spool" : "rows are kept in memory",
             ms / 1000.0);
}

/* What was on its way is in the spool: it is read again, from where the database says. */
void writer_forget(struct writer *l)
{
    if (l->holds == HOLDS_DIMS)
        store_reset_dims(l->s);
    writer_drop_out(l);
    l->holds = HOLDS_NOTHING;
    l->job = JOB_NONE;
    l->run_epoch = 0;
    l->asked_durable = l->unsure = false;
    writer_pending(l, l->unsure_rows); /* they wait again, until the database has said otherwise */
    l->unsure_rows = 0;
    l->at = l->durable;
    l->days = 0;
}

void writer_away(struct writer *l, const char *why)
{
    struct store *s = l->s;
    db_disconnect(l->db);
    writer_forget(l);
    s->st.failures++;
    if (l->state == STORE_READY && store_now(s) - l->t_ready_us > HELD_US)
        l->attempt = 0;
    if (l->state != STORE_REFUSED)
        l->state = STORE_BACKOFF;
    uint32_t ms = backoff_ms(l);
    l->attempt++;
    if (!s->stopping)
        announce(l, why, ms);
    if (why != l->last_error)
        snprintf(l->last_error, sizeof(l->last_error), "%s", why);
    if (s->stopping) { /* one more attempt was made since the stop began */
        store_writer_idle(s);
        return;
    }
    if (l->id == LANE_BULK)
        s->st.t_retry_us = store_now(s) + (int64_t)ms * 1000;
    uv_timer_start(&l->retry, on_retry, ms, 0);
}

/* --- life ---------------------------------------------------------------------------------- */

static void on_durable(void *arg, uint64_t seq)
{
    struct writer *l = arg;
    struct store *s = l->s;
    int n = 0;
    if (l->id != LANE_ALERT)
        return;
    while (n < s->n_durable_alerts && s->durable_alert[n].seq <= seq)
        n++;
    if (n == 0)
        return;
    uint64_t upto = s->durable_alert[n - 1].n;
    s->n_durable_alerts -= n;
    memmove(s->durable_alert, s->durable_alert + n,
            (size_t)s->n_durable_alerts * sizeof(s->durable_alert[0]));
    if (s->d.durable)
        s->d.durable(s->d.arg, upto);
}

static void on_readable(void *arg)
{
    writer_kick(arg);
}

/* A batch was loaded: of one that ends, that is all there was to wait for. */
static void on_loaded(void *arg)
{
    struct writer *l = arg;
    if (l->state == STORE_OFF)
        store_handle_gone(l->s);
    else
        writer_kick(l);
}

static void on_lost(void *arg, const struct spool_lost *x)
{
    struct writer *l = arg;
    if (!x->data.p)
        log_line(
            LOG_LV_ERROR,
            "store: batches %llu to %llu of the %s spool (%llu rows) are given up, see feed_gap",
            (unsigned long long)x->first_seq, (unsigned long long)x->last_seq, lane_name(l->id),
            (unsigned long long)x->rows);
    writer_load_lost(l, x);
    store_lost_batches(l->s, (enum lane_id)l->id, x);
}

/* A disk that refuses must not hold alerts back: they are in memory, and on their way. */
static void on_trouble(void *arg, int err)
{
    struct writer *l = arg;
    if (err)
        log_line(LOG_LV_ERROR, "spool %s, lane %s: %s; rows are kept in memory meanwhile",
                 l->s->d.conf->spool_dir, lane_name(l->id), strerror(err));
    else
        log_line(LOG_LV_NOTICE, "spool %s, lane %s: writes again", l->s->d.conf->spool_dir,
                 lane_name(l->id));
    if (err)
        on_durable(l, UINT64_MAX);
}

static struct spool *open_spool(struct writer *l, struct slice head, char why[400])
{
    const struct conf *c = l->s->d.conf;
    bool alert = l->id == LANE_ALERT;
    const struct spool_conf sc = {.loop = l->s->d.loop,
                                  .dir = c->spool_dir,
                                  .lane = lane_name(l->id),
                                  .head = head,
                                  .epoch = l->s->d.epoch,
                                  .sync_ms = alert ? 0 : c->spool_sync_ms,
                                  .level = (int)c->spool_zstd_level,
                                  .reserve = alert,
                                  .segment_bytes = alert ? 1 << 20 : 16 << 20,
                                  .limit_bytes = (int64_t)c->spool_limit_mb << 20,
                                  .memory_bytes = (size_t)c->store_memory_mb << (alert ? 17 : 20)};
    const struct spool_hooks h = {l, on_durable, on_readable, on_lost, on_trouble};
    return spool_open(&sc, &h, why);
}

int writer_open(struct writer *l, char why[400])
{
    const struct store_deps *d = &l->s->d;
    struct text head;
    char *buf = malloc(SPOOL_HEAD_MAX);
    l->plan = calloc(STREAMS, sizeof(*l->plan));
    l->map = calloc(1, sizeof(*l->map));
    l->schema_version = -1;
    l->load.loaded = on_loaded;
    l->load.arg = l;
    int rows = (int)d->conf->store_batch_rows;
    if (!buf || !l->plan || !l->map || outbox_init(&l->out, rows) < 0 ||
        outbox_init_rows(&l->load.box, rows) < 0) {
        free(buf);
        snprintf(why, 400, "store: out of memory");
        return E_NOMEM;
    }
    text_init(&head, buf, SPOOL_HEAD_MAX);
    const struct spool_writer w = {slice_of(d->instance), slice_of(CASCADED_VERSION),
                                   slice_of(d->conf_text ? d->conf_text : ""), d->epoch,
                                   l->s->t_start_us};
    spool_head_print(&head, &w);
    l->spool = open_spool(l, (struct slice){buf, (uint32_t)head.len}, why);
    free(buf);
    return l->spool ? 0 : E_IO;
}

int writer_start(struct writer *l)
{
    struct db_hooks hooks = writer_hooks(l);
    struct spool_status st;
    l->state = STORE_CONNECTING;
    l->db = db_new(l->s->d.loop, &hooks);
    if (!l->db)
        return E_NOMEM;
    spool_get_status(l->spool, &st);
    writer_pending(l, (int64_t)st.recovered_rows);
    uv_timer_init(l->s->d.loop, &l->retry);
    l->retry.data = l;
    uv_timer_start(&l->retry, on_retry, 0, 0);
    return 0;
}

void writer_release(struct writer *l)
{
    if (l->spool) {
        writer_load_drop(l);
        spool_block_let(l->spool, l->build_block);
    }
    spool_free(l->spool);
    outbox_fini(&l->out);
    outbox_fini(&l->load.box);
    free(l->plan);
    free(l->map);
}
