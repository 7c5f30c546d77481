/* A small synthetic market for tests of measures: venues a, b, c, instruments made by real specs,
 * facts put in through market_apply, the board driven tick by tick. Channel n of a venue carries
 * event kind n; every channel has a row in live, on one connection per venue. */
#ifndef MARKET_FIXTURE_H
#define MARKET_FIXTURE_H

#include "unit.h"

#include "risk/models.h"

#define SEC        INT64_C(1000000)
#define T0         (INT64_C(1760000000) * SEC)
#define FX_VENUES  3
#define FX_CONN    CONN_SLOT(0, 0, 0)
#define FX_REASONS 20000

struct fx_reason {
    struct subject s;
    int metric;
    uint8_t was, now;
};

struct fx {
    struct directory *dir;
    struct live *live;
    struct market *market;
    struct risk *risk;
    int64_t now_us;
    int n_reasons, n_rows;
    struct fx_reason reason[FX_REASONS];
    struct subject row[FX_REASONS];
};

static const char *const fx_names[FX_VENUES] = {"a", "b", "c"};

static inline void fx_on_row(void *arg, int64_t t_us, struct subject s, const struct cell *row,
                             int n)
{
    struct fx *f = arg;
    ck_assert_int_eq(t_us, f->now_us);
    ck_assert_int_eq(n, metric_columns((enum metric_table)s.table));
    for (int i = 0; i < n; i++)
        ck_assert(isnan(row[i].value) == (row[i].reason != R_KNOWN));
    ck_assert_int_lt(f->n_rows, FX_REASONS);
    f->row[f->n_rows++] = s;
}

static inline void fx_on_reason(void *arg, const struct reason_change *c)
{
    struct fx *f = arg;
    ck_assert_int_eq(c->t_us, f->now_us);
    ck_assert_int_ne(c->was, c->now);
    ck_assert_int_lt(f->n_reasons, FX_REASONS);
    f->reason[f->n_reasons++] = (struct fx_reason){c->subject, c->metric_id, c->was, c->now};
}

static inline struct risk_sink fx_sink(struct fx *f)
{
    return (struct risk_sink){.arg = f, .row = fx_on_row, .reason = fx_on_reason};
}

static inline void fx_links(struct fx *f, int venue, bool up)
{
    live_link(f->live, (uint8_t)venue, FX_CONN, up, f->now_us);
    if (!up)
        market_link_down(f->market, (uint8_t)venue, FX_CONN, f->now_us);
}

/* Venue a publishes sampled liquidations, b complete ones, c none. Weights 3, 1, 1. */
static inline struct fx *fx_new(void)
{
    struct fx *f = calloc(1, sizeof(*f));
    ck_assert_ptr_nonnull(f);
    struct market_conf mc = {.max_slots = 32, .book_levels = 256, .book_pending = 16};
    struct risk_conf rc = {.max_assets = 8, .n_venues = FX_VENUES};
    for (int v = 0; v < FX_VENUES; v++) {
        for (int k = 0; k < EV_KINDS; k++) {
            mc.ttl_s[v][k] = 10;
            mc.feeder[v][k] = (uint8_t)(k + 1);
        }
        rc.venue[v] =
            (struct risk_venue){v == 0 ? 3 : 1, v < 2, v == 0 ? COVER_SAMPLED : COVER_COMPLETE};
    }
    struct asset_alias alias = {"a", "1000PEPE", "PEPE", 1000};
    f->now_us = T0;
    f->dir = directory_new(&alias, 1, fx_names, FX_VENUES);
    f->live = live_new(NULL, NULL);
    f->market = market_new(&mc, f->dir, f->live);
    f->risk = risk_new(&rc, f->market);
    ck_assert(f->dir && f->live && f->market && f->risk);
    for (int v = 0; v < FX_VENUES; v++) {
        for (int k = 0; k < EV_KINDS; k++) {
            struct live_row row = {.venue = (uint8_t)v,
                                   .channel = (uint8_t)k,
                                   .conn = FX_CONN,
                                   .inst = INST_NONE,
                                   .first_s = 60,
                                   .silent_s = 60,
                                   .sparse = k == EV_LIQ};
            ck_assert_int_ge(live_want(f->live, &row, f->now_us), 0);
        }
        fx_links(f, v, true);
        live_acked(f->live, (uint8_t)v, EV_LIQ, INST_NONE, f->now_us);
    }
    return f;
}

static inline void fx_free(struct fx *f)
{
    risk_free(f->risk);
    market_free(f->market);
    live_free(f->live);
    directory_free(f->dir);
    free(f);
}

/* ---- facts ---- */

static inline int fx_apply(struct fx *f, int venue, struct event *e)
{
    uint32_t inst = INST_NONE;
    struct origin o = {(uint8_t)venue, FX_CONN, NULL};
    e->channel = (uint8_t)e->kind;
    e->t_recv_us = f->now_us;
    live_data(f->live, (uint8_t)venue, e->channel, INST_NONE, f->now_us);
    int rc = market_apply(f->market, &o, e, &inst);
    const struct slot *s = inst == INST_NONE ? NULL : market_slot(f->market, inst);
    if (s && rc >= 0)
        risk_event(f->risk, s, e);
    return rc;
}

static inline struct event fx_event(enum event_kind kind, const char *symbol)
{
    struct event e;
    event_init(&e, kind);
    e.symbol = slice_of(symbol);
    return e;
}

static inline void fx_must(int err)
{
    ck_assert_msg(err >= 0, "%s", err_text(err));
}

/* A linear perpetual in coins (ct_usd 0) or an inverse one with contracts of ct_usd dollars;
 * tracked, and its asset on the board. */
