/* What the daemon measures of itself: columns of m_process beside the engine's own metrics. Values
 * come through store_process by these names; those of the store itself it fills in alone. They
 * depend on the machine, so a replay does not repeat them. Same form as the metric tables: name,
 * unit, range, help. */
#include "store/streams.h"

const struct metric store_process_metrics[] = {
    {"loop_lag_ms", "ms", MQ_MEASURED, 0, INFINITY,
     "How late the event loop runs its timers, latest."},
    {"loop_lag_p99_ms", "ms", MQ_MEASURED, 0, INFINITY,
     "99th percentile of how late the event loop runs its timers, over the last period."},
    {"tick_ms", "ms", MQ_MEASURED, 0, INFINITY, "Time the latest tick took."},
    {"tick_p99_ms", "ms", MQ_MEASURED, 0, INFINITY, "99th percentile of the time of a tick."},
    {"ticks_skipped", "count", MQ_MEASURED, 0, INFINITY, "Seconds without a tick since the start."},
    {"clock_steps", "count", MQ_MEASURED, 0, INFINITY,
     "Steps of the wall clock over 1 s since the start."},
    {"rss_bytes", "bytes", MQ_MEASURED, 0, INFINITY, "Resident memory of the process."},
    {"texts_total", "count", MQ_MEASURED, 0, INFINITY, "Texts received since the start."},
    {"events_total", "count", MQ_MEASURED, 0, INFINITY, "Events taken from texts since the start."},
    {"refused_total", "count", MQ_MEASURED, 0, INFINITY,
     "Texts refused because they could not be understood, since the start."},
    {"clients", "count", MQ_MEASURED, 0, INFINITY, "Clients connected to the socket."},
    {"tape_dropped_total", "count", MQ_MEASURED, 0, INFINITY,
     "Records the tape could not take since the start."},
    {"store_rows_total", "count", MQ_MEASURED, 0, INFINITY, "Rows stored since the start."},
    {"store_shed_total", "count", MQ_MEASURED, 0, INFINITY,
     "Rows the store had to give up since the start."},
    {"store_refused_total", "count", MQ_MEASURED, 0, INFINITY,
     "Rows the database refused for their content since the start; of those given up."},
    {"store_queued", "count", MQ_MEASURED, 0, INFINITY, "Rows waiting to be stored."},
    {"store_term", "count", MQ_MEASURED, 0, INFINITY,
     "Term of the daemon that writes: one more each time another one took over."},
};
const int store_n_process_metrics =
    sizeof(store_process_metrics) / sizeof(store_process_metrics[0]);
