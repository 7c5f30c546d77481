/* The one writer of the market: one event in, state changed or the reason why not.
 * In: events as adapters give them, quantities in the venue's unit. Out: series, books, directory.
 * Owner: the engine calls it from engine_ingest. No allocation.
 * Surprising: a quantity whose unit no spec has proven is refused, never guessed. */
#include "market/market.h"

#include <assert.h>
#include <stdlib.h>

#include "market/market_priv.h"

struct amount {   /* one quantity in every unit; NAN when the price it needs is not known */
    double base;  /* of the instrument */
    double asset; /* base x multiplier */
    double usd;
};

/* One-sided open interest in one convention: linear, q in coins or q contracts of c coins: base = q
 * (c q), USD = base x price; inverse, q contracts of F dollars: USD = F q whatever the price, base
 * = USD / price. */
static int convert(const struct instrument *i, double qty, enum qty_unit unit, double px,
                   struct amount *out)
{
    if (!(qty >= 0) || isinf(qty))
        return E_RANGE;
    double per;
    bool inverse;
    int err = market_book_unit(i, unit, &per, &inverse);
    if (err < 0)
        return err;
    out->base = inverse ? qty * per / px : qty * per;
    out->usd = inverse ? qty * per : qty * per * px;
    out->asset = out->base * i->multiplier;
    return 0;
}

static bool is_price(double x)
{
    return x > 0 && isfinite(x);
}

/* --- per kind: 0 or the error; s is NULL when the instrument is not tracked ----------------------
 */

struct target {
    struct market *m;
    const struct instrument *i;
    struct slot *s;      /* NULL: not tracked */
    struct slot_priv *p; /* of s */
    const struct origin *o;
};

/* What a poll says of an instrument whose stream lives is older than what the stream said. */
static bool behind_stream(const struct target *t, const struct event *e)
{
    const struct live_row *r =
        t->s && t->o->conn == CONN_REST ? market_feed(t->m, t->s, e->kind) : NULL;
    return r && r->conn != CONN_REST && r->state == LIVE_OK && r->t_first_us;
}

/* Keeps whether the venue has a value at all. */
static void say_unset(struct target *t, enum series_id id, bool unset)
{
    if (t->p)
        t->p->unset = (t->p->unset & ~(1u << id)) | (uint32_t)unset << id;
}

static int apply_px(struct target *t, const struct event *e, enum series_id id)
{
    if (behind_stream(t, e))
        return 0;
    if (isnan(e->u.px.px)) {
        say_unset(t, id, true); /* the venue has none now */
        return 0;
    }
    if (!is_price(e->u.px.px))
        return E_RANGE;
    say_unset(t, id, false);
    if (e->kind == EV_MARK) {
        t->m->bulk[t->i->id].mark = e->u.px.px;
        t->m->bulk[t->i->id].t_mark_us = e->t_recv_us;
    }
    if (t->s)
        series_add(&t->s->s[id], e->t_recv_us, e->t_venue_us, e->u.px.px);
    return 0;
}

static int apply_mark(struct target *t, const struct event *e)
{
    return apply_px(t, e, S_MARK);
}

static int apply_index(struct target *t, const struct event *e)
{
    return apply_px(t, e, S_INDEX);
}

static int apply_funding(struct target *t, const struct event *e)
{
    const struct ev_funding *f = &e->u.funding;
    if (isinf(f->rate) || f->interval_h <= 0 || isinf(f->interval_h))
        return E_RANGE;
    if (!t->s || f->predicted)
        return 0;
    if (!isnan(f->interval_h))
        t->s->fund_interval_h = f->interval_h;
    if (f->next_us > 0)
        t->s->fund_next_us = f->next_us;
    if (!isnan(f->rate) || e->none & NONE_RATE)
        say_unset(t, S_FUND_RATE, isnan(f->rate));
    series_add(&t->s->s[S_FUND_RATE], e->t_recv_us, e->t_venue_us, f->rate);
    return 0;
}

/* The venue's own valuation of the open interest against ours at the mark (models.md A1: "check
 * others agree within 0.5 %, else flag"). Ours is of a moment later or earlier, so a difference
 * that a quick price could make must come three times in a row; one that none makes (a side too
 * many, contracts for coins) tells at once. One that agrees clears. A mark that is not of the same
 * seconds compares nothing. */
