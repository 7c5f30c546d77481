/* Cost of the liquidation map at 50 assets x 4 venues, every pair with fresh marks, trades and open
 * interest in every second: its step beside a naive map that keeps each opening as a record and
 * walks them all; then the size and time of its frozen state. */
#include "bench.h"

#include <assert.h>
#include <math.h>

#include "risk/liqmap.h"

#define ASSETS  50
#define VENUES  4
#define PAIRS   (ASSETS * VENUES)
#define SEC     INT64_C(1000000)
#define T0      (INT64_C(1795312800) * SEC)
#define WARM_S  400
#define STATE   (16 << 20)
#define RECORDS 20000

static const char *const names[VENUES] = {"a", "b", "c", "d"};
static uint64_t state = 88172645463325252u;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

struct naive { /* one side: every opening of a rung at an entry, oldest first */
    int n;
    double *u, *mass;
};

struct rig {
    struct directory *dir;
    struct live *live;
    struct market *market;
    struct risk *risk;
    int64_t now_us, id;
    char symbol[ASSETS][16];
    double px[PAIRS], oi[PAIRS], traded[PAIRS];
    struct naive naive[PAIRS][2];
};

static void say(struct rig *r, int venue, struct event *e)
{
    uint32_t inst = INST_NONE;
    struct origin o = {(uint8_t)venue, CONN_SLOT(0, 0, 0), NULL};
    e->t_recv_us = r->now_us;
    int rc = market_apply(r->market, &o, e, &inst);
    assert(rc >= 0 && inst != INST_NONE);
    const struct slot *s = market_slot(r->market, inst);
    if (s)
        risk_event(r->risk, s, e);
}

static struct event fact(enum event_kind kind, const char *symbol)
{
    struct event e;
    event_init(&e, kind);
    e.symbol = slice_of(symbol);
    return e;
}

static void list(struct rig *r, int venue, int a)
{
    struct event e = fact(EV_SPEC, r->symbol[a]);
    struct ev_spec *s = &e.u.spec;
    s->base = slice_of(r->symbol[a]);
    s->quote = s->settle = SLICE("USDT");
    s->ct_size = 1;
    s->ct_unit = QTY_BASE;
    s->linear = 1;
    s->tick = .1;
    s->max_leverage = 100;
    s->status = INST_TRADING;
    s->category = CAT_PERP;
    say(r, venue, &e);
    uint32_t inst = directory_find(r->dir, (uint8_t)venue, slice_of(r->symbol[a]));
    int rc = market_track(r->market, inst, r->now_us);
    assert(rc == 0);
    rc = risk_add_asset(r->risk, directory_get(r->dir, inst)->asset);
    assert(rc == 0);
}

static void make(struct rig *r)
{
    struct market_conf mc = {.max_slots = PAIRS, .book_levels = 16, .book_pending = 4};
    struct risk_conf rc = {.max_assets = ASSETS, .n_venues = VENUES};
    for (int v = 0; v < VENUES; v++)
        rc.venue[v].fair_weight = 1;
    r->now_us = T0;
    r->dir = directory_new(NULL, 0, names, VENUES);
    r->live = live_new(NULL, NULL);
    r->market = market_new(&mc, r->dir, r->live);
    r->risk = risk_new(&rc, r->market);
    assert(r->risk);
    for (int a = 0; a < ASSETS; a++) {
        snprintf(r->symbol[a], sizeof r->symbol[a], "COIN%d", a);
        for (int v = 0; v < VENUES; v++)
            list(r, v, a);
    }
}

/* Everything a pair says in a second. */
static void say_second(struct rig *r, int venue, int a)
{
    int p = a * VENUES + venue;
    struct event e = fact(EV_MARK, r->symbol[a]);
    r->px[p] *= exp((uniform() - .5) * .004);
    e.u.px.px = r->px[p];
    say(r, venue, &e);
    for (int i = 0; i < 3; i++) {
        e = fact(EV_TRADE, r->symbol[a]);
        r->traded[p] = r->px[p] * (1 + .004 * (uniform() - .5));
        e.u.trade = (struct ev_trade){r->traded[p], 1 + uniform(), QTY_BASE, true, false, ++r->id};
        say(r, venue, &e);
    }
    e = fact(EV_OI, r->symbol[a]);
    r->oi[p] *= 1 + .002 * (uniform() - .5);
    e.u.oi = (struct ev_oi){.qty = r->oi[p], .unit = QTY_BASE, .value = NAN};
    say(r, venue, &e);
}

static void say_all(struct rig *r)
{
    r->now_us += SEC;
    for (int a = 0; a < ASSETS; a++)
        for (int v = 0; v < VENUES; v++)
            say_second(r, v, a);
}

/* --- the map, and the naive one --- */

