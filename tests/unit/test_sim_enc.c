/* Proves the simulator's texts with jansson: each parses, has the documented keys with the
 * documented types, prices lie on the tick, and a book rebuilt from snapshot and deltas equals the
 * snapshot later. */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/enc.h"

#define CAP (4u << 20)

static char buf[CAP];

static struct sim_market *make(void)
{
    struct sim_scenario sc;
    ck_assert_int_eq(sim_scenario_init(&sc, "crash", 1), 0);
    struct sim_market *m = sim_market_new(&sc, 12, 1795312800000000);
    ck_assert_ptr_nonnull(m);
    sim_market_shock_at(m, 20);
    for (int i = 0; i < 60; i++)
        sim_market_step(m);
    return m;
}

static struct text fresh(void)
{
    struct text t;
    text_init(&t, buf, CAP);
    return t;
}

static json_t *parse(const struct text *t)
{
    json_error_t e;
    json_t *j = json_loadb(t->buf, t->len, JSON_REJECT_DUPLICATES, &e);
    ck_assert_msg(j != NULL && !t->full, "%s in %.200s", e.text, t->buf);
    return j;
}

/* shape: "key:type ..." with s string that is a number, S other string, i integer, n number, b
 * bool, a array, o object. */
static void check_shape(const json_t *j, const char *shape)
{
    char key[32], type;
    int n;
    for (const char *p = shape; sscanf(p, "%31[^:]:%c%n", key, &type, &n) == 2;
         p += n, p += *p == ' ') {
        const json_t *v = json_object_get(j, key);
        ck_assert_msg(v != NULL, "no %s", key);
        char *end = NULL;
        const char *s = json_string_value(v);
        bool ok = type == 'i'   ? json_is_integer(v)
                  : type == 'n' ? json_is_number(v)
                  : type == 'b' ? json_is_boolean(v)
                  : type == 'a' ? json_is_array(v)
                  : type == 'o' ? json_is_object(v)
                                : s != NULL;
        if (type == 's' && ok)
            ok = isfinite(strtod(s, &end)) && end != s && *end == 0;
        ck_assert_msg(ok, "%s is not of type %c: %s", key, type, s ? s : "");
    }
}

static void check_levels(const json_t *a, int sign, double tick)
{
    double last = sign > 0 ? 0 : INFINITY;
    for (size_t i = 0; i < json_array_size(a); i++) {
        const json_t *l = json_array_get(a, i), *p = json_array_get(l, 0),
                     *q = json_array_get(l, 1);
        if (json_is_object(l)) {
            p = json_object_get(l, "px");
            q = json_object_get(l, "sz");
        }
        double px = strtod(json_string_value(p), NULL), n = px / tick;
        ck_assert_double_gt(strtod(json_string_value(q), NULL), 0);
        ck_assert_double_eq_tol(n, round(n), 1e-6 * n);
        ck_assert(sign > 0 ? px > last : px < last);
        last = px;
    }
}

START_TEST(test_fixed)
{
    static const struct {
        int64_t units;
        int dec;
        bool trim;
        const char *want;
    } rows[] = {{8421340, 2, false, "84213.40"}, {8421340, 2, true, "84213.4"},
                {8421300, 2, true, "84213.0"},   {5, 3, false, "0.005"},
                {0, 2, false, "0.00"},           {0, 1, true, "0.0"},
                {-12345, 4, false, "-1.2345"},   {7, 0, false, "7"},
                {70, 0, true, "70.0"},           {100000, 5, true, "1.0"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text t = fresh();
        enc_units(&t, rows[i].units, rows[i].dec, rows[i].trim);
        ck_assert_str_eq(t.buf, rows[i].want);
    }
}
END_TEST

START_TEST(test_binance_frames)
{
    struct sim_market *m = make();
    const struct sim_inst *in = &m->insts[0];
    const struct sim_liq l = {.inst = 0,
                              .closed = SIM_LONG,
                              .qty = 1.5,
                              .px = 84000.1,
                              .limit_px = 83000,
                              .order_qty = 2};
    struct text t = fresh();
    bn_mark(&t, m, in);
    json_t *j = parse(&t);
    check_shape(j, "e:S E:i s:S p:s ap:s P:s i:s r:s T:i st:i");
    json_decref(j);
    t = fresh();
    bn_force(&t, m, &l, sim_market_now_us(m) - 300000);
    j = parse(&t);
    check_shape(j, "e:S E:i o:o st:i ps:S");
    check_shape(json_object_get(j, "o"), "s:S S:S o:S f:S q:s p:s ap:s X:S l:s z:s T:i");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(j, "o"), "S")), "SELL");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(j, "o"), "z")), "1.500");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(j, "o"), "X")),
                     "PARTIALLY_FILLED");
    json_decref(j);
    t = fresh();
    bn_force_coin(&t, m, false, 35);
    j = parse(&t);
    ck_assert_int_eq(json_integer_value(json_object_get(j, "st")), 2);
    check_shape(json_object_get(j, "o"), "s:S ps:S S:S q:s p:s ap:s X:S l:s z:s T:i");
    json_decref(j);
    t = fresh();
    bn_ticker(&t, m, in);
    j = parse(&t);
    check_shape(j, "e:S u:i E:i T:i s:S ps:S b:s B:s a:s A:s st:i");
    json_decref(j);
    t = fresh();
    bn_contract(&t, m, in);
    j = parse(&t);
    check_shape(j, "e:S E:i s:S ct:S dt:i ot:i cs:S st:i bks:a");
    check_shape(json_array_get(json_object_get(j, "bks"), 1),
                "bs:n bnf:n bnc:n mmr:n cf:n mi:n ma:n");
    json_decref(j);
    sim_market_free(m);
}
END_TEST

