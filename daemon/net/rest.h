/* One HTTP request over the same context as the websockets. The body is handed over whole, once,
 * when the answer is complete. A connection serves one request (the library does not reuse idle
 * ones), so every poll costs a TLS handshake: the caller spreads them. */
#ifndef DAEMON_NET_REST_H
#define DAEMON_NET_REST_H

#include "net/netctx.h"

#define REST_BODY_MAX (32u << 20)

struct rest;

struct rest_result {
    int status;              /* HTTP status; 0 = no complete answer, see cause */
    const char *retry_after; /* the header's text; "" when absent */
    const char *body;
    size_t len;
    const char *cause; /* one phrase when status is 0 or the body is unusable */
};

/* The result's texts live for the call. */
typedef void rest_done(void *arg, const struct rest_result *r);

struct rest_call {
    const char *path; /* with query */
    const char *body; /* "" or NULL = GET, else POST of this JSON */
    rest_done *done;
    void *arg;
};

/* NULL and why[] when nothing could be started; then done is not called. */
struct rest *rest_start(struct netctx *n, const struct net_target *t, const struct rest_call *c,
                        char why[NET_WHY_MAX]);
/* done will not be called. */
void rest_cancel(struct rest *r);

#endif
