/* OKX's publishing. In: the market after a step. Out: frames. Cadence: marks each 200 ms on change,
 * indices each 100 ms (majors) or 500 ms on change, books and best prices each 100 ms, funding each
 * 60 s, open interest each 3 s when it changed, liquidations at the end of a second, ADL warnings
 * each second and only while there is something to warn of. Surprising: liquidations are a part of
 * what happened (up to four an instrument and second, no takeovers), not in the order of time, and
 * the first push after subscribing repeats recent ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/enc_okx.h"
#include "sim/pub_in.h"

#define DETAILS_MAX 4
#define RECENT_MAX  6
#define IDLE_STEPS  (60 * SIM_STEPS_PER_S) /* a book without changes says so */

struct pub_okx {
    double oi[SIM_INSTS_MAX];
    int64_t mark[SIM_INSTS_MAX], index[SIM_INSTS_MAX]; /* as last printed */
    int64_t book_step[SIM_INSTS_MAX];
    struct sim_timed_liq recent[RECENT_MAX];
    int n_recent;
};

struct pub_okx *pub_okx_new(void)
{
    return calloc(1, sizeof(struct pub_okx));
}

void pub_okx_free(struct pub_okx *x)
{
    free(x);
}

/* --- books ----------------------------------------------------------------------------------- */

struct side_sink {
    struct text *out;
    const struct sim_inst *in;
};

static void put_level(void *arg, int64_t slot, int64_t lots)
{
    const struct side_sink *s = arg;
    ok_book_level(s->out, s->in, slot, lots);
}

static struct sim_view *view_of(struct sim_pub *p, int inst)
{
    return pub_view(p, OK_BOOK, inst, 400);
}

static bool put_snapshot(struct sim_pub *p, int inst)
{
    const struct sim_inst *in = &p->m->insts[inst];
    const struct sim_view *v = view_of(p, inst);
    ok_book_open(&p->buf, in, true);
    ok_book_side(&p->buf, in, v, SIM_ASK);
    ok_book_side(&p->buf, in, v, SIM_BID);
    ok_book_close(&p->buf, p->m, v, true);
    return true;
}

/* Sequence ids jump by any number, but each names the one before. In maintenance they fall. */
static void advance(struct sim_pub *p, struct sim_view *v, int inst)
{
    v->prev_seq = v->seq;
    v->seq = v->restart ? v->seq / 1000 : v->seq + 3 + (p->m->step * 7 + inst) % 40;
    v->restart = false;
}

static void book(struct sim_pub *p, int inst)
{
    struct sim_inst *in = &p->m->insts[inst];
    int64_t *at = &p->okx->book_step[inst];
    if (!pub_begin(p, OK_BOOK, inst))
        return;
    struct sim_view *v = view_of(p, inst);
    v->restart |= in->book_anew;
    struct side_sink arg = {&p->buf, in};
    struct sim_view_sink sink = {&arg, put_level};
    ok_book_open(&p->buf, in, false);
    text_str(&p->buf, "\"asks\":[");
    int n = sim_view_update(v, &in->book, SIM_ASK, &sink);
    text_str(&p->buf, "],\"bids\":[");
    n += sim_view_update(v, &in->book, SIM_BID, &sink);
    text_char(&p->buf, ']');
    if (n == 0 && p->m->step - *at < IDLE_STEPS)
        return;
    if (n)
        advance(p, v, inst);
    else
        v->prev_seq = v->seq; /* "no changes for a while": both are the last one */
    *at = p->m->step;
    in->told_seq = v->seq;
    in->told_prev = v->prev_seq;
    ok_book_close(&p->buf, p->m, v, false);
    pub_send(p, OK_BOOK, inst);
}

/* --- by instrument --------------------------------------------------------------------------- */

typedef void enc_fn(struct text *, const struct sim_market *, const struct sim_inst *);

static void push(struct sim_pub *p, enum sim_stream_kind k, int inst, enc_fn *enc)
{
    if (!pub_begin(p, k, inst))
        return;
    enc(&p->buf, p->m, &p->m->insts[inst]);
    pub_send(p, k, inst);
}

/* Would the printed number differ from the last one? */
static bool changed(int64_t *last, double x, int dec)
{
    int64_t now = enc_to_units(x, dec);
    bool differs = now != *last;
    *last = now;
    return differs;
}

static void prices(struct sim_pub *p, int inst)
{
    const struct sim_inst *in = &p->m->insts[inst];
    struct pub_okx *x = p->okx;
    int64_t phase = p->m->step + inst;
    int every = in->a->cls == 0 ? 1 : 5;
    if (phase % 2 == 0 &&
        (changed(&x->mark[inst], in->mark_px, in->grid.px_dec) || phase % 100 == 0))
        push(p, OK_MARK, inst, ok_mark);
    double index = p->m->assets[in->asset].index_px * in->unit;
    if (phase % every == 0 &&
        (changed(&x->index[inst], index, in->grid.px_dec) || phase % 600 == 0))
        push(p, OK_INDEX, inst, ok_index);
}

