/* Rules, reload, and the description of the protocol itself: rpc.discover for programs and
 * docs/SOCKET.md for people, both from the method table. */
#include "serve/rpc.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

static void out_level(struct text *t, const struct rule_level *l)
{
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "severity", severity_name(l->severity));
    text_kv_num(t, "raise", l->raise);
    text_kv_num(t, "clear", l->clear);
    text_kv_i64(t, "for_s", l->for_s);
    text_char(t, '}');
}

void out_rule(struct text *t, const struct rule *r)
{
    char version[16];
    text_char(t, '{');
    text_kv_str(t, "name", r->name);
    text_kv_str(t, "metric", r->metric);
    text_kv_str(t, "table", metric_table_name((enum metric_table)r->table));
    text_kv_bool(t, "below", r->below);
    text_kv_bool(t, "absolute", r->absolute);
    text_kv_bool(t, "fast", r->fast);
    text_kv_i64(t, "keep_s", r->keep_s);
    text_key(t, "levels");
    text_char(t, '[');
    for (int i = 0; i < RULE_LEVELS; i++)
        if (r->level[i].severity != SEV_NONE)
            out_level(t, &r->level[i]);
    text_char(t, ']');
    text_kv_str(t, "venues", r->venues[0] ? r->venues : NULL);
    text_kv_str(t, "assets", r->assets[0] ? r->assets : NULL);
    text_kv_str(t, "channels", r->channels[0] ? r->channels : NULL);
    text_kv_str(t, "summary", r->summary);
    snprintf(version, sizeof(version), "%08x", r->version);
    text_kv_str(t, "version", version);
    text_char(t, '}');
}

enum rpc_err rpc_rules_list(struct rpc_call *r)
{
    const struct alerts *as = engine_alerts(r->s->d.engine(r->s->d.arg));
    text_str(r->out, "{\"rules\":[");
    for (int i = 0; i < alerts_rules(as); i++) {
        out_item(r->out);
        out_rule(r->out, alerts_rule(as, i));
    }
    text_str(r->out, "]}");
    return RPC_OK;
}

enum rpc_err rpc_reload(struct rpc_call *r)
{
    char why[200] = "";
    log_line(LOG_LV_NOTICE, "reload: asked for by %s over the socket", r->c->who);
    if (r->s->d.reload(r->s->d.arg, why) < 0)
        return rpc_fail(r, RPC_REFUSED, "%s", why[0] ? why : "the configuration was refused");
    text_str(r->out, "{\"reloaded\":true}");
    return RPC_OK;
}

struct notification {
    const char *name, *help;
};
static const struct notification notifications[] = {
    {"hello", "On connect: service, version, proto, instance, epoch, first_seq and last_seq (what "
              "can be replayed), "
              "now_us, role of this peer, standby (another daemon publishes), limits."},
    {"alert", "One transition: subscription, seq, prev (the seq last told to this subscription: "
              "what lies between "
              "did not pass its filter, or was coalesced), skipped (how many were coalesced; "
              "absent when none), then "
              "the alert as in alerts.list."},
    {"gap", "The cursor fell out of the history: seq, prev, first_seq, snapshot (all alerts as "
            "they are now)."},
    {"heartbeat", "Nothing else was said for 5 s: subscription, seq, now_us."},
    {"metrics",
     "One sample: subscription, t_us, rows as in metrics.get, skipped (samples left out)."},
    {"bye", "The daemon closes the connection: reason client_max, standby (another one "
            "publishes from now on; to subscribers of alerts) or stopping. A slow client is closed "
            "without."},
};
#define NOTIFICATIONS (sizeof(notifications) / sizeof(notifications[0]))

static const char *type_name(enum rpc_type t)
{
    static const char *const names[] = {"string", "integer", "number", "array of strings"};
    return names[t];
}

