/* Files of the spool: what the thread pool does to them (write, sync, begin and end segments,
 * unlink, load one) and the recovery at the start. Uses only what its job holds and what does not
 * change while a job runs. The surprising thing: when a sync fails, what was written since the last
 * good one may be gone from the cache as well; the file is cut back to the last good sync and the
 * batches behind it, still in memory, are written again into a new file. */
#include "store/spool_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

#define RESERVE_SLACK (256 * 1024) /* the batch that passes segment_bytes must fit as well */

void spool_path(const struct spool *s, const struct spool_file *f, char out[SPOOL_PATH_MAX])
{
    snprintf(out, SPOOL_PATH_MAX, "%s/%s-e%010u-%012" PRIu64 ".spool", s->dir, s->lane, f->epoch,
             f->first_seq);
}

/* --- in the pool: writing ------------------------------------------------------------------ */

static int write_at(int fd, const char *p, size_t n, int64_t at)
{
    while (n > 0) {
        ssize_t w = pwrite(fd, p, n, at);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return w < 0 ? errno : EIO;
        p += w;
        at += w;
        n -= (size_t)w;
    }
    return 0;
}

static int sync_dir(const struct spool *s)
{
    int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return err;
}

static void spare_path(const struct spool *s, char out[SPOOL_PATH_MAX])
{
    snprintf(out, SPOOL_PATH_MAX, "%s/%s-spare", s->dir, s->lane);
}

/* A preallocated file of zeros, ready for the day the disk is full. Failing is no error today. */
static void make_spare(const struct spool *s)
{
    char path[SPOOL_PATH_MAX];
    struct stat st;
    spare_path(s, path);
    if (stat(path, &st) == 0 && st.st_size >= s->c.segment_bytes + RESERVE_SLACK)
        return;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return;
    int rc = posix_fallocate(fd, 0, s->c.segment_bytes + RESERVE_SLACK);
    bool good = rc == 0 && fsync(fd) == 0;
    close(fd);
    if (!good)
        unlink(path);
}

static int open_segment(struct spool *s, const char *path, struct spool_file *f)
{
    char spare[SPOOL_PATH_MAX];
    struct stat st;
    spare_path(s, spare);
    if (s->c.reserve && rename(spare, path) == 0)
        s->fd = open(path, O_RDWR | O_CLOEXEC);
    else
        s->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (s->fd < 0 || fstat(s->fd, &st) != 0)
        return errno;
    f->on_disk = st.st_size;
    return 0;
}

static int begin_segment(struct spool *s, struct spool_file *f)
{
    char path[SPOOL_PATH_MAX];
    struct slice scratch = {s->scratch, (uint32_t)s->scratch_cap};
    spool_path(s, f, path);
    const struct spool_head head = {slice_of(s->lane), {s->head, s->head_len}};
    int64_t n = spool_encode_head(&head, s->c.level, scratch, s->out, s->out_cap);
    int err = n < 0 ? EINVAL : open_segment(s, path, f);
    if (!err)
        err = write_at(s->fd, s->out, (size_t)n, 0);
    if (!err && fdatasync(s->fd) != 0)
        err = errno;
    if (!err)
        err = sync_dir(s);
    if (err) {
        if (s->fd >= 0)
            close(s->fd);
        s->fd = -1;
        unlink(path);
        return err;
    }
    f->bytes = n;
    if (f->on_disk < n)
        f->on_disk = n;
    if (s->c.reserve)
        make_spare(s);
    return 0;
}

/* Syncs, gives back what was preallocated, closes. On an error the file is cut back to what the
 * last good sync left: job.file says so. */
static int end_segment(struct spool *s, struct spool_job *j)
{
    int err = fdatasync(s->fd) != 0 ? errno : 0;
    if (err)
        j->file = j->synced;
    bool cut = ftruncate(s->fd, j->file.bytes) == 0;
    close(s->fd);
    s->fd = -1;
    if (cut)
        j->file.on_disk = j->file.bytes;
    j->sealed[j->n_sealed++] = j->file;
    if (!err)
        j->synced_seq = j->file.last_seq;
    return err;
}

static void count_batch(struct spool_file *f, const struct spool_batch *b, int64_t bytes)
{
    if (f->last_seq == 0) {
        f->t_from_us = b->t_from_us;
        f->t_to_us = b->t_to_us;
    }
    f->last_seq = b->seq;
    f->rows += b->n_rows;
    f->bytes += bytes;
    if (f->bytes > f->on_disk)
        f->on_disk = f->bytes;
    f->t_from_us = b->t_from_us < f->t_from_us ? b->t_from_us : f->t_from_us;
    f->t_to_us = b->t_to_us > f->t_to_us ? b->t_to_us : f->t_to_us;
}

