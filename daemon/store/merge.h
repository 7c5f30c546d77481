/* Alert transitions that wait for room: while the alert lane is nearly full (the disk refuses and
 * the database is away), what is told of one rule and subject is one row, the latest, with the
 * count of the transitions it stands for, so that a desk's alerts outlast any disk. In: encoded
 * rows. Out: the same, fewer. Plain memory, bounded; the owner says when. */
#ifndef DAEMON_STORE_MERGE_H
#define DAEMON_STORE_MERGE_H

#include "alert/alert.h"
#include "base/err.h"
#include "store/row.h"

#define MERGE_MAX       1024 /* rules x subjects at a time */
#define MERGE_ROW_BYTES 1024

struct merge;

struct merge_key {
    const char *rule; /* its name, copied: rules may be numbered anew meanwhile */
    struct subject subject;
};

struct merged {
    int64_t t_us;
    uint64_t n; /* order of the latest transition */
    uint64_t transitions;
    struct slice data; /* its row, but for the count; borrowed */
};

struct merge *merge_new(void); /* NULL: no memory */
void merge_free(struct merge *m);

/* Takes the row of transition n, whose last column, the count, is not yet in it: a new one, or
 * instead of the one before. 1 = instead, 0 = a new one, E_LIMIT: not taken. */
int merge_add(struct merge *m, const struct merge_key *k, uint64_t n,
              const struct row *r) MUST_CHECK;
int merge_count(const struct merge *m);
/* The oldest by n, taken out; false: there is none. Valid until the next call. */
bool merge_take(struct merge *m, struct merged *out);

#endif
