/* Proves the cross-checks of a venue against itself: missing liquidation prints by golden numbers,
 * silent while a print is recent, while the price stands, while open interest rises or feeds are
 * not known; and the mark against trades and mid, where one odd print or an empty book proves
 * nothing. */
#include "market_fixture.h"

static struct fx *market(void)
{
    struct fx *f = fx_new();
    fx_list(f, 0, "BTC", "BTC", 0);
    return f;
}

/* One second of an ordinary feed. */
static void second(struct fx *f, double px, double oi)
{
    fx_px(f, 0, "BTC", EV_MARK, px);
    fx_quote(f, 0, "BTC", px - 1, px + 1);
    fx_oi(f, 0, "BTC", oi, QTY_BASE);
    fx_tick(f);
}

static void hold(struct fx *f, double px, double oi, int seconds)
{
    for (int i = 0; i < seconds; i++)
        second(f, px, oi);
}

static void trade(struct fx *f, double px, int64_t id)
{
    struct event e = fx_event(EV_TRADE, "BTC");
    e.u.trade = (struct ev_trade){px, 1, QTY_BASE, true, false, id};
    fx_must(fx_apply(f, 0, &e));
}

/* 100,000 x 20,000 coins at 100: 1 % of them gone and the price 2.75 % lower. Half the way from
 * 0.5 to 5 %: a quarter is forced: 0.25 x 200 x 97.25 / 25,000 = 0.1945 at 20,000 coins; at
 * 20 million coins 194.5, but no more than one a second. */
START_TEST(test_golden)
{
    struct fx *f = market();
    uint32_t btc = 0;
    hold(f, 100, 20000, 400);
    fx_is(f, fx_va(0, btc), "liq_missing_n", 0, 0);
    hold(f, 97.25, 19800, 60);
    fx_is(f, fx_va(0, btc), "liq_missing_n", 0.25 * 200 * 97.25 / 25000, 1e-9);
    fx_free(f);

    f = market();
    hold(f, 100, 2e7, 400);
    hold(f, 97.25, 1.98e7, 20);
    fx_is(f, fx_va(0, btc), "liq_missing_n", 0.25 * 2e5 * 97.25 / 25000, 1e-9); /* 194.5 < 300 */
    hold(f, 90, 1.9e7, 20); /* everything past 5 % is worth a half, the cap is the span */
    fx_is(f, fx_va(0, btc), "liq_missing_n", 300, 1e-9);
    fx_free(f);
}
END_TEST

/* A rebound hides nothing: the price was there. */
START_TEST(test_worst_move_counts)
{
    struct fx *f = market();
    hold(f, 100, 2e6, 400);
    hold(f, 95, 1.98e6, 30);
    hold(f, 100, 1.98e6, 30);
    fx_is(f, fx_va(0, 0), "liq_missing_n", 0.5 * 2e4 * 100 / 25000, 1e-9);
    fx_free(f);
}
END_TEST

START_TEST(test_ordinary_reasons_for_silence)
{
    struct fx *f = market();
    struct subject s = fx_va(0, 0);
    hold(f, 100, 2e7, 400);
    hold(f, 99.6, 1.9e7, 60); /* 5 % of open interest closed by choice: the price stands */
    fx_is(f, s, "liq_missing_n", 0, 0);
    hold(f, 90, 2e7, 290); /* the price falls, and open interest rises */
    fx_is(f, s, "liq_missing_n", 0, 0);
    hold(f, 90, 2e7, 300);
    hold(f, 85, 1.9e7, 30);
    ck_assert_double_gt(fx_cell(f, s, "liq_missing_n").value, 20);
    fx_liq(f, 0, POS_LONG, 85, 0.001); /* one print, however small: the channel is alive */
    for (int i = 0; i < 24; i++) {
        hold(f, 85, 1.9e7, 1);
        fx_is(f, s, "liq_missing_n", 0, 0);
    }
    hold(f, 75, 1.8e7, 30); /* and mute again: only what fell since then counts */
    double n = fx_cell(f, s, "liq_missing_n").value;
    ck_assert_double_gt(n, 20);
    ck_assert_double_lt(n, 60);
    fx_free(f);
}
END_TEST

