/* Proves when alerts may be published: once the alert lane's file is synced, not before; at once
 * when its disk refuses, though the database is away as well, because an alarm that waits for a
 * disk is none. Each is stored once in the end. fdatasync is interposed by the linker in this
 * program alone, for the files of that lane. */
#include "store_rig.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool holding, failing; /* syncs of the alert lane wait, or fail */
static atomic_int held;

static bool is_of_alerts(int fd)
{
    char link[40], path[300];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = 0;
    return strstr(path, "/alert-") != NULL;
}

__typeof__(fdatasync) __real_fdatasync, __wrap_fdatasync;
int __wrap_fdatasync(int fd)
{
    if (!is_of_alerts(fd))
        return __real_fdatasync(fd);
    while (atomic_load(&holding)) {
        atomic_store(&held, 1);
        usleep(1000);
    }
    if (!atomic_load(&failing))
        return __real_fdatasync(fd);
    errno = EIO;
    return -1;
}

static uint64_t awaited;

static bool is_published(struct rig *g)
{
    return g->durable_n >= awaited;
}

static bool is_held(struct rig *g)
{
    (void)g;
    return atomic_load(&held) != 0;
}

static bool is_well(struct rig *g)
{
    struct store_status st;
    store_get_status(g->store, &st);
    return st.alert.last_errno == 0;
}

static void tell_next(struct rig *g)
{
    awaited++;
    tell_alert(g, (T0_S + (int64_t)awaited) * SEC, awaited);
}

static void ck_published(struct rig *g, const char *what)
{
    run_until(g, is_published, what);
    ck_assert_uint_eq(g->durable_n, awaited);
}

static void turn_for(struct rig *g, int ms)
{
    for (int64_t end = wall_us(NULL) + ms * 1000; wall_us(NULL) < end; usleep(1000))
        uv_run(&g->loop, UV_RUN_NOWAIT);
}

/* The disk of the alert lane holds a sync up, then refuses, and is well again; the database is away
 * meanwhile, so nothing but the spool can vouch for a transition. */
static void bad_days(struct rig *g)
{
    struct store_status st;
    tell_next(g);
    ck_published(g, "the first is synced");
    atomic_store(&holding, true);
    tell_next(g);
    run_until(g, is_held, "a sync under way");
    turn_for(g, 100);
    ck_assert_uint_eq(g->durable_n, awaited - 1); /* written, not synced */
    atomic_store(&holding, false);
    ck_published(g, "the second is synced");
    atomic_store(&failing, true);
    tell_next(g);
    ck_published(g, "the disk refuses the one under way");
    store_get_status(g->store, &st);
    ck_assert_int_eq(st.alert.last_errno, EIO);
    ck_assert_int_eq(st.bulk.last_errno, 0);
    for (int i = 0; i < 3; i++) {
        tell_next(g);
        ck_published(g, "those told while it refuses");
    }
    atomic_store(&failing, false);
    run_until(g, is_well, "the disk takes them");
    tell_next(g);
    ck_published(g, "the last is synced");
}

START_TEST(test_published)
{
    char dir[] = "/tmp/test_store.XXXXXX", cmd[100];
    struct rig g;
    ck_assert(mkdtemp(dir));
    rig_init(&g);
    snprintf(g.conf->spool_dir, sizeof(g.conf->spool_dir), "%s", dir);
    cluster_verb("down");
    rig_store(&g, 31);
    bad_days(&g);
    ck_assert_uint_eq(awaited, 7);
    cluster_verb("up");
    run_until(&g, is_drained, "drained");
    ck_text(
        "SELECT concat_ws(' ', count(*), count(DISTINCT t), extract(epoch FROM min(t))::bigint -"
        " 1760000000, extract(epoch FROM max(t))::bigint - 1760000000) FROM"
        " cascade_risk.alert_transition",
        "7 7 1 7");
    ck_assert_int_eq(ask("SELECT count(*) FROM cascade_risk.feed_gap"), 0);
    rig_stop(&g);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    ck_assert_int_eq(system(cmd), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_disk");
    TCase *tc = tcase_create("cluster");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_unchecked_fixture(tc, start_cluster, stop_cluster);
    tcase_add_checked_fixture(tc, make_database, NULL);
    tcase_add_test(tc, test_published);
    return unit_run(srunner_create(suite));
}
