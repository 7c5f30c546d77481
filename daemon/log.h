/* The daemon's log: one line per state change, never per message. Under the journal (JOURNAL_STREAM
 * is set and stderr is it) lines go out with fields; else to stderr as "<N>text" when asked, or
 * plain. Form: "subject: fact, consequence". */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

enum log_level {
    LOG_LV_ERROR = 3,
    LOG_LV_WARNING = 4,
    LOG_LV_NOTICE = 5,
    LOG_LV_INFO = 6,
    LOG_LV_DEBUG = 7
};

struct log_field {
    const char *key, *value; /* "CASCADED_VENUE", "binance" */
};

/* Programs that never call log_open write plain lines of level INFO and above to stderr. */
void log_open(enum log_level floor);
void log_set_floor(enum log_level floor);
void log_line(enum log_level lv, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_fields(enum log_level lv, const struct log_field *fields, int n, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Rate limit for lines that can repeat: at most one per period. */
struct log_limit {
    long long next_us;
    unsigned long suppressed;
};
int log_allow(struct log_limit *l, long long now_us,
              long long period_us); /* 0 = suppress; else 1 + suppressed */

#endif
