/* Rows the database refuses for what they say, kept for people: a line of JSON each in
 * refused.ndjson in the spool's folder. In: a packed row and the database's words. Written in the
 * thread pool, a file opened and closed for each job; the loop never waits. The surprising thing:
 * past its limits a line is only counted, the feed_gap row and the log tell of it all the same. */
#ifndef DAEMON_REFUSED_H
#define DAEMON_REFUSED_H

#include <uv.h>

#include "store/streams.h"

#define REFUSED_FILE      "refused.ndjson"
#define REFUSED_FILE_MAX  (16 << 20)
#define REFUSED_QUEUE_MAX (256 << 10)

struct refused;

/* dir "" = nothing is kept, all are counted as not kept. NULL when out of memory. */
struct refused *refused_new(uv_loop_t *loop, const char *dir);
void refused_put(struct refused *q, const struct packed_row *r, const struct db_fail *why);
/* Lines not kept: past a limit, or the disk refused. */
uint64_t refused_dropped(const struct refused *q);
/* closed(arg) once, when what was put is written; may be called at once. Frees. */
void refused_close(struct refused *q, void (*closed)(void *arg), void *arg);

#endif
