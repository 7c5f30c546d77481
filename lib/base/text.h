/* A bounded text builder: writes into the caller's buffer, never allocates, never overflows. When
 * something does not fit, `full` is set, nothing more is written and what was there stays valid.
 * Owner of buf: the caller. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct text {
    char *buf;
    size_t cap, len; /* len < cap always; buf[len] == 0 */
    bool full;
};

void text_init(struct text *t, char *buf, size_t cap);
void text_put(struct text *t, const char *p, size_t n);
void text_str(struct text *t, const char *s);
void text_slice(struct text *t, struct slice s);
void text_char(struct text *t, char c);
void text_num(struct text *t, double x); /* num_print: non-finite = null */
void text_i64(struct text *t, int64_t x);
void text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with quotes. Invalid UTF-8 is written as \ufffd, control characters as \u00xx. */
void text_json(struct text *t, struct slice s);

/* JSON object members: writes `,` when needed (last byte is not '{' or '['), then "key":value. */
void text_key(struct text *t, const char *key);
void text_kv_num(struct text *t, const char *key, double x);
void text_kv_i64(struct text *t, const char *key, int64_t x);
void text_kv_str(struct text *t, const char *key, const char *s); /* NULL -> null */
void text_kv_slice(struct text *t, const char *key, struct slice s);
void text_kv_bool(struct text *t, const char *key, bool b);

#endif
