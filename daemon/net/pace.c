/* Random numbers, buckets, back-off, phases (pace.h). */
#include "net/pace.h"

#include <math.h>
#include <sys/random.h>
#include <unistd.h>

#define US_PER_S 1e6

void rng_seed(struct rng *r)
{
    if (getrandom(&r->s, sizeof(r->s), GRND_NONBLOCK) != (ssize_t)sizeof(r->s))
        r->s = (uint64_t)getpid() *
               0x9e3779b97f4a7c15u; /* before the pool is up: better than nothing */
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double rng_unit(struct rng *r)
{
    r->s += 0x9e3779b97f4a7c15u;
    return (double)(mix(r->s) >> 11) * 0x1p-53;
}

void bucket_init(struct bucket *b, double cap, double per_s, int64_t now_us)
{
    *b = (struct bucket){.cap = cap, .per_s = per_s, .level = cap, .t_us = now_us};
}

void bucket_init_minute(struct bucket *b, double per_min, int64_t now_us)
{
    double burst = fmax(1, per_min / 4);
    bucket_init(b, burst, per_min > 0 ? fmax(per_min - burst, per_min / 4) / 60 : 0, now_us);
}

void bucket_init_hour(struct bucket *b, double per_h, int64_t now_us)
{
    double burst = fmax(1, per_h / 4);
    bucket_init(b, burst, per_h > 0 ? fmax(per_h - burst, per_h / 4) / 3600 : 0, now_us);
}

void bucket_init_second(struct bucket *b, double per_s, int64_t now_us)
{
    double burst = fmax(1, per_s / 4);
    bucket_init(b, burst, per_s > 0 ? fmax(per_s - burst, per_s / 2) : 0, now_us);
}

static double level_at(const struct bucket *b, int64_t now_us)
{
    return fmin(b->cap, b->level + (double)(now_us - b->t_us) / US_PER_S * b->per_s);
}

bool bucket_take(struct bucket *b, double n, int64_t now_us)
{
    if (b->per_s <= 0)
        return true;
    b->level = level_at(b, now_us);
    b->t_us = now_us;
    if (b->level + 1e-9 < fmin(n, b->cap))
        return false;
    b->level -= n;
    return true;
}

int64_t bucket_ready_us(const struct bucket *b, double n, int64_t now_us)
{
    double lack = b->per_s > 0 ? fmin(n, b->cap) - level_at(b, now_us) : 0;
    return lack <= 0 ? now_us : now_us + (int64_t)(lack / b->per_s * US_PER_S) + 1;
}

int64_t backoff_next_us(struct backoff *b, struct rng *r, double base_s, double cap_s)
{
    b->n++;
    double top = fmin(cap_s, base_s * exp2(fmin(b->n, 30)));
    return (int64_t)((base_s + (top - base_s) * rng_unit(r)) * US_PER_S);
}

int64_t phase_next_us(uint32_t key, int64_t period_us, int64_t now_us, struct rng *r)
{
    int64_t phase = (int64_t)(mix(key + 0x9e3779b97f4a7c15u) % (uint64_t)period_us);
    int64_t next = now_us - (now_us - phase) % period_us;
    while (next <= now_us)
        next += period_us;
    return next + (int64_t)(rng_unit(r) * 0.05 * (double)period_us);
}
