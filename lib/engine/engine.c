/* The spine: the few functions through which everything enters and leaves. What it does with a
 * text: parse -> one fact per event -> market -> liveness -> subjects touched; with a turn: fast
 * rules on touched subjects; with a tick: liveness, books, universe, metrics, rules. Nothing here
 * allocates after engine_new, reads a clock or logs. */
#include "engine/engine_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

/* --- small helpers ------------------------------------------------------------------------- */

static void judge_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n);
static void tell_reason(void *arg, const struct reason_change *c);
static void tell_map(void *arg, const struct map_row *m);

static struct risk_sink risk_sinks(struct engine *e)
{
    return (struct risk_sink){.arg = e, .row = judge_row, .reason = tell_reason, .map = tell_map};
}

/* Every entry passes here: time never goes back, and the first call starts what needs a time. */
static void enter_at(struct engine *e, int64_t now_us)
{
    if (now_us > e->now_us)
        e->now_us = now_us;
    if (e->started)
        return;
    e->started = true;
    e->uni.t_first_us = e->now_us;
    for (int v = 0; v < n_venues; v++) {
        if (e->conf.venues >> v & 1)
            wants_start_venue(e, (uint8_t)v);
    }
}

static void touch(struct engine *e, uint8_t venue, uint32_t asset)
{
    struct touched *t = &e->touched;
    if (e->uni.slot_of[asset] == NO_SLOT || t->in[venue][asset])
        return;
    assert(t->n < DIR_VENUES_MAX * ASSET_SLOTS_MAX);
    t->in[venue][asset] = true;
    t->item[t->n++] = (struct touched_item){venue, asset};
}

/* --- ingest -------------------------------------------------------------------------------- */

static void mark_live(struct engine *e, const struct origin *o, const struct event *ev,
                      uint32_t inst)
{
    if (ev->channel == CHANNEL_NONE || ev->kind == EV_CONTROL)
        return;
    const struct venue_channel *c = &venues[o->venue]->channels[ev->channel];
    live_data(e->live, o->venue, ev->channel, c->scope == CH_INSTRUMENT ? inst : INST_NONE,
              e->now_us);
}

/* A REST body that was understood proves its poll answered, whatever it held; one that was not is a
 * failure like any other: "openInterest:BTCUSDT" names channel and instrument. */
static void mark_poll(struct engine *e, const struct origin *o, bool understood)
{
    if (!o->req)
        return;
    struct slice req = slice_of(o->req), symbol = {NULL, 0};
    const char *colon = memchr(req.p, ':', req.len);
    if (colon) {
        symbol = (struct slice){colon + 1, (uint32_t)(req.p + req.len - colon - 1)};
        req.len = (uint32_t)(colon - req.p);
    }
    uint8_t channel = venue_channel_find(venues[o->venue], req);
    uint32_t inst = symbol.p ? directory_find(e->dir, o->venue, symbol) : INST_NONE;
    if (channel == CHANNEL_NONE || venues[o->venue]->channels[channel].transport != CH_REST)
        return;
    if (understood)
        live_data(e->live, o->venue, channel, inst, e->now_us);
    else
        live_poll_failed(e->live, o->venue, channel, inst, e->now_us);
}

/* A text that lists instruments by position ends each list with its length. */
static void end_lists(struct engine *e, uint8_t venue)
{
    for (uint32_t i = 0; i < e->batch->n; i++) {
        const struct event *ev = &e->batch->ev[i], *next = ev + 1;
        if (ev->kind != EV_SPEC || ev->ord < 0)
            continue;
        bool last = i + 1 == e->batch->n || next->kind != EV_SPEC || next->ord < 0 ||
                    !slice_eq(next->dex, ev->dex);
        if (last)
            directory_dex_end(e->dir, venue, ev->dex, (uint32_t)ev->ord + 1);
    }
}

static void take_event(struct engine *e, const struct origin *o, struct event *ev)
{
    uint32_t inst = INST_NONE;
    ev->t_recv_us = e->now_us;
    int rc = market_apply(e->market, o, ev, &inst);
    e->count[EC_EVENTS]++;
    e->events[o->venue][ev->kind]++;
    mark_live(e, o, ev, inst);
    if (ev->kind == EV_CONTROL && ev->symbol.p) /* an ack or error of one subscription */
        inst = directory_find(e->dir, o->venue, ev->symbol);
    else if (inst != INST_NONE) {
        const struct slot *s = market_slot(e->market, inst);
        if (ev->kind == EV_SPEC && rc >= 0)
            universe_spec(e, inst);
        if (ev->kind == EV_BOOK && s)
            wants_book(e, inst);
        if (s && rc >= 0)
            risk_event(e->risk, s, ev);
        if (s)
            touch(e, o->venue, s->asset);
    }
    if (e->sinks.event)
        e->sinks.event(e->sinks.arg, o, ev, inst, rc);
}