/* Half a batch must not stand before the next one. */
static int cut_back(struct spool *s, struct spool_job *j, int err)
{
    if (!s->c.reserve && ftruncate(s->fd, j->file.bytes) != 0) { /* then not in this file */
        close(s->fd);
        s->fd = -1;
        j->sealed[j->n_sealed++] = j->file;
    }
    return err;
}

static int write_batch(struct spool *s, struct spool_job *j, const struct spool_batch *b)
{
    struct slice scratch = {s->scratch, (uint32_t)s->scratch_cap};
    bool hole = j->file.last_seq && b->seq != j->file.last_seq + 1;
    if (s->fd >= 0 && (hole || j->file.bytes >= s->c.segment_bytes)) {
        int err = end_segment(s, j);
        if (err)
            return err;
    }
    if (s->fd < 0) {
        j->file = (struct spool_file){.epoch = s->c.epoch, .first_seq = b->seq};
        int err = begin_segment(s, &j->file);
        j->synced = j->file;
        if (err)
            return err;
    }
    struct spool_batch told = *b;
    told.synced_seq = j->synced.last_seq; /* of this file */
    int64_t n = spool_encode_batch(&told, s->c.level, scratch, s->out, s->out_cap);
    int err = n < 0 ? EINVAL : write_at(s->fd, s->out, (size_t)n, j->file.bytes);
    if (err) /* half a batch must not stand before the next one */
        return cut_back(s, j, err);
    count_batch(&j->file, b, n);
    j->written_seq = b->seq;
    return 0;
}

static int sync_file(struct spool *s, struct spool_job *j)
{
    if (s->fd < 0)
        return 0;
    if (fdatasync(s->fd) != 0) {
        int err = errno;
        j->file = j->synced;
        if (ftruncate(s->fd, j->file.bytes) == 0)
            j->file.on_disk = j->file.bytes;
        close(s->fd);
        s->fd = -1;
        j->sealed[j->n_sealed++] = j->file;
        return err;
    }
    j->synced = j->file;
    if (j->file.last_seq)
        j->synced_seq = j->file.last_seq;
    return 0;
}

static void unlink_files(const struct spool *s, const struct spool_job *j)
{
    char path[SPOOL_PATH_MAX];
    for (int i = 0; i < j->n_drop; i++) {
        spool_path(s, &j->drop[i], path);
        unlink(path);
    }
}

void spool_work_write(uv_work_t *w)
{
    struct spool *s = w->data;
    struct spool_job *j = &s->job;
    const struct spool_mem *m = j->from;
    int room = (int)(sizeof(j->sealed) / sizeof(j->sealed[0])) - 2; /* for the sync and the close */
    j->err = 0;
    for (int i = 0; i < j->n && !j->err && j->n_sealed < room; i++) {
        if (i > 0)
            m = m->next; /* never behind the last one: the loop appends there */
        j->err = write_batch(s, j, &m->batch);
    }
    if (j->sync && !j->err)
        j->err = sync_file(s, j);
    if (j->close && !j->err && s->fd >= 0)
        j->err = end_segment(s, j);
    unlink_files(s, j);
}

/* --- in the pool: loading ------------------------------------------------------------------ */

