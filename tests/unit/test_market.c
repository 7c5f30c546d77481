/* Proves: every kind of event becomes the right number in the right series (units, multipliers,
 * inverse contracts, worked numbers of models.md A1), or is refused and counted; what is unknown
 * says why; books, gaps and links; coarse views; primaries; the universe's bulk figures; tracking.
 */
#include "market/market.h"

#include <math.h>
#include <string.h>

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

static void on_gap(void *arg, const struct gap *g)
{
    (void)arg;
    gaps[n_gaps++ % 64] = *g;
}

static void setup(void)
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

static void teardown(void)
{
    market_free(m);
    live_free(l);
    directory_free(d);
}

/* --- events -------------------------------------------------------------------------------------
 */

static struct event event(enum event_kind kind, const char *symbol, uint8_t channel, int64_t t)
{
    struct event e;
    event_init(&e, kind);
    e.symbol = slice_of(symbol);
    e.channel = channel;
    e.t_recv_us = t;
    return e;
}

static uint32_t last_inst;

static int put_from(uint8_t venue, uint8_t from, struct event e)
{
    struct origin o = {venue, from, NULL};
    return market_apply(m, &o, &e, &last_inst);
}

static int put(struct event e)
{
    return put_from(0, conn, e);
}

static struct event spec(const char *symbol, const char *base, double ct_size, enum qty_unit unit)
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

static const struct slot *track(const char *symbol, const char *base, double ct_size,
                                enum qty_unit unit)
{
    ck_assert_int_eq(put(spec(symbol, base, ct_size, unit)), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), 0);
    return market_slot(m, last_inst);
}

static struct event px(enum event_kind kind, const char *symbol, double x, int64_t t)
{
    struct event e = event(kind, symbol, CH_MARK, t);
    e.u.px.px = x;
    return e;
}

static struct event oi(const char *symbol, double qty, enum qty_unit unit, int64_t t)
{
    struct event e = event(EV_OI, symbol, CH_OI, t);
    e.u.oi.qty = qty;
    e.u.oi.unit = unit;
    return e;
}

static struct event liq(const char *symbol, enum pos_side closed, double qty, int64_t t)
{
    struct event e = event(EV_LIQ, symbol, CH_LIQ, t);
    e.u.liq.closed = closed;
    e.u.liq.px = 100;
    e.u.liq.fill_px = NAN;
    e.u.liq.qty = qty;
    e.u.liq.unit = QTY_BASE;
    return e;
}

static struct event trade(const char *symbol, int64_t id, bool buys, int64_t t)
{
    struct event e = event(EV_TRADE, symbol, CH_TRADE, t);
    e.u.trade.px = 50;
    e.u.trade.qty = 2;
    e.u.trade.unit = QTY_BASE;
    e.u.trade.taker_buys = buys;
    e.u.trade.id = id;
    return e;
}

static struct event quote(const char *symbol, double bid, double ask, int64_t seq, int64_t t)
{
    struct event e = event(EV_QUOTE, symbol, CH_QUOTE, t);
    e.u.quote = (struct ev_quote){bid, 1, ask, 1, QTY_BASE, seq};
    return e;
}

static struct level bids[100], asks[100];

/* n levels a side, step apart, around mid; snapshot when prev < 0. */
static struct event book(const char *symbol, double mid, double step, uint32_t n, int64_t t)
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

static double last(const struct slot *s, enum series_id id)
{
    return s->s[id].last;
}

static uint64_t count(enum market_count c)
{
    return market_counter(m, 0, c);
}

static double level(const struct slot *s, enum series_id id, int64_t t, enum unknown_reason want)
{
    uint8_t why = 99;
    double x = market_level(m, s, id, t, &why);
    ck_assert_str_eq(unknown_reason_name((enum unknown_reason)why), unknown_reason_name(want));
    ck_assert_int_eq(isnan(x), want != R_KNOWN);
    return x;
}

/* --- cases --------------------------------------------------------------------------------------
 */

