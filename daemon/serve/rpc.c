/* Dispatch of one line: parse, find the method, check role and every parameter, call the handler,
 * write the envelope. Nothing has an effect before all checks have passed. A request without id is
 * executed and never answered, not even with an error (JSON-RPC 2.0, section 4.1).
 * The surprising thing: jansson only parses; replies are written with the project's own text
 * builder, so that numbers look the same everywhere. */
#include "serve/rpc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AFTER                                                                                      \
    {                                                                                              \
        "after", PT_INTEGER, false, "seq of the last transition seen; what followed is replayed"   \
    }
#define INSTANCE                                                                                   \
    {                                                                                              \
        "instance", PT_STRING, false,                                                              \
            "of the hello that `after` was seen under; another daemon's cursor is a gap"           \
    }
#define FLOOR                                                                                      \
    {                                                                                              \
        "severity_floor", PT_STRING, false, "info, warning or critical: only these and above"      \
    }
#define VENUES                                                                                     \
    {                                                                                              \
        "venues", PT_STRINGS, false, "only these"                                                  \
    }
#define ASSETS                                                                                     \
    {                                                                                              \
        "assets", PT_STRINGS, false, "only these"                                                  \
    }
#define RULES                                                                                      \
    {                                                                                              \
        "rules", PT_STRINGS, false, "only these"                                                   \
    }
#define VENUE                                                                                      \
    {                                                                                              \
        "venue", PT_STRING, false, "only this one"                                                 \
    }
#define ASSET                                                                                      \
    {                                                                                              \
        "asset", PT_STRING, false, "only this one"                                                 \
    }
#define NAMES                                                                                      \
    {                                                                                              \
        "names", PT_STRINGS, false,                                                                \
            "metrics, plain or with their table (m_asset.oi_usd); all when absent"                 \
    }
#define TABLE                                                                                      \
    {                                                                                              \
        "table", PT_STRING, false,                                                                 \
            "m_asset, m_venue_asset, m_group_asset_side, m_scenario, m_feed or m_process"          \
    }

const struct rpc_error_doc rpc_errors[RPC_ERRS] = {
    [RPC_OK] = {0, "ok", "No error."},
    [RPC_PARSE] = {-32700, "parse_error", "The line is not valid JSON, or repeats a key."},
    [RPC_INVALID] = {-32600, "invalid_request",
                     "Not a request object, a batch, or a line that is too long."},
    [RPC_NO_METHOD] = {-32601, "method_not_found", "There is no such method."},
    [RPC_PARAMS] = {-32602, "invalid_params",
                    "A parameter is unknown, missing, or of the wrong type or value."},
    [RPC_INTERNAL] = {-32603, "internal_error", "A fault of the daemon."},
    [RPC_NOT_FOUND] = {-32001, "not_found", "There is no such alert or subscription."},
    [RPC_FORBIDDEN] = {-32002, "forbidden", "The peer's role does not allow this."},
    [RPC_CONFLICT] = {-32003, "conflict", "The alert is not in a state in which this can be done."},
    [RPC_TOO_LARGE] = {-32004, "too_large",
                       "The answer would pass the output limit: ask for less."},
    [RPC_REFUSED] = {-32005, "refused",
                     "The daemon refused, and everything is as it was; the message says why."},
    [RPC_NOT_READY] = {-32006, "not_ready",
                       "The daemon is still starting, standing by for another one, or stopping."},
    [RPC_LIMIT] = {-32007, "limit", "A limit of this connection is reached."},
};

