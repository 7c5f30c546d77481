/* Proves that rows are encoded as row.h says: a run of numbers gives, expanded, the same bytes as
 * its numbers one by one, for every bit pattern and at every fill; what is no row is refused; bytes
 * elsewhere are taken as they are. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/row.h"
#include "store/spool_head.h"
#include "store/streams.h"

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* Any bits; often those that are special: NANs of both signs and any payload, zeros, infinities. */
static double any_number(void)
{
    uint64_t r = next_random();
    switch (r % 8) {
    case 0:
        return of_bits(UINT64_C(0x7ff8000000000000) | (next_random() & 0xffff));
    case 1:
        return of_bits(UINT64_C(0xfff0000000000001) + (next_random() & 0xffff));
    case 2:
        return r & 8 ? -0.0 : 0.0;
    case 3:
        return r & 8 ? -INFINITY : INFINITY;
    default:
        return of_bits(next_random());
    }
}

static void ck_same(const struct row *a, const struct row *b)
{
    ck_assert_uint_eq(a->len, b->len);
    ck_assert_int_eq(a->full, b->full);
    ck_assert_mem_eq(a->data, b->data, a->len);
}

START_TEST(test_many_as_one)
{
    static struct row one, many, plain;
    int runs = 0;
    static double v[STREAM_COLS_MAX];
    static uint8_t text[ROW_MAX];
    for (int round = 0; round < 20000; round++) {
        int n = (int)(next_random() % (STREAM_COLS_MAX + 1));
        /* what stands before leaves room for all, for some, or for none */
        uint32_t before =
            (uint32_t)(round % 3 ? next_random() % 100 : next_random() % (ROW_MAX - 4));
        const struct slice filler = {(const char *)text, before};
        for (int i = 0; i < n; i++)
            v[i] = any_number();
        row_begin(&one, 1, 5);
        row_begin(&many, 1, 5);
        row_slice(&one, filler);
        row_slice(&many, filler);
        for (int i = 0; i < n; i++)
            row_f8(&one, v[i]);
        row_f8s(&many, v, n);
        row_bool(&one, true); /* what comes behind */
        row_bool(&many, true);
        if (many.full) { /* were none of them NULL, it would not fit */
            ck_assert_uint_gt(4 + before + 12 * (uint32_t)n + 5, ROW_MAX);
            continue;
        }
        row_begin(&plain, 1, 5);
        ck_assert_int_eq(row_expand(&plain, many.data, many.len), 0);
        ck_same(&one, &plain);
        int run = row_has_run(many.data, many.len);
        ck_assert_int_eq(run, many.len != one.len || memcmp(many.data, one.data, one.len) != 0);
        runs += run;
    }
    ck_assert_int_gt(runs, 10000);
}
END_TEST

/* A row that was cut anywhere, or claims more than there is: never read past its end. */
START_TEST(test_torn)
{
    static const double v[] = {1.5, NAN, -0.0};
    static struct row r, out;
    row_begin(&r, 1, 5);
    row_text(&r, "ab");
    row_f8s(&r, v, 3);
    row_bool(&r, true);
    const uint32_t ends[] = {0, 6, 6 + 8 + 24, r.len};
    for (uint32_t len = 0; len <= r.len; len++) {
        uint8_t *cut = malloc(len + 1); /* the sanitizer sees what is read behind it */
        bool whole = false;
        memcpy(cut, r.data, len);
        cut = realloc(cut, len ? len : 1);
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
            whole |= len == ends[i];
        row_begin(&out, 1, 5);
        ck_assert_int_eq(row_expand(&out, cut, len), whole ? 0 : E_TORN);
        ck_assert_int_eq(row_has_run(cut, len), whole ? len > 6 : E_TORN);
        free(cut);
    }
    static const uint32_t counts[] = {4, 5, 0x1fffffff, 0x20000000, 0x7fffffff, UINT32_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        put_be32(r.data + 6 + 4, counts[i]);
        row_begin(&out, 1, 5);
        ck_assert_int_eq(row_expand(&out, r.data, r.len), E_TORN);
    }
}
END_TEST

/* A run that another program made is longer as values than a row may be. */
START_TEST(test_too_long)
{
    static uint8_t run[8 + 8 * 1000];
    static struct row r;
    put_be32(run, ROW_RUN);
    put_be32(run + 4, 1000);
    row_begin(&r, 1, 5);
    ck_assert_int_eq(row_expand(&r, run, sizeof(run)), 0);
    ck_assert(r.full);
}
END_TEST

/* The bytes, written out. */
START_TEST(test_golden)
{
    static const uint8_t want[] = {
        0,    0,    0,    8,    0x3f, 0xf8, 0,    0,    0,    0,    0, 0, /* 1.5 */
        0xff, 0xff, 0xff, 0xff,                                           /* NAN */
        0,    0,    0,    8,    0x80, 0,    0,    0,    0,    0,    0, 0, /* -0 */
        0,    0,    0,    8,    0,    0,    0,    0,    0,    0,    1, 2, /* 258 */
        0,    0,    0,    2,    'a',  'b',  0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1};
    static const uint8_t run[] = {0xff, 0xff, 0xff, 0xfe, 0, 0, 0,    3,     /* three numbers */
                                  0,    0,    0,    0,    0, 0, 0xf8, 0x3f,  /* 1.5 */
                                  0,    0,    0,    0,    0, 0, 0xf8, 0x7f,  /* NAN */
                                  0,    0,    0,    0,    0, 0, 0,    0x80}; /* -0 */
    const double v[] = {1.5, of_bits(UINT64_C(0x7ff8000000000000)), -0.0};
    static struct row r, in;
    row_begin(&in, 1, 5);
    row_f8s(&in, v, 3);
    ck_assert_uint_eq(in.len, sizeof(run));
    ck_assert_mem_eq(in.data, run, sizeof(run));
    row_begin(&r, 1, 5);
    ck_assert_int_eq(row_expand(&r, in.data, in.len), 0);
    row_i8(&r, 258);
    row_text(&r, "ab");
    row_text(&r, NULL);
    row_bool(&r, true);
    ck_assert_uint_eq(r.len, sizeof(want));
    ck_assert_mem_eq(r.data, want, sizeof(want));
    ck_assert_uint_eq(row_element_len(r.data), 8);
    ck_assert_uint_eq(row_element_len(r.data + 12), 0);
}
END_TEST

