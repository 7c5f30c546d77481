/* Liveness per venue, channel and instrument: the only unit that proves data arrives. Links, acks
 * and data mark it; the tick judges it. It also opens and closes gaps. */
#ifndef MARKET_LIVE_H
#define MARKET_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "facts/directory.h"
#include "facts/want.h"
#include "market/rate.h"

enum live_state {
    LIVE_DOWN,    /* no link */
    LIVE_WAITING, /* link up, no datum yet, still within first_s */
    LIVE_OK,
    LIVE_SILENT,  /* over its limit */
    LIVE_REFUSED, /* the venue refused the subscription */
    LIVE_STATES
};

struct live_row {
    uint8_t venue, channel, conn; /* conn: CONN_SLOT with ab = 0, or CONN_REST */
    uint8_t state, renew, poll_fails;
    uint16_t renew_n;
    bool used, acked, gap_open, sparse;
    uint8_t gap_cause; /* of the open gap */
    bool seq_gap;      /* the book fed by it lost its sequence: a gap of its own, t_seq_us */
    uint32_t inst;     /* INST_NONE = whole venue */
    uint16_t first_s, silent_s, period_s;
    int64_t t_wanted_us; /* row created */
    int64_t t_up_us;     /* link up, or wanted if later; 0 = link down */
    int64_t t_first_us;  /* first datum of this link; 0 none */
    int64_t t_last_us;   /* last datum ever; 0 never */
    int64_t t_renew_us;  /* last renew asked */
    int64_t t_gap_us;    /* start of the open gap */
    int64_t t_seq_us;    /* start of the open sequence gap */
    int64_t t_acked_us;  /* the ack that holds, while nothing was ever heard; 0 = none */
    int64_t unheard_us;  /* acked without a datum before that: over reconnects */
    struct rate rate;    /* of pushed rows; judged by live_tick */
    uint64_t n_data, n_gaps;
};

enum gap_cause {
    GAP_LINK_DOWN,
    GAP_SILENT,
    GAP_SEQUENCE,
    GAP_REFUSED,
    GAP_POLL_FAILED,
    GAP_UNWANTED,
    GAP_STORE,
    GAP_CAUSES
};
const char *gap_cause_name(enum gap_cause c);
const char *live_state_name(enum live_state s);

struct gap { /* t_to_us 0 = it has just begun */
    int64_t t_from_us, t_to_us;
    uint8_t venue, channel, cause;
    uint32_t inst;
};

#define LIVE_MAX 4096

typedef void live_gap_fn(void *arg, const struct gap *g);

struct live;
struct live *live_new(live_gap_fn *on_gap, void *arg); /* NULL when out of memory */
void live_free(struct live *l);

/* Rows. live_want creates a row, or finds it and takes over init's limits and conn; 0 or E_LIMIT.
 * live_unwant frees, closing open gaps. Of init only venue, channel, conn, inst, first_s, silent_s,
 * period_s and sparse are read. */
int live_want(struct live *l, const struct live_row *init, int64_t now_us) MUST_CHECK;
void live_unwant(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
const struct live_row *live_find(const struct live *l, uint8_t venue, uint8_t channel,
                                 uint32_t inst);
int live_count(const struct live *l);                        /* upper bound for live_at */
const struct live_row *live_at(const struct live *l, int i); /* NULL for a free row */

/* What happened. conn with its A/B bit: a route+shard is up while either is up. */
void live_link(struct live *l, uint8_t venue, uint8_t conn, bool up, int64_t now_us);
bool live_conn_up(const struct live *l, uint8_t venue, uint8_t conn);
void live_acked(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
void live_refused(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
/* The subscription was sent only now (messages are rationed): its wait for a first datum starts
 * here, not at the link. Not after a renewal, whose clock is running. */
void live_sent(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
/* A datum: O(1), called for each event. It also proves the link, when nobody said it was up (a tape
 * made of a capture has no links). */
void live_data(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
void live_poll_failed(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst,
                      int64_t now_us);

/* The sequence of the book that this row feeds broke, or was healed. Data go on
 * arriving meanwhile, so it is a gap beside the row's own. No row, or no change: nothing happens.
 */
void live_broken(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);
void live_healed(struct live *l, uint8_t venue, uint8_t channel, uint32_t inst, int64_t now_us);

/* How long the subscription of a row has been acknowledged without one datum ever, links that were
 * down not counted; 0 once it has spoken. The limit for it is first_s, of sparse rows too. */
int64_t live_unheard_us(const struct live_row *r, int64_t now_us);

/* Longest silence a row is allowed now; 0 = none (sparse). Polls: at least three periods. */
int64_t live_limit_us(const struct live_row *r);

/* Judges every row: states, gaps, renew (subscribe at the limit, connect at 2x, again each 4x).
 * Limits: first_s until the first datum of a link, then silent_s; a poll (CONN_REST) max(3 periods,
 * 15 s, its own); 0 or sparse = none: such a row is OK from its ack on, and never silent.
 * Gaps: silence opens one at the last datum, a lost link when it was lost, a link that never came
 * up at t_wanted after first_s (10 s at least). The next datum closes it; for a sparse row, the
 * ack. */
void live_tick(struct live *l, int64_t now_us);

#endif
