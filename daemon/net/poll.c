/* REST: the polls and snapshots a venue is asked for, in order of priority and within its budgets
 * (weight a minute, requests a second, requests at once). A poll keeps to its own phase of its
 * period, so that handshakes are spread; what fails comes back with back-off, and a venue that says
 * "too much" (429, 418, 5xx or its own words) is left alone for as long as it asks, or longer. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "net/feeds_priv.h"

#define RETRY_BASE_S 1
#define RETRY_CAP_S  60
#define HOLD_BASE_S  1
#define HOLD_CAP_S   120
#define HOLD_MAX_S   86400
#define PAGES_MAX    16  /* of one answer */
#define CURSOR_MAX   160 /* a longer one is not followed */

struct poll {
    struct vnet *v;
    struct want want;
    bool wanted;
    struct rest *rest; /* under way */
    int64_t due_us, deadline_us;
    struct backoff backoff;
    unsigned addr_next;
    struct rest_request req;
    uint32_t page;           /* the first is 0 */
    char cursor[CURSOR_MAX]; /* where the next page begins; "" = there is none */
};

static struct feeds *feeds_of(const struct poll *p)
{
    return p->v->f;
}

static const struct venue_channel *channel_of(const struct poll *p)
{
    return &p->v->venue->channels[p->want.channel];
}

void polls_init(struct vnet *v, int64_t now_us)
{
    const struct venue_limits *lim = &v->venue->limits;
    uint32_t own = v->f->conf->venue[v->index].rest_weight_per_min;
    bucket_init_minute(&v->rest.weight, own ? own : lim->weight_per_min, now_us);
    bucket_init_second(&v->rest.per_s, lim->rest_per_s, now_us);
}

/* --- when --------------------------------------------------------------------------------------
 */

static int64_t not_before_mono(const struct poll *p, int64_t now_us)
{
    struct feeds *f = feeds_of(p);
    int64_t wait_us = p->want.not_before_us - f->d.now_us(f->d.arg);
    return p->want.not_before_us && wait_us > 0 ? now_us + wait_us : now_us;
}

static void plan_retry(struct poll *p, int64_t now_us)
{
    int64_t due =
        now_us + backoff_next_us(&p->backoff, &feeds_of(p)->rng, RETRY_BASE_S, RETRY_CAP_S);
    int64_t not_before = not_before_mono(p, now_us);
    p->due_us = due > not_before ? due : not_before;
}

static void plan_next(struct poll *p, int64_t now_us)
{
    if (p->want.kind == WANT_SNAPSHOT || p->want.period_s == 0) {
        plan_retry(p, now_us); /* it came; if the want stays all the same it was of no use */
        return;
    }
    uint32_t key = (uint32_t)p->v->index << 24 ^ (uint32_t)p->want.channel << 16 ^ p->want.inst;
    p->backoff.n = 0;
    p->due_us = phase_next_us(key, p->want.period_s * S_US, now_us, &feeds_of(p)->rng);
}

/* --- pages --------------------------------------------------------------------------------------
 */

/* An answer that goes on: the next page is asked for as soon as the budgets allow. Without the rest
 * the answer still counts, so what is cut off is counted, not failed. */
void polls_on_event(struct vnet *v, const struct event *e)
{
    struct poll *p = v->rest.taking;
    if (!p || e->u.control.ask != ASK_NEXT_PAGE || !v->venue->next_page)
        return;
    if (p->page + 1 < PAGES_MAX && slice_copy(e->u.control.text, p->cursor, sizeof(p->cursor)))
        return;
    p->cursor[0] = 0;
    if (v->rest.pages_cut++ == 0)
        log_line(LOG_LV_WARNING, "rest %s: %s has more than %d pages, the rest is left out",
                 v->venue->name, p->req.name, PAGES_MAX);
}

static void first_page(struct poll *p)
{
    p->page = 0;
    p->cursor[0] = 0;
}

/* The answer to p is in; the core reads it. */
static void take_answer(struct poll *p, const struct rest_result *r, int64_t now_us)
{
    struct vnet *v = p->v;
    struct feeds *f = feeds_of(p);
    struct origin o = {.venue = v->index, .conn = CONN_REST, .req = p->req.name};
    p->cursor[0] = 0;
    plan_next(p, now_us);
    v->rest.taking = p;
    f->d.ingest(f->d.arg, &o, r->body, r->len);
    v->rest.taking = NULL;
    p->page = p->cursor[0] ? p->page + 1 : 0;
    v->rest.pages += p->cursor[0] != 0;
    if (p->cursor[0])
        p->due_us = now_us;
}

