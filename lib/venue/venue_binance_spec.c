/* Binance: what an instrument is -> spec events. In: exchangeInfo, fundingInfo, leverage brackets,
 * our own tier lines; out: EV_SPEC, complete from exchangeInfo only, partial from the others. The
 * words of status, contract type and underlying type are mapped here, unknown ones to the cautious
 * side: not trading, not a crypto perpetual. */
#include "venue/venue_binance.h"

#include "facts/wire.h"

/* Status words of exchangeInfo (status, contractStatus) and contractInfo (cs). */
enum inst_status binance_status(struct slice word)
{
    static const struct {
        const char *word;
        enum inst_status status;
    } rows[] = {
        {"TRADING", INST_TRADING},     {"PENDING_TRADING", INST_PRE},
        {"PRE_TRADING", INST_PRE},     {"PRE_SETTLE", INST_SETTLING},
        {"SETTLING", INST_SETTLING},   {"PRE_DELIVERING", INST_SETTLING},
        {"DELIVERING", INST_SETTLING}, {"DELIVERED", INST_DELISTED},
        {"CLOSE", INST_DELISTED},      {"CLOSED", INST_DELISTED},
    };
    if (!word.p)
        return INST_UNSAID;
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (slice_is(word, rows[i].word))
            return rows[i].status;
    return INST_HALTED; /* BREAK, HALT and whatever comes: not trading */
}

static enum inst_category perpetual_on(struct slice underlying)
{
    static const struct {
        const char *word;
        enum inst_category category;
    } rows[] = {
        {"COIN", CAT_PERP},
        {"INDEX", CAT_INDEX},
        {"EQUITY", CAT_TRADFI},
        {"COMMODITY", CAT_TRADFI},
    };
    if (!underlying.p)
        return CAT_UNSAID;
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (slice_is(underlying, rows[i].word))
            return rows[i].category;
    return CAT_OTHER; /* PREMARKET and whatever comes */
}

enum inst_category binance_category(struct slice contract_type, struct slice underlying)
{
    static const char *const dated[] = {"CURRENT_MONTH",
                                        "NEXT_MONTH",
                                        "CURRENT_QUARTER",
                                        "NEXT_QUARTER",
                                        "CURRENT_QUARTER_DELIVERING",
                                        "NEXT_QUARTER_DELIVERING"};
    if (!contract_type.p)
        return CAT_UNSAID;
    if (slice_is(contract_type, "PERPETUAL") || slice_is(contract_type, "PERPETUAL_DELIVERING"))
        return perpetual_on(underlying);
    if (slice_is(contract_type, "TRADIFI_PERPETUAL"))
        return CAT_TRADFI;
    for (int i = 0; i < ADAPT_COUNT(dated); i++)
        if (slice_is(contract_type, dated[i]))
            return CAT_DATED;
    return CAT_OTHER;
}

/* A bracket object; COIN-M's are by base quantity: told by qtyCap. */
static void take_bracket(struct parse *p, const struct member *m, int n, struct ev_spec *spec,
                         bool *by_qty)
{
    struct {
        struct tier tier;
        double qty_cap;
    } row = {{NAN, NAN, NAN, NAN, NAN}, NAN};
    struct member keys[8];
    memcpy(keys, m, sizeof *m * (size_t)n);
    keys[n] = (struct member){"qtyCap", M_NUM, sizeof(struct tier)};
    struct tier *t = batch_tier(p->b);
    if (!t) {
        adapt_fail(p, E_LIMIT);
        return;
    }
    adapt_object(p, keys, n + 1, &row);
    *by_qty |= !isnan(row.qty_cap);
    if (isnan(row.qty_cap) && (isnan(row.tier.floor_usd) || isnan(row.tier.cap_usd) ||
                               isnan(row.tier.mmr) || isnan(row.tier.cum)))
        adapt_fail(p, E_MISSING);
    *t = row.tier;
    spec->n_tiers++;
}

void binance_take_brackets(struct parse *p, const struct member *m, int n, struct ev_spec *spec)
{
    bool by_qty = false;
    const struct tier *first = p->b->tiers + p->b->n_tiers;
    spec->n_tiers = 0;
    scan_array(&p->s);
    while (scan_item(&p->s))
        take_bracket(p, m, n, spec, &by_qty);
    if (by_qty || spec->n_tiers == 0) {
        spec->n_tiers = 0;
        return;
    }
    spec->tiers = first;
    spec->max_leverage = first->max_leverage;
}

struct symbol_fields {
    struct slice symbol, pair, type, status, contract_status, base, quote, margin, underlying,
        filters;
    double contract_size;
};

#define AT(field) offsetof(struct symbol_fields, field)

static const struct member symbol_keys[] = {
    {"symbol", M_STR, AT(symbol)},
    {"pair", M_STR, AT(pair)},
    {"contractType", M_STR, AT(type)},
    {"status", M_STR, AT(status)},
    {"baseAsset", M_STR, AT(base)},
    {"quoteAsset", M_STR, AT(quote)},
    {"marginAsset", M_STR, AT(margin)},
    {"contractStatus", M_STR, AT(contract_status)},
    {"contractSize", M_PX, AT(contract_size)},
    {"underlyingType", M_STR, AT(underlying)},
    {"filters", M_RAW, AT(filters)},
};

