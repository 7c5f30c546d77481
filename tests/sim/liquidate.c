/* Orders that take. In: the books and populations. Out: trades[] and liqs[]. The engine closes what
 * the mark has crossed, highest leverage first, with IOC limit orders at the bankruptcy price (or
 * 1 % through the mid when that is worse: the fund pays the difference), a few a step and never
 * more than two thirds of what stands within 100 bps. What is still there after 10 s goes to the
 * insurance fund at the bankruptcy price. Surprising: of a liquidated long's sale 70 % meet
 * closing shorts (open interest falls), 30 % new longs (it does not). */
#include "sim/liquidate.h"

#include <math.h>

#include "sim/maker.h"

#define ORDERS_A_STEP  3
#define SLIP           .01 /* how far through the mid an order may go, though bankrupt */
#define WAIT_STEPS_MAX 100
#define MEETS_CLOSING  .7

static void print_trade(struct sim_market *m, struct sim_inst *in, bool buys, int64_t lots,
                        double px)
{
    double qty = (double)lots * in->lot, keep = 1 - in->volume_usd / (in->adv_usd * 4);
    in->last_px = px;
    in->volume_base += sim_base(in, qty, px) * keep;
    in->volume_usd += sim_usd(in, qty, px) * keep;
    int64_t first = in->trade_id + 1, n = 1 + (int64_t)(sim_rng_u64(&in->rng) % 4);
    in->trade_id += n;
    in->agg_id++;
    if (m->n_trades == SIM_TRADES_MAX) {
        m->dropped++;
        return;
    }
    m->trades[m->n_trades++] = (struct sim_trade){.inst = (int16_t)(in - m->insts),
                                                  .taker_buys = buys,
                                                  .lots = lots,
                                                  .px = px,
                                                  .agg_id = in->agg_id,
                                                  .first_id = first,
                                                  .last_id = in->trade_id};
}

struct sim_fill sim_take(struct sim_market *m, struct sim_inst *in, struct sim_order o, double *px)
{
    bool buys = o.buys;
    enum sim_book_side hit = buys ? SIM_ASK : SIM_BID;
    struct sim_book *b = &in->book;
    int64_t best = buys ? b->best_ask : b->best_bid, limit = buys ? INT64_MAX / 2 : 0;
    if (o.limit_px > 0)
        limit = (int64_t)(buys ? floor(o.limit_px / in->slot_px) : ceil(o.limit_px / in->slot_px));
    struct sim_fill f = sim_book_take(b, hit, o.lots, limit);
    if (f.lots == 0)
        return f;
    double at = f.px_lots / (double)f.lots * in->slot_px;
    at = round(at / in->grid.tick) * in->grid.tick;
    double walk = fabs((double)(best - f.last_slot)) * in->slot_px / in->ref_px;
    in->ref_px *= exp((buys ? 1 : -1) * m->f.impact * walk);
    sim_maker_eaten(in, hit, f.last_slot);
    print_trade(m, in, buys, f.lots, at);
    if (px)
        *px = at;
    return f;
}

/* Both sides stay equal: the other side closes, or a new agent takes the position over. */
static void settle(struct sim_inst *in, enum sim_side side, int lev, double qty, double px)
{
    enum sim_side other = side == SIM_LONG ? SIM_SHORT : SIM_LONG;
    sim_pop_filled(&in->pop, side, lev, qty);
    double closed = sim_pop_close(&in->pop, other, MEETS_CLOSING * qty);
    sim_pop_open(&in->pop, side, px, qty - closed, 5);
}

static void record(struct sim_market *m, const struct sim_liq *l)
{
    if (m->n_liqs == SIM_LIQS_MAX)
        m->dropped++;
    else
        m->liqs[m->n_liqs++] = *l;
}

/* Closing a bankrupt position at px[1] costs the fund the distance to its bankruptcy price px[0].
 */
static void pay(struct sim_market *m, struct sim_inst *in, enum sim_side side, double qty,
                const double px[2])
{
    double worse = (px[0] - px[1]) / px[0] * (side == SIM_LONG ? 1 : -1);
    double usd = sim_usd(in, qty, px[0]) * worse;
    m->fund_usd[in->venue] -= usd;
    in->pool_usd -= usd;
}

