/* OKX: what instruments are -> spec events, and the state of security funds -> fund events. In:
 * elements of instruments, position-tiers, adl-warning, insurance-fund; out: EV_SPEC (complete from
 * instruments, partial from tiers) and EV_FUND. The words of state, rule and category are mapped
 * here, unknown ones to the cautious side: not trading, not a crypto perpetual. */
#include "venue/venue_okx.h"

struct contract {
    struct slice id, type, uly, family, settle, ct_type, ct_ccy, state, rule, category;
    double ct_val, ct_mult, tick, lever;
};

#define AT(field) offsetof(struct contract, field)

static const struct member contract_keys[] = {
    {"instId", M_STR, AT(id)},        {"instType", M_STR, AT(type)},
    {"uly", M_STR, AT(uly)},          {"instFamily", M_STR, AT(family)},
    {"settleCcy", M_STR, AT(settle)}, {"ctType", M_STR, AT(ct_type)},
    {"ctValCcy", M_STR, AT(ct_ccy)},  {"state", M_STR, AT(state)},
    {"ruleType", M_STR, AT(rule)},    {"instCategory", M_STR, AT(category)},
    {"ctVal", M_PX, AT(ct_val)},      {"ctMult", M_PX, AT(ct_mult)},
    {"tickSz", M_PX, AT(tick)},       {"lever", M_PX, AT(lever)},
};

struct word {
    const char *word;
    int value;
};

static int value_of(const struct word *rows, int n, struct slice word, int otherwise)
{
    for (int i = 0; i < n; i++)
        if (slice_is(word, rows[i].word))
            return rows[i].value;
    return otherwise;
}

/* state: live, suspend, preopen, rebase ("cannot be traded during rebasing"), post_only, expired,
 * settling, test. Pre-market contracts trade on no index. */
static enum inst_status status_of(const struct contract *c)
{
    static const struct word rows[] = {
        {"live", INST_TRADING},     {"preopen", INST_PRE},       {"post_only", INST_PRE},
        {"expired", INST_DELISTED}, {"settling", INST_SETTLING},
    };
    if (!c->state.p)
        return INST_UNSAID;
    int status = value_of(rows, ADAPT_COUNT(rows), c->state, INST_HALTED);
    if (status == INST_TRADING && slice_is(c->rule, "pre_market"))
        status = INST_PRE;
    return (enum inst_status)status;
}

static bool named_by_index(const struct contract *c)
{
    static const char tail[] = "-SWAP";
    uint32_t n = sizeof tail - 1;
    return c->id.len == c->uly.len + n && slice_eq((struct slice){c->id.p, c->uly.len}, c->uly) &&
           memcmp(c->id.p + c->uly.len, tail, n) == 0;
}

/* instCategory: 1 crypto, 3 stocks, 4 commodities, 5 foreign exchange, 6 bonds; texts from before
 * it existed listed only crypto. A swap that is not named after its index cannot be given that
 * index's prices. Futures have a date, unless ruleType is xperp: then they are perpetual. */
static enum inst_category category_of(const struct contract *c)
{
    static const struct word rows[] = {{"", CAT_PERP},    {"1", CAT_PERP},   {"3", CAT_TRADFI},
                                       {"4", CAT_TRADFI}, {"5", CAT_TRADFI}, {"6", CAT_TRADFI}};
    int category = value_of(rows, ADAPT_COUNT(rows), c->category, CAT_OTHER);
    bool swap = slice_is(c->type, "SWAP");
    if (!swap && !slice_is(c->rule, "xperp"))
        return CAT_DATED;
    if (swap && category == CAT_PERP && !named_by_index(c))
        return CAT_OTHER;
    return (enum inst_category)category;
}

/* "BTC-USDT" -> BTC, USDT: baseCcy and quoteCcy are "" for derivatives. */
static void split_pair(struct parse *p, struct slice pair, struct ev_spec *s)
{
    const char *dash = pair.len ? memchr(pair.p, '-', pair.len) : NULL;
    if (!dash || dash == pair.p || dash + 1 == pair.p + pair.len) {
        adapt_fail(p, E_MISSING);
        return;
    }
    s->base = (struct slice){pair.p, (uint32_t)(dash - pair.p)};
    s->quote = (struct slice){dash + 1, (uint32_t)(pair.p + pair.len - dash - 1)};
}

