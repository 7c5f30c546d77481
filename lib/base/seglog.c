/* Segment format of tape and spool: records as text, blocks as compressed and checksummed bytes. In
 * and out: the caller's buffers. Owns nothing; only zstd's own working memory is allocated, inside
 * seglog_encode and seglog_decode, which therefore belong outside ingest, turn and tick.
 * Surprise: a block that does not get smaller is stored as it is, and equal lengths say so. */
#include "base/seglog.h"

#include <zstd.h>

#include "base/num.h"

#define BLOCK_HEAD 16

/* --- records --- */

/* A field of a record head: not empty, no space, no newline. */
static bool is_word(struct slice s)
{
    return s.len > 0 && !memchr(s.p, ' ', s.len) && !memchr(s.p, '\n', s.len);
}

static size_t put(char *dst, size_t at, struct slice s, char end)
{
    memcpy(dst + at, s.p, s.len);
    dst[at + s.len] = end;
    return at + s.len + 1;
}

static size_t put_number(char *dst, size_t at, int64_t x, char end)
{
    char tmp[NUM_PRINT_MAX];
    uint32_t n = (uint32_t)num_print_i64(tmp, x);
    return put(dst, at, (struct slice){tmp, n}, end);
}

int seglog_put(char *dst, size_t cap, size_t *len, const struct seglog_record *r)
{
    if (!is_word(r->kind) || !is_word(r->venue) || !is_word(r->req) || r->conn < 0 || r->conn > 255)
        return E_SYNTAX;
    /* "T " t " " kind " " venue " " conn " " req " " len "\n": 20 + 3 + 10 digits, 8 separators */
    size_t words = (size_t)r->kind.len + r->venue.len + r->req.len;
    if (words + 42 > SEGLOG_HEAD_MAX)
        return E_LIMIT;
    char head[SEGLOG_HEAD_MAX];
    size_t n = put(head, 0, SLICE("T"), ' ');
    n = put_number(head, n, r->t_us, ' ');
    n = put(head, n, r->kind, ' ');
    n = put(head, n, r->venue, ' ');
    n = put_number(head, n, r->conn, ' ');
    n = put(head, n, r->req, ' ');
    n = put_number(head, n, r->body.len, '\n');
    if (n + r->body.len + 1 > cap - *len)
        return E_LIMIT;
    memcpy(dst + *len, head, n);
    if (r->body.len)
        memcpy(dst + *len + n, r->body.p, r->body.len);
    *len += n + r->body.len;
    dst[(*len)++] = '\n';
    return 0;
}

/* The next word of a head line, up to the space or, for the last one, its end. */
static bool take(struct slice *line, struct slice *word)
{
    const char *sp = memchr(line->p, ' ', line->len);
    uint32_t n = sp ? (uint32_t)(sp - line->p) : line->len;
    *word = (struct slice){line->p, n};
    line->p += sp ? n + 1 : n;
    line->len -= sp ? n + 1 : n;
    return n > 0;
}

static bool take_number(struct slice *line, int64_t min, int64_t max, int64_t *out)
{
    struct slice word;
    return take(line, &word) && num_parse_i64(word.p, word.len, out) == 0 && *out >= min &&
           *out <= max;
}

static int read_head(struct slice line, struct seglog_record *r)
{
    struct slice tag;
    int64_t conn, len;
    if (!take(&line, &tag) || !slice_is(tag, "T") ||
        !take_number(&line, INT64_MIN, INT64_MAX, &r->t_us) || !take(&line, &r->kind) ||
        !take(&line, &r->venue) || !take_number(&line, 0, 255, &conn) || !take(&line, &r->req) ||
        !take_number(&line, 0, SEGLOG_BLOCK_MAX, &len) || line.len > 0)
        return E_SYNTAX;
    r->conn = (int)conn;
    r->body.len = (uint32_t)len;
    return 0;
}

int seglog_get(const char *raw, size_t len, size_t *pos, struct seglog_record *out)
{
    struct seglog_record r;
    size_t left = len - *pos, look = left < SEGLOG_HEAD_MAX ? left : SEGLOG_HEAD_MAX;
    if (left == 0)
        return 0;
    const char *p = raw + *pos, *nl = memchr(p, '\n', look);
    if (!nl)
        return look < SEGLOG_HEAD_MAX ? E_TORN : E_SYNTAX;
    int rc = read_head((struct slice){p, (uint32_t)(nl - p)}, &r);
    if (rc < 0)
        return rc;
    size_t head = (size_t)(nl - p) + 1;
    if (left - head < (size_t)r.body.len + 1)
        return E_TORN;
    r.body.p = p + head;
    if (r.body.p[r.body.len] != '\n')
        return E_SYNTAX;
    *out = r;
    *pos += head + r.body.len + 1;
    return 1;
}

/* --- blocks --- */

static void put_u32(char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++, v >>= 8)
        p[i] = (char)(v & 255);
}

static uint32_t get_u32(const char *p)
{
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

size_t seglog_bound(size_t raw_len)
{
    return BLOCK_HEAD + ZSTD_compressBound(raw_len);
}

int64_t seglog_encode(const char *raw, size_t raw_len, int level, char *dst, size_t cap)
{
    if (raw_len == 0 || raw_len > SEGLOG_BLOCK_MAX || cap < BLOCK_HEAD + raw_len)
        return E_LIMIT;
    size_t stored = raw_len;
    if (level > 0) {
        size_t n = ZSTD_compress(dst + BLOCK_HEAD, cap - BLOCK_HEAD, raw, raw_len, level);
        if (!ZSTD_isError(n) && n < raw_len)
            stored = n;
    }
    if (stored == raw_len)
        memcpy(dst + BLOCK_HEAD, raw, raw_len);
    memcpy(dst, "SBLK", 4);
    put_u32(dst + 4, (uint32_t)raw_len);
    put_u32(dst + 8, (uint32_t)stored);
    put_u32(dst + 12, crc32c(0, dst + BLOCK_HEAD, stored));
    return (int64_t)(BLOCK_HEAD + stored);
}

int64_t seglog_decode(const char *src, size_t len, char *dst, size_t cap, size_t *raw_len)
{
    if (len == 0)
        return 0;
    if (memcmp(src, "SBLK", len < 4 ? len : 4) != 0)
        return E_SYNTAX;
    if (len < BLOCK_HEAD)
        return E_TORN;
    uint32_t raw = get_u32(src + 4), stored = get_u32(src + 8);
    if (raw == 0 || raw > SEGLOG_BLOCK_MAX || stored == 0 || stored > raw)
        return E_SYNTAX;
    if (len - BLOCK_HEAD < stored)
        return E_TORN;
    if (crc32c(0, src + BLOCK_HEAD, stored) != get_u32(src + 12))
        return E_CRC;
    if (raw > cap)
        return E_LIMIT;
    if (stored == raw)
        memcpy(dst, src + BLOCK_HEAD, raw);
    else if (ZSTD_decompress(dst, raw, src + BLOCK_HEAD, stored) != raw)
        return E_SYNTAX;
    *raw_len = raw;
    return BLOCK_HEAD + stored;
}
