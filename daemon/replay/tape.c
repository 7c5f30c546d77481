/* cascade-replay TAPE...: runs tapes through the engine at full speed, without network or database,
 * and prints samples and alerts as NDJSON. Segments are given in order (a folder = all its *.tape
 * in name order). The configuration comes from the head of the first segment; starting at a later
 * segment means warm-up, its specs are read first. */
#include "replay.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "base/seglog.h"
#include "conf.h"
#include "facts/wire.h"
#include "replay/times.h"
#include "tape.h"

struct run {
    struct engine *engine;
    struct conf *conf;
    struct printer printer;
    uint64_t records, refused_records;
    char *raw; /* decoded content not yet consumed */
    size_t n_raw, cap_raw;
    const char *file;
    bool counts;
    bool dump; /* print the records instead of running them */
    struct times times;
};

static int fail(const struct run *r, const char *what)
{
    fprintf(stderr, "cascade-replay: %s: record %llu: %s, stopping\n", r->file,
            (unsigned long long)r->records, what);
    return -1;
}

static int print_conf_errors(const struct conf_errors *errs)
{
    for (int i = 0; i < errs->n && i < CONF_ERRORS_MAX; i++)
        fprintf(stderr, "%s:%d: %s: %s\n", errs->e[i].file, errs->e[i].line, errs->e[i].key,
                errs->e[i].text);
    return -1;
}

static int read_conf(struct run *r, struct slice text)
{
    static struct conf_errors errs;
    struct conf *c = conf_new();
    memset(&errs, 0, sizeof errs);
    if (!c || conf_parse(c, text.p, text.len, r->file, &errs) < 0) {
        conf_free(c);
        return print_conf_errors(&errs);
    }
    conf_free(r->conf);
    r->conf = c;
    return 0;
}

static int ingest_specs(struct run *r, struct slice specs, int64_t t_us)
{
    struct batch *b = batch_new();
    const char *p = specs.p, *end = specs.p + specs.len;
    while (b && p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((nl ? nl : end) - p);
        struct slice venue;
        batch_clear(b);
        int v = len && wire_spec_parse(p, len, b, &venue) >= 0 ? venue_find(venue) : -1;
        struct origin o = {.venue = (uint8_t)(v < 0 ? 0 : v), .conn = CONN_REST, .req = "tiers"};
        if (v >= 0 && engine_ingest(r->engine, &o, p, len, t_us) < 0)
            r->refused_records++;
        p += len + 1;
    }
    batch_free(b);
    return b ? 0 : -1;
}

static int on_head(struct run *r, const struct seglog_record *rec)
{
    struct tape_head_view h;
    char why[160];
    if (tape_head_parse(rec->body, &h) < 0)
        return fail(r, "the head cannot be read");
    if (r->engine)
        return 0; /* a later segment of the same run */
    if (read_conf(r, h.conf) < 0)
        return fail(r, "the configuration in the head is not understood");
    struct sinks s = printer_sinks(&r->printer);
    r->engine = engine_new(&r->conf->engine, &s, why);
    if (!r->engine)
        return fail(r, why);
    r->printer.engine = r->engine;
    fprintf(r->printer.out,
            "{\"kind\":\"head\",\"version\":\"%.*s\",\"instance\":\"%.*s\",\"epoch\":%lld}\n",
            (int)h.version.len, h.version.p, (int)h.instance.len, h.instance.p, (long long)h.epoch);
    return ingest_specs(r, h.specs, rec->t_us);
}

static int on_rx(struct run *r, const struct seglog_record *rec)
{
    char req[128];
    int venue = venue_find(rec->venue);
    if (venue < 0)
        return fail(r, "names a venue this program does not know");
    struct origin o = {.venue = (uint8_t)venue, .conn = (uint8_t)rec->conn, .req = NULL};
    if (!slice_is(rec->req, "-")) {
        if (!slice_copy(rec->req, req, sizeof req))
            return fail(r, "the request name is too long");
        o.req = req;
    }
    times_begin(&r->times);
    int rc = engine_ingest(r->engine, &o, rec->body.p, rec->body.len, rec->t_us);
    times_end(&r->times, TIMED_TEXT, rec->t_us);
    r->refused_records += rc < 0; /* as it was live: counted there too */
    return 0;
}

static int on_tick(struct run *r, const struct seglog_record *rec)
{
    times_begin(&r->times);
    engine_tick(r->engine, rec->t_us);
    times_end(&r->times, TIMED_TICK, rec->t_us);
    return 0;
}

static int on_turn(struct run *r, const struct seglog_record *rec)
{
    times_begin(&r->times);
    (void)engine_turn(r->engine, rec->t_us);
    times_end(&r->times, TIMED_TURN, rec->t_us);
    return 0;
}

