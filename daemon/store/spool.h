/* The spool of one lane: every batch of rows is appended to a segment file before it is sent, so
 * that what was accepted outlives the database, this process and the power. Writing, syncing,
 * reading and unlinking happen in the thread pool; the loop never waits. What is recent is also in
 * memory, within a limit; past it the files are the queue. Batches are numbered from 1 in each
 * epoch (= life of the process); files of older epochs come first and are read like the others.
 * Files: <dir>/<lane>-e<epoch>-<first seq>.spool, names sort in order. */
#ifndef DAEMON_STORE_SPOOL_H
#define DAEMON_STORE_SPOOL_H

#include <uv.h>

#include "base/spoolseg.h"

struct spool;

struct spool_conf {
    uv_loop_t *loop;
    const char *dir;       /* exists, writable; "" = memory only: nothing outlives the process */
    const char *lane;      /* "bulk", "alert" */
    struct slice head;     /* what each segment says of its writer; copied */
    uint32_t epoch;        /* > 0, higher than any before */
    uint32_t sync_ms;      /* group commit: written batches are synced this often; 0 = at once */
    int level;             /* zstd; 0 = not compressed */
    bool reserve;          /* segments are preallocated, the next one too: a full disk cannot stop
                              them */
    int64_t segment_bytes; /* a new segment begins past it */
    int64_t limit_bytes;   /* of all segments; past it the oldest whole segment is shed */
    size_t memory_bytes;   /* of batches in memory */
};

struct spool_lost { /* what is given up: shed, or skipped in a damaged file */
    uint32_t epoch;
    uint64_t first_seq, last_seq, rows; /* rows 0 = not known */
    int64_t t_from_us, t_to_us;         /* 0 = not known */
    struct slice data;                  /* the rows, when they are in memory; borrowed */
};

struct spool_hooks { /* from the loop; must not free the spool */
    void *arg;
    void (*durable)(void *arg, uint64_t seq); /* all up to seq of this epoch are synced */
    void (*readable)(void *arg);              /* spool_read is worth another try */
    void (*lost)(void *arg, const struct spool_lost *l);
    /* The disk refuses (err: an errno), or does again (0). Appending goes on in memory. */
    void (*trouble)(void *arg, int err);
};

/* Recovers what earlier epochs left: reads every segment (blocks: call it before the loop runs),
 * cuts torn tails off. NULL and why[] for a folder it cannot use, no memory, or a corrupt middle:
 * then nothing was changed and why[] says which file and what to do. */
struct spool *spool_open(const struct spool_conf *c, const struct spool_hooks *h, char why[400]);

/* The newest epoch that has files in dir, of any lane; 0 = none. For choosing the own one. */
uint32_t spool_newest_epoch(const char *dir);

/* What the name of a segment says; false: it is none. */
bool spool_parse_name(const char *name, char lane[16], uint32_t *epoch, uint64_t *first_seq);
/* Takes the folder of a lane for this process: a descriptor to close, or -errno (-EWOULDBLOCK: it
 * is taken). Ends with the process, however that ends. spool_open does so by itself. */
int spool_lock(const char *dir, const char *lane) MUST_CHECK;

/* Memory for the rows of one batch, counted: who fills it, the spool and who sends from it each
 * hold it; they do so on the loop. What is let go by all is used again. */
struct spool_block {
    struct spool_block *next; /* while nobody holds it */
    uint32_t refs, cap;
    bool once; /* not used again: made for a batch that was read from a file */
    uint8_t data[];
};
/* At least so many bytes, held once; NULL when out of memory. */
struct spool_block *spool_block_take(struct spool *s, uint32_t cap);
static inline void spool_block_hold(struct spool_block *b)
{
    b->refs++;
}
void spool_block_let(struct spool *s, struct spool_block *b); /* NULL: nothing */

/* Takes rows: they lie in block, which is held from now on and not written to any more, or, with
 * NULL, are copied. *seq: its number. E_LIMIT when memory is full of what is not yet written; the
 * caller counts what it gives up. Without a folder the oldest is given up instead. */
int spool_append(struct spool *s, const struct spool_batch *b, struct spool_block *block,
                 uint64_t *seq) MUST_CHECK;

/* The first batch behind (epoch, seq), in order of epochs. 1 = *out, its epoch and the head of its
 * segment (borrowed until the next call of spool_append, spool_read or spool_trim); E_AGAIN = it is
 * being read, or written: readable() follows; 0 = there is none yet. A batch is given once it is
 * written (for a lane with sync_ms 0: synced), or when the disk refuses. E_CRC, E_IO: the file
 * became unreadable since it was checked; the rest of it is told as lost and skipped: call again.
 */
struct spool_item {
    uint32_t epoch;
    struct slice head;
    struct spool_batch batch;
    struct spool_block *block; /* its rows lie there; who wants them for longer holds it */
};
int spool_read(struct spool *s, uint32_t epoch, uint64_t seq, struct spool_item *out) MUST_CHECK;

/* Everything up to (epoch, seq) is on its way to where it will be committed. Without a folder it
 * may make room for what is newer before it is; only if it is read again is it told as lost. */
void spool_sent(struct spool *s, uint32_t epoch, uint64_t seq);

/* Everything up to (epoch, seq) is durably committed elsewhere: memory and whole files go. */
void spool_trim(struct spool *s, uint32_t epoch, uint64_t seq);

/* Writes and syncs what there is; done(arg) once, from the loop. Then spool_free. */
void spool_stop(struct spool *s, void (*done)(void *arg), void *arg);
void spool_free(struct spool *s);

struct spool_status {
    uint32_t epoch;
    uint64_t appended_seq, written_seq, durable_seq; /* of this epoch */
    uint64_t batches, rows;                          /* appended in this epoch */
    uint64_t recovered_rows;                         /* found at open */
    uint64_t torn_tails;                             /* cut at open */
    uint64_t lost_rows, refused;                     /* shed; appends refused for want of memory */
    uint64_t errors, syncs;
    uint64_t files;
    int64_t disk_bytes, memory_bytes, memory_limit;
    int64_t waiting_bytes; /* of memory: what no file has; without a folder all of it */
    int last_errno;        /* 0 = the disk is well */
};
void spool_get_status(const struct spool *s, struct spool_status *out);

#endif
