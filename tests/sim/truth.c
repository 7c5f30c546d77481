/* Writing the truth. In: the market's own state. Out: NDJSON. Nothing here passes through the
 * venues' encoders, so a wrong encoder cannot hide. */
#include "sim/truth.h"

#include <math.h>

#include "base/num.h"
#include "sim/mis.h"

static const char *const sides[] = {"long", "short"};

static void head(FILE *f, const char *kind, int64_t t_us)
{
    fprintf(f, "{\"kind\":\"%s\",\"t_us\":%lld", kind, (long long)t_us);
}

static void num(FILE *f, const char *key, double x)
{
    char b[NUM_PRINT_MAX];
    num_print(b, x);
    fprintf(f, ",\"%s\":%s", key, b);
}

void truth_head(FILE *f, const struct sim_market *m)
{
    head(f, "head", m->t0_us);
    fprintf(f, ",\"scenario\":\"%s\",\"seed\":%llu,\"version\":\"%s\",\"step_us\":%d}\n",
            m->sc.crash ? "crash" : "calm", (unsigned long long)m->sc.seed, CASCADED_VERSION,
            SIM_STEP_US);
}

void truth_shock(FILE *f, const struct sim_market *m, const char *asset)
{
    head(f, "shock", sim_market_now_us(m));
    fprintf(f, ",\"asset\":\"%s\"", asset);
    num(f, "size_frac", 1 - exp(-m->sc.drop_ln));
    fprintf(f, ",\"dislocated\":\"%s\"}\n", sim_venue_names[m->sc.dislocated]);
    fflush(f);
}

void truth_liqs(FILE *f, const struct sim_market *m, const struct sim_timed_liq *l, int n)
{
    for (int i = 0; i < n; i++) {
        const struct sim_inst *in = &m->insts[l[i].l.inst];
        head(f, "liquidation", l[i].t_us);
        fprintf(f, ",\"venue\":\"%s\",\"symbol\":\"%s\",\"asset\":\"%s\",\"closed\":\"%s\"",
                sim_venue_names[in->venue], in->symbol, in->a->name, sides[l[i].l.closed]);
        num(f, "qty_base", sim_base(in, l[i].l.qty, l[i].l.px));
        num(f, "px", l[i].l.px);
        num(f, "bankruptcy_px", l[i].l.bankruptcy_px);
        num(f, "notional_usd", sim_usd(in, l[i].l.qty, l[i].l.px));
        num(f, "leverage", l[i].l.leverage);
        fprintf(f, ",\"takeover\":%s,\"shown\":%s}\n", l[i].l.takeover ? "true" : "false",
                l[i].l.shown ? "true" : "false");
    }
    if (n)
        fflush(f);
}

static void group(FILE *f, const struct sim_market *m, const struct sim_inst *in, const char *kind)
{
    head(f, kind, sim_market_now_us(m));
    fprintf(f, ",\"group\":\"%s\",\"asset\":\"%s\",\"symbol\":\"%s\"", sim_venue_names[in->venue],
            in->a->name, in->symbol);
}

static void dist(FILE *f, const struct sim_market *m, const struct sim_inst *in, enum sim_side s)
{
    double all[SIM_CELLS];
    int lo = SIM_CELLS, hi = -1;
    for (int c = 0; c < SIM_CELLS; c++) {
        all[c] = 0;
        for (int j = 0; j < SIM_LEVS; j++)
            all[c] += sim_pop_mass(&in->pop, s, j, c);
        if (all[c] > 0) {
            lo = c < lo ? c : lo;
            hi = c;
        }
    }
    group(f, m, in, "dist");
    fprintf(f, ",\"side\":\"%s\"", sides[s]);
    num(f, "first_px", hi < 0 ? NAN : sim_pop_cell_px(&in->pop, lo));
    fprintf(f, ",\"step_bps\":%g,\"base\":[", SIM_CELL_STEP * 1e4);
    for (int c = lo; c <= hi; c++)
        fprintf(f, "%s%.6g", c > lo ? "," : "", sim_base(in, all[c], in->mark_px));
    fprintf(f, "]}\n");
}

static void levmix(FILE *f, const struct sim_market *m, const struct sim_inst *in, enum sim_side s)
{
    group(f, m, in, "levmix");
    fprintf(f, ",\"side\":\"%s\",\"leverage\":[", sides[s]);
    for (int j = 0; j < SIM_LEVS; j++)
        fprintf(f, "%s%g", j ? "," : "", sim_levs[j]);
    fprintf(f, "],\"weight\":[");
    for (int j = 0; j < SIM_LEVS; j++) {
        double sum = 0;
        for (int c = 0; c < SIM_CELLS; c++)
            sum += sim_pop_mass(&in->pop, s, j, c);
        fprintf(f, "%s%.6g", j ? "," : "", sum / in->pop.q[s]);
    }
    fprintf(f, "]}\n");
}

static void flow(FILE *f, const struct sim_market *m, const struct sim_inst *in)
{
    group(f, m, in, "flow");
    num(f, "opened_base", sim_base(in, in->pop.opened, in->mark_px));
    num(f, "closed_base", sim_base(in, in->pop.closed, in->mark_px));
    num(f, "liquidated_base", sim_base(in, in->pop.liquidated, in->mark_px));
    num(f, "oi_base", sim_base(in, in->pop.q[SIM_LONG], in->mark_px));
    fprintf(f, "}\n");
}

void truth_minute(FILE *f, const struct sim_market *m)
{
    for (int i = 0; i < m->n_insts; i++) {
        if (!m->insts[i].trading)
            continue;
        for (int s = 0; s < SIM_SIDES; s++) {
            dist(f, m, &m->insts[i], (enum sim_side)s);
            levmix(f, m, &m->insts[i], (enum sim_side)s);
        }
        flow(f, m, &m->insts[i]);
    }
    for (int v = 0; v < SIM_VENUES; v++) {
        head(f, "fund", sim_market_now_us(m));
        fprintf(f, ",\"venue\":\"%s\"", sim_venue_names[v]);
        num(f, "balance_usd", m->fund_usd[v]);
        fprintf(f, "}\n");
    }
    fflush(f);
}