/* Names go before numbers: the tables may have grown since the tape was written. */
static int resolve_names(struct note *n)
{
    int venue = n->venue_name.p ? venue_find(n->venue_name) : n->venue;
    if (venue < 0)
        return E_UNKNOWN;
    n->venue = (uint8_t)venue;
    if (n->channel_name.p && venue < n_venues)
        n->channel = venue_channel_find(venues[venue], n->channel_name);
    return 0;
}

static int on_note(struct run *r, const struct seglog_record *rec)
{
    struct note n;
    if (wire_note_parse(rec->body.p, rec->body.len, &n) < 0)
        return fail(r, "a note is not understood");
    if (resolve_names(&n) < 0)
        return fail(r, "a note names a venue this program does not know");
    (void)engine_note(r->engine, &n, NULL, rec->t_us);
    return 0;
}

static int on_conf(struct run *r, const struct seglog_record *rec)
{
    struct note n;
    if (read_conf(r, rec->body) < 0)
        return fail(r, "a configuration is not understood");
    note_init(&n, NOTE_CONF);
    (void)engine_note(r->engine, &n, &r->conf->engine, rec->t_us);
    return 0;
}

static int on_state(struct run *r, const struct seglog_record *rec)
{
    return engine_thaw(r->engine, rec->body.p, rec->body.len, rec->t_us) < 0
               ? fail(r, "state is refused")
               : 0;
}

static const struct {
    const char *kind;
    int (*take)(struct run *r, const struct seglog_record *rec);
} kinds[] = {{"rx", on_rx},     {"turn", on_turn}, {"tick", on_tick},  {"note", on_note},
             {"conf", on_conf}, {"head", on_head}, {"state", on_state}};

static int dump_record(struct run *r, const struct seglog_record *rec)
{
    fprintf(r->printer.out, "T %lld %.*s %.*s %d %.*s %u\n%.*s\n", (long long)rec->t_us,
            (int)rec->kind.len, rec->kind.p, (int)rec->venue.len, rec->venue.p, rec->conn,
            (int)rec->req.len, rec->req.p, rec->body.len, (int)rec->body.len, rec->body.p);
    return 0;
}

static int take_record(struct run *r, const struct seglog_record *rec)
{
    r->records++;
    if (r->dump)
        return dump_record(r, rec);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!slice_is(rec->kind, kinds[i].kind))
            continue;
        if (!r->engine && kinds[i].take != on_head)
            return fail(r, "does not begin with a head");
        return kinds[i].take(r, rec);
    }
    return fail(r, "is of a kind this program does not know");
}

/* Runs whole records at the front of raw; keeps a record that is not complete yet. */
static int take_records(struct run *r)
{
    size_t pos = 0;
    struct seglog_record rec;
    for (;;) {
        int rc = seglog_get(r->raw, r->n_raw, &pos, &rec);
        if (rc == 0 || rc == E_TORN)
            break;
        if (rc < 0)
            return fail(r, "is not a record");
        if (take_record(r, &rec) < 0)
            return -1;
    }
    memmove(r->raw, r->raw + pos, r->n_raw - pos);
    r->n_raw -= pos;
    return 0;
}

static int grow_raw(struct run *r)
{
    if (r->cap_raw - r->n_raw >= SEGLOG_BLOCK_MAX)
        return 0;
    size_t cap = r->cap_raw * 2 + SEGLOG_BLOCK_MAX;
    char *p = cap <= (1u << 30) ? realloc(r->raw, cap) : NULL;
    if (!p)
        return fail(r, "is larger than memory allows");
    r->raw = p;
    r->cap_raw = cap;
    return 0;
}

/* One block of the file's bytes. Returns what it took, 0 = it is not whole yet, -1 = stop. */
static int64_t run_block(struct run *r, const char *p, size_t len)
{
    size_t got = 0;
    if (grow_raw(r) < 0)
        return -1;
    int64_t used = seglog_decode(p, len, r->raw + r->n_raw, r->cap_raw - r->n_raw, &got);
    if (used == E_TORN)
        return 0;
    if (used < 0)
        return fail(r, err_text((int)used));
    r->n_raw += got;
    return take_records(r) < 0 ? -1 : used;
}

struct window { /* the part of a file that is being decoded */
    char *buf;
    size_t cap, n;
    bool end;
};

/* Runs the whole blocks in the window and moves the rest to its front. */
static int run_blocks(struct run *r, struct window *w)
{
    size_t pos = 0;
    while (pos < w->n) {
        int64_t used = run_block(r, w->buf + pos, w->n - pos);
        if (used < 0)
            return -1;
        if (used == 0)
            break;
        pos += (size_t)used;
    }
    w->n -= pos;
    memmove(w->buf, w->buf + pos, w->n);
    return 0;
}

