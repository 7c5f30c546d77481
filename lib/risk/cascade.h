/* What the cascade model computed last, for metrics and for questions. Per asset: every venue that
 * lists it, and all of them pooled (books and masses summed, as if arbitrage were perfect); per
 * scenario: flow (the shock eats the standing book) and news (the book re-quotes at the shocked
 * price). The grids of the last evaluation are kept: a question is answered from exactly what the
 * metrics were computed from. "modelled, uncalibrated". */
#ifndef RISK_CASCADE_H
#define RISK_CASCADE_H

#include "risk/casc_side.h"
#include "risk/models.h"

struct cascade; /* the state of models[MODEL_CASCADE] */

/* The columns of m_scenario. Blocks by shock: + dir * CASC_SHOCKS + shock; the others: + dir. */
enum casc_cell {
    CASC_AMP = 0,
    CASC_FINAL = CASC_AMP + CASC_DIRS * CASC_SHOCKS,
    CASC_LIQ = CASC_FINAL + CASC_DIRS * CASC_SHOCKS,
    CASC_CRIT = CASC_LIQ + CASC_DIRS * CASC_SHOCKS,
    CASC_R = CASC_CRIT + CASC_DIRS,
    CASC_R5 = CASC_R + CASC_DIRS, /* within 5 % */
    CASC_FIRST = CASC_R5 + CASC_DIRS,
    CASC_COV = CASC_FIRST + CASC_DIRS,
    CASC_MEAS = CASC_COV + CASC_DIRS,
    CASC_SHARE = CASC_MEAS + CASC_DIRS,
    CASC_STATE = CASC_SHARE + CASC_DIRS,
    CASC_CELLS
};

enum casc_state {                 /* the worse of both directions */
                  CASC_CONTAINED, /* no critical shock up to 10 % */
                  CASC_AMPLIFIES, /* there is one */
                  CASC_CRITICAL,  /* of at most 1 %, or R within 1 % is at least 1 */
                  CASC_RUNAWAY    /* a shock of at most 10 % runs away */
};

#define CASC_POOL 255 /* as a venue: all venues together */

/* CASC_CELLS cells as of the last evaluation; NULL when the asset is not tracked. venue < number of
 * venues, or CASC_POOL. */
const struct cell *cascade_cells(const struct cascade *m, uint8_t venue, uint32_t asset,
                                 enum sweep_kind kind);
/* Reproduction number within 5 % and first-round amplification of 5 %, pooled, flow, over their own
 * mean of the last five minutes: CASC_REL + dir, CASC_REL_FIRST + dir. CASC_RELS cells; NULL like
 * cascade_cells. */
enum {
    CASC_REL = 0,
    CASC_REL_FIRST = CASC_REL + CASC_DIRS,
    CASC_RELS = CASC_REL_FIRST + CASC_DIRS
};
const struct cell *cascade_rel(const struct cascade *m, uint32_t asset);

/* When the asset was last evaluated; 0 = not yet. */
int64_t cascade_time(const struct cascade *m, uint32_t asset);
/* One side as of the last evaluation; NULL when the asset is not tracked. */
const struct casc_side *cascade_side(const struct cascade *m, uint8_t venue, uint32_t asset,
                                     enum casc_dir dir);

#endif
