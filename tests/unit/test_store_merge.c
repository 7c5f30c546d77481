/* Proves: when neither disk nor database takes alerts and their memory fills, transitions of one
 * rule and subject become one row with a count; none is shed, all are published, and afterwards the
 * counts add up to what was told. */
#include "store_rig.h"

#define SUBJECTS 10
#define ROUNDS   300

/* ---- the table alone ------------------------------------------------------------------------ */

static int add(struct merge *m, const char *rule, uint32_t id, uint64_t n, const char *text)
{
    const struct merge_key k = {rule, {MT_ASSET, 255, 255, id}};
    static struct row r;
    row_begin(&r, ST_ALERT, (int64_t)n * SEC);
    row_text(&r, text);
    return merge_add(m, &k, n, &r);
}

static void is_next(struct merge *m, uint64_t n, uint64_t transitions, const char *text)
{
    struct merged x;
    ck_assert(merge_take(m, &x));
    ck_assert_int_eq((int64_t)x.n, (int64_t)n);
    ck_assert_int_eq((int64_t)x.transitions, (int64_t)transitions);
    ck_assert_int_eq(x.t_us, (int64_t)n * SEC);
    ck_assert_int_eq(x.data.len, 4 + strlen(text));
    ck_assert(memcmp(x.data.p + 4, text, strlen(text)) == 0);
}

START_TEST(test_table)
{
    struct merge *m = merge_new();
    struct merged x;
    ck_assert_int_eq(add(m, "a", 1, 1, "one"), 0);
    ck_assert_int_eq(add(m, "b", 1, 2, "two"), 0);
    ck_assert_int_eq(add(m, "a", 2, 3, "three"), 0);
    ck_assert_int_eq(add(m, "a", 1, 4, "four"), 1);
    ck_assert_int_eq(add(m, "a", 1, 5, "five"), 1);
    ck_assert_int_eq(merge_count(m), 3);
    is_next(m, 2, 1, "two");
    is_next(m, 3, 1, "three");
    ck_assert_int_eq(add(m, "b", 1, 6, "six"), 0); /* anew: the other one is gone */
    is_next(m, 5, 3, "five");
    is_next(m, 6, 1, "six");
    ck_assert(!merge_take(m, &x));
    merge_free(m);
}
END_TEST

START_TEST(test_table_limits)
{
    static char text[MERGE_ROW_BYTES];
    struct merge *m = merge_new();
    struct merged x;
    memset(text, 'x', MERGE_ROW_BYTES - 4);
    for (uint32_t i = 0; i < MERGE_MAX; i++)
        ck_assert_int_eq(add(m, "a", i, i + 1, text), 0);
    ck_assert_int_eq(add(m, "a", MERGE_MAX, MERGE_MAX + 1, "one more"), E_LIMIT);
    ck_assert_int_eq(add(m, "a", 7, MERGE_MAX + 2, "a known one"), 1);
    text[MERGE_ROW_BYTES - 4] = 'x';
    ck_assert_int_eq(add(m, "a", 8, MERGE_MAX + 3, text),
                     E_LIMIT); /* too long: it stays as it was */
    int64_t last = 0, n = 0;
    while (merge_take(m, &x)) {
        ck_assert_int_gt((int64_t)x.n, last);
        ck_assert_int_eq((int64_t)x.transitions, x.n == MERGE_MAX + 2 ? 2 : 1);
        last = (int64_t)x.n;
        n++;
    }
    ck_assert_int_eq(n, MERGE_MAX);
    merge_free(m);
}
END_TEST

/* ---- in a store ----------------------------------------------------------------------------- */

static uint64_t n;

static void tell(struct rig *g, uint32_t asset, enum alert_state was, enum alert_state state)
{
    int64_t t_us = T0_S * SEC + (int64_t)++n * 1000;
    struct alert a = {.n = n,
                      .id = asset + 1,
                      .state = (uint8_t)state,
                      .was = (uint8_t)was,
                      .severity = SEV_WARNING,
                      .subject = {MT_ASSET, 255, 255, asset},
                      .t_us = t_us,
                      .t_pending_us = t_us - SEC,
                      .t_firing_us = state == AS_PENDING ? 0 : t_us,
                      .t_resolved_us = state == AS_RESOLVED ? t_us : 0,
                      .value = NAN,
                      .threshold = 2,
                      .peak = 5};
    g->sinks.alert(g->sinks.arg, &a);
}

static void tell_episodes(struct rig *g, const uint32_t asset[SUBJECTS])
{
    for (int i = 0; i < SUBJECTS; i++) {
        tell(g, asset[i], AS_INACTIVE, AS_PENDING);
        tell(g, asset[i], AS_PENDING, AS_FIRING);
        tell(g, asset[i], AS_FIRING, AS_RESOLVED);
    }
    uv_run(&g->loop, UV_RUN_NOWAIT);
}

