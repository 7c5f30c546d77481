/* Proves liquidation sums: sides, windows, venues without a feed (unknown, never 0), the share of
 * open interest over the venues that show them, and a broken feed. */
#include "market_fixture.h"

static uint32_t three_venues(struct fx *f)
{
    uint32_t btc = 0;
    static const double oi[FX_VENUES] = {1000, 500, 700};
    for (int v = 0; v < FX_VENUES; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_px(f, v, "BTC", EV_MARK, 100);
        fx_oi(f, v, "BTC", oi[v], QTY_BASE);
    }
    return btc;
}

static void seconds(struct fx *f, int n)
{
    static const double oi[FX_VENUES] = {1000, 500, 700};
    for (int i = 0; i < n; i++) {
        for (int v = 0; v < FX_VENUES; v++) {
            fx_px(f, v, "BTC", EV_MARK, 100);
            fx_oi(f, v, "BTC", oi[v], QTY_BASE);
        }
        fx_tick(f);
    }
}

START_TEST(test_sums)
{
    struct fx *f = fx_new();
    uint32_t btc = three_venues(f);
    seconds(f, 30);
    fx_unknown(f, fx_va(0, btc), "liq_long_1m_usd", R_WARMUP);
    seconds(f, 30);
    fx_is(f, fx_va(0, btc), "liq_long_1m_usd", 0, 0); /* a sparse feed that was acked knows zero */
    fx_liq(f, 0, POS_LONG, 90, 2);
    fx_liq(f, 0, POS_SHORT, 110, 1);
    fx_liq(f, 1, POS_LONG, 95, 4);
    seconds(f, 1);
    fx_is(f, fx_va(0, btc), "liq_long_1m_usd", 180, 1e-14);
    fx_is(f, fx_va(0, btc), "liq_short_1m_usd", 110, 1e-14);
    fx_is(f, fx_va(0, btc), "liq_1m_oi_frac", 3.0 / 1000, 1e-13);
    fx_is(f, fx_va(1, btc), "liq_long_1m_usd", 380, 1e-14);
    fx_is(f, fx_va(1, btc), "liq_1m_oi_frac", 4.0 / 500, 1e-13);
    fx_is(f, fx_va(0, btc), "liq_coverage", COVER_SAMPLED, 0);
    fx_is(f, fx_va(1, btc), "liq_coverage", COVER_COMPLETE, 0);
    fx_is(f, fx_asset(btc), "liq_long_1m_usd", 560, 1e-14);
    fx_is(f, fx_asset(btc), "liq_short_1m_usd", 110, 1e-14);
    fx_is(f, fx_asset(btc), "liq_1m_oi_frac", 7.0 / 1500,
          1e-13); /* c shows none: not in the base */
    fx_is(f, fx_asset(btc), "liq_cov_venues", 2, 0);
    fx_unknown(f, fx_va(0, btc), "liq_long_5m_usd", R_WARMUP);
    seconds(f, 61);
    fx_is(f, fx_va(0, btc), "liq_long_1m_usd", 0, 0);
    fx_is(f, fx_asset(btc), "liq_1m_oi_frac", 0, 0);
    seconds(f, 170);
    fx_is(f, fx_va(0, btc), "liq_long_5m_usd", 180, 1e-14);
    fx_is(f, fx_asset(btc), "liq_short_5m_usd", 110, 1e-14);
    seconds(f, 140);
    fx_is(f, fx_va(0, btc), "liq_long_5m_usd", 0, 0);
    fx_unknown(f, fx_asset(btc), "liq_long_1h_usd", R_WARMUP);
    fx_free(f);
}
END_TEST

START_TEST(test_no_public_feed_is_never_zero)
{
    static const char *const names[] = {"liq_long_1m_usd",  "liq_short_1m_usd", "liq_long_5m_usd",
                                        "liq_short_5m_usd", "liq_long_1h_usd",  "liq_short_1h_usd",
                                        "liq_1m_oi_frac",   "liq_coverage"};
    struct fx *f = fx_new();
    uint32_t btc = three_venues(f);
    uint32_t only = fx_list(f, 2, "ETH", "ETH", 0);
    seconds(f, 70);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        fx_unknown(f, fx_va(2, btc), names[i], R_NOT_TRACKED);
    fx_unknown(f, fx_asset(only), "liq_long_1m_usd", R_NOT_TRACKED);
    fx_unknown(f, fx_asset(only), "liq_1m_oi_frac", R_NOT_TRACKED);
    fx_is(f, fx_asset(only), "liq_cov_venues", 0, 0);
    fx_free(f);
}
END_TEST

/* The larger venue's link goes: what is left is under half of what publishes, so nothing is
 * claimed. */
START_TEST(test_feed_breaks)
{
    struct fx *f = fx_new();
    uint32_t btc = three_venues(f);
    seconds(f, 70);
    fx_links(f, 0, false);
    for (int i = 0; i < 3; i++) {
        fx_px(f, 1, "BTC", EV_MARK, 100);
        fx_oi(f, 1, "BTC", 500, QTY_BASE);
        fx_tick(f);
    }
    fx_unknown(f, fx_va(0, btc), "liq_long_1m_usd", R_DOWN);
    fx_is(f, fx_va(1, btc), "liq_long_1m_usd", 0, 0);
    fx_unknown(f, fx_asset(btc), "liq_long_1m_usd", R_DOWN);
    fx_unknown(f, fx_asset(btc), "liq_1m_oi_frac", R_DOWN);
    fx_is(f, fx_asset(btc), "liq_cov_venues", 1, 0);
    fx_links(f, 0, true);
    live_acked(f->live, 0, EV_LIQ, INST_NONE, f->now_us);
    seconds(f, 20);
    fx_unknown(f, fx_va(0, btc), "liq_long_1m_usd",
               R_WARMUP); /* what fell into the gap is not known */
    seconds(f, 60);
    fx_is(f, fx_va(0, btc), "liq_long_1m_usd", 0, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_turn_sees_a_liquidation)
{
    struct fx *f = fx_new();
    uint32_t btc = three_venues(f);
    seconds(f, 70);
    f->now_us += SEC / 10;
    fx_liq(f, 0, POS_LONG, 100, 6);
    struct risk_sink sink = fx_sink(f);
    f->n_rows = f->n_reasons = 0;
    risk_turn(f->risk, fx_va(0, btc), f->now_us, &sink);
    fx_is(f, fx_va(0, btc), "liq_long_1m_usd", 600, 1e-14);
    fx_is(f, fx_asset(btc), "liq_1m_oi_frac", 6.0 / 1500, 1e-13);
    ck_assert_int_eq(f->n_reasons, 0);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_liq", tcase_add_test(tc, test_sums);
          tcase_add_test(tc, test_no_public_feed_is_never_zero);
          tcase_add_test(tc, test_feed_breaks); tcase_add_test(tc, test_turn_sees_a_liquidation);)
