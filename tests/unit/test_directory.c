/* Proves: ids are dense and stable, specs change only what they say, stubs hold early tiers,
 * aliases decide asset and multiplier and nothing strips digits, the inclusion rule, positional
 * lists, refusal of unusable specs, and what happens when the directory is full. */
#include "facts/directory.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static const char *const names[] = {"binance", "hyperliquid"};
static const struct asset_alias aliases[] = {
    {"binance", "1000PEPE", "PEPE", 1000},
    {"hyperliquid", "kPEPE", "PEPE", 1000},
    {"binance", "1MBABYDOGE", "BABYDOGE", 1e6},
    {"*", "XBT", "BTC", 1},
};

static struct directory *make(void)
{
    struct directory *d = directory_new(aliases, 4, names, 2);
    ck_assert_ptr_nonnull(d);
    return d;
}

static struct event spec(const char *symbol, const char *base, const char *quote)
{
    struct event e;
    event_init(&e, EV_SPEC);
    e.symbol = slice_of(symbol);
    e.u.spec.base = slice_of(base);
    e.u.spec.quote = slice_of(quote);
    e.u.spec.linear = 1;
    e.u.spec.ct_size = 1;
    e.u.spec.ct_unit = QTY_BASE;
    e.u.spec.status = INST_TRADING;
    e.u.spec.category = CAT_PERP;
    return e;
}

static struct event partial(const char *symbol)
{
    struct event e;
    event_init(&e, EV_SPEC);
    e.symbol = slice_of(symbol);
    e.u.spec.linear = -1;
    e.u.spec.partial = true;
    return e;
}

static const struct instrument *put(struct directory *d, uint8_t venue, struct event e, int want)
{
    uint32_t id = INST_NONE;
    ck_assert_int_eq(directory_apply(d, venue, &e, &id), want);
    return want < 0 ? NULL : directory_get(d, id);
}

START_TEST(test_create_and_find)
{
    struct directory *d = make();
    const struct instrument *i = put(d, 0, spec("BTCUSDT", "BTC", "USDT"), 1);
    ck_assert_uint_eq(i->id, 0);
    ck_assert(i->full && i->included);
    ck_assert_uint_eq(i->version, 1);
    ck_assert_str_eq(directory_asset_name(d, i->asset), "BTC");
    ck_assert_uint_eq(put(d, 1, spec("BTC", "BTC", "USD"), 1)->id, 1);
    ck_assert_uint_eq(put(d, 0, spec("ETHUSDT", "ETH", "USDT"), 1)->id, 2);
    ck_assert_uint_eq(directory_count(d), 3);
    ck_assert_uint_eq(directory_find(d, 0, SLICE("BTCUSDT")), 0);
    ck_assert_uint_eq(directory_find(d, 1, SLICE("BTC")), 1);
    ck_assert_uint_eq(directory_find(d, 1, SLICE("BTCUSDT")), INST_NONE); /* another venue */
    ck_assert_uint_eq(directory_find(d, 9, SLICE("BTC")), INST_NONE);
    ck_assert_uint_eq(directory_find(d, 0, (struct slice){NULL, 0}), INST_NONE);
    ck_assert_uint_eq(directory_get(d, 1)->asset, directory_get(d, 0)->asset);
    ck_assert_uint_eq(directory_asset_count(d), 2);
    ck_assert_uint_eq(directory_asset_find(d, SLICE("ETH")), 1);
    ck_assert_uint_eq(directory_asset_find(d, SLICE("eth")), ASSET_NONE);
    directory_free(d);
}
END_TEST

