/* Proves concentration and ways out: the published Herfindahl vector on depth and liquidations,
 * ratios over the same venues above and below the line, and unknown where too little is known. */
#include "market_fixture.h"

static void book(struct fx *f, int venue, double qty)
{
    const struct level bids[] = {{99.9, qty}, {99.6, qty}, {98.9, qty}};
    const struct level asks[] = {{100.1, qty}, {100.4, 3 * qty}, {101.2, qty}};
    struct fx_side b = {bids, 3}, a = {asks, 3};
    fx_must(fx_book(f, venue, "BTC", b, a));
}

static void volume(struct fx *f, int venue, double usd)
{
    struct event e = fx_event(EV_STAT, "BTC");
    e.u.stat = (struct ev_stat){STAT_VOLUME_24H_USD, usd, 86400};
    fx_must(fx_apply(f, venue, &e));
}

static const double oi[FX_VENUES] = {600, 300, 100};

static uint32_t listed(struct fx *f)
{
    uint32_t btc = 0;
    for (int v = 0; v < FX_VENUES; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_px(f, v, "BTC", EV_MARK, 100);
        fx_oi(f, v, "BTC", oi[v], QTY_BASE);
    }
    return btc;
}

START_TEST(test_exit)
{
    struct fx *f = fx_new();
    uint32_t btc = listed(f);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "exit_ratio_100bps", R_WARMUP);
    fx_unknown(f, fx_va(0, btc), "oi_adv_days", R_WARMUP);
    book(f, 0, 2);
    volume(f, 0, 20000);
    fx_tick(f);
    double bids = 2 * (99.9 + 99.6), oi_usd = 60000;
    fx_is(f, fx_va(0, btc), "exit_ratio_100bps", .1 * oi_usd / bids, 1e-12);
    fx_is(f, fx_va(0, btc), "oi_adv_days", 3, 1e-12);
    fx_is(f, fx_asset(btc), "exit_ratio_100bps", .1 * oi_usd / bids, 1e-12);
    fx_is(f, fx_asset(btc), "oi_adv_days", 3, 1e-12);
    book(f, 1, 10);
    volume(f, 1, 30000);
    fx_tick(f);
    double all = bids + 10 * (99.9 + 99.6);
    fx_is(f, fx_asset(btc), "exit_ratio_100bps", .1 * 90000 / all, 1e-12);
    fx_is(f, fx_asset(btc), "oi_adv_days", 90000 / 50000., 1e-12);
    volume(f, 0, 0);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "oi_adv_days", R_NO_OI);
    fx_free(f);
}
END_TEST

START_TEST(test_hhi)
{
    struct fx *f = fx_new();
    uint32_t btc = listed(f);
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "depth_hhi", R_WARMUP);
    book(f, 1, 5); /* 30 % of open interest: not enough to speak for the asset */
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "depth_hhi", R_WARMUP);
    book(f, 0, 5);
    book(f, 2, 5);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "depth_hhi", 1. / 3, 1e-12);
    fx_is(f, fx_asset(btc), "hhi_gap", .36 + .09 + .01 - 1. / 3, 1e-12);
    fx_links(f, 2, false);
    for (int v = 0; v < 2; v++)
        book(f, v, 5);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "depth_hhi", .5, 1e-12);
    fx_is(f, fx_asset(btc), "hhi_gap", (4 + 1) / 9. - .5, 1e-12); /* over the same two */
    fx_free(f);
}
END_TEST

START_TEST(test_liq_hhi)
{
    struct fx *f = fx_new();
    uint32_t btc = listed(f);
    fx_tick(f);
    while (f->now_us / SEC % 60)
        fx_tick(f);
    fx_unknown(f, fx_asset(btc), "liq_hhi", R_WARMUP);
    f->now_us += 86400 * SEC; /* the links hold, nothing is shown */
    while (f->now_us / SEC % 60)
        f->now_us += SEC;
    f->now_us -= SEC;
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "liq_hhi", R_NO_OI);
    fx_liq(f, 0, POS_LONG, 100, 3);
    fx_liq(f, 1, POS_SHORT, 100, 1);
    f->now_us += 59 * SEC;
    fx_tick(f);
    fx_is(f, fx_asset(btc), "liq_hhi", .75 * .75 + .25 * .25, 1e-12);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_concentration", tcase_add_test(tc, test_exit); tcase_add_test(tc, test_hhi);
          tcase_add_test(tc, test_liq_hhi);)
