/* One connection: lines in, lines out. Input is read into one buffer of the longest line; each pass
 * answers a bounded number of lines, the rest waits for the next turn of the loop. Output that the
 * peer does not take at once is kept: above the soft limit its input is not read any more, above
 * the hard limit it is closed. The loop never waits. The surprising thing: a peer that has closed
 * its sending half still gets everything it asked for; the connection ends when the last byte is
 * handed to the kernel. */
#include "serve/serve_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "serve/rpc.h"

#define LINES_A_PASS 64
#define FIRST_OUT    4096
#define LINGER_US    2000000
#define EOF_WAIT_US  30000000

static struct client *client_of(const uv_handle_t *h)
{
    struct client *c = h->data;
    assert(c->magic == CLIENT_MAGIC);
    return c;
}

struct client *client_find(struct serve *s, uint64_t serial)
{
    for (struct client *c = s->clients; c; c = c->next)
        if (c->serial == serial && !c->closing)
            return c;
    return NULL;
}

static void on_closed(uv_handle_t *h)
{
    struct client *c = client_of(h);
    struct serve *s = c->s;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->st.clients--;
    stream_free(c);
    free(c->in);
    free(c->out);
    free(c->flying);
    c->magic = 0;
    free(c);
    serve_closed(s, 1);
}

void client_close(struct client *c, const char *why)
{
    if (c->closing)
        return;
    c->closing = true;
    if (why)
        log_line(LOG_LV_NOTICE, "socket: client %llu (%s, pid %d) closed: %s",
                 (unsigned long long)c->serial, c->who, (int)c->pid, why);
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

size_t client_queued(const struct client *c)
{
    return c->out_len +
           (c->flying ? uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe) : 0);
}

void client_slow(struct client *c)
{
    c->s->st.dropped_slow++;
    client_close(c, "slow: it does not read what it asked for");
}

/* Room for len more bytes in out; false when out of memory. */
static bool grow(struct client *c, size_t len)
{
    size_t cap = c->out_cap ? c->out_cap : FIRST_OUT;
    while (cap < c->out_len + len)
        cap *= 2;
    if (cap == c->out_cap)
        return true;
    char *p = realloc(c->out, cap);
    if (!p)
        return false;
    c->out = p;
    c->out_cap = cap;
    return true;
}

void client_send(struct client *c, const char *p, size_t len)
{
    if (c->closing)
        return;
    if (client_queued(c) + len > c->s->hard_bytes) {
        client_flush(c);
        if (c->closing)
            return;
    }
    if (client_queued(c) + len > c->s->hard_bytes) {
        client_slow(c);
        return;
    }
    if (!grow(c, len)) {
        client_close(c, "out of memory");
        return;
    }
    memcpy(c->out + c->out_len, p, len);
    c->out_len += len;
}

static void drained(struct client *c);

static void on_written(uv_write_t *w, int status)
{
    struct client *c = w->data;
    assert(c->magic == CLIENT_MAGIC);
    free(c->flying);
    c->flying = NULL;
    if (status < 0)
        client_close(c, status == UV_ECANCELED || status == UV_EPIPE ? NULL : uv_strerror(status));
    else
        drained(c);
}

/* What could not be written at once goes to libuv, with its buffer. */
static void fly(struct client *c, size_t done)
{
    uv_buf_t buf = uv_buf_init(c->out + done, (unsigned)(c->out_len - done));
    c->flying = c->out;
    c->out = NULL;
    c->out_len = c->out_cap = 0;
    c->write.data = c;
    if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &buf, 1, on_written) == 0)
        return;
    free(c->flying);
    c->flying = NULL;
    client_close(c, "cannot be written to");
}

void client_flush(struct client *c)
{
    if (c->closing || c->flying || c->out_len == 0)
        return;
    uv_buf_t buf = uv_buf_init(c->out, (unsigned)c->out_len);
    int n = uv_try_write((uv_stream_t *)&c->pipe, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        client_close(c, n == UV_EPIPE || n == UV_ECONNRESET ? NULL : uv_strerror(n));
        return;
    }
    if (n < 0)
        n = 0;
    if ((size_t)n < c->out_len) {
        fly(c, (size_t)n);
        return;
    }
    c->out_len = 0;
    if (c->out_cap > 65536) {
        free(c->out);
        c->out = NULL;
        c->out_cap = 0;
    }
}

/* Closed when all is said, at the latest after so long. */
void client_end(struct client *c, int64_t within_us)
{
    client_flush(c);
    if (c->closing)
        return;
    if (client_queued(c) == 0 && !c->discard)
        client_close(c, NULL);
    else if (c->t_end_us == 0)
        c->t_end_us = c->s->d.now_us(c->s->d.arg) + within_us;
}

static void too_long(struct client *c)
{
    char line[200];
    int n = snprintf(line, sizeof(line),
                     "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":%d,\"message\":\"a line "
                     "is longer than "
                     "%zu bytes: closing\",\"data\":{\"name\":\"%s\"}}}\n",
                     rpc_errors[RPC_INVALID].code, c->s->request_max, rpc_errors[RPC_INVALID].name);
    c->s->st.errors++;
    client_send(c, line, (size_t)n);
    c->in_len = 0;
    c->discard = true; /* closing with unread input would reset the peer before it reads why */
    client_end(c, LINGER_US);
}

/* Takes the first line off the input; false when there is none. At the end of the input the rest is
 * a line too. */
