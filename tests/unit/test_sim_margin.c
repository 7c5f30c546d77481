/* Proves the simulator's liquidation prices against worked examples and, for every tier, side and
 * leverage, against the definition itself: at the price, equity equals maintenance margin. */
#include "unit.h"

#include <math.h>

#include "sim/margin.h"
#include "sim/pop.h"
#include "sim/rng.h"

static struct sim_tiers one(double mmr, double cum)
{
    return (struct sim_tiers){.n = 1, .t = {{0, INFINITY, mmr, cum, 10}}};
}

/* Binance's brackets of BTCUSDT in 2021: cap, rate, maintenance amount. */
static struct sim_tiers btc_2021(void)
{
    static const double rows[][2] = {{50e3, .004}, {250e3, .005}, {1e6, .01},    {10e6, .025},
                                     {20e6, .05},  {50e6, .1},    {100e6, .125}, {200e6, .15},
                                     {300e6, .25}, {500e6, .5}};
    struct sim_tiers t = {.n = 10};
    for (int i = 0; i < t.n; i++)
        t.t[i] = (struct sim_tier){0, rows[i][0], rows[i][1], 0, 1};
    sim_tiers_finish(&t);
    return t;
}

START_TEST(test_recursion_of_amounts)
{
    static const double cum[] = {0,       50,      1300,    16300,    266300,
                                 1266300, 2516300, 5016300, 25016300, 100016300};
    struct sim_tiers t = btc_2021();
    for (int i = 0; i < t.n; i++)
        ck_assert_double_eq_tol(t.t[i].cum, cum[i], 1e-6);
    ck_assert_int_eq(sim_tier_of(&t, 50e3), 0);
    ck_assert_int_eq(sim_tier_of(&t, 50e3 + .01), 1);
    ck_assert_int_eq(sim_tier_of(&t, 9e9), 9);
}
END_TEST

START_TEST(test_worked_examples)
{
    struct sim_tiers eth = one(.1, 135365), btc = one(.025, 16300), tiers = btc_2021(), hl;
    ck_assert_double_eq_tol(sim_liq_px(&eth, SIM_LONG, 1456.84, 3683.979, 1535443.01), 1114.78,
                            .005);
    ck_assert_double_eq_tol(sim_liq_px(&btc, SIM_LONG, 32481.98, 109.488, 1535443.01), 18778.73,
                            .005);
    ck_assert_double_eq_tol(sim_liq_px(&tiers, SIM_LONG, 60000, 300, 1.8e6), 55907.7193, 5e-5);
    ck_assert_double_eq_tol(sim_liq_px(&tiers, SIM_SHORT, 60000, 300, 1.8e6), 63702.5397, 5e-5);
    sim_tiers_hl(&hl, 40, 150e6);
    ck_assert_double_eq_tol(sim_liq_px(&hl, SIM_LONG, 100000, 1, 5000), 96202.5316, 5e-5);
    ck_assert_double_eq_tol(sim_liq_px(&hl, SIM_SHORT, 100000, 1, 5000), 103703.7037, 5e-5);
    /* an account from Hyperliquid's documentation: 0.0335 ETH, isolated, raw USD -95.059824 */
    sim_tiers_hl(&hl, 50, 0);
    ck_assert_double_eq_tol(sim_liq_px(&hl, SIM_LONG, 2986.3, .0335, .0335 * 2986.3 - 95.059824),
                            2866.26936529, 2e-5);
}
END_TEST

/* LP / EP at a maintenance rate of 0.4 %. */
START_TEST(test_ratios)
{
    static const double rows[][3] = {{2, .502008, 1.494024},   {3, .669344, 1.328021},
                                     {5, .803213, 1.195219},   {10, .903614, 1.095618},
                                     {20, .953815, 1.045817},  {50, .983936, 1.015936},
                                     {100, .993976, 1.005976}, {125, .995984, 1.003984}};
    struct sim_tiers t = one(.004, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_double_eq_tol(sim_liq_ratio(&t, SIM_LONG, rows[i][0], 1e4), rows[i][1], 6e-7);
        ck_assert_double_eq_tol(sim_liq_ratio(&t, SIM_SHORT, rows[i][0], 1e4), rows[i][2], 6e-7);
    }
    ck_assert_double_eq_tol(sim_bankruptcy_px(&t, SIM_LONG, 60000, 10), 54000, 1e-9);
    ck_assert_double_eq_tol(sim_bankruptcy_px(&t, SIM_SHORT, 60000, 10), 66000, 1e-9);
}
END_TEST

