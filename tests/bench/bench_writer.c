/* The writer against bare programs that do nothing but write: the same batches of the same rows
 * (two seconds of 50 assets on 4 venues), each in a transaction of its own that does not wait for
 * the disk, by binary COPY and by unnest over a blocking connection, in turns in one private
 * cluster. The writer does more: its batches go through the spool, are checked, carry their
 * position and are made durable. Also printed: thread time of the loop for a row, in parts. A row's
 * numbers are made right before it, as the engine hands them over; what that takes is measured by
 * itself and taken off. Needs ROOT. */
#include <libpq-fe.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "store/db_block.h"
#include "store/store_priv.h"

#define SECONDS_N 2
#define ASSETS    50
#define VENUES    4
#define BATCH     (SECONDS_N * ASSETS * (1 + VENUES))
#define BATCHES   40
#define ROUNDS    11
#define TOGETHER  8 /* batches the writer finds room for in one transaction */

static struct rig {
    uv_loop_t loop;
    struct conf *conf;
    struct directory *dir;
    struct alerts *alerts;
    struct store *store;
    char cluster[200], folder[64], info[400];
    int64_t t0_s;
    bool stopped;
} g;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_writer: %s: %s\n", what, why);
    exit(2);
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the cluster ---------------------------------------------------------------------------- */

static void cluster(const char *verb, char *out, size_t cap)
{
    char cmd[600];
    const char *root = getenv("ROOT");
    snprintf(cmd, sizeof cmd, "sh %s/tests/it/pgcluster.sh %s", root ? root : ".", verb);
    FILE *f = popen(cmd, "r");
    size_t n = f && out ? fread(out, 1, cap - 1, f) : 0;
    if (out)
        out[n] = 0;
    if (!f || pclose(f) != 0)
        die("the cluster", verb);
}

static void run_sql(const char *sql)
{
    char why[200];
    struct db_block *b = db_block_open(g.info, "bench", why);
    if (!b)
        die("connecting", why);
    if (db_block_run(b, sql) < 0)
        die(sql, db_block_error(b));
    db_block_close(b);
}

static void start_cluster(void)
{
    char verb[64];
    snprintf(verb, sizeof verb, "start --owner %d", (int)getpid());
    cluster(verb, g.cluster, sizeof g.cluster);
    g.cluster[strcspn(g.cluster, "\n")] = 0;
    snprintf(g.info, sizeof g.info, "host=%s port=5432 user=postgres dbname=cascaded", g.cluster);
    struct schema_opts o = {.conninfo = g.info, .out = stderr, .err = stderr};
    if (schema_apply(&o) != SCHEMA_OK)
        die("the schema", g.info);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int64_t second_of(int batch, int i)
{
    return g.t0_s + batch * SECONDS_N + i / (ASSETS * (1 + VENUES));
}

static int row_numbers[2]; /* of m_asset, of m_venue_asset */

/* What the sink is given with each row of a batch: names lie there before, as the directory's do.
 */
static struct given {
    uint8_t stream;
    const char *venue, *asset; /* venue NULL: of all */
    int n;
} given[BATCH];

#define UNKNOWN_OF 5 /* one number in so many */

static double numbers[UNKNOWN_OF][STREAM_COLS_MAX];

static void give(void)
{
    static char assets[ASSETS][8];
    for (int i = 0; i < ASSETS; i++)
        snprintf(assets[i], sizeof assets[i], "A%02d", i);
    for (int i = 0; i < BATCH; i++) {
        int k = i % (ASSETS * (1 + VENUES)), venue = k / ASSETS;
        given[i] = (struct given){.stream = venue ? ST_M_VENUE_ASSET : ST_M_ASSET,
                                  .venue = venue ? venues[venue - 1]->name : NULL,
                                  .asset = assets[k % ASSETS],
                                  .n = row_numbers[venue != 0]};
    }
    for (int k = 0; k < UNKNOWN_OF; k++)
        for (int c = 0; c < STREAM_COLS_MAX; c++)
            numbers[k][c] = (c + k) % UNKNOWN_OF == 0 ? NAN : 1000.0 * c;
}

/* What the engine would have computed: a number for each metric, a fifth of them unknown; right
 * before the row is made, as the sink of the store takes them over from the engine's. */
static void make_values(double *v, int batch, int i)
{
    double more = (double)(batch * 131 + i) / 7.0;
    for (int c = 0; c < given[i].n; c++)
        v[c] = numbers[i % UNKNOWN_OF][c] + more;
}

/* The rest of a row that has been begun, as the sinks make it: key, then the numbers. */
static void put_values(struct row *r, int batch, int i, int64_t t_us)
{
    const struct given *x = &given[i];
    double v[STREAM_COLS_MAX];
    make_values(v, batch, i);
    row_time(r, t_us);
    if (x->venue)
        row_text(r, x->venue);
    row_text(r, x->asset);
    row_f8s(r, v, x->n);
}

/* As the database takes it. */
static void make_row(struct row *r, int batch, int i)
{
    static struct row packed;
    int64_t t_us = second_of(batch, i) * 1000000;
    row_begin(&packed, given[i].stream, t_us);
    put_values(&packed, batch, i, t_us);
    row_begin(r, given[i].stream, t_us);
    if (row_expand(r, packed.data, packed.len) < 0)
        die("a row", "torn");
}

/* ---- bare programs -------------------------------------------------------------------------- */

static const uint8_t bare_streams[] = {ST_M_ASSET, ST_M_VENUE_ASSET};

static void exec_bare(PGconn *c, const char *sql, ExecStatusType want)
{
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != want)
        die(sql, PQerrorMessage(c));
    PQclear(r);
}