static char head_mem[SPOOL_HEAD_MAX];

/* The head of a program whose text differs in one place. */
static struct slice head_with(const char *was, const char *is)
{
    const struct spool_writer w = {SLICE("00000000-0000-4000-8000-000000000001"), SLICE("1"),
                                   SLICE(""), 1, 1};
    struct text t;
    text_init(&t, head_mem, sizeof(head_mem));
    spool_head_print(&t, &w);
    char *at = strstr(head_mem, was);
    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(strlen(was), strlen(is));
    memcpy(at, is, strlen(is));
    return (struct slice){head_mem, (uint32_t)t.len};
}

/* Bytes of the value of a column. */
static struct slice value_of(const struct row *r, int column)
{
    uint32_t at = 0;
    for (int i = 0; i < column; i++)
        at += 4 + row_element_len(r->data + at);
    return (struct slice){(const char *)r->data + at, 4 + row_element_len(r->data + at)};
}

/* Rows of a program with other columns, one of them in a run. */
START_TEST(test_moved)
{
    static struct spool_map map;
    static struct row in, out;
    struct spool_writer w;
    double v[STREAM_COLS_MAX];
    int n = stream_columns(ST_M_ASSET);
    for (int i = 0; i < n; i++)
        v[i] = i + 0.5;
    ck_assert_int_eq(spool_head_parse(head_with("\"oi_usd\"", "\"oi_old\""), &w, &map), 0);
    ck_assert(!map.same);
    row_begin(&in, ST_M_ASSET, 5);
    row_time(&in, 5);
    row_text(&in, "BTC");
    row_f8s(&in, v + 2, n - 2);
    const struct spool_row from = {5, in.data, in.len, ST_M_ASSET};
    ck_assert_int_eq(spool_map_row(&map, &from, &out), 1);
    for (int c = 2; c < n; c++) {
        struct slice x = value_of(&out, c);
        bool gone = strcmp(stream_column(ST_M_ASSET, c).name, "oi_usd") == 0;
        double got = NAN;
        uint64_t bits;
        ck_assert_uint_eq(x.len, gone ? 4 : 12);
        if (gone)
            continue;
        memcpy(&bits, x.p + 4, sizeof(bits));
        bits = be64(bits);
        memcpy(&got, &bits, sizeof(got));
        ck_assert(got == v[c]);
    }
    const struct spool_row torn = {5, in.data, in.len - 1, ST_M_ASSET};
    ck_assert_int_eq(spool_map_row(&map, &torn, &out), E_TORN);
    spool_map_own(&map);
    ck_assert_int_eq(spool_map_row(&map, &torn, &out), E_TORN);
}
END_TEST

/* Rows of before there were runs are read; those of a later format are left to a later program. */
START_TEST(test_formats)
{
    static struct spool_map map;
    struct spool_writer w;
    ck_assert_int_eq(spool_head_parse(head_with("{\"spool\":2", "{\"spool\":1"), &w, &map), 0);
    ck_assert_int_eq(spool_head_parse(head_with("{\"spool\":2", "{\"spool\":2"), &w, &map), 0);
    ck_assert_int_eq(spool_head_parse(head_with("{\"spool\":2", "{\"spool\":3"), &w, &map),
                     E_MISSING);
    ck_assert_int_eq(spool_head_parse(head_with("{\"spool\":2", "{\"spool\":0"), &w, &map),
                     E_MISSING);
}
END_TEST

START_TEST(test_elsewhere)
{
    static uint8_t room[ROW_MAX + 1];
    static struct row r;
    room[ROW_MAX] = 0x5a;
    row_begin_at(&r, 1, 5, room);
    ck_assert_ptr_eq(r.data, room);
    while (!r.full)
        row_i8(&r, 7);
    ck_assert_uint_eq(room[ROW_MAX], 0x5a);
    row_borrow(&r, 2, 6, (struct slice){(const char *)room, 24});
    ck_assert(r.data == room && r.len == 24 && !r.full && r.t_us == 6 && r.stream == 2);
    row_own(&r);
    ck_assert(r.data == r.own);
    memset(room, 0, 24);
    ck_assert_uint_eq(r.own[11], 7);
    row_own(&r);
    ck_assert_uint_eq(r.own[11], 7);
    row_borrow(&r, 2, 6, (struct slice){(const char *)room, ROW_MAX + 1});
    ck_assert(r.full);
    row_begin_at(&r, 1, 5, NULL);
    ck_assert(r.data == r.own);
}
END_TEST

UNIT_MAIN("row", tcase_add_test(tc, test_many_as_one); tcase_add_test(tc, test_golden);
          tcase_add_test(tc, test_torn); tcase_add_test(tc, test_too_long);
          tcase_add_test(tc, test_moved); tcase_add_test(tc, test_formats);
          tcase_add_test(tc, test_elsewhere);)
