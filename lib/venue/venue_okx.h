/* Shared by the files of the OKX adapter: the row (venue_okx.c), pushed texts (venue_okx_ws.c),
 * rows of market data (venue_okx_market.c), what instruments and funds are (venue_okx_spec.c), REST
 * bodies (venue_okx_rest.c), documentation (_doc.c). Nobody else includes it. */
#ifndef VENUE_OKX_H
#define VENUE_OKX_H

#include "venue/venue_adapter.h"

/* Rows of docs/VENUES.md, see venue_okx_doc.c. */
extern const struct venue_channel_doc okx_docs[];
extern const struct venue_doc okx_doc;

enum okx_channel {
    OKX_MARK_PRICE,
    OKX_INDEX,
    OKX_FUNDING,
    OKX_OPEN_INTEREST,
    OKX_LIQUIDATIONS,
    OKX_TRADES,
    OKX_BBO,
    OKX_BOOK,
    OKX_ADL_WARNING,
    OKX_CONTRACT_INFO,
    OKX_TICKER,
    OKX_INSTRUMENTS,
    OKX_MARKS,
    OKX_OI_ALL,
    OKX_TICKERS,
    OKX_COIN_INDEX,
    OKX_TIERS,
    OKX_INSURANCE_FUND,
    OKX_LONG_SHORT_RATIO,
    OKX_BOOK_SNAPSHOT,
    OKX_CHANNELS
};

/* A channel as its frames name it, and the parser of one element of "data". In p->arg the symbol a
 * frame or request is about, in p->stream the action ("snapshot", "update") of a book. */
struct okx_stream {
    const char *name;
    uint32_t len;
    uint8_t channel;
    void (*take)(struct parse *p);
};
/* NULL for a channel we do not read. */
const struct okx_stream *okx_stream_find(struct slice name);

/* A pushed text, and the body of the named request; both leave errors in p->s. */
void okx_take_frame(struct parse *p);
void okx_take_body(struct parse *p, struct slice name);

/* A derivative's name has two dashes or more ("BTC-USDT-SWAP", "BTC-USD-261225"); a spot pair and
 * an index have one. */
bool okx_is_contract(struct slice symbol);
/* An event about a contract; NULL, and the text is `ignored`, for a spot pair; E_MISSING without a
 * symbol. */
struct event *okx_event(struct parse *p, enum event_kind kind, struct slice symbol);
/* The swap whose price an index is, when the directory knows it, else the index itself. */
struct slice okx_index_symbol(const struct parse *p, struct slice index);
/* A dollar by another name: USDT, USDC, USD. */
bool okx_is_dollar(struct slice ccy);
/* Milliseconds as microseconds; "" and null give 0. */
void okx_ms_opt(struct parse *p, int64_t *out_us);

/* Elements of "data" that streams and bodies share, each at the scanner's place. */
void okx_take_mark(struct parse *p);
void okx_take_index(struct parse *p);
void okx_take_coin_index(struct parse *p);
void okx_take_funding(struct parse *p);
void okx_take_settled(struct parse *p);
void okx_take_oi(struct parse *p);
void okx_take_liquidation(struct parse *p);
void okx_take_trade(struct parse *p);
void okx_take_bbo(struct parse *p);
void okx_take_book(struct parse *p);
void okx_take_book_body(struct parse *p);
void okx_take_ticker(struct parse *p);
void okx_take_volume(struct parse *p);
void okx_take_instrument(struct parse *p);
void okx_take_adl(struct parse *p);
void okx_take_fund(struct parse *p);
/* Whole arrays. */
void okx_take_tiers(struct parse *p);
void okx_take_ratios(struct parse *p);

#endif
