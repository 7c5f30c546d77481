/* Wants: the channels of enabled venues and tracked instruments, kept as rows of the liveness
 * table, so that what is wanted and what is judged silent are the same list. engine_wants reads it
 * out sorted. A shard is given to a stream when it is first wanted and kept, so that a change of
 * the universe does not move the streams of others. */
#include "engine/engine_priv.h"

#include <assert.h>
#include <stdlib.h>

static uint8_t route_of(const struct engine *e, uint8_t venue, uint8_t channel, uint32_t inst)
{
    const struct venue *v = venues[venue];
    if (!v->route || inst == INST_NONE)
        return v->channels[channel].route;
    return v->route(e->dir, channel, inst);
}

static uint8_t take_shard(struct engine *e, uint8_t venue, uint8_t route)
{
    uint16_t cap = venues[venue]->routes[route].max_streams;
    for (uint8_t s = 0; s < CONN_SHARDS; s++) {
        if (e->streams[venue][route][s] < cap) {
            e->streams[venue][route][s]++;
            return s;
        }
    }
    return CONN_SHARDS; /* every shard is full */
}

static void want_row(struct engine *e, uint8_t venue, uint8_t channel, uint32_t inst)
{
    const struct venue_channel *c = &venues[venue]->channels[channel];
    if (live_find(e->live, venue, channel, inst))
        return;
    struct live_row row = {.venue = venue, .channel = channel, .conn = CONN_REST, .inst = inst};
    row.first_s = c->first_s;
    row.silent_s = c->silent_s;
    row.period_s = c->period_s;
    row.sparse = c->transport == CH_WS && c->silent_s == 0;
    if (c->transport == CH_WS) {
        uint8_t route = route_of(e, venue, channel, inst), shard = take_shard(e, venue, route);
        if (shard == CONN_SHARDS)
            return; /* visible as an instrument without a feed row */
        row.conn = CONN_SLOT(route, shard, 0);
    }
    if (live_want(e->live, &row, e->now_us) == 0)
        e->wants_version++;
}

static void unwant_row(struct engine *e, uint8_t venue, uint8_t channel, uint32_t inst)
{
    const struct live_row *row = live_find(e->live, venue, channel, inst);
    if (!row)
        return;
    if (row->conn != CONN_REST) {
        uint16_t *n = &e->streams[venue][CONN_ROUTE(row->conn)][CONN_SHARD(row->conn)];
        assert(*n > 0);
        (*n)--;
    }
    live_unwant(e->live, venue, channel, inst, e->now_us);
    e->wants_version++;
}

static bool coarse_unwanted(const struct engine *e, const struct venue_channel *c)
{
    return c->view > 0 && !e->conf.coarse_books;
}

static bool serves(const struct venue_channel *c, const struct instrument *i)
{
    return c->segments == 0 || c->segments >> i->segment & 1;
}

void wants_start_venue(struct engine *e, uint8_t venue)
{
    const struct venue *v = venues[venue];
    uint8_t taken = e->conf.segments[venue] | 1;
    for (int c = 0; c < v->n_channels; c++) {
        const struct venue_channel *ch = &v->channels[c];
        if (ch->role == ROLE_START && (ch->segments == 0 || ch->segments & taken))
            want_row(e, venue, (uint8_t)c, INST_NONE);
    }
}

void wants_stop_venue(struct engine *e, uint8_t venue)
{
    for (int c = 0; c < venues[venue]->n_channels; c++)
        unwant_row(e, venue, (uint8_t)c, INST_NONE);
}

void wants_track(struct engine *e, uint32_t inst)
{
    uint8_t venue = directory_get(e->dir, inst)->venue;
    const struct venue *v = venues[venue];
    for (int c = 0; c < v->n_channels; c++) {
        const struct venue_channel *ch = &v->channels[c];
        if (ch->role == ROLE_TRACKED && ch->scope == CH_INSTRUMENT && !coarse_unwanted(e, ch) &&
            serves(ch, directory_get(e->dir, inst)))
            want_row(e, venue, (uint8_t)c, inst);
    }
}

