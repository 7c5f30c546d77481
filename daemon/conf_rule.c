/* The two parts of the configuration that are lists of rows: rules and asset aliases. Rules are
 * checked as far as their text allows, so that `-t` names file and line: metric known, at least one
 * level, thresholds in order, clear on the quiet side. alerts_set_rules, run on each rule alone,
 * has the last word. */
#include "conf_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* Venues an alias may name although this version cannot watch them: the file serves later ones. */
static const char *const venue_names[] = {
    "binance",       "bybit", "okx",    "hyperliquid", "deribit", "bitmex",
    "krakenfutures", "gate",  "bitget", "dydx",        "cme"};

static bool good_name(const char *s, size_t max)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && n <= max && !s[n];
}

void conf_rule_begin(struct conf_in *in, const char *name)
{
    struct engine_conf *e = &in->c->engine;
    if (!good_name(name, 43)) {
        conf_error(in, name, "a rule's name is 1 to 43 letters, digits and _");
        return;
    }
    for (int i = 0; i < e->n_rules; i++) {
        if (strcmp(in->c->rules[i].name, name) == 0) {
            conf_error(in, name, "rule \"%s\" stands twice", name);
            return;
        }
    }
    if (e->n_rules == RULES_MAX) {
        conf_error(in, name, "more than %d rules", RULES_MAX);
        return;
    }
    struct rule *r = &in->c->rules[e->n_rules];
    memset(r, 0, sizeof(*r));
    snprintf(r->name, sizeof(r->name), "%s", name);
    in->index = e->n_rules++;
    in->section = CS_RULE;
    in->rule_line = in->line;
    in->rule_bad = false;
}

/* The nearest metric of any table, by its plain name. */
static const char *near_metric(const char *word)
{
    struct conf_near n = {.word = word};
    for (int i = 0; i < metric_count(); i++)
        conf_near_try(&n, metric_at(i)->name);
    return conf_near_get(&n);
}

static void check_metric(struct conf_in *in, const struct rule *r)
{
    if (!r->metric[0]) {
        conf_error(in, r->name, "rule names no metric");
        return;
    }
    int id = metric_resolve(slice_of(r->metric));
    const char *near = id == E_UNKNOWN ? near_metric(r->metric) : NULL;
    if (id == E_DUP)
        conf_error(in, r->metric, "several tables have this metric: name one, as in m_asset.%s",
                   r->metric);
    else if (near)
        conf_error(in, r->metric, "unknown metric, did you mean \"%s\"?", near);
    else if (id < 0)
        conf_error(in, r->metric, "unknown metric");
}

static void check_levels(struct conf_in *in, const struct rule *r)
{
    const struct rule_level *last = NULL;
    double sign = r->below ? -1 : 1;
    for (int i = 0; i < RULE_LEVELS; i++) {
        const struct rule_level *l = &r->level[i];
        if (l->severity == SEV_NONE)
            continue;
        if (sign * l->clear > sign * l->raise)
            conf_error(in, r->name, "%s clears on the wrong side of its raise",
                       severity_name(l->severity));
        if (last && sign * l->raise < sign * last->raise)
            conf_error(in, r->name, "%s is reached before %s", severity_name(l->severity),
                       severity_name(last->severity));
        last = l;
    }
    if (!last)
        conf_error(in, r->name, "rule has none of info, warning, critical");
}

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    return channel < venues[venue]->n_channels ? venues[venue]->channels[channel].name : NULL;
}

/* What the alert module itself would refuse: filters, placeholders, fast on a metric of the tick.
 */
static void check_installs(struct conf_in *in, const struct rule *r)
{
    const char *names[DIR_VENUES_MAX];
    char why[160];
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    struct alert_names an = {.venues = names, .n_venues = n_venues, .channel = channel_name};
    struct alerts *a = alerts_new(&an, NULL, NULL);
    if (a && alerts_set_rules(a, r, 1, 1, why) < 0)
        conf_error(in, r->name, "%s", why);
    alerts_free(a);
}

void conf_rule_end(struct conf_in *in)
{
    if (in->section != CS_RULE)
        return;
    const struct rule *r = &in->c->rules[in->index];
    int line = in->line, before = in->errs->n;
    in->line = in->rule_line;
    check_metric(in, r);
    check_levels(in, r);
    if (in->errs->n == before && !in->rule_bad)
        check_installs(in, r);
    in->line = line;
    in->section = CS_NONE;
}

static bool alias_venue(const char *name)
{
    if (strcmp(name, "*") == 0 || venue_find(slice_of(name)) >= 0)
        return true;
    for (size_t i = 0; i < sizeof(venue_names) / sizeof(venue_names[0]); i++)
        if (strcmp(venue_names[i], name) == 0)
            return true;
    return false;
}

/* "1000PEPE = PEPE x 1000" into *a; false when it is not of that form. */
static bool alias_parse(const char *rest, struct asset_alias *a)
{
    char base[64], asset[64], times[64];
    int end = -1;
    if (sscanf(rest, "%63[^= \t] = %63s x %63s %n", base, asset, times, &end) != 3 || end < 0 ||
        rest[end])
        return false;
    if (strlen(base) >= sizeof(a->base) || strlen(asset) >= sizeof(a->asset))
        return false;
    memcpy(a->base, base, strlen(base) + 1);
    memcpy(a->asset, asset, strlen(asset) + 1);
    return num_parse(times, strlen(times), &a->multiplier) == 0 && a->multiplier > 0;
}

void conf_alias(struct conf_in *in, const char *venue, const char *rest)
{
    struct engine_conf *e = &in->c->engine;
    struct asset_alias a;
    memset(&a, 0, sizeof(a));
    if (strlen(venue) >= sizeof(a.venue) || !alias_venue(venue)) {
        conf_error(in, venue, "unknown venue");
        return;
    }
    memcpy(a.venue, venue, strlen(venue));
    if (!alias_parse(rest, &a)) {
        conf_error(in, venue, "must be \"venue:CODE = ASSET x UNITS\" with units above 0");
        return;
    }
    for (int i = 0; i < e->n_aliases; i++) {
        if (strcmp(in->c->aliases[i].venue, a.venue) == 0 &&
            strcmp(in->c->aliases[i].base, a.base) == 0) {
            conf_error(in, a.base, "%s:%s stands twice", a.venue, a.base);
            return;
        }
    }
    if (e->n_aliases == CONF_ALIASES_MAX)
        conf_error(in, a.base, "more than %d aliases", CONF_ALIASES_MAX);
    else
        in->c->aliases[e->n_aliases++] = a;
}
