/* The table of streams and the names that find them. */
#include "sim/stream.h"

#include <stdio.h>
#include <string.h>

#define B SIM_BINANCE
#define H SIM_HL
#define Y SIM_BYBIT
#define O SIM_OKX

const struct sim_stream_row sim_streams[SIM_STREAM_KINDS] = {
    [BN_MARK_ARR] = {"markPrice", "!markPrice@arr@1s", B, ROUTE_MARKET, 0, false},
    [BN_MARK_ARR_3S] = {"markPrice", "!markPrice@arr", B, ROUTE_MARKET, 0, false},
    [BN_FORCE_ARR] = {"forceOrder", "!forceOrder@arr", B, ROUTE_MARKET, 0, false},
    [BN_CONTRACT] = {"contractInfo", "!contractInfo", B, ROUTE_MARKET, 0, false},
    [BN_ASSET_INDEX] = {"assetIndex", "!assetIndex@arr", B, ROUTE_MARKET, 0, false},
    [BN_MARK] = {"markPrice", "@markPrice@1s", B, ROUTE_MARKET, 1, false},
    [BN_FORCE] = {"forceOrder", "@forceOrder", B, ROUTE_MARKET, 1, false},
    [BN_DEPTH] = {"depth", "@depth@100ms", B, ROUTE_PUBLIC, 1, true},
    [BN_DEPTH20] = {"depth20", "@depth20@100ms", B, ROUTE_PUBLIC, 1, false},
    [BN_TICKER] = {"bookTicker", "@bookTicker", B, ROUTE_PUBLIC, 1, false},
    [BN_AGG] = {"aggTrade", "@aggTrade", B, ROUTE_MARKET, 1, false},
    [HL_CTXS] = {"allDexsAssetCtxs", "", H, ROUTE_WS, 0, false},
    [HL_MIDS] = {"allMids", "", H, ROUTE_WS, 0, false},
    [HL_CTX] = {"activeAssetCtx", "", H, ROUTE_WS, 1, false},
    [HL_BOOK] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BOOK_FAST] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BOOK_5] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BOOK_4] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BOOK_3] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BOOK_2] = {"l2Book", "", H, ROUTE_WS, 1, false},
    [HL_BBO] = {"bbo", "", H, ROUTE_WS, 1, false},
    [HL_TRADES] = {"trades", "", H, ROUTE_WS, 1, false},
    [BY_ADL_USDT] = {"adlAlert", "adlAlert.USDT", Y, ROUTE_PUBLIC, 0, false},
    [BY_ADL_USDC] = {"adlAlert", "adlAlert.USDC", Y, ROUTE_PUBLIC, 0, false},
    [BY_ADL_INVERSE] = {"adlAlert", "adlAlert.inverse", Y, ROUTE_MARKET, 0, false},
    [BY_POOL_USDT] = {"insurance", "insurance.USDT", Y, ROUTE_PUBLIC, 0, false},
    [BY_POOL_USDC] = {"insurance", "insurance.USDC", Y, ROUTE_PUBLIC, 0, false},
    [BY_POOL_INVERSE] = {"insurance", "insurance.inverse", Y, ROUTE_MARKET, 0, false},
    [BY_TICKERS] = {"tickers", "tickers.", Y, ROUTE_CATEGORY, 1, false},
    [BY_BOOK_1] = {"orderbook1", "orderbook.1.", Y, ROUTE_CATEGORY, 1, false},
    [BY_BOOK_50] = {"orderbook", "orderbook.50.", Y, ROUTE_CATEGORY, 1, true},
    [BY_BOOK_200] = {"orderbook", "orderbook.200.", Y, ROUTE_CATEGORY, 1, true},
    [BY_BOOK_1000] = {"orderbook", "orderbook.1000.", Y, ROUTE_CATEGORY, 1, true},
    [BY_TRADES] = {"publicTrade", "publicTrade.", Y, ROUTE_CATEGORY, 1, false},
    [BY_LIQ] = {"allLiquidation", "allLiquidation.", Y, ROUTE_CATEGORY, 1, false},
    [OK_LIQ] = {"liquidation-orders", "liquidation-orders", O, ROUTE_PUBLIC, 0, false},
    [OK_ADL] = {"adl-warning", "adl-warning", O, ROUTE_PUBLIC, 0, false},
    [OK_INSTRUMENTS] = {"instruments", "instruments", O, ROUTE_PUBLIC, 0, false},
    [OK_MARK] = {"mark-price", "mark-price", O, ROUTE_PUBLIC, 1, false},
    [OK_INDEX] = {"index-tickers", "index-tickers", O, ROUTE_PUBLIC, 1, false},
    [OK_FUNDING] = {"funding-rate", "funding-rate", O, ROUTE_PUBLIC, 1, false},
    [OK_OI] = {"open-interest", "open-interest", O, ROUTE_PUBLIC, 1, false},
    [OK_TICKERS] = {"tickers", "tickers", O, ROUTE_PUBLIC, 1, false},
    [OK_TRADES] = {"trades", "trades", O, ROUTE_PUBLIC, 1, false},
    [OK_BBO] = {"bbo-tbt", "bbo-tbt", O, ROUTE_PUBLIC, 1, false},
    [OK_BOOK] = {"books", "books", O, ROUTE_BOOKS, 1, true},
};

