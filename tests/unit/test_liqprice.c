/* Proves liquidation and bankruptcy prices against worked numbers (published examples and closed
 * forms) and against the definition: at the price, equity equals maintenance margin, in the tier it
 * names. */
#include "unit.h"

#include <math.h>

#include "facts/tiers.h"
#include "risk/liqprice.h"

/* Binance's BTCUSDT brackets of 2021, a fixture: the live ones are read. */
static const double caps[] = {5e4, 25e4, 1e6, 1e7, 2e7, 5e7, 1e8, 2e8, 3e8, 5e8};
static const double rates[] = {.004, .005, .01, .025, .05, .10, .125, .15, .25, .50};
static const double cums[] = {0,       50,      1300,    16300,    266300,
                              1266300, 2516300, 5016300, 25016300, 100016300};
#define TIERS 10

static void make_tiers(struct tier *t)
{
    for (int k = 0; k < TIERS; k++)
        t[k] = (struct tier){k ? caps[k - 1] : 0, caps[k], rates[k], 0, 0};
    tiers_fill_cum(t, TIERS);
}

static void near(double got, double want, double half_unit)
{
    ck_assert_msg(fabs(got - want) <= half_unit, "%.6f is not %.6f", got, want);
}

START_TEST(published_linear_examples)
{
    static const struct {
        struct linear_position p;
        double mmr, cum, px;
    } rows[] = {
        {{POS_LONG, 3683.979, 1456.84, 1535443.01, 0, 0}, .10, 135365, 1114.78},
        {{POS_LONG, 109.488, 32481.98, 1535443.01, 0, 0}, .025, 16300, 18778.73},
        {{POS_LONG, 3683.979, 1456.84, 1535443.01, 71200.81144, -56354.56848},
         .10,
         135365,
         1153.26},
        {{POS_LONG, 109.488, 32481.98, 1535443.01, 356512.50812, -448192.88514},
         .025,
         16300,
         26316.89},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double px = 0;
        ck_assert_int_eq(liqprice_linear(&rows[i].p, rows[i].mmr, rows[i].cum, &px), 0);
        near(px, rows[i].px, .005);
    }
}
END_TEST

START_TEST(tiers_recur_and_the_price_is_in_its_tier)
{
    struct tier t[TIERS];
    make_tiers(t);
    for (int k = 0; k < TIERS; k++)
        near(t[k].cum, cums[k], 1e-6);
    struct linear_position p = {POS_LONG, 300, 60000, 300 * 60000. / 10, 0, 0};
    double px = 0;
    int tier = -1;
    ck_assert_int_eq(liqprice_tiered(&p, t, TIERS, &px, &tier), 0);
    near(px, 55907.7193, 5e-5);
    ck_assert_int_eq(tier, 4);
    p.side = POS_SHORT;
    ck_assert_int_eq(liqprice_tiered(&p, t, TIERS, &px, &tier), 0);
    near(px, 63702.5397, 5e-5);
    ck_assert_int_eq(tier, 4);
}
END_TEST

/* LP / EP for mmr 0.4 % isolated in the first tier: long (1 - 1/l) / (1 - mmr), short (1 + 1/l) /
 * (1 + mmr). */
START_TEST(first_tier_ratios)
{
    static const double rows[][3] = {{2, .502008, 1.494024},   {3, .669344, 1.328021},
                                     {5, .803213, 1.195219},   {10, .903614, 1.095618},
                                     {20, .953815, 1.045817},  {25, .963855, 1.035857},
                                     {50, .983936, 1.015936},  {75, .990629, 1.009296},
                                     {100, .993976, 1.005976}, {125, .995984, 1.003984}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int s = 0; s < 2; s++) {
            struct linear_position p = {s ? POS_SHORT : POS_LONG, 1, 1000, 1000 / rows[i][0], 0, 0};
            double px = 0;
            ck_assert_int_eq(liqprice_linear(&p, .004, 0, &px), 0);
            near(px / 1000, rows[i][1 + s], 5e-7);
        }
    }
}
END_TEST

START_TEST(hyperliquid_form_is_the_same)
{
    struct linear_position p = {POS_LONG, 1, 100000, 5000, 0, 0};
    double px = 0, l = 1. / 80;
    ck_assert_int_eq(liqprice_linear(&p, l, 0, &px), 0);
    near(px, 96202.5316, 5e-5);
    near(p.margin_usd + (px - 100000), l * px, 1e-9); /* equity = maintenance margin */
    p.side = POS_SHORT;
    ck_assert_int_eq(liqprice_linear(&p, l, 0, &px), 0);
    near(px, 103703.7037, 5e-5);
    /* the documentation's own position: rawUsd -95.059824, 0.0335 ETH, l = 1/100 */
    p = (struct linear_position){POS_LONG, .0335, 2986.3, .0335 * 2986.3 - 95.059824, 0, 0};
    ck_assert_int_eq(liqprice_linear(&p, .01, 0, &px), 0);
    near(px, 2866.26936529, 2e-5);
}
END_TEST

