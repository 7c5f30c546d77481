/* OKX v5 REST: rows of the bodies that have no channel of the same shape. In: the market. Out: what
 * stands in "data". Surprising: baseCcy and quoteCcy of a swap are "", its coins are in ctValCcy
 * and settleCcy; tiers are by contracts and have no deduction. */
#include <math.h>

#include "sim/enc_okx.h"

static void comma(struct text *out)
{
    if (out->len && out->buf[out->len - 1] != '[')
        text_char(out, ',');
}

static void num(struct text *out, const char *key, double x, int dec)
{
    text_key(out, key);
    text_char(out, '"');
    enc_trim(out, enc_to_units(x, dec), dec);
    text_char(out, '"');
}

static void family(struct text *out, const char *key, const struct sim_inst *in)
{
    text_key(out, key);
    text_char(out, '"');
    ok_family(out, in);
    text_char(out, '"');
}

void ok_row_instrument(struct text *out, const struct sim_inst *in)
{
    const struct sim_grid *g = &in->grid;
    double lot = pow(10, -g->qty_dec);
    int ct_dec = g->ct_size < 1 ? (int)lround(-log10(g->ct_size)) : 0;
    comma(out);
    text_str(out, "{\"alias\":\"\",\"auctionEndTime\":\"\",\"baseCcy\":\"\",\"category\":\"1\","
                  "\"ctMult\":\"1\"");
    text_kv_str(out, "ctType", in->inverse ? "inverse" : "linear");
    num(out, "ctVal", g->ct_size, ct_dec);
    text_kv_str(out, "ctValCcy", in->inverse ? "USD" : in->a->name);
    text_str(out, ",\"expTime\":\"\",\"futureSettlement\":false");
    family(out, "instFamily", in);
    text_kv_str(out, "instCategory", in->a->kind == SIM_TRADFI ? "4" : "1");
    text_kv_str(out, "instId", in->symbol);
    text_str(out, ",\"instType\":\"SWAP\"");
    text_fmt(out, ",\"lever\":\"%g\",\"listTime\":\"1573557408000\"",
             in->tiers.n ? in->tiers.t[0].max_leverage : 20);
    num(out, "lotSz", lot, g->qty_dec);
    text_str(out, ",\"maxLmtSz\":\"100000000\",\"maxMktSz\":\"12000\",\"maxPlatOILmt\":\"\"");
    num(out, "minSz", lot, g->qty_dec);
    text_str(out, ",\"optType\":\"\",\"posLmtAmt\":\"250000000\",\"posLmtPct\":\"30\","
                  "\"quoteCcy\":\"\",\"ruleType\":\"normal\"");
    text_kv_str(out, "settleCcy", in->inverse ? in->a->name : "USDT");
    text_kv_str(out, "state", in->trading ? "live" : "suspend");
    text_str(out, ",\"stk\":\"\"");
    num(out, "tickSz", g->tick, g->px_dec);
    family(out, "uly", in);
    text_char(out, '}');
}

void ok_instruments(struct text *out, const struct sim_inst *in)
{
    ok_type_open(out, "instruments");
    ok_row_instrument(out, in);
    ok_close(out);
}

/* Get Position Tiers: a tier begins one lot above the one before. */
void ok_rows_tiers(struct text *out, const struct sim_inst *in)
{
    double ct_usd = in->grid.ct_size * (in->inverse ? 1 : in->a->px * in->unit), below = 0;
    int dec = in->grid.qty_dec;
    for (int i = 0; i < in->tiers.n; i++) {
        const struct sim_tier *t = &in->tiers.t[i];
        double cap = round(t->cap_usd / ct_usd);
        comma(out);
        text_str(out, "{\"baseMaxLoan\":\"\"");
        num(out, "imr", 1 / t->max_leverage, 6);
        family(out, "instFamily", in);
        text_fmt(out, ",\"instId\":\"\",\"maxLever\":\"%g\"", t->max_leverage);
        num(out, "maxSz", cap, dec);
        num(out, "minSz", i ? below + pow(10, -dec) : 0, dec);
        num(out, "mmr", t->mmr, 6);
        text_fmt(out, ",\"optMgnFactor\":\"0\",\"quoteMaxLoan\":\"\",\"tier\":\"%d\"", i + 1);
        family(out, "uly", in);
        text_char(out, '}');
        below = cap;
    }
}

/* Get Security Fund: a daily figure of 08:00 UTC; total is that of all families. */
void ok_row_fund(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    int64_t day = 86400000, at = (enc_now_ms(m) - day / 3) / day * day + day / 3;
    comma(out);
    text_fmt(out,
             "{\"details\":[{\"adlType\":\"\",\"amt\":\"\",\"balance\":\"%.4f\",\"ccy\":\"%s\","
             "\"decRate\":\"\",\"maxBal\":\"\",\"maxBalTs\":\"\",\"ts\":\"%lld\",\"type\":"
             "\"liquidation_balance_deposit\"}]",
             in->pool_peak_usd / (in->inverse ? in->a->px : 1), in->inverse ? in->a->name : "USDT",
             (long long)at);
    family(out, "instFamily", in);
    text_fmt(out, ",\"instType\":\"SWAP\",\"total\":\"%.4f\"}", 6e8);
}

/* Contract Long/Short Ratio: [ts, ratio], newest first. */
void ok_rows_ratio(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                   int limit)
{
    int64_t t = enc_now_ms(m) / 300000 * 300000;
    for (int i = 0; i < limit; i++) {
        double x = 1.4 + .5 * sin((double)(t / 300000 - i) / 40 + in->asset);
        comma(out);
        text_fmt(out, "[\"%lld\",\"%.4f\"]", (long long)(t - i * 300000LL), x);
    }
}

/* Get Order Book: the same rows, and the seqId of the channel. */
void ok_row_book(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                 const struct sim_view *v, int limit)
{
    text_char(out, '{');
    for (int side = SIM_ASK; side >= SIM_BID; side--) {
        text_str(out, side == SIM_BID ? ",\"bids\":[" : "\"asks\":[");
        for (int i = 0; i < v->n[side] && i < limit; i++)
            ok_book_level(out, in, v->side[side][i].slot, v->side[side][i].lots);
        text_char(out, ']');
    }
    text_fmt(out, ",\"ts\":\"%lld\",\"seqId\":%lld}", (long long)enc_now_ms(m), (long long)v->seq);
}
