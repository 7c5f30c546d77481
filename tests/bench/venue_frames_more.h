/* Made texts in the shapes of the other feeds: Binance trades, Hyperliquid books, trades and best
 * prices, Bybit's topics, OKX's channels. Included by venue_frames.h alone, whose generator they
 * use; what each holds is read back by venue_jansson_more.h. */
#ifndef VENUE_FRAMES_MORE_H
#define VENUE_FRAMES_MORE_H

/* Price and quantity of a level or trade near px. */
#define VF_PXQ(px) (px) * vf_rnd(s, .998, 1.002), vf_rnd(s, .001, 40)

static inline void vf_make_trade(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.conn = CONN_SLOT(1, 0, 0);
    vf_put(s,
           "{\"stream\":\"tk%03dusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":1795312803301,"
           "\"a\":34100%05d,\"s\":\"%sUSDT\",",
           i, vf_pick(s, 99999), vf_name(i));
    vf_put(s, "\"p\":\"%.2f\",\"q\":\"%.3f\",", VF_PXQ(s->px[i]));
    vf_put(s,
           "\"nq\":\"0.250\",\"f\":6911240801,\"l\":6911240803,\"T\":1795312803250,\"m\":%s,"
           "\"st\":1}}",
           vf_pick(s, 2) ? "true" : "false");
}

static inline void vf_hl_levels(struct vframes *s, double px, int n)
{
    for (int k = 0; k < n; k++) {
        vf_put(s, "%s{\"px\":\"%.1f\",\"sz\":\"%.5f\",", k ? "," : "", VF_PXQ(px));
        vf_put(s, "\"n\":%d}", 1 + vf_pick(s, 30));
    }
}

static inline void vf_make_hlbook(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.venue = VF_HYPERLIQUID;
    vf_put(s,
           "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"%s\",\"time\":1795312803205,\"levels\":[[",
           vf_name(i));
    vf_hl_levels(s, s->px[i] * .998, 20);
    vf_put(s, "],[");
    vf_hl_levels(s, s->px[i] * 1.002, 20);
    vf_put(s, "]]}}");
}

static inline void vf_make_hltrade(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60), n = 1 + vf_pick(s, 3);
    f->origin.venue = VF_HYPERLIQUID;
    vf_put(s, "{\"channel\":\"trades\",\"data\":[");
    for (int k = 0; k < n; k++) {
        vf_put(s, "%s{\"coin\":\"%s\",\"side\":\"%s\",", k ? "," : "", vf_name(i),
               vf_pick(s, 2) ? "B" : "A");
        vf_put(s, "\"px\":\"%.1f\",\"sz\":\"%.5f\",", VF_PXQ(s->px[i]));
        vf_put(s,
               "\"time\":1795312803192,\"hash\":\"0x%064x\",\"tid\":10163751720%05d,"
               "\"users\":[\"0x%040x\",\"0x%040x\"]}",
               (unsigned)vf_pick(s, 1 << 30), vf_pick(s, 99999), (unsigned)vf_pick(s, 1 << 30),
               (unsigned)vf_pick(s, 1 << 30));
    }
    vf_put(s, "]}");
}

static inline void vf_make_hlbbo(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.venue = VF_HYPERLIQUID;
    vf_put(s, "{\"channel\":\"bbo\",\"data\":{\"coin\":\"%s\",\"time\":1795312803838,\"bbo\":[",
           vf_name(i));
    vf_hl_levels(s, s->px[i], 2);
    vf_put(s, "]}}");
}

/* --- Bybit --- */

static inline void vf_make_bbtick(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.venue = VF_BYBIT;
    vf_put(s, "{\"topic\":\"tickers.%sUSDT\",\"type\":\"delta\",\"data\":{\"symbol\":\"%sUSDT\",",
           vf_name(i), vf_name(i));
    vf_put(s, "\"bid1Price\":\"%.2f\",\"bid1Size\":\"%.3f\",", VF_PXQ(s->px[i]));
    vf_put(s, "\"ask1Price\":\"%.2f\",\"ask1Size\":\"%.3f\"},", VF_PXQ(s->px[i]));
    vf_put(s, "\"cs\":4712309%05d,\"ts\":1795312803210}", vf_pick(s, 99999));
}

