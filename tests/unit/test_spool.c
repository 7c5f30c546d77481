/* Proves the spool: what was appended comes back in order, once, over restarts, from memory and
 * from files; a cut anywhere behind the last sync loses nothing that was synced; a damaged middle
 * is refused and changes nothing; limits shed the oldest and say so; a full disk stops nothing. */
#include "spool_rig.h"

START_TEST(test_order_and_trim)
{
    struct rig g;
    struct spool_status st;
    rig_init(&g);
    open_epoch(&g, 1);
    append_n(&g, 300);
    run_until_durable(&g, 300);
    ck_assert_uint_eq(ck_epoch(&g, 0, 0), 0); /* the first is of epoch 1 */
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 300);
    ck_assert_int_gt(count_files(&g, ".spool"), 5);
    spool_trim(g.spool, 1, 250);
    ck_assert_uint_eq(ck_epoch(&g, 1, 250), 300);
    spool_trim(g.spool, 1, 300);
    append_n(&g, 1);
    run_until_durable(&g, 301);
    spool_get_status(g.spool, &st);
    ck_assert_uint_le(st.files, 2);
    ck_assert_uint_eq(st.lost_rows, 0);
    spool_trim(g.spool, 1, 301);
    stop(&g);
    ck_assert_int_eq(count_files(&g, ".spool"), 0); /* all was committed: nothing is left */
    rig_fini(&g);
}
END_TEST

