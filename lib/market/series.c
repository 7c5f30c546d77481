/* Rings of one quantity over time: 1 s, 10 s and 60 s slots, newest slot number per ring.
 * In: values with engine time. Out: last, value at a time, change, sum, mean. Owned by struct slot,
 * the rings by the market.
 * Surprising: slot n holds what was said in ((n-1) w, n w], so that at a whole second T the window
 * (T - span, T] is a whole number of slots; and rings are filled with NAN at the first value, not
 * at series_init, so that an unused series costs no memory. */
#include "market/series.h"

#include <math.h>

#define SEC 1000000ll

static const int64_t width_us[SERIES_RINGS] = {SEC, 10 * SEC, 60 * SEC};
static const int64_t length[SERIES_RINGS] = {300, 360, 1500};
static const int64_t factor[SERIES_RINGS] = {10, 6, 0}; /* slots of this ring in one of the next */

static const double *ring_of(const struct series *s, int r)
{
    return r == 0 ? s->ring->s1 : r == 1 ? s->ring->s10 : s->ring->s60;
}

/* Number of the slot that holds t. */
static int64_t slot_of(int64_t t_us, int r)
{
    return (t_us + width_us[r] - 1) / width_us[r];
}

void series_init(struct series *s, bool flow, struct series_rings *rings)
{
    s->ring = rings;
    s->flow = flow;
    s->last = NAN;
    s->t_last_us = s->t_venue_us = s->t_first_us = 0;
    for (int r = 0; r < SERIES_RINGS; r++)
        s->slot[r] = -1;
}

void series_start(struct series *s, int64_t t_us)
{
    if (s->flow && s->t_first_us == 0)
        s->t_first_us = t_us;
}

void series_break(struct series *s, int64_t t_us)
{
    if (s->flow && s->t_first_us <= t_us)
        s->t_first_us = 0;
}

/* Moves a ring on to slot n; slots passed over read NAN. */
static inline void advance(double *a, int64_t len, int64_t *newest, int64_t n)
{
    int64_t from = *newest < 0 || n - *newest > len ? n - len + 1 : *newest + 1;
    for (int64_t k = from; k <= n; k++)
        a[(k + len) % len] = NAN;
    *newest = n;
}

/* Ring r, whose slots are a; with r constant all of it folds. */
static inline void put(struct series *s, int r, double *a, int64_t t_us, double x)
{
    int64_t n = slot_of(t_us, r);
    if (n != s->slot[r])
        advance(a, length[r], &s->slot[r], n);
    double *v = &a[n % length[r]];
    *v = s->flow && !isnan(*v) ? *v + x : x;
}

void series_add(struct series *s, int64_t t_us, int64_t t_venue_us, double x)
{
    if (!isfinite(x))
        return;
    if (t_us < s->t_last_us)
        t_us = s->t_last_us;
    put(s, 0, s->ring->s1, t_us, x);
    put(s, 1, s->ring->s10, t_us, x);
    put(s, 2, s->ring->s60, t_us, x);
    s->last = x;
    s->t_last_us = t_us;
    s->t_venue_us = t_venue_us;
    if (s->t_first_us == 0)
        s->t_first_us = t_us;
}

double series_last(const struct series *s, int64_t now_us, int64_t ttl_us)
{
    return s->t_last_us && now_us - s->t_last_us <= ttl_us ? s->last : NAN;
}

/* Newest known value in slots [lowest, n] of a ring, searching backwards. */
static double look_back(const struct series *s, int r, int64_t n, int64_t lowest)
{
    const double *a = ring_of(s, r);
    int64_t oldest = s->slot[r] - length[r] + 1;
    for (int64_t k = n; k >= lowest && k >= oldest && k > 0; k--) {
        double x = a[k % length[r]];
        if (!isnan(x))
            return x;
    }
    return NAN;
}

