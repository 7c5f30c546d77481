/* The market: what is true now and lately, per tracked instrument. market_apply is the only writer;
 * metrics and models read. Quantities leave it in base units of the asset and in USD. */
#ifndef MARKET_MARKET_H
#define MARKET_MARKET_H

#include "facts/directory.h"
#include "facts/event.h"
#include "facts/origin.h"
#include "market/book.h"
#include "market/funds.h"
#include "market/live.h"
#include "market/series.h"
#include "market/throttle.h"

enum series_id {
    S_MARK, /* price in quote per instrument unit */
    S_INDEX,
    S_FUND_RATE,    /* per interval */
    S_OI_BASE,      /* open interest in asset base units, one-sided */
    S_LIQ_LONG_USD, /* flows: closed longs / shorts, notional USD as shown by the feed */
    S_LIQ_SHORT_USD,
    S_LIQ_LONG_BASE,
    S_LIQ_SHORT_BASE,
    S_BUY_USD, /* flows: taker buys and sells */
    S_SELL_USD,
    S_MID,             /* from quote, else book */
    S_DEPTH10_BID_USD, /* sampled by market_tick from the book */
    S_DEPTH10_ASK_USD,
    S_SPREAD_BPS,
    S_IDS
};

enum unknown_reason { /* product.md, data rule 2; R_KNOWN = the value is known */
                      R_KNOWN,
                      R_WARMUP,
                      R_STALE,
                      R_NO_OI,
                      R_EMPTY_BOOK,
                      R_OFF_GRID,
                      R_THROTTLED,
                      R_UNIT_UNPROVEN,
                      R_GAP,
                      R_DOWN,
                      R_NOT_TRACKED,
                      R_LATE,
                      R_RUNAWAY,
                      R_REASONS
};
const char *unknown_reason_name(enum unknown_reason r);

#define MARKET_VIEWS 3

struct slot { /* one tracked instrument */
    bool used;
    uint32_t inst, asset;
    uint8_t venue;
    int64_t t_tracked_us;
    double multiplier;      /* asset units in one unit of the instrument (1000PEPE: 1000) */
    double fund_interval_h; /* last said; NAN */
    int64_t fund_next_us;   /* 0 = not said */
    struct ev_quote quote;  /* last quote */
    int64_t t_quote_us;
    int64_t last_trade_id;
    double trade_px;    /* running mean over the last ten trades or ten seconds; 0 = none yet */
    int64_t t_trade_us; /* last trade that was no backfill */
    struct book *book[MARKET_VIEWS]; /* view 0 always; others NULL when the venue has none */
    struct book_depth depth;         /* as of the last market_tick, finest view per band */
    int depth_err;            /* 0 or why depth is unknown: E_MISSING, E_RANGE, E_UNIT, E_STALE */
    int64_t t_touch_us;       /* last event, for fast rules */
    double long_account_frac; /* share of accounts that are long; NAN = never said */
    int64_t t_long_us;
    struct throttle liq; /* pushes of the liquidation feed */
    struct series s[S_IDS];
};

enum market_count { /* why events were not used; all visible in status */
                    MC_APPLIED,
                    MC_NO_SPEC,
                    MC_NOT_TRACKED,
                    MC_UNIT_UNPROVEN,
                    MC_SEGMENT,
                    MC_RANGE,
                    MC_DUP,
                    MC_SKEW,
                    MC_BOOK_GAP,
                    MC_BOOK_OLD,
                    MC_DIRECTORY_FULL,
                    MC_VALUE_DIFFERS, /* applied as unknown: the venue values it otherwise */
                    MC_COUNTS
};
const char *market_count_name(enum market_count c);

struct market_conf {
    uint32_t max_slots; /* instruments with rings and books */
    uint32_t book_levels, book_pending;
    uint8_t segments[DIR_VENUES_MAX]; /* bit per segment taken; bit 0 always */
    /* From the venue table, because the market does not know it: how long a level of this kind is
     * good (max(3 x the channel's nominal period, 5 s); 0 = 5 s), and which channel, its index + 1,
     * gives the kind (0 = the first pushed channel that does). A sparse feed needs the latter: its
     * flows are known to be zero from its ack on, before it ever spoke. */
    uint16_t ttl_s[DIR_VENUES_MAX][EV_KINDS];
    uint8_t feeder[DIR_VENUES_MAX][EV_KINDS];
    uint8_t feeder2[DIR_VENUES_MAX][EV_KINDS]; /* the same for instruments of a second segment */
    /* Bit per kind whose feeder tells only what changed: a level that was told since the link came
     * up holds until the venue says otherwise or the feed is no longer live. */
    uint32_t merged[DIR_VENUES_MAX];
};

struct market_delay {
    double median_ms, mad_ms;
};

struct market;
/* dir and live are borrowed and outlive the market. NULL when out of memory. */
struct market *market_new(const struct market_conf *c, struct directory *dir, struct live *live);
void market_free(struct market *m);

struct directory *market_directory(const struct market *m);
struct live *market_live(const struct market *m);

/* Starts / stops keeping an instrument. E_LIMIT when no slot is free. Stopping frees its memory for
 * the next one (no allocation later: slots are taken at market_new). */
int market_track(struct market *m, uint32_t inst, int64_t now_us) MUST_CHECK;
void market_untrack(struct market *m, uint32_t inst);

