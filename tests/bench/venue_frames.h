/* Made texts for benchmarks in the shapes of Binance and Hyperliquid, from a fixed seed: the mix is
 * what busy feeds bring by count: 60 % book deltas, 20 % quotes, 8 % contexts, 4 % open interest,
 * 5 % liquidations, 3 % marks and two arrays of 350 marks in 4,000. Out: texts in one block of
 * memory, each with the origin it would have. The deltas of a symbol form one chain of update ids,
 * which vframes_renumber continues in place for another round: every id has 13 digits. */
#ifndef VENUE_FRAMES_H
#define VENUE_FRAMES_H

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts/origin.h"

#define VF_SYMBOLS 350           /* in an array of marks */
#define VF_HOT     20            /* books that move, as busy ones do */
#define VF_ID0     1000000000000 /* before the first delta */
#define VF_ID_STEP 2000          /* from one delta of a symbol to the next */
#define VF_MARKS   2000          /* one array of marks in so many texts */

enum vf_venue { VF_BINANCE, VF_HYPERLIQUID, VF_BYBIT, VF_OKX }; /* as in venues[] */

enum vf_kind {
    VF_BOOK,
    VF_QUOTE,
    VF_CTX,
    VF_OI,
    VF_FORCE,
    VF_MARK,
    VF_MARKARR,
    VF_MIX,
    VF_TRADE, /* from here on: venue_frames_more.h */
    VF_HLBOOK,
    VF_HLTRADE,
    VF_HLBBO,
    VF_BBTICK,
    VF_BBSNAP,
    VF_BBBOOK,
    VF_BBTRADE,
    VF_BBLIQ,
    VF_OKMARK,
    VF_OKINDEX,
    VF_OKFUND,
    VF_OKOI,
    VF_OKLIQ,
    VF_OKTRADE,
    VF_OKBBO,
    VF_OKBOOK,
    VF_MIX4, /* of the four venues */
    VF_KINDS
};

static const char *const vf_names[VF_KINDS] = {[VF_BOOK] = "binance.depth",
                                               [VF_QUOTE] = "binance.bookTicker",
                                               [VF_CTX] = "hyperliquid.activeAssetCtx",
                                               [VF_OI] = "binance.openInterest",
                                               [VF_FORCE] = "binance.forceOrder",
                                               [VF_MARK] = "binance.markPrice",
                                               [VF_MARKARR] = "binance.markPriceArr",
                                               [VF_MIX] = "mix",
                                               [VF_TRADE] = "binance.aggTrade",
                                               [VF_HLBOOK] = "hyperliquid.l2Book",
                                               [VF_HLTRADE] = "hyperliquid.trades",
                                               [VF_HLBBO] = "hyperliquid.bbo",
                                               [VF_BBTICK] = "bybit.tickers",
                                               [VF_BBSNAP] = "bybit.tickersSnapshot",
                                               [VF_BBBOOK] = "bybit.orderbook",
                                               [VF_BBTRADE] = "bybit.publicTrade",
                                               [VF_BBLIQ] = "bybit.allLiquidation",
                                               [VF_OKMARK] = "okx.markPrice",
                                               [VF_OKINDEX] = "okx.indexTickers",
                                               [VF_OKFUND] = "okx.fundingRate",
                                               [VF_OKOI] = "okx.openInterest",
                                               [VF_OKLIQ] = "okx.liquidationOrders",
                                               [VF_OKTRADE] = "okx.trades",
                                               [VF_OKBBO] = "okx.bboTbt",
                                               [VF_OKBOOK] = "okx.books",
                                               [VF_MIX4] = "mix4"};

struct vframe {
    char *text;
    uint32_t len;
    uint8_t kind; /* enum vf_kind, never VF_MIX */
    uint8_t hot;  /* a delta's symbol */
    struct origin origin;
    char *id_at[3]; /* its U, u, pu: 13 digits each; NULL for other kinds */
    int64_t id[3];
};

struct vframes {
    struct vframe *f;
    int n;
    char *block;
    size_t len, cap;
    uint64_t rng;
    double px[VF_SYMBOLS];
    int64_t last_u[VF_HOT];
    char req[VF_SYMBOLS][32];
};

static inline double vf_rnd(struct vframes *s, double lo, double hi)
{
    s->rng ^= s->rng << 13;
    s->rng ^= s->rng >> 7;
    s->rng ^= s->rng << 17;
    return lo + (hi - lo) * (double)(s->rng >> 11) / 9007199254740992.0;
}

static inline int vf_pick(struct vframes *s, int n)
{
    return (int)vf_rnd(s, 0, n);
}

