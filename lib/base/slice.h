/* A borrowed piece of text: not NUL-terminated, never owned. p may be NULL only when len is 0. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *p;
    uint32_t len;
};

#define SLICE(lit) ((struct slice){(lit), sizeof(lit) - 1})

static inline struct slice slice_of(const char *s)
{
    return (struct slice){s, s ? (uint32_t)strlen(s) : 0};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
    size_t n = strlen(s);
    return a.len == n && (n == 0 || memcmp(a.p, s, n) == 0);
}

/* Copies s into dst[cap] with a NUL. Returns false (dst = "") when it does not fit. */
static inline bool slice_copy(struct slice s, char *dst, size_t cap)
{
    if (s.len >= cap) {
        dst[0] = 0;
        return false;
    }
    if (s.len)
        memcpy(dst, s.p, s.len);
    dst[s.len] = 0;
    return true;
}

#endif
