/* A run of the simulator. In: options. Out: frames by the sink, the truth file, the summary. */
#include "sim/sim.h"

#include <errno.h>
#include <string.h>

#include "sim/truth.h"

static bool on_wanted(void *arg, int stream)
{
    const struct sim *s = arg;
    return s->outlet.wanted(s->outlet.arg, stream);
}

static void on_frame(void *arg, int stream, const char *text, size_t len)
{
    fault_frame(((struct sim *)arg)->fault, stream, text, len);
}

int sim_open(struct sim *s, const struct sim_options *o, int64_t t0_us, struct sim_outlet out)
{
    struct sim_scenario sc;
    s->opt = *o;
    s->outlet = out;
    if (sim_scenario_init(&sc, o->scenario, o->seed) < 0) {
        fprintf(stderr, "cascade-sim: no scenario %s (calm, crash)\n", o->scenario);
        return -1;
    }
    if (o->truth && !(s->truth = fopen(o->truth, "w"))) {
        fprintf(stderr, "cascade-sim: %s: %s\n", o->truth, strerror(errno));
        return -1;
    }
    s->m = sim_market_new(&sc, o->assets, t0_us);
    s->pub = s->m ? sim_pub_new(s->m, (struct sim_sink){s, on_wanted, on_frame}) : NULL;
    s->fault = s->m ? fault_new(&s->mis, s->m) : NULL;
    s->stats = sim_stats_new();
    if (!s->pub || !s->stats || !s->fault) {
        fprintf(stderr, "cascade-sim: out of memory\n");
        return -1;
    }
    s->fault->put = out.put;
    s->fault->arg = out.arg;
    if (sim_market_shock_asset(s->m, o->shock_asset) < 0) {
        fprintf(stderr, "cascade-sim: no asset %s to shock\n", o->shock_asset);
        return -1;
    }
    if (sc.crash && !o->shock_on_signal)
        sim_shock_in(s, o->shock_at_s);
    if (s->truth)
        truth_head(s->truth, s->m);
    return 0;
}

void sim_close(struct sim *s)
{
    FILE *f = s->opt.summary && s->m ? fopen(s->opt.summary, "w") : NULL;
    if (f) {
        sim_stats_print(s->stats, s->m, f);
        fclose(f);
    }
    if (s->truth)
        fclose(s->truth);
    sim_pub_free(s->pub);
    fault_free(s->fault);
    sim_market_free(s->m);
    sim_stats_free(s->stats);
}

void sim_shock_in(struct sim *s, double seconds)
{
    if (s->m->sc.crash)
        sim_market_shock_at(s->m, s->m->step + 1 + (int64_t)(seconds * SIM_STEPS_PER_S));
}

static void record(struct sim *s)
{
    if (s->truth && s->m->step == s->m->sc.shock_step)
        truth_shock(s->truth, s->m, s->opt.shock_asset);
    if (s->m->step % SIM_STEPS_PER_S == 0) {
        for (int i = 0; i < s->pub->n_liqs; i++)
            if (s->pub->liqs[i].l.shown)
                sim_stats_shown(s->stats, s->m, &s->pub->liqs[i].l);
        if (s->truth)
            truth_liqs(s->truth, s->m, s->pub->liqs, s->pub->n_liqs);
    }
    if (s->truth && s->m->step % (60 * SIM_STEPS_PER_S) == 0)
        truth_minute(s->truth, s->m);
    sim_stats_step(s->stats, s->m);
}

void sim_step(struct sim *s)
{
    s->mis.now_s = (double)s->m->step / SIM_STEPS_PER_S;
    guise_off(&s->guise, s->m);
    sim_market_step(s->m);
    guise_judge(&s->guise, s->m, &s->mis);
    guise_on(&s->guise, s->m);
    guise_events(&s->guise, s->m);
    for (int v = 0; v < SIM_VENUES; v++)
        fault_inject(s->fault, (enum sim_venue)v);
    sim_pub_step(s->pub);
    guise_off(&s->guise, s->m); /* the truth is about the market */
    record(s);
    guise_on(&s->guise, s->m);
}
