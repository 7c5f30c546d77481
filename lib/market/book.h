/* One order book: price -> quantity on two sides, with the venue's sequence rules as policy. A
 * wrong book is worse than none: after a gap it says unknown until a snapshot heals it. Deltas that
 * arrive while the snapshot is awaited are buffered (bounded). All memory is taken at book_new. */
#ifndef MARKET_BOOK_H
#define MARKET_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "facts/event.h"

enum book_state {
    BOOK_EMPTY,   /* nothing said yet */
    BOOK_WAITING, /* deltas are buffered, a snapshot is wanted */
    BOOK_LIVE,
    BOOK_GAP /* sequence broke: wants a snapshot, reads unknown */
};

/* A live book with sequences also wants a snapshot when the mid has drifted so far that less than
 * half of what the last snapshot spanned, and less than 100 bps, is still covered: it stays live
 * meanwhile, and its deltas are applied and buffered, so that the refresh leaves no hole.
 *
 * Covered band of a side: to the worst price of the last snapshot, because levels beyond are known
 * only once touched; everything when that side was not full (fewer levels than ev_book.cap, or than
 * 20 when the venue names no cap). Levels outside are kept, but never counted in depth. */
struct book;

/* max_levels per side kept (a level beyond is dropped from the far end, and the covered band
 * shrinks); max_pending deltas buffered. NULL when out of memory. */
struct book *book_new(uint32_t max_levels, uint32_t max_pending);
void book_free(struct book *b);
void book_reset(struct book *b); /* back to BOOK_EMPTY: link lost, unsubscribed */

/* Applies a snapshot or delta. 0 applied (or buffered, or harmlessly old), E_GAP when the sequence
 * broke just now, E_LIMIT when the buffer overflowed (then BOOK_GAP), E_RANGE for a level with a
 * negative or non-finite number (the book is then BOOK_GAP), E_STALE for a snapshot too old to be
 * used, E_MISSING for a delta without any sequence. A gap stays BOOK_GAP, buffering, until a
 * snapshot heals it. A sequence that restarts lower is a gap once nothing followed for 5 s. Rules:
 *   with seq_prev  (Binance): a delta must have seq_prev == last seq_last; a snapshot seq_last = S
 *                  keeps buffered deltas with seq_last >= S; the first must have seq_first <= S, or
 *                  seq_prev == S; if the oldest usable one starts later, the snapshot was too old:
 *                  still waiting, another is wanted; without any seq_first (OKX) the first
 *                  must have seq_prev <= S. A live book takes a delta whose seq_prev is
 *                  the last seq_last even when its own seq_last is the same (OKX says so each quiet
 *                  minute) or lower (OKX in maintenance), and goes on from there;
 *   without any seq (Hyperliquid): every message is a snapshot;
 *   with a window  (Bybit): a snapshot replaces the book whatever its sequence, the next delta must
 *                  follow it exactly. After each message levels beyond the window are dropped, and
 *                  a side that fills it is covered to its worst level, one that does not is whole.
 *                  No refresh is wanted: another snapshot would tell the same levels. A snapshot
 *                  without a window (REST, after a gap) is joined as above. */
int book_apply(struct book *b, const struct ev_book *e, int64_t t_us) MUST_CHECK;

enum book_state book_state(const struct book *b);
int64_t book_seq(const struct book *b);  /* seq_last of the last applied message; -1 none */
int64_t book_time(const struct book *b); /* when it was last applied; 0 never */
bool book_wants_snapshot(const struct book *b);

/* Best level of a side; false when unknown or empty. */
bool book_best(const struct book *b, bool bid, struct level *out);
uint32_t book_levels(const struct book *b, bool bid, struct level *out,
                     uint32_t max); /* best first */

/* Everything liquidity metrics need, in one walk. Quantities in the book's own unit; usd_per: how
 * to value a level: notional = qty * ct_size * px (linear) or qty * ct_size (inverse, USD
 * contracts). */
#define BOOK_BANDS 3
struct book_depth {
    double bid_px, ask_px, mid, spread_bps;
    double bid_usd[BOOK_BANDS],
        ask_usd[BOOK_BANDS];          /* within 10, 50, 100 bps of mid; NAN off grid */
    double cov_bid_bps, cov_ask_bps;  /* covered band of each side; 10,000 = the whole side */
    double slip_1m_bps, slip_10m_bps; /* cost of selling 1 and 10 million USD at market against mid;
                                         NAN when the covered band ends before */
    uint8_t slip_reason;              /* 0, or 1 = off grid, 2 = empty book */
};
/* 0, E_MISSING when unknown (gap, waiting), E_RANGE when a side is empty or the sides cross.
 * A bid is within a band when px >= mid - mid * bps / 1e4, an ask when px <= mid + mid * bps / 1e4;
 * the band is known when the covered price reaches that limit. Slippage: the position is usd / mid
 * units (inverse: usd / ct_size contracts), cost = (mid - average price) / mid. */
int book_depth(const struct book *b, double ct_size, bool inverse,
               struct book_depth *out) MUST_CHECK;

/* The same against another mid: a coarser view of the same book is measured from the finest one's.
 */
int book_depth_from(const struct book *b, double mid, double ct_size, bool inverse,
                    struct book_depth *out) MUST_CHECK;
struct book_value { /* of quantities: notional and the unit a position is counted in */
    double ct_size;
    bool inverse;
};
/* Where the levels of a side go: distances from a mid that need not be the book's own. */
struct book_cells {
    double mid;
    const double *edge; /* n + 1 rising fractions of mid, edge[0] = 0 */
    int n;
    struct book_value v;
    double from;    /* levels within this distance were counted already, in a finer view ... */
    double counted; /* ... and so were so many coins: a coarse level that spans the limit is not
                       counted twice */
    int used;       /* in, out: the first so many cells may hold something */
};
/* Adds each covered level beyond c->from to its cell: coins of the instrument, for inverse
 * contracts the coins they are worth at the level's own price. Returns the covered distance,
 * <= 1; c->from when the book is unknown or covers no more. */
double book_add_cells(const struct book *b, bool bid, struct book_cells *c, double *base);
/* Cost of selling usd at market against mid, bps; NAN with *reason 1 (off grid) or 2 (empty). */
double book_slip_bps(const struct book *b, double mid, struct book_value v, double usd,
                     uint8_t *reason);

#endif
