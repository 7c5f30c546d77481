/* Proves which rows of an asset are stored: the coarse ones always, every second around its alerts
 * and only around its own, in order of time and none twice; and that the one-minute rollups are
 * exactly what SQL makes of the rows of every second. */
#include "store_rig.h"

#include <stdlib.h>

#define BEFORE_S 30
#define AFTER_S  20

static void tell_state(struct rig *g, int s, struct subject x, uint8_t state)
{
    static uint64_t n;
    struct alert a = {.n = ++n,
                      .id = 3,
                      .state = state,
                      .was = AS_INACTIVE,
                      .severity = SEV_WARNING,
                      .subject = x,
                      .t_us = (T0_S + s) * SEC,
                      .value = 5,
                      .threshold = 2,
                      .peak = 5};
    g->sinks.alert(g->sinks.arg, &a);
}

static struct subject btc(const struct rig *g)
{
    return (struct subject){MT_ASSET, 255, 255, g->btc};
}

static void tell_seconds(struct rig *g, int from, int to) /* both included */
{
    for (int s = from; s <= to; s++)
        tell_asset(g, (T0_S + s) * SEC, s);
}

static void rig_hot(struct rig *g, int n)
{
    rig_init(g);
    g->conf->store_asset_period_s = 10;
    rig_store(g, n);
}

/* The seconds stored, as `0 10 20 30-111 120`. */
static void ck_seconds(const char *want)
{
    ck_text("SELECT string_agg(CASE WHEN a = b THEN a::text ELSE a || '-' || b END, ' ' ORDER BY a)"
            " FROM (SELECT min(s) AS a, max(s) AS b FROM (SELECT s, s - row_number() OVER (ORDER BY"
            " s) AS island FROM (SELECT extract(epoch FROM t)::bigint - 1760000000 AS s"
            " FROM cascade_risk.m_asset) x) y GROUP BY island) z",
            want);
    ck_assert_int_eq(ask("SELECT count(*) - count(DISTINCT t) FROM cascade_risk.m_asset"), 0);
}

/* The coarse ones were stored long before, so they do not count. */
static void ck_in_order(void)
{
    ck_assert_int_eq(ask("SELECT count(*) FROM (SELECT t < lag(t) OVER (ORDER BY tableoid, ctid) AS"
                         " back FROM cascade_risk.m_asset WHERE extract(second FROM t)::int % 10 "
                         "<> 0) x WHERE back"),
                     0);
}

START_TEST(test_around_an_alert)
{
    struct rig g;
    rig_hot(&g, 1);
    tell_seconds(&g, 0, 95);
    tell_state(&g, 95, btc(&g), AS_PENDING);
    tell_seconds(&g, 96, 100);
    tell_state(&g, 100, btc(&g), AS_FIRING);
    tell_seconds(&g, 101, 140);
    tell_state(&g, 140, btc(&g), AS_RESOLVED);
    tell_seconds(&g, 141, 205);
    run_until(&g, is_drained, "drained");
    ck_seconds("0 10 20 30 40 50 60 65-161 170 180 190 200"); /* cooled by the row of 141 */
    ck_in_order();
    rig_stop(&g);
}
END_TEST

/* What was kept in mind is bounded: after an hour of calm it is BEFORE_S all the same. Two times
 * that touch are one, and a row is never written twice. */
START_TEST(test_again)
{
    struct rig g;
    rig_hot(&g, 2);
    tell_seconds(&g, 0, 3600);
    tell_state(&g, 3600, btc(&g), AS_FIRING);
    tell_state(&g, 3600, btc(&g), AS_RESOLVED);
    tell_seconds(&g, 3601, 3610);
    tell_state(&g, 3610, btc(&g), AS_PENDING); /* within the time after the first */
    tell_seconds(&g, 3611, 3615);
    tell_state(&g, 3615, btc(&g), AS_INACTIVE);
    tell_seconds(&g, 3616, 3650);
    tell_state(&g, 3650, btc(&g), AS_PENDING); /* looks back into it */
    tell_seconds(&g, 3651, 3652);
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset WHERE t < "
                         "to_timestamp(1760000000 + 3570)"),
                     357);
    ck_assert_int_eq(ask("SELECT count(DISTINCT t) FROM cascade_risk.m_asset WHERE t >= "
                         "to_timestamp(1760000000 + 3570)"),
                     3652 - 3570 + 1);
    ck_assert_int_eq(ask("SELECT count(*) - count(DISTINCT t) FROM cascade_risk.m_asset"), 0);
    ck_in_order();
    rig_stop(&g);
}
END_TEST

