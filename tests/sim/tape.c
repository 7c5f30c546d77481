/* Writing a scenario as a tape, without network: the texts a daemon with everything subscribed
 * would have received, in the segment format of base/seglog.h. In: the market's frames. Out:
 * records rx, turn (one per distinct time), tick (each whole second, before the texts of that
 * second), note (links). Surprising: the head needs the daemon's configuration; --conf hands one
 * over (what `cascaded -p` prints), without it the head names the universe and leaves all else at
 * its defaults. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/seglog.h"
#include "sim/serve.h"

#define BLOCK_BYTES (1u << 20)
#define RAW_CAP     SEGLOG_BLOCK_MAX
#define CONN_REST   255
#define CONN(route) ((route) << 5)

struct tape {
    struct sim *sim;
    FILE *f;
    char *raw, *out;
    size_t raw_len, out_cap;
    bool on[SIM_STREAMS];
    bool entered, failed; /* entered: a turn is due at this time */
    uint64_t records;
    struct text body;
};

static void flush_block(struct tape *t)
{
    if (t->raw_len == 0 || t->failed)
        return;
    int64_t n = seglog_encode(t->raw, t->raw_len, 3, t->out, t->out_cap);
    if (n < 0 || fwrite(t->out, 1, (size_t)n, t->f) != (size_t)n) {
        fprintf(stderr, "cascade-sim: %s: %s\n", t->sim->opt.tape,
                n < 0 ? err_text((int)n) : strerror(errno));
        t->failed = true;
    }
    t->raw_len = 0;
}

static void put(struct tape *t, const struct seglog_record *r)
{
    if (seglog_put(t->raw, RAW_CAP, &t->raw_len, r) < 0) {
        flush_block(t);
        if (seglog_put(t->raw, RAW_CAP, &t->raw_len, r) < 0)
            t->failed = true;
    }
    t->records++;
    if (t->raw_len > BLOCK_BYTES)
        flush_block(t);
}

static void record(struct tape *t, const char *kind, int venue, int conn, struct slice body)
{
    struct seglog_record r = {.t_us = sim_market_now_us(t->sim->m),
                              .kind = slice_of(kind),
                              .venue = slice_of(venue < 0 ? "-" : sim_venue_names[venue]),
                              .conn = conn,
                              .req = SLICE("-"),
                              .body = body};
    put(t, &r);
}

static void rx(struct tape *t, int venue, int conn, const char *text, size_t len)
{
    record(t, "rx", venue, conn, (struct slice){text, (uint32_t)len});
    t->entered = true;
}

/* A REST body of the request's name, taken from t->body. */
static void rest(struct tape *t, int venue, const char *name, const char *symbol)
{
    char req[80];
    snprintf(req, sizeof req, "%s%s%s", name, symbol ? ":" : "", symbol ? symbol : "");
    struct seglog_record r = {.t_us = sim_market_now_us(t->sim->m),
                              .kind = SLICE("rx"),
                              .venue = slice_of(sim_venue_names[venue]),
                              .conn = CONN_REST,
                              .req = slice_of(req),
                              .body = {t->body.buf, (uint32_t)t->body.len}};
    put(t, &r);
    t->entered = true;
    text_init(&t->body, t->body.buf, t->body.cap);
}

/* --- what the daemon has subscribed to ----------------------------------------------------------
 */

/* One connection per route: Binance public 0, market 1; Hyperliquid raw 0, the two coarse views of
 * the same coin on connections of their own, because their frames do not say which view they are.
 */
static int conn_of(enum sim_stream_kind k)
{
    if (sim_streams[k].venue == SIM_BINANCE)
        return CONN(sim_streams[k].route == ROUTE_PUBLIC ? 0 : 1);
    return CONN(k == HL_BOOK_4 ? 1 : k == HL_BOOK_3 ? 2 : 0);
}

static bool on_wanted(void *arg, int stream)
{
    return ((struct tape *)arg)->on[stream];
}

