/* The inside of the tape writer: records (tape.c), and what a daemon on the other end would have
 * subscribed to, asked for and heard of its links (tape_feed.c). Nobody else includes it. */
#ifndef SIM_TAPE_H
#define SIM_TAPE_H

#include "base/seglog.h"
#include "sim/sim.h"

#define CONN_REST  255
#define NEVER      INT64_MAX
#define TAPE_POLLS 20

struct tape_follow { /* of a book: what its receiver has seen */
    int64_t told;    /* the last number; -1 = none */
    int64_t ok_step; /* when it last followed */
    int64_t due;     /* the step of the next snapshot, or NEVER */
};

struct tape {
    struct sim *sim;
    FILE *f;
    char *raw, *out;
    size_t raw_len, out_cap;
    bool entered, failed; /* entered: a turn is due at this time */
    uint64_t records;
    struct text body, wrap;
    double subscribe_s; /* from when streams of single instruments are subscribed to */
    bool on[SIM_STREAMS];
    int64_t due[SIM_STREAMS]; /* the step of the next subscription, or NEVER */
    int64_t due_next;         /* none of them is due before this step */
    struct tape_follow follow[SIM_INSTS_MAX];
    int64_t poll_due[TAPE_POLLS];
    bool up[SIM_VENUES];
    int64_t back[SIM_VENUES]; /* the step at which a link that was cut is up again */
};

/* tape.c: records. */
void tape_note(struct tape *t, int venue, int conn, const char *body, size_t len);
void tape_rx(struct tape *t, int venue, int conn, const char *text, size_t len);
/* A REST body of the request's name, taken from t->body. */
void tape_rest(struct tape *t, int venue, const char *name, const char *symbol);

/* tape_polls.c: bodies of Bybit's and OKX's requests; those of a whole venue and of one instrument.
 */
typedef void tape_body(struct text *out, struct sim_pub *pub, int inst);
struct tape_poll {
    uint8_t venue;
    const char *name, *request; /* the daemon's channel; its request when named otherwise */
    int period_s;
    tape_body *body;
};
extern const struct tape_poll tape_inst_polls[]; /* of one instrument; name NULL ends; period 0 =
                                                    a snapshot of its book */
void by_poll_instruments(struct text *out, const struct sim_market *m);
void by_poll_instruments_inverse(struct text *out, const struct sim_market *m);
void by_poll_tickers(struct text *out, const struct sim_market *m);
void by_poll_tickers_inverse(struct text *out, const struct sim_market *m);
void by_poll_pools(struct text *out, const struct sim_market *m);
void ok_poll_instruments(struct text *out, const struct sim_market *m);
void ok_poll_tickers(struct text *out, const struct sim_market *m);
void ok_poll_marks(struct text *out, const struct sim_market *m);
void ok_poll_oi(struct text *out, const struct sim_market *m);
void ok_poll_coins(struct text *out, const struct sim_market *m);

/* tape_feed.c */
void tape_feed_start(struct tape *t); /* links up, first polls */
void tape_feed_step(struct tape *t);  /* after each step of the simulator */
struct sim_outlet tape_outlet(struct tape *t);

#endif
