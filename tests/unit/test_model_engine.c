/* Proves the model seam in the engine: texts reach the liquidation map, maps leave each minute, an
 * asset at a time; a run cut in two by freeze and thaw gives the same bytes as one run; a line of a
 * model that nobody understands costs neither the universe nor an alert. */
#include "unit.h"

#include <string.h>

#include "engine/engine.h"
#include "risk/liqmap.h"
#include "venue/venue.h"

#define T0 1795312800000000LL /* a whole minute */
#define S  1000000LL
#define BN 0

static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"};
#define N 2

#define SYMBOL(s, base)                                                                            \
    "{\"symbol\":\"" s "\",\"pair\":\"" s "\",\"contractType\":\"PERPETUAL\","                     \
    "\"deliveryDate\":4133404800000,\"onboardDate\":1569398400000,\"status\":\"TRADING\","         \
    "\"baseAsset\":\"" base "\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\","                 \
    "\"underlyingType\":\"COIN\",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":"      \
    "\"0.10\"}]}"
#define INFO "{\"symbols\":[" SYMBOL("BTCUSDT", "BTC") "," SYMBOL("ETHUSDT", "ETH") "]}"

struct out { /* the maps that were told, as text */
    const struct engine *e;
    struct text t;
    int rows;
    int64_t first_us, t_us;
    char buf[1 << 21];
};

static void on_map(void *arg, const struct map_row *m)
{
    struct out *o = arg;
    o->rows++;
    o->t_us = m->t_us;
    if (m->t_us < o->first_us)
        return;
    text_fmt(&o->t, "%lld %d %s %d", (long long)m->t_us, m->venue,
             directory_asset_name(engine_directory(o->e), m->asset), m->side);
    double sum = 0;
    for (int i = 0; i < m->n; i++) {
        text_char(&o->t, ' ');
        text_num(&o->t, m->mass_base[i]);
        sum += m->mass_base[i];
    }
    text_fmt(&o->t, " %.17g %.17g %.17g\n", m->px_ref, m->seeded_frac, m->oi_base);
    /* longs end at price 0; of seeded shorts some 1e-6 stand above twice the price, in no band */
    ck_assert_double_le(sum, m->oi_base * (1 + 1e-9));
    ck_assert_double_ge(sum, m->oi_base * (1 - (m->side == POS_LONG ? 1e-9 : 1e-5)));
}

static struct engine *make(struct out *o, int64_t first_us, const char *const *assets)
{
    char why[160];
    struct engine_conf c = {.venues = 1 << BN,
                            .max_assets = 8,
                            .top_n = assets ? 0 : 2,
                            .universe_warm_s = 5,
                            .universe_period_s = 3600,
                            .leave_after_s = 60,
                            .book_levels = 200};
    for (int i = 0; assets && assets[i]; i++)
        snprintf(c.assets[c.n_assets++], sizeof c.assets[0], "%s", assets[i]);
    memset(o, 0, sizeof *o);
    text_init(&o->t, o->buf, sizeof o->buf);
    o->first_us = first_us;
    struct sinks s = {.arg = o, .map = on_map};
    struct engine *e = engine_new(&c, &s, why);
    ck_assert_msg(e != NULL, "%s", why);
    o->e = e;
    return e;
}

static void put(struct engine *e, const char *req, const char *text, int64_t t_us)
{
    struct origin o = {.venue = BN, .conn = req ? CONN_REST : CONN_SLOT(1, 0, 0), .req = req};
    int rc = engine_ingest(e, &o, text, strlen(text), t_us);
    ck_assert_msg(rc == 0, "%s: %s", err_text(rc), text);
}

/* Links, specs and what is polled first; the engine has been told the time already. */
static void begin(struct engine *e, int64_t t_us)
{
    for (int r = 0; r < venues[BN]->n_routes; r++) {
        struct note n;
        note_init(&n, NOTE_LINK_UP);
        n.venue = BN;
        n.conn = CONN_SLOT(r, 0, 0);
        ck_assert_int_eq(engine_note(e, &n, NULL, t_us), 0);
    }
    put(e, "exchangeInfo", INFO, t_us);
}

/* --- one synthetic tape: what the venue says in each second, from a fixed seed --------------- */

static uint64_t state;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

struct market_path {
    double px[N], oi[N], said[N]; /* said: the open interest last told */
    int64_t id;
};

