/* Proves the spine: texts of two venues become tracked instruments, wants, rows, gaps and alerts;
 * bad texts lose nothing that was good; state survives; the same calls give the same bytes; no
 * allocation. */
#include "unit.h"

#include <string.h>

#include "engine/engine.h"
#include "base/num.h"
#include "venue/venue.h"

#define T0 1795312800000000LL /* a whole second */
#define S  1000000LL

#define BN_INFO                                                                                    \
    "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\","   \
    "\"deliveryDate\":4133404800000,\"onboardDate\":1569398400000,\"status\":\"TRADING\","         \
    "\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\","                      \
    "\"underlyingType\":\"COIN\",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0."  \
    "10\"}]}]}"
#define BN_MARK                                                                                    \
    "{\"stream\":\"!markPrice@arr@1s\",\"data\":[{\"e\":\"markPriceUpdate\",\"E\":1795312801000,"  \
    "\"s\":\"BTCUSDT\",\"p\":\"84213.40000000\",\"i\":\"84251.63804348\",\"r\":\"0.00004127\","    \
    "\"T\":1795334400000,\"st\":1}]}"
#define BN_OI "{\"openInterest\":\"1000.000\",\"symbol\":\"BTCUSDT\",\"time\":1795312799418}"
#define BN_FORCE                                                                                   \
    "{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":1795312803117,\"o\":"    \
    "{\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"50\",\"p\":\"83574."  \
    "10\","                                                                                        \
    "\"ap\":\"83902.66\",\"X\":\"FILLED\",\"l\":\"50\",\"z\":\"50\",\"T\":1795312803112},\"st\":"  \
    "1}}"
#define HL_METAS                                                                                   \
    "[{\"universe\":[{\"name\":\"BTC\",\"szDecimals\":5,\"maxLeverage\":40,\"marginTableId\":40}]" \
    ","                                                                                            \
    "\"marginTables\":[],\"collateralToken\":0}]"
#define HL_CTXS                                                                                    \
    "{\"channel\":\"allDexsAssetCtxs\",\"data\":{\"ctxs\":[[\"\",[{\"funding\":\"0.0000125\","     \
    "\"openInterest\":\"500.5\",\"prevDayPx\":\"84000\",\"dayNtlVlm\":\"1516669192.19\","          \
    "\"premium\":\"0.0001\",\"oraclePx\":\"84250.0\",\"markPx\":\"84210.0\",\"midPx\":\"84209."    \
    "5\","                                                                                         \
    "\"impactPxs\":[\"84209\",\"84210\"],\"dayBaseVlm\":\"19707.7\"}]]]}}"

enum { BN, HL };

struct log { /* everything the engine told, as text, and counts */
    const struct engine *e;
    char buf[1 << 20];
    struct text t;
    int rows, alerts, firing, gaps, gaps_closed, refused, entered, left;
    double oi_bn, oi_hl, oi_all, liq_frac;
    uint8_t reason_hl;
};

static void note_cell(struct log *l, struct subject s, const struct cell *row)
{
    const char *name = s.table == MT_ASSET ? "m_asset.oi_usd" : "m_venue_asset.oi_usd";
    if (s.table != MT_ASSET && s.table != MT_VENUE_ASSET)
        return;
    const struct cell *c = &row[metric_column(metric_resolve(slice_of(name)))];
    if (s.table == MT_ASSET)
        l->oi_all = c->value;
    else if (s.venue == BN)
        l->oi_bn = c->value;
    else
        l->oi_hl = c->value, l->reason_hl = c->reason;
}

static void on_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    struct log *l = arg;
    l->rows++;
    note_cell(l, s, row);
    text_fmt(&l->t, "row %lld %d %d %u", (long long)t_us, s.table, s.venue, s.id);
    for (int i = 0; i < n; i++) {
        text_char(&l->t, ' ');
        text_num(&l->t, row[i].value);
    }
    text_char(&l->t, '\n');
}

