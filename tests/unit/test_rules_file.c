/* Proves the shipped rules: the daemon's reader takes them, the alert module takes them, an
 * ordinary market fires only the watchdog, and the figures of a cascade fire what they should, at
 * the right level. */
#include "unit.h"

#include <unistd.h>

#include "conf.h"
#include "venue/venue.h"

#define S INT64_C(1000000)

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    return channel < venues[venue]->n_channels ? venues[venue]->channels[channel].name : NULL;
}

static struct conf *load(void)
{
    static struct conf_errors errs;
    char dir[] = "/tmp/rulesXXXXXX", path[64], here[4000];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    snprintf(path, sizeof(path), "%s/main.conf", dir);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "[cascaded]\nrules_file = %s/conf/rules.conf\nassets_file =\ntiers_file =\n", here);
    ck_assert_int_eq(fclose(f), 0);
    struct conf *c = conf_new();
    ck_assert_ptr_nonnull(c);
    memset(&errs, 0, sizeof(errs));
    int err = conf_load(c, path, &errs);
    unlink(path);
    rmdir(dir);
    ck_assert_msg(err == 0, "%s:%d %s: %s", errs.e[0].file, errs.e[0].line, errs.e[0].key,
                  errs.e[0].text);
    return c;
}

struct seen {
    struct alert last[RULES_MAX]; /* by rule */
    int n;
};

static void on_alert(void *arg, const struct alert *a)
{
    struct seen *s = arg;
    s->last[a->rule] = *a;
    s->n++;
}

struct bench {
    struct conf *conf;
    struct alerts *alerts;
    struct directory *dir;
    struct seen seen;
    const char *names[DIR_VENUES_MAX];
};

static struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof(*b));
    ck_assert_ptr_nonnull(b);
    char why[160] = "";
    for (int v = 0; v < n_venues; v++)
        b->names[v] = venues[v]->name;
    struct alert_names names = {b->names, n_venues, channel_name};
    b->conf = load();
    b->dir = directory_new(NULL, 0, b->names, n_venues);
    b->alerts = alerts_new(&names, on_alert, &b->seen);
    int err = alerts_set_rules(b->alerts, b->conf->engine.rules, b->conf->engine.n_rules, S, why);
    ck_assert_msg(err == 0, "%s", why);
    (void)directory_asset_add(b->dir, SLICE("BTC"));
    return b;
}

static void bench_free(struct bench *b)
{
    alerts_free(b->alerts);
    directory_free(b->dir);
    conf_free(b->conf);
    free(b);
}

static void feed_value(struct bench *b, const char *metric, double x, int seconds)
{
    int id = metric_resolve(slice_of(metric));
    ck_assert_msg(id >= 0, "%s", metric);
    struct subject s = {metric_family_of(id)->table, 255, 255, INST_NONE};
    if (s.table == MT_ASSET || s.table == MT_VENUE_ASSET)
        s.id = 0;
    if (s.table == MT_VENUE_ASSET || s.table == MT_FEED)
        s.venue = 0;
    if (s.table == MT_FEED)
        s.channel = venue_channel_find(venues[0], SLICE("markPrice"));
    struct cell c = {x, R_KNOWN};
    for (int t = 10; t <= 10 + seconds; t++)
        alerts_judge(b->alerts, b->dir, &(struct judgement){s, id, c, false, false, t * S});
}

static const struct alert *last_of(const struct bench *b, const char *rule)
{
    for (int i = 0; i < alerts_rules(b->alerts); i++)
        if (strcmp(alerts_rule(b->alerts, i)->name, rule) == 0)
            return &b->seen.last[i];
    ck_abort_msg("no rule %s", rule);
    return NULL;
}

START_TEST(test_calm_market)
{
    /* a busy but ordinary minute: 1 % of open interest a day is 7e-6 a minute; thirty times that */
    static const struct {
        const char *metric;
        double value;
    } rows[] = {{"m_asset.liq_1m_oi_frac", 2e-4},
                {"m_asset.depth_10bps_rel_frac", 0.5},
                {"px_dev_bps", -12},
                {"mark_move_60s_bps", -60},
                {"m_asset.oi_chg_5m_frac", -0.01},
                {"fund_oiw_8h", 4e-4},
                {"spread_bps", 10},
                {"crowding", -1.8},
                {"peg_usdt_dev_bps", -15},
                {"peg_usde_local_bps", 20},
                {"m_venue_asset.peg_wrapped_dev_bps", -30},
                {"adl_dist_frac", (-.29 + .3) / .3}, /* a drawdown of 29 % against 30 % */
                {"liq_occupancy_10s_frac", 0.4},
                {"m_process.liq_breadth", 3},
                {"store_refused_1m", 0},
                {"store_unkept_1m", 0},
                {"store_shed_1m", 0},
                {"feed_skew_ms", 400},
                {"feed_overdue_frac", 0.8},
                {"feed_state", LIVE_OK}};
    struct bench *b = bench_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        feed_value(b, rows[i].metric, rows[i].value, 120);
    ck_assert_int_eq(b->seen.n, 0);
    feed_value(b, "assets_tracked", 0, 0);
    ck_assert_int_eq(b->seen.n, 1);
    ck_assert_int_eq(last_of(b, "watchdog")->state, AS_FIRING);
    bench_free(b);
}
END_TEST

