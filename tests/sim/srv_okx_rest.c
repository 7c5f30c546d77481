/* OKX's REST. In: GET requests. Out: {"code":"0","msg":"","data":[..]}. Each endpoint has a limit
 * of its own per two seconds; over it HTTP 429 with code 50011. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/enc_okx.h"
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

typedef void row_fn(struct text *, const struct sim_market *, const struct sim_inst *);

/* One row of every swap, or of the one asked for; trading ones only unless all. */
static void rows(struct call *k, row_fn *row, bool all)
{
    const struct sim_market *m = k->s->sim->m;
    char type[16];
    srv_query(k->path, "instType", type, sizeof type);
    head(k);
    text_char(&k->s->body, '[');
    for (int i = 0; i < m->n_insts; i++)
        if (m->insts[i].venue == SIM_OKX && (all || m->insts[i].trading) &&
            (k->inst < 0 || k->inst == i) && (!type[0] || strcmp(type, "SWAP") == 0))
            row(&k->s->body, m, &m->insts[i]);
    text_char(&k->s->body, ']');
    tail(k);
}

static void row_instrument(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    (void)m;
    ok_row_instrument(out, in);
}

static void do_instruments(struct call *k)
{
    rows(k, row_instrument, true);
}
static void do_marks(struct call *k)
{
    rows(k, ok_row_mark, false);
}
static void do_oi(struct call *k)
{
    rows(k, ok_row_oi, false);
}
static void do_tickers(struct call *k)
{
    rows(k, ok_row_ticker, false);
}
static void do_funding(struct call *k)
{
    rows(k, ok_row_funding, false);
}

/* Of one index, or of all that are quoted in a currency: the coins and the dollars themselves. */
static void do_index(struct call *k)
{
    const struct sim_market *m = k->s->sim->m;
    char id[32], quote[8], name[40];
    srv_query(k->path, "instId", id, sizeof id);
    srv_query(k->path, "quoteCcy", quote, sizeof quote);
    bool usd = strcmp(quote, "USD") == 0;
    head(k);
    text_char(&k->s->body, '[');
    if (usd || strcmp(id, "USDT-USD") == 0)
        ok_row_index(&k->s->body, m, "USDT-USD", 1.00021);
    if (usd || strcmp(id, "USDC-USD") == 0)
        ok_row_index(&k->s->body, m, "USDC-USD", .9999);
    for (int i = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (in->venue != SIM_OKX || !in->trading)
            continue;
        snprintf(name, sizeof name, "%s-%s", in->a->name, in->inverse ? "USD" : "USDT");
        if (strcmp(quote, in->inverse ? "USD" : "USDT") == 0 || strcmp(id, name) == 0)
            ok_row_index(&k->s->body, m, name, m->assets[in->asset].index_px * in->unit);
    }
    text_char(&k->s->body, ']');
    tail(k);
}

typedef void family_fn(struct call *, const struct sim_inst *);

static void tiers_of(struct call *k, const struct sim_inst *in)
{
    ok_rows_tiers(&k->s->body, in);
}

static void fund_of(struct call *k, const struct sim_inst *in)
{
    ok_row_fund(&k->s->body, k->s->sim->m, in);
}

/* instFamily: up to five by comma. */
static void families(struct call *k, family_fn *one)
{
    char list[160];
    int n = 0, found = 0;
    srv_query(k->path, "instFamily", list, sizeof list);
    head(k);
    text_char(&k->s->body, '[');
    for (const char *p = list; *p && n <= 5; n++) {
        struct slice name = {p, (uint32_t)strcspn(p, ",")};
        for (int i = 0; i < k->s->sim->m->n_insts; i++) {
            const struct sim_inst *in = &k->s->sim->m->insts[i];
            if (in->venue == SIM_OKX && in->trading && ok_is_family(in, name)) {
                one(k, in);
                found++;
            }
        }
        p += name.len + (p[name.len] == ',');
    }
    text_char(&k->s->body, ']');
    if (n == 0)
        fail(k, 400, 50014, "Parameter instFamily can not be empty.");
    else if (n > 5 || !found)
        fail(k, 200, 51000, "Parameter instFamily error");
    else
        tail(k);
}

static void do_tiers(struct call *k)
{
    families(k, tiers_of);
}
static void do_fund(struct call *k)
{
    families(k, fund_of);
}

static void do_ratio(struct call *k)
{
    char limit[8];
    srv_query(k->path, "limit", limit, sizeof limit);
    int n = limit[0] ? (int)strtol(limit, NULL, 10) : 100;
    head(k);
    text_char(&k->s->body, '[');
    ok_rows_ratio(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst], n > 100 ? 100 : n);
    text_char(&k->s->body, ']');
    tail(k);
}

/* Without sz one level a side. */
static void do_book(struct call *k)
{
    char sz[8];
    const struct sim_view *v = sim_pub_view(k->s->sim->pub, OK_BOOK, k->inst);
    srv_query(k->path, "sz", sz, sizeof sz);
    head(k);
    text_char(&k->s->body, '[');
    ok_row_book(&k->s->body, k->s->sim->m, &k->s->sim->m->insts[k->inst], v,
                sz[0] ? (int)strtol(sz, NULL, 10) : 1);
    text_char(&k->s->body, ']');
    tail(k);
}

static void do_status(struct call *k)
{
    head(k);
    text_str(&k->s->body, "[]");
    tail(k);
}

static const struct {
    const char *path;
    int per_2s;
    bool needs_type, needs_inst;
    void (*run)(struct call *);
} endpoints[] = {
    {"/api/v5/public/time", 10, false, false, do_time},
    {"/api/v5/public/instruments", 20, true, false, do_instruments},
    {"/api/v5/public/mark-price", 10, true, false, do_marks},
    {"/api/v5/public/open-interest", 20, true, false, do_oi},
    {"/api/v5/public/funding-rate", 10, false, false, do_funding},
    {"/api/v5/public/position-tiers", 10, true, false, do_tiers},
    {"/api/v5/public/insurance-fund", 10, true, false, do_fund},
    {"/api/v5/market/tickers", 20, true, false, do_tickers},
    {"/api/v5/market/index-tickers", 20, false, false, do_index},
    {"/api/v5/market/books", 40, false, true, do_book},
    {"/api/v5/rubik/stat/contracts/long-short-account-ratio-contract", 5, false, true, do_ratio},
    {"/api/v5/system/status", 1, false, false, do_status},
};

static void answer(struct call *k, size_t e)
{
    char type[16], id[32];
    srv_query(k->path, "instType", type, sizeof type);
    srv_query(k->path, "instId", id, sizeof id);
    k->inst = id[0] ? sim_market_find(k->s->sim->m, SIM_OKX, id) : -1;
    if (id[0] && strcmp(id, "ANY") != 0 && !strstr(k->path, "/index-tickers") &&
        (k->inst < 0 || !k->s->sim->m->insts[k->inst].trading))
        k->inst = -2;
    if (srv_over(&k->s->okx_calls[e], srv_now_us() / 1000000, 2, endpoints[e].per_2s))
        fail(k, 429, 50011, "Too Many Requests");
    else if (endpoints[e].needs_type && !type[0])
        fail(k, 400, 50014, "Parameter instType can not be empty.");
    else if (k->inst == -2 || (endpoints[e].needs_inst && k->inst < 0))
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
