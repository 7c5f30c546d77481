/* URLs of venues, taken apart (url.h). Nothing here follows the general grammar further than venues
 * need: no user, no fragment, no percent escapes in the host. */
#include "net/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct scheme {
    const char *prefix;
    bool tls, websocket;
    uint16_t port;
} schemes[] = {
    {"wss://", true, true, 443},
    {"ws://", false, true, 80},
    {"https://", true, false, 443},
    {"http://", false, false, 80},
};

static int refuse(char why[URL_WHY_MAX], const char *text)
{
    snprintf(why, URL_WHY_MAX, "%s", text);
    return E_SYNTAX;
}

static const struct scheme *scheme_of(const char *text)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
            return &schemes[i];
    return NULL;
}

/* Digits up to the end of the authority; 0 when it is no port. */
static uint16_t port_of(const char *p, const char *end)
{
    unsigned long port = 0;
    if (p == end || end - p > 5)
        return 0;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return 0;
        port = port * 10 + (unsigned long)(*p - '0');
    }
    return port > 65535 ? 0 : (uint16_t)port;
}

static bool host_ok(const char *host)
{
    size_t n = strlen(host);
    return n > 0 &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

/* host[:port] or [v6][:port], from p to end. */
static int parse_authority(struct url *u, const char *p, const char *end, char why[URL_WHY_MAX])
{
    const char *host_end = NULL, *after = NULL;
    u->v6 = *p == '[';
    if (u->v6) {
        p++;
        host_end = memchr(p, ']', (size_t)(end - p));
        after = host_end ? host_end + 1 : NULL;
    } else {
        host_end = memchr(p, ':', (size_t)(end - p));
        host_end = host_end ? host_end : end;
        after = host_end;
    }
    if (!host_end || host_end == p || (size_t)(host_end - p) >= sizeof(u->host))
        return refuse(why, "the URL has no usable host");
    memcpy(u->host, p, (size_t)(host_end - p));
    u->host[host_end - p] = 0;
    if (after < end && (*after != ':' || (u->port = port_of(after + 1, end)) == 0))
        return refuse(why, "the URL's port is not a number from 1 to 65535");
    struct in6_addr v6;
    if (u->v6 ? inet_pton(AF_INET6, u->host, &v6) != 1 : !host_ok(u->host))
        return refuse(why, "the URL's host is neither a name nor an address");
    if (u->v6 && u->tls)
        return refuse(why, "an IPv6 address as TLS host cannot be checked against a certificate");
    return 0;
}

static void write_authority(struct url *u, uint16_t own_port)
{
    const char *l = u->v6 ? "[" : "", *r = u->v6 ? "]" : "";
    if (u->port == own_port)
        snprintf(u->authority, sizeof(u->authority), "%s%s%s", l, u->host, r);
    else
        snprintf(u->authority, sizeof(u->authority), "%s%s%s:%u", l, u->host, r, (unsigned)u->port);
}

int url_parse(const char *text, struct url *out, char why[URL_WHY_MAX])
{
    const struct scheme *s = scheme_of(text);
    if (!s)
        return refuse(why, "the URL begins with none of wss:// ws:// https:// http://");
    struct url u = {.tls = s->tls, .websocket = s->websocket, .port = s->port};
    const char *p = text + strlen(s->prefix);
    const char *end = p + strcspn(p, "/?");
    if (p == end)
        return refuse(why, "the URL has no usable host");
    int err = parse_authority(&u, p, end, why);
    if (err)
        return err;
    if (snprintf(u.path, sizeof(u.path), "%s%s", *end == '/' ? "" : "/", end) >=
        (int)sizeof(u.path))
        return refuse(why, "the URL's path is longer than 255 bytes");
    write_authority(&u, s->port);
    *out = u;
    return 0;
}
