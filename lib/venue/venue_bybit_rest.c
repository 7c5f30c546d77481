/* Bybit: REST bodies -> events. In: a body and its request's name; out: events. One table row per
 * request. Every body is {"retCode":0,"retMsg":"OK","result":{..},"time":ms}; HTTP 200 does not
 * mean success, retCode does. Most results hold a list, whose elements are read one by one.
 * Sources: Bybit's pages of /v5/market named above each. */
#include "venue/venue_bybit.h"

struct row { /* members of the small bodies, whatever they are called there */
    struct slice symbol;
    double a, b;
    int64_t t_us;
};
#define ROW(field) offsetof(struct row, field)

static struct event *add(struct parse *p, enum event_kind kind, const struct row *r)
{
    struct event *e = p->s.err ? NULL : adapt_event(p, kind);
    if (!e)
        return NULL;
    e->symbol = r->symbol.len ? r->symbol : p->arg;
    e->t_venue_us = r->t_us;
    return e;
}

/* Get Tickers: as the topic. Only what ranks instruments without a stream, so that all of them fit
 * a batch. */
static void take_ticker(struct parse *p)
{
    bybit_take_ticker(p, true);
}

/* Get Open Interest: openInterest "the sum of both sides", singleOpenInterest one side; the symbol
 * stands around the list. */
static void take_open_interest(struct parse *p)
{
    static const struct member keys[] = {{"openInterest", M_PX, ROW(a)},
                                         {"singleOpenInterest", M_PX, ROW(b)},
                                         {"timestamp", M_MS, ROW(t_us)}};
    struct row r = {{0}, NAN, NAN, 0};
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    struct event *e = add(p, EV_OI, &r);
    if (!e)
        return;
    e->u.oi.qty = isnan(r.b) ? r.a / 2 : r.b;
    if (isnan(e->u.oi.qty))
        adapt_fail(p, E_MISSING);
}

/* Get Funding Rate History: rates that were settled at fundingRateTimestamp. */
static void take_settled(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"fundingRate", M_NUM, ROW(a)},
                                         {"fundingRateTimestamp", M_MS, ROW(t_us)}};
    struct row r = {{0}, NAN, NAN, 0};
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    struct event *e = add(p, EV_FUNDING, &r);
    if (!e)
        return;
    e->u.funding.rate = r.a;
    e->u.funding.next_us = r.t_us;
    if (isnan(r.a) || r.t_us == 0)
        adapt_fail(p, E_MISSING);
}

/* Get Long Short Ratio: "buyRatio: the ratio of the number of long position holders". */
static void take_ratio(struct parse *p)
{
    static const struct member keys[] = {
        {"symbol", M_STR, ROW(symbol)}, {"buyRatio", M_PX, ROW(a)}, {"timestamp", M_MS, ROW(t_us)}};
    struct row r = {{0}, NAN, NAN, 0};
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    struct event *e = add(p, EV_STAT, &r);
    if (!e)
        return;
    e->u.stat.what = STAT_LONG_ACCOUNT_FRAC;
    e->u.stat.value = r.a;
    if (isnan(r.a))
        adapt_fail(p, E_MISSING);
}

/* Get Insurance: "value: USD value of the balance". */
static void take_pool(struct parse *p)
{
    bybit_take_pool(p, true);
}

/* Get ADL Alert: as the topic under long names; insurancePnlRatio is the trigger. */
static void take_adl(struct parse *p)
{
    static const struct member keys[] = {{"coin", M_STR, ADL(coin)},
                                         {"symbol", M_STR, ADL(symbol)},
                                         {"balance", M_NUM, ADL(balance)},
                                         {"pnlRatio", M_NUM, ADL(drawdown)},
                                         {"insurancePnlRatio", M_NUM, ADL(trigger)}};
    bybit_take_adl(p, keys, ADAPT_COUNT(keys));
}

struct body {
    const char *name;
    uint8_t channel;
    bool whole;    /* take reads the result itself, or the whole list, not its elements */
    bool complete; /* the pages that follow are asked for too */
    void (*take)(struct parse *p);
};