START_TEST(test_open_interest)
{
    uint8_t why;
    /* linear 1,000 BTC at 60,000 = 60.0 m USD */
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSDT", 1000, QTY_BASE, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 1000);
    ck_assert_double_eq(market_oi_usd(m, s, T0, &why), 60e6);
    ck_assert_double_eq(market_bulk_oi_usd(m, s->inst), 60e6);
    /* inverse 600,000 contracts of 100 USD = 60.0 m USD = 1,000 BTC at 60,000 */
    const struct slot *i = track("BTCUSD_PERP", "BTC", 100, QTY_USD);
    ck_assert_int_eq(put(oi("BTCUSD_PERP", 600000, QTY_CT, T0)), E_UNIT); /* no price yet */
    ck_assert_double_eq(market_bulk_oi_usd(m, i->inst), 60e6);            /* price-free */
    ck_assert(isnan(last(i, S_OI_BASE)));
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSD_PERP", 60000, T0)), 0);
    ck_assert_int_eq(put(oi("BTCUSD_PERP", 600000, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(i, S_OI_BASE), 1000);
    ck_assert_double_eq(market_oi_usd(m, i, T0, &why), 60e6);
    /* linear contracts of 0.01 */
    const struct slot *c = track("ETH_CT", "ETH", .01, QTY_BASE);
    ck_assert_int_eq(put(oi("ETH_CT", 5000, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(c, S_OI_BASE), 50);
    ck_assert(isnan(market_oi_usd(m, c, T0, &why))); /* no mark */
    ck_assert_int_eq(why, R_WARMUP);
    /* the venue counts dollars */
    ck_assert_int_eq(put(px(EV_MARK, "ETH_CT", 4000, T0)), 0);
    ck_assert_int_eq(put(oi("ETH_CT", 400000, QTY_USD, T0)), 0);
    ck_assert_double_eq(last(c, S_OI_BASE), 100);
}
END_TEST

START_TEST(test_multiplier)
{
    uint8_t why;
    const struct slot *s = track("1000PEPEUSDT", "1000PEPE", 1, QTY_BASE);
    ck_assert_str_eq(directory_asset_name(d, s->asset), "PEPE");
    ck_assert_int_eq(put(px(EV_MARK, "1000PEPEUSDT", .007, T0)), 0);
    ck_assert_int_eq(put(oi("1000PEPEUSDT", 5e9, QTY_BASE, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 5e12); /* PEPE */
    ck_assert_double_eq_tol(market_oi_usd(m, s, T0, &why), 35e6, 1e-6);
    ck_assert_double_eq_tol(market_asset_px(s, .007), 7e-6, 1e-20);
    struct event e = liq("1000PEPEUSDT", POS_LONG, 1000, T0);
    e.u.liq.px = .007;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_LIQ_LONG_BASE), 1e6);
    ck_assert_double_eq(last(s, S_LIQ_LONG_USD), 7);
}
END_TEST

START_TEST(test_liquidations)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct event e = liq("BTCUSDT", POS_LONG, 3, T0 + 1);
    ck_assert_int_eq(put(e), 0);
    e.u.liq.fill_px = 110; /* what was really paid counts */
    e.u.liq.closed = POS_SHORT;
    ck_assert_int_eq(put(e), 0);
    e.u.liq.unit = QTY_CT;
    ck_assert_int_eq(put(e), 0); /* contracts of 1 coin */
    int64_t now = T0 + 60 * SEC;
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_LONG_USD], now, 60 * SEC), 300);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_SHORT_USD], now, 60 * SEC), 660);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_SHORT_BASE], now, 60 * SEC), 6);
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (int k = 0; k < 4; k++) {
        e.u.liq.qty = bad[k];
        ck_assert_int_eq(put(e), E_RANGE);
    }
    e.u.liq.qty = 1;
    e.u.liq.px = e.u.liq.fill_px = NAN;
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert_uint_eq(count(MC_RANGE), 5);
}
END_TEST

