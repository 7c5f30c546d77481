/* Names of the enums of event.h and the empty event. The names are the words that stand in texts,
 * tables and sockets, so they are an interface: change none. Tables are indexed by the enum; an
 * index outside the table gives "unknown", so a broken value can be printed. */
#include "facts/event.h"

#define NAME_OF(table, i)                                                                          \
    ((unsigned)(i) < sizeof(table) / sizeof *(table) ? (table)[(unsigned)(i)] : "unknown")

static const char *const kinds[] = {"mark",        "index", "funding", "open_interest",
                                    "liquidation", "trade", "quote",   "book",
                                    "spec",        "fund",  "stat",    "control"};
static const char *const units[] = {"unsaid", "contracts", "base", "usd"};
static const char *const sides[] = {"long", "short"};
static const char *const px_kinds[] = {"limit", "bankruptcy", "takeover", "fill"};
static const char *const coverages[] = {"complete", "sampled", "partial"};
static const char *const statuses[] = {"unsaid", "trading",  "pre",
                                       "halted", "settling", "delisted"};
static const char *const categories[] = {"unsaid",  "perp",  "tradfi", "dated",
                                         "builder", "index", "other"};
static const char *const stats[] = {"volume_24h_usd", "volume_24h_base", "long_account_frac"};
static const char *const controls[] = {"ack", "error", "pong", "notice", "ignored"};

_Static_assert(sizeof kinds / sizeof *kinds == EV_KINDS, "a name per kind");
_Static_assert(sizeof stats / sizeof *stats == STAT_WHATS, "a name per stat");
_Static_assert(sizeof controls / sizeof *controls == CTL_WHATS, "a name per control");

const char *event_kind_name(enum event_kind k)
{
    return NAME_OF(kinds, k);
}

int event_kind_find(struct slice name)
{
    for (int i = 0; i < EV_KINDS; i++)
        if (slice_is(name, kinds[i]))
            return i;
    return -1;
}

const char *qty_unit_name(enum qty_unit u)
{
    return NAME_OF(units, u);
}

const char *pos_side_name(enum pos_side s)
{
    return NAME_OF(sides, s);
}

const char *px_kind_name(enum px_kind k)
{
    return NAME_OF(px_kinds, k);
}

const char *coverage_name(enum coverage c)
{
    return NAME_OF(coverages, c);
}

const char *inst_status_name(enum inst_status s)
{
    return NAME_OF(statuses, s);
}

const char *inst_category_name(enum inst_category c)
{
    return NAME_OF(categories, c);
}

const char *stat_what_name(enum stat_what w)
{
    return NAME_OF(stats, w);
}

const char *control_what_name(enum control_what w)
{
    return NAME_OF(controls, w);
}

static void init_spec(struct ev_spec *s)
{
    *s = (struct ev_spec){
        .ct_size = NAN, .linear = -1, .tick = NAN, .max_leverage = NAN, .funding_interval_h = NAN};
}

static void init_body(struct event *e)
{
    switch (e->kind) {
    case EV_MARK:
    case EV_INDEX:
        e->u.px = (struct ev_px){.px = NAN};
        break;
    case EV_FUNDING:
        e->u.funding = (struct ev_funding){.rate = NAN, .interval_h = NAN};
        break;
    case EV_OI:
        e->u.oi = (struct ev_oi){.qty = NAN, .value = NAN};
        break;
    case EV_LIQ:
        e->u.liq = (struct ev_liq){.px = NAN, .fill_px = NAN, .qty = NAN};
        break;
    case EV_TRADE:
        e->u.trade = (struct ev_trade){.px = NAN, .qty = NAN, .id = -1};
        break;
    case EV_QUOTE:
        e->u.quote =
            (struct ev_quote){.bid_px = NAN, .bid_qty = NAN, .ask_px = NAN, .ask_qty = NAN};
        break;
    case EV_BOOK:
        e->u.book = (struct ev_book){.seq_first = -1, .seq_last = -1, .seq_prev = -1};
        break;
    case EV_SPEC:
        init_spec(&e->u.spec);
        break;
    case EV_FUND:
        e->u.fund = (struct ev_fund){.balance_usd = NAN, .drawdown_frac = NAN, .trigger_frac = NAN};
        break;
    case EV_STAT:
        e->u.stat = (struct ev_stat){.value = NAN, .window_s = NAN};
        break;
    case EV_CONTROL:
        e->u.control = (struct ev_control){.id = -1};
        break;
    case EV_KINDS:
        break;
    }
}

void event_init(struct event *e, enum event_kind kind)
{
    e->kind = kind;
    e->channel = CHANNEL_NONE;
    e->segment = 0;
    e->none = 0;
    e->symbol = e->dex = (struct slice){0};
    e->ord = -1;
    e->t_venue_us = e->t_recv_us = 0;
    init_body(e);
}
