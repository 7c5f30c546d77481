/* What adapters share: one parse in progress, values that venues write the same way (prices, times
 * in milliseconds, texts), bodies read through a table of members, control events. Owner of all
 * memory: the caller's batch. Errors are the scanner's sticky ones: helpers return nothing, the
 * loops end by themselves and adapt_end tells. */
#ifndef VENUE_VENUE_ADAPTER_H
#define VENUE_VENUE_ADAPTER_H

#include <stddef.h>

#include "base/scan.h"
#include "venue/venue.h"

struct parse {
    struct scan s;
    struct batch *b;
    const struct directory *dir; /* may be NULL */
    uint8_t venue;
    uint8_t channel;     /* of the events; CHANNEL_NONE */
    uint8_t view;        /* of books */
    uint8_t route;       /* of the connection it was pushed on; 0 for a body */
    struct slice text;   /* the whole text */
    struct slice stream; /* the stream a frame names itself by; p = NULL */
    struct slice arg;    /* REST: what follows the ':' of the request's name; p = NULL */
};

/* A venue's parse_fn but for what is its own: a body goes to body() by the first part of its
 * request's name, what follows the ':' in p->arg; the one pushed text that is no JSON becomes a
 * control event; all else goes to frame(). */
struct adapt_doors {
    void (*frame)(struct parse *p);
    void (*body)(struct parse *p, struct slice name);
    const char *plain; /* NULL = there is none */
    enum control_what plain_is;
};
struct adapt_in { /* what a parse_fn is given */
    const struct directory *dir;
    const struct origin *origin;
    const char *text;
    size_t len;
};
/* 0, or the first error, and then the batch is empty. */
int adapt_parse(const struct adapt_doors *d, const struct adapt_in *in,
                struct batch *out) MUST_CHECK;
/* Refuses the text; keeps the first error. */
void adapt_fail(struct parse *p, int code);

/* Adds an event of the parse's channel; NULL when the batch is full (the text is then refused). */
struct event *adapt_event(struct parse *p, enum event_kind kind);
/* A control event. t: its text. */
struct event *adapt_control(struct parse *p, enum control_what what, struct slice t);
/* The rest of the text is valid JSON that carries no fact: skip the value, add `ignored`. */
void adapt_ignore(struct parse *p);

/* A string, unescaped when needed. */
void adapt_str(struct parse *p, struct slice *out);
void adapt_str_opt(struct parse *p, struct slice *out); /* null: p = NULL */
/* A price or quantity: finite and >= 0, else E_RANGE. _opt: null and "" give NAN. */
void adapt_px(struct parse *p, double *out);
void adapt_px_opt(struct parse *p, double *out);
/* A time in milliseconds as microseconds; E_RANGE when negative or absurd. _opt: null is 0. */
void adapt_ms(struct parse *p, int64_t *out_us);
/* [[px,qty],...] into the pool; further elements of a level are skipped. */
void adapt_levels(struct parse *p, const struct level **out, uint32_t *n);

/* Bodies by table: each member of the object whose key is listed goes to its field. Unknown keys
 * are skipped, fields of absent keys keep what they had. */
enum member_type {
    M_STR,  /* struct slice, null allowed */
    M_NUM,  /* double, null and "" give NAN */
    M_PX,   /* double >= 0, null and "" give NAN */
    M_MS,   /* int64_t microseconds, null gives 0 */
    M_I64,  /* int64_t */
    M_BOOL, /* bool, null gives false */
    M_RAW   /* struct slice: the value's own text, validated */
};
struct member {
    const char *key;
    uint16_t type, at;
};
void adapt_object(struct parse *p, const struct member *m, int n, void *into);

/* A second parse over a value taken as M_RAW; adapt_join hands its error back. */
struct parse adapt_sub(const struct parse *p, struct slice raw);
void adapt_join(struct parse *p, struct parse *sub);

/* The string member `key` of the object ahead, raw, without consuming anything; p = NULL if there
 * is none. An error met here stays for the caller's own pass. */
struct slice adapt_peek(const struct parse *p, const char *key);

/* NONE_PX for a price that is not there: null, "" or 0, which venues write for markets without one.
 * Returns the price or NAN. */
double adapt_none_px(struct event *e, double px);

/* How long to stay away, as venue.backoff_s asks: the first row whose HTTP status is the answer's,
 * or whose text stands in its first 256 bytes (codes stand at the beginning, bodies may be
 * megabytes); Retry-After goes before the row's seconds. Else 5 s for a fault of the server, 0 for
 * the rest. */
struct adapt_hold {
    int http_status; /* 0 = the text decides */
    const char *text;
    int seconds;
};
struct adapt_answer {
    int http_status, retry_after_s;
    struct slice body;
};
int adapt_backoff_s(const struct adapt_hold *rows, int n, const struct adapt_answer *a);
/* Appends s percent-encoded for a query. */
void adapt_query(struct text *t, struct slice s);
/* 0, or E_LIMIT when something did not fit. */
int adapt_fits(const struct text *t) MUST_CHECK;

#define ADAPT_COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* Keys of one or two characters as a number for switch; 0 for longer ones. */
#define K2(a, b) ((a) << 8 | (b))
static inline int key_code(struct slice k)
{
    if (k.len == 1)
        return (unsigned char)k.p[0];
    return k.len == 2 ? K2((unsigned char)k.p[0], (unsigned char)k.p[1]) : 0;
}

#define KEY_IS(k, lit) ((k).len == sizeof(lit) - 1 && memcmp((k).p, lit, sizeof(lit) - 1) == 0)

#endif
