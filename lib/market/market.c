/* The market's slots: memory, tracking, and what happens each whole second.
 * In: what to track, the tick. Out: slots that metrics read. Owner: the engine. All memory is taken
 * at market_new. Events come in through market_apply.c, questions are answered by market_query.c.
 * Surprising: a flow knows zero only while its feed is proven alive; the tick decides that. */
#include "market/market.h"

#include <assert.h>
#include <stdlib.h>

#include "market/market_priv.h"

static const bool is_flow[S_IDS] = {
    [S_LIQ_LONG_USD] = true,   [S_LIQ_SHORT_USD] = true, [S_LIQ_LONG_BASE] = true,
    [S_LIQ_SHORT_BASE] = true, [S_BUY_USD] = true,       [S_SELL_USD] = true,
};

/* --- memory -------------------------------------------------------------------------------------
 */

static bool slots_new(struct market *m)
{
    uint32_t n = m->conf.max_slots;
    m->slot = calloc(n, sizeof *m->slot);
    m->priv = calloc(n, sizeof *m->priv);
    m->rings = calloc((size_t)n * S_IDS, sizeof *m->rings);
    if (!m->slot || !m->priv || !m->rings)
        return false;
    for (uint32_t k = 0; k < n; k++) {
        struct slot_priv *p = &m->priv[k];
        for (int v = 0; v < MARKET_VIEWS; v++) {
            p->spare[v] = v == 0 ? book_new(m->conf.book_levels, m->conf.book_pending)
                                 : book_new(SMALL_BOOK, 0);
            if (!p->spare[v])
                return false;
        }
    }
    return true;
}

struct market *market_new(const struct market_conf *c, struct directory *dir, struct live *live)
{
    assert(c->max_slots > 0 && c->max_slots < NO_SLOT && c->book_levels > 0);
    struct market *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->conf = *c;
    m->dir = dir;
    m->live = live;
    m->run_next = -1;
    memcpy(m->chan, c->feeder, sizeof m->chan);
    memcpy(m->chan2, c->feeder2, sizeof m->chan2);
    for (int v = 0; v < DIR_VENUES_MAX; v++)
        m->conf.segments[v] |= 1;
    memset(m->slot_of, 0xff, sizeof m->slot_of);
    memset(m->group, 0xff, sizeof m->group);
    memset(m->primary, 0xff, sizeof m->primary);
    funds_init(&m->funds);
    for (int i = 0; i < DIR_INSTRUMENTS_MAX; i++)
        m->bulk[i] =
            (struct bulk){.oi_qty = NAN, .mark = NAN, .volume_usd = NAN, .volume_base = NAN};
    if (!slots_new(m)) {
        market_free(m);
        return NULL;
    }
    return m;
}

void market_free(struct market *m)
{
    if (!m)
        return;
    for (uint32_t k = 0; m->priv && k < m->conf.max_slots; k++)
        for (int v = 0; v < MARKET_VIEWS; v++)
            book_free(m->priv[k].spare[v]);
    free(m->slot);
    free(m->priv);
    free(m->rings);
    free(m);
}

struct directory *market_directory(const struct market *m)
{
    return m->dir;
}

struct live *market_live(const struct market *m)
{
    return m->live;
}

/* --- tracking -----------------------------------------------------------------------------------
 */

void slot_restart(struct market *m, uint16_t k, int64_t now_us)
{
    struct slot *s = &m->slot[k];
    struct slot_priv *p = &m->priv[k];
    const struct instrument *i = directory_get(m->dir, s->inst);
    s->t_tracked_us = now_us;
    s->multiplier = i->multiplier;
    s->fund_interval_h = i->funding_interval_h;
    s->fund_next_us = s->t_quote_us = s->t_touch_us = 0;
    s->quote = (struct ev_quote){NAN, NAN, NAN, NAN, QTY_UNSAID, 0};
    s->last_trade_id = s->t_trade_us = 0;
    s->trade_px = 0;
    s->long_account_frac = NAN;
    s->t_long_us = 0;
    throttle_init(&s->liq);
    s->depth_err = E_MISSING;
    memset(p->trade_seen, 0, sizeof p->trade_seen);
    memset(p->book_channel, CHANNEL_NONE, sizeof p->book_channel);
    p->book_unit = QTY_UNSAID;
    p->book_broken = false;
    p->unset = 0;
    p->ct_size = i->ct_size;
    p->ct_unit = i->ct_unit;
    p->linear = i->linear;
    for (int v = 0; v < MARKET_VIEWS; v++) {
        book_reset(p->spare[v]);
        s->book[v] = v == 0 ? p->spare[0] : NULL;
    }
    for (int id = 0; id < S_IDS; id++)
        series_init(&s->s[id], is_flow[id], &m->rings[(size_t)k * S_IDS + (size_t)id]);
}