/* Reads len bytes of a file; 0 or errno. */
static int read_file(const char *path, char *dst, size_t len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err = fd < 0 ? errno : 0;
    for (size_t at = 0; !err && at < len;) {
        ssize_t n = read(fd, dst + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            err = n < 0 ? errno : ENODATA; /* shorter than it was */
        else
            at += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
    return err;
}

static bool grow(char **p, size_t *cap, size_t need)
{
    if (*cap >= need)
        return true;
    char *q = realloc(*p, need);
    if (!q)
        return false;
    *p = q;
    *cap = need;
    return true;
}

static void load_file(struct spool *s)
{
    struct spool_load *l = &s->load;
    char path[SPOOL_PATH_MAX];
    struct spool_head head;
    const struct spool_file f = {.epoch = l->epoch, .first_seq = l->first_seq};
    spool_path(s, &f, path);
    l->err = ENOMEM;
    if (!grow(&l->data, &l->cap, (size_t)l->bytes))
        return;
    l->err = read_file(path, l->data, (size_t)l->bytes);
    if (l->err)
        return;
    l->len = (size_t)l->bytes;
    spool_walk_init(&l->walk, l->data, l->len, l->raw);
    if (spool_walk_head(&l->walk, &head) != 1)
        l->err = EBADMSG;
    else if (!grow(&l->head_copy, &l->head_cap, head.text.len + 1))
        l->err = ENOMEM;
    if (l->err)
        return;
    memcpy(l->head_copy, head.text.p,
           head.text.len); /* the walk's buffer is reused by the next block */
    l->head = (struct slice){l->head_copy, head.text.len};
    l->rc = 1;
}

/* The walk's latest batch, in a block of its own; false: no memory, and the walk is where it was.
 */
static bool keep_batch(struct spool_load *l, const struct spool_batch *b)
{
    struct spool_item *it = &l->item[l->items];
    it->block = malloc(sizeof(*it->block) + b->rows.len);
    if (!it->block)
        return false;
    it->block->refs = 1;
    it->block->cap = b->rows.len;
    it->block->once = true;
    it->epoch = l->epoch;
    it->head = l->head;
    it->batch = *b;
    it->batch.rows.p = memcpy(it->block->data, b->rows.p, b->rows.len);
    l->items++;
    return true;
}

static void unpack(struct spool_load *l)
{
    struct spool_batch b;
    size_t bytes = 0;
    while (l->rc == 1 && l->items < SPOOL_AHEAD && bytes < SPOOL_AHEAD_BYTES) {
        struct spool_walk was = l->walk;
        l->rc = spool_walk_next(&l->walk, &b);
        if (l->rc == 1 && b.seq > l->passed && !keep_batch(l, &b)) {
            l->walk = was;
            l->err = ENOMEM;
            return;
        }
        if (l->rc == 1) {
            l->last_seq = b.seq;
            bytes += b.seq > l->passed ? b.rows.len : 0;
        }
    }
}

void spool_work_load(uv_work_t *w)
{
    struct spool *s = w->data;
    if (s->load.fresh)
        load_file(s);
    if (!s->load.err)
        unpack(&s->load);
}

/* --- the start ----------------------------------------------------------------------------- */

/* Digits up to `end`; leading zeros keep names in order. */
static bool parse_digits(const char *p, const char *end, uint64_t max, uint64_t *out)
{
    uint64_t x = 0;
    if (p == end || end - p > 18)
        return false;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        x = x * 10 + (uint64_t)(*p - '0');
    }
    *out = x;
    return x <= max;
}

/* "<lane>-e0000000007-000000000001.spool"; lane NULL: any. */
static bool parse_name(const char *name, const char *lane, struct spool_file *f)
{
    const char *e = strstr(name, "-e"), *dash = e ? strchr(e + 2, '-') : NULL;
    const char *dot = dash ? strchr(dash, '.') : NULL;
    uint64_t epoch, seq;
    if (!dot || strcmp(dot, ".spool") != 0)
        return false;
    if (lane && (strlen(lane) != (size_t)(e - name) || strncmp(name, lane, strlen(lane)) != 0))
        return false;
    if (!parse_digits(e + 2, dash, UINT32_MAX, &epoch) ||
        !parse_digits(dash + 1, dot, INT64_MAX, &seq) || epoch == 0 || seq == 0)
        return false;
    *f = (struct spool_file){.epoch = (uint32_t)epoch, .first_seq = seq};
    return true;
}

bool spool_parse_name(const char *name, char lane[16], uint32_t *epoch, uint64_t *first_seq)
{
    struct spool_file f;
    const char *e = strstr(name, "-e");
    if (!parse_name(name, NULL, &f) || e - name >= 16)
        return false;
    snprintf(lane, 16, "%.*s", (int)(e - name), name);
    *epoch = f.epoch;
    *first_seq = f.first_seq;
    return true;
}

int spool_lock(const char *dir, const char *lane)
{
    char path[SPOOL_PATH_MAX];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s-lock", dir, lane) >= sizeof(path))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int err = errno;
    close(fd);
    return -err;
}

static int by_order(const void *a, const void *b)
{
    const struct spool_file *x = a, *y = b;
    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    return x->first_seq < y->first_seq ? -1 : x->first_seq > y->first_seq;
}

uint32_t spool_newest_epoch(const char *dir)
{
    struct spool_file f;
    uint32_t newest = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        if (parse_name(e->d_name, NULL, &f) && f.epoch > newest)
            newest = f.epoch;
    if (d)
        closedir(d);
    return newest;
}

static int list_files(struct spool *s, char why[400])
{
    struct spool_file f;
    DIR *d = opendir(s->dir);
    if (!d) {
        snprintf(why, 400, "spool %.200s: %s", s->dir, strerror(errno));
        return E_IO;
    }
    for (struct dirent *e; (e = readdir(d));) {
        if (!parse_name(e->d_name, s->lane, &f))
            continue;
        if (s->n_files == SPOOL_FILES_MAX) {
            snprintf(why, 400, "spool %.200s: more than %d files", s->dir, SPOOL_FILES_MAX);
            closedir(d);
            return E_LIMIT;
        }
        s->files[s->n_files++] = f;
    }
    closedir(d);
    qsort(s->files, (size_t)s->n_files, sizeof(*s->files), by_order);
    return 0;
}

static int cut(const char *path, int64_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int err = fd < 0 || ftruncate(fd, len) != 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return err;
}

static void take_verdict(struct spool_file *f, const struct spool_verdict *v)
{
    f->last_seq = v->last_seq;
    f->rows = v->rows;
    f->t_from_us = v->t_from_us;
    f->t_to_us = v->t_to_us;
    f->bytes = f->on_disk = (int64_t)v->good_len;
}

/* What a damaged file needs a person for. */
static int explain(const char *path, const struct spool_verdict *v, char why[400])
{
    if (v->next_at)
        snprintf(why, 400,
                 "spool %.200s: corrupt at byte %zu behind batch %" PRIu64 ", batch %" PRIu64
                 " at byte %zu is good again: see `cascadectl spool inspect`, then `spool skip` "
                 "gives up what is between",
                 path, v->bad_at, v->last_seq, v->next_seq, v->next_at);
    else
        snprintf(why, 400,
                 "spool %.200s: corrupt from byte %zu behind batch %" PRIu64
                 " to its end: see `cascadectl spool inspect`, then `spool skip` gives that up",
                 path, v->bad_at, v->last_seq);
    return E_CRC;
}

/* 1 = keep it, 0 = there is nothing in it, E_*. mend false: only judges. */
static int recover_file(struct spool *s, int i, bool mend, char why[400])
{
    struct spool_file *f = &s->files[i];
    struct spool_verdict v;
    struct stat st;
    char path[SPOOL_PATH_MAX];
    spool_path(s, f, path);
    bool sealed = i + 1 < s->n_files && s->files[i + 1].epoch == f->epoch;
    int err = stat(path, &st) != 0 ? errno : 0;
    if (!err && !grow(&s->load.data, &s->load.cap, (size_t)st.st_size + 1))
        err = ENOMEM;
    if (!err)
        err = read_file(path, s->load.data, (size_t)st.st_size);
    if (err) {
        snprintf(why, 400, "spool %.200s: %s", path, strerror(err));
        return E_IO;
    }
    spool_judge(s->load.data, (size_t)st.st_size, sealed, s->load.raw, &v);
    if (sealed && v.err == E_CRC && v.last_seq + 1 >= s->files[i + 1].first_seq)
        v.err = E_TORN; /* a sync of it failed: what was behind the last good one is in the next */
    if (v.err == E_CRC || v.err == E_SYNTAX)
        return explain(path, &v, why);
    take_verdict(f, &v);
    if (!mend)
        return 1;
    s->st.torn_tails += v.err == E_TORN;
    s->st.recovered_rows += v.rows;
    if (v.last_seq == 0)
        return unlink(path) == 0 ? 0 : 1;
    if (v.good_len < (size_t)st.st_size && (err = cut(path, (int64_t)v.good_len)) != 0) {
        snprintf(why, 400, "spool %.200s: %s", path, strerror(err));
        return E_IO;
    }
    return 1;
}

/* First judges all, then mends: a refusal changes nothing. */
int spool_recover(struct spool *s, char why[400])
{
    int kept = 0, rc;
    s->lock_fd = spool_lock(s->dir, s->lane);
    if (s->lock_fd < 0) {
        snprintf(why, 400, "spool %.200s: %s", s->dir,
                 s->lock_fd == -EWOULDBLOCK ? "in use by another process; each daemon needs a "
                                              "folder of its own, see `spool_dir`"
                                            : strerror(-s->lock_fd));
        return E_IO;
    }
    if ((rc = list_files(s, why)) < 0)
        return rc;
    if (s->n_files && s->files[s->n_files - 1].epoch >= s->c.epoch) {
        snprintf(why, 400, "spool %.200s: has files of epoch %u, this is epoch %u", s->dir,
                 s->files[s->n_files - 1].epoch, s->c.epoch);
        return E_STALE;
    }
    for (int i = 0; i < s->n_files; i++)
        if ((rc = recover_file(s, i, false, why)) < 0)
            return rc;
    for (int i = 0; i < s->n_files; i++) {
        if ((rc = recover_file(s, i, true, why)) < 0)
            return rc;
        s->files[kept] = s->files[i];
        kept += rc;
    }
    s->n_files = kept;
    if (s->c.reserve) /* should the disk be full when the first segment is to begin */
        make_spare(s);
    return 0;
}
