/* See spans.h. Keys are packed into 64 bits: table + 1 (3 bits, so that no key is 0), venue,
 * channel, id, metric (13 bits). Deleting moves later entries of the chain back, so there are no
 * tombstones. */
#include "store/spans.h"

#include <assert.h>
#include <stdlib.h>

#define SPANS_BITS 18
#define SPANS_CAP  (1u << SPANS_BITS)
#define SPANS_MAX  (SPANS_CAP / 4 * 3)

struct spans {
    uint32_t n;
    uint64_t key[SPANS_CAP]; /* 0 = free */
    int64_t t_us[SPANS_CAP];
    uint8_t reason[SPANS_CAP];
};

struct spans *spans_new(void)
{
    return calloc(1, sizeof(struct spans));
}

void spans_free(struct spans *s)
{
    free(s);
}

static uint64_t pack(struct subject s, int metric_id)
{
    assert(metric_id >= 0 && metric_id < 1 << 13 && s.table < MT_TABLES);
    return (uint64_t)(s.table + 1) << 61 | (uint64_t)s.venue << 53 | (uint64_t)s.channel << 45 |
           (uint64_t)s.id << 13 | (uint64_t)metric_id;
}

static uint32_t home(uint64_t key)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - SPANS_BITS));
}

/* Place of the key, or the free place where it would go. */
static uint32_t place(const struct spans *s, uint64_t key)
{
    uint32_t i = home(key);
    while (s->key[i] && s->key[i] != key)
        i = (i + 1) & (SPANS_CAP - 1);
    return i;
}

int spans_open(struct spans *s, struct subject subject, int metric_id, int64_t t_us, uint8_t reason)
{
    uint64_t key = pack(subject, metric_id);
    uint32_t i = place(s, key);
    if (!s->key[i]) {
        if (s->n >= SPANS_MAX)
            return E_LIMIT;
        s->n++;
    }
    s->key[i] = key;
    s->t_us[i] = t_us;
    s->reason[i] = reason;
    return E_OK;
}

/* Frees place i and closes the hole: an entry moves back unless its home lies after the hole. */
static void free_place(struct spans *s, uint32_t i)
{
    const uint32_t mask = SPANS_CAP - 1;
    for (uint32_t j = (i + 1) & mask; s->key[j]; j = (j + 1) & mask) {
        uint32_t h = home(s->key[j]);
        if (((j - h) & mask) < ((j - i) & mask))
            continue;
        s->key[i] = s->key[j];
        s->t_us[i] = s->t_us[j];
        s->reason[i] = s->reason[j];
        i = j;
    }
    s->key[i] = 0;
}

bool spans_close(struct spans *s, struct subject subject, int metric_id, int64_t *t_us,
                 uint8_t *reason)
{
    uint32_t i = place(s, pack(subject, metric_id));
    if (!s->key[i])
        return false;
    *t_us = s->t_us[i];
    *reason = s->reason[i];
    s->n--;
    free_place(s, i);
    return true;
}

uint32_t spans_count(const struct spans *s)
{
    return s->n;
}
