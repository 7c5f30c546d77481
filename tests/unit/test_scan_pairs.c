/* Proves that scan_pairs takes from a list what single steps would give, stops before the first
 * element that is anything but a plain pair, changes nothing when it takes none, and never reads
 * past its text (each text is an exact heap copy). */
#include "base/num_fast.h"
#include "base/scan.h"
#include "unit.h"

/* Where there is no SSE2 everything goes by single steps. */
#ifdef NUM_FAST_SSE2
#define TAKEN(n)   (n)
#define IF_FAST(x) x
#else
#define TAKEN(n) 0
#define IF_FAST(x)
#endif

#define TAIL "                                                            " /* 60 bytes */
#define MAX  8

/* A scanner in the entered list; the copy is the caller's to free. */
static char *enter(struct scan *s, const char *text)
{
    size_t len = strlen(text);
    char *copy = malloc(len);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    scan_init(s, copy, len);
    ck_assert_int_eq(scan_array(s), 0);
    return copy;
}

/* Whatever is left, one by one: all is valid JSON. */
static void finish(struct scan *s)
{
    while (scan_item(s))
        scan_skip(s);
    ck_assert_int_eq(scan_end(s), 0);
}

static const struct {
    const char *list;
    int n; /* taken at once */
    double v[2 * MAX];
} lists[] = {
    {"[[1,2],[3,4]]", 2, {1, 2, 3, 4}},
    {"[[\"113000.1\",\"0.000\"],[\"12345678.9\",\"40.125\"]]",
     2,
     {113000.1, 0, 12345678.9, 40.125}},
    {"[[\"0.12345678\",\"123456.12345678\"],[7,\"8\"],[\"9\",10.5]]",
     3,
     {0.12345678, 123456.12345678, 7, 8, 9, 10.5}},
    {"[[123456789012345,0.0000000000001]]", 1, {123456789012345, 0.0000000000001}},
    {"[[1,2],[-3,4]]", 1, {1, 2}},
    {"[[1,2],[3,\"-4\"]]", 1, {1, 2}},
    {"[[1,2],[3,4,5],[6,7]]", 1, {1, 2}},
    {"[[1,2],[3]]", 1, {1, 2}},
    {"[[1,2], [3,4]]", 1, {1, 2}},
    {"[[1,2] ,[3,4]]", 1, {1, 2}},
    {"[[1,2],[3, 4]]", 1, {1, 2}},
    {"[[1,2],[3,4e0]]", 1, {1, 2}},
    {"[[1,2],[3,1234567890123456]]", 1, {1, 2}},
    {"[[1,2],{\"a\":1}]", 1, {1, 2}},
    {"[[1,2],null]", 1, {1, 2}},
    {"[[\"1\",\"2\",\"0\",\"12\"],[\"3\",\"4\",\"0\",\"1\"],[5,6]]", 3, {1, 2, 3, 4, 5, 6}},
    {"[[1,2,\"\"],[3,4,\"0\"]]", 2, {1, 2, 3, 4}},
    {"[[1,2],[3,4,5]]", 1, {1, 2}},
    {"[[1,2],[3,4,\"5a\"]]", 1, {1, 2}},
    {"[[1,2],[3,4,\"-5\"]]", 1, {1, 2}},
    {"[[1,2],[3,4, \"5\"]]", 1, {1, 2}},
    {"[[1,2],[3,4,\"5\\u0030\"]]", 1, {1, 2}},
    {"[[1,2],\"3\"]", 1, {1, 2}},
    {"[ [1,2]]", 0, {0}},
    {"[[[1],2]]", 0, {0}},
    {"[1,2]", 0, {0}},
    {"[]", 0, {0}},
};

START_TEST(test_lists)
{
    char text[300];
    double v[2 * MAX];
    struct scan s;
    snprintf(text, sizeof text, "%s%s", lists[_i].list, TAIL);
    char *copy = enter(&s, text);
    struct scan before = s;
    int n = scan_pairs(&s, v, MAX);
    ck_assert_msg(n == TAKEN(lists[_i].n), "%s: %d", lists[_i].list, n);
    ck_assert(memcmp(v, lists[_i].v, (size_t)n * 2 * sizeof *v) == 0);
    ck_assert(n > 0 || memcmp(&before, &s, sizeof s) == 0);
    finish(&s);
    free(copy);
}
END_TEST

