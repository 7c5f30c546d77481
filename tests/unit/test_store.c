/* Proves that what the store writes is what it was told, in a real database: bits and NULLs, every
 * table, days, versions of instruments; and that it respects the schema it finds. */
#include "store_rig.h"

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

/* What test_every_table has told, as the tables must hold it. */
static int column_of(const char *name, enum metric_table table)
{
    return metric_column(metric_find(slice_of(name), table));
}

static void ck_every_table(void)
{
    char want[80];
    snprintf(want, sizeof(want), "binance BTCUSDT %d", column_of("feed_age_s", MT_FEED));
    ck_text("SELECT string_agg(oi_usd::text, ',') FROM cascade_risk.m_asset", "5");
    ck_text("SELECT string_agg(venue || ' ' || asset || ' ' || oi_base, ',') FROM "
            "cascade_risk.m_venue_asset",
            "binance BTC 1");
    ck_text("SELECT string_agg(venue || ' ' || symbol || ' ' || feed_age_s, ',') FROM "
            "cascade_risk.m_feed",
            want);
    snprintf(want, sizeof(want), "%d 1.25 true", column_of("feeds_live", MT_PROCESS));
    ck_text("SELECT feeds_live || ' ' || loop_lag_ms || ' ' || (tick_ms IS NULL) FROM "
            "cascade_risk.m_process",
            want);
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
    ck_text("SELECT string_agg(venue || ' ' || liq_coverage, ',') FROM cascade_risk.venue"
            " WHERE venue IN ('binance', 'hyperliquid')",
            "binance sampled");
    ck_text("SELECT string_agg(grp || ' ' || asset || ' ' || side || ' ' || px_ref || ' ' ||"
            " seeded_frac || ' ' || oi_base || ' ' || edge_frac::text || ' ' || mass_base::text ||"
            " ' ' || extract(epoch FROM t)::bigint, '; ' ORDER BY side) FROM cascade_risk.liqmap",
            "binance BTC long 100.5 0.25 7 {0,0.01,0.03} {2,4.5} 1760000000; "
            "binance BTC short 100.5 0 1e-09 {0,0.1} {0} 1760000000");
    ck_text("SELECT version || ' ' || (ended > started) || ' ' || conf FROM cascade_risk.run",
            "0.1.0 true [store]\n");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.metric"),
                     metric_count() + store_n_process_metrics);
}

/* A map with mass beyond its last edge, and one that is nearly empty. */
static void tell_maps(struct rig *g, int64_t t)
{
    static const double edge[] = {0, .01, .03}, mass[] = {2, 4.5}, far[] = {0, .1}, none[] = {0};
    const struct map_row rows[] = {{.t_us = t,
                                    .side = POS_LONG,
                                    .asset = g->btc,
                                    .px_ref = 100.5,
                                    .seeded_frac = .25,
                                    .oi_base = 7,
                                    .n = 2,
                                    .edge_frac = edge,
                                    .mass_base = mass},
                                   {.t_us = t,
                                    .side = POS_SHORT,
                                    .asset = g->btc,
                                    .px_ref = 100.5,
                                    .oi_base = 1e-9,
                                    .n = 1,
                                    .edge_frac = far,
                                    .mass_base = none}};
    for (int i = 0; i < 2; i++)
        g->sinks.map(g->sinks.arg, &rows[i]);
}

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
    g.sinks.unknown(g.sinks.arg,
                    &(struct reason_change){t, venue_btc, oi, R_NOT_TRACKED, R_WARMUP});
    g.sinks.unknown(g.sinks.arg,
                    &(struct reason_change){t + 5 * SEC, venue_btc, oi, R_WARMUP, R_STALE});
    tell_maps(&g, t);
    g.sinks.gap(g.sinks.arg, &(struct gap){t, 0, 0, ticker, GAP_SILENT, g.inst});
    tell_alert(&g, t, 1);
    tell_liq(&g, t + 1, g.inst);
    g.sinks.universe(g.sinks.arg, t, g.btc, true, 1e9);
    event_init(&e, EV_LIQ);
    g.sinks.event(g.sinks.arg, &(struct origin){0, 0, NULL}, &e, g.inst,
                  E_UNIT); /* not used: no row */
    run_until(&g, is_drained, "drained");
    g.sinks.unknown(g.sinks.arg,
                    &(struct reason_change){t + 9 * SEC, venue_btc, oi, R_STALE, R_KNOWN});
    g.sinks.gap(g.sinks.arg, &(struct gap){t, t + 3 * SEC, 0, ticker, GAP_SILENT, g.inst});
    rig_stop(&g);
    ck_every_table();
}
END_TEST