/* The fund takes what nobody bought: it pays the difference between bankruptcy price and mark. The
 * other side is reduced as if deleveraged. */
static void take_over(struct sim_market *m, struct sim_inst *in, enum sim_side side, int lev)
{
    struct sim_pending *p = &in->pop.pending[side][lev];
    double qty = p->qty, bp = p->bp_qty / p->qty;
    pay(m, in, side, qty, (double[]){bp, in->mark_px});
    sim_pop_filled(&in->pop, side, lev, qty);
    double closed = sim_pop_close(&in->pop, side == SIM_LONG ? SIM_SHORT : SIM_LONG, qty);
    sim_pop_open(&in->pop, side, in->mid_px, qty - closed, 5);
    record(m, &(struct sim_liq){.inst = (int16_t)(in - m->insts),
                                .closed = (uint8_t)side,
                                .takeover = true,
                                .qty = qty,
                                .px = bp,
                                .limit_px = bp,
                                .bankruptcy_px = bp,
                                .order_qty = qty,
                                .leverage = sim_levs[lev]});
}

/* One order of one leverage group; returns the lots it took. */
static int64_t order(struct sim_market *m, struct sim_inst *in, enum sim_side side, int lev,
                     int64_t cap)
{
    struct sim_pending *p = &in->pop.pending[side][lev];
    double usd = 6e-4 * in->pop.q[side] * in->ref_px * exp(.8 * sim_rng_normal(&in->rng));
    double want = fmax(usd / in->ref_px, p->qty / 6), bp = p->bp_qty / p->qty;
    int64_t lots = (int64_t)(fmin(want, p->qty) / in->lot);
    if (lots > cap)
        lots = cap;
    if (lots < 1)
        return 0;
    bool is_long = side == SIM_LONG;
    double px = 0, slip = in->mid_px * (is_long ? 1 - SLIP : 1 + SLIP);
    double limit = is_long ? fmin(bp, slip) : fmax(bp, slip);
    struct sim_fill f = sim_take(m, in, (struct sim_order){!is_long, lots, limit}, &px);
    if (f.lots == 0)
        return 0;
    double qty = (double)f.lots * in->lot;
    m->trades[m->n_trades - 1].liq = true;
    if (is_long ? px < bp : px > bp) /* worse than bankrupt: the fund pays the rest */
        pay(m, in, side, qty, (double[]){bp, px});
    settle(in, side, lev, qty, px);
    record(m, &(struct sim_liq){.inst = (int16_t)(in - m->insts),
                                .closed = (uint8_t)side,
                                .qty = qty,
                                .px = px,
                                .limit_px = limit,
                                .bankruptcy_px = bp,
                                .order_qty = (double)lots * in->lot,
                                .leverage = sim_levs[lev]});
    return f.lots;
}

void sim_liquidate(struct sim_market *m, struct sim_inst *in, enum sim_side side)
{
    sim_pop_cross(&in->pop, side, in->mark_px);
    int64_t cap = -1;
    int orders = 0;
    for (int lev = SIM_LEVS - 1; lev >= 0 && orders < ORDERS_A_STEP; lev--) {
        struct sim_pending *p = &in->pop.pending[side][lev];
        p->wait_steps = p->qty >= in->lot ? p->wait_steps + 1 : 0;
        if (p->wait_steps > WAIT_STEPS_MAX)
            take_over(m, in, side, lev);
        while (orders < ORDERS_A_STEP && in->pop.pending[side][lev].qty >= in->lot) {
            if (cap < 0) {
                double edge = in->mid_px * (side == SIM_LONG ? .99 : 1.01) / in->slot_px;
                cap = sim_book_sum(&in->book, side == SIM_LONG ? SIM_BID : SIM_ASK, (int64_t)edge) *
                      2 / 3;
            }
            int64_t took = order(m, in, side, lev, cap);
            if (took == 0)
                break; /* nobody within the limit: the next group may fare better */
            cap -= took;
            orders++;
        }
    }
}
