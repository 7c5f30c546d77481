/* HTTP requests over libwebsockets (rest.h). An answer may end by COMPLETED, or by CLOSED and
 * WSI_DESTROY alone: only the first end counts, and an answer that named its length or came in
 * chunks is complete only if the library says so. */
#include "net/rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_BODY_MAX (64u << 10) /* of an answer that is not 200; the rest is not kept */

struct rest {
    struct session s; /* first */
    rest_done *done;  /* NULL = said, or cancelled */
    void *arg;
    int status;
    bool framed;                /* length or chunks announced: a close is not the end of the body */
    char *read_from, **read_to; /* while the library reads */
    char retry_after[64];
    char cause[160];
    char *buf;
    size_t len, cap;
    size_t body_len;
    bool body_sent;
    unsigned char body[LWS_PRE + 512];
};

static struct rest *rest_of(struct session *s)
{
    return (struct rest *)s;
}

static void say_done(struct rest *r, bool complete)
{
    rest_done *done = r->done;
    if (!done)
        return;
    r->done = NULL;
    if (!complete && !r->cause[0])
        snprintf(r->cause, sizeof(r->cause),
                 r->status ? "answer cut short" : "closed without an answer");
    struct rest_result res = {.status = complete ? r->status : 0,
                              .retry_after = r->retry_after,
                              .body = r->len ? r->buf : "",
                              .len = r->len,
                              .cause = r->cause};
    done(r->arg, &res);
}

static void on_end(struct session *s)
{
    struct rest *r = rest_of(s);
    say_done(r, false);
    free(r->buf);
    free(r);
}

/* --- the request -------------------------------------------------------------------------------
 */

static int add_header(struct lws *wsi, const char *name, const char *value, unsigned char **p,
                      unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p, end);
}

static int on_headers(struct rest *r, unsigned char **p, size_t room)
{
    unsigned char *end = *p + room;
    struct lws *wsi = r->s.wsi;
    char length[24];
    if (add_header(wsi, "user-agent:", "cascaded/" CASCADED_VERSION, p, end) ||
        add_header(wsi, "accept:", "application/json", p, end))
        return -1;
    if (r->body_len == 0)
        return 0;
    snprintf(length, sizeof(length), "%zu", r->body_len);
    if (add_header(wsi, "content-type:", "application/json", p, end) ||
        add_header(wsi, "content-length:", length, p, end))
        return -1;
    lws_client_http_body_pending(wsi, 1);
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_writeable(struct rest *r)
{
    if (r->body_len == 0 || r->body_sent)
        return 0;
    r->body_sent = true;
    lws_client_http_body_pending(r->s.wsi, 0);
    int n = lws_write(r->s.wsi, r->body + LWS_PRE, r->body_len, LWS_WRITE_HTTP_FINAL);
    return n < 0 ? -1 : 0;
}

/* --- the answer --------------------------------------------------------------------------------
 */

static void on_status(struct rest *r)
{
    struct lws *wsi = r->s.wsi;
    r->status = (int)lws_http_client_http_response(wsi);
    r->framed = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
                lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    if (lws_hdr_copy(wsi, r->retry_after, sizeof(r->retry_after), WSI_TOKEN_HTTP_RETRY_AFTER) < 0)
        r->retry_after[0] = 0;
}

static int on_data(struct rest *r, const char *in, size_t len)
{
    if (!r->done)
        return -1;
    if (r->status != 200) {
        size_t room = ERROR_BODY_MAX - r->len;
        len = len < room ? len : room;
    }
    if (r->len + len > REST_BODY_MAX) {
        snprintf(r->cause, sizeof(r->cause), "answer over %u bytes", REST_BODY_MAX);
        return -1;
    }
    if (r->len + len > r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16384;
        while (cap < r->len + len)
            cap *= 2;
        char *p = realloc(r->buf, cap);
        if (!p) {
            snprintf(r->cause, sizeof(r->cause), "out of memory for an answer");
            return -1;
        }
        r->buf = p;
        r->cap = cap;
    }
    memcpy(r->buf + r->len, in, len);
    r->len += len;
    return 0;
}

/* The library unwraps chunks into the buffer we lend it and calls back with
 * RECEIVE_CLIENT_HTTP_READ; it moves p over what it read. */
static int drain(struct rest *r)
{
    char buf[LWS_PRE + 16384];
    char *p = buf + LWS_PRE;
    int n = (int)sizeof(buf) - LWS_PRE;
    r->read_from = p;
    r->read_to = &p;
    int err = lws_http_client_read(r->s.wsi, &p, &n) < 0 ? -1 : 0;
    r->read_to = NULL;
    return err;
}

/* An announced body ends by what was read, not by the venue hanging up. */
static bool ended_by_text(const struct rest *r)
{
    return !r->framed || r->len == 0 || (r->read_to && *r->read_to != r->read_from);
}

static void on_refused(struct rest *r, const char *said, size_t len)
{
    if (r->cause[0])
        return;
    session_tls_cause(&r->s, r->cause, sizeof(r->cause));
    if (!r->cause[0])
        snprintf(r->cause, sizeof(r->cause), "cannot connect: %.*s",
                 said ? (int)(len > 100 ? 100 : len) : 0, said ? said : "");
    if (!r->s.opening)
        say_done(r, false);
}

static int on_event(struct session *s, enum lws_callback_reasons reason, void *in, size_t len)
{
    struct rest *r = rest_of(s);
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return on_headers(r, in, len);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return on_writeable(r);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        on_status(r);
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return drain(r);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return on_data(r, in, len);
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        say_done(r, ended_by_text(r));
        return -1; /* one request a connection */
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_refused(r, in, len);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        say_done(r, r->status && !r->framed && !r->cause[0]);
        return 0;
    default:
        return 0;
    }
}

struct rest *rest_start(struct netctx *n, const struct net_target *t, const struct rest_call *c,
                        char why[NET_WHY_MAX])
{
    size_t body_len = c->body ? strlen(c->body) : 0;
    struct rest *r = calloc(1, sizeof(*r));
    if (!r || body_len > sizeof(r->body) - LWS_PRE) {
        snprintf(why, NET_WHY_MAX, r ? "request body too long" : "out of memory");
        free(r);
        return NULL;
    }
    r->s.on = on_event;
    r->s.end = on_end;
    r->done = c->done;
    r->arg = c->arg;
    r->body_len = body_len;
    if (body_len)
        memcpy(r->body + LWS_PRE, c->body, body_len);
    struct lws_client_connect_info ci = {
        .path = c->path, .method = body_len ? "POST" : "GET", .protocol = "cascaded"};
    if (session_connect(n, &r->s, t, &ci, why) == 0)
        return r;
    r->done = NULL;
    if (r->cause[0])
        snprintf(why, NET_WHY_MAX, "%s", r->cause);
    return NULL;
}

void rest_cancel(struct rest *r)
{
    r->done = NULL;
    session_kill(&r->s);
}
