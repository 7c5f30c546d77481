/* Engine time. The wall clock is looked at once a second; between two looks time runs with the
 * monotonic clock. What engine time is off the wall by (slew_us) is worked off at 500 ppm, so time
 * never goes back and never jumps for small corrections. A wall that steps forward by more than 1 s
 * (a suspended machine) is followed at once: venue stamps would be useless otherwise. A wall that
 * steps back is reported and then followed by the slew alone.
 * Owner of a struct clock: the caller. The surprising thing: after a step back of an hour engine
 * time stays ahead of the wall for weeks, on purpose. */
#include "clock.h"

#include <time.h>

#define STEP_US     1000000
#define CHECK_US    1000000
#define SLEW_PER_US 2000 /* one microsecond of slew per 2,000 of time: 500 ppm */

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

void clock_init(struct clock *c)
{
    *c = (struct clock){0};
    c->base_wall_us = clock_wall_us();
    c->base_mono_us = c->checked_mono_us = clock_mono_us();
    c->last_us = c->base_wall_us;
}

/* What of the slew is left after so much time. */
static int64_t slew_left(int64_t slew_us, int64_t elapsed_us)
{
    int64_t worked = elapsed_us / SLEW_PER_US;
    if (slew_us > 0)
        return slew_us > worked ? slew_us - worked : 0;
    return slew_us < -worked ? slew_us + worked : 0;
}

static int64_t advance(struct clock *c, int64_t mono_us)
{
    int64_t elapsed = mono_us - c->base_mono_us;
    int64_t t = c->base_wall_us + elapsed + slew_left(c->slew_us, elapsed);
    if (t > c->last_us)
        c->last_us = t;
    return c->last_us;
}

int64_t clock_step(struct clock *c, int64_t wall_us, int64_t mono_us)
{
    if (mono_us < c->base_mono_us)
        mono_us = c->base_mono_us;
    int64_t elapsed = mono_us - c->base_mono_us;
    int64_t moved = wall_us - (c->base_wall_us + elapsed);
    c->slew_us = slew_left(c->slew_us, elapsed) - moved;
    c->base_wall_us = wall_us;
    c->base_mono_us = c->checked_mono_us = mono_us;
    if (moved < -STEP_US)
        c->step_s += (double)moved / 1e6;
    if (c->slew_us < -STEP_US) {
        c->step_s += (double)-c->slew_us / 1e6;
        c->slew_us = 0;
    }
    return advance(c, mono_us);
}

/* Both clocks as of one moment: a thread that is suspended between the two readings would see a
 * false drift, so the tightest of a few pairs is taken. */
static void read_pair(int64_t *wall_us, int64_t *mono_us)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < 4 && best > 50; i++) {
        int64_t before = clock_mono_us(), wall = clock_wall_us(), after = clock_mono_us();
        if (after - before < best) {
            best = after - before;
            *wall_us = wall;
            *mono_us = before + best / 2;
        }
    }
}

int64_t clock_now_us(struct clock *c)
{
    int64_t mono = clock_mono_us();
    if (mono - c->checked_mono_us < CHECK_US)
        return advance(c, mono);
    int64_t wall = c->base_wall_us + (mono - c->base_mono_us);
    read_pair(&wall, &mono);
    return clock_step(c, wall, mono);
}

double clock_take_step(struct clock *c)
{
    double s = c->step_s;
    c->step_s = 0;
    return s;
}
