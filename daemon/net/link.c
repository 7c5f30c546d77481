/* One connection's life: idle, resolving, connecting, up, back-off. In: steps from the pump and the
 * events of its websocket; out: texts by deps.ingest, notes of up and down, one log line per
 * change. An open socket proves nothing: what counts is that something arrives, so a silent one is
 * pinged and then given up. */
#include <stdio.h>
#include <string.h>

#include "net/feeds_priv.h"

#define BACKOFF_BASE_S 0.5
#define BACKOFF_CAP_S  60
#define RX_PING_US     (15 * S_US) /* nothing heard for so long: ping */
#define RX_DEAD_US     (30 * S_US) /* still nothing: half-open */
#define PINGS_MISSED   2

static struct feeds *feeds_of(const struct link *l)
{
    return l->lane->v->f;
}

static uint8_t conn_of(const struct link *l)
{
    return CONN_SLOT(l->lane->route, l->lane->shard, l->ab);
}

void link_status(const struct link *l, struct link_status *out)
{
    *out = (struct link_status){
        .venue = l->lane->v->index,
        .conn = conn_of(l),
        .state = (uint8_t)l->state,
        .streams_wanted = l->open ? l->lane->n_wanted : 0,
        .messages = l->messages,
        .bytes = l->bytes,
        .connects = l->connects,
        .failures = l->failures,
        .oversized = l->oversized,
        .subs_delayed = l->subs_delayed,
        .t_up_us = l->t_up_us,
        .t_retry_us = l->t_retry_us,
    };
    subs_all_acked(l->lane, l->ab, &out->streams_acked);
    snprintf(out->url, sizeof(out->url), "%s", feeds_url(l->lane->v, l->lane->route));
    memcpy(out->last_error, l->last_error, sizeof(out->last_error));
}

void link_init(struct link *l, struct lane *lane, uint8_t ab)
{
    *l = (struct link){.lane = lane, .ab = ab, .state = LINK_IDLE};
}

static void note_link(struct link *l, enum note_kind kind, const char *cause)
{
    struct note n;
    note_init(&n, kind);
    n.venue = l->lane->v->index;
    n.conn = conn_of(l);
    n.cause = slice_of(cause);
    feeds_of(l)->d.note(feeds_of(l)->d.arg, &n);
}

static void log_link(struct link *l, enum log_level lv, const char *fact)
{
    const struct log_field fields[] = {{"CASCADED_VENUE", l->lane->v->venue->name},
                                       {"CASCADED_FEED", l->lane->name}};
    log_fields(lv, fields, 2, "feed %s%s: %s", l->lane->name, l->ab ? " (b)" : "", fact);
}

/* --- down --------------------------------------------------------------------------------------
 */

static void drop_socket(struct link *l, bool graceful)
{
    if (l->ws)
        ws_close(l->ws, graceful);
    l->ws = NULL;
    subs_reset(l->lane, l->ab);
    l->t_up_us = 0;
}

static void plan_retry(struct link *l, int64_t now_us)
{
    struct feeds *f = feeds_of(l);
    int64_t wait_us = backoff_next_us(&l->backoff, &f->rng, BACKOFF_BASE_S, BACKOFF_CAP_S);
    int64_t hold_us = l->lane->v->ws_hold_us - now_us;
    l->state = hold_us > wait_us ? LINK_BANNED : LINK_BACKOFF;
    wait_us = hold_us > wait_us ? hold_us : wait_us;
    l->retry_us = now_us + wait_us;
    l->t_retry_us = f->d.now_us(f->d.arg) + wait_us;
}

void link_fail(struct link *l, const char *cause, int64_t now_us)
{
    bool was_up = l->state == LINK_UP;
    drop_socket(l, false);
    l->failures++;
    snprintf(l->last_error, sizeof(l->last_error), "%s", cause);
    plan_retry(l, now_us);
    if (was_up || strcmp(l->logged, cause) != 0) {
        char fact[256];
        snprintf(fact, sizeof(fact), "%s: %s, reconnecting in %.1f s",
                 was_up ? "down" : "not connected", cause, (double)(l->retry_us - now_us) / 1e6);
        log_link(l, LOG_LV_WARNING, fact);
        snprintf(l->logged, sizeof(l->logged), "%s", cause);
    }
    if (was_up || l->backoff.n == 1)
        note_link(l, NOTE_LINK_DOWN, cause);
    feeds_wake(feeds_of(l));
}

