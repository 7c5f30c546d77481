/* What a coin is worth in dollars, as each venue says. In: index prices of coins ("USDTUSD",
 * "USDT-USD"). Out: the median over the venues that said it lately, and each venue's own. Owned by
 * the market. Surprising: a coin nobody prices counts as one dollar in every _usd, and is unknown
 * in every peg. */
#include "base/stat.h"
#include "market/market_priv.h"

#define COIN_FRESH_US (120 * SEC) /* beside the newest: older ones have no vote */

static struct coin *find(struct market *m, struct slice name)
{
    for (int k = 0; k < m->n_coins; k++)
        if (slice_is(name, m->coin[k].name))
            return &m->coin[k];
    return NULL;
}

static struct coin *add(struct market *m, struct slice name)
{
    if (m->n_coins == COINS_MAX || name.len >= sizeof m->coin[0].name)
        return NULL;
    struct coin *c = &m->coin[m->n_coins++];
    slice_copy(name, c->name, sizeof c->name);
    return c;
}

static double median_of(const struct coin *c, int64_t now_us)
{
    double x[DIR_VENUES_MAX];
    int n = 0;
    for (int v = 0; v < DIR_VENUES_MAX; v++)
        if (c->t_us[v] && now_us - c->t_us[v] <= COIN_FRESH_US)
            x[n++] = c->at[v];
    return stat_median(x, n);
}

int coin_apply(struct market *m, uint8_t venue, const struct event *e)
{
    struct slice name = e->symbol;
    if (e->kind != EV_INDEX || name.len <= 3 || memcmp(name.p + name.len - 3, "USD", 3) != 0)
        return E_NOSPEC;
    name.len -= 3;
    if (name.p[name.len - 1] == '-')
        name.len--;
    if (!(e->u.px.px > 0) || isinf(e->u.px.px) || !name.len)
        return E_RANGE;
    struct coin *c = find(m, name);
    if (!c)
        c = add(m, name);
    if (!c)
        return E_LIMIT;
    c->at[venue] = e->u.px.px;
    c->t_us[venue] = e->t_recv_us;
    c->asset[venue] = directory_alias(m->dir, venue, name, &c->units[venue]);
    c->usd = median_of(c, e->t_recv_us);
    return 0;
}

double market_usd_per(const struct market *m, struct slice coin, bool *known)
{
    *known = slice_is(coin, "USD");
    for (int i = 0; i < m->n_coins; i++) {
        if (slice_is(coin, m->coin[i].name)) {
            *known = true;
            return m->coin[i].usd;
        }
    }
    return 1;
}

int market_coins(const struct market *m)
{
    return m->n_coins;
}

const char *market_coin_name(const struct market *m, int i)
{
    return m->coin[i].name;
}

uint32_t market_coin_of(const struct market *m, int i, uint8_t venue, double *units)
{
    const struct coin *c = &m->coin[i];
    if (!c->t_us[venue])
        return ASSET_NONE;
    *units = c->units[venue];
    return c->asset[venue];
}

double market_coin_usd(const struct market *m, uint8_t venue, struct slice coin, int64_t now_us,
                       uint8_t *reason)
{
    *reason = R_NOT_TRACKED;
    for (int i = 0; i < m->n_coins; i++) {
        const struct coin *c = &m->coin[i];
        if (!slice_is(coin, c->name) || !c->t_us[venue])
            continue;
        int64_t ttl = market_ttl_us(m, venue, EV_INDEX);
        bool fresh = now_us - c->t_us[venue] <= (ttl > COIN_TTL_US ? ttl : COIN_TTL_US);
        *reason = fresh ? R_KNOWN : R_STALE;
        return fresh ? c->at[venue] : NAN;
    }
    return NAN;
}
