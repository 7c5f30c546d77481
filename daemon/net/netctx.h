/* The one libwebsockets context, on the caller's uv loop, and the sessions that live on it. A
 * session is one client socket (websocket or HTTP request); ws.c and rest.c are built on it.
 * Ownership: the context owns every session until the library says WSI_DESTROY; whoever opened it
 * only detaches. Timers of the library are not armed by calls from outside its callbacks, so
 * nothing here relies on them: deadlines belong to the caller. */
#ifndef DAEMON_NET_NETCTX_H
#define DAEMON_NET_NETCTX_H

#include <libwebsockets.h>
#include <uv.h>

#include "base/err.h"
#include "net/url.h"

#define NET_WHY_MAX   160
#define SESSION_MAGIC 0x5e55104eu

struct netctx;

/* The first member of struct ws and struct rest. */
struct session {
    uint32_t magic;
    struct netctx *net;
    struct session *next, **link; /* the context's list; link points at what points here */
    struct lws *wsi;              /* NULL before connecting and after WSI_DESTROY */
    bool opening;                 /* inside lws_client_connect_via_info */
    bool ended;                   /* WSI_DESTROY was seen */
    int tls_err;                  /* X509_V_ERR_* of the certificate refused; 0 none */
    int64_t kill_us;              /* closing in good manners at the longest until then; 0 = open */
    int64_t orphan_us;            /* when its connect failed without WSI_DESTROY; 0 = it did not */
    char cert_name[128];          /* the name the certificate must be valid for */
    /* Every callback of the library but WSI_DESTROY; non-zero closes the connection. */
    int (*on)(struct session *s, enum lws_callback_reasons reason, void *in, size_t len);
    /* WSI_DESTROY: last words to the owner, then frees the session. */
    void (*end)(struct session *s);
};

/* Where to connect: an address already resolved, the name for TLS and Host, and the trust. */
struct net_target {
    struct url url;
    char address[64];
    char ca_file[256]; /* "" = the system's CAs */
    bool deflate;
};

/* NULL and why[] when the library has no libuv plugin or no memory. */
struct netctx *netctx_new(uv_loop_t *loop, char why[NET_WHY_MAX]);

/* Can this file serve as trust? 0, or E_IO and why[]. */
int netctx_check_ca(const char *ca_file, char why[NET_WHY_MAX]) MUST_CHECK;

/* Starts the connection. 0, or E_IO / E_LIMIT and why[]: then s->on and s->end are not called and
 * the context frees s in its own time. ci holds method, protocol and the like. */
int session_connect(struct netctx *n, struct session *s, const struct net_target *t,
                    struct lws_client_connect_info *ci, char why[NET_WHY_MAX]) MUST_CHECK;

/* Closes at once, whatever the state; s->end follows from the loop. */
void session_kill(struct session *s);

/* Once a second or so: ends what closes too slowly and forgets failed connects. */
void netctx_sweep(struct netctx *n, int64_t now_us);

/* What the certificate check said, as one phrase; "" when it was not the reason. */
void session_tls_cause(const struct session *s, char *out, size_t cap);

/* Closes everything left, then the context; done(arg) once. Bounded: about a second. */
void netctx_stop(struct netctx *n, void (*done)(void *arg), void *arg);
void netctx_free(struct netctx *n); /* after done */

#endif
