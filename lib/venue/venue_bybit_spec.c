/* Bybit: what an instrument is -> spec events. In: elements of instruments-info, the list of
 * risk-limit; out: EV_SPEC, complete from the first, partial (margin tiers) from the second. Words
 * that are not known go to the cautious side: not trading, not a crypto perpetual. Surprising:
 * tiers come unsorted, and their rates as fractions in some answers, in percent in others. */
#include "venue/venue_bybit.h"

/* Enums, status. */
static enum inst_status status_of(struct slice word, bool pre_listing)
{
    static const struct {
        const char *word;
        enum inst_status status;
    } rows[] = {{"Trading", INST_TRADING},
                {"PreLaunch", INST_PRE},
                {"Delivering", INST_SETTLING},
                {"Settling", INST_SETTLING},
                {"Closed", INST_DELISTED}};
    if (!word.p)
        return INST_UNSAID;
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (slice_is(word, rows[i].word))
            return pre_listing && rows[i].status == INST_TRADING ? INST_PRE : rows[i].status;
    return INST_HALTED;
}

/* Enums, symbolType: of which kind the underlying is; "" and the risk zones are crypto. */
static enum inst_category perpetual_on(struct slice symbol_type)
{
    static const struct {
        const char *word;
        enum inst_category category;
    } rows[] = {{"", CAT_PERP},
                {"innovation", CAT_PERP},
                {"adventure", CAT_PERP},
                {"stock", CAT_TRADFI},
                {"xstocks", CAT_TRADFI},
                {"etf", CAT_TRADFI},
                {"commodity", CAT_TRADFI},
                {"forex", CAT_TRADFI},
                {"index", CAT_INDEX}};
    for (int i = 0; i < ADAPT_COUNT(rows); i++)
        if (slice_is(symbol_type, rows[i].word))
            return rows[i].category;
    return CAT_OTHER;
}

/* Enums, contractType. */
static enum inst_category category_of(struct slice contract_type, struct slice symbol_type)
{
    if (slice_is(contract_type, "LinearPerpetual") || slice_is(contract_type, "InversePerpetual"))
        return perpetual_on(symbol_type);
    if (slice_is(contract_type, "LinearFutures") || slice_is(contract_type, "InverseFutures"))
        return CAT_DATED;
    return CAT_OTHER;
}

struct info {
    struct slice symbol, contract_type, status, base, quote, settle, symbol_type, price, leverage;
    double interval_min;
    bool pre_listing;
};
#define AT(field) offsetof(struct info, field)

/* The number `key` of an object in the object. */
static double inner_num(struct parse *p, struct slice raw, const char *key)
{
    double x = NAN;
    const struct member m = {key, M_PX, 0};
    if (!raw.p || raw.p[0] != '{')
        return NAN;
    struct parse q = adapt_sub(p, raw);
    adapt_object(&q, &m, 1, &x);
    adapt_join(p, &q);
    return x > 0 ? x : NAN;
}

/* Get Instruments Info: fundingInterval in minutes, 0 on futures; priceFilter.tickSize;
 * leverageFilter.maxLeverage. Linear contracts count base coins, inverse ones dollars. */
void bybit_take_instrument(struct parse *p)
{
    static const struct member keys[] = {
        {"symbol", M_STR, AT(symbol)},
        {"contractType", M_STR, AT(contract_type)},
        {"status", M_STR, AT(status)},
        {"baseCoin", M_STR, AT(base)},
        {"quoteCoin", M_STR, AT(quote)},
        {"settleCoin", M_STR, AT(settle)},
        {"symbolType", M_STR, AT(symbol_type)},
        {"priceFilter", M_RAW, AT(price)},
        {"leverageFilter", M_RAW, AT(leverage)},
        {"fundingInterval", M_NUM, AT(interval_min)},
        {"isPreListing", M_BOOL, AT(pre_listing)},
    };
    struct info i = {.interval_min = NAN};
    adapt_object(p, keys, ADAPT_COUNT(keys), &i);
    struct event *e = p->s.err ? NULL : adapt_event(p, EV_SPEC);
    if (!e)
        return;
    if (!i.symbol.len || !i.base.len || !i.quote.len || !i.contract_type.len)
        adapt_fail(p, E_MISSING);
    bool inverse = i.contract_type.len > 7 && memcmp(i.contract_type.p, "Inverse", 7) == 0;
    struct ev_spec *s = &e->u.spec;
    e->symbol = i.symbol;
    s->base = i.base;
    s->quote = i.quote;
    s->settle = i.settle;
    s->ct_size = 1;
    s->ct_unit = inverse ? QTY_USD : QTY_BASE;
    s->linear = !inverse;
    s->tick = inner_num(p, i.price, "tickSize");
    s->max_leverage = inner_num(p, i.leverage, "maxLeverage");
    s->status = status_of(i.status, i.pre_listing);
    s->category = category_of(i.contract_type, i.symbol_type);
    s->funding_interval_h = i.interval_min > 0 ? i.interval_min / 60 : NAN;
}