void wants_untrack(struct engine *e, uint32_t inst)
{
    uint8_t venue = directory_get(e->dir, inst)->venue;
    for (int c = 0; c < venues[venue]->n_channels; c++)
        unwant_row(e, venue, (uint8_t)c, inst);
    if (e->wants_snapshot[inst])
        e->wants_version++;
    e->wants_snapshot[inst] = false;
}

void wants_book(struct engine *e, uint32_t inst)
{
    const struct slot *s = market_slot(e->market, inst);
    bool wants = s && s->book[0] && book_wants_snapshot(s->book[0]);
    if (wants == e->wants_snapshot[inst])
        return;
    e->wants_snapshot[inst] = wants;
    e->t_snapshot_us[inst] = e->now_us;
    e->wants_version++;
}

/* A row that asks to be renewed, or anew, changes what the feed must do. A link that went down
 * resets books without a message, so the books are asked here too. */
void wants_tick(struct engine *e)
{
    uint64_t sum = 0;
    for (int i = 0; i < live_count(e->live); i++) {
        const struct live_row *r = live_at(e->live, i);
        if (r)
            sum += (uint64_t)(r->renew_n + 1) * (uint64_t)(i + 1) + r->renew;
    }
    if (sum != e->renew_sum)
        e->wants_version++;
    e->renew_sum = sum;
    for (int i = 0; i < market_slots(e->market); i++) {
        const struct slot *s = market_slot_at(e->market, i);
        if (s)
            wants_book(e, s->inst);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct want *x = a, *y = b;
    if (x->venue != y->venue)
        return x->venue < y->venue ? -1 : 1;
    if (x->conn != y->conn)
        return x->conn < y->conn ? -1 : 1;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    if (x->inst != y->inst)
        return x->inst + 1 < y->inst + 1 ? -1 : 1; /* whole-venue wants first */
    return 0;
}

static struct want want_of_row(const struct live_row *r)
{
    const struct venue_channel *c = &venues[r->venue]->channels[r->channel];
    return (struct want){.kind = c->transport == CH_WS ? WANT_STREAM : WANT_POLL,
                         .venue = r->venue,
                         .channel = r->channel,
                         .conn = r->conn,
                         .priority = c->priority,
                         .renew = r->renew,
                         .renew_n = r->renew_n,
                         .inst = r->inst,
                         .period_s = c->period_s};
}

static uint8_t snapshot_channel(const struct venue *v)
{
    for (int c = 0; c < v->n_channels; c++) {
        if (v->channels[c].role == ROLE_SNAPSHOT)
            return (uint8_t)c;
    }
    return CHANNEL_NONE;
}

static bool snapshot_of(const struct engine *e, const struct slot *s, struct want *out)
{
    uint8_t c = snapshot_channel(venues[s->venue]);
    if (!e->wants_snapshot[s->inst] || c == CHANNEL_NONE)
        return false;
    *out = (struct want){.kind = WANT_SNAPSHOT,
                         .venue = s->venue,
                         .channel = c,
                         .conn = CONN_REST,
                         .priority = venues[s->venue]->channels[c].priority,
                         .inst = s->inst,
                         .not_before_us = e->t_snapshot_us[s->inst]};
    return true;
}

int engine_wants(const struct engine *e, struct want *out, int max)
{
    int n = 0;
    for (int i = 0; i < live_count(e->live) && n < max; i++) {
        const struct live_row *r = live_at(e->live, i);
        if (r)
            out[n++] = want_of_row(r);
    }
    for (int i = 0; i < market_slots(e->market) && n < max; i++) {
        const struct slot *s = market_slot_at(e->market, i);
        if (s && snapshot_of(e, s, &out[n]))
            n++;
    }
    qsort(out, (size_t)n, sizeof *out, by_place);
    return n;
}

uint64_t engine_wants_version(const struct engine *e)
{
    return e->wants_version;
}