/* --- reconciling -------------------------------------------------------------------------------
 */

static int compare(const struct want *a, const struct want *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->channel != b->channel)
        return a->channel < b->channel ? -1 : 1;
    return a->inst < b->inst ? -1 : a->inst > b->inst;
}

static int place(const struct restq *q, const struct want *w)
{
    int lo = 0, hi = q->n;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (compare(&q->polls[mid]->want, w) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void polls_begin(struct vnet *v)
{
    for (int i = 0; i < v->rest.n; i++)
        v->rest.polls[i]->wanted = false;
}

static int insert(struct vnet *v, int at, const struct want *w, int64_t now_us)
{
    struct restq *q = &v->rest;
    if (q->n == q->cap) {
        int cap = q->cap ? q->cap * 2 : 64;
        struct poll **grown = realloc(q->polls, (size_t)cap * sizeof(*grown));
        if (!grown)
            return E_NOMEM;
        q->polls = grown;
        q->cap = cap;
    }
    struct poll *p = calloc(1, sizeof(*p));
    if (!p)
        return E_NOMEM;
    *p = (struct poll){.v = v, .want = *w, .wanted = true};
    p->due_us = not_before_mono(p, now_us);
    memmove(&q->polls[at + 1], &q->polls[at], (size_t)(q->n - at) * sizeof(struct poll *));
    q->polls[at] = p;
    q->n++;
    return 0;
}

int polls_want(struct vnet *v, const struct want *w, int64_t now_us)
{
    int at = place(&v->rest, w);
    if (at == v->rest.n || compare(&v->rest.polls[at]->want, w) != 0)
        return insert(v, at, w, now_us);
    struct poll *p = v->rest.polls[at];
    bool later = p->want.not_before_us != w->not_before_us;
    p->want = *w;
    p->wanted = true;
    if (later && w->kind == WANT_SNAPSHOT)
        p->due_us = not_before_mono(p, now_us);
    return 0;
}

static void poll_free(struct poll *p)
{
    if (p->rest) {
        rest_cancel(p->rest);
        p->v->rest.in_flight--;
    }
    free(p);
}

void polls_end(struct vnet *v)
{
    struct restq *q = &v->rest;
    int kept = 0;
    for (int i = 0; i < q->n; i++) {
        if (q->polls[i]->wanted)
            q->polls[kept++] = q->polls[i];
        else
            poll_free(q->polls[i]);
    }
    q->n = kept;
}

void polls_free(struct vnet *v)
{
    polls_begin(v);
    polls_end(v);
    free(v->rest.polls);
    v->rest.polls = NULL;
    v->rest.cap = 0;
}

/* --- failure -----------------------------------------------------------------------------------
 */

/* Retry-After: seconds, or an HTTP date (RFC 9110 10.2.3). -1 = absent or not understood. */
static int retry_after_s(const char *text, int64_t t_now_us)
{
    int64_t s;
    struct tm tm = {0};
    if (num_parse_i64(text, strlen(text), &s) == 0)
        return s < 0 ? -1 : s > HOLD_MAX_S ? HOLD_MAX_S : (int)s;
    if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        return -1;
    s = (int64_t)timegm(&tm) - t_now_us / S_US;
    return s < 0 ? 0 : s > HOLD_MAX_S ? HOLD_MAX_S : (int)s;
}

static void hold_venue(struct vnet *v, int status, int wait_s, int64_t now_us)
{
    struct feeds *f = v->f;
    struct restq *q = &v->rest;
    /* Requests that were under way when the hold began get the same answer: one trouble. */
    bool same = now_us < q->hold_us && status == q->hold_status;
    int64_t own_us = same ? 0 : backoff_next_us(&q->hold_backoff, &f->rng, HOLD_BASE_S, HOLD_CAP_S);
    int64_t asked_us = (int64_t)((double)wait_s * 1e6 * (1 + 0.1 * rng_unit(&f->rng)));
    int64_t wait_us = asked_us > own_us ? asked_us : own_us;
    if (now_us + wait_us <= q->hold_us)
        return;
    q->hold_us = now_us + wait_us;
    q->t_hold_us = f->d.now_us(f->d.arg) + wait_us;
    if (status == 418 && q->hold_us > v->ws_hold_us) /* a ban of our address, not of one request */
        v->ws_hold_us = q->hold_us;
    q->hold_status = status;
    if (same)
        return;
    log_line(LOG_LV_WARNING, "rest %s: HTTP status %d, asking nothing for %.1f s", v->venue->name,
             status, (double)wait_us / 1e6);
}

static void judge_status(struct poll *p, const struct rest_result *r, int64_t now_us)
{
    struct feeds *f = feeds_of(p);
    bool slow = r->status == 429 || r->status == 418 || r->status >= 500;
    int asked_s = retry_after_s(r->retry_after, f->d.now_us(f->d.arg));
    struct slice body = {r->body, r->len > 65536 ? 65536 : (uint32_t)r->len};
    int venue_s = feeds_backoff_s(p->v, r->status, asked_s, body);
    p->v->rest.limited += r->status == 429 || r->status == 418;
    if (slow || venue_s > 0)
        hold_venue(p->v, r->status, asked_s > venue_s ? asked_s : venue_s, now_us);
}

static void poll_failed(struct poll *p, int status, const char *cause, int64_t now_us)
{
    struct restq *q = &p->v->rest;
    struct note n;
    q->failed++;
    first_page(p); /* a cursor may not outlive a failure */
    plan_retry(p, now_us);
    snprintf(q->last_error, sizeof(q->last_error), "%s failed: %s",
             p->req.name[0] ? p->req.name : channel_of(p)->name, cause);
    if (p->backoff.n == 1 && log_allow(&q->log, now_us, 10 * S_US))
        log_line(LOG_LV_WARNING, "rest %s: %s, asking again in %.1f s", p->v->venue->name,
                 q->last_error, (double)(p->due_us - now_us) / 1e6);
    note_init(&n, NOTE_POLL_FAILED);
    n.venue = p->v->index;
    n.conn = CONN_REST;
    n.code = status;
    n.cause = slice_of(cause);
    feeds_note(feeds_of(p), &n, &p->want);
}

/* --- a request under way -----------------------------------------------------------------------
 */

static void on_done(void *arg, const struct rest_result *r)
{
    struct poll *p = arg;
    struct vnet *v = p->v;
    struct feeds *f = v->f;
    int64_t now_us = feeds_mono_us();
    char cause[160];
    p->rest = NULL;
    v->rest.in_flight--;
    feeds_wake(f);
    if (r->status == 200 && r->len) {
        v->rest.ok++;
        v->rest.hold_backoff.n = 0;
        take_answer(p, r, now_us);
        return;
    }
    if (r->status == 200)
        snprintf(cause, sizeof(cause), "empty answer");
    else if (r->status)
        snprintf(cause, sizeof(cause), "HTTP status %d", r->status);
    else
        snprintf(cause, sizeof(cause), "%s", r->cause);
    if (r->status)
        judge_status(p, r, now_us);
    poll_failed(p, r->status, cause, now_us);
}

static void count_weight(struct restq *q, uint32_t weight, int64_t now_us)
{
    int64_t slot = now_us / (10 * S_US);
    for (int i = 0; i < 6 && q->slot < slot; i++) /* forget what is older than a minute */
        q->weight_slot[++q->slot % 6] = 0;
    q->slot = slot;
    q->weight_slot[slot % 6] += weight;
}

/* Writes the request, of the first page or of the one that a cursor names. */
static int ask(struct poll *p)
{
    struct feeds *f = feeds_of(p);
    p->req = (struct rest_request){.name = ""};
    int err = p->v->venue->request(f->d.directory(f->d.arg), &p->want, &p->req);
    if (err >= 0 && p->cursor[0])
        err = p->v->venue->next_page(slice_of(p->cursor), &p->req);
    return err;
}

/* 1 = started, 0 = its host name is being looked up, negative = failed and planned anew. */
static int start(struct poll *p, int64_t now_us)
{
    struct feeds *f = feeds_of(p);
    struct net_target t = {.address = ""};
    struct addrs a;
    char why[NET_WHY_MAX], path[512];
    const char *cause = why;
    int err = ask(p);
    if (err < 0)
        cause = err_text(err);
    else
        err = feeds_target(p->v, p->req.second ? ROUTE_REST2 : ROUTE_REST, &t, why);
    if (err >= 0 && !t.address[0]) {
        err = resolver_get(f->resolver, t.url.host, &a, &cause);
        if (err == 0)
            return 0;
        if (err > 0)
            snprintf(t.address, sizeof(t.address), "%s", a.text[p->addr_next++ % (unsigned)a.n]);
    }
    if (err >= 0) {
        size_t base = strcmp(t.url.path, "/") == 0 ? 0 : strlen(t.url.path);
        snprintf(path, sizeof(path), "%.*s%s", (int)base, t.url.path, p->req.path);
        const struct rest_call call = {path, p->req.body, on_done, p};
        p->rest = rest_start(f->net, &t, &call, why);
        cause = why;
    }
    if (!p->rest) {
        poll_failed(p, 0, cause, now_us);
        return E_IO;
    }
    p->deadline_us = now_us + REST_US;
    p->v->rest.in_flight++;
    p->v->rest.requests++;
    count_weight(&p->v->rest, channel_of(p)->weight, now_us);
    return 1;
}

/* --- the queue ---------------------------------------------------------------------------------
 */

static bool goes_before(const struct poll *a, const struct poll *b)
{
    if (a->want.priority != b->want.priority)
        return a->want.priority < b->want.priority;
    return a->due_us < b->due_us;
}

/* The due poll that goes first; else NULL and in *due_us when one will be due. */
static struct poll *pick(const struct restq *q, int64_t now_us, int64_t *due_us)
{
    struct poll *best = NULL;
    for (int i = 0; i < q->n; i++) {
        struct poll *p = q->polls[i];
        if (p->rest)
            continue;
        if (p->due_us > now_us)
            *due_us = p->due_us < *due_us ? p->due_us : *due_us;
        else if (!best || goes_before(p, best))
            best = p;
    }
    return best;
}

static int64_t expire(struct vnet *v, int64_t now_us)
{
    int64_t due_us = NEVER_US;
    for (int i = 0; i < v->rest.n; i++) {
        struct poll *p = v->rest.polls[i];
        if (p->rest && p->deadline_us <= now_us) {
            rest_cancel(p->rest);
            p->rest = NULL;
            v->rest.in_flight--;
            poll_failed(p, 0, "no answer within 10 s", now_us);
        } else if (p->rest && p->deadline_us < due_us) {
            due_us = p->deadline_us;
        }
    }
    return due_us;
}

/* When the budgets allow a request of this weight; now_us = at once. */
static int64_t allowed_us(const struct restq *q, uint32_t weight, int64_t now_us)
{
    int64_t a = bucket_ready_us(&q->weight, weight, now_us);
    int64_t b = bucket_ready_us(&q->per_s, 1, now_us);
    return a > b ? a : b;
}

int64_t polls_step(struct vnet *v, int64_t now_us)
{
    struct restq *q = &v->rest;
    int64_t due_us = expire(v, now_us);
    int max = v->venue->limits.rest_in_flight ? v->venue->limits.rest_in_flight : 1;
    if (now_us < q->hold_us)
        return q->hold_us < due_us ? q->hold_us : due_us;
    while (q->in_flight < max) {
        struct poll *p = pick(q, now_us, &due_us);
        if (!p)
            return due_us;
        uint32_t weight = channel_of(p)->weight;
        int64_t at_us = allowed_us(q, weight, now_us);
        if (at_us > now_us)
            return at_us < due_us ? at_us : due_us;
        int started = start(p, now_us);
        if (started == 0)
            return due_us; /* the lookup wakes us */
        if (started < 0)
            continue; /* planned anew */
        bool paid = bucket_take(&q->weight, weight, now_us);
        paid = bucket_take(&q->per_s, 1, now_us) && paid;
        assert(paid); /* allowed_us said so */
    }
    return due_us; /* an answer wakes us */
}

void polls_status(const struct vnet *v, int64_t now_us, struct rest_status *out)
{
    const struct restq *q = &v->rest;
    int64_t slot = now_us / (10 * S_US);
    *out = (struct rest_status){.requests = q->requests,
                                .ok = q->ok,
                                .failed = q->failed,
                                .limited = q->limited,
                                .pages = q->pages,
                                .pages_cut = q->pages_cut,
                                .in_flight = (uint32_t)q->in_flight,
                                .t_banned_until_us = now_us < q->hold_us ? q->t_hold_us : 0};
    for (int64_t s = slot - 5; s <= slot; s++)
        out->weight_used_min +=
            s <= q->slot && s > q->slot - 6 && s >= 0 ? q->weight_slot[s % 6] : 0;
    for (int i = 0; i < q->n; i++)
        out->queued += !q->polls[i]->rest && q->polls[i]->due_us <= now_us;
    memcpy(out->last_error, q->last_error, sizeof(out->last_error));
}
