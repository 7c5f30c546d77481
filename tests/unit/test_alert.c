/* Proves the alert state machine: every path of the transition table by hand-written scripts, for
 * every kind of threshold, through unknown data, acknowledgement and subjects that leave. */
#include "alert_fixture.h"

START_TEST(test_pending_fires_or_ends)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 9.9);
    expect(f, "");
    ck_assert_ptr_null(only(f));
    judge(f, 1, 10);
    expect(f, "pending");
    judge(f, 2, 9); /* above clear, but below raise: a pending alert ends */
    expect(f, "inactive");
    ck_assert_ptr_null(only(f));
    judge(f, 3, 12);
    judge(f, 5, 11);
    expect(f, "pending");
    judge(f, 6, 12);
    expect(f, "firing/warning");
    const struct alert *a = only(f);
    ck_assert_int_eq(a->t_pending_us, T0 + 3 * S);
    ck_assert_int_eq(a->t_firing_us, T0 + 6 * S);
    ck_assert_double_eq(a->threshold, 10);
    ck_assert_double_eq(a->value, 12);
    fixture_free(f);
}
END_TEST

START_TEST(test_tick_alone_fires)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 12);
    tick(f, 2.9);
    expect(f, "pending");
    tick(f, 3);
    expect(f, "firing/warning");
    fixture_free(f);
}
END_TEST

START_TEST(test_hysteresis_keep_and_refire)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, 25);
    expect(f, "firing/critical");
    judge(f, 1, 16); /* between clear and raise: holds */
    expect(f, "");
    judge(f, 2, 15); /* critical clears; warning holds, and needs no `for` on the way down */
    expect(f, "firing/warning");
    judge(f, 4, 5); /* all off: kept for 10 s */
    tick(f, 13);
    expect(f, "");
    judge(f, 13.5, 11); /* back: no new `for` needed */
    judge(f, 14, 5);
    tick(f, 23.9);
    expect(f, "");
    tick(f, 24);
    expect(f, "resolved/warning");
    ck_assert_ptr_null(only(f));
    judge(f, 25, 11);
    expect(f, "pending");
    fixture_free(f);
}
END_TEST

START_TEST(test_higher_pending_does_not_hide_lower)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    r.level[1].for_s = 5;
    install(f, &r, 1);
    judge(f, 0, 30); /* both pending */
    expect(f, "pending");
    judge(f, 3, 30);
    expect(f, "firing/warning");
    judge(f, 4, 30);
    expect(f, "");
    judge(f, 5, 31);
    expect(f, "firing/critical");
    ck_assert_double_eq(only(f)->peak, 31);
    ck_assert_double_eq(only(f)->threshold, 20);
    judge(f, 6, 12);
    expect(f, "firing/warning");
    ck_assert_double_eq(only(f)->peak, 31);
    fixture_free(f);
}
END_TEST

START_TEST(test_unknown_freezes_clocks)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    judge(f, 0, NAN);
    expect(f, ""); /* nothing begins on unknown */
    judge(f, 1, 12);
    judge(f, 2, NAN);
    expect(f, "pending pending+inhibited");
    tick(f, 100);
    judge(f, 101, NAN);
    expect(f, "");
    ck_assert(isnan(only(f)->value));
    judge(f, 102, 12); /* 1 s of 3 had passed */
    expect(f, "pending");
    judge(f, 103.9, 12);
    expect(f, "");
    judge(f, 104, 12);
    expect(f, "firing/warning");
    judge(f, 105, 1);
    judge(f, 110, NAN); /* 5 s of keep have passed */
    tick(f, 500);
    expect(f, "firing/warning+inhibited");
    judge(f, 510, 1);
    expect(f, "firing/warning");
    tick(f, 514.9);
    expect(f, "");
    tick(f, 515);
    expect(f, "resolved/warning");
    fixture_free(f);
}
END_TEST

START_TEST(test_inhibited_value_is_not_judged)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    struct cell high = {99, R_KNOWN}, low = {0, R_KNOWN};
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, high, false, true, T0});
    expect(f, "");
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, high, false, false, T0 + S});
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, low, false, true, T0 + 2 * S});
    expect(f, "firing/critical firing/critical+inhibited");
    fixture_free(f);
}
END_TEST

