/* What every benchmark shares: thread CPU time, medians, and lines of the form
 *   name value unit (goal >= 12) ok|MISSED
 * A benchmark runs what it compares in turns, in one process, and returns bench_status(): ratios
 * inside one run mean something on a shared machine, absolute times do not. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static inline int bench_status(void)
{
    return bench_missed != 0;
}

#endif
