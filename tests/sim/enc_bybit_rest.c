/* Bybit v5 REST: the `result` of market bodies. In: the market, a page. Out: texts; the index of
 * the instrument a next page begins with, which the server makes its cursor. Surprising: the rows
 * of risk-limit come unsorted, and their rates are percent on inverse contracts, fractions on
 * linear ones, as seen on the exchange. */
#include <math.h>

#include "sim/enc_bybit.h"

static bool of_page(const struct sim_market *m, const struct by_page *p, int i)
{
    const struct sim_inst *in = &m->insts[i];
    return in->venue == SIM_BYBIT && in->trading && in->inverse == p->inverse &&
           (p->inst < 0 || p->inst == i);
}

static void open_list(struct text *out, const struct by_page *p)
{
    text_fmt(out, "{\"category\":\"%s\",\"list\":[", p->inverse ? "inverse" : "linear");
}

static void comma(struct text *out)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
}

static void quoted(struct text *out, const char *key, double x, int dec)
{
    text_key(out, key);
    text_char(out, '"');
    enc_trim(out, enc_to_units(x, dec), dec);
    text_char(out, '"');
}

static void filters(struct text *out, const struct sim_inst *in)
{
    text_str(out, ",\"leverageFilter\":{\"minLeverage\":\"1\"");
    text_fmt(out, ",\"maxLeverage\":\"%.2f\",\"leverageStep\":\"0.01\"},\"priceFilter\":{",
             in->tiers.t[0].max_leverage);
    text_str(out, "\"maxPrice\":\"1999999.80\"");
    quoted(out, "minPrice", in->grid.tick, in->grid.px_dec);
    quoted(out, "tickSize", in->grid.tick, in->grid.px_dec);
    text_str(out, "},\"lotSizeFilter\":{\"minNotionalValue\":\"5\"");
    quoted(out, "minOrderQty", pow(10, -in->grid.qty_dec), in->grid.qty_dec);
    quoted(out, "qtyStep", pow(10, -in->grid.qty_dec), in->grid.qty_dec);
    text_str(out, "}");
}

/* Get Instruments Info. fundingInterval is in minutes; symbolType "" for what is ordinary. */
static void instrument(struct text *out, const struct sim_inst *in)
{
    enum by_coin coin = by_coin_of(in);
    const char *quote = coin == BY_USDT ? "USDT" : coin == BY_USDC ? "USDC" : "USD";
    const char *code = in->a->binance;
    text_char(out, '{');
    text_kv_str(out, "symbol", in->symbol);
    text_kv_str(out, "contractType", in->inverse ? "InversePerpetual" : "LinearPerpetual");
    text_str(out, ",\"status\":\"Trading\"");
    text_kv_str(out, "baseCoin", code);
    text_kv_str(out, "quoteCoin", quote);
    text_str(out,
             ",\"launchTime\":\"1585526400000\",\"deliveryTime\":\"0\",\"deliveryFeeRate\":\"\"");
    text_fmt(out, ",\"priceScale\":\"%d\"", in->grid.px_dec);
    filters(out, in);
    text_str(out, ",\"unifiedMarginTrade\":true");
    text_kv_i64(out, "fundingInterval", sim_funding_hours(in) * 60);
    text_kv_str(out, "settleCoin", in->inverse ? code : quote);
    text_str(out, ",\"copyTrading\":\"both\",\"upperFundingRate\":\"0.005\",\"lowerFundingRate\":"
                  "\"-0.005\",\"isPreListing\":false,\"preListingInfo\":null");
    text_kv_str(out, "symbolType",
                in->a->kind == SIM_TRADFI ? "stock"
                : in->a->cls == 3         ? "innovation"
                                          : "");
    text_char(out, '}');
}

/* A dated future, in the list like any other, that nobody here trades. */
static void dated(struct text *out)
{
    text_str(out,
             "{\"symbol\":\"BTCUSDT-25DEC26\",\"contractType\":\"LinearFutures\",\"status\":"
             "\"Trading\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"launchTime\":"
             "\"1774598400000\",\"deliveryTime\":\"1798185600000\",\"deliveryFeeRate\":\"0.0005\","
             "\"priceScale\":\"2\",\"leverageFilter\":{\"minLeverage\":\"1\",\"maxLeverage\":"
             "\"50.00\",\"leverageStep\":\"0.01\"},\"priceFilter\":{\"minPrice\":\"0.50\","
             "\"maxPrice\":\"999999.00\",\"tickSize\":\"0.50\"},\"lotSizeFilter\":{"
             "\"minOrderQty\":\"0.001\",\"qtyStep\":\"0.001\",\"minNotionalValue\":\"5\"},"
             "\"unifiedMarginTrade\":true,\"fundingInterval\":0,\"settleCoin\":\"USDT\","
             "\"copyTrading\":\"none\",\"isPreListing\":false,\"symbolType\":\"\"}");
}

