/* The pull scanner: reads JSON text in place, no allocation, strict RFC 8259 (UTF-8 validated,
 * depth capped, one value and then only white space). jansson is its referee in the tests: both
 * must agree on what is valid and on every value.
 *
 * Use:   struct scan s; scan_init(&s, text, len);
 *        if (scan_object(&s) == 0) { struct slice key; while (scan_key(&s, &key)) { ... } }
 *        if (scan_end(&s) < 0) ...          one check at the end: errors are sticky.
 * Every value must be consumed by exactly one of the value functions or scan_skip; after an error
 * all calls fail and the loops end, so callers need no check inside. A loop step that consumed
 * nothing is an error (E_TYPE), so a forgotten scan_skip cannot hang.
 *
 * Strings are borrowed from the text. A string with escapes is returned raw and flagged in
 * s->escaped; scan_unescape gives its value. Duplicate keys are not looked for (jansson: last one
 * wins; the scanner hands out each).
 * Numbers: scan_num accepts a bare number, or a string that holds exactly one number, because
 * venues write both; scan_num_opt also accepts null and "" (both give NAN). */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include "base/err.h"
#include "base/slice.h"

#define SCAN_DEPTH_MAX 32

enum scan_type {
    SCAN_NONE,
    SCAN_OBJECT,
    SCAN_ARRAY,
    SCAN_STRING,
    SCAN_NUMBER,
    SCAN_TRUE,
    SCAN_FALSE,
    SCAN_NULL
};

/* What comes next. The low two bits name the container; SCAN_AT_VALUE wants a value function. */
enum scan_state {
    SCAN_DONE,
    SCAN_NEXT_KEY,
    SCAN_NEXT_ITEM,
    SCAN_AT_VALUE,
    SCAN_FIRST_KEY = 4 | SCAN_NEXT_KEY,
    SCAN_FIRST_ITEM = 4 | SCAN_NEXT_ITEM
};

struct scan {
    const char *p, *end, *start;
    const char *err_at; /* where the first error was seen */
    int err;            /* 0 or the first E_* */
    unsigned state;     /* enum scan_state */
    uint64_t open;      /* open containers, two bits each: SCAN_NEXT_*, innermost lowest */
    bool escaped;       /* the last string had escapes */
};

void scan_init(struct scan *s, const char *text, size_t len);

/* The type of the next value without consuming it; SCAN_NONE after an error or at the end. */
enum scan_type scan_peek(struct scan *s);

static inline int scan_object(struct scan *s); /* enter; E_TYPE when it is none */
static inline int scan_array(struct scan *s);
bool scan_key(struct scan *s, struct slice *key); /* next member; false at the closing brace */
static inline bool scan_item(struct scan *s);     /* next element; false at the closing bracket */

int scan_str(struct scan *s, struct slice *out);     /* a string, raw */
int scan_str_opt(struct scan *s, struct slice *out); /* a string or null (p = NULL, len 0) */
int scan_num(struct scan *s, double *out);           /* number or number in quotes */
int scan_num_opt(struct scan *s, double *out);       /* also null and "": NAN */
/* An array that begins with two numbers, as a book level does; what follows in it is skipped. */
int scan_num2(struct scan *s, double *a, double *b);
/* Steps over the next elements of the entered array that are plainly written pairs of numbers, none
 * negative, whatever counts in quotes follow in the pair ("0","12"), into out[0..2n), at most max
 * of them; returns n. Anything else is left to scan_item: 0 says nothing about what comes next, and
 * no error is raised here. */
int scan_pairs(struct scan *s, double *out, int max);
int scan_i64(struct scan *s, int64_t *out); /* integer, bare or in quotes */
int scan_bool(struct scan *s, bool *out);
int scan_skip(struct scan *s);                   /* any value, validated */
int scan_raw(struct scan *s, struct slice *out); /* any value, validated, its text */

/* After the top value: 0 when only white space is left; else the first error. */
int scan_end(struct scan *s) MUST_CHECK;

/* Value of a raw string with escapes into dst[cap], no NUL added; returns its length or E_LIMIT. */
int scan_unescape(struct slice raw, char *dst, size_t cap) MUST_CHECK;

/* --- steps, inline: a book has a hundred of them, each waiting for the one before --- */

int scan_enter_slow(struct scan *s, char open);
bool scan_item_slow(struct scan *s);

static inline int scan_enter(struct scan *s, char open, unsigned next)
{
    if (s->p < s->end && *s->p == open && s->state == SCAN_AT_VALUE && s->open >> 62 == 0) {
        s->p++;
        s->open = s->open << 2 | next;
        s->state = 4 | next;
        return 0;
    }
    return scan_enter_slow(s, open);
}

static inline int scan_object(struct scan *s)
{
    return scan_enter(s, '{', SCAN_NEXT_KEY);
}

static inline int scan_array(struct scan *s)
{
    return scan_enter(s, '[', SCAN_NEXT_ITEM);
}

/* Only texts without white space are stepped through here. */
static inline bool scan_item(struct scan *s)
{
    const char *p = s->p;
    if (s->end - p >= 2 && (s->state & 3) == SCAN_NEXT_ITEM) {
        if (*p == ']') {
            s->p = p + 1;
            s->open >>= 2;
            s->state = s->open & 3;
            return false;
        }
        if (s->state == SCAN_FIRST_ITEM || *p++ == ',') {
            if ((unsigned char)*p > ' ') {
                s->p = p;
                s->state = SCAN_AT_VALUE;
                return true;
            }
        }
    }
    return scan_item_slow(s);
}

#endif
