/* Writing a scenario as a tape, without network: the texts a daemon with everything subscribed
 * would have received, in the segment format of base/seglog.h. In: the market's frames. Out:
 * records rx, turn (one per distinct time), tick (each whole second, before the texts of that
 * second), note (links, subscriptions, failed polls). Surprising: the head needs the daemon's
 * configuration; --conf hands one over (what `cascaded -p` prints), without it the head names the
 * universe and leaves all else at its defaults. */
#include "sim/tape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_BYTES (1u << 20)
#define RAW_CAP     SEGLOG_BLOCK_MAX
#define BODY_CAP    (11u << 20)

static void flush_block(struct tape *t)
{
    if (t->raw_len == 0 || t->failed)
        return;
    int64_t n = seglog_encode(t->raw, t->raw_len, 1, t->out, t->out_cap);
    if (n < 0 || fwrite(t->out, 1, (size_t)n, t->f) != (size_t)n) {
        fprintf(stderr, "cascade-sim: %s: %s\n", t->sim->opt.tape,
                n < 0 ? err_text((int)n) : strerror(errno));
        t->failed = true;
    }
    t->raw_len = 0;
}

static void put(struct tape *t, const struct seglog_record *r)
{
    if (seglog_put(t->raw, RAW_CAP, &t->raw_len, r) < 0) {
        flush_block(t);
        if (seglog_put(t->raw, RAW_CAP, &t->raw_len, r) < 0)
            t->failed = true;
    }
    t->records++;
    if (t->raw_len > BLOCK_BYTES)
        flush_block(t);
}

static void record(struct tape *t, const char *kind, int venue, int conn, struct slice body)
{
    struct seglog_record r = {.t_us = sim_market_now_us(t->sim->m),
                              .kind = slice_of(kind),
                              .venue = slice_of(venue < 0 ? "-" : sim_venue_names[venue]),
                              .conn = conn,
                              .req = SLICE("-"),
                              .body = body};
    put(t, &r);
}

void tape_rx(struct tape *t, int venue, int conn, const char *text, size_t len)
{
    record(t, "rx", venue, conn, (struct slice){text, (uint32_t)len});
    t->entered = true;
}

void tape_note(struct tape *t, int venue, int conn, const char *body, size_t len)
{
    record(t, "note", venue, conn, (struct slice){body, (uint32_t)len});
    t->entered = true;
}

void tape_rest(struct tape *t, int venue, const char *name, const char *symbol)
{
    char req[80];
    snprintf(req, sizeof req, "%s%s%s", name, symbol ? ":" : "", symbol ? symbol : "");
    struct seglog_record r = {.t_us = sim_market_now_us(t->sim->m),
                              .kind = SLICE("rx"),
                              .venue = slice_of(sim_venue_names[venue]),
                              .conn = CONN_REST,
                              .req = slice_of(req),
                              .body = {t->body.buf, (uint32_t)t->body.len}};
    put(t, &r);
    t->entered = true;
    text_init(&t->body, t->body.buf, t->body.cap);
}

static void head(struct tape *t, const char *conf, size_t n)
{
    text_fmt(
        &t->body,
        "{\"tape\":1,\"version\":\"%s\",\"instance\":\"cascade-sim\",\"epoch\":0,\"segment\":0,"
        "\"conf_bytes\":%zu,\"specs_bytes\":0}\n",
        CASCADED_VERSION, n);
    text_put(&t->body, conf, n);
    record(t, "head", -1, CONN_REST, (struct slice){t->body.buf, (uint32_t)t->body.len});
    text_init(&t->body, t->body.buf, t->body.cap);
}

/* The number after a key of the configuration, or fallback. */
static double conf_number(const char *conf, const char *key, double fallback)
{
    const char *p = strstr(conf, key);
    return p ? strtod(p + strlen(key), NULL) : fallback;
}

