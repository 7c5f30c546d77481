/* What is said to the database: a connection first probes for the schema, reads version and
 * columns, registers the run, then writes batches. Each job is one group of statements = one
 * transaction = one round trip. Called from db.c's hooks; goes back to store.c when a job has
 * ended. */
#include "store/store_priv.h"

#include <stdio.h>
#include <string.h>

#define DAY_US INT64_C(86400000000)

static int64_t now_us(const struct store *s)
{
    return s->d.now_us(s->d.arg);
}

/* A parameter in binary form, its bytes in the caller's buffer. */
static struct db_param int_param(uint8_t buf[8], uint32_t oid, int64_t x)
{
    put_be64(buf, (uint64_t)x);
    return (struct db_param){oid, buf, 8};
}

static struct db_param text_param(const char *text)
{
    return (struct db_param){OID_TEXT, text, strlen(text)};
}

static struct db_param time_param(uint8_t buf[8], int64_t t_us)
{
    return int_param(buf, OID_TIME, t_us - INT64_C(946684800000000));
}

static void send_group(struct store *s, enum job job, int rc)
{
    s->job = job;
    if (rc < 0 || db_sync(s->db) < 0)
        store_away(s, "sending to the database failed");
}

/* ---- a new connection ----------------------------------------------------------------------- */

static void on_ready(void *arg)
{
    struct store *s = arg;
    static const char *const sql[] = {
        "SELECT set_config('timezone', 'UTC', false), set_config('statement_timeout', '30s', "
        "false),"
        " set_config('lock_timeout', '10s', false), set_config('search_path', 'pg_catalog', false),"
        " set_config('idle_in_transaction_session_timeout', '60s', false)",
        "SELECT to_regclass('cascade_risk.schema_migration') IS NOT NULL"};
    s->st.state = STORE_CHECKING;
    s->found_schema = false;
    int rc = db_query(s->db, sql[0], NULL, 0);
    if (rc >= 0)
        rc = db_query(s->db, sql[1], NULL, 0);
    send_group(s, JOB_PROBE, rc);
}

static void ask_catalogue(struct store *s)
{
    int rc = db_query(s->db, "SELECT coalesce(max(version), 0) FROM cascade_risk.schema_migration",
                      NULL, 0);
    if (rc >= 0)
        rc = db_query(
            s->db,
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = to_regnamespace('cascade_risk') AND c.relkind IN ('p', 'r')"
            " AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped",
            NULL, 0);
    for (int i = 0; i < STREAMS; i++)
        memset(s->plan[i].have, 0, sizeof(s->plan[i].have));
    send_group(s, JOB_CATALOGUE, rc);
}

static void mark_column(struct store *s, const char *table, const char *column)
{
    for (int i = 0; i < STREAMS; i++) {
        if (strcmp(stream_defs[i].table, table) != 0)
            continue;
        for (int c = 0, n = stream_columns((enum stream_id)i); c < n; c++)
            if (strcmp(stream_column((enum stream_id)i, c).name, column) == 0)
                s->plan[i].have[c] = true;
    }
}

/* Counts and names the metric columns this database lacks; writes the statements for the others. */
static void make_plans(struct store *s)
{
    struct text t;
    char missing[sizeof(s->st.missing)];
    uint64_t n_missing = 0;
    text_init(&t, missing, sizeof(missing));
    for (int i = 0; i < STREAMS; i++) {
        for (int c = 0, n = stream_columns((enum stream_id)i); c < n; c++) {
            if (s->plan[i].have[c] || !stream_metric((enum stream_id)i, c))
                continue;
            text_fmt(&t, "%s%s.%s", n_missing++ ? "," : "", stream_defs[i].table,
                     stream_column((enum stream_id)i, c).name);
        }
        stream_plan_sql((enum stream_id)i, &s->plan[i]);
    }
    if (n_missing && strcmp(missing, s->st.missing) != 0)
        log_line(LOG_LV_WARNING,
                 "store: the database lacks %llu metric columns (%s%s), they are not stored",
                 (unsigned long long)n_missing, missing, t.full ? ",..." : "");
    s->st.missing_columns = n_missing;
    memcpy(s->st.missing, missing, sizeof(missing));
}

static void begin_run(struct store *s)
{
    uint8_t epoch[8], started[8];
    const struct db_param p[] = {text_param(s->d.instance), int_param(epoch, OID_I8, s->d.epoch),
                                 text_param(CASCADED_VERSION), time_param(started, s->t_start_us),
                                 text_param(s->d.conf_text ? s->d.conf_text : "")};
    s->last_batch = -1;
    send_group(
        s, JOB_RUN,
        db_query(s->db,
                 "SELECT run_id, batch FROM cascade_risk.run_begin($1::uuid, $2, $3, $4, $5)", p,
                 5));
}

