/* What the engine tells becomes rows: liquidations, metric rows, spans of unknown, alert
 * transitions, gaps, universe changes. Ids of the process become names here. The surprising thing:
 * a row that is not of a whole second comes from a turn between two ticks, and is not stored;
 * tables hold ticks only. */
#include "store/store_priv.h"

#include <string.h>

#include "base/text.h"

#define SECOND_US 1000000
#define MAP_TEXT  2048 /* 60 numbers of at most 24 bytes and a comma */

struct names {
    const char *venue, *asset, *channel, *symbol; /* "" = not of one */
};

static bool is_on(const struct store *s)
{
    return s->on && !s->stopping;
}

static const struct directory *dir_of(const struct store *s)
{
    return s->d.directory(s->d.arg);
}

static struct names name_subject(const struct store *s, struct subject x)
{
    struct names n = {store_venue_name(x.venue), "", "", ""};
    unsigned keys = metric_table_keys((enum metric_table)x.table);
    if ((keys & KEY_ASSET) && x.id < directory_asset_count(dir_of(s)))
        n.asset = directory_asset_name(dir_of(s), x.id);
    if (keys & KEY_PART)
        n.channel = metric_part_name((enum metric_table)x.table, x.channel);
    if (x.table == MT_FEED) {
        n.channel = store_channel_name(x.venue, x.channel);
        if (x.id < directory_count(dir_of(s)))
            n.symbol = directory_get(dir_of(s), x.id)->symbol;
    }
    return n;
}

static void put_names(struct row *r, const struct names *n)
{
    row_text(r, n->venue);
    row_text(r, n->asset);
    row_text(r, n->channel);
    row_text(r, n->symbol);
}

/* ---- events --------------------------------------------------------------------------------- */

/* As market_apply converts: contracts by their size, dollars as they are. NAN while not proven. */
static double notional_usd(const struct instrument *in, const struct ev_liq *l)
{
    double px = l->fill_px > 0 ? l->fill_px : l->px;
    if (l->unit == QTY_USD)
        return l->qty;
    if (l->unit == QTY_BASE)
        return l->qty * px;
    if (l->unit != QTY_CT || in->ct_unit == QTY_UNSAID)
        return NAN;
    return in->ct_unit == QTY_USD ? l->qty * in->ct_size : l->qty * in->ct_size * px;
}

static void put_liquidation(struct store *s, const struct event *e, const struct instrument *in)
{
    struct row *r = &s->row;
    const struct ev_liq *l = &e->u.liq;
    row_begin(r, ST_LIQUIDATION, e->t_recv_us);
    row_time(r, e->t_recv_us);
    row_time(r, e->t_venue_us);
    row_text(r, store_venue_name(in->venue));
    row_text(r, in->symbol);
    row_text(r, in->asset == ASSET_NONE ? NULL : directory_asset_name(dir_of(s), in->asset));
    row_text(r, pos_side_name(l->closed));
    row_f8(r, l->px);
    row_text(r, px_kind_name(l->px_kind));
    row_f8(r, l->fill_px);
    row_f8(r, l->qty);
    row_text(r, qty_unit_name(l->unit));
    row_f8(r, notional_usd(in, l));
    row_text(r, coverage_name(l->coverage));
    row_bool(r, l->final);
    store_queue(s, LANE_BULK);
}

/* used: what market_apply returned, 0 = the event was taken. */
static void on_event(void *arg, const struct origin *o, const struct event *e, uint32_t inst,
                     int used)
{
    struct store *s = arg;
    (void)o;
    if (!is_on(s) || used < 0 || inst >= directory_count(dir_of(s)))
        return;
    if (e->kind == EV_LIQ)
        put_liquidation(s, e, directory_get(dir_of(s), inst));
    else if (e->kind == EV_SPEC &&
             directory_get(dir_of(s), inst)->version + 1 != s->dims.sent[inst])
        s->dims.instruments_dirty = true;
}

/* ---- metric rows ---------------------------------------------------------------------------- */

/* Scenarios and sides are computed an asset at a time, so their rows do not fall on one second of
 * all: the first one of each period is kept. */
static bool is_due_part(struct store *s, int64_t t_us, struct subject x)
{
    uint32_t span = (uint32_t)(t_us / SECOND_US / s->d.conf->store_scenario_period_s) + 1;
    int venue = x.venue == 255 ? 0 : 1 + x.venue % DIR_VENUES_MAX;
    uint32_t *kept =
        &s->kept_span[x.table == MT_SCENARIO][venue][x.id % DIR_ASSETS_MAX][x.channel % 2];
    if (*kept == span)
        return false;
    *kept = span;
    return true;
}

