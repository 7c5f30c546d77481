/* Proves the memory of metrics: medians against a sort, z-scores with floor and warm-up, scored
 * before learned, quadrants of build-up, peak and drawdown, breadth, and that a run cut in two,
 * frozen and thawed, goes on with the same bytes. */
#include "market_fixture.h"

#include "risk/model_stats.h"

static uint64_t seed = 7;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, by_value);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static struct stats *model(const struct fx *f)
{
    return (struct stats *)(uintptr_t)risk_model(f->risk, MODEL_STATS);
}

static struct stats_asset *stats_row(const struct fx *f, uint32_t asset)
{
    return &model(f)->a[model(f)->row_of[asset]];
}

START_TEST(test_past_against_sort)
{
    static struct past p;
    double all[900], x[PAST_SAMPLES];
    memset(&p, 0, sizeof p);
    for (int i = 0; i < 900; i++) {
        all[i] = rint((uniform() - 0.4) * 30) * 0.125; /* many equal ones */
        past_add(&p, PAST_BASIS, all[i]);
        int n = i + 1 < PAST_SAMPLES ? i + 1 : PAST_SAMPLES;
        memcpy(x, &all[i + 1 - n], (size_t)n * sizeof *x);
        double median = sorted_median(x, n);
        for (int k = 0; k < n; k++)
            x[k] = fabs(all[i + 1 - n + k] - median);
        ck_assert_double_eq_tol(p.median, median, 1e-9);
        ck_assert_double_eq_tol(p.mad, sorted_median(x, n), 1e-9);
    }
    past_add(&p, PAST_BASIS, NAN);
    past_add(&p, PAST_BASIS, INFINITY);
    ck_assert_uint_eq(p.n, PAST_SAMPLES);
}
END_TEST

/* {97, 99.9, 100, 100.05, 100.1}: median 100, MAD .1, sigma .14826, z(97) = -20.23; with the floor
 * of half a basis point it is the floor that counts. */
START_TEST(test_robust_z)
{
    static const double v[] = {97, 99.9, 100, 100.05, 100.1};
    static struct past p;
    memset(&p, 0, sizeof p);
    for (int i = 0; i < PAST_MIN; i++) {
        ck_assert(isnan(past_z(&p, PAST_ACCOUNTS, 97)));
        past_add(&p, PAST_ACCOUNTS, v[i % 5]);
    }
    ck_assert_double_eq_tol(p.median, 100, 1e-12);
    ck_assert_double_eq_tol(p.mad, .1, 1e-9);
    ck_assert_double_eq_tol(past_z(&p, PAST_ACCOUNTS, 97), -20.23, 5e-3);
    ck_assert_double_eq_tol(past_z(&p, PAST_BASIS, 97), -3 / (1.4826 * .5), 1e-9);
    ck_assert(isnan(account_logit(NAN)));
    ck_assert_double_eq_tol(account_logit(.7), log(.7 / .3), 1e-15);
    ck_assert(isfinite(account_logit(0)) && isfinite(account_logit(1)));
}
END_TEST

START_TEST(test_change_z)
{
    struct ewma e;
    ewma_init(&e, 7 * 86400);
    for (int i = 0; i < 400; i++) {
        if (i < 30)
            ck_assert(isnan(change_z(&e, .1, 1)));
        ewma_add(&e, T0 + i * BUILD_STEP_US, i % 2 ? .01 : -.01);
    }
    ck_assert_double_eq_tol(change_z(&e, .03, 1), 3, .05);
    ck_assert_double_eq_tol(change_z(&e, .03 * sqrt(12), 12), 3, .05); /* an hour: scaled by time */
    ewma_init(&e, 7 * 86400);
    for (int i = 0; i < 40; i++)
        ewma_add(&e, T0 + i * BUILD_STEP_US, 0);
    ck_assert_double_eq_tol(change_z(&e, 1e-3, 1), 10, 1e-9); /* what never moved has a floor */
}
END_TEST

START_TEST(test_q99)
{
    static struct stats_asset a;
    stats_clear(&a, 0);
    for (int i = 0; i < 2000; i++) {
        ck_assert(isnan(liq_q99(&a)) == (i < LIQ_MIN_N));
        liq_learn(&a, i % 100 == 99 ? 50000 : i % 100 > 90 ? 900 : 0);
    }
    ck_assert(liq_q99(&a) >= 900 && liq_q99(&a) < 900 * 1.2);
    for (int i = 0; i < 100; i++)
        liq_learn(&a, 1e300); /* beyond the last bucket */
    ck_assert_double_ge(liq_q99(&a), 1e11);
}
END_TEST

