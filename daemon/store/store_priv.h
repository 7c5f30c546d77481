/* The store's inside, shared by its files: store.c (life, what is queued), writer.c (a connection
 * and what it sends next), writer_read.c and writer_load.c (its next
 * rows), writer_jobs.c (what is said to the database), writer_lease.c (who may
 * write), store_sinks.c (facts to rows), store_dims.c (catalogue rows). Nobody else includes it. */
#ifndef DAEMON_STORE_PRIV_H
#define DAEMON_STORE_PRIV_H

#include <string.h>

#include "log.h"
#include "store/db.h"
#include "store/db_hosts.h"
#include "store/hot.h"
#include "store/lease.h"
#include "store/merge.h"
#include "store/outbox.h"
#include "store/refused.h"
#include "store/row.h"
#include "store/schema.h"
#include "store/spans.h"
#include "risk/sweep.h"
#include "store/spool.h"
#include "store/spool_head.h"
#include "store/store.h"
#include "store/streams.h"

#define DAYS_KNOWN           32
#define PROCESS_MAX          32
#define MAINTENANCE_US       (INT64_C(3600) * 1000000)
#define MAINTENANCE_AGAIN_US (INT64_C(60) * 1000000)
#define MAINTENANCE_LATER_US (INT64_C(10) * 1000000) /* after a takeover: rows first */

enum lane_id { LANE_ALERT, LANE_BULK, LANES };

enum job {
    JOB_NONE,
    JOB_PROBE,
    JOB_CATALOGUE,
    JOB_LEASE,   /* alert lane: takes the lease, or asks whose it is */
    JOB_PULSE,   /* alert lane: one that leads says that it lives */
    JOB_UNBLOCK, /* bulk lane: ends what holds the alert lane's JOB_LEASE up */
    JOB_RUN,     /* registers a run, asks how far this lane of it is stored */
    JOB_DAYS,
    JOB_BATCH,
    JOB_DIMS,
    JOB_DURABLE, /* nothing but a commit that waits for the disk */
    JOB_MAINTENANCE,
    JOB_MEND, /* rollups that runs which were killed lack */
    JOB_END
};

enum outbox_holds { HOLDS_NOTHING, HOLDS_BATCH, HOLDS_DIMS };

struct lost_rows { /* of one stream, not yet told in feed_gap */
    uint64_t rows;
    int64_t t_from_us, t_to_us;
};

struct dims {        /* what of the catalogues this connection has been sent */
    uint32_t fixed;  /* venues and metrics: the first so many */
    bool all_fixed;  /* all of them */
    uint32_t assets; /* the first so many */
    bool instruments_dirty;
    uint32_t cursor;                    /* next instrument to compare */
    uint32_t sent[DIR_INSTRUMENTS_MAX]; /* version + 1; 0 = not sent */
};

struct write_pos { /* batches up to seq, and `row` rows of the one after it */
    uint32_t epoch;
    uint64_t seq;
    uint32_t row;
};

static inline bool pos_is(struct write_pos a, struct write_pos b)
{
    return a.epoch == b.epoch && a.seq == b.seq && a.row == b.row;
}

static inline bool pos_behind(struct write_pos a, struct write_pos b)
{
    if (a.epoch != b.epoch)
        return a.epoch > b.epoch;
    return a.seq != b.seq ? a.seq > b.seq : a.row > b.row;
}

struct part_sum { /* of the rows of a part */
    struct part part;
    int rows[STREAMS];
    int64_t latest;     /* t_us; 0 = none is later */
    int64_t last_owned; /* the time by which it may be too late to store them; INT64_MIN = no row */
    int64_t day[DAYS_KNOWN]; /* of facts: days from 1970 */
    int days;
};

#define LOAD_BATCHES 64 /* in one transaction at most */
struct load { /* batches on their way into the outbox, see writer_load.c; while busy a thread's */
    uv_work_t work;
    bool busy, ready;
    bool ahead, done; /* done by the connection's thread, not by the pool; it was */
    void (*loaded)(void *arg);
    void *arg;
    struct write_pos at;   /* the first one is behind this, */
    uint32_t from;         /* without its first so many rows */
    uint32_t epoch;        /* of all */
    uint64_t first, asked; /* numbers: the first and the last one that were asked for */
    struct spool_batch batch[LOAD_BATCHES];
    struct spool_block *block[LOAD_BATCHES]; /* held while they are loaded */
    int batches;
    const struct spool_map *map;
    struct lease lease;
    int64_t now_us;
    struct write_pos dropped; /* up to here rows that are not ours are counted */
    struct row row;           /* scratch */
    struct outbox box;        /* out, as everything below */
    struct part_sum sum;
    bool wait;    /* of some rows it is not known yet whether they are ours */
    bool last;    /* the last row of its batch, the one with this number, is among them */
    uint64_t seq; /* the latest one that is loaded, or partly */
    uint32_t n_dropped, n_lost;
    int64_t t_lost_us;
};

