/* Proves the metric tables (names, units, columns, needs) and the board: order of rows, reasons
 * told once, assets that come and go, limits, values out of range, equal input giving equal bits.
 */
#include "market_fixture.h"
#include "risk/board.h"

START_TEST(test_tables)
{
    ck_assert_int_eq(metric_check(), 0);
    int n = 0;
    for (int t = 0; t < MT_TABLES; t++) {
        int columns = metric_columns((enum metric_table)t);
        ck_assert_int_gt(columns, 0);
        for (int c = 0; c < columns; c++) {
            int id = metric_by_column((enum metric_table)t, c);
            ck_assert_int_ge(id, 0);
            ck_assert_int_eq(metric_column(id), c);
            ck_assert_int_eq(metric_family_of(id)->table, t);
            ck_assert_int_eq(metric_find(slice_of(metric_at(id)->name), (enum metric_table)t), id);
        }
        ck_assert_int_eq(metric_by_column((enum metric_table)t, columns), -1);
        n += columns;
    }
    ck_assert_int_eq(n, metric_count());
    ck_assert_ptr_null(metric_at(n));
    ck_assert_ptr_null(metric_at(-1));
    ck_assert_int_eq(metric_column(n), -1);
}
END_TEST

static bool ends(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n > k && strcmp(name + n - k, suffix) == 0;
}

/* The unit in the name and the unit in the table must be the same thing. */
START_TEST(test_units_are_in_the_names)
{
    static const struct {
        const char *suffix, *unit;
    } rows[] = {{"_usd", "USD"}, {"_base", "base"}, {"_frac", "frac"}, {"_bps", "bps"},
                {"_8h", "1/8h"}, {"_px", "USD"},    {"_per_s", "1/s"}, {"_s", "s"},
                {"_h", "h"},     {"_ms", "ms"},     {"_days", "day"}};
    for (int id = 0; id < metric_count(); id++) {
        const struct metric *m = metric_at(id);
        bool told = false, by_field = strncmp(m->name, "depth_cov_bps", 13) == 0 ||
                                      strcmp(m->name, "oi_cr3") == 0;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            if (!ends(m->name, rows[i].suffix))
                continue;
            told = true;
            ck_assert_msg(strcmp(m->unit, rows[i].unit) == 0, "%s is in %s", m->name, m->unit);
            break;
        }
        ck_assert_msg(told || by_field || strcmp(m->unit, "1") == 0, "%s names no unit", m->name);
        ck_assert_msg(strlen(m->name) < 48 &&
                          strspn(m->name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
                              strlen(m->name),
                      "%s is no column name", m->name);
        size_t help = strlen(m->help);
        ck_assert_msg(help > 20 && m->help[help - 1] == '.', "%s: %s", m->name, m->help);
    }
}
END_TEST

