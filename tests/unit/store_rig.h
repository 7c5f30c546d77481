/* What the store's tests share: a private PostgreSQL cluster, a database for each test, a store
 * with what it needs, and things to tell it. White box: the tests see the store's inside. */
#ifndef STORE_RIG_H
#define STORE_RIG_H

#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "store/db_block.h"
#include "store/schema.h"
#include "../tools/store_parts.h"

static char cluster[200]; /* directory, made once for all tests */
static char db_name[64];  /* this test's database */

/* ---- the cluster ---------------------------------------------------------------------------- */

static inline const char *root(void)
{
    const char *r = getenv("ROOT");
    return r ? r : ".";
}

static inline void shell(const char *verb, char *out, size_t cap)
{
    char cmd[600];
    snprintf(cmd, sizeof(cmd), "sh %s/tests/it/pgcluster.sh %s", root(), verb);
    FILE *f = popen(cmd, "r");
    ck_assert(f);
    size_t n = out ? fread(out, 1, cap - 1, f) : 0;
    if (out)
        out[n] = 0;
    ck_assert_msg(pclose(f) == 0, "%s failed", cmd);
}

static inline void cluster_verb(const char *verb)
{
    char text[300];
    snprintf(text, sizeof(text), "%s %s", verb, cluster);
    shell(text, NULL, 0);
}

static inline void conninfo(char out[400], const char *user, const char *db)
{
    snprintf(out, 400, "host=%s port=5432 user=%s dbname=%s", cluster, user, db);
}

static inline struct db_block *admin(const char *db)
{
    char info[400], why[200];
    conninfo(info, "postgres", db);
    struct db_block *b = db_block_open(info, "test_store", why);
    ck_assert_msg(b, "%s", why);
    return b;
}

static inline void run_sql(const char *db, const char *sql)
{
    struct db_block *b = admin(db);
    ck_assert_msg(db_block_run(b, sql) == 0, "%s: %s", sql, db_block_error(b));
    db_block_close(b);
}

static inline int64_t ask(const char *sql)
{
    int64_t x = 0;
    struct db_block *b = admin(db_name);
    ck_assert_msg(db_block_ask(b, sql, NULL, 0) >= 1, "%s: %s", sql, db_block_error(b));
    const char *text = db_block_text(b, 0, 0);
    ck_assert_msg(num_parse_i64(text, strlen(text), &x) == 0, "%s: `%s` is no integer", sql, text);
    db_block_close(b);
    return x;
}

static inline void ask_text(const char *sql, char out[200])
{
    struct db_block *b = admin(db_name);
    ck_assert_msg(db_block_ask(b, sql, NULL, 0) >= 1, "%s: %s", sql, db_block_error(b));
    snprintf(out, 200, "%s", db_block_text(b, 0, 0));
    db_block_close(b);
}

static inline void ck_text(const char *sql, const char *want)
{
    char got[200];
    ask_text(sql, got);
    ck_assert_str_eq(got, want);
}

static inline void start_cluster(void)
{
    char info[400], verb[64];
    snprintf(verb, sizeof(verb), "start --owner %d", (int)getpid());
    shell(verb, cluster, sizeof(cluster));
    cluster[strcspn(cluster, "\n")] = 0;
    run_sql("postgres", "CREATE DATABASE shape");
    conninfo(info, "postgres", "shape");
    struct schema_opts o = {.conninfo = info, .out = stderr, .err = stderr};
    ck_assert_int_eq(schema_apply(&o), SCHEMA_OK);
}

static inline void stop_cluster(void)
{
    cluster_verb("stop");
}

static inline void make_database(void)
{
    char sql[200];
    snprintf(db_name, sizeof(db_name), "t%d", (int)getpid());
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE shape", db_name);
    run_sql("postgres", sql);
}

/* ---- a store and what it needs -------------------------------------------------------------- */

static inline uint32_t list(struct rig *g, struct event *e)
{
    uint32_t id = INST_NONE;
    ck_assert_int_ge(directory_apply(g->dir, 0, e, &id), 0);
    if (g->store)
        g->sinks.event(g->sinks.arg, &(struct origin){0, CONN_REST, NULL}, e, id, 0);
    return id;
}

static inline void rig_init(struct rig *g)
{
    static const char *const names[] = {"binance", "hyperliquid"};
    struct event e;
    char why[160];
    ck_assert(rig_make(g, names, 2));
    g->epoch = 7;
    struct rule rule = {
        .name = "oi_high", .metric = "m_asset.oi_usd", .level = {{SEV_WARNING, 2, 1, 0}}};
    ck_assert_msg(alerts_set_rules(g->alerts, &rule, 1, 1, why) == 0, "%s", why);
    spec_event(&e, "BTCUSDT", "BTC");
    g->inst = list(g, &e);
    g->btc = directory_get(g->dir, g->inst)->asset;
    conninfo(g->conf->db_conninfo, "cascaded_writer", db_name);
    g->conf->venue[0].enabled = true;
    snprintf(g->conf->store_writer, sizeof(g->conf->store_writer), "main");
    g->conf->store_takeover_ms = 200;
    g->conf->store_hang_ms = 15000;
    g->conf->store_flush_ms = 20;
    g->conf->store_memory_mb = 64;
    g->conf->store_durable_ms = 100;
    g->conf->spool_dir[0] = 0;
    g->conf->spool_limit_mb = 1024;
    g->conf->spool_sync_ms = 20;
    g->conf->store_batch_rows = 2000;
    g->conf->store_partition_ahead_days = 2;
    g->conf->retention_days = 0;
    g->conf->store_asset_period_s = 1;
    g->conf->store_hot_period_s = 1;
    g->conf->store_hot_before_s = 30;
    g->conf->store_hot_after_s = 20;
    g->conf->retention_1m_days = 0;
    g->conf->store_rollup_1m = false; /* tests of minutes say so */
    g->conf->store_feed_period_s = 10;
}

