/* The pull scanner. In: text the caller keeps alive. Out: borrowed slices and numbers, one error at
 * the end. Owns nothing, allocates nothing.
 * Surprise: an error moves p to the end of the text, so every later call fails by its ordinary
 * bounds check and the hot path never looks at `err`. Strings are searched 16 bytes at a time with
 * SSE2 where there is SSE2; the first byte that is not plain goes the slow, strict way. */
#include "base/scan.h"

#include <math.h>

#include "base/num.h"
#include "base/num_exact.h"
#include "base/num_fast.h"
#include "base/utf8.h"

static int fail(struct scan *s, const char *at, int err)
{
    if (!s->err) {
        s->err = err;
        s->err_at = at;
    }
    s->p = s->end;
    return s->err;
}

static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* --- strings -----------------------------------------------------------------------------------
 */

/* The first byte at or after p that is a quote, a backslash, a control character or not ASCII. */
static inline const char *plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
                  space = _mm_set1_epi8(' ');
    for (; end - p >= 16; p += 16) {
        __m128i x;
        memcpy(&x, p, sizeof x);
        /* signed: bytes from 0x80 up are negative, so one compare finds them and the controls */
        __m128i odd =
            _mm_or_si128(_mm_cmplt_epi8(x, space),
                         _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)));
        unsigned mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && (signed char)*p >= ' ' && *p != '"' && *p != '\\')
        p++;
    return p;
}

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
static const char *string_slow(struct scan *s, const char *p)
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
    fail(s, p, E_SYNTAX);
    return NULL;
}

/* p is behind the opening quote; returns the closing quote or NULL after an error. */
static inline const char *string_end(struct scan *s, const char *p)
{
    s->escaped = false;
    p = plain_end(p, s->end);
    if (__builtin_expect(p < s->end && *p == '"', 1))
        return p;
    return string_slow(s, p);
}

/* --- types -------------------------------------------------------------------------------------
 */

static const uint8_t type_of[256] = {
    ['{'] = SCAN_OBJECT, ['['] = SCAN_ARRAY,  ['"'] = SCAN_STRING, ['t'] = SCAN_TRUE,
    ['f'] = SCAN_FALSE,  ['n'] = SCAN_NULL,   ['-'] = SCAN_NUMBER, ['0'] = SCAN_NUMBER,
    ['1'] = SCAN_NUMBER, ['2'] = SCAN_NUMBER, ['3'] = SCAN_NUMBER, ['4'] = SCAN_NUMBER,
    ['5'] = SCAN_NUMBER, ['6'] = SCAN_NUMBER, ['7'] = SCAN_NUMBER, ['8'] = SCAN_NUMBER,
    ['9'] = SCAN_NUMBER,
};

static const struct literal {
    const char *text;
    size_t len;
} literals[] = {[SCAN_TRUE] = {"true", 4}, [SCAN_FALSE] = {"false", 5}, [SCAN_NULL] = {"null", 4}};

enum scan_type scan_peek(struct scan *s)
{
    if (s->p >= s->end || !s->due)
        return SCAN_NONE;
    return (enum scan_type)type_of[(unsigned char)*s->p];
}

/* The value at p is not what the caller asked for, or is none at all. */
static int mismatch(struct scan *s)
{
    bool caller = !s->due && s->p < s->end; /* asked for a value where none is due */
    return fail(s, s->p, caller || scan_peek(s) != SCAN_NONE ? E_TYPE : E_SYNTAX);
}

static inline int took(struct scan *s, const char *end)
{
    s->p = end;
    s->due = false;
    return 0;
}

/* The end of the literal of this type at p, NULL when it is misspelt. */
static const char *literal_end(const char *p, const char *end, enum scan_type type)
{
    const struct literal *l = &literals[type];
    if ((size_t)(end - p) < l->len || memcmp(p, l->text, l->len) != 0)
        return NULL;
    return p + l->len;
}

static int take_literal(struct scan *s, enum scan_type type)
{
    const char *end = literal_end(s->p, s->end, type);
    return end ? took(s, end) : fail(s, s->p, E_SYNTAX);
}

/* --- containers --------------------------------------------------------------------------------
 */

void scan_init(struct scan *s, const char *text, size_t len)
{
    *s = (struct scan){.start = text, .end = text + len, .due = true};
    s->p = skip_space(text, s->end);
}