static void on_frame(void *arg, int stream, const char *text, size_t len)
{
    struct tape *t = arg;
    enum sim_stream_kind k = sim_stream_kind_of(stream);
    const struct sim_stream_row *r = &sim_streams[k];
    const char *sym = r->per_inst ? t->sim->m->insts[sim_stream_inst(stream)].symbol : NULL;
    struct mis *x = &t->sim->mis;
    if (mis_muted(x, (enum sim_venue)r->venue, r->channel, sym) ||
        mis_on(x, MIS_DOWN, (enum sim_venue)r->venue) ||
        (k == BN_DEPTH && mis_take(x, MIS_DROP_DELTA, SIM_BINANCE, sym)))
        return;
    if (r->venue == SIM_BINANCE) {
        text_init(&t->body, t->body.buf, t->body.cap);
        text_str(&t->body, "{\"stream\":\"");
        sim_stream_name(t->sim->m, stream, &t->body);
        text_str(&t->body, "\",\"data\":");
        text_put(&t->body, text, len);
        text_char(&t->body, '}');
        text = t->body.buf;
        len = t->body.len;
    }
    rx(t, r->venue, conn_of(k), text, len);
    text_init(&t->body, t->body.buf, t->body.cap);
}

static void subscribe_all(struct tape *t)
{
    static const uint8_t whole[] = {BN_MARK_ARR, BN_FORCE_ARR, BN_CONTRACT, BN_ASSET_INDEX,
                                    HL_CTXS};
    static const uint8_t each[] = {BN_DEPTH,  BN_TICKER, BN_AGG, HL_BOOK,
                                   HL_BOOK_4, HL_BOOK_3, HL_BBO, HL_TRADES};
    for (size_t i = 0; i < sizeof whole; i++)
        t->on[sim_stream_id((enum sim_stream_kind)whole[i], 0)] = true;
    for (int i = 0; i < t->sim->m->n_insts; i++)
        for (size_t k = 0; k < sizeof each; k++)
            if (t->sim->m->insts[i].trading && t->sim->m->insts[i].a->kind == SIM_CRYPTO &&
                sim_streams[each[k]].venue == t->sim->m->insts[i].venue)
                t->on[sim_stream_id((enum sim_stream_kind)each[k], i)] = true;
}

/* --- REST polls --------------------------------------------------------------------------------
 */

static bool reachable(const struct tape *t, enum sim_venue v)
{
    return !mis_on(&t->sim->mis, MIS_DOWN, v);
}

static void bulk_polls(struct tape *t, bool specs)
{
    struct sim_market *m = t->sim->m;
    if (reachable(t, SIM_BINANCE)) {
        if (specs) {
            bn_rest_exchange_info(&t->body, m);
            rest(t, SIM_BINANCE, "exchangeInfo", NULL);
            bn_rest_funding_info(&t->body, m);
            rest(t, SIM_BINANCE, "fundingInfo", NULL);
        }
        bn_rest_ticker_24h(&t->body, m);
        rest(t, SIM_BINANCE, "ticker24h", NULL);
    }
    if (reachable(t, SIM_HL)) {
        hl_rest_all_metas(&t->body, m);
        rest(t, SIM_HL, "metas", NULL);
    }
}

/* Open interest every 5 s a symbol, spread over the steps; one depth snapshot early on, and again
 * some seconds after a delta was withheld. */
