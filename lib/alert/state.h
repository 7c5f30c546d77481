/* Inside lib/alert: the memory of the state machine, shared by alert.c (transitions), rules.c
 * (checks, filters, texts) and freeze.c (over a restart). Nothing outside lib/alert includes this.
 */
#ifndef ALERT_STATE_H
#define ALERT_STATE_H

#include "alert/alert.h"

#define ALERT_BUCKETS 16384u
#define ENTRY_NONE    UINT32_MAX
#define METRICS_MAX   1024

struct rule_filter {                   /* a rule's lists, compiled */
    uint32_t venues;                   /* bit per venue */
    uint64_t channels[DIR_VENUES_MAX]; /* bit per channel */
    bool all_venues, all_channels;
};

struct rule_set {
    int n;
    struct rule rule[RULES_MAX];
    struct rule_filter filter[RULES_MAX];
    uint16_t first[METRICS_MAX + 1]; /* rules on metric m: order[first[m] .. first[m + 1]) */
    uint16_t order[RULES_MAX];
};

struct level_state {
    bool on;          /* raised and not cleared since */
    int64_t since_us; /* raise holds since; 0 = it does not. Kept at the raise while on */
};

struct entry {
    struct alert a;
    struct level_state level[RULE_LEVELS];
    int64_t clear_us;  /* firing without any level on since; 0 = some level is */
    int64_t frozen_us; /* data unknown since; 0 = known */
    uint32_t asset;    /* ASSET_NONE */
    uint32_t next;     /* chain of the bucket */
    uint32_t gen;
    bool used;
};

struct alerts {
    struct alert_names names;
    alert_fn *fn;
    void *arg;
    struct rule_set *rules, *spare; /* spare: built by set_rules, then swapped */
    struct entry *entry;            /* ALERTS_MAX */
    uint32_t low, high;             /* entries below low are used, from high on free */
    uint32_t bucket[ALERT_BUCKETS];
    uint64_t n, refused;
    int64_t now_us; /* the latest time it was told */
};

/* rules.c */
int rules_build(const struct alert_names *names, const struct rule *rules, int n,
                struct rule_set *out, char why[160]) MUST_CHECK;
int rules_find(const struct rule_set *set, struct slice name); /* or -1 */
/* Does rule i look at this subject? asset: of the subject, ASSET_NONE for none. */
bool rules_match(const struct rule_set *set, int i, struct subject s, uint32_t asset,
                 const struct directory *dir);
uint32_t subject_asset_id(struct subject s, const struct directory *dir);
bool level_raises(const struct rule *r, int level, double value);
bool level_clears(const struct rule *r, int level, double value);

/* alert.c */
struct entry *entry_find(const struct alerts *a, uint16_t rule, struct subject s);
struct entry *entry_take(struct alerts *a, uint16_t rule, struct subject s, uint32_t asset);
void entry_tell(struct alerts *a, struct entry *e, uint8_t was, uint8_t severity_was,
                enum alert_cause c);

#endif
