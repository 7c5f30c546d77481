/* When the store asked the database what, and when it was answered, for the feeder's log: J lane
 * job mono_ms at each sending, K lane job mono_ms at its end (with the SQLSTATE when it failed, `-`
 * when the connection went). So a test can say where the time of a takeover went. The surprising
 * thing: the hooks of a connection are taken where it is made, and called from here. */
#ifndef TESTS_STORE_TIMELINE_H
#define TESTS_STORE_TIMELINE_H

#include "store/store_priv.h"
#include "store_log.h"

static const char *const job_names[] = {[JOB_NONE] = "none",
                                        [JOB_PROBE] = "probe",
                                        [JOB_PULSE] = "pulse",
                                        [JOB_MEND] = "mend",
                                        [JOB_UNBLOCK] = "unblock",
                                        [JOB_CATALOGUE] = "catalogue",
                                        [JOB_LEASE] = "lease",
                                        [JOB_RUN] = "run",
                                        [JOB_DAYS] = "days",
                                        [JOB_BATCH] = "batch",
                                        [JOB_DIMS] = "dims",
                                        [JOB_DURABLE] = "durable",
                                        [JOB_MAINTENANCE] = "maintenance",
                                        [JOB_END] = "end"};

static struct { /* by lane */
    struct db *db;
    struct db_hooks hooks;
} lane_db[LANES];

static void note_job(char what, const struct writer *l, enum job job, const char *why)
{
    note("%c %d %s %lld%s%s\n", what, l->id, job_names[job], (long long)mono_ms(), *why ? " " : "",
         why);
}

/* Just before it is sent. */
static void note_sent(const struct db *d)
{
    for (int i = 0; i < LANES; i++) {
        const struct writer *l = lane_db[i].hooks.arg;
        if (d == lane_db[i].db)
            note_job('J', l, l->job, "");
    }
}

static void on_job_done(void *arg, const struct db_fail *f)
{
    struct writer *l = arg;
    note_job('K', l, l->job, f ? f->sqlstate : "");
    lane_db[l->id].hooks.done(arg, f);
}

static void on_job_down(void *arg, const char *why)
{
    struct writer *l = arg;
    note_job('K', l, l->job, "-");
    lane_db[l->id].hooks.down(arg, why);
}

__typeof__(db_new) __real_db_new, __wrap_db_new;
struct db *__wrap_db_new(uv_loop_t *loop, const struct db_hooks *h)
{
    struct db_hooks mine = *h;
    int lane = ((const struct writer *)h->arg)->id;
    mine.done = on_job_done;
    mine.down = on_job_down;
    lane_db[lane].hooks = *h;
    return lane_db[lane].db = __real_db_new(loop, &mine);
}

__typeof__(db_sync_copy) __real_db_sync_copy, __wrap_db_sync_copy;

static bool first_commit[LANES]; /* is awaited, since it leads */

static void note_committed(const struct writer *l, bool batch)
{
    if (batch && first_commit[l->id])
        note("C %d %lld\n", l->id, (long long)mono_ms());
    first_commit[l->id] = first_commit[l->id] && !batch;
}

#endif
