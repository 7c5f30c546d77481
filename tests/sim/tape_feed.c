/* What a daemon on the other end of a tape would have done: subscribed to the whole market once a
 * link is up and to instruments once they are tracked, asked by REST at its periods, asked for a
 * snapshot of a book after subscribing and whenever the numbers did not follow, and noted links,
 * acks, refusals and failed polls. In: each step, messages. Out: records. Surprising: what the
 * daemon does follows from the venue's side alone, so that a fault of one venue changes no record
 * of another. */
#include <stdlib.h>
#include <string.h>

#include "sim/tape.h"

#define CONN(route)   ((route) << 5)
#define BY_CATEGORY   255 /* linear instruments on route 0, inverse ones on 1 */
#define RETRY_STEPS   50  /* after a refusal or a failed poll */
#define SNAP_STEPS    10  /* from a lost sequence to the snapshot */
#define RESTART_STEPS 50  /* lower numbers are a new sequence after so long a silence */
#define RELIST_STEPS  20  /* from a changed listing to the next poll of specs */

/* --- tables ------------------------------------------------------------------------------------
 */

/* Route and channel of the daemon that each stream arrives on. Hyperliquid: the two coarse views of
 * a coin have connections of their own, because their frames do not say which view they are. */
static const struct {
    const char *channel; /* NULL = not subscribed to */
    uint8_t route;
} feeds[SIM_STREAM_KINDS] = {
    [BN_MARK_ARR] = {"markPrice", 1},
    [BN_FORCE_ARR] = {"forceOrder", 1},
    [BN_CONTRACT] = {"contractInfo", 1},
    [BN_ASSET_INDEX] = {"assetIndex", 1},
    [BN_DEPTH] = {"depth", 0},
    [BN_TICKER] = {"bookTicker", 0},
    [BN_AGG] = {"aggTrade", 1},
    [HL_CTXS] = {"assetCtxs", 0},
    [HL_BOOK] = {"book", 0},
    [HL_BOOK_4] = {"book4", 1},
    [HL_BOOK_3] = {"book3", 2},
    [HL_BBO] = {"bbo", 0},
    [HL_TRADES] = {"trades", 0},
    [BY_ADL_USDT] = {"adlAlert", 0},
    [BY_ADL_USDC] = {"adlAlert", 0},
    [BY_ADL_INVERSE] = {"adlAlertInverse", 1},
    [BY_POOL_USDT] = {"insurance", 0},
    [BY_POOL_USDC] = {"insurance", 0},
    [BY_POOL_INVERSE] = {"insuranceInverse", 1},
    [BY_TICKERS] = {"tickers", BY_CATEGORY},
    [BY_BOOK_1000] = {"orderbook", BY_CATEGORY},
    [BY_TRADES] = {"publicTrade", BY_CATEGORY},
    [BY_LIQ] = {"allLiquidation", BY_CATEGORY},
    [OK_LIQ] = {"liquidations", 0},
    [OK_ADL] = {"adlWarning", 0},
    [OK_INSTRUMENTS] = {"contractInfo", 0},
    [OK_MARK] = {"markPrice", 0},
    [OK_INDEX] = {"index", 0},
    [OK_FUNDING] = {"funding", 0},
    [OK_OI] = {"openInterest", 0},
    [OK_TRADES] = {"trades", 0},
    [OK_BBO] = {"bbo", 0},
    [OK_BOOK] = {"book", 1},
};

static int conn_of(const struct tape *t, int stream)
{
    int route = feeds[sim_stream_kind_of(stream)].route;
    if (route == BY_CATEGORY)
        route = t->sim->m->insts[sim_stream_inst(stream)].inverse;
    return CONN(route);
}

static const struct {
    uint8_t routes;
    const char *greeting; /* not JSON; NULL = none */
} lines[SIM_VENUES] = {[SIM_BINANCE] = {2, NULL},
                       [SIM_HL] = {3, "Websocket connection established."},
                       [SIM_BYBIT] = {2, NULL},
                       [SIM_OKX] = {2, NULL}};

