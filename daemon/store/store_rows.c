/* Metric rows become rows of the tables: at the resolution that the risk of their asset asks for
 * (store/hot.h), and, of every second, as rows of the one-minute rollups (store/minute.h). The
 * surprising thing: a row that is not of a whole second comes from a turn between two ticks, and is
 * neither stored nor rolled up; tables hold ticks only. */
#include "store/store_priv.h"

#include <assert.h>
#include <string.h>

#define SECOND_US   1000000
#define DRAIN_ROWS  16   /* of the look-back, written with each new row of its table */
#define FLUSH_ROWS  2000 /* and at each flush, over all assets */
#define MINUTE_LATE (2 * SECOND_US)

static const uint8_t row_streams[MT_TABLES] = {
    [MT_ASSET] = ST_M_ASSET,       [MT_VENUE_ASSET] = ST_M_VENUE_ASSET,
    [MT_FEED] = ST_M_FEED,         [MT_PROCESS] = ST_M_PROCESS,
    [MT_SCENARIO] = ST_M_SCENARIO, [MT_GROUP_ASSET_SIDE] = ST_M_SIDE};
static const uint8_t minute_streams[MT_TABLES] = {[MT_ASSET] = ST_M_ASSET_1M,
                                                  [MT_VENUE_ASSET] = ST_M_VENUE_ASSET_1M,
                                                  [MT_SCENARIO] = ST_M_SCENARIO_1M,
                                                  [MT_GROUP_ASSET_SIDE] = ST_M_SIDE_1M};

