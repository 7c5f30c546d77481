/* Bybit v5 frames, after the exchange's own samples. In: the market, what was told before. Out:
 * texts. All prices and sizes are strings with a fixed number of decimals; ts, cs, cts, u, seq are
 * integers. Surprising: openInterest counts both sides, singleOpenInterest one, rounded up. */
#include "sim/enc_bybit.h"

#include <math.h>
#include <string.h>

enum { DEC_PX = -1, DEC_QTY = -2, DEC_WORD = -3 };

static const struct {
    const char *key;
    int dec;
} fields[BY_FIELDS] = {
    [BF_TICK] = {"tickDirection", DEC_WORD},
    [BF_PCNT] = {"price24hPcnt", 6},
    [BF_LAST] = {"lastPrice", DEC_PX},
    [BF_PREV24] = {"prevPrice24h", DEC_PX},
    [BF_HIGH] = {"highPrice24h", DEC_PX},
    [BF_LOW] = {"lowPrice24h", DEC_PX},
    [BF_PREV1] = {"prevPrice1h", DEC_PX},
    [BF_MARK] = {"markPrice", DEC_PX},
    [BF_INDEX] = {"indexPrice", DEC_PX},
    [BF_OI] = {"openInterest", DEC_QTY},
    [BF_OI_VALUE] = {"openInterestValue", 4},
    [BF_SINGLE] = {"singleOpenInterest", DEC_QTY},
    [BF_SINGLE_VALUE] = {"singleOpenInterestValue", 4},
    [BF_TURNOVER] = {"turnover24h", 4},
    [BF_VOLUME] = {"volume24h", 4},
    [BF_NEXT] = {"nextFundingTime", 0},
    [BF_RATE] = {"fundingRate", 8},
    [BF_BID] = {"bid1Price", DEC_PX},
    [BF_BID_SIZE] = {"bid1Size", DEC_QTY},
    [BF_ASK] = {"ask1Price", DEC_PX},
    [BF_ASK_SIZE] = {"ask1Size", DEC_QTY},
};

static const char *const ticks[] = {"PlusTick", "ZeroPlusTick", "MinusTick", "ZeroMinusTick"};

enum by_coin by_coin_of(const struct sim_inst *in)
{
    return in->inverse ? BY_INVERSE : in->seat == SEAT_BYBIT_USDC ? BY_USDC : BY_USDT;
}

/* Majors share one pool a coin; the others have one of their own. */
bool by_pool_is_shared(const struct sim_inst *in)
{
    return in->a->cls < 2;
}

/* --- tickers --------------------------------------------------------------------------------- */

static int decimals(const struct sim_inst *in, enum by_field f)
{
    int d = fields[f].dec;
    return d == DEC_PX ? in->grid.px_dec : d == DEC_QTY ? in->grid.qty_dec : d;
}

static void put(struct by_ticker *t, const struct sim_inst *in, enum by_field f, double x)
{
    t->v[f] = enc_to_units(x, decimals(in, f));
}

/* Values are in USD on linear contracts, in the coin on inverse ones. */
static void read_interest(struct by_ticker *t, const struct sim_inst *in)
{
    double px = in->mark_px;
    t->v[BF_OI] = llround(2 * in->pop.q[SIM_LONG] / in->lot);
    t->v[BF_SINGLE] = (t->v[BF_OI] + 1) / 2;
    for (int i = 0; i < 2; i++) {
        double usd = sim_usd(in, (double)t->v[i ? BF_SINGLE : BF_OI] * in->lot, px);
        put(t, in, i ? BF_SINGLE_VALUE : BF_OI_VALUE, in->inverse ? usd / px : usd);
    }
    put(t, in, BF_TURNOVER, in->inverse ? in->volume_base : in->volume_usd);
    put(t, in, BF_VOLUME, in->inverse ? in->volume_usd : in->volume_base);
}

static void read_top(struct by_ticker *t, const struct sim_inst *in)
{
    const struct sim_book *b = &in->book;
    t->v[BF_BID] = sim_slot_units(in, b->best_bid);
    t->v[BF_ASK] = sim_slot_units(in, b->best_ask);
    t->v[BF_BID_SIZE] = sim_book_get(b, b->best_bid);
    t->v[BF_ASK_SIZE] = sim_book_get(b, b->best_ask);
}

