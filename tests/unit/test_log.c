/* Proves the form of a log line on stderr (plain, stamped, with prefix), that control characters
 * and lines below the floor do not get out, that a full pipe loses lines instead of stopping the
 * program, and the rate limit. */
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static int saved = -1, pipe_in = -1;

static void redirect(void)
{
    int p[2];
    ck_assert_int_eq(pipe2(p, 0), 0);
    saved = dup(2);
    dup2(p[1], 2);
    close(p[1]);
    pipe_in = p[0];
    fcntl(pipe_in, F_SETFL, O_NONBLOCK);
}

static const char *captured(void)
{
    static char buf[1 << 17];
    ssize_t n = 0, k;
    while (n < (ssize_t)sizeof(buf) - 1 &&
           (k = read(pipe_in, buf + n, sizeof(buf) - 1 - (size_t)n)) > 0)
        n += k;
    buf[n] = 0;
    return buf;
}

static const char *restore(void)
{
    const char *s = captured();
    dup2(saved, 2);
    close(pipe_in);
    return s;
}

START_TEST(plain_without_open)
{
    redirect();
    log_line(LOG_LV_NOTICE, "feed %s: %s", "binance/market", "up");
    log_line(LOG_LV_DEBUG, "not this");
    ck_assert_str_eq(restore(), "feed binance/market: up\n");
}
END_TEST

START_TEST(stamped_when_open)
{
    int y, mo, d, h, mi, s, ms, end = 0;
    unsetenv("CASCADED_LOG");
    unsetenv("JOURNAL_STREAM");
    redirect();
    log_open(LOG_LV_WARNING);
    log_line(LOG_LV_WARNING, "store: away, retrying in 2.0 s");
    log_line(LOG_LV_NOTICE, "not this");
    const char *got = restore();
    int n = sscanf(got, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ warning store: away, retrying in 2.0 s\n%n",
                   &y, &mo, &d, &h, &mi, &s, &ms, &end);
    ck_assert_int_eq(n, 7);
    ck_assert_int_eq(end, (int)strlen(got));
}
END_TEST

START_TEST(prefix_when_asked_and_stale_journal_variable)
{
    setenv("CASCADED_LOG", "prefix", 1);
    setenv("JOURNAL_STREAM", "1:1", 1);
    redirect();
    log_open(LOG_LV_DEBUG);
    log_fields(LOG_LV_ERROR, (struct log_field[]){{"CASCADED_VENUE", "binance"}}, 1,
               "feed: refused");
    log_line(LOG_LV_DEBUG, "said: a\nb\x1b[31m");
    ck_assert_str_eq(restore(), "<3>feed: refused\n<7>said: a b [31m\n");
}
END_TEST

START_TEST(a_full_pipe_loses_lines_not_time)
{
    char fill[1000];
    memset(fill, 'x', sizeof(fill) - 1);
    fill[sizeof(fill) - 1] = 0;
    redirect();
    for (int i = 0; i < 200; i++)
        log_line(LOG_LV_INFO, "%s", fill);
    captured();
    log_line(LOG_LV_INFO, "after");
    log_line(LOG_LV_INFO, "again");
    const char *got = restore();
    unsigned long lost = 0;
    ck_assert_int_eq(sscanf(got, "after (%lu lines before this one were lost)", &lost), 1);
    ck_assert_uint_gt(lost, 100);
    ck_assert_uint_lt(lost, 200);
    ck_assert_ptr_nonnull(strstr(got, "\nagain\n"));
}
END_TEST

START_TEST(limit)
{
    struct log_limit l = {0};
    ck_assert_int_eq(log_allow(&l, 1000, 60), 1);
    ck_assert_int_eq(log_allow(&l, 1001, 60), 0);
    ck_assert_int_eq(log_allow(&l, 1059, 60), 0);
    ck_assert_int_eq(log_allow(&l, 1060, 60), 3);
    ck_assert_int_eq(log_allow(&l, 1119, 60), 0);
    ck_assert_int_eq(log_allow(&l, 1500, 60), 2);
}
END_TEST

UNIT_MAIN("log", tcase_add_test(tc, plain_without_open); tcase_add_test(tc, stamped_when_open);
          tcase_add_test(tc, prefix_when_asked_and_stale_journal_variable);
          tcase_add_test(tc, a_full_pipe_loses_lines_not_time); tcase_add_test(tc, limit);)
