/* The memory of metrics: what is usual for an asset. In: the cells of the last tick, at whole
 * hours, five minutes and minutes of engine time. Out: state that families score against. A value
 * is scored before it is learned, otherwise a spike hides itself. Robust z: median and 1.4826 MAD;
 * changes: exponentially weighted moments, half-life 7 days, learned winsorised at 8 deviations.
 * The surprising thing: nothing is learned from a value that is unknown, so an outage makes the
 * past shorter, not calmer. */
#include "risk/model_stats.h"

#include <assert.h>
#include <stdlib.h>

#define SEC       INT64_C(1000000)
#define HOUR_US   (3600 * SEC)
#define BUCKET_US (6 * HOUR_US)
#define COVERED   0.999 /* share of open interest: a venue less would look like deleveraging */

static const double past_step[PASTS] = {1e-9, 1e-3, 1e-4};
static const double past_floor[PASTS] = {1e-5, 0.5, 0.01}; /* of the MAD */

const struct stats_asset *stats_of(const struct risk *r, uint32_t asset)
{
    const struct stats *m = risk_model(r, MODEL_STATS);
    uint16_t row = asset < DIR_ASSETS_MAX ? m->row_of[asset] : UINT16_MAX;
    return row == UINT16_MAX ? NULL : &m->a[row];
}

double account_logit(double p)
{
    if (isnan(p))
        return NAN;
    p = fmin(fmax(p, 0.001), 0.999);
    return log(p / (1 - p));
}

/* ---- hourly past ---- */

/* k-th smallest: Hoare's selection; reorders x. */
static int32_t select_kth(int32_t *x, int n, int k)
{
    int lo = 0, hi = n - 1;
    while (lo < hi) {
        int32_t pivot = x[lo + (hi - lo) / 2];
        int i = lo, j = hi;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i > j)
                break;
            int32_t swap = x[i];
            x[i++] = x[j];
            x[j--] = swap;
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return x[k];
}

static double median_of(int32_t *x, int n)
{
    double upper = select_kth(x, n, n / 2);
    return n % 2 ? upper : (upper + (double)select_kth(x, n, n / 2 - 1)) / 2;
}

void past_judge(struct past *p, enum past_id id)
{
    int32_t x[PAST_SAMPLES];
    p->median = p->mad = NAN;
    if (p->n == 0)
        return;
    memcpy(x, p->x, p->n * sizeof x[0]);
    double median = median_of(x, (int)p->n);
    for (uint32_t i = 0; i < p->n; i++) /* in half steps: the median may stand between two */
        x[i] = (int32_t)fmin(fabs(2.0 * p->x[i] - 2 * median), INT32_MAX);
    p->median = median * past_step[id];
    p->mad = median_of(x, (int)p->n) / 2 * past_step[id];
}

void past_add(struct past *p, enum past_id id, double x)
{
    if (!isfinite(x))
        return;
    p->x[p->next] = (int32_t)fmin(fmax(rint(x / past_step[id]), -1e9), 1e9);
    p->next = (p->next + 1) % PAST_SAMPLES;
    p->n += p->n < PAST_SAMPLES;
    past_judge(p, id);
}

double past_z(const struct past *p, enum past_id id, double x)
{
    if (p->n < PAST_MIN)
        return NAN;
    return (x - p->median) / (1.4826 * fmax(p->mad, past_floor[id]));
}

/* ---- five-minute changes ---- */

double change_z(const struct ewma *e, double d, double steps)
{
    if (ewma_eff(e) < 30)
        return NAN;
    double sd = fmax(sqrt(ewma_var(e)), BUILD_SD_MIN);
    return (d - steps * e->mean) / (sd * sqrt(steps));
}

