/* The configuration as a whole: defaults, the main file and the files it names, and the checks that
 * span keys. Everything is read even after an error, so that one run lists all of them. A struct
 * conf is one piece of heap memory; what the engine needs points into it. */
#include "conf_priv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/db_hosts.h"

#define FILE_MAX_BYTES (1 << 20)

static void set_default(struct conf *c, const struct conf_key *k, int i, int route)
{
    char buf[160];
    struct text why;
    text_init(&why, buf, sizeof(buf));
    int err = conf_set(k, conf_at(c, k, i, route), &(struct conf_value){k->def, NULL, true}, &why);
    if (err < 0) {
        fprintf(stderr, "default of %s %s\n", k->key, buf);
        abort();
    }
}

static void set_defaults(struct conf *c)
{
    for (int r = 0; r < n_conf_keys; r++) {
        const struct conf_key *k = &conf_keys[r];
        if (k->base == KB_CONF)
            set_default(c, k, 0, 0);
        for (int v = 0; (k->base == KB_VENUE || k->base == KB_SEGMENT) && v < DIR_VENUES_MAX; v++)
            set_default(c, k, v, 0);
    }
}

/* What follows from the keys. */
static void finish(struct conf *c)
{
    c->engine.rules = c->rules;
    c->engine.aliases = c->aliases;
    c->engine.venues = 0;
    for (int v = 0; v < n_venues && v < DIR_VENUES_MAX; v++)
        if (c->venue[v].enabled)
            c->engine.venues |= 1u << v;
}

struct conf *conf_new(void)
{
    struct conf *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    set_defaults(c);
    finish(c);
    return c;
}

void conf_free(struct conf *c)
{
    free(c);
}

/* An error about a KB_CONF row, at the line where it was set (0: by default). */
static void row_error(struct conf_in *in, size_t offset, const char *what)
{
    for (int r = 0; r < n_conf_keys; r++) {
        if (conf_keys[r].base == KB_CONF && conf_keys[r].offset == offset) {
            in->line = in->once_line[r];
            conf_error(in, conf_keys[r].key, "%s", what);
        }
    }
}

/* What libpq would say at the start is said where the other mistakes are. */
static void check_database(struct conf_in *in)
{
    char why[160];
    if (in->c->db_conninfo[0] && db_check_conninfo(in->c->db_conninfo, why) < 0)
        row_error(in, offsetof(struct conf, db_conninfo), why);
}

static void check_spans(struct conf_in *in)
{
    const struct conf *c = in->c;
    const struct engine_conf *e = &c->engine;
    if (e->top_n > e->max_assets || e->n_assets > (int)e->max_assets)
        row_error(in, offsetof(struct conf, engine.max_assets),
                  "is less than the assets asked for");
    if (e->leave_rank && e->leave_rank < e->top_n)
        row_error(in, offsetof(struct conf, engine.leave_rank), "is better than the rank to enter");
    if (c->client_hard_kb / 2 < c->client_soft_kb)
        row_error(in, offsetof(struct conf, client_hard_kb), "is below twice client_soft_kb");
    if (c->client_hard_kb < c->request_max_kb)
        row_error(in, offsetof(struct conf, client_hard_kb), "is below request_max_kb");
    if (c->tape_keep_mb < c->tape_segment_mb)
        row_error(in, offsetof(struct conf, tape_keep_mb), "is below segment_mb");
}

int conf_parse(struct conf *c, const char *text, size_t len, const char *name,
               struct conf_errors *errs)
{
    struct conf_in in = {
        .c = c, .errs = errs, .file = name, .kind = CK_MAIN, .p = text, .end = text + len};
    int before = errs->n;
    conf_read(&in);
    check_spans(&in);
    finish(c);
    return errs->n > before ? E_SYNTAX : 0;
}

