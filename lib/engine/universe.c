/* The universe: which assets are kept (product.md section 4). Named assets enter at once; a top:N
 * universe is ranked by open interest in USD, first when every venue has answered or after a
 * warm-up, then every hour. Enter at rank <= N, leave beyond leave_rank for leave_after_s and never
 * while an alert of the asset is active. Where a venue's open interest is not known in bulk, its 24
 * h volume stands in, scaled by the ratio of the instruments for which both are known. */
#include "engine/engine_priv.h"

#include <math.h>
#include <stdlib.h>

#define ORPHANS_AFTER_US (120 * SECOND_US)

static void track_instrument(struct engine *e, uint32_t inst)
{
    if (market_slot(e->market, inst))
        return;
    if (market_track(e->market, inst, e->now_us) == 0)
        wants_track(e, inst);
}

static void untrack_instrument(struct engine *e, uint32_t inst)
{
    if (!market_slot(e->market, inst))
        return;
    wants_untrack(e, inst);
    market_untrack(e->market, inst);
}

static bool venue_on(const struct engine *e, uint8_t venue)
{
    return (e->conf.venues >> venue) & 1;
}

static bool keeps(const struct engine *e, const struct instrument *in)
{
    return in->included && in->asset != ASSET_NONE && venue_on(e, in->venue) &&
           e->uni.slot_of[in->asset] != NO_SLOT;
}

void universe_spec(struct engine *e, uint32_t inst)
{
    const struct instrument *in = directory_get(e->dir, inst);
    if (in->included && in->asset != ASSET_NONE && e->uni.named[in->asset] &&
        e->uni.slot_of[in->asset] == NO_SLOT && universe_enter(e, in->asset, NAN) != 0)
        return; /* capacity: counted by the caller's view of tracked assets */
    if (keeps(e, in))
        track_instrument(e, inst);
    else
        untrack_instrument(e, inst);
}

int universe_enter(struct engine *e, uint32_t asset, double rank_usd)
{
    struct universe *u = &e->uni;
    if (u->slot_of[asset] != NO_SLOT)
        return 0;
    if (u->n >= (int)e->conf.max_assets)
        return E_LIMIT;
    int rc = risk_add_asset(e->risk, asset);
    if (rc < 0)
        return rc;
    u->slot_of[asset] = (uint16_t)u->n;
    u->a[u->n++] = (struct uni_asset){.asset = asset, .rank_usd = rank_usd};
    uint32_t n = directory_count(e->dir);
    for (uint32_t i = 0; i < n; i++) {
        const struct instrument *in = directory_get(e->dir, i);
        if (in->asset == asset && keeps(e, in))
            track_instrument(e, i);
    }
    if (e->sinks.universe)
        e->sinks.universe(e->sinks.arg, e->now_us, asset, true, rank_usd);
    return 0;
}

static void forget_touches(struct engine *e, uint32_t asset, uint16_t last)
{
    struct touched *t = &e->touched;
    uint16_t slot = e->uni.slot_of[asset];
    for (int v = 0; v < DIR_VENUES_MAX; v++)
        t->t_judged_us[v][slot] = t->t_judged_us[v][last];
    int kept = 0;
    for (int i = 0; i < t->n; i++) {
        if (t->item[i].asset == asset)
            t->in[t->item[i].venue][asset] = false;
        else
            t->item[kept++] = t->item[i];
    }
    t->n = kept;
}

void universe_leave(struct engine *e, uint32_t asset)
{
    struct universe *u = &e->uni;
    uint16_t slot = u->slot_of[asset];
    if (slot == NO_SLOT)
        return;
    double rank_usd = u->a[slot].rank_usd;
    alerts_drop_asset(e->alerts, asset, e->now_us);
    for (int i = 0; i < market_slots(e->market); i++) {
        const struct slot *s = market_slot_at(e->market, i);
        if (s && s->asset == asset)
            untrack_instrument(e, s->inst);
    }
    risk_del_asset(e->risk, asset);
    forget_touches(e, asset, (uint16_t)(u->n - 1));
    u->a[slot] = u->a[--u->n];
    u->slot_of[u->a[slot].asset] = slot;
    u->slot_of[asset] = NO_SLOT;
    if (e->sinks.universe)
        e->sinks.universe(e->sinks.arg, e->now_us, asset, false, rank_usd);
}

