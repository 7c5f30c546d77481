/* Proves insurance funds and the distance to auto-deleveraging: the documented example of a venue,
 * a warning channel that is silent in calm, ages, and pools that are shared or unknown. */
#include "market_fixture.h"

static uint32_t listed(struct fx *f)
{
    fx_list(f, 1, "BTC", "BTC", 0);
    return fx_list(f, 0, "BTC", "BTC", 0);
}

static struct event fund(const char *symbol, const char *pool)
{
    struct event e = fx_event(EV_FUND, symbol ? symbol : "");
    if (!symbol)
        e.symbol = (struct slice){NULL, 0};
    e.u.fund.pool = slice_of(pool);
    return e;
}

static void alert(struct fx *f, double balance, double drawdown, double trigger)
{
    struct event e = fund("BTC", "BTC/USDT");
    e.u.fund.balance_usd = balance;
    e.u.fund.drawdown_frac = drawdown;
    e.u.fund.trigger_frac = trigger;
    fx_must(fx_apply(f, 0, &e));
    fx_tick(f);
}

/* A fund of 1 m that lost 350 k: -35 % is beyond -30 %. */
START_TEST(test_documented_example)
{
    struct fx *f = fx_new();
    struct subject s = fx_va(0, listed(f));
    fx_tick(f);
    fx_unknown(f, s, "adl_fund_usd", R_NOT_TRACKED);
    fx_unknown(f, s, "adl_dist_frac", R_NOT_TRACKED);
    alert(f, 650000, -.35, -.3);
    fx_is(f, s, "adl_fund_usd", 650000, 0);
    fx_is(f, s, "adl_drawdown_frac", -.35, 0);
    fx_is(f, s, "adl_trigger_frac", -.3, 0);
    fx_is(f, s, "adl_dist_frac", -.05 / .3, 1e-12);
    fx_is(f, s, "adl_state", 1, 0);
    alert(f, 710000, -.29, -.3);
    fx_is(f, s, "adl_dist_frac", .01 / .3, 1e-12);
    fx_is(f, s, "adl_state", 0, 0);
    alert(f, 1e6, 0, -.3);
    fx_is(f, s, "adl_dist_frac", 1, 1e-12);
    alert(f, 1e6, -.1, NAN); /* no trigger told */
    fx_unknown(f, s, "adl_dist_frac", R_NOT_TRACKED);
    alert(f, 1e6, 0, 0);
    fx_unknown(f, s, "adl_dist_frac", R_NOT_TRACKED);
    alert(f, 1e6, -.1, -.3);
    for (int i = 0; i < 31; i++)
        fx_tick(f);
    fx_unknown(f, s, "adl_dist_frac", R_STALE);
    fx_unknown(f, s, "adl_state", R_STALE);
    fx_is(f, s, "adl_fund_usd", 1e6, 0); /* the balance is shown with its age */
    fx_is(f, s, "adl_fund_age_s", 32, 0);
    fx_unknown(f, fx_va(1, s.id), "adl_fund_usd", R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

/* Silence of a warning channel that lives is normal; without a link it is unknown. */
START_TEST(test_silent_warning_channel)
{
    struct fx *f = fx_new();
    struct subject s = fx_va(0, listed(f));
    struct live_row row = {
        .venue = 0, .channel = EV_FUND, .conn = FX_CONN, .inst = INST_NONE, .sparse = true};
    live_unwant(f->live, 0, EV_FUND, INST_NONE, f->now_us);
    fx_must(live_want(f->live, &row, f->now_us));
    fx_tick(f);
    fx_unknown(f, s, "adl_state", R_WARMUP);
    live_acked(f->live, 0, EV_FUND, INST_NONE, f->now_us);
    fx_tick(f);
    fx_is(f, s, "adl_state", 0, 0);
    struct event e = fund(NULL, "BTC");
    e.u.fund.state = SLICE("warning");
    e.u.fund.balance_usd = 2.8e8;
    e.t_venue_us = f->now_us - 5 * SEC;
    fx_must(fx_apply(f, 0, &e));
    fx_tick(f);
    fx_is(f, s, "adl_state", 1, 0);
    fx_is(f, s, "adl_fund_usd", 2.8e8, 0);
    fx_is(f, s, "adl_fund_age_s", 6, 0);
    e.u.fund.state = SLICE("adl");
    fx_must(fx_apply(f, 0, &e));
    fx_tick(f);
    fx_is(f, s, "adl_state", 2, 0);
    e.u.fund.state = SLICE("something new");
    fx_must(fx_apply(f, 0, &e));
    fx_tick(f);
    fx_is(f, s, "adl_state", 1, 0);
    for (int i = 0; i < 11; i++)
        fx_tick(f);
    fx_is(f, s, "adl_state", 0, 0);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, s, "adl_state", R_DOWN);
    fx_free(f);
}
END_TEST

/* Of two instruments the one nearer to its trigger. */
START_TEST(test_nearest)
{
    struct fx *f = fx_new();
    struct subject s = fx_va(0, listed(f));
    fx_list(f, 0, "BTCUSD", "BTC", 100);
    struct event e = fund("BTCUSD", "BTCUSD/BTC");
    e.u.fund.drawdown_frac = -.28;
    e.u.fund.trigger_frac = -.3;
    fx_must(fx_apply(f, 0, &e));
    alert(f, 1e6, -.1, -.3);
    fx_is(f, s, "adl_drawdown_frac", -.28, 0);
    fx_unknown(f, s, "adl_fund_usd", R_NOT_TRACKED); /* told in coins only */
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_adl", tcase_add_test(tc, test_documented_example);
          tcase_add_test(tc, test_silent_warning_channel); tcase_add_test(tc, test_nearest);)
