/* Liquidation and bankruptcy prices of one position, exactly as the venues define them. Pure
 * functions; prices in quote currency per base unit, sizes unsigned, the side apart. A price that
 * does not exist (an over-margined long, an inverse short whose margin covers any rise) is
 * E_MISSING, never 0 and never negative. */
#ifndef RISK_LIQPRICE_H
#define RISK_LIQPRICE_H

#include "base/err.h"
#include "facts/event.h"

/* A linear position (settled in quote). Cross margin: margin is the wallet balance and the two
 * other_ fields are those of the account's other positions; isolated: they are 0. */
struct linear_position {
    enum pos_side side;
    double qty_base, entry_px;
    double margin_usd;     /* wallet balance, or the isolated margin */
    double other_mm_usd;   /* maintenance margin of the other positions */
    double other_upnl_usd; /* their unrealised profit */
};

/* In a tier of rate mmr and deduction cum_usd: (margin - other_mm + other_upnl + cum - side qty
 * entry) / (qty (mmr - side)), side +1 long, -1 short. Source: Binance support FAQ
 * b3c689c1f50a44cabb3a84e663b81d93. Hyperliquid's own form (price - side margin_available / size /
 * (1 - l side)) is the same with cum 0. */
int liqprice_linear(const struct linear_position *p, double mmr, double cum_usd,
                    double *px) MUST_CHECK;

/* With tiers: the price in the one tier that holds the notional at that price (equity minus
 * maintenance margin is monotone in the price and the margin continuous, so there is exactly one).
 * *tier may be NULL. */
int liqprice_tiered(const struct linear_position *p, const struct tier *t, int n, double *px,
                    int *tier) MUST_CHECK;

/* Where the position's margin is gone: entry - side margin / qty. */
int bankruptcy_linear(const struct linear_position *p, double *px) MUST_CHECK;

/* An inverse position: face_usd contracts worth in USD, margin in coin. */
enum inverse_form {
    INVERSE_MARK_MM, /* maintenance margin on the mark value: Bybit's unified account since 2026-05,
                        OKX */
    INVERSE_ENTRY_MM /* maintenance margin on the entry value: older Bybit texts */
};
struct inverse_position {
    enum pos_side side;
    double face_usd, entry_px;
    double margin_coin;
    double close_fee_frac; /* taker fee kept back for closing at the bankruptcy price; 0 = none */
};

/* Mark form: face (1 + side mmr) / (face/entry + side margin). Entry form: face / (face/entry +
 * side (margin - mmr face/entry - fee)), fee = close_fee_frac face / bankruptcy price. Sources:
 * Bybit help "liquidation price (inverse contract)", OKX help on coin-margined isolated margin. */
int liqprice_inverse(const struct inverse_position *p, double mmr, enum inverse_form form,
                     double *px) MUST_CHECK;

/* face (1 + side fee) / (face/entry + side margin). */
int bankruptcy_inverse(const struct inverse_position *p, double *px) MUST_CHECK;

#endif
