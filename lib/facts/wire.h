/* Text forms of facts: events and notes as one JSON object a line, as product.md section 6 defines
 * them. Used by decode, by specs files, by tapes and by tests. */
#ifndef FACTS_WIRE_H
#define FACTS_WIRE_H

#include "base/text.h"
#include "facts/batch.h"
#include "facts/directory.h"
#include "facts/note.h"

struct wire_from { /* where an event came from */
    uint64_t line; /* of the input; 0 = no "line" key */
    const char *venue_name;
    uint8_t venue;
    const struct directory *dir; /* NULL or empty: asset is null and no usd is given */
};
/* One event as JSON without newline. */
void wire_event(struct text *out, const struct wire_from *from, const struct event *e);

/* {"line":N,"kind":"error","error":"..."} */
void wire_error(struct text *out, uint64_t line, const char *why);

/* Parses a spec line of our own format (kind "spec", with its venue's name in *venue_name) into b.
 * A line of another kind is E_UNKNOWN. Used for --specs, conf/tiers.ndjson and tape heads. */
int wire_spec_parse(const char *text, size_t len, struct batch *b,
                    struct slice *venue_name) MUST_CHECK;

/* The current state of an instrument as a spec line that wire_spec_parse reads back. */
void wire_instrument(struct text *out, const char *venue_name, const struct directory *dir,
                     uint32_t id);

/* Notes, both ways. Venue, channel and conn are numbers in this form (a tape names the venue in its
 * record head too). Texts of the parsed note are borrowed from text, those with escapes from
 * n->store: a copy of the note must not outlive it. On failure *n is undefined. */
void wire_note(struct text *out, const struct note *n);
int wire_note_parse(const char *text, size_t len, struct note *n) MUST_CHECK;

#endif