/* Enters slot k into the group of its venue and asset, ordered by directory id. */
static void group_add(struct market *m, uint16_t k)
{
    const struct slot *s = &m->slot[k];
    uint16_t *link = &m->group[s->venue][s->asset];
    while (*link != NO_SLOT && m->slot[*link].inst < s->inst)
        link = &m->priv[*link].next;
    m->priv[k].next = *link;
    *link = k;
}

static void group_del(struct market *m, uint16_t k)
{
    const struct slot *s = &m->slot[k];
    uint16_t *link = &m->group[s->venue][s->asset];
    while (*link != k)
        link = &m->priv[*link].next;
    *link = m->priv[k].next;
    if (m->primary[s->venue][s->asset] == k)
        m->primary[s->venue][s->asset] = NO_SLOT;
}

int market_track(struct market *m, uint32_t inst, int64_t now_us)
{
    if (inst >= directory_count(m->dir))
        return E_RANGE;
    const struct instrument *i = directory_get(m->dir, inst);
    if (m->slot_of[inst] != NO_SLOT)
        return 0;
    if (!i->included)
        return E_RANGE;
    uint32_t k = 0;
    while (k < m->conf.max_slots && m->slot[k].used)
        k++;
    if (k == m->conf.max_slots)
        return E_LIMIT;
    struct slot *s = &m->slot[k];
    s->used = true;
    s->inst = inst;
    s->asset = i->asset;
    s->venue = i->venue;
    slot_restart(m, (uint16_t)k, now_us);
    m->slot_of[inst] = (uint16_t)k;
    group_add(m, (uint16_t)k);
    if ((int)k >= m->n_slots)
        m->n_slots = (int)k + 1;
    return 0;
}

void market_untrack(struct market *m, uint32_t inst)
{
    if (inst >= DIR_INSTRUMENTS_MAX || m->slot_of[inst] == NO_SLOT)
        return;
    uint16_t k = m->slot_of[inst];
    group_del(m, k);
    m->slot[k].used = false;
    m->slot_of[inst] = NO_SLOT;
}

/* --- the tick -----------------------------------------------------------------------------------
 */

/* Fills what a finer view does not cover from a coarser one, measured from the same mid. */
static void join_view(struct book_depth *d, const struct book_depth *coarse)
{
    for (int i = 0; i < BOOK_BANDS; i++) {
        if (isnan(d->bid_usd[i]))
            d->bid_usd[i] = coarse->bid_usd[i];
        if (isnan(d->ask_usd[i]))
            d->ask_usd[i] = coarse->ask_usd[i];
    }
    d->cov_bid_bps = fmax(d->cov_bid_bps, coarse->cov_bid_bps);
    d->cov_ask_bps = fmax(d->cov_ask_bps, coarse->cov_ask_bps);
    if (isnan(d->slip_1m_bps))
        d->slip_1m_bps = coarse->slip_1m_bps;
    if (isnan(d->slip_10m_bps)) {
        d->slip_10m_bps = coarse->slip_10m_bps;
        d->slip_reason = coarse->slip_reason;
    }
}

static bool is_fresh(const struct market *m, const struct slot *s, const struct book *b,
                     int64_t now_us)
{
    return now_us - book_time(b) <= market_ttl_us(m, s->venue, EV_BOOK);
}

static int read_depth(const struct market *m, uint16_t k, int64_t now_us, struct book_depth *d)
{
    const struct slot *s = &m->slot[k];
    double ct_size;
    bool inverse;
    if (book_state(s->book[0]) != BOOK_LIVE)
        return E_MISSING;
    if (!is_fresh(m, s, s->book[0], now_us))
        return E_STALE;
    int err =
        market_book_unit(directory_get(m->dir, s->inst), m->priv[k].book_unit, &ct_size, &inverse);
    if (err == 0)
        err = book_depth(s->book[0], ct_size, inverse, d);
    for (int v = 1; err == 0 && v < MARKET_VIEWS; v++) {
        struct book_depth coarse;
        if (s->book[v] && is_fresh(m, s, s->book[v], now_us) &&
            book_depth_from(s->book[v], d->mid, ct_size, inverse, &coarse) == 0)
            join_view(d, &coarse);
    }
    return err;
}

static void sample_book(struct market *m, uint16_t k, int64_t now_us)
{
    struct slot *s = &m->slot[k];
    s->depth_err = read_depth(m, k, now_us, &s->depth);
    if (s->depth_err < 0)
        return;
    int64_t t_venue = 0;
    series_add(&s->s[S_DEPTH10_BID_USD], now_us, t_venue, s->depth.bid_usd[0]);
    series_add(&s->s[S_DEPTH10_ASK_USD], now_us, t_venue, s->depth.ask_usd[0]);
    series_add(&s->s[S_SPREAD_BPS], now_us, t_venue, s->depth.spread_bps);
    if (now_us - s->t_quote_us > market_ttl_us(m, s->venue, EV_QUOTE))
        series_add(&s->s[S_MID], now_us, t_venue, s->depth.mid);
}

