/* Numbers as text, both ways, strict and independent of the locale.
 * Parsing: JSON's number grammar and nothing else (no hex, no inf, no nan, no leading '+', no
 * trailing text); the nearest double, correctly rounded.
 * Printing: the shortest of %.15g, %.16g, %.17g that reads back equal; non-finite prints "null". */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NUM_PRINT_MAX 32 /* bytes that num_print may write, NUL included */

/* Whole text p[0..len) as a double. E_SYNTAX for bad grammar, E_RANGE when it overflows to
 * infinity ("1e999"); underflow to 0 or a subnormal is fine. */
int num_parse(const char *p, size_t len, double *out) MUST_CHECK;

/* Whole text as a signed 64-bit integer; E_SYNTAX for fractions and exponents, E_RANGE beyond. */
int num_parse_i64(const char *p, size_t len, int64_t *out) MUST_CHECK;

/* Writes x and a NUL; returns the length without NUL. */
size_t num_print(char buf[NUM_PRINT_MAX], double x);
size_t num_print_i64(char buf[NUM_PRINT_MAX], int64_t x);

#endif
