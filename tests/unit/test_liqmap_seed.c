/* Proves the shape a liquidation map begins with: against positions opened, moved and closed at
 * random, against the differential equation solved on a fine grid, its limits, both sides of a
 * grid, and longs = shorts = open interest in a map that has just begun. */
#include "market_fixture.h"

#include "risk/liqmap_seed.h"
#include "risk/liqmap.h"

static uint64_t state = 88172645463325252u;

static double uniform(void) /* xorshift, (0, 1) */
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + .5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static double kappa_usual(void)
{
    return seed_kappa(SEED_HOLD_DAYS, SEED_SIGMA_DAY);
}

/* Ages of what its owners have not closed are exponential. The way there in STEPS steps; between
 * two points of a Brownian path the chance of having touched 0 is exp(-2 a b / variance). */
#define STEPS 16
static double walked(double d)
{
    double age = -log(uniform()) * SEED_HOLD_DAYS / log(2), var = SEED_SIGMA_DAY * SEED_SIGMA_DAY;
    double y = d;
    var *= age / STEPS;
    for (int i = 0; i < STEPS; i++) {
        double next = y + sqrt(var) * normal();
        if (next <= 0 || uniform() < exp(-2 * y * next / var))
            return NAN;
        y = next;
    }
    return y;
}

START_TEST(test_against_random_positions)
{
    enum { N = 100000 };
    static const double dist[] = {.002, .008, .02, .05, .2},
                        within[] = {.001, .004, .01, .03, .15, INFINITY};
    for (int j = 0; j < 5; j++) {
        double y[N];
        for (int i = 0; i < N; i++)
            y[i] = walked(dist[j]);
        for (int k = 0; k < 6; k++) {
            int n = 0;
            for (int i = 0; i < N; i++)
                n += y[i] <= within[k];
            double p = seed_within(kappa_usual(), dist[j], within[k]);
            ck_assert_double_eq_tol((double)n / N, p, 4.5 * sqrt(p * (1 - p) / N) + 1e-5);
        }
    }
}
END_TEST

/* sigma^2 / 2 f'' - h f + h delta_d = 0, f(0) = 0, on a grid of finite differences. */
START_TEST(test_against_the_equation)
{
    enum { N = 20000, AT = 1500 };
    static double up[N], f[N];
    const double dy = 2e-5, d = AT * dy, h = log(2) / SEED_HOLD_DAYS;
    double diffusion = SEED_SIGMA_DAY * SEED_SIGMA_DAY / 2 / (dy * dy), sum = 0;
    for (int i = 1; i < N; i++) { /* Thomas: -D f[i-1] + (2 D + h) f[i] - D f[i+1] = rhs */
        double rhs = i == AT ? h / dy : 0, pivot = 2 * diffusion + h - diffusion * up[i - 1];
        up[i] = diffusion / pivot;
        f[i] = (rhs + diffusion * f[i - 1]) / pivot;
    }
    for (int i = N - 2; i > 0; i--)
        f[i] += up[i] * f[i + 1];
    for (int i = 1; i < N; i++) {
        sum += f[i] * dy;
        if (i % 250 == 0)
            ck_assert_double_eq_tol(sum, seed_within(kappa_usual(), d, (i + .5) * dy), 1e-6);
    }
}
END_TEST

START_TEST(test_limits)
{
    double k = kappa_usual();
    ck_assert_double_eq_tol(k, 55.5, .1);
    ck_assert_double_eq_tol(seed_within(k, .02, INFINITY), 1 - exp(-k * .02), 1e-15);
    ck_assert_double_eq(seed_within(k, .02, 0), 0);
    for (double d = 1e-6; d < 2; d *= 3) {
        double was = 0;
        for (double y = 1e-5; y < 2; y *= 1.2) { /* more within more, never more than survives */
            double now = seed_within(k, d, y);
            ck_assert(now >= was - 1e-15 && now <= 1 - exp(-k * d) + 1e-15);
            was = now;
        }
    }
    double dense = 1e-7 * k / 2 * (exp(-k * .01) - exp(-k * .03)); /* at .01 of .02 */
    double part = seed_within(k, .02, .01 + 5e-8) - seed_within(k, .02, .01 - 5e-8);
    ck_assert_double_eq_tol(part / dense, 1, 1e-6);
}
END_TEST

/* The more it moves, the fewer survive, and of a rung close by the less stands beside the price. */
START_TEST(test_monotone_in_sigma)
{
    for (double d = .001; d < 1; d *= 2) {
        double survive = 1, near = 1;
        for (double sigma = .01; sigma < .2; sigma *= 1.3) {
            double k = seed_kappa(.5, sigma), now = seed_within(k, d, INFINITY);
            double beside = seed_within(k, .003, .002);
            ck_assert(now < survive || now > 1 - 1e-12);
            ck_assert_double_lt(beside, near);
            survive = now;
            near = beside;
        }
    }
    ck_assert_double_gt(seed_within(seed_kappa(1, .03), .01, INFINITY), 0);
    ck_assert_double_lt(seed_within(seed_kappa(1, .03), .01, INFINITY),
                        seed_within(seed_kappa(.5, .03), .01, INFINITY));
}
END_TEST

