/* Names of the note kinds and the empty note. The names stand in tapes. */
#include "facts/note.h"

#include <math.h>

static const char *const names[] = {"link_up", "link_down",   "sent", "ack_timeout",
                                    "refused", "poll_failed", "desk", "conf",
                                    "clock",   "acked",       "store"};
_Static_assert(sizeof names / sizeof *names == NOTE_KINDS, "a name per kind of note");

const char *note_kind_name(enum note_kind k)
{
    return (unsigned)k < NOTE_KINDS ? names[k] : "unknown";
}

void note_init(struct note *n, enum note_kind kind)
{
    *n = (struct note){.kind = kind, .venue = 255, .conn = 255, .channel = 255, .value = NAN};
}
