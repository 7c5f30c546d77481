/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): the table version that every machine can run. The
 * public entry, crc32c() in seglog.h, uses the processor's instruction where it has one. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c_portable(uint32_t crc, const void *p, size_t len); /* start with 0 */

#endif
