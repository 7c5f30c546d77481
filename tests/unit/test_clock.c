/* Proves that engine time never goes back, follows drift at 500 ppm at most, follows a forward step
 * at once and a backward step only by the slew, and reports both. */
#include "unit.h"

#include "clock.h"

#define S 1000000LL

static struct clock at(int64_t wall, int64_t mono)
{
    return (struct clock){
        .base_wall_us = wall, .base_mono_us = mono, .last_us = wall, .checked_mono_us = mono};
}

START_TEST(agrees_with_a_steady_wall)
{
    struct clock c = at(1000 * S, 5 * S);
    for (int i = 1; i <= 100; i++)
        ck_assert_int_eq(clock_step(&c, (1000 + i) * S, (5 + i) * S), (1000 + i) * S);
    ck_assert_double_eq(clock_take_step(&c), 0);
}
END_TEST

/* 0.3 s forward at once: engine time gains 500 us a second until it has caught up. */
START_TEST(slews_a_small_step_forward)
{
    struct clock c = at(1000 * S, 0);
    int64_t wall_off = 300000, last = 1000 * S;
    for (int i = 1; i <= 700; i++) {
        int64_t t = clock_step(&c, (1000 + i) * S + wall_off, i * S);
        ck_assert_int_le(t - last, S + 500);
        ck_assert_int_ge(t - last, S);
        last = t;
        if (i == 101)
            ck_assert_int_eq(t, 1101 * S + 100 * 500);
    }
    ck_assert_int_eq(last, 1700 * S + wall_off);
    ck_assert_double_eq(clock_take_step(&c), 0);
}
END_TEST

START_TEST(slews_a_small_step_back)
{
    struct clock c = at(1000 * S, 0);
    int64_t last = 1000 * S;
    for (int i = 1; i <= 700; i++) {
        int64_t t = clock_step(&c, (1000 + i) * S - 300000, i * S);
        ck_assert_int_ge(t - last, S - 500);
        ck_assert_int_le(t - last, S);
        last = t;
    }
    ck_assert_int_eq(last, 1700 * S - 300000);
    ck_assert_double_eq(clock_take_step(&c), 0);
}
END_TEST

START_TEST(follows_a_forward_step_at_once)
{
    struct clock c = at(1000 * S, 0);
    ck_assert_int_eq(clock_step(&c, 4601 * S, 1 * S), 4601 * S);
    ck_assert_double_eq_tol(clock_take_step(&c), 3600, 1e-9);
    ck_assert_double_eq(clock_take_step(&c), 0);
    ck_assert_int_eq(clock_step(&c, 4602 * S, 2 * S), 4602 * S);
    ck_assert_double_eq(clock_take_step(&c), 0);
}
END_TEST

START_TEST(never_goes_back_after_a_backward_step)
{
    struct clock c = at(10000 * S, 0);
    int64_t last = clock_step(&c, 10001 * S - 3600 * S, 1 * S);
    ck_assert_int_eq(last, 10001 * S);
    ck_assert_double_eq_tol(clock_take_step(&c), -3600, 1e-9);
    for (int i = 2; i <= 1001; i++) {
        int64_t t = clock_step(&c, (10000 - 3600 + i) * S, i * S);
        ck_assert_int_ge(t - last, S - 500);
        ck_assert_int_le(t - last, S);
        last = t;
    }
    ck_assert_int_eq(last, 11001 * S - 1000 * 500);
    ck_assert_double_eq(clock_take_step(&c), 0);
}
END_TEST

/* The wall was wrong for a while and is put right again: no lasting offset. */
START_TEST(step_back_then_forth_leaves_nothing)
{
    struct clock c = at(10000 * S, 0);
    clock_step(&c, 10001 * S - 60 * S, 1 * S);
    ck_assert_int_eq(clock_step(&c, 10002 * S, 2 * S), 10002 * S - 500);
    ck_assert_int_eq(clock_step(&c, 10003 * S, 3 * S), 10003 * S);
}
END_TEST

/* Many steps of 0.9 s add up: the sum is followed and reported, it does not pile up unseen. */
START_TEST(small_steps_add_up_to_a_reported_one)
{
    struct clock c = at(1000 * S, 0);
    int64_t t = 0;
    for (int i = 1; i <= 4; i++)
        t = clock_step(&c, (1000 + i) * S + i * 900000, i * S);
    ck_assert_int_eq(t, 1004 * S + 3600000);
    ck_assert_double_gt(clock_take_step(&c), 1.7);
}
END_TEST

START_TEST(wild_walls_never_turn_time_back)
{
    struct clock c = at(1000000 * S, 0);
    uint64_t x = 88172645463325252ULL;
    int64_t last = 0;
    for (int i = 1; i < 20000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        int64_t wall = (1000000 + i / 10) * S + (int64_t)(x % 20000000) - 10000000;
        int64_t t = clock_step(&c, wall, i * (S / 10));
        ck_assert_int_ge(t, last);
        last = t;
    }
}
END_TEST

START_TEST(the_real_clock_runs)
{
    struct clock c;
    clock_init(&c);
    int64_t a = clock_now_us(&c), wall = clock_wall_us();
    ck_assert_int_le(llabs(wall - a), S);
    for (int i = 0; i < 1000; i++) {
        int64_t b = clock_now_us(&c);
        ck_assert_int_ge(b, a);
        a = b;
    }
}
END_TEST

UNIT_MAIN("clock", tcase_add_test(tc, agrees_with_a_steady_wall);
          tcase_add_test(tc, slews_a_small_step_forward);
          tcase_add_test(tc, slews_a_small_step_back);
          tcase_add_test(tc, follows_a_forward_step_at_once);
          tcase_add_test(tc, never_goes_back_after_a_backward_step);
          tcase_add_test(tc, step_back_then_forth_leaves_nothing);
          tcase_add_test(tc, small_steps_add_up_to_a_reported_one);
          tcase_add_test(tc, wild_walls_never_turn_time_back);
          tcase_add_test(tc, the_real_clock_runs);)
