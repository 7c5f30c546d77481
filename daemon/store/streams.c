/* See streams.h. One walk over the rows adds up the bytes of each column, a second one copies. The
 * surprising thing: a row holds every column of its stream, also those this database lacks; they
 * are left out here, so that the queue outlives a reconnect to a database with other columns. */
#include "store/streams.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define COLS(a) (a), (int)(sizeof(a) / sizeof((a)[0]))
#define PLAIN   NULL, NULL

static const struct col alert_cols[] = {{"t", COL_TIME},          {"seq", COL_I8},
                                        {"epoch", COL_I8},        {"n", COL_I8},
                                        {"alert_id", COL_I8},     {"rule", COL_TEXT},
                                        {"rule_version", COL_I8}, {"metric", COL_TEXT},
                                        {"venue", COL_TEXT},      {"asset", COL_TEXT},
                                        {"channel", COL_TEXT},    {"symbol", COL_TEXT},
                                        {"state", COL_TEXT},      {"was", COL_TEXT},
                                        {"severity", COL_TEXT},   {"severity_was", COL_TEXT},
                                        {"value", COL_F8},        {"threshold", COL_F8},
                                        {"peak", COL_F8},         {"cause", COL_TEXT},
                                        {"acked", COL_BOOL},      {"acked_by", COL_TEXT},
                                        {"silenced", COL_BOOL},   {"inhibited", COL_BOOL},
                                        {"t_pending", COL_TIME},  {"t_firing", COL_TIME},
                                        {"t_resolved", COL_TIME}, {"transitions", COL_I8}};
static const struct col gap_cols[] = {
    {"t_from", COL_TIME}, {"t_to", COL_TIME},  {"venue", COL_TEXT},  {"channel", COL_TEXT},
    {"symbol", COL_TEXT}, {"cause", COL_TEXT}, {"lost_rows", COL_I8}};
static const struct col universe_cols[] = {
    {"t", COL_TIME}, {"asset", COL_TEXT}, {"entered", COL_BOOL}, {"rank_usd", COL_F8}};
static const struct col venue_cols[] = {
    {"venue", COL_TEXT}, {"liq_coverage", COL_TEXT}, {"first_seen", COL_TIME}};
static const struct col asset_cols[] = {{"asset", COL_TEXT}, {"first_seen", COL_TIME}};
static const struct col metric_cols[] = {
    {"tbl", COL_TEXT},    {"metric", COL_TEXT}, {"unit", COL_TEXT}, {"quality", COL_TEXT},
    {"period_s", COL_I8}, {"lo", COL_F8},       {"hi", COL_F8},     {"help", COL_TEXT}};
static const struct col instrument_cols[] = {{"venue", COL_TEXT},
                                             {"symbol", COL_TEXT},
                                             {"base", COL_TEXT},
                                             {"quote", COL_TEXT},
                                             {"settle", COL_TEXT},
                                             {"asset", COL_TEXT},
                                             {"multiplier", COL_F8},
                                             {"ct_size", COL_F8},
                                             {"ct_unit", COL_TEXT},
                                             {"linear", COL_BOOL},
                                             {"tick", COL_F8},
                                             {"max_leverage", COL_F8},
                                             {"funding_interval_h", COL_F8},
                                             {"status", COL_TEXT},
                                             {"category", COL_TEXT},
                                             {"included", COL_BOOL},
                                             {"valid_from", COL_TIME}};
static const struct col liq_cols[] = {
    {"t", COL_TIME},        {"t_venue", COL_TIME}, {"venue", COL_TEXT},    {"symbol", COL_TEXT},
    {"asset", COL_TEXT},    {"closed", COL_TEXT},  {"px", COL_F8},         {"px_kind", COL_TEXT},
    {"fill_px", COL_F8},    {"qty", COL_F8},       {"qty_unit", COL_TEXT}, {"notional_usd", COL_F8},
    {"coverage", COL_TEXT}, {"final", COL_BOOL}};
static const struct col unknown_cols[] = {
    {"t_from", COL_TIME}, {"t_to", COL_TIME},    {"metric", COL_TEXT}, {"venue", COL_TEXT},
    {"asset", COL_TEXT},  {"channel", COL_TEXT}, {"symbol", COL_TEXT}, {"reason", COL_TEXT}};
static const struct col key_asset[] = {{"t", COL_TIME}, {"asset", COL_TEXT}};
static const struct col key_venue_asset[] = {
    {"t", COL_TIME}, {"venue", COL_TEXT}, {"asset", COL_TEXT}};