static void symbol_polls(struct tape *t)
{
    struct sim_market *m = t->sim->m;
    for (int i = 0; i < m->n_insts && reachable(t, SIM_BINANCE); i++) {
        const struct sim_inst *in = &m->insts[i];
        if (in->venue != SIM_BINANCE || !in->trading || in->a->kind != SIM_CRYPTO)
            continue;
        if ((m->step + i) % (5 * SIM_STEPS_PER_S) == 0) {
            bn_rest_open_interest(&t->body, m, in);
            rest(t, SIM_BINANCE, "openInterest", in->symbol);
        }
        bool again = false;
        for (int k = 0; k < t->sim->mis.n; k++) {
            const struct mis_item *x = &t->sim->mis.items[k];
            again |= x->kind == MIS_DROP_DELTA && strcmp(x->arg, in->symbol) == 0 &&
                     m->step == (int64_t)((x->from_s + 3) * SIM_STEPS_PER_S);
        }
        if (m->step == 5 + i || again) {
            bn_rest_depth(&t->body, m, in, 1000);
            rest(t, SIM_BINANCE, "depth", in->symbol);
        }
    }
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void note_links(struct tape *t, int venue, bool up)
{
    static const int routes[SIM_VENUES] = {2, 3, 2, 2};
    for (int r = 0; r < routes[venue]; r++) {
        char b[160];
        int len = snprintf(
            b, sizeof b, "{\"kind\":\"%s\",\"venue\":%d,\"conn\":%d,\"channel\":255%s}",
            up ? "link_up" : "link_down", venue, CONN(r), up ? "" : ",\"cause\":\"simulated\"");
        record(t, "note", venue, CONN(r), (struct slice){b, (uint32_t)len});
        t->entered = true;
        if (up && venue == SIM_HL)
            rx(t, venue, CONN(r), "Websocket connection established.", 33);
    }
}

static void head(struct tape *t, const char *conf, size_t n)
{
    text_fmt(
        &t->body,
        "{\"tape\":1,\"version\":\"%s\",\"instance\":\"cascade-sim\",\"epoch\":0,\"segment\":0,"
        "\"conf_bytes\":%zu,\"specs_bytes\":0}\n",
        CASCADED_VERSION, n);
    text_put(&t->body, conf, n);
    record(t, "head", -1, CONN_REST, (struct slice){t->body.buf, (uint32_t)t->body.len});
    text_init(&t->body, t->body.buf, t->body.cap);
}

static int put_head(struct tape *t)
{
    static char conf[1 << 20];
    size_t n;
    FILE *f = t->sim->opt.conf ? fopen(t->sim->opt.conf, "r") : NULL;
    if (t->sim->opt.conf && !f) {
        fprintf(stderr, "cascade-sim: %s: %s\n", t->sim->opt.conf, strerror(errno));
        return -1;
    }
    n = f ? fread(conf, 1, sizeof conf, f)
          : (size_t)snprintf(conf, sizeof conf, "[universe]\nassets = top:%d\n",
                             t->sim->opt.assets);
    if (f)
        fclose(f);
    head(t, conf, n);
    return 0;
}

static void step(struct tape *t, bool was_up[SIM_VENUES])
{
    struct sim_market *m = t->sim->m;
    int64_t next_us = sim_market_now_us(m) + SIM_STEP_US;
    if (next_us % 1000000 == 0) {
        m->step++; /* the tick belongs to the second that begins, before its texts */
        record(t, "tick", -1, CONN_REST, (struct slice){"", 0});
        m->step--;
    }
    t->entered = false;
    sim_step(t->sim);
    for (int v = 0; v < SIM_VENUES; v++) {
        bool up = reachable(t, (enum sim_venue)v);
        if (up != was_up[v])
            note_links(t, v, up);
        was_up[v] = up;
    }
    symbol_polls(t);
    if (m->step % (300 * SIM_STEPS_PER_S) == 0)
        bulk_polls(t, m->step % (3600 * SIM_STEPS_PER_S) == 0);
    if (t->entered)
        record(t, "turn", -1, CONN_REST, (struct slice){"", 0});
}

static int run(struct tape *t)
{
    bool up[SIM_VENUES] = {true, true, true, true};
    if (fwrite(SEGLOG_MAGIC, 1, SEGLOG_MAGIC_LEN, t->f) != SEGLOG_MAGIC_LEN || put_head(t) < 0)
        return 1;
    for (int v = 0; v < SIM_VENUES; v++)
        note_links(t, v, true);
    bulk_polls(t, true);
    record(t, "turn", -1, CONN_REST, (struct slice){"", 0});
    subscribe_all(t);
    int64_t steps = (int64_t)(t->sim->opt.duration_s * SIM_STEPS_PER_S);
    while (t->sim->m->step < steps && !t->failed)
        step(t, up);
    flush_block(t);
    if (!t->failed)
        fprintf(stderr, "cascade-sim: %s: %llu records\n", t->sim->opt.tape,
                (unsigned long long)t->records);
    return t->failed ? 1 : 0;
}

int sim_tape(struct sim *sim, const struct sim_options *o)
{
    struct tape *t = calloc(1, sizeof *t);
    char *body = malloc(4u << 20);
    struct sim_sink sink = {t, on_wanted, on_frame};
    if (!t || !body)
        abort(); /* a test program out of memory */
    t->sim = sim;
    t->raw = malloc(RAW_CAP);
    t->out_cap = seglog_bound(RAW_CAP);
    t->out = malloc(t->out_cap);
    text_init(&t->body, body, 4u << 20);
    int status = !t->raw || !t->out || sim_open(sim, o, o->t0_us, sink) < 0;
    t->f = status ? NULL : fopen(o->tape, "wb");
    if (!status && !t->f) {
        fprintf(stderr, "cascade-sim: %s: %s\n", o->tape, strerror(errno));
        status = 1;
    }
    if (!status)
        status = run(t);
    if (t->f && fclose(t->f) != 0)
        status = 1;
    free(t->raw);
    free(t->out);
    free(body);
    free(t);
    return status;
}
