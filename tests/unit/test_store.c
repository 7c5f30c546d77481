/* Proves the store against a real private PostgreSQL cluster: what is written is what was told
 * (bits, NULLs, days), nothing is lost or doubled while the server goes away, what must be given up
 * is counted. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "store/db_block.h"
#include "store/schema.h"
#include "store/store_priv.h"
#include "venue/venue.h"

static char cluster[200]; /* directory, made once for all tests */
static char db_name[64];  /* this test's database */

/* ---- the cluster ---------------------------------------------------------------------------- */

static const char *root(void)
{
    const char *r = getenv("ROOT");
    return r ? r : ".";
}

static void shell(const char *verb, char *out, size_t cap)
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

static void cluster_verb(const char *verb)
{
    char text[300];
    snprintf(text, sizeof(text), "%s %s", verb, cluster);
    shell(text, NULL, 0);
}

static void conninfo(char out[400], const char *user, const char *db)
{
    snprintf(out, 400, "host=%s port=5432 user=%s dbname=%s", cluster, user, db);
}

static struct db_block *admin(const char *db)
{
    char info[400], why[200];
    conninfo(info, "postgres", db);
    struct db_block *b = db_block_open(info, "test_store", why);
    ck_assert_msg(b, "%s", why);
    return b;
}

static void run_sql(const char *db, const char *sql)
{
    struct db_block *b = admin(db);
    ck_assert_msg(db_block_run(b, sql) == 0, "%s: %s", sql, db_block_error(b));
    db_block_close(b);
}

static int64_t ask(const char *sql)
{
    int64_t x = 0;
    struct db_block *b = admin(db_name);
    ck_assert_msg(db_block_ask(b, sql, NULL, 0) >= 1, "%s: %s", sql, db_block_error(b));
    const char *text = db_block_text(b, 0, 0);
    ck_assert_msg(num_parse_i64(text, strlen(text), &x) == 0, "%s: `%s` is no integer", sql, text);
    db_block_close(b);
    return x;
}

static void ask_text(const char *sql, char out[200])
{
    struct db_block *b = admin(db_name);
    ck_assert_msg(db_block_ask(b, sql, NULL, 0) >= 1, "%s: %s", sql, db_block_error(b));
    snprintf(out, 200, "%s", db_block_text(b, 0, 0));
    db_block_close(b);
}

static void ck_text(const char *sql, const char *want)
{
    char got[200];
    ask_text(sql, got);
    ck_assert_str_eq(got, want);
}

static void start_cluster(void)
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

static void stop_cluster(void)
{
    cluster_verb("stop");
}

static void make_database(void)
{
    char sql[200];
    snprintf(db_name, sizeof(db_name), "t%d", (int)getpid());
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE shape", db_name);
    run_sql("postgres", sql);
}

/* ---- a store and what it needs -------------------------------------------------------------- */

struct rig {
    uv_loop_t loop;
    struct conf *conf;
    struct directory *dir;
    struct alerts *alerts;
    struct store *store;
    struct sinks sinks;
    uint32_t btc; /* asset */
    uint32_t inst;
    bool stopped;
};

static int64_t wall_us(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const struct directory *get_directory(void *arg)
{
    return ((struct rig *)arg)->dir;
}

static const struct alerts *get_alerts(void *arg)
{
    return ((struct rig *)arg)->alerts;
}

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    return venue < n_venues && channel < venues[venue]->n_channels
               ? venues[venue]->channels[channel].name
               : NULL;
}

static void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

/* A linear perpetual of venue 0. */
static void spec_event(struct event *e, const char *symbol, const char *base)
{
    event_init(e, EV_SPEC);
    e->symbol = slice_of(symbol);
    e->u.spec.base = slice_of(base);
    e->u.spec.quote = SLICE("USDT");
    e->u.spec.settle = SLICE("USDT");
    e->u.spec.ct_size = 1;
    e->u.spec.ct_unit = QTY_BASE;
    e->u.spec.linear = 1;
    e->u.spec.tick = 0.1;
    e->u.spec.status = INST_TRADING;
    e->u.spec.category = CAT_PERP;
}

static uint32_t list(struct rig *g, struct event *e)
{
    uint32_t id = INST_NONE;
    ck_assert_int_ge(directory_apply(g->dir, 0, e, &id), 0);
    if (g->store)
        g->sinks.event(g->sinks.arg, &(struct origin){0, CONN_REST, NULL}, e, id, 0);
    return id;
}

