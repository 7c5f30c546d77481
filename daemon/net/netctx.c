/* The libwebsockets context on a foreign uv loop (netctx.h). What surprises: the library's log is
 * the only voice for some failures; a failed connect may or may not call back; and the context must
 * be destroyed twice, with loop turns between, before the loop can be closed. */
#include "net/netctx.h"

#include <openssl/x509_vfy.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define VHOSTS_MAX      16
#define LIB_TIMEOUT_S   30 /* the caller's deadlines are shorter, and can say what was late */
#define ORPHAN_US       (60 * 1000000LL)
#define STOP_TURN_MS    5
#define STOP_GRACE_MS   200 /* for close frames to go out */
#define STOP_KILL_MS    300
#define STOP_HANDLES_MS 300
#define LIB_HANDLES_MAX 16

struct vhost {
    char ca_file[256];
    bool deflate;
    struct lws_vhost *vh;
};

enum stop_step { STOP_NOT, STOP_GRACE, STOP_KILL, STOP_HANDLES, STOP_DONE };

struct netctx {
    uv_loop_t *loop;
    struct lws_context *ctx;
    struct session *sessions;
    int n_vhosts;
    struct vhost vhosts[VHOSTS_MAX];
    enum stop_step step;
    uint64_t step_began_ms;
    uv_timer_t timer;
    void (*done)(void *arg);
    void *arg;
    int n_handles; /* what the library itself put on the loop */
    const uv_handle_t *handles[LIB_HANDLES_MAX];
};

static int64_t mono_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* --- callbacks of the library ------------------------------------------------------------------
 */

static void unlink_session(struct session *s)
{
    if (s->link) {
        *s->link = s->next;
        if (s->next)
            s->next->link = s->link;
    }
    s->link = NULL;
    s->next = NULL;
}

static void link_session(struct netctx *n, struct session *s)
{
    s->next = n->sessions;
    s->link = &n->sessions;
    if (s->next)
        s->next->link = &s->next;
    n->sessions = s;
}

static void end_session(struct session *s)
{
    unlink_session(s);
    s->magic = 0;
    s->end(s);
}

/* OpenSSL asks: user is its store context, len says whether its own check passed. */
static int on_certificate(struct session *s, X509_STORE_CTX *store, bool ok)
{
    if (ok)
        return 0;
    s->tls_err = X509_STORE_CTX_get_error(store);
    return 1;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct session *s = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (!s)
        return 0;
    assert(s->magic == SESSION_MAGIC);
    if (reason == LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION)
        return on_certificate(s, user, len != 0);
    if (reason != LWS_CALLBACK_WSI_DESTROY)
        return s->orphan_us ? 0 : s->on(s, reason, in, len);
    s->wsi = NULL;
    s->ended = true;
    lws_set_opaque_user_data(wsi, NULL);
    if (!s->opening)
        end_session(s);
    return 0;
}

/* The library's own words are details behind a cause that the feed reports itself. */
static void on_library_log(int level, const char *line)
{
    size_t n = strcspn(line, "\n");
    log_line(LOG_LV_DEBUG, "libwebsockets: %s: %.*s", level == LLL_ERR ? "error" : "warning",
             (int)n, line);
}

