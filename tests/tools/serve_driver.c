/* The socket server around a real engine, with time in the test's hand: reads commands from
 * standard input, answers each with one line "ok ...". Used by tests/it/test_serve.py. tick N N
 * whole seconds pass, each with an engine tick and a serve tick up | down     link note of venue 0,
 * route 0 burst N IDS   N transitions in a row, over so many alerts, straight into the sink fail
 * TEXT     the next reload is refused with TEXT ("fail" alone: reloads work again) status counters
 * of the server stop          orderly stop; the program ends when every handle is closed Arguments:
 * CONF [EPOCH]. CONF is a configuration file as the daemon's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "conf.h"
#include "engine/engine.h"
#include "log.h"
#include "serve/serve.h"

#define T0 1700000000000000LL

struct driver {
    uv_loop_t loop;
    uv_pipe_t in;
    char line[4096];
    size_t len;
    struct conf *conf;
    struct engine *engine;
    struct serve *serve;
    struct sinks sinks;
    int64_t now_us;
    uint64_t burst_n;
    char refuse[200];
    bool stopping;
};

static const struct engine *get_engine(void *arg)
{
    return ((struct driver *)arg)->engine;
}

static const struct feeds *get_feeds(void *arg)
{
    (void)arg;
    return NULL;
}

static const struct store *get_store(void *arg)
{
    (void)arg;
    return NULL;
}

static void get_shell(void *arg, struct shell_status *out)
{
    (void)arg;
    out->t_start_us = T0;
    out->loop_lag_ms = 0.25;
    snprintf(out->conf_file, sizeof(out->conf_file), "driver.conf");
}

static int64_t get_now(void *arg)
{
    return ((struct driver *)arg)->now_us;
}

static void put_note(void *arg, const struct note *n)
{
    struct driver *d = arg;
    int rc = engine_note(d->engine, n, NULL, d->now_us);
    if (rc < 0)
        fprintf(stderr, "driver: note refused: %s\n", err_text(rc));
}

static int do_reload(void *arg, char why[200])
{
    struct driver *d = arg;
    snprintf(why, 200, "%s", d->refuse);
    return d->refuse[0] ? -1 : 0;
}

static void on_alert(void *arg, const struct alert *a)
{
    struct driver *d = arg;
    if (d->serve)
        d->sinks.alert(d->sinks.arg, a);
}

static void ticks(struct driver *d, int n)
{
    for (int i = 0; i < n; i++) {
        d->now_us += 1000000;
        if (!d->burst_n) /* the engine's own transitions would not follow those of a burst */
            engine_tick(d->engine, d->now_us);
        serve_tick(d->serve, d->now_us);
    }
}

static void link_note(struct driver *d, bool up)
{
    struct note n;
    note_init(&n, up ? NOTE_LINK_UP : NOTE_LINK_DOWN);
    n.venue = 0;
    n.conn = CONN_SLOT(0, 0, 0);
    n.cause = SLICE("driver");
    put_note(d, &n);
}

static void burst(struct driver *d, int n, int ids)
{
    if (!d->burst_n)
        d->burst_n = alerts_last_n(engine_alerts(d->engine));
    for (int i = 0; i < n; i++) {
        struct alert a = {.n = ++d->burst_n,
                          .id = 1000000u + (uint32_t)(i % ids),
                          .state = AS_FIRING,
                          .was = AS_PENDING,
                          .severity = SEV_WARNING,
                          .subject = {MT_PROCESS, 255, 255, INST_NONE},
                          .t_us = d->now_us,
                          .value = i,
                          .threshold = 1,
                          .peak = i};
        d->sinks.alert(d->sinks.arg, &a);
    }
}

static void on_closed(uv_handle_t *h)
{
    (void)h;
}

static void on_stopped(void *arg)
{
    struct driver *d = arg;
    puts("ok stopped");
    fflush(stdout);
    uv_close((uv_handle_t *)&d->in, on_closed);
}