static void rig_init(struct rig *g)
{
    static const char *const names[] = {"binance", "hyperliquid"};
    const struct asset_alias alias = {"*", "1000PEPE", "PEPE", 1000};
    struct event e;
    char why[160];
    memset(g, 0, sizeof(*g));
    ck_assert_int_eq(uv_loop_init(&g->loop), 0);
    g->conf = conf_new();
    g->dir = directory_new(&alias, 1, names, 2);
    const struct alert_names alert_names = {names, 2, channel_name};
    g->alerts = alerts_new(&alert_names, ignore_alert, NULL);
    ck_assert(g->conf && g->dir && g->alerts);
    struct rule rule = {
        .name = "oi_high", .metric = "m_asset.oi_usd", .level = {{SEV_WARNING, 2, 1, 0}}};
    ck_assert_msg(alerts_set_rules(g->alerts, &rule, 1, 1, why) == 0, "%s", why);
    spec_event(&e, "BTCUSDT", "BTC");
    g->inst = list(g, &e);
    g->btc = directory_get(g->dir, g->inst)->asset;
    conninfo(g->conf->db_conninfo, "cascaded_writer", db_name);
    g->conf->venue[0].enabled = true;
    g->conf->store_flush_ms = 20;
    g->conf->store_queue_rows = 200000;
    g->conf->store_batch_rows = 2000;
    g->conf->store_partition_ahead_days = 2;
    g->conf->retention_days = 0;
    g->conf->store_asset_period_s = 1;
    g->conf->store_feed_period_s = 10;
}

static void rig_store(struct rig *g, int n)
{
    char why[160];
    struct store_deps d = {.loop = &g->loop,
                           .conf = g->conf,
                           .arg = g,
                           .directory = get_directory,
                           .alerts = get_alerts,
                           .now_us = wall_us,
                           .epoch = 7,
                           .conf_text = "[store]\n"};
    snprintf(d.instance, sizeof(d.instance), "00000000-0000-4000-8000-%012d", n);
    g->store = store_new(&d, why);
    ck_assert_msg(g->store, "%s", why);
    g->sinks = store_sinks(g->store);
}

static void on_tick(uv_timer_t *t)
{
    (void)t;
}

/* Runs the loop until the condition holds; fails after 20 s. */
static void run_until(struct rig *g, bool (*cond)(struct rig *g), const char *what)
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
    ck_assert_msg(good, "never: %s (%s)", what, g->store ? g->store->st.last_error : "");
}

static bool is_ready(struct rig *g)
{
    return g->store->st.state == STORE_READY;
}

static bool is_away(struct rig *g)
{
    return g->store->st.state == STORE_BACKOFF;
}

static bool is_refused(struct rig *g)
{
    return g->store->st.state == STORE_REFUSED;
}

static bool is_drained(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    for (int i = 0; i < STREAMS; i++)
        if (g->store->lost[i].rows)
            return false; /* still to be told in feed_gap */
    return st.state == STORE_READY && st.rows_queued == 0 && g->store->job == JOB_NONE &&
           st.rows_written > 0 && !g->store->dims.instruments_dirty;
}

static bool is_stopped(struct rig *g)
{
    return g->stopped;
}

static void on_stopped(void *arg)
{
    struct rig *g = arg;
    ck_assert(!g->stopped);
    g->stopped = true;
}

static void rig_stop(struct rig *g)
{
    store_stop(g->store, 5000, on_stopped, g);
    run_until(g, is_stopped, "stopped");
    store_free(g->store);
    g->store = NULL;
    ck_assert_int_eq(uv_loop_close(&g->loop), 0);
    directory_free(g->dir);
    alerts_free(g->alerts);
    conf_free(g->conf);
}

/* ---- things to tell ------------------------------------------------------------------------- */

#define T0_S INT64_C(1760000000) /* 2025-10-09 08:53:20 UTC */
#define SEC  INT64_C(1000000)

/* A row of m_asset for BTC whose first metric is x and whose others are x + column. */
static void tell_asset(struct rig *g, int64_t t_us, double x)
{
    struct cell row[STREAM_COLS_MAX];
    int n = metric_columns(MT_ASSET);
    for (int i = 0; i < n; i++)
        row[i] = (struct cell){x + i, R_KNOWN};
    g->sinks.row(g->sinks.arg, t_us, (struct subject){MT_ASSET, 255, 255, g->btc}, row, n);
}

