/* Proves the simulator's order book: what taker orders fill is exactly what leaves the book, and a
 * copy kept only from the changed-slot lists equals the book after every step. */
#include "unit.h"

#include <string.h>

#include "sim/book.h"
#include "sim/rng.h"

enum { SIZE = 512, SPAN = 4096 }; /* the copy covers slots 0..SPAN-1 */

struct copy {
    int64_t lots[2][SPAN];
};

static void copy_apply(struct copy *c, const struct sim_book *b)
{
    for (uint32_t i = 0; i < b->n_dirty; i++) {
        int64_t slot = b->dirty[i] >> 1;
        int side = (int)(b->dirty[i] & 1);
        c->lots[side][slot] = sim_book_level(b, (enum sim_book_side)side, slot);
    }
}

static void copy_check(const struct copy *c, const struct sim_book *b)
{
    int differ = 0;
    for (int64_t s = 0; s < SPAN; s++)
        differ += c->lots[SIM_BID][s] != sim_book_level(b, SIM_BID, s) ||
                  c->lots[SIM_ASK][s] != sim_book_level(b, SIM_ASK, s);
    ck_assert_int_eq(differ, 0);
}

static int64_t total(const struct sim_book *b, enum sim_book_side side)
{
    return sim_book_sum(b, side, side == SIM_BID ? 0 : SPAN);
}

static void random_orders(struct sim_book *b, struct sim_rng *r, int64_t mid)
{
    sim_book_cancel_beyond(b, SIM_BID, mid - 1);
    sim_book_cancel_beyond(b, SIM_ASK, mid + 1);
    for (int i = 0; i < 40; i++) {
        int64_t off = 1 + (int64_t)(sim_rng_u64(r) % 200), lots = (int64_t)(sim_rng_u64(r) % 50);
        enum sim_book_side side = sim_rng_u64(r) & 1 ? SIM_BID : SIM_ASK;
        sim_book_set(b, side, side == SIM_BID ? mid - off : mid + off, lots);
    }
}

static void random_takes(struct sim_book *b, struct sim_rng *r)
{
    for (int i = 0; i < 3; i++) {
        enum sim_book_side side = sim_rng_u64(r) & 1 ? SIM_BID : SIM_ASK;
        int64_t before = total(b, side), want = (int64_t)(sim_rng_u64(r) % 400);
        int64_t best = side == SIM_BID ? b->best_bid : b->best_ask;
        int64_t limit = side == SIM_BID ? best - 30 : best + 30;
        int64_t reach = sim_book_sum(b, side, limit);
        struct sim_fill f = sim_book_take(b, side, want, limit);
        ck_assert_int_eq(f.lots, want < reach ? want : reach);
        ck_assert_int_eq(before - total(b, side), f.lots);
        if (f.lots > 0) {
            double mean = f.px_lots / (double)f.lots;
            ck_assert(side == SIM_BID ? mean <= (double)best && mean >= (double)f.last_slot
                                      : mean >= (double)best && mean <= (double)f.last_slot);
        }
    }
}

START_TEST(test_copy_and_conservation)
{
    struct sim_book b;
    static struct copy c;
    struct sim_rng r;
    int64_t mid = SPAN / 2;
    memset(&c, 0, sizeof c);
    sim_rng_init(&r, 7, 7);
    ck_assert_int_eq(sim_book_init(&b, SIZE, mid, 100), 0);
    for (int step = 0; step < 3000; step++) {
        sim_book_clean(&b);
        int64_t drift = (int64_t)(sim_rng_u64(&r) % 61) - 30;
        if (mid + drift > SIZE && mid + drift < SPAN - SIZE)
            mid += drift;
        sim_book_recentre(&b, mid);
        random_orders(&b, &r, mid);
        random_takes(&b, &r);
        sim_book_stamp(&b, 3);
        ck_assert_int_lt(b.best_bid, b.best_ask);
        ck_assert_int_gt(b.update_id, b.prev_id);
        copy_apply(&c, &b);
        if (step % 10 == 0)
            copy_check(&c, &b);
    }
    sim_book_fini(&b);
}
END_TEST

START_TEST(test_empty_and_edges)
{
    struct sim_book b;
    int64_t s = 1000;
    ck_assert_int_eq(sim_book_init(&b, 64, 1000, 1), 0);
    ck_assert(!sim_book_next(&b, SIM_BID, &s));
    ck_assert_int_eq(sim_book_take(&b, SIM_BID, 5, 0).lots, 0);
    sim_book_set(&b, SIM_BID, 2000, 5); /* outside the window: nothing happens */
    ck_assert_int_eq(total(&b, SIM_BID), 0);
    sim_book_set(&b, SIM_BID, 999, 5);
    sim_book_set(&b, SIM_ASK, 1000, 6);
    ck_assert_int_eq(b.best_bid, 999);
    ck_assert_int_eq(b.best_ask, 1000);
    ck_assert_int_eq(sim_book_take(&b, SIM_BID, 9, 1000).lots, 0); /* limit above the best bid */
    ck_assert_int_eq(sim_book_take(&b, SIM_BID, 9, 999).lots, 5);
    ck_assert_int_lt(b.best_bid, b.lo);
    sim_book_fini(&b);
}
END_TEST

UNIT_MAIN("sim_book", tcase_add_test(tc, test_copy_and_conservation);
          tcase_add_test(tc, test_empty_and_edges);)
