/* Binance: pushed texts -> events. In: combined-stream frames {"stream":..,"data":..}, bare
 * payloads, replies to SUBSCRIBE. Out: events. Here only the shape of the text is found; what a
 * payload says is in venue_binance_stream.c. A payload names its type in "e", usually first but not
 * always: COIN-M's bookTicker writes "u" before it. */
#include "venue/venue_binance.h"

/* One payload object. Fast when "e" comes first, as USD-M writes it. */
static void take_payload(struct parse *p)
{
    const struct binance_payload *t = binance_payload_find(adapt_peek(p, "e"), p->stream);
    if (!t) {
        adapt_ignore(p);
        return;
    }
    p->channel = t->channel;
    scan_object(&p->s);
    t->take(p);
}

static void take_data(struct parse *p)
{
    enum scan_type type = scan_peek(&p->s);
    if (type == SCAN_OBJECT) {
        take_payload(p);
    } else if (type == SCAN_ARRAY) {
        scan_array(&p->s);
        while (scan_item(&p->s))
            take_payload(p);
    } else {
        adapt_fail(p, E_TYPE);
    }
}

static void take_wrapper(struct parse *p)
{
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "stream"))
            adapt_str(p, &p->stream);
        else if (KEY_IS(k, "data"))
            take_data(p);
        else
            scan_skip(&p->s);
    }
}

/* Live Subscribing: {"result":null,"id":1} acknowledges, {"code":2,"msg":".."} refuses; spot's
 * {"error":{..},"id":1} is met as well. */
static void take_reply(struct parse *p, bool refused)
{
    struct event *e = adapt_control(p, refused ? CTL_ERROR : CTL_ACK, p->text);
    struct slice k;
    if (!e)
        return;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "id") && scan_peek(&p->s) == SCAN_NUMBER)
            scan_i64(&p->s, &e->u.control.id);
        else
            scan_skip(&p->s);
    }
}

enum shape { SHAPE_OTHER, SHAPE_WRAPPER, SHAPE_PAYLOAD, SHAPE_REFUSAL, SHAPE_ACK, SHAPE_DEPTH };

static bool begins(const struct parse *p, const char *with, size_t n)
{
    return (size_t)(p->s.end - p->s.p) > n && memcmp(p->s.p, with, n) == 0;
}

/* What an object is, by its members; the first that decides wins. */
static enum shape shape_of(const struct parse *p)
{
    if (begins(p, "{\"stream\":", 10)) /* nearly always */
        return SHAPE_WRAPPER;
    static const struct {
        const char *key;
        enum shape shape;
    } rows[] = {
        {"stream", SHAPE_WRAPPER}, {"e", SHAPE_PAYLOAD},  {"error", SHAPE_REFUSAL},
        {"code", SHAPE_REFUSAL},   {"result", SHAPE_ACK}, {"lastUpdateId", SHAPE_DEPTH},
    };
    struct scan look = p->s;
    struct slice k;
    scan_object(&look);
    while (scan_key(&look, &k)) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (slice_is(k, rows[i].key))
                return rows[i].shape;
        scan_skip(&look);
    }
    return SHAPE_OTHER;
}

void binance_take_frame(struct parse *p)
{
    enum scan_type type = scan_peek(&p->s);
    if (type == SCAN_ARRAY) {
        take_data(p);
        return;
    }
    switch (type == SCAN_OBJECT ? shape_of(p) : SHAPE_OTHER) {
    case SHAPE_WRAPPER:
        take_wrapper(p);
        break;
    case SHAPE_PAYLOAD:
        take_payload(p);
        break;
    case SHAPE_REFUSAL:
        take_reply(p, true);
        break;
    case SHAPE_ACK:
        take_reply(p, false);
        break;
    case SHAPE_DEPTH: /* a snapshot recorded inline: its symbol is not said */
        binance_take_depth_body(p);
        break;
    case SHAPE_OTHER:
        adapt_ignore(p);
        break;
    }
}
