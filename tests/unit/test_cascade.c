/* Proves the cascade model on a small market: cells appear per venue, scenario and pooled; missing
 * books, links and open interest are unknown with their reason and leave the pool; two runs give
 * the same bytes; an asset that leaves tells not_tracked. */
#include "market_fixture.h"

#include "risk/cascade.h"
#include "risk/family.h"

static void book(struct fx *f, int venue, double qty)
{
    struct level bids[200], asks[200];
    for (int i = 0; i < 200; i++) {
        bids[i] = (struct level){1000 - 0.5 * (i + 1), qty};
        asks[i] = (struct level){1000 + 0.5 * (i + 1), qty};
    }
    fx_must(fx_book(f, venue, "BTC", (struct fx_side){bids, 200}, (struct fx_side){asks, 200}));
}

static void say(struct fx *f, int venue, double oi, double qty)
{
    fx_px(f, venue, "BTC", EV_MARK, 1000);
    fx_oi(f, venue, "BTC", oi, QTY_BASE);
    book(f, venue, qty);
}

/* Time for every slice of every model. */
static void round_of(struct fx *f, double oi, double qty, unsigned venues)
{
    for (int k = 0; k < 12; k++) {
        for (int v = 0; v < 2; v++)
            if (venues >> v & 1)
                say(f, v, oi, qty);
        fx_tick(f);
    }
}

static struct fx *two_venues(uint32_t *btc)
{
    struct fx *f = fx_new();
    *btc = fx_list(f, 0, "BTC", "BTC", 0);
    ck_assert_uint_eq(fx_list(f, 1, "BTC", "BTC", 0), *btc);
    return f;
}

static struct subject on(int venue, uint32_t asset)
{
    return subject_scenario((uint8_t)venue, asset, SWEEP_FLOW);
}

START_TEST(test_two_equal_venues_and_their_pool)
{
    uint32_t btc;
    struct fx *f = two_venues(&btc);
    round_of(f, 100, 5, 3); /* little open interest before a thick book: everything ends */
    const char *const same[] = {"casc_amp_5pct_dn", "casc_final_10pct_up_frac", "r_mech_1pct_dn",
                                "r_mech_5pct_up",   "casc_first_5pct_dn",       "casc_cov_dn_frac",
                                "casc_meas_up_frac"};
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        double one = fx_cell(f, on(0, btc), same[i]).value;
        ck_assert_msg(isfinite(one), "%s", same[i]);
        fx_is(f, on(1, btc), same[i], one, 1e-9);
        fx_is(f, on(255, btc), same[i], one, 1e-9);
    }
    double usd = fx_cell(f, on(0, btc), "casc_liq_5pct_dn_usd").value;
    ck_assert(usd > 0);
    fx_is(f, on(255, btc), "casc_liq_5pct_dn_usd", 2 * usd, 1e-9);
    fx_is(f, on(255, btc), "casc_share_dn_frac", 1, 1e-12);
    fx_is(f, on(0, btc), "casc_cov_dn_frac", .1, 1e-9);
    fx_is(f, fx_asset(btc), "casc_amp_5pct_dn", fx_cell(f, on(255, btc), "casc_amp_5pct_dn").value,
          0);
    fx_is(f, fx_asset(btc), "r_mech_1pct_dn", fx_cell(f, on(255, btc), "r_mech_1pct_dn").value, 0);
    ck_assert(risk_row(f->risk, (struct subject){MT_SCENARIO, 255, SWEEP_KINDS, btc}) == NULL);
    ck_assert(risk_row(f->risk, (struct subject){MT_SCENARIO, FX_VENUES + 1, 0, btc}) == NULL);
    fx_free(f);
}
END_TEST

