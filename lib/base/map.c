/* Fixed-capacity hash map, text -> uint32_t. In: borrowed keys that outlive the map. Out: values.
 * The map owns only its table, allocated once by map_new. Open addressing with linear probing at a
 * load of at most one half; a deletion moves followers back, so there are no tombstones and a
 * long-lived map does not get slower. Surprise: the hash is not seeded, equal input gives equal
 * order and cost on every run. */
#include "base/map.h"

#include <stdlib.h>

struct entry {
    const char *p; /* NULL = free */
    uint32_t len, hash, value;
};

struct map {
    uint32_t mask, n, max;
    struct entry e[];
};

static uint64_t load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static uint64_t load4(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* The tail is read with loads that overlap what was read before: no loop over single bytes. */
static uint32_t hash_of(struct slice k)
{
    uint64_t h = mix(0x2545f4914f6cdd1du, k.len);
    const char *p = k.p, *end = k.p ? k.p + k.len : NULL;
    if (k.len >= 8) {
        for (; end - p > 8; p += 8)
            h = mix(h, load8(p));
        h = mix(h, load8(end - 8));
    } else if (k.len >= 4) {
        h = mix(h, load4(p) | load4(end - 4) << 32);
    } else if (k.len > 0) {
        h = mix(h, (uint64_t)(uint8_t)p[0] | (uint64_t)(uint8_t)p[k.len / 2] << 8 |
                       (uint64_t)(uint8_t)end[-1] << 16);
    }
    h = mix(h, h >> 32);
    return (uint32_t)(h >> 32);
}

struct map *map_new(uint32_t max_keys)
{
    uint64_t size = 8;
    while (size < 2 * (uint64_t)max_keys)
        size *= 2;
    struct map *m = NULL;
    if (size <= UINT32_MAX)
        m = calloc(1, sizeof *m + size * sizeof m->e[0]);
    if (!m)
        return NULL;
    m->mask = (uint32_t)size - 1;
    m->max = max_keys;
    return m;
}

void map_free(struct map *m)
{
    free(m);
}

void map_clear(struct map *m)
{
    m->n = 0;
    memset(m->e, 0, ((size_t)m->mask + 1) * sizeof m->e[0]);
}

/* The key's entry, or the free one where it would go. */
static uint32_t find_slot(const struct map *m, struct slice key, uint32_t hash)
{
    uint32_t i = hash & m->mask;
    for (; m->e[i].p; i = (i + 1) & m->mask) {
        const struct entry *e = &m->e[i];
        if (e->hash == hash && e->len == key.len && memcmp(e->p, key.p, key.len) == 0)
            break;
    }
    return i;
}

/* An empty key may have a NULL pointer, which in the table means "free". */
static struct slice norm(struct slice key)
{
    return key.p ? key : SLICE("");
}

int map_put(struct map *m, struct slice key, uint32_t value)
{
    key = norm(key);
    uint32_t hash = hash_of(key);
    struct entry *e = &m->e[find_slot(m, key, hash)];
    if (!e->p) {
        if (m->n >= m->max)
            return E_LIMIT;
        m->n++;
        *e = (struct entry){key.p, key.len, hash, 0};
    }
    e->value = value;
    return 0;
}

uint32_t map_get(const struct map *m, struct slice key)
{
    key = norm(key);
    const struct entry *e = &m->e[find_slot(m, key, hash_of(key))];
    return e->p ? e->value : MAP_NONE;
}

void map_del(struct map *m, struct slice key)
{
    key = norm(key);
    uint32_t hole = find_slot(m, key, hash_of(key));
    if (!m->e[hole].p)
        return;
    m->n--;
    for (uint32_t i = (hole + 1) & m->mask; m->e[i].p; i = (i + 1) & m->mask) {
        uint32_t home = m->e[i].hash & m->mask;
        /* an entry may move back only as far as its home slot */
        if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
            m->e[hole] = m->e[i];
            hole = i;
        }
    }
    m->e[hole].p = NULL;
}

uint32_t map_count(const struct map *m)
{
    return m->n;
}
