/* Fair price and each venue's deviation from it. In: fresh mids (else marks) of primary
 * instruments, converted to USD with the cross rate of the quote coin. Out: their weighted median,
 * and per venue ln(own / fair). The weighted median is the rule of Hyperliquid's oracle (its
 * documentation, "Oracle": weights 3, 2, 2, 1 ...): a single source moves it only with half the
 * total weight. With one known venue there is nothing to compare, so its deviation is unknown, not
 * 0. Fast: judged in turns. */
#include "risk/family.h"
#include "base/stat.h"

enum { FAIR_PX, FAIR_N, FAIR_CELLS };
static const struct metric fair_metrics[] = {
    {"px_fair_usd", "USD", MQ_MEASURED, 0, INFINITY,
     "Fair price of one unit of the asset: weighted median over venues of their mid (else mark) in "
     "USD, quote coins converted with their cross rates."},
    {"px_fair_venues", "1", MQ_MEASURED, 0, DIR_VENUES_MAX,
     "How many venues' prices px_fair_usd is made of."},
};

static const struct metric dev_metrics[] = {
    {"px_dev_bps", "bps", MQ_MEASURED, -INFINITY, INFINITY,
     "ln(the venue's price / px_fair_usd); unknown while only one venue is known."},
};

/* The venue's price of one unit of the asset in USD. */
static double venue_px_usd(const struct risk *r, const struct risk_view *v, int64_t now_us,
                           uint8_t *why)
{
    const struct market *m = risk_market(r);
    const struct instrument *inst = v->inst[v->primary];
    const struct slot *s = v->slot[v->primary];
    uint8_t mid_why = R_KNOWN;
    *why = R_DOWN;
    if (v->down)
        return NAN;
    double px = market_level(m, s, S_MID, now_us, &mid_why);
    *why = mid_why;
    if (mid_why != R_KNOWN) {
        px = market_level(m, s, S_MARK, now_us, why);
        if (*why != R_KNOWN)
            *why = reason_worse(*why, mid_why);
    }
    bool known = false; /* a coin without a cross rate counts as one dollar */
    return px * market_usd_per(m, slice_of(inst->quote), &known) / inst->multiplier;
}

static void eval_fair(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    double px[DIR_VENUES_MAX], weight[DIR_VENUES_MAX];
    uint8_t worst = R_KNOWN;
    int n = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        const struct risk_view *view = risk_view_of(r, subject_venue_asset((uint8_t)v, s.id));
        if (view->n == 0)
            continue;
        uint8_t why = R_KNOWN;
        double x = venue_px_usd(r, view, now_us, &why);
        worst = reason_worse(worst, why);
        if (why != R_KNOWN)
            continue;
        px[n] = x;
        weight[n++] = risk_venue_conf(r, (uint8_t)v)->fair_weight;
    }
    cell_or(&out[FAIR_PX], stat_wmedian(px, weight, n), worst ? worst : R_NOT_TRACKED);
    cell_known(&out[FAIR_N], n);
}

/* Why nothing can be compared: the worst reason among the other venues that list the asset. */
static uint8_t others_why(const struct risk *r, struct subject s, int64_t now_us)
{
    uint8_t worst = R_NOT_TRACKED;
    for (int v = 0; v < risk_venues(r); v++) {
        const struct risk_view *view = risk_view_of(r, subject_venue_asset((uint8_t)v, s.id));
        uint8_t why = R_KNOWN;
        if (view->n == 0 || v == s.venue)
            continue;
        (void)venue_px_usd(r, view, now_us, &why);
        worst = reason_worse(worst, why);
    }
    return worst;
}

static void eval_dev(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct cell *fair = risk_family_cells(r, subject_asset(s.id), FAM_FAIR);
    uint8_t why = R_KNOWN;
    double px = venue_px_usd(r, risk_view_of(r, s), now_us, &why);
    if (why != R_KNOWN)
        cell_unknown(out, why);
    else if (fair[FAIR_PX].reason != R_KNOWN)
        cell_unknown(out, fair[FAIR_PX].reason);
    else if (fair[FAIR_N].value < 2)
        cell_unknown(out, others_why(r, s, now_us));
    else
        cell_known(out, 1e4 * log(px / fair[FAIR_PX].value));
}

const struct metric_family family_fair = {
    .name = "fair_price",
    .table = MT_ASSET,
    .metrics = fair_metrics,
    .n = FAIR_CELLS,
    .period_s = 1,
    .fast = true,
    .eval = eval_fair,
};

static const char *const dev_needs[] = {"m_asset.px_fair_usd", "m_asset.px_fair_venues", NULL};
const struct metric_family family_dev = {
    .name = "price_deviation",
    .table = MT_VENUE_ASSET,
    .metrics = dev_metrics,
    .n = 1,
    .period_s = 1,
    .fast = true,
    .needs = dev_needs,
    .eval = eval_dev,
};