/* The whole file; NULL and an error when it cannot be read. The caller frees. */
static char *slurp(struct conf_in *in, size_t *len)
{
    FILE *f = fopen(in->file, "re");
    char *buf = f ? malloc(FILE_MAX_BYTES + 1) : NULL;
    if (!buf) {
        conf_error(in, NULL, "cannot be read: %s", strerror(errno));
        if (f)
            fclose(f);
        return NULL;
    }
    *len = fread(buf, 1, FILE_MAX_BYTES + 1, f);
    const char *fault = ferror(f)               ? strerror(errno)
                        : *len > FILE_MAX_BYTES ? "it is larger than 1 MiB"
                                                : NULL;
    fclose(f);
    if (!fault)
        return buf;
    conf_error(in, NULL, "cannot be read: %s", fault);
    free(buf);
    return NULL;
}

static void read_file(struct conf_in *in)
{
    size_t len;
    char *text = slurp(in, &len);
    if (!text)
        return;
    in->p = text;
    in->end = text + len;
    conf_read(in);
    free(text);
}

static void read_side_file(struct conf_in *main_in, enum conf_kind kind, const char *path)
{
    struct conf_in in = {
        .c = main_in->c, .errs = main_in->errs, .file = path, .dir = main_in->dir, .kind = kind};
    if (*path)
        read_file(&in);
}

/* The file is not read, because the main file holds its sections itself. */
static bool inline_instead(const struct conf_in *in, const struct conf_key *k)
{
    if (k->offset == offsetof(struct conf, rules_file) && k->base == KB_CONF)
        return in->c->engine.n_rules > 0;
    return k->offset == offsetof(struct conf, assets_file) && k->base == KB_CONF &&
           in->seen_section[CS_ALIASES];
}

/* Defaults are relative too; and files that must be there are looked for where they were named. */
static void resolve_path(struct conf_in *in, const struct conf_key *k, char *at, int line)
{
    char buf[160], was[CONF_PATH_MAX];
    struct text why;
    text_init(&why, buf, sizeof(buf));
    memcpy(was, at, sizeof(was));
    in->line = line;
    if (conf_set(k, at, &(struct conf_value){was, in->dir, true}, &why) < 0)
        conf_error(in, k->key, "%s", buf);
    else if (k->must_exist && *at && !inline_instead(in, k) && access(at, R_OK) != 0)
        conf_error(in, k->key, "cannot read %.140s: %s", at, strerror(errno));
}

static void resolve_paths(struct conf_in *in)
{
    for (int r = 0; r < n_conf_keys; r++) {
        const struct conf_key *k = &conf_keys[r];
        if (k->type == CT_PATH && k->base == KB_CONF)
            resolve_path(in, k, conf_at(in->c, k, 0, 0), in->once_line[r]);
        for (int v = 0; k->type == CT_PATH && k->base == KB_VENUE && v < n_venues; v++)
            resolve_path(in, k, conf_at(in->c, k, v, 0), 0);
    }
}

/* The folder of a file as an absolute path, so that relative paths in it have one meaning. */
static void folder_of(const char *path, char dir[PATH_MAX])
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) : 1;
    snprintf(parent, sizeof(parent), "%.*s/", n, slash ? path : ".");
    if (!realpath(parent, dir))
        snprintf(dir, PATH_MAX, "%s", parent);
}

int conf_load(struct conf *c, const char *path, struct conf_errors *errs)
{
    char dir[PATH_MAX];
    int before = errs->n;
    folder_of(path, dir);
    struct conf_in in = {.c = c, .errs = errs, .file = path, .dir = dir, .kind = CK_MAIN};
    read_file(&in);
    check_spans(&in);
    resolve_paths(&in);
    check_database(&in);
    if (c->engine.n_rules == 0)
        read_side_file(&in, CK_RULES, c->rules_file);
    if (!in.seen_section[CS_ALIASES])
        read_side_file(&in, CK_ASSETS, c->assets_file);
    finish(c);
    return errs->n > before ? E_SYNTAX : 0;
}
