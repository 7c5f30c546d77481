/* Families of the cascade model: everything it found per venue, asset and scenario (m_scenario),
 * and what people and rules look at first per asset (m_asset: pooled over venues, scenario flow).
 * In: the model's cells. Out: the same. The surprising thing: nothing is computed here, so that an
 * answer to "what if" and a stored row cannot differ. */
#include <string.h>

#include "risk/cascade.h"
#include "risk/family.h"

#define MODELLED "Modelled, uncalibrated; without stops, spot sellers, refills and ADL."
#define DN       "longs sold into the bids"
#define UP       "shorts bought back from the asks"
#define AMP(pct, dir, who)                                                                         \
    {                                                                                              \
        "casc_amp_" #pct "pct_" #dir, "1", MQ_MODELLED, 1, 1e6,                                    \
            "Amplification: how far a shock of " #pct " % runs with " who                          \
            ", over the shock itself; runaway and off_grid are unknown. " MODELLED                 \
    }
#define FINAL(pct, dir, who)                                                                       \
    {                                                                                              \
        "casc_final_" #pct "pct_" #dir "_frac", "frac", MQ_MODELLED, 0, 1,                         \
            "Distance from the mark at which a shock of " #pct " % ends with " who ". " MODELLED   \
    }
#define LIQ(pct, dir, who)                                                                         \
    {                                                                                              \
        "casc_liq_" #pct "pct_" #dir "_usd", "USD", MQ_MODELLED, 0, INFINITY,                      \
            "Notional liquidated until a shock of " #pct " % ends, " who                           \
            ", each at its trigger price. " MODELLED                                               \
    }
#define SHOCKS(row, dir, who)                                                                      \
    row(1, dir, who), row(2, dir, who), row(5, dir, who), row(10, dir, who)
#define BOTH(row) SHOCKS(row, dn, DN), SHOCKS(row, up, UP)
#define CRIT(dir, who)                                                                             \
    {                                                                                              \
        "casc_crit_" #dir "_frac", "frac", MQ_MODELLED, 0, 1,                                      \
            "Critical shock: the smallest that runs as far again as itself and at least 1 %, or "  \
            "runs away, " who "; off_grid when no shock up to 25 % does. " MODELLED                \
    }
#define REPRODUCTION(pct, dir, who)                                                                \
    {                                                                                              \
        "r_mech_" #pct "pct_" #dir, "1", MQ_MODELLED, 0, INFINITY,                                 \
            "Mechanical reproduction number: mass liquidated within " #pct                         \
            " % of the mark over the book depth within " #pct " %, " who                           \
            "; at 1 and above it feeds itself. " MODELLED                                          \
    }
#define FIRST(dir, who)                                                                            \
    {                                                                                              \
        "casc_first_5pct_" #dir, "1", MQ_MODELLED, 1, 1e6,                                         \
            "First-round amplification: how far a shock of 5 % and what is liquidated within it "  \
            "go, " who ", before that sets off more, over the shock; finite where the whole runs " \
            "away. " MODELLED                                                                      \
    }
#define RELATIVE(name, what, dir, who)                                                             \
    {                                                                                              \
        name "_" #dir "_frac", "frac", MQ_MODELLED, 0, INFINITY,                                   \
            what                                                                                   \
            " over its own mean of the last 5 minutes (at least 4 evaluations of the same "        \
            "venues), " who                                                                        \
            ", all venues pooled: says how fast it grows, whatever its level is worth. " MODELLED  \
    }
#define COVERED(dir, side)                                                                         \
    {                                                                                              \
        "casc_cov_" #dir "_frac", "frac", MQ_MODELLED, 0, 1,                                       \
            "How far from its mid the book was measured, " side                                    \
            ", mean weighted by open interest; beyond it depth is continued with its mean density" \
            " and only modelled."                                                                  \
    }
#define MEASURED(dir, side)                                                                        \
    {                                                                                              \
        "casc_meas_" #dir "_frac", "frac", MQ_MODELLED, 0, 1,                                      \
            "Share of the depth within 10 % that was measured, " side "; the rest is continued."   \
    }
#define SHARE(dir, side)                                                                           \
    {                                                                                              \
        "casc_share_" #dir "_frac", "frac", MQ_MODELLED, 0, 1,                                     \
            "Share of the last known open interest whose books and map are in here, " side         \
            ". Below 0.5 it is unknown."                                                           \
    }
#define STATE                                                                                      \
    {                                                                                              \
        "casc_state", "1", MQ_MODELLED, 0, 3,                                                      \
            "0 contained: no critical shock up to 10 %; 1 there is one; 2 of at most 1 %, or "     \
            "r_mech_1pct is at least 1; 3 a shock of at most 10 % runs away. The worse "           \
            "direction. " MODELLED                                                                 \
    }

