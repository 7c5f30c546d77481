/* The book's life: states, the venue's sequence rules, deltas that wait for a snapshot.
 * In: snapshots and deltas. Out: state, best levels. Owner: a slot of the market.
 * Surprising: a live book may want a snapshot too (its covered band has become narrow); it then
 * goes on, and the snapshot is joined with the deltas buffered since. */
#include "market/book.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "market/book_priv.h"

#define POOL_PER_DELTA 32
#define RESTART_US     5000000 /* nothing followed for so long: lower numbers are a new sequence */
#define REFRESH_BPS    100     /* a band at least as wide as the outermost depth band is enough */

/* --- memory -------------------------------------------------------------------------------------
 */

static bool side_new(struct book_side *s, uint32_t max_levels)
{
    s->far = calloc(max_levels + 1, sizeof *s->far);
    if (max_levels <= BOOK_NO_WINDOW)
        return s->far;
    s->bits = calloc(BOOK_WORDS, sizeof *s->bits);
    s->qty = calloc(BOOK_TICKS, sizeof *s->qty);
    return s->far && s->bits && s->qty;
}

struct book *book_new(uint32_t max_levels, uint32_t max_pending)
{
    assert(max_levels > 0);
    struct book *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->max_levels = max_levels;
    b->max_pending = max_pending;
    b->max_pool = max_pending * POOL_PER_DELTA;
    bool ok = side_new(&b->bids, max_levels) && side_new(&b->asks, max_levels);
    if (max_pending) {
        b->pending = calloc(max_pending, sizeof *b->pending);
        b->pool = calloc(b->max_pool, sizeof *b->pool);
        ok = ok && b->pending && b->pool;
    }
    if (!ok) {
        book_free(b);
        return NULL;
    }
    book_reset(b);
    return b;
}

void book_free(struct book *b)
{
    if (!b)
        return;
    struct book_side *const sides[2] = {&b->bids, &b->asks};
    for (int i = 0; i < 2; i++) {
        free(sides[i]->far);
        free(sides[i]->bits);
        free(sides[i]->qty);
    }
    free(b->pending);
    free(b->pool);
    free(b);
}

void book_reset(struct book *b)
{
    b->state = BOOK_EMPTY;
    b->bridging = b->refresh = false;
    b->seq = -1;
    b->t_us = 0;
    b->window = 0;
    b->n_pending = b->n_pool = 0;
    book_clear(b);
}

/* --- deltas that wait ---------------------------------------------------------------------------
 */

static void pending_clear(struct book *b)
{
    b->n_pending = b->n_pool = 0;
}

static int gap(struct book *b, int err)
{
    b->state = BOOK_GAP;
    b->bridging = b->refresh = false;
    pending_clear(b);
    return err;
}

/* Does a message follow one that ended with seq? */
static bool follows(int64_t first, int64_t prev, int64_t seq)
{
    return prev >= 0 ? prev == seq : first == seq + 1;
}

/* Does a delta join a snapshot of seq? (It is not older: last >= seq.) It tells all that changed
 * after prev, so a prev that the snapshot holds is enough, where there is no first (OKX). */
static bool joins(int64_t first, int64_t prev, int64_t seq)
{
    if (first >= 0)
        return first <= seq || follows(first, prev, seq);
    return prev >= 0 ? prev <= seq : true;
}

static uint32_t pool_add(struct book *b, const struct level *l, uint32_t n)
{
    if (n)
        memcpy(&b->pool[b->n_pool], l, n * sizeof *l);
    b->n_pool += n;
    return n;
}

