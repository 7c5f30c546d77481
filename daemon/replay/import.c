/* cascade-replay import: makes a tape of a capture. Texts come one a line on standard input, their
 * receive times from a file with the same line numbering (seconds or nanoseconds since 1970), specs
 * as lines of our own format. A tick is written each second and a turn after each distinct time, as
 * the daemon would have made them. Texts that are REST bodies inside the capture are told by their
 * beginning
 * (--rest PREFIX=REQUEST). */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/seglog.h"
#include "conf.h"
#include "facts/wire.h"
#include "tape.h"

#define SECOND_US 1000000LL
#define RAW_BYTES (SEGLOG_BLOCK_MAX / 2)
#define RESTS_MAX 8

struct import {
    int venue;
    const char *recv_path, *specs_path, *conf_path, *out_path;
    struct {
        char prefix[64], req[64];
    } rest[RESTS_MAX];
    int n_rest;
    FILE *recv, *specs, *out;
    struct conf *conf;
    char *raw, *block;
    size_t n_raw;
    int64_t t_last_us, second;
    uint64_t lines;
};

static int complain(const char *what, const char *which)
{
    fprintf(stderr, "cascade-replay import: %s%s%s\n", what, *which ? ": " : "", which);
    return -1;
}

static int flush_block(struct import *m)
{
    int64_t n = seglog_encode(m->raw, m->n_raw, 3, m->block, seglog_bound(2 * SEGLOG_BLOCK_MAX));
    if (n < 0 || fwrite(m->block, 1, (size_t)n, m->out) != (size_t)n)
        return complain("cannot write", m->out_path);
    m->n_raw = 0;
    return 0;
}

static int put(struct import *m, int64_t t_us, const char *kind, const struct origin *o,
               struct slice body)
{
    struct seglog_record r = {.t_us = t_us,
                              .kind = slice_of(kind),
                              .venue = SLICE("-"),
                              .conn = 255,
                              .req = SLICE("-"),
                              .body = body};
    if (o) {
        r.venue = slice_of(venues[o->venue]->name);
        r.conn = o->conn;
        if (o->req)
            r.req = slice_of(o->req);
    }
    if (m->n_raw + body.len + SEGLOG_HEAD_MAX > RAW_BYTES && m->n_raw > 0 && flush_block(m) < 0)
        return -1;
    if (seglog_put(m->raw, SEGLOG_BLOCK_MAX, &m->n_raw, &r) < 0)
        return complain("a record is too long", kind);
    return 0;
}

/* Assets of the specs become the named universe, unless a configuration was given. */
static int name_universe(struct import *m)
{
    const char *names[DIR_VENUES_MAX];
    for (int v = 0; v < n_venues; v++)
        names[v] = venues[v]->name;
    struct directory *d =
        directory_new(m->conf->engine.aliases, m->conf->engine.n_aliases, names, n_venues);
    struct batch *b = batch_new();
    struct engine_conf *e = &m->conf->engine;
    char line[65536];
    e->top_n = 0;
    e->n_assets = 0;
    e->venues = 1u << m->venue;
    while (d && b && fgets(line, sizeof line, m->specs)) {
        struct slice venue;
        uint32_t id;
        batch_clear(b);
        if (wire_spec_parse(line, strcspn(line, "\n"), b, &venue) >= 0 && b->n == 1)
            (void)!directory_apply(d, (uint8_t)m->venue, &b->ev[0], &id);
    }
    for (uint32_t a = 0; d && a < directory_asset_count(d) && e->n_assets < 64; a++)
        snprintf(e->assets[e->n_assets++], sizeof e->assets[0], "%s", directory_asset_name(d, a));
    rewind(m->specs);
    batch_free(b);
    directory_free(d);
    return d && b ? 0 : complain("out of memory", "");
}

