/* What jansson needs to extract from a text of venue_frames_more.h the fields that the adapters put
 * into events, as venue_jansson.h does it for the others; included by that alone. Numbers an
 * adapter writes without having read them (no sequence: -1, no fill price: NAN) are added as
 * constants, so that the sums can be equal. d is the whole text's tree. */
#ifndef VENUE_JANSSON_MORE_H
#define VENUE_JANSSON_MORE_H

#include <math.h>

static inline const json_t *vj_data(const json_t *d)
{
    return json_object_get(d, "data");
}

/* A number written as a text, in milliseconds. */
static inline int64_t vj_text_i64(const json_t *d, const char *key)
{
    const json_t *v = json_object_get(d, key);
    int64_t x = 0;
    if (json_is_integer(v))
        return json_integer_value(v);
    if (num_parse_i64(json_string_value(v), json_string_length(v), &x) < 0)
        abort();
    return x;
}

static inline void vj_text_time(struct sums *o, const json_t *d, const char *key)
{
    sum_int(o, vj_text_i64(d, key) * 1000, 1);
}

static inline void vj_trade(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"p", "q", NULL};
    const json_t *d = vj_data(root);
    vj_word(o, d, "s", 1);
    vj_time(o, d, "T", 1);
    vj_nums(o, d, keys);
    sum_int(o, json_integer_value(json_object_get(d, "a")), 1);
    o->flags += json_is_false(json_object_get(d, "m"));
}

/* --- Hyperliquid --- */

static inline void vj_hl_levels(struct sums *o, const json_t *a)
{
    static const char *const keys[] = {"px", "sz", NULL};
    size_t i;
    json_t *l;
    json_array_foreach(a, i, l)
    {
        vj_nums(o, l, keys);
        o->levels++;
    }
}

static inline void vj_hlbook(struct sums *o, const json_t *root)
{
    const json_t *d = vj_data(root), *levels = json_object_get(d, "levels");
    vj_word(o, d, "coin", 1);
    vj_time(o, d, "time", 1);
    for (int i = 0; i < 3; i++)
        sum_int(o, -1, 1);
    vj_hl_levels(o, json_array_get(levels, 0));
    vj_hl_levels(o, json_array_get(levels, 1));
}

static inline void vj_hltrade(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"px", "sz", NULL};
    size_t i;
    json_t *t;
    json_array_foreach(vj_data(root), i, t)
    {
        vj_word(o, t, "coin", 1);
        vj_time(o, t, "time", 1);
        vj_nums(o, t, keys);
        vj_int(o, t, "tid");
        vj_flag(o, t, "side", "B");
    }
}

static inline void vj_hlbbo(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"px", "sz", NULL};
    const json_t *d = vj_data(root), *bbo = json_object_get(d, "bbo");
    vj_word(o, d, "coin", 1);
    vj_time(o, d, "time", 1);
    sum_int(o, 0, 1);
    vj_nums(o, json_array_get(bbo, 0), keys);
    vj_nums(o, json_array_get(bbo, 1), keys);
}

/* --- Bybit --- */

static inline void vj_bbquote(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"bid1Price", "bid1Size", "ask1Price", "ask1Size", NULL};
    vj_int(o, root, "cs");
    vj_nums(o, vj_data(root), keys);
}

static inline void vj_bbtick(struct sums *o, const json_t *root)
{
    vj_word(o, vj_data(root), "symbol", 1);
    vj_time(o, root, "ts", 1);
    vj_bbquote(o, root);
}

static inline void vj_bbsnap(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"markPrice",          "indexPrice",
                                       "fundingRate",        "fundingIntervalHour",
                                       "singleOpenInterest", "singleOpenInterestValue",
                                       "turnover24h",        NULL};
    const json_t *d = vj_data(root);
    vj_word(o, d, "symbol", 6);
    vj_time(o, root, "ts", 6);
    vj_nums(o, d, keys);
    vj_text_time(o, d, "nextFundingTime");
    vj_bbquote(o, root);
}

static inline void vj_bbbook(struct sums *o, const json_t *root)
{
    const json_t *d = vj_data(root);
    vj_word(o, d, "s", 1);
    vj_time(o, root, "cts", 1);
    sum_int(o, json_integer_value(json_object_get(d, "u")), 2); /* first and last */
    sum_int(o, -1, 1);
    vj_levels(o, json_object_get(d, "b"));
    vj_levels(o, json_object_get(d, "a"));
}

