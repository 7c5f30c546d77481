/* See state.h. Files: epoch (one number), state.ndjson. Both are replaced by write, fdatasync,
 * rename, fsync of the folder: after a power cut there is the old file or the new one. */
#include "state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "log.h"

#define STATE_BYTES (4u << 20)

struct state {
    uv_work_t work;
    bool busy;
    int dir_fd, write_errno;
    char *buf;
    size_t len;
};

static int write_file(int fd, const char *p, size_t n)
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
    return fdatasync(fd);
}

static int replace_file(int dir_fd, const char *name, const char *p, size_t n)
{
    char tmp[64];
    snprintf(tmp, sizeof tmp, "%s.new", name);
    int fd = openat(dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -1;
    int rc = write_file(fd, p, n);
    if (close(fd) != 0)
        rc = -1;
    if (rc == 0)
        rc = renameat(dir_fd, tmp, dir_fd, name);
    return rc == 0 ? fsync(dir_fd) : rc;
}

static char *read_file(int dir_fd, const char *name, size_t max, size_t *len)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *p = malloc(max + 1);
    size_t n = 0;
    ssize_t r = 0;
    while (p && n < max && (r = read(fd, p + n, max - n)) > 0)
        n += (size_t)r;
    close(fd);
    if (!p || r < 0) {
        free(p);
        return NULL;
    }
    p[n] = 0;
    *len = n;
    return p;
}

/* A missing file is epoch 0; one that is not a number is refused: guessing could repeat numbers. */
static int raise_epoch(int dir_fd, uint32_t *epoch, char why[160])
{
    size_t len = 0;
    int64_t old = 0;
    char text[NUM_PRINT_MAX], *p = read_file(dir_fd, "epoch", 32, &len);
    if (p && num_parse_i64(p, strcspn(p, "\n"), &old) < 0)
        old = -1;
    free(p);
    if (old < 0 || old >= UINT32_MAX) {
        snprintf(why, 160, "the file epoch in the state folder is not a number below 2^32");
        return -1;
    }
    if (old < *epoch)
        old = *epoch;
    size_t n = num_print_i64(text, old + 1);
    text[n] = '\n';
    if (replace_file(dir_fd, "epoch", text, n + 1) < 0) {
        snprintf(why, 160, "cannot write the file epoch in the state folder: %s", strerror(errno));
        return -1;
    }
    *epoch = (uint32_t)(old + 1);
    return 0;
}

struct state *state_open(uv_loop_t *loop, const char *dir, uint32_t *epoch, char why[160])
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, 160, "state folder %.90s: %s", dir, strerror(errno));
        return NULL;
    }
    struct state *s = calloc(1, sizeof *s);
    char *buf = malloc(STATE_BYTES);
    if (!s || !buf || raise_epoch(fd, epoch, why) < 0) {
        if (!s || !buf)
            snprintf(why, 160, "out of memory");
        free(s);
        free(buf);
        close(fd);
        return NULL;
    }
    s->dir_fd = fd;
    s->buf = buf;
    s->work.data = s;
    s->work.loop = loop;
    return s;
}

char *state_load(struct state *s, size_t *len)
{
    return read_file(s->dir_fd, "state.ndjson", STATE_BYTES, len);
}

static bool freeze(struct state *s, const struct engine *e)
{
    struct text t;
    text_init(&t, s->buf, STATE_BYTES);
    engine_freeze(e, &t);
    s->len = t.len;
    if (t.full)
        log_line(LOG_LV_ERROR, "state: more than %u bytes, the old state is kept", STATE_BYTES);
    return !t.full;
}

static void on_work(uv_work_t *w)
{
    struct state *s = w->data;
    s->write_errno = replace_file(s->dir_fd, "state.ndjson", s->buf, s->len) < 0 ? errno : 0;
}

static void on_saved(uv_work_t *w, int status)
{
    struct state *s = w->data;
    (void)status;
    s->busy = false;
    if (s->write_errno)
        log_line(LOG_LV_ERROR, "state: %s, the old state is kept", strerror(s->write_errno));
}

void state_save(struct state *s, const struct engine *e)
{
    if (s->busy || !freeze(s, e))
        return;
    s->busy = uv_queue_work(s->work.loop, &s->work, on_work, on_saved) == 0;
}

int state_save_now(struct state *s, const struct engine *e)
{
    assert(!s->busy);
    if (!freeze(s, e))
        return E_LIMIT;
    return replace_file(s->dir_fd, "state.ndjson", s->buf, s->len) < 0 ? E_IO : 0;
}

bool state_busy(const struct state *s)
{
    return s->busy;
}

void state_free(struct state *s)
{
    if (!s)
        return;
    assert(!s->busy);
    close(s->dir_fd);
    free(s->buf);
    free(s);
}
