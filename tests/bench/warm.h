/* Two hundred warm markets for benchmarks: a hundred assets on Binance and Hyperliquid, specs,
 * marks, contexts, open interest, books of a thousand levels a side and Hyperliquid's three views.
 * In: a door that takes texts and notes, into an engine or a spine; the caller lets time pass
 * between the steps: warm_specs, some ticks until the universe is ranked, warm_books. Texts are
 * made at the end of the frames' block, which is given back. */
#ifndef WARM_H
#define WARM_H

#include "engine/engine.h"
#include "venue/venue.h"
#include "venue_frames.h"

#define WARM_ASSETS 100
#define WARM_SPARE  (1u << 20) /* bytes of block that the texts here need */

struct warm {
    struct vframes *made;
    void *arg;
    int (*ingest)(void *arg, const struct origin *o, const char *p, size_t n);
    int (*note)(void *arg, const struct note *n);
};

static inline struct engine_conf warm_conf(void)
{
    return (struct engine_conf){.venues = 1u << VF_BINANCE | 1u << VF_HYPERLIQUID,
                                .max_assets = 128,
                                .top_n = WARM_ASSETS,
                                .universe_warm_s = 1,
                                .universe_period_s = 3600,
                                .book_levels = 4096,
                                .coarse_books = true};
}

/* The text made since `from`, then the block is as before. */
static inline void warm_in(const struct warm *w, const struct origin *o, size_t from)
{
    int rc = w->ingest(w->arg, o, w->made->block + from, w->made->len - from);
    if (rc < 0)
        fprintf(stderr, "refused %s: %.100s\n", err_text(rc), w->made->block + from);
    assert(rc >= 0);
    w->made->len = from;
}

/* --- specs --- */

static inline void warm_link_up(const struct warm *w, int venue)
{
    for (int r = 0; r < venues[venue]->n_routes; r++) {
        struct note n;
        note_init(&n, NOTE_LINK_UP);
        n.venue = (uint8_t)venue;
        n.conn = CONN_SLOT(r, 0, 0);
        int rc = w->note(w->arg, &n);
        assert(rc == 0);
    }
}

static inline void warm_spec_binance(const struct warm *w)
{
    struct vframes *s = w->made;
    size_t from = s->len;
    struct origin o = {VF_BINANCE, CONN_REST, "exchangeInfo"};
    vf_put(s, "{\"symbols\":[");
    for (int i = 0; i < WARM_ASSETS; i++)
        vf_put(s,
               "%s{\"symbol\":\"%sUSDT\",\"pair\":\"%sUSDT\",\"contractType\":\"PERPETUAL\","
               "\"deliveryDate\":4133404800000,\"status\":\"TRADING\",\"baseAsset\":\"%s\","
               "\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"underlyingType\":\"COIN\","
               "\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.1\"}]}",
               i ? "," : "", vf_name(i), vf_name(i), vf_name(i));
    vf_put(s, "]}");
    warm_in(w, &o, from);
}

static inline void warm_spec_hyperliquid(const struct warm *w)
{
    struct vframes *s = w->made;
    size_t from = s->len;
    struct origin o = {VF_HYPERLIQUID, CONN_REST, "metas"};
    vf_put(s, "[{\"universe\":[");
    for (int i = 0; i < WARM_ASSETS; i++)
        vf_put(s, "%s{\"name\":\"%s\",\"szDecimals\":2,\"maxLeverage\":40}", i ? "," : "",
               vf_name(i));
    vf_put(s, "],\"marginTables\":[],\"collateralToken\":0}]");
    warm_in(w, &o, from);
}

/* --- everything that a tick judges by its age --- */

static inline void warm_views(const struct warm *w, int i)
{
    static const double step[3] = {.0001, .001, .01};
    struct vframes *s = w->made;
    for (int view = 0; view < 3; view++) {
        size_t from = s->len;
        struct origin o = {VF_HYPERLIQUID, CONN_SLOT(view, 0, 0), NULL};
        vf_put(s,
               "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"%s\",\"time\":1795312801000,"
               "\"levels\":[",
               vf_name(i));
        for (int k = 0; k < 40; k++)
            vf_put(s, "%s{\"px\":\"%.4f\",\"sz\":\"%.3f\",\"n\":3}",
                   k == 0    ? "["
                   : k == 20 ? "],["
                             : ",",
                   s->px[i] * (1 + (k < 20 ? -1 : 1) * step[view] * (k % 20 + 1)),
                   vf_rnd(s, 1, 900));
        vf_put(s, "]]}}");
        warm_in(w, &o, from);
    }
}