/* --- a side of a map ------------------------------------------------------------------------- */

#define QUANTA ((double)(1 << 29))

/* Cells against the sum over the rungs, weighted by what survives, at several places of the mark in
 * its cell. */
START_TEST(test_fill)
{
    struct ladder l = {3, {0}, {{.5, .02, NAN}, {.3, NAN, .004}}};
    for (int side = POS_LONG; side <= POS_SHORT; side++)
        for (double front = -3; front < 3; front += .7003) {
            struct liqgrid g;
            double k = kappa_usual(), a = l.dist[side][0], b = l.dist[side][side ? 2 : 1];
            double all = 2 - exp(-k * a) - exp(-k * b), edge[40], cum[40];
            liqgrid_start(&g, front);
            seed_fill(&g, (enum pos_side)side, &l, k, QUANTA);
            ck_assert_uint_eq(g.total, g.seeded);
            ck_assert_double_eq_tol((double)g.total, QUANTA, 2);
            for (int i = 0; i < 40; i++)
                edge[i] = g.front - (double)(g.top - i * i / 4) * LIQGRID_STEP;
            liqgrid_cum(&g, edge, 40, cum);
            for (int i = 0; i < 40; i++)
                ck_assert_double_eq_tol(
                    cum[i] / QUANTA,
                    (seed_within(k, a, edge[i]) + seed_within(k, b, edge[i])) / all, 1e-7);
        }
}
END_TEST

/* No rung, or one without room: nothing is lost, nothing divided by zero. */
START_TEST(test_fill_without_room)
{
    static const struct ladder none = {2, {0}, {{NAN, NAN}, {NAN, NAN}}},
                               tight = {2, {0}, {{1e-300, 1e-300}, {1e-12, NAN}}};
    static const struct ladder *const all[] = {&none, &tight};
    for (int i = 0; i < 2; i++)
        for (int side = POS_LONG; side <= POS_SHORT; side++) {
            struct liqgrid g;
            liqgrid_start(&g, 1.2345);
            seed_fill(&g, (enum pos_side)side, all[i], kappa_usual(), QUANTA);
            ck_assert_double_eq_tol((double)g.total, QUANTA, 2);
            if (i == 0)
                ck_assert_uint_eq(g.cell[liqgrid_at(&g, LIQGRID_CELLS - 1)], g.total);
        }
}
END_TEST

static double mass(const struct fx *f, uint32_t asset, enum pos_side side, double to)
{
    double edge[2] = {0, to}, out = NAN;
    ck_assert_int_eq(liqmap_fill(risk_model(f->risk, MODEL_LIQMAP),
                                 (struct liqmap_side){0, side, asset}, edge, 1, &out),
                     R_KNOWN);
    return out;
}

/* 100x is allowed: the map of the first open interest, down and up, weighs it exactly, and within
 * 1 % stands what the rungs leave there. */
START_TEST(test_map_begins)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    struct ladder l;
    ladder_of(directory_get(f->dir, directory_find(f->dir, 0, SLICE("BTC"))), &l);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_oi(f, 0, "BTC", 300, QTY_BASE);
    fx_tick(f);
    for (int side = POS_LONG; side <= POS_SHORT; side++) {
        double within = 0, all = 0, y = liqgrid_distance((enum pos_side)side, .0099);
        for (int j = 0; j < l.n; j++) {
            within += seed_within(kappa_usual(), l.dist[side][j], y);
            all += seed_within(kappa_usual(), l.dist[side][j], INFINITY);
        }
        double far = side == POS_LONG ? 1 : 1000, near = mass(f, btc, (enum pos_side)side, .0099);
        ck_assert_double_eq_tol(mass(f, btc, (enum pos_side)side, far), 300, 300 * 1e-9);
        ck_assert_double_eq_tol(near / 300, within / all, 2e-4);
        ck_assert_double_lt(near / 300, .05);
    }
    ck_assert_double_eq(liqmap_seeded(risk_model(f->risk, MODEL_LIQMAP), 0, btc), 1);
    fx_free(f);
}
END_TEST

UNIT_MAIN("liqmap_seed", tcase_add_test(tc, test_against_random_positions);
          tcase_add_test(tc, test_against_the_equation); tcase_add_test(tc, test_limits);
          tcase_add_test(tc, test_monotone_in_sigma); tcase_add_test(tc, test_fill);
          tcase_add_test(tc, test_fill_without_room); tcase_add_test(tc, test_map_begins);)
