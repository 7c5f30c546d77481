/* Proves that a batch which a thread carries to the database is stored exactly once whatever
 * happens to it on the way: a server that stands still, ends the connection or refuses in the
 * middle of a COPY, a connection dropped by us, the end of the store; and that what was loaded
 * ahead is judged by the lease as it is when it is sent. */
#include "store_rig.h"

#include <signal.h>

#define ROWS 1400 /* a batch that is larger than what a socket takes */

static pid_t frozen[8];
static int n_frozen;

/* The server's side of our connections stands still. */
static void freeze(void)
{
    struct db_block *b = admin(db_name);
    n_frozen = db_block_ask(b,
                            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                            " AND application_name LIKE 'cascaded/%'",
                            NULL, 0);
    ck_assert(n_frozen > 0 && n_frozen <= 8);
    for (int i = 0; i < n_frozen; i++) {
        int64_t pid = 0;
        const char *text = db_block_text(b, i, 0);
        ck_assert_int_eq(num_parse_i64(text, strlen(text), &pid), 0);
        frozen[i] = (pid_t)pid;
        ck_assert_int_eq(kill(frozen[i], SIGSTOP), 0);
    }
    db_block_close(b);
}

static void thaw(void)
{
    for (int i = 0; i < n_frozen; i++)
        kill(frozen[i], SIGCONT);
    n_frozen = 0;
}

static struct writer *bulk(const struct rig *g)
{
    return &g->store->writer[LANE_BULK];
}

static bool is_carried(struct rig *g)
{
    return bulk(g)->job == JOB_BATCH && db_is_held(bulk(g)->db);
}

static bool is_batch(struct rig *g)
{
    return bulk(g)->job == JOB_BATCH;
}

static bool is_let_go(struct rig *g)
{
    return !db_is_held(bulk(g)->db);
}

static void tell_many(struct rig *g, int from, int n)
{
    for (int i = from; i < from + n; i++)
        tell_asset(g, (T0_S + i) * SEC, i);
}

static void run_for(struct rig *g, uint64_t ms)
{
    uv_timer_t t;
    uv_timer_init(&g->loop, &t);
    uv_timer_start(&t, on_tick, ms, 0);
    while (uv_is_active((uv_handle_t *)&t))
        uv_run(&g->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&t, NULL);
    uv_run(&g->loop, UV_RUN_NOWAIT);
}

/* Each of the rows, once, with its number. */
static void ck_all(int n)
{
    char want[80];
    snprintf(want, sizeof(want), "%d %d 0 %d", n, n, n - 1);
    ck_text("SELECT concat_ws(' ', count(*), count(DISTINCT (t, oi_usd)), min(oi_usd), max(oi_usd))"
            " FROM cascade_risk.m_asset WHERE extract(epoch FROM t) = oi_usd + 1760000000",
            want);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), n);
}

static char dir[40];

static void begin(struct rig *g, int n)
{
    snprintf(dir, sizeof(dir), "/tmp/test_carry.XXXXXX");
    ck_assert(mkdtemp(dir));
    rig_init(g);
    snprintf(g->conf->spool_dir, sizeof(g->conf->spool_dir), "%s", dir);
    rig_store(g, n);
    run_until(g, is_drained, "ready");
}

static void end(struct rig *g)
{
    char cmd[80];
    rig_stop(g);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    ck_assert_int_eq(system(cmd), 0);
}

/* A batch on its way to a server that does not read. */
static void begin_stuck(struct rig *g, int n)
{
    begin(g, n);
    tell_asset(g, T0_S * SEC, 0); /* the day is there */
    run_until(g, is_drained, "the first row");
    freeze();
    tell_many(g, 1, ROWS - 1);
    run_until(g, is_carried, "a batch under way");
    run_for(g, 50);
    ck_assert(is_carried(g));
}