START_TEST(inverse_examples)
{
    struct inverse_position p = {POS_LONG, 60000, 50000, .12, 0};
    double px = 0;
    ck_assert_int_eq(liqprice_inverse(&p, .005, INVERSE_ENTRY_MM, &px), 0);
    near(px, 45662.10, .005);
    ck_assert_int_eq(liqprice_inverse(&p, .005, INVERSE_MARK_MM, &px), 0);
    near(px, 45681.82, .005);
    ck_assert_int_eq(bankruptcy_inverse(&p, &px), 0);
    near(px, 45454.55, .005);
    p.side = POS_SHORT;
    ck_assert_int_eq(liqprice_inverse(&p, .005, INVERSE_ENTRY_MM, &px), 0);
    near(px, 55248.62, .005);
    ck_assert_int_eq(liqprice_inverse(&p, .005, INVERSE_MARK_MM, &px), 0);
    near(px, 55277.78, .005);
    ck_assert_int_eq(bankruptcy_inverse(&p, &px), 0);
    near(px, 55555.56, .005);
    p = (struct inverse_position){POS_LONG, 7890.08, 7890.08, 1. / 50, 0};
    ck_assert_int_eq(bankruptcy_inverse(&p, &px), 0);
    near(px, 7735.372549, 5e-7);
    p = (struct inverse_position){POS_LONG, 10000, 8000, .5, .00075};
    ck_assert_int_eq(bankruptcy_inverse(&p, &px), 0);
    near(px, 5718.57, .005);
    ck_assert_int_eq(liqprice_inverse(&p, .005, INVERSE_ENTRY_MM, &px), 0);
    near(px, 5739.08, .005);
}
END_TEST

/* Bybit linear, 1 BTC at 20,000, 50x, 0.5 % of the entry value as a fixed maintenance margin. */
START_TEST(entry_value_margin_is_a_deduction)
{
    struct linear_position p = {POS_LONG, 1, 20000, 400, 0, 0};
    double px = 0;
    ck_assert_int_eq(liqprice_linear(&p, 0, -.005 * 20000, &px), 0);
    near(px, 19700, 1e-9);
    ck_assert_int_eq(bankruptcy_linear(&p, &px), 0);
    near(px, 19600, 1e-9);
}
END_TEST

START_TEST(prices_that_do_not_exist)
{
    struct linear_position rich = {POS_LONG, 1, 100, 250, 0, 0}, none = {POS_LONG, 0, 100, 1, 0, 0};
    struct inverse_position covered = {POS_SHORT, 10000, 8000, 1.25, 0};
    double px = -7;
    ck_assert_int_eq(liqprice_linear(&rich, .004, 0, &px), E_MISSING);
    ck_assert_int_eq(bankruptcy_linear(&rich, &px), E_MISSING);
    ck_assert_int_eq(liqprice_linear(&none, .004, 0, &px), E_RANGE);
    ck_assert_int_eq(liqprice_linear(&rich, 1, 0, &px), E_RANGE);
    ck_assert_int_eq(liqprice_inverse(&covered, .005, INVERSE_MARK_MM, &px), E_MISSING);
    covered.margin_coin = 2;
    ck_assert_int_eq(liqprice_inverse(&covered, .005, INVERSE_ENTRY_MM, &px), E_MISSING);
    struct tier t[TIERS];
    make_tiers(t);
    ck_assert_int_eq(liqprice_tiered(&rich, t, TIERS, &px, NULL), E_MISSING);
    ck_assert_double_eq(px, -7); /* untouched on failure */
}
END_TEST

static double rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return (double)(*s >> 11) / 9007199254740992.0;
}

/* At the price: equity = N mmr - cum of the tier that holds N, for 200,000 random positions. */
START_TEST(equity_equals_maintenance_margin)
{
    struct tier t[TIERS];
    uint64_t seed = 11;
    int found = 0;
    make_tiers(t);
    for (int i = 0; i < 200000; i++) {
        double entry = exp(rnd(&seed) * 12 - 2), usd = exp(rnd(&seed) * 18 + 1),
               lev = 1 + rnd(&seed) * 124;
        struct linear_position p = {
            rnd(&seed) < .5 ? POS_LONG : POS_SHORT, usd / entry, entry, usd / lev, 0, 0};
        double px = 0, side = p.side == POS_LONG ? 1 : -1;
        int tier = -1, rc = liqprice_tiered(&p, t, TIERS, &px, &tier);
        if (rc == E_MISSING) {
            ck_assert(p.side == POS_LONG && p.margin_usd >= usd * (1 - 1e-9));
            continue;
        }
        ck_assert_int_eq(rc, 0);
        double n_usd = px * p.qty_base, equity = p.margin_usd + side * p.qty_base * (px - entry);
        near(equity / usd, (n_usd * t[tier].mmr - t[tier].cum) / usd, 1e-9 * (1 + n_usd / usd));
        ck_assert_int_eq(tiers_find(t, TIERS, n_usd * (1 - 1e-8)) == tier ||
                             tiers_find(t, TIERS, n_usd * (1 + 1e-8)) == tier,
                         1);
        found++;
    }
    ck_assert_int_gt(found, 190000);
}
END_TEST

UNIT_MAIN("liqprice", tcase_add_test(tc, published_linear_examples);
          tcase_add_test(tc, tiers_recur_and_the_price_is_in_its_tier);
          tcase_add_test(tc, first_tier_ratios); tcase_add_test(tc, hyperliquid_form_is_the_same);
          tcase_add_test(tc, inverse_examples);
          tcase_add_test(tc, entry_value_margin_is_a_deduction);
          tcase_add_test(tc, prices_that_do_not_exist);
          tcase_add_test(tc, equity_equals_maintenance_margin);)
