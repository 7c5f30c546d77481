/* The UNIX socket: JSON-RPC 2.0, one object a line (product.md section 7). One method table
 * dispatches, documents (rpc.discover) and checks parameters. The loop never waits for a client. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include <uv.h>

#include "conf.h"
#include "engine/engine.h"
#include "net/feeds.h"
#include "store/store.h"

struct serve;

struct shell_status { /* what the daemon knows of itself */
    int64_t t_start_us;
    double loop_lag_ms, loop_lag_p99_ms, tick_ms, tick_p99_ms;
    uint64_t ticks, ticks_skipped, clock_steps;
    double clock_step_s;
    uint64_t rss_kb;
    uint64_t tape_bytes, tape_records, tape_dropped;
    char tape_file[CONF_PATH_MAX];
    char conf_file[CONF_PATH_MAX];
    int64_t t_reload_us;
    char reload_error[200]; /* "" = the last reload was fine */
};

struct serve_deps {
    uv_loop_t *loop;
    const struct conf *conf;
    void *arg;
    const struct engine *(*engine)(void *arg);
    const struct feeds *(*feeds)(void *arg); /* may return NULL */
    const struct store *(*store)(void *arg); /* may return NULL */
    void (*shell)(void *arg, struct shell_status *out);
    int64_t (*now_us)(void *arg);
    void (*note)(void *arg, const struct note *n); /* desk actions */
    int (*reload)(void *arg, char why[200]);       /* 0, or < 0 and why */
    char instance[37];
    uint32_t epoch;
    bool wait_durable; /* transitions are told once serve_publish says so, or after 2 s */
};

/* What is needed of conf is copied; it may go away. Limits and groups hold until a restart.
 * NULL and why[]: another daemon answers on the socket, the path cannot be bound, ... A stale
 * socket (nobody listens) is replaced. A socket passed by systemd (LISTEN_FDS) is used instead of
 * the path. */
struct serve *serve_new(const struct serve_deps *d, char why[160]);
struct sinks serve_sinks(struct serve *s);
/* Transitions up to n are durable: they are told. */
void serve_publish(struct serve *s, uint64_t n);
/* Another daemon publishes: no transitions are told, subscribers to them are sent away. */
void serve_set_standby(struct serve *s, bool standby);
/* Once a second, after the tick: heartbeats, samples to metric subscribers, limits. */
void serve_tick(struct serve *s, int64_t now_us);
void serve_stop(struct serve *s, void (*done)(void *arg), void *arg);
void serve_free(struct serve *s);

struct serve_status {
    uint32_t clients, subscribers;
    uint64_t accepted, refused, requests, errors, dropped_slow, coalesced;
    uint64_t undurable; /* transitions told although the disk had not answered */
};
void serve_get_status(const struct serve *s, struct serve_status *out);

/* docs/SOCKET.md from the method table. */
void serve_doc(struct text *out);

#endif
