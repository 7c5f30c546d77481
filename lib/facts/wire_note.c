/* Notes as text, both ways: one flat JSON object, one table of fields. Defaults (255, 0, NAN, no
 * text) are left out. A parsed text is borrowed from the line; one with escapes is put into the
 * note's own store. */
#include "facts/wire.h"

#include <stddef.h>

#include "base/scan.h"

struct text_field {
    const char *key;
    size_t at;
};

static const struct text_field texts[] = {
    {"symbol", offsetof(struct note, symbol)},
    {"cause", offsetof(struct note, cause)},
    {"action", offsetof(struct note, action)},
    {"key", offsetof(struct note, key)},
    {"who", offsetof(struct note, who)},
    {"venue_name", offsetof(struct note, venue_name)},
    {"channel_name", offsetof(struct note, channel_name)},
};

#define N_TEXTS (sizeof texts / sizeof *texts)

static const struct text_field bytes[] = {
    {"venue", offsetof(struct note, venue)},
    {"conn", offsetof(struct note, conn)},
    {"channel", offsetof(struct note, channel)},
};

#define N_BYTES (sizeof bytes / sizeof *bytes)

void wire_note(struct text *out, const struct note *n)
{
    text_char(out, '{');
    text_kv_str(out, "kind", note_kind_name(n->kind));
    for (size_t i = 0; i < N_BYTES; i++)
        text_kv_i64(out, bytes[i].key, ((const uint8_t *)n)[bytes[i].at]);
    if (n->code)
        text_kv_i64(out, "code", n->code);
    if (n->until_us)
        text_kv_i64(out, "until_us", n->until_us);
    if (!isnan(n->value))
        text_kv_num(out, "value", n->value);
    for (size_t i = 0; i < N_TEXTS; i++) {
        struct slice s;
        memcpy(&s, (const char *)n + texts[i].at, sizeof s);
        if (s.p)
            text_kv_slice(out, texts[i].key, s);
    }
    text_char(out, '}');
}

static void take_kind(struct scan *s, int *kind)
{
    struct slice word;
    if (scan_str(s, &word) < 0)
        return;
    for (int i = 0; i < NOTE_KINDS; i++)
        if (slice_is(word, note_kind_name((enum note_kind)i)))
            *kind = i;
    if (*kind < 0)
        s->err = E_UNKNOWN;
}

static void take_int(struct scan *s, int64_t lo, int64_t hi, int64_t *out)
{
    int64_t x = 0;
    if (scan_i64(s, &x) < 0)
        return;
    if (x < lo || x > hi)
        s->err = E_RANGE;
    else
        *out = x;
}

static void take_text(struct scan *s, struct note *n, size_t *used, struct slice *out)
{
    struct slice raw;
    if (scan_str(s, &raw) < 0)
        return;
    *out = raw;
    if (!s->escaped)
        return;
    int len = scan_unescape(raw, n->store + *used, sizeof n->store - *used);
    if (len < 0) {
        s->err = len;
        return;
    }
    *out = (struct slice){n->store + *used, (uint32_t)len};
    *used += (size_t)len;
}

static void take_member(struct scan *s, struct slice k, struct note *n, int *kind, size_t *used)
{
    int64_t x = 0;
    for (size_t i = 0; i < N_BYTES; i++)
        if (slice_is(k, bytes[i].key)) {
            take_int(s, 0, 255, &x);
            ((uint8_t *)n)[bytes[i].at] = (uint8_t)x;
            return;
        }
    for (size_t i = 0; i < N_TEXTS; i++)
        if (slice_is(k, texts[i].key)) {
            struct slice str = {0};
            take_text(s, n, used, &str);
            memcpy((char *)n + texts[i].at, &str, sizeof str);
            return;
        }
    if (slice_is(k, "kind")) {
        take_kind(s, kind);
    } else if (slice_is(k, "code")) {
        take_int(s, INT32_MIN, INT32_MAX, &x);
        n->code = (int32_t)x;
    } else if (slice_is(k, "until_us")) {
        take_int(s, INT64_MIN, INT64_MAX, &n->until_us);
    } else if (slice_is(k, "value")) {
        scan_num_opt(s, &n->value);
    } else {
        scan_skip(s);
    }
}

int wire_note_parse(const char *text, size_t len, struct note *n)
{
    struct scan s;
    struct slice k;
    int kind = -1;
    size_t used = 0;
    note_init(n, NOTE_KINDS);
    scan_init(&s, text, len);
    scan_object(&s);
    while (scan_key(&s, &k))
        take_member(&s, k, n, &kind, &used);
    int rc = scan_end(&s);
    if (rc == 0 && kind < 0)
        rc = E_MISSING;
    if (rc < 0)
        return rc;
    n->kind = (enum note_kind)kind;
    return 0;
}
