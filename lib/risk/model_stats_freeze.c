/* The memory of metrics over a restart: one line per asset, by name. In and out: text. Hourly
 * samples are whole numbers, written in base 64, five bits a digit, lowest first, the sign in the
 * lowest bit, oldest sample first. The surprising thing: a line is checked whole in a scratch copy
 * before any of it is taken, so a cut file costs an asset's past, never half of it. */
#include "base/scan.h"
#include "risk/model_stats.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/* ---- out ---- */

static void put_past(struct text *out, const char *key, const struct past *p)
{
    char buf[PAST_SAMPLES * 7];
    size_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        int64_t v = p->x[(p->next + PAST_SAMPLES - p->n + i) % PAST_SAMPLES];
        uint64_t x = v < 0 ? (uint64_t)(-v) << 1 | 1 : (uint64_t)v << 1;
        for (; x >= 32; x >>= 5)
            buf[n++] = digits[32 | (x & 31)];
        buf[n++] = digits[x];
    }
    text_kv_slice(out, key, (struct slice){buf, (uint32_t)n});
}

static void put_numbers(struct text *out, const char *key, const double *x, int n)
{
    text_key(out, key);
    text_char(out, '[');
    for (int i = 0; i < n; i++) {
        if (i > 0)
            text_char(out, ',');
        text_num(out, x[i]);
    }
    text_char(out, ']');
}

static void put_change(struct text *out, const char *key, const struct ewma *e, double waiting)
{
    double x[] = {e->mean, e->s, e->w, e->w2, (double)e->t_us, waiting};
    put_numbers(out, key, x, 6);
}

static void put_peaks(struct text *out, const struct slide_max *m)
{
    text_key(out, "peaks");
    text_char(out, '[');
    for (uint32_t i = 0; i < m->n; i++) {
        const struct slide_max_item *x = &m->items[(m->head + i) % m->cap];
        text_fmt(out, i > 0 ? ",%lld," : "%lld,", (long long)x->t_us);
        text_num(out, x->x);
    }
    text_char(out, ']');
}

static void put_liq(struct text *out, const struct stats_asset *a)
{
    bool first = true;
    text_key(out, "liq");
    text_char(out, '[');
    for (int i = 0; i < LIQ_BUCKETS; i++) {
        if (!(a->liq[i] > 0))
            continue;
        text_fmt(out, first ? "%d," : ",%d,", i);
        text_num(out, a->liq[i]);
        first = false;
    }
    text_char(out, ']');
}

static void freeze_asset(const struct stats_asset *a, const char *name, struct text *out)
{
    text_str(out, "{\"state\":\"model\",\"model\":\"stats\"");
    text_kv_str(out, "asset", name);
    text_kv_i64(out, "hour_us", a->t_hour_us);
    text_kv_i64(out, "five_us", a->t_five_us);
    text_kv_i64(out, "minute_us", a->t_minute_us);
    text_kv_i64(out, "began_us", a->t_began_us);
    put_past(out, "fund", &a->past[PAST_FUND]);
    put_past(out, "basis", &a->past[PAST_BASIS]);
    put_past(out, "accounts", &a->past[PAST_ACCOUNTS]);
    double mean[] = {a->basis.mean, a->basis.last, (double)a->basis.t_us};
    put_numbers(out, "basis_mean", mean, 3);
    put_change(out, "d_oi", &a->change[0], a->waiting[0]);
    put_change(out, "d_px", &a->change[1], a->waiting[1]);
    double best[] = {a->best, (double)a->t_best_us, a->peak, (double)a->t_peak_us};
    put_numbers(out, "best", best, 4);
    put_peaks(out, &a->peaks);
    put_liq(out, a);
    text_str(out, "}\n");
}

void stats_freeze(const void *model, const struct risk *r, struct text *out)
{
    const struct stats *m = model;
    for (int k = 0; k < risk_assets(r); k++) {
        uint32_t asset = risk_asset_at(r, k);
        freeze_asset(&m->a[m->row_of[asset]],
                     directory_asset_name(market_directory(risk_market(r)), asset), out);
    }
}

/* ---- in ---- */

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '-' ? 63 : -1;
}

static int read_past(struct scan *s, struct past *p, enum past_id id)
{
    struct slice t = {NULL, 0};
    uint64_t x = 0;
    unsigned shift = 0;
    if (scan_peek(s) != SCAN_STRING || scan_str(s, &t) < 0)
        return E_TYPE;
    p->n = 0;
    for (uint32_t i = 0; i < t.len; i++) {
        int d = digit_of(t.p[i]);
        if (d < 0 || shift > 30 || p->n == PAST_SAMPLES)
            return E_SYNTAX;
        x |= (uint64_t)(d & 31) << shift;
        shift += 5;
        if (d & 32)
            continue;
        if (x >> 1 > 1000000000)
            return E_RANGE;
        p->x[p->n++] = x & 1 ? -(int32_t)(x >> 1) : (int32_t)(x >> 1);
        x = shift = 0;
    }
    p->next = p->n % PAST_SAMPLES;
    past_judge(p, id);
    return shift ? E_SYNTAX : 0;
}

/* An array of numbers and nulls; how many, or E_*. */
static int read_numbers(struct scan *s, double *x, int max)
{
    int n = 0;
    if (scan_array(s) < 0)
        return E_TYPE;
    while (scan_item(s)) {
        double v = NAN;
        if (n == max || scan_num_opt(s, &v) < 0)
            return E_RANGE;
        x[n++] = v;
    }
    return n;
}

