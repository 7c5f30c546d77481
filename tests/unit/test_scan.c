/* Proves that the pull scanner reads what is valid, refuses what is not with the right error, keeps
 * the first error, and never reads past its text (each text is an exact heap copy). */
#include <math.h>

#include "base/scan.h"
#include "unit.h"

/* A scanner on an exact copy of the text; freed by done(). */
static struct scan S;
static char *copy;

static struct scan *on(const char *text, size_t len)
{
    free(copy);
    copy = malloc(len ? len : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    scan_init(&S, copy, len);
    return &S;
}

static struct scan *of(const char *text)
{
    return on(text, strlen(text));
}

static void ck_slice(struct slice got, const char *want)
{
    ck_assert_msg(slice_is(got, want), "got '%.*s', want '%s'", (int)got.len, got.p, want);
}

START_TEST(test_frame)
{
    struct scan *s =
        of(" { \"e\" : \"markPriceUpdate\", \"E\":1760131200123,\"p\":\"113000.50\" ,\n"
           "\"b\":[[\"1.5\",\"2\"],[\"-0.25\",3e2]],\"x\":{\"y\":[{},[]]},\"t\":true,"
           "\"n\":null}\r\n\t ");
    struct slice key, str = {0};
    int64_t t = 0;
    double px = 0, lv[4] = {0};
    bool flag = false;
    int n = 0, keys = 0;
    ck_assert_int_eq(scan_object(s), 0);
    while (scan_key(s, &key)) {
        keys++;
        if (slice_is(key, "e")) {
            scan_str(s, &str);
        } else if (slice_is(key, "E")) {
            scan_i64(s, &t);
        } else if (slice_is(key, "p")) {
            scan_num(s, &px);
        } else if (slice_is(key, "b")) {
            scan_array(s);
            while (scan_item(s)) {
                scan_array(s);
                while (scan_item(s) && n < 4)
                    scan_num(s, &lv[n++]);
            }
        } else if (slice_is(key, "t")) {
            scan_bool(s, &flag);
        } else {
            scan_skip(s);
        }
    }
    ck_assert_int_eq(scan_end(s), 0);
    ck_slice(str, "markPriceUpdate");
    ck_assert_int_eq(t, 1760131200123);
    ck_assert(px == 113000.50 && flag && keys == 7 && n == 4);
    ck_assert(lv[0] == 1.5 && lv[1] == 2 && lv[2] == -0.25 && lv[3] == 300);
}
END_TEST

static const struct validity {
    const char *text;
    int err;
} validity[] = {
    {"0", 0},
    {"-0", 0},
    {"-0.0e-0", 0},
    {"1E+2", 0},
    {"\"\"", 0},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", 0},
    {"\"\\ud83d\\ude00\"", 0},
    {"\"\xf0\x9f\x98\x80 \xc3\xa9 \xe2\x82\xac\"", 0},
    {"\"\x7f\"", 0},
    {"[]", 0},
    {" [ ] ", 0},
    {"{}", 0},
    {"[[],{},[{}]]", 0},
    {"{\"a\":{\"b\":[1,2,{\"c\":null}]},\"a\":false}", 0},
    {"1e999", 0}, /* grammar is all that a skip looks at */
    {"123456789012345678901234567890", 0},
    {"", E_SYNTAX},
    {" ", E_SYNTAX},
    {"1 2", E_SYNTAX},
    {"01", E_SYNTAX},
    {"-", E_SYNTAX},
    {"-01", E_SYNTAX},
    {"+1", E_SYNTAX},
    {".5", E_SYNTAX},
    {"1.", E_SYNTAX},
    {"1.e3", E_SYNTAX},
    {"1e", E_SYNTAX},
    {"1e+", E_SYNTAX},
    {"0x10", E_SYNTAX},
    {"NaN", E_SYNTAX},
    {"Infinity", E_SYNTAX},
    {"-Infinity", E_SYNTAX},
    {"tru", E_SYNTAX},
    {"True", E_SYNTAX},
    {"nulll", E_SYNTAX},
    {"'a'", E_SYNTAX},
    {"\"a", E_SYNTAX},
    {"\"a\\\"", E_SYNTAX},
    {"\"\\x41\"", E_SYNTAX},
    {"\"\\u12g4\"", E_SYNTAX},
    {"\"\\u123", E_SYNTAX},
    {"\"\\ud800\"", E_SYNTAX},
    {"\"\\ud800\\u0041\"", E_SYNTAX},
    {"\"\\ud800x\"", E_SYNTAX},
    {"\"\\udc00\"", E_SYNTAX},
    {"\"a\nb\"", E_SYNTAX},
    {"\"\x1f\"", E_SYNTAX},
    {"\"\x80\"", E_SYNTAX},
    {"\"\xc0\xaf\"", E_SYNTAX},
    {"\"\xe0\x80\xaf\"", E_SYNTAX},
    {"\"\xed\xa0\x80\"", E_SYNTAX},
    {"\"\xf4\x90\x80\x80\"", E_SYNTAX},
    {"\"\xe2\x82\"", E_SYNTAX},
    {"\"0123456789abcdef\xff\"", E_SYNTAX},
    {"\xef\xbb\xbf{}", E_SYNTAX},
    {"[", E_SYNTAX},
    {"[1", E_SYNTAX},
    {"[1,", E_SYNTAX},
    {"[1,]", E_SYNTAX},
    {"[,1]", E_SYNTAX},
    {"[1 2]", E_SYNTAX},
    {"[1}", E_SYNTAX},
    {"]", E_SYNTAX},
    {"[1]]", E_SYNTAX},
    {"{", E_SYNTAX},
    {"{\"a\"", E_SYNTAX},
    {"{\"a\":", E_SYNTAX},
    {"{\"a\":}", E_SYNTAX},
    {"{\"a\":1,}", E_SYNTAX},
    {"{\"a\" 1}", E_SYNTAX},
    {"{a:1}", E_SYNTAX},
    {"{1:1}", E_SYNTAX},
    {"{\"a\":1]", E_SYNTAX},
    {"{,}", E_SYNTAX},
    {"{\"a\":1 \"b\":2}", E_SYNTAX},
    {"/* c */ 1", E_SYNTAX},
    {"<html>429</html>", E_SYNTAX},
};

/* Walks any text by the typed functions, as an adapter that reads everything. */
static void walk(struct scan *s)
{
    struct slice x;
    bool b;
    switch (scan_peek(s)) {
    case SCAN_OBJECT:
        scan_object(s);
        while (scan_key(s, &x))
            walk(s);
        break;
    case SCAN_ARRAY:
        scan_array(s);
        while (scan_item(s))
            walk(s);
        break;
    case SCAN_STRING:
        scan_str(s, &x);
        break;
    case SCAN_TRUE:
    case SCAN_FALSE:
        scan_bool(s, &b);
        break;
    case SCAN_NULL:
        scan_str_opt(s, &x);
        break;
    case SCAN_NUMBER:
    case SCAN_NONE:
        scan_skip(s);
        break;
    }
}

START_TEST(test_validity)
{
    const struct validity *v = &validity[_i];
    struct scan *s = of(v->text);
    scan_skip(s);
    ck_assert_msg(scan_end(s) == v->err, "skip of %s: %d", v->text, s->err);
    s = of(v->text);
    walk(s);
    ck_assert_msg(scan_end(s) == v->err, "walk of %s: %d", v->text, s->err);
}
END_TEST

/* Every proper prefix of a valid text is refused, and none is read past its end. */
START_TEST(test_truncated)
{
    static const char text[] =
        "{\"stream\":\"btcusdt@depth\",\"data\":{\"b\":[[\"113000.12345678\","
        "\"1e-3\"],[-0.5,17]],\"u\":null,\"ok\":true,\"s\":\"\\ud83d\\ude00\xc3\xa9\"}}";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        struct scan *s = on(text, len);
        scan_skip(s);
        ck_assert_int_eq(scan_end(s), E_SYNTAX);
        s = on(text, len);
        walk(s);
        ck_assert_int_eq(scan_end(s), E_SYNTAX);
    }
    ck_assert_int_eq(scan_skip(of(text)), 0);
    ck_assert_int_eq(scan_end(&S), 0);
}
END_TEST

