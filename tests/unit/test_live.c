/* Proves: the states of a row through link, ack, data and silence; when renew is raised and that it
 * is not raised again by a reconnect; gaps with both ends and their cause; A/B rotation; polls;
 * sparse rows; limits. */
#include "market/live.h"

#include <string.h>

#include "facts/origin.h"
#include "unit.h"

#define SEC 1000000ll
#define T0  (1700000000ll * SEC)

static struct gap gaps[256];
static int n_gaps;

static void on_gap(void *arg, const struct gap *g)
{
    (void)arg;
    ck_assert_int_lt(n_gaps, 256);
    gaps[n_gaps++] = *g;
}

static struct live *make(void)
{
    n_gaps = 0;
    struct live *l = live_new(on_gap, NULL);
    ck_assert_ptr_nonnull(l);
    return l;
}

static struct live_row row(uint8_t channel, uint32_t inst, uint16_t first_s, uint16_t silent_s)
{
    return (struct live_row){.venue = 1,
                             .channel = channel,
                             .inst = inst,
                             .conn = CONN_SLOT(0, 2, 0),
                             .first_s = first_s,
                             .silent_s = silent_s,
                             .sparse = first_s == 0 && silent_s == 0};
}

static void want(struct live *l, struct live_row r, int64_t t)
{
    ck_assert_int_eq(live_want(l, &r, t), 0);
}

static const struct live_row *at(struct live *l, uint8_t channel, uint32_t inst, int64_t t)
{
    live_tick(l, t);
    const struct live_row *r = live_find(l, 1, channel, inst);
    ck_assert_ptr_nonnull(r);
    return r;
}

static void is_gap(int k, enum gap_cause cause, int64_t from, int64_t to)
{
    ck_assert_int_lt(k, n_gaps);
    ck_assert_str_eq(gap_cause_name((enum gap_cause)gaps[k].cause), gap_cause_name(cause));
    ck_assert_int_eq(gaps[k].t_from_us, from);
    ck_assert_int_eq(gaps[k].t_to_us, to);
}

static const uint8_t conn_a = CONN_SLOT(0, 2, 0), conn_b = CONN_SLOT(0, 2, 1);

START_TEST(test_life)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    ck_assert_int_eq(at(l, 3, 7, T0)->state, LIVE_DOWN);
    live_link(l, 1, conn_a, true, T0 + SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 2 * SEC)->state, LIVE_WAITING);
    live_acked(l, 1, 3, 7, T0 + 2 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 3 * SEC)->state, LIVE_WAITING); /* an ack proves nothing */
    live_data(l, 1, 3, 7, T0 + 4 * SEC);
    const struct live_row *r = at(l, 3, 7, T0 + 8 * SEC);
    ck_assert_int_eq(r->state, LIVE_OK);
    ck_assert_int_eq(r->t_first_us, T0 + 4 * SEC);
    ck_assert_int_eq(n_gaps, 0);
    ck_assert_int_eq(at(l, 3, 7, T0 + 9 * SEC)->state, LIVE_SILENT);
    ck_assert_int_eq(n_gaps, 1);
    is_gap(0, GAP_SILENT, T0 + 4 * SEC, 0); /* begins at the last datum */
    ck_assert_int_eq(at(l, 3, 7, T0 + 10 * SEC)->state, LIVE_SILENT);
    ck_assert_int_eq(n_gaps, 1);
    live_data(l, 1, 3, 7, T0 + 11 * SEC);
    is_gap(1, GAP_SILENT, T0 + 4 * SEC, T0 + 11 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 11 * SEC)->state, LIVE_OK);
    ck_assert_uint_eq(r->n_data, 2);
    ck_assert_uint_eq(r->n_gaps, 1);
    live_free(l);
}
END_TEST

