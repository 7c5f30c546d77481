/* Proves the liquidation map: grids lose exactly what the mark crosses, rungs stand at exact
 * liquidation prices, longs = shorts = open interest after every step of random paths, closes and
 * flights go where they should, and a frozen map goes on as if it had never stopped. */
#include "market_fixture.h"

#include <string.h>

#include "risk/ladder.h"
#include "risk/liqgrid.h"
#include "risk/liqmap.h"

static uint64_t seed = 88172645463325252u;

static double uniform(void) /* xorshift, [0, 1) */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* --- the grid ------------------------------------------------------------------------------ */

START_TEST(test_grid_cross)
{
    struct liqgrid g;
    double carry = 0, dist[3] = {0.005, 0.011, INFINITY}, cum[3];
    liqgrid_start(&g, 1.0);
    liqgrid_add(&g, 1.0 - 0.009, 1000, false, &carry); /* middle of a cell: 0.990 .. 0.992 */
    liqgrid_add(&g, 1.0 - 0.101, 500, true, &carry);
    ck_assert_uint_eq(g.total, 1500);
    ck_assert_uint_eq(g.seeded, 500);
    liqgrid_cum(&g, dist, 3, cum);
    ck_assert_double_eq_tol(cum[0], 0, 1e-9);
    ck_assert_double_eq_tol(cum[1], 1000, 1e-6);
    ck_assert_double_eq_tol(cum[2], 1500, 1e-9);
    ck_assert_uint_eq(liqgrid_move(&g, 0.995), 0);
    ck_assert_uint_eq(liqgrid_move(&g, 0.9915), 250); /* a quarter of the cell */
    ck_assert_uint_eq(liqgrid_move(&g, 1.2), 0);      /* back and away: what is gone is gone */
    ck_assert_uint_eq(liqgrid_move(&g, 0.5), 1250);
    ck_assert_uint_eq(g.total, 0);
    ck_assert_uint_eq(g.seeded, 0);
}
END_TEST

START_TEST(test_grid_far_end)
{
    struct liqgrid g;
    double carry = 0, at = LIQGRID_CELLS * LIQGRID_STEP, dist[2] = {at - 0.01, at}, cum[2];
    liqgrid_start(&g, 4.6);
    liqgrid_add(&g, -9, 700, false, &carry); /* beyond the far end: in its last cell */
    liqgrid_add(&g, 4.0, 300, true, &carry);
    liqgrid_cum(&g, dist, 2, cum);
    ck_assert_double_eq_tol(cum[0], 300, 1e-9);
    ck_assert_double_eq_tol(cum[1], 1000, 1e-9);
    ck_assert_uint_eq(liqgrid_move(&g, 4.6 + 3 * at), 0); /* all of it gathers there */
    liqgrid_cum(&g, dist, 2, cum);
    ck_assert_double_eq_tol(cum[0], 0, 1e-9);
    ck_assert_double_eq_tol(cum[1], 1000, 1e-9);
    ck_assert_uint_eq(g.seeded, 300);
    liqgrid_take(&g, 400);
    ck_assert_uint_eq(g.total, 600);
    ck_assert_uint_eq(g.seeded, 180);
    ck_assert_uint_eq(liqgrid_move(&g, -30), 600);
}
END_TEST

/* Against a list of single quanta that knows no cells: sums agree, and no quantum is lost while the
 * mark runs, whatever it does. */
