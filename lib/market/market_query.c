/* Questions to the market: slots, groups, levels with their age limits, bulk figures, cross rates.
 * In: nothing. Out: values, or NAN with the reason. No function here changes anything.
 * Surprising: an asset's price is the instrument's price divided by its multiplier. */
#include "market/market.h"

#include <assert.h>

#include "market/market_priv.h"

const char *unknown_reason_name(enum unknown_reason r)
{
    static const char *const names[R_REASONS] = {
        "known",         "warmup", "stale", "no_oi",       "empty_book", "off_grid", "throttled",
        "unit_unproven", "gap",    "down",  "not_tracked", "late",       "runaway"};
    return r < R_REASONS ? names[r] : "unknown";
}

const char *market_count_name(enum market_count c)
{
    static const char *const names[MC_COUNTS] = {
        "applied", "no_spec", "not_tracked", "unit_unproven", "segment",        "range",
        "dup",     "skew",    "book_gap",    "book_old",      "directory_full", "value_differs"};
    return c < MC_COUNTS ? names[c] : "unknown";
}

uint64_t market_counter(const struct market *m, uint8_t venue, enum market_count c)
{
    return venue < DIR_VENUES_MAX && c < MC_COUNTS ? m->count[venue][c] : 0;
}

/* --- slots --------------------------------------------------------------------------------------
 */

const struct slot *market_slot(const struct market *m, uint32_t inst)
{
    if (inst >= DIR_INSTRUMENTS_MAX || m->slot_of[inst] == NO_SLOT)
        return NULL;
    return &m->slot[m->slot_of[inst]];
}

int market_slots(const struct market *m)
{
    return m->n_slots;
}

const struct slot *market_slot_at(const struct market *m, int i)
{
    return i >= 0 && i < m->n_slots && m->slot[i].used ? &m->slot[i] : NULL;
}

int market_venue_asset(const struct market *m, uint8_t venue, uint32_t asset,
                       const struct slot **out, int max)
{
    int n = 0;
    if (venue >= DIR_VENUES_MAX || asset >= DIR_ASSETS_MAX)
        return 0;
    for (uint16_t k = m->group[venue][asset]; k != NO_SLOT && n < max; k = m->priv[k].next)
        out[n++] = &m->slot[k];
    return n;
}

const struct slot *market_primary(const struct market *m, uint8_t venue, uint32_t asset)
{
    if (venue >= DIR_VENUES_MAX || asset >= DIR_ASSETS_MAX)
        return NULL;
    uint16_t k = m->primary[venue][asset];
    if (k == NO_SLOT)
        k = m->group[venue][asset]; /* before the first tick */
    return k == NO_SLOT ? NULL : &m->slot[k];
}

/* --- bulk ---------------------------------------------------------------------------------------
 */

double market_bulk_oi_usd(const struct market *m, uint32_t inst)
{
    if (inst >= DIR_INSTRUMENTS_MAX)
        return NAN;
    const struct bulk *b = &m->bulk[inst];
    if (b->oi_disputed)
        return NAN;
    return b->oi_is_usd ? b->oi_qty : b->oi_qty * b->mark;
}

bool market_oi_disputed(const struct market *m, uint32_t inst)
{
    return inst < DIR_INSTRUMENTS_MAX && m->bulk[inst].oi_disputed;
}

double market_bulk_volume_usd(const struct market *m, uint32_t inst)
{
    if (inst >= DIR_INSTRUMENTS_MAX)
        return NAN;
    const struct bulk *b = &m->bulk[inst];
    return isnan(b->volume_usd) ? b->volume_base * b->mark : b->volume_usd;
}

double market_volume_usd(const struct market *m, const struct slot *s, int64_t now_us,
                         uint8_t *reason)
{
    int64_t t_us = m->bulk[s->inst].t_volume_us;
    double usd = market_bulk_volume_usd(m, s->inst);
    *reason = t_us == 0 ? R_WARMUP : now_us - t_us > 3600 * SEC ? R_STALE : R_KNOWN;
    if (*reason == R_KNOWN && isnan(usd))
        *reason = R_NOT_TRACKED;
    return *reason == R_KNOWN ? usd : NAN;
}

double market_long_frac(const struct slot *s, int64_t now_us, uint8_t *reason)
{
    *reason = s->t_long_us == 0                     ? R_WARMUP
              : now_us - s->t_long_us > LONG_TTL_US ? R_STALE
                                                    : R_KNOWN;
    return *reason == R_KNOWN ? s->long_account_frac : NAN;
}

const struct fund *market_fund(const struct market *m, uint32_t inst)
{
    return funds_of(&m->funds, inst);
}

const struct funds *market_funds(const struct market *m)
{
    return &m->funds;
}

int market_delay(const struct market *m, uint8_t venue, uint8_t channel, int64_t now_us,
                 struct market_delay *out)
{
    *out = (struct market_delay){NAN, NAN};
    if (venue >= DIR_VENUES_MAX || channel >= DELAY_CHANNELS)
        return 0;
    const struct delay *d = &m->delay[venue][channel];
    return delay_read(d, now_us, &out->median_ms, &out->mad_ms);
}

uint32_t market_delay_teller(const struct market *m, uint8_t venue, uint8_t channel)
{
    bool watched = venue < DIR_VENUES_MAX && channel < DELAY_CHANNELS;
    return watched ? m->delay[venue][channel].teller : INST_NONE;
}

/* --- levels -------------------------------------------------------------------------------------
 */