/* A mark that strays by itself is not a market that moves. */
START_TEST(test_mark_alone_moves_nothing)
{
    struct fx *f = market();
    hold(f, 100, 2e7, 400);
    for (int i = 0; i < 60; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 90);
        fx_quote(f, 0, "BTC", 99, 101);
        fx_oi(f, 0, "BTC", 1.9e7, QTY_BASE);
        fx_tick(f);
    }
    fx_is(f, fx_va(0, 0), "liq_missing_n", 0, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_unknown_stays_unknown)
{
    struct fx *f = market();
    uint32_t btc = 0;
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "liq_missing_n", R_WARMUP);
    fx_unknown(f, fx_va(0, btc), "mark_trade_bps", R_WARMUP);
    hold(f, 100, 2e7, 10);
    fx_is(f, fx_va(0, btc), "liq_missing_n", 0, 0); /* acked ten seconds ago: proves nothing yet */
    hold(f, 100, 2e7, 100);
    live_refused(f->live, 0, EV_LIQ, INST_NONE, f->now_us);
    hold(f, 90, 1e7, 30);
    fx_unknown(f, fx_va(0, btc), "liq_missing_n", R_WARMUP); /* not subscribed: not mute */
    live_acked(f->live, 0, EV_LIQ, INST_NONE, f->now_us);
    hold(f, 90, 1e7, 30); /* known again: what fell before does not count */
    fx_is(f, fx_va(0, btc), "liq_missing_n", 0, 0);
    for (int i = 0; i < 40; i++)
        fx_tick(f); /* nobody says anything */
    fx_unknown(f, fx_va(0, btc), "liq_missing_n", R_STALE);
    fx_unknown(f, fx_va(0, btc), "mark_trade_bps", R_STALE);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "liq_missing_n", R_DOWN);
    fx_list(f, 2, "BTC", "BTC", 0); /* a venue without a public feed */
    fx_px(f, 2, "BTC", EV_MARK, 100);
    fx_oi(f, 2, "BTC", 1000, QTY_BASE);
    fx_tick(f);
    fx_unknown(f, fx_va(2, btc), "liq_missing_n", R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

START_TEST(test_mark_against_mid)
{
    struct fx *f = market();
    struct subject s = fx_va(0, 0);
    hold(f, 100, 1000, 20);
    fx_is(f, s, "mark_trade_bps", 0, 1e-9);
    for (int i = 0; i < 10; i++) { /* the mark leaves by 2 %, the quotes stay */
        fx_px(f, 0, "BTC", EV_MARK, 102);
        fx_quote(f, 0, "BTC", 99, 101);
        fx_tick(f);
        if (i == 4)
            ck_assert_double_eq_tol(fx_cell(f, s, "mark_trade_bps").value, 100, 21);
    }
    fx_is(f, s, "mark_trade_bps", 200, 1e-9);
    fx_free(f);
}
END_TEST

START_TEST(test_mark_against_trades)
{
    struct fx *f = market();
    struct subject s = fx_va(0, 0);
    hold(f, 100, 1000, 20);
    trade(f, 100, 1);
    trade(f, 150, 2); /* one odd print */
    hold(f, 100, 1000, 1);
    fx_is(f, s, "mark_trade_bps", 0, 1e-9); /* the mid agrees with the mark */
    for (int i = 0; i < 40; i++) {          /* quotes pulled far away, trades at the mark */
        trade(f, 100, 10 + i);
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_quote(f, 0, "BTC", 50, 100.5);
        fx_tick(f);
    }
    ck_assert_double_lt(fabs(fx_cell(f, s, "mark_trade_bps").value), 10);
    for (int i = 0; i < 80; i++) { /* both leave the mark */
        trade(f, 98, 100 + i);
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_quote(f, 0, "BTC", 97.9, 98.1);
        fx_tick(f);
    }
    fx_is(f, s, "mark_trade_bps", 1e4 * (100 / 98. - 1), 0.01);
    fx_free(f);
}
END_TEST

/* No quotes: trades alone, until they are a minute old. Backfilled trades are not of now. */
START_TEST(test_trades_alone)
{
    struct fx *f = market();
    struct subject s = fx_va(0, 0);
    struct event e = fx_event(EV_TRADE, "BTC");
    e.u.trade = (struct ev_trade){50, 1, QTY_BASE, true, true, 1};
    fx_must(fx_apply(f, 0, &e));
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    fx_unknown(f, s, "mark_trade_bps", R_WARMUP);
    trade(f, 99, 2);
    for (int i = 0; i < 59; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_tick(f);
        fx_is(f, s, "mark_trade_bps", 1e4 * (100 / 99. - 1), 1e-9);
    }
    for (int i = 0; i < 3; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_tick(f);
    }
    fx_unknown(f, s, "mark_trade_bps", R_WARMUP);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_check", tcase_add_test(tc, test_golden);
          tcase_add_test(tc, test_worst_move_counts);
          tcase_add_test(tc, test_ordinary_reasons_for_silence);
          tcase_add_test(tc, test_mark_alone_moves_nothing);
          tcase_add_test(tc, test_unknown_stays_unknown); tcase_add_test(tc, test_mark_against_mid);
          tcase_add_test(tc, test_mark_against_trades); tcase_add_test(tc, test_trades_alone);)