static void on_alert(void *arg, const struct alert *a)
{
    struct log *l = arg;
    l->alerts++;
    l->firing += a->state == AS_FIRING && a->was != AS_FIRING;
    text_fmt(&l->t, "alert %lld %d %d\n", (long long)a->t_us, a->rule, a->state);
}

static void on_gap(void *arg, const struct gap *g)
{
    struct log *l = arg;
    if (g->t_to_us)
        l->gaps_closed++;
    else
        l->gaps++;
}

static void on_refused(void *arg, const struct origin *o, const char *text, size_t len, int err)
{
    struct log *l = arg;
    (void)o, (void)text, (void)len;
    ck_assert_int_lt(err, 0);
    l->refused++;
}

static void on_universe(void *arg, int64_t t_us, uint32_t asset, bool entered, double rank_usd)
{
    struct log *l = arg;
    (void)t_us, (void)asset, (void)rank_usd;
    l->entered += entered;
    l->left += !entered;
}

static struct rule liq_rule(void)
{
    struct rule r = {.name = "liq_1m", .metric = "m_asset.liq_1m_oi_frac", .fast = true};
    r.level[0] = (struct rule_level){SEV_CRITICAL, .01, .005, 0};
    return r;
}

static struct engine *make(struct log *l, const struct rule *rules, int n_rules, const char *asset)
{
    char why[160];
    struct engine_conf c = {.venues = 3,
                            .max_assets = 8,
                            .universe_warm_s = 5,
                            .universe_period_s = 3600,
                            .leave_after_s = 60,
                            .book_levels = 200,
                            .rules = rules,
                            .n_rules = n_rules};
    if (asset)
        snprintf(c.assets[c.n_assets++], sizeof c.assets[0], "%s", asset);
    else
        c.top_n = 2;
    memset(l, 0, sizeof *l);
    text_init(&l->t, l->buf, sizeof l->buf);
    struct sinks s = {.arg = l,
                      .row = on_row,
                      .alert = on_alert,
                      .gap = on_gap,
                      .refused = on_refused,
                      .universe = on_universe};
    struct engine *e = engine_new(&c, &s, why);
    ck_assert_msg(e != NULL, "%s", why);
    l->e = e;
    return e;
}

static int put(struct engine *e, int venue, const char *req, const char *text, int64_t t_us)
{
    struct origin o = {.venue = (uint8_t)venue,
                       .conn = req ? CONN_REST : CONN_SLOT(venue == BN ? 1 : 0, 0, 0),
                       .req = req};
    return engine_ingest(e, &o, text, strlen(text), t_us);
}

static void links(struct engine *e, bool up, int venue, int64_t t_us)
{
    for (int r = 0; r < venues[venue]->n_routes; r++) {
        struct note n;
        note_init(&n, up ? NOTE_LINK_UP : NOTE_LINK_DOWN);
        n.venue = (uint8_t)venue;
        n.conn = CONN_SLOT(r, 0, 0);
        ck_assert_int_eq(engine_note(e, &n, NULL, t_us), 0);
    }
}

static void ack_liquidations(struct engine *e, int64_t t_us)
{
    struct note n;
    note_init(&n, NOTE_ACKED);
    n.venue = BN;
    n.conn = CONN_SLOT(1, 0, 0);
    n.channel = venue_channel_find(venues[BN], SLICE("forceOrder"));
    ck_assert_int_eq(engine_note(e, &n, NULL, t_us), 0);
}

/* Specs, links and one value of everything that the tests use. */
static void warm(struct engine *e, int64_t t_us)
{
    engine_tick(e, t_us);
    links(e, true, BN, t_us + 1);
    links(e, true, HL, t_us + 1);
    ck_assert_int_eq(put(e, BN, "exchangeInfo", BN_INFO, t_us + 2), 0);
    ck_assert_int_eq(put(e, HL, "metas", HL_METAS, t_us + 3), 0);
    ack_liquidations(e, t_us + 3);
    ck_assert_int_eq(put(e, BN, NULL, BN_MARK, t_us + 4), 0);
    ck_assert_int_eq(put(e, HL, NULL, HL_CTXS, t_us + 5), 0);
    ck_assert_int_eq(put(e, BN, "openInterest:BTCUSDT", BN_OI, t_us + 6), 0);
    engine_turn(e, t_us + 7);
}

