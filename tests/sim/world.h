/* What the simulated market is made of: instruments with their books, populations and prices, and
 * what happened in the last step. Plain data, shared by those who move it (market.c, maker.c,
 * liquidate.c) and those who only read it; the owner is the one who called sim_market_new. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "sim/assets.h"
#include "sim/book.h"
#include "sim/pop.h"
#include "sim/rng.h"
#include "sim/scenario.h"

#define SIM_INSTS_MAX  256
#define SIM_ASSETS_MAX 80
#define SIM_TRADES_MAX 4096
#define SIM_LIQS_MAX   4096

struct sim_inst {
    const struct sim_asset *a;
    uint8_t venue, seat;
    bool inverse;  /* q = USD / a->px everywhere: what is conserved is the dollar size */
    int16_t asset; /* index into market.assets */
    int16_t ord;   /* position among the venue's instruments (Hyperliquid: of its dex) */
    bool trading;
    char symbol[24]; /* BTCUSDT, BTC, xyz:NVDA, BTC-USD-SWAP */
    char lower[24];  /* for Binance stream names */
    struct sim_grid grid;
    struct sim_tiers tiers;
    struct sim_book book;
    struct sim_pop pop;
    struct sim_rng rng;
    double slot_px, lot; /* USD, base units (q) */
    double unit;         /* this price over the asset's */
    double lots_per_bps; /* normal depth */
    double spread_bps, adv_usd;
    int64_t far_stride; /* beyond the dense band only every so many slots hold a level */
    int64_t thin[2];    /* deepest slot eaten and not yet refilled, per side */
    double ref_px;      /* what the makers quote around */
    double mid_px, mark_px, last_px;
    double base_premium, premium;
    double flow_s;                           /* net flow of open interest, share per second */
    double volume_usd, volume_base, open_px; /* 24 h figures */
    bool book_anew;                          /* in this step the published book begins anew */
    int64_t told_seq, told_prev;             /* numbers of the book message being published, */
    bool told_whole;                         /* (Bybit, OKX) which needs none before it */
    double pool_usd, pool_peak_usd;          /* insurance of this contract alone */
    int64_t trade_id, agg_id;
    /* The face it is given by misbehaviour (guise.h); plain while the market itself steps. */
    int64_t shift_slots; /* published prices stand so many slots off */
    bool announce;       /* its listing changed in this step */
    bool pool_hit;       /* its own drawdown is told, though its pool is shared */
};

struct sim_asset_state {
    const struct sim_asset *a;
    int16_t inst[SIM_SEATS]; /* -1 = none */
    struct sim_rng rng;
    double idio_ln, fund_px, index_px;
    double beta; /* to the shocked asset's factor */
};

struct sim_trade {
    int16_t inst;
    bool taker_buys, liq;
    int64_t lots;
    double px;
    int64_t agg_id, first_id, last_id;
};

struct sim_liq { /* one fill of the liquidation engine, or a takeover by the fund */
    int16_t inst;
    uint8_t closed; /* enum sim_side */
    bool takeover, shown;
    double qty, px, limit_px, order_qty; /* base (q), USD */
    double bankruptcy_px;
    double leverage;
};

struct sim_market {
    struct sim_scenario sc;
    struct sim_forces f;
    int64_t step, t0_us; /* time of a step = t0_us + step * SIM_STEP_US */
    struct sim_rng rng;
    double common_ln;
    int n_assets, n_insts;
    struct sim_asset_state assets[SIM_ASSETS_MAX];
    struct sim_inst insts[SIM_INSTS_MAX];
    int n_trades, n_liqs;
    struct sim_trade trades[SIM_TRADES_MAX];
    struct sim_liq liqs[SIM_LIQS_MAX];
    double fund_usd[SIM_VENUES];
    uint64_t dropped; /* trades and liquidations beyond the arrays' ends (counted, not kept) */
};

/* What q of an instrument is worth at a price, and how many coins that is. */
static inline double sim_usd(const struct sim_inst *in, double q, double px)
{
    return q * (in->inverse ? in->a->px : px);
}
static inline double sim_base(const struct sim_inst *in, double q, double px)
{
    return in->inverse ? q * in->a->px / px : q;
}

static inline double sim_slot_px(const struct sim_inst *in, int64_t slot)
{
    return (double)(slot + in->shift_slots) * in->slot_px;
}

/* A slot's published price in units of 10^-px_dec USD. */
static inline int64_t sim_slot_units(const struct sim_inst *in, int64_t slot)
{
    return (slot + in->shift_slots) * in->grid.slot_ticks * in->grid.tick_units;
}

/* The index of what one published contract holds. */
static inline double sim_index_px(const struct sim_market *m, const struct sim_inst *in)
{
    return m->assets[in->asset].index_px * in->unit;
}

#endif
