/* Proves: every kind of event becomes the right number in the right series (units, multipliers,
 * inverse contracts, worked numbers of open interest in USD), or is refused and counted; what is
 * unknown says why; cross rates and the universe's bulk figures. */
#include "market_unit.h"

START_TEST(test_open_interest)
{
    uint8_t why;
    /* linear 1,000 BTC at 60,000 = 60.0 m USD */
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 1000, QTY_BASE, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 1000);
    ck_assert_double_eq(market_oi_usd(m, s, T0, &why), 60e6);
    ck_assert_double_eq(market_bulk_oi_usd(m, s->inst), 60e6);
    /* inverse 600,000 contracts of 100 USD = 60.0 m USD = 1,000 BTC at 60,000 */
    const struct slot *i = track("BTCUSD_PERP", "BTC", 100, QTY_USD);
    ck_assert_int_eq(put(oi("BTCUSD_PERP", 600000, QTY_CT, T0)), E_UNIT); /* no price yet */
    ck_assert_double_eq(market_bulk_oi_usd(m, i->inst), 60e6);            /* price-free */
    ck_assert(isnan(last(i, S_OI_BASE)));
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSD_PERP", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSD_PERP", 600000, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(i, S_OI_BASE), 1000);
    ck_assert_double_eq(market_oi_usd(m, i, T0, &why), 60e6);
    /* linear contracts of 0.01 */
    const struct slot *c = track("ETH_CT", "ETH", .01, QTY_BASE);
    ck_assert_int_eq(put(oi("ETH_CT", 5000, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(c, S_OI_BASE), 50);
    ck_assert(isnan(market_oi_usd(m, c, T0, &why))); /* no mark */
    ck_assert_int_eq(why, R_WARMUP);
    /* the venue counts dollars */
    ck_assert_int_eq(put(px(EV_MARK, "ETH_CT", 4000, T0)), 0);
    ck_assert_int_eq(put(oi("ETH_CT", 400000, QTY_USD, T0)), 0);
    ck_assert_double_eq(last(c, S_OI_BASE), 100);
}
END_TEST

static int valued(double qty, double value, int64_t t)
{
    struct event e = oi("BTCUSDT", qty, QTY_BASE, t);
    e.u.oi.value = value;
    e.u.oi.value_unit = QTY_USD;
    return put(e);
}

/* Small differences must come three times, large ones tell at once, a stale mark tells nothing. */
START_TEST(test_value_of_open_interest)
{
    uint8_t why;
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(valued(1000, 1, T0), 0); /* no mark to compare at */
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(valued(1000, 60e6 * 1.0049, T0), 0);
    ck_assert_uint_eq(market_counter(m, 0, MC_VALUE_DIFFERS), 0);
    for (int i = 1; i <= 3; i++) {
        ck_assert_int_eq(valued(1000, 60e6 * 1.006, T0 + i), i < 3 ? 0 : E_UNIT);
        ck_assert_uint_eq(market_counter(m, 0, MC_VALUE_DIFFERS), (uint64_t)i);
        ck_assert_int_eq(market_oi_disputed(m, s->inst), i == 3);
    }
    ck_assert(isnan(market_level(m, s, S_OI_BASE, T0 + 3, &why)));
    ck_assert_int_eq(why, R_UNIT_UNPROVEN);
    ck_assert(isnan(market_oi_usd(m, s, T0 + 3, &why)));
    ck_assert(isnan(market_bulk_oi_usd(m, s->inst)));
    ck_assert_int_eq(valued(1000, NAN, T0 + 4), E_UNIT); /* it says nothing: still disputed */
    ck_assert_int_eq(valued(1000, 60e6, T0 + 5), 0);
    ck_assert_double_eq(market_level(m, s, S_OI_BASE, T0 + 5, &why), 1000);
    ck_assert_int_eq(valued(1000, 120e6, T0 + 6), E_UNIT); /* both sides */
    ck_assert_int_eq(valued(1000, 60e6, T0 + 7), 0);
    ck_assert_int_eq(valued(1000, 120e6, T0 + 20 * SEC), 0); /* the mark is of another minute */
    ck_assert_int_eq(valued(1000, 0, T0 + 8), 0);
    ck_assert_uint_eq(market_counter(m, 0, MC_VALUE_DIFFERS), 4);
}
END_TEST

START_TEST(test_multiplier)
{
    uint8_t why;
    const struct slot *s = track("1000PEPEUSDT", "1000PEPE", 1, QTY_BASE);
    ck_assert_str_eq(directory_asset_name(d, s->asset), "PEPE");
    ck_assert_int_eq(put(px(EV_MARK, "1000PEPEUSDT", .007, T0)), 0);
    ck_assert_int_eq(put(oi("1000PEPEUSDT", 5e9, QTY_BASE, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 5e12); /* PEPE */
    ck_assert_double_eq_tol(market_oi_usd(m, s, T0, &why), 35e6, 1e-6);
    ck_assert_double_eq_tol(market_asset_px(s, .007), 7e-6, 1e-20);
    struct event e = liq("1000PEPEUSDT", POS_LONG, 1000, T0);
    e.u.liq.px = .007;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_LIQ_LONG_BASE), 1e6);
    ck_assert_double_eq(last(s, S_LIQ_LONG_USD), 7);
}
END_TEST

START_TEST(test_liquidations)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct event e = liq("BTCUSDT", POS_LONG, 3, T0 + 1);
    ck_assert_int_eq(put(e), 0);
    e.u.liq.fill_px = 110; /* what was really paid counts */
    e.u.liq.closed = POS_SHORT;
    ck_assert_int_eq(put(e), 0);
    e.u.liq.unit = QTY_CT;
    ck_assert_int_eq(put(e), 0); /* contracts of 1 coin */
    int64_t now = T0 + 60 * SEC;
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_LONG_USD], now, 60 * SEC), 300);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_SHORT_USD], now, 60 * SEC), 660);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_SHORT_BASE], now, 60 * SEC), 6);
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (int k = 0; k < 4; k++) {
        e.u.liq.qty = bad[k];
        ck_assert_int_eq(put(e), E_RANGE);
    }
    e.u.liq.qty = 1;
    e.u.liq.px = e.u.liq.fill_px = NAN;
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert_uint_eq(count(MC_RANGE), 5);
}
END_TEST

