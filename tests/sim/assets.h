/* What is traded: the table of assets, real market sizes, and how each venue names and cuts them.
 */
#ifndef SIM_ASSETS_H
#define SIM_ASSETS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of the daemon's table, because notes on a tape name a venue by its number. */
enum sim_venue { SIM_BINANCE, SIM_HL, SIM_BYBIT, SIM_OKX, SIM_VENUES };
/* A place where an asset can be traded: the main contract of a venue (same number as the venue), or
 * one of the further contracts some venues have. */
enum sim_seat {
    SEAT_BINANCE,
    SEAT_HL,
    SEAT_BYBIT,
    SEAT_OKX,
    SEAT_BYBIT_USDC,
    SEAT_BYBIT_INV,
    SEAT_OKX_INV,
    SIM_SEATS
};
enum sim_kind {
    SIM_CRYPTO,
    SIM_TRADFI,  /* Binance TRADIFI_PERPETUAL, on Bybit and OKX one of them each */
    SIM_BUILDER, /* Hyperliquid HIP-3 dex */
    SIM_DELISTED /* listed, not trading: no book, no flow */
};

struct sim_asset {
    const char *name;         /* "PEPE" */
    const char *binance, *hl; /* the venues' base codes ("1000PEPE", "kPEPE"), NULL = not there */
    double px;   /* USD per unit as Binance quotes it (per 1000 for 1000PEPE); OKX: per coin */
    double beta; /* loading on the common factor, BTC = 1 */
    double oi_binance_usd, oi_hl_usd;
    double hl_max_leverage;
    int cls; /* Binance bracket class of sim_tiers_binance */
    enum sim_kind kind;
};

extern const struct sim_asset sim_assets[];
extern const int sim_n_assets; /* the crypto ones come first, in order of size */
extern const int sim_n_crypto;

struct sim_seat_row {
    uint8_t venue;
    bool inverse;             /* sizes in USD, margin in the coin */
    const char *quote;        /* what follows the base code in the symbol */
    double oi_share, depth10; /* of Binance's open interest; USD within 10 bps at oi_ref_usd */
    double oi_ref_usd;
    int n_top; /* only the first so many assets of the table; 0 = all of some size */
};
extern const struct sim_seat_row sim_seats[SIM_SEATS];

/* The base code of an asset at a seat; NULL = not listed there. */
const char *sim_code(const struct sim_asset *a, enum sim_seat seat);
double sim_oi_usd(const struct sim_asset *a, enum sim_seat seat);
/* The seat's price over a->px: 0.001 where 1000PEPE is quoted by the coin. */
double sim_unit(const struct sim_asset *a, enum sim_seat seat);

/* How a venue cuts prices and sizes of an asset. */
struct sim_grid {
    double tick;        /* USD */
    int px_dec;         /* decimals printed */
    int64_t tick_units; /* tick in 10^-px_dec USD */
    int64_t slot_ticks; /* the book's slot, in ticks */
    int qty_dec;        /* lot = 10^-qty_dec contracts */
    double ct_size;     /* a contract: base units, or USD when inverse; 1 except on OKX */
};
void sim_grid_of(const struct sim_asset *a, enum sim_seat seat, struct sim_grid *g);

#endif
