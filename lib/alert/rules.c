/* Rules: their check, their filters and their words. In: rules as the configuration gave them and
 * the names of venues and channels. Out: a set that is whole or refused, indexed by metric, so that
 * judging a value touches only the rules on it. The version of a rule is a hash of what it says, so
 * that an alert can tell by which text it was judged. */
#include "alert/state.h"

#include <stdarg.h>
#include <stdio.h>

#define SPAN_MAX_S 604800u /* for and keep: a week */

static const char *const severity_names[] = {"none", "info", "warning", "critical"};
static const char *const state_names[] = {"inactive", "pending", "firing", "resolved"};
static const char *const cause_names[] = {"value", "left_universe", "rule_gone", "desk", "restart"};

const char *severity_name(uint8_t s)
{
    return s <= SEV_CRITICAL ? severity_names[s] : "?";
}

const char *alert_state_name(uint8_t s)
{
    return s <= AS_RESOLVED ? state_names[s] : "?";
}

const char *alert_cause_name(uint8_t c)
{
    return c <= AC_RESTART ? cause_names[c] : "?";
}

int severity_find(struct slice name)
{
    for (int i = 0; i <= SEV_CRITICAL; i++)
        if (slice_is(name, severity_names[i]))
            return i;
    return -1;
}

/* ---- levels ---- */

bool level_raises(const struct rule *r, int level, double value)
{
    double x = r->absolute ? fabs(value) : value;
    return r->below ? x <= r->level[level].raise : x >= r->level[level].raise;
}

bool level_clears(const struct rule *r, int level, double value)
{
    double x = r->absolute ? fabs(value) : value;
    return r->below ? x >= r->level[level].clear : x <= r->level[level].clear;
}

static int fail(char why[160], int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(char why[160], int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, 160, fmt, ap);
    va_end(ap);
    return code;
}

static int check_level(const struct rule *r, int i, char why[160])
{
    const struct rule_level *l = &r->level[i];
    const char *severity = severity_name(l->severity);
    if (l->severity > SEV_CRITICAL)
        return fail(why, E_RANGE, "rule %s: unknown severity %d", r->name, l->severity);
    if (!isfinite(l->raise) || !isfinite(l->clear))
        return fail(why, E_RANGE, "rule %s: %s: raise and clear must be numbers", r->name,
                    severity);
    if (r->below ? l->clear <= l->raise : l->clear >= l->raise)
        return fail(why, E_RANGE, "rule %s: %s: clear must lie %s raise", r->name, severity,
                    r->below ? "above" : "below");
    if (l->for_s > SPAN_MAX_S)
        return fail(why, E_RANGE, "rule %s: %s: for is longer than a week", r->name, severity);
    return 0;
}

static int check_levels(const struct rule *r, char why[160])
{
    int last = -1;
    for (int i = 0; i < RULE_LEVELS; i++) {
        if (r->level[i].severity == SEV_NONE)
            continue;
        int err = check_level(r, i, why);
        if (err < 0)
            return err;
        const struct rule_level *l = &r->level[i], *p = last >= 0 ? &r->level[last] : NULL;
        if (p &&
            (l->severity <= p->severity || (r->below ? l->raise > p->raise : l->raise < p->raise)))
            return fail(why, E_RANGE, "rule %s: levels must rise in severity and threshold",
                        r->name);
        last = i;
    }
    return last >= 0 ? 0 : fail(why, E_MISSING, "rule %s: no level", r->name);
}

/* ---- words ---- */

static const char *const placeholders[] = {"asset", "venue",     "channel", "symbol",
                                           "value", "threshold", "unit"};
enum { PH_ASSET, PH_VENUE, PH_CHANNEL, PH_SYMBOL, PH_VALUE, PH_THRESHOLD, PH_UNIT, PH_COUNT };

/* The placeholder that starts at p ("{name}"): its index and length, or -1. */
static int placeholder_at(const char *p, size_t *len)
{
    const char *end = strchr(p, '}');
    for (int i = 0; end && i < PH_COUNT; i++)
        if (slice_is((struct slice){p + 1, (uint32_t)(end - p - 1)}, placeholders[i])) {
            *len = (size_t)(end - p + 1);
            return i;
        }
    return -1;
}

static int check_summary(const struct rule *r, char why[160])
{
    size_t len = 0;
    for (const char *p = strchr(r->summary, '{'); p; p = strchr(p + 1, '{'))
        if (placeholder_at(p, &len) < 0)
            return fail(why, E_UNKNOWN, "rule %s: summary: no such placeholder at %.20s", r->name,
                        p);
    return 0;
}

