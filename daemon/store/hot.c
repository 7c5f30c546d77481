/* See hot.h. A slot per asset, with a queue per table (rows of one length each, a ring) and the
 * minutes of its subjects; slots are found by asset number. Queues are taken at the first row that
 * needs them, and slots are reused when the universe changes. */
#include "store/hot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define SECOND_US  INT64_C(1000000)
#define IDLE_US    (120 * SECOND_US) /* a slot nobody asked for so long may be given away */
#define ASSETS_TOP DIR_ASSETS_MAX

static const uint8_t tables[HOT_TABLES] = {MT_ASSET, MT_VENUE_ASSET, MT_SCENARIO,
                                           MT_GROUP_ASSET_SIDE};

struct hot {
    struct hot_conf c;
    int n; /* slots made */
    struct hot_asset **slot;
    struct hot_asset *of[ASSETS_TOP]; /* by asset */
};

int hot_table(unsigned table)
{
    for (int i = 0; i < HOT_TABLES; i++)
        if (tables[i] == table)
            return i;
    return -1;
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static size_t row_bytes(int queue)
{
    return sizeof(struct hot_row) +
           (size_t)metric_columns((enum metric_table)tables[queue]) * sizeof(double);
}

/* Rows of an asset that one evaluation of the table gives. */
static uint32_t rows_at_once(const struct hot *h, int queue)
{
    uint32_t venues = (uint32_t)h->c.venues;
    unsigned keys = metric_table_keys((enum metric_table)tables[queue]);
    if (!(keys & KEY_VENUE))
        return 1;
    if (keys & KEY_SCENARIO)
        return 2 * (venues + 1); /* and all pooled */
    return keys & KEY_SIDE ? 2 * venues : venues;
}

static uint32_t queue_rows(const struct hot *h, int queue)
{
    int first = metric_by_column((enum metric_table)tables[queue], 0);
    uint32_t period_s = first < 0 ? 1 : metric_family_of(first)->period_s;
    return rows_at_once(h, queue) * (h->c.before_s / (period_s ? period_s : 1) + 1);
}

size_t hot_bytes(const struct hot *h)
{
    size_t n = 0;
    for (int i = 0; i < HOT_TABLES; i++)
        n += queue_rows(h, i) * row_bytes(i);
    return n * h->c.assets;
}

/* ---- slots ---------------------------------------------------------------------------------- */

struct hot *hot_new(const struct hot_conf *c)
{
    struct hot *h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    h->c = *c;
    h->slot = calloc(c->assets, sizeof(struct hot_asset *));
    if (h->slot)
        return h;
    free(h);
    return NULL;
}

static void empty_slot(struct hot_asset *a)
{
    for (int i = 0; i < HOT_TABLES; i++)
        free(a->queue[i].mem);
    for (int i = 0; i < HOT_MINUTES; i++)
        free(a->minute[i]);
    memset(a, 0, sizeof(*a));
}

void hot_free(struct hot *h)
{
    for (int i = 0; h && i < h->n; i++) {
        empty_slot(h->slot[i]);
        free(h->slot[i]);
    }
    if (h)
        free(h->slot);
    free(h);
}

int hot_assets(const struct hot *h)
{
    return h->n;
}

struct hot_asset *hot_at(struct hot *h, int i)
{
    return h->slot[i];
}

static bool is_idle(const struct hot_asset *a, int64_t t_us)
{
    if (a->active || a->until_us >= t_us || a->t_seen_us + IDLE_US > t_us)
        return false;
    for (int i = 0; i < HOT_MINUTES; i++)
        if (a->minute[i] && a->minute[i]->t_us)
            return false;
    for (int i = 0; i < HOT_TABLES; i++) {
        const struct hot_row *r = hot_front(a, i);
        if (r && hot_covers(a, r->t_us))
            return false;
    }
    return true;
}

static struct hot_asset *make_slot(struct hot *h, int64_t t_us)
{
    struct hot_asset *oldest = NULL;
    if (h->n < (int)h->c.assets) {
        struct hot_asset *a = calloc(1, sizeof(*a));
        if (a)
            h->slot[h->n++] = a;
        return a;
    }
    for (int i = 0; i < h->n; i++)
        if (is_idle(h->slot[i], t_us) && (!oldest || h->slot[i]->t_seen_us < oldest->t_seen_us))
            oldest = h->slot[i];
    if (oldest) {
        h->of[oldest->asset] = NULL;
        empty_slot(oldest);
    }
    return oldest;
}

struct hot_asset *hot_get(struct hot *h, uint32_t asset, int64_t t_us)
{
    if (asset >= ASSETS_TOP)
        return NULL;
    struct hot_asset *a = h->of[asset];
    if (a)
        return a;
    a = make_slot(h, t_us);
    if (!a)
        return NULL;
    a->asset = asset;
    a->recheck = true;
    a->t_seen_us = t_us;
    a->from_us = a->until_us = INT64_MIN;
    h->of[asset] = a;
    return a;
}

/* ---- hot or not ----------------------------------------------------------------------------- */

bool hot_covers(const struct hot_asset *a, int64_t t_us)
{
    return t_us >= a->from_us && t_us <= a->until_us;
}

void hot_heat(const struct hot *h, struct hot_asset *a, int64_t t_us)
{
    if (a->active)
        return;
    if (t_us > a->until_us) /* else the time after the last one has not run out: it goes on */
        a->from_us = t_us - (int64_t)h->c.before_s * SECOND_US;
    a->until_us = INT64_MAX;
    a->active = true;
}

void hot_cool(struct hot_asset *a, int64_t t_us, uint32_t after_s)
{
    if (!a->active)
        return;
    a->active = false;
    a->until_us = t_us + (int64_t)after_s * SECOND_US;
}

/* ---- queues --------------------------------------------------------------------------------- */

static struct hot_row *queue_row(const struct hot_queue *q, uint32_t i)
{
    void *at = q->mem + (size_t)((q->head + i) % q->cap) * q->row_bytes;
    return at;
}

int hot_push(const struct hot *h, struct hot_asset *a, const struct hot_row *r, const double *v)
{
    int i = hot_table(r->subject.table);
    struct hot_queue *q = &a->queue[i];
    assert(i >= 0);
    if (!q->mem) {
        q->cap = queue_rows(h, i);
        q->row_bytes = row_bytes(i);
        q->mem = malloc(q->cap * q->row_bytes);
        if (!q->mem)
            return E_NOMEM;
    }
    if (q->count == q->cap)
        return E_LIMIT;
    assert(sizeof(*r) + (size_t)r->n * sizeof(double) <= q->row_bytes);
    struct hot_row *to = queue_row(q, q->count++);
    *to = *r;
    memcpy(to->v, v, (size_t)r->n * sizeof(double));
    return 0;
}

const struct hot_row *hot_front(const struct hot_asset *a, int queue)
{
    const struct hot_queue *q = &a->queue[queue];
    return q->count ? queue_row(q, 0) : NULL;
}

void hot_pop(struct hot_asset *a, int queue)
{
    struct hot_queue *q = &a->queue[queue];
    assert(q->count);
    q->head = (q->head + 1) % q->cap;
    q->count--;
}

/* ---- minutes -------------------------------------------------------------------------------- */

static int minute_index(struct subject x)
{
    int venue = x.venue == 255 ? 0 : 1 + x.venue % DIR_VENUES_MAX;
    int part = (int)(x.channel % 2) * (DIR_VENUES_MAX + 1) + venue;
    if (x.table == MT_ASSET)
        return 0;
    if (x.table == MT_VENUE_ASSET)
        return venue;
    return 1 + DIR_VENUES_MAX + (x.table == MT_SCENARIO ? 0 : 2 * (DIR_VENUES_MAX + 1)) + part;
}

struct minute *hot_minute(struct hot_asset *a, struct subject x, int n)
{
    int i = minute_index(x);
    struct minute *m = a->minute[i];
    if (m)
        return m;
    m = a->minute[i] = minute_new(x, n);
    if (m && x.table == MT_ASSET) { /* what a candle and a mean basis need beside the extremes */
        m->open_col = metric_column(metric_find(slice_of("px_fair_usd"), MT_ASSET));
        m->mean_col = metric_column(metric_find(slice_of("basis_bps"), MT_ASSET));
    }
    return m;
}
