/* The streams the fake venues offer, in one table: what they are called, on which route they are
 * delivered. A stream id is kind * SIM_INSTS_MAX + instrument (0 for whole-market streams). */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include "base/text.h"
#include "sim/market.h"

enum sim_stream_kind {
    BN_MARK_ARR,
    BN_MARK_ARR_3S,
    BN_FORCE_ARR,
    BN_CONTRACT,
    BN_ASSET_INDEX,
    BN_MARK,
    BN_FORCE,
    BN_DEPTH,
    BN_DEPTH20,
    BN_TICKER,
    BN_AGG,
    HL_CTXS,
    HL_MIDS,
    HL_CTX,
    HL_BOOK,
    HL_BOOK_FAST,
    HL_BOOK_5,
    HL_BOOK_4,
    HL_BOOK_3,
    HL_BOOK_2,
    HL_BBO,
    HL_TRADES,
    BY_ADL_USDT,
    BY_ADL_USDC,
    BY_ADL_INVERSE,
    BY_POOL_USDT,
    BY_POOL_USDC,
    BY_POOL_INVERSE,
    BY_TICKERS,
    BY_BOOK_1,
    BY_BOOK_50,
    BY_BOOK_200,
    BY_BOOK_1000,
    BY_TRADES,
    BY_LIQ,
    OK_LIQ,
    OK_ADL,
    OK_INSTRUMENTS,
    OK_MARK,
    OK_INDEX,
    OK_FUNDING,
    OK_OI,
    OK_TICKERS,
    OK_TRADES,
    OK_BBO,
    OK_BOOK,
    SIM_STREAM_KINDS
};
enum sim_route { ROUTE_PUBLIC, ROUTE_MARKET, ROUTE_WS, ROUTE_CATEGORY, ROUTE_BOOKS };

#define SIM_STREAMS (SIM_STREAM_KINDS * SIM_INSTS_MAX)

struct sim_stream_row {
    const char *channel; /* name in misbehaviour specs: "depth", "l2Book" */
    const char *suffix;  /* Binance: the name, after the symbol when it belongs to one; Bybit: the
                          * topic, before it; OKX: the channel */
    uint8_t venue, route, per_inst;
    bool deltas; /* a book told by differences: one can be withheld */
};
extern const struct sim_stream_row sim_streams[SIM_STREAM_KINDS];

static inline int sim_stream_id(enum sim_stream_kind k, int inst)
{
    return (int)k * SIM_INSTS_MAX + inst;
}
static inline enum sim_stream_kind sim_stream_kind_of(int id)
{
    return (enum sim_stream_kind)(id / SIM_INSTS_MAX);
}
static inline int sim_stream_inst(int id)
{
    return id % SIM_INSTS_MAX;
}

/* A Binance stream by name ("btcusdt@depth@100ms"), or -1. */
int sim_stream_find(const struct sim_market *m, struct slice name);
/* A Bybit topic ("tickers.BTCUSDT") of a category, or -1. */
int by_topic_find(const struct sim_market *m, struct slice topic, bool inverse);
/* A channel of OKX with its arguments ("" = absent), or why not. */
enum { OKX_NO_CHANNEL = -1, OKX_NEEDS_TIER = -2 };
int ok_arg_find(const struct sim_market *m, const char *channel, const char *inst,
                const char *type);
void sim_stream_name(const struct sim_market *m, int id, struct text *out);

#endif
