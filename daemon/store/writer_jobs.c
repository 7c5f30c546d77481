/* What a lane says to the database: a connection first probes for the schema, reads version and
 * columns, registers the run and asks how far the lane is stored, then writes parts of batches.
 * Each job is one group of statements = one transaction = one round trip. Called from db.c's hooks;
 * goes back to writer.c when a job has ended. */
#include "store/store_priv.h"

#include <stdio.h>
#include <string.h>

#define IDLE_MS 60000 /* in a transaction, where hang_ms says never */

void writer_send_group(struct writer *l, enum job job, int rc)
{
    l->job = job;
    if (rc < 0 || db_sync(l->db) < 0)
        writer_away(l, "sending to the database failed");
}

/* ---- a new connection ----------------------------------------------------------------------- */

static const char settings[] =
    "SELECT set_config('timezone', 'UTC', false),"
    " set_config('statement_timeout', '30s', false), set_config('lock_timeout', '10s', false),"
    " set_config('search_path', 'pg_catalog', false),"
    " set_config('synchronous_commit', 'off', false),"
    /* the lock of a host that has vanished falls free after 11 s, not after hours */
    " set_config('tcp_keepalives_idle', '5', false),"
    " set_config('tcp_keepalives_interval', '2', false),"
    " set_config('tcp_keepalives_count', '3', false),"
    " set_config('tcp_user_timeout', '11000', false),"
    /* that of a daemon that hangs, when it has not said for so long that it lives */
    " set_config('idle_in_transaction_session_timeout', $1, false),"
    " set_config('idle_session_timeout', $2, false)";
/* A statement of a daemon that was killed ends, not only the one after it. */
static const char check_setting[] =
    "SELECT set_config('client_connection_check_interval', $1, false)"
    " WHERE version() ~* 'linux|bsd|darwin'"; /* others cannot, and would refuse */

static void on_ready(void *arg)
{
    struct writer *l = arg;
    uint32_t hang_ms = store_hang_ms(l->s);
    char idle[16], hang[16], check[16];
    snprintf(idle, sizeof(idle), "%u", (unsigned)(hang_ms ? hang_ms : IDLE_MS));
    snprintf(hang, sizeof(hang), "%u", (unsigned)(l->id == LANE_ALERT ? hang_ms : 0));
    snprintf(check, sizeof(check), "%u", (unsigned)(l->s->d.conf->store_takeover_ms / 8));
    const struct db_param p[] = {text_param(idle), text_param(hang), text_param(check)};
    l->state = STORE_CHECKING;
    l->found_schema = false;
    writer_lease_lost(l);
    int rc = db_query(l->db, settings, p, 2);
    if (rc >= 0)
        rc = db_query(l->db, "SELECT to_regclass('cascade_risk.schema_migration') IS NOT NULL",
                      NULL, 0);
    if (rc >= 0)
        rc = db_query(l->db, check_setting, p + 2, 1);
    writer_send_group(l, JOB_PROBE, rc);
}

static void ask_catalogue(struct writer *l)
{
    int rc = db_query(l->db, "SELECT coalesce(max(version), 0) FROM cascade_risk.schema_migration",
                      NULL, 0);
    if (rc >= 0)
        rc = db_query(
            l->db,
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = to_regnamespace('cascade_risk') AND c.relkind IN ('p', 'r')"
            " AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped"
            " ORDER BY c.oid, a.attnum",
            NULL, 0);
    for (int i = 0; i < STREAMS; i++)
        memset(l->plan[i].have, 0, sizeof(l->plan[i].have));
    writer_send_group(l, JOB_CATALOGUE, rc);
}

/* Columns come in the order in which this program has added them, nearly: the search goes on behind
 * the last one that was found. */
static void mark_in(struct stream_plan *p, enum stream_id s, const char *column, int *at)
{
    int n = stream_columns(s);
    for (int i = 0; i < n; i++) {
        int c = (*at + i) % n;
        if (strcmp(stream_column(s, c).name, column) == 0) {
            p->have[c] = true;
            *at = c + 1;
            return;
        }
    }
}

