/* See merge.h. A thousand entries searched from end to end: this happens on a day when the disk is
 * full, and then a few hundred times. */
#include "store/merge.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct merge_key key;
    int64_t t_us;
    uint64_t n, transitions;
    uint32_t len;
    uint8_t data[MERGE_ROW_BYTES];
};

struct merge {
    int count;
    struct entry entry[MERGE_MAX + 1]; /* the last: what was taken out */
};

uint64_t merge_rule(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *name; name++)
        h = (h ^ (uint64_t)(unsigned char)*name) * UINT64_C(0x100000001b3);
    return h;
}

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

static bool same(const struct merge_key *a, const struct merge_key *b)
{
    return a->rule == b->rule && a->subject.table == b->subject.table &&
           a->subject.venue == b->subject.venue && a->subject.channel == b->subject.channel &&
           a->subject.id == b->subject.id;
}

int merge_add(struct merge *m, const struct merge_key *k, uint64_t n, const struct row *r)
{
    int i = 0;
    while (i < m->count && !same(&m->entry[i].key, k))
        i++;
    if (r->full || r->len > MERGE_ROW_BYTES || i == MERGE_MAX)
        return E_LIMIT;
    struct entry *e = &m->entry[i];
    bool known = i < m->count;
    m->count += !known;
    e->key = *k;
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
