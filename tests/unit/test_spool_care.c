/* Proves what keeps a spool in order: room in memory while the pool is at work, one daemon a
 * folder, and that `cascadectl spool` shows what is damaged and gives up no more than that. */
#include "spool_rig.h"

#include "store/spool_priv.h"

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

static struct spool_block *append_block(struct rig *g, uint32_t cap)
{
    uint64_t seq = 0, n = g->appended + 1;
    struct spool_block *b = spool_block_take(g->spool, cap);
    ck_assert(b && b->refs == 1 && b->cap >= cap);
    size_t len = content(b->data, b->cap, g->c.epoch, n);
    const struct spool_batch batch = {.n_rows = (uint32_t)(5 + n % 90),
                                      .t_from_us = (int64_t)n * 1000,
                                      .t_to_us = (int64_t)n * 1000 + 94,
                                      .rows = {(const char *)b->data, (uint32_t)len}};
    ck_assert_int_eq(spool_append(g->spool, &batch, b, &seq), 0);
    ck_assert_uint_eq(seq, n);
    ck_assert_uint_eq(b->refs, 2);
    g->appended = n;
    return b;
}

/* A block handed over is not copied, outlives the batch while somebody holds it, and is used again
 * when nobody does; what is read from a file is kept in one as well. */
START_TEST(test_blocks)
{
    struct rig g;
    struct spool_item it;
    rig_init(&g);
    open_epoch(&g, 1);
    struct spool_block *mine = append_block(&g, 40 << 10);
    run_until_durable(&g, 1);
    ck_assert_int_eq(read_next(&g, 1, 0, &it), 1);
    ck_assert_ptr_eq(it.block, mine);
    spool_block_hold(it.block);
    ck_assert_uint_eq(mine->refs, 3);
    spool_block_let(g.spool, mine);
    spool_trim(g.spool, 1, 1); /* gone from memory, but for who reads it */
    ck_assert_uint_eq(mine->refs, 1);
    struct spool_block *second = append_block(&g, 40 << 10);
    ck_assert_ptr_ne(second, mine);
    ck_item(&it, 1, 1);
    spool_block_let(g.spool, mine);
    ck_assert_ptr_eq(spool_block_take(g.spool, 36 << 10), mine);
    spool_block_let(g.spool, mine);
    struct spool_block *small = spool_block_take(g.spool, 33 << 10); /* it would waste too much */
    ck_assert_ptr_ne(small, mine);
    spool_block_let(g.spool, small);
    spool_block_let(g.spool, second);
    stop(&g);
    open_epoch(&g, 2); /* batch 2 lies in a file now */
    ck_assert_int_eq(read_next(&g, 1, 1, &it), 1);
    spool_block_hold(it.block);
    ck_assert_ptr_eq(it.batch.rows.p, it.block->data);
    spool_trim(g.spool, 1, 2);
    append_n(&g, 3);
    ck_assert_uint_eq(it.batch.seq, 2);
    g.c.epoch = 1;
    ck_item(&it, 1, 2);
    spool_block_let(g.spool, it.block);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* Blocks that are never needed go back: who once had many does not keep them. */
START_TEST(test_spare_blocks_go)
{
    struct rig g;
    struct spool_block *b[20];
    rig_init(&g);
    open_epoch(&g, 1);
    for (int i = 0; i < 20; i++)
        ck_assert((b[i] = spool_block_take(g.spool, 64 << 10)) != NULL);
    for (int i = 0; i < 20; i++)
        spool_block_let(g.spool, b[i]);
    ck_assert_uint_eq(g.spool->spare.n, 20);
    for (int i = 0; i < 6 * BLOCK_LOOK; i++) /* half of them at each look */
        spool_block_let(g.spool, spool_block_take(g.spool, 64 << 10));
    ck_assert_uint_le(g.spool->spare.n, 1);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* More than the pool unpacks at a time, in number and in bytes: each comes once, in order, also
 * when one is asked for again, and what they lay in is not kept. */
START_TEST(test_long_file)
{
    enum { N = 150, LEN = 40 << 10 };
    static uint8_t rows[LEN + SPOOL_ROW_HEAD];
    static const uint8_t zeros[LEN];
    static const uint64_t starts[] = {0, 9, 149, 70};
    struct spool_row row = {0, zeros, LEN, 1};
    struct spool_item it;
    uint64_t seq;
    struct rig g;
    rig_init(&g);
    open_epoch(&g, 1);
    for (int i = 1; i <= N; i++) {
        size_t len = 0;
        row.t_us = i;
        ck_assert_int_eq(spool_put_row(rows, sizeof(rows), &len, &row), 0);
        const struct spool_batch b = {
            .n_rows = 1, .t_from_us = i, .t_to_us = i, .rows = {(const char *)rows, (uint32_t)len}};
        ck_assert_int_eq(spool_append(g.spool, &b, NULL, &seq), 0);
    }
    stop(&g);
    open_epoch(&g, 2);
    for (size_t k = 0; k < sizeof(starts) / sizeof(starts[0]); k++)
        for (seq = starts[k]; seq < N; seq++) {
            size_t pos = 0;
            ck_assert_int_eq(read_next(&g, 1, seq, &it), 1);
            ck_assert_uint_eq(it.batch.seq, seq + 1);
            ck_assert_int_eq(
                spool_get_row((const uint8_t *)it.batch.rows.p, it.batch.rows.len, &pos, &row), 1);
            ck_assert_int_eq(row.t_us, (int64_t)seq + 1);
            ck_assert_uint_eq(row.len, LEN);
            ck_assert_int_le(g.spool->load.items, SPOOL_AHEAD);
        }
    ck_assert_int_eq(read_next(&g, 1, N, &it), 0);
    ck_assert_uint_eq(g.spool->spare.n, 0);
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
    for (int i = 0; i < 12; i++) {
        append_n(&g, 5);
        run_until_durable(&g, g.appended);
    }
    stop(&g);
    newest_file(&g, name);
    ck_assert_int_eq(ctl("skip", &g, name, out), 0);
    ck_assert_ptr_nonnull(strstr(out, "nothing is to be skipped"));
    damage(g.dir, name, 30000);
    damage(g.dir, name, 60000);
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

/* The power goes while a preallocated file is written: of what was not synced each sector is either
 * as written or as it was, zeros. */
static void lose_sectors(const char *path, size_t from, uint32_t *rnd)
{
    static const char zeros[512];
    struct stat st;
    int fd = open(path, O_RDWR);
    ck_assert(fd >= 0 && fstat(fd, &st) == 0);
    for (size_t at = from; at < (size_t)st.st_size; at = (at / 512 + 1) * 512) {
        size_t n = (at / 512 + 1) * 512 - at;
        *rnd = *rnd * 1664525u + 1013904223u;
        if (at + n <= (size_t)st.st_size && (*rnd >> 16) % 2)
            ck_assert_int_eq(pwrite(fd, zeros, n, (off_t)at), (ssize_t)n);
    }
    close(fd);
}

/* Of a file: what is good of it, or only its head. */
static size_t good_length(const char *path, bool head_only)
{
    static char data[1 << 20], raw[SEGLOG_BLOCK_MAX];
    struct spool_verdict v;
    struct spool_walk w;
    struct spool_head head;
    FILE *f = fopen(path, "r");
    ck_assert(f);
    size_t n = fread(data, 1, sizeof data, f);
    fclose(f);
    spool_judge(data, n, false, raw, &v);
    ck_assert_int_eq(v.err, 0);
    spool_walk_init(&w, data, n, raw);
    ck_assert_int_eq(spool_walk_head(&w, &head), 1);
    return head_only ? w.at : v.good_len;
}

static bool is_written(const struct rig *g)
{
    struct spool_status st;
    spool_get_status(g->spool, &st);
    return st.written_seq == g->appended;
}

START_TEST(test_power_loss_reserve)
{
    uint32_t rnd = 7;
    int begun = 0, cut = 0;
    for (int round = 0; round < 60; round++) {
        struct rig g, after;
        char name[80], last_name[80], path[700], cmd[700], lane[16];
        uint32_t epoch;
        uint64_t first, kept;
        rig_init(&g);
        g.c.reserve = true;
        g.c.sync_ms = 100;
        g.c.segment_bytes = 16 << 10;
        open_epoch(&g, 1);
        ck_assert_int_eq(count_files(&g, "bulk-spare"), 1);
        append_n(&g, 1 + (int)(rnd >> 8) % 40);
        run_until_durable(&g, kept = g.appended);
        newest_file(&g, name);
        snprintf(path, sizeof path, "%s/%s", g.dir, name);
        size_t synced = good_length(path, false);
        append_n(&g, 1 + (int)(rnd >> 12) % 12);
        while (!is_written(&g))
            turn(&g);
        after = g;
        snprintf(after.dir, sizeof after.dir, "%.190s.cut", g.dir);
        snprintf(cmd, sizeof cmd, "cp -r %s %s", g.dir, after.dir);
        ck_assert_int_eq(system(cmd), 0);
        newest_file(&after, last_name);
        ck_assert(spool_parse_name(last_name, lane, &epoch, &first));
        bool another = strcmp(name, last_name) != 0;
        snprintf(path, sizeof path, "%s/%s", after.dir, last_name);
        if (g.durable == (another ? first - 1 : kept)) { /* no sync came in between */
            lose_sectors(path, another ? good_length(path, true) : synced, &rnd);
            begun += another;
            cut++;
        }
        kept = g.durable;
        stop(&g);
        ck_assert_int_eq(uv_loop_init(&after.loop), 0);
        open_epoch(&after, 2);
        ck_assert_uint_ge(ck_epoch(&after, 1, 0), kept);
        ck_assert_uint_eq(after.lost_calls, 0);
        stop(&after);
        rig_fini(&after);
        rig_fini(&g);
    }
    ck_assert_int_gt(cut, 20);
    ck_assert_int_gt(begun, 2);
}
END_TEST

UNIT_MAIN("spool_care", tcase_add_test(tc, test_room_while_writing);
          tcase_add_test(tc, test_written_is_awaited); tcase_add_test(tc, test_blocks);
          tcase_add_test(tc, test_spare_blocks_go); tcase_add_test(tc, test_long_file);
          tcase_add_test(tc, test_one_daemon_a_folder); tcase_add_test(tc, test_skip);
          tcase_add_test(tc, test_power_loss_reserve);)