static void tell_alert(struct rig *g, int64_t t_us, uint64_t n)
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

static void tell_liq(struct rig *g, int64_t t_us, uint32_t inst)
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

/* ---- tests ---------------------------------------------------------------------------------- */

START_TEST(test_bits_and_null)
{
    static const double values[] = {-0.0, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3, -1e-7, NAN};
    static const char *const hex[] = {"8000000000000000",
                                      "0000000000000001",
                                      "7fefffffffffffff",
                                      "3fb999999999999a",
                                      "3fd5555555555555",
                                      "be7ad7f29abcaf48",
                                      ""};
    struct cell row[STREAM_COLS_MAX];
    char sql[300];
    struct rig g;
    rig_init(&g);
    rig_store(&g, 1);
    int n = metric_columns(MT_ASSET);
    ck_assert_int_gt(n, 6);
    for (int i = 0; i < n; i++)
        row[i] = i < 7 ? (struct cell){values[i], isnan(values[i]) ? R_GAP : R_KNOWN}
                       : (struct cell){1, R_KNOWN};
    g.sinks.row(g.sinks.arg, T0_S * SEC, (struct subject){MT_ASSET, 255, 255, g.btc}, row, n);
    run_until(&g, is_drained, "drained");
    for (int i = 0; i < 7; i++) {
        const char *col = metric_at(metric_by_column(MT_ASSET, i))->name;
        snprintf(sql, sizeof(sql),
                 "SELECT coalesce(encode(float8send(%s), 'hex'), '') FROM cascade_risk.m_asset "
                 "WHERE asset = 'BTC' AND t = to_timestamp(1760000000)",
                 col);
        ck_text(sql, hex[i]);
    }
    rig_stop(&g);
}
END_TEST

START_TEST(test_every_table)
{
    struct cell cells[STREAM_COLS_MAX];
    struct event e;
    struct rig g;
    const struct subject venue_btc = {MT_VENUE_ASSET, 0, 255, 0};
    const char *const names[] = {"loop_lag_ms", "no_such_metric"};
    const double values[] = {1.25, 9};
    rig_init(&g);
    rig_store(&g, 2);
    for (int i = 0; i < STREAM_COLS_MAX; i++)
        cells[i] = (struct cell){i, R_KNOWN};
    int64_t t = T0_S * SEC; /* a multiple of 10 s */
    uint8_t ticker = venue_channel_find(venues[0], SLICE("bookTicker"));
    int oi = metric_find(slice_of("oi_usd"), MT_VENUE_ASSET);
    ck_assert_int_ge(oi, 0);
    tell_asset(&g, t, 5);
    tell_asset(&g, t, 6);          /* a turn on the same second */
    tell_asset(&g, t + 250000, 7); /* a turn between two ticks */
    g.sinks.row(g.sinks.arg, t, venue_btc, cells, metric_columns(MT_VENUE_ASSET));
    g.sinks.row(g.sinks.arg, t, (struct subject){MT_FEED, 0, 0, g.inst}, cells,
                metric_columns(MT_FEED));
    g.sinks.row(g.sinks.arg, t + SEC, (struct subject){MT_FEED, 0, 0, g.inst}, cells,
                metric_columns(MT_FEED));
    store_process(g.store, t, names, values, 2);
    g.sinks.row(g.sinks.arg, t, (struct subject){MT_PROCESS, 255, 255, INST_NONE}, cells,
                metric_columns(MT_PROCESS));
    g.sinks.unknown(g.sinks.arg, t, venue_btc, oi, R_NOT_TRACKED, R_WARMUP);
    g.sinks.unknown(g.sinks.arg, t + 5 * SEC, venue_btc, oi, R_WARMUP, R_STALE);
    g.sinks.gap(g.sinks.arg, &(struct gap){t, 0, 0, ticker, GAP_SILENT, g.inst});
    tell_alert(&g, t, 1);
    tell_liq(&g, t + 1, g.inst);
    g.sinks.universe(g.sinks.arg, t, g.btc, true, 1e9);
    event_init(&e, EV_LIQ);
    g.sinks.event(g.sinks.arg, &(struct origin){0, 0, NULL}, &e, g.inst,
                  E_UNIT); /* not used: no row */
    run_until(&g, is_drained, "drained");
    g.sinks.unknown(g.sinks.arg, t + 9 * SEC, venue_btc, oi, R_STALE, R_KNOWN);
    g.sinks.gap(g.sinks.arg, &(struct gap){t, t + 3 * SEC, 0, ticker, GAP_SILENT, g.inst});
    rig_stop(&g);
    ck_text("SELECT string_agg(oi_usd::text, ',') FROM cascade_risk.m_asset", "5");
    ck_text("SELECT string_agg(venue || ' ' || asset || ' ' || oi_base, ',') FROM "
            "cascade_risk.m_venue_asset",
            "binance BTC 1");
    ck_text("SELECT string_agg(venue || ' ' || symbol || ' ' || feed_age_s, ',') FROM "
            "cascade_risk.m_feed",
            "binance BTCUSDT 0");
    ck_text("SELECT feeds_live || ' ' || loop_lag_ms || ' ' || (tick_ms IS NULL) FROM "
            "cascade_risk.m_process",
            "0 1.25 true");
    ck_text("SELECT string_agg(metric || ' ' || venue || ' ' || asset || ' ' || reason || ' ' ||"
            " extract(epoch FROM t_to - t_from)::int, ',' ORDER BY t_from) FROM "
            "cascade_risk.metric_unknown",
            "oi_usd binance BTC warmup 5,oi_usd binance BTC stale 4");
    ck_text("SELECT venue || ' ' || channel || ' ' || symbol || ' ' || cause || ' ' ||"
            " extract(epoch FROM t_to - t_from)::int FROM cascade_risk.feed_gap",
            "binance bookTicker BTCUSDT silent 3");
    ck_text(
        "SELECT rule || ' ' || metric || ' ' || asset || ' ' || state || ' ' || was || ' ' || "
        "severity || ' ' ||"
        " (value IS NULL) || ' ' || (seq = (7::bigint << 32) + 1) || ' ' || (t_resolved IS NULL)"
        " FROM cascade_risk.alert_transition",
        "oi_high m_asset.oi_usd BTC firing pending warning true true true");
    ck_text("SELECT closed || ' ' || px || ' ' || fill_px || ' ' || qty_unit || ' ' || "
            "notional_usd || ' ' || coverage"
            " || ' ' || extract(microseconds FROM t - t_venue)::int FROM cascade_risk.liquidation",
            "short 100 101 contracts 303 sampled 1500");
    ck_text("SELECT asset || ' ' || entered || ' ' || rank_usd FROM cascade_risk.universe_change",
            "BTC true 1000000000");
    ck_text("SELECT string_agg(venue || ' ' || liq_coverage, ',') FROM cascade_risk.venue",
            "binance sampled");
    ck_text("SELECT version || ' ' || (ended > started) || ' ' || conf FROM cascade_risk.run",
            "0.1.0 true [store]\n");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.metric"),
                     metric_count() + store_n_process_metrics);
}
END_TEST