/* Seconds from t_us to t_us + n - 1, with fresh values in each. */
static void run_seconds(struct engine *e, int64_t t_us, int n, bool hl)
{
    for (int i = 0; i < n; i++, t_us += S) {
        engine_tick(e, t_us);
        put(e, BN, NULL, BN_MARK, t_us + 4);
        if (hl)
            put(e, HL, NULL, HL_CTXS, t_us + 5);
        put(e, BN, "openInterest:BTCUSDT", BN_OI, t_us + 6);
        engine_turn(e, t_us + 20000);
    }
}

START_TEST(specs_make_instruments_and_wants)
{
    static struct log l;
    static struct want w[WANTS_MAX];
    struct engine *e = make(&l, NULL, 0, "BTC");
    engine_tick(e, T0);
    int before = engine_wants(e, w, WANTS_MAX);
    ck_assert_int_gt(before, 0); /* the start lists */
    ck_assert_int_eq(put(e, BN, NULL, BN_MARK, T0 + 1), 0);
    ck_assert_uint_eq(market_counter(engine_market(e), BN, MC_NO_SPEC) > 0, 1);
    warm(e, T0 + S);
    int after = engine_wants(e, w, WANTS_MAX);
    ck_assert_int_gt(after, before);
    bool depth = false;
    for (int i = 0; i < after; i++) {
        char name[64];
        struct text t;
        text_init(&t, name, sizeof name);
        want_name(engine_directory(e), &w[i], &t);
        depth |= strcmp(name, "depth:BTCUSDT") == 0 && w[i].kind == WANT_STREAM;
        if (i > 0)
            ck_assert(w[i - 1].venue <= w[i].venue);
    }
    ck_assert(depth);
    engine_tick(e, T0 + 2 * S);
    ck_assert_double_eq(l.oi_bn, 1000 * 84213.4);
    ck_assert_double_eq(l.oi_hl, 500.5 * 84210.0);
    ck_assert_double_eq(l.oi_all, 1000 * 84213.4 + 500.5 * 84210.0);
    engine_free(e);
}
END_TEST

START_TEST(liquidation_fires_in_the_turn)
{
    static struct log l;
    struct rule r = liq_rule();
    struct engine *e = make(&l, &r, 1, "BTC");
    warm(e, T0);
    run_seconds(e, T0 + S, 70, true);
    ck_assert_int_eq(l.firing, 0);
    int64_t t_us = T0 + 71 * S;
    engine_tick(e, t_us);
    ck_assert_int_eq(put(e, BN, NULL, BN_FORCE, t_us + 500000), 0);
    ck_assert_int_eq(l.firing, 0); /* events mutate, turns judge */
    engine_turn(e, t_us + 500100);
    ck_assert_int_eq(l.firing, 1); /* 50 BTC of 1,500 within the minute */
    run_seconds(e, T0 + 72 * S, 70, true);
    ck_assert_int_eq(alerts_asset_active(engine_alerts(e),
                                         directory_asset_find(engine_directory(e), SLICE("BTC"))),
                     0);
    engine_free(e);
}
END_TEST

START_TEST(turns_are_deferred_per_subject)
{
    static struct log l;
    struct engine *e = make(&l, NULL, 0, "BTC");
    warm(e, T0);
    put(e, BN, NULL, BN_MARK, T0 + 100000);
    ck_assert_int_eq(engine_turn(e, T0 + 100001), 0);
    put(e, BN, NULL, BN_MARK, T0 + 101000);
    ck_assert_int_eq(engine_turn(e, T0 + 101001), T0 + 110001); /* due 10 ms after it was judged */
    ck_assert_int_eq(engine_turn(e, T0 + 110001), 0);
    engine_free(e);
}
END_TEST

