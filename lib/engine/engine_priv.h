/* What the files of the engine share. Only lib/engine includes it. */
#ifndef ENGINE_PRIV_H
#define ENGINE_PRIV_H

#include "engine/engine.h"
#include "facts/batch.h"
#include "risk/models.h"
#include "venue/venue.h"

#define ASSET_SLOTS_MAX 256
#define NO_SLOT         UINT16_MAX
#define FAST_EVERY_US   10000
#define SECOND_US       1000000LL

struct uni_asset { /* one tracked asset; dense, in order of entry */
    uint32_t asset;
    double rank_usd;
    int64_t t_low_us; /* since when its rank is beyond leave_rank; 0 = it is not */
};

struct universe {
    bool ranked;        /* the first choice has been made */
    bool settled;       /* alerts of assets that did not come back have been ended */
    int64_t t_first_us; /* first call of the engine */
    int64_t t_next_us;  /* next ranking */
    int n;
    struct uni_asset a[ASSET_SLOTS_MAX];
    uint16_t slot_of[DIR_ASSETS_MAX]; /* asset -> index in a[], or NO_SLOT */
    double rank_usd[DIR_ASSETS_MAX];  /* scratch of a ranking */
    uint32_t order[DIR_ASSETS_MAX];
    bool named[DIR_ASSETS_MAX]; /* asked for by name */
};

struct touched { /* subjects whose fast rules are due */
    int n;
    bool in[DIR_VENUES_MAX][DIR_ASSETS_MAX];
    struct touched_item {
        uint8_t venue;
        uint32_t asset;
    } item[DIR_VENUES_MAX * ASSET_SLOTS_MAX];
    int64_t t_judged_us[DIR_VENUES_MAX][ASSET_SLOTS_MAX];
};

struct listing { /* who is on the lists that name every instrument */
    uint8_t venue, channel;
    uint32_t body;                         /* the one being taken */
    uint8_t named_by[DIR_INSTRUMENTS_MAX]; /* channel + 1 of the list it stood on; 0 = none */
    uint32_t seen[DIR_INSTRUMENTS_MAX];    /* the last body that named it */
};

struct engine {
    struct engine_conf conf; /* rules and aliases point into the two below */
    struct rule *rules;
    struct asset_alias *aliases;
    struct sinks sinks;
    const char *venue_names[DIR_VENUES_MAX];
    struct directory *dir;
    struct live *live;
    struct market *market;
    struct risk *risk;
    struct alerts *alerts;
    struct batch *batch;
    struct universe uni;
    struct touched touched;
    struct listing listing;
    bool started;
    bool turn_judging; /* rows come from a turn: fast rules only */
    int64_t now_us, last_tick_us;
    uint64_t wants_version;
    uint64_t renew_sum; /* of all live rows, to see when one asks anew */
    uint16_t streams[DIR_VENUES_MAX][CONN_ROUTES][CONN_SHARDS];
    bool wants_snapshot[DIR_INSTRUMENTS_MAX];
    int64_t t_snapshot_us[DIR_INSTRUMENTS_MAX]; /* not before */
    uint64_t count[EC_COUNTS];
    uint64_t refused[DIR_VENUES_MAX][E_ERRS];
    uint64_t events[DIR_VENUES_MAX][EV_KINDS];
    int n_rule_cols[MT_TABLES]; /* metrics that some rule judges, by table */
    struct rule_col {
        uint16_t metric, column;
    } rule_cols[MT_TABLES][RULES_MAX];
};

/* wants.c: which channels are wanted, as live rows. */
void wants_start_venue(struct engine *e, uint8_t venue);
void wants_stop_venue(struct engine *e, uint8_t venue);
void wants_track(struct engine *e, uint32_t inst);
void wants_untrack(struct engine *e, uint32_t inst);
void wants_book(struct engine *e, uint32_t inst); /* after a book message: is a snapshot wanted? */
void wants_tick(struct engine *e);

/* listing.c: after a text was taken. True when it was a whole list from which some instruments have
 * vanished; then listing_gone gives their delistings, from *inst = 0 on, one a call. */
bool listing_begin(struct engine *e, const struct origin *o);
bool listing_gone(struct engine *e, uint32_t *inst, struct event *out);

/* universe.c: which assets are kept. */
int universe_start(struct engine *e) MUST_CHECK;
void universe_spec(struct engine *e, uint32_t inst); /* an instrument is new or changed */
void universe_tick(struct engine *e);
void universe_conf(struct engine *e); /* the configuration changed */
int universe_enter(struct engine *e, uint32_t asset, double rank_usd) MUST_CHECK;
void universe_leave(struct engine *e, uint32_t asset);

#endif
