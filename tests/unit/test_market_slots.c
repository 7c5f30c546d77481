/* Proves: books of tracked instruments through gaps, lost links and rotation; coarse views;
 * primaries with hysteresis; tracking and its limits; contracts that change; lists named by
 * position. */
#include "market_unit.h"

static int delta(int64_t first, int64_t prev, int64_t t)
{
    struct event e = book("BTCUSDT", 1000, .1, 1, t);
    e.u.book.snapshot = false;
    e.u.book.seq_first = e.u.book.seq_last = first;
    e.u.book.seq_prev = prev;
    return put(e);
}

START_TEST(test_book_gap)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_DEPTH, .inst = s->inst, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    ck_assert_int_eq(delta(5, 4, T0), 0);
    market_tick(m, T0);
    level(s, S_SPREAD_BPS, T0, R_WARMUP);
    ck_assert(book_wants_snapshot(s->book[0]));
    struct event snap = book("BTCUSDT", 1000, .1, 15, T0);
    snap.u.book.seq_last = 5;
    snap.channel = CHANNEL_NONE;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    market_tick(m, T0 + SEC);
    ck_assert_double_eq_tol(level(s, S_SPREAD_BPS, T0 + SEC, R_KNOWN), 2, 1e-9);
    ck_assert_double_eq(s->depth.mid, 1000);
    ck_assert_double_eq(last(s, S_MID), 1000); /* no quotes: from the book */
    ck_assert_double_eq_tol(level(s, S_DEPTH10_BID_USD, T0 + SEC, R_KNOWN), 9994.5, 1e-6);
    ck_assert_int_eq(delta(9, 8, T0 + SEC), E_GAP);
    ck_assert_uint_eq(count(MC_BOOK_GAP), 1);
    ck_assert_int_eq(n_gaps, 1);
    ck_assert_int_eq(gaps[0].cause, GAP_SEQUENCE);
    ck_assert_uint_eq(gaps[0].channel, CH_DEPTH);
    market_tick(m, T0 + 2 * SEC);
    level(s, S_SPREAD_BPS, T0 + 2 * SEC, R_GAP);
    level(s, S_DEPTH10_ASK_USD, T0 + 2 * SEC, R_GAP);
    snap = book("BTCUSDT", 1000, .1, 15, T0 + 3 * SEC);
    snap.u.book.seq_last = 7;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), E_STALE);
    ck_assert_uint_eq(count(MC_BOOK_OLD), 1);
    snap.u.book.seq_last = 9;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    ck_assert_int_eq(n_gaps, 2);
    ck_assert_int_eq(gaps[1].t_from_us, T0 + SEC);
    ck_assert_int_eq(gaps[1].t_to_us, T0 + 3 * SEC);
    market_tick(m, T0 + 4 * SEC);
    level(s, S_SPREAD_BPS, T0 + 4 * SEC, R_KNOWN);
    market_tick(m, T0 + 9 * SEC); /* nothing for 6 s */
    ck_assert_int_eq(s->depth_err, E_STALE);
    level(s, S_SPREAD_BPS, T0 + 9 * SEC, R_STALE);
    live_link(l, 0, conn, false, T0 + 9 * SEC);
    market_link_down(m, 0, conn, T0 + 9 * SEC);
    ck_assert_int_eq(book_state(s->book[0]), BOOK_EMPTY);
    market_tick(m, T0 + 10 * SEC);
    level(s, S_SPREAD_BPS, T0 + 10 * SEC, R_DOWN);
}
END_TEST

/* A gap that a lost link overtakes ends when the book lives again, not at the first new delta. */
START_TEST(test_gap_over_link)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_DEPTH, .inst = s->inst, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    struct event snap = book("BTCUSDT", 1000, .1, 15, T0);
    snap.u.book.seq_last = 5;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    ck_assert_int_eq(delta(6, 5, T0), 0);
    ck_assert_int_eq(delta(9, 8, T0 + SEC), E_GAP);
    live_link(l, 0, conn, false, T0 + 2 * SEC);
    market_link_down(m, 0, conn, T0 + 2 * SEC);
    live_link(l, 0, conn, true, T0 + 3 * SEC);
    ck_assert_int_eq(delta(20, 19, T0 + 4 * SEC), 0);
    ck_assert(live_find(l, 0, CH_DEPTH, s->inst)->seq_gap);
    snap = book("BTCUSDT", 1000, .1, 15, T0 + 5 * SEC);
    snap.u.book.seq_last = 20;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    ck_assert(!live_find(l, 0, CH_DEPTH, s->inst)->seq_gap);
}
END_TEST

