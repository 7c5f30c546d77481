/* Binance USD-M REST bodies, after the exchange's documentation (market data endpoints). Symbols
 * that are not trading stay in exchangeInfo with their status, as on the exchange. */
#include "sim/enc.h"

#include <math.h>

static int64_t now_ms(const struct sim_market *m)
{
    return sim_market_now_us(m) / 1000;
}

static bool on_binance(const struct sim_market *m, int i)
{
    return m->insts[i].venue == SIM_BINANCE;
}

static void comma(struct text *out, int *n)
{
    if ((*n)++)
        text_char(out, ',');
}

static void str_fixed(struct text *out, const char *key, double x, int dec)
{
    text_key(out, key);
    text_char(out, '"');
    enc_fixed(out, x, dec, false);
    text_char(out, '"');
}

static void symbol_info(struct text *out, const struct sim_inst *in)
{
    bool tradfi = in->a->kind == SIM_TRADFI;
    text_char(out, '{');
    text_kv_str(out, "symbol", in->symbol);
    text_kv_str(out, "pair", in->symbol);
    text_kv_str(out, "contractType", tradfi ? "TRADIFI_PERPETUAL" : "PERPETUAL");
    text_kv_i64(out, "deliveryDate", in->trading ? 4133404800000 : 1795312800000);
    text_kv_i64(out, "onboardDate", 1569398400000);
    text_kv_str(out, "status", in->trading ? "TRADING" : "SETTLING");
    text_str(out, ",\"maintMarginPercent\":\"2.5000\",\"requiredMarginPercent\":\"5.0000\"");
    text_kv_str(out, "baseAsset", in->a->binance);
    text_str(out, ",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\"");
    text_kv_i64(out, "pricePrecision", in->grid.px_dec);
    text_kv_i64(out, "quantityPrecision", in->grid.qty_dec);
    text_str(out, ",\"baseAssetPrecision\":8,\"quotePrecision\":8");
    text_kv_str(out, "underlyingType", tradfi ? "EQUITY" : "COIN");
    text_str(out, ",\"underlyingSubType\":[],\"triggerProtect\":\"0.0500\",\"liquidationFee\":"
                  "\"0.012500\",\"marketTakeBound\":\"0.05\",\"filters\":[{\"filterType\":"
                  "\"PRICE_FILTER\"");
    str_fixed(out, "minPrice", in->grid.tick, in->grid.px_dec);
    text_str(out, ",\"maxPrice\":\"4529764\"");
    str_fixed(out, "tickSize", in->grid.tick, in->grid.px_dec);
    text_str(out, "},{\"filterType\":\"LOT_SIZE\"");
    str_fixed(out, "stepSize", in->lot, in->grid.qty_dec);
    text_str(out, ",\"maxQty\":\"100000000\"");
    str_fixed(out, "minQty", in->lot, in->grid.qty_dec);
    text_str(out,
             "},{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"5\"}],\"orderTypes\":[\"LIMIT\","
             "\"MARKET\"],\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\",\"GTD\"]}");
}

void bn_rest_exchange_info(struct text *out, const struct sim_market *m)
{
    int n = 0;
    text_str(out, "{\"timezone\":\"UTC\"");
    text_kv_i64(out, "serverTime", now_ms(m));
    text_str(out, ",\"futuresType\":\"U_MARGINED\",\"rateLimits\":[{\"rateLimitType\":"
                  "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":2400}],"
                  "\"exchangeFilters\":[],\"assets\":[{\"asset\":\"USDT\",\"marginAvailable\":true,"
                  "\"autoAssetExchange\":\"-10000\"}],\"symbols\":[");
    for (int i = 0; i < m->n_insts; i++)
        if (on_binance(m, i)) {
            comma(out, &n);
            symbol_info(out, &m->insts[i]);
        }
    text_str(out, "]}");
}

/* Only symbols whose interval, cap or floor was adjusted; an absent symbol settles every 8 h. */
void bn_rest_funding_info(struct text *out, const struct sim_market *m)
{
    int n = 0;
    text_char(out, '[');
    for (int i = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (!on_binance(m, i) || !in->trading || sim_funding_hours(in) == 8)
            continue;
        comma(out, &n);
        text_char(out, '{');
        text_kv_str(out, "symbol", in->symbol);
        text_str(out, ",\"adjustedFundingRateCap\":\"0.02000000\",\"adjustedFundingRateFloor\":"
                      "\"-0.02000000\"");
        text_kv_i64(out, "fundingIntervalHours", sim_funding_hours(in));
        text_str(out, ",\"disclaimer\":false}");
    }
    text_char(out, ']');
}

