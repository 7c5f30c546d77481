/* Proves that the text builder never overflows, that each call is all or nothing, and that what it
 * writes as JSON is valid and says the same (read back by the scanner). */
#include <math.h>

#include "base/scan.h"
#include "base/text.h"
#include "unit.h"

static char buf[512];
static struct text T;

static struct text *fresh(size_t cap)
{
    memset(buf, 'X', sizeof buf);
    text_init(&T, buf, cap);
    return &T;
}

START_TEST(test_pieces)
{
    struct text *t = fresh(sizeof buf);
    text_str(t, "a");
    text_slice(t, SLICE("bc"));
    text_slice(t, (struct slice){NULL, 0});
    text_char(t, '-');
    text_num(t, -1.25);
    text_char(t, ' ');
    text_num(t, NAN);
    text_i64(t, INT64_MIN);
    text_fmt(t, "[%d %s]", 7, "x");
    ck_assert_str_eq(buf, "abc--1.25 null-9223372036854775808[7 x]");
    ck_assert(t->len == strlen(buf) && !t->full);
}
END_TEST

START_TEST(test_members)
{
    struct text *t = fresh(sizeof buf);
    text_char(t, '{');
    text_kv_num(t, "px", 113000.5);
    text_kv_i64(t, "t_us", 1760131200000000);
    text_kv_str(t, "who", "a\"b\\c\n\x01");
    text_kv_str(t, "none", NULL);
    text_kv_slice(t, "s", SLICE("x"));
    text_kv_bool(t, "up", true);
    text_key(t, "in");
    text_str(t, "{");
    text_kv_bool(t, "down", false);
    text_str(t, "}}");
    ck_assert_str_eq(
        buf, "{\"px\":113000.5,\"t_us\":1760131200000000,\"who\":\"a\\\"b\\\\c\\u000a\\u0001\","
             "\"none\":null,\"s\":\"x\",\"up\":true,\"in\":{\"down\":false}}");
    struct scan s;
    scan_init(&s, buf, t->len);
    scan_skip(&s);
    ck_assert_int_eq(scan_end(&s), 0);
}
END_TEST

START_TEST(test_utf8)
{
    struct text *t = fresh(sizeof buf);
    text_json(t, SLICE("\xc3\xa9\xf0\x9f\x98\x80\x7f"));
    ck_assert_str_eq(buf, "\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"");
    t = fresh(sizeof buf);
    text_json(t, SLICE("a\x80"
                       "b\xc0\xaf\xed\xa0\x80\xe2\x82"));
    ck_assert_str_eq(buf, "\"a\\ufffdb\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\"");
}
END_TEST

/* Any bytes come out as one valid string, at any capacity either whole or not at all. */
START_TEST(test_any_bytes)
{
    char in[16];
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof in; i++) {
            seed = seed * 1664525 + 1013904223;
            in[i] = (char)(seed >> 24);
        }
        struct text *t = fresh(8 + (size_t)(seed >> 8) % 120);
        text_str(t, "ab");
        text_json(t, (struct slice){in, (uint32_t)(seed >> 4) % 17});
        ck_assert(t->len < t->cap && buf[t->len] == 0 && buf[t->cap] == 'X');
        if (t->full) {
            ck_assert_str_eq(buf, "ab");
            continue;
        }
        struct scan s;
        struct slice str;
        scan_init(&s, buf + 2, t->len - 2);
        ck_assert_int_eq(scan_str(&s, &str), 0);
        ck_assert_int_eq(scan_end(&s), 0);
    }
}
END_TEST

START_TEST(test_full)
{
    for (size_t cap = 1; cap < 40; cap++) {
        struct text *t = fresh(cap);
        text_char(t, '{');
        size_t before = t->len;
        text_kv_str(t, "key", "value \xc3\xa9");
        text_kv_num(t, "n", 1234.5);
        bool first = cap > 1 + 16, both = cap > 1 + 16 + 11;
        ck_assert_uint_eq(t->len, both ? 1 + 16 + 11 : first ? 1 + 16 : before);
        ck_assert(t->full == !both && buf[t->len] == 0 && buf[cap] == 'X');
        text_str(t, "");
        text_fmt(t, "%s", "0123456789012345678901234567890123456789");
        ck_assert(t->full && t->len < cap && buf[t->len] == 0 && buf[cap] == 'X');
    }
}
END_TEST

START_TEST(test_slice)
{
    char dst[4];
    ck_assert(slice_eq(SLICE("ab"), slice_of("ab")) && !slice_eq(SLICE("ab"), SLICE("ac")));
    ck_assert(slice_eq((struct slice){NULL, 0}, SLICE("")) && slice_of(NULL).len == 0);
    ck_assert(slice_is(SLICE("ab"), "ab") && !slice_is(SLICE("ab"), "abc") &&
              slice_is(SLICE(""), ""));
    ck_assert(slice_copy(SLICE("abc"), dst, sizeof dst) && strcmp(dst, "abc") == 0);
    ck_assert(!slice_copy(SLICE("abcd"), dst, sizeof dst) && dst[0] == 0);
}
END_TEST

START_TEST(test_err_text)
{
    for (int i = 0; i > -E_ERRS; i--) {
        ck_assert_ptr_nonnull(err_text(i));
        ck_assert_str_ne(err_text(i), "unknown error");
        for (int j = 0; j > i; j--)
            ck_assert_str_ne(err_text(i), err_text(j));
    }
    ck_assert_str_eq(err_text(-E_ERRS), "unknown error");
    ck_assert_str_eq(err_text(1), "unknown error");
    ck_assert_str_eq(err_text(INT32_MIN), "unknown error");
}
END_TEST

UNIT_MAIN("text", tcase_add_test(tc, test_pieces); tcase_add_test(tc, test_members);
          tcase_add_test(tc, test_utf8); tcase_add_test(tc, test_any_bytes);
          tcase_add_test(tc, test_full); tcase_add_test(tc, test_slice);
          tcase_add_test(tc, test_err_text);)