static void discover_method(struct text *t, const struct rpc_method *m)
{
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "name", m->name);
    text_kv_str(t, "role", peer_role_name(m->role));
    text_kv_str(t, "help", m->help);
    text_kv_str(t, "result", m->result);
    text_key(t, "params");
    text_char(t, '[');
    for (int i = 0; i < RPC_PARAMS_MAX && m->params[i].name; i++) {
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "name", m->params[i].name);
        text_kv_str(t, "type", type_name(m->params[i].type));
        text_kv_bool(t, "required", m->params[i].required);
        text_kv_str(t, "help", m->params[i].help);
        text_char(t, '}');
    }
    text_str(t, "]}");
}

enum rpc_err rpc_discover(struct rpc_call *r)
{
    struct text *t = r->out;
    text_str(t, "{\"methods\":[");
    for (int i = 0; i < n_rpc_methods; i++)
        discover_method(t, &rpc_methods[i]);
    text_str(t, "],\"notifications\":[");
    for (size_t i = 0; i < NOTIFICATIONS; i++) {
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "name", notifications[i].name);
        text_kv_str(t, "help", notifications[i].help);
        text_char(t, '}');
    }
    text_str(t, "],\"errors\":[");
    for (int e = RPC_PARSE; e < RPC_ERRS; e++) {
        out_item(t);
        text_char(t, '{');
        text_kv_i64(t, "code", rpc_errors[e].code);
        text_kv_str(t, "name", rpc_errors[e].name);
        text_kv_str(t, "help", rpc_errors[e].help);
        text_char(t, '}');
    }
    text_str(t, "]}");
    return RPC_OK;
}

static void doc_method(struct text *t, const struct rpc_method *m)
{
    text_fmt(t, "\n### %s\n\n%s Role: %s. Result: %s.\n", m->name, m->help, peer_role_name(m->role),
             m->result);
    if (!m->params[0].name)
        return;
    text_str(t, "\n| parameter | type | meaning |\n|---|---|---|\n");
    for (int i = 0; i < RPC_PARAMS_MAX && m->params[i].name; i++)
        text_fmt(t, "| `%s`%s | %s | %s |\n", m->params[i].name,
                 m->params[i].required ? " (required)" : "", type_name(m->params[i].type),
                 m->params[i].help);
}

void serve_doc(struct text *t)
{
    text_str(t, "# The socket\n\nPrinted from the method table; do not edit.\n\n"
                "A UNIX stream socket that speaks JSON-RPC 2.0, one object a line, UTF-8. "
                "Parameters are named; an\n"
                "unknown one is an error before any effect. Batches are refused. A request without "
                "id is executed and\n"
                "never answered. Ids are texts, times are microseconds since 1970, an unknown "
                "number is null. Clients\n"
                "ignore members they do not know.\n\n"
                "    printf '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\\n' |\n"
                "        nc -U -N /run/cascaded/alerts.sock | jq 'select(.id==1).result'\n\n"
                "`seq` is epoch x 2^32 + n: the epoch grows with each start of the daemon, n with "
                "each transition, so a\n"
                "seq never repeats and never falls. A client keeps the last one it saw and "
                "subscribes `after` it.\n\n"
                "The role of a peer follows from its user and groups: the daemon's own user, root "
                "and members of\n"
                "admin_group are admin, members of desk_group desk, everybody else observer.\n\n## "
                "Methods\n");
    for (int i = 0; i < n_rpc_methods; i++)
        doc_method(t, &rpc_methods[i]);
    text_str(t, "\n## Notifications\n\n| method | params |\n|---|---|\n");
    for (size_t i = 0; i < NOTIFICATIONS; i++)
        text_fmt(t, "| `%s` | %s |\n", notifications[i].name, notifications[i].help);
    text_str(t, "\n## Errors\n\n`error.data.name` holds the name.\n\n| code | name | meaning "
                "|\n|---|---|---|\n");
    for (int e = RPC_PARSE; e < RPC_ERRS; e++)
        text_fmt(t, "| %d | %s | %s |\n", rpc_errors[e].code, rpc_errors[e].name,
                 rpc_errors[e].help);
}
