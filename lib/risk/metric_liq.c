/* Liquidations by the side that was closed. In: the flow series S_LIQ_* of every instrument. Out:
 * sums over 1 m, 5 m, 1 h per venue and over the venues that publish liquidations, and the last
 * minute as a share of open interest. A venue without a public feed is unknown, never 0; a sampled
 * feed gives a lower bound. The one-minute family is small and fast: rules on it are judged in
 * turns. */
#include "risk/family.h"

#define MINUTE_US INT64_C(60000000)
#define HOUR_US   INT64_C(3600000000)

#define LIQ_HELP(side, span, where)                                                                \
    "Notional of " side " positions closed by liquidation over the last " span                     \
    ", as shown by " where "; a lower bound where a feed is sampled."
#define LIQ_ROW(side, span, long_span, where)                                                      \
    {                                                                                              \
        "liq_" side "_" span "_usd", "USD", MQ_LOWER_BOUND, 0, INFINITY,                           \
            LIQ_HELP(side, long_span, where)                                                       \
    }

#define ON_VENUE "the venue's public feed"
#define ON_ALL   "the venues with a public feed"
static const struct metric venue_fast_metrics[] = {
    LIQ_ROW("long", "1m", "minute", ON_VENUE),
    LIQ_ROW("short", "1m", "minute", ON_VENUE),
    {"liq_1m_oi_frac", "frac", MQ_LOWER_BOUND, 0, INFINITY,
     "Liquidations of both sides over the last minute, in base units, over open interest."},
};
static const struct metric venue_metrics[] = {
    LIQ_ROW("long", "5m", "5 minutes", ON_VENUE),
    LIQ_ROW("short", "5m", "5 minutes", ON_VENUE),
    LIQ_ROW("long", "1h", "hour", ON_VENUE),
    LIQ_ROW("short", "1h", "hour", ON_VENUE),
    {"liq_coverage", "1", MQ_MEASURED, 0, 2,
     "How complete the venue's public liquidation feed is: 0 complete, 1 sampled, 2 partial; "
     "unknown "
     "where there is none."},
};
static const struct metric asset_fast_metrics[] = {
    LIQ_ROW("long", "1m", "minute", ON_ALL),
    LIQ_ROW("short", "1m", "minute", ON_ALL),
    {"liq_1m_oi_frac", "frac", MQ_LOWER_BOUND, 0, INFINITY,
     "Liquidations of both sides over the last minute, in base units, over the open interest of "
     "the "
     "venues whose feed shows them."},
};
enum { LIQA_COV_VENUES = LIQ_COVERAGE, LIQ_ASSET_N };
static const struct metric asset_metrics[] = {
    LIQ_ROW("long", "5m", "5 minutes", ON_ALL),
    LIQ_ROW("short", "5m", "5 minutes", ON_ALL),
    LIQ_ROW("long", "1h", "hour", ON_ALL),
    LIQ_ROW("short", "1h", "hour", ON_ALL),
    {"liq_cov_venues", "1", MQ_MEASURED, 0, DIR_VENUES_MAX,
     "How many of the venues that list the asset publish liquidations and are known now."},
};

/* Sum over the venue's instruments; liquidations are additive, so all must be known. */
static struct cell eval_flow(const struct risk *r, const struct risk_view *v, enum series_id id,
                             int64_t span_us, int64_t now_us)
{
    struct cell out;
    double sum = 0;
    uint8_t why = R_KNOWN;
    for (int i = 0; i < v->n; i++) {
        double x = series_sum(&v->slot[i]->s[id], now_us, span_us);
        if (isnan(x)) {
            uint8_t link = R_KNOWN; /* the mark shows whether the venue speaks at all */
            (void)market_level(risk_market(r), v->slot[i], S_MARK, now_us, &link);
            why = reason_worse(why, link == R_DOWN ? R_DOWN : R_WARMUP);
        }
        sum += x;
    }
    cell_or(&out, sum, why);
    return out;
}