static void mark_columns(struct writer *l, const struct db_rows *r)
{
    int at[STREAMS] = {0};
    for (int i = 0; i < db_count(r); i++)
        for (int s = 0; s < STREAMS; s++)
            if (strcmp(stream_defs[s].table, db_text(r, i, 0)) == 0)
                mark_in(&l->plan[s], (enum stream_id)s, db_text(r, i, 1), &at[s]);
}

/* Counts and names the metric columns this database lacks; writes the statements for the others. */
static void make_plans(struct writer *l)
{
    struct text t;
    struct store *s = l->s;
    char missing[sizeof(s->st.missing)];
    uint64_t n_missing = 0;
    text_init(&t, missing, sizeof(missing));
    for (int i = 0; i < STREAMS; i++) {
        for (int c = 0, n = stream_columns((enum stream_id)i); c < n; c++) {
            if (l->plan[i].have[c] || !stream_metric((enum stream_id)i, c))
                continue;
            text_fmt(&t, "%s%s.%s", n_missing++ ? "," : "", stream_defs[i].table,
                     stream_column((enum stream_id)i, c).name);
        }
        stream_plan_sql((enum stream_id)i, &l->plan[i]);
    }
    if (l->id != LANE_BULK)
        return;
    if (n_missing && strcmp(missing, s->st.missing) != 0)
        log_line(LOG_LV_WARNING,
                 "store: the database lacks %llu metric columns (%s%s), they are not stored",
                 (unsigned long long)n_missing, missing, t.full ? ",..." : "");
    s->st.missing_columns = n_missing;
    memcpy(s->st.missing, missing, sizeof(missing));
}

static bool check_version(struct writer *l)
{
    char why[160];
    int version = l->found_schema ? l->schema_version : 0;
    l->schema_version = version;
    l->s->st.schema_version = version;
    if (version > SCHEMA_VERSION) {
        l->state = STORE_REFUSED;
        snprintf(
            why, sizeof(why),
            "the database schema is version %d, newer than this program's %d: nothing is written, "
            "install the newer program",
            version, SCHEMA_VERSION);
    } else if (version < SCHEMA_VERSION) {
        snprintf(why, sizeof(why),
                 "the database schema is version %d, this program needs %d: run `cascadectl schema "
                 "apply`",
                 version, SCHEMA_VERSION);
    } else {
        return true;
    }
    writer_away(l, why);
    return false;
}

static void begin_sending(struct writer *l)
{
    struct store *s = l->s;
    make_plans(l);
    l->days = 0;
    if (s->hurry) /* the other lane was ready first, and has taken over */
        writer_assume_today(l);
    l->state = STORE_READY;
    l->t_ready_us = store_now(s);
    l->last_error[0] = 0;
    l->announced_away = false;
    if (l->id == LANE_BULK) {
        if (s->st.t_ready_us)
            s->st.reconnects++;
        s->st.t_ready_us = store_now(s);
        s->t_maintenance_us = s->hurry ? s->t_maintenance_us : 0;
        store_reset_dims(s);
        log_line(LOG_LV_NOTICE, "store: ready, schema %d, about %lld rows queued",
                 l->schema_version, (long long)store_pending(s));
    }
    writer_kick(l);
}

/* The run whose batches are read, and how its rows are ours; none: the own one. */
bool writer_take_head(struct writer *l, const struct spool_item *it)
{
    const struct store *s = l->s;
    l->map_epoch = it ? it->epoch : s->d.epoch;
    l->from = (struct spool_writer){slice_of(s->d.instance), slice_of(CASCADED_VERSION),
                                    slice_of(s->d.conf_text ? s->d.conf_text : ""), s->d.epoch,
                                    s->t_start_us};
    if (!it)
        spool_map_own(l->map);
    else if (spool_head_parse(it->head, &l->from, l->map) < 0)
        l->map_epoch = 0;
    if (!l->map_epoch)
        writer_away(l, "a head of the spool is not understood: see `cascadectl spool inspect`");
    return l->map_epoch != 0;
}

