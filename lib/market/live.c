/* Liveness per venue, channel and instrument.
 * In: links, acks, data, failed polls. Out: states, gaps with both ends, what to renew. Owner: the
 * engine. Rows are found by a hash of their three names, in O(1), because each event marks one.
 * Surprising: renew is kept over a reconnect until a datum comes, so that one mute channel does not
 * tear down its connection again and again. */
#include "market/live.h"

#include <assert.h>
#include <stdlib.h>

#include "facts/origin.h"

#define SEC        1000000ll
#define HEADS      8192
#define NO_ROW     (-1)
#define NO_LINK_S  10 /* a link that is not up so long after it was wanted is a gap */
#define POLL_MIN_S 15

struct live {
    live_gap_fn *on_gap;
    void *arg;
    int n;             /* rows ever used: upper bound for live_at */
    int32_t free_head; /* chain of freed rows */
    int32_t head[HEADS], next[LIVE_MAX];
    bool up[DIR_VENUES_MAX][256]; /* per connection, A and B apart */
    struct live_row row[LIVE_MAX];
};

const char *gap_cause_name(enum gap_cause c)
{
    static const char *const names[GAP_CAUSES] = {"link_down",   "silent",   "sequence", "refused",
                                                  "poll_failed", "unwanted", "store"};
    return c < GAP_CAUSES ? names[c] : "unknown";
}

const char *live_state_name(enum live_state s)
{
    static const char *const names[LIVE_STATES] = {"down", "waiting", "ok", "silent", "refused"};
    return s < LIVE_STATES ? names[s] : "unknown";
}

struct live *live_new(live_gap_fn *on_gap, void *arg)
{
    struct live *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->on_gap = on_gap;
    l->arg = arg;
    l->free_head = NO_ROW;
    for (int i = 0; i < HEADS; i++)
        l->head[i] = NO_ROW;
    return l;
}

void live_free(struct live *l)
{
    free(l);
}

/* --- finding ---------------------------------------------------------------------------------- */

static uint32_t hash_of(uint8_t venue, uint8_t channel, uint32_t inst)
{
    uint64_t x = (uint64_t)inst << 16 | (uint64_t)venue << 8 | channel;
    return (uint32_t)((x * 0x9E3779B97F4A7C15ull) >> 51); /* 13 bits = HEADS */
}

static bool is_row(const struct live_row *r, uint8_t venue, uint8_t channel, uint32_t inst)
{
    return r->inst == inst && r->venue == venue && r->channel == channel;
}

static int32_t find(const struct live *l, uint8_t venue, uint8_t channel, uint32_t inst)
{
    int32_t i = l->head[hash_of(venue, channel, inst)];
    while (i != NO_ROW && !is_row(&l->row[i], venue, channel, inst))
        i = l->next[i];
    return i;
}

static struct live_row *row_of(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst)
{
    int32_t i = find(l, venue, channel, inst);
    return i == NO_ROW ? NULL : &l->row[i];
}

const struct live_row *live_find(const struct live *l, uint8_t venue, uint8_t channel,
                                 uint32_t inst)
{
    int32_t i = find(l, venue, channel, inst);
    return i == NO_ROW ? NULL : &l->row[i];
}

int live_count(const struct live *l)
{
    return l->n;
}

const struct live_row *live_at(const struct live *l, int i)
{
    return i >= 0 && i < l->n && l->row[i].used ? &l->row[i] : NULL;
}

/* --- gaps ------------------------------------------------------------------------------------- */

static void tell(struct live *l, const struct live_row *r, uint8_t cause, int64_t from, int64_t to)
{
    struct gap g = {from, to, r->venue, r->channel, cause, r->inst};
    if (l->on_gap)
        l->on_gap(l->arg, &g);
}

static void gap_begin(struct live *l, struct live_row *r, enum gap_cause cause, int64_t from_us)
{
    if (r->gap_open)
        return;
    r->gap_open = true;
    r->gap_cause = (uint8_t)cause;
    r->t_gap_us = from_us;
    r->n_gaps++;
    tell(l, r, r->gap_cause, from_us, 0);
}

static void gap_end(struct live *l, struct live_row *r, int64_t to_us)
{
    if (!r->gap_open)
        return;
    r->gap_open = false;
    tell(l, r, r->gap_cause, r->t_gap_us, to_us);
}

void live_broken(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (!r || r->seq_gap)
        return;
    r->seq_gap = true;
    r->t_seq_us = now_us;
    r->n_gaps++;
    tell(l, r, GAP_SEQUENCE, r->t_seq_us, 0);
}

void live_healed(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (!r || !r->seq_gap)
        return;
    r->seq_gap = false;
    tell(l, r, GAP_SEQUENCE, r->t_seq_us, now_us);
}

