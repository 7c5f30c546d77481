/* The market's step: fundamental prices, makers, ordinary traders, the liquidation engines, marks,
 * opens and closes. In: forces of the scenario. Out: books, trades[], liqs[], populations. Owner of
 * everything: struct sim_market. Surprising: a liquidation order moves the makers' reference price
 * only by a small share of its walk through the book; the cascade comes from many of them. */
#include "sim/market.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/liquidate.h"
#include "sim/maker.h"

#define DT_S (1.0 / SIM_STEPS_PER_S)

int64_t sim_market_now_us(const struct sim_market *m)
{
    return m->t0_us + m->step * SIM_STEP_US;
}

static void name_inst(struct sim_inst *in)
{
    snprintf(in->symbol, sizeof in->symbol, "%s%s", sim_code(in->a, (enum sim_seat)in->seat),
             sim_seats[in->seat].quote);
    for (size_t i = 0; i < sizeof in->lower; i++) {
        char c = in->symbol[i];
        in->lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
}

static int init_trading(struct sim_market *m, struct sim_inst *in, double oi_usd)
{
    const struct sim_seat_row *row = &sim_seats[in->seat];
    double depth10 = row->depth10 * pow(oi_usd / row->oi_ref_usd, .7);
    in->lots_per_bps = depth10 / 10 / in->ref_px / in->lot;
    in->adv_usd = 1.6 * oi_usd;
    in->spread_bps = in->a->beta < 1.1 ? .05 : .5;
    in->base_premium = sim_rng_normal(&in->rng) * 1.2e-4;
    in->trade_id = 6911240801 + (int64_t)(sim_rng_u64(&in->rng) % 1000000);
    in->agg_id = in->trade_id / 2;
    in->volume_usd = in->adv_usd;
    in->volume_base = in->adv_usd / in->ref_px;
    in->open_px = in->ref_px * (1 - .02 * sim_rng_unit(&in->rng));
    in->pool_usd = in->pool_peak_usd = 2e4 + 4e-3 * oi_usd;
    if (sim_pop_init(&in->pop, &in->tiers, in->ref_px, oi_usd / in->ref_px, .022) < 0)
        return -1;
    struct sim_forces f;
    sim_forces_at(&m->sc, -1, &f);
    return sim_maker_init(in, &f, 9612045511873 + (int64_t)(sim_rng_u64(&in->rng) % 1000000000));
}

static void set_tiers(struct sim_inst *in)
{
    const struct sim_asset *a = in->a;
    double split = a->cls == 0 ? 150e6 : a->cls == 1 ? 20e6 : 3e6;
    if (in->venue == SIM_HL)
        sim_tiers_hl(&in->tiers, a->hl_max_leverage, split);
    else if (in->venue == SIM_BYBIT)
        sim_tiers_bybit(&in->tiers, a->cls);
    else if (in->venue == SIM_OKX)
        sim_tiers_okx(&in->tiers, a->cls, in->grid.ct_size * (in->inverse ? 1 : in->ref_px));
    else
        sim_tiers_binance(&in->tiers, a->cls);
    in->tiers.inverse = in->inverse;
}

/* Seeds of the first two venues stay what they were before there were more. */
static uint64_t stream_of(int asset, enum sim_seat seat)
{
    return seat <= SEAT_HL ? 1000 + (uint64_t)asset * 2 + seat
                           : 4000 + (uint64_t)asset * SIM_SEATS + seat;
}

static int add_inst(struct sim_market *m, int asset, enum sim_seat seat)
{
    const struct sim_asset *a = m->assets[asset].a;
    struct sim_inst *in = &m->insts[m->n_insts];
    memset(in, 0, sizeof *in);
    in->a = a;
    in->seat = (uint8_t)seat;
    in->venue = sim_seats[seat].venue;
    in->inverse = sim_seats[seat].inverse;
    in->asset = (int16_t)asset;
    in->trading = a->kind != SIM_DELISTED;
    name_inst(in);
    for (int i = 0; i < m->n_insts; i++)
        in->ord += m->insts[i].venue == in->venue &&
                   (m->insts[i].a->kind == SIM_BUILDER) == (a->kind == SIM_BUILDER);
    sim_rng_init(&in->rng, m->sc.seed, stream_of(asset, seat));
    sim_grid_of(a, seat, &in->grid);
    in->unit = sim_unit(a, seat);
    in->ref_px = in->mid_px = in->mark_px = in->last_px = in->open_px = a->px * in->unit;
    set_tiers(in);
    in->slot_px = in->grid.tick * (double)in->grid.slot_ticks;
    in->lot = pow(10, -in->grid.qty_dec) * in->grid.ct_size / (in->inverse ? a->px : 1);
    m->assets[asset].inst[seat] = (int16_t)m->n_insts++;
    return in->trading ? init_trading(m, in, sim_oi_usd(a, seat)) : 0;
}

static int add_asset(struct sim_market *m, const struct sim_asset *a)
{
    int i = m->n_assets++;
    struct sim_asset_state *s = &m->assets[i];
    s->a = a;
    s->fund_px = s->index_px = a->px;
    s->beta = a->beta;
    sim_rng_init(&s->rng, m->sc.seed, 100 + (uint64_t)i);
    for (int seat = 0; seat < SIM_SEATS; seat++) {
        s->inst[seat] = -1;
        if (sim_code(a, (enum sim_seat)seat) && add_inst(m, i, (enum sim_seat)seat) < 0)
            return -1;
    }
    return 0;
}

struct sim_market *sim_market_new(const struct sim_scenario *sc, int n_crypto, int64_t t0_us)
{
    struct sim_market *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->sc = *sc;
    m->t0_us = t0_us;
    m->fund_usd[SIM_BINANCE] = 1.2e9;
    m->fund_usd[SIM_HL] = 4e8;
    m->fund_usd[SIM_BYBIT] = 7e8;
    m->fund_usd[SIM_OKX] = 6e8;
    sim_rng_init(&m->rng, sc->seed, 2);
    for (int i = 0, crypto = 0; i < sim_n_assets; i++) {
        const struct sim_asset *a = &sim_assets[i];
        if (a->kind == SIM_CRYPTO && crypto++ >= n_crypto)
            continue;
        if (add_asset(m, a) < 0) {
            sim_market_free(m);
            return NULL;
        }
    }
    return m;
}

void sim_market_free(struct sim_market *m)
{
    for (int i = 0; m && i < m->n_insts; i++) {
        sim_book_fini(&m->insts[i].book);
        sim_pop_fini(&m->insts[i].pop);
    }
    free(m);
}

int sim_market_shock_asset(struct sim_market *m, const char *name)
{
    for (int i = 0; i < m->n_assets; i++) {
        if (strcmp(m->assets[i].a->name, name) != 0)
            continue;
        for (int j = 0; j < m->n_assets; j++) {
            double rel = m->assets[j].a->beta / m->assets[i].a->beta;
            m->assets[j].beta = i == j || strcmp(name, "BTC") == 0 ? rel : .5 * rel;
        }
        return 0;
    }
    return -1;
}

void sim_market_shock_at(struct sim_market *m, int64_t step)
{
    m->sc.shock_step = step;
}

int sim_market_find(const struct sim_market *m, enum sim_venue v, const char *symbol)
{
    for (int i = 0; i < m->n_insts; i++)
        if (m->insts[i].venue == v && strcmp(m->insts[i].symbol, symbol) == 0)
            return i;
    return -1;
}

double sim_depth_usd(const struct sim_inst *in, enum sim_book_side side, double bps)
{
    double edge = in->mid_px * (1 + (side == SIM_BID ? -bps : bps) * 1e-4) / in->slot_px;
    int64_t slot = (int64_t)(side == SIM_BID ? ceil(edge - 1e-9) : floor(edge + 1e-9));
    return sim_usd(in, (double)sim_book_sum(&in->book, side, slot) * in->lot, in->mid_px);
}

int sim_funding_hours(const struct sim_inst *in)
{
    return in->venue == SIM_HL ? 1 : in->a->cls >= 2 ? 4 : 8;
}

/* Premium plus the clamped interest of 0.01 % per 8 h, scaled to the interval. */
double sim_funding_rate(const struct sim_inst *in)
{
    double p = in->premium + in->base_premium, c = 1e-4 - p;
    c = c > 5e-4 ? 5e-4 : c < -5e-4 ? -5e-4 : c;
    return (p + c) * sim_funding_hours(in) / 8;
}

/* --- the step ------------------------------------------------------------------------------- */

static void step_fundamentals(struct sim_market *m)
{
    double sd = sqrt(DT_S) * m->f.vol;
    m->common_ln += 4.6e-5 * sd * sim_rng_normal(&m->rng);
    for (int i = 0; i < m->n_assets; i++) {
        struct sim_asset_state *s = &m->assets[i];
        double idio = s->a->beta < 1.1 ? 4e-5 : 6e-5;
        s->idio_ln += idio * sd * sim_rng_normal(&s->rng) - s->idio_ln * DT_S / 3600;
        s->fund_px =
            s->a->px * exp(s->a->beta * m->common_ln + s->beta * m->f.shift_ln + s->idio_ln);
    }
}

/* References drift to the other venues, to the fundamental, and by what the scenario pushes. */
static void step_refs(struct sim_market *m, const struct sim_asset_state *s)
{
    double mean = 0, dev[SIM_SEATS] = {0};
    int n = 0;
    for (int k = 0; k < SIM_SEATS; k++)
        if (s->inst[k] >= 0) {
            const struct sim_inst *in = &m->insts[s->inst[k]];
            dev[k] = log(in->ref_px / (in->unit * s->fund_px));
            mean += dev[k];
            n++;
        }
    mean /= n ? n : 1;
    for (int k = 0; k < SIM_SEATS; k++) {
        if (s->inst[k] < 0)
            continue;
        struct sim_inst *in = &m->insts[s->inst[k]];
        double step = -dev[k] * DT_S / m->f.fund_s - (dev[k] - mean) * DT_S / m->f.arb_s;
        step += s->beta * m->f.drift_ln_s[in->venue] * DT_S;
        step += 1.2e-5 * m->f.vol * sqrt(DT_S) * sim_rng_normal(&in->rng);
        in->ref_px *= exp(step);
    }
}

/* The fundamental's own step is felt at once by all makers. */
static void carry_news(struct sim_market *m, const struct sim_asset_state *s, double was_px)
{
    for (int k = 0; k < SIM_SEATS; k++)
        if (s->inst[k] >= 0)
            m->insts[s->inst[k]].ref_px *= s->fund_px / was_px;
}

/* Ordinary takers: a few small orders; their number per step has mean 2 for the largest market. */
static void step_takers(struct sim_market *m, struct sim_inst *in)
{
    double per_step = in->adv_usd * DT_S / 86400, mean = .25 + 1.5 * fmin(1, in->adv_usd / 1.2e10);
    if (m->sc.crash)
        mean *= 1 + .3 * (m->f.vol - 1);
    mean *= m->f.activity;
    per_step *= m->f.activity;
    for (double t = sim_rng_exp(&in->rng); t < mean; t += sim_rng_exp(&in->rng)) {
        double usd = per_step / mean * exp(sim_rng_normal(&in->rng) - .5) * m->f.depth;
        int64_t lots = (int64_t)ceil(usd / sim_usd(in, in->lot, in->ref_px));
        bool buys = sim_rng_u64(&in->rng) >> 63;
        sim_take(m, in, (struct sim_order){buys, lots, 0}, NULL);
    }
}

static void step_marks(struct sim_market *m, struct sim_asset_state *s)
{
    double sum = 0, n = 0;
    for (int k = 0; k < SIM_SEATS; k++)
        if (s->inst[k] >= 0) {
            sum += m->insts[s->inst[k]].mid_px / m->insts[s->inst[k]].unit;
            n++;
        }
    s->index_px = n > 1 ? sum / n : .5 * (sum + s->fund_px);
    for (int k = 0; k < SIM_SEATS; k++) {
        if (s->inst[k] < 0)
            continue;
        struct sim_inst *in = &m->insts[s->inst[k]];
        double index = s->index_px * in->unit;
        in->mark_px = .6 * index + .4 * in->mid_px;
        in->premium += (in->mid_px / index - 1 - in->premium) * DT_S / 300;
    }
}

/* Opinion of an instrument comes and goes over some five minutes. */
static void step_opinion(const struct sim_market *m, struct sim_inst *in)
{
    if (m->f.flow_sd_s <= 0)
        return;
    in->flow_s += -in->flow_s / 300 + m->f.flow_sd_s * sqrt(2. / 300) * sim_rng_normal(&in->rng);
}

/* Once a second: agents open and close in pairs of one long and one short. */
static void step_flow(struct sim_market *m, struct sim_inst *in)
{
    step_opinion(m, in);
    double q = in->pop.q[SIM_LONG], open = q * m->f.open_s * sim_rng_range(&in->rng, .2, 1.8);
    double close = q * m->f.close_s * sim_rng_range(&in->rng, .2, 1.8);
    open += q * fmax(in->flow_s, 0);
    close += q * fmax(-in->flow_s, 0);
    for (int s = 0; s < SIM_SIDES; s++) {
        sim_pop_open(&in->pop, (enum sim_side)s, in->mid_px, open, 0);
        sim_pop_close(&in->pop, (enum sim_side)s, close);
    }
}

static void step_inst(struct sim_market *m, struct sim_inst *in)
{
    step_takers(m, in);
    sim_liquidate(m, in, SIM_LONG);
    sim_liquidate(m, in, SIM_SHORT);
    sim_maker_step(in, &m->f);
    if (m->step % SIM_STEPS_PER_S == 0)
        step_flow(m, in);
    sim_book_stamp(&in->book, sim_rng_u64(&in->rng) % 40);
}

void sim_market_step(struct sim_market *m)
{
    m->step++;
    m->n_trades = m->n_liqs = 0;
    for (int i = 0; i < m->n_insts; i++)
        sim_book_clean(&m->insts[i].book);
    sim_forces_at(&m->sc, m->step, &m->f);
    double was[SIM_ASSETS_MAX];
    for (int i = 0; i < m->n_assets; i++)
        was[i] = m->assets[i].fund_px;
    step_fundamentals(m);
    for (int i = 0; i < m->n_assets; i++) {
        struct sim_asset_state *s = &m->assets[i];
        if (s->a->kind == SIM_DELISTED)
            continue;
        carry_news(m, s, was[i]);
        step_refs(m, s);
        for (int k = 0; k < SIM_SEATS; k++)
            if (s->inst[k] >= 0)
                step_inst(m, &m->insts[s->inst[k]]);
        step_marks(m, s);
    }
}