/* "ctVal: contract value", in ctValCcy, times ctMult: coins for linear contracts, dollars for
 * inverse ones. Any other currency leaves the unit unsaid, and then nothing is valued. */
static void put_size(struct parse *p, const struct contract *c, struct ev_spec *s)
{
    bool linear = slice_is(c->ct_type, "linear");
    if (!linear && !slice_is(c->ct_type, "inverse"))
        adapt_fail(p, c->ct_type.len ? E_UNKNOWN : E_MISSING);
    if (!(c->ct_val > 0) || c->ct_mult == 0)
        adapt_fail(p, isnan(c->ct_val) ? E_MISSING : E_RANGE);
    s->linear = linear;
    s->ct_size = c->ct_val * (isnan(c->ct_mult) ? 1 : c->ct_mult);
    if (linear && slice_eq(c->ct_ccy, s->base))
        s->ct_unit = QTY_BASE;
    else if (!linear && slice_is(c->ct_ccy, "USD"))
        s->ct_unit = QTY_USD;
    else
        s->ct_size = NAN;
}

/* Get instruments, and the channel `instruments`: swaps and futures. Spot, margin and option rows
 * have no contract we know. */
void okx_take_instrument(struct parse *p)
{
    struct contract c = {.ct_val = NAN, .ct_mult = NAN, .tick = NAN, .lever = NAN};
    adapt_object(p, contract_keys, ADAPT_COUNT(contract_keys), &c);
    if (!c.type.len || !c.id.len)
        adapt_fail(p, E_MISSING);
    if (!slice_is(c.type, "SWAP") && !slice_is(c.type, "FUTURES"))
        return;
    struct event *e = okx_event(p, EV_SPEC, c.id);
    if (!e)
        return;
    struct ev_spec *s = &e->u.spec;
    split_pair(p, c.uly.len ? c.uly : c.family, s);
    put_size(p, &c, s);
    s->settle = c.settle;
    s->index = c.uly;
    s->tick = c.tick;
    s->max_leverage = c.lever;
    s->status = status_of(&c);
    s->category = category_of(&c);
}

struct fund {
    struct slice family, state, ccy, details;
    double balance, decline, trigger, total;
    int64_t t_us;
};

#define FUND(field) offsetof(struct fund, field)
#define FUND_INIT                                                                                  \
    {                                                                                              \
        .balance = NAN, .decline = NAN, .trigger = NAN, .total = NAN                               \
    }

/* Is a balance in dollars? The currency says it, or, left "", the family's quote. */
static bool in_dollars(const struct fund *f)
{
    if (f->ccy.len)
        return okx_is_dollar(f->ccy);
    const char *dash = f->family.len ? memchr(f->family.p, '-', f->family.len) : NULL;
    if (!dash)
        return false;
    struct slice quote = {dash + 1, (uint32_t)(f->family.p + f->family.len - dash - 1)};
    return slice_is(quote, "USDT") || slice_is(quote, "USDC");
}

/* ADL warning channel: "state: warning, adl", pushed each second and in no other state since June
 * 2026; "bal: real-time security fund balance"; decRate ("decline rate against maxBal") and adlRate
 * ("percentage of maxBal that triggers ADL") are "" since then. */
void okx_take_adl(struct parse *p)
{
    static const struct member keys[] = {
        {"instFamily", M_STR, FUND(family)},
        {"state", M_STR, FUND(state)},
        {"ccy", M_STR, FUND(ccy)},
        {"bal", M_PX, FUND(balance)},
        {"decRate", M_NUM, FUND(decline)},
        {"adlRate", M_NUM, FUND(trigger)},
        {"ts", M_MS, FUND(t_us)},
    };
    struct fund f = FUND_INIT;
    adapt_object(p, keys, ADAPT_COUNT(keys), &f);
    struct event *e = adapt_event(p, EV_FUND);
    if (!e)
        return;
    if (!f.family.len || !f.state.len)
        adapt_fail(p, E_MISSING);
    e->t_venue_us = f.t_us;
    e->u.fund = (struct ev_fund){.pool = f.family,
                                 .state = f.state,
                                 .balance_usd = in_dollars(&f) ? f.balance : NAN,
                                 .drawdown_frac = f.decline,
                                 .trigger_frac = f.trigger};
}

