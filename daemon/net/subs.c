/* What a connection carries: the wanted subscriptions of a lane, sent in batches within the venue's
 * message rate, answered by acks that arrive as texts. An ack that is late or refused is tried
 * again with back-off while the want stays. Matching is by id where the venue echoes one, else by
 * channel and instrument. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/feeds_priv.h"

#define RESEND_BASE_S  1
#define RESEND_CAP_S   60
#define REFUSED_BASE_S 5
#define REFUSED_CAP_S  600
#define RESUB_PAUSE_US S_US /* for the answer to the unsubscribe to pass */
#define BATCH_MAX      128
#define MESSAGE_MAX    16384

/* --- reconciling -------------------------------------------------------------------------------
 */

static int compare(const struct want *a, const struct want *b)
{
    if (a->channel != b->channel)
        return a->channel < b->channel ? -1 : 1;
    return a->inst < b->inst ? -1 : a->inst > b->inst;
}

/* The first place not before w. */
static int place(const struct lane *l, const struct want *w)
{
    int lo = 0, hi = l->n_subs;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (compare(&l->subs[mid].want, w) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void subs_begin(struct lane *l)
{
    for (int i = 0; i < l->n_subs; i++)
        l->subs[i].wanted = false;
    l->n_wanted = 0;
}

static int insert(struct lane *l, int at, const struct want *w)
{
    if (l->n_subs == l->cap_subs) {
        int cap = l->cap_subs ? l->cap_subs * 2 : 32;
        struct sub *p = realloc(l->subs, (size_t)cap * sizeof(*p));
        if (!p)
            return E_NOMEM;
        l->subs = p;
        l->cap_subs = cap;
    }
    memmove(&l->subs[at + 1], &l->subs[at], (size_t)(l->n_subs - at) * sizeof(*l->subs));
    l->subs[at] = (struct sub){.want = *w, .wanted = true};
    l->n_subs++;
    return 0;
}

static void renew(struct lane *l, struct sub *s, uint8_t how)
{
    if (how == RENEW_CONNECT)
        l->reconnect = true;
    for (int ab = 0; how == RENEW_SUBSCRIBE && ab < 2; ab++) {
        struct sub_on *on = &s->on[ab];
        if (on->state != SUB_SENT && on->state != SUB_ACKED)
            continue;
        on->state = SUB_WAIT;
        on->off_first = true;
        on->t_us = 0;
    }
}

int subs_want(struct lane *l, const struct want *w)
{
    int at = place(l, w);
    l->n_wanted++;
    if (at == l->n_subs || compare(&l->subs[at].want, w) != 0)
        return insert(l, at, w);
    struct sub *s = &l->subs[at];
    if (w->renew_n != s->want.renew_n)
        renew(l, s, w->renew);
    s->want = *w;
    s->wanted = true;
    return 0;
}

/* Drops what is neither wanted nor subscribed. */
void subs_end(struct lane *l)
{
    int kept = 0;
    for (int i = 0; i < l->n_subs; i++) {
        const struct sub *s = &l->subs[i];
        if (s->wanted || s->on[0].state != SUB_NONE || s->on[1].state != SUB_NONE)
            l->subs[kept++] = l->subs[i];
    }
    l->n_subs = kept;
}

void subs_reset(struct lane *l, uint8_t ab)
{
    for (int i = 0; i < l->n_subs; i++)
        l->subs[i].on[ab] = (struct sub_on){0};
}

bool subs_all_acked(const struct lane *l, uint8_t ab, uint32_t *acked)
{
    uint32_t n = 0;
    for (int i = 0; i < l->n_subs; i++)
        n += l->subs[i].wanted && l->subs[i].on[ab].state == SUB_ACKED;
    *acked = n;
    return n == l->n_wanted;
}

/* --- answers -----------------------------------------------------------------------------------
 */

/* A late ack still counts until the unsubscribe is sent; between that and the new subscription all
 * answers belong to the unsubscribe. */
static void answer(struct lane *l, struct sub_on *on, const struct event *e)
{
    bool late = on->state == SUB_WAIT && on->off_first && on->backoff.n > 0;
    if (e->u.control.what == CTL_ACK && (on->state == SUB_SENT || late)) {
        on->state = SUB_ACKED;
        on->off_first = false;
        on->tell = true;
        on->backoff.n = 0;
    } else if (e->u.control.what == CTL_ERROR && on->state == SUB_SENT) {
        struct slice said = e->u.control.text;
        if (said.len >= sizeof(l->refusal))
            said.len = sizeof(l->refusal) - 1;
        slice_copy(said, l->refusal, sizeof(l->refusal));
        on->state = SUB_REFUSED;
    }
}

void subs_answer(struct lane *l, uint8_t ab, const struct event *e, uint32_t inst)
{
    int64_t id = e->u.control.id;
    for (int i = 0; i < l->n_subs; i++) {
        struct sub *s = &l->subs[i];
        bool named = e->channel == s->want.channel && inst == s->want.inst;
        if (s->on[ab].state != SUB_NONE && (id >= 0 ? s->on[ab].id == id : named))
            answer(l, &s->on[ab], e);
    }
    feeds_wake(l->v->f);
}

/* --- sending -----------------------------------------------------------------------------------
 */

static void note_sub(struct link *k, const struct sub *s, enum note_kind kind, const char *cause)
{
    struct note n;
    note_init(&n, kind);
    n.venue = k->lane->v->index;
    n.conn = CONN_SLOT(k->lane->route, k->lane->shard, k->ab);
    n.cause = slice_of(cause);
    feeds_note(k->lane->v->f, &n, &s->want);
}

static void say_trouble(struct link *k, const struct sub *s, const char *what, const char *cause)
{
    struct feeds *f = k->lane->v->f;
    char buf[96];
    struct text name;
    text_init(&name, buf, sizeof(buf));
    want_name(f->d.directory(f->d.arg), &s->want, &name);
    snprintf(k->last_error, sizeof(k->last_error), "subscription of %.40s %s%s%.70s", buf, what,
             cause[0] ? ": " : "", cause);
    if (strcmp(k->logged, what) != 0)
        log_line(LOG_LV_WARNING, "feed %s: %s, trying again", k->lane->name, k->last_error);
    strncpy(k->logged, what, sizeof(k->logged) - 1);
}

static void judge_one(struct link *k, struct sub *s, int64_t now_us)
{
    struct rng *rng = &k->lane->v->f->rng;
    struct sub_on *on = &s->on[k->ab];
    if (on->state == SUB_ACKED && on->tell) {
        on->tell = false;
        note_sub(k, s, NOTE_ACKED, "");
    } else if (on->state == SUB_REFUSED) {
        on->state = SUB_WAIT;
        on->t_us = now_us + backoff_next_us(&on->backoff, rng, REFUSED_BASE_S, REFUSED_CAP_S);
        say_trouble(k, s, "refused", k->lane->refusal);
        note_sub(k, s, NOTE_REFUSED, k->lane->refusal);
    } else if (on->state == SUB_SENT && now_us >= on->t_us) {
        on->state = SUB_WAIT;
        on->off_first = true;
        on->t_us = now_us + backoff_next_us(&on->backoff, rng, RESEND_BASE_S, RESEND_CAP_S);
        say_trouble(k, s, "not acknowledged in time", "");
        note_sub(k, s, NOTE_ACK_TIMEOUT, "");
    }
}

static bool off_due(const struct sub *s, const struct sub_on *on, int64_t now_us)
{
    if (!s->wanted)
        return on->state != SUB_NONE;
    return on->state == SUB_WAIT && on->off_first && now_us >= on->t_us;
}

static bool on_due(const struct sub *s, const struct sub_on *on, int64_t now_us)
{
    if (!s->wanted || on->state == SUB_SENT || on->state == SUB_ACKED)
        return false;
    return on->state == SUB_NONE || (on->state == SUB_WAIT && !on->off_first && now_us >= on->t_us);
}

struct batch_out {
    int n;
    struct want wants[BATCH_MAX];
    struct sub *subs[BATCH_MAX];
};

/* Into the batch by priority, keeping the order among equals; a full batch drops its last. */
static void enlist(struct batch_out *b, int max, struct sub *s)
{
    int at = b->n;
    while (at > 0 && b->subs[at - 1]->want.priority > s->want.priority)
        at--;
    if (at == max)
        return;
    b->n += b->n < max;
    for (int i = b->n - 1; i > at; i--)
        b->subs[i] = b->subs[i - 1];
    b->subs[at] = s;
}

static void gather(struct link *k, bool on, int64_t now_us, struct batch_out *b)
{
    struct lane *l = k->lane;
    int max = l->v->venue->limits.sub_batch;
    max = max < 1 ? 1 : max > BATCH_MAX ? BATCH_MAX : max;
    b->n = 0;
    for (int i = 0; i < l->n_subs; i++) {
        struct sub *s = &l->subs[i];
        if ((on ? on_due : off_due)(s, &s->on[k->ab], now_us))
            enlist(b, max, s);
    }
    for (int i = 0; i < b->n; i++)
        b->wants[i] = b->subs[i]->want;
}

static void mark_off(struct link *k, struct batch_out *b, int64_t now_us)
{
    for (int i = 0; i < b->n; i++) {
        struct sub_on *on = &b->subs[i]->on[k->ab];
        on->off_first = false;
        on->id = -1;
        on->t_us = now_us + RESUB_PAUSE_US;
        if (!b->subs[i]->wanted)
            *on = (struct sub_on){0};
    }
    k->lane->sweep = true;
}

static void mark_on(struct link *k, struct batch_out *b, int64_t id, int64_t now_us)
{
    uint16_t ack_s = k->lane->v->venue->limits.ack_s;
    for (int i = 0; i < b->n; i++) {
        struct sub_on *on = &b->subs[i]->on[k->ab];
        on->state = ack_s ? SUB_SENT : SUB_ACKED;
        on->id = id;
        on->t_us = now_us + ack_s * S_US;
        note_sub(k, b->subs[i], NOTE_SENT, "");
    }
}

/* One message; halves the batch until its text fits. */
static int send_batch(struct link *k, bool on, struct batch_out *b, int64_t now_us)
{
    struct feeds *f = k->lane->v->f;
    char buf[MESSAGE_MAX];
    struct text t;
    int err;
    int64_t id = f->next_id++;
    do {
        text_init(&t, buf, sizeof(buf));
        const struct sub_message m = {b->wants, b->n, on, id};
        err = k->lane->v->venue->subscribe(f->d.directory(f->d.arg), &m, &t);
    } while (err == E_LIMIT && (b->n /= 2) > 0);
    if (err < 0 || (err = ws_send(k->ws, t.buf, t.len)) < 0)
        return err;
    if (on)
        mark_on(k, b, id, now_us);
    else
        mark_off(k, b, now_us);
    return 0;
}

/* When the next answer or retry is due. */
static int64_t next_due(const struct link *k)
{
    int64_t due_us = NEVER_US;
    for (int i = 0; i < k->lane->n_subs; i++) {
        const struct sub_on *on = &k->lane->subs[i].on[k->ab];
        if ((on->state == SUB_SENT || on->state == SUB_WAIT) && on->t_us < due_us)
            due_us = on->t_us;
    }
    return due_us;
}

/* When a message may be sent; now_us = at once, and then it is paid for. */
static int64_t allowed_us(struct link *k, int64_t now_us)
{
    if (now_us < k->lane->v->ws_hold_us)
        return k->lane->v->ws_hold_us;
    int64_t hourly_us = bucket_ready_us(&k->subs, 1, now_us);
    k->subs_delayed += hourly_us > now_us && !k->rationed;
    k->rationed = hourly_us > now_us;
    if (k->rationed)
        return hourly_us;
    if (!bucket_take(&k->msgs, 1, now_us))
        return bucket_ready_us(&k->msgs, 1, now_us);
    bool paid = bucket_take(&k->subs, 1, now_us);
    assert(paid); /* bucket_ready_us said so */
    return now_us;
}

int64_t subs_pump(struct link *k, int64_t now_us)
{
    struct batch_out b;
    for (int i = 0; i < k->lane->n_subs; i++)
        judge_one(k, &k->lane->subs[i], now_us);
    for (;;) {
        bool on = false;
        gather(k, on, now_us, &b);
        if (b.n == 0) {
            on = true;
            gather(k, on, now_us, &b);
        }
        if (b.n == 0)
            return next_due(k);
        int64_t at_us = allowed_us(k, now_us);
        if (at_us > now_us)
            return at_us;
        if (send_batch(k, on, &b, now_us) < 0)
            return now_us + S_US; /* queue full or a text that does not fit: later */
    }
}
