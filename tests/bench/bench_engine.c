/* Decode + state + metrics against jansson's extraction alone on the mixed corpus in the shapes of
 * Binance and Hyperliquid, over 200 warm markets with a tick per 10,000 messages; heap allocations
 * in ingest, turn and tick; processor time of a tick. Median of rounds in turns, thread CPU time.
 */
#include "bench.h"
#include "venue_jansson.h"
#include "warm.h"

#define FRAMES    10000 /* of one round, then a tick */
#define TURN      64    /* messages between turns */
#define TICKS     61    /* measured one by one */
#define T0        1795312800000000
#define SECOND_US 1000000

/* --- an allocation counter: malloc and friends of our own objects are wrapped by the linker --- */

static bool counting;
static uint64_t allocations;
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    allocations += counting;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t m)
{
    allocations += counting;
    return __real_calloc(n, m);
}

void *__wrap_realloc(void *p, size_t n)
{
    allocations += counting;
    return __real_realloc(p, n);
}

/* --- the engine --- */

struct bench {
    struct vframes made;
    struct engine *e;
    int64_t t_us;
    uint64_t known_cells;
};

static int door_ingest(void *arg, const struct origin *o, const char *p, size_t n)
{
    struct bench *b = arg;
    return engine_ingest(b->e, o, p, n, b->t_us);
}

static int door_note(void *arg, const struct note *n)
{
    struct bench *b = arg;
    return engine_note(b->e, n, NULL, b->t_us);
}

static struct warm door(struct bench *b)
{
    return (struct warm){&b->made, b, door_ingest, door_note};
}

static void count_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    struct bench *b = arg;
    (void)t_us;
    for (int i = 0; s.table == MT_VENUE_ASSET && i < n; i++)
        b->known_cells += row[i].reason == R_KNOWN;
}

static void tick(struct bench *b)
{
    b->t_us += SECOND_US;
    engine_tick(b->e, b->t_us);
}

static void warm_up(struct bench *b)
{
    char why[160];
    struct engine_conf c = warm_conf();
    struct sinks s = {.arg = b, .row = count_row};
    struct warm w = door(b);
    b->e = engine_new(&c, &s, why);
    if (!b->e)
        fprintf(stderr, "%s\n", why);
    assert(b->e);
    b->t_us = T0;
    engine_tick(b->e, T0);
    warm_specs(&w);
    for (int k = 0; k < 3; k++)
        tick(b);
    assert(engine_ranked(b->e));
    warm_books(&w);
}

/* One second of texts with their turns, and its tick. */
static double engine_round(struct bench *b)
{
    int refused = 0;
    double from = bench_cpu_ns();
    for (int k = 0; k < FRAMES; k++) {
        const struct vframe *f = &b->made.f[k];
        int64_t t_us = b->t_us + k * 50;
        refused += engine_ingest(b->e, &f->origin, f->text, f->len, t_us) < 0;
        if (k % TURN == TURN - 1)
            (void)engine_turn(b->e, t_us);
    }
    tick(b);
    double ns = bench_cpu_ns() - from;
    assert(refused == 0);
    return ns;
}

static volatile uint64_t sink;

static double jansson_round(const struct bench *b)
{
    struct sums o = {0};
    double from = bench_cpu_ns();
    for (int k = 0; k < FRAMES; k++)
        vj_extract(&b->made.f[k], &o);
    sink += o.numbers + o.bits;
    return bench_cpu_ns() - from;
}

/* --- the figures --- */

static void bench_rounds(struct bench *b)
{
    double ours[BENCH_ROUNDS], theirs[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    (void)engine_round(b); /* warms the caches */
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        vframes_renumber(&b->made);
        counting = true;
        ours[r] = engine_round(b);
        counting = false;
        theirs[r] = jansson_round(b);
        ratio[r] = theirs[r] / ours[r];
    }
    double ns = bench_median(ours, BENCH_ROUNDS) / FRAMES;
    bench_note("engine: decode+state+metrics", ns, "ns/message");
    bench_note("jansson: extraction alone", bench_median(theirs, BENCH_ROUNDS) / FRAMES,
               "ns/message");
    bench_note("engine: rate on one core", 1e9 / ns, "messages/s");
    bench_goal("engine: ratio to jansson's extraction", bench_median(ratio, BENCH_ROUNDS), "x",
               ">=", 6.5);
    bench_goal("engine: heap allocations in all rounds", (double)allocations, "calls", "<=", 0);
}

/* A tick with everything fresh: every mark, context and book just said. */
static void bench_tick(struct bench *b)
{
    double ms[TICKS];
    struct warm w = door(b);
    b->known_cells = 0;
    for (int r = 0; r < TICKS; r++) {
        warm_touch(&w);
        double from = bench_cpu_ns();
        tick(b);
        ms[r] = (bench_cpu_ns() - from) / 1e6;
    }
    bench_goal("tick: 200 venue-asset pairs, all fresh", bench_median(ms, TICKS), "ms", "<=", 5);
    bench_note("tick: known cells per venue-asset row",
               (double)b->known_cells / TICKS / (2 * WARM_ASSETS), "cells");
}

int main(void)
{
    struct bench b = {0};
    vframes_make(&b.made, VF_MIX, FRAMES, WARM_SPARE);
    warm_up(&b);
    bench_rounds(&b);
    bench_tick(&b);
    bench_goal("books live at the end", warm_live_books(b.e), "books", ">=", WARM_ASSETS);
    engine_free(b.e);
    vframes_free(&b.made);
    return bench_status();
}
