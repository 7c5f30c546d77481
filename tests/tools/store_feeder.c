/* Feeds the store with numbered rows of every stream whose content follows from their number, for
 * the torture test: `store_feeder CONNINFO SPOOL_DIR EPOCH FIRST LOG`. Commands come on stdin
 * (feed, live, hold, full, quit), what happens goes to LOG, a line at a time and before anything
 * may kill us. The surprising thing: the calls between the store's parts, and its calls for the
 * disk, are interposed by the linker (--wrap, see the Makefile) in this program alone; there it
 * stops itself at named points, so that the test does its worst exactly there.
 *
 *   R n stream sum         a row is about to be told; sum: checksum of its content
 *   T n mono_ms            all rows below n have been told
 *   P lane seq lo hi       the rows [lo, hi] of this lane are batch seq of the spool
 *   A lane seq mono_ms     the batch has been written to its file: accepted
 *   D lane seq             everything up to it is synced
 *   H point                stopped at a point
 *   L role mono_ms         the lease: leader, standby
 *   C lane mono_ms         the lane's first batch is committed since it leads
 *   J, K                   what the database is asked, see store_timeline.h
 *   S told queued shed refused errno batches fenced dropped */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "store_sabotage.h"
#include "store_shadow.h"
#include "store_timeline.h"

#define BASE_S    INT64_C(1760000000)
#define STEP_US   200000 /* between rows, by their times; `live` has its own */
#define VALUES    1000003
#define UNWRITTEN 16 /* batches; more means a disk that refuses: then nothing more is told */
#define LINE      160

static struct feeder {
    uv_loop_t loop;
    uv_timer_t feed, status;
    uv_poll_t commands;
    struct conf *conf;
    struct directory *dir;
    struct alerts *alerts;
    struct store *store;
    int64_t first, told, target, step_us;
    bool live, first_commit[LANES];
    char line[200];
    size_t line_len;
} f;

static int log_fd = -1;

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_us(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void write_log(const char *p, size_t n)
{
    if (write(log_fd, p, n) != (ssize_t)n)
        _exit(4);
}

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    char text[LINE];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n > 0)
        write_log(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

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
    return (t_us - BASE_S * 1000000) / f.step_us;
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
    pass(COPY_BEGUN);
    return rc;
}