static inline void vf_make_bbsnap(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    double p = s->px[i];
    f->origin.venue = VF_BYBIT;
    vf_put(s,
           "{\"topic\":\"tickers.%sUSDT\",\"type\":\"snapshot\",\"data\":{\"symbol\":\"%sUSDT\","
           "\"tickDirection\":\"PlusTick\",\"price24hPcnt\":\"0.012841\",\"lastPrice\":\"%.2f\","
           "\"prevPrice24h\":\"%.2f\",\"highPrice24h\":\"%.2f\",\"lowPrice24h\":\"%.2f\","
           "\"prevPrice1h\":\"%.2f\",\"markPrice\":\"%.2f\",\"indexPrice\":\"%.2f\",",
           vf_name(i), vf_name(i), p, p * .98, p * 1.01, p * .97, p * .99, p * 1.0001, p * 1.0002);
    vf_put(
        s,
        "\"openInterest\":\"%.3f\",\"openInterestValue\":\"%.2f\",\"singleOpenInterest\":\"%.3f\","
        "\"singleOpenInterestValue\":\"%.2f\",\"turnover24h\":\"%.4f\",\"volume24h\":\"%.4f\",",
        2 * p, 2 * p * p, p, p * p, vf_rnd(s, 1e6, 4e9), vf_rnd(s, 1e3, 1e6));
    vf_put(s,
           "\"fundingIntervalHour\":\"8\",\"fundingCap\":\"0.005\",\"nextFundingTime\":"
           "\"1795334400000\",\"fundingRate\":\"%.8f\",",
           vf_rnd(s, -1e-4, 1e-4));
    vf_put(s, "\"bid1Price\":\"%.2f\",\"bid1Size\":\"%.3f\",", VF_PXQ(p));
    vf_put(s, "\"ask1Price\":\"%.2f\",\"ask1Size\":\"%.3f\",", VF_PXQ(p));
    vf_put(s,
           "\"preOpenPrice\":\"\",\"preQty\":\"\",\"curPreListingPhase\":\"\"},\"cs\":4712309%05d,"
           "\"ts\":1795312803110}",
           vf_pick(s, 99999));
}

static inline void vf_make_bbbook(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.venue = VF_BYBIT;
    vf_put(s,
           "{\"topic\":\"orderbook.1000.%sUSDT\",\"type\":\"delta\",\"ts\":1795312803206,\"data\":{"
           "\"s\":\"%sUSDT\",\"b\":[",
           vf_name(i), vf_name(i));
    vf_levels(s, s->px[i] * .998);
    vf_put(s, "],\"a\":[");
    vf_levels(s, s->px[i] * 1.002);
    vf_put(s, "],\"u\":481205%05d,\"seq\":471230985801},\"cts\":1795312803203}", vf_pick(s, 99999));
}

static inline void vf_make_bbtrade(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60), n = 1 + vf_pick(s, 3);
    f->origin.venue = VF_BYBIT;
    vf_put(
        s,
        "{\"topic\":\"publicTrade.%sUSDT\",\"type\":\"snapshot\",\"ts\":1795312803301,\"data\":[",
        vf_name(i));
    for (int k = 0; k < n; k++) {
        vf_put(s, "%s{\"T\":1795312803298,\"s\":\"%sUSDT\",\"S\":\"%s\",", k ? "," : "", vf_name(i),
               vf_pick(s, 2) ? "Buy" : "Sell");
        vf_put(s, "\"p\":\"%.2f\",\"v\":\"%.3f\",", VF_PXQ(s->px[i]));
        vf_put(s,
               "\"L\":\"ZeroMinusTick\",\"i\":\"9dc75fca-4bdd-4773-9f78-%012d\",\"BT\":false,"
               "\"RPI\":false,\"seq\":471230985930}",
               vf_pick(s, 1 << 30));
    }
    vf_put(s, "]}");
}

