/* See spine.h. Time is read once per entry; the engine is entered with times that never decrease.
 * The tick timer is re-armed to the next whole second; whoever enters first after that second runs
 * the tick, so a busy loop cannot reorder a tick behind a text of the next second. */
#include "spine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "facts/wire.h"
#include "log.h"
#include "venue/venue.h"

#define SECOND_US 1000000LL

struct spine {
    struct spine_conf c;
    struct engine *engine;
    struct sinks sinks[SPINE_SINKS_MAX];
    int n_sinks;
    struct tape *tape;
    uv_timer_t tick_timer, turn_timer;
    uv_check_t check;
    bool started, stopping, entered;
    int open_handles;
    int64_t last_second;  /* the last second ticked */
    int64_t after_second; /* the last second after_tick was told of */
    int64_t turn_due_us;
    uint64_t wants_seen;
    struct spine_stats st;
    void (*done)(void *arg);
    void *done_arg;
};

/* --- sinks: one engine, several listeners --------------------------------------------------- */

#define FAN(member, ...)                                                                           \
    do {                                                                                           \
        struct spine *s_ = arg;                                                                    \
        for (int i = 0; i < s_->n_sinks; i++)                                                      \
            if (s_->sinks[i].member)                                                               \
                s_->sinks[i].member(s_->sinks[i].arg, __VA_ARGS__);                                \
    } while (0)

static void fan_event(void *arg, const struct origin *o, const struct event *e, uint32_t inst,
                      int used)
{
    FAN(event, o, e, inst, used);
}
static void fan_refused(void *arg, const struct origin *o, const char *text, size_t len, int err)
{
    FAN(refused, o, text, len, err);
}
static void fan_row(void *arg, int64_t t_us, struct subject sub, const struct cell *row, int n)
{
    FAN(row, t_us, sub, row, n);
}
static void fan_unknown(void *arg, const struct reason_change *c)
{
    FAN(unknown, c);
}
static void fan_alert(void *arg, const struct alert *a)
{
    FAN(alert, a);
}
static void fan_gap(void *arg, const struct gap *g)
{
    FAN(gap, g);
}
static void fan_universe(void *arg, int64_t t_us, uint32_t asset, bool entered, double rank_usd)
{
    FAN(universe, t_us, asset, entered, rank_usd);
}

static void fan_map(void *arg, const struct map_row *m)
{
    FAN(map, m);
}

void spine_add_sinks(struct spine *s, const struct sinks *sinks)
{
    assert(s->n_sinks < SPINE_SINKS_MAX);
    s->sinks[s->n_sinks++] = *sinks;
}

/* --- tape ---------------------------------------------------------------------------------- */

static void record(struct spine *s, int64_t t_us, struct slice kind, const struct origin *o,
                   struct slice body)
{
    if (!s->tape)
        return;
    struct seglog_record r = {.t_us = t_us,
                              .kind = kind,
                              .venue = SLICE("-"),
                              .conn = 255,
                              .req = SLICE("-"),
                              .body = body};
    if (o) {
        r.venue = slice_of(venues[o->venue]->name);
        r.conn = o->conn;
        if (o->req)
            r.req = slice_of(o->req);
    }
    tape_put(s->tape, &r);
}

static const struct slice NOTHING = {"", 0};

/* --- time, ticks, turns -------------------------------------------------------------------- */

static int64_t thread_cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

static void run_tick(struct spine *s, int64_t second, int64_t now_us)
{
    int64_t t_us = second * SECOND_US, lag_us = now_us - t_us, cpu_us = thread_cpu_us();
    s->last_second = second;
    record(s, t_us, SLICE("tick"), NULL, NOTHING);
    engine_tick(s->engine, t_us);
    int64_t took_us = thread_cpu_us() - cpu_us;
    s->st.ticks++;
    s->st.lag_ms = (double)lag_us / 1e3;
    s->st.tick_ms = (double)took_us / 1e3;
    hist_add(&s->st.lag_us, (uint64_t)lag_us);
    hist_add(&s->st.tick_us, (uint64_t)took_us);
    s->entered = true;
}