/* ---- a market by the hour ---- */

struct say {
    double fund, basis_bps, accounts, oi, px;
};

static void say(struct fx *f, const struct say *x)
{
    struct event e = fx_event(EV_STAT, "BTC");
    e.u.stat = (struct ev_stat){STAT_LONG_ACCOUNT_FRAC, x->accounts, 300};
    fx_must(fx_apply(f, 0, &e));
    fx_funding(f, 0, "BTC", x->fund, 8);
    fx_px(f, 0, "BTC", EV_INDEX, x->px);
    fx_px(f, 0, "BTC", EV_MARK, x->px * (1 + x->basis_bps / 1e4));
    fx_oi(f, 0, "BTC", x->oi, QTY_BASE);
}

/* The tick before the moment says it, the tick of the moment learns it: row 0 is due when the
 * second ends in 0. */
static void at(struct fx *f, int64_t t_us, const struct say *x)
{
    f->now_us = t_us - 15 * SEC; /* so that rings of 10 s hold a value before the window, too */
    say(f, x);
    f->now_us = t_us - 2 * SEC;
    say(f, x);
    fx_tick(f);
    fx_tick(f);
}

#define HOUR (3600 * SEC)
#define H0   ((T0 / HOUR + 1) * HOUR)

static const struct say calm = {1e-4, 2, .6, 1000, 100};

static struct say wobble(int i)
{
    struct say x = calm;
    x.fund += (i % 5 - 2) * 2e-5;
    x.basis_bps += i % 7 - 3;
    x.accounts += (i % 3 - 1) * .01;
    return x;
}

static void hours(struct fx *f, int from, int to)
{
    for (int i = from; i < to; i++) {
        struct say x = wobble(i);
        at(f, H0 + i * HOUR, &x);
    }
}

START_TEST(test_crowding)
{
    struct fx *f = fx_new();
    struct subject s = fx_asset(fx_list(f, 0, "BTC", "BTC", 0));
    hours(f, 0, 29);
    fx_unknown(f, s, "fund_z", R_WARMUP);
    fx_unknown(f, s, "crowding", R_WARMUP);
    hours(f, 29, 60);
    struct say x = calm;
    x.fund = 1e-3;
    x.basis_bps = 40;
    x.accounts = .75;
    at(f, H0 + 60 * HOUR - 900 * SEC, &x);
    at(f, H0 + 60 * HOUR - 600 * SEC, &x);
    fx_is(f, s, "fund_z", 9e-4 / (1.4826 * 2e-5), 1e-6);
    fx_is(f, s, "lsr_logit_z",
          (log(3) - log(.6 / .4)) / (1.4826 * fmax(.01, log(.61 / .39) - log(.6 / .4))), .02);
    double z[3] = {fx_cell(f, s, "fund_z").value, fx_cell(f, s, "basis_z").value,
                   fx_cell(f, s, "lsr_logit_z").value};
    ck_assert(z[0] > 0 && z[1] > 0 && z[2] > 0);
    fx_is(f, s, "crowding", (z[0] + z[1] + z[2]) / 3, 1e-12);
    x.accounts = .45; /* fewer long accounts: the signs disagree */
    at(f, H0 + 60 * HOUR - 300 * SEC, &x);
    fx_is(f, s, "crowding", 0, 0);
    double before = fx_cell(f, s, "fund_z").value;
    at(f, H0 + 60 * HOUR, &x); /* learned now, and hides neither itself nor the calm */
    ck_assert_double_eq_tol(fx_cell(f, s, "fund_z").value, before, .1 * before);
    f->now_us += 1000 * SEC;
    fx_tick(f);
    fx_unknown(f, s, "fund_z", R_STALE);
    fx_unknown(f, s, "crowding", R_STALE);
    fx_free(f);
}
END_TEST

