/* Storage of a book: the tick window around the mid and the sorted arrays beside it.
 * In: levels. Out: best, worst, walks. Owner: struct book. Both sides share one window, but have
 * their own quantities, so that a book that crosses for a moment loses nothing.
 * Surprising: moving the window is not a shift: all levels go to the sorted arrays, the window is
 * placed anew, and what lies within it is taken back. Rare (a quarter of the window of drift). */
#include "market/book_priv.h"

#include <assert.h>
#include <math.h>

#define DECIMALS_MAX 12
#define TICK_MAX                                                                                   \
    1125899906842624.0 /* 2^50: every k below has a double of its own, k / scale too               \
                        */
#define PX_MAX 1e15

static const double pow10_of[DECIMALS_MAX + 1] = {1e0, 1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                                  1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

void side_init(struct book_side *s, bool bid)
{
    s->bid = bid;
    s->cov_px = bid ? INFINITY : 0; /* nothing is covered */
    s->span_bps = 0;
    s->n_win = s->n_far = s->n_below = 0;
    s->best_word = bid ? -1 : BOOK_WORDS;
    if (s->bits)
        memset(s->bits, 0, BOOK_WORDS * sizeof s->bits[0]);
}

void book_clear(struct book *b)
{
    side_init(&b->bids, true);
    side_init(&b->asks, false);
    b->decimals = 0;
    b->scale = 1;
    b->base = 0;
    b->lo_px = b->hi_px = b->recentre_lo_px = b->recentre_hi_px = 0;
    b->best_bid = b->best_ask = (struct level){NAN, 0};
}

/* --- the sorted array ---------------------------------------------------------------------------
 */

/* First index whose price is not below px. */
static uint32_t far_find(const struct book_side *s, double px)
{
    uint32_t lo = 0, n = s->n_far;
    while (n > 0) {
        uint32_t half = n / 2;
        bool right = s->far[lo + half].px < px;
        lo = right ? lo + half + 1 : lo;
        n = right ? n - half - 1 : half;
    }
    return lo;
}

static void far_remove(const struct book *b, struct book_side *s, uint32_t i)
{
    s->n_below -= s->far[i].px < b->lo_px;
    s->n_far--;
    memmove(&s->far[i], &s->far[i + 1], (s->n_far - i) * sizeof s->far[0]);
}

static void far_insert(const struct book *b, struct book_side *s, uint32_t i, struct level l)
{
    assert(s->n_far <= b->max_levels);
    memmove(&s->far[i + 1], &s->far[i], (s->n_far - i) * sizeof s->far[0]);
    s->far[i] = l;
    s->n_far++;
    s->n_below += l.px < b->lo_px;
}

/* --- best and worst -----------------------------------------------------------------------------
 */

static void settle_best(struct book_side *s)
{
    if (s->bid)
        while (s->best_word >= 0 && s->bits[s->best_word] == 0)
            s->best_word--;
    else
        while (s->best_word < BOOK_WORDS && s->bits[s->best_word] == 0)
            s->best_word++;
}

void walk_start(struct side_walk *w, const struct book *b, bool bid)
{
    const struct book_side *s = bid ? &b->bids : &b->asks;
    *w = (struct side_walk){.b = b, .s = s, .far = bid ? (int32_t)s->n_far - 1 : 0};
    w->word = bid ? 0 : BOOK_WORDS - 1; /* an empty window ends at once */
    if (s->n_win) {
        w->word = s->best_word;
        w->bits = s->bits[w->word];
    }
}

static struct level best_of_side(const struct book *b, bool bid)
{
    struct side_walk w;
    struct level l;
    walk_start(&w, b, bid);
    return walk_next(&w, &l) ? l : (struct level){NAN, 0};
}

void book_find_best(struct book *b)
{
    b->best_bid = best_of_side(b, true);
    b->best_ask = best_of_side(b, false);
}

/* Tick of the worst level in the window, which is not empty. */
static int32_t window_worst(const struct book_side *s)
{
    int32_t w = s->bid ? 0 : BOOK_WORDS - 1;
    while (s->bits[w] == 0)
        w += s->bid ? 1 : -1;
    return w * 64 + (s->bid ? __builtin_ctzll(s->bits[w]) : 63 - __builtin_clzll(s->bits[w]));
}

bool side_worst(const struct book *b, const struct book_side *s, struct level *out)
{
    if (s->bid ? s->n_below > 0 : s->n_far > s->n_below)
        *out = s->far[s->bid ? 0 : s->n_far - 1];
    else if (s->n_win)
        *out = (struct level){tick_px(b, window_worst(s)), s->qty[window_worst(s)]};
    else if (s->n_far)
        *out = s->far[s->bid ? 0 : s->n_far - 1];
    else
        return false;
    return true;
}

static void window_remove(struct book_side *s, int32_t i)
{
    s->bits[i >> 6] &= ~(1ull << (i & 63));
    s->n_win--;
    settle_best(s);
}

void side_prune(const struct book *b, struct book_side *s, uint32_t n)
{
    while (s->n_win + s->n_far > n) {
        struct level gone, kept;
        if (!side_worst(b, s, &gone))
            return;
        if (s->bid ? s->n_below > 0 : s->n_far > s->n_below)
            far_remove(b, s, s->bid ? 0 : s->n_far - 1);
        else if (s->n_win)
            window_remove(s, window_worst(s));
        else
            far_remove(b, s, s->bid ? 0 : s->n_far - 1);
        bool was_covered = s->bid ? gone.px >= s->cov_px : gone.px <= s->cov_px;
        if (was_covered && side_worst(b, s, &kept))
            s->cov_px = kept.px;
    }
}

/* Drops worst levels beyond the limit; the covered band then ends at the worst level kept. */
static void evict(const struct book *b, struct book_side *s)
{
    side_prune(b, s, b->max_levels);
}

/* --- the window ---------------------------------------------------------------------------------
 */

static bool on_tick(const struct book *b, double px)
{
    double x = px * b->scale;
    return x < TICK_MAX && (double)(int64_t)(x + 0.5) / b->scale == px;
}

static bool more_decimals(struct book *b)
{
    if (b->decimals < 0 || b->decimals == DECIMALS_MAX)
        return false;
    b->scale = pow10_of[++b->decimals];
    return true;
}

/* These prices fit no window: the (empty) window is given up until the next snapshot. */
static void no_window(struct book *b)
{
    b->decimals = -1;
    b->lo_px = b->hi_px = 0;
    b->bids.n_below = b->asks.n_below = 0;
}

/* Centres the (empty) window on mid; n_below follows. */
static void set_window(struct book *b, double mid)
{
    double k = floor(mid * b->scale) - BOOK_TICKS / 2;
    b->base = k > TICK_MAX ? (int64_t)TICK_MAX : k > 1 ? (int64_t)k : 1; /* 0 is no price */
    b->lo_px = tick_px(b, 0);
    b->hi_px = tick_px(b, BOOK_TICKS);
    b->recentre_lo_px = b->base > 1 ? tick_px(b, BOOK_TICKS / 4) : 0;
    b->recentre_hi_px = tick_px(b, BOOK_TICKS * 3 / 4);
    b->bids.n_below = far_find(&b->bids, b->lo_px);
    b->asks.n_below = far_find(&b->asks, b->lo_px);
}

static bool all_on_tick(const struct book *b, const struct book_side *s)
{
    for (uint32_t i = s->n_below; i < s->n_far && s->far[i].px < b->hi_px; i++)
        if (!on_tick(b, s->far[i].px))
            return false;
    return true;
}

/* Takes the levels of the sorted array that lie in the window into it. */
static void pull(struct book *b, struct book_side *s)
{
    uint32_t from = s->n_below, to = far_find(s, b->hi_px);
    for (uint32_t i = from; i < to; i++) {
        int64_t k = (int64_t)(s->far[i].px * b->scale + 0.5) - b->base;
        s->bits[k >> 6] |= 1ull << (k & 63);
        s->qty[k] = s->far[i].qty;
    }
    s->n_win += to - from;
    memmove(&s->far[from], &s->far[to], (s->n_far - to) * sizeof s->far[0]);
    s->n_far -= to - from;
    s->best_word = s->bid ? BOOK_WORDS - 1 : 0;
    settle_best(s);
}

/* Puts the levels of the window back into the sorted array. */
static void push(struct book *b, struct book_side *s)
{
    evict(b, s);
    uint32_t i = s->n_below;
    memmove(&s->far[i + s->n_win], &s->far[i], (s->n_far - i) * sizeof s->far[0]);
    for (int32_t w = 0; w < BOOK_WORDS; w++) {
        for (uint64_t bits = s->bits[w]; bits; bits &= bits - 1) {
            int32_t k = w * 64 + __builtin_ctzll(bits);
            s->far[i++] = (struct level){tick_px(b, k), s->qty[k]};
        }
        s->bits[w] = 0;
    }
    s->n_far += s->n_win;
    s->n_win = 0;
    s->best_word = s->bid ? -1 : BOOK_WORDS;
}

static void push_both(struct book *b)
{
    if (b->bids.n_win)
        push(b, &b->bids);
    if (b->asks.n_win)
        push(b, &b->asks);
}

/* Places the window around mid with as many decimals as the prices in it need. */
static void move_window(struct book *b, double mid)
{
    push_both(b);
    do {
        set_window(b, mid);
        if (b->base + BOOK_TICKS < (int64_t)TICK_MAX && all_on_tick(b, &b->bids) &&
            all_on_tick(b, &b->asks)) {
            pull(b, &b->bids);
            pull(b, &b->asks);
            return;
        }
    } while (more_decimals(b));
    no_window(b);
}

/* The middle of two prices, or the one that is there; NAN when none is. */
static double middle(double bid, double ask)
{
    return isnan(bid) ? ask : isnan(ask) ? bid : (bid + ask) / 2;
}

void book_recentre(struct book *b)
{
    double mid = middle(b->best_bid.px, b->best_ask.px);
    if (b->bids.bits && b->decimals >= 0 && (mid < b->recentre_lo_px || mid >= b->recentre_hi_px))
        move_window(b, mid);
}

static bool usable(const struct level *l)
{
    return l->px > 0 && l->px <= PX_MAX && l->qty >= 0 && l->qty <= PX_MAX;
}

/* Best usable price with a quantity among the levels of a text, in any order; NAN when none. */
static double best_of(const struct level *l, uint32_t n, bool bid)
{
    double best = NAN;
    for (uint32_t i = 0; i < n; i++)
        if (usable(&l[i]) && l[i].qty > 0 && !(bid ? l[i].px <= best : l[i].px >= best))
            best = l[i].px;
    return best;
}

void book_place(struct book *b, const struct ev_book *e)
{
    double mid = middle(best_of(e->bids, e->n_bids, true), best_of(e->asks, e->n_asks, false));
    if (!b->bids.bits || isnan(mid))
        return;
    const struct level *const l[2] = {e->bids, e->asks};
    const uint32_t n[2] = {e->n_bids, e->n_asks};
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; i < n[s]; i++)
            while (usable(&l[s][i]) && !on_tick(b, l[s][i].px))
                if (!more_decimals(b)) {
                    no_window(b);
                    return;
                }
    move_window(b, mid);
}