static const struct lws_protocols protocols[] = {
    {"cascaded", on_lws, 0, 16384, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static const struct lws_extension deflate_extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
    {NULL, NULL, NULL},
};

/* --- context and vhosts ------------------------------------------------------------------------
 */

struct handle_walk {
    struct netctx *n;
    int found;
};

static void on_count_handle(uv_handle_t *h, void *arg)
{
    struct handle_walk *w = arg;
    (void)h;
    w->found++;
}

/* uv_walk goes from the oldest handle to the newest: those past the count of before are new. */
static void on_new_handle(uv_handle_t *h, void *arg)
{
    struct handle_walk *w = arg;
    if (w->found-- <= 0 && w->n->n_handles < LIB_HANDLES_MAX)
        w->n->handles[w->n->n_handles++] = h;
}

static void on_left_handle(uv_handle_t *h, void *arg)
{
    struct handle_walk *w = arg;
    for (int i = 0; i < w->n->n_handles; i++)
        w->found += w->n->handles[i] == h;
}

static bool library_holds_handles(struct netctx *n)
{
    struct handle_walk w = {n, 0};
    uv_walk(n->loop, on_left_handle, &w);
    return w.found > 0;
}

static int open_context(struct netctx *n)
{
    void *loops[1] = {n->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .pt_serv_buf_size = 16384,
        .fd_limit_per_thread = 512,
        .max_http_header_pool = 64,
        .max_http_header_data = 8192,
        .timeout_secs = LIB_TIMEOUT_S,
        .connect_timeout_secs = LIB_TIMEOUT_S,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
    struct handle_walk before = {n, 0};
    uv_walk(n->loop, on_count_handle, &before);
    n->ctx = lws_create_context(&info);
    if (!n->ctx)
        return E_IO;
    uv_walk(n->loop, on_new_handle, &before);
    return 0;
}

struct netctx *netctx_new(uv_loop_t *loop, char why[NET_WHY_MAX])
{
    struct netctx *n = calloc(1, sizeof(*n));
    if (!n) {
        snprintf(why, NET_WHY_MAX, "out of memory");
        return NULL;
    }
    n->loop = loop;
    if (open_context(n)) {
        snprintf(
            why, NET_WHY_MAX,
            "libwebsockets did not start: is its libuv plugin (libwebsockets-evlib-uv) installed?");
        free(n);
        return NULL;
    }
    uv_timer_init(loop, &n->timer);
    n->timer.data = n;
    return n;
}

int netctx_check_ca(const char *ca_file, char why[NET_WHY_MAX])
{
    X509_STORE *store = X509_STORE_new();
    int ok = store && X509_STORE_load_file(store, ca_file) == 1;
    X509_STORE_free(store);
    if (ok)
        return 0;
    snprintf(why, NET_WHY_MAX, "CA file %.100s cannot be read as PEM certificates", ca_file);
    return E_IO;
}

/* One vhost for each (CA file, compression): trust belongs to the vhost in this library. */
static struct lws_vhost *vhost_for(struct netctx *n, const struct net_target *t, char *why)
{
    for (int i = 0; i < n->n_vhosts; i++)
        if (strcmp(n->vhosts[i].ca_file, t->ca_file) == 0 && n->vhosts[i].deflate == t->deflate)
            return n->vhosts[i].vh;
    if (n->n_vhosts == VHOSTS_MAX) {
        snprintf(why, NET_WHY_MAX, "more than %d different CA files", VHOSTS_MAX);
        return NULL;
    }
    if (t->ca_file[0] && netctx_check_ca(t->ca_file, why))
        return NULL;
    char name[32];
    snprintf(name, sizeof(name), "client%d", n->n_vhosts);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .vhost_name = name,
        .protocols = protocols,
        .extensions = t->deflate ? deflate_extensions : NULL,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   (t->ca_file[0] ? LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS : 0),
        .client_ssl_ca_filepath = t->ca_file[0] ? t->ca_file : NULL,
        .timeout_secs = LIB_TIMEOUT_S,
        .connect_timeout_secs = LIB_TIMEOUT_S,
    };
    struct vhost *v = &n->vhosts[n->n_vhosts];
    v->vh = lws_create_vhost(n->ctx, &info);
    if (!v->vh) {
        snprintf(why, NET_WHY_MAX, "libwebsockets cannot make a client context");
        return NULL;
    }
    snprintf(v->ca_file, sizeof(v->ca_file), "%s", t->ca_file);
    v->deflate = t->deflate;
    n->n_vhosts++;
    return v->vh;
}

/* --- sessions ----------------------------------------------------------------------------------
 */

static int orphan_end(struct session *s)
{
    s->orphan_us = mono_us();
    return E_IO;
}

/* Failed connects for which the library never said WSI_DESTROY: after a minute it will not come. */
static void sweep_orphans(struct netctx *n, int64_t before_us)
{
    struct session *next;
    for (struct session *s = n->sessions; s; s = next) {
        next = s->next;
        if (s->orphan_us && s->orphan_us <= before_us && !s->wsi)
            end_session(s);
    }
}

void netctx_sweep(struct netctx *n, int64_t now_us)
{
    sweep_orphans(n, now_us - ORPHAN_US);
    for (struct session *s = n->sessions; s; s = s->next) {
        if (s->kill_us == 0 || s->kill_us > now_us)
            continue;
        s->kill_us = 0;
        session_kill(s);
    }
}

static void fill_connect_info(struct netctx *n, struct session *s, const struct net_target *t,
                              struct lws_client_connect_info *ci)
{
    static const lws_retry_bo_t quiet = {.secs_since_valid_ping = 3600,
                                         .secs_since_valid_hangup = 3700};
    ci->context = n->ctx;
    ci->address = t->address;
    ci->port = t->url.port;
    ci->host = ci->origin = t->url.authority;
    ci->ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (t->url.tls ? LCCSCF_USE_SSL : 0);
    ci->alpn = "http/1.1";
    ci->opaque_user_data = s;
    ci->pwsi = &s->wsi;
    ci->retry_and_idle_policy = &quiet; /* pings are the feed's: it must be able to say why */
}

int session_connect(struct netctx *n, struct session *s, const struct net_target *t,
                    struct lws_client_connect_info *ci, char why[NET_WHY_MAX])
{
    s->magic = SESSION_MAGIC;
    s->net = n;
    snprintf(s->cert_name, sizeof(s->cert_name), "%s", t->url.host);
    link_session(n, s);
    ci->vhost = n->step == STOP_NOT ? vhost_for(n, t, why) : NULL;
    if (!ci->vhost)
        return orphan_end(s);
    fill_connect_info(n, s, t, ci);
    snprintf(why, NET_WHY_MAX, "cannot connect to %s port %u", t->address, (unsigned)t->url.port);
    s->opening = true;
    struct lws *wsi = lws_client_connect_via_info(ci);
    s->opening = false;
    lws_cancel_service(n->ctx); /* wakes the library so that it arms its own timers */
    if (wsi && !s->ended)
        return 0;
    return orphan_end(s);
}

void session_kill(struct session *s)
{
    if (!s->wsi || s->ended)
        return;
    lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_cancel_service(s->net->ctx);
}

void session_tls_cause(const struct session *s, char *out, size_t cap)
{
    out[0] = 0;
    switch (s->tls_err) {
    case X509_V_OK:
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(out, cap, "certificate expired");
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(out, cap, "certificate not yet valid");
        return;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(out, cap, "certificate not valid for %s", s->cert_name);
        return;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        snprintf(out, cap, "certificate issuer unknown");
        return;
    default:
        snprintf(out, cap, "certificate refused: %s", X509_verify_cert_error_string(s->tls_err));
    }
}

/* --- stop --------------------------------------------------------------------------------------
 */

static void enter(struct netctx *n, enum stop_step step)
{
    n->step = step;
    n->step_began_ms = uv_now(n->loop);
}

static void on_timer_closed(uv_handle_t *h)
{
    struct netctx *n = h->data;
    n->done(n->arg);
}

static void kill_all(struct netctx *n)
{
    for (struct session *s = n->sessions; s; s = s->next)
        session_kill(s);
}

static bool all_gone(struct netctx *n)
{
    sweep_orphans(n, INT64_MAX);
    return !n->sessions;
}

static void finish(struct netctx *n)
{
    lws_context_destroy(n->ctx);
    n->ctx = NULL;
    while (n->sessions)
        end_session(n->sessions);
    n->step = STOP_DONE;
    uv_close((uv_handle_t *)&n->timer, on_timer_closed);
}

static void on_stop_turn(uv_timer_t *t)
{
    struct netctx *n = t->data;
    uint64_t spent_ms = uv_now(n->loop) - n->step_began_ms;
    bool gone = n->step != STOP_HANDLES && all_gone(n);
    if (n->step == STOP_GRACE && !gone && spent_ms >= STOP_GRACE_MS) {
        kill_all(n);
        enter(n, STOP_KILL);
    } else if (gone || (n->step == STOP_KILL && spent_ms >= STOP_KILL_MS)) {
        lws_context_destroy(n->ctx); /* begins; the second call frees */
        enter(n, STOP_HANDLES);
    } else if (n->step == STOP_HANDLES &&
               (!library_holds_handles(n) || spent_ms >= STOP_HANDLES_MS)) {
        finish(n);
    }
}

void netctx_stop(struct netctx *n, void (*done)(void *arg), void *arg)
{
    n->done = done;
    n->arg = arg;
    enter(n, STOP_GRACE);
    uv_timer_start(&n->timer, on_stop_turn, 0, STOP_TURN_MS);
}

void netctx_free(struct netctx *n)
{
    assert(!n || n->step == STOP_DONE);
    free(n);
}
