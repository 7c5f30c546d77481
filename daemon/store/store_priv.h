/* The store's inside, shared by its files: store.c (life and state), store_link.c (what is said to
 * the database), store_sinks.c (facts to rows), store_dims.c (catalogue rows). Nobody else includes
 * it. */
#ifndef DAEMON_STORE_PRIV_H
#define DAEMON_STORE_PRIV_H

#include "log.h"
#include "store/db.h"
#include "store/outbox.h"
#include "store/ring.h"
#include "store/schema.h"
#include "store/spans.h"
#include "risk/sweep.h"
#include "store/store.h"
#include "store/streams.h"

#define DAYS_KNOWN           32
#define PROCESS_MAX          32
#define ALERT_ROWS           4096 /* reserved, never taken by bulk */
#define MARK_ROWS            4096 /* gaps and universe changes, likewise */
#define MAINTENANCE_US       (INT64_C(3600) * 1000000)
#define MAINTENANCE_AGAIN_US (INT64_C(60) * 1000000)

enum job {
    JOB_NONE,
    JOB_PROBE,
    JOB_CATALOGUE,
    JOB_RUN,
    JOB_DAYS,
    JOB_BATCH,
    JOB_MAINTENANCE,
    JOB_END
};

struct lost_rows { /* of one stream, not yet told in feed_gap */
    uint64_t rows;
    int64_t t_from_us, t_to_us;
};

struct dims {        /* what of the catalogues this connection has been sent */
    uint32_t fixed;  /* venues and metrics: the first so many */
    uint32_t assets; /* the first so many */
    bool instruments_dirty;
    uint32_t cursor;                    /* next instrument to compare */
    uint32_t sent[DIR_INSTRUMENTS_MAX]; /* version + 1; 0 = not sent */
};

struct store {
    struct store_deps d;
    char application[48];
    char conninfo[512]; /* checked once: a reload must not bring one that blocks */
    struct db *db;
    uv_timer_t flush, retry, stop;
    int open_handles;
    enum job job;
    struct store_status st;
    int64_t t_start_us, t_maintenance_us, t_log_us;
    uint32_t attempt; /* failures since the last commit */
    uint64_t random;
    bool announced_away;

    struct ring bulk, alerts, marks;
    struct row row, moved; /* scratch: a row being made, a row being moved */
    struct lost_rows lost[STREAMS];
    struct outbox out;
    bool more; /* rows were left over when the outbox was filled */
    struct stream_plan plan[STREAMS];
    struct spans *spans;
    struct dims dims;
    uint32_t kept_s[DIR_VENUES_MAX + 1][DIR_ASSETS_MAX]; /* last second kept; row 0 = m_asset */
    uint32_t kept_span[DIR_VENUES_MAX + 1][DIR_ASSETS_MAX][SWEEP_KINDS]; /* m_scenario: last period
                                                           kept, from 1; row 0 = all venues */
    double process[PROCESS_MAX]; /* store_process_metrics, last told */

    int64_t next_batch; /* number of the next transaction */
    bool unresolved;    /* it was sent, its end is not known */
    bool day_retried;   /* 23514 once for this part: partitions were looked for again */
    int64_t day[DAYS_KNOWN];
    int days;
    bool found_schema; /* answers of JOB_PROBE and JOB_RUN */
    int64_t run_id, last_batch;

    bool stopping, ended;
    int64_t t_stop_us;
    void (*done)(void *arg);
    void *done_arg;
};

/* store.c */
void store_lost(struct store *s, uint8_t stream, int64_t t_us); /* counts a row given up */
void store_queue(struct store *s, struct ring *q);              /* queues s->row */
void store_kick(struct store *s); /* sends what is due, if the connection is free */
void store_away(struct store *s, const char *why); /* drops the connection, plans the next */
void store_finish(struct store *s);                /* stop: nothing more will be written */

/* store_link.c: hooks of the connection, and jobs */
struct db_hooks store_hooks(struct store *s);
void store_send_batch(struct store *s);
void store_send_maintenance(struct store *s);
void store_send_end(struct store *s);

/* store_dims.c: adds rows of the catalogues to the outbox; false when it is full. */
bool store_collect_dims(struct store *s);
void store_reset_dims(struct store *s);
const char *store_venue_name(uint8_t venue);
const char *store_channel_name(uint8_t venue, uint8_t channel);

#endif
