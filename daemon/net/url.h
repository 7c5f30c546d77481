/* A venue's address taken apart: "wss://stream.test:8443/ws" into TLS or not, host, port and path.
 * Pure text, no I/O. An IPv6 literal as a TLS host is refused: the websocket library would cut it
 * at its first colon and then check the certificate against nothing. */
#ifndef DAEMON_NET_URL_H
#define DAEMON_NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct url {
    bool tls, websocket;
    bool v6; /* host is an IPv6 literal (without its brackets) */
    uint16_t port;
    char host[128];
    char path[256];      /* begins with '/' */
    char authority[136]; /* host, and the port when it is not the scheme's own */
};

#define URL_WHY_MAX 96

/* 0, or E_SYNTAX with one sentence in why; *u is then untouched. */
int url_parse(const char *text, struct url *u, char why[URL_WHY_MAX]) MUST_CHECK;

#endif