/* Appends to the block; returns where it begins. */
static inline char *vf_put(struct vframes *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static inline char *vf_put(struct vframes *s, const char *fmt, ...)
{
    va_list ap;
    char *at = s->block + s->len;
    va_start(ap, fmt);
    int n = vsnprintf(at, s->cap - s->len, fmt, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < s->cap - s->len);
    s->len += (size_t)n;
    return at;
}

static inline const char *vf_name(int i)
{
    static char name[VF_SYMBOLS][8];
    snprintf(name[i], sizeof name[i], "TK%03u", (unsigned)i % 1000);
    return name[i];
}

/* --- one text of each kind --- */

static inline void vf_levels(struct vframes *s, double px)
{
    int n = 12 + vf_pick(s, 12);
    for (int k = 0; k < n; k++)
        vf_put(s, "%s[\"%.1f\",\"%.3f\"]", k ? "," : "", px * vf_rnd(s, .998, 1.002),
               vf_pick(s, 2) ? vf_rnd(s, 0, 40) : 0.);
}

static inline void vf_make_book(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, VF_HOT);
    f->id[2] = s->last_u[i];
    f->id[0] = f->id[2] + 1;
    f->id[1] = s->last_u[i] = f->id[2] + VF_ID_STEP;
    f->hot = (uint8_t)i;
    vf_put(s,
           "{\"stream\":\"tk%03dusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\","
           "\"E\":1795312803205,\"T\":1795312803199,\"s\":\"%sUSDT\",\"ps\":\"%sUSDT\",\"st\":1,",
           i, vf_name(i), vf_name(i));
    f->id_at[0] = vf_put(s, "\"U\":%lld,", (long long)f->id[0]) + 4;
    f->id_at[1] = vf_put(s, "\"u\":%lld,", (long long)f->id[1]) + 4;
    f->id_at[2] = vf_put(s, "\"pu\":%lld,", (long long)f->id[2]) + 5;
    vf_put(s, "\"b\":[");
    vf_levels(s, s->px[i] * .9981);
    vf_put(s, "],\"a\":[");
    vf_levels(s, s->px[i] * 1.0019);
    vf_put(s, "]}}");
}

static inline void vf_make_quote(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    (void)f;
    vf_put(s,
           "{\"stream\":\"tk%03dusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\","
           "\"u\":9612045514020,\"E\":1795312803205,\"T\":1795312803199,\"s\":\"%sUSDT\","
           "\"ps\":\"%sUSDT\",\"b\":\"%.2f\",\"B\":\"%.3f\",\"a\":\"%.2f\",\"A\":\"%.3f\","
           "\"st\":1}}",
           i, vf_name(i), vf_name(i), s->px[i] * .9999, vf_rnd(s, 0, 50), s->px[i] * 1.0001,
           vf_rnd(s, 0, 50));
}

static inline void vf_make_ctx(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    double p = s->px[i];
    f->origin.venue = VF_HYPERLIQUID;
    vf_put(s,
           "{\"channel\":\"activeAssetCtx\",\"data\":{\"coin\":\"%s\",\"ctx\":{"
           "\"funding\":\"%.10f\",\"openInterest\":\"%.5f\",\"prevDayPx\":\"%.1f\","
           "\"dayNtlVlm\":\"%.6f\",\"premium\":\"%.8f\",\"oraclePx\":\"%.1f\",\"markPx\":\"%.1f\","
           "\"midPx\":\"%.2f\",\"impactPxs\":[\"%.1f\",\"%.2f\"],\"dayBaseVlm\":\"%.5f\"}}}",
           vf_name(i), vf_rnd(s, -1e-4, 1e-4), vf_rnd(s, 1e3, 1e6), p * 1.02, vf_rnd(s, 1e6, 4e9),
           vf_rnd(s, -1e-3, 1e-3), p, p * 1.0001, p * 1.0002, p * .999, p * 1.001,
           vf_rnd(s, 1e3, 1e6));
}

static inline void vf_make_oi(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 40);
    snprintf(s->req[i], sizeof s->req[i], "openInterest:%.8sUSDT", vf_name(i));
    f->origin.conn = CONN_REST;
    f->origin.req = s->req[i];
    vf_put(s, "{\"openInterest\":\"%.3f\",\"symbol\":\"%sUSDT\",\"time\":1795312799418}",
           vf_rnd(s, 1e3, 1e7), vf_name(i));
}

static inline void vf_make_force(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 30);
    double p = s->px[i], q = vf_rnd(s, .001, 900);
    f->origin.conn = CONN_SLOT(1, 0, 0);
    vf_put(s,
           "{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":1795312803117,"
           "\"o\":{\"s\":\"%sUSDT\",\"S\":\"%s\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"%.3f\","
           "\"p\":\"%.4f\",\"ap\":\"%.4f\",\"X\":\"FILLED\",\"l\":\"%.3f\",\"z\":\"%.3f\","
           "\"T\":1795312803112},\"ps\":\"%sUSDT\",\"st\":1}}",
           vf_name(i), vf_pick(s, 2) ? "SELL" : "BUY", q, p, p * .999, q, q, vf_name(i));
}

static inline void vf_one_mark(struct vframes *s, int i)
{
    double p = s->px[i];
    vf_put(s,
           "{\"e\":\"markPriceUpdate\",\"E\":1795312801000,\"s\":\"%sUSDT\",\"p\":\"%.8f\","
           "\"ap\":\"%.8f\",\"P\":\"%.8f\",\"i\":\"%.8f\",\"r\":\"%.8f\",\"T\":1795334400000,"
           "\"st\":1}",
           vf_name(i), p * vf_rnd(s, .999, 1.001), p, p * .9991, p * 1.0003,
           vf_rnd(s, -5e-4, 5e-4));
}