START_TEST(test_grid_random)
{
    struct liqgrid g;
    double carry = 0, front = 2;
    uint64_t in = 0, out = 0;
    liqgrid_start(&g, front);
    for (int i = 0; i < 5000; i++) {
        uint64_t was = g.total;
        if (uniform() < 0.5) {
            liqgrid_add(&g, front - uniform() * 1.4, uniform() * 5000, uniform() < 0.3, &carry);
            in += g.total - was;
        }
        front += (uniform() - 0.5) * (uniform() < 0.01 ? 1.5 : 0.01);
        was = g.total;
        uint64_t crossed = liqgrid_move(&g, front);
        ck_assert_uint_eq(was - g.total, crossed);
        out += crossed;
        ck_assert_uint_eq(g.total, in - out);
        uint64_t cells = 0, seeds = 0, wrong = 0;
        for (int k = 0; k < LIQGRID_CELLS; k++) {
            cells += g.cell[k];
            seeds += g.seed[k];
            wrong += g.seed[k] > g.cell[k];
        }
        ck_assert_uint_eq(wrong, 0);
        ck_assert_uint_eq(cells, g.total);
        ck_assert_uint_eq(seeds, g.seeded);
    }
    ck_assert_uint_gt(out, 100000);
}
END_TEST

/* --- the ladder ---------------------------------------------------------------------------- */

static struct instrument contract(double max_leverage, int8_t linear)
{
    struct instrument i;
    memset(&i, 0, sizeof i);
    i.max_leverage = max_leverage;
    i.linear = linear;
    return i;
}

/* LP / EP at a maintenance margin of 0.4 %, as published for linear contracts, and the mark form
 * of inverse ones: long (1 + mmr) / (1 + 1/l), short (1 - mmr) / (1 - 1/l). */
START_TEST(test_ladder_prices)
{
    static const double want[][3] = {
        {2, .502008, 1.494024},   {3, .669344, 1.328021},  {5, .803213, 1.195219},
        {10, .903614, 1.095618},  {20, .953815, 1.045817}, {25, .963855, 1.035857},
        {50, .983936, 1.015936},  {75, .990629, 1.009296}, {100, .993976, 1.005976},
        {125, .995984, 1.003984},
    };
    struct instrument linear = contract(125, 1), inverse = contract(125, 0);
    struct ladder a, b;
    ladder_of(&linear, &a);
    ladder_of(&inverse, &b);
    ck_assert_int_eq(a.n, LADDER_MAX);
    for (int j = 1; j < a.n; j++) {
        double l = want[j - 1][0];
        ck_assert_double_eq(a.leverage[j], l);
        ck_assert_double_eq_tol(exp(-a.dist[POS_LONG][j]), want[j - 1][1], 1e-6);
        ck_assert_double_eq_tol(exp(a.dist[POS_SHORT][j]), want[j - 1][2], 1e-6);
        ck_assert_double_eq_tol(exp(-b.dist[POS_LONG][j]), 1.004 / (1 + 1 / l), 1e-12);
        ck_assert_double_eq_tol(exp(b.dist[POS_SHORT][j]), 0.996 / (1 - 1 / l), 1e-12);
    }
}
END_TEST

START_TEST(test_ladder_limits)
{
    struct instrument i = contract(40, 1);
    struct ladder l;
    ladder_of(&i, &l); /* the rung above the limit is lowered to it, those beyond are none */
    ck_assert_int_eq(l.n, 8);
    ck_assert_double_eq(l.leverage[7], 40);
    i = contract(NAN, 1);
    ladder_of(&i, &l);
    ck_assert_double_eq(l.leverage[l.n - 1], LADDER_LEVERAGE);
    i.n_tiers = 2; /* the first tier's own rate and leverage */
    i.tiers[0] = (struct tier){0, 1000, 0.02, 0, 20};
    i.tiers[1] = (struct tier){1000, INFINITY, 0.1, 80, 5};
    ladder_of(&i, &l);
    ck_assert_double_eq(l.leverage[l.n - 1], 20);
    ck_assert_double_eq_tol(exp(-l.dist[POS_LONG][l.n - 1]), 0.95 / 0.98, 1e-12);
    i = contract(1, 0);
    ladder_of(&i, &l); /* an inverse short at 1x has no liquidation price */
    ck_assert_int_eq(l.n, 1);
    ck_assert(isnan(l.dist[POS_SHORT][0]) && l.dist[POS_LONG][0] > 0);
}
END_TEST

