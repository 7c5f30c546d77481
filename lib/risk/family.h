/* Inside lib/risk: what the family files share. Which families there are (and so the order of
 * evaluation and of the columns), what each hands to later ones, and the helpers that keep sums
 * over instruments and venues honest about what is missing. Nothing outside lib/risk includes this.
 */
#ifndef RISK_FAMILY_H
#define RISK_FAMILY_H

#include "risk/metric.h"

enum family_id {
    FAM_OI_VENUE,
    FAM_OI_ASSET,
    FAM_OI_SHARE,
    FAM_FUND_VENUE,
    FAM_FUND_ASSET,
    FAM_BASIS_VENUE,
    FAM_BASIS_ASSET,
    FAM_MOVE,
    FAM_LIQ_VENUE_FAST,
    FAM_LIQ_ASSET_FAST,
    FAM_LIQ_VENUE,
    FAM_LIQ_ASSET,
    FAM_BOOK_VENUE,
    FAM_BOOK_ASSET,
    FAM_FAIR,
    FAM_DEV,
    FAM_CHECK,
    FAM_CONC_VENUE,
    FAM_CONC_ASSET,
    FAM_CONC_LIQ,
    FAM_THROTTLE,
    FAM_ADL,
    FAM_CROWD_VENUE,
    FAM_CROWD_ASSET,
    FAM_PEG_VENUE,
    FAM_PEG_ASSET,
    FAM_PEG_COINS,
    FAM_CROWDING,
    FAM_BUILDUP,
    FAM_PEAK,
    FAM_BREADTH,
    FAM_SKEW,
    FAM_LIQMAP,
    FAM_SCENARIO,
    FAM_CASCADE_ASSET,
    FAM_FEED,
    FAM_FEED_CHECK,
    FAM_PROCESS,
    FAM_LOSS,
    FAMILIES
};

extern const struct metric_family family_oi_venue, family_oi_asset, family_oi_share;
extern const struct metric_family family_fund_venue, family_fund_asset;
extern const struct metric_family family_basis_venue, family_basis_asset, family_move;
extern const struct metric_family family_liq_venue_fast, family_liq_asset_fast;
extern const struct metric_family family_liq_venue, family_liq_asset;
extern const struct metric_family family_book_venue, family_book_asset;
extern const struct metric_family family_liqmap;
extern const struct metric_family family_scenario, family_cascade_asset;
extern const struct metric_family family_fair, family_dev, family_feed, family_process;
extern const struct metric_family family_check, family_feed_check, family_loss;

extern const struct metric_family family_conc_venue, family_conc_asset, family_conc_liq;
extern const struct metric_family family_throttle, family_adl, family_skew;
extern const struct metric_family family_crowding, family_buildup, family_peak, family_breadth;
extern const struct metric_family family_crowd_venue, family_crowd_asset;
extern const struct metric_family family_peg_venue, family_peg_asset, family_peg_coins;

/* Cells that later families read, by position in their family. */
enum { OI_USD, OI_BASE, OI_CHG_BASE, OI_CHG_FRAC = OI_CHG_BASE + 4, OI_VENUE_N = OI_CHG_FRAC + 4 };
enum { FUND_8H, FUND_ANN, FUND_INTERVAL, FUND_NEXT, FUND_VENUE_N };
enum { BASIS_MARK, BASIS_INDEX, BASIS_BPS, BASIS_VENUE_N };
enum { OIA_HHI = OI_VENUE_N, OIA_NEFF, OIA_CR3, OIA_COV, OI_ASSET_N };
enum { FUNDA_OIW, FUNDA_ANN, FUNDA_DISP, FUND_ASSET_N };
enum { BASISA_BPS, BASISA_DISP, BASIS_ASSET_N };
enum { LIQ_LONG_1M, LIQ_SHORT_1M, LIQ_1M_OI, LIQ_FAST_N };
enum { LIQ_LONG_5M, LIQ_SHORT_5M, LIQ_LONG_1H, LIQ_SHORT_1H, LIQ_COVERAGE, LIQ_VENUE_N };
enum { DEPTH_BID, DEPTH_ASK = DEPTH_BID + BOOK_BANDS, DEPTH_N = DEPTH_ASK + BOOK_BANDS };
enum {
    BOOK_DEPTH, /* DEPTH_N cells */
    BOOK_MEAN_BID = BOOK_DEPTH + DEPTH_N,
    BOOK_MEAN_ASK,
    BOOK_REL,
    BOOK_BID_PX,
    BOOK_ASK_PX,
    BOOK_MID_PX,
    BOOK_SPREAD,
    BOOK_COV_BID,
    BOOK_COV_ASK,
    BOOK_SLIP_1M,
    BOOK_SLIP_10M,
    BOOK_VENUE_N
};

