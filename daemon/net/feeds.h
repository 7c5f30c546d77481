/* All connections to all venues. Reconciles what the engine wants with sockets and REST polls,
 * within the venue's limits; owns rates, batching, back-off, rotation, connect/upgrade/ack/ping
 * timeouts. It knows nothing of markets: texts go up by ingest, everything else by note. */
#ifndef DAEMON_FEEDS_H
#define DAEMON_FEEDS_H

#include <uv.h>

#include "conf.h"
#include "facts/note.h"
#include "facts/origin.h"
#include "facts/want.h"

struct feeds;

struct feeds_deps {
    uv_loop_t *loop;
    const struct conf *conf; /* borrowed; outlives the feeds */
    void *arg;
    void (*ingest)(void *arg, const struct origin *o, const char *text, size_t len);
    void (*note)(void *arg, const struct note *n);
    int (*wants)(void *arg, struct want *out, int max);
    const struct directory *(*directory)(void *arg);
    int64_t (*now_us)(void *arg);
};

/* NULL and why[] when something is impossible (no CA file, websocket library without its libuv
 * plugin). Nothing connects before the first feeds_reconcile. */
struct feeds *feeds_new(const struct feeds_deps *d, char why[160]);

/* Call when engine_wants_version changed, and at least once a second. */
void feeds_reconcile(struct feeds *f);

/* Control events (acks, errors, pongs) that a text of this venue contained; inst resolved or
 * INST_NONE. */
void feeds_on_event(struct feeds *f, const struct origin *o, const struct event *e, uint32_t inst);

/* A changed configuration (reload): links whose url, address or CA changed are replaced. */
void feeds_reload(struct feeds *f, const struct conf *c);

/* Closes everything; done(arg) is called once when no handle of the feeds is left. Then feeds_free.
 */
void feeds_stop(struct feeds *f, void (*done)(void *arg), void *arg);
void feeds_free(struct feeds *f);

enum link_state { LINK_IDLE, LINK_RESOLVING, LINK_CONNECTING, LINK_UP, LINK_BACKOFF, LINK_BANNED };
const char *link_state_name(enum link_state s);

struct link_status {
    uint8_t venue, conn, state;
    uint32_t streams_wanted, streams_acked;
    uint64_t messages, bytes, connects, failures, oversized;
    uint64_t subs_delayed;       /* times a subscription had to wait for the hour's budget */
    int64_t t_up_us, t_retry_us; /* 0 = not up / no retry planned */
    char url[192];
    char last_error[160]; /* "" = none; a full sentence */
};
/* Fills up to max; returns how many there are. */
int feeds_links(const struct feeds *f, struct link_status *out, int max);

struct rest_status {
    uint64_t requests, ok, failed, limited; /* limited = 429, 418 */
    uint64_t pages, pages_cut; /* further pages asked for; answers that had too many of them */
    uint32_t weight_used_min, queued, in_flight;
    int64_t t_banned_until_us;
    char last_error[160];
};
void feeds_rest(const struct feeds *f, uint8_t venue, struct rest_status *out);

#endif