/* A sparse feed knows zero from its ack on; when it is down it knows nothing. */
START_TEST(test_flow_knowledge)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .venue = 0, .channel = CH_LIQ, .inst = INST_NONE, .conn = conn, .sparse = true};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    live_tick(l, T0 + SEC);
    market_tick(m, T0 + SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 100 * SEC, 60 * SEC)));
    live_ack(l, 0, CH_LIQ, INST_NONE, false, T0 + SEC);
    market_tick(m, T0 + 2 * SEC);
    ck_assert_double_eq(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 62 * SEC, 60 * SEC), 0);
    ck_assert(isnan(series_sum(&s->s[S_BUY_USD], T0 + 62 * SEC, 60 * SEC))); /* no such feed */
    live_link(l, 0, conn, false, T0 + 70 * SEC);
    market_link_down(m, 0, conn, T0 + 70 * SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 71 * SEC, 60 * SEC)));
    live_tick(l, T0 + 71 * SEC);
    market_tick(m, T0 + 71 * SEC);
    ck_assert(isnan(series_sum(&s->s[S_LIQ_LONG_USD], T0 + 72 * SEC, 60 * SEC)));
}
END_TEST

START_TEST(test_trades)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(trade("BTCUSDT", 10, true, T0 + 1)), 0);
    ck_assert_int_eq(put(trade("BTCUSDT", 10, true, T0 + 2)), E_DUP); /* the other connection */
    ck_assert_int_eq(put(trade("BTCUSDT", 9, false, T0 + 3)), 0);     /* ids need not rise */
    struct event e = trade("BTCUSDT", 8, true, T0 + 4);
    e.u.trade.backfill = true;
    ck_assert_int_eq(put(e), 0); /* older: remembered, not counted as flow */
    ck_assert_int_eq(put(trade("BTCUSDT", 8, true, T0 + 5)), E_DUP);
    ck_assert_double_eq(series_sum(&s->s[S_BUY_USD], T0 + 60 * SEC, 60 * SEC), 100);
    ck_assert_double_eq(series_sum(&s->s[S_SELL_USD], T0 + 60 * SEC, 60 * SEC), 100);
    ck_assert_uint_eq(count(MC_DUP), 2);
    ck_assert_int_eq(s->last_trade_id, 8);
}
END_TEST

START_TEST(test_quotes)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    ck_assert_int_eq(put(quote("BTCUSDT", 99, NAN, 5, T0)), 0);
    ck_assert(isnan(last(s, S_MID))); /* one side is no mid */
    ck_assert_int_eq(put(quote("BTCUSDT", NAN, 101, 6, T0)), 0);
    ck_assert_double_eq(last(s, S_MID), 100);
    ck_assert_int_eq(put(quote("BTCUSDT", 50, 60, 6, T0)), E_DUP);
    ck_assert_int_eq(put(quote("BTCUSDT", 50, 60, 4, T0)), E_STALE);
    ck_assert_double_eq(last(s, S_MID), 100);
    struct event e = quote("BTCUSDT", NAN, 103, 7, T0);
    e.none = NONE_BID; /* the venue says there is no bid */
    ck_assert_int_eq(put(e), 0);
    ck_assert(isnan(s->quote.bid_px));
    ck_assert_double_eq(s->quote.ask_px, 103);
    ck_assert_int_eq(put(quote("BTCUSDT", 1, 3, 1, T0 + 6 * SEC)), 0); /* a new sequence */
    ck_assert_double_eq(last(s, S_MID), 2);
    ck_assert_int_eq(put(quote("BTCUSDT", -1, 3, 2, T0 + 6 * SEC)), E_RANGE);
    ck_assert_int_eq(put(quote("BTCUSDT", 1, INFINITY, 2, T0 + 6 * SEC)), E_RANGE);
}
END_TEST

