/* Serving on wall time: a timer advances the market to now, in steps of 100 ms, and what the step
 * published leaves in one write per client. In: options, clients, signals. Out: everything the fake
 * venues send. Surprising: after a stall of more than 5 s the missed time is skipped, not replayed.
 */
#include "sim/serve.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BODY_CAP  (4u << 20)
#define STEPS_MAX 50

int64_t srv_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- clients --------------------------------------------------------------------------------- */

struct srv_client *srv_client_new(struct srv *s, struct net_conn *c, enum sim_venue v)
{
    struct srv_client *x = s->n_clients < SRV_CLIENTS_MAX ? calloc(1, sizeof *x) : NULL;
    if (!x)
        return NULL;
    x->c = c;
    x->srv = s;
    x->venue = v;
    x->id = ++s->next_id;
    x->last_tx_s = x->last_ping_s = s->sim->mis.now_s;
    s->clients[s->n_clients++] = x;
    net_set_user(c, x);
    return x;
}

void srv_client_free(struct srv_client *x)
{
    struct srv *s = x->srv;
    for (int i = 0; i < SIM_STREAMS; i++)
        s->wanted[i] -= x->subs[i] == SUB_ON;
    for (int i = 0; i < s->n_clients; i++)
        if (s->clients[i] == x)
            s->clients[i] = s->clients[--s->n_clients];
    for (int i = 0; i < x->n_acks; i++)
        free(x->acks[i].text);
    net_set_user(x->c, NULL);
    free(x);
}

void srv_on_closed(void *arg, struct net_conn *c)
{
    (void)arg;
    if (net_user(c))
        srv_client_free(net_user(c));
}

void srv_subscribe(struct srv_client *x, int stream, int how)
{
    if (x->subs[stream] == SUB_NO)
        x->n_subs++;
    x->srv->wanted[stream] += (how == SUB_ON) - (x->subs[stream] == SUB_ON);
    x->subs[stream] = (uint8_t)how;
}

void srv_unsubscribe(struct srv_client *x, int stream)
{
    if (x->subs[stream] == SUB_NO)
        return;
    x->srv->wanted[stream] -= x->subs[stream] == SUB_ON;
    x->subs[stream] = SUB_NO;
    x->n_subs--;
}

void srv_send(struct srv_client *x, const char *text, size_t len)
{
    x->last_tx_s = x->srv->sim->mis.now_s;
    net_send_text(x->c, text, len);
}

void srv_ack(struct srv_client *x, const char *text, size_t len)
{
    const struct mis_item *late = mis_on(&x->srv->sim->mis, MIS_LATE_ACK, x->venue);
    if (!late) {
        srv_send(x, text, len);
        return;
    }
    char *copy = x->n_acks < SRV_ACKS_MAX ? strndup(text, len) : NULL;
    if (copy)
        x->acks[x->n_acks++] = (struct srv_ack){
            late->extra > 0 ? x->srv->sim->mis.now_s + late->extra : INFINITY, copy};
}

void srv_pong(struct srv_client *x, const char *text, size_t len)
{
    if (!mis_on(&x->srv->sim->mis, MIS_NO_PONG, x->venue))
        srv_send(x, text, len);
}

static void send_due_acks(struct srv_client *x)
{
    int keep = 0;
    for (int i = 0; i < x->n_acks; i++) {
        if (x->acks[i].due_s > x->srv->sim->mis.now_s) {
            x->acks[keep++] = x->acks[i];
            continue;
        }
        srv_send(x, x->acks[i].text, strlen(x->acks[i].text));
        free(x->acks[i].text);
    }
    x->n_acks = keep;
}

/* --- frames ---------------------------------------------------------------------------------- */

bool srv_refused(const struct srv *s, int stream)
{
    const struct sim_stream_row *r = &sim_streams[sim_stream_kind_of(stream)];
    const char *sym = r->per_inst ? s->sim->m->insts[sim_stream_inst(stream)].symbol : NULL;
    return mis_on_channel(&s->sim->mis, MIS_REFUSE, (enum sim_venue)r->venue, r->channel, sym);
}

