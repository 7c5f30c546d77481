/* What the app does each second, behind the tick: feeds follow the wants, the socket and the
 * watchdog have their turn, what the store lost enters the engine, state is saved when it changed.
 */
#include "app_priv.h"

#include <stdio.h>

#include "notify.h"

#define STATE_EVERY_S 60

/* --- each second ---------------------------------------------------------------------------- */

static void feed_watchdog(struct app *a, int64_t t_us)
{
    int64_t period_us = notify_watchdog_period_us();
    if (period_us == 0 || t_us - a->t_fed_us < period_us)
        return;
    notify_watchdog();
    a->t_fed_us = t_us;
}

void app_tell_status(struct app *a)
{
    char line[200];
    const struct engine *e = spine_engine(a->spine);
    struct store_status st = {0};
    if (a->store)
        store_get_status(a->store, &st);
    snprintf(line, sizeof line, "%s%d assets, %llu texts, %llu refused, database %s, queue %u",
             st.role == ROLE_STANDBY ? "standby, " : "", risk_assets(engine_risk(e)),
             (unsigned long long)engine_counter(e, EC_TEXTS),
             (unsigned long long)engine_counter(e, EC_REFUSED),
             a->store ? store_state_name(st.state) : "off", st.rows_queued);
    notify_status(line);
}

static double tape_dropped(const struct app *a)
{
    struct tape_status ts = {0};
    if (a->tape)
        tape_get_status(a->tape, &ts);
    return (double)ts.dropped;
}

static void put_process(struct app *a, int64_t t_us)
{
    const struct spine_stats *st = spine_stats(a->spine);
    const struct engine *e = spine_engine(a->spine);
    struct serve_status ss;
    if (!a->store)
        return;
    serve_get_status(a->serve, &ss);
    static const char *const name[] = {"loop_lag_ms",   "loop_lag_p99_ms", "tick_ms",
                                       "tick_p99_ms",   "ticks_skipped",   "clock_steps",
                                       "rss_bytes",     "texts_total",     "events_total",
                                       "refused_total", "clients",         "tape_dropped_total"};
    const double v[] = {st->lag_ms,
                        (double)hist_quantile(&st->lag_us, .99) / 1e3,
                        st->tick_ms,
                        (double)hist_quantile(&st->tick_us, .99) / 1e3,
                        (double)engine_counter(e, EC_TICKS_SKIPPED),
                        (double)st->clock_steps,
                        (double)app_rss_kb() * 1024,
                        (double)engine_counter(e, EC_TEXTS),
                        (double)engine_counter(e, EC_EVENTS),
                        (double)engine_counter(e, EC_REFUSED),
                        (double)ss.clients,
                        tape_dropped(a)};
    store_process(a->store, t_us, name, v, sizeof v / sizeof *v);
}

/* What the store has lost since the last tick enters the engine, so that rules hear of it. */
static void note_losses(struct app *a)
{
    struct store_status st;
    if (!a->store)
        return;
    store_get_status(a->store, &st);
    const uint64_t now[STORE_LOSSES] = {[LOSS_REFUSED] = st.rows_refused,
                                        [LOSS_UNKEPT] = st.refused_unkept,
                                        [LOSS_SHED] = st.rows_shed - st.rows_refused};
    for (int k = 0; k < STORE_LOSSES; k++) {
        struct note n;
        if (now[k] <= a->lost[k])
            continue;
        note_init(&n, NOTE_STORE);
        n.action = slice_of(store_loss_name((enum store_loss)k));
        n.value = (double)(now[k] - a->lost[k]);
        a->lost[k] = now[k];
        (void)spine_note(a->spine, &n);
    }
}

void app_after_tick(void *arg, int64_t t_us)
{
    struct app *a = arg;
    if (a->stopping)
        return;
    feeds_reconcile(a->feeds);
    serve_tick(a->serve, t_us);
    feed_watchdog(a, t_us);
    note_losses(a);
    if (t_us / SECOND_US % 10 == 0) {
        put_process(a, t_us);
        app_tell_status(a);
    }
    if (a->alerts_changed || t_us - a->t_saved_us >= STATE_EVERY_S * SECOND_US) {
        state_save(a->state, spine_engine(a->spine));
        a->alerts_changed = false;
        a->t_saved_us = t_us;
    }
}

void app_wants_changed(void *arg)
{
    struct app *a = arg;
    if (!a->stopping && a->feeds)
        feeds_reconcile(a->feeds);
}