START_TEST(test_ack_lives_until_rise_or_end)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    ck_assert_int_eq(alerts_ack(f->alerts, 12345, SLICE("ann"), T0), E_UNKNOWN);
    judge(f, 0, 12);
    uint32_t id = only(f)->id;
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + S), E_AGAIN);
    judge(f, 3, 12);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + 4 * S), 0);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("bob"), T0 + 4 * S), E_DUP);
    ck_assert_str_eq(only(f)->ack_by, "ann");
    expect(f, "pending firing/warning firing/warning+acked(desk)");
    judge(f, 5, 21);
    expect(f, "firing/critical"); /* dropped by the rise */
    ck_assert_str_eq(only(f)->ack_by, "");
    char longer[64];
    memset(longer, 'x', sizeof(longer));
    ck_assert_int_eq(alerts_ack(f->alerts, id, (struct slice){longer, 64}, T0 + 6 * S), 0);
    ck_assert_uint_eq(strlen(only(f)->ack_by), 31);
    judge(f, 7, 12); /* a fall keeps it */
    judge(f, 8, 1);
    judge(f, 18, 1);
    expect(f, "firing/critical+acked(desk) firing/warning+acked resolved/warning+acked");
    judge(f, 19, 21);
    expect(f, "firing/critical"); /* fired anew: nobody has seen it */
    ck_assert_uint_ne(only(f)->id, id);
    ck_assert_int_eq(alerts_ack(f->alerts, id, SLICE("ann"), T0 + 20 * S), E_UNKNOWN);
    fixture_free(f);
}
END_TEST

START_TEST(test_below_and_absolute)
{
    struct fixture *f = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    snprintf(r[0].name, sizeof(r[0].name), "below");
    r[0].below = true;
    r[0].keep_s = 0;
    r[0].level[0] = (struct rule_level){SEV_WARNING, 0.35, 0.6, 0};
    r[0].level[1] = (struct rule_level){SEV_CRITICAL, 0.15, 0.4, 0};
    r[1].absolute = true;
    r[1].keep_s = 0;
    r[1].level[0] = (struct rule_level){SEV_INFO, 25, 10, 0};
    r[1].level[1] = (struct rule_level){SEV_NONE, 0, 0, 0};
    install(f, r, 1);
    judge(f, 0, 0.36);
    judge(f, 1, 0.35);
    judge(f, 2, 0.1);
    ck_assert_double_eq(only(f)->peak, 0.1);
    judge(f, 3, 0.41);
    judge(f, 4, 0.6);
    expect(f, "firing/warning firing/critical firing/warning resolved/warning");
    install(f, &r[1], 1);
    judge(f, 10, -24);
    judge(f, 11, -26);
    judge(f, 12, -60);
    judge(f, 13, 30);
    ck_assert_double_eq(only(f)->peak, -60);
    judge(f, 14, 10);
    expect(f, "firing/info resolved/info");
    fixture_free(f);
}
END_TEST

START_TEST(test_fast_rules_only_in_turns)
{
    struct fixture *f = fixture_new();
    struct rule r[2] = {rule_basic(), rule_basic()};
    r[1].name[0] = 'x';
    r[1].fast = false;
    install(f, r, 2);
    struct cell c = {50, R_KNOWN};
    alerts_judge(f->alerts, f->dir, &(struct judgement){f->subject, f->metric, c, true, false, T0});
    ck_assert_int_eq(f->seen.n, 1);
    ck_assert_int_eq(f->seen.a[0].rule, 0);
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, c, false, false, T0});
    ck_assert_int_eq(f->seen.n, 2);
    ck_assert_int_eq(f->seen.a[1].rule, 1);
    fixture_free(f);
}
END_TEST

START_TEST(test_subjects_are_apart_and_can_leave)
{
    struct fixture *f = fixture_new();
    struct rule r = rule_basic();
    install(f, &r, 1);
    uint32_t btc = f->subject.id, eth = directory_asset_add(f->dir, SLICE("ETH"));
    judge(f, 0, 30);
    f->subject.id = eth;
    judge(f, 0, 12);
    expect(f, "firing/critical pending");
    ck_assert(alerts_asset_active(f->alerts, btc));
    ck_assert(alerts_asset_active(f->alerts, eth));
    alerts_drop_asset(f->alerts, btc, T0 + S);
    expect(f, "resolved/critical(left_universe)");
    ck_assert(!alerts_asset_active(f->alerts, btc));
    struct cell gone = {NAN, R_NOT_TRACKED};
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, gone, false, false, T0 + 2 * S});
    expect(f, "inactive(left_universe)");
    alerts_drop_asset(f->alerts, ASSET_NONE, T0 + S);
    expect(f, "");
    fixture_free(f);
}
END_TEST

UNIT_MAIN("alert", tcase_add_test(tc, test_pending_fires_or_ends);
          tcase_add_test(tc, test_tick_alone_fires);
          tcase_add_test(tc, test_hysteresis_keep_and_refire);
          tcase_add_test(tc, test_higher_pending_does_not_hide_lower);
          tcase_add_test(tc, test_unknown_freezes_clocks);
          tcase_add_test(tc, test_inhibited_value_is_not_judged);
          tcase_add_test(tc, test_ack_lives_until_rise_or_end);
          tcase_add_test(tc, test_below_and_absolute);
          tcase_add_test(tc, test_fast_rules_only_in_turns);
          tcase_add_test(tc, test_subjects_are_apart_and_can_leave);)
