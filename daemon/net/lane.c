/* A lane: one planned connection (route and shard of a venue) on two slots, A and B. It opens the
 * second slot before the venue's limit on a connection's life, or when the venue says that it is
 * about to close the first, lets both run until the new one has
 * its acks and data, then closes the old. Also the door for what the venue answers on a connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/feeds_priv.h"

static struct lane *lane_new(struct vnet *v, uint8_t route, uint8_t shard)
{
    struct lane *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->v = v;
    l->route = route;
    l->shard = shard;
    const char *route_name = v->venue->routes[route].name;
    if (shard)
        snprintf(l->name, sizeof(l->name), "%s/%s#%u", v->venue->name, route_name, (unsigned)shard);
    else
        snprintf(l->name, sizeof(l->name), "%s/%s", v->venue->name, route_name);
    link_init(&l->links[0], l, 0);
    link_init(&l->links[1], l, 1);
    l->next = v->lanes;
    v->lanes = l;
    return l;
}

struct lane *lane_get(struct vnet *v, uint8_t route, uint8_t shard)
{
    for (struct lane *l = v->lanes; l; l = l->next)
        if (l->route == route && l->shard == shard)
            return l;
    return lane_new(v, route, shard);
}

/* Planned life of the lane's connections; lanes differ by up to a tenth, so that they do not all
 * rotate at once. 0 = no limit. */
static int64_t life_us(const struct lane *l)
{
    const struct conf_venue *cv = &l->v->f->conf->venue[l->v->index];
    uint32_t s = cv->rotate_s ? cv->rotate_s : l->v->venue->limits.rotate_s;
    unsigned place = l->route * 5u + l->shard * 3u;
    return (int64_t)s * S_US / 100 * (100 - place % 11);
}

static bool has_taken_over(const struct lane *l, const struct link *k, int64_t now_us)
{
    uint32_t acked;
    if (k->state != LINK_UP)
        return false;
    if (now_us - k->up_us >= HANDOVER_US)
        return true;
    return subs_all_acked(l, k->ab, &acked) && k->conn_messages > k->conn_controls;
}

static void rotate(struct lane *l, int64_t now_us)
{
    struct link *cur = &l->links[l->active], *next = &l->links[!l->active];
    int64_t life = life_us(l);
    bool due = l->closing || (life && now_us - cur->up_us >= life);
    l->closing = l->closing && cur->state == LINK_UP && !l->rotating;
    if (!l->rotating && due && cur->state == LINK_UP) {
        l->closing = false;
        l->rotating = true;
        next->open = true;
    } else if (l->rotating && (cur->state != LINK_UP || has_taken_over(l, next, now_us))) {
        l->rotating = false;
        l->active = !l->active;
        cur->open = false;
        link_close(cur, "rotated to the other slot");
    }
}

static bool same_target(const struct net_target *a, const struct net_target *b)
{
    return strcmp(a->url.authority, b->url.authority) == 0 &&
           strcmp(a->url.path, b->url.path) == 0 && a->url.tls == b->url.tls &&
           a->deflate == b->deflate && strcmp(a->ca_file, b->ca_file) == 0;
}

/* After a reload: a connection to what is no longer configured is replaced. address is filled in
 * from the lookup, so a changed address override counts only when one is set. */
static void retarget(struct lane *l)
{
    struct net_target t;
    char why[NET_WHY_MAX];
    if (feeds_target(l->v, l->route, &t, why))
        return;
    for (int i = 0; i < 2; i++) {
        struct link *k = &l->links[i];
        bool moved = t.address[0] && strcmp(t.address, k->target.address) != 0;
        if (k->state != LINK_IDLE && (moved || !same_target(&t, &k->target))) {
            link_close(k, "configuration changed");
            k->backoff.n = 0;
        }
    }
}

static int64_t lane_step(struct lane *l, int64_t now_us)
{
    struct link *cur = &l->links[l->active];
    if (l->retarget)
        retarget(l);
    if (l->reconnect && cur->state == LINK_UP)
        link_fail(cur, "silent although subscribed anew", now_us);
    l->retarget = l->reconnect = false;
    cur->open = l->n_wanted > 0;
    if (!cur->open) {
        l->links[!l->active].open = false;
        l->rotating = false;
    }
    rotate(l, now_us);
    int64_t a = link_step(&l->links[0], now_us), b = link_step(&l->links[1], now_us);
    if (l->sweep)
        subs_end(l);
    l->sweep = false;
    return a < b ? a : b;
}

void lane_step_all(struct vnet *v, int64_t now_us, int64_t *due_us)
{
    for (struct lane *l = v->lanes; l; l = l->next) {
        int64_t t = lane_step(l, now_us);
        if (t < *due_us)
            *due_us = t;
    }
}

void lane_on_event(struct lane *l, uint8_t ab, const struct event *e, uint32_t inst)
{
    struct link *k = &l->links[ab];
    enum control_what what = e->u.control.what;
    k->conn_controls++;
    if (what == CTL_PONG)
        link_pong(k);
    if (what == CTL_ACK || what == CTL_ERROR)
        subs_answer(l, ab, e, inst);
    if (e->u.control.ask == ASK_RECONNECT && ab == l->active && !l->rotating && !l->closing) {
        log_line(LOG_LV_INFO, "feed %s: the venue is about to close it, opening another", l->name);
        l->closing = true;
        feeds_wake(l->v->f);
    }
    if (what == CTL_ERROR || what == CTL_NOTICE) {
        int hold_s = feeds_backoff_s(l->v, 0, -1, e->u.control.text);
        int64_t until_us = feeds_mono_us() + hold_s * S_US;
        if (hold_s > 0 && until_us > l->v->ws_hold_us)
            l->v->ws_hold_us = until_us;
    }
}

int lane_status(const struct lane *l, struct link_status *out, int max)
{
    int n = 0;
    for (uint8_t ab = 0; ab < 2; ab++) {
        const struct link *k = &l->links[ab];
        if (ab != l->active && k->state == LINK_IDLE)
            continue;
        if (n < max)
            link_status(k, &out[n]);
        n++;
    }
    return n;
}

void lanes_free(struct vnet *v)
{
    while (v->lanes) {
        struct lane *l = v->lanes;
        v->lanes = l->next;
        free(l->subs);
        free(l);
    }
}
