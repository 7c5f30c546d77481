/* OKX's REST. In: GET requests. Out: {"code":"0","msg":"","data":[..]}. Each endpoint has a limit
 * of its own per two seconds; over it HTTP 429 with code 50011. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"
#include "sim/srv_okx.h"

struct call {
    struct srv *s;
    struct net_conn *c;
    const char *path;
    int inst; /* of instId; -1 = not given, -2 = unknown */
};

static void head(struct call *k)
{
    text_init(&k->s->body, k->s->body.buf, k->s->body.cap);
    text_str(&k->s->body, "{\"code\":\"0\",\"msg\":\"\",\"data\":");
}

static void tail(struct call *k)
{
    text_char(&k->s->body, '}');
    srv_reply_json(k->s, SIM_OKX, k->c, 200, 0);
}

static void fail(struct call *k, int status, int code, const char *msg)
{
    text_init(&k->s->body, k->s->body.buf, k->s->body.cap);
    text_fmt(&k->s->body, "{\"code\":\"%d\",\"msg\":\"%s\",\"data\":[]}", code, msg);
    srv_reply_json(k->s, SIM_OKX, k->c, status, 0);
}

static void do_time(struct call *k)
{
    head(k);
    text_fmt(&k->s->body, "[{\"ts\":\"%lld\"}]", (long long)(srv_now_us() / 1000));
    tail(k);
}

static const struct {
    const char *path;
    int per_2s;
    bool needs_type, needs_inst;
    void (*run)(struct call *);
} endpoints[] = {
    {"/api/v5/public/time", 10, false, false, do_time},
};

static void answer(struct call *k, size_t e)
{
    char type[16], id[32];
    srv_query(k->path, "instType", type, sizeof type);
    srv_query(k->path, "instId", id, sizeof id);
    k->inst = id[0] ? sim_market_find(k->s->sim->m, SIM_OKX, id) : -1;
    if (id[0] && (k->inst < 0 || !k->s->sim->m->insts[k->inst].trading))
        k->inst = -2;
    if (srv_over(&k->s->okx_calls[e], srv_now_us() / 1000000, 2, endpoints[e].per_2s))
        fail(k, 429, 50011, "Too Many Requests");
    else if (endpoints[e].needs_type && !type[0])
        fail(k, 400, 50014, "Parameter instType can not be empty.");
    else if (endpoints[e].needs_inst && k->inst < 0)
        fail(k, 200, 51001, "Instrument ID doesn't exist.");
    else
        endpoints[e].run(k);
}

void okx_request(void *arg, struct net_conn *c, const struct net_request *r)
{
    struct call k = {.s = arg, .c = c, .path = r->path};
    size_t n = strcspn(r->path, "?");
    if (srv_spoil(k.s, SIM_OKX, c))
        return;
    for (size_t e = 0; e < sizeof endpoints / sizeof *endpoints; e++)
        if (strlen(endpoints[e].path) == n && strncmp(endpoints[e].path, r->path, n) == 0) {
            answer(&k, e);
            return;
        }
    fail(&k, 404, 50000, "Not found");
}
