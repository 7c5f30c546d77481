/* The ladder of an instrument (ladder.h). In: its contract and first margin tier; out: distances.
 * The surprising thing: a rung whose initial margin is below the maintenance margin would be
 * liquidated at its entry; it has no distance. */
#include "risk/ladder.h"

#include "risk/liqprice.h"

static const double leverages[LADDER_MAX] = {1.5, 2, 3, 5, 10, 20, 25, 50, 75, 100, 125};

/* The first tier, one unit bought at price 1: its notional is far inside it. */
static double linear_ratio(enum pos_side side, double leverage, struct tier t)
{
    struct linear_position p = {
        .side = side, .qty_base = 1, .entry_px = 1, .margin_usd = 1 / leverage};
    double px = NAN;
    t.cap_usd = INFINITY;
    return liqprice_tiered(&p, &t, 1, &px, NULL) == 0 ? px : NAN;
}

static double inverse_ratio(enum pos_side side, double leverage, double mmr)
{
    struct inverse_position p = {
        .side = side, .face_usd = 1, .entry_px = 1, .margin_coin = 1 / leverage};
    double px = NAN;
    return liqprice_inverse(&p, mmr, INVERSE_MARK_MM, &px) == 0 ? px : NAN;
}

static double distance(const struct instrument *i, enum pos_side side, double leverage,
                       struct tier t)
{
    double ratio =
        i->linear == 0 ? inverse_ratio(side, leverage, t.mmr) : linear_ratio(side, leverage, t);
    double d = side == POS_LONG ? -log(ratio) : log(ratio);
    return d > 0 ? d : NAN;
}

void ladder_of(const struct instrument *i, struct ladder *out)
{
    double most = i->max_leverage > 0 ? fmin(i->max_leverage, 1e6) : LADDER_LEVERAGE;
    struct tier t = {.mmr = 0.5 / most};
    if (i->n_tiers > 0) {
        t = i->tiers[0];
        if (!(i->max_leverage > 0))
            most = t.max_leverage;
    }
    out->n = 0;
    for (int k = 0; k < LADDER_MAX; k++) {
        double leverage = fmin(leverages[k], most);
        int n = out->n++;
        out->leverage[n] = leverage;
        for (int side = POS_LONG; side <= POS_SHORT; side++)
            out->dist[side][n] = distance(i, (enum pos_side)side, leverage, t);
        if (leverages[k] >= most)
            break;
    }
}
