/* See schema.h. A migration file is applied as it lies on disk: the server computes its SHA-256 and
 * stores it in the transaction that runs the file. The surprising thing: a file must not hold BEGIN
 * or COMMIT, the runner sets them; and it changes role to cascaded_owner by itself. */
#include "store/schema.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "store/db_block.h"

#define FILES_MAX 512
#define NAME_LEN  80
#define FILE_CAP  (4u << 20)

#ifndef CASCADED_SQL_DIR
#define CASCADED_SQL_DIR "/usr/share/cascaded/sql"
#endif

struct migration {
    int version; /* 0 = none of this number */
    char name[NAME_LEN];
    char *text; /* NUL-terminated, owned */
};

struct schema {
    const struct schema_opts *o;
    const char *dir;
    struct db_block *db;
    int n, newest_applied;
    struct migration file[FILES_MAX]; /* by version - 1 */
};

/* ---- the folder ----------------------------------------------------------------------------- */

/* "0001_core.sql" -> 1; 0 = not a migration. */
static int name_version(const char *name)
{
    int64_t v;
    size_t len = strlen(name);
    if (len < 10 || len >= NAME_LEN || name[4] != '_' || strcmp(name + len - 4, ".sql") != 0)
        return 0;
    for (int i = 0; i < 4; i++)
        if (name[i] < '0' || name[i] > '9')
            return 0;
    char digits[5] = {name[0], name[1], name[2], name[3], 0};
    const char *p = digits;
    while (*p == '0' && p[1])
        p++;
    return num_parse_i64(p, strlen(p), &v) == 0 && v <= FILES_MAX ? (int)v : 0;
}

static bool has_migrations(const char *dir)
{
    char path[512];
    int n = snprintf(path, sizeof(path), "%s/0001_core.sql", dir);
    return n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0;
}

/* From the program's own place upwards: PREFIX/bin/cascadectl -> PREFIX/share/cascaded/sql, and
 * build/release/cascadectl -> sql. */
const char *schema_dir(void)
{
    static const char *const below[] = {"share/cascaded/sql", "sql"};
    static char beside[400];
    const char *env = getenv("CASCADED_SQL");
    if (env && has_migrations(env))
        return env;
    char exe[300];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    for (int up = 0; n > 0 && up < 4; up++) {
        exe[n] = 0;
        char *slash = strrchr(exe, '/');
        if (!slash)
            break;
        *slash = 0;
        n = slash - exe;
        for (int i = 0; i < 2; i++) {
            snprintf(beside, sizeof(beside), "%s/%s", exe, below[i]);
            if (has_migrations(beside))
                return beside;
        }
    }
    return has_migrations(CASCADED_SQL_DIR) ? CASCADED_SQL_DIR : NULL;
}

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = f ? malloc(FILE_CAP + 1) : NULL;
    size_t n = text ? fread(text, 1, FILE_CAP + 1, f) : 0;
    bool good = text && n > 0 && n <= FILE_CAP && !ferror(f) && !memchr(text, 0, n);
    if (f)
        fclose(f);
    if (!good) {
        free(text);
        return NULL;
    }
    text[n] = 0;
    return text;
}

static int read_migration(struct schema *s, const char *name)
{
    char path[600];
    int v = name_version(name);
    if (v == 0)
        return E_OK;
    struct migration *m = &s->file[v - 1];
    if (m->version) {
        fprintf(s->o->err, "schema: %s and %s have the same number\n", m->name, name);
        return E_DUP;
    }
    snprintf(path, sizeof(path), "%s/%s", s->dir, name);
    m->text = read_text(path);
    if (!m->text) {
        fprintf(s->o->err, "schema: %s cannot be read, or is empty or too long\n", path);
        return E_IO;
    }
    m->version = v;
    snprintf(m->name, sizeof(m->name), "%.79s", name);
    if (v > s->n)
        s->n = v;
    return E_OK;
}

