/* The adapters (venues[]->parse) on texts in the shapes of the four venues against
 * jansson parsing the same texts and extracting the same fields (sums of both must be equal to the
 * bit), and against an SSE2 scan for quotes, which is the floor for touching each byte once. Two
 * mixes are gated at 12x, each kind of text at 8x. Median of rounds in turns, thread CPU time. What
 * the adapters yield is summed inside the measured time, as jansson's extraction is. */
#include "bench.h"
#include "venue/venue.h"
#include "venue_jansson.h"

static volatile uint64_t sink;

struct bench {
    struct vframes texts;
    struct directory *dir;
    struct batch *batch;
};

/* --- the adapters --- */

static void sum_book(struct sums *o, const struct ev_book *b)
{
    sum_int(o, b->seq_first, 1);
    sum_int(o, b->seq_last, 1);
    sum_int(o, b->seq_prev, 1);
    const struct level *side[2] = {b->bids, b->asks};
    uint32_t n[2] = {b->n_bids, b->n_asks};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < n[k]; i++) {
            sum_num(o, side[k][i].px, 1);
            sum_num(o, side[k][i].qty, 1);
        }
    o->levels += n[0] + n[1];
}

static void sum_quote(struct sums *o, const struct ev_quote *q)
{
    sum_int(o, q->seq, 1);
    sum_num(o, q->bid_px, 1);
    sum_num(o, q->bid_qty, 1);
    sum_num(o, q->ask_px, 1);
    sum_num(o, q->ask_qty, 1);
}

static void sum_liq(struct sums *o, const struct ev_liq *l)
{
    sum_num(o, l->px, 1);
    sum_num(o, l->fill_px, 1);
    sum_num(o, l->qty, 1);
    o->flags += (unsigned)(l->closed == POS_LONG) + l->final;
}

/* An id that is read as a number; a hash of a longer one is not jansson's to know. */
static void sum_trade(struct sums *o, const struct ev_trade *t, bool id)
{
    sum_num(o, t->px, 1);
    sum_num(o, t->qty, 1);
    if (id)
        sum_int(o, t->id, 1);
    o->flags += t->taker_buys;
}

static void sum_event(struct sums *o, const struct event *e, uint8_t venue)
{
    sum_word(o, e->symbol.p, e->symbol.len, 1);
    if (e->t_venue_us)
        sum_int(o, e->t_venue_us, 1);
    if (e->kind == EV_BOOK) {
        sum_book(o, &e->u.book);
    } else if (e->kind == EV_QUOTE) {
        sum_quote(o, &e->u.quote);
    } else if (e->kind == EV_LIQ) {
        sum_liq(o, &e->u.liq);
    } else if (e->kind == EV_FUNDING) {
        sum_num(o, e->u.funding.rate, 1);
        if (e->u.funding.next_us)
            sum_int(o, e->u.funding.next_us, 1);
        if (venue >= VF_BYBIT) /* said by the text, not by us */
            sum_num(o, e->u.funding.interval_h, 1);
    } else if (e->kind == EV_OI) {
        sum_num(o, e->u.oi.qty, 1);
        if (!isnan(e->u.oi.value))
            sum_num(o, e->u.oi.value, 1);
    } else if (e->kind == EV_TRADE) {
        sum_trade(o, &e->u.trade, venue != VF_BYBIT);
    } else if (e->kind == EV_STAT) {
        sum_num(o, e->u.stat.value, 1);
    } else if (e->kind == EV_MARK || e->kind == EV_INDEX) {
        sum_num(o, e->u.px.px, 1);
    } else {
        abort(); /* none of the corpus */
    }
}

static void decode(const struct bench *b, const struct vframe *f, struct sums *o)
{
    if (venues[f->origin.venue]->parse(b->dir, &f->origin, f->text, f->len, b->batch) < 0)
        abort();
    for (uint32_t i = 0; i < b->batch->n; i++)
        sum_event(o, &b->batch->ev[i], f->origin.venue);
}

/* --- the three runs --- */

static void run_decode(const struct bench *b, struct sums *o)
{
    for (int i = 0; i < b->texts.n; i++)
        decode(b, &b->texts.f[i], o);
}

static void run_jansson(const struct bench *b, struct sums *o)
{
    for (int i = 0; i < b->texts.n; i++)
        vj_extract(&b->texts.f[i], o);
}

static void run_quotes(const struct bench *b, struct sums *o)
{
    for (int i = 0; i < b->texts.n; i++)
        o->numbers += bench_quotes(b->texts.f[i].text, b->texts.f[i].len);
}

enum { DECODE, JANSSON, QUOTES, RUNS };
enum { JANSSON_OVER_DECODE, DECODE_OVER_QUOTES, RATIOS };

struct figures {
    double ns[RUNS], ratio[RATIOS];
};

