/* OKX: the coverage rows of docs/VENUES.md, one per channel: which texts are understood, whether a
 * 0 in them is a number, and the page that says so. Constants for people; no parser reads them. A
 * change of a parser that changes one of these answers changes the row too. */
#include "venue/venue_okx.h"

const struct venue_channel_doc okx_docs[OKX_CHANNELS] = {
    [OKX_MARK_PRICE] = {"`mark-price`; spot pairs are ignored", "price 0 or \"\" = none",
                        "Public Data, Mark price channel"},
    [OKX_INDEX] = {"`index-tickers`, named by index; given to the swap of that name when specs are "
                   "known",
                   "price 0 or \"\" = none", "Public Data, Index tickers channel"},
    [OKX_FUNDING] = {"`funding-rate`; next is `fundingTime`, interval is `nextFundingTime` - "
                     "`fundingTime`",
                     "rate 0 is a rate, \"\" = none; time \"\" = none",
                     "Public Data, Funding rate channel"},
    [OKX_OPEN_INTEREST] =
        {"`open-interest`: `oi` in contracts; `oiCcy` and `oiUsd` say the same in "
         "other units",
         "0 is a quantity", "Public Data, Open interest channel"},
    [OKX_LIQUIDATIONS] =
        {"`liquidation-orders` of SWAP and FUTURES; `side` is the order's, price is "
         "`bkPx`; of MARGIN ignored; after subscribing recent ones may come again",
         "`bkPx` 0 = none; `sz` 0 is a quantity", "Public Data, Liquidation orders channel"},
    [OKX_TRADES] = {"`trades`, aggregated; spot pairs are ignored", "0 is a number",
                    "Order Book Trading, Trades channel"},
    [OKX_BBO] = {"`bbo-tbt`", "an empty list = that side is empty",
                 "Order Book Trading, Order book channel"},
    [OKX_BOOK] =
        {"`books`: snapshot and update with `seqId`; without `seqId` (before 2023) refused; "
         "the checksum is not read; `books5`, `books-l2-tbt`, `books50-l2-tbt`, "
         "`books-rpi` are ignored",
         "quantity 0 removes the level", "Order Book Trading, Order book channel"},
    [OKX_ADL_WARNING] = {"`adl-warning` by instrument type; balance only where it is in dollars",
                         "balance 0 is a balance; \"\" = not said",
                         "Public Data, ADL warning channel"},
    [OKX_CONTRACT_INFO] = {"`instruments` of SWAP and FUTURES", "as instruments",
                           "Public Data, Instruments channel"},
    [OKX_TICKER] = {"`tickers`; spot pairs are ignored", "price 0 or \"\" = that side is empty",
                    "Order Book Trading, Tickers channel"},
    [OKX_INSTRUMENTS] = {"SWAP and FUTURES, linear and inverse; SPOT, MARGIN, OPTION rows are "
                         "passed over; a swap not named after its index is no perpetual of ours",
                         "contract value 0 is refused", "Public Data, Get instruments"},
    [OKX_MARKS] = {"as markPrice", "as markPrice", "Public Data, Get mark price"},
    [OKX_OI_ALL] = {"as openInterest", "0 is a quantity", "Public Data, Get open interest"},
    [OKX_TICKERS] = {"only `volCcy24h`, in base coins", "0 is a volume",
                     "Order Book Trading, Get tickers"},
    [OKX_COIN_INDEX] = {"`USDT-USD` and `USDC-USD`; other indices of the body are passed over",
                        "price 0 or \"\" = none", "Public Data, Get index tickers"},
    [OKX_TIERS] =
        {"cross margin of one family; by contracts, rate for the whole position; the first "
         "32 tiers",
         "minimum 0 is a number; rate 0 is refused", "Public Data, Get position tiers"},
    [OKX_INSURANCE_FUND] = {"the total, and the family's newest balance where it is in dollars",
                            "0 is a balance", "Public Data, Get security fund"},
    [OKX_LONG_SHORT_RATIO] = {"`[ts, ratio]`, the newest; long / (long + short)", "0 is a ratio",
                              "Trading Statistics, Get contract long/short ratio"},
    [OKX_BOOK_SNAPSHOT] = {"`market/books` with `seqId`", "quantity 0 removes the level",
                           "Order Book Trading, Get order book"},
};

const struct venue_doc okx_doc = {
    .recorded = 1u << OKX_MARK_PRICE | 1u << OKX_INDEX | 1u << OKX_FUNDING |
                1u << OKX_OPEN_INTEREST | 1u << OKX_LIQUIDATIONS | 1u << OKX_TRADES |
                1u << OKX_TICKER | 1u << OKX_INSTRUMENTS,
    .limits = "480 subscribe and unsubscribe requests an hour and connection, whatever "
              "their length, so that we send up to 64 at once; 64 KiB of arguments a "
              "request; 3 new connections a second and address; 30 books a connection; "
              "REST has limits per call and address (mostly 10 to 20 in 2 seconds), no "
              "weights; a connection without traffic for 30 s is closed, we send a text "
              "ping each 25 s",
    .bans = "429 or code 50011 (60014 on a stream) asks for patience; no ladder of bans "
            "is documented, 403 is the firewall",
    .gaps =
        "the liquidation channel does not show all of them, and after subscribing recent ones "
        "come again; its price is the one at which the position was taken over, not a fill; the "
        "checksum of books is not kept up by the venue and is not read, sequence numbers alone "
        "prove a book; books recorded before 2023 have none and are refused; `adl-warning` is "
        "silent in calm; balances of funds in coins are not dollars and not read; funding is "
        "told each 30 to 90 s",
};
