/* Proves the estimate beside the lower bound: a sampled feed is inverted, a complete one is its own
 * estimate, one without a public feed is unknown; and the skew of channels in m_feed. */
#include "market_fixture.h"

static uint32_t listed(struct fx *f)
{
    uint32_t btc = 0;
    for (int v = 0; v < FX_VENUES; v++)
        btc = fx_list(f, v, "BTC", "BTC", 0);
    return btc;
}

static void alive(struct fx *f)
{
    for (int v = 0; v < FX_VENUES; v++)
        fx_px(f, v, "BTC", EV_MARK, 100);
}

START_TEST(test_estimate_beside_bound)
{
    struct fx *f = fx_new();
    uint32_t btc = listed(f);
    for (int i = 0; i < 330; i++) {
        alive(f);
        if (i == 100)
            fx_unknown(f, fx_va(0, btc), "liq_long_5m_est_usd", R_WARMUP);
        if (i % 2 == 1 && i >= 300) { /* half of the seconds are occupied */
            fx_liq(f, 0, POS_LONG, 100, 1);
            fx_liq(f, 1, POS_LONG, 100, 1);
        }
        fx_tick(f);
    }
    struct subject a = fx_va(0, btc), b = fx_va(1, btc), c = fx_va(2, btc);
    fx_is(f, a, "liq_occupancy_10s_frac", .5, 1e-12);
    fx_is(f, a, "liq_occupancy_frac", 15 / 300., 1e-12);
    fx_is(f, a, "liq_saturated_frac", 0, 0);
    fx_is(f, a, "liq_long_5m_usd", 1500, 1e-12);
    fx_is(f, a, "liq_long_5m_est_usd", 1500 * -log(1 - 5 / 10.5) / .5, 1e-12);
    ck_assert(fx_cell(f, a, "liq_long_5m_est_lo_usd").value >= 1500);
    ck_assert(fx_cell(f, a, "liq_long_5m_est_hi_usd").value >
              fx_cell(f, a, "liq_long_5m_est_usd").value);
    fx_is(f, a, "liq_short_5m_est_usd", 0, 0);
    fx_is(f, a, "liq_short_5m_est_hi_usd", 0, 0);
    fx_is(f, b, "liq_long_5m_est_usd", 1500, 1e-12); /* complete */
    fx_is(f, b, "liq_long_5m_est_hi_usd", 1500, 1e-12);
    fx_unknown(f, b, "liq_occupancy_frac", R_NOT_TRACKED);
    fx_unknown(f, c, "liq_long_5m_est_usd", R_NOT_TRACKED);
    for (int i = 0; i < 20; i++) {
        alive(f);
        fx_liq(f, 0, POS_SHORT, 100, 1);
        fx_tick(f);
    }
    fx_is(f, a, "liq_occupancy_10s_frac", .9, 1e-12);
    fx_unknown(f, a, "liq_short_5m_est_hi_usd", R_THROTTLED);
    ck_assert(fx_cell(f, a, "liq_saturated_frac").value > 0);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, a, "liq_long_5m_est_usd", R_DOWN);
    fx_free(f);
}
END_TEST

START_TEST(test_kind)
{
    struct fx *f = fx_new();
    struct subject a = fx_va(0, listed(f));
    for (int i = 0; i < 320; i++) {
        alive(f);
        f->now_us += i % 3 * 300000; /* gaps from 0.7 to 1.6 s: fixed seconds, not dead time */
        fx_liq(f, 0, POS_LONG, 100, 1);
        f->now_us -= i % 3 * 300000;
        fx_tick(f);
    }
    fx_is(f, a, "liq_throttle", THROTTLE_GRID, 0);
    fx_is(f, a, "liq_min_gap_s", .4, 1e-9);
    fx_free(f);
}
END_TEST

START_TEST(test_skew)
{
    struct fx *f = fx_new();
    listed(f);
    struct subject mark = {MT_FEED, 1, EV_MARK, INST_NONE};
    for (int i = 0; i < 60; i++) {
        struct event e = fx_event(EV_MARK, "BTC");
        e.u.px.px = 100;
        e.t_venue_us = f->now_us - 7 * SEC;
        fx_must(fx_apply(f, 1, &e));
        fx_tick(f);
        if (i == 12)
            fx_unknown(f, mark, "feed_skew_ms", R_WARMUP);
    }
    fx_is(f, mark, "feed_skew_ms", 7000, 1e-12);
    fx_is(f, mark, "feed_skew_mad_ms", 0, 0);
    fx_unknown(f, (struct subject){MT_FEED, 0, EV_MARK, INST_NONE}, "feed_skew_ms", R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_throttle", tcase_add_test(tc, test_estimate_beside_bound);
          tcase_add_test(tc, test_kind); tcase_add_test(tc, test_skew);)
