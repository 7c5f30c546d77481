/* Liquidity: spread, depth at 10/50/100 bps, the cost of selling, and depth now against its own
 * last five minutes. In: struct book_depth of every instrument as market_tick left it, S_DEPTH10_*
 * series. Out: sums per venue and asset; prices and costs of the primary instrument. A band that
 * reaches past what the venue shows is unknown off_grid: showing the visible part would look like
 * thin liquidity. */
#include "risk/family.h"

#define REL_SPAN_US     INT64_C(300000000)
#define REL_MIN_SAMPLES 20
#define QUOTE_TTL_US    INT64_C(5000000)

#define DEPTH_HELP(side, where)                                                                    \
    "Resting " side                                                                                \
    " within the band around the book's own mid, each level at its own price, " where
#define DEPTH_ROWS(where)                                                                          \
    {"depth_10bps_bid_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("bids", where)},           \
        {"depth_50bps_bid_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("bids", where)},       \
        {"depth_100bps_bid_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("bids", where)},      \
        {"depth_10bps_ask_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("asks", where)},       \
        {"depth_50bps_ask_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("asks", where)},       \
    {                                                                                              \
        "depth_100bps_ask_usd", "USD", MQ_MEASURED, 0, INFINITY, DEPTH_HELP("asks", where)         \
    }
#define REL_HELP(where)                                                                            \
    "Depth within 10 bps over its mean of the last 5 minutes (at least 20 samples), the thinner "  \
    "side" where

static const struct metric venue_metrics[] = {
    DEPTH_ROWS("all instruments of the venue."),
    {"depth_10bps_mean_bid_usd", "USD", MQ_MEASURED, 0, INFINITY,
     "Mean over the last 5 minutes of the bids within 10 bps: what depth_10bps_rel_frac compares "
     "with."},
    {"depth_10bps_mean_ask_usd", "USD", MQ_MEASURED, 0, INFINITY,
     "Mean over the last 5 minutes of the asks within 10 bps: what depth_10bps_rel_frac compares "
     "with."},
    {"depth_10bps_rel_frac", "frac", MQ_MEASURED, 0, INFINITY, REL_HELP(".")},
    {"bid_px", "USD", MQ_MEASURED, 0, INFINITY,
     "Best bid of the primary instrument in its quote coin, per unit of the asset."},
    {"ask_px", "USD", MQ_MEASURED, 0, INFINITY,
     "Best ask of the primary instrument in its quote coin, per unit of the asset."},
    {"mid_px", "USD", MQ_MEASURED, 0, INFINITY,
     "Mid of best bid and ask of the primary instrument, per unit of the asset."},
    {"spread_bps", "bps", MQ_MEASURED, 0, 20000,
     "Best ask minus best bid of the primary instrument, against their mid."},
    {"depth_cov_bps_bid", "bps", MQ_MEASURED, 0, 10000,
     "How far below mid the known book of the primary instrument reaches; beyond it depth is "
     "unknown."},
    {"depth_cov_bps_ask", "bps", MQ_MEASURED, 0, INFINITY,
     "How far above mid the known book of the primary instrument reaches; beyond it depth is "
     "unknown."},
    {"slip_sell_1m_bps", "bps", MQ_MEASURED, 0, 10000,
     "Cost of selling 1 million USD at market on the primary instrument, average price against "
     "mid."},
    {"slip_sell_10m_bps", "bps", MQ_MEASURED, 0, 10000,
     "Cost of selling 10 million USD at market on the primary instrument, average price against "
     "mid."},
};

enum { DEPTHA_REL = DEPTH_N, DEPTHA_COV, DEPTH_ASSET_N };
static const struct metric asset_metrics[] = {
    DEPTH_ROWS(
        "all venues where it is known; unknown when these have less than half the open interest."),
    {"depth_10bps_rel_frac", "frac", MQ_MEASURED, 0, INFINITY,
     REL_HELP("; over the venues where both are known.")},
    {"depth_cov_frac", "frac", MQ_MEASURED, 0, 1,
     "Share of the last known open interest that the venues have whose 10 bps bids are known."},
};

/* Why the book of an instrument says nothing: without a link the book is merely empty. */
static uint8_t book_why(const struct risk *r, const struct slot *s, int64_t now_us)
{
    uint8_t why = R_KNOWN;
    if (s->depth_err == 0)
        return R_KNOWN;
    (void)market_level(risk_market(r), s, S_SPREAD_BPS, now_us, &why);
    return why == R_DOWN ? R_DOWN : market_depth_reason(s);
}

static void eval_depth(const struct risk_view *v, const uint8_t *why, struct cell *out)
{
    for (int b = 0; b < BOOK_BANDS; b++) {
        struct part_sum bid = {0}, ask = {0};
        for (int i = 0; i < v->n; i++) {
            const struct book_depth *d = &v->slot[i]->depth;
            uint8_t w = why[i] ? why[i] : R_OFF_GRID;
            part_add(&bid, why[i] ? NAN : d->bid_usd[b], w, v->oi_last[i]);
            part_add(&ask, why[i] ? NAN : d->ask_usd[b], w, v->oi_last[i]);
        }
        part_cell(&bid, &out[DEPTH_BID + b]);
        part_cell(&ask, &out[DEPTH_ASK + b]);
    }
}

static double slot_mean(const struct slot *s, enum series_id id, int64_t now_us)
{
    int n = 0;
    double mean = series_mean(&s->s[id], now_us, REL_SPAN_US, &n);
    return n >= REL_MIN_SAMPLES ? mean : NAN;
}

/* Now over mean, on the instruments where both are known; the thinner of the two sides. */
static void eval_rel(const struct risk_view *v, const uint8_t *why, int64_t now_us,
                     struct cell *out)
{
    struct part_sum mean_bid = {0}, mean_ask = {0}, bid = {0}, ask = {0};
    for (int i = 0; i < v->n; i++) {
        const struct book_depth *d = &v->slot[i]->depth;
        double mb = slot_mean(v->slot[i], S_DEPTH10_BID_USD, now_us);
        double ma = slot_mean(v->slot[i], S_DEPTH10_ASK_USD, now_us);
        bool known = why[i] == R_KNOWN && isfinite(d->bid_usd[0]) && isfinite(d->ask_usd[0]);
        bool both = known && isfinite(mb) && isfinite(ma);
        uint8_t w = why[i] ? why[i] : known ? R_WARMUP : R_OFF_GRID;
        part_add(&mean_bid, both ? mb : NAN, w, v->oi_last[i]);
        part_add(&mean_ask, both ? ma : NAN, w, v->oi_last[i]);
        part_add(&bid, both ? d->bid_usd[0] : NAN, w, v->oi_last[i]);
        part_add(&ask, both ? d->ask_usd[0] : NAN, w, v->oi_last[i]);
    }
    part_cell(&mean_bid, &out[BOOK_MEAN_BID]);
    part_cell(&mean_ask, &out[BOOK_MEAN_ASK]);
    bool usable = part_ok(&mean_bid) && mean_bid.sum > 0 && mean_ask.sum > 0;
    double rel = usable ? fmin(bid.sum / mean_bid.sum, ask.sum / mean_ask.sum) : NAN;
    cell_or(&out[BOOK_REL], rel, mean_bid.why ? mean_bid.why : R_EMPTY_BOOK);
}

/* Best prices: the book's, or the quote's where the venue's book has not spoken. */
static void eval_top(const struct slot *s, double mult, uint8_t why, int64_t now_us,
                     struct cell *out)
{
    double bid = s->depth.bid_px, ask = s->depth.ask_px;
    if (why != R_KNOWN && s->t_quote_us > 0 && now_us - s->t_quote_us <= QUOTE_TTL_US &&
        why != R_DOWN && s->book[0] && book_state(s->book[0]) == BOOK_EMPTY) {
        bid = s->quote.bid_px;
        ask = s->quote.ask_px;
        why = isfinite(bid) && isfinite(ask) && bid > 0 && ask >= bid ? R_KNOWN : R_EMPTY_BOOK;
    }
    if (why != R_KNOWN) {
        cells_unknown(&out[BOOK_BID_PX], BOOK_COV_BID - BOOK_BID_PX, why);
        return;
    }
    double mid = s->depth_err == 0 ? s->depth.mid : (bid + ask) / 2;
    double spread = s->depth_err == 0 ? s->depth.spread_bps : 1e4 * (ask - bid) / mid;
    cell_known(&out[BOOK_BID_PX], bid / mult);
    cell_known(&out[BOOK_ASK_PX], ask / mult);
    cell_known(&out[BOOK_MID_PX], mid / mult);
    cell_known(&out[BOOK_SPREAD], spread);
}

static void eval_cost(const struct slot *s, uint8_t why, struct cell *out)
{
    const struct book_depth *d = &s->depth;
    uint8_t slip_why = why ? why : d->slip_reason == 2 ? R_EMPTY_BOOK : R_OFF_GRID;
    cell_or(&out[BOOK_COV_BID], why ? NAN : d->cov_bid_bps, why ? why : R_OFF_GRID);
    cell_or(&out[BOOK_COV_ASK], why ? NAN : d->cov_ask_bps, why ? why : R_OFF_GRID);
    cell_or(&out[BOOK_SLIP_1M], why ? NAN : d->slip_1m_bps, slip_why);
    cell_or(&out[BOOK_SLIP_10M], why ? NAN : d->slip_10m_bps, slip_why);
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    uint8_t why[VIEW_SLOTS_MAX];
    for (int i = 0; i < v->n; i++)
        why[i] = book_why(r, v->slot[i], now_us);
    eval_depth(v, why, &out[BOOK_DEPTH]);
    eval_rel(v, why, now_us, out);
    int p = v->primary;
    eval_top(v->slot[p], v->inst[p]->multiplier, why[p], now_us, out);
    eval_cost(v->slot[p], why[p], out);
}

static void eval_asset_rel(const struct risk *r, uint32_t asset, struct cell *out)
{
    struct part_sum rel = venues_sum(r, asset, FAM_BOOK_VENUE, BOOK_REL);
    double now[2] = {0}, mean[2] = {0};
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject s = subject_venue_asset((uint8_t)v, asset);
        const struct cell *c = risk_family_cells(r, s, FAM_BOOK_VENUE);
        if (c[BOOK_REL].reason != R_KNOWN)
            continue;
        now[0] += c[BOOK_DEPTH + DEPTH_BID].value;
        now[1] += c[BOOK_DEPTH + DEPTH_ASK].value;
        mean[0] += c[BOOK_MEAN_BID].value;
        mean[1] += c[BOOK_MEAN_ASK].value;
    }
    double x = part_ok(&rel) ? fmin(now[0] / mean[0], now[1] / mean[1]) : NAN;
    cell_or(out, x, rel.why);
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)now_us;
    for (int i = 0; i < DEPTH_N; i++) {
        struct part_sum p = venues_sum(r, s.id, FAM_BOOK_VENUE, BOOK_DEPTH + i);
        part_cell(&p, &out[i]);
    }
    eval_asset_rel(r, s.id, &out[DEPTHA_REL]);
    struct part_sum p = venues_sum(r, s.id, FAM_BOOK_VENUE, BOOK_DEPTH + DEPTH_BID);
    cell_or(&out[DEPTHA_COV], part_cover(&p), p.why ? p.why : R_NO_OI);
}

const struct metric_family family_book_venue = {
    .name = "liquidity_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = BOOK_VENUE_N,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const asset_needs[] = {
    "m_venue_asset.depth_10bps_bid_usd",      "m_venue_asset.depth_50bps_bid_usd",
    "m_venue_asset.depth_100bps_bid_usd",     "m_venue_asset.depth_10bps_ask_usd",
    "m_venue_asset.depth_50bps_ask_usd",      "m_venue_asset.depth_100bps_ask_usd",
    "m_venue_asset.depth_10bps_mean_bid_usd", "m_venue_asset.depth_10bps_mean_ask_usd",
    "m_venue_asset.depth_10bps_rel_frac",     NULL};
const struct metric_family family_book_asset = {
    .name = "liquidity_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = DEPTH_ASSET_N,
    .period_s = 1,
    .needs = asset_needs,
    .eval = eval_asset,
};
