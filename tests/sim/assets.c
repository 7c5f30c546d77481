/* The table of assets, sizes of the order seen on the two venues in 2025 and 2026, and the venues'
 * price and size grids. Mantissas of prices keep clear of 9 so that a rally does not push
 * Hyperliquid's five significant figures over a power of ten. */
#include "sim/assets.h"

#include <math.h>
#include <stddef.h>

#define M(x) ((x)*1e6)
#define C(name, px, beta, oi_b, oi_h, lev, cls)                                                    \
    {                                                                                              \
        name, name, name, px, beta, M(oi_b), M(oi_h), lev, cls, SIM_CRYPTO                         \
    }

const struct sim_asset sim_assets[] = {
    C("BTC", 84213.4, 1.00, 7600, 3100, 40, 0),
    C("ETH", 2673.5, 1.25, 5200, 2200, 25, 0),
    C("SOL", 141.32, 1.45, 1900, 860, 20, 1),
    C("XRP", 2.1440, 1.35, 980, 240, 20, 1),
    C("DOGE", 0.16210, 1.50, 610, 130, 10, 1),
    C("HYPE", 33.410, 1.40, 420, 1150, 10, 1),
    C("BNB", 641.20, 0.95, 560, 60, 10, 1),
    C("SUI", 1.7230, 1.60, 390, 140, 10, 1),
    C("ADA", 0.48210, 1.45, 310, 62, 10, 1),
    C("LINK", 13.220, 1.45, 290, 85, 10, 1),
    {"PEPE", "1000PEPE", "kPEPE", 0.0083210, 1.70, M(240), M(70), 10, 1, SIM_CRYPTO},
    C("AVAX", 14.810, 1.50, 210, 66, 10, 1),
    C("LTC", 86.120, 1.20, 190, 38, 10, 1),
    C("BCH", 521.70, 1.20, 180, 25, 10, 1),
    C("AAVE", 172.40, 1.50, 150, 58, 10, 1),
    C("ENA", 0.27140, 1.80, 160, 72, 10, 1),
    C("TON", 1.5620, 1.25, 120, 24, 10, 2),
    C("NEAR", 1.8410, 1.55, 115, 32, 10, 2),
    C("ZEC", 412.30, 1.60, 230, 110, 10, 1),
    {"BONK", "1000BONK", "kBONK", 0.011230, 1.70, M(82), M(21), 10, 2, SIM_CRYPTO},
    C("DOT", 2.1720, 1.45, 105, 20, 10, 2),
    C("UNI", 5.6230, 1.50, 100, 25, 10, 2),
    C("WLD", 0.61720, 1.65, 98, 30, 10, 2),
    C("TRX", 0.27810, 0.70, 110, 14, 10, 2),
    C("FARTCOIN", 0.33120, 1.95, 76, 90, 10, 2),
    C("PUMP", 0.0061120, 1.85, 84, 105, 10, 2),
    C("APT", 2.1530, 1.55, 72, 16, 10, 2),
    C("ARB", 0.21340, 1.60, 68, 19, 10, 2),
    C("OP", 0.31220, 1.60, 62, 15, 10, 2),
    C("FIL", 1.4820, 1.50, 66, 9, 5, 2),
    C("INJ", 5.2310, 1.60, 54, 13, 10, 2),
    C("TAO", 281.30, 1.55, 88, 38, 5, 2),
    C("CRV", 0.41170, 1.60, 58, 22, 10, 2),
    C("ETC", 13.120, 1.35, 64, 6, 5, 2),
    C("XLM", 0.24310, 1.30, 52, 12, 10, 2),
    C("HBAR", 0.13720, 1.45, 56, 11, 5, 2),
    C("SEI", 0.12830, 1.65, 44, 12, 10, 2),
    C("LDO", 0.62140, 1.60, 38, 9, 10, 3),
    C("ONDO", 0.47220, 1.55, 46, 14, 10, 2),
    C("TIA", 0.58310, 1.70, 40, 16, 10, 3),
    C("ATOM", 2.2740, 1.45, 42, 5, 5, 3),
    C("JUP", 0.22180, 1.60, 34, 18, 10, 3),
    C("ALGO", 0.13210, 1.45, 36, 4, 5, 3),
    C("STRK", 0.11870, 1.70, 28, 9, 5, 3),
    C("PENDLE", 2.1320, 1.60, 30, 11, 5, 3),
    C("GALA", 0.0063120, 1.60, 27, 4, 5, 3),
    C("DYDX", 0.17340, 1.60, 22, 5, 5, 3),
    C("JTO", 0.41320, 1.65, 20, 7, 5, 3),
    C("EIGEN", 0.48120, 1.70, 24, 6, 5, 3),
    C("ZRO", 1.3120, 1.65, 21, 7, 5, 3),
    {"1INCH", "1INCH", NULL, 0.17210, 1.45, M(20), 0, 5, 3, SIM_CRYPTO},
    {"CAT", "1000CAT", NULL, 0.0042130, 1.80, M(20), 0, 5, 3, SIM_CRYPTO},
    {"MATIC", "MATIC", "MATIC", 0.37540, 1.40, 0, 0, 20, 3, SIM_DELISTED},
    {"XAU", "XAU", NULL, 4082.0, 0.05, M(140), 0, 20, 2, SIM_TRADFI},
    {"TSLA", "TSLA", NULL, 391.20, 0.25, M(30), 0, 10, 3, SIM_TRADFI},
    {"xyz:NVDA", NULL, "xyz:NVDA", 181.40, 0.30, 0, M(42), 20, 3, SIM_BUILDER},
    {"xyz:GOLD", NULL, "xyz:GOLD", 4082.0, 0.05, 0, M(18), 20, 3, SIM_BUILDER},
    {"xyz:XYZ100", NULL, "xyz:XYZ100", 24310.0, 0.30, 0, M(66), 20, 3, SIM_BUILDER},
};
const int sim_n_assets = (int)(sizeof sim_assets / sizeof *sim_assets);
const int sim_n_crypto = 52;

/* Both venues: a tick between 0.1 and 1 basis point (Hyperliquid: five significant figures), except
 * Binance's BTC (0.10) and ETH (0.01), whose ticks are far finer; there a slot is two ticks. */
void sim_grid_of(const struct sim_asset *a, enum sim_venue v, struct sim_grid *g)
{
    int e = (int)floor(log10(a->px)) - 4; /* tick = 10^e */
    g->slot_ticks = 1;
    if (v == SIM_BINANCE && a->px > 50000) {
        e = -1;
        g->slot_ticks = 2;
    } else if (v == SIM_BINANCE && a->px > 2000 && a->kind == SIM_CRYPTO) {
        e = -2;
        g->slot_ticks = 2;
    }
    if (v == SIM_HL && e < -6)
        e = -6;
    g->tick = pow(10, e);
    g->px_dec = e < 0 ? -e : 1;
    if (v == SIM_BINANCE && g->px_dec < 2)
        g->px_dec = 2;
    g->tick_units = (int64_t)llround(g->tick * pow(10, g->px_dec));
    /* a lot is worth some 1 to 100 USD on Binance and 100 times less on Hyperliquid */
    g->qty_dec = (int)floor(log10(a->px)) - (v == SIM_HL ? -1 : 1);
    g->qty_dec = g->qty_dec < 0 ? 0 : g->qty_dec > 5 ? 5 : g->qty_dec;
}