static void ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    int d = in->grid.px_dec;
    text_char(out, '{');
    text_kv_str(out, "symbol", in->symbol);
    str_fixed(out, "priceChange", in->last_px - in->open_px, d);
    str_fixed(out, "priceChangePercent", (in->last_px / in->open_px - 1) * 100, 3);
    str_fixed(out, "weightedAvgPrice", in->volume_usd / in->volume_base, d);
    str_fixed(out, "lastPrice", in->last_px, d);
    str_fixed(out, "lastQty", in->lot, in->grid.qty_dec);
    str_fixed(out, "openPrice", in->open_px, d);
    str_fixed(out, "highPrice", fmax(in->open_px, in->last_px) * 1.01, d);
    str_fixed(out, "lowPrice", fmin(in->open_px, in->last_px) * .99, d);
    str_fixed(out, "volume", in->volume_base, in->grid.qty_dec);
    str_fixed(out, "quoteVolume", in->volume_usd, 2);
    text_kv_i64(out, "openTime", now_ms(m) - 86400000);
    text_kv_i64(out, "closeTime", now_ms(m));
    text_kv_i64(out, "firstId", in->trade_id - 1000000);
    text_kv_i64(out, "lastId", in->trade_id);
    text_str(out, ",\"count\":1000001}");
}

void bn_rest_ticker_24h(struct text *out, const struct sim_market *m)
{
    int n = 0;
    text_char(out, '[');
    for (int i = 0; i < m->n_insts; i++)
        if (on_binance(m, i) && m->insts[i].trading) {
            comma(out, &n);
            ticker(out, m, &m->insts[i]);
        }
    text_char(out, ']');
}

static void premium(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    int64_t h = (int64_t)sim_funding_hours(in) * 3600000;
    text_char(out, '{');
    text_kv_str(out, "symbol", in->symbol);
    str_fixed(out, "markPrice", in->mark_px, 8);
    str_fixed(out, "indexPrice", sim_index_px(m, in), 8);
    str_fixed(out, "estimatedSettlePrice", sim_index_px(m, in), 8);
    str_fixed(out, "lastFundingRate", sim_funding_rate(in), 8);
    text_str(out, ",\"interestRate\":\"0.00010000\"");
    text_kv_i64(out, "nextFundingTime", (now_ms(m) / h + 1) * h);
    text_kv_i64(out, "time", now_ms(m));
    text_char(out, '}');
}

void bn_rest_premium(struct text *out, const struct sim_market *m, int inst)
{
    int n = 0;
    if (inst >= 0) {
        premium(out, m, &m->insts[inst]);
        return;
    }
    text_char(out, '[');
    for (int i = 0; i < m->n_insts; i++)
        if (on_binance(m, i) && m->insts[i].trading) {
            comma(out, &n);
            premium(out, m, &m->insts[i]);
        }
    text_char(out, ']');
}

/* Accounts net long against net short. The market here has quantities, no accounts; its crowd of
 * small ones leans long. */
void bn_rest_account_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "[{");
    text_str(out, "\"longAccount\":\"0.5600\",\"shortAccount\":\"0.4400\"");
    text_kv_str(out, "longShortRatio", "1.2727");
    text_kv_str(out, "symbol", in->symbol);
    text_kv_i64(out, "timestamp", now_ms(m) / 300000 * 300000);
    text_str(out, "}]");
}

/* Base asset quantity, one-sided. */
void bn_rest_open_interest(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_char(out, '{');
    str_fixed(out, "openInterest", in->pop.q[SIM_LONG], in->grid.qty_dec);
    text_kv_str(out, "symbol", in->symbol);
    text_kv_i64(out, "time", now_ms(m) - 300);
    text_char(out, '}');
}

static void side(struct text *out, const struct sim_inst *in, enum sim_book_side which, int limit)
{
    int64_t s = which == SIM_BID ? in->book.best_bid : in->book.best_ask;
    for (int i = 0; i < limit && sim_book_next(&in->book, which, &s); i++) {
        text_str(out, i ? ",[\"" : "[\"");
        enc_slot_px(out, in, s, false);
        text_str(out, "\",\"");
        enc_lots(out, in, sim_book_get(&in->book, s), false);
        text_str(out, "\"]");
        s += which == SIM_BID ? -1 : 1;
    }
}

/* lastUpdateId is the `u` of the last delta sent, so that delta is the one that bridges. */
void bn_rest_depth(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   int limit)
{
    text_char(out, '{');
    text_kv_i64(out, "lastUpdateId", in->book.update_id);
    text_kv_i64(out, "E", now_ms(m));
    text_kv_i64(out, "T", now_ms(m) - 4);
    text_str(out, ",\"bids\":[");
    side(out, in, SIM_BID, limit);
    text_str(out, "],\"asks\":[");
    side(out, in, SIM_ASK, limit);
    text_str(out, "]}");
}

void bn_rest_insurance(struct text *out, const struct sim_market *m)
{
    int n = 0;
    text_str(out, "[{\"symbols\":[");
    for (int i = 0; i < m->n_insts; i++)
        if (on_binance(m, i) && m->insts[i].trading) {
            comma(out, &n);
            text_json(out, slice_of(m->insts[i].symbol));
        }
    text_str(out, "],\"assets\":[{\"asset\":\"USDT\"");
    str_fixed(out, "marginBalance", m->fund_usd[SIM_BINANCE], 8);
    text_kv_i64(out, "updateTime", now_ms(m));
    text_str(out, "}]}]");
}
