/* Proves the sweeps: worked books on fine and geometric grids, the difference between standing and
 * re-quoting books, and, on 2 x 100,000 random books and maps, equality with a brute-force least
 * fixed point: for every edge of even grids, and for shocks anywhere on uneven ones. */
#include "unit.h"

#include <math.h>

#include "risk/sweep.h"

#define CELLS 2000

static double depth[CELLS], liq[CELLS], cum_d[CELLS + 1], cum_l[CELLS + 1];
static double edge[CELLS + 1], x_star[CELLS + 1], most[CELLS + 1];

static void even_edges(int n, double dx)
{
    for (int i = 0; i <= n; i++)
        edge[i] = i * dx;
}

/* The worked tests speak of percent: 20 % in cells of 0.01 %; densities are per percent. */
static struct sweep book(double (*d)(double), double (*l)(double))
{
    for (int i = 0; i < CELLS; i++) {
        double x = (i + .5) * .01;
        depth[i] = d(x) * .01;
        liq[i] = l(x) * .01;
    }
    even_edges(CELLS, .0001);
    struct sweep w = {CELLS, 1, edge, depth, liq, cum_d, cum_l, most};
    ck_assert_int_eq(sweep_init(&w), 0);
    return w;
}

static double ten(double x)
{
    (void)x;
    return 10;
}
static double five(double x)
{
    (void)x;
    return 5;
}
static double twelve_to_five(double x)
{
    return x < 5 ? 12 : 0;
}
static double lump_at_three(double x)
{
    return x > 3 && x < 3.01 ? 4000 : 0;
}
static double thin_then_thick(double x)
{
    return x < 1 ? 2 : 20;
}
static double eight(double x)
{
    (void)x;
    return 8;
}

static void ends_at(double shock, double want)
{
    double got = x_star[(int)lround(shock / .01)] * 100;
    ck_assert_msg(fabs(got - want) < 1e-9, "shock %g ends at %g, not %g", shock, got, want);
}

START_TEST(uniform_book_amplifies_by_one_over_one_minus_r)
{
    struct sweep w = book(ten, five);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ck_assert_int_eq(sweep_off(&w), SWEEP_OFF_GRID); /* not runaway: depth wins */
    for (int s = 1; s <= 1000; s++)
        ck_assert_double_eq_tol(x_star[s], 2 * edge[s], 1e-12);
    ck_assert(isinf(x_star[1001]));
    ck_assert_double_eq(sweep_critical(&w, SWEEP_FLOW, 1),
                        edge[100]); /* 1 %: it runs as far again */
    ck_assert_double_eq_tol(sweep_reproduction(&w, .01), .5, 1e-12);
}
END_TEST

START_TEST(a_stretch_of_excess_liquidations)
{
    struct sweep w = book(ten, twelve_to_five);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(1, 7);
    ends_at(2, 8);
    ends_at(3, 9);
    ends_at(5, 11);
    ends_at(10, 16);
    ck_assert_double_eq(sweep_critical(&w, SWEEP_FLOW, 1), edge[1]);
    ck_assert_double_eq_tol(sweep_reproduction(&w, .01), 1.2, 1e-12);
}
END_TEST

START_TEST(a_lump_is_met_only_by_shocks_that_reach_it)
{
    struct sweep w = book(ten, lump_at_three);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(1, 1);
    ends_at(2, 2);
    ends_at(3, 3);
    ends_at(5, 9);
    ends_at(10, 14);
    ck_assert_double_eq(sweep_critical(&w, SWEEP_FLOW, 1), edge[301]);
}
END_TEST

START_TEST(flow_and_news_differ)
{
    struct sweep w = book(thin_then_thick, eight);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ends_at(3, 5);
    sweep_run(&w, SWEEP_NEWS, x_star);
    ends_at(3, 6.5);
}
END_TEST

START_TEST(runaway_is_told_from_off_grid)
{
    struct sweep w = book(five, ten);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ck_assert_int_eq(sweep_off(&w), SWEEP_RUNAWAY);
    ck_assert_double_eq(sweep_critical(&w, SWEEP_FLOW, 1), edge[1]);
    ck_assert(isinf(x_star[1]));
}
END_TEST

