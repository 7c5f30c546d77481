/* Whose a row is: windows of own terms against times, for each role; the time by which minutes and
 * ends of spans are judged; where a span begins that began in another's term; the node's name; when
 * clocks are apart. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/lease.h"

#define SEC INT64_C(1000000)
#define T0  (INT64_C(1760000000) * SEC)

static const char first[] = "00000000-0000-4000-8000-000000000001";
static const char second[] = "00000000-0000-4000-8000-000000000002";

/* Terms 1 up to T0 and 3 from T0 + 20 s to T0 + 30 s are ours. */
static void two_terms(struct lease *l, enum lease_role role)
{
    ck_assert_int_eq(lease_open(l, "", first, T0), 0);
    l->role = (uint8_t)role;
    l->known = true;
    l->window[0] = (struct lease_window){3, T0 + 20 * SEC, T0 + 30 * SEC};
    l->window[1] = (struct lease_window){1, INT64_MIN + 1, T0};
    l->n = 2;
}

START_TEST(test_windows)
{
    struct lease l;
    int64_t now = T0 + 100 * SEC;
    for (int role = ROLE_STARTING; role < ROLES; role++) {
        two_terms(&l, (enum lease_role)role);
        ck_assert_int_eq(lease_term(&l), 3);
        ck_assert_int_eq(lease_judge(&l, T0 - 1, now), LEASE_WRITE);
        ck_assert_int_eq(lease_judge(&l, T0 + 20 * SEC, now), LEASE_WRITE);
        ck_assert_int_eq(lease_judge(&l, T0 + 30 * SEC - 1, now), LEASE_WRITE);
        enum lease_says other = role == ROLE_STARTING ? LEASE_WAIT : LEASE_DROP;
        ck_assert_int_eq(lease_judge(&l, T0, now), other);
        ck_assert_int_eq(lease_judge(&l, T0 + 20 * SEC - 1, now), other);
        ck_assert_int_eq(lease_judge(&l, T0 + 30 * SEC, now), other);
    }
}
END_TEST

static void ck_clock(struct lease *l, int64_t off_us, int64_t rtt_us, bool changes, bool apart)
{
    l->t_asked_us = T0;
    ck_assert_int_eq(lease_note_clock(l, T0 + rtt_us / 2 + off_us, T0 + rtt_us), changes);
    ck_assert_int_eq(l->clock_apart, apart);
}

/* Apart and together are said only when the round trip leaves no doubt. */
START_TEST(test_clock)
{
    struct lease l = {0};
    ck_clock(&l, 0, 8 * LEASE_CLOCK_US, false, false);
    ck_assert(!l.clock_known);
    ck_clock(&l, -1200, 600, false, false);
    ck_assert(l.clock_known);
    ck_assert_int_eq(l.clock_us, -1200);
    ck_clock(&l, LEASE_CLOCK_US - 1, 0, false, false);
    ck_clock(&l, LEASE_CLOCK_US + 100, 400, false, false);
    ck_clock(&l, LEASE_CLOCK_US + 100, 100, true, true);
    ck_clock(&l, LEASE_CLOCK_US - 100, 400, false, true);
    ck_clock(&l, 0, 4 * LEASE_CLOCK_US, false, true);
    ck_clock(&l, -LEASE_CLOCK_US - 1, 0, false, true);
    ck_clock(&l, 100 - LEASE_CLOCK_US, 100, true, false);
    ck_clock(&l, -3600 * SEC, 20 * SEC, true, true);
    ck_assert_int_eq(l.clock_us, 100 - LEASE_CLOCK_US);
}
END_TEST

/* While a request is on its way, rows from its time on may yet be ours. */
START_TEST(test_standby_waits)
{
    struct lease l;
    int64_t now = T0 + 100 * SEC;
    two_terms(&l, ROLE_STANDBY);
    ck_assert_int_eq(lease_judge(&l, now - 1, now), LEASE_DROP);
    ck_assert_int_eq(lease_judge(&l, now, now), LEASE_WAIT);
    ck_assert_int_eq(lease_from(&l, now), now);
    l.asking = true;
    l.t_from_us = now - 5 * SEC;
    ck_assert_int_eq(lease_judge(&l, now - 5 * SEC - 1, now), LEASE_DROP);
    ck_assert_int_eq(lease_judge(&l, now - 5 * SEC, now), LEASE_WAIT);
    l.known = false; /* refused: whose the rows are is being asked */
    ck_assert_int_eq(lease_judge(&l, T0 - 1, now), LEASE_WAIT);
    two_terms(&l, ROLE_STARTING);
    ck_assert_int_eq(lease_from(&l, now), T0); /* it has worked alone since its start */
    two_terms(&l, ROLE_LEADER);
    ck_assert_int_eq(lease_from(&l, now), now);
    memset(l.window, 0, sizeof(l.window));
    l.n = 0;
    ck_assert_int_eq(lease_term(&l), 0);
}
END_TEST

