/* Proves what the market keeps beside series: insurance funds by pool, instrument and family, coins
 * by venue, account ratios, volumes with their age, and the delay of channels against the venue's
 * stamps. */
#include "market_unit.h"

static struct event fund(const char *symbol, const char *pool, double usd, int64_t t)
{
    struct event e = event(EV_FUND, symbol, 7, t);
    if (!*symbol)
        e.symbol = (struct slice){NULL, 0};
    e.u.fund.pool = slice_of(pool);
    e.u.fund.balance_usd = usd;
    return e;
}

static struct event adl(const char *symbol, const char *pool, double drawdown, double trigger)
{
    struct event e = fund(symbol, pool, NAN, T0 + SEC);
    e.u.fund.drawdown_frac = drawdown;
    e.u.fund.trigger_frac = trigger;
    return e;
}

START_TEST(test_funds_by_instrument)
{
    const struct slot *s = track("XUSDT", "X", 1, QTY_BASE);
    ck_assert_ptr_null(market_fund(m, s->inst));
    ck_assert_ptr_null(market_fund(m, INST_NONE));
    struct event e = fund("", "XUSDT/USDT", 5e5, T0); /* a pool that only its name ties to X */
    e.t_venue_us = T0 - 60 * SEC;
    ck_assert_int_eq(put(e), 0);
    const struct fund *f = market_fund(m, s->inst);
    ck_assert_ptr_nonnull(f);
    ck_assert_double_eq(f->balance_usd, 5e5);
    ck_assert_int_eq(f->t_balance_us, T0 - 60 * SEC);
    ck_assert_int_eq(f->t_adl_us, 0);
    ck_assert_int_eq(put(adl("XUSDT", "XUSDT/USDT", -.35, -.3)), 0);
    f = market_fund(m, s->inst);
    ck_assert_double_eq(f->balance_usd, 5e5); /* the alert did not say it in dollars */
    ck_assert_double_eq(f->drawdown_frac, -.35);
    ck_assert_int_eq(f->t_adl_us, T0 + SEC);
    ck_assert_uint_eq(market_funds(m)->n, 1);
    e = adl("XUSDT", "XUSDT/USDT", INFINITY, -.3);
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert_double_eq(market_fund(m, s->inst)->drawdown_frac, -.35);
    /* the same name on another venue is another pool */
    ck_assert_int_eq(put_from(1, conn, fund("", "XUSDT/USDT", 1, T0)), 0);
    ck_assert_uint_eq(market_funds(m)->n, 2);
    ck_assert_double_eq(market_fund(m, s->inst)->balance_usd, 5e5);
}
END_TEST

/* A family's fund is told before its instrument is known, and covers it once it is. */
START_TEST(test_funds_by_family)
{
    struct event e = fund("", "BTC-USDT", 2.8e8, T0);
    e.u.fund.state = SLICE("warning");
    ck_assert_int_eq(put(e), 0);
    struct event x = spec("BTC-USDT-SWAP", "BTC", .01, QTY_BASE);
    x.u.spec.index = SLICE("BTC-USDT");
    ck_assert_int_eq(put(x), 0);
    uint32_t inst = last_inst;
    ck_assert_ptr_null(market_fund(m, inst));
    ck_assert_int_eq(put(e), 0);
    ck_assert_ptr_nonnull(market_fund(m, inst));
    ck_assert_str_eq(market_fund(m, inst)->state, "warning");
    ck_assert_int_eq(put(fund("", "total", 7e8, T0)), 0); /* of the venue: kept, covers none */
    ck_assert_uint_eq(market_funds(m)->n, 2);
    ck_assert_str_eq(market_fund(m, inst)->pool, "BTC-USDT");
    ck_assert_int_eq(put(fund("", "", 1, T0)), E_MISSING);
}
END_TEST

START_TEST(test_funds_are_bounded)
{
    char pool[80];
    for (int i = 0; i < FUNDS_MAX; i++) {
        snprintf(pool, sizeof pool, "p%d", i);
        ck_assert_int_eq(put(fund("", pool, i, T0)), 0);
    }
    ck_assert_int_eq(put(fund("", "one more", 1, T0)), E_LIMIT);
    ck_assert_uint_eq(market_funds(m)->dropped, 1);
    ck_assert_int_eq(put(fund("", "p5", 55, T0)), 0); /* the known ones go on */
    ck_assert_double_eq(market_funds(m)->f[5].balance_usd, 55);
    memset(pool, 'x', sizeof pool - 1);
    pool[sizeof pool - 1] = 0;
    ck_assert_int_lt(put(fund("", pool, 1, T0)), 0); /* too long a name */
}
END_TEST

static int coin(uint8_t venue, const char *name, double usd, int64_t t)
{
    return put_from(venue, conn, px(EV_INDEX, name, usd, t));
}

