/* Proves the fair price and deviations: weighted median, cross rates, multipliers, marks where mids
 * are missing, one venue alone, and that a venue's failure does not pass for a deviation. */
#include "market_fixture.h"

#include "base/stat.h"

static uint32_t quotes(struct fx *f, const double *mid)
{
    uint32_t btc = 0;
    for (int v = 0; v < FX_VENUES; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        if (!isnan(mid[v]))
            fx_quote(f, v, "BTC", mid[v] - 0.01, mid[v] + 0.01);
    }
    return btc;
}

START_TEST(test_weighted_median)
{
    struct fx *f = fx_new();
    uint32_t btc = quotes(f, (const double[]){100, 101, 97});
    fx_tick(f);
    /* weights 3, 1, 1: the heavy one has more than half */
    fx_is(f, fx_asset(btc), "px_fair_usd", 100, 1e-14);
    fx_is(f, fx_asset(btc), "px_fair_venues", 3, 0);
    fx_is(f, fx_va(0, btc), "px_dev_bps", 0, 0);
    fx_is(f, fx_va(1, btc), "px_dev_bps", 1e4 * log(1.01), 1e-12);
    fx_is(f, fx_va(2, btc), "px_dev_bps", 1e4 * log(0.97), 1e-12);
    fx_free(f);
}
END_TEST

/* The worked vector {97, 99.9, 100, 100.05, 100.1}, equal weights: median 100. */
START_TEST(test_worked_median)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const double px[] = {97, 99.9, 100, 100.05, 100.1};
    struct fx *f = calloc(1, sizeof(*f));
    struct market_conf mc = {.max_slots = 8, .book_levels = 16, .book_pending = 4};
    struct risk_conf rc = {.max_assets = 2, .n_venues = 5};
    uint32_t btc = 0;
    double dev[5];
    for (int v = 0; v < 5; v++)
        rc.venue[v].fair_weight = 1;
    f->now_us = T0;
    f->dir = directory_new(NULL, 0, names, 5);
    f->live = live_new(NULL, NULL);
    f->market = market_new(&mc, f->dir, f->live);
    f->risk = risk_new(&rc, f->market);
    for (int v = 0; v < 5; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_px(f, v, "BTC", EV_MARK, px[v]); /* no mid: the mark stands in */
    }
    fx_tick(f);
    fx_is(f, fx_asset(btc), "px_fair_usd", 100, 0);
    for (int v = 0; v < 5; v++) {
        fx_is(f, fx_va(v, btc), "px_dev_bps", 1e4 * log(px[v] / 100), 1e-12);
        dev[v] = px[v] - fx_cell(f, fx_asset(btc), "px_fair_usd").value;
    }
    /* MAD .1, robust sigma .14826, z of 97 = -20.23 */
    double sigma = 1.4826 * stat_mad(dev, 5);
    ck_assert_double_eq_tol(sigma, 0.14826, 1e-12);
    ck_assert_double_eq_tol(dev[0] / sigma, -20.23, 0.01);
    fx_free(f);
}
END_TEST

START_TEST(test_one_venue_alone)
{
    struct fx *f = fx_new();
    uint32_t btc = quotes(f, (const double[]){100, NAN, NAN});
    uint32_t eth = fx_list(f, 0, "ETH", "ETH", 0);
    fx_quote(f, 0, "ETH", 10, 11);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "px_fair_usd", 100, 1e-14);
    fx_unknown(f, fx_va(0, btc), "px_dev_bps", R_WARMUP); /* the others have not spoken */
    fx_unknown(f, fx_va(1, btc), "px_dev_bps", R_WARMUP);
    fx_unknown(f, fx_va(0, eth), "px_dev_bps", R_NOT_TRACKED); /* there are no others */
    fx_links(f, 1, false);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "px_dev_bps", R_DOWN);
    fx_free(f);
}
END_TEST

START_TEST(test_cross_rate_and_multiplier)
{
    struct fx *f = fx_new();
    uint32_t pepe = fx_list(f, 0, "1000PEPEUSDT", "1000PEPE", 0);
    fx_list(f, 1, "PEPEUSD", "PEPE", 10);   /* inverse: quoted in USD */
    fx_px(f, 0, "USDTUSD", EV_INDEX, 0.98); /* the coin's own index is its cross rate */
    fx_quote(f, 0, "1000PEPEUSDT", 0.0999, 0.1001);
    fx_quote(f, 1, "PEPEUSD", 0.000097, 0.000099);
    fx_tick(f);
    fx_is(f, fx_va(0, pepe), "px_dev_bps", 0, 0);
    fx_is(f, fx_asset(pepe), "px_fair_usd", 0.000098, 1e-13);
    ck_assert_double_eq_tol(fx_cell(f, fx_va(1, pepe), "px_dev_bps").value, 0, 1e-9);
    fx_free(f);
}
END_TEST

START_TEST(test_down_venue_has_no_price)
{
    struct fx *f = fx_new();
    uint32_t btc = quotes(f, (const double[]){100, 101, 102});
    fx_tick(f);
    fx_links(f, 0, false);
    fx_tick(f); /* its quote is 2 s old, and would still pass for fresh */
    fx_unknown(f, fx_va(0, btc), "px_dev_bps", R_DOWN);
    fx_is(f, fx_asset(btc), "px_fair_usd", 101.5, 1e-14); /* exact half of the weight: the mean */
    fx_is(f, fx_asset(btc), "px_fair_venues", 2, 0);
    fx_is(f, fx_va(1, btc), "px_dev_bps", 1e4 * log(101 / 101.5), 1e-10);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_fair", tcase_add_test(tc, test_weighted_median);
          tcase_add_test(tc, test_worked_median); tcase_add_test(tc, test_one_venue_alone);
          tcase_add_test(tc, test_cross_rate_and_multiplier);
          tcase_add_test(tc, test_down_venue_has_no_price);)