/* Is this the row of a tick, due, and the first one of its second? A turn may fall on a whole
 * second too, but the tick of that second came before it. */
static bool is_due(struct store *s, int64_t t_us, struct subject x)
{
    const struct conf *c = s->d.conf;
    if (metric_table_keys((enum metric_table)x.table) & KEY_PART)
        return is_due_part(s, t_us, x);
    bool asset = x.table == MT_ASSET || x.table == MT_VENUE_ASSET;
    int64_t period_s = asset ? c->store_asset_period_s : c->store_feed_period_s,
            t_s = t_us / SECOND_US;
    if (t_us % SECOND_US != 0 || (period_s > 0 && t_s % period_s != 0))
        return false;
    if (!asset)
        return true;
    uint32_t *kept =
        &s->kept_s[x.table == MT_ASSET ? 0 : 1 + x.venue % DIR_VENUES_MAX][x.id % DIR_ASSETS_MAX];
    if (*kept == (uint32_t)t_s)
        return false;
    *kept = (uint32_t)t_s;
    return true;
}

/* The daemon's own values of m_process; those of the store are its counters as they are now. */
static double process_value(const struct store *s, int i)
{
    const char *name = store_process_metrics[i].name;
    if (strcmp(name, "store_rows_total") == 0)
        return (double)s->st.rows_written;
    if (strcmp(name, "store_shed_total") == 0)
        return (double)s->st.rows_shed;
    if (strcmp(name, "store_queued") == 0)
        return (double)store_pending(s);
    return s->process[i];
}

static void on_row(void *arg, int64_t t_us, struct subject x, const struct cell *row, int n)
{
    static const uint8_t streams[MT_TABLES] = {
        [MT_ASSET] = ST_M_ASSET,       [MT_VENUE_ASSET] = ST_M_VENUE_ASSET,
        [MT_FEED] = ST_M_FEED,         [MT_PROCESS] = ST_M_PROCESS,
        [MT_SCENARIO] = ST_M_SCENARIO, [MT_GROUP_ASSET_SIDE] = ST_M_SIDE};
    struct store *s = arg;
    if (!is_on(s) || !is_due(s, t_us, x))
        return;
    struct names name = name_subject(s, x);
    struct row *r = &s->row;
    row_begin(r, streams[x.table], t_us);
    row_time(r, t_us);
    unsigned keys = metric_table_keys((enum metric_table)x.table);
    if (keys & KEY_VENUE)
        row_text(r, name.venue);
    if (keys & KEY_ASSET)
        row_text(r, name.asset);
    if (keys & (KEY_CHANNEL | KEY_PART))
        row_text(r, name.channel);
    if (keys & KEY_SYMBOL)
        row_text(r, name.symbol);
    for (int i = 0; i < n; i++)
        row_f8(r, row[i].value);
    for (int i = 0; x.table == MT_PROCESS && i < store_n_process_metrics; i++)
        row_f8(r, process_value(s, i));
    store_queue(s, LANE_BULK);
}

void store_process(struct store *s, int64_t t_us, const char *const *names, const double *values,
                   int n)
{
    (void)t_us; /* they lie in the row of the engine's next m_process row, at most a period later */
    for (int i = 0; i < n; i++)
        for (int k = 0; k < store_n_process_metrics; k++)
            if (strcmp(names[i], store_process_metrics[k].name) == 0)
                s->process[k] = values[i];
}

/* ---- unknown -------------------------------------------------------------------------------- */

/* The span that c begins (t_from = c->t_us, t_to 0), or the one it ends. */
static void put_span(struct store *s, const struct reason_change *c, int64_t t_from, int64_t t_to,
                     uint8_t reason)
{
    struct names name = name_subject(s, c->subject);
    struct row *r = &s->row;
    row_begin(r, t_to ? ST_UNKNOWN_END : ST_UNKNOWN, t_from);
    row_time(r, t_from);
    row_time(r, t_to);
    row_text(r, metric_at(c->metric_id)->name);
    put_names(r, &name);
    row_text(r, unknown_reason_name((enum unknown_reason)reason));
    store_queue(s, LANE_BULK);
}

static void on_unknown(void *arg, const struct reason_change *c)
{
    struct store *s = arg;
    int64_t t_from;
    uint8_t reason;
    if (!is_on(s))
        return;
    if (spans_close(s->spans, c->subject, c->metric_id, &t_from, &reason))
        put_span(s, c, t_from, c->t_us, reason);
    if (c->now == R_KNOWN)
        return;
    if (spans_open(s->spans, c->subject, c->metric_id, c->t_us, c->now) < 0)
        store_lost(s, ST_UNKNOWN, c->t_us); /* its end could not be written either */
    else
        put_span(s, c, c->t_us, 0, c->now);
}

