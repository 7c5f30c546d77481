/* The table of streams and Binance's names for them. */
#include "sim/stream.h"

#include <string.h>

#define B SIM_BINANCE
#define H SIM_HL

const struct sim_stream_row sim_streams[SIM_STREAM_KINDS] = {
    [BN_MARK_ARR] = {"markPrice", "!markPrice@arr@1s", B, ROUTE_MARKET, 0},
    [BN_MARK_ARR_3S] = {"markPrice", "!markPrice@arr", B, ROUTE_MARKET, 0},
    [BN_FORCE_ARR] = {"forceOrder", "!forceOrder@arr", B, ROUTE_MARKET, 0},
    [BN_CONTRACT] = {"contractInfo", "!contractInfo", B, ROUTE_MARKET, 0},
    [BN_ASSET_INDEX] = {"assetIndex", "!assetIndex@arr", B, ROUTE_MARKET, 0},
    [BN_MARK] = {"markPrice", "@markPrice@1s", B, ROUTE_MARKET, 1},
    [BN_FORCE] = {"forceOrder", "@forceOrder", B, ROUTE_MARKET, 1},
    [BN_DEPTH] = {"depth", "@depth@100ms", B, ROUTE_PUBLIC, 1},
    [BN_DEPTH20] = {"depth20", "@depth20@100ms", B, ROUTE_PUBLIC, 1},
    [BN_TICKER] = {"bookTicker", "@bookTicker", B, ROUTE_PUBLIC, 1},
    [BN_AGG] = {"aggTrade", "@aggTrade", B, ROUTE_MARKET, 1},
    [HL_CTXS] = {"allDexsAssetCtxs", "", H, ROUTE_WS, 0},
    [HL_MIDS] = {"allMids", "", H, ROUTE_WS, 0},
    [HL_CTX] = {"activeAssetCtx", "", H, ROUTE_WS, 1},
    [HL_BOOK] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BOOK_FAST] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BOOK_5] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BOOK_4] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BOOK_3] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BOOK_2] = {"l2Book", "", H, ROUTE_WS, 1},
    [HL_BBO] = {"bbo", "", H, ROUTE_WS, 1},
    [HL_TRADES] = {"trades", "", H, ROUTE_WS, 1},
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

int by_topic_find(const struct sim_market *m, struct slice topic, bool inverse)
{
    (void)m;
    (void)topic;
    (void)inverse;
    return -1; /* no topic is served */
}

int ok_arg_find(const struct sim_market *m, const char *channel, const char *inst, const char *type)
{
    (void)m;
    (void)inst;
    (void)type;
    bool login = strstr(channel, "l2-tbt") != NULL;
    return login ? OKX_NEEDS_TIER : OKX_NO_CHANNEL;
}
