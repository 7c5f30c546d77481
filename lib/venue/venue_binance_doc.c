/* Binance: the coverage rows of docs/VENUES.md, one per channel: which texts are understood,
 * whether a 0 in them is a number, and the page that says so. Constants for people; no parser reads
 * them. A change of a parser that changes one of these answers changes the row too. */
#include "venue/venue_binance.h"

const struct venue_channel_doc binance_docs[BN_CHANNELS] = {
    [BN_BOOK_TICKER] = {"`<s>@bookTicker`; bare or combined; `e` not always first",
                        "price 0 = that side is empty", "Individual Symbol Book Ticker Streams"},
    [BN_DEPTH] = {"`<s>@depth`, any speed; `<s>@depth5`, `10`, `20` as snapshots; `@rpiDepth` is "
                  "ignored: other orders",
                  "quantity 0 removes the level",
                  "Diff. Book Depth Streams; How to manage a local order book correctly"},
    [BN_MARK_PRICE] = {"`!markPrice@arr`, `<s>@markPrice`; one object or an array, several arrays "
                       "a second; `ap` beside `p` is a moving average and not read",
                       "price 0 or \"\" = none; rate 0 is a rate, \"\" = none; time 0 = none",
                       "Mark Price Stream"},
    [BN_FORCE_ORDER] = {"`!forceOrder@arr`, `<s>@forceOrder`; `st` on top or inside `o`; without "
                        "`st` the symbol decides; quantity is `z`",
                        "`ap` 0 = nothing filled yet; `p` 0 = none; `z` 0 is a quantity",
                        "All Market Liquidation Order Streams"},
    [BN_CONTRACT_INFO] = {"`!contractInfo`, with and without `bks`; COIN-M brackets by quantity "
                          "give no tiers",
                          "floor and `cf` 0 are numbers", "Contract Info Stream"},
    [BN_ASSET_INDEX] = {"`!assetIndex@arr`, `<s>@assetIndex`; one object or an array",
                        "price 0 = none", "Multi-Assets Mode Asset Index"},
    [BN_COINM_MARK] = {"`<s>_perp@markPrice`; otherwise as `markPrice`", "as `markPrice`",
                       "COIN-M: Mark Price Stream"},
    [BN_AGG_TRADE] = {"`<s>@aggTrade`; `<s>@trade` without a channel of its own, and there only "
                      "`X` = MARKET",
                      "0 is a number", "Aggregate Trade Streams"},
    [BN_EXCHANGE_INFO] = {"USD-M and COIN-M (`contractSize`, `contractStatus`)", "0 is a number",
                          "Exchange Information"},
    [BN_FUNDING_INFO] = {"only symbols that were adjusted; the others have 8 h",
                         "interval 0 is refused", "Get Funding Rate Info"},
    [BN_TICKER_24H] = {"one object or an array; only symbols quoted in USDT or USDC; COIN-M gives "
                       "no dollars",
                       "0 is a volume", "24hr Ticker Price Change Statistics"},
    [BN_OPEN_INTEREST] = {"USD-M in base coins, COIN-M in contracts", "0 is a quantity",
                          "Open Interest"},
    [BN_DEPTH_SNAPSHOT] = {"with or without `symbol`; also inline in a recording",
                           "quantity 0 removes the level", "Order Book"},
    [BN_LONG_SHORT_RATIO] = {"an array of rows by symbol (USD-M) or by pair (COIN-M)",
                             "0 is a number", "Long/Short Ratio"},
    [BN_COINM_INFO] = {"as `exchangeInfo`; `contractSize` in dollars, `contractStatus`",
                       "0 is a number", "COIN-M: Exchange Information"},
    [BN_COINM_PREMIUM] = {"as `premiumIndex`", "price 0 or \"\" = none; rate 0 is a rate",
                          "COIN-M: Index Price and Mark Price"},
    [BN_COINM_TICKER] = {"`baseVolume`, coins of 24 hours", "0 is a number",
                         "COIN-M: 24hr Ticker Price Change Statistics"},
    [BN_PREMIUM_INDEX] = {"one object or an array", "as markPrice", "Mark Price"},
    [BN_TIERS] = {"our own spec lines, conf/tiers.ndjson", "floor and cum 0 are numbers",
                  "the operator's file; each line has its date"},
    [BN_LEVERAGE_BRACKET] = {"one object or an array; COIN-M by `qtyCap` gives no tiers",
                             "floor and cum 0 are numbers", "Notional and Leverage Brackets"},
};

const struct venue_doc binance_doc = {
    .recorded = 1u << BN_BOOK_TICKER | 1u << BN_DEPTH | 1u << BN_MARK_PRICE | 1u << BN_FORCE_ORDER |
                1u << BN_AGG_TRADE | 1u << BN_EXCHANGE_INFO | 1u << BN_DEPTH_SNAPSHOT |
                1u << BN_LONG_SHORT_RATIO | 1u << BN_COINM_INFO | 1u << BN_LEVERAGE_BRACKET,
    .limits = "2,400 REST weight a minute and address, shared by both segments; the "
              "funding calls 500, the `futures/data` calls 1,000 in 5 minutes; 10 "
              "messages a second and connection; 1,024 streams a connection by older pages, 200 by "
              "newer ones; 300 "
              "connections in 5 minutes; a connection ends after 24 hours",
    .bans = "429 asks to stop; who goes on gets 418 and is banned for 2 minutes to 3 "
            "days; 403 is the firewall. Too many messages end the connection, repeated "
            "ends ban the address",
    .gaps = "the liquidation stream shows at most one order, the latest, a symbol and "
            "second, so sums are lower bounds; open interest has no stream and is polled "
            "symbol by symbol; the snapshot of a book reaches 1,000 levels a side, "
            "beyond is unknown until touched; margin brackets need a signature and come "
            "from a dated file; positions closed by auto-deleveraging and the daily "
            "balance of the insurance fund are not in the public streams",
};
