/* The shell around the engine: gives every call its time, keeps the call order (the tick of a
 * second comes before anything at or after it), records it on the tape, runs turns after the loop's
 * events and ticks each whole second. Everybody enters the engine through here. */
#ifndef DAEMON_SPINE_H
#define DAEMON_SPINE_H

#include <uv.h>

#include "base/hist.h"
#include "clock.h"
#include "conf.h"
#include "engine/engine.h"
#include "tape.h"

#define SPINE_SINKS_MAX 4

struct spine;

struct spine_conf {
    uv_loop_t *loop;
    struct clock *clock;
    const struct engine_conf *engine;
    void *arg;
    void (*after_tick)(void *arg, int64_t t_us); /* once per tick, outside the engine */
    void (*wants_changed)(void *arg); /* outside the engine, at most once per loop turn */
};

struct spine *spine_new(const struct spine_conf *c, char why[160]);
/* A module that listens to the engine; the struct is copied. Order of calls = order of adding. */
void spine_add_sinks(struct spine *s, const struct sinks *sinks);
/* From now on everything is recorded. Borrowed. */
void spine_set_tape(struct spine *s, struct tape *t);

/* Thaws state (kept on the tape) and reads a file of spec lines as request `tiers` of each venue
 * named in it. Before spine_start. lines_bad counts lines that were refused. */
int spine_thaw(struct spine *s, const char *text, size_t len) MUST_CHECK;
int spine_tiers(struct spine *s, const char *path, int *lines_ok, int *lines_bad) MUST_CHECK;

void spine_start(struct spine *s);
int spine_ingest(struct spine *s, const struct origin *o, const char *text, size_t len);
int spine_note(struct spine *s, const struct note *n);
/* A new configuration; conf_text goes on the tape. */
int spine_reload(struct spine *s, const struct engine_conf *c, const char *conf_text);

int64_t spine_now(struct spine *s);
const struct engine *spine_engine(const struct spine *s);

struct spine_stats {
    uint64_t ticks, turns, clock_steps;
    double clock_step_s;    /* the last step of the wall clock; 0 = none */
    double lag_ms, tick_ms; /* of the last tick: lateness, thread CPU */
    struct hist lag_us, tick_us;
};
const struct spine_stats *spine_stats(const struct spine *s);

/* No more ticks and turns; closes its handles; done(arg) once. Then spine_free. */
void spine_stop(struct spine *s, void (*done)(void *arg), void *arg);
void spine_free(struct spine *s);

#endif
