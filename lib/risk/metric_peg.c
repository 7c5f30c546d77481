/* Pegs: coins that should be worth a dollar, wrapped coins that should be worth their underlying.
 * In: each venue's own price of the coin, else what its indices in dollars and in that coin imply.
 * Out: per venue the quote coin and the wrapped coins of an asset; over venues the median (global)
 * and the venue furthest from the others (local). A local depeg is a matter of one venue's prices,
 * and liquidates there alone; a global one is the coin's credit. The surprising thing: a wrapped
 * coin is judged only where the configuration gives its conversion ratio (an alias `venue:WBETH =
 * ETH x 1.08`); guessing 1 would read staking yield as a depeg. */
#include "base/stat.h"
#include "risk/family.h"

enum { PEG_QUOTE, PEG_WRAPPED, PEG_VENUE_N };
static const struct metric venue_metrics[] = {
    {"peg_quote_dev_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "The primary instrument's quote coin against one dollar on this venue: the venue's own price "
     "of the coin, else its index of the asset in dollars over its index in the coin."},
    {"peg_wrapped_dev_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Wrapped coin of the asset against its underlying times the configured conversion ratio, on "
     "this venue; of several the one furthest off."},
};

static const struct metric asset_metrics[] = {
    {"peg_wrapped_dev_bps", "bps", MQ_MEASURED, -10000, INFINITY,
     "Median over the venues of their peg_wrapped_dev_bps."},
};

static const char *const stable[] = {"USDT", "USDC", "USDE"};
#define STABLES 3
#define COIN_ROWS(coin, name)                                                                      \
    {"peg_" coin "_dev_bps",                                                                       \
     "bps",                                                                                        \
     MQ_MEASURED,                                                                                  \
     -10000,                                                                                       \
     INFINITY,                                                                                     \
     "Global peg: median over venues of what " name " is worth, against one dollar."},             \
    {                                                                                              \
        "peg_" coin "_local_bps", "bps", MQ_MEASURED, -INFINITY, INFINITY,                         \
            "Local peg: " name " on the venue furthest from the median of the others, against "    \
            "it; at least two venues."                                                             \
    }
static const struct metric coin_metrics[2 * STABLES] = {
    COIN_ROWS("usdt", "USDT"),
    COIN_ROWS("usdc", "USDC"),
    COIN_ROWS("usde", "USDe"),
};

/* ---- what a coin is worth on a venue ---- */

/* The venue's index of the asset in dollars and in the coin: both are prices of the same thing. */
static double implied_usd(const struct risk *r, const struct risk_view *v, struct slice coin,
                          int64_t now_us)
{
    double usd = NAN, in_coin = NAN;
    for (int i = 0; i < v->n; i++) {
        uint8_t why = R_KNOWN;
        double x = market_level(risk_market(r), v->slot[i], S_INDEX, now_us, &why);
        if (why != R_KNOWN)
            continue;
        x = market_asset_px(v->slot[i], x);
        if (strcmp(v->inst[i]->quote, "USD") == 0)
            usd = x;
        else if (slice_is(coin, v->inst[i]->quote))
            in_coin = x;
    }
    return usd / in_coin;
}

struct place {
    uint8_t venue;
    const struct risk_view *v; /* whose indices may imply it; NULL = none */
};

static double venue_coin(const struct risk *r, struct place at, struct slice coin, int64_t now_us,
                         uint8_t *why)
{
    double x = market_coin_usd(risk_market(r), at.venue, coin, now_us, why);
    if (*why == R_KNOWN || !at.v)
        return x;
    x = implied_usd(r, at.v, coin, now_us);
    if (isfinite(x))
        *why = R_KNOWN;
    return isfinite(x) ? x : NAN;
}

static void eval_quote(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    struct slice coin = slice_of(v->inst[v->primary]->quote);
    uint8_t why = R_NOT_TRACKED;
    double x =
        slice_is(coin, "USD") ? NAN : venue_coin(r, (struct place){s.venue, v}, coin, now_us, &why);
    cell_or(out, 1e4 * (x - 1), why ? why : R_WARMUP);
}

/* The underlying in dollars on the venue: its own coin price, else the index. */
static double underlying_usd(const struct risk *r, struct subject s, int64_t now_us, uint8_t *why)
{
    const struct market *m = risk_market(r);
    const struct risk_view *v = risk_view_of(r, s);
    const struct instrument *p = v->inst[v->primary];
    bool known = false;
    struct slice name = slice_of(directory_asset_name(market_directory(m), s.id));
    double x = market_coin_usd(m, s.venue, name, now_us, why);
    if (*why == R_KNOWN)
        return x;
    x = market_level(m, v->slot[v->primary], S_INDEX, now_us, why);
    return x / p->multiplier * market_usd_per(m, slice_of(p->quote), &known);
}

