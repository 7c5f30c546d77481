/* Client websockets over libwebsockets (ws.h). The library delivers fragments of its 16 KB buffer
 * and ends a connection in four different ways; here that becomes whole messages and one `gone`.
 * Writing is only allowed in its writeable callback, one frame each. */
#include "net/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_US    (2 * 1000000LL) /* for a close frame to go out */
#define KEEP_BUFFER (1u << 20)      /* a larger reassembly buffer is given back after its message */

/* The opcode between LWS_WRITE_HTTP and LWS_WRITE_PING, which the public header leaves out. */
#define WRITE_CLOSE ((enum lws_write_protocol)4)

struct frame {
    struct frame *next;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE, then the text */
};

struct ws {
    struct session s; /* first */
    struct ws_events ev;
    bool attached, up, closing, close_sent, ping_due, oversized;
    int http_status;
    char cause[160];
    struct frame *out, **out_end;
    size_t queued;
    char *buf; /* fragments so far */
    size_t len, cap;
};

static struct ws *ws_of(struct session *s)
{
    return (struct ws *)s;
}

static void say_gone(struct ws *w)
{
    if (!w->attached)
        return;
    w->attached = false;
    struct ws_end end = {.cause = w->cause[0] ? w->cause : "connection lost",
                         .http_status = w->http_status,
                         .oversized = w->oversized};
    w->ev.gone(w->ev.arg, &end);
}

static void on_end(struct session *s)
{
    struct ws *w = ws_of(s);
    say_gone(w);
    while (w->out) {
        struct frame *f = w->out;
        w->out = f->next;
        free(f);
    }
    free(w->buf);
    free(w);
}

/* --- receiving ---------------------------------------------------------------------------------
 */

static int too_large(struct ws *w)
{
    w->oversized = true;
    snprintf(w->cause, sizeof(w->cause), "message over %u bytes", WS_MESSAGE_MAX);
    return -1;
}

static int grow(struct ws *w, size_t need)
{
    size_t cap = w->cap ? w->cap : 65536;
    while (cap < need)
        cap *= 2;
    char *p = realloc(w->buf, cap);
    if (!p) {
        snprintf(w->cause, sizeof(w->cause), "out of memory for a message");
        return -1;
    }
    w->buf = p;
    w->cap = cap;
    return 0;
}

static void drop_buffer(struct ws *w)
{
    w->len = 0;
    if (w->cap <= KEEP_BUFFER)
        return;
    free(w->buf);
    w->buf = NULL;
    w->cap = 0;
}