const struct rpc_method rpc_methods[] = {
    {"status",
     PEER_OBSERVER,
     rpc_status,
     {{0}},
     "How the daemon, its feeds and its store are.",
     "one object; `feeds` has one entry per connection, or one per venue before there is any"},
    {"feeds.list",
     PEER_OBSERVER,
     rpc_feeds_list,
     {VENUE, {"state", PT_STRING, false, "down, waiting, ok, silent or refused"}},
     "Liveness per venue, channel and instrument.",
     "`links`, `rest`, `channels`"},
    {"instruments.list",
     PEER_OBSERVER,
     rpc_instruments_list,
     {VENUE, ASSET, {"tracked", PT_STRING, false, "yes or no"}},
     "Every instrument a venue has named.",
     "`instruments`"},
    {"metrics.get",
     PEER_OBSERVER,
     rpc_metrics_get,
     {NAMES, TABLE, ASSET, VENUE},
     "The latest values of metrics.",
     "`t_us`, `metrics` (name, table, unit, quality), `rows` with `values` and, for each null, its "
     "reason in `unknown`"},
    {"metrics.subscribe",
     PEER_OBSERVER,
     rpc_metrics_subscribe,
     {NAMES, TABLE, ASSET, VENUE, {"period_s", PT_INTEGER, false, "1 to 3600; 1 when absent"}},
     "The same as a stream.",
     "`subscription`; then notifications `metrics`"},
    {"metrics.unsubscribe",
     PEER_OBSERVER,
     rpc_unsubscribe,
     {{"subscription", PT_STRING, true, "its id"}},
     "Ends a subscription.",
     "`subscription`"},
    {"stress",
     PEER_OBSERVER,
     rpc_stress,
     {{"asset", PT_STRING, true, "a tracked one"},
      {"shock_frac", PT_NUMBER, true, "-0.05 = 5 % down; 0.0001 to 0.25 either way"},
      {"scenario", PT_STRING, false,
       "flow (the shock eats the standing book) or news (the book re-quotes at the shocked price); "
       "flow when absent"},
      VENUE},
     "What a shock would set off, modelled and uncalibrated, from the last evaluation of the "
     "cascade model. At 1, 2, 5 and 10 % it is the metric of m_scenario.",
     "`t_us`, `t_eval_us` (of the model), `quality`, `pooled`, `missing` (venues not in the pool, "
     "with the reason), `venues`: each `final_frac` (distance from the mark), `amp`, `liq_base`, "
     "`liq_usd`, `unknown` (the reason these are null), `crit_frac`, `r_mech_1pct`, `r_mech_5pct`, "
     "`first_5pct`, "
     "`cov_frac`, "
     "`meas_frac`, `share_frac`"},
    {"map",
     PEER_OBSERVER,
     rpc_map,
     {{"asset", PT_STRING, true, "a tracked one"}, VENUE},
     "The liquidation map of an asset on each venue, as of the last tick: modelled, uncalibrated.",
     "`quality`, `assumes`, `edge_frac` (rising fractions of `px_ref`, down for longs, up for "
     "shorts) and `maps`, per venue `unknown` (the reason, or null), `px_ref`, `oi_base`, "
     "`seeded_frac` (there when tracking began), `t_began_us`, `long_base` and `short_base` (asset "
     "units liquidated between two edges), and of these `flight_long_base`, `flight_short_base` "
     "(crossed by the mark, not yet settled by open interest)"},
    {"alerts.list",
     PEER_OBSERVER,
     rpc_alerts_list,
     {FLOOR, VENUES, ASSETS, RULES},
     "All pending and firing alerts.",
     "`seq` (the cursor to subscribe after), `alerts`"},
    {"alerts.get",
     PEER_OBSERVER,
     rpc_alerts_get,
     {{"id", PT_STRING, true, "the alert's id"}},
     "One alert explained: rule, threshold, and the inputs with unit, age and quality.",
     "`alert`, `rule`, `inputs`"},
    {"alerts.subscribe",
     PEER_OBSERVER,
     rpc_alerts_subscribe,
     {AFTER, INSTANCE, FLOOR, VENUES, ASSETS, RULES},
     "Transitions from a cursor on, then as they happen. Without a cursor, or with one that is too "
     "old or of another epoch or instance, the state of all alerts comes first.",
     "`subscription`, `seq`, `gap` (null when the cursor was good), `snapshot`; then notifications "
     "`alert`, "
     "`heartbeat`, `gap`"},
    {"alerts.unsubscribe",
     PEER_OBSERVER,
     rpc_unsubscribe,
     {{"subscription", PT_STRING, true, "its id"}},
     "Ends a subscription.",
     "`subscription`"},
    {"alerts.ack",
     PEER_DESK,
     rpc_alerts_ack,
     {{"id", PT_STRING, true, "the alert's id"},
      {"comment", PT_STRING, false, "why; stored with it"}},
     "Acknowledges a firing alert, until it resolves or grows more severe.",
     "`id`, `acked`, `by`"},
    {"rules.list", PEER_OBSERVER, rpc_rules_list, {{0}}, "The rules in force.", "`rules`"},
    {"reload",
     PEER_ADMIN,
     rpc_reload,
     {{0}},
     "Reads the configuration anew. A faulty one is refused and the old one stays.",
     "`reloaded`"},
    {"rpc.discover",
     PEER_OBSERVER,
     rpc_discover,
     {{0}},
     "This table.",
     "`methods`, `notifications`, `errors`"},
};
const int n_rpc_methods = sizeof(rpc_methods) / sizeof(rpc_methods[0]);