struct carried { /* what the connection's thread reads: untouched until it lets go */
    struct row_span rows;
    int64_t run;
    uint8_t stream[STREAMS]; /* that have rows, and a COPY */
    int streams;
};

struct writer {
    struct store *s;
    uint8_t id, state; /* enum lane_id, store_state */
    struct spool *spool;
    int64_t pending; /* rows in the spool, neither stored nor given up; more than true at a start */
    struct spool_batch build; /* being filled; rows in build_block, which the spool takes over */
    struct spool_block *build_block;
    size_t build_len;
    uint32_t build_cap; /* of the next block: what the last batches needed */

    struct db *db;
    uv_timer_t retry;
    enum job job;
    uint32_t attempt; /* failures since the last commit, or since a connection that held */
    int64_t t_ready_us;
    bool announced_away;
    int64_t t_log_us;
    char last_error[200];

    struct outbox out;
    struct part_sum sum; /* of the part that was asked of last */
    struct load load;
    struct carried carried;
    bool reading;             /* there is more in the spool, it is not at hand yet */
    uint8_t holds;            /* enum outbox_holds */
    uint32_t out_epoch;       /* HOLDS_BATCH: its epoch */
    uint64_t out_first;       /* and first number, */
    uint64_t out_seq;         /* its last one, */
    bool out_last;            /* and whether the last row of that is here */
    struct write_pos at;      /* everything up to here is committed or given up */
    struct write_pos db_at;   /* as the database has it */
    struct write_pos durable; /* surely on its disk, or not ours to store */
    struct write_pos dropped; /* up to here rows that are not ours are counted */
    bool unsure;              /* something was committed that may not be on the disk yet */
    int64_t unsure_rows;      /* so many: they are to be stored again when the server lost them */
    bool asked_durable;       /* the job under way is a durable commit */
    int64_t t_durable_us;     /* the last one */
    int64_t run_id;           /* of at.epoch */
    uint32_t run_epoch;       /* for which epoch run_id stands; 0 = none */
    int64_t run_rows;         /* stored of this lane of the own run, as the database says */
    struct write_pos asked;   /* JOB_RUN: what the database answered */
    int64_t asked_run, asked_rows;
    uint32_t asked_epoch;
    struct spool_map *map;    /* of map_epoch, the epoch being read; 0 = none */
    struct spool_writer from; /* its head */
    uint32_t map_epoch;

    int misfits;      /* SQLSTATE class 42 since the last commit */
    bool day_retried; /* 23514 once for this part: partitions were looked for again */
    int64_t day[DAYS_KNOWN];
    int days;
    bool found_schema; /* answer of JOB_PROBE */
    int schema_version;
    struct stream_plan *plan; /* STREAMS */
};

struct durable_alert { /* transitions up to n are in batches up to seq */
    uint64_t seq, n;
};
#define DURABLE_ALERTS 256

enum merging { MERGE_NONE, MERGE_QUIET, MERGE_ALL }; /* QUIET: all but firing */

struct store {
    struct store_deps d;
    char application[48];
    char conninfo[512]; /* checked once: a reload must not bring one that blocks */
    bool on;            /* there is a database to write to */
    struct writer writer[LANES];
    uv_timer_t flush, urgent, stop, probe;
    struct lease lease;
    bool hurry; /* has taken over and stored nothing yet: rows go before all else */
    int64_t
        first_from_us;    /* has taken over: the first tick from here on is stored whole, 0 = was */
    int64_t first_s;      /* that tick's second */
    bool held_up;         /* the request for the lease waits for somebody's transaction */
    int64_t t_pulse_us;   /* of the next one */
    char writer_name[48]; /* holds until a restart, like conninfo */
    int open_handles, open_spools;
    struct store_status st;
    int64_t t_start_us, t_maintenance_us;
    uint64_t random;

