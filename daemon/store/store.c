/* See store.h. The store's life: queues, when to send, when to come back. Everything happens in
 * loop callbacks; a row is in one of three queues (alerts, marks, bulk), then in the outbox, until
 * its commit is acknowledged. The surprising thing: any failure that is not the fault of a row's
 * content drops the connection; the next one reads the catalogue anew and learns what the last
 * batch came to. */
#include "store/store_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST_MS 500
#define BACKOFF_CAP_MS   30000
#define SCHEMA_OLD_MS    10000
#define REFUSED_MS       60000
#define LOG_AGAIN_US     (INT64_C(600) * 1000000)

const char *store_state_name(enum store_state s)
{
    static const char *const names[] = {"off",   "connecting", "checking",
                                        "ready", "backoff",    "refused"};
    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s] : "?";
}

static int64_t now_us(const struct store *s)
{
    return s->d.now_us(s->d.arg);
}

/* ---- queues --------------------------------------------------------------------------------- */

void store_lost(struct store *s, uint8_t stream, int64_t t_us)
{
    struct lost_rows *l = &s->lost[stream];
    if (l->rows++ == 0)
        l->t_from_us = l->t_to_us = t_us;
    if (t_us < l->t_from_us)
        l->t_from_us = t_us;
    if (t_us > l->t_to_us)
        l->t_to_us = t_us;
    s->st.rows_shed++;
}

static uint32_t queued(const struct store *s)
{
    return s->bulk.rows + s->alerts.rows + s->marks.rows + (uint32_t)outbox_left(&s->out);
}

static void shed_oldest(struct store *s, struct ring *q)
{
    uint8_t stream;
    int64_t t_us;
    if (ring_first(q, &stream, &t_us)) {
        ring_pop(q);
        store_lost(s, stream, t_us);
    }
}

void store_queue(struct store *s, struct ring *q)
{
    if (s->row.full) {
        store_lost(s, s->row.stream, s->row.t_us);
        return;
    }
    while (!ring_push(q, &s->row))
        shed_oldest(s, q);
    uint32_t n = queued(s);
    if (n > s->st.queue_max)
        s->st.queue_max = n;
}

/* ---- filling the outbox --------------------------------------------------------------------- */

/* What was lost since the last batch becomes rows of feed_gap: one for each table. */
static void tell_lost(struct store *s)
{
    for (int i = 0; i < STREAMS; i++) {
        struct lost_rows *l = &s->lost[i];
        if (l->rows == 0)
            continue;
        struct row *r = &s->moved;
        row_begin(r, ST_LOST, l->t_from_us);
        row_time(r, l->t_from_us);
        row_time(r, l->t_to_us);
        row_text(r, "");
        row_text(r, stream_defs[i].table);
        row_text(r, "");
        row_text(r, gap_cause_name(GAP_STORE));
        row_i8(r, (int64_t)l->rows);
        if (!outbox_add(&s->out, r))
            return;
        l->rows = 0;
    }
}

static void move_rows(struct store *s, struct ring *q)
{
    while (ring_peek(q, &s->moved) && outbox_add(&s->out, &s->moved))
        ring_pop(q);
}

static void fill_outbox(struct store *s)
{
    outbox_clear(&s->out);
    tell_lost(s);
    move_rows(s, &s->alerts);
    move_rows(s, &s->marks);
    bool all = store_collect_dims(s);
    if (all)
        move_rows(s, &s->bulk);
    s->more = !all || s->bulk.rows > 0;
    outbox_seal(&s->out);
}

void store_kick(struct store *s)
{
    if (s->st.state != STORE_READY || s->job != JOB_NONE)
        return;
    if (now_us(s) >= s->t_maintenance_us) {
        store_send_maintenance(s);
        return;
    }
    if (outbox_empty(&s->out))
        fill_outbox(s);
    if (!outbox_empty(&s->out))
        store_send_batch(s);
    else if (s->stopping && !s->ended)
        store_send_end(s);
}