/* ---- alerts, gaps, universe ----------------------------------------------------------------- */

static void on_alert(void *arg, const struct alert *a)
{
    struct store *s = arg;
    if (!is_on(s))
        return;
    const struct rule *rule = alerts_rule(s->d.alerts(s->d.arg), a->rule);
    struct names name = name_subject(s, a->subject);
    struct row *r = &s->row;
    row_begin(r, ST_ALERT, a->t_us);
    row_time(r, a->t_us);
    row_i8(r, (int64_t)s->d.epoch << 32 | (int64_t)a->n);
    row_i8(r, s->d.epoch);
    row_i8(r, (int64_t)a->n);
    row_i8(r, a->id);
    row_text(r, rule->name);
    row_i8(r, rule->version);
    row_text(r, rule->metric);
    put_names(r, &name);
    row_text(r, alert_state_name(a->state));
    row_text(r, alert_state_name(a->was));
    row_text(r, severity_name(a->severity));
    row_text(r, severity_name(a->severity_was));
    row_f8(r, a->value);
    row_f8(r, a->threshold);
    row_f8(r, a->peak);
    row_text(r, alert_cause_name(a->cause));
    row_bool(r, a->acked);
    row_text(r, a->ack_by[0] ? a->ack_by : NULL);
    row_bool(r, a->silenced);
    row_bool(r, a->inhibited);
    row_time(r, a->t_pending_us);
    row_time(r, a->t_firing_us);
    row_time(r, a->t_resolved_us);
    store_queue(s, LANE_ALERT); /* may end the batch before this row */
    s->alert_n = a->n;
}

static void on_gap(void *arg, const struct gap *g)
{
    struct store *s = arg;
    if (!is_on(s))
        return;
    struct names name = name_subject(s, (struct subject){MT_FEED, g->venue, g->channel, g->inst});
    struct row *r = &s->row;
    row_begin(r, g->t_to_us ? ST_GAP_END : ST_GAP, g->t_from_us);
    row_time(r, g->t_from_us);
    row_time(r, g->t_to_us);
    row_text(r, name.venue);
    row_text(r, name.channel);
    row_text(r, name.symbol);
    row_text(r, gap_cause_name((enum gap_cause)g->cause));
    row_null(r);
    store_queue(s, LANE_ALERT);
}

static void on_universe(void *arg, int64_t t_us, uint32_t asset, bool entered, double rank_usd)
{
    struct store *s = arg;
    if (!is_on(s))
        return;
    row_begin(&s->row, ST_UNIVERSE, t_us);
    row_time(&s->row, t_us);
    row_text(&s->row, directory_asset_name(dir_of(s), asset));
    row_bool(&s->row, entered);
    row_f8(&s->row, isinf(rank_usd) ? NAN : rank_usd);
    store_queue(s, LANE_ALERT);
}

/* A PostgreSQL array as text. Finite numbers only: a map that is told is known. */
static void put_array(struct row *r, const double *x, int n)
{
    char buf[MAP_TEXT];
    struct text t;
    text_init(&t, buf, sizeof buf);
    for (int i = 0; i < n; i++) {
        text_char(&t, i ? ',' : '{');
        text_num(&t, x[i]);
    }
    text_char(&t, '}');
    row_text(r, t.full ? NULL : buf);
}

static void on_map(void *arg, const struct map_row *m)
{
    struct store *s = arg;
    struct row *r = &s->row;
    if (!is_on(s))
        return;
    row_begin(r, ST_LIQMAP, m->t_us);
    row_time(r, m->t_us);
    row_text(r, store_venue_name(m->venue));
    row_text(r, directory_asset_name(dir_of(s), m->asset));
    row_text(r, pos_side_name((enum pos_side)m->side));
    row_f8(r, m->px_ref);
    row_f8(r, m->seeded_frac);
    row_f8(r, m->oi_base);
    put_array(r, m->edge_frac, m->n + 1);
    put_array(r, m->mass_base, m->n);
    store_queue(s, LANE_BULK);
}

struct sinks store_sinks(struct store *s)
{
    return (struct sinks){.arg = s,
                          .event = on_event,
                          .row = on_row,
                          .unknown = on_unknown,
                          .alert = on_alert,
                          .gap = on_gap,
                          .universe = on_universe,
                          .map = on_map};
}