static bool on_wanted(void *arg, int stream)
{
    return ((struct srv *)arg)->wanted[stream] > 0;
}

static void send_to(struct srv_client *x, const struct fault_msg *m, const struct text *head)
{
    x->last_tx_s = x->srv->sim->mis.now_s;
    if (head->len && !x->raw)
        net_send_text2(x->c, head->buf, head->len, m->text, m->len);
    else
        net_send_text(x->c, m->text, m->len);
    x->srv->frames++;
    x->srv->bytes += m->len;
}

static void on_put(void *arg, const struct fault_msg *m)
{
    struct srv *s = arg;
    char head_buf[128];
    struct text head;
    text_init(&head, head_buf, sizeof head_buf);
    if (m->venue == SIM_BINANCE && m->stream >= 0) {
        text_str(&head, "{\"stream\":\"");
        sim_stream_name(s->sim->m, m->stream, &head);
        text_str(&head, "\",\"data\":");
    }
    for (int i = 0; i < s->n_clients; i++) {
        struct srv_client *x = s->clients[i];
        if (m->stream < 0 ? x->venue == m->venue : x->subs[m->stream] == SUB_ON)
            send_to(x, m, &head);
    }
}

/* --- REST --------------------------------------------------------------------------------------
 */

bool srv_spoil(struct srv *s, enum sim_venue v, struct net_conn *c)
{
    static const char html[] = "<html><body>403 Forbidden</body></html>";
    const struct mis_item *it = mis_on(&s->sim->mis, MIS_REST, v);
    char header[64] = "";
    if (mis_on(&s->sim->mis, MIS_HTML, v) || mis_take(&s->sim->mis, MIS_HTML, v, NULL)) {
        net_reply(c, &(struct net_answer){200, "", "text/html", html, sizeof html - 1});
        return true;
    }
    if (!it)
        return false;
    int status = (int)strtol(it->arg, NULL, 10);
    if (status == 429 || status == 418)
        snprintf(header, sizeof header, "Retry-After: %.0f\r\n", it->extra);
    net_reply(c, &(struct net_answer){status, header, "text/html", html, sizeof html - 1});
    return true;
}

int srv_charge(struct srv *s, enum sim_venue v, int weight, int *retry_s)
{
    static const int budget[SIM_VENUES] = {[SIM_BINANCE] = 2400, [SIM_HL] = 1200};
    int64_t now_s = srv_now_us() / 1000000;
    if (s->weight_minute[v] != now_s / 60) {
        s->weight_minute[v] = now_s / 60;
        s->weight[v] = s->refused[v] = 0;
    }
    s->weight[v] += weight;
    *retry_s = 60 - (int)(now_s % 60);
    if (s->weight[v] <= budget[v])
        return 0;
    /* who goes on after 429 is banned */
    return ++s->refused[v] > 20 && v == SIM_BINANCE ? 418 : 429;
}

void srv_reply_json(struct srv *s, enum sim_venue v, struct net_conn *c, int status, int retry_s)
{
    char h[128] = "";
    if (v == SIM_BINANCE)
        snprintf(h, sizeof h, "X-MBX-USED-WEIGHT-1M: %d\r\n", s->weight[v]);
    if (retry_s)
        snprintf(h + strlen(h), sizeof h - strlen(h), "Retry-After: %d\r\n", retry_s);
    net_reply(c, &(struct net_answer){status, h, "application/json", s->body.buf, s->body.len});
}

/* --- time ------------------------------------------------------------------------------------ */

static void stop(struct srv *s);

static void keep_alive(struct srv_client *x)
{
    double now = x->srv->sim->mis.now_s;
    if (x->venue == SIM_BINANCE && now - x->last_ping_s >= 180) {
        x->last_ping_s = now;
        net_ping(x->c);
    }
    /* a connection to which nothing was sent for so long is closed */
    static const double idle_s[SIM_VENUES] = {0, 60, 600, 30};
    if (idle_s[x->venue] > 0 && now - x->last_tx_s >= idle_s[x->venue])
        net_close(x->c, 1000);
}

