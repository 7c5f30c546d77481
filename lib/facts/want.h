/* What the engine wants from a venue, declaratively: the feed reconciles this list with its sockets
 * and owns rates, batching and back-off. */
#ifndef FACTS_WANT_H
#define FACTS_WANT_H

#include <stdint.h>

#include "facts/directory.h"

enum want_kind { WANT_STREAM, WANT_POLL, WANT_SNAPSHOT };

enum want_renew {
    RENEW_NO,
    RENEW_SUBSCRIBE, /* silent: unsubscribe and subscribe again */
    RENEW_CONNECT    /* still silent: close the connection and open it anew */
};

#define WANTS_MAX 4096

struct want {
    uint8_t kind, venue, channel; /* channel: index into the venue's table */
    uint8_t conn;                 /* CONN_SLOT with ab = 0 for streams; CONN_REST else */
    uint8_t priority;             /* smaller first */
    uint8_t renew;                /* enum want_renew */
    uint16_t renew_n;             /* raised each time renew is asked for anew */
    uint32_t inst;                /* directory id; INST_NONE = whole venue */
    uint32_t period_s;            /* polls */
    int64_t not_before_us;        /* snapshots: not earlier than this; 0 = now */
};

#endif