static inline void vf_make_bbliq(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    f->origin.venue = VF_BYBIT;
    vf_put(s,
           "{\"topic\":\"allLiquidation.%sUSDT\",\"type\":\"snapshot\",\"ts\":1795312803204,"
           "\"data\":[{\"T\":1795312802929,\"s\":\"%sUSDT\",\"S\":\"%s\",",
           vf_name(i), vf_name(i), vf_pick(s, 2) ? "Buy" : "Sell");
    vf_put(s, "\"p\":\"%.2f\",\"v\":\"%.3f\"}]}", VF_PXQ(s->px[i]));
}

/* --- OKX --- */

static inline const char *vf_swap(int i)
{
    static char name[24];
    snprintf(name, sizeof name, "%s-USDT-SWAP", vf_name(i));
    return name;
}

/* The frame up to its first element's brace; f's venue. */
static inline void vf_okx(struct vframes *s, struct vframe *f, const char *channel, const char *id)
{
    f->origin.venue = VF_OKX;
    vf_put(s, "{\"arg\":{\"channel\":\"%s\",\"instId\":\"%s\"},\"data\":[{", channel, id);
}

static inline void vf_make_okmark(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    vf_okx(s, f, "mark-price", vf_swap(i));
    vf_put(
        s,
        "\"instType\":\"SWAP\",\"instId\":\"%s\",\"markPx\":\"%.2f\",\"ts\":\"1795312803105\"}]}",
        vf_swap(i), s->px[i] * vf_rnd(s, .999, 1.001));
}

static inline void vf_make_okindex(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    double p = s->px[i];
    char id[24];
    snprintf(id, sizeof id, "%s-USDT", vf_name(i));
    vf_okx(s, f, "index-tickers", id);
    vf_put(s,
           "\"instId\":\"%s\",\"idxPx\":\"%.2f\",\"high24h\":\"%.2f\",\"low24h\":\"%.2f\","
           "\"open24h\":\"%.2f\",\"sodUtc0\":\"%.2f\",\"sodUtc8\":\"%.2f\",\"ts\":"
           "\"1795312803110\"}]}",
           id, p * vf_rnd(s, .999, 1.001), p * 1.02, p * .97, p * .99, p * .98, p * .985);
}

static inline void vf_make_okfund(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    vf_okx(s, f, "funding-rate", vf_swap(i));
    vf_put(s,
           "\"formulaType\":\"withRate\",\"fundingRate\":\"%.10f\",\"fundingTime\":"
           "\"1795334400000\",\"impactValue\":\"20000.0000\",\"instId\":\"%s\",\"instType\":"
           "\"SWAP\",\"interestRate\":\"0.0001000000\",\"method\":\"current_period\","
           "\"maxFundingRate\":\"0.00375\",\"minFundingRate\":\"-0.00375\",\"nextFundingRate\":"
           "\"\",\"nextFundingTime\":\"1795363200000\",\"premium\":\"-0.0003120021\","
           "\"settFundingRate\":\"0.0000513301\",\"settState\":\"settled\",\"ts\":"
           "\"1795312780402\"}]}",
           vf_rnd(s, -1e-4, 1e-4), vf_swap(i));
}

static inline void vf_make_okoi(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    double ct = vf_rnd(s, 1e3, 1e7);
    vf_okx(s, f, "open-interest", vf_swap(i));
    vf_put(s,
           "\"instId\":\"%s\",\"instType\":\"SWAP\",\"oi\":\"%.2f\",\"oiCcy\":\"%.4f\",\"oiUsd\":"
           "\"%.2f\",\"ts\":\"1795312801440\"}]}",
           vf_swap(i), ct, ct * .01, ct * .01 * s->px[i]);
}

