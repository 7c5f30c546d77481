/* The metric table. A family is one file: a block of metrics that are computed together for one
 * subject (one walk of a book gives nine numbers), and the function that computes them. Metrics
 * read the market and earlier families; they have no state. The list of families, in order of
 * evaluation, is metric_families[] in metric.c. */
#ifndef RISK_METRIC_H
#define RISK_METRIC_H

#include "market/market.h"

/* feed_state, liq_coverage: the value is the number of the name in enum live_state, enum coverage.
 */

enum metric_table {
    MT_ASSET,
    MT_VENUE_ASSET,
    MT_FEED,
    MT_PROCESS,
    MT_SCENARIO,
    MT_GROUP_ASSET_SIDE,
    MT_TABLES
};

enum metric_quality { MQ_MEASURED, MQ_MODELLED, MQ_LOWER_BOUND };

struct subject {     /* identity inside the process */
    uint8_t table;   /* enum metric_table */
    uint8_t venue;   /* 255 = none */
    uint8_t channel; /* feeds: the channel; tables with one more key (side, scenario): its number;
                        255 = none */
    uint32_t id;     /* asset id; instrument id for feeds; INST_NONE */
};

struct cell {
    double value;   /* NAN exactly when reason != R_KNOWN */
    uint8_t reason; /* enum unknown_reason */
};

struct metric {
    const char *name; /* also the column name; units are in the name */
    const char *unit; /* "USD", "bps", "frac", "base", "1", "s", "1/8h" */
    uint8_t quality;  /* enum metric_quality */
    double lo, hi;    /* what values can be; INFINITY = open. Outside is refused and counted. */
    const char *help; /* one or two sentences; the column comment is "unit: help" */
};

struct risk; /* the board: last evaluation of every metric of every subject */

struct metric_family {
    const char *name;
    uint8_t table;
    const struct metric *metrics;
    int n;
    uint16_t period_s;        /* evaluated when tick_s % period_s == 0 */
    bool fast;                /* may also be evaluated in a turn, for one subject */
    const char *const *needs; /* earlier metrics it reads, "m_asset.oi_usd"; NULL-ended or NULL */
    void (*eval)(const struct risk *r, struct subject s, int64_t now_us, struct cell *out);
};

extern const struct metric_family *const metric_families[];
extern const int n_metric_families;

/* Metrics are numbered by family order; columns by table. */
int metric_count(void);
const struct metric *metric_at(int id);
const struct metric_family *metric_family_of(int id);
int metric_find(struct slice name, enum metric_table table); /* or -1 */
/* "m_asset.oi_usd", or "oi_usd" when only one table has it. E_UNKNOWN, E_DUP (several tables). */
int metric_resolve(struct slice name) MUST_CHECK;
int metric_column(int id);               /* position within its table's row */
int metric_columns(enum metric_table t); /* how many a table has */
int metric_by_column(enum metric_table t, int column);
const char *metric_table_name(enum metric_table t); /* "m_asset" */
/* What a row of a table is keyed by beside time. */
enum table_key {
    KEY_VENUE = 1,     /* m_scenario: or 255, all venues pooled */
    KEY_ASSET = 2,     /* subject.id */
    KEY_CHANNEL = 4,   /* subject.channel is a channel of the venue */
    KEY_SYMBOL = 8,    /* subject.id is an instrument, or none */
    KEY_SCENARIO = 16, /* subject.channel is an enum sweep_kind */
    KEY_SIDE = 32      /* subject.channel is an enum pos_side; the venue is the group */
};
#define KEY_PART (KEY_SCENARIO | KEY_SIDE)
unsigned metric_table_keys(enum metric_table t);
const char *scenario_name(unsigned scenario); /* "flow"; NULL when there is no such */
/* The third key of tables with KEY_PART: its name ("scenario", "side"; NULL in other tables), and
 * the name of a value of it (NULL when there is no such). */
const char *metric_part_key(enum metric_table t);
const char *metric_part_name(enum metric_table t, unsigned part);
int metric_check(void); /* 0 when names are unique per table and needs point to earlier families */

/* What measures must know of a venue's row: risk does not know the venue table. */
struct risk_venue {
    double fair_weight;   /* in the weighted median of the fair price; > 0 */
    bool liq_public;      /* it has a public liquidation feed */
    uint8_t liq_coverage; /* enum coverage of that feed */
};

struct risk_conf {
    uint32_t max_assets; /* rows of assets */
    int n_venues;        /* <= DIR_VENUES_MAX; index = the event's venue */
    struct risk_venue venue[DIR_VENUES_MAX];
};