START_TEST(venue_down_is_a_gap_and_unknown)
{
    static struct log l;
    struct engine *e = make(&l, NULL, 0, "BTC");
    warm(e, T0);
    run_seconds(e, T0 + S, 5, true);
    ck_assert(isfinite(l.oi_hl));
    int gaps = l.gaps;
    links(e, false, HL, T0 + 6 * S - 10);
    run_seconds(e, T0 + 6 * S, 3, false);
    ck_assert_int_gt(l.gaps, gaps);
    ck_assert(isnan(l.oi_hl));
    ck_assert_int_eq(l.reason_hl, R_DOWN);
    ck_assert(isfinite(l.oi_bn));
    int closed = l.gaps_closed;
    links(e, true, HL, T0 + 9 * S - 10);
    run_seconds(e, T0 + 9 * S, 3, true);
    ck_assert_int_gt(l.gaps_closed, closed);
    ck_assert(isfinite(l.oi_hl));
    engine_free(e);
}
END_TEST

START_TEST(bad_texts_lose_nothing)
{
    static const char *const bad[] = {
        "",
        "{",
        "[1,2",
        ("{\"stream\":\"!markPrice@arr@1s\",\"data\":[{\"e\":\"markPriceUpdate\","
         "\"s\":\"BTCUSDT\",\"p\":\"1e999\",\"i\":\"1\",\"r\":\"0\",\"T\":0}]}"),
        "\xff\xfe",
        "<html>503</html>",
        "{\"stream\":\"!markPrice@arr@1s\",\"data\":\"x\"}"};
    static struct log l;
    struct engine *e = make(&l, NULL, 0, "BTC");
    warm(e, T0);
    engine_tick(e, T0 + S);
    double was = l.oi_bn;
    int n = (int)(sizeof bad / sizeof *bad);
    for (int i = 0; i < n; i++)
        ck_assert_int_lt(put(e, BN, NULL, bad[i], T0 + S + 10 + i), 0);
    ck_assert_int_eq(l.refused, n);
    ck_assert_uint_eq(engine_counter(e, EC_REFUSED), (uint64_t)n);
    engine_tick(e, T0 + 2 * S);
    ck_assert_double_eq(l.oi_bn, was);
    struct note note;
    note_init(&note, NOTE_LINK_UP); /* venue 255 */
    ck_assert_int_eq(engine_note(e, &note, NULL, T0 + 2 * S), E_UNKNOWN);
    note_init(&note, NOTE_DESK);
    note.action = SLICE("ack");
    note.key = SLICE("not a number");
    ck_assert_int_eq(engine_note(e, &note, NULL, T0 + 2 * S), E_SYNTAX);
    engine_free(e);
}
END_TEST

START_TEST(universe_is_ranked_and_left)
{
    static struct log l;
    struct engine *e = make(&l, NULL, 0, NULL);
    warm(e, T0);
    ck_assert(!engine_ranked(e));
    run_seconds(e, T0 + S, 6, true); /* the warm-up passes: Binance's ticker never came */
    ck_assert(engine_ranked(e));
    ck_assert_int_eq(l.entered, 1);
    struct engine_conf c = {
        .venues = 3, .max_assets = 8, .n_assets = 1, .assets = {"ETH"}, .book_levels = 200};
    struct note n;
    note_init(&n, NOTE_CONF);
    ck_assert_int_eq(engine_note(e, &n, &c, T0 + 8 * S), 0);
    ck_assert_int_eq(l.left, 1); /* BTC is not named any more */
    ck_assert_int_eq(engine_note(e, &n, NULL, T0 + 8 * S), E_MISSING);
    engine_free(e);
}
END_TEST