START_TEST(test_rotation_keeps_book)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_DEPTH, .inst = s->inst, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    ck_assert_int_eq(put(book("BTCUSDT", 1000, .1, 15, T0)), 0);
    live_link(l, 0, conn | 1, true, T0);
    live_link(l, 0, conn, false, T0);
    market_link_down(m, 0, conn, T0); /* the other half of the slot is up */
    ck_assert_int_eq(book_state(s->book[0]), BOOK_LIVE);
    live_link(l, 0, conn | 1, false, T0);
    market_link_down(m, 0, conn | 1, T0);
    ck_assert_int_eq(book_state(s->book[0]), BOOK_EMPTY);
}
END_TEST

/* 20 raw levels cover 2 bps; the view of 4 figures covers 40, that of 3 figures 400. */
START_TEST(test_views)
{
    const struct slot *s = track("ETH", "ETH", 1, QTY_BASE);
    ck_assert_int_eq(put(book("ETH", 4000, .04, 20, T0)), 0);
    ck_assert_ptr_null(s->book[1]);
    market_tick(m, T0);
    ck_assert_int_eq(s->depth_err, 0);
    ck_assert(isnan(s->depth.bid_usd[0]));
    level(s, S_DEPTH10_BID_USD, T0, R_OFF_GRID);
    struct event v1 = book("ETH", 4000, .8, 20, T0), v2;
    v1.u.book.view = 1;
    v1.channel = CH_VIEW1;
    ck_assert_int_eq(put(v1), 0);
    v2 = book("ETH", 4000, 8, 20, T0);
    v2.u.book.view = 2;
    v2.channel = CH_VIEW2;
    ck_assert_int_eq(put(v2), 0);
    market_tick(m, T0 + SEC);
    ck_assert_double_eq(s->depth.ask_px, 4000.04); /* the touch is the finest view's */
    ck_assert_double_eq_tol(s->depth.bid_usd[0], 5 * 4000 - .8 * 15, 1e-6); /* 4 figures: 4 wide */
    ck_assert_double_eq_tol(s->depth.bid_usd[1], 2 * 4000 - 8 * 3, 1e-6);   /* 3 figures: 20 wide */
    ck_assert_double_eq_tol(s->depth.bid_usd[2], 5 * 4000 - 8 * 15, 1e-6);
    ck_assert_double_eq_tol(s->depth.cov_bid_bps, 400, 1e-6);
    struct event v3 = book("ETH", 4000, 8, 20, T0);
    v3.u.book.view = MARKET_VIEWS;
    ck_assert_int_eq(put(v3), E_RANGE);
}
END_TEST

START_TEST(test_primary)
{
    const struct slot *a = track("BTCUSDT", "BTC", 1, QTY_BASE);
    const struct slot *b = track("BTCUSDC", "BTC", 1, QTY_BASE);
    const struct slot *out[4];
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 4), 2);
    ck_assert(out[0] == a && out[1] == b);
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 1), 1);
    ck_assert_int_eq(market_venue_asset(m, 1, a->asset, out, 4), 0);
    ck_assert_ptr_eq(market_primary(m, 0, a->asset), a);
    ck_assert_ptr_null(market_primary(m, 1, a->asset));
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 100, T0)), 0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDC", 100, T0)), 0);
    static const struct {
        double a, b;
        int primary;
    } steps[] = {{NAN, 5, 1}, {5.9, 5, 1}, {6, 5, 1}, {6.1, 5, 0}, {6.1, 7.3, 0}, {6.1, 7.4, 1}};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        if (!isnan(steps[k].a))
            ck_assert_int_eq(put(oi("BTCUSDT", steps[k].a, QTY_BASE, T0)), 0);
        ck_assert_int_eq(put(oi("BTCUSDC", steps[k].b, QTY_BASE, T0)), 0);
        market_tick(m, T0 + SEC);
        ck_assert_ptr_eq(market_primary(m, 0, a->asset), steps[k].primary ? b : a);
    }
    market_untrack(m, b->inst);
    ck_assert_ptr_eq(market_primary(m, 0, a->asset), a);
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 4), 1);
}
END_TEST