static bool next_line(struct client *c, size_t *at, size_t *len)
{
    const char *p = c->in + *at, *nl = memchr(p, '\n', c->in_len - *at);
    if (!nl && (!c->eof || *at == c->in_len))
        return false;
    *len = nl ? (size_t)(nl - p) : c->in_len - *at;
    return true;
}

void client_answer(struct client *c)
{
    size_t at = 0, len;
    for (int i = 0; i < LINES_A_PASS && !c->closing && !c->paused && next_line(c, &at, &len); i++) {
        rpc_line(c, c->in + at, len);
        at += len < c->in_len - at ? len + 1 : len;
        if (client_queued(c) > c->s->soft_bytes)
            client_flush(c);
        c->paused = client_queued(c) > c->s->soft_bytes;
    }
    memmove(c->in, c->in + at, c->in_len - at);
    c->in_len -= at;
    client_flush(c);
    at = 0;
    if (c->closing)
        return;
    if (c->paused)
        uv_read_stop((uv_stream_t *)&c->pipe);
    else if (next_line(c, &at, &len))
        serve_wake(c->s);
    else if (c->eof)
        client_end(c, EOF_WAIT_US);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
    static char waste[4096];
    struct client *c = client_of(h);
    (void)hint;
    if (c->discard)
        *buf = uv_buf_init(waste, sizeof(waste));
    else
        *buf = uv_buf_init(c->in + c->in_len, (unsigned)(c->s->request_max + 1 - c->in_len));
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = client_of((uv_handle_t *)h);
    (void)buf;
    if (n == 0 || (n == UV_ENOBUFS && !c->discard)) /* lines wait: they are answered first */
        return;
    if (n < 0) {
        uv_read_stop(h);
        c->eof = true;
        if (n != UV_EOF || c->discard)
            client_close(c, NULL);
        else
            client_answer(c);
        return;
    }
    if (c->discard)
        return;
    c->in_len += (size_t)n;
    client_answer(c);
    if (!c->closing && !c->paused && c->in_len > c->s->request_max &&
        !memchr(c->in, '\n', c->in_len))
        too_long(c);
}

static void drained(struct client *c)
{
    client_flush(c);
    if (c->closing)
        return;
    if (client_queued(c) <= c->s->soft_bytes / 2) {
        if (c->paused && !c->eof)
            uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
        c->paused = false;
        serve_wake(c->s);
    }
    if (c->t_end_us && client_queued(c) == 0 && !c->discard)
        client_close(c, NULL);
}

static void hello(struct client *c)
{
    char line[1024];
    const struct serve *s = c->s;
    struct text t;
    text_init(&t, line, sizeof(line));
    text_str(&t, "{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"params\":{\"service\":\"cascaded\"");
    text_kv_str(&t, "version", CASCADED_VERSION);
    text_kv_i64(&t, "proto", 1);
    text_kv_str(&t, "instance", s->instance);
    text_kv_i64(&t, "epoch", s->d.epoch);
    text_kv_i64(&t, "now_us", s->d.now_us(s->d.arg));
    text_kv_i64(&t, "first_seq", (int64_t)stream_seq(s, s->history.first_n));
    text_kv_i64(&t, "last_seq", (int64_t)stream_seq(s, s->history.last_n));
    text_kv_str(&t, "role", peer_role_name(c->role));
    text_kv_bool(&t, "standby", s->standby);
    text_key(&t, "limits");
    text_str(&t, "{\"request_bytes\":");
    text_i64(&t, (int64_t)s->request_max);
    text_kv_i64(&t, "soft_bytes", (int64_t)s->soft_bytes);
    text_kv_i64(&t, "hard_bytes", (int64_t)s->hard_bytes);
    text_kv_i64(&t, "subscriptions", SUBS_MAX);
    text_kv_i64(&t, "clients", s->client_max);
    text_str(&t, "}}}\n");
    client_send(c, t.buf, t.len);
    client_flush(c);
}

static void refuse_full(struct client *c)
{
    static const char line[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"bye\",\"params\":{\"reason\":\"client_max\"}}\n";
    c->s->st.refused++;
    c->eof = true;
    client_send(c, line, sizeof(line) - 1);
    client_end(c, LINGER_US);
}

static struct client *client_new(struct serve *s)
{
    struct client *c = calloc(1, sizeof(*c));
    if (c)
        c->in = malloc(s->request_max + 1);
    if (!c || !c->in || uv_pipe_init(s->d.loop, &c->pipe, 0) != 0) {
        if (c)
            free(c->in);
        free(c);
        return NULL;
    }
    c->magic = CLIENT_MAGIC;
    c->s = s;
    c->pipe.data = c;
    c->serial = ++s->next_serial;
    c->next_sub = 1;
    c->next = s->clients;
    if (c->next)
        c->next->prev = c;
    s->clients = c;
    s->handles++;
    s->st.clients++;
    return c;
}

void client_accept(struct serve *s)
{
    uv_os_fd_t fd;
    struct client *c = client_new(s);
    if (!c)
        return; /* stays in the backlog; libuv asks again with the next connection */
    if (uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&c->pipe) != 0 ||
        uv_fileno((uv_handle_t *)&c->pipe, &fd) != 0) {
        client_close(c, NULL);
        return;
    }
    s->st.accepted++;
    peer_identify(c, fd);
    if (s->st.clients > s->client_max) {
        refuse_full(c);
        return;
    }
    hello(c);
    if (!c->closing && uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) != 0)
        client_close(c, "cannot be read");
}
