/* The order book ring. In: levels set by the market makers, taker orders. Out: fills, and the list
 * of slots changed since the last step, from which the venues' book messages are made. Owner: the
 * instrument. Surprising: the ring position of a slot is slot mod size, so a level outside the
 * window would alias another one; sim_book_set refuses those. */
#include "sim/book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int sim_book_init(struct sim_book *b, uint32_t size, int64_t mid_slot, int64_t first_id)
{
    memset(b, 0, sizeof *b);
    assert(size >= SIM_BLOCK && (size & (size - 1)) == 0);
    b->size = size;
    b->mask = size - 1;
    b->dirty_cap = 4 * size;
    b->lots = calloc(size, sizeof *b->lots);
    b->block_sum = calloc(size / SIM_BLOCK, sizeof *b->block_sum);
    b->is_dirty = calloc(size, 1);
    b->dirty = calloc(b->dirty_cap, sizeof *b->dirty);
    if (!b->lots || !b->block_sum || !b->is_dirty || !b->dirty) {
        sim_book_fini(b);
        return -1;
    }
    b->lo = mid_slot - size / 2;
    b->hi = b->lo + size;
    b->best_bid = b->lo - 1;
    b->best_ask = b->hi;
    b->update_id = b->prev_id = first_id;
    return 0;
}

void sim_book_fini(struct sim_book *b)
{
    free(b->lots);
    free(b->block_sum);
    free(b->is_dirty);
    free(b->dirty);
    memset(b, 0, sizeof *b);
}

static inline uint32_t at(const struct sim_book *b, int64_t slot)
{
    return (uint32_t)((uint64_t)slot & b->mask);
}

int64_t sim_book_get(const struct sim_book *b, int64_t slot)
{
    return slot >= b->lo && slot < b->hi ? b->lots[at(b, slot)] : 0;
}

/* The only place that changes a quantity. */
static void put(struct sim_book *b, enum sim_book_side side, int64_t slot, int64_t lots)
{
    uint32_t i = at(b, slot);
    if (b->lots[i] == lots)
        return;
    b->block_sum[i / SIM_BLOCK] += lots - b->lots[i];
    b->lots[i] = lots;
    if (!(b->is_dirty[i] & 1u << side) && b->n_dirty < b->dirty_cap) {
        b->is_dirty[i] |= (uint8_t)(1u << side);
        b->dirty[b->n_dirty++] = slot * 2 + side;
    }
}

/* Blocks are blocks of ring positions; lo and hi need not fall on their borders, but empty means
 * empty for every slot in them, so skipping is safe within the window. */
bool sim_book_next(const struct sim_book *b, enum sim_book_side side, int64_t *slot)
{
    int64_t s = *slot, d = side == SIM_BID ? -1 : 1;
    if (side == SIM_BID && s > b->best_bid)
        s = b->best_bid;
    if (side == SIM_ASK && s < b->best_ask)
        s = b->best_ask;
    while (s >= b->lo && s < b->hi) {
        uint32_t i = at(b, s);
        if (b->lots[i]) {
            *slot = s;
            return true;
        }
        if (b->block_sum[i / SIM_BLOCK] == 0)
            s += d > 0 ? SIM_BLOCK - (int64_t)(i % SIM_BLOCK) : -(int64_t)(i % SIM_BLOCK) - 1;
        else
            s += d;
    }
    return false;
}

int sim_book_read(const struct sim_book *b, enum sim_book_side side, struct sim_view_level *out,
                  int max)
{
    int64_t s = side == SIM_BID ? b->best_bid : b->best_ask, d = side == SIM_BID ? -1 : 1;
    int n = 0;
    while (n < max && s >= b->lo && s < b->hi) {
        uint32_t i = at(b, s);
        if (b->lots[i])
            out[n++] = (struct sim_view_level){s, b->lots[i]};
        if (b->lots[i] || b->block_sum[i / SIM_BLOCK])
            s += d;
        else
            s += d > 0 ? SIM_BLOCK - (int64_t)(i % SIM_BLOCK) : -(int64_t)(i % SIM_BLOCK) - 1;
    }
    return n;
}

