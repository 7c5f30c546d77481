/* Subscriptions. In: transitions (into the ring, as text) and ticks. Out: notifications `alert`,
 * `gap`, `heartbeat`, `metrics`. Each subscription walks the ring with its own cursor and stops at
 * the client's soft limit, so a slow client costs nothing but its place in the ring. When it reads
 * again it gets the latest state of each alert, and `skipped` says how many transitions it did not
 * see; when the ring has moved past it, a `gap` and the state of everything. */
#include "serve/serve_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/rpc.h"

#define HELD_MAX_US INT64_C(2000000)
#define STUCK_US    30000000
#define PUMP_BYTES  65536 /* a client gets at most so much in one pass */

uint64_t stream_seq(const struct serve *s, uint64_t n)
{
    return (uint64_t)s->d.epoch << 32 | (n & 0xffffffffu);
}

static void begin(struct serve *s, const char *method, const struct sub *sub)
{
    struct text *t = &s->text;
    text_init(t, t->buf, t->cap);
    text_fmt(t, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":{\"subscription\":\"%u\"",
             method, sub->id);
}

/* Sends what begin started; a text that did not fit its limit is not sent. */
static bool finish(struct client *c, struct sub *sub)
{
    struct text *t = &c->s->text;
    text_str(t, "}}\n");
    if (t->full)
        return false;
    client_send(c, t->buf, t->len);
    sub->t_said_us = c->s->d.now_us(c->s->d.arg);
    return true;
}

static void say_alert(struct client *c, struct sub *sub, const struct history_entry *e)
{
    struct text *t = &c->s->text;
    uint64_t seq = stream_seq(c->s, e->n);
    begin(c->s, "alert", sub);
    text_kv_i64(t, "seq", (int64_t)seq);
    text_kv_i64(t, "prev", (int64_t)sub->told);
    if (sub->skipped)
        text_kv_i64(t, "skipped", (int64_t)sub->skipped);
    text_char(t, ',');
    text_put(t, e->text, e->len);
    if (!finish(c, sub))
        return;
    sub->told = seq;
    sub->skipped = 0;
}

/* The ring no longer holds what this subscription has yet to see: everything as it is now instead.
 */
static void say_gap(struct client *c, struct sub *sub)
{
    struct serve *s = c->s;
    struct text *t = &s->text;
    const struct engine *e = s->d.engine(s->d.arg);
    uint64_t seq = stream_seq(s, s->history.last_n);
    begin(s, "gap", sub);
    text_kv_i64(t, "seq", (int64_t)seq);
    text_kv_i64(t, "prev", (int64_t)sub->told);
    text_kv_i64(t, "first_seq", (int64_t)stream_seq(s, s->history.first_n));
    out_alerts(t, "snapshot", e, &sub->filter);
    if (!finish(c, sub)) {
        client_close(c, "the state of all alerts does not fit its output limit");
        return;
    }
    sub->next = s->history.last_n + 1;
    sub->told = seq;
    sub->skipped = 0;
}

/* May the client be told one more? Above its soft limit it is first given the chance to read. */
static bool has_room(struct client *c)
{
    if (client_queued(c) > c->s->soft_bytes)
        client_flush(c);
    return !c->closing && client_queued(c) <= c->s->soft_bytes;
}

static void pump_alerts(struct client *c, struct sub *sub)
{
    struct serve *s = c->s;
    const struct history *h = &s->history;
    size_t said = 0;
    if (sub->next < h->first_n && sub->next <= h->last_n && has_room(c))
        say_gap(c, sub);
    while (!c->closing && sub->next >= h->first_n && sub->next <= h->last_n && said < PUMP_BYTES) {
        const struct history_entry *e = history_get(h, sub->next);
        if (!has_room(c)) {
            sub->behind = true;
            return;
        }
        sub->next++;
        if (!filter_passes(&sub->filter, &e->key))
            continue;
        if (!e->text || (sub->behind && history_replaced(h, e, &sub->filter))) {
            sub->skipped++;
            s->st.coalesced++;
        } else {
            said += e->len;
            say_alert(c, sub, e);
        }
    }
    if (sub->next > h->last_n)
        sub->behind = false;
}

void stream_pump(struct client *c)
{
    for (int i = 0; i < SUBS_MAX && !c->closing; i++)
        if (c->sub[i] && !c->sub[i]->metrics)
            pump_alerts(c, c->sub[i]);
    client_flush(c);
}

/* Something can be told at once. A client over its limit is woken when it has read. */
bool stream_pending(const struct client *c)
{
    if (client_queued(c) > c->s->soft_bytes)
        return false;
    for (int i = 0; i < SUBS_MAX; i++)
        if (c->sub[i] && !c->sub[i]->metrics && c->sub[i]->next <= c->s->history.last_n)
            return true;
    return false;
}

void stream_alert(struct serve *s, const struct alert *a)
{
    char buf[2048];
    struct text t;
    struct alert_key k;
    const struct engine *e = s->d.engine(s->d.arg);
    if (!e)
        return;
    text_init(&t, buf, sizeof(buf));
    text_char(&t, '{'); /* so that the first member gets no comma */
    out_alert(&t, e, a);
    alert_key_of(e, a, &k);
    struct slice members = {t.full ? NULL : buf + 1, (uint32_t)t.len - 1};
    history_put(&s->history, a->n, a->id, &k, members);
    if (!s->d.wait_durable)
        serve_publish(s, a->n);
    else if (s->t_held_us == 0)
        s->t_held_us = a->t_us;
}

