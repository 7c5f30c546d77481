/* Proves: where a feed tells only what changed, a level holds while the feed lives, no longer, not
 * over a new link, and not when the venue says there is none; where it tells everything nothing is
 * held; and what a poll says of an instrument whose stream lives enters no series. */
#include "market_unit.h"

static void begin(bool merged)
{
    struct market_conf c = {.max_slots = 8, .book_levels = 200, .book_pending = 16};
    for (int k = EV_MARK; k <= EV_OI; k++)
        c.feeder[0][k] = CH_MARK + 1;
    c.merged[0] = merged ? 1u << EV_MARK | 1u << EV_FUNDING | 1u << EV_OI : 0;
    market_free(m);
    m = market_new(&c, d, l);
    ck_assert(m != NULL);
}

/* A tracked instrument with a live feed that spoke at t. */
static const struct slot *live_slot(int64_t t)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {.venue = 0,
                         .channel = CH_MARK,
                         .inst = s->inst,
                         .conn = conn,
                         .first_s = 30,
                         .silent_s = 30};
    ck_assert_int_eq(live_want(l, &r, t), 0);
    live_link(l, 0, conn, true, t);
    live_data(l, 0, CH_MARK, s->inst, t);
    return s;
}

/* Ticks from the second after t on; the feed speaks of something else each second. */
static int64_t ticks(const struct slot *s, int64_t t, int n, bool speaks)
{
    for (int i = 0; i < n; i++) {
        t += SEC;
        if (speaks)
            live_data(l, 0, CH_MARK, s->inst, t);
        live_tick(l, t);
        market_tick(m, t);
    }
    return t;
}

static double level_at(const struct slot *s, enum series_id id, int64_t t)
{
    uint8_t why;
    return market_level(m, s, id, t, &why);
}

static struct event funding(double rate, uint32_t none, int64_t t)
{
    struct event e = event(EV_FUNDING, "BTCUSDT", CH_MARK, t);
    e.u.funding = (struct ev_funding){rate, NAN, 0, false};
    e.none = none;
    return e;
}

START_TEST(test_unchanged_is_known)
{
    begin(true);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 5, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put(funding(.0001, 0, T0)), 0);
    int64_t t = ticks(s, T0, 400, true);
    ck_assert_double_eq(level_at(s, S_MARK, t), 60000);
    ck_assert_double_eq(level_at(s, S_FUND_RATE, t), .0001);
    ck_assert_double_eq(level_at(s, S_OI_BASE, t), 5);
    ck_assert_double_eq(series_change(&s->s[S_OI_BASE], t, 300 * SEC), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 4, QTY_BASE, t)), 0);
    ck_assert_double_eq(series_change(&s->s[S_OI_BASE], t, 300 * SEC), -1);
}
END_TEST

START_TEST(test_silent_is_unknown)
{
    begin(true);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_double_eq(level_at(s, S_MARK, ticks(s, T0, 25, false)), 60000);
    ck_assert(isnan(level_at(s, S_MARK, ticks(s, T0 + 25 * SEC, 20, false))));
}
END_TEST

START_TEST(test_a_new_link_must_tell_again)
{
    begin(true);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    int64_t t = ticks(s, T0, 5, true);
    live_link(l, 0, conn, false, t);
    live_link(l, 0, conn, true, t + 20 * SEC);
    t = ticks(s, t + 20 * SEC, 5, true); /* it speaks, but of something else */
    ck_assert(isnan(level_at(s, S_MARK, t)));
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60001, t)), 0);
    ck_assert_double_eq(level_at(s, S_MARK, ticks(s, t, 60, true)), 60001);
}
END_TEST

START_TEST(test_none_is_not_held)
{
    begin(true);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 5, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put(funding(.0001, 0, T0)), 0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", NAN, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", NAN, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put(funding(NAN, NONE_RATE, T0)), 0);
    int64_t t = ticks(s, T0, 20, true);
    ck_assert(isnan(level_at(s, S_MARK, t)) && isnan(level_at(s, S_OI_BASE, t)));
    ck_assert(isnan(level_at(s, S_FUND_RATE, t)));
    ck_assert_int_eq(put(funding(.0002, 0, t)), 0);
    ck_assert_int_eq(put(funding(NAN, 0, t)), 0); /* another member: the rate was not mentioned */
    ck_assert_double_eq(level_at(s, S_FUND_RATE, ticks(s, t, 20, true)), .0002);
}
END_TEST

START_TEST(test_full_feeds_are_not_held)
{
    begin(false);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert(isnan(level_at(s, S_MARK, ticks(s, T0, 20, true))));
}
END_TEST

START_TEST(test_polls_behind_a_stream)
{
    begin(false);
    const struct slot *s = live_slot(T0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 5, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put_from(0, CONN_REST, px(EV_MARK, "BTCUSDT", 61000, T0)), 0);
    ck_assert_int_eq(put_from(0, CONN_REST, oi("BTCUSDT", 6, QTY_BASE, T0)), 0);
    ck_assert_double_eq(level_at(s, S_MARK, T0), 60000);
    ck_assert_double_eq(level_at(s, S_OI_BASE, T0), 5);
    int64_t t = ticks(s, T0, 40, false); /* the stream is silent: the poll is all there is */
    ck_assert_int_eq(put_from(0, CONN_REST, oi("BTCUSDT", 7, QTY_BASE, t)), 0);
    ck_assert_double_eq(level_at(s, S_OI_BASE, t), 7);
    ck_assert_int_eq(put_from(0, CONN_REST, oi("BTCUSDT", 8, QTY_BASE, t)), 0);
    ck_assert_double_eq(market_bulk_oi_usd(m, s->inst), 8 * 60000);
}
END_TEST

UNIT_MAIN("market_hold", tcase_add_checked_fixture(tc, setup, teardown);
          tcase_add_test(tc, test_unchanged_is_known); tcase_add_test(tc, test_silent_is_unknown);
          tcase_add_test(tc, test_a_new_link_must_tell_again);
          tcase_add_test(tc, test_none_is_not_held);
          tcase_add_test(tc, test_full_feeds_are_not_held);
          tcase_add_test(tc, test_polls_behind_a_stream);)
