/* Misbehaviour on demand. A spec says what, which venue, and when (seconds since the start; from
 * the control socket: seconds from now, and @T may be left out): down:VENUE@T+D connections cut,
 * new ones dropped, REST too mute:VENUE:CHANNEL[:SYMBOL]@T+D  a stream goes silent on a live socket
 *   drop-delta:VENUE:SYMBOL@T      one book delta is not sent
 *   late-ack:VENUE@T+D:DELAY       acks come DELAY seconds late; DELAY 0 = never
 *   no-upgrade:VENUE@T+D           websocket upgrades are never answered
 *   garbage:VENUE@T                broken texts to every client, HTML to the next REST call
 *   rest:VENUE:CODE@T+D            every REST call is answered with that status
 * VENUE is binance, hyperliquid, bybit or okx. */
#ifndef SIM_MIS_H
#define SIM_MIS_H

#include <stdbool.h>

#include "sim/assets.h"

enum mis_kind {
    MIS_DOWN,
    MIS_MUTE,
    MIS_DROP_DELTA,
    MIS_LATE_ACK,
    MIS_NO_UPGRADE,
    MIS_GARBAGE,
    MIS_HTML,
    MIS_REST,
    MIS_KINDS
};
#define MIS_MAX 64

struct mis_item {
    enum mis_kind kind;
    enum sim_venue venue;
    char arg[24], symbol[24];
    double from_s, to_s, extra;
    bool done; /* one-shot ones, once used */
};

struct mis {
    double now_s;
    int n;
    struct mis_item items[MIS_MAX];
};

/* base_s is added to the spec's time. NULL = taken, else why not. */
const char *mis_add(struct mis *x, const char *spec, double base_s);

/* The item of a kind that is in force for a venue; NULL = none. */
const struct mis_item *mis_on(const struct mis *x, enum mis_kind k, enum sim_venue v);
bool mis_muted(const struct mis *x, enum sim_venue v, const char *channel, const char *symbol);
/* One-shot: true once, from its time on. symbol NULL = any. */
bool mis_take(struct mis *x, enum mis_kind k, enum sim_venue v, const char *symbol);

extern const char *const sim_venue_names[SIM_VENUES];

#endif
