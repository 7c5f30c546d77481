/* Shared by the files of the Binance adapter: the row (venue_binance.c), pushed texts
 * (venue_binance_ws.c), stream payloads (venue_binance_stream.c), REST bodies
 * (venue_binance_rest.c, venue_binance_spec.c), documentation (_doc.c). Nobody else includes it. */
#ifndef VENUE_BINANCE_H
#define VENUE_BINANCE_H

#include "venue/venue_adapter.h"

/* Rows of docs/VENUES.md, see venue_binance_doc.c. */
extern const struct venue_channel_doc binance_docs[];
extern const struct venue_doc binance_doc;

enum binance_channel {
    BN_BOOK_TICKER,
    BN_DEPTH,
    BN_MARK_PRICE,
    BN_FORCE_ORDER,
    BN_CONTRACT_INFO,
    BN_ASSET_INDEX,
    BN_AGG_TRADE,
    BN_COINM_MARK,
    BN_EXCHANGE_INFO,
    BN_FUNDING_INFO,
    BN_TICKER_24H,
    BN_OPEN_INTEREST,
    BN_DEPTH_SNAPSHOT,
    BN_LONG_SHORT_RATIO,
    BN_COINM_INFO,
    BN_COINM_PREMIUM,
    BN_COINM_TICKER,
    BN_PREMIUM_INDEX,
    BN_TIERS,
    BN_LEVERAGE_BRACKET,
    BN_CHANNELS
};

/* A type of stream payload, found by its "e"; NULL for one we do not read. */
struct binance_payload {
    const char *name;
    uint32_t len;
    uint8_t channel;
    void (*take)(struct parse *p); /* called inside the object; the member "e" may be gone */
};
const struct binance_payload *binance_payload_find(struct slice name, struct slice stream);

/* A pushed text, and the body of the named request; both leave errors in p->s. */
void binance_take_frame(struct parse *p);
void binance_take_body(struct parse *p, struct slice name);
/* GET /fapi/v1/depth: a snapshot; the symbol is p->arg unless the body names one (COIN-M). */
void binance_take_depth_body(struct parse *p);

/* Sets symbol, segment (st 1 = USD-M, 2 = COIN-M, 0 = decide by the symbol) of an event. Refuses a
 * missing symbol (E_MISSING). */
void binance_identify(struct parse *p, struct event *e, struct slice symbol, int64_t st);
/* Quantities: base asset on USD-M, contracts on COIN-M. Call after binance_identify. */
enum qty_unit binance_unit(const struct event *e);

enum inst_status binance_status(struct slice word);
/* underlying p = NULL when the text does not carry it: then a perpetual stays CAT_UNSAID. */
enum inst_category binance_category(struct slice contract_type, struct slice underlying);

/* Members of the small bodies, whatever they are called there; absent numbers are NAN. */
struct binance_row {
    struct slice symbol, pair;
    double a, b, c;
    int64_t t_us, next_us;
};
#define ROW(field) offsetof(struct binance_row, field)
struct binance_row binance_take_row(struct parse *p, const struct member *keys, int n);
/* Each element of an array, or the one object that stands alone. */
void binance_each(struct parse *p, void (*take)(struct parse *p));

/* Bodies that say what instruments are (venue_binance_spec.c). */
void binance_take_exchange_info(struct parse *p);
void binance_take_funding_infos(struct parse *p);
void binance_take_leverage_bracket(struct parse *p);
void binance_take_tiers(struct parse *p);

/* An array of bracket objects into spec tiers; members name the keys of the five numbers in struct
 * tier. A bracket by base quantity (COIN-M qtyCap) gives no tiers. */
void binance_take_brackets(struct parse *p, const struct member *m, int n, struct ev_spec *spec);

#endif
