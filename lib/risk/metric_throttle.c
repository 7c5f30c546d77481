/* What throttled liquidation feeds hide. In: the pushes of each instrument (market/throttle.h).
 * Out: how occupied the feed is, which throttle its gaps show, and an estimate with an interval
 * beside the lower bound liq_*_5m_usd. A venue whose feed is complete is its own estimate; one that
 * shows only part by other rules is unknown. The surprising thing: while a block of ten seconds is
 * saturated there is no upper end, and the reason says throttled. */
#include "risk/family.h"

#define SPAN_US (THROTTLE_SPAN_S * INT64_C(1000000))

#define EST_ROWS(side)                                                                             \
    {"liq_" side "_5m_est_usd",                                                                    \
     "USD",                                                                                        \
     MQ_MODELLED,                                                                                  \
     0,                                                                                            \
     INFINITY,                                                                                     \
     "Estimate of " side " liquidations over the last 5 minutes: what was shown in each 10 s, "    \
     "times the rate behind its occupancy. Biased low when they cluster within a second."},        \
        {"liq_" side "_5m_est_lo_usd",                                                             \
         "USD",                                                                                    \
         MQ_MODELLED,                                                                              \
         0,                                                                                        \
         INFINITY,                                                                                 \
         "Lower end of its 95 % interval; never below what was shown."},                           \
    {                                                                                              \
        "liq_" side "_5m_est_hi_usd", "USD", MQ_MODELLED, 0, INFINITY,                             \
            "Upper end of its 95 % interval, for the count: sizes of what was hidden are taken "   \
            "as those shown. Unknown (throttled) while saturated."                                 \
    }

enum { OCC_10S, OCC, SATURATED, KIND, MIN_GAP, EST, EST_LO, EST_HI, EST_SIDE, N = EST + 6 };
static const struct metric metrics[] = {
    {"liq_occupancy_10s_frac", "frac", MQ_MEASURED, 0, 1,
     "Pushes of the liquidation feed over the last 10 s against one a second, busiest instrument: "
     "saturated from 0.8, where 1.6 a second hide behind it."},
    {"liq_occupancy_frac", "frac", MQ_MEASURED, 0, 1, "The same over the last 5 minutes."},
    {"liq_saturated_frac", "frac", MQ_MEASURED, 0, 1,
     "Share of the 10 s blocks of the last 5 minutes with an occupancy above 0.8."},
    {"liq_throttle", "1", MQ_MEASURED, 0, THROTTLE_KINDS - 1,
     "What the gaps between pushes show: 0 too few to tell, 1 one per fixed second, 2 dead time "
     "after each, 3 none."},
    {"liq_min_gap_s", "s", MQ_MEASURED, 0, INFINITY, "Smallest gap between two pushes."},
    EST_ROWS("long"),
    EST_ROWS("short"),
};

static uint8_t flow_why(const struct risk *r, const struct risk_view *v, int64_t now_us,
                        double shown[2])
{
    uint8_t why = R_KNOWN;
    shown[0] = shown[1] = 0;
    for (int i = 0; i < v->n; i++) {
        uint8_t link = R_KNOWN;
        double x = series_sum(&v->slot[i]->s[S_LIQ_LONG_USD], now_us, SPAN_US);
        double y = series_sum(&v->slot[i]->s[S_LIQ_SHORT_USD], now_us, SPAN_US);
        shown[0] += x;
        shown[1] += y;
        if (!isnan(x + y))
            continue;
        (void)market_level(risk_market(r), v->slot[i], S_MARK, now_us, &link);
        why = reason_worse(why, link == R_DOWN ? R_DOWN : R_WARMUP);
    }
    return why;
}

static void eval_complete(const double shown[2], struct cell *out)
{
    cells_unknown(out, EST, R_NOT_TRACKED); /* not throttled */
    for (int side = 0; side < 2; side++)
        for (int i = EST; i < EST_SIDE; i++)
            cell_known(&out[i + side * 3], shown[side]);
}

struct read { /* sums and worst over the venue's instruments */
    struct throttle_view sum;
    enum throttle_kind kind;
    int64_t min_gap_us;
};

static void read_slot(const struct throttle *t, int64_t now_us, struct read *x)
{
    struct throttle_view v;
    throttle_read(t, now_us, &v);
    x->sum.occupancy_10s = fmax(x->sum.occupancy_10s, v.occupancy_10s);
    x->sum.occupancy = fmax(x->sum.occupancy, v.occupancy);
    x->sum.saturated_frac = fmax(x->sum.saturated_frac, v.saturated_frac);
    for (int i = 0; i < 2; i++) {
        x->sum.est[i] += v.est[i];
        x->sum.lo[i] += v.lo[i];
        x->sum.hi[i] += v.hi[i];
    }
    if (throttle_kind(t) > x->kind)
        x->kind = throttle_kind(t);
    int64_t gap = throttle_min_gap_us(t);
    if (gap && (!x->min_gap_us || gap < x->min_gap_us))
        x->min_gap_us = gap;
}

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct risk_venue *conf = risk_venue_conf(r, s.venue);
    double shown[2];
    uint8_t why = flow_why(r, v, now_us, shown);
    if (!conf->liq_public || conf->liq_coverage == COVER_PARTIAL || why) {
        cells_unknown(out, N, why && conf->liq_public ? why : R_NOT_TRACKED);
        return;
    }
    if (conf->liq_coverage == COVER_COMPLETE) {
        eval_complete(shown, out);
        return;
    }
    struct read x = {.kind = THROTTLE_UNSEEN};
    for (int i = 0; i < v->n; i++)
        read_slot(&v->slot[i]->liq, now_us, &x);
    cell_known(&out[OCC_10S], x.sum.occupancy_10s);
    cell_known(&out[OCC], x.sum.occupancy);
    cell_known(&out[SATURATED], x.sum.saturated_frac);
    cell_known(&out[KIND], x.kind);
    cell_or(&out[MIN_GAP], x.min_gap_us ? (double)x.min_gap_us / 1e6 : NAN, R_WARMUP);
    bool none = x.kind == THROTTLE_NONE; /* it hides orders by a rule we do not know */
    for (int i = 0; i < 2; i++) {
        cell_or(&out[EST + 3 * i], none ? NAN : x.sum.est[i], R_NOT_TRACKED);
        cell_or(&out[EST_LO + 3 * i], none ? NAN : x.sum.lo[i], R_NOT_TRACKED);
        cell_or(&out[EST_HI + 3 * i], none ? NAN : x.sum.hi[i], none ? R_NOT_TRACKED : R_THROTTLED);
    }
}

const struct metric_family family_throttle = {
    .name = "throttle",
    .table = MT_VENUE_ASSET,
    .metrics = metrics,
    .n = N,
    .period_s = 1,
    .eval = eval,
};
