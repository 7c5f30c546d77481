/* The simulator's own random numbers: xoshiro256** (Blackman and Vigna 2018) seeded by splitmix64.
 * Each asset and each book owns one stream, so what one draws never shifts another: the same seed
 * gives the same market whoever is subscribed to what. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <math.h>
#include <stdint.h>

struct sim_rng {
    uint64_t s[4];
};

static inline uint64_t sim_splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void sim_rng_init(struct sim_rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed * 0xd1342543de82ef95u + stream * 0x2545f4914f6cdd1du + 1;
    for (int i = 0; i < 4; i++)
        r->s[i] = sim_splitmix(&x);
}

static inline uint64_t sim_rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline uint64_t sim_rng_u64(struct sim_rng *r)
{
    uint64_t *s = r->s, out = sim_rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = sim_rotl(s[3], 45);
    return out;
}

/* [0, 1) */
static inline double sim_rng_unit(struct sim_rng *r)
{
    return (double)(sim_rng_u64(r) >> 11) * 0x1p-53;
}

static inline double sim_rng_range(struct sim_rng *r, double lo, double hi)
{
    return lo + (hi - lo) * sim_rng_unit(r);
}

/* Standard normal, Box and Muller; the second of the pair is thrown away so that no state hides. */
static inline double sim_rng_normal(struct sim_rng *r)
{
    double u = 1.0 - sim_rng_unit(r), v = sim_rng_unit(r);
    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

static inline double sim_rng_exp(struct sim_rng *r)
{
    return -log(1.0 - sim_rng_unit(r));
}

#endif