START_TEST(test_aliases)
{
    static const struct {
        uint8_t venue;
        const char *symbol, *base, *asset;
        double multiplier;
    } rows[] = {
        {0, "1000PEPEUSDT", "1000PEPE", "PEPE", 1000},
        {1, "kPEPE", "kPEPE", "PEPE", 1000},
        {1, "1000PEPE", "1000PEPE", "1000PEPE", 1}, /* not this venue's alias */
        {0, "1MBABYDOGEUSDT", "1MBABYDOGE", "BABYDOGE", 1e6},
        {1, "XBT", "XBT", "BTC", 1},
        {0, "1INCHUSDT", "1INCH", "1INCH", 1}, /* digits are never stripped */
        {0, "0GUSDT", "0G", "0G", 1},
        {0, "1000CATUSDT", "1000CAT", "1000CAT", 1},
        {0, "CATUSDT", "CAT", "CAT", 1},
    };
    struct directory *d = make();
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const struct instrument *i =
            put(d, rows[k].venue, spec(rows[k].symbol, rows[k].base, "USDT"), 1);
        ck_assert_str_eq(directory_asset_name(d, i->asset), rows[k].asset);
        ck_assert_double_eq(i->multiplier, rows[k].multiplier);
    }
    /* a reload does not move what is known, only what comes */
    static const struct asset_alias other[] = {{"binance", "1000CAT", "CAT", 1000}};
    ck_assert_int_eq(directory_set_aliases(d, other, 1), 0);
    ck_assert_double_eq(put(d, 0, spec("1000CATUSDT", "1000CAT", "USDT"), 0)->multiplier, 1);
    ck_assert_double_eq(put(d, 0, spec("1000CATUSDC", "1000CAT", "USDC"), 1)->multiplier, 1000);
    directory_free(d);
}
END_TEST

START_TEST(test_same_and_changed)
{
    struct directory *d = make();
    put(d, 0, spec("BTCUSDT", "BTC", "USDT"), 1);
    const struct instrument *i = put(d, 0, spec("BTCUSDT", "BTC", "USDT"), 0);
    ck_assert_uint_eq(i->version, 1);
    struct event e = spec("BTCUSDT", "BTC", "USDT");
    e.u.spec.ct_size = 100;
    ck_assert_uint_eq(put(d, 0, e, 1)->version, 2);
    e.u.spec.tick = .1;
    ck_assert_uint_eq(put(d, 0, e, 1)->version, 3);
    e.u.spec.base = SLICE("XBT"); /* another code of the same asset */
    put(d, 0, e, 1);
    ck_assert_str_eq(i->base, "XBT");
    ck_assert_str_eq(directory_asset_name(d, i->asset), "BTC");
    directory_free(d);
}
END_TEST

START_TEST(test_partial)
{
    struct directory *d = make();
    struct event e = partial("SOLUSDT");
    e.u.spec.funding_interval_h = 4;
    const struct instrument *i = put(d, 0, e, 1); /* a stub */
    ck_assert(!i->full && !i->included);
    ck_assert_uint_eq(i->asset, ASSET_NONE);
    ck_assert_double_eq(i->funding_interval_h, 4);
    put(d, 0, e, 0);
    uint32_t id = i->id;
    i = put(d, 0, spec("SOLUSDT", "SOL", "USDT"), 1); /* becomes full in place */
    ck_assert_uint_eq(i->id, id);
    ck_assert(i->full && i->included);
    ck_assert_double_eq(i->funding_interval_h, 4); /* the spec did not say */
    e = partial("SOLUSDT");
    e.u.spec.status = INST_SETTLING;
    i = put(d, 0, e, 1);
    ck_assert(!i->included);
    ck_assert_str_eq(i->quote, "USDT");
    ck_assert_double_eq(i->ct_size, 1);
    ck_assert_int_eq(i->linear, 1);
    put(d, 0, partial("SOLUSDT"), 0); /* says nothing */
    directory_free(d);
}
END_TEST