/* The largest venue whose mark is known now and was known then. */
double asset_move(const struct risk *r, uint32_t asset, int64_t span_us, int64_t now_us,
                  uint8_t *why)
{
    double most = -1, move = NAN;
    *why = R_NOT_TRACKED;
    for (int v = 0; v < risk_venues(r); v++) {
        const struct risk_view *view = risk_view_of(r, subject_venue_asset((uint8_t)v, asset));
        if (view->n == 0)
            continue;
        uint8_t w = R_DOWN;
        const struct slot *s = view->slot[view->primary];
        double mark = view->down ? NAN : market_level(risk_market(r), s, S_MARK, now_us, &w);
        double d = series_change(&s->s[S_MARK], now_us, span_us);
        double x = w == R_KNOWN && mark - d > 0 ? log(mark / (mark - d)) : NAN;
        *why = reason_worse(*why, w ? w : isnan(x) ? R_WARMUP : R_KNOWN);
        if (isnan(x) || view->oi_last_sum <= most)
            continue;
        most = view->oi_last_sum;
        move = x;
    }
    if (!isnan(move))
        *why = R_KNOWN;
    return move;
}

static void learn_changes(struct stats_asset *a, const struct risk *r, int64_t now_us)
{
    const struct cell *oi = risk_family_cells(r, subject_asset(a->asset), FAM_OI_ASSET);
    uint8_t why = R_KNOWN;
    double d[2] = {NAN, asset_move(r, a->asset, BUILD_STEP_US, now_us, &why)};
    const struct cell *chg = &oi[OI_CHG_FRAC + 1]; /* of 5 minutes */
    if (chg->reason == R_KNOWN && chg->value > -1)
        d[0] = log1p(chg->value);
    for (int i = 0; i < 2; i++) {
        (void)ewma_z(&a->change[i], a->t_five_us, a->waiting[i], BUILD_SD_MIN);
        a->waiting[i] = d[i];
    }
    a->t_five_us = now_us;
}

/* ---- the peak of open interest ---- */

static void learn_peak(struct stats_asset *a, const struct risk *r, int64_t now_us)
{
    const struct cell *oi = risk_family_cells(r, subject_asset(a->asset), FAM_OI_ASSET);
    if (oi[OI_BASE].reason != R_KNOWN || oi[OIA_COV].reason != R_KNOWN ||
        oi[OIA_COV].value < COVERED)
        return;
    double x = oi[OI_BASE].value;
    if (!a->t_began_us)
        a->t_began_us = now_us;
    if (a->t_best_us && a->t_best_us / BUCKET_US != now_us / BUCKET_US) {
        (void)!slide_max_add(&a->peaks, a->t_best_us, a->best); /* PEAK_ITEMS hold 30 days */
        a->best = NAN;
    }
    if (!(x <= a->best)) {
        a->best = x;
        a->t_best_us = now_us;
    }
    double past = slide_max_get(&a->peaks, now_us);
    bool now = !(past > a->best);
    a->peak = now ? a->best : past;
    a->t_peak_us = now ? a->t_best_us : a->peaks.items[a->peaks.head].t_us;
}

/* ---- one-minute liquidations ---- */

static int bucket_of(double usd)
{
    int i = usd < 1 ? 0 : 1 + (int)(4 * log2(usd));
    return i < LIQ_BUCKETS ? i : LIQ_BUCKETS - 1;
}

void liq_learn(struct stats_asset *a, double usd)
{
    a->liq[bucket_of(usd)]++;
    a->liq_n++;
}

double liq_q99(const struct stats_asset *a)
{
    double above = 0;
    int i = LIQ_BUCKETS - 1;
    if (a->liq_n < LIQ_MIN_N)
        return NAN;
    while (i > 0 && above + a->liq[i] <= 0.01 * a->liq_n)
        above += a->liq[i--];
    return exp2(i / 4.0);
}

static void learn_liq(struct stats_asset *a, const struct risk *r, int64_t now_us)
{
    const struct cell *c = risk_family_cells(r, subject_asset(a->asset), FAM_LIQ_ASSET_FAST);
    bool hour = a->t_minute_us && a->t_minute_us / HOUR_US != now_us / HOUR_US;
    a->t_minute_us = now_us;
    if (hour) { /* half-life 7 days */
        a->liq_n = 0;
        for (int i = 0; i < LIQ_BUCKETS; i++)
            a->liq_n += a->liq[i] *= exp2(-1.0 / (7 * 24));
    }
    if (c[LIQ_LONG_1M].reason == R_KNOWN && c[LIQ_SHORT_1M].reason == R_KNOWN)
        liq_learn(a, c[LIQ_LONG_1M].value + c[LIQ_SHORT_1M].value);
    a->q99_usd = liq_q99(a);
}

