/* Pieces of text that several answers share: list items, subjects, one alert. Ids are written as
 * texts, times as integer microseconds, unknown numbers as null. */
#include "serve/rpc.h"

#include <stdio.h>
#include <string.h>

void out_item(struct text *t)
{
    char last = t->len ? t->buf[t->len - 1] : '[';
    if (last != '[' && last != '{')
        text_char(t, ',');
}

const char *quality_name(uint8_t q)
{
    static const char *const names[] = {"measured", "modelled", "lower_bound"};
    return q < 3 ? names[q] : "?";
}

static const struct instrument *instrument_of(const struct engine *e, struct subject s)
{
    const struct directory *d = engine_directory(e);
    return s.table == MT_FEED && s.id < directory_count(d) ? directory_get(d, s.id) : NULL;
}

const char *asset_label(const struct engine *e, struct subject s)
{
    const struct directory *d = engine_directory(e);
    const struct instrument *i = instrument_of(e, s);
    uint32_t asset = i                                                           ? i->asset
                     : metric_table_keys((enum metric_table)s.table) & KEY_ASSET ? s.id
                                                                                 : ASSET_NONE;
    return asset < directory_asset_count(d) ? directory_asset_name(d, asset) : "";
}

void out_subject(struct text *t, const struct engine *e, struct subject s)
{
    const char *asset = asset_label(e, s);
    const struct instrument *i = instrument_of(e, s);
    const struct venue *v = s.venue < n_venues ? venues[s.venue] : NULL;
    text_kv_str(t, "asset", *asset ? asset : NULL);
    text_kv_str(t, "venue", v ? v->name : NULL);
    const char *part = metric_part_key((enum metric_table)s.table);
    if (part)
        text_kv_str(t, part, metric_part_name((enum metric_table)s.table, s.channel));
    if (s.table != MT_FEED)
        return;
    text_kv_str(t, "channel", v && s.channel < v->n_channels ? v->channels[s.channel].name : NULL);
    text_kv_str(t, "symbol", i ? i->symbol : NULL);
}

static void out_id(struct text *t, const char *key, uint64_t id)
{
    char buf[24];
    snprintf(buf, sizeof(buf), "%llu", (unsigned long long)id);
    text_kv_str(t, key, buf);
}

static void out_metric(struct text *t, const struct rule *r)
{
    const struct metric *m = metric_at(r->metric_id);
    char name[96];
    snprintf(name, sizeof(name), "%s.%s", metric_table_name((enum metric_table)r->table),
             m ? m->name : "?");
    text_kv_str(t, "metric", name);
    text_kv_str(t, "unit", m ? m->unit : NULL);
    text_kv_str(t, "quality", m ? quality_name(m->quality) : NULL);
}

static void out_summary(struct text *t, const struct engine *e, const struct alert *a)
{
    char buf[512];
    struct text s;
    text_init(&s, buf, sizeof(buf));
    alert_summary(engine_alerts(e), a, engine_directory(e), &s);
    text_kv_str(t, "summary", buf);
}

/* A rule that a reload has removed is still named by its index while its alerts resolve. */
static const struct rule *rule_of(const struct engine *e, const struct alert *a)
{
    const struct alerts *as = engine_alerts(e);
    return a->rule < alerts_rules(as) ? alerts_rule(as, a->rule) : NULL;
}

void out_alert(struct text *t, const struct engine *e, const struct alert *a)
{
    const struct rule *r = rule_of(e, a);
    out_id(t, "id", a->id);
    text_kv_i64(t, "n", (int64_t)a->n);
    text_kv_str(t, "rule", r ? r->name : NULL);
    text_kv_str(t, "state", alert_state_name(a->state));
    text_kv_str(t, "was", alert_state_name(a->was));
    text_kv_str(t, "severity", severity_name(a->severity));
    text_kv_str(t, "severity_was", severity_name(a->severity_was));
    text_kv_str(t, "cause", alert_cause_name(a->cause));
    out_subject(t, e, a->subject);
    text_kv_i64(t, "t_us", a->t_us);
    text_kv_i64(t, "t_pending_us", a->t_pending_us);
    text_kv_i64(t, "t_firing_us", a->t_firing_us);
    text_kv_i64(t, "t_resolved_us", a->t_resolved_us);
    if (r)
        out_metric(t, r);
    text_kv_num(t, "value", a->value);
    text_kv_num(t, "threshold", a->threshold);
    text_kv_num(t, "peak", a->peak);
    text_kv_bool(t, "acked", a->acked);
    text_kv_str(t, "ack_by", a->acked ? a->ack_by : NULL);
    text_kv_bool(t, "silenced", a->silenced);
    text_kv_bool(t, "inhibited", a->inhibited);
    out_summary(t, e, a);
}

void alert_key_of(const struct engine *e, const struct alert *a, struct alert_key *k)
{
    const struct rule *r = rule_of(e, a);
    *k = (struct alert_key){.venue = a->subject.venue};
    k->severity = a->severity > a->severity_was ? a->severity : a->severity_was;
    snprintf(k->asset, sizeof(k->asset), "%s", asset_label(e, a->subject));
    snprintf(k->rule, sizeof(k->rule), "%s", r ? r->name : "");
}

void out_alerts(struct text *t, const char *key, const struct engine *e,
                const struct alert_filter *f)
{
    const struct alerts *as = engine_alerts(e);
    struct alert_key k;
    text_key(t, key);
    text_char(t, '[');
    for (int i = 0; i < alerts_count(as); i++) {
        const struct alert *a = alerts_at(as, i);
        if (!a || a->state == AS_INACTIVE)
            continue;
        alert_key_of(e, a, &k);
        if (!filter_passes(f, &k))
            continue;
        out_item(t);
        text_char(t, '{');
        out_alert(t, e, a);
        text_char(t, '}');
    }
    text_char(t, ']');
}
