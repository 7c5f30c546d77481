/* The order of bytes: a number of this machine in that of the network (big endian) or of our files
 * (little endian), and back. Without a library's functions, which C11 does not name. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include <stdint.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint32_t be32(uint32_t x)
{
    return __builtin_bswap32(x);
}

static inline uint64_t be64(uint64_t x)
{
    return __builtin_bswap64(x);
}

static inline uint64_t le64(uint64_t x)
{
    return x;
}
#else
static inline uint32_t be32(uint32_t x)
{
    return x;
}

static inline uint64_t be64(uint64_t x)
{
    return x;
}

static inline uint64_t le64(uint64_t x)
{
    return __builtin_bswap64(x);
}
#endif

#endif
