/* Who is crowded where: accounts. In: shares of long accounts as venues tell them by REST. Out: the
 * share per venue and, weighted by open interest, per asset, with what it says about sizes.
 * Contracts are always balanced, long = short; 70 % long accounts say that the average short is
 * 0.7/0.3 = 2.33 times the average long. The surprising thing: open interest is never split by it.
 */
#include "risk/family.h"

static const struct metric venue_metrics[] = {
    {"long_account_frac", "frac", MQ_MEASURED, 0, 1,
     "Share of the accounts with a position that are net long, as the venue counts them, weighted "
     "by open interest over its instruments."},
};

static const struct metric asset_metrics[] = {
    {"long_account_frac", "frac", MQ_MEASURED, 0, 1,
     "Share of accounts that are net long, weighted by open interest over the venues that tell "
     "it."},
    {"short_long_size_ratio", "1", MQ_MEASURED, 0, INFINITY,
     "Average size of a short account over that of a long one: p / (1 - p) of the share p of long "
     "accounts. Says nothing about open interest, which is always half and half."},
};

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    struct part_sum p = {0};
    double sum = 0, weight = 0;
    for (int i = 0; i < v->n; i++) {
        uint8_t why = R_KNOWN;
        double x = market_long_frac(v->slot[i], now_us, &why);
        double w = v->oi_last_sum > 0 ? v->oi_last[i] : 1;
        part_add(&p, x, why, w);
        sum += why ? 0 : w * x;
        weight += why ? 0 : w;
    }
    cell_or(out, part_ok(&p) && weight > 0 ? sum / weight : NAN, p.why ? p.why : R_NO_OI);
}

/* Over the venues that tell: some never do, and would hold the mean unknown for ever. */
static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    double sum = 0, weight = 0;
    uint8_t why = R_NOT_TRACKED;
    (void)now_us;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject va = subject_venue_asset((uint8_t)v, s.id);
        struct cell c = risk_family_cells(r, va, FAM_CROWD_VENUE)[0];
        double w = risk_view_of(r, va)->oi_last_sum;
        why = reason_worse(why, c.reason);
        if (c.reason != R_KNOWN)
            continue;
        sum += w * c.value;
        weight += w;
    }
    double p = weight > 0 ? sum / weight : NAN;
    cell_or(&out[0], p, why);
    cell_or(&out[1], p < 1 ? p / (1 - p) : NAN, isnan(p) ? why : R_NO_OI);
}

const struct metric_family family_crowd_venue = {
    .name = "crowd_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = 1,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const needs[] = {"m_venue_asset.long_account_frac", NULL};
const struct metric_family family_crowd_asset = {
    .name = "crowd_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = 2,
    .period_s = 1,
    .needs = needs,
    .eval = eval_asset,
};
