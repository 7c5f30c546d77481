/* Proves the alert state machine: every path of the transition table by hand-written scripts, and
 * random rules and values (unknowns included) against a reference that judges the whole history
 * anew. */
#include "unit.h"

#include "alert/alert.h"

#define S         INT64_C(1000000)
#define T0        (INT64_C(1760000000) * S)
#define MAX_STEPS 4096

static const char *const venue_names[] = {"binance", "hyperliquid"};
static const char *channel_name(uint8_t venue, uint8_t channel)
{
    static const char *const names[2][3] = {{"depth", "forceOrder", NULL}, {"l2Book", NULL, NULL}};
    return venue < 2 && channel < 3 ? names[venue][channel] : NULL;
}
static const struct alert_names names = {venue_names, 2, channel_name};

struct seen {
    struct alert a[MAX_STEPS];
    int n;
};

static void on_transition(void *arg, const struct alert *t)
{
    struct seen *s = arg;
    ck_assert_int_lt(s->n, MAX_STEPS);
    s->a[s->n++] = *t;
}

struct fixture {
    struct seen seen;
    struct alerts *alerts;
    struct directory *dir;
    int metric;
    struct subject subject;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof(*f));
    ck_assert_ptr_nonnull(f);
    f->alerts = alerts_new(&names, on_transition, &f->seen);
    f->dir = directory_new(NULL, 0, venue_names, 2);
    ck_assert_ptr_nonnull(f->alerts);
    ck_assert_ptr_nonnull(f->dir);
    f->metric = metric_resolve(slice_of("m_asset.liq_1m_oi_frac"));
    ck_assert_int_ge(f->metric, 0);
    f->subject = (struct subject){MT_ASSET, 255, 255, directory_asset_add(f->dir, SLICE("BTC"))};
    return f;
}

static void fixture_free(struct fixture *f)
{
    alerts_free(f->alerts);
    directory_free(f->dir);
    free(f);
}

/* Warning at 10 (clear 5, for 3 s), critical at 20 (clear 15, for 0), keep 10 s. */
static struct rule rule_basic(void)
{
    struct rule r = {.name = "liq", .metric = "m_asset.liq_1m_oi_frac", .fast = true, .keep_s = 10};
    r.level[0] = (struct rule_level){SEV_WARNING, 10, 5, 3};
    r.level[1] = (struct rule_level){SEV_CRITICAL, 20, 15, 0};
    return r;
}

static void install(struct fixture *f, const struct rule *r, int n)
{
    char why[160] = "";
    int err = alerts_set_rules(f->alerts, r, n, T0, why);
    ck_assert_msg(err == 0, "%d %s", err, why);
}

static void judge_at(struct fixture *f, int64_t t_us, double x)
{
    struct cell c = {x, isnan(x) ? R_STALE : R_KNOWN};
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, c, false, false, t_us);
}

static void judge(struct fixture *f, double t_s, double x)
{
    judge_at(f, T0 + (int64_t)(t_s * 1e6), x);
}

static void tick(struct fixture *f, double t_s)
{
    alerts_tick(f->alerts, T0 + (int64_t)(t_s * 1e6));
}

/* The transitions since the last call: "pending", "firing/critical", "firing/warning+inhibited". */
static void expect(struct fixture *f, const char *want)
{
    char buf[400];
    struct text t;
    text_init(&t, buf, sizeof(buf));
    for (int i = 0; i < f->seen.n; i++) {
        const struct alert *a = &f->seen.a[i];
        text_fmt(&t, "%s%s", i ? " " : "", alert_state_name(a->state));
        if (a->severity)
            text_fmt(&t, "/%s", severity_name(a->severity));
        text_fmt(&t, "%s%s", a->inhibited ? "+inhibited" : "", a->acked ? "+acked" : "");
        if (a->cause != AC_VALUE)
            text_fmt(&t, "(%s)", alert_cause_name(a->cause));
    }
    ck_assert_str_eq(buf, want);
    f->seen.n = 0;
}

static const struct alert *only(struct fixture *f)
{
    const struct alert *found = NULL;
    for (int i = 0; i < alerts_count(f->alerts); i++)
        if (alerts_at(f->alerts, i)) {
            ck_assert_ptr_null(found);
            found = alerts_at(f->alerts, i);
        }
    return found;
}

