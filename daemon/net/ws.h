/* One client websocket: bytes in, bytes out; knows nothing of markets. Messages come up whole (put
 * together from fragments, at most 8 MB). The owner gets `gone` once unless it called ws_close
 * first; either way the ws belongs to the network context, and the pointer is dead afterwards. */
#ifndef DAEMON_NET_WS_H
#define DAEMON_NET_WS_H

#include "net/netctx.h"

#define WS_MESSAGE_MAX (8u << 20)
#define WS_QUEUE_MAX   (256u << 10)

struct ws;

struct ws_end {
    const char *cause; /* one phrase, never NULL */
    int http_status;   /* of a refused upgrade; 0 else */
    bool oversized;    /* a message passed WS_MESSAGE_MAX */
};

struct ws_events {
    void *arg;
    void (*handshake)(void *arg); /* TCP and TLS are up, the upgrade was asked for */
    void (*up)(void *arg);        /* the upgrade was granted */
    void (*text)(void *arg, const char *p, size_t n);
    void (*pong)(void *arg);
    void (*gone)(void *arg, const struct ws_end *end);
};

/* NULL and why[] when nothing could be started; then no event comes. ev is copied. */
struct ws *ws_open(struct netctx *n, const struct net_target *t, const struct ws_events *ev,
                   char why[NET_WHY_MAX]);
int ws_send(struct ws *w, const char *text, size_t n) MUST_CHECK; /* E_LIMIT queue full, E_NOMEM */
void ws_ping(struct ws *w);                                       /* RFC 6455 ping frame */

/* Forgets the owner. graceful: queued texts and a close frame go out first; else at once. */
void ws_close(struct ws *w, bool graceful);

#endif