static void flush_clients(struct srv *s)
{
    for (int i = s->n_clients - 1; i >= 0; i--) {
        struct srv_client *x = s->clients[i];
        send_due_acks(x);
        net_flush(x->c);
        if (i < s->n_clients && s->clients[i] == x)
            keep_alive(x);
    }
}

static void on_timer(uv_timer_t *t)
{
    struct srv *s = t->data;
    int64_t now = srv_now_us(), late = now - sim_market_now_us(s->sim->m) - SIM_STEP_US;
    if (late > STEPS_MAX * SIM_STEP_US)
        s->sim->m->t0_us += late - late % 1000000;
    while (sim_market_now_us(s->sim->m) + SIM_STEP_US <= now) {
        sim_step(s->sim);
        wire_step(s);
        flush_clients(s);
    }
    if (s->sim->opt.duration_s > 0 && s->sim->mis.now_s >= s->sim->opt.duration_s)
        stop(s);
}

static void on_signal(uv_signal_t *g, int num)
{
    struct srv *s = g->data;
    if (num == SIGUSR1)
        sim_shock_in(s->sim, s->sim->opt.shock_at_s);
    else
        stop(s);
}

static void stop(struct srv *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    uv_close((uv_handle_t *)&s->timer, NULL);
    for (int i = 0; i < 4; i++)
        uv_close((uv_handle_t *)&s->sig[i], NULL);
    for (int v = 0; v < SIM_VENUES; v++)
        net_server_free(s->net[v]);
    control_close(s);
}

static int write_ports(const struct srv *s, const char *path)
{
    char tmp[512];
    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    FILE *f = fopen(tmp, "w");
    if (!f) {
        fprintf(stderr, "cascade-sim: %s: %s\n", path, strerror(errno));
        return -1;
    }
    for (int v = 0; v < SIM_VENUES; v++)
        fprintf(f, "%c\"%s\":%d", v ? ',' : '{', sim_venue_names[v], net_port(s->net[v]));
    fprintf(f, "}\n");
    return fclose(f) == 0 && rename(tmp, path) == 0 ? 0 : -1;
}

static int listen_all(struct srv *s, const struct sim_options *o)
{
    const struct net_handlers *table[SIM_VENUES] = {&binance_handlers, &hl_handlers,
                                                    &bybit_handlers, &okx_handlers};
    for (int v = 0; v < SIM_VENUES; v++) {
        struct net_handlers h = *table[v];
        h.arg = s;
        s->net[v] = net_listen(&s->loop, o->port[v], o->cert, o->key, &h);
        if (!s->net[v])
            return -1;
    }
    if (o->control && control_open(s, o->control) < 0)
        return -1;
    return o->ports ? write_ports(s, o->ports) : 0;
}

int sim_serve(struct sim *sim, const struct sim_options *o)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct srv *s = calloc(1, sizeof *s);
    char *body = malloc(BODY_CAP);
    if (!s || !body)
        abort();
    s->sim = sim;
    text_init(&s->body, body, BODY_CAP);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s->loop);
    uv_timer_init(&s->loop, &s->timer);
    s->timer.data = s;
    for (int i = 0; i < 4; i++) {
        uv_signal_init(&s->loop, &s->sig[i]);
        s->sig[i].data = s;
        uv_signal_start(&s->sig[i], on_signal, signals[i]);
    }
    int64_t now = srv_now_us();
    struct sim_outlet out = {s, on_wanted, on_put};
    int status = sim_open(sim, o, now - now % 1000000, out) < 0 || listen_all(s, o) < 0;
    if (status)
        stop(s);
    else
        uv_timer_start(&s->timer, on_timer, 0, 20);
    for (int v = 0; v < SIM_VENUES && !status; v++)
        fprintf(stderr, "cascade-sim: %s on 127.0.0.1:%d\n", sim_venue_names[v],
                net_port(s->net[v]));
    uv_run(&s->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&s->loop) != 0)
        status = 1;
    fprintf(stderr, "cascade-sim: sent %llu frames, %llu bytes\n", (unsigned long long)s->frames,
            (unsigned long long)s->bytes);
    free(body);
    free(s);
    return status;
}
