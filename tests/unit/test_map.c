/* Proves that the map agrees with a plain array under random puts and deletions, full table and
 * deletion chains included, and keeps its limit. */
#include "base/map.h"
#include "unit.h"

#define KEYS 600

static char names[KEYS][12];

static struct slice key(uint32_t i)
{
    return slice_of(names[i]);
}

static void make_names(void)
{
    for (int i = 0; i < KEYS; i++)
        snprintf(names[i], sizeof names[i], "%.*sK%d", i % 6, "ABCDEF", i);
}

START_TEST(test_basic)
{
    struct map *m = map_new(3);
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(map_get(m, SLICE("a")), MAP_NONE);
    ck_assert_int_eq(map_put(m, SLICE("a"), 1), 0);
    ck_assert_int_eq(map_put(m, SLICE(""), 2), 0);
    ck_assert_int_eq(map_put(m, SLICE("a-much-longer-key-than-sixteen"), 0), 0);
    ck_assert_int_eq(map_put(m, SLICE("b"), 4), E_LIMIT);
    ck_assert_int_eq(map_put(m, SLICE("a"), 5), 0); /* replacing needs no room */
    ck_assert(map_get(m, SLICE("a")) == 5 && map_get(m, (struct slice){NULL, 0}) == 2);
    ck_assert(map_get(m, SLICE("a-much-longer-key-than-sixteen")) == 0 && map_count(m) == 3);
    ck_assert_uint_eq(map_get(m, SLICE("a-much-longer-key-than-sixteex")), MAP_NONE);
    map_del(m, SLICE("b"));
    map_del(m, SLICE("a"));
    ck_assert(map_count(m) == 2 && map_get(m, SLICE("a")) == MAP_NONE);
    map_clear(m);
    ck_assert(map_count(m) == 0 && map_get(m, SLICE("")) == MAP_NONE);
    map_free(m);
    map_free(NULL);
}
END_TEST

START_TEST(test_zero)
{
    struct map *m = map_new(0);
    ck_assert_ptr_nonnull(m);
    ck_assert_int_eq(map_put(m, SLICE("a"), 1), E_LIMIT);
    ck_assert_uint_eq(map_get(m, SLICE("a")), MAP_NONE);
    map_free(m);
    ck_assert_ptr_null(map_new(UINT32_MAX)); /* more than a table can index */
}
END_TEST

START_TEST(test_random)
{
    enum { CAP = 256 };
    static uint32_t want[KEYS];
    struct map *m = map_new(CAP);
    uint32_t seed = 7, n = 0, full = 0;
    ck_assert_ptr_nonnull(m);
    make_names();
    memset(want, 0xff, sizeof want);
    for (int round = 0; round < 200000; round++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t i = (seed >> 8) % KEYS, v = seed >> 4;
        bool filling = round / 5000 % 2 == 0;
        if ((seed >> 28) < (filling ? 12u : 4u)) {
            int rc = map_put(m, key(i), v), limit = want[i] == MAP_NONE && n == CAP ? E_LIMIT : 0;
            ck_assert_int_eq(rc, limit);
            full += rc < 0;
            n += rc == 0 && want[i] == MAP_NONE;
            want[i] = rc == 0 ? v : want[i];
        } else {
            map_del(m, key(i));
            n -= want[i] != MAP_NONE;
            want[i] = MAP_NONE;
        }
        ck_assert_uint_eq(map_count(m), n);
        if (round % 500 == 0)
            for (uint32_t k = 0; k < KEYS; k++)
                ck_assert_uint_eq(map_get(m, key(k)), want[k]);
    }
    ck_assert_uint_gt(full, 0); /* the limit was met */
    map_free(m);
}
END_TEST

UNIT_MAIN("map", tcase_add_test(tc, test_basic); tcase_add_test(tc, test_zero);
          tcase_add_test(tc, test_random);)