/* --- margin tiers -------------------------------------------------------------------------------
 */

struct risk {
    struct slice symbol;
    double limit, mmr, imr, max_leverage, deduction;
};
#define RISK(field) offsetof(struct risk, field)

/* initialMargin is 1 / maxLeverage: a product near 100 tells rates in percent. */
static struct tier tier_of(const struct risk *r)
{
    double per = r->imr * r->max_leverage > 10 ? 0.01 : 1;
    return (struct tier){NAN, r->limit, r->mmr * per, r->deduction, r->max_leverage};
}

static void sort_by_cap(struct tier *t, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct tier x = t[i];
        uint32_t k = i;
        for (; k > 0 && t[k - 1].cap_usd > x.cap_usd; k--)
            t[k] = t[k - 1];
        t[k] = x;
    }
}

/* "mmDeduction: the maintenance margin deduction value when risk limit tier changed", "" = none
 * said or 0. What is said for all tiers above the first is taken, else it follows from the rates.
 */
static void finish_tiers(struct ev_spec *s, struct tier *t)
{
    bool said = true;
    sort_by_cap(t, s->n_tiers);
    for (uint32_t i = 0; i < s->n_tiers; i++) {
        t[i].floor_usd = i ? t[i - 1].cap_usd : 0;
        said &= i == 0 || !isnan(t[i].cum);
    }
    if (isnan(t[0].cum))
        t[0].cum = 0;
    if (!said)
        tiers_fill_cum(t, (int)s->n_tiers);
    s->tiers = t;
}

static struct tier *begin_tiers(struct parse *p, struct slice symbol, struct event **e)
{
    *e = adapt_event(p, EV_SPEC);
    if (!*e)
        return NULL;
    (*e)->symbol = symbol;
    (*e)->u.spec.partial = true;
    (*e)->u.spec.tier_unit = bybit_is_inverse(symbol) ? QTY_BASE : QTY_UNSAID;
    return p->b->tiers + p->b->n_tiers;
}

static struct risk take_risk(struct parse *p)
{
    static const struct member keys[] = {
        {"symbol", M_STR, RISK(symbol)},           {"riskLimitValue", M_PX, RISK(limit)},
        {"maintenanceMargin", M_PX, RISK(mmr)},    {"initialMargin", M_PX, RISK(imr)},
        {"maxLeverage", M_PX, RISK(max_leverage)}, {"mmDeduction", M_PX, RISK(deduction)}};
    struct risk r = {{0}, NAN, NAN, NAN, NAN, NAN};
    adapt_object(p, keys, ADAPT_COUNT(keys), &r);
    if (!r.symbol.len || isnan(r.limit) || isnan(r.mmr) || isnan(r.imr) || isnan(r.max_leverage))
        adapt_fail(p, E_MISSING);
    return r;
}

/* Get Risk Limit: rows of one symbol follow each other, in any order. "riskLimitValue: position
 * limit": in quote currency on linear contracts, in base coin on inverse ones. */
void bybit_take_risk_list(struct parse *p)
{
    struct event *e = NULL;
    struct tier *first = NULL;
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        struct risk r = take_risk(p);
        if (p->s.err)
            continue;
        if (!e || !slice_eq(e->symbol, r.symbol)) {
            if (e)
                finish_tiers(&e->u.spec, first);
            first = begin_tiers(p, r.symbol, &e);
        }
        struct tier *t = e ? batch_tier(p->b) : NULL;
        if (!t) {
            adapt_fail(p, E_LIMIT);
            return;
        }
        *t = tier_of(&r);
        e->u.spec.n_tiers++;
    }
    if (e && !p->s.err)
        finish_tiers(&e->u.spec, first);
}
