/* Decode + state + metrics against jansson's extraction alone, on the mixed corpus (60 % book deltas,
 * 20 % quotes, 8 % contexts, 4 % open interest, 5 % liquidations, 3 % marks, two arrays of 350 marks in
 * 4,000) in the shapes of Binance and Hyperliquid, over 200 warm markets with a tick per 10,000
 * messages; heap allocations in ingest, turn and tick; processor time of a tick. */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "bench.h"
#include "engine/engine.h"
#include "venue/venue.h"

#define ASSETS    100   /* on both venues: 200 markets */
#define SYMBOLS   350   /* in an array of marks */
#define FRAMES    10000 /* of one round, then a tick */
#define HOT       20    /* books that move, as busy ones do */
#define T0        1795312800000000LL
#define SECOND_US 1000000LL
#define ID0       1000000000000LL /* 13 digits and stays so */

enum { BN, HL };

struct frame {
    char *text;
    uint32_t len;
    uint8_t venue, conn;
    const char *req;
    uint8_t hot;    /* a delta's symbol */
    char *id_at[3]; /* its U, u, pu: 13 digits each; NULL for other frames */
    int64_t id[3];
};

static struct frame frames[FRAMES];
static char *block;
static size_t block_len, block_cap = 64u << 20;
static uint64_t rng = 7;
static double px_of[SYMBOLS];
static int64_t last_u[HOT];

/* --- an allocation counter: malloc and friends of our own objects are wrapped by the linker -------- */

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

/* --- frames --------------------------------------------------------------------------------- */

static double rnd(double lo, double hi)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return lo + (hi - lo) * (double)(rng >> 11) / 9007199254740992.0;
}

static int pick(int n)
{
    return (int)rnd(0, n);
}

static char *put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *put(const char *fmt, ...)
{
    va_list ap;
    char *at = block + block_len;
    va_start(ap, fmt);
    int n = vsnprintf(at, block_cap - block_len, fmt, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < block_cap - block_len);
    block_len += (size_t)n;
    return at;
}

static const char *name_of(int i)
{
    static char n[SYMBOLS][8];
    snprintf(n[i], sizeof n[i], "TK%03u", (unsigned)i % 1000);
    return n[i];
}

static void put_levels(double px)
{
    int n = 12 + pick(12);
    for (int k = 0; k < n; k++)
        put("%s[\"%.1f\",\"%.3f\"]", k ? "," : "", px * rnd(.998, 1.002), pick(2) ? rnd(0, 40) : 0.);
}

static void make_book(struct frame *f)
{
    int i = pick(HOT);
    int64_t pu = last_u[i], u = pu + 2000;
    last_u[i] = u;
    f->hot = (uint8_t)i;
    put("{\"stream\":\"tk%03dusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1795312803205,"
        "\"T\":1795312803199,\"s\":\"%sUSDT\",\"ps\":\"%sUSDT\",\"st\":1,\"U\":", i, name_of(i), name_of(i));
    f->id_at[0] = put("%lld", (long long)pu + 1);
    f->id_at[1] = put(",\"u\":%lld", (long long)u) + 5;
    f->id_at[2] = put(",\"pu\":%lld", (long long)pu) + 6;
    f->id[0] = pu + 1;
    f->id[1] = u;
    f->id[2] = pu;
    put(",\"b\":[");
    put_levels(px_of[i] * .9981);
    put("],\"a\":[");
    put_levels(px_of[i] * 1.0019);
    put("]}}");
}

static void make_quote(struct frame *f)
{
    int i = pick(60);
    (void)f;
    put("{\"stream\":\"tk%03dusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":9612045514020,"
        "\"E\":1795312803205,\"T\":1795312803199,\"s\":\"%sUSDT\",\"ps\":\"%sUSDT\",\"b\":\"%.2f\",\"B\":\"%.3f\","
        "\"a\":\"%.2f\",\"A\":\"%.3f\",\"st\":1}}", i, name_of(i), name_of(i), px_of[i] * .9999, rnd(0, 50),
        px_of[i] * 1.0001, rnd(0, 50));
}