/* ---- hourly samples ---- */

static void learn_basis(struct stats_asset *a, const struct risk *r, int64_t now_us)
{
    struct cell c = risk_family_cells(r, subject_asset(a->asset), FAM_BASIS_ASSET)[BASISA_BPS];
    tw_ewma_add(&a->basis, now_us, c.value);
}

static void learn_hour(struct stats_asset *a, const struct risk *r, int64_t now_us)
{
    struct subject s = subject_asset(a->asset);
    double p = risk_family_cells(r, s, FAM_CROWD_ASSET)[0].value;
    past_add(&a->past[PAST_FUND], PAST_FUND,
             risk_family_cells(r, s, FAM_FUND_ASSET)[FUNDA_OIW].value);
    past_add(&a->past[PAST_BASIS], PAST_BASIS, isnan(a->basis.last) ? NAN : a->basis.mean);
    past_add(&a->past[PAST_ACCOUNTS], PAST_ACCOUNTS, account_logit(p));
    a->t_hour_us = now_us;
}

static bool is_new(int64_t last_us, int64_t now_us, int64_t width_us)
{
    return last_us / width_us != now_us / width_us;
}

static void step(void *model, const struct risk *r, uint32_t asset, int64_t now_us)
{
    struct stats *m = model;
    assert(m->row_of[asset] != UINT16_MAX);
    struct stats_asset *a = &m->a[m->row_of[asset]];
    learn_basis(a, r, now_us);
    learn_peak(a, r, now_us);
    if (is_new(a->t_minute_us, now_us, 60 * SEC))
        learn_liq(a, r, now_us);
    if (is_new(a->t_five_us, now_us, BUILD_STEP_US))
        learn_changes(a, r, now_us);
    if (is_new(a->t_hour_us, now_us, HOUR_US))
        learn_hour(a, r, now_us);
}

/* ---- assets come and go ---- */

static void *init(const struct risk *r)
{
    struct stats *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->rows = r->conf.max_assets;
    m->a = calloc(m->rows, sizeof *m->a);
    memset(m->row_of, 0xff, sizeof m->row_of);
    if (m->a)
        return m;
    free(m);
    return NULL;
}

static void fini(void *model)
{
    struct stats *m = model;
    free(m->a);
    free(m);
}

void stats_clear(struct stats_asset *a, uint32_t asset)
{
    memset(a, 0, sizeof *a);
    a->used = true;
    a->asset = asset;
    a->waiting[0] = a->waiting[1] = a->best = a->peak = a->q99_usd = NAN;
    tw_ewma_init(&a->basis, 60);
    for (int i = 0; i < 2; i++)
        ewma_init(&a->change[i], 7 * 86400);
    for (int i = 0; i < PASTS; i++)
        past_judge(&a->past[i], (enum past_id)i);
    slide_max_init(&a->peaks, a->item, PEAK_ITEMS, PEAK_SPAN_US);
}

static void enter(void *model, const struct risk *r, uint32_t asset)
{
    struct stats *m = model;
    uint32_t row = 0;
    (void)r;
    while (row < m->rows && m->a[row].used)
        row++;
    assert(row < m->rows); /* the board has no more either */
    stats_clear(&m->a[row], asset);
    m->row_of[asset] = (uint16_t)row;
}

static void leave(void *model, const struct risk *r, uint32_t asset)
{
    struct stats *m = model;
    (void)r;
    m->a[m->row_of[asset]].used = false;
    m->row_of[asset] = UINT16_MAX;
}

const struct model model_stats = {
    .name = "stats",
    .help = "What is usual for an asset, from its own past: hourly samples of 30 watched days, "
            "moments of five-minute changes (half-life 7 days), the peak of open interest, minutes "
            "of liquidations by size. Assumes nothing of markets; it warms up for hours to a day.",
    .period_s = 10,
    .budget_us = 100,
    .init = init,
    .fini = fini,
    .enter = enter,
    .leave = leave,
    .step = step,
    .freeze = stats_freeze,
    .thaw = stats_thaw,
};