/* Keeps a delta for the snapshot to come. A buffer with a hole is of no use before the hole. */
static int buffer(struct book *b, const struct ev_book *e, int64_t t_us)
{
    if (b->n_pending) {
        int64_t seq = b->pending[b->n_pending - 1].last;
        if (e->seq_last <= seq && t_us - b->t_pending_us < RESTART_US)
            return 0;
        if (!follows(e->seq_first, e->seq_prev, seq))
            pending_clear(b);
    }
    uint64_t n = (uint64_t)e->n_bids + e->n_asks;
    int err = 0;
    if (b->n_pending == b->max_pending || b->n_pool + n > b->max_pool) {
        pending_clear(b);
        err = E_LIMIT;
    }
    if (b->max_pending == 0 || n > b->max_pool)
        return err;
    struct book_pending *p = &b->pending[b->n_pending++];
    *p = (struct book_pending){e->seq_first, e->seq_last, e->seq_prev, b->n_pool, 0, 0};
    p->n_bids = pool_add(b, e->bids, e->n_bids);
    p->n_asks = pool_add(b, e->asks, e->n_asks);
    b->t_pending_us = t_us;
    return err;
}

/* --- the covered band ---------------------------------------------------------------------------
 */

/* Covered band of a side in bps of mid, 0..10,000. */
static double covered_bps(const struct book_side *s, double mid)
{
    double bps = (s->bid ? mid - s->cov_px : s->cov_px - mid) / mid * 1e4;
    return bps < 0 ? 0 : bps < 1e4 ? bps : 1e4;
}

/* NAN when a side is empty. */
static double own_mid(const struct book *b)
{
    return (b->best_bid.px + b->best_ask.px) / 2;
}

static void cover(const struct book *b, struct book_side *s, uint32_t n_said, uint32_t cap)
{
    struct level worst;
    bool whole = n_said < (cap ? cap : BOOK_WHOLE_N) && n_said <= b->max_levels;
    s->cov_px = s->bid ? 0 : INFINITY;
    if (!whole && side_worst(b, s, &worst))
        s->cov_px = worst.px;
}

/* Has a side lost half of what its snapshot spanned, and what depth needs? */
static void judge_band(struct book *b)
{
    const struct book_side *const sides[2] = {&b->bids, &b->asks};
    double mid = own_mid(b);
    if (b->refresh || b->window || b->seq < 0 || isnan(mid))
        return;
    for (int i = 0; i < 2; i++) {
        double now = covered_bps(sides[i], mid);
        if (now < sides[i]->span_bps / 2 && now < REFRESH_BPS)
            b->refresh = true;
    }
}

/* --- applying -----------------------------------------------------------------------------------
 */

static int put_delta(struct book *b, const struct level *bids, uint32_t n_bids,
                     const struct level *asks, uint32_t n_asks)
{
    int err = book_put(b, &b->bids, bids, n_bids);
    if (err == 0)
        err = book_put(b, &b->asks, asks, n_asks);
    book_find_best(b);
    return err;
}

/* The stream tells of the best levels only: what fell out of its window is not told any more. A
 * book that keeps fewer than the window goes by its own limit. */
static void roll(struct book *b, struct book_side *s)
{
    if (b->window == 0 || b->window > b->max_levels)
        return;
    side_prune(b, s, b->window);
    cover(b, s, s->n_win + s->n_far, b->window);
}

static void applied(struct book *b, int64_t seq, int64_t t_us)
{
    roll(b, &b->bids);
    roll(b, &b->asks);
    b->seq = seq;
    b->t_us = t_us;
    book_recentre(b);
}

/* Replaces the levels by those of a snapshot. */
static int load(struct book *b, const struct ev_book *e, int64_t t_us)
{
    book_clear(b);
    book_place(b, e);
    int err = put_delta(b, e->bids, e->n_bids, e->asks, e->n_asks);
    if (err < 0)
        return gap(b, err);
    cover(b, &b->bids, e->n_bids, e->cap);
    cover(b, &b->asks, e->n_asks, e->cap);
    double mid = own_mid(b);
    if (!isnan(mid)) {
        b->bids.span_bps = covered_bps(&b->bids, mid);
        b->asks.span_bps = covered_bps(&b->asks, mid);
    }
    b->state = BOOK_LIVE;
    b->refresh = false;
    b->bridging = e->seq_last >= 0;
    applied(b, e->seq_last, t_us);
    return 0;
}

