/* The control socket: lines in, "ok" or "error: why" lines out. `down:binance@0+20` as in
 * --misbehave but counted from now; `shock`, `shock 5`; `status` answers with one JSON object. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/serve.h"

struct ctl {
    uv_pipe_t pipe;
    struct srv *srv;
    char in[1024], raw[512];
    size_t len;
};

struct ctl_write {
    uv_write_t w;
    char text[512];
};

static void on_ctl_closed(uv_handle_t *h)
{
    free(h->data);
}

static void on_ctl_written(uv_write_t *w, int status)
{
    (void)status;
    free(w->data);
}

static void say(struct ctl *c, const char *text)
{
    struct ctl_write *w = malloc(sizeof *w);
    if (!w)
        return;
    int n = snprintf(w->text, sizeof w->text, "%s\n", text);
    uv_buf_t b = uv_buf_init(w->text, (unsigned)n);
    w->w.data = w;
    if (uv_write(&w->w, (uv_stream_t *)&c->pipe, &b, 1, on_ctl_written) != 0)
        free(w);
}

static void status(struct ctl *c)
{
    char b[400];
    const struct sim_market *m = c->srv->sim->m;
    snprintf(b, sizeof b,
             "{\"t_us\":%lld,\"step\":%lld,\"shock_step\":%lld,\"clients\":%d,\"frames\":%llu,"
             "\"bytes\":%llu,\"weight\":[%d,%d]}",
             (long long)sim_market_now_us(m), (long long)m->step, (long long)m->sc.shock_step,
             c->srv->n_clients, (unsigned long long)c->srv->frames,
             (unsigned long long)c->srv->bytes, c->srv->weight[0], c->srv->weight[1]);
    say(c, b);
}

static void line(struct ctl *c, const char *text)
{
    struct srv *s = c->srv;
    if (strcmp(text, "status") == 0) {
        status(c);
        return;
    }
    if (strncmp(text, "shock", 5) == 0 && (text[5] == 0 || text[5] == ' ')) {
        sim_shock_in(s->sim, strtod(text + 5, NULL));
        say(c, s->sim->m->sc.crash ? "ok" : "error: scenario has no shock");
        return;
    }
    const char *why = mis_add(&s->sim->mis, text, (double)s->sim->m->step / SIM_STEPS_PER_S);
    char b[200];
    snprintf(b, sizeof b, "error: %s", why ? why : "");
    say(c, why ? b : "ok");
}

static void on_ctl_alloc(uv_handle_t *h, size_t want, uv_buf_t *b)
{
    struct ctl *c = h->data;
    (void)want;
    *b = uv_buf_init(c->raw, sizeof c->raw);
}

static void on_ctl_read(uv_stream_t *t, ssize_t n, const uv_buf_t *b)
{
    struct ctl *c = t->data;
    if (n < 0 || c->len + (size_t)n >= sizeof c->in) {
        uv_close((uv_handle_t *)&c->pipe, on_ctl_closed);
        return;
    }
    memcpy(c->in + c->len, b->base, (size_t)n);
    c->len += (size_t)n;
    for (char *nl; (nl = memchr(c->in, '\n', c->len)) != NULL;) {
        *nl = 0;
        line(c, c->in);
        size_t used = (size_t)(nl - c->in) + 1;
        memmove(c->in, nl + 1, c->len - used);
        c->len -= used;
    }
}

static void on_ctl_connection(uv_stream_t *l, int st)
{
    struct ctl *c = st < 0 ? NULL : calloc(1, sizeof *c);
    if (!c)
        return;
    c->srv = l->data;
    uv_pipe_init(l->loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_accept(l, (uv_stream_t *)&c->pipe) != 0) {
        uv_close((uv_handle_t *)&c->pipe, on_ctl_closed);
        return;
    }
    uv_read_start((uv_stream_t *)&c->pipe, on_ctl_alloc, on_ctl_read);
}

int control_open(struct srv *s, const char *path)
{
    unlink(path);
    uv_pipe_init(&s->loop, &s->control, 0);
    s->control.data = s;
    s->control_on = true;
    int e = uv_pipe_bind(&s->control, path);
    if (e == 0)
        e = uv_listen((uv_stream_t *)&s->control, 8, on_ctl_connection);
    if (e)
        fprintf(stderr, "cascade-sim: %s: %s\n", path, uv_strerror(e));
    return e ? -1 : 0;
}

/* Connections of the control socket end with the loop. */
static void close_ctl(uv_handle_t *h, void *arg)
{
    if (h->type == UV_NAMED_PIPE && h != arg && !uv_is_closing(h))
        uv_close(h, on_ctl_closed);
}

void control_close(struct srv *s)
{
    if (!s->control_on)
        return;
    uv_walk(&s->loop, close_ctl, &s->control);
    uv_close((uv_handle_t *)&s->control, NULL);
    s->control_on = false;
}
