/* Build-up: does open interest grow or shrink while the price rises or falls, measured against what
 * is usual, and how much of a fall was forced? In: changes of open interest in base units, the
 * price of the asset, liquidations, the moments of model stats. Out per window: quadrant, strength,
 * forced share. Base units, because open interest in dollars moves with the price when nobody
 * trades. The surprising thing: a liquidation that a new position buys leaves open interest as it
 * was, so the forced share is a bound on consistency, not an account of who closed. */
#include "risk/model_stats.h"

#define WINDOWS 3
static const struct {
    int64_t us;
    int chg; /* position among the changes of open interest: 1 m, 5 m, 1 h, 24 h */
} window[WINDOWS] = {{INT64_C(300000000), 1}, {INT64_C(3600000000), 2}, {INT64_C(86400000000), 3}};

enum { QUADRANT, STRENGTH, FORCED, OF_WINDOW };
#define BUILD_ROWS(span, text)                                                                     \
    {"oi_quadrant_" span,                                                                          \
     "1",                                                                                          \
     MQ_MEASURED,                                                                                  \
     0,                                                                                            \
     4,                                                                                            \
     "Open interest and price over " text ": 0 no unusual change of open interest (within one "    \
     "deviation), 1 new longs press (both rise), 2 new shorts press (price falls), 3 longs "       \
     "unwind "                                                                                     \
     "or are liquidated (both fall), 4 shorts cover (price rises)."},                              \
        {"oi_strength_" span,                                                                      \
         "1",                                                                                      \
         MQ_MEASURED,                                                                              \
         0,                                                                                        \
         INFINITY,                                                                                 \
         "sqrt(x^2 + y^2) of the z-scores of the changes of open interest and price over " text    \
         "; 0 in quadrant 0."},                                                                    \
    {                                                                                              \
        "oi_forced_" span "_frac", "frac", MQ_LOWER_BOUND, 0, 1,                                   \
            "Liquidations shown over " text ", in base units, over the fall of open interest of "  \
            "the same venues, at most 1; unknown (no_oi) unless it fell."                          \
    }
static const struct metric metrics[WINDOWS * OF_WINDOW] = {
    BUILD_ROWS("5m", "5 minutes"),
    BUILD_ROWS("1h", "an hour"),
    BUILD_ROWS("24h", "24 hours"),
};

static int quadrant(double x, double y)
{
    if (!(fabs(x) > 1))
        return 0;
    if (x > 0)
        return y >= 0 ? 1 : 2;
    return y < 0 ? 3 : 4;
}

static void eval_quadrant(const struct risk *r, struct subject s, int w, int64_t now_us,
                          struct cell *out)
{
    const struct stats_asset *a = stats_of(r, s.id);
    struct cell oi = risk_family_cells(r, s, FAM_OI_ASSET)[OI_CHG_FRAC + window[w].chg];
    uint8_t why = R_KNOWN;
    double steps = (double)(window[w].us / BUILD_STEP_US);
    double move = asset_move(r, s.id, window[w].us, now_us, &why);
    why = reason_worse(why, oi.reason);
    double x = why || oi.value <= -1 ? NAN : change_z(&a->change[0], log1p(oi.value), steps);
    double y = why ? NAN : change_z(&a->change[1], move, steps);
    if (isnan(x) || isnan(y)) {
        cells_unknown(out, 2, why ? why : R_WARMUP);
        return;
    }
    cell_known(&out[QUADRANT], quadrant(x, y));
    cell_known(&out[STRENGTH], fabs(x) > 1 ? hypot(x, y) : 0);
}

struct fall { /* of one venue over a window, base units */
    double liq, oi;
    uint8_t why;
};

static struct fall venue_fall(const struct risk *r, struct subject va, int w, int64_t now_us)
{
    const struct risk_view *v = risk_view_of(r, va);
    struct cell chg = risk_family_cells(r, va, FAM_OI_VENUE)[OI_CHG_BASE + window[w].chg];
    double sum = 0;
    for (int i = 0; i < v->n; i++)
        sum += series_sum(&v->slot[i]->s[S_LIQ_LONG_BASE], now_us, window[w].us) +
               series_sum(&v->slot[i]->s[S_LIQ_SHORT_BASE], now_us, window[w].us);
    uint8_t why = v->down                 ? R_DOWN
                  : chg.reason != R_KNOWN ? chg.reason
                  : isnan(sum)            ? R_WARMUP
                                          : R_KNOWN;
    return (struct fall){why ? NAN : sum, why ? NAN : -chg.value, why};
}

static void eval_forced(const struct risk *r, struct subject s, int w, int64_t now_us,
                        struct cell *out)
{
    struct part_sum known = {0};
    double liq = 0, fall = 0;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject va = subject_venue_asset((uint8_t)v, s.id);
        const struct risk_view *view = risk_view_of(r, va);
        if (view->n == 0 || !risk_venue_conf(r, (uint8_t)v)->liq_public)
            continue;
        struct fall f = venue_fall(r, va, w, now_us);
        part_add(&known, f.liq, f.why, view->oi_last_sum);
        liq += f.why ? 0 : f.liq;
        fall += f.why ? 0 : f.oi;
    }
    double share = part_ok(&known) && fall > 0 ? fmin(liq / fall, 1) : NAN;
    cell_or(out, share, part_ok(&known) ? R_NO_OI : part_why(&known));
}

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    for (int w = 0; w < WINDOWS; w++) {
        eval_quadrant(r, s, w, now_us, &out[w * OF_WINDOW]);
        eval_forced(r, s, w, now_us, &out[w * OF_WINDOW + FORCED]);
    }
}

static const char *const needs[] = {"m_asset.oi_chg_5m_frac",
                                    "m_asset.oi_chg_1h_frac",
                                    "m_asset.oi_chg_24h_frac",
                                    "m_venue_asset.oi_chg_5m_base",
                                    "m_venue_asset.oi_chg_1h_base",
                                    "m_venue_asset.oi_chg_24h_base",
                                    NULL};
const struct metric_family family_buildup = {
    .name = "buildup",
    .table = MT_ASSET,
    .metrics = metrics,
    .n = WINDOWS * OF_WINDOW,
    .period_s = 5,
    .needs = needs,
    .eval = eval,
};
