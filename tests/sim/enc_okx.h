/* Texts of the fake OKX v5, after okx.com/docs-v5: whole frames of channels, and rows of REST
 * bodies (what stands in "data"). All append to out. Sizes count contracts. */
#ifndef SIM_ENC_OKX_H
#define SIM_ENC_OKX_H

#include "sim/enc.h"
#include "sim/view.h"

/* "BTC-USDT": the index, the underlying and the family of a swap at once. */
void ok_family(struct text *out, const struct sim_inst *in);
bool ok_is_family(const struct sim_inst *in, struct slice name);

void ok_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_index(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_funding(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_oi(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_tickers(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_instruments(struct text *out, const struct sim_inst *in);
void ok_trade(struct text *out, const struct sim_market *m, const struct sim_trade *t);
void ok_bbo(struct text *out, const struct sim_market *m, const struct sim_inst *in, int64_t seq);
void ok_book_open(struct text *out, const struct sim_inst *in, bool snapshot);
void ok_book_side(struct text *out, const struct sim_inst *in, const struct sim_view *v,
                  enum sim_book_side side);
void ok_book_level(struct text *out, const struct sim_inst *in, int64_t slot, int64_t lots);
void ok_book_close(struct text *out, const struct sim_market *m, const struct sim_view *v,
                   bool snapshot);

/* {"arg":{"channel":..,"instType":"SWAP"},"data":[ ... ]} */
void ok_type_open(struct text *out, const char *channel);
void ok_close(struct text *out);
void ok_liq_open(struct text *out); /* of one instrument, then details */
void ok_liq_detail(struct text *out, const struct sim_inst *in, const struct sim_liq *l,
                   int64_t t_us);
void ok_liq_close(struct text *out, const struct sim_inst *in);
/* NULL state = normal, nothing is pushed. */
const char *ok_adl_state(const struct sim_inst *in);
void ok_adl_row(struct text *out, const struct sim_market *m, const struct sim_inst *in);

/* Rows, without the brackets around all. */
void ok_row_instrument(struct text *out, const struct sim_inst *in);
void ok_row_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_row_oi(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_row_ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_row_funding(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_row_index(struct text *out, const struct sim_market *m, const char *name, double px);
void ok_rows_tiers(struct text *out, const struct sim_inst *in);
void ok_row_fund(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void ok_rows_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   int limit);
void ok_row_book(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                 const struct sim_view *v, int limit);

#endif
