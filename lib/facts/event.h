/* struct event: one fact, as told by one venue. Adapters fill it, market_apply reads it.
 * Conventions
 *  - NAN in a number = the venue did not say. A bit in `none` = the venue said there is none (null,
 *    or "" where the exchange documents that): the two are different and stay different.
 *  - Texts are borrowed from the message (or from the directory); they live until the next parse.
 *  - Quantities are in the venue's own unit (`unit`), never converted by the adapter. */
#ifndef FACTS_EVENT_H
#define FACTS_EVENT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "facts/tiers.h"

enum event_kind {
    EV_MARK,
    EV_INDEX,
    EV_FUNDING,
    EV_OI,
    EV_LIQ,
    EV_TRADE,
    EV_QUOTE,
    EV_BOOK,
    EV_SPEC,
    EV_FUND,
    EV_STAT,
    EV_CONTROL,
    EV_KINDS
};

enum qty_unit { QTY_UNSAID, QTY_CT, QTY_BASE, QTY_USD }; /* contracts, base coin, US dollars */
enum pos_side { POS_LONG, POS_SHORT };                   /* the position that was closed */
enum px_kind { PX_LIMIT, PX_BANKRUPTCY, PX_TAKEOVER, PX_FILL }; /* what a liquidation's px means */
enum coverage { COVER_COMPLETE, COVER_SAMPLED, COVER_PARTIAL }; /* of a liquidation feed */
enum inst_status { INST_UNSAID, INST_TRADING, INST_PRE, INST_HALTED, INST_SETTLING, INST_DELISTED };
enum inst_category {
    CAT_UNSAID,
    CAT_PERP,    /* crypto perpetual */
    CAT_TRADFI,  /* tokenised stock, metal, oil */
    CAT_DATED,   /* has a delivery date */
    CAT_BUILDER, /* Hyperliquid HIP-3 dex */
    CAT_INDEX,   /* perpetual on a basket or dominance index */
    CAT_OTHER
};
enum stat_what { STAT_VOLUME_24H_USD, STAT_VOLUME_24H_BASE, STAT_LONG_ACCOUNT_FRAC, STAT_WHATS };
enum control_what { CTL_ACK, CTL_ERROR, CTL_PONG, CTL_NOTICE, CTL_IGNORED, CTL_WHATS };

struct level {
    double px, qty;
};

/* Bits of event.none: keys the venue says there is no value for. */
#define NONE_PX       (1u << 0)
#define NONE_RATE     (1u << 1)
#define NONE_NEXT     (1u << 2)
#define NONE_BID      (1u << 3)
#define NONE_ASK      (1u << 4)
#define NONE_QTY      (1u << 5)
#define NONE_INTERVAL (1u << 6)

