/* Instruments that vanish. In: a body that names every instrument of its kind, once its events have
 * been taken. Out: a delisting, as one more spec event, of each instrument that an earlier body of
 * the same channel named and this one does not: a renamed or settled contract leaves the list
 * without a word. Owner: the engine. Surprising: a list that lost half of its instruments at once
 * is not believed, and one that says there is more (a further page) is not complete. */
#include "engine/engine_priv.h"

static uint8_t channel_of(const struct origin *o)
{
    struct slice req = slice_of(o->req);
    const char *colon = req.p ? memchr(req.p, ':', req.len) : NULL;
    return colon || !req.p ? CHANNEL_NONE : venue_channel_find(venues[o->venue], req);
}

static bool says_more(const struct batch *b)
{
    for (uint32_t i = 0; i < b->n; i++)
        if (b->ev[i].kind == EV_CONTROL && b->ev[i].u.control.what == CTL_NOTICE)
            return true;
    return false;
}

bool listing_begin(struct engine *e, const struct origin *o)
{
    struct listing *l = &e->listing;
    uint8_t channel = channel_of(o);
    uint32_t known = 0, gone = 0, n = directory_count(e->dir);
    if (channel >= 64 || !(venues[o->venue]->listing >> channel & 1) || says_more(e->batch))
        return false;
    l->venue = o->venue;
    l->channel = channel;
    l->body++;
    for (uint32_t i = 0; i < e->batch->n; i++) {
        const struct event *ev = &e->batch->ev[i];
        uint32_t inst =
            ev->kind == EV_SPEC ? directory_find(e->dir, o->venue, ev->symbol) : INST_NONE;
        if (inst == INST_NONE)
            continue;
        l->named_by[inst] = (uint8_t)(channel + 1);
        l->seen[inst] = l->body;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool mine = directory_get(e->dir, i)->venue == o->venue && l->named_by[i] == channel + 1;
        known += mine;
        gone += mine && l->seen[i] != l->body;
    }
    return gone > 0 && gone * 2 < known;
}

bool listing_gone(struct engine *e, uint32_t *inst, struct event *out)
{
    struct listing *l = &e->listing;
    for (; *inst < directory_count(e->dir); (*inst)++) {
        const struct instrument *i = directory_get(e->dir, *inst);
        if (i->venue != l->venue || l->named_by[*inst] != l->channel + 1 ||
            l->seen[*inst] == l->body)
            continue;
        l->named_by[*inst] = 0; /* told once */
        event_init(out, EV_SPEC);
        out->symbol = slice_of(i->symbol);
        out->segment = i->segment;
        out->channel = l->channel;
        out->u.spec.status = INST_DELISTED;
        out->u.spec.partial = true;
        return true;
    }
    return false;
}