/* --- the map ------------------------------------------------------------------------------- */

static const struct liqmap *map_of(const struct fx *f)
{
    return risk_model(f->risk, MODEL_LIQMAP);
}

/* Of venue a. */
static double mass(const struct fx *f, uint32_t btc, enum pos_side side, double from, double to)
{
    double edge[2] = {from, to}, out = NAN;
    enum unknown_reason why =
        liqmap_fill(map_of(f), (struct liqmap_side){0, side, btc}, edge, 1, &out);
    ck_assert_msg(why == R_KNOWN, "%s", unknown_reason_name(why));
    return out;
}

static double all_of(const struct fx *f, uint32_t btc, enum pos_side side)
{
    return mass(f, btc, side, 0, side == POS_LONG ? 1 : 1000);
}

static void trade(struct fx *f, int venue, const char *symbol, double px, double qty)
{
    static int64_t id = 1;
    struct event e = fx_event(EV_TRADE, symbol);
    e.u.trade = (struct ev_trade){px, qty, QTY_BASE, true, false, id++};
    fx_must(fx_apply(f, venue, &e));
}

static void is(double got, double want, double tol)
{
    ck_assert_msg(fabs(got - want) <= tol, "%.15g, wanted %.15g +- %g", got, want, tol);
}

/* A map of BTC on venue a without a seed: open interest begins at nothing. Mark 100. */
static struct fx *bare(uint32_t *btc)
{
    struct fx *f = fx_new();
    *btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_oi(f, 0, "BTC", 0, QTY_BASE);
    fx_tick(f);
    return f;
}

/* The venue allows 100x: ten rungs of equal weight; nothing between them, and each that stands
 * alone within 0.3 % of its exact price (a cell is 0.2 %). */
START_TEST(test_opening_stands_at_exact_prices)
{
    static const double leverage[] = {100, 75, 50, 25, 20, 10, 5, 3, 2, 1.5};
    uint32_t btc;
    struct fx *f = bare(&btc);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_NO_OI);
    fx_oi(f, 0, "BTC", 110, QTY_BASE);
    fx_tick(f);
    for (int j = 0; j < 10; j++) {
        double l = leverage[j], down = (1 - 1 / l) / (1 - .005), up = (1 + 1 / l) / (1 + .005);
        is(mass(f, btc, POS_LONG, 0, 1 - down * .9968), 11 * (j + 1), j < 2 ? 11 : 1e-6);
        is(mass(f, btc, POS_SHORT, 0, up * 1.0032 - 1), 11 * (j + 1), j < 2 ? 11 : 1e-6);
        is(mass(f, btc, POS_LONG, 0, 1 - down * 1.0031), 11 * j, j < 3 ? 11 : 1e-6);
        is(mass(f, btc, POS_SHORT, 0, up * .9969 - 1), 11 * j, j < 3 ? 11 : 1e-6);
    }
    is(mass(f, btc, POS_LONG, 0, .0028), 0, 1e-9);
    is(liqmap_seeded(map_of(f), 0, btc), 0, 0);
    is(liqmap_px(map_of(f), 0, btc), 100, 0);
    fx_free(f);
}
END_TEST