/* --- rows ------------------------------------------------------------------------------------- */

bool live_conn_up(const struct live *l, uint8_t venue, uint8_t conn)
{
    if (venue >= DIR_VENUES_MAX)
        return false;
    if (conn == CONN_REST)
        return true;
    return l->up[venue][conn & ~1] || l->up[venue][conn | 1];
}

/* The link of a row has just come up (or is up already when the row is made). */
static void row_up(struct live_row *r, int64_t now_us)
{
    r->t_up_us = now_us;
    r->t_first_us = 0;
    r->acked = false;
    r->state = LIVE_WAITING;
}

static int32_t row_take(struct live *l)
{
    int32_t i = l->free_head;
    if (i != NO_ROW)
        l->free_head = l->next[i];
    else if (l->n < LIVE_MAX)
        i = l->n++;
    return i;
}

static struct live_row *row_make(struct live *l, const struct live_row *init, int64_t now_us)
{
    int32_t i = row_take(l);
    if (i == NO_ROW)
        return NULL;
    uint32_t h = hash_of(init->venue, init->channel, init->inst);
    l->next[i] = l->head[h];
    l->head[h] = i;
    l->row[i] = (struct live_row){.venue = init->venue,
                                  .channel = init->channel,
                                  .inst = init->inst,
                                  .conn = init->conn,
                                  .used = true,
                                  .t_wanted_us = now_us};
    rate_init(&l->row[i].rate);
    if (live_conn_up(l, init->venue, init->conn))
        row_up(&l->row[i], now_us);
    return &l->row[i];
}

int live_want(struct live *l, const struct live_row *init, int64_t now_us)
{
    assert(init->venue < DIR_VENUES_MAX);
    struct live_row *r = row_of(l, init->venue, init->channel, init->inst);
    if (!r)
        r = row_make(l, init, now_us);
    if (!r)
        return E_LIMIT;
    r->first_s = init->first_s;
    r->silent_s = init->silent_s;
    r->period_s = init->period_s;
    r->sparse = init->sparse;
    if (r->conn != init->conn) { /* moved to another connection: it starts anew there */
        r->conn = init->conn;
        r->t_up_us = 0;
        r->state = LIVE_DOWN;
        if (live_conn_up(l, r->venue, r->conn))
            row_up(r, now_us);
    }
    return 0;
}

void live_unwant(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    int32_t i = find(l, venue, channel, inst);
    if (i == NO_ROW)
        return;
    gap_end(l, &l->row[i], now_us);
    live_healed(l, venue, channel, inst, now_us);
    int32_t *link = &l->head[hash_of(venue, channel, inst)];
    while (*link != i)
        link = &l->next[*link];
    *link = l->next[i];
    l->next[i] = l->free_head;
    l->free_head = i;
    l->row[i].used = false;
}

/* --- what happened ---------------------------------------------------------------------------- */

/* The ack is void (link gone, refused): what was waited until here stays on the account. */
static void unack(struct live_row *r, int64_t now_us)
{
    r->unheard_us = live_unheard_us(r, now_us);
    r->t_acked_us = 0;
    r->acked = false;
}

static void row_down(struct live *l, struct live_row *r, int64_t now_us)
{
    bool knew = r->t_up_us && (r->t_last_us || r->acked);
    r->t_up_us = 0;
    unack(r, now_us);
    r->state = LIVE_DOWN;
    if (knew)
        gap_begin(l, r, GAP_LINK_DOWN, now_us);
}

void live_link(struct live *l, uint8_t venue, uint8_t conn, bool up, int64_t now_us)
{
    if (venue >= DIR_VENUES_MAX || conn == CONN_REST)
        return;
    l->up[venue][conn] = up;
    bool pair_up = live_conn_up(l, venue, conn);
    for (int i = 0; i < l->n; i++) {
        struct live_row *r = &l->row[i];
        if (!r->used || r->venue != venue || r->conn != (conn & ~1))
            continue;
        if (pair_up && (r->t_up_us == 0 || r->state == LIVE_DOWN))
            row_up(r, now_us);
        else if (!pair_up && r->t_up_us)
            row_down(l, r, now_us);
    }
}

void live_refused(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (!r)
        return;
    unack(r, now_us);
    r->state = LIVE_REFUSED;
    gap_begin(l, r, GAP_REFUSED, now_us);
}

void live_acked(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (!r)
        return;
    r->acked = true;
    if (r->t_last_us == 0 && r->t_acked_us == 0)
        r->t_acked_us = now_us;
    if (r->state == LIVE_REFUSED)
        r->state = LIVE_WAITING;
    if (r->sparse && r->t_up_us) {
        r->state = LIVE_OK;
        gap_end(l, r, now_us);
    }
}