/* Five minutes of ordinary changes, then one of each kind. */
START_TEST(test_quadrants)
{
    static const struct {
        double oi, px;
        int quadrant;
    } cases[] = {{1.1, 1.05, 1}, {1.1, .95, 2}, {.9, .95, 3}, {.9, 1.05, 4}, {1.0001, .9, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct fx *f = fx_new();
        struct subject s = fx_asset(fx_list(f, 0, "BTC", "BTC", 0));
        struct say x = calm;
        int64_t t = H0;
        for (int i = 0; i < 45; i++, t += BUILD_STEP_US) {
            x.oi = 1000 * (1 + .01 * (i % 2));
            x.px = 100 * (1 + .005 * (i % 3 - 1));
            at(f, t, &x);
            if (i < 28)
                fx_unknown(f, s, "oi_quadrant_5m", R_WARMUP);
        }
        double oi0 = x.oi, px0 = x.px;
        x.oi *= cases[k].oi;
        x.px *= cases[k].px;
        at(f, t, &x);
        fx_is(f, s, "oi_quadrant_5m", cases[k].quadrant, 0);
        double strength = fx_cell(f, s, "oi_strength_5m").value;
        ck_assert(cases[k].quadrant ? strength > 5 : strength == 0);
        ck_assert(oi0 > 0 && px0 > 0);
        fx_unknown(f, s, "oi_quadrant_24h", R_WARMUP);
        fx_free(f);
    }
}
END_TEST

/* The forced share of a fall: 30 of 100 were shown as liquidated; cut to 1; unknown unless it fell.
 */
START_TEST(test_forced)
{
    struct fx *f = fx_new();
    struct subject s = fx_asset(fx_list(f, 0, "BTC", "BTC", 0));
    struct say x = calm;
    for (int i = 0; i < 400; i++) {
        x.oi = i < 395 ? 1000 : 900;
        if (i == 390)
            fx_liq(f, 0, POS_LONG, 100, 30);
        say(f, &x);
        fx_tick(f);
    }
    while (f->now_us / SEC % 5)
        fx_tick(f);
    fx_is(f, s, "oi_forced_5m_frac", .3, 1e-12);
    fx_liq(f, 0, POS_LONG, 100, 500);
    for (int i = 0; i < 5; i++) {
        say(f, &x);
        fx_tick(f);
    }
    fx_is(f, s, "oi_forced_5m_frac", 1, 0);
    x.oi = 2000;
    for (int i = 0; i < 5; i++) {
        say(f, &x);
        fx_tick(f);
    }
    fx_unknown(f, s, "oi_forced_5m_frac", R_NO_OI);
    fx_unknown(f, s, "oi_forced_24h_frac", R_WARMUP);
    fx_free(f);
}
END_TEST

START_TEST(test_peak)
{
    struct fx *f = fx_new();
    struct subject s = fx_asset(fx_list(f, 0, "BTC", "BTC", 0));
    struct say x = calm;
    for (int h = 0; h < 40 * 24; h += 2) { /* a day's peak of 1500 in hour 30, then 750 */
        x.oi = h == 30 ? 1500 : h > 30 ? 750 : 1000;
        at(f, H0 + h * HOUR, &x);
        if (h < 24)
            fx_unknown(f, s, "oi_drawdown_30d_frac", R_WARMUP);
        if (h == 28)
            fx_is(f, s, "oi_drawdown_30d_frac", 0, 0);
        if (h == 30 + 10 * 24) {
            fx_is(f, s, "oi_drawdown_30d_frac", .5, 1e-12);
            fx_is(f, s, "oi_peak_age_days", 10, 1e-3);
        }
    }
    fx_is(f, s, "oi_drawdown_30d_frac", 0, 0); /* the peak is older than 30 days */
    fx_free(f);
}
END_TEST

/* Two assets, a day of minutes that print 10 now and then; then both print more. */
START_TEST(test_breadth)
{
    static const struct subject process = {MT_PROCESS, 255, 255, INST_NONE};
    struct fx *f = fx_new();
    struct subject btc = fx_asset(fx_list(f, 0, "BTC", "BTC", 0));
    struct subject eth = fx_asset(fx_list(f, 0, "ETH", "ETH", 0));
    for (int k = 0; k < 1290; k++) { /* what was learned before */
        liq_learn(stats_row(f, btc.id), k % 20 ? 0 : 10);
        liq_learn(stats_row(f, eth.id), 0);
    }
    for (int64_t t = H0; t < H0 + 40 * 60 * SEC; t += 60 * SEC) {
        f->now_us = t;
        if (t / SEC / 60 % 20 == 0)
            fx_liq(f, 0, POS_LONG, 100, .1);
        fx_tick(f);
        fx_tick(f);
        f->now_us = t + 9 * SEC;
        for (int i = 0; i < 3; i++)
            fx_tick(f);
        if (t < H0 + 8 * 60 * SEC)
            fx_unknown(f, process, "liq_breadth", R_WARMUP);
    }
    ck_assert(fx_cell(f, btc, "liq_1m_q99_usd").value >= 10);
    fx_is(f, eth, "liq_1m_q99_usd", 1, 0);
    fx_is(f, process, "liq_breadth", 0, 0);
    fx_liq(f, 0, POS_LONG, 100, 5);
    fx_tick(f);
    fx_is(f, process, "liq_breadth", 1, 0);
    fx_is(f, process, "liq_breadth_frac", .5, 0);
    fx_free(f);
}
END_TEST

/* ---- over a restart ---- */

static char *frozen(struct fx *f)
{
    struct text t;
    char *buf = malloc(1 << 20);
    text_init(&t, buf, 1 << 20);
    stats_freeze(risk_model(f->risk, MODEL_STATS), f->risk, &t);
    ck_assert(!t.full && t.len > 100);
    return buf;
}

START_TEST(test_cut_in_two)
{
    struct fx *one = fx_new(), *two = fx_new();
    struct subject s = fx_asset(fx_list(one, 0, "BTC", "BTC", 0));
    fx_list(two, 0, "BTC", "BTC", 0);
    fx_tick(one); /* the markets see their feeds live from the same moment */
    fx_tick(two);
    hours(one, 0, 50);
    char *cut = frozen(one);
    ck_assert_int_eq(risk_thaw(two->risk, cut, strlen(cut) - 1), 0);
    char *again = frozen(two);
    ck_assert_str_eq(cut, again);
    hours(one, 50, 70);
    hours(two, 50, 70);
    free(cut);
    free(again);
    cut = frozen(one);
    again = frozen(two);
    ck_assert_str_eq(cut, again);
    static const char *const names[] = {"fund_z", "basis_z", "lsr_logit_z", "crowding",
                                        "oi_drawdown_30d_frac"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert(fx_cell(one, s, names[i]).value == fx_cell(two, s, names[i]).value);
    free(cut);
    free(again);
    fx_free(one);
    fx_free(two);
}
END_TEST

/* Every cut of a line and wrong members are refused, and what was known stays. */
START_TEST(test_bad_lines)
{
    static const char *const bad[] = {
        "{}",
        "{\"asset\":5}",
        "{\"asset\":\"BTC\",\"fund\":\"?\"}",
        "{\"asset\":\"BTC\",\"fund\":\"g\"}",
        "{\"asset\":\"BTC\",\"fund\":\"gggggggggA\"}",
        "{\"asset\":\"BTC\",\"fund\":5}",
        "{\"asset\":\"BTC\",\"hour_us\":-1}",
        "{\"asset\":\"BTC\",\"basis_mean\":[1,2]}",
        "{\"asset\":\"BTC\",\"d_oi\":[1,-1,1,1,0,null]}",
        "{\"asset\":\"BTC\",\"d_oi\":[null,1,1,1,0,null]}",
        "{\"asset\":\"BTC\",\"peaks\":[1,2,3]}",
        "{\"asset\":\"BTC\",\"peaks\":[2,2,1,1]}",
        "{\"asset\":\"BTC\",\"liq\":[160,1]}",
        "{\"asset\":\"BTC\",\"liq\":[-1,1]}",
        "{\"asset\":\"BTC\",\"liq\":[1,-1]}",
        "{\"asset\":\"BTC\",\"best\":[1,0.5,1,1]}",
    };
    struct fx *f = fx_new();
    fx_list(f, 0, "BTC", "BTC", 0);
    hours(f, 0, 10);
    char *before = frozen(f);
    struct stats *m = model(f);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(stats_thaw(m, f->risk, bad[i], strlen(bad[i])) == E_SYNTAX, "%s", bad[i]);
    for (size_t n = 0; n + 2 < strlen(before); n++)
        ck_assert_int_lt(stats_thaw(m, f->risk, before, n), 0);
    const char *other = "{\"asset\":\"DOGE\"}";
    ck_assert_int_eq(stats_thaw(m, f->risk, other, strlen(other)), E_UNKNOWN);
    char *after = frozen(f);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    fx_free(f);
}
END_TEST

UNIT_MAIN("model_stats", tcase_set_timeout(tc, 60); tcase_add_test(tc, test_past_against_sort);
          tcase_add_test(tc, test_robust_z); tcase_add_test(tc, test_change_z);
          tcase_add_test(tc, test_q99); tcase_add_test(tc, test_crowding);
          tcase_add_test(tc, test_quadrants); tcase_add_test(tc, test_forced);
          tcase_add_test(tc, test_peak); tcase_add_test(tc, test_breadth);
          tcase_add_test(tc, test_cut_in_two); tcase_add_test(tc, test_bad_lines);)