void writer_send_run(struct writer *l, uint64_t first)
{
    const struct store *s = l->s;
    const struct spool_writer *w = &l->from;
    uint8_t epoch[8], started[8], own[1], before[8];
    /* the lane that tells the end of the run is the one that takes it back */
    own[0] = l->map_epoch == s->d.epoch && l->id == LANE_BULK;
    l->asked_epoch = l->map_epoch;
    const struct db_param p[] = {{OID_TEXT, w->instance.p, w->instance.len},
                                 int_param(epoch, OID_I8, w->epoch),
                                 {OID_TEXT, w->version.p, w->version.len},
                                 time_param(started, w->t_started_us),
                                 {OID_TEXT, w->conf.p, w->conf.len},
                                 {OID_BOOL, own, 1},
                                 text_param(lane_name(l->id)),
                                 int_param(before, OID_I8, (int64_t)first),
                                 text_param(s->writer_name),
                                 text_param(s->lease.node)};
    writer_send_group(l, JOB_RUN,
                      db_query(l->db,
                               "SELECT r, p.seq, p.row_n, p.rows FROM"
                               " cascade_risk.run_open($1::uuid, $2, $3, $4, $5, $6, $9, $10::uuid)"
                               " r, LATERAL cascade_risk.position_get(r, $7, $8) p",
                               p, 10));
}

/* ---- batches -------------------------------------------------------------------------------- */

static int query_stream(struct writer *l, enum stream_id id, struct part p)
{
    uint8_t run[8];
    struct stream_params *q = &l->out.params;
    int n = stream_pack(id, &l->plan[id], l->out.rows + p.lo, p.hi - p.lo, q);
    if (n <= 0)
        return n;
    q->param[0] = int_param(run, OID_I8, l->run_id);
    return db_query(l->db, l->plan[id].sql, q->param, q->n);
}

/* A one-dimensional bigint[2]. */
static struct db_param pos_param(uint8_t buf[44], struct write_pos pos)
{
    const int64_t v[2] = {(int64_t)pos.seq, pos.row};
    put_be32(buf, 1);
    put_be32(buf + 4, 0);
    put_be32(buf + 8, OID_I8);
    put_be32(buf + 12, 2);
    put_be32(buf + 16, 1);
    for (int i = 0; i < 2; i++) {
        put_be32(buf + 20 + 12 * i, 8);
        put_be64(buf + 24 + 12 * i, (uint64_t)v[i]);
    }
    return (struct db_param){OID_I8S, buf, 44};
}

