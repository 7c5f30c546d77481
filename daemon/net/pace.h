/* How fast: random numbers, token buckets, back-off with full jitter and the phase of a poll. Plain
 * data; time is passed in as monotonic microseconds. The generator is seeded by the system, so that
 * many daemons behind one venue do not come back at the same moment. */
#ifndef DAEMON_NET_PACE_H
#define DAEMON_NET_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s;
};
void rng_seed(struct rng *r);   /* from getrandom */
double rng_unit(struct rng *r); /* [0, 1) */

/* A token bucket: holds at most cap, fills with per_s. per_s 0 = no limit. */
struct bucket {
    double cap, per_s, level;
    int64_t t_us;
};
void bucket_init(struct bucket *b, double cap, double per_s, int64_t now_us);
/* A budget of per_min in any 60 s: a quarter may go at once, the rest is spread. */
void bucket_init_minute(struct bucket *b, double per_min, int64_t now_us);
/* The same for any one second. */
void bucket_init_second(struct bucket *b, double per_s, int64_t now_us);
/* The same for any hour. */
void bucket_init_hour(struct bucket *b, double per_h, int64_t now_us);
/* What costs more than cap is let through by a full bucket, which then owes the rest. */
bool bucket_take(struct bucket *b, double n, int64_t now_us);
int64_t bucket_ready_us(const struct bucket *b, double n,
                        int64_t now_us); /* when take(n) would succeed */

/* Capped exponential back-off with full jitter: uniform between base and min(cap, base * 2^n). */
struct backoff {
    uint32_t n; /* failures since the last reset */
};
int64_t backoff_next_us(struct backoff *b, struct rng *r, double base_s, double cap_s);

/* The next moment after now_us that is at phase (a hash of key) within the period, with a jitter of
 * up to 5 % of the period drawn from r. */
int64_t phase_next_us(uint32_t key, int64_t period_us, int64_t now_us, struct rng *r);

#endif