/* Entries follow the trades between two readings, not the mark. */
START_TEST(test_entries_follow_trades)
{
    uint32_t btc;
    struct fx *f = bare(&btc);
    trade(f, 0, "BTC", 104, 30);
    trade(f, 0, "BTC", 102, 10);
    fx_oi(f, 0, "BTC", 80, QTY_BASE);
    fx_tick(f);
    /* shorts at 20x are liquidated 1.05 / 1.005 above their entry: 6 of 8 above 108, 2 above 106 */
    double at104 = 1.04 * 1.05 / 1.005 - 1, at102 = 1.02 * 1.05 / 1.005 - 1;
    double at25 = 1.04 * 1.04 / 1.005 - 1;
    is(mass(f, btc, POS_SHORT, at104 - .0045, at104 + .0045), 6, 1e-6);
    is(mass(f, btc, POS_SHORT, at102 - .0045, at102 + .0045), 2, 1e-6);
    is(mass(f, btc, POS_SHORT, at25 - .0045, at25 + .0045), 6, 1e-6);
    /* longs entered at 102 with 50x and more, or at 104 with 25x, would have been liquidated above
     * 100: seven rungs, of which 25x stands on the entries at 102 alone */
    is(mass(f, btc, POS_LONG, 0, 1), 80, 80 * 1e-9);
    is(mass(f, btc, POS_LONG, 0, .012), 80. / 7 * .75, 1e-6);
    is(mass(f, btc, POS_LONG, 0, .021), 80. / 7 * 1.75, 1e-6);
    fx_free(f);
}
END_TEST

START_TEST(test_seed_is_named)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_WARMUP); /* no open interest yet */
    ck_assert(isnan(liqmap_seeded(map_of(f), 0, btc)) && isnan(liqmap_px(map_of(f), 0, btc)));
    ck_assert_int_eq(liqmap_reason(map_of(f), 1, btc), R_NOT_TRACKED);
    ck_assert_int_eq(liqmap_reason(map_of(f), 77, btc), R_NOT_TRACKED);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, ASSET_NONE), R_NOT_TRACKED);
    fx_oi(f, 0, "BTC", 300, QTY_BASE);
    fx_tick(f);
    is(liqmap_seeded(map_of(f), 0, btc), 1, 0);
    ck_assert_int_eq(liqmap_began(map_of(f), 0, btc), T0 + SEC);
    fx_oi(f, 0, "BTC", 400, QTY_BASE);
    fx_tick(f);
    is(liqmap_seeded(map_of(f), 0, btc), .75, 1e-6);
    fx_oi(f, 0, "BTC", 200, QTY_BASE); /* closes take seeded and seen alike */
    fx_tick(f);
    is(liqmap_seeded(map_of(f), 0, btc), .75, 1e-6);
    fx_free(f);
}
END_TEST

/* What the mark crosses is in flight until open interest is read: it fell, and the mass is gone; or
 * it did not, and somebody opened anew. */
START_TEST(test_flight)
{
    for (int fell = 0; fell < 2; fell++) {
        uint32_t btc;
        struct fx *f = bare(&btc);
        fx_oi(f, 0, "BTC", 110, QTY_BASE);
        fx_tick(f);
        fx_px(f, 0, "BTC", EV_MARK, 97.6); /* crosses 100x, 75x and 50x longs */
        fx_px(f, 0, "BTC", EV_MARK, 99);   /* the low counts, not the last */
        trade(f, 0, "BTC", 99, 1);
        fx_tick(f);
        is(liqmap_flight(map_of(f), 0, btc, POS_LONG), 33, 1e-6);
        is(liqmap_flight(map_of(f), 0, btc, POS_SHORT), 0, 0);
        is(all_of(f, btc, POS_LONG), 110, 1e-7);
        fx_oi(f, 0, "BTC", fell ? 77 : 110.000001, QTY_BASE);
        fx_tick(f);
        is(liqmap_flight(map_of(f), 0, btc, POS_LONG), 0, 1e-6);
        is(all_of(f, btc, POS_LONG), fell ? 77 : 110.000001, 1e-7);
        is(all_of(f, btc, POS_SHORT), fell ? 77 : 110.000001, 1e-7);
        /* within 2 % of 99: only what was entered there anew, 3 of 10 rungs of 33 */
        is(mass(f, btc, POS_LONG, 0, .02), fell ? 0 : 9.9, 1e-5);
        fx_free(f);
    }
}
END_TEST

/* A liquidation nobody saw the mark reach takes the nearest mass of its side; the rest of the fall
 * and the other side close evenly. */
