/* Proves that rows are encoded as row.h says: numbers many at a time give the same bytes as one by
 * one, for every bit pattern and at every fill, and that bytes elsewhere are taken as they are. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "store/row.h"
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
    static struct row one, many;
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
        ck_same(&one, &many);
        row_bool(&one, true); /* what comes behind */
        row_bool(&many, true);
        ck_same(&one, &many);
    }
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
    static const double v[] = {1.5, NAN, -0.0};
    static struct row r;
    row_begin(&r, 1, 5);
    row_f8s(&r, v, 3);
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
          tcase_add_test(tc, test_elsewhere);)
