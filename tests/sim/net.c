/* TLS over libuv by memory BIOs. In: TCP bytes. Out: requests and websocket messages to the
 * handlers; replies and frames back. Owner of every connection until its close callback.
 * Surprising: what is queued by net_send_* leaves in one TLS write per flush, which is what keeps
 * some thousand frames a second cheap; a reader that lets 64 MB pile up is cut. */
#include "sim/net.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/net_conn.h"

#define CLOGGED (4u << 20)

struct net_server {
    uv_tcp_t tcp;
    SSL_CTX *tls;
    struct net_handlers h;
    struct net_conn *first;
    int port;
    bool closing;
};

/* --- output ---------------------------------------------------------------------------------- */

void net_conn_put(struct net_conn *c, const void *p, size_t n)
{
    if (c->closing)
        return;
    if (c->out_len + n > c->out_cap) {
        size_t cap = c->out_cap ? c->out_cap : 16384;
        while (cap < c->out_len + n)
            cap *= 2;
        char *q = realloc(c->out, cap);
        if (!q) {
            net_close(c, 0);
            return;
        }
        c->out = q;
        c->out_cap = cap;
    }
    memcpy(c->out + c->out_len, p, n);
    c->out_len += n;
}

static void on_written(uv_write_t *w, int status)
{
    struct net_conn *c = w->data;
    free(w);
    c->writes--;
    if ((status < 0 || (c->close_after && c->writes == 0)) && !c->closing)
        net_close(c, 0);
}

/* Moves what TLS wants to send to the socket. */
static void pump_out(struct net_conn *c)
{
    size_t n = BIO_ctrl_pending(c->wbio);
    if (n == 0 || c->closing)
        return;
    uv_write_t *w = malloc(sizeof *w + n);
    if (!w || uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp) > (64u << 20)) {
        free(w);
        net_close(c, 0);
        return;
    }
    char *data = (char *)(w + 1);
    int got = BIO_read(c->wbio, data, (int)n);
    uv_buf_t b = uv_buf_init(data, (unsigned)(got > 0 ? got : 0));
    w->data = c;
    c->writes++;
    if (got <= 0 || uv_write(w, (uv_stream_t *)&c->tcp, &b, 1, on_written) != 0) {
        c->writes--;
        free(w);
        net_close(c, 0);
    }
}

void net_flush(struct net_conn *c)
{
    if (c->closing || c->frozen || !SSL_is_init_finished(c->ssl))
        return;
    size_t len = c->out_len;
    if (c->dripping && len > c->drip_left)
        len = c->drip_left;
    if (len) {
        int n = SSL_write(c->ssl, c->out, (int)len);
        memmove(c->out, c->out + len, c->out_len - len);
        c->out_len -= len;
        c->drip_left -= c->dripping ? len : 0;
        if (n <= 0) {
            net_close(c, 0);
            return;
        }
    }
    pump_out(c);
}

bool net_conn_clogged(const struct net_conn *c)
{
    return c->frozen || (c->dripping && c->out_len > CLOGGED);
}

void net_drip(struct net_conn *c, int bytes)
{
    c->dripping = bytes >= 0;
    c->drip_left = bytes > 0 ? (size_t)bytes : 0;
}

void net_freeze(struct net_conn *c)
{
    c->frozen = true;
}

/* --- life ------------------------------------------------------------------------------------ */

static void on_conn_closed(uv_handle_t *h)
{
    struct net_conn *c = h->data;
    SSL_free(c->ssl);
    free(c->in);
    free(c->out);
    free(c->msg);
    free(c);
}

static void unlink_conn(struct net_conn *c)
{
    for (struct net_conn **p = &c->server->first; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            return;
        }
}

void net_close(struct net_conn *c, int code)
{
    if (c->closing)
        return;
    if (code && c->is_ws) {
        net_close_with(c, code, "");
        return;
    }
    c->closing = true;
    unlink_conn(c);
    if (c->is_ws)
        c->h->closed(c->h->arg, c);
    uv_close((uv_handle_t *)&c->tcp, on_conn_closed);
}

void net_close_with(struct net_conn *c, int code, const char *reason)
{
    if (c->closing)
        return;
    net_ws_close_frame(c, code, reason);
    c->close_after = true;
    net_flush(c);
    if (c->writes == 0 && !c->closing)
        net_close(c, 0);
}

void net_set_user(struct net_conn *c, void *user)
{
    c->user = user;
}

void *net_user(const struct net_conn *c)
{
    return c->user;
}

/* --- input ----------------------------------------------------------------------------------- */

static bool in_put(struct net_conn *c, const char *p, size_t n)
{
    if (c->in_len + n > NET_IN_MAX)
        return false;
    if (c->in_len + n > c->in_cap) {
        char *q = realloc(c->in, c->in_len + n + 4096);
        if (!q)
            return false;
        c->in = q;
        c->in_cap = c->in_len + n + 4096;
    }
    memcpy(c->in + c->in_len, p, n);
    c->in_len += n;
    return true;
}

static void drop_in(struct net_conn *c, size_t n)
{
    memmove(c->in, c->in + n, c->in_len - n);
    c->in_len -= n;
}

static void consume(struct net_conn *c)
{
    while (!c->closing && c->in_len) {
        long used = c->is_ws ? net_ws_take(c) : net_http_take(c);
        if (used < 0) {
            net_close(c, 0);
            return;
        }
        if (used == 0)
            return;
        if (!c->closing)
            drop_in(c, (size_t)used);
    }
}

