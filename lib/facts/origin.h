/* Where a text came from. */
#ifndef FACTS_ORIGIN_H
#define FACTS_ORIGIN_H

#include <stdint.h>

#define CONN_REST 255

/* A connection is a planned slot, stable over reconnects: route of the venue's table, shard of that
 * route, and A or B so that a rotation can overlap. */
#define CONN_SLOT(route, shard, ab) ((uint8_t)((route) << 5 | (shard) << 1 | (ab)))
#define CONN_ROUTE(conn)            ((conn) >> 5)
#define CONN_SHARD(conn)            (((conn) >> 1) & 15)
#define CONN_AB(conn)               ((conn)&1)
#define CONN_ROUTES                 7 /* route 7 would collide with CONN_REST */
#define CONN_SHARDS                 16

struct origin {
    uint8_t venue;   /* index into the venue table */
    uint8_t conn;    /* CONN_SLOT, or CONN_REST */
    const char *req; /* name of the request a REST body answers ("depth:BTCUSDT"); NULL = pushed */
};

#endif
