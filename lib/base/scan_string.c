/* What is rare in JSON strings: escapes and UTF-8, checked and unescaped. In: raw text. Out: where
 * it ends, or its value in the caller's buffer. Owns nothing. Surprise: a lone surrogate is
 * refused, though RFC 8259 lets it pass the grammar: it has no UTF-8. */
#include <string.h>

#include "base/scan_inside.h"
#include "base/utf8.h"

static int hex4(const char *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i], low = c | 0x20;
        if (c - '0' <= 9)
            v = v * 16 + (int)(c - '0');
        else if (low - 'a' <= 5)
            v = v * 16 + (int)(low - 'a') + 10;
        else
            return -1;
    }
    return v;
}

/* The escape at p (a backslash): its code point and its length, 0 when it is not valid. Surrogates
 * must come as a pair. */
static size_t read_escape(const char *p, const char *end, unsigned *code)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (end - p < 2)
        return 0;
    const char *at = p[1] ? strchr(from, p[1]) : NULL;
    if (at) {
        *code = (unsigned char)to[at - from];
        return 2;
    }
    int hi = p[1] == 'u' && end - p >= 6 ? hex4(p + 2) : -1;
    if (hi < 0 || (hi & 0xfc00) == 0xdc00)
        return 0;
    *code = (unsigned)hi;
    if ((hi & 0xfc00) != 0xd800)
        return 6;
    int lo = end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
    if (lo < 0 || (lo & 0xfc00) != 0xdc00)
        return 0;
    *code = 0x10000 + ((unsigned)(hi & 0x3ff) << 10) + (unsigned)(lo & 0x3ff);
    return 12;
}

/* From a byte that is not plain to the closing quote; NULL after an error. */
const char *scan_string_slow(struct scan *s, const char *p)
{
    while (p < s->end && *p != '"') {
        unsigned code;
        size_t n;
        if (*p == '\\') {
            n = read_escape(p, s->end, &code);
            s->escaped = true;
        } else {
            n = (unsigned char)*p < 0x20 ? 0 : utf8_len(p, s->end);
        }
        if (n == 0)
            break;
        p = plain_end(p + n, s->end);
    }
    if (p < s->end && *p == '"')
        return p;
    scan_fail(s, p, E_SYNTAX);
    return NULL;
}

static size_t put_utf8(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[n] | code);
    return n;
}

int scan_unescape(struct slice raw, char *dst, size_t cap)
{
    const char *p = raw.p, *end = raw.p ? raw.p + raw.len : NULL;
    size_t len = 0;
    while (p < end) {
        char tmp[4];
        const char *from = p;
        size_t n = 1, used = 1;
        if (*p == '\\') {
            unsigned code;
            used = read_escape(p, end, &code);
            if (used == 0)
                return E_SYNTAX;
            n = put_utf8(code, tmp);
            from = tmp;
        }
        if (n > cap - len)
            return E_LIMIT;
        memcpy(dst + len, from, n);
        len += n;
        p += used;
    }
    return (int)len;
}
