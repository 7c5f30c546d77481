/* The spans during which a metric of a subject is unknown and that are still open: when each began
 * and why. The engine tells changes only; the row in metric_unknown is found again by its
 * beginning. A fixed hash table, open addressing; owner: the store. */
#ifndef DAEMON_STORE_SPANS_H
#define DAEMON_STORE_SPANS_H

#include "risk/metric.h"

struct spans;

struct spans *spans_new(void); /* NULL when out of memory */
void spans_free(struct spans *s);
/* E_LIMIT when full; a span that is open already is begun anew. */
int spans_open(struct spans *s, struct subject subject, int metric_id, int64_t t_us,
               uint8_t reason) MUST_CHECK;
/* Forgets the span; false when none was open. */
bool spans_close(struct spans *s, struct subject subject, int metric_id, int64_t *t_us,
                 uint8_t *reason);
uint32_t spans_count(const struct spans *s);

#endif
