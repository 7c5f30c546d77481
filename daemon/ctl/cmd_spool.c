/* cascadectl spool: what lies in the files of the spool, and how they are (inspect), and making a
 * damaged one usable again (skip). Works on the files alone, skip only while no daemon holds them.
 * The surprising thing: skip never deletes; the file as it was stays beside it as FILE.bad, and
 * the daemon writes the feed_gap row when it meets the hole. */
#include "ctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "store/spool.h"
#include "store/spool_head.h"

#define PATH_CAP 1024

struct seg {
    char path[PATH_CAP], dir[PATH_CAP], lane[16];
    uint32_t epoch;
    uint64_t first_seq;
    bool sealed; /* there is a next one of its lane and epoch */
    char *data, *raw;
    size_t len, head_len;
    struct spool_verdict v;
};

static int fail(const char *path, int err)
{
    fprintf(stderr, "cascadectl: %s: %s\n", path, strerror(err));
    return CTL_USAGE;
}

/* --- reading ------------------------------------------------------------------------------- */

static int read_whole(struct seg *g)
{
    struct stat st;
    int fd = open(g->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !(g->data = malloc((size_t)st.st_size + 1))) {
        int err = errno;
        if (fd >= 0)
            close(fd);
        return err;
    }
    ssize_t n = 1;
    while (n > 0 && g->len < (size_t)st.st_size)
        if ((n = read(fd, g->data + g->len, (size_t)st.st_size - g->len)) > 0)
            g->len += (size_t)n;
    close(fd);
    return n < 0 ? EIO : 0;
}

static void seg_free(struct seg *g)
{
    free(g->data);
    free(g->raw);
    *g = (struct seg){0};
}

/* Is there a segment of the same lane and epoch behind this one? */
static bool has_next(const struct seg *g)
{
    char lane[16];
    uint32_t epoch;
    uint64_t first;
    bool found = false;
    DIR *d = opendir(g->dir);
    for (struct dirent *e; d && !found && (e = readdir(d));)
        found = spool_parse_name(e->d_name, lane, &epoch, &first) && strcmp(lane, g->lane) == 0 &&
                epoch == g->epoch && first > g->first_seq;
    if (d)
        closedir(d);
    return found;
}

/* 0, or an exit status with a word on stderr. */
static int seg_open(struct seg *g, const char *path)
{
    *g = (struct seg){0};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    int dir_len = slash ? (int)(slash - path) : 1;
    if (strlen(path) >= PATH_CAP - 16 ||
        !spool_parse_name(name, g->lane, &g->epoch, &g->first_seq)) {
        fprintf(stderr, "cascadectl: %s: not the name of a file of the spool\n", path);
        return CTL_USAGE;
    }
    snprintf(g->path, sizeof(g->path), "%s", path);
    snprintf(g->dir, sizeof(g->dir), "%.*s", dir_len, slash ? path : ".");
    g->raw = malloc(SEGLOG_BLOCK_MAX);
    int err = g->raw ? read_whole(g) : ENOMEM;
    if (err) {
        seg_free(g);
        return fail(path, err);
    }
    g->sealed = has_next(g);
    spool_judge(g->data, g->len, g->sealed, g->raw, &g->v);
    return 0;
}

/* --- inspect ------------------------------------------------------------------------------- */

static void print_time(int64_t t_us)
{
    time_t t = (time_t)(t_us / 1000000);
    struct tm tm;
    char text[32] = "-";
    if (t_us && gmtime_r(&t, &tm))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    printf("%s", text);
}

static void print_state(const struct spool_verdict *v)
{
    if (v->err == 0)
        printf("  good\n");
    else if (v->err == E_SYNTAX)
        printf("  corrupt at byte 0: its head cannot be read\n");
    else if (v->err == E_TORN)
        printf("  torn at byte %zu: never synced, the daemon cuts it off by itself\n", v->bad_at);
    else if (v->next_at)
        printf("  corrupt at byte %zu, next good batch %" PRIu64 " at byte %zu\n", v->bad_at,
               v->next_seq, v->next_at);
    else
        printf("  corrupt at byte %zu, nothing good behind\n", v->bad_at);
}

