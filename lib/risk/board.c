/* The board: the last evaluation of every metric of every subject. In: the market, once a second
 * (risk_tick) or for one venue and asset between (risk_turn). Out: rows and changes of reasons
 * through the caller's sink. All memory is taken in risk_new. The surprising thing: a row that goes
 * away (asset left, feed unwanted) first tells its reasons not_tracked in the next tick; asset rows
 * are therefore kept twice over. */
#include "risk/family.h"

#include <assert.h>
#include <stdlib.h>

#define FEED_BUCKETS 8192u
#define ROW_NONE     UINT32_MAX

struct board_row {
    struct subject subject;
    struct cell *cell;
    uint8_t *said; /* reasons the sink was told */
    bool used;
    bool leaving;  /* asset rows: not in order[] any more, tells not_tracked at the next tick */
    double shown;  /* feeds: state last handed out; process: sum of the row last handed out */
    uint32_t next; /* feeds: chain of the bucket */
};

struct risk {
    struct risk_conf conf;
    const struct market *market;
    int column0[FAMILIES], id0[FAMILIES], columns[MT_TABLES];
    uint32_t asset_rows; /* capacity: 2 x max_assets */
    struct board_row *asset, *venue_asset, *feed;
    struct board_row process;
    struct risk_view *view;    /* beside venue_asset */
    bool down[DIR_VENUES_MAX]; /* it has streams, and all their links are down */
    uint32_t *order;           /* rows of tracked assets in order of entry */
    int n_assets;
    uint32_t row_of[DIR_ASSETS_MAX];
    uint32_t bucket[FEED_BUCKETS];
    struct cell *cells;
    uint8_t *said;
    uint64_t refused;
};

/* ---- making ---------------------------------------------------------------------------------- */

static void number_columns(struct risk *r)
{
    for (int f = 0, id = 0; f < FAMILIES; f++) {
        int t = metric_families[f]->table;
        r->id0[f] = id;
        r->column0[f] = r->columns[t];
        r->columns[t] += metric_families[f]->n;
        id += metric_families[f]->n;
    }
}

static void carve(struct board_row *rows, size_t n, int columns, struct cell **cells,
                  uint8_t **said)
{
    for (size_t i = 0; i < n; i++) {
        rows[i].cell = *cells;
        rows[i].said = *said;
        cells_unknown(rows[i].cell, columns, R_NOT_TRACKED);
        memset(rows[i].said, R_NOT_TRACKED, (size_t)columns);
        *cells += columns;
        *said += columns;
    }
}

static bool take_memory(struct risk *r)
{
    size_t na = r->asset_rows, nv = na * (size_t)r->conf.n_venues;
    size_t n = na * (size_t)r->columns[MT_ASSET] + nv * (size_t)r->columns[MT_VENUE_ASSET] +
               (size_t)LIVE_MAX * (size_t)r->columns[MT_FEED] + (size_t)r->columns[MT_PROCESS];
    r->asset = calloc(na, sizeof(*r->asset));
    r->venue_asset = calloc(nv, sizeof(*r->venue_asset));
    r->view = calloc(nv, sizeof(*r->view));
    r->feed = calloc(LIVE_MAX, sizeof(*r->feed));
    r->order = calloc(na, sizeof(*r->order));
    r->cells = calloc(n, sizeof(*r->cells));
    r->said = calloc(n, 1);
    if (!r->asset || !r->venue_asset || !r->view || !r->feed || !r->order || !r->cells || !r->said)
        return false;
    struct cell *cells = r->cells;
    uint8_t *said = r->said;
    carve(r->asset, na, r->columns[MT_ASSET], &cells, &said);
    carve(r->venue_asset, nv, r->columns[MT_VENUE_ASSET], &cells, &said);
    carve(r->feed, LIVE_MAX, r->columns[MT_FEED], &cells, &said);
    carve(&r->process, 1, r->columns[MT_PROCESS], &cells, &said);
    return true;
}

struct risk *risk_new(const struct risk_conf *c, const struct market *m)
{
    assert(c->n_venues > 0 && c->n_venues <= DIR_VENUES_MAX && c->max_assets > 0);
    struct risk *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->conf = *c;
    r->market = m;
    r->asset_rows = 2 * c->max_assets;
    number_columns(r);
    memset(r->row_of, 0xff, sizeof(r->row_of));
    memset(r->bucket, 0xff, sizeof(r->bucket));
    if (!take_memory(r)) {
        risk_free(r);
        return NULL;
    }
    r->process.subject = (struct subject){MT_PROCESS, 255, 255, INST_NONE};
    r->process.used = true;
    r->process.shown = NAN;
    return r;
}

