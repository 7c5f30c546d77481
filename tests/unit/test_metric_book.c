/* Proves liquidity from books to cells: worked costs, bands, off-grid, empty and missing books,
 * sums over instruments and venues, and depth against its own last minutes. */
#include "market_fixture.h"

/* n levels a side around 100, 1 bp apart, qty each; the outermost at n bps. */
static void ladder(struct fx *f, int venue, const char *symbol, int n, double qty)
{
    struct level bids[256], asks[256];
    for (int i = 0; i < n; i++) {
        bids[i] = (struct level){100 - 0.01 * (i + 1), qty};
        asks[i] = (struct level){100 + 0.01 * (i + 1), qty};
    }
    fx_must(fx_book(f, venue, symbol, (struct fx_side){bids, (uint32_t)n},
                    (struct fx_side){asks, (uint32_t)n}));
}

static double ladder_usd(int from, int to, double qty, double sign)
{
    double sum = 0;
    for (int i = from; i <= to; i++)
        sum += qty * (100 + sign * 0.01 * i);
    return sum;
}

START_TEST(test_bands_and_top)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    ladder(f, 0, "BTC", 60, 5);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "bid_px", 99.99, 1e-15);
    fx_is(f, fx_va(0, btc), "ask_px", 100.01, 1e-15);
    fx_is(f, fx_va(0, btc), "mid_px", 100, 1e-15);
    fx_is(f, fx_va(0, btc), "spread_bps", 2, 1e-10);
    double in_10 = fx_cell(f, fx_va(0, btc), "depth_10bps_bid_usd").value;
    /* a level may lie on the band's edge: nine or ten of them, nothing else */
    ck_assert(fabs(in_10 - ladder_usd(1, 10, 5, -1)) < 1e-6 ||
              fabs(in_10 - ladder_usd(1, 9, 5, -1)) < 1e-6);
    double in_50 = fx_cell(f, fx_va(0, btc), "depth_50bps_ask_usd").value;
    ck_assert(fabs(in_50 - ladder_usd(1, 50, 5, 1)) < 1e-6 ||
              fabs(in_50 - ladder_usd(1, 49, 5, 1)) < 1e-6);
    fx_unknown(f, fx_va(0, btc), "depth_100bps_bid_usd", R_OFF_GRID);
    fx_unknown(f, fx_va(0, btc), "depth_100bps_ask_usd", R_OFF_GRID);
    fx_is(f, fx_va(0, btc), "depth_cov_bps_bid", 60, 1e-8);
    fx_is(f, fx_va(0, btc), "depth_cov_bps_ask", 60, 1e-8);
    fx_unknown(f, fx_va(0, btc), "slip_sell_1m_bps", R_OFF_GRID);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_rel_frac", R_WARMUP);
    fx_is(f, fx_asset(btc), "depth_10bps_bid_usd", in_10, 1e-15);
    fx_unknown(f, fx_asset(btc), "depth_100bps_bid_usd", R_OFF_GRID);
    fx_free(f);
}
END_TEST

START_TEST(test_cost_of_selling)
{
    /* worked: bids 99 x 1, 98 x 2, mid 100, sell 2 -> 150 bps; here in units of $500,000 / 100 */
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    struct level bids[] = {{99, 5000}, {98, 10000}, {1, 1}}, asks[] = {{101, 5000}};
    fx_must(fx_book(f, 0, "BTC", (struct fx_side){bids, 3}, (struct fx_side){asks, 1}));
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "slip_sell_1m_bps", 150, 1e-12);
    struct cell c = fx_cell(f, fx_va(0, btc), "slip_sell_10m_bps");
    ck_assert(c.reason == R_OFF_GRID || c.reason == R_EMPTY_BOOK);
    fx_free(f);
}
END_TEST

START_TEST(test_missing_books)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "spread_bps", R_WARMUP);
    fx_quote(f, 0, "BTC", 99, 101); /* a venue without books has quotes */
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "spread_bps", 200, 1e-12);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_bid_usd", R_WARMUP);
    ladder(f, 0, "BTC", 20, 1);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "spread_bps", 2, 1e-10); /* the book's own */
    struct level bids[] = {{99, 1}};
    (void)fx_book(f, 0, "BTC", (struct fx_side){bids, 1}, (struct fx_side){NULL, 0});
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "spread_bps", R_EMPTY_BOOK);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_ask_usd", R_EMPTY_BOOK);
    ladder(f, 0, "BTC", 20, 1);
    for (int i = 0; i < 13; i++)
        fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "spread_bps", R_STALE);
    ladder(f, 0, "BTC", 20, 1);
    fx_tick(f);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "spread_bps", R_DOWN);
    fx_unknown(f, fx_asset(btc), "depth_10bps_bid_usd", R_DOWN);
    fx_free(f);
}
END_TEST

