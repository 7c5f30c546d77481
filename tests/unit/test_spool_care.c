/* Proves what keeps a spool in order: room in memory while the pool is at work, one daemon a
 * folder, and that `cascadectl spool` shows what is damaged and gives up no more than that. */
#include "spool_rig.h"

/* What fills memory is durable: it makes room, also while the pool is at work. */
START_TEST(test_room_while_writing)
{
    struct rig g;
    rig_init(&g);
    g.c.memory_bytes = 100 << 10;
    open_epoch(&g, 1);
    for (int i = 0; i < 60; i++) {
        append_n(&g, 1);
        run_until_durable(&g, g.appended);
    }
    for (int i = 0; i < 10; i++) {
        append_n(&g, 3); /* the first one sets the pool to work */
        run_until_durable(&g, g.appended);
    }
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 90);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* A batch on its way to the disk is not "nothing". */
START_TEST(test_written_is_awaited)
{
    struct rig g;
    struct spool_item it;
    rig_init(&g);
    open_epoch(&g, 1);
    ck_assert_int_eq(spool_read(g.spool, 1, 0, &it), 0);
    append_n(&g, 1);
    ck_assert_int_eq(spool_read(g.spool, 1, 0, &it), E_AGAIN);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 1);
    ck_assert_int_eq(spool_read(g.spool, 1, 1, &it), 0);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* cascadectl spool ...: its exit status; what it said in out[2000]. */
static int ctl(const char *args, const struct rig *g, const char *name, char *out)
{
    char cmd[700];
    const char *build = getenv("BUILD");
    snprintf(cmd, sizeof cmd, "%s/cascadectl spool %s %s/%s 2>&1", build ? build : "build/release",
             args, g->dir, name);
    FILE *f = popen(cmd, "r");
    ck_assert(f);
    out[fread(out, 1, 1999, f)] = 0;
    return WEXITSTATUS(pclose(f));
}

START_TEST(test_one_daemon_a_folder)
{
    struct rig g, other;
    char out[2000], name[80];
    rig_init(&g);
    open_epoch(&g, 1);
    append_n(&g, 5);
    run_until_durable(&g, 5);
    other = g;
    ck_assert(!try_open(&other, 2));
    ck_assert_ptr_nonnull(strstr(other.why, "in use by another process"));
    newest_file(&g, name);
    ck_assert_int_eq(ctl("inspect", &g, name, out), 0);
    ck_assert_int_eq(ctl("skip", &g, name, out), 2);
    ck_assert_ptr_nonnull(strstr(out, "a daemon is running"));
    stop(&g);
    open_epoch(&g, 2);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* Two damages: three good parts, each readable, the holes told, the old file kept. */
START_TEST(test_skip)
{
    struct rig g;
    struct spool_item it;
    char out[2000], name[80], bad[100];
    uint64_t seq = 0, got = 0;
    rig_init(&g);
    g.c.segment_bytes = 4 << 20;
    open_epoch(&g, 1);
    append_n(&g, 60);
    stop(&g);
    newest_file(&g, name);
    ck_assert_int_eq(ctl("skip", &g, name, out), 0);
    ck_assert_ptr_nonnull(strstr(out, "nothing is to be skipped"));
    damage(g.dir, name, 30000);
    damage(g.dir, name, 90000);
    ck_assert_int_eq(ctl("inspect", &g, "", out), 1);
    ck_assert_ptr_nonnull(strstr(out, "next good batch"));
    ck_assert_int_eq(ctl("skip", &g, name, out), 0);
    ck_assert_ptr_nonnull(strstr(out, "given up (1)"));
    snprintf(bad, sizeof bad, "%s.bad", name);
    ck_assert_int_eq(count_files(&g, bad), 1);
    ck_assert_int_eq(count_files(&g, ".spool"), 4); /* three parts, and what was */
    ck_assert_int_eq(ctl("inspect", &g, "", out), 0);
    open_epoch(&g, 2);
    while (read_next(&g, 1, seq, &it) == 1 && it.epoch == 1) {
        ck_item(&it, 1, it.batch.seq);
        seq = it.batch.seq;
        got++;
    }
    ck_assert_uint_eq(seq, 60);
    ck_assert_uint_eq(got, 58);
    ck_assert_uint_eq(g.lost_calls, 2);
    stop(&g);
    rig_fini(&g);
}
END_TEST

UNIT_MAIN("spool_care", tcase_add_test(tc, test_room_while_writing);
          tcase_add_test(tc, test_written_is_awaited); tcase_add_test(tc, test_one_daemon_a_folder);
          tcase_add_test(tc, test_skip);)