/* --- levels -------------------------------------------------------------------------------------
 */

static void put_far(struct book *b, struct book_side *s, struct level l)
{
    uint32_t i = far_find(s, l.px);
    bool known = i < s->n_far && s->far[i].px == l.px;
    if (known && l.qty > 0)
        s->far[i].qty = l.qty;
    else if (known)
        far_remove(b, s, i);
    else if (l.qty > 0) {
        far_insert(b, s, i, l);
        evict(b, s);
    }
}

/* One level that is not simply a tick of the window: outside it, or between its ticks. */
static int put_slow(struct book *b, struct book_side *s, struct level l)
{
    if (!usable(&l))
        return E_RANGE;
    settle_best(s);
    while (l.px >= b->lo_px && l.px < b->hi_px && !on_tick(b, l.px)) {
        double mid = tick_px(b, BOOK_TICKS / 2);
        if (more_decimals(b)) {
            move_window(b, mid);
        } else {
            push_both(b);
            no_window(b);
        }
    }
    if (l.px >= b->lo_px && l.px < b->hi_px)
        return book_put(b, s, &l, 1);
    put_far(b, s, l);
    return 0;
}

/* Stores levels that are ticks of the window; stops at the first that is not. The two flags of a
 * level (there already, has a quantity) are arithmetic, not branches: they are coin tosses. */