static void eval_venue_fast(const struct risk *r, struct subject s, int64_t now_us,
                            struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    if (!risk_venue_conf(r, s.venue)->liq_public) {
        cells_unknown(out, LIQ_FAST_N, R_NOT_TRACKED);
        return;
    }
    struct cell oi = risk_family_cells(r, s, FAM_OI_VENUE)[OI_BASE];
    out[LIQ_LONG_1M] = eval_flow(r, v, S_LIQ_LONG_USD, MINUTE_US, now_us);
    out[LIQ_SHORT_1M] = eval_flow(r, v, S_LIQ_SHORT_USD, MINUTE_US, now_us);
    struct cell base_long = eval_flow(r, v, S_LIQ_LONG_BASE, MINUTE_US, now_us);
    struct cell base_short = eval_flow(r, v, S_LIQ_SHORT_BASE, MINUTE_US, now_us);
    uint8_t why = reason_worse(reason_worse(base_long.reason, base_short.reason), oi.reason);
    if (why == R_KNOWN && oi.value <= 0)
        why = R_NO_OI;
    cell_or(&out[LIQ_1M_OI], why ? NAN : (base_long.value + base_short.value) / oi.value, why);
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct risk_venue *conf = risk_venue_conf(r, s.venue);
    if (!conf->liq_public) {
        cells_unknown(out, LIQ_VENUE_N, R_NOT_TRACKED);
        return;
    }
    out[LIQ_LONG_5M] = eval_flow(r, v, S_LIQ_LONG_USD, 5 * MINUTE_US, now_us);
    out[LIQ_SHORT_5M] = eval_flow(r, v, S_LIQ_SHORT_USD, 5 * MINUTE_US, now_us);
    out[LIQ_LONG_1H] = eval_flow(r, v, S_LIQ_LONG_USD, HOUR_US, now_us);
    out[LIQ_SHORT_1H] = eval_flow(r, v, S_LIQ_SHORT_USD, HOUR_US, now_us);
    cell_known(&out[LIQ_COVERAGE], conf->liq_coverage);
}

/* Venues without a feed are no parts of the sum: they would hold it unknown for ever. */
static struct part_sum feeds_sum(const struct risk *r, uint32_t asset, enum family_id f, int i)
{
    struct part_sum p = {0};
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        const struct risk_view *view = risk_view_of(r, s);
        if (view->n == 0 || !risk_venue_conf(r, (uint8_t)v)->liq_public)
            continue;
        struct cell c = risk_family_cells(r, s, f)[i];
        part_add(&p, c.value, c.reason, view->oi_last_sum);
    }
    if (p.n == 0)
        p.why = R_NOT_TRACKED;
    return p;
}

/* Numerator and denominator over the same venues: those whose feed and open interest are known. */
static void eval_asset_share(const struct risk *r, uint32_t asset, struct cell *out)
{
    struct part_sum share = feeds_sum(r, asset, FAM_LIQ_VENUE_FAST, LIQ_1M_OI);
    double liq = 0, oi = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        struct cell f = risk_family_cells(r, s, FAM_LIQ_VENUE_FAST)[LIQ_1M_OI];
        struct cell q = risk_family_cells(r, s, FAM_OI_VENUE)[OI_BASE];
        if (f.reason == R_KNOWN && q.reason == R_KNOWN) {
            liq += f.value * q.value;
            oi += q.value;
        }
    }
    cell_or(out, part_ok(&share) && oi > 0 ? liq / oi : NAN, share.why ? share.why : R_NO_OI);
}

static void eval_asset_fast(const struct risk *r, struct subject s, int64_t now_us,
                            struct cell *out)
{
    (void)now_us;
    for (int i = LIQ_LONG_1M; i <= LIQ_SHORT_1M; i++) {
        struct part_sum p = feeds_sum(r, s.id, FAM_LIQ_VENUE_FAST, i);
        part_cell(&p, &out[i]);
    }
    eval_asset_share(r, s.id, &out[LIQ_1M_OI]);
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    for (int i = LIQ_LONG_5M; i <= LIQ_SHORT_1H; i++) {
        struct part_sum p = feeds_sum(r, s.id, FAM_LIQ_VENUE, i);
        part_cell(&p, &out[i]);
    }
    struct part_sum p = feeds_sum(r, s.id, FAM_LIQ_VENUE_FAST, LIQ_LONG_1M);
    cell_known(&out[LIQA_COV_VENUES], p.n_known);
}

static const char *const venue_fast_needs[] = {"m_venue_asset.oi_base", NULL};
const struct metric_family family_liq_venue_fast = {
    .name = "liq_venue_fast",
    .table = MT_VENUE_ASSET,
    .metrics = venue_fast_metrics,
    .n = LIQ_FAST_N,
    .period_s = 1,
    .fast = true,
    .needs = venue_fast_needs,
    .eval = eval_venue_fast,
};

static const char *const asset_fast_needs[] = {
    "m_venue_asset.liq_long_1m_usd", "m_venue_asset.liq_short_1m_usd",
    "m_venue_asset.liq_1m_oi_frac", "m_venue_asset.oi_base", NULL};
const struct metric_family family_liq_asset_fast = {
    .name = "liq_asset_fast",
    .table = MT_ASSET,
    .metrics = asset_fast_metrics,
    .n = LIQ_FAST_N,
    .period_s = 1,
    .fast = true,
    .needs = asset_fast_needs,
    .eval = eval_asset_fast,
};

const struct metric_family family_liq_venue = {
    .name = "liq_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = LIQ_VENUE_N,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {
    "m_venue_asset.liq_long_5m_usd", "m_venue_asset.liq_short_5m_usd",
    "m_venue_asset.liq_long_1h_usd", "m_venue_asset.liq_short_1h_usd",
    "m_venue_asset.liq_long_1m_usd", NULL};
const struct metric_family family_liq_asset = {
    .name = "liq_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = LIQ_ASSET_N,
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};