START_TEST(test_coins_by_venue)
{
    uint8_t why;
    bool known;
    ck_assert_int_eq(coin(0, "USDTUSD", .999, T0), 0);
    ck_assert(isnan(market_coin_usd(m, 1, SLICE("USDT"), T0, &why)));
    ck_assert_uint_eq(why, R_NOT_TRACKED);
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), .999);
    ck_assert_int_eq(coin(1, "USDT-USD", .65, T0), 0);
    ck_assert_double_eq(market_coin_usd(m, 0, SLICE("USDT"), T0, &why), .999);
    ck_assert_double_eq(market_coin_usd(m, 1, SLICE("USDT"), T0, &why), .65);
    ck_assert_uint_eq(why, R_KNOWN);
    ck_assert_double_eq_tol(market_usd_per(m, SLICE("USDT"), &known), (.999 + .65) / 2, 1e-15);
    ck_assert(isnan(market_coin_usd(m, 1, SLICE("USDT"), T0 + 61 * SEC, &why)));
    ck_assert_uint_eq(why, R_STALE);
    ck_assert_int_eq(coin(0, "USDTUSD", 1, T0 + 130 * SEC),
                     0); /* the other is too old for a vote */
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), 1);
    ck_assert_int_eq(market_coins(m), 1);
    ck_assert_str_eq(market_coin_name(m, 0), "USDT");
    ck_assert_int_eq(coin(0, "-USD", 1, T0), E_RANGE);
    ck_assert_int_eq(coin(0, "USDEUSD", 0, T0), E_RANGE);
    ck_assert_int_eq(coin(0, "USDEUSD", INFINITY, T0), E_RANGE);
}
END_TEST

START_TEST(test_accounts_and_volume)
{
    uint8_t why;
    const struct slot *s = track("XUSDT", "X", 1, QTY_BASE);
    struct event e = event(EV_STAT, "XUSDT", 0, T0);
    e.u.stat.what = STAT_LONG_ACCOUNT_FRAC;
    e.u.stat.value = .7;
    ck_assert(isnan(market_long_frac(s, T0, &why)));
    ck_assert_uint_eq(why, R_WARMUP);
    ck_assert_int_eq(put_from(0, CONN_REST, e), 0);
    ck_assert_double_eq(market_long_frac(s, T0 + 900 * SEC, &why), .7);
    ck_assert(isnan(market_long_frac(s, T0 + 961 * SEC, &why)));
    ck_assert_uint_eq(why, R_STALE);
    e.u.stat.value = 1.2;
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert_double_eq(market_long_frac(s, T0, &why), .7);
    ck_assert(isnan(market_volume_usd(m, s, T0, &why)));
    ck_assert_uint_eq(why, R_WARMUP);
    e.u.stat = (struct ev_stat){STAT_VOLUME_24H_BASE, 20, 86400};
    ck_assert_int_eq(put(e), 0);
    ck_assert(isnan(market_volume_usd(m, s, T0, &why)));
    ck_assert_uint_eq(why, R_NOT_TRACKED); /* in coins, and no price */
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", 3, T0)), 0);
    ck_assert_double_eq(market_volume_usd(m, s, T0, &why), 60);
    ck_assert(isnan(market_volume_usd(m, s, T0 + 3601 * SEC, &why)));
    ck_assert_uint_eq(why, R_STALE);
}
END_TEST

static void stamped(int64_t t, int64_t ahead_us, uint8_t from)
{
    struct event e = px(EV_MARK, "XUSDT", 3, t);
    e.t_venue_us = t + ahead_us;
    ck_assert_int_eq(put_from(0, from, e), 0);
}

START_TEST(test_delay)
{
    struct market_delay x;
    track("XUSDT", "X", 1, QTY_BASE);
    ck_assert_int_eq(market_delay(m, 0, CH_MARK, T0, &x), 0);
    for (int i = 0; i < 19; i++)
        stamped(T0 + i * SEC, -50000, conn);
    ck_assert_int_eq(market_delay(m, 0, CH_MARK, T0 + 19 * SEC, &x), 19);
    ck_assert(isnan(x.median_ms));
    for (int i = 19; i < 60; i++) {
        stamped(T0 + i * SEC, i % 2 ? -50000 : -70000, conn);
        stamped(T0 + i * SEC + 1000, -9000000, conn);        /* within the gap: thinned */
        stamped(T0 + i * SEC + 600000, 30 * SEC, CONN_REST); /* polls do not count */
    }
    stamped(T0 + 60 * SEC, 3000 * SEC, conn); /* one absurd stamp does not move a median */
    ck_assert_int_eq(market_delay(m, 0, CH_MARK, T0 + 60 * SEC, &x), 61);
    ck_assert_double_eq(x.median_ms, 50);
    ck_assert_double_eq(x.mad_ms, 0);
    ck_assert_uint_eq(market_delay_teller(m, 0, CH_MARK), INST_NONE);
    ck_assert_uint_eq(market_delay_teller(m, 0, 200), INST_NONE);
    for (int i = 61; i < 130; i++)
        stamped(T0 + i * SEC, 7000000, conn); /* the venue's clock runs ahead */
    market_delay(m, 0, CH_MARK, T0 + 130 * SEC, &x);
    ck_assert_double_eq(x.median_ms, -7000);
    ck_assert_int_eq(market_delay(m, 0, CH_MARK, T0 + 300 * SEC, &x),
                     0); /* old ones have no vote */
    ck_assert_int_eq(market_delay(m, 0, 200, T0, &x), 0);
    ck_assert_int_eq(market_delay(m, 99, CH_MARK, T0, &x), 0);
}
END_TEST

UNIT_MAIN("market_told", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, test_funds_by_instrument); tcase_add_test(tc, test_funds_by_family);
          tcase_add_test(tc, test_funds_are_bounded); tcase_add_test(tc, test_coins_by_venue);
          tcase_add_test(tc, test_accounts_and_volume); tcase_add_test(tc, test_delay);)