void by_ticker_read(struct by_ticker *t, const struct sim_market *m, const struct sim_inst *in,
                    const struct by_ticker *last)
{
    put(t, in, BF_PCNT, in->last_px / in->open_px - 1);
    put(t, in, BF_LAST, in->last_px);
    put(t, in, BF_PREV24, in->open_px);
    put(t, in, BF_HIGH, fmax(in->open_px, in->a->px * in->unit) * 1.01);
    put(t, in, BF_LOW, fmin(in->open_px, in->a->px * in->unit) * .9);
    put(t, in, BF_PREV1, in->a->px * in->unit);
    put(t, in, BF_MARK, in->mark_px);
    put(t, in, BF_INDEX, m->assets[in->asset].index_px * in->unit);
    put(t, in, BF_RATE, sim_funding_rate(in));
    t->v[BF_NEXT] = enc_next_funding_ms(m, in);
    read_interest(t, in);
    read_top(t, in);
    int64_t was = last ? last->v[BF_LAST] : t->v[BF_LAST], dir = last ? last->v[BF_TICK] : 1;
    t->v[BF_TICK] = t->v[BF_LAST] > was ? 0 : t->v[BF_LAST] < was ? 2 : dir | 1;
}

static void field(struct text *out, const struct sim_inst *in, enum by_field f, int64_t v)
{
    text_key(out, fields[f].key);
    text_char(out, '"');
    if (f == BF_TICK)
        text_str(out, ticks[v]);
    else
        enc_units(out, v, decimals(in, f), false);
    text_char(out, '"');
}

/* "cross sequence": one counter for all symbols of a category, so it only rises. */
static int64_t cross_seq(const struct sim_market *m, const struct sim_inst *in)
{
    return 471230985511 + m->step * 4096 + (in - m->insts);
}

static void fixed_fields(struct text *out, const struct sim_inst *in)
{
    text_fmt(out,
             ",\"fundingIntervalHour\":\"%d\",\"fundingCap\":\"0.005\",\"preOpenPrice\":\"\","
             "\"preQty\":\"\",\"curPreListingPhase\":\"\"",
             sim_funding_hours(in));
}

void by_ticker_object(struct text *out, const struct sim_inst *in, const struct by_ticker *now,
                      const struct by_ticker *last)
{
    text_fmt(out, "{\"symbol\":\"%s\"", in->symbol);
    for (int f = 0; f < BY_FIELDS; f++)
        if (!last || now->v[f] != last->v[f])
            field(out, in, (enum by_field)f, now->v[f]);
    if (!last)
        fixed_fields(out, in);
    text_char(out, '}');
}

/* Ticker: snapshot, then deltas of what changed; a missing member is unchanged. */
bool by_tickers(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                const struct by_ticker *now, const struct by_ticker *last)
{
    if (last && memcmp(now, last, sizeof *now) == 0)
        return false;
    text_fmt(out, "{\"topic\":\"tickers.%s\",\"type\":\"%s\",\"data\":", in->symbol,
             last ? "delta" : "snapshot");
    by_ticker_object(out, in, now, last);
    text_fmt(out, ",\"cs\":%lld,\"ts\":%lld}", (long long)cross_seq(m, in),
             (long long)enc_now_ms(m));
    return true;
}

/* --- books ----------------------------------------------------------------------------------- */

void by_book_open(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  int depth, bool snapshot)
{
    text_fmt(
        out, "{\"topic\":\"orderbook.%d.%s\",\"type\":\"%s\",\"ts\":%lld,\"data\":{\"s\":\"%s\"",
        depth, in->symbol, snapshot ? "snapshot" : "delta", (long long)enc_now_ms(m), in->symbol);
}

/* Size "0" removes a level. */
void by_book_level(struct text *out, const struct sim_inst *in, int64_t slot, int64_t lots)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
    text_str(out, "[\"");
    enc_slot_px(out, in, slot, false);
    text_str(out, "\",\"");
    if (lots)
        enc_lots(out, in, lots, false);
    else
        text_char(out, '0');
    text_str(out, "\"]");
}

void by_book_side(struct text *out, const struct sim_inst *in, const struct sim_view *v,
                  enum sim_book_side side)
{
    text_str(out, side == SIM_BID ? ",\"b\":[" : ",\"a\":[");
    for (int i = 0; i < v->n[side]; i++)
        by_book_level(out, in, v->side[side][i].slot, v->side[side][i].lots);
    text_char(out, ']');
}

void by_book_close(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   const struct sim_view *v)
{
    text_fmt(out, ",\"u\":%lld,\"seq\":%lld},\"cts\":%lld}", (long long)v->seq,
             (long long)cross_seq(m, in), (long long)enc_now_ms(m) - 3);
}

/* --- lists ----------------------------------------------------------------------------------- */

