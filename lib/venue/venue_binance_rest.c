/* Binance: REST bodies -> events. In: a body and its request's name; out: events. One table row per
 * request; a body that is valid JSON and carries no fact for us is `ignored`. An error body
 * {"code":-1121,"msg":".."} answers any request. Sources: Binance's REST pages named above each. */
#include "venue/venue_binance.h"

void binance_each(struct parse *p, void (*take)(struct parse *p))
{
    if (scan_peek(&p->s) != SCAN_ARRAY) {
        take(p);
        return;
    }
    scan_array(&p->s);
    while (scan_item(&p->s))
        take(p);
}

struct binance_row binance_take_row(struct parse *p, const struct member *keys, int n)
{
    struct binance_row r = {.a = NAN, .b = NAN, .c = NAN};
    adapt_object(p, keys, n, &r);
    return r;
}

/* Order Book: "lastUpdateId", E "message output time", T "transaction time"; COIN-M adds symbol. */
void binance_take_depth_body(struct parse *p)
{
    struct event *e = adapt_event(p, EV_BOOK);
    struct slice k, symbol = p->arg;
    int64_t event_us = 0, trade_us = 0;
    if (!e)
        return;
    e->channel = BN_DEPTH_SNAPSHOT;
    struct ev_book *b = &e->u.book;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "lastUpdateId"))
            scan_i64(&p->s, &b->seq_last);
        else if (KEY_IS(k, "bids"))
            adapt_levels(p, &b->bids, &b->n_bids);
        else if (KEY_IS(k, "asks"))
            adapt_levels(p, &b->asks, &b->n_asks);
        else if (KEY_IS(k, "E"))
            adapt_ms(p, &event_us);
        else if (KEY_IS(k, "T"))
            adapt_ms(p, &trade_us);
        else if (KEY_IS(k, "symbol"))
            adapt_str(p, &symbol);
        else
            scan_skip(&p->s);
    }
    if (!b->bids || !b->asks || b->seq_last < 0)
        adapt_fail(p, E_MISSING);
    if (symbol.p)
        binance_identify(p, e, symbol, 0);
    b->snapshot = true;
    b->cap = 1000; /* as many as binance_request asks for */
    b->unit = binance_unit(e);
    e->t_venue_us = trade_us ? trade_us : event_us;
}

static bool ends_with(struct slice s, const char *tail)
{
    size_t n = strlen(tail);
    return s.len > n && memcmp(s.p + s.len - n, tail, n) == 0;
}

/* Quote currency of a USD-M symbol is a dollar: ETHBTC's quoteVolume counts bitcoin. */
static bool quoted_in_usd(struct slice symbol)
{
    const char *cut = symbol.p ? memchr(symbol.p, '_', symbol.len) : NULL;
    if (cut)
        symbol.len = (uint32_t)(cut - symbol.p);
    return ends_with(symbol, "USDT") || ends_with(symbol, "USDC");
}

/* 24hr Ticker Price Change Statistics: quoteVolume, a rolling window of 24 hours. COIN-M gives
 * volume in contracts and baseVolume, "volume in base asset", instead. */
static void take_ticker(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"quoteVolume", M_PX, ROW(a)},
                                         {"baseVolume", M_PX, ROW(b)},
                                         {"closeTime", M_MS, ROW(t_us)}};
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    if (!r.symbol.p)
        adapt_fail(p, E_MISSING);
    bool usd = !isnan(r.a) && quoted_in_usd(r.symbol);
    if (!usd && isnan(r.b))
        return;
    struct event *e = adapt_event(p, EV_STAT);
    if (!e)
        return;
    binance_identify(p, e, r.symbol, 0);
    e->t_venue_us = r.t_us;
    e->u.stat = usd ? (struct ev_stat){STAT_VOLUME_24H_USD, r.a, 86400}
                    : (struct ev_stat){STAT_VOLUME_24H_BASE, r.b, 86400};
}

static void take_tickers(struct parse *p)
{
    binance_each(p, take_ticker);
}

static void put_oi(struct parse *p, const struct binance_row *r)
{
    struct event *e = adapt_event(p, EV_OI);
    if (!e)
        return;
    binance_identify(p, e, r->symbol, 0);
    e->t_venue_us = r->t_us;
    e->u.oi.qty = r->a;
    e->u.oi.unit = binance_unit(e);
    if (isnan(r->a))
        adapt_fail(p, E_MISSING);
}

/* Open Interest: "get present open interest of a specific symbol", in base asset on USD-M, in
 * contracts on COIN-M; one-sided. */
