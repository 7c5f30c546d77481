/* The daemon put together (app.h). Order of start: loop, engine, state, socket, tape, database,
 * feeds, clock ticks; of stop: the reverse, each step asynchronous, all under one deadline. The
 * loop must close without a handle left; otherwise they are named and the exit status is 1. */
#include "app_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "notify.h"

#define CONF_TEXT_BYTES (1u << 20)

/* --- reload --------------------------------------------------------------------------------- */

static void print_conf_text(struct app *a, const struct conf *c)
{
    struct text t;
    text_init(&t, a->conf_text, CONF_TEXT_BYTES);
    conf_print(c, &t);
}

/* Moves new values into the struct that modules hold; pointers into itself are set anew. */
static void adopt(struct conf *to, const struct conf *from)
{
    *to = *from;
    to->engine.rules = to->rules;
    to->engine.aliases = to->aliases;
}

static int reload(void *arg, char why[200])
{
    struct app *a = arg;
    static struct conf_errors errs;
    struct conf *c = conf_new();
    memset(&errs, 0, sizeof errs);
    why[0] = 0;
    if (!c || conf_load(c, a->conf_path, &errs) < 0) {
        for (int i = 0; i < errs.n && i < CONF_ERRORS_MAX; i++)
            log_line(LOG_LV_ERROR, "%s:%d: %s: %s", errs.e[i].file, errs.e[i].line, errs.e[i].key,
                     errs.e[i].text);
        snprintf(why, 200, "%.60s:%d: %.30s: %.80s", errs.e[0].file, errs.e[0].line, errs.e[0].key,
                 errs.e[0].text);
    } else {
        print_conf_text(a, c);
        int rc = spine_reload(a->spine, &c->engine, a->conf_text);
        if (rc < 0)
            snprintf(why, 200, "the engine refuses it: %s", err_text(rc));
    }
    if (!why[0]) {
        adopt(a->conf, c);
        feeds_reload(a->feeds, a->conf);
        a->t_reload_us = spine_now(a->spine);
    }
    conf_free(c);
    print_conf_text(a, a->conf);
    snprintf(a->reload_error, sizeof a->reload_error, "%s", why);
    log_line(why[0] ? LOG_LV_ERROR : LOG_LV_NOTICE, "configuration %s: %s", a->conf_path,
             why[0] ? "refused, the old one stays in force" : "reloaded");
    return why[0] ? -1 : 0;
}

/* --- stop ----------------------------------------------------------------------------------- */

static void next_step(void *arg);

static void close_own(struct app *a)
{
    for (int i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&a->sig[i], NULL);
    uv_close((uv_handle_t *)&a->deadline, NULL);
}

static void save_last(struct app *a)
{
    if (!state_busy(a->state) && state_save_now(a->state, spine_engine(a->spine)) < 0)
        log_line(LOG_LV_ERROR, "state: could not be saved, the next start uses an older one");
}

static void next_step(void *arg)
{
    struct app *a = arg;
    switch (a->stop_step++) {
    case 0:
        feeds_stop(a->feeds, next_step, a);
        return;
    case 1:
        serve_stop(a->serve, next_step, a);
        return;
    case 2: /* no tick after this: what the tape has, the store has been told */
        spine_stop(a->spine, next_step, a);
        return;
    case 3:
        if (a->store) {
            store_stop(a->store, a->conf->shutdown_ms / 2, next_step, a);
            return;
        }
        a->stop_step++; /* fall through */
    case 4:
        if (a->tape) {
            tape_stop(a->tape, next_step, a);
            return;
        }
        a->stop_step++; /* fall through */
    default:
        save_last(a);
        close_own(a);
    }
}

static void on_deadline(uv_timer_t *t)
{
    struct app *a = t->data;
    log_line(LOG_LV_ERROR, "stop: step %d did not end within %u ms, leaving", a->stop_step,
             a->conf->shutdown_ms);
    a->status = 1;
    uv_stop(&a->loop);
}

