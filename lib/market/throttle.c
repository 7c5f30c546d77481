/* Inference on throttled liquidation feeds. In: pushes. Out: occupancy, kind, estimates. Owned by
 * the market's slots; no allocation. Sources: Binance, "Liquidation Order Streams": at most one
 * order per symbol and 1000 ms; for dead time (non-paralysable) counters: Feller (1948), "On
 * probability problems in the theory of counters". Surprising: stamps decide gaps, receipt decides
 * windows, so that a slow line does not look like another throttle. */
#include "market/throttle.h"

#include <math.h>
#include <string.h>

#define SEC       INT64_C(1000000)
#define WINDOW_US SEC
#define EVEN_US   (WINDOW_US / 20) /* a gap so near to whole windows stands on the grid itself */
#define GAPS_MAX  4096u
#define Z95       1.96

void throttle_init(struct throttle *t)
{
    memset(t, 0, sizeof *t);
    t->second = -1;
    t->min_gap_us = t->min_gap_before_us = INT64_MAX;
}

static void judge_gap(struct throttle *t, int64_t stamp_us)
{
    int64_t gap = stamp_us - t->t_push_us[0];
    if (gap < t->min_gap_us)
        t->min_gap_us = gap;
    if (t->t_push_us[1] && stamp_us - t->t_push_us[1] < WINDOW_US * 9 / 10)
        t->dense++;
    if (gap >= 3 * WINDOW_US)
        return;
    int64_t off = gap % WINDOW_US;
    t->gaps++;
    t->short_gaps += gap < WINDOW_US * 9 / 10;
    t->even_gaps += gap > EVEN_US && (off < EVEN_US || off > WINDOW_US - EVEN_US);
    if (t->gaps < GAPS_MAX)
        return;
    t->gaps /= 2; /* venues change their ways: older gaps fade */
    t->short_gaps /= 2;
    t->even_gaps /= 2;
    t->dense /= 2;
    t->min_gap_before_us = t->min_gap_us;
    t->min_gap_us = INT64_MAX;
}

static int64_t second_of(int64_t t_us)
{
    return (t_us + SEC - 1) / SEC; /* second n holds ((n - 1) s, n s], as the series do */
}

static void advance(struct throttle *t, int64_t second)
{
    int64_t from = t->second < 0 || second - t->second > THROTTLE_SPAN_S
                       ? second - THROTTLE_SPAN_S + 1
                       : t->second + 1;
    for (int64_t s = from; s <= second; s++) {
        t->n[s % THROTTLE_SPAN_S] = 0;
        t->usd[0][s % THROTTLE_SPAN_S] = t->usd[1][s % THROTTLE_SPAN_S] = 0;
    }
    t->second = second;
}

void throttle_add(struct throttle *t, int64_t t_recv_us, int64_t t_venue_us, bool shorts,
                  double usd)
{
    int64_t stamp = t_venue_us ? t_venue_us : t_recv_us, s = second_of(t_recv_us);
    if (s > t->second)
        advance(t, s);
    t->usd[shorts][t->second % THROTTLE_SPAN_S] += usd;
    if (t->t_push_us[0] && stamp <= t->t_push_us[0])
        return; /* more of the same push, or one that came late */
    if (t->t_push_us[0])
        judge_gap(t, stamp);
    t->t_push_us[1] = t->t_push_us[0];
    t->t_push_us[0] = stamp;
    uint8_t *n = &t->n[t->second % THROTTLE_SPAN_S];
    *n += *n < UINT8_MAX;
}

enum throttle_kind throttle_kind(const struct throttle *t)
{
    if (t->dense >= 3)
        return THROTTLE_NONE;
    if (t->gaps < THROTTLE_MIN_GAPS)
        return THROTTLE_UNSEEN;
    if (t->short_gaps * 100 >= t->gaps * 2 || t->even_gaps * 10 >= t->gaps * 9)
        return THROTTLE_GRID;
    return THROTTLE_DEAD_TIME;
}

int64_t throttle_min_gap_us(const struct throttle *t)
{
    int64_t min = t->min_gap_us < t->min_gap_before_us ? t->min_gap_us : t->min_gap_before_us;
    return min == INT64_MAX ? 0 : min;
}

double throttle_rate(enum throttle_kind kind, double k, double n)
{
    double m = k / n;
    if (m >= 1)
        return INFINITY;
    return kind == THROTTLE_DEAD_TIME ? m / (1 - m) : -log1p(-m);
}

double throttle_rate_corrected(enum throttle_kind kind, double k, double n)
{
    return throttle_rate(kind, fmin(k, n), n + 0.5);
}

/* Grid: the delta method on a binomial share, var p = p (1 - p) / n, dr/dp = 1 / (1 - p). Dead
 * time: each gap beyond the dead time is one exponential, 1 / sqrt(pushes). */
double throttle_rel_sd(enum throttle_kind kind, double rate, double n)
{
    if (kind == THROTTLE_DEAD_TIME)
        return 1 / sqrt(n * rate / (1 + rate));
    return sqrt(expm1(rate) / n) / rate;
}

struct sums { /* over the blocks */
    double pushes, windows, var[2];
};

static void read_block(const struct throttle *t, enum throttle_kind kind, int64_t last,
                       struct sums *sum, struct throttle_view *out)
{
    double k = 0, usd[2] = {0, 0};
    for (int64_t s = last - THROTTLE_BLOCK_S + 1; s <= last; s++) {
        if (s > t->second || s <= t->second - THROTTLE_SPAN_S || s < 0)
            continue;
        k += t->n[s % THROTTLE_SPAN_S];
        usd[0] += t->usd[0][s % THROTTLE_SPAN_S];
        usd[1] += t->usd[1][s % THROTTLE_SPAN_S];
    }
    double n = THROTTLE_BLOCK_S, m = fmin(k / n, 1);
    sum->pushes += fmin(k, n);
    sum->windows += n;
    out->saturated += m > THROTTLE_FULL;
    if (k == 0)
        return;
    double rate = throttle_rate_corrected(kind, k, n), factor = fmax(rate / m, 1);
    for (int i = 0; i < 2; i++) {
        double part = usd[i] * factor, sd = part * throttle_rel_sd(kind, rate, n);
        out->usd[i] += usd[i];
        out->est[i] += part;
        sum->var[i] += sd * sd;
    }
}

void throttle_read(const struct throttle *t, int64_t now_us, struct throttle_view *out)
{
    enum throttle_kind kind = throttle_kind(t);
    struct sums sum = {0};
    int64_t now = second_of(now_us), blocks = THROTTLE_SPAN_S / THROTTLE_BLOCK_S;
    memset(out, 0, sizeof *out);
    if (t->second <= now - THROTTLE_SPAN_S)
        return; /* whatever throttle it is, it shows one of each busy second: there was none */
    for (int64_t b = 0; b < blocks; b++) {
        read_block(t, kind, now - b * THROTTLE_BLOCK_S, &sum, out);
        if (b == 0)
            out->occupancy_10s = sum.pushes / sum.windows;
    }
    out->occupancy = sum.pushes / sum.windows;
    out->saturated_frac = out->saturated / (double)blocks;
    for (int i = 0; i < 2; i++) {
        double half = Z95 * sqrt(sum.var[i]);
        out->lo[i] = fmax(out->usd[i], out->est[i] - half);
        out->hi[i] = out->saturated ? NAN : out->est[i] + half;
    }
}
