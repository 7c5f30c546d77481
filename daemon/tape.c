/* The tape's writer. Two buffers: one is filled by the loop, the other is compressed and written by
 * the thread pool. The file is opened, appended to and closed only in the pool. Surprising: a head
 * record is made when a segment begins, on the loop, because only the loop may read the directory.
 */
#include "tape.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define BUFFER_BYTES (4u << 20)
#define HEAD_BYTES   (SEGLOG_BLOCK_MAX - 4096)
#define ZSTD_LEVEL   1

struct tape {
    uv_work_t work;
    bool busy, stopping;
    char *fill, *write; /* raw bytes: BUFFER_BYTES + HEAD_BYTES each */
    size_t n_fill, n_write;
    char *out; /* encoded block */
    size_t out_cap;
    bool begin_fill, begin_write; /* the buffer starts a new segment */
    bool behind;                  /* records were dropped since the last segment began */
    int fd;
    uint32_t segment;
    int64_t t_segment_us, segment_bytes;
    int64_t max_bytes, max_us, keep_bytes;
    char dir[CONF_PATH_MAX], file[CONF_PATH_MAX], write_file[CONF_PATH_MAX];
    int write_errno;
    struct tape_head head;
    struct tape_status st;
    void (*done)(void *arg);
    void *done_arg;
};

/* --- in the thread pool -------------------------------------------------------------------- */

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return -1;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

/* The oldest segment (names sort by time) and the bytes of all. false when there is none. */
static bool oldest_segment(const char *dir, char name[256], int64_t *total)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    struct stat st;
    name[0] = 0;
    *total = 0;
    while (d && (e = readdir(d))) {
        size_t n = strlen(e->d_name);
        if (n < 6 || strcmp(e->d_name + n - 5, ".tape") != 0)
            continue;
        if (fstatat(dirfd(d), e->d_name, &st, 0) == 0)
            *total += st.st_size;
        if (!name[0] || strcmp(e->d_name, name) < 0)
            snprintf(name, 256, "%s", e->d_name);
    }
    if (d)
        closedir(d);
    return name[0] != 0;
}

/* Old segments go, oldest first, until the rest and one full segment fit in keep_bytes. */
static void make_room(struct tape *t)
{
    char name[256], path[CONF_PATH_MAX + 260];
    int64_t total;
    for (int i = 0; i < 64 && oldest_segment(t->dir, name, &total); i++) {
        if (total + t->max_bytes <= t->keep_bytes)
            return;
        snprintf(path, sizeof path, "%s/%s", t->dir, name);
        if (unlink(path) != 0)
            return;
    }
}