static inline uint32_t put_ticks(const struct book *b, struct book_side *s, const struct level *l,
                                 uint32_t n, bool bid)
{
    const double lo = b->lo_px, hi = b->hi_px, scale = b->scale;
    const int64_t base = b->base;
    uint64_t *const bits = s->bits;
    double *const qty = s->qty;
    uint32_t j, n_win = s->n_win;
    int32_t best = s->best_word;
    for (j = 0; j < n; j++) {
        double px = l[j].px, q = l[j].qty;
        if (!(px >= lo && px < hi && q >= 0 && q <= PX_MAX))
            break;
        int64_t k = (int64_t)(px * scale + 0.5), i = k - base;
        if ((double)k / scale != px)
            break;
        int32_t word = (int32_t)(i >> 6);
        uint64_t full = q > 0, was = bits[word];
        bits[word] = (was & ~(1ull << (i & 63))) | full << (i & 63);
        qty[i] = q;
        n_win += (uint32_t)full - (uint32_t)(was >> (i & 63) & 1);
        int32_t word_if = full ? word : best;
        best = bid ? (word_if > best ? word_if : best) : (word_if < best ? word_if : best);
    }
    s->n_win = n_win;
    s->best_word = best;
    return j;
}

int book_put(struct book *b, struct book_side *s, const struct level *l, uint32_t n)
{
    uint32_t j = 0;
    while (j < n) {
        j += s->bid ? put_ticks(b, s, l + j, n - j, true) : put_ticks(b, s, l + j, n - j, false);
        if (j < n) {
            int err = put_slow(b, s, l[j++]);
            if (err < 0)
                return err;
        }
    }
    settle_best(s);
    evict(b, s);
    return 0;
}

