/* Basis and mark moves: how far the perpetual's mark stands from its index, and how far it has just
 * moved. In: S_MARK, S_INDEX of the primary instrument. Out: prices per unit of the asset (not of
 * the instrument: 1000PEPE is divided by its 1000), basis, dispersion, signed moves. The moves are
 * a family of their own because rules on them are judged in turns. */
#include "risk/family.h"

static const struct metric venue_metrics[] = {
    {"mark_px", "USD", MQ_MEASURED, 0, INFINITY,
     "Mark price of the primary instrument in its quote coin, per unit of the asset."},
    {"index_px", "USD", MQ_MEASURED, 0, INFINITY,
     "Index price of the primary instrument in its quote coin, per unit of the asset."},
    {"basis_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "(mark / index - 1) of the primary instrument; positive = the perpetual is dearer."},
};

static const struct metric asset_metrics[] = {
    {"basis_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Basis weighted by open interest over the known venues."},
    {"basis_disp_bps", "bps", MQ_MEASURED, 0, INFINITY,
     "Dispersion: highest minus lowest basis over the known venues, at least two."},
};

#define MOVES 2
static const int64_t move_span_us[MOVES] = {10000000, 60000000};
static const struct metric move_metrics[MOVES] = {
    {"mark_move_10s_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Move of the primary instrument's mark price over the last 10 seconds, signed."},
    {"mark_move_60s_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Move of the primary instrument's mark price over the last 60 seconds, signed."},
};

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct slot *p = v->slot[v->primary];
    double mult = v->inst[v->primary]->multiplier;
    uint8_t mark_why = R_KNOWN, index_why = R_KNOWN;
    double mark = market_level(risk_market(r), p, S_MARK, now_us, &mark_why);
    double index = market_level(risk_market(r), p, S_INDEX, now_us, &index_why);
    cell_or(&out[BASIS_MARK], mark / mult, mark_why);
    cell_or(&out[BASIS_INDEX], index / mult, index_why);
    cell_or(&out[BASIS_BPS], index > 0 ? 1e4 * (mark / index - 1) : NAN,
            reason_worse(mark_why, index_why));
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    struct part_sum parts = venues_sum(r, s.id, FAM_BASIS_VENUE, BASIS_BPS);
    double weighted = 0, weight = 0, lo = INFINITY, hi = -INFINITY;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject va = subject_venue_asset((uint8_t)v, s.id);
        struct cell c = risk_family_cells(r, va, FAM_BASIS_VENUE)[BASIS_BPS];
        if (c.reason != R_KNOWN)
            continue;
        double w = risk_view_of(r, va)->oi_last_sum;
        weighted += w * c.value;
        weight += w;
        lo = fmin(lo, c.value);
        hi = fmax(hi, c.value);
    }
    uint8_t why = parts.why ? parts.why : R_NO_OI;
    cell_or(&out[BASISA_BPS], part_ok(&parts) && weight > 0 ? weighted / weight : NAN, why);
    why = parts.why ? parts.why : R_NOT_TRACKED; /* nothing to compare with */
    cell_or(&out[BASISA_DISP], parts.n_known >= 2 ? hi - lo : NAN, why);
}

static void eval_move(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct slot *p = v->slot[v->primary];
    uint8_t why = R_KNOWN;
    double mark = market_level(risk_market(r), p, S_MARK, now_us, &why);
    for (int k = 0; k < MOVES; k++) {
        double d = series_change(&p->s[S_MARK], now_us, move_span_us[k]);
        double move = mark - d > 0 ? 1e4 * d / (mark - d) : NAN;
        cell_or(&out[k], why == R_KNOWN ? move : NAN, why ? why : R_WARMUP);
    }
}

const struct metric_family family_basis_venue = {
    .name = "basis_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = BASIS_VENUE_N,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {"m_venue_asset.basis_bps", NULL};
const struct metric_family family_basis_asset = {
    .name = "basis_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = BASIS_ASSET_N,
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};

const struct metric_family family_move = {
    .name = "mark_move",
    .table = MT_VENUE_ASSET,
    .metrics = move_metrics,
    .n = MOVES,
    .period_s = 1,
    .fast = true,
    .eval = eval_move,
};
