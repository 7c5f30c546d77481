/* What the core must know that no venue text says: links, timeouts, failed polls, what people did,
 * configuration. Notes enter by engine_note and are records on the tape. */
#ifndef FACTS_NOTE_H
#define FACTS_NOTE_H

#include <stdint.h>

#include "base/slice.h"

enum note_kind {
    NOTE_LINK_UP,     /* venue, conn: upgrade done */
    NOTE_LINK_DOWN,   /* venue, conn, cause */
    NOTE_SENT,        /* venue, conn, channel, symbol: the subscription was sent */
    NOTE_ACK_TIMEOUT, /* venue, conn, channel, symbol */
    NOTE_REFUSED,     /* venue, conn, channel, symbol, cause: the venue refused a subscription */
    NOTE_POLL_FAILED, /* venue, channel, symbol, code (HTTP status or 0), cause */
    NOTE_DESK,        /* action: ack, silence, unsilence; alert key, who, comment, until */
    NOTE_CONF,  /* the configuration was replaced; the engine's owner hands over the new one */
    NOTE_CLOCK, /* wall clock stepped by value seconds */
    NOTE_ACKED, /* venue, conn, channel, symbol: the venue acknowledged the subscription */
    NOTE_STORE, /* action: name of a kind of loss (store_loss_name), value: rows since the last note
                 */
    NOTE_KINDS
};

#define NOTE_TEXT_MAX 1024

struct note {
    enum note_kind kind;
    uint8_t venue, conn, channel; /* 255 = none */
    int32_t code;
    int64_t until_us; /* NOTE_DESK silence */
    double value;
    struct slice symbol; /* the instrument's symbol, p = NULL for none */
    struct slice cause;  /* one short text */
    struct slice action, key, who;
    /* On tapes the names behind the numbers, which still hold when a later build has other tables;
     * p = NULL: none. Whoever knows the tables fills and resolves them. */
    struct slice venue_name, channel_name;
    char store[NOTE_TEXT_MAX]; /* unescaped texts of a parsed note (wire_note_parse); else unused */
};

const char *note_kind_name(enum note_kind k);
void note_init(struct note *n, enum note_kind kind);

#endif
