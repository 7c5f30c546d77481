/* The liquidation map over a restart: one line per venue and asset, by names. In and out: text.
 * Cells are integers, written in base 64, five bits a digit, lowest first, from the mark's cell
 * outwards; a zero is followed by how many there are. The surprising thing: what follows from the
 * rest (masses, ladders, the places of the grids) is not written but computed again, with the same
 * operations, so that it is equal to the last bit. */
#include <string.h>

#include "base/scan.h"
#include "risk/liqmap_priv.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

#define CELLS_TEXT (LIQGRID_CELLS * 7 + 16)

/* ---- out ---- */

static size_t put_count(char *to, uint32_t x)
{
    size_t n = 0;
    for (; x >= 32; x >>= 5)
        to[n++] = digits[32 | (x & 31)];
    to[n++] = digits[x];
    return n;
}

static void put_cells(struct text *out, const struct liqgrid *g, const uint32_t *cell)
{
    char buf[CELLS_TEXT];
    size_t n = 0;
    uint32_t zeros = 0;
    for (uint32_t i = 0; i < LIQGRID_CELLS; i++) {
        uint32_t x = cell[liqgrid_at(g, i)];
        zeros += x == 0;
        if (x == 0)
            continue;
        if (zeros > 0) {
            n += put_count(buf + n, 0);
            n += put_count(buf + n, zeros);
        }
        zeros = 0;
        n += put_count(buf + n, x);
    }
    text_char(out, '"');
    text_put(out, buf, n);
    text_char(out, '"');
}

static void put_pair(struct text *out, const char *key, const double x[2])
{
    text_key(out, key);
    text_char(out, '[');
    text_num(out, x[0]);
    text_char(out, ',');
    text_num(out, x[1]);
    text_char(out, ']');
}

static void put_leg(struct text *out, const struct leg *l)
{
    bool first = true;
    text_char(out, '{');
    text_kv_str(out, "symbol", l->symbol);
    text_kv_bool(out, "inverse", l->inverse);
    text_kv_num(out, "qty", l->qty);
    text_kv_num(out, "mark_px", l->mark_px);
    text_kv_i64(out, "t_us", l->t_us);
    put_pair(out, "liq", l->liq);
    text_kv_i64(out, "trade0", l->trade0);
    text_key(out, "trades");
    text_char(out, '[');
    for (int i = 0; i < TRADE_CELLS; i++) {
        if (!(l->trade[i] > 0))
            continue;
        text_fmt(out, first ? "%d," : ",%d,", i);
        text_num(out, l->trade[i]);
        first = false;
    }
    text_str(out, "]}");
}

static void put_grids(struct text *out, const struct liqmap_market *k)
{
    static const char *const keys[2][2] = {{"long", "long_seed"}, {"short", "short_seed"}};
    for (int side = POS_LONG; side <= POS_SHORT; side++) {
        const struct liqgrid *g = &k->side[side];
        text_key(out, keys[side][0]);
        put_cells(out, g, g->cell);
        text_key(out, keys[side][1]);
        put_cells(out, g, g->seed);
    }
}

static void put_market(struct text *out, const struct liqmap_market *k, const char *venue,
                       const char *asset)
{
    size_t before = out->len;
    text_str(out, "{\"state\":\"model\",\"model\":\"liqmap\"");
    text_kv_str(out, "venue", venue);
    text_kv_str(out, "asset", asset);
    text_kv_i64(out, "began_us", k->t_began_us);
    text_kv_str(out, "ref", k->ref_symbol);
    text_kv_num(out, "mark_px", k->mark_px);
    text_kv_num(out, "lo_px", k->lo_px);
    text_kv_num(out, "hi_px", k->hi_px);
    put_pair(out, "flight", k->flight);
    put_grids(out, k);
    text_key(out, "legs");
    text_char(out, '[');
    for (int n = 0; n < k->n_legs; n++) {
        if (n > 0)
            text_char(out, ',');
        put_leg(out, &k->leg[n]);
    }
    text_str(out, "]}\n");
    if (out->full) { /* no half line */
        out->len = before;
        out->buf[before] = 0;
    }
}

void liqmap_freeze(const void *model, const struct risk *r, struct text *out)
{
    const struct liqmap *m = model;
    const struct directory *dir = market_directory(risk_market(r));
    for (int a = 0; a < risk_assets(r); a++) {
        uint32_t asset = risk_asset_at(r, a);
        for (int v = 0; v < m->n_venues; v++) {
            const struct liqmap_market *k = liqmap_at(m, (uint8_t)v, asset);
            if (k && k->started && k->n_legs > 0)
                put_market(out, k, directory_venue_name(dir, (uint8_t)v),
                           directory_asset_name(dir, asset));
        }
    }
}