static void make_ctx(struct frame *f)
{
    int i = pick(60);
    double p = px_of[i];
    f->venue = HL;
    f->conn = CONN_SLOT(0, 0, 0);
    put("{\"channel\":\"activeAssetCtx\",\"data\":{\"coin\":\"%s\",\"ctx\":{\"funding\":\"%.10f\",\"openInterest\":\"%.5f\","
        "\"prevDayPx\":\"%.1f\",\"dayNtlVlm\":\"%.6f\",\"premium\":\"%.8f\",\"oraclePx\":\"%.1f\",\"markPx\":\"%.1f\","
        "\"midPx\":\"%.2f\",\"impactPxs\":[\"%.1f\",\"%.2f\"],\"dayBaseVlm\":\"%.5f\"}}}", name_of(i), rnd(-1e-4, 1e-4),
        rnd(1e3, 1e6), p * 1.02, rnd(1e6, 4e9), rnd(-1e-3, 1e-3), p, p * 1.0001, p * 1.0002, p * .999, p * 1.001,
        rnd(1e3, 1e6));
}

static void make_oi(struct frame *f)
{
    static char req[SYMBOLS][32];
    int i = pick(40);
    snprintf(req[i], sizeof req[i], "openInterest:%sUSDT", name_of(i));
    f->conn = CONN_REST;
    f->req = req[i];
    put("{\"openInterest\":\"%.3f\",\"symbol\":\"%sUSDT\",\"time\":1795312799418}", rnd(1e3, 1e7), name_of(i));
}

static void make_force(struct frame *f)
{
    int i = pick(30);
    double p = px_of[i], q = rnd(.001, 900);
    f->conn = CONN_SLOT(1, 0, 0);
    put("{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":1795312803117,\"o\":{\"s\":\"%sUSDT\","
        "\"S\":\"%s\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"%.3f\",\"p\":\"%.4f\",\"ap\":\"%.4f\",\"X\":\"FILLED\","
        "\"l\":\"%.3f\",\"z\":\"%.3f\",\"T\":1795312803112},\"ps\":\"%sUSDT\",\"st\":1}}", name_of(i),
        pick(2) ? "SELL" : "BUY", q, p, p * .999, q, q, name_of(i));
}

static void put_mark(int i)
{
    double p = px_of[i];
    put("{\"e\":\"markPriceUpdate\",\"E\":1795312801000,\"s\":\"%sUSDT\",\"p\":\"%.8f\",\"ap\":\"%.8f\",\"P\":\"%.8f\","
        "\"i\":\"%.8f\",\"r\":\"%.8f\",\"T\":1795334400000,\"st\":1}", name_of(i), p * rnd(.999, 1.001), p, p * .9991,
        p * 1.0003, rnd(-5e-4, 5e-4));
}

static void make_mark(struct frame *f)
{
    int i = pick(20);
    f->conn = CONN_SLOT(1, 0, 0);
    put("{\"stream\":\"tk%03dusdt@markPrice@1s\",\"data\":", i);
    put_mark(i);
    put("}");
}

static void make_marks(struct frame *f)
{
    f->conn = CONN_SLOT(1, 0, 0);
    put("{\"stream\":\"!markPrice@arr@1s\",\"data\":[");
    for (int i = 0; i < SYMBOLS; i++) {
        put("%s", i ? "," : "");
        put_mark(i);
    }
    put("]}");
}

static void make_one(int k)
{
    static const struct {
        double upto;
        void (*make)(struct frame *f);
    } mix[] = {{.60, make_book}, {.80, make_quote}, {.88, make_ctx}, {.92, make_oi}, {.97, make_force}, {1, make_mark}};
    struct frame *f = &frames[k];
    double x = rnd(0, 1);
    int i = 0;
    while (x >= mix[i].upto)
        i++;
    size_t from = block_len;
    f->text = block + from;
    f->conn = CONN_SLOT(0, 0, 0);
    (k % 2000 == 1000 ? make_marks : mix[i].make)(f);
    f->len = (uint32_t)(block_len - from);
    put("%c", '\n');
}

/* Ids of the next round continue each symbol's chain: 13 digits are written over 13 digits. */
static void renumber(void)
{
    for (int k = 0; k < FRAMES; k++) {
        struct frame *f = &frames[k];
        for (int j = 0; j < 3 && f->id_at[j]; j++) {
            char d[24];
            f->id[j] += last_u[f->hot] - ID0;
            snprintf(d, sizeof d, "%lld", (long long)f->id[j]);
            memcpy(f->id_at[j], d, 13);
        }
    }
}