static PGconn *connect_bare(void)
{
    PGconn *c = PQconnectdb(g.info);
    if (PQstatus(c) != CONNECTION_OK)
        die("connecting", PQerrorMessage(c));
    exec_bare(c, "SET synchronous_commit = off", PGRES_COMMAND_OK);
    exec_bare(c, "SET search_path = pg_catalog", PGRES_COMMAND_OK);
    return c;
}

static void name_columns(struct text *t, enum stream_id s)
{
    text_str(t, "run_id");
    for (int i = 0; i < stream_columns(s); i++)
        text_fmt(t, ", %s", stream_column(s, i).name);
}

static uint8_t copy_mem[4 << 20];

/* COPY's form of the batch's rows of a stream: our rows are in it but for the count and the run. */
static size_t copy_text(enum stream_id s, int batch, int batches)
{
    static const uint8_t head[] = "PGCOPY\n\377\r\n";
    struct row *r = &g.store->row;
    size_t n = 11 + 8;
    memcpy(copy_mem, head, 11);
    memset(copy_mem + 11, 0, 8);
    for (int k = 0; k < batches * BATCH; k++) {
        make_row(r, batch + k / BATCH, k % BATCH);
        if (r->stream != s)
            continue;
        int columns = stream_columns(s) + 1;
        copy_mem[n++] = (uint8_t)(columns >> 8);
        copy_mem[n++] = (uint8_t)columns;
        put_be32(copy_mem + n, 8);
        put_be64(copy_mem + n + 4, 1);
        memcpy(copy_mem + n + 12, r->data, r->len);
        n += 12 + r->len;
    }
    memset(copy_mem + n, 0xff, 2);
    return n + 2;
}