/* A sparse feed knows zero from its ack on; when it is down it knows nothing. */
START_TEST(test_flow_knowledge)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .venue = 0, .channel = CH_LIQ, .inst = INST_NONE, .conn = conn, .sparse = true};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    live_tick(l, T0 + SEC);
    market_tick(m, T0 + SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 100 * SEC, 60 * SEC)));
    live_acked(l, 0, CH_LIQ, INST_NONE, T0 + SEC);
    market_tick(m, T0 + 2 * SEC);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 62 * SEC, 60 * SEC), 0);
    ck_assert(isnan(series_sum(&s->s[S_BUY_USD], T0 + 62 * SEC, 60 * SEC))); /* no such feed */
    live_link(l, 0, conn, false, T0 + 70 * SEC);
    market_link_down(m, 0, conn, T0 + 70 * SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 71 * SEC, 60 * SEC)));
    live_tick(l, T0 + 71 * SEC);
    market_tick(m, T0 + 71 * SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 72 * SEC, 60 * SEC)));
}
END_TEST

START_TEST(test_trades)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(trade("BTCUSDT", 10, true, T0 + 1)), 0);
    ck_assert_int_eq(put(trade("BTCUSDT", 10, true, T0 + 2)), E_DUP); /* the other connection */
    ck_assert_int_eq(put(trade("BTCUSDT", 9, false, T0 + 3)), 0);     /* ids need not rise */
    struct event e = trade("BTCUSDT", 8, true, T0 + 4);
    e.u.trade.backfill = true;
    ck_assert_int_eq(put(e), 0); /* older: remembered, not counted as flow */
    ck_assert_int_eq(put(trade("BTCUSDT", 8, true, T0 + 5)), E_DUP);
    ck_assert_double_eq(series_sum(&s->s[S_BUY_USD], T0 + 60 * SEC, 60 * SEC), 100);
    ck_assert_double_eq(series_sum(&s->s[S_SELL_USD], T0 + 60 * SEC, 60 * SEC), 100);
    ck_assert_uint_eq(count(MC_DUP), 2);
    ck_assert_int_eq(s->last_trade_id, 8);
}
END_TEST

