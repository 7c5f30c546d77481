/* Margin of the simulated venues: tier tables, the tier walk, liquidation and bankruptcy prices.
 * These are the simulator's own formulas, so that what the daemon estimates is never checked with
 * its own ruler. Prices and notionals in quote USD, sizes in base coins. */
#ifndef SIM_MARGIN_H
#define SIM_MARGIN_H

#include <stdbool.h>

#define SIM_TIERS_MAX 12

enum sim_side { SIM_LONG, SIM_SHORT, SIM_SIDES };

struct sim_tier {
    double floor_usd, cap_usd; /* notional (floor, cap] */
    double mmr, cum;           /* maintenance = notional * mmr - cum */
    double max_leverage;
};

struct sim_tiers {
    int n;
    bool inverse; /* margin and profit in the coin */
    bool by_size; /* a tier is chosen by size at the opening, its rate holds for the whole position
                   */
    struct sim_tier t[SIM_TIERS_MAX];
};

/* cum_k = cum_{k-1} + floor_k (mmr_k - mmr_{k-1}); floors from the caps before. */
void sim_tiers_finish(struct sim_tiers *t);

/* Binance-like brackets: cls 0 = BTC and ETH, 1 = large, 2 = middle, 3 = small. */
void sim_tiers_binance(struct sim_tiers *t, int cls);

/* Bybit: own brackets for BTC and ETH, as Binance's for the others. */
void sim_tiers_bybit(struct sim_tiers *t, int cls);

/* OKX: by number of contracts; ct_usd is what one is worth when the tiers are made. */
void sim_tiers_okx(struct sim_tiers *t, int cls, double ct_usd);

/* Hyperliquid: mmr = 1 / (2 max leverage); a second tier at half the leverage above split_usd
 * (0 = none). */
void sim_tiers_hl(struct sim_tiers *t, double max_leverage, double split_usd);

/* Index of the tier that holds a notional (the last one beyond all caps). */
int sim_tier_of(const struct sim_tiers *t, double notional_usd);

/* Price at which equity equals maintenance of an isolated position; NAN when there is none > 0. */
double sim_liq_px(const struct sim_tiers *t, enum sim_side side, double entry_px, double qty_base,
                  double margin_usd);

/* LP / EP of a position opened with notional_usd at a leverage (margin = notional / leverage). */
double sim_liq_ratio(const struct sim_tiers *t, enum sim_side side, double leverage,
                     double notional_usd);

/* Price at which the margin is gone: EP (1 -+ 1/leverage); inverse EP / (1 +- 1/leverage). */
double sim_bankruptcy_px(const struct sim_tiers *t, enum sim_side side, double entry_px,
                         double leverage);

#endif
