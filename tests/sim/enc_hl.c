/* Hyperliquid frames and /info bodies, after its documentation (websocket subscriptions, info
 * endpoint): numbers are decimal strings without trailing zeros but with one decimal, contexts are
 * named only by their position in meta's universe, a delisted entry keeps its place. */
#include "sim/enc.h"

#include <math.h>

static int64_t now_ms(const struct sim_market *m)
{
    return sim_market_now_us(m) / 1000;
}

static bool in_dex(const struct sim_market *m, int i, bool builder)
{
    return m->insts[i].venue == SIM_HL && (m->insts[i].a->kind == SIM_BUILDER) == builder;
}

static void num(struct text *out, const char *key, double x, int dec)
{
    text_key(out, key);
    text_char(out, '"');
    enc_fixed(out, x, dec, true);
    text_char(out, '"');
}

/* Marks and oracles may have more digits than the tick allows orders. */
static void px(struct text *out, const char *key, const struct sim_inst *in, double x)
{
    num(out, key, x, in->grid.px_dec);
}

static void context(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    double oracle = sim_index_px(m, in), bid = 0, ask = 0;
    bool live = in->trading && in->book.best_bid >= in->book.lo && in->book.best_ask < in->book.hi;
    text_char(out, '{');
    num(out, "funding", in->trading ? sim_funding_rate(in) : 0, 10);
    num(out, "openInterest", in->pop.q[SIM_LONG], in->grid.qty_dec < 1 ? 1 : in->grid.qty_dec);
    px(out, "prevDayPx", in, in->open_px);
    num(out, "dayNtlVlm", in->volume_usd, 6);
    if (live) {
        bid = sim_slot_px(in, in->book.best_bid);
        ask = sim_slot_px(in, in->book.best_ask);
        num(out, "premium", in->premium, 10);
    } else {
        text_str(out, ",\"premium\":null");
    }
    px(out, "oraclePx", in, oracle);
    px(out, "markPx", in, in->mark_px);
    if (live) {
        num(out, "midPx", in->mid_px, in->grid.px_dec + 1);
        text_str(out, ",\"impactPxs\":[\"");
        enc_fixed(out, bid, in->grid.px_dec, true);
        text_str(out, "\",\"");
        enc_fixed(out, ask, in->grid.px_dec, true);
        text_str(out, "\"]");
    } else {
        text_str(out, ",\"midPx\":null,\"impactPxs\":null");
    }
    num(out, "dayBaseVlm", in->volume_base, in->grid.qty_dec < 1 ? 1 : in->grid.qty_dec);
    text_char(out, '}');
}

static void contexts(struct text *out, const struct sim_market *m, bool builder)
{
    int n = 0;
    text_char(out, '[');
    for (int i = 0; i < m->n_insts; i++)
        if (in_dex(m, i, builder)) {
            if (n++)
                text_char(out, ',');
            context(out, m, &m->insts[i]);
        }
    text_char(out, ']');
}

void hl_ctxs(struct text *out, const struct sim_market *m)
{
    text_str(out, "{\"channel\":\"allDexsAssetCtxs\",\"data\":{\"ctxs\":[[\"\",");
    contexts(out, m, false);
    text_str(out, "],[\"xyz\",");
    contexts(out, m, true);
    text_str(out, "]]}}");
}

void hl_ctx(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"channel\":\"activeAssetCtx\",\"data\":{");
    text_kv_str(out, "coin", in->symbol);
    text_str(out, ",\"ctx\":");
    context(out, m, in);
    text_str(out, "}}");
}

void hl_mids(struct text *out, const struct sim_market *m)
{
    text_str(out, "{\"channel\":\"allMids\",\"data\":{\"mids\":{");
    for (int i = 0; i < m->n_insts; i++)
        if (in_dex(m, i, false) && m->insts[i].trading)
            num(out, m->insts[i].symbol, m->insts[i].mid_px, m->insts[i].grid.px_dec + 1);
    text_str(out, "}}}");
}

static void level(struct text *out, const struct sim_inst *in, int64_t units, int64_t lots)
{
    if (out->buf[out->len - 1] != '[')
        text_char(out, ',');
    text_str(out, "{\"px\":\"");
    enc_units(out, units, in->grid.px_dec, true);
    text_str(out, "\",\"sz\":\"");
    enc_lots(out, in, lots, true);
    text_fmt(out, "\",\"n\":%d}", 1 + (int)(lots % 7));
}

