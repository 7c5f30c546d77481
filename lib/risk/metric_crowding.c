/* Crowding: is one side paying, bid up and crowded more than is usual for this asset? In: funding,
 * basis and account ratios now, and their past (model stats). Out: three robust z-scores and their
 * mean, which is 0 when their signs disagree. (x - median) / (1.4826 MAD) against up to 720 hourly
 * samples: funding is clamped and spiky, so moments would mislead; the venues' interest component
 * is a constant and falls out. The surprising thing: a floor under the MAD keeps a rate that never
 * moved from turning the first move into a hundred deviations. */
#include "risk/model_stats.h"

enum { FUND_Z, BASIS_Z, LSR_Z, CROWDING, CROWDING_N };
static const struct metric metrics[] = {
    {"fund_z", "1", MQ_MEASURED, -INFINITY, INFINITY,
     "Funding (fund_oiw_8h) against its own last 30 watched days, hourly, in robust standard "
     "deviations; warming up for 30 hours."},
    {"basis_z", "1", MQ_MEASURED, -INFINITY, INFINITY,
     "Basis, smoothed with a half-life of 60 s, against its own last 30 watched days, hourly, in "
     "robust standard deviations."},
    {"lsr_logit_z", "1", MQ_MEASURED, -INFINITY, INFINITY,
     "Logit of long_account_frac against its own last 30 watched days, hourly, in robust standard "
     "deviations."},
    {"crowding", "1", MQ_MEASURED, -INFINITY, INFINITY,
     "Mean of those of the three z-scores that are known, at least two; 0 when their signs "
     "disagree. Positive = longs are crowded."},
};

/* At least two that are known and of one sign. */
static double consistent_mean(const struct cell *z, uint8_t *why)
{
    double sum = 0;
    int n = 0, up = 0, down = 0;
    *why = R_KNOWN;
    for (int i = 0; i < CROWDING; i++) {
        if (z[i].reason != R_KNOWN) {
            *why = reason_worse(*why, z[i].reason);
            continue;
        }
        n++;
        sum += z[i].value;
        up += z[i].value > 0;
        down += z[i].value < 0;
    }
    if (n < 2)
        return NAN;
    return up && down ? 0 : sum / n;
}

static void score(const struct stats_asset *a, enum past_id id, double x, uint8_t why,
                  struct cell *out)
{
    cell_or(out, why ? NAN : past_z(&a->past[id], id, x), why ? why : R_WARMUP);
}

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct stats_asset *a = stats_of(r, s.id);
    struct cell fund = risk_family_cells(r, s, FAM_FUND_ASSET)[FUNDA_OIW];
    struct cell basis = risk_family_cells(r, s, FAM_BASIS_ASSET)[BASISA_BPS];
    struct cell share = risk_family_cells(r, s, FAM_CROWD_ASSET)[0];
    uint8_t why = R_KNOWN;
    (void)now_us;
    score(a, PAST_FUND, fund.value, fund.reason, &out[FUND_Z]);
    score(a, PAST_BASIS, a->basis.mean, basis.reason, &out[BASIS_Z]);
    score(a, PAST_ACCOUNTS, account_logit(share.value), share.reason, &out[LSR_Z]);
    double mean = consistent_mean(out, &why);
    cell_or(&out[CROWDING], mean, why);
}

static const char *const needs[] = {"m_asset.fund_oiw_8h", "m_asset.basis_bps",
                                    "m_asset.long_account_frac", NULL};
const struct metric_family family_crowding = {
    .name = "crowding",
    .table = MT_ASSET,
    .metrics = metrics,
    .n = CROWDING_N,
    .period_s = 1,
    .needs = needs,
    .eval = eval,
};
