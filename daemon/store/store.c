/* See store.h. The store's life: two lanes, each with a spool and a connection, and when what is
 * gathered goes to them. Alert transitions, gaps and universe changes are sealed in the loop turn
 * they come in, everything else on an interval. Everything happens in loop callbacks. */
#include "store/store_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *store_state_name(enum store_state s)
{
    static const char *const names[] = {"off",   "connecting", "checking",
                                        "ready", "backoff",    "refused"};
    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s] : "?";
}

int64_t store_now(const struct store *s)
{
    return s->d.now_us(s->d.arg);
}

/* ---- what is queued ------------------------------------------------------------------------- */

int64_t store_pending(const struct store *s)
{
    int64_t n = 0;
    for (int i = 0; i < LANES; i++)
        n += s->writer[i].pending + s->writer[i].build.n_rows;
    return n;
}

static void lose(struct lost_rows *l, uint64_t rows, int64_t t_from_us, int64_t t_to_us)
{
    if (l->rows == 0 || t_from_us < l->t_from_us)
        l->t_from_us = t_from_us;
    if (l->rows == 0 || t_to_us > l->t_to_us)
        l->t_to_us = t_to_us;
    l->rows += rows;
}

void store_lost(struct store *s, uint8_t stream, int64_t t_us)
{
    lose(&s->lost[stream], 1, t_us, t_us);
    s->st.rows_shed++;
}

void store_lost_of(struct store *s, enum lane_id lane, int64_t t_us)
{
    lose(&s->lost[STREAMS + lane], 1, t_us, t_us);
    s->st.rows_shed++;
}

/* Rows that are at hand are counted for their tables; a segment on disk only as a whole, and one
 * that cannot be read by its batches, a lower bound. */
void store_lost_batches(struct store *s, enum lane_id lane, const struct spool_lost *l)
{
    size_t pos = 0;
    struct spool_row r;
    while (l->data.p && spool_get_row((const uint8_t *)l->data.p, l->data.len, &pos, &r) == 1)
        store_lost(s, r.stream, r.t_us); /* in memory: our own streams */
    if (!l->data.p) {
        int64_t from = l->t_from_us ? l->t_from_us : store_now(s);
        uint64_t rows = l->rows ? l->rows : l->last_seq - l->first_seq + 1;
        lose(&s->lost[STREAMS + lane], rows, from, l->t_to_us ? l->t_to_us : from);
        s->st.rows_shed += rows;
    }
    writer_pending(&s->writer[lane], -(int64_t)l->rows);
}

static void on_urgent(uv_timer_t *t)
{
    struct store *s = t->data;
    writer_seal(&s->writer[LANE_ALERT]);
    if (s->hurry)
        writer_seal(&s->writer[LANE_BULK]);
    for (int i = 0; i < LANES; i++)
        writer_kick(&s->writer[i]);
}

void store_kick_soon(struct store *s)
{
    if (!s->finishing && !uv_is_active((uv_handle_t *)&s->urgent))
        uv_timer_start(&s->urgent, on_urgent, 0, 0);
}

void store_begin_row(struct store *s, enum lane_id lane, uint8_t stream, int64_t t_us)
{
    row_begin_at(&s->row, stream, t_us, writer_room(&s->writer[lane]));
}

void store_queue(struct store *s, enum lane_id lane)
{
    if (s->row.full) {
        store_lost(s, s->row.stream, s->row.t_us);
        return;
    }
    writer_add(&s->writer[lane], &s->row);
    if (lane == LANE_ALERT || s->hurry)
        store_kick_soon(s);
}

/* What was lost since the last time becomes rows of feed_gap: one for each table. */
static void tell_lost(struct store *s)
{
    for (int i = 0; i < STREAMS + LANES; i++) {
        struct lost_rows *l = &s->lost[i];
        if (l->rows == 0)
            continue;
        struct row *r = &s->moved;
        row_begin(r, ST_LOST, l->t_from_us);
        row_time(r, l->t_from_us);
        row_time(r, l->t_to_us);
        row_text(r, "");
        row_text(r, i < STREAMS ? stream_defs[i].table : lane_name((enum lane_id)(i - STREAMS)));
        row_text(r, "");
        row_text(r, gap_cause_name(GAP_STORE));
        row_i8(r, (int64_t)l->rows);
        l->rows = 0;
        writer_add(&s->writer[LANE_ALERT], r);
    }
}

static void flush(struct store *s)
{
    store_rows_flush(s);
    store_merge_flush(s, s->stopping);
    tell_lost(s);
    for (int i = 0; i < LANES; i++)
        writer_seal(&s->writer[i]);
    for (int i = 0; i < LANES; i++)
        writer_kick(&s->writer[i]);
}

static void on_flush(uv_timer_t *t)
{
    flush(t->data);
}

