/* Binance USD-M frames, after the exchange's own samples (developers.binance.com, derivatives,
 * USD-M websocket market streams): prices and sizes are strings, times are integers in ms. */
#include "sim/enc.h"

#include <math.h>

static int64_t now_ms(const struct sim_market *m)
{
    return sim_market_now_us(m) / 1000;
}

static void px8(struct text *out, const char *key, double x)
{
    text_key(out, key);
    text_char(out, '"');
    enc_fixed(out, x, 8, false);
    text_char(out, '"');
}

/* A price of the instrument's own precision. */
static void px(struct text *out, const char *key, const struct sim_inst *in, double x)
{
    text_key(out, key);
    text_char(out, '"');
    enc_fixed(out, x, in->grid.px_dec, false);
    text_char(out, '"');
}

static void qty(struct text *out, const char *key, const struct sim_inst *in, double base)
{
    text_key(out, key);
    text_char(out, '"');
    enc_fixed(out, base, in->grid.qty_dec, false);
    text_char(out, '"');
}

static int64_t next_funding_ms(const struct sim_market *m, const struct sim_inst *in)
{
    int64_t h = (int64_t)sim_funding_hours(in) * 3600000;
    return (now_ms(m) / h + 1) * h;
}

/* Mark Price Stream: `r` is the running estimate for the period that ends at `T`. */
void bn_mark(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    double index = sim_index_px(m, in);
    text_str(out, "{\"e\":\"markPriceUpdate\"");
    text_kv_i64(out, "E", now_ms(m));
    text_kv_str(out, "s", in->symbol);
    px8(out, "p", in->mark_px);
    px8(out, "ap", .5 * (in->mark_px + index));
    px8(out, "P", index);
    px8(out, "i", index);
    px8(out, "r", sim_funding_rate(in));
    text_kv_i64(out, "T", next_funding_ms(m, in));
    text_str(out, ",\"st\":1}");
}

/* TradFi symbols are pushed in an array of their own, so a second may bring several messages. */
void bn_mark_array(struct text *out, const struct sim_market *m, enum sim_kind kind)
{
    text_char(out, '[');
    for (int i = 0, n = 0; i < m->n_insts; i++)
        if (m->insts[i].venue == SIM_BINANCE && m->insts[i].a->kind == kind) {
            if (n++)
                text_char(out, ',');
            bn_mark(out, m, &m->insts[i]);
        }
    text_char(out, ']');
}

static void force_head(struct text *out, int64_t e_ms, const char *symbol, bool sell)
{
    text_str(out, "{\"e\":\"forceOrder\"");
    text_kv_i64(out, "E", e_ms);
    text_str(out, ",\"o\":{");
    text_kv_str(out, "s", symbol);
    text_str(out, sell ? ",\"S\":\"SELL\"" : ",\"S\":\"BUY\"");
    text_str(out, ",\"o\":\"LIMIT\",\"f\":\"IOC\"");
}

/* Liquidation Order Streams: the order's own side, its limit `p`, average fill `ap`, filled `z`. */
void bn_force(struct text *out, const struct sim_market *m, const struct sim_liq *l, int64_t t_us)
{
    const struct sim_inst *in = &m->insts[l->inst];
    bool full = l->qty >= l->order_qty - in->lot / 2;
    force_head(out, now_ms(m), in->symbol, l->closed == SIM_LONG);
    qty(out, "q", in, l->order_qty);
    px(out, "p", in, round(l->limit_px / in->grid.tick) * in->grid.tick);
    px(out, "ap", in, l->px);
    text_kv_str(out, "X", full ? "FILLED" : "PARTIALLY_FILLED");
    qty(out, "l", in, l->qty);
    qty(out, "z", in, l->qty);
    text_kv_i64(out, "T", t_us / 1000);
    text_str(out, "},");
    text_str(out, "\"ps\":\"");
    text_str(out, in->symbol);
    text_str(out, "\",\"st\":1}");
}

/* COIN-M symbols share the stream since 2026-06: `st` 2, sizes in contracts of 100 USD. */
void bn_force_coin(struct text *out, const struct sim_market *m, bool long_closed, int contracts)
{
    double p = m->assets[0].index_px, worse = long_closed ? .996 : 1.004;
    force_head(out, now_ms(m), "BTCUSD_PERP", long_closed);
    text_fmt(out, ",\"ps\":\"BTCUSD\",\"q\":\"%d\",\"p\":\"%.1f\",\"ap\":\"%.1f\",\"X\":\"FILLED\"",
             contracts, p * worse, p);
    text_fmt(out, ",\"l\":\"%d\",\"z\":\"%d\",\"T\":%lld},\"st\":2}", contracts, contracts,
             (long long)now_ms(m) - 5);
}

static void level(struct text *out, const struct sim_inst *in, int64_t slot, int64_t lots)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
    text_str(out, "[\"");
    enc_slot_px(out, in, slot, false);
    text_str(out, "\",\"");
    enc_lots(out, in, lots, false);
    text_str(out, "\"]");
}

static void stamped(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_kv_i64(out, "E", now_ms(m));
    text_kv_i64(out, "T", now_ms(m) - 4);
    text_kv_str(out, "s", in->symbol);
    text_kv_str(out, "ps", in->symbol);
    text_str(out, ",\"st\":1");
}

static void ids(struct text *out, const struct sim_inst *in)
{
    text_kv_i64(out, "U", in->book.prev_id + 1);
    text_kv_i64(out, "u", in->book.update_id);
    text_kv_i64(out, "pu", in->book.prev_id);
}

