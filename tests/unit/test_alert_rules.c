/* Proves what surrounds the state machine: rules that change, filters, broken rules (nothing
 * changes), limits, summaries, and state over a restart, whole or damaged. */
#include "alert_fixture.h"

START_TEST(test_rules_change_under_alerts)
{
    struct fixture *f = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    snprintf(r[1].name, sizeof(r[1].name), "other");
    install(f, r, 2);
    judge(f, 0, 30);
    expect(f, "firing/critical firing/critical");
    uint32_t v = alerts_rule(f->alerts, 1)->version;
    struct rule kept = r[1];
    kept.level[1] = (struct rule_level){SEV_NONE, 0, 0, 0};
    install(f, &kept, 1);
    expect(f, "resolved/critical(rule_gone)");
    ck_assert_uint_ne(alerts_rule(f->alerts, 0)->version, v);
    ck_assert_int_eq(only(f)->rule, 0);
    judge(f, 1, 30);
    judge(f, 4, 30);
    expect(f, "firing/warning"); /* the critical level is no more */
    snprintf(kept.assets, sizeof(kept.assets), "ETH, SOL");
    install(f, &kept, 1);
    judge(f, 5, 30);
    expect(f, "resolved/warning(rule_gone)"); /* its subject is not the rule's any more */
    kept.assets[0] = 0;
    install(f, &kept, 1);
    judge(f, 6, 30);
    snprintf(kept.metric, sizeof(kept.metric), "m_asset.oi_usd");
    kept.fast = false;
    install(f, &kept, 1);
    expect(f, "pending inactive(rule_gone)"); /* same name, other metric: another alert */
    fixture_free(f);
}
END_TEST

START_TEST(test_filters)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    snprintf(r.metric, sizeof(r.metric), "feed_state");
    snprintf(r.venues, sizeof(r.venues), "hyperliquid , binance");
    snprintf(r.channels, sizeof(r.channels), "forceOrder,l2Book");
    r.fast = false;
    install(f, &r, 1);
    f->metric = metric_resolve(slice_of("feed_state"));
    const struct {
        uint8_t venue, channel;
        int want;
    } rows[] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {0, 200, 0}, {9, 0, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f->subject = (struct subject){MT_FEED, rows[i].venue, rows[i].channel, INST_NONE};
        judge(f, 0, 99);
        ck_assert_msg(f->seen.n == rows[i].want, "row %zu", i);
        f->seen.n = 0;
    }
    fixture_free(f);
}
END_TEST

static void broken(struct rule *r, int which)
{
    switch (which) {
    case 0:
        snprintf(r->metric, sizeof(r->metric), "m_asset.nope");
        break;
    case 1:
        snprintf(r->metric, sizeof(r->metric), "liq_1m_oi_frac");
        break;
    case 2:
        r->level[0].clear = 10;
        break;
    case 3:
        r->level[1].raise = 9, r->level[1].clear = 1;
        break;
    case 4:
        r->level[1].severity = SEV_WARNING;
        break;
    case 5:
        r->level[0].raise = NAN;
        break;
    case 6:
        r->level[0].severity = r->level[1].severity = SEV_NONE;
        break;
    case 7:
        r->name[0] = 0;
        break;
    case 8:
        snprintf(r->venues, sizeof(r->venues), "binance,nowhere");
        break;
    case 9:
        snprintf(r->channels, sizeof(r->channels), "nothing");
        break;
    case 10:
        snprintf(r->summary, sizeof(r->summary), "of {asset}: {what}");
        break;
    case 11:
        snprintf(r->metric, sizeof(r->metric), "m_asset.oi_usd");
        break;
    case 12:
        r->keep_s = 700000;
        break;
    case 13:
        r->below = true;
        break;
    case 14:
        r->level[2].severity = 7;
        break;
    default:
        r->summary[0] = '{', r->summary[1] = 0;
    }
}

START_TEST(test_bad_rules_change_nothing)
{
    static const int want[] = {E_UNKNOWN, E_DUP,     E_RANGE,   E_RANGE,   E_RANGE,   E_RANGE,
                               E_MISSING, E_MISSING, E_UNKNOWN, E_UNKNOWN, E_UNKNOWN, E_RANGE,
                               E_RANGE,   E_RANGE,   E_RANGE,   E_UNKNOWN};
    struct fixture *f = fixture_new();
    struct rule good = rule_basic();
    install(f, &good, 1);
    for (int i = 0; i < 16; i++) {
        struct rule r = rule_basic();
        char why[160] = "";
        broken(&r, i);
        int err = alerts_set_rules(f->alerts, &r, 1, T0, why);
        ck_assert_msg(err == want[i], "case %d: %d, wanted %d (%s)", i, err, want[i], why);
        ck_assert_msg(why[0], "case %d says nothing", i);
        ck_assert_int_eq(alerts_rules(f->alerts), 1);
        ck_assert_uint_ne(alerts_rule(f->alerts, 0)->version, 0);
    }
    struct rule twice[2] = {good, good};
    char why[160];
    ck_assert_int_eq(alerts_set_rules(f->alerts, twice, 2, T0, why), E_DUP);
    ck_assert_int_eq(alerts_set_rules(f->alerts, twice, RULES_MAX + 1, T0, why), E_LIMIT);
    fixture_free(f);
}
END_TEST

START_TEST(test_capacity_is_counted)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    for (uint32_t i = 0; i < ALERTS_MAX + 5; i++) {
        f->subject.id = i;
        f->seen.n = 0;
        judge(f, 0, 12);
    }
    ck_assert_int_eq(alerts_count(f->alerts), ALERTS_MAX);
    ck_assert_uint_eq(alerts_refused(f->alerts), 5);
    alerts_drop_asset(f->alerts, 17, T0);
    f->seen.n = 0;
    f->subject.id = ALERTS_MAX + 1;
    judge(f, 1, 12); /* there is room again */
    expect(f, "pending");
    ck_assert_uint_eq(alerts_refused(f->alerts), 5);
    fixture_free(f);
}
END_TEST

