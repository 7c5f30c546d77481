/* Shared by the files of the Bybit adapter: the row (venue_bybit.c), pushed texts
 * (venue_bybit_ws.c), data of the topics (_stream.c), REST bodies (_rest.c), instruments and margin
 * tiers (_spec.c), documentation (_doc.c). Nobody else includes it. */
#ifndef VENUE_BYBIT_H
#define VENUE_BYBIT_H

#include "venue/venue_adapter.h"

/* Rows of docs/VENUES.md, see venue_bybit_doc.c. */
extern const struct venue_channel_doc bybit_docs[];
extern const struct venue_doc bybit_doc;

enum bybit_channel {
    BB_TICKERS,
    BB_BOOK,
    BB_TRADES,
    BB_LIQ,
    BB_ADL,
    BB_ADL_INVERSE,
    BB_INSURANCE,
    BB_INSURANCE_INVERSE,
    BB_INSTRUMENTS,
    BB_INSTRUMENTS_INVERSE,
    BB_ALL_TICKERS,
    BB_ALL_TICKERS_INVERSE,
    BB_POOLS,
    BB_RISK_LIMIT,
    BB_ACCOUNT_RATIO,
    BB_BOOK_SNAPSHOT,
    BB_CHANNELS
};

#define BYBIT_BOOK_LEVELS 1000 /* of the book topic we ask for, and of its snapshot by REST */

/* Members that stand around the data of a frame, in any order. */
struct bybit_frame {
    struct slice topic, type;
    int64_t ts_us, cts_us, cs;
};

/* A topic: its channel (CHANNEL_NONE when it has none), how its data is read (called at the value),
 * and what the members around it add to the events from index `from` on; NULL = only the time. */
struct bybit_topic {
    const char *name; /* with the final dot */
    uint8_t channel;
    void (*take)(struct parse *p);
    void (*finish)(struct parse *p, uint32_t from, const struct bybit_frame *f);
};
/* By the text before the topic's first dot; NULL for one we do not read. *symbol: after the last
 * dot. */
const struct bybit_topic *bybit_topic_find(struct slice topic, struct slice *symbol);

/* A pushed text, and the body of the named request; both leave errors in p->s. */
void bybit_take_frame(struct parse *p);
void bybit_take_body(struct parse *p, struct slice name);

/* Inverse contracts count dollars, linear ones base coins. */
bool bybit_is_inverse(struct slice symbol);
enum qty_unit bybit_unit(struct slice symbol);
/* Is a coin of account a dollar? */
bool bybit_is_usd(struct slice coin);

/* Readings shared by frames and bodies, each at its object. */
void bybit_take_ticker(struct parse *p, bool bulk);
void bybit_take_book(struct parse *p);
void bybit_take_adl(struct parse *p, const struct member *m, int n);
void bybit_take_pool(struct parse *p, bool usd_value);

/* An element of the list of instruments-info; the whole list of risk-limit. */
void bybit_take_instrument(struct parse *p);
void bybit_take_risk_list(struct parse *p);

struct bybit_adl { /* members of an ADL row under either set of names */
    struct slice coin, symbol;
    double balance, drawdown, trigger;
};
#define ADL(field) offsetof(struct bybit_adl, field)

#endif
