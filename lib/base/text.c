/* The bounded text builder. In: pieces of text, numbers, JSON members. Out: a NUL-terminated text
 * in the caller's buffer. Owns nothing. Surprise: each call is all or nothing; a string or a member
 * that does not fit is taken back whole, so what is in the buffer never ends inside an escape. */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "base/utf8.h"

void text_init(struct text *t, char *buf, size_t cap)
{
    assert(cap > 0);
    *t = (struct text){buf, cap, 0, false};
    buf[0] = 0;
}

void text_put(struct text *t, const char *p, size_t n)
{
    if (t->full || n >= t->cap - t->len) {
        t->full = true;
        return;
    }
    if (n)
        memcpy(t->buf + t->len, p, n);
    t->len += n;
    t->buf[t->len] = 0;
}

void text_str(struct text *t, const char *s)
{
    text_put(t, s, strlen(s));
}

void text_slice(struct text *t, struct slice s)
{
    text_put(t, s.p, s.len);
}

void text_char(struct text *t, char c)
{
    text_put(t, &c, 1);
}

void text_num(struct text *t, double x)
{
    char buf[NUM_PRINT_MAX];
    size_t n = num_print(buf, x);
    text_put(t, buf, n);
}

void text_i64(struct text *t, int64_t x)
{
    char buf[NUM_PRINT_MAX];
    size_t n = num_print_i64(buf, x);
    text_put(t, buf, n);
}

static void cut_back(struct text *t, size_t len)
{
    if (t->full) {
        t->len = len;
        t->buf[len] = 0;
    }
}

void text_fmt(struct text *t, const char *fmt, ...)
{
    if (t->full)
        return;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->buf + t->len, t->cap - t->len, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= t->cap - t->len) {
        t->full = true;
        t->buf[t->len] = 0;
        return;
    }
    t->len += (size_t)n;
}

/* Bytes that JSON text may hold as they are. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_control(struct text *t, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char out[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    text_put(t, out, sizeof out);
}

/* One character that is not plain; returns the bytes it took from p. */
static size_t put_special(struct text *t, const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;
    if (c == '"' || c == '\\') {
        const char out[2] = {'\\', (char)c};
        text_put(t, out, 2);
        return 1;
    }
    if (c < 0x20) {
        put_control(t, c);
        return 1;
    }
    size_t n = utf8_len(p, end);
    if (n)
        text_put(t, p, n);
    else
        text_put(t, "\\ufffd", 6);
    return n ? n : 1;
}

void text_json(struct text *t, struct slice s)
{
    size_t from = t->len;
    const char *p = s.p, *end = s.p ? s.p + s.len : NULL;
    text_char(t, '"');
    while (p < end && !t->full) {
        const char *q = p;
        while (q < end && is_plain((unsigned char)*q))
            q++;
        text_put(t, p, (size_t)(q - p));
        p = q < end ? q + put_special(t, q, end) : q;
    }
    text_char(t, '"');
    cut_back(t, from);
}

void text_key(struct text *t, const char *key)
{
    size_t from = t->len;
    char last = t->len ? t->buf[t->len - 1] : '{';
    if (last != '{' && last != '[')
        text_char(t, ',');
    text_json(t, slice_of(key));
    text_char(t, ':');
    cut_back(t, from);
}

void text_kv_num(struct text *t, const char *key, double x)
{
    size_t from = t->len;
    text_key(t, key);
    text_num(t, x);
    cut_back(t, from);
}

void text_kv_i64(struct text *t, const char *key, int64_t x)
{
    size_t from = t->len;
    text_key(t, key);
    text_i64(t, x);
    cut_back(t, from);
}

void text_kv_str(struct text *t, const char *key, const char *s)
{
    size_t from = t->len;
    text_key(t, key);
    if (s)
        text_json(t, slice_of(s));
    else
        text_str(t, "null");
    cut_back(t, from);
}

void text_kv_slice(struct text *t, const char *key, struct slice s)
{
    size_t from = t->len;
    text_key(t, key);
    text_json(t, s);
    cut_back(t, from);
}

void text_kv_bool(struct text *t, const char *key, bool b)
{
    size_t from = t->len;
    text_key(t, key);
    text_str(t, b ? "true" : "false");
    cut_back(t, from);
}