/* Not valid: nothing is said here, but the next step refuses it. */
START_TEST(test_invalid)
{
    static const char *const bad[] = {"[[1,2],,[3,4]]", "[[1,2][3,4]]",      "[[1,2],]",
                                      "[[1,2],[3 4]]",  "[[1,2],[3,4}]",     "[[1,2],[03,4]]",
                                      "[[1,2],[3.,4]]", "[[1,2],[.3,4]]",    "[[1,2],[1.2.3,4]]",
                                      "[[1,2],[3,4,]]", "[[1,2],[3,4,\"5]]", "[[1,2],[3,4,\"5\",]]",
                                      "[[1,2],[,4]]",   "[[1,2],[\"3,4]]",   "[[1,2],[3\",4]]"};
    char text[300];
    double v[2 * MAX];
    struct scan s;
    snprintf(text, sizeof text, "%s%s", bad[_i], TAIL);
    char *copy = enter(&s, text);
    ck_assert_int_eq(scan_pairs(&s, v, MAX), TAKEN(1));
    ck_assert_int_eq(s.err, 0);
    while (scan_item(&s))
        scan_skip(&s);
    ck_assert_int_eq(scan_end(&s), E_SYNTAX);
    free(copy);
}
END_TEST

/* A long list ends at every place; as many as have room are taken, the rest by single steps. */
START_TEST(test_cut)
{
    static const char list[] =
        "[[\"1.5\",\"2\",\"0\",\"7\"],[3,4],[\"5.25\",6],[7,8],[9,\"10\"],[11,12]" TAIL;
    for (size_t len = 1; len < sizeof list; len++) {
        char *copy = malloc(len);
        double v[2 * MAX], last = 0;
        struct scan s;
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, list, len);
        scan_init(&s, copy, len);
        ck_assert_int_eq(scan_array(&s), 0);
        int n = scan_pairs(&s, v, MAX);
        ck_assert_int_le(n, 6);
        for (int i = 0; i < 2 * n; last = v[i++])
            ck_assert(v[i] > last);
        while (scan_item(&s))
            scan_skip(&s);
        ck_assert_int_eq(scan_end(&s), E_SYNTAX);
        free(copy);
    }
}
END_TEST

#ifdef NUM_FAST_SSE2
START_TEST(test_max)
{
    double v[2 * MAX] = {0}, a = 0, b = 0;
    struct scan s;
    char *copy = enter(&s, "[[1,2],[3,4],[5,6],[7,8]]" TAIL);
    ck_assert_int_eq(scan_pairs(&s, v, 0), 0);
    ck_assert_int_eq(scan_pairs(&s, v, 1), 1);
    ck_assert(v[2] == 0 && scan_item(&s) && scan_num2(&s, &a, &b) == 0 && a == 3 && b == 4);
    ck_assert_int_eq(scan_pairs(&s, v, MAX), 2);
    ck_assert(v[0] == 5 && v[3] == 8 && !scan_item(&s));
    ck_assert_int_eq(scan_end(&s), 0);
    free(copy);
}
END_TEST

#endif

/* Asked where no element is due, and deeper than the cap: none, and no error. */
START_TEST(test_place)
{
    double v[2 * MAX];
    struct scan s;
    struct slice key;
    char deep[SCAN_DEPTH_MAX + 80];
    scan_init(&s, "[[1,2]]" TAIL, 67);
    ck_assert_int_eq(scan_pairs(&s, v, MAX), 0);
    ck_assert(scan_array(&s) == 0 && scan_item(&s));
    ck_assert_int_eq(scan_pairs(&s, v, MAX), 0);
    scan_init(&s, "{\"a\":[1,2]}" TAIL, 71);
    ck_assert_int_eq(scan_object(&s), 0);
    ck_assert_int_eq(scan_pairs(&s, v, MAX), 0);
    ck_assert(scan_key(&s, &key) && scan_pairs(&s, v, MAX) == 0 && s.err == 0);
    memset(deep, '[', SCAN_DEPTH_MAX);
    memcpy(deep + SCAN_DEPTH_MAX, "[1,2]" TAIL, 65);
    scan_init(&s, deep, SCAN_DEPTH_MAX + 65);
    for (int i = 1; i < SCAN_DEPTH_MAX; i++)
        ck_assert(scan_array(&s) == 0 && scan_item(&s));
    ck_assert(scan_array(&s) == 0 && scan_pairs(&s, v, MAX) == 0);
    ck_assert(s.err == 0 && scan_item(&s) && scan_num2(&s, v, v + 1) == E_DEPTH);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

UNIT_MAIN("scan_pairs", tcase_add_loop_test(tc, test_lists, 0, COUNT(lists));
          tcase_add_loop_test(tc, test_invalid, 0, 15); tcase_add_test(tc, test_cut);
          IF_FAST(tcase_add_test(tc, test_max);) tcase_add_test(tc, test_place);)
