/* The state machine of alerts. In: values with their subjects, and time. Out: transitions through
 * the caller's function, in an order that follows from the input alone. Each level of a rule is its
 * own small machine (off, raised since, on until cleared); the alert is the highest level that is
 * on. The surprising thing: on unknown data all clocks stand still - the time is added to `since`
 * when the data returns - so that nothing fires or resolves because nobody could look. */
#include "alert/state.h"

#include <assert.h>
#include <stdlib.h>

struct alerts *alerts_new(const struct alert_names *names, alert_fn *on_transition, void *arg)
{
    assert(metric_count() <= METRICS_MAX && names->n_venues <= DIR_VENUES_MAX);
    struct alerts *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->names = *names;
    a->fn = on_transition;
    a->arg = arg;
    a->rules = calloc(1, sizeof(*a->rules));
    a->spare = calloc(1, sizeof(*a->spare));
    a->entry = calloc(ALERTS_MAX, sizeof(*a->entry));
    memset(a->bucket, 0xff, sizeof(a->bucket));
    if (a->rules && a->spare && a->entry)
        return a;
    alerts_free(a);
    return NULL;
}

void alerts_free(struct alerts *a)
{
    if (!a)
        return;
    free(a->rules);
    free(a->spare);
    free(a->entry);
    free(a);
}

int alerts_rules(const struct alerts *a)
{
    return a->rules->n;
}

const struct rule *alerts_rule(const struct alerts *a, int i)
{
    assert(i >= 0 && i < a->rules->n);
    return &a->rules->rule[i];
}

int alerts_count(const struct alerts *a)
{
    return (int)a->high;
}

const struct alert *alerts_at(const struct alerts *a, int i)
{
    return i >= 0 && i < (int)a->high && a->entry[i].used ? &a->entry[i].a : NULL;
}

uint64_t alerts_last_n(const struct alerts *a)
{
    return a->n;
}

uint64_t alerts_refused(const struct alerts *a)
{
    return a->refused;
}

/* ---- entries: found by rule and subject
 * ---------------------------------------------------------- */

static uint32_t bucket_of(uint16_t rule, struct subject s)
{
    uint64_t key = (uint64_t)s.id << 32 | (uint64_t)rule << 16 | (uint64_t)s.venue << 8 | s.channel;
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40) % ALERT_BUCKETS;
}

static bool same(const struct entry *e, uint16_t rule, struct subject s)
{
    const struct subject *t = &e->a.subject;
    return e->a.rule == rule && t->id == s.id && t->venue == s.venue && t->channel == s.channel &&
           t->table == s.table;
}

struct entry *entry_find(const struct alerts *a, uint16_t rule, struct subject s)
{
    for (uint32_t i = a->bucket[bucket_of(rule, s)]; i != ENTRY_NONE; i = a->entry[i].next)
        if (same(&a->entry[i], rule, s))
            return &a->entry[i];
    return NULL;
}

static void entry_link(struct alerts *a, struct entry *e)
{
    uint32_t *bucket = &a->bucket[bucket_of(e->a.rule, e->a.subject)];
    e->next = *bucket;
    *bucket = (uint32_t)(e - a->entry);
}

static void entry_unlink(struct alerts *a, struct entry *e)
{
    uint32_t *at = &a->bucket[bucket_of(e->a.rule, e->a.subject)];
    while (*at != (uint32_t)(e - a->entry))
        at = &a->entry[*at].next;
    *at = e->next;
}

struct entry *entry_take(struct alerts *a, uint16_t rule, struct subject s, uint32_t asset)
{
    uint32_t i = a->low;
    while (i < a->high && a->entry[i].used)
        i++;
    a->low = i;
    if (i == ALERTS_MAX) {
        a->refused++;
        return NULL;
    }
    if (i == a->high)
        a->high++;
    struct entry *e = &a->entry[i];
    *e = (struct entry){.used = true, .asset = asset, .gen = e->gen + 1};
    e->a.id = e->gen * ALERTS_MAX + i; /* wraps after 500,000 lives of one slot */
    e->a.rule = rule;
    e->a.subject = s;
    e->a.value = e->a.threshold = e->a.peak = NAN;
    entry_link(a, e);
    return e;
}

static void entry_drop(struct alerts *a, struct entry *e)
{
    entry_unlink(a, e);
    e->used = false;
    if (a->low > (uint32_t)(e - a->entry))
        a->low = (uint32_t)(e - a->entry);
    while (a->high > 0 && !a->entry[a->high - 1].used)
        a->high--;
}

/* ---- transitions
 * --------------------------------------------------------------------------------- */

void entry_tell(struct alerts *a, struct entry *e, uint8_t was, uint8_t severity_was,
                enum alert_cause c)
{
    e->a.n = ++a->n;
    e->a.t_us = a->now_us;
    e->a.was = was;
    e->a.severity_was = severity_was;
    e->a.cause = (uint8_t)c;
    if (a->fn)
        a->fn(a->arg, &e->a);
}

