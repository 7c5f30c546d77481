/* Cost of one level update in 200 warm books, against a plain sorted array per side in the same
 * run, alternated, median of 7. Two mixes: levels scattered over 0.4 % of the mid in any order (as
 * in the mixed corpus), and clustered at the touch in price order (as a busy venue sends them).
 * Also the cost of one depth walk. Prints one line each; exit 1 when the two books end up
 * different. */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "bench.h"
#include "market/book.h"

#define BOOKS    200
#define MESSAGES 64 /* per book and round */
#define SIDE     18 /* levels per side of a message */

static uint64_t seed = 88172645463325252ull;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* --- the reference: one sorted array a side -----------------------------------------------------
 */

struct plain {
    uint32_t n;
    struct level l[8192];
};

static void plain_put(struct plain *p, struct level x)
{
    uint32_t lo = 0, hi = p->n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (p->l[mid].px < x.px)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool known = lo < p->n && p->l[lo].px == x.px;
    if (known && x.qty > 0) {
        p->l[lo].qty = x.qty;
    } else if (known) {
        memmove(&p->l[lo], &p->l[lo + 1], (--p->n - lo) * sizeof x);
    } else if (x.qty > 0 && p->n < 8192) {
        memmove(&p->l[lo + 1], &p->l[lo], (p->n++ - lo) * sizeof x);
        p->l[lo] = x;
    }
}

/* --- the messages -------------------------------------------------------------------------------
 */

struct message {
    struct level bids[SIDE], asks[SIDE];
};
static struct message messages[BOOKS][MESSAGES];
static struct book *books[BOOKS];
static struct plain *plains[BOOKS][2];
static int64_t seq[BOOKS];

static const struct {
    double mid;
    int decimals;
} shapes[20] = {{113000, 1}, {4100, 2},  {190, 2},  {2.4, 4},  {0.19, 5}, {0.65, 4}, {22.1, 3},
                {18.2, 3},   {.0071, 7}, {0.55, 4}, {0.92, 4}, {3.4, 4},  {42, 3},   {8.1, 3},
                {0.61, 4},   {103.5, 2}, {1130, 2}, {0.72, 4}, {0.41, 4}, {4.2, 4}};

static double decimal(double px, int decimals)
{
    char text[64];
    double x = 0;
    int n = snprintf(text, sizeof text, "%.*f", decimals, px);
    return num_parse(text, (size_t)n, &x) == 0 ? x : 0;
}

static int by_px(const void *a, const void *b)
{
    double x = ((const struct level *)a)->px, y = ((const struct level *)b)->px;
    return x < y ? -1 : x > y;
}

static void make_side(struct level *l, int k, bool bid, bool clustered)
{
    double mid = shapes[k % 20].mid;
    for (int i = 0; i < SIDE; i++) {
        double u = (double)(rnd() % 1000001) / 1e6;
        double away = clustered ? u * u * u * .0015 : .002 * u;
        double px = mid * (bid ? 1 - away - 2e-5 : 1 + away + 2e-5);
        double qty = rnd() % 2 ? 0 : (double)(rnd() % 40000 + 1) / 1000;
        l[i] = (struct level){decimal(px, shapes[k % 20].decimals), qty};
    }
    if (clustered)
        qsort(l, SIDE, sizeof *l, by_px);
}

static void make_messages(bool clustered)
{
    for (int k = 0; k < BOOKS; k++)
        for (int j = 0; j < MESSAGES; j++) {
            make_side(messages[k][j].bids, k, true, clustered);
            make_side(messages[k][j].asks, k, false, clustered);
        }
}