enum rpc_err rpc_fail(struct rpc_call *r, enum rpc_err e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->why, sizeof(r->why), fmt, ap);
    va_end(ap);
    return e;
}

const json_t *rpc_get(const struct rpc_call *r, const char *name)
{
    return r->params ? json_object_get(r->params, name) : NULL;
}

bool rpc_has(const struct rpc_call *r, const char *name)
{
    return rpc_get(r, name) != NULL;
}

const char *rpc_str(const struct rpc_call *r, const char *name)
{
    return json_string_value(rpc_get(r, name));
}

int64_t rpc_int(const struct rpc_call *r, const char *name, int64_t fallback)
{
    const json_t *v = rpc_get(r, name);
    return v ? (int64_t)json_integer_value(v) : fallback;
}

enum rpc_err rpc_venue(struct rpc_call *r, const char *name, int *venue)
{
    const char *v = rpc_str(r, name);
    *venue = v ? venue_find(slice_of(v)) : -1;
    return v && *venue < 0 ? rpc_fail(r, RPC_PARAMS, "%s: there is no venue \"%.40s\"", name, v)
                           : RPC_OK;
}

static const struct rpc_method *method_find(const char *name)
{
    for (int i = 0; i < n_rpc_methods; i++)
        if (strcmp(rpc_methods[i].name, name) == 0)
            return &rpc_methods[i];
    return NULL;
}

static const char *type_fault(enum rpc_type t, const json_t *v)
{
    if (t == PT_STRING)
        return json_is_string(v) ? NULL : "must be a string";
    if (t == PT_INTEGER)
        return json_is_integer(v) ? NULL : "must be an integer";
    if (t == PT_NUMBER)
        return json_is_number(v) ? NULL : "must be a number";
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!json_is_string(json_array_get(v, i)))
            return "must be an array of strings";
    return json_is_array(v) ? NULL : "must be an array of strings";
}

static const struct rpc_param *param_find(const struct rpc_method *m, const char *key)
{
    for (int i = 0; i < RPC_PARAMS_MAX && m->params[i].name; i++)
        if (strcmp(m->params[i].name, key) == 0)
            return &m->params[i];
    return NULL;
}

static enum rpc_err check_params(struct rpc_call *r, const struct rpc_method *m, json_t *params)
{
    const char *key;
    json_t *v;
    if (params && !json_is_object(params))
        return rpc_fail(r, RPC_PARAMS, "params must be an object: parameters are named");
    json_object_foreach(params, key, v)
    {
        const struct rpc_param *p = param_find(m, key);
        const char *fault = p ? type_fault(p->type, v) : "is not a parameter of this method";
        if (fault)
            return rpc_fail(r, RPC_PARAMS, "%.60s: %s", key, fault);
    }
    for (int i = 0; i < RPC_PARAMS_MAX && m->params[i].name; i++)
        if (m->params[i].required && !(params && json_object_get(params, m->params[i].name)))
            return rpc_fail(r, RPC_PARAMS, "%s: is required", m->params[i].name);
    r->params = params;
    return RPC_OK;
}

/* Everything that can be wrong with the envelope. */
static enum rpc_err check_request(struct rpc_call *r, const json_t *req)
{
    const char *version = json_string_value(json_object_get(req, "jsonrpc"));
    const json_t *id = json_object_get(req, "id");
    if (json_is_array(req))
        return rpc_fail(r, RPC_INVALID, "batches are not supported: send one request a line");
    if (!json_is_object(req))
        return rpc_fail(r, RPC_INVALID, "a request is an object");
    if (!version || strcmp(version, "2.0") != 0)
        return rpc_fail(r, RPC_INVALID, "jsonrpc must be \"2.0\"");
    if (id && !json_is_string(id) && !json_is_number(id) && !json_is_null(id))
        return rpc_fail(r, RPC_INVALID, "id must be a string, a number or null");
    if (!json_is_string(json_object_get(req, "method")))
        return rpc_fail(r, RPC_INVALID, "method must be a string");
    return RPC_OK;
}

