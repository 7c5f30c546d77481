/* Cost of the market itself with 200 tracked instruments and warm books: market_apply of a mark, a
 * trade and a delta of 36 levels, and market_tick, CPU time, median of 7. One line each. */
#include "base/num.h"
#include "bench.h"
#include "market/market.h"

#define SLOTS 200
#define SEC   1000000ll
#define T0    (1700000040ll * SEC)

static struct market *m;
static struct level bids[SLOTS][500], asks[SLOTS][500];
static char symbols[SLOTS][16];
static int64_t seq = 1, now = T0, failed;

static void put(struct event *e, int k)
{
    static const struct origin o = {0, 0, NULL};
    uint32_t inst;
    e->symbol = slice_of(symbols[k]);
    e->t_recv_us = now;
    failed += market_apply(m, &o, e, &inst) < 0;
    if (e->kind == EV_SPEC)
        failed += market_track(m, inst, now) < 0;
}

static void put_spec(int k)
{
    struct event e;
    event_init(&e, EV_SPEC);
    snprintf(symbols[k], sizeof symbols[k], "S%dUSDT", k);
    e.u.spec.base = slice_of(symbols[k]);
    e.u.spec.quote = SLICE("USDT");
    e.u.spec.ct_size = e.u.spec.linear = 1;
    e.u.spec.ct_unit = QTY_BASE;
    e.u.spec.status = INST_TRADING;
    e.u.spec.category = CAT_PERP;
    put(&e, k);
}

/* A snapshot of n levels a side, or a delta of 18 when n is 0. */
static void put_book(int k, uint32_t n)
{
    bool snapshot = n > 0;
    static const uint32_t at[2] = {0, 40};
    struct event e;
    event_init(&e, EV_BOOK);
    e.channel = 1;
    e.u.book.snapshot = snapshot;
    e.u.book.unit = QTY_BASE;
    e.u.book.bids = bids[k] + (snapshot ? 0 : at[seq % 2]);
    e.u.book.asks = asks[k] + (snapshot ? 0 : at[seq % 2]);
    e.u.book.n_bids = e.u.book.n_asks = snapshot ? n : 18;
    e.u.book.seq_prev = snapshot ? -1 : seq - 1;
    e.u.book.seq_first = snapshot ? -1 : seq;
    e.u.book.seq_last = seq;
    put(&e, k);
}

static void put_mark(int k)
{
    struct event e;
    event_init(&e, EV_MARK);
    e.u.px.px = 100 + k;
    put(&e, k);
}

static void put_trade(int k)
{
    struct event e;
    event_init(&e, EV_TRADE);
    e.u.trade.px = 100 + k;
    e.u.trade.qty = 1;
    e.u.trade.unit = QTY_BASE;
    e.u.trade.taker_buys = seq & 1;
    e.u.trade.id = seq * SLOTS + k;
    put(&e, k);
}

static void put_delta(int k)
{
    put_book(k, 0);
}

static void put_top(int k)
{
    put_book(k, 20);
}

static void measure(const char *what, void (*fn)(int))
{
    double ns[BENCH_ROUNDS];
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        double t = bench_cpu_ns();
        for (int n = 0; n < 50; n++, seq++, now += 20000)
            for (int k = 0; k < SLOTS; k++)
                fn(k);
        ns[r] = (bench_cpu_ns() - t) / (50 * SLOTS);
    }
    bench_note(what, bench_median(ns, BENCH_ROUNDS), "ns");
}

static void fill(int k)
{
    for (int i = 0; i < 500; i++) {
        char text[32];
        for (int side = 0; side < 2; side++) {
            double px = (100. + k) * (side ? 1 + 2e-5 * (i + 1) : 1 - 2e-5 * (i + 1));
            int n = snprintf(text, sizeof text, "%.3f", px);
            struct level *l = side ? &asks[k][i] : &bids[k][i];
            l->qty = 1 + i % 7;
            failed += num_parse(text, (size_t)n, &l->px) < 0;
        }
    }
}

int main(void)
{
    static const char *const names[] = {"binance"};
    struct market_conf c = {.max_slots = SLOTS, .book_levels = 4096, .book_pending = 256};
    struct directory *d = directory_new(NULL, 0, names, 1);
    struct live *l = live_new(NULL, NULL);
    m = d && l ? market_new(&c, d, l) : NULL;
    if (!m)
        return 1;
    for (int k = 0; k < SLOTS; k++) {
        put_spec(k);
        fill(k);
        put_book(k, 500);
    }
    seq++;
    measure("market_apply, delta of 36 levels", put_delta);
    measure("market_apply, snapshot of 20 a side", put_top);
    measure("market_apply, mark", put_mark);
    measure("market_apply, trade", put_trade);
    double ns[BENCH_ROUNDS];
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        for (int k = 0; k < SLOTS; k++) {
            struct book *b = market_slot_at(m, k)->book[0];
            book_reset(b);
            put_book(k, 500);
        }
        seq++;
        now = (now / SEC + 1) * SEC;
        double t = bench_cpu_ns();
        market_tick(m, now);
        ns[r] = (bench_cpu_ns() - t) / 1e6;
    }
    bench_note("market_tick, 200 books of 500 levels", bench_median(ns, BENCH_ROUNDS), "ms");
    market_free(m);
    live_free(l);
    directory_free(d);
    return failed != 0;
}