static int on_receive(struct ws *w, const char *in, size_t len)
{
    struct lws *wsi = w->s.wsi;
    bool complete = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
    if (!w->attached)
        return 0;
    if (complete && w->len == 0) {
        w->ev.text(w->ev.arg, in, len);
        return 0;
    }
    if (w->len + len > WS_MESSAGE_MAX || lws_remaining_packet_payload(wsi) > WS_MESSAGE_MAX)
        return too_large(w);
    if (w->len + len > w->cap && grow(w, w->len + len))
        return -1;
    memcpy(w->buf + w->len, in, len);
    w->len += len;
    if (!complete)
        return 0;
    w->ev.text(w->ev.arg, w->buf, w->len);
    drop_buffer(w);
    return 0;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static int write_ping(struct ws *w)
{
    unsigned char bytes[LWS_PRE + 4] = {0};
    w->ping_due = false;
    return lws_write(w->s.wsi, bytes + LWS_PRE, 0, LWS_WRITE_PING) < 0 ? -1 : 0;
}

static int write_frame(struct ws *w)
{
    struct frame *f = w->out;
    w->out = f->next;
    if (!w->out)
        w->out_end = &w->out;
    w->queued -= f->len;
    int n = lws_write(w->s.wsi, f->bytes + LWS_PRE, f->len, LWS_WRITE_TEXT);
    free(f);
    return n < 0 ? -1 : 0;
}

/* By hand: when a callback on a uv loop asks for closing, a library built with _DEBUG, as Debian's
 * is, closes a second time at once "to confirm close has no problem being called again", and the
 * close frame of lws_close_reason is never sent. */
static int write_close(struct ws *w)
{
    unsigned char bytes[LWS_PRE + 2] = {0};
    if (w->close_sent)
        return -1;
    w->close_sent = true;
    bytes[LWS_PRE] = LWS_CLOSE_STATUS_NORMAL >> 8;
    bytes[LWS_PRE + 1] = LWS_CLOSE_STATUS_NORMAL & 255;
    return lws_write(w->s.wsi, bytes + LWS_PRE, 2, WRITE_CLOSE) < 0 ? -1 : 0;
}

static int on_writeable(struct ws *w)
{
    int err = 0;
    if (w->ping_due) {
        err = write_ping(w);
    } else if (w->out) {
        err = write_frame(w);
    } else if (w->closing) {
        err = write_close(w);
    }
    if (!err && (w->ping_due || w->out || w->closing))
        lws_callback_on_writable(w->s.wsi);
    return err;
}

int ws_send(struct ws *w, const char *text, size_t n)
{
    if (w->queued + n > WS_QUEUE_MAX)
        return E_LIMIT;
    struct frame *f = malloc(sizeof(*f) + LWS_PRE + n);
    if (!f)
        return E_NOMEM;
    f->next = NULL;
    f->len = n;
    memcpy(f->bytes + LWS_PRE, text, n);
    *w->out_end = f;
    w->out_end = &f->next;
    w->queued += n;
    lws_callback_on_writable(w->s.wsi);
    return 0;
}

void ws_ping(struct ws *w)
{
    w->ping_due = true;
    lws_callback_on_writable(w->s.wsi);
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_refused(struct ws *w, const char *said, size_t len)
{
    w->http_status = (int)lws_http_client_http_response(w->s.wsi);
    session_tls_cause(&w->s, w->cause, sizeof(w->cause));
    if (w->cause[0])
        return;
    if (w->http_status && w->http_status != 101)
        snprintf(w->cause, sizeof(w->cause), "upgrade refused with HTTP status %d", w->http_status);
    else
        snprintf(w->cause, sizeof(w->cause), "cannot connect: %.*s",
                 said ? (int)(len > 100 ? 100 : len) : 0, said ? said : "");
}

/* in: two bytes of code, then a reason; both may be absent. The venue's words are shown printable.
 */
static void on_peer_close(struct ws *w, const unsigned char *in, size_t len)
{
    if (len < 2) {
        snprintf(w->cause, sizeof(w->cause), "closed by the venue without a code");
        return;
    }
    char reason[80];
    size_t n = 0;
    for (size_t i = 2; i < len && n + 1 < sizeof(reason); i++)
        reason[n++] = in[i] >= 0x20 && in[i] < 0x7f ? (char)in[i] : '?';
    reason[n] = 0;
    snprintf(w->cause, sizeof(w->cause), "closed by the venue with code %d%s%s", in[0] << 8 | in[1],
             n ? ": " : "", reason);
}

static int on_event(struct session *s, enum lws_callback_reasons reason, void *in, size_t len)
{
    struct ws *w = ws_of(s);
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        if (w->attached)
            w->ev.handshake(w->ev.arg);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        w->up = true;
        if (w->attached)
            w->ev.up(w->ev.arg);
        return w->attached || w->closing ? 0 : -1;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_receive(w, in, len);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (w->attached)
            w->ev.pong(w->ev.arg);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writeable(w);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        on_peer_close(w, in, len);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (!w->cause[0])
            on_refused(w, in, len);
        if (!s->opening)
            say_gone(w);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        if (!w->cause[0])
            snprintf(w->cause, sizeof(w->cause), "closed before the upgrade was answered");
        say_gone(w);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        say_gone(w);
        return 0;
    default:
        return 0;
    }
}

struct ws *ws_open(struct netctx *n, const struct net_target *t, const struct ws_events *ev,
                   char why[NET_WHY_MAX])
{
    struct ws *w = calloc(1, sizeof(*w));
    if (!w) {
        snprintf(why, NET_WHY_MAX, "out of memory");
        return NULL;
    }
    w->s.on = on_event;
    w->s.end = on_end;
    w->ev = *ev;
    w->attached = true;
    w->out_end = &w->out;
    struct lws_client_connect_info ci = {.path = t->url.path};
    if (session_connect(n, &w->s, t, &ci, why) == 0)
        return w;
    w->attached = false;
    if (w->cause[0])
        snprintf(why, NET_WHY_MAX, "%s", w->cause);
    return NULL;
}

void ws_close(struct ws *w, bool graceful)
{
    w->attached = false;
    if (graceful && w->up) {
        w->closing = true;
        w->s.kill_us = (int64_t)(uv_hrtime() / 1000) + CLOSE_US;
        lws_callback_on_writable(w->s.wsi);
        return;
    }
    session_kill(&w->s);
}
