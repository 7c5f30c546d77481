/* What the daemon keeps on disk besides the tape: its epoch (raised and synced at each start, so
 * that alert sequence numbers never repeat) and the engine's state (alerts, universe) for the next
 * start. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <uv.h>

#include "engine/engine.h"

struct state;

/* dir must exist. Raises the epoch, above the saved one and above *epoch; *epoch is the new one.
 * NULL and why[] when the folder cannot be written. */
struct state *state_open(uv_loop_t *loop, const char *dir, uint32_t *epoch, char why[160]);

/* The text saved last, NUL-terminated, owned by the caller (free); NULL when there is none. */
char *state_load(struct state *s, size_t *len);

/* Saves a copy of the engine's state in the thread pool, by rename; skipped while one is under way
 * (the next call saves). */
void state_save(struct state *s, const struct engine *e);
/* The same, at once, for the orderly stop. */
int state_save_now(struct state *s, const struct engine *e) MUST_CHECK;

bool state_busy(const struct state *s);
void state_free(struct state *s); /* not while busy */

#endif
