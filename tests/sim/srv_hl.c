/* The fake Hyperliquid: one websocket path (/ws) and POST /info. In: client texts. Out: a greeting
 * that is not JSON, acks that echo the subscription with the server's defaults, pongs, errors as
 * text. Limits as documented per IP: 10 connections, 1,000 subscriptions, 2,000 messages a minute,
 * 1,200 weight a minute; a connection to which nothing was sent for 60 s is closed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"

#define CONNS_MAX     10
#define SUBS_MAX      1000
#define MSGS_A_MINUTE 2000

static const char greeting[] = "Websocket connection established.";

static bool on_accept(void *arg)
{
    struct srv *s = arg;
    return !mis_on(&s->sim->mis, MIS_DOWN, SIM_HL);
}

static int count_subs(const struct srv *s, int *conns)
{
    int subs = 0;
    *conns = 0;
    for (int i = 0; i < s->n_clients; i++)
        if (s->clients[i]->venue == SIM_HL) {
            subs += s->clients[i]->n_subs;
            (*conns)++;
        }
    return subs;
}

static enum net_upgrade on_upgrade(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct srv *s = arg;
    int conns;
    count_subs(s, &conns);
    if (mis_on(&s->sim->mis, MIS_NO_UPGRADE, SIM_HL))
        return NET_IGNORE;
    if (strcmp(r->path, "/ws") != 0 || conns >= CONNS_MAX)
        return NET_REFUSE;
    return srv_client_new(s, c, SIM_HL) ? NET_ACCEPT : NET_REFUSE;
}

static void on_open(void *arg, struct net_conn *c)
{
    (void)arg;
    srv_send(net_user(c), greeting, sizeof greeting - 1);
}

/* --- texts ----------------------------------------------------------------------------------- */

/* {"channel":"error","data":"<what> <the offending JSON as text>"} */
static void send_error(struct srv_client *x, const char *what, const json_t *about)
{
    char *dump = about ? json_dumps(about, JSON_COMPACT) : NULL;
    struct text *t = &x->srv->body;
    char msg[1024];
    snprintf(msg, sizeof msg, "%s%s", what, dump ? dump : "");
    text_init(t, t->buf, t->cap);
    text_str(t, "{\"channel\":\"error\",\"data\":");
    text_json(t, slice_of(msg));
    text_char(t, '}');
    srv_send(x, t->buf, t->len);
    free(dump);
}

static int find_coin(const struct sim_market *m, const json_t *sub)
{
    const char *coin = json_string_value(json_object_get(sub, "coin"));
    int i = coin ? sim_market_find(m, SIM_HL, coin) : -1;
    return i >= 0 && m->insts[i].trading ? i : -1;
}

static int book_kind(const json_t *sub)
{
    static const int by_figs[] = {HL_BOOK_2, HL_BOOK_3, HL_BOOK_4, HL_BOOK_5};
    const json_t *n = json_object_get(sub, "nSigFigs");
    if (!n || json_is_null(n))
        return json_is_true(json_object_get(sub, "fast")) ? HL_BOOK_FAST : HL_BOOK;
    long long k = json_integer_value(n);
    return k >= 2 && k <= 5 ? by_figs[k - 2] : -1;
}

/* The stream id of a subscription; -1 = known type but invalid, -2 = unknown type. */
static int find_stream(const struct sim_market *m, const json_t *sub)
{
    static const struct {
        const char *type;
        int kind;
    } rows[] = {{"allDexsAssetCtxs", HL_CTXS}, {"allMids", HL_MIDS}, {"activeAssetCtx", HL_CTX},
                {"l2Book", HL_BOOK},           {"bbo", HL_BBO},      {"trades", HL_TRADES}};
    const char *type = json_string_value(json_object_get(sub, "type"));
    for (size_t i = 0; type && i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(type, rows[i].type) != 0)
            continue;
        int kind = rows[i].kind == HL_BOOK ? book_kind(sub) : rows[i].kind;
        if (kind < 0)
            return -1;
        if (!sim_streams[kind].per_inst)
            return sim_stream_id((enum sim_stream_kind)kind, 0);
        int inst = find_coin(m, sub);
        return inst < 0 ? -1 : sim_stream_id((enum sim_stream_kind)kind, inst);
    }
    return -2;
}

