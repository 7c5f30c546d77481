/* What survives a restart (universe, models, alerts), and the views through which status and
 * queries look into the engine. State is NDJSON by names, never by ids: {"state":"universe",...}
 * lines first, then {"state":"model",...} lines, then the alert lines of alerts_freeze. */
#include "engine/engine_priv.h"

#include "base/scan.h"

const char *engine_count_name(enum engine_count c)
{
    static const char *const name[EC_COUNTS] = {
        [EC_TEXTS] = "texts",
        [EC_BYTES] = "bytes",
        [EC_EVENTS] = "events",
        [EC_REFUSED] = "texts_refused",
        [EC_NOTES] = "notes",
        [EC_TURNS] = "turns",
        [EC_TICKS] = "ticks",
        [EC_TICKS_SKIPPED] = "ticks_skipped",
        [EC_FAST] = "fast_turns",
        [EC_ROWS] = "rows",
        [EC_ALERTS] = "alert_transitions",
        [EC_STATE_DROPPED] = "state_lines_dropped",
    };
    return (unsigned)c < EC_COUNTS ? name[c] : "?";
}

void engine_freeze(const struct engine *e, struct text *out)
{
    for (int i = 0; i < e->uni.n; i++) {
        text_str(out, "{\"state\":\"universe\",\"asset\":");
        text_json(out, slice_of(directory_asset_name(e->dir, e->uni.a[i].asset)));
        text_kv_num(out, "rank_usd", e->uni.a[i].rank_usd);
        text_str(out, "}\n");
    }
    risk_freeze(e->risk, out);
    alerts_freeze(e->alerts, e->dir, out);
}

struct state_line {
    struct slice state, asset;
    double rank_usd;
};

static int read_line(const char *p, size_t len, struct state_line *l)
{
    struct scan s;
    struct slice key;
    *l = (struct state_line){.rank_usd = NAN};
    scan_init(&s, p, len);
    if (scan_object(&s) < 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (slice_is(key, "state") && scan_peek(&s) == SCAN_STRING)
            scan_str(&s, &l->state);
        else if (slice_is(key, "asset") && scan_peek(&s) == SCAN_STRING)
            scan_str(&s, &l->asset);
        else if (slice_is(key, "rank_usd"))
            scan_num_opt(&s, &l->rank_usd);
        else
            scan_skip(&s);
    }
    return scan_end(&s) < 0 ? E_SYNTAX : 0;
}

/* Named assets come back too, before their first spec, so that models find them. */
static int thaw_asset(struct engine *e, const struct state_line *l)
{
    if (!l->asset.p)
        return 0;
    uint32_t asset = directory_asset_add(e->dir, l->asset);
    if (asset == ASSET_NONE)
        return 0; /* full: it enters when it is ranked */
    if (e->conf.top_n == 0 && !e->uni.named[asset])
        return 0;
    int rc = universe_enter(e, asset, l->rank_usd);
    return rc == E_LIMIT ? 0 : rc;
}

static void thaw_model(struct engine *e, const char *p, size_t len)
{
    if (risk_thaw(e->risk, p, len) < 0)
        e->count[EC_STATE_DROPPED]++;
}

/* Universe and model lines stand first; *alerts is set to what follows them. */
static int thaw_parts(struct engine *e, const char *p, const char *end, const char **alerts)
{
    for (const char *stop; p < end; p = stop < end ? stop + 1 : end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        struct state_line l;
        stop = nl ? nl : end;
        if (stop == p)
            continue;
        int rc = read_line(p, (size_t)(stop - p), &l);
        if (rc == 0 && slice_is(l.state, "model"))
            thaw_model(e, p, (size_t)(stop - p));
        else if (rc == 0 && slice_is(l.state, "universe"))
            rc = thaw_asset(e, &l);
        else if (rc == 0)
            break;
        if (rc < 0)
            return rc;
    }
    *alerts = p;
    return 0;
}

int engine_thaw(struct engine *e, const char *text, size_t len, int64_t now_us)
{
    const char *alerts = text;
    if (now_us > e->now_us)
        e->now_us = now_us;
    int rc = thaw_parts(e, text, text + len, &alerts);
    if (rc < 0)
        return rc;
    return alerts_thaw(e->alerts, e->dir, alerts, (size_t)(text + len - alerts), e->now_us);
}

const struct market *engine_market(const struct engine *e)
{
    return e->market;
}

const struct risk *engine_risk(const struct engine *e)
{
    return e->risk;
}

const struct alerts *engine_alerts(const struct engine *e)
{
    return e->alerts;
}

const struct directory *engine_directory(const struct engine *e)
{
    return e->dir;
}

uint64_t engine_counter(const struct engine *e, enum engine_count c)
{
    return (unsigned)c < EC_COUNTS ? e->count[c] : 0;
}

uint64_t engine_refused_by(const struct engine *e, uint8_t venue, int err)
{
    return venue < DIR_VENUES_MAX && -err >= 0 && -err < E_ERRS ? e->refused[venue][-err] : 0;
}

uint64_t engine_events(const struct engine *e, uint8_t venue, enum event_kind kind)
{
    return venue < DIR_VENUES_MAX && (unsigned)kind < EV_KINDS ? e->events[venue][kind] : 0;
}

int64_t engine_now(const struct engine *e)
{
    return e->now_us;
}

bool engine_ranked(const struct engine *e)
{
    return e->uni.ranked;
}