/* So many batches in one transaction. */
static void copy_batches(PGconn *c, int batch, int batches)
{
    static char sql[STREAM_SQL_MAX];
    exec_bare(c, "BEGIN", PGRES_COMMAND_OK);
    for (size_t k = 0; k < sizeof bare_streams; k++) {
        enum stream_id s = (enum stream_id)bare_streams[k];
        struct text t;
        text_init(&t, sql, sizeof sql);
        text_fmt(&t, "COPY cascade_risk.%s (", stream_defs[s].table);
        name_columns(&t, s);
        text_str(&t, ") FROM STDIN (FORMAT binary)");
        exec_bare(c, sql, PGRES_COPY_IN);
        size_t n = copy_text(s, batch, batches);
        if (PQputCopyData(c, (const char *)copy_mem, (int)n) != 1 || PQputCopyEnd(c, NULL) != 1)
            die("COPY", PQerrorMessage(c));
        for (PGresult *r; (r = PQgetResult(c)); PQclear(r))
            if (PQresultStatus(r) != PGRES_COMMAND_OK)
                die("COPY", PQerrorMessage(c));
    }
    exec_bare(c, "COMMIT", PGRES_COMMAND_OK);
}

static void bare_copy(PGconn *c, int batch)
{
    copy_batches(c, batch, 1);
}

/* As the writer does with batches that wait. */
static void bare_copy_together(PGconn *c, int batch)
{
    if (batch % TOGETHER == 0)
        copy_batches(c, batch, TOGETHER);
}

static struct outbox bare_box;

