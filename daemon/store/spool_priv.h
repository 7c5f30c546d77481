/* The spool's inside, shared by spool.c and spool_read.c (the loop's side) and spool_file.c (what
 * the thread pool and the start do to files). Nobody else includes it. */
#ifndef DAEMON_STORE_SPOOL_PRIV_H
#define DAEMON_STORE_SPOOL_PRIV_H

#include "store/spool.h"

#define SPOOL_FILES_MAX 8192
#define SPOOL_PATH_MAX  512
#define SPOOL_JOB_BYTES (8u << 20) /* batches written by one job */

struct spool_file {
    uint32_t epoch;
    uint64_t first_seq, last_seq, rows; /* last_seq 0 = no batch yet */
    int64_t t_from_us, t_to_us;
    int64_t bytes;   /* good bytes */
    int64_t on_disk; /* more when preallocated */
};

struct spool_mem { /* a batch in memory */
    struct spool_mem *next;
    struct spool_batch batch; /* rows lie in block */
    struct spool_block *block;
};

#define BLOCK_KEPT_MIN (32u << 10) /* smaller ones go back to malloc */
#define BLOCK_LOOK     256         /* takings between two looks at how many were never needed */
struct spool_free {                /* blocks nobody holds */
    struct spool_block *first;
    uint32_t n, least, takes; /* least: fewest since the last look */
};

/* What one job of the pool does, in this order: write `from`.., sync, unlink. Filled by the loop,
 * read back by it when the job has ended. */
struct spool_job {
    uv_work_t work;
    bool busy, sync, close; /* close: the open file ends with this job */
    struct spool_mem *from;
    int n;                            /* batches to write */
    uint64_t written_seq, synced_seq; /* out: highest */
    struct spool_file file;           /* in/out: the one being written */
    struct spool_file synced;         /* in/out: the same as it was when last synced */
    struct spool_file sealed[8];      /* out: ended by this job */
    int n_sealed;
    struct spool_file drop[64];
    int n_drop;
    int err; /* out: errno */
};

#define SPOOL_AHEAD       64 /* batches unpacked by one job */
#define SPOOL_AHEAD_BYTES (3u << 20)
struct spool_load { /* one segment in memory, for reading, and the next of its batches, unpacked */
    uv_work_t work;
    bool busy, fresh; /* fresh: the file is to be read first */
    uint32_t epoch;
    uint64_t first_seq; /* which file; 0 = none */
    int64_t bytes;      /* how much of it */
    char *data;
    size_t cap, len;
    char *raw;
    struct spool_walk walk;
    struct slice head;
    char *head_copy;
    size_t head_cap;
    uint64_t passed;                     /* batches up to here are not there any more */
    struct spool_item item[SPOOL_AHEAD]; /* each holds its block */
    int at, items;                       /* from `at` on */
    uint64_t last_seq;                   /* the walk's latest; 0 = none */
    int rc;                              /* the walk's: 1 = there is more */
    int err;
};

struct spool {
    struct spool_conf c;
    struct spool_hooks h;
    char dir[SPOOL_PATH_MAX - 128], lane[16];
    char *head;
    uint32_t head_len;
    bool on_disk, stopping;
    int fd, lock_fd;
    char *scratch, *out; /* the job's */
    size_t scratch_cap, out_cap;
    struct spool_file *files; /* in order; the last one may be open for writing */
    int n_files;
    bool writing;                              /* files[n_files - 1] is open */
    struct spool_mem *first, *last, *to_write; /* memory, in order; to_write: first not written */
    struct spool_mem *read, *written;          /* ones known to lie before: where a search begins */
    size_t mem_bytes;
    struct spool_free spare;
    struct spool_file drop[64]; /* to be unlinked */
    int n_drop;
    uint64_t next_seq, sent_seq, trimmed_seq;
    uint32_t told_epoch; /* how far readers have been told what there is or is lost */
    uint64_t told_seq;
    struct spool_job job;
    struct spool_load load;
    uv_timer_t timer; /* sync, and the next try after an error */
    uint32_t tries;
    bool sync_due;
    struct spool_status st;
    void (*done)(void *arg);
    void *done_arg;
};

static inline bool spool_behind(uint32_t epoch, uint64_t seq, uint32_t than_epoch,
                                uint64_t than_seq)
{
    return epoch > than_epoch || (epoch == than_epoch && seq > than_seq);
}

/* The first one behind seq, NULL = none. *before: one to begin at, or NULL; then the one before. */
struct spool_mem *spool_mem_behind(struct spool *s, struct spool_mem **before, uint64_t seq);
void spool_tell_lost(struct spool *s, const struct spool_lost *l);
void spool_kick(struct spool *s); /* begins the next job of the pool, if one is due */

void spool_load_drop(struct spool *s); /* what is loaded is not wanted any more; not while busy */

void spool_path(const struct spool *s, const struct spool_file *f, char out[SPOOL_PATH_MAX]);
int spool_recover(struct spool *s, char why[400]) MUST_CHECK;
void spool_work_write(uv_work_t *w); /* in the pool */
void spool_work_load(uv_work_t *w);

#endif
