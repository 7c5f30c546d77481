/* Proves the state machine against a reference: random rules and values, unknowns included, judged
 * by a second implementation that looks at the whole history anew at every event. */
#include "alert_fixture.h"

/* Time is counted on a clock that stands still while the value is unknown. A level is on from the
 * first event at which its raise has held for `for` (at once up to the severity of a firing alert),
 * until a clear. */

static uint64_t rng_state;
static uint32_t rng(uint32_t n)
{
    rng_state = rng_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(rng_state >> 33) % n;
}

#define EVENTS 120
struct history {
    int n;
    int64_t t[EVENTS], known_us[EVENTS]; /* known_us: the clock that stands still */
    double x[EVENTS];                    /* value that holds; NAN unknown */
    bool judged[EVENTS];                 /* false: a tick, x is the one before */
};

struct verdict {
    int state, severity;
    bool on[RULE_LEVELS], kept;
    int64_t kept_from; /* on the known clock */
};

static bool ref_raises(const struct rule *r, int l, double x)
{
    double v = r->absolute ? fabs(x) : x;
    return r->level[l].severity && (r->below ? v <= r->level[l].raise : v >= r->level[l].raise);
}

static bool ref_clears(const struct rule *r, int l, double x)
{
    double v = r->absolute ? fabs(x) : x;
    return r->below ? v >= r->level[l].clear : v <= r->level[l].clear;
}

/* Since when (known clock) the raise of level l holds at event k; -1 when it does not. */
static int64_t ref_run(const struct rule *r, const struct history *h, int l, int k)
{
    int64_t since = -1;
    for (int j = k; j >= 0; j--) {
        if (isnan(h->x[j]) || !h->judged[j])
            continue;
        if (!ref_raises(r, l, h->x[j]))
            break;
        since = h->known_us[j];
    }
    return since;
}

static struct verdict ref_step(const struct rule *r, const struct history *h, int k,
                               struct verdict v)
{
    bool any = false, run = false;
    if (isnan(h->x[k]))
        return v;
    for (int l = 0; l < RULE_LEVELS; l++) {
        int64_t since = ref_run(r, h, l, k);
        bool ready = v.state == AS_FIRING && r->level[l].severity <= v.severity;
        if (v.on[l] && ref_clears(r, l, h->x[k]))
            v.on[l] = false;
        else if (since >= 0 && (ready || h->known_us[k] - since >= r->level[l].for_s * S))
            v.on[l] = true;
        any |= v.on[l];
        run |= since >= 0;
    }
    if (!any && v.state == AS_FIRING && !v.kept)
        v.kept_from = h->known_us[k];
    bool over = v.state == AS_FIRING && !any && h->known_us[k] - v.kept_from >= r->keep_s * S;
    v.kept = v.state == AS_FIRING && !any && !over;
    if (any) {
        v.state = AS_FIRING;
        for (int l = 0; l < RULE_LEVELS; l++)
            v.severity = v.on[l] ? r->level[l].severity : v.severity;
    } else if (v.state != AS_FIRING || over) {
        v.state = run ? AS_PENDING : AS_INACTIVE;
        v.severity = SEV_NONE;
    }
    return v;
}

static struct rule random_rule(void)
{
    struct rule r = rule_basic();
    r.below = rng(2);
    r.absolute = rng(2);
    r.keep_s = rng(3) * 4;
    double raise = r.below ? 8 : 3;
    for (int l = 0; l < RULE_LEVELS; l++) {
        bool used = l == 0 || rng(4) > 0;
        double clear = r.below ? raise + 1 + rng(2) : raise - 1 - rng(2);
        r.level[l] =
            (struct rule_level){used ? (uint8_t)(SEV_INFO + l) : SEV_NONE, raise, clear, rng(4)};
        raise += (r.below ? -1.0 : 1.0) * (1 + rng(2));
    }
    return r;
}

static void random_event(struct history *h)
{
    int k = h->n++;
    h->t[k] = k ? h->t[k - 1] + rng(4) * S / 2 : T0;
    h->judged[k] = k == 0 || rng(5) > 0;
    h->x[k] = rng(8) == 0 ? NAN : (double)rng(12) - (rng(4) == 0 ? 11 : 0);
    if (!h->judged[k])
        h->x[k] = h->x[k - 1];
    bool stood = k && isnan(h->x[k - 1]);
    h->known_us[k] = k ? h->known_us[k - 1] + (stood ? 0 : h->t[k] - h->t[k - 1]) : 0;
}

static void play(struct fixture *f, const struct rule *r, int round)
{
    struct history h = {0};
    struct verdict v = {0};
    install(f, r, 1);
    f->subject.id = (uint32_t)round;
    while (h.n < EVENTS) {
        random_event(&h);
        int k = h.n - 1;
        if (h.judged[k])
            judge_at(f, h.t[k] + round * 1000 * S, h.x[k]);
        else
            alerts_tick(f->alerts, h.t[k] + round * 1000 * S);
        v = ref_step(r, &h, k, v);
        const struct alert *a = only(f);
        int state = a ? a->state : AS_INACTIVE, severity = a ? a->severity : SEV_NONE;
        ck_assert_msg(state == v.state && severity == v.severity,
                      "round %d event %d: %s/%s, reference %s/%s", round, k,
                      alert_state_name((uint8_t)state), severity_name((uint8_t)severity),
                      alert_state_name((uint8_t)v.state), severity_name((uint8_t)v.severity));
        ck_assert(!a || a->inhibited == isnan(h.x[k]));
    }
    alerts_drop_asset(f->alerts, f->subject.id, h.t[h.n - 1] + round * 1000 * S);
}

/* Each transition starts where the one before ended, and the order has no hole. */
static void check_chain(const struct seen *s, uint64_t first)
{
    int state = AS_INACTIVE;
    for (int i = 0; i < s->n; i++) {
        ck_assert_uint_eq(s->a[i].n, first + (uint64_t)i);
        ck_assert_int_eq(s->a[i].was, state);
        state = s->a[i].state == AS_RESOLVED ? AS_INACTIVE : s->a[i].state;
    }
}

START_TEST(test_random_against_reference)
{
    struct fixture *f = fixture_new();
    int fired = 0;
    rng_state = 42;
    for (int round = 0; round < 3000; round++) {
        struct rule r = random_rule();
        uint64_t first = alerts_last_n(f->alerts) + 1;
        f->seen.n = 0;
        play(f, &r, round);
        check_chain(&f->seen, first);
        for (int i = 0; i < f->seen.n; i++)
            fired += f->seen.a[i].state == AS_FIRING && f->seen.a[i].was != AS_FIRING;
    }
    ck_assert_int_gt(fired, 5000); /* the random rules do reach every state */
    fixture_free(f);
}
END_TEST

UNIT_MAIN("alert_random", tcase_add_test(tc, test_random_against_reference);)