START_TEST(test_forced_and_voluntary)
{
    uint32_t btc;
    struct fx *f = bare(&btc);
    fx_oi(f, 0, "BTC", 110, QTY_BASE);
    fx_tick(f);
    fx_liq(f, 0, POS_LONG, 99, 22);
    fx_oi(f, 0, "BTC", 66, QTY_BASE); /* 22 forced, 22 by choice */
    fx_tick(f);
    is(mass(f, btc, POS_LONG, 0, .011), 0, 1e-6); /* 100x and 75x */
    is(mass(f, btc, POS_LONG, .011, 1), 66, 1e-6);
    is(mass(f, btc, POS_SHORT, 0, .012), 66 * .2, 1e-5);
    fx_free(f);
}
END_TEST

/* A price alone moves the base of an inverse contract: nothing opens or closes. */
START_TEST(test_inverse)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTCUSD", "BTC", 100);
    fx_px(f, 0, "BTCUSD", EV_MARK, 50000);
    fx_oi(f, 0, "BTCUSD", 0, QTY_CT);
    fx_tick(f);
    fx_oi(f, 0, "BTCUSD", 50000, QTY_CT); /* 5 million USD: 100 coins */
    fx_tick(f);
    is(all_of(f, btc, POS_LONG), 100, 1e-9 * 100);
    double near = mass(f, btc, POS_SHORT, 0, .03);
    fx_px(f, 0, "BTCUSD", EV_MARK, 40000);
    fx_oi(f, 0, "BTCUSD", 50000, QTY_CT);
    fx_tick(f);
    is(all_of(f, btc, POS_LONG), 125, 1e-9 * 125);
    is(all_of(f, btc, POS_SHORT), 125, 1e-9 * 125);
    is(mass(f, btc, POS_SHORT, .25, .25 * 1.03 + .03), near * 1.25, 1e-3);
    is(mass(f, btc, POS_SHORT, 0, .2), 0, 1e-9); /* entered at 50000, all further away */
    fx_free(f);
}
END_TEST

/* --- random paths -------------------------------------------------------------------------- */

struct path { /* one linear and one inverse contract on venue a, a kilo-contract on none */
    double px, oi, face;
};

static void walk(struct fx *f, struct path *p)
{
    p->px *= exp((uniform() - .5) * (uniform() < .02 ? .6 : .02));
    fx_px(f, 0, "BTC", EV_MARK, p->px * (1 + .01 * (uniform() - .5)));
    fx_px(f, 0, "BTC", EV_MARK, p->px);
    fx_px(f, 0, "BTCUSD", EV_MARK, p->px * 1.001);
    for (int i = 0; i < 3; i++)
        trade(f, 0, "BTC", p->px * (1 + .02 * (uniform() - .5)), uniform() * 50);
    if (uniform() < .3)
        fx_liq(f, 0, uniform() < .5 ? POS_LONG : POS_SHORT, p->px, uniform() * p->oi * .1);
    if (uniform() < .5)
        p->oi *= uniform() < .01 ? uniform() * 30 : .9 + .2 * uniform();
    if (uniform() < .2)
        p->face = floor(p->face * (.8 + .4 * uniform()));
    fx_oi(f, 0, "BTC", p->oi, QTY_BASE);
    fx_oi(f, 0, "BTCUSD", p->face, QTY_CT);
}

static struct fx *two_contracts(uint32_t *btc)
{
    struct fx *f = fx_new();
    *btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 0, "BTCUSD", "BTC", 100);
    return f;
}

