/* See db_block.h. The last result is kept until the next call. The surprising thing: the server
 * gives the place of an error as a character position, which is turned into a line of the text
 * here. */
#include "store/db_block.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

struct db_block {
    PGconn *conn;
    PGresult *last;
    char error[400];
    int line;
};

static void ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

struct db_block *db_block_open(const char *conninfo, const char *application, char why[200])
{
    const char *keys[] = {"dbname", "application_name", "client_encoding", "connect_timeout", NULL};
    const char *values[] = {conninfo, application, "UTF8", "10", NULL};
    struct db_block *b = calloc(1, sizeof(*b));
    if (!b) {
        snprintf(why, 200, "out of memory");
        return NULL;
    }
    b->conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(b->conn) != CONNECTION_OK) {
        snprintf(why, 200, "%.199s", PQerrorMessage(b->conn));
        why[strcspn(why, "\n")] = 0;
        db_block_close(b);
        return NULL;
    }
    PQsetNoticeProcessor(b->conn, ignore_notice, NULL);
    return b;
}

void db_block_close(struct db_block *b)
{
    if (!b)
        return;
    PQclear(b->last);
    PQfinish(b->conn);
    free(b);
}

/* Line of the n-th character (from 1) of UTF-8 text. */
static int line_at(const char *text, int64_t n)
{
    int line = 1;
    for (; *text && n > 1; text++) {
        if (((unsigned char)*text & 0xc0) != 0x80)
            n--;
        if (*text == '\n')
            line++;
    }
    return line;
}

static int keep(struct db_block *b, PGresult *r, const char *sql)
{
    PQclear(b->last);
    b->last = r;
    b->line = 0;
    b->error[0] = 0;
    ExecStatusType s = PQresultStatus(r);
    if (s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK)
        return PQntuples(r);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *at = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    int64_t n;
    snprintf(b->error, sizeof(b->error), "%.300s%s%s%s", text ? text : PQerrorMessage(b->conn),
             state ? " (" : "", state ? state : "", state ? ")" : "");
    b->error[strcspn(b->error, "\n")] = 0;
    if (at && num_parse_i64(at, strlen(at), &n) == 0)
        b->line = line_at(sql, n);
    return E_IO;
}

int db_block_run(struct db_block *b, const char *sql)
{
    int rc = keep(b, PQexec(b->conn, sql), sql);
    return rc < 0 ? rc : 0;
}

int db_block_ask(struct db_block *b, const char *sql, const char *const *params, int n)
{
    return keep(b, PQexecParams(b->conn, sql, n, NULL, params, NULL, NULL, 0), sql);
}

const char *db_block_text(const struct db_block *b, int row, int col)
{
    return PQgetvalue(b->last, row, col);
}

const char *db_block_error(const struct db_block *b)
{
    return b->error;
}

int db_block_line(const struct db_block *b)
{
    return b->line;
}
