/* The pull scanner. In: text the caller keeps alive. Out: borrowed slices and numbers, one error at
 * the end. Owns nothing, allocates nothing.
 * Surprise: an error moves p to the end of the text, so every later call fails by its ordinary
 * bounds check and the hot path never looks at `err`. Strings are searched 16 bytes at a time with
 * SSE2 where there is SSE2; the first byte that is not plain goes the slow, strict way. */
#include "base/scan.h"

#include <math.h>
#include <string.h>

#include "base/num_exact.h"
#include "base/scan_inside.h"

int scan_fail(struct scan *s, const char *at, int err)
{
    if (!s->err) {
        s->err = err;
        s->err_at = at;
    }
    s->p = s->end;
    return s->err;
}

/* --- types --- */

const uint8_t scan_type_of[256] = {
    ['{'] = SCAN_OBJECT, ['['] = SCAN_ARRAY,  ['"'] = SCAN_STRING, ['t'] = SCAN_TRUE,
    ['f'] = SCAN_FALSE,  ['n'] = SCAN_NULL,   ['-'] = SCAN_NUMBER, ['0'] = SCAN_NUMBER,
    ['1'] = SCAN_NUMBER, ['2'] = SCAN_NUMBER, ['3'] = SCAN_NUMBER, ['4'] = SCAN_NUMBER,
    ['5'] = SCAN_NUMBER, ['6'] = SCAN_NUMBER, ['7'] = SCAN_NUMBER, ['8'] = SCAN_NUMBER,
    ['9'] = SCAN_NUMBER,
};

static const char closing[4] = {[SCAN_NEXT_KEY] = '}', [SCAN_NEXT_ITEM] = ']'};

static const struct literal {
    const char *text;
    size_t len;
} literals[] = {[SCAN_TRUE] = {"true", 4}, [SCAN_FALSE] = {"false", 5}, [SCAN_NULL] = {"null", 4}};

enum scan_type scan_peek(struct scan *s)
{
    if (s->p >= s->end || s->state != SCAN_AT_VALUE)
        return SCAN_NONE;
    return (enum scan_type)scan_type_of[(unsigned char)*s->p];
}

/* The value at p is not what the caller asked for, or is none at all. */
int scan_mismatch(struct scan *s)
{
    bool caller = s->state != SCAN_AT_VALUE && s->p < s->end; /* asked where none is due */
    return scan_fail(s, s->p, caller || scan_peek(s) != SCAN_NONE ? E_TYPE : E_SYNTAX);
}

/* The end of the literal of this type at p, NULL when it is misspelt. */
const char *scan_literal_end(const char *p, const char *end, enum scan_type type)
{
    const struct literal *l = &literals[type];
    if ((size_t)(end - p) < l->len || memcmp(p, l->text, l->len) != 0)
        return NULL;
    return p + l->len;
}

static int take_literal(struct scan *s, enum scan_type type)
{
    const char *end = scan_literal_end(s->p, s->end, type);
    return end ? took(s, end) : scan_fail(s, s->p, E_SYNTAX);
}

/* --- containers --- */

void scan_init(struct scan *s, const char *text, size_t len)
{
    *s = (struct scan){.start = text, .end = text + len, .state = SCAN_AT_VALUE};
    s->p = skip_space(text, s->end);
}

int scan_enter_slow(struct scan *s, char open)
{
    if (s->p >= s->end || *s->p != open || s->state != SCAN_AT_VALUE)
        return scan_mismatch(s);
    return scan_fail(s, s->p, E_DEPTH);
}

/* Steps to the next element: returns its first byte, NULL at the closing byte or after an error.
 * next: SCAN_NEXT_KEY or SCAN_NEXT_ITEM. */
static inline const char *step(struct scan *s, unsigned next)
{
    const char *p = skip_space(s->p, s->end);
    if ((s->state & 3) != next || p >= s->end) {
        scan_fail(s, p, (s->state & 3) != next ? E_TYPE : E_SYNTAX);
        return NULL;
    }
    if (*p == closing[next]) {
        s->open >>= 2;
        took(s, p + 1);
        return NULL;
    }
    if (s->state & 4)
        return p;
    if (*p != ',') {
        scan_fail(s, p, E_SYNTAX);
        return NULL;
    }
    return skip_space(p + 1, s->end);
}

static __attribute__((noinline)) bool slow_key(struct scan *s, struct slice *key)
{
    const char *p = step(s, SCAN_NEXT_KEY);
    if (p)
        p = take_key(s, p, key);
    if (!p)
        return false;
    s->p = p;
    s->state = SCAN_AT_VALUE;
    return true;
}

