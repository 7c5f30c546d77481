/* The public face of the feeds (feeds.h): reconciling wants, the pump that moves all state, start
 * and stop. One timer serves every connection and every poll: it is armed to the earliest moment
 * any of them named, and at once when something happened. */
#include "net/feeds.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/feeds_priv.h"

#define PUMP_MIN_US   1000
#define PUMP_MAX_US   S_US
#define NAMES_KEPT_US (60 * S_US)

int64_t feeds_mono_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

const char *link_state_name(enum link_state s)
{
    static const char *const names[] = {
        [LINK_IDLE] = "idle", [LINK_RESOLVING] = "resolving", [LINK_CONNECTING] = "connecting",
        [LINK_UP] = "up",     [LINK_BACKOFF] = "backoff",     [LINK_BANNED] = "banned"};
    return names[s];
}

/* --- small services to the other files ---------------------------------------------------------
 */

const char *feeds_url(const struct vnet *v, int route)
{
    const struct conf_venue *c = &v->f->conf->venue[v->index];
    if (route == ROUTE_REST2)
        return c->rest2_url[0] ? c->rest2_url : v->venue->rest2_url;
    if (route < 0)
        return c->rest_url[0] ? c->rest_url : v->venue->rest_url;
    return c->url[route][0] ? c->url[route] : v->venue->routes[route].url;
}

int feeds_target(struct vnet *v, int route, struct net_target *t, char why[NET_WHY_MAX])
{
    const struct conf_venue *c = &v->f->conf->venue[v->index];
    char reason[URL_WHY_MAX];
    memset(t, 0, sizeof(*t));
    if (url_parse(feeds_url(v, route), &t->url, reason) || t->url.websocket != (route >= 0)) {
        snprintf(why, NET_WHY_MAX, "%s", t->url.host[0] ? "the URL has the wrong scheme" : reason);
        return E_SYNTAX;
    }
    snprintf(t->address, sizeof(t->address), "%s", c->address);
    snprintf(t->ca_file, sizeof(t->ca_file), "%s", c->ca_file);
    t->deflate = c->deflate && route >= 0;
    return 0;
}

void feeds_note(struct feeds *f, struct note *n, const struct want *w)
{
    n->channel = w->channel;
    if (w->inst != INST_NONE)
        n->symbol = slice_of(directory_get(f->d.directory(f->d.arg), w->inst)->symbol);
    f->d.note(f->d.arg, n);
}

int feeds_backoff_s(const struct vnet *v, int http_status, int retry_after_s, struct slice body)
{
    return v->venue->backoff_s ? v->venue->backoff_s(http_status, retry_after_s, body) : 0;
}

/* --- the pump ----------------------------------------------------------------------------------
 */

static void reconcile_stream(struct feeds *f, const struct want *w)
{
    uint8_t route = CONN_ROUTE(w->conn);
    struct vnet *v = &f->venues[w->venue];
    if (w->conn == CONN_REST || route >= v->venue->n_routes)
        return;
    struct lane *l = lane_get(v, route, CONN_SHARD(w->conn));
    if (!l || subs_want(l, w))
        log_line(LOG_LV_ERROR, "feed %s: out of memory, a subscription is left out",
                 v->venue->name);
}

static void reconcile(struct feeds *f, int64_t now_us)
{
    int n = f->d.wants(f->d.arg, f->wants, WANTS_MAX);
    f->reconcile_due = false;
    for (int i = 0; i < n_venues; i++) {
        for (struct lane *l = f->venues[i].lanes; l; l = l->next)
            subs_begin(l);
        polls_begin(&f->venues[i]);
    }
    for (int i = 0; i < n; i++) {
        const struct want *w = &f->wants[i];
        if (w->venue >= n_venues || w->channel >= f->venues[w->venue].venue->n_channels)
            continue;
        if (w->kind == WANT_STREAM)
            reconcile_stream(f, w);
        else if (polls_want(&f->venues[w->venue], w, now_us))
            log_line(LOG_LV_ERROR, "rest %s: out of memory, a request is left out",
                     f->venues[w->venue].venue->name);
    }
    for (int i = 0; i < n_venues; i++) {
        for (struct lane *l = f->venues[i].lanes; l; l = l->next)
            subs_end(l);
        polls_end(&f->venues[i]);
    }
}

static void on_pump(uv_timer_t *timer)
{
    struct feeds *f = timer->data;
    int64_t now_us = feeds_mono_us(), due_us = now_us + PUMP_MAX_US;
    if (f->stopping)
        return;
    if (f->reconcile_due)
        reconcile(f, now_us);
    f->woken = false;
    netctx_sweep(f->net, now_us);
    for (int i = 0; i < n_venues; i++) {
        struct vnet *v = &f->venues[i];
        lane_step_all(v, now_us, &due_us);
        int64_t t = polls_step(v, now_us);
        due_us = t < due_us ? t : due_us;
    }
    int64_t wait_us = due_us - now_us < PUMP_MIN_US ? PUMP_MIN_US : due_us - now_us;
    if (!f->woken) /* a callback on the way has not asked for an earlier turn */
        uv_timer_start(timer, on_pump, (uint64_t)((wait_us + 999) / 1000), 0);
}