START_TEST(bad_books_are_refused)
{
    struct sweep w = book(ten, five);
    depth[7] = -1;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    depth[7] = NAN;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    depth[7] = 1;
    w.phi = 1.5;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    w.phi = 1;
    edge[9] = edge[8];
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    edge[9] = NAN;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
    even_edges(CELLS, .0001);
    ck_assert_int_eq(sweep_init(&w), 0);
    ck_assert(isinf(sweep_end(&w, SWEEP_FLOW, .21)));
    ck_assert(isinf(sweep_end(&w, SWEEP_FLOW, NAN)));
    ck_assert(isnan(sweep_reproduction(&w, .21)));
    w.n = SWEEP_CELLS_MAX + 1;
    ck_assert_int_eq(sweep_init(&w), E_RANGE);
}
END_TEST

/* --- the geometric grid ------------------------------------------------------------------------
 */

/* The same densities per percent, integrated over cells of the geometric grid in fine steps. */
static struct sweep geometric(double (*d)(double), double (*l)(double))
{
    const int steps = 40000;
    sweep_grid(edge);
    for (int i = 0; i < SWEEP_GRID_N; i++) {
        double from = edge[i] * 100, width = (edge[i + 1] - edge[i]) * 100 / steps;
        depth[i] = liq[i] = 0;
        for (int k = 0; k < steps; k++) {
            depth[i] += d(from + (k + .5) * width) * width;
            liq[i] += l(from + (k + .5) * width) * width;
        }
    }
    struct sweep w = {SWEEP_GRID_N, 1, edge, depth, liq, cum_d, cum_l, most};
    ck_assert_int_eq(sweep_init(&w), 0);
    return w;
}

static void end_is(const struct sweep *w, double shock, double want)
{
    double got = sweep_end(w, SWEEP_FLOW, shock / 100) * 100;
    ck_assert_msg(fabs(got - want) < 1e-3, "shock %g ends at %.9g, not %g", shock, got, want);
}

START_TEST(the_geometric_grid)
{
    const double must[] = {.01, .02, .05, .10, SWEEP_GRID_TOP};
    int found = 0;
    sweep_grid(edge);
    for (int i = 1; i <= SWEEP_GRID_N; i++) {
        ck_assert(edge[i] > edge[i - 1]);
        ck_assert(i < 2 || edge[i] / edge[i - 1] < 1.07);
        for (int k = 0; k < 5; k++)
            found += edge[i] == must[k];
    }
    ck_assert_int_eq(found, 5);
    ck_assert_double_eq(edge[SWEEP_GRID_N], SWEEP_GRID_TOP);
}
END_TEST

START_TEST(worked_books_on_the_geometric_grid)
{
    struct sweep w = geometric(ten, five);
    end_is(&w, 1, 2);
    end_is(&w, 5, 10);
    end_is(&w, 7.3, 14.6); /* between edges too */
    w = geometric(ten, twelve_to_five);
    end_is(&w, 1, 7);
    end_is(&w, 2, 8);
    end_is(&w, 3, 9);
    end_is(&w, 5, 11);
    end_is(&w, 10, 16);
    sweep_run(&w, SWEEP_FLOW, x_star);
    ck_assert_double_eq(sweep_critical(&w, SWEEP_FLOW, 1), edge[1]);
    w = geometric(ten, lump_at_three);
    end_is(&w, 1, 1);
    end_is(&w, 2, 2);
    end_is(&w, 5, 9);
    end_is(&w, 10, 14);
    sweep_run(&w, SWEEP_FLOW, x_star);
    double s_c =
        sweep_critical(&w, SWEEP_FLOW, 1); /* the first edge beyond the cell of the lump's begin */
    ck_assert(s_c > .029 && s_c < .0315);
    w = geometric(thin_then_thick, eight);
    end_is(&w, 3, 5);
    ck_assert_double_eq_tol(sweep_end(&w, SWEEP_NEWS, .03), .065, 1e-6);
    w = geometric(ten, five);
    sweep_run(&w, SWEEP_FLOW, x_star);
    for (int i = 0; i <= SWEEP_GRID_N; i++) {
        double one = sweep_end(&w, SWEEP_FLOW, edge[i]);
        ck_assert(isinf(one) ? isinf(x_star[i]) : fabs(one - x_star[i]) < 1e-12);
    }
}
END_TEST