START_TEST(test_depth)
{
    char text[2 * SCAN_DEPTH_MAX + 3];
    for (int deep = SCAN_DEPTH_MAX; deep <= SCAN_DEPTH_MAX + 1; deep++) {
        int want = deep > SCAN_DEPTH_MAX ? E_DEPTH : 0;
        memset(text, '[', (size_t)deep);
        memset(text + deep, ']', (size_t)deep);
        scan_skip(on(text, 2 * (size_t)deep));
        ck_assert_int_eq(scan_end(&S), want);
        walk(on(text, 2 * (size_t)deep));
        ck_assert_int_eq(scan_end(&S), want);
        struct scan *s = on(text, 2 * (size_t)deep); /* half entered, half skipped */
        for (int i = 0; i < 16; i++) {
            ck_assert_int_eq(scan_array(s), 0);
            ck_assert(scan_item(s));
        }
        ck_assert_int_eq(scan_skip(s), want);
    }
}
END_TEST

static const struct number {
    const char *text;
    int err;
    double value;
} numbers[] = {
    {"1", 0, 1},
    {"\"1\"", 0, 1},
    {"-12.5", 0, -12.5},
    {"\"-12.5\"", 0, -12.5},
    {"\"0.00010000\"", 0, 1e-4},
    {"\"123456789.123456\"", 0, 123456789.123456},
    {"\"12345678901234567890\"", 0, 12345678901234567890.0},
    {"\"0.1234567890123456789\"", 0, 0.1234567890123456789},
    {"1.5e-7", 0, 1.5e-7},
    {"\"1E3\"", 0, 1000},
    {"0", 0, 0},
    {"\"0\"", 0, 0},
    {"9007199254740993", 0, 9007199254740992.0},
    {"1e999", E_RANGE, 0},
    {"\"-1e999\"", E_RANGE, 0},
    {"1e-999", 0, 0},
    {"\"\"", E_TYPE, 0},
    {"null", E_TYPE, 0},
    {"true", E_TYPE, 0},
    {"{}", E_TYPE, 0},
    {"[1]", E_TYPE, 0},
    {"\"1 \"", E_TYPE, 0},
    {"\" 1\"", E_TYPE, 0},
    {"\"+1\"", E_TYPE, 0},
    {"\"1,5\"", E_TYPE, 0},
    {"\"0x10\"", E_TYPE, 0},
    {"\"nan\"", E_TYPE, 0},
    {"\"inf\"", E_TYPE, 0},
    {"\"01\"", E_TYPE, 0},
    {"\"1.\"", E_TYPE, 0},
    {"\".1\"", E_TYPE, 0},
    {"\"1e\"", E_TYPE, 0},
    {"\"\\u0031\"", E_TYPE, 0}, /* no venue escapes a digit */
    {"\"1", E_SYNTAX, 0},
    {"01", E_SYNTAX, 0},
    {"-x", E_SYNTAX, 0},
    {"", E_SYNTAX, 0},
    {"x", E_SYNTAX, 0},
};

