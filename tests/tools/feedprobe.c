/* Runs the feeds alone, without an engine, against servers a test controls: two made-up venues
 * (alpha echoes ids, beta acknowledges by name and wants text pings), wants and settings from a
 * JSON file, everything the feeds say as one JSON object a line. With "cycles" it starts and stops
 * many times in one process and says what uv_loop_close returned. It brings its own venue list and
 * directory. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "log.h"
#include "net/feeds.h"

#define LINKS_MAX 32

struct probe {
    uv_loop_t loop;
    uv_timer_t at, sample, end;
    struct feeds *feeds;
    struct conf conf;
    json_t *spec, *wants, *steps;
    size_t step;
    uint64_t began_ms;
    bool quiet, stopped;
    struct origin now; /* of the text being taken */
};

/* --- the venues --------------------------------------------------------------------------------
 */

static struct instrument instruments[64];

const struct instrument *directory_get(const struct directory *d, uint32_t id)
{
    (void)d;
    assert(id < 64);
    struct instrument *i = &instruments[id];
    i->id = id;
    snprintf(i->symbol, sizeof(i->symbol), "S%02u", (unsigned)id);
    return i;
}

static const struct venue_channel channels[] = {
    {.name = "depth", .transport = CH_WS, .scope = CH_INSTRUMENT, .snapshot_for = CHANNEL_NONE},
    {.name = "all", .transport = CH_WS, .scope = CH_ALL, .snapshot_for = CHANNEL_NONE},
    {.name = "oi",
     .transport = CH_REST,
     .scope = CH_INSTRUMENT,
     .weight = 5,
     .snapshot_for = CHANNEL_NONE},
    {.name = "specs", .transport = CH_REST, .weight = 10, .snapshot_for = CHANNEL_NONE},
    {.name = "snap", .transport = CH_REST, .weight = 20, .snapshot_for = CHANNEL_NONE},
};

static void put_args(const struct directory *dir, const struct want *w, int n, struct text *out)
{
    for (int i = 0; i < n; i++) {
        text_str(out, i ? ",\"" : "\"");
        want_name(dir, &w[i], out);
        text_char(out, '"');
    }
}

static int alpha_subscribe(const struct directory *dir, const struct sub_message *m,
                           struct text *out)
{
    text_fmt(out, "{\"op\":\"%s\",\"args\":[", m->on ? "sub" : "unsub");
    put_args(dir, m->wants, m->n, out);
    text_fmt(out, "],\"id\":%lld}", (long long)m->id);
    return out->full ? E_LIMIT : 0;
}

static int beta_subscribe(const struct directory *dir, const struct sub_message *m,
                          struct text *out)
{
    text_fmt(out, "{\"op\":\"%s\",\"args\":[", m->on ? "sub" : "unsub");
    put_args(dir, m->wants, m->n, out);
    text_str(out, "]}");
    return out->full ? E_LIMIT : 0;
}

static int beta_ping(struct text *out)
{
    text_str(out, "{\"op\":\"ping\"}");
    return 0;
}

static int request(const struct directory *dir, const struct want *w, struct rest_request *out)
{
    struct text t;
    memset(out, 0, sizeof(*out));
    text_init(&t, out->name, sizeof(out->name));
    want_name(dir, w, &t);
    snprintf(out->path, sizeof(out->path), "/rest/%s?limit=5", out->name);
    if (w->channel == 3 && w->venue == 1)
        snprintf(out->body, sizeof(out->body), "{\"type\":\"specs\"}");
    return 0;
}

static int next_page(struct slice cursor, struct rest_request *io)
{
    size_t n = strlen(io->path);
    snprintf(io->path + n, sizeof(io->path) - n, "&cursor=%.*s", (int)cursor.len, cursor.p);
    return 0;
}

static int backoff_s(int http_status, int retry_after_s, struct slice body)
{
    (void)retry_after_s;
    if (http_status == 0 && body.len > 8 && memcmp(body.p, "too fast", 8) == 0)
        return 3;
    return http_status == 403 ? 4 : 0;
}

