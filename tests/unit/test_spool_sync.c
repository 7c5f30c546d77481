/* Proves what a failing fdatasync does to the spool: nothing is called durable that a sync did not
 * vouch for, the segment is not written to any more, what is behind its last good sync is written
 * again into a fresh one, and when the disk stays bad rows are given to the reader from memory and
 * refused, counted, once it is full. fdatasync is interposed by the linker in this program alone.
 */
#include "spool_rig.h"

#include <stdatomic.h>

static atomic_int failing; /* so many more syncs fail; -1 = all */
static atomic_int syncs, failed_syncs;

__typeof__(fdatasync) __real_fdatasync, __wrap_fdatasync;
int __wrap_fdatasync(int fd)
{
    atomic_fetch_add(&syncs, 1);
    int n = atomic_load(&failing);
    if (n == 0)
        return __real_fdatasync(fd);
    if (n > 0)
        atomic_store(&failing, n - 1);
    atomic_fetch_add(&failed_syncs, 1);
    errno = EIO;
    return -1;
}

static void run_until_trouble(struct rig *g, int troubles)
{
    for (int i = 0; i < 30000 && g->troubles < troubles; i++)
        turn(g);
    ck_assert_int_ge(g->troubles, troubles);
}

/* One sync fails, at each place: group sync, end of a segment, begin of one. */
START_TEST(test_once)
{
    for (int after = 1; after <= 40; after += 3) {
        struct rig g;
        struct spool_status st;
        rig_init(&g);
        g.c.reserve = after % 2;
        g.c.segment_bytes = 16 << 10;
        g.c.sync_ms = after % 4 ? 5 : 0;
        open_epoch(&g, 1);
        append_n(&g, after);
        run_until_durable(&g, g.appended);
        uint64_t sure = g.durable;
        atomic_store(&failed_syncs, 0);
        atomic_store(&failing, 1);
        append_n(&g, 12);
        while (!atomic_load(&failed_syncs))
            turn(&g);
        ck_assert_uint_ge(g.durable, sure);
        run_until_durable(&g, sure + 12); /* a later sync vouches for them, in another file */
        ck_assert_int_eq(g.troubles, 2);  /* told, and told again that it is over */
        ck_assert_int_eq(g.trouble, 0);
        spool_get_status(g.spool, &st);
        ck_assert_uint_eq(st.errors, 1);
        ck_assert_int_eq(st.last_errno, 0);
        ck_assert_uint_eq(ck_epoch(&g, 1, 0), sure + 12);
        stop(&g);
        open_epoch(&g, 2); /* each once, from files */
        ck_assert_uint_eq(ck_epoch(&g, 1, 0), sure + 12);
        ck_assert_uint_eq(g.lost_calls, 0);
        stop(&g);
        rig_fini(&g);
    }
}
END_TEST

/* The disk never syncs again: nothing more is durable, readers get what is in memory, memory keeps
 * its limit and says what it refuses; the next start has what was synced, and no complaint. */
START_TEST(test_for_ever)
{
    struct rig g;
    struct spool_item it;
    struct spool_status st;
    int refused = 0;
    rig_init(&g);
    g.c.memory_bytes = 512 << 10;
    open_epoch(&g, 1);
    append_n(&g, 20);
    run_until_durable(&g, 20);
    atomic_store(&failing, -1);
    append_n(&g, 10);
    run_until_trouble(&g, 1);
    ck_assert_int_eq(g.trouble, EIO);
    ck_assert_int_eq(read_next(&g, 1, 20, &it), 1); /* from memory: the database may have it */
    ck_item(&it, 1, 21);
    for (int i = 0; i < 400; i++) {
        refused += append(&g) != 0;
        turn(&g);
    }
    spool_get_status(g.spool, &st);
    ck_assert_uint_eq(g.durable, 20);
    ck_assert_uint_eq(st.durable_seq, 20);
    ck_assert_int_gt(refused, 0);
    ck_assert_uint_eq(st.refused, (uint64_t)refused);
    ck_assert_int_le(st.memory_bytes, 512 << 10);
    ck_assert_int_eq(st.last_errno, EIO);
    ck_assert_uint_eq(ck_epoch(&g, 1, 20), g.appended);
    stop(&g); /* it gives up after some tries */
    ck_assert_uint_eq(g.durable, 20);
    atomic_store(&failing, 0);
    open_epoch(&g, 2);
    ck_assert_uint_ge(ck_epoch(&g, 1, 0), 20);
    ck_assert_uint_eq(g.lost_calls, 0);
    stop(&g);
    rig_fini(&g);
}
END_TEST

/* The power goes after a failed sync: of the file that was given up anything may be left behind its
 * last good sync, and its cutting back undone. The batches behind it are in the next file, which
 * was synced: the start must not complain. */
START_TEST(test_then_power_loss)
{
    for (uint32_t round = 0; round < 20; round++) {
        struct rig g;
        char path[600], junk[3000];
        rig_init(&g);
        open_epoch(&g, 1);
        append_n(&g, 10 + (int)round);
        run_until_durable(&g, g.appended);
        uint64_t sure = g.durable;
        snprintf(path, sizeof path, "%s/bulk-e0000000001-000000000001.spool", g.dir);
        atomic_store(&failing, 1);
        append_n(&g, 5);
        run_until_durable(&g, sure + 5);
        stop(&g);
        ck_assert_int_ge(count_files(&g, ".spool"), 2);
        for (size_t i = 0; i < sizeof junk; i++)
            junk[i] = round % 2 ? 0 : (char)(i * 131 + round);
        FILE *f = fopen(path, "ab");
        ck_assert(f);
        ck_assert_uint_eq(fwrite(junk, 1, 100 + round * 97, f), 100 + round * 97);
        ck_assert_int_eq(fclose(f), 0);
        open_epoch(&g, 2);
        ck_assert_uint_eq(ck_epoch(&g, 1, 0), sure + 5);
        ck_assert_uint_eq(g.lost_calls, 0);
        stop(&g);
        rig_fini(&g);
    }
}
END_TEST

UNIT_MAIN("spool_sync", tcase_add_test(tc, test_once); tcase_add_test(tc, test_for_ever);
          tcase_add_test(tc, test_then_power_loss);)