START_TEST(test_tiers)
{
    static const struct tier good[] = {{0, 50000, .004, 0, 125}, {50000, INFINITY, .005, 50, 100}};
    static const struct tier bad[] = {{0, 50000, .004, 0, 125}, {60000, INFINITY, .005, 50, 100}};
    static struct tier many[TIERS_MAX + 1];
    struct directory *d = make();
    struct event e = partial("BTCUSDT");
    e.u.spec.tiers = good;
    e.u.spec.n_tiers = 2;
    ck_assert_uint_eq(put(d, 0, e, 1)->n_tiers, 2);
    put(d, 0, e, 0);
    const struct instrument *i = put(d, 0, spec("BTCUSDT", "BTC", "USDT"), 1);
    ck_assert_uint_eq(i->n_tiers, 2); /* kept from the stub */
    ck_assert_double_eq(i->tiers[1].cum, 50);
    e.u.spec.tiers = bad;
    put(d, 0, e, E_RANGE);
    e.u.spec.tiers = many;
    e.u.spec.n_tiers = TIERS_MAX + 1;
    put(d, 0, e, E_RANGE);
    ck_assert_uint_eq(i->n_tiers, 2);
    ck_assert_uint_eq(i->version, 2);
    ck_assert_int_eq(i->tier_unit, QTY_USD); /* where nothing is said */
    static const struct tier whole[] = {{0, 1000, .004, 0, 100}, {1000, 2000, .005, 0, 80}};
    e.u.spec.tiers = whole;
    e.u.spec.n_tiers = 2;
    e.u.spec.tier_unit = QTY_CT;
    put(d, 0, e, E_RANGE); /* a deduction is missing */
    e.u.spec.tier_whole = true;
    put(d, 0, e, 1);
    put(d, 0, e, 0);
    ck_assert_int_eq(i->tier_unit, QTY_CT);
    ck_assert(i->tier_whole);
    ck_assert_uint_eq(i->version, 3);
    directory_free(d);
}
END_TEST

START_TEST(test_included)
{
    struct directory *d = make();
    static const char *const quotes[] = {"USD", "USDT", "USDC", "BTC", "USDE", ""};
    char symbol[16];
    for (int k = 0; k < 6; k++) {
        snprintf(symbol, sizeof symbol, "Q%d", k);
        ck_assert_int_eq(put(d, 0, spec(symbol, "AAA", quotes[k]), 1)->included, k < 3);
    }
    for (int k = CAT_UNSAID; k <= CAT_OTHER; k++) {
        struct event e = spec("X", "AAA", "USD");
        snprintf(symbol, sizeof symbol, "C%d", k);
        e.symbol = slice_of(symbol);
        e.u.spec.category = (enum inst_category)k;
        ck_assert_int_eq(put(d, 0, e, 1)->included, k == CAT_PERP);
    }
    for (int k = INST_UNSAID; k <= INST_DELISTED; k++) {
        struct event e = spec("X", "AAA", "USD");
        snprintf(symbol, sizeof symbol, "S%d", k);
        e.symbol = slice_of(symbol);
        e.u.spec.status = (enum inst_status)k;
        ck_assert_int_eq(put(d, 0, e, 1)->included, k == INST_TRADING);
    }
    for (int k = -1; k <= 1; k++) {
        struct event e = spec("X", "AAA", "USD");
        snprintf(symbol, sizeof symbol, "L%d", k);
        e.symbol = slice_of(symbol);
        e.u.spec.linear = (int8_t)k;
        ck_assert_int_eq(put(d, 0, e, 1)->included, k >= 0); /* inverse ones too */
    }
    directory_free(d);
}
END_TEST

START_TEST(test_refused)
{
    struct directory *d = make();
    struct event e = spec("", "BTC", "USDT");
    put(d, 0, e, E_MISSING);
    e = spec("BTCUSDT", "", "USDT");
    put(d, 0, e, E_MISSING);
    e = spec("BTCUSDT", "BTC", "USDT");
    e.symbol.p = NULL;
    e.symbol.len = 0;
    put(d, 0, e, E_MISSING);
    static const double bad[] = {0, -1, INFINITY};
    for (int k = 0; k < 3; k++) {
        e = spec("BTCUSDT", "BTC", "USDT");
        e.u.spec.ct_size = bad[k];
        put(d, 0, e, E_RANGE);
        e = spec("BTCUSDT", "BTC", "USDT");
        e.u.spec.funding_interval_h = bad[k];
        put(d, 0, e, E_RANGE);
    }
    e = spec("A23456789012345678901234567890123456789012345678", "BTC", "USDT"); /* 48 bytes */
    put(d, 0, e, E_RANGE);
    e = spec("BTCUSDT", "A23456789012345678901234", "USDT");
    put(d, 0, e, E_RANGE);
    e = spec("BTCUSDT", "BTC", "USDTUSDTUSDT");
    put(d, 0, e, E_RANGE);
    e = spec("BTCUSDT", "BTC", "USDT");
    e.symbol = (struct slice){"BTC\0USDT", 8};
    put(d, 0, e, E_RANGE);
    ck_assert_uint_eq(directory_count(d), 0); /* none of them left a trace */
    ck_assert_uint_eq(directory_asset_count(d), 0);
    directory_free(d);
}
END_TEST

