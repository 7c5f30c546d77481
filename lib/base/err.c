/* The text table of the program's error codes. In: a code of enum err. Out: a constant English
 * text, never NULL. Owns nothing. Surprise: the table is indexed by the negated code, and a code
 * nobody knows is answered too, because codes travel through logs of other versions. */
#include "base/err.h"

static const char *const texts[E_ERRS] = {
    [-E_OK] = "ok",
    [-E_SYNTAX] = "syntax error",
    [-E_TYPE] = "value of another type",
    [-E_RANGE] = "number out of range",
    [-E_MISSING] = "field missing",
    [-E_UNKNOWN] = "unknown name",
    [-E_LIMIT] = "limit reached",
    [-E_DEPTH] = "nested too deep",
    [-E_GAP] = "gap in the sequence",
    [-E_STALE] = "older than what is known",
    [-E_UNIT] = "unit not proven",
    [-E_NOSPEC] = "no specification for the symbol",
    [-E_SEGMENT] = "market segment not configured",
    [-E_DUP] = "said twice",
    [-E_CRC] = "checksum differs",
    [-E_TORN] = "record ends early",
    [-E_NOMEM] = "out of memory",
    [-E_IO] = "refused by the operating system",
    [-E_AGAIN] = "not now",
};

const char *err_text(int code)
{
    if (code > 0 || code <= -(int)E_ERRS)
        return "unknown error";
    return texts[-code];
}