static inline uint32_t fx_list(struct fx *f, int venue, const char *symbol, const char *base,
                               double ct_usd)
{
    struct event e = fx_event(EV_SPEC, symbol);
    struct ev_spec *s = &e.u.spec;
    s->base = slice_of(base);
    s->quote = s->settle = SLICE("USDT");
    s->ct_size = ct_usd > 0 ? ct_usd : 1;
    s->ct_unit = ct_usd > 0 ? QTY_USD : QTY_BASE;
    s->linear = ct_usd > 0 ? 0 : 1;
    if (ct_usd > 0) {
        s->quote = SLICE("USD");
        s->settle = slice_of(base);
    }
    s->tick = 0.1;
    s->max_leverage = 100;
    s->status = INST_TRADING;
    s->category = CAT_PERP;
    fx_must(fx_apply(f, venue, &e));
    uint32_t inst = directory_find(f->dir, (uint8_t)venue, slice_of(symbol));
    ck_assert_uint_ne(inst, INST_NONE);
    fx_must(market_track(f->market, inst, f->now_us));
    fx_must(risk_add_asset(f->risk, directory_get(f->dir, inst)->asset));
    return directory_get(f->dir, inst)->asset;
}

static inline void fx_px(struct fx *f, int venue, const char *symbol, enum event_kind kind,
                         double px)
{
    struct event e = fx_event(kind, symbol);
    e.u.px.px = px;
    fx_must(fx_apply(f, venue, &e));
}

static inline void fx_oi(struct fx *f, int venue, const char *symbol, double qty,
                         enum qty_unit unit)
{
    struct event e = fx_event(EV_OI, symbol);
    e.u.oi = (struct ev_oi){.qty = qty, .unit = unit, .value = NAN};
    fx_must(fx_apply(f, venue, &e));
}

static inline void fx_funding_next(struct fx *f, int venue, const char *symbol,
                                   struct ev_funding funding)
{
    struct event e = fx_event(EV_FUNDING, symbol);
    e.u.funding = funding;
    fx_must(fx_apply(f, venue, &e));
}

/* The text does not say when it settles. */
static inline void fx_funding(struct fx *f, int venue, const char *symbol, double rate,
                              double interval_h)
{
    fx_funding_next(f, venue, symbol, (struct ev_funding){rate, interval_h, 0, false});
}

static inline void fx_quote(struct fx *f, int venue, const char *symbol, double bid, double ask)
{
    struct event e = fx_event(EV_QUOTE, symbol);
    e.u.quote = (struct ev_quote){bid, 1, ask, 1, QTY_BASE, 0};
    fx_must(fx_apply(f, venue, &e));
}

/* Of BTC. */
static inline void fx_liq(struct fx *f, int venue, enum pos_side closed, double px, double qty)
{
    struct event e = fx_event(EV_LIQ, "BTC");
    e.u.liq = (struct ev_liq){closed, PX_BANKRUPTCY, COVER_SAMPLED, QTY_BASE, px, NAN, qty, true};
    fx_must(fx_apply(f, venue, &e));
}

struct fx_side { /* one side of a book */
    const struct level *levels;
    uint32_t n;
};

/* A whole book: every message is a snapshot. */
static inline int fx_book(struct fx *f, int venue, const char *symbol, struct fx_side bids,
                          struct fx_side asks)
{
    struct event e = fx_event(EV_BOOK, symbol);
    e.u.book.snapshot = true;
    e.u.book.unit = QTY_BASE;
    e.u.book.bids = bids.levels;
    e.u.book.asks = asks.levels;
    e.u.book.n_bids = bids.n;
    e.u.book.n_asks = asks.n;
    return fx_apply(f, venue, &e);
}

/* ---- time
 * ---------------------------------------------------------------------------------------- */

static inline void fx_tick(struct fx *f)
{
    struct risk_sink sink = fx_sink(f);
    f->now_us += SEC;
    live_tick(f->live, f->now_us);
    market_tick(f->market, f->now_us);
    f->n_rows = f->n_reasons = 0;
    risk_tick(f->risk, f->now_us, &sink);
}

/* ---- reading
 * ------------------------------------------------------------------------------------- */

static inline bool fx_same(struct subject a, struct subject b)
{
    return a.table == b.table && a.venue == b.venue && a.channel == b.channel && a.id == b.id;
}

static inline struct subject fx_asset(uint32_t asset)
{
    return (struct subject){MT_ASSET, 255, 255, asset};
}

static inline struct subject fx_va(int venue, uint32_t asset)
{
    return (struct subject){MT_VENUE_ASSET, (uint8_t)venue, 255, asset};
}

static inline struct cell fx_cell(const struct fx *f, struct subject s, const char *name)
{
    int id = metric_find(slice_of(name), (enum metric_table)s.table);
    ck_assert_msg(id >= 0, "no metric %s", name);
    return risk_cell(f->risk, s, id);
}

static inline void fx_is(const struct fx *f, struct subject s, const char *name, double want,
                         double rel)
{
    struct cell c = fx_cell(f, s, name);
    ck_assert_msg(c.reason == R_KNOWN, "%s: unknown, %s", name,
                  unknown_reason_name((enum unknown_reason)c.reason));
    ck_assert_msg(fabs(c.value - want) <= rel * fmax(fabs(want), 1e-300), "%s: %.15g, wanted %.15g",
                  name, c.value, want);
}

static inline void fx_unknown(const struct fx *f, struct subject s, const char *name,
                              enum unknown_reason why)
{
    struct cell c = fx_cell(f, s, name);
    ck_assert_msg(c.reason == why, "%s: %s (%g), wanted %s", name,
                  unknown_reason_name((enum unknown_reason)c.reason), c.value,
                  unknown_reason_name(why));
    ck_assert(isnan(c.value));
}

#endif
