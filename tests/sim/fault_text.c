/* Spoiling texts. In: a valid text of any venue. Out: one that is not, or that says something
 * false. None of them knows the text's form: they look for quotes, colons and digits. */
#include "sim/fault.h"

#include <ctype.h>
#include <string.h>

static bool digit(const struct slice *s, size_t i)
{
    return i < s->len && isdigit((unsigned char)s->p[i]);
}

static void begin(struct text *out)
{
    text_init(out, out->buf, out->cap);
}

bool spoil_truncate(struct text *out, struct slice s)
{
    begin(out);
    text_put(out, s.p, s.len / 2);
    return s.len > 1;
}

/* Into the first text that is a value, or else the first text. */
bool spoil_utf8(struct text *out, struct slice s)
{
    const char *p = s.len ? memmem(s.p, s.len, ":\"", 2) : NULL;
    size_t at = p ? (size_t)(p - s.p) + 2 : 0;
    if (!p && (p = memchr(s.p, '"', s.len)))
        at = (size_t)(p - s.p) + 1;
    begin(out);
    text_put(out, s.p, at);
    text_put(out, "\xff\xc0\x80", 3);
    text_put(out, s.p + at, s.len - at);
    return at > 0;
}

bool spoil_json(struct text *out, struct slice s)
{
    const char *p = memchr(s.p, ':', s.len);
    size_t at = p ? (size_t)(p - s.p) : s.len;
    begin(out);
    text_put(out, s.p, at);
    if (p)
        text_put(out, p + 1, s.len - at - 1);
    return p != NULL;
}

/* The first number with a decimal point that is a whole token. */
bool spoil_number(struct text *out, struct slice s)
{
    for (size_t i = 1; i + 2 < s.len; i++) {
        size_t n = i;
        if (!digit(&s, i) || isalnum((unsigned char)s.p[i - 1]) || s.p[i - 1] == '.')
            continue;
        while (digit(&s, n))
            n++;
        if (n >= s.len || s.p[n] != '.' || !digit(&s, n + 1))
            continue;
        for (n++; digit(&s, n);)
            n++;
        begin(out);
        text_put(out, s.p, i);
        text_str(out, "1e999");
        text_put(out, s.p + n, s.len - n);
        return true;
    }
    return false;
}

#define STAMP_NEAR_MS 600000

bool spoil_stamps(struct text *out, struct slice s, int64_t now_ms, int64_t by_ms)
{
    bool any = false;
    begin(out);
    for (size_t i = 0; i < s.len;) {
        size_t n = i;
        int64_t x = 0;
        while (digit(&s, n) && n - i < 19)
            x = x * 10 + (s.p[n++] - '0');
        bool alone =
            n > i && (i == 0 || (!isalnum((unsigned char)s.p[i - 1]) && s.p[i - 1] != '.'));
        int64_t off = x - now_ms;
        if (alone && n - i == 13 && off > -STAMP_NEAR_MS && off < STAMP_NEAR_MS) {
            text_i64(out, x + by_ms);
            any = true;
        } else {
            n += n == i;
            text_put(out, s.p + i, n - i);
        }
        i = n;
    }
    return any;
}
