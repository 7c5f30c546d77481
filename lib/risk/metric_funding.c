/* Funding: what holding a perpetual costs, on one scale. In: S_FUND_RATE per interval with the
 * interval's hours. Out: rate scaled to 8 h, per year (simple), when it is next paid, and over
 * venues the mean weighted by open interest and the spread. Venues change the interval of an
 * instrument (8 h, 4 h, 1 h) without notice, so a rate without a known interval is unknown, not
 * assumed. */
#include "risk/family.h"

#define PERIODS_A_YEAR (3.0 * 365.0) /* of 8 h */
#define HOUR_S         3600.0

static const struct metric venue_metrics[] = {
    {"fund_8h", "1/8h", MQ_MEASURED, -1, 1,
     "Funding rate scaled to 8 hours (rate x 8 / interval), weighted by open interest over the "
     "venue's "
     "instruments; positive = longs pay."},
    {"fund_ann_frac", "frac", MQ_MEASURED, -1095, 1095,
     "Funding per year, simple: fund_8h x 3 x 365."},
    {"fund_interval_h", "h", MQ_MEASURED, 0, 168, "Funding interval of the primary instrument."},
    {"fund_next_s", "s", MQ_MEASURED, 0, 604800,
     "Seconds until the primary instrument's funding is paid."},
};

static const struct metric asset_metrics[] = {
    {"fund_oiw_8h", "1/8h", MQ_MEASURED, -1, 1,
     "Funding rate scaled to 8 hours, weighted by open interest over the known venues."},
    {"fund_ann_frac", "frac", MQ_MEASURED, -1095, 1095,
     "Funding per year, simple: fund_oiw_8h x 3 x 365."},
    {"fund_disp_8h", "1/8h", MQ_MEASURED, 0, 2,
     "Dispersion: highest minus lowest fund_8h over the known venues, at least two."},
};

static double slot_interval_h(const struct risk_view *v, int i)
{
    double h = v->slot[i]->fund_interval_h;
    return h > 0 ? h : v->inst[i]->funding_interval_h;
}

static double slot_rate_8h(const struct risk *r, const struct risk_view *v, int i, int64_t now_us,
                           uint8_t *why)
{
    double rate = market_level(risk_market(r), v->slot[i], S_FUND_RATE, now_us, why);
    double h = slot_interval_h(v, i);
    if (*why == R_KNOWN && !(h > 0)) {
        *why = R_UNIT_UNPROVEN;
        return NAN;
    }
    return rate * 8 / h;
}

static void eval_next(const struct slot *s, uint8_t rate_why, int64_t now_us, struct cell *out)
{
    int64_t left_us = s->fund_next_us - now_us;
    if (s->fund_next_us == 0) /* a venue that gives rates, but never says when */
        cell_unknown(out, rate_why ? rate_why : R_NOT_TRACKED);
    else if (left_us < 0) /* the venue has not named the next one yet */
        cell_unknown(out, R_STALE);
    else
        cell_known(out, (double)left_us / 1e6);
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    struct part_sum parts = {0};
    double weighted = 0, weight = 0;
    for (int i = 0; i < v->n; i++) {
        uint8_t why = R_KNOWN;
        double f8 = slot_rate_8h(r, v, i, now_us, &why);
        /* while no open interest is known at all, instruments count alike */
        double w = v->oi_last_sum > 0 ? v->oi_last[i] : 1;
        part_add(&parts, f8, why, w);
        if (why == R_KNOWN) {
            weighted += w * f8;
            weight += w;
        }
    }
    if (part_ok(&parts) && weight > 0) {
        cell_known(&out[FUND_8H], weighted / weight);
        cell_known(&out[FUND_ANN], weighted / weight * PERIODS_A_YEAR);
    } else {
        cells_unknown(out, 2, parts.why ? parts.why : R_NO_OI);
    }
    cell_or(&out[FUND_INTERVAL], slot_interval_h(v, v->primary), R_UNIT_UNPROVEN);
    uint8_t rate_why = R_KNOWN;
    (void)slot_rate_8h(r, v, v->primary, now_us, &rate_why);
    eval_next(v->slot[v->primary], rate_why, now_us, &out[FUND_NEXT]);
}

static void eval_dispersion(const struct risk *r, uint32_t asset, uint8_t why, struct cell *out)
{
    double lo = INFINITY, hi = -INFINITY;
    int n = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        struct cell c = risk_family_cells(r, s, FAM_FUND_VENUE)[FUND_8H];
        if (c.reason != R_KNOWN)
            continue;
        lo = fmin(lo, c.value);
        hi = fmax(hi, c.value);
        n++;
    }
    if (n >= 2)
        cell_known(out, hi - lo);
    else
        cell_unknown(out, why ? why : R_NOT_TRACKED); /* nothing to compare with */
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    struct part_sum parts = venues_sum(r, s.id, FAM_FUND_VENUE, FUND_8H);
    double weighted = 0, weight = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject va = subject_venue_asset((uint8_t)v, s.id);
        struct cell c = risk_family_cells(r, va, FAM_FUND_VENUE)[FUND_8H];
        double w = risk_view_of(r, va)->oi_last_sum;
        if (c.reason == R_KNOWN) {
            weighted += w * c.value;
            weight += w;
        }
    }
    if (part_ok(&parts) && weight > 0) {
        cell_known(&out[FUNDA_OIW], weighted / weight);
        cell_known(&out[FUNDA_ANN], weighted / weight * PERIODS_A_YEAR);
    } else {
        cells_unknown(out, 2, parts.why ? parts.why : R_NO_OI);
    }
    eval_dispersion(r, s.id, parts.why, &out[FUNDA_DISP]);
}

const struct metric_family family_fund_venue = {
    .name = "funding_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = FUND_VENUE_N,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {"m_venue_asset.fund_8h", NULL};
const struct metric_family family_fund_asset = {
    .name = "funding_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = FUND_ASSET_N,
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};