/* --- jansson extracting the same ------------------------------------------------------------ */

static double sum;

static double num(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) ? strtod(json_string_value(v), NULL) : json_number_value(v);
}

static void text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    sum += s ? s[0] : 0;
}

static void all(const json_t *o, const char *const *keys)
{
    for (; *keys; keys++)
        sum += num(o, *keys);
}

static void levels(const json_t *a)
{
    size_t i;
    json_t *l;
    json_array_foreach(a, i, l)
    {
        sum += strtod(json_string_value(json_array_get(l, 0)), NULL) + strtod(json_string_value(json_array_get(l, 1)), NULL);
    }
}

static void marks(const json_t *d)
{
    static const char *const k[] = {"E", "p", "i", "r", "T", NULL};
    text(d, "s");
    all(d, k);
}

static void extract_wrapped(const json_t *d)
{
    static const char *const ticker[] = {"u", "E", "T", "b", "B", "a", "A", NULL};
    static const char *const force[] = {"q", "p", "ap", "z", "T", NULL}, *const ids[] = {"T", "U", "u", "pu", NULL};
    const json_t *o = json_object_get(d, "o");
    const char *e = json_string_value(json_object_get(d, "e"));
    if (strcmp(e, "depthUpdate") == 0) {
        text(d, "s");
        all(d, ids);
        levels(json_object_get(d, "b"));
        levels(json_object_get(d, "a"));
    } else if (strcmp(e, "bookTicker") == 0) {
        text(d, "s");
        all(d, ticker);
    } else if (o) {
        text(o, "s");
        text(o, "S");
        text(o, "X");
        all(o, force);
    } else {
        marks(d);
    }
}

static void extract(const struct frame *f)
{
    static const char *const ctx[] = {"funding", "openInterest", "dayNtlVlm", "oraclePx", "markPx", NULL};
    static const char *const oi[] = {"openInterest", "time", NULL};
    json_t *root = json_loadb(f->text, f->len, 0, NULL);
    assert(root);
    json_t *d = json_object_get(root, "data");
    size_t i;
    json_t *v;
    if (f->venue == HL) {
        text(d, "coin");
        all(json_object_get(d, "ctx"), ctx);
    } else if (!d) {
        text(root, "symbol");
        all(root, oi);
    } else if (json_is_array(d)) {
        json_array_foreach(d, i, v)
        {
            marks(v);
        }
    } else {
        extract_wrapped(d);
    }
    json_decref(root);
}

/* --- the engine ----------------------------------------------------------------------------- */

static void ingest(struct engine *e, int venue, uint8_t conn, const char *req, const char *p, size_t n, int64_t t)
{
    struct origin o = {(uint8_t)venue, conn, req};
    int rc = engine_ingest(e, &o, p, n, t);
    if (rc < 0)
        fprintf(stderr, "refused %s: %.*s\n", err_text(rc), (int)(n < 100 ? n : 100), p);
    assert(rc >= 0);
}

static void put_book_snapshot(struct engine *e, int i, int64_t t)
{
    char req[64];
    size_t from = block_len;
    snprintf(req, sizeof req, "depth:%.8sUSDT", name_of(i));
    put("{\"lastUpdateId\":%lld,\"E\":1,\"T\":1,\"bids\":[", (long long)ID0);
    for (int k = 0; k < 1000; k++)
        put("%s[\"%.1f\",\"%.3f\"]", k ? "," : "", px_of[i] * (1 - .00012 * (k + 1)), rnd(.1, 40));
    put("],\"asks\":[");
    for (int k = 0; k < 1000; k++)
        put("%s[\"%.1f\",\"%.3f\"]", k ? "," : "", px_of[i] * (1 + .00012 * (k + 1)), rnd(.1, 40));
    put("]}");
    char delta[256];
    int n = snprintf(delta, sizeof delta, "{\"stream\":\"tk%03dusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"T\":1,"
                     "\"s\":\"%sUSDT\",\"U\":%lld,\"u\":%lld,\"pu\":%lld,\"b\":[],\"a\":[]}}", i, name_of(i),
                     (long long)ID0 - 10, (long long)ID0, (long long)ID0 - 11);
    ingest(e, BN, CONN_SLOT(0, 0, 0), NULL, delta, (size_t)n, t);
    ingest(e, BN, CONN_REST, req, block + from, block_len - from, t);
    block_len = from;
}