/* Rows the store has lost, by the second it said so; for family_loss. */
#define LOSS_WINDOW_S 60
struct loss_window {
    int64_t second[LOSS_WINDOW_S]; /* of the epoch; a slot of another minute counts nothing */
    double rows[LOSS_WINDOW_S];
};

/* The instruments of one venue and asset, gathered once per tick or turn. */
#define VIEW_SLOTS_MAX 8
struct risk_view {
    int n;                                   /* 0 = the venue does not list the asset */
    const struct slot *slot[VIEW_SLOTS_MAX]; /* order: directory id */
    const struct instrument *inst[VIEW_SLOTS_MAX];
    int primary;                    /* index; meaningless while n is 0 */
    double oi_last[VIEW_SLOTS_MAX]; /* last open interest ever said, base units; 0 = never */
    double oi_last_sum;
    bool down;     /* every stream of the venue is without link: its cells all read down */
    bool settling; /* some instrument never said its open interest and is younger than SETTLE_US */
};
#define SETTLE_US INT64_C(120000000)

const struct risk_view *risk_view_of(const struct risk *r, struct subject s); /* MT_VENUE_ASSET */
bool risk_venue_down(const struct risk *r, uint8_t venue); /* as of the last tick */
const struct risk_venue *risk_venue_conf(const struct risk *r, uint8_t venue);
/* The cells of family f in the row of s; s must have a row of that family's table. */
const struct cell *risk_family_cells(const struct risk *r, struct subject s, enum family_id f);
struct subject subject_asset(uint32_t asset);
struct subject subject_venue_asset(uint8_t venue, uint32_t asset);
struct subject subject_side(uint8_t venue, uint32_t asset, enum pos_side side);
/* venue 255: all venues pooled. */
struct subject subject_scenario(uint8_t venue, uint32_t asset, uint8_t scenario);

/* The reason that says more: down > stale > gap > off_grid > empty_book > unit_unproven > throttled
 * > warmup > no_oi > not_tracked > known. */
uint8_t reason_worse(uint8_t a, uint8_t b);
void cell_or(struct cell *c, double x, uint8_t why); /* known when x is finite, else unknown why */

/* A sum over the parts (instruments of a venue, venues of an asset) that are known. Parts weigh by
 * their last known open interest; below half of it the sum is unknown. */
struct part_sum {
    double sum;
    double w_known, w_all;
    int n_known, n;
    uint8_t why; /* the worst reason of the unknown parts */
};
void part_add(struct part_sum *p, double x, uint8_t why, double weight);
double
part_cover(const struct part_sum *p); /* 0..1 of the weight; NAN with no weight and parts missing */
uint8_t part_why(const struct part_sum *p); /* why too little is known; not_tracked without parts */
bool part_ok(const struct part_sum *p);     /* enough is known */
void part_cell(const struct part_sum *p, struct cell *out);

/* Sum of one cell of a m_venue_asset family over the venues that list the asset. */
struct part_sum venues_sum(const struct risk *r, uint32_t asset, enum family_id f, int i);

#endif