static int begin_file(struct tape *t)
{
    make_room(t);
    if (t->fd >= 0)
        close(t->fd);
    t->fd = open(t->write_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (t->fd < 0)
        return -1;
    return write_all(t->fd, SEGLOG_MAGIC, SEGLOG_MAGIC_LEN);
}

/* Content is cut at record boundaries by construction: blocks are cut at SEGLOG_BLOCK_MAX / 2 of
 * raw bytes and a reader joins them, so a record may span two blocks. */
static int write_blocks(struct tape *t)
{
    for (size_t at = 0; at < t->n_write;) {
        size_t n = t->n_write - at;
        if (n > SEGLOG_BLOCK_MAX / 2)
            n = SEGLOG_BLOCK_MAX / 2;
        int64_t len = seglog_encode(t->write + at, n, ZSTD_LEVEL, t->out, t->out_cap);
        if (len < 0) {
            errno = ENOMEM;
            return -1;
        }
        if (write_all(t->fd, t->out, (size_t)len) < 0)
            return -1;
        t->segment_bytes += len;
        at += n;
    }
    return 0;
}

static void on_work(uv_work_t *w)
{
    struct tape *t = w->data;
    t->write_errno = 0;
    if (t->begin_write) {
        t->segment_bytes = 0;
        if (begin_file(t) < 0) {
            t->write_errno = errno;
            return;
        }
    }
    if (t->fd < 0 || write_blocks(t) < 0)
        t->write_errno = t->fd < 0 ? EBADF : errno;
}

/* --- on the loop --------------------------------------------------------------------------- */

static void hand_over(struct tape *t);

static void on_written(uv_work_t *w, int status)
{
    struct tape *t = w->data;
    (void)status;
    t->busy = false;
    if (t->write_errno) {
        if (t->st.write_errors++ == 0)
            log_line(LOG_LV_ERROR, "tape %s: %s, records are lost until a new segment can be begun",
                     t->write_file, strerror(t->write_errno));
        t->behind = true;
    } else {
        t->st.bytes += t->n_write;
    }
    t->n_write = 0;
    if (!t->stopping)
        return;
    if (t->n_fill > 0) {
        hand_over(t);
    } else if (t->done) {
        void (*done)(void *) = t->done;
        t->done = NULL;
        done(t->done_arg);
    }
}

static void hand_over(struct tape *t)
{
    if (t->busy || t->n_fill == 0)
        return;
    char *p = t->fill;
    t->fill = t->write;
    t->write = p;
    t->n_write = t->n_fill;
    t->n_fill = 0;
    t->begin_write = t->begin_fill;
    t->begin_fill = false;
    if (t->begin_write)
        snprintf(t->write_file, sizeof t->write_file, "%s", t->file);
    t->busy = true;
    t->work.data = t;
    int rc = uv_queue_work(t->work.loop, &t->work, on_work, on_written);
    assert(rc == 0);
}

/* The fill buffer must be empty: a segment starts with its head. */
static void begin_segment(struct tape *t, int64_t now_us)
{
    assert(t->n_fill == 0);
    time_t s = (time_t)(now_us / 1000000);
    struct tm tm;
    gmtime_r(&s, &tm);
    char stamp[32];
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
    t->behind = true; /* until the head stands */
    int n = snprintf(t->file, sizeof t->file, "%s/%s-e%u-%04u.tape", t->dir, stamp, t->head.epoch,
                     t->segment);
    if (n >= (int)sizeof t->file)
        return;
    struct text head;
    char *buf = malloc(HEAD_BYTES);
    if (!buf)
        return; /* try again with the next record */
    text_init(&head, buf, HEAD_BYTES);
    tape_head_print(&head, &t->head, t->segment);
    struct seglog_record r = {.t_us = now_us,
                              .kind = SLICE("head"),
                              .venue = SLICE("-"),
                              .conn = 255,
                              .req = SLICE("-"),
                              .body = {buf, (uint32_t)head.len}};
    int rc = seglog_put(t->fill, BUFFER_BYTES + HEAD_BYTES, &t->n_fill, &r);
    free(buf);
    if (rc < 0)
        return;
    t->begin_fill = true;
    t->behind = false;
    t->t_segment_us = now_us;
    t->segment++;
    t->st.segments++;
    snprintf(t->st.file, sizeof t->st.file, "%s", t->file);
}

static bool segment_due(const struct tape *t, int64_t now_us)
{
    return t->behind || t->segment_bytes >= t->max_bytes || now_us - t->t_segment_us >= t->max_us;
}

struct tape *tape_open(uv_loop_t *loop, const struct conf *c, const struct tape_head *head,
                       int64_t now_us, char why[160])
{
    if (access(c->tape_dir, W_OK | X_OK) != 0) {
        snprintf(why, 160, "tape folder %.100s: %s", c->tape_dir, strerror(errno));
        return NULL;
    }
    struct tape *t = calloc(1, sizeof *t);
    size_t cap = BUFFER_BYTES + HEAD_BYTES;
    if (t) {
        t->fill = malloc(cap);
        t->write = malloc(cap);
        t->out_cap = seglog_bound(SEGLOG_BLOCK_MAX / 2);
        t->out = malloc(t->out_cap);
    }
    if (!t || !t->fill || !t->write || !t->out) {
        snprintf(why, 160, "tape: out of memory");
        tape_free(t);
        return NULL;
    }
    t->fd = -1;
    t->work.loop = loop;
    t->head = *head;
    snprintf(t->dir, sizeof t->dir, "%s", c->tape_dir);
    t->max_bytes = (int64_t)c->tape_segment_mb << 20;
    t->max_us = (int64_t)c->tape_segment_s * 1000000;
    t->keep_bytes = (int64_t)c->tape_keep_mb << 20;
    begin_segment(t, now_us);
    return t;
}

void tape_put(struct tape *t, const struct seglog_record *r)
{
    if (t->behind) { /* a hole: nothing more in this segment */
        t->st.dropped++;
        return;
    }
    if (t->n_fill >= BUFFER_BYTES)
        hand_over(t);
    if (seglog_put(t->fill, BUFFER_BYTES + HEAD_BYTES, &t->n_fill, r) < 0) {
        if (t->st.dropped++ == 0)
            log_line(LOG_LV_ERROR,
                     "tape %s: the disk is slower than the feed, records are dropped until a "
                     "new segment begins",
                     t->file);
        t->behind = true;
        return;
    }
    t->st.records++;
}

void tape_set_conf(struct tape *t, const char *conf_text)
{
    t->head.conf_text = conf_text;
}

void tape_tick(struct tape *t, int64_t now_us)
{
    hand_over(t);
    if (t->n_fill == 0 && segment_due(t, now_us))
        begin_segment(t, now_us);
}

void tape_stop(struct tape *t, void (*done)(void *arg), void *arg)
{
    t->stopping = true;
    t->done = done;
    t->done_arg = arg;
    if (t->busy)
        return;
    if (t->n_fill > 0) {
        hand_over(t);
        return;
    }
    t->done = NULL;
    done(arg);
}

void tape_free(struct tape *t)
{
    if (!t)
        return;
    assert(!t->busy);
    if (t->fd >= 0)
        close(t->fd);
    free(t->fill);
    free(t->write);
    free(t->out);
    free(t);
}

void tape_get_status(const struct tape *t, struct tape_status *out)
{
    *out = t->st;
}
