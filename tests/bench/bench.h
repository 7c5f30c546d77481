/* What every benchmark shares: thread CPU time, medians, and lines of the form
 *   name value unit (goal >= 12) ok|MISSED
 * A benchmark runs what it compares in turns, in one process, and returns bench_status(): ratios
 * inside one run mean something on a shared machine, absolute times do not. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUNDS 7

static int bench_missed;

static inline double bench_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts x in place. */
static inline double bench_median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, bench_by_value);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static inline void bench_note(const char *name, double value, const char *unit)
{
    printf("%-40s %12.3f %s\n", name, value, unit);
}

static inline void bench_goal(const char *name, double value, const char *unit, const char *op,
                              double goal)
{
    int ok = op[0] == '>' ? value >= goal : value <= goal;
    bench_missed += !ok;
    printf("%-40s %12.3f %s (goal %s %g) %s\n", name, value, unit, op, goal, ok ? "ok" : "MISSED");
}

/* Finds each quote of a text 16 bytes at a time and visits it, as an indexer would: the floor for
 * touching every byte once. Returns the sum of their places. */
static inline uint64_t bench_quotes(const char *text, size_t n)
{
    const char *p = text, *end = text + n;
    uint64_t sum = 0;
#ifdef __SSE2__
    typedef char v16 __attribute__((vector_size(16)));
    for (; end - p >= 16; p += 16) {
        v16 x;
        memcpy(&x, p, sizeof x);
        unsigned mask = (unsigned)__builtin_ia32_pmovmskb128((v16)(x == '"'));
        for (; mask; mask &= mask - 1)
            sum += (uint64_t)(p - text) + (unsigned)__builtin_ctz(mask);
    }
#endif
    for (; p < end; p++)
        sum += *p == '"' ? (uint64_t)(p - text) : 0;
    return sum;
}

static inline int bench_status(void)
{
    return bench_missed != 0;
}

#endif