START_TEST(test_refusals)
{
    uint32_t stub;
    ck_assert_int_eq(put(px(EV_MARK, "NOPEUSDT", 1, T0)), E_NOSPEC);
    ck_assert_uint_eq(last_inst, INST_NONE);
    struct event e = px(EV_MARK, "BTCUSDT", 1, T0);
    e.symbol = (struct slice){NULL, 0}; /* named by a position that no list explains */
    e.ord = 3;
    ck_assert_int_eq(put(e), E_NOSPEC);
    ck_assert_uint_eq(count(MC_NO_SPEC), 2);
    e = event(EV_SPEC, "STUBUSDT", 0, T0);
    e.u.spec.partial = true;
    e.u.spec.linear = -1;
    ck_assert_int_eq(put(e), 0);
    stub = last_inst;
    ck_assert_int_eq(market_track(m, stub, T0), E_RANGE);
    ck_assert_int_eq(put(oi("STUBUSDT", 5, QTY_BASE, T0)), E_UNIT); /* only a stub: not proven */
    ck_assert_uint_eq(last_inst, stub);
    ck_assert_int_eq(put(spec("XUSDT", "X", NAN, QTY_UNSAID)), 0);
    ck_assert_int_eq(put(oi("XUSDT", 5, QTY_CT, T0)), E_UNIT);
    ck_assert_int_eq(put(oi("XUSDT", 5, QTY_UNSAID, T0)), E_UNIT);
    ck_assert_uint_eq(count(MC_UNIT_UNPROVEN), 3);
    ck_assert_int_eq(put(oi("XUSDT", -5, QTY_BASE, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", 0, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", -1, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", NAN, T0)),
                     0); /* the venue has none: nothing to say */
    e = px(EV_MARK, "BTCUSD_PERP", 1, T0);
    e.segment = 1;
    ck_assert_int_eq(put(e), E_SEGMENT);
    ck_assert_uint_eq(count(MC_SEGMENT), 1);
    ck_assert_int_eq(put(spec("", "X", 1, QTY_BASE)), E_MISSING);
    ck_assert_int_eq(put(event(EV_CONTROL, "", 0, T0)), 0);
    ck_assert_int_eq(put(event(EV_FUND, "", 0, T0)), 0);
    /* known but not tracked: bulk only, and counted */
    uint64_t before = count(MC_NOT_TRACKED);
    ck_assert_int_eq(put(spec("YUSDT", "Y", 1, QTY_BASE)), 0);
    ck_assert_int_eq(put(px(EV_MARK, "YUSDT", 10, T0)), 0);
    ck_assert_int_eq(put(oi("YUSDT", 7, QTY_BASE, T0)), 0);
    ck_assert_int_eq(put(book("YUSDT", 10, .01, 5, T0)), 0);
    ck_assert_uint_eq(count(MC_NOT_TRACKED), before + 3);
    ck_assert_double_eq(market_bulk_oi_usd(m, last_inst), 70);
    for (int k = 0; k < MC_COUNTS; k++)
        ck_assert(strcmp(market_count_name((enum market_count)k), "unknown") != 0);
}
END_TEST

START_TEST(test_bulk_volume)
{
    ck_assert_int_eq(put(spec("XUSDT", "X", 1, QTY_BASE)), 0);
    uint32_t x = last_inst;
    struct event e = event(EV_STAT, "XUSDT", 0, T0);
    e.u.stat.what = STAT_VOLUME_24H_BASE;
    e.u.stat.value = 20;
    ck_assert(isnan(market_bulk_volume_usd(m, x)));
    ck_assert_int_eq(put(e), 0);
    ck_assert(isnan(market_bulk_volume_usd(m, x)));
    ck_assert_int_eq(put(px(EV_MARK, "XUSDT", 3, T0)), 0);
    ck_assert_double_eq(market_bulk_volume_usd(m, x), 60);
    e.u.stat.what = STAT_VOLUME_24H_USD;
    e.u.stat.value = 77;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(market_bulk_volume_usd(m, x), 77); /* said beats computed */
    e.u.stat.value = -1;
    ck_assert_int_eq(put(e), E_RANGE);
    ck_assert(isnan(market_bulk_oi_usd(m, DIR_INSTRUMENTS_MAX)));
}
END_TEST

START_TEST(test_coins)
{
    bool known = true;
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), 1);
    ck_assert(!known);
    ck_assert_double_eq(market_usd_per(m, SLICE("USD"), &known), 1);
    ck_assert(known);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", .9987, T0)), 0);
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), .9987);
    ck_assert(known);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", .99, T0)), 0);
    ck_assert_double_eq(market_usd_per(m, SLICE("USDT"), &known), .99);
    ck_assert_int_eq(put(px(EV_INDEX, "USDTUSD", 0, T0)), E_RANGE);
    ck_assert_int_eq(put(px(EV_INDEX, "USD", 1, T0)), E_NOSPEC);
    ck_assert_int_eq(put(px(EV_MARK, "USDCUSD", 1, T0)), E_NOSPEC); /* only an index is a rate */
    char name[16];
    for (int k = 1; k < 64; k++) {
        snprintf(name, sizeof name, "C%dUSD", k);
        ck_assert_int_eq(put(px(EV_INDEX, name, 1, T0)), 0);
    }
    ck_assert_int_eq(put(px(EV_INDEX, "LASTUSD", 1, T0)), E_LIMIT);
}
END_TEST