void feeds_wake(struct feeds *f)
{
    f->woken = true;
    if (!f->stopping)
        uv_timer_start(&f->pump, on_pump, 0, 0);
}

void feeds_reconcile(struct feeds *f)
{
    f->reconcile_due = true;
    feeds_wake(f);
}

void feeds_on_event(struct feeds *f, const struct origin *o, const struct event *e, uint32_t inst)
{
    if (e->kind != EV_CONTROL || o->venue >= n_venues || f->stopping)
        return;
    if (o->conn == CONN_REST) {
        polls_on_event(&f->venues[o->venue], e);
        return;
    }
    for (struct lane *l = f->venues[o->venue].lanes; l; l = l->next)
        if (l->route == CONN_ROUTE(o->conn) && l->shard == CONN_SHARD(o->conn))
            lane_on_event(l, CONN_AB(o->conn), e, inst);
}

void feeds_reload(struct feeds *f, const struct conf *c)
{
    f->conf = c;
    for (int i = 0; i < n_venues; i++) {
        for (struct lane *l = f->venues[i].lanes; l; l = l->next)
            l->retarget = true;
    }
    feeds_reconcile(f);
}

/* --- start and stop ----------------------------------------------------------------------------
 */

static int check_trust(const struct conf *c, char why[160])
{
    for (int i = 0; i < n_venues; i++)
        if (c->venue[i].enabled && c->venue[i].ca_file[0] &&
            netctx_check_ca(c->venue[i].ca_file, why))
            return E_IO;
    return 0;
}

static void on_resolved(void *arg);

static void init_venues(struct feeds *f)
{
    int64_t now_us = feeds_mono_us();
    for (int i = 0; i < n_venues; i++) {
        struct vnet *v = &f->venues[i];
        uint16_t per_min = venues[i]->limits.connects_per_min;
        *v = (struct vnet){.f = f, .index = (uint8_t)i, .venue = venues[i]};
        bucket_init_minute(&v->connects, per_min ? per_min : 30, now_us);
        polls_init(v, now_us);
    }
}

struct feeds *feeds_new(const struct feeds_deps *d, char why[160])
{
    assert(n_venues <= DIR_VENUES_MAX);
    if (check_trust(d->conf, why))
        return NULL;
    struct feeds *f = calloc(1, sizeof(*f));
    struct resolver *r = f ? resolver_new(d->loop, NAMES_KEPT_US, on_resolved, f) : NULL;
    struct netctx *net = r ? netctx_new(d->loop, why) : NULL;
    if (!net) {
        if (!r)
            snprintf(why, 160, "out of memory");
        resolver_free(r);
        free(f);
        return NULL;
    }
    f->d = *d;
    f->conf = d->conf;
    f->resolver = r;
    f->net = net;
    f->next_id = 1;
    rng_seed(&f->rng);
    init_venues(f);
    uv_timer_init(d->loop, &f->pump);
    f->pump.data = f;
    return f;
}

static void on_pump_closed(uv_handle_t *h)
{
    struct feeds *f = h->data;
    f->done(f->done_arg);
}

static void stop_if_quiet(struct feeds *f)
{
    if (f->net_stopped && resolver_idle(f->resolver) && !uv_is_closing((uv_handle_t *)&f->pump))
        uv_close((uv_handle_t *)&f->pump, on_pump_closed);
}

static void on_resolved(void *arg)
{
    struct feeds *f = arg;
    feeds_wake(f);
    if (f->stopping)
        stop_if_quiet(f);
}

static void on_net_stopped(void *arg)
{
    struct feeds *f = arg;
    f->net_stopped = true;
    stop_if_quiet(f);
}

void feeds_stop(struct feeds *f, void (*done)(void *arg), void *arg)
{
    assert(!f->stopping);
    f->stopping = true;
    f->done = done;
    f->done_arg = arg;
    uv_timer_stop(&f->pump);
    for (int i = 0; i < n_venues; i++) {
        for (struct lane *l = f->venues[i].lanes; l; l = l->next)
            for (int ab = 0; ab < 2; ab++)
                link_close(&l->links[ab], "stopping");
        polls_free(&f->venues[i]);
    }
    resolver_stop(f->resolver);
    netctx_stop(f->net, on_net_stopped, f);
}

void feeds_free(struct feeds *f)
{
    if (!f)
        return;
    for (int i = 0; i < n_venues; i++)
        lanes_free(&f->venues[i]);
    resolver_free(f->resolver);
    netctx_free(f->net);
    free(f);
}

/* --- status ------------------------------------------------------------------------------------
 */

int feeds_links(const struct feeds *f, struct link_status *out, int max)
{
    int n = 0;
    for (int i = 0; i < n_venues; i++)
        for (const struct lane *l = f->venues[i].lanes; l; l = l->next)
            n += lane_status(l, n < max ? &out[n] : NULL, n < max ? max - n : 0);
    return n;
}

void feeds_rest(const struct feeds *f, uint8_t venue, struct rest_status *out)
{
    assert(venue < n_venues);
    polls_status(&f->venues[venue], feeds_mono_us(), out);
}