/* Instruments that have left a list which names all. */
static void end_listing(struct engine *e, const struct origin *o)
{
    struct event gone;
    if (o->conn != CONN_REST || !listing_begin(e, o))
        return;
    for (uint32_t inst = 0; listing_gone(e, &inst, &gone);)
        take_event(e, o, &gone);
}

int engine_ingest(struct engine *e, const struct origin *o, const char *text, size_t len,
                  int64_t now_us)
{
    assert(o->venue < n_venues);
    enter_at(e, now_us);
    e->count[EC_TEXTS]++;
    e->count[EC_BYTES] += len;
    batch_clear(e->batch);
    int rc = venues[o->venue]->parse(e->dir, o, text, len, e->batch);
    if (rc >= 0 && e->batch->err)
        rc = e->batch->err;
    if (rc < 0) {
        e->count[EC_REFUSED]++;
        e->refused[o->venue][-rc < E_ERRS ? -rc : 0]++;
        if (e->sinks.refused)
            e->sinks.refused(e->sinks.arg, o, text, len, rc);
        if (o->conn == CONN_REST)
            mark_poll(e, o, false);
        return rc;
    }
    for (uint32_t i = 0; i < e->batch->n; i++)
        take_event(e, o, &e->batch->ev[i]);
    end_lists(e, o->venue);
    end_listing(e, o);
    if (o->conn == CONN_REST)
        mark_poll(e, o, true);
    return 0;
}

/* --- notes --------------------------------------------------------------------------------- */

typedef int note_fn(struct engine *e, const struct note *n, const struct engine_conf *conf);

static bool names_conn(const struct note *n)
{
    return n->venue < n_venues && n->conn != CONN_REST &&
           CONN_ROUTE(n->conn) < venues[n->venue]->n_routes;
}

static uint32_t note_inst(const struct engine *e, const struct note *n)
{
    return n->symbol.p ? directory_find(e->dir, n->venue, n->symbol) : INST_NONE;
}

static int on_link_up(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    if (!names_conn(n))
        return E_UNKNOWN;
    live_link(e->live, n->venue, n->conn, true, e->now_us);
    return 0;
}

static int on_link_down(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    if (!names_conn(n))
        return E_UNKNOWN;
    live_link(e->live, n->venue, n->conn, false, e->now_us);
    if (!live_conn_up(e->live, n->venue, n->conn))
        market_link_down(e->market, n->venue, n->conn, e->now_us);
    return 0;
}

static bool names_channel(const struct note *n)
{
    return n->venue < n_venues && n->channel < venues[n->venue]->n_channels;
}

static int on_sent(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    if (!names_channel(n))
        return E_UNKNOWN;
    live_sent(e->live, n->venue, n->channel, note_inst(e, n), e->now_us);
    return 0;
}

/* A late ack is the feed's to mend: liveness hears of it when data fail to come. */
static int on_ack_timeout(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)e;
    (void)conf;
    return names_channel(n) ? 0 : E_UNKNOWN;
}

static int on_ack(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    if (!names_channel(n))
        return E_UNKNOWN;
    if (n->kind == NOTE_REFUSED)
        live_refused(e->live, n->venue, n->channel, note_inst(e, n), e->now_us);
    else
        live_acked(e->live, n->venue, n->channel, note_inst(e, n), e->now_us);
    return 0;
}

static int on_poll_failed(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    if (!names_channel(n))
        return E_UNKNOWN;
    live_poll_failed(e->live, n->venue, n->channel, note_inst(e, n), e->now_us);
    return 0;
}

static int on_desk(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    int64_t id;
    (void)conf;
    if (!slice_is(n->action, "ack"))
        return E_UNKNOWN;
    if (num_parse_i64(n->key.p, n->key.len, &id) < 0 || id < 0 || id > UINT32_MAX)
        return E_SYNTAX;
    return alerts_ack(e->alerts, (uint32_t)id, n->who, e->now_us);
}

