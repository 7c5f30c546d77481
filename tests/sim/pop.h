/* The leveraged agents of one instrument: open interest by side, leverage and liquidation price.
 * Agents that opened alike are one cohort: a cell of a grid in log price (10 bps), holding base
 * coins. Long mass equals short mass at all times (each contract has two sides); what the
 * liquidation engine has taken but not yet sold stays counted until it fills. */
#ifndef SIM_POP_H
#define SIM_POP_H

#include "sim/margin.h"
#include "sim/rng.h"

#define SIM_LEVS      9
#define SIM_SIZES     3
#define SIM_CELLS     2048
#define SIM_CELL_STEP 1e-3

extern const double sim_levs[SIM_LEVS]; /* 2 3 5 10 20 25 50 75 100 */

struct sim_pending {    /* crossed, waiting to be sold (long) or bought back (short) */
    double qty, bp_qty; /* base; sum of bankruptcy price * base */
    int wait_steps;     /* steps it has not been empty */
};

struct sim_pop {
    double px0;                    /* price at the grid's zero */
    const struct sim_tiers *tiers; /* the instrument's */
    double scale[SIM_SIDES];       /* true mass = scale * mass: closing touches one number */
    double *mass;                  /* [side][lev][cell] */
    double q[SIM_SIDES];           /* base alive, pending included */
    double w[SIM_LEVS];            /* leverage mix of what is opened */
    double f[SIM_SIDES][SIM_LEVS][SIM_SIZES]; /* LP / EP per size class */
    int edge[SIM_SIDES];                      /* longs: highest cell in use; shorts: lowest */
    struct sim_pending pending[SIM_SIDES][SIM_LEVS];
    double opened, closed, liquidated; /* gross base since the start, one-sided */
};

/* t must outlive it. Leverages above what the venue's tiers allow get no weight. px: now; oi_base:
 * both sides' size. spread: typical deviation (ln) of old entries from the price. 0 or -1 (memory).
 */
int sim_pop_init(struct sim_pop *p, const struct sim_tiers *t, double px, double oi_base,
                 double spread);
void sim_pop_fini(struct sim_pop *p);

double sim_pop_cell_px(const struct sim_pop *p, int cell); /* centre */
int sim_pop_cell_of(const struct sim_pop *p, double px);
double sim_pop_mass(const struct sim_pop *p, enum sim_side s, int lev, int cell); /* base */

/* Opens qty base at px on one side, by the mix; max_lev caps who comes in (0 = no cap). */
void sim_pop_open(struct sim_pop *p, enum sim_side s, double px, double qty, double max_lev);

/* Closes qty of a side voluntarily, everybody in proportion (pending excluded). Returns what
 * was closed: less than qty when the side holds less. */
double sim_pop_close(struct sim_pop *p, enum sim_side s, double qty);

/* Moves every cohort that the mark has crossed to pending; returns the base moved. */
double sim_pop_cross(struct sim_pop *p, enum sim_side s, double mark_px);

/* A fill of qty of a pending cohort. */
void sim_pop_filled(struct sim_pop *p, enum sim_side s, int lev, double qty);

/* Total of a side by summing (for checks): alive cells + pending. */
double sim_pop_total(const struct sim_pop *p, enum sim_side s);

#endif