#define VALUE_TOL     0.005
#define VALUE_FAR     0.05
#define VALUE_TIMES   3
#define VALUE_MARK_US (15 * SEC)

static bool value_differs(struct target *t, const struct event *e, const struct amount *a)
{
    struct bulk *b = &t->m->bulk[t->i->id];
    const struct ev_oi *oi = &e->u.oi;
    double ours = oi->value_unit == QTY_BASE ? a->base : a->usd;
    bool fresh = b->t_mark_us && e->t_recv_us - b->t_mark_us <= VALUE_MARK_US;
    if (!(oi->value > 0) || !(ours > 0) || !fresh)
        return b->oi_disputed;
    double off = fabs(ours / oi->value - 1);
    if (off <= VALUE_TOL) {
        b->differs = 0;
        b->oi_disputed = false;
        return false;
    }
    t->m->count[t->i->venue][MC_VALUE_DIFFERS]++;
    b->differs += b->differs < VALUE_TIMES;
    b->oi_disputed |= off > VALUE_FAR || b->differs == VALUE_TIMES;
    return b->oi_disputed;
}

static int apply_oi(struct target *t, const struct event *e)
{
    const struct ev_oi *oi = &e->u.oi;
    struct bulk *b = &t->m->bulk[t->i->id];
    struct amount a;
    if (behind_stream(t, e))
        return 0;
    say_unset(t, S_OI_BASE, isnan(oi->qty));
    if (isnan(oi->qty))
        return 0;
    int err = convert(t->i, oi->qty, oi->unit, b->mark, &a);
    if (err < 0)
        return err;
    b->oi_is_usd = t->i->linear == 0; /* an inverse contract's dollars do not move with the price */
    b->oi_qty = b->oi_is_usd ? a.usd : a.base;
    if (isnan(a.asset))
        return E_UNIT; /* inverse, and no price yet to turn dollars into coins */
    if (value_differs(t, e, &a))
        return E_UNIT;
    if (t->s)
        series_add(&t->s->s[S_OI_BASE], e->t_recv_us, e->t_venue_us, a.asset);
    return 0;
}

static int apply_liq(struct target *t, const struct event *e)
{
    const struct ev_liq *l = &e->u.liq;
    double px = is_price(l->fill_px) ? l->fill_px : l->px;
    struct amount a;
    if (!is_price(px) || !(l->qty > 0))
        return E_RANGE;
    int err = convert(t->i, l->qty, l->unit, px, &a);
    if (err < 0 || !t->s)
        return err;
    bool longs = l->closed == POS_LONG;
    struct series *s = t->s->s;
    series_add(&s[longs ? S_LIQ_LONG_USD : S_LIQ_SHORT_USD], e->t_recv_us, e->t_venue_us, a.usd);
    series_add(&s[longs ? S_LIQ_LONG_BASE : S_LIQ_SHORT_BASE], e->t_recv_us, e->t_venue_us,
               a.asset);
    throttle_add(&t->s->liq, e->t_recv_us, e->t_venue_us, !longs, a.usd);
    for (int id = S_LIQ_LONG_USD; id <= S_LIQ_SHORT_BASE; id++)
        series_start(&s[id], e->t_recv_us); /* the other side is known to be zero */
    return 0;
}

/* Ids are unique, but not rising on every venue, and two connections overlap while one is rotated:
 * the last few hundred are remembered, in sets of TRADE_WAYS, newest first, so that two ids of one
 * text that fall on each other do not make each other forgotten. */
static bool seen_trade(struct slot_priv *p, int64_t id)
{
    const uint64_t sets = TRADE_IDS / TRADE_WAYS;
    uint64_t k = (((uint64_t)id * 0x9E3779B97F4A7C15ull) >> 32) % sets * TRADE_WAYS;
    for (int i = 0; i < TRADE_WAYS; i++)
        if (p->trade_seen[k + i] && p->trade_id[k + i] == id)
            return true;
    for (int i = TRADE_WAYS - 1; i > 0; i--) {
        p->trade_seen[k + i] = p->trade_seen[k + i - 1];
        p->trade_id[k + i] = p->trade_id[k + i - 1];
    }
    p->trade_seen[k] = true;
    p->trade_id[k] = id;
    return false;
}

/* Where trades are made: each trade weighs by the time since the one before, at least a tenth, so
 * that neither one odd print nor a flood of them in one instant decides. */
