/* OKX v5 frames, after the exchange's own samples. In: the market. Out: texts. Every number is a
 * string without trailing zeros, except seqId, prevSeqId and checksum. Surprising: the checksum is
 * always 0 (since June 2026), and fundingTime is the coming settlement, nextFundingTime the one
 * after it. */
#include "sim/enc_okx.h"

#include <math.h>
#include <string.h>

static void comma(struct text *out)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
}

static void units(struct text *out, const char *key, int64_t u, int dec)
{
    text_key(out, key);
    text_char(out, '"');
    enc_trim(out, u, dec);
    text_char(out, '"');
}

static void num(struct text *out, const char *key, double x, int dec)
{
    units(out, key, enc_to_units(x, dec), dec);
}

static void px(struct text *out, const char *key, const struct sim_inst *in, double x)
{
    num(out, key, x, in->grid.px_dec);
}

static void ts(struct text *out, int64_t ms)
{
    text_fmt(out, ",\"ts\":\"%lld\"", (long long)ms);
}

static void name(struct text *out, const struct sim_inst *in)
{
    text_str(out, "{\"instType\":\"SWAP\"");
    text_kv_str(out, "instId", in->symbol);
}

void ok_family(struct text *out, const struct sim_inst *in)
{
    text_put(out, in->symbol, strlen(in->symbol) - strlen("-SWAP"));
}

bool ok_is_family(const struct sim_inst *in, struct slice s)
{
    return strlen(in->symbol) == s.len + strlen("-SWAP") && memcmp(in->symbol, s.p, s.len) == 0;
}

static void arg_open(struct text *out, const char *channel, const struct sim_inst *in)
{
    text_fmt(out, "{\"arg\":{\"channel\":\"%s\",\"instId\":\"%s\"},\"data\":[", channel,
             in->symbol);
}

void ok_close(struct text *out)
{
    text_str(out, "]}");
}

/* Decimals that show a number of lots in coins exactly. */
static int coin_dec(const struct sim_inst *in)
{
    if (in->inverse)
        return 8;
    int d = in->grid.qty_dec - (int)lround(log10(in->grid.ct_size));
    return d < 0 ? 0 : d > 8 ? 8 : d;
}

/* --- prices and interest ---------------------------------------------------------------------- */

void ok_row_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    comma(out);
    name(out, in);
    px(out, "markPx", in, in->mark_px);
    ts(out, enc_now_ms(m));
    text_char(out, '}');
}

void ok_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    arg_open(out, "mark-price", in);
    ok_row_mark(out, m, in);
    ok_close(out);
}

void ok_row_index(struct text *out, const struct sim_market *m, const char *index, double x)
{
    int dec = 4 - (int)floor(log10(x));
    dec = dec < 1 ? 1 : dec > 9 ? 9 : dec;
    comma(out);
    text_fmt(out, "{\"instId\":\"%s\"", index);
    num(out, "idxPx", x, dec);
    num(out, "high24h", x * 1.01, dec);
    num(out, "low24h", x * .99, dec);
    num(out, "open24h", x * .995, dec);
    num(out, "sodUtc0", x * .998, dec);
    num(out, "sodUtc8", x * 1.002, dec);
    ts(out, enc_now_ms(m));
    text_char(out, '}');
}

/* Index Tickers: by the index's name, not the swap's. */
void ok_index(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    char index[24];
    struct text t;
    text_init(&t, index, sizeof index);
    ok_family(&t, in);
    text_char(&t, 0);
    text_fmt(out, "{\"arg\":{\"channel\":\"index-tickers\",\"instId\":\"%s\"},\"data\":[", index);
    ok_row_index(out, m, index, m->assets[in->asset].index_px * in->unit);
    ok_close(out);
}

/* Funding Rate: the forecast that settles at fundingTime. */
void ok_row_funding(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    int64_t at = enc_next_funding_ms(m, in), h = (int64_t)sim_funding_hours(in) * 3600000;
    comma(out);
    text_str(out, "{\"formulaType\":\"withRate\"");
    num(out, "fundingRate", sim_funding_rate(in), 10);
    text_fmt(out, ",\"fundingTime\":\"%lld\",\"impactValue\":\"20000.0000\"", (long long)at);
    text_kv_str(out, "instId", in->symbol);
    text_str(out, ",\"instType\":\"SWAP\",\"interestRate\":\"0.0001000000\",\"maxFundingRate\":"
                  "\"0.00375\",\"method\":\"current_period\",\"minFundingRate\":\"-0.00375\","
                  "\"nextFundingRate\":\"\"");
    text_fmt(out, ",\"nextFundingTime\":\"%lld\"", (long long)(at + h));
    num(out, "premium", in->premium + in->base_premium, 10);
    text_str(out, ",\"settFundingRate\":\"0.0000513301\",\"settState\":\"settled\"");
    ts(out, enc_now_ms(m));
    text_char(out, '}');
}