void risk_free(struct risk *r)
{
    if (!r)
        return;
    free(r->asset);
    free(r->venue_asset);
    free(r->view);
    free(r->feed);
    free(r->order);
    free(r->cells);
    free(r->said);
    free(r);
}

/* ---- small views ------------------------------------------------------------------------------
 */

const struct market *risk_market(const struct risk *r)
{
    return r->market;
}

int risk_venues(const struct risk *r)
{
    return r->conf.n_venues;
}

int risk_assets(const struct risk *r)
{
    return r->n_assets;
}

uint32_t risk_asset_at(const struct risk *r, int i)
{
    assert(i >= 0 && i < r->n_assets);
    return r->asset[r->order[i]].subject.id;
}

bool risk_venue_down(const struct risk *r, uint8_t venue)
{
    return r->down[venue];
}

uint64_t risk_refused(const struct risk *r)
{
    return r->refused;
}

const struct risk_venue *risk_venue_conf(const struct risk *r, uint8_t venue)
{
    assert(venue < r->conf.n_venues);
    return &r->conf.venue[venue];
}

struct subject subject_asset(uint32_t asset)
{
    return (struct subject){MT_ASSET, 255, 255, asset};
}

struct subject subject_venue_asset(uint8_t venue, uint32_t asset)
{
    return (struct subject){MT_VENUE_ASSET, venue, 255, asset};
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static uint32_t feed_bucket(struct subject s)
{
    uint64_t key = (uint64_t)s.id << 16 | (uint64_t)s.venue << 8 | s.channel;
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % FEED_BUCKETS;
}

static bool subject_eq(struct subject a, struct subject b)
{
    return a.table == b.table && a.venue == b.venue && a.channel == b.channel && a.id == b.id;
}

static const struct board_row *find_feed(const struct risk *r, struct subject s)
{
    for (uint32_t i = r->bucket[feed_bucket(s)]; i != ROW_NONE; i = r->feed[i].next)
        if (subject_eq(r->feed[i].subject, s))
            return &r->feed[i];
    return NULL;
}

static uint32_t asset_row(const struct risk *r, uint32_t asset)
{
    return asset < DIR_ASSETS_MAX ? r->row_of[asset] : ROW_NONE;
}

static uint32_t venue_row(const struct risk *r, uint32_t row, int venue)
{
    return row * (uint32_t)r->conf.n_venues + (uint32_t)venue;
}

static const struct board_row *find_row(const struct risk *r, struct subject s)
{
    uint32_t a = ROW_NONE;
    if (s.table == MT_ASSET || s.table == MT_VENUE_ASSET)
        a = asset_row(r, s.id);
    if (s.table == MT_ASSET)
        return a != ROW_NONE ? &r->asset[a] : NULL;
    if (s.table == MT_VENUE_ASSET)
        return a != ROW_NONE && s.venue < r->conf.n_venues
                   ? &r->venue_asset[venue_row(r, a, s.venue)]
                   : NULL;
    if (s.table == MT_FEED)
        return find_feed(r, s);
    return s.table == MT_PROCESS ? &r->process : NULL;
}

const struct cell *risk_row(const struct risk *r, struct subject s)
{
    const struct board_row *row = find_row(r, s);
    return row ? row->cell : NULL;
}

struct cell risk_cell(const struct risk *r, struct subject s, int metric_id)
{
    const struct metric_family *f = metric_family_of(metric_id);
    const struct cell *row = f && f->table == s.table ? risk_row(r, s) : NULL;
    return row ? row[metric_column(metric_id)] : (struct cell){NAN, R_NOT_TRACKED};
}

const struct cell *risk_family_cells(const struct risk *r, struct subject s, enum family_id f)
{
    const struct cell *row = risk_row(r, s);
    assert(row && metric_families[f]->table == s.table);
    return row + r->column0[f];
}

const struct risk_view *risk_view_of(const struct risk *r, struct subject s)
{
    uint32_t a = asset_row(r, s.id);
    assert(a != ROW_NONE && s.venue < r->conf.n_venues);
    return &r->view[venue_row(r, a, s.venue)];
}

/* ---- assets come and go -----------------------------------------------------------------------
 */

static uint32_t free_asset_row(const struct risk *r)
{
    for (uint32_t i = 0; i < r->asset_rows; i++)
        if (!r->asset[i].used)
            return i;
    return ROW_NONE;
}

static void clear_asset_row(struct risk *r, uint32_t row)
{
    cells_unknown(r->asset[row].cell, r->columns[MT_ASSET], R_NOT_TRACKED);
    for (int v = 0; v < r->conf.n_venues; v++) {
        uint32_t i = venue_row(r, row, v);
        cells_unknown(r->venue_asset[i].cell, r->columns[MT_VENUE_ASSET], R_NOT_TRACKED);
        r->view[i] = (struct risk_view){0};
    }
}

int risk_add_asset(struct risk *r, uint32_t asset)
{
    if (asset >= DIR_ASSETS_MAX)
        return E_RANGE;
    uint32_t row = r->row_of[asset];
    if (row != ROW_NONE && !r->asset[row].leaving)
        return 0;
    if (r->n_assets == (int)r->conf.max_assets)
        return E_LIMIT;
    if (row == ROW_NONE)
        row = free_asset_row(r);
    if (row == ROW_NONE)
        return E_LIMIT;
    r->asset[row].used = true;
    r->asset[row].leaving = false;
    r->asset[row].subject = subject_asset(asset);
    for (int v = 0; v < r->conf.n_venues; v++)
        r->venue_asset[venue_row(r, row, v)].subject = subject_venue_asset((uint8_t)v, asset);
    r->row_of[asset] = row;
    r->order[r->n_assets++] = row;
    return 0;
}

void risk_del_asset(struct risk *r, uint32_t asset)
{
    uint32_t row = asset_row(r, asset);
    if (row == ROW_NONE || r->asset[row].leaving)
        return;
    clear_asset_row(r, row);
    r->asset[row].leaving = true;
    int i = 0;
    while (r->order[i] != row)
        i++;
    memmove(&r->order[i], &r->order[i + 1], (size_t)(r->n_assets - i - 1) * sizeof(r->order[0]));
    r->n_assets--;
}

/* ---- evaluation -------------------------------------------------------------------------------
 */

static void gather_slot(struct risk_view *v, const struct market *m, const struct slot *s,
                        int64_t now_us)
{
    int i = v->n++;
    double oi = s->s[S_OI_BASE].last;
    v->slot[i] = s;
    v->inst[i] = directory_get(market_directory(m), s->inst);
    v->oi_last[i] = isfinite(oi) ? oi : 0;
    v->oi_last_sum += v->oi_last[i];
    v->settling |= !isfinite(oi) && now_us - s->t_tracked_us < SETTLE_US;
}

static void judge_links(struct risk *r)
{
    const struct live *l = market_live(r->market);
    bool up[DIR_VENUES_MAX] = {false};
    memset(r->down, 0, sizeof(r->down));
    for (int i = 0; i < live_count(l); i++) {
        const struct live_row *w = live_at(l, i);
        if (!w || w->conn == CONN_REST)
            continue;
        r->down[w->venue] = true;
        up[w->venue] |= w->t_up_us != 0;
    }
    for (int v = 0; v < DIR_VENUES_MAX; v++)
        r->down[v] = r->down[v] && !up[v];
}

static void gather(struct risk *r, uint32_t row, int venue, int64_t now_us)
{
    struct risk_view *v = &r->view[venue_row(r, row, venue)];
    uint32_t asset = r->asset[row].subject.id;
    const struct slot *slots[VIEW_SLOTS_MAX];
    int n = market_venue_asset(r->market, (uint8_t)venue, asset, slots, VIEW_SLOTS_MAX);
    *v = (struct risk_view){.down = r->down[venue]};
    const struct slot *primary = n > 0 ? market_primary(r->market, (uint8_t)venue, asset) : NULL;
    for (int i = 0; i < n; i++) {
        gather_slot(v, r->market, slots[i], now_us);
        if (slots[i] == primary)
            v->primary = i;
    }
}

static void check_range(struct risk *r, const struct metric_family *f, struct cell *out)
{
    for (int i = 0; i < f->n; i++) {
        const struct metric *m = &f->metrics[i];
        if (out[i].reason != R_KNOWN || (out[i].value >= m->lo && out[i].value <= m->hi))
            continue;
        r->refused++;
        cell_unknown(&out[i], R_UNIT_UNPROVEN); /* impossible: some unit is not what we believe */
    }
}

static void eval_row(struct risk *r, int f, struct board_row *row, int64_t now_us)
{
    struct cell *out = row->cell + r->column0[f];
    metric_families[f]->eval(r, row->subject, now_us, out);
    check_range(r, metric_families[f], out);
}

static void eval_venue_row(struct risk *r, int f, uint32_t row, int venue, int64_t now_us)
{
    uint32_t i = venue_row(r, row, venue);
    struct cell *out = r->venue_asset[i].cell + r->column0[f];
    if (r->view[i].n == 0)
        cells_unknown(out, metric_families[f]->n, R_NOT_TRACKED);
    else if (r->view[i].down) /* also what polls said lately: nothing more comes from there */
        cells_unknown(out, metric_families[f]->n, R_DOWN);
    else
        eval_row(r, f, &r->venue_asset[i], now_us);
}

static void eval_family(struct risk *r, int f, int64_t now_us)
{
    int table = metric_families[f]->table;
    for (int k = 0; table == MT_ASSET && k < r->n_assets; k++)
        eval_row(r, f, &r->asset[r->order[k]], now_us);
    for (int k = 0; table == MT_VENUE_ASSET && k < r->n_assets; k++)
        for (int v = 0; v < r->conf.n_venues; v++)
            eval_venue_row(r, f, r->order[k], v, now_us);
    for (int i = 0; table == MT_FEED && i < LIVE_MAX; i++)
        if (r->feed[i].used)
            eval_row(r, f, &r->feed[i], now_us);
    if (table == MT_PROCESS)
        eval_row(r, f, &r->process, now_us);
}

/* ---- telling ----------------------------------------------------------------------------------
 */

static void tell_reasons(const struct risk *r, struct board_row *row, int64_t now_us,
                         const struct risk_sink *sink)
{
    for (int f = 0, column = 0; f < FAMILIES; f++) {
        if (metric_families[f]->table != row->subject.table)
            continue;
        for (int i = 0; i < metric_families[f]->n; i++, column++) {
            uint8_t was = row->said[column], now = row->cell[column].reason;
            if (was == now)
                continue;
            row->said[column] = now;
            if (sink->reason)
                sink->reason(sink->arg, now_us, row->subject, r->id0[f] + i, was, now);
        }
    }
}

static void tell_row(const struct risk *r, const struct board_row *row, int64_t now_us,
                     const struct risk_sink *sink)
{
    if (sink->row)
        sink->row(sink->arg, now_us, row->subject, row->cell, r->columns[row->subject.table]);
}

static void tell_asset(struct risk *r, uint32_t row, int64_t now_us, const struct risk_sink *sink)
{
    tell_reasons(r, &r->asset[row], now_us, sink);
    if (!r->asset[row].leaving)
        tell_row(r, &r->asset[row], now_us, sink);
    for (int v = 0; v < r->conf.n_venues; v++) {
        uint32_t i = venue_row(r, row, v);
        tell_reasons(r, &r->venue_asset[i], now_us, sink);
        if (r->view[i].n > 0)
            tell_row(r, &r->venue_asset[i], now_us, sink);
    }
}

static void tell_feed(struct risk *r, struct board_row *row, bool due, int64_t now_us,
                      const struct risk_sink *sink)
{
    double state = (double)live_find(market_live(r->market), row->subject.venue,
                                     row->subject.channel, row->subject.id)
                       ->state;
    tell_reasons(r, row, now_us, sink);
    if (due || state != row->shown)
        tell_row(r, row, now_us, sink);
    row->shown = state;
}

static void tell_process(struct risk *r, bool due, int64_t now_us, const struct risk_sink *sink)
{
    double sum = 0; /* a fingerprint of the counts: positions weigh by powers of a prime */
    for (int i = 0; i < r->columns[MT_PROCESS]; i++)
        sum = sum * 8209 + r->process.cell[i].value;
    tell_reasons(r, &r->process, now_us, sink);
    if (due || sum != r->process.shown)
        tell_row(r, &r->process, now_us, sink);
    r->process.shown = sum;
}

/* Rows of assets that left say not_tracked, then they are free. */
static void bury_assets(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    for (uint32_t i = 0; i < r->asset_rows; i++) {
        if (!r->asset[i].used || !r->asset[i].leaving)
            continue;
        tell_asset(r, i, now_us, sink);
        r->row_of[r->asset[i].subject.id] = ROW_NONE;
        r->asset[i].used = r->asset[i].leaving = false;
    }
}

/* ---- feeds follow the liveness rows ------------------------------------------------------------
 */

static void unlink_feed(struct risk *r, uint32_t i)
{
    uint32_t *at = &r->bucket[feed_bucket(r->feed[i].subject)];
    while (*at != i)
        at = &r->feed[*at].next;
    *at = r->feed[i].next;
    r->feed[i].used = false;
}

static void link_feed(struct risk *r, uint32_t i, struct subject s)
{
    uint32_t *bucket = &r->bucket[feed_bucket(s)];
    r->feed[i].subject = s;
    r->feed[i].used = true;
    r->feed[i].shown = NAN;
    r->feed[i].next = *bucket;
    *bucket = i;
}

static void sync_feeds(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    const struct live *l = market_live(r->market);
    for (uint32_t i = 0; i < LIVE_MAX; i++) {
        const struct live_row *w = (int)i < live_count(l) ? live_at(l, (int)i) : NULL;
        struct subject s = {MT_FEED, w ? w->venue : 255, w ? w->channel : 255,
                            w ? w->inst : INST_NONE};
        if (r->feed[i].used && (!w || !subject_eq(r->feed[i].subject, s))) {
            cells_unknown(r->feed[i].cell, r->columns[MT_FEED], R_NOT_TRACKED);
            tell_reasons(r, &r->feed[i], now_us, sink);
            unlink_feed(r, i);
        }
        if (w && !r->feed[i].used)
            link_feed(r, i, s);
    }
}

/* ---- tick and turn ------------------------------------------------------------------------------
 */

void risk_tick(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    int64_t tick_s = now_us / 1000000;
    bool due = tick_s % 10 == 0; /* feeds and process are stored every 10 s */
    bury_assets(r, now_us, sink);
    sync_feeds(r, now_us, sink);
    judge_links(r);
    for (int k = 0; k < r->n_assets; k++)
        for (int v = 0; v < r->conf.n_venues; v++)
            gather(r, r->order[k], v, now_us);
    for (int f = 0; f < FAMILIES; f++)
        if (tick_s % metric_families[f]->period_s == 0)
            eval_family(r, f, now_us);
    for (int k = 0; k < r->n_assets; k++)
        tell_asset(r, r->order[k], now_us, sink);
    for (int i = 0; i < LIVE_MAX; i++)
        if (r->feed[i].used)
            tell_feed(r, &r->feed[i], due, now_us, sink);
    tell_process(r, due, now_us, sink);
}

static void turn_venues(struct risk *r, int f, uint32_t row, struct subject s, int64_t now_us)
{
    for (int v = 0; v < r->conf.n_venues; v++)
        if (s.table == MT_ASSET || s.venue == v)
            eval_venue_row(r, f, row, v, now_us);
}

void risk_turn(struct risk *r, struct subject s, int64_t now_us, const struct risk_sink *sink)
{
    if (s.table != MT_ASSET && (s.table != MT_VENUE_ASSET || s.venue >= r->conf.n_venues))
        return;
    uint32_t row = asset_row(r, s.id);
    if (row == ROW_NONE || r->asset[row].leaving)
        return;
    for (int v = 0; v < r->conf.n_venues; v++)
        gather(r, row, v, now_us);
    for (int f = 0; f < FAMILIES; f++) {
        if (metric_families[f]->fast && metric_families[f]->table == MT_VENUE_ASSET)
            turn_venues(r, f, row, s, now_us);
        else if (metric_families[f]->fast && metric_families[f]->table == MT_ASSET)
            eval_row(r, f, &r->asset[row], now_us);
    }
    for (int v = 0; v < r->conf.n_venues; v++)
        if ((s.table == MT_ASSET || s.venue == v) && r->view[venue_row(r, row, v)].n > 0)
            tell_row(r, &r->venue_asset[venue_row(r, row, v)], now_us, sink);
    tell_row(r, &r->asset[row], now_us, sink);
}