/* ---- in ---- */

static bool get_count(const char **p, const char *end, uint32_t *x)
{
    uint64_t sum = 0;
    for (int shift = 0; *p < end && shift < 35; shift += 5) {
        const char *d = memchr(digits, *(*p)++, sizeof digits - 1);
        if (!d)
            return false;
        sum |= (uint64_t)((d - digits) & 31) << shift;
        if (d - digits < 32) {
            *x = (uint32_t)sum;
            return sum <= UINT32_MAX;
        }
    }
    return false;
}

static int read_cells(struct slice s, const struct liqgrid *g, uint32_t *cell, uint64_t *total)
{
    const char *p = s.p, *end = s.p + s.len;
    uint32_t i = 0, x, zeros;
    while (p < end) {
        if (!get_count(&p, end, &x))
            return E_SYNTAX;
        if (x == 0 && (!get_count(&p, end, &zeros) || zeros > LIQGRID_CELLS - i))
            return E_SYNTAX;
        if (x == 0) {
            i += zeros;
            continue;
        }
        if (i >= LIQGRID_CELLS)
            return E_SYNTAX;
        cell[liqgrid_at(g, i++)] = x;
        *total += x;
    }
    return *total < LIQGRID_FULL ? 0 : E_RANGE;
}

struct frozen { /* a line as it stands */
    struct slice venue, asset, ref, grid[2], seed[2];
    int64_t began_us;
    double mark_px, lo_px, hi_px, flight[2];
};

static void scan_pair(struct scan *s, double x[2])
{
    scan_array(s);
    for (int i = 0; scan_item(s); i++) {
        double y = NAN;
        scan_num(s, &y);
        if (i < 2)
            x[i] = y;
    }
}

static void scan_trades(struct scan *s, struct leg *l)
{
    scan_array(s);
    while (scan_item(s)) {
        int64_t i = -1;
        double x = NAN;
        scan_i64(s, &i);
        if (!scan_item(s))
            break;
        scan_num(s, &x);
        if (i >= 0 && i < TRADE_CELLS && isfinite(x) && x > 0) {
            l->trade[i] = x;
            l->traded += x;
        }
    }
}

static void scan_leg(struct scan *s, struct leg *l)
{
    struct slice key, symbol = {NULL, 0};
    int64_t trade0 = 0;
    memset(l, 0, sizeof *l);
    l->inst = INST_NONE;
    l->qty = l->mark_px = l->liq[0] = l->liq[1] = NAN;
    scan_object(s);
    while (scan_key(s, &key)) {
        if (slice_is(key, "symbol"))
            scan_str(s, &symbol);
        else if (slice_is(key, "inverse"))
            scan_bool(s, &l->inverse);
        else if (slice_is(key, "qty"))
            scan_num(s, &l->qty);
        else if (slice_is(key, "mark_px"))
            scan_num(s, &l->mark_px);
        else if (slice_is(key, "t_us"))
            scan_i64(s, &l->t_us);
        else if (slice_is(key, "liq"))
            scan_pair(s, l->liq);
        else if (slice_is(key, "trade0"))
            scan_i64(s, &trade0);
        else if (slice_is(key, "trades"))
            scan_trades(s, l);
        else
            scan_skip(s);
    }
    l->trade0 = (int32_t)trade0;
    slice_copy(symbol, l->symbol, sizeof l->symbol);
}

static void scan_legs(struct scan *s, struct liqmap_market *k)
{
    struct leg over;
    scan_array(s);
    while (scan_item(s))
        scan_leg(s, k->n_legs < LEGS_MAX ? &k->leg[k->n_legs++] : &over);
}

static void scan_text(struct scan *s, const struct slice key, struct frozen *f)
{
    const struct {
        const char *name;
        struct slice *to;
    } texts[] = {{"venue", &f->venue},       {"asset", &f->asset},   {"ref", &f->ref},
                 {"long", &f->grid[0]},      {"short", &f->grid[1]}, {"long_seed", &f->seed[0]},
                 {"short_seed", &f->seed[1]}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (slice_is(key, texts[i].name)) {
            scan_str(s, texts[i].to);
            return;
        }
    }
    scan_skip(s);
}