static void follow_trades(struct slot *s, double px, int64_t now_us)
{
    double dt_us = (double)(now_us - s->t_trade_us), w = dt_us / (dt_us + 10 * SEC);
    w = w > 0.1 ? w : 0.1;
    s->trade_px = s->t_trade_us == 0 ? px : s->trade_px + w * (px - s->trade_px);
    s->t_trade_us = now_us;
}

static int apply_trade(struct target *t, const struct event *e)
{
    const struct ev_trade *x = &e->u.trade;
    struct amount a;
    if (!is_price(x->px) || !(x->qty > 0))
        return E_RANGE;
    int err = convert(t->i, x->qty, x->unit, x->px, &a);
    if (err < 0 || !t->s)
        return err;
    if (seen_trade(t->p, x->id))
        return E_DUP;
    t->s->last_trade_id = x->id;
    if (x->backfill)
        return 0; /* known now, but it did not happen now */
    follow_trades(t->s, x->px, e->t_recv_us);
    series_add(&t->s->s[x->taker_buys ? S_BUY_USD : S_SELL_USD], e->t_recv_us, e->t_venue_us,
               a.usd);
    series_start(&t->s->s[S_BUY_USD], e->t_recv_us);
    series_start(&t->s->s[S_SELL_USD], e->t_recv_us);
    return 0;
}

static bool quote_ok(double px, double qty)
{
    return (isnan(px) || is_price(px)) && !(qty < 0) && !isinf(qty);
}

static void quote_side(double *px, double *qty, double new_px, double new_qty, bool none)
{
    if (none)
        *px = *qty = NAN;
    if (!isnan(new_px)) {
        *px = new_px;
        *qty = new_qty;
    }
}

static int apply_quote(struct target *t, const struct event *e)
{
    const struct ev_quote *q = &e->u.quote;
    if (!quote_ok(q->bid_px, q->bid_qty) || !quote_ok(q->ask_px, q->ask_qty))
        return E_RANGE;
    if (!t->s)
        return 0;
    struct ev_quote *mine = &t->s->quote;
    bool recent = e->t_recv_us - t->s->t_quote_us < RESTART_US;
    if (recent && q->seq && q->seq <= mine->seq)
        return q->seq == mine->seq ? E_DUP : E_STALE;
    quote_side(&mine->bid_px, &mine->bid_qty, q->bid_px, q->bid_qty, e->none & NONE_BID);
    quote_side(&mine->ask_px, &mine->ask_qty, q->ask_px, q->ask_qty, e->none & NONE_ASK);
    mine->unit = q->unit;
    mine->seq = q->seq;
    t->s->t_quote_us = e->t_recv_us;
    series_add(&t->s->s[S_MID], e->t_recv_us, e->t_venue_us, (mine->bid_px + mine->ask_px) / 2);
    return 0;
}

/* Without quotes the mid comes from the book. */
static void mid_from_book(struct target *t, const struct event *e)
{
    struct level bid, ask;
    int64_t ttl = market_ttl_us(t->m, t->i->venue, EV_QUOTE);
    if (t->s->t_quote_us && e->t_recv_us - t->s->t_quote_us <= ttl)
        return;
    if (book_best(t->s->book[0], true, &bid) && book_best(t->s->book[0], false, &ask) &&
        bid.px < ask.px)
        series_add(&t->s->s[S_MID], e->t_recv_us, e->t_venue_us, (bid.px + ask.px) / 2);
}

/* Tells live when the sequence breaks and when it is healed. */
static void judge_sequence(struct target *t, int64_t now_us)
{
    enum book_state state = book_state(t->s->book[0]);
    bool broken = state == BOOK_GAP || (state != BOOK_LIVE && t->p->book_broken);
    if (broken == t->p->book_broken)
        return;
    t->p->book_broken = broken;
    if (broken)
        live_broken(t->m->live, t->i->venue, t->p->book_channel[0], t->i->id, now_us);
    else
        live_healed(t->m->live, t->i->venue, t->p->book_channel[0], t->i->id, now_us);
}