static const struct col key_feed[] = {
    {"t", COL_TIME}, {"venue", COL_TEXT}, {"channel", COL_TEXT}, {"symbol", COL_TEXT}};
static const struct col key_process[] = {{"t", COL_TIME}};
static const struct col key_scenario[] = {
    {"t", COL_TIME}, {"venue", COL_TEXT}, {"asset", COL_TEXT}, {"scenario", COL_TEXT}};

static const struct col key_side[] = {
    {"t", COL_TIME}, {"grp", COL_TEXT}, {"asset", COL_TEXT}, {"side", COL_TEXT}};
static const struct col key_asset_1m[] = {{"t", COL_TIME},
                                          {"asset", COL_TEXT},
                                          {"seconds", COL_I8},
                                          {"px_open_usd", COL_F8},
                                          {"basis_mean_bps", COL_F8}};
static const struct col key_venue_asset_1m[] = {
    {"t", COL_TIME}, {"venue", COL_TEXT}, {"asset", COL_TEXT}, {"seconds", COL_I8}};
static const struct col key_scenario_1m[] = {{"t", COL_TIME},
                                             {"venue", COL_TEXT},
                                             {"asset", COL_TEXT},
                                             {"scenario", COL_TEXT},
                                             {"evaluations", COL_I8}};
static const struct col key_side_1m[] = {{"t", COL_TIME},
                                         {"grp", COL_TEXT},
                                         {"asset", COL_TEXT},
                                         {"side", COL_TEXT},
                                         {"evaluations", COL_I8}};
/* The arrays travel as text: unnest would flatten arrays of arrays. */
static const struct col liqmap_cols[] = {
    {"t", COL_TIME},     {"grp", COL_TEXT},       {"asset", COL_TEXT},
    {"side", COL_TEXT},  {"px_ref", COL_F8},      {"seeded_frac", COL_F8},
    {"oi_base", COL_F8}, {"edge_frac", COL_TEXT}, {"mass_base", COL_TEXT}};

