/* Proves the cross-checks of a feed: polls that fail in a row, subscriptions that were acknowledged
 * and never spoke (over reconnects, without the time the link was down), and that a rate is judged
 * for streams that speak and left to the timer when they are silent. */
#include "market_fixture.h"

#define REST_CHANNEL 70
#define SPARSE       71

static struct subject feed(int channel)
{
    return (struct subject){MT_FEED, 0, (uint8_t)channel, INST_NONE};
}

static struct fx *feeds(void)
{
    struct fx *f = fx_new();
    struct live_row poll = {.channel = REST_CHANNEL,
                            .conn = CONN_REST,
                            .inst = INST_NONE,
                            .first_s = 60,
                            .silent_s = 60,
                            .period_s = 5};
    struct live_row sparse = {
        .channel = SPARSE, .conn = FX_CONN, .inst = INST_NONE, .first_s = 100, .sparse = true};
    fx_must(live_want(f->live, &poll, f->now_us));
    fx_must(live_want(f->live, &sparse, f->now_us));
    return f;
}

static void ticks(struct fx *f, int n)
{
    for (int i = 0; i < n; i++)
        fx_tick(f);
}

START_TEST(test_polls)
{
    struct fx *f = feeds();
    ticks(f, 1);
    fx_is(f, feed(REST_CHANNEL), "feed_poll_fails", 0, 0);
    fx_unknown(f, feed(SPARSE), "feed_poll_fails", R_NOT_TRACKED);
    for (int i = 1; i <= 3; i++) {
        live_poll_failed(f->live, 0, REST_CHANNEL, INST_NONE, f->now_us);
        ticks(f, 1);
        fx_is(f, feed(REST_CHANNEL), "feed_poll_fails", i, 0);
    }
    live_data(f->live, 0, REST_CHANNEL, INST_NONE, f->now_us);
    ticks(f, 1);
    fx_is(f, feed(REST_CHANNEL), "feed_poll_fails", 0, 0);
    for (int i = 0; i < 1000; i++) /* it stops counting, it does not start again */
        live_poll_failed(f->live, 0, REST_CHANNEL, INST_NONE, f->now_us);
    ticks(f, 1);
    fx_is(f, feed(REST_CHANNEL), "feed_poll_fails", UINT8_MAX, 0);
    live_poll_failed(f->live, 0, 99, 12345, f->now_us); /* a feed nobody wants */
    fx_unknown(f, feed(REST_CHANNEL), "feed_rate_z", R_NOT_TRACKED);
    fx_unknown(f, feed(REST_CHANNEL), "feed_unheard_frac", R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

START_TEST(test_never_heard)
{
    struct fx *f = feeds();
    ticks(f, 50);
    fx_unknown(f, feed(SPARSE), "feed_unheard_frac", R_WARMUP); /* nobody acknowledged it */
    live_acked(f->live, 0, SPARSE, INST_NONE, f->now_us);
    ticks(f, 40);
    fx_is(f, feed(SPARSE), "feed_unheard_frac", 0.4, 1e-12);
    live_acked(f->live, 0, SPARSE, INST_NONE, f->now_us); /* a second ack does not start anew */
    ticks(f, 20);
    fx_is(f, feed(SPARSE), "feed_unheard_frac", 0.6, 1e-12);
    fx_links(f, 0, false);
    ticks(f, 500);
    fx_unknown(f, feed(SPARSE), "feed_unheard_frac", R_DOWN);
    fx_links(f, 0, true);
    ticks(f, 5);
    fx_unknown(f, feed(SPARSE), "feed_unheard_frac", R_WARMUP);
    live_acked(f->live, 0, SPARSE, INST_NONE, f->now_us);
    ticks(f, 40); /* 60 s before, 40 after: the hours without a link do not count */
    fx_is(f, feed(SPARSE), "feed_unheard_frac", 1, 1e-12);
    live_data(f->live, 0, SPARSE, INST_NONE, f->now_us);
    ticks(f, 1);
    fx_is(f, feed(SPARSE), "feed_unheard_frac", 0, 0);
    ticks(f, 5000); /* a sparse channel that spoke once is never unheard again */
    fx_is(f, feed(SPARSE), "feed_unheard_frac", 0, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_refused_is_not_unheard)
{
    struct fx *f = feeds();
    live_acked(f->live, 0, SPARSE, INST_NONE, f->now_us);
    ticks(f, 10);
    live_refused(f->live, 0, SPARSE, INST_NONE, f->now_us);
    ticks(f, 200);
    fx_unknown(f, feed(SPARSE), "feed_unheard_frac", R_THROTTLED);
    fx_unknown(f, feed(SPARSE), "feed_rate_z", R_THROTTLED);
    fx_unknown(f, feed(EV_FUND), "feed_unheard_frac", R_WARMUP); /* never acknowledged */
    fx_free(f);
}
END_TEST

static void speak(struct fx *f, int per_s, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        for (int k = 0; k < per_s; k++)
            live_data(f->live, 0, EV_QUOTE, INST_NONE, f->now_us);
        fx_tick(f);
    }
}

START_TEST(test_rate)
{
    struct fx *f = feeds();
    speak(f, 10, 600);
    fx_unknown(f, feed(EV_QUOTE), "feed_rate_z", R_WARMUP);
    fx_is(f, feed(EV_QUOTE), "feed_rate_per_s", 10, 1e-9);
    speak(f, 10, 90);
    fx_is(f, feed(EV_QUOTE), "feed_rate_usual_per_s", 10, 1e-9);
    ck_assert_double_eq_tol(fx_cell(f, feed(EV_QUOTE), "feed_rate_z").value, 0, 1e-9);
    speak(f, 1, 60);
    ck_assert_double_lt(fx_cell(f, feed(EV_QUOTE), "feed_rate_z").value, -6);
    speak(f, 10, 60);
    speak(f, 100, 60);
    ck_assert_double_gt(fx_cell(f, feed(EV_QUOTE), "feed_rate_z").value, 6);
    speak(f, 10, 60);
    speak(f, 0, 45); /* silent altogether: the timer's, which is not up yet */
    fx_unknown(f, feed(EV_QUOTE), "feed_rate_z", R_WARMUP);
    fx_links(f, 0, false);
    ticks(f, 1);
    fx_unknown(f, feed(EV_QUOTE), "feed_rate_per_s", R_DOWN);
    fx_is(f, feed(EV_QUOTE), "feed_rate_usual_per_s", 10, 0.2); /* what is usual is kept */
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_feed_check", tcase_add_test(tc, test_polls); tcase_add_test(tc, test_never_heard);
          tcase_add_test(tc, test_refused_is_not_unheard); tcase_add_test(tc, test_rate);)