static inline void vj_bbtrade(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"p", "v", NULL};
    size_t i;
    json_t *t;
    json_array_foreach(vj_data(root), i, t)
    {
        if (json_is_true(json_object_get(t, "BT")))
            continue;
        vj_word(o, t, "s", 1);
        vj_time(o, t, "T", 1);
        vj_nums(o, t, keys);
        vj_flag(o, t, "S", "Buy");
        if (json_string_length(json_object_get(t, "i")) == 0)
            abort();
    }
}

static inline void vj_bbliq(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"p", "v", NULL};
    size_t i;
    json_t *t;
    json_array_foreach(vj_data(root), i, t)
    {
        vj_word(o, t, "s", 1);
        vj_time(o, t, "T", 1);
        vj_nums(o, t, keys);
        sum_num(o, NAN, 1);
        vj_flag(o, t, "S", "Buy");
        o->flags++;
    }
}

/* --- OKX --- */

static inline const json_t *vj_row(const json_t *root)
{
    return json_array_get(vj_data(root), 0);
}

static inline void vj_okpx(struct sums *o, const json_t *root, const char *px)
{
    const json_t *d = vj_row(root);
    vj_word(o, d, "instId", 1);
    vj_text_time(o, d, "ts");
    vj_num(o, d, px);
}

static inline void vj_okmark(struct sums *o, const json_t *root)
{
    vj_okpx(o, root, "markPx");
}

static inline void vj_okindex(struct sums *o, const json_t *root)
{
    vj_okpx(o, root, "idxPx");
}

static inline void vj_okfund(struct sums *o, const json_t *root)
{
    const json_t *d = vj_row(root);
    int64_t at = vj_text_i64(d, "fundingTime"), after = vj_text_i64(d, "nextFundingTime");
    vj_okpx(o, root, "fundingRate");
    sum_int(o, at * 1000, 1);
    sum_num(o, (double)(after - at) / 3.6e6, 1);
}

static inline void vj_okoi(struct sums *o, const json_t *root)
{
    vj_okpx(o, root, "oi");
    vj_num(o, vj_row(root), "oiUsd");
}

static inline void vj_okliq(struct sums *o, const json_t *root)
{
    static const char *const keys[] = {"bkPx", "sz", NULL};
    const json_t *d = vj_row(root);
    size_t i;
    json_t *t;
    json_array_foreach(json_object_get(d, "details"), i, t)
    {
        vj_word(o, d, "instId", 1);
        vj_text_time(o, t, "ts");
        vj_nums(o, t, keys);
        sum_num(o, NAN, 1);
        vj_flag(o, t, "side", "sell");
        o->flags++;
    }
}

static inline void vj_oktrade(struct sums *o, const json_t *root)
{
    const json_t *d = vj_row(root);
    vj_okpx(o, root, "px");
    vj_num(o, d, "sz");
    sum_int(o, vj_text_i64(d, "tradeId"), 1);
    vj_flag(o, d, "side", "buy");
}

static inline const json_t *vj_arg(const json_t *root)
{
    return json_object_get(root, "arg");
}

static inline void vj_okbbo(struct sums *o, const json_t *root)
{
    const json_t *d = vj_row(root);
    vj_word(o, vj_arg(root), "instId", 1);
    vj_text_time(o, d, "ts");
    vj_int(o, d, "seqId");
    const json_t *bid = json_array_get(json_object_get(d, "bids"), 0),
                 *ask = json_array_get(json_object_get(d, "asks"), 0);
    for (size_t i = 0; i < 2; i++) {
        sum_num(o, vj_value(json_array_get(bid, i)), 1);
        sum_num(o, vj_value(json_array_get(ask, i)), 1);
    }
}

static inline void vj_okbook(struct sums *o, const json_t *root)
{
    const json_t *d = vj_row(root);
    vj_word(o, vj_arg(root), "instId", 1);
    vj_text_time(o, d, "ts");
    sum_int(o, -1, 1);
    vj_int(o, d, "seqId");
    vj_int(o, d, "prevSeqId");
    vj_levels(o, json_object_get(d, "asks"));
    vj_levels(o, json_object_get(d, "bids"));
}

#endif
