/* Methods about alerts: list, explain, subscribe, acknowledge. The cursor of a subscription is a
 * seq; one of another epoch, or older than the ring, is answered with a gap and the state of
 * everything. */
#include "serve/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct engine *engine_of(const struct rpc_call *r)
{
    return r->s->d.engine(r->s->d.arg);
}

static enum rpc_err take_names(struct rpc_call *r, const char *param, char *to, size_t size, int *n)
{
    const json_t *list = rpc_get(r, param);
    size_t count = json_array_size(list);
    if (count > FILTER_NAMES_MAX)
        return rpc_fail(r, RPC_PARAMS, "%s: at most %d names", param, FILTER_NAMES_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (!*name || strlen(name) >= size)
            return rpc_fail(r, RPC_PARAMS, "%s: \"%.40s\" is not a name", param, name);
        memcpy(to + i * size, name, strlen(name) + 1);
    }
    if (list && count == 0)
        return rpc_fail(r, RPC_PARAMS, "%s: is empty", param);
    *n = (int)count;
    return RPC_OK;
}

static enum rpc_err take_venues(struct rpc_call *r, uint32_t *venues_mask)
{
    const json_t *list = rpc_get(r, "venues");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        int v = venue_find(slice_of(name));
        if (v < 0)
            return rpc_fail(r, RPC_PARAMS, "venues: there is no venue \"%.40s\"", name);
        *venues_mask |= 1u << v;
    }
    return list && !*venues_mask ? rpc_fail(r, RPC_PARAMS, "venues: is empty") : RPC_OK;
}

static enum rpc_err take_filter(struct rpc_call *r, struct alert_filter *f)
{
    const char *floor = rpc_str(r, "severity_floor");
    int sev = floor ? severity_find(slice_of(floor)) : SEV_NONE;
    *f = (struct alert_filter){0};
    if (sev < 0 || (floor && sev == SEV_NONE))
        return rpc_fail(r, RPC_PARAMS, "severity_floor: must be info, warning or critical");
    f->floor = (uint8_t)sev;
    enum rpc_err e = take_venues(r, &f->venues);
    if (e == RPC_OK)
        e = take_names(r, "assets", f->assets[0], sizeof(f->assets[0]), &f->n_assets);
    if (e == RPC_OK)
        e = take_names(r, "rules", f->rules[0], sizeof(f->rules[0]), &f->n_rules);
    return e;
}

enum rpc_err rpc_alerts_list(struct rpc_call *r)
{
    struct alert_filter f;
    enum rpc_err e = take_filter(r, &f);
    if (e != RPC_OK)
        return e;
    text_str(r->out, "{\"seq\":");
    text_i64(r->out, (int64_t)stream_seq(r->s, r->s->history.last_n));
    text_kv_i64(r->out, "now_us", r->now_us);
    out_alerts(r->out, "alerts", engine_of(r), &f);
    text_char(r->out, '}');
    return RPC_OK;
}

/* No transition of this epoch has had this seq yet: a mistake. One of another epoch, higher or
 * lower, is another daemon's or another life's, and a gap. */
static bool is_beyond(const struct serve *s, uint64_t seq)
{
    return seq >> 32 == s->d.epoch && seq > stream_seq(s, s->history.last_n);
}

/* The n after which to go on; false when the cursor cannot be served. */
static bool cursor(const struct serve *s, uint64_t seq, uint64_t *next)
{
    const struct history *h = &s->history;
    uint64_t n = seq & 0xffffffffu;
    *next = n + 1;
    return seq >> 32 == s->d.epoch && n + 1 >= h->first_n && n <= h->last_n;
}

