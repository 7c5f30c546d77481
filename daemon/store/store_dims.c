/* Rows of the catalogues: venues, metrics, assets, instruments. They do not wait in a queue: each
 * batch takes what has changed since it was last sent, straight from the tables and the directory.
 * A new connection starts over, since the database may be another one; every statement is an
 * upsert. */
#include "store/store_priv.h"

#include <string.h>

#include "venue/venue.h"

const char *store_venue_name(uint8_t venue)
{
    return venue < n_venues ? venues[venue]->name : "";
}

const char *store_channel_name(uint8_t venue, uint8_t channel)
{
    return venue < n_venues && channel < venues[venue]->n_channels
               ? venues[venue]->channels[channel].name
               : "";
}

void store_reset_dims(struct store *s)
{
    memset(&s->dims, 0, sizeof(s->dims));
    s->dims.instruments_dirty = true;
}

static bool add(struct store *s)
{
    if (s->row.full) {
        store_lost(s, s->row.stream, s->row.t_us);
        return true;
    }
    return outbox_add(&s->writer[LANE_BULK].out, &s->row, 0, 0);
}

static bool add_venue(struct store *s, uint8_t v, int64_t t_us)
{
    row_begin(&s->row, ST_VENUE, t_us);
    row_text(&s->row, venues[v]->name);
    row_text(&s->row, venues[v]->liq_public ? coverage_name(venues[v]->liq_coverage) : NULL);
    row_time(&s->row, t_us);
    return add(s);
}

static double finite_or_nan(double x)
{
    return isinf(x) ? NAN : x;
}

static bool add_metric(struct store *s, enum stream_id id, int column)
{
    static const char *const quality[] = {
        [MQ_MEASURED] = "measured", [MQ_MODELLED] = "modelled", [MQ_LOWER_BOUND] = "lower_bound"};
    const struct metric *m = stream_metric(id, column);
    int engine = metric_find(slice_of(m->name), (enum metric_table)stream_defs[id].metrics);
    row_begin(&s->row, ST_METRIC, s->t_start_us);
    row_text(&s->row, stream_defs[id].table);
    row_text(&s->row, m->name);
    row_text(&s->row, m->unit);
    row_text(&s->row, quality[m->quality]);
    if (engine >= 0)
        row_i8(&s->row, metric_family_of(engine)->period_s);
    else
        row_null(&s->row);
    row_f8(&s->row, finite_or_nan(m->lo));
    row_f8(&s->row, finite_or_nan(m->hi));
    row_text(&s->row, m->help);
    return add(s);
}

/* Venues and metrics do not change while the program runs: they are numbered through, and
 * dims.fixed is the first one not yet sent. */
static bool add_fixed(struct store *s, int64_t t_us)
{
    uint32_t at = 0, *next = &s->dims.fixed;
    for (int v = 0; v < n_venues; v++, at++) {
        if (at < *next)
            continue;
        if (s->d.conf->venue[v].enabled && !add_venue(s, (uint8_t)v, t_us))
            return false;
        *next = at + 1;
    }
    for (int i = 0; i < STREAMS; i++)
        for (int c = 0,
                 n = stream_is_rollup((enum stream_id)i) ? 0 : stream_columns((enum stream_id)i);
             c < n; c++, at++) {
            if (at < *next)
                continue;
            if (stream_metric((enum stream_id)i, c) && !add_metric(s, (enum stream_id)i, c))
                return false;
            *next = at + 1;
        }
    s->dims.all_fixed = true;
    return true;
}

static bool add_assets(struct store *s, const struct directory *dir, int64_t t_us)
{
    for (; s->dims.assets < directory_asset_count(dir); s->dims.assets++) {
        row_begin(&s->row, ST_ASSET, t_us);
        row_text(&s->row, directory_asset_name(dir, s->dims.assets));
        row_time(&s->row, t_us);
        if (!add(s))
            return false;
    }
    return true;
}

/* A text the venue may have left out. */
static void put_said(struct row *r, const char *text)
{
    row_text(r, text[0] ? text : NULL);
}

static bool add_instrument(struct store *s, const struct directory *dir,
                           const struct instrument *in, int64_t t_us)
{
    struct row *r = &s->row;
    row_begin(r, ST_INSTRUMENT, t_us);
    row_text(r, store_venue_name(in->venue));
    row_text(r, in->symbol);
    put_said(r, in->base);
    put_said(r, in->quote);
    put_said(r, in->settle);
    row_text(r, in->asset == ASSET_NONE ? NULL : directory_asset_name(dir, in->asset));
    row_f8(r, in->multiplier);
    row_f8(r, in->ct_size);
    row_text(r, in->ct_unit == QTY_UNSAID ? NULL : qty_unit_name(in->ct_unit));
    if (in->linear < 0)
        row_null(r);
    else
        row_bool(r, in->linear);
    row_f8(r, in->tick);
    row_f8(r, in->max_leverage);
    row_f8(r, in->funding_interval_h);
    row_text(r, in->status == INST_UNSAID ? NULL : inst_status_name(in->status));
    row_text(r, in->category == CAT_UNSAID ? NULL : inst_category_name(in->category));
    row_bool(r, in->included);
    row_time(r, t_us);
    return add(s);
}

static bool add_instruments(struct store *s, const struct directory *dir, int64_t t_us)
{
    struct dims *d = &s->dims;
    for (; d->instruments_dirty && d->cursor < directory_count(dir); d->cursor++) {
        const struct instrument *in = directory_get(dir, d->cursor);
        if (!in->full || d->sent[d->cursor] == in->version + 1)
            continue;
        if (!add_instrument(s, dir, in, t_us))
            return false;
        d->sent[d->cursor] = in->version + 1;
    }
    d->instruments_dirty = false;
    d->cursor = 0;
    return true;
}

bool store_collect_dims(struct store *s)
{
    const struct directory *dir = s->d.directory(s->d.arg);
    int64_t t_us = s->d.now_us(s->d.arg);
    if (!s->dims.all_fixed && !add_fixed(s, t_us))
        return false;
    return !dir || (add_assets(s, dir, t_us) && add_instruments(s, dir, t_us));
}