/* Polls of a whole venue. */
static const struct {
    uint8_t venue;
    bool specs;
    const char *name; /* request and channel of the daemon */
    int period_s;
    void (*body)(struct text *out, const struct sim_market *m);
} polls[] = {
    {SIM_BINANCE, true, "exchangeInfo", 3600, bn_rest_exchange_info},
    {SIM_BINANCE, true, "fundingInfo", 3600, bn_rest_funding_info},
    {SIM_BINANCE, false, "ticker24h", 300, bn_rest_ticker_24h},
    {SIM_HL, true, "metas", 300, hl_rest_all_metas},
    {SIM_BYBIT, true, "instruments", 3600, by_poll_instruments},
    {SIM_BYBIT, true, "instrumentsInverse", 3600, by_poll_instruments_inverse},
    {SIM_BYBIT, false, "allTickers", 300, by_poll_tickers},
    {SIM_BYBIT, false, "allTickersInverse", 300, by_poll_tickers_inverse},
    {SIM_BYBIT, false, "insurancePools", 600, by_poll_pools},
    {SIM_OKX, true, "instruments", 600, ok_poll_instruments},
    {SIM_OKX, false, "marks", 60, ok_poll_marks},
    {SIM_OKX, false, "openInterestAll", 60, ok_poll_oi},
    {SIM_OKX, false, "tickers", 300, ok_poll_tickers},
    {SIM_OKX, false, "coinIndex", 10, ok_poll_coins},
};
#define N_POLLS ((int)(sizeof polls / sizeof *polls))
_Static_assert(sizeof polls / sizeof *polls <= TAPE_POLLS, "room for every poll");

static int64_t step_of(const struct tape *t)
{
    return t->sim->m->step;
}

/* --- notes -------------------------------------------------------------------------------------
 */

struct told {
    const char *kind, *channel, *symbol, *cause;
    int venue, conn, code;
};

static void note(struct tape *t, const struct told *n)
{
    char buf[512];
    struct text b;
    text_init(&b, buf, sizeof buf);
    text_char(&b, '{');
    text_kv_str(&b, "kind", n->kind);
    text_kv_i64(&b, "venue", n->venue);
    text_kv_i64(&b, "conn", n->conn);
    if (n->code)
        text_kv_i64(&b, "code", n->code);
    if (n->symbol)
        text_kv_str(&b, "symbol", n->symbol);
    if (n->cause)
        text_kv_str(&b, "cause", n->cause);
    text_kv_str(&b, "venue_name", sim_venue_names[n->venue]);
    if (n->channel)
        text_kv_str(&b, "channel_name", n->channel);
    text_char(&b, '}');
    tape_note(t, n->venue, n->conn, b.buf, b.len);
}

static void note_stream(struct tape *t, const char *kind, int stream, const char *cause)
{
    enum sim_stream_kind k = sim_stream_kind_of(stream);
    const struct sim_stream_row *r = &sim_streams[k];
    note(t, &(struct told){kind, feeds[k].channel,
                           r->per_inst ? t->sim->m->insts[sim_stream_inst(stream)].symbol : NULL,
                           cause, r->venue, conn_of(t, stream), 0});
}

/* --- streams -----------------------------------------------------------------------------------
 */

static bool on_wanted(void *arg, int stream)
{
    return ((struct tape *)arg)->on[stream];
}

/* Does a delta follow what its receiver has seen? If not, a snapshot will be asked for. */
static void follow(struct tape *t, const struct fault_msg *m)
{
    struct tape_follow *f = &t->follow[sim_stream_inst(m->stream)];
    int64_t now = step_of(t);
    bool follows = m->anew || m->prev == f->told;
    if (!m->whole || (!follows && m->seq <= f->told && now - f->ok_step < RESTART_STEPS))
        return;
    if (!follows && f->told >= 0 && f->due == NEVER)
        f->due = now + SNAP_STEPS;
    f->told = m->seq;
    f->ok_step = now;
}

