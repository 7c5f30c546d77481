/* feeds.list and instruments.list. The link of a connection and the liveness of a channel are two
 * things: a link that is up proves nothing about its channels, so both are listed. */
#include "serve/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKS_CAP 256

static const char *channel_of(uint8_t venue, uint8_t channel)
{
    const struct venue *v = venue < n_venues ? venues[venue] : NULL;
    return v && channel < v->n_channels ? v->channels[channel].name : NULL;
}

static void out_time(struct text *t, const char *key, int64_t t_us)
{
    text_key(t, key);
    if (t_us)
        text_i64(t, t_us);
    else
        text_str(t, "null");
}

static void out_link(struct text *t, const struct link_status *l)
{
    const struct venue *v = venues[l->venue];
    int route = CONN_ROUTE(l->conn);
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "venue", v->name);
    text_kv_str(t, "route", route < v->n_routes ? v->routes[route].name : NULL);
    text_kv_i64(t, "shard", CONN_SHARD(l->conn));
    text_kv_str(t, "side", CONN_AB(l->conn) ? "b" : "a");
    text_kv_str(t, "state", link_state_name((enum link_state)l->state));
    text_kv_i64(t, "streams_wanted", l->streams_wanted);
    text_kv_i64(t, "streams_acked", l->streams_acked);
    text_kv_i64(t, "messages", (int64_t)l->messages);
    text_kv_i64(t, "bytes", (int64_t)l->bytes);
    text_kv_i64(t, "connects", (int64_t)l->connects);
    text_kv_i64(t, "failures", (int64_t)l->failures);
    text_kv_i64(t, "oversized", (int64_t)l->oversized);
    text_kv_i64(t, "subs_delayed", (int64_t)l->subs_delayed);
    out_time(t, "t_up_us", l->t_up_us);
    out_time(t, "t_retry_us", l->t_retry_us);
    text_kv_str(t, "url", l->url);
    text_kv_str(t, "last_error", l->last_error[0] ? l->last_error : NULL);
    text_char(t, '}');
}

/* A venue without a connection yet: said, not left out. */
static void out_no_link(struct text *t, int venue)
{
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "venue", venues[venue]->name);
    text_kv_str(t, "route", NULL);
    text_kv_str(t, "state", "idle");
    text_kv_i64(t, "streams_wanted", 0);
    text_kv_i64(t, "streams_acked", 0);
    text_kv_i64(t, "messages", 0);
    text_kv_str(t, "last_error", NULL);
    text_char(t, '}');
}

void out_links(struct rpc_call *r, const char *key, int venue)
{
    static struct link_status links[LINKS_CAP]; /* 128 KiB: not for the stack */
    const struct feeds *f = r->s->d.feeds(r->s->d.arg);
    int n = f ? feeds_links(f, links, LINKS_CAP) : 0;
    uint32_t seen = 0;
    text_key(r->out, key);
    text_char(r->out, '[');
    for (int i = 0; i < n && i < LINKS_CAP; i++) {
        seen |= 1u << links[i].venue;
        if (venue < 0 || venue == links[i].venue)
            out_link(r->out, &links[i]);
    }
    for (int v = 0; v < n_venues; v++)
        if ((venue < 0 || venue == v) && (r->s->venues & ~seen & 1u << v))
            out_no_link(r->out, v);
    text_char(r->out, ']');
}

void out_rest(struct rpc_call *r, const char *key, int venue)
{
    const struct feeds *f = r->s->d.feeds(r->s->d.arg);
    struct text *t = r->out;
    text_key(t, key);
    text_char(t, '[');
    for (int v = 0; f && v < n_venues; v++) {
        struct rest_status st;
        if (!(r->s->venues & 1u << v) || (venue >= 0 && venue != v))
            continue;
        memset(&st, 0, sizeof(st));
        feeds_rest(f, (uint8_t)v, &st);
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "venue", venues[v]->name);
        text_kv_i64(t, "requests", (int64_t)st.requests);
        text_kv_i64(t, "ok", (int64_t)st.ok);
        text_kv_i64(t, "failed", (int64_t)st.failed);
        text_kv_i64(t, "limited", (int64_t)st.limited);
        text_kv_i64(t, "pages", (int64_t)st.pages);
        text_kv_i64(t, "pages_cut", (int64_t)st.pages_cut);
        text_kv_i64(t, "weight_used_min", st.weight_used_min);
        text_kv_i64(t, "queued", st.queued);
        text_kv_i64(t, "in_flight", st.in_flight);
        out_time(t, "t_banned_until_us", st.t_banned_until_us);
        text_kv_str(t, "last_error", st.last_error[0] ? st.last_error : NULL);
        text_char(t, '}');
    }
    text_char(t, ']');
}

static double seconds_since(int64_t now_us, int64_t t_us)
{
    return t_us ? (double)(now_us - t_us) / 1e6 : NAN;
}

