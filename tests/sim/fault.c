/* Messages on their way out (fault.h). The order: what is not sent at all; what waits for its
 * successor; what the text becomes; how often it is sent. */
#include "sim/fault.h"

#include <stdlib.h>
#include <string.h>

#define OVERSIZE (9u << 20)

struct fault *fault_new(struct mis *x, const struct sim_market *m)
{
    struct fault *f = calloc(1, sizeof *f);
    char *buf = malloc(FAULT_TEXT_MAX);
    if (!f || !buf) {
        free(f);
        free(buf);
        return NULL;
    }
    f->x = x;
    f->m = m;
    text_init(&f->out, buf, FAULT_TEXT_MAX);
    return f;
}

static void drop_held(struct fault_msg *h)
{
    free((void *)(uintptr_t)h->text);
    h->text = NULL;
}

void fault_free(struct fault *f)
{
    if (!f)
        return;
    for (int i = 0; i < SIM_STREAMS; i++)
        drop_held(&f->held[i]);
    free(f->out.buf);
    free(f);
}

bool fault_is_delta(enum sim_stream_kind k)
{
    return sim_streams[k].deltas;
}

/* --- who a message is about --------------------------------------------------------------------
 */

struct about {
    enum sim_venue venue;
    const char *channel, *symbol;
};

static struct about about_of(const struct fault *f, int stream)
{
    const struct sim_stream_row *r = &sim_streams[sim_stream_kind_of(stream)];
    return (struct about){(enum sim_venue)r->venue, r->channel,
                          r->per_inst ? f->m->insts[sim_stream_inst(stream)].symbol : NULL};
}

static struct mis_item *on(struct fault *f, enum mis_kind k, const struct about *a)
{
    return mis_on_channel(f->x, k, a->venue, a->channel, a->symbol);
}

/* True for one of every N it is asked about. */
static bool nth(struct mis_item *it)
{
    uint32_t n = it->extra >= 1 ? (uint32_t)it->extra : 1;
    return it->n++ % n == n - 1;
}

static bool withheld(struct fault *f, enum sim_stream_kind k, const struct about *a)
{
    struct mis_item *lose = on(f, MIS_LOSE, a), *sampled = on(f, MIS_SAMPLED, a);
    return on(f, MIS_MUTE, a) || mis_on(f->x, MIS_DOWN, a->venue) || (lose && nth(lose)) ||
           (sampled && !nth(sampled)) ||
           (fault_is_delta(k) && a->symbol && mis_take(f->x, MIS_DROP_DELTA, a->venue, a->symbol));
}

/* --- what the text becomes ---------------------------------------------------------------------
 */

/* Longer than any message is allowed to be: blanks, so that only its length is wrong. */
static bool spoil_oversize(struct text *out, struct slice s)
{
    size_t cut = s.len > 0 ? s.len - 1 : 0;
    text_init(out, out->buf, out->cap);
    text_put(out, s.p, cut);
    while (out->len < OVERSIZE)
        text_str(out, "                                                                ");
    text_put(out, s.p + cut, s.len - cut);
    return true;
}

/* Out: the text to send, in *m; whole goes when it no longer means what it should. */
static void spoil(struct fault *f, const struct about *a, struct fault_msg *m)
{
    static const struct {
        enum mis_kind kind;
        bool (*spoil)(struct text *out, struct slice s);
    } ways[] = {{MIS_TRUNCATE, spoil_truncate},
                {MIS_BAD_UTF8, spoil_utf8},
                {MIS_BAD_JSON, spoil_json},
                {MIS_BAD_NUMBER, spoil_number},
                {MIS_OVERSIZE, spoil_oversize}};
    struct slice s = {m->text, (uint32_t)m->len};
    const struct mis_item *skew = mis_on(f->x, MIS_SKEW, a->venue);
    bool spoiled = false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !spoiled; i++)
        spoiled = on(f, ways[i].kind, a) && ways[i].spoil(&f->out, s);
    m->whole = m->whole && !spoiled;
    if (!spoiled && skew)
        spoiled =
            spoil_stamps(&f->out, s, sim_market_now_us(f->m) / 1000, (int64_t)(skew->extra * 1000));
    if (!spoiled)
        return;
    m->text = f->out.buf;
    m->len = f->out.len;
}

static void send(struct fault *f, const struct about *a, struct fault_msg m)
{
    const struct mis_item *burst = on(f, MIS_BURST, a);
    int copies = burst ? (int)burst->extra : on(f, MIS_DUP, a) ? 2 : 1;
    spoil(f, a, &m);
    for (int i = 0; i < copies; i++)
        f->put(f->arg, &m);
}

/* --- the order ---------------------------------------------------------------------------------
 */

/* True when it waits now for its successor. */
static bool hold(struct fault *f, const struct fault_msg *m)
{
    struct fault_msg *h = &f->held[m->stream];
    char *copy = malloc(m->len + 1);
    if (!copy)
        return false;
    memcpy(copy, m->text, m->len);
    *h = *m;
    h->text = copy;
    return true;
}

void fault_frame(struct fault *f, int stream, const char *text, size_t len)
{
    enum sim_stream_kind k = sim_stream_kind_of(stream);
    struct about a = about_of(f, stream);
    struct fault_msg m = {a.venue, stream, text, len, -1, -1, false, true}, *h = &f->held[stream];
    if (fault_is_delta(k)) {
        const struct sim_inst *in = &f->m->insts[sim_stream_inst(stream)];
        bool own = in->venue == SIM_BYBIT || in->venue == SIM_OKX;
        m.seq = own ? in->told_seq : in->book.update_id;
        m.prev = own ? in->told_prev : in->book.prev_id;
        m.anew = own && in->told_whole;
    }
    if (f->x->n == 0) {
        f->put(f->arg, &m);
        return;
    }
    if (withheld(f, k, &a)) {
        drop_held(h);
        return;
    }
    bool reorder = on(f, MIS_REORDER, &a) != NULL;
    if (reorder && !h->text && hold(f, &m))
        return;
    if (h->text && !reorder) /* the disorder is over: what waits goes first */
        send(f, &a, *h);
    else if (h->text)
        send(f, &a, m);
    send(f, &a, h->text && reorder ? *h : m);
    drop_held(h);
}

/* --- what nobody asked for ---------------------------------------------------------------------
 */

static const char *const garbage[] = {
    "{\"stream\":\"btcusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":17953128033",
    "{\"stream\":\"\xff\xfe\xc0\x80\",\"data\":{\"e\":\"\xed\xa0\x80\"}}",
    "{\"stream\":\"btcusdt@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"E\":1e999,\"s\":"
    "\"BTCUSDT\",\"p\":\"1e999\",\"i\":\"-1e999\",\"r\":\"NaN\",\"T\":0,\"st\":1}}",
    "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\",\"time\":-1,\"levels\":[[{\"px\":\"1e400\","
    "\"sz\":\"-3\",\"n\":1}],null]}}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "ping",
    "",
};

static void say(struct fault *f, enum sim_venue v, const char *text)
{
    struct fault_msg m = {v, -1, text, strlen(text), -1, -1, false, false};
    f->put(f->arg, &m);
}

void fault_inject(struct fault *f, enum sim_venue v)
{
    if (f->x->n == 0)
        return;
    if (mis_on(f->x, MIS_PING, v) && f->m->step % SIM_STEPS_PER_S == 0)
        say(f, v, "ping");
    if (mis_take(f->x, MIS_GARBAGE, v, NULL))
        for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
            say(f, v, garbage[i]);
}