static int read_dir(struct schema *s)
{
    DIR *d = s->dir ? opendir(s->dir) : NULL;
    if (!d) {
        fprintf(s->o->err, "schema: no folder of migrations%s%s\n", s->dir ? ": " : "",
                s->dir ? s->dir : "");
        return E_IO;
    }
    int rc = E_OK;
    for (struct dirent *e = readdir(d); e && rc == E_OK; e = readdir(d))
        rc = read_migration(s, e->d_name);
    closedir(d);
    for (int i = 0; i < s->n && rc == E_OK; i++)
        if (!s->file[i].version) {
            fprintf(s->o->err, "schema: %s has no migration %04d\n", s->dir, i + 1);
            rc = E_MISSING;
        }
    if (rc == E_OK && s->n == 0) {
        fprintf(s->o->err, "schema: %s holds no migrations\n", s->dir);
        rc = E_MISSING;
    }
    return rc;
}

/* ---- against the database ------------------------------------------------------------------- */

static int failed(const struct schema *s, const char *what)
{
    int line = db_block_line(s->db);
    if (line)
        fprintf(s->o->err, "schema: %s:%d: %s\n", what, line, db_block_error(s->db));
    else
        fprintf(s->o->err, "schema: %s: %s\n", what, db_block_error(s->db));
    return SCHEMA_FAILED;
}

/* Checksum of a text, by the server; "" on failure. */
static void checksum(struct schema *s, const char *text, char out[72])
{
    int n = db_block_ask(s->db, "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", &text, 1);
    snprintf(out, 72, "%.71s", n == 1 ? db_block_text(s->db, 0, 0) : "");
}

static int has_table(struct schema *s)
{
    int n = db_block_ask(s->db, "SELECT to_regclass('cascade_risk.schema_migration') IS NOT NULL",
                         NULL, 0);
    return n < 0 ? n : strcmp(db_block_text(s->db, 0, 0), "t") == 0;
}

/* One applied migration against its file. */
static int compare_one(struct schema *s, int version, const char *name, const char *sum)
{
    char mine[72];
    if (version > s->n) {
        fprintf(s->o->err,
                "schema: the database has migration %04d (%s), newer than this program's %04d\n",
                version, name, s->n);
        return SCHEMA_DIFFERS;
    }
    const struct migration *m = &s->file[version - 1];
    checksum(s, m->text, mine);
    if (strcmp(mine, sum) != 0 || strcmp(m->name, name) != 0) {
        fprintf(s->o->err,
                "schema: %s is not what was applied as %s (checksum %.12s, applied %.12s)\n",
                m->name, name, mine, sum);
        return SCHEMA_DIFFERS;
    }
    return SCHEMA_OK;
}

struct applied {
    int version;
    char name[NAME_LEN], sum[72];
};

/* Reads schema_migration and compares every row; sets newest_applied. */
static int compare(struct schema *s)
{
    struct applied rows[FILES_MAX];
    s->newest_applied = 0;
    int there = has_table(s);
    if (there <= 0)
        return there < 0 ? failed(s, "reading the version") : SCHEMA_OK;
    int n = db_block_ask(s->db,
                         "SELECT version, name, checksum FROM cascade_risk.schema_migration"
                         " ORDER BY version",
                         NULL, 0);
    if (n < 0)
        return failed(s, "reading schema_migration");
    for (int i = 0; i < n && i < FILES_MAX; i++) {
        int64_t v = 0;
        const char *text = db_block_text(s->db, i, 0);
        if (num_parse_i64(text, strlen(text), &v) < 0 || v != i + 1) {
            fprintf(s->o->err, "schema: schema_migration lacks version %d\n", i + 1);
            return SCHEMA_DIFFERS;
        }
        rows[i].version = (int)v;
        snprintf(rows[i].name, sizeof(rows[i].name), "%.79s", db_block_text(s->db, i, 1));
        snprintf(rows[i].sum, sizeof(rows[i].sum), "%.71s", db_block_text(s->db, i, 2));
    }
    for (int i = 0; i < n && i < FILES_MAX; i++) {
        int rc = compare_one(s, rows[i].version, rows[i].name, rows[i].sum);
        if (rc != SCHEMA_OK)
            return rc;
        s->newest_applied = rows[i].version;
    }
    return SCHEMA_OK;
}

