/* Proves open interest from events to cells: units of linear and inverse contracts, multipliers,
 * the worked concentration of the models, changes in base units, coverage with a venue silent. */
#include "market_fixture.h"

START_TEST(test_units)
{
    struct fx *f = fx_new();
    /* worked numbers: 1,000 BTC at 60,000 and 600,000 contracts of $100 are both 60.0 m USD */
    uint32_t btc = fx_list(f, 0, "BTCUSDT", "BTC", 0);
    fx_list(f, 1, "BTCUSD", "BTC", 100);
    uint32_t pepe = fx_list(f, 0, "1000PEPEUSDT", "1000PEPE", 0);
    fx_px(f, 0, "BTCUSDT", EV_MARK, 60000);
    fx_px(f, 1, "BTCUSD", EV_MARK, 60000);
    fx_px(f, 0, "1000PEPEUSDT", EV_MARK, 0.01);
    fx_oi(f, 0, "BTCUSDT", 1000, QTY_BASE);
    fx_oi(f, 1, "BTCUSD", 600000, QTY_CT);
    fx_oi(f, 0, "1000PEPEUSDT", 5e6, QTY_BASE);
    fx_tick(f);
    for (int v = 0; v < 2; v++) {
        fx_is(f, fx_va(v, btc), "oi_usd", 60e6, 1e-15);
        fx_is(f, fx_va(v, btc), "oi_base", 1000, 1e-15);
        fx_is(f, fx_va(v, btc), "oi_share_frac", 0.5, 1e-15);
    }
    fx_is(f, fx_asset(btc), "oi_usd", 120e6, 1e-15);
    fx_is(f, fx_asset(btc), "oi_hhi", 0.5, 1e-15);
    fx_is(f, fx_asset(btc), "oi_neff", 2, 1e-15);
    fx_is(f, fx_asset(btc), "oi_cr3", 1, 1e-15);
    fx_is(f, fx_asset(btc), "oi_cov_frac", 1, 0);
    /* 5 m contracts of 1,000 PEPE at $0.01 per thousand */
    ck_assert_str_eq(directory_asset_name(f->dir, pepe), "PEPE");
    fx_is(f, fx_va(0, pepe), "oi_base", 5e9, 1e-15);
    fx_is(f, fx_va(0, pepe), "oi_usd", 50000, 1e-15);
    fx_unknown(f, fx_va(1, pepe), "oi_base", R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

START_TEST(test_worked_concentration)
{
    /* shares 40, 25, 35: HHI .3450; and one venue alone */
    struct fx *f = fx_new();
    uint32_t btc = 0;
    const double oi[FX_VENUES] = {40, 25, 35};
    for (int v = 0; v < FX_VENUES; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_px(f, v, "BTC", EV_MARK, 100);
        fx_oi(f, v, "BTC", oi[v], QTY_BASE);
    }
    fx_tick(f);
    fx_is(f, fx_asset(btc), "oi_hhi", 0.345, 1e-14);
    fx_is(f, fx_asset(btc), "oi_neff", 1 / 0.345, 1e-14);
    fx_is(f, fx_asset(btc), "oi_cr3", 1, 1e-14);
    fx_is(f, fx_va(1, btc), "oi_share_frac", 0.25, 1e-14);
    fx_free(f);
}
END_TEST

/* Five venues: the worked vector 40, 25, 15, 12, 8 -> HHI 0.2658, N_eff 3.7622, CR3 0.80. */
START_TEST(test_worked_concentration_of_five)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const double oi[] = {40, 25, 15, 12, 8};
    struct fx *f = calloc(1, sizeof(*f));
    struct market_conf mc = {.max_slots = 8, .book_levels = 16, .book_pending = 4};
    struct risk_conf rc = {.max_assets = 2, .n_venues = 5};
    uint32_t btc = 0;
    for (int v = 0; v < 5; v++)
        rc.venue[v].fair_weight = 1;
    f->now_us = T0;
    f->dir = directory_new(NULL, 0, names, 5);
    f->live = live_new(NULL, NULL);
    f->market = market_new(&mc, f->dir, f->live);
    f->risk = risk_new(&rc, f->market);
    for (int v = 0; v < 5; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_px(f, v, "BTC", EV_MARK, 100);
        fx_oi(f, v, "BTC", oi[v], QTY_BASE);
    }
    fx_tick(f);
    fx_is(f, fx_asset(btc), "oi_hhi", 0.2658, 1e-12);
    fx_is(f, fx_asset(btc), "oi_neff", 3.7622, 2e-5);
    fx_is(f, fx_asset(btc), "oi_cr3", 0.80, 1e-12);
    fx_free(f);
}
END_TEST

/* Both venues speak each second; the price doubles half-way and must not show in any change. */
static void run(struct fx *f, int seconds, double oi_a, double oi_b, double px)
{
    for (int i = 0; i < seconds; i++) {
        fx_px(f, 0, "BTC", EV_MARK, px);
        fx_oi(f, 0, "BTC", oi_a, QTY_BASE);
        if (!isnan(oi_b)) {
            fx_px(f, 1, "BTC", EV_MARK, px);
            fx_oi(f, 1, "BTC", oi_b, QTY_BASE);
        }
        fx_tick(f);
    }
}

START_TEST(test_changes_are_in_base_units)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 1, "BTC", "BTC", 0);
    run(f, 30, 100, 50, 1000);
    fx_unknown(f, fx_va(0, btc), "oi_chg_1m_base", R_WARMUP);
    fx_unknown(f, fx_asset(btc), "oi_chg_1m_frac", R_WARMUP);
    run(f, 60, 100, 50, 1000);
    run(f, 20, 100, 50, 2000);
    fx_is(f, fx_va(0, btc), "oi_chg_1m_base", 0, 0);
    fx_is(f, fx_asset(btc), "oi_chg_1m_frac", 0, 0);
    run(f, 20, 90, 55, 2000);
    fx_is(f, fx_va(0, btc), "oi_chg_1m_base", -10, 1e-14);
    fx_is(f, fx_va(0, btc), "oi_chg_1m_frac", -0.1, 1e-14);
    fx_is(f, fx_va(1, btc), "oi_chg_1m_frac", 0.1, 1e-14);
    fx_is(f, fx_asset(btc), "oi_chg_1m_base", -5, 1e-14);
    fx_is(f, fx_asset(btc), "oi_chg_1m_frac", -5.0 / 150, 1e-14);
    fx_unknown(f, fx_asset(btc), "oi_chg_1h_base", R_WARMUP);
    fx_free(f);
}
END_TEST