/* A venue's stamp may say anything; where a row lies is the engine's time. No row is lost, no batch
 * halved, no day made that nobody lives to see. */
START_TEST(test_venue_clock)
{
    static const int64_t stamps[] = {INT64_C(9999999999999999) /* 2286-11-20 17:46:39.999999 */,
                                     INT64_MAX, -1, 1, 0};
    struct store_status st;
    struct event e;
    struct rig g;
    rig_init(&g);
    rig_store(&g, 2);
    for (int i = 0; i < 5; i++) {
        event_init(&e, EV_LIQ);
        e.t_recv_us = T0_S * SEC + i;
        e.t_venue_us = stamps[i];
        e.u.liq = (struct ev_liq){
            .closed = POS_LONG, .px_kind = PX_LIMIT, .coverage = COVER_COMPLETE, .unit = QTY_BASE};
        e.u.liq.px = e.u.liq.qty = 1;
        g.sinks.event(g.sinks.arg, &(struct origin){0, 0, NULL}, &e, g.inst, 0);
    }
    run_until(&g, is_drained, "drained");
    store_get_status(g.store, &st);
    ck_assert_int_eq((int)st.failures, 0);
    ck_assert_int_eq((int)st.rows_shed, 0);
    ck_text("SELECT string_agg(coalesce(extract(year FROM t_venue AT TIME ZONE 'UTC')::text, '-'),"
            " ' ' ORDER BY t) FROM cascade_risk.liquidation",
            "2286 294247 1969 1970 -");
    ck_assert_int_eq(ask("SELECT count(DISTINCT tableoid) FROM cascade_risk.liquidation"), 1);
    ck_assert_int_eq(ask("SELECT count(*) FROM pg_class WHERE relname ~ '_(2286|1969|1970)'"), 0);
    rig_stop(&g);
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

START_TEST(test_schema_version)
{
    struct store_status st;
    struct rig g;
    rig_init(&g);
    run_sql(db_name, "DELETE FROM cascade_risk.schema_migration"
                     " WHERE version = (SELECT max(version) FROM cascade_risk.schema_migration)");
    rig_store(&g, 12);
    run_until(&g, is_away, "older refused");
    store_get_status(g.store, &st);
    ck_assert(strstr(st.last_error, "cascadectl schema apply"));
    ck_assert_int_eq(st.schema_version, SCHEMA_VERSION - 1);
    ck_assert_int_eq(st.schema_wanted, SCHEMA_VERSION);
    ck_assert(st.t_retry_us - wall_us(NULL) > 9 * SEC);
    run_sql(db_name,
            "INSERT INTO cascade_risk.schema_migration SELECT max(version) + 1, 'a', 'b' FROM"
            " cascade_risk.schema_migration UNION SELECT max(version) + 2, 'c', 'd' FROM"
            " cascade_risk.schema_migration");
    for (int i = 0; i < LANES; i++)
        uv_timer_start(&g.store->writer[i].retry, g.store->writer[i].retry.timer_cb, 0, 0);
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
    ck_assert(strstr(g.store->writer[LANE_BULK].last_error, "cascadectl schema apply"));
    rig_stop(&g);
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

/* A row that grows past its limit says so and keeps what was whole. */
START_TEST(test_row_full)
{
    static const uint8_t bytes[ROW_MAX];
    struct row in;
    row_begin(&in, ST_ALERT, 1);
    for (int i = 0; i < 1000; i++)
        row_f8(&in, 1);
    ck_assert(in.full);
    ck_assert_int_eq((int)in.len, ROW_MAX / 12 * 12);
    row_begin(&in, ST_ALERT, 1);
    row_raw(&in, bytes, ROW_MAX);
    ck_assert(!in.full);
    row_raw(&in, bytes, 1);
    ck_assert(in.full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *plain = tcase_create("plain");
    suite_add_tcase(suite, plain);
    tcase_add_test(plain, test_spans);
    tcase_add_test(plain, test_row_full);
    TCase *tc = tcase_create("cluster");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_bits_and_null);
    tcase_add_test(tc, test_every_table);
    tcase_add_test(tc, test_venue_clock);
    tcase_add_test(tc, test_instrument_versions);
    tcase_add_test(tc, test_days);
    tcase_add_test(tc, test_retention);
    tcase_add_test(tc, test_missing_column);
    tcase_add_test(tc, test_schema_version);
    tcase_add_test(tc, test_empty_database);
    tcase_add_test(tc, test_off);
    return unit_run(srunner_create(suite));
}
