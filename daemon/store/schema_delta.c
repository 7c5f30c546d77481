/* See schema_delta.h. A column counts as there when a migration comments it with the same unit:
 * every column has a comment that starts with its unit, so that one line tells both. Another help
 * text is no reason for a migration, the catalogue table `metric` carries the current one. */
#include "store/schema_delta.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"
#include "store/streams.h"

#define SQL_CAP (8u << 20)

/* All migrations of the folder, one after the other; NULL on failure. */
static char *read_all(const char *dir)
{
    char path[600];
    DIR *d = opendir(dir);
    char *all = d ? malloc(SQL_CAP) : NULL;
    size_t len = 0;
    for (struct dirent *e = all ? readdir(d) : NULL; e; e = readdir(d)) {
        size_t n = strlen(e->d_name);
        if (n < 4 || strcmp(e->d_name + n - 4, ".sql") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        FILE *f = fopen(path, "rb");
        if (f) {
            len += fread(all + len, 1, SQL_CAP - 1 - len, f);
            fclose(f);
        }
    }
    if (d)
        closedir(d);
    if (all)
        all[len] = 0;
    return all;
}

/* Columns that are no metrics come with their table. */
static bool is_there(const char *all, enum stream_id s, int column)
{
    char line[256];
    const struct metric *m = stream_metric(s, column);
    if (!m)
        return true;
    snprintf(line, sizeof(line),
             "COMMENT ON COLUMN cascade_risk.%s.%s IS '%s:", stream_defs[s].table,
             stream_column(s, column).name, m->unit);
    return strstr(all, line) != NULL;
}

static void put_quoted(FILE *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '\'')
            fputc('\'', out);
        fputc(*s, out);
    }
}

/* The table it is made from says at length what a metric means. k: which of its columns. */
static void put_rollup_comment(FILE *out, const struct stream_def *d, const struct metric *m, int k)
{
    static const struct {
        const char *suffix, *says;
    } of[ROLLUP_COLS] = {{"", "Last known value in the minute"},
                         {"_min", "Lowest value in the minute"},
                         {"_max", "Highest value in the minute"}};
    fprintf(out, "COMMENT ON COLUMN cascade_risk.%s.%s%s IS '", d->table, m->name, of[k].suffix);
    put_quoted(out, m->unit);
    fprintf(out, ": %s; see %s.%s';\n", of[k].says,
            metric_table_name((enum metric_table)d->metrics), m->name);
}

static void put_comment(FILE *out, const char *table, const struct metric *m)
{
    static const char *const quality[] = {
        [MQ_MEASURED] = "", [MQ_MODELLED] = " (modelled)", [MQ_LOWER_BOUND] = " (lower bound)"};
    fprintf(out, "COMMENT ON COLUMN cascade_risk.%s.%s IS '", table, m->name);
    put_quoted(out, m->unit);
    fputs(": ", out);
    put_quoted(out, m->help);
    fprintf(out, "%s';\n", quality[m->quality]);
}

static void put_column_comment(FILE *out, enum stream_id s, int i)
{
    const struct stream_def *d = &stream_defs[s];
    const struct metric *m = stream_metric(s, i);
    if (stream_is_rollup(s))
        put_rollup_comment(out, d, m, (i - d->n_cols) % ROLLUP_COLS);
    else
        put_comment(out, d->table, m);
}

/* Prints what the table of stream s lacks; returns how many columns. */
static int put_table(FILE *out, const char *all, enum stream_id s)
{
    int missing = 0, columns = stream_columns(s);
    for (int i = 0; i < columns; i++) {
        if (is_there(all, s, i))
            continue;
        if (missing++ == 0)
            fprintf(out, "\nALTER TABLE cascade_risk.%s", stream_defs[s].table);
        fprintf(out, "%s\n    ADD COLUMN IF NOT EXISTS %s double precision", missing > 1 ? "," : "",
                stream_column(s, i).name);
    }
    if (missing)
        fputs(";\n", out);
    for (int i = 0; i < columns; i++)
        if (!is_there(all, s, i))
            put_column_comment(out, s, i);
    return missing;
}

int schema_delta(const char *sql_dir, FILE *out)
{
    static const enum stream_id tables[] = {
        ST_M_ASSET, ST_M_VENUE_ASSET, ST_M_FEED,           ST_M_PROCESS,     ST_M_SCENARIO,
        ST_M_SIDE,  ST_M_ASSET_1M,    ST_M_VENUE_ASSET_1M, ST_M_SCENARIO_1M, ST_M_SIDE_1M};
    char *body = NULL;
    size_t size = 0;
    int missing = 0;
    const char *dir = sql_dir ? sql_dir : schema_dir();
    char *all = dir ? read_all(dir) : NULL;
    FILE *f = all ? open_memstream(&body, &size) : NULL;
    if (!f) {
        free(all);
        return E_IO;
    }
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        missing += put_table(f, all, tables[i]);
    fclose(f);
    if (missing)
        fprintf(
            out,
            "-- Metric columns, as `cascaded --schema-delta` printed them from the metric tables.\n"
            "SET LOCAL ROLE cascaded_owner;\n%s\n"
            "SELECT cascade_risk.refresh_latest_views();\n",
            body);
    free(body);
    free(all);
    return missing;
}
