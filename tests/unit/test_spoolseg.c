/* Proves the spool's segment format: rows and batches come back as they went in; wherever a segment
 * is cut, what stands before is kept and nothing complains; a damaged middle is told from a torn
 * tail, with the place of the next good batch. */
#include "base/spoolseg.h"
#include "unit.h"

enum { N = 40, CAP = 1 << 20 };
static char seg[CAP], copy[CAP], scratch[1 << 17], raw[SEGLOG_BLOCK_MAX];
static size_t seg_len, end_of[N + 1]; /* end_of[i]: behind batch i; [0]: behind the head */
static uint8_t rows[N + 1][4096];
static size_t rows_len[N + 1];

static uint32_t rnd = 12345;
static uint32_t next_rnd(void)
{
    rnd = rnd * 1664525u + 1013904223u;
    return rnd >> 8;
}

static void make_rows(int i)
{
    uint8_t data[300];
    rows_len[i] = 0;
    for (int k = 0; k < 1 + i % 7; k++) {
        uint32_t n = next_rnd() % sizeof data;
        for (uint32_t b = 0; b < n; b++)
            data[b] = (uint8_t)next_rnd();
        struct spool_row r = {1000000 * i + k, data, n, (uint8_t)(k % 20)};
        ck_assert_int_eq(spool_put_row(rows[i], sizeof rows[i], &rows_len[i], &r), 0);
    }
}

static void build(int level)
{
    struct slice tmp = {scratch, sizeof scratch};
    const struct spool_head h = {SLICE("bulk"), SLICE("{\"who\":1}")};
    int64_t n = spool_encode_head(&h, level, tmp, seg, CAP);
    ck_assert_int_gt(n, 0);
    seg_len = end_of[0] = (size_t)n;
    for (int i = 1; i <= N; i++) {
        make_rows(i);
        struct spool_batch b = {(uint64_t)i + 10,
                                (uint32_t)(1 + i % 7),
                                1000000 * i,
                                1000000 * i + i % 7,
                                {(char *)rows[i], (uint32_t)rows_len[i]},
                                (uint64_t)i + 9};
        n = spool_encode_batch(&b, level, tmp, seg + seg_len, CAP - seg_len);
        ck_assert_int_gt(n, 0);
        seg_len += (size_t)n;
        end_of[i] = seg_len;
    }
}

static void ck_batch(const struct spool_batch *b, int i)
{
    size_t pos = 0, again = 0;
    struct spool_row r;
    uint8_t back[4096];
    ck_assert_uint_eq(b->seq, (uint64_t)i + 10);
    ck_assert_uint_eq(b->n_rows, 1 + i % 7);
    ck_assert_int_eq(b->t_from_us, 1000000 * i);
    ck_assert_int_eq(b->t_to_us, 1000000 * i + i % 7);
    ck_assert_uint_eq(b->rows.len, rows_len[i]);
    ck_assert_mem_eq(b->rows.p, rows[i], rows_len[i]);
    int n = 0;
    while (spool_get_row((const uint8_t *)b->rows.p, b->rows.len, &pos, &r) == 1) {
        ck_assert_int_eq(r.t_us, 1000000 * i + n);
        ck_assert_uint_eq(r.stream, n++ % 20);
        ck_assert_int_eq(spool_put_row(back, sizeof back, &again, &r), 0);
    }
    ck_assert_int_eq(n, 1 + i % 7);
    ck_assert_mem_eq(back, rows[i], again);
}

START_TEST(test_round)
{
    for (int level = 0; level < 2; level++) {
        struct spool_walk w;
        struct spool_head h;
        struct spool_batch b;
        build(level);
        spool_walk_init(&w, seg, seg_len, raw);
        ck_assert_int_eq(spool_walk_head(&w, &h), 1);
        ck_assert(slice_is(h.lane, "bulk") && slice_is(h.text, "{\"who\":1}"));
        for (int i = 1; i <= N; i++) {
            ck_assert_int_eq(spool_walk_next(&w, &b), 1);
            ck_batch(&b, i);
        }
        ck_assert_int_eq(spool_walk_next(&w, &b), 0);
        ck_assert_uint_eq(w.at, seg_len);
    }
}
END_TEST