START_TEST(test_quotes)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(quote("BTCUSDT", 99, NAN, 5, T0)), 0);
    ck_assert(isnan(last(s, S_MID))); /* one side is no mid */
    ck_assert_int_eq(put(quote("BTCUSDT", NAN, 101, 6, T0)), 0);
    ck_assert_double_eq(last(s, S_MID), 100);
    ck_assert_int_eq(put(quote("BTCUSDT", 50, 60, 6, T0)), E_DUP);
    ck_assert_int_eq(put(quote("BTCUSDT", 50, 60, 4, T0)), E_STALE);
    ck_assert_double_eq(last(s, S_MID), 100);
    struct event e = quote("BTCUSDT", NAN, 103, 7, T0);
    e.none = NONE_BID; /* the venue says there is no bid */
    ck_assert_int_eq(put(e), 0);
    ck_assert(isnan(s->quote.bid_px));
    ck_assert_double_eq(s->quote.ask_px, 103);
    ck_assert_int_eq(put(quote("BTCUSDT", 1, 3, 1, T0 + 6 * SEC)), 0); /* a new sequence */
    ck_assert_double_eq(last(s, S_MID), 2);
    ck_assert_int_eq(put(quote("BTCUSDT", -1, 3, 2, T0 + 6 * SEC)), E_RANGE);
    ck_assert_int_eq(put(quote("BTCUSDT", 1, INFINITY, 2, T0 + 6 * SEC)), E_RANGE);
}
END_TEST

START_TEST(test_refusals)
{
    uint32_t stub;
    ck_assert_int_eq(put(px(EV_MARK, "NOPEUSDT", 1, T0)), E_NOSPEC);
    ck_assert_uint_eq(last_inst, INST_NONE);
    struct event e = px(EV_MARK, "BTCUSDT", 1, T0);
    e.symbol = (struct slice){NULL, 0}; /* named by a position that no list explains */
    e.ord = 3;
    ck_assert_int_eq(put(e), E_NOSPEC);
    ck_assert_uint_eq(count(MC_NO_SPEC), 2);
    e = event(EV_SPEC, "STUBUSDT", 0, T0);
    e.u.spec.partial = true;
    e.u.spec.linear = -1;
    ck_assert_int_eq(put(e), 0);
    stub = last_inst;
    ck_assert_int_eq(market_track(m, stub, T0), E_RANGE);
    ck_assert_int_eq(put(oi("STUBUSDT", 5, QTY_BASE, T0)), E_UNIT); /* only a stub: not proven */
    ck_assert_uint_eq(last_inst, stub);
    ck_assert_int_eq(put(spec("XUSDT", "X", NAN, QTY_UNSAID)), 0);
    ck_assert_int_eq(put(oi("XUSDT", 5, QTY_CT, T0)), E_UNIT);
    ck_assert_int_eq(put(oi("XUSDT", 5, QTY_UNSAID, T0)), E_UNIT);
    ck_assert_uint_eq(count(MC_UNIT_UNPROVEN), 3);
    ck_assert_int_eq(put(oi("XUSDT", -5, QTY_BASE, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", 0, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", -1, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", NAN, T0)),
                     0); /* the venue has none: nothing to say */
    e = px(EV_MARK, "BTCUSD_PERP", 1, T0);
    e.segment = 1;
    ck_assert_int_eq(put(e), E_SEGMENT);
    ck_assert_uint_eq(count(MC_SEGMENT), 1);
    ck_assert_int_eq(put(spec("", "X", 1, QTY_BASE)), E_MISSING);
    ck_assert_int_eq(put(event(EV_CONTROL, "", 0, T0)), 0);
    ck_assert_int_eq(put(event(EV_FUND, "", 0, T0)), E_MISSING); /* of no pool */
    /* known but not tracked: bulk only, and counted */
    uint64_t before = count(MC_NOT_TRACKED);
    ck_assert_int_eq(put(spec("YUSDT", "Y", 1, QTY_BASE)), 0);
    ck_assert_int_eq(put(px(EV_MARK, "YUSDT", 10, T0)), 0);
    ck_assert_int_eq(put(oi("YUSDT", 7, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put(book("YUSDT", 10, .01, 5, T0)), 0);
    ck_assert_uint_eq(count(MC_NOT_TRACKED), before + 3);
    ck_assert_double_eq(market_bulk_oi_usd(m, last_inst), 70);
    for (int k = 0; k < MC_COUNTS; k++)
        ck_assert(strcmp(market_count_name((enum market_count)k), "unknown") != 0);
}
END_TEST

START_TEST(test_bulk_volume)
{
    ck_assert_int_eq(put(spec("XUSDT", "X", 1, QTY_BASE)), 0);
    uint32_t x = last_inst;
    struct event e = event(EV_STAT, "XUSDT", 0, T0);
    e.u.stat.what = STAT_VOLUME_24H_BASE;
    e.u.stat.value = 20;
    ck_assert(isnan(market_bulk_volume_usd(m, x)));
    ck_assert_int_eq(put(e), 0);
    ck_assert(isnan(market_bulk_volume_usd(m, x)));
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", 3, T0)), 0);
    ck_assert_double_eq(market_bulk_volume_usd(m, x), 60);
    e.u.stat.what = STAT_VOLUME_24H_USD;
    e.u.stat.value = 77;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(market_bulk_volume_usd(m, x), 77); /* said beats computed */
    e.u.stat.value = -1;
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert(isnan(market_bulk_oi_usd(m, DIR_INSTRUMENTS_MAX)));
}
END_TEST

START_TEST(test_coins)
{
    bool known = true;
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), 1);
    ck_assert(!known);
    ck_assert_double_eq(market_usd_per(m, SLICE("USD"), &known), 1);
    ck_assert(known);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", .9987, T0)), 0);
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), .9987);
    ck_assert(known);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", .99, T0)), 0);
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), .99);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", 0, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_INDEX, "USD", 1, T0)), E_NOSPEC);
    ck_assert_int_eq(put(px(EV_MARK, "USDCUSD", 1, T0)), E_NOSPEC); /* only an index is a rate */
    char name[16];
    for (int k = 1; k < 64; k++) {
        snprintf(name, sizeof name, "C%dUSD", k);
        ck_assert_int_eq(put(px(EV_INDEX, name, 1, T0)), 0);
    }
    ck_assert_int_eq(put(px(EV_INDEX, "LASTUSD", 1, T0)), E_LIMIT);
}
END_TEST