    struct row row, moved;                  /* scratch: a row being made, a row being mapped */
    struct lost_rows lost[STREAMS + LANES]; /* by table; of whole segments, by lane */
    struct durable_alert durable_alert[DURABLE_ALERTS];
    int n_durable_alerts;
    uint64_t alert_n;    /* the latest transition queued */
    uint8_t merging;     /* enum merging */
    struct merge *merge; /* NULL until the first time */
    struct spans *spans;
    struct refused *refused;
    struct dims dims;
    struct hot *hot;
    int64_t t_minutes_us; /* minutes nobody ends are ended next then */
    uint32_t seen_s[DIR_VENUES_MAX + 1][DIR_ASSETS_MAX]; /* last second taken; row 0 = m_asset */
    /* Tables with a third key (scenario, side): last period kept, from 1; row 0 = all venues */
    uint32_t kept_span[2][DIR_VENUES_MAX + 1][DIR_ASSETS_MAX][2];
    double process[PROCESS_MAX]; /* store_process_metrics, last told */

    bool stopping, ended, finishing;
    int64_t t_stop_us;
    void (*done)(void *arg);
    void *done_arg;
};

/* store.c */
int64_t store_now(const struct store *s);
void store_lost(struct store *s, uint8_t stream, int64_t t_us);       /* counts a row given up */
void store_lost_of(struct store *s, enum lane_id lane, int64_t t_us); /* of no known table */
void store_lost_batches(struct store *s, enum lane_id lane, const struct spool_lost *l);
/* Begins s->row where it will lie in the lane's batch; store_queue follows at once. */
void store_begin_row(struct store *s, enum lane_id lane, uint8_t stream, int64_t t_us);
void store_queue(struct store *s, enum lane_id lane); /* queues s->row */
void store_kick_soon(struct store *s);                /* both lanes, in the loop's next round */
int64_t store_pending(const struct store *s);
void store_writer_idle(struct store *s); /* a lane has nothing to do: is it time to stop? */
void store_handle_gone(struct store *s); /* one less to wait for at the end */
uint32_t store_jitter(struct store *s, uint32_t ms); /* ms/2 .. ms */

/* store_sinks.c */
struct names {
    const char *venue, *asset, *channel, *symbol; /* "" = not of one */
};
bool store_is_on(const struct store *s);
const struct directory *store_directory(const struct store *s);
struct names store_name_subject(const struct store *s, struct subject x);

/* store_rows.c */
int store_rows_init(struct store *s) MUST_CHECK; /* E_NOMEM */
void store_on_row(void *arg, int64_t t_us, struct subject x, const struct cell *row, int n);
void store_follow_alert(struct store *s, const struct alert *a);
void store_rows_soon(struct store *s);  /* the next tick is stored whole */
void store_rows_flush(struct store *s); /* writes some of what waits behind the look-back */
void store_rows_end(struct store *s);   /* all of it, and the minutes that have begun */

/* store_merge.c */
/* s->row is a's, but for the count: was it merged? False: to be queued. */
bool store_merge_alert(struct store *s, const struct alert *a, const char *rule);
void store_merge_flush(struct store *s, bool end); /* queues what was merged, when there is room */

/* writer.c */
int writer_open(struct writer *l, char why[400]) MUST_CHECK; /* spool and memory */
int writer_start(struct writer *l) MUST_CHECK;               /* connection */
/* The store holds its latest transition itself: published behind those before it. */
void writer_alert_kept(struct writer *l);
/* A batch went to the spool as seq; rows 0: it was refused, and its rows are counted as lost. */
void writer_sealed(struct writer *l, int64_t rows, uint64_t seq);
void writer_kick(struct writer *l); /* sends what is due, if the connection is free */
void writer_away(struct writer *l, const char *why); /* drops the connection, plans the next */
void writer_pending(struct writer *l, int64_t change);
void writer_committed(struct writer *l);     /* the part under way is stored */
void writer_skip(struct writer *l);          /* the part under way is given up */
void writer_caught(struct writer *l);        /* JOB_RUN was answered */
void writer_settled(struct writer *l);       /* up to where it stands nothing is needed any more */
void writer_forget(struct writer *l);        /* what was on its way; it is in the spool */
bool writer_is_idle(const struct writer *l); /* all is stored, and durably */
void writer_release(struct writer *l);
void writer_drop_out(struct writer *l);                               /* empties the outbox */
struct write_pos writer_after(const struct writer *l, struct part p); /* where it stands behind p */