static struct venue_route routes[] = {{"public", "wss://127.0.0.1:1/", 200},
                                      {"market", "wss://127.0.0.1:1/", 200}};
static struct venue alpha = {.name = "alpha",
                             .channels = channels,
                             .n_channels = 5,
                             .routes = routes,
                             .n_routes = 2,
                             .rest_url = "https://127.0.0.1:1",
                             .limits = {.weight_per_min = 6000,
                                        .rest_in_flight = 4,
                                        .rest_per_s = 50,
                                        .msg_per_s = 20,
                                        .connects_per_min = 240,
                                        .sub_batch = 10,
                                        .ack_s = 2},
                             .subscribe = alpha_subscribe,
                             .request = request,
                             .next_page = next_page,
                             .backoff_s = backoff_s};
static struct venue beta;
const struct venue *const venues[] = {&alpha, &beta};
const int n_venues = 2;

void want_name(const struct directory *dir, const struct want *w, struct text *out)
{
    text_str(out, channels[w->channel].name);
    if (w->inst != INST_NONE)
        text_fmt(out, ":%s", directory_get(dir, w->inst)->symbol);
}

static void set_limits(json_t *o)
{
    struct venue_limits *l = &alpha.limits;
    json_int_t weight = l->weight_per_min, in_flight = l->rest_in_flight, per_s = l->rest_per_s,
               msgs = l->msg_per_s, connects = l->connects_per_min, batch = l->sub_batch,
               ack = l->ack_s, subs = l->subs_per_h;
    json_unpack(o, "{s?I,s?I,s?I,s?I,s?I,s?I,s?I,s?I}", "weight_per_min", &weight, "rest_in_flight",
                &in_flight, "rest_per_s", &per_s, "msg_per_s", &msgs, "connects_per_min", &connects,
                "sub_batch", &batch, "ack_s", &ack, "subs_per_h", &subs);
    l->weight_per_min = (uint32_t)weight;
    l->rest_in_flight = (uint16_t)in_flight;
    l->rest_per_s = (uint16_t)per_s;
    l->msg_per_s = (uint16_t)msgs;
    l->connects_per_min = (uint16_t)connects;
    l->sub_batch = (uint16_t)batch;
    l->ack_s = (uint16_t)ack;
    l->subs_per_h = (uint16_t)subs;
    beta = alpha;
    beta.name = "beta";
    beta.limits.ping_s = 1;
    beta.limits.sub_batch = 1;
    beta.subscribe = beta_subscribe;
    beta.ping = beta_ping;
}

/* --- what the feeds say ------------------------------------------------------------------------
 */

static void say(struct probe *p, json_t *o)
{
    if (!p->quiet) {
        json_object_set_new(o, "ms",
                            json_integer((json_int_t)(uv_hrtime() / 1000000 - p->began_ms)));
        char *text = json_dumps(o, JSON_COMPACT);
        puts(text);
        fflush(stdout);
        free(text);
    }
    json_decref(o);
}

static json_t *str_of(struct slice s)
{
    json_t *t = s.p ? json_stringn(s.p, s.len) : json_null();
    return t ? t : json_string("(not UTF-8)");
}

static void on_note(void *arg, const struct note *n)
{
    struct probe *p = arg;
    say(p, json_pack("{ss,ss,si,si,si,si,so,so}", "ev", "note", "kind", note_kind_name(n->kind),
                     "venue", n->venue, "conn", n->conn, "channel", n->channel, "code", n->code,
                     "symbol", str_of(n->symbol), "cause", str_of(n->cause)));
}

/* Control texts of the two venues: {"ack":X}, {"err":X,"msg":..}, {"pong":1}, {"notice":..}; X is
 * an id or a name "depth:S01". A notice may ask: {"notice":"closing"}, {"notice":"next","msg":
 * CURSOR}. */
