/* Proves the segment format: records and blocks come back as they went in, every torn tail and
 * every flipped bit is seen, limits hold, and CRC-32C gives the published sums in both versions. */
#include "base/crc32c.h"
#include "base/seglog.h"
#include "unit.h"

static char dst[1 << 16], raw[1 << 16], out[1 << 16];

static const struct vector {
    const char *text;
    uint32_t crc;
} vectors[] = {{"", 0}, {"a", 0xc1d04330}, {"123456789", 0xe3069283}};

START_TEST(test_crc)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t n = strlen(vectors[i].text);
        ck_assert_uint_eq(crc32c(0, vectors[i].text, n), vectors[i].crc);
        ck_assert_uint_eq(crc32c_portable(0, vectors[i].text, n), vectors[i].crc);
    }
    /* RFC 3720, appendix B.4 */
    unsigned char b[32];
    memset(b, 0, sizeof b);
    ck_assert_uint_eq(crc32c(0, b, 32), 0x8a9136aa);
    memset(b, 0xff, sizeof b);
    ck_assert_uint_eq(crc32c(0, b, 32), 0x62a8ab43);
    for (unsigned i = 0; i < 32; i++)
        b[i] = (unsigned char)i;
    ck_assert_uint_eq(crc32c(0, b, 32), 0x46dd794e);
    ck_assert_uint_eq(crc32c_portable(0, b, 32), 0x46dd794e);
    for (size_t from = 0; from < 32; from++) /* chained, unaligned, both versions */
        for (size_t cut = from; cut <= 32; cut++) {
            uint32_t whole = crc32c(0, b + from, 32 - from);
            ck_assert_uint_eq(crc32c(crc32c(0, b + from, cut - from), b + cut, 32 - cut), whole);
            ck_assert_uint_eq(crc32c_portable(0, b + from, 32 - from), whole);
        }
}
END_TEST

static const struct seglog_record records[] = {
    {1760131200000000, SLICE("rx"), SLICE("binance"), 3, SLICE("-"),
     SLICE("{\"e\":\"forceOrder\"}")},
    {1760131200000001, SLICE("rx"), SLICE("binance"), 255, SLICE("depth:BTCUSDT"), SLICE("[\n]\n")},
    {1760131200000002, SLICE("turn"), SLICE("-"), 255, SLICE("-"), SLICE("")},
    {1760131201000000, SLICE("tick"), SLICE("-"), 255, SLICE("-"), SLICE("")},
    {-1, SLICE("rx"), SLICE("hyperliquid"), 0, SLICE("-"), SLICE("\x00\xff\xfe T 1 rx")},
};
#define RECORDS (sizeof records / sizeof records[0])

static size_t put_all(void)
{
    size_t len = 0;
    for (size_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &records[i]), 0);
    return len;
}

START_TEST(test_records)
{
    size_t len = put_all(), pos = 0;
    static const char first[] = "T 1760131200000000 rx binance 3 - 18\n{\"e\":\"forceOrder\"}\n"
                                "T 1760131200000001 rx binance 255 depth:BTCUSDT 4\n[\n]\n\n";
    ck_assert_int_eq(memcmp(dst, first, sizeof first - 1), 0);
    for (size_t i = 0; i < RECORDS; i++) {
        struct seglog_record r;
        ck_assert_int_eq(seglog_get(dst, len, &pos, &r), 1);
        ck_assert(r.t_us == records[i].t_us && r.conn == records[i].conn);
        ck_assert(slice_eq(r.kind, records[i].kind) && slice_eq(r.venue, records[i].venue));
        ck_assert(slice_eq(r.req, records[i].req) && slice_eq(r.body, records[i].body));
    }
    struct seglog_record none;
    ck_assert_int_eq(seglog_get(dst, len, &pos, &none), 0);
    ck_assert_uint_eq(pos, len);
}
END_TEST

/* A tape cut anywhere gives the records that are whole and then E_TORN, never another one. */
START_TEST(test_torn_records)
{
    size_t len = put_all();
    for (size_t cut = 0; cut < len; cut++) {
        char *exact = malloc(cut ? cut : 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, dst, cut);
        size_t pos = 0, n = 0;
        struct seglog_record r;
        int rc;
        while ((rc = seglog_get(exact, cut, &pos, &r)) == 1)
            ck_assert(slice_eq(r.body, records[n++].body));
        ck_assert_int_eq(rc, pos == cut ? 0 : E_TORN);
        ck_assert_uint_lt(n, RECORDS);
        free(exact);
    }
}
END_TEST