START_TEST(test_renew)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0);
    static const struct {
        int t, renew, n;
    } steps[] = {{4, RENEW_NO, 0},       {5, RENEW_SUBSCRIBE, 1}, {9, RENEW_SUBSCRIBE, 1},
                 {10, RENEW_CONNECT, 2}, {29, RENEW_CONNECT, 2},  {30, RENEW_CONNECT, 3},
                 {49, RENEW_CONNECT, 3}, {50, RENEW_CONNECT, 4}};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        const struct live_row *r = at(l, 3, 7, T0 + steps[k].t * SEC);
        ck_assert_int_eq(r->renew, steps[k].renew);
        ck_assert_int_eq(r->renew_n, steps[k].n);
    }
    live_data(l, 1, 3, 7, T0 + 51 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 51 * SEC)->renew, RENEW_NO);
    ck_assert_int_eq(n_gaps, 2);
    live_free(l);
}
END_TEST

/* A channel that stays mute over a reconnect waits four limits before it asks for the next one. */
START_TEST(test_renew_over_reconnect)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0);
    at(l, 3, 7, T0 + 5 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 10 * SEC)->renew_n, 2);
    live_link(l, 1, conn_a, false, T0 + 11 * SEC);
    live_link(l, 1, conn_a, true, T0 + 12 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 13 * SEC)->state, LIVE_WAITING);
    ck_assert_int_eq(at(l, 3, 7, T0 + 22 * SEC)->state, LIVE_SILENT);
    ck_assert_int_eq(at(l, 3, 7, T0 + 49 * SEC)->renew_n, 2);
    ck_assert_int_eq(at(l, 3, 7, T0 + 50 * SEC)->renew_n,
                     3); /* limit is first_s now: 10 + 4 x 10 */
    is_gap(0, GAP_SILENT, T0, 0);
    ck_assert_int_eq(n_gaps, 1); /* one gap from beginning to end */
    live_data(l, 1, 3, 7, T0 + 60 * SEC);
    is_gap(1, GAP_SILENT, T0, T0 + 60 * SEC);
    live_free(l);
}
END_TEST

START_TEST(test_link_gap)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    want(l, row(3, 8, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0 + SEC);
    live_link(l, 1, conn_a, false, T0 + 3 * SEC);
    ck_assert_int_eq(n_gaps, 1); /* row 8 never knew anything */
    is_gap(0, GAP_LINK_DOWN, T0 + 3 * SEC, 0);
    ck_assert_uint_eq(gaps[0].inst, 7);
    ck_assert_int_eq(at(l, 3, 7, T0 + 4 * SEC)->state, LIVE_DOWN);
    live_link(l, 1, conn_a, true, T0 + 23 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 24 * SEC)->state, LIVE_WAITING);
    live_data(l, 1, 3, 7, T0 + 25 * SEC);
    for (int k = 1; k < n_gaps; k++)
        if (gaps[k].inst == 7)
            is_gap(k, GAP_LINK_DOWN, T0 + 3 * SEC, T0 + 25 * SEC);
    live_free(l);
}
END_TEST

START_TEST(test_never_up)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    at(l, 3, 7, T0 + 9 * SEC);
    ck_assert_int_eq(n_gaps, 0);
    at(l, 3, 7, T0 + 10 * SEC);
    ck_assert_int_eq(n_gaps, 1);
    is_gap(0, GAP_LINK_DOWN, T0, 0);
    live_free(l);
}
END_TEST

START_TEST(test_rotation)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0 + SEC);
    live_link(l, 1, conn_b, true, T0 + 2 * SEC);
    live_link(l, 1, conn_a, false, T0 + 3 * SEC);
    const struct live_row *r = at(l, 3, 7, T0 + 3 * SEC);
    ck_assert_int_eq(r->state, LIVE_OK);
    ck_assert_int_eq(r->t_up_us, T0);
    ck_assert(live_conn_up(l, 1, conn_a) && live_conn_up(l, 1, conn_b));
    ck_assert(!live_conn_up(l, 1, CONN_SLOT(0, 3, 0)) && !live_conn_up(l, 2, conn_a));
    live_link(l, 1, conn_b, false, T0 + 4 * SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 4 * SEC)->state, LIVE_DOWN);
    ck_assert_int_eq(n_gaps, 1);
    live_free(l);
}
END_TEST

