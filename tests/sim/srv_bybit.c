/* The fake Bybit v5: one websocket address per category (/v5/public/linear, /v5/public/inverse), op
 * subscribe, unsubscribe and ping, REST in srv_bybit_rest.c. In: client texts. Out: snapshots, then
 * the ack, which names its req_id but no topic. Surprising: one bad topic refuses its whole
 * request. Limits: 21,000 characters of topics a connection, 500 new connections in 5 minutes. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"
#include "sim/srv_bybit.h"

#define TOPIC_CHARS_MAX 21000
#define CONNECTS_MAX    500

static bool on_accept(void *arg)
{
    struct srv *s = arg;
    return !mis_on(&s->sim->mis, MIS_DOWN, SIM_BYBIT);
}

static enum net_upgrade on_upgrade(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct srv *s = arg;
    bool linear = strcmp(r->path, "/v5/public/linear") == 0;
    if (mis_on(&s->sim->mis, MIS_NO_UPGRADE, SIM_BYBIT))
        return NET_IGNORE;
    if (!linear && strcmp(r->path, "/v5/public/inverse") != 0)
        return NET_REFUSE;
    if (srv_over(&s->bybit_connects, srv_now_us() / 1000000, 300, CONNECTS_MAX))
        return NET_REFUSE;
    struct srv_client *x = srv_client_new(s, c, SIM_BYBIT);
    if (!x)
        return NET_REFUSE;
    x->inverse = !linear;
    return NET_ACCEPT;
}

/* {"success":..,"ret_msg":"..","conn_id":"..","req_id":"..","op":".."}; req_id only when given */
static void reply(struct srv_client *x, const json_t *j, const char *op, const char *why)
{
    const char *req = json_string_value(json_object_get(j, "req_id"));
    char b[600];
    struct text t;
    bool pong = strcmp(op, "ping") == 0;
    text_init(&t, b, sizeof b);
    text_fmt(&t, "{\"success\":%s,\"ret_msg\":", why ? "false" : "true");
    text_json(&t, slice_of(pong ? "pong" : why ? why : ""));
    text_fmt(&t, ",\"conn_id\":\"cas%08x-%04x\"", x->id * 2654435761u, x->id & 0xffff);
    if (req || pong)
        text_kv_str(&t, "req_id", req ? req : "");
    text_kv_str(&t, "op", op);
    text_char(&t, '}');
    if (pong)
        srv_pong(x, t.buf, t.len);
    else if (why)
        srv_send(x, t.buf, t.len);
    else
        srv_ack(x, t.buf, t.len);
}

/* Why a topic cannot be subscribed; NULL = it can. */
static const char *refusal(const struct srv_client *x, const char *topic, char *why, size_t cap)
{
    int id = topic ? by_topic_find(x->srv->sim->m, slice_of(topic), x->inverse) : -1;
    if (id < 0)
        snprintf(why, cap, "Invalid topic: %s", topic ? topic : "");
    else if (srv_refused(x->srv, id))
        snprintf(why, cap, "error:handler not found,topic:%s", topic);
    else if (x->subs[id])
        snprintf(why, cap, "error:already subscribed,topic:%s", topic);
    else
        return NULL;
    return why;
}

/* Length first, then every topic: one that cannot be had refuses all. */
static bool accepted(struct srv_client *x, const json_t *j, const json_t *args)
{
    char why[160];
    size_t chars = 0;
    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *topic = json_string_value(json_array_get(args, i));
        chars += topic ? strlen(topic) : 0;
    }
    if (x->topic_chars + chars > TOPIC_CHARS_MAX || chars == 0) {
        reply(x, j, "subscribe", chars ? "error:args length exceeds 21000" : "error:args is empty");
        return false;
    }
    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *topic = json_string_value(json_array_get(args, i));
        if (refusal(x, topic, why, sizeof why)) {
            reply(x, j, "subscribe", why);
            return false;
        }
    }
    x->topic_chars += (uint32_t)chars;
    return true;
}

static void subscribe(struct srv_client *x, const json_t *j, const json_t *args)
{
    if (!accepted(x, j, args))
        return;
    for (size_t i = 0; i < json_array_size(args); i++) {
        int id = by_topic_find(x->srv->sim->m, slice_of(json_string_value(json_array_get(args, i))),
                               x->inverse);
        const struct text *first = sim_pub_first(x->srv->sim->pub, id);
        srv_subscribe(x, id, SUB_ON);
        if (first)
            srv_send(x, first->buf, first->len);
    }
    reply(x, j, "subscribe", NULL); /* after the first data, as seen on the exchange */
}

static void unsubscribe(struct srv_client *x, const json_t *j, const json_t *args)
{
    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *topic = json_string_value(json_array_get(args, i));
        int id = topic ? by_topic_find(x->srv->sim->m, slice_of(topic), x->inverse) : -1;
        if (id < 0 || !x->subs[id])
            continue;
        srv_unsubscribe(x, id);
        x->topic_chars -= (uint32_t)strlen(topic);
    }
    reply(x, j, "unsubscribe", NULL);
}

static void on_message(void *arg, struct net_conn *c, const char *text, size_t len)
{
    struct srv_client *x = net_user(c);
    (void)arg;
    json_t *j = json_loadb(text, len, 0, NULL);
    const char *op = json_string_value(json_object_get(j, "op"));
    const json_t *args = json_object_get(j, "args");
    if (!op)
        reply(x, j, "", "error:invalid request");
    else if (strcmp(op, "ping") == 0)
        reply(x, j, op, NULL);
    else if (strcmp(op, "subscribe") == 0)
        subscribe(x, j, args);
    else if (strcmp(op, "unsubscribe") == 0)
        unsubscribe(x, j, args);
    else
        reply(x, j, op, "error:request not supported");
    json_decref(j);
    net_flush(c);
}

const struct net_handlers bybit_handlers = {.accept = on_accept,
                                            .request = bybit_request,
                                            .upgrade = on_upgrade,
                                            .message = on_message,
                                            .closed = srv_on_closed};
