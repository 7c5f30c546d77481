/* Proves account ratios: weights, ages, and what a share of accounts says about sizes (70/30
 * accounts: the average short is 2.33 times the average long). */
#include "market_fixture.h"

static void ratio(struct fx *f, int venue, double x)
{
    struct event e = fx_event(EV_STAT, "BTC");
    e.u.stat = (struct ev_stat){STAT_LONG_ACCOUNT_FRAC, x, 300};
    fx_must(fx_apply(f, venue, &e));
}

START_TEST(test_accounts)
{
    struct fx *f = fx_new();
    uint32_t btc = 0;
    static const double oi[FX_VENUES] = {300, 100, 500};
    for (int v = 0; v < FX_VENUES; v++) {
        btc = fx_list(f, v, "BTC", "BTC", 0);
        fx_oi(f, v, "BTC", oi[v], QTY_BASE);
    }
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "long_account_frac", R_WARMUP);
    ratio(f, 0, .7);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "long_account_frac", .7, 0);
    fx_unknown(f, fx_va(1, btc), "long_account_frac", R_WARMUP);
    fx_is(f, fx_asset(btc), "long_account_frac", .7, 1e-15);
    fx_is(f, fx_asset(btc), "short_long_size_ratio", 2.33, 2e-3);
    ratio(f, 1, .3);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "long_account_frac", (3 * .7 + .3) / 4, 1e-14);
    ratio(f, 0, 1);
    ratio(f, 1, 1);
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "short_long_size_ratio", R_NO_OI); /* nobody is short: no ratio */
    for (int i = 0; i < 961; i++)
        fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "long_account_frac", R_STALE);
    fx_unknown(f, fx_asset(btc), "long_account_frac", R_STALE);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_crowd", tcase_add_test(tc, test_accounts);)
