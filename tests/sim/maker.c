/* Market making. In: reference price, forces. Out: book levels. Shape: flat density out to 100 bps,
 * falling as 1/distance beyond; dense (every slot) within 30 bps, one level in some 1.5 bps further
 * out, so that a 1,000-level snapshot covers about 25 bps of BTC, as the real one does. When makers
 * withdraw, the band near the touch empties and far resting orders stay. */
#include "sim/maker.h"

#include <assert.h>
#include <math.h>

#define DENSE_BPS 30.0
#define FAR_BPS   1.5

static double dist_bps(const struct sim_inst *in, int64_t slot)
{
    return fabs(sim_slot_px(in, slot) / in->ref_px - 1) * 1e4;
}

static int64_t target(struct sim_inst *in, const struct sim_forces *f, int64_t slot)
{
    double d = dist_bps(in, slot), bps = in->slot_px / in->ref_px * 1e4;
    double near = f->depth, x = d / 150, lam = near + (1 - near) * (1 - exp(-x * x));
    if (d > DENSE_BPS) {
        if (slot % in->far_stride)
            return 0;
        bps *= (double)in->far_stride;
    }
    double shape = d > 100 ? 100 / d : 1, lots = in->lots_per_bps * bps * shape * lam;
    return (int64_t)ceil(lots * sim_rng_range(&in->rng, .5, 1.5));
}

static void set_level(struct sim_inst *in, const struct sim_forces *f, enum sim_book_side side,
                      int64_t slot)
{
    sim_book_set(&in->book, side, slot, target(in, f, slot));
}

static void fill_range(struct sim_inst *in, const struct sim_forces *f, int64_t lo, int64_t hi)
{
    int64_t mid = (int64_t)floor(in->ref_px / in->slot_px);
    for (int64_t s = lo; s < hi; s++)
        if (dist_bps(in, s) <= DENSE_BPS || s % in->far_stride == 0)
            set_level(in, f, s <= mid ? SIM_BID : SIM_ASK, s);
}

int sim_maker_init(struct sim_inst *in, const struct sim_forces *f, int64_t first_id)
{
    double slot_frac = in->slot_px / in->ref_px;
    uint32_t size = 4096;
    while (size < 131072 && size * slot_frac < .4)
        size *= 2;
    in->far_stride = (int64_t)fmax(1, floor(FAR_BPS * 1e-4 / slot_frac));
    int64_t mid = (int64_t)floor(in->ref_px / in->slot_px);
    if (sim_book_init(&in->book, size, mid, first_id) < 0)
        return -1;
    fill_range(in, f, in->book.lo > 1 ? in->book.lo : 1, in->book.hi);
    sim_book_clean(&in->book);
    in->thin[SIM_BID] = in->book.best_bid;
    in->thin[SIM_ASK] = in->book.best_ask;
    in->mid_px = in->ref_px;
    return 0;
}

void sim_maker_eaten(struct sim_inst *in, enum sim_book_side side, int64_t slot)
{
    if (side == SIM_BID ? slot < in->thin[side] : slot > in->thin[side])
        in->thin[side] = slot;
}

/* The best quote is always there; what lies between it and the deepest eaten slot comes back with
 * the refill time constant. */
static void refill(struct sim_inst *in, const struct sim_forces *f, enum sim_book_side side,
                   int64_t top)
{
    int64_t best = side == SIM_BID ? in->book.best_bid : in->book.best_ask;
    sim_maker_eaten(in, side, best);
    int64_t range = side == SIM_BID ? top - in->thin[side] : in->thin[side] - top;
    if (best != top)
        set_level(in, f, side, top);
    if (range <= 0) {
        in->thin[side] = top;
        return;
    }
    double rate = 1.0 / SIM_STEPS_PER_S / f->refill_s;
    int64_t n = (int64_t)ceil((double)range * rate),
            back = (int64_t)ceil((double)range * rate * .6);
    for (int64_t i = 0; i < n && i < 300; i++) {
        int64_t off = 1 + (int64_t)(sim_rng_unit(&in->rng) * (double)range);
        set_level(in, f, side, side == SIM_BID ? top - off : top + off);
    }
    in->thin[side] += side == SIM_BID ? back : -back;
}

/* Renews a few levels: mostly near ones, and a far one. A lump left from when the slot was far is
 * brought to size with it. */
static void renew(struct sim_inst *in, const struct sim_forces *f, enum sim_book_side side,
                  int64_t top)
{
    double per_bps = in->ref_px * 1e-4 / in->slot_px;
    double want = DENSE_BPS * per_bps * f->churn_s / SIM_STEPS_PER_S + 1;
    int n = (int)want + (sim_rng_unit(&in->rng) < want - floor(want));
    for (int i = 0; i < n; i++) {
        double u = sim_rng_unit(&in->rng);
        int64_t off = (int64_t)(DENSE_BPS * pow(u, 1.3) * per_bps);
        int64_t s = side == SIM_BID ? top - off : top + off, lump = s - s % in->far_stride;
        set_level(in, f, side, s);
        if (lump != s && (side == SIM_BID ? lump <= top : lump >= top))
            set_level(in, f, side, lump);
    }
    int64_t far = (int64_t)(DENSE_BPS * exp(sim_rng_unit(&in->rng) * 3.5) * per_bps);
    int64_t s = side == SIM_BID ? top - far : top + far;
    set_level(in, f, side, s - s % in->far_stride);
}

void sim_maker_step(struct sim_inst *in, const struct sim_forces *f)
{
    struct sim_book *b = &in->book;
    double half = in->spread_bps * 5e-5 * (1 + .15 * (1 / f->depth - 1));
    int64_t bid = (int64_t)floor(in->ref_px * (1 - half) / in->slot_px);
    int64_t ask = (int64_t)ceil(in->ref_px * (1 + half) / in->slot_px);
    if (ask <= bid)
        ask = bid + 1;
    int64_t moved = sim_book_recentre(b, bid);
    sim_book_cancel_beyond(b, SIM_BID, bid);
    sim_book_cancel_beyond(b, SIM_ASK, ask);
    if (moved > 0)
        fill_range(in, f, b->hi - moved, b->hi);
    if (moved < 0)
        fill_range(in, f, b->lo, b->lo - moved);
    refill(in, f, SIM_BID, bid);
    refill(in, f, SIM_ASK, ask);
    renew(in, f, SIM_BID, bid);
    renew(in, f, SIM_ASK, ask);
    assert(b->best_bid < b->best_ask);
    in->mid_px = .5 * (sim_slot_px(in, b->best_bid) + sim_slot_px(in, b->best_ask));
}
