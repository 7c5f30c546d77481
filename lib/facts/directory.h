/* The directory: every instrument any venue ever named in a spec (excluded and delisted ones too),
 * every asset, and the lookups between them. Only market_apply and market setup write it; adapters
 * read it for contexts that are named by position.
 * Instrument and asset ids are dense, never reused, and depend only on the order of the events. */
#ifndef FACTS_DIRECTORY_H
#define FACTS_DIRECTORY_H

#include "base/err.h"
#include "facts/event.h"

#define DIR_INSTRUMENTS_MAX 8192
#define DIR_ASSETS_MAX      4096
#define DIR_VENUES_MAX      16
#define INST_NONE           UINT32_MAX
#define ASSET_NONE          UINT32_MAX

/* One row of conf/assets.conf: a venue's base code is so many units of an asset. */
struct asset_alias {
    char venue[16]; /* "*" = every venue */
    char base[24];
    char asset[24];
    double multiplier; /* 1 unit of base = multiplier units of asset */
};

struct instrument {
    uint32_t id, asset; /* asset ASSET_NONE while only a stub */
    uint8_t venue;
    bool full;     /* a complete spec has been seen; else a stub that holds early tiers */
    bool included; /* product.md section 4: trading crypto perpetual in USD, USDT, USDC */
    int8_t linear; /* 1, 0; -1 unknown */
    enum qty_unit ct_unit;
    enum inst_status status;
    enum inst_category category;
    double multiplier; /* base units of this instrument -> asset units */
    double ct_size;    /* NAN unknown */
    double tick, max_leverage, funding_interval_h; /* NAN unknown */
    int32_t ord;                                   /* position in its dex's list; -1 */
    uint32_t version; /* raised on every change of a field above or of the tiers */
    uint8_t segment;
    uint8_t n_tiers;
    enum qty_unit tier_unit; /* of floors, caps and cum: QTY_USD, QTY_CT or QTY_BASE */
    bool tier_whole;
    char symbol[48], base[24], quote[12], settle[12], index[32], dex[12];
    struct tier tiers[TIERS_MAX];
};

struct directory;

/* aliases are copied. names[n_venues]: the venue names, for asset_alias.venue. NULL when out of
 * memory. */
struct directory *directory_new(const struct asset_alias *aliases, int n_aliases,
                                const char *const *venue_names, int n_venues);
void directory_free(struct directory *d);

/* Replaces the aliases (reload). Instruments already known keep their asset. */
int directory_set_aliases(struct directory *d, const struct asset_alias *aliases, int n) MUST_CHECK;

/* What a base code stands for at a venue by its alias: the asset, or ASSET_NONE when it has none
 * (or nobody named that asset yet). *units: of the asset in one of the code. */
uint32_t directory_alias(const struct directory *d, uint8_t venue, struct slice base,
                         double *units);

uint32_t directory_find(const struct directory *d, uint8_t venue,
                        struct slice symbol);                                   /* or INST_NONE */
const struct instrument *directory_get(const struct directory *d, uint32_t id); /* never NULL */
uint32_t directory_count(const struct directory *d);

/* Positional lists (Hyperliquid contexts): instrument at a position, and the list's length as the
 * last complete list of specs gave it (0 = not known). */
uint32_t directory_at(const struct directory *d, uint8_t venue, struct slice dex, int32_t ord);
uint32_t directory_dex_len(const struct directory *d, uint8_t venue, struct slice dex);

uint32_t directory_asset_find(const struct directory *d, struct slice name); /* or ASSET_NONE */
uint32_t directory_asset_add(struct directory *d,
                             struct slice name); /* find or create; ASSET_NONE when full */
const char *directory_asset_name(const struct directory *d, uint32_t asset);
const char *directory_venue_name(const struct directory *d, uint8_t venue); /* NULL past the last */
uint32_t directory_asset_count(const struct directory *d);

/* Applies an EV_SPEC: creates or updates, decides asset, multiplier and inclusion. 1 = changed,
 * 0 = same as before, E_LIMIT full, E_RANGE unusable (bad size, bad tiers), E_MISSING. *id is set
 * on success. A complete list of a dex is a run of specs with ord 0..n-1 in one text; the caller
 * passes each event in order, then directory_dex_end with the count. */
int directory_apply(struct directory *d, uint8_t venue, const struct event *spec,
                    uint32_t *id) MUST_CHECK;
void directory_dex_end(struct directory *d, uint8_t venue, struct slice dex, uint32_t len);

#endif
