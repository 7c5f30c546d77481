/* Feed silence, and how much of what is wanted arrives. In: the liveness rows. Out: age, age
 * against its limit, state and time without link per feed; counts for the whole process. Sparse
 * channels (liquidations) have no limit: their silence is normal and reads unknown here. Only
 * counts that follow from the recorded input are kept; the daemon's own counters are not metrics.
 */
#include "risk/family.h"

enum { FEED_AGE, FEED_OVERDUE, FEED_STATE, FEED_DOWN, FEED_N };
static const struct metric feed_metrics[] = {
    {"feed_age_s", "s", MQ_MEASURED, 0, INFINITY, "Seconds since the last datum of this feed."},
    {"feed_overdue_frac", "frac", MQ_MEASURED, 0, INFINITY,
     "Silence of this feed over its limit: above 1 it is silent. Unknown for sparse feeds and "
     "while "
     "the link is down."},
    {"feed_state", "1", MQ_MEASURED, 0, LIVE_STATES - 1,
     "0 link down, 1 waiting for the first datum, 2 live, 3 silent, 4 refused by the venue."},
    {"feed_down_s", "s", MQ_MEASURED, 0, INFINITY,
     "Seconds since the last datum while the link is down; 0 while it is up."},
};

enum {
    PROC_LIVE,
    PROC_WAITING,
    PROC_SILENT,
    PROC_DOWN,
    PROC_REFUSED,
    PROC_VENUES_DOWN,
    PROC_ASSETS,
    PROC_N
};
static const struct metric process_metrics[] = {
    {"feeds_live", "1", MQ_MEASURED, 0, LIVE_MAX,
     "Feeds (venue, channel, instrument) that are live."},
    {"feeds_waiting", "1", MQ_MEASURED, 0, LIVE_MAX, "Feeds that wait for their first datum."},
    {"feeds_silent", "1", MQ_MEASURED, 0, LIVE_MAX, "Feeds that are silent beyond their limit."},
    {"feeds_down", "1", MQ_MEASURED, 0, LIVE_MAX, "Feeds whose link is down."},
    {"feeds_refused", "1", MQ_MEASURED, 0, LIVE_MAX, "Feeds whose subscription the venue refused."},
    {"venues_down", "1", MQ_MEASURED, 0, DIR_VENUES_MAX,
     "Venues that have streams, all of whose links are down."},
    {"assets_tracked", "1", MQ_MEASURED, 0, DIR_ASSETS_MAX, "Assets in the universe."},
};

static double seconds(int64_t us)
{
    return us > 0 ? (double)us / 1e6 : 0;
}

static void eval_feed(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    const struct live_row *w = live_find(market_live(risk_market(r)), s.venue, s.channel, s.id);
    if (!w) {
        cells_unknown(out, FEED_N, R_NOT_TRACKED);
        return;
    }
    bool down = w->state == LIVE_DOWN;
    cell_or(&out[FEED_AGE], w->t_last_us ? seconds(now_us - w->t_last_us) : NAN,
            down ? R_DOWN : R_WARMUP);
    int64_t since = w->t_first_us ? w->t_last_us : w->t_up_us;
    double limit_s = (double)live_limit_us(w) / 1e6;
    uint8_t why = down ? R_DOWN : w->state == LIVE_REFUSED ? R_THROTTLED : R_NOT_TRACKED;
    bool judged = !down && w->state != LIVE_REFUSED && limit_s > 0;
    cell_or(&out[FEED_OVERDUE], judged ? seconds(now_us - since) / limit_s : NAN, why);
    cell_known(&out[FEED_STATE], w->state);
    int64_t from = w->t_last_us > w->t_wanted_us ? w->t_last_us : w->t_wanted_us;
    cell_known(&out[FEED_DOWN], down ? seconds(now_us - from) : 0);
}

static void eval_process(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    (void)s;
    (void)now_us;
    static const int column[LIVE_STATES] = {[LIVE_DOWN] = PROC_DOWN,
                                            [LIVE_WAITING] = PROC_WAITING,
                                            [LIVE_OK] = PROC_LIVE,
                                            [LIVE_SILENT] = PROC_SILENT,
                                            [LIVE_REFUSED] = PROC_REFUSED};
    const struct live *l = market_live(risk_market(r));
    double n[PROC_N] = {0};
    for (int i = 0; i < live_count(l); i++) {
        const struct live_row *w = live_at(l, i);
        if (w)
            n[column[w->state]]++;
    }
    for (int v = 0; v < risk_venues(r); v++)
        n[PROC_VENUES_DOWN] += risk_venue_down(r, (uint8_t)v);
    n[PROC_ASSETS] = risk_assets(r);
    for (int i = 0; i < PROC_N; i++)
        cell_known(&out[i], n[i]);
}

const struct metric_family family_feed = {
    .name = "feeds",
    .table = MT_FEED,
    .metrics = feed_metrics,
    .n = FEED_N,
    .period_s = 1,
    .eval = eval_feed,
};

const struct metric_family family_process = {
    .name = "process",
    .table = MT_PROCESS,
    .metrics = process_metrics,
    .n = PROC_N,
    .period_s = 1,
    .eval = eval_process,
};