static void bare_unnest(PGconn *c, int batch)
{
    static struct stream_plan plan;
    static const uint8_t run[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    struct row *r = &g.store->row;
    outbox_clear(&bare_box);
    for (int i = 0; i < BATCH; i++) {
        make_row(r, batch, i);
        if (!outbox_add(&bare_box, r, 1, (uint32_t)i + 1))
            die("unnest", "the batch does not fit");
    }
    exec_bare(c, "BEGIN", PGRES_COMMAND_OK);
    for (size_t k = 0; k < sizeof bare_streams; k++) {
        Oid types[STREAM_COLS_MAX + 1];
        const char *params[STREAM_COLS_MAX + 1];
        int lens[STREAM_COLS_MAX + 1], formats[STREAM_COLS_MAX + 1];
        enum stream_id s = (enum stream_id)bare_streams[k];
        memset(plan.have, 1, sizeof plan.have);
        stream_plan_sql(s, &plan);
        if (stream_pack(s, &plan, bare_box.rows, bare_box.n, &bare_box.params) <= 0)
            die("unnest", "no rows");
        bare_box.params.param[0] = (struct db_param){OID_I8, run, 8};
        for (int i = 0; i < bare_box.params.n; i++) {
            types[i] = bare_box.params.param[i].oid;
            params[i] = bare_box.params.param[i].p;
            lens[i] = (int)bare_box.params.param[i].len;
            formats[i] = 1;
        }
        PGresult *res =
            PQexecParams(c, plan.sql, bare_box.params.n, types, params, lens, formats, 0);
        if (PQresultStatus(res) != PGRES_COMMAND_OK)
            die("unnest", PQerrorMessage(c));
        PQclear(res);
    }
    exec_bare(c, "COMMIT", PGRES_COMMAND_OK);
}

static double time_bare(void (*write)(PGconn *c, int batch))
{
    PGconn *c = connect_bare();
    double t0 = wall_s();
    for (int b = 0; b < BATCHES; b++)
        write(c, b);
    double took = wall_s() - t0;
    PQfinish(c);
    return took;
}

/* ---- the writer ----------------------------------------------------------------------------- */

static const struct directory *get_directory(void *arg)
{
    (void)arg;
    return g.dir;
}

static const struct alerts *get_alerts(void *arg)
{
    (void)arg;
    return g.alerts;
}

static int64_t now_us(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    (void)venue;
    (void)channel;
    return NULL;
}

static void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static bool is_stored(void)
{
    const struct writer *l = &g.store->writer[LANE_BULK];
    return l->pending == 0 && l->state == STORE_READY && l->job == JOB_NONE &&
           l->holds == HOLDS_NOTHING;
}

static void start_store(void)
{
    static const char *const named[] = {"binance"};
    const struct asset_alias alias = {"*", "1000PEPE", "PEPE", 1000};
    const struct alert_names names = {named, 1, channel_name};
    char why[400];
    g.conf = conf_new();
    snprintf(g.conf->db_conninfo, sizeof g.conf->db_conninfo,
             "host=%s port=5432 user=cascaded_writer dbname=cascaded", g.cluster);
    snprintf(g.folder, sizeof g.folder, "/tmp/bench_writer.XXXXXX");
    if (!mkdtemp(g.folder))
        die("a folder", g.folder);
    snprintf(g.conf->spool_dir, sizeof g.conf->spool_dir, "%s", g.folder);
    g.dir = directory_new(&alias, 1, named, 1);
    g.alerts = alerts_new(&names, ignore_alert, NULL);
    struct store_deps d = {.loop = &g.loop,
                           .conf = g.conf,
                           .directory = get_directory,
                           .alerts = get_alerts,
                           .now_us = now_us,
                           .epoch = 1,
                           .conf_text = "",
                           .instance = "00000000-0000-4000-8000-000000000001"};
    g.store = store_new(&d, why);
    if (!g.store)
        die("the store", why);
    while (g.store->writer[LANE_BULK].state != STORE_READY || g.store->st.run_id == 0)
        uv_run(&g.loop, UV_RUN_ONCE);
    while (!is_stored())
        uv_run(&g.loop, UV_RUN_ONCE);
}

struct cost { /* thread time of the loop for a row, ns; make: not the writer's */
    double encode, append, send, make;
};

enum phase { TO_MAKE, TO_ENCODE, TO_QUEUE }; /* each with those before it */

/* Thread time, ns. What making the numbers takes is not the writer's: it is measured by itself, and
 * taken off. */
static double run_batch(int batch, enum phase phase)
{
    double cpu0 = bench_cpu_ns();
    for (int i = 0; i < BATCH; i++) {
        int64_t t_us = second_of(batch, i) * 1000000;
        if (phase == TO_MAKE) {
            double v[STREAM_COLS_MAX];
            make_values(v, batch, i);
            __asm__ volatile("" : : "r"(v) : "memory"); /* somebody reads them */
            continue;
        }
        if (phase == TO_QUEUE)
            store_begin_row(g.store, LANE_BULK, given[i].stream, t_us);
        else
            row_begin(&g.store->row, given[i].stream, t_us);
        put_values(&g.store->row, batch, i, t_us);
        if (phase == TO_QUEUE)
            store_queue(g.store, LANE_BULK);
    }
    if (phase == TO_QUEUE)
        writer_seal(&g.store->writer[LANE_BULK]);
    return bench_cpu_ns() - cpu0;
}

/* What is owed yet for the rows: a commit that waits for the disk, then the spool lets them go. */
static double settle(void)
{
    struct writer *l = &g.store->writer[LANE_BULK];
    double cpu0 = bench_cpu_ns();
    l->t_durable_us = 0;
    writer_kick(l);
    while (!writer_is_idle(l))
        uv_run(&g.loop, UV_RUN_ONCE);
    return bench_cpu_ns() - cpu0;
}

/* A loop turn between batches, as it has between ticks. */
static double time_writer(struct cost *cost)
{
    double t0 = wall_s(), queue = 0, send = 0, encode = 0, make = 0, rows = (double)BATCHES * BATCH;
    for (int b = 0; b < BATCHES; b++) {
        queue += run_batch(b, TO_QUEUE);
        double cpu0 = bench_cpu_ns();
        writer_kick(&g.store->writer[LANE_BULK]);
        uv_run(&g.loop, UV_RUN_NOWAIT);
        send += bench_cpu_ns() - cpu0;
    }
    double cpu0 = bench_cpu_ns();
    while (!is_stored())
        uv_run(&g.loop, UV_RUN_ONCE);
    send += bench_cpu_ns() - cpu0;
    double took = wall_s() - t0;
    send += settle();
    for (int b = 0; b < BATCHES; b++) {
        make += run_batch(b, TO_MAKE);
        encode += run_batch(b, TO_ENCODE);
    }
    *cost =
        (struct cost){(encode - make) / rows, (queue - encode) / rows, send / rows, make / rows};
    return took;
}

static void on_stopped(void *arg)
{
    (void)arg;
    g.stopped = true;
}

static void stop_all(void)
{
    char text[300];
    store_stop(g.store, 10000, on_stopped, NULL);
    while (!g.stopped)
        uv_run(&g.loop, UV_RUN_ONCE);
    store_free(g.store);
    snprintf(text, sizeof text, "stop %s", g.cluster);
    cluster(text, NULL, 0);
    snprintf(text, sizeof text, "rm -rf %s", g.folder);
    if (system(text) != 0)
        die("removing", g.folder);
}

static void wipe(void)
{
    run_sql("TRUNCATE cascade_risk.m_asset, cascade_risk.m_venue_asset; CHECKPOINT");
}

int main(void)
{
    double copy[ROUNDS], unnest[ROUNDS], writer[ROUNDS], together[ROUNDS], encoded[ROUNDS],
        appended[ROUNDS], sent[ROUNDS], made[ROUNDS], rows = (double)BATCHES * BATCH;
    struct cost cost;
    g.t0_s = now_us(NULL) / 1000000 - BATCHES * SECONDS_N;
    if (uv_loop_init(&g.loop) != 0 || outbox_init(&bare_box, BATCH) < 0)
        die("memory", "none");
    for (int i = 0; i < 2; i++)
        row_numbers[i] =
            stream_columns((enum stream_id)bare_streams[i]) - stream_defs[bare_streams[i]].n_cols;
    give();
    start_cluster();
    start_store();
    for (int i = -1; i < ROUNDS; i++) { /* the first one warms up */
        int k = i < 0 ? 0 : i;
        wipe();
        copy[k] = rows / time_bare(bare_copy);
        wipe();
        writer[k] = rows / time_writer(&cost);
        wipe();
        unnest[k] = rows / time_bare(bare_unnest);
        wipe();
        together[k] = rows / time_bare(bare_copy_together);
        encoded[k] = cost.encode;
        appended[k] = cost.append;
        sent[k] = cost.send;
        made[k] = cost.make;
    }
    double row_bytes = 0;
    for (int i = 0; i < BATCH; i++) {
        make_row(&g.store->row, 0, i);
        row_bytes += (double)g.store->row.len / BATCH;
    }
    stop_all();
    double by_copy = bench_median(copy, ROUNDS), by_unnest = bench_median(unnest, ROUNDS);
    double by_writer = bench_median(writer, ROUNDS);
    double encode = bench_median(encoded, ROUNDS), append = bench_median(appended, ROUNDS);
    double send = bench_median(sent, ROUNDS), best = by_copy > by_unnest ? by_copy : by_unnest;
    bench_note("writer_bare_copy", by_copy / 1e3, "thousand rows/s");
    bench_note("writer_bare_unnest", by_unnest / 1e3, "thousand rows/s");
    bench_note("writer", by_writer / 1e3, "thousand rows/s");
    bench_goal("writer_vs_best_bare", by_writer / best, "x", ">=", 0.85);
    bench_note("writer_vs_bare_together", by_writer / bench_median(together, ROUNDS), "x");
    bench_note("writer_row", row_bytes, "bytes");
    bench_note("writer_numbers_made", bench_median(made, ROUNDS), "ns/row (not in writer_loop)");
    bench_note("writer_loop_encode", encode, "ns/row");
    bench_note("writer_loop_append", append, "ns/row");
    bench_note("writer_loop_send", send, "ns/row");
    bench_goal("writer_loop", encode + append + send, "ns/row", "<=", 120);
    return bench_status();
}