static void end_entry(struct alerts *a, struct entry *e, enum alert_cause c)
{
    uint8_t was = e->a.state;
    bool fired = was == AS_FIRING;
    e->a.state = fired ? AS_RESOLVED : AS_INACTIVE;
    e->a.t_resolved_us = fired ? a->now_us : 0;
    e->a.acked = fired ? e->a.acked : false;
    entry_tell(a, e, was, e->a.severity, c);
    entry_drop(a, e);
}

/* Highest level that is on, or (pending) whose raise holds; -1. */
static int top_level(const struct entry *e, bool on)
{
    for (int i = RULE_LEVELS - 1; i >= 0; i--)
        if (on ? e->level[i].on : e->level[i].since_us != 0)
            return i;
    return -1;
}

static void start_firing(struct alerts *a, struct entry *e, const struct rule_level *l)
{
    uint8_t was = e->a.state;
    e->a.state = AS_FIRING;
    e->a.severity = l->severity;
    e->a.threshold = l->raise;
    e->a.t_firing_us = a->now_us;
    e->a.peak = e->a.value;
    if (was == AS_INACTIVE)
        e->a.t_pending_us = a->now_us;
    entry_tell(a, e, was, SEV_NONE, AC_VALUE);
}

/* Not firing yet. Returns whether a transition was told. */
static bool settle_quiet(struct alerts *a, struct entry *e, const struct rule *r)
{
    int on = top_level(e, true), raised = top_level(e, false);
    if (on >= 0) {
        start_firing(a, e, &r->level[on]);
        return true;
    }
    if (raised < 0) {
        end_entry(a, e, AC_VALUE);
        return true;
    }
    e->a.threshold = r->level[raised].raise;
    if (e->a.state == AS_PENDING)
        return false;
    e->a.state = AS_PENDING;
    e->a.t_pending_us = a->now_us;
    entry_tell(a, e, AS_INACTIVE, SEV_NONE, AC_VALUE);
    return true;
}

static bool settle_firing(struct alerts *a, struct entry *e, const struct rule *r)
{
    int on = top_level(e, true);
    if (on < 0) {
        if (e->clear_us == 0)
            e->clear_us = a->now_us;
        if (a->now_us - e->clear_us < (int64_t)r->keep_s * 1000000)
            return false;
        end_entry(a, e, AC_VALUE);
        return true;
    }
    uint8_t was = e->a.severity;
    e->clear_us = 0;
    e->a.severity = r->level[on].severity;
    e->a.threshold = r->level[on].raise;
    if (e->a.severity == was)
        return false;
    if (e->a.severity > was) {
        e->a.acked = false;
        e->a.ack_by[0] = 0;
    }
    entry_tell(a, e, AS_FIRING, was, AC_VALUE);
    return true;
}

/* Lets `for` and `keep` elapse and moves the alert to the state its levels give. An alert that is
 * only kept firing (clear_us) needs no new `for` at its severity or below: the condition is back.
 */
static bool settle(struct alerts *a, struct entry *e)
{
    const struct rule *r = &a->rules->rule[e->a.rule];
    for (int i = 0; i < RULE_LEVELS; i++) {
        struct level_state *l = &e->level[i];
        bool ready = e->a.state == AS_FIRING && r->level[i].severity <= e->a.severity;
        if (l->since_us &&
            (ready || a->now_us - l->since_us >= (int64_t)r->level[i].for_s * 1000000))
            l->on = true;
    }
    return e->a.state == AS_FIRING ? settle_firing(a, e, r) : settle_quiet(a, e, r);
}

/* ---- judging
 * -------------------------------------------------------------------------------------- */

static void freeze_entry(struct alerts *a, struct entry *e)
{
    e->a.value = NAN;
    if (e->frozen_us)
        return;
    e->frozen_us = a->now_us;
    e->a.inhibited = true;
    entry_tell(a, e, e->a.state, e->a.severity, AC_VALUE);
}

static void thaw_entry(struct alerts *a, struct entry *e)
{
    int64_t stood_us = a->now_us - e->frozen_us;
    for (int i = 0; i < RULE_LEVELS; i++)
        if (e->level[i].since_us)
            e->level[i].since_us += stood_us;
    if (e->clear_us)
        e->clear_us += stood_us;
    e->frozen_us = 0;
    e->a.inhibited = false;
}

static void step_levels(const struct rule *r, struct entry *e, double value, int64_t now_us)
{
    for (int i = 0; i < RULE_LEVELS; i++) {
        struct level_state *l = &e->level[i];
        bool used = r->level[i].severity != SEV_NONE;
        if (!used || (l->on && level_clears(r, i, value)))
            *l = (struct level_state){false, 0};
        else if (!l->on && !level_raises(r, i, value))
            l->since_us = 0;
        else if (!l->on && !l->since_us)
            l->since_us = now_us;
    }
}

static double worse(const struct rule *r, double a, double b)
{
    double x = r->absolute ? fabs(a) : a, y = r->absolute ? fabs(b) : b;
    if (isnan(x))
        return b;
    return (r->below ? y < x : y > x) ? b : a;
}

