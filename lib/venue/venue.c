/* The list of venues and look-ups in it. Everything that is particular to an exchange is in its own
 * files; nothing here or in the daemon asks which venue it is. A venue's number is its place in
 * this list, so new venues are appended: tapes and tables name venues by text. */
#include "venue/venue_adapter.h"

/* Each is defined in its own files. */
extern const struct venue venue_binance;
extern const struct venue venue_hyperliquid;
extern const struct venue venue_bybit;
extern const struct venue venue_okx;

const struct venue *const venues[] = {&venue_binance, &venue_hyperliquid, &venue_bybit, &venue_okx};
const int n_venues = ADAPT_COUNT(venues);

int venue_find(struct slice name)
{
    for (int i = 0; i < n_venues; i++)
        if (slice_is(name, venues[i]->name))
            return i;
    return -1;
}

uint8_t venue_channel_find(const struct venue *v, struct slice name)
{
    for (int i = 0; i < v->n_channels; i++)
        if (slice_is(name, v->channels[i].name))
            return (uint8_t)i;
    return CHANNEL_NONE;
}

/* A snapshot is named after the stream it repairs: "depth:BTCUSDT". */
void want_name(const struct directory *dir, const struct want *w, struct text *out)
{
    const struct venue *v = venues[w->venue];
    const struct venue_channel *c = &v->channels[w->channel];
    if (c->snapshot_for != CHANNEL_NONE)
        c = &v->channels[c->snapshot_for];
    text_str(out, c->name);
    if (w->inst != INST_NONE) {
        text_char(out, ':');
        text_str(out, directory_get(dir, w->inst)->symbol);
    }
}