START_TEST(test_sparse)
{
    struct live *l = make();
    want(l, row(4, INST_NONE, 0, 0), T0);
    live_link(l, 1, conn_a, true, T0);
    ck_assert_int_eq(at(l, 4, INST_NONE, T0 + SEC)->state, LIVE_WAITING);
    live_acked(l, 1, 4, INST_NONE, T0 + SEC);
    ck_assert_int_eq(at(l, 4, INST_NONE, T0 + 100000 * SEC)->state, LIVE_OK); /* never silent */
    live_data(l, 1, 4, INST_NONE, T0 + 100001 * SEC);
    live_link(l, 1, conn_a, false, T0 + 200000 * SEC);
    is_gap(0, GAP_LINK_DOWN, T0 + 200000 * SEC, 0);
    live_link(l, 1, conn_a, true, T0 + 200001 * SEC);
    live_acked(l, 1, 4, INST_NONE, T0 + 200002 * SEC);
    is_gap(1, GAP_LINK_DOWN, T0 + 200000 * SEC, T0 + 200002 * SEC); /* the ack closes it */
    ck_assert_int_eq(at(l, 4, INST_NONE, T0 + 200003 * SEC)->state, LIVE_OK);
    live_free(l);
}
END_TEST

START_TEST(test_poll)
{
    struct live *l = make();
    struct live_row r = {.venue = 1, .channel = 5, .inst = 7, .conn = CONN_REST, .period_s = 15};
    want(l, r, T0);
    ck_assert_int_eq(at(l, 5, 7, T0 + 44 * SEC)->state, LIVE_WAITING);
    live_poll_failed(l, 1, 5, 7, T0 + 44 * SEC);
    ck_assert_int_eq(at(l, 5, 7, T0 + 45 * SEC)->state, LIVE_SILENT); /* 3 periods */
    is_gap(0, GAP_POLL_FAILED, T0, 0);
    ck_assert_int_eq(at(l, 5, 7, T0 + 100 * SEC)->renew, RENEW_NO); /* polls repeat by themselves */
    live_data(l, 1, 5, 7, T0 + 100 * SEC);
    is_gap(1, GAP_POLL_FAILED, T0, T0 + 100 * SEC);
    ck_assert_int_eq(at(l, 5, 7, T0 + 144 * SEC)->state, LIVE_OK);
    ck_assert_int_eq(at(l, 5, 7, T0 + 145 * SEC)->state, LIVE_SILENT);
    is_gap(2, GAP_SILENT, T0 + 100 * SEC, 0); /* this time nothing failed */
    r.inst = 8;
    r.period_s = 2;
    want(l, r, T0);
    live_data(l, 1, 5, 8, T0);
    ck_assert_int_eq(at(l, 5, 8, T0 + 14 * SEC)->state, LIVE_OK); /* 15 s at least */
    ck_assert_int_eq(at(l, 5, 8, T0 + 15 * SEC)->state, LIVE_SILENT);
    live_free(l);
}
END_TEST

START_TEST(test_refused)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_refused(l, 1, 3, 7, T0 + SEC);
    ck_assert_int_eq(at(l, 3, 7, T0 + 100 * SEC)->state, LIVE_REFUSED);
    is_gap(0, GAP_REFUSED, T0 + SEC, 0);
    ck_assert_int_eq(at(l, 3, 7, T0 + 100 * SEC)->renew, RENEW_NO);
    live_acked(l, 1, 3, 7, T0 + 101 * SEC);
    ck_assert_int_eq(live_find(l, 1, 3, 7)->state, LIVE_WAITING);
    live_data(l, 1, 3, 7, T0 + 102 * SEC);
    is_gap(1, GAP_REFUSED, T0 + SEC, T0 + 102 * SEC);
    live_free(l);
}
END_TEST

START_TEST(test_sequence)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0 + SEC);
    live_broken(l, 1, 3, 7, T0 + 2 * SEC);
    live_broken(l, 1, 3, 7, T0 + 3 * SEC);
    live_data(l, 1, 3, 7, T0 + 3 * SEC); /* data go on: the gap is not closed by them */
    ck_assert_int_eq(n_gaps, 1);
    live_healed(l, 1, 3, 7, T0 + 4 * SEC);
    live_healed(l, 1, 3, 7, T0 + 5 * SEC);
    live_broken(l, 1, 3, 99, T0 + 5 * SEC); /* no such row */
    ck_assert_int_eq(n_gaps, 2);
    is_gap(1, GAP_SEQUENCE, T0 + 2 * SEC, T0 + 4 * SEC);
    live_free(l);
}
END_TEST