static int install_conf(struct engine *e, const struct engine_conf *conf, char why[160]);

static int on_conf(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    char why[160];
    (void)n;
    if (!conf)
        return E_MISSING;
    uint32_t was = e->conf.venues;
    int rc = install_conf(e, conf, why);
    if (rc < 0)
        return rc;
    for (uint8_t v = 0; v < n_venues; v++) {
        bool on = conf->venues >> v & 1, had = was >> v & 1;
        if (on && !had)
            wants_start_venue(e, v);
        if (had && !on)
            wants_stop_venue(e, v);
    }
    universe_conf(e);
    return 0;
}

static int on_clock(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)e;
    (void)n;
    (void)conf;
    return 0; /* engine time follows by itself; the record says why the wall differs */
}

static int on_store(struct engine *e, const struct note *n, const struct engine_conf *conf)
{
    (void)conf;
    return risk_note_loss(e->risk, n->action, n->value, e->now_us);
}

static note_fn *const on_note[NOTE_KINDS] = {
    [NOTE_LINK_UP] = on_link_up, [NOTE_LINK_DOWN] = on_link_down,
    [NOTE_SENT] = on_sent,       [NOTE_ACK_TIMEOUT] = on_ack_timeout,
    [NOTE_REFUSED] = on_ack,     [NOTE_POLL_FAILED] = on_poll_failed,
    [NOTE_DESK] = on_desk,       [NOTE_CONF] = on_conf,
    [NOTE_CLOCK] = on_clock,     [NOTE_ACKED] = on_ack,
    [NOTE_STORE] = on_store,
};

int engine_note(struct engine *e, const struct note *n, const struct engine_conf *conf,
                int64_t now_us)
{
    enter_at(e, now_us);
    e->count[EC_NOTES]++;
    if ((unsigned)n->kind >= NOTE_KINDS)
        return E_UNKNOWN;
    return on_note[n->kind](e, n, conf);
}

/* --- turn and tick ------------------------------------------------------------------------- */

static bool frozen(const struct cell *c)
{
    return c->reason == R_STALE || c->reason == R_DOWN || c->reason == R_GAP;
}

static void judge_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    struct engine *e = arg;
    if (!e->turn_judging) {
        e->count[EC_ROWS]++;
        if (e->sinks.row)
            e->sinks.row(e->sinks.arg, t_us, s, row, n);
    }
    for (int i = 0; i < e->n_rule_cols[s.table]; i++) {
        int metric = e->rule_cols[s.table][i].metric, col = e->rule_cols[s.table][i].column;
        if (col < n)
            alerts_judge(
                e->alerts, e->dir,
                &(struct judgement){s, metric, row[col], e->turn_judging, frozen(&row[col]), t_us});
    }
}

static void tell_reason(void *arg, const struct reason_change *c)
{
    struct engine *e = arg;
    if (c->now ==
        R_NOT_TRACKED) { /* a feed that is no longer wanted has no row any more: its alerts end */
        struct cell gone = {NAN, R_NOT_TRACKED};
        alerts_judge(e->alerts, e->dir,
                     &(struct judgement){c->subject, c->metric_id, gone, false, false, c->t_us});
    }
    if (e->sinks.unknown)
        e->sinks.unknown(e->sinks.arg, c);
}

static void tell_map(void *arg, const struct map_row *m)
{
    struct engine *e = arg;
    if (e->sinks.map)
        e->sinks.map(e->sinks.arg, m);
}

static void judge_fast(struct engine *e, uint8_t venue, uint32_t asset)
{
    struct risk_sink sink = risk_sinks(e);
    struct subject s = {MT_VENUE_ASSET, venue, 255, asset};
    e->count[EC_FAST]++;
    risk_turn(e->risk, s, e->now_us, &sink); /* hands out the row of the asset too */
}

int64_t engine_turn(struct engine *e, int64_t now_us)
{
    enter_at(e, now_us);
    e->count[EC_TURNS]++;
    e->turn_judging = true;
    struct touched *t = &e->touched;
    int64_t due_us = 0;
    int kept = 0;
    for (int i = 0; i < t->n; i++) {
        struct touched_item it = t->item[i];
        int64_t *judged_us = &t->t_judged_us[it.venue][e->uni.slot_of[it.asset]];
        int64_t next_us = *judged_us + FAST_EVERY_US;
        if (e->now_us < next_us) { /* deferred */
            t->item[kept++] = it;
            due_us = due_us == 0 || next_us < due_us ? next_us : due_us;
            continue;
        }
        t->in[it.venue][it.asset] = false;
        *judged_us = e->now_us;
        judge_fast(e, it.venue, it.asset);
    }
    t->n = kept;
    e->turn_judging = false;
    return due_us;
}

