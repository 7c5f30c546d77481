/* Proves basis and mark moves: prices per unit of the asset, the primary instrument, weights over
 * venues, signed moves with their warm-up, and reasons. */
#include "market_fixture.h"

START_TEST(test_basis)
{
    struct fx *f = fx_new();
    uint32_t pepe = fx_list(f, 0, "1000PEPEUSDT", "1000PEPE", 0);
    fx_list(f, 1, "PEPE", "PEPE", 0);
    fx_px(f, 0, "1000PEPEUSDT", EV_MARK, 0.0101);
    fx_px(f, 0, "1000PEPEUSDT", EV_INDEX, 0.01);
    fx_px(f, 1, "PEPE", EV_MARK, 0.0000099);
    fx_px(f, 1, "PEPE", EV_INDEX, 0.00001);
    fx_oi(f, 0, "1000PEPEUSDT", 30, QTY_BASE); /* 30,000 PEPE */
    fx_oi(f, 1, "PEPE", 10000, QTY_BASE);
    fx_tick(f);
    fx_is(f, fx_va(0, pepe), "mark_px", 0.0000101, 1e-13);
    fx_is(f, fx_va(0, pepe), "index_px", 0.00001, 1e-13);
    fx_is(f, fx_va(0, pepe), "basis_bps", 100, 1e-10);
    fx_is(f, fx_va(1, pepe), "basis_bps", -100, 1e-10);
    fx_is(f, fx_asset(pepe), "basis_bps", 50, 1e-10);
    fx_is(f, fx_asset(pepe), "basis_disp_bps", 200, 1e-10);
    fx_free(f);
}
END_TEST

START_TEST(test_missing_index)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_px", 100, 0);
    fx_unknown(f, fx_va(0, btc), "index_px", R_WARMUP);
    fx_unknown(f, fx_va(0, btc), "basis_bps", R_WARMUP);
    fx_unknown(f, fx_asset(btc), "basis_bps", R_WARMUP);
    for (int i = 0; i < 12; i++)
        fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "mark_px", R_STALE);
    fx_unknown(f, fx_va(0, btc), "basis_bps", R_STALE); /* says more than warmup */
    fx_free(f);
}
END_TEST

START_TEST(test_primary_is_the_largest)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTCUSDC", "BTC", 0);
    fx_list(f, 0, "BTCUSDT", "BTC", 0);
    fx_px(f, 0, "BTCUSDC", EV_MARK, 101);
    fx_px(f, 0, "BTCUSDT", EV_MARK, 100);
    fx_oi(f, 0, "BTCUSDC", 10, QTY_BASE);
    fx_oi(f, 0, "BTCUSDT", 90, QTY_BASE);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_px", 100, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_moves)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    for (int i = 0; i < 65; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 1000);
        fx_tick(f);
        if (i == 5)
            fx_unknown(f, fx_va(0, btc), "mark_move_10s_bps", R_WARMUP);
        if (i == 30)
            fx_is(f, fx_va(0, btc), "mark_move_10s_bps", 0, 0);
        if (i == 30)
            fx_unknown(f, fx_va(0, btc), "mark_move_60s_bps", R_WARMUP);
    }
    fx_px(f, 0, "BTC", EV_MARK, 985);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_move_10s_bps", -150, 1e-12);
    fx_is(f, fx_va(0, btc), "mark_move_60s_bps", -150, 1e-12);
    for (int i = 0; i < 15; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 985);
        fx_tick(f);
    }
    fx_is(f, fx_va(0, btc), "mark_move_10s_bps", 0, 0);
    fx_is(f, fx_va(0, btc), "mark_move_60s_bps", -150, 1e-12);
    /* between two ticks the turn sees the new mark at once */
    f->now_us += SEC / 4;
    fx_px(f, 0, "BTC", EV_MARK, 1182);
    struct risk_sink sink = fx_sink(f);
    f->n_rows = 0;
    risk_turn(f->risk, fx_va(0, btc), f->now_us, &sink);
    ck_assert_int_eq(f->n_rows, 2); /* the venue's row and the asset's */
    fx_is(f, fx_va(0, btc), "mark_move_10s_bps", 2000, 1e-12);
    fx_is(f, fx_va(0, btc), "mark_px", 985, 0); /* not of a fast family: as of the tick */
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_basis", tcase_add_test(tc, test_basis); tcase_add_test(tc, test_missing_index);
          tcase_add_test(tc, test_primary_is_the_largest); tcase_add_test(tc, test_moves);)
