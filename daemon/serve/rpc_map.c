/* map: the liquidation map of an asset as of the last tick, per venue, both sides as arrays. The
 * surprising thing: a venue whose map is unknown is listed with the reason, never left out and
 * never zero. */
#include "risk/liqmap.h"
#include "serve/rpc.h"

static void out_array(struct text *t, const char *key, const double *x, int n)
{
    text_key(t, key);
    text_char(t, '[');
    for (int i = 0; i < n; i++) {
        if (i > 0)
            text_char(t, ',');
        text_num(t, x[i]);
    }
    text_char(t, ']');
}

static void out_side(struct text *t, const struct liqmap *m, uint8_t venue, uint32_t asset,
                     enum pos_side side)
{
    double mass[LIQMAP_BANDS];
    enum unknown_reason why =
        liqmap_fill(m, (struct liqmap_side){venue, side, asset}, liqmap_edges, LIQMAP_BANDS, mass);
    const char *key = side == POS_LONG ? "long_base" : "short_base";
    if (why == R_KNOWN)
        out_array(t, key, mass, LIQMAP_BANDS);
    else
        text_kv_str(t, key, NULL);
    text_kv_num(t, side == POS_LONG ? "flight_long_base" : "flight_short_base",
                liqmap_flight(m, venue, asset, side));
}

static void out_map(struct text *t, const struct liqmap *m, uint8_t venue, uint32_t asset)
{
    enum unknown_reason why = liqmap_reason(m, venue, asset);
    int64_t began_us = liqmap_began(m, venue, asset);
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "venue", venues[venue]->name);
    text_kv_str(t, "unknown", why == R_KNOWN ? NULL : unknown_reason_name(why));
    text_kv_num(t, "px_ref", liqmap_px(m, venue, asset));
    text_kv_num(t, "oi_base", liqmap_oi(m, venue, asset));
    text_kv_num(t, "seeded_frac", liqmap_seeded(m, venue, asset));
    text_key(t, "t_began_us");
    if (began_us)
        text_i64(t, began_us);
    else
        text_str(t, "null");
    out_side(t, m, venue, asset, POS_LONG);
    out_side(t, m, venue, asset, POS_SHORT);
    text_char(t, '}');
}

enum rpc_err rpc_map(struct rpc_call *r)
{
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    const struct liqmap *m = risk_model(engine_risk(e), MODEL_LIQMAP);
    const char *name = rpc_str(r, "asset");
    uint32_t asset = directory_asset_find(engine_directory(e), slice_of(name));
    int only;
    enum rpc_err err = rpc_venue(r, "venue", &only);
    if (err != RPC_OK)
        return err;
    if (asset == ASSET_NONE ||
        !risk_row(engine_risk(e), (struct subject){MT_ASSET, 255, 255, asset}))
        return rpc_fail(r, RPC_PARAMS, "asset: %s is not tracked", name);
    text_str(r->out, "{\"now_us\":");
    text_i64(r->out, r->now_us);
    text_kv_str(r->out, "asset", name);
    text_kv_str(r->out, "quality", "modelled, uncalibrated");
    text_kv_str(r->out, "assumes", models[MODEL_LIQMAP]->help);
    out_array(r->out, "edge_frac", liqmap_edges, LIQMAP_BANDS + 1);
    text_key(r->out, "maps");
    text_char(r->out, '[');
    for (int v = 0; v < risk_venues(engine_risk(e)); v++)
        if (only < 0 ? r->s->venues >> v & 1 : v == only)
            out_map(r->out, m, (uint8_t)v, asset);
    text_str(r->out, "]}");
    return RPC_OK;
}