START_TEST(test_changes_use_venues_known_at_both_ends)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    run(f, 1, 100, NAN, 1000);
    fx_list(f, 1, "BTC", "BTC", 0);
    run(f, 79, 100, NAN, 1000);
    run(f, 10, 95, 60, 1000); /* b appears: its 60 are no change of the market */
    fx_is(f, fx_asset(btc), "oi_base", 155, 1e-14);
    fx_is(f, fx_asset(btc), "oi_chg_1m_base", -5, 1e-14);
    fx_is(f, fx_asset(btc), "oi_chg_1m_frac", -0.05, 1e-14);
    fx_unknown(f, fx_va(1, btc), "oi_chg_1m_base", R_WARMUP);
    fx_free(f);
}
END_TEST

/* A venue stays listed but says nothing: known 100 of the last known 100 + 60, then 60 of 160. */
START_TEST(test_coverage)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 1, "BTC", "BTC", 0);
    run(f, 3, 100, 60, 1000);
    for (int i = 0; i < 12; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 1000);
        fx_oi(f, 0, "BTC", 100, QTY_BASE);
        fx_tick(f);
    }
    fx_unknown(f, fx_va(1, btc), "oi_base", R_STALE);
    fx_unknown(f, fx_va(1, btc), "oi_share_frac", R_STALE);
    fx_is(f, fx_asset(btc), "oi_cov_frac", 0.625, 1e-14);
    fx_is(f, fx_asset(btc), "oi_base", 100, 1e-14);
    fx_is(f, fx_asset(btc), "oi_hhi", 1, 0);
    for (int i = 0; i < 12; i++) {
        fx_px(f, 1, "BTC", EV_MARK, 1000);
        fx_oi(f, 1, "BTC", 60, QTY_BASE);
        fx_tick(f);
    }
    fx_is(f, fx_asset(btc), "oi_cov_frac", 0.375, 1e-14);
    fx_unknown(f, fx_asset(btc), "oi_base", R_STALE);
    fx_unknown(f, fx_asset(btc), "oi_hhi", R_STALE);
    fx_is(f, fx_va(1, btc), "oi_base", 60, 1e-14); /* the venue itself knows */
    fx_unknown(f, fx_va(1, btc), "oi_share_frac", R_STALE);
    fx_free(f);
}
END_TEST

/* Two instruments of one venue add up; one that never spoke holds the sum back for two minutes
 * only. */
START_TEST(test_instruments_of_a_venue)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 0, "BTCUSD", "BTC", 100);
    for (int i = 0; i < 125; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 1000);
        fx_oi(f, 0, "BTC", 100, QTY_BASE);
        fx_tick(f);
        if (i == 60)
            fx_unknown(f, fx_va(0, btc), "oi_base", R_WARMUP);
    }
    fx_is(f, fx_va(0, btc), "oi_base", 100, 1e-14);
    fx_px(f, 0, "BTCUSD", EV_MARK, 1000);
    fx_oi(f, 0, "BTCUSD", 200, QTY_CT); /* $20,000 = 20 BTC */
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "oi_base", 120, 1e-14);
    fx_is(f, fx_va(0, btc), "oi_usd", 120000, 1e-14);
    fx_free(f);
}
END_TEST

START_TEST(test_no_open_interest)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_px(f, 0, "BTC", EV_MARK, 1000);
    fx_oi(f, 0, "BTC", 0, QTY_BASE);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "oi_base", 0, 0); /* said, and it is zero */
    fx_unknown(f, fx_asset(btc), "oi_hhi", R_NO_OI);
    fx_unknown(f, fx_va(0, btc), "oi_share_frac", R_NO_OI);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_oi", tcase_add_test(tc, test_units);
          tcase_add_test(tc, test_worked_concentration);
          tcase_add_test(tc, test_worked_concentration_of_five);
          tcase_add_test(tc, test_changes_are_in_base_units);
          tcase_add_test(tc, test_changes_use_venues_known_at_both_ends);
          tcase_add_test(tc, test_coverage); tcase_add_test(tc, test_instruments_of_a_venue);
          tcase_add_test(tc, test_no_open_interest);)
