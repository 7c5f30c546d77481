/* See db_carry.h. Plain steps one after the other: each waits, in one place, for the server or for
 * being called off. The surprising things: data goes in slices, each flushed before the next, so
 * that libpq's own buffer stays small and an answer in the middle is read at once; and the loop is
 * told by a descriptor of its own, because it would spin on a uv_async_t for as long as the thread
 * that has just sent it has not run on. */
#include "store/db_carry.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLICE      (64u << 10)
#define STACK_SIZE (512u << 10)

struct db_carry {
    struct db_carry_hooks h;
    uv_thread_t thread;
    uv_poll_t back;
    uv_mutex_t lock;
    uv_cond_t cond;
    bool begun, ended, quit; /* under lock */
    bool busy, called;       /* the loop's; called: off, since the last beginning */
    int wake, told;          /* eventfds: called off; ended */
    atomic_bool off;
    PGconn *conn;
    struct db_carried got;
    void (*closed)(void *arg);
    void *closed_arg;
};

void db_copy_line(char *dst, size_t cap, const char *text)
{
    size_t n = strcspn(text, "\n");
    if (n >= cap)
        n = cap - 1;
    memcpy(dst, text, n);
    dst[n] = 0;
}

void db_note_failure(struct db_fail *fail, bool *failed, int stmt, const PGresult *r)
{
    if (*failed)
        return;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    *failed = true;
    fail->stmt = stmt;
    db_copy_line(fail->sqlstate, sizeof(fail->sqlstate), state ? state : "");
    db_copy_line(fail->text, sizeof(fail->text), text ? text : PQresultErrorMessage(r));
}

/* --- in the thread ------------------------------------------------------------------------- */

static bool is_off(struct db_carry *c)
{
    return atomic_load(&c->off);
}

/* Until the server says something or, with anything left to be sent, takes some of it. Who calls
 * has flushed just before: were it done here once more, nothing might be left to wait for. False:
 * there is no point in going on. */
static bool wait_for_server(struct db_carry *c, int left)
{
    struct pollfd p[2] = {{.fd = PQsocket(c->conn), .events = POLLIN},
                          {.fd = c->wake, .events = POLLIN}};
    if (left < 0)
        return false;
    if (left > 0)
        p[0].events |= POLLOUT;
    while (poll(p, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return !is_off(c) && (!p[0].revents || PQconsumeInput(c->conn) == 1);
}

static bool next_result(struct db_carry *c, PGresult **r)
{
    while (PQisBusy(c->conn))
        if (!wait_for_server(c, PQflush(c->conn)))
            return false;
    *r = PQgetResult(c->conn);
    return *r || PQstatus(c->conn) != CONNECTION_BAD;
}

/* Its status, what it says of a failure taken; frees it. */
static ExecStatusType take_result(struct db_carry *c, PGresult *r, int stmt)
{
    ExecStatusType s = PQresultStatus(r);
    bool good = s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK || s == PGRES_COPY_IN ||
                s == PGRES_PIPELINE_SYNC || s == PGRES_PIPELINE_ABORTED;
    if (!good)
        db_note_failure(&c->got.fail, &c->got.failed, stmt, r);
    PQclear(r);
    return s;
}

/* The statements that were in the pipeline; libpq has no COPY there. */
static bool run_pipeline(struct db_carry *c)
{
    PGresult *r;
    int stmt = -1; /* BEGIN is not counted */
    ExecStatusType s = PGRES_COMMAND_OK;
    while (s != PGRES_PIPELINE_SYNC) {
        if (!next_result(c, &r))
            return false;
        stmt += !r;
        if (r)
            s = take_result(c, r, stmt);
    }
    return PQexitPipelineMode(c->conn) == 1;
}

static bool put_slices(struct db_carry *c, const struct db_copy *data)
{
    const char *p = data->p;
    for (size_t at = 0; at < data->len; at += SLICE) {
        size_t n = data->len - at < SLICE ? data->len - at : SLICE;
        int left = PQputCopyData(c->conn, p + at, (int)n) == 1 ? PQflush(c->conn) : -1;
        while (left > 0 && wait_for_server(c, left))
            left = PQflush(c->conn);
        if (left != 0)
            return false;
    }
    return PQputCopyEnd(c->conn, NULL) == 1;
}

/* All that the server says to the statement that was sent; to a COPY, with the data in between. */
static bool take_answer(struct db_carry *c, const struct db_copy *data)
{
    PGresult *r;
    for (;;) {
        if (!next_result(c, &r))
            return false;
        if (!r)
            return true;
        if (take_result(c, r, 1) != PGRES_COPY_IN)
            continue;
        if (!data || !put_slices(c, data))
            return false;
        data = NULL;
    }
}

static bool send_statement(struct db_carry *c, const char *sql)
{
    return !is_off(c) && PQsendQuery(c->conn, sql) == 1;
}

static bool end_transaction(struct db_carry *c)
{
    if (!send_statement(c, c->got.failed ? "ROLLBACK" : "COMMIT"))
        return false;
    if (!c->got.failed)
        c->h.meanwhile(c->h.arg);
    return take_answer(c, NULL);
}

/* False: the connection is of no use any more. */
static bool carry(struct db_carry *c)
{
    struct db_copy data[DB_COPIES_MAX];
    int n = 0;
    bool good = PQpipelineSync(c->conn) == 1 && PQflush(c->conn) >= 0;
    while (good && n < DB_COPIES_MAX &&
           c->h.copy(c->h.arg, n, &data[n])) /* it is at work already */
        n++;
    good = good && run_pipeline(c);
    for (int k = 0; good && !c->got.failed && k < n; k++)
        good = send_statement(c, data[k].sql) && take_answer(c, &data[k]);
    return good && end_transaction(c) && PQenterPipelineMode(c->conn) == 1;
}

static void ring(int fd)
{
    static const uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof(one));
    assert(n == sizeof(one)); /* the counter is far from full */
}

static void silence(int fd)
{
    uint64_t calls;
    while (read(fd, &calls, sizeof(calls)) < 0 && errno == EINTR)
        continue;
}

static void run(void *arg)
{
    struct db_carry *c = arg;
    uv_mutex_lock(&c->lock);
    for (;;) {
        while (!c->begun && !c->quit)
            uv_cond_wait(&c->cond, &c->lock);
        if (c->quit)
            break;
        c->begun = false;
        uv_mutex_unlock(&c->lock);
        c->got.alive = carry(c);
        uv_mutex_lock(&c->lock);
        c->ended = true;
        uv_mutex_unlock(&c->lock);
        ring(c->told);
        uv_mutex_lock(&c->lock);
    }
    uv_mutex_unlock(&c->lock);
}

/* --- on the loop --------------------------------------------------------------------------- */

static void on_back(uv_poll_t *h, int status, int events)
{
    struct db_carry *c = h->data;
    (void)status;
    (void)events;
    silence(c->told);
    uv_mutex_lock(&c->lock);
    bool ended = c->ended;
    c->ended = false;
    uv_mutex_unlock(&c->lock);
    if (!ended)
        return;
    c->busy = false;
    c->h.back(c->h.arg);
}

static bool make_lock(struct db_carry *c)
{
    if (uv_mutex_init(&c->lock) != 0)
        return false;
    if (uv_cond_init(&c->cond) == 0)
        return true;
    uv_mutex_destroy(&c->lock);
    return false;
}

static void end_thread(struct db_carry *c)
{
    uv_mutex_lock(&c->lock);
    c->quit = true;
    uv_cond_signal(&c->cond);
    uv_mutex_unlock(&c->lock);
    uv_thread_join(&c->thread);
}

/* The handle comes last: it could not be closed at once. */
static bool start_thread(struct db_carry *c, uv_loop_t *loop)
{
    const uv_thread_options_t o = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_SIZE};
    if (uv_thread_create_ex(&c->thread, &o, run, c) != 0)
        return false;
    if (uv_poll_init(loop, &c->back, c->told) != 0) {
        end_thread(c);
        return false;
    }
    int rc = uv_poll_start(&c->back, UV_READABLE, on_back);
    assert(rc == 0); /* fails for a handle that is closing only */
    return true;
}