START_TEST(test_binance_arrays_and_rest)
{
    struct sim_market *m = make();
    struct text t = fresh();
    bn_mark_array(&t, m, SIM_CRYPTO);
    json_t *j = parse(&t);
    ck_assert_uint_eq(json_array_size(j), 12);
    json_decref(j);
    t = fresh();
    bn_mark_array(&t, m, SIM_TRADFI);
    j = parse(&t);
    ck_assert_uint_eq(json_array_size(j), 2);
    json_decref(j);
    t = fresh();
    bn_asset_index(&t, m);
    j = parse(&t);
    check_shape(json_array_get(j, 0), "e:S E:i s:S i:s b:s a:s B:s A:s q:s g:s Q:s G:s");
    json_decref(j);
    t = fresh();
    bn_rest_exchange_info(&t, m);
    j = parse(&t);
    check_shape(j, "timezone:S serverTime:i rateLimits:a symbols:a");
    check_shape(
        json_array_get(json_object_get(j, "symbols"), 0),
        "symbol:S contractType:S deliveryDate:i status:S baseAsset:S quoteAsset:S marginAsset:S "
        "underlyingType:S filters:a liquidationFee:s");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "symbols")), 15);
    json_decref(j);
    t = fresh();
    bn_rest_ticker_24h(&t, m);
    j = parse(&t);
    check_shape(json_array_get(j, 0), "symbol:S lastPrice:s volume:s quoteVolume:s closeTime:i");
    json_decref(j);
    t = fresh();
    bn_rest_open_interest(&t, m, &m->insts[0]);
    j = parse(&t);
    check_shape(j, "openInterest:s symbol:S time:i");
    json_decref(j);
    t = fresh();
    bn_rest_insurance(&t, m);
    json_decref(parse(&t));
    t = fresh();
    bn_rest_funding_info(&t, m);
    json_decref(parse(&t));
    sim_market_free(m);
}
END_TEST

/* A book in USD-free form: levels by price text. */
static void apply(json_t *book, const json_t *levels)
{
    for (size_t i = 0; i < json_array_size(levels); i++) {
        const json_t *l = json_array_get(levels, i);
        const char *px = json_string_value(json_array_get(l, 0));
        double q = strtod(json_string_value(json_array_get(l, 1)), NULL);
        if (q > 0)
            json_object_set_new(book, px, json_real(q));
        else
            json_object_del(book, px);
    }
}

static json_t *snapshot(const struct sim_market *m, const struct sim_inst *in, int limit)
{
    struct text t = fresh();
    bn_rest_depth(&t, m, in, limit);
    return parse(&t);
}

static void apply_delta(struct sim_market *m, const struct sim_inst *in, json_t *bids, json_t *asks)
{
    struct text t = fresh();
    json_int_t before = in->book.update_id;
    sim_market_step(m);
    bn_depth(&t, m, in);
    json_t *j = parse(&t);
    check_shape(j, "e:S E:i T:i s:S ps:S st:i U:i u:i pu:i b:a a:a");
    ck_assert_int_eq(json_integer_value(json_object_get(j, "pu")), before);
    ck_assert_int_gt(json_integer_value(json_object_get(j, "U")), before);
    apply(bids, json_object_get(j, "b"));
    apply(asks, json_object_get(j, "a"));
    json_decref(j);
}

START_TEST(test_depth_rebuilds)
{
    struct sim_market *m = make();
    for (int i = 0; i < 3; i++) {
        const struct sim_inst *in = &m->insts[m->assets[i].inst[SIM_BINANCE]];
        json_t *j = snapshot(m, in, 1 << 20), *bids = json_object(), *asks = json_object();
        check_levels(json_object_get(j, "bids"), -1, in->grid.tick);
        check_levels(json_object_get(j, "asks"), 1, in->grid.tick);
        apply(bids, json_object_get(j, "bids"));
        apply(asks, json_object_get(j, "asks"));
        json_decref(j);
        for (int s = 0; s < 150; s++)
            apply_delta(m, in, bids, asks);
        j = snapshot(m, in, 1 << 20);
        json_t *b2 = json_object(), *a2 = json_object();
        apply(b2, json_object_get(j, "bids"));
        apply(a2, json_object_get(j, "asks"));
        ck_assert(json_equal(bids, b2) && json_equal(asks, a2));
        json_decref(j);
        json_decref(bids);
        json_decref(asks);
        json_decref(b2);
        json_decref(a2);
    }
    sim_market_free(m);
}
END_TEST

