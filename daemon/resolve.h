/* Names to addresses without blocking the loop: uv_getaddrinfo behind a small table. Ask again
 * after the wake-up; answers are kept for a while, failures for a second. Owners: the feeds, each
 * connection to the database. A lookup that the system's resolver has begun cannot be taken back:
 * who stops it waits for it (resolver_idle). */
#ifndef DAEMON_RESOLVE_H
#define DAEMON_RESOLVE_H

#include <uv.h>

#include "base/err.h"

#define ADDR_TEXT 46
#define ADDRS_MAX 8

struct addrs {
    int n;
    char text[ADDRS_MAX][ADDR_TEXT];
};

struct resolver;

/* keep_us: so long an answer is good. wake(arg) runs whenever a lookup ended. NULL when out of
 * memory. */
struct resolver *resolver_new(uv_loop_t *loop, int64_t keep_us, void (*wake)(void *arg), void *arg);

/* 1 = *out is filled; 0 = a lookup is under way; E_IO = it failed, *why (static) says how; E_LIMIT
 * = more hosts than the table holds. An address in text form is its own answer. */
int resolver_get(struct resolver *r, const char *host, struct addrs *out,
                 const char **why) MUST_CHECK;

void resolver_stop(struct resolver *r);
int resolver_idle(const struct resolver *r); /* no lookup is under way */
void resolver_free(struct resolver *r);      /* only when idle */

#endif
