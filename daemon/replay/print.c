/* Prints what the engine tells, one JSON object a line, in the order it is told. Rows carry the
 * names of the metric tables; numbers in the one number format, so that two runs can be compared
 * byte by byte. */
#include "replay.h"

#include "base/text.h"
#include "venue/venue.h"

static void emit(struct printer *p, struct text *t)
{
    text_str(t, "}\n");
    if (!t->full)
        fwrite(t->buf, 1, t->len, p->out);
    else
        fprintf(p->out, "{\"kind\":\"error\",\"error\":\"a line of more than %zu bytes\"}\n",
                t->cap);
}

static void begin(struct printer *p, struct text *t, const char *kind, int64_t t_us)
{
    text_init(t, p->buf, sizeof p->buf);
    text_str(t, "{\"kind\":\"");
    text_str(t, kind);
    text_char(t, '"');
    text_kv_i64(t, "t_us", t_us);
}

static void put_subject(struct printer *p, struct text *t, struct subject s)
{
    const struct directory *d = engine_directory(p->engine);
    text_kv_str(t, "table", metric_table_name(s.table));
    unsigned keys = metric_table_keys(s.table);
    if (keys & KEY_VENUE)
        text_kv_str(t, "venue", s.venue < n_venues ? venues[s.venue]->name : NULL);
    if (keys & KEY_ASSET)
        text_kv_str(t, "asset", directory_asset_name(d, s.id));
    if (keys & KEY_PART)
        text_kv_str(t, metric_part_key(s.table), metric_part_name(s.table, s.channel));
    if (keys & KEY_CHANNEL)
        text_kv_str(t, "channel", venues[s.venue]->channels[s.channel].name);
    if (keys & KEY_SYMBOL)
        text_kv_str(t, "symbol", s.id == INST_NONE ? NULL : directory_get(d, s.id)->symbol);
}

static void on_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    struct printer *p = arg;
    struct text t;
    p->n_rows++;
    if (!p->rows || t_us % (p->rows_every_s * 1000000) != 0)
        return;
    begin(p, &t, "row", t_us);
    put_subject(p, &t, s);
    for (int c = 0; c < n; c++)
        text_kv_num(&t, metric_at(metric_by_column(s.table, c))->name, row[c].value);
    emit(p, &t);
}

static void on_unknown(void *arg, const struct reason_change *c)
{
    struct printer *p = arg;
    struct text t;
    if (p->quiet_unknown)
        return;
    begin(p, &t, "unknown", c->t_us);
    put_subject(p, &t, c->subject);
    text_kv_str(&t, "metric", metric_at(c->metric_id)->name);
    text_kv_str(&t, "was", c->was == R_KNOWN ? NULL : unknown_reason_name(c->was));
    text_kv_str(&t, "now", c->now == R_KNOWN ? NULL : unknown_reason_name(c->now));
    emit(p, &t);
}

static void on_alert(void *arg, const struct alert *a)
{
    struct printer *p = arg;
    const struct rule *r = alerts_rule(engine_alerts(p->engine), a->rule);
    struct text t;
    p->n_alerts++;
    begin(p, &t, "alert", a->t_us);
    text_kv_i64(&t, "n", (int64_t)a->n);
    text_kv_str(&t, "rule", r->name);
    put_subject(p, &t, a->subject);
    text_kv_str(&t, "state", alert_state_name(a->state));
    text_kv_str(&t, "was", alert_state_name(a->was));
    text_kv_str(&t, "severity", severity_name(a->severity));
    text_kv_str(&t, "cause", alert_cause_name(a->cause));
    text_kv_num(&t, "value", a->value);
    text_kv_num(&t, "threshold", a->threshold);
    text_kv_bool(&t, "inhibited", a->inhibited);
    emit(p, &t);
}

static void on_gap(void *arg, const struct gap *g)
{
    struct printer *p = arg;
    struct text t;
    begin(p, &t, "gap", g->t_from_us);
    if (g->t_to_us)
        text_kv_i64(&t, "t_to_us", g->t_to_us);
    put_subject(p, &t, (struct subject){MT_FEED, g->venue, g->channel, g->inst});
    text_kv_str(&t, "cause", gap_cause_name(g->cause));
    emit(p, &t);
}

static void on_universe(void *arg, int64_t t_us, uint32_t asset, bool entered, double rank_usd)
{
    struct printer *p = arg;
    struct text t;
    begin(p, &t, "universe", t_us);
    text_kv_str(&t, "asset", directory_asset_name(engine_directory(p->engine), asset));
    text_kv_bool(&t, "entered", entered);
    text_kv_num(&t, "rank_usd", rank_usd);
    emit(p, &t);
}

static void put_array(struct text *t, const char *key, const double *x, int n)
{
    text_key(t, key);
    for (int i = 0; i < n; i++) {
        text_char(t, i ? ',' : '[');
        text_num(t, x[i]);
    }
    text_char(t, ']');
}

static void on_map(void *arg, const struct map_row *m)
{
    struct printer *p = arg;
    struct text t;
    if (!p->rows)
        return;
    begin(p, &t, "map", m->t_us);
    text_kv_str(&t, "group", venues[m->venue]->name);
    text_kv_str(&t, "asset", directory_asset_name(engine_directory(p->engine), m->asset));
    text_kv_str(&t, "side", pos_side_name((enum pos_side)m->side));
    text_kv_str(&t, "quality", "modelled, uncalibrated");
    text_kv_num(&t, "px_ref", m->px_ref);
    text_kv_num(&t, "seeded_frac", m->seeded_frac);
    text_kv_num(&t, "oi_base", m->oi_base);
    put_array(&t, "edge_frac", m->edge_frac, m->n + 1);
    put_array(&t, "mass_base", m->mass_base, m->n);
    emit(p, &t);
}

static void kv_count(struct text *t, const char *key, uint64_t n)
{
    if (n)
        text_kv_i64(t, key, (int64_t)n);
}

static void put_counts(const struct printer *p, struct text *t, uint8_t venue)
{
    const struct engine *e = p->engine;
    text_kv_str(t, "venue", venues[venue]->name);
    for (int k = 0; k < EV_KINDS; k++)
        kv_count(t, event_kind_name((enum event_kind)k),
                 engine_events(e, venue, (enum event_kind)k));
    text_key(t, "market");
    text_char(t, '{');
    for (int c = 0; c < MC_COUNTS; c++)
        kv_count(t, market_count_name((enum market_count)c),
                 market_counter(engine_market(e), venue, (enum market_count)c));
    text_char(t, '}');
    text_key(t, "texts_refused");
    text_char(t, '{');
    for (int code = 1; code < E_ERRS; code++)
        kv_count(t, err_text(-code), engine_refused_by(e, venue, -code));
    text_char(t, '}');
}

void printer_counts(struct printer *p)
{
    struct text t;
    for (int v = 0; p->engine && v < n_venues; v++) {
        begin(p, &t, "counts", engine_now(p->engine));
        put_counts(p, &t, (uint8_t)v);
        emit(p, &t);
    }
}

struct sinks printer_sinks(struct printer *p)
{
    return (struct sinks){.arg = p,
                          .row = on_row,
                          .unknown = on_unknown,
                          .alert = on_alert,
                          .gap = on_gap,
                          .universe = on_universe,
                          .map = on_map};
}