static void say_marks(struct engine *e, const struct market_path *p, int64_t t_us)
{
    char text[1024];
    struct text t;
    text_init(&t, text, sizeof text);
    text_str(&t, "{\"stream\":\"!markPrice@arr@1s\",\"data\":[");
    for (int i = 0; i < N; i++)
        text_fmt(&t,
                 "%s{\"e\":\"markPriceUpdate\",\"E\":%lld,\"s\":\"%s\",\"p\":\"%.2f\",\"i\":"
                 "\"%.2f\",\"r\":\"0.0001\",\"T\":1795334400000,\"st\":1}",
                 i ? "," : "", (long long)(t_us / 1000), symbols[i], p->px[i], p->px[i]);
    text_str(&t, "]}");
    put(e, NULL, text, t_us);
}

static void say_trade(struct engine *e, struct market_path *p, int i, int64_t t_us)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"stream\":\"%s@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":%lld,\"s\":\"%s\","
             "\"a\":%lld,\"p\":\"%.2f\",\"q\":\"%.3f\",\"T\":%lld,\"m\":true}}",
             i ? "ethusdt" : "btcusdt", (long long)(t_us / 1000), symbols[i], (long long)++p->id,
             p->px[i] * (1 + .01 * (uniform() - .5)), .001 + uniform() * 9,
             (long long)(t_us / 1000));
    put(e, NULL, text, t_us);
}

static void say_liquidation(struct engine *e, const struct market_path *p, int i, int64_t t_us)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":%lld,\"o\":{"
             "\"s\":\"%s\",\"S\":\"%s\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"%.1f\",\"p\":\"%.2f"
             "\",\"ap\":\"%.2f\",\"X\":\"FILLED\",\"l\":\"1\",\"z\":\"1\",\"T\":%lld},\"st\":1}}",
             (long long)(t_us / 1000), symbols[i], uniform() < .5 ? "SELL" : "BUY",
             .1 + uniform() * 40, p->px[i], p->px[i], (long long)(t_us / 1000));
    put(e, NULL, text, t_us);
}

static void say_oi(struct engine *e, const struct market_path *p, int i, int64_t t_us)
{
    char text[256], req[64];
    snprintf(req, sizeof req, "openInterest:%s", symbols[i]);
    snprintf(text, sizeof text, "{\"openInterest\":\"%.3f\",\"symbol\":\"%s\",\"time\":%lld}",
             p->said[i], symbols[i], (long long)(t_us / 1000));
    put(e, req, text, t_us);
}

static void second(struct engine *e, struct market_path *p, int64_t t_us)
{
    int s = (int)((t_us - T0) / S);
    for (int i = 0; i < N; i++) {
        p->px[i] *= exp((uniform() - .5) * (uniform() < .05 ? .08 : .004));
        p->oi[i] *= 1 + .01 * (uniform() - .5);
    }
    say_marks(e, p, t_us + 1000);
    for (int i = 0; i < N; i++) {
        say_trade(e, p, i, t_us + 2000);
        say_trade(e, p, i, t_us + 3000);
        if (uniform() < .2)
            say_liquidation(e, p, i, t_us + 4000);
        if (s % 5 == i) {
            p->said[i] = p->oi[i];
            say_oi(e, p, i, t_us + 5000);
        }
    }
    engine_turn(e, t_us + 6000);
}

static char frozen[1 << 20];

/* Freezes e, throws it away, and goes on in a new engine, to which the venue says its list and
 * how things are. */
static struct engine *restart(struct engine *e, struct out *o, const struct market_path *p,
                              int64_t t_us)
{
    int64_t first_us = o->first_us;
    struct text t;
    text_init(&t, frozen, sizeof frozen);
    engine_freeze(e, &t);
    ck_assert(!t.full);
    engine_free(e);
    e = make(o, first_us, NULL);
    ck_assert_int_ge(engine_thaw(e, frozen, t.len, t_us), 0);
    ck_assert_uint_eq(engine_counter(e, EC_STATE_DROPPED), 0);
    begin(e, t_us);
    say_marks(e, p, t_us);
    for (int i = 0; i < N; i++)
        say_oi(e, p, i, t_us);
    return e;
}

/* cut 0 = one run. Returns what the maps said from first_s on. */
static void run(struct out *o, int seconds, int cut, int first_s)
{
    struct engine *e = make(o, T0 + first_s * S, NULL);
    struct market_path p = {{84000, 3000}, {1000, 20000}, {1000, 20000}, 0};
    state = 88172645463325252u;
    engine_tick(e, T0);
    begin(e, T0 + 1);
    for (int s = 0; s < seconds; s++) {
        int64_t t_us = T0 + s * S;
        if (s > 0)
            engine_tick(e, t_us);
        second(e, &p, t_us);
        if (s == cut && cut > 0)
            e = restart(e, o, &p, t_us + 7000);
    }
    struct text t;
    text_init(&t, frozen, sizeof frozen);
    const struct risk *r = engine_risk(e); /* and every bit the model would go on with */
    models[MODEL_LIQMAP]->freeze(risk_model(r, MODEL_LIQMAP), r, &t);
    text_put(&o->t, t.buf, t.len);
    ck_assert(!o->t.full);
    engine_free(e);
}

