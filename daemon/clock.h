/* Engine time: wall time anchored to the monotonic clock, microseconds since 1970, never going
 * back. The wall clock is followed by slewing at most 500 ppm; a step over 1 s is reported, then
 * followed: forward at once, backward by the slew alone. The one place that reads a clock. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t base_wall_us, base_mono_us; /* engine = base_wall + (mono - base_mono) + slew */
    int64_t last_us;
    int64_t checked_mono_us;
    int64_t slew_us; /* engine minus wall at the last look, worked off at 500 ppm */
    double step_s;   /* a step found since the last clock_take_step; 0 none */
};

void clock_init(struct clock *c);
int64_t clock_now_us(struct clock *c);
/* Returns and clears the wall step (seconds) found since the last call; 0 = none. */
double clock_take_step(struct clock *c);

/* For tests: the same with given readings. */
int64_t clock_step(struct clock *c, int64_t wall_us, int64_t mono_us);

/* Raw monotonic microseconds, for durations only. */
int64_t clock_mono_us(void);
/* Raw wall clock, for stamps of log lines only: it may go back. */
int64_t clock_wall_us(void);

#endif