static void put_fund(struct parse *p, struct slice pool, double balance_usd, int64_t t_us)
{
    struct event *e = isnan(balance_usd) ? NULL : adapt_event(p, EV_FUND);
    if (!e)
        return;
    e->t_venue_us = t_us;
    e->u.fund.pool = pool;
    e->u.fund.balance_usd = balance_usd;
}

/* Get security fund: "total: the total balance of security fund, in USD", of all pools; details[]
 * of the family, latest first: balance in ccy at ts. One day old at most. */
void okx_take_fund(struct parse *p)
{
    static const struct member keys[] = {{"instFamily", M_STR, FUND(family)},
                                         {"total", M_PX, FUND(total)},
                                         {"details", M_RAW, FUND(details)}};
    static const struct member detail[] = {
        {"ccy", M_STR, FUND(ccy)}, {"balance", M_PX, FUND(balance)}, {"ts", M_MS, FUND(t_us)}};
    struct fund f = FUND_INIT, latest = FUND_INIT;
    adapt_object(p, keys, ADAPT_COUNT(keys), &f);
    if (!f.details.p) {
        adapt_fail(p, E_MISSING);
        return;
    }
    struct parse q = adapt_sub(p, f.details);
    scan_array(&q.s);
    while (scan_item(&q.s)) {
        struct fund row = FUND_INIT;
        adapt_object(&q, detail, ADAPT_COUNT(detail), &row);
        if (row.t_us > latest.t_us)
            latest = row;
    }
    adapt_join(p, &q);
    latest.family = f.family;
    put_fund(p, SLICE("total"), f.total, latest.t_us);
    if (f.family.len && latest.ccy.len)
        put_fund(p, f.family, in_dollars(&latest) ? latest.balance : NAN, latest.t_us);
}

struct tier_row {
    struct slice family;
    double min_sz, max_sz, mmr, lever;
};

/* minSz of a tier is the size after maxSz of the one before ("1000", then "1000.01" or "1001"):
 * tiers hold what is above the cap below, up to and with their own. */
static void put_tier(struct parse *p, const struct tier_row *r, struct ev_spec *s)
{
    if (s->n_tiers == TIERS_MAX)
        return; /* a position beyond pays at least what the last one says */
    double floor = s->n_tiers ? p->b->tiers[p->b->n_tiers - 1].cap_usd : 0;
    if (isnan(r->min_sz) || isnan(r->max_sz) || isnan(r->mmr) || isnan(r->lever))
        adapt_fail(p, E_MISSING);
    if (r->min_sz < floor || r->min_sz > floor + 1 || r->max_sz <= floor)
        adapt_fail(p, E_RANGE);
    struct tier *t = batch_tier(p->b);
    if (!t) {
        adapt_fail(p, E_LIMIT);
        return;
    }
    *t = (struct tier){floor, r->max_sz, r->mmr, 0, r->lever};
    if (!s->tiers)
        s->tiers = t;
    s->n_tiers++;
}

/* Get position tiers: minSz and maxSz "in contracts"; mmr is the rate of the whole position,
 * without deduction, so margin jumps where a tier begins. Cross margin of one family. */
void okx_take_tiers(struct parse *p)
{
    static const struct member keys[] = {
        {"instFamily", M_STR, offsetof(struct tier_row, family)},
        {"minSz", M_PX, offsetof(struct tier_row, min_sz)},
        {"maxSz", M_PX, offsetof(struct tier_row, max_sz)},
        {"mmr", M_PX, offsetof(struct tier_row, mmr)},
        {"maxLever", M_PX, offsetof(struct tier_row, lever)},
    };
    struct event *e = okx_event(p, EV_SPEC, p->arg);
    if (!e) {
        scan_skip(&p->s);
        return;
    }
    e->u.spec.partial = true;
    e->u.spec.tier_unit = QTY_CT;
    e->u.spec.tier_whole = true;
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        struct tier_row r = {{0}, NAN, NAN, NAN, NAN};
        adapt_object(p, keys, ADAPT_COUNT(keys), &r);
        if (!p->s.err)
            put_tier(p, &r, &e->u.spec);
    }
    if (!e->u.spec.n_tiers)
        adapt_fail(p, E_MISSING);
}