static int replay(struct book *b, uint32_t from, int64_t t_us)
{
    for (uint32_t i = from; i < b->n_pending; i++) {
        const struct book_pending *p = &b->pending[i];
        const struct level *l = &b->pool[p->at];
        int err = put_delta(b, l, p->n_bids, l + p->n_bids, p->n_asks);
        if (err < 0)
            return gap(b, err);
        b->bridging = false;
        applied(b, p->last, t_us);
    }
    pending_clear(b);
    return 0;
}

/* A snapshot of the stream itself: what follows it is the next message. */
static int restart(struct book *b, const struct ev_book *e, int64_t t_us)
{
    pending_clear(b);
    int err = load(b, e, t_us);
    if (err == 0)
        b->bridging = false;
    return err;
}

static int apply_snapshot(struct book *b, const struct ev_book *e, int64_t t_us)
{
    uint32_t i = 0;
    if (e->window)
        return restart(b, e, t_us);
    while (i < b->n_pending && b->pending[i].last < e->seq_last)
        i++;
    bool none = i == b->n_pending || e->seq_last < 0;
    if (none && b->state == BOOK_LIVE && e->seq_last < b->seq)
        return E_STALE;
    if (!none && !joins(b->pending[i].first, b->pending[i].prev, e->seq_last))
        return E_STALE;
    int err = load(b, e, t_us);
    if (err == 0)
        err = replay(b, none ? b->n_pending : i, t_us);
    if (err == 0)
        judge_band(b);
    return err;
}

static int apply_live(struct book *b, const struct ev_book *e, int64_t t_us)
{
    bool linked = e->seq_prev >= 0 && e->seq_prev == b->seq; /* next, whatever its own number */
    bool old = !linked && (b->bridging ? e->seq_last < b->seq : e->seq_last <= b->seq);
    bool next = follows(e->seq_first, e->seq_prev, b->seq);
    if (b->bridging)
        next = joins(e->seq_first, e->seq_prev, b->seq);
    if (old && t_us - b->t_us < RESTART_US)
        return 0;
    if (old || !next) {
        int err = gap(b, E_GAP);
        (void)!buffer(b, e, t_us); /* too long for the buffer: the next one begins it */
        return err;
    }
    if (b->refresh)
        (void)!buffer(b, e, t_us); /* an overflow only restarts the buffer */
    int err = put_delta(b, e->bids, e->n_bids, e->asks, e->n_asks);
    if (err < 0)
        return gap(b, err);
    b->bridging = false;
    applied(b, e->seq_last, t_us);
    judge_band(b);
    return 0;
}

int book_apply(struct book *b, const struct ev_book *e, int64_t t_us)
{
    if (e->window)
        b->window = e->window;
    if (e->snapshot)
        return apply_snapshot(b, e, t_us);
    if (e->seq_last < 0)
        return E_MISSING;
    if (b->state == BOOK_LIVE)
        return apply_live(b, e, t_us);
    if (b->state == BOOK_EMPTY)
        b->state = BOOK_WAITING;
    int err = buffer(b, e, t_us);
    if (err < 0)
        b->state = BOOK_GAP;
    return err;
}

/* --- reading ------------------------------------------------------------------------------------
 */

enum book_state book_state(const struct book *b)
{
    return b->state;
}

int64_t book_seq(const struct book *b)
{
    return b->seq;
}

int64_t book_time(const struct book *b)
{
    return b->t_us;
}

bool book_wants_snapshot(const struct book *b)
{
    return b->state == BOOK_WAITING || b->state == BOOK_GAP || b->refresh;
}

bool book_best(const struct book *b, bool bid, struct level *out)
{
    const struct level *best = bid ? &b->best_bid : &b->best_ask;
    if (b->state != BOOK_LIVE || isnan(best->px))
        return false;
    *out = *best;
    return true;
}

uint32_t book_levels(const struct book *b, bool bid, struct level *out, uint32_t max)
{
    struct side_walk w;
    uint32_t n = 0;
    if (b->state != BOOK_LIVE)
        return 0;
    walk_start(&w, b, bid);
    while (n < max && walk_next(&w, &out[n]))
        n++;
    return n;
}
