/* Made frames for benchmarks, of the shapes the venues document (Binance, Bybit, OKX, Hyperliquid),
 * from a fixed seed. Out: a list of texts in one block of memory, each with its kind; the mix is
 * what a busy feed brings by count: 60 % book deltas, 20 % tickers, 8 % contexts, 4 % open
 * interest, 5 % liquidations, 3 % marks and two arrays of 350 marks in 4,000. */
#ifndef FRAMES_H
#define FRAMES_H

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum frame_kind { F_FORCE, F_MARK1, F_OI, F_CTX, F_TICKER, F_BOOK, F_MARKARR, F_MIX, F_KINDS };

static const char *const frame_names[F_KINDS] = {"force",  "mark1", "oi",      "ctx",
                                                 "ticker", "book",  "markarr", "mix"};

struct frame {
    const char *text;
    uint32_t len;
    enum frame_kind kind; /* never F_MIX */
};

struct frames {
    struct frame *f;
    int n;
    char *block;
    size_t len, cap;
    uint64_t seed;
};

#define FRAME_SYMBOLS 350
#define FRAME_T_MS    1760131200000

static inline double frame_rnd(struct frames *s, double lo, double hi)
{
    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 7;
    s->seed ^= s->seed << 17;
    return lo + (hi - lo) * (double)(s->seed >> 11) / 9007199254740992.0;
}

static inline int frame_int(struct frames *s, int n)
{
    return (int)frame_rnd(s, 0, n);
}

static inline void frame_put(struct frames *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static inline void frame_put(struct frames *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s->block + s->len, s->cap - s->len, fmt, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < s->cap - s->len);
    s->len += (size_t)n;
}

static inline const char *frame_base(int i)
{
    static const char *const major[20] = {
        "BTC", "ETH", "SOL",  "XRP",   "DOGE",     "ADA", "AVAX", "LINK", "1000PEPE", "WIF",
        "ENA", "SUI", "HYPE", "TRUMP", "FARTCOIN", "LTC", "BNB",  "OP",   "ARB",      "APT"};
    static char other[FRAME_SYMBOLS][16];
    if (i < 20)
        return major[i];
    snprintf(other[i], sizeof other[i], "TK%03d", i - 20);
    return other[i];
}

static inline double frame_px(struct frames *s, int i)
{
    static const double major[10] = {113000, 4100, 190, 2.4, 0.19, 0.65, 22.1, 18.2, 0.0071, 0.55};
    return (i < 10 ? major[i] : 0.01 + i * 0.37) * frame_rnd(s, 0.99, 1.01);
}

static inline long long frame_ms(struct frames *s)
{
    return FRAME_T_MS + frame_int(s, 86400000);
}

static inline void frame_mark(struct frames *s, int i)
{
    double p = frame_px(s, i);
    frame_put(
        s,
        "{\"e\":\"markPriceUpdate\",\"E\":%lld,\"s\":\"%sUSDT\",\"p\":\"%.8f\",\"i\":\"%.8f\","
        "\"P\":\"%.8f\",\"r\":\"%.8f\",\"T\":%lld}",
        frame_ms(s), frame_base(i), p, p * 1.0003, p * .9991, frame_rnd(s, -5e-4, 5e-4),
        (long long)FRAME_T_MS + 28800000);
}

static inline void frame_make_mark1(struct frames *s)
{
    frame_put(s, "{\"stream\":\"btcusdt@markPrice@1s\",\"data\":");
    frame_mark(s, frame_int(s, 20));
    frame_put(s, "}");
}

static inline void frame_make_markarr(struct frames *s)
{
    frame_put(s, "{\"stream\":\"!markPrice@arr@1s\",\"data\":[");
    for (int i = 0; i < FRAME_SYMBOLS; i++) {
        if (i)
            frame_put(s, ",");
        frame_mark(s, i);
    }
    frame_put(s, "]}");
}

