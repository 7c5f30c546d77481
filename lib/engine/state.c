/* What survives a restart (alerts and the universe), and the views through which status and queries
 * look into the engine. State is NDJSON by names, never by ids: {"state":"universe",...} lines
 * first, then the alert lines of alerts_freeze. */
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
    alerts_freeze(e->alerts, e->dir, out);
}

/* 1 = a universe line, 0 = some other line, E_SYNTAX. */
static int read_universe_line(const char *p, size_t len, struct slice *asset, double *rank_usd)
{
    struct scan s;
    struct slice key, state = {NULL, 0};
    scan_init(&s, p, len);
    if (scan_object(&s) < 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (slice_is(key, "state"))
            scan_str(&s, &state);
        else if (slice_is(key, "asset") && scan_peek(&s) == SCAN_STRING)
            scan_str(&s, asset);
        else if (slice_is(key, "rank_usd"))
            scan_num_opt(&s, rank_usd);
        else
            scan_skip(&s);
    }
    if (scan_end(&s) < 0)
        return E_SYNTAX;
    return state.p && slice_is(state, "universe") && asset->p;
}

static int thaw_asset(struct engine *e, struct slice name, double rank_usd)
{
    uint32_t asset = directory_asset_add(e->dir, name);
    if (asset == ASSET_NONE)
        return E_LIMIT;
    return universe_enter(e, asset, rank_usd);
}

/* Universe lines stand first; *alerts is set to what follows them. */
static int thaw_universe(struct engine *e, const char *p, const char *end, const char **alerts)
{
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *stop = nl ? nl : end;
        struct slice asset = {NULL, 0};
        double rank_usd = NAN;
        int rc = stop > p ? read_universe_line(p, (size_t)(stop - p), &asset, &rank_usd) : 0;
        if (rc < 0)
            return rc;
        if (rc == 0 && stop > p)
            break;
        if (rc == 1 && e->conf.top_n > 0 && (rc = thaw_asset(e, asset, rank_usd)) < 0 &&
            rc != E_LIMIT)
            return rc;
        p = nl ? nl + 1 : end;
    }
    *alerts = p;
    return 0;
}

int engine_thaw(struct engine *e, const char *text, size_t len, int64_t now_us)
{
    const char *alerts = text;
    if (now_us > e->now_us)
        e->now_us = now_us;
    int rc = thaw_universe(e, text, text + len, &alerts);
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
