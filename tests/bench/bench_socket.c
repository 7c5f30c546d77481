/* From a TLS socket to the market: the daemon's own path (websocket, spine without a tape, engine
 * with 200 warm markets, a turn per round of the loop, a tick per second) against a libwebsockets
 * client with the same buffers whose callback only counts bytes. Both read the same flood of the
 * mixed corpus, in turns; thread CPU time from the first text to the last, per message. One
 * connection carries the texts of all origins: the clients know them by their order. */
#include <libwebsockets.h>
#include <uv.h>

#include "bench.h"
#include "clock.h"
#include "flood.h"
#include "net/ws.h"
#include "spine.h"
#include "warm.h"

#define TEXTS    10000
#define PASSES   10 /* over them in a round */
#define MESSAGES (TEXTS * PASSES)
#define GIVE_UP  30 /* ticks, or seconds of a round */

struct round {
    double from_ns, ns;
    uint64_t seen, total; /* bytes of the empty client, messages of ours */
};

static void fail(const char *who, const char *why)
{
    fprintf(stderr, "%s: %s\n", who, why);
    exit(2);
}

static void on_late(uv_timer_t *t)
{
    (void)t;
    fail("socket", "a round took too long");
}

/* Runs the loop until a callback stops it. */
static void run(uv_loop_t *loop)
{
    uv_timer_t late;
    uv_timer_init(loop, &late);
    uv_timer_start(&late, on_late, GIVE_UP * 1000, 0);
    uv_run(loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&late, NULL);
    for (int i = 0; i < 20; i++) /* what closes takes a few turns */
        uv_run(loop, UV_RUN_NOWAIT);
}

/* --- a client that does nothing --- */

struct empty {
    uv_loop_t loop;
    struct lws_context *ctx;
    struct round round;
    const struct flood *flood;
};

static int on_empty(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct empty *e = lws_context_user(lws_get_context(wsi));
    struct round *r = &e->round;
    (void)user;
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
        fail("empty client", in ? in : "no connection");
    if (reason != LWS_CALLBACK_CLIENT_RECEIVE)
        return 0;
    if (r->seen == 0)
        r->from_ns = bench_cpu_ns();
    r->seen += len;
    if (r->seen < r->total)
        return 0;
    r->ns = bench_cpu_ns() - r->from_ns;
    uv_stop(&e->loop);
    return -1;
}