static bool is_time(double t)
{
    return t >= 0 && t < 9e15 && t == rint(t);
}

static int read_change(struct scan *s, struct ewma *e, double *waiting)
{
    double x[6];
    if (read_numbers(s, x, 6) != 6 || !isfinite(x[0]) || !(x[1] >= 0) || !(x[2] >= 0) ||
        !(x[3] >= 0) || !is_time(x[4]))
        return E_RANGE;
    e->mean = x[0];
    e->s = x[1];
    e->w = x[2];
    e->w2 = x[3];
    e->t_us = (int64_t)x[4];
    *waiting = x[5];
    return 0;
}

static int read_basis(struct scan *s, struct stats_asset *a)
{
    double x[3];
    if (read_numbers(s, x, 3) != 3 || !is_time(x[2]))
        return E_RANGE;
    a->basis.primed = isfinite(x[0]);
    a->basis.mean = x[0];
    a->basis.last = x[1];
    a->basis.t_us = (int64_t)x[2];
    return 0;
}

static int read_best(struct scan *s, struct stats_asset *a)
{
    double x[4];
    if (read_numbers(s, x, 4) != 4 || !is_time(x[1]) || !is_time(x[3]))
        return E_RANGE;
    a->best = x[0];
    a->t_best_us = (int64_t)x[1];
    a->peak = x[2];
    a->t_peak_us = (int64_t)x[3];
    return 0;
}

static int read_peaks(struct scan *s, struct stats_asset *a)
{
    double x[2 * PEAK_ITEMS];
    int n = read_numbers(s, x, 2 * PEAK_ITEMS);
    if (n < 0 || n % 2)
        return E_RANGE;
    for (int i = 0; i < n; i += 2) {
        bool falls = i == 0 || (x[i] >= x[i - 2] && x[i + 1] < x[i - 1]);
        if (!is_time(x[i]) || !(x[i + 1] >= 0) || !falls)
            return E_RANGE;
        a->item[i / 2] = (struct slide_max_item){(int64_t)x[i], x[i + 1]};
    }
    a->peaks.n = (uint32_t)n / 2;
    return 0;
}

static int read_liq(struct scan *s, struct stats_asset *a)
{
    double x[2 * LIQ_BUCKETS];
    int n = read_numbers(s, x, 2 * LIQ_BUCKETS);
    if (n < 0 || n % 2)
        return E_RANGE;
    for (int i = 0; i < n; i += 2) {
        if (!(x[i] >= 0 && x[i] < LIQ_BUCKETS) || !(x[i + 1] >= 0) || isinf(x[i + 1]))
            return E_RANGE;
        a->liq[(int)x[i]] = x[i + 1];
    }
    for (int i = 0; i < LIQ_BUCKETS; i++)
        a->liq_n += a->liq[i];
    a->q99_usd = liq_q99(a);
    return 0;
}

static int read_member(struct scan *s, struct slice key, struct stats_asset *a)
{
    static const struct {
        const char *key;
        enum past_id id;
    } pasts[] = {{"fund", PAST_FUND}, {"basis", PAST_BASIS}, {"accounts", PAST_ACCOUNTS}};
    struct {
        const char *key;
        int64_t *at;
    } const times[] = {{"hour_us", &a->t_hour_us},
                       {"five_us", &a->t_five_us},
                       {"minute_us", &a->t_minute_us},
                       {"began_us", &a->t_began_us}};
    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++)
        if (slice_is(key, pasts[i].key))
            return read_past(s, &a->past[pasts[i].id], pasts[i].id);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (slice_is(key, times[i].key))
            return scan_i64(s, times[i].at) < 0 || *times[i].at < 0 ? E_RANGE : 0;
    if (slice_is(key, "basis_mean"))
        return read_basis(s, a);
    if (slice_is(key, "d_oi"))
        return read_change(s, &a->change[0], &a->waiting[0]);
    if (slice_is(key, "d_px"))
        return read_change(s, &a->change[1], &a->waiting[1]);
    if (slice_is(key, "best"))
        return read_best(s, a);
    if (slice_is(key, "peaks"))
        return read_peaks(s, a);
    if (slice_is(key, "liq"))
        return read_liq(s, a);
    scan_skip(s);
    return 0;
}

static int read_line(const char *line, size_t len, struct slice *asset, struct stats_asset *a)
{
    struct scan s;
    struct slice key;
    scan_init(&s, line, len);
    if (scan_object(&s) < 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (slice_is(key, "asset") && scan_peek(&s) == SCAN_STRING)
            scan_str(&s, asset);
        else if (read_member(&s, key, a) < 0)
            return E_SYNTAX;
    }
    return scan_end(&s) < 0 || !asset->p ? E_SYNTAX : 0;
}

int stats_thaw(void *model, const struct risk *r, const char *line, size_t len)
{
    struct stats *m = model;
    struct slice name = {NULL, 0};
    struct stats_asset *a = &m->scratch;
    stats_clear(a, ASSET_NONE);
    if (read_line(line, len, &name, a) < 0)
        return E_SYNTAX;
    uint32_t asset = directory_asset_find(market_directory(risk_market(r)), name);
    if (asset == ASSET_NONE || m->row_of[asset] == UINT16_MAX)
        return E_UNKNOWN;
    struct stats_asset *to = &m->a[m->row_of[asset]];
    *to = *a;
    to->asset = asset;
    to->peaks.items = to->item;
    return 0;
}