/* Instruments are tracked once their spec is known, or once the universe has been ranked. */
static void plan_subscriptions(struct tape *t, const char *conf)
{
    bool ranked = strstr(conf, "\nassets = top:") != NULL;
    t->subscribe_s = ranked ? conf_number(conf, "\nwarm_s = ", 30) + 1 : 1;
}

static int put_head(struct tape *t)
{
    static char conf[1 << 20];
    size_t n;
    FILE *f = t->sim->opt.conf ? fopen(t->sim->opt.conf, "r") : NULL;
    if (t->sim->opt.conf && !f) {
        fprintf(stderr, "cascade-sim: %s: %s\n", t->sim->opt.conf, strerror(errno));
        return -1;
    }
    n = f ? fread(conf, 1, sizeof conf - 1, f)
          : (size_t)snprintf(conf, sizeof conf, "[universe]\nassets = top:%d\nwarm_s = 2\n",
                             t->sim->opt.assets);
    if (f)
        fclose(f);
    conf[n] = 0;
    plan_subscriptions(t, conf);
    head(t, conf, n);
    return 0;
}

static void step(struct tape *t)
{
    struct sim_market *m = t->sim->m;
    int64_t next_us = sim_market_now_us(m) + SIM_STEP_US;
    if (next_us % 1000000 == 0) {
        m->step++; /* the tick belongs to the second that begins, before its texts */
        record(t, "tick", -1, CONN_REST, (struct slice){"", 0});
        m->step--;
    }
    t->entered = false;
    sim_step(t->sim);
    tape_feed_step(t);
    if (t->entered)
        record(t, "turn", -1, CONN_REST, (struct slice){"", 0});
}

/* Not faster than asked for. */
static void pace(const struct tape *t, const struct timespec *t0)
{
    struct timespec now;
    double speed = t->sim->opt.speed;
    if (speed <= 0)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double gone = (double)(now.tv_sec - t0->tv_sec) + (double)(now.tv_nsec - t0->tv_nsec) * 1e-9;
    double wait = (double)t->sim->m->step / SIM_STEPS_PER_S / speed - gone;
    if (wait > 0)
        nanosleep(&(struct timespec){(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)},
                  NULL);
}

static int run(struct tape *t)
{
    struct timespec t0;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    if (fwrite(SEGLOG_MAGIC, 1, SEGLOG_MAGIC_LEN, t->f) != SEGLOG_MAGIC_LEN || put_head(t) < 0)
        return 1;
    tape_feed_start(t);
    record(t, "turn", -1, CONN_REST, (struct slice){"", 0});
    int64_t steps = (int64_t)(t->sim->opt.duration_s * SIM_STEPS_PER_S);
    while (t->sim->m->step < steps && !t->failed) {
        step(t);
        pace(t, &t0);
    }
    flush_block(t);
    if (!t->failed)
        fprintf(stderr, "cascade-sim: %s: %llu records\n", t->sim->opt.tape,
                (unsigned long long)t->records);
    return t->failed ? 1 : 0;
}

int sim_tape(struct sim *sim, const struct sim_options *o)
{
    struct tape *t = calloc(1, sizeof *t);
    char *body = malloc(BODY_CAP), *wrap = malloc(BODY_CAP);
    if (!t || !body || !wrap)
        abort(); /* a test program out of memory */
    t->sim = sim;
    t->raw = malloc(RAW_CAP);
    t->out_cap = seglog_bound(RAW_CAP);
    t->out = malloc(t->out_cap);
    text_init(&t->body, body, BODY_CAP);
    text_init(&t->wrap, wrap, BODY_CAP);
    int status = !t->raw || !t->out || sim_open(sim, o, o->t0_us, tape_outlet(t)) < 0;
    t->f = status ? NULL : fopen(o->tape, "wb");
    if (!status && !t->f) {
        fprintf(stderr, "cascade-sim: %s: %s\n", o->tape, strerror(errno));
        status = 1;
    }
    if (!status)
        status = run(t);
    if (t->f && fclose(t->f) != 0)
        status = 1;
    free(t->raw);
    free(t->out);
    free(body);
    free(wrap);
    free(t);
    return status;
}