static void on_flush(uv_timer_t *t)
{
    store_kick(t->data);
}

/* ---- coming and going ----------------------------------------------------------------------- */

static uint64_t next_random(struct store *s)
{
    s->random ^= s->random << 13; /* xorshift64, only for jitter */
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return s->random;
}

static void connect_now(struct store *s)
{
    s->st.state = STORE_CONNECTING;
    s->st.t_retry_us = 0;
    s->job = JOB_NONE;
    if (db_connect(s->db, s->conninfo, s->application) < 0)
        store_away(s, "out of memory");
}

static void on_retry(uv_timer_t *t)
{
    connect_now(t->data);
}

static uint32_t backoff_ms(struct store *s)
{
    if (s->st.schema_version >= 0 && s->st.schema_version < s->st.schema_wanted)
        return SCHEMA_OLD_MS;
    if (s->st.state == STORE_REFUSED)
        return REFUSED_MS;
    uint32_t n = s->attempt < 8 ? s->attempt : 8;
    uint32_t ms = BACKOFF_FIRST_MS << n;
    if (ms > BACKOFF_CAP_MS)
        ms = BACKOFF_CAP_MS;
    return ms / 2 + (uint32_t)(next_random(s) % (ms / 2));
}

static void announce(struct store *s, const char *why, uint32_t ms)
{
    bool same = s->announced_away && strcmp(why, s->st.last_error) == 0;
    if (same && now_us(s) < s->t_log_us)
        return;
    s->announced_away = true;
    s->t_log_us = now_us(s) + LOG_AGAIN_US;
    log_line(LOG_LV_WARNING, "store: %s; up to %u rows are kept meanwhile, next try in %.1f s", why,
             (unsigned)s->bulk.max_rows, ms / 1000.0);
}

void store_away(struct store *s, const char *why)
{
    db_disconnect(s->db);
    s->job = JOB_NONE;
    s->st.failures++;
    if (s->st.state != STORE_REFUSED)
        s->st.state = STORE_BACKOFF;
    uint32_t ms = backoff_ms(s);
    s->attempt++;
    if (!s->stopping)
        announce(s, why, ms);
    if (why != s->st.last_error)
        snprintf(s->st.last_error, sizeof(s->st.last_error), "%s", why);
    if (s->stopping) { /* one more attempt was made since the stop began */
        store_finish(s);
        return;
    }
    s->st.t_retry_us = now_us(s) + (int64_t)ms * 1000;
    uv_timer_start(&s->retry, on_retry, ms, 0);
}

/* ---- making --------------------------------------------------------------------------------- */

static bool take_memory(struct store *s)
{
    const struct conf *c = s->d.conf;
    s->spans = spans_new();
    return s->spans && ring_init(&s->bulk, c->store_queue_rows, stream_row_bytes()) == 0 &&
           ring_init(&s->alerts, ALERT_ROWS, 512) == 0 &&
           ring_init(&s->marks, MARK_ROWS, 256) == 0 &&
           outbox_init(&s->out, (int)c->store_batch_rows) == 0;
}

static void init_plain(struct store *s, const struct store_deps *d)
{
    s->d = *d;
    snprintf(s->conninfo, sizeof(s->conninfo), "%s", d->conf->db_conninfo);
    s->st.schema_wanted = SCHEMA_VERSION;
    s->st.schema_version = -1;
    s->t_start_us = now_us(s);
    s->next_batch = 1;
    s->random = UINT64_C(0x9e3779b97f4a7c15);
    for (const char *p = d->instance; *p; p++)
        s->random = (s->random ^ (uint64_t)(unsigned char)*p) * UINT64_C(0x100000001b3) + 1;
    for (int i = 0; i < PROCESS_MAX; i++)
        s->process[i] = NAN;
    snprintf(s->application, sizeof(s->application), "cascaded/%s", CASCADED_VERSION);
    assert(store_n_process_metrics <= PROCESS_MAX);
}