/* Adds a run to what a text takes; a round has `times` of them. */
static void timed(const struct bench *b, int run, double *ns)
{
    static void (*const runs[RUNS])(const struct bench *, struct sums *) = {run_decode, run_jansson,
                                                                            run_quotes};
    static const double times[RUNS] = {10, 1, 20};
    struct sums o = {0};
    double from = bench_cpu_ns();
    runs[run](b, &o);
    *ns += (bench_cpu_ns() - from) / times[run] / b->texts.n;
    sink += o.numbers + o.bits;
}

/* The short runs are taken many times a round and in small turns, so that a neighbour on the same
 * core slows what is compared alike; the ratios are the medians of the rounds' own. */
static void measure(const struct bench *b, struct figures *out)
{
    double ns[RUNS][BENCH_ROUNDS] = {{0}}, ratio[RATIOS][BENCH_ROUNDS], warm = 0;
    for (int run = 0; run < RUNS; run++)
        timed(b, run, &warm);
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        for (int turn = 0; turn < 10; turn++) {
            timed(b, DECODE, &ns[DECODE][r]);
            timed(b, QUOTES, &ns[QUOTES][r]);
            timed(b, QUOTES, &ns[QUOTES][r]);
            if (turn == 4)
                timed(b, JANSSON, &ns[JANSSON][r]);
        }
        ratio[JANSSON_OVER_DECODE][r] = ns[JANSSON][r] / ns[DECODE][r];
        ratio[DECODE_OVER_QUOTES][r] = ns[DECODE][r] / ns[QUOTES][r];
    }
    for (int k = 0; k < RUNS; k++)
        out->ns[k] = bench_median(ns[k], BENCH_ROUNDS);
    for (int k = 0; k < RATIOS; k++)
        out->ratio[k] = bench_median(ratio[k], BENCH_ROUNDS);
}

static void compare(const struct bench *b)
{
    for (int i = 0; i < b->texts.n; i++) {
        const struct vframe *f = &b->texts.f[i];
        struct sums ours = {0}, theirs = {0};
        decode(b, f, &ours);
        vj_extract(f, &theirs);
        if (memcmp(&ours, &theirs, sizeof ours) == 0 && ours.numbers > 0)
            continue;
        fprintf(stderr, "different sums on %.*s\n", (int)f->len, f->text);
        exit(1);
    }
}

static const char *full_name(enum vf_kind kind, const char *what)
{
    static char name[64];
    snprintf(name, sizeof name, "decode.%s.%s", vf_names[kind], what);
    return name;
}

static void report(enum vf_kind kind, const struct figures *f)
{
    static const char *const run[RUNS] = {"decode", "jansson", "quotes"};
    static const struct {
        const char *name, *op;
        double goal;
    } ratio[RATIOS] = {{"jansson_over_decode", ">=", 12}, {"decode_over_quotes", "<=", 6}};
    for (int k = 0; k < RUNS; k++)
        bench_note(full_name(kind, run[k]), f->ns[k], "ns/text");
    for (int k = 0; k < RATIOS; k++)
        if (kind == VF_MIX || kind == VF_MIX4)
            bench_goal(full_name(kind, ratio[k].name), f->ratio[k], "x", ratio[k].op,
                       ratio[k].goal);
        else if (k == JANSSON_OVER_DECODE)
            bench_goal(full_name(kind, ratio[k].name), f->ratio[k], "x", ">=", 8);
        else
            bench_note(full_name(kind, ratio[k].name), f->ratio[k], "x");
}

static void bench_kind(struct bench *b, enum vf_kind kind)
{
    static const int count[VF_KINDS] = {
        [VF_MARKARR] = 8, [VF_MIX] = 2 * VF_MARKS, [VF_MIX4] = 4000};
    struct figures f;
    vframes_make(&b->texts, kind, count[kind] ? count[kind] : 1024, 0);
    compare(b);
    measure(b, &f);
    bench_note(full_name(kind, "bytes"), (double)b->texts.len / b->texts.n, "B");
    report(kind, &f);
    vframes_free(&b->texts);
}

/* An argument names the one kind to run. */
int main(int argc, char **argv)
{
    struct bench b = {.dir = directory_new(NULL, 0, NULL, 0), .batch = batch_new()};
    assert(b.dir && b.batch);
    assert(strcmp(venues[VF_BINANCE]->name, "binance") == 0);
    assert(strcmp(venues[VF_HYPERLIQUID]->name, "hyperliquid") == 0);
    assert(strcmp(venues[VF_BYBIT]->name, "bybit") == 0);
    assert(strcmp(venues[VF_OKX]->name, "okx") == 0);
    for (int kind = 0; kind < VF_KINDS; kind++)
        if (argc < 2 || strcmp(argv[1], vf_names[kind]) == 0)
            bench_kind(&b, (enum vf_kind)kind);
    directory_free(b.dir);
    batch_free(b.batch);
    return bench_status();
}
