/* What every unit test shares: runs a check suite and prints the count the test runner reads.
 * A test file says in two lines what it proves, defines its cases and ends with
 *   UNIT_MAIN("scan", tcase_add_test(tc, test_a); tcase_add_test(tc, test_b);) */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static int unit_run(SRunner *r)
{
    srunner_run_all(r, CK_NORMAL);
    int n = srunner_ntests_run(r), failed = srunner_ntests_failed(r);
    srunner_free(r);
    printf("%d passed, %d failed\n", n - failed, failed);
    return failed || n == 0;
}

#define UNIT_MAIN(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        Suite *suite = suite_create(name);                                                         \
        TCase *tc = tcase_create(name);                                                            \
        tcase_set_timeout(tc, 120);                                                                \
        suite_add_tcase(suite, tc);                                                                \
        __VA_ARGS__                                                                                \
        return unit_run(srunner_create(suite));                                                    \
    }

#endif
