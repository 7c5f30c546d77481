/* The liquidation map: where forced sales sit, per venue, asset and side, in base units over the
 * price that triggers them. Baseline: every increase of net open interest opens the same amount
 * long and short, spread with equal weights over the leverage tiers the venue allows; conserving:
 * the mass of longs = the mass of shorts = open interest. "modelled, uncalibrated". */
#ifndef RISK_LIQMAP_H
#define RISK_LIQMAP_H

#include "risk/models.h"

struct liqmap; /* the state of models[MODEL_LIQMAP] */

struct liqmap_side { /* one side of a map */
    uint8_t venue;
    enum pos_side side;
    uint32_t asset;
};

/* Mass in base units liquidated while the mark moves from edge[i] to edge[i + 1], i = 0..n-1; edges
 * are rising fractions of the current mark, away from it (down for longs, up for shorts): edge .05
 * = mark x .95 or x 1.05. Returns R_KNOWN, or why the map is unknown (mass untouched). */
enum unknown_reason liqmap_fill(const struct liqmap *m, struct liqmap_side of, const double *edge,
                                int n, double *mass_base);

/* The same at n + 1 distances in ln price (liqgrid_distance): for whoever asks at the same edges
 * again and again. */
enum unknown_reason liqmap_fill_at(const struct liqmap *m, struct liqmap_side of,
                                   const double *dist, int n, double *mass_base);

/* The same in even bands from the mark on, and what lies within the first `bands` of them: their
 * distances are known beforehand. */
#define LIQMAP_EVEN_BANDS 50
#define LIQMAP_EVEN_BAND  0.005 /* of the mark */
enum unknown_reason liqmap_fill_even(const struct liqmap *m, struct liqmap_side of,
                                     double mass_base[LIQMAP_EVEN_BANDS]);
enum unknown_reason liqmap_within(const struct liqmap *m, struct liqmap_side of, int bands,
                                  double *mass_base);

/* Why the map is unknown as of the last step: no open interest, no mark, warm-up; R_KNOWN. */
enum unknown_reason liqmap_reason(const struct liqmap *m, uint8_t venue, uint32_t asset);

/* The mark the edges start from, in quote per asset unit; NAN without a map. */
double liqmap_px(const struct liqmap *m, uint8_t venue, uint32_t asset);

/* Asset units the mark has crossed and open interest has not yet settled; part of the mass, shown
 * as if entered at the mark. NAN without a map. */
double liqmap_flight(const struct liqmap *m, uint8_t venue, uint32_t asset, enum pos_side side);

/* When the first open interest was seen, engine time, restarts included; 0 = never. */
int64_t liqmap_began(const struct liqmap *m, uint8_t venue, uint32_t asset);

/* The bands in which maps are published: LIQMAP_BANDS + 1 edges from 0 to 1, fine at the mark. */
#define LIQMAP_BANDS 58
extern const double liqmap_edges[LIQMAP_BANDS + 1];

/* Open interest as the map weighs it, asset units; NAN without a map. */
double liqmap_oi(const struct liqmap *m, uint8_t venue, uint32_t asset);

/* Share of the mass that was placed when tracking began, by assumption and not by a change of open
 * interest that was seen; 0..1, NAN without a map. */
double liqmap_seeded(const struct liqmap *m, uint8_t venue, uint32_t asset);

#endif
