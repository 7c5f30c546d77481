/* The small parts of the connections: URLs taken apart and refused, token buckets within their
 * budgets, back-off within its bounds and growing, phases of polls kept and spread. */
#include <math.h>
#include <string.h>

#include "net/pace.h"
#include "net/url.h"
#include "unit/unit.h"

#define S 1000000LL

static const struct url_row {
    const char *text;
    const char *host, *path, *authority; /* host NULL = refused */
    int port;
    int tls, websocket;
} url_rows[] = {
    {"wss://fstream.binance.com/public/stream", "fstream.binance.com", "/public/stream",
     "fstream.binance.com", 443, 1, 1},
    {"wss://stream.test:8443/ws?a=b/c", "stream.test", "/ws?a=b/c", "stream.test:8443", 8443, 1, 1},
    {"https://api.test", "api.test", "/", "api.test", 443, 1, 0},
    {"http://api.test?x=1", "api.test", "/?x=1", "api.test", 80, 0, 0},
    {"ws://[::1]:9000/ws", "::1", "/ws", "[::1]:9000", 9000, 0, 1},
    {"wss://127.0.0.1:443/", "127.0.0.1", "/", "127.0.0.1", 443, 1, 1},
    {"wss://[::1]:9000/ws", NULL, NULL, NULL, 0, 0, 0},
    {"ws://[::1", NULL, NULL, NULL, 0, 0, 0},
    {"ws://[::1]9000/", NULL, NULL, NULL, 0, 0, 0},
    {"ws://[stream.test]/", NULL, NULL, NULL, 0, 0, 0},
    {"ws://::1/", NULL, NULL, NULL, 0, 0, 0},
    {"ftp://host/", NULL, NULL, NULL, 0, 0, 0},
    {"wss:/host/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://", NULL, NULL, NULL, 0, 0, 0},
    {"wss:///path", NULL, NULL, NULL, 0, 0, 0},
    {"wss://:443/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://host:/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://host:0/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://host:65536/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://host:99999999999999999999/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://host:44 3/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://user@host/", NULL, NULL, NULL, 0, 0, 0},
    {"wss://ho st/", NULL, NULL, NULL, 0, 0, 0},
    {"", NULL, NULL, NULL, 0, 0, 0},
};

START_TEST(urls)
{
    for (size_t i = 0; i < sizeof(url_rows) / sizeof(url_rows[0]); i++) {
        const struct url_row *row = &url_rows[i];
        struct url u;
        char why[URL_WHY_MAX] = "";
        memset(&u, 0x5a, sizeof(u));
        int err = url_parse(row->text, &u, why);
        ck_assert_msg((err == 0) == (row->host != NULL), "%s", row->text);
        if (err) {
            ck_assert_msg(why[0] && (unsigned char)u.host[0] == 0x5a, "%s", row->text);
            continue;
        }
        ck_assert_str_eq(u.host, row->host);
        ck_assert_str_eq(u.path, row->path);
        ck_assert_str_eq(u.authority, row->authority);
        ck_assert_int_eq(u.port, row->port);
        ck_assert_int_eq(u.tls, row->tls);
        ck_assert_int_eq(u.websocket, row->websocket);
    }
}
END_TEST

START_TEST(urls_too_long)
{
    char text[600] = "wss://", why[URL_WHY_MAX];
    struct url u;
    memset(text + 6, 'a', 127);
    ck_assert_int_eq(url_parse(text, &u, why), 0);
    memset(text + 6, 'a', 128);
    ck_assert_int_eq(url_parse(text, &u, why), E_SYNTAX);
    snprintf(text, sizeof(text), "wss://h/%0254d", 0);
    ck_assert_int_eq(url_parse(text, &u, why), 0);
    ck_assert_uint_eq(strlen(u.path), 255);
    snprintf(text, sizeof(text), "wss://h/%0255d", 0);
    ck_assert_int_eq(url_parse(text, &u, why), E_SYNTAX);
}
END_TEST

/* Takes whenever ready says so; the most taken in any window of span. */
static int most_in_window(struct bucket *b, double n, int64_t span_us, int takes)
{
    static int64_t t[2000];
    int64_t now = 0;
    int most = 0;
    for (int i = 0; i < takes; i++) {
        now = bucket_ready_us(b, n, now);
        ck_assert(bucket_take(b, n, now));
        t[i] = now;
        int in = 0;
        for (int j = i; j >= 0 && now - t[j] < span_us; j--)
            in++;
        most = in > most ? in : most;
    }
    return most;
}

