/* A tick and a turn of the board: instruments are gathered once, due families evaluated in the
 * order of the table, rows and changed reasons told. In: the market. Out: through the caller's
 * sink. The surprising thing: rows that went away (asset left, feed unwanted) tell not_tracked
 * first. */
#include "risk/board.h"

/* ---- evaluation ---- */

static void gather_slot(struct risk_view *v, const struct market *m, const struct slot *s,
                        int64_t now_us)
{
    int i = v->n++;
    double oi = s->s[S_OI_BASE].last;
    v->slot[i] = s;
    v->inst[i] = directory_get(market_directory(m), s->inst);
    v->oi_last[i] = isfinite(oi) ? oi : 0;
    v->oi_last_sum += v->oi_last[i];
    v->settling |= !isfinite(oi) && now_us - s->t_tracked_us < SETTLE_US;
}

static void judge_links(struct risk *r)
{
    const struct live *l = market_live(r->market);
    bool up[DIR_VENUES_MAX] = {false};
    memset(r->down, 0, sizeof(r->down));
    for (int i = 0; i < live_count(l); i++) {
        const struct live_row *w = live_at(l, i);
        if (!w || w->conn == CONN_REST)
            continue;
        r->down[w->venue] = true;
        up[w->venue] |= w->t_up_us != 0;
    }
    for (int v = 0; v < DIR_VENUES_MAX; v++)
        r->down[v] = r->down[v] && !up[v];
}

static void gather(struct risk *r, uint32_t row, int venue, int64_t now_us)
{
    struct risk_view *v = &r->view[venue_row(r, row, venue)];
    uint32_t asset = r->asset[row].subject.id;
    const struct slot *slots[VIEW_SLOTS_MAX];
    int n = market_venue_asset(r->market, (uint8_t)venue, asset, slots, VIEW_SLOTS_MAX);
    *v = (struct risk_view){.down = r->down[venue]};
    const struct slot *primary = n > 0 ? market_primary(r->market, (uint8_t)venue, asset) : NULL;
    for (int i = 0; i < n; i++) {
        gather_slot(v, r->market, slots[i], now_us);
        if (slots[i] == primary)
            v->primary = i;
    }
}

static void check_range(struct risk *r, const struct metric_family *f, struct cell *out)
{
    for (int i = 0; i < f->n; i++) {
        const struct metric *m = &f->metrics[i];
        if (out[i].reason != R_KNOWN || (out[i].value >= m->lo && out[i].value <= m->hi))
            continue;
        r->refused++;
        cell_unknown(&out[i], R_UNIT_UNPROVEN); /* impossible: some unit is not what we believe */
    }
}

static void eval_row(struct risk *r, int f, struct board_row *row, int64_t now_us)
{
    struct cell *out = row->cell + r->column0[f];
    metric_families[f]->eval(r, row->subject, now_us, out);
    check_range(r, metric_families[f], out);
}

static void eval_venue_row(struct risk *r, int f, uint32_t row, int venue, int64_t now_us)
{
    uint32_t i = venue_row(r, row, venue);
    struct cell *out = r->venue_asset[i].cell + r->column0[f];
    if (r->view[i].n == 0)
        cells_unknown(out, metric_families[f]->n, R_NOT_TRACKED);
    else if (r->view[i].down) /* also what polls said lately: nothing more comes from there */
        cells_unknown(out, metric_families[f]->n, R_DOWN);
    else
        eval_row(r, f, &r->venue_asset[i], now_us);
}

/* The model evaluated the asset in this tick: the rows say what it found. */
static void eval_scenarios(struct risk *r, int f, uint32_t row, int64_t now_us)
{
    uint32_t first = scenario_row(r, row, 0, 0), end = scenario_row(r, row + 1, 0, 0);
    for (uint32_t i = first; i < end && model_due(MODEL_CASCADE, row, now_us); i++)
        eval_row(r, f, &r->scenario[i], now_us);
}

static bool sides_due(uint32_t row, int64_t now_us)
{
    return now_us / 1000000 % SIDE_PERIOD_S == row % SIDE_PERIOD_S;
}

static void eval_sides(struct risk *r, int f, uint32_t row, int64_t now_us)
{
    for (int v = 0; v < r->conf.n_venues && sides_due(row, now_us); v++)
        for (int side = POS_LONG; side <= POS_SHORT; side++)
            eval_row(r, f, &r->side[side_row(r, row, v, side)], now_us);
}

