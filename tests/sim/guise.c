/* Faces of instruments (guise.h). */
#include "sim/guise.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define JUMP_IDS 1000 /* a book that begins anew leaves so many numbers out */
#define FIRST_ID 1000 /* where numbers begin after a reset */

/* --- what is asked for -------------------------------------------------------------------------
 */

static bool names(const struct mis_item *it, const struct sim_inst *in)
{
    return it->venue == (enum sim_venue)in->venue &&
           (it->arg[0] == 0 || strcmp(it->arg, in->symbol) == 0);
}

/* Where the symbol is the base code, a contract of another size has another symbol. */
static void resize_face(const struct mis_item *it, const struct sim_inst *in, struct guise_face *f)
{
    f->unit = it->extra;
    snprintf(f->code, sizeof f->code, "%s", it->symbol);
    if (in->venue == SIM_HL)
        snprintf(f->symbol, sizeof f->symbol, "%s", it->symbol);
}

static struct guise_face face_of(const struct mis *x, const struct sim_inst *in)
{
    struct guise_face f = {.trading = in->trading, .unit = 1};
    snprintf(f.symbol, sizeof f.symbol, "%s", in->symbol);
    for (int i = 0; i < x->n; i++) {
        const struct mis_item *it = &x->items[i];
        if (!mis_in_force(x, it) || !names(it, in))
            continue;
        if (it->kind == MIS_DELIST)
            f.trading = false;
        else if (it->kind == MIS_RENAME)
            snprintf(f.symbol, sizeof f.symbol, "%s", it->symbol);
        else if (it->kind == MIS_MULTIPLIER)
            resize_face(it, in, &f);
        else if (it->kind == MIS_PRICE)
            f.bps = it->extra;
        else if (it->kind == MIS_MARK)
            f.mark_bps = it->extra;
        else if (it->kind == MIS_FUND)
            f.fund_pct = it->extra;
    }
    return f;
}

static void judge_inst(struct guise *g, struct sim_inst *in, int i, struct mis *x)
{
    const struct mis none = {0};
    struct guise_face was = g->started ? g->face[i] : face_of(&none, in), f = face_of(x, in);
    g->face[i] = f;
    in->book_anew = was.unit != f.unit || was.bps != f.bps;
    if (mis_take(x, MIS_SEQ_RESET, (enum sim_venue)in->venue, in->symbol)) {
        in->book_anew = true;
        in->book.update_id += FIRST_ID - in->book.prev_id;
        in->book.prev_id = FIRST_ID;
    }
    in->announce = was.trading != f.trading || was.unit != f.unit || strcmp(was.symbol, f.symbol);
    if (was.unit != f.unit || was.bps != f.bps) {
        in->book.update_id += JUMP_IDS;
        in->book.prev_id += JUMP_IDS;
    }
}

void guise_judge(struct guise *g, struct sim_market *m, struct mis *x)
{
    if (x->n == 0)
        return;
    for (int i = 0; i < m->n_insts; i++)
        judge_inst(g, &m->insts[i], i, x);
    g->started = true;
}

/* --- on and off --------------------------------------------------------------------------------
 */

static void rename_to(struct sim_inst *in, const char *symbol)
{
    snprintf(in->symbol, sizeof in->symbol, "%s", symbol);
    for (size_t i = 0; i <= strlen(symbol); i++)
        in->lower[i] = (char)tolower((unsigned char)symbol[i]);
}

static void recode(struct guise *g, struct sim_inst *in, int i)
{
    struct sim_asset *a = &g->asset[i];
    *a = *in->a;
    if (in->venue == SIM_HL)
        a->hl = g->face[i].code;
    else
        a->binance = g->face[i].code;
    in->a = a;
}

/* Another contract: price x unit, quantities / unit. Where sizes are counted in contracts of a size
 * of their own, only that size is another. */
