/* Proves the simulated market: the same seed gives the same market, longs equal shorts through a
 * whole crash, what is liquidated is what the agents lose, and the scenarios are what they claim to
 * be. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "sim/market.h"

static struct sim_market *make(const char *scenario, uint64_t seed, int assets)
{
    struct sim_scenario sc;
    ck_assert_int_eq(sim_scenario_init(&sc, scenario, seed), 0);
    struct sim_market *m = sim_market_new(&sc, assets, 1795312800000000);
    ck_assert_ptr_nonnull(m);
    ck_assert_int_eq(sim_market_shock_asset(m, "BTC"), 0);
    return m;
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    for (const unsigned char *c = p; n > 0; c++, n--)
        h = (h ^ *c) * 0x100000001b3u;
    return h;
}

static uint64_t fingerprint(const char *scenario, uint64_t seed)
{
    struct sim_market *m = make(scenario, seed, 6);
    uint64_t h = 0xcbf29ce484222325u;
    sim_market_shock_at(m, 100);
    for (int i = 0; i < 400; i++) {
        sim_market_step(m);
        for (int k = 0; k < m->n_insts; k++) {
            h = mix(h, &m->insts[k].ref_px, sizeof(double));
            h = mix(h, &m->insts[k].book.update_id, sizeof(int64_t));
            h = mix(h, &m->insts[k].pop.q[0], sizeof(double));
        }
        h = mix(h, &m->n_trades, sizeof(int));
    }
    sim_market_free(m);
    return h;
}

START_TEST(test_determinism)
{
    ck_assert_uint_eq(fingerprint("crash", 1), fingerprint("crash", 1));
    ck_assert_uint_ne(fingerprint("crash", 1), fingerprint("crash", 2));
    ck_assert_uint_ne(fingerprint("crash", 1), fingerprint("calm", 1));
}
END_TEST

static void check_balance(const struct sim_inst *in)
{
    double longs = sim_pop_total(&in->pop, SIM_LONG), shorts = sim_pop_total(&in->pop, SIM_SHORT);
    ck_assert_double_eq_tol(longs, shorts, 1e-9 * longs);
    ck_assert_double_eq_tol(longs, in->pop.q[SIM_LONG], 1e-9 * longs);
    ck_assert_double_eq_tol(shorts, in->pop.q[SIM_SHORT], 1e-9 * longs);
}

START_TEST(test_crash_conserves)
{
    struct sim_market *m = make("crash", 3, 5);
    static double liquidated[SIM_INSTS_MAX];
    sim_market_shock_at(m, 200);
    memset(liquidated, 0, sizeof liquidated);
    for (int i = 0; i < 900; i++) {
        sim_market_step(m);
        for (int k = 0; k < m->n_liqs; k++) {
            ck_assert_double_gt(m->liqs[k].qty, 0);
            liquidated[m->liqs[k].inst] += m->liqs[k].qty;
        }
        for (int k = 0; k < m->n_insts && i % 30 == 0; k++)
            if (m->insts[k].trading)
                check_balance(&m->insts[k]);
    }
    ck_assert_uint_eq(m->dropped, 0);
    for (int k = 0; k < m->n_insts; k++)
        if (m->insts[k].trading && m->insts[k].a->kind == SIM_CRYPTO) {
            const struct sim_pop *p = &m->insts[k].pop;
            ck_assert_double_eq_tol(p->liquidated, liquidated[k], 1e-6 * liquidated[k]);
            ck_assert_double_gt(liquidated[k], .01 * p->q[SIM_LONG]);
        }
    sim_market_free(m);
}
END_TEST

/* Nobody who is still alive has a liquidation price on the wrong side of the mark by more than the
 * width of a cell and one step's move. */
START_TEST(test_everybody_crossed_is_taken)
{
    struct sim_market *m = make("crash", 5, 3);
    sim_market_shock_at(m, 50);
    for (int i = 0; i < 300; i++)
        sim_market_step(m);
    for (int k = 0; k < m->n_insts; k++) {
        const struct sim_inst *in = &m->insts[k];
        double low = in->mark_px * (1 - .004), high = in->mark_px * (1 + .004), wrong = 0;
        for (int c = 0; in->trading && c < SIM_CELLS; c++)
            for (int j = 0; j < SIM_LEVS; j++) {
                double px = sim_pop_cell_px(&in->pop, c);
                wrong += px > high ? sim_pop_mass(&in->pop, SIM_LONG, j, c) : 0;
                wrong += px < low ? sim_pop_mass(&in->pop, SIM_SHORT, j, c) : 0;
            }
        ck_assert_double_eq_tol(wrong, 0, 1e-12);
    }
    sim_market_free(m);
}
END_TEST

static double fall(const char *asset, uint64_t seed)
{
    struct sim_market *m = make("crash", seed, 6);
    ck_assert_int_eq(sim_market_shock_asset(m, asset), 0);
    int i = sim_market_find(m, SIM_BINANCE, asset[0] == 'S' ? "SOLUSDT" : "BTCUSDT");
    double px = 0, low = 1e300;
    for (int s = 0; s < 400; s++) {
        sim_market_step(m);
        if (s == 99)
            px = m->insts[i].mid_px;
        low = fmin(low, m->insts[i].mid_px);
        if (s == 100)
            sim_market_shock_at(m, m->step + 1);
    }
    sim_market_free(m);
    return 1 - low / px;
}

START_TEST(test_shock)
{
    ck_assert_double_gt(fall("BTC", 1), .045);
    ck_assert_double_lt(fall("BTC", 1), .2);
    ck_assert_double_gt(fall("SOL", 2), .045);
    struct sim_market *m = make("crash", 1, 3);
    ck_assert_int_eq(sim_market_shock_asset(m, "NOPE"), -1);
    sim_market_free(m);
    struct sim_scenario sc;
    ck_assert_int_eq(sim_scenario_init(&sc, "storm", 1), -1);
}
END_TEST

/* Calm: a minute moves BTC by some 0.05 %, and both venues agree within a few basis points. */
START_TEST(test_calm)
{
    struct sim_market *m = make("calm", 4, 3);
    const struct sim_inst *b = &m->insts[m->assets[0].inst[SIM_BINANCE]];
    const struct sim_inst *h = &m->insts[m->assets[0].inst[SIM_HL]];
    double last = b->mid_px, sum = 0;
    int n = 0;
    for (int i = 1; i <= 60 * 600; i++) {
        sim_market_step(m);
        ck_assert_double_lt(fabs(b->mid_px / h->mid_px - 1), 10e-4);
        if (i % 600 == 0) {
            double x = log(b->mid_px / last);
            sum += x * x;
            last = b->mid_px;
            n++;
        }
    }
    double sd = sqrt(sum / n);
    ck_assert_double_gt(sd, .0003);
    ck_assert_double_lt(sd, .0008);
    sim_market_free(m);
}
END_TEST

UNIT_MAIN("sim_market", tcase_add_test(tc, test_determinism);
          tcase_add_test(tc, test_crash_conserves);
          tcase_add_test(tc, test_everybody_crossed_is_taken); tcase_add_test(tc, test_shock);
          tcase_add_test(tc, test_calm);)