START_TEST(test_pending_fires_or_ends)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 9.9);
    expect(f, "");
    ck_assert_ptr_null(only(f));
    judge(f, 1, 10);
    expect(f, "pending");
    judge(f, 2, 9); /* above clear, but below raise: a pending alert ends */
    expect(f, "inactive");
    ck_assert_ptr_null(only(f));
    judge(f, 3, 12);
    judge(f, 5, 11);
    expect(f, "pending");
    judge(f, 6, 12);
    expect(f, "firing/warning");
    const struct alert *a = only(f);
    ck_assert_int_eq(a->t_pending_us, T0 + 3 * S);
    ck_assert_int_eq(a->t_firing_us, T0 + 6 * S);
    ck_assert_double_eq(a->threshold, 10);
    ck_assert_double_eq(a->value, 12);
    fixture_free(f);
}
END_TEST

START_TEST(test_tick_alone_fires)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 12);
    tick(f, 2.9);
    expect(f, "pending");
    tick(f, 3);
    expect(f, "firing/warning");
    fixture_free(f);
}
END_TEST

START_TEST(test_hysteresis_keep_and_refire)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 25);
    expect(f, "firing/critical");
    judge(f, 1, 16); /* between clear and raise: holds */
    expect(f, "");
    judge(f, 2, 15); /* critical clears; warning holds, and needs no `for` on the way down */
    expect(f, "firing/warning");
    judge(f, 4, 5); /* all off: kept for 10 s */
    tick(f, 13);
    expect(f, "");
    judge(f, 13.5, 11); /* back: no new `for` needed */
    judge(f, 14, 5);
    tick(f, 23.9);
    expect(f, "");
    tick(f, 24);
    expect(f, "resolved/warning");
    ck_assert_ptr_null(only(f));
    judge(f, 25, 11);
    expect(f, "pending");
    fixture_free(f);
}
END_TEST

START_TEST(test_higher_pending_does_not_hide_lower)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    r.level[1].for_s = 5;
    install(f, &r, 1);
    judge(f, 0, 30); /* both pending */
    expect(f, "pending");
    judge(f, 3, 30);
    expect(f, "firing/warning");
    judge(f, 4, 30);
    expect(f, "");
    judge(f, 5, 31);
    expect(f, "firing/critical");
    ck_assert_double_eq(only(f)->peak, 31);
    ck_assert_double_eq(only(f)->threshold, 20);
    judge(f, 6, 12);
    expect(f, "firing/warning");
    ck_assert_double_eq(only(f)->peak, 31);
    fixture_free(f);
}
END_TEST

START_TEST(test_unknown_freezes_clocks)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, NAN);
    expect(f, ""); /* nothing begins on unknown */
    judge(f, 1, 12);
    judge(f, 2, NAN);
    expect(f, "pending pending+inhibited");
    tick(f, 100);
    judge(f, 101, NAN);
    expect(f, "");
    ck_assert(isnan(only(f)->value));
    judge(f, 102, 12); /* 1 s of 3 had passed */
    expect(f, "pending");
    judge(f, 103.9, 12);
    expect(f, "");
    judge(f, 104, 12);
    expect(f, "firing/warning");
    judge(f, 105, 1);
    judge(f, 110, NAN); /* 5 s of keep have passed */
    tick(f, 500);
    expect(f, "firing/warning+inhibited");
    judge(f, 510, 1);
    expect(f, "firing/warning");
    tick(f, 514.9);
    expect(f, "");
    tick(f, 515);
    expect(f, "resolved/warning");
    fixture_free(f);
}
END_TEST

START_TEST(test_inhibited_value_is_not_judged)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    struct cell high = {99, R_KNOWN}, low = {0, R_KNOWN};
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, high, false, true, T0);
    expect(f, "");
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, high, false, false, T0 + S);
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, low, false, true, T0 + 2 * S);
    expect(f, "firing/critical firing/critical+inhibited");
    fixture_free(f);
}
END_TEST

