/* One minute of one subject: of every metric the last known value and the extremes. Fed with the
 * rows of ticks, one a second (or one an evaluation); the caller turns it into a row of the rollup
 * table when the minute is over. Pure: no clock, no I/O. Owned by store/hot.c's slots. */
#ifndef DAEMON_STORE_MINUTE_H
#define DAEMON_STORE_MINUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "risk/metric.h"

#define MINUTE_US INT64_C(60000000)

struct minute_cell { /* NAN while never known in the minute */
    double last, min, max;
};

struct minute {
    int64_t t_us; /* start of the minute; 0 = nothing in it */
    struct subject subject;
    uint32_t seen; /* rows taken: seconds, or evaluations */
    double open;   /* first known value of column open_col */
    double sum;    /* of the known values of column mean_col, summed_n of them */
    uint32_t summed_n;
    int open_col, mean_col; /* -1 = none */
    int n;
    struct minute_cell cell[];
};

int64_t minute_start(int64_t t_us);

/* n metrics. NULL when out of memory; free() it. */
struct minute *minute_new(struct subject x, int n);
/* Is t_us of another minute than what it holds? Then it has to be told and cleared first. */
bool minute_over(const struct minute *m, int64_t t_us);
void minute_add(struct minute *m, int64_t t_us, const double *v, int n);
void minute_clear(struct minute *m);
double minute_mean(const struct minute *m); /* of column mean_col; NAN while never known */

#endif
