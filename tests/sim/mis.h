/* Misbehaviour on demand: the table of kinds, the list of what was asked for, and what is in force
 * now. A spec is NAME:VENUE[:ARG[:ARG]]@T[+D[:N]], times in seconds since the start (from the
 * control socket: from now, and @T may be left out); +D makes it last, without it happens once.
 * mis_help prints the table. In: specs and the time. Out: answers to "is this in force?". Owner:
 * struct sim. Surprising: who asks decides what it means; texts are spoiled in fault.c, the face of
 * instruments in guise.c, links and certificates in wire.c, and their notes on a tape in tape.c. */
#ifndef SIM_MIS_H
#define SIM_MIS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/assets.h"

enum mis_kind {
    MIS_DOWN,
    MIS_CUT,
    MIS_CLOSE,
    MIS_NOTICE,
    MIS_HALF_OPEN,
    MIS_DRIP,
    MIS_CERT,
    MIS_NO_UPGRADE,
    MIS_LATE_ACK,
    MIS_REFUSE,
    MIS_NO_PONG,
    MIS_MUTE,
    MIS_DROP_DELTA,
    MIS_LOSE,
    MIS_SAMPLED,
    MIS_DUP,
    MIS_REORDER,
    MIS_BURST,
    MIS_SEQ_RESET,
    MIS_TRUNCATE,
    MIS_OVERSIZE,
    MIS_BAD_UTF8,
    MIS_BAD_JSON,
    MIS_BAD_NUMBER,
    MIS_PING,
    MIS_GARBAGE,
    MIS_SKEW,
    MIS_DELIST,
    MIS_RENAME,
    MIS_MULTIPLIER,
    MIS_PRICE,
    MIS_MARK,
    MIS_FUND,
    MIS_REST,
    MIS_HTML,
    MIS_KINDS
};
#define MIS_MAX 64

enum mis_where { MIS_ON_WIRE = 1, MIS_ON_TAPE = 2, MIS_ON_BOTH = 3 };

struct mis_row {
    const char *name, *usage; /* usage: what follows the name */
    uint8_t args;             /* after the venue: least number needed */
    bool span;                /* needs +D */
    bool number;              /* needs N */
    uint8_t where;            /* enum mis_where */
    double extra;             /* N when it is left out */
    const char *help;
};
extern const struct mis_row mis_rows[MIS_KINDS];
void mis_help(FILE *f);

struct mis_item {
    enum mis_kind kind;
    enum sim_venue venue;
    char arg[24], symbol[24];
    double from_s, to_s, extra;
    bool done;  /* one-shot ones, once used */
    uint32_t n; /* messages it was asked about, for those that take one of N */
};

struct mis {
    double now_s;
    uint8_t where; /* what the run can show: MIS_ON_WIRE or MIS_ON_TAPE; 0 = not known yet */
    int n;
    struct mis_item items[MIS_MAX];
};

/* base_s is added to the spec's time. NULL = taken, else why not. */
const char *mis_add(struct mis *x, const char *spec, double base_s);
/* Why the list cannot be shown by a run of this kind, which is remembered; NULL = it can. */
const char *mis_run_as(struct mis *x, enum mis_where where);

/* The item of a kind that is in force for a venue; NULL = none. */
const struct mis_item *mis_on(const struct mis *x, enum mis_kind k, enum sim_venue v);
/* The same for one message: an item that names a channel or symbol is for that one only; symbol
 * NULL = the message is about the whole venue. Kinds whose first argument is a channel only. */
struct mis_item *mis_on_channel(struct mis *x, enum mis_kind k, enum sim_venue v,
                                const char *channel, const char *symbol);
bool mis_muted(struct mis *x, enum sim_venue v, const char *channel, const char *symbol);
/* One-shot: true once, from its time on. symbol NULL = any. */
bool mis_take(struct mis *x, enum mis_kind k, enum sim_venue v, const char *symbol);
/* The same, giving the item. */
const struct mis_item *mis_take_item(struct mis *x, enum mis_kind k, enum sim_venue v,
                                     const char *symbol);
bool mis_in_force(const struct mis *x, const struct mis_item *it);

extern const char *const sim_venue_names[SIM_VENUES];

#endif
