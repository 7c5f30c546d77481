/* Proves that nothing is lost or doubled while the database goes away in every way a test can
 * arrange, and that what must be given up (queue full, refused row) is counted and named in
 * feed_gap. */
#include "store_rig.h"

#include <errno.h>
#include <unistd.h>

static bool has_shed(struct rig *g)
{
    return g->store->st.rows_shed > 0 && g->store->writer[LANE_BULK].build.n_rows == 0;
}

START_TEST(test_database_away_at_start)
{
    char want[100];
    struct store_status st;
    struct rig g;
    rig_init(&g);
    g.conf->store_memory_mb = 2;
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
    run_until(&g, has_shed, "shed");
    store_get_status(g.store, &st);
    int shed = (int)st.rows_shed;
    ck_assert_int_gt(shed, 1000);
    ck_assert_int_lt(shed, 5000);
    ck_assert_int_ge((int)st.rows_queued, 5000 - shed + 100 + 50);
    ck_assert_int_le((int)st.rows_queued, 5000 - shed + 100 + 50 + 2); /* and rows of feed_gap */
    ck_assert_int_gt((int)strlen(st.last_error), 10);
    cluster_verb("up");
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), 5000 - shed);
    ck_assert_int_eq(ask("SELECT min(oi_usd)::int FROM cascade_risk.m_asset"),
                     shed); /* the oldest were shed */
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"), 100);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap WHERE cause = 'silent'"), 50);
    snprintf(want, sizeof(want), "m_asset %d 0 %d", shed, shed - 1);
    ck_text(
        "SELECT concat_ws(' ', channel, sum(lost_rows), min(extract(epoch FROM t_from))::bigint -"
        " 1760000000, max(extract(epoch FROM t_to))::bigint - 1760000000) FROM"
        " cascade_risk.feed_gap WHERE cause = 'store' GROUP BY channel",
        want);
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

static uint64_t reconnects_before;

/* A batch whose answer was on its way when its connection was ended is none since then. */
static bool is_back(struct rig *g)
{
    return g->store->st.reconnects > reconnects_before &&
           g->store->writer[LANE_BULK].state == STORE_READY;
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
    reconnects_before = 0;
    for (int round = 0; round < 8; round++) {
        feed_target += 1500;
        run_until(&g, is_fed, "fed");
        if (round > 0)
            run_until(&g, is_back, "connected again since the last loss");
        batches_before = g.store->st.batches;
        reconnects_before = g.store->st.reconnects;
        run_until(&g, wrote_again, "a batch since the last loss");
        if (round % 4 == 3) {
            cluster_verb("down");
            cluster_verb("up");
        } else {
            run_sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                " WHERE application_name LIKE 'cascaded/%'");
        }
    }
    uv_close((uv_handle_t *)&feed, NULL);
    run_until(&g, is_back, "connected again");
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_ge((int)st.reconnects, 8);
    rig_stop(&g);
    ck_all_once(feed_target);
}
END_TEST

static bool is_durable(struct rig *g)
{
    const struct writer *l = &g->store->writer[LANE_BULK];
    return is_drained(g) && pos_is(l->at, l->durable) && !l->unsure;
}

static uint64_t wanted;

static bool has_stored_all(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    return st.rows_written >= wanted && st.rows_queued == 0;
}

/* What was stored and is not yet durable waits again when the connection is lost. */
START_TEST(test_unsure_rows_wait)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    g.conf->store_durable_ms = 60000;
    rig_store(&g, 7);
    run_until(&g, is_ready, "ready");
    tell_asset(&g, T0_S * SEC, 0);
    run_until(&g, is_durable, "durable");
    wanted = g.store->st.rows_written + 499;
    for (int i = 1; i < 500; i++)
        tell_asset(&g, (T0_S + i) * SEC, i);
    run_until(&g, has_stored_all, "stored");
    cluster_verb("down");
    run_until(&g, is_away, "away");
    store_get_status(g.store, &st);
    ck_assert_int_ge((int)st.rows_queued, 499);
    cluster_verb("up");
    run_until(&g, is_drained, "drained");
    rig_stop(&g);
    ck_all_once(500);
}
END_TEST