/* At LP equity is maintenance, at the bankruptcy price nothing is left: inverse in coins per dollar
 * of size, OKX in dollars per coin with the fee. */
START_TEST(test_coin_margined_and_by_size)
{
    static const double levs[] = {2, 5, 10, 25, 50};
    struct sim_tiers inv = one(.005, 0), okx = one(.004, 0);
    inv.inverse = true;
    okx.by_size = true;
    for (int i = 0; i < 10; i++) {
        double lev = levs[i / 2], s = i % 2 ? 1 : -1;
        enum sim_side side = i % 2 ? SIM_LONG : SIM_SHORT;
        double p = sim_liq_ratio(&inv, side, lev, 1e4), b = sim_bankruptcy_px(&inv, side, 1, lev);
        ck_assert_double_eq_tol(1 / lev + s * (1 - 1 / p), .005 / p, 1e-12);
        ck_assert_double_eq_tol(1 / lev + s * (1 - 1 / b), 0, 1e-12);
        p = sim_liq_ratio(&okx, side, lev, 1e4);
        ck_assert_double_eq_tol(1 / lev + s * (p - 1), (.004 + .0005) * p, 1e-12);
    }
    sim_tiers_okx(&okx, 0, 842.1);
    for (int i = 0; i < okx.n; i++) {
        double ct = okx.t[i].cap_usd / 842.1 / 100;
        ck_assert_double_eq_tol(ct, round(ct), 1e-6);
        ck_assert(i == 0 || okx.t[i].cap_usd > okx.t[i - 1].cap_usd);
        ck_assert_double_le(okx.t[i].max_leverage, 100);
    }
}
END_TEST

START_TEST(test_no_price)
{
    struct sim_tiers t = one(.004, 0);
    ck_assert(isnan(sim_liq_px(&t, SIM_LONG, 100, 1, 100)));
    ck_assert(isnan(sim_liq_px(&t, SIM_LONG, 100, 1, 150)));
    ck_assert(!isnan(sim_liq_px(&t, SIM_SHORT, 100, 1, 150)));
}
END_TEST

static void check_definition(const struct sim_tiers *t, enum sim_side side, double entry,
                             double qty)
{
    double s = side == SIM_LONG ? 1 : -1;
    for (int j = 0; j < SIM_LEVS; j++) {
        double margin = qty * entry / sim_levs[j], lp = sim_liq_px(t, side, entry, qty, margin);
        ck_assert_double_gt(lp, 0); /* from 2x on there always is one */
        const struct sim_tier *x = &t->t[sim_tier_of(t, qty * lp)];
        double equity = margin + s * qty * (lp - entry), mm = qty * lp * x->mmr - x->cum;
        ck_assert_double_eq_tol(equity, mm, 1e-8 * qty * entry);
    }
}

START_TEST(test_equity_is_maintenance)
{
    struct sim_rng r;
    struct sim_tiers t;
    sim_rng_init(&r, 1, 1);
    for (int i = 0; i < 4000; i++) {
        if (i % 2)
            sim_tiers_binance(&t, i / 2 % 4);
        else
            sim_tiers_hl(&t, 3 + i % 38, i % 4 ? 3e6 : 0);
        double entry = exp(sim_rng_range(&r, -5, 12)), usd = exp(sim_rng_range(&r, 4, 20));
        check_definition(&t, (enum sim_side)(i / 4 % 2), entry, usd / entry);
    }
}
END_TEST

/* Maintenance is continuous where one tier ends and the next begins. */
START_TEST(test_continuity)
{
    struct sim_tiers t;
    for (int cls = 0; cls < 4; cls++) {
        sim_tiers_binance(&t, cls);
        for (int i = 1; i < t.n; i++) {
            double n = t.t[i].floor_usd;
            ck_assert_double_eq_tol(n * t.t[i].mmr - t.t[i].cum,
                                    n * t.t[i - 1].mmr - t.t[i - 1].cum, 1e-6 * n);
            ck_assert_double_le(t.t[i].max_leverage, t.t[i - 1].max_leverage);
        }
    }
}
END_TEST

UNIT_MAIN("sim_margin", tcase_add_test(tc, test_recursion_of_amounts);
          tcase_add_test(tc, test_worked_examples); tcase_add_test(tc, test_ratios);
          tcase_add_test(tc, test_coin_margined_and_by_size); tcase_add_test(tc, test_no_price);
          tcase_add_test(tc, test_equity_is_maintenance); tcase_add_test(tc, test_continuity);)
