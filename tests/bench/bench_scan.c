/* The pull scanner against jansson extracting the same fields (their sums must be equal to the
 * bit), and against an SSE2 scan for quotes, which is the floor for touching each byte once. Per
 * kind of frame and for the mix: median of seven rounds in turns, thread CPU time. */
#include <jansson.h>

#include "base/num.h"
#include "base/scan.h"
#include "bench.h"
#include "frames.h"

/* What an extraction yields: enough to prove that both read the same. */
struct sums {
    double value;
    uint64_t numbers, levels, symbols;
};

static volatile uint64_t sink;

static void add_symbol(struct sums *o, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        o->symbols = o->symbols * 31 + (uint8_t)p[i];
}

static void add_num(struct sums *o, double x)
{
    o->value += x;
    o->numbers++;
}

/* --- the fields of each kind, for jansson -------------------------------------------------------
 */

struct field {
    const char *key;
    uint8_t len;
    char type; /* n number, i integer, s symbol, l levels, x list of numbers, o object, a list of
                  objects */
    const struct field *in;
};

#define FLD(key, type, in)                                                                         \
    {                                                                                              \
        key, sizeof(key) - 1, type, in                                                             \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, 0, NULL                                                                           \
    }

static const struct field mark[] = {FLD("E", 'i', 0),
                                    FLD("s", 's', 0),
                                    FLD("p", 'n', 0),
                                    FLD("i", 'n', 0),
                                    FLD("r", 'n', 0),
                                    FLD("T", 'i', 0),
                                    END};
static const struct field order[] = {FLD("s", 's', 0),
                                     FLD("q", 'n', 0),
                                     FLD("p", 'n', 0),
                                     FLD("ap", 'n', 0),
                                     FLD("z", 'n', 0),
                                     FLD("T", 'i', 0),
                                     END};
static const struct field book[] = {FLD("s", 's', 0), FLD("b", 'l', 0),   FLD("a", 'l', 0),
                                    FLD("u", 'i', 0), FLD("seq", 'i', 0), END};
static const struct field oi[] = {FLD("instId", 's', 0), FLD("oi", 'n', 0), FLD("oiCcy", 'n', 0),
                                  FLD("oiUsd", 'n', 0),  FLD("ts", 'i', 0), END};
static const struct field ticker[] = {FLD("symbol", 's', 0),
                                      FLD("markPrice", 'n', 0),
                                      FLD("indexPrice", 'n', 0),
                                      FLD("openInterest", 'n', 0),
                                      FLD("turnover24h", 'n', 0),
                                      FLD("volume24h", 'n', 0),
                                      FLD("openInterestValue", 'n', 0),
                                      FLD("fundingRate", 'n', 0),
                                      FLD("nextFundingTime", 'i', 0),
                                      FLD("bid1Price", 'n', 0),
                                      FLD("bid1Size", 'n', 0),
                                      FLD("ask1Price", 'n', 0),
                                      FLD("ask1Size", 'n', 0),
                                      END};
static const struct field ctx[] = {
    FLD("funding", 'n', 0),   FLD("openInterest", 'n', 0), FLD("premium", 'n', 0),
    FLD("dayNtlVlm", 'n', 0), FLD("oraclePx", 'n', 0),     FLD("markPx", 'n', 0),
    FLD("midPx", 'n', 0),     FLD("impactPxs", 'x', 0),    END};
static const struct field ctx_data[] = {FLD("coin", 's', 0), FLD("ctx", 'o', ctx), END};

static const struct field tops[F_KINDS][4] = {
    [F_FORCE] = {FLD("E", 'i', 0), FLD("o", 'o', order), END},
    [F_MARK1] = {FLD("data", 'o', mark), END},
    [F_MARKARR] = {FLD("data", 'a', mark), END},
    [F_OI] = {FLD("data", 'a', oi), END},
    [F_CTX] = {FLD("data", 'o', ctx_data), END},
    [F_TICKER] = {FLD("data", 'o', ticker), FLD("ts", 'i', 0), END},
    [F_BOOK] = {FLD("ts", 'i', 0), FLD("data", 'o', book), FLD("cts", 'i', 0), END},
};

/* --- pull: written as an adapter is
 * ---------------------------------------------------------------- */

static void take_num(struct scan *s, struct sums *o)
{
    double x = 0;
    scan_num(s, &x);
    add_num(o, x);
}

static void take_int(struct scan *s, struct sums *o)
{
    int64_t i = 0;
    scan_i64(s, &i);
    add_num(o, (double)i);
}

static void take_symbol(struct scan *s, struct sums *o)
{
    struct slice str = {NULL, 0};
    scan_str(s, &str);
    add_symbol(o, str.p, str.len);
}

static void pull_levels(struct scan *s, struct sums *o)
{
    scan_array(s);
    while (scan_item(s)) {
        double px = 0, qty = 0;
        scan_num2(s, &px, &qty);
        add_num(o, px);
        add_num(o, qty);
        o->levels++;
    }
}