static void put_number(struct text *out, double x)
{
    if (isfinite(x))
        text_fmt(out, "%.4g", x);
    else
        text_str(out, "unknown");
}

static void put_placeholder(const struct alerts *a, const struct alert *x,
                            const struct directory *dir, int which, struct text *out)
{
    struct subject s = x->subject;
    uint32_t asset = subject_asset_id(s, dir);
    const char *channel = s.venue < a->names.n_venues ? a->names.channel(s.venue, s.channel) : NULL;
    bool feed = s.table == MT_FEED && s.id != INST_NONE;
    if (metric_part_key((enum metric_table)s.table))
        channel = metric_part_name((enum metric_table)s.table, s.channel);
    switch (which) {
    case PH_ASSET:
        text_str(out, asset != ASSET_NONE ? directory_asset_name(dir, asset) : "all assets");
        break;
    case PH_VENUE:
        text_str(out, s.venue < a->names.n_venues ? a->names.venues[s.venue] : "all venues");
        break;
    case PH_CHANNEL:
        text_str(out, channel ? channel : "all channels");
        break;
    case PH_SYMBOL:
        text_str(out, feed ? directory_get(dir, s.id)->symbol : "all instruments");
        break;
    case PH_VALUE:
        put_number(out, x->value);
        break;
    case PH_THRESHOLD:
        put_number(out, x->threshold);
        break;
    default:
        text_str(out, metric_at(a->rules->rule[x->rule].metric_id)->unit);
    }
}

void alert_summary(const struct alerts *a, const struct alert *x, const struct directory *dir,
                   struct text *out)
{
    for (const char *p = a->rules->rule[x->rule].summary; *p;) {
        size_t len = 0;
        int which = *p == '{' ? placeholder_at(p, &len) : -1;
        if (which >= 0) {
            put_placeholder(a, x, dir, which, out);
            p += len;
        } else {
            text_char(out, *p++);
        }
    }
}

/* ---- filters ---- */

/* Next name of a comma list, spaces trimmed; false at the end. */
static bool list_next(const char **p, struct slice *name)
{
    while (**p == ' ' || **p == ',')
        (*p)++;
    if (!**p)
        return false;
    const char *end = *p + strcspn(*p, ",");
    const char *last = end;
    while (last > *p && last[-1] == ' ')
        last--;
    *name = (struct slice){*p, (uint32_t)(last - *p)};
    *p = end;
    return true;
}

static int filter_venues(const struct alert_names *names, const struct rule *r,
                         struct rule_filter *f, char why[160])
{
    struct slice name;
    f->all_venues = true;
    for (const char *p = r->venues; list_next(&p, &name); f->all_venues = false) {
        int v = 0;
        while (v < names->n_venues && !slice_is(name, names->venues[v]))
            v++;
        if (v == names->n_venues)
            return fail(why, E_UNKNOWN, "rule %s: no venue %.*s", r->name, (int)name.len, name.p);
        f->venues |= 1u << v;
    }
    return 0;
}

static bool add_channel(const struct alert_names *names, struct slice name, struct rule_filter *f)
{
    bool found = false;
    for (int v = 0; v < names->n_venues; v++)
        for (int c = 0; c < ALERT_CHANNELS_MAX; c++) {
            const char *have = names->channel((uint8_t)v, (uint8_t)c);
            if (!have)
                break;
            if (!slice_is(name, have))
                continue;
            f->channels[v] |= UINT64_C(1) << c;
            found = true;
        }
    return found;
}

static int filter_channels(const struct alert_names *names, const struct rule *r,
                           struct rule_filter *f, char why[160])
{
    struct slice name;
    f->all_channels = true;
    for (const char *p = r->channels; list_next(&p, &name); f->all_channels = false)
        if (!add_channel(names, name, f))
            return fail(why, E_UNKNOWN, "rule %s: no channel %.*s", r->name, (int)name.len, name.p);
    return 0;
}

uint32_t subject_asset_id(struct subject s, const struct directory *dir)
{
    if (metric_table_keys((enum metric_table)s.table) & KEY_ASSET)
        return s.id;
    if (s.table == MT_FEED && s.id != INST_NONE)
        return directory_get(dir, s.id)->asset;
    return ASSET_NONE;
}

static bool asset_listed(const char *list, const char *asset)
{
    struct slice name;
    for (const char *p = list; list_next(&p, &name);)
        if (slice_is(name, asset))
            return true;
    return false;
}

