/* The longer half of num_fast.h: 9 to 16 digits. Out of line, so that the common short numbers keep
 * the scanner's inner loop small. Owns nothing. Empty where there is no SSE2: there every number
 * goes the exact way. */
#include "base/num_fast.h"

#ifdef NUM_FAST_SSE2
uint64_t num_fast_16(const char *q, unsigned n)
{
    return num_fast_8(q, 8) * num_pow10_u64[n - 8] + num_fast_8(q + 8, n - 8);
}
#endif
