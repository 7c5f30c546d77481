/* Cross-checks of a feed against its own past, where a silence limit says nothing: polls that fail
 * in a row, a channel that says far less or more than it used to, a subscription that was
 * acknowledged and never spoke. In: the liveness rows, which keep the counts. Out: five cells per
 * feed. The surprising thing: total silence of a channel with a limit is not scored here, it is the
 * timer's (feed_overdue_frac), so that one fault raises one alarm. */
#include "risk/family.h"

enum { FCHK_POLL_FAILS, FCHK_RATE, FCHK_USUAL, FCHK_RATE_Z, FCHK_UNHEARD, FCHK_N };
static const struct metric feed_check_metrics[FCHK_N] = {
    {"feed_poll_fails", "1", MQ_MEASURED, 0, UINT8_MAX,
     "Polls of this feed that failed in a row since the last answer; unknown for streams."},
    {"feed_rate_per_s", "1/s", MQ_MEASURED, 0, INFINITY,
     "Data per second of this stream in its last closed block: 30 seconds, or as long as some 40 "
     "data usually take, an hour at most."},
    {"feed_rate_usual_per_s", "1/s", MQ_MEASURED, 0, INFINITY,
     "What is usual: mean rate of the blocks before, over about an hour, outliers cut."},
    {"feed_rate_z", "1", MQ_MEASURED, -INFINITY, INFINITY,
     "Logarithm of the rate over the usual rate, in standard deviations of its own past (0.2 at "
     "least). Unknown for the first 20 blocks, for polls, and while the feed is silent."},
    {"feed_unheard_frac", "frac", MQ_MEASURED, 0, INFINITY,
     "Time since the subscription was acknowledged without one datum ever, over the channel's "
     "limit for the first one; 0 once it has spoken. Unknown where there is no such limit."},
};

static void eval_rate(const struct live_row *w, struct cell *out)
{
    bool poll = w->conn == CONN_REST;
    uint8_t why = poll                       ? R_NOT_TRACKED
                  : w->state == LIVE_DOWN    ? R_DOWN
                  : w->state == LIVE_REFUSED ? R_THROTTLED
                  : w->state == LIVE_SILENT  ? R_STALE
                                             : R_WARMUP;
    cell_or(&out[FCHK_RATE], poll ? NAN : w->rate.now_per_s, why);
    cell_or(&out[FCHK_USUAL], poll ? NAN : w->rate.usual_per_s, why);
    cell_or(&out[FCHK_RATE_Z], poll ? NAN : w->rate.z, why);
}

static void eval_unheard(const struct live_row *w, int64_t now_us, struct cell *out)
{
    double waited_s = (double)live_unheard_us(w, now_us) / 1e6;
    if (w->conn == CONN_REST || w->first_s == 0)
        cell_unknown(out, R_NOT_TRACKED);
    else if (w->t_last_us == 0 && w->state == LIVE_DOWN)
        cell_unknown(out, R_DOWN);
    else if (w->t_last_us == 0 && !w->acked)
        cell_unknown(out, w->state == LIVE_REFUSED ? R_THROTTLED : R_WARMUP);
    else
        cell_known(out, waited_s / w->first_s);
}

static void eval_feed_check(const struct risk *r, struct subject s, int64_t now_us,
                            struct cell *out)
{
    const struct live_row *w = live_find(market_live(risk_market(r)), s.venue, s.channel, s.id);
    if (!w) {
        cells_unknown(out, FCHK_N, R_NOT_TRACKED);
        return;
    }
    cell_or(&out[FCHK_POLL_FAILS], w->conn == CONN_REST ? w->poll_fails : NAN, R_NOT_TRACKED);
    eval_rate(w, out);
    eval_unheard(w, now_us, &out[FCHK_UNHEARD]);
}

const struct metric_family family_feed_check = {
    .name = "feed_check",
    .table = MT_FEED,
    .metrics = feed_check_metrics,
    .n = FCHK_N,
    .period_s = 1,
    .eval = eval_feed_check,
};