static void take_open_interest(struct parse *p)
{
    struct binance_row r = {.a = NAN, .b = NAN, .c = NAN};
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) { /* written out: the poll that is asked most */
        if (KEY_IS(k, "openInterest"))
            adapt_px_opt(p, &r.a);
        else if (KEY_IS(k, "symbol"))
            adapt_str_opt(p, &r.symbol);
        else if (KEY_IS(k, "time"))
            adapt_ms(p, &r.t_us);
        else
            scan_skip(&p->s);
    }
    put_oi(p, &r);
}

/* Open Interest Statistics: sumOpenInterest in base asset. COIN-M names only pair and contract
 * type: no symbol to give it to. */
static void take_oi_row(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"pair", M_STR, ROW(pair)},
                                         {"sumOpenInterest", M_PX, ROW(a)},
                                         {"timestamp", M_MS, ROW(t_us)}};
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    if (r.symbol.p || !r.pair.p)
        put_oi(p, &r);
}

static void take_oi_hist(struct parse *p)
{
    binance_each(p, take_oi_row);
}

/* Long/Short Ratio: longAccount = share of accounts with a net long position. COIN-M answers by
 * pair: taken for the contract that was asked about, else there is no symbol to give it to. */
static void take_ratio_row(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"pair", M_STR, ROW(pair)},
                                         {"longAccount", M_PX, ROW(a)},
                                         {"timestamp", M_MS, ROW(t_us)}};
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    if (r.pair.p && !r.symbol.p)
        r.symbol = p->arg;
    struct event *e = r.symbol.p || !r.pair.p ? adapt_event(p, EV_STAT) : NULL;
    if (!e)
        return;
    binance_identify(p, e, r.symbol, 0);
    e->t_venue_us = r.t_us;
    e->u.stat.what = STAT_LONG_ACCOUNT_FRAC;
    e->u.stat.value = r.a;
    if (isnan(r.a))
        adapt_fail(p, E_MISSING);
}

static void take_ratio(struct parse *p)
{
    binance_each(p, take_ratio_row);
}

static void put_px(struct parse *p, enum event_kind kind, const struct binance_row *r, double px)
{
    struct event *e = adapt_event(p, kind);
    if (!e)
        return;
    binance_identify(p, e, r->symbol, 0);
    e->t_venue_us = r->t_us;
    e->u.px.px = adapt_none_px(e, px);
}

static void put_funding(struct parse *p, const struct binance_row *r)
{
    struct event *e = adapt_event(p, EV_FUNDING);
    if (!e)
        return;
    binance_identify(p, e, r->symbol, 0);
    e->t_venue_us = r->t_us;
    e->u.funding.rate = r->c;
    e->u.funding.next_us = r->next_us;
    e->none |= (isnan(r->c) ? NONE_RATE : 0) | (r->next_us ? 0 : NONE_NEXT);
}

/* Mark Price: as the stream: markPrice, indexPrice, lastFundingRate ("latest funding rate", "" for
 * delivery contracts), nextFundingTime. */
static void take_premium(struct parse *p)
{
    static const struct member keys[] = {
        {"symbol", M_STR, ROW(symbol)},
        {"markPrice", M_PX, ROW(a)},
        {"indexPrice", M_PX, ROW(b)},
        {"lastFundingRate", M_NUM, ROW(c)},
        {"nextFundingTime", M_MS, ROW(next_us)},
        {"time", M_MS, ROW(t_us)},
    };
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    put_px(p, EV_MARK, &r, r.a);
    put_px(p, EV_INDEX, &r, r.b);
    put_funding(p, &r);
}

static void take_premiums(struct parse *p)
{
    binance_each(p, take_premium);
}

/* Get Funding Rate History: rates that were settled at fundingTime. */
static void take_settled(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"fundingRate", M_NUM, ROW(c)},
                                         {"fundingTime", M_MS, ROW(t_us)}};
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    r.next_us = r.t_us;
    put_funding(p, &r);
}

static void take_funding_rate(struct parse *p)
{
    binance_each(p, take_settled);
}

