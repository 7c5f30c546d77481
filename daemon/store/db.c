/* See db.h. libpq's traps that shape this file: the socket may change between two steps of a
 * connection attempt, even under the same number, so the poll handle is made anew for each step;
 * the poll must stop before PQfinish closes the socket; in pipeline mode each statement gives its
 * results and then NULL, and the group ends with a sync result. */
#include "store/db_carry.h"
#include "store/db_hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define CONNECT_MS    10000
#define GROUP_MS      60000 /* longer than the server's own statement_timeout */
#define PARAMS_MAX    512
#define NAMES_KEPT_US 5000000 /* a name may stand for another server soon */

enum phase {
    PH_DOWN,
    PH_CONNECTING,
    PH_IDLE,
    PH_FILLING,
    PH_WAITING,
    PH_CARRIED /* the connection is the thread's */
};

struct poller { /* on the heap: lives until its close callback */
    uv_poll_t h;
    struct db *owner;
};

struct db {
    uv_loop_t *loop;
    struct db_hooks hooks;
    PGconn *conn;
    struct poller *poller;
    uv_timer_t watch;
    enum phase phase;
    uint32_t generation; /* raised by every disconnect, so that a loop over results can notice */
    int stmt;            /* of the result being read */
    bool failed;
    struct db_fail fail;
    struct db_carry *carry;             /* NULL until the first COPY */
    const char *conninfo, *application; /* to connect with when the thread has let go */
    struct resolver *resolver;
    struct db_hosts hosts;
    uint32_t turn; /* attempts that were not answered: another address has its turn first */
    void (*closed)(void *arg);
    void *closed_arg;
};

static void on_poll(uv_poll_t *h, int status, int events);

/* ---- the poll handle ------------------------------------------------------------------------ */

static void on_poller_closed(uv_handle_t *h)
{
    free(h->data);
}

static void drop_poller(struct db *d)
{
    if (!d->poller)
        return;
    uv_poll_stop(&d->poller->h);
    d->poller->owner = NULL;
    uv_close((uv_handle_t *)&d->poller->h, on_poller_closed);
    d->poller = NULL;
}

static int make_poller(struct db *d)
{
    drop_poller(d);
    struct poller *p = calloc(1, sizeof(*p));
    if (!p)
        return E_NOMEM;
    if (uv_poll_init(d->loop, &p->h, PQsocket(d->conn)) != 0) {
        free(p);
        return E_IO;
    }
    p->owner = d;
    p->h.data = p;
    d->poller = p;
    return E_OK;
}

static int watch_events(struct db *d, int events)
{
    return uv_poll_start(&d->poller->h, events, on_poll) == 0 ? E_OK : E_IO;
}

/* ---- going down ----------------------------------------------------------------------------- */

void db_disconnect(struct db *d)
{
    bool carried = d->phase == PH_CARRIED;
    d->generation++;
    d->phase = PH_DOWN;
    uv_timer_stop(&d->watch);
    drop_poller(d);
    if (carried) /* it is closed when the thread has let go */
        db_carry_call_off(d->carry);
    else if (d->conn)
        PQfinish(d->conn);
    d->conn = NULL;
    d->conninfo = NULL;
}

/* libpq says one line or more for each address it has tried; the first one of each is told. */
static void copy_attempts(char *dst, size_t cap, const char *text)
{
    static const char next[] = "\nconnection to server at ";
    db_copy_line(dst, cap, text);
    while ((text = strstr(text, next)) != NULL) {
        size_t n = strlen(dst);
        text += sizeof(next) - 1;
        snprintf(dst + n, cap - n, "; %.*s", (int)strcspn(text, "\n"), text);
    }
}

static void go_down(struct db *d, const char *why)
{
    char text[200];
    const char *said = why ? why : d->conn ? PQerrorMessage(d->conn) : "";
    copy_attempts(text, sizeof(text), said[0] ? said : "connection lost");
    if (d->failed && d->fail.text[0]) /* the server's last words say more than a closed socket */
        db_copy_line(text, sizeof(text), d->fail.text);
    db_disconnect(d);
    d->hooks.down(d->hooks.arg, text);
}

static void on_watch(uv_timer_t *t)
{
    struct db *d = t->data;
    const char *why = "no answer to a transaction within 60 s";
    if (d->phase == PH_CONNECTING)
        why = d->conn || db_is_held(d) ? "no answer to the connection attempt within 10 s"
                                       : "the database's host was not looked up within 10 s";
    d->turn += d->phase == PH_CONNECTING && d->conn && !d->failed;
    go_down(d, why);
}

/* ---- connecting ----------------------------------------------------------------------------- */

static void ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static void on_connected(struct db *d)
{
    if (PQsetnonblocking(d->conn, 1) != 0 || PQenterPipelineMode(d->conn) != 1 ||
        make_poller(d) < 0 || watch_events(d, UV_READABLE) < 0) {
        go_down(d, NULL);
        return;
    }
    uv_timer_stop(&d->watch);
    d->phase = PH_IDLE;
    d->hooks.ready(d->hooks.arg);
}

