/* The streams: what kinds of rows the store writes, into which table, with which columns and by
 * which statement. One const table; the metric streams get their columns from the metric tables.
 * Turns rows of one stream into the parameters of one INSERT ... SELECT unnest(binary arrays). */
#ifndef DAEMON_STORE_STREAMS_H
#define DAEMON_STORE_STREAMS_H

#include "risk/metric.h"
#include "store/db.h"
#include "store/row.h"

enum stream_id { /* in the order of a batch's statements */
                 ST_ALERT,
                 ST_GAP,
                 ST_GAP_END,
                 ST_LOST, /* feed_gap rows of cause store */
                 ST_UNIVERSE,
                 ST_VENUE,
                 ST_ASSET,
                 ST_METRIC,
                 ST_INSTRUMENT,
                 ST_LIQUIDATION,
                 ST_UNKNOWN,
                 ST_UNKNOWN_END,
                 ST_M_ASSET,
                 ST_M_VENUE_ASSET,
                 ST_M_FEED,
                 ST_M_PROCESS,
                 ST_M_SCENARIO,
                 ST_M_SIDE,
                 ST_M_ASSET_1M, /* the rollups, see stream_is_rollup */
                 ST_M_VENUE_ASSET_1M,
                 ST_M_SCENARIO_1M,
                 ST_M_SIDE_1M,
                 ST_LIQMAP,
                 STREAMS
};

enum col_type { COL_TIME, COL_TEXT, COL_F8, COL_I8, COL_BOOL };

struct col {
    char name[64]; /* as long as PostgreSQL's */
    uint8_t type;  /* enum col_type */
};

#define STREAM_COLS_MAX 480 /* db.c takes 512 parameters, one is the run */
#define STREAM_SQL_MAX  65536

struct stream_def {
    const char *name; /* in heads of the spool: must outlive versions */
    const char *table;
    const struct col *cols; /* fixed columns; metric streams: the key */
    int n_cols;
    int metrics;             /* enum metric_table whose metrics follow; -1 = none */
    bool fact;               /* lies in day partitions */
    const char *head, *tail; /* statement around the unnest; NULL = plain insert */
};
extern const struct stream_def stream_defs[STREAMS];

/* In a rollup each metric has three columns: NAME, NAME_min, NAME_max. */
#define ROLLUP_COLS 3
static inline bool stream_is_rollup(enum stream_id s)
{
    return s >= ST_M_ASSET_1M && s <= ST_M_SIDE_1M;
}

/* The process table has, after the engine's own metrics, those of the daemon: */
extern const struct metric store_process_metrics[];
extern const int store_n_process_metrics;

const char *stream_name(enum stream_id s);
/* Columns of a stream: fixed, then metrics. */
int stream_columns(enum stream_id s);
struct col stream_column(enum stream_id s, int i);
const struct metric *stream_metric(enum stream_id s, int i); /* of column i; NULL for a fixed one */

struct stream_plan { /* what this database can take */
    bool have[STREAM_COLS_MAX];
    char sql[STREAM_SQL_MAX];
    char copy[STREAM_SQL_MAX / 2]; /* the same by COPY; "" when rows of it need more than that */
    bool all;                      /* the table has every column */
};
/* Writes the statement for the columns that have[] says exist; parameter 1 is the run. */
void stream_plan_sql(enum stream_id s, struct stream_plan *p);

/* Parameters of one statement. Owner of mem: the caller. */
struct stream_params {
    struct db_param param[STREAM_COLS_MAX + 1];
    int n;
    uint8_t *mem;
    size_t cap, used;
};
struct packed_row { /* a row inside a batch */
    int64_t t_us;
    uint64_t seq; /* the batch it came in */
    const uint8_t *data;
    uint32_t len, no; /* no: its place in that batch, from 1 */
    uint8_t stream;
};
/* Takes those of rows[lo..hi) that belong to s. Returns how many there are; E_LIMIT when mem is too
 * small (cannot happen with stream_params_bytes). */
int stream_pack(enum stream_id s, const struct stream_plan *p, const struct packed_row *rows, int n,
                struct stream_params *out) MUST_CHECK;
/* Those of the rows that belong to s as the data of its COPY, of a run; out->used says how long.
 * Returns how many there are, or E_LIMIT. */
struct row_span {
    const struct packed_row *rows;
    int n;
};
int stream_copy(enum stream_id s, const struct stream_plan *p, struct row_span in, int64_t run,
                struct stream_params *out) MUST_CHECK;
/* Upper bound of mem for so many rows of so many bytes together: of one stream to unnest, or of all
 * their streams' COPYs together. */
size_t stream_params_bytes(size_t row_bytes, size_t rows);

/* Longest encoded metric row, for the queue. */
size_t stream_row_bytes(void);

#endif