/* Each number at the end of the text (the slow way) and before a long tail (the fast way). */
START_TEST(test_number)
{
    const struct number *n = &numbers[_i];
    for (int tail = 0; tail < 2; tail++) {
        char text[200];
        snprintf(text, sizeof text, "%s%s", n->text,
                 tail ? "                                        " : "");
        double x = 77;
        struct scan *s = of(text);
        int rc = scan_num(s, &x);
        ck_assert_msg(rc == n->err, "%s gave %d", text, rc);
        double want = n->err ? 77 : n->value; /* untouched on failure */
        ck_assert_msg(x == want && !signbit(x) == !signbit(want), "%s gave %g", text, x);
        ck_assert(rc < 0 || scan_end(s) == 0);
        bool opt = strcmp(n->text, "null") == 0 || strcmp(n->text, "\"\"") == 0;
        ck_assert_int_eq(scan_num_opt(of(text), &x), opt ? 0 : n->err);
        ck_assert(isnan(x) == opt);
    }
}
END_TEST

START_TEST(test_opt)
{
    double x = 1;
    struct slice str = SLICE("x");
    ck_assert(scan_num_opt(of("null"), &x) == 0 && isnan(x) && scan_end(&S) == 0);
    x = 1;
    ck_assert(scan_num_opt(of("\"\""), &x) == 0 && isnan(x) && scan_end(&S) == 0);
    ck_assert(scan_num_opt(of("nul"), &x) == E_SYNTAX);
    ck_assert(scan_str_opt(of("null"), &str) == 0 && str.p == NULL && str.len == 0);
    ck_assert(scan_str_opt(of("\"null\""), &str) == 0 && slice_is(str, "null"));
    ck_assert(scan_str_opt(of("0"), &str) == E_TYPE);
    ck_assert(scan_str(of("null"), &str) == E_TYPE);
}
END_TEST

