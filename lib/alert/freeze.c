/* Alerts over a restart: NDJSON by names, one active alert a line, both ways. In and out: text. Ids
 * of assets, venues, channels and rules belong to one process, so none is written. A thawed alert
 * is frozen as of the moment it was written: the time in between counts neither for `for` nor for
 * `keep`. */
#include "alert/state.h"

#include "base/scan.h"

/* ---- out
 * ----------------------------------------------------------------------------------------- */

static void put_subject(const struct alerts *a, struct subject s, const struct directory *dir,
                        struct text *out)
{
    bool venue = s.venue < a->names.n_venues, feed = s.table == MT_FEED;
    unsigned keys = metric_table_keys((enum metric_table)s.table);
    bool asset = keys & KEY_ASSET;
    text_kv_str(out, "table", metric_table_name((enum metric_table)s.table));
    text_kv_str(out, "venue", venue ? a->names.venues[s.venue] : NULL);
    text_kv_str(out, "channel",
                keys & KEY_PART ? metric_part_name((enum metric_table)s.table, s.channel)
                : venue && feed ? a->names.channel(s.venue, s.channel)
                                : NULL);
    text_kv_str(out, "symbol", feed && s.id != INST_NONE ? directory_get(dir, s.id)->symbol : NULL);
    text_kv_str(out, "asset", asset ? directory_asset_name(dir, s.id) : NULL);
}

static void put_levels(const struct entry *e, struct text *out)
{
    text_key(out, "levels");
    text_char(out, '[');
    for (int i = 0; i < RULE_LEVELS; i++) {
        text_str(out, i ? ",{" : "{");
        text_kv_bool(out, "on", e->level[i].on);
        text_kv_i64(out, "since_us", e->level[i].since_us);
        text_char(out, '}');
    }
    text_char(out, ']');
}

static void put_entry(const struct alerts *a, const struct entry *e, const struct directory *dir,
                      struct text *out)
{
    size_t before = out->len;
    text_char(out, '{');
    text_kv_str(out, "rule", a->rules->rule[e->a.rule].name);
    put_subject(a, e->a.subject, dir, out);
    text_kv_str(out, "state", alert_state_name(e->a.state));
    text_kv_str(out, "severity", severity_name(e->a.severity));
    text_kv_i64(out, "t_us", e->frozen_us ? e->frozen_us : a->now_us);
    text_kv_i64(out, "t_pending_us", e->a.t_pending_us);
    text_kv_i64(out, "t_firing_us", e->a.t_firing_us);
    text_kv_i64(out, "clear_us", e->clear_us);
    text_kv_num(out, "threshold", e->a.threshold);
    text_kv_num(out, "peak", e->a.peak);
    text_kv_bool(out, "acked", e->a.acked);
    text_kv_str(out, "ack_by", e->a.ack_by);
    put_levels(e, out);
    text_str(out, "}\n");
    if (out->full) { /* no half line: what was written before stays readable */
        out->len = before;
        out->buf[before] = 0;
    }
}

void alerts_freeze(const struct alerts *a, const struct directory *dir, struct text *out)
{
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used)
            put_entry(a, &a->entry[i], dir, out);
}

/* ---- in
 * ------------------------------------------------------------------------------------------ */

struct line {
    struct slice rule, table, venue, channel, symbol, asset, state, severity, ack_by;
    int64_t t_us, t_pending_us, t_firing_us, clear_us;
    double threshold, peak;
    bool acked;
    struct level_state level[RULE_LEVELS];
};

static void read_level(struct scan *s, struct level_state *l)
{
    struct slice key;
    if (scan_object(s) != 0)
        return;
    while (scan_key(s, &key)) {
        if (slice_is(key, "on"))
            scan_bool(s, &l->on);
        else if (slice_is(key, "since_us"))
            scan_i64(s, &l->since_us);
        else
            scan_skip(s);
    }
}

static void read_levels(struct scan *s, struct line *out)
{
    int n = 0;
    if (scan_array(s) != 0)
        return;
    while (scan_item(s)) {
        if (n < RULE_LEVELS)
            read_level(s, &out->level[n++]);
        else
            scan_skip(s);
    }
}

