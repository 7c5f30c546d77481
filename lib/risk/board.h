/* Inside lib/risk: the memory of the board, shared by board.c (making, rows, assets) and tick.c
 * (evaluating and telling). Families never see it: they ask through metric.h and family.h. */
#ifndef RISK_BOARD_H
#define RISK_BOARD_H

#include "risk/family.h"
#include "risk/models.h"
#include "risk/sweep.h"

#define FEED_BUCKETS 8192u
#define ROW_NONE     UINT32_MAX

struct board_row {
    struct subject subject;
    struct cell *cell;
    uint8_t *said; /* reasons the sink was told */
    bool used;
    bool leaving;  /* asset rows: not in order[] any more, tells not_tracked at the next tick */
    double shown;  /* feeds: state last handed out; process: sum of the row last handed out */
    uint32_t next; /* feeds: chain of the bucket */
};

struct risk {
    struct risk_conf conf;
    const struct market *market;
    int column0[FAMILIES], columns[MT_TABLES];
    uint32_t asset_rows; /* capacity: 2 x max_assets */
    struct board_row *asset, *venue_asset, *scenario, *side, *feed;
    struct board_row process;
    struct risk_view *view;    /* beside venue_asset */
    bool down[DIR_VENUES_MAX]; /* it has streams, and all their links are down */
    uint32_t *order;           /* rows of tracked assets in order of entry */
    int n_assets;
    int feeds; /* of feed[], so many from the first were ever used: as live rows, whose count never
                  falls */
    uint32_t row_of[DIR_ASSETS_MAX];
    uint32_t bucket[FEED_BUCKETS];
    struct cell *cells;
    uint8_t *said;
    uint64_t refused;
    struct loss_window loss[STORE_LOSSES];
    void *model[MODELS]; /* states, in the order of the table */
};

/* True when the sink is to be told that a metric's reason changed; see metric.h. */
bool board_tells_reason(uint8_t was, uint8_t now, int64_t now_us);

/* Index of the row beside venue_asset and view. */
static inline uint32_t venue_row(const struct risk *r, uint32_t row, int venue)
{
    return row * (uint32_t)r->conf.n_venues + (uint32_t)venue;
}

/* Index of the row of a scenario; venue = n_venues: all pooled. */
static inline uint32_t scenario_row(const struct risk *r, uint32_t row, int venue, int scenario)
{
    return (row * (uint32_t)(r->conf.n_venues + 1) + (uint32_t)venue) * SWEEP_KINDS +
           (uint32_t)scenario;
}

/* Index of the row of a side, enum pos_side; the group is the venue. */
static inline uint32_t side_row(const struct risk *r, uint32_t row, int venue, int side)
{
    return 2 * venue_row(r, row, venue) + (uint32_t)side;
}

uint32_t board_asset_row(const struct risk *r, uint32_t asset); /* or ROW_NONE */
uint32_t board_feed_bucket(struct subject s);
bool subject_eq(struct subject a, struct subject b);

/* model_table.c: all models at once. */
bool models_init(struct risk *r); /* false = out of memory */
void models_fini(struct risk *r);
void models_enter(struct risk *r, uint32_t asset);
void models_leave(struct risk *r, uint32_t asset);
void models_step(struct risk *r, int64_t now_us);
bool model_due(enum model_id id, uint32_t row, int64_t now_us); /* is the asset in this row? */

/* liqmap_tell.c: the maps of the asset in a row, when they are due. */
void tell_maps(const struct risk *r, uint32_t row, int64_t now_us, const struct risk_sink *sink);

#endif
