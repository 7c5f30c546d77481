/* Carries a group of statements with COPYs over a connection, from its first byte to the answer to
 * COMMIT, in a thread of its own: it costs the loop nothing in between. Not in the loop's pool,
 * whose jobs must never wait for a server, and this one does. In: a connection with statements in
 * its pipeline; what to copy is asked for in the thread. Out: how it ended, told on the loop. While
 * it is busy the connection, and what copy() gave, are the thread's. Owner: db.c. */
#ifndef DAEMON_DB_CARRY_H
#define DAEMON_DB_CARRY_H

#include <libpq-fe.h>

#include "store/db.h"

struct db_carry;

struct db_carried {
    bool alive;  /* the connection is; else only its message is of use */
    bool failed; /* the server refused: rolled back */
    struct db_fail fail;
};

struct db_carry_hooks {
    void *arg;
    bool (*copy)(void *arg, int k, struct db_copy *out); /* in the thread, see db.h */
    void (*meanwhile)(void *arg);
    void (*back)(void *arg); /* on the loop: it is not busy any more */
};

/* NULL when out of memory, descriptors or threads. */
struct db_carry *db_carry_new(uv_loop_t *loop, const struct db_carry_hooks *h);
/* The connection is not busy; back() follows. */
void db_carry_begin(struct db_carry *c, PGconn *conn);
/* It is given up as soon as the thread notices; back() follows, then the caller closes. Nothing is
 * committed of a group whose data was not all asked for before. */
void db_carry_call_off(struct db_carry *c);
bool db_carry_is_busy(const struct db_carry *c);
PGconn *db_carry_conn(const struct db_carry *c); /* the last one */
const struct db_carried *db_carry_got(const struct db_carry *c);
/* Must not be busy; closed(arg) once, from the loop. */
void db_carry_free(struct db_carry *c, void (*closed)(void *arg), void *arg);

/* What the server says of a failure, the first one only. */
void db_note_failure(struct db_fail *fail, bool *failed, int stmt, const PGresult *r);
void db_copy_line(char *dst, size_t cap, const char *text);

#endif