/* An alert of a feed of the same number, or of the process, is none of the asset's; and while one
 * of two is on the asset stays hot. */
START_TEST(test_whose_alerts)
{
    struct rig g;
    rig_hot(&g, 3);
    tell_seconds(&g, 0, 20);
    tell_state(&g, 20, (struct subject){MT_FEED, 0, 1, g.btc}, AS_FIRING);
    tell_state(&g, 20, (struct subject){MT_PROCESS, 255, 255, g.btc}, AS_FIRING);
    tell_state(&g, 20, (struct subject){MT_VENUE_ASSET, 0, 255, g.btc + 1}, AS_FIRING);
    tell_seconds(&g, 21, 60);
    struct judgement j = {btc(&g),      metric_find(slice_of("oi_usd"), MT_ASSET),
                          {5, R_KNOWN}, false,
                          false,        (T0_S + 60) * SEC};
    alerts_judge(g.alerts, g.dir, &j); /* fires at once: the rule has for = 0 */
    tell_state(&g, 60, btc(&g), AS_FIRING);
    tell_seconds(&g, 61, 65);
    tell_state(&g, 65, (struct subject){MT_SCENARIO, 255, 0, g.btc}, AS_RESOLVED); /* another one */
    tell_seconds(&g, 66, 100);
    j.value.value = 0;
    j.now_us = (T0_S + 100) * SEC;
    alerts_judge(g.alerts, g.dir, &j);
    tell_state(&g, 100, btc(&g), AS_RESOLVED);
    tell_seconds(&g, 101, 135);
    run_until(&g, is_drained, "drained");
    ck_seconds("0 10 20 30-121 130");
    rig_stop(&g);
}
END_TEST

/* A run that begins with the alert on (restored from the state) is hot from its first row; and what
 * waits is written at the stop. */
START_TEST(test_begin_and_end)
{
    struct rig g;
    rig_hot(&g, 4);
    tell_state(&g, 3, btc(&g), AS_FIRING);
    tell_seconds(&g, 3, 7);
    tell_state(&g, 7, btc(&g), AS_RESOLVED);
    tell_seconds(&g, 8, 42);
    tell_state(&g, 42, btc(&g), AS_FIRING); /* no row follows */
    rig_stop(&g);
    ck_seconds("3-42");
}
END_TEST

/* Alerts that come and go at random, against the plain rule. */
START_TEST(test_random)
{
    enum { N = 3000 };
    static bool want[N];
    char sql[300];
    struct rig g;
    int until = -1;
    bool on = false, ended = false;
    rig_hot(&g, 5);
    srand((unsigned)_i + 1);
    memset(want, 0, sizeof(want));
    for (int s = 0; s < N; s++) {
        if (ended) /* the row after the end notices it */
            until = s + AFTER_S;
        ended = false;
        want[s] = s % 10 == 0 || on || s <= until;
        tell_asset(&g, (T0_S + s) * SEC, s);
        if (rand() % (on ? 15 : 60) == 0) {
            on = !on;
            ended = !on;
            tell_state(&g, s, btc(&g), on ? AS_PENDING : AS_INACTIVE);
            for (int b = s > BEFORE_S ? s - BEFORE_S : 0; on && b <= s; b++)
                want[b] = true;
            if (!on)
                until = s + 1; /* at least */
        }
        if (s % 500 == 499)
            run_until(&g, is_drained, "drained");
    }
    int n = 0;
    for (int s = 0; s < N; s++)
        n += want[s];
    rig_stop(&g);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset"), n);
    for (int s = 0; s < N; s += 1000) { /* which ones, as sums over spans */
        int64_t sum = 0;
        for (int k = s; k < s + 1000; k++)
            sum += want[k] ? (int64_t)k * k : 0;
        snprintf(sql, sizeof(sql),
                 "SELECT sum(oi_usd * oi_usd)::bigint FROM cascade_risk.m_asset WHERE oi_usd >= %d"
                 " AND oi_usd < %d",
                 s, s + 1000);
        ck_assert_int_eq(ask(sql), sum);
    }
    ck_in_order();
}
END_TEST

/* ---- rollups -------------------------------------------------------------------------------- */

