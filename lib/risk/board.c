/* The board: the last evaluation of every metric of every subject; here its memory, its rows and
 * the assets that come and go. In: assets, questions. Out: rows and cells. All memory is taken in
 * risk_new. The surprising thing: an asset that leaves keeps its row until the next tick has told
 * not_tracked, so there are twice as many asset rows as assets. */
#include "risk/board.h"

#include <assert.h>
#include <stdlib.h>

/* ---- making ---- */

static void number_columns(struct risk *r)
{
    for (int f = 0; f < FAMILIES; f++) {
        int t = metric_families[f]->table;
        r->column0[f] = r->columns[t];
        r->columns[t] += metric_families[f]->n;
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
    size_t ns = na * (size_t)(r->conf.n_venues + 1) * SWEEP_KINDS;
    size_t n = na * (size_t)r->columns[MT_ASSET] + nv * (size_t)r->columns[MT_VENUE_ASSET] +
               ns * (size_t)r->columns[MT_SCENARIO] +
               2 * nv * (size_t)r->columns[MT_GROUP_ASSET_SIDE] +
               (size_t)LIVE_MAX * (size_t)r->columns[MT_FEED] + (size_t)r->columns[MT_PROCESS];
    r->asset = calloc(na, sizeof(*r->asset));
    r->venue_asset = calloc(nv, sizeof(*r->venue_asset));
    r->scenario = calloc(ns, sizeof(*r->scenario));
    r->side = calloc(2 * nv, sizeof(*r->side));
    r->view = calloc(nv, sizeof(*r->view));
    r->feed = calloc(LIVE_MAX, sizeof(*r->feed));
    r->order = calloc(na, sizeof(*r->order));
    r->cells = calloc(n, sizeof(*r->cells));
    r->said = calloc(n, 1);
    if (!r->asset || !r->venue_asset || !r->scenario || !r->side || !r->view || !r->feed ||
        !r->order || !r->cells || !r->said)
        return false;
    struct cell *cells = r->cells;
    uint8_t *said = r->said;
    carve(r->asset, na, r->columns[MT_ASSET], &cells, &said);
    carve(r->venue_asset, nv, r->columns[MT_VENUE_ASSET], &cells, &said);
    carve(r->scenario, ns, r->columns[MT_SCENARIO], &cells, &said);
    carve(r->side, 2 * nv, r->columns[MT_GROUP_ASSET_SIDE], &cells, &said);
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
    r->process.subject = (struct subject){MT_PROCESS, 255, 255, INST_NONE};
    r->process.used = true;
    r->process.shown = NAN;
    if (take_memory(r) && models_init(r))
        return r;
    risk_free(r);
    return NULL;
}

void risk_free(struct risk *r)
{
    if (!r)
        return;
    models_fini(r);
    free(r->asset);
    free(r->venue_asset);
    free(r->scenario);
    free(r->side);
    free(r->view);
    free(r->feed);
    free(r->order);
    free(r->cells);
    free(r->said);
    free(r);
}

/* ---- small views ---- */

const struct market *risk_market(const struct risk *r)
{
    return r->market;
}

int risk_venues(const struct risk *r)
{
    return r->conf.n_venues;
}

uint32_t risk_max_assets(const struct risk *r)
{
    return r->conf.max_assets;
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

struct subject subject_scenario(uint8_t venue, uint32_t asset, uint8_t scenario)
{
    return (struct subject){MT_SCENARIO, venue, scenario, asset};
}

struct subject subject_side(uint8_t venue, uint32_t asset, enum pos_side side)
{
    return (struct subject){MT_GROUP_ASSET_SIDE, venue, (uint8_t)side, asset};
}

/* ---- rows ---- */

uint32_t board_feed_bucket(struct subject s)
{
    uint64_t key = (uint64_t)s.id << 16 | (uint64_t)s.venue << 8 | s.channel;
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % FEED_BUCKETS;
}

bool subject_eq(struct subject a, struct subject b)
{
    return a.table == b.table && a.venue == b.venue && a.channel == b.channel && a.id == b.id;
}

static const struct board_row *find_feed(const struct risk *r, struct subject s)
{
    for (uint32_t i = r->bucket[board_feed_bucket(s)]; i != ROW_NONE; i = r->feed[i].next)
        if (subject_eq(r->feed[i].subject, s))
            return &r->feed[i];
    return NULL;
}

uint32_t board_asset_row(const struct risk *r, uint32_t asset)
{
    return asset < DIR_ASSETS_MAX ? r->row_of[asset] : ROW_NONE;
}

static const struct board_row *find_scenario(const struct risk *r, uint32_t row, struct subject s)
{
    int venue = s.venue == 255 ? r->conf.n_venues : s.venue;
    if (row == ROW_NONE || venue > r->conf.n_venues || s.channel >= SWEEP_KINDS)
        return NULL;
    return &r->scenario[scenario_row(r, row, venue, s.channel)];
}

static const struct board_row *find_side(const struct risk *r, uint32_t row, struct subject s)
{
    if (row == ROW_NONE || s.venue >= r->conf.n_venues || s.channel > POS_SHORT)
        return NULL;
    return &r->side[side_row(r, row, s.venue, s.channel)];
}

static const struct board_row *find_venue_asset(const struct risk *r, struct subject s)
{
    uint32_t a = board_asset_row(r, s.id);
    return a != ROW_NONE && s.venue < r->conf.n_venues ? &r->venue_asset[venue_row(r, a, s.venue)]
                                                       : NULL;
}

static const struct board_row *find_row(const struct risk *r, struct subject s)
{
    uint32_t a = ROW_NONE;
    if (s.table == MT_VENUE_ASSET) /* what families ask each other most */
        return find_venue_asset(r, s);
    if (metric_table_keys((enum metric_table)s.table) & KEY_ASSET)
        a = board_asset_row(r, s.id);
    if (s.table == MT_SCENARIO)
        return find_scenario(r, a, s);
    if (s.table == MT_GROUP_ASSET_SIDE)
        return find_side(r, a, s);
    if (s.table == MT_ASSET)
        return a != ROW_NONE ? &r->asset[a] : NULL;
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
    uint32_t a = board_asset_row(r, s.id);
    assert(a != ROW_NONE && s.venue < r->conf.n_venues);
    return &r->view[venue_row(r, a, s.venue)];
}

/* ---- assets come and go ---- */

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
        for (int side = POS_LONG; side <= POS_SHORT; side++)
            cells_unknown(r->side[side_row(r, row, v, side)].cell, r->columns[MT_GROUP_ASSET_SIDE],
                          R_NOT_TRACKED);
        r->view[i] = (struct risk_view){0};
    }
    uint32_t first = scenario_row(r, row, 0, 0), end = scenario_row(r, row + 1, 0, 0);
    for (uint32_t i = first; i < end; i++)
        cells_unknown(r->scenario[i].cell, r->columns[MT_SCENARIO], R_NOT_TRACKED);
}