static int apply_book(struct target *t, const struct event *e)
{
    const struct ev_book *b = &e->u.book;
    if (b->view >= MARKET_VIEWS)
        return E_RANGE;
    if (!t->s)
        return 0;
    if (!t->s->book[b->view])
        t->s->book[b->view] = t->p->spare[b->view];
    if (t->o->conn != CONN_REST)
        t->p->book_channel[b->view] = e->channel;
    t->p->book_unit = b->unit;
    int err = book_apply(t->s->book[b->view], b, e->t_recv_us);
    if (b->view == 0) {
        judge_sequence(t, e->t_recv_us);
        mid_from_book(t, e);
    }
    return err;
}

static int apply_long_frac(struct target *t, const struct event *e)
{
    if (e->u.stat.value > 1)
        return E_RANGE;
    if (t->s) {
        t->s->long_account_frac = e->u.stat.value;
        t->s->t_long_us = e->t_recv_us;
    }
    return 0;
}

static int apply_stat(struct target *t, const struct event *e)
{
    const struct ev_stat *s = &e->u.stat;
    struct bulk *b = &t->m->bulk[t->i->id];
    if (isnan(s->value))
        return 0;
    if (!(s->value >= 0) || isinf(s->value))
        return E_RANGE;
    if (s->what == STAT_LONG_ACCOUNT_FRAC)
        return apply_long_frac(t, e);
    if (s->what == STAT_VOLUME_24H_USD)
        b->volume_usd = s->value;
    else
        b->volume_base = s->value;
    b->t_volume_us = e->t_recv_us;
    return 0;
}

/* --- specs --------------------------------------------------------------------------------------
 */

/* A list named by position is a run of specs with ord 0, 1, 2 ...: its length is known as far as
 * the run has come; a spec that fails in the middle leaves it unknown. */
