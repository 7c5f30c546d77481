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

const struct venue_doc hl_doc = {
    .recorded = 1u << HL_ASSET_CTXS | 1u << HL_TRADES | 1u << HL_BBO | 1u << HL_BOOK |
                1u << HL_METAS | 1u << HL_FILLS,
    .limits = "1,200 REST weight a minute and address; 10 connections (older pages: "
              "100), 30 new ones a minute; 1,000 subscriptions and 2,000 messages a "
              "minute over all connections; 10 users in subscriptions by user; a "
              "connection silent for 60 s is closed, we send a ping each 30 s",
    .bans = "429, and on a stream texts such as \"Cannot send more than\", \"Cannot "
            "subscribe to more than\"; they do not end the connection and name no "
            "request. No ban is documented",
    .gaps = "there is no public stream of liquidations: they stand in the fills of "
            "accounts, so its liquidations read unknown; a book has 20 levels a side, "
            "beyond it views of 4 and 3 significant figures are taken, which are "
            "coarser; contexts are named by position and wait for the list of their dex; "
            "trades carry no mark that tells repeated ones after a connect; no sequence "
            "numbers, a book is proven only by coming whole; builder dexes (HIP-3) are "
            "decoded, not counted",
};
