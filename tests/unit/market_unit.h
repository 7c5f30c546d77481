/* What the tests of the market share: a directory of two venues, a market of eight slots, short
 * ways to make events, and an expectation of a level with its reason. */
#ifndef MARKET_UNIT_H
#define MARKET_UNIT_H

#include <math.h>
#include <string.h>

#include "market/market.h"
#include "unit.h"

#define SEC 1000000ll
#define T0  (1700000040ll * SEC)

enum { CH_MARK, CH_DEPTH, CH_LIQ, CH_TRADE, CH_QUOTE, CH_OI, CH_VIEW1, CH_VIEW2 };

static const char *const names[] = {"binance", "hyperliquid"};
static const struct asset_alias aliases[] = {{"*", "1000PEPE", "PEPE", 1000}};
static const uint8_t conn = CONN_SLOT(0, 0, 0);
static struct directory *d;
static struct live *l;
static struct market *m;
static struct gap gaps[64];
static int n_gaps;

static inline void on_gap(void *arg, const struct gap *g)
{
    (void)arg;
    gaps[n_gaps++ % 64] = *g;
}

static inline void setup(void)
{
    struct market_conf c = {.max_slots = 8, .book_levels = 200, .book_pending = 16};
    c.ttl_s[0][EV_OI] = 45;
    c.feeder[0][EV_LIQ] = CH_LIQ + 1;
    n_gaps = 0;
    d = directory_new(aliases, 1, names, 2);
    l = live_new(on_gap, NULL);
    m = market_new(&c, d, l);
    ck_assert(d && l && m);
}

static inline void teardown(void)
{
    market_free(m);
    live_free(l);
    directory_free(d);
}

/* --- events -------------------------------------------------------------------------------------
 */

static inline struct event event(enum event_kind kind, const char *symbol, uint8_t channel,
                                 int64_t t)
{
    struct event e;
    event_init(&e, kind);
    e.symbol = slice_of(symbol);
    e.channel = channel;
    e.t_recv_us = t;
    return e;
}

static uint32_t last_inst;

static inline int put_from(uint8_t venue, uint8_t from, struct event e)
{
    struct origin o = {venue, from, NULL};
    return market_apply(m, &o, &e, &last_inst);
}

static inline int put(struct event e)
{
    return put_from(0, conn, e);
}

static inline struct event spec(const char *symbol, const char *base, double ct_size,
                                enum qty_unit unit)
{
    struct event e = event(EV_SPEC, symbol, 0, T0);
    e.u.spec.base = slice_of(base);
    e.u.spec.quote = unit == QTY_USD ? SLICE("USD") : SLICE("USDT");
    e.u.spec.linear = unit != QTY_USD;
    e.u.spec.ct_size = ct_size;
    e.u.spec.ct_unit = unit;
    e.u.spec.status = INST_TRADING;
    e.u.spec.category = CAT_PERP;
    return e;
}

static inline const struct slot *track(const char *symbol, const char *base, double ct_size,
                                       enum qty_unit unit)
{
    ck_assert_int_eq(put(spec(symbol, base, ct_size, unit)), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), 0);
    return market_slot(m, last_inst);
}

static inline struct event px(enum event_kind kind, const char *symbol, double x, int64_t t)
{
    struct event e = event(kind, symbol, CH_MARK, t);
    e.u.px.px = x;
    return e;
}

static inline struct event oi(const char *symbol, double qty, enum qty_unit unit, int64_t t)
{
    struct event e = event(EV_OI, symbol, CH_OI, t);
    e.u.oi.qty = qty;
    e.u.oi.unit = unit;
    return e;
}

static inline struct event liq(const char *symbol, enum pos_side closed, double qty, int64_t t)
{
    struct event e = event(EV_LIQ, symbol, CH_LIQ, t);
    e.u.liq.closed = closed;
    e.u.liq.px = 100;
    e.u.liq.fill_px = NAN;
    e.u.liq.qty = qty;
    e.u.liq.unit = QTY_BASE;
    return e;
}

static inline struct event trade(const char *symbol, int64_t id, bool buys, int64_t t)
{
    struct event e = event(EV_TRADE, symbol, CH_TRADE, t);
    e.u.trade.px = 50;
    e.u.trade.qty = 2;
    e.u.trade.unit = QTY_BASE;
    e.u.trade.taker_buys = buys;
    e.u.trade.id = id;
    return e;
}

static inline struct event quote(const char *symbol, double bid, double ask, int64_t seq, int64_t t)
{
    struct event e = event(EV_QUOTE, symbol, CH_QUOTE, t);
    e.u.quote = (struct ev_quote){bid, 1, ask, 1, QTY_BASE, seq};
    return e;
}

static struct level bids[100], asks[100];

/* n levels a side, step apart, around mid; snapshot when prev < 0. */
static inline struct event book(const char *symbol, double mid, double step, uint32_t n, int64_t t)
{
    struct event e = event(EV_BOOK, symbol, CH_DEPTH, t);
    for (uint32_t i = 0; i < n; i++) {
        bids[i] = (struct level){mid - step * (i + 1), 1};
        asks[i] = (struct level){mid + step * (i + 1), 1};
    }
    e.u.book.snapshot = true;
    e.u.book.unit = QTY_BASE;
    e.u.book.bids = bids;
    e.u.book.asks = asks;
    e.u.book.n_bids = e.u.book.n_asks = n;
    e.u.book.cap = 20;
    return e;
}

static inline double last(const struct slot *s, enum series_id id)
{
    return s->s[id].last;
}

static inline uint64_t count(enum market_count c)
{
    return market_counter(m, 0, c);
}

static inline double level(const struct slot *s, enum series_id id, int64_t t,
                           enum unknown_reason want)
{
    uint8_t why = 99;
    double x = market_level(m, s, id, t, &why);
    ck_assert_str_eq(unknown_reason_name((enum unknown_reason)why), unknown_reason_name(want));
    ck_assert_int_eq(isnan(x), want != R_KNOWN);
    return x;
}

#endif
