/* Clocks and lateness: receipt minus the venue's stamp, per pushed channel. In: the market's
 * thinned samples. Out: median and median absolute deviation in m_feed. Latency and clock error
 * cannot be told apart from outside; a negative median is the clocks, theirs or ours (ours when all
 * venues show it). The surprising thing: a channel is told in one of its rows only, so that one
 * late venue is one alert, not one for each instrument. */
#include "risk/family.h"

enum { SKEW_MS, SKEW_MAD_MS, SKEW_N };
static const struct metric metrics[] = {
    {"feed_skew_ms", "ms", MQ_MEASURED, -INFINITY, INFINITY,
     "Receipt minus the venue's stamp, median over the channel's last minute or so (at least 20 "
     "samples); negative = the venue's clock is ahead of ours. In one row of the channel."},
    {"feed_skew_mad_ms", "ms", MQ_MEASURED, 0, INFINITY,
     "Median absolute deviation of the same samples."},
};

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct market *m = risk_market(r);
    struct market_delay d;
    if (market_delay_teller(m, s.venue, s.channel) != s.id) {
        cells_unknown(out, SKEW_N, R_NOT_TRACKED);
        return;
    }
    uint8_t why = market_delay(m, s.venue, s.channel, now_us, &d) > 0 ? R_WARMUP : R_NOT_TRACKED;
    cell_or(&out[SKEW_MS], d.median_ms, why);
    cell_or(&out[SKEW_MAD_MS], d.mad_ms, why);
}

const struct metric_family family_skew = {
    .name = "skew",
    .table = MT_FEED,
    .metrics = metrics,
    .n = SKEW_N,
    .period_s = 10,
    .eval = eval,
};