static inline void vf_make_mark(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 20);
    f->origin.conn = CONN_SLOT(1, 0, 0);
    vf_put(s, "{\"stream\":\"tk%03dusdt@markPrice@1s\",\"data\":", i);
    vf_one_mark(s, i);
    vf_put(s, "}");
}

static inline void vf_make_markarr(struct vframes *s, struct vframe *f)
{
    f->origin.conn = CONN_SLOT(1, 0, 0);
    vf_put(s, "{\"stream\":\"!markPrice@arr@1s\",\"data\":[");
    for (int i = 0; i < VF_SYMBOLS; i++) {
        vf_put(s, "%s", i ? "," : "");
        vf_one_mark(s, i);
    }
    vf_put(s, "]}");
}

#include "venue_frames_more.h"

/* --- the list --- */

static inline enum vf_kind vf_mixed(struct vframes *s, int k)
{
    static const struct {
        double below;
        enum vf_kind kind;
    } share[] = {{.60, VF_BOOK}, {.80, VF_QUOTE}, {.88, VF_CTX},
                 {.92, VF_OI},   {.97, VF_FORCE}, {1, VF_MARK}};
    double x = vf_rnd(s, 0, 1);
    if (k % VF_MARKS == VF_MARKS / 2)
        return VF_MARKARR;
    int i = 0;
    while (x >= share[i].below)
        i++;
    return share[i].kind;
}

/* Fills f; its text is at the end of the block. */
static inline void vf_make(struct vframes *s, enum vf_kind kind, struct vframe *f)
{
    static void (*const make[VF_KINDS])(struct vframes *, struct vframe *) = {
        [VF_BOOK] = vf_make_book,       [VF_QUOTE] = vf_make_quote,
        [VF_CTX] = vf_make_ctx,         [VF_OI] = vf_make_oi,
        [VF_FORCE] = vf_make_force,     [VF_MARK] = vf_make_mark,
        [VF_MARKARR] = vf_make_markarr, [VF_TRADE] = vf_make_trade,
        [VF_HLBOOK] = vf_make_hlbook,   [VF_HLTRADE] = vf_make_hltrade,
        [VF_HLBBO] = vf_make_hlbbo,     [VF_BBTICK] = vf_make_bbtick,
        [VF_BBSNAP] = vf_make_bbsnap,   [VF_BBBOOK] = vf_make_bbbook,
        [VF_BBTRADE] = vf_make_bbtrade, [VF_BBLIQ] = vf_make_bbliq,
        [VF_OKMARK] = vf_make_okmark,   [VF_OKINDEX] = vf_make_okindex,
        [VF_OKFUND] = vf_make_okfund,   [VF_OKOI] = vf_make_okoi,
        [VF_OKLIQ] = vf_make_okliq,     [VF_OKTRADE] = vf_make_oktrade,
        [VF_OKBBO] = vf_make_okbbo,     [VF_OKBOOK] = vf_make_okbook};
    size_t from = s->len;
    *f = (struct vframe){.text = s->block + from, .kind = (uint8_t)kind};
    f->origin = (struct origin){VF_BINANCE, CONN_SLOT(0, 0, 0), NULL};
    make[kind](s, f);
    f->len = (uint32_t)(s->len - from);
}

/* n texts of a kind or of the mix; room for `spare` more bytes in the block. */
static inline void vframes_make(struct vframes *s, enum vf_kind kind, int n, size_t spare)
{
    *s = (struct vframes){.rng = 7};
    s->cap = (size_t)n * (kind == VF_MARKARR ? 80000 : 3000) + 200000 + spare;
    s->block = malloc(s->cap);
    s->f = calloc((size_t)n, sizeof *s->f);
    assert(s->block && s->f);
    for (int i = 0; i < VF_SYMBOLS; i++)
        s->px[i] = 1000 + i * 370;
    for (int i = 0; i < VF_HOT; i++)
        s->last_u[i] = VF_ID0;
    for (; s->n < n; s->n++)
        vf_make(s,
                kind == VF_MIX    ? vf_mixed(s, s->n)
                : kind == VF_MIX4 ? vf_mixed4(s)
                                  : kind,
                &s->f[s->n]);
}

static inline void vframes_free(struct vframes *s)
{
    free(s->f);
    free(s->block);
}

static inline void vframes_renumber(struct vframes *s)
{
    int64_t by[VF_HOT]; /* how far a round takes each symbol */
    for (int i = 0; i < VF_HOT; i++)
        by[i] = 0;
    for (int k = 0; k < s->n; k++)
        by[s->f[k].hot] += s->f[k].id_at[0] ? VF_ID_STEP : 0;
    for (int k = 0; k < s->n; k++) {
        struct vframe *f = &s->f[k];
        for (int j = 0; j < 3 && f->id_at[j]; j++) {
            char d[24];
            f->id[j] += by[f->hot];
            snprintf(d, sizeof d, "%lld", (long long)f->id[j]);
            memcpy(f->id_at[j], d, 13);
        }
    }
}

#endif