static inline void frame_make_force(struct frames *s)
{
    int i = frame_int(s, 30);
    double p = frame_px(s, i), q = frame_rnd(s, .001, 900);
    frame_put(
        s,
        "{\"e\":\"forceOrder\",\"E\":%lld,\"o\":{\"s\":\"%sUSDT\",\"S\":\"%s\",\"o\":\"LIMIT\","
        "\"f\":\"IOC\",\"q\":\"%.3f\",\"p\":\"%.4f\",\"ap\":\"%.4f\",\"X\":\"FILLED\",\"l\":\"%."
        "3f\","
        "\"z\":\"%.3f\",\"T\":%lld}}",
        frame_ms(s), frame_base(i), frame_int(s, 2) ? "SELL" : "BUY", q, p, p * .999, q, q,
        frame_ms(s));
}

static inline void frame_make_ticker(struct frames *s)
{
    static const struct {
        const char *name;
        double lo, hi; /* of the price when relative, else absolute */
        int relative, digits;
    } field[] = {{"price24hPcnt", -.2, .2, 0, 6},       {"markPrice", 1, 1, 1, 2},
                 {"indexPrice", 1.0002, 1.0002, 1, 2},  {"openInterest", 1e3, 6e6, 0, 3},
                 {"openInterestValue", 1e3, 6e6, 1, 2}, {"turnover24h", 1e6, 9e9, 0, 4},
                 {"volume24h", 1e5, 9e8, 0, 4},         {"fundingRate", -5e-4, 5e-4, 0, 8},
                 {"bid1Price", .9999, .9999, 1, 2},     {"bid1Size", 0, 50, 0, 3},
                 {"ask1Price", 1.0001, 1.0001, 1, 2},   {"ask1Size", 0, 50, 0, 3}};
    int i = frame_int(s, 60);
    double p = frame_px(s, i);
    frame_put(s, "{\"topic\":\"tickers.%sUSDT\",\"type\":\"delta\",\"data\":{\"symbol\":\"%sUSDT\"",
              frame_base(i), frame_base(i));
    if (frame_rnd(s, 0, 1) < .6)
        frame_put(s, ",\"tickDirection\":\"%s\"", frame_int(s, 2) ? "PlusTick" : "ZeroMinusTick");
    for (size_t k = 0; k < sizeof field / sizeof field[0]; k++)
        if (frame_rnd(s, 0, 1) < .6)
            frame_put(s, ",\"%s\":\"%.*f\"", field[k].name, field[k].digits,
                      frame_rnd(s, field[k].lo, field[k].hi) * (field[k].relative ? p : 1));
    if (frame_rnd(s, 0, 1) < .6)
        frame_put(s, ",\"nextFundingTime\":\"%lld\"", (long long)FRAME_T_MS + 28800000);
    frame_put(s, "},\"cs\":%lld,\"ts\":%lld}", 24987956059ll + frame_int(s, 1000000), frame_ms(s));
}

static inline void frame_levels(struct frames *s, double p)
{
    int n = 12 + frame_int(s, 12);
    for (int k = 0; k < n; k++)
        frame_put(s, "%s[\"%.2f\",\"%.3f\"]", k ? "," : "", p * frame_rnd(s, .998, 1.002),
                  frame_int(s, 2) ? frame_rnd(s, 0, 40) : 0);
}

static inline void frame_make_book(struct frames *s)
{
    int i = frame_int(s, 20);
    double p = frame_px(s, i);
    frame_put(s,
              "{\"topic\":\"orderbook.50.%sUSDT\",\"type\":\"delta\",\"ts\":%lld,"
              "\"data\":{\"s\":\"%sUSDT\",\"b\":[",
              frame_base(i), frame_ms(s), frame_base(i));
    frame_levels(s, p);
    frame_put(s, "],\"a\":[");
    frame_levels(s, p);
    frame_put(s, "],\"u\":%d,\"seq\":%lld},\"cts\":%lld}", 18521288 + frame_int(s, 1000000),
              7961638724ll + frame_int(s, 10000000), frame_ms(s));
}