static const struct {
    enum event_kind kind;
    enum series_id id;
} holds[] = {{EV_MARK, S_MARK}, {EV_INDEX, S_INDEX}, {EV_FUNDING, S_FUND_RATE}, {EV_OI, S_OI_BASE}};

/* Unchanged is not unknown: where a feed tells only changes, its levels are told anew each second.
 */
static void hold_levels(struct market *m, uint16_t k, int64_t now_us)
{
    struct slot *s = &m->slot[k];
    for (size_t i = 0; i < sizeof holds / sizeof *holds; i++) {
        if (!(m->conf.merged[s->venue] >> holds[i].kind & 1))
            continue;
        const struct live_row *r = market_feed(m, s, holds[i].kind);
        struct series *x = &s->s[holds[i].id];
        bool told = r && r->state == LIVE_OK && r->t_first_us && x->t_last_us >= r->t_first_us;
        if (told && !(m->priv[k].unset >> holds[i].id & 1))
            series_add(x, now_us, 0, x->last);
    }
}

static const struct flow {
    enum event_kind kind;
    int from, to; /* enum series_id, both included */
} flows[] = {{EV_LIQ, S_LIQ_LONG_USD, S_LIQ_SHORT_BASE}, {EV_TRADE, S_BUY_USD, S_SELL_USD}};

/* A flow is known while its feed is: subscribed and acked if sparse, speaking otherwise. */
static void judge_flow(struct market *m, struct slot *s, const struct flow *f, int64_t now_us)
{
    const struct live_row *r = market_feed(m, s, f->kind);
    if (!r)
        return;
    for (int id = f->from; id <= f->to; id++) {
        if (r->state == LIVE_OK)
            series_start(&s->s[id], now_us);
        else
            series_break(&s->s[id], now_us);
    }
}

/* The primary of a group: its largest open interest, a challenger must be 20 % larger. */
static void judge_primary(struct market *m, uint16_t first)
{
    const struct slot *head = &m->slot[first];
    uint16_t *primary = &m->primary[head->venue][head->asset], largest = first;
    double most = NAN;
    for (uint16_t k = first; k != NO_SLOT; k = m->priv[k].next) {
        double oi = market_bulk_oi_usd(m, m->slot[k].inst);
        if (!isnan(oi) && !(oi <= most)) {
            most = oi;
            largest = k;
        }
    }
    if (*primary == NO_SLOT) {
        *primary = largest;
        return;
    }
    double now = market_bulk_oi_usd(m, m->slot[*primary].inst);
    if (most > 1.2 * now || (isnan(now) && !isnan(most)))
        *primary = largest;
}

void market_tick(struct market *m, int64_t now_us)
{
    for (int k = 0; k < m->n_slots; k++) {
        struct slot *s = &m->slot[k];
        if (!s->used)
            continue;
        sample_book(m, (uint16_t)k, now_us);
        hold_levels(m, (uint16_t)k, now_us);
        for (size_t f = 0; f < sizeof flows / sizeof *flows; f++)
            judge_flow(m, s, &flows[f], now_us);
        if (m->group[s->venue][s->asset] == k)
            judge_primary(m, (uint16_t)k);
    }
}

/* --- a dead link --------------------------------------------------------------------------------
 */

static bool feeds(const struct market *m, const struct live_row *r, enum event_kind kind)
{
    return m->chan[r->venue][kind] == r->channel + 1;
}

static void lose_feed(struct market *m, const struct live_row *r, uint16_t k, int64_t now_us)
{
    struct slot *s = &m->slot[k];
    if (feeds(m, r, EV_LIQ))
        for (int id = S_LIQ_LONG_USD; id <= S_LIQ_SHORT_BASE; id++)
            series_break(&s->s[id], now_us);
    if (feeds(m, r, EV_TRADE))
        for (int id = S_BUY_USD; id <= S_SELL_USD; id++)
            series_break(&s->s[id], now_us);
    for (int v = 0; v < MARKET_VIEWS; v++)
        if (s->book[v] && m->priv[k].book_channel[v] == r->channel)
            book_reset(s->book[v]);
}

void market_link_down(struct market *m, uint8_t venue, uint8_t conn, int64_t now_us)
{
    if (conn == CONN_REST || live_conn_up(m->live, venue, conn))
        return;
    for (int i = 0; i < live_count(m->live); i++) {
        const struct live_row *r = live_at(m->live, i);
        if (!r || r->venue != venue || r->conn != (conn & ~1))
            continue;
        for (int k = 0; k < m->n_slots; k++)
            if (m->slot[k].used && m->slot[k].venue == venue &&
                (r->inst == INST_NONE || r->inst == m->slot[k].inst))
                lose_feed(m, r, (uint16_t)k, now_us);
    }
}