void live_sent(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (r && r->t_up_us && r->t_first_us == 0 && r->renew == RENEW_NO)
        r->t_up_us = now_us;
}

void live_data(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    if (!r)
        return;
    r->n_data++;
    r->t_last_us = now_us;
    r->poll_fails = 0;
    if (r->t_up_us == 0)
        r->t_up_us = now_us;
    if (r->t_first_us == 0)
        r->t_first_us = now_us;
    r->state = LIVE_OK;
    r->renew = RENEW_NO;
    gap_end(l, r, now_us);
}

void live_poll_failed(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us)
{
    struct live_row *r = row_of(l, venue, channel, inst);
    (void)now_us;
    if (r && r->poll_fails < UINT8_MAX)
        r->poll_fails++;
}

/* --- judging ---------------------------------------------------------------------------------- */

int64_t live_unheard_us(const struct live_row *r, int64_t now_us)
{
    if (r->t_last_us)
        return 0;
    return r->unheard_us + (r->t_acked_us ? now_us - r->t_acked_us : 0);
}

int64_t live_limit_us(const struct live_row *r)
{
    int64_t s = r->t_first_us ? r->silent_s : r->first_s;
    if (r->sparse)
        return 0;
    if (r->conn == CONN_REST) {
        int64_t poll = 3 * (int64_t)r->period_s;
        poll = poll > POLL_MIN_S ? poll : POLL_MIN_S;
        s = s > poll ? s : poll;
    }
    return s * SEC;
}

static void ask(struct live_row *r, enum want_renew how, int64_t now_us)
{
    r->renew = (uint8_t)how;
    r->renew_n++;
    r->t_renew_us = now_us;
}

/* Subscribe at the limit, connect at twice, connect again each four times. */
static void renew(struct live_row *r, int64_t age_us, int64_t limit, int64_t now_us)
{
    int64_t since = now_us - r->t_renew_us;
    if (r->conn == CONN_REST)
        return; /* polls repeat by themselves */
    if (r->renew == RENEW_NO)
        ask(r, RENEW_SUBSCRIBE, now_us);
    else if (r->renew == RENEW_SUBSCRIBE && age_us >= 2 * limit && since >= limit)
        ask(r, RENEW_CONNECT, now_us);
    else if (r->renew == RENEW_CONNECT && since >= 4 * limit)
        ask(r, RENEW_CONNECT, now_us);
}

static void judge_silence(struct live *l, struct live_row *r, int64_t now_us)
{
    int64_t limit = live_limit_us(r);
    int64_t since = r->t_first_us ? r->t_last_us : r->t_up_us;
    if (limit == 0 || now_us - since < limit) {
        if (r->t_first_us || (r->sparse && r->acked))
            r->state = LIVE_OK;
        else
            r->state = LIVE_WAITING;
        return;
    }
    r->state = LIVE_SILENT;
    gap_begin(l, r, r->poll_fails ? GAP_POLL_FAILED : GAP_SILENT,
              r->t_last_us ? r->t_last_us : since);
    renew(r, now_us - since, limit, now_us);
}

static void judge(struct live *l, struct live_row *r, int64_t now_us)
{
    if (r->t_up_us == 0) {
        int64_t s = r->first_s > NO_LINK_S && !r->sparse ? r->first_s : NO_LINK_S;
        r->state = LIVE_DOWN;
        if (now_us - r->t_wanted_us >= s * SEC)
            gap_begin(l, r, GAP_LINK_DOWN, r->t_last_us ? r->t_last_us : r->t_wanted_us);
    } else if (r->state != LIVE_REFUSED) {
        judge_silence(l, r, now_us);
    }
}

/* A row with a silence limit that says nothing at all is the timer's; what it counts meanwhile is
 * no rate. A sparse one has nobody else, so its silence counts. */
static void judge_rate(struct live_row *r, int64_t now_us)
{
    if (r->conn == CONN_REST)
        return;
    bool heard = r->t_up_us && (r->t_first_us || (r->sparse && r->acked));
    bool mute = !r->sparse && now_us - r->t_last_us >= RATE_BLOCK_S * SEC;
    if (!heard || r->state == LIVE_REFUSED || mute)
        rate_break(&r->rate);
    else
        (void)rate_step(&r->rate, r->n_data, now_us);
}

void live_tick(struct live *l, int64_t now_us)
{
    for (int i = 0; i < l->n; i++) {
        if (!l->row[i].used)
            continue;
        judge(l, &l->row[i], now_us);
        judge_rate(&l->row[i], now_us);
    }
}
