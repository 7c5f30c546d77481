/* Publishing. In: the market after a step. Out: frames to the sink. Cadence: books, quotes and
 * trades each 100 ms on Binance; Hyperliquid books each 0.5 s; marks, contexts and asset indices
 * each second; liquidations at the end of a second, at most one (the latest) per symbol. */
#include "sim/pub_in.h"

#include <stdlib.h>
#include <string.h>

#define BUF_CAP (4u << 20)

struct sim_pub *sim_pub_new(struct sim_market *m, struct sim_sink sink)
{
    struct sim_pub *p = calloc(1, sizeof *p);
    char *buf = malloc(BUF_CAP);
    struct sim_timed_liq *liqs = malloc(SIM_SECOND_LIQS * sizeof *liqs);
    if (!p || !buf || !liqs) {
        free(p);
        free(buf);
        free(liqs);
        return NULL;
    }
    p->m = m;
    p->sink = sink;
    p->liqs = liqs;
    p->bybit = pub_bybit_new();
    p->okx = pub_okx_new();
    text_init(&p->buf, buf, BUF_CAP);
    if (p->bybit && p->okx)
        return p;
    sim_pub_free(p);
    return NULL;
}

void sim_pub_free(struct sim_pub *p)
{
    if (!p)
        return;
    for (int k = 0; k < SIM_STREAM_KINDS; k++)
        for (int i = 0; i < SIM_INSTS_MAX; i++)
            sim_view_free(p->views[k][i]);
    pub_bybit_free(p->bybit);
    pub_okx_free(p->okx);
    free(p->buf.buf);
    free(p->liqs);
    free(p);
}

bool pub_wanted(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    return p->sink.wanted(p->sink.arg, sim_stream_id(k, inst));
}

bool pub_begin(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    if (!pub_wanted(p, k, inst))
        return false;
    text_init(&p->buf, p->buf.buf, p->buf.cap);
    return true;
}

void pub_send(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    p->sink.frame(p->sink.arg, sim_stream_id(k, inst), p->buf.buf, p->buf.len);
}

/* --- Binance --------------------------------------------------------------------------------- */

bool pub_top_moved(struct sim_pub *p, int i)
{
    const struct sim_book *b = &p->m->insts[i].book;
    int64_t now[4] = {b->best_bid, b->best_ask, sim_book_get(b, b->best_bid),
                      sim_book_get(b, b->best_ask)};
    if (memcmp(now, &p->last_top[i], sizeof now) == 0 || !now[2] || !now[3])
        return false;
    memcpy(&p->last_top[i], now, sizeof now);
    return true;
}

static void binance_inst(struct sim_pub *p, int i)
{
    const struct sim_inst *in = &p->m->insts[i];
    bool moved = pub_top_moved(p, i);
    if (pub_begin(p, BN_DEPTH, i)) {
        bn_depth(&p->buf, p->m, in);
        pub_send(p, BN_DEPTH, i);
    }
    if (pub_begin(p, BN_DEPTH20, i)) {
        bn_depth20(&p->buf, p->m, in);
        pub_send(p, BN_DEPTH20, i);
    }
    if (moved && pub_begin(p, BN_TICKER, i)) {
        bn_ticker(&p->buf, p->m, in);
        pub_send(p, BN_TICKER, i);
    }
    if (p->m->step % SIM_STEPS_PER_S == 0 && pub_begin(p, BN_MARK, i)) {
        bn_mark(&p->buf, p->m, in);
        pub_send(p, BN_MARK, i);
    }
}

/* aggTrade excludes nothing here: takeovers by the fund never printed a trade. */
static void binance_trades(struct sim_pub *p)
{
    for (int i = 0; i < p->m->n_trades; i++) {
        const struct sim_trade *t = &p->m->trades[i];
        if (p->m->insts[t->inst].venue == SIM_BINANCE && pub_begin(p, BN_AGG, t->inst)) {
            bn_agg(&p->buf, p->m, t);
            pub_send(p, BN_AGG, t->inst);
        }
    }
}

static void binance_marks(struct sim_pub *p, enum sim_stream_kind k)
{
    static const enum sim_kind parts[] = {SIM_CRYPTO, SIM_TRADFI};
    for (int i = 0; i < 2; i++)
        if (pub_begin(p, k, 0)) {
            bn_mark_array(&p->buf, p->m, parts[i]);
            pub_send(p, k, 0);
        }
}