START_TEST(test_resolve)
{
    ck_assert_int_eq(metric_resolve(SLICE("m_asset.oi_usd")),
                     metric_find(SLICE("oi_usd"), MT_ASSET));
    ck_assert_int_eq(metric_resolve(SLICE("m_venue_asset.oi_usd")),
                     metric_find(SLICE("oi_usd"), MT_VENUE_ASSET));
    ck_assert_int_eq(metric_resolve(SLICE("oi_usd")), E_DUP);
    ck_assert_int_eq(metric_resolve(SLICE("px_dev_bps")),
                     metric_find(SLICE("px_dev_bps"), MT_VENUE_ASSET));
    static const char *const none[] = {"",      "m_asset.", "m_asset", "m_asset.px_dev_bps",
                                       "oi_us", "oi_usdx"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        ck_assert_msg(metric_resolve(slice_of(none[i])) == E_UNKNOWN, "%s", none[i]);
    ck_assert_str_eq(metric_table_name(MT_VENUE_ASSET), "m_venue_asset");
}
END_TEST

START_TEST(test_order_of_rows)
{
    struct fx *f = fx_new();
    uint32_t sol = fx_list(f, 2, "SOL", "SOL", 0), btc = fx_list(f, 1, "BTC", "BTC", 0);
    fx_list(f, 0, "BTC", "BTC", 0);
    fx_list(f, 0, "SOL", "SOL", 0);
    fx_tick(f);
    const struct subject want[] = {fx_asset(sol), fx_va(0, sol), fx_va(2, sol),
                                   fx_asset(btc), fx_va(0, btc), fx_va(1, btc)};
    ck_assert_int_gt(f->n_rows, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_msg(fx_same(f->row[i], want[i]), "row %d", i);
    for (int i = 6; i < f->n_rows; i++)
        ck_assert_int_ge(f->row[i].table, MT_FEED);
    ck_assert_ptr_null(risk_row(f->risk, fx_asset(4000)));
    ck_assert_ptr_null(risk_row(f->risk, fx_va(FX_VENUES, btc)));
    fx_free(f);
}
END_TEST

START_TEST(test_reasons_are_told_once)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    int mark = metric_find(SLICE("mark_px"), MT_VENUE_ASSET), told = 0;
    uint8_t last = R_NOT_TRACKED;
    for (int i = 0; i < 40; i++) {
        if (i >= 5 && i < 10)
            fx_px(f, 0, "BTC", EV_MARK, 100);
        if (i == 30)
            fx_links(f, 0, false);
        fx_tick(f);
        for (int k = 0; k < f->n_reasons; k++) {
            const struct fx_reason *r = &f->reason[k];
            if (r->metric != mark || r->s.venue != 0)
                continue;
            ck_assert_int_eq(r->was, last);
            last = r->now;
            told++;
        }
        ck_assert_int_eq(fx_cell(f, fx_va(0, btc), "mark_px").reason, last);
    }
    ck_assert_int_eq(told, 4); /* warmup, known, stale, down */
    ck_assert_int_eq(last, R_DOWN);
    fx_free(f);
}
END_TEST

START_TEST(test_assets_leave_and_return)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    uint32_t eth = fx_list(f, 0, "ETH", "ETH", 0);
    fx_px(f, 0, "BTC", EV_MARK, 100);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_px", 100, 0);
    risk_del_asset(f->risk, btc);
    risk_del_asset(f->risk, btc);
    ck_assert_int_eq(risk_assets(f->risk), 1);
    ck_assert_uint_eq(risk_asset_at(f->risk, 0), eth);
    fx_unknown(f, fx_va(0, btc), "mark_px", R_NOT_TRACKED);
    fx_tick(f);
    int mark = metric_find(SLICE("mark_px"), MT_VENUE_ASSET), gone = 0;
    for (int k = 0; k < f->n_reasons; k++)
        gone += f->reason[k].metric == mark && f->reason[k].s.id == btc &&
                f->reason[k].now == R_NOT_TRACKED;
    ck_assert_int_eq(gone, 1);
    for (int i = 0; i < f->n_rows; i++)
        ck_assert(f->row[i].table > MT_VENUE_ASSET || f->row[i].id == eth);
    ck_assert_ptr_null(risk_row(f->risk, fx_asset(btc)));
    ck_assert_int_eq(risk_add_asset(f->risk, btc), 0);
    ck_assert_int_eq(risk_add_asset(f->risk, btc), 0);
    ck_assert_uint_eq(risk_asset_at(f->risk, 1), btc);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_px", 100, 0);
    risk_del_asset(f->risk, btc);
    ck_assert_int_eq(risk_add_asset(f->risk, btc), 0); /* back before anybody was told */
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "mark_px", 100, 0);
    fx_free(f);
}
END_TEST

START_TEST(test_limits)
{
    struct fx *f = fx_new();
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_int_eq(risk_add_asset(f->risk, i), 0);
    ck_assert_int_eq(risk_add_asset(f->risk, 8), E_LIMIT);
    ck_assert_int_eq(risk_add_asset(f->risk, DIR_ASSETS_MAX), E_RANGE);
    ck_assert_int_eq(risk_add_asset(f->risk, ASSET_NONE), E_RANGE);
    for (uint32_t i = 0; i < 8; i++) /* the whole universe changes within one second */
        risk_del_asset(f->risk, i);
    for (uint32_t i = 8; i < 16; i++)
        ck_assert_int_eq(risk_add_asset(f->risk, i), 0);
    risk_del_asset(f->risk, 4000);
    fx_tick(f);
    ck_assert_int_eq(risk_assets(f->risk), 8);
    fx_free(f);
}
END_TEST

START_TEST(test_impossible_values_are_refused)
{
    struct fx *f = fx_new();
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_funding(f, 0, "BTC", 3, 8); /* 300 % per 8 hours */
    fx_tick(f);
    fx_unknown(f, fx_va(0, btc), "fund_8h", R_UNIT_UNPROVEN);
    ck_assert_uint_ge(risk_refused(f->risk), 1);
    fx_funding(f, 0, "BTC", 0.5, 8);
    fx_tick(f);
    fx_is(f, fx_va(0, btc), "fund_8h", 0.5, 0);
    fx_free(f);
}
END_TEST

/* A seeded market that exercises most families; the hash covers every bit of every cell handed out.
 */
static uint64_t cell_hash;
static void hash_row(void *arg, int64_t t_us, struct subject s, const struct cell *row, int n)
{
    (void)arg;
    cell_hash =
        (cell_hash ^ (uint64_t)t_us ^ s.id ^ (uint64_t)s.venue << 40) * UINT64_C(0x100000001b3);
    for (int i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &row[i].value, sizeof(bits));
        cell_hash = (cell_hash ^ (row[i].reason ? row[i].reason : bits)) * UINT64_C(0x100000001b3);
    }
}