static void put_hl_books(struct engine *e, int i, int64_t t)
{
    static const double step[3] = {.0001, .001, .01};
    for (int view = 0; view < 3; view++) {
        size_t from = block_len;
        put("{\"channel\":\"l2Book\",\"data\":{\"coin\":\"%s\",\"time\":1795312801000,\"levels\":[", name_of(i));
        for (int side = 0; side < 2; side++) {
            put("%s[", side ? "," : "");
            for (int k = 0; k < 20; k++)
                put("%s{\"px\":\"%.4f\",\"sz\":\"%.3f\",\"n\":3}", k ? "," : "",
                    px_of[i] * (1 + (side ? 1 : -1) * step[view] * (k + 1)), rnd(1, 900));
            put("]");
        }
        put("]}}");
        ingest(e, HL, CONN_SLOT(view, 0, 0), NULL, block + from, block_len - from, t);
        block_len = from;
    }
}

static void put_specs(struct engine *e)
{
    size_t from = block_len;
    put("{\"symbols\":[");
    for (int i = 0; i < ASSETS; i++)
        put("%s{\"symbol\":\"%sUSDT\",\"pair\":\"%sUSDT\",\"contractType\":\"PERPETUAL\",\"deliveryDate\":4133404800000,"
            "\"status\":\"TRADING\",\"baseAsset\":\"%s\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\","
            "\"underlyingType\":\"COIN\",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.1\"}]}",
            i ? "," : "", name_of(i), name_of(i), name_of(i));
    put("]}");
    ingest(e, BN, CONN_REST, "exchangeInfo", block + from, block_len - from, T0);
    block_len = from;
    put("[{\"universe\":[");
    for (int i = 0; i < ASSETS; i++)
        put("%s{\"name\":\"%s\",\"szDecimals\":2,\"maxLeverage\":40}", i ? "," : "", name_of(i));
    put("],\"marginTables\":[],\"collateralToken\":0}]");
    ingest(e, HL, CONN_REST, "metas", block + from, block_len - from, T0);
    block_len = from;
}

static void link_up(struct engine *e, int venue)
{
    for (int r = 0; r < venues[venue]->n_routes; r++) {
        struct note n;
        note_init(&n, NOTE_LINK_UP);
        n.venue = (uint8_t)venue;
        n.conn = CONN_SLOT(r, 0, 0);
        int rc = engine_note(e, &n, NULL, T0);
        assert(rc == 0);
    }
}

static void touch_all(struct engine *e, int64_t t)
{
    for (int i = 0; i < ASSETS; i++) {
        char b[512], req[32];
        snprintf(req, sizeof req, "openInterest:%.8sUSDT", name_of(i));
        int n = snprintf(b, sizeof b, "{\"openInterest\":\"%.3f\",\"symbol\":\"%sUSDT\",\"time\":1}", rnd(1e5, 1e6), name_of(i));
        ingest(e, BN, CONN_REST, req, b, (size_t)n, t);
        n = snprintf(b, sizeof b, "{\"channel\":\"activeAssetCtx\",\"data\":{\"coin\":\"%s\",\"ctx\":{\"funding\":\"0.00001\","
                     "\"openInterest\":\"%.5f\",\"dayNtlVlm\":\"1\",\"oraclePx\":\"%.1f\",\"markPx\":\"%.1f\"}}}", name_of(i),
                     rnd(1e4, 1e6), px_of[i], px_of[i]);
        ingest(e, HL, CONN_SLOT(0, 0, 0), NULL, b, (size_t)n, t);
        put_hl_books(e, i, t);
    }
}

static void count_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    uint64_t *known = arg;
    (void)t_us;
    for (int i = 0; s.table == MT_VENUE_ASSET && i < n; i++)
        *known += row[i].reason == R_KNOWN;
}

static uint64_t known_cells;