static void make_diff(void)
{
    char path[400], text[8192];
    snprintf(path, sizeof(path), "%s/tests/sql/rollup_diff.sql", root());
    FILE *f = fopen(path, "r");
    ck_assert(f);
    size_t n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    run_sql(db_name, text);
}

static void tell_random(struct rig *g, int64_t t_us, struct subject x)
{
    struct cell row[STREAM_COLS_MAX];
    int n = metric_columns((enum metric_table)x.table);
    for (int i = 0; i < n; i++) {
        bool known = i % 7 != 0 || rand() % 40 == 0; /* some are unknown for whole minutes */
        row[i] = known && rand() % 3 ? (struct cell){(rand() - 1e9) / 7, R_KNOWN}
                                     : (struct cell){NAN, R_STALE};
    }
    g->sinks.row(g->sinks.arg, t_us, x, row, n);
}

/* What is stored of every second is everything here, so SQL can make the minutes, too: of a run
 * that begins and ends within one, with a hole, a venue that goes, turns that fall on whole
 * seconds, and scenarios and sides that are computed in turn. */
static void diff_is(const char *table, const char *seen, const char *want)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT concat_ws(' ', minutes, cells > 100, wrong) FROM rollup_diff('%s', '%s')",
             table, seen);
    ck_text(sql, want);
}

/* As if the daemon had been killed instead, and the next one had begun to write: what SQL makes of
 * the rows is what the daemon had made of them, to the bit. */
static void check_mended(void)
{
    static const char *const keys[] = {"m_asset", "m_venue_asset", "m_scenario",
                                       "m_group_asset_side"};
    char sql[300];
    for (int i = 0; i < 4; i++) {
        snprintf(
            sql, sizeof(sql),
            "DELETE FROM cascade_risk.%s_1m WHERE t >= date_trunc('minute', to_timestamp(%lld),"
            " 'UTC') - interval '1 minute'",
            keys[i], (long long)T0_S + 419);
        run_sql(db_name, sql);
    }
    run_sql(
        db_name,
        "UPDATE cascade_risk.run SET ended = NULL, node = coalesce(node, instance);"
        "INSERT INTO cascade_risk.run (instance, epoch, version, started, conf, conf_sha256,"
        " writer, node) SELECT '00000000-0000-4000-8000-0000000000ff', epoch + 1, version, started,"
        " conf, conf_sha256, writer, node FROM cascade_risk.run;"
        "INSERT INTO cascade_risk.write_position SELECT max(run_id), 'bulk', 1, 0, 1, now(),"
        " now() FROM cascade_risk.run");
    ck_assert_int_gt(ask("SELECT cascade_risk.mend_rollups('100 years')"), 5);
    ck_assert_int_eq(ask("SELECT cascade_risk.mend_rollups('100 years')"), 0);
}

START_TEST(test_rollups)
{
    struct rig g;
    rig_init(&g);
    g.conf->store_rollup_1m = true;
    g.conf->store_scenario_period_s = 1;
    rig_store(&g, 6);
    make_diff();
    srand(9);
    for (int s = 0; s < 420; s++) {
        int64_t t_us = (T0_S + s) * SEC;
        if (s > 150 && s < 290)
            continue;
        tell_random(&g, t_us, btc(&g));
        for (uint8_t v = 0; v < 2; v++)
            if (v == 0 || s < 130)
                tell_random(&g, t_us, (struct subject){MT_VENUE_ASSET, v, 255, g.btc});
        tell_random(&g, t_us, btc(&g));          /* a turn */
        tell_random(&g, t_us + 500000, btc(&g)); /* and one between two ticks */
        for (uint8_t part = 0; s % 5 == 3 && part < 2; part++) {
            tell_random(&g, t_us, (struct subject){MT_SCENARIO, 255, part, g.btc});
            tell_random(&g, t_us, (struct subject){MT_SCENARIO, 1, part, g.btc});
            tell_random(&g, t_us, (struct subject){MT_GROUP_ASSET_SIDE, 1, part, g.btc});
        }
    }
    rig_stop(&g);
    for (int mended = 0; mended < 2; mended++) {
        diff_is("m_asset", "seconds", "6 t 0");
        diff_is("m_venue_asset", "seconds", "9 t 0");
        diff_is("m_scenario", "evaluations", "24 t 0");
        diff_is("m_group_asset_side", "evaluations", "12 t 0");
        ck_text("SELECT string_agg(seconds::text, ' ' ORDER BY t) FROM cascade_risk.m_asset_1m",
                "40 60 51 50 60 20");
        if (!mended)
            check_mended();
    }
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset_1m r JOIN LATERAL (SELECT"
                         " (array_agg(px_fair_usd ORDER BY x.t) FILTER (WHERE px_fair_usd IS NOT"
                         " NULL))[1] AS first, avg(basis_bps) AS mean FROM cascade_risk.m_asset x"
                         " WHERE date_trunc('minute', x.t) = r.t) y ON true WHERE first IS DISTINCT"
                         " FROM px_open_usd OR abs(mean - basis_mean_bps) > 1e-9 * abs(mean) OR"
                         " (mean IS NULL) <> (basis_mean_bps IS NULL)"),
                     0);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap"), 0);
}
END_TEST