START_TEST(test_summary)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    snprintf(r.summary, sizeof(r.summary),
             "{asset} at {venue}: {value} {unit} over {threshold}, {channel} {symbol}");
    install(f, &r, 1);
    judge(f, 0, 21.5);
    char buf[256];
    struct text t;
    text_init(&t, buf, sizeof(buf));
    alert_summary(f->alerts, only(f), f->dir, &t);
    ck_assert_str_eq(buf, "BTC at all venues: 21.5 frac over 20, all channels all instruments");
    judge(f, 1, NAN);
    text_init(&t, buf, sizeof(buf));
    alert_summary(f->alerts, only(f), f->dir, &t);
    ck_assert_ptr_nonnull(strstr(buf, ": unknown frac"));
    fixture_free(f);
}
END_TEST

/* ---- over a restart
 * ------------------------------------------------------------------------------ */

START_TEST(test_freeze_and_thaw)
{
    struct fixture *f = fixture_new(), *g = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    snprintf(r[1].name, sizeof(r[1].name), "feeds");
    snprintf(r[1].metric, sizeof(r[1].metric), "feed_state");
    r[1].fast = false;
    install(f, r, 2);
    (void)directory_asset_add(f->dir, SLICE("ETH"));
    judge(f, 0, 25);
    ck_assert_int_eq(alerts_ack(f->alerts, only(f)->id, SLICE("an\"n"), T0), 0);
    judge(f, 1, 1); /* kept from here */
    struct subject feed = {MT_FEED, 1, 0, INST_NONE};
    struct cell two = {12, R_KNOWN};
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){feed, metric_resolve(slice_of("feed_state")), two, false,
                                     false, T0 + 4 * S});
    char buf[4096];
    struct text t;
    text_init(&t, buf, sizeof(buf));
    alerts_freeze(f->alerts, f->dir, &t);
    ck_assert(!t.full);

    (void)directory_asset_add(g->dir, SLICE("DOGE")); /* other ids in the new process */
    struct rule swapped[2] = {r[1], r[0]};
    install(g, swapped, 2);
    ck_assert_int_eq(alerts_thaw(g->alerts, g->dir, buf, t.len, T0 + 1000 * S), 2);
    expect(g, "firing/critical+inhibited+acked(restart) pending+inhibited(restart)");
    ck_assert_int_eq(alerts_thaw(g->alerts, g->dir, buf, t.len, T0 + 1000 * S), 0);
    const struct alert *a = alerts_at(g->alerts, 0);
    ck_assert_str_eq(a->ack_by, "an\"n");
    ck_assert_int_eq(a->rule, 1);
    ck_assert_int_eq(a->t_firing_us, T0);
    ck_assert_double_eq(a->peak, 25);
    tick(g, 2000);
    expect(g, "");
    g->subject.id = directory_asset_find(g->dir, SLICE("BTC"));
    judge(g, 2000, 1); /* 3 of the 10 s of keep had passed */
    tick(g, 2006.9);
    expect(g, "firing/critical+acked");
    tick(g, 2007);
    expect(g, "resolved/critical+acked");
    fixture_free(f);
    fixture_free(g);
}
END_TEST

START_TEST(test_thaw_bad_text)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    static const char *const bad[] = {
        "{", "[]", "{}", "{\"rule\":1,\"table\":\"m_asset\",\"state\":\"firing\"}",
        "{\"rule\":\"liq\",\"table\":\"m_asset\",\"state\":\"firing\"} x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(alerts_thaw(f->alerts, f->dir, bad[i], strlen(bad[i]), T0) == E_SYNTAX,
                      "case %zu", i);
    static const char *const passed[] = {
        "", "\n\n",
        "{\"rule\":\"gone\",\"table\":\"m_asset\",\"state\":\"firing\",\"asset\":\"BTC\"}",
        "{\"rule\":\"liq\",\"table\":\"m_feed\",\"state\":\"firing\",\"asset\":\"BTC\"}",
        "{\"rule\":\"liq\",\"table\":\"m_asset\",\"state\":\"firing\",\"asset\":null}"};
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
        ck_assert_msg(alerts_thaw(f->alerts, f->dir, passed[i], strlen(passed[i]), T0) == 0,
                      "case %zu", i);
    expect(f, "");
    fixture_free(f);
}
END_TEST

START_TEST(test_freeze_keeps_whole_lines)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 25);
    f->subject.id = directory_asset_add(f->dir, SLICE("ETH"));
    judge(f, 0, 25);
    char buf[4096];
    struct text t;
    text_init(&t, buf, sizeof(buf));
    alerts_freeze(f->alerts, f->dir, &t);
    size_t whole = t.len;
    for (size_t cap = 1; cap <= whole; cap += 7) {
        text_init(&t, buf, cap);
        alerts_freeze(f->alerts, f->dir, &t);
        ck_assert(t.full);
        ck_assert(t.len == 0 || buf[t.len - 1] == '\n');
    }
    fixture_free(f);
}
END_TEST

UNIT_MAIN("alert_rules", tcase_add_test(tc, test_rules_change_under_alerts);
          tcase_add_test(tc, test_filters); tcase_add_test(tc, test_bad_rules_change_nothing);
          tcase_add_test(tc, test_capacity_is_counted); tcase_add_test(tc, test_summary);
          tcase_add_test(tc, test_freeze_and_thaw); tcase_add_test(tc, test_thaw_bad_text);
          tcase_add_test(tc, test_freeze_keeps_whole_lines);)