static void command(struct driver *d, const char *line)
{
    int n = 1, ids = 1;
    struct serve_status st;
    serve_get_status(d->serve, &st);
    if (strncmp(line, "tick", 4) == 0 && sscanf(line + 4, "%d", &n) >= 0)
        ticks(d, n);
    else if (strcmp(line, "up") == 0 || strcmp(line, "down") == 0)
        link_note(d, line[0] == 'u');
    else if (sscanf(line, "burst %d %d", &n, &ids) == 2)
        burst(d, n, ids);
    else if (strncmp(line, "fail", 4) == 0)
        snprintf(d->refuse, sizeof(d->refuse), "%s", line[4] ? line + 5 : "");
    else if (strcmp(line, "stop") == 0 && !d->stopping) {
        d->stopping = true;
        serve_stop(d->serve, on_stopped, d);
        return;
    }
    printf("ok clients=%u subscribers=%u requests=%llu errors=%llu slow=%llu coalesced=%llu "
           "refused=%llu\n",
           st.clients, st.subscribers, (unsigned long long)st.requests,
           (unsigned long long)st.errors, (unsigned long long)st.dropped_slow,
           (unsigned long long)st.coalesced, (unsigned long long)st.refused);
    fflush(stdout);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
    struct driver *d = h->data;
    (void)hint;
    *buf = uv_buf_init(d->line + d->len, (unsigned)(sizeof(d->line) - 1 - d->len));
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct driver *d = h->data;
    char *nl;
    (void)buf;
    if (n < 0) {
        uv_read_stop(h);
        if (!d->stopping)
            command(d, "stop");
        return;
    }
    d->len += (size_t)n;
    d->line[d->len] = 0;
    while ((nl = strchr(d->line, '\n')) != NULL) {
        *nl = 0;
        command(d, d->line);
        d->len -= (size_t)(nl + 1 - d->line);
        memmove(d->line, nl + 1, d->len + 1);
    }
}

static int start(struct driver *d, const char *path, uint32_t epoch)
{
    static struct conf_errors errs;
    char why[160];
    struct sinks sinks = {.arg = d, .alert = on_alert};
    d->conf = conf_new();
    d->now_us = T0;
    if (!d->conf || conf_load(d->conf, path, &errs) < 0) {
        for (int i = 0; i < errs.n && i < CONF_ERRORS_MAX; i++)
            fprintf(stderr, "%s:%d: %s: %s\n", errs.e[i].file, errs.e[i].line, errs.e[i].key,
                    errs.e[i].text);
        return 2;
    }
    d->engine = engine_new(&d->conf->engine, &sinks, why);
    struct serve_deps deps = {&d->loop,
                              d->conf,
                              d,
                              get_engine,
                              get_feeds,
                              get_store,
                              get_shell,
                              get_now,
                              put_note,
                              do_reload,
                              "00000000-0000-4000-8000-000000000000",
                              epoch,
                              false};
    d->serve = d->engine ? serve_new(&deps, why) : NULL;
    if (!d->serve) {
        fprintf(stderr, "driver: %s\n", why);
        return 1;
    }
    d->sinks = serve_sinks(d->serve);
    conf_free(
        d->conf); /* serve copied what it needs: a use after this would be seen by the sanitizer */
    d->conf = NULL;
    return 0;
}

int main(int argc, char **argv)
{
    static struct driver d;
    if (argc < 2)
        return 2;
    log_open(LOG_LV_INFO);
    uv_loop_init(&d.loop);
    int rc = start(&d, argv[1], argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1);
    if (rc)
        return rc;
    uv_pipe_init(&d.loop, &d.in, 0);
    uv_pipe_open(&d.in, 0);
    d.in.data = &d;
    uv_read_start((uv_stream_t *)&d.in, on_alloc, on_read);
    puts("ok ready");
    fflush(stdout);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    serve_free(d.serve);
    engine_free(d.engine);
    return uv_loop_close(&d.loop) == 0 ? 0 : 3;
}