struct ev_px { /* EV_MARK, EV_INDEX */
    double px;
};
struct ev_funding {
    double rate;       /* per interval of interval_h hours */
    double interval_h; /* NAN = the text did not say */
    int64_t next_us;   /* 0 = not said */
    bool predicted;    /* false: the rate that will settle at next_us */
};
struct ev_oi {
    double qty; /* one-sided */
    enum qty_unit unit;
    enum qty_unit value_unit; /* QTY_USD or QTY_BASE */
    double value; /* the same as the venue itself values it, one-sided; NAN = it did not say */
};
struct ev_liq {
    enum pos_side closed;
    enum px_kind px_kind;
    enum coverage coverage;
    enum qty_unit unit;
    double px, fill_px; /* fill_px NAN when not known */
    double qty;
    bool final;
};
struct ev_trade {
    double px, qty;
    enum qty_unit unit;
    bool taker_buys;
    bool backfill; /* part of a snapshot of older trades */
    int64_t id;
};
struct ev_quote {
    double bid_px, bid_qty, ask_px, ask_qty; /* NAN = that side absent, see none */
    enum qty_unit unit;
    int64_t seq; /* 0 = none */
};
struct ev_book {
    bool snapshot;
    uint8_t view; /* 0 = raw levels; 1.. = coarser aggregations of the same book, finest first */
    enum qty_unit unit;
    const struct level *bids, *asks; /* in the batch's pool, in the order of the text */
    uint32_t n_bids, n_asks;
    uint32_t cap; /* most levels a side of this snapshot can hold; 0 = not said. Fewer = the whole
                     side */
    uint32_t window; /* the stream brings its own snapshots, in order with its deltas, and tells
                        only of the best `window` levels a side; 0 = not such a stream */
    int64_t seq_first, seq_last, seq_prev; /* -1 = the venue gives none */
};
struct ev_spec { /* partial: absent texts have p = NULL, absent numbers NAN */
    struct slice base, quote, settle, index;
    double ct_size;
    enum qty_unit ct_unit; /* QTY_BASE or QTY_USD: what one contract is; QTY_UNSAID = absent */
    int8_t linear;         /* 1, 0, -1 = not said */
    double tick, max_leverage;
    enum inst_status status;
    enum inst_category category;
    double funding_interval_h;
    const struct tier *tiers; /* in the batch's pool; NULL = not said */
    uint32_t n_tiers;
    enum qty_unit tier_unit; /* of their floors and caps; QTY_UNSAID = US dollars */
    bool tier_whole;         /* a tier's rate is for the whole position: see tiers.h */
    bool partial;            /* updates an instrument, cannot create a tradable one */
};
struct ev_fund {
    struct slice pool, state;
    double balance_usd, drawdown_frac, trigger_frac;
};
struct ev_stat {
    enum stat_what what;
    double value, window_s;
};
/* What a notice asks of whoever owns the connection. */
enum control_ask {
    ASK_NOTHING,
    ASK_RECONNECT, /* the venue will close this connection: open another before it does */
    ASK_NEXT_PAGE  /* the answer goes on: text is the cursor of the next page */
};
struct ev_control {
    enum control_what what;
    enum control_ask ask;
    int64_t id; /* request id an ack or error echoes; -1 = none */
    struct slice text;
};

struct event {
    enum event_kind kind;
    uint8_t channel; /* index into the venue's channel table; CHANNEL_NONE when none claims it */
    uint8_t segment; /* 0 = the venue's main market, 1 = a second one on shared streams (COIN-M) */
    uint32_t none;   /* NONE_* bits */
    struct slice symbol; /* the venue's own; p = NULL when the text names it only by position */
    struct slice dex;    /* positional lists: which list; p = NULL otherwise */
    int32_t ord;         /* position in that list; -1 otherwise */
    int64_t t_venue_us;  /* the venue's own stamp; 0 = it gave none */
    int64_t t_recv_us;   /* engine time; set by engine_ingest */
    union {
        struct ev_px px;
        struct ev_funding funding;
        struct ev_oi oi;
        struct ev_liq liq;
        struct ev_trade trade;
        struct ev_quote quote;
        struct ev_book book;
        struct ev_spec spec;
        struct ev_fund fund;
        struct ev_stat stat;
        struct ev_control control;
    } u;
};

#define CHANNEL_NONE 255

/* Names as they stand in texts and tables ("open_interest", "long", "bankruptcy", "sampled" ...).
 * Index by the enum; never NULL. event_kind_find returns -1 for an unknown name. */
const char *event_kind_name(enum event_kind k);
int event_kind_find(struct slice name);
const char *qty_unit_name(enum qty_unit u);
const char *pos_side_name(enum pos_side s);
const char *px_kind_name(enum px_kind k);
const char *coverage_name(enum coverage c);
const char *inst_status_name(enum inst_status s);
const char *inst_category_name(enum inst_category c);
const char *stat_what_name(enum stat_what w);
const char *control_what_name(enum control_what w);

/* An event with every number NAN, every sequence -1, ord -1, channel CHANNEL_NONE. */
void event_init(struct event *e, enum event_kind kind);

#endif