static void begin_stop(struct app *a)
{
    if (a->stopping)
        return;
    a->stopping = true;
    notify_stopping("stopping", (int64_t)a->conf->shutdown_ms * 1000);
    uv_timer_start(&a->deadline, on_deadline, a->conf->shutdown_ms, 0);
    next_step(a);
}

static void on_signal(uv_signal_t *s, int signum)
{
    struct app *a = s->data;
    char why[200];
    if (signum == SIGHUP) {
        if (a->stopping)
            return;
        notify_reloading(clock_mono_us());
        (void)reload(a, why);
        notify_ready("reloaded");
        return;
    }
    if (a->signals++ > 0) {
        log_line(LOG_LV_WARNING, "stop: second signal, leaving at once");
        _exit(1);
    }
    log_line(LOG_LV_NOTICE, "stop: signal %d, closing", signum);
    begin_stop(a);
}

/* --- start ---------------------------------------------------------------------------------- */

static void make_uuid(char out[37])
{
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        abort();
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

static int start_spine(struct app *a, char why[400])
{
    struct spine_conf sc = {.loop = &a->loop,
                            .clock = &a->clock,
                            .engine = &a->conf->engine,
                            .arg = a,
                            .after_tick = app_after_tick,
                            .wants_changed = app_wants_changed};
    a->spine = spine_new(&sc, why);
    if (!a->spine)
        return -1;
    struct sinks own = {
        .arg = a, .event = app_on_event, .refused = app_on_refused, .alert = app_on_alert};
    spine_add_sinks(a->spine, &own);
    return 0;
}

static int start_serve(struct app *a, char why[400])
{
    struct serve_deps d = {.loop = &a->loop,
                           .conf = a->conf,
                           .arg = a,
                           .engine = app_engine,
                           .feeds = app_feeds,
                           .store = app_store,
                           .shell = app_shell,
                           .now_us = app_now,
                           .note = app_note,
                           .reload = reload,
                           .epoch = a->epoch,
                           .wait_durable = a->conf->db_conninfo[0] && a->conf->spool_dir[0]};
    memcpy(d.instance, a->instance, sizeof d.instance);
    a->serve = serve_new(&d, why);
    if (!a->serve)
        return -1;
    struct sinks s = serve_sinks(a->serve);
    spine_add_sinks(a->spine, &s);
    return 0;
}

static int start_tape(struct app *a, char why[400])
{
    if (!a->conf->tape_dir[0])
        return 0;
    struct tape_head h = {.version = CASCADED_VERSION,
                          .instance = a->instance,
                          .epoch = a->epoch,
                          .conf_text = a->conf_text,
                          .specs = app_specs,
                          .arg = a};
    a->tape = tape_open(&a->loop, a->conf, &h, spine_now(a->spine), why);
    if (!a->tape)
        return -1;
    spine_set_tape(a->spine, a->tape);
    return 0;
}

static int start_store(struct app *a, char why[400])
{
    if (!a->conf->db_conninfo[0])
        return 0;
    struct store_deps d = {.loop = &a->loop,
                           .conf = a->conf,
                           .arg = a,
                           .directory = app_directory,
                           .alerts = app_alerts,
                           .now_us = app_now,
                           .epoch = a->epoch,
                           .conf_text = a->conf_text,
                           .durable = app_on_durable,
                           .role = app_on_role};
    memcpy(d.instance, a->instance, sizeof d.instance);
    a->store = store_new(&d, why);
    if (!a->store)
        return -1;
    struct sinks s = store_sinks(a->store);
    spine_add_sinks(a->spine, &s);
    return 0;
}

static int start_feeds(struct app *a, char why[400])
{
    struct feeds_deps d = {.loop = &a->loop,
                           .conf = a->conf,
                           .arg = a,
                           .ingest = app_ingest,
                           .note = app_note,
                           .wants = app_wants,
                           .directory = app_directory,
                           .now_us = app_now};
    a->feeds = feeds_new(&d, why);
    return a->feeds ? 0 : -1;
}

/* State of the last run and the files that are read before the first text. */
static int read_files(struct app *a, char why[400])
{
    size_t len = 0;
    int ok = 0, bad = 0;
    char *text = state_load(a->state, &len);
    if (text && spine_thaw(a->spine, text, len) < 0)
        log_line(LOG_LV_ERROR, "state: the saved state is not understood, starting without it");
    free(text);
    if (!a->conf->tiers_file[0])
        return 0;
    if (spine_tiers(a->spine, a->conf->tiers_file, &ok, &bad) < 0) {
        snprintf(why, 160, "tiers file %.100s: %s", a->conf->tiers_file, strerror(errno));
        return -1;
    }
    log_line(bad ? LOG_LV_WARNING : LOG_LV_INFO, "tiers %s: %d lines read, %d refused and left out",
             a->conf->tiers_file, ok, bad);
    return 0;
}

static void start_signals(struct app *a)
{
    static const int nums[3] = {SIGTERM, SIGINT, SIGHUP};
    for (int i = 0; i < 3; i++) {
        uv_signal_init(&a->loop, &a->sig[i]);
        a->sig[i].data = a;
        uv_signal_start(&a->sig[i], on_signal, nums[i]);
    }
    uv_timer_init(&a->loop, &a->deadline);
    a->deadline.data = a;
    signal(SIGPIPE, SIG_IGN);
}

static int start(struct app *a)
{
    static int (*const step[])(struct app *, char *) = {start_serve, start_tape, start_store,
                                                        read_files, start_feeds};
    char why[400] = "";
    a->epoch = spool_newest_epoch(a->conf->spool_dir); /* should the state folder be a new one */
    a->state = state_open(&a->loop, a->conf->state_dir, &a->epoch, why);
    if (!a->state)
        return log_line(LOG_LV_ERROR, "start: %s", why), 1;
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        if (step[i](a, why) < 0)
            return log_line(LOG_LV_ERROR, "start: %s", why), 1;
    }
    start_signals(a);
    spine_start(a->spine);
    log_line(LOG_LV_NOTICE, "started: version %s, instance %s, epoch %u", CASCADED_VERSION,
             a->instance, a->epoch);
    notify_ready("started");
    return 0;
}

