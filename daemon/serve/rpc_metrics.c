/* Methods about metrics: which ones, of which subjects, and their rows. One row per subject; a
 * value that is unknown is null, and its reason stands in `unknown` of the same row. */
#include "serve/rpc.h"

#include <stdio.h>
#include <string.h>

static int table_find(const char *name)
{
    for (int t = 0; t < MT_TABLES; t++)
        if (strcmp(metric_table_name((enum metric_table)t), name) == 0)
            return t;
    return -1;
}

/* Marks one name in every table asked for; false when none has it. */
static bool mark_name(struct metric_query *q, const char *name)
{
    const char *dot = strchr(name, '.');
    bool found = false;
    for (int t = 0; t < MT_TABLES; t++) {
        const char *table = metric_table_name((enum metric_table)t);
        if (!(q->tables & 1u << t) || (dot && strncmp(table, name, (size_t)(dot - name)) != 0))
            continue;
        int id = metric_find(slice_of(dot ? dot + 1 : name), (enum metric_table)t);
        if (id >= 0 && id < METRICS_CAP)
            found = q->want[id] = true;
    }
    return found;
}

/* Rows of tables none of whose metrics are wanted are left out. */
static void narrow_tables(struct metric_query *q)
{
    uint32_t seen = 0;
    for (int id = 0; id < metric_count() && id < METRICS_CAP; id++)
        if (q->want[id])
            seen |= 1u << metric_family_of(id)->table;
    q->tables &= seen;
    if (q->asset[0])
        q->tables &= ~(1u << MT_PROCESS);
    if (q->venue >= 0)
        q->tables &= ~(1u << MT_PROCESS | 1u << MT_ASSET);
}

static enum rpc_err query_names(struct rpc_call *r, struct metric_query *q)
{
    const json_t *names = rpc_get(r, "names");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!mark_name(q, name))
            return rpc_fail(r, RPC_PARAMS, "names: there is no metric \"%.60s\"%s", name,
                            rpc_has(r, "table") ? " in that table" : "");
    }
    for (int id = 0; !names && id < metric_count() && id < METRICS_CAP; id++)
        q->want[id] = q->tables & 1u << metric_family_of(id)->table;
    narrow_tables(q);
    return q->tables ? RPC_OK
                     : rpc_fail(r, RPC_PARAMS, "no row can have these metrics, asset and venue");
}

enum rpc_err rpc_query(struct rpc_call *r, struct metric_query *q)
{
    const char *table = rpc_str(r, "table"), *asset = rpc_str(r, "asset");
    const struct directory *d = engine_directory(r->s->d.engine(r->s->d.arg));
    int t = table ? table_find(table) : 0;
    memset(q, 0, sizeof(*q));
    if (t < 0)
        return rpc_fail(
            r, RPC_PARAMS,
            "table: must be m_asset, m_venue_asset, m_group_asset_side, m_scenario, m_feed "
            "or m_process");
    q->tables = table ? 1u << t : (1u << MT_TABLES) - 1;
    enum rpc_err e = rpc_venue(r, "venue", &q->venue);
    if (e != RPC_OK)
        return e;
    if (asset && (strlen(asset) >= sizeof(q->asset) ||
                  directory_asset_find(d, slice_of(asset)) == ASSET_NONE))
        return rpc_fail(r, RPC_PARAMS, "asset: no venue has named \"%.40s\"", asset);
    snprintf(q->asset, sizeof(q->asset), "%s", asset ? asset : "");
    return query_names(r, q);
}

static void out_row(struct text *t, const struct engine *e, const struct metric_query *q,
                    struct subject s)
{
    const struct cell *row = risk_row(engine_risk(e), s);
    int n = metric_columns((enum metric_table)s.table);
    if (!row || (q->asset[0] && strcmp(asset_label(e, s), q->asset) != 0))
        return;
    out_item(t);
    text_char(t, '{');
    text_kv_str(t, "table", metric_table_name((enum metric_table)s.table));
    out_subject(t, e, s);
    for (int pass = 0; pass < 2; pass++) {
        text_key(t, pass ? "unknown" : "values");
        text_char(t, '{');
        for (int c = 0; c < n; c++) {
            int id = metric_by_column((enum metric_table)s.table, c);
            if (!q->want[id])
                continue;
            if (pass == 0)
                text_kv_num(t, metric_at(id)->name, row[c].value);
            else if (row[c].reason != R_KNOWN)
                text_kv_str(t, metric_at(id)->name,
                            unknown_reason_name((enum unknown_reason)row[c].reason));
        }
        text_char(t, '}');
    }
    text_char(t, '}');
}