int by_rest_instruments(struct text *out, const struct sim_market *m, const struct by_page *p)
{
    int n = 0, i;
    open_list(out, p);
    if (!p->inverse && p->from == 0 && p->inst < 0)
        dated(out);
    for (i = p->from; i < m->n_insts && n < p->limit; i++)
        if (of_page(m, p, i)) {
            comma(out);
            instrument(out, &m->insts[i]);
            n++;
        }
    while (i < m->n_insts && !of_page(m, p, i))
        i++;
    return i < m->n_insts ? i : -1;
}

static void risk_row(struct text *out, const struct sim_inst *in, int i)
{
    const struct sim_tier *t = &in->tiers.t[i];
    double per = in->inverse ? 100 : 1, cap = in->inverse ? t->cap_usd / in->a->px : t->cap_usd;
    comma(out);
    text_fmt(out, "{\"id\":%d,\"symbol\":\"%s\"", i + 1, in->symbol);
    quoted(out, "riskLimitValue", cap, 0);
    quoted(out, "maintenanceMargin", t->mmr * per, 6);
    quoted(out, "initialMargin", 1 / t->max_leverage * per, 6);
    text_fmt(out, ",\"isLowestRisk\":%d,\"maxLeverage\":\"%.2f\"", i == 0, t->max_leverage);
    if (i == 0)
        text_str(out, ",\"mmDeduction\":\"\"}");
    else
        text_fmt(out, ",\"mmDeduction\":\"%.2f\"}", in->inverse ? t->cum / in->a->px : t->cum);
}

/* Get Risk Limit: 15 symbols a page. */
int by_rest_risk_limit(struct text *out, const struct sim_market *m, const struct by_page *p)
{
    int n = 0, i;
    open_list(out, p);
    for (i = p->from; i < m->n_insts && n < p->limit; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (!of_page(m, p, i))
            continue;
        for (int k = 0; k < in->tiers.n; k++) {
            int swapped = k < 2 && in->tiers.n > 1 ? 1 - k : k;
            risk_row(out, in, swapped);
        }
        n++;
    }
    while (i < m->n_insts && !of_page(m, p, i))
        i++;
    return i < m->n_insts ? i : -1;
}

static void ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    struct by_ticker t;
    comma(out);
    by_ticker_read(&t, m, in, NULL);
    by_ticker_object(out, in, &t, NULL);
}

/* Get Tickers: the members of the topic. */
void by_rest_tickers(struct text *out, const struct sim_market *m, const struct by_page *p)
{
    open_list(out, p);
    for (int i = 0; i < m->n_insts; i++)
        if (of_page(m, p, i))
            ticker(out, m, &m->insts[i]);
}

static void pool(struct text *out, const struct sim_market *m, enum by_coin coin)
{
    static const char *const names[] = {"USDT", "USDC", "BTC"};
    double px = coin == BY_INVERSE ? m->assets[0].index_px : 1, usd = m->fund_usd[SIM_BYBIT];
    comma(out);
    text_fmt(out, "{\"coin\":\"%s\",\"symbols\":\"", names[coin]);
    for (int i = 0, n = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (in->venue == SIM_BYBIT && in->trading && by_coin_of(in) == coin &&
            by_pool_is_shared(in))
            text_fmt(out, "%s%s", n++ ? "," : "", in->symbol);
    }
    text_fmt(out, "\",\"balance\":\"%.8f\",\"value\":\"%.8f\"}", usd / px, usd);
}

