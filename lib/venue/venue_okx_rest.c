/* OKX: REST bodies -> events. In: a body and its request's name ("tiers:BTC-USDT-SWAP"); out:
 * events. One table row per request; most elements are written as in the channel of the same data.
 * Every body is {"code":"0","msg":"","data":[..]}; another code is a refusal, whatever the HTTP
 * status. A body that is valid and holds no fact for us is `ignored`. Source: OKX API guide v5. */
#include "venue/venue_okx.h"

/* Contract long/short ratio: [ts, ratio], ratio = accounts net long / accounts net short. The
 * newest row counts, whatever the order. */
void okx_take_ratios(struct parse *p)
{
    int64_t newest_us = -1;
    double ratio = NAN;
    scan_array(&p->s);
    while (scan_item(&p->s)) {
        int64_t t_us = -1;
        double x = NAN;
        scan_array(&p->s);
        if (scan_item(&p->s))
            adapt_ms(p, &t_us);
        if (scan_item(&p->s))
            adapt_px(p, &x);
        else
            adapt_fail(p, E_MISSING);
        while (scan_item(&p->s))
            scan_skip(&p->s);
        if (t_us > newest_us) {
            newest_us = t_us;
            ratio = x;
        }
    }
    if (newest_us < 0 || p->s.err) /* of a refused text a ratio may be -1 */
        return;
    struct event *e = okx_event(p, EV_STAT, p->arg);
    if (!e)
        return;
    e->t_venue_us = newest_us;
    e->u.stat.what = STAT_LONG_ACCOUNT_FRAC;
    e->u.stat.value = ratio / (1 + ratio);
}

static const struct body {
    const char *name;
    uint8_t channel;
    void (*take)(struct parse *p); /* at an element of data */
    void (*all)(struct parse *p);  /* or at data */
} bodies[] = {
    {"instruments", OKX_INSTRUMENTS, okx_take_instrument, NULL},
    {"marks", OKX_MARKS, okx_take_mark, NULL},
    {"openInterestAll", OKX_OI_ALL, okx_take_oi, NULL},
    {"tickers", OKX_TICKERS, okx_take_volume, NULL},
    {"coinIndex", OKX_COIN_INDEX, okx_take_coin_index, NULL},
    {"tiers", OKX_TIERS, NULL, okx_take_tiers},
    {"insuranceFund", OKX_INSURANCE_FUND, okx_take_fund, NULL},
    {"longShortRatio", OKX_LONG_SHORT_RATIO, NULL, okx_take_ratios},
    {"book", OKX_BOOK_SNAPSHOT, okx_take_book_body, NULL},
    {"fundingRate", CHANNEL_NONE, okx_take_funding, NULL},
    {"fundingRateHistory", CHANNEL_NONE, okx_take_settled, NULL},
};

static void take_data(struct parse *p, const struct body *b)
{
    if (b->all) {
        b->all(p);
        return;
    }
    scan_array(&p->s);
    while (scan_item(&p->s))
        b->take(p);
}

static void take_envelope(struct parse *p, const struct body *b)
{
    struct slice k;
    bool said = false;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        if (KEY_IS(k, "data")) {
            take_data(p, b);
            said = true;
        } else {
            scan_skip(&p->s);
        }
    }
    if (!said)
        adapt_fail(p, E_MISSING);
    if (!p->s.err && !p->b->n)
        adapt_control(p, CTL_IGNORED, p->text);
}

void okx_take_body(struct parse *p, struct slice name)
{
    const struct body *b = NULL;
    for (int i = 0; i < ADAPT_COUNT(bodies) && !b; i++)
        if (slice_is(name, bodies[i].name))
            b = &bodies[i];
    if (b)
        p->channel = b->channel;
    struct slice code = adapt_peek(p, "code");
    if (scan_peek(&p->s) != SCAN_OBJECT || !code.p) {
        adapt_fail(p, scan_peek(&p->s) == SCAN_OBJECT ? E_MISSING : E_TYPE);
    } else if (!slice_is(code, "0")) {
        struct event *e = adapt_control(p, CTL_ERROR, p->text);
        if (e)
            e->symbol = p->arg;
        scan_skip(&p->s);
    } else if (b) {
        take_envelope(p, b);
    } else {
        adapt_ignore(p);
    }
}
