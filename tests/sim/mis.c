/* The table of misbehaviours, their small grammar, and what is in force. In: specs, the time. Out:
 * items. */
#include "sim/mis.h"

#include <stdlib.h>
#include <string.h>

const char *const sim_venue_names[SIM_VENUES] = {"binance", "hyperliquid", "bybit", "okx"};

#define STREAM "VENUE:CHANNEL[:SYMBOL]@T+D"

const struct mis_row mis_rows[MIS_KINDS] = {
    [MIS_DOWN] = {"down", "VENUE@T+D", 0, true, false, MIS_ON_BOTH, 0,
                  "connections cut, new ones dropped, no REST"},
    [MIS_CUT] = {"cut", "VENUE@T", 0, false, false, MIS_ON_BOTH, 0,
                 "every connection ends without a goodbye"},
    [MIS_CLOSE] = {"close", "VENUE[:CODE[:REASON]]@T", 0, false, false, MIS_ON_BOTH, 0,
                   "websockets closed, with a code and a reason or without"},
    [MIS_NOTICE] = {"notice", "VENUE@T+D", 0, true, false, MIS_ON_WIRE, 0,
                    "connections are closed after D seconds, of which OKX tells them before"},
    [MIS_HALF_OPEN] = {"half-open", "VENUE@T", 0, false, false, MIS_ON_WIRE, 0,
                       "the connections of then fall silent: no FIN, no data, no pong"},
    [MIS_DRIP] = {"drip", "VENUE@T+D[:N]", 0, true, false, MIS_ON_WIRE, 20,
                  "N bytes each 100 ms to a connection (20)"},
    [MIS_CERT] = {"cert", "VENUE:NAME@T+D", 1, true, false, MIS_ON_WIRE, 0,
                  "another certificate (expired, wrongname, unknown), connections cut"},
    [MIS_NO_UPGRADE] = {"no-upgrade", "VENUE@T+D", 0, true, false, MIS_ON_WIRE, 0,
                        "websocket upgrades are never answered"},
    [MIS_LATE_ACK] = {"late-ack", "VENUE@T+D:N", 0, true, false, MIS_ON_WIRE, 0,
                      "acks N seconds late; 0 = never"},
    [MIS_REFUSE] = {"refuse", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                    "a subscription is answered by an error"},
    [MIS_NO_PONG] = {"no-pong", "VENUE@T+D", 0, true, false, MIS_ON_WIRE, 0,
                     "the client's pings by text are not answered, all else goes on"},
    [MIS_MUTE] = {"mute", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                  "a stream is silent on a live socket"},
    [MIS_DROP_DELTA] = {"drop-delta", "VENUE:SYMBOL@T", 1, false, false, MIS_ON_BOTH, 0,
                        "one book delta is not sent"},
    [MIS_LOSE] = {"lose", STREAM "[:N]", 1, true, false, MIS_ON_BOTH, 3,
                  "one message of N is not sent (3)"},
    [MIS_SAMPLED] = {"sampled", STREAM "[:N]", 1, true, false, MIS_ON_BOTH, 5,
                     "only one message of N is sent (5), as liquidation feeds do"},
    [MIS_DUP] = {"dup", STREAM, 1, true, false, MIS_ON_BOTH, 0, "each message twice"},
    [MIS_REORDER] = {"reorder", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                     "each message after the one that follows it"},
    [MIS_BURST] = {"burst", "VENUE[:CHANNEL[:SYMBOL]]@T+D[:N]", 0, true, false, MIS_ON_BOTH, 100,
                   "each message N times (100)"},
    [MIS_SEQ_RESET] = {"seq-reset", "VENUE:SYMBOL@T", 1, false, false, MIS_ON_BOTH, 0,
                       "the book's numbers start again from a small one"},
    [MIS_TRUNCATE] = {"truncate", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                      "messages end in the middle"},
    [MIS_OVERSIZE] = {"oversize", STREAM, 1, true, false, MIS_ON_WIRE, 0, "messages of 9 MB"},
    [MIS_BAD_UTF8] = {"bad-utf8", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                      "a text in each message is not UTF-8"},
    [MIS_BAD_JSON] = {"bad-json", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                      "each message has a colon too few"},
    [MIS_BAD_NUMBER] = {"bad-number", STREAM, 1, true, false, MIS_ON_BOTH, 0,
                        "the first price or size of each message is 1e999"},
    [MIS_PING] = {"ping", "VENUE@T+D", 0, true, false, MIS_ON_BOTH, 0,
                  "the text `ping` each second on every connection"},
    [MIS_GARBAGE] = {"garbage", "VENUE@T", 0, false, false, MIS_ON_BOTH, 0,
                     "broken texts of all sorts to every client, HTML to the next REST call"},
    [MIS_SKEW] = {"skew", "VENUE@T+D:N", 0, true, true, MIS_ON_BOTH, 0,
                  "the venue's own stamps are N seconds off"},
    [MIS_DELIST] = {"delist", "VENUE:SYMBOL@T+D", 1, true, false, MIS_ON_BOTH, 0,
                    "trading of a symbol ends (for D seconds)"},
    [MIS_RENAME] = {"rename", "VENUE:SYMBOL:NEW@T+D", 2, true, false, MIS_ON_BOTH, 0,
                    "the same instrument under another symbol"},
    [MIS_MULTIPLIER] = {"multiplier", "VENUE:SYMBOL:CODE@T+D:N", 2, true, true, MIS_ON_BOTH, 0,
                        "the contract is of N (10, 100, 1000) units, base code CODE"},
    [MIS_PRICE] = {"price", "VENUE[:SYMBOL]@T+D:N", 0, true, true, MIS_ON_BOTH, 0,
                   "the venue's prices leave the others by N basis points"},
    [MIS_MARK] = {"mark", "VENUE[:SYMBOL]@T+D:N", 0, true, true, MIS_ON_BOTH, 0,
                  "its mark prices leave its own trades by N basis points"},
    [MIS_FUND] = {"fund", "VENUE[:SYMBOL]@T+D:N", 0, true, true, MIS_ON_BOTH, 0,
                  "the insurance fund of a contract stands N per cent below its peak"},
    [MIS_REST] = {"rest", "VENUE:STATUS@T+D[:N]", 1, true, false, MIS_ON_BOTH, 5,
                  "every REST call has that status (429 and 418: Retry-After N, 5)"},
    [MIS_HTML] = {"html", "VENUE@T+D", 0, false, false, MIS_ON_BOTH, 0,
                  "REST calls are answered 200 with HTML (without +D: the next one)"},
};