START_TEST(test_ack_lives_until_rise_or_end)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    ck_assert_int_eq(alerts_ack(f->alerts, 12345, SLICE("ann"), T0), E_UNKNOWN);
    judge(f, 0, 12);
    uint32_t id = only(f)->id;
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + S), E_AGAIN);
    judge(f, 3, 12);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + 4 * S), 0);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("bob"), T0 + 4 * S), E_DUP);
    ck_assert_str_eq(only(f)->ack_by, "ann");
    expect(f, "pending firing/warning firing/warning+acked(desk)");
    judge(f, 5, 21);
    expect(f, "firing/critical"); /* dropped by the rise */
    ck_assert_str_eq(only(f)->ack_by, "");
    char longer[64];
    memset(longer, 'x', sizeof(longer));
    ck_assert_int_eq(alerts_ack(f->alerts, id, (struct slice){longer, 64}, T0 + 6 * S), 0);
    ck_assert_uint_eq(strlen(only(f)->ack_by), 31);
    judge(f, 7, 12); /* a fall keeps it */
    judge(f, 8, 1);
    judge(f, 18, 1);
    expect(f, "firing/critical+acked(desk) firing/warning+acked resolved/warning+acked");
    judge(f, 19, 21);
    expect(f, "firing/critical"); /* fired anew: nobody has seen it */
    ck_assert_uint_ne(only(f)->id, id);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + 20 * S), E_UNKNOWN);
    fixture_free(f);
}
END_TEST

START_TEST(test_below_and_absolute)
{
    struct fixture *f = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    snprintf(r[0].name, sizeof(r[0].name), "below");
    r[0].below = true;
    r[0].keep_s = 0;
    r[0].level[0] = (struct rule_level){SEV_WARNING, 0.35, 0.6, 0};
    r[0].level[1] = (struct rule_level){SEV_CRITICAL, 0.15, 0.4, 0};
    r[1].absolute = true;
    r[1].keep_s = 0;
    r[1].level[0] = (struct rule_level){SEV_INFO, 25, 10, 0};
    r[1].level[1] = (struct rule_level){SEV_NONE, 0, 0, 0};
    install(f, r, 1);
    judge(f, 0, 0.36);
    judge(f, 1, 0.35);
    judge(f, 2, 0.1);
    ck_assert_double_eq(only(f)->peak, 0.1);
    judge(f, 3, 0.41);
    judge(f, 4, 0.6);
    expect(f, "firing/warning firing/critical firing/warning resolved/warning");
    install(f, &r[1], 1);
    judge(f, 10, -24);
    judge(f, 11, -26);
    judge(f, 12, -60);
    judge(f, 13, 30);
    ck_assert_double_eq(only(f)->peak, -60);
    judge(f, 14, 10);
    expect(f, "firing/info resolved/info");
    fixture_free(f);
}
END_TEST

START_TEST(test_fast_rules_only_in_turns)
{
    struct fixture *f = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    r[1].name[0] = 'x';
    r[1].fast = false;
    install(f, r, 2);
    struct cell c = {50, R_KNOWN};
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, c, true, false, T0);
    ck_assert_int_eq(f->seen.n, 1);
    ck_assert_int_eq(f->seen.a[0].rule, 0);
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, c, false, false, T0);
    ck_assert_int_eq(f->seen.n, 2);
    ck_assert_int_eq(f->seen.a[1].rule, 1);
    fixture_free(f);
}
END_TEST

START_TEST(test_subjects_are_apart_and_can_leave)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    uint32_t btc = f->subject.id, eth = directory_asset_add(f->dir, SLICE("ETH"));
    judge(f, 0, 30);
    f->subject.id = eth;
    judge(f, 0, 12);
    expect(f, "firing/critical pending");
    ck_assert(alerts_asset_active(f->alerts, btc));
    ck_assert(alerts_asset_active(f->alerts, eth));
    alerts_drop_asset(f->alerts, btc, T0 + S);
    expect(f, "resolved/critical(left_universe)");
    ck_assert(!alerts_asset_active(f->alerts, btc));
    struct cell gone = {NAN, R_NOT_TRACKED};
    alerts_judge(f->alerts, f->subject, f->dir, f->metric, gone, false, false, T0 + 2 * S);
    expect(f, "inactive(left_universe)");
    alerts_drop_asset(f->alerts, ASSET_NONE, T0 + S);
    expect(f, "");
    fixture_free(f);
}
END_TEST

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
    alerts_judge(f->alerts, feed, f->dir, metric_resolve(slice_of("feed_state")), two, false, false,
                 T0 + 4 * S);
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