START_TEST(test_levels)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_MARK, .inst = INST_NONE, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    level(s, S_MARK, T0, R_WARMUP);
    struct event e = px(EV_MARK, "BTCUSDT", 100, T0);
    e.t_venue_us = T0 - 59 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, T0 - 59 * SEC);
    ck_assert_double_eq(level(s, S_MARK, T0 + 5 * SEC, R_KNOWN), 100);
    level(s, S_MARK, T0 + 5 * SEC + 1, R_STALE); /* 5 s unless told otherwise */
    live_link(l, 0, conn, false, T0 + 6 * SEC);
    level(s, S_MARK, T0 + 7 * SEC, R_DOWN);
    level(s, S_INDEX, T0 + 7 * SEC, R_WARMUP); /* nobody knows yet who feeds it */
    ck_assert_int_eq(put(oi("BTCUSDT", 3, QTY_BASE, T0)), 0);
    ck_assert_double_eq(level(s, S_OI_BASE, T0 + 45 * SEC, R_KNOWN), 3); /* its own age limit */
    level(s, S_OI_BASE, T0 + 46 * SEC, R_STALE);
    /* a stamp a minute away is not used */
    e.t_venue_us = T0 - 61 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, 0);
    e.t_venue_us = T0 + 61 * SEC;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(s->s[S_MARK].t_venue_us, 0);
    ck_assert_uint_eq(count(MC_SKEW), 2);
}
END_TEST

START_TEST(test_funding)
{
    struct event sp = spec("BTCUSDT", "BTC", 1, QTY_BASE);
    sp.u.spec.funding_interval_h = 8;
    ck_assert_int_eq(put(sp), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), 0);
    const struct slot *s = market_slot(m, last_inst);
    ck_assert_double_eq(s->fund_interval_h, 8);
    struct event e = event(EV_FUNDING, "BTCUSDT", CH_MARK, T0);
    e.u.funding = (struct ev_funding){.0001, NAN, T0 + 3600 * SEC, false};
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_FUND_RATE), .0001);
    ck_assert_int_eq(s->fund_next_us, T0 + 3600 * SEC);
    ck_assert_double_eq(s->fund_interval_h, 8);
    e.u.funding.predicted = true; /* a later period's */
    e.u.funding.rate = .5;
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(last(s, S_FUND_RATE), .0001);
    e.u.funding = (struct ev_funding){.0002, 4, 0, false};
    ck_assert_int_eq(put(e), 0);
    ck_assert_double_eq(s->fund_interval_h, 4);
    e.u.funding.interval_h = 0;
    ck_assert_int_eq(put(e), E_RANGE);
    e.u.funding = (struct ev_funding){INFINITY, NAN, 0, false};
    ck_assert_int_eq(put(e), E_RANGE);
    sp.u.spec.partial = true;
    sp.u.spec.funding_interval_h = 1;
    ck_assert_int_eq(put(sp), 0);
    ck_assert_double_eq(s->fund_interval_h, 1);
}
END_TEST

static int delta(int64_t first, int64_t prev, int64_t t)
{
    struct event e = book("BTCUSDT", 1000, .1, 1, t);
    e.u.book.snapshot = false;
    e.u.book.seq_first = e.u.book.seq_last = first;
    e.u.book.seq_prev = prev;
    return put(e);
}