enum rpc_err rpc_alerts_subscribe(struct rpc_call *r)
{
    struct serve *s = r->s;
    struct alert_filter f;
    int64_t after = rpc_int(r, "after", -1);
    uint64_t next = 0;
    bool own = !rpc_has(r, "instance") || strcmp(rpc_str(r, "instance"), s->instance) == 0;
    enum rpc_err e = take_filter(r, &f);
    if (e != RPC_OK)
        return e;
    if (rpc_has(r, "after") && after < 0)
        return rpc_fail(r, RPC_PARAMS, "after: must be a seq");
    bool good = after >= 0 && own && cursor(s, (uint64_t)after, &next);
    if (after >= 0 && own && is_beyond(s, (uint64_t)after))
        return rpc_fail(r, RPC_PARAMS, "after: is beyond the last seq, %llu",
                        (unsigned long long)stream_seq(s, s->history.last_n));
    struct sub *sub = stream_add(r->c);
    if (!sub)
        return rpc_fail(r, RPC_LIMIT, "at most %d subscriptions on one connection", SUBS_MAX);
    sub->filter = f;
    sub->next = good ? next : s->history.last_n + 1;
    sub->told = good ? (uint64_t)after : stream_seq(s, s->history.last_n);
    text_fmt(r->out, "{\"subscription\":\"%u\"", sub->id);
    text_kv_i64(r->out, "seq", (int64_t)sub->told);
    text_key(r->out, "gap");
    if (after >= 0 && !good) {
        text_str(r->out, "{\"after\":");
        text_i64(r->out, after);
        text_kv_i64(r->out, "first_seq", (int64_t)stream_seq(s, s->history.first_n));
        text_char(r->out, '}');
    } else {
        text_str(r->out, "null");
    }
    if (!good)
        out_alerts(r->out, "snapshot", engine_of(r), &f);
    text_char(r->out, '}');
    if (r->out->full && stream_drop(r->c, sub->id) == 0) /* too_large: nobody would know its id */
        return RPC_OK;
    serve_wake(s);
    return RPC_OK;
}

/* A text of digits as a number up to max; false otherwise. */
static bool digits(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t x = 0;
    size_t n = strspn(s, "0123456789");
    if (n == 0 || n > 19 || s[n])
        return false;
    for (; *s; s++)
        x = x * 10 + (uint64_t)(*s - '0');
    *out = x;
    return x <= max;
}

enum rpc_err rpc_unsubscribe(struct rpc_call *r)
{
    const char *id = rpc_str(r, "subscription");
    uint64_t x;
    if (!digits(id, UINT32_MAX, &x) || stream_drop(r->c, (uint32_t)x) < 0)
        return rpc_fail(r, RPC_NOT_FOUND, "there is no subscription \"%.40s\"", id);
    text_str(r->out, "{\"subscription\":");
    text_json(r->out, slice_of(id));
    text_char(r->out, '}');
    return RPC_OK;
}

static const struct alert *find_alert(struct rpc_call *r)
{
    const char *id = rpc_str(r, "id");
    const struct alerts *as = engine_alerts(engine_of(r));
    uint64_t x;
    for (int i = 0; digits(id, UINT32_MAX, &x) && i < alerts_count(as); i++) {
        const struct alert *a = alerts_at(as, i);
        if (a && a->id == x && a->state != AS_INACTIVE)
            return a;
    }
    return NULL;
}

static enum rpc_err no_alert(struct rpc_call *r)
{
    return rpc_fail(r, RPC_NOT_FOUND, "there is no active alert \"%.40s\"", rpc_str(r, "id"));
}

/* Seconds since the market last spoke of the subject; NAN unknown. */
static double age_s(const struct engine *e, struct subject s, int64_t now_us)
{
    const struct market *m = engine_market(e);
    int64_t t = 0;
    if (s.table == MT_FEED) {
        const struct live_row *l = live_find(market_live(m), s.venue, s.channel, s.id);
        t = l ? l->t_last_us : 0;
    } else if (metric_table_keys((enum metric_table)s.table) & KEY_ASSET) {
        for (int v = 0; v < n_venues; v++) {
            const struct slot *p = market_primary(m, (uint8_t)v, s.id);
            bool his = s.venue == 255 || s.venue == v;
            t = his && p && p->t_touch_us > t ? p->t_touch_us : t;
        }
    }
    return t ? (double)(now_us - t) / 1e6 : NAN;
}