static void list_assets(struct rig *g, uint32_t asset[SUBJECTS])
{
    for (int i = 0; i < SUBJECTS; i++) {
        struct event e;
        char base[16], symbol[24];
        snprintf(base, sizeof(base), "COIN%d", i);
        snprintf(symbol, sizeof(symbol), "COIN%dUSDT", i);
        spec_event(&e, symbol, base);
        asset[i] = directory_get(g->dir, list(g, &e))->asset;
    }
}

static bool is_all_published(struct rig *g)
{
    return g->durable_n == n;
}

/* What was merged waits for room in the lane, and is queued then. */
static bool is_merged_drained(struct rig *g)
{
    return is_drained(g) && merge_count(g->store->merge) == 0;
}

static struct store_status status_of(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    return st;
}

START_TEST(test_lane_is_full)
{
    uint32_t asset[SUBJECTS];
    struct rig g;
    rig_init(&g);
    g.conf->store_memory_mb = 1; /* an eighth of it for alerts: some 300 rows */
    list_assets(&g, asset);
    cluster_verb("down");
    rig_store(&g, 6);
    run_until(&g, is_away, "away");
    tell_episodes(&g, asset);
    ck_assert_int_eq((int)status_of(&g).alerts_merged, 0);
    for (int i = 1; i < ROUNDS; i++)
        tell_episodes(&g, asset);
    run_until(&g, is_all_published, "all published");
    struct store_status st = status_of(&g);
    ck_assert_int_eq((int)st.rows_shed, 0);
    ck_assert_int_gt((int)st.alerts_merged, 3 * SUBJECTS * ROUNDS - 600);
    ck_assert_int_le((int)st.alert.memory_bytes, (int)st.alert.memory_limit);
    ck_assert_int_eq(g.store->merging, MERGE_ALL);
    cluster_verb("up");
    run_until(&g, is_merged_drained, "drained, what was merged too");
    ck_assert_int_eq(g.store->merging, MERGE_NONE);
    ck_assert_int_eq(ask("SELECT sum(transitions)::bigint FROM cascade_risk.alert_transition"),
                     3 * SUBJECTS * ROUNDS);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.alert_transition"),
                     3 * SUBJECTS * ROUNDS - (int)st.alerts_merged);
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap"), 0);
    /* firing ones were kept whole for longer, and of each alert the end is known */
    ck_assert_int_eq(ask("SELECT (count(*) FILTER (WHERE state = 'firing') > count(*) FILTER (WHERE"
                         " state = 'pending') + 50)::int FROM cascade_risk.alert_transition"),
                     1);
    ck_assert_int_eq(ask("SELECT count(*) FROM (SELECT DISTINCT ON (asset) asset, state, n FROM"
                         " cascade_risk.alert_transition ORDER BY asset, n DESC) x WHERE state ="
                         " 'resolved'"),
                     SUBJECTS);
    ck_assert_int_eq(ask("SELECT sum(transitions)::bigint FROM cascade_risk.v_alert_history") > 0,
                     1);
    tell_episodes(&g, asset); /* as before */
    run_until(&g, is_drained, "drained again");
    ck_assert_int_eq(ask("SELECT sum(transitions)::bigint FROM cascade_risk.alert_transition"),
                     3 * SUBJECTS * (ROUNDS + 1));
    rig_stop(&g);
}
END_TEST

/* What was merged is told at a stop, full or not. */
START_TEST(test_stop_while_merging)
{
    uint32_t asset[SUBJECTS];
    struct rig g;
    rig_init(&g);
    g.conf->store_memory_mb = 1;
    list_assets(&g, asset);
    rig_store(&g, 6);
    run_until(&g, is_ready, "ready");
    n = 0;
    for (int i = 0; i < 40; i++)
        for (int k = 0; k < SUBJECTS; k++) /* no turn of the loop: nothing leaves */
            tell(&g, asset[k], AS_INACTIVE, AS_PENDING);
    ck_assert_int_gt((int)status_of(&g).alerts_merged, 50);
    rig_stop(&g);
    ck_assert_int_eq(ask("SELECT sum(transitions)::bigint FROM cascade_risk.alert_transition"),
                     40 * SUBJECTS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_merge");
    TCase *table = tcase_create("table"), *tc = tcase_create("cluster");
    suite_add_tcase(suite, table);
    suite_add_tcase(suite, tc);
    tcase_add_test(table, test_table);
    tcase_add_test(table, test_table_limits);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_lane_is_full);
    tcase_add_test(tc, test_stop_while_merging);
    return unit_run(srunner_create(suite));
}