/* Get Insurance: the shared pools, then those of single contracts. */
void by_rest_insurance(struct text *out, const struct sim_market *m)
{
    text_fmt(out, "{\"updatedTime\":\"%lld\",\"list\":[", (long long)enc_now_ms(m));
    for (int c = 0; c < BY_COINS; c++)
        pool(out, m, (enum by_coin)c);
    for (int i = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (in->venue != SIM_BYBIT || !in->trading || by_pool_is_shared(in))
            continue;
        comma(out);
        text_fmt(out,
                 "{\"coin\":\"USDT\",\"symbols\":\"%s\",\"balance\":\"%.8f\",\"value\":\"%.8f\"}",
                 in->symbol, in->pool_usd, in->pool_usd);
    }
    text_str(out, "]}");
}

/* Get ADL Alert: long names, strings. */
void by_rest_adl(struct text *out, const struct sim_market *m, const struct by_page *p)
{
    text_fmt(out, "{\"updatedTime\":\"%lld\",\"list\":[", (long long)enc_now_ms(m));
    for (int i = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (in->venue != SIM_BYBIT || !in->trading || (p->inst >= 0 && p->inst != i))
            continue;
        comma(out);
        text_fmt(out,
                 "{\"coin\":\"%s\",\"symbol\":\"%s\",\"balance\":\"%.8f\",\"maxBalance\":\"\","
                 "\"insurancePnlRatio\":\"-0.3\",\"pnlRatio\":\"%.5f\",\"adlTriggerThreshold\":"
                 "\"10000\",\"adlStopRatio\":\"-0.25\"}",
                 in->inverse                 ? in->a->name
                 : by_coin_of(in) == BY_USDC ? "USDC"
                                             : "USDT",
                 in->symbol, in->pool_usd / (in->inverse ? in->mark_px : 1), by_pool_pnl(in));
    }
    text_str(out, "]}");
}

/* Get Long Short Ratio: shares of holders, newest first, one row in 5 minutes. */
void by_rest_account_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                           int limit)
{
    int64_t t = enc_now_ms(m) / 300000 * 300000;
    text_str(out, "{\"list\":[");
    for (int i = 0; i < limit; i++) {
        double buy = .55 + .08 * sin((double)(t / 300000 - i) / 40 + in->asset);
        comma(out);
        text_fmt(out,
                 "{\"symbol\":\"%s\",\"buyRatio\":\"%.4f\",\"sellRatio\":\"%.4f\",\"timestamp\":"
                 "\"%lld\"}",
                 in->symbol, buy, 1 - buy, (long long)(t - i * 300000LL));
    }
    text_str(out, "],\"nextPageCursor\":\"\"}");
}

/* Get Open Interest: both sides and one, the value of now in every row. */
void by_rest_open_interest(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                           int limit)
{
    int64_t t = enc_now_ms(m) / 300000 * 300000, both = llround(2 * in->pop.q[SIM_LONG] / in->lot);
    text_fmt(out, "{\"symbol\":\"%s\",\"category\":\"%s\",\"list\":[", in->symbol,
             in->inverse ? "inverse" : "linear");
    for (int i = 0; i < limit; i++) {
        comma(out);
        text_str(out, "{\"openInterest\":\"");
        enc_lots(out, in, both, false);
        text_str(out, "\",\"singleOpenInterest\":\"");
        enc_lots(out, in, (both + 1) / 2, false);
        text_fmt(out, "\",\"timestamp\":\"%lld\"}", (long long)(t - i * 300000LL));
    }
    text_str(out, "],\"nextPageCursor\":\"\"}");
}

static void level(struct text *out, const struct sim_inst *in, const struct sim_view_level *x)
{
    comma(out);
    text_str(out, "[\"");
    enc_trim(out, sim_slot_units(in, x->slot), in->grid.px_dec);
    text_str(out, "\",\"");
    enc_trim(out, x->lots, in->grid.qty_dec);
    text_str(out, "\"]");
}

/* Get Orderbook: u is that of the topic of 1,000 levels. */
void by_rest_book(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  const struct sim_view *v, int limit)
{
    text_fmt(out, "{\"s\":\"%s\"", in->symbol);
    for (int side = SIM_BID; side <= SIM_ASK; side++) {
        text_str(out, side == SIM_BID ? ",\"b\":[" : ",\"a\":[");
        for (int i = 0; i < v->n[side] && i < limit; i++)
            level(out, in, &v->side[side][i]);
        text_char(out, ']');
    }
    text_fmt(out, ",\"ts\":%lld,\"u\":%lld,\"seq\":%lld,\"cts\":%lld}", (long long)enc_now_ms(m),
             (long long)v->seq, (long long)v->seq * 7, (long long)enc_now_ms(m) - 3);
}