START_TEST(test_book_gap)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_DEPTH, .inst = s->inst, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    ck_assert_int_eq(delta(5, 4, T0), 0);
    market_tick(m, T0);
    level(s, S_SPREAD_BPS, T0, R_WARMUP);
    ck_assert(book_wants_snapshot(s->book[0]));
    struct event snap = book("BTCUSDT", 1000, .1, 15, T0);
    snap.u.book.seq_last = 5;
    snap.channel = CHANNEL_NONE;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    market_tick(m, T0 + SEC);
    ck_assert_double_eq_tol(level(s, S_SPREAD_BPS, T0 + SEC, R_KNOWN), 2, 1e-9);
    ck_assert_double_eq(s->depth.mid, 1000);
    ck_assert_double_eq(last(s, S_MID), 1000); /* no quotes: from the book */
    ck_assert_double_eq_tol(level(s, S_DEPTH10_BID_USD, T0 + SEC, R_KNOWN), 9994.5, 1e-6);
    ck_assert_int_eq(delta(9, 8, T0 + SEC), E_GAP);
    ck_assert_uint_eq(count(MC_BOOK_GAP), 1);
    ck_assert_int_eq(n_gaps, 1);
    ck_assert_int_eq(gaps[0].cause, GAP_SEQUENCE);
    ck_assert_uint_eq(gaps[0].channel, CH_DEPTH);
    market_tick(m, T0 + 2 * SEC);
    level(s, S_SPREAD_BPS, T0 + 2 * SEC, R_GAP);
    level(s, S_DEPTH10_ASK_USD, T0 + 2 * SEC, R_GAP);
    snap = book("BTCUSDT", 1000, .1, 15, T0 + 3 * SEC);
    snap.u.book.seq_last = 7;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), E_STALE);
    ck_assert_uint_eq(count(MC_BOOK_OLD), 1);
    snap.u.book.seq_last = 9;
    ck_assert_int_eq(put_from(0, CONN_REST, snap), 0);
    ck_assert_int_eq(n_gaps, 2);
    ck_assert_int_eq(gaps[1].t_from_us, T0 + SEC);
    ck_assert_int_eq(gaps[1].t_to_us, T0 + 3 * SEC);
    market_tick(m, T0 + 4 * SEC);
    level(s, S_SPREAD_BPS, T0 + 4 * SEC, R_KNOWN);
    market_tick(m, T0 + 9 * SEC); /* nothing for 6 s */
    ck_assert_int_eq(s->depth_err, E_STALE);
    level(s, S_SPREAD_BPS, T0 + 9 * SEC, R_STALE);
    live_link(l, 0, conn, false, T0 + 9 * SEC);
    market_link_down(m, 0, conn, T0 + 9 * SEC);
    ck_assert_int_eq(book_state(s->book[0]), BOOK_EMPTY);
    market_tick(m, T0 + 10 * SEC);
    level(s, S_SPREAD_BPS, T0 + 10 * SEC, R_DOWN);
}
END_TEST

START_TEST(test_rotation_keeps_book)
{
    const struct slot *s = track("BTCUSDT", "BTC", 1, QTY_BASE);
    struct live_row r = {
        .channel = CH_DEPTH, .inst = s->inst, .conn = conn, .first_s = 5, .silent_s = 5};
    ck_assert_int_eq(live_want(l, &r, T0), 0);
    live_link(l, 0, conn, true, T0);
    ck_assert_int_eq(put(book("BTCUSDT", 1000, .1, 15, T0)), 0);
    live_link(l, 0, conn | 1, true, T0);
    live_link(l, 0, conn, false, T0);
    market_link_down(m, 0, conn, T0); /* the other half of the slot is up */
    ck_assert_int_eq(book_state(s->book[0]), BOOK_LIVE);
    live_link(l, 0, conn | 1, false, T0);
    market_link_down(m, 0, conn | 1, T0);
    ck_assert_int_eq(book_state(s->book[0]), BOOK_EMPTY);
}
END_TEST

