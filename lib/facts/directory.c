/* The directory: instruments, assets, aliases and positional lists.
 * In: EV_SPEC events, in order. Out: dense ids, never reused. Owner: the engine; market_apply
 * writes. Surprising: an instrument may begin as a stub (tiers or an interval said before its
 * spec); the stub has an id already and becomes full in place. */
#include "facts/directory.h"

#include <assert.h>
#include <stdlib.h>

#include "base/map.h"

#define DEXES_MAX 64
#define ORDS_MAX  1024

struct dex {
    uint8_t venue;
    char name[12];
    uint32_t len;
    uint32_t id[ORDS_MAX];
};

struct directory {
    const char *const *venue_names;
    int n_venues;
    struct asset_alias *aliases;
    int n_aliases;
    uint32_t n_inst, n_assets;
    int n_dexes;
    struct map *by_symbol[DIR_VENUES_MAX];
    struct map *by_asset;
    struct instrument inst[DIR_INSTRUMENTS_MAX];
    char asset[DIR_ASSETS_MAX][24];
    struct dex dex[DEXES_MAX];
};

int directory_set_aliases(struct directory *d, const struct asset_alias *aliases, int n)
{
    struct asset_alias *copy = calloc(n > 0 ? (size_t)n : 1, sizeof *copy);
    if (!copy)
        return E_NOMEM;
    if (n > 0)
        memcpy(copy, aliases, (size_t)n * sizeof *copy);
    free(d->aliases);
    d->aliases = copy;
    d->n_aliases = n;
    return 0;
}

struct directory *directory_new(const struct asset_alias *aliases, int n_aliases,
                                const char *const *venue_names, int n_venues)
{
    assert(n_venues >= 0 && n_venues <= DIR_VENUES_MAX);
    struct directory *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->venue_names = venue_names;
    d->n_venues = n_venues;
    bool ok = directory_set_aliases(d, aliases, n_aliases) == 0;
    d->by_asset = map_new(DIR_ASSETS_MAX);
    ok = ok && d->by_asset;
    for (int v = 0; v < n_venues; v++) {
        d->by_symbol[v] = map_new(DIR_INSTRUMENTS_MAX);
        ok = ok && d->by_symbol[v];
    }
    if (!ok) {
        directory_free(d);
        return NULL;
    }
    return d;
}

void directory_free(struct directory *d)
{
    if (!d)
        return;
    for (int v = 0; v < d->n_venues; v++)
        if (d->by_symbol[v])
            map_free(d->by_symbol[v]);
    if (d->by_asset)
        map_free(d->by_asset);
    free(d->aliases);
    free(d);
}

uint32_t directory_find(const struct directory *d, uint8_t venue, struct slice symbol)
{
    if (venue >= d->n_venues || !symbol.p)
        return INST_NONE;
    return map_get(d->by_symbol[venue], symbol); /* MAP_NONE is INST_NONE */
}

const struct instrument *directory_get(const struct directory *d, uint32_t id)
{
    assert(id < d->n_inst);
    return &d->inst[id];
}

uint32_t directory_count(const struct directory *d)
{
    return d->n_inst;
}

static const struct dex *dex_find(const struct directory *d, uint8_t venue, struct slice name)
{
    for (int i = 0; i < d->n_dexes; i++)
        if (d->dex[i].venue == venue && slice_is(name, d->dex[i].name))
            return &d->dex[i];
    return NULL;
}

static struct dex *dex_add(struct directory *d, uint8_t venue, struct slice name)
{
    for (int i = 0; i < d->n_dexes; i++)
        if (d->dex[i].venue == venue && slice_is(name, d->dex[i].name))
            return &d->dex[i];
    if (d->n_dexes == DEXES_MAX)
        return NULL;
    struct dex *x = &d->dex[d->n_dexes];
    if (!slice_copy(name, x->name, sizeof x->name))
        return NULL;
    x->venue = venue;
    x->len = 0;
    for (int i = 0; i < ORDS_MAX; i++)
        x->id[i] = INST_NONE;
    d->n_dexes++;
    return x;
}

uint32_t directory_at(const struct directory *d, uint8_t venue, struct slice dex, int32_t ord)
{
    const struct dex *x = dex_find(d, venue, dex);
    return x && ord >= 0 && ord < (int32_t)x->len ? x->id[ord] : INST_NONE;
}

uint32_t directory_dex_len(const struct directory *d, uint8_t venue, struct slice dex)
{
    const struct dex *x = dex_find(d, venue, dex);
    return x ? x->len : 0;
}

void directory_dex_end(struct directory *d, uint8_t venue, struct slice dex, uint32_t len)
{
    struct dex *x = dex_add(d, venue, dex);
    if (x)
        x->len = len <= ORDS_MAX ? len : 0;
}

