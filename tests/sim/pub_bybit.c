/* Bybit's publishing. In: the market after a step. Out: frames. Cadence: tickers (what changed) and
 * trades each 100 ms; books of 1 and 50 levels each 100 ms, of 200 too, of 1,000 each 200 ms; all
 * liquidations in batches of 500 ms; ADL rows each second; pools of single contracts when they
 * change. Surprising: messages tell differences to what was told before, so each stream that has
 * listeners keeps what it said; a newcomer gets that as its snapshot. */
#include <stdlib.h>
#include <string.h>

#include "sim/enc_bybit.h"
#include "sim/pub_in.h"

#define REPEAT_STEPS (3 * SIM_STEPS_PER_S) /* a book of one level is repeated after 3 s */
#define BATCH_STEPS  (SIM_STEPS_PER_S / 2)

struct pub_bybit {
    struct by_ticker last[SIM_INSTS_MAX];
    double pool_usd[SIM_INSTS_MAX];
    int64_t top_step[SIM_INSTS_MAX]; /* of the last book of one level */
    int next_liq;                    /* first of this second not yet told */
};

static const struct {
    enum sim_stream_kind k;
    int depth, steps;
} books[] = {{BY_BOOK_50, 50, 1}, {BY_BOOK_200, 200, 1}, {BY_BOOK_1000, 1000, 2}};

struct pub_bybit *pub_bybit_new(void)
{
    return calloc(1, sizeof(struct pub_bybit));
}

void pub_bybit_free(struct pub_bybit *x)
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
    by_book_level(s->out, s->in, slot, lots);
}

static void put_snapshot(struct sim_pub *p, int inst, const struct sim_view *v)
{
    const struct sim_inst *in = &p->m->insts[inst];
    by_book_open(&p->buf, p->m, in, v->depth, true);
    by_book_side(&p->buf, in, v, SIM_BID);
    by_book_side(&p->buf, in, v, SIM_ASK);
    by_book_close(&p->buf, p->m, in, v);
}

/* A delta raises u by one; nothing changed, nothing is sent. */
static void book(struct sim_pub *p, size_t row, int inst)
{
    struct sim_inst *in = &p->m->insts[inst];
    if (!pub_wanted(p, books[row].k, inst))
        return;
    struct sim_view *v = pub_view(p, books[row].k, inst, books[row].depth);
    v->restart |= in->book_anew;
    if ((p->m->step + inst) % books[row].steps)
        return;
    pub_begin(p, books[row].k, inst);
    struct side_sink arg = {&p->buf, in};
    struct sim_view_sink sink = {&arg, put_level};
    if (v->restart) { /* u is 1 and the message a snapshot */
        pub_view_refresh(v, &in->book);
        v->seq = 1;
        v->restart = false;
        put_snapshot(p, inst, v);
        in->told_whole = true;
        in->told_seq = 1;
        pub_send(p, books[row].k, inst);
        return;
    }
    by_book_open(&p->buf, p->m, in, v->depth, false);
    text_str(&p->buf, ",\"b\":[");
    int n = sim_view_update(v, &in->book, SIM_BID, &sink);
    text_str(&p->buf, "],\"a\":[");
    n += sim_view_update(v, &in->book, SIM_ASK, &sink);
    text_char(&p->buf, ']');
    if (n == 0)
        return;
    in->told_whole = false;
    in->told_prev = v->seq++;
    in->told_seq = v->seq;
    by_book_close(&p->buf, p->m, in, v);
    pub_send(p, books[row].k, inst);
}

static void put_top(struct sim_pub *p, int inst)
{
    struct sim_view *v = pub_view(p, BY_BOOK_1, inst, 1);
    put_snapshot(p, inst, v);
}

/* Snapshots only; without a change the same one, with the same u, after 3 s. */
static void top(struct sim_pub *p, int inst)
{
    struct pub_bybit *x = p->bybit;
    const struct sim_inst *in = &p->m->insts[inst];
    if (!pub_begin(p, BY_BOOK_1, inst))
        return;
    struct sim_view *v = pub_view(p, BY_BOOK_1, inst, 1);
    int n = sim_view_update(v, &in->book, SIM_BID, NULL);
    n += sim_view_update(v, &in->book, SIM_ASK, NULL);
    v->seq += n > 0;
    if (n == 0 && p->m->step - x->top_step[inst] < REPEAT_STEPS)
        return;
    x->top_step[inst] = p->m->step;
    put_top(p, inst);
    pub_send(p, BY_BOOK_1, inst);
}

/* --- the rest -------------------------------------------------------------------------------- */

static void tickers(struct sim_pub *p, int inst)
{
    struct by_ticker now, *last = &p->bybit->last[inst];
    const struct sim_inst *in = &p->m->insts[inst];
    if (!pub_begin(p, BY_TICKERS, inst))
        return;
    by_ticker_read(&now, p->m, in, last);
    if (by_tickers(&p->buf, p->m, in, &now, last))
        pub_send(p, BY_TICKERS, inst);
    *last = now;
}

/* All trades of a symbol in one step are one message; trades[] has them in runs. */
static void trades(struct sim_pub *p)
{
    const struct sim_market *m = p->m;
    for (int i = 0, end; i < m->n_trades; i = end) {
        int inst = m->trades[i].inst;
        for (end = i; end < m->n_trades && m->trades[end].inst == inst; end++)
            ;
        if (m->insts[inst].venue != SIM_BYBIT || !pub_begin(p, BY_TRADES, inst))
            continue;
        by_topic_open(&p->buf, m, "publicTrade.", m->insts[inst].symbol);
        for (int k = i; k < end; k++)
            by_trade(&p->buf, m, &m->trades[k]);
        by_close(&p->buf);
        pub_send(p, BY_TRADES, inst);
    }
}