static bool in_batch(struct rig *g)
{
    return g->store->writer[LANE_BULK].job == JOB_BATCH;
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
                     "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON cascade_risk.m_asset"
                     " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
    rig_store(&g, 8);
    run_until(&g, is_drained, "ready");
    const int rounds = 20;
    for (int i = 0; i < rounds; i++) {
        tell_asset(&g, (T0_S + i) * SEC, i);
        g.sinks.universe(g.sinks.arg, (T0_S + i) * SEC, g.btc, true, i);
        run_until(&g, in_batch, "a batch under way");
        writer_away(&g.store->writer[LANE_BULK], "lost by the test");
        uv_timer_start(&g.store->writer[LANE_BULK].retry, g.store->writer[LANE_BULK].retry.timer_cb,
                       i % 3 ? 0 : 120, 0);
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
             "BEGIN; SELECT cascade_risk.position_move(%lld, 'bulk', '{%lld,0}', '{%lld,0}', 1, "
             "now(), true, 1, now());"
             "INSERT INTO cascade_risk.m_asset (t, run_id, asset) VALUES (now(), 1, 'X'); COMMIT",
             (long long)g.store->writer[LANE_BULK].run_id,
             (long long)g.store->writer[LANE_BULK].at.seq - 1,
             (long long)g.store->writer[LANE_BULK].at.seq);
    ck_assert_int_eq(db_block_run(b, sql), E_IO);
    ck_assert(strstr(db_block_error(b), "CR001"));
    db_block_close(b);
    rig_stop(&g);
    ck_all_once(1);
}
END_TEST

START_TEST(test_poison_row)
{
    struct store_status st;
    struct event e;
    struct rig g;
    char dir[] = "/tmp/test_store.XXXXXX", cmd[400];
    ck_assert(mkdtemp(dir));
    rig_init(&g);
    snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", dir);
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
    ck_assert_int_eq((int)st.rows_refused, 5);
    ck_assert_int_eq((int)st.refused_unkept, 0);
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
    /* each is kept for people: whole, valid lines, the bytes that were no text replaced */
    snprintf(cmd, sizeof(cmd),
             "jq -se 'length == 5 and (map(select(.table == \"liquidation\" and .row.px == 100)) |"
             " length) == 4 and any(.[]; .row.symbol == \"EVILUSDT\" and .sqlstate == \"23514\")'"
             " %s/refused.ndjson >/dev/null",
             dir);
    ck_assert_int_eq(system(cmd), 0);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    ck_assert_int_eq(system(cmd), 0);
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

static bool is_stored(struct rig *g)
{
    return g->store->writer[LANE_BULK].pending == 0;
}

static bool has_told_loss(struct rig *g)
{
    return is_drained(g) && g->store->st.rows_shed > 0;
}

/* Without a spool, memory also holds what is committed and not yet surely on the server's disk: it
 * makes room, and is lost only if the server loses it as well. */
START_TEST(test_committed_makes_room)
{
    enum { N = 6000, CHUNK = 200 };
    struct rig g;
    rig_init(&g);
    g.conf->store_memory_mb = 1;
    g.conf->store_durable_ms = 600000;
    rig_store(&g, 21);
    run_until(&g, is_drained, "ready");
    for (int i = 0; i < N; i++) {
        tell_asset(&g, (T0_S + i) * SEC, i);
        if (i % CHUNK == CHUNK - 1) {
            writer_seal(&g.store->writer[LANE_BULK]);
            run_until(&g, is_stored, "stored");
        }
    }
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq((int)g.store->st.rows_shed, 0);
    ck_all_once(N);
    run_sql(db_name, /* as if its disk had never had any of them */
            "DELETE FROM cascade_risk.m_asset; UPDATE cascade_risk.write_position SET seq = 0,"
            " row_n = 0, rows = 0 WHERE lane = 'bulk';"
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'cascaded/%'");
    run_until(&g, has_told_loss, "what memory still has is stored again, the rest told as lost");
    int again = (int)ask("SELECT count(*) FROM cascade_risk.m_asset");
    ck_assert_int_gt(again, CHUNK);
    ck_assert_int_lt(again, N);
    ck_assert_int_eq(ask("SELECT max(oi_usd)::int FROM cascade_risk.m_asset"), N - 1);
    ck_assert_int_eq(ask("SELECT sum(lost_rows)::int FROM cascade_risk.feed_gap"),
                     (N - again) / CHUNK); /* batches: a lower bound */
    rig_stop(&g);
}
END_TEST

static const struct together {
    uint32_t room, batch; /* rows of a transaction, of a batch */
    bool poison;
    int transactions; /* at most, with those of the catalogues; with poison it depends */
} together[] = {{5000, 20, false, 3}, {5000, 20, true, 0}, {50, 20, false, 18},
                {50, 20, true, 0},    {50, 25, false, 18}, {50, 25, true, 0}};
#define TOGETHER (int)(sizeof(together) / sizeof(together[0]))

/* Batches that wait go into one transaction, as many rows as there is room for: whether that ends
 * between two batches or within one, and whatever is refused, each row is stored once. */
START_TEST(test_together)
{
    enum { N = 500 };
    const struct together *c = &together[_i];
    char want[40];
    struct rig g;
    if (c->poison)
        run_sql(db_name, "ALTER TABLE cascade_risk.m_asset ADD CHECK (oi_usd <> 333)");
    rig_init(&g);
    g.conf->store_batch_rows = c->room;
    rig_store(&g, 230 + _i);
    g.conf->store_batch_rows = c->batch;
    for (int k = 0; k < N; k++)
        tell_asset(&g, (T0_S + k) * SEC, k);
    g.conf->store_batch_rows = 5000;
    run_until(&g, is_drained, "drained");
    int transactions = (int)g.store->st.batches;
    ck_assert_int_eq((int)g.store->st.rows_refused, c->poison);
    if (!c->poison)
        ck_assert_int_le(transactions, c->transactions);
    rig_stop(&g);
    snprintf(want, sizeof(want), "%d 0", (int)(N / c->batch));
    ck_text("SELECT concat_ws(' ', seq, row_n) FROM cascade_risk.write_position"
            " WHERE lane = 'bulk'",
            want);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), N - c->poison);
    ck_assert_int_eq(ask("SELECT count(DISTINCT oi_usd) FROM cascade_risk.m_asset"), N - c->poison);
    ck_assert_int_eq(ask("SELECT coalesce(sum(lost_rows), 0)::int FROM cascade_risk.feed_gap"),
                     c->poison);
}
END_TEST

