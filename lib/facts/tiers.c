/* Margin tiers: check, lookup and the deduction recursion. In: rows as a venue published them; out:
 * verdict, index, cum. The recursion cum_k = cum_{k-1} + floor_k (mmr_k - mmr_{k-1}) makes the
 * maintenance margin N * mmr - cum continuous at every floor; Binance states it in its FAQ and
 * Hyperliquid in trading/margin-tiers. The last cap may be finite (Binance) or INFINITY. */
#include "facts/tiers.h"

#include <math.h>
#include <stdbool.h>

static int row_ok(const struct tier *t)
{
    return isfinite(t->floor_usd) && t->floor_usd >= 0 && t->cap_usd > t->floor_usd &&
           isfinite(t->mmr) && t->mmr > 0 && t->mmr <= 1 && isfinite(t->cum) &&
           t->max_leverage > 0 && isfinite(t->max_leverage);
}

static int follows(const struct tier *a, const struct tier *b)
{
    return a->cap_usd == b->floor_usd && b->mmr >= a->mmr && b->max_leverage <= a->max_leverage;
}

static int continues(const struct tier *a, const struct tier *b)
{
    double want = a->cum + b->floor_usd * (b->mmr - a->mmr);
    return fabs(b->cum - want) <= 0.5 + 1e-9 * fabs(want);
}

static bool ladder_ok(const struct tier *t, int n)
{
    if (n < 1 || n > TIERS_MAX || t[0].floor_usd != 0)
        return false;
    for (int i = 0; i < n; i++)
        if (!row_ok(&t[i]) || (i > 0 && !follows(&t[i - 1], &t[i])))
            return false;
    return true;
}

int tiers_check(const struct tier *t, int n)
{
    if (!ladder_ok(t, n) || fabs(t[0].cum) > 0.5)
        return E_RANGE;
    for (int i = 1; i < n; i++)
        if (!continues(&t[i - 1], &t[i]))
            return E_RANGE;
    return 0;
}

int tiers_check_whole(const struct tier *t, int n)
{
    if (!ladder_ok(t, n))
        return E_RANGE;
    for (int i = 0; i < n; i++)
        if (t[i].cum != 0)
            return E_RANGE;
    return 0;
}

int tiers_find(const struct tier *t, int n, double notional_usd)
{
    int i = 0;
    while (i < n - 1 && notional_usd > t[i].cap_usd)
        i++;
    return i;
}

void tiers_fill_cum(struct tier *t, int n)
{
    for (int i = 0; i < n; i++)
        t[i].cum = i == 0 ? 0 : t[i - 1].cum + t[i].floor_usd * (t[i].mmr - t[i - 1].mmr);
}
