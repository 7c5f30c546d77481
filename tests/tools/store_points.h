/* Where the feeder may be stopped, and the calls that are interposed for it: between the store's
 * parts, and those for the disk (--wrap, see the Makefile). In: `arm`, by command; `full`, a disk
 * that takes no more. Out: the log's lines P, A, D and H. The surprising thing: a point stops the
 * whole program (SIGSTOP), from whichever thread comes by, so that the test kills it exactly there.
 */
#ifndef TESTS_STORE_POINTS_H
#define TESTS_STORE_POINTS_H

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdatomic.h>

#include "store_log.h"
#include "store_sabotage.h"
#include "store_shadow.h"
#include "store_timeline.h"

#define BASE_S INT64_C(1760000000)

static int64_t step_us = 200000; /* between rows, by their times; `live` has its own */

/* ---- points --------------------------------------------------------------------------------- */

enum point {
    APPEND_BEFORE,
    APPEND_AFTER,
    WRITE_BEFORE,
    WRITE_HALF,
    WRITE_AFTER,
    SYNC_BEFORE,
    SYNC_AFTER,
    SEGMENT_BEGUN,
    CUT,
    SEND_BEFORE,
    SEND_AFTER,
    COPY_BEGUN,
    ACK_BEFORE,
    ACK_AFTER,
    CAUGHT,
    TRIM_BEFORE,
    UNLINK_BEFORE,
    UNLINK_AFTER,
    POINTS
};
static const char *const point_names[POINTS] = {
    "append_before", "append_after",  "write_before",  "write_half", "write_after",
    "sync_before",   "sync_after",    "segment_begun", "cut",        "send_before",
    "send_after",    "copy_begun",    "ack_before",    "ack_after",  "caught",
    "trim_before",   "unlink_before", "unlink_after"};

static atomic_int armed = -1, countdown;
static atomic_bool full;

static bool at_point(enum point p)
{
    if (atomic_load(&armed) != (int)p || atomic_fetch_sub(&countdown, 1) != 1)
        return false;
    atomic_store(&armed, -1);
    return true;
}

static void hold(enum point p)
{
    note("H %s\n", point_names[p]);
    kill(getpid(), SIGSTOP);
}

static void pass(enum point p)
{
    if (at_point(p))
        hold(p);
}

static bool slow_server(void)
{
    return atomic_load(&armed) == SEND_AFTER && atomic_load(&countdown) == 1;
}

static void arm(const char *name, int count)
{
    for (int p = 0; p < POINTS; p++)
        if (strcmp(name, point_names[p]) == 0) {
            atomic_store(&countdown, count);
            atomic_store(&armed, p);
            return;
        }
    atomic_store(&armed, -1); /* "none" */
}

/* ---- what is interposed --------------------------------------------------------------------- */

#define WRAP(name) __typeof__(name) __real_##name, __wrap_##name

struct on_way { /* the batch that this thread is about to write */
    int lane;
    uint64_t seq;
    int64_t left; /* bytes */
};
static _Thread_local struct on_way on_way;
static struct { /* by file descriptor: what a sync would make durable */
    int lane;
    uint64_t seq;
} written[1024];

static int lane_of(uint8_t stream)
{
    return stream <= ST_UNIVERSE ? LANE_ALERT : LANE_BULK;
}

static int64_t number_of(int64_t t_us)
{
    return (t_us - BASE_S * 1000000) / step_us;
}

/* Small segments, so that many are begun and ended. */
WRAP(spool_open);
struct spool *__wrap_spool_open(const struct spool_conf *c, const struct spool_hooks *h,
                                char why[400])
{
    struct spool_conf mine = *c;
    mine.segment_bytes = c->reserve ? 64 << 10 : 512 << 10;
    if (sabotage == TRIM_EARLY)
        mine.segment_bytes = 4 << 10;
    return __real_spool_open(&mine, h, why);
}

WRAP(spool_append);
int __wrap_spool_append(struct spool *s, const struct spool_batch *b, struct spool_block *block,
                        uint64_t *seq)
{
    struct spool_row r = {0};
    size_t pos = 0;
    int64_t lo = 0, hi = 0;
    pass(APPEND_BEFORE);
    while (spool_get_row((const uint8_t *)b->rows.p, b->rows.len, &pos, &r) == 1) {
        hi = number_of(r.t_us);
        lo = lo ? lo : hi;
    }
    int rc = __real_spool_append(s, b, block, seq);
    if (rc == 0)
        note("P %d %llu %lld %lld\n", lane_of(r.stream), (unsigned long long)*seq, (long long)lo,
             (long long)hi);
    pass(APPEND_AFTER);
    return rc;
}