static struct engine *warm_engine(void)
{
    static struct engine_conf c = {.venues = 3, .max_assets = 128, .top_n = ASSETS, .universe_warm_s = 1,
                                   .universe_period_s = 3600, .book_levels = 4096, .coarse_books = true};
    char why[160];
    struct sinks s = {.arg = &known_cells, .row = count_row};
    struct engine *e = engine_new(&c, &s, why);
    if (!e)
        fprintf(stderr, "%s\n", why);
    assert(e);
    engine_tick(e, T0);
    link_up(e, BN);
    link_up(e, HL);
    put_specs(e);
    struct frame f = {0};
    size_t from = block_len;
    make_marks(&f);
    ingest(e, BN, CONN_SLOT(1, 0, 0), NULL, block + from, block_len - from, T0 + 1);
    block_len = from;
    touch_all(e, T0 + 2);
    for (int k = 1; k < 4; k++)
        engine_tick(e, T0 + k * SECOND_US);
    assert(engine_ranked(e));
    for (int i = 0; i < ASSETS; i++)
        put_book_snapshot(e, i, T0 + 3 * SECOND_US + 1);
    touch_all(e, T0 + 3 * SECOND_US + 2);
    return e;
}

static double engine_round(struct engine *e, int64_t t)
{
    double from = bench_cpu_ns();
    for (int k = 0; k < FRAMES; k++) {
        struct origin o = {frames[k].venue, frames[k].conn, frames[k].req};
        (void)engine_ingest(e, &o, frames[k].text, frames[k].len, t + k * 50);
        if (k % 64 == 63)
            (void)engine_turn(e, t + k * 50);
    }
    engine_tick(e, t + SECOND_US);
    return bench_cpu_ns() - from;
}

static double jansson_round(void)
{
    double from = bench_cpu_ns();
    for (int k = 0; k < FRAMES; k++)
        extract(&frames[k]);
    return bench_cpu_ns() - from;
}

/* A tick with everything fresh: every mark, context, book just said. */
static double tick_cost(struct engine *e, int64_t *t)
{
    double ms[BENCH_ROUNDS];
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        touch_all(e, *t + 10);
        *t += SECOND_US;
        double from = bench_cpu_ns();
        engine_tick(e, *t);
        ms[r] = (bench_cpu_ns() - from) / 1e6;
    }
    return bench_median(ms, BENCH_ROUNDS);
}

static double live_books(const struct engine *e)
{
    int n = 0;
    for (int i = 0; i < market_slots(engine_market(e)); i++) {
        const struct slot *s = market_slot_at(engine_market(e), i);
        n += s && s->venue == BN && book_state(s->book[0]) == BOOK_LIVE;
    }
    return n;
}

int main(void)
{
    block = malloc(block_cap);
    assert(block);
    for (int i = 0; i < SYMBOLS; i++)
        px_of[i] = 1000 + i * 370;
    for (int i = 0; i < HOT; i++)
        last_u[i] = ID0;
    for (int k = 0; k < FRAMES; k++)
        make_one(k);
    struct engine *e = warm_engine();
    double ours[BENCH_ROUNDS], theirs[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    int64_t t = T0 + 4 * SECOND_US;
    (void)engine_round(e, t); /* warm */
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        t += SECOND_US;
        renumber();
        counting = true;
        ours[r] = engine_round(e, t);
        counting = false;
        theirs[r] = jansson_round();
        ratio[r] = theirs[r] / ours[r];
    }
    double ns = bench_median(ours, BENCH_ROUNDS) / FRAMES;
    bench_note("engine: decode+state+metrics", ns, "ns/message");
    bench_note("jansson: extraction alone", bench_median(theirs, BENCH_ROUNDS) / FRAMES, "ns/message");
    bench_note("engine: rate on one core", 1e9 / ns, "messages/s");
    bench_goal("engine: ratio to jansson's extraction", bench_median(ratio, BENCH_ROUNDS), "x", ">=", 6.5);
    bench_goal("engine: heap allocations in all rounds", (double)allocations, "calls", "<=", 0);
    known_cells = 0;
    bench_goal("tick: 200 venue-asset pairs, all fresh", tick_cost(e, &t), "ms", "<=", 5);
    bench_note("tick: known cells per venue-asset row", (double)known_cells / BENCH_ROUNDS / (2 * ASSETS), "cells");
    bench_note("books live at the end", live_books(e), "books");
    bench_note("checksum", sum, "");
    engine_free(e);
    free(block);
    return bench_status();
}
