/* The table of assets, sizes of the order seen on the two venues in 2025 and 2026, and the venues'
 * price and size grids. Mantissas of prices keep clear of 9 so that a rally does not push
 * Hyperliquid's five significant figures over a power of ten. */
#include "sim/assets.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

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

/* Shares of the order seen in 2026; USDC-settled and inverse contracts are small. Depth: Bybit's
 * BTCUSDT, whose recorded book and open interest are of one moment, had 10 million within 10 bps a
 * side and 27 within 20 at an open interest of 3,260: 2.3 times what stood here before per unit of
 * open interest; books of Binance and Hyperliquid were recorded at 2 and more. */
const struct sim_seat_row sim_seats[SIM_SEATS] = {
    [SEAT_BINANCE] = {SIM_BINANCE, false, "USDT", 1, 16e6, 7.6e9, 0},
    [SEAT_HL] = {SIM_HL, false, "", 1, 9e6, 3.1e9, 0},
    [SEAT_BYBIT] = {SIM_BYBIT, false, "USDT", .5, 11.6e6, 3.8e9, 0},
    [SEAT_OKX] = {SIM_OKX, false, "-USDT-SWAP", .3, 9e6, 2.3e9, 0},
    [SEAT_BYBIT_USDC] = {SIM_BYBIT, false, "PERP", .01, 14e5, 7.6e7, 2},
    [SEAT_BYBIT_INV] = {SIM_BYBIT, true, "USD", .05, 2.8e6, 3.8e8, 2},
    [SEAT_OKX_INV] = {SIM_OKX, true, "-USD-SWAP", .06, 3.5e6, 4.6e8, 2},
};

#define SMALLEST_OI_USD 8e6 /* of what Bybit and OKX list */

double sim_oi_usd(const struct sim_asset *a, enum sim_seat seat)
{
    return seat == SEAT_HL ? a->oi_hl_usd : a->oi_binance_usd * sim_seats[seat].oi_share;
}

double sim_unit(const struct sim_asset *a, enum sim_seat seat)
{
    bool thousands = a->binance && strcmp(a->binance, a->name) != 0;
    return seat == SEAT_OKX && thousands ? 1e-3 : 1;
}

/* Bybit writes thousands as Binance does, OKX never. */
const char *sim_code(const struct sim_asset *a, enum sim_seat seat)
{
    if (seat == SEAT_BINANCE || seat == SEAT_HL)
        return seat == SEAT_HL ? a->hl : a->binance;
    if (!a->binance || (sim_seats[seat].n_top && a - sim_assets >= sim_seats[seat].n_top))
        return NULL;
    if (a->kind == SIM_CRYPTO && sim_oi_usd(a, seat) < SMALLEST_OI_USD)
        return NULL;
    if (a->kind == SIM_TRADFI) /* a metal on OKX, a stock on Bybit */
        return (strcmp(a->name, "XAU") == 0) == (seat == SEAT_OKX) ? a->name : NULL;
    return seat == SEAT_OKX ? a->name : a->binance;
}

/* A tick between 0.1 and 1 basis point (Hyperliquid: five significant figures), except BTC (0.10)
 * and ETH (0.01) elsewhere, whose ticks are far finer; there a slot is two ticks, on OKX five of
 * BTC, so that 400 levels reach over 10 basis points. */
static int tick_exponent(const struct sim_asset *a, enum sim_seat seat, double px, int64_t *slot)
{
    int e = (int)floor(log10(px)) - 4, finest = seat == SEAT_HL ? -6 : seat == SEAT_OKX ? -9 : -10;
    *slot = 1;
    if (seat != SEAT_HL && px > 2000 && a->kind == SIM_CRYPTO) {
        e = px > 50000 ? -1 : -2;
        *slot = px > 50000 && sim_seats[seat].venue == SIM_OKX ? 5 : 2;
    }
    return e < finest ? finest : e;
}

/* Whole dollars on Bybit, contracts of 100 (BTC) or 10 dollars on OKX. */
static void inverse_sizes(const struct sim_asset *a, enum sim_seat seat, struct sim_grid *g)
{
    g->ct_size = seat == SEAT_BYBIT_INV ? 1 : a->px > 50000 ? 100 : 10;
    g->qty_dec = seat == SEAT_BYBIT_INV ? 0 : 1;
}

void sim_grid_of(const struct sim_asset *a, enum sim_seat seat, struct sim_grid *g)
{
    double px = a->px * sim_unit(a, seat);
    int e = tick_exponent(a, seat, px, &g->slot_ticks), magnitude = (int)floor(log10(px));
    int least = sim_seats[seat].venue == SIM_BINANCE || sim_seats[seat].venue == SIM_BYBIT ? 2 : 1;
    g->tick = pow(10, e);
    g->px_dec = e < 0 ? -e : 1;
    if (g->px_dec < least)
        g->px_dec = least;
    g->tick_units = (int64_t)llround(g->tick * pow(10, g->px_dec));
    /* a lot is worth some 1 to 100 USD, on Hyperliquid 100 times less, on OKX 1 to 10 USD */
    g->ct_size = 1;
    g->qty_dec = magnitude - (seat == SEAT_HL ? -1 : 1);
    g->qty_dec = g->qty_dec < 0 ? 0 : g->qty_dec > 5 ? 5 : g->qty_dec;
    if (seat == SEAT_OKX) {
        g->ct_size = pow(10, 2 - magnitude);
        g->qty_dec = 2;
    }
    if (sim_seats[seat].inverse)
        inverse_sizes(a, seat, g);
}
