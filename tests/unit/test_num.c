/* Proves that numbers are read as strtod reads them and printed as their definition says (the first
 * of
 * %.15g, %.16g, %.17g that reads back equal), on chosen and on random numbers, ties included. */
#include <locale.h>
#include <math.h>

#include "base/num.h"
#include "unit.h"

static uint64_t state = 88172645463325252u;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1du;
}

/* A double of one of six families: any bits, money, wide range, short decimals, long decimals. */
static double rnd_double(int family)
{
    uint64_t u = rnd();
    char t[80];
    double x = 0;
    switch (family) {
    case 0:
        memcpy(&x, &u, sizeof x);
        return x;
    case 1:
        return (double)(int64_t)(u >> 20) / pow(10, (double)(rnd() % 18));
    case 2:
        return -ldexp((double)(u >> 11), (int)(rnd() % 120) - 100);
    case 3:
        return (double)(u % 100000) / 1000;
    case 4:
        snprintf(t, sizeof t, "%u.%llue%d", (unsigned)(u % 1000),
                 (unsigned long long)(rnd() >> (rnd() % 60)), (int)(rnd() % 660) - 330);
        return strtod(t, NULL);
    default:
        snprintf(t, sizeof t, "%.*g", (int)(rnd() % 17) + 1,
                 ldexp((double)(u >> 11), (int)(rnd() % 120) - 100));
        return strtod(t, NULL);
    }
}

static void ck_print(double x)
{
    char got[NUM_PRINT_MAX], want[40];
    size_t n = num_print(got, x);
    ck_assert_uint_eq(n, strlen(got));
    if (!isfinite(x)) {
        ck_assert_str_eq(got, "null");
        return;
    }
    for (int prec = 15; prec <= 17; prec++) {
        snprintf(want, sizeof want, "%.*g", prec, x);
        if (strtod(want, NULL) == x)
            break;
    }
    ck_assert_msg(strcmp(got, want) == 0, "%a printed %s, want %s", x, got, want);
    double back = 0;
    ck_assert_int_eq(num_parse(got, n, &back), 0);
    ck_assert_msg(memcmp(&back, &x, sizeof x) == 0, "%s read as %a", got, back);
}

static void ck_parse(const char *text, size_t len)
{
    double got = 77, want = strtod(text, NULL);
    int rc = num_parse(text, len, &got);
    if (isinf(want))
        ck_assert_msg(rc == E_RANGE && got == 77, "%s: %d", text, rc);
    else
        ck_assert_msg(rc == 0 && memcmp(&got, &want, sizeof got) == 0, "%s: %d %a, want %a", text,
                      rc, got, want);
}

START_TEST(test_print_known)
{
    static const struct {
        double x;
        const char *text;
    } c[] = {{0, "0"},
             {-0.0, "-0"},
             {1, "1"},
             {-1.5, "-1.5"},
             {0.1, "0.1"},
             {1.0 / 3, "0.3333333333333333"},
             {2.0 / 3, "0.6666666666666666"},
             {113000.12345678, "113000.12345678"},
             {1e15, "1e+15"},
             {999999999999999, "999999999999999"},
             {1234567890123456, "1234567890123456"},
             {1e-4, "0.0001"},
             {1e-5, "1e-05"},
             {5e-324, "4.94065645841247e-324"},
             {1.7976931348623157e308, "1.7976931348623157e+308"},
             {2.2250738585072014e-308, "2.2250738585072014e-308"},
             {1e22, "1e+22"},
             {1e23, "1e+23"},
             {0.99999999999999994, "0.9999999999999999"},
             {INFINITY, "null"},
             {-INFINITY, "null"},
             {NAN, "null"}};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        char got[NUM_PRINT_MAX];
        num_print(got, c[i].x);
        ck_assert_str_eq(got, c[i].text);
        ck_print(c[i].x);
    }
}
END_TEST

START_TEST(test_print_random)
{
    for (int i = 0; i < 90000; i++)
        ck_print(rnd_double(i % 6));
    for (int e = -1074; e <= 1023; e++) { /* powers of two: the spacing changes there */
        ck_print(ldexp(1, e));
        ck_print(nextafter(ldexp(1, e), 0));
        ck_print(nextafter(ldexp(1, e), INFINITY));
    }
    for (int e = -323; e <= 308; e++) { /* powers of ten: the number of digits changes there */
        char t[16];
        snprintf(t, sizeof t, "1e%d", e);
        double x = strtod(t, NULL);
        ck_print(x);
        ck_print(nextafter(x, 0));
        ck_print(nextafter(x, INFINITY));
    }
}
END_TEST

START_TEST(test_grammar)
{
    static const char *const bad[] = {"",      "-",     "+1",       "01",  "-01",     ".5", "1.",
                                      "1.e3",  "1e",    "1e+",      "e1",  " 1",      "1 ", "0x1",
                                      "nan",   "inf",   "1,5",      "1_0", "--1",     "1-", "1.2.3",
                                      "1e2.5", "1e2e3", "Infinity", "1f",  "\xa0\xc2"};
    double x = 77;
    int64_t n = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(num_parse(bad[i], strlen(bad[i]), &x) == E_SYNTAX, "'%s'", bad[i]);
        ck_assert_msg(num_parse_i64(bad[i], strlen(bad[i]), &n) == E_SYNTAX, "'%s'", bad[i]);
    }
    ck_assert_int_eq(num_parse("1\0", 2, &x), E_SYNTAX);
    ck_assert_int_eq(num_parse(NULL, 0, &x), E_SYNTAX);
    ck_assert(x == 77 && n == 77);
    ck_assert(num_parse("12345", 3, &x) == 0 && x == 123); /* the length decides */
}
END_TEST