START_TEST(test_conserving_on_random_paths)
{
    for (int path = 0; path < 12; path++) {
        uint32_t btc;
        struct fx *f = two_contracts(&btc);
        struct path p = {100 * exp(uniform() * 10 - 5), 1000, 40};
        for (int t = 0; t < 400; t++) {
            walk(f, &p);
            fx_tick(f);
            double want = p.oi + p.face * 100 / liqmap_px(map_of(f), 0, btc);
            for (int side = POS_LONG; side <= POS_SHORT; side++) {
                double edge[] = {0, .01, .05, .2, .5, side == POS_LONG ? 1 : 1000}, part[5],
                       sum = 0;
                ck_assert_int_eq(liqmap_fill(map_of(f),
                                             (struct liqmap_side){0, (enum pos_side)side, btc},
                                             edge, 5, part),
                                 R_KNOWN);
                for (int i = 0; i < 5; i++) {
                    ck_assert(part[i] >= -1e-9 * want);
                    sum += part[i];
                }
                is(sum, want, 1e-9 * want);
            }
            double seeded = liqmap_seeded(map_of(f), 0, btc);
            ck_assert(seeded >= 0 && seeded <= 1);
        }
        fx_free(f);
    }
}
END_TEST

/* --- unknown ------------------------------------------------------------------------------- */

START_TEST(test_unknown_keeps_the_map)
{
    uint32_t btc;
    struct fx *f = bare(&btc);
    fx_oi(f, 0, "BTC", 110, QTY_BASE);
    fx_tick(f);
    double was = mass(f, btc, POS_LONG, 0, .1);
    for (int i = 0; i < 12; i++) /* nobody speaks: the limit of the fixture is 10 s */
        fx_tick(f);
    double untouched = 7, edge[2] = {0, 1};
    ck_assert_int_eq(
        liqmap_fill(map_of(f), (struct liqmap_side){0, POS_LONG, btc}, edge, 1, &untouched),
        R_STALE);
    ck_assert_double_eq(untouched, 7);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_STALE); /* open interest is */
    fx_oi(f, 0, "BTC", 110, QTY_BASE);
    fx_tick(f);
    is(mass(f, btc, POS_LONG, 0, .1), was, 0);
    risk_del_asset(f->risk, btc);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_NOT_TRACKED);
    ck_assert_int_eq(risk_add_asset(f->risk, btc), 0);
    ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_WARMUP); /* a new beginning */
    fx_free(f);
}
END_TEST

/* An instrument that is tracked no more takes its share with it. */
START_TEST(test_leg_leaves)
{
    uint32_t btc;
    struct fx *f = two_contracts(&btc);
    struct path p = {100, 1000, 400};
    for (int t = 0; t < 5; t++) {
        walk(f, &p);
        fx_tick(f);
    }
    market_untrack(f->market, directory_find(f->dir, 0, SLICE("BTCUSD")));
    fx_tick(f);
    is(all_of(f, btc, POS_LONG), p.oi, 1e-9 * p.oi);
    is(all_of(f, btc, POS_SHORT), p.oi, 1e-9 * p.oi);
    fx_free(f);
}
END_TEST

/* --- freeze and thaw ----------------------------------------------------------------------- */

static char frozen[1 << 16], again[1 << 16];

static size_t freeze(const struct fx *f, char *to)
{
    struct text t;
    text_init(&t, to, sizeof frozen);
    models[MODEL_LIQMAP]->freeze(risk_model(f->risk, MODEL_LIQMAP), f->risk, &t);
    ck_assert(!t.full);
    return t.len;
}

static size_t line_len(const char *p)
{
    return (size_t)(strchr(p, '\n') - p);
}

/* Two runs over one path; one of them stops between a tick and the next, in the middle of its
 * facts, and goes on in a new process that has just learned its instruments. */