START_TEST(test_i64)
{
    static const struct {
        const char *text;
        int err;
        int64_t value;
    } c[] = {{"0", 0, 0},
             {"-1", 0, -1},
             {"\"1760131200000\"", 0, 1760131200000},
             {"999999999999999", 0, 999999999999999},
             {"1000000000000000", 0, 1000000000000000},
             {"9223372036854775807", 0, INT64_MAX},
             {"\"-9223372036854775808\"", 0, INT64_MIN},
             {"9223372036854775808", E_RANGE, 0},
             {"-9223372036854775809", E_RANGE, 0},
             {"18446744073709551616", E_RANGE, 0},
             {"100000000000000000000", E_RANGE, 0},
             {"1.0", E_TYPE, 0},
             {"1e3", E_TYPE, 0},
             {"\"1.5\"", E_TYPE, 0},
             {"\"\"", E_TYPE, 0},
             {"null", E_TYPE, 0},
             {"--1", E_SYNTAX, 0}};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        for (int tail = 0; tail < 2; tail++) {
            char text[200];
            snprintf(text, sizeof text, "%s%*s", c[i].text, tail * 40, "");
            int64_t x = 77;
            int rc = scan_i64(of(text), &x);
            ck_assert_msg(rc == c[i].err && x == (rc ? 77 : c[i].value), "%s: %d", text, rc);
        }
}
END_TEST

START_TEST(test_num2)
{
    static const struct {
        const char *text;
        int err;
        double a, b;
    } c[] = {{"[\"113000.12\",\"0.001\"]", 0, 113000.12, 0.001},
             {"[1,2]", 0, 1, 2},
             {"[ \"-1.5\" , 2e3 ]", 0, -1.5, 2000},
             {"[\"411.8\",\"10\",\"0\",\"4\"]", 0, 411.8, 10},
             {"[1,2,{\"x\":[]}]", 0, 1, 2},
             {"[\"1234567890.1234567\",\"0.12345678901234567\"]", 0, 1234567890.1234567,
              0.12345678901234567},
             {"[1]", E_TYPE, 0, 0},
             {"[]", E_TYPE, 0, 0},
             {"{}", E_TYPE, 0, 0},
             {"\"1\"", E_TYPE, 0, 0},
             {"[\"1\",\"x\"]", E_TYPE, 0, 0},
             {"[\"1\",null]", E_TYPE, 0, 0},
             {"[\"1\",1e999]", E_RANGE, 0, 0},
             {"[1,2", E_SYNTAX, 0, 0},
             {"[1,2,]", E_SYNTAX, 0, 0},
             {"[1 2]", E_SYNTAX, 0, 0},
             {"[1,2}", E_SYNTAX, 0, 0}};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        for (int tail = 0; tail < 2; tail++) {
            char text[200];
            snprintf(text, sizeof text, "%s%*s", c[i].text, tail * 60, "");
            double a = 77, b = 77;
            int rc = scan_num2(of(text), &a, &b);
            ck_assert_msg(rc == c[i].err, "%s: %d", text, rc);
            ck_assert(a == (rc ? 77 : c[i].a) && b == (rc ? 77 : c[i].b));
            ck_assert_int_eq(scan_end(&S), rc);
        }
    char deep[SCAN_DEPTH_MAX + 80];
    memset(deep, '[', SCAN_DEPTH_MAX);
    memcpy(deep + SCAN_DEPTH_MAX,
           "[1,2]                                                            ", 66);
    struct scan *s = of(deep);
    double a, b;
    for (int i = 0; i < SCAN_DEPTH_MAX; i++)
        ck_assert(scan_array(s) == 0 && scan_item(s));
    ck_assert_int_eq(scan_num2(s, &a, &b), E_DEPTH);
}
END_TEST

START_TEST(test_sticky)
{
    struct slice key;
    double x;
    int64_t i;
    struct scan *s = of("{\"a\":1,\"b\":x,\"c\":3}");
    ck_assert_int_eq(scan_object(s), 0);
    ck_assert(scan_key(s, &key) && scan_num(s, &x) == 0);
    ck_assert(scan_key(s, &key) && scan_num(s, &x) == E_SYNTAX);
    ck_assert_ptr_eq(s->err_at, copy + 11);
    ck_assert(!scan_key(s, &key) && !scan_item(s));
    ck_assert(scan_i64(s, &i) == E_SYNTAX && scan_skip(s) == E_SYNTAX &&
              scan_object(s) == E_SYNTAX);
    ck_assert(scan_peek(s) == SCAN_NONE && scan_end(s) == E_SYNTAX);
}
END_TEST