static void name_rows(struct risk *r, uint32_t row, uint32_t asset)
{
    r->asset[row].subject = subject_asset(asset);
    for (int v = 0; v < r->conf.n_venues; v++) {
        uint8_t venue = (uint8_t)v;
        r->venue_asset[venue_row(r, row, v)].subject = subject_venue_asset(venue, asset);
        for (int side = POS_LONG; side <= POS_SHORT; side++)
            r->side[side_row(r, row, v, side)].subject =
                subject_side(venue, asset, (enum pos_side)side);
    }
    for (int v = 0; v <= r->conf.n_venues; v++)
        for (int k = 0; k < SWEEP_KINDS; k++)
            r->scenario[scenario_row(r, row, v, k)].subject =
                subject_scenario(v == r->conf.n_venues ? 255 : (uint8_t)v, asset, (uint8_t)k);
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
    name_rows(r, row, asset);
    r->row_of[asset] = row;
    r->order[r->n_assets++] = row;
    models_enter(r, asset);
    return 0;
}

void risk_del_asset(struct risk *r, uint32_t asset)
{
    uint32_t row = board_asset_row(r, asset);
    if (row == ROW_NONE || r->asset[row].leaving)
        return;
    models_leave(r, asset);
    clear_asset_row(r, row);
    r->asset[row].leaving = true;
    int i = 0;
    while (r->order[i] != row)
        i++;
    memmove(&r->order[i], &r->order[i + 1], (size_t)(r->n_assets - i - 1) * sizeof(r->order[0]));
    r->n_assets--;
}