static void on_put(void *arg, const struct fault_msg *m)
{
    struct tape *t = arg;
    if (m->stream < 0) {
        for (int r = 0; r < lines[m->venue].routes && t->up[m->venue]; r++)
            tape_rx(t, m->venue, CONN(r), m->text, m->len);
        return;
    }
    enum sim_stream_kind k = sim_stream_kind_of(m->stream);
    struct text *w = &t->wrap;
    text_init(w, w->buf, w->cap);
    if (m->venue == SIM_BINANCE) {
        text_str(w, "{\"stream\":\"");
        sim_stream_name(t->sim->m, m->stream, w);
        text_str(w, "\",\"data\":");
    }
    text_put(w, m->text, m->len);
    if (m->venue == SIM_BINANCE)
        text_char(w, '}');
    tape_rx(t, m->venue, conn_of(t, m->stream), w->buf, w->len);
    if (fault_is_delta(k))
        follow(t, m);
}

static bool tradable(const struct tape *t, int stream)
{
    const struct sim_stream_row *r = &sim_streams[sim_stream_kind_of(stream)];
    const struct sim_inst *in = &t->sim->m->insts[sim_stream_inst(stream)];
    if (!r->per_inst)
        return sim_stream_inst(stream) == 0;
    return sim_stream_inst(stream) < t->sim->m->n_insts && in->venue == r->venue && in->trading &&
           in->a->kind == SIM_CRYPTO;
}

static void subscribe(struct tape *t, int stream)
{
    const struct sim_stream_row *r = &sim_streams[sim_stream_kind_of(stream)];
    const char *symbol = r->per_inst ? t->sim->m->insts[sim_stream_inst(stream)].symbol : NULL;
    t->due[stream] = NEVER;
    if (!t->up[r->venue] || !tradable(t, stream))
        return;
    note_stream(t, "sent", stream, NULL);
    if (mis_on_channel(&t->sim->mis, MIS_REFUSE, (enum sim_venue)r->venue, r->channel, symbol)) {
        note_stream(t, "refused", stream, "refused on demand");
        t->due[stream] = step_of(t) + RETRY_STEPS;
        return;
    }
    note_stream(t, "acked", stream, NULL);
    const struct text *first = sim_pub_first(t->sim->pub, stream);
    if (first)
        tape_rx(t, r->venue, conn_of(t, stream), first->buf, first->len);
    t->on[stream] = true;
    if (fault_is_delta(sim_stream_kind_of(stream))) /* its own snapshot, or one to be asked for */
        t->follow[sim_stream_inst(stream)] =
            (struct tape_follow){-1, step_of(t), first ? NEVER : step_of(t) + SNAP_STEPS};
}

/* Streams of a venue, or of one of its instruments only (else -1), at this step or once instruments
 * are tracked. */
static void plan(struct tape *t, int venue, int inst, int64_t at)
{
    int64_t tracked = (int64_t)(t->subscribe_s * SIM_STEPS_PER_S);
    t->due_next = 0;
    for (int k = 0; k < SIM_STREAM_KINDS; k++) {
        if (sim_streams[k].venue != venue || !feeds[k].channel)
            continue;
        int n = sim_streams[k].per_inst ? t->sim->m->n_insts : 1;
        for (int i = 0; i < n; i++) {
            bool whole = !sim_streams[k].per_inst;
            if (inst < 0 || (!whole && i == inst))
                t->due[sim_stream_id((enum sim_stream_kind)k, i)] =
                    whole || at > tracked ? at : tracked;
        }
    }
}

/* Nothing of a venue, or of one of its instruments, arrives from now on. */
static void forget(struct tape *t, int venue, int inst)
{
    for (int k = 0; k < SIM_STREAM_KINDS; k++)
        for (int i = 0; i < t->sim->m->n_insts && sim_streams[k].venue == venue; i++) {
            if (inst >= 0 && (i != inst || !sim_streams[k].per_inst))
                continue;
            t->on[sim_stream_id((enum sim_stream_kind)k, i)] = false;
            t->due[sim_stream_id((enum sim_stream_kind)k, i)] = NEVER;
        }
    for (int i = 0; i < t->sim->m->n_insts; i++)
        if (t->sim->m->insts[i].venue == venue && (inst < 0 || i == inst))
            t->follow[i] = (struct tape_follow){-1, 0, NEVER};
}

