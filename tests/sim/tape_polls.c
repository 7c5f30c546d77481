/* REST bodies on a tape: what a daemon polls of Bybit and OKX. In: the market. Out: bodies with
 * their envelopes. Which are asked for and when stands in the tables here and in tape_feed.c. */
#include "sim/enc_bybit.h"
#include "sim/enc_okx.h"
#include "sim/tape.h"

/* --- Bybit ----------------------------------------------------------------------------------- */

static void by_open(struct text *out)
{
    text_str(out, "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":");
}

static void by_done(struct text *out, const struct sim_market *m)
{
    text_fmt(out, ",\"retExtInfo\":{},\"time\":%lld}", (long long)enc_now_ms(m));
}

static void by_end_list(struct text *out, const struct sim_market *m)
{
    text_str(out, "],\"nextPageCursor\":\"\"}");
    by_done(out, m);
}

static void by_instruments(struct text *out, const struct sim_market *m, bool inverse)
{
    struct by_page p = {inverse, -1, 0, 1000};
    by_open(out);
    by_rest_instruments(out, m, &p);
    by_end_list(out, m);
}

void by_poll_instruments(struct text *out, const struct sim_market *m)
{
    by_instruments(out, m, false);
}

void by_poll_instruments_inverse(struct text *out, const struct sim_market *m)
{
    by_instruments(out, m, true);
}

static void by_all_tickers(struct text *out, const struct sim_market *m, bool inverse)
{
    struct by_page p = {inverse, -1, 0, 1000};
    by_open(out);
    by_rest_tickers(out, m, &p);
    by_end_list(out, m);
}

void by_poll_tickers(struct text *out, const struct sim_market *m)
{
    by_all_tickers(out, m, false);
}

void by_poll_tickers_inverse(struct text *out, const struct sim_market *m)
{
    by_all_tickers(out, m, true);
}

void by_poll_pools(struct text *out, const struct sim_market *m)
{
    by_open(out);
    by_rest_insurance(out, m);
    by_done(out, m);
}

static void by_risk_limit(struct text *out, struct sim_pub *pub, int i)
{
    struct by_page p = {pub->m->insts[i].inverse, i, i, 1};
    by_open(out);
    by_rest_risk_limit(out, pub->m, &p);
    by_end_list(out, pub->m);
}

static void by_ratio(struct text *out, struct sim_pub *pub, int i)
{
    by_open(out);
    by_rest_account_ratio(out, pub->m, &pub->m->insts[i], 1);
    by_done(out, pub->m);
}

static void by_book(struct text *out, struct sim_pub *pub, int i)
{
    by_open(out);
    by_rest_book(out, pub->m, &pub->m->insts[i], sim_pub_view(pub, BY_BOOK_1000, i), 1000);
    by_done(out, pub->m);
}

/* --- OKX ------------------------------------------------------------------------------------- */

typedef void row_fn(struct text *, const struct sim_market *, const struct sim_inst *);

static void ok_open(struct text *out)
{
    text_str(out, "{\"code\":\"0\",\"msg\":\"\",\"data\":[");
}

static void ok_all(struct text *out, const struct sim_market *m, row_fn *row, bool all)
{
    ok_open(out);
    for (int i = 0; i < m->n_insts; i++)
        if (m->insts[i].venue == SIM_OKX && (all || m->insts[i].trading))
            row(out, m, &m->insts[i]);
    ok_close(out);
}

static void row_instrument(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    (void)m;
    ok_row_instrument(out, in);
}

void ok_poll_instruments(struct text *out, const struct sim_market *m)
{
    ok_all(out, m, row_instrument, true);
}

void ok_poll_tickers(struct text *out, const struct sim_market *m)
{
    ok_all(out, m, ok_row_ticker, false);
}

void ok_poll_marks(struct text *out, const struct sim_market *m)
{
    ok_all(out, m, ok_row_mark, false);
}

void ok_poll_oi(struct text *out, const struct sim_market *m)
{
    ok_all(out, m, ok_row_oi, false);
}

void ok_poll_coins(struct text *out, const struct sim_market *m)
{
    ok_open(out);
    ok_row_index(out, m, "USDT-USD", 1.00021);
    ok_row_index(out, m, "USDC-USD", .9999);
    ok_close(out);
}

static void ok_tiers(struct text *out, struct sim_pub *pub, int i)
{
    ok_open(out);
    ok_rows_tiers(out, &pub->m->insts[i]);
    ok_close(out);
}

static void ok_fund(struct text *out, struct sim_pub *pub, int i)
{
    ok_open(out);
    ok_row_fund(out, pub->m, &pub->m->insts[i]);
    ok_close(out);
}

static void ok_ratio(struct text *out, struct sim_pub *pub, int i)
{
    ok_open(out);
    ok_rows_ratio(out, pub->m, &pub->m->insts[i], 1);
    ok_close(out);
}

static void ok_book(struct text *out, struct sim_pub *pub, int i)
{
    ok_open(out);
    ok_row_book(out, pub->m, &pub->m->insts[i], sim_pub_view(pub, OK_BOOK, i), 400);
    ok_close(out);
}

const struct tape_poll tape_inst_polls[] = {
    {SIM_BYBIT, "riskLimit", "riskLimit", 3600, by_risk_limit},
    {SIM_BYBIT, "accountRatio", "accountRatio", 300, by_ratio},
    {SIM_BYBIT, "orderbookSnapshot", "orderbook", 0, by_book},
    {SIM_OKX, "tiers", "tiers", 21600, ok_tiers},
    {SIM_OKX, "insuranceFund", "insuranceFund", 3600, ok_fund},
    {SIM_OKX, "longShortRatio", "longShortRatio", 300, ok_ratio},
    {SIM_OKX, "bookSnapshot", "book", 0, ok_book},
    {0, NULL, NULL, 0, NULL},
};
