/* Inside lib/risk: the memory of the liquidation map, shared by model_liqmap.c (learning),
 * liqmap_query.c (answers) and liqmap_freeze.c (text both ways). All of it is taken at init. */
#ifndef RISK_LIQMAP_PRIV_H
#define RISK_LIQMAP_PRIV_H

#include "risk/family.h"
#include "risk/ladder.h"
#include "risk/liqgrid.h"
#include "risk/liqmap.h"

#define LEGS_MAX VIEW_SLOTS_MAX
#define TRADE_CELLS                                                                                \
    64 /* of LIQGRID_STEP, around the first trade since the last reading: +-6.4 %                  \
        */
#define ROW_FREE UINT16_MAX

/* One instrument: what was read of its open interest, and what happened since then. */
struct leg {
    char symbol[48];
    uint32_t inst; /* INST_NONE: thawed, and the venue has not listed it again yet */
    bool inverse;
    double qty;     /* last reading: asset units, inverse USD of face: what a price cannot move */
    double base;    /* in asset units now */
    double mark_px; /* of the map when it was read */
    int64_t t_us;   /* of the reading */
    double liq[2];  /* liquidations seen since, asset units, by the side closed */
    int32_t trade0; /* key of trade[0]: floor(ln px / LIQGRID_STEP) */
    double traded;  /* sum of trade[] */
    double trade[TRADE_CELLS];
    struct ladder ladder; /* of version `version` of the instrument; n 0 = none yet */
    uint32_t version;
};

/* One venue and asset. Mass of a side = base of the legs = cells + flight; a quantum of a side is
 * worth (base - flight) / total, so longs = shorts = open interest by construction. */
struct liqmap_market {
    bool started;        /* a mark has been seen: the grids stand somewhere */
    uint8_t reason;      /* why it is unknown as of the last step; R_KNOWN */
    uint32_t ref;        /* instrument whose mark moves the map */
    char ref_symbol[48]; /* its name; "" = none chosen */
    double mark_px;      /* of the last step; per asset unit */
    double lo_px, hi_px; /* of the mark since then */
    int64_t t_began_us;  /* of the first seed */
    double base;         /* sum over the legs */
    double flight[2];    /* crossed, and the next reading of open interest will say whether it is
                            closed or was opened anew; shown as if entered at the mark */
    struct liqgrid side[2];
    int n_legs;
    struct leg leg[LEGS_MAX];
};

struct liqmap {
    uint32_t rows; /* max_assets */
    int n_venues;
    uint16_t row_of[DIR_ASSETS_MAX];       /* ROW_FREE = not tracked */
    double even[2][LIQMAP_EVEN_BANDS + 1]; /* distances of the even bands, by side */
    bool *used;
    struct liqmap_market *market; /* rows x n_venues */
};

/* NULL when the asset is not tracked. */
static inline struct liqmap_market *liqmap_at(const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    uint16_t row = asset < DIR_ASSETS_MAX ? m->row_of[asset] : ROW_FREE;
    return row == ROW_FREE || venue >= m->n_venues ? NULL : &m->market[row * m->n_venues + venue];
}

/* What the cells of a side weigh, asset units. */
static inline double liqmap_cells(const struct liqmap_market *k, enum pos_side side)
{
    return fmax(k->base - k->flight[side], 0);
}

/* The leg whose mark moves the map, else the first; NULL without legs. */
const struct leg *liqmap_ref_leg(const struct liqmap_market *k);

/* liqmap_freeze.c: members of struct model. */
void liqmap_freeze(const void *m, const struct risk *r, struct text *out);
int liqmap_thaw(void *m, const struct risk *r, const char *line, size_t len);

#endif
