/* Pools of insurance funds. In: events with a pool's name, an instrument, or both. Out: the pool of
 * an instrument. Owned by the market; no allocation. Surprising: pools may be told before the
 * instruments they cover exist, so they are assigned again whenever the directory has grown. */
#include "market/funds.h"

void funds_init(struct funds *f)
{
    f->n = f->n_dir = 0;
    f->dropped = 0;
    for (uint32_t i = 0; i < DIR_INSTRUMENTS_MAX; i++)
        f->of[i] = FUNDS_MAX;
}

static uint32_t find(const struct funds *f, uint8_t venue, uint32_t inst, struct slice pool)
{
    uint32_t k = inst != INST_NONE ? f->of[inst] : FUNDS_MAX;
    if (k < FUNDS_MAX && slice_is(pool, f->f[k].pool))
        return k; /* the usual case: a feed that repeats itself each second */
    for (k = 0; k < f->n; k++)
        if (f->f[k].venue == venue && slice_is(pool, f->f[k].pool))
            return k;
    return f->n;
}

/* The symbol a pool is named by: all of it, or what stands before "/". */
static struct slice head_of(const char *pool)
{
    const char *slash = strchr(pool, '/');
    struct slice s = slice_of(pool);
    if (slash)
        s.len = (uint32_t)(slash - pool);
    return s;
}

/* A pool covers the instrument it names, else every one whose index or family has its name. One
 * that names an instrument in its events goes before one that only does in its name. */
static void assign(struct funds *f, const struct directory *dir, uint32_t k)
{
    const struct fund *p = &f->f[k];
    struct slice head = head_of(p->pool);
    uint32_t inst = p->inst != INST_NONE ? p->inst : directory_find(dir, p->venue, head);
    if (inst != INST_NONE) {
        uint32_t now = f->of[inst];
        if (now == FUNDS_MAX || f->f[now].inst == INST_NONE || p->inst != INST_NONE)
            f->of[inst] = (uint16_t)k;
        return;
    }
    for (uint32_t i = 0; i < directory_count(dir); i++) {
        const struct instrument *x = directory_get(dir, i);
        if (x->venue == p->venue && f->of[i] == FUNDS_MAX && slice_is(head, x->index))
            f->of[i] = (uint16_t)k;
    }
}

static void assign_all(struct funds *f, const struct directory *dir)
{
    f->n_dir = directory_count(dir);
    for (uint32_t k = 0; k < f->n; k++)
        assign(f, dir, k);
}

static int add(struct funds *f, const struct directory *dir, uint8_t venue, uint32_t inst,
               struct slice pool)
{
    if (f->n == FUNDS_MAX) {
        f->dropped++;
        return E_LIMIT;
    }
    struct fund *p = &f->f[f->n];
    *p = (struct fund){.venue = venue,
                       .inst = inst,
                       .balance_usd = NAN,
                       .drawdown_frac = NAN,
                       .trigger_frac = NAN};
    if (!slice_copy(pool, p->pool, sizeof p->pool))
        return E_RANGE;
    f->n++;
    assign(f, dir, f->n - 1);
    return 0;
}

static int keep(struct fund *p, const struct event *e)
{
    const struct ev_fund *x = &e->u.fund;
    if (isinf(x->balance_usd) || isinf(x->drawdown_frac) || isinf(x->trigger_frac))
        return E_RANGE;
    if (!isnan(x->balance_usd)) {
        p->balance_usd = x->balance_usd;
        p->t_balance_us = e->t_venue_us ? e->t_venue_us : e->t_recv_us;
    }
    if (!x->state.len && isnan(x->drawdown_frac) && isnan(x->trigger_frac))
        return 0; /* a balance only */
    if (!slice_copy(x->state, p->state, sizeof p->state))
        slice_copy(SLICE("?"), p->state, sizeof p->state); /* a long word is still a word */
    p->drawdown_frac = x->drawdown_frac;
    p->trigger_frac = x->trigger_frac;
    p->t_adl_us = e->t_recv_us;
    return 0;
}

int funds_apply(struct funds *f, const struct directory *dir, uint8_t venue, uint32_t inst,
                const struct event *e)
{
    struct slice pool = e->u.fund.pool.len ? e->u.fund.pool : e->symbol;
    if (!pool.len)
        return E_MISSING;
    uint32_t k = find(f, venue, inst, pool);
    if (k == f->n) {
        int err = add(f, dir, venue, inst, pool);
        if (err < 0)
            return err;
    }
    struct fund *p = &f->f[k];
    if (p->inst == INST_NONE && inst != INST_NONE) {
        p->inst = inst;
        assign(f, dir, k);
    }
    if (f->n_dir != directory_count(dir))
        assign_all(f, dir);
    return keep(p, e);
}

const struct fund *funds_of(const struct funds *f, uint32_t inst)
{
    uint32_t k = inst < DIR_INSTRUMENTS_MAX ? f->of[inst] : FUNDS_MAX;
    return k < FUNDS_MAX ? &f->f[k] : NULL;
}