/* --- sums ---------------------------------------------------------------------------------------
 */

int32_t book_tick_from(const struct book *b, double px)
{
    if (!(px > b->lo_px))
        return 0;
    if (px >= b->hi_px)
        return BOOK_TICKS;
    int64_t i = (int64_t)(px * b->scale) - b->base; /* within one of it */
    i = i > 0 ? i - 1 : 0;
    while (i < BOOK_TICKS && tick_px(b, i) < px)
        i++;
    return (int32_t)i;
}

struct side_sum side_sum(const struct book *b, const struct book_side *s, double lo, double hi)
{
    struct side_sum sum = {0, 0};
    double qty = 0, qty_tick = 0; /* of the window: ticks are whole numbers, divided once */
    int32_t from = book_tick_from(b, lo), to = book_tick_from(b, hi);
    for (int32_t w = from >> 6; s->n_win && w <= (to - 1) >> 6 && from < to; w++) {
        uint64_t bits = s->bits[w];
        bits &= w == from >> 6 ? book_bits_from(from) : ~0ull;
        bits &= w == to >> 6 ? ~book_bits_from(to) : ~0ull;
        for (; bits; bits &= bits - 1) {
            int32_t i = w * 64 + __builtin_ctzll(bits);
            qty += s->qty[i];
            qty_tick += s->qty[i] * (double)(b->base + i);
        }
    }
    for (uint32_t i = far_find(s, lo); i < s->n_far && s->far[i].px < hi; i++) {
        sum.qty += s->far[i].qty;
        sum.qty_px += s->far[i].qty * s->far[i].px;
    }
    sum.qty += qty;
    sum.qty_px += qty_tick / b->scale;
    return sum;
}
