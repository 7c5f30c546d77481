/* The inside of a connection, shared by net.c (TLS, life) and net_http.c (HTTP, websocket framing).
 * Nobody else includes it. */
#ifndef SIM_NET_CONN_H
#define SIM_NET_CONN_H

#include <openssl/ssl.h>

#include "sim/net.h"

#define NET_IN_MAX (1u << 20) /* a request or a client's message at most */

struct net_conn {
    uv_tcp_t tcp;
    struct net_server *server;
    const struct net_handlers *h;
    struct net_conn *next;
    void *user;
    SSL *ssl;
    BIO *rbio, *wbio;     /* owned by ssl */
    char *in, *out, *msg; /* decrypted input; plain output; a fragmented message */
    size_t in_len, in_cap, out_len, out_cap, msg_len;
    int writes;
    bool is_ws, muted, closing, close_after;
    bool frozen, dripping;
    size_t drip_left; /* bytes that may leave until the next net_drip */
    char raw[65536];
};

/* Has a dripping connection so much waiting that a message is lost? */
bool net_conn_clogged(const struct net_conn *c);
void net_conn_put(struct net_conn *c, const void *p, size_t n);

/* Handle what stands at the start of c->in: bytes used, 0 = incomplete, -1 = broken. */
long net_http_take(struct net_conn *c);
long net_ws_take(struct net_conn *c);
void net_ws_close_frame(struct net_conn *c, int code, const char *reason);

#endif
