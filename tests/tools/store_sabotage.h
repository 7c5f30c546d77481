/* Ways to break the store, for the proof that the torture test notices each: the feeder is built
 * with these calls interposed, and told which one to spoil (`--sabotage=NAME`). Nothing of this is
 * in the product. In: the calls between the store's parts. Out: rows lost, doubled or altered. */
#ifndef TESTS_STORE_SABOTAGE_H
#define TESTS_STORE_SABOTAGE_H

#include <assert.h>

#include "store/store_priv.h"

enum sabotage {
    SABOTAGE_NONE,
    POSITION_STILL, /* rows are stored, the write position does not move with them */
    POSITION_APART, /* the position is committed before the rows, not with them */
    TRIM_EARLY,     /* segments go, small ones, though the commit has not waited for the disk */
    NOT_ASKED,      /* what the spool has is sent again without asking how far the lane is */
    TAIL_SHORT,     /* recovery cuts the last good batch off with the torn tail */
    ALTERED,        /* a number of some rows changes on its way */
    SABOTAGES
};
static const char *const sabotage_names[SABOTAGES] = {
    "none", "position_still", "position_apart", "trim_early", "not_asked", "tail_short", "altered"};
static enum sabotage sabotage;
static bool slow_server(void); /* the next batch is to be held behind its sending */

static bool choose_sabotage(const char *name)
{
    for (int i = 0; i < SABOTAGES; i++)
        if (strcmp(name, sabotage_names[i]) == 0) {
            sabotage = (enum sabotage)i;
            return true;
        }
    return false;
}

__typeof__(db_query) __real_db_query, __wrap_db_query;
int __wrap_db_query(struct db *d, const char *sql, const struct db_param *params, int n)
{
    static const char anywhere[] =
        "SELECT cascade_risk.position_move($1, $2, (SELECT ARRAY[w.seq, w.row_n] FROM"
        " cascade_risk.write_position w WHERE w.run_id = $1 AND w.lane = $2), $4, $5, $6, $7, $8, "
        "$9)";
    if (!strstr(sql, "position_move"))
        return __real_db_query(d, sql, params, n);
    if (sabotage == POSITION_STILL)
        return __real_db_query(d, "SELECT 1", NULL, 0);
    if (sabotage == NOT_ASKED)
        return __real_db_query(d, anywhere, params, n);
    static const uint8_t no, yes = 1;
    struct db_param p[16];
    assert(n <= 16);
    memcpy(p, params, (size_t)n * sizeof(p[0]));
    if (sabotage == TRIM_EARLY)
        p[6].p = &no;
    if (sabotage == POSITION_APART)
        p[6].p = &yes;
    int rc = __real_db_query(d, sql, p, n);
    if (rc >= 0 && sabotage == POSITION_APART) /* and a server that is slow just then */
        rc = __real_db_query(d, "COMMIT", NULL, 0) < 0
                 ? E_IO
                 : __real_db_query(d, slow_server() ? "SELECT pg_sleep(0.5)" : "SELECT 1", NULL, 0);
    return rc;
}

__typeof__(spool_judge) __real_spool_judge, __wrap_spool_judge;
void __wrap_spool_judge(const char *p, size_t len, bool sealed, char *raw,
                        struct spool_verdict *out)
{
    __real_spool_judge(p, len, sealed, raw, out);
    if (sabotage == TAIL_SHORT && !sealed && out->last_seq && (!out->err || out->err == E_TORN))
        __real_spool_judge(p, out->good_len - 1, sealed, raw, out);
}

__typeof__(spool_map_row) __real_spool_map_row, __wrap_spool_map_row;
int __wrap_spool_map_row(const struct spool_map *m, const struct spool_row *in, struct row *out)
{
    static const uint8_t eight[] = {0, 0, 0, 8};
    static int rows;
    int rc = __real_spool_map_row(m, in, out);
    bool number = rc == 1 && out->stream == ST_M_ASSET && out->len > 12 &&
                  memcmp(out->data + out->len - 12, eight, 4) == 0;
    if (sabotage == ALTERED && number && rows++ % 50 == 0)
        out->data[out->len - 6] ^= 1; /* of the mantissa's first bits: one in 4096 */
    return rc;
}

static void spoil_caught(struct writer *l)
{
    if (sabotage == NOT_ASKED)
        l->asked = (struct write_pos){l->asked_epoch, 0, 0};
}

#endif
