/* Asynchronous name lookup with a small cache (resolve.h). libwebsockets and libpq would call
 * getaddrinfo in line and stall the loop, so they are only ever given addresses. */
#include "resolve.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 32
#define FAILED_US (1 * 1000000LL)

enum host_state { HOST_FREE, HOST_ASKING, HOST_KNOWN, HOST_FAILED };

struct host {
    uv_getaddrinfo_t req;
    struct resolver *owner;
    enum host_state state;
    char name[128];
    struct addrs addrs;
    int64_t until_us;
    int err;
};

struct resolver {
    uv_loop_t *loop;
    void (*wake)(void *arg);
    void *arg;
    int64_t keep_us;
    int asking;
    bool stopping;
    struct host hosts[HOSTS_MAX];
};

static int64_t mono_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

struct resolver *resolver_new(uv_loop_t *loop, int64_t keep_us, void (*wake)(void *arg), void *arg)
{
    struct resolver *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->loop = loop;
    r->keep_us = keep_us;
    r->wake = wake;
    r->arg = arg;
    return r;
}

static void keep(struct addrs *a, const struct addrinfo *ai)
{
    a->n = 0;
    for (; ai && a->n < ADDRS_MAX; ai = ai->ai_next) {
        const void *raw = NULL;
        if (ai->ai_family == AF_INET)
            raw = &((const struct sockaddr_in *)(const void *)ai->ai_addr)->sin_addr;
        else if (ai->ai_family == AF_INET6)
            raw = &((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_addr;
        if (raw && inet_ntop(ai->ai_family, raw, a->text[a->n], ADDR_TEXT))
            a->n++;
    }
}

static void on_lookup(uv_getaddrinfo_t *req, int status, struct addrinfo *ai)
{
    struct host *h = req->data;
    struct resolver *r = h->owner;
    r->asking--;
    if (status == 0)
        keep(&h->addrs, ai);
    uv_freeaddrinfo(ai);
    bool ok = status == 0 && h->addrs.n > 0;
    h->err = ok ? 0 : status ? status : UV_EAI_NODATA;
    h->state = ok ? HOST_KNOWN : HOST_FAILED;
    h->until_us = mono_us() + (ok ? r->keep_us : FAILED_US);
    r->wake(r->arg);
}

static int ask(struct resolver *r, struct host *h, const char *name)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    h->owner = r;
    h->req.data = h;
    strncpy(h->name, name, sizeof(h->name) - 1);
    int err = uv_getaddrinfo(r->loop, &h->req, on_lookup, h->name, NULL, &hints);
    if (err) {
        h->state = HOST_FAILED;
        h->err = err;
        h->until_us = mono_us() + FAILED_US;
        return E_IO;
    }
    h->state = HOST_ASKING;
    r->asking++;
    return 0;
}

/* The host's own entry, else one that may be reused, else NULL. */
static struct host *slot(struct resolver *r, const char *name, int64_t now_us)
{
    struct host *spare = NULL;
    for (int i = 0; i < HOSTS_MAX; i++) {
        struct host *h = &r->hosts[i];
        if (h->state != HOST_FREE && strcmp(h->name, name) == 0)
            return h;
        if (h->state == HOST_FREE || (h->state != HOST_ASKING && h->until_us <= now_us))
            spare = h;
    }
    if (spare)
        memset(spare, 0, sizeof(*spare));
    return spare;
}

static bool is_address(const char *text)
{
    unsigned char raw[16];
    return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

int resolver_get(struct resolver *r, const char *host, struct addrs *out, const char **why)
{
    if (strlen(host) < ADDR_TEXT && is_address(host)) {
        out->n = 1;
        strncpy(out->text[0], host, ADDR_TEXT - 1);
        out->text[0][ADDR_TEXT - 1] = 0;
        return 1;
    }
    int64_t now_us = mono_us();
    struct host *h = r->stopping || strlen(host) >= sizeof(h->name) ? NULL : slot(r, host, now_us);
    if (!h) {
        *why = "too many host names at once";
        return E_LIMIT;
    }
    if (h->state == HOST_ASKING)
        return 0;
    if (h->state == HOST_FREE || h->until_us <= now_us)
        if (ask(r, h, host) == 0)
            return 0;
    if (h->state == HOST_FAILED) {
        *why = uv_strerror(h->err);
        return E_IO;
    }
    *out = h->addrs;
    return 1;
}

void resolver_stop(struct resolver *r)
{
    r->stopping = true;
    for (int i = 0; i < HOSTS_MAX; i++)
        if (r->hosts[i].state == HOST_ASKING)
            uv_cancel((uv_req_t *)&r->hosts[i].req);
}

int resolver_idle(const struct resolver *r)
{
    return r->asking == 0;
}

void resolver_free(struct resolver *r)
{
    free(r);
}