uint32_t directory_asset_find(const struct directory *d, struct slice name)
{
    return name.p ? map_get(d->by_asset, name) : ASSET_NONE;
}

uint32_t directory_asset_add(struct directory *d, struct slice name)
{
    uint32_t id = directory_asset_find(d, name);
    if (id != ASSET_NONE)
        return id;
    if (d->n_assets == DIR_ASSETS_MAX || name.len == 0 ||
        !slice_copy(name, d->asset[d->n_assets], sizeof d->asset[0]))
        return ASSET_NONE;
    id = d->n_assets;
    if (map_put(d->by_asset, slice_of(d->asset[id]), id) < 0)
        return ASSET_NONE;
    d->n_assets++;
    return id;
}

const char *directory_asset_name(const struct directory *d, uint32_t asset)
{
    assert(asset < d->n_assets);
    return d->asset[asset];
}

const char *directory_venue_name(const struct directory *d, uint8_t venue)
{
    return venue < d->n_venues ? d->venue_names[venue] : NULL;
}

uint32_t directory_asset_count(const struct directory *d)
{
    return d->n_assets;
}

/* --- applying a spec ------------------------------------------------------------------------ */

static bool number_ok(double x)
{
    return isnan(x) || (isfinite(x) && x > 0);
}

static bool fits(struct slice s, size_t cap)
{
    return s.len < cap && (s.len == 0 || !memchr(s.p, 0, s.len));
}

static bool tiers_ok(const struct ev_spec *s)
{
    if (!s->tiers)
        return true;
    if (s->n_tiers > TIERS_MAX)
        return false;
    return (s->tier_whole ? tiers_check_whole : tiers_check)(s->tiers, (int)s->n_tiers) == 0;
}

/* 0, or why nothing of this spec may be used. */
static int spec_check(const struct event *e)
{
    const struct ev_spec *s = &e->u.spec;
    const struct instrument *i = NULL; /* for the sizes of its fields */
    if (!e->symbol.p || e->symbol.len == 0 || (!s->partial && (!s->base.p || s->base.len == 0)))
        return E_MISSING;
    if (!fits(e->symbol, sizeof i->symbol) || !fits(s->base, sizeof i->base) ||
        !fits(s->quote, sizeof i->quote) || !fits(s->settle, sizeof i->settle) ||
        !fits(s->index, sizeof i->index) || !fits(e->dex, sizeof i->dex))
        return E_RANGE;
    if (!number_ok(s->ct_size) || !number_ok(s->tick) || !number_ok(s->max_leverage) ||
        !number_ok(s->funding_interval_h) || e->ord >= ORDS_MAX)
        return E_RANGE;
    return tiers_ok(s) ? 0 : E_RANGE;
}

static bool set_text(char *dst, size_t cap, struct slice s)
{
    if (!s.p || slice_is(s, dst))
        return false;
    return slice_copy(s, dst, cap);
}

static bool set_number(double *dst, double x)
{
    if (isnan(x) || x == *dst)
        return false;
    *dst = x;
    return true;
}

static bool set_tiers(struct instrument *i, const struct ev_spec *s)
{
    if (!s->tiers)
        return false;
    size_t len = s->n_tiers * sizeof s->tiers[0];
    enum qty_unit unit = s->tier_unit == QTY_UNSAID ? QTY_USD : s->tier_unit;
    if (s->n_tiers == i->n_tiers && memcmp(i->tiers, s->tiers, len) == 0 && unit == i->tier_unit &&
        s->tier_whole == i->tier_whole)
        return false;
    i->tier_unit = unit;
    i->tier_whole = s->tier_whole;
    memcpy(i->tiers, s->tiers, len);
    i->n_tiers = (uint8_t)s->n_tiers;
    return true;
}

/* Writes what the spec says and nothing else. Returns whether anything changed. */
static bool set_fields(struct instrument *i, const struct event *e)
{
    const struct ev_spec *s = &e->u.spec;
    struct instrument was = *i;
    bool changed = set_text(i->quote, sizeof i->quote, s->quote);
    changed |= set_text(i->settle, sizeof i->settle, s->settle);
    changed |= set_text(i->index, sizeof i->index, s->index);
    changed |= set_text(i->dex, sizeof i->dex, e->dex);
    changed |= set_number(&i->ct_size, s->ct_size);
    changed |= set_number(&i->tick, s->tick);
    changed |= set_number(&i->max_leverage, s->max_leverage);
    changed |= set_number(&i->funding_interval_h, s->funding_interval_h);
    changed |= set_tiers(i, s);
    i->ct_unit = s->ct_unit == QTY_UNSAID ? i->ct_unit : s->ct_unit;
    i->linear = s->linear < 0 ? i->linear : s->linear;
    i->status = s->status == INST_UNSAID ? i->status : s->status;
    i->category = s->category == CAT_UNSAID ? i->category : s->category;
    i->ord = e->ord < 0 ? i->ord : e->ord;
    i->segment = s->partial ? i->segment : e->segment;
    i->full = i->full || !s->partial;
    return changed || i->ct_unit != was.ct_unit || i->linear != was.linear ||
           i->status != was.status || i->category != was.category || i->ord != was.ord ||
           i->segment != was.segment || i->full != was.full;
}