static unsigned keys_of(struct subject x)
{
    return metric_table_keys((enum metric_table)x.table);
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The daemon's own values of m_process; those of the store are its counters as they are now. */
static double process_value(const struct store *s, int i)
{
    const char *name = store_process_metrics[i].name;
    if (strcmp(name, "store_rows_total") == 0)
        return (double)s->st.rows_written;
    if (strcmp(name, "store_shed_total") == 0)
        return (double)s->st.rows_shed;
    if (strcmp(name, "store_refused_total") == 0)
        return (double)s->st.rows_refused;
    if (strcmp(name, "store_term") == 0)
        return lease_term(&s->lease) ? (double)lease_term(&s->lease) : NAN;
    if (strcmp(name, "store_queued") == 0)
        return (double)store_pending(s);
    return s->process[i];
}

static void begin_row(struct store *s, uint8_t stream, int64_t t_us, struct subject x)
{
    struct names name = store_name_subject(s, x);
    struct row *r = &s->row;
    unsigned keys = keys_of(x);
    store_begin_row(s, LANE_BULK, stream, t_us);
    row_time(r, t_us);
    if (keys & KEY_VENUE)
        row_text(r, name.venue);
    if (keys & KEY_ASSET)
        row_text(r, name.asset);
    if (keys & (KEY_CHANNEL | KEY_PART))
        row_text(r, name.channel);
    if (keys & KEY_SYMBOL)
        row_text(r, name.symbol);
}

static void put_row(struct store *s, const struct hot_row *h, const double *v)
{
    begin_row(s, row_streams[h->subject.table], h->t_us, h->subject);
    row_f8s(&s->row, v, h->n);
    for (int i = 0; h->subject.table == MT_PROCESS && i < store_n_process_metrics; i++)
        row_f8(&s->row, process_value(s, i));
    store_queue(s, LANE_BULK);
}

static void put_minute(struct store *s, struct minute *m)
{
    struct row *r = &s->row;
    begin_row(s, minute_streams[m->subject.table], m->t_us, m->subject);
    row_i8(r, m->seen);
    if (m->open_col >= 0)
        row_f8(r, m->open);
    if (m->mean_col >= 0)
        row_f8(r, minute_mean(m));
    static_assert(sizeof(m->cell[0]) == ROLLUP_COLS * sizeof(double), "last, min, max");
    row_f8s(r, (const double *)m->cell, m->n * ROLLUP_COLS);
    minute_clear(m);
    store_queue(s, LANE_BULK);
}

/* ---- minutes -------------------------------------------------------------------------------- */

static void roll_up(struct store *s, struct hot_asset *a, const struct hot_row *h, const double *v)
{
    struct minute *m = a ? hot_minute(a, h->subject, h->n) : NULL;
    if (!m) { /* no room, which is counted once a minute */
        if (h->t_us % MINUTE_US == 0)
            store_lost(s, minute_streams[h->subject.table], h->t_us);
        return;
    }
    if (minute_over(m, h->t_us))
        put_minute(s, m);
    minute_add(m, h->t_us, v, h->n);
}

static void end_minutes(struct store *s, int64_t before_us)
{
    for (int i = 0; i < hot_assets(s->hot); i++) {
        struct hot_asset *a = hot_at(s->hot, i);
        for (int k = 0; k < HOT_MINUTES; k++)
            if (a->minute[k] && a->minute[k]->t_us && a->minute[k]->t_us < before_us)
                put_minute(s, a->minute[k]);
    }
}

/* A subject that has gone has no row in the next minute that would end its last one. */
static void end_old_minutes(struct store *s, int64_t t_us)
{
    if (t_us < s->t_minutes_us)
        return;
    end_minutes(s, minute_start(t_us));
    s->t_minutes_us = minute_start(t_us) + MINUTE_US + MINUTE_LATE;
}

/* ---- resolution ----------------------------------------------------------------------------- */

/* Scenarios and sides are computed an asset at a time, so their rows do not fall on one second of
 * all: the first one of each period is kept. */
static bool is_due_part(struct store *s, int64_t t_us, struct subject x)
{
    uint32_t span = (uint32_t)(t_us / SECOND_US / s->d.conf->store_scenario_period_s) + 1;
    int venue = x.venue == 255 ? 0 : 1 + x.venue % DIR_VENUES_MAX;
    uint32_t *kept =
        &s->kept_span[x.table == MT_SCENARIO][venue][x.id % DIR_ASSETS_MAX][x.channel % 2];
    if (*kept == span)
        return false;
    *kept = span;
    return true;
}

/* After a takeover nobody need wait for the next period to see that rows come again. */
void store_rows_soon(struct store *s)
{
    s->first_from_us = s->lease.window[0].from_us;
    memset(s->kept_span, 0, sizeof(s->kept_span));
}

static bool is_due(struct store *s, int64_t t_us, struct subject x)
{
    const struct conf *c = s->d.conf;
    if (keys_of(x) & KEY_PART)
        return is_due_part(s, t_us, x);
    if (s->first_from_us && t_us >= s->first_from_us) {
        s->first_s = t_us / SECOND_US;
        s->first_from_us = 0;
    }
    int64_t t_s = t_us / SECOND_US;
    return t_s == s->first_s ||
           t_s % (keys_of(x) & KEY_ASSET ? c->store_asset_period_s : c->store_feed_period_s) == 0;
}

/* Is it the row of a tick, and the first one of its second? A turn may fall on a whole second too,
 * but the tick of that second came before it. Tables with a third key have rows of ticks only. */
static bool is_tick(struct store *s, int64_t t_us, struct subject x)
{
    uint32_t t_s = (uint32_t)(t_us / SECOND_US);
    if (keys_of(x) & KEY_PART)
        return true;
    if (t_us % SECOND_US != 0)
        return false;
    if (!(keys_of(x) & KEY_ASSET))
        return true;
    uint32_t *seen =
        &s->seen_s[x.table == MT_ASSET ? 0 : 1 + x.venue % DIR_VENUES_MAX][x.id % DIR_ASSETS_MAX];
    if (*seen == t_s)
        return false;
    *seen = t_s;
    return true;
}

/* Would a hot asset keep this row? What is computed in turn lies on no grid, and is kept whole. */
static bool is_fine(const struct store *s, int64_t t_us, struct subject x)
{
    return (keys_of(x) & KEY_PART) || t_us / SECOND_US % s->d.conf->store_hot_period_s == 0;
}

/* Writes up to `most` of the rows that were kept in mind and are wanted now, oldest first; returns
 * how many. Those behind the hot time stay, they may be wanted yet. */
static int drain(struct store *s, struct hot_asset *a, int queue, int most)
{
    int n = 0;
    const struct hot_row *h;
    while (n < most && (h = hot_front(a, queue)) != NULL && h->t_us <= a->until_us) {
        if (h->due || h->t_us >= a->from_us) {
            put_row(s, h, h->v);
            n++;
        }
        hot_pop(a, queue);
    }
    return n;
}

static void push(struct store *s, struct hot_asset *a, const struct hot_row *h, const double *v)
{
    int queue = hot_table(h->subject.table), rc = hot_push(s->hot, a, h, v);
    if (rc == E_LIMIT) { /* the oldest goes: to the database while it is hot, else for good */
        if (drain(s, a, queue, 1) == 0 && hot_front(a, queue))
            hot_pop(a, queue);
        rc = hot_push(s->hot, a, h, v);
    }
    if (rc < 0 && (h->due || hot_covers(a, h->t_us)))
        put_row(s, h, v);
}

static bool has_alert(const struct store *s, uint32_t asset)
{
    const struct alerts *alerts = s->d.alerts(s->d.arg);
    for (int i = 0, n = alerts ? alerts_count(alerts) : 0; i < n; i++) {
        const struct alert *x = alerts_at(alerts, i);
        if (x && x->subject.id == asset && (keys_of(x->subject) & KEY_ASSET))
            return true;
    }
    return false;
}

static void recheck(struct store *s, struct hot_asset *a, int64_t t_us)
{
    a->recheck = false;
    if (has_alert(s, a->asset))
        hot_heat(s->hot, a, t_us);
    else
        hot_cool(a, t_us, s->d.conf->store_hot_after_s);
}

static void keep(struct store *s, struct hot_asset *a, const struct hot_row *h, const double *v)
{
    int queue = hot_table(h->subject.table);
    bool hot = hot_covers(a, h->t_us);
    drain(s, a, queue, hot ? DRAIN_ROWS : INT32_MAX);
    const struct hot_row *first = hot_front(a, queue);
    bool waits = first && first->t_us <= a->until_us; /* rows of before are still to be written */
    bool fine = is_fine(s, h->t_us, h->subject);
    if ((h->due || (hot && fine)) && !waits)
        put_row(s, h, v);
    else if (h->due || fine)
        push(s, a, h, v);
}

void store_on_row(void *arg, int64_t t_us, struct subject x, const struct cell *row, int n)
{
    double v[STREAM_COLS_MAX];
    struct store *s = arg;
    if (!store_is_on(s) || !is_tick(s, t_us, x))
        return;
    assert(n <= STREAM_COLS_MAX);
    for (int i = 0; i < n; i++)
        v[i] = row[i].value;
    end_old_minutes(s, t_us);
    const struct hot_row h = {.t_us = t_us, .subject = x, .due = is_due(s, t_us, x), .n = n};
    struct hot_asset *a = keys_of(x) & KEY_ASSET ? hot_get(s->hot, x.id, t_us) : NULL;
    if (a) {
        a->t_seen_us = t_us;
        if (a->recheck)
            recheck(s, a, t_us);
        keep(s, a, &h, v);
    } else if (h.due) {
        put_row(s, &h, v);
    }
    if ((keys_of(x) & KEY_ASSET) && s->d.conf->store_rollup_1m)
        roll_up(s, a, &h, v);
}

/* ---- from elsewhere ------------------------------------------------------------------------- */

/* Only the end of the last alert of an asset ends its heat: that is looked up at its next row. */
void store_follow_alert(struct store *s, const struct alert *x)
{
    if (!(keys_of(x->subject) & KEY_ASSET))
        return;
    struct hot_asset *a = hot_get(s->hot, x->subject.id, x->t_us);
    if (!a)
        return;
    if (x->state != AS_PENDING && x->state != AS_FIRING) {
        a->recheck = true;
        return;
    }
    for (int i = 0; i < HOT_TABLES && !a->active; i++)
        drain(s, a, i, INT32_MAX); /* what an earlier time still owes */
    hot_heat(s->hot, a, x->t_us);
}

static void drain_all(struct store *s, int most)
{
    for (int i = 0; i < hot_assets(s->hot) && most > 0; i++)
        for (int k = 0; k < HOT_TABLES && most > 0; k++)
            most -= drain(s, hot_at(s->hot, i), k, most);
}

void store_rows_flush(struct store *s)
{
    drain_all(s, FLUSH_ROWS);
}

void store_rows_end(struct store *s)
{
    drain_all(s, INT32_MAX);
    end_minutes(s, INT64_MAX);
}

int store_rows_init(struct store *s)
{
    struct hot_conf c = {.assets =
                             s->d.conf->engine.max_assets + 16, /* some come while others go */
                         .before_s = s->d.conf->store_hot_before_s};
    for (int i = 0; i < DIR_VENUES_MAX; i++)
        c.venues += s->d.conf->venue[i].enabled;
    s->hot = hot_new(&c);
    return s->hot ? 0 : E_NOMEM;
}

void store_process(struct store *s, int64_t t_us, const char *const *names, const double *values,
                   int n)
{
    (void)t_us; /* they lie in the row of the engine's next m_process row, at most a period later */
    for (int i = 0; i < n; i++)
        for (int k = 0; k < store_n_process_metrics; k++)
            if (strcmp(names[i], store_process_metrics[k].name) == 0)
                s->process[k] = values[i];
}
