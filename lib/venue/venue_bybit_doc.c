/* Bybit: the coverage rows of docs/VENUES.md, one per channel: which texts are understood, whether
 * a 0 in them is a number, and the page that says so. Constants for people; no parser reads them. A
 * change of a parser that changes one of these answers changes the row too. */
#include "venue/venue_bybit.h"

const struct venue_channel_doc bybit_docs[BB_CHANNELS] = {
    [BB_TICKERS] =
        {"`tickers.<s>`, snapshot and delta: a missing member gives no event, \"\" an event "
         "without value; `singleOpenInterest`, else half of `openInterest`",
         "price 0 or \"\" = none; rate, open interest and volume 0 are numbers; time 0 or "
         "\"\" = none",
         "Ticker"},
    [BB_BOOK] =
        {"`orderbook.1000.<s>`; other depths without a channel; `orderbook.rpi` is ignored: "
         "other orders; `u` = 1 and every snapshot start the book anew",
         "size 0 removes the level", "Orderbook"},
    [BB_TRADES] =
        {"`publicTrade.<s>`; block trades (`BT`) are not read; the id is a hash of theirs",
         "0 is a number", "Trade"},
    [BB_LIQ] = {"`allLiquidation.<s>`; `S` is the side of the position, `p` the bankruptcy price",
                "0 is a number", "All Liquidation"},
    [BB_ADL] = {"`adlAlert.USDT`, `adlAlert.USDC`; numbers bare or as texts", "0 is a number",
                "ADL Alert"},
    [BB_ADL_INVERSE] = {"`adlAlert.inverse`; balances in coins are not dollars and not read",
                        "0 is a number", "ADL Alert"},
    [BB_INSURANCE] = {"`insurance.USDT`, `insurance.USDC`; a pool is named by its first contract",
                      "0 is a balance", "Insurance Pool"},
    [BB_INSURANCE_INVERSE] = {"`insurance.inverse`; balances in coins are not dollars and not read",
                              "0 is a balance", "Insurance Pool"},
    [BB_INSTRUMENTS] = {"`instruments-info`, linear; a further page is asked for by a notice",
                        "interval, tick and leverage 0 = none", "Get Instruments Info"},
    [BB_INSTRUMENTS_INVERSE] = {"`instruments-info`, inverse", "as instruments",
                                "Get Instruments Info"},
    [BB_ALL_TICKERS] = {"`tickers` without symbol, linear; mark, open interest and volume of each",
                        "as tickers", "Get Tickers"},
    [BB_ALL_TICKERS_INVERSE] = {"`tickers` without symbol, inverse", "as tickers", "Get Tickers"},
    [BB_POOLS] = {"`insurance`; `value` in dollars", "0 is a balance", "Get Insurance"},
    [BB_RISK_LIMIT] =
        {"`risk-limit` of one or more symbols; fractions or percent; inverse limits are "
         "in coins",
         "deduction 0 is a number, \"\" = none", "Get Risk Limit"},
    [BB_ACCOUNT_RATIO] = {"`account-ratio`", "0 is a share", "Get Long Short Ratio"},
    [BB_BOOK_SNAPSHOT] = {"`orderbook`; `u` is that of the topic of 1,000 levels",
                          "size 0 removes the level", "Get Orderbook"},
};

const struct venue_doc bybit_doc = {
    .recorded = 1u << BB_TICKERS | 1u << BB_BOOK | 1u << BB_TRADES | 1u << BB_LIQ |
                1u << BB_INSTRUMENTS | 1u << BB_BOOK_SNAPSHOT,
    .limits =
        "600 requests in 5 seconds and address; 21,000 characters of topics a connection; 500 new "
        "connections in 5 minutes, 1,000 at a time and market; the client sends a text ping each "
        "20 s",
    .bans = "403 \"access too frequent\": every session must stop, the ban ends by "
            "itself after 10 minutes; `retCode` 10006, 10018 and 429, 10429 ask for "
            "patience, 10016 is a restart",
    .gaps = "a ticker tells only what changed, what is not told holds while the feed "
            "lives; the venue's `openInterest` counts both sides, where "
            "`singleOpenInterest` is absent half of it is taken; a liquidation names the "
            "bankruptcy price, not where it was filled; shared insurance pools are told "
            "once a day; block trades are not read; inverse risk limits are in coins and "
            "give no tiers; order books carry no checksum",
};
