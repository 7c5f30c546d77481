/* See merge.h. A thousand entries searched from end to end: this happens on a day when the disk is
 * full, and then a few hundred times. */
#include "store/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char rule[sizeof(((struct rule *)0)->name)];
    struct subject subject;
    int64_t t_us;
    uint64_t n, transitions;
    uint32_t len;
    uint8_t data[MERGE_ROW_BYTES];
};

struct merge {
    int count;
    struct entry entry[MERGE_MAX + 1]; /* the last: what was taken out */
};

struct merge *merge_new(void)
{
    return calloc(1, sizeof(struct merge));
}

void merge_free(struct merge *m)
{
    free(m);
}

int merge_count(const struct merge *m)
{
    return m->count;
}

static bool is_of(const struct entry *e, const struct merge_key *k)
{
    const struct subject *a = &e->subject, *b = &k->subject;
    return a->id == b->id && a->table == b->table && a->venue == b->venue &&
           a->channel == b->channel && strcmp(e->rule, k->rule) == 0;
}

int merge_add(struct merge *m, const struct merge_key *k, uint64_t n, const struct row *r)
{
    int i = 0;
    while (i < m->count && !is_of(&m->entry[i], k))
        i++;
    if (r->full || r->len > MERGE_ROW_BYTES || i == MERGE_MAX)
        return E_LIMIT;
    struct entry *e = &m->entry[i];
    bool known = i < m->count;
    m->count += !known;
    snprintf(e->rule, sizeof(e->rule), "%s", k->rule);
    e->subject = k->subject;
    e->t_us = r->t_us;
    e->n = n;
    e->transitions = known ? e->transitions + 1 : 1;
    e->len = r->len;
    memcpy(e->data, r->data, r->len);
    return known;
}

bool merge_take(struct merge *m, struct merged *out)
{
    int first = 0;
    if (m->count == 0)
        return false;
    for (int i = 1; i < m->count; i++)
        if (m->entry[i].n < m->entry[first].n)
            first = i;
    struct entry *e = &m->entry[MERGE_MAX];
    *e = m->entry[first];
    m->entry[first] = m->entry[--m->count];
    *out = (struct merged){e->t_us, e->n, e->transitions, {(const char *)e->data, e->len}};
    return true;
}
