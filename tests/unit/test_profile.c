/* Proves books to grids: every level in its cell, inverse contracts and multipliers in asset units,
 * views joined without counting twice, depth beyond the covered band continued and told apart,
 * unknown books with their reasons. */
#include "market_fixture.h"

#include "market/profile.h"

static const double edges[] = {0, .0010, .0025, .01, .05};
#define CELLS 4

struct got {
    enum unknown_reason why;
    double base[CELLS], measured[CELLS], cov;
};

static struct got profile(const struct fx *f, int venue, uint32_t asset, bool bids)
{
    struct got g = {0};
    const struct slot *s;
    ck_assert_int_eq(market_venue_asset(f->market, (uint8_t)venue, asset, &s, 1), 1);
    struct depth_profile p = {edges, CELLS, 1, g.base, g.measured, -1};
    g.why = market_profile(f->market, s, bids, f->now_us, &p);
    g.cov = p.cov_frac;
    return g;
}

static void is(double got, double want)
{
    ck_assert_double_eq_tol(got, want, 1e-9 * fmax(1, fabs(want)));
}

/* 40 levels a side around 100, 1 bp apart, 2 coins each: covered to 40 bps. */
static void forty(struct fx *f, int venue, const char *symbol, double qty)
{
    struct level bids[40], asks[40];
    for (int i = 0; i < 40; i++) {
        bids[i] = (struct level){100 - 0.01 * (i + 1), qty};
        asks[i] = (struct level){100 + 0.01 * (i + 1), qty};
    }
    fx_must(fx_book(f, venue, symbol, (struct fx_side){bids, 40}, (struct fx_side){asks, 40}));
}

START_TEST(test_cells_and_continuation)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    forty(f, 0, "BTC", 2);
    fx_tick(f);
    for (int side = 0; side < 2; side++) {
        struct got g = profile(f, 0, btc, side);
        ck_assert_int_eq(g.why, R_KNOWN);
        is(g.cov, .0040);
        /* a level on an edge belongs to the cell before it, but 99.9 may be no exact 10 bps */
        ck_assert(fabs(g.measured[0] - 20) < 1e-9 || fabs(g.measured[0] - 18) < 1e-9);
        is(g.measured[0] + g.measured[1] + g.measured[2], 80);
        is(g.measured[3], 0);
        is(g.base[0], g.measured[0]);
        is(g.base[1], g.measured[1]);
        /* 80 coins in 40 bps: 2 a basis point from there on */
        is(g.base[2], g.measured[2] + 2 * 60);
        is(g.base[3], 2 * 400);
    }
    fx_free(f);
}
END_TEST

START_TEST(test_units)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTCUSD", "BTC", 100); /* contracts of 100 USD */
    struct level bids[] = {{99.95, 50}, {90, 9}}, asks[] = {{100.05, 20}};
    struct event e = fx_event(EV_BOOK, "BTCUSD");
    e.u.book.snapshot = true;
    e.u.book.unit = QTY_CT;
    e.u.book.bids = bids;
    e.u.book.asks = asks;
    e.u.book.n_bids = 2;
    e.u.book.n_asks = 1;
    fx_must(fx_apply(f, 0, &e));
    uint32_t pepe = fx_list(f, 0, "1000PEPE", "1000PEPE", 0);
    forty(f, 0, "1000PEPE", 2);
    fx_tick(f);
    struct got g = profile(f, 0, btc, true);
    is(g.cov, 1); /* fewer levels than the venue would show: the side is whole */
    is(g.base[0], 50 * 100 / 99.95);
    is(g.base[3], 0); /* and it is not continued; 90 lies beyond the grid */
    is(profile(f, 0, btc, false).base[0], 20 * 100 / 100.05);
    g = profile(f, 0, pepe, true);
    is(g.base[3], 2 * 400 * 1000);
    fx_free(f);
}
END_TEST

/* A view: n levels a side, step apart, of qty each. */
static void view(struct fx *f, uint8_t view_no, int n, double step, double qty)
{
    struct level bids[32], asks[32];
    struct event e = fx_event(EV_BOOK, "BTC");
    for (int i = 0; i < n; i++) {
        bids[i] = (struct level){100 - step * (i + 1), qty};
        asks[i] = (struct level){100 + step * (i + 1), qty};
    }
    e.u.book = (struct ev_book){.snapshot = true,
                                .view = view_no,
                                .unit = QTY_BASE,
                                .seq_first = -1,
                                .seq_last = -1,
                                .seq_prev = -1,
                                .bids = bids,
                                .asks = asks,
                                .n_bids = (uint32_t)n,
                                .n_asks = (uint32_t)n};
    fx_must(fx_apply(f, 0, &e));
}

START_TEST(test_views_join_without_counting_twice)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    /* the same book of 1 coin a basis point, in levels of 1, 10 and 100 bps; 20 levels each. The
     * coarse level at 30 bps spans what the fine view shows of it: 20 bps are counted once. */
    view(f, 0, 20, .01, 1);
    view(f, 1, 20, .10, 10);
    fx_tick(f);
    for (int side = 0; side < 2; side++) {
        struct got g = profile(f, 0, btc, side);
        is(g.cov, .02);
        double sum = 0;
        for (int i = 0; i < CELLS; i++)
            sum += g.measured[i];
        is(sum, 200);
        is(g.base[3], 100 + 300); /* 1 to 2 % measured, 2 to 5 % continued */
    }
    view(f, 2, 10, 1.0, 100);
    fx_tick(f);
    struct got g = profile(f, 0, btc, true);
    is(g.cov, 1); /* ten levels are the whole side */
    is(g.base[3], 400);
    is(g.measured[3], 400);
    fx_free(f);
}
END_TEST

START_TEST(test_unknown_books)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_tick(f);
    struct got g = profile(f, 0, btc, true);
    ck_assert_int_eq(g.why, R_WARMUP);
    is(g.base[0], 0);
    forty(f, 0, "BTC", 2);
    fx_tick(f);
    ck_assert_int_eq(profile(f, 0, btc, true).why, R_KNOWN);
    f->now_us += 30 * SEC;
    fx_tick(f);
    ck_assert_int_eq(profile(f, 0, btc, true).why, R_STALE);
    forty(f, 0, "BTC", 2);
    fx_tick(f);
    fx_links(f, 0, false);
    fx_tick(f);
    ck_assert_int_eq(profile(f, 0, btc, true).why, R_DOWN);
    fx_links(f, 0, true);
    struct level bid[] = {{99, 1}};
    fx_must(fx_book(f, 0, "BTC", (struct fx_side){bid, 1}, (struct fx_side){NULL, 0}));
    fx_tick(f);
    ck_assert_int_eq(profile(f, 0, btc, true).why, R_EMPTY_BOOK);
    ck_assert_int_eq(profile(f, 0, btc, false).why, R_EMPTY_BOOK);
    fx_free(f);
}
END_TEST

UNIT_MAIN("profile", tcase_add_test(tc, test_cells_and_continuation);
          tcase_add_test(tc, test_units);
          tcase_add_test(tc, test_views_join_without_counting_twice);
          tcase_add_test(tc, test_unknown_books);)