void ok_funding(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    arg_open(out, "funding-rate", in);
    ok_row_funding(out, m, in);
    ok_close(out);
}

/* Open Interest: the same number in contracts, coins and dollars. */
void ok_row_oi(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    int64_t lots = llround(in->pop.q[SIM_LONG] / in->lot);
    double q = (double)lots * in->lot;
    comma(out);
    name(out, in);
    units(out, "oi", lots, in->grid.qty_dec);
    num(out, "oiCcy", sim_base(in, q, in->mark_px), coin_dec(in));
    num(out, "oiUsd", sim_usd(in, q, in->mark_px), 4);
    ts(out, enc_now_ms(m));
    text_char(out, '}');
}

void ok_oi(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    arg_open(out, "open-interest", in);
    ok_row_oi(out, m, in);
    ok_close(out);
}

static void top(struct text *out, const struct sim_inst *in, enum sim_book_side side)
{
    int64_t s = side == SIM_BID ? in->book.best_bid : in->book.best_ask;
    units(out, side == SIM_BID ? "bidPx" : "askPx", sim_slot_units(in, s), in->grid.px_dec);
    units(out, side == SIM_BID ? "bidSz" : "askSz", sim_book_get(&in->book, s), in->grid.qty_dec);
}

/* Tickers: volCcy24h in coins, vol24h in contracts. */
void ok_row_ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    double ct = (in->inverse ? in->volume_usd : in->volume_base) / in->grid.ct_size;
    comma(out);
    name(out, in);
    px(out, "last", in, in->last_px);
    units(out, "lastSz", 1, in->grid.qty_dec);
    top(out, in, SIM_ASK);
    top(out, in, SIM_BID);
    px(out, "open24h", in, in->open_px);
    px(out, "high24h", in, fmax(in->open_px, in->last_px) * 1.01);
    px(out, "low24h", in, fmin(in->open_px, in->last_px) * .99);
    num(out, "volCcy24h", in->volume_base, coin_dec(in) < 4 ? coin_dec(in) : 4);
    num(out, "vol24h", ct, in->grid.qty_dec);
    px(out, "sodUtc0", in, in->open_px);
    px(out, "sodUtc8", in, in->open_px);
    ts(out, enc_now_ms(m));
    text_char(out, '}');
}

void ok_tickers(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    arg_open(out, "tickers", in);
    ok_row_ticker(out, m, in);
    ok_close(out);
}

/* --- books and trades ------------------------------------------------------------------------- */

/* [price, contracts, "0", orders] */
void ok_book_level(struct text *out, const struct sim_inst *in, int64_t slot, int64_t lots)
{
    comma(out);
    text_str(out, "[\"");
    enc_trim(out, sim_slot_units(in, slot), in->grid.px_dec);
    text_str(out, "\",\"");
    enc_trim(out, lots, in->grid.qty_dec);
    text_fmt(out, "\",\"0\",\"%lld\"]", lots ? 1 + (long long)(lots % 17) : 0);
}

void ok_book_open(struct text *out, const struct sim_inst *in, bool snapshot)
{
    text_fmt(out,
             "{\"arg\":{\"channel\":\"books\",\"instId\":\"%s\"},\"action\":\"%s\",\"data\":[{",
             in->symbol, snapshot ? "snapshot" : "update");
}

void ok_book_side(struct text *out, const struct sim_inst *in, const struct sim_view *v,
                  enum sim_book_side side)
{
    text_str(out, side == SIM_BID ? ",\"bids\":[" : "\"asks\":[");
    for (int i = 0; i < v->n[side]; i++)
        ok_book_level(out, in, v->side[side][i].slot, v->side[side][i].lots);
    text_char(out, ']');
}

