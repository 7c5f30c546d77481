/* What the files of the book share: its storage. Private to lib/market/book*.c.
 * A side is a window of price ticks around the mid (quantity per tick, one bit per occupied tick:
 * an update there is a store, without search and almost without branches) plus one sorted array for
 * levels outside the window. A price in the window is k / 10^decimals with k and 10^decimals exact
 * integers, so the division gives back the very double that the venue's decimal text parses to. A
 * price that is no multiple raises decimals; a book whose prices never fit lives in the arrays. */
#ifndef MARKET_BOOK_PRIV_H
#define MARKET_BOOK_PRIV_H

#include "market/book.h"

#define BOOK_TICKS     8192 /* of the window, of both sides together */
#define BOOK_WORDS     (BOOK_TICKS / 64)
#define BOOK_NO_WINDOW 64 /* books of at most so many levels have none */
#define BOOK_WHOLE_N   20 /* a side with fewer levels is whole when the venue names no cap */

struct book_side {
    bool bid;
    double cov_px;     /* worst covered price; 0 (bids) or INFINITY (asks) = the whole side */
    double span_bps;   /* covered band when the last snapshot came */
    uint32_t n_win;    /* levels in the window */
    int32_t best_word; /* of bits; settled after each message; -1 or BOOK_WORDS when empty */
    uint64_t *bits;    /* BOOK_WORDS, or NULL: no window */
    double *qty;       /* BOOK_TICKS; meaningful where a bit is set */
    uint32_t n_far;    /* sorted by price, ascending */
    uint32_t n_below;  /* of them below the window */
    struct level *far;
};

struct book_pending {
    int64_t first, last, prev;
    uint32_t at, n_bids, n_asks; /* in the level pool */
};

struct book {
    enum book_state state;
    bool bridging; /* live, but the first delta after the snapshot has not come yet */
    bool refresh;  /* live, but the covered band has become narrow */
    int64_t seq, t_us;
    uint32_t max_levels;
    uint32_t window; /* of the stream that feeds it, see ev_book; 0 none */
    /* the window: prices [lo_px, hi_px), tick of price k / scale is k - base; empty = lo_px ==
     * hi_px */
    int decimals; /* -1: no window fits these prices */
    double scale, lo_px, hi_px;
    double recentre_lo_px, recentre_hi_px; /* a mid outside these moves the window */
    int64_t base;
    struct book_side bids, asks;
    struct level best_bid, best_ask; /* as of the last message; px NAN = that side is empty */
    /* deltas that wait for the snapshot */
    uint32_t max_pending, n_pending, max_pool, n_pool;
    int64_t t_pending_us;
    struct book_pending *pending;
    struct level *pool;
};

/* Storage (book_side.c). Levels: 0, or E_RANGE for an unusable number. */
void side_init(struct book_side *s, bool bid);
void book_clear(struct book *b);
int book_put(struct book *b, struct book_side *s, const struct level *l, uint32_t n) MUST_CHECK;
/* Prepares an empty book's window for the levels of a snapshot. */
void book_place(struct book *b, const struct ev_book *e);
/* After a message: moves the window when the mid has left its middle. */
void book_recentre(struct book *b);
void book_find_best(struct book *b);
/* Keeps the best n levels of a side. */
void side_prune(const struct book *b, struct book_side *s, uint32_t n);
bool side_worst(const struct book *b, const struct book_side *s, struct level *out);

/* Sums over the levels of a side with lo <= px < hi. */
struct side_sum {
    double qty, qty_px;
};
struct side_sum side_sum(const struct book *b, const struct book_side *s, double lo, double hi);

/* First tick of the window at or above px; BOOK_TICKS when none is. */
int32_t book_tick_from(const struct book *b, double px);
/* Of the bits of a tick's word, its own and those above. */
static inline uint64_t book_bits_from(int32_t i)
{
    return ~0ull << (i & 63);
}

/* Walks a side from its best level. */
struct side_walk {
    const struct book *b;
    const struct book_side *s;
    int phase; /* 0 better than the window, 1 window, 2 worse */
    int32_t far, word;
    uint64_t bits;
};
void walk_start(struct side_walk *w, const struct book *b, bool bid);

static inline double tick_px(const struct book *b, int64_t i)
{
    return (double)(b->base + i) / b->scale;
}

/* The next level of the sorted array: of its part above the window, or below it. */
static inline bool walk_far(struct side_walk *w, struct level *out)
{
    bool above = w->s->bid == (w->phase == 0);
    int32_t below = (int32_t)w->s->n_below;
    if (w->far < (above ? below : 0) || w->far >= (above ? (int32_t)w->s->n_far : below))
        return false;
    *out = w->s->far[w->far];
    w->far += w->s->bid ? -1 : 1;
    return true;
}

static inline bool walk_window(struct side_walk *w, struct level *out)
{
    while (w->bits == 0) {
        w->word += w->s->bid ? -1 : 1;
        if (w->word < 0 || w->word >= BOOK_WORDS)
            return false;
        w->bits = w->s->bits[w->word];
    }
    int bit = w->s->bid ? 63 - __builtin_clzll(w->bits) : __builtin_ctzll(w->bits);
    int32_t tick = w->word * 64 + bit;
    w->bits &= ~(1ull << bit);
    *out = (struct level){tick_px(w->b, tick), w->s->qty[tick]};
    return true;
}

static inline bool walk_next(struct side_walk *w, struct level *out)
{
    if (w->phase == 0) {
        if (walk_far(w, out))
            return true;
        w->phase = 1;
    }
    if (w->phase == 1) {
        if (walk_window(w, out))
            return true;
        w->phase = 2;
        w->far = (int32_t)w->s->n_below - w->s->bid;
    }
    return walk_far(w, out);
}

#endif
