/* Proves pegs: one venue's price of a stablecoin against all venues' (local against global), the
 * rate that two indices of one venue imply, and wrapped coins, judged only with a configured ratio.
 */
#include "market_fixture.h"

static const struct subject process = {MT_PROCESS, 255, 255, INST_NONE};

static void coin(struct fx *f, int venue, const char *symbol, double usd)
{
    struct event e = fx_event(EV_INDEX, symbol);
    e.u.px.px = usd;
    fx_must(fx_apply(f, venue, &e));
}

/* 10 October 2025: USDe at 0.65 on one venue only. */
START_TEST(test_local_against_global)
{
    struct fx *f = fx_new();
    fx_tick(f);
    fx_unknown(f, process, "peg_usde_dev_bps", R_NOT_TRACKED);
    fx_unknown(f, process, "peg_usde_local_bps", R_NOT_TRACKED);
    for (int v = 0; v < 3; v++)
        coin(f, v, "USDEUSD", v == 1 ? .65 : .998);
    coin(f, 0, "USDTUSD", .97);
    fx_tick(f);
    fx_is(f, process, "peg_usde_dev_bps", -20, 1e-9);
    fx_is(f, process, "peg_usde_local_bps", 1e4 * (.65 / .998 - 1), 1e-12);
    fx_is(f, process, "peg_usdt_dev_bps", -300, 1e-9);
    fx_unknown(f, process, "peg_usdt_local_bps", R_NOT_TRACKED); /* one venue: nothing to compare */
    fx_unknown(f, process, "peg_usdc_dev_bps", R_NOT_TRACKED);
    coin(f, 2, "USDT-USD", 1);
    fx_tick(f);
    fx_is(f, process, "peg_usdt_local_bps", -300, 1e-9); /* of two, the one off the dollar */
    for (int v = 0; v < 3; v++)
        coin(f, v, "USDEUSD", .65); /* everywhere: nobody is off the others, the coin is */
    fx_tick(f);
    fx_is(f, process, "peg_usde_dev_bps", -3500, 1e-9);
    fx_is(f, process, "peg_usde_local_bps", 0, 0);
    for (int i = 0; i < 61; i++)
        fx_tick(f);
    fx_unknown(f, process, "peg_usde_dev_bps", R_STALE);
    fx_free(f);
}
END_TEST

/* A venue that does not price the coin: its index in dollars over its index in the coin. */
START_TEST(test_implied)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTCUSDT", "BTC", 0);
    fx_list(f, 0, "BTCUSD", "BTC", 100);
    fx_px(f, 0, "BTCUSDT", EV_INDEX, 60600);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "peg_quote_dev_bps", R_NOT_TRACKED);
    fx_px(f, 0, "BTCUSD", EV_INDEX, 60000);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "peg_quote_dev_bps", 1e4 * (60000. / 60600 - 1), 1e-12);
    fx_is(f, process, "peg_usdt_dev_bps", 1e4 * (60000. / 60600 - 1), 1e-12);
    coin(f, 0, "USDTUSD", 1.001); /* its own word goes first */
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "peg_quote_dev_bps", 10, 1e-9);
    for (int i = 0; i < 12; i++)
        fx_tick(f);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "peg_quote_dev_bps", R_DOWN);
    fx_unknown(f, process, "peg_usdt_dev_bps",
               R_NOT_TRACKED); /* a venue that is down says nothing */
    fx_free(f);
}
END_TEST

START_TEST(test_wrapped)
{
    static const struct asset_alias alias[] = {{"a", "WBETH", "ETH", 1.08},
                                               {"a", "BETH", "ETH", 1}};
    struct fx *f = fx_new();
    uint32_t eth = fx_list(f, 0, "ETHUSDT", "ETH", 0);
    fx_list(f, 1, "ETHUSDT", "ETH", 0);
    ck_assert_int_eq(directory_set_aliases(f->dir, alias, 2), 0);
    fx_px(f, 0, "ETHUSDT", EV_INDEX, 3800);
    coin(f, 0, "WBETHUSD", 3800 * 1.08 * .999);
    coin(f, 1, "WBETHUSD", 430); /* no ratio is configured there */
    fx_tick(f);
    fx_is(f, fx_va(0, eth), "peg_wrapped_dev_bps", -10, 1e-9);
    fx_unknown(f, fx_va(1, eth), "peg_wrapped_dev_bps", R_NOT_TRACKED);
    fx_is(f, fx_asset(eth), "peg_wrapped_dev_bps", -10, 1e-9);
    coin(f, 0, "ETHUSD", 4000); /* the venue's own price of the underlying goes first */
    coin(f, 0, "WBETHUSD", 430);
    coin(f, 0, "BETHUSD", 3999);
    fx_tick(f);
    fx_is(f, fx_va(0, eth), "peg_wrapped_dev_bps", 1e4 * (430 / (4000 * 1.08) - 1), 1e-12);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_peg", tcase_add_test(tc, test_local_against_global);
          tcase_add_test(tc, test_implied); tcase_add_test(tc, test_wrapped);)