/* writer_gather.c */
uint8_t *writer_room(struct writer *l); /* where the next row can be made; NULL: nowhere */
void writer_add(struct writer *l, const struct row *r);
void writer_seal(struct writer *l); /* what was added becomes a batch */

/* writer_read.c */
int writer_find(struct writer *l) MUST_CHECK;
int writer_next(struct writer *l) MUST_CHECK;

/* writer_load.c. writer_load: 1 = batches behind `at` lie ready, 0 = there is none, E_AGAIN, or
 * what spool_read says; take: into the outbox, false when of some rows it is not known yet whether
 * they are ours; ahead: batches behind those that are about to be sent, by the connection's
 * thread: meanwhile() there, back() when it has let go. */
int writer_load(struct writer *l, struct write_pos at) MUST_CHECK;
bool writer_load_take(struct writer *l);
void writer_load_ahead(struct writer *l);
void writer_load_back(struct writer *l);
void writer_meanwhile(void *arg);        /* hook of the connection */
void writer_load_drop(struct writer *l); /* what lies ready; not while busy */
void writer_load_lost(struct writer *l, const struct spool_lost *x); /* it is told as lost */
const struct part_sum *writer_sum(struct writer *l, struct part p);

/* writer_jobs.c: hooks of the connection, and jobs */
struct db_hooks writer_hooks(struct writer *l);
void writer_send_part(struct writer *l);
void writer_send_group(struct writer *l, enum job job, int rc); /* rc < 0: it could not be filled */
bool writer_take_head(struct writer *l,
                      const struct spool_item *it);     /* false: connection dropped */
void writer_send_run(struct writer *l, uint64_t first); /* first: the batch before the next */
void writer_send_durable(struct writer *l);
void writer_send_end(struct writer *l);
const char *lane_name(enum lane_id id);

/* writer_care.c: partitions, and what is done once an hour */
int64_t writer_day(int64_t t_us);                      /* from 1970 */
bool writer_send_day(struct writer *l, struct part p); /* false: all its days are known */
void writer_assume_today(struct writer *l);
void writer_send_maintenance(struct writer *l);
void writer_maintenance_done(struct writer *l, enum job job, const struct db_fail *f);

/* writer_copy.c: the rows of a part that go by COPY */
bool writer_copies(struct writer *l, struct part p); /* is it worth its round trips? */
void writer_carry(struct writer *l, struct part p);  /* hands the part to the connection's thread */
bool writer_copy(void *arg, int k, struct db_copy *out); /* hooks of the connection */
void writer_let_go(void *arg);

/* writer_lease.c */
uint32_t store_hang_ms(const struct store *s);  /* a leader silent for longer has lost its lead */
bool store_leads_surely(const struct store *s); /* the alert lane's connection has the lock */
bool store_lease_due(const struct store *s);
void store_on_probe(uv_timer_t *t);
void writer_send_lease(struct writer *l);
void writer_lease_rows(struct writer *l, int stmt, const struct db_rows *r);
void writer_lease_answered(struct writer *l);
void writer_send_unblock(struct writer *l);
void writer_unblock_rows(struct writer *l, const struct db_rows *r);
bool store_pulse_due(const struct store *s);
void writer_send_pulse(struct writer *l);
void writer_pulse_answered(struct writer *l);
void writer_lease_lost(struct writer *l); /* the lane connects anew */
void writer_fenced(struct writer *l);
int writer_query_fence(struct writer *l);

/* A parameter in binary form, its bytes in the caller's buffer. */
static inline struct db_param int_param(uint8_t buf[8], uint32_t oid, int64_t x)
{
    put_be64(buf, (uint64_t)x);
    return (struct db_param){oid, buf, 8};
}

static inline struct db_param text_param(const char *text)
{
    return (struct db_param){OID_TEXT, text, strlen(text)};
}

static inline struct db_param time_param(uint8_t buf[8], int64_t t_us)
{
    bool never = t_us == INT64_MIN; /* PostgreSQL's -infinity */
    return int_param(buf, OID_TIME, never ? INT64_MIN : t_us - PG_EPOCH_US);
}

/* store_dims.c: adds rows of the catalogues to the bulk lane's outbox; false when it is full. */
bool store_collect_dims(struct store *s);
void store_reset_dims(struct store *s);
const char *store_venue_name(uint8_t venue);
const char *store_channel_name(uint8_t venue, uint8_t channel);

#endif
