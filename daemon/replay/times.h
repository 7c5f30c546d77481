/* What the engine needs of this processor while a tape runs: for --times. Filled by tape.c around
 * its calls, printed once at the end. The only output of a replay that differs from run to run. */
#ifndef REPLAY_TIMES_H
#define REPLAY_TIMES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/hist.h"

struct times {
    bool on;
    int64_t skip_s;  /* of the tape: what a start needs is not what a day needs */
    int64_t from_us; /* 0 = no tick yet */
    int64_t began_ns;
    struct hist tick_us;
    uint64_t text_ns, texts, turn_ns, turns;
};

enum timed { TIMED_TEXT, TIMED_TURN, TIMED_TICK };

/* Around one call; t_us: the tape's time. Asking for the time is a system call: some tenths of a
 * microsecond of each text are that. */
void times_begin(struct times *t);
void times_end(struct times *t, enum timed what, int64_t t_us);
void times_print(const struct times *t, FILE *out); /* one line of JSON */

#endif