int64_t market_ttl_us(const struct market *m, uint8_t venue, enum event_kind kind)
{
    uint16_t s = m->conf.ttl_s[venue][kind];
    return (s ? s : TTL_DEFAULT_S) * SEC;
}

const struct live_row *market_feed(const struct market *m, const struct slot *s,
                                   enum event_kind kind)
{
    bool second = directory_get(m->dir, s->inst)->segment > 0;
    uint8_t channel = second ? m->chan2[s->venue][kind] : m->chan[s->venue][kind];
    if (channel == 0)
        return NULL;
    const struct live_row *r = live_find(m->live, s->venue, channel - 1, s->inst);
    return r ? r : live_find(m->live, s->venue, channel - 1, INST_NONE);
}

uint8_t market_feed_reason(const struct market *m, const struct slot *s, enum event_kind kind)
{
    static const uint8_t by_state[LIVE_STATES] = {[LIVE_DOWN] = R_DOWN,
                                                  [LIVE_WAITING] = R_WARMUP,
                                                  [LIVE_OK] = R_KNOWN,
                                                  [LIVE_SILENT] = R_STALE,
                                                  [LIVE_REFUSED] = R_THROTTLED};
    const struct live_row *r = market_feed(m, s, kind);
    return r && r->conn != CONN_REST ? by_state[r->state] : R_NOT_TRACKED;
}

int market_book_unit(const struct instrument *i, enum qty_unit unit, double *ct_size, bool *inverse)
{
    bool contracts = unit == QTY_CT;
    if (!i->full || unit == QTY_UNSAID)
        return E_UNIT;
    if (contracts && (isnan(i->ct_size) || i->ct_unit == QTY_UNSAID))
        return E_UNIT;
    *ct_size = contracts ? i->ct_size : 1;
    *inverse = contracts ? i->ct_unit == QTY_USD : unit == QTY_USD;
    return 0;
}

enum unknown_reason market_depth_reason(const struct slot *s)
{
    if (s->depth_err == E_UNIT)
        return R_UNIT_UNPROVEN;
    if (s->depth_err == E_RANGE)
        return R_EMPTY_BOOK;
    if (s->depth_err == E_STALE)
        return R_STALE;
    if (s->depth_err == E_MISSING)
        return s->book[0] && book_state(s->book[0]) == BOOK_GAP ? R_GAP : R_WARMUP;
    return R_KNOWN;
}

static enum event_kind kind_of(const struct slot *s, enum series_id id)
{
    static const enum event_kind kinds[S_IDS] = {
        [S_MARK] = EV_MARK,
        [S_INDEX] = EV_INDEX,
        [S_FUND_RATE] = EV_FUNDING,
        [S_OI_BASE] = EV_OI,
        [S_MID] = EV_QUOTE,
        [S_DEPTH10_BID_USD] = EV_BOOK,
        [S_DEPTH10_ASK_USD] = EV_BOOK,
        [S_SPREAD_BPS] = EV_BOOK,
    };
    if (id == S_MID && s->t_quote_us == 0)
        return EV_BOOK;
    return kinds[id];
}

static bool is_book_level(enum series_id id)
{
    return id == S_DEPTH10_BID_USD || id == S_DEPTH10_ASK_USD || id == S_SPREAD_BPS;
}

static enum unknown_reason why_unknown(const struct market *m, const struct slot *s,
                                       enum series_id id)
{
    const struct live_row *r = market_feed(m, s, kind_of(s, id));
    if (r && r->t_up_us == 0)
        return R_DOWN;
    if (id == S_OI_BASE && market_oi_disputed(m, s->inst))
        return R_UNIT_UNPROVEN;
    if (is_book_level(id) && market_depth_reason(s) != R_KNOWN)
        return market_depth_reason(s);
    if (is_book_level(id))
        return R_OFF_GRID;
    return s->s[id].t_last_us ? R_STALE : R_WARMUP;
}

double market_level(const struct market *m, const struct slot *s, enum series_id id, int64_t now_us,
                    uint8_t *reason)
{
    assert(!s->s[id].flow);
    double x = series_last(&s->s[id], now_us, market_ttl_us(m, s->venue, kind_of(s, id)));
    if (is_book_level(id) && (s->depth_err < 0 || s->s[id].t_last_us <= now_us - SEC))
        x = NAN; /* sampled each second: an older one was not renewed, for a reason */
    if (id == S_OI_BASE && market_oi_disputed(m, s->inst))
        x = NAN;
    const struct live_row *feed = isnan(x) ? NULL : market_feed(m, s, kind_of(s, id));
    if (feed && feed->t_up_us == 0)
        x = NAN; /* without a link a value is not known, however fresh it was */
    *reason = isnan(x) ? (uint8_t)why_unknown(m, s, id) : R_KNOWN;
    return x;
}

double market_oi_usd(const struct market *m, const struct slot *s, int64_t now_us, uint8_t *reason)
{
    double oi = market_level(m, s, S_OI_BASE, now_us, reason);
    if (*reason != R_KNOWN)
        return NAN;
    double mark = market_level(m, s, S_MARK, now_us, reason);
    return oi * market_asset_px(s, mark);
}

double market_asset_qty(const struct market *m, const struct slot *s, double qty,
                        enum qty_unit unit, double px)
{
    double per = NAN;
    bool inverse = false;
    if (market_book_unit(directory_get(m->dir, s->inst), unit, &per, &inverse) < 0)
        return NAN;
    return (inverse ? qty * per / px : qty * per) * s->multiplier;
}

double market_asset_px(const struct slot *s, double px)
{
    return px / s->multiplier;
}