/* Diff. Book Depth Streams: absolute quantities, 0 removes. */
void bn_depth(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"e\":\"depthUpdate\"");
    stamped(out, m, in);
    ids(out, in);
    for (int side = SIM_BID; side <= SIM_ASK; side++) {
        text_str(out, side == SIM_BID ? ",\"b\":[" : ",\"a\":[");
        for (uint32_t i = 0; i < in->book.n_dirty; i++) {
            int64_t slot = in->book.dirty[i] >> 1;
            if ((in->book.dirty[i] & 1) == side)
                level(out, in, slot, sim_book_level(&in->book, (enum sim_book_side)side, slot));
        }
        text_char(out, ']');
    }
    text_char(out, '}');
}

static void top(struct text *out, const struct sim_inst *in, enum sim_book_side side, int limit)
{
    int64_t s = side == SIM_BID ? in->book.best_bid : in->book.best_ask;
    text_char(out, '[');
    for (int i = 0; i < limit && sim_book_next(&in->book, side, &s); i++) {
        level(out, in, s, sim_book_get(&in->book, s));
        s += side == SIM_BID ? -1 : 1;
    }
    text_char(out, ']');
}

void bn_depth20(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"e\":\"depthUpdate\"");
    stamped(out, m, in);
    ids(out, in);
    text_str(out, ",\"b\":");
    top(out, in, SIM_BID, 20);
    text_str(out, ",\"a\":");
    top(out, in, SIM_ASK, 20);
    text_char(out, '}');
}

static void quote(struct text *out, const struct sim_inst *in, enum sim_book_side side)
{
    int64_t s = side == SIM_BID ? in->book.best_bid : in->book.best_ask;
    text_str(out, side == SIM_BID ? ",\"b\":\"" : ",\"a\":\"");
    enc_slot_px(out, in, s, false);
    text_str(out, side == SIM_BID ? "\",\"B\":\"" : "\",\"A\":\"");
    enc_lots(out, in, sim_book_get(&in->book, s), false);
    text_char(out, '"');
}

void bn_ticker(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"e\":\"bookTicker\"");
    text_kv_i64(out, "u", in->book.update_id);
    text_kv_i64(out, "E", now_ms(m));
    text_kv_i64(out, "T", now_ms(m) - 4);
    text_kv_str(out, "s", in->symbol);
    text_kv_str(out, "ps", in->symbol);
    quote(out, in, SIM_BID);
    quote(out, in, SIM_ASK);
    text_str(out, ",\"st\":1}");
}

/* Aggregate Trade Streams: `m` true = the buyer is the maker = the taker sold. */
void bn_agg(struct text *out, const struct sim_market *m, const struct sim_trade *t)
{
    const struct sim_inst *in = &m->insts[t->inst];
    text_str(out, "{\"e\":\"aggTrade\"");
    text_kv_i64(out, "E", now_ms(m));
    text_kv_i64(out, "a", t->agg_id);
    text_kv_str(out, "s", in->symbol);
    px(out, "p", in, t->px);
    qty(out, "q", in, (double)t->lots * in->lot);
    qty(out, "nq", in, (double)t->lots * in->lot);
    text_kv_i64(out, "f", t->first_id);
    text_kv_i64(out, "l", t->last_id);
    text_kv_i64(out, "T", now_ms(m) - 50);
    text_kv_bool(out, "m", !t->taker_buys);
    text_str(out, ",\"st\":1}");
}

/* Contract Info Stream: the public source of brackets; here they are numbers, not strings. `cs` is
 * the contract's status. */
void bn_contract(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"e\":\"contractInfo\"");
    text_kv_i64(out, "E", now_ms(m));
    text_kv_str(out, "s", in->symbol);
    text_str(out, ",\"ct\":\"PERPETUAL\",\"dt\":4133404800000,\"ot\":1569398400000,"
                  "\"cs\":");
    text_str(out, in->trading ? "\"TRADING\"" : "\"SETTLING\"");
    text_str(out, ",\"st\":1,\"bks\":[");
    for (int i = 0; i < in->tiers.n; i++) {
        const struct sim_tier *t = &in->tiers.t[i];
        text_str(out, i ? ",{" : "{");
        text_kv_i64(out, "bs", i + 1);
        text_kv_num(out, "bnf", t->floor_usd);
        text_kv_num(out, "bnc", t->cap_usd);
        text_kv_num(out, "mmr", t->mmr);
        text_kv_num(out, "cf", t->cum);
        text_kv_num(out, "mi", i + 1 < in->tiers.n ? in->tiers.t[i + 1].max_leverage + 1 : 1);
        text_kv_num(out, "ma", t->max_leverage);
        text_char(out, '}');
    }
    text_str(out, "]}");
}

/* Multi-Assets Mode Asset Index. */
void bn_asset_index(struct text *out, const struct sim_market *m)
{
    const struct {
        const char *s;
        double px, haircut;
    } rows[] = {{"USDTUSD", 1.00021, .0001},
                {"USDCUSD", .99990, .0001},
                {"BTCUSD", m->assets[0].index_px, .05},
                {"ETHUSD", m->assets[1].index_px, .05}};
    text_char(out, '[');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double p = rows[i].px, h = rows[i].haircut;
        text_str(out, i ? ",{\"e\":\"assetIndexUpdate\"" : "{\"e\":\"assetIndexUpdate\"");
        text_kv_i64(out, "E", now_ms(m));
        text_kv_str(out, "s", rows[i].s);
        px8(out, "i", p);
        px8(out, "b", h);
        px8(out, "a", h);
        px8(out, "B", p * (1 - h));
        px8(out, "A", p * (1 + h));
        px8(out, "q", 2 * h);
        px8(out, "g", 2 * h);
        px8(out, "Q", p * (1 - 2 * h));
        px8(out, "G", p * (1 + 2 * h));
        text_char(out, '}');
    }
    text_char(out, ']');
}
