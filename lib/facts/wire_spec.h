/* The body of a spec event as text: shared by the printer of all events (wire.c) and the parser of
 * spec lines (wire_spec.c). Both walk one table of fields, so that what is printed is read back. */
#ifndef FACTS_WIRE_SPEC_H
#define FACTS_WIRE_SPEC_H

#include "base/text.h"
#include "facts/event.h"

/* Appends the members of a spec that are said, inside an open object. */
void wire_spec_body(struct text *t, const struct ev_spec *s);

#endif