/* 20 raw levels cover 2 bps; the view of 4 figures covers 40, that of 3 figures 400. */
START_TEST(test_views)
{
    const struct slot *s = track("ETH", "ETH", 1, QTY_BASE);
    ck_assert_int_eq(put(book("ETH", 4000, .04, 20, T0)), 0);
    ck_assert_ptr_null(s->book[1]);
    market_tick(m, T0);
    ck_assert_int_eq(s->depth_err, 0);
    ck_assert(isnan(s->depth.bid_usd[0]));
    level(s, S_DEPTH10_BID_USD, T0, R_OFF_GRID);
    struct event v1 = book("ETH", 4000, .8, 20, T0), v2;
    v1.u.book.view = 1;
    v1.channel = CH_VIEW1;
    ck_assert_int_eq(put(v1), 0);
    v2 = book("ETH", 4000, 8, 20, T0);
    v2.u.book.view = 2;
    v2.channel = CH_VIEW2;
    ck_assert_int_eq(put(v2), 0);
    market_tick(m, T0 + SEC);
    ck_assert_double_eq(s->depth.ask_px, 4000.04); /* the touch is the finest view's */
    ck_assert_double_eq_tol(s->depth.bid_usd[0], 5 * 4000 - .8 * 15, 1e-6); /* 4 figures: 4 wide */
    ck_assert_double_eq_tol(s->depth.bid_usd[1], 2 * 4000 - 8 * 3, 1e-6);   /* 3 figures: 20 wide */
    ck_assert_double_eq_tol(s->depth.bid_usd[2], 5 * 4000 - 8 * 15, 1e-6);
    ck_assert_double_eq_tol(s->depth.cov_bid_bps, 400, 1e-6);
    struct event v3 = book("ETH", 4000, 8, 20, T0);
    v3.u.book.view = MARKET_VIEWS;
    ck_assert_int_eq(put(v3), E_RANGE);
}
END_TEST

START_TEST(test_primary)
{
    const struct slot *a = track("BTCUSDT", "BTC", 1, QTY_BASE);
    const struct slot *b = track("BTCUSDC", "BTC", 1, QTY_BASE);
    const struct slot *out[4];
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 4), 2);
    ck_assert(out[0] == a && out[1] == b);
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 1), 1);
    ck_assert_int_eq(market_venue_asset(m, 1, a->asset, out, 4), 0);
    ck_assert_ptr_eq(market_primary(m, 0, a->asset), a);
    ck_assert_ptr_null(market_primary(m, 1, a->asset));
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDT", 100, T0)), 0);
    ck_assert_int_eq(put(px(EV_MARK, "BTCUSDC", 100, T0)), 0);
    static const struct {
        double a, b;
        int primary;
    } steps[] = {{NAN, 5, 1}, {5.9, 5, 1}, {6, 5, 1}, {6.1, 5, 0}, {6.1, 7.3, 0}, {6.1, 7.4, 1}};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        if (!isnan(steps[k].a))
            ck_assert_int_eq(put(oi("BTCUSDT", steps[k].a, QTY_BASE, T0)), 0);
        ck_assert_int_eq(put(oi("BTCUSDC", steps[k].b, QTY_BASE, T0)), 0);
        market_tick(m, T0 + SEC);
        ck_assert_ptr_eq(market_primary(m, 0, a->asset), steps[k].primary ? b : a);
    }
    market_untrack(m, b->inst);
    ck_assert_ptr_eq(market_primary(m, 0, a->asset), a);
    ck_assert_int_eq(market_venue_asset(m, 0, a->asset, out, 4), 1);
}
END_TEST

START_TEST(test_tracking)
{
    char symbol[16];
    uint32_t inst[9];
    ck_assert_int_eq(market_track(m, 0, T0), E_RANGE); /* nobody knows it */
    for (int k = 0; k < 9; k++) {
        snprintf(symbol, sizeof symbol, "S%d", 8 - k);
        ck_assert_int_eq(put(spec(symbol, k % 2 ? "A" : "B", 1, QTY_BASE)), 0);
        inst[k] = last_inst;
    }
    for (int k = 7; k >= 0; k--)
        ck_assert_int_eq(market_track(m, inst[k], T0), 0);
    ck_assert_int_eq(market_track(m, inst[8], T0), E_LIMIT);
    ck_assert_int_eq(market_track(m, inst[3], T0), 0); /* is already */
    const struct slot *out[8];
    ck_assert_int_eq(market_venue_asset(m, 0, market_slot(m, inst[1])->asset, out, 8), 4);
    for (int k = 1; k < 4; k++)
        ck_assert_uint_gt(out[k]->inst, out[k - 1]->inst); /* by directory id */
    ck_assert_int_eq(put(px(EV_MARK, "S5", 5, T0)), 0);
    ck_assert_uint_eq(last_inst, inst[3]);
    const struct slot *s = market_slot(m, inst[3]);
    ck_assert_double_eq(last(s, S_MARK), 5);
    market_untrack(m, inst[3]);
    market_untrack(m, inst[3]);
    market_untrack(m, INST_NONE);
    ck_assert_ptr_null(market_slot(m, inst[3]));
    ck_assert_int_eq(market_track(m, inst[8], T0),
                     0); /* takes the freed slot, and none of its past */
    ck_assert_ptr_eq(market_slot(m, inst[8]), s);
    ck_assert(isnan(last(s, S_MARK)));
    ck_assert_int_eq(s->s[S_MARK].t_last_us, 0);
    int used = 0;
    for (int i = 0; i < market_slots(m); i++)
        used += market_slot_at(m, i) != NULL;
    ck_assert_int_eq(used, 8);
    ck_assert_ptr_null(market_slot_at(m, 8));
    struct event e = spec("NOTUSD", "Z", 1, QTY_BASE);
    e.u.spec.category = CAT_TRADFI;
    ck_assert_int_eq(put(e), 0);
    ck_assert_int_eq(market_track(m, last_inst, T0), E_RANGE); /* excluded */
}
END_TEST

