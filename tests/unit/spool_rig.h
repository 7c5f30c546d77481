/* What the spool's tests share: a folder, a loop, batches whose bytes follow from their number, and
 * ways to damage files. */
#ifndef SPOOL_RIG_H
#define SPOOL_RIG_H

#include "store/spool.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROW 100

struct rig {
    uv_loop_t loop;
    struct spool *spool;
    struct spool_conf c;
    char dir[200], why[400];
    uint64_t durable;
    uint64_t lost_first, lost_last, lost_rows, lost_calls;
    int trouble, troubles;
    bool stopped;
    uint64_t appended;
};

static inline void on_durable(void *arg, uint64_t seq)
{
    struct rig *g = arg;
    ck_assert_uint_ge(seq, g->durable);
    g->durable = seq;
}

static inline void on_lost(void *arg, const struct spool_lost *l)
{
    struct rig *g = arg;
    if (g->lost_calls++ == 0)
        g->lost_first = l->first_seq;
    g->lost_last = l->last_seq;
    g->lost_rows += l->rows;
}

static inline void on_trouble(void *arg, int err)
{
    struct rig *g = arg;
    g->trouble = err;
    g->troubles++;
}

static inline void on_stopped(void *arg)
{
    ((struct rig *)arg)->stopped = true;
}

static inline bool try_open(struct rig *g, uint32_t epoch)
{
    struct spool_hooks h = {g, on_durable, NULL, on_lost, on_trouble};
    g->c.loop = &g->loop;
    g->c.dir = g->dir;
    g->c.epoch = epoch;
    g->durable = 0;
    g->appended = 0;
    g->spool = spool_open(&g->c, &h, g->why);
    return g->spool != NULL;
}

static inline void rig_init(struct rig *g)
{
    *g = (struct rig){.c = {.lane = "bulk",
                            .head = SLICE("head text"),
                            .sync_ms = 20,
                            .level = 1,
                            .segment_bytes = 64 << 10,
                            .limit_bytes = 64 << 20,
                            .memory_bytes = 8 << 20}};
    snprintf(g->dir, sizeof g->dir, "/tmp/test_spool.XXXXXX");
    ck_assert(mkdtemp(g->dir));
    ck_assert_int_eq(uv_loop_init(&g->loop), 0);
}

static inline void open_epoch(struct rig *g, uint32_t epoch)
{
    ck_assert_msg(try_open(g, epoch), "%s", g->why);
}

/* The rows of batch n of an epoch: their bytes follow from both, so that a wrong one is seen. */
static inline size_t content(uint8_t *dst, size_t cap, uint32_t epoch, uint64_t n)
{
    uint8_t data[ROW];
    size_t len = 0;
    for (uint32_t k = 0; k < 5 + n % 90; k++) {
        for (int b = 0; b < ROW; b++) /* hardly compressible */
            data[b] =
                (uint8_t)((epoch * 31 + n * 7919 + k * 104729 + (uint32_t)b * 2654435761u) >> 7);
        struct spool_row r = {(int64_t)n * 1000 + k, data, ROW, 3};
        ck_assert_int_eq(spool_put_row(dst, cap, &len, &r), 0);
    }
    return len;
}

static inline int append(struct rig *g)
{
    static uint8_t rows[16384];
    uint64_t n = g->appended + 1, seq = 0;
    size_t len = content(rows, sizeof rows, g->c.epoch, n);
    struct spool_batch b = {0,
                            (uint32_t)(5 + n % 90),
                            (int64_t)n * 1000,
                            (int64_t)n * 1000 + 94,
                            {(char *)rows, (uint32_t)len},
                            0};
    int rc = spool_append(g->spool, &b, NULL, &seq);
    if (rc == 0) {
        ck_assert_uint_eq(seq, n);
        g->appended = n;
    }
    return rc;
}

static inline void append_n(struct rig *g, int n)
{
    while (n-- > 0)
        ck_assert_int_eq(append(g), 0);
}

static inline void turn(struct rig *g)
{
    uv_run(&g->loop, UV_RUN_NOWAIT);
    usleep(300);
}

static inline void run_until_durable(struct rig *g, uint64_t seq)
{
    for (int i = 0; i < 30000 && g->durable < seq; i++)
        turn(g);
    ck_assert_uint_ge(g->durable, seq);
}

static inline void stop(struct rig *g)
{
    g->stopped = false;
    spool_stop(g->spool, on_stopped, g);
    for (int i = 0; i < 30000 && !g->stopped; i++)
        turn(g);
    ck_assert(g->stopped);
    spool_free(g->spool);
    g->spool = NULL;
}

static inline void rig_fini(struct rig *g)
{
    char cmd[700];
    ck_assert_int_eq(uv_run(&g->loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(uv_loop_close(&g->loop), 0);
    snprintf(cmd, sizeof cmd, "rm -rf %s", g->dir);
    ck_assert_int_eq(system(cmd), 0);
}

static inline void ck_item(const struct spool_item *it, uint32_t epoch, uint64_t seq)
{
    static uint8_t rows[16384];
    size_t len = content(rows, sizeof rows, epoch, seq);
    ck_assert_uint_eq(it->epoch, epoch);
    ck_assert_uint_eq(it->batch.seq, seq);
    ck_assert(slice_is(it->head, "head text"));
    ck_assert_uint_eq(it->batch.n_rows, 5 + seq % 90);
    ck_assert_uint_eq(it->batch.rows.len, len);
    ck_assert_mem_eq(it->batch.rows.p, rows, len);
}

/* The next batch behind (epoch, seq), waiting for the thread pool; 0 = none. */
static inline int read_next(struct rig *g, uint32_t epoch, uint64_t seq, struct spool_item *it)
{
    int rc = E_AGAIN;
    for (int i = 0; i < 30000 && rc == E_AGAIN; i++) {
        rc = spool_read(g->spool, epoch, seq, it);
        if (rc == E_AGAIN)
            turn(g);
    }
    return rc;
}

/* All of an epoch from a number on; returns the last one. */
static inline uint64_t ck_epoch(struct rig *g, uint32_t epoch, uint64_t behind)
{
    struct spool_item it;
    uint64_t seq = behind;
    while (read_next(g, epoch, seq, &it) == 1 && it.epoch == epoch)
        ck_item(&it, epoch, ++seq);
    return seq;
}

static inline int count_files(const struct rig *g, const char *part)
{
    int n = 0;
    DIR *d = opendir(g->dir);
    for (struct dirent *e; d && (e = readdir(d));)
        n += strstr(e->d_name, part) != NULL;
    closedir(d);
    return n;
}

static inline void newest_file(const struct rig *g, char name[80])
{
    name[0] = 0;
    DIR *d = opendir(g->dir);
    for (struct dirent *e; (e = readdir(d));)
        if (strstr(e->d_name, ".spool") && strlen(e->d_name) < 80 && strcmp(e->d_name, name) > 0)
            snprintf(name, 80, "%.79s", e->d_name);
    closedir(d);
}

static inline void damage(const char *dir, const char *name, long at)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDWR), c = 0;
    ck_assert_int_eq(pread(fd, &c, 1, at), 1);
    c ^= 0x55;
    ck_assert_int_eq(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

#endif