/* Which batch is the last whole one in the first len bytes. */
static int whole(size_t len)
{
    int i = -1;
    while (i < N && end_of[i + 1] <= len)
        i++;
    return i;
}

START_TEST(test_every_cut)
{
    struct spool_verdict v;
    build(1);
    for (size_t len = 0; len <= seg_len; len++) {
        int last = whole(len);
        bool exact = last >= 0 && end_of[last] == len;
        spool_judge(seg, len, false, raw, &v);
        ck_assert_int_eq(v.err, exact ? 0 : E_TORN);
        ck_assert_uint_eq(v.good_len, last >= 0 ? end_of[last] : 0);
        ck_assert_uint_eq(v.last_seq, last > 0 ? (uint64_t)last + 10 : 0);
        spool_judge(seg, len, true, raw, &v); /* one that was sealed had no torn tail */
        ck_assert_int_eq(v.err, exact ? 0 : E_CRC);
    }
}
END_TEST

START_TEST(test_zeros_behind)
{
    struct spool_verdict v;
    build(1);
    memset(copy, 0, sizeof copy);
    for (int i = 0; i <= N; i++) { /* preallocated: zeros behind the last whole batch are its end */
        memset(copy, 0, sizeof copy);
        memcpy(copy, seg, end_of[i]);
        spool_judge(copy, sizeof copy, i % 2, raw, &v);
        ck_assert_int_eq(v.err, 0);
        ck_assert_uint_eq(v.good_len, end_of[i]);
    }
    memset(copy, 0, sizeof copy); /* nothing but zeros: it was allocated and never begun */
    spool_judge(copy, sizeof copy, false, raw, &v);
    ck_assert_int_eq(v.err, E_TORN);
    ck_assert_uint_eq(v.good_len, 0);
    memcpy(copy, seg, end_of[3] + 9); /* and behind a torn batch */
    spool_judge(copy, sizeof copy, false, raw, &v);
    ck_assert_int_eq(v.err, E_TORN);
    ck_assert_uint_eq(v.good_len, end_of[3]);
}
END_TEST

/* Refused, whatever of the head cannot be read: the mark of its block, or what is in it. */
static void ck_head_corrupt(const struct spool_verdict *v)
{
    ck_assert_msg(v->err == E_SYNTAX || v->err == E_CRC, "%d", v->err);
    ck_assert_uint_eq(v->next_at, v->err == E_CRC ? end_of[0] : 0);
}

START_TEST(test_every_damaged_byte)
{
    struct spool_verdict v;
    build(1);
    for (size_t at = 0; at < seg_len; at++) {
        memcpy(copy, seg, seg_len);
        copy[at] ^= (char)(1 + next_rnd() % 255);
        spool_judge(copy, seg_len, false, raw, &v);
        int last = at < end_of[0] ? -1 : whole(at);
        if (at < SEGLOG_MAGIC_LEN) {
            ck_assert_int_eq(v.err, E_SYNTAX);
            continue;
        }
        if (last < 0) /* in the head, which was synced before any batch was written */
            ck_head_corrupt(&v);
        ck_assert_msg(v.err != 0, "byte %zu", at);
        if (last == N - 1) { /* in the last batch: nothing good behind */
            ck_assert_int_eq(v.err, E_TORN);
            ck_assert_uint_eq(v.good_len, end_of[N - 1]);
        } else if (last >= 0) {
            ck_assert_int_eq(v.err, E_CRC);
            ck_assert_uint_eq(v.bad_at, end_of[last]);
            ck_assert_uint_eq(v.next_at, end_of[last + 1]);
            ck_assert_uint_eq(v.next_seq, (uint64_t)last + 12);
        }
    }
}
END_TEST