/* A short plain key without white space around it is taken here, all else the slow way: both do the
 * same to what this one takes. */
bool scan_key(struct scan *s, struct slice *key)
{
    const char *p = s->p;
    if (s->end - p < KEY_WINDOW || (s->state & 3) != SCAN_NEXT_KEY)
        return slow_key(s, key);
    if (s->state == SCAN_NEXT_KEY && *p++ != ',')
        return slow_key(s, key);
    if (*p != '"')
        return slow_key(s, key);
    const char *q = short_end(p + 1);
    if (!q || *q != '"' || q[1] != ':' || (unsigned char)q[2] <= ' ')
        return slow_key(s, key);
    *key = (struct slice){p + 1, (uint32_t)(q - p - 1)};
    s->escaped = false;
    s->p = q + 2;
    s->state = SCAN_AT_VALUE;
    return true;
}

bool scan_item_slow(struct scan *s)
{
    const char *p = step(s, SCAN_NEXT_ITEM);
    if (!p)
        return false;
    s->p = p;
    s->state = SCAN_AT_VALUE;
    return true;
}

/* --- values --- */

int scan_str(struct scan *s, struct slice *out)
{
    const char *p = s->p;
    if (p >= s->end || *p != '"' || s->state != SCAN_AT_VALUE)
        return scan_mismatch(s);
    const char *q = string_end(s, p + 1);
    if (!q)
        return s->err;
    *out = (struct slice){p + 1, (uint32_t)(q - p - 1)};
    return took(s, q + 1);
}

int scan_str_opt(struct scan *s, struct slice *out)
{
    if (scan_peek(s) != SCAN_NULL)
        return scan_str(s, out);
    s->escaped = false;
    int rc = take_literal(s, SCAN_NULL);
    if (rc == 0)
        *out = (struct slice){NULL, 0};
    return rc;
}

/* The number at p, bare or in quotes, in the common form; its end behind the quote, else NULL. The
 * window must be readable and one byte more. */
static inline __attribute__((always_inline)) const char *fast_number(const char *p,
                                                                     struct num_fast *n)
{
    if (*p == '"') {
        NUM_FAST_JUMP;
        p = num_fast(p + 1, n);
        return p && *p == '"' ? p + 1 : NULL;
    }
    p = num_fast(p, n);
    return p && !num_fast_goes_on(p) ? p : NULL;
}

/* The same near the end of the text, where a window cannot be loaded: small bodies end in a number
 * as a rule. Behind the text stand zeros, which end any number. */
static __attribute__((noinline)) const char *fast_tail(const struct scan *s, struct num_fast *n)
{
    char window[NUM_FAST_WINDOW + 24] = {0}; /* a window from each byte of the tail */
    size_t left = (size_t)(s->end - s->p);
    if (left == 0 || left > NUM_FAST_WINDOW || s->state != SCAN_AT_VALUE)
        return NULL;
    memcpy(window, s->p, left);
    const char *end = fast_number(window, n);
    return end ? s->p + (end - window) : NULL;
}

/* The same where the scanner stands. */
static inline __attribute__((always_inline)) const char *fast_here(const struct scan *s,
                                                                   struct num_fast *n)
{
    if (s->end - s->p < NUM_FAST_WINDOW + 1 || s->state != SCAN_AT_VALUE)
        return fast_tail(s, n);
    return fast_number(s->p, n);
}

/* The same for any number. A string that is no number is E_TYPE. */
static int slow_number(struct scan *s, struct decimal *d, const char **end)
{
    enum scan_type type = scan_peek(s);
    const char *p = s->p;
    if (type == SCAN_NUMBER) {
        *end = num_grammar(p, s->end, d);
        return *end ? 0 : scan_fail(s, p, E_SYNTAX);
    }
    if (type != SCAN_STRING)
        return scan_mismatch(s);
    const char *q = string_end(s, p + 1);
    if (!q)
        return s->err;
    if (s->escaped || num_grammar(p + 1, q, d) != q)
        return scan_fail(s, p, E_TYPE);
    *end = q + 1;
    return 0;
}

static __attribute__((noinline)) int slow_num(struct scan *s, double *out)
{
    struct decimal d;
    const char *end;
    double x;
    int rc = slow_number(s, &d, &end);
    if (rc < 0)
        return rc;
    rc = decimal_value(&d, &x);
    if (rc < 0)
        return scan_fail(s, s->p, rc);
    *out = x;
    return took(s, end);
}

int scan_num(struct scan *s, double *out)
{
    struct num_fast n;
    const char *end = fast_here(s, &n);
    if (!end)
        return slow_num(s, out);
    *out = num_fast_value(&n);
    return took(s, end);
}

