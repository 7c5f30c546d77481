/* Open interest: per venue and asset, over venues, and how concentrated it is. In: S_OI_BASE and
 * S_MARK of every instrument. Out: three families (the share of a venue needs the sum over venues
 * first). Differences are taken in base units, because USD open interest moves with the price when
 * nobody trades. One-sided everywhere. Concentration after the Herfindahl-Hirschman index; its use
 * on venues of perpetuals: Sepper 2026, arXiv:2603.09164, section 4. */
#include "risk/family.h"
#include "base/stat.h"

#define CHANGES 4
static const int64_t change_span_us[CHANGES] = {60000000, 300000000, INT64_C(3600000000),
                                                INT64_C(86400000000)};

#define CHANGE_HELP(span)                                                                          \
    "Change of open interest over the last " span ", in base units of the asset. Instruments and " \
    "venues known at both ends only."
#define FRAC_HELP(span)                                                                            \
    "Change of open interest in base units over the last " span                                    \
    ", as a fraction of what it was then. Instruments and venues known at both ends only."
#define OI_METRICS(where)                                                                          \
    {"oi_usd", "USD",    MQ_MEASURED,                                                              \
     0,        INFINITY, "Open interest, one-sided, at the mark price, " where "."},               \
        {"oi_base", "base",   MQ_MEASURED,                                                         \
         0,         INFINITY, "Open interest, one-sided, in base units of the asset, " where "."}, \
        {"oi_chg_1m_base", "base", MQ_MEASURED, -INFINITY, INFINITY, CHANGE_HELP("minute")},       \
        {"oi_chg_5m_base", "base", MQ_MEASURED, -INFINITY, INFINITY, CHANGE_HELP("5 minutes")},    \
        {"oi_chg_1h_base", "base", MQ_MEASURED, -INFINITY, INFINITY, CHANGE_HELP("hour")},         \
        {"oi_chg_24h_base", "base", MQ_MEASURED, -INFINITY, INFINITY, CHANGE_HELP("24 hours")},    \
        {"oi_chg_1m_frac", "frac", MQ_MEASURED, -1, INFINITY, FRAC_HELP("minute")},                \
        {"oi_chg_5m_frac", "frac", MQ_MEASURED, -1, INFINITY, FRAC_HELP("5 minutes")},             \
        {"oi_chg_1h_frac", "frac", MQ_MEASURED, -1, INFINITY, FRAC_HELP("hour")},                  \
    {                                                                                              \
        "oi_chg_24h_frac", "frac", MQ_MEASURED, -1, INFINITY, FRAC_HELP("24 hours")                \
    }

static const struct metric venue_metrics[] = {OI_METRICS("all instruments of the venue")};

static const struct metric asset_metrics[] = {
    OI_METRICS("all known venues"),
    {"oi_hhi", "1", MQ_MEASURED, 0, 1,
     "Herfindahl-Hirschman index of open interest over the known venues: sum of squared shares."},
    {"oi_neff", "1", MQ_MEASURED, 1, DIR_VENUES_MAX, "Effective number of venues: 1 / oi_hhi."},
    {"oi_cr3", "frac", MQ_MEASURED, 0, 1, "Share of the three venues with most open interest."},
    {"oi_cov_frac", "frac", MQ_MEASURED, 0, 1,
     "Share of the last known open interest that the venues known now have. Below 0.5 the sums "
     "over "
     "venues are unknown."},
};

static const struct metric share_metrics[] = {
    {"oi_share_frac", "frac", MQ_MEASURED, 0, 1,
     "The venue's share of the asset's open interest over the known venues."},
};

/* Mark price per unit of the asset: open interest is in the asset's units, prices are the
 * instrument's. */
static double slot_px(const struct risk *r, const struct risk_view *v, int i, int64_t now_us,
                      uint8_t *why)
{
    double px = market_level(risk_market(r), v->slot[i], S_MARK, now_us, why);
    return px / v->inst[i]->multiplier;
}

struct oi_now { /* open interest of each instrument of a view, and why not */
    double oi[VIEW_SLOTS_MAX];
    uint8_t why[VIEW_SLOTS_MAX];
};

static void eval_change(const struct risk_view *v, int64_t now_us, int span, const struct oi_now *o,
                        struct cell *out)
{
    struct part_sum chg = {0}, then = {0};
    for (int i = 0; i < v->n; i++) {
        double d = series_change(&v->slot[i]->s[S_OI_BASE], now_us, change_span_us[span]);
        double was = o->oi[i] - d;
        uint8_t reason = o->why[i] ? o->why[i] : R_WARMUP;
        part_add(&chg, o->why[i] ? NAN : d, reason, v->oi_last[i]);
        part_add(&then, o->why[i] ? NAN : was, reason, v->oi_last[i]);
    }
    part_cell(&chg, &out[OI_CHG_BASE + span]);
    if (part_ok(&chg) && then.sum <= 0)
        cell_unknown(&out[OI_CHG_FRAC + span], R_NO_OI);
    else if (part_ok(&chg))
        cell_known(&out[OI_CHG_FRAC + span], fmax(-1, chg.sum / then.sum));
    else
        cell_unknown(&out[OI_CHG_FRAC + span], part_why(&chg));
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    struct part_sum base = {0}, usd = {0};
    struct oi_now o;
    for (int i = 0; i < v->n; i++) {
        uint8_t px_why = R_KNOWN;
        o.oi[i] = market_level(risk_market(r), v->slot[i], S_OI_BASE, now_us, &o.why[i]);
        double px = slot_px(r, v, i, now_us, &px_why);
        part_add(&base, o.oi[i], o.why[i], v->oi_last[i]);
        part_add(&usd, o.oi[i] * px, reason_worse(o.why[i], px_why), v->oi_last[i]);
    }
    if (v->settling) {
        cells_unknown(out, OI_VENUE_N, reason_worse(base.why, R_WARMUP));
        return;
    }
    part_cell(&usd, &out[OI_USD]);
    part_cell(&base, &out[OI_BASE]);
    for (int k = 0; k < CHANGES; k++)
        eval_change(v, now_us, k, &o, out);
}