START_TEST(test_over_restarts)
{
    struct rig g;
    struct spool_item it;
    struct spool_status st;
    rig_init(&g);
    for (uint32_t epoch = 3; epoch < 7; epoch++) {
        open_epoch(&g, epoch);
        append_n(&g, 100);
        stop(&g);
    }
    ck_assert_uint_eq(spool_newest_epoch(g.dir), 6);
    ck_assert(!try_open(&g, 6)); /* an epoch must be new */
    open_epoch(&g, 9);
    spool_get_status(g.spool, &st);
    ck_assert_uint_gt(st.recovered_rows, 4 * 100 * 5);
    append_n(&g, 10);
    run_until_durable(&g, 10);
    ck_assert_int_eq(read_next(&g, 0, 0, &it), 1);
    ck_item(&it, 3, 1);
    ck_assert_uint_eq(ck_epoch(&g, 3, 0), 100);
    ck_assert_int_eq(read_next(&g, 3, 100, &it), 1);
    ck_item(&it, 4, 1);
    spool_trim(g.spool, 5, 60); /* whatever is before */
    ck_assert_int_eq(read_next(&g, 5, 60, &it), 1);
    ck_item(&it, 5, 61);
    ck_assert_uint_eq(ck_epoch(&g, 6, 0), 100);
    ck_assert_int_eq(read_next(&g, 6, 100, &it), 1);
    ck_item(&it, 9, 1);
    ck_assert_uint_eq(ck_epoch(&g, 9, 0), 10);
    ck_assert_uint_eq(g.lost_calls, 0);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* Memory holds a few batches, the rest is read back from files, also from the one being written. */
START_TEST(test_small_memory)
{
    struct rig g;
    struct spool_status st;
    rig_init(&g);
    g.c.memory_bytes = 64 << 10;
    open_epoch(&g, 1);
    for (uint64_t n = 1; n <= 400; n++) {
        while (append(&g) != 0)
            turn(&g);
        if (n % 5 == 0)
            turn(&g);
    }
    run_until_durable(&g, 400);
    spool_get_status(g.spool, &st);
    ck_assert_int_le(st.memory_bytes, 64 << 10);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 400);
    ck_assert_uint_eq(ck_epoch(&g, 1, 17), 400); /* and once more from an earlier one */
    ck_assert_uint_eq(g.lost_calls, 0);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* Copies the folder as a dead machine would leave it: every byte that was synced, of the rest a
 * random part. */
static void cut_copy(const struct rig *g, const char *to, const char *newest, size_t synced,
                     uint32_t random)
{
    char cmd[700], path[500];
    struct stat st;
    snprintf(cmd, sizeof cmd, "cp -r %s %s", g->dir, to);
    ck_assert_int_eq(system(cmd), 0);
    snprintf(path, sizeof path, "%s/%s", to, newest);
    ck_assert_int_eq(stat(path, &st), 0);
    if ((size_t)st.st_size < synced) /* ended since: synced, and what was preallocated given back */
        synced = (size_t)st.st_size;
    size_t rest = (size_t)st.st_size - synced;
    ck_assert_int_eq(truncate(path, (off_t)(synced + (rest ? random % (rest + 1) : 0))), 0);
}

START_TEST(test_power_loss)
{
    uint32_t rnd = 1;
    for (int round = 0; round < 60; round++) {
        struct rig g, after;
        char name[80], to[220], path[700];
        struct stat st;
        rig_init(&g);
        g.c.reserve = round % 3 == 0;
        g.c.sync_ms = round % 2 ? 20 : 0;
        open_epoch(&g, 1);
        append_n(&g, 1 + (int)(rnd % 60));
        run_until_durable(&g, g.appended);
        uint64_t kept = g.durable;
        newest_file(&g, name);
        snprintf(path, sizeof path, "%s/%s", g.dir, name);
        ck_assert_int_eq(stat(path, &st), 0);
        size_t synced =
            (size_t)st.st_size; /* preallocated bytes count: they were synced as zeros */
        g.durable = 0;
        g.c.sync_ms = 20;
        append_n(&g, (int)(rnd >> 8) % 4);
        for (int i = 0; i < 3; i++)
            turn(&g);
        rnd = rnd * 1664525u + 1013904223u;
        snprintf(to, sizeof to, "%s.cut", g.dir);
        cut_copy(&g, to, name, synced, rnd >> 4);
        stop(&g);

        after = g;
        snprintf(after.dir, sizeof after.dir, "%.199s", to);
        ck_assert_int_eq(uv_loop_init(&after.loop), 0);
        open_epoch(&after, 2);
        uint64_t last = ck_epoch(&after, 1, 0);
        ck_assert_uint_ge(last, kept);
        ck_assert_uint_eq(after.lost_calls, 0);
        stop(&after);
        rig_fini(&after);
        rig_fini(&g);
    }
}
END_TEST

START_TEST(test_corrupt_middle_is_refused)
{
    struct rig g;
    char name[80], was[600], is[600], cmd[700];
    rig_init(&g);
    g.c.segment_bytes = 4 << 20;
    open_epoch(&g, 1);
    for (int i = 0; i < 5; i++) {
        append_n(&g, 10);
        run_until_durable(&g, g.appended);
    }
    stop(&g);
    newest_file(&g, name);
    damage(g.dir, name, 30000);
    snprintf(cmd, sizeof cmd, "cd %s && cksum * ", g.dir);
    FILE *f = popen(cmd, "r");
    was[fread(was, 1, sizeof was - 1, f)] = 0;
    pclose(f);
    ck_assert(!try_open(&g, 2));
    ck_assert_ptr_nonnull(strstr(g.why, name));
    ck_assert_ptr_nonnull(strstr(g.why, "corrupt at byte"));
    ck_assert_ptr_nonnull(strstr(g.why, "spool skip"));
    f = popen(cmd, "r");
    is[fread(is, 1, sizeof is - 1, f)] = 0;
    pclose(f);
    ck_assert_str_eq(was, is);
    rig_fini(&g);
}
END_TEST

/* A file goes bad while we run: the rest of it is told as lost, what follows is still read. */
START_TEST(test_bad_while_running)
{
    struct rig g;
    struct spool_item it;
    uint64_t seq = 0;
    rig_init(&g);
    open_epoch(&g, 1);
    append_n(&g, 200);
    stop(&g);
    open_epoch(&g, 2);
    damage(g.dir, "bulk-e0000000001-000000000001.spool", 20000);
    int rc, got = 0, bad = 0;
    while ((rc = read_next(&g, 1, seq, &it)) != 0 && it.epoch <= 1) {
        bad += rc < 0;
        if (rc == 1) {
            seq = it.batch.seq;
            ck_item(&it, 1, seq);
            got++;
        }
    }
    ck_assert_uint_eq(seq, 200);
    ck_assert_int_eq(bad, 1);
    ck_assert_uint_eq(g.lost_calls, 1);
    ck_assert_uint_eq(g.lost_last - g.lost_first + 1 + (uint64_t)got, 200);
    stop(&g);
    rig_fini(&g);
}
END_TEST

START_TEST(test_disk_limit)
{
    struct rig g;
    struct spool_item it;
    struct spool_status st;
    rig_init(&g);
    g.c.limit_bytes = 512 << 10;
    g.c.memory_bytes = 128 << 10;
    open_epoch(&g, 1);
    for (int n = 0; n < 600; n++) {
        while (append(&g) != 0)
            turn(&g);
        turn(&g);
    }
    run_until_durable(&g, 600);
    spool_get_status(g.spool, &st);
    ck_assert_int_le(st.disk_bytes, 512 << 10);
    ck_assert_uint_gt(st.lost_rows, 0);
    ck_assert_uint_eq(st.lost_rows, g.lost_rows);
    ck_assert_uint_eq(g.lost_first, 1);
    ck_assert_int_eq(read_next(&g, 1, 0, &it), 1); /* the oldest went, the rest is whole */
    ck_assert_uint_eq(it.batch.seq, g.lost_last + 1);
    uint64_t calls = g.lost_calls;
    ck_assert_uint_eq(ck_epoch(&g, 1, g.lost_last), 600);
    ck_assert_uint_eq(g.lost_calls, calls); /* told once */
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* The folder is reached through a link: without it no new segment can be begun. */
static void hide_folder(struct rig *g, char real[420])
{
    snprintf(real, 420, "%s.real", g->dir);
    if (access(real, F_OK) != 0) {
        ck_assert_int_eq(rename(g->dir, real), 0);
        return;
    }
    ck_assert_int_eq(unlink(g->dir), 0);
}

static void show_folder(struct rig *g, const char *real)
{
    ck_assert_int_eq(symlink(real, g->dir), 0);
}

static void unlink_folder(struct rig *g, const char *real)
{
    ck_assert_int_eq(unlink(g->dir), 0);
    ck_assert_int_eq(rename(real, g->dir), 0);
}

/* The disk refuses: appending goes on in memory and is given to the reader; what is committed then
 * is not kept; when the disk is well again the rest is written. */
START_TEST(test_disk_refuses)
{
    struct rig g;
    struct spool_item it;
    struct spool_status st;
    char real[420];
    rig_init(&g);
    g.c.segment_bytes = 20000;
    g.c.level = 0;
    open_epoch(&g, 1);
    append_n(&g, 10);
    run_until_durable(&g, 10);
    hide_folder(&g, real);
    append_n(&g, 50);
    for (int i = 0; i < 3000 && g.troubles == 0; i++)
        turn(&g);
    ck_assert_int_eq(g.trouble, ENOENT);
    ck_assert_uint_lt(g.durable, 60);
    ck_assert_uint_eq(ck_epoch(&g, 1, 10), 60); /* 1..10 may be in the hidden folder only */
    spool_trim(g.spool, 1, 20);
    spool_get_status(g.spool, &st);
    ck_assert_int_ne(st.last_errno, 0);
    show_folder(&g, real);
    run_until_durable(&g, 60);
    ck_assert_int_eq(g.trouble, 0);
    ck_assert_int_eq(g.troubles, 2);
    ck_assert_uint_eq(ck_epoch(&g, 1, 20), 60);
    stop(&g);
    open_epoch(&g, 2);
    ck_assert_int_eq(read_next(&g, 1, 20, &it), 1);
    ck_item(&it, 1, 21);
    ck_assert_uint_eq(ck_epoch(&g, 1, 21), 60);
    ck_assert_uint_eq(g.lost_calls, 0);
    stop(&g);
    unlink_folder(&g, real);
    rig_fini(&g);
}
END_TEST

/* No space for the first byte of a segment: tried again, nothing is lost. */
START_TEST(test_no_space)
{
    struct rig g;
    char path[600];
    rig_init(&g);
    open_epoch(&g, 1);
    snprintf(path, sizeof path, "%s/bulk-e0000000001-000000000001.spool", g.dir);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    append_n(&g, 20);
    run_until_durable(&g, 20);
    ck_assert_int_eq(g.troubles, 2);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 20);
    stop(&g);
    open_epoch(&g, 2);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 20);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* Memory that holds what files hold as well is no reason to give a file up when the disk is full.
 */
START_TEST(test_no_space_sheds_nothing)
{
    struct rig g;
    struct spool_status st;
    char path[600];
    rig_init(&g);
    g.c.segment_bytes = 1; /* each batch begins a segment */
    g.c.memory_bytes = 64 << 10;
    open_epoch(&g, 1);
    do {
        ck_assert_int_eq(append(&g), 0);
        run_until_durable(&g, g.appended);
        spool_get_status(g.spool, &st);
    } while (st.memory_bytes <= 40 << 10);
    ck_assert_int_eq(st.waiting_bytes, 0);
    int n = (int)g.appended;
    snprintf(path, sizeof path, "%s/bulk-e0000000001-%012d.spool", g.dir, n + 1);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    ck_assert_int_eq(append(&g), 0);
    run_until_durable(&g, (uint64_t)n + 1);
    ck_assert_int_eq(g.troubles, 2);
    ck_assert_uint_eq(g.lost_calls, 0);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), (uint64_t)n + 1);
    stop(&g);
    rig_fini(&g);
}
END_TEST

