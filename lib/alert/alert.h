/* Rules and their state machine. States inactive, pending, firing, resolved (the last is a
 * transition, then inactive). A rule judges one metric on every subject of its table; identity of
 * an alert = rule
 * + subject. A rule neither fires nor clears on unknown. Pure: time is passed in. */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include "base/text.h"
#include "risk/metric.h"

#define RULES_MAX   256
#define ALERTS_MAX  8192
#define RULE_LEVELS 3

enum severity { SEV_NONE, SEV_INFO, SEV_WARNING, SEV_CRITICAL };
enum alert_state { AS_INACTIVE, AS_PENDING, AS_FIRING, AS_RESOLVED };
enum alert_cause { AC_VALUE, AC_LEFT_UNIVERSE, AC_RULE_GONE, AC_DESK, AC_RESTART };

struct rule_level {
    uint8_t severity; /* enum severity; SEV_NONE = level not used */
    double raise, clear;
    uint32_t for_s;
};

struct rule {
    char name[48];
    char metric[48];
    int metric_id; /* resolved by alerts_set_rules */
    uint8_t table; /* enum metric_table of the metric */
    bool below;    /* true: raises when value <= raise, clears when value >= clear */
    bool absolute; /* judges |value| */
    bool fast;
    uint32_t keep_s;                              /* keep_firing_for */
    struct rule_level level[RULE_LEVELS];         /* rising severity */
    char venues[128], assets[256], channels[128]; /* comma lists; "" = all */
    char summary[160]; /* template: {asset} {venue} {channel} {value} {unit} {threshold} */
    uint32_t version;  /* hash of the fields above: stated with each alert */
};

struct alert {
    uint64_t n;         /* transition order of this engine, from 1 */
    uint32_t id;        /* stable while the alert is not inactive, not given again soon after */
    uint16_t rule;      /* index of the rule */
    uint8_t state, was; /* enum alert_state after and before */
    uint8_t severity, severity_was;
    uint8_t cause; /* enum alert_cause */
    bool acked, silenced, inhibited;
    struct subject subject;
    int64_t t_us;                                     /* of this transition */
    int64_t t_pending_us, t_firing_us, t_resolved_us; /* of this episode; 0 = not yet */
    double value,
        threshold; /* value NAN when it was unknown; raise of the level that holds or is pending */
    double peak;   /* worst value while firing */
    char ack_by[32];
};

struct alerts;
/* Called for every change of state, severity, acknowledgement or inhibition. Must not call back. */
typedef void alert_fn(void *arg, const struct alert *transition);

/* Names of venues and channels for filters, summaries and frozen state: rules do not know the venue
 * table. channel returns NULL past the last channel of a venue (at most ALERT_CHANNELS_MAX). */
#define ALERT_CHANNELS_MAX 64
struct alert_names {
    const char *const *venues; /* borrowed, outlives the alerts */
    int n_venues;
    const char *(*channel)(uint8_t venue, uint8_t channel);
};

/* NULL when out of memory. */
struct alerts *alerts_new(const struct alert_names *names, alert_fn *on_transition, void *arg);
void alerts_free(struct alerts *a);

/* Checks and installs rules (copied; metric_id, table and version are filled in). rule.metric is
 * "m_asset.liq_1m_oi_frac", or bare when only one table has the name. On failure nothing changes
 * and why[] says what: E_UNKNOWN metric, venue, channel or placeholder; E_DUP rule name, or metric
 * in several tables; E_RANGE levels out of order, clear on the wrong side, fast on a metric that
 * turns do not evaluate; E_MISSING name or level; E_LIMIT. Alerts of rules that vanish, or judge
 * another metric, are resolved; others keep their state and meet the new levels at their next
 * value. */
int alerts_set_rules(struct alerts *a, const struct rule *rules, int n, int64_t now_us,
                     char why[160]) MUST_CHECK;
int alerts_rules(const struct alerts *a);
const struct rule *alerts_rule(const struct alerts *a, int i);

struct judgement { /* one value to be judged */
    struct subject subject;
    int metric_id;
    struct cell value;
    bool fast_only; /* in turns: only rules marked fast */
    bool inhibited; /* the data of that subject is stale: frozen, not fine */
    int64_t now_us;
};

/* Judges one metric value of one subject against every rule on it; fast_only in turns. Unknown, or
 * inhibited (the data of that subject is stale), freezes an alert: for and keep stand still, the
 * flag is set. Unknown not_tracked resolves it: nobody looks at that subject any more. */
void alerts_judge(struct alerts *a, const struct directory *dir, const struct judgement *j);
/* Advances for and keep timers without new values. */
void alerts_tick(struct alerts *a, int64_t now_us);
/* Resolves everything of an asset. */
void alerts_drop_asset(struct alerts *a, uint32_t asset, int64_t now_us);
bool alerts_asset_active(const struct alerts *a, uint32_t asset); /* pending or firing */

/* Desk. E_UNKNOWN no such alert, E_AGAIN it is not firing, E_DUP it is acknowledged already. */
int alerts_ack(struct alerts *a, uint32_t id, struct slice who, int64_t now_us) MUST_CHECK;

int alerts_count(const struct alerts *a);                     /* upper bound for alerts_at */
const struct alert *alerts_at(const struct alerts *a, int i); /* NULL when inactive */
uint64_t alerts_last_n(const struct alerts *a);
uint64_t alerts_refused(const struct alerts *a); /* alerts that found no room (ALERTS_MAX) */

/* The rule's summary with its placeholders filled in. */
void alert_summary(const struct alerts *a, const struct alert *x, const struct directory *dir,
                   struct text *out);

const char *severity_name(uint8_t s);
const char *alert_state_name(uint8_t s);
const char *alert_cause_name(uint8_t c);
int severity_find(struct slice name); /* or -1 */

/* State over a restart: NDJSON by names, not ids. Thaw needs the rules installed; it returns how
 * many alerts it restored (each is told with cause restart, frozen until its next value); lines
 * about rules or instruments nobody knows any more are passed over; E_SYNTAX when the text is not
 * ours (what was read before stays). */
void alerts_freeze(const struct alerts *a, const struct directory *dir, struct text *out);
int alerts_thaw(struct alerts *a, struct directory *dir, const char *text, size_t len,
                int64_t now_us) MUST_CHECK;

#endif
