/* The question "what if the price falls by so much": the cascade model's last grids are asked for
 * one shock, per venue and pooled. At 1, 2, 5 and 10 % the answer is the metric of the same
 * evaluation (m_scenario), to the last digit, because both come from the same function and the same
 * grids. Everything here is modelled and uncalibrated, and says so. */
#include <math.h>
#include <string.h>

#include "risk/cascade.h"
#include "serve/rpc.h"

#define LABEL     "modelled, uncalibrated; without stops, spot sellers, refills and ADL"
#define SHOCK_MIN 1e-4

struct question {
    const struct cascade *m;
    uint32_t asset;
    int venue; /* -1 = all, and the pool */
    enum sweep_kind kind;
    enum casc_dir dir;
    double shock_frac; /* without sign */
};

static enum rpc_err read_scenario(struct rpc_call *r, struct question *q)
{
    const char *name = rpc_str(r, "scenario");
    int k = 0;
    while (name && k < SWEEP_KINDS && strcmp(name, scenario_name((unsigned)k)) != 0)
        k++;
    if (k == SWEEP_KINDS)
        return rpc_fail(r, RPC_PARAMS, "scenario: must be flow or news");
    q->kind = (enum sweep_kind)k;
    return RPC_OK;
}

static enum rpc_err read_question(struct rpc_call *r, struct question *q)
{
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    const char *asset = rpc_str(r, "asset");
    double shock = json_number_value(rpc_get(r, "shock_frac"));
    q->m = risk_model(engine_risk(e), MODEL_CASCADE);
    q->asset = directory_asset_find(engine_directory(e), slice_of(asset));
    q->dir = shock < 0 ? CASC_DN : CASC_UP;
    q->shock_frac = fabs(shock);
    if (q->asset == ASSET_NONE || !cascade_cells(q->m, CASC_POOL, q->asset, SWEEP_FLOW))
        return rpc_fail(r, RPC_PARAMS, "asset: \"%.40s\" is not tracked", asset);
    if (!(q->shock_frac >= SHOCK_MIN && q->shock_frac <= SWEEP_GRID_TOP))
        return rpc_fail(r, RPC_PARAMS, "shock_frac: must be -%g to -%g or %g to %g", SWEEP_GRID_TOP,
                        SHOCK_MIN, SHOCK_MIN, SWEEP_GRID_TOP);
    enum rpc_err err = rpc_venue(r, "venue", &q->venue);
    return err == RPC_OK ? read_scenario(r, q) : err;
}

static void put_cell(struct text *t, const char *key, struct cell c)
{
    text_kv_num(t, key, c.value);
}

/* One venue, or CASC_POOL. */
static void out_answer(struct text *t, const struct question *q, uint8_t venue)
{
    const struct casc_side *side = cascade_side(q->m, venue, q->asset, q->dir);
    const struct cell *c = cascade_cells(q->m, venue, q->asset, q->kind);
    struct casc_run run = casc_side_shock(side, q->kind, q->shock_frac);
    text_kv_num(t, "final_frac", run.final_frac);
    text_kv_num(t, "amp", run.amp);
    text_kv_num(t, "liq_base", run.liq_base);
    text_kv_num(t, "liq_usd", run.liq_usd);
    text_kv_str(t, "unknown", run.why ? unknown_reason_name((enum unknown_reason)run.why) : NULL);
    put_cell(t, "crit_frac", c[CASC_CRIT + q->dir]);
    put_cell(t, "r_mech_1pct", c[CASC_R + q->dir]);
    put_cell(t, "r_mech_5pct", c[CASC_R5 + q->dir]);
    put_cell(t, "first_5pct", c[CASC_FIRST + q->dir]);
    put_cell(t, "cov_frac", c[CASC_COV + q->dir]);
    put_cell(t, "meas_frac", c[CASC_MEAS + q->dir]);
    put_cell(t, "share_frac", c[CASC_SHARE + q->dir]);
}

static void out_venues(struct text *t, const struct question *q)
{
    text_key(t, "venues");
    text_char(t, '[');
    for (int v = 0; v < n_venues; v++) {
        const struct casc_side *side = cascade_side(q->m, (uint8_t)v, q->asset, q->dir);
        if ((q->venue >= 0 && q->venue != v) || !side || side->why == R_NOT_TRACKED)
            continue;
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "venue", venues[v]->name);
        out_answer(t, q, (uint8_t)v);
        text_char(t, '}');
    }
    text_char(t, ']');
}

/* Venues that list the asset, but are not in the pool. */
static void out_missing(struct text *t, const struct question *q)
{
    text_key(t, "missing");
    text_char(t, '[');
    for (int v = 0; v < n_venues; v++) {
        const struct casc_side *side = cascade_side(q->m, (uint8_t)v, q->asset, q->dir);
        if (!side || side->why == R_KNOWN || side->why == R_NOT_TRACKED)
            continue;
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "venue", venues[v]->name);
        text_kv_str(t, "reason", unknown_reason_name((enum unknown_reason)side->why));
        text_char(t, '}');
    }
    text_char(t, ']');
}

enum rpc_err rpc_stress(struct rpc_call *r)
{
    struct question q;
    struct text *t = r->out;
    enum rpc_err err = read_question(r, &q);
    if (err != RPC_OK)
        return err;
    text_str(t, "{\"t_us\":");
    text_i64(t, engine_now(r->s->d.engine(r->s->d.arg)));
    text_kv_i64(t, "t_eval_us", cascade_time(q.m, q.asset));
    text_kv_str(t, "asset", rpc_str(r, "asset"));
    text_kv_str(t, "scenario", scenario_name(q.kind));
    text_kv_num(t, "shock_frac", q.dir == CASC_DN ? -q.shock_frac : q.shock_frac);
    text_kv_str(t, "quality", LABEL);
    if (q.venue < 0) {
        text_key(t, "pooled");
        text_char(t, '{');
        out_answer(t, &q, CASC_POOL);
        text_char(t, '}');
        out_missing(t, &q);
    }
    out_venues(t, &q);
    text_char(t, '}');
    return RPC_OK;
}
