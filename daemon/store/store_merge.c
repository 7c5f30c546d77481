/* When the alert lane merges (merge.h): by how much of its memory holds what no file and no
 * database has. From half of it on, all but firing transitions are merged; when it is as good as
 * full, these too; below a quarter, or at a stop, what was merged is queued. In: rows of
 * transitions. The surprising thing: merged transitions are published at once, for they are as
 * durable as they will be. */
#include "store/store_priv.h"

#include <assert.h>

static const char *const level_words[] = {
    "has room again", "is half full: what is told of one alert becomes one row, but for firing",
    "is full: what is told of one alert becomes one row"};

/* Bytes of the alert lane that would be gone with the process, over what it may hold. */
static double fullness(const struct store *s)
{
    struct spool_status st;
    const struct writer *l = &s->writer[LANE_ALERT];
    spool_get_status(l->spool, &st);
    return ((double)st.waiting_bytes + (double)l->build_len) / (double)st.memory_limit;
}

static void look(struct store *s)
{
    double full = fullness(s);
    uint8_t was = s->merging;
    if (full >= 0.9)
        s->merging = MERGE_ALL;
    else if (full >= 0.5 && was < MERGE_ALL)
        s->merging = MERGE_QUIET;
    else if (full < 0.25)
        s->merging = MERGE_NONE;
    if (s->merging != was)
        log_line(s->merging ? LOG_LV_ERROR : LOG_LV_NOTICE, "store: the alert lane %s",
                 level_words[s->merging]);
}

bool store_merge_alert(struct store *s, const struct alert *a, const char *rule)
{
    const struct merge_key k = {rule, a->subject};
    look(s);
    if (s->merging == MERGE_NONE || (s->merging == MERGE_QUIET && a->state == AS_FIRING))
        return false;
    if (!s->merge && !(s->merge = merge_new()))
        return false;
    int rc = merge_add(s->merge, &k, a->n, &s->row);
    if (rc < 0)
        return false;
    s->st.alerts_merged += (uint64_t)rc;
    s->alert_n = a->n;
    writer_alert_kept(&s->writer[LANE_ALERT]);
    return true;
}

void store_merge_flush(struct store *s, bool end)
{
    struct merged x;
    if (!s->merge || merge_count(s->merge) == 0)
        return;
    look(s);
    if (s->merging != MERGE_NONE && !end)
        return;
    while (merge_take(s->merge, &x)) {
        row_begin(&s->row, ST_ALERT, x.t_us);
        row_raw(&s->row, (const uint8_t *)x.data.p, x.data.len);
        row_i8(&s->row, (int64_t)x.transitions);
        store_queue(s, LANE_ALERT);
    }
}