static void judge_entry(struct alerts *a, struct entry *e, double value)
{
    const struct rule *r = &a->rules->rule[e->a.rule];
    bool thawed = e->frozen_us != 0;
    if (thawed)
        thaw_entry(a, e);
    e->a.value = value;
    if (e->a.state == AS_FIRING)
        e->a.peak = worse(r, e->a.peak, value);
    step_levels(r, e, value, a->now_us);
    uint8_t state = e->a.state, severity = e->a.severity;
    if (!settle(a, e) && thawed)
        entry_tell(a, e, state, severity, AC_VALUE);
}

static bool any_raises(const struct rule *r, double value)
{
    for (int i = 0; i < RULE_LEVELS; i++)
        if (r->level[i].severity != SEV_NONE && level_raises(r, i, value))
            return true;
    return false;
}

static void judge_rule(struct alerts *a, uint16_t rule, const struct directory *dir,
                       const struct judgement *j)
{
    struct subject s = j->subject;
    uint32_t asset = subject_asset_id(s, dir);
    bool known = j->value.reason == R_KNOWN && !j->inhibited;
    bool match = rules_match(a->rules, rule, s, asset, dir);
    struct entry *e = entry_find(a, rule, s);
    if (e && !match)
        end_entry(a, e, AC_RULE_GONE);
    else if (e && j->value.reason == R_NOT_TRACKED)
        end_entry(a, e, AC_LEFT_UNIVERSE);
    else if (e && !known)
        freeze_entry(a, e);
    if (!match || !known)
        return;
    if (!e && any_raises(&a->rules->rule[rule], j->value.value))
        e = entry_take(a, rule, s, asset);
    if (e)
        judge_entry(a, e, j->value.value);
}

static void take_time(struct alerts *a, int64_t now_us)
{
    if (now_us > a->now_us)
        a->now_us = now_us;
}

void alerts_judge(struct alerts *a, const struct directory *dir, const struct judgement *j)
{
    assert(j->metric_id >= 0 && j->metric_id < metric_count());
    take_time(a, j->now_us);
    for (int k = a->rules->first[j->metric_id]; k < a->rules->first[j->metric_id + 1]; k++)
        if (!j->fast_only || a->rules->rule[a->rules->order[k]].fast)
            judge_rule(a, a->rules->order[k], dir, j);
}

void alerts_tick(struct alerts *a, int64_t now_us)
{
    take_time(a, now_us);
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used && !a->entry[i].frozen_us)
            (void)settle(a, &a->entry[i]);
}

/* ---- what others ask for
 * -------------------------------------------------------------------------- */

/* Where the rule of an alert is in the new set; -1 when it is gone or judges something else. */
static int moved_to(const struct rule_set *old, const struct rule_set *new, uint16_t rule)
{
    int i = rules_find(new, slice_of(old->rule[rule].name));
    return i >= 0 && new->rule[i].metric_id == old->rule[rule].metric_id ? i : -1;
}

/* Gives the alert its rule's new place; levels the rule has no more are off. */
static void move_entry(struct alerts *a, struct entry *e)
{
    e->a.rule = (uint16_t)moved_to(a->rules, a->spare, e->a.rule);
    for (int i = 0; i < RULE_LEVELS; i++)
        if (a->spare->rule[e->a.rule].level[i].severity == SEV_NONE)
            e->level[i] = (struct level_state){false, 0};
    entry_link(a, e);
}

int alerts_set_rules(struct alerts *a, const struct rule *rules, int n, int64_t now_us,
                     char why[160])
{
    int err = rules_build(&a->names, rules, n, a->spare, why);
    if (err < 0)
        return err;
    take_time(a, now_us);
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used && moved_to(a->rules, a->spare, a->entry[i].a.rule) < 0)
            end_entry(a, &a->entry[i], AC_RULE_GONE);
    memset(a->bucket, 0xff, sizeof(a->bucket));
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used)
            move_entry(a, &a->entry[i]);
    struct rule_set *old = a->rules;
    a->rules = a->spare;
    a->spare = old;
    return 0;
}

void alerts_drop_asset(struct alerts *a, uint32_t asset, int64_t now_us)
{
    take_time(a, now_us);
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used && a->entry[i].asset == asset && asset != ASSET_NONE)
            end_entry(a, &a->entry[i], AC_LEFT_UNIVERSE);
}

bool alerts_asset_active(const struct alerts *a, uint32_t asset)
{
    for (uint32_t i = 0; i < a->high; i++)
        if (a->entry[i].used && a->entry[i].asset == asset)
            return true;
    return false;
}

int alerts_ack(struct alerts *a, uint32_t id, struct slice who, int64_t now_us)
{
    struct entry *e = &a->entry[id % ALERTS_MAX];
    if (!e->used || e->a.id != id)
        return E_UNKNOWN;
    if (e->a.state != AS_FIRING)
        return E_AGAIN;
    if (e->a.acked)
        return E_DUP;
    take_time(a, now_us);
    uint32_t room = sizeof(e->a.ack_by) - 1;
    e->a.acked = true;
    (void)slice_copy((struct slice){who.p, who.len < room ? who.len : room}, e->a.ack_by,
                     sizeof(e->a.ack_by));
    entry_tell(a, e, AS_FIRING, e->a.severity, AC_DESK);
    return 0;
}
