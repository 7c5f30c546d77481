/* How far the market has come down, and how broad a wave of liquidations is. In: the peak of open
 * interest and the histogram of one-minute liquidations that model stats keeps. Out: drawdown and
 * its age per asset, the 99th percentile of its minutes, and for the whole process how many assets
 * are above their own at once. The surprising thing: while less than 30 days were watched the true
 * peak may lie before, so the drawdown is a lower bound. */
#include "risk/model_stats.h"

enum { DRAWDOWN, PEAK_AGE, Q99, PEAK_N };
static const struct metric peak_metrics[] = {
    {"oi_drawdown_30d_frac", "frac", MQ_LOWER_BOUND, 0, 1,
     "Fall of open interest in base units from its peak of the last 30 days, or of what was "
     "watched of them, at least a day; unknown while a venue is missing."},
    {"oi_peak_age_days", "day", MQ_MEASURED, 0, INFINITY, "How long ago that peak was."},
    {"liq_1m_q99_usd", "USD", MQ_LOWER_BOUND, 0, INFINITY,
     "99th percentile of the asset's liquidations of a minute, both sides, as shown (upper edge of "
     "a bucket of a quarter octave; half-life 7 days); warming up for a day."},
};

enum { BREADTH, BREADTH_FRAC, BREADTH_N };
static const struct metric breadth_metrics[] = {
    {"liq_breadth", "1", MQ_LOWER_BOUND, 0, DIR_ASSETS_MAX,
     "Assets whose liquidations of the last minute are above their own 99th percentile, now."},
    {"liq_breadth_frac", "frac", MQ_LOWER_BOUND, 0, 1,
     "The same as a share of the assets whose percentile is known; chance alone gives 0.01."},
};

static void eval_peak(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct stats_asset *a = stats_of(r, s.id);
    const struct cell *oi = risk_family_cells(r, s, FAM_OI_ASSET);
    uint8_t why = reason_worse(oi[OI_BASE].reason, oi[OIA_COV].reason);
    if (why == R_KNOWN && oi[OIA_COV].value < 0.999)
        why = R_STALE; /* a missing venue would look like deleveraging */
    if (why == R_KNOWN && (!a->t_began_us || now_us - a->t_began_us < PEAK_MIN_US))
        why = R_WARMUP;
    if (why == R_KNOWN && !(a->peak > 0))
        why = R_NO_OI;
    double now = oi[OI_BASE].value, age_us = (double)(now_us - a->t_peak_us);
    cell_or(&out[DRAWDOWN], why ? NAN : fmax(0, 1 - now / a->peak), why);
    cell_or(&out[PEAK_AGE], why ? NAN : now > a->peak ? 0 : age_us / 86400e6, why);
    cell_or(&out[Q99], a->q99_usd, R_WARMUP);
}

static void eval_breadth(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    int n = 0, above = 0;
    uint8_t why = R_NOT_TRACKED;
    (void)s;
    (void)now_us;
    for (int k = 0; k < risk_assets(r); k++) {
        struct subject a = subject_asset(risk_asset_at(r, k));
        const struct cell *liq = risk_family_cells(r, a, FAM_LIQ_ASSET_FAST);
        double q99 = stats_of(r, a.id)->q99_usd;
        uint8_t w = reason_worse(liq[LIQ_LONG_1M].reason, liq[LIQ_SHORT_1M].reason);
        if (w == R_KNOWN && isnan(q99))
            w = R_WARMUP;
        why = reason_worse(why, w);
        if (w != R_KNOWN)
            continue;
        n++;
        above += liq[LIQ_LONG_1M].value + liq[LIQ_SHORT_1M].value > q99;
    }
    cell_or(&out[BREADTH], n ? above : NAN, why);
    cell_or(&out[BREADTH_FRAC], n ? above / (double)n : NAN, why);
}

static const char *const peak_needs[] = {"m_asset.oi_base", "m_asset.oi_cov_frac", NULL};
const struct metric_family family_peak = {
    .name = "peak",
    .table = MT_ASSET,
    .metrics = peak_metrics,
    .n = PEAK_N,
    .period_s = 1,
    .needs = peak_needs,
    .eval = eval_peak,
};

static const char *const breadth_needs[] = {"m_asset.liq_long_1m_usd", "m_asset.liq_short_1m_usd",
                                            NULL};
const struct metric_family family_breadth = {
    .name = "breadth",
    .table = MT_PROCESS,
    .metrics = breadth_metrics,
    .n = BREADTH_N,
    .period_s = 1,
    .needs = breadth_needs,
    .eval = eval_breadth,
};