static bool name_assets(struct engine *e)
{
    for (int i = 0; i < e->conf.n_assets; i++) {
        uint32_t a = directory_asset_add(e->dir, slice_of(e->conf.assets[i]));
        if (a == ASSET_NONE)
            return false;
        e->uni.named[a] = true;
    }
    return true;
}

int universe_start(struct engine *e)
{
    struct universe *u = &e->uni;
    for (uint32_t i = 0; i < DIR_ASSETS_MAX; i++)
        u->slot_of[i] = NO_SLOT;
    u->ranked = e->conf.top_n == 0;
    return name_assets(e) ? 0 : E_LIMIT;
}

/* Have all start channels that rank (specs and bulk figures) of every enabled venue spoken? */
static bool all_answered(const struct engine *e)
{
    const uint32_t ranking = 1u << EV_SPEC | 1u << EV_OI | 1u << EV_STAT;
    for (int i = 0; i < live_count(e->live); i++) {
        const struct live_row *r = live_at(e->live, i);
        if (!r || r->inst != INST_NONE)
            continue;
        const struct venue_channel *c = &venues[r->venue]->channels[r->channel];
        bool must = c->role == ROLE_START && c->first_s + c->period_s > 0 && (c->events & ranking);
        if (must && r->t_last_us == 0)
            return false;
    }
    return true;
}

/* Open interest per USD of daily volume over instruments for which both are known; 1 without any.
 */
static double volume_scale(const struct engine *e)
{
    double oi = 0, volume = 0;
    uint32_t n = directory_count(e->dir);
    for (uint32_t i = 0; i < n; i++) {
        double o = market_bulk_oi_usd(e->market, i), v = market_bulk_volume_usd(e->market, i);
        if (directory_get(e->dir, i)->included && isfinite(o) && isfinite(v)) {
            oi += o;
            volume += v;
        }
    }
    return oi > 0 && volume > 0 ? oi / volume : 1;
}

static uint32_t sum_ranks(struct engine *e)
{
    struct universe *u = &e->uni;
    double scale = volume_scale(e);
    for (uint32_t a = 0; a < DIR_ASSETS_MAX; a++)
        u->rank_usd[a] = 0;
    uint32_t n = directory_count(e->dir);
    for (uint32_t i = 0; i < n; i++) {
        const struct instrument *in = directory_get(e->dir, i);
        if (!in->included || in->asset == ASSET_NONE || !venue_on(e, in->venue))
            continue;
        double oi = market_bulk_oi_usd(e->market, i), v = market_bulk_volume_usd(e->market, i);
        if (isfinite(oi))
            u->rank_usd[in->asset] += oi;
        else if (isfinite(v))
            u->rank_usd[in->asset] += v * scale;
    }
    uint32_t ranked = 0;
    for (uint32_t a = 0; a < directory_asset_count(e->dir); a++) {
        if (u->rank_usd[a] > 0)
            u->order[ranked++] = a;
    }
    return ranked;
}

/* Heapsort, largest rank first, ties by id: no allocation and the same order everywhere. */
static bool ranks_before(const struct universe *u, uint32_t a, uint32_t b)
{
    return u->rank_usd[a] != u->rank_usd[b] ? u->rank_usd[a] > u->rank_usd[b] : a < b;
}

static void sift(struct universe *u, uint32_t root, uint32_t n)
{
    for (;;) {
        uint32_t child = 2 * root + 1;
        if (child >= n)
            return;
        if (child + 1 < n && ranks_before(u, u->order[child], u->order[child + 1]))
            child++;
        if (!ranks_before(u, u->order[root], u->order[child]))
            return;
        uint32_t t = u->order[root];
        u->order[root] = u->order[child];
        u->order[child] = t;
        root = child;
    }
}

