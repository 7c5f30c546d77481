/* Proves feed measures: age, overdue against the limit that liveness uses, states, down and refused
 * feeds, rows of feeds that come and go, and the counts of the process. */
#include "market_fixture.h"

static struct subject feed(int venue, int channel)
{
    return (struct subject){MT_FEED, (uint8_t)venue, (uint8_t)channel, INST_NONE};
}

static const struct subject process = {MT_PROCESS, 255, 255, INST_NONE};

static bool handed_out(const struct fx *f, struct subject s)
{
    for (int i = 0; i < f->n_rows; i++)
        if (fx_same(f->row[i], s))
            return true;
    return false;
}

START_TEST(test_age_and_overdue)
{
    struct fx *f = fx_new();
    fx_list(f, 0, "BTC", "BTC", 0);
    fx_tick(f);
    fx_unknown(f, feed(0, EV_MARK), "feed_age_s", R_WARMUP);
    fx_is(f, feed(0, EV_MARK), "feed_overdue_frac", 1 / 60.0,
          1e-12); /* waits for its first datum */
    fx_is(f, feed(0, EV_MARK), "feed_state", LIVE_WAITING, 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    for (int i = 0; i < 30; i++)
        fx_tick(f);
    fx_is(f, feed(0, EV_MARK), "feed_age_s", 30, 1e-12);
    fx_is(f, feed(0, EV_MARK), "feed_overdue_frac", 0.5, 1e-12);
    fx_is(f, feed(0, EV_MARK), "feed_state", LIVE_OK, 0);
    fx_is(f, feed(0, EV_MARK), "feed_down_s", 0, 0);
    fx_unknown(f, feed(0, EV_LIQ), "feed_overdue_frac", R_NOT_TRACKED); /* sparse: no limit */
    for (int i = 0; i < 30; i++)
        fx_tick(f);
    fx_is(f, feed(0, EV_MARK), "feed_overdue_frac", 1, 1e-12);
    fx_is(f, feed(0, EV_MARK), "feed_state", LIVE_SILENT, 0);
    ck_assert(handed_out(f, feed(0, EV_MARK))); /* at once: its state changed */
    fx_free(f);
}
END_TEST

START_TEST(test_down_and_refused)
{
    struct fx *f = fx_new();
    fx_list(f, 0, "BTC", "BTC", 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    fx_links(f, 0, false);
    fx_tick(f);
    fx_unknown(f, feed(0, EV_MARK), "feed_overdue_frac", R_DOWN);
    fx_is(f, feed(0, EV_MARK), "feed_state", LIVE_DOWN, 0);
    fx_is(f, feed(0, EV_MARK), "feed_down_s", 2, 1e-12);
    fx_is(f, feed(0, EV_MARK), "feed_age_s", 2, 1e-12);
    fx_is(f, process, "venues_down", 1, 0);
    fx_is(f, process, "feeds_down", EV_KINDS, 0);
    live_refused(f->live, 1, EV_BOOK, INST_NONE, f->now_us);
    fx_tick(f);
    fx_is(f, feed(1, EV_BOOK), "feed_state", LIVE_REFUSED, 0);
    fx_unknown(f, feed(1, EV_BOOK), "feed_overdue_frac", R_THROTTLED);
    fx_is(f, process, "feeds_refused", 1, 0);
    fx_is(f, process, "assets_tracked", 1, 0);
    struct cell sum = {0, 0};
    static const char *const names[] = {"feeds_live", "feeds_waiting", "feeds_silent", "feeds_down",
                                        "feeds_refused"};
    for (int i = 0; i < 5; i++)
        sum.value += fx_cell(f, process, names[i]).value;
    ck_assert_double_eq(sum.value, FX_VENUES * EV_KINDS);
    fx_free(f);
}
END_TEST

START_TEST(test_feeds_come_and_go)
{
    struct fx *f = fx_new();
    fx_tick(f);
    ck_assert_ptr_nonnull(risk_row(f->risk, feed(2, EV_FUND)));
    live_unwant(f->live, 2, EV_FUND, INST_NONE, f->now_us);
    fx_tick(f);
    ck_assert_ptr_null(risk_row(f->risk, feed(2, EV_FUND)));
    int told = 0;
    for (int i = 0; i < f->n_reasons; i++)
        told += fx_same(f->reason[i].s, feed(2, EV_FUND)) && f->reason[i].now == R_NOT_TRACKED;
    ck_assert_int_eq(told, 8); /* each of its cells that ever was tracked */
    struct live_row row = {.venue = 2, .channel = 77, .conn = FX_CONN, .inst = 5, .first_s = 10};
    ck_assert_int_ge(live_want(f->live, &row, f->now_us), 0);
    fx_tick(f);
    struct subject s = {MT_FEED, 2, 77, 5};
    ck_assert_ptr_nonnull(risk_row(f->risk, s));
    ck_assert(handed_out(f, s));
    fx_is(f, s, "feed_state", LIVE_WAITING, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_rows_every_ten_seconds)
{
    struct fx *f = fx_new();
    int feeds = 0, processes = 0;
    for (int i = 0; i < 12; i++) /* states settle, first rows are out */
        fx_tick(f);
    for (int i = 0; i < 20; i++) {
        fx_tick(f);
        feeds += handed_out(f, feed(1, EV_MARK));
        processes += handed_out(f, process);
    }
    ck_assert_int_eq(feeds, 2);
    ck_assert_int_eq(processes, 2);
    fx_free(f);
}
END_TEST

/* What the store lost counts for a minute, summed over notes; nonsense is refused. */
START_TEST(test_losses)
{
    struct fx *f = fx_new();
    fx_tick(f);
    fx_is(f, process, "store_refused_1m", 0, 0);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("refused"), 3, f->now_us), 0);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("refused"), 1, f->now_us + 1), 0);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("unkept"), 1, f->now_us), 0);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("stolen"), 1, f->now_us), E_UNKNOWN);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("shed"), 0, f->now_us), E_RANGE);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("shed"), NAN, f->now_us), E_RANGE);
    fx_tick(f);
    fx_is(f, process, "store_refused_1m", 4, 0);
    fx_is(f, process, "store_unkept_1m", 1, 0);
    fx_is(f, process, "store_shed_1m", 0, 0);
    ck_assert(handed_out(f, process)); /* at once: a count has changed */
    for (int i = 0; i < 30; i++)
        fx_tick(f);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("refused"), 10, f->now_us), 0);
    for (int i = 0; i < 28; i++)
        fx_tick(f);
    fx_is(f, process, "store_refused_1m", 14, 0);
    fx_tick(f);
    fx_is(f, process, "store_refused_1m", 10, 0); /* the first ones are a minute old */
    for (int i = 0; i < 31; i++)
        fx_tick(f);
    fx_is(f, process, "store_refused_1m", 0, 0);
    ck_assert_int_eq(risk_note_loss(f->risk, SLICE("refused"), 2, f->now_us), 0);
    fx_tick(f);
    fx_is(f, process, "store_refused_1m", 2, 0); /* a slot that was used before begins anew */
    fx_free(f);
}
END_TEST

UNIT_MAIN("metric_feed", tcase_add_test(tc, test_age_and_overdue);
          tcase_add_test(tc, test_down_and_refused); tcase_add_test(tc, test_feeds_come_and_go);
          tcase_add_test(tc, test_rows_every_ten_seconds); tcase_add_test(tc, test_losses);)