static void empty_open(struct empty *e, const struct flood *flood)
{
    static const struct lws_protocols protocols[] = {{"empty", on_empty, 0, 16384, 0, NULL, 0},
                                                     {NULL, NULL, 0, 0, 0, NULL, 0}};
    e->flood = flood;
    uv_loop_init(&e->loop);
    void *loops[1] = {&e->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .foreign_loops = loops,
        .pt_serv_buf_size = 16384,
        .client_ssl_ca_filepath = flood->ca_file,
        .user = e,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    lws_set_log_level(LLL_ERR, NULL);
    e->ctx = lws_create_context(&info);
    if (!e->ctx)
        fail("empty client", "libwebsockets did not start");
}

/* ns per message */
static double empty_round(struct empty *e, uint64_t bytes)
{
    char path[32];
    snprintf(path, sizeof path, "/same/%d", PASSES);
    struct lws_client_connect_info ci = {
        .context = e->ctx,
        .address = "127.0.0.1",
        .port = e->flood->port,
        .path = path,
        .host = "localhost",
        .origin = "localhost",
        .ssl_connection = LCCSCF_USE_SSL,
        .alpn = "http/1.1",
    };
    e->round = (struct round){.total = bytes * PASSES};
    if (!lws_client_connect_via_info(&ci))
        fail("empty client", "cannot connect");
    run(&e->loop);
    return e->round.ns / MESSAGES;
}

/* --- the daemon's path --- */

struct ours {
    uv_loop_t loop;
    struct clock clock;
    struct spine *spine;
    struct netctx *net;
    struct net_target target;
    struct vframes *made;
    struct round round;
    int ticks;
    uint64_t refused;
};

static void on_refused(void *arg, const struct origin *o, const char *text, size_t len, int err)
{
    struct ours *s = arg;
    (void)o;
    s->refused++;
    fprintf(stderr, "refused %s: %.*s\n", err_text(err), (int)(len < 100 ? len : 100), text);
}

static void on_tick(void *arg, int64_t t_us)
{
    struct ours *s = arg;
    (void)t_us;
    if (++s->ticks > GIVE_UP && !engine_ranked(spine_engine(s->spine)))
        fail("warm-up", "no universe");
    if (s->round.total == 0 && engine_ranked(spine_engine(s->spine)))
        uv_stop(&s->loop);
}

static void on_text(void *arg, const char *p, size_t n)
{
    struct ours *s = arg;
    struct round *r = &s->round;
    if (r->seen == 0)
        r->from_ns = bench_cpu_ns();
    (void)spine_ingest(s->spine, &s->made->f[r->seen % TEXTS].origin, p, n);
    if (++r->seen < r->total)
        return;
    r->ns = bench_cpu_ns() - r->from_ns;
    uv_stop(&s->loop);
}

static void on_nothing(void *arg)
{
    (void)arg;
}

static void on_gone(void *arg, const struct ws_end *end)
{
    struct ours *s = arg;
    if (s->round.seen < s->round.total)
        fail("daemon's path", end->cause);
}

static int door_ingest(void *arg, const struct origin *o, const char *p, size_t n)
{
    return spine_ingest(((struct ours *)arg)->spine, o, p, n);
}

static int door_note(void *arg, const struct note *n)
{
    return spine_note(((struct ours *)arg)->spine, n);
}

static void ours_open(struct ours *s, const struct flood *flood)
{
    char why[NET_WHY_MAX] = "";
    struct engine_conf conf = warm_conf();
    struct spine_conf c = {
        .loop = &s->loop, .clock = &s->clock, .engine = &conf, .arg = s, .after_tick = on_tick};
    struct sinks sinks = {.arg = s, .refused = on_refused};
    uv_loop_init(&s->loop);
    clock_init(&s->clock);
    s->spine = spine_new(&c, why);
    s->net = s->spine ? netctx_new(&s->loop, why) : NULL;
    if (!s->net)
        fail("daemon's path", why);
    spine_add_sinks(s->spine, &sinks);
    char url[64];
    snprintf(url, sizeof url, "wss://localhost:%u/live/%d", (unsigned)flood->port, PASSES);
    if (url_parse(url, &s->target.url, why) < 0)
        fail("daemon's path", why);
    snprintf(s->target.address, sizeof s->target.address, "127.0.0.1");
    snprintf(s->target.ca_file, sizeof s->target.ca_file, "%s", flood->ca_file);
}

static void ours_warm(struct ours *s)
{
    struct warm w = {s->made, s, door_ingest, door_note};
    spine_start(s->spine);
    warm_specs(&w);
    run(&s->loop);
    warm_books(&w);
    if (warm_live_books(spine_engine(s->spine)) != WARM_ASSETS)
        fail("warm-up", "books did not come to life");
}

/* ns per message */
static double ours_round(struct ours *s)
{
    char why[NET_WHY_MAX] = "";
    struct ws_events ev = {s, on_nothing, on_nothing, on_text, on_nothing, on_gone};
    s->round = (struct round){.total = MESSAGES};
    struct ws *w = ws_open(s->net, &s->target, &ev, why);
    if (!w)
        fail("daemon's path", why);
    run(&s->loop);
    return s->round.ns / MESSAGES;
}

/* --- the figures --- */

static void bench_rounds(struct empty *e, struct ours *s, uint64_t bytes)
{
    double empty[BENCH_ROUNDS], ours[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    (void)empty_round(e, bytes);
    (void)ours_round(s);
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        empty[r] = empty_round(e, bytes);
        ours[r] = ours_round(s);
        ratio[r] = empty[r] / ours[r];
    }
    double ns = bench_median(ours, BENCH_ROUNDS);
    bench_note("socket: bytes per text", (double)bytes / TEXTS, "B");
    bench_note("socket: empty callback", bench_median(empty, BENCH_ROUNDS), "ns/message");
    bench_note("socket: TLS to market", ns, "ns/message");
    bench_note("socket: rate on one core", 1e9 / ns, "messages/s");
    bench_goal("socket: of the empty client's rate", bench_median(ratio, BENCH_ROUNDS), "x",
               ">=", 0.65);
}

static void ours_verify(const struct ours *s)
{
    const struct engine *e = spine_engine(s->spine);
    double texts = (double)engine_counter(e, EC_TEXTS);
    bench_goal("socket: texts refused", (double)s->refused, "texts", "<=", 0);
    bench_goal("socket: texts taken", texts, "texts", ">=", (BENCH_ROUNDS + 1.) * MESSAGES);
    bench_goal("socket: books live at the end", warm_live_books(e), "books", ">=", WARM_ASSETS);
    bench_note("socket: ticks", s->ticks, "ticks");
    bench_note("socket: turns", (double)spine_stats(s->spine)->turns, "turns");
}

int main(void)
{
    struct vframes made;
    struct flood flood;
    struct empty empty = {0};
    struct ours ours = {.made = &made};
    uint64_t bytes = 0;
    vframes_make(&made, VF_MIX, TEXTS, WARM_SPARE);
    for (int k = 0; k < TEXTS; k++)
        bytes += made.f[k].len;
    flood_start(&flood, &made);
    flood_pin(1);
    empty_open(&empty, &flood);
    ours_open(&ours, &flood);
    ours_warm(&ours);
    bench_rounds(&empty, &ours, bytes);
    ours_verify(&ours);
    flood_stop(&flood);
    return bench_status();
}