static void take_control(struct probe *p, json_t *o)
{
    static const struct {
        const char *key;
        enum control_what what;
    } rows[] = {{"ack", CTL_ACK}, {"err", CTL_ERROR}, {"pong", CTL_PONG}, {"notice", CTL_NOTICE}};
    const char *msg = json_string_value(json_object_get(o, "msg"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *x = json_object_get(o, rows[i].key);
        const char *name = json_string_value(x);
        uint32_t inst = INST_NONE;
        struct event e;
        if (!x)
            continue;
        event_init(&e, EV_CONTROL);
        e.u.control.what = rows[i].what;
        e.u.control.id =
            json_is_integer(x) && rows[i].what != CTL_PONG ? json_integer_value(x) : -1;
        e.u.control.text = slice_of(msg ? msg : "");
        if (rows[i].what == CTL_NOTICE && name)
            e.u.control.ask = strcmp(name, "closing") == 0 ? ASK_RECONNECT
                              : strcmp(name, "next") == 0  ? ASK_NEXT_PAGE
                                                           : ASK_NOTHING;
        for (uint8_t c = 0; name && c < 5; c++)
            if (strncmp(name, channels[c].name, strlen(channels[c].name)) == 0)
                e.channel = c;
        if (name && strchr(name, ':'))
            inst = (uint32_t)strtoul(strchr(name, ':') + 2, NULL, 10);
        feeds_on_event(p->feeds, &p->now, &e, inst);
    }
}

static uint32_t checksum(const char *p, size_t n)
{
    uint32_t a = 1, b = 0; /* Adler-32, as Python's zlib has it */
    for (size_t i = 0; i < n; i++) {
        a = (a + (unsigned char)p[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static void on_ingest(void *arg, const struct origin *o, const char *text, size_t len)
{
    struct probe *p = arg;
    size_t head = len < 60 ? len : 60;
    p->now = *o;
    json_t *parsed = len < 4096 ? json_loadb(text, len, 0, NULL) : NULL;
    json_t *line =
        json_pack("{ss,si,si,sI,sI,so}", "ev", "text", "venue", o->venue, "conn", o->conn, "len",
                  (json_int_t)len, "sum", (json_int_t)checksum(text, len), "head",
                  str_of((struct slice){text, (uint32_t)head}));
    if (o->req)
        json_object_set_new(line, "req", json_string(o->req));
    if (parsed && json_object_get(parsed, "n"))
        json_object_set(line, "n", json_object_get(parsed, "n"));
    say(p, line);
    if (parsed)
        take_control(p, parsed);
    json_decref(parsed);
}

static int64_t now_us(void *arg)
{
    struct timespec ts;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static const struct directory *the_directory(void *arg)
{
    (void)arg;
    return NULL;
}

static int the_wants(void *arg, struct want *out, int max)
{
    struct probe *p = arg;
    size_t i;
    json_t *o;
    int n = 0;
    json_array_foreach(p->wants, i, o)
    {
        json_int_t kind = 0, venue = 0, channel = 0, conn = 0, from = -1, to = -1, period = 60,
                   renew = 0, renew_n = 0, priority = 1, after_ms = -1;
        json_unpack(o, "{s?I,s?I,s?I,s?I,s?I,s?I,s?I,s?I,s?I,s?I,s?I}", "kind", &kind, "venue",
                    &venue, "channel", &channel, "conn", &conn, "from", &from, "to", &to,
                    "period_s", &period, "renew", &renew, "renew_n", &renew_n, "priority",
                    &priority, "after_ms", &after_ms);
        for (json_int_t inst = from; inst <= to && n < max; inst++)
            out[n++] = (struct want){.kind = (uint8_t)kind,
                                     .venue = (uint8_t)venue,
                                     .channel = (uint8_t)channel,
                                     .conn = (uint8_t)conn,
                                     .priority = (uint8_t)priority,
                                     .renew = (uint8_t)renew,
                                     .renew_n = (uint16_t)renew_n,
                                     .inst = inst < 0 ? INST_NONE : (uint32_t)inst,
                                     .period_s = (uint32_t)period,
                                     .not_before_us =
                                         json_integer_value(json_object_get(o, "not_before_us"))};
    }
    return n;
}

/* Wants may say "after_ms": turned into engine time once, when they are set. */
static void set_wants(struct probe *p, json_t *wants)
{
    size_t i;
    json_t *o;
    json_array_foreach(wants, i, o)
    {
        json_t *after = json_object_get(o, "after_ms");
        if (after)
            json_object_set_new(o, "not_before_us",
                                json_integer(now_us(p) + json_integer_value(after) * 1000));
    }
    p->wants = wants;
    feeds_reconcile(p->feeds);
}

static void on_sample(uv_timer_t *t)
{
    struct probe *p = t->data;
    struct link_status links[LINKS_MAX];
    struct rest_status r;
    int n = feeds_links(p->feeds, links, LINKS_MAX);
    feeds_reconcile(p->feeds);
    for (int i = 0; i < n && i < LINKS_MAX; i++)
        say(p, json_pack(
                   "{ss,si,si,ss,sI,sI,sI,sI,sI,sI,sI,sI,sI,ss,ss}", "ev", "link", "venue",
                   links[i].venue, "conn", links[i].conn, "state", link_state_name(links[i].state),
                   "wanted", (json_int_t)links[i].streams_wanted, "acked",
                   (json_int_t)links[i].streams_acked, "messages", (json_int_t)links[i].messages,
                   "connects", (json_int_t)links[i].connects, "failures",
                   (json_int_t)links[i].failures, "oversized", (json_int_t)links[i].oversized,
                   "subs_delayed", (json_int_t)links[i].subs_delayed, "t_up_us",
                   (json_int_t)links[i].t_up_us, "t_retry_us", (json_int_t)links[i].t_retry_us,
                   "url", links[i].url, "error", links[i].last_error));
    for (uint8_t v = 0; v < 2; v++) {
        feeds_rest(p->feeds, v, &r);
        if (r.requests + r.failed + r.queued)
            say(p, json_pack("{ss,si,sI,sI,sI,sI,sI,sI,sI,sI,sI,sb,ss}", "ev", "rest", "venue", v,
                             "requests", (json_int_t)r.requests, "ok", (json_int_t)r.ok, "failed",
                             (json_int_t)r.failed, "limited", (json_int_t)r.limited, "pages",
                             (json_int_t)r.pages, "pages_cut", (json_int_t)r.pages_cut, "weight",
                             (json_int_t)r.weight_used_min, "queued", (json_int_t)r.queued,
                             "in_flight", (json_int_t)r.in_flight, "banned",
                             r.t_banned_until_us != 0, "error", r.last_error));
    }
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void read_conf(struct conf *c, json_t *spec)
{
    for (int i = 0; i < 2; i++) {
        struct conf_venue *v = &c->venue[i];
        const char *url = NULL, *url1 = NULL, *rest = NULL, *ca = "", *address = "";
        int rotate_s = 0, deflate = 0;
        json_unpack(spec, "{s?s,s?s,s?s,s?s,s?s,s?i,s?b}", "url", &url, "url1", &url1, "rest_url",
                    &rest, "ca_file", &ca, "address", &address, "rotate_s", &rotate_s, "deflate",
                    &deflate);
        v->enabled = true;
        v->rotate_s = (uint32_t)rotate_s;
        v->deflate = deflate;
        snprintf(v->url[0], sizeof(v->url[0]), "%s", url ? url : "");
        snprintf(v->url[1], sizeof(v->url[1]), "%s", url1 ? url1 : url ? url : "");
        snprintf(v->rest_url, sizeof(v->rest_url), "%s", rest ? rest : "");
        snprintf(v->ca_file, sizeof(v->ca_file), "%s", ca);
        snprintf(v->address, sizeof(v->address), "%s", address);
    }
}

static void on_done(void *arg)
{
    struct probe *p = arg;
    assert(!p->stopped);
    p->stopped = true;
}

static void on_end(uv_timer_t *t)
{
    struct probe *p = t->data;
    uv_close((uv_handle_t *)&p->at, NULL);
    uv_close((uv_handle_t *)&p->sample, NULL);
    uv_close((uv_handle_t *)&p->end, NULL);
    feeds_stop(p->feeds, on_done, p);
}

static void arm_step(struct probe *p);

static void on_step(uv_timer_t *t)
{
    struct probe *p = t->data;
    json_t *s = json_array_get(p->steps, p->step++);
    json_t *wants = json_object_get(s, "wants"), *conf = json_object_get(s, "conf");
    if (conf) {
        read_conf(&p->conf, conf);
        feeds_reload(p->feeds, &p->conf);
    }
    if (wants)
        set_wants(p, wants);
    arm_step(p);
}

static void arm_step(struct probe *p)
{
    json_t *s = json_array_get(p->steps, p->step);
    if (!s)
        return;
    uint64_t at = (uint64_t)json_integer_value(json_object_get(s, "at_ms"));
    uint64_t spent = uv_hrtime() / 1000000 - p->began_ms;
    uv_timer_start(&p->at, on_step, at > spent ? at - spent : 0, 0);
}

static int run(struct probe *p, uint64_t duration_ms)
{
    char why[160];
    struct feeds_deps d = {&p->loop,  &p->conf,      p,     on_ingest, on_note,
                           the_wants, the_directory, now_us};
    p->stopped = false;
    p->step = 0;
    p->began_ms = uv_hrtime() / 1000000;
    uv_loop_init(&p->loop);
    p->feeds = feeds_new(&d, why);
    if (!p->feeds) {
        say(p, json_pack("{ss,ss}", "ev", "refused", "why", why));
        return uv_loop_close(&p->loop);
    }
    uv_timer_t *timers[] = {&p->at, &p->sample, &p->end};
    for (int i = 0; i < 3; i++) {
        uv_timer_init(&p->loop, timers[i]);
        timers[i]->data = p;
    }
    arm_step(p);
    uv_timer_start(&p->sample, on_sample, 200, 200);
    uv_timer_start(&p->end, on_end, duration_ms, 0);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    uint64_t took = uv_hrtime() / 1000000 - p->began_ms;
    assert(p->stopped);
    feeds_free(p->feeds);
    int left = uv_loop_close(&p->loop);
    say(p, json_pack("{ss,si,sI}", "ev", "end", "loop_close", left, "stop_ms",
                     (json_int_t)(took - duration_ms)));
    return left;
}

static int run_cycles(struct probe *p, json_t *cycles)
{
    size_t i;
    json_t *ms;
    int bad = 0;
    p->quiet = true;
    json_array_foreach(cycles, i, ms) bad += run(p, (uint64_t)json_integer_value(ms)) != 0;
    printf("{\"ev\":\"cycles\",\"runs\":%zu,\"bad\":%d}\n", json_array_size(cycles), bad);
    return bad;
}

int main(int argc, char **argv)
{
    static struct probe p;
    json_error_t err;
    if (argc != 2 || !(p.spec = json_load_file(argv[1], 0, &err))) {
        fprintf(stderr, "usage: feedprobe SPEC.json\n");
        return 2;
    }
    log_open(LOG_LV_INFO);
    set_limits(json_object_get(p.spec, "limits"));
    read_conf(&p.conf, p.spec);
    p.steps = json_object_get(p.spec, "steps");
    json_t *cycles = json_object_get(p.spec, "cycles");
    int bad = cycles
                  ? run_cycles(&p, cycles)
                  : run(&p, (uint64_t)json_integer_value(json_object_get(p.spec, "duration_ms")));
    json_decref(p.spec);
    return bad != 0;
}