/* A snapshot's prevSeqId is -1. */
void ok_book_close(struct text *out, const struct sim_market *m, const struct sim_view *v,
                   bool snapshot)
{
    ts(out, enc_now_ms(m));
    text_fmt(out, ",\"checksum\":0,\"prevSeqId\":%lld,\"seqId\":%lld}]}",
             snapshot ? -1 : (long long)v->prev_seq, (long long)v->seq);
}

void ok_bbo(struct text *out, const struct sim_market *m, const struct sim_inst *in, int64_t seq)
{
    const struct sim_book *b = &in->book;
    arg_open(out, "bbo-tbt", in);
    text_str(out, "{\"asks\":[");
    ok_book_level(out, in, b->best_ask, sim_book_get(b, b->best_ask));
    text_str(out, "],\"bids\":[");
    ok_book_level(out, in, b->best_bid, sim_book_get(b, b->best_bid));
    text_char(out, ']');
    ts(out, enc_now_ms(m));
    text_fmt(out, ",\"seqId\":%lld}]}", (long long)seq);
}

void ok_trade(struct text *out, const struct sim_market *m, const struct sim_trade *t)
{
    const struct sim_inst *in = &m->insts[t->inst];
    arg_open(out, "trades", in);
    text_fmt(out, "{\"instId\":\"%s\",\"tradeId\":\"%lld\"", in->symbol, (long long)t->last_id);
    px(out, "px", in, t->px);
    units(out, "sz", t->lots, in->grid.qty_dec);
    text_kv_str(out, "side", t->taker_buys ? "buy" : "sell");
    ts(out, enc_now_ms(m) - 50);
    text_fmt(out, ",\"count\":\"%lld\",\"source\":\"0\",\"seqId\":%lld}]}",
             (long long)(t->last_id - t->first_id + 1), (long long)t->agg_id);
}

/* --- liquidations, funds ---------------------------------------------------------------------- */

void ok_type_open(struct text *out, const char *channel)
{
    text_fmt(out, "{\"arg\":{\"channel\":\"%s\",\"instType\":\"SWAP\"},\"data\":[", channel);
}

void ok_liq_open(struct text *out)
{
    comma(out);
    text_str(out, "{\"details\":[");
}

/* Liquidation Orders: side is the order's; posSide is net unless the account hedges. */
void ok_liq_detail(struct text *out, const struct sim_inst *in, const struct sim_liq *l,
                   int64_t t_us)
{
    bool is_long = l->closed == SIM_LONG, hedges = t_us / 100000 % 3 == 0;
    double p = round(l->bankruptcy_px / in->grid.tick) * in->grid.tick;
    comma(out);
    text_str(out, "{\"bkLoss\":\"0\"");
    px(out, "bkPx", in, p);
    text_fmt(out, ",\"ccy\":\"\",\"posSide\":\"%s\",\"side\":\"%s\"",
             !hedges   ? "net"
             : is_long ? "long"
                       : "short",
             is_long ? "sell" : "buy");
    units(out, "sz", llround(l->qty / in->lot), in->grid.qty_dec);
    ts(out, t_us / 1000);
    text_char(out, '}');
}

void ok_liq_close(struct text *out, const struct sim_inst *in)
{
    text_str(out, "],\"instFamily\":\"");
    ok_family(out, in);
    text_fmt(out, "\",\"instId\":\"%s\",\"instType\":\"SWAP\",\"uly\":\"", in->symbol);
    ok_family(out, in);
    text_str(out, "\"}");
}

const char *ok_adl_state(const struct sim_inst *in)
{
    double down = 1 - in->pool_usd / in->pool_peak_usd;
    return down >= .3 ? "adl" : down >= .2 ? "warning" : NULL;
}

/* ADL Warning: since June 2026 most members are "". */
void ok_adl_row(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    comma(out);
    text_str(out, "{\"instType\":\"SWAP\",\"instFamily\":\"");
    ok_family(out, in);
    text_fmt(out, "\",\"state\":\"%s\",\"bal\":\"%.4f\"", ok_adl_state(in),
             fmax(0, in->pool_usd / (in->inverse ? in->mark_px : 1)));
    text_str(out,
             ",\"ccy\":\"\",\"maxBal\":\"\",\"maxBalTs\":\"\",\"adlType\":\"\",\"adlBal\":\"\","
             "\"adlRecBal\":\"\"");
    ts(out, enc_now_ms(m));
    text_str(out, ",\"decRate\":\"\",\"adlRate\":\"\",\"adlRecRate\":\"\"}");
}
