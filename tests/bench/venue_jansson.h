/* What jansson needs to extract from a text of venue_frames.h the fields that the adapters put into
 * events, no more: parse into a tree, look the members up, convert, free. The result is sums, so
 * that two extractions can be compared: numbers are added by their bits, which is exact and knows
 * no order. A member that an adapter hands to several events is added as often. */
#ifndef VENUE_JANSSON_H
#define VENUE_JANSSON_H

#include <jansson.h>
#include <math.h>

#include "base/num.h"
#include "venue_frames.h"

struct sums {
    uint64_t bits, words, numbers, levels, flags;
};

static inline void sum_num(struct sums *o, double x, uint64_t times)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    o->bits += bits * times;
    o->numbers += times;
}

static inline void sum_int(struct sums *o, int64_t x, uint64_t times)
{
    o->bits += (uint64_t)x * times;
    o->numbers += times;
}

static inline void sum_word(struct sums *o, const char *p, size_t n, uint64_t times)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + (uint8_t)p[i];
    o->words += h * times;
}

/* --- members --- */

static inline double vj_value(const json_t *v)
{
    double x = 0;
    if (!json_is_string(v))
        return json_number_value(v);
    if (num_parse(json_string_value(v), json_string_length(v), &x) < 0)
        abort();
    return x;
}

static inline void vj_num(struct sums *o, const json_t *d, const char *key)
{
    sum_num(o, vj_value(json_object_get(d, key)), 1);
}

static inline void vj_int(struct sums *o, const json_t *d, const char *key)
{
    sum_int(o, json_integer_value(json_object_get(d, key)), 1);
}

static inline void vj_time(struct sums *o, const json_t *d, const char *key, uint64_t times)
{
    sum_int(o, json_integer_value(json_object_get(d, key)) * 1000, times);
}

static inline void vj_word(struct sums *o, const json_t *d, const char *key, uint64_t times)
{
    const json_t *v = json_object_get(d, key);
    sum_word(o, json_string_value(v), json_string_length(v), times);
}

static inline void vj_flag(struct sums *o, const json_t *d, const char *key, const char *word)
{
    const char *s = json_string_value(json_object_get(d, key));
    o->flags += s && strcmp(s, word) == 0;
}

/* Members that are all numbers. */
static inline void vj_nums(struct sums *o, const json_t *d, const char *const *keys)
{
    for (; *keys; keys++)
        vj_num(o, d, *keys);
}

static inline void vj_levels(struct sums *o, const json_t *a)
{
    size_t i;
    json_t *l;
    json_array_foreach(a, i, l)
    {
        sum_num(o, vj_value(json_array_get(l, 0)), 1);
        sum_num(o, vj_value(json_array_get(l, 1)), 1);
        o->levels++;
    }
}

/* --- one text of each kind; d is its payload --- */

static inline void vj_book(struct sums *o, const json_t *d)
{
    vj_word(o, d, "s", 1);
    vj_time(o, d, "T", 1);
    vj_int(o, d, "U");
    vj_int(o, d, "u");
    vj_int(o, d, "pu");
    vj_levels(o, json_object_get(d, "b"));
    vj_levels(o, json_object_get(d, "a"));
}

static inline void vj_quote(struct sums *o, const json_t *d)
{
    static const char *const keys[] = {"b", "B", "a", "A", NULL};
    vj_word(o, d, "s", 1);
    vj_time(o, d, "T", 1);
    vj_int(o, d, "u");
    vj_nums(o, d, keys);
}

static inline void vj_ctx(struct sums *o, const json_t *d)
{
    static const char *const keys[] = {"markPx",       "oraclePx",  "funding",
                                       "openInterest", "dayNtlVlm", NULL};
    vj_word(o, d, "coin", 5);
    vj_nums(o, json_object_get(d, "ctx"), keys);
}

static inline void vj_oi(struct sums *o, const json_t *d)
{
    vj_word(o, d, "symbol", 1);
    vj_time(o, d, "time", 1);
    vj_num(o, d, "openInterest");
}

static inline void vj_force(struct sums *o, const json_t *d)
{
    static const char *const keys[] = {"p", "ap", "z", NULL};
    const json_t *order = json_object_get(d, "o");
    vj_word(o, order, "s", 1);
    vj_time(o, order, "T", 1);
    vj_nums(o, order, keys);
    vj_flag(o, order, "S", "SELL");
    vj_flag(o, order, "X", "FILLED");
}

static inline void vj_mark(struct sums *o, const json_t *d)
{
    static const char *const keys[] = {"p", "i", "r", NULL};
    vj_word(o, d, "s", 3);
    vj_time(o, d, "E", 3);
    vj_time(o, d, "T", 1);
    vj_nums(o, d, keys);
}

static inline void vj_markarr(struct sums *o, const json_t *d)
{
    size_t i;
    json_t *v;
    json_array_foreach(d, i, v)
    {
        vj_mark(o, v);
    }
}

#include "venue_jansson_more.h"

static inline void vj_extract(const struct vframe *f, struct sums *o)
{
    static void (*const take[VF_KINDS])(struct sums *, const json_t *) = {
        [VF_BOOK] = vj_book,   [VF_QUOTE] = vj_quote, [VF_CTX] = vj_ctx,        [VF_OI] = vj_oi,
        [VF_FORCE] = vj_force, [VF_MARK] = vj_mark,   [VF_MARKARR] = vj_markarr};
    static void (*const take_whole[VF_KINDS])(struct sums *, const json_t *) = {
        [VF_TRADE] = vj_trade,   [VF_HLBOOK] = vj_hlbook,   [VF_HLTRADE] = vj_hltrade,
        [VF_HLBBO] = vj_hlbbo,   [VF_BBTICK] = vj_bbtick,   [VF_BBSNAP] = vj_bbsnap,
        [VF_BBBOOK] = vj_bbbook, [VF_BBTRADE] = vj_bbtrade, [VF_BBLIQ] = vj_bbliq,
        [VF_OKMARK] = vj_okmark, [VF_OKINDEX] = vj_okindex, [VF_OKFUND] = vj_okfund,
        [VF_OKOI] = vj_okoi,     [VF_OKLIQ] = vj_okliq,     [VF_OKTRADE] = vj_oktrade,
        [VF_OKBBO] = vj_okbbo,   [VF_OKBOOK] = vj_okbook};
    json_t *root = json_loadb(f->text, f->len, 0, NULL);
    assert(root);
    if (take_whole[f->kind])
        take_whole[f->kind](o, root);
    else
        take[f->kind](o, f->kind == VF_OI ? root : json_object_get(root, "data"));
    json_decref(root);
}

#endif
