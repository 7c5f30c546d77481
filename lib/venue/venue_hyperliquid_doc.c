/* Hyperliquid: the coverage rows of docs/VENUES.md, one per channel: which texts are understood,
 * whether a 0 in them is a number, and the page that says so. Constants for people; no parser reads
 * them. A change of a parser that changes one of these answers changes the row too. */
#include "venue/venue_hyperliquid.h"

const struct venue_channel_doc hl_docs[HL_CHANNELS] = {
    [HL_ASSET_CTXS] = {"`allDexsAssetCtxs` (wanted), `assetCtxs`, `activeAssetCtx`; named by "
                       "position, so without symbol until the list of that dex has the same length",
                       "price 0 or null = none; rate, open interest and volume 0 are numbers, null "
                       "= none",
                       "Websocket, Subscriptions; Perpetuals asset contexts"},
    [HL_TRADES] = {"`trades`, `recentTrades`; the first push holds older trades and nothing marks "
                   "it",
                   "0 is a number", "Websocket, Subscriptions (WsTrade)"},
    [HL_BBO] = {"`bbo`", "null = that side is empty", "Websocket, Subscriptions (WsBbo)"},
    [HL_BOOK] = {"`l2Book` by frame, by body and without envelope; always a whole snapshot, no "
                 "sequence",
                 "an empty list = no orders on that side", "Websocket, Subscriptions (WsBook)"},
    [HL_BOOK4] = {"`l2Book` with `nSigFigs` 4, told from the raw book by its connection", "as book",
                  "Websocket, Subscriptions (WsBook)"},
    [HL_BOOK3] = {"`l2Book` with `nSigFigs` 3, told from the raw book by its connection", "as book",
                  "Websocket, Subscriptions (WsBook)"},
    [HL_METAS] = {"`allPerpMetas` (wanted), `meta`, `metaAndAssetCtxs`; margin tables by id, an id "
                  "below 50 that is not listed is one tier",
                  "lower bound 0 is a number; leverage 0 is refused",
                  "Info endpoint, Perpetuals; Margin tiers"},
    [HL_FILLS] =
        {"`userFills`, `userFillsByTime`, `userEvents`, single fills; only fills that name "
         "a liquidation",
         "0 is a number", "Websocket, Subscriptions (WsFill)"},
};