static void check_version(struct store *s)
{
    char why[160];
    int version = s->found_schema ? s->st.schema_version : 0;
    s->st.schema_version = version;
    if (version > SCHEMA_VERSION) {
        s->st.state = STORE_REFUSED;
        snprintf(
            why, sizeof(why),
            "the database schema is version %d, newer than this program's %d: nothing is written, "
            "install the newer program",
            version, SCHEMA_VERSION);
        store_away(s, why);
    } else if (version < SCHEMA_VERSION) {
        snprintf(why, sizeof(why),
                 "the database schema is version %d, this program needs %d: run `cascadectl schema "
                 "apply`",
                 version, SCHEMA_VERSION);
        store_away(s, why);
    } else {
        make_plans(s);
        begin_run(s);
    }
}

/* The database has said which batch of this run it has last: what was under way when the last
 * connection was lost is either there or was never committed. */
static void on_run(struct store *s)
{
    if (s->unresolved && s->last_batch == s->next_batch) {
        struct part p = outbox_next(&s->out);
        s->st.rows_written += (uint64_t)(p.hi - p.lo);
        s->attempt = 0;
        outbox_accept(&s->out);
    }
    s->unresolved = false;
    s->next_batch = s->last_batch + 1;
    s->days = 0;
    s->t_maintenance_us = 0;
    if (s->st.t_ready_us)
        s->st.reconnects++;
    s->st.state = STORE_READY;
    s->st.t_ready_us = now_us(s);
    s->st.last_error[0] = 0;
    s->announced_away = false;
    store_reset_dims(s);
    log_line(LOG_LV_NOTICE, "store: ready, run %lld, schema %d, %u rows queued",
             (long long)s->run_id, s->st.schema_version,
             (unsigned)(s->bulk.rows + s->alerts.rows + s->marks.rows));
    store_kick(s);
}

/* ---- batches -------------------------------------------------------------------------------- */

static int64_t day_of(int64_t t_us)
{
    return t_us >= 0 ? t_us / DAY_US : -((DAY_US - 1 - t_us) / DAY_US);
}

static bool day_known(const struct store *s, int64_t day)
{
    for (int i = 0; i < s->days; i++)
        if (s->day[i] == day)
            return true;
    return false;
}

/* Asks for the partitions of the first day in the part that is not known to have them. */
static bool send_day(struct store *s, struct part p)
{
    uint8_t buf[8];
    for (int i = p.lo; i < p.hi; i++) {
        int64_t day = day_of(s->out.rows[i].t_us);
        if (!stream_defs[s->out.rows[i].stream].fact || day_known(s, day))
            continue;
        if (s->days == DAYS_KNOWN)
            s->days = 0;
        s->day[s->days++] = day;
        struct db_param param = int_param(buf, OID_I8, day);
        send_group(
            s, JOB_DAYS,
            db_query(s->db,
                     "SELECT cascade_risk.ensure_partitions(0, DATE '1970-01-01' + $1::integer)",
                     &param, 1));
        return true;
    }
    return false;
}

static int query_stream(struct store *s, enum stream_id id, struct part p)
{
    uint8_t run[8];
    struct stream_params *q = &s->out.params;
    int n = stream_pack(id, &s->plan[id], s->out.rows + p.lo, p.hi - p.lo, q);
    if (n <= 0)
        return n;
    q->param[0] = int_param(run, OID_I8, s->run_id);
    return db_query(s->db, s->plan[id].sql, q->param, q->n);
}

