/* `cascaded --schema-delta`: prints the migration that new metric rows need. It compares the metric
 * tables with the migrations in a folder, not with a database: what it prints becomes the next
 * file. */
#ifndef DAEMON_SCHEMA_DELTA_H
#define DAEMON_SCHEMA_DELTA_H

#include <stdio.h>

#include "base/err.h"

/* sql_dir NULL = schema_dir(). Returns how many columns are missing (nothing is printed for 0), or
 * E_IO. */
int schema_delta(const char *sql_dir, FILE *out) MUST_CHECK;

#endif