static void pull_mark(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "s"))
            take_symbol(s, o);
        else if (slice_is(k, "p") || slice_is(k, "i") || slice_is(k, "r"))
            take_num(s, o);
        else if (slice_is(k, "E") || slice_is(k, "T"))
            take_int(s, o);
        else
            scan_skip(s);
    }
}

static void pull_order(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "s"))
            take_symbol(s, o);
        else if (slice_is(k, "q") || slice_is(k, "p") || slice_is(k, "ap") || slice_is(k, "z"))
            take_num(s, o);
        else if (slice_is(k, "T"))
            take_int(s, o);
        else
            scan_skip(s);
    }
}

static void pull_book(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "s"))
            take_symbol(s, o);
        else if (slice_is(k, "b") || slice_is(k, "a"))
            pull_levels(s, o);
        else if (slice_is(k, "u") || slice_is(k, "seq"))
            take_int(s, o);
        else
            scan_skip(s);
    }
}

static void pull_oi(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "instId"))
            take_symbol(s, o);
        else if (slice_is(k, "oi") || slice_is(k, "oiCcy") || slice_is(k, "oiUsd"))
            take_num(s, o);
        else if (slice_is(k, "ts"))
            take_int(s, o);
        else
            scan_skip(s);
    }
}

static void pull_ticker(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "symbol"))
            take_symbol(s, o);
        else if (slice_is(k, "nextFundingTime"))
            take_int(s, o);
        else if (slice_is(k, "tickDirection") || slice_is(k, "price24hPcnt"))
            scan_skip(s);
        else if (slice_is(k, "markPrice") || slice_is(k, "indexPrice") ||
                 slice_is(k, "openInterest") || slice_is(k, "openInterestValue") ||
                 slice_is(k, "turnover24h") || slice_is(k, "volume24h") ||
                 slice_is(k, "fundingRate") || slice_is(k, "bid1Price") ||
                 slice_is(k, "bid1Size") || slice_is(k, "ask1Price") || slice_is(k, "ask1Size"))
            take_num(s, o);
        else
            scan_skip(s);
    }
}

static void pull_ctx_values(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "impactPxs")) {
            scan_array(s);
            while (scan_item(s))
                take_num(s, o);
        } else if (slice_is(k, "funding") || slice_is(k, "openInterest") ||
                   slice_is(k, "premium") || slice_is(k, "dayNtlVlm") || slice_is(k, "oraclePx") ||
                   slice_is(k, "markPx") || slice_is(k, "midPx")) {
            take_num(s, o);
        } else {
            scan_skip(s);
        }
    }
}

static void pull_ctx(struct scan *s, struct sums *o)
{
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, "coin"))
            take_symbol(s, o);
        else if (slice_is(k, "ctx"))
            pull_ctx_values(s, o);
        else
            scan_skip(s);
    }
}

/* The outer object: its payload, alone or in a list, and its own times. */
static void pull_frame(struct scan *s, enum frame_kind kind, struct sums *o)
{
    static void (*const inner[F_KINDS])(struct scan *, struct sums *) = {
        [F_FORCE] = pull_order, [F_MARK1] = pull_mark,    [F_MARKARR] = pull_mark, [F_OI] = pull_oi,
        [F_CTX] = pull_ctx,     [F_TICKER] = pull_ticker, [F_BOOK] = pull_book};
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        if (slice_is(k, kind == F_FORCE ? "o" : "data")) {
            if (scan_peek(s) == SCAN_OBJECT) {
                inner[kind](s, o);
                continue;
            }
            scan_array(s);
            while (scan_item(s))
                inner[kind](s, o);
        } else if (slice_is(k, "E") || slice_is(k, "ts") || slice_is(k, "cts")) {
            take_int(s, o);
        } else {
            scan_skip(s);
        }
    }
}

static void run_pull(const struct frames *fr, struct sums *o)
{
    for (int i = 0; i < fr->n; i++) {
        struct scan s;
        scan_init(&s, fr->f[i].text, fr->f[i].len);
        pull_frame(&s, fr->f[i].kind, o);
        if (scan_end(&s) < 0)
            abort();
    }
}

static void run_skip(const struct frames *fr, struct sums *o)
{
    for (int i = 0; i < fr->n; i++) {
        struct scan s;
        scan_init(&s, fr->f[i].text, fr->f[i].len);
        scan_skip(&s);
        if (scan_end(&s) < 0)
            abort();
        o->numbers++;
    }
}

/* --- jansson: looks the wanted fields up, in the order of the text
 * --------------------------------- */

static void tree_object(const json_t *j, const struct field *want, struct sums *o);

static double tree_num(const json_t *j)
{
    double x = 0;
    if (!json_is_string(j))
        return json_number_value(j);
    if (num_parse(json_string_value(j), json_string_length(j), &x) < 0)
        abort();
    return x;
}

