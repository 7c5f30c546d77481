/* One quantity of one instrument over time: three rings of slots (300 x 1 s, 360 x 10 s,
 * 1,500 x 60 s). A level series keeps the last value of each slot; a flow series the sum.
 * Windows are in engine time; slots are aligned to whole multiples of their width since 1970.
 * NAN = nothing was said in that slot. No allocation. Questions are about now: now_us is never
 * before the last value. */
#ifndef MARKET_SERIES_H
#define MARKET_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SERIES_RINGS 3

struct series_rings { /* apart from what is asked each tick: that shares few pages then */
    double s1[300], s10[360], s60[1500];
};

struct series {
    bool flow;                  /* sums instead of last values */
    double last;                /* last value said; NAN = never */
    int64_t t_last_us;          /* when; 0 = never */
    int64_t t_venue_us;         /* its venue stamp; 0 = none */
    int64_t t_first_us;         /* start of knowledge: first value, or series_start for flows */
    int64_t slot[SERIES_RINGS]; /* newest slot number of each ring */
    struct series_rings *ring;
};

/* rings: the caller's, for as long as s is used; what is in them does not matter. */
void series_init(struct series *s, bool flow, struct series_rings *rings);

/* A flow series knows zero, not unknown, from here on (its channel is live since t). Idempotent
 * while known; series_break ends the knowledge (a gap): sums that reach over it are unknown. */
void series_start(struct series *s, int64_t t_us);
void series_break(struct series *s, int64_t t_us);

/* Takes a value. t_us never decreases (older is treated as newest). */
void series_add(struct series *s, int64_t t_us, int64_t t_venue_us, double x);

/* Last value if said within ttl_us before now, else NAN. */
double series_last(const struct series *s, int64_t now_us, int64_t ttl_us);

/* Level: the value that held at t_us: the newest one at or before t_us, NAN when that is more than
 * tolerance_us older than t_us or outside the rings. Resolution: the finest ring that reaches t. */
double series_at(const struct series *s, int64_t t_us, int64_t tolerance_us, int64_t now_us);

/* Level: last - value at now - span; NAN (warmup) when the older value is more than 10 % of the
 * span too old. */
double series_change(const struct series *s, int64_t now_us, int64_t span_us);

/* Flow: sum over (now - span, now]; NAN (warmup) when knowledge starts later than 10 % of the span
 * after its beginning. span <= 25 h; resolution of the finest ring that holds the span. */
double series_sum(const struct series *s, int64_t now_us, int64_t span_us);

/* Level: mean and count of the known 1 s slots in (now - span, now], span <= 300 s. */
double series_mean(const struct series *s, int64_t now_us, int64_t span_us, int *n);

#endif