static void sort_ranks(struct universe *u, uint32_t n)
{
    for (uint32_t i = n / 2; i-- > 0;)
        sift(u, i, n);
    for (uint32_t end = n; end > 1; end--) {
        uint32_t t = u->order[0];
        u->order[0] = u->order[end - 1];
        u->order[end - 1] = t;
        sift(u, 0, end - 1);
    }
}

static uint32_t leave_rank(const struct engine *e)
{
    return e->conf.leave_rank ? e->conf.leave_rank : e->conf.top_n * 13 / 10;
}

static void judge_leavers(struct engine *e, uint32_t ranked)
{
    struct universe *u = &e->uni;
    for (int i = 0; i < u->n; i++)
        u->a[i].rank_usd = u->rank_usd[u->a[i].asset];
    bool stays[DIR_ASSETS_MAX] = {false};
    for (uint32_t r = 0; r < ranked && r < leave_rank(e); r++)
        stays[u->order[r]] = true;
    for (int i = u->n - 1; i >= 0; i--) {
        struct uni_asset *a = &u->a[i];
        if (stays[a->asset] || u->named[a->asset]) {
            a->t_low_us = 0;
            continue;
        }
        if (a->t_low_us == 0)
            a->t_low_us = e->now_us;
        int64_t low_us = e->now_us - a->t_low_us;
        if (low_us >= e->conf.leave_after_s * SECOND_US &&
            !alerts_asset_active(e->alerts, a->asset))
            universe_leave(e, a->asset);
    }
}

static void rank(struct engine *e)
{
    struct universe *u = &e->uni;
    uint32_t ranked = sum_ranks(e);
    if (ranked == 0)
        return;
    sort_ranks(u, ranked);
    judge_leavers(e, ranked);
    for (uint32_t r = 0; r < ranked && r < e->conf.top_n; r++) {
        if (universe_enter(e, u->order[r], u->rank_usd[u->order[r]]) == E_LIMIT)
            break;
    }
    u->ranked = true;
    u->t_next_us = e->now_us + e->conf.universe_period_s * SECOND_US;
}

/* Alerts that a restart brought back for assets nobody tracks any more end, once the universe has
 * had time to be chosen. */
static void drop_orphans(struct engine *e)
{
    struct universe *u = &e->uni;
    if (u->settled || e->now_us - u->t_first_us < ORPHANS_AFTER_US)
        return;
    u->settled = true;
    for (uint32_t a = 0; a < directory_asset_count(e->dir); a++) {
        if (u->slot_of[a] == NO_SLOT && alerts_asset_active(e->alerts, a))
            alerts_drop_asset(e->alerts, a, e->now_us);
    }
}

void universe_tick(struct engine *e)
{
    struct universe *u = &e->uni;
    drop_orphans(e);
    if (e->conf.top_n == 0)
        return;
    if (!u->ranked) {
        bool warm = e->now_us - u->t_first_us >= e->conf.universe_warm_s * SECOND_US;
        if (warm || all_answered(e))
            rank(e);
    } else if (e->now_us >= u->t_next_us) {
        rank(e);
    }
}

/* After a reload: assets no longer named leave at once in a named universe; a ranked one ranks
 * anew. */
void universe_conf(struct engine *e)
{
    struct universe *u = &e->uni;
    for (uint32_t a = 0; a < DIR_ASSETS_MAX; a++)
        u->named[a] = false;
    (void)name_assets(e);
    if (e->conf.top_n == 0) {
        for (int i = u->n - 1; i >= 0; i--) {
            if (!u->named[u->a[i].asset])
                universe_leave(e, u->a[i].asset);
        }
        u->ranked = true;
    } else {
        u->ranked = u->ranked && u->n > 0;
        u->t_next_us = e->now_us;
    }
    uint32_t n = directory_count(e->dir);
    for (uint32_t i = 0; i < n; i++)
        universe_spec(e, i);
}