void engine_tick(struct engine *e, int64_t now_us)
{
    assert(now_us % SECOND_US == 0);
    enter_at(e, now_us);
    e->count[EC_TICKS]++;
    if (e->last_tick_us && now_us - e->last_tick_us > SECOND_US)
        e->count[EC_TICKS_SKIPPED] += (uint64_t)((now_us - e->last_tick_us) / SECOND_US - 1);
    e->last_tick_us = now_us;
    live_tick(e->live, now_us);
    market_tick(e->market, now_us);
    universe_tick(e);
    struct risk_sink sink = risk_sinks(e);
    risk_tick(e->risk, now_us, &sink);
    alerts_tick(e->alerts, now_us);
    wants_tick(e);
}

/* --- construction -------------------------------------------------------------------------- */

static void on_alert(void *arg, const struct alert *a)
{
    struct engine *e = arg;
    e->count[EC_ALERTS]++;
    if (e->sinks.alert)
        e->sinks.alert(e->sinks.arg, a);
}

static void on_gap(void *arg, const struct gap *g)
{
    struct engine *e = arg;
    if (e->sinks.gap)
        e->sinks.gap(e->sinks.arg, g);
}

static bool column_listed(const struct engine *e, uint8_t table, int metric)
{
    for (int i = 0; i < e->n_rule_cols[table]; i++) {
        if (e->rule_cols[table][i].metric == metric)
            return true;
    }
    return false;
}

static void list_rule_columns(struct engine *e)
{
    for (int t = 0; t < MT_TABLES; t++)
        e->n_rule_cols[t] = 0;
    for (int i = 0; i < alerts_rules(e->alerts); i++) {
        const struct rule *r = alerts_rule(e->alerts, i);
        if (!column_listed(e, r->table, r->metric_id))
            e->rule_cols[r->table][e->n_rule_cols[r->table]++] =
                (struct rule_col){(uint16_t)r->metric_id, (uint16_t)metric_column(r->metric_id)};
    }
}

/* Rules first, because only they can be refused; then everything that may change while running.
 * What sizes memory (max_assets, book_levels) keeps its first value. */
static int install_conf(struct engine *e, const struct engine_conf *c, char why[160])
{
    if (c->n_rules > RULES_MAX || c->n_aliases > 4096) {
        snprintf(why, 160, "%d rules and %d aliases are more than %d and 4096", c->n_rules,
                 c->n_aliases, RULES_MAX);
        return E_LIMIT;
    }
    int rc = alerts_set_rules(e->alerts, c->rules, c->n_rules, e->now_us, why);
    if (rc < 0)
        return rc;
    rc = directory_set_aliases(e->dir, c->aliases, c->n_aliases);
    if (rc < 0) {
        snprintf(why, 160, "aliases: %s", err_text(rc));
        return rc;
    }
    uint32_t max_assets = e->conf.max_assets, levels = e->conf.book_levels;
    e->conf = *c;
    e->conf.rules = NULL;
    e->conf.aliases = NULL;
    if (e->started) {
        e->conf.max_assets = max_assets;
        e->conf.book_levels = levels;
    }
    list_rule_columns(e);
    return 0;
}

/* Of the channels that give a kind to what is tracked: polls count only where nothing is pushed. */
static uint16_t longest_period(const struct venue *v, uint32_t kind, bool pushed)
{
    uint16_t longest = 0;
    for (int c = 0; c < v->n_channels; c++) {
        const struct venue_channel *ch = &v->channels[c];
        uint16_t period = ch->period_s ? ch->period_s : ch->silent_s / 3;
        bool gives =
            (ch->events >> kind & 1) && (ch->role == ROLE_START || ch->role == ROLE_TRACKED);
        if (gives && (ch->transport == CH_WS || !pushed) && period > longest)
            longest = period;
    }
    return longest;
}

/* Index + 1 of the pushed channel that gives a segment's kind of event, one of its own before one
 * of all; 0 = none does. */