START_TEST(test_bad_records)
{
    static const char *const bad[] = {
        "T 1 rx v 0 -\n",
        "T 1 rx v 0 - 0 9\n\n",
        "T 1 rx v 256 - 0\n\n",
        "T 1 rx v -1 - 0\n\n",
        "T x rx v 0 - 0\n\n",
        "T 1.5 rx v 0 - 0\n\n",
        "T 1  v 0 - 0\n\n",
        "X 1 rx v 0 - 0\n\n",
        "T 1 rx v 0 - -1\n\n",
        "T 1 rx v 0 - 99999999\n\n",
        "T 1 rx v 0 - 1\nab\n",
        "\n",
        "T 99999999999999999999 rx v 0 - 0\n\n",
        "T 1 rx v 0 "
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
        "23456789012345678901234567890123456789012345678901234567890123456789012345678901234567 "
        "0\n\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t pos = 0;
        struct seglog_record r = {.t_us = 77};
        ck_assert_msg(seglog_get(bad[i], strlen(bad[i]), &pos, &r) == E_SYNTAX, "%s", bad[i]);
        ck_assert(pos == 0 && r.t_us == 77);
    }
    struct seglog_record r = records[0];
    size_t len = 0;
    r.req = SLICE("a b");
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), E_SYNTAX);
    r.req = SLICE("a\nb");
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), E_SYNTAX);
    r.req = SLICE("");
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), E_SYNTAX);
    r.req = SLICE("-");
    r.conn = 256;
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), E_SYNTAX);
    r.conn = 0;
    memset(out, 'q', 200);
    r.req = (struct slice){out, 200};
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), E_LIMIT);
    ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(test_put_limit)
{
    struct seglog_record r = records[0];
    size_t need = 0, len = 0;
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &need, &r), 0);
    ck_assert_uint_le(need, r.body.len + SEGLOG_HEAD_MAX);
    ck_assert_int_eq(seglog_put(dst, need - 1, &len, &r), E_LIMIT);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_eq(seglog_put(dst, need, &len, &r), 0);
    ck_assert_uint_eq(len, need);
    char word[100];
    memset(word, 'w', sizeof word); /* the longest head there can be stays below the stated bound */
    r = (struct seglog_record){INT64_MIN, SLICE("state"), SLICE("krakenfutures"),
                               255,       {word, 100},    {NULL, 0}};
    len = 0;
    ck_assert_int_eq(seglog_put(dst, sizeof dst, &len, &r), 0);
    ck_assert_uint_le(len, SEGLOG_HEAD_MAX);
    size_t pos = 0;
    ck_assert_int_eq(seglog_get(dst, len, &pos, &r), 1);
    ck_assert(r.t_us == INT64_MIN && r.req.len == 100);
}
END_TEST

/* Text that compresses (kind 0) or noise that does not (kind 1). */
static void fill(size_t n, int kind)
{
    uint32_t seed = 5;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        raw[i] = kind ? (char)(seed >> 24) : "{\"p\":\"113000.5\"}"[i % 16];
    }
}

START_TEST(test_blocks)
{
    static const size_t sizes[] = {1, 15, 100, 5000, sizeof raw / 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < 2; kind++)
            for (int level = 0; level <= 3; level += 3) {
                fill(sizes[i], kind);
                int64_t n = seglog_encode(raw, sizes[i], level, dst, sizeof dst);
                ck_assert_int_gt(n, 16);
                ck_assert_uint_le((size_t)n, seglog_bound(sizes[i]));
                bool small = !kind && level && sizes[i] >= 100;
                ck_assert(small ? (size_t)n < 16 + sizes[i] : (size_t)n == 16 + sizes[i]);
                size_t got = 0;
                ck_assert_int_eq(seglog_decode(dst, (size_t)n + 9, out, sizeof out, &got), n);
                ck_assert(got == sizes[i] && memcmp(out, raw, got) == 0);
                ck_assert_int_eq(seglog_decode(dst, (size_t)n, out, got - 1, &got), E_LIMIT);
            }
    size_t got;
    ck_assert_int_eq(seglog_decode(dst, 0, out, sizeof out, &got), 0);
    ck_assert_int_eq(seglog_encode(raw, 0, 3, dst, sizeof dst), E_LIMIT);
    ck_assert_int_eq(seglog_encode(raw, SEGLOG_BLOCK_MAX + 1, 3, dst, sizeof dst), E_LIMIT);
    ck_assert_int_eq(seglog_encode(raw, 100, 3, dst, 115), E_LIMIT);
}
END_TEST

START_TEST(test_damage)
{
    for (int level = 0; level <= 3; level += 3) {
        fill(600, 0);
        int64_t n = seglog_encode(raw, 600, level, dst, sizeof dst);
        ck_assert_int_gt(n, 16);
        size_t got = 77;
        for (size_t cut = 1; cut < (size_t)n; cut++)
            ck_assert_int_eq(seglog_decode(dst, cut, out, sizeof out, &got), E_TORN);
        for (size_t i = 0; i < (size_t)n * 8; i++) { /* every single bit */
            dst[i / 8] = (char)(dst[i / 8] ^ (1 << i % 8));
            int64_t rc = seglog_decode(dst, (size_t)n, out, sizeof out, &got);
            ck_assert_msg(rc == E_SYNTAX || rc == E_CRC || rc == E_TORN || rc == E_LIMIT,
                          "bit %zu: %d", i, (int)rc);
            ck_assert(i < 16 * 8 || rc == E_CRC);
            dst[i / 8] = (char)(dst[i / 8] ^ (1 << i % 8));
        }
        ck_assert(got == 77);
    }
}
END_TEST

UNIT_MAIN("seglog", tcase_add_test(tc, test_crc); tcase_add_test(tc, test_records);
          tcase_add_test(tc, test_torn_records); tcase_add_test(tc, test_bad_records);
          tcase_add_test(tc, test_put_limit); tcase_add_test(tc, test_blocks);
          tcase_add_test(tc, test_damage);)