START_TEST(test_server_ends_it)
{
    struct rig g;
    begin_stuck(&g, 1);
    run_sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name LIKE 'cascaded/%'");
    thaw();
    run_until(&g, is_away, "away");
    run_until(&g, is_drained, "drained");
    ck_assert_int_ge((int)g.store->st.reconnects, 1);
    end(&g);
    ck_all(ROWS);
}
END_TEST

/* The connection's own clock, without its minute. */
static void fire(uv_handle_t *h, void *arg)
{
    struct rig *g = arg;
    if (h->type == UV_TIMER && h->data == bulk(g)->db && uv_is_active(h))
        ((uv_timer_t *)h)->timer_cb((uv_timer_t *)h);
}

START_TEST(test_no_answer)
{
    struct rig g;
    begin_stuck(&g, 2);
    uv_walk(&g.loop, fire, &g);
    ck_assert(is_away(&g));
    ck_assert_str_eq(bulk(&g)->last_error,
                     "the database is away (no answer to a transaction within 60 s)");
    run_until(&g, is_let_go, "let go");
    thaw();
    run_until(&g, is_drained, "drained");
    end(&g);
    ck_all(ROWS);
}
END_TEST

/* Connecting anew waits for the thread; what was on its way comes to nothing. */
START_TEST(test_dropped_and_at_once_again)
{
    struct rig g;
    begin_stuck(&g, 3);
    writer_away(bulk(&g), "lost by the test");
    ck_assert(!is_let_go(&g));
    uv_timer_start(&bulk(&g)->retry, bulk(&g)->retry.timer_cb, 0, 0);
    uv_run(&g.loop, UV_RUN_NOWAIT);
    run_until(&g, is_let_go, "let go");
    thaw();
    run_until(&g, is_drained, "drained");
    end(&g);
    ck_all(ROWS);
}
END_TEST

START_TEST(test_stop_while_carried)
{
    struct rig g;
    begin_stuck(&g, 4);
    char kept[40];
    snprintf(kept, sizeof(kept), "%s", dir);
    int64_t t = wall_us(NULL);
    store_stop(g.store, 300, on_stopped, &g);
    run_until(&g, is_stopped, "stopped");
    ck_assert(wall_us(NULL) - t < 3 * SEC);
    store_free(g.store);
    ck_assert_int_eq(uv_loop_close(&g.loop), 0);
    directory_free(g.dir);
    alerts_free(g.alerts);
    conf_free(g.conf);
    thaw();
    rig_init(&g);
    snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", kept);
    g.epoch = 8;
    rig_store(&g, 5);
    run_until(&g, is_drained, "drained");
    end(&g);
    ck_all(ROWS);
}
END_TEST

/* The server says so while the data is still being sent. */
START_TEST(test_refused_in_the_middle)
{
    struct store_status st;
    struct rig g;
    begin(&g, 6);
    run_sql(db_name, "ALTER TABLE cascade_risk.m_asset ADD CHECK (oi_usd <> 3)");
    tell_many(&g, 0, ROWS);
    run_until(&g, is_carried, "a batch under way");
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.rows_refused, 1);
    end(&g);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), ROWS - 1);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset WHERE oi_usd = 3"), 0);
}
END_TEST

/* Between two attempts to send the server takes what the first one left. PQflush is interposed by
 * the linker (see the Makefile). */
static bool slow_flush;
int __real_PQflush(void *conn);
int __wrap_PQflush(void *conn);
int __wrap_PQflush(void *conn)
{
    int left = __real_PQflush(conn);
    if (slow_flush && left > 0)
        usleep(5000);
    return left;
}

START_TEST(test_taken_meanwhile)
{
    struct rig g;
    slow_flush = true;
    begin(&g, 9);
    for (int i = 0; i < 5; i++) {
        tell_many(&g, i * ROWS, ROWS);
        run_until(&g, is_carried, "a batch under way");
        run_until(&g, is_drained, "drained");
    }
    slow_flush = false;
    end(&g);
    ck_all(5 * ROWS);
}
END_TEST