static void tree_field(const json_t *j, const struct field *f, struct sums *o)
{
    size_t n = json_array_size(j);
    switch (f->type) {
    case 'n':
    case 'i':
        add_num(o, tree_num(j));
        break;
    case 's':
        add_symbol(o, json_string_value(j), json_string_length(j));
        break;
    case 'l':
        for (size_t i = 0; i < n; i++, o->levels++) {
            add_num(o, tree_num(json_array_get(json_array_get(j, i), 0)));
            add_num(o, tree_num(json_array_get(json_array_get(j, i), 1)));
        }
        break;
    case 'x':
        for (size_t i = 0; i < n; i++)
            add_num(o, tree_num(json_array_get(j, i)));
        break;
    case 'a':
        for (size_t i = 0; i < n; i++)
            tree_object(json_array_get(j, i), f->in, o);
        break;
    default:
        tree_object(j, f->in, o);
    }
}

static void tree_object(const json_t *j, const struct field *want, struct sums *o)
{
    for (const struct field *f = want; f->key; f++) {
        const json_t *v = json_object_get(j, f->key);
        if (v)
            tree_field(v, f, o);
    }
}

static void run_jansson(const struct frames *fr, struct sums *o)
{
    for (int i = 0; i < fr->n; i++) {
        json_error_t e;
        json_t *j = json_loadb(fr->f[i].text, fr->f[i].len, 0, &e);
        if (!j)
            abort();
        tree_object(j, tops[fr->f[i].kind], o);
        json_decref(j);
    }
}

/* --- the floor -----------------------------------------------------------------------------------
 */

static void run_quotes(const struct frames *fr, struct sums *o)
{
    for (int i = 0; i < fr->n; i++)
        o->numbers += bench_quotes(fr->f[i].text, fr->f[i].len);
}

typedef void run_fn(const struct frames *, struct sums *);

enum { PULL, SKIP, JANSSON, QUOTES, RUNS };

static run_fn *const runs[RUNS] = {run_pull, run_skip, run_jansson, run_quotes};

/* ns per frame of each run, in turns; the small ones repeat until a turn takes a few milliseconds.
 */
static void measure(const struct frames *fr, double ns[RUNS])
{
    static const int repeat[RUNS] = {8, 8, 1, 16};
    double t[RUNS][BENCH_ROUNDS];
    for (int round = -1; round < BENCH_ROUNDS; round++) /* the first warms up */
        for (int k = 0; k < RUNS; k++) {
            struct sums o = {0};
            double from = bench_cpu_ns();
            for (int r = 0; r < repeat[k]; r++)
                runs[k](fr, &o);
            if (round >= 0)
                t[k][round] = (bench_cpu_ns() - from) / repeat[k] / fr->n;
            sink += o.numbers;
        }
    for (int k = 0; k < RUNS; k++)
        ns[k] = bench_median(t[k], BENCH_ROUNDS);
}

/* The orders of addition may differ, so values are compared frame by frame within rounding. */
static void compare(const struct frames *fr)
{
    for (int i = 0; i < fr->n; i++) {
        struct frames one = {.f = fr->f + i, .n = 1};
        struct sums a = {0}, b = {0};
        run_pull(&one, &a);
        run_jansson(&one, &b);
        double off = a.value > b.value ? a.value - b.value : b.value - a.value;
        if (a.numbers != b.numbers || a.levels != b.levels || a.symbols != b.symbols ||
            off > 1e-3) {
            fprintf(stderr, "different sums on %.*s\n", (int)fr->f[i].len, fr->f[i].text);
            exit(1);
        }
    }
}

static void bench_kind(enum frame_kind kind)
{
    static const int count[F_KINDS] = {[F_MARKARR] = 8, [F_MIX] = 4000};
    struct frames fr;
    double ns[RUNS];
    char name[64];
    frames_make(&fr, kind, count[kind] ? count[kind] : 1024);
    compare(&fr);
    measure(&fr, ns);
    snprintf(name, sizeof name, "scan.%s.bytes", frame_names[kind]);
    bench_note(name, (double)fr.len / fr.n, "B");
    static const char *const what[RUNS] = {"pull", "skip", "jansson", "quotes"};
    for (int k = 0; k < RUNS; k++) {
        snprintf(name, sizeof name, "scan.%s.%s", frame_names[kind], what[k]);
        bench_note(name, ns[k], "ns/frame");
    }
    snprintf(name, sizeof name, "scan.%s.jansson_over_pull", frame_names[kind]);
    if (kind == F_MIX)
        bench_goal(name, ns[JANSSON] / ns[PULL], "x", ">=", 12);
    else
        bench_note(name, ns[JANSSON] / ns[PULL], "x");
    snprintf(name, sizeof name, "scan.%s.pull_over_quotes", frame_names[kind]);
    if (kind == F_MIX)
        bench_goal(name, ns[PULL] / ns[QUOTES], "x", "<=", 6);
    else
        bench_note(name, ns[PULL] / ns[QUOTES], "x");
    frames_free(&fr);
}

int main(void)
{
    for (int kind = 0; kind < F_KINDS; kind++)
        bench_kind((enum frame_kind)kind);
    return bench_status();
}