START_TEST(test_instrument_versions)
{
    struct event e;
    struct rig g;
    rig_init(&g);
    rig_store(&g, 3);
    spec_event(&e, "1000PEPEUSDT", "1000PEPE");
    list(&g, &e);
    run_until(&g, is_drained, "first");
    e.u.spec.tick = 0.2; /* may change in its life: same row */
    list(&g, &e);
    run_until(&g, is_drained, "tick");
    e.u.spec.ct_size = 10; /* another contract: new row */
    list(&g, &e);
    run_until(&g, is_drained, "contract");
    e.u.spec.status = INST_DELISTED;
    list(&g, &e);
    run_until(&g, is_drained, "delisted");
    e.u.spec.status = INST_TRADING; /* listed again: new row */
    list(&g, &e);
    run_until(&g, is_drained, "relisted");
    rig_stop(&g);
    ck_text("SELECT string_agg(concat_ws(' ', asset, multiplier, ct_size, tick, status, valid_to "
            "IS NULL), ','"
            " ORDER BY instrument_id) FROM cascade_risk.instrument WHERE symbol = '1000PEPEUSDT'",
            "PEPE 1000 1 0.2 trading f,PEPE 1000 10 0.2 delisted f,PEPE 1000 10 0.2 trading t");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.instrument WHERE symbol = 'BTCUSDT'"),
                     1);
}
END_TEST

