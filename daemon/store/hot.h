/* Which assets are stored at full resolution, and what of each is remembered for the case that it
 * becomes so: an asset is hot from before_s before one of its alerts becomes pending until after_s
 * after the last one has ended. Rows that a calm asset's tables do not keep wait here, oldest
 * first, in queues of fixed size: an old row goes when a new one needs its place. Also the owner of
 * the minutes being gathered. Pure but for memory, which is taken when an asset is first seen and
 * bounded by hot_bytes(). The surprising thing: while the rows of before are being written out,
 * new ones queue behind them, so that each table gets an asset's rows in order of time. */
#ifndef DAEMON_STORE_HOT_H
#define DAEMON_STORE_HOT_H

#include <stddef.h>

#include "facts/directory.h"
#include "store/minute.h"

#define HOT_TABLES 4 /* m_asset, m_venue_asset, m_scenario, m_group_asset_side */

struct hot_conf {
    uint32_t assets;   /* at a time */
    uint32_t before_s; /* looked back */
    int venues;        /* enabled: what the queues are sized for */
};

struct hot_row {
    int64_t t_us;
    struct subject subject;
    bool due; /* to be stored whether hot or not */
    int n;
    double v[];
};

struct hot_queue {
    uint8_t *mem; /* cap rows of row_bytes; NULL until the first */
    uint32_t cap, head, count;
    size_t row_bytes;
};

/* One subject's minutes: asset; 16 venues; scenarios and sides, two of each and venue, 0 = all. */
#define HOT_MINUTES (1 + DIR_VENUES_MAX + 2 * 2 * (DIR_VENUES_MAX + 1))

struct hot_asset {
    uint32_t asset;
    int64_t t_seen_us;         /* latest row */
    int64_t from_us, until_us; /* hot in between, both included; until: INT64_MAX while active */
    bool active;               /* an alert is pending or firing */
    bool recheck;              /* one has ended, or who knows: ask before the next row */
    struct hot_queue queue[HOT_TABLES];
    struct minute *minute[HOT_MINUTES];
};

struct hot;

struct hot *hot_new(const struct hot_conf *c); /* NULL when out of memory */
void hot_free(struct hot *h);
/* Most bytes that the queues can take. */
size_t hot_bytes(const struct hot *h);

/* The asset's slot, made when need be; NULL when all are taken, or out of memory. One that was
 * neither seen for some minutes nor holds anything is given to the new one. */
struct hot_asset *hot_get(struct hot *h, uint32_t asset, int64_t t_us);
int hot_assets(const struct hot *h);
struct hot_asset *hot_at(struct hot *h, int i);

int hot_table(unsigned table); /* enum metric_table -> queue; -1 = it has none */

/* An alert is pending or firing since t_us; the last one ended at t_us. */
void hot_heat(const struct hot *h, struct hot_asset *a, int64_t t_us);
void hot_cool(struct hot_asset *a, int64_t t_us, uint32_t after_s);
bool hot_covers(const struct hot_asset *a, int64_t t_us);

/* Queues a row of a[table]. E_LIMIT when its queue is full (take one out first), E_NOMEM. */
int hot_push(const struct hot *h, struct hot_asset *a, const struct hot_row *r,
             const double *v) MUST_CHECK;
const struct hot_row *hot_front(const struct hot_asset *a, int queue); /* NULL = empty */
void hot_pop(struct hot_asset *a, int queue);

/* The minute of that subject, made when need be; NULL when out of memory. */
struct minute *hot_minute(struct hot_asset *a, struct subject x, int n);

#endif