static void say_metrics(struct client *c, struct sub *sub, int64_t now_us)
{
    struct serve *s = c->s;
    if (client_queued(c) > s->soft_bytes) {
        sub->skipped++;
        s->st.coalesced++;
        return;
    }
    begin(s, "metrics", sub);
    text_kv_i64(&s->text, "t_us", now_us);
    if (sub->skipped)
        text_kv_i64(&s->text, "skipped", (int64_t)sub->skipped);
    out_samples(&s->text, s->d.engine(s->d.arg), &sub->query);
    if (finish(c, sub))
        sub->skipped = 0;
    else
        sub->skipped++;
}

static void say_heartbeat(struct client *c, struct sub *sub, int64_t now_us)
{
    uint64_t seq = stream_seq(c->s, sub->metrics ? c->s->history.last_n : sub->next - 1);
    begin(c->s, "heartbeat", sub);
    text_kv_i64(&c->s->text, "seq", (int64_t)seq);
    text_kv_i64(&c->s->text, "now_us", now_us);
    if (sub->skipped)
        text_kv_i64(&c->s->text, "skipped", (int64_t)sub->skipped);
    if (!finish(c, sub))
        return;
    sub->told = seq;
    sub->skipped = 0;
}

void serve_publish(struct serve *s, uint64_t n)
{
    history_publish(&s->history, n);
    if (s->history.last_n == s->history.put_n)
        s->t_held_us = 0;
    if (!s->stopping)
        serve_wake(s);
}

/* A disk that neither takes nor refuses must not keep the desk waiting. */
void stream_release(struct serve *s, int64_t now_us)
{
    if (s->t_held_us == 0 || now_us - s->t_held_us < HELD_MAX_US)
        return;
    s->st.undurable += s->history.put_n - s->history.last_n;
    serve_publish(s, s->history.put_n);
}

/* What waits in the ring for a client that is held back: the latest state of each alert. */
static size_t backlog_bytes(const struct client *c, const struct sub *sub)
{
    const struct history *h = &c->s->history;
    size_t bytes = 0;
    uint64_t n = sub->next < h->first_n ? h->first_n : sub->next;
    for (; n <= h->last_n; n++) {
        const struct history_entry *e = history_get(h, n);
        if (filter_passes(&sub->filter, &e->key) && !history_replaced(h, e, &sub->filter))
            bytes += e->len + 80;
    }
    return bytes;
}

/* Over the soft limit: closed when all it is owed passes the hard limit, or when it has read
 * nothing for half a minute. */
static bool too_slow(struct client *c, int64_t now_us)
{
    size_t owed = client_queued(c);
    if (owed <= c->s->soft_bytes) {
        c->stuck_bytes = 0;
        return false;
    }
    if (!c->stuck_bytes || owed < c->stuck_bytes) {
        c->stuck_bytes = owed;
        c->t_stuck_us = now_us;
    }
    for (int i = 0; i < SUBS_MAX; i++)
        if (c->sub[i] && !c->sub[i]->metrics)
            owed += backlog_bytes(c, c->sub[i]);
    return owed > c->s->hard_bytes || now_us - c->t_stuck_us >= STUCK_US;
}

void stream_tick(struct client *c, int64_t now_us)
{
    if (too_slow(c, now_us)) {
        client_slow(c);
        return;
    }
    for (int i = 0; i < SUBS_MAX && !c->closing; i++) {
        struct sub *sub = c->sub[i];
        if (!sub)
            continue;
        if (sub->metrics && now_us >= sub->t_due_us) {
            sub->t_due_us = now_us + (int64_t)sub->period_s * 1000000 - 500000;
            say_metrics(c, sub, now_us);
        }
        if (!c->closing && now_us - sub->t_said_us >= HEARTBEAT_US &&
            client_queued(c) <= c->s->soft_bytes)
            say_heartbeat(c, sub, now_us);
    }
    if (!c->closing)
        client_flush(c);
}

struct sub *stream_add(struct client *c)
{
    for (int i = 0; i < SUBS_MAX; i++) {
        if (c->sub[i])
            continue;
        c->sub[i] = calloc(1, sizeof(*c->sub[i]));
        if (!c->sub[i])
            return NULL;
        c->sub[i]->id = c->next_sub++;
        c->sub[i]->t_said_us = c->s->d.now_us(c->s->d.arg);
        c->s->st.subscribers++;
        return c->sub[i];
    }
    return NULL;
}

int stream_drop(struct client *c, uint32_t id)
{
    for (int i = 0; i < SUBS_MAX; i++) {
        if (!c->sub[i] || c->sub[i]->id != id)
            continue;
        free(c->sub[i]);
        c->sub[i] = NULL;
        c->s->st.subscribers--;
        return 0;
    }
    return E_UNKNOWN;
}

void stream_free(struct client *c)
{
    for (int i = 0; i < SUBS_MAX; i++)
        if (c->sub[i] && stream_drop(c, c->sub[i]->id) < 0)
            abort();
}