void link_close(struct link *l, const char *cause)
{
    bool was_up = l->state == LINK_UP;
    if (l->state == LINK_IDLE)
        return;
    drop_socket(l, true);
    l->state = LINK_IDLE;
    l->t_retry_us = 0;
    if (l->settled)
        l->backoff.n = 0;
    if (!was_up)
        return;
    char fact[200];
    snprintf(fact, sizeof(fact), "closed: %s", cause);
    log_link(l, LOG_LV_INFO, fact);
    note_link(l, NOTE_LINK_DOWN, cause);
}

/* --- events of the websocket -------------------------------------------------------------------
 */

static void on_handshake(void *arg)
{
    struct link *l = arg;
    l->asked = true;
    l->deadline_us = feeds_mono_us() + UPGRADE_US;
}

static void on_up(void *arg)
{
    struct link *l = arg;
    struct feeds *f = feeds_of(l);
    const struct venue_limits *lim = &l->lane->v->venue->limits;
    int64_t now_us = feeds_mono_us();
    l->state = LINK_UP;
    l->settled = false;
    l->up_us = l->rx_us = l->rfc_ping_us = now_us;
    l->ping_us = now_us + lim->ping_s * S_US;
    l->pings_open = 0;
    l->conn_messages = l->conn_controls = 0;
    bucket_init_second(&l->msgs, lim->msg_per_s, now_us);
    bucket_init_hour(&l->subs, lim->subs_per_h, now_us);
    l->rationed = false;
    l->t_up_us = f->d.now_us(f->d.arg);
    l->t_retry_us = 0;
    l->logged[0] = 0;
    log_link(l, LOG_LV_INFO, "up");
    note_link(l, NOTE_LINK_UP, NULL);
    feeds_wake(f);
}

static void on_text(void *arg, const char *p, size_t n)
{
    struct link *l = arg;
    struct feeds *f = feeds_of(l);
    struct origin o = {.venue = l->lane->v->index, .conn = conn_of(l)};
    l->messages++;
    l->conn_messages++;
    l->bytes += n;
    l->rx_us = (int64_t)uv_now(f->d.loop) * 1000;
    f->d.ingest(f->d.arg, &o, p, n);
}

static void on_pong(void *arg)
{
    struct link *l = arg;
    l->rx_us = feeds_mono_us();
}

static void on_gone(void *arg, const struct ws_end *end)
{
    struct link *l = arg;
    int64_t now_us = feeds_mono_us();
    l->ws = NULL;
    l->oversized += end->oversized;
    if (end->http_status >= 400) {
        int hold_s = feeds_backoff_s(l->lane->v, end->http_status, -1, slice_of(""));
        if (hold_s > 0)
            l->lane->v->ws_hold_us = now_us + hold_s * S_US;
    }
    link_fail(l, end->cause, now_us);
}

void link_pong(struct link *l)
{
    l->pings_open = 0;
}

/* --- steps -------------------------------------------------------------------------------------
 */

static int64_t connect_to(struct link *l, const char *address, int64_t now_us)
{
    struct feeds *f = feeds_of(l);
    const struct ws_events ev = {l, on_handshake, on_up, on_text, on_pong, on_gone};
    char why[NET_WHY_MAX];
    if (address != l->target.address)
        snprintf(l->target.address, sizeof(l->target.address), "%s", address);
    l->state = LINK_CONNECTING;
    l->asked = false;
    l->deadline_us = now_us + CONNECT_US;
    l->connects++;
    l->ws = ws_open(f->net, &l->target, &ev, why);
    if (l->ws)
        return l->deadline_us;
    link_fail(l, why, now_us);
    return l->retry_us;
}