static void put_fund(struct parse *p, struct slice group, const struct binance_row *r)
{
    bool usd = slice_is(r->symbol, "USDT") || slice_is(r->symbol, "USDC");
    struct event *e = usd ? adapt_event(p, EV_FUND) : NULL; /* no price here for the others */
    if (!e)
        return;
    struct text t;
    size_t left = sizeof p->b->text - p->b->n_text;
    if (left == 0) {
        adapt_fail(p, E_LIMIT);
        return;
    }
    text_init(&t, p->b->text + p->b->n_text, left);
    text_slice(&t, group);
    text_str(&t, group.p ? "/" : "");
    text_slice(&t, r->symbol);
    if (t.full)
        adapt_fail(p, E_LIMIT);
    e->u.fund.pool = (struct slice){t.buf, (uint32_t)t.len};
    p->b->n_text += (uint32_t)t.len;
    e->u.fund.balance_usd = r->a;
    e->t_venue_us = r->t_us;
}

/* Insurance Fund Balance Snapshot: groups of symbols that share a fund, with its assets. A pool is
 * named by the first symbol of its group and the asset; only dollar assets have a known value. */
static void take_fund_group(struct parse *p)
{
    static const struct member group_keys[] = {{"symbols", M_RAW, ROW(symbol)},
                                               {"assets", M_RAW, ROW(pair)}};
    static const struct member asset_keys[] = {{"asset", M_STR, ROW(symbol)},
                                               {"marginBalance", M_NUM, ROW(a)},
                                               {"updateTime", M_MS, ROW(t_us)}};
    struct binance_row g = binance_take_row(p, group_keys, ADAPT_COUNT(group_keys));
    struct slice first = {0};
    if (!g.symbol.p || !g.pair.p) {
        adapt_fail(p, E_MISSING);
        return;
    }
    struct parse q = adapt_sub(p, g.symbol);
    scan_array(&q.s);
    for (bool more = scan_item(&q.s); more; more = scan_item(&q.s))
        if (first.p)
            scan_skip(&q.s);
        else
            adapt_str(&q, &first);
    adapt_join(p, &q);
    q = adapt_sub(p, g.pair);
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct binance_row r = binance_take_row(&q, asset_keys, ADAPT_COUNT(asset_keys));
        put_fund(&q, first, &r);
    }
    adapt_join(p, &q);
}

static void take_insurance(struct parse *p)
{
    binance_each(p, take_fund_group);
}

static const struct body {
    const char *name;
    uint8_t channel;
    void (*take)(struct parse *p);
} bodies[] = {
    {"depth", BN_DEPTH_SNAPSHOT, binance_take_depth_body},
    {"openInterest", BN_OPEN_INTEREST, take_open_interest},
    {"exchangeInfo", BN_EXCHANGE_INFO, binance_take_exchange_info},
    {"fundingInfo", BN_FUNDING_INFO, binance_take_funding_infos},
    {"ticker24h", BN_TICKER_24H, take_tickers},
    {"tiers", BN_TIERS, binance_take_tiers},
    {"leverageBracket", BN_LEVERAGE_BRACKET, binance_take_leverage_bracket},
    {"premiumIndex", BN_PREMIUM_INDEX, take_premiums},
    {"longShortRatio", BN_LONG_SHORT_RATIO, take_ratio},
    {"coinmExchangeInfo", BN_COINM_INFO, binance_take_exchange_info},
    {"coinmPremiumIndex", BN_COINM_PREMIUM, take_premiums},
    {"coinmTicker24h", BN_COINM_TICKER, take_tickers},
    {"fundingRate", CHANNEL_NONE, take_funding_rate},
    {"openInterestHist", CHANNEL_NONE, take_oi_hist},
    {"globalLongShortAccountRatio", CHANNEL_NONE, take_ratio},
    {"insuranceBalance", CHANNEL_NONE, take_insurance},
};

/* General Info: "if there is an error, the API will return an error with a message of the reason":
 * {"code":-1121,"msg":"Invalid symbol."}. */
static bool is_error(const struct parse *p)
{
    struct scan look = p->s;
    struct slice k;
    if (p->text.len > 2 && p->text.p[1] == '"' && p->text.p[2] != 'c')
        return false; /* nearly always: it begins with another key */
    return scan_peek(&look) == SCAN_OBJECT && scan_object(&look) == 0 && scan_key(&look, &k) &&
           KEY_IS(k, "code");
}

void binance_take_body(struct parse *p, struct slice name)
{
    const struct body *b = NULL;
    for (int i = 0; i < ADAPT_COUNT(bodies) && !b; i++)
        if (slice_is(name, bodies[i].name))
            b = &bodies[i];
    if (b)
        p->channel = b->channel;
    if (is_error(p)) {
        struct event *e = adapt_control(p, CTL_ERROR, p->text);
        if (e)
            e->symbol = p->arg;
        scan_skip(&p->s);
    } else if (b) {
        b->take(p);
    } else {
        adapt_ignore(p);
    }
}
