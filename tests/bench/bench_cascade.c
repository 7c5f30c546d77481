/* The cascade model over 200 warm markets (100 assets on two venues, as much as 50 on four): its
 * share of one tick against its budget, and against what market_tick needs for the same books;
 * books to grids and sweeps by themselves. Median of rounds in turns, thread CPU time. */
#include "bench.h"
#include "risk/cascade.h"
#include "market/profile.h"
#include "warm.h"

#define T0        1795312800000000
#define SECOND_US 1000000
#define FRAMES    1000

struct bench {
    struct vframes made;
    struct engine *e;
    int64_t t_us;
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

/* Marks, contexts and coarse views, anew. */
static void touch(struct bench *b)
{
    struct vframe f;
    struct warm w = {&b->made, b, door_ingest, door_note};
    vf_make(&b->made, VF_MARKARR, &f);
    warm_in(&w, &f.origin, (size_t)(f.text - b->made.block));
    warm_touch(&w);
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
    struct sinks s = {.arg = b};
    struct warm w = {&b->made, b, door_ingest, door_note};
    b->e = engine_new(&c, &s, why);
    assert(b->e);
    b->t_us = T0;
    engine_tick(b->e, T0);
    warm_specs(&w);
    for (int k = 0; k < 3; k++)
        tick(b);
    assert(engine_ranked(b->e));
    warm_books(&w);
    for (int k = 0; k <= models[MODEL_CASCADE]->period_s; k++) {
        touch(b);
        tick(b);
    }
}

/* All assets once; returns ns. */
static double steps(const struct bench *b)
{
    const struct risk *r = engine_risk(b->e);
    void *state = (void *)(uintptr_t)risk_model(r, MODEL_CASCADE);
    double from = bench_cpu_ns();
    for (int i = 0; i < risk_assets(r); i++)
        models[MODEL_CASCADE]->step(state, r, risk_asset_at(r, i), b->t_us);
    return bench_cpu_ns() - from;
}

static double market_ticks(const struct bench *b)
{
    struct market *m = (struct market *)(uintptr_t)engine_market(b->e);
    double from = bench_cpu_ns();
    market_tick(m, b->t_us);
    return bench_cpu_ns() - from;
}

static double profiles(const struct bench *b, const double *edge, int *n)
{
    const struct market *m = engine_market(b->e);
    static double base[SWEEP_GRID_N], measured[SWEEP_GRID_N];
    double from = bench_cpu_ns();
    *n = 0;
    for (int i = 0; i < market_slots(m); i++)
        for (int side = 0; side < 2; side++) {
            const struct slot *s = market_slot_at(m, i);
            struct depth_profile p = {edge, SWEEP_GRID_N, 1, base, measured, 0};
            *n += s && market_profile(m, s, side, b->t_us, &p) == R_KNOWN;
        }
    return bench_cpu_ns() - from;
}

/* Sides whose sweep has something to do. */
static int known_sides(const struct bench *b)
{
    const struct risk *r = engine_risk(b->e);
    const struct cascade *m = risk_model(r, MODEL_CASCADE);
    int n = 0;
    for (int i = 0; i < risk_assets(r); i++)
        for (int v = 0; v < 2; v++)
            for (int d = 0; d < CASC_DIRS; d++) {
                const struct casc_side *s = cascade_side(m, v ? VF_HYPERLIQUID : VF_BINANCE,
                                                         risk_asset_at(r, i), (enum casc_dir)d);
                n += s && s->why == R_KNOWN;
            }
    return n;
}

static double sweeps(const struct bench *b, int n)
{
    const struct cascade *m = risk_model(engine_risk(b->e), MODEL_CASCADE);
    const struct casc_side *s = cascade_side(m, CASC_POOL, risk_asset_at(engine_risk(b->e), 0), 0);
    double from = bench_cpu_ns();
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < CASC_SHOCKS; k++)
            (void)casc_side_shock(s, (enum sweep_kind)(i & 1), casc_shock_frac[k]);
        (void)casc_side_crit(s, (enum sweep_kind)(i & 1));
    }
    return bench_cpu_ns() - from;
}

int main(void)
{
    struct bench b = {0};
    double edge[SWEEP_GRID_N + 1], model[BENCH_ROUNDS], market[BENCH_ROUNDS], one[BENCH_ROUNDS];
    double sweep[BENCH_ROUNDS];
    int n = 0;
    sweep_grid(edge);
    vframes_make(&b.made, VF_MIX, FRAMES, WARM_SPARE);
    warm_up(&b);
    bench_goal("cascade: sides with book and map", known_sides(&b), "of 400", ">=", 400);
    (void)steps(&b);
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        model[r] = steps(&b) / models[MODEL_CASCADE]->period_s / 1e3;
        market[r] = market_ticks(&b) / 1e3;
        one[r] = profiles(&b, edge, &n) / n;
        sweep[r] = sweeps(&b, 400) / 400;
    }
    bench_note("cascade: one side of a book to the grid", bench_median(one, BENCH_ROUNDS), "ns");
    bench_note("cascade: four shocks and the critical one", bench_median(sweep, BENCH_ROUNDS),
               "ns");
    double us = bench_median(model, BENCH_ROUNDS), base = bench_median(market, BENCH_ROUNDS);
    bench_goal("cascade: share of a tick, 200 markets", us, "us",
               "<=", models[MODEL_CASCADE]->budget_us);
    bench_goal("cascade: the same over market_tick", us / base, "x", "<=", 1.5);
    engine_free(b.e);
    vframes_free(&b.made);
    return bench_status();
}
