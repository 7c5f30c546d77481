/* The daemon's log. Three ways out, chosen once by log_open: the journal with fields (stderr is the
 * journal's stream), "<N>text" on stderr (environment CASCADED_LOG=prefix, for a supervisor that
 * reads priorities), or a line with time and level. Lines hold no control characters, whatever a
 * venue said. The surprising thing: a line that stderr cannot take at once is dropped and counted,
 * because a full pipe must not stop the loop; the next line that fits says how many are missing. */
#include "log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include "clock.h"

#define LINE_MAX_BYTES 2048
#define FIELDS_MAX     12

enum way { WAY_PLAIN, WAY_STAMPED, WAY_PREFIX, WAY_JOURNAL };

static enum way way = WAY_PLAIN;
static enum log_level floor_level = LOG_LV_INFO;
static unsigned long dropped;

static const char *level_name(enum log_level lv)
{
    static const char *const names[] = {"error",   "error",  "error", "error",
                                        "warning", "notice", "info",  "debug"};
    return (unsigned)lv < 8 ? names[lv] : "debug";
}

/* JOURNAL_STREAM names device and inode of the stream that systemd gave us; stderr may since have
 * been redirected (systemd.exec(5)). */
static int stderr_is_journal(void)
{
    const char *env = getenv("JOURNAL_STREAM");
    unsigned long long dev, ino;
    char end;
    struct stat st;
    if (!env || sscanf(env, "%llu:%llu%c", &dev, &ino, &end) != 2 || fstat(STDERR_FILENO, &st) != 0)
        return 0;
    return st.st_dev == (dev_t)dev && st.st_ino == (ino_t)ino;
}

void log_open(enum log_level floor)
{
    const char *env = getenv("CASCADED_LOG");
    floor_level = floor;
    if (stderr_is_journal())
        way = WAY_JOURNAL;
    else
        way = env && strcmp(env, "prefix") == 0 ? WAY_PREFIX : WAY_STAMPED;
}

void log_set_floor(enum log_level floor)
{
    floor_level = floor;
}

static void clean(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
}

static size_t head(char *out, size_t cap, enum log_level lv)
{
    if (way == WAY_PREFIX)
        return (size_t)snprintf(out, cap, "<%d>", (int)lv);
    if (way != WAY_STAMPED)
        return 0;
    int64_t us = clock_wall_us();
    time_t s = (time_t)(us / 1000000);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(out, cap, "%Y-%m-%dT%H:%M:%S", &tm);
    return n + (size_t)snprintf(out + n, cap - n, ".%03dZ %s ", (int)(us / 1000 % 1000),
                                level_name(lv));
}

/* POLLOUT on a pipe promises room for PIPE_BUF (4,096) bytes, more than a line. */
static int write_line(const char *p, size_t n)
{
    struct pollfd f = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&f, 1, 0) == 1 && (f.revents & POLLOUT) && write(STDERR_FILENO, p, n) == (ssize_t)n;
}

static void to_stderr(enum log_level lv, const char *text)
{
    char line[LINE_MAX_BYTES + 128];
    size_t n = head(line, 64, lv);
    n += (size_t)snprintf(line + n, sizeof(line) - n, "%s", text);
    if (dropped)
        n += (size_t)snprintf(line + n, sizeof(line) - n, " (%lu lines before this one were lost)",
                              dropped);
    line[n++] = '\n';
    dropped = write_line(line, n) ? 0 : dropped + 1;
}

static void to_journal(enum log_level lv, const struct log_field *f, int n, const char *text)
{
    char buf[FIELDS_MAX + 2][256], msg[LINE_MAX_BYTES + 16];
    struct iovec iov[FIELDS_MAX + 3];
    int k = 0;
    snprintf(msg, sizeof(msg), "MESSAGE=%s", text);
    iov[k++] = (struct iovec){msg, strlen(msg)};
    snprintf(buf[0], sizeof(buf[0]), "PRIORITY=%d", (int)lv);
    iov[k++] = (struct iovec){buf[0], strlen(buf[0])};
    snprintf(buf[1], sizeof(buf[1]), "SYSLOG_IDENTIFIER=cascaded");
    iov[k++] = (struct iovec){buf[1], strlen(buf[1])};
    for (int i = 0; i < n && i < FIELDS_MAX; i++) {
        snprintf(buf[i + 2], sizeof(buf[0]), "%s=%s", f[i].key, f[i].value ? f[i].value : "");
        iov[k++] = (struct iovec){buf[i + 2], strlen(buf[i + 2])};
    }
    if (sd_journal_sendv(iov, k) < 0)
        to_stderr(lv, text);
}

__attribute__((format(printf, 4, 0))) static void emit(enum log_level lv, const struct log_field *f,
                                                       int n, const char *fmt, va_list ap)
{
    char text[LINE_MAX_BYTES];
    vsnprintf(text, sizeof(text), fmt, ap);
    clean(text);
    if (way == WAY_JOURNAL)
        to_journal(lv, f, n, text);
    else
        to_stderr(lv, text);
}

void log_line(enum log_level lv, const char *fmt, ...)
{
    va_list ap;
    if (lv > floor_level)
        return;
    va_start(ap, fmt);
    emit(lv, NULL, 0, fmt, ap);
    va_end(ap);
}

void log_fields(enum log_level lv, const struct log_field *fields, int n, const char *fmt, ...)
{
    va_list ap;
    if (lv > floor_level)
        return;
    va_start(ap, fmt);
    emit(lv, fields, n, fmt, ap);
    va_end(ap);
}

int log_allow(struct log_limit *l, long long now_us, long long period_us)
{
    if (now_us < l->next_us) {
        l->suppressed++;
        return 0;
    }
    unsigned long missed = l->suppressed > 1000000000 ? 1000000000 : l->suppressed;
    l->next_us = now_us + period_us;
    l->suppressed = 0;
    return 1 + (int)missed;
}