WRAP(writer_committed);
void __wrap_writer_committed(struct writer *l)
{
    pass(ACK_BEFORE);
    bool batch = l->holds == HOLDS_BATCH;
    __real_writer_committed(l);
    if (batch && f.first_commit[l->id])
        note("C %d %lld\n", l->id, (long long)mono_ms());
    f.first_commit[l->id] = f.first_commit[l->id] && !batch;
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

/* ---- rows ----------------------------------------------------------------------------------- */

/* Mostly the wide ones, all of them often. */
static const uint8_t streams[] = {ST_M_ASSET,       ST_M_VENUE_ASSET, ST_LIQUIDATION, ST_ALERT,
                                  ST_M_VENUE_ASSET, ST_UNKNOWN,       ST_M_FEED,      ST_GAP,
                                  ST_M_SCENARIO,    ST_UNKNOWN_END,   ST_M_ASSET,     ST_UNIVERSE,
                                  ST_M_PROCESS,     ST_GAP_END,       ST_LIQUIDATION, ST_LOST};

static int64_t value_of(int64_t n, int col)
{
    uint64_t x = (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)col * 0x85ebca6b;
    x ^= x >> 31;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    return (int64_t)(x % VALUES);
}

/* Adds column i; returns what stands for it in the checksum. A metric is at times unknown. */
static int64_t put_value(struct row *r, uint8_t stream, int i, int64_t v)
{
    char text[32];
    switch ((enum col_type)stream_column((enum stream_id)stream, i).type) {
    case COL_TIME:
        row_time(r, (BASE_S + v) * 1000000);
        return v;
    case COL_TEXT:
        snprintf(text, sizeof(text), "x%lld", (long long)v);
        row_text(r, text);
        return v;
    case COL_F8:
        row_f8(r, v % 11 == 0 ? NAN : (double)v);
        return v % 11 == 0 ? -1 : v;
    case COL_I8:
        row_i8(r, v);
        return v;
    case COL_BOOL:
        row_bool(r, v & 1);
        return v & 1;
    }
    return 0;
}

static int64_t make_row(struct row *r, uint8_t stream, int64_t n)
{
    int64_t t_us = BASE_S * 1000000 + n * f.step_us, sum = 0;
    row_begin(r, stream, t_us);
    row_time(r, t_us);
    for (int i = 1; i < stream_columns((enum stream_id)stream); i++)
        sum += (i + 1) * put_value(r, stream, i, value_of(n, i));
    return sum;
}

static bool is_backed_up(void)
{
    struct store_status st;
    store_get_status(f.store, &st);
    return st.bulk.appended_seq > st.bulk.written_seq + UNWRITTEN ||
           st.alert.appended_seq > st.alert.written_seq + UNWRITTEN || st.rows_queued > 60000;
}

/* Ends of spans are judged by a second time, which here follows from the number. */
static uint8_t stream_of(int64_t n)
{
    uint8_t stream = streams[(size_t)n % sizeof(streams)];
    if (f.live && (stream == ST_GAP_END || stream == ST_UNKNOWN_END))
        return stream == ST_GAP_END ? ST_GAP : ST_UNKNOWN;
    return stream;
}

/* Live: the numbers follow the clock, so that all who run tell the same rows. */
static void follow_clock(void)
{
    if (!f.live)
        return;
    f.target = number_of(wall_us(NULL)) + 1;
    if (f.told == f.first && f.told < f.target)
        f.told = f.first = f.target - 1;
}

static void on_feed(uv_timer_t *t)
{
    (void)t;
    follow_clock();
    for (int i = 0; i < 80 && f.told < f.target && !is_backed_up(); i++, f.told++) {
        uint8_t stream = stream_of(f.told);
        int64_t sum = make_row(&f.store->row, stream, f.told);
        note("R %lld %s %lld\n", (long long)f.told, stream_name((enum stream_id)stream),
             (long long)sum);
        store_queue(f.store, (enum lane_id)lane_of(stream));
    }
    note("T %lld %lld\n", (long long)f.told, (long long)mono_ms());
}

static void on_status(uv_timer_t *t)
{
    struct store_status st;
    (void)t;
    store_get_status(f.store, &st);
    note("S %lld %u %llu %llu %d %llu %llu %llu\n", (long long)f.told, st.rows_queued,
         (unsigned long long)st.rows_shed, (unsigned long long)(st.bulk.refused + st.alert.refused),
         st.bulk.last_errno, (unsigned long long)st.batches, (unsigned long long)st.fenced,
         (unsigned long long)st.rows_dropped);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void on_stopped(void *arg)
{
    (void)arg;
    uv_close((uv_handle_t *)&f.feed, NULL);
    uv_close((uv_handle_t *)&f.status, NULL);
    uv_close((uv_handle_t *)&f.commands, NULL);
}

static void command(char *line)
{
    int64_t n = 0;
    char *arg = strchr(line, ' '), *more = arg ? strchr(arg + 1, ' ') : NULL;
    if (arg)
        *arg++ = 0;
    if (more)
        *more++ = 0;
    const char *number = more ? more : arg;
    if (number && num_parse_i64(number, strlen(number), &n) < 0)
        n = 0;
    if (strcmp(line, "feed") == 0) {
        f.target = n;
    } else if (strcmp(line, "hold") == 0 && arg && more) {
        arm(arg, (int)n);
    } else if (strcmp(line, "full") == 0) {
        atomic_store(&full, n != 0);
    } else if (strcmp(line, "quit") == 0) {
        uv_timer_stop(&f.feed);
        uv_poll_stop(&f.commands);
        store_stop(f.store, 60000, on_stopped, NULL);
    }
}

static void on_command(uv_poll_t *p, int status, int events)
{
    (void)p;
    (void)events;
    ssize_t n = status < 0 ? 0 : read(0, f.line + f.line_len, sizeof(f.line) - 1 - f.line_len);
    if (n <= 0)
        _exit(5); /* the test is gone */
    f.line_len += (size_t)n;
    f.line[f.line_len] = 0;
    for (char *end; (end = strchr(f.line, '\n'));) {
        *end = 0;
        command(f.line);
        f.line_len -= (size_t)(end + 1 - f.line);
        memmove(f.line, end + 1, f.line_len + 1);
    }
}

static const struct directory *get_directory(void *arg)
{
    (void)arg;
    return f.dir;
}

static const struct alerts *get_alerts(void *arg)
{
    (void)arg;
    return f.alerts;
}

static void on_role(void *arg, enum lease_role role)
{
    (void)arg;
    for (int i = 0; i < LANES; i++)
        f.first_commit[i] = f.live && role == ROLE_LEADER;
    if (!f.live)
        return;
    note("L %s %lld\n", lease_role_name(role), (long long)mono_ms());
}

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    (void)venue;
    (void)channel;
    return NULL;
}

static void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static void configure(const char *conninfo, const char *dir)
{
    const char *name = f.live ? "main" : strrchr(dir, '/'); /* alone with its spool, or not */
    f.conf = conf_new();
    snprintf(f.conf->db_conninfo, sizeof(f.conf->db_conninfo), "%s", conninfo);
    snprintf(f.conf->spool_dir, sizeof(f.conf->spool_dir), "%s", dir);
    snprintf(f.conf->store_writer, sizeof(f.conf->store_writer), "%s", name ? name : dir);
    f.conf->store_takeover_ms = 1000;
    f.conf->store_hang_ms = 5000;
    f.conf->store_flush_ms = f.live ? 300 : 50; /* live: enough rows for a COPY */
    f.conf->store_memory_mb = 8;
    f.conf->store_durable_ms = 300;
    f.conf->spool_limit_mb = 1024;
    f.conf->spool_sync_ms = 100;
    f.conf->spool_zstd_level = 1;
    f.conf->store_batch_rows = 100;
    f.conf->store_partition_ahead_days = 1;
    f.conf->retention_days = 0;
}

static int start(uint32_t epoch)
{
    static const char *const venues_named[] = {"binance"};
    const struct asset_alias alias = {"*", "1000PEPE", "PEPE", 1000};
    const struct alert_names names = {venues_named, 1, channel_name};
    char why[400];
    f.dir = directory_new(&alias, 1, venues_named, 1);
    f.alerts = alerts_new(&names, ignore_alert, NULL);
    struct store_deps d = {.loop = &f.loop,
                           .conf = f.conf,
                           .directory = get_directory,
                           .alerts = get_alerts,
                           .now_us = wall_us,
                           .epoch = epoch,
                           .conf_text = "[store]\n",
                           .role = on_role};
    snprintf(d.instance, sizeof(d.instance), "00000000-0000-4000-8000-%012u", epoch);
    f.store = store_new(&d, why);
    if (!f.store) {
        fprintf(stderr, "store_feeder: %s\n", why);
        note("E %s\n", why);
        return 3;
    }
    uv_timer_init(&f.loop, &f.feed);
    uv_timer_init(&f.loop, &f.status);
    uv_poll_init(&f.loop, &f.commands, 0);
    uv_timer_start(&f.feed, on_feed, 0, 10);
    uv_timer_start(&f.status, on_status, 50, 50);
    uv_poll_start(&f.commands, UV_READABLE, on_command);
    return 0;
}

/* The columns that a checksum is made of, for the test's statements: table column type ... */
static void print_columns(void)
{
    static const char types[] = {
        [COL_TIME] = 't', [COL_TEXT] = 'x', [COL_F8] = 'f', [COL_I8] = 'i', [COL_BOOL] = 'b'};
    for (int s = 0; s < STREAMS; s++) {
        if (!memchr(streams, s, sizeof(streams)))
            continue;
        printf("%s %s %d", stream_name((enum stream_id)s), stream_defs[s].table,
               lane_of((uint8_t)s));
        for (int i = 0; i < stream_columns((enum stream_id)s); i++)
            printf(" %s:%c", stream_column((enum stream_id)s, i).name,
                   types[stream_column((enum stream_id)s, i).type]);
        printf("\n");
    }
    for (int p = 0; p < POINTS; p++)
        printf("point %s\n", point_names[p]);
    for (int i = 1; i < SABOTAGES; i++)
        printf("sabotage %s\n", sabotage_names[i]);
}

int main(int argc, char **argv)
{
    int64_t epoch = 0;
    if (argc == 2 && strcmp(argv[1], "--columns") == 0) {
        print_columns();
        return 0;
    }
    f.step_us = STEP_US;
    if (argc > 1 && strncmp(argv[1], "--live=", 7) == 0) { /* us between rows, told by the clock */
        f.live = true;
        f.step_us = strtol(argv[1] + 7, NULL, 10);
        argv++;
        argc--;
    }
    for (; argc > 1 && strncmp(argv[1], "--", 2) == 0; argv++, argc--) {
        if (strncmp(argv[1], "--shadow=", 9) == 0)
            shadow = argv[1] + 9;
        else if (strncmp(argv[1], "--sabotage=", 11) != 0 || !choose_sabotage(argv[1] + 11))
            return 2;
    }
    if (argc < 6 || num_parse_i64(argv[3], strlen(argv[3]), &epoch) < 0 ||
        num_parse_i64(argv[4], strlen(argv[4]), &f.first) < 0) {
        fprintf(stderr, "usage: store_feeder CONNINFO SPOOL_DIR EPOCH FIRST LOG [POINT COUNT]\n");
        return 2;
    }
    log_fd = open(argv[5], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_fd < 0 || uv_loop_init(&f.loop) != 0)
        return 2;
    f.told = f.target = f.first;
    if (argc > 7)
        arm(argv[6], (int)strtol(argv[7], NULL, 10));
    configure(argv[1], argv[2]);
    int rc = start((uint32_t)epoch);
    if (rc)
        return rc;
    uv_run(&f.loop, UV_RUN_DEFAULT);
    store_free(f.store);
    note("Q\n");
    return 0;
}
