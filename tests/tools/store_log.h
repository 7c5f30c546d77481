/* The feeder's log: lines that are in the file before anything may kill us. In: log_fd, opened by
 * main. A line that cannot be written ends the program: a test must not believe a log with holes.
 */
#ifndef TESTS_STORE_LOG_H
#define TESTS_STORE_LOG_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE 512 /* the longest: why the store was not opened */

static int log_fd = -1;

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void write_log(const char *p, size_t n)
{
    if (write(log_fd, p, n) != (ssize_t)n)
        _exit(4);
}

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    char text[LINE];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n >= LINE) { /* cut, but a line */
        n = LINE - 1;
        text[n - 1] = '\n';
    }
    if (n > 0)
        write_log(text, (size_t)n);
}

#endif
