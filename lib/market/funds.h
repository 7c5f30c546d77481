/* Insurance funds and auto-deleveraging feeds, as venues tell them: per pool, found by instrument.
 * In: EV_FUND. Out: the newest balance and drawdown of the pool that covers an instrument. Owned by
 * the market. The surprising thing: a pool is named by a symbol, by a family (OKX) or by its first
 * symbol and coin; what nobody can assign to an instrument is kept, and covers none. */
#ifndef MARKET_FUNDS_H
#define MARKET_FUNDS_H

#include "facts/directory.h"
#include "facts/event.h"

#define FUNDS_MAX 2048

struct fund {
    uint8_t venue;
    uint32_t inst; /* the instrument its events name; INST_NONE */
    char pool[64];
    char state[12];       /* the venue's word; "" = it says none */
    double balance_usd;   /* NAN = never said in dollars */
    int64_t t_balance_us; /* when it was as said: the venue's stamp, else receipt; 0 never */
    double drawdown_frac; /* of its 8 h peak, negative; NAN */
    double trigger_frac;  /* at which auto-deleveraging starts, negative; NAN */
    int64_t t_adl_us;     /* receipt of state, drawdown or trigger; 0 never */
};

struct funds {
    uint32_t n, n_dir; /* pools; instruments known when pools were last assigned */
    uint64_t dropped;  /* events beyond FUNDS_MAX */
    struct fund f[FUNDS_MAX];
    uint16_t of[DIR_INSTRUMENTS_MAX]; /* pool that covers an instrument; FUNDS_MAX = none */
};

void funds_init(struct funds *f);
/* 0; E_RANGE, E_MISSING (no pool and no instrument), E_LIMIT. inst: what the event names. */
int funds_apply(struct funds *f, const struct directory *dir, uint8_t venue, uint32_t inst,
                const struct event *e) MUST_CHECK;
/* NULL when no pool is known to cover the instrument. */
const struct fund *funds_of(const struct funds *f, uint32_t inst);

#endif
