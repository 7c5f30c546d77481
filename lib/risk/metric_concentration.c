/* Leverage against the way out: open interest over depth and over daily volume, and whether depth
 * and liquidations sit where open interest does. In: cells of open interest and depth, volumes,
 * S_LIQ_*_BASE. Out: ratios per venue, ratios and Herfindahl indices per asset. Concentration and
 * the share that leaves in stress (10 %): Sepper 2026, arXiv:2603.09164, sections 4 and 5. The
 * surprising thing: every ratio and gap is over the same venues above and below the line, so a
 * venue without a known book changes coverage, not the number. */
#include "base/stat.h"
#include "risk/family.h"

#define EXIT_SHARE 0.10 /* of open interest that wants out */
#define DAY_US     INT64_C(86400000000)
#define BAND_50    1 /* of enum DEPTH_*: 10, 50, 100 bps */
#define BAND_100   2

enum { EXIT_100, ADV_DAYS, CONC_VENUE_N };
static const struct metric venue_metrics[] = {
    {"exit_ratio_100bps", "1", MQ_MEASURED, 0, INFINITY,
     "10 % of open interest over the depth within 100 bps, thinner side: above 1 that many do not "
     "get out within 1 %."},
    {"oi_adv_days", "day", MQ_MEASURED, 0, INFINITY,
     "Open interest over the volume of the last 24 hours: days of ordinary trading that it is."},
};

enum { CONC_EXIT, CONC_ADV, CONC_DEPTH_HHI, CONC_GAP, CONC_ASSET_N };
static const struct metric asset_metrics[] = {
    {"exit_ratio_100bps", "1", MQ_MEASURED, 0, INFINITY,
     "10 % of open interest over the depth within 100 bps, thinner side, over the venues where "
     "both are known; unknown when these have less than half the open interest."},
    {"oi_adv_days", "day", MQ_MEASURED, 0, INFINITY,
     "Open interest over the volume of the last 24 hours, over the venues where both are known."},
    {"depth_hhi", "1", MQ_MEASURED, 0, 1,
     "Herfindahl-Hirschman index of depth within 50 bps (both sides) over the venues where it is "
     "known; unknown when these have less than half the open interest."},
    {"hhi_gap", "1", MQ_MEASURED, -1, 1,
     "oi_hhi minus depth_hhi over the same venues: positive = open interest is more concentrated "
     "than depth."},
};

static const struct metric liq_metrics[] = {
    {"liq_hhi", "1", MQ_LOWER_BOUND, 0, 1,
     "Herfindahl-Hirschman index of the liquidations shown within 24 hours, in base units, over "
     "the venues with a public feed, sampled and complete ones alike; unknown (no_oi) while none "
     "were."},
};

static double thinner(const struct cell *book, int band, uint8_t *why)
{
    const struct cell *bid = &book[BOOK_DEPTH + DEPTH_BID + band];
    const struct cell *ask = &book[BOOK_DEPTH + DEPTH_ASK + band];
    *why = reason_worse(bid->reason, ask->reason);
    return *why == R_KNOWN ? fmin(bid->value, ask->value) : NAN;
}

static double volume_usd(const struct risk *r, const struct risk_view *v, int64_t now_us,
                         uint8_t *why)
{
    double sum = 0;
    *why = R_KNOWN;
    for (int i = 0; i < v->n; i++) {
        uint8_t w = R_KNOWN;
        sum += market_volume_usd(risk_market(r), v->slot[i], now_us, &w);
        *why = reason_worse(*why, w);
    }
    return sum;
}

static void ratio(struct cell above, double below, uint8_t why, struct cell *out)
{
    why = reason_worse(above.reason, why);
    if (why == R_KNOWN && !(below > 0))
        cell_unknown(out, R_EMPTY_BOOK);
    else
        cell_or(out, why ? NAN : above.value / below, why);
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct cell *oi = &risk_family_cells(r, s, FAM_OI_VENUE)[OI_USD];
    uint8_t why = R_KNOWN;
    double depth = thinner(risk_family_cells(r, s, FAM_BOOK_VENUE), BAND_100, &why);
    ratio(*oi, depth / EXIT_SHARE, why, &out[EXIT_100]);
    double volume = volume_usd(r, risk_view_of(r, s), now_us, &why);
    if (why == R_KNOWN && !(volume > 0))
        why = R_NO_OI; /* nothing traded all day */
    ratio(*oi, volume, why, &out[ADV_DAYS]);
}