static __attribute__((noinline)) int slow_num2(struct scan *s, double *a, double *b)
{
    double x = 0, y = 0;
    scan_array(s);
    if (!scan_item(s) || scan_num(s, &x) < 0 || !scan_item(s) || scan_num(s, &y) < 0)
        return s->err ? s->err : scan_fail(s, s->p, E_TYPE); /* an array of fewer */
    while (scan_item(s))
        scan_skip(s);
    if (s->err)
        return s->err;
    *a = x;
    *b = y;
    return 0;
}

/* What a pair may carry behind its numbers and nobody reads, counts in quotes: ,"0","12" up to the
 * bracket; NULL when it is anything else. */
static const char *counts_end(const char *p, const char *end)
{
    while (end - p > 2 && p[0] == ',' && p[1] == '"') {
        for (p += 2; p < end && *p >= '0' && *p <= '9'; p++)
            ;
        if (p == end || *p++ != '"')
            return NULL;
    }
    return p < end && *p == ']' ? p : NULL;
}

/* One "[a,b]" at p; its end, or NULL when it is anything else. The first number takes at most 20
 * bytes with its quotes, bracket and comma, so the second has its window when two are left. */
static inline __attribute__((always_inline)) const char *fast_pair(const char *p, const char *end,
                                                                   double *out)
{
    struct num_fast x, y;
    if (end - p < 2 * NUM_FAST_WINDOW || *p != '[')
        return NULL;
    p = fast_number(p + 1, &x);
    if (!p || *p != ',')
        return NULL;
    p = fast_number(p + 1, &y);
    if (!p || x.neg || y.neg || (*p != ']' && !(p = counts_end(p, end))))
        return NULL;
    num_fast_values(&x, &y, out);
    return p + 1;
}

int scan_num2(struct scan *s, double *a, double *b)
{
    double pair[2];
    const char *end = NULL;
    if (s->state == SCAN_AT_VALUE && s->open >> 62 == 0)
        end = fast_pair(s->p, s->end, pair);
    if (!end)
        return slow_num2(s, a, b);
    *a = pair[0];
    *b = pair[1];
    return took(s, end);
}

/* The place stays in a register from pair to pair: through memory each step would wait for it. */
int scan_pairs(struct scan *s, double *out, int max)
{
    const char *end = s->end, *at = s->p;
    int n = 0;
    if ((s->state & 3) != SCAN_NEXT_ITEM || s->open >> 62)
        return 0;
    const char *p = s->state == SCAN_FIRST_ITEM ? at : at < end && *at == ',' ? at + 1 : NULL;
    while (p && n < max && (p = fast_pair(p, end, out + 2 * n))) {
        n++;
        at = p;
        p = p < end && *p == ',' ? p + 1 : NULL;
    }
    if (n > 0) {
        s->p = at;
        s->state = SCAN_NEXT_ITEM;
    }
    return n;
}

int scan_num_opt(struct scan *s, double *out)
{
    int rc = 0;
    if (scan_peek(s) == SCAN_NULL)
        rc = take_literal(s, SCAN_NULL);
    else if (s->end - s->p >= 2 && s->state == SCAN_AT_VALUE && s->p[0] == '"' && s->p[1] == '"')
        took(s, s->p + 2);
    else
        return scan_num(s, out);
    if (rc == 0)
        *out = NAN;
    return rc;
}

static __attribute__((noinline)) int slow_i64(struct scan *s, int64_t *out)
{
    struct decimal d;
    const char *end;
    int rc = slow_number(s, &d, &end);
    if (rc < 0)
        return rc;
    if (!d.integer)
        return scan_fail(s, s->p, E_TYPE);
    rc = decimal_i64(&d, out);
    return rc < 0 ? scan_fail(s, s->p, rc) : took(s, end);
}

int scan_i64(struct scan *s, int64_t *out)
{
    struct num_fast n;
    const char *end = fast_here(s, &n);
    if (!end || n.scale)
        return slow_i64(s, out);
    *out = n.neg ? -(int64_t)n.w : (int64_t)n.w;
    return took(s, end);
}

int scan_bool(struct scan *s, bool *out)
{
    enum scan_type type = scan_peek(s);
    if (type != SCAN_TRUE && type != SCAN_FALSE)
        return scan_mismatch(s);
    int rc = take_literal(s, type);
    if (rc == 0)
        *out = type == SCAN_TRUE;
    return rc;
}

int scan_end(struct scan *s)
{
    if (s->err)
        return s->err;
    s->p = skip_space(s->p, s->end);
    if (s->p < s->end || s->state != SCAN_DONE)
        return scan_fail(s, s->p, E_SYNTAX);
    return 0;
}
