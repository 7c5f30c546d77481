/* Insurance funds and how near auto-deleveraging is. In: the pool that covers each instrument, as
 * the venue tells it. Out: balance with its age, drawdown against trigger, state. Of a venue's
 * instruments the one nearest to its trigger is shown. Bybit, "ADL Alert" (v5): deleveraging starts
 * when the drawdown of the pool within 8 hours passes the trigger it names per contract; OKX, "ADL
 * warning channel": told each second while a pool is in warning or deleveraging, silent in calm.
 * The surprising thing: silence of a live warning channel is a known 0, not an unknown. */
#include "risk/family.h"

#define ADL_TTL_US   INT64_C(30000000) /* drawdowns are told each second */
#define STATE_TTL_US INT64_C(10000000)

enum { ADL_FUND, ADL_AGE, ADL_DRAWDOWN, ADL_TRIGGER, ADL_DIST, ADL_STATE, ADL_N };
static const struct metric metrics[] = {
    {"adl_fund_usd", "USD", MQ_MEASURED, -INFINITY, INFINITY,
     "Balance of the insurance fund that covers the instrument; pools may be shared with other "
     "instruments."},
    {"adl_fund_age_s", "s", MQ_MEASURED, 0, INFINITY,
     "How old that balance is: some venues tell it once a day."},
    {"adl_drawdown_frac", "frac", MQ_MEASURED, -INFINITY, INFINITY,
     "Drawdown of the fund from its peak of 8 hours, as the venue says; negative = it lost."},
    {"adl_trigger_frac", "frac", MQ_MEASURED, -INFINITY, INFINITY,
     "Drawdown at which the venue starts auto-deleveraging."},
    {"adl_dist_frac", "frac", MQ_MEASURED, -INFINITY, INFINITY,
     "(drawdown - trigger) / |trigger|: 1 = no drawdown, 0 = at the trigger, negative = beyond "
     "it."},
    {"adl_state", "1", MQ_MEASURED, 0, 2,
     "0 normal, 1 the venue warns or the drawdown is beyond its trigger, 2 auto-deleveraging."},
};

static double distance(const struct fund *f, int64_t now_us)
{
    if (!f || !f->t_adl_us || now_us - f->t_adl_us > ADL_TTL_US || !(f->trigger_frac != 0))
        return NAN;
    return (f->drawdown_frac - f->trigger_frac) / fabs(f->trigger_frac);
}

/* The pool nearest to its trigger; without any, the primary's. */
static const struct fund *pick(const struct risk *r, const struct risk_view *v, int64_t now_us,
                               uint32_t *inst)
{
    const struct market *m = risk_market(r);
    double nearest = NAN;
    *inst = v->inst[v->primary]->id;
    const struct fund *best = market_fund(m, *inst);
    for (int i = 0; i < v->n; i++) {
        const struct fund *f = market_fund(m, v->inst[i]->id);
        double d = distance(f, now_us);
        if (isnan(d) || d >= nearest)
            continue;
        nearest = d;
        best = f;
        *inst = v->inst[i]->id;
    }
    return best;
}

static int state_of_word(const char *word)
{
    static const struct {
        const char *word;
        int state;
    } table[] = {{"normal", 0}, {"warning", 1}, {"adl", 2}, {"pos_adl", 2}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(word, table[i].word) == 0)
            return table[i].state;
    return 1; /* a word we do not know is at least not silence */
}

static void eval_state(const struct risk *r, struct subject s, const struct fund *f, int64_t now_us,
                       struct cell *out)
{
    const struct risk_view *v = risk_view_of(r, s);
    double d = distance(f, now_us);
    if (f && f->state[0] && now_us - f->t_adl_us <= STATE_TTL_US)
        cell_known(out, state_of_word(f->state));
    else if (!isnan(d))
        cell_known(out, d <= 0);
    else if (f && f->t_adl_us && !f->state[0])
        cell_unknown(out, R_STALE); /* a feed of drawdowns that stopped */
    else {
        uint8_t why = market_feed_reason(risk_market(r), v->slot[v->primary], EV_FUND);
        cell_or(out, why ? NAN : 0, why);
    }
}

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    uint32_t inst;
    const struct fund *f = pick(r, risk_view_of(r, s), now_us, &inst);
    eval_state(r, s, f, now_us, &out[ADL_STATE]);
    if (!f) {
        cells_unknown(out, ADL_STATE, R_NOT_TRACKED);
        return;
    }
    uint8_t why = f->t_adl_us == 0                    ? R_NOT_TRACKED
                  : now_us - f->t_adl_us > ADL_TTL_US ? R_STALE
                                                      : R_KNOWN;
    cell_or(&out[ADL_FUND], f->t_balance_us ? f->balance_usd : NAN, R_NOT_TRACKED);
    double age_us = (double)(now_us - f->t_balance_us);
    cell_or(&out[ADL_AGE], f->t_balance_us ? fmax(age_us, 0) / 1e6 : NAN, R_NOT_TRACKED);
    cell_or(&out[ADL_DRAWDOWN], why ? NAN : f->drawdown_frac, why ? why : R_NOT_TRACKED);
    cell_or(&out[ADL_TRIGGER], why ? NAN : f->trigger_frac, why ? why : R_NOT_TRACKED);
    cell_or(&out[ADL_DIST], distance(f, now_us), why ? why : R_NOT_TRACKED);
}

const struct metric_family family_adl = {
    .name = "adl",
    .table = MT_VENUE_ASSET,
    .metrics = metrics,
    .n = ADL_N,
    .period_s = 1,
    .eval = eval,
};
