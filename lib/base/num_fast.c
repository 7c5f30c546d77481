/* The longer half of num_fast.h: 9 to 15 digits. Out of line, so that the common short numbers keep
 * the scanner's inner loop small. Owns nothing. Empty where there is no SSE2: there every number
 * goes the exact way. */
#include "base/num_fast.h"

#ifdef NUM_FAST_SSE2
static uint64_t digits(const char *q, unsigned n)
{
    if (n <= 8)
        return num_fast_digits(num_fast_load(q), n);
    return num_fast_digits(num_fast_load(q), 8) * num_pow10_u64[n - 8] +
           num_fast_digits(num_fast_load(q + 8), n - 8);
}

uint64_t num_fast_long(const char *q, unsigned whole, unsigned scale)
{
    uint64_t w = digits(q, whole);
    return scale ? w * num_pow10_u64[scale] + digits(q + whole + 1, scale) : w;
}
#endif