START_TEST(test_levels)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_MARK, .inst = INST_NONE, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    level(s, S_MARK, T0, R_WARMUP);
    struct event e = px(EV_MARK, "BTCUSDT", 100, T0);
    e.t_venue_us = T0 - 59 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, T0 - 59 * SEC);
    ck_assert_double_eq(level(s, S_MARK, T0 + 5 * SEC, R_KNOWN), 100);
    level(s, S_MARK, T0 + 5 * SEC + 1, R_STALE); /* 5 s unless told otherwise */
    live_link(l, 0, conn, false, T0 + 6 * SEC);
    level(s, S_MARK, T0 + 7 * SEC, R_DOWN);
    level(s, S_INDEX, T0 + 7 * SEC, R_WARMUP); /* nobody knows yet who feeds it */
    ck_assert_int_eq(put(oi("BTCUSDT", 3, QTY_BASE, T0)), 0);
    ck_assert_double_eq(level(s, S_OI_BASE, T0 + 45 * SEC, R_KNOWN), 3); /* its own age limit */
    level(s, S_OI_BASE, T0 + 46 * SEC, R_STALE);
    /* a stamp a minute away is not used */
    e.t_venue_us = T0 - 61 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, 0);
    e.t_venue_us = T0 + 61 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, 0);
    ck_assert_uint_eq(count(MC_SKEW), 2);
}
END_TEST

START_TEST(test_funding)
{
    struct event sp = spec("BTCUSDT", "BTC", 1, QTY_BASE);
    sp.u.spec.funding_interval_h = 8;
    ck_assert_int_eq(put(sp), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), 0);
    const struct slot *s = market_slot(m, last_inst);
    ck_assert_double_eq(s->fund_interval_h, 8);
    struct event e = event(EV_FUNDING, "BTCUSDT", CH_MARK, T0);
    e.u.funding = (struct ev_funding){.0001, NAN, T0 + 3600 * SEC, false};
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_FUND_RATE), .0001);
    ck_assert_int_eq(s->fund_next_us, T0 + 3600 * SEC);
    ck_assert_double_eq(s->fund_interval_h, 8);
    e.u.funding.predicted = true; /* a later period's */
    e.u.funding.rate = .5;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_FUND_RATE), .0001);
    e.u.funding = (struct ev_funding){.0002, 4, 0, false};
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(s->fund_interval_h, 4);
    e.u.funding.interval_h = 0;
    ck_assert_int_eq(put(e), E_RANGE);
    e.u.funding = (struct ev_funding){INFINITY, NAN, 0, false};
    ck_assert_int_eq(put(e), E_RANGE);
    sp.u.spec.partial = true;
    sp.u.spec.funding_interval_h = 1;
    ck_assert_int_eq(put(sp), 0);
    ck_assert_double_eq(s->fund_interval_h, 1);
}
END_TEST

UNIT_MAIN("market", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, test_open_interest); tcase_add_test(tc, test_multiplier);
          tcase_add_test(tc, test_value_of_open_interest); tcase_add_test(tc, test_liquidations);
          tcase_add_test(tc, test_flow_knowledge); tcase_add_test(tc, test_trades);
          tcase_add_test(tc, test_quotes); tcase_add_test(tc, test_refusals);
          tcase_add_test(tc, test_bulk_volume); tcase_add_test(tc, test_coins);
          tcase_add_test(tc, test_levels); tcase_add_test(tc, test_funding);)