static inline void on_durable_alert(void *arg, uint64_t n)
{
    struct rig *g = arg;
    ck_assert_int_ge((int64_t)n, (int64_t)g->durable_n);
    g->durable_n = n;
}

static inline void rig_store(struct rig *g, int n)
{
    char why[400];
    struct store_deps d = rig_deps(g, (uint32_t)n);
    d.durable = on_durable_alert;
    g->store = store_new(&d, why);
    ck_assert_msg(g->store, "%s", why);
    g->sinks = store_sinks(g->store);
}

static inline void on_tick(uv_timer_t *t)
{
    (void)t;
}

/* Runs the loop until the condition holds; fails after 20 s. */
static inline void run_until(struct rig *g, bool (*cond)(struct rig *g), const char *what)
{
    uv_timer_t tick;
    uv_timer_init(&g->loop, &tick);
    uv_timer_start(&tick, on_tick, 5, 5);
    int64_t end = wall_us(NULL) + 20000000;
    while (!cond(g) && wall_us(NULL) < end)
        uv_run(&g->loop, UV_RUN_ONCE);
    bool good = cond(g);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&g->loop, UV_RUN_NOWAIT);
    ck_assert_msg(good, "never: %s (%s)", what,
                  g->store ? g->store->writer[LANE_BULK].last_error : "");
}

static inline bool is_ready(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    return st.state == STORE_READY;
}

static inline bool is_away(struct rig *g)
{
    return g->store->writer[LANE_BULK].state == STORE_BACKOFF;
}

static inline bool is_refused(struct rig *g)
{
    return g->store->writer[LANE_BULK].state == STORE_REFUSED;
}

static inline bool is_drained(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    for (int i = 0; i < STREAMS + LANES; i++)
        if (g->store->lost[i].rows)
            return false; /* still to be told in feed_gap */
    return st.state == STORE_READY && st.rows_queued == 0 &&
           g->store->writer[LANE_BULK].job == JOB_NONE &&
           g->store->writer[LANE_ALERT].job == JOB_NONE && st.rows_written > 0 &&
           !g->store->dims.instruments_dirty;
}

static inline bool is_stopped(struct rig *g)
{
    return g->stopped;
}

static inline void on_stopped(void *arg)
{
    struct rig *g = arg;
    ck_assert(!g->stopped);
    g->stopped = true;
}

static inline void rig_stop(struct rig *g)
{
    store_stop(g->store, 5000, on_stopped, g);
    run_until(g, is_stopped, "stopped");
    store_free(g->store);
    g->store = NULL;
    ck_assert_int_eq(uv_loop_close(&g->loop), 0);
    rig_unmake(g);
}

/* ---- things to tell ------------------------------------------------------------------------- */

#define T0_S INT64_C(1760000000) /* 2025-10-09 08:53:20 UTC */
#define SEC  INT64_C(1000000)

/* A row of m_asset for BTC whose first metric is x and whose others are x + column. */
static inline void tell_asset(struct rig *g, int64_t t_us, double x)
{
    struct cell row[STREAM_COLS_MAX];
    int n = metric_columns(MT_ASSET);
    for (int i = 0; i < n; i++)
        row[i] = (struct cell){x + i, R_KNOWN};
    g->sinks.row(g->sinks.arg, t_us, (struct subject){MT_ASSET, 255, 255, g->btc}, row, n);
}

static inline void tell_alert(struct rig *g, int64_t t_us, uint64_t n)
{
    struct alert a = {.n = n,
                      .id = 3,
                      .state = AS_FIRING,
                      .was = AS_PENDING,
                      .severity = SEV_WARNING,
                      .subject = {MT_ASSET, 255, 255, g->btc},
                      .t_us = t_us,
                      .t_pending_us = t_us - SEC,
                      .t_firing_us = t_us,
                      .value = NAN,
                      .threshold = 2,
                      .peak = 5};
    g->sinks.alert(g->sinks.arg, &a);
}

static inline void tell_liq(struct rig *g, int64_t t_us, uint32_t inst)
{
    struct event e;
    event_init(&e, EV_LIQ);
    e.t_recv_us = t_us;
    e.t_venue_us = t_us - 1500;
    e.u.liq = (struct ev_liq){.closed = POS_SHORT,
                              .px_kind = PX_LIMIT,
                              .coverage = COVER_SAMPLED,
                              .unit = QTY_CT,
                              .px = 100,
                              .fill_px = 101,
                              .qty = 3,
                              .final = true};
    g->sinks.event(g->sinks.arg, &(struct origin){0, 0, NULL}, &e, inst, 0);
}

#endif