START_TEST(bad_rules_change_nothing)
{
    static struct log l;
    char why[160] = "";
    struct rule good = liq_rule(), bad = liq_rule();
    snprintf(bad.metric, sizeof bad.metric, "m_asset.no_such_metric");
    struct engine *e = make(&l, &good, 1, "BTC");
    struct engine_conf c = {.venues = 1,
                            .max_assets = 8,
                            .n_assets = 1,
                            .assets = {"BTC"},
                            .rules = &bad,
                            .n_rules = 1};
    struct note n;
    note_init(&n, NOTE_CONF);
    ck_assert_int_lt(engine_note(e, &n, &c, T0), 0);
    ck_assert_int_eq(alerts_rules(engine_alerts(e)), 1);
    ck_assert_str_eq(alerts_rule(engine_alerts(e), 0)->metric, "m_asset.liq_1m_oi_frac");
    c.book_levels = 100;
    ck_assert_ptr_null(engine_new(&c, NULL, why));
    ck_assert_msg(strstr(why, "no_such_metric") != NULL, "%s", why);
    c.max_assets = 0;
    ck_assert_ptr_null(engine_new(&c, NULL, why));
    engine_free(e);
}
END_TEST

START_TEST(state_survives_a_restart)
{
    static struct log l, l2;
    static char buf[1 << 16];
    struct text t;
    struct rule r = liq_rule();
    struct engine *e = make(&l, &r, 1, NULL);
    warm(e, T0);
    run_seconds(e, T0 + S, 70, true);
    put(e, BN, NULL, BN_FORCE, T0 + 70 * S + 500000);
    engine_turn(e, T0 + 70 * S + 600000);
    ck_assert_int_eq(l.firing, 1);
    text_init(&t, buf, sizeof buf);
    engine_freeze(e, &t);
    engine_free(e);
    e = make(&l2, &r, 1, NULL);
    ck_assert_int_ge(engine_thaw(e, buf, t.len, T0 + 80 * S), 0);
    uint32_t btc = directory_asset_find(engine_directory(e), SLICE("BTC"));
    ck_assert_uint_ne(btc, ASSET_NONE);
    ck_assert(alerts_asset_active(engine_alerts(e), btc));
    ck_assert_int_eq(risk_assets(engine_risk(e)), 1);
    ck_assert_int_eq(engine_thaw(e, "{\"state\":", 9, T0 + 80 * S), E_SYNTAX);
    engine_free(e);
}
END_TEST

START_TEST(same_calls_same_bytes)
{
    static struct log a, b;
    struct log *logs[2] = {&a, &b};
    for (int i = 0; i < 2; i++) {
        struct rule r = liq_rule();
        struct engine *e = make(logs[i], &r, 1, "BTC");
        warm(e, T0);
        run_seconds(e, T0 + S, 65, true);
        put(e, BN, NULL, BN_FORCE, T0 + 65 * S + 500000);
        run_seconds(e, T0 + 66 * S, 10, i == 0 || true);
        engine_free(e);
    }
    ck_assert_uint_gt(a.t.len, 1000);
    ck_assert_uint_eq(a.t.len, b.t.len);
    ck_assert_mem_eq(a.buf, b.buf, a.t.len);
}
END_TEST

START_TEST(skipped_ticks_are_counted)
{
    static struct log l;
    struct engine *e = make(&l, NULL, 0, "BTC");
    engine_tick(e, T0);
    engine_tick(e, T0 + 5 * S);
    ck_assert_uint_eq(engine_counter(e, EC_TICKS_SKIPPED), 4);
    engine_free(e);
}
END_TEST

UNIT_MAIN("engine", tcase_add_test(tc, specs_make_instruments_and_wants);
          tcase_add_test(tc, liquidation_fires_in_the_turn);
          tcase_add_test(tc, turns_are_deferred_per_subject);
          tcase_add_test(tc, venue_down_is_a_gap_and_unknown);
          tcase_add_test(tc, bad_texts_lose_nothing);
          tcase_add_test(tc, universe_is_ranked_and_left);
          tcase_add_test(tc, bad_rules_change_nothing);
          tcase_add_test(tc, state_survives_a_restart); tcase_add_test(tc, same_calls_same_bytes);
          tcase_add_test(tc, skipped_ticks_are_counted);)