static const struct asset_alias *alias_of(const struct directory *d, const char *venue,
                                          struct slice base)
{
    for (int k = 0; k < d->n_aliases; k++)
        if (strcmp(d->aliases[k].venue, venue) == 0 && slice_is(base, d->aliases[k].base))
            return &d->aliases[k];
    return NULL;
}

uint32_t directory_alias(const struct directory *d, uint8_t venue, struct slice base, double *units)
{
    const struct asset_alias *a = alias_of(d, d->venue_names[venue], base);
    if (!a)
        a = alias_of(d, "*", base);
    if (!a)
        return ASSET_NONE;
    *units = a->multiplier;
    return directory_asset_find(d, slice_of(a->asset));
}

/* The asset of a base code: its alias at this venue, its alias everywhere, or itself. */
static int set_base(struct directory *d, struct instrument *i, struct slice base)
{
    if (!base.p || base.len == 0 || (i->base[0] && slice_is(base, i->base)))
        return 0;
    const struct asset_alias *a = alias_of(d, d->venue_names[i->venue], base);
    if (!a)
        a = alias_of(d, "*", base);
    uint32_t asset = directory_asset_add(d, a ? slice_of(a->asset) : base);
    if (asset == ASSET_NONE)
        return E_LIMIT;
    slice_copy(base, i->base, sizeof i->base);
    i->asset = asset;
    i->multiplier = a && a->multiplier > 0 ? a->multiplier : 1;
    return 1;
}

/* Trading crypto perpetuals quoted in USD, USDT or USDC, linear and inverse. */
static bool is_included(const struct instrument *i)
{
    static const char *const quotes[] = {"USD", "USDT", "USDC"};
    bool usd = false;
    for (size_t k = 0; k < sizeof quotes / sizeof quotes[0]; k++)
        usd |= strcmp(i->quote, quotes[k]) == 0;
    return i->full && usd && i->asset != ASSET_NONE && i->status == INST_TRADING &&
           i->category == CAT_PERP && i->linear >= 0;
}

static struct instrument *inst_add(struct directory *d, uint8_t venue, struct slice symbol)
{
    if (d->n_inst == DIR_INSTRUMENTS_MAX)
        return NULL;
    struct instrument *i = &d->inst[d->n_inst];
    *i = (struct instrument){.id = d->n_inst,
                             .asset = ASSET_NONE,
                             .venue = venue,
                             .linear = -1,
                             .multiplier = 1,
                             .ct_size = NAN,
                             .tick = NAN,
                             .max_leverage = NAN,
                             .funding_interval_h = NAN,
                             .ord = -1};
    slice_copy(symbol, i->symbol, sizeof i->symbol);
    if (map_put(d->by_symbol[venue], slice_of(i->symbol), i->id) < 0)
        return NULL;
    d->n_inst++;
    return i;
}

static int set_ord(struct directory *d, const struct instrument *i, const struct event *e)
{
    if (e->ord < 0)
        return 0;
    struct dex *x = dex_add(d, i->venue, e->dex);
    if (!x)
        return E_LIMIT;
    x->id[e->ord] = i->id;
    return 0;
}

int directory_apply(struct directory *d, uint8_t venue, const struct event *spec, uint32_t *id)
{
    assert(venue < d->n_venues && spec->kind == EV_SPEC);
    int err = spec_check(spec);
    if (err < 0)
        return err;
    uint32_t found = directory_find(d, venue, spec->symbol);
    struct instrument *i = found == INST_NONE ? inst_add(d, venue, spec->symbol) : &d->inst[found];
    if (!i)
        return E_LIMIT;
    int rebased = set_base(d, i, spec->u.spec.base);
    if (rebased < 0)
        return rebased;
    if ((err = set_ord(d, i, spec)) < 0)
        return err;
    bool changed = set_fields(i, spec) || rebased == 1 || found == INST_NONE;
    bool included = is_included(i);
    changed |= included != i->included;
    i->included = included;
    i->version += changed;
    *id = i->id;
    return changed;
}
