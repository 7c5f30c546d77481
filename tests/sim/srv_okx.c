/* The fake OKX v5: one websocket path (/ws/v5/public), op subscribe, unsubscribe, login and the
 * bare text `ping`; REST in srv_okx_rest.c. In: client texts. Out: one event per arg, with the
 * request's id, then the first data. Limits as documented: 3 connections a second, 480 requests
 * (not args) an hour and connection, 64 KB a request, and 30 s without a push close a connection.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"
#include "sim/srv_okx.h"

#define CONNECTS_A_SECOND 3
#define REQUESTS_AN_HOUR  480
#define REQUEST_BYTES_MAX 65536

static bool on_accept(void *arg)
{
    struct srv *s = arg;
    return !mis_on(&s->sim->mis, MIS_DOWN, SIM_OKX);
}

static enum net_upgrade on_upgrade(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct srv *s = arg;
    if (mis_on(&s->sim->mis, MIS_NO_UPGRADE, SIM_OKX))
        return NET_IGNORE;
    if (strcmp(r->path, "/ws/v5/public") != 0)
        return NET_REFUSE;
    if (srv_over(&s->okx_connects, srv_now_us() / 1000000, 1, CONNECTS_A_SECOND))
        return NET_REFUSE;
    return srv_client_new(s, c, SIM_OKX) ? NET_ACCEPT : NET_REFUSE;
}

static void begin(struct text *t, char *b, size_t cap, const json_t *j)
{
    const char *id = json_string_value(json_object_get(j, "id"));
    text_init(t, b, cap);
    text_char(t, '{');
    if (id) {
        text_kv_str(t, "id", id);
        text_char(t, ',');
    }
}

static void conn_id(struct text *t, const struct srv_client *x)
{
    text_fmt(t, ",\"connId\":\"%08x\"}", x->id * 2654435761u);
}

static void send_error(struct srv_client *x, const json_t *j, int code, const char *msg)
{
    char b[800];
    struct text t;
    begin(&t, b, sizeof b, j);
    text_fmt(&t, "\"event\":\"error\",\"code\":\"%d\",\"msg\":", code);
    text_json(&t, slice_of(msg));
    conn_id(&t, x);
    srv_send(x, t.buf, t.len);
}

static void send_event(struct srv_client *x, const json_t *j, const char *event, const json_t *arg)
{
    char b[800], *dump = json_dumps(arg, JSON_COMPACT);
    struct text t;
    begin(&t, b, sizeof b, j);
    text_fmt(&t, "\"event\":\"%s\",\"arg\":%s", event, dump);
    conn_id(&t, x);
    srv_ack(x, t.buf, t.len);
    free(dump);
}

void okx_notice(struct srv_client *x)
{
    char b[300];
    struct text t;
    text_init(&t, b, sizeof b);
    text_str(
        &t, "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed "
            "for a service upgrade. Please reconnect.\"");
    conn_id(&t, x);
    srv_send(x, t.buf, t.len);
}

static const char *member(const json_t *arg, const char *key)
{
    const char *s = json_string_value(json_object_get(arg, key));
    return s ? s : "";
}

static void refuse_arg(struct srv_client *x, const json_t *j, const json_t *arg, int why)
{
    char msg[300], rest[120] = "";
    if (why == OKX_NEEDS_TIER) {
        send_error(x, j, 64003,
                   "Your trading fee tier doesn't meet the requirement to access this channel");
        return;
    }
    static const char *const keys[] = {"instId", "instType", "instFamily"};
    for (int i = 0; i < 3; i++)
        if (member(arg, keys[i])[0])
            snprintf(rest + strlen(rest), sizeof rest - strlen(rest), ",%s:%.30s", keys[i],
                     member(arg, keys[i]));
    snprintf(msg, sizeof msg,
             "Wrong URL or channel:%.40s%s doesn't exist. Please use the correct URL, channel and "
             "parameters referring to API document.",
             member(arg, "channel"), rest);
    send_error(x, j, 60018, msg);
}

static void one(struct srv_client *x, const json_t *j, const json_t *arg, bool on)
{
    int id = ok_arg_find(x->srv->sim->m, member(arg, "channel"), member(arg, "instId"),
                         member(arg, "instType"));
    if (id < 0 || (on && srv_refused(x->srv, id))) {
        refuse_arg(x, j, arg, id);
        return;
    }
    send_event(x, j, on ? "subscribe" : "unsubscribe", arg);
    if (!on) {
        srv_unsubscribe(x, id);
        return;
    }
    const struct text *first = sim_pub_first(x->srv->sim->pub, id);
    srv_subscribe(x, id, SUB_ON);
    if (first)
        srv_send(x, first->buf, first->len);
}

static void request(struct srv_client *x, const json_t *j, size_t len)
{
    const char *op = member(j, "op");
    const json_t *args = json_object_get(j, "args");
    bool on = strcmp(op, "subscribe") == 0;
    if (srv_over(&x->requests, srv_now_us() / 1000000, 3600, REQUESTS_AN_HOUR))
        send_error(x, j, 60014, "Requests too frequent");
    else if (strcmp(op, "login") == 0)
        send_error(x, j, 60009, "Login failed.");
    else if (!on && strcmp(op, "unsubscribe") != 0)
        send_error(x, j, 60012, "Illegal request");
    else if (json_array_size(args) == 0 || len > REQUEST_BYTES_MAX)
        send_error(x, j, 60013, "Invalid args");
    else
        for (size_t i = 0; i < json_array_size(args); i++)
            one(x, j, json_array_get(args, i), on);
}

static void on_message(void *arg, struct net_conn *c, const char *text, size_t len)
{
    struct srv_client *x = net_user(c);
    (void)arg;
    if (len == 4 && memcmp(text, "ping", 4) == 0) {
        srv_pong(x, "pong", 4);
        net_flush(c);
        return;
    }
    json_t *j = json_loadb(text, len, 0, NULL);
    if (json_is_object(j))
        request(x, j, len);
    else
        send_error(x, NULL, 60012, "Illegal request");
    json_decref(j);
    net_flush(c);
}

const struct net_handlers okx_handlers = {.accept = on_accept,
                                          .request = okx_request,
                                          .upgrade = on_upgrade,
                                          .message = on_message,
                                          .closed = srv_on_closed};