START_TEST(test_days)
{
    static const char *const days[] = {"2024-06-01", "2028-02-28", "2028-02-29",
                                       "2028-03-01", "2025-12-31", "2026-01-01"};
    char sql[200], got[200];
    struct rig g;
    rig_init(&g);
    rig_store(&g, 4);
    for (int i = 0; i < 6;
         i++) { /* first and last second of each day: the boundary is UTC midnight */
        snprintf(sql, sizeof(sql), "SELECT extract(epoch FROM timestamptz '%s 00:00+00')::bigint",
                 days[i]);
        int64_t t = ask(sql);
        tell_asset(&g, t * SEC, i + 1);
        tell_asset(&g, (t + 86399) * SEC, i + 1);
    }
    run_until(&g, is_drained, "drained");
    for (int i = 0; i < 6; i++) {
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) || ' ' || min(tableoid::regclass::text) || ' ' || max(oi_usd)"
                 " FROM cascade_risk.m_asset WHERE oi_usd = %d",
                 i + 1);
        snprintf(got, sizeof(got), "2 cascade_risk.m_asset_%.4s%.2s%.2s %d", days[i], days[i] + 5,
                 days[i] + 8, i + 1);
        ck_text(sql, got);
    }
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap"), 0);
    rig_stop(&g);
}
END_TEST

/* Retention: an old day disappears at the next connection, and a row of it that comes late all the
 * same is stored, not lost. */
START_TEST(test_retention)
{
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "SELECT cascade_risk.ensure_partitions(0, DATE '2024-06-01')");
    g.conf->retention_days = 30;
    rig_store(&g, 5);
    run_until(&g, is_drained, "drained");
    ck_text("SELECT coalesce(to_regclass('cascade_risk.m_asset_20240601')::text, 'gone')", "gone");
    ck_assert_int_ge(ask("SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent"
                         " WHERE c.relname = 'm_asset'"),
                     3);
    tell_asset(&g, INT64_C(1717200000) * SEC, 1);
    run_until(&g, is_drained, "late row");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset WHERE t < '2025-01-01'"), 1);
    /* a person drops the partition under the running store */
    run_sql(db_name, "DROP TABLE cascade_risk.m_asset_20240601");
    tell_asset(&g, INT64_C(1717200001) * SEC, 1);
    run_until(&g, is_drained, "partition made again");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset WHERE t < '2025-01-01'"), 1);
    rig_stop(&g);
}
END_TEST

START_TEST(test_database_away_at_start)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    g.conf->store_queue_rows = 1000;
    cluster_verb("down");
    rig_store(&g, 6);
    run_until(&g, is_away, "away");
    for (int i = 0; i < 5000; i++) {
        tell_asset(&g, (T0_S + i) * SEC, i);
        if (i % 50 == 0)
            tell_alert(&g, (T0_S + i) * SEC, (uint64_t)i / 50 + 1);
        if (i % 100 == 0)
            g.sinks.gap(g.sinks.arg, &(struct gap){(T0_S + i) * SEC, 0, 0, 1, GAP_SILENT, g.inst});
    }
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.rows_shed, 4000);
    ck_assert_int_eq((int)st.rows_queued, 1000 + 100 + 50);
    ck_assert_int_gt((int)strlen(st.last_error), 10);
    cluster_verb("up");
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), 1000);
    ck_assert_int_eq(ask("SELECT min(oi_usd)::int FROM cascade_risk.m_asset"),
                     4000); /* the oldest were shed */
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"), 100);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap WHERE cause = 'silent'"), 50);
    ck_text(
        "SELECT concat_ws(' ', channel, lost_rows, extract(epoch FROM t_from)::bigint - 1760000000,"
        " extract(epoch FROM t_to)::bigint - 1760000000) FROM cascade_risk.feed_gap WHERE cause = "
        "'store'",
        "m_asset 4000 0 3999");
    rig_stop(&g);
}
END_TEST

static int told; /* rows told so far by the feeder */
static int feed_target;

static void on_feed(uv_timer_t *t)
{
    struct rig *g = t->data;
    for (int i = 0; i < 40 && told < feed_target; i++, told++)
        tell_asset(g, (T0_S + told) * SEC, told);
}

static bool is_fed(struct rig *g)
{
    (void)g;
    return told >= feed_target;
}

static uint64_t batches_before;

static bool wrote_again(struct rig *g)
{
    return g->store->st.batches > batches_before;
}

static void ck_all_once(int n)
{
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), n);
    ck_assert_int_eq(ask("SELECT count(DISTINCT oi_usd) FROM cascade_risk.m_asset"), n);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap WHERE cause = 'store'"), 0);
}

/* The server is restarted hard, and backends are killed, while rows flow: none is lost, none
 * doubled. */
