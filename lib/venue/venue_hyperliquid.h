/* Shared by the files of the Hyperliquid adapter: the row (venue_hyperliquid.c), frames
 * (venue_hyperliquid_ws.c), their data (_market.c, _fills.c), REST bodies (_rest.c),
 * documentation (_doc.c). Nobody else includes it. */
#ifndef VENUE_HYPERLIQUID_H
#define VENUE_HYPERLIQUID_H

#include "venue/venue_adapter.h"

/* Rows of docs/VENUES.md, see venue_hyperliquid_doc.c. */
extern const struct venue_channel_doc hl_docs[];
extern const struct venue_doc hl_doc;

enum hl_channel {
    HL_ASSET_CTXS,
    HL_TRADES,
    HL_BBO,
    HL_BOOK,
    HL_BOOK4,
    HL_BOOK3,
    HL_METAS,
    HL_FILLS,
    HL_CHANNELS
};

/* A pushed text, and the body of the named request; both leave errors in p->s. */
void hl_take_frame(struct parse *p);
void hl_take_body(struct parse *p, struct slice name);

/* Data of the channels, each at the value of "data". */
void hl_take_all_ctxs(struct parse *p);
void hl_take_dex_ctxs(struct parse *p);
void hl_take_active_ctx(struct parse *p);
void hl_take_bbo(struct parse *p);
void hl_take_pushed_trades(struct parse *p);
void hl_take_user_fills(struct parse *p);
void hl_take_user_events(struct parse *p);

/* side "B" of an aggressor or a fill; refuses all but "A" and "B". */
bool hl_buys(struct parse *p, struct slice side);

struct hl_two { /* members taken raw because their order is not promised */
    struct slice name, raw;
};

/* Values that frames and bodies share, each at the scanner's place. */
void hl_take_book(struct parse *p);                  /* {"coin","time","levels"} */
void hl_take_trades(struct parse *p, bool backfill); /* [trade,...] */
void hl_take_fill(struct parse *p, struct slice user);
/* [fill,...]; user: whose fills, p = NULL when not known. */
void hl_take_fills(struct parse *p, struct slice user);

/* [ctx,...] of one dex, from event index p->b->n on; the number of contexts. Symbols stay absent.
 */
int32_t hl_take_ctxs(struct parse *p, struct slice dex);
/* Gives the events from index `from` on, all of contexts, their symbols by position. */
void hl_name_ctxs(struct parse *p, uint32_t from,
                  struct slice (*symbol_at)(const void *arg, int32_t ord), const void *arg);

#endif