/* A minute goes to the database when it is over, not when the run is. */
START_TEST(test_minute_in_time)
{
    struct rig g;
    rig_init(&g);
    g.conf->store_rollup_1m = true;
    rig_store(&g, 7);
    tell_seconds(&g, 0, 39);
    tell_random(&g, (T0_S + 39) * SEC, (struct subject){MT_VENUE_ASSET, 1, 255, g.btc});
    run_until(&g, is_drained, "drained");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.m_asset_1m"), 0);
    tell_seconds(&g, 40, 40);
    run_until(&g, is_drained, "drained");
    ck_text("SELECT concat_ws(' ', seconds, oi_usd, oi_usd_min, oi_usd_max, oi_base) FROM"
            " cascade_risk.m_asset_1m",
            "40 39 0 39 40");
    tell_seconds(&g, 41, 42); /* the venue's minute ends though it has no row any more */
    run_until(&g, is_drained, "drained");
    ck_text("SELECT concat_ws(' ', venue, seconds) FROM cascade_risk.m_venue_asset_1m",
            "hyperliquid 1");
    rig_stop(&g);
}
END_TEST

/* ---- without a database --------------------------------------------------------------------- */

START_TEST(test_slots)
{
    const struct hot_conf c = {.assets = 4, .before_s = 60, .venues = 4};
    struct hot *h = hot_new(&c);
    ck_assert(h);
    ck_assert_int_gt((int)hot_bytes(h), 4 * 61 * 8 * metric_columns(MT_ASSET));
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(hot_get(h, i, 1000 * SEC));
    ck_assert(!hot_get(h, 4, 1000 * SEC)); /* all taken, and all seen just now */
    hot_get(h, 1, 1000 * SEC)->t_seen_us = 900 * SEC;
    hot_heat(h, hot_get(h, 0, 0), 1000 * SEC);
    ck_assert(!hot_get(h, 4, 1019 * SEC));
    ck_assert(hot_get(h, 4, 1020 * SEC + 1)); /* the one not seen for longest */
    ck_assert(!hot_get(h, 1, 1020 * SEC + 1));
    for (uint32_t i = 0; i < 3; i++)
        ck_assert(hot_get(h, 10 + i, 5000 * SEC) != NULL);
    ck_assert(hot_get(h, 20, 9000 * SEC));
    ck_assert(hot_covers(hot_get(h, 0, 0), 9000 * SEC)); /* a hot one is never given away */
    ck_assert(!hot_get(h, DIR_ASSETS_MAX, 0));
    hot_free(h);
}
END_TEST

START_TEST(test_names)
{
    for (int s = 0; s < STREAMS; s++) /* as PostgreSQL takes them, and none twice */
        for (int i = 0, n = stream_columns((enum stream_id)s); i < n; i++) {
            struct col a = stream_column((enum stream_id)s, i);
            ck_assert_int_lt((int)strlen(a.name), 64);
            for (int k = 0; k < i; k++)
                ck_assert_str_ne(a.name, stream_column((enum stream_id)s, k).name);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_hot");
    TCase *plain = tcase_create("plain");
    suite_add_tcase(suite, plain);
    tcase_add_test(plain, test_slots);
    tcase_add_test(plain, test_names);
    TCase *tc = tcase_create("cluster");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_around_an_alert);
    tcase_add_test(tc, test_again);
    tcase_add_test(tc, test_whose_alerts);
    tcase_add_test(tc, test_begin_and_end);
    tcase_add_loop_test(tc, test_random, 0, 4);
    tcase_add_test(tc, test_rollups);
    tcase_add_test(tc, test_minute_in_time);
    return unit_run(srunner_create(suite));
}