static inline void vf_make_okliq(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60), n = 1 + vf_pick(s, 2);
    f->origin.venue = VF_OKX;
    vf_put(s, "{\"arg\":{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"},\"data\":[{"
              "\"details\":[");
    for (int k = 0; k < n; k++) {
        vf_put(s, "%s{\"bkLoss\":\"0\",\"bkPx\":\"%.2f\",\"ccy\":\"\",\"posSide\":\"net\",",
               k ? "," : "", s->px[i] * vf_rnd(s, .99, 1.01));
        vf_put(s, "\"side\":\"%s\",\"sz\":\"%.2f\",\"ts\":\"1795312802631\"}",
               vf_pick(s, 2) ? "sell" : "buy", vf_rnd(s, 1, 500));
    }
    vf_put(s,
           "],\"instFamily\":\"%s-USDT\",\"instId\":\"%s\",\"instType\":\"SWAP\",\"uly\":\"%s-"
           "USDT\"}]}",
           vf_name(i), vf_swap(i), vf_name(i));
}

static inline void vf_make_oktrade(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    vf_okx(s, f, "trades", vf_swap(i));
    vf_put(s, "\"instId\":\"%s\",\"tradeId\":\"21015%05d\",", vf_swap(i), vf_pick(s, 99999));
    vf_put(s, "\"px\":\"%.2f\",\"sz\":\"%.2f\",", VF_PXQ(s->px[i]));
    vf_put(s,
           "\"side\":\"%s\",\"ts\":\"1795312803198\",\"count\":\"3\",\"source\":\"0\",\"seqId\":"
           "72410030140}]}",
           vf_pick(s, 2) ? "sell" : "buy");
}

static inline void vf_ok_levels(struct vframes *s, double px, int n)
{
    for (int k = 0; k < n; k++) {
        vf_put(s, "%s[\"%.1f\",\"%.2f\",\"0\",", k ? "," : "", VF_PXQ(px));
        vf_put(s, "\"%d\"]", 1 + vf_pick(s, 30));
    }
}

static inline void vf_make_okbbo(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60);
    vf_okx(s, f, "bbo-tbt", vf_swap(i));
    vf_put(s, "\"asks\":[");
    vf_ok_levels(s, s->px[i] * 1.001, 1);
    vf_put(s, "],\"bids\":[");
    vf_ok_levels(s, s->px[i] * .999, 1);
    vf_put(s, "],\"ts\":\"1795312803202\",\"seqId\":724100%05d}]}", vf_pick(s, 99999));
}

static inline void vf_make_okbook(struct vframes *s, struct vframe *f)
{
    int i = vf_pick(s, 60), seq = vf_pick(s, 99999);
    f->origin.venue = VF_OKX;
    vf_put(s,
           "{\"arg\":{\"channel\":\"books\",\"instId\":\"%s\"},\"action\":\"update\",\"data\":[{"
           "\"asks\":[",
           vf_swap(i));
    vf_ok_levels(s, s->px[i] * 1.002, 8 + vf_pick(s, 12));
    vf_put(s, "],\"bids\":[");
    vf_ok_levels(s, s->px[i] * .998, 8 + vf_pick(s, 12));
    vf_put(s,
           "],\"ts\":\"1795312803200\",\"checksum\":0,\"prevSeqId\":724100%05d,\"seqId\":"
           "724101%05d}]}",
           seq, seq);
}

/* --- the mix of four --- */

/* By venue and then by what its feeds bring most. */
static inline enum vf_kind vf_mixed4(struct vframes *s)
{
    static const struct {
        double below;
        enum vf_kind kind;
    } share[] = {
        {.150, VF_BOOK},    {.200, VF_QUOTE},   {.225, VF_TRADE},  {.235, VF_OI},
        {.245, VF_FORCE},   {.250, VF_MARK},    {.400, VF_HLBOOK}, {.440, VF_HLBBO},
        {.470, VF_HLTRADE}, {.500, VF_CTX},     {.650, VF_BBBOOK}, {.710, VF_BBTICK},
        {.735, VF_BBTRADE}, {.742, VF_BBSNAP},  {.750, VF_BBLIQ},  {.890, VF_OKBOOK},
        {.950, VF_OKBBO},   {.970, VF_OKTRADE}, {.980, VF_OKMARK}, {.988, VF_OKINDEX},
        {.993, VF_OKOI},    {.996, VF_OKFUND},  {1, VF_OKLIQ},
    };
    double x = vf_rnd(s, 0, 1);
    int i = 0;
    while (x >= share[i].below)
        i++;
    return share[i].kind;
}

#endif