START_TEST(test_restarts)
{
    struct store_status st;
    struct rig g;
    uv_timer_t feed;
    rig_init(&g);
    rig_store(&g, 7);
    run_until(&g, is_ready, "ready");
    uv_timer_init(&g.loop, &feed);
    feed.data = &g;
    uv_timer_start(&feed, on_feed, 0, 5);
    told = feed_target = 0;
    batches_before = 0;
    for (int round = 0; round < 8; round++) {
        feed_target += 1500;
        run_until(&g, is_fed, "fed");
        run_until(&g, wrote_again, "a batch since the last loss");
        batches_before = g.store->st.batches;
        if (round % 4 == 3) {
            cluster_verb("down");
            cluster_verb("up");
        } else {
            run_sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                " WHERE application_name LIKE 'cascaded/%'");
        }
    }
    uv_close((uv_handle_t *)&feed, NULL);
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_ge((int)st.reconnects,
                     6); /* a kill may hit a backend that is not fully there yet */
    rig_stop(&g);
    ck_all_once(feed_target);
}
END_TEST

static bool in_batch(struct rig *g)
{
    return g->store->job == JOB_BATCH;
}

/* The connection is lost after a batch was sent and before its end was heard: the server commits it
 * all the same. It must be neither resent nor forgotten. Commits are made slow by a deferred
 * trigger so that the next connection meets the old transaction still at work. */
START_TEST(test_commit_unheard)
{
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                     " 'BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END';"
                     "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON cascade_risk.universe_change"
                     " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
    rig_store(&g, 8);
    run_until(&g, is_drained, "ready");
    const int rounds = 20;
    for (int i = 0; i < rounds; i++) {
        tell_asset(&g, (T0_S + i) * SEC, i);
        g.sinks.universe(g.sinks.arg, (T0_S + i) * SEC, g.btc, true, i);
        run_until(&g, in_batch, "a batch under way");
        store_away(g.store, "lost by the test");
        uv_timer_start(&g.store->retry, g.store->retry.timer_cb, i % 3 ? 0 : 120, 0);
        run_until(&g, is_drained, "drained");
    }
    ck_assert_int_eq((int)g.store->st.reconnects, rounds);
    rig_stop(&g);
    ck_all_once(rounds);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.universe_change"), rounds);
}
END_TEST

/* The other order: the old connection's transaction arrives after the new connection has written
 * the batch. The function that begins a batch refuses it. */
START_TEST(test_zombie_refused)
{
    struct rig g;
    char sql[200];
    rig_init(&g);
    rig_store(&g, 9);
    tell_asset(&g, T0_S * SEC, 1);
    run_until(&g, is_drained, "drained");
    struct db_block *b = admin(db_name);
    snprintf(sql, sizeof(sql),
             "BEGIN; SELECT cascade_risk.batch_begin(%lld, %lld, 1);"
             "INSERT INTO cascade_risk.m_asset (t, run_id, asset) VALUES (now(), 1, 'X'); COMMIT",
             (long long)g.store->run_id, (long long)g.store->next_batch - 1);
    ck_assert_int_eq(db_block_run(b, sql), E_IO);
    ck_assert(strstr(db_block_error(b), "CR001"));
    db_block_close(b);
    rig_stop(&g);
    ck_all_once(1);
}
END_TEST

START_TEST(test_missing_column)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "ALTER TABLE cascade_risk.m_asset DROP COLUMN oi_hhi CASCADE");
    rig_store(&g, 10);
    tell_asset(&g, T0_S * SEC, 7);
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.missing_columns, 1);
    ck_assert_str_eq(st.missing, "m_asset.oi_hhi");
    ck_text("SELECT oi_usd || ' ' || oi_base || ' ' || oi_neff FROM cascade_risk.m_asset",
            "7 8 18");
    /* one more goes while it runs: the statement fails, the catalogue is read anew */
    run_sql(db_name, "ALTER TABLE cascade_risk.m_asset DROP COLUMN oi_neff CASCADE");
    tell_asset(&g, (T0_S + 1) * SEC, 8);
    run_until(&g, is_away, "noticed");
    run_until(&g, is_drained, "drained again");
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.missing_columns, 2);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), 2);
    rig_stop(&g);
}
END_TEST