static void pump_in(struct net_conn *c)
{
    char buf[16384];
    if (!SSL_is_init_finished(c->ssl)) {
        int r = SSL_do_handshake(c->ssl);
        pump_out(c);
        if (c->closing)
            return;
        if (r != 1) {
            int e = SSL_get_error(c->ssl, r);
            if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
                net_close(c, 0);
            ERR_clear_error();
            return;
        }
    }
    for (;;) {
        int n = SSL_read(c->ssl, buf, sizeof buf);
        if (n <= 0) {
            int e = SSL_get_error(c->ssl, n);
            ERR_clear_error();
            if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
                net_close(c, 0);
            break;
        }
        if (!in_put(c, buf, (size_t)n)) {
            net_close(c, 0);
            break;
        }
    }
    if (!c->closing)
        consume(c);
    if (!c->closing)
        net_flush(c);
}

static void on_alloc(uv_handle_t *h, size_t want, uv_buf_t *b)
{
    struct net_conn *c = h->data;
    (void)want;
    *b = uv_buf_init(c->raw, sizeof c->raw);
}

static void on_read(uv_stream_t *t, ssize_t n, const uv_buf_t *b)
{
    struct net_conn *c = t->data;
    if (n < 0) {
        net_close(c, 0);
        return;
    }
    if (n == 0 || c->closing || c->frozen)
        return;
    BIO_write(c->rbio, b->base, (int)n);
    pump_in(c);
}

/* --- server ---------------------------------------------------------------------------------- */

static void on_refused(uv_handle_t *h)
{
    free(h->data);
}

static void on_connection(uv_stream_t *l, int status)
{
    struct net_server *s = l->data;
    if (status < 0)
        return;
    struct net_conn *c = calloc(1, sizeof *c);
    if (!c)
        return;
    c->server = s;
    c->h = &s->h;
    uv_tcp_init(l->loop, &c->tcp);
    c->tcp.data = c;
    if (uv_accept(l, (uv_stream_t *)&c->tcp) != 0 || !s->h.accept(s->h.arg)) {
        uv_close((uv_handle_t *)&c->tcp, on_refused);
        return;
    }
    c->ssl = SSL_new(s->tls);
    c->rbio = BIO_new(BIO_s_mem());
    c->wbio = BIO_new(BIO_s_mem());
    if (!c->ssl || !c->rbio || !c->wbio)
        abort(); /* a test program out of memory */
    SSL_set_bio(c->ssl, c->rbio, c->wbio);
    SSL_set_accept_state(c->ssl);
    uv_tcp_nodelay(&c->tcp, 1);
    c->next = s->first;
    s->first = c;
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

/* Venues negotiate HTTP/1.1 for websockets. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)arg;
    unsigned char *pick = NULL;
    if (SSL_select_next_proto(&pick, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = pick;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *tls_new(const char *cert, const char *key)
{
    SSL_CTX *x = SSL_CTX_new(TLS_server_method());
    if (!x || SSL_CTX_use_certificate_chain_file(x, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(x, key, SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "cascade-sim: cannot use certificate %s with key %s\n", cert, key);
        SSL_CTX_free(x);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION);
    SSL_CTX_set_mode(x, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(x, on_alpn, NULL);
    return x;
}

struct net_server *net_listen(uv_loop_t *loop, int port, const char *cert, const char *key,
                              const struct net_handlers *h)
{
    struct net_server *s = calloc(1, sizeof *s);
    struct sockaddr_storage ss;
    struct sockaddr_in a;
    int len = sizeof ss;
    if (!s || !(s->tls = tls_new(cert, key))) {
        free(s);
        return NULL;
    }
    s->h = *h;
    uv_tcp_init(loop, &s->tcp);
    s->tcp.data = s;
    uv_ip4_addr("127.0.0.1", port, &a);
    int e = uv_tcp_bind(&s->tcp, (const struct sockaddr *)&a, 0);
    if (e == 0)
        e = uv_listen((uv_stream_t *)&s->tcp, 64, on_connection);
    if (e == 0)
        e = uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&ss, &len);
    if (e) {
        fprintf(stderr, "cascade-sim: cannot listen on port %d: %s\n", port, uv_strerror(e));
        net_server_free(s);
        return NULL;
    }
    memcpy(&a, &ss, sizeof a);
    s->port = ntohs(a.sin_port);
    return s;
}

int net_port(const struct net_server *s)
{
    return s->port;
}

void net_drop_all(struct net_server *s)
{
    while (s->first)
        net_close(s->first, 0);
}

int net_certificate(struct net_server *s, const char *cert, const char *key)
{
    SSL_CTX *tls = tls_new(cert, key);
    if (!tls)
        return -1;
    SSL_CTX_free(s->tls); /* connections hold on to theirs */
    s->tls = tls;
    return 0;
}

static void on_server_closed(uv_handle_t *h)
{
    struct net_server *s = h->data;
    SSL_CTX_free(s->tls);
    free(s);
}

void net_server_free(struct net_server *s)
{
    if (!s || s->closing)
        return;
    s->closing = true;
    net_drop_all(s);
    uv_close((uv_handle_t *)&s->tcp, on_server_closed);
}