START_TEST(test_cut_in_two)
{
    for (int cut = 1; cut < 40; cut += 7) {
        uint64_t start = seed;
        uint32_t btc;
        struct fx *whole = two_contracts(&btc);
        struct path p = {100, 1000, 400};
        for (int t = 0; t < 60; t++) {
            walk(whole, &p);
            fx_tick(whole);
        }
        seed = start;
        struct fx *f = two_contracts(&btc);
        p = (struct path){100, 1000, 400};
        for (int t = 0; t < 60; t++) {
            walk(f, &p);
            if (t == cut) {
                freeze(f, frozen);
                int64_t now_us = f->now_us;
                fx_free(f);
                f = fx_new();
                f->now_us = now_us;
                uint32_t id = directory_asset_add(f->dir, SLICE("BTC"));
                ck_assert_int_eq(risk_add_asset(f->risk, id), 0);
                ck_assert_int_eq(risk_thaw(f->risk, frozen, line_len(frozen)), 0);
                freeze(f, again);
                ck_assert_str_eq(frozen, again);
                for (int v = 0; v < FX_VENUES; v++)
                    fx_links(f, v, true);
                btc = fx_list(f, 0, "BTC", "BTC", 0);
                fx_list(f, 0, "BTCUSD", "BTC", 100);
                fx_px(f, 0, "BTC", EV_MARK, p.px); /* what the venue pushes on subscribing */
                fx_px(f, 0, "BTCUSD", EV_MARK, p.px * 1.001);
                fx_oi(f, 0, "BTC", p.oi, QTY_BASE);
                fx_oi(f, 0, "BTCUSD", p.face, QTY_CT);
            }
            fx_tick(f);
        }
        freeze(whole, frozen);
        freeze(f, again);
        ck_assert_str_eq(frozen, again);
        ck_assert_int_eq(liqmap_reason(map_of(f), 0, btc), R_KNOWN);
        fx_free(whole);
        fx_free(f);
    }
}
END_TEST

/* Whatever is done to a line, thawing refuses it or gives a map that conserves. */
START_TEST(test_thaw_bad_lines)
{
    uint32_t btc;
    struct fx *f = two_contracts(&btc);
    struct path p = {100, 1000, 400};
    for (int t = 0; t < 20; t++) {
        walk(f, &p);
        fx_tick(f);
    }
    size_t len = freeze(f, frozen) - 1;
    int refused = 0, taken = 0;
    for (int i = 0; i < 4000; i++) {
        memcpy(again, frozen, len);
        size_t n = i % 3 == 0 ? (size_t)(uniform() * (double)len) : len;
        if (i % 3)
            again[(size_t)(uniform() * (double)len)] = (char)(32 + uniform() * 90);
        int rc = risk_thaw(f->risk, again, n);
        ck_assert(rc == 0 || rc == E_SYNTAX || rc == E_UNKNOWN);
        refused += rc < 0;
        taken += rc == 0;
        if (rc == 0) {
            walk(f, &p);
            fx_tick(f);
            double l = all_of(f, btc, POS_LONG), s = all_of(f, btc, POS_SHORT);
            is(l, s, 1e-9 * l);
        }
    }
    ck_assert_int_gt(refused, 1000);
    ck_assert_int_gt(taken, 100);
    ck_assert_int_eq(risk_thaw(f->risk, "{\"model\":\"nobody\"}", 18), E_UNKNOWN);
    ck_assert_int_eq(risk_thaw(f->risk, "{\"state\":1}", 11), E_SYNTAX);
    fx_free(f);
}
END_TEST

/* --- what is published --------------------------------------------------------------------- */

