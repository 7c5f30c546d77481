/* Any bytes into the adapter of bybit; what must hold is in fuzz_venue.h. */
#include "fuzz_venue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_venue("bybit", data, size);
}