static int query_move(struct writer *l, struct write_pos to, struct part part)
{
    uint8_t run[8], from_buf[44], to_buf[44], n[8], t_row[8], term[8], t_last[8];
    const struct part_sum *m = writer_sum(l, part);
    int64_t rows = part.hi - part.lo, t_row_us = m->latest, t_last_us = m->last_owned;
    uint8_t durable = l->asked_durable;
    struct db_param p[] = {int_param(run, OID_I8, l->run_id),
                           text_param(lane_name(l->id)),
                           pos_param(from_buf, l->db_at),
                           pos_param(to_buf, to),
                           int_param(n, OID_I8, rows),
                           time_param(t_row, t_row_us),
                           {OID_BOOL, &durable, 1},
                           int_param(term, OID_I8, lease_term(&l->s->lease)),
                           time_param(t_last, t_last_us == INT64_MIN ? 0 : t_last_us)};
    if (t_row_us == 0)
        p[5].p = NULL;
    return db_query(l->db, "SELECT cascade_risk.position_move($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    p, 9);
}

static bool durable_due(const struct writer *l)
{
    const struct store *s = l->s;
    return l->id == LANE_ALERT ||
           store_now(s) >= l->t_durable_us + (int64_t)s->d.conf->store_durable_ms * 1000;
}

static int send_copies(struct writer *l, struct part p)
{
    writer_carry(l, p);
    writer_load_ahead(l);
    int rc = db_sync_copy(l->db);
    if (rc < 0)
        writer_let_go(l);
    return rc;
}

/* A part of a batch moves the lane on; catalogue rows are put again by whoever wants to. */
void writer_send_part(struct writer *l)
{
    struct part p = outbox_next(&l->out);
    int rc = 0;
    if (writer_send_day(l, p))
        return;
    bool batch = l->holds == HOLDS_BATCH, copies = batch && writer_copies(l, p);
    l->asked_durable = batch && durable_due(l);
    if (batch)
        spool_sent(l->spool, l->out_epoch, l->out_seq);
    if (copies)
        rc = db_query(l->db, "BEGIN", NULL, 0);
    if (rc >= 0)
        rc = batch ? query_move(l, writer_after(l, p), p) : writer_query_fence(l);
    for (int i = 0; i < STREAMS && rc >= 0; i++)
        if (writer_sum(l, p)->rows[i] && (!copies || !l->plan[i].copy[0]))
            rc = query_stream(l, (enum stream_id)i, p);
    l->job = batch ? JOB_BATCH : JOB_DIMS;
    if (rc >= 0 && copies)
        rc = send_copies(l, p);
    else if (rc >= 0)
        rc = db_sync(l->db);
    if (rc < 0)
        writer_away(l, "sending to the database failed");
}

/* Also moves on behind rows that were given up at the end of what was sent. */
void writer_send_durable(struct writer *l)
{
    l->asked_durable = true;
    struct write_pos to = l->at.epoch == l->run_epoch ? l->at : l->db_at;
    writer_send_group(l, JOB_DURABLE, query_move(l, to, (struct part){0, 0}));
}

/* Every commit before one that waited for the disk is on the disk as well. */
static void became_durable(struct writer *l)
{
    l->unsure = !l->asked_durable;
    if (!l->asked_durable)
        return;
    l->asked_durable = false;
    l->t_durable_us = store_now(l->s);
    writer_settled(l);
}

/* Class 42 says that the statement does not fit this schema: the catalogue is read anew first;
 * after three times the rows of that table are to blame, and the others need not wait for them. */
#define MISFITS_MAX 3
static bool is_misfit(const struct db_fail *f)
{
    return strncmp(f->sqlstate, "42", 2) == 0 && f->stmt > 0;
}

/* Is the failure the fault of what the rows say? Classes: cardinality, data exception, integrity,
 * check option, program limit (an index entry too long), raised by a function. */
static bool is_content(const char *sqlstate)
{
    static const char *const classes[] = {"21", "22", "23", "44", "54", "P0"};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strncmp(sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

static void set_aside(struct writer *l, const struct db_fail *f)
{
    const struct packed_row *r = &l->out.rows[outbox_next(&l->out).lo];
    log_line(LOG_LV_ERROR, "store: a row for %s was refused (%s: %s), set aside",
             stream_defs[r->stream].table, f->sqlstate, f->text);
    l->s->st.rows_refused++;
    refused_put(l->s->refused, r, f);
    store_lost(l->s, r->stream, r->t_us);
    writer_skip(l);
}

static void part_refused(struct writer *l, const struct db_fail *f)
{
    l->s->st.failures++;
    if (strcmp(f->sqlstate, "23514") == 0 && !l->day_retried) {
        l->day_retried = true; /* no partition: retention, or a person, dropped it under us */
        l->days = 0;
    } else if (!outbox_split(&l->out)) {
        set_aside(l, f);
    }
    writer_kick(l);
}

static void part_committed(struct writer *l)
{
    bool batch = l->holds == HOLDS_BATCH;
    writer_committed(l);
    if (batch)
        became_durable(l);
    writer_kick(l);
}

/* ---- the end --------------------------------------------------------------------------------- */

void writer_send_end(struct writer *l)
{
    uint8_t run[8], ended[8];
    const struct db_param p[] = {int_param(run, OID_I8, l->run_id),
                                 time_param(ended, l->s->t_stop_us)};
    l->s->ended = true;
    writer_send_group(l, JOB_END, db_query(l->db, "SELECT cascade_risk.run_end($1, $2)", p, 2));
}

/* ---- hooks ---------------------------------------------------------------------------------- */

static void on_rows(void *arg, int stmt, const struct db_rows *r)
{
    struct writer *l = arg;
    if (l->job == JOB_PROBE && stmt == 1)
        l->found_schema = strcmp(db_text(r, 0, 0), "t") == 0;
    if (l->job == JOB_CATALOGUE && stmt == 0)
        l->schema_version = (int)db_int(r, 0, 0);
    if (l->job == JOB_CATALOGUE && stmt == 1)
        mark_columns(l, r);
    if (l->job == JOB_LEASE || l->job == JOB_PULSE)
        writer_lease_rows(l, stmt, r);
    if (l->job == JOB_UNBLOCK)
        writer_unblock_rows(l, r);
    if (l->job == JOB_RUN) {
        l->asked_run = db_int(r, 0, 0);
        l->asked = (struct write_pos){l->asked_epoch, (uint64_t)db_int(r, 0, 1),
                                      (uint32_t)db_int(r, 0, 2)};
        l->asked_rows = db_int(r, 0, 3);
    }
}

static void on_part_done(struct writer *l, const struct db_fail *f)
{
    if (!f)
        part_committed(l);
    else if (is_content(f->sqlstate) || (is_misfit(f) && ++l->misfits > MISFITS_MAX))
        part_refused(l, f);
    else
        writer_away(l, f->text);
}

static void on_checked(struct writer *l, enum job job)
{
    switch (job) {
    case JOB_PROBE:
        if (l->found_schema)
            ask_catalogue(l);
        else
            check_version(l);
        break;
    case JOB_CATALOGUE:
        if (check_version(l))
            begin_sending(l);
        break;
    case JOB_LEASE:
        writer_lease_answered(l);
        break;
    case JOB_PULSE:
        writer_pulse_answered(l);
        break;
    case JOB_RUN:
        writer_caught(l);
        writer_kick(l);
        break;
    case JOB_DURABLE:
        if (l->at.epoch == l->run_epoch)
            l->db_at = l->at;
        became_durable(l);
        writer_kick(l);
        break;
    case JOB_END:
    case JOB_NONE:
    case JOB_UNBLOCK:
    case JOB_DAYS:
    case JOB_BATCH:
    case JOB_DIMS:
    case JOB_MAINTENANCE:
    case JOB_MEND:
        writer_kick(l);
    }
}

static void on_done(void *arg, const struct db_fail *f)
{
    struct writer *l = arg;
    enum job job = l->job;
    l->job = JOB_NONE;
    if (f && strcmp(f->sqlstate, "CR002") == 0)
        writer_fenced(l);
    else if (job == JOB_BATCH || job == JOB_DIMS)
        on_part_done(l, f);
    else if (job == JOB_MAINTENANCE || job == JOB_MEND)
        writer_maintenance_done(l, job, f);
    else if (f &&
             !(job == JOB_DAYS && is_content(f->sqlstate))) /* a day it refuses: its rows will be */
        writer_away(l, f->text);
    else
        on_checked(l, job);
}

static void on_down(void *arg, const char *why)
{
    char text[200];
    snprintf(text, sizeof(text), "the database is away (%.170s)", why);
    writer_away(arg, text);
}

struct db_hooks writer_hooks(struct writer *l)
{
    return (struct db_hooks){.arg = l,
                             .copy = writer_copy,
                             .meanwhile = writer_meanwhile,
                             .let_go = writer_let_go,
                             .ready = on_ready,
                             .rows = on_rows,
                             .done = on_done,
                             .down = on_down};
}