START_TEST(test_contract_changes)
{
    const struct slot *s = track("XCT", "X", 10, QTY_BASE);
    ck_assert_int_eq(put(oi("XCT", 5, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 50);
    ck_assert_int_eq(put(spec("XCT", "X", 10, QTY_BASE)), 0); /* the same again */
    ck_assert_double_eq(last(s, S_OI_BASE), 50);
    ck_assert_int_eq(put(spec("XCT", "X", 100, QTY_BASE)), 0); /* what was known is another unit */
    ck_assert(isnan(last(s, S_OI_BASE)));
    ck_assert_int_eq(put(oi("XCT", 5, QTY_CT, T0)), 0);
    ck_assert_double_eq(last(s, S_OI_BASE), 500);
    uint32_t inst = s->inst;
    ck_assert_int_eq(put(spec("XCT", "Y", 100, QTY_BASE)), 0); /* relisted as something else */
    ck_assert_ptr_null(market_slot(m, inst));
}
END_TEST

START_TEST(test_positions)
{
    static const char *const coins[] = {"BTC", "ETH", "SOL"};
    struct slice main_dex = {NULL, 0};
    for (int run = 3; run >= 2; run--) { /* a list of three, then one of two */
        for (int k = 0; k < run; k++) {
            struct event e = spec(coins[k], coins[k], 1, QTY_BASE);
            e.ord = k;
            ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
        }
        ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), (uint32_t)run);
        ck_assert_uint_eq(directory_at(d, 1, main_dex, 1), directory_find(d, 1, SLICE("ETH")));
    }
    struct event e = spec("BTC", "BTC", 1, QTY_BASE);
    e.ord = 0;
    ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
    e = spec("ETH", "ETH", -1, QTY_BASE); /* unusable: the list is not known */
    e.ord = 1;
    ck_assert_int_eq(put_from(1, CONN_REST, e), E_RANGE);
    e = spec("SOL", "SOL", 1, QTY_BASE);
    e.ord = 2;
    ck_assert_int_eq(put_from(1, CONN_REST, e), 0);
    ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), 0);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_open_interest);
    tcase_add_test(tc, test_multiplier);
    tcase_add_test(tc, test_liquidations);
    tcase_add_test(tc, test_flow_knowledge);
    tcase_add_test(tc, test_trades);
    tcase_add_test(tc, test_quotes);
    tcase_add_test(tc, test_refusals);
    tcase_add_test(tc, test_bulk_volume);
    tcase_add_test(tc, test_coins);
    tcase_add_test(tc, test_levels);
    tcase_add_test(tc, test_funding);
    tcase_add_test(tc, test_book_gap);
    tcase_add_test(tc, test_rotation_keeps_book);
    tcase_add_test(tc, test_views);
    tcase_add_test(tc, test_primary);
    tcase_add_test(tc, test_tracking);
    tcase_add_test(tc, test_contract_changes);
    tcase_add_test(tc, test_positions);
}

UNIT_MAIN("market", add_tests(tc);)
