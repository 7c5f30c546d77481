/* What the engine tells becomes rows: liquidations, spans of unknown, alert transitions, gaps,
 * universe changes, maps; metric rows are in store_rows.c. Ids of the process become names here. */
#include "store/store_priv.h"

#include <string.h>

#include "base/text.h"

#define MAP_TEXT 2048 /* 60 numbers of at most 24 bytes and a comma */

bool store_is_on(const struct store *s)
{
    return s->on && !s->finishing; /* ticks go on while the store stops: they count as well */
}

const struct directory *store_directory(const struct store *s)
{
    return s->d.directory(s->d.arg);
}

struct names store_name_subject(const struct store *s, struct subject x)
{
    struct names n = {store_venue_name(x.venue), "", "", ""};
    unsigned keys = metric_table_keys((enum metric_table)x.table);
    if ((keys & KEY_ASSET) && x.id < directory_asset_count(store_directory(s)))
        n.asset = directory_asset_name(store_directory(s), x.id);
    if (keys & KEY_PART)
        n.channel = metric_part_name((enum metric_table)x.table, x.channel);
    if (x.table == MT_FEED) {
        n.channel = store_channel_name(x.venue, x.channel);
        if (x.id < directory_count(store_directory(s)))
            n.symbol = directory_get(store_directory(s), x.id)->symbol;
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
    row_text(r,
             in->asset == ASSET_NONE ? NULL : directory_asset_name(store_directory(s), in->asset));
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
    if (!store_is_on(s) || used < 0 || inst >= directory_count(store_directory(s)))
        return;
    if (e->kind == EV_LIQ)
        put_liquidation(s, e, directory_get(store_directory(s), inst));
    else if (e->kind == EV_SPEC &&
             directory_get(store_directory(s), inst)->version + 1 != s->dims.sent[inst])
        s->dims.instruments_dirty = true;
}

/* ---- unknown -------------------------------------------------------------------------------- */

/* The span that c begins (t_from = c->t_us, t_to 0), or the one it ends. */
static void put_span(struct store *s, const struct reason_change *c, int64_t t_from, int64_t t_to,
                     uint8_t reason)
{
    struct names name = store_name_subject(s, c->subject);
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
    if (!store_is_on(s))
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
    if (!store_is_on(s))
        return;
    store_follow_alert(s, a);
    const struct rule *rule = alerts_rule(s->d.alerts(s->d.arg), a->rule);
    struct names name = store_name_subject(s, a->subject);
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
    if (store_merge_alert(s, a, rule->name))
        return;
    row_i8(r, 1);
    store_queue(s, LANE_ALERT); /* may end the batch before this row */
    s->alert_n = a->n;
}

static void on_gap(void *arg, const struct gap *g)
{
    struct store *s = arg;
    if (!store_is_on(s))
        return;
    struct names name =
        store_name_subject(s, (struct subject){MT_FEED, g->venue, g->channel, g->inst});
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
    if (!store_is_on(s))
        return;
    row_begin(&s->row, ST_UNIVERSE, t_us);
    row_time(&s->row, t_us);
    row_text(&s->row, directory_asset_name(store_directory(s), asset));
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
    if (!store_is_on(s))
        return;
    row_begin(r, ST_LIQMAP, m->t_us);
    row_time(r, m->t_us);
    row_text(r, store_venue_name(m->venue));
    row_text(r, directory_asset_name(store_directory(s), m->asset));
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
                          .row = store_on_row,
                          .unknown = on_unknown,
                          .alert = on_alert,
                          .gap = on_gap,
                          .universe = on_universe,
                          .map = on_map};
}