static void find_best(struct sim_book *b, enum sim_book_side side, int64_t from)
{
    if (side == SIM_BID) {
        b->best_bid = from;
        b->best_bid = sim_book_next(b, SIM_BID, &from) ? from : b->lo - 1;
    } else {
        b->best_ask = from;
        b->best_ask = sim_book_next(b, SIM_ASK, &from) ? from : b->hi;
    }
}

void sim_book_set(struct sim_book *b, enum sim_book_side side, int64_t slot, int64_t lots)
{
    if (slot < b->lo || slot >= b->hi)
        return;
    assert(lots >= 0);
    assert(side == SIM_BID ? slot < b->best_ask : slot > b->best_bid);
    put(b, side, slot, lots);
    if (side == SIM_BID && (lots ? slot > b->best_bid : slot == b->best_bid))
        find_best(b, side, slot);
    if (side == SIM_ASK && (lots ? slot < b->best_ask : slot == b->best_ask))
        find_best(b, side, slot);
}

void sim_book_cancel_beyond(struct sim_book *b, enum sim_book_side side, int64_t slot)
{
    if (side == SIM_BID)
        while (b->best_bid >= b->lo && b->best_bid > slot)
            sim_book_set(b, SIM_BID, b->best_bid, 0);
    else
        while (b->best_ask < b->hi && b->best_ask < slot)
            sim_book_set(b, SIM_ASK, b->best_ask, 0);
}

struct sim_fill sim_book_take(struct sim_book *b, enum sim_book_side side, int64_t lots,
                              int64_t limit_slot)
{
    struct sim_fill f = {0, 0, 0};
    while (f.lots < lots) {
        int64_t s = side == SIM_BID ? b->best_bid : b->best_ask;
        if (s < b->lo || s >= b->hi || (side == SIM_BID ? s < limit_slot : s > limit_slot))
            break;
        int64_t have = sim_book_get(b, s), take = lots - f.lots < have ? lots - f.lots : have;
        f.lots += take;
        f.px_lots += (double)s * (double)take;
        f.last_slot = s;
        sim_book_set(b, side, s, have - take);
    }
    return f;
}

int64_t sim_book_recentre(struct sim_book *b, int64_t mid_slot)
{
    int64_t shift = mid_slot - (b->lo + b->size / 2), max = b->size / 4;
    if (shift > -max / 4 && shift < max / 4)
        return 0;
    if (shift > max)
        shift = max;
    if (shift < -max)
        shift = -max;
    int64_t from = shift > 0 ? b->lo : b->hi + shift, n = shift > 0 ? shift : -shift;
    bool no_bid = b->best_bid < b->lo, no_ask = b->best_ask >= b->hi;
    for (int64_t s = from; s < from + n; s++) {
        put(b, s <= b->best_bid ? SIM_BID : SIM_ASK, s, 0);
        b->is_dirty[at(b, s)] = 0; /* its ring position now stands for another slot */
    }
    b->lo += shift;
    b->hi += shift;
    if (no_bid || b->best_bid < b->lo)
        b->best_bid = b->lo - 1;
    if (no_ask || b->best_ask >= b->hi)
        b->best_ask = b->hi;
    return shift;
}

int64_t sim_book_level(const struct sim_book *b, enum sim_book_side side, int64_t slot)
{
    bool its = side == SIM_BID ? slot <= b->best_bid : slot >= b->best_ask;
    return its ? sim_book_get(b, slot) : 0;
}

int64_t sim_book_sum(const struct sim_book *b, enum sim_book_side side, int64_t limit_slot)
{
    int64_t sum = 0, s = side == SIM_BID ? b->best_bid : b->best_ask;
    while (sim_book_next(b, side, &s) && (side == SIM_BID ? s >= limit_slot : s <= limit_slot)) {
        sum += sim_book_get(b, s);
        s += side == SIM_BID ? -1 : 1;
    }
    return sum;
}

void sim_book_stamp(struct sim_book *b, uint64_t extra_ids)
{
    b->prev_id = b->update_id;
    b->update_id += (int64_t)(b->n_dirty + extra_ids) + 1;
}

void sim_book_clean(struct sim_book *b)
{
    for (uint32_t i = 0; i < b->n_dirty; i++)
        b->is_dirty[at(b, b->dirty[i] >> 1)] = 0;
    b->n_dirty = 0;
}
