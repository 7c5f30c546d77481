/* What becomes of one message between the publisher and who listens: left out, told twice or in the
 * wrong order, spoiled, stamped wrongly. The same for the wire and for a tape, and the same for all
 * venues: it works on the text. In: messages and what is in force. Out: messages to a sink. Owner:
 * struct sim. Surprising: a message held back for its successor is copied; all else is borrowed. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "base/text.h"
#include "sim/mis.h"
#include "sim/stream.h"

#define FAULT_TEXT_MAX (10u << 20)

struct fault_msg {
    enum sim_venue venue;
    int stream;       /* -1 = of no stream: for every connection */
    const char *text; /* as the encoder wrote it: Binance without its wrapper */
    size_t len;
    int64_t seq, prev; /* of a book delta: its last id, and the id it follows */
    bool anew;         /* ... unless it is a snapshot, which follows nothing */
    bool whole;        /* the text is what the venue meant to say */
};

typedef void fault_put(void *arg, const struct fault_msg *m);

struct fault {
    struct mis *x;
    const struct sim_market *m;
    fault_put *put;
    void *arg;
    struct fault_msg held[SIM_STREAMS]; /* text NULL = none; else owned */
    struct text out;
};

/* NULL: no memory. */
struct fault *fault_new(struct mis *x, const struct sim_market *m);
void fault_free(struct fault *f);

/* Zero or more messages to f->put. */
void fault_frame(struct fault *f, int stream, const char *text, size_t len);

/* Texts a venue sends on its own on every connection, once a step: to put, stream -1. */
void fault_inject(struct fault *f, enum sim_venue v);

/* Is it a stream of book deltas, which have numbers? */
bool fault_is_delta(enum sim_stream_kind k);

/* --- the ways to spoil a text (fault_text.c); out is emptied first. False: nothing to spoil. */
bool spoil_truncate(struct text *out, struct slice s);
bool spoil_utf8(struct text *out, struct slice s);
bool spoil_json(struct text *out, struct slice s);
bool spoil_number(struct text *out, struct slice s);
/* Every whole number of 13 digits (ms) within ten minutes of now_ms, moved by so many ms. */
bool spoil_stamps(struct text *out, struct slice s, int64_t now_ms, int64_t by_ms);

#endif
