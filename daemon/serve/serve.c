/* The socket server as a whole: start, the once-a-second work, stop. One uv_idle runs only while
 * something is to be pushed, so that a burst of transitions becomes one write per client.
 * What it needs of the configuration is copied: a reload may replace the configuration's memory,
 * and the limits of [serve] hold until a restart. */
#include "serve/serve_priv.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

static void on_idle(uv_idle_t *h)
{
    struct serve *s = h->data;
    bool more = false;
    for (struct client *c = s->clients, *next; c; c = next) {
        next = c->next;
        if (c->closing)
            continue;
        if ((c->in_len || c->eof) && !c->paused)
            client_answer(c);
        if (!c->closing)
            stream_pump(c);
        if (!c->closing)
            more |= stream_pending(c);
    }
    if (!more) {
        uv_idle_stop(h);
        s->idling = false;
        for (struct client *c = s->clients; c; c = c->next)
            if (!c->closing && !c->paused && memchr(c->in, '\n', c->in_len))
                serve_wake(s);
    }
}

void serve_wake(struct serve *s)
{
    if (s->idling || s->stopping)
        return;
    s->idling = true;
    uv_idle_start(&s->idle, on_idle);
}

static void on_connection(uv_stream_t *h, int status)
{
    struct serve *s = h->data;
    if (status < 0)
        log_line(LOG_LV_WARNING, "socket: a connection could not be accepted: %s",
                 uv_strerror(status));
    else if (!s->stopping)
        client_accept(s);
}

static void take_conf(struct serve *s, const struct conf *c)
{
    s->venues = c->engine.venues;
    s->client_max = c->client_max;
    s->soft_bytes = (size_t)c->client_soft_kb * 1024;
    s->hard_bytes = (size_t)c->client_hard_kb * 1024;
    s->request_max = (size_t)c->request_max_kb * 1024;
    peer_resolve_groups(s, c);
}

static bool take_memory(struct serve *s, const struct conf *c)
{
    const struct engine *e = s->d.engine(s->d.arg);
    uint64_t last_n = e ? alerts_last_n(engine_alerts(e)) : 0;
    size_t text_cap =
        s->hard_bytes - s->soft_bytes; /* a reply fits beside what a reading client may owe */
    s->scratch = malloc(text_cap);
    if (s->scratch)
        text_init(&s->text, s->scratch, text_cap);
    return s->scratch && history_init(&s->history, c->history_alerts, last_n) == 0;
}

struct serve *serve_new(const struct serve_deps *d, char why[160])
{
    struct serve *s = calloc(1, sizeof(*s));
    snprintf(why, 160, "out of memory");
    if (!s)
        return NULL;
    s->d = *d;
    snprintf(s->instance, sizeof(s->instance), "%s", d->instance);
    take_conf(s, d->conf);
    int fd = take_memory(s, d->conf) ? socket_listen(s, d->conf, why) : -1;
    if (fd < 0) {
        serve_free(s);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN); /* a client that goes away is an error code, not a signal */
    uv_idle_init(d->loop, &s->idle);
    uv_pipe_init(d->loop, &s->listener, 0);
    s->idle.data = s->listener.data = s;
    s->handles = 2;
    int rc = uv_pipe_open(&s->listener, fd);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&s->listener, 128, on_connection);
    if (rc != 0) /* a descriptor of ours that the kernel does not listen on: not a matter of outside
                    data */
        log_line(LOG_LV_ERROR, "socket %s: %s", s->path, uv_strerror(rc));
    assert(rc == 0);
    why[0] = 0;
    log_line(LOG_LV_NOTICE, "socket %s: listening", s->path);
    return s;
}

static void sink_alert(void *arg, const struct alert *a)
{
    stream_alert(arg, a);
}

struct sinks serve_sinks(struct serve *s)
{
    return (struct sinks){.arg = s, .alert = sink_alert};
}

static bool wants_alerts(const struct client *c)
{
    for (int i = 0; i < SUBS_MAX; i++)
        if (c->sub[i] && !c->sub[i]->metrics)
            return true;
    return false;
}

void serve_set_standby(struct serve *s, bool standby)
{
    static const char bye[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"bye\",\"params\":{\"reason\":\"standby\"}}\n";
    s->standby = standby;
    for (struct client *c = s->clients, *next; standby && c; c = next) {
        next = c->next;
        if (c->closing || !wants_alerts(c))
            continue;
        client_send(c, bye, sizeof(bye) - 1);
        client_flush(c);
        client_close(c, NULL);
    }
}

void serve_tick(struct serve *s, int64_t now_us)
{
    stream_release(s, now_us);
    for (struct client *c = s->clients, *next; c; c = next) {
        next = c->next;
        if (c->closing)
            continue;
        if (c->t_end_us && now_us >= c->t_end_us)
            client_close(c, client_queued(c) ? "it did not read its last answers" : NULL);
        else
            stream_tick(c, now_us);
    }
}

void serve_closed(struct serve *s, int handles)
{
    s->handles -= handles;
    if (!s->stopping || s->handles || s->works || !s->stopped)
        return;
    void (*done)(void *arg) = s->stopped;
    s->stopped = NULL;
    done(s->stopped_arg);
}

static void on_own_closed(uv_handle_t *h)
{
    serve_closed(h->data, 1);
}

void serve_stop(struct serve *s, void (*done)(void *arg), void *arg)
{
    static const char bye[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"bye\",\"params\":{\"reason\":\"stopping\"}}\n";
    assert(!s->stopping);
    s->stopping = true;
    s->stopped = done;
    s->stopped_arg = arg;
    for (struct client *c = s->clients; c; c = c->next) {
        client_send(c, bye, sizeof(bye) - 1);
        client_flush(c);
        client_close(c, NULL);
    }
    socket_unlink(s);
    uv_close((uv_handle_t *)&s->idle, on_own_closed);
    uv_close((uv_handle_t *)&s->listener, on_own_closed);
}

void serve_free(struct serve *s)
{
    if (!s)
        return;
    assert(s->handles == 0 && s->works == 0);
    socket_unlink(s);
    history_fini(&s->history);
    free(s->scratch);
    free(s);
}

void serve_get_status(const struct serve *s, struct serve_status *out)
{
    *out = s->st;
}