static const struct metric scenario_metrics[] = {
    BOTH(AMP),
    BOTH(FINAL),
    BOTH(LIQ),
    CRIT(dn, DN),
    CRIT(up, UP),
    REPRODUCTION(1, dn, DN),
    REPRODUCTION(1, up, UP),
    REPRODUCTION(5, dn, DN),
    REPRODUCTION(5, up, UP),
    FIRST(dn, DN),
    FIRST(up, UP),
    COVERED(dn, "bids"),
    COVERED(up, "asks"),
    MEASURED(dn, "bids"),
    MEASURED(up, "asks"),
    SHARE(dn, "bids"),
    SHARE(up, "asks"),
    STATE,
};
_Static_assert(sizeof(scenario_metrics) / sizeof(scenario_metrics[0]) == CASC_CELLS,
               "the columns follow enum casc_cell");

static void eval_scenario(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct cell *c = cascade_cells(risk_model(r, MODEL_CASCADE), s.venue, s.id, s.channel);
    (void)now_us;
    memcpy(out, c, CASC_CELLS * sizeof(*c));
}

const struct metric_family family_scenario = {
    .name = "cascade_scenario",
    .table = MT_SCENARIO,
    .metrics = scenario_metrics,
    .n = CASC_CELLS,
    .period_s = 1,
    .eval = eval_scenario,
};

/* ---- per asset ---- */

#define AT(block, dir, shock) ((block) + (dir)*CASC_SHOCKS + (shock))

static const struct metric asset_metrics[] = {
    AMP(1, dn, DN),
    AMP(1, up, UP),
    AMP(5, dn, DN),
    AMP(5, up, UP),
    FINAL(5, dn, DN),
    FINAL(5, up, UP),
    LIQ(5, dn, DN),
    LIQ(5, up, UP),
    CRIT(dn, DN),
    CRIT(up, UP),
    REPRODUCTION(1, dn, DN),
    REPRODUCTION(1, up, UP),
    REPRODUCTION(5, dn, DN),
    REPRODUCTION(5, up, UP),
    FIRST(dn, DN),
    FIRST(up, UP),
    COVERED(dn, "bids"),
    COVERED(up, "asks"),
    SHARE(dn, "bids"),
    SHARE(up, "asks"),
    STATE,
    RELATIVE("r_mech_rel", "Mechanical reproduction number within 5 %", dn, DN),
    RELATIVE("r_mech_rel", "Mechanical reproduction number within 5 %", up, UP),
    RELATIVE("casc_first_rel", "First-round amplification of a shock of 5 %", dn, DN),
    RELATIVE("casc_first_rel", "First-round amplification of a shock of 5 %", up, UP),
};
static const uint8_t asset_cells[] = {
    AT(CASC_AMP, CASC_DN, 0), AT(CASC_AMP, CASC_UP, 0),   AT(CASC_AMP, CASC_DN, 2),
    AT(CASC_AMP, CASC_UP, 2), AT(CASC_FINAL, CASC_DN, 2), AT(CASC_FINAL, CASC_UP, 2),
    AT(CASC_LIQ, CASC_DN, 2), AT(CASC_LIQ, CASC_UP, 2),   CASC_CRIT + CASC_DN,
    CASC_CRIT + CASC_UP,      CASC_R + CASC_DN,           CASC_R + CASC_UP,
    CASC_R5 + CASC_DN,        CASC_R5 + CASC_UP,          CASC_FIRST + CASC_DN,
    CASC_FIRST + CASC_UP,     CASC_COV + CASC_DN,         CASC_COV + CASC_UP,
    CASC_SHARE + CASC_DN,     CASC_SHARE + CASC_UP,       CASC_STATE,
};
#define ASSET_N  ((int)(sizeof(asset_metrics) / sizeof(asset_metrics[0])))
#define POOLED_N ((int)sizeof(asset_cells))
_Static_assert(POOLED_N + CASC_RELS == ASSET_N, "one source for each column");

static void eval_asset(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct cell *c = cascade_cells(risk_model(r, MODEL_CASCADE), CASC_POOL, s.id, SWEEP_FLOW);
    (void)now_us;
    for (int i = 0; i < POOLED_N; i++)
        out[i] = c[asset_cells[i]];
    memcpy(&out[POOLED_N], cascade_rel(risk_model(r, MODEL_CASCADE), s.id),
           CASC_RELS * sizeof(*out));
}

const struct metric_family family_cascade_asset = {
    .name = "cascade_asset",
    .table = MT_ASSET,
    .metrics = asset_metrics,
    .n = ASSET_N,
    .period_s = 1,
    .eval = eval_asset,
};