void by_topic_open(struct text *out, const struct sim_market *m, const char *name, const char *rest)
{
    text_fmt(out, "{\"topic\":\"%s%s\",\"type\":\"snapshot\",\"ts\":%lld,\"data\":[", name, rest,
             (long long)enc_now_ms(m));
}

void by_close(struct text *out)
{
    text_str(out, "]}");
}

static void comma(struct text *out)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
}

static void print(struct text *out, const struct sim_inst *in, int64_t lots, double px)
{
    text_str(out, ",\"v\":\"");
    enc_lots(out, in, lots, false);
    text_str(out, "\",\"p\":\"");
    enc_fixed(out, round(px / in->grid.tick) * in->grid.tick, in->grid.px_dec, false);
    text_char(out, '"');
}

static void trade(struct text *out, const struct sim_market *m, const struct sim_trade *t,
                  bool block)
{
    const struct sim_inst *in = &m->insts[t->inst];
    uint64_t id = (uint64_t)t->agg_id * 0x9e3779b97f4a7c15u + (uint64_t)t->inst;
    comma(out);
    text_fmt(out, "{\"T\":%lld,\"s\":\"%s\",\"S\":\"%s\"", (long long)enc_now_ms(m) - 50,
             in->symbol, t->taker_buys ? "Buy" : "Sell");
    print(out, in, t->lots, t->px);
    text_fmt(out,
             ",\"L\":\"%s\",\"i\":\"%08x-%04x-5%03x-a%03x-%012llx\",\"BT\":%s,\"RPI\":false,"
             "\"seq\":%lld}",
             ticks[t->taker_buys ? 1 : 3], (unsigned)(id >> 32), (unsigned)(id >> 16) & 0xffff,
             (unsigned)(id >> 4) & 0xfff, (unsigned)id & 0xfff,
             (unsigned long long)t->agg_id & 0xffffffffffffu, block ? "true" : "false",
             (long long)cross_seq(m, in));
}

void by_trade(struct text *out, const struct sim_market *m, const struct sim_trade *t)
{
    trade(out, m, t, false);
}

void by_block_trade(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    struct sim_trade t = {.inst = (int16_t)(in - m->insts),
                          .taker_buys = true,
                          .lots = (int64_t)(5e6 / sim_usd(in, in->lot, in->mark_px)),
                          .px = in->mark_px,
                          .agg_id = in->agg_id + 500000000};
    trade(out, m, &t, true);
}

/* All Liquidation: S is the side of the position, p its bankruptcy price. */
void by_liq(struct text *out, const struct sim_inst *in, const struct sim_liq *l, int64_t t_us)
{
    int64_t lots = llround(l->qty / in->lot);
    comma(out);
    text_fmt(out, "{\"T\":%lld,\"s\":\"%s\",\"S\":\"%s\"", (long long)(t_us / 1000), in->symbol,
             l->closed == SIM_LONG ? "Buy" : "Sell");
    print(out, in, lots > 0 ? lots : 1, l->bankruptcy_px);
    text_char(out, '}');
}

static double pool_usd(const struct sim_market *m, const struct sim_inst *in)
{
    return by_pool_is_shared(in) ? m->fund_usd[SIM_BYBIT] : in->pool_usd;
}

double by_pool_pnl(const struct sim_inst *in)
{
    return by_pool_is_shared(in) && !in->pool_hit ? 0 : in->pool_usd / in->pool_peak_usd - 1;
}

static const char *coin_name(const struct sim_inst *in)
{
    static const char *const names[] = {"USDT", "USDC"};
    return in->inverse ? in->a->name : names[by_coin_of(in)];
}

/* ADL Alert: the sample prints numbers, not strings; mb is deprecated. */
void by_adl_row(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    double balance = pool_usd(m, in) / (in->inverse ? in->mark_px : 1);
    double pr = by_pool_pnl(in);
    comma(out);
    text_fmt(out, "{\"c\":\"%s\",\"s\":\"%s\"", coin_name(in), in->symbol);
    text_fmt(out,
             ",\"b\":%.8f,\"mb\":\"\",\"i_pr\":-0.3,\"pr\":%.5f,\"adl_tt\":10000,\"adl_sr\":-0.25}",
             balance, pr);
}

/* Insurance Pool: those of single contracts only. */
void by_pool_row(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    comma(out);
    text_fmt(out,
             "{\"coin\":\"%s\",\"symbols\":\"%s\",\"balance\":\"%.8f\",\"updateTime\":\"%lld\"}",
             coin_name(in), in->symbol, in->pool_usd / (in->inverse ? in->mark_px : 1),
             (long long)enc_now_ms(m));
}
