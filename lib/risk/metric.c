/* The table of metric families, in order of evaluation, and the lookups over it: metric ids count
 * through the families, columns through the families of one table. Everything here follows from the
 * const table; ids and columns are what SQL, the socket and the rules share.
 * The surprising thing: moving a family changes ids, so ids never leave the process, names do. */
#include "risk/family.h"

#include <string.h>

#include "risk/sweep.h"

const struct metric_family *const metric_families[] = {
    [FAM_OI_VENUE] = &family_oi_venue,
    [FAM_OI_ASSET] = &family_oi_asset,
    [FAM_OI_SHARE] = &family_oi_share,
    [FAM_FUND_VENUE] = &family_fund_venue,
    [FAM_FUND_ASSET] = &family_fund_asset,
    [FAM_BASIS_VENUE] = &family_basis_venue,
    [FAM_BASIS_ASSET] = &family_basis_asset,
    [FAM_MOVE] = &family_move,
    [FAM_LIQ_VENUE_FAST] = &family_liq_venue_fast,
    [FAM_LIQ_ASSET_FAST] = &family_liq_asset_fast,
    [FAM_LIQ_VENUE] = &family_liq_venue,
    [FAM_LIQ_ASSET] = &family_liq_asset,
    [FAM_BOOK_VENUE] = &family_book_venue,
    [FAM_BOOK_ASSET] = &family_book_asset,
    [FAM_FAIR] = &family_fair,
    [FAM_DEV] = &family_dev,
    [FAM_CHECK] = &family_check,
    [FAM_CONC_VENUE] = &family_conc_venue,
    [FAM_CONC_ASSET] = &family_conc_asset,
    [FAM_CONC_LIQ] = &family_conc_liq,
    [FAM_THROTTLE] = &family_throttle,
    [FAM_ADL] = &family_adl,
    [FAM_CROWD_VENUE] = &family_crowd_venue,
    [FAM_CROWD_ASSET] = &family_crowd_asset,
    [FAM_PEG_VENUE] = &family_peg_venue,
    [FAM_PEG_ASSET] = &family_peg_asset,
    [FAM_PEG_COINS] = &family_peg_coins,
    [FAM_CROWDING] = &family_crowding,
    [FAM_BUILDUP] = &family_buildup,
    [FAM_PEAK] = &family_peak,
    [FAM_BREADTH] = &family_breadth,
    [FAM_SKEW] = &family_skew,
    [FAM_LIQMAP] = &family_liqmap,
    [FAM_SCENARIO] = &family_scenario,
    [FAM_CASCADE_ASSET] = &family_cascade_asset,
    [FAM_FEED] = &family_feed,
    [FAM_FEED_CHECK] = &family_feed_check,
    [FAM_PROCESS] = &family_process,
    [FAM_LOSS] = &family_loss,
};
const int n_metric_families = FAMILIES;

static const struct {
    const char *name;
    unsigned keys;
} tables[MT_TABLES] = {
    [MT_ASSET] = {"m_asset", KEY_ASSET},
    [MT_VENUE_ASSET] = {"m_venue_asset", KEY_VENUE | KEY_ASSET},
    [MT_FEED] = {"m_feed", KEY_VENUE | KEY_CHANNEL | KEY_SYMBOL},
    [MT_PROCESS] = {"m_process", 0},
    [MT_SCENARIO] = {"m_scenario", KEY_VENUE | KEY_ASSET | KEY_SCENARIO},
    [MT_GROUP_ASSET_SIDE] = {"m_group_asset_side", KEY_VENUE | KEY_ASSET | KEY_SIDE},
};

const char *metric_table_name(enum metric_table t)
{
    return t < MT_TABLES ? tables[t].name : "?";
}

unsigned metric_table_keys(enum metric_table t)
{
    return t < MT_TABLES ? tables[t].keys : 0;
}

const char *scenario_name(unsigned scenario)
{
    static const char *const names[SWEEP_KINDS] = {[SWEEP_FLOW] = "flow", [SWEEP_NEWS] = "news"};
    return scenario < SWEEP_KINDS ? names[scenario] : NULL;
}

const char *metric_part_key(enum metric_table t)
{
    unsigned keys = metric_table_keys(t);
    return keys & KEY_SCENARIO ? "scenario" : keys & KEY_SIDE ? "side" : NULL;
}