static int load_conf(struct import *m)
{
    static struct conf_errors errs;
    m->conf = conf_new();
    if (!m->conf)
        return complain("out of memory", "");
    if (!m->conf_path)
        return name_universe(m);
    if (conf_load(m->conf, m->conf_path, &errs) == 0)
        return 0;
    for (int i = 0; i < errs.n && i < CONF_ERRORS_MAX; i++)
        fprintf(stderr, "%s:%d: %s: %s\n", errs.e[i].file, errs.e[i].line, errs.e[i].key,
                errs.e[i].text);
    return -1;
}

static int put_head(struct import *m, int64_t t_us)
{
    static char conf_text[1 << 20], head_text[1 << 20];
    struct text c, h;
    text_init(&c, conf_text, sizeof conf_text);
    conf_print(m->conf, &c);
    struct tape_head head = {
        .version = CASCADED_VERSION, .instance = "import", .epoch = 0, .conf_text = conf_text};
    text_init(&h, head_text, sizeof head_text);
    tape_head_print(&h, &head, 0);
    if (c.full || h.full)
        return complain("the configuration is too long", "");
    return put(m, t_us, "head", NULL, (struct slice){h.buf, (uint32_t)h.len});
}

static int put_specs(struct import *m, int64_t t_us)
{
    char line[65536];
    struct origin o = {.venue = (uint8_t)m->venue, .conn = CONN_REST, .req = "tiers"};
    while (fgets(line, sizeof line, m->specs)) {
        size_t n = strcspn(line, "\n");
        if (n > 0 && put(m, t_us, "rx", &o, (struct slice){line, (uint32_t)n}) < 0)
            return -1;
    }
    return 0;
}

static int put_links(struct import *m, int64_t t_us)
{
    char buf[512];
    for (int r = 0; r < venues[m->venue]->n_routes; r++) {
        struct note n;
        struct text t;
        note_init(&n, NOTE_LINK_UP);
        n.venue = (uint8_t)m->venue;
        n.conn = CONN_SLOT(r, 0, 0);
        text_init(&t, buf, sizeof buf);
        wire_note(&t, &n);
        if (put(m, t_us, "note", NULL, (struct slice){t.buf, (uint32_t)t.len}) < 0)
            return -1;
    }
    return 0;
}

static int put_start(struct import *m, int64_t t_us)
{
    m->second = t_us / SECOND_US;
    if (put_head(m, t_us) < 0 || put_specs(m, t_us) < 0)
        return -1;
    return put_links(m, t_us);
}

/* Turns end a distinct time; ticks come before anything at or after their second. */
static int advance(struct import *m, int64_t t_us)
{
    if (m->t_last_us && t_us > m->t_last_us && put(m, m->t_last_us, "turn", NULL, SLICE("")) < 0)
        return -1;
    for (; m->second < t_us / SECOND_US; m->second++) {
        if (put(m, (m->second + 1) * SECOND_US, "tick", NULL, SLICE("")) < 0)
            return -1;
    }
    m->t_last_us = t_us;
    return 0;
}

static int read_time(struct import *m, int64_t *t_us)
{
    char line[64];
    double x;
    if (!fgets(line, sizeof line, m->recv))
        return complain("fewer receive times than texts", m->recv_path);
    size_t n = strcspn(line, "\r\n");
    if (num_parse(line, n, &x) < 0 || x <= 0)
        return complain("not a time", line);
    if (x < 1e11)
        *t_us = (int64_t)(x * 1e6 + 0.5);
    else if (num_parse_i64(line, n, t_us) < 0)
        return complain("not a time", line);
    else
        *t_us /= 1000;
    return 0;
}

static const char *rest_of(const struct import *m, const char *line, size_t n)
{
    for (int i = 0; i < m->n_rest; i++) {
        size_t k = strlen(m->rest[i].prefix);
        if (n >= k && memcmp(line, m->rest[i].prefix, k) == 0)
            return m->rest[i].req;
    }
    return NULL;
}