START_TEST(test_poison_row)
{
    struct store_status st;
    struct event e;
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "ALTER TABLE cascade_risk.liquidation ADD CHECK (symbol <> 'EVILUSDT')");
    rig_store(&g, 11);
    spec_event(&e, "BAD\xff\xfeUSDT", "BAD");
    uint32_t bad = list(&g, &e); /* its own catalogue row is refused too */
    spec_event(&e, "EVILUSDT", "EVIL");
    uint32_t evil = list(&g, &e);
    for (int i = 0; i < 300; i++) {
        tell_liq(&g, (T0_S + i) * SEC, i % 100 == 7 ? bad : i == 200 ? evil : g.inst);
        tell_asset(&g, (T0_S + i) * SEC, i);
    }
    tell_alert(&g, T0_S * SEC, 1);
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.rows_shed, 5); /* three of bad, one of evil, the instrument */
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.liquidation"), 296);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), 300);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"), 1);
    ck_assert_int_eq(
        ask("SELECT sum(lost_rows)::int FROM cascade_risk.feed_gap WHERE cause = 'store'"
            " AND channel = 'liquidation'"),
        4);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.instrument WHERE venue = 'binance'"),
                     2);
    rig_stop(&g);
}
END_TEST

START_TEST(test_schema_version)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "DELETE FROM cascade_risk.schema_migration WHERE version = 3");
    rig_store(&g, 12);
    run_until(&g, is_away, "older refused");
    store_get_status(g.store, &st);
    ck_assert(strstr(st.last_error, "cascadectl schema apply"));
    ck_assert_int_eq(st.schema_version, 2);
    ck_assert_int_eq(st.schema_wanted, SCHEMA_VERSION);
    ck_assert(st.t_retry_us - wall_us(NULL) > 9 * SEC);
    run_sql(db_name,
            "INSERT INTO cascade_risk.schema_migration VALUES (3, 'a', 'b'), (4, 'c', 'd')");
    uv_timer_start(&g.store->retry, g.store->retry.timer_cb, 0, 0);
    run_until(&g, is_refused, "newer refused");
    store_get_status(g.store, &st);
    ck_assert(strstr(st.last_error, "newer"));
    rig_stop(&g);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.run"), 0);
}
END_TEST

START_TEST(test_empty_database)
{
    struct rig g;
    rig_init(&g);
    conninfo(g.conf->db_conninfo, "postgres", "postgres");
    rig_store(&g, 13);
    tell_asset(&g, T0_S * SEC, 1);
    run_until(&g, is_away, "no schema");
    ck_assert(strstr(g.store->st.last_error, "cascadectl schema apply"));
    rig_stop(&g);
}
END_TEST

START_TEST(test_small_batches)
{
    struct rig g;
    rig_init(&g);
    g.conf->store_batch_rows = 1;
    rig_store(&g, 14);
    tell_asset(&g, T0_S * SEC, 1);
    run_until(&g, is_drained, "drained one by one");
    rig_stop(&g);
    ck_all_once(1);
}
END_TEST

START_TEST(test_stop_while_away)
{
    struct rig g;
    rig_init(&g);
    snprintf(g.conf->db_conninfo, sizeof(g.conf->db_conninfo), "host=/nonexistent dbname=x");
    rig_store(&g, 15);
    tell_asset(&g, T0_S * SEC, 1);
    run_until(&g, is_away, "away");
    int64_t t = wall_us(NULL);
    rig_stop(&g);
    ck_assert(wall_us(NULL) - t < 3 * SEC);
}
END_TEST

START_TEST(test_stop_at_every_stage)
{
    for (int ms = 0; ms < 24; ms += 3) {
        struct rig g;
        uv_timer_t t;
        rig_init(&g);
        rig_store(&g, 100 + ms);
        tell_asset(&g, T0_S * SEC, 1);
        uv_timer_init(&g.loop, &t);
        uv_timer_start(&t, on_tick, (uint64_t)ms, 0);
        while (uv_is_active((uv_handle_t *)&t))
            uv_run(&g.loop, UV_RUN_ONCE);
        uv_close((uv_handle_t *)&t, NULL);
        rig_stop(&g); /* flushes, ends the run; the loop closes clean */
    }
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), 8);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.run WHERE ended IS NOT NULL"), 8);
}
END_TEST

START_TEST(test_off)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    g.conf->db_conninfo[0] = 0;
    rig_store(&g, 16);
    tell_asset(&g, T0_S * SEC, 1);
    tell_alert(&g, T0_S * SEC, 1);
    store_get_status(g.store, &st);
    ck_assert_int_eq(st.state, STORE_OFF);
    ck_assert_int_eq((int)st.rows_queued, 0);
    rig_stop(&g);
}
END_TEST