uint32_t store_jitter(struct store *s, uint32_t ms)
{
    s->random ^= s->random << 13; /* xorshift64, only for jitter */
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return ms / 2 + (uint32_t)(s->random % (ms / 2));
}

/* ---- making --------------------------------------------------------------------------------- */

static void init_plain(struct store *s, const struct store_deps *d)
{
    s->d = *d;
    snprintf(s->conninfo, sizeof(s->conninfo), "%s", d->conf->db_conninfo);
    snprintf(s->writer_name, sizeof(s->writer_name), "%s", d->conf->store_writer);
    s->st.schema_wanted = SCHEMA_VERSION;
    s->t_start_us = store_now(s);
    s->random = UINT64_C(0x9e3779b97f4a7c15);
    for (const char *p = d->instance; *p; p++)
        s->random = (s->random ^ (uint64_t)(unsigned char)*p) * UINT64_C(0x100000001b3) + 1;
    for (int i = 0; i < PROCESS_MAX; i++)
        s->process[i] = NAN;
    if (d->conf->db_conninfo[0] &&
        lease_open(&s->lease, d->conf->spool_dir, d->instance, s->t_start_us) < 0)
        log_line(LOG_LV_WARNING,
                 "store: " LEASE_NODE
                 " cannot be kept in %s: after a restart rows of before it may "
                 "be taken for another daemon's",
                 d->conf->spool_dir);
    for (int i = 0; i < LANES; i++) {
        s->writer[i].s = s;
        s->writer[i].id = (uint8_t)i;
    }
    snprintf(s->application, sizeof(s->application), "cascaded/%s", CASCADED_VERSION);
    assert(store_n_process_metrics <= PROCESS_MAX);
}

static void forget(void *arg)
{
    (void)arg;
}

static void release(struct store *s)
{
    for (int i = 0; i < LANES; i++)
        writer_release(&s->writer[i]);
    spans_free(s->spans);
    if (s->refused)
        refused_close(s->refused, forget, NULL);
    hot_free(s->hot);
    merge_free(s->merge);
    free(s);
}

static void start_timers(struct store *s)
{
    uv_timer_t *const timers[] = {&s->flush, &s->urgent, &s->stop, &s->probe};
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        uv_timer_init(s->d.loop, timers[i]);
        timers[i]->data = s;
    }
    s->open_handles += (int)(sizeof(timers) / sizeof(timers[0]));
}

static int open_lanes(struct store *s, char why[400])
{
    for (int i = 0; i < LANES; i++) {
        int rc = writer_open(&s->writer[i], why);
        if (rc < 0)
            return rc;
        s->open_spools++;
    }
    for (int i = 0; i < LANES; i++) {
        if (writer_start(&s->writer[i]) < 0) {
            snprintf(why, 400, "store: out of memory");
            return E_NOMEM;
        }
        s->open_handles += 2; /* the connection and its timer */
    }
    return 0;
}

struct store *store_new(const struct store_deps *d, char why[400])
{
    if (d->conf->db_conninfo[0] && db_check_conninfo(d->conf->db_conninfo, why) < 0)
        return NULL;
    struct store *s = calloc(1, sizeof(*s));
    if (!s) {
        snprintf(why, 400, "store: out of memory");
        return NULL;
    }
    init_plain(s, d);
    s->on = d->conf->db_conninfo[0] != 0;
    bool memory = !s->on || ((s->spans = spans_new()) != NULL && store_rows_init(s) == 0 &&
                             (s->refused = refused_new(d->loop, d->conf->spool_dir)) != NULL);
    if (!memory)
        snprintf(why, 400, "store: out of memory");
    if (!memory || (s->on && open_lanes(s, why) < 0)) {
        release(s); /* what was begun on the loop ends with the process: the start has failed */
        return NULL;
    }
    start_timers(s);
    if (s->on)
        uv_timer_start(&s->flush, on_flush, d->conf->store_flush_ms, d->conf->store_flush_ms);
    return s;
}

void store_free(struct store *s)
{
    if (s)
        release(s);
}

void store_get_status(const struct store *s, struct store_status *out)
{
    const struct writer *bulk = &s->writer[LANE_BULK], *alert = &s->writer[LANE_ALERT];
    *out = s->st;
    if (!s->on)
        return;
    bool alert_worse = bulk->state == STORE_READY && alert->state != STORE_READY;
    out->state = alert_worse ? alert->state : bulk->state;
    out->writer = s->writer_name;
    out->role = s->lease.role;
    out->term = lease_term(&s->lease);
    out->t_role_us = s->lease.t_role_us;
    out->clock_known = s->lease.clock_known;
    out->clock_us = s->lease.clock_us;
    int64_t n = store_pending(s);
    out->rows_queued = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    snprintf(out->last_error, sizeof(out->last_error), "%s",
             bulk->last_error[0] ? bulk->last_error : alert->last_error);
    if (s->refused) /* it is closed before the rest */
        out->refused_unkept = refused_dropped(s->refused);
    spool_get_status(bulk->spool, &out->bulk);
    spool_get_status(alert->spool, &out->alert);
}