int sim_stream_find(const struct sim_market *m, struct slice name)
{
    for (int k = BN_MARK_ARR; k <= BN_ASSET_INDEX; k++)
        if (slice_is(name, sim_streams[k].suffix))
            return sim_stream_id((enum sim_stream_kind)k, 0);
    const char *at = name.len ? memchr(name.p, '@', name.len) : NULL;
    if (!at)
        return -1;
    struct slice sym = {name.p, (uint32_t)(at - name.p)}, rest = {at, name.len - sym.len};
    for (int k = BN_MARK; k <= BN_AGG; k++) {
        if (!slice_is(rest, sim_streams[k].suffix))
            continue;
        for (int i = 0; i < m->n_insts; i++)
            if (m->insts[i].venue == SIM_BINANCE && m->insts[i].trading &&
                slice_is(sym, m->insts[i].lower))
                return sim_stream_id((enum sim_stream_kind)k, i);
    }
    return -1;
}

void sim_stream_name(const struct sim_market *m, int id, struct text *out)
{
    const struct sim_stream_row *r = &sim_streams[sim_stream_kind_of(id)];
    if (r->per_inst)
        text_str(out, m->insts[sim_stream_inst(id)].lower);
    text_str(out, r->suffix);
}

static bool starts(struct slice s, const char *head)
{
    size_t n = strlen(head);
    return s.len > n && memcmp(s.p, head, n) == 0;
}

int by_topic_find(const struct sim_market *m, struct slice topic, bool inverse)
{
    for (int k = BY_ADL_USDT; k <= BY_POOL_INVERSE; k++)
        if (slice_is(topic, sim_streams[k].suffix))
            return (sim_streams[k].route == ROUTE_MARKET) == inverse
                       ? sim_stream_id((enum sim_stream_kind)k, 0)
                       : -1;
    for (int k = BY_TICKERS; k <= BY_LIQ; k++) {
        uint32_t n = (uint32_t)strlen(sim_streams[k].suffix);
        if (!starts(topic, sim_streams[k].suffix))
            continue;
        for (int i = 0; i < m->n_insts; i++)
            if (m->insts[i].venue == SIM_BYBIT && m->insts[i].trading &&
                m->insts[i].inverse == inverse &&
                slice_is((struct slice){topic.p + n, topic.len - n}, m->insts[i].symbol))
                return sim_stream_id((enum sim_stream_kind)k, i);
    }
    return -1;
}

/* The swap of a name; of an index the swap whose underlying it is. */
static int find_swap(const struct sim_market *m, const char *name, bool index)
{
    char symbol[40];
    snprintf(symbol, sizeof symbol, "%.24s%s", name, index ? "-SWAP" : "");
    int i = sim_market_find(m, SIM_OKX, symbol);
    return i >= 0 && m->insts[i].trading ? i : -1;
}

int ok_arg_find(const struct sim_market *m, const char *channel, const char *inst, const char *type)
{
    if (strstr(channel, "l2-tbt"))
        return OKX_NEEDS_TIER;
    for (int k = OK_LIQ; k <= OK_BOOK; k++) {
        if (strcmp(channel, sim_streams[k].suffix) != 0)
            continue;
        if (!sim_streams[k].per_inst)
            return strcmp(type, "SWAP") == 0 ? sim_stream_id((enum sim_stream_kind)k, 0)
                                             : OKX_NO_CHANNEL;
        int i = find_swap(m, inst, k == OK_INDEX);
        return i < 0 ? OKX_NO_CHANNEL : sim_stream_id((enum sim_stream_kind)k, i);
    }
    return OKX_NO_CHANNEL;
}