/* Every venue, then all pooled (venue null), which a question for one venue leaves out. */
static void out_scenario_rows(struct text *t, const struct engine *e, const struct metric_query *q,
                              uint32_t asset)
{
    int n = risk_venues(engine_risk(e));
    for (int v = 0; v <= n; v++) {
        uint8_t venue = v == n ? 255 : (uint8_t)v;
        for (unsigned k = 0; (q->venue < 0 || q->venue == v) && scenario_name(k); k++)
            out_row(t, e, q, (struct subject){MT_SCENARIO, venue, (uint8_t)k, asset});
    }
}

static void out_side_rows(struct text *t, const struct engine *e, const struct metric_query *q,
                          uint32_t asset)
{
    for (int v = 0; v < risk_venues(engine_risk(e)); v++)
        for (int side = POS_LONG; (q->venue < 0 || q->venue == v) && side <= POS_SHORT; side++)
            out_row(t, e, q,
                    (struct subject){MT_GROUP_ASSET_SIDE, (uint8_t)v, (uint8_t)side, asset});
}

static void out_asset_rows(struct text *t, const struct engine *e, const struct metric_query *q)
{
    const struct risk *r = engine_risk(e);
    for (int i = 0; i < risk_assets(r); i++) {
        uint32_t asset = risk_asset_at(r, i);
        if (q->tables & 1u << MT_ASSET)
            out_row(t, e, q, (struct subject){MT_ASSET, 255, 255, asset});
        for (int v = 0; (q->tables & 1u << MT_VENUE_ASSET) && v < risk_venues(r); v++)
            if (q->venue < 0 || q->venue == v)
                out_row(t, e, q, (struct subject){MT_VENUE_ASSET, (uint8_t)v, 255, asset});
        if (q->tables & 1u << MT_SCENARIO)
            out_scenario_rows(t, e, q, asset);
        if (q->tables & 1u << MT_GROUP_ASSET_SIDE)
            out_side_rows(t, e, q, asset);
    }
}

static void out_feed_rows(struct text *t, const struct engine *e, const struct metric_query *q)
{
    const struct live *l = market_live(engine_market(e));
    for (int i = 0; i < live_count(l); i++) {
        const struct live_row *row = live_at(l, i);
        if (row && (q->venue < 0 || q->venue == row->venue))
            out_row(t, e, q, (struct subject){MT_FEED, row->venue, row->channel, row->inst});
    }
}

void out_samples(struct text *t, const struct engine *e, const struct metric_query *q)
{
    text_key(t, "rows");
    text_char(t, '[');
    out_asset_rows(t, e, q);
    if (q->tables & 1u << MT_FEED)
        out_feed_rows(t, e, q);
    if (q->tables & 1u << MT_PROCESS)
        out_row(t, e, q, (struct subject){MT_PROCESS, 255, 255, INST_NONE});
    text_char(t, ']');
}

static void out_metrics(struct text *t, const struct metric_query *q)
{
    text_key(t, "metrics");
    text_char(t, '[');
    for (int id = 0; id < metric_count() && id < METRICS_CAP; id++) {
        const struct metric *m = metric_at(id);
        int table = metric_family_of(id)->table;
        if (!q->want[id] || !(q->tables & 1u << table))
            continue;
        out_item(t);
        text_char(t, '{');
        text_kv_str(t, "name", m->name);
        text_kv_str(t, "table", metric_table_name((enum metric_table)table));
        text_kv_str(t, "unit", m->unit);
        text_kv_str(t, "quality", quality_name(m->quality));
        text_char(t, '}');
    }
    text_char(t, ']');
}

enum rpc_err rpc_metrics_get(struct rpc_call *r)
{
    struct metric_query q;
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    enum rpc_err err = rpc_query(r, &q);
    if (err != RPC_OK)
        return err;
    text_str(r->out, "{\"t_us\":");
    text_i64(r->out, engine_now(e));
    out_metrics(r->out, &q);
    out_samples(r->out, e, &q);
    text_char(r->out, '}');
    return RPC_OK;
}

enum rpc_err rpc_metrics_subscribe(struct rpc_call *r)
{
    struct metric_query q;
    int64_t period_s = rpc_int(r, "period_s", 1);
    enum rpc_err err = rpc_query(r, &q);
    if (err != RPC_OK)
        return err;
    if (period_s < 1 || period_s > 3600)
        return rpc_fail(r, RPC_PARAMS, "period_s: must be 1 to 3600");
    struct sub *sub = stream_add(r->c);
    if (!sub)
        return rpc_fail(r, RPC_LIMIT, "at most %d subscriptions on one connection", SUBS_MAX);
    sub->metrics = true;
    sub->query = q;
    sub->period_s = (uint32_t)period_s;
    text_fmt(r->out, "{\"subscription\":\"%u\"", sub->id);
    out_metrics(r->out, &q);
    text_char(r->out, '}');
    return RPC_OK;
}