static int put_text(struct import *m, const char *line, size_t n)
{
    int64_t t_us;
    if (read_time(m, &t_us) < 0)
        return -1;
    if (t_us < m->t_last_us)
        t_us = m->t_last_us;
    if (m->lines++ == 0 && put_start(m, t_us) < 0)
        return -1;
    if (advance(m, t_us) < 0)
        return -1;
    const char *req = rest_of(m, line, n);
    struct origin o = {
        .venue = (uint8_t)m->venue, .conn = req ? CONN_REST : CONN_SLOT(0, 0, 0), .req = req};
    return put(m, t_us, "rx", &o, (struct slice){line, (uint32_t)n});
}

static int import_all(struct import *m)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;
    while (rc == 0 && (n = getline(&line, &cap, stdin)) > 0)
        rc = put_text(m, line, line[n - 1] == '\n' ? (size_t)n - 1 : (size_t)n);
    free(line);
    if (rc == 0 && m->lines > 0)
        rc = put(m, m->t_last_us, "turn", NULL, SLICE(""));
    return rc == 0 && m->n_raw > 0 ? flush_block(m) : rc;
}

static int add_rest(struct import *m, const char *arg)
{
    const char *eq = strrchr(arg, '=');
    if (!eq || m->n_rest == RESTS_MAX || (size_t)(eq - arg) >= sizeof m->rest[0].prefix)
        return complain("--rest wants PREFIX=REQUEST, at most 8 of 63 bytes", arg);
    snprintf(m->rest[m->n_rest].prefix, sizeof m->rest[0].prefix, "%.*s", (int)(eq - arg), arg);
    snprintf(m->rest[m->n_rest++].req, sizeof m->rest[0].req, "%s", eq + 1);
    return 0;
}

static int read_args(struct import *m, int argc, char **argv)
{
    if (argc < 2)
        return -1;
    m->venue = venue_find(slice_of(argv[1]));
    if (m->venue < 0)
        return complain("no such venue", argv[1]);
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *o = argv[i], *v = argv[i + 1];
        if (strcmp(o, "--recv") == 0)
            m->recv_path = v;
        else if (strcmp(o, "--specs") == 0)
            m->specs_path = v;
        else if (strcmp(o, "--conf") == 0)
            m->conf_path = v;
        else if (strcmp(o, "--out") == 0)
            m->out_path = v;
        else if (strcmp(o, "--rest") != 0 || add_rest(m, v) < 0)
            return complain("unknown option", o);
    }
    return argc % 2 == 0 && m->recv_path && m->specs_path && m->out_path ? 0 : -1;
}

static int open_all(struct import *m)
{
    m->recv = fopen(m->recv_path, "r");
    m->specs = fopen(m->specs_path, "r");
    m->out = fopen(m->out_path, "wb");
    m->raw = malloc(SEGLOG_BLOCK_MAX);
    m->block = malloc(seglog_bound(2 * SEGLOG_BLOCK_MAX));
    if (!m->recv)
        return complain("cannot read", m->recv_path);
    if (!m->specs)
        return complain("cannot read", m->specs_path);
    if (!m->out || fwrite(SEGLOG_MAGIC, 1, SEGLOG_MAGIC_LEN, m->out) != SEGLOG_MAGIC_LEN)
        return complain("cannot write", m->out_path);
    return m->raw && m->block ? 0 : complain("out of memory", "");
}

int import_main(int argc, char **argv)
{
    static struct import m;
    if (read_args(&m, argc, argv) < 0) {
        fprintf(stderr,
                "usage: cascade-replay import VENUE --recv FILE --specs FILE --out TAPE\n"
                "       [--conf FILE] [--rest PREFIX=REQUEST]...   texts on standard input\n");
        return 2;
    }
    int rc = open_all(&m);
    if (rc == 0)
        rc = load_conf(&m);
    if (rc == 0)
        rc = import_all(&m);
    FILE *all[] = {m.recv, m.specs, m.out};
    for (int i = 0; i < 3; i++) {
        if (all[i] && fclose(all[i]) != 0)
            rc = -1;
    }
    fprintf(stderr, "cascade-replay import: %llu texts\n", (unsigned long long)m.lines);
    conf_free(m.conf);
    free(m.raw);
    free(m.block);
    return rc < 0 ? 1 : 0;
}