START_TEST(test_misuse)
{
    struct slice key;
    double x;
    struct scan *s = of("{\"a\":1,\"b\":2}");
    scan_object(s);
    ck_assert(scan_key(s, &key) && !scan_key(s, &key)); /* nothing consumed */
    ck_assert_int_eq(scan_end(s), E_TYPE);
    s = of("[1,2]");
    scan_array(s);
    ck_assert(scan_item(s) && !scan_item(s) && scan_end(s) == E_TYPE);
    s = of("[1,2]");
    scan_array(s);
    ck_assert(scan_item(s) && scan_num(s, &x) == 0 && scan_num(s, &x) == E_TYPE); /* twice */
    s = of("[1,2]");
    scan_array(s);
    ck_assert_int_eq(scan_num(s, &x), E_TYPE); /* before the first step */
    s = of("[1,2]");
    scan_array(s);
    ck_assert(!scan_key(s, &key) && scan_end(s) == E_TYPE); /* a member of an array */
    s = of("1");
    ck_assert(!scan_item(s) && scan_end(s) == E_TYPE);
    s = of("[1]");
    scan_array(s);
    ck_assert_int_eq(scan_end(s), E_SYNTAX); /* left open */
    ck_assert_int_eq(scan_object(of("[]")), E_TYPE);
    ck_assert_int_eq(scan_array(of("{}")), E_TYPE);
}
END_TEST

START_TEST(test_strings)
{
    struct slice str;
    char out[64];
    ck_assert_int_eq(scan_str(of("\"a\\u00e9\\n\\ud83d\\ude00\\u20ac\\/\""), &str), 0);
    ck_assert(S.escaped);
    int n = scan_unescape(str, out, sizeof out);
    ck_assert(n == 12 && memcmp(out, "a\xc3\xa9\n\xf0\x9f\x98\x80\xe2\x82\xac/", 12) == 0);
    ck_assert_int_eq(scan_unescape(str, out, 12), 12);
    ck_assert_int_eq(scan_unescape(str, out, 11), E_LIMIT);
    ck_assert_int_eq(scan_unescape(SLICE("\\q"), out, 11), E_SYNTAX);
    ck_assert_int_eq(scan_unescape((struct slice){NULL, 0}, out, 0), 0);
    ck_assert(scan_str(of("\"\\u0000\""), &str) == 0 && scan_unescape(str, out, 9) == 1 && !out[0]);
    ck_assert(scan_str(of("\"plain\""), &str) == 0 && !S.escaped && slice_is(str, "plain"));
    /* a quote at each distance from the start and from the end of the text */
    for (int i = 0; i < 40; i++)
        for (int tail = 0; tail < 20; tail++) {
            char text[80];
            int len = snprintf(text, sizeof text, "\"%.*s\"%*s", i,
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", tail, "");
            ck_assert_int_eq(scan_str(on(text, (size_t)len), &str), 0);
            ck_assert(str.len == (unsigned)i && scan_end(&S) == 0);
        }
}
END_TEST

START_TEST(test_raw)
{
    struct slice raw, key;
    struct scan *s = of("{\"a\": {\"b\" : [1, \"]\"]} , \"c\":\"\\\"\"}");
    scan_object(s);
    ck_assert(scan_key(s, &key) && scan_raw(s, &raw) == 0);
    ck_slice(raw, "{\"b\" : [1, \"]\"]}");
    ck_assert(scan_key(s, &key) && scan_raw(s, &raw) == 0);
    ck_slice(raw, "\"\\\"\"");
    ck_assert(!scan_key(s, &key) && scan_end(s) == 0);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

UNIT_MAIN("scan", tcase_add_test(tc, test_frame);
          tcase_add_loop_test(tc, test_validity, 0, COUNT(validity));
          tcase_add_test(tc, test_truncated); tcase_add_test(tc, test_depth);
          tcase_add_loop_test(tc, test_number, 0, COUNT(numbers)); tcase_add_test(tc, test_opt);
          tcase_add_test(tc, test_i64); tcase_add_test(tc, test_num2);
          tcase_add_test(tc, test_sticky); tcase_add_test(tc, test_misuse);
          tcase_add_test(tc, test_strings); tcase_add_test(tc, test_raw);)
