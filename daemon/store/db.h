/* One non-blocking PostgreSQL connection on the loop: libpq in pipeline mode, watched by uv_poll.
 * It moves statements and results and knows nothing of what they mean. A group of statements sent
 * between two db_sync calls is one transaction. Only files whose names begin with db include libpq.
 * Owner: the store. Every callback may call db_disconnect; none may call db_free. */
#ifndef DAEMON_DB_H
#define DAEMON_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"

struct db;
struct db_rows; /* a result, valid inside the callback only */

struct db_fail {
    int stmt;         /* index in its group, from 0 */
    char sqlstate[6]; /* "" when the connection itself failed */
    char text[200];   /* one line */
};

struct db_copy {     /* borrowed until let_go() */
    const char *sql; /* COPY ... FROM STDIN (FORMAT binary) */
    const void *p;
    size_t len;
};

#define DB_COPIES_MAX 32 /* in a transaction */

struct db_hooks {
    void *arg;
    /* The k-th of db_sync_copy; false: none. They are asked for one after the other. Called in a
     * thread of the connection, until let_go(): what it reads and gives must stay as it is, also
     * behind a db_disconnect. */
    bool (*copy)(void *arg, int k, struct db_copy *out);
    void (*meanwhile)(void *arg); /* there as well, once, while the server commits; or not at all */
    void (*let_go)(void *arg);    /* before done() or down(), and late after a db_disconnect */
    void (*ready)(void *arg);     /* connected */
    void (*rows)(void *arg, int stmt, const struct db_rows *r); /* a statement succeeded */
    void (*done)(void *arg, const struct db_fail *fail); /* the group ended; NULL: committed */
    void (*down)(void *arg, const char *why);            /* not connected (any more) */
};

struct db_param {
    uint32_t oid;
    const void *p; /* binary; NULL = SQL NULL */
    size_t len;
};

enum db_oid { /* types as PostgreSQL numbers them, catalog pg_type.dat */
              OID_BOOL = 16,
              OID_I8 = 20,
              OID_I4 = 23,
              OID_TEXT = 25,
              OID_F8 = 701,
              OID_TIME = 1184,
              OID_UUID = 2950,
              OID_BOOLS = 1000,
              OID_I8S = 1016,
              OID_TEXTS = 1009,
              OID_F8S = 1022,
              OID_TIMES = 1185
};

struct db *db_new(uv_loop_t *loop, const struct db_hooks *h); /* NULL when out of memory */
/* Closes everything; closed(arg) once, when no handle is left and the memory is freed. */
void db_free(struct db *d, void (*closed)(void *arg), void *arg);

/* Starts to connect, once let_go() was told; ready() or down() follows, until then the texts stay.
 * 0, or E_NOMEM / E_IO and neither follows. */
int db_connect(struct db *d, const char *conninfo, const char *application) MUST_CHECK;
/* Drops the connection at once, without a callback but let_go(). */
void db_disconnect(struct db *d);
/* let_go() is still to come. */
bool db_is_held(const struct db *d);

/* Adds a statement to the group (params are copied); db_sync ends and sends the group, then rows()
 * for each statement and done() follow. On failure the caller disconnects. */
int db_query(struct db *d, const char *sql, const struct db_param *params, int n) MUST_CHECK;
int db_sync(struct db *d) MUST_CHECK;
/* Also ends and sends the group: its first statement is BEGIN (not counted), then come the COPYs
 * that the hook gives, one after the other, then COMMIT; its rows are not told. libpq has no COPY
 * in its pipeline: each costs a round trip, and half the server's time for a row. All of it happens
 * in a thread (db_carry.h). */
int db_sync_copy(struct db *d) MUST_CHECK;

int db_pid(const struct db *d); /* of the server's process for this connection; 0 = none */
int db_count(const struct db_rows *r);
const char *db_text(const struct db_rows *r, int row, int col); /* "" for NULL */
int64_t db_int(const struct db_rows *r, int row, int col);      /* 0 when it is none */

#endif