/* ---- against a reference
 * -------------------------------------------------------------------------- Time is counted on a
 * clock that stands still while the value is unknown. A level is on from the first event at which
 * its raise has held for `for` (or at once while the alert is only kept), until a clear. */

static uint64_t rng_state;
static uint32_t rng(uint32_t n)
{
    rng_state = rng_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(rng_state >> 33) % n;
}

#define EVENTS 120
struct history {
    int n;
    int64_t t[EVENTS], known_us[EVENTS]; /* known_us: the clock that stands still */
    double x[EVENTS];                    /* value that holds; NAN unknown */
    bool judged[EVENTS];                 /* false: a tick, x is the one before */
};

struct verdict {
    int state, severity;
    bool on[RULE_LEVELS], kept;
    int64_t kept_from; /* on the known clock */
};

static bool ref_raises(const struct rule *r, int l, double x)
{
    double v = r->absolute ? fabs(x) : x;
    return r->level[l].severity && (r->below ? v <= r->level[l].raise : v >= r->level[l].raise);
}

static bool ref_clears(const struct rule *r, int l, double x)
{
    double v = r->absolute ? fabs(x) : x;
    return r->below ? v >= r->level[l].clear : v <= r->level[l].clear;
}

/* Since when (known clock) the raise of level l holds at event k; -1 when it does not. */
static int64_t ref_run(const struct rule *r, const struct history *h, int l, int k)
{
    int64_t since = -1;
    for (int j = k; j >= 0; j--) {
        if (isnan(h->x[j]) || !h->judged[j])
            continue;
        if (!ref_raises(r, l, h->x[j]))
            break;
        since = h->known_us[j];
    }
    return since;
}

static struct verdict ref_step(const struct rule *r, const struct history *h, int k,
                               struct verdict v)
{
    bool any = false, run = false;
    if (isnan(h->x[k]))
        return v;
    for (int l = 0; l < RULE_LEVELS; l++) {
        int64_t since = ref_run(r, h, l, k);
        bool ready = v.state == AS_FIRING && r->level[l].severity <= v.severity;
        if (v.on[l] && ref_clears(r, l, h->x[k]))
            v.on[l] = false;
        else if (since >= 0 && (ready || h->known_us[k] - since >= r->level[l].for_s * S))
            v.on[l] = true;
        any |= v.on[l];
        run |= since >= 0;
    }
    if (!any && v.state == AS_FIRING && !v.kept)
        v.kept_from = h->known_us[k];
    bool over = v.state == AS_FIRING && !any && h->known_us[k] - v.kept_from >= r->keep_s * S;
    v.kept = v.state == AS_FIRING && !any && !over;
    if (any) {
        v.state = AS_FIRING;
        for (int l = 0; l < RULE_LEVELS; l++)
            v.severity = v.on[l] ? r->level[l].severity : v.severity;
    } else if (v.state != AS_FIRING || over) {
        v.state = run ? AS_PENDING : AS_INACTIVE;
        v.severity = SEV_NONE;
    }
    return v;
}

static struct rule random_rule(void)
{
    struct rule r = rule_basic();
    r.below = rng(2);
    r.absolute = rng(2);
    r.keep_s = rng(3) * 4;
    double raise = r.below ? 8 : 3;
    for (int l = 0; l < RULE_LEVELS; l++) {
        bool used = l == 0 || rng(4) > 0;
        double clear = r.below ? raise + 1 + rng(2) : raise - 1 - rng(2);
        r.level[l] =
            (struct rule_level){used ? (uint8_t)(SEV_INFO + l) : SEV_NONE, raise, clear, rng(4)};
        raise += (r.below ? -1.0 : 1.0) * (1 + rng(2));
    }
    return r;
}