static void print_writer(struct seg *g)
{
    struct spool_walk w;
    struct spool_head head;
    struct spool_writer writer;
    struct spool_map *map = calloc(1, sizeof(*map));
    spool_walk_init(&w, g->data, g->len, g->raw);
    if (map && spool_walk_head(&w, &head) == 1 && spool_head_parse(head.text, &writer, map) >= 0)
        printf("  writer %.*s, version %.*s\n", (int)writer.instance.len, writer.instance.p,
               (int)writer.version.len, writer.version.p);
    else
        printf("  writer not known\n");
    free(map);
}

static int inspect_file(const char *path)
{
    struct seg g;
    int rc = seg_open(&g, path);
    if (rc)
        return rc;
    const struct spool_verdict *v = &g.v;
    printf("%s\n  lane %s, epoch %u, batches %" PRIu64 " to %" PRIu64 ", rows %" PRIu64 ", ", path,
           g.lane, g.epoch, v->first_seq, v->last_seq, v->rows);
    print_time(v->t_from_us);
    printf(" to ");
    print_time(v->t_to_us);
    printf(", %zu bytes\n", g.len);
    print_writer(&g);
    print_state(v);
    rc = v->err && v->err != E_TORN ? CTL_FIRING : CTL_OK;
    seg_free(&g);
    return rc;
}

static int is_segment(const struct dirent *e)
{
    char lane[16];
    uint32_t epoch;
    uint64_t seq;
    return spool_parse_name(e->d_name, lane, &epoch, &seq);
}

static int inspect_dir(const char *dir)
{
    char path[PATH_CAP];
    struct dirent **list;
    int n = scandir(dir, &list, is_segment, alphasort), worst = CTL_OK;
    if (n < 0)
        return fail(dir, errno);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
        int rc = inspect_file(path);
        worst = rc > worst ? rc : worst;
        free(list[i]);
    }
    free(list);
    if (n == 0)
        printf("%s: no files of the spool\n", dir);
    return worst;
}

/* --- skip ---------------------------------------------------------------------------------- */

/* Writes head and part under another name, synced, then gives it its own. */
static int put_file(const struct seg *g, const char *path, const char *part, size_t len)
{
    char tmp[PATH_CAP + 8];
    snprintf(tmp, sizeof(tmp), "%s.new", path);
    FILE *f = fopen(tmp, "wxe");
    if (!f)
        return errno;
    bool good = fwrite(g->data, 1, g->head_len, f) == g->head_len &&
                fwrite(part, 1, len, f) == len && fflush(f) == 0 && fsync(fileno(f)) == 0;
    int err = good ? 0 : errno ? errno : EIO;
    if (fclose(f) != 0 && !err)
        err = errno;
    if (!err && rename(tmp, path) != 0)
        err = errno;
    if (err)
        unlink(tmp);
    return err;
}

static int sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
    if (fd < 0 || fsync(fd) != 0)
        err = errno;
    if (fd >= 0)
        close(fd);
    return err;
}

/* The good parts behind the first damage, each into a file of its own. *at: where the next damage
 * was found; everything good is named. 0 or errno. */
static int put_parts(const struct seg *g, size_t next_at, uint64_t next_seq, uint64_t last_seq)
{
    char path[PATH_CAP + 64];
    while (next_at) {
        struct spool_verdict v;
        size_t rest = g->len - next_at, len = g->head_len + rest;
        char *copy = malloc(len);
        if (!copy)
            return ENOMEM;
        memcpy(copy, g->data, g->head_len);
        memcpy(copy + g->head_len, g->data + next_at, rest);
        spool_judge(copy, len, g->sealed, g->raw, &v);
        free(copy);
        snprintf(path, sizeof(path), "%s/%s-e%010u-%012" PRIu64 ".spool", g->dir, g->lane, g->epoch,
                 next_seq);
        int err = access(path, F_OK) == 0
                      ? EEXIST
                      : put_file(g, path, g->data + next_at, v.good_len - g->head_len);
        if (err)
            return err;
        printf("batches %" PRIu64 " to %" PRIu64 " are given up (%" PRIu64 ")\n", last_seq + 1,
               next_seq - 1, next_seq - last_seq - 1);
        printf("%s: batches %" PRIu64 " to %" PRIu64 ", %" PRIu64 " rows\n", path, v.first_seq,
               v.last_seq, v.rows);
        last_seq = v.last_seq;
        next_seq = v.next_seq;
        next_at = v.next_at ? next_at + (v.next_at - g->head_len) : 0;
        if (v.err && !next_at)
            printf("what was behind batch %" PRIu64 " is given up; how many is not known\n",
                   last_seq);
    }
    return 0;
}