START_TEST(test_conninfo_refused)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"host=/run/postgresql dbname=x", true},
                 {"host=127.0.0.1 dbname=x", true},
                 {"host=::1", true},
                 {"host=db.example hostaddr=10.0.0.1", true},
                 {"postgresql:///x?host=/tmp", true},
                 {"host=db.example dbname=x", false},
                 {"host=/tmp,db.example", false},
                 {"postgresql://db.example/x", false},
                 {"service=risk", false},
                 {"host=/tmp nonsense", false},
                 {"hots=/tmp", false}};
    char why[160];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg((db_check_conninfo(cases[i].text, why) == 0) == cases[i].good, "%s",
                      cases[i].text);
}
END_TEST

START_TEST(test_spans)
{
    struct spans *s = spans_new();
    int64_t t;
    uint8_t reason;
    ck_assert(s);
    for (uint32_t i = 0; i < 150000; i++)
        ck_assert_int_eq(
            spans_open(s, (struct subject){MT_FEED, (uint8_t)(i % 3), 1, i}, 5, i + 1, R_GAP), 0);
    ck_assert_int_eq((int)spans_count(s), 150000);
    for (uint32_t i = 0; i < 150000; i += 2) { /* holes do not hide what lies behind them */
        ck_assert(
            spans_close(s, (struct subject){MT_FEED, (uint8_t)(i % 3), 1, i}, 5, &t, &reason));
        ck_assert_int_eq((int)t, (int)i + 1);
    }
    for (uint32_t i = 0; i < 150000; i++)
        ck_assert_int_eq(
            spans_close(s, (struct subject){MT_FEED, (uint8_t)(i % 3), 1, i}, 5, &t, &reason),
            (int)(i % 2));
    ck_assert_int_eq((int)spans_count(s), 0);
    uint32_t n = 0;
    while (spans_open(s, (struct subject){MT_ASSET, 255, 255, n}, 1, 1, R_GAP) == 0)
        n++;
    ck_assert_int_gt((int)n, 150000); /* bounded, and says so */
    spans_free(s);
}
END_TEST

START_TEST(test_ring)
{
    struct ring q;
    struct row in, out;
    int64_t head = 0, tail = 0;
    ck_assert_int_eq(ring_init(&q, 50, 40), 0);
    srand(3);
    for (int i = 0; i < 20000; i++) { /* against the plain rule: first in, first out, at most 50 */
        if (rand() % 2) {
            row_begin(&in, ST_ALERT, tail);
            row_i8(&in, tail * 3);
            for (int k = rand() % 12; k > 0; k--)
                row_null(&in);
            bool fits = tail - head < 50;
            ck_assert_int_eq(ring_push(&q, &in), fits);
            tail += fits;
        } else {
            ck_assert_int_eq(ring_peek(&q, &out), head < tail);
            if (head == tail)
                continue;
            ck_assert_int_eq((int)out.t_us, (int)head);
            ck_assert_int_eq(out.data[11], (head * 3) & 255);
            ring_pop(&q);
            head++;
        }
    }
    row_begin(&in, ST_ALERT, 1);
    for (int i = 0; i < 1000; i++)
        row_f8(&in, 1);
    ck_assert(in.full);
    ring_fini(&q);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *plain = tcase_create("plain"), *tc = tcase_create("cluster");
    suite_add_tcase(suite, plain);
    suite_add_tcase(suite, tc);
    tcase_add_test(plain, test_conninfo_refused);
    tcase_add_test(plain, test_spans);
    tcase_add_test(plain, test_ring);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_bits_and_null);
    tcase_add_test(tc, test_every_table);
    tcase_add_test(tc, test_instrument_versions);
    tcase_add_test(tc, test_days);
    tcase_add_test(tc, test_retention);
    tcase_add_test(tc, test_database_away_at_start);
    tcase_add_test(tc, test_restarts);
    tcase_add_test(tc, test_commit_unheard);
    tcase_add_test(tc, test_zombie_refused);
    tcase_add_test(tc, test_missing_column);
    tcase_add_test(tc, test_poison_row);
    tcase_add_test(tc, test_schema_version);
    tcase_add_test(tc, test_empty_database);
    tcase_add_test(tc, test_small_batches);
    tcase_add_test(tc, test_stop_while_away);
    tcase_add_test(tc, test_stop_at_every_stage);
    tcase_add_test(tc, test_off);
    return unit_run(srunner_create(suite));
}
