/* Bybit's REST. In: GET requests. Out: {"retCode":0,..} with HTTP 200, also for errors. Limit: 600
 * requests in 5 s an address, then 403 for ten minutes, whatever is asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"
#include "sim/srv_bybit.h"

#define REQUESTS_MAX 600
#define BAN_S        600

struct call {
    struct srv *s;
    struct net_conn *c;
    const char *path;
    char category[16], symbol[32];
    int inst; /* -1 = no symbol given, -2 = none of that name in the category */
};

static void head(struct call *k)
{
    text_init(&k->s->body, k->s->body.buf, k->s->body.cap);
    text_str(&k->s->body, "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":");
}

static void tail(struct call *k)
{
    text_fmt(&k->s->body, ",\"retExtInfo\":{},\"time\":%lld}", (long long)(srv_now_us() / 1000));
    srv_reply_json(k->s, SIM_BYBIT, k->c, 200, 0);
}

static void fail(struct call *k, int code, const char *msg)
{
    text_init(&k->s->body, k->s->body.buf, k->s->body.cap);
    text_fmt(&k->s->body, "{\"retCode\":%d,\"retMsg\":\"%s\",\"result\":{}", code, msg);
    tail(k);
}

static void do_time(struct call *k)
{
    int64_t us = srv_now_us();
    head(k);
    text_fmt(&k->s->body, "{\"timeSecond\":\"%lld\",\"timeNano\":\"%lld000\"}",
             (long long)(us / 1000000), (long long)us);
    tail(k);
}

static const struct {
    const char *path;
    bool needs_category, needs_symbol;
    void (*run)(struct call *);
} endpoints[] = {
    {"/v5/market/time", false, false, do_time},
};

static void answer(struct call *k, size_t e)
{
    srv_query(k->path, "category", k->category, sizeof k->category);
    srv_query(k->path, "symbol", k->symbol, sizeof k->symbol);
    bool linear = strcmp(k->category, "linear") == 0, inverse = strcmp(k->category, "inverse") == 0;
    const struct sim_market *m = k->s->sim->m;
    k->inst = k->symbol[0] ? sim_market_find(m, SIM_BYBIT, k->symbol) : -1;
    if (k->inst >= 0 && (!m->insts[k->inst].trading || m->insts[k->inst].inverse != inverse))
        k->inst = -2;
    else if (k->symbol[0] && k->inst < 0)
        k->inst = -2;
    if (endpoints[e].needs_category && !linear && !inverse)
        fail(k, 10001, "params error: category invalid");
    else if (k->inst == -2 || (endpoints[e].needs_symbol && k->inst < 0))
        fail(k, 10001, "params error: symbol invalid");
    else
        endpoints[e].run(k);
}

/* True when the address is banned: every request of it is refused. */
static bool banned(struct srv *s)
{
    int64_t now_s = srv_now_us() / 1000000;
    if (srv_over(&s->bybit_calls, now_s, 5, REQUESTS_MAX))
        s->bybit_ban_until_s = now_s + BAN_S;
    return now_s < s->bybit_ban_until_s;
}

void bybit_request(void *arg, struct net_conn *c, const struct net_request *r)
{
    static const char ban[] = "access too frequent";
    struct call k = {.s = arg, .c = c, .path = r->path};
    size_t n = strcspn(r->path, "?");
    if (srv_spoil(k.s, SIM_BYBIT, c))
        return;
    if (banned(k.s)) {
        net_reply(c, &(struct net_answer){403, "", "text/plain", ban, sizeof ban - 1});
        return;
    }
    for (size_t e = 0; e < sizeof endpoints / sizeof *endpoints; e++)
        if (strlen(endpoints[e].path) == n && strncmp(endpoints[e].path, r->path, n) == 0) {
            answer(&k, e);
            return;
        }
    net_reply(c, &(struct net_answer){404, "", "text/plain", "404 page not found", 18});
}