static inline int enter(struct scan *s, char open)
{
    if (s->p >= s->end || *s->p != open || !s->due)
        return mismatch(s);
    if (s->depth == SCAN_DEPTH_MAX)
        return fail(s, s->p, E_DEPTH);
    s->depth++;
    s->is_array = s->is_array << 1 | (open == '[');
    s->first = true;
    return took(s, s->p + 1);
}

int scan_object(struct scan *s)
{
    return enter(s, '{');
}

int scan_array(struct scan *s)
{
    return enter(s, '[');
}

/* Steps to the next element: returns its first byte, NULL at the closing byte or after an error. */
static inline const char *step(struct scan *s, char close)
{
    const char *p = skip_space(s->p, s->end);
    if (s->due || s->depth == 0 || (s->is_array & 1) != (close == ']')) {
        fail(s, p, E_TYPE);
        return NULL;
    }
    if (p >= s->end) {
        fail(s, p, E_SYNTAX);
        return NULL;
    }
    if (*p == close) {
        s->depth--;
        s->is_array >>= 1;
        s->first = false;
        s->p = p + 1;
        return NULL;
    }
    if (!s->first) {
        if (*p != ',') {
            fail(s, p, E_SYNTAX);
            return NULL;
        }
        p = skip_space(p + 1, s->end);
    }
    s->first = false;
    return p;
}

/* A key with its colon; returns the value's first byte or NULL after an error. */
static inline const char *take_key(struct scan *s, const char *p, struct slice *key)
{
    if (p >= s->end || *p != '"') {
        fail(s, p, E_SYNTAX);
        return NULL;
    }
    const char *q = string_end(s, p + 1);
    if (!q)
        return NULL;
    *key = (struct slice){p + 1, (uint32_t)(q - p - 1)};
    q = skip_space(q + 1, s->end);
    if (q >= s->end || *q != ':') {
        fail(s, q, E_SYNTAX);
        return NULL;
    }
    return skip_space(q + 1, s->end);
}

bool scan_key(struct scan *s, struct slice *key)
{
    const char *p = step(s, '}');
    if (p)
        p = take_key(s, p, key);
    if (!p)
        return false;
    s->p = p;
    s->due = true;
    return true;
}

bool scan_item(struct scan *s)
{
    const char *p = step(s, ']');
    if (!p)
        return false;
    s->p = p;
    s->due = true;
    return true;
}

/* --- values ------------------------------------------------------------------------------------
 */

int scan_str(struct scan *s, struct slice *out)
{
    const char *p = s->p;
    if (p >= s->end || *p != '"' || !s->due)
        return mismatch(s);
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

/* The number at p, bare or in quotes, in the common form; its end behind the quote, else NULL. */
static inline const char *fast_number(const struct scan *s, struct num_fast *n)
{
    if (s->end - s->p < NUM_FAST_WINDOW + 1 || !s->due)
        return NULL;
    bool quoted = *s->p == '"';
    const char *q = num_fast(s->p + quoted, n);
    if (!q || (quoted && *q != '"'))
        return NULL;
    return q + quoted;
}

/* The same for any number. A string that is no number is E_TYPE. */
static int slow_number(struct scan *s, struct decimal *d, const char **end)
{
    enum scan_type type = scan_peek(s);
    const char *p = s->p;
    if (type == SCAN_NUMBER) {
        *end = num_grammar(p, s->end, d);
        return *end ? 0 : fail(s, p, E_SYNTAX);
    }
    if (type != SCAN_STRING)
        return mismatch(s);
    const char *q = string_end(s, p + 1);
    if (!q)
        return s->err;
    if (s->escaped || num_grammar(p + 1, q, d) != q)
        return fail(s, p, E_TYPE);
    *end = q + 1;
    return 0;
}

static int slow_num(struct scan *s, double *out)
{
    struct decimal d;
    const char *end;
    double x;
    int rc = slow_number(s, &d, &end);
    if (rc < 0)
        return rc;
    rc = decimal_value(&d, &x);
    if (rc < 0)
        return fail(s, s->p, rc);
    *out = x;
    return took(s, end);
}

int scan_num(struct scan *s, double *out)
{
    struct num_fast n;
    const char *end = fast_number(s, &n);
    if (!end)
        return slow_num(s, out);
    *out = num_fast_value(&n);
    return took(s, end);
}

int scan_num_opt(struct scan *s, double *out)
{
    int rc = 0;
    if (scan_peek(s) == SCAN_NULL)
        rc = take_literal(s, SCAN_NULL);
    else if (s->end - s->p >= 2 && s->due && s->p[0] == '"' && s->p[1] == '"')
        took(s, s->p + 2);
    else
        return scan_num(s, out);
    if (rc == 0)
        *out = NAN;
    return rc;
}

static int slow_i64(struct scan *s, int64_t *out)
{
    struct decimal d;
    const char *end;
    int rc = slow_number(s, &d, &end);
    if (rc < 0)
        return rc;
    if (!d.integer)
        return fail(s, s->p, E_TYPE);
    rc = decimal_i64(&d, out);
    return rc < 0 ? fail(s, s->p, rc) : took(s, end);
}

int scan_i64(struct scan *s, int64_t *out)
{
    struct num_fast n;
    const char *end = fast_number(s, &n);
    if (!end || n.scale)
        return slow_i64(s, out);
    *out = n.neg ? -(int64_t)n.w : (int64_t)n.w;
    return took(s, end);
}

int scan_bool(struct scan *s, bool *out)
{
    enum scan_type type = scan_peek(s);
    if (type != SCAN_TRUE && type != SCAN_FALSE)
        return mismatch(s);
    int rc = take_literal(s, type);
    if (rc == 0)
        *out = type == SCAN_TRUE;
    return rc;
}

/* --- skipping ----------------------------------------------------------------------------------
 */

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
    enum scan_type type = p < s->end ? (enum scan_type)type_of[(unsigned char)*p] : SCAN_NONE;
    if (type == SCAN_STRING) {
        q = string_end(s, p + 1);
        return q ? q + 1 : NULL;
    }
    if (type == SCAN_NUMBER)
        q = number_end(p, s->end);
    else if (type >= SCAN_TRUE)
        q = literal_end(p, s->end, type);
    if (!q)
        fail(s, p, E_SYNTAX);
    return q;
}