/* --- brute force ------------------------------------------------------------------------------ */

static uint64_t seed = 5;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* Integers as masses, so that sums are exact and the comparison has no tolerance. */
static int random_book(void)
{
    int n = 1 + (int)rnd(40);
    for (int i = 0; i < n; i++) {
        depth[i] = rnd(4) ? rnd(20) : 0;
        liq[i] = rnd(3) ? 0 : rnd(rnd(8) ? 15 : 120);
    }
    return n;
}

/* Least fixed point of x <- min { y : D(y) >= what the shock and the liquidations up to x consume
 * }, started at the shock. */
static int fixed_point(const struct sweep *w, enum sweep_kind kind, int s)
{
    int x = s;
    for (;;) {
        int y = kind == SWEEP_NEWS ? s : 0;
        double need = w->phi * w->cum_liq[x] + (kind == SWEEP_FLOW ? w->cum_depth[s] : 0);
        while (y <= w->n && w->cum_depth[kind == SWEEP_NEWS ? y - s : y] < need)
            y++;
        if (y <= x)
            return x;
        if (y > w->n)
            return w->n + 1;
        x = y;
    }
}

/* An exact end as the first edge that is not before it: what a search over edges alone finds. */
static int up_to_edge(const struct sweep *w, double x)
{
    return isinf(x) ? w->n + 1 : (int)ceil(x - 1e-9);
}

/* The critical shock by looking at the end of every edge. */
static double critical_by_all(const struct sweep *w)
{
    for (int i = 1; i <= w->n; i++) {
        double run = fmax(edge[i], .01) * (1 - 1e-9);
        if (isinf(x_star[i]))
            return sweep_off(w) == SWEEP_RUNAWAY ? edge[i] : INFINITY;
        if (x_star[i] - edge[i] >= run)
            return edge[i];
    }
    return INFINITY;
}

START_TEST(sweep_equals_the_least_fixed_point)
{
    long cases = 0, mismatches = 0;
    for (int k = 0; k < 100000; k++) {
        struct sweep w = {random_book(), rnd(2) ? 1 : .5, edge, depth, liq, cum_d, cum_l, most};
        even_edges(w.n, 1);
        ck_assert_int_eq(sweep_init(&w), 0);
        for (int kind = SWEEP_FLOW; kind <= SWEEP_NEWS; kind++) {
            sweep_run(&w, (enum sweep_kind)kind, x_star);
            double by_all = critical_by_all(&w), got = sweep_critical(&w, (enum sweep_kind)kind, 1);
            mismatches += !(by_all == got);
            for (int s = 0; s <= w.n; s++, cases++)
                mismatches +=
                    up_to_edge(&w, x_star[s]) != fixed_point(&w, (enum sweep_kind)kind, s);
        }
    }
    printf("%ld shocks on 100,000 books, %ld mismatches\n", cases, mismatches);
    ck_assert_int_eq(mismatches, 0);
    ck_assert_int_gt(cases, 1000000);
}
END_TEST

/* --- brute force on uneven grids ---------------------------------------------------------------
 */

static void random_edges(int n)
{
    double width = .001 * (1 + rnd(9)), ratio = 1 + rnd(30) * .01;
    edge[0] = 0;
    for (int i = 0; i < n; i++, width *= ratio)
        edge[i + 1] = edge[i] + width;
}