/* The alert stream, and what the desk does to it, are with the daemon that publishes. */
static bool is_publishers(const struct rpc_method *m)
{
    return m->fn == rpc_alerts_subscribe || m->role == PEER_DESK;
}

static enum rpc_err call(struct rpc_call *r, json_t *req)
{
    enum rpc_err e = check_request(r, req);
    if (e != RPC_OK)
        return e;
    const char *name = json_string_value(json_object_get(req, "method"));
    const struct rpc_method *m = method_find(name);
    if (!m)
        return rpc_fail(r, RPC_NO_METHOD, "there is no method \"%.60s\": rpc.discover lists them",
                        name);
    e = check_params(r, m, json_object_get(req, "params"));
    if (e != RPC_OK)
        return e;
    if (r->c->role < m->role)
        return rpc_fail(r, RPC_FORBIDDEN, "%s needs role %s, this peer is %s", m->name,
                        peer_role_name(m->role), peer_role_name(r->c->role));
    if (r->s->stopping || !r->s->d.engine(r->s->d.arg))
        return rpc_fail(r, RPC_NOT_READY, "the daemon is %s",
                        r->s->stopping ? "stopping" : "starting");
    if (r->s->standby && is_publishers(m))
        return rpc_fail(r, RPC_NOT_READY, "the daemon stands by: another one publishes");
    return m->fn(r);
}

static void put_id(struct text *t, const json_t *id)
{
    text_key(t, "id");
    if (json_is_integer(id))
        text_i64(t, (int64_t)json_integer_value(id));
    else if (json_is_real(id))
        text_num(t, json_real_value(id));
    else if (json_is_string(id))
        text_json(t, (struct slice){json_string_value(id), (uint32_t)json_string_length(id)});
    else
        text_str(t, "null");
}

static void put_error(struct text *t, const json_t *id, enum rpc_err e, const char *why)
{
    text_init(t, t->buf, t->cap);
    text_str(t, "{\"jsonrpc\":\"2.0\"");
    put_id(t, id);
    text_key(t, "error");
    text_str(t, "{\"code\":");
    text_i64(t, rpc_errors[e].code);
    text_kv_str(t, "message", why[0] ? why : rpc_errors[e].help);
    text_str(t, ",\"data\":{\"name\":\"");
    text_str(t, rpc_errors[e].name);
    text_str(t, "\"}}}\n");
}

/* Runs the request into s->text; the whole answer line is there afterwards. */
static enum rpc_err answer(struct rpc_call *r, json_t *req)
{
    struct text *t = &r->s->text;
    const json_t *id = json_is_object(req) ? json_object_get(req, "id") : NULL;
    text_init(t, t->buf, t->cap);
    text_str(t, "{\"jsonrpc\":\"2.0\"");
    put_id(t, id);
    text_key(t, "result");
    r->out = t;
    enum rpc_err e = req ? call(r, req) : RPC_PARSE;
    text_str(t, "}\n");
    if (e == RPC_OK && t->full)
        e = RPC_TOO_LARGE;
    if (e != RPC_OK)
        put_error(t, id, e, r->why);
    return e;
}

static bool blank(const char *p, size_t n)
{
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
        n--;
    return n == 0;
}

void rpc_line(struct client *c, const char *line, size_t len)
{
    json_error_t err;
    struct rpc_call r = {.s = c->s, .c = c, .now_us = c->s->d.now_us(c->s->d.arg)};
    if (blank(line, len))
        return;
    json_t *req = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &err);
    if (!req)
        snprintf(r.why, sizeof(r.why), "%.120s at byte %d", err.text, err.position);
    c->s->st.requests++;
    bool silent = json_is_object(req) && !json_object_get(req, "id") &&
                  json_is_string(json_object_get(req, "method"));
    enum rpc_err e = answer(&r, req);
    json_decref(req);
    if (e != RPC_OK)
        c->s->st.errors++;
    if (!silent && !c->closing)
        client_send(c, c->s->text.buf, c->s->text.len);
}