START_TEST(test_sequence_gap)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    struct level bids[] = {{99, 1}, {98, 1}}, asks[] = {{101, 1}, {102, 1}};
    struct event e = fx_event(EV_BOOK, "BTC");
    e.u.book = (struct ev_book){.snapshot = true,
                                .unit = QTY_BASE,
                                .bids = bids,
                                .asks = asks,
                                .n_bids = 2,
                                .n_asks = 2,
                                .seq_first = -1,
                                .seq_last = 10,
                                .seq_prev = -1};
    fx_must(fx_apply(f, 0, &e));
    struct event d = fx_event(EV_BOOK, "BTC");
    d.u.book = (struct ev_book){.unit = QTY_BASE,
                                .bids = bids,
                                .n_bids = 1,
                                .seq_first = 11,
                                .seq_last = 12,
                                .seq_prev = 10};
    fx_must(fx_apply(f, 0, &d));
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "spread_bps", 200, 1e-12);
    d.u.book.seq_first = 20;
    d.u.book.seq_last = 21;
    d.u.book.seq_prev = 19;
    ck_assert_int_eq(fx_apply(f, 0, &d), E_GAP);
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "spread_bps", R_GAP);
    fx_unknown(f, fx_va(0, btc), "bid_px", R_GAP);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_bid_usd", R_GAP);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_rel_frac", R_GAP);
    fx_unknown(f, fx_asset(btc), "depth_10bps_rel_frac", R_GAP);
    fx_free(f);
}
END_TEST

static void both(struct fx *f, int seconds, double qty_a, double qty_b)
{
    for (int i = 0; i < seconds; i++) {
        ladder(f, 0, "BTC", 20, qty_a);
        ladder(f, 1, "BTC", 20, qty_b);
        for (int v = 0; v < 2; v++) {
            fx_px(f, v, "BTC", EV_MARK, 100);
            fx_oi(f, v, "BTC", v ? 40 : 60, QTY_BASE);
        }
        fx_tick(f);
    }
}

START_TEST(test_depth_against_its_own_mean)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 1, "BTC", "BTC", 0);
    both(f, 19, 10, 2);
    fx_unknown(f, fx_va(0, btc), "depth_10bps_rel_frac", R_WARMUP);
    both(f, 1, 10, 2);
    fx_is(f, fx_va(0, btc), "depth_10bps_rel_frac", 1, 1e-12);
    fx_is(f, fx_asset(btc), "depth_10bps_rel_frac", 1, 1e-12);
    both(f, 1, 1, 2); /* a tenth is left on a: mean (20 x 10 + 1) / 21 */
    double mean = (20 * 10 + 1) / 21.0;
    fx_is(f, fx_va(0, btc), "depth_10bps_rel_frac", 1 / mean, 1e-12);
    fx_is(f, fx_va(1, btc), "depth_10bps_rel_frac", 1, 1e-12);
    fx_is(f, fx_asset(btc), "depth_10bps_rel_frac", 3 / (mean + 2), 1e-12);
    fx_is(f, fx_asset(btc), "depth_cov_frac", 1, 0);
    double one = fx_cell(f, fx_va(0, btc), "depth_10bps_ask_usd").value;
    fx_is(f, fx_asset(btc), "depth_10bps_ask_usd", 3 * one, 1e-12);
    fx_free(f);
}
END_TEST

/* The thinner side counts: asks stay, bids vanish but for one level. */
START_TEST(test_thinner_side)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    for (int i = 0; i < 40; i++) {
        ladder(f, 0, "BTC", 20, 10);
        fx_tick(f);
    }
    struct level bids[] = {{99.99, 1}, {90, 1}}, asks[256];
    for (int i = 0; i < 20; i++)
        asks[i] = (struct level){100 + 0.01 * (i + 1), 10};
    fx_must(fx_book(f, 0, "BTC", (struct fx_side){bids, 2}, (struct fx_side){asks, 20}));
    fx_tick(f);
    struct cell c = fx_cell(f, fx_va(0, btc), "depth_10bps_rel_frac");
    ck_assert_double_lt(c.value, 0.02);
    ck_assert_double_gt(c.value, 0.005);
    fx_free(f);
}
END_TEST

START_TEST(test_small_venue_missing)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 1, "BTC", "BTC", 0);
    both(f, 3, 10, 2);
    double a = fx_cell(f, fx_va(0, btc), "depth_10bps_bid_usd").value;
    fx_links(f, 1, false);
    ladder(f, 0, "BTC", 20, 10);
    fx_tick(f);
    fx_is(f, fx_asset(btc), "depth_10bps_bid_usd", a,
          1e-14); /* 60 % of the open interest is known */
    fx_is(f, fx_asset(btc), "depth_cov_frac", 0.6, 1e-14);
    fx_links(f, 1, true);
    fx_links(f, 0, false);
    ladder(f, 1, "BTC", 20, 2);
    fx_tick(f);
    fx_unknown(f, fx_asset(btc), "depth_10bps_bid_usd", R_DOWN);
    fx_is(f, fx_asset(btc), "depth_cov_frac", 0.4, 1e-14);
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_book", tcase_add_test(tc, test_bands_and_top);
          tcase_add_test(tc, test_cost_of_selling); tcase_add_test(tc, test_missing_books);
          tcase_add_test(tc, test_sequence_gap);
          tcase_add_test(tc, test_depth_against_its_own_mean);
          tcase_add_test(tc, test_thinner_side); tcase_add_test(tc, test_small_venue_missing);)