static void eval_family(struct risk *r, int f, int64_t now_us)
{
    int table = metric_families[f]->table;
    for (int k = 0; table == MT_ASSET && k < r->n_assets; k++)
        eval_row(r, f, &r->asset[r->order[k]], now_us);
    for (int k = 0; table == MT_VENUE_ASSET && k < r->n_assets; k++)
        for (int v = 0; v < r->conf.n_venues; v++)
            eval_venue_row(r, f, r->order[k], v, now_us);
    for (int k = 0; table == MT_SCENARIO && k < r->n_assets; k++)
        eval_scenarios(r, f, r->order[k], now_us);
    for (int k = 0; table == MT_GROUP_ASSET_SIDE && k < r->n_assets; k++)
        eval_sides(r, f, r->order[k], now_us);
    for (int i = 0; table == MT_FEED && i < r->feeds; i++)
        if (r->feed[i].used)
            eval_row(r, f, &r->feed[i], now_us);
    if (table == MT_PROCESS)
        eval_row(r, f, &r->process, now_us);
}

/* ---- telling ---- */

#define REACH_EVERY_S  60
#define REACH_WITHIN_S 5 /* a round of the slowest rows, whose turn comes once in it */

static bool is_reach(uint8_t reason)
{
    return reason == R_OFF_GRID || reason == R_RUNAWAY;
}

/* A sale past the known books reads off_grid or runaway by the levels that happen to be shown, and
 * the two take turns each few seconds: a change between them is looked at once a minute. */
bool board_tells_reason(uint8_t was, uint8_t now, int64_t now_us)
{
    if (was == now)
        return false;
    return !is_reach(was) || !is_reach(now) || now_us / 1000000 % REACH_EVERY_S < REACH_WITHIN_S;
}

static void tell_reasons(const struct risk *r, struct board_row *row, int64_t now_us,
                         const struct risk_sink *sink)
{
    enum metric_table table = (enum metric_table)row->subject.table;
    for (int column = 0, n = r->columns[table]; column < n; column++) {
        uint8_t was = row->said[column], now = row->cell[column].reason;
        if (was == now || !board_tells_reason(was, now, now_us))
            continue;
        row->said[column] = now;
        if (sink->reason)
            sink->reason(sink->arg,
                         &(struct reason_change){now_us, row->subject,
                                                 metric_by_column(table, column), was, now});
    }
}

static void tell_row(const struct risk *r, const struct board_row *row, int64_t now_us,
                     const struct risk_sink *sink)
{
    if (sink->row)
        sink->row(sink->arg, now_us, row->subject, row->cell, r->columns[row->subject.table]);
}

static void tell_scenarios(struct risk *r, uint32_t row, int64_t now_us,
                           const struct risk_sink *sink)
{
    bool leaving = r->asset[row].leaving;
    for (int v = 0; v <= r->conf.n_venues; v++) {
        bool listed = v == r->conf.n_venues || r->view[venue_row(r, row, v)].n > 0;
        for (int k = 0; k < SWEEP_KINDS; k++) {
            struct board_row *at = &r->scenario[scenario_row(r, row, v, k)];
            tell_reasons(r, at, now_us, sink);
            if (!leaving && listed)
                tell_row(r, at, now_us, sink);
        }
    }
}

static void tell_sides(struct risk *r, uint32_t row, int64_t now_us, const struct risk_sink *sink)
{
    for (int v = 0; v < r->conf.n_venues; v++) {
        bool shown = !r->asset[row].leaving && r->view[venue_row(r, row, v)].n > 0;
        for (int side = POS_LONG; side <= POS_SHORT; side++) {
            struct board_row *at = &r->side[side_row(r, row, v, side)];
            tell_reasons(r, at, now_us, sink);
            if (shown)
                tell_row(r, at, now_us, sink);
        }
    }
}

static void tell_asset(struct risk *r, uint32_t row, int64_t now_us, const struct risk_sink *sink)
{
    tell_reasons(r, &r->asset[row], now_us, sink);
    if (!r->asset[row].leaving)
        tell_row(r, &r->asset[row], now_us, sink);
    for (int v = 0; v < r->conf.n_venues; v++) {
        uint32_t i = venue_row(r, row, v);
        tell_reasons(r, &r->venue_asset[i], now_us, sink);
        if (r->view[i].n > 0)
            tell_row(r, &r->venue_asset[i], now_us, sink);
    }
    if (r->asset[row].leaving || model_due(MODEL_CASCADE, row, now_us))
        tell_scenarios(r, row, now_us, sink);
    if (r->asset[row].leaving || sides_due(row, now_us))
        tell_sides(r, row, now_us, sink);
}

static void tell_feed(struct risk *r, struct board_row *row, bool due, int64_t now_us,
                      const struct risk_sink *sink)
{
    double state = (double)live_at(market_live(r->market), (int)(row - r->feed))->state;
    tell_reasons(r, row, now_us, sink);
    if (due || state != row->shown)
        tell_row(r, row, now_us, sink);
    row->shown = state;
}