void store_send_batch(struct store *s)
{
    uint8_t run[8], batch[8], rows[8];
    struct part p = outbox_next(&s->out);
    if (send_day(s, p))
        return;
    const struct db_param head[] = {int_param(run, OID_I8, s->run_id),
                                    int_param(batch, OID_I8, s->next_batch),
                                    int_param(rows, OID_I8, p.hi - p.lo)};
    int rc = db_query(s->db, "SELECT cascade_risk.batch_begin($1, $2, $3::integer)", head, 3);
    for (int i = 0; i < STREAMS && rc >= 0; i++)
        rc = query_stream(s, (enum stream_id)i, p);
    s->unresolved = true;
    send_group(s, JOB_BATCH, rc);
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

static void set_aside(struct store *s, const struct db_fail *f)
{
    const struct packed_row *r = &s->out.rows[outbox_next(&s->out).lo];
    log_line(LOG_LV_ERROR, "store: a row for %s was refused (%s: %s), set aside",
             stream_defs[r->stream].table, f->sqlstate, f->text);
    store_lost(s, r->stream, r->t_us);
    outbox_accept(&s->out);
}

static void batch_refused(struct store *s, const struct db_fail *f)
{
    s->st.failures++;
    if (strcmp(f->sqlstate, "23514") == 0 && !s->day_retried) {
        s->day_retried = true; /* no partition: retention, or a person, dropped it under us */
        s->days = 0;
    } else if (!outbox_split(&s->out)) {
        set_aside(s, f);
    }
    store_kick(s);
}

static void batch_committed(struct store *s)
{
    struct part p = outbox_next(&s->out);
    s->st.rows_written += (uint64_t)(p.hi - p.lo);
    s->st.batches++;
    s->st.t_last_commit_us = now_us(s);
    s->attempt = 0;
    s->next_batch++;
    s->day_retried = false;
    outbox_accept(&s->out);
    if (!outbox_empty(&s->out) || s->more || s->stopping)
        store_kick(s);
}

/* ---- maintenance and the end ---------------------------------------------------------------- */

void store_send_maintenance(struct store *s)
{
    uint8_t ahead[8], keep[8];
    struct db_param p = int_param(ahead, OID_I8, s->d.conf->store_partition_ahead_days);
    s->t_maintenance_us = now_us(s) + MAINTENANCE_US;
    s->days = 0;
    int rc = db_query(s->db, "SELECT cascade_risk.ensure_partitions($1::integer)", &p, 1);
    if (rc >= 0 && s->d.conf->retention_days > 0) {
        p = int_param(keep, OID_I8, s->d.conf->retention_days);
        rc = db_query(s->db, "SELECT cascade_risk.drop_partitions($1::integer)", &p, 1);
    }
    send_group(s, JOB_MAINTENANCE, rc);
}

static void maintenance_done(struct store *s, const struct db_fail *f)
{
    if (f) {
        s->t_maintenance_us = now_us(s) + MAINTENANCE_AGAIN_US;
        log_line(LOG_LV_WARNING, "store: partitions were not renewed (%s: %s), next try in 60 s",
                 f->sqlstate, f->text);
    }
    store_kick(s);
}

void store_send_end(struct store *s)
{
    uint8_t run[8], ended[8];
    const struct db_param p[] = {int_param(run, OID_I8, s->run_id),
                                 time_param(ended, s->t_stop_us)};
    s->ended = true;
    send_group(s, JOB_END, db_query(s->db, "SELECT cascade_risk.run_end($1, $2)", p, 2));
}

/* ---- hooks ---------------------------------------------------------------------------------- */

static void on_rows(void *arg, int stmt, const struct db_rows *r)
{
    struct store *s = arg;
    switch (s->job) {
    case JOB_PROBE:
        if (stmt == 1)
            s->found_schema = strcmp(db_text(r, 0, 0), "t") == 0;
        break;
    case JOB_CATALOGUE:
        if (stmt == 0)
            s->st.schema_version = (int)db_int(r, 0, 0);
        for (int i = 0; stmt == 1 && i < db_count(r); i++)
            mark_column(s, db_text(r, i, 0), db_text(r, i, 1));
        break;
    case JOB_RUN:
        s->run_id = db_int(r, 0, 0);
        s->last_batch = db_int(r, 0, 1);
        break;
    case JOB_NONE:
    case JOB_DAYS:
    case JOB_BATCH:
    case JOB_MAINTENANCE:
    case JOB_END:
        break;
    }
}

static void on_batch_done(struct store *s, const struct db_fail *f)
{
    if (!f || strcmp(f->sqlstate, "CR001") == 0) {
        s->unresolved = false; /* committed, now or before the last connection was lost */
        batch_committed(s);
    } else if (is_content(f->sqlstate)) {
        s->unresolved = false;
        batch_refused(s, f);
    } else {
        store_away(s, f->text);
    }
}

static void on_checked(struct store *s, enum job job)
{
    switch (job) {
    case JOB_PROBE:
        if (s->found_schema)
            ask_catalogue(s);
        else
            check_version(s);
        break;
    case JOB_CATALOGUE:
        check_version(s);
        break;
    case JOB_RUN:
        on_run(s);
        break;
    case JOB_END:
        store_finish(s);
        break;
    case JOB_NONE:
    case JOB_DAYS:
    case JOB_BATCH:
    case JOB_MAINTENANCE:
        store_kick(s);
    }
}

static void on_done(void *arg, const struct db_fail *f)
{
    struct store *s = arg;
    enum job job = s->job;
    s->job = JOB_NONE;
    if (job == JOB_BATCH)
        on_batch_done(s, f);
    else if (job == JOB_MAINTENANCE)
        maintenance_done(s, f);
    else if (f &&
             !(job == JOB_DAYS && is_content(f->sqlstate))) /* a day it refuses: its rows will be */
        store_away(s, f->text);
    else
        on_checked(s, job);
}

static void on_down(void *arg, const char *why)
{
    char text[200];
    snprintf(text, sizeof(text), "the database is away (%.170s)", why);
    store_away(arg, text);
}

struct db_hooks store_hooks(struct store *s)
{
    return (struct db_hooks){
        .arg = s, .ready = on_ready, .rows = on_rows, .done = on_done, .down = on_down};
}
