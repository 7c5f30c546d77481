/* The fake Binance USD-M: routes /public and /market (and the retired un-routed paths, which
 * deliver only what /public has), SUBSCRIBE and its kin, REST. In: requests and client texts. Out:
 * acks as the exchange gives them: an unknown stream, or one of the other route, is acknowledged
 * and stays silent. Limits: 10 incoming messages a second, 1,024 streams a connection. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"

#define MSGS_A_SECOND 10
#define STREAMS_MAX   1024

static bool on_accept(void *arg)
{
    struct srv *s = arg;
    return !mis_on(&s->sim->mis, MIS_DOWN, SIM_BINANCE);
}

/* --- subscriptions --------------------------------------------------------------------------- */

static void subscribe_name(struct srv_client *x, const char *name, bool on)
{
    int id = sim_stream_find(x->srv->sim->m, slice_of(name));
    if (id < 0)
        return;
    int route = sim_streams[sim_stream_kind_of(id)].route;
    bool here = route == ROUTE_PUBLIC ? x->public_route : x->market_route;
    if (on && x->n_subs < STREAMS_MAX)
        srv_subscribe(x, id, here ? SUB_ON : SUB_SILENT);
    if (!on)
        srv_unsubscribe(x, id);
}

static void list_subscriptions(struct srv_client *x, long long id)
{
    struct text *t = &x->srv->body;
    int n = 0;
    text_init(t, t->buf, t->cap);
    text_str(t, "{\"result\":[");
    for (int i = 0; i < SIM_STREAMS; i++)
        if (x->subs[i]) {
            text_str(t, n++ ? ",\"" : "\"");
            sim_stream_name(x->srv->sim->m, i, t);
            text_char(t, '"');
        }
    text_fmt(t, "],\"id\":%lld}", id);
    srv_send(x, t->buf, t->len);
}

static void send_error(struct srv_client *x, int code, const char *msg)
{
    char b[200];
    int n = snprintf(b, sizeof b, "{\"code\":%d,\"msg\":\"%s\"}", code, msg);
    srv_send(x, b, (size_t)n);
}

/* Is one of the streams asked for refused on demand? The exchange then refuses the message. */
static bool any_refused(const struct srv_client *x, const json_t *params)
{
    for (size_t i = 0; i < json_array_size(params); i++) {
        const char *name = json_string_value(json_array_get(params, i));
        int id = name ? sim_stream_find(x->srv->sim->m, slice_of(name)) : -1;
        if (id >= 0 && srv_refused(x->srv, id))
            return true;
    }
    return false;
}

static void refuse(struct srv_client *x, long long id)
{
    char b[120];
    int n =
        snprintf(b, sizeof b, "{\"code\":2,\"msg\":\"Invalid request: stream\",\"id\":%lld}", id);
    srv_send(x, b, (size_t)n);
}

static void command(struct srv_client *x, const json_t *j)
{
    const char *method = json_string_value(json_object_get(j, "method"));
    const json_t *params = json_object_get(j, "params"), *id = json_object_get(j, "id");
    char ack[64];
    if (!method || (id && !json_is_integer(id)) || json_integer_value(id) < 0) {
        send_error(x, 2, "Invalid request: request ID must be an unsigned integer");
        return;
    }
    bool on = strcmp(method, "SUBSCRIBE") == 0;
    if (strcmp(method, "LIST_SUBSCRIPTIONS") == 0) {
        list_subscriptions(x, (long long)json_integer_value(id));
        return;
    }
    if (!on && strcmp(method, "UNSUBSCRIBE") != 0 && strcmp(method, "SET_PROPERTY") != 0) {
        send_error(x, 2, "Invalid request: unknown variant");
        return;
    }
    if (on && any_refused(x, params)) {
        refuse(x, (long long)json_integer_value(id));
        return;
    }
    for (size_t i = 0; i < json_array_size(params); i++) {
        const char *name = json_string_value(json_array_get(params, i));
        if (name && strcmp(method, "SET_PROPERTY") != 0)
            subscribe_name(x, name, on);
    }
    int n = snprintf(ack, sizeof ack, "{\"result\":null,\"id\":%lld}",
                     (long long)json_integer_value(id));
    srv_ack(x, ack, (size_t)n);
}

static bool over_rate(struct srv_client *x)
{
    return srv_over(&x->requests, srv_now_us() / 1000000, 1, MSGS_A_SECOND);
}

static void on_message(void *arg, struct net_conn *c, const char *text, size_t len)
{
    struct srv_client *x = net_user(c);
    (void)arg;
    if (over_rate(x)) {
        net_close(c, 1008);
        return;
    }
    json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(j))
        command(x, j);
    else
        send_error(x, 3, "Invalid JSON: expected value at line 1 column 1");
    json_decref(j);
    net_flush(c);
}

static void on_control(void *arg, struct net_conn *c)
{
    struct srv_client *x = net_user(c);
    (void)arg;
    if (over_rate(x))
        net_close(c, 1008);
}

/* /public/stream?streams=a/b wraps, /public/ws/a/b does not; without a route: the retired paths. */
static enum net_upgrade on_upgrade(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct srv *s = arg;
    const char *p = r->path;
    if (mis_on(&s->sim->mis, MIS_NO_UPGRADE, SIM_BINANCE))
        return NET_IGNORE;
    struct srv_client *x = srv_client_new(s, c, SIM_BINANCE);
    if (!x)
        return NET_REFUSE;
    x->public_route = x->market_route = false;
    if (strncmp(p, "/market", 7) == 0) {
        x->market_route = true;
        p += 7;
    } else {
        x->public_route = true;
        p += strncmp(p, "/public", 7) == 0 ? 7 : 0;
    }
    x->raw = strncmp(p, "/ws", 3) == 0;
    if (!x->raw && strncmp(p, "/stream", 7) != 0) {
        srv_client_free(x);
        return NET_REFUSE;
    }
    const char *names = strstr(p, "streams=");
    names = names ? names + 8 : x->raw && p[3] == '/' ? p + 4 : "";
    while (*names) {
        char name[64];
        size_t n = strcspn(names, "/&");
        snprintf(name, sizeof name, "%.*s", (int)n, names);
        subscribe_name(x, name, true);
        names += n + (names[n] == '/');
        if (*names == '&')
            break;
    }
    return NET_ACCEPT;
}

