/* What the tests of alerts share: two venues, one rule, values put in at seconds since T0, and the
 * transitions since the last look as one text. */
#ifndef ALERT_FIXTURE_H
#define ALERT_FIXTURE_H

#include "unit.h"

#include "alert/alert.h"

#define S         INT64_C(1000000)
#define T0        (INT64_C(1760000000) * S)
#define MAX_STEPS 4096

static const char *const venue_names[] = {"binance", "hyperliquid"};
static inline const char *channel_name(uint8_t venue, uint8_t channel)
{
    static const char *const names[2][3] = {{"depth", "forceOrder", NULL}, {"l2Book", NULL, NULL}};
    return venue < 2 && channel < 3 ? names[venue][channel] : NULL;
}
static const struct alert_names names = {venue_names, 2, channel_name};

struct seen {
    struct alert a[MAX_STEPS];
    int n;
};

static inline void on_transition(void *arg, const struct alert *t)
{
    struct seen *s = arg;
    ck_assert_int_lt(s->n, MAX_STEPS);
    s->a[s->n++] = *t;
}

struct fixture {
    struct seen seen;
    struct alerts *alerts;
    struct directory *dir;
    int metric;
    struct subject subject;
};

static inline struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof(*f));
    ck_assert_ptr_nonnull(f);
    f->alerts = alerts_new(&names, on_transition, &f->seen);
    f->dir = directory_new(NULL, 0, venue_names, 2);
    ck_assert_ptr_nonnull(f->alerts);
    ck_assert_ptr_nonnull(f->dir);
    f->metric = metric_resolve(slice_of("m_asset.liq_1m_oi_frac"));
    ck_assert_int_ge(f->metric, 0);
    f->subject = (struct subject){MT_ASSET, 255, 255, directory_asset_add(f->dir, SLICE("BTC"))};
    return f;
}

static inline void fixture_free(struct fixture *f)
{
    alerts_free(f->alerts);
    directory_free(f->dir);
    free(f);
}

/* Warning at 10 (clear 5, for 3 s), critical at 20 (clear 15, for 0), keep 10 s. */
static inline struct rule rule_basic(void)
{
    struct rule r = {.name = "liq", .metric = "m_asset.liq_1m_oi_frac", .fast = true, .keep_s = 10};
    r.level[0] = (struct rule_level){SEV_WARNING, 10, 5, 3};
    r.level[1] = (struct rule_level){SEV_CRITICAL, 20, 15, 0};
    return r;
}

static inline void install(struct fixture *f, const struct rule *r, int n)
{
    char why[160] = "";
    int err = alerts_set_rules(f->alerts, r, n, T0, why);
    ck_assert_msg(err == 0, "%d %s", err, why);
}

static inline void judge_at(struct fixture *f, int64_t t_us, double x)
{
    struct cell c = {x, isnan(x) ? R_STALE : R_KNOWN};
    alerts_judge(f->alerts, f->dir,
                 &(struct judgement){f->subject, f->metric, c, false, false, t_us});
}

static inline void judge(struct fixture *f, double t_s, double x)
{
    judge_at(f, T0 + (int64_t)(t_s * 1e6), x);
}

static inline void tick(struct fixture *f, double t_s)
{
    alerts_tick(f->alerts, T0 + (int64_t)(t_s * 1e6));
}

/* The transitions since the last call: "pending", "firing/critical", "firing/warning+inhibited". */
static inline void expect(struct fixture *f, const char *want)
{
    char buf[400];
    struct text t;
    text_init(&t, buf, sizeof(buf));
    for (int i = 0; i < f->seen.n; i++) {
        const struct alert *a = &f->seen.a[i];
        text_fmt(&t, "%s%s", i ? " " : "", alert_state_name(a->state));
        if (a->severity)
            text_fmt(&t, "/%s", severity_name(a->severity));
        text_fmt(&t, "%s%s", a->inhibited ? "+inhibited" : "", a->acked ? "+acked" : "");
        if (a->cause != AC_VALUE)
            text_fmt(&t, "(%s)", alert_cause_name(a->cause));
    }
    ck_assert_str_eq(buf, want);
    f->seen.n = 0;
}

static inline const struct alert *only(struct fixture *f)
{
    const struct alert *found = NULL;
    for (int i = 0; i < alerts_count(f->alerts); i++)
        if (alerts_at(f->alerts, i)) {
            ck_assert_ptr_null(found);
            found = alerts_at(f->alerts, i);
        }
    return found;
}

#endif