static void binance_contract(struct sim_pub *p, int i)
{
    if (!pub_begin(p, BN_CONTRACT, 0))
        return;
    bn_contract(&p->buf, p->m, &p->m->insts[i]);
    pub_send(p, BN_CONTRACT, 0);
}

static void binance_second(struct sim_pub *p, int64_t s)
{
    binance_marks(p, BN_MARK_ARR);
    if (s % 3 == 0)
        binance_marks(p, BN_MARK_ARR_3S);
    if (pub_begin(p, BN_ASSET_INDEX, 0)) {
        bn_asset_index(&p->buf, p->m);
        pub_send(p, BN_ASSET_INDEX, 0);
    }
    if (s % 60 == 5) {
        int i = (int)(s / 60) % p->m->n_insts;
        while (p->m->insts[i].venue != SIM_BINANCE || !p->m->insts[i].trading)
            i = (i + 1) % p->m->n_insts;
        binance_contract(p, i);
    }
    if (s % 19 == 7 && pub_begin(p, BN_FORCE_ARR, 0)) {
        bn_force_coin(&p->buf, p->m, s % 2, 20 + (int)(s % 31));
        pub_send(p, BN_FORCE_ARR, 0);
    }
}

static void force_orders(struct sim_pub *p)
{
    bool seen[SIM_INSTS_MAX] = {false};
    for (int i = p->n_liqs - 1; i >= 0; i--) {
        struct sim_liq *l = &p->liqs[i].l;
        if (l->takeover || seen[l->inst] || p->m->insts[l->inst].venue != SIM_BINANCE)
            continue;
        seen[l->inst] = l->shown = true;
        if (pub_begin(p, BN_FORCE_ARR, 0)) {
            bn_force(&p->buf, p->m, l, p->liqs[i].t_us);
            pub_send(p, BN_FORCE_ARR, 0);
        }
        if (pub_begin(p, BN_FORCE, l->inst)) {
            bn_force(&p->buf, p->m, l, p->liqs[i].t_us);
            pub_send(p, BN_FORCE, l->inst);
        }
    }
}

/* --- Hyperliquid ----------------------------------------------------------------------------- */

static void hl_views(struct sim_pub *p, int i)
{
    static const struct {
        enum sim_stream_kind k;
        int sig_figs;
        bool fast;
    } views[] = {{HL_BOOK, 0, false},   {HL_BOOK_FAST, 0, true}, {HL_BOOK_5, 5, false},
                 {HL_BOOK_4, 4, false}, {HL_BOOK_3, 3, false},   {HL_BOOK_2, 2, false}};
    for (size_t v = 0; v < sizeof views / sizeof *views; v++)
        if (pub_begin(p, views[v].k, i)) {
            hl_book(&p->buf, p->m, &p->m->insts[i], views[v].sig_figs, views[v].fast);
            pub_send(p, views[v].k, i);
        }
}

static void hl_inst(struct sim_pub *p, int i)
{
    if ((p->m->step + i) % 5 == 0) /* spread over the half second, as blocks would */
        hl_views(p, i);
    if (pub_top_moved(p, i) && pub_begin(p, HL_BBO, i)) {
        hl_bbo(&p->buf, p->m, &p->m->insts[i]);
        pub_send(p, HL_BBO, i);
    }
    if ((p->m->step + i) % SIM_STEPS_PER_S == 0 && pub_begin(p, HL_CTX, i)) {
        hl_ctx(&p->buf, p->m, &p->m->insts[i]);
        pub_send(p, HL_CTX, i);
    }
}

/* All trades of a coin in one step are one message; trades[] has them in runs per instrument. */
static void hl_trades(struct sim_pub *p)
{
    int64_t t_us = sim_market_now_us(p->m) - 60000;
    for (int i = 0, end; i < p->m->n_trades; i = end) {
        int inst = p->m->trades[i].inst;
        for (end = i; end < p->m->n_trades && p->m->trades[end].inst == inst; end++) {
            int at = p->n_old[inst]++ % SIM_OLD_TRADES;
            p->old[inst][at] = p->m->trades[end];
            p->old_us[inst][at] = t_us;
        }
        if (p->m->insts[inst].venue != SIM_HL || !pub_begin(p, HL_TRADES, inst))
            continue;
        hl_trades_open(&p->buf);
        for (int k = i; k < end; k++)
            hl_trade(&p->buf, &p->m->insts[inst], &p->m->trades[k], t_us);
        hl_trades_close(&p->buf);
        pub_send(p, HL_TRADES, inst);
    }
}

