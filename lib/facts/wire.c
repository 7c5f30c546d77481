/* Events as text: one JSON object each, keys in the order of product terms. In: an event and, when
 * specs are known, the directory; out: text. A NAN is an absent key (the venue did not say), a
 * NONE_* bit is null (the venue said there is none): the one place where both become visible. */
#include "facts/wire.h"

#include "base/num.h"
#include "facts/wire_spec.h"

static void kv_slice(struct text *t, const char *key, struct slice s)
{
    if (s.p)
        text_kv_slice(t, key, s);
    else
        text_kv_str(t, key, NULL);
}

/* A number the venue may have left out (NAN) or denied (none). */
static void kv_opt(struct text *t, const char *key, double x, bool none)
{
    if (none)
        text_kv_str(t, key, NULL);
    else if (!isnan(x))
        text_kv_num(t, key, x);
}

static void kv_unit(struct text *t, enum qty_unit unit)
{
    if (unit != QTY_UNSAID)
        text_kv_str(t, "qty_unit", qty_unit_name(unit));
}

static void kv_id(struct text *t, const char *key, int64_t id)
{
    char buf[NUM_PRINT_MAX];
    num_print_i64(buf, id);
    text_kv_str(t, key, buf);
}

static const struct instrument *instrument_of(const struct directory *dir, uint8_t venue,
                                              const struct event *e)
{
    uint32_t id = dir && e->symbol.p ? directory_find(dir, venue, e->symbol) : INST_NONE;
    return id == INST_NONE ? NULL : directory_get(dir, id);
}

static bool quoted_in_usd(const struct instrument *in)
{
    static const char *const usd[] = {"USD", "USDT", "USDC"};
    for (size_t i = 0; i < sizeof usd / sizeof *usd; i++)
        if (slice_is(slice_of(in->quote), usd[i]))
            return true;
    return false;
}

/* Notional of a quantity; NAN while the unit, the size or the price is not known. */
static double notional_usd(const struct instrument *in, enum qty_unit unit, double qty, double px)
{
    if (!in)
        return NAN;
    double px_usd = quoted_in_usd(in) ? px : NAN;
    switch (unit) {
    case QTY_USD:
        return qty;
    case QTY_BASE:
        return qty * px_usd;
    case QTY_CT:
        if (in->ct_unit == QTY_USD)
            return qty * in->ct_size;
        return in->ct_unit == QTY_BASE ? qty * in->ct_size * px_usd : NAN;
    case QTY_UNSAID:
        break;
    }
    return NAN;
}

static void put_px(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    kv_opt(t, "px", e->u.px.px, e->none & NONE_PX);
}

static void put_funding(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    const struct ev_funding *f = &e->u.funding;
    kv_opt(t, "rate", f->rate, e->none & NONE_RATE);
    kv_opt(t, "interval_h", f->interval_h, e->none & NONE_INTERVAL);
    if (e->none & NONE_NEXT)
        text_kv_str(t, "next_us", NULL);
    else if (f->next_us)
        text_kv_i64(t, "next_us", f->next_us);
    text_kv_bool(t, "predicted", f->predicted);
}

static void put_oi(struct text *t, const struct event *e, const struct instrument *in)
{
    const struct ev_oi *o = &e->u.oi;
    kv_opt(t, "qty", o->qty, e->none & NONE_QTY);
    kv_unit(t, o->unit);
    kv_opt(t, "usd", notional_usd(in, o->unit, o->qty, NAN), false);
}

static void put_liq(struct text *t, const struct event *e, const struct instrument *in)
{
    const struct ev_liq *l = &e->u.liq;
    text_kv_str(t, "closed", pos_side_name(l->closed));
    kv_opt(t, "px", l->px, e->none & NONE_PX);
    if (!isnan(l->px))
        text_kv_str(t, "px_kind", px_kind_name(l->px_kind));
    kv_opt(t, "fill_px", l->fill_px, false);
    kv_opt(t, "qty", l->qty, e->none & NONE_QTY);
    kv_unit(t, l->unit);
    kv_opt(t, "usd", notional_usd(in, l->unit, l->qty, isnan(l->fill_px) ? l->px : l->fill_px),
           false);
    text_kv_bool(t, "final", l->final);
    text_kv_str(t, "coverage", coverage_name(l->coverage));
}

static void put_trade(struct text *t, const struct event *e, const struct instrument *in)
{
    const struct ev_trade *d = &e->u.trade;
    kv_opt(t, "px", d->px, e->none & NONE_PX);
    kv_opt(t, "qty", d->qty, e->none & NONE_QTY);
    kv_unit(t, d->unit);
    kv_opt(t, "usd", notional_usd(in, d->unit, d->qty, d->px), false);
    text_kv_str(t, "taker", d->taker_buys ? "buy" : "sell");
    if (d->id >= 0)
        kv_id(t, "id", d->id);
    text_kv_bool(t, "backfill", d->backfill);
}

static void put_quote(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    const struct ev_quote *q = &e->u.quote;
    kv_opt(t, "bid_px", q->bid_px, e->none & NONE_BID);
    kv_opt(t, "bid_qty", q->bid_qty, e->none & NONE_BID);
    kv_opt(t, "ask_px", q->ask_px, e->none & NONE_ASK);
    kv_opt(t, "ask_qty", q->ask_qty, e->none & NONE_ASK);
    kv_unit(t, q->unit);
    if (q->seq)
        text_kv_i64(t, "seq", q->seq);
}