START_TEST(buckets_keep_their_budget)
{
    struct bucket b;
    const double per_s[] = {2, 4, 5, 10, 20, 33};
    for (size_t i = 0; i < sizeof(per_s) / sizeof(per_s[0]); i++) {
        bucket_init_second(&b, per_s[i], 0);
        ck_assert_int_le(most_in_window(&b, 1, S, 500), (int)per_s[i]);
    }
    bucket_init_minute(&b, 600, 0);
    int most = most_in_window(&b, 5, 60 * S, 1000);
    ck_assert_int_le(most, 120);
    ck_assert_int_ge(most, 110); /* and it is used */
    bucket_init_second(&b, 1, 0);
    ck_assert_int_le(most_in_window(&b, 1, S, 50), 1);
    bucket_init_hour(&b, 480, 0);
    most = most_in_window(&b, 1, 3600 * S, 2000);
    ck_assert_int_le(most, 480);
    ck_assert_int_ge(most, 470);
    bucket_init_hour(&b, 0, 0); /* no limit */
    ck_assert_int_eq(bucket_ready_us(&b, 1, 7), 7);
}
END_TEST

START_TEST(buckets_at_the_edges)
{
    struct bucket b;
    bucket_init_second(&b, 0, 0); /* no limit */
    for (int i = 0; i < 1000; i++)
        ck_assert(bucket_take(&b, 1, 0));
    ck_assert_int_eq(bucket_ready_us(&b, 1, 7), 7);
    bucket_init(&b, 10, 1, 0);
    ck_assert(bucket_take(&b, 40, 0)); /* dearer than the bucket: let through when full ... */
    ck_assert(!bucket_take(&b, 1, 0));
    ck_assert(!bucket_take(&b, 1, 30 * S));
    ck_assert(bucket_take(&b, 1, 31 * S + 1)); /* ... and paid for afterwards */
    bucket_init(&b, 3, 1, 0);
    ck_assert(bucket_take(&b, 3, 0));
    ck_assert(!bucket_take(&b, 4, 1000 * S - 998 * S)); /* 2 of 3 back */
    ck_assert(bucket_take(&b, 3, 1000 * S));
    ck_assert(!bucket_take(&b, 1, 1000 * S)); /* never more than cap */
}
END_TEST

START_TEST(backoff_grows_to_its_cap)
{
    struct rng r = {.s = 42};
    double longest[12] = {0}, shortest[12];
    for (int run = 0; run < 4000; run++) {
        struct backoff b = {0};
        for (int i = 0; i < 12; i++) {
            double s = (double)backoff_next_us(&b, &r, 0.5, 60) / 1e6;
            longest[i] = fmax(longest[i], s);
            shortest[i] = run ? fmin(shortest[i], s) : s;
        }
    }
    for (int i = 0; i < 12; i++) {
        double top = fmin(60, 0.5 * pow(2, i + 1));
        ck_assert(longest[i] <= top && longest[i] > 0.98 * top);         /* the whole range ... */
        ck_assert(shortest[i] >= 0.5 && shortest[i] < 0.5 + 0.02 * top); /* ... is used */
    }
    struct backoff b = {.n = UINT32_MAX - 1};
    ck_assert(backoff_next_us(&b, &r, 0.5, 60) <= 60 * S);
}
END_TEST

START_TEST(random_numbers)
{
    struct rng a, b, r = {.s = 1};
    rng_seed(&a);
    rng_seed(&b);
    ck_assert(a.s != b.s);
    double sum = 0, lo = 1, hi = 0;
    for (int i = 0; i < 100000; i++) {
        double x = rng_unit(&r);
        sum += x;
        lo = fmin(lo, x);
        hi = fmax(hi, x);
    }
    ck_assert(lo >= 0 && hi < 1 && lo < 0.001 && hi > 0.999);
    ck_assert(fabs(sum / 100000 - 0.5) < 0.005);
}
END_TEST

START_TEST(phases)
{
    struct rng r = {.s = 7};
    const int64_t period = 60 * S;
    int per_second[60] = {0};
    for (uint32_t key = 0; key < 600; key++) {
        int64_t t0 = 1000 * S + key * 12345, a = phase_next_us(key, period, t0, &r);
        ck_assert(a > t0 && a <= t0 + period + period / 20);
        int64_t b = phase_next_us(key, period, a, &r);
        ck_assert(b - a >= period * 94 / 100 && b - a <= period * 106 / 100);
        per_second[a / S % 60]++;
    }
    for (int i = 0; i < 60; i++)
        ck_assert_int_le(per_second[i], 30); /* 10 on average */
}
END_TEST

UNIT_MAIN("net", tcase_add_test(tc, urls); tcase_add_test(tc, urls_too_long);
          tcase_add_test(tc, buckets_keep_their_budget); tcase_add_test(tc, buckets_at_the_edges);
          tcase_add_test(tc, backoff_grows_to_its_cap); tcase_add_test(tc, random_numbers);
          tcase_add_test(tc, phases);)