START_TEST(test_positions)
{
    static const char *const coins[] = {"BTC", "ETH", "SOL"};
    struct directory *d = make();
    struct slice main_dex = {NULL, 0};
    ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), 0);
    for (int k = 0; k < 3; k++) {
        struct event e = spec(coins[k], coins[k], "USD");
        e.ord = k;
        put(d, 1, e, 1);
    }
    ck_assert_uint_eq(directory_at(d, 1, main_dex, 0),
                      INST_NONE); /* the list is not complete yet */
    directory_dex_end(d, 1, main_dex, 3);
    ck_assert_uint_eq(directory_dex_len(d, 1, SLICE("")), 3);
    ck_assert_uint_eq(directory_at(d, 1, main_dex, 2), directory_find(d, 1, SLICE("SOL")));
    ck_assert_uint_eq(directory_at(d, 1, main_dex, 3), INST_NONE);
    ck_assert_uint_eq(directory_at(d, 1, main_dex, -1), INST_NONE);
    ck_assert_uint_eq(directory_at(d, 0, main_dex, 0), INST_NONE);
    ck_assert_uint_eq(directory_at(d, 1, SLICE("xyz"), 0), INST_NONE);
    struct event e = spec("xyz:NVDA", "NVDA", "USD");
    e.dex = SLICE("xyz");
    e.ord = 0;
    put(d, 1, e, 1);
    directory_dex_end(d, 1, SLICE("xyz"), 1);
    ck_assert_uint_eq(directory_at(d, 1, SLICE("xyz"), 0), directory_find(d, 1, SLICE("xyz:NVDA")));
    ck_assert_uint_eq(directory_dex_len(d, 1, main_dex), 3);
    e.ord = 1024;
    put(d, 1, e, E_RANGE);
    directory_free(d);
}
END_TEST

START_TEST(test_full)
{
    struct directory *d = make();
    char symbol[16], base[16];
    for (int k = 0; k < DIR_INSTRUMENTS_MAX; k++) {
        snprintf(symbol, sizeof symbol, "S%d", k);
        snprintf(base, sizeof base, "B%d", k % 50);
        put(d, 0, spec(symbol, base, "USD"), 1);
    }
    put(d, 0, spec("ONEMORE", "B0", "USD"), E_LIMIT);
    ck_assert_uint_eq(directory_find(d, 0, SLICE("ONEMORE")), INST_NONE);
    put(d, 0, spec("S17", "B17", "USD"), 0); /* what is known goes on */
    ck_assert_uint_eq(directory_count(d), DIR_INSTRUMENTS_MAX);
    for (uint32_t k = directory_asset_count(d); k < DIR_ASSETS_MAX; k++) {
        snprintf(base, sizeof base, "A%u", k);
        ck_assert_uint_eq(directory_asset_add(d, slice_of(base)), k);
    }
    ck_assert_uint_eq(directory_asset_add(d, SLICE("LAST")), ASSET_NONE);
    ck_assert_uint_eq(directory_asset_add(d, SLICE("B3")), 3);
    struct event e = spec("S17", "NEWBASE", "USD"); /* its asset finds no room: refused whole */
    put(d, 0, e, E_LIMIT);
    ck_assert_str_eq(directory_get(d, 17)->base, "B17");
    directory_free(d);
}
END_TEST

UNIT_MAIN("directory", tcase_add_test(tc, test_create_and_find); tcase_add_test(tc, test_aliases);
          tcase_add_test(tc, test_same_and_changed); tcase_add_test(tc, test_partial);
          tcase_add_test(tc, test_tiers); tcase_add_test(tc, test_included);
          tcase_add_test(tc, test_refused); tcase_add_test(tc, test_positions);
          tcase_add_test(tc, test_full);)