START_TEST(test_rows)
{
    struct live *l = make();
    for (uint32_t k = 0; k < LIVE_MAX; k++)
        want(l, row((uint8_t)(k % 5), k / 5, 10, 5), T0);
    struct live_row more = row(9, 9, 10, 5);
    ck_assert_int_eq(live_want(l, &more, T0), E_LIMIT);
    want(l, row(2, 100, 20, 30), T0); /* known: only its limits change */
    ck_assert_int_eq(live_find(l, 1, 2, 100)->first_s, 20);
    ck_assert_int_eq(live_count(l), LIVE_MAX);
    for (uint32_t k = 0; k < LIVE_MAX; k += 2)
        live_unwant(l, 1, (uint8_t)(k % 5), k / 5, T0);
    live_unwant(l, 1, 77, 77, T0); /* never was */
    for (uint32_t k = 0; k < LIVE_MAX; k++)
        ck_assert_int_eq(live_find(l, 1, (uint8_t)(k % 5), k / 5) != NULL, k % 2 == 1);
    want(l, more, T0); /* takes a freed row */
    ck_assert_int_eq(live_count(l), LIVE_MAX);
    int used = 0;
    for (int i = 0; i < live_count(l); i++)
        used += live_at(l, i) != NULL;
    ck_assert_int_eq(used, LIVE_MAX / 2 + 1);
    ck_assert_ptr_null(live_at(l, -1));
    ck_assert_ptr_null(live_at(l, LIVE_MAX));
    live_free(l);
}
END_TEST

START_TEST(test_unwant_and_move)
{
    struct live *l = make();
    want(l, row(3, 7, 10, 5), T0);
    live_link(l, 1, conn_a, true, T0);
    live_data(l, 1, 3, 7, T0);
    at(l, 3, 7, T0 + 5 * SEC);
    live_unwant(l, 1, 3, 7, T0 + 6 * SEC);
    is_gap(1, GAP_SILENT, T0, T0 + 6 * SEC); /* closed, not left open */
    ck_assert_ptr_null(live_find(l, 1, 3, 7));
    live_data(l, 1, 3, 7, T0 + 7 * SEC); /* late: nobody's */
    /* a row wanted on a link that is up waits from now on; moved, it starts anew there */
    want(l, row(3, 8, 10, 5), T0 + 8 * SEC);
    ck_assert_int_eq(live_find(l, 1, 3, 8)->state, LIVE_WAITING);
    ck_assert_int_eq(live_find(l, 1, 3, 8)->t_up_us, T0 + 8 * SEC);
    struct live_row other = row(3, 8, 10, 5);
    other.conn = CONN_SLOT(0, 4, 0);
    want(l, other, T0 + 9 * SEC);
    ck_assert_int_eq(live_find(l, 1, 3, 8)->state, LIVE_DOWN);
    /* a datum proves a link nobody announced */
    live_data(l, 1, 3, 8, T0 + 10 * SEC);
    ck_assert_int_eq(at(l, 3, 8, T0 + 11 * SEC)->state, LIVE_OK);
    live_free(l);
}
END_TEST

START_TEST(test_names)
{
    for (int i = 0; i < GAP_CAUSES; i++)
        ck_assert(strcmp(gap_cause_name((enum gap_cause)i), "unknown") != 0);
    for (int i = 0; i < LIVE_STATES; i++)
        ck_assert(strcmp(live_state_name((enum live_state)i), "unknown") != 0);
}
END_TEST

UNIT_MAIN("live", tcase_add_test(tc, test_life); tcase_add_test(tc, test_renew);
          tcase_add_test(tc, test_renew_over_reconnect); tcase_add_test(tc, test_link_gap);
          tcase_add_test(tc, test_never_up); tcase_add_test(tc, test_rotation);
          tcase_add_test(tc, test_sparse); tcase_add_test(tc, test_poll);
          tcase_add_test(tc, test_refused); tcase_add_test(tc, test_sequence);
          tcase_add_test(tc, test_rows); tcase_add_test(tc, test_unwant_and_move);
          tcase_add_test(tc, test_names);)
