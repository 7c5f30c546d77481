/* Proves one side on the grid: dollars, ends, reasons, critical shock; and that a pool of N equal
 * venues is as one of them, whatever N, at every shock of both scenarios (R = .6: 2.5). */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "risk/casc_side.h"

static double edge[SWEEP_GRID_N + 1];

/* Densities per percent of the price; the mass ends at 20 %, so that shocks end on the grid. */
static struct casc_side *side_new(double depth, double liq, enum casc_dir dir)
{
    struct casc_side *s = malloc(sizeof(*s));
    ck_assert_ptr_nonnull(s);
    sweep_grid(edge);
    casc_side_clear(s);
    for (int i = 0; i < SWEEP_GRID_N; i++) {
        s->depth[i] = depth * (edge[i + 1] - edge[i]) * 100;
        s->liq[i] = edge[i + 1] <= .2 ? liq * (edge[i + 1] - edge[i]) * 100 : 0;
    }
    s->seen_base = depth * 2; /* measured to 2 % */
    casc_side_value(s, edge, dir, 1000);
    casc_side_close(s, edge);
    ck_assert_int_eq(s->why, R_KNOWN);
    return s;
}

START_TEST(test_uniform)
{
    struct casc_side *s = side_new(10, 5, CASC_DN);
    struct casc_run run = casc_side_shock(s, SWEEP_FLOW, .05);
    ck_assert_int_eq(run.why, R_KNOWN);
    ck_assert_double_eq_tol(run.amp, 2, 1e-9);
    ck_assert_double_eq_tol(run.final_frac, .10, 1e-9);
    ck_assert_double_eq_tol(run.liq_base, 50, 1e-9);
    /* 50 coins between 1000 and 900, evenly: 950 on average */
    ck_assert_double_eq_tol(run.liq_usd, 50 * 950, 1e-6);
    ck_assert_double_eq_tol(casc_side_reproduction(s, .01).value, .5, 1e-9);
    ck_assert_double_eq_tol(casc_side_crit(s, SWEEP_FLOW).value, .01, 1e-12);
    ck_assert_double_eq_tol(casc_side_measured(s).value, .2, 1e-9);
    free(s);
    s = side_new(10, 5, CASC_UP);
    ck_assert_double_eq_tol(casc_side_shock(s, SWEEP_FLOW, .05).liq_usd, 50 * 1050, 1e-6);
    free(s);
}
END_TEST

START_TEST(test_reasons)
{
    struct casc_side *s = side_new(10, 5, CASC_DN);
    ck_assert_int_eq(casc_side_shock(s, SWEEP_FLOW, .26).why, R_OFF_GRID);
    ck_assert_int_eq(casc_side_shock(s, SWEEP_FLOW, 0).why, R_OFF_GRID);
    ck_assert_int_eq(casc_side_shock(s, SWEEP_FLOW, NAN).why, R_OFF_GRID);
    ck_assert_int_eq(casc_side_shock(s, SWEEP_FLOW, .2).why, R_OFF_GRID); /* absorption wins */
    ck_assert(isnan(casc_side_shock(s, SWEEP_FLOW, .2).amp));
    free(s);
    s = side_new(10, 1, CASC_DN);
    ck_assert_int_eq(casc_side_crit(s, SWEEP_FLOW).reason, R_OFF_GRID); /* no shock is critical */
    for (int i = 0; i < SWEEP_GRID_N; i++)
        s->liq[i] = s->depth[i] * 3;
    casc_side_close(s, edge);
    ck_assert_int_eq(casc_side_shock(s, SWEEP_FLOW, .01).why, R_RUNAWAY);
    ck_assert_double_eq(casc_side_crit(s, SWEEP_FLOW).value, edge[1]);
    ck_assert_double_eq_tol(casc_side_reproduction(s, .01).value, 3, 1e-9);
    s->why = R_GAP;
    ck_assert_int_eq(casc_side_shock(s, SWEEP_NEWS, .01).why, R_GAP);
    ck_assert_int_eq(casc_side_crit(s, SWEEP_FLOW).reason, R_GAP);
    ck_assert_int_eq(casc_side_reproduction(s, .01).reason, R_GAP);
    ck_assert_int_eq(casc_side_measured(s).reason, R_GAP);
    s->liq[3] = -1;
    casc_side_close(s, edge);
    ck_assert_int_eq(s->why, R_UNIT_UNPROVEN);
    free(s);
}
END_TEST

START_TEST(test_a_pool_of_equal_venues_is_as_one)
{
    struct casc_side *one = side_new(10, 6, CASC_DN), *pool = side_new(10, 6, CASC_DN);
    ck_assert_double_eq_tol(casc_side_shock(one, SWEEP_FLOW, .01).amp, 2.5, 1e-9);
    for (int n = 1; n <= 16; n++) {
        casc_side_clear(pool);
        for (int i = 0; i < n; i++)
            casc_side_add(pool, one);
        casc_side_close(pool, edge);
        ck_assert_double_eq_tol(casc_side_reproduction(pool, .01).value, .6, 1e-9);
        ck_assert_double_eq_tol(casc_side_measured(pool).value, .2, 1e-9);
        for (int k = 0; k < SWEEP_KINDS; k++)
            for (double s = .001; s < .25; s *= 1.31) {
                struct casc_run a = casc_side_shock(one, (enum sweep_kind)k, s);
                struct casc_run b = casc_side_shock(pool, (enum sweep_kind)k, s);
                ck_assert_int_eq(a.why, b.why);
                ck_assert(a.why || fabs(a.amp - b.amp) < 1e-9);
                ck_assert(a.why || fabs(n * a.liq_usd - b.liq_usd) < 1e-7 * n * a.liq_usd);
            }
    }
    free(one);
    free(pool);
}
END_TEST

UNIT_MAIN("casc_side", tcase_add_test(tc, test_uniform); tcase_add_test(tc, test_reasons);
          tcase_add_test(tc, test_a_pool_of_equal_venues_is_as_one);)