bool rules_match(const struct rule_set *set, int i, struct subject s, uint32_t asset,
                 const struct directory *dir)
{
    const struct rule_filter *f = &set->filter[i];
    if (!f->all_venues && (s.venue >= DIR_VENUES_MAX || !(f->venues >> s.venue & 1)))
        return false;
    if (!f->all_channels && (s.venue >= DIR_VENUES_MAX || s.channel >= ALERT_CHANNELS_MAX ||
                             !(f->channels[s.venue] >> s.channel & 1)))
        return false;
    if (!set->rule[i].assets[0])
        return true;
    return asset != ASSET_NONE &&
           asset_listed(set->rule[i].assets, directory_asset_name(dir, asset));
}

/* ---- a set of rules
 * ------------------------------------------------------------------------------ */

int rules_find(const struct rule_set *set, struct slice name)
{
    for (int i = 0; i < set->n; i++)
        if (slice_is(name, set->rule[i].name))
            return i;
    return -1;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_bytes(uint32_t h, const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 16777619u;
    return h;
}

static uint32_t hash_text(uint32_t h, const char *s)
{
    return hash_bytes(h, s, strlen(s) + 1);
}

static uint32_t rule_version(const struct rule *r)
{
    uint32_t h = 2166136261u;
    h = hash_text(hash_text(h, r->name), r->metric);
    h = hash_bytes(h, (const unsigned char[]){r->below, r->absolute, r->fast}, 3);
    h = hash_bytes(h, &r->keep_s, sizeof(r->keep_s));
    for (int i = 0; i < RULE_LEVELS; i++) {
        h = hash_bytes(h, &r->level[i].severity, sizeof(r->level[i].severity));
        h = hash_bytes(h, &r->level[i].raise, sizeof(r->level[i].raise));
        h = hash_bytes(h, &r->level[i].clear, sizeof(r->level[i].clear));
        h = hash_bytes(h, &r->level[i].for_s, sizeof(r->level[i].for_s));
    }
    return hash_text(hash_text(hash_text(hash_text(h, r->venues), r->assets), r->channels),
                     r->summary);
}

static int resolve_metric(struct rule *r, char why[160])
{
    int id = metric_resolve(slice_of(r->metric));
    if (id == E_DUP)
        return fail(why, E_DUP, "rule %s: several tables have %s: say m_asset.%s or alike", r->name,
                    r->metric, r->metric);
    if (id < 0)
        return fail(why, E_UNKNOWN, "rule %s: no metric %s", r->name, r->metric);
    if (r->fast && !metric_family_of(id)->fast)
        return fail(why, E_RANGE, "rule %s: %s is evaluated on the tick only, not fast", r->name,
                    r->metric);
    r->metric_id = id;
    r->table = metric_family_of(id)->table;
    return 0;
}

static int check_rule(const struct alert_names *names, struct rule_set *set, int i, char why[160])
{
    struct rule *r = &set->rule[i];
    if (!r->name[0])
        return fail(why, E_MISSING, "rule %d has no name", i + 1);
    if (rules_find(set, slice_of(r->name)) != i)
        return fail(why, E_DUP, "rule %s is there twice", r->name);
    if (r->keep_s > SPAN_MAX_S)
        return fail(why, E_RANGE, "rule %s: keep is longer than a week", r->name);
    int err = resolve_metric(r, why);
    if (err == 0)
        err = check_levels(r, why);
    if (err == 0)
        err = check_summary(r, why);
    if (err == 0)
        err = filter_venues(names, r, &set->filter[i], why);
    if (err == 0)
        err = filter_channels(names, r, &set->filter[i], why);
    r->version = rule_version(r);
    return err;
}

static void index_by_metric(struct rule_set *set)
{
    int k = 0;
    for (int m = 0; m < metric_count(); m++) {
        set->first[m] = (uint16_t)k;
        for (int i = 0; i < set->n; i++)
            if (set->rule[i].metric_id == m)
                set->order[k++] = (uint16_t)i;
    }
    set->first[metric_count()] = (uint16_t)k;
}

int rules_build(const struct alert_names *names, const struct rule *rules, int n,
                struct rule_set *out, char why[160])
{
    if (n < 0 || n > RULES_MAX)
        return fail(why, E_LIMIT, "%d rules, at most %d", n, RULES_MAX);
    memset(out, 0, sizeof(*out));
    out->n = n;
    for (int i = 0; i < n; i++)
        out->rule[i] = rules[i];
    for (int i = 0; i < n; i++) {
        int err = check_rule(names, out, i, why);
        if (err < 0)
            return err;
    }
    index_by_metric(out);
    return 0;
}
