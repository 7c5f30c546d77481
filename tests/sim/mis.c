/* The list of misbehaviours and its small grammar. In: specs, the time. Out: what is in force. */
#include "sim/mis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_venue_names[SIM_VENUES] = {"binance", "hyperliquid", "bybit", "okx"};

static const struct {
    const char *name;
    int args;  /* after the venue: least number needed */
    bool span; /* needs +D */
} kinds[MIS_KINDS] = {
    [MIS_DOWN] = {"down", 0, true},
    [MIS_MUTE] = {"mute", 1, true},
    [MIS_DROP_DELTA] = {"drop-delta", 1, false},
    [MIS_LATE_ACK] = {"late-ack", 0, true},
    [MIS_NO_UPGRADE] = {"no-upgrade", 0, true},
    [MIS_GARBAGE] = {"garbage", 0, false},
    [MIS_HTML] = {"html", 0, false},
    [MIS_REST] = {"rest", 1, true},
};

static int find(const char *name, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static int find_kind(const char *name)
{
    for (int i = 0; i < MIS_KINDS; i++)
        if (strcmp(name, kinds[i].name) == 0)
            return i;
    return -1;
}

/* "T", "T+D", "T+D:EXTRA" */
static bool parse_when(const char *p, struct mis_item *it)
{
    char *end;
    it->from_s = strtod(p, &end);
    it->to_s = it->from_s;
    if (end == p)
        return false;
    if (*end == '+') {
        p = end + 1;
        it->to_s = it->from_s + strtod(p, &end);
        if (end == p)
            return false;
    }
    if (*end == ':') {
        p = end + 1;
        it->extra = strtod(p, &end);
        if (end == p)
            return false;
    }
    return *end == 0;
}

/* Cuts the part before the next ':' off *rest; NULL at the end. */
static const char *next_part(char **rest)
{
    char *p = *rest;
    if (!p)
        return NULL;
    char *colon = strchr(p, ':');
    *rest = colon ? colon + 1 : NULL;
    if (colon)
        *colon = 0;
    return *p ? p : NULL;
}

const char *mis_add(struct mis *x, const char *spec, double base_s)
{
    char text[160], *rest = text;
    struct mis_item it = {.kind = MIS_DOWN};
    if (x->n == MIS_MAX)
        return "too many misbehaviours";
    if (snprintf(text, sizeof text, "%s", spec) >= (int)sizeof text)
        return "spec too long";
    char *at = strchr(text, '@');
    if (at)
        *at++ = 0;
    if (!parse_when(at ? at : "0", &it))
        return "bad time, expected @T or @T+D or @T+D:EXTRA";
    const char *name = next_part(&rest), *venue = next_part(&rest);
    const char *arg = next_part(&rest), *symbol = next_part(&rest);
    int k = find_kind(name ? name : ""), v = find(venue ? venue : "", sim_venue_names, SIM_VENUES);
    if (k < 0 || v < 0)
        return k < 0 ? "unknown misbehaviour" : "unknown venue";
    if ((kinds[k].args && !arg) || (kinds[k].span && !(it.to_s > it.from_s)))
        return "incomplete spec";
    it.kind = (enum mis_kind)k;
    it.venue = (enum sim_venue)v;
    snprintf(it.arg, sizeof it.arg, "%s", arg ? arg : "");
    snprintf(it.symbol, sizeof it.symbol, "%s", symbol ? symbol : "");
    it.from_s += base_s;
    it.to_s += base_s;
    x->items[x->n++] = it;
    if (k == MIS_GARBAGE && x->n < MIS_MAX) {
        it.kind = MIS_HTML;
        x->items[x->n++] = it;
    }
    return NULL;
}

static bool in_force(const struct mis *x, const struct mis_item *it)
{
    return x->now_s >= it->from_s && x->now_s < it->to_s;
}

const struct mis_item *mis_on(const struct mis *x, enum mis_kind k, enum sim_venue v)
{
    for (int i = 0; i < x->n; i++)
        if (x->items[i].kind == k && x->items[i].venue == v && in_force(x, &x->items[i]))
            return &x->items[i];
    return NULL;
}

bool mis_muted(const struct mis *x, enum sim_venue v, const char *channel, const char *symbol)
{
    for (int i = 0; i < x->n; i++) {
        const struct mis_item *it = &x->items[i];
        if (it->kind == MIS_MUTE && it->venue == v && in_force(x, it) &&
            strcmp(it->arg, channel) == 0 &&
            (it->symbol[0] == 0 || (symbol && strcmp(it->symbol, symbol) == 0)))
            return true;
    }
    return false;
}

bool mis_take(struct mis *x, enum mis_kind k, enum sim_venue v, const char *symbol)
{
    for (int i = 0; i < x->n; i++) {
        struct mis_item *it = &x->items[i];
        if (it->kind == k && it->venue == v && !it->done && x->now_s >= it->from_s &&
            (!symbol || strcmp(it->arg, symbol) == 0)) {
            it->done = true;
            return true;
        }
    }
    return false;
}