/* Where a skip stands: the containers opened since it began, innermost lowest. */
struct skip {
    uint32_t is_array;
    int depth;
};

static inline const char *skip_key(struct scan *s, struct skip *k, const char *p)
{
    struct slice key;
    return k->is_array & 1 ? p : take_key(s, p, &key);
}

/* Opens containers as long as the value at p is one; returns the first scalar, the first closing
 * byte of an empty container (*empty), or NULL after an error. */
static const char *skip_down(struct scan *s, struct skip *k, const char *p, bool *empty)
{
    *empty = false;
    while (p && p < s->end && (*p == '{' || *p == '[')) {
        if (s->depth + k->depth == SCAN_DEPTH_MAX) {
            fail(s, p, E_DEPTH);
            return NULL;
        }
        k->depth++;
        k->is_array = k->is_array << 1 | (*p == '[');
        p = skip_space(p + 1, s->end);
        *empty = p < s->end && *p == (k->is_array & 1 ? ']' : '}');
        if (*empty)
            return p;
        p = skip_key(s, k, p);
    }
    return p;
}

/* Behind a value: closes what closes here and steps over a comma; returns the next value's first
 * byte, or the end of the skip when nothing is open any more. */
static inline const char *skip_up(struct scan *s, struct skip *k, const char *p)
{
    while (k->depth > 0) {
        p = skip_space(p, s->end);
        if (p < s->end && *p == ',')
            return skip_key(s, k, skip_space(p + 1, s->end));
        if (p >= s->end || *p != (k->is_array & 1 ? ']' : '}')) {
            fail(s, p, E_SYNTAX);
            return NULL;
        }
        k->depth--;
        k->is_array >>= 1;
        p++;
    }
    return p;
}

static const char *skip_container(struct scan *s, const char *p)
{
    struct skip k = {0, 0};
    do {
        bool empty;
        p = skip_down(s, &k, p, &empty);
        if (p && !empty)
            p = skip_scalar(s, p);
        if (p)
            p = skip_up(s, &k, p);
    } while (p && k.depth > 0);
    return p;
}

int scan_skip(struct scan *s)
{
    if (s->p >= s->end || !s->due)
        return mismatch(s);
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

int scan_end(struct scan *s)
{
    if (s->err)
        return s->err;
    s->p = skip_space(s->p, s->end);
    if (s->p < s->end || s->depth > 0 || s->due)
        return fail(s, s->p, E_SYNTAX);
    return 0;
}

/* --- unescape ----------------------------------------------------------------------------------
 */

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