const struct slot *market_slot(const struct market *m, uint32_t inst); /* NULL when not tracked */
int market_slots(const struct market *m); /* upper bound for market_slot_at */
const struct slot *market_slot_at(const struct market *m, int i); /* NULL for a free one */

/* Slots of a venue and asset: fills ids, returns how many (<= max). Order: directory id. */
int market_venue_asset(const struct market *m, uint8_t venue, uint32_t asset,
                       const struct slot **out, int max);

/* The primary instrument of a venue for an asset: largest open interest in USD, kept until another
 * is 20 % larger; judged by market_tick. NULL when none is tracked. */
const struct slot *market_primary(const struct market *m, uint8_t venue, uint32_t asset);

/* Bulk figures of instruments whether tracked or not, for the universe. NAN unknown. */
/* Does the venue's own valuation of its open interest disagree with ours (see market_apply.c)? The
 * open interest is then unknown, unit_unproven. */
bool market_oi_disputed(const struct market *m, uint32_t inst);
double market_bulk_oi_usd(const struct market *m, uint32_t inst);
double market_bulk_volume_usd(const struct market *m, uint32_t inst);

/* 24 h volume in USD as last said; R_WARMUP never, R_STALE over an hour ago, R_NOT_TRACKED (in
 * coins, and no price). */
double market_volume_usd(const struct market *m, const struct slot *s, int64_t now_us,
                         uint8_t *reason);
/* Share of the accounts that are net long, as the venue counts them. Polled: good for three polls
 * of five minutes. */
double market_long_frac(const struct slot *s, int64_t now_us, uint8_t *reason);

/* The insurance fund that covers an instrument; NULL when none is known to. */
const struct fund *market_fund(const struct market *m, uint32_t inst);
const struct funds *market_funds(const struct market *m);

/* Cross rate: USD per unit of a quote coin ("USDT"); *known false = never said (1 is returned). */
double market_usd_per(const struct market *m, struct slice coin, bool *known);
/* The coins that venues price, and one venue's own price in USD: R_NOT_TRACKED (it never said),
 * R_STALE. */
int market_coins(const struct market *m);
const char *market_coin_name(const struct market *m, int i);
/* The asset a coin is wrapped of on a venue, and how many of it are in one: as its alias in the
 * configuration says; ASSET_NONE without one. */
uint32_t market_coin_of(const struct market *m, int i, uint8_t venue, double *units);
double market_coin_usd(const struct market *m, uint8_t venue, struct slice coin, int64_t now_us,
                       uint8_t *reason);

/* Whether the pushed feed of a kind lives for a slot (a sparse one from its ack on): R_KNOWN,
 * R_DOWN, R_WARMUP, R_STALE, R_THROTTLED (refused), R_NOT_TRACKED (the venue pushes none). */
uint8_t market_feed_reason(const struct market *m, const struct slot *s, enum event_kind kind);

/* Receipt minus the venue's stamp of a pushed channel: median and median absolute deviation of the
 * last two minutes; NAN while fewer than 20 samples. Returns their number. */
int market_delay(const struct market *m, uint8_t venue, uint8_t channel, int64_t now_us,
                 struct market_delay *out);
/* The instrument whose row tells it (INST_NONE: the channel's), so that it is told once. */
uint32_t market_delay_teller(const struct market *m, uint8_t venue, uint8_t channel);

/* Takes one event. 0 used, or of an instrument that is not tracked (counted); E_NOSPEC, E_SEGMENT,
 * E_UNIT, E_RANGE, E_DUP, E_GAP, E_STALE refused (each counted). *inst gets the instrument it was
 * about (INST_NONE when none), *slot its slot or NULL. */
int market_apply(struct market *m, const struct origin *o, struct event *e,
                 uint32_t *inst) MUST_CHECK;

/* A link died: its channels' books are reset, its flow series broken. */
void market_link_down(struct market *m, uint8_t venue, uint8_t conn, int64_t now_us);

/* Each whole second, before metrics: samples depth, spread and mid, judges primaries. */
void market_tick(struct market *m, int64_t now_us);

uint64_t market_counter(const struct market *m, uint8_t venue, enum market_count c);

/* Age limits: max(3 x nominal period, 5 s) of the channel that feeds the series, for now_us. Why a
 * level is unknown: R_DOWN when the link is down, R_STALE, R_WARMUP when never said. */
/* A book is unknown with R_GAP, R_EMPTY_BOOK, R_OFF_GRID, R_UNIT_UNPROVEN. id: a level, not a flow.
 */
double market_level(const struct market *m, const struct slot *s, enum series_id id, int64_t now_us,
                    uint8_t *reason);

/* Open interest in USD: S_OI_BASE at S_MARK. */
double market_oi_usd(const struct market *m, const struct slot *s, int64_t now_us, uint8_t *reason);

/* A price of the instrument as a price of one unit of the asset (1000PEPE, kPEPE -> PEPE). */
double market_asset_px(const struct slot *s, double px);

/* A quantity the venue told of this instrument, in asset units, at the price it was told with. NAN
 * while the unit is not proven. */
double market_asset_qty(const struct market *m, const struct slot *s, double qty,
                        enum qty_unit unit, double px);

/* Why depth, spread and slippage of a slot are unknown as of the last tick: R_KNOWN, or the reason.
 */
enum unknown_reason market_depth_reason(const struct slot *s);

#endif