/* Where the head ends; 0 = it cannot be read. */
static size_t head_of(const struct seg *g)
{
    struct spool_walk w;
    struct spool_head head;
    spool_walk_init(&w, g->data, g->len, g->raw);
    return spool_walk_head(&w, &head) == 1 ? w.at : 0;
}

static int mend(struct seg *g)
{
    char bad[PATH_CAP + 8];
    const struct spool_verdict *v = &g->v;
    snprintf(bad, sizeof(bad), "%s.bad", g->path);
    if (link(g->path, bad) != 0)
        return fail(bad, errno);
    g->head_len = head_of(g);
    int err = 0;
    if (g->head_len == 0) { /* without a head nothing in it can be told apart */
        err = unlink(g->path) != 0 ? errno : 0;
        printf("all of it is given up: its head cannot be read\n");
    } else {
        err = put_parts(g, v->next_at, v->next_seq, v->last_seq ? v->last_seq : g->first_seq - 1);
        if (!err && v->last_seq)
            err = put_file(g, g->path, g->data + g->head_len, v->good_len - g->head_len);
        else if (!err && unlink(g->path) != 0)
            err = errno;
        if (!v->next_at)
            printf("what was behind batch %" PRIu64 " is given up; how many is not known\n",
                   v->last_seq ? v->last_seq : g->first_seq - 1);
    }
    if (!err)
        err = sync_dir(g->dir);
    if (err)
        return fail(g->path, err);
    printf("%s: the file as it was\n", bad);
    return CTL_OK;
}

static int skip(const char *path)
{
    struct seg g;
    int rc = seg_open(&g, path);
    if (rc)
        return rc;
    int lock = spool_lock(g.dir, g.lane);
    if (lock >= 0) { /* as it is now that nobody writes it */
        seg_free(&g);
        rc = seg_open(&g, path);
    }
    if (rc) {
        close(lock);
        return rc;
    }
    if (lock < 0) {
        rc = CTL_USAGE;
        fprintf(stderr, "cascadectl: %s: %s\n", g.dir,
                lock == -EWOULDBLOCK ? "a daemon is running on it, stop it first"
                                     : strerror(-lock));
    } else if (g.v.err == 0 || g.v.err == E_TORN) {
        printf("%s: nothing is to be skipped\n", path);
    } else {
        rc = mend(&g);
    }
    if (lock >= 0)
        close(lock);
    seg_free(&g);
    return rc;
}

/* --- the command --------------------------------------------------------------------------- */

/* The folder from the configuration, unless a path is given. */
static int inspect(const struct opts *o)
{
    static struct conf_errors errs;
    struct stat st;
    if (o->n_args > 1) {
        const char *path = o->args[1];
        if (stat(path, &st) != 0)
            return fail(path, errno);
        return S_ISDIR(st.st_mode) ? inspect_dir(path) : inspect_file(path);
    }
    struct conf *c = conf_new();
    int rc = CTL_USAGE;
    if (c && conf_load(c, o->conf, &errs) < 0)
        fprintf(stderr, "cascadectl: %s:%d: %s: %s\n", errs.e[0].file, errs.e[0].line,
                errs.e[0].key, errs.e[0].text);
    else if (c)
        rc = inspect_dir(c->spool_dir);
    conf_free(c);
    return rc;
}

int cmd_spool(const struct opts *o)
{
    if (strcmp(o->args[0], "inspect") == 0)
        return inspect(o);
    if (strcmp(o->args[0], "skip") == 0 && o->n_args == 2)
        return skip(o->args[1]);
    fprintf(stderr, "usage: cascadectl spool inspect [DIR|FILE] | skip FILE\n");
    return CTL_USAGE;
}
