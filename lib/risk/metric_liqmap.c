/* Family of the liquidation map: what lies within which distance, and where it clusters, per group
 * (for now a venue), asset and side. In: the model, through liqmap_fill. Out: cells of
 * m_group_asset_side. A cluster is a run of bands of 0.5 % of the mark, each heavier than the mean
 * band up to 25 %. The surprising thing: all mass is valued at the mark, as open interest is, not
 * at the price at which it would be sold. */
#include "risk/family.h"
#include "risk/liqmap.h"

#define MODELLED "Modelled, uncalibrated."
#define CUM(name, pct)                                                                             \
    {                                                                                              \
        name, "USD", MQ_MODELLED, 0, INFINITY,                                                     \
            "Positions of this side liquidated while the mark moves " #pct                         \
            " % against them, valued at the mark. " MODELLED                                       \
    }

enum {
    LM_CUM,
    LM_NEAR_FRAC = LM_CUM + 5,
    LM_NEAR_USD,
    LM_TOP_FRAC,
    LM_TOP_USD,
    LM_NEFF,
    LM_ASYM,
    LM_FLIGHT,
    LM_SEEDED,
    LM_AGE,
    LM_N
};

static const struct metric metrics[LM_N] = {
    CUM("liqmap_cum_1pct_usd", 1),
    CUM("liqmap_cum_2pct_usd", 2),
    CUM("liqmap_cum_5pct_usd", 5),
    CUM("liqmap_cum_10pct_usd", 10),
    CUM("liqmap_cum_20pct_usd", 20),
    {"liqmap_near_frac", "frac", MQ_MODELLED, 0, 1,
     "Distance from the mark of the middle of the nearest cluster: adjacent bands of 0.5 %, each "
     "heavier than the mean band up to 25 %. " MODELLED},
    {"liqmap_near_usd", "USD", MQ_MODELLED, 0, INFINITY, "Mass of the nearest cluster. " MODELLED},
    {"liqmap_top_frac", "frac", MQ_MODELLED, 0, 1,
     "Distance from the mark of the middle of the heaviest cluster. " MODELLED},
    {"liqmap_top_usd", "USD", MQ_MODELLED, 0, INFINITY, "Mass of the heaviest cluster. " MODELLED},
    {"liqmap_neff", "1", MQ_MODELLED, 1, 50,
     "Effective number of bands of 0.5 % that hold the mass up to 25 %: 1 / sum of squared "
     "shares; few = clustered. " MODELLED},
    {"liqmap_asym_ln", "1", MQ_MODELLED, -INFINITY, INFINITY,
     "Asymmetry of the group: ln of longs over shorts liquidated within 5 %; above 0 more hangs "
     "below the mark. The same on both sides. " MODELLED},
    {"liqmap_flight_frac", "frac", MQ_MODELLED, 0, 1,
     "Share of the side that the mark has crossed and open interest has not settled yet; it is in "
     "the map as if entered at the mark. " MODELLED},
    {"liqmap_seeded_frac", "frac", MQ_MODELLED, 0, 1,
     "Share of the map that was there when tracking began and stands where it does by assumption "
     "alone. The same on both sides. " MODELLED},
    {"liqmap_age_s", "s", MQ_MODELLED, 0, INFINITY,
     "Time since tracking of this map began, restarts included."},
};

#define BANDS    LIQMAP_EVEN_BANDS
#define BAND     LIQMAP_EVEN_BAND
#define WITHIN_5 10 /* bands */

struct cluster {
    double mass, moment; /* moment: sum of mass x distance */
};

static double cluster_at(const struct cluster *c)
{
    return c->mass > 0 ? c->moment / c->mass : NAN;
}

/* The nearest and the heaviest run of bands above the mean. */
static void find_clusters(const double *band, struct cluster *near, struct cluster *top)
{
    double mean = 0;
    struct cluster run = {0, 0};
    for (int i = 0; i < BANDS; i++)
        mean += band[i] / BANDS;
    *near = *top = run;
    for (int i = 0; i <= BANDS; i++) {
        if (i < BANDS && band[i] > mean) {
            run.mass += band[i];
            run.moment += band[i] * (i + 0.5) * BAND;
            continue;
        }
        if (run.mass > 0 && near->mass <= 0)
            *near = run;
        if (run.mass > top->mass)
            *top = run;
        run = (struct cluster){0, 0};
    }
}

static double effective_bands(const double *band)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < BANDS; i++) {
        sum += band[i];
        squares += band[i] * band[i];
    }
    return squares > 0 ? fmin(sum * sum / squares, BANDS) : NAN;
}

static double within(const double *band, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += band[i];
    return sum;
}

static void put_cum(const double *band, double px, struct cell *out)
{
    static const int ends[] = {2, 4, 10, 20, 40};
    for (int i = 0; i < 5; i++)
        cell_known(&out[LM_CUM + i], fmax(within(band, ends[i]), 0) * px);
}

static void eval(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct liqmap *m = risk_model(r, MODEL_LIQMAP);
    double band[BANDS], near_base[2];
    struct cluster near, top;
    struct liqmap_side of = {s.venue, (enum pos_side)s.channel, s.id};
    enum unknown_reason why = liqmap_fill_even(m, of, band);
    for (int side = POS_LONG; side <= POS_SHORT && why == R_KNOWN; side++)
        why = liqmap_within(m, (struct liqmap_side){s.venue, (enum pos_side)side, s.id}, WITHIN_5,
                            &near_base[side]);
    if (why != R_KNOWN) {
        cells_unknown(out, LM_N, why);
        return;
    }
    double px = liqmap_px(m, s.venue, s.id), oi = liqmap_oi(m, s.venue, s.id);
    double down = near_base[POS_LONG], up = near_base[POS_SHORT];
    double asym = down > 0 && up > 0 ? log(down / up) : NAN;
    put_cum(band, px, out);
    find_clusters(band, &near, &top);
    cell_or(&out[LM_NEAR_FRAC], cluster_at(&near), R_OFF_GRID);
    cell_or(&out[LM_NEAR_USD], near.mass > 0 ? near.mass * px : NAN, R_OFF_GRID);
    cell_or(&out[LM_TOP_FRAC], cluster_at(&top), R_OFF_GRID);
    cell_or(&out[LM_TOP_USD], top.mass > 0 ? top.mass * px : NAN, R_OFF_GRID);
    cell_or(&out[LM_NEFF], effective_bands(band), R_OFF_GRID);
    cell_or(&out[LM_ASYM], asym, R_OFF_GRID);
    cell_known(&out[LM_FLIGHT],
               fmin(liqmap_flight(m, s.venue, s.id, (enum pos_side)s.channel) / oi, 1));
    cell_known(&out[LM_SEEDED], liqmap_seeded(m, s.venue, s.id));
    cell_known(&out[LM_AGE], fmax((double)(now_us - liqmap_began(m, s.venue, s.id)) / 1e6, 0));
}

const struct metric_family family_liqmap = {
    .name = "liqmap",
    .table = MT_GROUP_ASSET_SIDE,
    .metrics = metrics,
    .n = LM_N,
    .period_s = 1,
    .eval = eval,
};