static uint64_t play(uint32_t seed)
{
    struct fx *f = fx_new();
    struct risk_sink sink = {.arg = f, .row = hash_row};
    cell_hash = 1;
    for (int v = 0; v < FX_VENUES; v++)
        fx_list(f, v, "BTC", "BTC", 0);
    for (int i = 0; i < 200; i++) {
        seed = seed * 1664525u + 1013904223u;
        int v = (int)(seed >> 20) % FX_VENUES;
        double px = 100 + (seed >> 24) / 256.0;
        struct level bid = {px - 0.1, 3}, ask = {px + 0.1, 4};
        fx_px(f, v, "BTC", EV_MARK, px);
        fx_oi(f, v, "BTC", 100 + (seed >> 28), QTY_BASE);
        fx_must(fx_book(f, v, "BTC", (struct fx_side){&bid, 1}, (struct fx_side){&ask, 1}));
        fx_liq(f, 0, (seed >> 10) & 1 ? POS_LONG : POS_SHORT, px, 1);
        if (seed >> 30 == 0)
            fx_links(f, v, (seed >> 8) & 1);
        f->now_us += SEC;
        live_tick(f->live, f->now_us);
        market_tick(f->market, f->now_us);
        risk_tick(f->risk, f->now_us, &sink);
    }
    fx_free(f);
    return cell_hash;
}

START_TEST(test_same_input_same_bits)
{
    uint64_t a = play(7), b = play(7), c = play(8);
    ck_assert_uint_eq(a, b);
    ck_assert_uint_ne(a, c);
}
END_TEST

START_TEST(test_turns_of_others_do_nothing)
{
    struct fx *f = fx_new();
    struct risk_sink sink = fx_sink(f);
    uint32_t btc = fx_list(f, 0, "BTC", "BTC", 0);
    fx_tick(f);
    f->n_rows = 0;
    risk_turn(f->risk, (struct subject){MT_FEED, 0, 0, INST_NONE}, f->now_us, &sink);
    risk_turn(f->risk, fx_va(0, 999), f->now_us, &sink);
    risk_turn(f->risk, fx_va(200, btc), f->now_us, &sink);
    ck_assert_int_eq(f->n_rows, 0);
    risk_turn(f->risk, fx_va(1, btc), f->now_us,
              &sink); /* b does not list it: only the asset's row */
    ck_assert_int_eq(f->n_rows, 1);
    risk_turn(f->risk, fx_asset(btc), f->now_us, &sink);
    ck_assert_int_eq(f->n_rows, 3);
    fx_free(f);
}
END_TEST

START_TEST(test_fair_weights)
{
    ck_assert_double_eq(risk_fair_weight(SLICE("binance")), 3);
    ck_assert_double_eq(risk_fair_weight(SLICE("okx")), 2);
    ck_assert_double_eq(risk_fair_weight(SLICE("bybit")), 2);
    ck_assert_double_eq(risk_fair_weight(SLICE("hyperliquid")), 1);
}
END_TEST

/* Every pair of reasons, at every second of two minutes. */
START_TEST(test_which_changes_of_reason_are_told)
{
    for (uint8_t was = 0; was < R_REASONS; was++)
        for (uint8_t now = 0; now < R_REASONS; now++)
            for (int s = 0; s < 120; s++) {
                bool takes_turns = (was == R_OFF_GRID && now == R_RUNAWAY) ||
                                   (was == R_RUNAWAY && now == R_OFF_GRID);
                bool told = was != now && (!takes_turns || s % 60 < 5);
                ck_assert_int_eq(board_tells_reason(was, now, (int64_t)(1200 + s) * 1000000), told);
            }
    /* Rows that have their turn each 5 s have one in the minute's window, whatever their place. */
    for (int row = 0; row < 5; row++) {
        int told = 0;
        for (int s = row; s < 60; s += 5)
            told += board_tells_reason(R_RUNAWAY, R_OFF_GRID, (int64_t)s * 1000000);
        ck_assert_int_eq(told, 1);
    }
}
END_TEST

UNIT_MAIN("metric", tcase_add_test(tc, test_tables);
          tcase_add_test(tc, test_units_are_in_the_names); tcase_add_test(tc, test_resolve);
          tcase_add_test(tc, test_order_of_rows); tcase_add_test(tc, test_reasons_are_told_once);
          tcase_add_test(tc, test_assets_leave_and_return); tcase_add_test(tc, test_limits);
          tcase_add_test(tc, test_impossible_values_are_refused);
          tcase_add_test(tc, test_same_input_same_bits);
          tcase_add_test(tc, test_turns_of_others_do_nothing);
          tcase_add_test(tc, test_fair_weights);
          tcase_add_test(tc, test_which_changes_of_reason_are_told);)