/* Fair-price weight of a venue by name: binance 3, okx and bybit 2, every other 1 (models: the rule
 * of Hyperliquid's oracle). */
double risk_fair_weight(struct slice venue_name);

/* The board. conf is copied, market is borrowed. NULL when out of memory. */
struct risk *risk_new(const struct risk_conf *c, const struct market *m);
void risk_free(struct risk *r);
const struct market *risk_market(const struct risk *r);
int risk_venues(const struct risk *r);
uint32_t risk_max_assets(const struct risk *r); /* most assets there can be at a time */

int risk_add_asset(struct risk *r, uint32_t asset) MUST_CHECK; /* E_LIMIT; rows read not_tracked */
void risk_del_asset(struct risk *r, uint32_t asset);
int risk_assets(const struct risk *r); /* tracked assets, in order of entry */
uint32_t risk_asset_at(const struct risk *r, int i);

/* The row of a subject: metric_columns(table) cells; NULL when the subject has none. */
const struct cell *risk_row(const struct risk *r, struct subject s);
struct cell risk_cell(const struct risk *r, struct subject s, int metric_id);

/* What a tick or turn found: row() per row handed out (m_asset and m_venue_asset every second, the
 * latter only while the venue lists the asset; m_feed every 10 s and at once when its state
 * changed; m_process every 10 s and when a count changed; m_scenario at the ticks at which its
 * model evaluated the asset; m_group_asset_side each SIDE_PERIOD_S, assets in turn), reason() per
 * metric whose reason changed since the last tick; a change between off_grid and runaway, which
 * take turns, is looked at once a minute. Order: assets as they entered, then their venues, then
 * their scenarios; feeds by live row; process. Members may be NULL. */
struct reason_change {
    int64_t t_us;
    struct subject subject;
    int metric_id;
    uint8_t was, now; /* enum unknown_reason; R_KNOWN = it has a value */
};

/* One side of the liquidation map of a group (for now a venue) and asset: told each MAP_PERIOD_S,
 * assets in turn, while the map is known. Modelled, uncalibrated. */
#define MAP_PERIOD_S  60
#define SIDE_PERIOD_S 5
struct map_row {
    int64_t t_us;
    uint8_t venue, side; /* side: enum pos_side */
    uint32_t asset;
    double px_ref;      /* the mark, in quote per asset unit */
    double seeded_frac; /* share of both sides placed by assumption when tracking began */
    double oi_base; /* what the side weighs in all; mass beyond the last edge is the rest of it */
    int n;
    const double *edge_frac; /* n + 1 rising fractions of px_ref away from it: down for longs, up
                                for shorts */
    const double *mass_base; /* n: asset units liquidated between edge i and i + 1 */
};

struct risk_sink {
    void *arg;
    void (*row)(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n);
    void (*reason)(void *arg, const struct reason_change *c);
    void (*map)(void *arg, const struct map_row *m);
};

/* Evaluates all families that are due at the whole second now_us and hands out every row. */
void risk_tick(struct risk *r, int64_t now_us, const struct risk_sink *sink);
/* Re-evaluates the fast families of a venue and asset (MT_VENUE_ASSET) and then of that asset, and
 * hands out both rows; for MT_ASSET, of the asset and all its venues. Other tables have none. Never
 * calls reason(): the tables hold ticks only. */
void risk_turn(struct risk *r, struct subject s, int64_t now_us, const struct risk_sink *sink);

/* What the store says it could not keep as it was told (NOTE_STORE): the engine cannot see it. */
enum store_loss {
    LOSS_REFUSED, /* the database refuses the row for its content: set aside in a file */
    LOSS_UNKEPT,  /* such a row, and the file did not take it */
    LOSS_SHED,    /* given up for want of room, or with a damaged file */
    STORE_LOSSES
};
const char *store_loss_name(enum store_loss k); /* "refused"; "?" when there is no such */
/* E_UNKNOWN for a name that is none, E_RANGE for a count that is not above 0. */
int risk_note_loss(struct risk *r, struct slice name, double rows, int64_t now_us) MUST_CHECK;

uint64_t risk_refused(const struct risk *r); /* values outside lo..hi, published as unit_unproven */

/* Helpers for families. */
void cell_known(struct cell *c,
                double x); /* non-finite becomes unknown R_WARMUP: a bug, asserted */
void cell_unknown(struct cell *c, enum unknown_reason why);
void cells_unknown(struct cell *c, int n, enum unknown_reason why);

#endif