static void resize(struct sim_inst *in, double unit)
{
    if (in->venue == SIM_OKX) {
        in->grid.ct_size *= unit;
        in->grid.qty_dec += (int)lround(log10(unit));
        return;
    }
    in->unit *= unit;
    in->grid.tick *= unit;
    in->grid.tick_units = (int64_t)llround((double)in->grid.tick_units * unit);
    in->grid.qty_dec += (int)lround(log10(unit));
    in->slot_px *= unit;
    in->lot /= unit;
    in->mark_px *= unit;
    in->mid_px *= unit;
    in->last_px *= unit;
    in->open_px *= unit;
    in->volume_base /= unit;
    in->pop.q[SIM_LONG] /= unit;
    in->pop.q[SIM_SHORT] /= unit;
}

static void move_prices(struct sim_inst *in, double bps)
{
    in->shift_slots = (int64_t)llround(in->mid_px * bps * 1e-4 / in->slot_px);
    double by = (double)in->shift_slots * in->slot_px;
    in->mark_px += by;
    in->mid_px += by;
    in->last_px += by;
    in->open_px += by;
}

static void move_events(struct sim_market *m, int inst, double unit, double by)
{
    if (m->insts[inst].venue == SIM_OKX)
        unit = 1;
    for (int i = 0; i < m->n_trades; i++)
        if (m->trades[i].inst == inst)
            m->trades[i].px = m->trades[i].px * unit + by;
    for (int i = 0; i < m->n_liqs; i++) {
        struct sim_liq *l = &m->liqs[i];
        if (l->inst != inst)
            continue;
        l->px = l->px * unit + by;
        l->limit_px = l->limit_px * unit + by;
        l->bankruptcy_px = l->bankruptcy_px * unit + by;
        l->qty /= unit;
        l->order_qty /= unit;
    }
}

static bool plain(const struct guise_face *f, const struct sim_inst *in)
{
    return f->trading == in->trading && f->unit == 1 && f->bps == 0 && f->mark_bps == 0 &&
           f->fund_pct == 0 && strcmp(f->symbol, in->symbol) == 0;
}

void guise_on(struct guise *g, struct sim_market *m)
{
    for (int i = 0; g->started && i < m->n_insts; i++) {
        struct sim_inst *in = &m->insts[i];
        const struct guise_face *f = &g->face[i];
        if (g->on[i] || plain(f, in))
            continue;
        g->on[i] = true;
        g->saved[i] = *in;
        in->trading = f->trading;
        rename_to(in, f->symbol);
        if (f->code[0] && in->venue != SIM_OKX)
            recode(g, in, i);
        if (f->unit != 1)
            resize(in, f->unit);
        if (f->bps != 0)
            move_prices(in, f->bps);
        in->mark_px *= 1 + f->mark_bps * 1e-4;
        in->pool_hit = f->fund_pct != 0;
        if (in->pool_hit)
            in->pool_usd = in->pool_peak_usd * (1 - f->fund_pct / 100);
    }
}

void guise_events(const struct guise *g, struct sim_market *m)
{
    for (int i = 0; g->started && i < m->n_insts; i++)
        if (g->on[i])
            move_events(m, i, g->face[i].unit,
                        (double)m->insts[i].shift_slots * m->insts[i].slot_px);
}

static void put_back(struct sim_inst *in, const struct sim_inst *was)
{
    in->trading = was->trading;
    memcpy(in->symbol, was->symbol, sizeof in->symbol);
    memcpy(in->lower, was->lower, sizeof in->lower);
    in->a = was->a;
    in->grid = was->grid;
    in->slot_px = was->slot_px;
    in->lot = was->lot;
    in->mark_px = was->mark_px;
    in->mid_px = was->mid_px;
    in->last_px = was->last_px;
    in->open_px = was->open_px;
    in->volume_base = was->volume_base;
    in->pop.q[SIM_LONG] = was->pop.q[SIM_LONG];
    in->pop.q[SIM_SHORT] = was->pop.q[SIM_SHORT];
    in->unit = was->unit;
    in->shift_slots = was->shift_slots;
    in->pool_usd = was->pool_usd;
    in->pool_hit = was->pool_hit;
}

void guise_off(struct guise *g, struct sim_market *m)
{
    for (int i = 0; g->started && i < m->n_insts; i++) {
        if (g->on[i])
            put_back(&m->insts[i], &g->saved[i]);
        g->on[i] = false;
    }
}