void mis_help(FILE *f)
{
    static const char *const where[] = {
        [MIS_ON_WIRE] = "wire", [MIS_ON_TAPE] = "tape", [MIS_ON_BOTH] = "both"};
    for (int k = 0; k < MIS_KINDS; k++)
        fprintf(f, "       %s:%s  (%s)\n           %s\n", mis_rows[k].name, mis_rows[k].usage,
                where[mis_rows[k].where], mis_rows[k].help);
}

/* --- the grammar -------------------------------------------------------------------------------
 */

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
        if (strcmp(name, mis_rows[i].name) == 0)
            return i;
    return -1;
}

struct when {
    double from_s, to_s, extra;
    bool has_extra;
};

/* "T", "T+D", "T+D:N" */
static bool parse_when(const char *p, struct when *w)
{
    char *end;
    w->from_s = strtod(p, &end);
    w->to_s = w->from_s;
    if (end == p)
        return false;
    if (*end == '+') {
        p = end + 1;
        w->to_s = w->from_s + strtod(p, &end);
        if (end == p)
            return false;
    }
    if (*end == ':') {
        p = end + 1;
        w->extra = strtod(p, &end);
        w->has_extra = true;
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

static const char *fill(struct mis_item *it, char *rest, const struct when *w)
{
    const char *name = next_part(&rest), *venue = next_part(&rest);
    const char *arg = next_part(&rest), *symbol = next_part(&rest);
    int k = find_kind(name ? name : ""), v = find(venue ? venue : "", sim_venue_names, SIM_VENUES);
    if (k < 0 || v < 0)
        return k < 0 ? "unknown misbehaviour" : "unknown venue";
    const struct mis_row *r = &mis_rows[k];
    if ((r->args > 0 && !arg) || (r->args > 1 && !symbol) || (r->span && !(w->to_s > w->from_s)) ||
        (r->number && !w->has_extra))
        return "incomplete spec";
    it->kind = (enum mis_kind)k;
    it->venue = (enum sim_venue)v;
    it->extra = w->has_extra ? w->extra : r->extra;
    snprintf(it->arg, sizeof it->arg, "%s", arg ? arg : "");
    snprintf(it->symbol, sizeof it->symbol, "%s", symbol ? symbol : "");
    return NULL;
}

const char *mis_add(struct mis *x, const char *spec, double base_s)
{
    char text[160];
    struct mis_item it = {.kind = MIS_DOWN};
    struct when w = {0};
    if (x->n + 2 > MIS_MAX)
        return "too many misbehaviours";
    if (snprintf(text, sizeof text, "%s", spec) >= (int)sizeof text)
        return "spec too long";
    char *at = strchr(text, '@');
    if (at)
        *at++ = 0;
    if (!parse_when(at ? at : "0", &w))
        return "bad time, expected @T or @T+D or @T+D:N";
    const char *why = fill(&it, text, &w);
    if (why)
        return why;
    if (x->where && !(mis_rows[it.kind].where & x->where))
        return "not shown by a run of this kind";
    it.from_s = w.from_s + base_s;
    it.to_s = mis_rows[it.kind].span || it.kind == MIS_HTML ? w.to_s + base_s : it.from_s;
    x->items[x->n++] = it;
    if (it.kind == MIS_GARBAGE) {
        it.kind = MIS_HTML;
        x->items[x->n++] = it;
    }
    return NULL;
}

const char *mis_run_as(struct mis *x, enum mis_where where)
{
    x->where = (uint8_t)where;
    for (int i = 0; i < x->n; i++)
        if (!(mis_rows[x->items[i].kind].where & where))
            return mis_rows[x->items[i].kind].name;
    return NULL;
}

/* --- what is in force --------------------------------------------------------------------------
 */

bool mis_in_force(const struct mis *x, const struct mis_item *it)
{
    return x->now_s >= it->from_s && x->now_s < it->to_s;
}

const struct mis_item *mis_on(const struct mis *x, enum mis_kind k, enum sim_venue v)
{
    for (int i = 0; i < x->n; i++)
        if (x->items[i].kind == k && x->items[i].venue == v && mis_in_force(x, &x->items[i]))
            return &x->items[i];
    return NULL;
}

struct mis_item *mis_on_channel(struct mis *x, enum mis_kind k, enum sim_venue v,
                                const char *channel, const char *symbol)
{
    for (int i = 0; i < x->n; i++) {
        struct mis_item *it = &x->items[i];
        if (it->kind == k && it->venue == v && mis_in_force(x, it) &&
            (it->arg[0] == 0 || strcmp(it->arg, channel) == 0) &&
            (it->symbol[0] == 0 || (symbol && strcmp(it->symbol, symbol) == 0)))
            return it;
    }
    return NULL;
}

bool mis_muted(struct mis *x, enum sim_venue v, const char *channel, const char *symbol)
{
    return mis_on_channel(x, MIS_MUTE, v, channel, symbol) != NULL;
}

const struct mis_item *mis_take_item(struct mis *x, enum mis_kind k, enum sim_venue v,
                                     const char *symbol)
{
    for (int i = 0; i < x->n; i++) {
        struct mis_item *it = &x->items[i];
        if (it->kind == k && it->venue == v && !it->done && x->now_s >= it->from_s &&
            it->to_s == it->from_s && (!symbol || strcmp(it->arg, symbol) == 0)) {
            it->done = true;
            return it;
        }
    }
    return NULL;
}

bool mis_take(struct mis *x, enum mis_kind k, enum sim_venue v, const char *symbol)
{
    return mis_take_item(x, k, v, symbol) != NULL;
}