const char *metric_part_name(enum metric_table t, unsigned part)
{
    unsigned keys = metric_table_keys(t);
    if (keys & KEY_SCENARIO)
        return scenario_name(part);
    return keys & KEY_SIDE && part <= POS_SHORT ? pos_side_name((enum pos_side)part) : NULL;
}

int metric_count(void)
{
    int n = 0;
    for (int f = 0; f < FAMILIES; f++)
        n += metric_families[f]->n;
    return n;
}

/* Family of a metric id; *at gets the position in it. NULL when there is no such id. */
static const struct metric_family *family_at(int id, int *at)
{
    for (int f = 0; f < FAMILIES && id >= 0; f++) {
        if (id < metric_families[f]->n) {
            *at = id;
            return metric_families[f];
        }
        id -= metric_families[f]->n;
    }
    return NULL;
}

const struct metric *metric_at(int id)
{
    int at = 0;
    const struct metric_family *f = family_at(id, &at);
    return f ? &f->metrics[at] : NULL;
}

const struct metric_family *metric_family_of(int id)
{
    int at = 0;
    return family_at(id, &at);
}

int metric_find(struct slice name, enum metric_table table)
{
    for (int f = 0, id = 0; f < FAMILIES; id += metric_families[f++]->n) {
        if (metric_families[f]->table != table)
            continue;
        for (int i = 0; i < metric_families[f]->n; i++)
            if (slice_is(name, metric_families[f]->metrics[i].name))
                return id + i;
    }
    return -1;
}

static int find_anywhere(struct slice name)
{
    int found = E_UNKNOWN;
    for (int t = 0; t < MT_TABLES; t++) {
        int id = metric_find(name, (enum metric_table)t);
        if (id >= 0 && found >= 0)
            return E_DUP;
        if (id >= 0)
            found = id;
    }
    return found;
}

int metric_resolve(struct slice name)
{
    for (int t = 0; t < MT_TABLES; t++) {
        uint32_t n = (uint32_t)strlen(tables[t].name);
        if (name.len > n + 1 && memcmp(name.p, tables[t].name, n) == 0 && name.p[n] == '.') {
            struct slice rest = {name.p + n + 1, name.len - n - 1};
            int id = metric_find(rest, (enum metric_table)t);
            return id >= 0 ? id : E_UNKNOWN;
        }
    }
    return find_anywhere(name);
}

int metric_column(int id)
{
    int at = 0, column = 0;
    const struct metric_family *mine = family_at(id, &at);
    if (!mine)
        return -1;
    for (int f = 0; metric_families[f] != mine; f++)
        if (metric_families[f]->table == mine->table)
            column += metric_families[f]->n;
    return column + at;
}

int metric_columns(enum metric_table t)
{
    int n = 0;
    for (int f = 0; f < FAMILIES; f++)
        n += metric_families[f]->table == t ? metric_families[f]->n : 0;
    return n;
}

int metric_by_column(enum metric_table t, int column)
{
    for (int f = 0, id = 0; f < FAMILIES && column >= 0; id += metric_families[f++]->n) {
        if (metric_families[f]->table != t)
            continue;
        if (column < metric_families[f]->n)
            return id + column;
        column -= metric_families[f]->n;
    }
    return -1;
}

/* needs must name metrics of earlier families, so there can be no cycle. */
static bool needs_point_back(const struct metric_family *mine)
{
    for (const char *const *need = mine->needs; need && *need; need++) {
        int id = metric_resolve(slice_of(*need));
        const struct metric_family *theirs = id >= 0 ? metric_family_of(id) : NULL;
        for (int f = 0; theirs && metric_families[f] != theirs; f++)
            if (metric_families[f] == mine)
                return false;
        if (!theirs || theirs == mine)
            return false;
    }
    return true;
}

int metric_check(void)
{
    for (int id = 0; id < metric_count(); id++) {
        const struct metric *m = metric_at(id);
        const struct metric_family *f = metric_family_of(id);
        if (metric_find(slice_of(m->name), (enum metric_table)f->table) != id)
            return E_DUP;
        if (!(m->lo < m->hi) || !*m->unit || !*m->help)
            return E_RANGE;
    }
    for (int f = 0; f < FAMILIES; f++)
        if (!needs_point_back(metric_families[f]))
            return E_UNKNOWN;
    return 0;
}

double risk_fair_weight(struct slice venue_name)
{
    static const struct {
        const char *venue;
        double weight;
    } table[] = {{"binance", 3}, {"okx", 2}, {"bybit", 2}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (slice_is(venue_name, table[i].venue))
            return table[i].weight;
    return 1;
}
