/* Proves funding from events to cells: rates of any interval on the 8 h scale, the worked numbers
 * of the models, weights, dispersion, time to the next payment, and what is unknown. */
#include "market_fixture.h"

static void list_with_oi(struct fx *f, int venue, double oi)
{
    fx_list(f, venue, "BTC", "BTC", 0);
    fx_px(f, venue, "BTC", EV_MARK, 100);
    fx_oi(f, venue, "BTC", oi, QTY_BASE);
}

START_TEST(test_worked_numbers)
{
    /* rates {1e-4 (8 h), 3e-4 (8 h), 1.25e-5 (1 h)} with OI {10, 5, 5} -> 1.50e-4 per 8 h */
    struct fx *f = fx_new();
    list_with_oi(f, 0, 10);
    list_with_oi(f, 1, 5);
    list_with_oi(f, 2, 5);
    uint32_t btc = directory_asset_find(f->dir, SLICE("BTC"));
    fx_funding(f, 0, "BTC", 1e-4, 8);
    fx_funding(f, 1, "BTC", 3e-4, 8);
    fx_funding(f, 2, "BTC", 1.25e-5, 1);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "fund_oiw_8h", 1.50e-4, 1e-14);
    fx_is(f, fx_asset(btc), "fund_disp_8h", 2e-4, 1e-14);
    /* 0.01 % per 8 h and 0.00125 % per hour are both 10.95 % a year */
    fx_is(f, fx_va(0, btc), "fund_ann_frac", 0.1095, 1e-14);
    fx_is(f, fx_va(2, btc), "fund_ann_frac", 0.1095, 1e-14);
    fx_is(f, fx_va(2, btc), "fund_8h", 1e-4, 1e-14);
    fx_is(f, fx_va(2, btc), "fund_interval_h", 1, 0);
    fx_is(f, fx_asset(btc), "fund_ann_frac", 1.5e-4 * 3 * 365, 1e-14);
    fx_free(f);
}
END_TEST

START_TEST(test_interval_changes)
{
    struct fx *f = fx_new();
    list_with_oi(f, 0, 10);
    uint32_t btc = directory_asset_find(f->dir, SLICE("BTC"));
    fx_funding_next(f, 0, "BTC", (struct ev_funding){-2e-4, NAN, f->now_us + 3600 * SEC, false});
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "fund_8h", R_UNIT_UNPROVEN); /* per what? never assumed */
    fx_unknown(f, fx_va(0, btc), "fund_interval_h", R_UNIT_UNPROVEN);
    fx_is(f, fx_va(0, btc), "fund_next_s", 3599, 1e-12);
    fx_funding(f, 0, "BTC", -2e-4, 8);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "fund_8h", -2e-4, 1e-14);
    fx_funding(f, 0, "BTC", -2e-4, 4);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "fund_8h", -4e-4, 1e-14);
    fx_is(f, fx_va(0, btc), "fund_interval_h", 4, 0);
    fx_unknown(f, fx_asset(btc), "fund_disp_8h", R_NOT_TRACKED); /* one venue: nothing to compare */
    fx_free(f);
}
END_TEST

START_TEST(test_next_payment)
{
    struct fx *f = fx_new();
    list_with_oi(f, 0, 10);
    uint32_t btc = directory_asset_find(f->dir, SLICE("BTC"));
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "fund_next_s", R_WARMUP);
    fx_funding(f, 0, "BTC", 1e-4, 8);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "fund_next_s",
               R_NOT_TRACKED); /* it gives rates, but never says when */
    fx_funding_next(f, 0, "BTC", (struct ev_funding){1e-4, 8, f->now_us + 2 * SEC, false});
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "fund_next_s", 1, 1e-12);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "fund_next_s", 0, 0);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "fund_next_s", R_STALE);
    fx_free(f);
}
END_TEST

START_TEST(test_stale_venue_leaves_the_mean)
{
    struct fx *f = fx_new();
    list_with_oi(f, 0, 70);
    list_with_oi(f, 1, 30);
    uint32_t btc = directory_asset_find(f->dir, SLICE("BTC"));
    fx_funding(f, 1, "BTC", 5e-4, 8);
    for (int i = 0; i < 12; i++) {
        fx_funding(f, 0, "BTC", 1e-4, 8);
        fx_tick(f);
        if (i == 0)
            fx_is(f, fx_asset(btc), "fund_oiw_8h", 0.7 * 1e-4 + 0.3 * 5e-4, 1e-14);
    }
    fx_unknown(f, fx_va(1, btc), "fund_8h", R_STALE);
    fx_is(f, fx_asset(btc), "fund_oiw_8h", 1e-4, 1e-14);
    fx_unknown(f, fx_asset(btc), "fund_disp_8h", R_STALE);
    for (int i = 0; i < 12; i++) {
        fx_funding(f, 1, "BTC", 5e-4, 8);
        fx_tick(f);
    }
    fx_unknown(f, fx_asset(btc), "fund_oiw_8h",
               R_STALE); /* 30 % of the open interest is too little */
    fx_free(f);
}
END_TEST

START_TEST(test_weights_of_instruments)
{
    struct fx *f = fx_new();
    list_with_oi(f, 0, 30);
    fx_list(f, 0, "BTCUSD", "BTC", 100);
    fx_px(f, 0, "BTCUSD", EV_MARK, 100);
    fx_oi(f, 0, "BTCUSD", 10, QTY_CT); /* $1,000 = 10 BTC */
    fx_funding(f, 0, "BTC", 1e-4, 8);
    fx_funding(f, 0, "BTCUSD", 5e-4, 8);
    fx_tick(f);
    uint32_t btc = directory_asset_find(f->dir, SLICE("BTC"));
    fx_is(f, fx_va(0, btc), "fund_8h", 2e-4, 1e-13);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_funding", tcase_add_test(tc, test_worked_numbers);
          tcase_add_test(tc, test_interval_changes); tcase_add_test(tc, test_next_payment);
          tcase_add_test(tc, test_stale_venue_leaves_the_mean);
          tcase_add_test(tc, test_weights_of_instruments);)
