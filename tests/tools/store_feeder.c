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
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store_parts.h"
#include "store_points.h"

#define VALUES    1000003
#define UNWRITTEN 16 /* batches; more means a disk that refuses: then nothing more is told */

static struct rig g;
static struct feeder {
    uv_timer_t feed, status;
    uv_poll_t commands;
    int64_t first, told, target;
    bool live;
    char line[200];
    size_t line_len;
} f;

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
    int64_t t_us = BASE_S * 1000000 + n * step_us, sum = 0;
    row_begin(r, stream, t_us);
    row_time(r, t_us);
    for (int i = 1; i < stream_columns((enum stream_id)stream); i++)
        sum += (i + 1) * put_value(r, stream, i, value_of(n, i));
    return sum;
}

static bool is_backed_up(void)
{
    struct store_status st;
    store_get_status(g.store, &st);
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
        int64_t sum = make_row(&g.store->row, stream, f.told);
        note("R %lld %s %lld\n", (long long)f.told, stream_name((enum stream_id)stream),
             (long long)sum);
        store_queue(g.store, (enum lane_id)lane_of(stream));
    }
    note("T %lld %lld\n", (long long)f.told, (long long)mono_ms());
}

static void on_status(uv_timer_t *t)
{
    struct store_status st;
    (void)t;
    store_get_status(g.store, &st);
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
        store_stop(g.store, 60000, on_stopped, NULL);
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

static void on_role(void *arg, enum lease_role role)
{
    (void)arg;
    for (int i = 0; i < LANES; i++)
        first_commit[i] = f.live && role == ROLE_LEADER;
    if (!f.live)
        return;
    note("L %s %lld\n", lease_role_name(role), (long long)mono_ms());
}

static void configure(const char *conninfo, const char *dir)
{
    const char *name = f.live ? "main" : strrchr(dir, '/'); /* alone with its spool, or not */
    snprintf(g.conf->db_conninfo, sizeof(g.conf->db_conninfo), "%s", conninfo);
    snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", dir);
    snprintf(g.conf->store_writer, sizeof(g.conf->store_writer), "%s", name ? name : dir);
    g.conf->store_takeover_ms = 1000;
    g.conf->store_hang_ms = 5000;
    g.conf->store_flush_ms = f.live ? 300 : 50; /* live: enough rows for a COPY */
    g.conf->store_memory_mb = 8;
    g.conf->store_durable_ms = 300;
    g.conf->spool_limit_mb = 1024;
    g.conf->spool_sync_ms = 100;
    g.conf->spool_zstd_level = 1;
    g.conf->store_batch_rows = 100;
    g.conf->store_partition_ahead_days = 1;
    g.conf->retention_days = 0;
}

static int start(uint32_t epoch)
{
    char why[400];
    g.epoch = epoch;
    struct store_deps d = rig_deps(&g, epoch);
    d.role = on_role;
    g.store = store_new(&d, why);
    if (!g.store) {
        fprintf(stderr, "store_feeder: %s\n", why);
        note("E %s\n", why);
        return 3;
    }
    uv_timer_init(&g.loop, &f.feed);
    uv_timer_init(&g.loop, &f.status);
    uv_poll_init(&g.loop, &f.commands, 0);
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
    static const char *const venues_named[] = {"binance"};
    int64_t epoch = 0;
    if (argc == 2 && strcmp(argv[1], "--columns") == 0) {
        print_columns();
        return 0;
    }
    if (argc > 1 && strncmp(argv[1], "--live=", 7) == 0) { /* us between rows, told by the clock */
        f.live = true;
        step_us = strtol(argv[1] + 7, NULL, 10);
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
    if (log_fd < 0 || !rig_make(&g, venues_named, 1))
        return 2;
    f.told = f.target = f.first;
    if (argc > 7)
        arm(argv[6], (int)strtol(argv[7], NULL, 10));
    configure(argv[1], argv[2]);
    int rc = start((uint32_t)epoch);
    if (rc)
        return rc;
    uv_run(&g.loop, UV_RUN_DEFAULT);
    store_free(g.store);
    note("Q\n");
    return 0;
}
