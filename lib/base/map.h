/* A fixed-capacity hash map from short text keys to uint32_t, open addressing. The caller owns the
 * key texts (they must outlive the map); the table is allocated once and never grows. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/err.h"
#include "base/slice.h"

struct map;

#define MAP_NONE UINT32_MAX

struct map *map_new(uint32_t max_keys); /* NULL when out of memory */
void map_free(struct map *m);
void map_clear(struct map *m);
int map_put(struct map *m, struct slice key,
            uint32_t value) MUST_CHECK;                  /* replaces; E_LIMIT when full */
uint32_t map_get(const struct map *m, struct slice key); /* MAP_NONE when absent */
void map_del(struct map *m, struct slice key);
uint32_t map_count(const struct map *m);

#endif