static int scan_line(const char *line, size_t len, struct frozen *f, struct liqmap_market *k)
{
    struct scan s;
    struct slice key;
    *f = (struct frozen){.mark_px = NAN, .lo_px = NAN, .hi_px = NAN, .flight = {NAN, NAN}};
    scan_init(&s, line, len);
    scan_object(&s);
    while (scan_key(&s, &key)) {
        if (slice_is(key, "began_us"))
            scan_i64(&s, &f->began_us);
        else if (slice_is(key, "mark_px"))
            scan_num(&s, &f->mark_px);
        else if (slice_is(key, "lo_px"))
            scan_num(&s, &f->lo_px);
        else if (slice_is(key, "hi_px"))
            scan_num(&s, &f->hi_px);
        else if (slice_is(key, "flight"))
            scan_pair(&s, f->flight);
        else if (slice_is(key, "legs"))
            scan_legs(&s, k);
        else
            scan_text(&s, key, f);
    }
    return scan_end(&s) < 0 ? E_SYNTAX : 0;
}

static bool is_px(double x)
{
    return x > 0 && isfinite(x);
}

static bool usable(const struct frozen *f, const struct liqmap_market *k)
{
    bool ok = is_px(f->mark_px) && is_px(f->lo_px) && is_px(f->hi_px) && k->n_legs > 0 &&
              f->lo_px <= f->mark_px && f->mark_px <= f->hi_px && f->flight[0] >= 0 &&
              f->flight[1] >= 0;
    for (int n = 0; n < k->n_legs; n++) {
        const struct leg *l = &k->leg[n];
        ok = ok && l->symbol[0] && l->qty >= 0 && isfinite(l->qty) && is_px(l->mark_px) &&
             l->liq[0] >= 0 && l->liq[1] >= 0;
    }
    return ok;
}

static int build_grid(struct liqgrid *g, enum pos_side side, const struct frozen *f)
{
    liqgrid_start(g, liqgrid_place(side, f->mark_px));
    int rc = read_cells(f->grid[side], g, g->cell, &g->total);
    if (rc == 0)
        rc = read_cells(f->seed[side], g, g->seed, &g->seeded);
    for (int i = 0; i < LIQGRID_CELLS && rc == 0; i++)
        rc = g->seed[i] <= g->cell[i] ? 0 : E_RANGE;
    return rc;
}

static int build(struct liqmap_market *k, const struct frozen *f)
{
    if (!usable(f, k) || !slice_copy(f->ref, k->ref_symbol, sizeof k->ref_symbol))
        return E_SYNTAX;
    k->started = true;
    k->reason = R_WARMUP;
    k->ref = INST_NONE;
    k->mark_px = f->mark_px;
    k->lo_px = f->lo_px;
    k->hi_px = f->hi_px;
    k->t_began_us = f->began_us;
    for (int n = 0; n < k->n_legs; n++) {
        struct leg *l = &k->leg[n];
        l->base = l->inverse ? l->qty / k->mark_px : l->qty;
        k->base += l->base;
    }
    if (!isfinite(k->base))
        return E_SYNTAX;
    for (int side = POS_LONG; side <= POS_SHORT; side++) {
        k->flight[side] = fmin(f->flight[side], k->base);
        int rc = build_grid(&k->side[side], (enum pos_side)side, f);
        if (rc < 0)
            return E_SYNTAX;
    }
    return 0;
}

static int find_venue(const struct directory *dir, struct slice name)
{
    for (int v = 0; directory_venue_name(dir, (uint8_t)v); v++)
        if (slice_is(name, directory_venue_name(dir, (uint8_t)v)))
            return v;
    return E_UNKNOWN;
}

int liqmap_thaw(void *model, const struct risk *r, const char *line, size_t len)
{
    const struct directory *dir = market_directory(risk_market(r));
    struct liqmap_market fresh;
    struct frozen f;
    memset(&fresh, 0, sizeof fresh);
    if (scan_line(line, len, &f, &fresh) < 0)
        return E_SYNTAX;
    int venue = find_venue(dir, f.venue);
    uint32_t asset = directory_asset_find(dir, f.asset);
    struct liqmap_market *k = venue < 0 ? NULL : liqmap_at(model, (uint8_t)venue, asset);
    if (!k)
        return E_UNKNOWN;
    int rc = build(&fresh, &f);
    if (rc == 0)
        *k = fresh;
    return rc;
}
