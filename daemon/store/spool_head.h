/* What each segment of the spool says of its writer, so that its rows can be stored by a later run
 * or a later program: the run as the database registers it, and the columns of every stream at that
 * time. JSON, because a person may have to read it. */
#ifndef DAEMON_STORE_SPOOL_HEAD_H
#define DAEMON_STORE_SPOOL_HEAD_H

#include "base/spoolseg.h"
#include "base/text.h"
#include "store/streams.h"

#define SPOOL_HEAD_MAX (512u << 10)

struct spool_writer { /* texts borrowed */
    struct slice instance, version, conf;
    int64_t epoch, t_started_us;
};

void spool_head_print(struct text *out, const struct spool_writer *w);

/* How rows of a head's streams become rows of this program's. */
struct spool_map {
    bool same; /* streams and columns are this program's: rows are used as they are */
    int n;     /* streams of the head */
    struct {
        int16_t to;                    /* enum stream_id; -1 = this program has no such stream */
        uint16_t cols;                 /* columns its rows have */
        int16_t from[STREAM_COLS_MAX]; /* per column of stream `to`: which of theirs; -1 = none */
    } stream[64];
    char conf[65536]; /* texts of writer, unescaped */
    char instance[40], version[40];
};

/* Reads a head. writer's texts lie in map. E_SYNTAX, E_LIMIT, E_MISSING. */
int spool_head_parse(struct slice head, struct spool_writer *writer,
                     struct spool_map *map) MUST_CHECK;

void spool_map_own(struct spool_map *map); /* for rows of this program */

/* A row of their stream as one of ours, without runs, its bytes borrowed where they are the same.
 * 1; 0 = a stream we do not have; E_TORN = not such a row. */
int spool_map_row(const struct spool_map *m, const struct spool_row *in,
                  struct row *out) MUST_CHECK;

#endif
