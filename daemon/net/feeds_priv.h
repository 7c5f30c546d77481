/* What the files of the feeds share: one struct feeds, one struct vnet per venue, its lanes (a lane
 * is a route and a shard of it: one connection, two while it rotates) and its queue of REST polls.
 * Everything moves in one place, the pump: callbacks only record what happened and wake it, so no
 * callback ever meets a list that is being changed. Times are monotonic microseconds unless named
 * t_*_us, which is engine time. */
#ifndef DAEMON_NET_FEEDS_PRIV_H
#define DAEMON_NET_FEEDS_PRIV_H

#include "log.h"
#include "net/feeds.h"
#include "net/netctx.h"
#include "net/pace.h"
#include "net/rest.h"
#include "net/ws.h"
#include "resolve.h"

#define S_US        1000000LL
#define CONNECT_US  (10 * S_US) /* name, TCP and TLS */
#define UPGRADE_US  (10 * S_US)
#define REST_US     (10 * S_US)
#define SETTLED_US  (30 * S_US) /* up this long with data: the back-off starts anew */
#define HANDOVER_US (30 * S_US)
#define NEVER_US    INT64_MAX

struct vnet;
struct lane;
struct poll;

enum sub_state {
    SUB_NONE,
    SUB_SENT,    /* waiting for the ack until t_us */
    SUB_ACKED,   /* or sent, where the venue acks nothing */
    SUB_REFUSED, /* the venue said no; the pump has yet to note it */
    SUB_WAIT     /* to be sent again at t_us */
};

/* A subscription on one of the lane's two connections. */
struct sub_on {
    uint8_t state;
    bool off_first; /* unsubscribe before subscribing again */
    bool tell;      /* the pump has yet to note the ack */
    struct backoff backoff;
    int64_t id, t_us;
};

struct sub {
    struct want want;
    bool wanted;
    struct sub_on on[2];
};

struct link {
    struct lane *lane;
    uint8_t ab;
    enum link_state state;
    bool open;  /* it should be */
    bool asked; /* the upgrade went out */
    bool settled;
    struct ws *ws;
    struct net_target target;
    unsigned addr_next;
    struct backoff backoff;
    struct bucket msgs, subs; /* any message a second; those that subscribe an hour */
    bool rationed;            /* a subscription waits for the hour's budget */
    int64_t deadline_us, retry_us, up_us, rx_us, rfc_ping_us, ping_us;
    uint8_t pings_open;
    uint32_t conn_messages, conn_controls; /* since the upgrade */
    int64_t t_up_us, t_retry_us;
    uint64_t messages, bytes, connects, failures, oversized, subs_delayed;
    char last_error[160], logged[160];
};

struct lane {
    struct lane *next;
    struct vnet *v;
    uint8_t route, shard, active;
    bool rotating, reconnect, retarget, sweep;
    bool closing;     /* the venue said it will close the active connection */
    struct sub *subs; /* sorted by (channel, inst) */
    int n_subs, cap_subs;
    uint32_t n_wanted;
    struct link links[2];
    char refusal[120]; /* the venue's latest words of refusal */
    char name[48];     /* "binance/market" */
};

struct restq {
    struct poll **polls; /* sorted by (kind, channel, inst) */
    int n, cap, in_flight;
    struct bucket weight, per_s;
    struct backoff hold_backoff;
    int64_t hold_us; /* stay away until */
    int64_t t_hold_us;
    int hold_status;         /* the HTTP status that began it */
    uint32_t weight_slot[6]; /* by ten seconds */
    int64_t slot;
    uint64_t requests, ok, failed, limited, pages, pages_cut;
    struct poll *taking; /* whose answer the core is reading */
    struct log_limit log;
    char last_error[160];
};

struct vnet {
    struct feeds *f;
    uint8_t index;
    const struct venue *venue;
    struct lane *lanes;
    struct bucket connects;
    int64_t ws_hold_us; /* no new connections until */
    struct restq rest;
};

struct feeds {
    struct feeds_deps d;
    const struct conf *conf;
    struct netctx *net;
    struct resolver *resolver;
    uv_timer_t pump;
    struct rng rng;
    int64_t next_id;
    bool reconcile_due, woken, stopping, net_stopped;
    void (*done)(void *arg);
    void *done_arg;
    struct vnet venues[DIR_VENUES_MAX];
    struct want wants[WANTS_MAX];
};

/* feeds.c */
int64_t feeds_mono_us(void);
void feeds_wake(struct feeds *f);
/* What is configured for a route of the table, or for one of its REST hosts. */
#define ROUTE_REST  (-1)
#define ROUTE_REST2 (-2)
const char *feeds_url(const struct vnet *v, int route);
int feeds_target(struct vnet *v, int route, struct net_target *t, char why[NET_WHY_MAX]) MUST_CHECK;
void feeds_note(struct feeds *f, struct note *n,
                const struct want *w); /* fills channel and symbol */
/* Seconds to stay away that the venue's own rule reads from a text; 0 none. */
int feeds_backoff_s(const struct vnet *v, int http_status, int retry_after_s, struct slice body);

/* link.c: one connection's life */
void link_init(struct link *l, struct lane *lane, uint8_t ab);
int64_t link_step(struct link *l, int64_t now_us); /* returns when to step again */
void link_fail(struct link *l, const char *cause, int64_t now_us);
void link_close(struct link *l, const char *cause);
void link_pong(struct link *l);
void link_status(const struct link *l, struct link_status *out);

/* lane.c: rotation, and the lane's part of reconciling */
struct lane *lane_get(struct vnet *v, uint8_t route, uint8_t shard); /* NULL when out of memory */
void lane_step_all(struct vnet *v, int64_t now_us, int64_t *due_us);
void lane_on_event(struct lane *l, uint8_t ab, const struct event *e, uint32_t inst);
int lane_status(const struct lane *l, struct link_status *out, int max); /* how many there are */
void lanes_free(struct vnet *v);

/* subs.c: what a connection carries */
void subs_begin(struct lane *l); /* reconcile: nothing is wanted ... */
int subs_want(struct lane *l, const struct want *w) MUST_CHECK; /* ... but this */
void subs_end(struct lane *l);
void subs_reset(struct lane *l, uint8_t ab); /* the connection is gone */
int64_t subs_pump(struct link *k, int64_t now_us);
bool subs_all_acked(const struct lane *l, uint8_t ab, uint32_t *acked);
void subs_answer(struct lane *l, uint8_t ab, const struct event *e, uint32_t inst);

/* poll.c: REST */
void polls_on_event(struct vnet *v, const struct event *e); /* said by the answer being read */
void polls_init(struct vnet *v, int64_t now_us);
void polls_begin(struct vnet *v);
int polls_want(struct vnet *v, const struct want *w, int64_t now_us) MUST_CHECK;
void polls_end(struct vnet *v);
int64_t polls_step(struct vnet *v, int64_t now_us);
void polls_status(const struct vnet *v, int64_t now_us, struct rest_status *out);
void polls_free(struct vnet *v); /* cancels what is under way */

#endif