static int wait_step(struct db *d, PostgresPollingStatusType s)
{
    int rc = make_poller(d);
    return rc < 0 ? rc : watch_events(d, s == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE);
}

static void step_connection(struct db *d)
{
    drop_poller(d);
    PostgresPollingStatusType s = PQconnectPoll(d->conn);
    if (s == PGRES_POLLING_OK)
        on_connected(d);
    else if (s == PGRES_POLLING_FAILED || wait_step(d, s) < 0)
        go_down(d, NULL);
}

/* It is told from the loop, like everything. */
static void fail_soon(struct db *d, const char *why)
{
    copy_attempts(d->fail.text, sizeof(d->fail.text), why);
    d->failed = true;
    uv_timer_start(&d->watch, on_watch, 0, 0);
}

/* When names are to be looked up it is called again after that. */
static int begin_connecting(struct db *d)
{
    char why[160];
    int found = db_hosts_find(&d->hosts, d->conninfo, d->resolver, d->turn, why);
    if (found <= 0) {
        if (found < 0)
            fail_soon(d, why);
        return E_OK;
    }
    const char *keys[] = {"keepalives_idle",
                          "keepalives_interval",
                          "keepalives_count",
                          "dbname",
                          "application_name",
                          "client_encoding",
                          "tcp_user_timeout",
                          d->hosts.found ? "host" : NULL,
                          "hostaddr",
                          "port",
                          NULL};
    const char *values[] = {"5",    "2",     "3",           d->conninfo,       d->application,
                            "UTF8", "20000", d->hosts.host, d->hosts.hostaddr, d->hosts.port,
                            NULL};
    uv_timer_start(&d->watch, on_watch, CONNECT_MS, 0); /* looking up had its own time */
    d->conn = PQconnectStartParams(keys, values, 1);
    if (!d->conn)
        return E_NOMEM;
    PQsetNoticeProcessor(d->conn, ignore_notice, NULL);
    if (PQstatus(d->conn) == CONNECTION_BAD || wait_step(d, PGRES_POLLING_WRITING) < 0)
        fail_soon(d, PQerrorMessage(d->conn));
    return E_OK;
}

int db_connect(struct db *d, const char *conninfo, const char *application)
{
    db_disconnect(d);
    d->failed = false;
    d->conninfo = conninfo;
    d->application = application;
    d->phase = PH_CONNECTING;
    /* also a failure at once, such as a missing socket, is told later, from the loop */
    uv_timer_start(&d->watch, on_watch, CONNECT_MS, 0);
    return db_is_held(d) ? E_OK : begin_connecting(d);
}

/* ---- statements ----------------------------------------------------------------------------- */

int db_query(struct db *d, const char *sql, const struct db_param *params, int n)
{
    Oid types[PARAMS_MAX];
    const char *values[PARAMS_MAX];
    int lens[PARAMS_MAX], formats[PARAMS_MAX];
    if (n > PARAMS_MAX)
        return E_LIMIT;
    if (d->phase != PH_IDLE && d->phase != PH_FILLING)
        return E_AGAIN;
    for (int i = 0; i < n; i++) {
        types[i] = params[i].oid;
        values[i] = params[i].p;
        lens[i] = (int)params[i].len;
        formats[i] = 1;
    }
    d->phase = PH_FILLING;
    return PQsendQueryParams(d->conn, sql, n, types, values, lens, formats, 0) == 1 ? E_OK : E_IO;
}