static inline void frame_make_oi(struct frames *s)
{
    int i = frame_int(s, 40);
    double v = frame_rnd(s, 1e3, 1e7);
    frame_put(
        s,
        "{\"arg\":{\"channel\":\"open-interest\",\"instId\":\"%s-USDT-SWAP\"},\"data\":[{"
        "\"instId\":\"%s-USDT-SWAP\",\"instType\":\"SWAP\",\"oi\":\"%.2f\",\"oiCcy\":\"%.4f\","
        "\"oiUsd\":\"%.4f\",\"ts\":\"%lld\"}]}",
        frame_base(i), frame_base(i), v, v * .01, v * 11, frame_ms(s));
}

static inline void frame_make_ctx(struct frames *s)
{
    int i = frame_int(s, 60);
    double p = frame_px(s, i);
    frame_put(
        s,
        "{\"channel\":\"activeAssetCtx\",\"data\":{\"coin\":\"%s\",\"ctx\":{\"funding\":\"%.10f\","
        "\"openInterest\":\"%.5f\",\"prevDayPx\":\"%.1f\",\"dayNtlVlm\":\"%.6f\","
        "\"premium\":\"%.8f\",\"oraclePx\":\"%.1f\",\"markPx\":\"%.1f\",\"midPx\":\"%.2f\","
        "\"impactPxs\":[\"%.1f\",\"%.2f\"],\"dayBaseVlm\":\"%.5f\"}}}",
        frame_base(i), frame_rnd(s, -1e-4, 1e-4), frame_rnd(s, 1e3, 1e6), p * 1.02,
        frame_rnd(s, 1e6, 4e9), frame_rnd(s, -1e-3, 1e-3), p, p * 1.0001, p * 1.0002, p * .999,
        p * 1.001, frame_rnd(s, 1e3, 1e6));
}

static inline void frame_add(struct frames *s, enum frame_kind kind)
{
    static void (*const make[F_KINDS])(struct frames *) = {
        [F_FORCE] = frame_make_force,    [F_MARK1] = frame_make_mark1,   [F_OI] = frame_make_oi,
        [F_CTX] = frame_make_ctx,        [F_TICKER] = frame_make_ticker, [F_BOOK] = frame_make_book,
        [F_MARKARR] = frame_make_markarr};
    size_t from = s->len;
    make[kind](s);
    s->f[s->n++] = (struct frame){s->block + from, (uint32_t)(s->len - from), kind};
}

static inline enum frame_kind frame_pick(struct frames *s, int i)
{
    static const struct {
        double below;
        enum frame_kind kind;
    } share[] = {{.60, F_BOOK}, {.80, F_TICKER}, {.88, F_CTX},
                 {.92, F_OI},   {.97, F_FORCE},  {1, F_MARK1}};
    double x = frame_rnd(s, 0, 1);
    if (i % 2000 == 1000)
        return F_MARKARR;
    size_t k = 0;
    while (x >= share[k].below)
        k++;
    return share[k].kind;
}

/* n frames of a kind (or of the mix); freed by frames_free. */
static inline void frames_make(struct frames *s, enum frame_kind kind, int n)
{
    *s = (struct frames){.seed = 0x9e3779b97f4a7c15u + (uint64_t)kind};
    s->cap = (size_t)n * (kind == F_MARKARR ? 80000 : 2000) + 200000;
    s->block = malloc(s->cap);
    s->f = calloc((size_t)n, sizeof *s->f);
    assert(s->block && s->f);
    for (int i = 0; i < n; i++)
        frame_add(s, kind == F_MIX ? frame_pick(s, i) : kind);
}

static inline void frames_free(struct frames *s)
{
    free(s->block);
    free(s->f);
}

#endif
