/* Hands out the liquidation maps as arrays: each asset once in MAP_PERIOD_S, in turn by its row, so
 * that no tick tells them all. In: the model; out: the caller's sink. The surprising thing: an
 * unknown map has no row; the metrics of its bands say why. */
#include "risk/board.h"
#include "risk/liqmap.h"

static void tell_side(const struct risk *r, struct map_row *m, const struct risk_sink *sink)
{
    double mass[LIQMAP_BANDS];
    const struct liqmap *map = risk_model(r, MODEL_LIQMAP);
    enum unknown_reason why =
        liqmap_fill(map, (struct liqmap_side){m->venue, (enum pos_side)m->side, m->asset},
                    liqmap_edges, LIQMAP_BANDS, mass);
    if (why != R_KNOWN)
        return;
    m->mass_base = mass;
    sink->map(sink->arg, m);
}

void tell_maps(const struct risk *r, uint32_t row, int64_t now_us, const struct risk_sink *sink)
{
    const struct liqmap *map = risk_model(r, MODEL_LIQMAP);
    int64_t tick_s = now_us / 1000000;
    if (!sink->map || tick_s % MAP_PERIOD_S != row % MAP_PERIOD_S)
        return;
    uint32_t asset = r->asset[row].subject.id;
    for (int v = 0; v < r->conf.n_venues; v++) {
        uint8_t venue = (uint8_t)v;
        struct map_row m = {.t_us = now_us,
                            .venue = venue,
                            .asset = asset,
                            .px_ref = liqmap_px(map, venue, asset),
                            .seeded_frac = liqmap_seeded(map, venue, asset),
                            .oi_base = liqmap_oi(map, venue, asset),
                            .n = LIQMAP_BANDS,
                            .edge_frac = liqmap_edges};
        for (m.side = POS_LONG; m.side <= POS_SHORT; m.side++)
            tell_side(r, &m, sink);
    }
}
