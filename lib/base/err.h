/* Error codes of the whole program: one enum, one text table.
 * A function returns 0 or a count on success and one of these (negative) on failure; its
 * out-parameters are then untouched. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
    E_OK = 0,
    E_SYNTAX = -1,   /* text is not valid JSON, or not valid in its own format */
    E_TYPE = -2,     /* a value has another type than the field demands */
    E_RANGE = -3,    /* a number is outside what its field can mean */
    E_MISSING = -4,  /* a field that decides the meaning is absent */
    E_UNKNOWN = -5,  /* a name, venue, kind or request nobody claims */
    E_LIMIT = -6,    /* a documented limit was reached (levels, events, depth, length) */
    E_DEPTH = -7,    /* nesting deeper than the scanner's cap */
    E_GAP = -8,      /* a sequence does not follow */
    E_STALE = -9,    /* older than what is already known */
    E_UNIT = -10,    /* a quantity whose unit is not proven by a spec yet */
    E_NOSPEC = -11,  /* a symbol no spec has created */
    E_SEGMENT = -12, /* a market segment that is not configured (Binance COIN-M) */
    E_DUP = -13,     /* said twice */
    E_CRC = -14,     /* checksum differs */
    E_TORN = -15,    /* a record ends before its stated length */
    E_NOMEM = -16,
    E_IO = -17,    /* the operating system refused; errno says why */
    E_AGAIN = -18, /* not now: try when the caller's event says so */
    E_ERRS = 19    /* number of codes above, E_OK included */
};

/* A short English text for a code; never NULL. */
const char *err_text(int code);

#endif
