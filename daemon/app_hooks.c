/* What the modules ask of the app, and what they tell it: they know hooks, not each other. In: the
 * app as arg. Out: what another module holds. The surprising thing: once a stop has begun nothing
 * is passed on, so that links we close ourselves are no gaps. */
#include "app_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "facts/wire.h"

/* --- what modules ask of the app ------------------------------------------------------------ */

void app_ingest(void *arg, const struct origin *o, const char *text, size_t len)
{
    struct app *a = arg;
    if (!a->stopping)
        (void)spine_ingest(a->spine, o, text,
                           len); /* refusals come back through the refused sink */
}

void app_note(void *arg, const struct note *n)
{
    struct app *a = arg;
    if (a->stopping)
        return; /* links that we close ourselves are no gaps: the run's end says it */
    int rc = spine_note(a->spine, n);
    if (rc < 0)
        log_line(LOG_LV_WARNING, "engine: note %s was refused: %s", note_kind_name(n->kind),
                 err_text(rc));
}

int app_wants(void *arg, struct want *out, int max)
{
    struct app *a = arg;
    return engine_wants(spine_engine(a->spine), out, max);
}

const struct directory *app_directory(void *arg)
{
    struct app *a = arg;
    return engine_directory(spine_engine(a->spine));
}

const struct alerts *app_alerts(void *arg)
{
    struct app *a = arg;
    return engine_alerts(spine_engine(a->spine));
}

int64_t app_now(void *arg)
{
    struct app *a = arg;
    return spine_now(a->spine);
}

const struct engine *app_engine(void *arg)
{
    struct app *a = arg;
    return spine_engine(a->spine);
}

const struct feeds *app_feeds(void *arg)
{
    struct app *a = arg;
    return a->feeds;
}

const struct store *app_store(void *arg)
{
    struct app *a = arg;
    return a->store;
}

uint64_t app_rss_kb(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

void app_shell(void *arg, struct shell_status *out)
{
    struct app *a = arg;
    const struct spine_stats *st = spine_stats(a->spine);
    memset(out, 0, sizeof *out);
    out->t_start_us = a->t_start_us;
    out->loop_lag_ms = st->lag_ms;
    out->loop_lag_p99_ms = (double)hist_quantile(&st->lag_us, .99) / 1e3;
    out->tick_ms = st->tick_ms;
    out->tick_p99_ms = (double)hist_quantile(&st->tick_us, .99) / 1e3;
    out->ticks = st->ticks;
    out->clock_steps = st->clock_steps;
    out->clock_step_s = st->clock_step_s;
    out->ticks_skipped = engine_counter(spine_engine(a->spine), EC_TICKS_SKIPPED);
    out->rss_kb = app_rss_kb();
    snprintf(out->conf_file, sizeof out->conf_file, "%s", a->conf_path);
    out->t_reload_us = a->t_reload_us;
    snprintf(out->reload_error, sizeof out->reload_error, "%s", a->reload_error);
    if (a->tape) {
        struct tape_status ts;
        tape_get_status(a->tape, &ts);
        out->tape_bytes = ts.bytes;
        out->tape_records = ts.records;
        out->tape_dropped = ts.dropped;
        snprintf(out->tape_file, sizeof out->tape_file, "%s", ts.file);
    }
}

void app_specs(void *arg, struct text *out)
{
    struct app *a = arg;
    const struct directory *d = app_directory(a);
    for (uint32_t i = 0; i < directory_count(d) && !out->full; i++) {
        wire_instrument(out, venues[directory_get(d, i)->venue]->name, d, i);
        text_char(out, '\n');
    }
}

/* --- what the engine tells the app ----------------------------------------------------------- */

void app_on_refused(void *arg, const struct origin *o, const char *text, size_t len, int err)
{
    struct app *a = arg;
    int n =
        log_allow(&a->refused_limit[o->venue], engine_now(spine_engine(a->spine)), 60 * SECOND_US);
    if (!n)
        return;
    char head[81];
    size_t k = len < 80 ? len : 80;
    for (size_t i = 0; i < k; i++)
        head[i] = text[i] >= 32 && text[i] < 127 ? text[i] : '.';
    head[k] = 0;
    const struct log_field f[] = {{"CASCADED_VENUE", venues[o->venue]->name}};
    log_fields(LOG_LV_WARNING, f, 1,
               "feed %s: a text of %zu bytes was refused (%s), dropped and counted: %s",
               venues[o->venue]->name, len, err_text(err), head);
}

void app_on_event(void *arg, const struct origin *o, const struct event *e, uint32_t inst, int used)
{
    struct app *a = arg;
    (void)used;
    if (e->kind == EV_CONTROL && a->feeds)
        feeds_on_event(a->feeds, o, e, inst);
}

void app_on_alert(void *arg, const struct alert *al)
{
    struct app *a = arg;
    (void)al;
    a->alerts_changed = true;
}

void app_on_durable(void *arg, uint64_t n)
{
    struct app *a = arg;
    if (a->serve)
        serve_publish(a->serve, n);
}

void app_on_role(void *arg, enum lease_role role)
{
    struct app *a = arg;
    serve_set_standby(a->serve, role == ROLE_STANDBY);
    app_tell_status(a);
}
