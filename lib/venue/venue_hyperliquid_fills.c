/* Hyperliquid: fills of accounts -> liquidations. In: fill objects of userFills, userEvents, REST
 * and files; out: EV_LIQ for each fill that a liquidation made, nothing for the others. There is no
 * public liquidation feed, so this is all one can see, and coverage is partial. A liquidation seen
 * by both its parties is told twice: watch one of them. */
#include "venue/venue_hyperliquid.h"

struct fill {
    struct slice coin, side, dir, liquidation;
    double px, sz;
    int64_t t_us;
    bool crossed;
};

struct forced {
    struct slice user, method;
};

static bool same_address(struct slice a, struct slice b)
{
    return a.len == b.len && a.len && strncasecmp(a.p, b.p, a.len) == 0;
}

static bool starts_with(struct slice s, const char *head)
{
    size_t n = strlen(head);
    return s.len >= n && memcmp(s.p, head, n) == 0;
}

/* Is this the fill of the liquidated account, and not of its counterparty? Both carry
 * `liquidation`. Told by the account when it is known, else by dir ("Liquidated .." and
 * "Auto-Deleveraging" name the role), else by the process: a market liquidation is the liquidated
 * account's taker order, a backstop hands its position to the vault whose fill this then is. */
static bool is_liquidated(const struct fill *f, const struct forced *by, struct slice user)
{
    if (user.len && by->user.len)
        return same_address(user, by->user);
    if (starts_with(f->dir, "Liquidated"))
        return true;
    if (slice_is(f->dir, "Auto-Deleveraging"))
        return false;
    return !slice_is(by->method, "backstop") && f->crossed;
}

/* WsFill.liquidation: "method: market | backstop"; px is the price of the fill, which for a
 * backstop is the price the vault took the position at. */
static void put_liquidation(struct parse *p, const struct fill *f, struct slice user)
{
    static const struct member keys[] = {{"liquidatedUser", M_STR, offsetof(struct forced, user)},
                                         {"method", M_STR, offsetof(struct forced, method)}};
    struct forced by = {{0}, {0}};
    struct parse q = adapt_sub(p, f->liquidation);
    adapt_object(&q, keys, ADAPT_COUNT(keys), &by);
    adapt_join(p, &q);
    struct event *e = adapt_event(p, EV_LIQ);
    if (!e)
        return;
    bool sells = !hl_buys(p, f->side);
    e->symbol = f->coin;
    e->t_venue_us = f->t_us;
    e->channel = HL_FILLS;
    e->u.liq =
        (struct ev_liq){.closed = sells == is_liquidated(f, &by, user) ? POS_LONG : POS_SHORT,
                        .px_kind = slice_is(by.method, "backstop") ? PX_TAKEOVER : PX_FILL,
                        .coverage = COVER_PARTIAL,
                        .unit = QTY_BASE,
                        .px = f->px,
                        .fill_px = f->px,
                        .qty = f->sz,
                        .final = true};
}

void hl_take_fill(struct parse *p, struct slice user)
{
    static const struct member keys[] = {
        {"coin", M_STR, offsetof(struct fill, coin)},
        {"side", M_STR, offsetof(struct fill, side)},
        {"dir", M_STR, offsetof(struct fill, dir)},
        {"px", M_PX, offsetof(struct fill, px)},
        {"sz", M_PX, offsetof(struct fill, sz)},
        {"time", M_MS, offsetof(struct fill, t_us)},
        {"crossed", M_BOOL, offsetof(struct fill, crossed)},
        {"liquidation", M_RAW, offsetof(struct fill, liquidation)},
    };
    struct fill f = {.px = NAN, .sz = NAN};
    adapt_object(p, keys, ADAPT_COUNT(keys), &f);
    if (!f.coin.p || isnan(f.px) || isnan(f.sz))
        adapt_fail(p, E_MISSING);
    else if (f.liquidation.p && f.liquidation.p[0] == '{')
        put_liquidation(p, &f, user);
}

void hl_take_fills(struct parse *p, struct slice user)
{
    scan_array(&p->s);
    while (scan_item(&p->s))
        hl_take_fill(p, user);
    if (!p->b->n)
        adapt_control(p, CTL_IGNORED, p->text);
}

/* userFills: {"user":..,"isSnapshot":..,"fills":[..]}. */
void hl_take_user_fills(struct parse *p)
{
    static const struct member keys[] = {{"user", M_STR, offsetof(struct hl_two, name)},
                                         {"fills", M_RAW, offsetof(struct hl_two, raw)}};
    struct hl_two m = {{0}, {0}};
    adapt_object(p, keys, ADAPT_COUNT(keys), &m);
    if (!m.raw.p) {
        adapt_fail(p, E_MISSING);
        return;
    }
    struct parse q = adapt_sub(p, m.raw);
    hl_take_fills(&q, m.name);
    adapt_join(p, &q);
}

/* userEvents (channel "user"): exactly one of fills, funding, liquidation, nonUserCancel, ..; it
 * names neither the user nor, for liquidation, a coin. */
void hl_take_user_events(struct parse *p)
{
    struct slice k;
    enum control_what what = CTL_IGNORED;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "fills")) {
            hl_take_fills(p, (struct slice){0});
        } else {
            if (KEY_IS(k, "liquidation"))
                what = CTL_NOTICE;
            scan_skip(&p->s);
        }
    }
    if (!p->b->n)
        adapt_control(p, what, p->text);
}
