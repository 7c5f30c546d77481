/* See refused.h. Lines gather in one buffer while the pool writes the other one. */
#include "store/refused.h"

#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

struct refused {
    uv_loop_t *loop;
    char path[512];
    bool on, busy;
    char *gather, *writing;
    size_t len, writing_len;
    uint64_t lines, writing_lines, dropped;
    bool failed; /* out of the job */
    uv_work_t work;
    void (*closed)(void *arg);
    void *closed_arg;
};

struct refused *refused_new(uv_loop_t *loop, const char *dir)
{
    struct refused *q = calloc(1, sizeof(*q));
    if (!q)
        return NULL;
    q->loop = loop;
    q->on = dir[0] != 0 &&
            (size_t)snprintf(q->path, sizeof(q->path), "%s/" REFUSED_FILE, dir) < sizeof(q->path);
    q->gather = malloc(REFUSED_QUEUE_MAX);
    q->writing = malloc(REFUSED_QUEUE_MAX);
    if (q->gather && q->writing)
        return q;
    free(q->gather);
    free(q->writing);
    free(q);
    return NULL;
}

uint64_t refused_dropped(const struct refused *q)
{
    return q->dropped;
}

static void release(struct refused *q)
{
    void (*closed)(void *arg) = q->closed;
    void *arg = q->closed_arg;
    free(q->gather);
    free(q->writing);
    free(q);
    closed(arg);
}

/* --- in the pool --------------------------------------------------------------------------- */

static void on_work(uv_work_t *w)
{
    struct refused *q = w->data;
    struct stat st;
    int fd = open(q->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    q->failed = true;
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size + (off_t)q->writing_len <= REFUSED_FILE_MAX) {
        ssize_t n = write(fd, q->writing, q->writing_len);
        q->failed = n != (ssize_t)q->writing_len;
        if (n > 0 && q->failed && ftruncate(fd, st.st_size) != 0)
            q->failed = true; /* half a line stays; the next ones follow it */
    }
    close(fd);
}

/* --- on the loop --------------------------------------------------------------------------- */

static void kick(struct refused *q);

static void on_worked(uv_work_t *w, int status)
{
    struct refused *q = w->data;
    (void)status;
    q->busy = false;
    q->dropped += q->failed ? q->writing_lines : 0;
    kick(q);
    if (!q->busy && q->closed)
        release(q);
}

static void kick(struct refused *q)
{
    if (q->busy || q->len == 0)
        return;
    char *full = q->gather;
    q->gather = q->writing;
    q->writing = full;
    q->writing_len = q->len;
    q->writing_lines = q->lines;
    q->len = 0;
    q->lines = 0;
    q->busy = true;
    q->work.data = q;
    int rc = uv_queue_work(q->loop, &q->work, on_work, on_worked);
    assert(rc == 0);
}

static uint64_t get_be64(const uint8_t *p)
{
    uint64_t x = 0;
    for (int i = 0; i < 8; i++)
        x = x << 8 | p[i];
    return x;
}

/* One value, from its length on: as PostgreSQL's binary form has it. */
static void put_value(struct text *t, enum col_type type, const uint8_t *p)
{
    uint32_t n = row_element_len(p);
    bool null = p[0] == 0xff;
    double x;
    uint64_t bits = !null && n == 8 ? get_be64(p + 4) : 0;
    memcpy(&x, &bits, sizeof(x));
    if (null)
        text_str(t, "null");
    else if (type == COL_TEXT)
        text_json(t, (struct slice){(const char *)p + 4, n});
    else if (type == COL_BOOL)
        text_str(t, n == 1 && p[4] ? "true" : "false");
    else if (type == COL_F8)
        text_num(t, x);
    else
        text_i64(t, (int64_t)bits + (type == COL_TIME ? PG_EPOCH_US : 0));
}

static void put_line(struct text *t, const struct packed_row *r, const struct db_fail *why)
{
    const uint8_t *p = r->data, *end = r->data + r->len;
    text_char(t, '{');
    text_kv_i64(t, "t_us", r->t_us);
    text_kv_str(t, "table", stream_defs[r->stream].table);
    text_kv_str(t, "sqlstate", why->sqlstate);
    text_kv_str(t, "text", why->text);
    text_key(t, "row");
    text_char(t, '{');
    for (int i = 0, n = stream_columns((enum stream_id)r->stream); i < n && end - p >= 4; i++) {
        const struct col c = stream_column((enum stream_id)r->stream, i);
        text_key(t, c.name);
        put_value(t, (enum col_type)c.type, p);
        p += 4 + row_element_len(p);
    }
    text_str(t, "}}\n");
}

void refused_put(struct refused *q, const struct packed_row *r, const struct db_fail *why)
{
    struct text t;
    if (!q->on) {
        q->dropped++;
        return;
    }
    text_init(&t, q->gather + q->len, REFUSED_QUEUE_MAX - q->len);
    if (REFUSED_QUEUE_MAX - q->len > 1)
        put_line(&t, r, why);
    if (t.full || t.len == 0) {
        q->dropped++;
        return;
    }
    q->len += t.len;
    q->lines++;
    kick(q);
}

void refused_close(struct refused *q, void (*closed)(void *arg), void *arg)
{
    q->closed = closed;
    q->closed_arg = arg;
    if (!q->busy)
        release(q);
}
