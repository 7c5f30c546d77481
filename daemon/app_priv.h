/* The app's inside, shared by its files: app.c (start, reload, stop), app_hooks.c (what modules ask
 * of it and what they tell it), app_tick.c (each second). Nobody else includes it. */
#ifndef DAEMON_APP_PRIV_H
#define DAEMON_APP_PRIV_H

#include "app.h"
#include "clock.h"
#include "log.h"
#include "net/feeds.h"
#include "serve/serve.h"
#include "spine.h"
#include "state.h"
#include "store/store.h"
#include "tape.h"

#define SECOND_US 1000000LL

struct app {
    uv_loop_t loop;
    struct conf *conf;
    const char *conf_path;
    struct clock clock;
    struct spine *spine;
    struct state *state;
    struct tape *tape;
    struct store *store;
    struct serve *serve;
    struct feeds *feeds;
    uv_signal_t sig[3];
    uv_timer_t deadline;
    uint32_t epoch;
    char instance[37];
    char *conf_text;
    int64_t t_start_us, t_fed_us, t_reload_us, t_saved_us;
    uint64_t lost[STORE_LOSSES]; /* as the engine was last told */
    bool stopping, alerts_changed;
    int stop_step, signals;
    char reload_error[200];
    struct log_limit refused_limit[DIR_VENUES_MAX];
    int status;
};

/* Hooks; arg is the app. */
void app_ingest(void *arg, const struct origin *o, const char *text, size_t len);
void app_note(void *arg, const struct note *n);
int app_wants(void *arg, struct want *out, int max);
const struct directory *app_directory(void *arg);
const struct alerts *app_alerts(void *arg);
int64_t app_now(void *arg);
const struct engine *app_engine(void *arg);
const struct feeds *app_feeds(void *arg);
const struct store *app_store(void *arg);
void app_shell(void *arg, struct shell_status *out);
void app_specs(void *arg, struct text *out);
void app_on_refused(void *arg, const struct origin *o, const char *text, size_t len, int err);
void app_on_event(void *arg, const struct origin *o, const struct event *e, uint32_t inst,
                  int used);
void app_on_alert(void *arg, const struct alert *al);
void app_on_durable(void *arg, uint64_t n);
void app_on_role(void *arg, enum lease_role role);
void app_after_tick(void *arg, int64_t t_us);
void app_wants_changed(void *arg);

void app_tell_status(struct app *a); /* to the service manager */
uint64_t app_rss_kb(void);

#endif