static void fill_feeders(const struct venue *v, uint8_t segment, uint8_t feeder[EV_KINDS])
{
    for (int own = 0; own < 2; own++) {
        for (int c = v->n_channels - 1; c >= 0; c--) {
            const struct venue_channel *ch = &v->channels[c];
            bool gives = ch->transport == CH_WS && ch->role != ROLE_FILE &&
                         (own ? ch->segments >> segment & 1 : ch->segments == 0);
            for (uint32_t k = 0; k < EV_KINDS; k++)
                if (gives && (ch->events >> k & 1))
                    feeder[k] = (uint8_t)(c + 1);
        }
    }
}

static void fill_market_conf(const struct engine_conf *c, struct market_conf *m)
{
    *m = (struct market_conf){
        .max_slots = c->max_assets * 4, .book_levels = c->book_levels, .book_pending = 512};
    for (int v = 0; v < n_venues; v++) {
        m->segments[v] = c->segments[v] | 1;
        fill_feeders(venues[v], 0, m->feeder[v]);
        fill_feeders(venues[v], 1, m->feeder2[v]);
        for (uint32_t k = 0; k < EV_KINDS; k++) {
            uint8_t f = m->feeder[v][k];
            uint16_t ttl_s = (uint16_t)(3 * longest_period(venues[v], k, f > 0));
            m->ttl_s[v][k] = ttl_s > 5 ? ttl_s : 5;
            m->merged[v] |= f && venues[v]->merged >> (f - 1) & 1 ? 1u << k : 0;
        }
    }
}

static const char *channel_name(uint8_t venue, uint8_t channel)
{
    return channel < venues[venue]->n_channels ? venues[venue]->channels[channel].name : NULL;
}

static int build_parts(struct engine *e, char why[160])
{
    const char **names = e->venue_names;
    assert(n_venues <= DIR_VENUES_MAX);
    for (int v = 0; v < n_venues; v++)
        names[v] = venues[v]->name;
    struct alert_names an = {.venues = names, .n_venues = n_venues, .channel = channel_name};
    struct market_conf mc;
    fill_market_conf(&e->conf, &mc);
    struct risk_conf rc = {.max_assets = e->conf.max_assets, .n_venues = n_venues};
    for (int v = 0; v < n_venues; v++) {
        rc.venue[v] = (struct risk_venue){.fair_weight = risk_fair_weight(slice_of(names[v])),
                                          .liq_public = venues[v]->liq_public,
                                          .liq_coverage = venues[v]->liq_coverage};
    }
    e->dir = directory_new(NULL, 0, names, n_venues);
    e->live = live_new(on_gap, e);
    e->batch = batch_new();
    e->alerts = alerts_new(&an, on_alert, e);
    if (e->dir && e->live)
        e->market = market_new(&mc, e->dir, e->live);
    if (e->market)
        e->risk = risk_new(&rc, e->market);
    if (e->risk && e->batch && e->alerts)
        return 0;
    snprintf(why, 160, "out of memory for %u assets", e->conf.max_assets);
    return E_NOMEM;
}

static int check_conf(const struct engine_conf *c, char why[160])
{
    if (c->max_assets < 1 || c->max_assets > ASSET_SLOTS_MAX) {
        snprintf(why, 160, "max_assets %u is not in 1..%d", c->max_assets, ASSET_SLOTS_MAX);
        return E_RANGE;
    }
    if (c->book_levels < 1 || c->book_levels > 20000) {
        snprintf(why, 160, "book_levels %u is not in 1..20000", c->book_levels);
        return E_RANGE;
    }
    uint32_t asked = c->top_n ? c->top_n : (uint32_t)c->n_assets;
    if (asked > c->max_assets) {
        snprintf(why, 160, "%u assets are asked for but max_assets is %u", asked, c->max_assets);
        return E_RANGE;
    }
    return 0;
}

struct engine *engine_new(const struct engine_conf *c, const struct sinks *s, char why[160])
{
    struct engine *e = NULL;
    if (check_conf(c, why) == 0)
        e = calloc(1, sizeof *e);
    else
        return NULL;
    if (!e) {
        snprintf(why, 160, "out of memory");
        return NULL;
    }
    e->conf = *c;
    if (s)
        e->sinks = *s;
    if (build_parts(e, why) < 0 || install_conf(e, c, why) < 0 || universe_start(e) < 0) {
        engine_free(e);
        return NULL;
    }
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    risk_free(e->risk);
    market_free(e->market);
    alerts_free(e->alerts);
    batch_free(e->batch);
    live_free(e->live);
    directory_free(e->dir);
    free(e);
}