/* Smallest y with D(y - shift) >= need; INFINITY beyond the grid. */
static double inverse_depth(const struct sweep *w, double shift, double need)
{
    int lo = 0, hi = w->n;
    double slack = 1e-13 * (w->cum_depth[w->n] + w->cum_liq[w->n]);
    if (need <= slack)
        return shift;
    if (w->cum_depth[w->n] < need - slack)
        return INFINITY;
    while (lo < hi) { /* first edge where the sum is reached */
        int at = (lo + hi) / 2;
        if (w->cum_depth[at] < need - slack)
            lo = at + 1;
        else
            hi = at;
    }
    double frac = (need - w->cum_depth[lo - 1]) / w->depth[lo - 1];
    return shift + w->edge[lo - 1] + fmin(frac, 1) * (w->edge[lo] - w->edge[lo - 1]);
}

static double mass_within(const struct sweep *w, const double *mass, double x)
{
    double sum = 0;
    for (int i = 0; i < w->n && w->edge[i] < x; i++)
        sum += mass[i] * fmin(1, (x - w->edge[i]) / (w->edge[i + 1] - w->edge[i]));
    return sum;
}

/* x <- min { y : D(y - shift) >= need + phi L(x) }, from the shock on until it stands still. */
static double iterate(const struct sweep *w, enum sweep_kind kind, double s)
{
    double x = s, shift = kind == SWEEP_NEWS ? s : 0, top = w->edge[w->n];
    double need = kind == SWEEP_FLOW ? mass_within(w, w->depth, s) : 0;
    for (int k = 0; k < 200000; k++) {
        double y = inverse_depth(w, shift, need + w->phi * mass_within(w, w->liq, x));
        if (y > top * (1 + 1e-12))
            return INFINITY;
        if (y - x <= 1e-14 * top)
            return x;
        x = y;
    }
    ck_abort_msg("it does not stand still");
}

static double random_shock(const struct sweep *w)
{
    return rnd(3) ? w->edge[w->n] * rnd(1000003) / 1000003 : w->edge[rnd((uint32_t)w->n)];
}

START_TEST(sweep_equals_the_least_fixed_point_on_uneven_grids)
{
    long cases = 0, mismatches = 0, inside = 0;
    for (int k = 0; k < 100000; k++) {
        int n = random_book();
        for (int i = 0; i < n; i++) /* steps off one, or the iteration creeps */
            depth[i] *= 1.0 + .37 * rnd(3);
        struct sweep w = {n, rnd(2) ? 1 : .6, edge, depth, liq, cum_d, cum_l, most};
        random_edges(n);
        ck_assert_int_eq(sweep_init(&w), 0);
        for (int i = 0; i < 6; i++, cases++) {
            enum sweep_kind kind = i < 3 ? SWEEP_FLOW : SWEEP_NEWS;
            double s = random_shock(&w), got = sweep_end(&w, kind, s), want = iterate(&w, kind, s);
            bool same = isinf(want) ? isinf(got) : fabs(got - want) <= 1e-9 * w.edge[n];
            inside += !isinf(want);
            mismatches += !same;
            if (!same && mismatches < 5)
                printf("kind %d shock %.12g: %.15g, wanted %.15g\n", kind, s, got, want);
        }
    }
    printf("%ld shocks on 100,000 uneven books, %ld end inside, %ld mismatches\n", cases, inside,
           mismatches);
    ck_assert_int_eq(mismatches, 0);
    ck_assert_int_gt(inside, cases / 4);
}
END_TEST

UNIT_MAIN("sweep", tcase_add_test(tc, the_geometric_grid);
          tcase_add_test(tc, worked_books_on_the_geometric_grid);
          tcase_add_test(tc, sweep_equals_the_least_fixed_point_on_uneven_grids);
          tcase_add_test(tc, uniform_book_amplifies_by_one_over_one_minus_r);
          tcase_add_test(tc, a_stretch_of_excess_liquidations);
          tcase_add_test(tc, a_lump_is_met_only_by_shocks_that_reach_it);
          tcase_add_test(tc, flow_and_news_differ);
          tcase_add_test(tc, runaway_is_told_from_off_grid);
          tcase_add_test(tc, bad_books_are_refused);
          tcase_add_test(tc, sweep_equals_the_least_fixed_point);)