static inline void warm_touch(const struct warm *w)
{
    struct vframes *s = w->made;
    for (int i = 0; i < WARM_ASSETS; i++) {
        char req[64];
        size_t from = s->len;
        struct origin oi = {VF_BINANCE, CONN_REST, req},
                      ctx = {VF_HYPERLIQUID, CONN_SLOT(0, 0, 0), NULL};
        snprintf(req, sizeof req, "openInterest:%.8sUSDT", vf_name(i));
        vf_put(s, "{\"openInterest\":\"%.3f\",\"symbol\":\"%sUSDT\",\"time\":1}",
               vf_rnd(s, 1e5, 1e6), vf_name(i));
        warm_in(w, &oi, from);
        vf_put(s,
               "{\"channel\":\"activeAssetCtx\",\"data\":{\"coin\":\"%s\",\"ctx\":{"
               "\"funding\":\"0.00001\",\"openInterest\":\"%.5f\",\"dayNtlVlm\":\"1\","
               "\"oraclePx\":\"%.1f\",\"markPx\":\"%.1f\"}}}",
               vf_name(i), vf_rnd(s, 1e4, 1e6), s->px[i], s->px[i]);
        warm_in(w, &ctx, from);
        warm_views(w, i);
    }
}

static inline void warm_specs(const struct warm *w)
{
    struct vframe f;
    struct vframes *s = w->made;
    warm_link_up(w, VF_BINANCE);
    warm_link_up(w, VF_HYPERLIQUID);
    warm_spec_binance(w);
    warm_spec_hyperliquid(w);
    vf_make(s, VF_MARKARR, &f);
    warm_in(w, &f.origin, (size_t)(f.text - s->block));
    warm_touch(w);
}

/* --- books --- */

static inline void warm_book(const struct warm *w, int i)
{
    char req[64];
    struct vframes *s = w->made;
    size_t from = s->len;
    struct origin push = {VF_BINANCE, CONN_SLOT(0, 0, 0), NULL},
                  rest = {VF_BINANCE, CONN_REST, req};
    snprintf(req, sizeof req, "depth:%.8sUSDT", vf_name(i));
    vf_put(s,
           "{\"stream\":\"tk%03dusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"T\":1,"
           "\"s\":\"%sUSDT\",\"U\":%lld,\"u\":%lld,\"pu\":%lld,\"b\":[],\"a\":[]}}",
           i, vf_name(i), (long long)VF_ID0 - 10, (long long)VF_ID0, (long long)VF_ID0 - 11);
    warm_in(w, &push, from);
    vf_put(s, "{\"lastUpdateId\":%lld,\"E\":1,\"T\":1,", (long long)VF_ID0);
    for (int side = 0; side < 2; side++) {
        vf_put(s, "%s", side ? "],\"asks\":[" : "\"bids\":[");
        for (int k = 1; k <= 1000; k++)
            vf_put(s, "%s[\"%.1f\",\"%.3f\"]", k > 1 ? "," : "",
                   s->px[i] * (1 + (side ? .00012 : -.00012) * k), vf_rnd(s, .1, 40));
    }
    vf_put(s, "]}");
    warm_in(w, &rest, from);
}

/* After the universe was ranked: before, nobody keeps books. */
static inline void warm_books(const struct warm *w)
{
    for (int i = 0; i < WARM_ASSETS; i++)
        warm_book(w, i);
    warm_touch(w);
}

static inline int warm_live_books(const struct engine *e)
{
    int n = 0;
    for (int i = 0; i < market_slots(engine_market(e)); i++) {
        const struct slot *s = market_slot_at(engine_market(e), i);
        n += s && s->venue == VF_BINANCE && book_state(s->book[0]) == BOOK_LIVE;
    }
    return n;
}

#endif