START_TEST(test_hl_frames)
{
    struct sim_market *m = make();
    const struct sim_inst *in = &m->insts[m->assets[0].inst[SIM_HL]];
    static const int figs[] = {0, 4, 3, 2};
    double below = INFINITY, last_depth = 0;
    for (int i = 0; i < 4; i++) {
        struct text t = fresh();
        hl_book(&t, m, in, figs[i], false);
        json_t *j = parse(&t), *d = json_object_get(j, "data"), *l = json_object_get(d, "levels");
        check_shape(d, "coin:S time:i levels:a");
        ck_assert_int_eq(json_object_get(d, "spread") != NULL, figs[i] != 0);
        ck_assert_uint_eq(json_array_size(json_array_get(l, 0)), 20);
        double step = figs[i] ? pow(10, 5 - figs[i]) : in->grid.tick, depth = 0;
        check_levels(json_array_get(l, 0), -1, step);
        check_levels(json_array_get(l, 1), 1, step);
        const json_t *bids = json_array_get(l, 0);
        for (size_t k = 0; k < json_array_size(bids); k++)
            depth +=
                strtod(json_string_value(json_object_get(json_array_get(bids, k), "sz")), NULL);
        double far =
            strtod(json_string_value(json_object_get(json_array_get(bids, 19), "px")), NULL);
        ck_assert_double_lt(far, below); /* a coarser view reaches further and holds more */
        ck_assert_double_gt(depth, last_depth);
        below = far;
        last_depth = depth;
        json_decref(j);
    }
    struct text t = fresh();
    hl_bbo(&t, m, in);
    json_t *j = parse(&t);
    check_shape(json_object_get(j, "data"), "coin:S time:i bbo:a");
    json_decref(j);
    sim_market_free(m);
}
END_TEST

START_TEST(test_hl_positions)
{
    struct sim_market *m = make();
    struct text t = fresh();
    hl_rest_all_metas(&t, m);
    json_t *metas = parse(&t);
    t = fresh();
    hl_ctxs(&t, m);
    json_t *j = parse(&t), *ctxs = json_object_get(json_object_get(j, "data"), "ctxs");
    ck_assert_uint_eq(json_array_size(metas), 2);
    for (size_t d = 0; d < 2; d++) {
        const json_t *u = json_object_get(json_array_get(metas, d), "universe");
        const json_t *c = json_array_get(json_array_get(ctxs, d), 1);
        ck_assert_uint_eq(json_array_size(u), json_array_size(c));
        for (size_t i = 0; i < json_array_size(u); i++) {
            const json_t *x = json_array_get(c, i), *inst = json_array_get(u, i);
            bool delisted = json_is_true(json_object_get(inst, "isDelisted"));
            check_shape(inst, "name:S szDecimals:i maxLeverage:i marginTableId:i");
            check_shape(x, "funding:s openInterest:s prevDayPx:s dayNtlVlm:s oraclePx:s markPx:s "
                           "dayBaseVlm:s");
            ck_assert_int_eq(json_is_null(json_object_get(x, "midPx")), delisted);
            int k = sim_market_find(m, SIM_HL, json_string_value(json_object_get(inst, "name")));
            ck_assert_int_ge(k, 0);
            double mark = strtod(json_string_value(json_object_get(x, "markPx")), NULL);
            ck_assert_double_eq_tol(mark, m->insts[k].mark_px, 1e-4 * mark);
        }
    }
    json_decref(j);
    json_decref(metas);
    sim_market_free(m);
}
END_TEST

START_TEST(test_hl_trades)
{
    struct sim_market *m = make();
    const struct sim_trade tr = {.inst = m->assets[0].inst[SIM_HL],
                                 .taker_buys = false,
                                 .lots = 12345,
                                 .px = 84210,
                                 .last_id = 77};
    struct text t = fresh();
    hl_trades_open(&t);
    hl_trade(&t, &m->insts[tr.inst], &tr, 1795312800123000);
    hl_trade(&t, &m->insts[tr.inst], &tr, 1795312800123000);
    hl_trades_close(&t);
    json_t *j = parse(&t), *a = json_object_get(j, "data");
    ck_assert_uint_eq(json_array_size(a), 2);
    check_shape(json_array_get(a, 0), "coin:S side:S px:s sz:s time:i hash:S tid:i users:a");
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(a, 0), "sz")), "0.12345");
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(a, 0), "side")), "A");
    ck_assert_uint_eq(strlen(json_string_value(
                          json_array_get(json_object_get(json_array_get(a, 0), "users"), 0))),
                      42);
    json_decref(j);
    sim_market_free(m);
}
END_TEST

UNIT_MAIN("sim_enc", tcase_add_test(tc, test_fixed); tcase_add_test(tc, test_binance_frames);
          tcase_add_test(tc, test_binance_arrays_and_rest); tcase_add_test(tc, test_depth_rebuilds);
          tcase_add_test(tc, test_hl_frames); tcase_add_test(tc, test_hl_positions);
          tcase_add_test(tc, test_hl_trades);)
