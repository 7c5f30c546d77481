/* The spine. Every text enters by engine_ingest, everything else by engine_note; fast rules are
 * judged by engine_turn, the rest by engine_tick. What is measured leaves through struct sinks and
 * engine_wants. No clock, no I/O, no allocation after engine_new. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "alert/alert.h"
#include "facts/note.h"
#include "facts/origin.h"
#include "facts/want.h"

struct engine_conf {
    uint32_t venues;     /* bit per index of the venue table: enabled */
    uint32_t max_assets; /* 64 */
    uint32_t top_n;      /* universe top:N; 0 = the names below */
    char assets[64][24]; /* named universe */
    int n_assets;
    uint32_t universe_warm_s;   /* first ranking at the latest after this: 30 */
    uint32_t universe_period_s; /* 3600 */
    uint32_t leave_rank;        /* 65; 0 = top_n * 13 / 10 */
    uint32_t leave_after_s;     /* 6 h */
    uint32_t book_levels;       /* 4096 */
    uint8_t segments[DIR_VENUES_MAX];
    bool coarse_books; /* Hyperliquid's aggregated views */
    const struct asset_alias *aliases;
    int n_aliases;
    const struct rule *rules;
    int n_rules;
};

/* Everything the engine tells. Any member may be NULL. Called inside ingest, note, turn and tick;
 * must not call back into the engine. Pointers live for the call only. */
struct sinks {
    void *arg;
    void (*event)(void *arg, const struct origin *o, const struct event *e, uint32_t inst,
                  int used);
    void (*refused)(void *arg, const struct origin *o, const char *text, size_t len, int err);
    void (*row)(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n);
    void (*unknown)(void *arg, const struct reason_change *c);
    void (*alert)(void *arg, const struct alert *a);
    void (*gap)(void *arg, const struct gap *g);
    void (*universe)(void *arg, int64_t t_us, uint32_t asset, bool entered, double rank_usd);
    void (*map)(void *arg, const struct map_row *m);
};

enum engine_count {
    EC_TEXTS,
    EC_BYTES,
    EC_EVENTS,
    EC_REFUSED,
    EC_NOTES,
    EC_TURNS,
    EC_TICKS,
    EC_TICKS_SKIPPED,
    EC_FAST,
    EC_ROWS,
    EC_ALERTS,
    EC_STATE_DROPPED, /* lines of frozen state about what is not there any more, or not ours */
    EC_COUNTS
};
const char *engine_count_name(enum engine_count c);

struct engine;

/* conf is copied, with its rules and aliases. On failure NULL and why[] says what. */
struct engine *engine_new(const struct engine_conf *c, const struct sinks *s, char why[160]);
void engine_free(struct engine *e);

int engine_ingest(struct engine *e, const struct origin *o, const char *text, size_t len,
                  int64_t now_us);
/* conf is read for NOTE_CONF only (E_RANGE: refused, nothing changed). */
int engine_note(struct engine *e, const struct note *n, const struct engine_conf *conf,
                int64_t now_us);
int64_t engine_turn(struct engine *e, int64_t now_us);
void engine_tick(struct engine *e, int64_t now_us); /* now_us is a whole second */

/* Desired streams, snapshots and polls, sorted by (venue, conn, channel, inst). Changes nothing.
 * The version is raised whenever the list may differ. */
int engine_wants(const struct engine *e, struct want *out, int max);
uint64_t engine_wants_version(const struct engine *e);

/* State over a restart (universe, models, alerts): text both ways; thaw before the first text. A
 * line of a model that cannot be read is dropped and counted: the alerts behind it are kept. */
void engine_freeze(const struct engine *e, struct text *out);
int engine_thaw(struct engine *e, const char *text, size_t len, int64_t now_us) MUST_CHECK;

/* Views for status and queries; borrowed, valid until the next call that changes the engine. */
const struct market *engine_market(const struct engine *e);
const struct risk *engine_risk(const struct engine *e);
const struct alerts *engine_alerts(const struct engine *e);
const struct directory *engine_directory(const struct engine *e);
uint64_t engine_counter(const struct engine *e, enum engine_count c);
uint64_t engine_refused_by(const struct engine *e, uint8_t venue,
                           int err); /* texts refused, by code */
uint64_t engine_events(const struct engine *e, uint8_t venue,
                       enum event_kind kind); /* told so far */
int64_t engine_now(const struct engine *e);   /* the latest time it was told */
bool engine_ranked(const struct engine *e);   /* the universe has been chosen */

#endif
