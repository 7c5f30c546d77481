/* Texts of the fake Bybit v5, after bybit-exchange.github.io/docs/v5: whole frames of topics, and
 * the `result` of REST bodies. All append to out. Sizes: base coins on linear contracts, USD on
 * inverse ones. */
#ifndef SIM_ENC_BYBIT_H
#define SIM_ENC_BYBIT_H

#include "sim/enc.h"
#include "sim/view.h"

enum by_field {
    BF_TICK,
    BF_PCNT,
    BF_LAST,
    BF_PREV24,
    BF_HIGH,
    BF_LOW,
    BF_PREV1,
    BF_MARK,
    BF_INDEX,
    BF_OI,
    BF_OI_VALUE,
    BF_SINGLE,
    BF_SINGLE_VALUE,
    BF_TURNOVER,
    BF_VOLUME,
    BF_NEXT,
    BF_RATE,
    BF_BID,
    BF_BID_SIZE,
    BF_ASK,
    BF_ASK_SIZE,
    BY_FIELDS
};
struct by_ticker {
    int64_t v[BY_FIELDS]; /* as printed, without the point */
};

/* The coin of adlAlert and insurance topics. */
enum by_coin { BY_USDT, BY_USDC, BY_INVERSE, BY_COINS };
enum by_coin by_coin_of(const struct sim_inst *in);
bool by_pool_is_shared(const struct sim_inst *in);
double by_pool_pnl(const struct sim_inst *in); /* negative = it lost; 0 of a shared pool */

void by_ticker_read(struct by_ticker *t, const struct sim_market *m, const struct sim_inst *in,
                    const struct by_ticker *last);
/* {"symbol":..} with all members, or with those that differ from last. */
void by_ticker_object(struct text *out, const struct sim_inst *in, const struct by_ticker *now,
                      const struct by_ticker *last);
/* last NULL = snapshot; else a delta of what differs. False when nothing does (out untouched). */
bool by_tickers(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                const struct by_ticker *now, const struct by_ticker *last);
void by_book_open(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  int depth, bool snapshot);
void by_book_side(struct text *out, const struct sim_inst *in, const struct sim_view *v,
                  enum sim_book_side side);
void by_book_level(struct text *out, const struct sim_inst *in, int64_t slot, int64_t lots);
void by_book_close(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   const struct sim_view *v);
void by_topic_open(struct text *out, const struct sim_market *m, const char *name,
                   const char *rest); /* up to "data":[ */
void by_trade(struct text *out, const struct sim_market *m, const struct sim_trade *t);
/* Agreed elsewhere and only reported here; no flow of this market. */
void by_block_trade(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void by_liq(struct text *out, const struct sim_inst *in, const struct sim_liq *l, int64_t t_us);
void by_close(struct text *out); /* ]} */
void by_adl_row(struct text *out, const struct sim_market *m, const struct sim_inst *in);
void by_pool_row(struct text *out, const struct sim_market *m, const struct sim_inst *in);

/* Rows of one category from instrument `from` on, at most `limit`; the index to go on with, or
 * -1. inst >= 0: only that one. */
struct by_page {
    bool inverse;
    int inst, from, limit;
};
int by_rest_instruments(struct text *out, const struct sim_market *m, const struct by_page *p);
int by_rest_risk_limit(struct text *out, const struct sim_market *m, const struct by_page *p);
void by_rest_tickers(struct text *out, const struct sim_market *m, const struct by_page *p);
void by_rest_insurance(struct text *out, const struct sim_market *m);
void by_rest_adl(struct text *out, const struct sim_market *m, const struct by_page *p);
void by_rest_account_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                           int limit);
void by_rest_open_interest(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                           int limit);
void by_rest_book(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  const struct sim_view *v, int limit);

#endif