static int64_t step_resolving(struct link *l, int64_t now_us)
{
    struct addrs a;
    const char *why = "";
    if (l->target.address[0])
        return connect_to(l, l->target.address, now_us);
    int err = resolver_get(feeds_of(l)->resolver, l->target.url.host, &a, &why);
    if (err > 0)
        return connect_to(l, a.text[l->addr_next++ % (unsigned)a.n], now_us);
    if (err == 0 && now_us < l->deadline_us)
        return l->deadline_us;
    char cause[200];
    snprintf(cause, sizeof(cause), "name %.100s not found: %s", l->target.url.host,
             err ? why : "no answer within 10 s");
    link_fail(l, cause, now_us);
    return l->retry_us;
}

static int64_t step_idle(struct link *l, int64_t now_us)
{
    struct vnet *v = l->lane->v;
    char why[NET_WHY_MAX];
    if (now_us < v->ws_hold_us) {
        l->state = LINK_BANNED;
        l->retry_us = v->ws_hold_us;
        return l->retry_us;
    }
    if (!bucket_take(&v->connects, 1, now_us))
        return bucket_ready_us(&v->connects, 1, now_us);
    if (feeds_target(v, l->lane->route, &l->target, why)) {
        link_fail(l, why, now_us);
        return l->retry_us;
    }
    l->state = LINK_RESOLVING;
    l->deadline_us = now_us + CONNECT_US;
    return step_resolving(l, now_us);
}

static int64_t step_connecting(struct link *l, int64_t now_us)
{
    if (now_us < l->deadline_us)
        return l->deadline_us;
    link_fail(l, l->asked ? "upgrade not answered within 10 s" : "no connection within 10 s",
              now_us);
    return l->retry_us;
}

static int64_t step_backoff(struct link *l, int64_t now_us)
{
    if (now_us < l->retry_us)
        return l->retry_us;
    l->state = LINK_IDLE;
    return step_idle(l, now_us);
}

/* The venue's own ping in its own words. Returns false when the link was given up. */
static bool ping_by_text(struct link *l, int64_t now_us)
{
    const struct venue *v = l->lane->v->venue;
    char buf[256];
    struct text t;
    if (v->limits.ping_s == 0 || !v->ping || now_us < l->ping_us)
        return true;
    if (l->pings_open >= PINGS_MISSED) {
        link_fail(l, "two pings not answered", now_us);
        return false;
    }
    if (!bucket_take(&l->msgs, 1, now_us))
        return true;
    text_init(&t, buf, sizeof(buf));
    if (v->ping(&t) == 0 && ws_send(l->ws, t.buf, t.len) == 0)
        l->pings_open++;
    l->ping_us = now_us + v->limits.ping_s * S_US;
    return true;
}

static bool ping_by_frame(struct link *l, int64_t now_us)
{
    int64_t silent_us = now_us - l->rx_us;
    if (silent_us >= RX_DEAD_US) {
        link_fail(l, "nothing heard for 30 s, not even a pong", now_us);
        return false;
    }
    if (silent_us >= RX_PING_US && now_us - l->rfc_ping_us >= RX_PING_US) {
        ws_ping(l->ws);
        l->rfc_ping_us = now_us;
    }
    return true;
}

static int64_t step_up(struct link *l, int64_t now_us)
{
    if (!ping_by_text(l, now_us) || !ping_by_frame(l, now_us))
        return l->retry_us;
    if (!l->settled && now_us - l->up_us >= SETTLED_US && l->conn_messages > l->conn_controls) {
        l->settled = true;
        l->backoff.n = 0;
        l->last_error[0] = 0;
    }
    int64_t due_us = subs_pump(l, now_us);
    if (l->lane->v->venue->limits.ping_s && l->ping_us < due_us)
        due_us = l->ping_us > now_us ? l->ping_us : now_us + S_US / 10;
    return due_us;
}

int64_t link_step(struct link *l, int64_t now_us)
{
    static int64_t (*const steps[])(struct link *, int64_t) = {
        [LINK_IDLE] = step_idle,
        [LINK_RESOLVING] = step_resolving,
        [LINK_CONNECTING] = step_connecting,
        [LINK_UP] = step_up,
        [LINK_BACKOFF] = step_backoff,
        [LINK_BANNED] = step_backoff,
    };
    if (l->open)
        return steps[l->state](l, now_us);
    link_close(l, "no longer wanted");
    return NEVER_US;
}