/* Every liquidation is told, takeovers at the bankruptcy price included. */
static void liquidations(struct sim_pub *p)
{
    bool seen[SIM_INSTS_MAX] = {false};
    int from = p->bybit->next_liq;
    for (int i = from; i < p->n_liqs; i++) {
        int inst = p->liqs[i].l.inst;
        if (p->m->insts[inst].venue != SIM_BYBIT)
            continue;
        p->liqs[i].l.shown = true;
        if (seen[inst] || !pub_begin(p, BY_LIQ, inst))
            continue;
        seen[inst] = true;
        by_topic_open(&p->buf, p->m, "allLiquidation.", p->m->insts[inst].symbol);
        for (int k = i; k < p->n_liqs; k++)
            if (p->liqs[k].l.inst == inst)
                by_liq(&p->buf, &p->m->insts[inst], &p->liqs[k].l, p->liqs[k].t_us);
        by_close(&p->buf);
        pub_send(p, BY_LIQ, inst);
    }
    p->bybit->next_liq = p->n_liqs;
}

static bool of_coin(const struct sim_inst *in, enum by_coin coin)
{
    return in->venue == SIM_BYBIT && in->trading && in->a->kind == SIM_CRYPTO &&
           by_coin_of(in) == coin;
}

static void adl(struct sim_pub *p, enum by_coin coin)
{
    enum sim_stream_kind k = (enum sim_stream_kind)(BY_ADL_USDT + (int)coin);
    if (!pub_begin(p, k, 0))
        return;
    by_topic_open(&p->buf, p->m, sim_streams[k].suffix, "");
    for (int i = 0; i < p->m->n_insts; i++)
        if (of_coin(&p->m->insts[i], coin))
            by_adl_row(&p->buf, p->m, &p->m->insts[i]);
    by_close(&p->buf);
    pub_send(p, k, 0);
}

/* all: the snapshot; else what changed since it was last told. Returns the rows written. */
static int put_pools(struct sim_pub *p, enum by_coin coin, bool all)
{
    struct pub_bybit *x = p->bybit;
    int n = 0;
    text_fmt(&p->buf, "{\"topic\":\"%s\",\"type\":\"%s\",\"ts\":%lld,\"data\":[",
             sim_streams[BY_POOL_USDT + (int)coin].suffix, all ? "snapshot" : "delta",
             (long long)enc_now_ms(p->m));
    for (int i = 0; i < p->m->n_insts; i++) {
        const struct sim_inst *in = &p->m->insts[i];
        if (!of_coin(in, coin) || by_pool_is_shared(in))
            continue;
        if (!all && in->pool_usd == x->pool_usd[i])
            continue;
        x->pool_usd[i] = in->pool_usd;
        by_pool_row(&p->buf, p->m, in);
        n++;
    }
    by_close(&p->buf);
    return n;
}

static void second(struct sim_pub *p)
{
    for (int c = 0; c < BY_COINS; c++) {
        enum sim_stream_kind k = (enum sim_stream_kind)(BY_POOL_USDT + c);
        adl(p, (enum by_coin)c);
        if (pub_begin(p, k, 0) && put_pools(p, (enum by_coin)c, false) > 0)
            pub_send(p, k, 0);
    }
    int64_t s = p->m->step / SIM_STEPS_PER_S;
    int btc = p->m->assets[0].inst[SEAT_BYBIT];
    if (s % 41 == 23 && btc >= 0 && pub_begin(p, BY_TRADES, btc)) {
        by_topic_open(&p->buf, p->m, "publicTrade.", p->m->insts[btc].symbol);
        by_block_trade(&p->buf, p->m, &p->m->insts[btc]);
        by_close(&p->buf);
        pub_send(p, BY_TRADES, btc);
    }
}

void pub_bybit_step(struct sim_pub *p)
{
    for (int i = 0; i < p->m->n_insts; i++) {
        if (p->m->insts[i].venue != SIM_BYBIT || !p->m->insts[i].trading)
            continue;
        tickers(p, i);
        top(p, i);
        for (size_t b = 0; b < sizeof books / sizeof *books; b++)
            book(p, b, i);
    }
    trades(p);
    if (p->m->step % SIM_STEPS_PER_S == 1)
        p->bybit->next_liq = 0;
    if (p->m->step % BATCH_STEPS == 0)
        liquidations(p);
    if (p->m->step % SIM_STEPS_PER_S == 0)
        second(p);
}

static bool first_book(struct sim_pub *p, enum sim_stream_kind k, int inst, int depth)
{
    struct sim_view *v = pub_view(p, k, inst, depth);
    if (!pub_wanted(p, k, inst))
        pub_view_refresh(v, &p->m->insts[inst].book);
    put_snapshot(p, inst, v);
    return true;
}

bool pub_bybit_first(struct sim_pub *p, enum sim_stream_kind k, int inst)
{
    const struct sim_inst *in = &p->m->insts[inst];
    struct by_ticker *last = &p->bybit->last[inst];
    for (size_t b = 0; b < sizeof books / sizeof *books; b++)
        if (k == books[b].k)
            return first_book(p, k, inst, books[b].depth);
    if (k == BY_BOOK_1)
        return first_book(p, k, inst, 1);
    if (k >= BY_POOL_USDT && k <= BY_POOL_INVERSE)
        return put_pools(p, (enum by_coin)(k - BY_POOL_USDT), true) > 0;
    if (k != BY_TICKERS)
        return false;
    if (!pub_wanted(p, k, inst))
        by_ticker_read(last, p->m, in, NULL);
    return by_tickers(&p->buf, p->m, in, last, NULL);
}