static int flush_out(struct db *d)
{
    int left = PQflush(d->conn);
    if (left < 0)
        return E_IO;
    return watch_events(d, left ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

int db_sync(struct db *d)
{
    if (d->phase != PH_FILLING)
        return E_AGAIN;
    if (PQpipelineSync(d->conn) != 1)
        return E_IO;
    d->phase = PH_WAITING;
    d->stmt = 0;
    d->failed = false;
    uv_timer_start(&d->watch, on_watch, GROUP_MS, 0);
    return flush_out(d);
}

static void end_group(struct db *d)
{
    uv_timer_stop(&d->watch);
    d->phase = PH_IDLE;
    struct db_fail fail = d->fail;
    d->hooks.done(d->hooks.arg, d->failed ? &fail : NULL);
}

static void take_result(struct db *d, const PGresult *r)
{
    switch ((int)PQresultStatus(r)) {
    case PGRES_PIPELINE_SYNC:
        end_group(d);
        break;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        d->hooks.rows(d->hooks.arg, d->stmt, (const struct db_rows *)r);
        break;
    case PGRES_PIPELINE_ABORTED:
        break;
    default:
        db_note_failure(&d->fail, &d->failed, d->stmt, r);
    }
}

/* Reads results while there are whole ones; a hook may have dropped the connection. */
static void read_results(struct db *d)
{
    uint32_t generation = d->generation;
    while (generation == d->generation && d->phase == PH_WAITING && !PQisBusy(d->conn)) {
        PGresult *r = PQgetResult(d->conn);
        bool good = r || PQstatus(d->conn) != CONNECTION_BAD;
        d->stmt += !r;
        if (r)
            take_result(d, r);
        PQclear(r);
        if (!good && generation == d->generation) {
            go_down(d, NULL);
            return;
        }
    }
}

/* ---- groups with COPYs ---------------------------------------------------------------------- */

bool db_is_held(const struct db *d)
{
    return d->carry && db_carry_is_busy(d->carry);
}

static void close_when_quiet(struct db *d);

/* These two in the thread: they read nothing of the connection but its hooks. */
static bool give_copy(void *arg, int k, struct db_copy *out)
{
    const struct db *d = arg;
    return d->hooks.copy(d->hooks.arg, k, out);
}

static void meanwhile(void *arg)
{
    const struct db *d = arg;
    d->hooks.meanwhile(d->hooks.arg);
}

/* What is sent next is often carried as well: the socket is watched only if not. */
static void end_carried(struct db *d)
{
    uint32_t generation = d->generation;
    end_group(d);
    if (generation == d->generation && d->phase == PH_IDLE && watch_events(d, UV_READABLE) < 0)
        go_down(d, NULL);
}

static void on_carry_back(void *arg)
{
    struct db *d = arg;
    const struct db_carried *got = db_carry_got(d->carry);
    bool ours = d->phase == PH_CARRIED;
    if (!ours)
        PQfinish(db_carry_conn(d->carry));
    else
        d->phase = PH_WAITING;
    d->hooks.let_go(d->hooks.arg);
    if (d->closed) {
        close_when_quiet(d);
    } else if (!ours) {
        if (d->phase == PH_CONNECTING && begin_connecting(d) < 0)
            go_down(d, "out of memory");
    } else {
        d->failed = got->failed;
        d->fail = got->fail;
        if (got->alive)
            end_carried(d);
        else
            go_down(d, NULL);
    }
}

int db_sync_copy(struct db *d)
{
    const struct db_carry_hooks h = {d, give_copy, meanwhile, on_carry_back};
    if (d->phase != PH_FILLING)
        return E_AGAIN;
    if (!d->carry && !(d->carry = db_carry_new(d->loop, &h)))
        return E_NOMEM;
    if (uv_is_active((uv_handle_t *)&d->poller->h)) /* stopping asks the kernel, needed or not */
        uv_poll_stop(&d->poller->h);
    d->phase = PH_CARRIED;
    uv_timer_start(&d->watch, on_watch, GROUP_MS, 0);
    db_carry_begin(d->carry, d->conn);
    return E_OK;
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct db *d = ((struct poller *)h->data)->owner;
    if (!d)
        return;
    if (d->phase == PH_CONNECTING) {
        step_connection(d);
        return;
    }
    if (status < 0 || ((events & UV_READABLE) && PQconsumeInput(d->conn) != 1)) {
        go_down(d, NULL);
        return;
    }
    if ((events & UV_WRITABLE) && flush_out(d) < 0) {
        go_down(d, NULL);
        return;
    }
    if (PQstatus(d->conn) == CONNECTION_BAD)
        go_down(d, NULL);
    else
        read_results(d);
}

int db_pid(const struct db *d)
{
    return d->conn ? PQbackendPID(d->conn) : 0;
}

int db_count(const struct db_rows *r)
{
    return PQntuples((const PGresult *)r);
}

const char *db_text(const struct db_rows *r, int row, int col)
{
    return PQgetvalue((const PGresult *)r, row, col);
}

int64_t db_int(const struct db_rows *r, int row, int col)
{
    int64_t x = 0;
    const char *text = db_text(r, row, col);
    return num_parse_i64(text, strlen(text), &x) < 0 ? 0 : x;
}

/* ---- life ----------------------------------------------------------------------------------- */

static void on_resolved(void *arg)
{
    struct db *d = arg;
    if (d->closed)
        close_when_quiet(d);
    else if (d->phase == PH_CONNECTING && !d->conn && !d->failed && !db_is_held(d) &&
             begin_connecting(d) < 0)
        go_down(d, "out of memory");
}

struct db *db_new(uv_loop_t *loop, const struct db_hooks *h)
{
    struct db *d = calloc(1, sizeof(*d));
    if (d)
        d->resolver = resolver_new(loop, NAMES_KEPT_US, on_resolved, d);
    if (!d || !d->resolver) {
        free(d);
        return NULL;
    }
    d->loop = loop;
    d->hooks = *h;
    uv_timer_init(loop, &d->watch);
    d->watch.data = d;
    return d;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct db *d = h->data;
    void (*closed)(void *) = d->closed;
    void *arg = d->closed_arg;
    resolver_free(d->resolver);
    free(d);
    closed(arg);
}

static void on_carry_closed(void *arg)
{
    struct db *d = arg;
    uv_close((uv_handle_t *)&d->watch, on_timer_closed);
}

/* The last of what ends late comes here last. */
static void close_when_quiet(struct db *d)
{
    if (db_is_held(d) || !resolver_idle(d->resolver))
        return;
    if (d->carry)
        db_carry_free(d->carry, on_carry_closed, d);
    else
        on_carry_closed(d);
}

void db_free(struct db *d, void (*closed)(void *arg), void *arg)
{
    db_disconnect(d);
    d->closed = closed;
    d->closed_arg = arg;
    resolver_stop(d->resolver);
    close_when_quiet(d);
}
