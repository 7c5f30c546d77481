/* A small TLS server for HTTP/1.1 and websockets on one libuv loop, made for a simulator: whoever
 * uses it decides whether an upgrade is answered, may send any bytes, and may cut connections.
 * All calls on the loop's thread. Owner of connections: the server. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct net_server;
struct net_conn;

struct net_request {
    char method[8];
    char path[1024]; /* with query */
    char ws_key[64]; /* "" unless an upgrade is asked for */
    const char *body;
    size_t body_len;
};

enum net_upgrade { NET_ACCEPT, NET_REFUSE, NET_IGNORE };

struct net_handlers {
    void *arg;
    bool (*accept)(void *arg); /* false: the TCP connection is dropped at once */
    void (*request)(void *arg, struct net_conn *c, const struct net_request *r);
    enum net_upgrade (*upgrade)(void *arg, struct net_conn *c, const struct net_request *r);
    void (*open)(void *arg, struct net_conn *c); /* websocket established; may be NULL */
    void (*message)(void *arg, struct net_conn *c, const char *text, size_t len);
    void (*control)(void *arg, struct net_conn *c); /* a ping or pong came; may be NULL */
    void (*closed)(void *arg, struct net_conn *c);  /* websocket gone; only after open */
};

/* Listens on 127.0.0.1 (port 0 = free). cert and key are PEM files. NULL: said why on stderr. */
struct net_server *net_listen(uv_loop_t *loop, int port, const char *cert, const char *key,
                              const struct net_handlers *h);
int net_port(const struct net_server *s);
void net_server_free(struct net_server *s); /* closes everything; run the loop afterwards */
void net_drop_all(struct net_server *s);    /* cuts every connection without a goodbye */
/* What new connections are shown from now on. 0, or -1 and the old one stays. */
int net_certificate(struct net_server *s, const char *cert, const char *key);

/* The user's pointer of a connection. */
void net_set_user(struct net_conn *c, void *user);
void *net_user(const struct net_conn *c);

struct net_answer {
    int status;
    const char *headers; /* extra lines each ending in \r\n, or "" */
    const char *type, *body;
    size_t len;
};
void net_reply(struct net_conn *c, const struct net_answer *a);

/* Queues websocket messages; nothing is sent before net_flush (or the end of a callback). */
void net_send_text(struct net_conn *c, const char *text, size_t len);
void net_send_text2(struct net_conn *c, const char *a, size_t a_len, const char *b, size_t b_len);
void net_ping(struct net_conn *c);
void net_flush(struct net_conn *c);
void net_close(struct net_conn *c, int code); /* websocket close, then cut; 0 = cut */
/* The same with the words of a reason; code 0 = a close frame without one. */
void net_close_with(struct net_conn *c, int code, const char *reason);

/* From now on so many bytes at each call of net_drip, what does not fit in 4 MB is lost message by
 * message; -1 = all again. */
void net_drip(struct net_conn *c, int bytes);
/* Nothing is read or sent any more, and the connection stays. */
void net_freeze(struct net_conn *c);

#endif