/* A file of any length, or a pipe: no more than a block of it is held. */
static int run_stream(struct run *r, FILE *f, struct window *w)
{
    while (!w->end) {
        size_t got = fread(w->buf + w->n, 1, w->cap - w->n, f);
        w->n += got;
        w->end = got == 0;
        if (run_blocks(r, w) < 0)
            return -1;
        if (w->n == w->cap)
            return fail(r, "a block is longer than any can be");
    }
    if (w->n > 0)
        fprintf(stderr, "cascade-replay: %s: ends inside a block, what came before was replayed\n",
                r->file);
    else if (r->n_raw > 0)
        fprintf(stderr, "cascade-replay: %s: the last record is torn, it was left out\n", r->file);
    r->n_raw = 0;
    return 0;
}

static int run_file(struct run *r, const char *path)
{
    struct window w = {.cap = seglog_bound(SEGLOG_BLOCK_MAX) + (1u << 20)};
    char magic[SEGLOG_MAGIC_LEN];
    FILE *f = fopen(path, "rb");
    int rc = -1;
    r->file = path;
    if (!f) {
        perror(path);
        return -1;
    }
    w.buf = malloc(w.cap);
    if (fread(magic, 1, sizeof magic, f) != sizeof magic ||
        memcmp(magic, SEGLOG_MAGIC, SEGLOG_MAGIC_LEN) != 0)
        fprintf(stderr, "cascade-replay: %s: not a tape segment\n", path);
    else
        rc = w.buf ? run_stream(r, f, &w) : fail(r, "out of memory");
    free(w.buf);
    fclose(f);
    return rc;
}

static int is_tape(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && strcmp(e->d_name + n - 5, ".tape") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that follows the locale */
}

static int run_path(struct run *r, const char *path)
{
    struct stat st;
    struct dirent **names;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return run_file(r, path);
    int n = scandir(path, &names, is_tape, by_name), rc = n > 0 ? 0 : -1;
    if (n <= 0)
        fprintf(stderr, "cascade-replay: %s: holds no *.tape\n", path);
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        if (rc == 0)
            rc = run_file(r, file);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return rc;
}

static int whole_s(const char *option, const char *text, int64_t least, int64_t *out)
{
    if (num_parse_i64(text, strlen(text), out) >= 0 && *out >= least && *out <= 86400)
        return 0;
    fprintf(stderr, "cascade-replay: %s takes seconds, %d to 86400\n", option, (int)least);
    return -1;
}

/* An option and what follows it; *i moves on over that. 1 = it is none. */
static int take_option(struct run *r, char **argv, int argc, int *i)
{
    const struct {
        const char *name;
        bool *flag, value;
    } flags[] = {{"--no-rows", &r->printer.rows, false},
                 {"--no-unknown", &r->printer.quiet_unknown, true},
                 {"--counts", &r->counts, true},
                 {"--dump", &r->dump, true}};
    const char *arg = argv[*i];
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (strcmp(arg, flags[k].name) == 0)
            return *flags[k].flag = flags[k].value, 0;
    bool more = *i + 1 < argc;
    if (more && strcmp(arg, "--rows-every") == 0)
        return whole_s(arg, argv[++*i], 1, &r->printer.rows_every_s);
    if (more && strcmp(arg, "--times") == 0) {
        r->times.on = true;
        return whole_s(arg, argv[++*i], 0, &r->times.skip_s);
    }
    return 1;
}

int tape_main(int argc, char **argv)
{
    static struct run r;
    int rc = 0, files = 0;
    r.printer.out = stdout;
    r.printer.rows = true;
    r.printer.rows_every_s = 1;
    for (int i = 0; i < argc && rc == 0; i++) {
        rc = take_option(&r, argv, argc, &i);
        if (rc == 1 && argv[i][0] == '-')
            return fprintf(stderr, "cascade-replay: unknown option %s\n", argv[i]), 2;
        if (rc == 1)
            files++, rc = run_path(&r, argv[i]);
    }
    if (files == 0)
        return replay_usage(stderr);
    if (r.counts)
        printer_counts(&r.printer);
    if (r.times.on)
        times_print(&r.times, stdout);
    fprintf(stderr,
            "cascade-replay: %llu records, %llu texts refused, %llu rows, %llu alert transitions\n",
            (unsigned long long)r.records, (unsigned long long)r.refused_records,
            (unsigned long long)r.printer.n_rows, (unsigned long long)r.printer.n_alerts);
    engine_free(r.engine);
    conf_free(r.conf);
    free(r.raw);
    return rc < 0 || fflush(stdout) != 0 ? 1 : 0;
}