/* --- REST ------------------------------------------------------------------------------------ */

struct call {
    struct srv *s;
    int inst, limit; /* inst -1 = none given, -2 = unknown */
};

static void do_exchange_info(struct call *k)
{
    bn_rest_exchange_info(&k->s->body, k->s->sim->m);
}
static void do_funding_info(struct call *k)
{
    bn_rest_funding_info(&k->s->body, k->s->sim->m);
}
static void do_ticker(struct call *k)
{
    bn_rest_ticker_24h(&k->s->body, k->s->sim->m);
}
static void do_premium(struct call *k)
{
    bn_rest_premium(&k->s->body, k->s->sim->m, k->inst);
}
static void do_open_interest(struct call *k)
{
    bn_rest_open_interest(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst]);
}
static void do_account_ratio(struct call *k)
{
    bn_rest_account_ratio(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst]);
}
static void do_depth(struct call *k)
{
    bn_rest_depth(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst], k->limit);
}
static void do_insurance(struct call *k)
{
    bn_rest_insurance(&k->s->body, k->s->sim->m);
}
static void do_time(struct call *k)
{
    text_fmt(&k->s->body, "{\"serverTime\":%lld}", (long long)(srv_now_us() / 1000));
}
static void do_ping(struct call *k)
{
    text_str(&k->s->body, "{}");
}

static const struct {
    const char *path;
    int weight, weight_all;
    bool needs_symbol;
    void (*run)(struct call *);
} endpoints[] = {
    {"/fapi/v1/exchangeInfo", 1, 1, false, do_exchange_info},
    {"/fapi/v1/fundingInfo", 0, 0, false, do_funding_info},
    {"/fapi/v1/ticker/24hr", 1, 40, false, do_ticker},
    {"/fapi/v1/premiumIndex", 1, 10, false, do_premium},
    {"/fapi/v1/openInterest", 1, 1, true, do_open_interest},
    {"/futures/data/globalLongShortAccountRatio", 0, 0, true, do_account_ratio},
    {"/fapi/v1/depth", 20, 20, true, do_depth},
    {"/fapi/v1/insuranceBalance", 1, 1, false, do_insurance},
    {"/fapi/v1/time", 1, 1, false, do_time},
    {"/fapi/v1/ping", 1, 1, false, do_ping},
};

static void query(struct call *k, const char *q)
{
    char symbol[32] = "", limit[16] = "500";
    const char *p = strstr(q, "symbol="), *l = strstr(q, "limit=");
    if (p)
        snprintf(symbol, sizeof symbol, "%.*s", (int)strcspn(p + 7, "&"), p + 7);
    if (l)
        snprintf(limit, sizeof limit, "%.*s", (int)strcspn(l + 6, "&"), l + 6);
    k->limit = (int)strtol(limit, NULL, 10);
    k->inst = -1;
    if (p) {
        int i = sim_market_find(k->s->sim->m, SIM_BINANCE, symbol);
        k->inst = i < 0 || !k->s->sim->m->insts[i].trading ? -2 : i;
    }
}

static int depth_weight(int limit)
{
    return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
}

static void answer(struct call *k, size_t e, struct net_conn *c)
{
    int retry = 0, w = k->inst >= 0 ? endpoints[e].weight : endpoints[e].weight_all;
    struct text *b = &k->s->body;
    if (endpoints[e].run == do_depth)
        w = depth_weight(k->limit);
    int status = srv_charge(k->s, SIM_BINANCE, w, &retry);
    if (status) {
        text_str(b, "{\"code\":-1003,\"msg\":\"Too many requests; current limit of IP is 2400 "
                    "requests per minute.\"}");
    } else if (k->inst == -2 || (k->inst < 0 && endpoints[e].needs_symbol)) {
        status = 400;
        retry = 0;
        text_str(b, k->inst == -2
                        ? "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"
                        : "{\"code\":-1102,\"msg\":\"Mandatory parameter 'symbol' was not "
                          "sent, was empty/null, or malformed.\"}");
    } else {
        status = 200;
        retry = 0;
        endpoints[e].run(k);
    }
    srv_reply_json(k->s, SIM_BINANCE, c, status, retry);
}

static void on_request(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct call k = {.s = arg};
    size_t n = strcspn(r->path, "?");
    if (srv_spoil(k.s, SIM_BINANCE, c))
        return;
    text_init(&k.s->body, k.s->body.buf, k.s->body.cap);
    query(&k, r->path + n);
    for (size_t e = 0; e < sizeof endpoints / sizeof *endpoints; e++)
        if (strlen(endpoints[e].path) == n && strncmp(endpoints[e].path, r->path, n) == 0) {
            answer(&k, e, c);
            return;
        }
    net_reply(c, &(struct net_answer){404, "", "text/html", "<html><body>404</body></html>", 29});
}

const struct net_handlers binance_handlers = {.accept = on_accept,
                                              .request = on_request,
                                              .upgrade = on_upgrade,
                                              .message = on_message,
                                              .control = on_control,
                                              .closed = srv_on_closed};