/* Ends of spans bring the whole row: should the beginning have been shed, the span is not lost. */
const struct stream_def stream_defs[STREAMS] = {
    [ST_ALERT] = {"alert", "alert_transition", COLS(alert_cols), -1, true, PLAIN},
    [ST_GAP] = {"gap", "feed_gap", COLS(gap_cols), -1, true, NULL, " ON CONFLICT DO NOTHING"},
    [ST_GAP_END] =
        {"gap_end", "feed_gap", COLS(gap_cols), -1, true,
         "INSERT INTO cascade_risk.feed_gap (run_id, t_from, t_to, venue, channel, symbol, cause,"
         " lost_rows) SELECT DISTINCT ON (t_from, venue, channel, symbol, cause) $1, u.* FROM ",
         " ORDER BY t_from, venue, channel, symbol, cause, t_to DESC"
         " ON CONFLICT (t_from, run_id, venue, channel, symbol, cause)"
         " DO UPDATE SET t_to = EXCLUDED.t_to"},
    [ST_LOST] =
        {"lost", "feed_gap", COLS(gap_cols), -1, true,
         "INSERT INTO cascade_risk.feed_gap AS g (run_id, t_from, t_to, venue, channel, symbol,"
         " cause, lost_rows) SELECT $1, u.* FROM ",
         " ON CONFLICT (t_from, run_id, venue, channel, symbol, cause) DO UPDATE SET"
         " t_to = greatest(g.t_to, EXCLUDED.t_to), lost_rows = g.lost_rows + EXCLUDED.lost_rows"},
    [ST_UNIVERSE] = {"universe", "universe_change", COLS(universe_cols), -1, true, PLAIN},
    [ST_VENUE] =
        {"venue", "venue", COLS(venue_cols), -1, false,
         "INSERT INTO cascade_risk.venue AS v (venue, liq_coverage, first_seen) SELECT u.* FROM ",
         " ON CONFLICT (venue) DO UPDATE SET liq_coverage = EXCLUDED.liq_coverage"
         " WHERE v.liq_coverage IS DISTINCT FROM EXCLUDED.liq_coverage"},
    [ST_ASSET] = {"asset", "asset", COLS(asset_cols), -1, false,
                  "INSERT INTO cascade_risk.asset (asset, first_seen) SELECT u.* FROM ",
                  " ON CONFLICT DO NOTHING"},
    [ST_METRIC] =
        {"metric", "metric", COLS(metric_cols), -1, false,
         "INSERT INTO cascade_risk.metric AS m (tbl, metric, unit, quality, period_s, lo, hi, help)"
         " SELECT u.* FROM ",
         " ON CONFLICT (tbl, metric) DO UPDATE SET (unit, quality, period_s, lo, hi, help) ="
         " (EXCLUDED.unit, EXCLUDED.quality, EXCLUDED.period_s, EXCLUDED.lo, EXCLUDED.hi,"
         " EXCLUDED.help) WHERE (m.*) IS DISTINCT FROM (EXCLUDED.*)"},
    [ST_INSTRUMENT] = {"instrument", "instrument", COLS(instrument_cols), -1, false,
                       "SELECT cascade_risk.instrument_put("
                       "ROW(NULL, u.*, NULL)::cascade_risk.instrument) FROM ",
                       ""},
    [ST_LIQUIDATION] = {"liquidation", "liquidation", COLS(liq_cols), -1, true, PLAIN},
    [ST_UNKNOWN] = {"unknown", "metric_unknown", COLS(unknown_cols), -1, true, NULL,
                    " ON CONFLICT DO NOTHING"},
    [ST_UNKNOWN_END] =
        {"unknown_end", "metric_unknown", COLS(unknown_cols), -1, true,
         "INSERT INTO cascade_risk.metric_unknown (run_id, t_from, t_to, metric, venue, asset,"
         " channel, symbol, reason) SELECT DISTINCT ON (asset, metric, venue, channel,"
         " symbol, t_from) $1, u.* FROM ",
         " ORDER BY asset, metric, venue, channel, symbol, t_from, t_to DESC"
         " ON CONFLICT (asset, metric, venue, channel, symbol, t_from, run_id)"
         " DO UPDATE SET t_to = EXCLUDED.t_to"},
    [ST_M_ASSET] = {"m_asset", "m_asset", COLS(key_asset), MT_ASSET, true, PLAIN},
    [ST_M_VENUE_ASSET] = {"m_venue_asset", "m_venue_asset", COLS(key_venue_asset), MT_VENUE_ASSET,
                          true, PLAIN},
    [ST_M_SCENARIO] = {"m_scenario", "m_scenario", COLS(key_scenario), MT_SCENARIO, true, PLAIN},
    [ST_M_FEED] = {"m_feed", "m_feed", COLS(key_feed), MT_FEED, true, PLAIN},
    [ST_M_PROCESS] = {"m_process", "m_process", COLS(key_process), MT_PROCESS, true, PLAIN},
    [ST_M_SIDE] = {"m_group_asset_side", "m_group_asset_side", COLS(key_side), MT_GROUP_ASSET_SIDE,
                   true, PLAIN},
    [ST_M_ASSET_1M] = {"m_asset_1m", "m_asset_1m", COLS(key_asset_1m), MT_ASSET, true, PLAIN},
    [ST_M_VENUE_ASSET_1M] = {"m_venue_asset_1m", "m_venue_asset_1m", COLS(key_venue_asset_1m),
                             MT_VENUE_ASSET, true, PLAIN},
    [ST_M_SCENARIO_1M] = {"m_scenario_1m", "m_scenario_1m", COLS(key_scenario_1m), MT_SCENARIO,
                          true, PLAIN},
    [ST_M_SIDE_1M] = {"m_group_asset_side_1m", "m_group_asset_side_1m", COLS(key_side_1m),
                      MT_GROUP_ASSET_SIDE, true, PLAIN},
    [ST_LIQMAP] = {"liqmap", "liqmap", COLS(liqmap_cols), -1, true,
                   "INSERT INTO cascade_risk.liqmap (run_id, t, grp, asset, side, px_ref,"
                   " seeded_frac, oi_base, edge_frac, mass_base) SELECT $1, u.t, u.grp, u.asset,"
                   " u.side, u.px_ref, u.seeded_frac, u.oi_base, u.edge_frac::float8[],"
                   " u.mass_base::float8[] FROM ",
                   ""},
};

static const struct {
    const char *array;
    uint32_t element_oid, array_oid;
} types[] = {
    [COL_TIME] = {"timestamptz[]", OID_TIME, OID_TIMES},
    [COL_TEXT] = {"text[]", OID_TEXT, OID_TEXTS},
    [COL_F8] = {"float8[]", OID_F8, OID_F8S},
    [COL_I8] = {"bigint[]", OID_I8, OID_I8S},
    [COL_BOOL] = {"boolean[]", OID_BOOL, OID_BOOLS},
};

const struct metric *stream_metric(enum stream_id s, int i)
{
    const struct stream_def *d = &stream_defs[s];
    int k = i - d->n_cols;
    if (d->metrics < 0 || k < 0)
        return NULL;
    if (stream_is_rollup(s))
        k /= ROLLUP_COLS;
    int engine = metric_columns((enum metric_table)d->metrics);
    if (k < engine)
        return metric_at(metric_by_column((enum metric_table)d->metrics, k));
    return d->metrics == MT_PROCESS && k - engine < store_n_process_metrics
               ? &store_process_metrics[k - engine]
               : NULL;
}

