/* Proves that an instrument which leaves the list that names all is delisted and no longer wanted,
 * and that a list which lost most of its instruments, or another list, delists nothing. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "venue/venue.h"

#define T0 1795312800000000LL

static struct engine *make(void)
{
    char why[160];
    struct engine_conf c = {.venues = 1, .max_assets = 8, .book_levels = 200, .n_assets = 1};
    snprintf(c.assets[0], sizeof c.assets[0], "ETH");
    struct sinks s = {0};
    struct engine *e = engine_new(&c, &s, why);
    ck_assert_msg(e != NULL, "%s", why);
    engine_tick(e, T0);
    return e;
}

/* An exchangeInfo of symbols given by their base codes, "ETH BTC ..."; NEW means ETH2USDT of ETH.
 */
static int list(struct engine *e, const char *req, const char *bases, int64_t t_us)
{
    static char buf[8192];
    struct text t;
    struct origin o = {.venue = 0, .conn = CONN_REST, .req = req};
    text_init(&t, buf, sizeof buf);
    text_str(&t, "{\"symbols\":[");
    for (const char *p = bases; *p;) {
        int n = (int)strcspn(p, " ");
        bool renamed = strncmp(p, "NEW", 3) == 0;
        text_fmt(&t,
                 "%s{\"symbol\":\"%.*sUSDT\",\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\","
                 "\"baseAsset\":\"%.*s\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\","
                 "\"underlyingType\":\"COIN\"}",
                 p == bases ? "" : ",", renamed ? 4 : n, renamed ? "ETH2" : p, n,
                 renamed ? "ETH" : p);
        p += n;
        p += *p == ' ';
    }
    text_str(&t, "]}");
    return engine_ingest(e, &o, buf, t.len, t_us);
}

static bool tracked(const struct engine *e, const char *symbol)
{
    uint32_t i = directory_find(engine_directory(e), 0, slice_of(symbol));
    return i != INST_NONE && market_slot(engine_market(e), i) != NULL;
}

static bool wanted(const struct engine *e, const char *symbol)
{
    static struct want w[WANTS_MAX];
    uint32_t inst = directory_find(engine_directory(e), 0, slice_of(symbol));
    int n = engine_wants(e, w, WANTS_MAX);
    for (int i = 0; i < n; i++)
        if (w[i].inst == inst)
            return true;
    return false;
}

START_TEST(a_renamed_symbol_is_followed)
{
    struct engine *e = make();
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC ETH SOL", T0 + 1), 0);
    ck_assert(tracked(e, "ETHUSDT") && wanted(e, "ETHUSDT"));
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC NEW SOL", T0 + 2), 0);
    ck_assert(!tracked(e, "ETHUSDT") && !wanted(e, "ETHUSDT"));
    ck_assert(tracked(e, "ETH2USDT") && wanted(e, "ETH2USDT"));
    uint32_t old = directory_find(engine_directory(e), 0, SLICE("ETHUSDT"));
    ck_assert_int_eq(directory_get(engine_directory(e), old)->status, INST_DELISTED);
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC ETH SOL", T0 + 3), 0); /* and back */
    ck_assert(tracked(e, "ETHUSDT") && !tracked(e, "ETH2USDT"));
    engine_free(e);
}
END_TEST

START_TEST(a_torn_list_is_not_believed)
{
    struct engine *e = make();
    ck_assert_int_eq(list(e, "exchangeInfo", "ADA BTC DOGE ETH SOL XRP", T0 + 1), 0);
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC SOL XRP", T0 + 2), 0); /* half is gone */
    ck_assert(tracked(e, "ETHUSDT"));
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC DOGE SOL XRP", T0 + 3), 0);
    ck_assert(!tracked(e, "ETHUSDT"));
    engine_free(e);
}
END_TEST

START_TEST(other_texts_delist_nothing)
{
    static const char one[] = "[{\"symbol\":\"BTCUSDT\",\"fundingIntervalHours\":4}]";
    static const char push[] =
        "{\"stream\":\"!contractInfo\",\"data\":{\"e\":\"contractInfo\",\"E\":1795312800000,\"s\":"
        "\"BTCUSDT\",\"ct\":\"PERPETUAL\",\"cs\":\"TRADING\",\"st\":1}}";
    struct engine *e = make();
    struct origin rest = {.venue = 0, .conn = CONN_REST, .req = "fundingInfo"};
    struct origin ws = {.venue = 0, .conn = CONN_SLOT(1, 0, 0)};
    ck_assert_int_eq(list(e, "exchangeInfo", "BTC ETH SOL", T0 + 1), 0);
    ck_assert_int_eq(engine_ingest(e, &rest, one, sizeof one - 1, T0 + 2), 0);
    ck_assert_int_eq(engine_ingest(e, &ws, push, sizeof push - 1, T0 + 3), 0);
    ck_assert_int_lt(list(e, "exchangeInfo", "BTC ETH SOL\"", T0 + 4), 0); /* refused whole */
    ck_assert(tracked(e, "ETHUSDT"));
    engine_free(e);
}
END_TEST

UNIT_MAIN("engine_listing", tcase_add_test(tc, a_renamed_symbol_is_followed);
          tcase_add_test(tc, a_torn_list_is_not_believed);
          tcase_add_test(tc, other_texts_delist_nothing);)