/* Buckets of step price units: bids are rounded down, asks up, so a view never looks better than
 * the book. */
static void levels(struct text *out, const struct sim_inst *in, enum sim_book_side side,
                   int64_t step, int max)
{
    int64_t s = side == SIM_BID ? in->book.best_bid : in->book.best_ask, at = 0, lots = 0;
    int n = 0;
    text_char(out, '[');
    while (n < max && sim_book_next(&in->book, side, &s)) {
        int64_t u = sim_slot_units(in, s), b = side == SIM_BID ? u / step : (u + step - 1) / step;
        if (lots && b * step != at) {
            level(out, in, at, lots);
            lots = 0;
            n++;
        }
        at = b * step;
        lots += sim_book_get(&in->book, s);
        s += side == SIM_BID ? -1 : 1;
    }
    if (lots && n < max)
        level(out, in, at, lots);
    text_char(out, ']');
}

static int64_t view_step(const struct sim_inst *in, int sig_figs)
{
    double unit = pow(10, -in->grid.px_dec),
           step = pow(10, floor(log10(in->mid_px)) - sig_figs + 1);
    int64_t u = sig_figs ? (int64_t)llround(step / unit) : 1, raw = in->grid.tick_units;
    return u < raw ? raw : u;
}

void hl_book_body(struct text *out, const struct sim_market *m, const struct sim_inst *in,
                  int sig_figs, int max_levels)
{
    int64_t step = view_step(in, sig_figs);
    text_char(out, '{');
    text_kv_str(out, "coin", in->symbol);
    text_kv_i64(out, "time", now_ms(m) - 60);
    text_str(out, ",\"levels\":[");
    levels(out, in, SIM_BID, step, max_levels);
    text_char(out, ',');
    levels(out, in, SIM_ASK, step, max_levels);
    text_char(out, ']');
    if (sig_figs) {
        text_str(out, ",\"spread\":\"");
        enc_units(out, step, in->grid.px_dec, true);
        text_char(out, '"');
    }
    if (max_levels == 5)
        text_str(out, ",\"fast\":true");
    text_char(out, '}');
}

void hl_book(struct text *out, const struct sim_market *m, const struct sim_inst *in, int sig_figs,
             bool fast)
{
    text_str(out, "{\"channel\":\"l2Book\",\"data\":");
    hl_book_body(out, m, in, sig_figs, fast ? 5 : 20);
    text_char(out, '}');
}

void hl_bbo(struct text *out, const struct sim_market *m, const struct sim_inst *in)
{
    text_str(out, "{\"channel\":\"bbo\",\"data\":{");
    text_kv_str(out, "coin", in->symbol);
    text_kv_i64(out, "time", now_ms(m) - 60);
    text_str(out, ",\"bbo\":[");
    for (int side = SIM_BID; side <= SIM_ASK; side++) {
        int64_t s = side == SIM_BID ? in->book.best_bid : in->book.best_ask;
        if (!sim_book_get(&in->book, s)) {
            text_str(out, side ? ",null" : "null");
            continue;
        }
        if (side)
            text_char(out, ',');
        text_str(out, "{\"px\":\"");
        enc_slot_px(out, in, s, true);
        text_str(out, "\",\"sz\":\"");
        enc_lots(out, in, sim_book_get(&in->book, s), true);
        text_fmt(out, "\",\"n\":%d}", 1 + (int)(sim_book_get(&in->book, s) % 7));
    }
    text_str(out, "]}}");
}

void hl_trades_open(struct text *out)
{
    text_str(out, "{\"channel\":\"trades\",\"data\":[");
}

/* No liquidation flag: a forced trade looks like any other. Addresses are made from the trade id.
 */
