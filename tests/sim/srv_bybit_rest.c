/* Bybit's REST. In: GET requests. Out: {"retCode":0,..} with HTTP 200, also for errors. Limit: 600
 * requests in 5 s an address, then 403 for ten minutes, whatever is asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/enc_bybit.h"
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
    bool inverse;
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

static int number(const struct call *k, const char *key, int otherwise, int max)
{
    char v[16];
    srv_query(k->path, key, v, sizeof v);
    long n = v[0] ? strtol(v, NULL, 10) : otherwise;
    return n < 1 ? 1 : n > max ? max : (int)n;
}

/* The cursor of a page is the number of its first instrument; "" = the first page. */
static struct by_page page(const struct call *k, int limit)
{
    char cursor[24];
    srv_query(k->path, "cursor", cursor, sizeof cursor);
    int from = strncmp(cursor, "first-", 6) == 0 ? (int)strtol(cursor + 6, NULL, 10) : 0;
    return (struct by_page){k->inverse, k->inst, from < 0 ? 0 : from, limit};
}

static void end_page(struct call *k, int next)
{
    if (next < 0)
        text_str(&k->s->body, "],\"nextPageCursor\":\"\"}");
    else
        text_fmt(&k->s->body, "],\"nextPageCursor\":\"first-%d\"}", next);
    tail(k);
}

static void do_instruments(struct call *k)
{
    struct by_page p = page(k, number(k, "limit", 500, 1000));
    head(k);
    end_page(k, by_rest_instruments(&k->s->body, k->s->sim->m, &p));
}

static void do_risk_limit(struct call *k)
{
    struct by_page p = page(k, 15);
    head(k);
    end_page(k, by_rest_risk_limit(&k->s->body, k->s->sim->m, &p));
}

static void do_tickers(struct call *k)
{
    struct by_page p = page(k, 1);
    head(k);
    by_rest_tickers(&k->s->body, k->s->sim->m, &p);
    text_str(&k->s->body, "]}");
    tail(k);
}

static void do_insurance(struct call *k)
{
    head(k);
    by_rest_insurance(&k->s->body, k->s->sim->m);
    tail(k);
}

static void do_adl(struct call *k)
{
    struct by_page p = page(k, 1);
    head(k);
    by_rest_adl(&k->s->body, k->s->sim->m, &p);
    tail(k);
}

static void do_account_ratio(struct call *k)
{
    head(k);
    by_rest_account_ratio(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst],
                          number(k, "limit", 50, 500));
    tail(k);
}

static void do_open_interest(struct call *k)
{
    head(k);
    by_rest_open_interest(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst],
                          number(k, "limit", 50, 200));
    tail(k);
}

static void do_book(struct call *k)
{
    const struct sim_view *v = sim_pub_view(k->s->sim->pub, BY_BOOK_1000, k->inst);
    head(k);
    by_rest_book(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst], v,
                 number(k, "limit", 25, 1000));
    tail(k);
}

static const struct {
    const char *path;
    bool needs_category, needs_symbol;
    void (*run)(struct call *);
} endpoints[] = {
    {"/v5/market/time", false, false, do_time},
    {"/v5/market/instruments-info", true, false, do_instruments},
    {"/v5/market/tickers", true, false, do_tickers},
    {"/v5/market/risk-limit", true, false, do_risk_limit},
    {"/v5/market/insurance", false, false, do_insurance},
    {"/v5/market/adlAlert", false, false, do_adl},
    {"/v5/market/account-ratio", true, true, do_account_ratio},
    {"/v5/market/open-interest", true, true, do_open_interest},
    {"/v5/market/orderbook", true, true, do_book},
};

static void answer(struct call *k, size_t e)
{
    srv_query(k->path, "category", k->category, sizeof k->category);
    srv_query(k->path, "symbol", k->symbol, sizeof k->symbol);
    bool linear = strcmp(k->category, "linear") == 0, inverse = strcmp(k->category, "inverse") == 0;
    const struct sim_market *m = k->s->sim->m;
    k->inverse = inverse;
    k->inst = k->symbol[0] ? sim_market_find(m, SIM_BYBIT, k->symbol) : -1;
    if (k->symbol[0] && (k->inst < 0 || !m->insts[k->inst].trading ||
                         (k->category[0] && m->insts[k->inst].inverse != inverse)))
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