/* The ack names the server's defaults too. */
static void ack(struct srv_client *x, const char *method, const json_t *sub)
{
    json_t *copy = json_deep_copy(sub);
    if (strcmp(json_string_value(json_object_get(sub, "type")), "l2Book") == 0) {
        if (!json_object_get(copy, "nSigFigs"))
            json_object_set_new(copy, "nSigFigs", json_null());
        if (!json_object_get(copy, "mantissa"))
            json_object_set_new(copy, "mantissa", json_null());
    }
    json_t *j = json_pack("{s:s,s:{s:s,s:o}}", "channel", "subscriptionResponse", "data", "method",
                          method, "subscription", copy);
    char *text = json_dumps(j, JSON_COMPACT);
    srv_ack(x, text, strlen(text));
    free(text);
    json_decref(j);
}

static void subscription(struct srv_client *x, const json_t *j, bool on)
{
    const json_t *sub = json_object_get(j, "subscription");
    int conns, id = json_is_object(sub) ? find_stream(x->srv->sim->m, sub) : -2;
    if (id == -2) {
        send_error(x, "Error parsing JSON into valid websocket request: ", j);
    } else if (id == -1 || (on && srv_refused(x->srv, id))) {
        send_error(x, "Invalid subscription ", sub);
    } else if (on && x->subs[id]) {
        send_error(x, "Already subscribed: ", sub);
    } else if (!on && !x->subs[id]) {
        send_error(x, "Already unsubscribed: ", sub);
    } else if (on && count_subs(x->srv, &conns) >= SUBS_MAX) {
        send_error(x, "Cannot subscribe to more than 1000 channels.", NULL);
    } else if (!on) {
        srv_unsubscribe(x, id);
        ack(x, "unsubscribe", sub);
    } else {
        ack(x, "subscribe", sub);
        srv_subscribe(x, id, SUB_ON);
        if (sim_stream_kind_of(id) == HL_TRADES) {
            const struct text *old = sim_pub_old_trades(x->srv->sim->pub, sim_stream_inst(id));
            if (old)
                srv_send(x, old->buf, old->len);
        }
    }
}

static bool over_rate(struct srv *s)
{
    return srv_over(&s->hl_messages, srv_now_us() / 1000000, 60, MSGS_A_MINUTE);
}

static void on_message(void *arg, struct net_conn *c, const char *text, size_t len)
{
    struct srv_client *x = net_user(c);
    json_t *j = json_loadb(text, len, 0, NULL);
    const char *method = json_string_value(json_object_get(j, "method"));
    if (over_rate(arg))
        send_error(x, "Cannot send more than 2000 messages per minute.", NULL);
    else if (!method)
        send_error(x, "Error parsing JSON into valid websocket request: ", j);
    else if (strcmp(method, "ping") == 0)
        srv_pong(x, "{\"channel\":\"pong\"}", 18);
    else if (strcmp(method, "subscribe") == 0 || strcmp(method, "unsubscribe") == 0)
        subscription(x, j, method[0] == 's');
    else
        send_error(x, "Error parsing JSON into valid websocket request: ", j);
    json_decref(j);
    net_flush(c);
}

/* --- POST /info ------------------------------------------------------------------------------ */

static bool is_builder(const json_t *j)
{
    const char *dex = json_string_value(json_object_get(j, "dex"));
    return dex && strcmp(dex, "xyz") == 0;
}