static double step_all(struct rig *r)
{
    const struct model *m = models[MODEL_LIQMAP];
    union {
        const void *in;
        void *out;
    } ours = {.in = risk_model(r->risk, MODEL_LIQMAP)};
    double from = bench_cpu_ns();
    for (int i = 0; i < risk_assets(r->risk); i++)
        m->step(ours.out, r->risk, risk_asset_at(r->risk, i), r->now_us);
    return bench_cpu_ns() - from;
}

static void naive_open(struct naive *n, double u, double mass)
{
    static const double leverage[] = {1.5, 2, 3, 5, 10, 20, 25, 50, 75, 100};
    for (int j = 0; j < 10; j++) {
        int at = n->n < RECORDS ? n->n++ : (int)(uniform() * RECORDS);
        n->u[at] = u + log((1 - 1 / leverage[j]) / .995);
        n->mass[at] = mass / 10;
    }
}

static double naive_side(struct naive *n, double front, double scale)
{
    int kept = 0;
    double sum = 0;
    for (int i = 0; i < n->n; i++) {
        if (n->u[i] >= front)
            continue;
        n->u[kept] = n->u[i];
        n->mass[kept] = n->mass[i] * scale;
        sum += n->mass[kept++];
    }
    n->n = kept;
    return sum;
}

static double naive_all(struct rig *r)
{
    static volatile double sink;
    double from = bench_cpu_ns(), sum = 0;
    for (int p = 0; p < PAIRS; p++) {
        for (int side = 0; side < 2; side++) {
            double u = (side ? -1 : 1) * log(r->px[p]);
            naive_open(&r->naive[p][side], u, r->oi[p] * .001);
            sum += naive_side(&r->naive[p][side], u, .999);
        }
    }
    sink = sum;
    (void)sink;
    return bench_cpu_ns() - from;
}

static void bench_step(struct rig *r)
{
    double ours[BENCH_ROUNDS], theirs[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    struct risk_sink none = {0};
    for (int i = 0; i < WARM_S + BENCH_ROUNDS; i++) {
        int k = i - WARM_S < 0 ? 0 : i - WARM_S;
        say_all(r);
        ours[k] = step_all(r);
        theirs[k] = naive_all(r);
        ratio[k] = theirs[k] / ours[k];
        market_tick(r->market, r->now_us);
        risk_tick(r->risk, r->now_us, &none); /* gathers anew; the map has nothing left to learn */
    }
    bench_goal("liqmap: step of 200 pairs, all fresh", bench_median(ours, BENCH_ROUNDS) / 1e3, "us",
               "<=", models[MODEL_LIQMAP]->budget_us);
    bench_note("naive map of records", bench_median(theirs, BENCH_ROUNDS) / 1e3, "us");
    bench_goal("liqmap: ratio to the naive map", bench_median(ratio, BENCH_ROUNDS), "x", ">=", 2);
}

static void bench_freeze(struct rig *r)
{
    char *buf = malloc(STATE);
    double out[BENCH_ROUNDS], in[BENCH_ROUNDS];
    struct text t;
    assert(buf);
    for (int k = 0; k < BENCH_ROUNDS; k++) {
        double from = bench_cpu_ns();
        text_init(&t, buf, STATE);
        risk_freeze(r->risk, &t);
        out[k] = bench_cpu_ns() - from;
        from = bench_cpu_ns();
        for (char *p = buf, *nl; (nl = strchr(p, '\n')); p = nl + 1) {
            int rc = risk_thaw(r->risk, p, (size_t)(nl - p));
            assert(rc == 0);
        }
        in[k] = bench_cpu_ns() - from;
    }
    assert(!t.full);
    bench_note("liqmap: frozen state", (double)t.len / 1024, "KiB");
    bench_goal("liqmap: freezing it", bench_median(out, BENCH_ROUNDS) / 1e6, "ms", "<=", 5);
    bench_note("liqmap: thawing it", bench_median(in, BENCH_ROUNDS) / 1e6, "ms");
    free(buf);
}

int main(void)
{
    static struct rig r;
    make(&r);
    for (int p = 0; p < PAIRS; p++) {
        r.px[p] = exp(uniform() * 12 - 4);
        r.oi[p] = 1e6 * uniform() + 1;
        for (int side = 0; side < 2; side++) {
            r.naive[p][side].u = calloc(RECORDS, sizeof(double));
            r.naive[p][side].mass = calloc(RECORDS, sizeof(double));
            assert(r.naive[p][side].u && r.naive[p][side].mass);
        }
    }
    bench_step(&r);
    bench_freeze(&r);
    for (int p = 0; p < 2 * PAIRS; p++) {
        free(r.naive[p / 2][p % 2].u);
        free(r.naive[p / 2][p % 2].mass);
    }
    risk_free(r.risk);
    market_free(r.market);
    live_free(r.live);
    directory_free(r.dir);
    return bench_status();
}