static void eval_wrapped(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct market *m = risk_market(r);
    uint8_t worst = R_NOT_TRACKED, base_why = R_KNOWN;
    double furthest = NAN, base = NAN;
    for (int i = 0; i < market_coins(m); i++) {
        double units = NAN;
        uint8_t why = R_KNOWN;
        if (market_coin_of(m, i, s.venue, &units) != s.id || !(units > 0))
            continue;
        struct slice coin = slice_of(market_coin_name(m, i));
        if (isnan(base))
            base = underlying_usd(r, s, now_us, &base_why);
        double x = market_coin_usd(m, s.venue, coin, now_us, &why);
        double dev = 1e4 * (x / (base * units) - 1);
        worst = reason_worse(worst, reason_worse(why, base_why));
        if (isfinite(dev) && !(fabs(dev) <= fabs(furthest)))
            furthest = dev;
    }
    cell_or(out, furthest, worst);
}

static void eval_venue(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    eval_quote(r, s, now_us, &out[PEG_QUOTE]);
    eval_wrapped(r, s, now_us, &out[PEG_WRAPPED]);
}

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    double x[DIR_VENUES_MAX];
    uint8_t why = R_NOT_TRACKED;
    int n = 0;
    (void)now_us;
    for (int v = 0; v < risk_venues(r); v++) {
        struct subject va = subject_venue_asset((uint8_t)v, s.id);
        struct cell c = risk_family_cells(r, va, FAM_PEG_VENUE)[PEG_WRAPPED];
        why = reason_worse(why, c.reason);
        if (c.reason == R_KNOWN)
            x[n++] = c.value;
    }
    cell_or(out, stat_median(x, n), why);
}

/* ---- coins over venues ---- */

/* What implies a coin where the venue does not price it: the asset with the best indices. */
static const struct risk_view *reference(const struct risk *r, uint8_t venue)
{
    static const char *const names[] = {"BTC", "ETH"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t a = directory_asset_find(market_directory(risk_market(r)), slice_of(names[i]));
        struct subject s = subject_venue_asset(venue, a);
        if (a != ASSET_NONE && risk_row(r, s) && risk_view_of(r, s)->n > 1)
            return risk_view_of(r, s);
    }
    return NULL;
}

/* The venue furthest from the median of the others, against it; between two, the one further from a
 * dollar. */
static double local_bps(const double *x, int n)
{
    double worst = NAN, worst_off = 0;
    for (int i = 0; i < n; i++) {
        double others[DIR_VENUES_MAX];
        int k = 0;
        for (int j = 0; j < n; j++)
            if (j != i)
                others[k++] = x[j];
        double d = k > 0 ? 1e4 * (x[i] / stat_median(others, k) - 1) : NAN;
        double off = fabs(x[i] - 1);
        bool tie = fabs(fabs(d) - fabs(worst)) < 0.05 * fabs(d) && n == 2;
        if (!isnan(d) && (isnan(worst) || (tie ? off > worst_off : fabs(d) > fabs(worst)))) {
            worst = d;
            worst_off = off;
        }
    }
    return worst;
}

static void eval_coins(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)s;
    for (int c = 0; c < STABLES; c++) {
        double x[DIR_VENUES_MAX];
        uint8_t worst = R_NOT_TRACKED;
        int n = 0;
        for (int v = 0; v < risk_venues(r); v++) {
            uint8_t why = R_KNOWN;
            if (risk_venue_down(r, (uint8_t)v))
                continue;
            struct place at = {(uint8_t)v, reference(r, (uint8_t)v)};
            double usd = venue_coin(r, at, slice_of(stable[c]), now_us, &why);
            worst = reason_worse(worst, why);
            if (why == R_KNOWN)
                x[n++] = usd;
        }
        cell_or(&out[2 * c], n ? 1e4 * (stat_median(x, n) - 1) : NAN, worst);
        cell_or(&out[2 * c + 1], n > 1 ? local_bps(x, n) : NAN, worst);
    }
}

const struct metric_family family_peg_venue = {
    .name = "peg_venue",
    .table = MT_VENUE_ASSET,
    .metrics = venue_metrics,
    .n = PEG_VENUE_N,
    .period_s = 1,
    .eval = eval_venue,
};

static const char *const needs[] = {"m_venue_asset.peg_wrapped_dev_bps", NULL};
const struct metric_family family_peg_asset = {
    .name = "peg_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = 1,
    .period_s = 1,
    .needs = needs,
    .eval = eval_asset,
};

const struct metric_family family_peg_coins = {
    .name = "peg_coins",
    .table = MT_PROCESS,
    .metrics = coin_metrics,
    .n = 2 * STABLES,
    .period_s = 1,
    .eval = eval_coins,
};