/* A loss of power in the first sync of a segment: of the head, any sectors are there. */
START_TEST(test_sectors_of_a_head)
{
    static char text[4000];
    struct slice tmp = {scratch, sizeof scratch};
    const struct spool_head h = {SLICE("bulk"), {text, sizeof text}};
    struct spool_verdict v;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)next_rnd();
    int64_t n = spool_encode_head(&h, 1, tmp, seg, CAP);
    ck_assert_int_gt(n, 512 * 7);
    ck_assert_int_lt(n, 512 * 9);
    for (unsigned kept = 0; kept < 1u << 9; kept++)
        for (int spare = 0; spare < 2; spare++) { /* zeros behind the head, or the file's end */
            memset(copy, 0, sizeof copy);
            for (int64_t at = 0; at < n; at += 512)
                if (kept >> at / 512 & 1)
                    memcpy(copy + at, seg + at, (size_t)(n - at < 512 ? n - at : 512));
            bool whole_head = memcmp(copy, seg, (size_t)n) == 0;
            spool_judge(copy, spare ? (size_t)n + 5000 : (size_t)n, false, raw, &v);
            ck_assert_int_eq(v.err, whole_head ? 0 : E_TORN);
            ck_assert_uint_eq(v.good_len, whole_head ? (size_t)n : 0);
            ck_assert_uint_eq(v.last_seq, 0);
        }
    memset(copy, 0, sizeof copy);
    for (size_t len = 0; len < 1100; len++) { /* its length came, none of its sectors */
        spool_judge(copy, len, false, raw, &v);
        ck_assert_int_eq(v.err, E_TORN);
    }
}
END_TEST

/* Its first batches do not know of a sync; that they are there says that the head was. */
START_TEST(test_head_before_young_batches)
{
    struct slice tmp = {scratch, sizeof scratch};
    struct spool_batch b = {11, 2, 1000000, 1000001, {(char *)rows[1], 0}, 0};
    struct spool_verdict v;
    build(1);
    b.rows.len = (uint32_t)rows_len[1];
    int64_t n = spool_encode_batch(&b, 1, tmp, seg + end_of[0], CAP - end_of[0]);
    ck_assert_int_gt(n, 0);
    for (size_t at = SEGLOG_MAGIC_LEN; at < end_of[0]; at++) {
        memcpy(copy, seg, end_of[0] + (size_t)n);
        copy[at] ^= 16;
        spool_judge(copy, end_of[0] + (size_t)n, false, raw, &v);
        ck_head_corrupt(&v);
    }
}
END_TEST

START_TEST(test_not_a_segment)
{
    struct spool_verdict v;
    static const char *const texts[] = {"x", "CASCSEG2 and more of it", "\0\0\0x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        spool_judge(texts[i], i == 2 ? 4 : strlen(texts[i]), false, raw, &v);
        ck_assert_int_eq(v.err, E_SYNTAX);
    }
}
END_TEST

START_TEST(test_hole_in_numbers)
{
    struct spool_verdict v;
    build(0);
    memcpy(copy, seg, end_of[4]);
    memcpy(copy + end_of[4], seg + end_of[5], seg_len - end_of[5]); /* batch 5 is not there */
    spool_judge(copy, seg_len - (end_of[5] - end_of[4]), false, raw, &v);
    ck_assert_int_eq(v.err, E_CRC);
    ck_assert_uint_eq(v.last_seq, 14);
}
END_TEST

START_TEST(test_rows_refuse)
{
    static const uint8_t data[60] = {7};
    uint8_t dst[64];
    size_t len = 0, pos = 0;
    struct spool_row r = {1, data, 60, 1}, out;
    ck_assert_int_eq(spool_put_row(dst, sizeof dst, &len, &r), E_LIMIT);
    ck_assert_uint_eq(len, 0);
    r.len = 20;
    ck_assert_int_eq(spool_put_row(dst, sizeof dst, &len, &r), 0);
    for (size_t cut = 1; cut < len; cut++) {
        pos = 0;
        ck_assert_int_eq(spool_get_row(dst, cut, &pos, &out), E_TORN);
        ck_assert_uint_eq(pos, 0);
    }
}
END_TEST

UNIT_MAIN("spoolseg", tcase_add_test(tc, test_round); tcase_add_test(tc, test_every_cut);
          tcase_add_test(tc, test_zeros_behind); tcase_add_test(tc, test_every_damaged_byte);
          tcase_add_test(tc, test_sectors_of_a_head);
          tcase_add_test(tc, test_head_before_young_batches);
          tcase_add_test(tc, test_not_a_segment); tcase_add_test(tc, test_hole_in_numbers);
          tcase_add_test(tc, test_rows_refuse);)