/* The door's clock: reads the time and runs the tick that is due before it. After a stall only the
 * latest second is run. */
static int64_t enter(struct spine *s)
{
    int64_t now_us = clock_now_us(s->c.clock), second = now_us / SECOND_US;
    if (s->started && second > s->last_second)
        run_tick(s, second, now_us);
    s->entered = true;
    return now_us;
}

static void tell_wants(struct spine *s)
{
    uint64_t v = engine_wants_version(s->engine);
    if (v == s->wants_seen)
        return;
    s->wants_seen = v;
    if (s->c.wants_changed)
        s->c.wants_changed(s->c.arg);
}

static void on_turn_timer(uv_timer_t *t)
{
    struct spine *s = t->data;
    s->entered = true; /* the check below runs the turn */
}

static void run_turn(struct spine *s)
{
    int64_t now_us = enter(s);
    s->entered = false;
    record(s, now_us, SLICE("turn"), NULL, NOTHING);
    int64_t due_us = engine_turn(s->engine, now_us);
    s->st.turns++;
    if (due_us > 0) {
        int64_t ms = (due_us - now_us + 999) / 1000;
        uv_timer_start(&s->turn_timer, on_turn_timer, ms > 0 ? (uint64_t)ms : 1, 0);
    }
    tell_wants(s);
}

static void on_check(uv_check_t *c)
{
    struct spine *s = c->data;
    if (s->entered && s->started && !s->stopping)
        run_turn(s);
}

static void arm_tick(struct spine *s)
{
    int64_t now_us = clock_now_us(s->c.clock);
    int64_t left_us = (now_us / SECOND_US + 1) * SECOND_US - now_us;
    uv_update_time(s->c.loop);
    uv_timer_start(&s->tick_timer, s->tick_timer.timer_cb, (uint64_t)(left_us / 1000 + 1), 0);
}

static void note_clock_step(struct spine *s)
{
    struct note n;
    double step_s = clock_take_step(s->c.clock);
    if (step_s == 0)
        return;
    s->st.clock_steps++;
    s->st.clock_step_s = step_s;
    log_line(LOG_LV_WARNING, "clock: the wall clock stepped by %+.3f s, engine time follows slowly",
             step_s);
    note_init(&n, NOTE_CLOCK);
    n.value = step_s;
    (void)spine_note(s, &n);
}

static void on_tick_timer(uv_timer_t *t)
{
    struct spine *s = t->data;
    if (s->stopping)
        return;
    (void)enter(s);
    note_clock_step(s);
    if (s->tape)
        tape_tick(s->tape, s->last_second * SECOND_US);
    if (s->c.after_tick && s->last_second != s->after_second)
        s->c.after_tick(s->c.arg, s->last_second * SECOND_US);
    s->after_second = s->last_second;
    arm_tick(s);
}

/* --- the doors ----------------------------------------------------------------------------- */

int spine_ingest(struct spine *s, const struct origin *o, const char *text, size_t len)
{
    int64_t now_us = enter(s);
    record(s, now_us, SLICE("rx"), o, (struct slice){text, (uint32_t)len});
    return engine_ingest(s->engine, o, text, len, now_us);
}

/* Numbers of venues and channels change when the tables grow: the record names them too. */
static void note_text(const struct note *n, struct text *out)
{
    struct note named = *n;
    if (n->venue < n_venues)
        named.venue_name = slice_of(venues[n->venue]->name);
    if (n->venue < n_venues && n->channel < venues[n->venue]->n_channels)
        named.channel_name = slice_of(venues[n->venue]->channels[n->channel].name);
    wire_note(out, &named);
}

int spine_note(struct spine *s, const struct note *n)
{
    char buf[2048];
    struct text t;
    int64_t now_us = enter(s);
    text_init(&t, buf, sizeof buf);
    note_text(n, &t);
    record(s, now_us, SLICE("note"), NULL, (struct slice){t.buf, (uint32_t)t.len});
    return engine_note(s->engine, n, NULL, now_us);
}

