/* decode: raw texts of one venue in, the events they contain out, one JSON object a line. With
 * --specs the directory is filled from our own spec lines, so assets, positional symbols and usd
 * can be told. --request names the request all lines answer; --requests gives one name a line
 * (empty = pushed). Nothing is kept between lines but the specs; a text that is not understood
 * prints an error and the exit status says so. */
#include "replay/replay.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/types.h>

#include "facts/wire.h"
#include "venue/venue.h"

#define DEX_MAX 64

struct decode {
    const struct venue *venue;
    uint8_t v;
    struct directory *dir; /* NULL without --specs */
    struct batch *b;
    FILE *requests;      /* NULL without --requests */
    const char *request; /* of every line; NULL = pushed */
    struct text out;
    bool failed;
};

struct line {
    char *buf;
    size_t cap;
    ssize_t len;
};

/* The next line without its newline; false at the end. */
static bool read_line(FILE *f, struct line *l)
{
    l->len = getline(&l->buf, &l->cap, f);
    if (l->len > 0 && l->buf[l->len - 1] == '\n')
        l->buf[--l->len] = 0;
    return l->len >= 0;
}

/* --- specs -------------------------------------------------------------------------------------*/

struct dex_len {
    int n;
    struct {
        char name[16];
        uint8_t venue;
        uint32_t len;
    } of[DEX_MAX];
};

/* Remembers how long the list is that a spec stands in: its highest position + 1. */
static void note_dex(struct dex_len *d, uint8_t venue, const struct event *e)
{
    int i = 0;
    if (!e->dex.p || e->ord < 0)
        return;
    while (i < d->n && (d->of[i].venue != venue || !slice_is(e->dex, d->of[i].name)))
        i++;
    if (i == d->n) {
        if (d->n == DEX_MAX || !slice_copy(e->dex, d->of[i].name, sizeof d->of[i].name))
            return;
        d->of[i].venue = venue;
        d->of[i].len = 0;
        d->n++;
    }
    if (d->of[i].len < (uint32_t)e->ord + 1)
        d->of[i].len = (uint32_t)e->ord + 1;
}

static int apply_spec(struct decode *d, const struct line *l, struct dex_len *lens)
{
    struct slice name;
    uint32_t id;
    batch_clear(d->b);
    int rc = wire_spec_parse(l->buf, (size_t)l->len, d->b, &name);
    if (rc < 0)
        return rc;
    int v = venue_find(name);
    if (v < 0)
        return E_UNKNOWN;
    rc = directory_apply(d->dir, (uint8_t)v, &d->b->ev[0], &id);
    if (rc < 0)
        return rc;
    note_dex(lens, (uint8_t)v, &d->b->ev[0]);
    return 0;
}

static int load_specs(struct decode *d, const char *path)
{
    const char *names[DIR_VENUES_MAX];
    struct dex_len lens = {.n = 0};
    struct line l = {0};
    unsigned long n = 0;
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    d->dir = directory_new(NULL, 0, names, n_venues);
    FILE *f = fopen(path, "r");
    if (!d->dir || !f) {
        fprintf(stderr, "decode: %s: %s\n", path, strerror(d->dir ? errno : ENOMEM));
        if (f)
            fclose(f);
        return -1;
    }
    while (read_line(f, &l)) {
        n++;
        int rc = apply_spec(d, &l, &lens);
        if (rc < 0)
            fprintf(stderr, "decode: %s:%lu: %s\n", path, n, err_text(rc));
    }
    for (int i = 0; i < lens.n; i++)
        directory_dex_end(d->dir, lens.of[i].venue, slice_of(lens.of[i].name), lens.of[i].len);
    free(l.buf);
    fclose(f);
    return 0;
}

/* --- texts -------------------------------------------------------------------------------------*/

/* Grows the output buffer until the text put into it fits. */
static bool grow(struct text *t)
{
    size_t cap = t->cap * 2;
    char *p = realloc(t->buf, cap);
    if (!p)
        return false;
    text_init(t, p, cap);
    return true;
}

