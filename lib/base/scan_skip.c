/* Skipping: any value is validated to the last byte and none is converted. In: a scanner at a
 * value. Out: the scanner behind it, or its error. Owns nothing, recurses never: the containers
 * opened on the way are two bits each in a copy of scan.open, which is back to the original at the
 * end. Surprise: a number beyond every type ("1e999") is skipped; the grammar has nothing against
 * it. */
#include "base/scan_inside.h"

static const char closing[4] = {[SCAN_NEXT_KEY] = '}', [SCAN_NEXT_ITEM] = ']'};

static const char *digits_end(const char *p, const char *end)
{
    while (p < end && (unsigned char)(*p - '0') <= 9)
        p++;
    return p;
}

/* The end of the number at p by the grammar alone; NULL when it is none. */
static const char *number_end(const char *p, const char *end)
{
    p += *p == '-';
    const char *q = digits_end(p, end);
    if (q == p || (*p == '0' && q - p > 1))
        return NULL;
    if (q < end && *q == '.') {
        p = q + 1;
        q = digits_end(p, end);
        if (q == p)
            return NULL;
    }
    if (q < end && (*q | 0x20) == 'e') {
        p = q + 1;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        q = digits_end(p, end);
        if (q == p)
            return NULL;
    }
    return q;
}

/* A value that is no container; its end or NULL after an error. */
static inline const char *skip_scalar(struct scan *s, const char *p)
{
    const char *q = NULL;
    enum scan_type type = p < s->end ? (enum scan_type)scan_type_of[(unsigned char)*p] : SCAN_NONE;
    if (type == SCAN_STRING) {
        q = string_end(s, p + 1);
        return q ? q + 1 : NULL;
    }
    if (type == SCAN_NUMBER)
        q = number_end(p, s->end);
    else if (type >= SCAN_TRUE)
        q = scan_literal_end(p, s->end, type);
    if (!q)
        scan_fail(s, p, E_SYNTAX);
    return q;
}

static inline const char *skip_key(struct scan *s, uint64_t open, const char *p)
{
    struct slice key;
    return (open & 3) == SCAN_NEXT_ITEM ? p : take_key(s, p, &key);
}

/* Opens containers as long as the value at p is one; returns the first scalar, the first closing
 * byte of an empty container (*empty), or NULL after an error. */
static const char *skip_down(struct scan *s, uint64_t *open, const char *p, bool *empty)
{
    *empty = false;
    while (p && p < s->end && (*p == '{' || *p == '[')) {
        if (*open >> 62) {
            scan_fail(s, p, E_DEPTH);
            return NULL;
        }
        *open = *open << 2 | (*p == '[' ? SCAN_NEXT_ITEM : SCAN_NEXT_KEY);
        p = skip_space(p + 1, s->end);
        *empty = p < s->end && *p == closing[*open & 3];
        if (*empty)
            return p;
        p = skip_key(s, *open, p);
    }
    return p;
}

/* Behind a value: closes what closes here and steps over a comma; returns the next value's first
 * byte, or the end of the skip when nothing opened since is open any more. */
static inline const char *skip_up(struct scan *s, uint64_t *open, const char *p)
{
    while (*open != s->open) {
        p = skip_space(p, s->end);
        if (p < s->end && *p == ',')
            return skip_key(s, *open, skip_space(p + 1, s->end));
        if (p >= s->end || *p != closing[*open & 3]) {
            scan_fail(s, p, E_SYNTAX);
            return NULL;
        }
        *open >>= 2;
        p++;
    }
    return p;
}

static const char *skip_container(struct scan *s, const char *p)
{
    uint64_t open = s->open; /* grows as containers open, and is back to this at the end */
    do {
        bool empty;
        p = skip_down(s, &open, p, &empty);
        if (p && !empty)
            p = skip_scalar(s, p);
        if (p)
            p = skip_up(s, &open, p);
    } while (p && open != s->open);
    return p;
}

int scan_skip(struct scan *s)
{
    if (s->p >= s->end || s->state != SCAN_AT_VALUE)
        return scan_mismatch(s);
    bool deep = *s->p == '{' || *s->p == '[';
    const char *end = deep ? skip_container(s, s->p) : skip_scalar(s, s->p);
    return end ? took(s, end) : s->err;
}

int scan_raw(struct scan *s, struct slice *out)
{
    const char *from = s->p;
    int rc = scan_skip(s);
    if (rc == 0)
        *out = (struct slice){from, (uint32_t)(s->p - from)};
    return rc;
}