const struct text *sim_pub_old_trades(struct sim_pub *p, int inst)
{
    int n = p->n_old[inst] < SIM_OLD_TRADES ? p->n_old[inst] : SIM_OLD_TRADES;
    if (n == 0)
        return NULL;
    text_init(&p->buf, p->buf.buf, p->buf.cap);
    hl_trades_open(&p->buf);
    for (int i = p->n_old[inst] - n; i < p->n_old[inst]; i++)
        hl_trade(&p->buf, &p->m->insts[inst], &p->old[inst][i % SIM_OLD_TRADES],
                 p->old_us[inst][i % SIM_OLD_TRADES]);
    hl_trades_close(&p->buf);
    return &p->buf;
}

/* --- Bybit and OKX books ---------------------------------------------------------------------- */

void pub_view_refresh(struct sim_view *v, const struct sim_book *b)
{
    int n = sim_view_update(v, b, SIM_BID, NULL);
    n += sim_view_update(v, b, SIM_ASK, NULL);
    v->seq += n > 0;
    v->prev_seq = v->seq;
}

struct sim_view *pub_view(struct sim_pub *p, enum sim_stream_kind k, int inst, int depth)
{
    struct sim_view *v = p->views[k][inst];
    if (v)
        return v;
    p->views[k][inst] = v = sim_view_new(depth);
    if (!v)
        abort(); /* a test program out of memory */
    v->seq = v->prev_seq = 48120553 + 7919 * (int64_t)inst;
    pub_view_refresh(v, &p->m->insts[inst].book);
    return v;
}

const struct sim_view *sim_pub_view(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    struct sim_view *v = pub_view(p, k, inst, k == OK_BOOK ? 400 : 1000);
    if (!pub_wanted(p, k, inst))
        pub_view_refresh(v, &p->m->insts[inst].book);
    return v;
}

const struct text *sim_pub_first(struct sim_pub *p, int stream)
{
    enum sim_stream_kind k = sim_stream_kind_of(stream);
    int inst = sim_stream_inst(stream);
    bool some;
    text_init(&p->buf, p->buf.buf, p->buf.cap);
    if (sim_streams[k].venue == SIM_BYBIT)
        some = pub_bybit_first(p, k, inst);
    else
        some = sim_streams[k].venue == SIM_OKX && pub_okx_first(p, k, inst);
    return some ? &p->buf : NULL;
}

/* --- the step -------------------------------------------------------------------------------- */

static void collect(struct sim_pub *p)
{
    if (p->m->step % SIM_STEPS_PER_S == 1)
        p->n_liqs = 0;
    for (int i = 0; i < p->m->n_liqs; i++) {
        if (p->n_liqs == SIM_SECOND_LIQS) {
            p->m->dropped++;
            continue;
        }
        p->liqs[p->n_liqs++] = (struct sim_timed_liq){sim_market_now_us(p->m), p->m->liqs[i]};
    }
}

void sim_pub_step(struct sim_pub *p)
{
    collect(p);
    for (int i = 0; i < p->m->n_insts; i++) {
        if (p->m->insts[i].announce && p->m->insts[i].venue == SIM_BINANCE)
            binance_contract(p, i);
        if (!p->m->insts[i].trading)
            continue;
        if (p->m->insts[i].venue == SIM_BINANCE)
            binance_inst(p, i);
        else if (p->m->insts[i].venue == SIM_HL)
            hl_inst(p, i);
    }
    binance_trades(p);
    hl_trades(p);
    pub_bybit_step(p);
    pub_okx_step(p);
    if (p->m->step % SIM_STEPS_PER_S)
        return;
    binance_second(p, p->m->step / SIM_STEPS_PER_S);
    force_orders(p);
    if (pub_begin(p, HL_CTXS, 0)) {
        hl_ctxs(&p->buf, p->m);
        pub_send(p, HL_CTXS, 0);
    }
    if (pub_begin(p, HL_MIDS, 0)) {
        hl_mids(&p->buf, p->m);
        pub_send(p, HL_MIDS, 0);
    }
}
