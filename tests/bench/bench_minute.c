/* What the one-minute rollups cost the loop thread: 50 assets on 4 venues with every metric known
 * tell their rows for five minutes, with rollups and without, in turns; printed is the CPU of a
 * quiet second, of the ten-second rows and of the second in which the minute changes, and how much
 * of it the rollups are. No database: rows go to the memory queue, which is what the loop thread
 * does either way. */
#include <math.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"
#include "../tools/store_parts.h"
#include "store/hot.h"

#define ASSETS  50
#define VENUES  4
#define SECONDS 300
#define T0_S    INT64_C(1760000100) /* 20 s before a minute */
#define SEC     INT64_C(1000000)

struct cost { /* CPU, microseconds */
    double quiet, ten, minute, all;
};

static uint32_t assets[ASSETS];

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_minute: %s\n", what);
    exit(2);
}

static void list_assets(struct rig *g)
{
    char base[16], symbol[24];
    for (int i = 0; i < ASSETS; i++) {
        struct event e;
        uint32_t id = INST_NONE;
        snprintf(base, sizeof(base), "ASSET%d", i);
        snprintf(symbol, sizeof(symbol), "ASSET%dUSDT", i);
        spec_event(&e, symbol, base);
        must(directory_apply(g->dir, 0, &e, &id) >= 0, "an instrument");
        assets[i] = directory_get(g->dir, id)->asset;
    }
}

static void rig_init(struct rig *g, bool rollup)
{
    static const char *const names[] = {"binance", "bybit", "hyperliquid", "okx"};
    char why[400];
    must(rig_make(g, names, VENUES), "memory");
    g->t_us = T0_S * SEC;
    g->epoch = 1;
    list_assets(g);
    snprintf(g->conf->db_conninfo, sizeof(g->conf->db_conninfo), "host=/nonexistent");
    g->conf->spool_dir[0] = 0;
    g->conf->store_memory_mb = 1024;
    g->conf->store_rollup_1m = rollup;
    const struct store_deps d = rig_deps(g, 1);
    g->store = store_new(&d, why);
    must(g->store, why);
    g->sinks = store_sinks(g->store);
}

static void on_stopped(void *arg)
{
    (void)arg;
}

static void rig_end(struct rig *g)
{
    store_stop(g->store, 1, on_stopped, g);
    for (int i = 0; i < 200 && uv_run(&g->loop, UV_RUN_NOWAIT); i++)
        usleep(1000);
    store_free(g->store);
    rig_unmake(g);
}

static void tell(struct rig *g, struct subject x, const struct cell *row)
{
    g->sinks.row(g->sinks.arg, g->t_us, x, row, metric_columns((enum metric_table)x.table));
}

/* One second: an asset's metrics and those of its venues; the models of a fifth of the assets. */
static double second(struct rig *g, const struct cell *row, int s)
{
    g->t_us = (T0_S + s) * SEC;
    double t0 = bench_cpu_ns();
    for (int i = 0; i < ASSETS; i++) {
        uint32_t a = assets[i];
        tell(g, (struct subject){MT_ASSET, 255, 255, a}, row);
        for (uint8_t v = 0; v < VENUES; v++)
            tell(g, (struct subject){MT_VENUE_ASSET, v, 255, a}, row);
        for (uint8_t k = 0; k < 2 && i % 5 == s % 5; k++) {
            tell(g, (struct subject){MT_SCENARIO, 255, k, a}, row);
            for (uint8_t v = 0; v < VENUES; v++) {
                tell(g, (struct subject){MT_SCENARIO, v, k, a}, row);
                tell(g, (struct subject){MT_GROUP_ASSET_SIDE, v, k, a}, row);
            }
        }
    }
    return (bench_cpu_ns() - t0) / 1e3;
}

static struct cost run(bool rollup)
{
    static struct cell row[STREAM_COLS_MAX];
    static double quiet[SECONDS], ten[SECONDS], minute[SECONDS];
    static struct rig g;
    struct cost c = {0};
    int nq = 0, nt = 0, nm = 0;
    for (int i = 0; i < STREAM_COLS_MAX; i++)
        row[i] = (struct cell){1.5 * i, R_KNOWN};
    rig_init(&g, rollup);
    for (int s = 0; s < SECONDS; s++) {
        double us = second(&g, row, s);
        int64_t at = T0_S + s;
        if (s >= 60) { /* every subject has been seen by then */
            c.all += us;
            if (at % 60 == 0)
                minute[nm++] = us;
            else if (at % 10 == 0)
                ten[nt++] = us;
            else
                quiet[nq++] = us;
        }
    }
    struct store_status st;
    store_get_status(g.store, &st);
    must(st.rows_shed == 0, "rows were shed");
    c.quiet = bench_median(quiet, nq);
    c.ten = bench_median(ten, nt);
    c.minute = bench_median(minute, nm);
    rig_end(&g);
    return c;
}

int main(void)
{
    double q[BENCH_ROUNDS], t[BENCH_ROUNDS], m[BENCH_ROUNDS], extra[BENCH_ROUNDS],
        each[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        struct cost with = run(true), without = run(false);
        q[i] = with.quiet;
        t[i] = with.ten;
        m[i] = with.minute;
        extra[i] = with.minute - without.minute;
        each[i] = (with.all - without.all) / (SECONDS - 60);
    }
    bench_note("minute_quiet_second", bench_median(q, BENCH_ROUNDS), "us");
    bench_note("minute_ten_second_rows", bench_median(t, BENCH_ROUNDS), "us");
    bench_note("minute_change", bench_median(m, BENCH_ROUNDS), "us");
    bench_goal("minute_change_by_rollups", bench_median(extra, BENCH_ROUNDS), "us", "<=", 5000);
    bench_goal("minute_rollups_a_second", bench_median(each, BENCH_ROUNDS), "us", "<=", 1000);
    return bench_status();
}