static bool info_meta(struct srv *s, const json_t *j)
{
    hl_rest_meta(&s->body, s->sim->m, is_builder(j));
    return true;
}
static bool info_all_metas(struct srv *s, const json_t *j)
{
    (void)j;
    hl_rest_all_metas(&s->body, s->sim->m);
    return true;
}
static bool info_meta_and_ctxs(struct srv *s, const json_t *j)
{
    hl_rest_meta_and_ctxs(&s->body, s->sim->m, is_builder(j));
    return true;
}
static bool info_perp_dexs(struct srv *s, const json_t *j)
{
    (void)j;
    hl_rest_perp_dexs(&s->body);
    return true;
}
static bool info_book(struct srv *s, const json_t *j)
{
    int i = find_coin(s->sim->m, j);
    int figs = (int)json_integer_value(json_object_get(j, "nSigFigs"));
    if (i < 0 || (figs && (figs < 2 || figs > 5)))
        return false;
    hl_book_body(&s->body, s->sim->m, &s->sim->m->insts[i], figs, 20);
    return true;
}
/* Every simulated account is anonymous: an address asked for holds nothing. */
static bool info_clearinghouse(struct srv *s, const json_t *j)
{
    const char *user = json_string_value(json_object_get(j, "user"));
    if (!user || strlen(user) != 42)
        return false;
    text_fmt(
        &s->body,
        "{\"marginSummary\":{\"accountValue\":\"0.0\",\"totalNtlPos\":\"0.0\",\"totalRawUsd\":"
        "\"0.0\",\"totalMarginUsed\":\"0.0\"},\"crossMarginSummary\":{\"accountValue\":\"0.0\","
        "\"totalNtlPos\":\"0.0\",\"totalRawUsd\":\"0.0\",\"totalMarginUsed\":\"0.0\"},"
        "\"crossMaintenanceMarginUsed\":\"0.0\",\"withdrawable\":\"0.0\",\"assetPositions\":[],"
        "\"time\":%lld}",
        (long long)(srv_now_us() / 1000));
    return true;
}
static bool info_status(struct srv *s, const json_t *j)
{
    (void)j;
    text_fmt(&s->body, "{\"time\":%lld,\"specialStatuses\":null}",
             (long long)(srv_now_us() / 1000));
    return true;
}

static const struct {
    const char *type;
    int weight;
    bool (*run)(struct srv *, const json_t *);
} infos[] = {
    {"meta", 20, info_meta},
    {"allPerpMetas", 20, info_all_metas},
    {"metaAndAssetCtxs", 20, info_meta_and_ctxs},
    {"perpDexs", 20, info_perp_dexs},
    {"l2Book", 2, info_book},
    {"clearinghouseState", 2, info_clearinghouse},
    {"exchangeStatus", 2, info_status},
};

static void answer(struct srv *s, struct net_conn *c, const json_t *j)
{
    const char *type = json_string_value(json_object_get(j, "type"));
    int retry;
    for (size_t i = 0; type && i < sizeof infos / sizeof *infos; i++) {
        if (strcmp(type, infos[i].type) != 0)
            continue;
        int status = srv_charge(s, SIM_HL, infos[i].weight, &retry);
        if (status)
            text_str(&s->body, "null");
        else if (!infos[i].run(s, j))
            break;
        srv_reply_json(s, SIM_HL, c, status ? status : 200, 0);
        return;
    }
    static const char why[] = "Failed to deserialize the JSON body into the target type";
    net_reply(c, &(struct net_answer){422, "", "text/plain", why, sizeof why - 1});
}

static void on_request(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct srv *s = arg;
    if (srv_spoil(s, SIM_HL, c))
        return;
    text_init(&s->body, s->body.buf, s->body.cap);
    json_t *j = json_loadb(r->body, r->body_len, 0, NULL);
    if (strcmp(r->path, "/info") == 0 && strcmp(r->method, "POST") == 0)
        answer(s, c, j);
    else
        net_reply(c, &(struct net_answer){404, "", "text/plain", "not found", 9});
    json_decref(j);
}

const struct net_handlers hl_handlers = {.accept = on_accept,
                                         .request = on_request,
                                         .upgrade = on_upgrade,
                                         .open = on_open,
                                         .message = on_message,
                                         .closed = srv_on_closed};
