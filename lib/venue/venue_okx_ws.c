/* OKX: pushed texts -> events. In: {"arg":{..},"data":[..]} frames and {"event":..} replies; out:
 * events. Here the channel is found and replies are read; the elements of data are read in
 * venue_okx_market.c and venue_okx_spec.c. Source: OKX API guide v5, Overview, WebSocket.
 * Surprising: one request with many args is answered once per arg, with the same id, so a reply is
 * matched by what it names and not by its id. */
#include "venue/venue_okx.h"

#include "base/num.h"

struct envelope {
    struct slice event, id, msg, code, channel, inst, data;
    bool said_arg, said_data;
};

/* "arg": {"channel":..,"instId":..} or {"channel":..,"instType":..,"instFamily":..}. */
static void take_arg(struct parse *p, struct envelope *v)
{
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "channel"))
            adapt_str(p, &v->channel);
        else if (KEY_IS(k, "instId"))
            adapt_str(p, &v->inst);
        else
            scan_skip(&p->s);
    }
    v->said_arg = true;
}

static void take_rows(struct parse *p, const struct okx_stream *t)
{
    p->channel = t->channel;
    scan_array(&p->s);
    while (scan_item(&p->s))
        t->take(p);
}

/* Data in the usual order is read at once; what comes before it is known what it is, later. */
static void take_data(struct parse *p, struct envelope *v)
{
    const struct okx_stream *t = v->said_arg ? okx_stream_find(v->channel) : NULL;
    bool late = !v->said_arg || (t && t->take == okx_take_book && !p->stream.p);
    if (late) {
        scan_raw(&p->s, &v->data);
    } else if (t) {
        p->arg = v->inst;
        take_rows(p, t);
    } else {
        adapt_ignore(p);
    }
    v->said_data = true;
}

static void take_late(struct parse *p, const struct envelope *v)
{
    const struct okx_stream *t = okx_stream_find(v->channel);
    struct parse q = adapt_sub(p, v->data);
    q.arg = v->inst;
    if (t)
        take_rows(&q, t);
    else
        adapt_ignore(&q);
    adapt_join(p, &q);
}

/* What follows `key` in a message, up to a space or a comma. */
static struct slice word_after(struct slice msg, const char *key)
{
    size_t n = strlen(key);
    const char *at = msg.len ? memmem(msg.p, msg.len, key, n) : NULL;
    struct slice out = {0};
    if (!at)
        return out;
    out.p = at + n;
    while (out.p + out.len < msg.p + msg.len && out.p[out.len] != ' ' && out.p[out.len] != ',')
        out.len++;
    return out;
}

/* Error 60018: "Wrong URL or channel:mark-price,instId:X doesn't exist": there the message alone
 * names the arg. Errors that name none are about the whole request and keep its id. */
static void name_error(struct envelope *v)
{
    if (v->channel.p)
        return;
    v->channel = word_after(v->msg, "channel:");
    v->inst = word_after(v->msg, "instId:");
}

static void put_reply(struct parse *p, struct envelope *v, enum control_what what)
{
    struct event *e = adapt_control(p, what, p->text);
    if (!e)
        return;
    if (what == CTL_ERROR)
        name_error(v);
    /* Notices, 64008: "the connection will soon be closed for a service upgrade. Please reconnect."
     */
    if (what == CTL_NOTICE && slice_is(v->code, "64008"))
        e->u.control.ask = ASK_RECONNECT;
    const struct okx_stream *t = v->channel.p ? okx_stream_find(v->channel) : NULL;
    if (t) {
        e->channel = t->channel;
        e->symbol = t->channel == OKX_INDEX ? okx_index_symbol(p, v->inst) : v->inst;
        if (!e->symbol.len)
            e->symbol = (struct slice){0};
    } else if (what == CTL_ERROR && v->id.p) {
        int64_t id;
        if (num_parse_i64(v->id.p, v->id.len, &id) == 0 && id >= 0)
            e->u.control.id = id;
    }
}

/* Replies by "event"; those we did not ask for (login, channel-conn-count) carry no fact. */
static void take_reply(struct parse *p, struct envelope *v)
{
    static const struct {
        const char *event;
        enum control_what what;
    } rows[] = {{"subscribe", CTL_ACK},
                {"unsubscribe", CTL_ACK},
                {"error", CTL_ERROR},
                {"channel-conn-count-error", CTL_ERROR},
                {"notice", CTL_NOTICE}};
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (slice_is(v->event, rows[i].event)) {
            put_reply(p, v, rows[i].what);
            return;
        }
    adapt_control(p, CTL_IGNORED, p->text);
}

static void take_member(struct parse *p, struct slice k, struct envelope *v)
{
    if (KEY_IS(k, "arg"))
        take_arg(p, v);
    else if (KEY_IS(k, "data"))
        take_data(p, v);
    else if (KEY_IS(k, "action"))
        adapt_str(p, &p->stream);
    else if (KEY_IS(k, "event"))
        adapt_str(p, &v->event);
    else if (KEY_IS(k, "id"))
        adapt_str_opt(p, &v->id);
    else if (KEY_IS(k, "msg"))
        adapt_str_opt(p, &v->msg);
    else if (KEY_IS(k, "code"))
        adapt_str_opt(p, &v->code);
    else
        scan_skip(&p->s);
}

void okx_take_frame(struct parse *p)
{
    struct envelope v = {.said_arg = false};
    struct slice k;
    if (scan_peek(&p->s) != SCAN_OBJECT) {
        adapt_ignore(p);
        return;
    }
    scan_object(&p->s);
    while (scan_key(&p->s, &k))
        take_member(p, k, &v);
    if (p->s.err)
        return;
    if (v.event.p)
        take_reply(p, &v);
    else if (v.data.p)
        take_late(p, &v);
    else if (v.said_arg && !v.said_data)
        adapt_fail(p, E_MISSING);
    else if (!v.said_data)
        adapt_control(p, CTL_IGNORED, p->text);
}

#define STREAM(lit, channel, take)                                                                 \
    {                                                                                              \
        lit, sizeof(lit) - 1, channel, take                                                        \
    }

static const struct okx_stream streams[] = {
    STREAM("books", OKX_BOOK, okx_take_book),
    STREAM("bbo-tbt", OKX_BBO, okx_take_bbo),
    STREAM("trades", OKX_TRADES, okx_take_trade),
    STREAM("mark-price", OKX_MARK_PRICE, okx_take_mark),
    STREAM("index-tickers", OKX_INDEX, okx_take_index),
    STREAM("open-interest", OKX_OPEN_INTEREST, okx_take_oi),
    STREAM("funding-rate", OKX_FUNDING, okx_take_funding),
    STREAM("liquidation-orders", OKX_LIQUIDATIONS, okx_take_liquidation),
    STREAM("adl-warning", OKX_ADL_WARNING, okx_take_adl),
    STREAM("instruments", OKX_CONTRACT_INFO, okx_take_instrument),
    STREAM("tickers", OKX_TICKER, okx_take_ticker),
};

const struct okx_stream *okx_stream_find(struct slice name)
{
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        if (streams[i].len == name.len && memcmp(streams[i].name, name.p, name.len) == 0)
            return &streams[i];
    return NULL;
}