int spine_reload(struct spine *s, const struct engine_conf *c, const char *conf_text)
{
    struct note n;
    int64_t now_us = enter(s);
    note_init(&n, NOTE_CONF);
    record(s, now_us, SLICE("conf"), NULL, slice_of(conf_text));
    int rc = engine_note(s->engine, &n, c, now_us);
    if (s->tape && rc >= 0)
        tape_set_conf(s->tape, conf_text);
    return rc;
}

int spine_thaw(struct spine *s, const char *text, size_t len)
{
    int64_t now_us = enter(s);
    record(s, now_us, SLICE("state"), NULL, (struct slice){text, (uint32_t)len});
    return engine_thaw(s->engine, text, len, now_us);
}

/* Which venue a spec line is for: its "venue" member, found by the same reader that will take it.
 */
static int line_venue(const char *line, size_t len, struct batch *b)
{
    struct slice name;
    batch_clear(b);
    int rc = wire_spec_parse(line, len, b, &name);
    return rc < 0 ? rc : venue_find(name);
}

int spine_tiers(struct spine *s, const char *path, int *lines_ok, int *lines_bad)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return E_IO;
    struct batch *b = batch_new();
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    *lines_ok = *lines_bad = 0;
    while (b && (n = getline(&line, &cap, f)) > 0) {
        size_t len = line[n - 1] == '\n' ? (size_t)n - 1 : (size_t)n;
        if (len == 0)
            continue;
        int venue = line_venue(line, len, b);
        struct origin o = {
            .venue = (uint8_t)(venue < 0 ? 0 : venue), .conn = CONN_REST, .req = "tiers"};
        if (venue >= 0 && spine_ingest(s, &o, line, len) >= 0)
            (*lines_ok)++;
        else
            (*lines_bad)++;
    }
    free(line);
    batch_free(b);
    fclose(f);
    return b ? 0 : E_NOMEM;
}

/* --- life ---------------------------------------------------------------------------------- */

struct spine *spine_new(const struct spine_conf *c, char why[160])
{
    struct spine *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, 160, "out of memory");
        return NULL;
    }
    s->c = *c;
    struct sinks fan = {s,         fan_event, fan_refused,  fan_row, fan_unknown,
                        fan_alert, fan_gap,   fan_universe, fan_map};
    s->engine = engine_new(c->engine, &fan, why);
    if (!s->engine) {
        free(s);
        return NULL;
    }
    uv_timer_init(c->loop, &s->tick_timer);
    uv_timer_init(c->loop, &s->turn_timer);
    uv_check_init(c->loop, &s->check);
    s->tick_timer.data = s->turn_timer.data = s->check.data = s;
    s->open_handles = 3;
    return s;
}

void spine_set_tape(struct spine *s, struct tape *t)
{
    s->tape = t;
}

void spine_start(struct spine *s)
{
    s->last_second = clock_now_us(s->c.clock) / SECOND_US;
    s->started = true;
    uv_check_start(&s->check, on_check);
    s->tick_timer.timer_cb = on_tick_timer;
    arm_tick(s);
}

int64_t spine_now(struct spine *s)
{
    return clock_now_us(s->c.clock);
}

const struct engine *spine_engine(const struct spine *s)
{
    return s->engine;
}

const struct spine_stats *spine_stats(const struct spine *s)
{
    return &s->st;
}

static void on_closed(uv_handle_t *h)
{
    struct spine *s = h->data;
    if (--s->open_handles == 0 && s->done)
        s->done(s->done_arg);
}

void spine_stop(struct spine *s, void (*done)(void *arg), void *arg)
{
    s->stopping = true;
    s->done = done;
    s->done_arg = arg;
    uv_close((uv_handle_t *)&s->tick_timer, on_closed);
    uv_close((uv_handle_t *)&s->turn_timer, on_closed);
    uv_close((uv_handle_t *)&s->check, on_closed);
}

void spine_free(struct spine *s)
{
    if (!s)
        return;
    assert(s->open_handles == 0);
    engine_free(s->engine);
    free(s);
}
