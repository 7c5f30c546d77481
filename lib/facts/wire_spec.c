/* Spec lines of our own format, both ways: the body printer and the line parser. In: one JSON
 * object
 * {"kind":"spec","venue":..,"symbol":..,...}; out: one EV_SPEC in the batch. One table of fields
 * drives both directions. Keys the table does not know (date, source, asset) are for readers. */
#include "facts/wire_spec.h"

#include <stddef.h>

#include "base/scan.h"
#include "facts/wire.h"

enum field_type {
    F_TEXT,
    F_NUM,
    F_UNIT,
    F_LINEAR,
    F_STATUS,
    F_CATEGORY,
    F_PARTIAL,
    F_TIER_UNIT,
    F_TIER_WHOLE
};

struct field {
    const char *key;
    enum field_type type;
    size_t at; /* offset in struct ev_spec of F_TEXT and F_NUM */
};

static const struct field fields[] = {
    {"base", F_TEXT, offsetof(struct ev_spec, base)},
    {"quote", F_TEXT, offsetof(struct ev_spec, quote)},
    {"settle", F_TEXT, offsetof(struct ev_spec, settle)},
    {"ct_size", F_NUM, offsetof(struct ev_spec, ct_size)},
    {"ct_unit", F_UNIT, 0},
    {"linear", F_LINEAR, 0},
    {"tick", F_NUM, offsetof(struct ev_spec, tick)},
    {"max_leverage", F_NUM, offsetof(struct ev_spec, max_leverage)},
    {"status", F_STATUS, 0},
    {"category", F_CATEGORY, 0},
    {"index", F_TEXT, offsetof(struct ev_spec, index)},
    {"funding_interval_h", F_NUM, offsetof(struct ev_spec, funding_interval_h)},
    {"partial", F_PARTIAL, 0},
    {"tier_unit", F_TIER_UNIT, 0},
    {"tier_whole", F_TIER_WHOLE, 0},
};

#define N_FIELDS (sizeof fields / sizeof *fields)

static void put_word(struct text *t, const char *key, const char *word)
{
    if (!slice_is(slice_of(word), "unsaid"))
        text_kv_str(t, key, word);
}

static void put_field(struct text *t, const struct field *f, const struct ev_spec *s)
{
    struct slice str;
    double num;
    switch (f->type) {
    case F_TEXT:
        memcpy(&str, (const char *)s + f->at, sizeof str);
        if (str.p)
            text_kv_slice(t, f->key, str);
        break;
    case F_NUM:
        memcpy(&num, (const char *)s + f->at, sizeof num);
        if (!isnan(num))
            text_kv_num(t, f->key, num);
        break;
    case F_UNIT:
        put_word(t, f->key, qty_unit_name(s->ct_unit));
        break;
    case F_LINEAR:
        if (s->linear >= 0)
            text_kv_bool(t, f->key, s->linear);
        break;
    case F_STATUS:
        put_word(t, f->key, inst_status_name(s->status));
        break;
    case F_CATEGORY:
        put_word(t, f->key, inst_category_name(s->category));
        break;
    case F_PARTIAL:
        if (s->partial)
            text_kv_bool(t, f->key, true);
        break;
    case F_TIER_UNIT:
        put_word(t, f->key, qty_unit_name(s->tier_unit));
        break;
    case F_TIER_WHOLE:
        if (s->tier_whole)
            text_kv_bool(t, f->key, true);
        break;
    }
}

static void put_tier(struct text *t, const struct tier *r)
{
    text_char(t, '{');
    text_kv_num(t, "floor_usd", r->floor_usd);
    text_kv_num(t, "cap_usd", r->cap_usd);
    text_kv_num(t, "mmr", r->mmr);
    text_kv_num(t, "cum", r->cum);
    text_kv_num(t, "max_leverage", r->max_leverage);
    text_char(t, '}');
}

void wire_spec_body(struct text *t, const struct ev_spec *s)
{
    for (size_t i = 0; i < N_FIELDS; i++)
        put_field(t, &fields[i], s);
    if (!s->tiers)
        return;
    text_key(t, "tiers");
    text_char(t, '[');
    for (uint32_t i = 0; i < s->n_tiers; i++) {
        if (i)
            text_char(t, ',');
        put_tier(t, &s->tiers[i]);
    }
    text_char(t, ']');
}

/* A string, unescaped into the batch's text pool when it needs it. */
static void take_str(struct scan *s, struct batch *b, struct slice *out)
{
    struct slice raw;
    if (scan_str(s, &raw) < 0)
        return;
    if (!s->escaped) {
        *out = raw;
        return;
    }
    int n = scan_unescape(raw, b->text + b->n_text, sizeof b->text - b->n_text);
    if (n < 0) {
        s->err = n;
        return;
    }
    *out = (struct slice){b->text + b->n_text, (uint32_t)n};
    b->n_text += (uint32_t)n;
}

static const char *unit_word(int i)
{
    return qty_unit_name((enum qty_unit)i);
}

static const char *status_word(int i)
{
    return inst_status_name((enum inst_status)i);
}

static const char *category_word(int i)
{
    return inst_category_name((enum inst_category)i);
}