static void tell_batch(struct rig *g, int *t_s, int rows)
{
    for (int i = 0; i < rows; i++, ++*t_s)
        tell_asset(g, (T0_S + *t_s) * SEC, i);
    writer_seal(&g->store->writer[LANE_BULK]);
}

/* However many rows a batch has, and whatever is told between two large ones, these are not copied
 * to go to the spool: the block they were made in goes. */
START_TEST(test_blocks_go_as_they_are)
{
    static const int sizes[] = {1000, 100, 250, 260, 520, 130, 900};
    enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), SETTLED = 40 };
    struct rig g;
    int t_s = 0, copied = 0;
    rig_init(&g);
    snprintf(g.conf->db_conninfo, sizeof(g.conf->db_conninfo), "host=/nonexistent dbname=x");
    g.conf->store_memory_mb = 256;
    rig_store(&g, 25);
    const struct writer *l = &g.store->writer[LANE_BULK];
    for (int k = 0; k < SIZES; k++)
        for (int i = 0; i < SETTLED + 10; i++) {
            tell_batch(&g, &t_s, sizes[k]);
            copied += i >= SETTLED && l->build_block != NULL;
            tell_batch(&g, &t_s, 3);
            ck_assert_uint_le(l->build_block ? l->build_block->cap : 0, 1u << 20);
        }
    ck_assert_int_eq(copied, 0);
    rig_stop(&g);
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
        /* without a spool each is another one, and a row of before its start not its own */
        snprintf(g.conf->store_writer, sizeof(g.conf->store_writer), "w%d", ms);
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

/* The alert lane comes back when the other one has told the end: what it has is stored, and the run
 * stays ended. */
START_TEST(test_end_stays)
{
    struct rig g;
    rig_init(&g);
    rig_store(&g, 17);
    run_until(&g, is_drained, "drained");
    writer_away(&g.store->writer[LANE_ALERT], "lost by the test");
    tell_alert(&g, T0_S * SEC, 1);
    rig_stop(&g);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"), 1);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.run WHERE ended IS NOT NULL"), 1);
}
END_TEST

/* Lives of the daemon: told rows, never let at the database, ended or simply gone; the last one
 * stores what all of them were told, each row under its own run. */
