/* What the scanner's files share: white space, strings and keys, all inline, because they are the
 * inner loop of decoding (scan.c steps and reads values, scan_skip.c skips, scan_string.c does what
 * is rare in strings). Inside lib/base only. */
#ifndef BASE_SCAN_INSIDE_H
#define BASE_SCAN_INSIDE_H

#include "base/num_fast.h"
#include "base/scan.h"

/* Notes the first error, moves p to the end so that nothing goes on; returns the first error. */
int scan_fail(struct scan *s, const char *at, int err);

/* From a byte that is not plain to the closing quote; NULL after an error. */
const char *scan_string_slow(struct scan *s, const char *p);

/* The end of the literal (true, false, null) of this type at p, NULL when it is misspelt. */
const char *scan_literal_end(const char *p, const char *end, enum scan_type type);

/* The value where the scanner stands is not what the caller asked for, or is none at all. */
int scan_mismatch(struct scan *s);

#define KEY_WINDOW 20 /* comma, quote, 16 bytes loaded, colon and one more */

extern const uint8_t scan_type_of[256]; /* enum scan_type by a value's first byte */

static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && (unsigned char)*p <= ' ' &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

#ifdef NUM_FAST_SSE2
/* A bit for each of the 16 bytes at p that is a quote, a backslash, a control character or not
 * ASCII. */
static inline unsigned odd_bytes(const char *p)
{
    __m128i x;
    memcpy(&x, p, sizeof x);
    /* signed: bytes from 0x80 up are negative, so one compare finds them and the controls */
    __m128i odd = _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(' ')),
                               _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                            _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
    return (unsigned)_mm_movemask_epi8(odd);
}
#endif

/* The first byte at or after p that is a quote, a backslash, a control character or not ASCII. */
static inline const char *plain_end(const char *p, const char *end)
{
#ifdef NUM_FAST_SSE2
    for (; end - p >= 16; p += 16) {
        unsigned mask = odd_bytes(p);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && (signed char)*p >= ' ' && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* The same when it is among the 16 bytes at p, else NULL. */
static inline const char *short_end(const char *p)
{
#ifdef NUM_FAST_SSE2
    unsigned mask = odd_bytes(p);
    return mask ? p + __builtin_ctz(mask) : NULL;
#else
    (void)p;
    return NULL;
#endif
}

/* p is behind the opening quote; returns the closing quote or NULL after an error. */
static inline const char *string_end(struct scan *s, const char *p)
{
    s->escaped = false;
    p = plain_end(p, s->end);
    if (__builtin_expect(p < s->end && *p == '"', 1))
        return p;
    return scan_string_slow(s, p);
}

static inline int took(struct scan *s, const char *end)
{
    s->p = end;
    s->state = s->open & 3;
    return 0;
}

/* A key with its colon; returns the value's first byte or NULL after an error. */
static inline const char *take_key(struct scan *s, const char *p, struct slice *key)
{
    if (p >= s->end || *p != '"') {
        scan_fail(s, p, E_SYNTAX);
        return NULL;
    }
    const char *q = string_end(s, p + 1);
    if (!q)
        return NULL;
    *key = (struct slice){p + 1, (uint32_t)(q - p - 1)};
    q = skip_space(q + 1, s->end);
    if (q >= s->end || *q != ':') {
        scan_fail(s, q, E_SYNTAX);
        return NULL;
    }
    return skip_space(q + 1, s->end);
}

#endif