static void instrument(struct sim_pub *p, int inst)
{
    const struct sim_inst *in = &p->m->insts[inst];
    struct pub_okx *x = p->okx;
    int64_t phase = p->m->step + inst;
    prices(p, inst);
    book(p, inst);
    if (pub_top_moved(p, inst)) {
        if (pub_begin(p, OK_BBO, inst)) {
            ok_bbo(&p->buf, p->m, in, view_of(p, inst)->seq);
            pub_send(p, OK_BBO, inst);
        }
        push(p, OK_TICKERS, inst, ok_tickers);
    }
    if (phase % 600 == 0)
        push(p, OK_FUNDING, inst, ok_funding);
    if (phase % 30 == 0 && fabs(x->oi[inst] - in->pop.q[SIM_LONG]) >= in->lot) {
        x->oi[inst] = in->pop.q[SIM_LONG];
        push(p, OK_OI, inst, ok_oi);
    }
}

static void trades(struct sim_pub *p)
{
    for (int i = 0; i < p->m->n_trades; i++) {
        const struct sim_trade *t = &p->m->trades[i];
        if (p->m->insts[t->inst].venue != SIM_OKX || !pub_begin(p, OK_TRADES, t->inst))
            continue;
        ok_trade(&p->buf, p->m, t);
        pub_send(p, OK_TRADES, t->inst);
    }
}

/* --- liquidations, funds ---------------------------------------------------------------------- */

static void remember(struct pub_okx *x, const struct sim_timed_liq *l)
{
    x->recent[x->n_recent++ % RECENT_MAX] = *l;
}

/* The latest of the second first. */
static void details(struct sim_pub *p, int inst, bool wanted)
{
    int told = 0;
    if (wanted)
        ok_liq_open(&p->buf);
    for (int i = p->n_liqs - 1; i >= 0 && told < DETAILS_MAX; i--) {
        struct sim_timed_liq *l = &p->liqs[i];
        if (l->l.inst != inst || l->l.takeover)
            continue;
        told++;
        l->l.shown = true;
        remember(p->okx, l);
        if (wanted)
            ok_liq_detail(&p->buf, &p->m->insts[inst], &l->l, l->t_us);
    }
    if (wanted)
        ok_liq_close(&p->buf, &p->m->insts[inst]);
}

static void liquidations(struct sim_pub *p)
{
    bool seen[SIM_INSTS_MAX] = {false};
    for (int i = 0; i < p->n_liqs; i++) {
        int inst = p->liqs[i].l.inst;
        if (p->m->insts[inst].venue != SIM_OKX || p->liqs[i].l.takeover || seen[inst])
            continue;
        seen[inst] = true;
        bool wanted = pub_begin(p, OK_LIQ, 0);
        if (wanted)
            ok_type_open(&p->buf, "liquidation-orders");
        details(p, inst, wanted);
        if (wanted) {
            ok_close(&p->buf);
            pub_send(p, OK_LIQ, 0);
        }
    }
}

static bool put_recent(struct sim_pub *p)
{
    const struct pub_okx *x = p->okx;
    int n = x->n_recent < RECENT_MAX ? x->n_recent : RECENT_MAX;
    ok_type_open(&p->buf, "liquidation-orders");
    for (int i = 0; i < n; i++) {
        const struct sim_inst *in = &p->m->insts[x->recent[i].l.inst];
        ok_liq_open(&p->buf);
        ok_liq_detail(&p->buf, in, &x->recent[i].l, x->recent[i].t_us);
        ok_liq_close(&p->buf, in);
    }
    ok_close(&p->buf);
    return n > 0;
}

static void second(struct sim_pub *p)
{
    int n = 0;
    liquidations(p);
    if (!pub_begin(p, OK_ADL, 0))
        return;
    ok_type_open(&p->buf, "adl-warning");
    for (int i = 0; i < p->m->n_insts; i++)
        if (p->m->insts[i].venue == SIM_OKX && p->m->insts[i].trading &&
            ok_adl_state(&p->m->insts[i])) {
            ok_adl_row(&p->buf, p->m, &p->m->insts[i]);
            n++;
        }
    ok_close(&p->buf);
    if (n)
        pub_send(p, OK_ADL, 0);
}

void pub_okx_step(struct sim_pub *p)
{
    for (int i = 0; i < p->m->n_insts; i++)
        if (p->m->insts[i].venue == SIM_OKX && p->m->insts[i].trading)
            instrument(p, i);
    trades(p);
    if (p->m->step % SIM_STEPS_PER_S == 0)
        second(p);
}

bool pub_okx_first(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    static const struct {
        enum sim_stream_kind k;
        enc_fn *enc;
    } rows[] = {{OK_MARK, ok_mark},
                {OK_INDEX, ok_index},
                {OK_FUNDING, ok_funding},
                {OK_OI, ok_oi},
                {OK_TICKERS, ok_tickers}};
    const struct sim_inst *in = &p->m->insts[inst];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (k == rows[i].k) {
            rows[i].enc(&p->buf, p->m, in);
            return true;
        }
    if (k == OK_LIQ)
        return put_recent(p);
    if (k != OK_BBO && k != OK_BOOK)
        return false;
    if (!pub_wanted(p, OK_BOOK, inst))
        pub_view_refresh(view_of(p, inst), &in->book);
    if (k == OK_BOOK)
        return put_snapshot(p, inst);
    ok_bbo(&p->buf, p->m, in, view_of(p, inst)->seq);
    return true;
}