START_TEST(test_published_bands)
{
    uint32_t btc;
    struct fx *f = bare(&btc);
    struct subject longs = {MT_GROUP_ASSET_SIDE, 0, POS_LONG, btc}, shorts = longs;
    shorts.channel = POS_SHORT;
    fx_oi(f, 0, "BTC", 110, QTY_BASE);
    for (int i = 0; i < SIDE_PERIOD_S; i++) { /* assets are evaluated in turn */
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_tick(f);
    }
    fx_is(f, longs, "liqmap_cum_2pct_usd", 3300, 1e-6); /* 100x, 75x, 50x: three rungs of 11 */
    fx_is(f, longs, "liqmap_cum_5pct_usd", 5500, 1e-6);
    fx_is(f, longs, "liqmap_cum_20pct_usd", 7700, .01); /* 5x at 19.6 % */
    fx_is(f, shorts, "liqmap_cum_10pct_usd", 6600, 1e-6);
    fx_is(f, longs, "liqmap_asym_ln", log(5. / 5), 1e-6);
    fx_is(f, longs, "liqmap_near_frac", .0105, .2); /* the three of them, in bands of 0.5 % */
    fx_is(f, longs, "liqmap_seeded_frac", 0, 0);
    fx_is(f, longs, "liqmap_flight_frac", 0, 0);
    fx_is(f, longs, "liqmap_age_s", (double)(f->now_us - T0 - SEC) / 1e6, .9);
    struct cell top = fx_cell(f, longs, "liqmap_top_usd"),
                near = fx_cell(f, longs, "liqmap_near_usd");
    ck_assert(top.reason == R_KNOWN && near.reason == R_KNOWN && top.value >= near.value);
    struct subject other = {MT_GROUP_ASSET_SIDE, 1, POS_LONG, btc};
    ck_assert_int_eq(fx_cell(f, other, "liqmap_cum_1pct_usd").reason, R_NOT_TRACKED);
    fx_free(f);
}
END_TEST

static void count_map(void *arg, const struct map_row *m)
{
    int *n = arg;
    double sum = 0;
    for (int i = 0; i < m->n; i++)
        sum += m->mass_base[i];
    /* longs end at price 0; of seeded shorts some 1e-6 stand above twice the price, in no band */
    ck_assert_double_le(sum, m->oi_base * (1 + 1e-9));
    ck_assert_double_ge(sum, m->oi_base * (1 - (m->side == POS_LONG ? 1e-9 : 1e-5)));
    ck_assert(m->edge_frac[0] == 0 && m->edge_frac[m->n] == 1 && m->px_ref > 0);
    n[m->side]++;
}

/* Once a minute, both sides, and never an unknown one. */
START_TEST(test_maps_are_told)
{
    struct fx *f = fx_new();
    fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 1, "BTC", "BTC", 0);
    int n[2] = {0, 0};
    struct risk_sink sink = {.arg = n, .map = count_map};
    for (int i = 0; i < 2 * MAP_PERIOD_S; i++) {
        fx_px(f, 0, "BTC", EV_MARK, 100);
        fx_px(f, 1, "BTC", EV_MARK, 100); /* its open interest is never told */
        fx_oi(f, 0, "BTC", 50 + i, QTY_BASE);
        f->now_us += SEC;
        live_tick(f->live, f->now_us);
        market_tick(f->market, f->now_us);
        risk_tick(f->risk, f->now_us, &sink);
    }
    ck_assert_int_eq(n[POS_LONG], 2);
    ck_assert_int_eq(n[POS_SHORT], 2);
    fx_free(f);
}
END_TEST

UNIT_MAIN("liqmap", tcase_add_test(tc, test_grid_cross); tcase_add_test(tc, test_grid_far_end);
          tcase_add_test(tc, test_grid_random); tcase_add_test(tc, test_ladder_prices);
          tcase_add_test(tc, test_ladder_limits);
          tcase_add_test(tc, test_opening_stands_at_exact_prices);
          tcase_add_test(tc, test_entries_follow_trades); tcase_add_test(tc, test_seed_is_named);
          tcase_add_test(tc, test_flight); tcase_add_test(tc, test_forced_and_voluntary);
          tcase_add_test(tc, test_inverse); tcase_add_test(tc, test_conserving_on_random_paths);
          tcase_add_test(tc, test_unknown_keeps_the_map); tcase_add_test(tc, test_leg_leaves);
          tcase_add_test(tc, test_published_bands); tcase_add_test(tc, test_maps_are_told);
          tcase_add_test(tc, test_cut_in_two); tcase_add_test(tc, test_thaw_bad_lines);)