/* Index of a word among n names; an unknown word is an error of the line. */
static int take_word(struct scan *s, const char *name(int), int n)
{
    struct slice word;
    if (scan_str(s, &word) < 0)
        return 0;
    for (int i = 0; i < n; i++)
        if (slice_is(word, name(i)))
            return i;
    s->err = E_UNKNOWN;
    return 0;
}

static void take_field(struct scan *s, struct batch *b, const struct field *f, struct ev_spec *into)
{
    struct slice str = {0};
    double num = NAN;
    bool yes = false;
    switch (f->type) {
    case F_TEXT:
        take_str(s, b, &str);
        memcpy((char *)into + f->at, &str, sizeof str);
        break;
    case F_NUM:
        scan_num_opt(s, &num);
        memcpy((char *)into + f->at, &num, sizeof num);
        break;
    case F_UNIT:
        into->ct_unit = (enum qty_unit)take_word(s, unit_word, QTY_USD + 1);
        break;
    case F_LINEAR:
        scan_bool(s, &yes);
        into->linear = yes;
        break;
    case F_STATUS:
        into->status = (enum inst_status)take_word(s, status_word, INST_DELISTED + 1);
        break;
    case F_CATEGORY:
        into->category = (enum inst_category)take_word(s, category_word, CAT_OTHER + 1);
        break;
    case F_PARTIAL:
        scan_bool(s, &into->partial);
        break;
    case F_TIER_UNIT:
        into->tier_unit = (enum qty_unit)take_word(s, unit_word, QTY_USD + 1);
        break;
    case F_TIER_WHOLE:
        scan_bool(s, &into->tier_whole);
        break;
    }
}

static void take_tier(struct scan *s, struct tier *t)
{
    static const char *const keys[] = {"floor_usd", "cap_usd", "mmr", "cum", "max_leverage"};
    double x[5] = {NAN, NAN, NAN, NAN, NAN};
    struct slice k;
    scan_object(s);
    while (scan_key(s, &k)) {
        int i = 0;
        while (i < 5 && !slice_is(k, keys[i]))
            i++;
        if (i < 5)
            scan_num_opt(s, &x[i]);
        else
            scan_skip(s);
    }
    *t = (struct tier){x[0], isnan(x[1]) ? INFINITY : x[1], x[2], x[3], x[4]};
}

static void take_tiers(struct scan *s, struct batch *b, struct ev_spec *into)
{
    uint32_t from = b->n_tiers;
    scan_array(s);
    while (scan_item(s)) {
        struct tier *t = batch_tier(b);
        if (!t) {
            s->err = E_LIMIT;
            return;
        }
        take_tier(s, t);
    }
    into->tiers = b->tiers + from;
    into->n_tiers = b->n_tiers - from;
}

struct head { /* keys outside the body */
    struct slice kind, venue;
};

static void take_member(struct scan *s, struct batch *b, struct slice k, struct event *e,
                        struct head *h)
{
    int64_t n = 0;
    for (size_t i = 0; i < N_FIELDS; i++)
        if (slice_is(k, fields[i].key)) {
            take_field(s, b, &fields[i], &e->u.spec);
            return;
        }
    if (slice_is(k, "kind")) {
        take_str(s, b, &h->kind);
    } else if (slice_is(k, "venue")) {
        take_str(s, b, &h->venue);
    } else if (slice_is(k, "symbol")) {
        take_str(s, b, &e->symbol);
    } else if (slice_is(k, "dex")) {
        take_str(s, b, &e->dex);
    } else if (slice_is(k, "ord") && scan_i64(s, &n) == 0) {
        e->ord = n >= 0 && n < DIR_INSTRUMENTS_MAX ? (int32_t)n : -1;
    } else if (slice_is(k, "segment") && scan_i64(s, &n) == 0) {
        e->segment = (uint8_t)n;
    } else if (slice_is(k, "t_venue_us")) {
        scan_i64(s, &e->t_venue_us);
    } else if (slice_is(k, "tiers")) {
        take_tiers(s, b, &e->u.spec);
    } else if (!slice_is(k, "ord") && !slice_is(k, "segment")) {
        scan_skip(s);
    }
}

int wire_spec_parse(const char *text, size_t len, struct batch *b, struct slice *venue_name)
{
    uint32_t n0 = b->n, tiers0 = b->n_tiers, text0 = b->n_text;
    struct event *e = batch_add(b, EV_SPEC);
    struct head h = {{0}, {0}};
    struct scan s;
    struct slice k;
    if (!e)
        return E_LIMIT;
    scan_init(&s, text, len);
    scan_object(&s);
    while (scan_key(&s, &k))
        take_member(&s, b, k, e, &h);
    int rc = scan_end(&s);
    if (rc == 0 && !slice_is(h.kind, "spec"))
        rc = E_UNKNOWN;
    if (rc == 0 && (!e->symbol.p || !h.venue.p))
        rc = E_MISSING;
    if (rc < 0) {
        b->n = n0;
        b->n_tiers = tiers0;
        b->n_text = text0;
        return rc;
    }
    *venue_name = h.venue;
    return 0;
}
