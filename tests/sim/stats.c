/* Peaks per asset: one-minute liquidations over open interest (true and as published), the lowest
 * 10 bps depth over its own 5-minute mean held for 3 s, the largest distance between any two
 * instruments' mids held for 3 s, each with the second it happened. Crypto assets only. */
#include "sim/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

struct peak {
    double x;
    int64_t at_s;
};

struct asset_stat {
    double liq[60], shown[60], liq_sum, shown_sum;
    struct peak liq_frac, shown_frac, dev_bps;
    double dev3[3];
    int64_t last_over_s[3]; /* last second above a threshold: liq, depth, dev */
};

struct inst_stat {
    double ring[2][300], sum[2], ratio3[2][3];
    struct peak depth;
};

struct sim_stats {
    int64_t s;
    struct asset_stat a[SIM_ASSETS_MAX];
    struct inst_stat i[SIM_INSTS_MAX];
    double liq_usd, shown_usd;
};

struct sim_stats *sim_stats_new(void)
{
    struct sim_stats *s = calloc(1, sizeof *s);
    for (int i = 0; s && i < SIM_INSTS_MAX; i++)
        s->i[i].depth.x = INFINITY;
    return s;
}

void sim_stats_free(struct sim_stats *s)
{
    free(s);
}

void sim_stats_shown(struct sim_stats *s, const struct sim_market *m, const struct sim_liq *l)
{
    double usd = sim_usd(&m->insts[l->inst], l->qty, l->px);
    s->a[m->insts[l->inst].asset].shown[s->s % 60] += usd;
    s->shown_usd += usd;
}

static void raise(struct peak *p, double x, int64_t at_s)
{
    if (x > p->x)
        *p = (struct peak){x, at_s};
}

static double min3(const double *x)
{
    return fmin(x[0], fmin(x[1], x[2]));
}

static double max3(const double *x)
{
    return fmax(x[0], fmax(x[1], x[2]));
}

static void asset_second(struct sim_stats *s, const struct sim_market *m, int i)
{
    struct asset_stat *a = &s->a[i];
    const struct sim_asset_state *st = &m->assets[i];
    double oi = 0, liq = 0, shown = 0;
    double lo = INFINITY, hi = -INFINITY;
    for (int k = 0; k < SIM_SEATS; k++) {
        if (st->inst[k] < 0)
            continue;
        const struct sim_inst *in = &m->insts[st->inst[k]];
        oi += sim_usd(in, in->pop.q[SIM_LONG], in->mark_px);
        lo = fmin(lo, in->mid_px / in->unit);
        hi = fmax(hi, in->mid_px / in->unit);
    }
    for (int k = 0; k < 60; k++) {
        liq += a->liq[k];
        shown += a->shown[k];
    }
    raise(&a->liq_frac, liq / oi, s->s);
    raise(&a->shown_frac, shown / oi, s->s);
    if (shown / oi > .0015)
        a->last_over_s[0] = s->s;
    a->dev3[s->s % 3] = log(hi / lo) * 1e4;
    raise(&a->dev_bps, min3(a->dev3), s->s);
    if (a->dev3[s->s % 3] > 25)
        a->last_over_s[2] = s->s;
}

static void inst_second(struct sim_stats *s, const struct sim_market *m, int i)
{
    struct inst_stat *t = &s->i[i];
    for (int side = 0; side < 2; side++) {
        double d = sim_depth_usd(&m->insts[i], (enum sim_book_side)side, 10);
        double *cell = &t->ring[side][s->s % 300];
        t->sum[side] += d - *cell;
        *cell = d;
        double n = (double)(s->s + 1 < 300 ? s->s + 1 : 300), ratio = d / (t->sum[side] / n);
        t->ratio3[side][s->s % 3] = ratio;
        if (ratio < .35)
            s->a[m->insts[i].asset].last_over_s[1] = s->s;
        if (s->s >= 3 && max3(t->ratio3[side]) < t->depth.x)
            t->depth = (struct peak){max3(t->ratio3[side]), s->s};
    }
}

void sim_stats_step(struct sim_stats *s, const struct sim_market *m)
{
    for (int i = 0; i < m->n_liqs; i++) {
        const struct sim_liq *l = &m->liqs[i];
        double usd = sim_usd(&m->insts[l->inst], l->qty, l->px);
        s->a[m->insts[l->inst].asset].liq[s->s % 60] += usd;
        s->liq_usd += usd;
    }
    if (m->step % SIM_STEPS_PER_S)
        return;
    for (int i = 0; i < m->n_insts; i++)
        if (m->insts[i].a->kind == SIM_CRYPTO)
            inst_second(s, m, i);
    for (int i = 0; i < m->n_assets; i++)
        if (m->assets[i].a->kind == SIM_CRYPTO)
            asset_second(s, m, i);
    s->s++;
    for (int i = 0; i < m->n_assets; i++)
        s->a[i].liq[s->s % 60] = s->a[i].shown[s->s % 60] = 0;
}

static void num(FILE *out, const char *key, double x)
{
    char b[NUM_PRINT_MAX];
    num_print(b, x);
    fprintf(out, ",\"%s\":%s", key, b);
}

void sim_stats_print(const struct sim_stats *s, const struct sim_market *m, FILE *out)
{
    for (int i = 0; i < m->n_assets; i++) {
        const struct asset_stat *a = &s->a[i];
        if (m->assets[i].a->kind != SIM_CRYPTO)
            continue;
        struct peak depth = {INFINITY, 0};
        for (int k = 0; k < SIM_SEATS; k++)
            if (m->assets[i].inst[k] >= 0 && s->i[m->assets[i].inst[k]].depth.x < depth.x)
                depth = s->i[m->assets[i].inst[k]].depth;
        fprintf(out, "{\"asset\":\"%s\"", m->assets[i].a->name);
        num(out, "liq_1m_frac_max", a->liq_frac.x);
        num(out, "shown_1m_frac_max", a->shown_frac.x);
        num(out, "depth_10bps_ratio_min", depth.x);
        num(out, "px_dev_bps_max", a->dev_bps.x);
        fprintf(out, ",\"last_over_s\":{\"liq\":%lld,\"depth\":%lld,\"dev\":%lld}}\n",
                (long long)a->last_over_s[0], (long long)a->last_over_s[1],
                (long long)a->last_over_s[2]);
    }
    fprintf(out, "{\"asset\":null");
    num(out, "liq_usd", s->liq_usd);
    num(out, "shown_usd", s->shown_usd);
    fprintf(out, ",\"seconds\":%lld,\"dropped\":%llu}\n", (long long)s->s,
            (unsigned long long)m->dropped);
}