/* Fractions of the asset: over the venues whose change is known, of what those venues had then. */
static void eval_asset_frac(const struct risk *r, uint32_t asset, int span,
                            const struct part_sum *chg, struct cell *out)
{
    double then = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        const struct cell *c = risk_family_cells(r, s, FAM_OI_VENUE);
        const struct cell *f = &c[OI_CHG_FRAC + span];
        if (c[OI_CHG_BASE + span].reason != R_KNOWN || f->reason != R_KNOWN)
            continue;
        /* what the venue had then: its change may cover fewer instruments than oi_base does */
        double d = c[OI_CHG_BASE + span].value;
        then += f->value != 0 ? d / f->value : c[OI_BASE].value;
    }
    if (!part_ok(chg))
        cell_unknown(out, part_why(chg));
    else if (then <= 0)
        cell_unknown(out, R_NO_OI);
    else
        cell_known(out, fmax(-1, chg->sum / then));
}

/* Asset families read their venues' cells; a venue still settling would make the sum jump when it
 * speaks, so the sums wait for it as long as SETTLE_US. */
static bool asset_settles(const struct risk *r, uint32_t asset)
{
    for (int v = 0; v < risk_venues(r); v++) {
        const struct risk_view *view = risk_view_of(r, subject_venue_asset((uint8_t)v, asset));
        if (view->n > 0 && view->settling && view->oi_last_sum <= 0)
            return true;
    }
    return false;
}

static void eval_concentration(const struct risk *r, uint32_t asset, struct cell *out)
{
    double x[DIR_VENUES_MAX];
    int n = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        struct cell c = risk_family_cells(r, s, FAM_OI_VENUE)[OI_BASE];
        if (c.reason == R_KNOWN)
            x[n++] = c.value;
    }
    double hhi = stat_hhi(x, n);
    if (isnan(hhi)) {
        cells_unknown(&out[OIA_HHI], 3, R_NO_OI);
        return;
    }
    cell_known(&out[OIA_HHI], fmin(hhi, 1)); /* rounding may pass the bounds */
    cell_known(&out[OIA_NEFF], fmax(1 / hhi, 1));
    cell_known(&out[OIA_CR3], fmin(stat_cr(x, n, 3), 1));
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    struct part_sum base = venues_sum(r, s.id, FAM_OI_VENUE, OI_BASE);
    cell_or(&out[OIA_COV], part_cover(&base), part_why(&base));
    if (asset_settles(r, s.id)) {
        cells_unknown(out, OIA_COV, reason_worse(base.why, R_WARMUP));
        return;
    }
    struct part_sum usd = venues_sum(r, s.id, FAM_OI_VENUE, OI_USD);
    part_cell(&usd, &out[OI_USD]);
    part_cell(&base, &out[OI_BASE]);
    for (int k = 0; k < CHANGES; k++) {
        struct part_sum chg = venues_sum(r, s.id, FAM_OI_VENUE, OI_CHG_BASE + k);
        part_cell(&chg, &out[OI_CHG_BASE + k]);
        eval_asset_frac(r, s.id, k, &chg, &out[OI_CHG_FRAC + k]);
    }
    if (part_ok(&base))
        eval_concentration(r, s.id, out);
    else
        cells_unknown(&out[OIA_HHI], 3, part_why(&base));
}

static void eval_share(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    struct cell own = risk_family_cells(r, s, FAM_OI_VENUE)[OI_BASE];
    struct cell all = risk_family_cells(r, subject_asset(s.id), FAM_OI_ASSET)[OI_BASE];
    if (own.reason != R_KNOWN)
        cell_unknown(out, own.reason);
    else if (all.reason != R_KNOWN)
        cell_unknown(out, all.reason);
    else
        cell_or(out, all.value > 0 ? fmin(own.value / all.value, 1) : NAN, R_NO_OI);
}

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))

const struct metric_family family_oi_venue = {
    .name = "oi_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = COUNT(venue_metrics),
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {"m_venue_asset.oi_usd",
                                          "m_venue_asset.oi_base",
                                          "m_venue_asset.oi_chg_1m_base",
                                          "m_venue_asset.oi_chg_5m_base",
                                          "m_venue_asset.oi_chg_1h_base",
                                          "m_venue_asset.oi_chg_24h_base",
                                          NULL};
const struct metric_family family_oi_asset = {
    .name = "oi_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = COUNT(asset_metrics),
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};

static const char *const share_needs[] = {"m_venue_asset.oi_base", "m_asset.oi_base", NULL};
const struct metric_family family_oi_share = {
    .name = "oi_share",
    .table = MT_VENUE_ASSET,
    .metrics = share_metrics,
    .n = COUNT(share_metrics),
    .period_s = 1,
    .needs = share_needs,
    .eval = eval_share,
};
