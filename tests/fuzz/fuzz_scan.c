/* The pull scanner against jansson on any bytes: both agree on what is valid and on every value.
 * Both trees are built with jansson's types and compared with json_equal (so the last of duplicate
 * keys wins on both sides). Where they may differ, and only there:
 *   - deeper than SCAN_DEPTH_MAX: ours says E_DEPTH, whatever jansson says;
 *   - \u0000 in a key: jansson cannot hold it and refuses, ours hands it out;
 *   - a number beyond int64 or double: jansson refuses it while lexing, ours when it is read
 * (E_RANGE), while a skip looks at the grammar alone. */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *build(struct scan *s, bool *nul_key);

/* The text of a raw string, unescaped; exact heap memory so that an overrun is seen. */
static json_t *build_string(struct slice raw, bool escaped)
{
    char *out = malloc(raw.len ? raw.len : 1);
    assert(out);
    int n = scan_unescape(raw, out, raw.len); /* a value is never longer than its text */
    assert(n >= 0 && (escaped || (uint32_t)n == raw.len));
    json_t *j = json_stringn_nocheck(out, (size_t)n);
    free(out);
    return j;
}

/* A number in quotes: the fast way must give what the grammar and the exact way give. */
static void check_quoted(struct scan s, struct slice raw, bool escaped)
{
    struct scan as_int = s;
    double x = 77, want = 77;
    int64_t i = 77, iwant = 77;
    int rc = scan_num(&s, &x), irc = scan_i64(&as_int, &i);
    int want_rc = escaped ? E_SYNTAX : num_parse(raw.p, raw.len, &want);
    int want_irc = escaped ? E_SYNTAX : num_parse_i64(raw.p, raw.len, &iwant);
    assert(rc == (want_rc == E_SYNTAX ? E_TYPE : want_rc) && memcmp(&x, &want, sizeof x) == 0);
    assert(irc == (want_irc == E_SYNTAX ? E_TYPE : want_irc) && i == iwant);
}

/* scan_num2 against the same in single steps. */
static void check_num2(struct scan s)
{
    struct scan step = s;
    double a = 77, b = 77, x = 77, y = 77;
    int rc = scan_num2(&s, &a, &b);
    scan_array(&step);
    bool two = scan_item(&step) && scan_num(&step, &x) == 0 && scan_item(&step) &&
               scan_num(&step, &y) == 0;
    while (two && scan_item(&step))
        scan_skip(&step);
    if (!two || step.err) {
        assert(rc < 0 && s.err == rc && a == 77 && b == 77 && (!step.err || step.err == rc));
    } else {
        assert(rc == 0 && memcmp(&a, &x, sizeof a) == 0 && memcmp(&b, &y, sizeof b) == 0);
        assert(s.p == step.p && s.state == step.state && s.open == step.open);
    }
}

/* scan_pairs at any place of a list against the same in single steps. */
static void check_pairs(struct scan s)
{
    struct scan step = s;
    double v[6], x = 77, y = 77;
    int n = scan_pairs(&s, v, 3);
    for (int i = 0; i < n; i++) {
        bool is = scan_item(&step) && scan_num2(&step, &x, &y) == 0;
        assert(is && memcmp(&x, &v[2 * i], sizeof x) == 0);
        assert(memcmp(&y, &v[2 * i + 1], sizeof y) == 0 && x >= 0 && y >= 0);
    }
    assert(s.err == step.err && s.p == step.p && s.state == step.state && s.open == step.open);
}

static json_t *build_number(struct scan *s)
{
    struct scan look = *s;
    struct slice raw;
    double x;
    int64_t i;
    if (scan_raw(&look, &raw) < 0) {
        int rc = scan_num(s, &x);
        assert(rc < 0);
        return NULL;
    }
    if (memchr(raw.p, '.', raw.len) || memchr(raw.p, 'e', raw.len) || memchr(raw.p, 'E', raw.len))
        return scan_num(s, &x) < 0 ? NULL : json_real(x);
    return scan_i64(s, &i) < 0 ? NULL : json_integer(i);
}

static json_t *build_object(struct scan *s, bool *nul_key)
{
    json_t *o = json_object();
    struct slice key;
    scan_object(s);
    while (scan_key(s, &key)) {
        json_t *k = build_string(key, s->escaped), *v = build(s, nul_key);
        if (memchr(json_string_value(k), 0, json_string_length(k)))
            *nul_key = true;
        if (v)
            json_object_setn_new_nocheck(o, json_string_value(k), json_string_length(k), v);
        json_decref(k);
    }
    return o;
}

static json_t *build_array(struct scan *s, bool *nul_key)
{
    json_t *a = json_array();
    check_num2(*s);
    scan_array(s);
    check_pairs(*s);
    while (scan_item(s)) {
        json_t *v = build(s, nul_key);
        if (v)
            json_array_append_new(a, v);
        check_pairs(*s);
    }
    return a;
}

static json_t *build(struct scan *s, bool *nul_key)
{
    struct slice raw = {NULL, 0};
    struct scan at;
    bool b = false;
    switch (scan_peek(s)) {
    case SCAN_OBJECT:
        return build_object(s, nul_key);
    case SCAN_ARRAY:
        return build_array(s, nul_key);
    case SCAN_STRING:
        at = *s;
        if (scan_str(s, &raw) < 0)
            return NULL;
        check_quoted(at, raw, s->escaped);
        return build_string(raw, s->escaped);
    case SCAN_NUMBER:
        return build_number(s);
    case SCAN_TRUE:
    case SCAN_FALSE:
        return scan_bool(s, &b) < 0 ? NULL : json_boolean(b);
    case SCAN_NULL:
        return scan_str_opt(s, &raw) < 0 ? NULL : json_null();
    case SCAN_NONE:
        break;
    }
    scan_skip(s);
    return NULL;
}

static int skip_all(const uint8_t *data, size_t size)
{
    struct scan s;
    struct slice raw;
    scan_init(&s, (const char *)data, size);
    scan_skip(&s);
    int rc = scan_end(&s);
    scan_init(&s, (const char *)data, size);
    scan_raw(&s, &raw);
    int again = scan_end(&s);
    assert(rc == again);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t e = {0};
    json_t *theirs = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    struct scan s;
    bool nul_key = false;
    scan_init(&s, (const char *)data, size);
    json_t *ours = build(&s, &nul_key);
    int rc = scan_end(&s), skipped = skip_all(data, size);

    if (size && memchr(data, 0, size)) {
        assert(rc < 0 && skipped < 0);
    } else if (rc == E_RANGE) {
        assert(!theirs);
    } else {
        assert(rc == 0 || rc == E_SYNTAX || rc == E_DEPTH);
        assert(skipped == rc);
        if (rc != E_DEPTH && !nul_key)
            assert((rc == 0) == (theirs != NULL));
        if (rc == 0 && theirs)
            assert(json_equal(ours, theirs));
    }
    if (skipped == 0 && !theirs &&
        !nul_key) /* the grammar is kept: only a number can be at fault */
        assert(rc == E_RANGE && json_error_code(&e) == json_error_numeric_overflow);
    json_decref(ours);
    json_decref(theirs);
    return 0;
}