START_TEST(test_memory_full)
{
    struct rig g;
    struct spool_status st;
    char real[420];
    rig_init(&g);
    g.c.memory_bytes = 64 << 10;
    open_epoch(&g, 1);
    hide_folder(&g, real);
    int n = 0;
    while (n < 1000 && append(&g) == 0)
        n++;
    ck_assert_int_lt(n, 100);
    ck_assert_int_eq(append(&g), E_LIMIT);
    spool_get_status(g.spool, &st);
    ck_assert_uint_eq(st.refused, 2);
    show_folder(&g, real);
    run_until_durable(&g, (uint64_t)n);
    ck_assert_int_eq(append(&g), 0);
    stop(&g);
    unlink_folder(&g, real);
    rig_fini(&g);
}
END_TEST

START_TEST(test_without_a_folder)
{
    struct rig g;
    char dir[200];
    rig_init(&g);
    memcpy(dir, g.dir, sizeof dir);
    g.dir[0] = 0;
    open_epoch(&g, 1);
    append_n(&g, 50);
    run_until_durable(&g, 50);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 50);
    spool_trim(g.spool, 1, 50);
    ck_assert_uint_eq(ck_epoch(&g, 1, 50), 50);
    stop(&g);
    memcpy(g.dir, dir, sizeof dir);
    rig_fini(&g);
}
END_TEST

