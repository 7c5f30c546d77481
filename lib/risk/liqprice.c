/* Liquidation prices (liqprice.h). In: one position and its margin rate or tiers; out: a price. The
 * surprising thing: most public maps use entry (1 -/+ 1/leverage), which is the bankruptcy price;
 * at 100x it misses the distance to liquidation by two thirds. */
#include "risk/liqprice.h"

#include <math.h>

static double sign_of(enum pos_side side)
{
    return side == POS_LONG ? 1 : -1;
}

static int give(double x, double *px)
{
    if (!(isfinite(x) && x > 0))
        return E_MISSING;
    *px = x;
    return 0;
}

/* The price at which usd are worth so many coins; no coins or fewer: there is none. */
static int give_per(double usd, double coins, double *px)
{
    return coins > 0 ? give(usd / coins, px) : E_MISSING;
}

static bool usable(double size, double entry_px, double margin)
{
    return size > 0 && entry_px > 0 && isfinite(size) && isfinite(entry_px) && isfinite(margin);
}

int liqprice_linear(const struct linear_position *p, double mmr, double cum_usd, double *px)
{
    double side = sign_of(p->side);
    if (!usable(p->qty_base, p->entry_px, p->margin_usd) || !(mmr >= 0 && mmr < 1))
        return E_RANGE;
    double free_usd = p->margin_usd - p->other_mm_usd + p->other_upnl_usd + cum_usd;
    return give((free_usd - side * p->qty_base * p->entry_px) / (p->qty_base * (mmr - side)), px);
}

static bool holds(const struct tier *t, double notional_usd)
{
    const double slack = 1e-9; /* a price on the boundary belongs to both tiers: they agree there */
    return notional_usd >= t->floor_usd * (1 - slack) && notional_usd <= t->cap_usd * (1 + slack);
}

int liqprice_tiered(const struct linear_position *p, const struct tier *t, int n, double *px,
                    int *tier)
{
    for (int k = 0; k < n; k++) {
        double x = 0;
        int rc = liqprice_linear(p, t[k].mmr, t[k].cum, &x);
        if (rc == E_RANGE)
            return rc;
        bool last_open = k == n - 1 && x * p->qty_base > t[k].floor_usd;
        if (rc == 0 && (holds(&t[k], x * p->qty_base) || last_open)) {
            if (tier)
                *tier = k;
            return give(x, px);
        }
    }
    return E_MISSING;
}

int bankruptcy_linear(const struct linear_position *p, double *px)
{
    if (!usable(p->qty_base, p->entry_px, p->margin_usd))
        return E_RANGE;
    return give(p->entry_px - sign_of(p->side) * p->margin_usd / p->qty_base, px);
}

int bankruptcy_inverse(const struct inverse_position *p, double *px)
{
    double side = sign_of(p->side);
    if (!usable(p->face_usd, p->entry_px, p->margin_coin))
        return E_RANGE;
    double coins = p->face_usd / p->entry_px + side * p->margin_coin;
    return give_per(p->face_usd * (1 + side * p->close_fee_frac), coins, px);
}

int liqprice_inverse(const struct inverse_position *p, double mmr, enum inverse_form form,
                     double *px)
{
    double side = sign_of(p->side), bankrupt_px = 0;
    if (!usable(p->face_usd, p->entry_px, p->margin_coin) || !(mmr >= 0 && mmr < 1))
        return E_RANGE;
    double entry_coin = p->face_usd / p->entry_px;
    if (form == INVERSE_MARK_MM)
        return give_per(p->face_usd * (1 + side * mmr), entry_coin + side * p->margin_coin, px);
    int rc = bankruptcy_inverse(p, &bankrupt_px);
    if (rc < 0)
        return rc;
    double fee_coin = p->close_fee_frac * p->face_usd / bankrupt_px;
    return give_per(p->face_usd, entry_coin + side * (p->margin_coin - mmr * entry_coin - fee_coin),
                    px);
}