/* Fields by name: text, times and numbers are tables, so that a new one is one row. */
static bool read_text(struct scan *s, struct slice key, struct line *out)
{
    const struct {
        const char *key;
        struct slice *to;
    } rows[] = {{"rule", &out->rule},       {"table", &out->table},       {"venue", &out->venue},
                {"channel", &out->channel}, {"symbol", &out->symbol},     {"asset", &out->asset},
                {"state", &out->state},     {"severity", &out->severity}, {"ack_by", &out->ack_by}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (slice_is(key, rows[i].key)) {
            scan_str_opt(s, rows[i].to);
            return true;
        }
    return false;
}

static bool read_time(struct scan *s, struct slice key, struct line *out)
{
    const struct {
        const char *key;
        int64_t *to;
    } rows[] = {{"t_us", &out->t_us},
                {"t_pending_us", &out->t_pending_us},
                {"t_firing_us", &out->t_firing_us},
                {"clear_us", &out->clear_us}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (slice_is(key, rows[i].key)) {
            scan_i64(s, rows[i].to);
            return true;
        }
    return false;
}

static int read_line(const char *p, size_t len, struct line *out)
{
    struct scan s;
    struct slice key;
    *out = (struct line){.threshold = NAN, .peak = NAN};
    scan_init(&s, p, len);
    if (scan_object(&s) != 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (read_text(&s, key, out) || read_time(&s, key, out))
            continue;
        if (slice_is(key, "threshold"))
            scan_num_opt(&s, &out->threshold);
        else if (slice_is(key, "peak"))
            scan_num_opt(&s, &out->peak);
        else if (slice_is(key, "acked"))
            scan_bool(&s, &out->acked);
        else if (slice_is(key, "levels"))
            read_levels(&s, out);
        else
            scan_skip(&s);
    }
    return scan_end(&s) == 0 && out->rule.p && out->table.p && out->state.p ? 0 : E_SYNTAX;
}

static int venue_of(const struct alerts *a, struct slice name)
{
    for (int v = 0; v < a->names.n_venues; v++)
        if (slice_is(name, a->names.venues[v]))
            return v;
    return 255;
}

static int channel_of(const struct alerts *a, int venue, struct slice name)
{
    for (int c = 0; venue != 255 && c < ALERT_CHANNELS_MAX; c++) {
        const char *have = a->names.channel((uint8_t)venue, (uint8_t)c);
        if (!have)
            break;
        if (slice_is(name, have))
            return c;
    }
    return CHANNEL_NONE;
}

/* The subject a line names, in this process; false when somebody it needs is not known here. */
static bool find_subject(const struct alerts *a, struct directory *dir, const struct line *l,
                         enum metric_table table, struct subject *s)
{
    *s = (struct subject){(uint8_t)table, 255, 255, INST_NONE};
    s->venue = (uint8_t)venue_of(a, l->venue);
    if (table == MT_PROCESS)
        return true;
    if (table == MT_FEED) {
        s->channel = (uint8_t)channel_of(a, s->venue, l->channel);
        if (s->channel != CHANNEL_NONE && l->symbol.p)
            s->id = directory_find(dir, s->venue, l->symbol);
        return s->channel != CHANNEL_NONE && (s->id != INST_NONE || !l->symbol.p);
    }
    s->id = l->asset.len ? directory_asset_add(dir, l->asset) : ASSET_NONE;
    if (metric_part_key(table)) {
        const char *name;
        s->channel = 0;
        while ((name = metric_part_name(table, s->channel)) && !slice_is(l->channel, name))
            s->channel++;
        return s->id != ASSET_NONE && name && (table == MT_SCENARIO || s->venue != 255);
    }
    return s->id != ASSET_NONE && (table == MT_ASSET || s->venue != 255);
}

static void fill_entry(struct entry *e, const struct line *l, const struct rule *r, int64_t now_us)
{
    int severity = severity_find(l->severity);
    e->a.state = slice_is(l->state, "firing") ? AS_FIRING : AS_PENDING;
    e->a.severity = severity > 0 ? (uint8_t)severity : SEV_NONE;
    e->a.t_pending_us = l->t_pending_us;
    e->a.t_firing_us = l->t_firing_us;
    e->a.threshold = l->threshold;
    e->a.peak = l->peak;
    e->a.acked = l->acked;
    int who = l->ack_by.p ? scan_unescape(l->ack_by, e->a.ack_by, sizeof(e->a.ack_by) - 1) : 0;
    e->a.ack_by[who > 0 ? who : 0] = 0;
    e->a.inhibited = true;
    e->frozen_us = l->t_us > 0 && l->t_us < now_us ? l->t_us : now_us;
    e->clear_us = l->clear_us;
    for (int i = 0; i < RULE_LEVELS; i++)
        if (r->level[i].severity != SEV_NONE)
            e->level[i] = l->level[i];
}

/* 1 restored, 0 passed over. */
static int restore(struct alerts *a, struct directory *dir, const struct line *l)
{
    struct subject s;
    int i = rules_find(a->rules, l->rule);
    if (i < 0 || !slice_is(l->table, metric_table_name((enum metric_table)a->rules->rule[i].table)))
        return 0;
    if (!find_subject(a, dir, l, (enum metric_table)a->rules->rule[i].table, &s))
        return 0;
    if (entry_find(a, (uint16_t)i, s))
        return 0;
    struct entry *e = entry_take(a, (uint16_t)i, s, subject_asset_id(s, dir));
    if (!e)
        return 0;
    fill_entry(e, l, &a->rules->rule[i], a->now_us);
    entry_tell(a, e, e->a.state, e->a.severity, AC_RESTART);
    return 1;
}

int alerts_thaw(struct alerts *a, struct directory *dir, const char *text, size_t len,
                int64_t now_us)
{
    int restored = 0;
    if (now_us > a->now_us)
        a->now_us = now_us;
    for (const char *p = text, *end = text + len; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop : end) - p);
        struct line l;
        if (n > 0 && read_line(p, n, &l) < 0)
            return E_SYNTAX;
        if (n > 0)
            restored += restore(a, dir, &l);
        p = stop ? stop + 1 : end;
    }
    return restored;
}