const char *stream_name(enum stream_id s)
{
    return stream_defs[s].name;
}

int stream_columns(enum stream_id s)
{
    const struct stream_def *d = &stream_defs[s];
    int n = d->n_cols;
    if (d->metrics >= 0)
        n +=
            metric_columns((enum metric_table)d->metrics) * (stream_is_rollup(s) ? ROLLUP_COLS : 1);
    if (d->metrics == MT_PROCESS)
        n += store_n_process_metrics;
    assert(n <= STREAM_COLS_MAX);
    return n;
}

struct col stream_column(enum stream_id s, int i)
{
    static const char *const suffix[ROLLUP_COLS] = {"", "_min", "_max"};
    const struct stream_def *d = &stream_defs[s];
    struct col c = {.type = COL_F8};
    if (i < d->n_cols)
        return d->cols[i];
    const struct metric *m = stream_metric(s, i);
    assert(m);
    int n = snprintf(c.name, sizeof(c.name), "%s%s", m->name,
                     stream_is_rollup(s) ? suffix[(i - d->n_cols) % ROLLUP_COLS] : "");
    assert(n > 0 && (size_t)n < sizeof(c.name));
    return c;
}

static void put_columns(struct text *t, enum stream_id s, const struct stream_plan *p)
{
    for (int i = 0, n = stream_columns(s); i < n; i++)
        if (p->have[i])
            text_fmt(t, ", %s", stream_column(s, i).name);
}

static void put_unnest(struct text *t, enum stream_id s, const struct stream_plan *p)
{
    int at = 2;
    text_str(t, "unnest(");
    for (int i = 0, n = stream_columns(s); i < n; i++)
        if (p->have[i])
            text_fmt(t, "%s$%d::%s", at > 2 ? ", " : "", at, types[stream_column(s, i).type].array),
                at++;
    text_str(t, ") AS u(");
    for (int i = 0, n = stream_columns(s), k = 0; i < n; i++)
        if (p->have[i])
            text_fmt(t, "%s%s", k++ ? ", " : "", stream_column(s, i).name);
    text_str(t, ")");
}

void stream_plan_sql(enum stream_id s, struct stream_plan *p)
{
    const struct stream_def *d = &stream_defs[s];
    struct text t;
    text_init(&t, p->sql, sizeof(p->sql));
    if (d->head) {
        text_str(&t, d->head);
    } else {
        text_fmt(&t, "INSERT INTO cascade_risk.%s (run_id", d->table);
        put_columns(&t, s, p);
        text_str(&t, ") SELECT $1, u.* FROM ");
    }
    put_unnest(&t, s, p);
    text_str(&t, d->tail ? d->tail : "");
    assert(!t.full);
    p->all = true;
    for (int i = 0, n = stream_columns(s); i < n; i++)
        p->all = p->all && p->have[i];
    p->copy[0] = 0;
    if (d->head || d->tail)
        return;
    text_init(&t, p->copy, sizeof(p->copy));
    text_fmt(&t, "COPY cascade_risk.%s (run_id", d->table);
    put_columns(&t, s, p);
    text_str(&t, ") FROM STDIN (FORMAT binary)");
    assert(!t.full);
}

/* ---- packing -------------------------------------------------------------------------------- */

#define ARRAY_HEAD 20 /* dimensions, has-null, type, length, lower bound */

/* COPY: a signature, flags and extension; each row begins with its count of columns and the run. */
#define COPY_HEAD     19
#define COPY_ROW_HEAD 14

size_t stream_params_bytes(size_t row_bytes, size_t rows)
{
    size_t unnest = (size_t)STREAM_COLS_MAX * ARRAY_HEAD;
    size_t copy = STREAMS * (COPY_HEAD + 2) + rows * COPY_ROW_HEAD;
    return row_bytes + (unnest > copy ? unnest : copy);
}

static void put_array_head(uint8_t *p, uint32_t element_oid, int n)
{
    put_be32(p, 1);
    put_be32(p + 4, 1);
    put_be32(p + 8, element_oid);
    put_be32(p + 12, (uint32_t)n);
    put_be32(p + 16, 1);
}