static int64_t time_of(const struct row *r)
{
    return lease_time(r->stream, r->t_us, r->data, r->len);
}

static void span(struct row *r, uint8_t stream, int64_t t_from, int64_t t_to)
{
    row_begin(r, stream, t_from);
    row_time(r, t_from);
    row_time(r, t_to);
    row_text(r, "x");
}

START_TEST(test_times)
{
    static struct row r;
    span(&r, ST_GAP, T0, T0 + SEC);
    ck_assert_int_eq(time_of(&r), T0);
    span(&r, ST_GAP_END, T0, T0 + SEC);
    ck_assert_int_eq(time_of(&r), T0 + SEC);
    span(&r, ST_UNKNOWN_END, T0, T0 + 7);
    ck_assert_int_eq(time_of(&r), T0 + 7);
    span(&r, ST_UNKNOWN_END, T0, 0); /* no end: such a row is never made */
    ck_assert_int_eq(time_of(&r), T0);
    for (uint32_t len = 0; len < 24; len++) { /* nor one that is cut */
        span(&r, ST_UNKNOWN_END, T0, T0 + 7);
        r.len = len;
        ck_assert_int_eq(time_of(&r), T0);
    }
    row_begin(&r, ST_M_ASSET_1M, T0);
    ck_assert_int_eq(time_of(&r), T0 + 60 * SEC - 1);
    row_begin(&r, ST_M_ASSET, T0);
    ck_assert_int_eq(time_of(&r), T0);
}
END_TEST

START_TEST(test_clamp)
{
    static struct row r, want;
    struct lease l;
    two_terms(&l, ROLE_LEADER);
    span(&r, ST_GAP_END, T0 + 10 * SEC, T0 + 25 * SEC); /* began in another's term */
    span(&want, ST_GAP_END, T0 + 20 * SEC, T0 + 25 * SEC);
    lease_clamp(&l, &r);
    ck_assert_int_eq(r.t_us, want.t_us);
    ck_assert_mem_eq(r.data, want.data, want.len);
    span(&r, ST_UNKNOWN_END, T0 - 10 * SEC, T0 + 25 * SEC); /* in an own one, before another's */
    lease_clamp(&l, &r);
    ck_assert_int_eq(r.t_us, T0 + 20 * SEC);
    span(&r, ST_GAP_END, T0 + 21 * SEC, T0 + 25 * SEC);
    lease_clamp(&l, &r);
    ck_assert_int_eq(r.t_us, T0 + 21 * SEC);
    span(&r, ST_GAP, T0 + 10 * SEC, T0 + 25 * SEC); /* not an end */
    lease_clamp(&l, &r);
    ck_assert_int_eq(r.t_us, T0 + 10 * SEC);
}
END_TEST

START_TEST(test_node)
{
    char dir[] = "/tmp/test_lease.XXXXXX", path[64];
    struct lease l;
    ck_assert(mkdtemp(dir));
    ck_assert_int_eq(lease_open(&l, dir, first, T0), 0);
    ck_assert_str_eq(l.node, first);
    ck_assert_int_eq(lease_open(&l, dir, second, T0), 0);
    ck_assert_str_eq(l.node, first); /* the folder's, not the process's */
    snprintf(path, sizeof(path), "%s/" LEASE_NODE, dir);
    FILE *f = fopen(path, "w");
    ck_assert(f && fputs("half a name", f) >= 0 && fclose(f) == 0);
    ck_assert_int_eq(lease_open(&l, dir, second, T0), 0);
    ck_assert_str_eq(l.node, second); /* torn: made anew */
    unlink(path);
    ck_assert_int_eq(lease_open(&l, "", second, T0), 0);
    ck_assert_str_eq(l.node, second);
    rmdir(dir);
    ck_assert_int_eq(lease_open(&l, dir, second, T0), E_IO);
    ck_assert_str_eq(l.node, second);
}
END_TEST

UNIT_MAIN("lease", tcase_add_test(tc, test_windows); tcase_add_test(tc, test_clock);
          tcase_add_test(tc, test_standby_waits); tcase_add_test(tc, test_times);
          tcase_add_test(tc, test_clamp); tcase_add_test(tc, test_node);)