/* ---- stopping ------------------------------------------------------------------------------- */

void store_handle_gone(struct store *s)
{
    if (--s->open_handles == 0)
        s->done(s->done_arg);
}

static void on_timer_closed(uv_handle_t *h)
{
    store_handle_gone(h->data);
}

static void on_retry_closed(uv_handle_t *h)
{
    store_handle_gone(((struct writer *)h->data)->s);
}

static void on_db_closed(void *arg)
{
    struct writer *l = arg;
    l->db = NULL;
    store_handle_gone(l->s);
}

static void on_refused_closed(void *arg)
{
    struct store *s = arg;
    s->refused = NULL;
    store_handle_gone(s);
}

static void close_all(struct store *s)
{
    if (s->refused) {
        s->open_handles++;
        refused_close(s->refused, on_refused_closed, s);
    }
    for (int i = 0; s->on && i < LANES; i++) {
        s->writer[i].state = STORE_OFF;
        s->open_handles += s->writer[i].load.busy && !s->writer[i].load.ahead;
        db_free(s->writer[i].db, on_db_closed, &s->writer[i]);
        uv_close((uv_handle_t *)&s->writer[i].retry, on_retry_closed);
    }
    uv_close((uv_handle_t *)&s->flush, on_timer_closed);
    uv_close((uv_handle_t *)&s->urgent, on_timer_closed);
    uv_close((uv_handle_t *)&s->stop, on_timer_closed);
    uv_close((uv_handle_t *)&s->probe, on_timer_closed);
}

static void on_spool_stopped(void *arg)
{
    struct store *s = arg;
    if (--s->open_spools == 0)
        close_all(s);
}

/* Nothing more is sent: what is left lies in the spool for the next start, or is lost without one.
 */
static void on_finish(uv_timer_t *t)
{
    struct store *s = t->data;
    if (s->finishing)
        return;
    for (int i = 0; s->on && i < LANES; i++)
        writer_seal(&s->writer[i]);
    s->finishing = true;
    uv_timer_stop(&s->flush);
    uv_timer_stop(&s->urgent);
    uv_timer_stop(&s->probe);
    if (store_pending(s) && s->d.conf->spool_dir[0])
        log_line(LOG_LV_NOTICE, "store: about %lld rows lie in the spool for the next start",
                 (long long)store_pending(s));
    else if (store_pending(s))
        log_line(LOG_LV_WARNING, "store: %lld rows were not stored before the end, they are lost",
                 (long long)store_pending(s));
    if (!s->on)
        close_all(s);
    for (int i = 0; s->on && i < LANES; i++) {
        uv_timer_stop(&s->writer[i].retry);
        spool_stop(s->writer[i].spool, on_spool_stopped, s);
    }
}

/* Told whenever a lane has nothing to do, or lost its connection. */
void store_writer_idle(struct store *s)
{
    bool bulk_done = s->ended && s->writer[LANE_BULK].job == JOB_NONE;
    if (!s->stopping || s->finishing)
        return;
    for (int i = 0; i < LANES; i++) {
        const struct writer *l = &s->writer[i];
        bool away = l->state == STORE_BACKOFF || l->state == STORE_REFUSED;
        bool waited_for = l->pending > 0 && !s->d.conf->spool_dir[0] &&
                          s->lease.role != ROLE_STANDBY; /* it may be connecting, or asking */
        if (!away && (waited_for || !writer_is_idle(l) || (i == LANE_BULK && !bulk_done)))
            return;
    }
    uv_timer_start(&s->stop, on_finish, 0, 0); /* never from inside a hook of a connection */
}

/* One more attempt for a lane that is between two, unless the spool keeps what it has. */
static void try_once_more(struct writer *l)
{
    if (l->state != STORE_BACKOFF || l->s->d.conf->spool_dir[0])
        return;
    uv_timer_start(&l->retry, l->retry.timer_cb, 0, 0);
    l->state = STORE_CONNECTING;
}

void store_stop(struct store *s, uint32_t deadline_ms, void (*done)(void *arg), void *arg)
{
    assert(!s->stopping);
    if (s->on) {
        store_rows_end(s);
        tell_lost(s);
    }
    s->stopping = true;
    s->t_stop_us = store_now(s);
    s->done = done;
    s->done_arg = arg;
    uv_timer_start(&s->stop, on_finish, s->on ? deadline_ms : 0, 0);
    if (!s->on)
        return;
    for (int i = 0; i < LANES; i++)
        try_once_more(&s->writer[i]);
    flush(s);
    store_writer_idle(s);
}
