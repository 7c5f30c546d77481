/* The segment format of the tape (and later of the spool): records grouped into blocks, each block
 * compressed and checksummed. This module turns bytes into bytes; files are the shell's.
 *
 * Segment  = "CASCSEG1" then blocks.
 * Block    = u32 magic "SBLK", u32 raw length, u32 stored length, u32 CRC32C of the stored bytes
 *            (little endian), then a zstd frame (stored == raw length means: not compressed).
 * Content  = tape records, back to back:
 *            T <t_us> <kind> <venue> <conn> <req|-> <len>\n<bytes>\n
 * A torn tail (a block that ends early) is E_TORN, a wrong sum E_CRC; what came before is good. */
#ifndef BASE_SEGLOG_H
#define BASE_SEGLOG_H

#include "base/err.h"
#include "base/slice.h"

#define SEGLOG_MAGIC     "CASCSEG1"
#define SEGLOG_MAGIC_LEN 8
#define SEGLOG_BLOCK_MAX (8u << 20) /* raw bytes in a block at most */
#define SEGLOG_HEAD_MAX  160        /* bytes a record adds to its body at most */

uint32_t crc32c(uint32_t crc, const void *p, size_t len); /* start with 0 */

struct seglog_record {
    int64_t t_us;
    struct slice kind;  /* "rx" "turn" "tick" "note" "conf" "state" "late" "head" */
    struct slice venue; /* "-" when it has none */
    int conn;           /* 255 = REST or none */
    struct slice req;   /* "-" when it has none; percent-encoded: no space, no newline */
    struct slice body;
};

/* Appends the record's text to dst[cap] at *len. E_LIMIT (nothing written) when it does not fit. */
int seglog_put(char *dst, size_t cap, size_t *len, const struct seglog_record *r) MUST_CHECK;

/* Reads one record from raw content at *pos, advances *pos; 1 = got one, 0 = end, E_SYNTAX/E_TORN.
 */
int seglog_get(const char *raw, size_t len, size_t *pos, struct seglog_record *out) MUST_CHECK;

/* Upper bound of an encoded block for raw_len bytes. */
size_t seglog_bound(size_t raw_len);

/* Encodes one block into dst; returns its length or E_*. level: zstd level, 0 = store. */
int64_t seglog_encode(const char *raw, size_t raw_len, int level, char *dst, size_t cap) MUST_CHECK;

/* Decodes the block at src. Out: raw bytes into dst[cap], *raw_len. Returns the bytes of src it
 * consumed, 0 = src is empty, E_TORN / E_CRC / E_SYNTAX / E_LIMIT. */
int64_t seglog_decode(const char *src, size_t len, char *dst, size_t cap,
                      size_t *raw_len) MUST_CHECK;

#endif