START_TEST(test_parse_hard)
{
    static const char *const c[] = {
        "0",
        "-0",
        "0.0e5",
        "1e22",
        "1e23",
        "8.5e22",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.0000000000000000000000000000000000001",
        "123456789e27",
        "123456789e28",
        "1e-27",
        "1e-28",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e999",
        "-1e999",
        "1e-999",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "12345678901234567890123456789012345678901234567890",
        "0.00000000000000000000000000000000000000000000000000000000000000000000000000000001e80"};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        ck_parse(c[i], strlen(c[i]));
}
END_TEST

/* A long run of zeros may not hide an exponent, and digits past 800 still break ties. */
START_TEST(test_parse_long)
{
    char t[4000];
    int n = snprintf(t, sizeof t, "0.%0*d1e2001", 2000, 0);
    ck_parse(t, (size_t)n);
    n = snprintf(t, sizeof t, "1%0*de-2000", 2000, 0);
    ck_parse(t, (size_t)n);
    n = snprintf(t, sizeof t, "9007199254740993.%0*d1", 2000, 0);
    ck_parse(t, (size_t)n);
    n = snprintf(t, sizeof t, "9007199254740993.%0*d0", 2000, 0);
    ck_parse(t, (size_t)n);
    memset(t, '9', 400);
    t[400] = 0;
    ck_parse(t, 400);
}
END_TEST

START_TEST(test_parse_random)
{
    for (int i = 0; i < 60000; i++) {
        char t[1200];
        int n = snprintf(t, sizeof t, "%s%llu", rnd() & 1 ? "-" : "",
                         (unsigned long long)(rnd() >> (rnd() % 64)));
        if (rnd() & 1) {
            t[n++] = '.';
            for (uint64_t d = 1 + rnd() % (rnd() % 50 == 0 ? 1000 : 25); d > 0; d--)
                t[n++] = (char)('0' + rnd() % 10);
        }
        t[n] = 0;
        if (rnd() & 1)
            n += snprintf(t + n, 32, "e%d",
                          (int)(rnd() % (rnd() & 1 ? 40 : 700)) - (int)(rnd() % 350));
        ck_parse(t, (size_t)n);
    }
}
END_TEST

/* Points exactly between two doubles, and a hair above and below. */
START_TEST(test_parse_halfway)
{
    for (int i = 0; i < 4000; i++) {
        double x = ldexp((double)(rnd() >> 11 | 1), (int)(rnd() % 2040) - 1126);
        long double half = ((long double)x + (long double)nextafter(x, INFINITY)) / 2;
        char t[1200];
        if (!isfinite(x) || x == 0)
            continue;
        int n = snprintf(t, sizeof t, "%.*Le", 780, half);
        ck_parse(t, (size_t)n);
        char *e = strchr(t, 'e');
        ck_assert_ptr_nonnull(e);
        e[-1] = '1';
        ck_parse(t, (size_t)n);
    }
}
END_TEST

START_TEST(test_i64)
{
    static const struct {
        const char *text;
        int err;
        int64_t value;
    } c[] = {{"0", 0, 0},
             {"-0", 0, 0},
             {"9223372036854775807", 0, INT64_MAX},
             {"-9223372036854775808", 0, INT64_MIN},
             {"9223372036854775808", E_RANGE, 0},
             {"-9223372036854775809", E_RANGE, 0},
             {"18446744073709551617", E_RANGE, 0},
             {"1000000000000000000000000000", E_RANGE, 0},
             {"1.0", E_SYNTAX, 0},
             {"1e3", E_SYNTAX, 0}};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        int64_t x = 77;
        int rc = num_parse_i64(c[i].text, strlen(c[i].text), &x);
        ck_assert_msg(rc == c[i].err && x == (rc ? 77 : c[i].value), "%s: %d", c[i].text, rc);
        char back[NUM_PRINT_MAX];
        if (rc == 0 && i != 1) {
            ck_assert_uint_eq(num_print_i64(back, x), strlen(c[i].text));
            ck_assert_str_eq(back, c[i].text);
        }
    }
}
END_TEST

/* Whatever locales the machine has: none may change a byte. */
START_TEST(test_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "C.UTF-8",
                                        "C"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        setlocale(LC_ALL, names[i]); /* NULL where it is not installed: then the last one stays */
        char buf[NUM_PRINT_MAX];
        double x = 0;
        num_print(buf, 1234567.25e-3);
        ck_assert_str_eq(buf, "1234.56725");
        num_print(buf, 1.5e300);
        ck_assert_str_eq(buf, "1.5e+300");
        ck_assert(num_parse("1234.5", 6, &x) == 0 && x == 1234.5);
        ck_assert(num_parse("1.5e-300", 8, &x) == 0 && x == 1.5e-300);
        ck_assert_int_eq(num_parse("1234,5", 6, &x), E_SYNTAX);
    }
}
END_TEST

UNIT_MAIN("num", tcase_add_test(tc, test_print_known); tcase_add_test(tc, test_print_random);
          tcase_add_test(tc, test_grammar); tcase_add_test(tc, test_parse_hard);
          tcase_add_test(tc, test_parse_long); tcase_add_test(tc, test_parse_random);
          tcase_add_test(tc, test_parse_halfway); tcase_add_test(tc, test_i64);
          tcase_add_test(tc, test_locale);)