START_TEST(test_cascade)
{
    static const struct {
        const char *rule, *metric;
        double value;
        int seconds, severity;
    } rows[] = {
        {"liq_1m", "m_asset.liq_1m_oi_frac", 0.0025, 0, SEV_WARNING}, /* 15 % an hour, evenly */
        {"liq_1m", "m_asset.liq_1m_oi_frac", 0.01, 0, SEV_CRITICAL},
        {"depth_10bps", "m_asset.depth_10bps_rel_frac", 0.3, 3, SEV_WARNING},
        {"depth_10bps", "m_asset.depth_10bps_rel_frac", 0.1, 3, SEV_CRITICAL},
        {"px_dev", "px_dev_bps", -30, 3, SEV_INFO},
        {"px_dev", "px_dev_bps", 80, 3, SEV_WARNING},
        {"px_dev", "px_dev_bps", -350, 0, SEV_CRITICAL},
        {"mark_move", "mark_move_60s_bps", -200, 0, SEV_WARNING},
        {"oi_drop", "m_asset.oi_chg_5m_frac", -0.1, 10, SEV_CRITICAL},
        {"funding_extreme", "fund_oiw_8h", -0.004, 60, SEV_WARNING},
        {"spread_wide", "spread_bps", 150, 5, SEV_CRITICAL},
        {"crowding", "crowding", 4, 300, SEV_WARNING},
        {"peg_usdt", "peg_usdt_dev_bps", -60, 3, SEV_INFO},
        {"peg_usdc", "peg_usdc_dev_bps", -1200, 3, SEV_CRITICAL},
        {"peg_usde", "peg_usde_dev_bps", 110, 3, SEV_WARNING},
        {"peg_usdt_local", "peg_usdt_local_bps", 55, 3, SEV_WARNING},
        {"peg_usdc_local", "peg_usdc_local_bps", -310, 3, SEV_CRITICAL},
        {"peg_usde_local", "peg_usde_local_bps", -3500, 3, SEV_CRITICAL},
        {"peg_wrapped", "m_venue_asset.peg_wrapped_dev_bps", -8800, 3, SEV_CRITICAL},
        {"adl", "adl_dist_frac", (-.35 + .3) / .3, 0, SEV_CRITICAL}, /* 35 % against 30 % */
        {"liq_saturated", "liq_occupancy_10s_frac", 0.9, 0, SEV_INFO},
        {"liq_breadth", "m_process.liq_breadth", 25, 0, SEV_CRITICAL},
        {"store_refused", "store_refused_1m", 1, 0, SEV_WARNING},
        {"store_unkept", "store_unkept_1m", 1, 0, SEV_CRITICAL},
        {"store_shed", "store_shed_1m", 1, 0, SEV_CRITICAL},
        {"feed_skew", "feed_skew_ms", -12000, 30, SEV_CRITICAL},
        {"feed_silent", "feed_overdue_frac", 1, 0, SEV_WARNING},
        {"feed_refused", "feed_state", LIVE_REFUSED, 0, SEV_WARNING},
        {"venue_down", "feed_state", LIVE_DOWN, 5, SEV_WARNING},
        {"venue_down", "feed_state", LIVE_DOWN, 60, SEV_CRITICAL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench *b = bench_new();
        feed_value(b, rows[i].metric, rows[i].value, rows[i].seconds);
        const struct alert *a = last_of(b, rows[i].rule);
        ck_assert_msg(a->state == AS_FIRING && a->severity == rows[i].severity, "row %zu: %s/%s", i,
                      alert_state_name(a->state), severity_name(a->severity));
        char buf[256];
        struct text t;
        text_init(&t, buf, sizeof(buf));
        alert_summary(b->alerts, a, b->dir, &t);
        ck_assert_msg(t.len > 10 && !strchr(buf, '{') && !strstr(buf, "unknown"), "%s", buf);
        bench_free(b);
    }
}
END_TEST

UNIT_MAIN("rules_file", tcase_add_test(tc, test_calm_market); tcase_add_test(tc, test_cascade);)
