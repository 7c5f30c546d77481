/* The store: rows for PostgreSQL in binary batches, through a write-ahead spool on disk, in two
 * lanes with a connection each: alert (transitions, gaps, universe changes), whose commits wait for
 * the disk, and bulk (all else). Each row the spool has accepted is stored exactly once, whatever
 * dies in between. The database may be away at any time: the daemon runs on, the spool grows; past
 * its limit the oldest is shed and counted, and a feed_gap row of cause `store` says what is
 * missing.
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include <uv.h>

#include "conf.h"
#include "engine/engine.h"
#include "store/lease.h"
#include "store/spool.h"

struct store;

struct store_deps {
    uv_loop_t *loop;
    const struct conf *conf;
    void *arg;
    const struct directory *(*directory)(void *arg);
    const struct alerts *(*alerts)(void *arg);
    int64_t (*now_us)(void *arg);
    char instance[37]; /* uuid of this process */
    uint32_t epoch;
    const char *conf_text; /* as -p prints; stored with the run */
    /* Transitions up to n are synced (or the disk refuses): they may be published. May be NULL. */
    void (*durable)(void *arg, uint64_t n);
    void (*role)(void *arg, enum lease_role role); /* it has changed; may be NULL */
};

/* Blocks while it reads what the spool holds: call it before the loop runs. */
struct store *store_new(const struct store_deps *d, char why[400]);
/* The engine sinks that feed it (event: liquidations, specs; row, unknown, alert, gap, universe).
 */
struct sinks store_sinks(struct store *s);
/* Process metrics each 10 s, written to m_process beside the engine's. */
void store_process(struct store *s, int64_t t_us, const char *const *names, const double *values,
                   int n);
/* Stores what is queued within deadline_ms (what is left lies in the spool), closes; done(arg)
 * once. Then store_free. */
void store_stop(struct store *s, uint32_t deadline_ms, void (*done)(void *arg), void *arg);
void store_free(struct store *s);

enum store_state {
    STORE_OFF,
    STORE_CONNECTING,
    STORE_CHECKING,
    STORE_READY,
    STORE_BACKOFF,
    STORE_REFUSED
};
const char *store_state_name(enum store_state s);

struct store_status {
    uint8_t state;
    uint64_t rows_written, rows_shed; /* shed: given up for good, of those refused for content */
    uint64_t rows_refused, refused_unkept; /* unkept: not in the file of refused rows either */
    uint64_t alerts_merged; /* transitions without a row of their own: in that of a later one */
    uint64_t batches, failures, reconnects, missing_columns;
    const char *writer;              /* the name in the configuration; NULL = no database */
    uint8_t role;                    /* enum lease_role */
    int64_t term, t_role_us;         /* the newest own term, 0 = none; since when the role */
    uint64_t rows_dropped, fenced;   /* another daemon's; batches refused as such */
    uint32_t rows_queued, queue_max; /* taken and not yet stored; estimates after a restart */
    bool clock_known;
    int64_t clock_us; /* the database's clock less ours */
    int64_t t_ready_us, t_retry_us, t_last_commit_us;
    int schema_version, schema_wanted;
    int64_t run_id; /* 0 = not yet known */
    struct spool_status bulk, alert;
    char last_error[200];
    char missing[256]; /* names of metric columns the database lacks, by comma */
};
void store_get_status(const struct store *s, struct store_status *out);

#endif
