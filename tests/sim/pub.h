/* The venues' publishing: from one step of the market to the messages of every stream that somebody
 * wants. What is published depends on the market alone, never on who listens. */
#ifndef SIM_PUB_H
#define SIM_PUB_H

#include "sim/enc.h"
#include "sim/stream.h"

struct sim_view;
struct pub_bybit;
struct pub_okx;

struct sim_sink {
    void *arg;
    bool (*wanted)(void *arg, int stream);
    /* One message. Binance: the payload without its wrapper. */
    void (*frame)(void *arg, int stream, const char *text, size_t len);
};

struct sim_timed_liq {
    int64_t t_us;
    struct sim_liq l;
};

#define SIM_SECOND_LIQS 65536
#define SIM_OLD_TRADES  10

struct sim_pub {
    struct sim_market *m;
    struct sim_sink sink;
    struct text buf;
    struct sim_timed_liq *liqs; /* of the current second; shown is set when it ends */
    int n_liqs;
    struct {
        int64_t bid, ask, bid_lots, ask_lots;
    } last_top[SIM_INSTS_MAX];
    struct sim_trade old[SIM_INSTS_MAX]
                        [SIM_OLD_TRADES]; /* Hyperliquid's snapshot of older trades */
    int64_t old_us[SIM_INSTS_MAX][SIM_OLD_TRADES];
    int n_old[SIM_INSTS_MAX];
    struct sim_view *views[SIM_STREAM_KINDS][SIM_INSTS_MAX]; /* Bybit and OKX books, as told */
    struct pub_bybit *bybit;
    struct pub_okx *okx;
};

/* m must outlive it. NULL: no memory. */
struct sim_pub *sim_pub_new(struct sim_market *m, struct sim_sink sink);
void sim_pub_free(struct sim_pub *p);

/* After each market step: collects, publishes. At the end of a second p->liqs holds that second's
 * liquidations, shown marked; they are valid until the next call. */
void sim_pub_step(struct sim_pub *p);

/* The first push after subscribing to a coin's trades: older ones. NULL text when there are none.
 */
const struct text *sim_pub_old_trades(struct sim_pub *p, int inst);

/* What a new subscriber of a Bybit or OKX stream gets first; NULL = nothing. Valid until the next
 * call of this module. */
const struct text *sim_pub_first(struct sim_pub *p, int stream);

/* The window of a Bybit or OKX book as its stream last told it (as it is, when nobody listens). */
const struct sim_view *sim_pub_view(struct sim_pub *p, enum sim_stream_kind k, int inst);

#endif