static bool make_events(struct db_carry *c)
{
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return c->wake >= 0 && c->told >= 0;
}

static void close_events(struct db_carry *c)
{
    if (c->wake >= 0)
        close(c->wake);
    if (c->told >= 0)
        close(c->told);
}

struct db_carry *db_carry_new(uv_loop_t *loop, const struct db_carry_hooks *h)
{
    struct db_carry *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->h = *h;
    c->back.data = c;
    bool lock = make_events(c) && make_lock(c);
    if (lock && start_thread(c, loop))
        return c;
    if (lock) {
        uv_cond_destroy(&c->cond);
        uv_mutex_destroy(&c->lock);
    }
    close_events(c);
    free(c);
    return NULL;
}

void db_carry_begin(struct db_carry *c, PGconn *conn)
{
    assert(!c->busy);
    atomic_store(&c->off, false);
    if (c->called)
        silence(c->wake);
    c->called = false;
    c->conn = conn;
    c->got = (struct db_carried){.alive = false};
    c->busy = true;
    uv_mutex_lock(&c->lock);
    c->begun = true;
    uv_mutex_unlock(&c->lock);
    uv_cond_signal(&c->cond); /* who is woken need not wait for the lock */
}

void db_carry_call_off(struct db_carry *c)
{
    atomic_store(&c->off, true);
    c->called = true;
    ring(c->wake);
}

bool db_carry_is_busy(const struct db_carry *c)
{
    return c->busy;
}

PGconn *db_carry_conn(const struct db_carry *c)
{
    return c->conn;
}

const struct db_carried *db_carry_got(const struct db_carry *c)
{
    return &c->got;
}

static void on_closed(uv_handle_t *h)
{
    struct db_carry *c = h->data;
    void (*closed)(void *) = c->closed;
    void *arg = c->closed_arg;
    uv_cond_destroy(&c->cond);
    uv_mutex_destroy(&c->lock);
    close_events(c);
    free(c);
    closed(arg);
}

void db_carry_free(struct db_carry *c, void (*closed)(void *arg), void *arg)
{
    assert(!c->busy);
    end_thread(c);
    c->closed = closed;
    c->closed_arg = arg;
    uv_close((uv_handle_t *)&c->back, on_closed);
}