static void out_live(struct rpc_call *r, const struct engine *e, const struct live_row *l)
{
    struct text *t = r->out;
    struct subject s = {MT_FEED, l->venue, l->channel, l->inst};
    const char *asset = asset_label(e, s);
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "venue", venues[l->venue]->name);
    text_kv_str(t, "channel", channel_of(l->venue, l->channel));
    text_kv_str(t, "symbol",
                l->inst < directory_count(engine_directory(e))
                    ? directory_get(engine_directory(e), l->inst)->symbol
                    : NULL);
    text_kv_str(t, "asset", *asset ? asset : NULL);
    text_kv_str(t, "state", live_state_name((enum live_state)l->state));
    text_kv_str(t, "transport", l->conn == CONN_REST ? "rest" : "ws");
    text_kv_bool(t, "acked", l->acked);
    text_kv_bool(t, "sparse", l->sparse);
    text_kv_num(t, "age_s", seconds_since(r->now_us, l->t_last_us));
    text_kv_num(t, "up_s", seconds_since(r->now_us, l->t_up_us));
    text_kv_i64(t, "first_s", l->first_s);
    text_kv_i64(t, "silent_s", l->silent_s);
    text_kv_i64(t, "period_s", l->period_s);
    text_kv_i64(t, "n_data", (int64_t)l->n_data);
    text_kv_i64(t, "n_gaps", (int64_t)l->n_gaps);
    text_kv_bool(t, "gap_open", l->gap_open);
    text_kv_i64(t, "poll_fails", l->poll_fails);
    text_kv_i64(t, "renews", l->renew_n);
    text_char(t, '}');
}

enum rpc_err rpc_feeds_list(struct rpc_call *r)
{
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    const struct live *live = market_live(engine_market(e));
    const char *state = rpc_str(r, "state");
    int venue, wanted = -1;
    enum rpc_err err = rpc_venue(r, "venue", &venue);
    for (int s = 0; state && s < LIVE_STATES; s++)
        if (strcmp(live_state_name((enum live_state)s), state) == 0)
            wanted = s;
    if (err != RPC_OK || (state && wanted < 0))
        return err != RPC_OK
                   ? err
                   : rpc_fail(r, RPC_PARAMS, "state: must be down, waiting, ok, silent or refused");
    text_str(r->out, "{\"now_us\":");
    text_i64(r->out, r->now_us);
    out_links(r, "links", venue);
    out_rest(r, "rest", venue);
    text_key(r->out, "channels");
    text_char(r->out, '[');
    for (int i = 0; i < live_count(live); i++) {
        const struct live_row *l = live_at(live, i);
        if (l && (venue < 0 || l->venue == venue) && (wanted < 0 || l->state == wanted))
            out_live(r, e, l);
    }
    text_str(r->out, "]}");
    return RPC_OK;
}

static void out_instrument(struct text *t, const struct engine *e, const struct instrument *i)
{
    const struct directory *d = engine_directory(e);
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "venue", venues[i->venue]->name);
    text_kv_str(t, "symbol", i->symbol);
    text_kv_str(t, "asset",
                i->asset < directory_asset_count(d) ? directory_asset_name(d, i->asset) : NULL);
    text_kv_bool(t, "tracked", market_slot(engine_market(e), i->id) != NULL);
    text_kv_bool(t, "included", i->included);
    text_kv_str(t, "status", inst_status_name(i->status));
    text_kv_str(t, "category", inst_category_name(i->category));
    text_kv_str(t, "base", i->base);
    text_kv_str(t, "quote", i->quote);
    text_kv_str(t, "settle", i->settle);
    text_kv_num(t, "multiplier", i->multiplier);
    text_kv_num(t, "ct_size", i->ct_size);
    text_kv_str(t, "ct_unit", qty_unit_name(i->ct_unit));
    text_key(t, "linear");
    text_str(t, i->linear < 0 ? "null" : i->linear ? "true" : "false");
    text_kv_num(t, "max_leverage", i->max_leverage);
    text_kv_num(t, "funding_interval_h", i->funding_interval_h);
    text_kv_i64(t, "tiers", i->n_tiers);
    text_kv_num(t, "oi_usd", market_bulk_oi_usd(engine_market(e), i->id));
    text_kv_num(t, "volume_24h_usd", market_bulk_volume_usd(engine_market(e), i->id));
    text_char(t, '}');
}

enum rpc_err rpc_instruments_list(struct rpc_call *r)
{
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    const struct directory *d = engine_directory(e);
    const char *tracked = rpc_str(r, "tracked"), *asset = rpc_str(r, "asset");
    int venue;
    enum rpc_err err = rpc_venue(r, "venue", &venue);
    if (err != RPC_OK)
        return err;
    if (tracked && strcmp(tracked, "yes") != 0 && strcmp(tracked, "no") != 0)
        return rpc_fail(r, RPC_PARAMS, "tracked: must be yes or no");
    uint32_t only = asset ? directory_asset_find(d, slice_of(asset)) : ASSET_NONE;
    text_str(r->out, "{\"instruments\":[");
    for (uint32_t id = 0; id < directory_count(d); id++) {
        const struct instrument *i = directory_get(d, id);
        bool is_tracked = market_slot(engine_market(e), id) != NULL;
        if ((venue >= 0 && i->venue != venue) ||
            (asset && (only == ASSET_NONE || i->asset != only)))
            continue;
        if (!tracked || is_tracked == (strcmp(tracked, "yes") == 0))
            out_instrument(r->out, e, i);
    }
    text_str(r->out, "]}");
    return RPC_OK;
}
