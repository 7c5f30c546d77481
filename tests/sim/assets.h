/* What is traded: the table of assets, real market sizes, and how each venue names and cuts them.
 */
#ifndef SIM_ASSETS_H
#define SIM_ASSETS_H

#include <stdint.h>

enum sim_venue { SIM_BINANCE, SIM_HL, SIM_VENUES };
enum sim_kind {
    SIM_CRYPTO,
    SIM_TRADFI,  /* Binance TRADIFI_PERPETUAL */
    SIM_BUILDER, /* Hyperliquid HIP-3 dex */
    SIM_DELISTED /* listed, not trading: no book, no flow */
};

struct sim_asset {
    const char *name;         /* "PEPE" */
    const char *binance, *hl; /* the venues' base codes ("1000PEPE", "kPEPE"), NULL = not there */
    double px;                /* USD per unit as the venues quote it (per 1000 for 1000PEPE) */
    double beta;              /* loading on the common factor, BTC = 1 */
    double oi_binance_usd, oi_hl_usd;
    double hl_max_leverage;
    int cls; /* Binance bracket class of sim_tiers_binance */
    enum sim_kind kind;
};

extern const struct sim_asset sim_assets[];
extern const int sim_n_assets; /* the crypto ones come first, in order of size */
extern const int sim_n_crypto;

/* How a venue cuts prices and sizes of an asset. */
struct sim_grid {
    double tick;        /* USD */
    int px_dec;         /* decimals printed */
    int64_t tick_units; /* tick in 10^-px_dec USD */
    int64_t slot_ticks; /* the book's slot, in ticks */
    int qty_dec;        /* lot = 10^-qty_dec base units */
};
void sim_grid_of(const struct sim_asset *a, enum sim_venue v, struct sim_grid *g);

#endif