double series_at(const struct series *s, int64_t t_us, int64_t tolerance_us, int64_t now_us)
{
    if (s->t_last_us == 0 || t_us > now_us)
        return NAN;
    if (t_us >= s->t_last_us)
        return t_us - s->t_last_us <= tolerance_us ? s->last : NAN;
    for (int r = 0; r < SERIES_RINGS; r++) {
        int64_t n = t_us / width_us[r], lowest = slot_of(t_us - tolerance_us, r);
        int64_t gone = s->slot[r] - length[r];
        if (n <= gone)
            continue;
        double x = look_back(s, r, n, lowest);
        if (!isnan(x) || lowest > gone)
            return x; /* else the ring ends within the tolerance, and a coarser one goes on */
    }
    return NAN;
}

double series_change(const struct series *s, int64_t now_us, int64_t span_us)
{
    double was = series_at(s, now_us - span_us, span_us / 10, now_us);
    return s->t_last_us && s->t_last_us <= now_us ? s->last - was : NAN;
}

/* Sum of the known slots [a, b] of one ring. */
static double sum_slots(const struct series *s, int r, int64_t a, int64_t b)
{
    const double *v = ring_of(s, r);
    int64_t oldest = s->slot[r] - length[r] + 1;
    double sum = 0;
    if (a < oldest)
        a = oldest;
    for (int64_t k = a < 0 ? 0 : a; k <= b && k <= s->slot[r]; k++) {
        double x = v[k % length[r]];
        sum += isnan(x) ? 0 : x;
    }
    return sum;
}

/* From slot a of ring r to the newest: whole slots of the next coarser ring stand in for all but
 * the beginning. Some 60 additions for an hour instead of 360, and no running sum that could drift.
 */
static double sum_from(const struct series *s, int r, int64_t a)
{
    int64_t f = factor[r];
    if (f == 0 || s->slot[r] - a < 2 * f)
        return sum_slots(s, r, a, s->slot[r]);
    int64_t block =
        (a - 1 + f - 1) / f; /* the coarser slots after this one hold nothing before a */
    return sum_slots(s, r, a, block * f) + sum_slots(s, r + 1, block + 1, s->slot[r + 1]);
}

double series_sum(const struct series *s, int64_t now_us, int64_t span_us)
{
    if (s->t_first_us == 0 || s->t_first_us > now_us - span_us + span_us / 10)
        return NAN;
    int r = 0;
    while (r < SERIES_RINGS && span_us > length[r] * width_us[r])
        r++;
    if (r == SERIES_RINGS)
        return NAN;
    if (s->t_last_us <= now_us - span_us)
        return 0;
    return sum_from(s, r, slot_of(now_us, r) - slot_of(span_us, r) + 1);
}

struct run { /* even and odd slots apart: the compiler adds them two at a time */
    double sum[2], known[2];
};

static void add_run(struct run *r, const double *x, int64_t n)
{
    struct run a = *r;
    int64_t i = 0;
    for (; i + 1 < n; i += 2)
        for (int k = 0; k < 2; k++) {
            bool has = x[i + k] == x[i + k]; /* NAN is nothing said */
            a.sum[k] += has ? x[i + k] : 0;
            a.known[k] += has ? 1 : 0;
        }
    if (i < n && x[i] == x[i]) {
        a.sum[0] += x[i];
        a.known[0]++;
    }
    *r = a;
}

double series_mean(const struct series *s, int64_t now_us, int64_t span_us, int *n)
{
    int64_t b = slot_of(now_us, 0), a = b - slot_of(span_us, 0) + 1, oldest = s->slot[0] - 299;
    int64_t from = a > oldest ? a : oldest, to = b < s->slot[0] ? b : s->slot[0];
    struct run r = {{0}, {0}};
    if (from <= to) {
        int64_t at = (from + 300) % 300, all = to - from + 1,
                first = all < 300 - at ? all : 300 - at;
        add_run(&r, s->ring->s1 + at, first);
        add_run(&r, s->ring->s1, all - first);
    }
    double known = r.known[0] + r.known[1];
    *n = (int)known;
    return known > 0 ? (r.sum[0] + r.sum[1]) / known : NAN;
}
