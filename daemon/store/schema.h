/* The database schema: numbered migrations (sql/NNNN_name.sql), applied forward only, each in one
 * transaction, under an advisory lock; table schema_migration holds the checksum of each. For
 * cascadectl and tests: blocking, prints one line per step. The daemon only reads the version. */
#ifndef DAEMON_SCHEMA_H
#define DAEMON_SCHEMA_H

#include <stdio.h>

#include "base/err.h"

/* The newest migration this program knows; a test compares it with sql/. */
#define SCHEMA_VERSION 9

struct schema_opts {
    const char *conninfo; /* of a superuser the first time, later of a member of cascaded_owner */
    const char *sql_dir;  /* NULL: schema_dir() */
    FILE *out, *err;
};

enum schema_exit { /* exit statuses, as cascadectl's */
                   SCHEMA_OK = 0,
                   SCHEMA_DIFFERS = 1, /* check: migrations are pending; or an applied one was
                                          changed, or is unknown */
                   SCHEMA_USAGE = 2,   /* no usable sql folder */
                   SCHEMA_NOCONN = 3,
                   SCHEMA_FAILED = 4 /* the server refused something */
};

/* `cascadectl schema check`: says what is applied, pending, changed or too new; changes nothing. */
int schema_check(const struct schema_opts *o);
/* `cascadectl schema apply`: applies what is pending. */
int schema_apply(const struct schema_opts *o);
/* verb "check" or "apply"; SCHEMA_USAGE for another. */
int schema_main(const char *verb, const struct schema_opts *o);

/* The folder of the migrations: $CASCADED_SQL; beside the build tree of this program; the installed
 * one. Static memory. NULL when none has migrations. */
const char *schema_dir(void);

#endif