START_TEST(test_tracking)
{
    char symbol[16];
    uint32_t inst[9];
    ck_assert_int_eq(market_track(m, 0, T0), E_RANGE); /* nobody knows it */
    for (int k = 0; k < 9; k++) {
        snprintf(symbol, sizeof symbol, "S%d", 8 - k);
        ck_assert_int_eq(put(spec(symbol, k % 2 ? "A" : "B", 1, QTY_BASE)), 0);
        inst[k] = last_inst;
    }
    for (int k = 7; k >= 0; k--)
        ck_assert_int_eq(market_track(m, inst[k], T0), 0);
    ck_assert_int_eq(market_track(m, inst[8], T0), E_LIMIT);
    ck_assert_int_eq(market_track(m, inst[3], T0), 0); /* is already */
    const struct slot *out[8];
    ck_assert_int_eq(market_venue_asset(m, 0, market_slot(m, inst[1])->asset, out, 8), 4);
    for (int k = 1; k < 4; k++)
        ck_assert_uint_gt(out[k]->inst, out[k - 1]->inst); /* by directory id */
    ck_assert_int_eq(put(px(EV_MARK, "S5", 5, T0)), 0);
    ck_assert_uint_eq(last_inst, inst[3]);
    const struct slot *s = market_slot(m, inst[3]);
    ck_assert_double_eq(last(s, S_MARK), 5);
    market_untrack(m, inst[3]);
    market_untrack(m, inst[3]);
    market_untrack(m, INST_NONE);
    ck_assert_ptr_null(market_slot(m, inst[3]));
    ck_assert_int_eq(market_track(m, inst[8], T0),
                     0); /* takes the freed slot, and none of its past */
    ck_assert_ptr_eq(market_slot(m, inst[8]), s);
    ck_assert(isnan(last(s, S_MARK)));
    ck_assert_int_eq(s->s[S_MARK].t_last_us, 0);
    int used = 0;
    for (int i = 0; i < market_slots(m); i++)
        used += market_slot_at(m, i) != NULL;
    ck_assert_int_eq(used, 8);
    ck_assert_ptr_null(market_slot_at(m, 8));
    struct event e = spec("NOTUSD", "Z", 1, QTY_BASE);
    e.u.spec.category = CAT_TRADFI;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), E_RANGE); /* excluded */
}
END_TEST

START_TEST(test_contract_changes)
{
    const struct slot *s = track("XCT", "X", 10, QTY_BASE);
    ck_assert_int_eq(put(oi("XCT", 5, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 50);
    ck_assert_int_eq(put(spec("XCT", "X", 10, QTY_BASE)), 0); /* the same again */
    ck_assert_double_eq(last(s, S_OI_BASE), 50);
    ck_assert_int_eq(put(spec("XCT", "X", 100, QTY_BASE)), 0); /* what was known is another unit */
    ck_assert(isnan(last(s, S_OI_BASE)));
    ck_assert_int_eq(put(oi("XCT", 5, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 500);
    uint32_t inst = s->inst;
    ck_assert_int_eq(put(spec("XCT", "Y", 100, QTY_BASE)), 0); /* relisted as something else */
    ck_assert_ptr_null(market_slot(m, inst));
}
END_TEST

START_TEST(test_positions)
{
    static const char *const coins[] = {"BTC", "ETH", "SOL"};
    struct slice main_dex = {NULL, 0};
    for (int run = 3; run >= 2; run--) { /* a list of three, then one of two */
        for (int k = 0; k < run; k++) {
            struct event e = spec(coins[k], coins[k], 1, QTY_BASE);
            e.ord = k;
            ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
        }
        ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), (uint32_t)run);
        ck_assert_uint_eq(directory_at(d, 1, main_dex, 1), directory_find(d, 1, SLICE("ETH")));
    }
    struct event e = spec("BTC", "BTC", 1, QTY_BASE);
    e.ord = 0;
    ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
    e = spec("ETH", "ETH", -1, QTY_BASE); /* unusable: the list is not known */
    e.ord = 1;
    ck_assert_int_eq(put_from(1, CONN_REST, e), E_RANGE);
    e = spec("SOL", "SOL", 1, QTY_BASE);
    e.ord = 2;
    ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
    ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), 0);
}
END_TEST

UNIT_MAIN("market_slots", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, test_book_gap); tcase_add_test(tc, test_gap_over_link);
          tcase_add_test(tc, test_rotation_keeps_book); tcase_add_test(tc, test_views);
          tcase_add_test(tc, test_primary); tcase_add_test(tc, test_tracking);
          tcase_add_test(tc, test_contract_changes); tcase_add_test(tc, test_positions);)