static void name_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    log_line(LOG_LV_ERROR, "stop: a handle of type %s is still open",
             uv_handle_type_name(uv_handle_get_type(h)));
}

static int finish(struct app *a)
{
    feeds_free(a->feeds);
    serve_free(a->serve);
    store_free(a->store);
    tape_free(a->tape);
    spine_free(a->spine);
    state_free(a->state);
    if (uv_loop_close(&a->loop) != 0) {
        uv_walk(&a->loop, name_handle, NULL);
        a->status = 1;
    }
    return a->status;
}

int app_run(struct conf *take_conf, const char *conf_path)
{
    static struct app app;
    struct app *a = &app;
    char why[400] = "";
    a->conf = take_conf;
    a->conf_path = conf_path;
    a->conf_text = malloc(CONF_TEXT_BYTES);
    if (!a->conf_text || uv_loop_init(&a->loop) != 0)
        return 1;
    make_uuid(a->instance);
    clock_init(&a->clock);
    a->t_start_us = clock_now_us(&a->clock);
    print_conf_text(a, a->conf);
    if (start_spine(a, why) < 0) {
        log_line(LOG_LV_ERROR, "configuration %s: %s", conf_path, why);
        return 2;
    }
    if (start(a) != 0)
        return 1; /* nothing was begun that the kernel does not undo */
    uv_run(&a->loop, UV_RUN_DEFAULT);
    if (a->status)
        return a->status; /* the deadline passed: what is open was named */
    int status = finish(a);
    free(a->conf_text);
    conf_free(a->conf);
    log_line(LOG_LV_NOTICE, "stopped: %s", status ? "not cleanly" : "clean");
    return status;
}