static const char lock_sql[] = "SET lock_timeout = '60s'; SET client_min_messages = warning;"
                               "SELECT pg_advisory_lock(hashtext('cascade_risk.schema'))";

static const char bootstrap_sql[] =
    "CREATE SCHEMA IF NOT EXISTS cascade_risk;"
    "CREATE TABLE IF NOT EXISTS cascade_risk.schema_migration (version integer PRIMARY KEY,"
    " name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),"
    " applied_by text NOT NULL DEFAULT session_user)";

static int apply_one(struct schema *s, const struct migration *m)
{
    char number[16];
    const char *row[] = {number, m->name, m->text};
    snprintf(number, sizeof(number), "%d", m->version);
    if (db_block_run(s->db, "BEGIN; SET LOCAL lock_timeout = '5s'") < 0)
        return failed(s, m->name);
    if ((m->version == 1 && db_block_run(s->db, bootstrap_sql) < 0) ||
        db_block_run(s->db, m->text) < 0 ||
        db_block_ask(s->db,
                     "INSERT INTO cascade_risk.schema_migration (version, name, checksum) VALUES"
                     " ($1::integer, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))",
                     row, 3) < 0 ||
        db_block_run(s->db, "COMMIT") < 0) {
        int rc = failed(s, m->name);
        if (db_block_run(s->db, "ROLLBACK") < 0)
            fprintf(s->o->err, "schema: %s: not rolled back: %s\n", m->name, db_block_error(s->db));
        return rc;
    }
    fprintf(s->o->out, "%s applied\n", m->name);
    return SCHEMA_OK;
}

static int apply_pending(struct schema *s)
{
    if (db_block_run(s->db, lock_sql) < 0)
        return failed(s, "waiting for another migration to end");
    int rc = compare(s);
    for (int v = s->newest_applied; v < s->n && rc == SCHEMA_OK; v++)
        rc = apply_one(s, &s->file[v]);
    if (rc == SCHEMA_OK)
        fprintf(s->o->out, "schema is at version %d\n", s->n);
    return rc;
}

static int report(struct schema *s)
{
    int rc = compare(s);
    if (rc != SCHEMA_OK)
        return rc;
    for (int v = s->newest_applied; v < s->n; v++)
        fprintf(s->o->out, "%s pending\n", s->file[v].name);
    fprintf(s->o->out, "schema is at version %d of %d\n", s->newest_applied, s->n);
    return s->newest_applied == s->n ? SCHEMA_OK : SCHEMA_DIFFERS;
}

static int with_database(const struct schema_opts *o, int (*work)(struct schema *s))
{
    char why[200];
    struct schema *s = calloc(1, sizeof(*s));
    if (!s)
        return SCHEMA_FAILED;
    s->o = o;
    s->dir = o->sql_dir ? o->sql_dir : schema_dir();
    int rc = read_dir(s) < 0 ? SCHEMA_USAGE : SCHEMA_OK;
    if (rc == SCHEMA_OK) {
        s->db = db_block_open(o->conninfo, "cascadectl schema", why);
        if (!s->db)
            fprintf(o->err, "schema: %s\n", why);
        rc = s->db ? work(s) : SCHEMA_NOCONN;
    }
    db_block_close(s->db);
    for (int i = 0; i < FILES_MAX; i++)
        free(s->file[i].text);
    free(s);
    return rc;
}

int schema_check(const struct schema_opts *o)
{
    return with_database(o, report);
}

int schema_apply(const struct schema_opts *o)
{
    return with_database(o, apply_pending);
}

int schema_main(const char *verb, const struct schema_opts *o)
{
    if (strcmp(verb, "check") == 0)
        return schema_check(o);
    if (strcmp(verb, "apply") == 0)
        return schema_apply(o);
    fprintf(o->err, "schema: %s? check or apply\n", verb);
    return SCHEMA_USAGE;
}
