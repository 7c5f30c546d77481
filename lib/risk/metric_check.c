/* Cross-checks of a venue against itself: does its liquidation channel print when positions vanish
 * while the price moves, and does its mark stand where trades are made. In: series of open
 * interest, mark, mid, liquidations. Out: how many liquidation prints are missing, and the mark's
 * distance from trades. The surprising thing: a channel that printed once lately is alive, whatever
 * it left out; throttled and sampled feeds show few of many, so sizes prove nothing. */
#include "risk/family.h"

#define SEC INT64_C(1000000)

enum { CHECK_LIQ_MISSING, CHECK_MARK_TRADE, CHECK_N };
static const struct metric check_metrics[CHECK_N] = {
    {"liq_missing_n", "1", MQ_MODELLED, 0, INFINITY,
     "Liquidation prints that the fall of open interest and the move of the price since the last "
     "print (5 minutes at most) make one expect, while none came. Chance alone gives e^-n. 0 soon "
     "after a print."},
    {"mark_trade_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Mark price of the primary instrument, mean of 10 seconds, over the venue's own trades or "
     "mid price, whichever is nearer to it."},
};

/* ---- liquidations that should have been printed ---- */

#define LIQ_SPAN_US  (300 * SEC) /* evidence older than this is not used */
#define LIQ_LAG_US   (10 * SEC)  /* open interest is polled: a fall shows this much later */
#define LIQ_LEAST_US (15 * SEC)  /* shorter than that proves nothing */
#define LIQ_STEP_US  (10 * SEC)  /* how finely the price of the span is looked at */
#define LIQ_TOL_US   (30 * SEC)  /* values may be so much older than the moment asked for */
/* Positions of the highest leverage offered (100 to 125) stand half a per cent from liquidation: a
 * smaller move forces nobody. Of what is closed in a move of 5 % half is taken as forced. */
#define MOVE_NONE  0.005
#define MOVE_FULL  0.05
#define FORCED_MAX 0.5
/* One print, on the high side of the 10 to 20 thousand USD that public feeds show on average: fewer
 * prints are expected, and the check is slower rather than wrong. */
#define PRINT_USD 25000.0
/* The strictest throttle of the venues: one print per instrument and second. */
#define PRINTS_PER_S 1.0

/* From when on silence counts: after the last print of any of the instruments, while the feed is
 * known, five minutes at most. INT64_MAX: the feed is not known now. */
static int64_t silent_since(const struct risk_view *v, int64_t now_us)
{
    int64_t from_us = now_us - LIQ_SPAN_US;
    for (int i = 0; i < v->n; i++) {
        for (int id = S_LIQ_LONG_BASE; id <= S_LIQ_SHORT_BASE; id++) {
            const struct series *s = &v->slot[i]->s[id];
            if (s->t_first_us == 0)
                return INT64_MAX;
            int64_t printed_us = s->t_last_us ? s->t_last_us + LIQ_LAG_US : 0;
            from_us = from_us > printed_us ? from_us : printed_us;
            from_us = from_us > s->t_first_us ? from_us : s->t_first_us;
        }
    }
    return from_us;
}

/* Largest relative move of a price from where it stood, NAN when that is not known. */
static double worst_move(const struct series *px, int64_t from_us, int64_t now_us)
{
    double then = series_at(px, from_us, LIQ_TOL_US, now_us), worst = 0;
    for (int64_t t = now_us; t > from_us; t -= LIQ_STEP_US) {
        double move = fabs(series_at(px, t, LIQ_TOL_US, now_us) / then - 1);
        worst = move > worst ? move : worst;
    }
    return then > 0 ? worst : NAN;
}

/* By the mark, which liquidates, but no more than quotes moved too: a mark that strays alone is
 * another fault, and mark_trade_bps tells it. */
static double market_move(const struct slot *p, int64_t from_us, int64_t now_us)
{
    double mark = worst_move(&p->s[S_MARK], from_us, now_us);
    return isnan(mark) ? NAN : fmin(mark, worst_move(&p->s[S_MID], from_us, now_us));
}