void hl_trade(struct text *out, const struct sim_inst *in, const struct sim_trade *t, int64_t t_us)
{
    uint64_t x = (uint64_t)t->last_id * 2654435761u, h[4], a[6];
    for (int i = 0; i < 4; i++)
        h[i] = sim_splitmix(&x);
    for (int i = 0; i < 6; i++)
        a[i] = sim_splitmix(&x);
    if (out->buf[out->len - 1] != '[')
        text_char(out, ',');
    text_char(out, '{');
    text_kv_str(out, "coin", in->symbol);
    text_kv_str(out, "side", t->taker_buys ? "B" : "A");
    px(out, "px", in, t->px);
    text_str(out, ",\"sz\":\"");
    enc_lots(out, in, t->lots, true);
    text_char(out, '"');
    text_kv_i64(out, "time", t_us / 1000);
    text_fmt(out, ",\"hash\":\"0x%016llx%016llx%016llx%016llx\"", (unsigned long long)h[0],
             (unsigned long long)h[1], (unsigned long long)h[2], (unsigned long long)h[3]);
    text_kv_i64(out, "tid", t->last_id);
    text_fmt(out, ",\"users\":[\"0x%016llx%016llx%08x\",\"0x%016llx%016llx%08x\"]}",
             (unsigned long long)a[0], (unsigned long long)a[1], (unsigned)a[2],
             (unsigned long long)a[3], (unsigned long long)a[4], (unsigned)a[5]);
}

void hl_trades_close(struct text *out)
{
    text_str(out, "]}");
}

/* --- /info ----------------------------------------------------------------------------------- */

/* A table id below 50 means one tier of that leverage; tiered ones are listed by id. */
static const struct {
    int id;
    double leverage, split_usd;
} tables[] = {{51, 10, 3e6},   {52, 10, 20e6},  {53, 20, 3e6}, {54, 20, 20e6},
              {55, 25, 150e6}, {56, 40, 150e6}, {57, 5, 3e6}};

#define N_TABLES (sizeof tables / sizeof *tables)

static int table_of(const struct sim_inst *in)
{
    for (size_t i = 0; i < N_TABLES; i++)
        if (in->tiers.n == 2 && tables[i].leverage == in->tiers.t[0].max_leverage &&
            tables[i].split_usd == in->tiers.t[0].cap_usd)
            return tables[i].id;
    return (int)in->a->hl_max_leverage;
}

static void margin_tables(struct text *out)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        double lev = tables[i].leverage;
        text_fmt(out,
                 "%s[%d,{\"description\":\"tiered %.0fx\",\"marginTiers\":[{\"lowerBound\":\"0.0\"",
                 i ? "," : "", tables[i].id, lev);
        text_fmt(out, ",\"maxLeverage\":%.0f},{\"lowerBound\":\"%.1f\",\"maxLeverage\":%.0f}]}]",
                 lev, tables[i].split_usd, floor(lev / 2));
    }
}

void hl_rest_meta(struct text *out, const struct sim_market *m, bool builder)
{
    text_str(out, "{\"universe\":[");
    for (int i = 0; i < m->n_insts; i++) {
        const struct sim_inst *in = &m->insts[i];
        if (!in_dex(m, i, builder))
            continue;
        text_str(out, out->buf[out->len - 1] == '[' ? "{" : ",{");
        text_kv_i64(out, "szDecimals", in->grid.qty_dec);
        text_kv_str(out, "name", in->symbol);
        text_kv_i64(out, "maxLeverage", (int64_t)in->a->hl_max_leverage);
        text_kv_i64(out, "marginTableId", table_of(in));
        if (!in->trading)
            text_str(out, ",\"isDelisted\":true");
        if (builder)
            text_str(out, ",\"onlyIsolated\":true,\"marginMode\":\"strictIsolated\"");
        text_char(out, '}');
    }
    text_str(out, "],\"marginTables\":[");
    margin_tables(out);
    text_fmt(out, "],\"collateralToken\":%d}", 0);
}

void hl_rest_all_metas(struct text *out, const struct sim_market *m)
{
    text_char(out, '[');
    hl_rest_meta(out, m, false);
    text_char(out, ',');
    hl_rest_meta(out, m, true);
    text_char(out, ']');
}

void hl_rest_meta_and_ctxs(struct text *out, const struct sim_market *m, bool builder)
{
    text_char(out, '[');
    hl_rest_meta(out, m, builder);
    text_char(out, ',');
    contexts(out, m, builder);
    text_char(out, ']');
}

void hl_rest_perp_dexs(struct text *out)
{
    text_str(out, "[null,{\"name\":\"xyz\",\"fullName\":\"XYZ\",\"deployer\":"
                  "\"0x88806a71d74ad0a510b350545c9ae490912f0888\",\"oracleUpdater\":null,"
                  "\"feeRecipient\":null,\"assetToStreamingOiCap\":[]}]");
}