/* --- links -------------------------------------------------------------------------------------
 */

static void link_changes(struct tape *t, int v, bool up, const char *cause)
{
    t->up[v] = up;
    for (int r = 0; r < lines[v].routes; r++) {
        note(t, &(struct told){up ? "link_up" : "link_down", NULL, NULL, cause, v, CONN(r), 0});
        if (up && lines[v].greeting)
            tape_rx(t, v, CONN(r), lines[v].greeting, strlen(lines[v].greeting));
    }
    if (up)
        plan(t, v, -1, step_of(t));
    else
        forget(t, v, -1);
}

static bool reachable(const struct tape *t, int v)
{
    return !mis_on(&t->sim->mis, MIS_DOWN, (enum sim_venue)v);
}

static void judge_link(struct tape *t, int v)
{
    struct mis *x = &t->sim->mis;
    const struct mis_item *closing = mis_take_item(x, MIS_CLOSE, (enum sim_venue)v, NULL);
    char cause[80] = "connection lost";
    if (closing && closing->arg[0])
        snprintf(cause, sizeof cause, "closed by the venue with code %s: %s", closing->arg,
                 closing->symbol);
    else if (closing)
        snprintf(cause, sizeof cause, "closed by the venue without a code");
    if (closing || mis_take(x, MIS_CUT, (enum sim_venue)v, NULL))
        t->back[v] = step_of(t) + SIM_STEPS_PER_S;
    bool up = reachable(t, v) && step_of(t) >= t->back[v];
    if (up != t->up[v])
        link_changes(t, v, up, up ? NULL : cause);
}

/* --- REST --------------------------------------------------------------------------------------
 */

/* On an ordinary day two polls in a thousand fail. Drawn for each poll by itself, so that what one
 * venue loses shifts nothing elsewhere. */
static bool poll_unlucky(const struct tape *t, int v, const char *name, const char *symbol)
{
    struct sim_rng r;
    uint64_t h = (uint64_t)v + 1;
    for (const char *p = name; *p; p++)
        h = h * 31 + (uint8_t)*p;
    for (const char *p = symbol; p && *p; p++)
        h = h * 31 + (uint8_t)*p;
    sim_rng_init(&r, t->sim->opt.seed ^ h << 16, (uint64_t)step_of(t));
    return !t->sim->m->sc.crash && step_of(t) > 0 && sim_rng_unit(&r) < .002;
}

/* What the venue answers instead, if it does; t->body may be filled. */
static bool poll_spoiled(struct tape *t, int v, const char *name, const char *symbol)
{
    static const char html[] = "<html><body>403 Forbidden</body></html>";
    struct mis *x = &t->sim->mis;
    const struct mis_item *it = mis_on(x, MIS_REST, (enum sim_venue)v);
    struct told n = {"poll_failed", name, symbol, "connection refused", v, CONN_REST, 0};
    char cause[40];
    if (reachable(t, v) && it) {
        n.code = (int)strtol(it->arg, NULL, 10);
        snprintf(cause, sizeof cause, "HTTP status %d", n.code);
        n.cause = cause;
    } else if (reachable(t, v) && poll_unlucky(t, v, name, symbol)) {
        n.cause = "no answer in time";
    } else if (reachable(t, v)) {
        if (!mis_on(x, MIS_HTML, (enum sim_venue)v) &&
            !mis_take(x, MIS_HTML, (enum sim_venue)v, NULL))
            return false;
        text_str(&t->body, html);
        tape_rest(t, v, name, symbol);
        return true;
    }
    note(t, &n);
    return true;
}

static void bulk_polls(struct tape *t)
{
    for (int i = 0; i < N_POLLS; i++) {
        if (step_of(t) < t->poll_due[i])
            continue;
        t->poll_due[i] = step_of(t) + polls[i].period_s * SIM_STEPS_PER_S;
        if (poll_spoiled(t, polls[i].venue, polls[i].name, NULL)) {
            t->poll_due[i] = step_of(t) + RETRY_STEPS;
            continue;
        }
        polls[i].body(&t->body, t->sim->m);
        tape_rest(t, polls[i].venue, polls[i].name, NULL);
    }
}