static void put_levels(struct text *t, const char *key, const struct level *l, uint32_t n)
{
    text_key(t, key);
    text_char(t, '[');
    for (uint32_t i = 0; i < n; i++) {
        text_str(t, i ? ",[" : "[");
        text_num(t, l[i].px);
        text_char(t, ',');
        text_num(t, l[i].qty);
        text_char(t, ']');
    }
    text_char(t, ']');
}

static void put_book(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    const struct ev_book *b = &e->u.book;
    text_kv_bool(t, "snapshot", b->snapshot);
    if (b->view)
        text_kv_i64(t, "view", b->view);
    kv_unit(t, b->unit);
    put_levels(t, "bids", b->bids, b->n_bids);
    put_levels(t, "asks", b->asks, b->n_asks);
    if (b->seq_first >= 0)
        text_kv_i64(t, "seq_first", b->seq_first);
    if (b->seq_last >= 0)
        text_kv_i64(t, "seq_last", b->seq_last);
    if (b->seq_prev >= 0)
        text_kv_i64(t, "seq_prev", b->seq_prev);
}

static void put_spec(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    wire_spec_body(t, &e->u.spec);
}

static void put_fund(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    const struct ev_fund *f = &e->u.fund;
    kv_slice(t, "pool", f->pool);
    kv_opt(t, "balance_usd", f->balance_usd, false);
    if (f->state.p)
        text_kv_slice(t, "state", f->state);
    kv_opt(t, "drawdown_frac", f->drawdown_frac, false);
    kv_opt(t, "trigger_frac", f->trigger_frac, false);
}

static void put_stat(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    text_kv_str(t, "what", stat_what_name(e->u.stat.what));
    kv_opt(t, "value", e->u.stat.value, false);
    kv_opt(t, "window_s", e->u.stat.window_s, false);
}

static void put_control(struct text *t, const struct event *e, const struct instrument *in)
{
    (void)in;
    text_kv_str(t, "what", control_what_name(e->u.control.what));
    if (e->u.control.id >= 0)
        kv_id(t, "id", e->u.control.id);
    text_kv_slice(t, "text", e->u.control.text);
}

static void (*const put_body[EV_KINDS])(struct text *, const struct event *,
                                        const struct instrument *) = {
    [EV_MARK] = put_px,     [EV_INDEX] = put_px,  [EV_FUNDING] = put_funding,
    [EV_OI] = put_oi,       [EV_LIQ] = put_liq,   [EV_TRADE] = put_trade,
    [EV_QUOTE] = put_quote, [EV_BOOK] = put_book, [EV_SPEC] = put_spec,
    [EV_FUND] = put_fund,   [EV_STAT] = put_stat, [EV_CONTROL] = put_control,
};

/* The keys every event has, in order; the object is left open. */
static void put_head(struct text *t, const char *venue_name, const char *asset,
                     const struct event *e)
{
    text_kv_str(t, "kind", event_kind_name(e->kind));
    text_kv_str(t, "venue", venue_name);
    kv_slice(t, "symbol", e->symbol);
    text_kv_str(t, "asset", asset);
    text_kv_i64(t, "t_venue_us", e->t_venue_us);
    if (e->dex.p) {
        text_kv_slice(t, "dex", e->dex);
        text_kv_i64(t, "ord", e->ord);
    }
    if (e->segment)
        text_kv_i64(t, "segment", e->segment);
}

void wire_event(struct text *out, const struct wire_from *from, const struct event *e)
{
    const struct instrument *in = instrument_of(from->dir, from->venue, e);
    const char *asset =
        in && in->asset != ASSET_NONE ? directory_asset_name(from->dir, in->asset) : NULL;
    text_char(out, '{');
    if (from->line)
        text_kv_i64(out, "line", (int64_t)from->line);
    put_head(out, from->venue_name, asset, e);
    put_body[e->kind](out, e, in);
    text_char(out, '}');
}

void wire_error(struct text *out, uint64_t line, const char *why)
{
    text_char(out, '{');
    text_kv_i64(out, "line", (int64_t)line);
    text_kv_str(out, "kind", "error");
    text_kv_str(out, "error", why);
    text_char(out, '}');
}

/* The directory's row as the event that would create it. Numbers it does not know stay absent. */
static struct event event_of(const struct instrument *in)
{
    struct event e;
    event_init(&e, EV_SPEC);
    e.symbol = slice_of(in->symbol);
    e.segment = in->segment;
    if (in->ord >= 0) {
        e.dex = slice_of(in->dex);
        e.ord = in->ord;
    }
    e.u.spec = (struct ev_spec){.ct_size = in->ct_size,
                                .ct_unit = in->ct_unit,
                                .linear = in->linear,
                                .tick = in->tick,
                                .max_leverage = in->max_leverage,
                                .status = in->status,
                                .category = in->category,
                                .funding_interval_h = in->funding_interval_h,
                                .tiers = in->n_tiers ? in->tiers : NULL,
                                .n_tiers = in->n_tiers,
                                .tier_unit = in->tier_unit == QTY_USD ? QTY_UNSAID : in->tier_unit,
                                .tier_whole = in->tier_whole,
                                .partial = !in->full};
    struct ev_spec *s = &e.u.spec;
    const char *text[] = {in->base, in->quote, in->settle, in->index};
    struct slice *into[] = {&s->base, &s->quote, &s->settle, &s->index};
    for (int i = 0; i < 4; i++)
        if (text[i][0])
            *into[i] = slice_of(text[i]);
    return e;
}

void wire_instrument(struct text *out, const char *venue_name, const struct directory *dir,
                     uint32_t id)
{
    const struct instrument *in = directory_get(dir, id);
    struct event e = event_of(in);
    wire_event(out, &(struct wire_from){0, venue_name, in->venue, dir}, &e);
}