/* Open interest over sum of (open interest / ratio): the ratio of sums, from the venues' ratios. */
static void asset_ratio(const struct risk *r, uint32_t asset, int i, struct cell *out)
{
    struct part_sum p = venues_sum(r, asset, FAM_CONC_VENUE, i);
    double above = 0, below = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        struct cell x = risk_family_cells(r, s, FAM_CONC_VENUE)[i];
        struct cell oi = risk_family_cells(r, s, FAM_OI_VENUE)[OI_USD];
        if (x.reason != R_KNOWN || oi.reason != R_KNOWN || !(x.value > 0))
            continue;
        above += oi.value;
        below += oi.value / x.value;
    }
    cell_or(out, part_ok(&p) && below > 0 ? above / below : NAN, p.why ? p.why : R_NO_OI);
}

static void eval_depth(const struct risk *r, uint32_t asset, struct cell *out)
{
    struct part_sum known = {0};
    double depth[DIR_VENUES_MAX], oi[DIR_VENUES_MAX];
    int n = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        const struct cell *b = &risk_family_cells(r, s, FAM_BOOK_VENUE)[BOOK_DEPTH];
        const struct cell *q = &risk_family_cells(r, s, FAM_OI_VENUE)[OI_BASE];
        uint8_t why = reason_worse(b[DEPTH_BID + BAND_50].reason, b[DEPTH_ASK + BAND_50].reason);
        why = reason_worse(why, q->reason);
        double x = b[DEPTH_BID + BAND_50].value + b[DEPTH_ASK + BAND_50].value;
        if (risk_view_of(r, s)->n == 0)
            continue;
        part_add(&known, why ? NAN : x, why, risk_view_of(r, s)->oi_last_sum);
        if (why)
            continue;
        depth[n] = x;
        oi[n++] = q->value;
    }
    double hhi = part_ok(&known) ? stat_hhi(depth, n) : NAN, oi_hhi = stat_hhi(oi, n);
    cell_or(&out[CONC_DEPTH_HHI], fmin(hhi, isnan(hhi) ? NAN : 1),
            known.why ? known.why : R_EMPTY_BOOK);
    cell_or(&out[CONC_GAP], oi_hhi - hhi, known.why ? known.why : R_NO_OI);
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    asset_ratio(r, s.id, EXIT_100, &out[CONC_EXIT]);
    asset_ratio(r, s.id, ADV_DAYS, &out[CONC_ADV]);
    eval_depth(r, s.id, out);
}

static double day_liq_base(const struct risk_view *v, int64_t now_us)
{
    double sum = 0;
    for (int i = 0; i < v->n; i++)
        sum += series_sum(&v->slot[i]->s[S_LIQ_LONG_BASE], now_us, DAY_US) +
               series_sum(&v->slot[i]->s[S_LIQ_SHORT_BASE], now_us, DAY_US);
    return sum;
}

static void eval_liq(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    struct part_sum known = {0};
    double x[DIR_VENUES_MAX];
    int n = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        const struct risk_view *view = risk_view_of(r, subject_venue_asset((uint8_t)v, s.id));
        if (view->n == 0 || !risk_venue_conf(r, (uint8_t)v)->liq_public)
            continue;
        double sum = view->down ? NAN : day_liq_base(view, now_us);
        part_add(&known, sum, view->down ? R_DOWN : R_WARMUP, view->oi_last_sum);
        if (!isnan(sum))
            x[n++] = sum;
    }
    double hhi = part_ok(&known) ? stat_hhi(x, n) : NAN;
    cell_or(out, fmin(hhi, isnan(hhi) ? NAN : 1),
            known.why      ? known.why
            : known.n == 0 ? R_NOT_TRACKED
                           : R_NO_OI);
}

static const char *const venue_needs[] = {"m_venue_asset.oi_usd",
                                          "m_venue_asset.depth_100bps_bid_usd",
                                          "m_venue_asset.depth_100bps_ask_usd", NULL};
const struct metric_family family_conc_venue = {
    .name = "concentration_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = CONC_VENUE_N,
    .period_s = 1,
    .needs = venue_needs,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {"m_venue_asset.exit_ratio_100bps",
                                          "m_venue_asset.oi_adv_days",
                                          "m_venue_asset.oi_base",
                                          "m_venue_asset.depth_50bps_bid_usd",
                                          "m_venue_asset.depth_50bps_ask_usd",
                                          NULL};
const struct metric_family family_conc_asset = {
    .name = "concentration_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = CONC_ASSET_N,
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};

const struct metric_family family_conc_liq = {
    .name = "concentration_liquidations",
    .table = MT_ASSET,
    .metrics = liq_metrics,
    .n = 1,
    .period_s = 60,
    .eval = eval_liq,
};