/* Segments of the reserved lane are there before they are needed. */
START_TEST(test_reserve)
{
    struct rig g;
    struct spool_status st;
    rig_init(&g);
    g.c.reserve = true;
    g.c.sync_ms = 0;
    open_epoch(&g, 1);
    append_n(&g, 100);
    run_until_durable(&g, 100);
    ck_assert_int_eq(count_files(&g, "bulk-spare"), 1);
    spool_get_status(g.spool, &st);
    ck_assert_int_ge(st.disk_bytes, 64 << 10);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 100);
    stop(&g);
    open_epoch(&g, 2);
    ck_assert_uint_eq(ck_epoch(&g, 1, 0), 100);
    stop(&g);
    rig_fini(&g);
}
END_TEST

UNIT_MAIN("spool", tcase_add_test(tc, test_order_and_trim); tcase_add_test(tc, test_over_restarts);
          tcase_add_test(tc, test_small_memory); tcase_add_test(tc, test_power_loss);
          tcase_add_test(tc, test_corrupt_middle_is_refused);
          tcase_add_test(tc, test_bad_while_running); tcase_add_test(tc, test_disk_limit);
          tcase_add_test(tc, test_disk_refuses); tcase_add_test(tc, test_no_space);
          tcase_add_test(tc, test_no_space_sheds_nothing); tcase_add_test(tc, test_memory_full);
          tcase_add_test(tc, test_without_a_folder); tcase_add_test(tc, test_reserve);)