/* Open interest every 5 s a symbol, spread over the steps; a snapshot where one is asked for. */
static void symbol_polls(struct tape *t, int i)
{
    struct sim_market *m = t->sim->m;
    const struct sim_inst *in = &m->insts[i];
    if (in->venue != SIM_BINANCE || !in->trading || in->a->kind != SIM_CRYPTO)
        return;
    if ((m->step + i) % (5 * SIM_STEPS_PER_S) == 0 &&
        !poll_spoiled(t, in->venue, "openInterest", in->symbol)) {
        bn_rest_open_interest(&t->body, m, in);
        tape_rest(t, in->venue, "openInterest", in->symbol);
    }
    if (m->step < t->follow[i].due)
        return;
    t->follow[i].due = NEVER;
    if (poll_spoiled(t, in->venue, "depthSnapshot", in->symbol)) {
        t->follow[i].due = m->step + RETRY_STEPS;
        return;
    }
    bn_rest_depth(&t->body, m, in, 1000);
    tape_rest(t, in->venue, "depth", in->symbol);
}

/* The polls of one instrument of the other venues, spread over the steps. */
static void inst_polls(struct tape *t, int i)
{
    struct sim_market *m = t->sim->m;
    const struct sim_inst *in = &m->insts[i];
    int64_t since = m->step - (int64_t)(t->subscribe_s * SIM_STEPS_PER_S) - 5 - i;
    if (!in->trading || in->a->kind != SIM_CRYPTO)
        return;
    for (const struct tape_poll *p = tape_inst_polls; p->name; p++) {
        bool snapshot = p->period_s == 0 && m->step >= t->follow[i].due;
        bool due = p->period_s && since >= 0 && since % (p->period_s * SIM_STEPS_PER_S) == 0;
        if (p->venue != in->venue || !(snapshot || due))
            continue;
        bool spoiled = poll_spoiled(t, in->venue, p->name, in->symbol);
        if (snapshot)
            t->follow[i].due = spoiled ? m->step + RETRY_STEPS : NEVER;
        if (spoiled)
            continue;
        p->body(&t->body, t->sim->pub, i);
        tape_rest(t, in->venue, p->request, in->symbol);
    }
}

/* A changed listing: old streams end, the next poll of specs tells, then it is subscribed anew. */
static void relist(struct tape *t, int inst)
{
    int v = t->sim->m->insts[inst].venue;
    forget(t, v, inst);
    if (t->up[v])
        plan(t, v, inst, step_of(t) + RELIST_STEPS + SIM_STEPS_PER_S);
    for (int i = 0; i < N_POLLS; i++)
        if (polls[i].venue == v && polls[i].specs && t->poll_due[i] > step_of(t) + RELIST_STEPS)
            t->poll_due[i] = step_of(t) + RELIST_STEPS;
}

/* --- each step ---------------------------------------------------------------------------------
 */

struct sim_outlet tape_outlet(struct tape *t)
{
    return (struct sim_outlet){t, on_wanted, on_put};
}

static void due_subscriptions(struct tape *t)
{
    if (step_of(t) < t->due_next)
        return;
    t->due_next = NEVER;
    for (int i = 0; i < SIM_STREAMS; i++) {
        if (step_of(t) >= t->due[i])
            subscribe(t, i);
        if (t->due[i] < t->due_next)
            t->due_next = t->due[i];
    }
}

void tape_feed_start(struct tape *t)
{
    for (int v = 0; v < SIM_VENUES; v++) {
        forget(t, v, -1);
        link_changes(t, v, true, NULL);
    }
    bulk_polls(t);
    due_subscriptions(t);
}

void tape_feed_step(struct tape *t)
{
    for (int v = 0; v < SIM_VENUES; v++)
        judge_link(t, v);
    for (int i = 0; i < t->sim->m->n_insts; i++)
        if (t->sim->m->insts[i].announce)
            relist(t, i);
    bulk_polls(t);
    due_subscriptions(t);
    for (int i = 0; i < t->sim->m->n_insts; i++) {
        symbol_polls(t, i);
        inst_polls(t, i);
    }
}
