/* What the files of daemon/serve share. One struct serve per daemon; a struct client per
 * connection, owned by the serve, freed in its close callback. Replies are built in one scratch
 * text; what a client has not read yet lies in its own two buffers: `flying` (handed to libuv) and
 * `out`. */
#ifndef SERVE_PRIV_H
#define SERVE_PRIV_H

#include <jansson.h>
#include <sys/types.h>
#include <uv.h>

#include "base/text.h"
#include "serve/serve.h"

#define SUBS_MAX         8  /* subscriptions of one client */
#define FILTER_NAMES_MAX 32 /* assets or rules in one filter */
#define METRICS_CAP      512
#define HEARTBEAT_US     5000000
#define CLIENT_MAGIC     0x636c6e74u

enum peer_role { PEER_OBSERVER, PEER_DESK, PEER_ADMIN };
const char *peer_role_name(enum peer_role r);

struct alert_filter {
    uint8_t floor;   /* enum severity */
    uint32_t venues; /* bit per venue; 0 = all */
    int n_assets, n_rules;
    char assets[FILTER_NAMES_MAX][24], rules[FILTER_NAMES_MAX][48];
};

/* What of a transition the filters look at. */
struct alert_key {
    uint8_t severity, venue; /* the higher of severity and severity_was */
    char asset[24], rule[48];
};
bool filter_passes(const struct alert_filter *f, const struct alert_key *k);

/* The ring of the last transitions, each as text. */
struct history_entry {
    uint64_t n;      /* 0 = empty */
    uint64_t before; /* the transition before it in the same bucket of ids */
    uint32_t id;
    struct alert_key key;
    char *text; /* JSON members without braces; NULL = it was lost */
    uint32_t len;
};
struct history {
    struct history_entry *e;
    uint64_t *bucket; /* newest n per hash of id */
    uint32_t cap;
    uint64_t first_n, last_n; /* published: first_n..last_n; first_n = last_n + 1 when empty */
    uint64_t put_n;           /* taken: last_n + 1..put_n wait until they are durable */
    uint64_t lost;            /* transitions without text: out of memory */
};
int history_init(struct history *h, uint32_t cap, uint64_t last_n) MUST_CHECK;
void history_fini(struct history *h);
/* text.p NULL: it did not fit; counted as lost, told as skipped. */
void history_put(struct history *h, uint64_t n, uint32_t id, const struct alert_key *k,
                 struct slice text);
/* Those up to n may be seen from now on. */
void history_publish(struct history *h, uint64_t n);
/* A later transition of the same alert that passes too is published. */
bool history_replaced(const struct history *h, const struct history_entry *e,
                      const struct alert_filter *f);
const struct history_entry *history_get(const struct history *h, uint64_t n); /* NULL when gone */

struct metric_query {
    bool want[METRICS_CAP]; /* by metric id */
    uint32_t tables;        /* bit per enum metric_table */
    char asset[24];         /* "" = all */
    int venue;              /* -1 = all */
};

struct sub {
    uint32_t id;
    bool metrics; /* else alerts */
    struct alert_filter filter;
    uint64_t next;    /* alerts: n to look at next */
    uint64_t told;    /* seq last told to the client */
    uint64_t skipped; /* coalesced since the last alert told; metrics: samples left out */
    bool behind;      /* was held back by the soft limit: coalesce until it has caught up */
    struct metric_query query;
    uint32_t period_s;
    int64_t t_due_us, t_said_us;
};

struct client {
    uint32_t magic;
    struct serve *s;
    struct client *next, *prev;
    uv_pipe_t pipe;
    uv_write_t write;
    uint64_t serial;
    uid_t uid;
    gid_t gid;
    pid_t pid;
    enum peer_role role;
    char who[32];
    char *in;
    size_t in_len;
    char *out, *flying;
    size_t out_len, out_cap;
    size_t stuck_bytes; /* unread output when it last shrank or began; 0 = below the soft limit */
    int64_t t_stuck_us;
    bool eof;     /* nothing more will be read; what was read is answered */
    bool discard; /* an over-long line: everything more is thrown away until the peer closes */
    bool paused;  /* over the soft limit: not read until drained */
    bool closing;
    int64_t t_end_us; /* when an ending client is closed at the latest; 0 = not ending */
    struct sub *sub[SUBS_MAX];
    uint32_t next_sub;
};

struct serve {
    struct serve_deps d;
    char path[108], instance[37];
    uint32_t venues; /* bit per enabled venue */
    uint32_t client_max;
    size_t soft_bytes, hard_bytes, request_max;
    gid_t desk_gid, admin_gid; /* (gid_t)-1 = none */
    dev_t path_dev;
    ino_t path_ino;
    bool own_path; /* bound by us: unlinked at the end */
    uv_pipe_t listener;
    uv_idle_t idle; /* runs while there is something to push or lines left to answer */
    bool idling, stopping, standby;
    int handles, works; /* open handles, name look-ups under way */
    void (*stopped)(void *arg);
    void *stopped_arg;
    struct client *clients;
    uint64_t next_serial;
    struct history history;
    int64_t t_held_us; /* since when transitions wait to be durable; 0 = none does */
    struct serve_status st;
    char *scratch;
    struct text text; /* over scratch: what is being said */
};

/* socket.c */
int socket_listen(struct serve *s, const struct conf *c,
                  char why[160]) MUST_CHECK; /* the fd, or < 0 */
void socket_unlink(struct serve *s);

/* peer.c */
void peer_resolve_groups(struct serve *s, const struct conf *c);
void peer_identify(struct client *c, int fd);

/* client.c */
void client_accept(struct serve *s);
void client_send(struct client *c, const char *p, size_t len);
void client_flush(struct client *c);
size_t client_queued(const struct client *c);
void client_close(struct client *c, const char *why);
void client_slow(struct client *c);   /* closes with reason slow */
void client_answer(struct client *c); /* lines that wait in its input */
void client_end(struct client *c, int64_t within_us);
struct client *client_find(struct serve *s, uint64_t serial);
void serve_wake(struct serve *s);
void serve_closed(struct serve *s, int handles); /* so many handles are gone; ends a stop */

/* stream.c */
void stream_pump(struct client *c);
bool stream_pending(const struct client *c);
void stream_tick(struct client *c, int64_t now_us);
void stream_alert(struct serve *s, const struct alert *a);
void stream_release(struct serve *s, int64_t now_us);
uint64_t stream_seq(const struct serve *s, uint64_t n);
void stream_free(struct client *c);
struct sub *stream_add(struct client *c); /* NULL at the limit or out of memory */
int stream_drop(struct client *c, uint32_t id) MUST_CHECK;

#endif