START_TEST(test_what_is_missing)
{
    uint32_t btc;
    struct fx *f = two_venues(&btc);
    round_of(f, 100, 5, 0);
    fx_unknown(f, on(0, btc), "casc_amp_5pct_dn", R_WARMUP);
    fx_unknown(f, on(255, btc), "casc_state", R_WARMUP);
    fx_unknown(f, on(2, btc), "casc_amp_5pct_dn", R_NOT_TRACKED); /* does not list it */
    round_of(f, 100, 5, 3);
    fx_links(f, 1, false);
    round_of(f, 100, 5, 1);
    fx_unknown(f, on(1, btc), "casc_amp_5pct_dn", R_DOWN);
    fx_unknown(f, on(1, btc), "casc_state", R_DOWN);
    fx_is(f, on(255, btc), "casc_share_dn_frac", .5, 1e-12); /* half is enough */
    fx_is(f, on(255, btc), "casc_amp_5pct_dn", fx_cell(f, on(0, btc), "casc_amp_5pct_dn").value,
          1e-12);
    for (int k = 0; k < 30; k++) /* and the other one falls silent */
        fx_tick(f);
    ck_assert_int_eq(fx_cell(f, on(0, btc), "casc_amp_5pct_dn").reason, R_STALE);
    ck_assert_int_eq(fx_cell(f, on(255, btc), "casc_amp_5pct_dn").reason, R_DOWN); /* the worse */
    risk_del_asset(f->risk, btc);
    fx_tick(f);
    int told = 0;
    for (int i = 0; i < f->n_reasons; i++)
        told += f->reason[i].s.table == MT_SCENARIO && f->reason[i].now == R_NOT_TRACKED;
    ck_assert_int_gt(told, CASC_CELLS);
    fx_free(f);
}
END_TEST

START_TEST(test_a_thinner_book_is_told)
{
    uint32_t btc;
    struct fx *f = two_venues(&btc);
    for (int k = 0; k < 4; k++)
        round_of(f, 100, 5, 3);
    fx_is(f, fx_asset(btc), "r_mech_rel_dn_frac", 1, .05);
    round_of(f, 100, 2.5, 3); /* half the depth: twice the reproduction number */
    ck_assert_double_gt(fx_cell(f, fx_asset(btc), "r_mech_rel_dn_frac").value, 1.5);
    ck_assert_double_gt(fx_cell(f, fx_asset(btc), "casc_first_rel_dn_frac").value, 1);
    /* another set of venues is no growth: there is nothing yet to compare with */
    fx_links(f, 1, false);
    for (int k = 0; k < 6; k++) {
        say(f, 0, 100, 2.5);
        fx_tick(f);
    }
    fx_unknown(f, fx_asset(btc), "r_mech_rel_dn_frac", R_WARMUP);
    fx_free(f);
}
END_TEST

START_TEST(test_same_input_same_cells)
{
    struct cell cells[2][SWEEP_KINDS][CASC_CELLS];
    for (int run = 0; run < 2; run++) {
        uint32_t btc;
        struct fx *f = two_venues(&btc);
        round_of(f, 700, 3, 3);
        for (int k = 0; k < SWEEP_KINDS; k++)
            for (int i = 0; i < CASC_CELLS; i++) {
                const struct cascade *m = risk_model(f->risk, MODEL_CASCADE);
                cells[run][k][i] = cascade_cells(m, CASC_POOL, btc, (enum sweep_kind)k)[i];
            }
        fx_free(f);
    }
    for (int k = 0; k < SWEEP_KINDS; k++)
        for (int i = 0; i < CASC_CELLS; i++) {
            ck_assert_int_eq(cells[0][k][i].reason, cells[1][k][i].reason);
            ck_assert(memcmp(&cells[0][k][i].value, &cells[1][k][i].value, sizeof(double)) == 0);
        }
}
END_TEST

UNIT_MAIN("cascade", tcase_add_test(tc, test_two_equal_venues_and_their_pool);
          tcase_add_test(tc, test_what_is_missing); tcase_add_test(tc, test_a_thinner_book_is_told);
          tcase_add_test(tc, test_same_input_same_cells);)