static void follow_run(struct market *m, uint8_t venue, const struct event *e, int err)
{
    if (e->ord < 0)
        return;
    if (e->ord == 0) {
        m->run_venue = venue;
        m->run_next = slice_copy(e->dex, m->run_dex, sizeof m->run_dex) ? 0 : -1;
    }
    if (m->run_next != e->ord || m->run_venue != venue || !slice_is(e->dex, m->run_dex))
        return;
    m->run_next = err < 0 ? -1 : e->ord + 1;
    directory_dex_end(m->dir, venue, e->dex, err < 0 ? 0 : (uint32_t)m->run_next);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* A tracked instrument whose contract changed is another instrument from here on. */
static void respec(struct market *m, uint32_t inst, const struct event *e)
{
    uint16_t k = m->slot_of[inst];
    const struct instrument *i = directory_get(m->dir, inst);
    if (k == NO_SLOT)
        return;
    const struct slot_priv *p = &m->priv[k];
    if (i->asset == m->slot[k].asset &&
        (i->multiplier != m->slot[k].multiplier || !same(i->ct_size, p->ct_size) ||
         i->ct_unit != p->ct_unit || i->linear != p->linear))
        slot_restart(m, k, e->t_recv_us);
    else if (i->asset != m->slot[k].asset)
        market_untrack(m, inst); /* relisted under another asset: the universe decides anew */
    else if (!isnan(e->u.spec.funding_interval_h))
        m->slot[k].fund_interval_h = e->u.spec.funding_interval_h;
}

static int apply_spec(struct market *m, uint8_t venue, const struct event *e, uint32_t *inst)
{
    int err = directory_apply(m->dir, venue, e, inst);
    follow_run(m, venue, e, err);
    if (err < 0)
        return err;
    if (err == 1)
        respec(m, *inst, e);
    return 0;
}

/* --- the door -----------------------------------------------------------------------------------
 */

typedef int apply_fn(struct target *t, const struct event *e);

static apply_fn *const apply_by_kind[EV_KINDS] = {
    [EV_MARK] = apply_mark,   [EV_INDEX] = apply_index, [EV_FUNDING] = apply_funding,
    [EV_OI] = apply_oi,       [EV_LIQ] = apply_liq,     [EV_TRADE] = apply_trade,
    [EV_QUOTE] = apply_quote, [EV_BOOK] = apply_book,   [EV_STAT] = apply_stat,
};

static enum market_count count_of(int err, enum event_kind kind)
{
    static const int8_t by_err[E_ERRS] = {
        [-E_NOSPEC] = MC_NO_SPEC, [-E_UNIT] = MC_UNIT_UNPROVEN, [-E_SEGMENT] = MC_SEGMENT,
        [-E_RANGE] = MC_RANGE,    [-E_MISSING] = MC_RANGE,      [-E_DUP] = MC_DUP,
        [-E_STALE] = MC_DUP,      [-E_GAP] = MC_BOOK_GAP,       [-E_LIMIT] = MC_DIRECTORY_FULL,
    };
    if (kind == EV_BOOK && err == E_STALE)
        return MC_BOOK_OLD;
    if (kind == EV_BOOK && err == E_LIMIT)
        return MC_BOOK_GAP;
    return by_err[-err] ? (enum market_count)by_err[-err] : MC_RANGE;
}

static void check_stamp(struct market *m, uint8_t venue, struct event *e)
{
    int64_t off = e->t_recv_us - e->t_venue_us;
    if (e->t_venue_us == 0 || (off <= STAMP_MAX_US && off >= -STAMP_MAX_US))
        return;
    e->t_venue_us = 0;
    m->count[venue][MC_SKEW]++;
}

/* Of pushed facts only: what a poll says is as old as the venue likes, and so are specs and funds.
 */
static void watch_delay(struct market *m, const struct origin *o, const struct event *e,
                        uint32_t inst)
{
    const uint32_t kinds = 1u << EV_MARK | 1u << EV_INDEX | 1u << EV_FUNDING | 1u << EV_OI |
                           1u << EV_LIQ | 1u << EV_TRADE | 1u << EV_QUOTE | 1u << EV_BOOK;
    if (o->conn == CONN_REST || e->t_venue_us == 0 || e->channel >= DELAY_CHANNELS ||
        !(kinds >> e->kind & 1) || (e->kind == EV_TRADE && e->u.trade.backfill))
        return;
    struct delay *d = &m->delay[o->venue][e->channel];
    if (delay_add(d, e->t_recv_us, e->t_venue_us) &&
        !live_find(m->live, o->venue, e->channel, d->teller))
        d->teller = live_find(m->live, o->venue, e->channel, inst) ? inst : INST_NONE;
}

static void learn_feeder(struct market *m, const struct origin *o, const struct event *e)
{
    uint8_t *chan = e->segment ? &m->chan2[o->venue][e->kind] : &m->chan[o->venue][e->kind];
    if (*chan == 0 && o->conn != CONN_REST && e->channel != CHANNEL_NONE)
        *chan = (uint8_t)(e->channel + 1);
}

static int apply_known(struct market *m, const struct origin *o, const struct event *e,
                       uint32_t inst)
{
    uint16_t k = m->slot_of[inst];
    struct target t = {m, directory_get(m->dir, inst), NULL, NULL, o};
    if (k != NO_SLOT) {
        t.s = &m->slot[k];
        t.p = &m->priv[k];
        t.s->t_touch_us = e->t_recv_us;
    }
    learn_feeder(m, o, e);
    return apply_by_kind[e->kind](&t, e);
}

static int apply(struct market *m, const struct origin *o, struct event *e, uint32_t *inst)
{
    if (!(m->conf.segments[o->venue] >> e->segment & 1))
        return E_SEGMENT;
    if (e->kind == EV_SPEC)
        return apply_spec(m, o->venue, e, inst);
    *inst = directory_find(m->dir, o->venue, e->symbol);
    if (e->kind == EV_FUND)
        return funds_apply(&m->funds, m->dir, o->venue, *inst, e);
    if (*inst == INST_NONE)
        return e->symbol.p ? coin_apply(m, o->venue, e) : E_NOSPEC;
    watch_delay(m, o, e, *inst);
    check_stamp(m, o->venue, e);
    return apply_known(m, o, e, *inst);
}

int market_apply(struct market *m, const struct origin *o, struct event *e, uint32_t *inst)
{
    assert(o->venue < DIR_VENUES_MAX && e->kind < EV_KINDS);
    *inst = INST_NONE;
    if (e->kind == EV_CONTROL)
        return 0; /* not the market's */
    int err = apply(m, o, e, inst);
    if (err < 0)
        m->count[o->venue][count_of(err, e->kind)]++;
    else if (*inst != INST_NONE && m->slot_of[*inst] == NO_SLOT && e->kind != EV_SPEC &&
             e->kind != EV_FUND)
        m->count[o->venue][MC_NOT_TRACKED]++;
    else
        m->count[o->venue][MC_APPLIED]++;
    return err;
}
