/* The venues' texts, written by the simulator itself after the exchanges' documentation. Binance:
 * payloads (the `data` part of a wrapped frame) and REST bodies; Hyperliquid: whole frames and
 * /info bodies. All append to out. */
#ifndef SIM_ENC_H
#define SIM_ENC_H

#include "base/text.h"
#include "sim/market.h"

/* x as "123.4500" with that many decimals; trim leaves at least one decimal. */
void enc_fixed(struct text *out, double x, int dec, bool trim);
void enc_units(struct text *out, int64_t units, int dec, bool trim);
void enc_slot_px(struct text *out, const struct sim_inst *in, int64_t slot, bool trim);
void enc_lots(struct text *out, const struct sim_inst *in, int64_t lots, bool trim);

void enc_trim(struct text *out, int64_t units, int dec); /* without trailing zeros or point */
int64_t enc_to_units(double x, int dec);
int64_t enc_now_ms(const struct sim_market *m);
int64_t enc_next_funding_ms(const struct sim_market *m, const struct sim_inst *in);

/* Binance */
void bn_mark_array(struct text *out, const struct sim_market *m, enum sim_kind kind);
void bn_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_force(struct text *out, const struct sim_market *m, const struct sim_liq *l, int64_t t_us);
void bn_force_coin(struct text *out, const struct sim_market *m, bool long_closed, int contracts);
void bn_depth(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_depth20(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_agg(struct text *out, const struct sim_market *m, const struct sim_trade *t);
void bn_contract(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_asset_index(struct text *out, const struct sim_market *m);

void bn_rest_exchange_info(struct text *out, const struct sim_market *m);
void bn_rest_funding_info(struct text *out, const struct sim_market *m);
void bn_rest_ticker_24h(struct text *out, const struct sim_market *m);
void bn_rest_premium(struct text *out, const struct sim_market *m, int inst); /* -1 = all */
void bn_rest_account_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_rest_open_interest(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void bn_rest_depth(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   int limit);
void bn_rest_insurance(struct text *out, const struct sim_market *m);

/* Hyperliquid */
void hl_ctxs(struct text *out, const struct sim_market *m);
void hl_ctx(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void hl_mids(struct text *out, const struct sim_market *m);
void hl_book(struct text *out, const struct sim_market *m, const struct sim_inst *in, int sig_figs,
             bool fast); /* sig_figs 0 = raw; the channel's frame */
void hl_book_body(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  int sig_figs, int max_levels);
void hl_bbo(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void hl_trades_open(struct text *out);
void hl_trade(struct text *out, const struct sim_inst *in, const struct sim_trade *t, int64_t t_us);
void hl_trades_close(struct text *out);

void hl_rest_meta(struct text *out, const struct sim_market *m, bool builder);
void hl_rest_all_metas(struct text *out, const struct sim_market *m);
void hl_rest_meta_and_ctxs(struct text *out, const struct sim_market *m, bool builder);
void hl_rest_perp_dexs(struct text *out);

#endif