START_TEST(test_lives)
{
    char dir[] = "/tmp/test_store.XXXXXX", cmd[100];
    ck_assert(mkdtemp(dir));
    for (int life = 0; life < 4; life++) {
        struct rig g;
        rig_init(&g);
        snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", dir);
        if (life < 3)
            snprintf(g.conf->db_conninfo, sizeof(g.conf->db_conninfo), "host=/nonexistent");
        g.epoch = (uint32_t)life + 1;
        rig_store(&g, 200 + life);
        for (int i = 0; i < 3000; i++) {
            int n = life * 3000 + i;
            tell_asset(&g, (T0_S + n) * SEC, n);
            if (i % 300 == 0)
                tell_alert(&g, (T0_S + n) * SEC, (uint64_t)i / 300 + 1);
        }
        run_until(&g, life < 3 ? is_away : is_drained, "away, or drained");
        rig_stop(&g);
    }
    ck_all_once(12000);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"), 40);
    ck_text("SELECT string_agg(n || ' ' || e, ', ' ORDER BY e) FROM (SELECT count(*) AS n, "
            "min(oi_usd)::int AS e"
            " FROM cascade_risk.m_asset GROUP BY run_id) x",
            "3000 0, 3000 3000, 3000 6000, 3000 9000");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.run WHERE ended IS NULL"), 3);
    ck_assert_int_eq(rmdir(dir) == 0 || errno == ENOTEMPTY, 1);
    snprintf(cmd, sizeof(cmd), "ls %s | grep -c 'spool$' | grep -qx 0", dir);
    ck_assert_int_eq(system(cmd), 0); /* all is durably stored: no segment is left */
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    ck_assert_int_eq(system(cmd), 0);
}
END_TEST

/* What lies in the spool of an earlier life begins with many batches of another's time: those of
 * the own behind them are stored, though it leads at once and has a run of its own to register. */
START_TEST(test_behind_another)
{
    enum { OTHERS = 200, OWN = 10 };
    char dir[] = "/tmp/test_store.XXXXXX", node[37], cmd[600];
    ck_assert(mkdtemp(dir));
    for (int life = 0; life < 2; life++) {
        struct rig g;
        rig_init(&g);
        snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", dir);
        if (life == 0)
            snprintf(g.conf->db_conninfo, sizeof(g.conf->db_conninfo), "host=/nonexistent");
        g.conf->store_batch_rows = 1;
        g.epoch = (uint32_t)life + 1;
        rig_store(&g, 220 + life);
        snprintf(node, sizeof(node), "%s", g.store->lease.node);
        for (int i = 0; life == 0 && i < OTHERS + OWN; i++)
            tell_asset(&g, (T0_S + i) * SEC, i);
        run_until(&g, life == 0 ? is_away : is_drained, "away, or drained");
        rig_stop(&g);
        snprintf(
            cmd, sizeof(cmd),
            "INSERT INTO cascade_risk.writer_lease SELECT 'main', term, node::uuid, node::uuid,"
            " CASE WHEN term = 1 THEN '-infinity' ELSE to_timestamp(t) END, to_timestamp(lost),"
            " NULL, now() FROM (VALUES (1, '%s', 0, %d),"
            " (2, '00000000-0000-4000-8000-00000000abcd', %d, %d), (3, '%s', %d, NULL))"
            " x (term, node, t, lost)",
            node, (int)T0_S, (int)T0_S, (int)T0_S + OTHERS, node, (int)T0_S + OTHERS);
        if (life == 0)
            run_sql(db_name, cmd);
    }
    ck_text("SELECT concat_ws(' ', count(*), min(oi_usd), max(oi_usd)) FROM cascade_risk.m_asset",
            "10 200 209");
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    ck_assert_int_eq(system(cmd), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_loss");
    TCase *tc = tcase_create("cluster");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_database_away_at_start);
    tcase_add_test(tc, test_restarts);
    tcase_add_test(tc, test_unsure_rows_wait);
    tcase_add_test(tc, test_commit_unheard);
    tcase_add_test(tc, test_zombie_refused);
    tcase_add_test(tc, test_poison_row);
    tcase_add_test(tc, test_small_batches);
    tcase_add_test(tc, test_committed_makes_room);
    tcase_add_loop_test(tc, test_together, 0, TOGETHER);
    tcase_add_test(tc, test_lives);
    tcase_add_test(tc, test_behind_another);
    tcase_add_test(tc, test_blocks_go_as_they_are);
    tcase_add_test(tc, test_stop_while_away);
    tcase_add_test(tc, test_stop_at_every_stage);
    tcase_add_test(tc, test_end_stays);
    return unit_run(srunner_create(suite));
}
