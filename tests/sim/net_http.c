/* HTTP/1.1 requests and RFC 6455 framing, server side. In: decrypted bytes of a connection. Out:
 * calls of its handlers, bytes queued for it. Client frames must be masked; server frames are not.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/net_conn.h"

enum { OP_CONT = 0, OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

/* --- HTTP ------------------------------------------------------------------------------------ */

static bool header(const char *head, const char *end, const char *name, char *out, size_t cap)
{
    size_t n = strlen(name);
    for (const char *p = head; p < end;) {
        const char *eol = memchr(p, '\r', (size_t)(end - p));
        if (!eol)
            eol = end;
        if ((size_t)(eol - p) > n && p[n] == ':' && strncasecmp(p, name, n) == 0) {
            const char *v = p + n + 1;
            while (v < eol && *v == ' ')
                v++;
            if ((size_t)(eol - v) >= cap)
                return false;
            memcpy(out, v, (size_t)(eol - v));
            out[eol - v] = 0;
            return true;
        }
        p = eol + 2;
    }
    return false;
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {{101, "Switching Protocols"}, {200, "OK"},
                {400, "Bad Request"},         {403, "Forbidden"},
                {404, "Not Found"},           {418, "I'm a teapot"},
                {429, "Too Many Requests"},   {500, "Internal Server Error"},
                {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return rows[i].text;
    return "Error";
}

void net_reply(struct net_conn *c, const struct net_answer *a)
{
    char head[1024];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n",
                     a->status, reason(a->status), a->type, a->len, a->headers);
    net_conn_put(c, head, (size_t)n);
    net_conn_put(c, a->body, a->len);
    net_flush(c);
}

/* RFC 6455 section 4.2.2: base64(SHA-1(key + GUID)). */
static void accept_key(const char *key, char out[32])
{
    char text[128];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int len = snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    EVP_Digest(text, (size_t)len, sum, &n, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)out, sum, (int)n);
}

static void upgrade(struct net_conn *c, const struct net_request *r)
{
    char head[256], key[32];
    switch (c->h->upgrade(c->h->arg, c, r)) {
    case NET_IGNORE:
        c->muted = true; /* stays open and says nothing */
        return;
    case NET_REFUSE:
        if (!c->closing)
            net_reply(c, &(struct net_answer){403, "", "text/plain", "forbidden", 9});
        return;
    case NET_ACCEPT:
        break;
    }
    accept_key(r->ws_key, key);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                     "Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     key);
    net_conn_put(c, head, (size_t)n);
    c->is_ws = true;
    if (c->h->open)
        c->h->open(c->h->arg, c);
}

long net_http_take(struct net_conn *c)
{
    struct net_request r = {.body = ""};
    char length[16] = "", line[1100];
    if (c->muted)
        return (long)c->in_len;
    const char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    if (!end)
        return c->in_len > 16384 ? -1 : 0;
    const char *eol = memchr(c->in, '\r', c->in_len);
    size_t n = (size_t)(eol - c->in);
    if (n >= sizeof line)
        return -1;
    memcpy(line, c->in, n);
    line[n] = 0;
    if (sscanf(line, "%7s %1023s HTTP/1.1", r.method, r.path) != 2)
        return -1;
    size_t head = (size_t)(end - c->in) + 4;
    if (header(eol + 2, end, "content-length", length, sizeof length))
        r.body_len = (size_t)strtoul(length, NULL, 10);
    if (r.body_len > NET_IN_MAX)
        return -1;
    if (c->in_len < head + r.body_len)
        return 0;
    r.body = c->in + head;
    if (header(eol + 2, end, "sec-websocket-key", r.ws_key, sizeof r.ws_key))
        upgrade(c, &r);
    else
        c->h->request(c->h->arg, c, &r);
    return (long)(head + r.body_len);
}

/* --- websocket ------------------------------------------------------------------------------- */

static void frame_head(struct net_conn *c, int op, size_t len)
{
    unsigned char h[10] = {(unsigned char)(0x80 | op)};
    size_t n = 2;
    if (len < 126) {
        h[1] = (unsigned char)len;
    } else if (len < 65536) {
        h[1] = 126;
        h[2] = (unsigned char)(len >> 8);
        h[3] = (unsigned char)len;
        n = 4;
    } else {
        h[1] = 127;
        for (int i = 0; i < 8; i++)
            h[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
        n = 10;
    }
    net_conn_put(c, h, n);
}

void net_send_text(struct net_conn *c, const char *text, size_t len)
{
    if (net_conn_clogged(c))
        return;
    frame_head(c, OP_TEXT, len);
    net_conn_put(c, text, len);
}

void net_send_text2(struct net_conn *c, const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (net_conn_clogged(c))
        return;
    frame_head(c, OP_TEXT, a_len + b_len + 1);
    net_conn_put(c, a, a_len);
    net_conn_put(c, b, b_len);
    net_conn_put(c, "}", 1);
}

void net_ping(struct net_conn *c)
{
    frame_head(c, OP_PING, 4);
    net_conn_put(c, "ping", 4);
}

void net_ws_close_frame(struct net_conn *c, int code, const char *reason)
{
    unsigned char b[2] = {(unsigned char)(code >> 8), (unsigned char)code};
    size_t n = strlen(reason) < 120 ? strlen(reason) : 120;
    frame_head(c, OP_CLOSE, code ? 2 + n : 0);
    if (code) {
        net_conn_put(c, b, 2);
        net_conn_put(c, reason, n);
    }
}

static void got_text(struct net_conn *c, const char *p, size_t n, bool fin)
{
    if (fin && c->msg_len == 0) {
        c->h->message(c->h->arg, c, p, n);
        return;
    }
    char *q = c->msg_len + n <= NET_IN_MAX ? realloc(c->msg, c->msg_len + n + 1) : NULL;
    if (!q) {
        net_close(c, 1009);
        return;
    }
    c->msg = q;
    memcpy(q + c->msg_len, p, n);
    c->msg_len += n;
    if (fin) {
        n = c->msg_len;
        c->msg_len = 0;
        c->h->message(c->h->arg, c, q, n);
    }
}

static void got_frame(struct net_conn *c, int op, bool fin, char *p, size_t n)
{
    if (op == OP_TEXT || op == OP_CONT) {
        got_text(c, p, n, fin);
    } else if (op == OP_PING || op == OP_PONG) {
        if (op == OP_PING) {
            frame_head(c, OP_PONG, n);
            net_conn_put(c, p, n);
        }
        if (c->h->control)
            c->h->control(c->h->arg, c);
    } else {
        net_close(c, 1000);
    }
}

long net_ws_take(struct net_conn *c)
{
    unsigned char *p = (unsigned char *)c->in;
    if (c->in_len < 2)
        return 0;
    size_t n = p[1] & 127, head = 2;
    if (!(p[1] & 128) || n == 127)
        return -1; /* unmasked, or far longer than any request */
    if (n == 126) {
        if (c->in_len < 4)
            return 0;
        n = (size_t)p[2] << 8 | p[3];
        head = 4;
    }
    if (c->in_len < head + 4 + n)
        return 0;
    unsigned char *mask = p + head, *data = mask + 4;
    for (size_t i = 0; i < n; i++)
        data[i] ^= mask[i & 3];
    got_frame(c, p[0] & 15, p[0] & 128, (char *)data, n);
    return (long)(head + 4 + n);
}