static void out_input(struct rpc_call *r, struct subject s, int metric_id)
{
    const struct engine *e = engine_of(r);
    const struct metric *m = metric_at(metric_id);
    struct cell c = risk_cell(engine_risk(e), s, metric_id);
    out_item(r->out);
    text_char(r->out, '{');
    text_kv_str(r->out, "metric", m->name);
    text_kv_str(r->out, "table", metric_table_name((enum metric_table)s.table));
    out_subject(r->out, e, s);
    text_kv_num(r->out, "value", c.value);
    text_kv_str(r->out, "reason",
                c.reason == R_KNOWN ? NULL : unknown_reason_name((enum unknown_reason)c.reason));
    text_kv_str(r->out, "unit", m->unit);
    text_kv_str(r->out, "quality", quality_name(m->quality));
    text_kv_num(r->out, "age_s", age_s(e, s, r->now_us));
    text_kv_str(r->out, "help", m->help);
    text_char(r->out, '}');
}

/* The same metric on one venue of the asset: of m_venue_asset, else of the first scenario. */
static struct subject on_venue(struct subject asset, int venue, const char *name, int *metric_id)
{
    *metric_id = metric_find(slice_of(name), MT_VENUE_ASSET);
    if (*metric_id >= 0)
        return (struct subject){MT_VENUE_ASSET, (uint8_t)venue, 255, asset.id};
    *metric_id = metric_find(slice_of(name), MT_SCENARIO);
    return (struct subject){MT_SCENARIO, (uint8_t)venue, 0, asset.id};
}

/* The judged cell, and for an asset the same metric on each of its venues. */
static void out_inputs(struct rpc_call *r, const struct alert *a, const struct rule *rule)
{
    const struct engine *e = engine_of(r);
    struct subject s = a->subject;
    text_key(r->out, "inputs");
    text_char(r->out, '[');
    out_input(r, s, rule->metric_id);
    for (int v = 0; s.table == MT_ASSET && v < risk_venues(engine_risk(e)); v++) {
        int id;
        struct subject vs = on_venue(s, v, metric_at(rule->metric_id)->name, &id);
        if (id >= 0 && risk_row(engine_risk(e), vs))
            out_input(r, vs, id);
    }
    text_char(r->out, ']');
}

enum rpc_err rpc_alerts_get(struct rpc_call *r)
{
    const struct alert *a = find_alert(r);
    if (!a)
        return no_alert(r);
    const struct rule *rule = alerts_rule(engine_alerts(engine_of(r)), a->rule);
    text_str(r->out, "{\"now_us\":");
    text_i64(r->out, r->now_us);
    text_key(r->out, "alert");
    text_char(r->out, '{');
    out_alert(r->out, engine_of(r), a);
    text_char(r->out, '}');
    text_key(r->out, "rule");
    out_rule(r->out, rule);
    out_inputs(r, a, rule);
    text_char(r->out, '}');
    return RPC_OK;
}

enum rpc_err rpc_alerts_ack(struct rpc_call *r)
{
    const struct alert *a = find_alert(r);
    char key[24];
    struct note n;
    if (!a)
        return no_alert(r);
    if (a->state != AS_FIRING || a->acked)
        return rpc_fail(r, RPC_CONFLICT,
                        a->acked ? "alert %u is acknowledged already, by %s"
                                 : "alert %u is not firing%s",
                        a->id, a->acked ? a->ack_by : "");
    snprintf(key, sizeof(key), "%u", a->id);
    note_init(&n, NOTE_DESK);
    n.action = SLICE("ack");
    n.key = slice_of(key);
    n.who = slice_of(r->c->who);
    if (rpc_has(r, "comment"))
        n.cause = slice_of(rpc_str(r, "comment"));
    if (n.cause.len > 200)
        return rpc_fail(r, RPC_PARAMS, "comment: at most 200 bytes");
    r->s->d.note(r->s->d.arg, &n);
    a = find_alert(r);
    if (!a || !a->acked)
        return rpc_fail(r, RPC_CONFLICT, "alert %s could not be acknowledged: it has just changed",
                        key);
    text_str(r->out, "{\"id\":");
    text_json(r->out, slice_of(key));
    text_kv_bool(r->out, "acked", true);
    text_kv_str(r->out, "by", a->ack_by);
    text_char(r->out, '}');
    return RPC_OK;
}