/* Bytes of each column over the rows of s; returns how many rows. */
static int measure(enum stream_id s, const struct packed_row *rows, int n,
                   size_t size[STREAM_COLS_MAX])
{
    int count = 0, columns = stream_columns(s);
    memset(size, 0, STREAM_COLS_MAX * sizeof(*size));
    for (int i = 0; i < n; i++) {
        if (rows[i].stream != s)
            continue;
        const uint8_t *p = rows[i].data;
        for (int c = 0; c < columns; c++) {
            size_t len = 4 + row_element_len(p);
            size[c] += len;
            p += len;
        }
        assert(p == rows[i].data + rows[i].len);
        count++;
    }
    return count;
}

struct layout {
    int count;                    /* rows */
    size_t size[STREAM_COLS_MAX]; /* bytes of each column's elements */
    uint8_t *at[STREAM_COLS_MAX]; /* where the next one goes; NULL = the table lacks the column */
};

static int lay_out(enum stream_id s, const struct stream_plan *p, struct layout *l,
                   struct stream_params *out)
{
    for (int c = 0, columns = stream_columns(s); c < columns; c++) {
        l->at[c] = NULL;
        if (!p->have[c])
            continue;
        if (out->cap - out->used < ARRAY_HEAD + l->size[c])
            return E_LIMIT;
        uint8_t *base = out->mem + out->used;
        uint8_t type = stream_column(s, c).type;
        put_array_head(base, types[type].element_oid, l->count);
        out->param[out->n++] =
            (struct db_param){types[type].array_oid, base, ARRAY_HEAD + l->size[c]};
        l->at[c] = base + ARRAY_HEAD;
        out->used += ARRAY_HEAD + l->size[c];
    }
    return E_OK;
}

int stream_pack(enum stream_id s, const struct stream_plan *p, const struct packed_row *rows, int n,
                struct stream_params *out)
{
    struct layout l;
    int columns = stream_columns(s);
    l.count = measure(s, rows, n, l.size);
    out->n = 1; /* parameter 1, the run, is the caller's */
    out->used = 0;
    if (l.count == 0)
        return 0;
    if (lay_out(s, p, &l, out) < 0)
        return E_LIMIT;
    for (int i = 0; i < n; i++) {
        if (rows[i].stream != s)
            continue;
        const uint8_t *from = rows[i].data;
        for (int c = 0; c < columns; c++) {
            size_t len = 4 + row_element_len(from);
            if (l.at[c]) {
                if (len == 12) /* nearly all are numbers: a copy of fixed length is a few moves */
                    memcpy(l.at[c], from, 12);
                else
                    memcpy(l.at[c], from, len);
                l.at[c] += len;
            }
            from += len;
        }
    }
    return l.count;
}

/* Our form of a row is COPY's, but for columns this database lacks. */
static size_t copy_columns(enum stream_id s, const struct stream_plan *p,
                           const struct packed_row *r, uint8_t *to)
{
    const uint8_t *from = r->data;
    uint8_t *at = to;
    if (p->all) {
        memcpy(to, from, r->len);
        return r->len;
    }
    for (int c = 0, columns = stream_columns(s); c < columns; c++) {
        size_t len = 4 + row_element_len(from);
        if (p->have[c]) {
            memcpy(at, from, len);
            at += len;
        }
        from += len;
    }
    return (size_t)(at - to);
}

int stream_copy(enum stream_id s, const struct stream_plan *p, struct row_span in, int64_t run,
                struct stream_params *out)
{
    int count = 0, columns = 1;
    uint8_t *at = out->mem;
    memcpy(at, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", COPY_HEAD);
    at += COPY_HEAD;
    for (int c = 0, n = stream_columns(s); c < n; c++)
        columns += p->have[c];
    for (int i = 0; i < in.n; i++) {
        if (in.rows[i].stream != s)
            continue;
        if (out->cap - (size_t)(at - out->mem) < COPY_ROW_HEAD + in.rows[i].len + 2)
            return E_LIMIT;
        at[0] = (uint8_t)(columns >> 8);
        at[1] = (uint8_t)columns;
        put_be32(at + 2, 8);
        put_be64(at + 6, (uint64_t)run);
        at += COPY_ROW_HEAD;
        at += copy_columns(s, p, &in.rows[i], at);
        count++;
    }
    memset(at, 0xff, 2);
    out->used = (size_t)(at + 2 - out->mem);
    return count;
}

size_t stream_row_bytes(void)
{
    size_t most = 0;
    for (int s = 0; s < STREAMS; s++) {
        size_t n = 0;
        for (int i = 0, c = stream_columns((enum stream_id)s); i < c; i++)
            n += stream_column((enum stream_id)s, i).type == COL_TEXT ? 28 : 12;
        if (n > most)
            most = n;
    }
    return most;
}