/* Many batches, the connection dropped at any moment of them, what is loaded ahead with it. */
START_TEST(test_dropped_anywhere)
{
    struct rig g;
    unsigned seed = 7;
    begin(&g, 7);
    g.conf->store_batch_rows = 100;
    for (int i = 0; i < 40; i++) {
        tell_many(&g, i * 400, 400);
        run_until(&g, is_carried, "a batch under way");
        usleep((useconds_t)(rand_r(&seed) % 3000));
        if (i % 2)
            run_for(&g, 1);
        writer_away(bulk(&g), "lost by the test");
        uv_timer_start(&bulk(&g)->retry, bulk(&g)->retry.timer_cb, i % 3 ? 0 : 20, 0);
    }
    run_until(&g, is_drained, "drained");
    end(&g);
    ck_all(40 * 400);
}
END_TEST

static bool is_loaded_ahead(struct rig *g)
{
    return is_carried(g) && bulk(g)->load.ahead;
}

/* Rows of a batch that lies ready become another's before it is sent. */
START_TEST(test_lease_changes_ahead)
{
    struct rig g;
    begin(&g, 8);
    g.conf->store_batch_rows = 200;
    tell_asset(&g, T0_S * SEC, 0);
    run_until(&g, is_drained, "the first row");
    run_sql(db_name, "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                     " 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';"
                     "CREATE TRIGGER slow AFTER INSERT ON cascade_risk.m_asset"
                     " FOR EACH STATEMENT EXECUTE FUNCTION slow()");
    tell_asset(&g, (T0_S + 1) * SEC, 1);
    run_until(&g, is_batch, "a row under way");
    tell_many(&g, 2, 598); /* three batches gather behind it */
    run_until(&g, is_loaded_ahead, "the second batch, while the first is under way");
    ck_assert_int_eq((int)bulk(&g)->load.batch[0].n_rows, 200);
    ck_assert_int_eq(bulk(&g)->load.batches, 1);
    g.store->lease.window[0].to_us = (T0_S + 300) * SEC; /* as if it had been lost there */
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq((int)g.store->st.rows_dropped, 300);
    end(&g);
    ck_all(300);
}
END_TEST

static int written;

static bool has_written(struct rig *g)
{
    return (int)g->store->st.rows_written >= written;
}

/* Of some rows it is not known yet whether they are ours: batches before theirs do not wait. */
START_TEST(test_lease_waits)
{
    struct rig g;
    rig_init(&g);
    rig_store(&g, 9); /* in memory, where all batches are at hand at once */
    tell_asset(&g, T0_S * SEC, 0);
    run_until(&g, is_drained, "the first row");
    written = (int)g.store->st.rows_written + 100;
    struct lease was = g.store->lease;
    g.conf->store_batch_rows = 100;
    tell_many(&g, 1, 300);
    g.conf->store_batch_rows = 5000;
    g.store->lease.role = ROLE_STANDBY; /* as if it had been lost, and were asked for again */
    g.store->lease.asking = true;
    g.store->lease.t_from_us = g.store->lease.window[0].to_us = (T0_S + 151) * SEC;
    writer_kick(bulk(&g));
    run_until(&g, has_written, "the first batch");
    run_for(&g, 50);
    ck_assert_int_eq((int)g.store->st.rows_written, written);
    g.store->lease = was;
    run_until(&g, is_drained, "drained");
    rig_stop(&g);
    ck_all(301);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_carry");
    TCase *tc = tcase_create("cluster");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, thaw);
    tcase_add_test(tc, test_server_ends_it);
    tcase_add_test(tc, test_no_answer);
    tcase_add_test(tc, test_dropped_and_at_once_again);
    tcase_add_test(tc, test_stop_while_carried);
    tcase_add_test(tc, test_refused_in_the_middle);
    tcase_add_test(tc, test_taken_meanwhile);
    tcase_add_test(tc, test_dropped_anywhere);
    tcase_add_test(tc, test_lease_changes_ahead);
    tcase_add_test(tc, test_lease_waits);
    return unit_run(srunner_create(suite));
}