START_TEST(test_cut_in_two_gives_the_same_bytes)
{
    static struct out whole, parts;
    run(&whole, 400, 0, 200);
    ck_assert_int_ge(whole.rows, 4 * 6);
    ck_assert_ptr_nonnull(strstr(whole.buf, "\"model\":\"liqmap\""));
    for (int cut = 120; cut < 190; cut += 23) {
        run(&parts, 400, cut, 200);
        ck_assert_uint_eq(whole.t.len, parts.t.len);
        ck_assert(memcmp(whole.buf, parts.buf, whole.t.len) == 0);
    }
}
END_TEST

/* In a minute each asset has one row a side, at its own second. */
START_TEST(test_maps_come_in_turn)
{
    static struct out o;
    run(&o, 180, 0, 120);
    int btc = 0, eth = 0;
    for (const char *p = o.buf; p < o.buf + o.t.len && *p != '{'; p = strchr(p, '\n') + 1) {
        char asset[8];
        long long t_us;
        ck_assert_int_eq(sscanf(p, "%lld 0 %7s", &t_us, asset), 2);
        bool first = asset[0] == 'B';
        btc += first;
        eth += !first;
    }
    ck_assert_int_eq(btc, 2);
    ck_assert_int_eq(eth, 2);
}
END_TEST

/* Assets that are named are not ranked; their maps come back as well. */
START_TEST(test_named_assets_come_back)
{
    static struct out o;
    static const char *const names[] = {"BTC", "ETH", NULL};
    struct market_path p = {{84000, 3000}, {1000, 20000}, {1000, 20000}, 0};
    struct text t;
    struct engine *e = make(&o, 0, names);
    state = 1234567;
    engine_tick(e, T0);
    begin(e, T0 + 1);
    for (int s = 0; s < 20; s++) {
        engine_tick(e, T0 + s * S);
        second(e, &p, T0 + s * S);
    }
    text_init(&t, frozen, sizeof frozen);
    engine_freeze(e, &t);
    engine_free(e);
    e = make(&o, 0, names);
    ck_assert_int_ge(engine_thaw(e, frozen, t.len, T0 + 30 * S), 0);
    ck_assert_uint_eq(engine_counter(e, EC_STATE_DROPPED), 0);
    const struct liqmap *m = risk_model(engine_risk(e), MODEL_LIQMAP);
    uint32_t eth = directory_asset_find(engine_directory(e), SLICE("ETH"));
    ck_assert_int_eq(liqmap_began(m, BN, eth), T0 + 1 * S + 5000);
    engine_free(e);
}
END_TEST

START_TEST(test_foreign_lines_cost_nothing)
{
    static struct out o;
    struct engine *e = make(&o, 0, NULL);
    static const char text[] =
        "{\"state\":\"universe\",\"asset\":\"BTC\",\"rank_usd\":1}\n"
        "{\"state\":\"model\",\"model\":\"oracle\",\"x\":1}\n"
        "{\"state\":\"model\",\"model\":\"liqmap\",\"venue\":\"binance\",\"asset\":\"BTC\"}\n"
        "{\"state\":\"model\",\"model\":\"liqmap\",\"venue\":\"nowhere\",\"asset\":\"BTC\"}\n"
        "{\"state\":\"universe\",\"asset\":\"ETH\",\"rank_usd\":1}\n";
    ck_assert_int_eq(engine_thaw(e, text, sizeof text - 1, T0), 0);
    ck_assert_uint_eq(engine_counter(e, EC_STATE_DROPPED), 3);
    ck_assert_int_eq(risk_assets(engine_risk(e)), 2);
    ck_assert_int_eq(engine_thaw(e, "{\"state\":\"model\",", 17, T0), E_SYNTAX);
    engine_free(e);
}
END_TEST

UNIT_MAIN("model_engine", tcase_add_test(tc, test_cut_in_two_gives_the_same_bytes);
          tcase_add_test(tc, test_maps_come_in_turn);
          tcase_add_test(tc, test_named_assets_come_back);
          tcase_add_test(tc, test_foreign_lines_cost_nothing);)