/* "filters": the tick is PRICE_FILTER.tickSize; pricePrecision is only for display. */
static double tick_of(struct parse *p, struct slice filters)
{
    struct filter {
        struct slice type;
        double tick;
    };
    static const struct member keys[] = {{"filterType", M_STR, offsetof(struct filter, type)},
                                         {"tickSize", M_PX, offsetof(struct filter, tick)}};
    double tick = NAN;
    struct parse q = adapt_sub(p, filters);
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct filter f = {{0}, NAN};
        adapt_object(&q, keys, ADAPT_COUNT(keys), &f);
        if (slice_is(f.type, "PRICE_FILTER"))
            tick = f.tick;
    }
    adapt_join(p, &q);
    return tick;
}

/* fundingInfo lists only adjusted symbols, so 8 h is what exchangeInfo means for a perpetual it
 * names for the first time; a later exchangeInfo must not undo what fundingInfo said. */
static double interval_h(struct parse *p, const struct event *e)
{
    enum inst_category c = e->u.spec.category;
    if (c == CAT_DATED || c == CAT_OTHER || c == CAT_UNSAID)
        return NAN;
    uint32_t id = p->dir ? directory_find(p->dir, p->venue, e->symbol) : INST_NONE;
    if (id != INST_NONE && !isnan(directory_get(p->dir, id)->funding_interval_h))
        return NAN;
    return 8;
}

/* Exchange Information, symbols[]. USD-M quantities are base coins; COIN-M gives contractSize, US
 * dollars per contract, and contractStatus instead of status. */
static void take_symbol(struct parse *p)
{
    struct symbol_fields f = {.contract_size = NAN};
    struct event *e = adapt_event(p, EV_SPEC);
    if (!e)
        return;
    adapt_object(p, symbol_keys, ADAPT_COUNT(symbol_keys), &f);
    bool coin_m = !isnan(f.contract_size);
    binance_identify(p, e, f.symbol, coin_m ? 2 : 1);
    struct ev_spec *s = &e->u.spec;
    s->base = f.base;
    s->quote = f.quote;
    s->settle = f.margin;
    s->index = f.pair;
    s->ct_size = coin_m ? f.contract_size : 1;
    s->ct_unit = coin_m ? QTY_USD : QTY_BASE;
    s->linear = !coin_m;
    s->status = binance_status(f.status.p ? f.status : f.contract_status);
    s->category = binance_category(f.type, f.underlying);
    s->funding_interval_h = interval_h(p, e);
    if (f.filters.p)
        s->tick = tick_of(p, f.filters);
    if (!f.base.p || !f.quote.p)
        adapt_fail(p, E_MISSING);
}

void binance_take_exchange_info(struct parse *p)
{
    struct slice k;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "symbols")) {
            said = true;
            scan_array(&p->s);
            while (scan_item(&p->s))
                take_symbol(p);
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
}

/* Get Funding Rate Info: "query funding rate info for symbols that had FundingRateCap/
 * FundingRateFloor/fundingIntervalHours adjustment". */
static void take_funding_info(struct parse *p)
{
    static const struct member keys[] = {{"symbol", M_STR, ROW(symbol)},
                                         {"fundingIntervalHours", M_PX, ROW(a)}};
    struct binance_row r = binance_take_row(p, keys, ADAPT_COUNT(keys));
    struct event *e = adapt_event(p, EV_SPEC);
    if (!e)
        return;
    binance_identify(p, e, r.symbol, 0);
    e->u.spec.partial = true;
    e->u.spec.funding_interval_h = r.a;
    if (!(r.a > 0))
        adapt_fail(p, isnan(r.a) ? E_MISSING : E_RANGE);
}

void binance_take_funding_infos(struct parse *p)
{
    binance_each(p, take_funding_info);
}

/* Notional and Leverage Brackets (signed; here from a file): notionalFloor, notionalCap,
 * maintMarginRatio, cum, initialLeverage = the highest leverage of the bracket. */
static void take_bracket_set(struct parse *p)
{
    static const struct member keys[] = {
        {"notionalFloor", M_PX, offsetof(struct tier, floor_usd)},
        {"notionalCap", M_PX, offsetof(struct tier, cap_usd)},
        {"maintMarginRatio", M_PX, offsetof(struct tier, mmr)},
        {"cum", M_NUM, offsetof(struct tier, cum)},
        {"initialLeverage", M_PX, offsetof(struct tier, max_leverage)},
    };
    struct event *e = adapt_event(p, EV_SPEC);
    struct slice k, symbol = {0};
    bool said = false;
    if (!e)
        return;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "symbol")) {
            adapt_str(p, &symbol);
        } else if (KEY_IS(k, "brackets")) {
            binance_take_brackets(p, keys, ADAPT_COUNT(keys), &e->u.spec);
            said = true;
        } else {
            scan_skip(&p->s);
        }
    }
    binance_identify(p, e, symbol, 0);
    e->u.spec.partial = true;
    if (!said)
        adapt_fail(p, E_MISSING);
}

void binance_take_leverage_bracket(struct parse *p)
{
    binance_each(p, take_bracket_set);
}

/* Our own spec lines (conf/tiers.ndjson), one a text. */
void binance_take_tiers(struct parse *p)
{
    struct slice name;
    int rc = wire_spec_parse(p->text.p, p->text.len, p->b, &name);
    if (rc == 0 && !slice_is(name, "binance"))
        rc = E_UNKNOWN;
    if (rc == 0)
        p->b->ev[p->b->n - 1].channel = p->channel;
    else
        adapt_fail(p, rc);
    scan_skip(&p->s);
}