static double forced_share(double move)
{
    double x = (move - MOVE_NONE) / (MOVE_FULL - MOVE_NONE);
    return FORCED_MAX * fmin(fmax(x, 0), 1);
}

struct fall { /* of open interest since a moment */
    double base;
    uint8_t why; /* R_KNOWN, or why it is not known */
};

static struct fall oi_fall(const struct risk *r, const struct risk_view *v, int64_t from_us,
                           int64_t now_us)
{
    struct fall f = {0, R_KNOWN};
    for (int i = 0; i < v->n; i++) {
        uint8_t why = R_KNOWN;
        double now = market_level(risk_market(r), v->slot[i], S_OI_BASE, now_us, &why);
        double then = series_at(&v->slot[i]->s[S_OI_BASE], from_us, LIQ_TOL_US, now_us);
        if (why == R_KNOWN && isnan(then))
            why = R_WARMUP;
        f.why = reason_worse(f.why, why);
        f.base += then > now ? then - now : 0;
    }
    return f;
}

static void eval_liq_missing(const struct risk *r, struct subject s, int64_t now_us,
                             struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct slot *p = v->slot[v->primary];
    int64_t from_us = silent_since(v, now_us);
    uint8_t why = R_KNOWN;
    double mark = market_level(risk_market(r), p, S_MARK, now_us, &why);
    if (!risk_venue_conf(r, s.venue)->liq_public)
        cell_unknown(out, R_NOT_TRACKED);
    else if (why != R_KNOWN || from_us == INT64_MAX)
        cell_unknown(out, why ? why : R_WARMUP);
    else if (now_us - from_us < LIQ_LEAST_US)
        cell_known(out, 0);
    else {
        struct fall f = oi_fall(r, v, from_us, now_us);
        double move = f.base > 0 ? market_move(p, from_us, now_us) : 0;
        double n = forced_share(move) * f.base * market_asset_px(p, mark) / PRINT_USD;
        double most = PRINTS_PER_S * (double)(now_us - from_us) / (double)SEC;
        cell_or(out, f.why ? NAN : fmin(n, most), f.why ? f.why : R_WARMUP);
    }
}

/* ---- mark against trades ---- */

#define MARK_SPAN_US  (10 * SEC)
#define TRADES_MAX_US (60 * SEC) /* older trades say nothing about now */

/* Mean of the last seconds; the level itself when it was not renewed in them. */
static double lately(const struct risk *r, const struct slot *p, enum series_id id, int64_t now_us,
                     uint8_t *why)
{
    int n = 0;
    double level = market_level(risk_market(r), p, id, now_us, why);
    double mean = series_mean(&p->s[id], now_us, MARK_SPAN_US, &n);
    return *why == R_KNOWN && n > 0 ? mean : level;
}

static void eval_mark_trade(const struct risk *r, struct subject s, int64_t now_us,
                            struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    const struct slot *p = v->slot[v->primary];
    uint8_t mark_why = R_KNOWN, mid_why = R_KNOWN;
    double mark = lately(r, p, S_MARK, now_us, &mark_why);
    double mid = lately(r, p, S_MID, now_us, &mid_why);
    bool traded = p->t_trade_us && now_us - p->t_trade_us <= TRADES_MAX_US;
    double by_mid = mid > 0 ? 1e4 * (mark / mid - 1) : NAN;
    double by_trades = traded ? 1e4 * (mark / p->trade_px - 1) : NAN;
    double off = isnan(by_mid) || fabs(by_trades) < fabs(by_mid) ? by_trades : by_mid;
    uint8_t why = mark_why ? mark_why : mid_why ? mid_why : R_WARMUP;
    cell_or(out, mark_why ? NAN : off, why);
}

static void eval_check(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    eval_liq_missing(r, s, now_us, &out[CHECK_LIQ_MISSING]);
    eval_mark_trade(r, s, now_us, &out[CHECK_MARK_TRADE]);
}

const struct metric_family family_check = {
    .name = "check",
    .table = MT_VENUE_ASSET,
    .metrics = check_metrics,
    .n = CHECK_N,
    .period_s = 1,
    .eval = eval_check,
};