static bool put_event(struct decode *d, uint64_t line, const struct event *e)
{
    for (;;) {
        text_init(&d->out, d->out.buf, d->out.cap);
        wire_event(&d->out, &(struct wire_from){line, d->venue->name, d->v, d->dir}, e);
        if (!d->out.full)
            break;
        if (!grow(&d->out))
            return false;
    }
    fwrite(d->out.buf, 1, d->out.len, stdout);
    putchar('\n');
    return true;
}

static void put_error(struct decode *d, uint64_t line, int code)
{
    text_init(&d->out, d->out.buf, d->out.cap);
    wire_error(&d->out, line, err_text(code));
    puts(d->out.buf);
    d->failed = true;
}

static void decode_line(struct decode *d, uint64_t n, const struct line *l, const char *req)
{
    struct origin o = {.venue = d->v, .conn = req ? CONN_REST : CONN_SLOT(0, 0, 0), .req = req};
    int rc = d->venue->parse(d->dir, &o, l->buf, (size_t)l->len, d->b);
    if (rc < 0) {
        put_error(d, n, rc);
        return;
    }
    for (uint32_t i = 0; i < d->b->n; i++)
        if (!put_event(d, n, &d->b->ev[i])) {
            put_error(d, n, E_NOMEM);
            return;
        }
}

static void decode_all(struct decode *d)
{
    struct line text = {0}, req = {0};
    for (uint64_t n = 1; read_line(stdin, &text); n++) {
        const char *name = d->request;
        if (d->requests && read_line(d->requests, &req))
            name = req.len > 0 ? req.buf : NULL;
        decode_line(d, n, &text, name);
    }
    free(text.buf);
    free(req.buf);
}

/* --- arguments ---------------------------------------------------------------------------------*/

static int usage(void)
{
    fprintf(stderr, "usage: decode VENUE [--specs FILE] [--request REQ] [--requests FILE]\n");
    fprintf(stderr, "venues:");
    for (int i = 0; i < n_venues; i++)
        fprintf(stderr, " %s", venues[i]->name);
    fputc('\n', stderr);
    return 2;
}

static int open_requests(struct decode *d, const char *path)
{
    d->requests = fopen(path, "r");
    if (d->requests)
        return 0;
    fprintf(stderr, "decode: %s: %s\n", path, strerror(errno));
    return -1;
}

static int take_args(struct decode *d, int argc, char **argv)
{
    static const struct option options[] = {{"specs", required_argument, NULL, 's'},
                                            {"request", required_argument, NULL, 'r'},
                                            {"requests", required_argument, NULL, 'R'},
                                            {NULL, 0, NULL, 0}};
    int c, rc = 0;
    optind = 1;
    while (rc == 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 's')
            rc = d->dir ? -1 : load_specs(d, optarg);
        else if (c == 'r')
            d->request = optarg;
        else if (c == 'R')
            rc = d->requests ? -1 : open_requests(d, optarg);
        else
            return usage();
    }
    if (rc < 0)
        return 2;
    int v = optind == argc - 1 ? venue_find(slice_of(argv[optind])) : -1;
    if (v < 0)
        return usage();
    d->v = (uint8_t)v;
    d->venue = venues[v];
    return 0;
}

int decode_main(int argc, char **argv)
{
    struct decode d = {.b = batch_new()};
    size_t cap = 1 << 16;
    char *buf = malloc(cap);
    if (!d.b || !buf) {
        fprintf(stderr, "decode: %s\n", err_text(E_NOMEM));
        batch_free(d.b);
        free(buf);
        return 2;
    }
    text_init(&d.out, buf, cap);
    int rc = take_args(&d, argc, argv);
    if (rc == 0) {
        decode_all(&d);
        rc = d.failed || fflush(stdout) != 0;
    }
    if (d.requests)
        fclose(d.requests);
    directory_free(d.dir);
    batch_free(d.b);
    free(d.out.buf);
    return rc;
}