/* Both start from the same 500 levels a side, a basis point apart in all. */
static int start(int k)
{
    static struct level bids[500], asks[500];
    double mid = shapes[k % 20].mid;
    for (int i = 0; i < 500; i++) {
        double away = 2e-5 + i * 1e-5;
        bids[i] = (struct level){decimal(mid * (1 - away), shapes[k % 20].decimals), 1};
        asks[i] = (struct level){decimal(mid * (1 + away), shapes[k % 20].decimals), 1};
        plain_put(plains[k][0], bids[i]);
        plain_put(plains[k][1], asks[i]);
    }
    struct ev_book e = {.snapshot = true, .bids = bids, .asks = asks};
    e.n_bids = e.n_asks = 500;
    e.seq_first = e.seq_prev = -1;
    e.seq_last = seq[k] = 1;
    return book_apply(books[k], &e, 1);
}

static double run_books(void)
{
    double t = bench_cpu_ns();
    for (int j = 0; j < MESSAGES; j++)
        for (int k = 0; k < BOOKS; k++) {
            struct ev_book e = {.bids = messages[k][j].bids, .asks = messages[k][j].asks};
            e.n_bids = e.n_asks = SIDE;
            e.seq_prev = seq[k];
            e.seq_first = e.seq_last = ++seq[k];
            if (book_apply(books[k], &e, seq[k]) < 0)
                exit(1);
        }
    return (bench_cpu_ns() - t) / (BOOKS * MESSAGES * 2.0 * SIDE);
}

static double run_plain(void)
{
    double t = bench_cpu_ns();
    for (int j = 0; j < MESSAGES; j++)
        for (int k = 0; k < BOOKS; k++)
            for (int i = 0; i < SIDE; i++) {
                plain_put(plains[k][0], messages[k][j].bids[i]);
                plain_put(plains[k][1], messages[k][j].asks[i]);
            }
    return (bench_cpu_ns() - t) / (BOOKS * MESSAGES * 2.0 * SIDE);
}

static bool same(int k)
{
    static struct level l[8192];
    for (int side = 0; side < 2; side++) {
        const struct plain *p = plains[k][side];
        uint32_t n = book_levels(books[k], side == 0, l, 8192);
        if (n != p->n)
            return false;
        for (uint32_t i = 0; i < n; i++)
            if (memcmp(&l[i], &p->l[side ? i : n - 1 - i], sizeof l[i]) != 0)
                return false;
    }
    return true;
}

static double depth_ns(void)
{
    struct book_depth d;
    double sum = 0, t = bench_cpu_ns();
    for (int r = 0; r < 5; r++)
        for (int k = 0; k < BOOKS; k++)
            if (book_depth(books[k], 1, false, &d) == 0)
                sum += d.mid;
    t = (bench_cpu_ns() - t) / (5 * BOOKS);
    return sum > 0 ? t : NAN;
}

int main(void)
{
    static const char *const names[2][2] = {
        {"book, a level of a scattered delta", "  against a sorted array"},
        {"book, a level of a clustered delta", "  against a sorted array"}};
    for (int k = 0; k < BOOKS; k++) {
        books[k] = book_new(4096, 256);
        plains[k][0] = calloc(1, sizeof(struct plain));
        plains[k][1] = calloc(1, sizeof(struct plain));
        if (!books[k] || !plains[k][0] || !plains[k][1] || start(k) < 0)
            return 1;
    }
    for (int mix = 0; mix < 2; mix++) {
        double mine[BENCH_ROUNDS], ref[BENCH_ROUNDS];
        make_messages(mix == 1);
        for (int r = 0; r < BENCH_ROUNDS; r++) {
            mine[r] = run_books();
            ref[r] = run_plain();
        }
        for (int k = 0; k < BOOKS; k++)
            if (!same(k))
                return 1;
        double fast = bench_median(mine, BENCH_ROUNDS), slow = bench_median(ref, BENCH_ROUNDS);
        bench_note(names[mix][0], fast, "ns");
        bench_goal(names[mix][1], slow / fast, "x", ">=", 2);
    }
    bench_note("book, depth of both sides", depth_ns(), "ns");
    for (int k = 0; k < BOOKS; k++) {
        book_free(books[k]);
        free(plains[k][0]);
        free(plains[k][1]);
    }
    return bench_status();
}
