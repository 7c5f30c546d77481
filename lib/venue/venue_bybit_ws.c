/* Bybit: pushed texts -> events. In: {"topic":..,"type":..,"ts":..,"data":..} frames and replies to
 * our own messages; out: events. Here the topic is found and what stands around the data is joined
 * with it; data is read in venue_bybit_stream.c. Surprising: the order of members differs by topic
 * and level (documented), so type and times may come after the data they belong to. */
#include "venue/venue_bybit.h"

/* Replies: {"success":true,"ret_msg":"","conn_id":"..","req_id":"..","op":"subscribe"}; the answer
 * to a ping says op "ping" with ret_msg "pong", on other addresses op "pong". */
struct reply {
    struct slice op, ret_msg, req_id;
    bool success;
};

static int64_t id_of(struct slice req_id)
{
    int64_t id = 0;
    if (req_id.len == 0 || req_id.len > 18)
        return -1;
    for (uint32_t i = 0; i < req_id.len; i++) {
        if (req_id.p[i] < '0' || req_id.p[i] > '9')
            return -1;
        id = id * 10 + (req_id.p[i] - '0');
    }
    return id;
}

/* A refusal ends with the topic it is about: "Invalid topic: tickers.NOSUCH", "error:handler not
 * found,topic:tickers.NOSUCH". Then only that subscription is refused, though the whole message
 * was: the others are sent again when their ack is late, without the bad one. */
static bool name_refused(struct event *e, struct slice said)
{
    const char *colon = said.len ? memrchr(said.p, ':', said.len) : NULL;
    struct slice topic;
    if (!colon)
        return false;
    topic = (struct slice){colon + 1, (uint32_t)(said.p + said.len - colon - 1)};
    while (topic.len && topic.p[0] == ' ') {
        topic.p++;
        topic.len--;
    }
    const struct bybit_topic *t = bybit_topic_find(topic, &e->symbol);
    if (t)
        e->channel = t->channel;
    else
        e->symbol = (struct slice){0};
    return t && t->channel != CHANNEL_NONE;
}

static void put_reply(struct parse *p, const struct reply *r)
{
    bool pong = slice_is(r->op, "pong") || slice_is(r->ret_msg, "pong");
    struct event *e = adapt_control(p, pong ? CTL_PONG : r->success ? CTL_ACK : CTL_ERROR, p->text);
    if (!e || pong)
        return;
    if (r->success) {
        e->u.control.id = id_of(r->req_id);
        return;
    }
    if (r->ret_msg.len)
        e->u.control.text = r->ret_msg;
    if (!name_refused(e, r->ret_msg))
        e->u.control.id = id_of(r->req_id);
}

static void take_reply(struct parse *p)
{
    static const struct member keys[] = {{"op", M_STR, offsetof(struct reply, op)},
                                         {"ret_msg", M_STR, offsetof(struct reply, ret_msg)},
                                         {"req_id", M_STR, offsetof(struct reply, req_id)},
                                         {"success", M_BOOL, offsetof(struct reply, success)}};
    struct reply r = {{0}, {0}, {0}, false};
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    if (!p->s.err)
        put_reply(p, &r);
}

/* Everything of a frame; data is read in place, wherever it stands. */
static bool take_members(struct parse *p, const struct bybit_topic *t, struct bybit_frame *f)
{
    struct slice k;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "data")) {
            t->take(p);
            said = true;
        } else if (KEY_IS(k, "type")) {
            adapt_str(p, &f->type);
        } else if (KEY_IS(k, "ts")) {
            adapt_ms(p, &f->ts_us);
        } else if (KEY_IS(k, "cts")) {
            adapt_ms(p, &f->cts_us);
        } else if (KEY_IS(k, "cs")) {
            scan_i64(&p->s, &f->cs);
        } else {
            scan_skip(&p->s);
        }
    }
    return said;
}

static void take_topic(struct parse *p, const struct bybit_topic *t, struct slice topic)
{
    struct bybit_frame f = {.topic = topic};
    uint32_t from = p->b->n;
    p->channel = t->channel;
    if (!take_members(p, t, &f))
        adapt_fail(p, E_MISSING);
    if (p->s.err)
        return;
    for (uint32_t i = from; i < p->b->n; i++)
        if (p->b->ev[i].t_venue_us == 0)
            p->b->ev[i].t_venue_us = f.ts_us;
    if (t->finish)
        t->finish(p, from, &f);
    if (p->b->n == from) /* block trades only, an empty list */
        adapt_control(p, CTL_IGNORED, p->text);
}

void bybit_take_frame(struct parse *p)
{
    struct slice symbol, topic;
    if (scan_peek(&p->s) != SCAN_OBJECT) {
        adapt_ignore(p);
        return;
    }
    topic = adapt_peek(p, "topic");
    const struct bybit_topic *t = bybit_topic_find(topic, &symbol);
    if (t)
        take_topic(p, t, topic);
    else if (!topic.p && adapt_peek(p, "op").p)
        take_reply(p);
    else
        adapt_ignore(p);
}