static const struct body bodies[] = {
    {"allTickers", BB_ALL_TICKERS, false, true, take_ticker},
    {"allTickersInverse", BB_ALL_TICKERS_INVERSE, false, true, take_ticker},
    {"accountRatio", BB_ACCOUNT_RATIO, false, false, take_ratio},
    {"riskLimit", BB_RISK_LIMIT, true, true, bybit_take_risk_list},
    {"orderbook", BB_BOOK_SNAPSHOT, true, false, bybit_take_book},
    {"instruments", BB_INSTRUMENTS, false, true, bybit_take_instrument},
    {"instrumentsInverse", BB_INSTRUMENTS_INVERSE, false, true, bybit_take_instrument},
    {"insurancePools", BB_POOLS, false, true, take_pool},
    {"openInterest", CHANNEL_NONE, false, false, take_open_interest},
    {"fundingHistory", CHANNEL_NONE, false, false, take_settled},
    {"adlAlertState", CHANNEL_NONE, false, true, take_adl},
};

static void take_list(struct parse *p, const struct body *b)
{
    if (b->whole) {
        b->take(p);
        return;
    }
    scan_array(&p->s);
    while (scan_item(&p->s))
        b->take(p);
}

/* "nextPageCursor": "" on the last page. */
static void take_cursor(struct parse *p, const struct body *b)
{
    struct slice cursor = {0};
    adapt_str_opt(p, &cursor);
    struct event *e = cursor.len && b->complete ? adapt_control(p, CTL_NOTICE, cursor) : NULL;
    if (e)
        e->u.control.ask = ASK_NEXT_PAGE;
}

/* The list may come before the symbol and the time that belong to it. */
static void finish_list(struct parse *p, uint32_t from, struct slice symbol, int64_t t_us)
{
    for (uint32_t i = from; i < p->b->n; i++) {
        struct event *e = &p->b->ev[i];
        if (e->t_venue_us == 0)
            e->t_venue_us = t_us;
        if (e->kind != EV_OI || e->u.oi.unit != QTY_UNSAID)
            continue;
        if (symbol.len)
            e->symbol = symbol;
        if (!e->symbol.len)
            adapt_fail(p, E_MISSING);
        e->u.oi.unit = bybit_unit(e->symbol);
    }
}

static void take_result(struct parse *p, const struct body *b)
{
    struct slice k, symbol = {0};
    int64_t t_us = 0;
    uint32_t from = p->b->n;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "list")) {
            take_list(p, b);
            said = true;
        } else if (KEY_IS(k, "nextPageCursor")) {
            take_cursor(p, b);
        } else if (KEY_IS(k, "symbol")) {
            adapt_str(p, &symbol);
        } else if (KEY_IS(k, "updatedTime") || KEY_IS(k, "updateTime")) {
            adapt_ms(p, &t_us);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
    else
        finish_list(p, from, symbol, t_us);
}

/* Get Orderbook: u "is always in sequence" and equals that of the topic of 1,000 levels, so it
 * joins the deltas like any snapshot by REST. */
static void take_snapshot(struct parse *p)
{
    bybit_take_book(p);
    if (p->s.err)
        return;
    struct ev_book *b = &p->b->ev[p->b->n - 1].u.book;
    b->snapshot = true;
    b->cap = BYBIT_BOOK_LEVELS; /* as many as bybit_request asks for */
}

static void take_envelope(struct parse *p, const struct body *b)
{
    struct slice k;
    int64_t t_us = 0;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "result")) {
            said = true;
            if (b->take == bybit_take_book)
                take_snapshot(p);
            else
                take_result(p, b);
        } else if (KEY_IS(k, "time")) {
            adapt_ms(p, &t_us);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
    for (uint32_t i = 0; i < p->b->n; i++)
        if (p->b->ev[i].t_venue_us == 0)
            p->b->ev[i].t_venue_us = t_us;
}

/* retCode of a body; false when it has none. */
static bool ret_code(const struct parse *p, int64_t *code)
{
    struct scan look = p->s;
    struct slice k;
    scan_object(&look);
    while (scan_key(&look, &k)) {
        if (KEY_IS(k, "retCode"))
            return scan_i64(&look, code) == 0;
        scan_skip(&look);
    }
    return false;
}

static void put_error(struct parse *p)
{
    struct event *e = adapt_control(p, CTL_ERROR, p->text);
    if (e)
        e->symbol = p->arg;
    scan_skip(&p->s);
}

void bybit_take_body(struct parse *p, struct slice name)
{
    const struct body *b = NULL;
    int64_t code = 0;
    for (int i = 0; i < ADAPT_COUNT(bodies) && !b; i++)
        if (slice_is(name, bodies[i].name))
            b = &bodies[i];
    if (b)
        p->channel = b->channel;
    bool said = ret_code(p, &code);
    if (said && code != 0)
        put_error(p);
    else if (b && !said && scan_peek(&p->s) == SCAN_OBJECT)
        adapt_fail(p, E_MISSING);
    else if (b)
        take_envelope(p, b);
    else
        adapt_ignore(p);
}