WRAP(spool_encode_batch);
int64_t __wrap_spool_encode_batch(const struct spool_batch *b, int level, struct slice scratch,
                                  char *dst, size_t cap)
{
    struct spool_row r = {0};
    size_t pos = 0;
    int got = spool_get_row((const uint8_t *)b->rows.p, b->rows.len, &pos, &r);
    int64_t n = __real_spool_encode_batch(b, level, scratch, dst, cap);
    on_way = (struct on_way){lane_of(r.stream), b->seq, got == 1 ? n : 0};
    return n;
}

/* A disk that is full takes half of what it is given, then nothing. */
static ssize_t write_part(int fd, const void *p, size_t n, off_t at);

WRAP(pwrite);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (at_point(WRITE_HALF)) {
        ssize_t half = write_part(fd, p, n / 2, at);
        hold(WRITE_HALF);
        return half > 0 ? half : write_part(fd, p, n, at);
    }
    if (atomic_load(&full)) {
        errno = ENOSPC;
        return n > 64 ? write_part(fd, p, n / 2, at) : -1;
    }
    return write_part(fd, p, n, at);
}

static ssize_t write_part(int fd, const void *p, size_t n, off_t at)
{
    if (on_way.left > 0)
        pass(WRITE_BEFORE);
    ssize_t w = __real_pwrite(fd, p, n, at);
    if (on_way.left <= 0 || w <= 0)
        return w;
    on_way.left -= w;
    if (on_way.left == 0) {
        note("A %d %llu %lld\n", on_way.lane, (unsigned long long)on_way.seq, (long long)mono_ms());
        if (fd < (int)(sizeof(written) / sizeof(written[0]))) {
            written[fd].lane = on_way.lane;
            written[fd].seq = on_way.seq;
        }
        pass(WRITE_AFTER);
    }
    return w;
}

WRAP(fdatasync);
int __wrap_fdatasync(int fd)
{
    pass(SYNC_BEFORE);
    int rc = __real_fdatasync(fd);
    if (rc == 0)
        shadow_synced(fd);
    if (rc == 0 && fd < (int)(sizeof(written) / sizeof(written[0])) && written[fd].seq)
        note("D %d %llu\n", written[fd].lane, (unsigned long long)written[fd].seq);
    pass(SYNC_AFTER);
    return rc;
}

WRAP(posix_fallocate);
int __wrap_posix_fallocate(int fd, off_t at, off_t n)
{
    return atomic_load(&full) ? ENOSPC : __real_posix_fallocate(fd, at, n);
}

WRAP(fsync);
int __wrap_fsync(int fd)
{
    pass(SEGMENT_BEGUN);
    int rc = __real_fsync(fd);
    if (rc == 0)
        shadow_synced(fd);
    return rc;
}

WRAP(ftruncate);
int __wrap_ftruncate(int fd, off_t n)
{
    pass(CUT);
    return __real_ftruncate(fd, n);
}

WRAP(unlink);
int __wrap_unlink(const char *path)
{
    pass(UNLINK_BEFORE);
    shadow_gone(path);
    int rc = __real_unlink(path);
    pass(UNLINK_AFTER);
    return rc;
}

WRAP(db_sync);
int __wrap_db_sync(struct db *d)
{
    note_sent(d);
    pass(SEND_BEFORE);
    int rc = __real_db_sync(d);
    pass(SEND_AFTER);
    return rc;
}

int __wrap_db_sync_copy(struct db *d)
{
    note_sent(d);
    pass(SEND_BEFORE);
    int rc = __real_db_sync_copy(d);
    pass(SEND_AFTER);
    return rc;
}

/* Here the transaction has been begun, and the lease is held, by the thread that carries it. */
WRAP(PQputCopyData);
int __wrap_PQputCopyData(PGconn *c, const char *data, int n)
{
    pass(COPY_BEGUN);
    return __real_PQputCopyData(c, data, n);
}

WRAP(writer_committed);
void __wrap_writer_committed(struct writer *l)
{
    pass(ACK_BEFORE);
    bool batch = l->holds == HOLDS_BATCH;
    __real_writer_committed(l);
    note_committed(l, batch);
    pass(ACK_AFTER);
}

WRAP(writer_caught);
void __wrap_writer_caught(struct writer *l)
{
    pass(CAUGHT);
    spoil_caught(l);
    __real_writer_caught(l);
}

WRAP(spool_trim);
void __wrap_spool_trim(struct spool *s, uint32_t epoch, uint64_t seq)
{
    pass(TRIM_BEFORE);
    __real_spool_trim(s, epoch, seq);
}

#endif