static void release(struct store *s)
{
    ring_fini(&s->bulk);
    ring_fini(&s->alerts);
    ring_fini(&s->marks);
    outbox_fini(&s->out);
    spans_free(s->spans);
    free(s);
}

static void start_handles(struct store *s)
{
    uv_timer_t *const timers[] = {&s->flush, &s->retry, &s->stop};
    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        uv_timer_init(s->d.loop, timers[i]);
        timers[i]->data = s;
    }
    s->open_handles = 3;
    if (s->db) {
        uint32_t ms = s->d.conf->store_flush_ms;
        uv_timer_start(&s->flush, on_flush, ms, ms);
        uv_timer_start(&s->retry, on_retry, 0, 0);
        s->open_handles++;
    }
}

struct store *store_new(const struct store_deps *d, char why[160])
{
    bool on = d->conf->db_conninfo[0] != 0;
    if (on && db_check_conninfo(d->conf->db_conninfo, why) < 0)
        return NULL;
    struct store *s = calloc(1, sizeof(*s));
    if (!s) {
        snprintf(why, 160, "store: out of memory");
        return NULL;
    }
    init_plain(s, d);
    s->st.state = on ? STORE_CONNECTING : STORE_OFF;
    struct db_hooks hooks = store_hooks(s);
    if (on && (!take_memory(s) || !(s->db = db_new(d->loop, &hooks)))) {
        snprintf(why, 160, "store: no memory for a queue of %u rows",
                 (unsigned)d->conf->store_queue_rows);
        release(s);
        return NULL;
    }
    start_handles(s);
    return s;
}

void store_free(struct store *s)
{
    if (s)
        release(s);
}

void store_get_status(const struct store *s, struct store_status *out)
{
    *out = s->st;
    out->rows_queued = s->db ? queued(s) : 0;
    if (out->schema_version < 0)
        out->schema_version = 0;
    out->run_id = s->run_id;
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void handle_gone(struct store *s)
{
    if (--s->open_handles == 0)
        s->done(s->done_arg);
}

static void on_timer_closed(uv_handle_t *h)
{
    handle_gone(h->data);
}

static void on_db_closed(void *arg)
{
    struct store *s = arg;
    s->db = NULL;
    handle_gone(s);
}

static void on_finish(uv_timer_t *t)
{
    struct store *s = t->data;
    uint32_t left = s->db ? queued(s) : 0;
    if (left)
        log_line(LOG_LV_WARNING, "store: %u rows were not stored before the end, they are lost",
                 (unsigned)left);
    s->st.state = STORE_OFF;
    if (s->db)
        db_free(s->db, on_db_closed, s);
    uv_close((uv_handle_t *)&s->flush, on_timer_closed);
    uv_close((uv_handle_t *)&s->retry, on_timer_closed);
    uv_close((uv_handle_t *)&s->stop, on_timer_closed);
}

/* From the loop, never from inside a hook of the connection that is to be freed. */
void store_finish(struct store *s)
{
    uv_timer_stop(&s->flush);
    uv_timer_stop(&s->retry);
    uv_timer_start(&s->stop, on_finish, 0, 0);
}

void store_stop(struct store *s, uint32_t deadline_ms, void (*done)(void *arg), void *arg)
{
    assert(!s->stopping);
    s->stopping = true;
    s->t_stop_us = now_us(s);
    s->done = done;
    s->done_arg = arg;
    uv_timer_start(&s->stop, on_finish, s->db ? deadline_ms : 0, 0);
    if (s->st.state == STORE_REFUSED || (s->db && s->run_id == 0 && s->st.state == STORE_BACKOFF)) {
        store_finish(s);
    } else if (s->st.state == STORE_BACKOFF) {
        uv_timer_stop(&s->retry);
        connect_now(s);
    } else {
        store_kick(s);
    }
}