static void tell_process(struct risk *r, bool due, int64_t now_us, const struct risk_sink *sink)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a over the counts, as whole numbers */
    for (int i = 0; i < r->columns[MT_PROCESS]; i++) {
        const struct cell *c = &r->process.cell[i];
        if (c->reason == R_KNOWN && c->value == rint(c->value)) /* what is no count moves always */
            h = (h ^ (uint64_t)(int64_t)fmod(c->value, 1e15)) * UINT64_C(0x100000001b3);
    }
    double sum = (double)(h >> 11);
    tell_reasons(r, &r->process, now_us, sink);
    if (due || sum != r->process.shown)
        tell_row(r, &r->process, now_us, sink);
    r->process.shown = sum;
}

/* Rows of assets that left say not_tracked, then they are free. */
static void bury_assets(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    for (uint32_t i = 0; i < r->asset_rows; i++) {
        if (!r->asset[i].used || !r->asset[i].leaving)
            continue;
        tell_asset(r, i, now_us, sink);
        r->row_of[r->asset[i].subject.id] = ROW_NONE;
        r->asset[i].used = r->asset[i].leaving = false;
    }
}

/* ---- feeds follow the liveness rows ---- */

static void unlink_feed(struct risk *r, uint32_t i)
{
    uint32_t *at = &r->bucket[board_feed_bucket(r->feed[i].subject)];
    while (*at != i)
        at = &r->feed[*at].next;
    *at = r->feed[i].next;
    r->feed[i].used = false;
}

static void link_feed(struct risk *r, uint32_t i, struct subject s)
{
    uint32_t *bucket = &r->bucket[board_feed_bucket(s)];
    r->feed[i].subject = s;
    r->feed[i].used = true;
    r->feed[i].shown = NAN;
    r->feed[i].next = *bucket;
    *bucket = i;
}

static void sync_feeds(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    const struct live *l = market_live(r->market);
    r->feeds = live_count(l);
    for (uint32_t i = 0; (int)i < r->feeds; i++) {
        const struct live_row *w = live_at(l, (int)i);
        struct subject s = {MT_FEED, w ? w->venue : 255, w ? w->channel : 255,
                            w ? w->inst : INST_NONE};
        if (r->feed[i].used && (!w || !subject_eq(r->feed[i].subject, s))) {
            cells_unknown(r->feed[i].cell, r->columns[MT_FEED], R_NOT_TRACKED);
            tell_reasons(r, &r->feed[i], now_us, sink);
            unlink_feed(r, i);
        }
        if (w && !r->feed[i].used)
            link_feed(r, i, s);
    }
}

/* ---- tick and turn ---- */

void risk_tick(struct risk *r, int64_t now_us, const struct risk_sink *sink)
{
    int64_t tick_s = now_us / 1000000;
    bool due = tick_s % 10 == 0; /* feeds and process are stored every 10 s */
    bury_assets(r, now_us, sink);
    sync_feeds(r, now_us, sink);
    judge_links(r);
    for (int k = 0; k < r->n_assets; k++)
        for (int v = 0; v < r->conf.n_venues; v++)
            gather(r, r->order[k], v, now_us);
    models_step(r, now_us);
    for (int f = 0; f < FAMILIES; f++)
        if (tick_s % metric_families[f]->period_s == 0)
            eval_family(r, f, now_us);
    for (int k = 0; k < r->n_assets; k++) {
        tell_asset(r, r->order[k], now_us, sink);
        tell_maps(r, r->order[k], now_us, sink);
    }
    for (int i = 0; i < r->feeds; i++)
        if (r->feed[i].used)
            tell_feed(r, &r->feed[i], due, now_us, sink);
    tell_process(r, due, now_us, sink);
}

static void turn_venues(struct risk *r, int f, uint32_t row, struct subject s, int64_t now_us)
{
    for (int v = 0; v < r->conf.n_venues; v++)
        if (s.table == MT_ASSET || s.venue == v)
            eval_venue_row(r, f, row, v, now_us);
}

void risk_turn(struct risk *r, struct subject s, int64_t now_us, const struct risk_sink *sink)
{
    if (s.table != MT_ASSET && (s.table != MT_VENUE_ASSET || s.venue >= r->conf.n_venues))
        return;
    uint32_t row = board_asset_row(r, s.id);
    if (row == ROW_NONE || r->asset[row].leaving)
        return;
    for (int v = 0; v < r->conf.n_venues; v++)
        gather(r, row, v, now_us);
    for (int f = 0; f < FAMILIES; f++) {
        if (metric_families[f]->fast && metric_families[f]->table == MT_VENUE_ASSET)
            turn_venues(r, f, row, s, now_us);
        else if (metric_families[f]->fast && metric_families[f]->table == MT_ASSET)
            eval_row(r, f, &r->asset[row], now_us);
    }
    for (int v = 0; v < r->conf.n_venues; v++)
        if ((s.table == MT_ASSET || s.venue == v) && r->view[venue_row(r, row, v)].n > 0)
            tell_row(r, &r->venue_asset[venue_row(r, row, v)], now_us, sink);
    tell_row(r, &r->asset[row], now_us, sink);
}