static void random_event(struct history *h)
{
    int k = h->n++;
    h->t[k] = k ? h->t[k - 1] + rng(4) * S / 2 : T0;
    h->judged[k] = k == 0 || rng(5) > 0;
    h->x[k] = rng(8) == 0 ? NAN : (double)rng(12) - (rng(4) == 0 ? 11 : 0);
    if (!h->judged[k])
        h->x[k] = h->x[k - 1];
    bool stood = k && isnan(h->x[k - 1]);
    h->known_us[k] = k ? h->known_us[k - 1] + (stood ? 0 : h->t[k] - h->t[k - 1]) : 0;
}

static void play(struct fixture *f, const struct rule *r, int round)
{
    struct history h = {0};
    struct verdict v = {0};
    install(f, r, 1);
    f->subject.id = (uint32_t)round;
    while (h.n < EVENTS) {
        random_event(&h);
        int k = h.n - 1;
        if (h.judged[k])
            judge_at(f, h.t[k] + round * 1000 * S, h.x[k]);
        else
            alerts_tick(f->alerts, h.t[k] + round * 1000 * S);
        v = ref_step(r, &h, k, v);
        const struct alert *a = only(f);
        int state = a ? a->state : AS_INACTIVE, severity = a ? a->severity : SEV_NONE;
        ck_assert_msg(state == v.state && severity == v.severity,
                      "round %d event %d: %s/%s, reference %s/%s", round, k,
                      alert_state_name((uint8_t)state), severity_name((uint8_t)severity),
                      alert_state_name((uint8_t)v.state), severity_name((uint8_t)v.severity));
        ck_assert(!a || a->inhibited == isnan(h.x[k]));
    }
    alerts_drop_asset(f->alerts, f->subject.id, h.t[h.n - 1] + round * 1000 * S);
}

/* Each transition starts where the one before ended, and the order has no hole. */
static void check_chain(const struct seen *s, uint64_t first)
{
    int state = AS_INACTIVE;
    for (int i = 0; i < s->n; i++) {
        ck_assert_uint_eq(s->a[i].n, first + (uint64_t)i);
        ck_assert_int_eq(s->a[i].was, state);
        state = s->a[i].state == AS_RESOLVED ? AS_INACTIVE : s->a[i].state;
    }
}

START_TEST(test_random_against_reference)
{
    struct fixture *f = fixture_new();
    int fired = 0;
    rng_state = 42;
    for (int round = 0; round < 3000; round++) {
        struct rule r = random_rule();
        uint64_t first = alerts_last_n(f->alerts) + 1;
        f->seen.n = 0;
        play(f, &r, round);
        check_chain(&f->seen, first);
        for (int i = 0; i < f->seen.n; i++)
            fired += f->seen.a[i].state == AS_FIRING && f->seen.a[i].was != AS_FIRING;
    }
    ck_assert_int_gt(fired, 5000); /* the random rules do reach every state */
    fixture_free(f);
}
END_TEST

UNIT_MAIN("alert", tcase_add_test(tc, test_pending_fires_or_ends);
          tcase_add_test(tc, test_tick_alone_fires);
          tcase_add_test(tc, test_hysteresis_keep_and_refire);
          tcase_add_test(tc, test_higher_pending_does_not_hide_lower);
          tcase_add_test(tc, test_unknown_freezes_clocks);
          tcase_add_test(tc, test_inhibited_value_is_not_judged);
          tcase_add_test(tc, test_ack_lives_until_rise_or_end);
          tcase_add_test(tc, test_below_and_absolute);
          tcase_add_test(tc, test_fast_rules_only_in_turns);
          tcase_add_test(tc, test_subjects_are_apart_and_can_leave);
          tcase_add_test(tc, test_rules_change_under_alerts); tcase_add_test(tc, test_filters);
          tcase_add_test(tc, test_bad_rules_change_nothing);
          tcase_add_test(tc, test_capacity_is_counted); tcase_add_test(tc, test_summary);
          tcase_add_test(tc, test_freeze_and_thaw); tcase_add_test(tc, test_thaw_bad_text);
          tcase_add_test(tc, test_freeze_keeps_whole_lines);
          tcase_add_test(tc, test_random_against_reference);)
