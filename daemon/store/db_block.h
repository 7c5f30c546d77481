/* A blocking PostgreSQL connection for programs that may wait: cascadectl's schema commands and
 * tests. Never used by the daemon. Errors are printed by the caller from db_block_error. */
#ifndef DAEMON_DB_BLOCK_H
#define DAEMON_DB_BLOCK_H

#include <stdbool.h>

#include "base/err.h"

struct db_block;

/* NULL and why[] when it cannot connect. */
struct db_block *db_block_open(const char *conninfo, const char *application, char why[200]);
void db_block_close(struct db_block *b);

/* Runs one or more statements without parameters. 0, or E_IO: db_block_error says why, and
 * db_block_line in which line of the text (0 = unknown). */
int db_block_run(struct db_block *b, const char *sql) MUST_CHECK;
/* Runs one statement with text parameters and keeps its result; returns the number of rows, or
 * E_IO. */
int db_block_ask(struct db_block *b, const char *sql, const char *const *params, int n) MUST_CHECK;
const char *db_block_text(const struct db_block *b, int row, int col); /* "" for NULL */
const char *db_block_error(const struct db_block *b);
int db_block_line(const struct db_block *b);

#endif
