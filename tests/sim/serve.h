/* The serving side: clients of all fake venues on one loop. */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include "sim/net.h"
#include "sim/sim.h"
#include "sim/srv_util.h"

#define SRV_CLIENTS_MAX 64
#define SRV_ACKS_MAX    256
#define SRV_CALLS_MAX   32 /* endpoints with a limit of their own */

enum { SUB_NO, SUB_ON, SUB_SILENT }; /* silent: acknowledged, but not of this route */

struct srv_ack {
    double due_s; /* simulated seconds since start; INFINITY = never */
    char *text;
};

struct srv_client {
    struct net_conn *c;
    struct srv *srv;
    enum sim_venue venue;
    uint32_t id;
    bool raw, public_route, market_route; /* Binance */
    bool inverse;                         /* Bybit: the category of the address */
    uint32_t topic_chars;                 /* Bybit: of all topics subscribed */
    struct srv_window requests;           /* Binance: in this second; OKX: in this hour */
    uint8_t subs[SIM_STREAMS];
    int n_subs, n_acks;
    struct srv_ack acks[SRV_ACKS_MAX];
    double last_tx_s, last_ping_s;
    double close_s; /* announced end; 0 = none */
};

struct srv {
    struct sim *sim;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t sig[4];
    uv_pipe_t control;
    bool control_on, stopping;
    struct net_server *net[SIM_VENUES];
    const struct mis_item *cert[SIM_VENUES];   /* the misbehaviour whose certificate is in use */
    const struct mis_item *notice[SIM_VENUES]; /* the one that was told of */
    struct srv_client *clients[SRV_CLIENTS_MAX];
    int n_clients;
    int wanted[SIM_STREAMS];
    int64_t weight_minute[SIM_VENUES];
    int weight[SIM_VENUES], refused[SIM_VENUES];
    struct srv_window hl_messages; /* of all connections */
    struct srv_window bybit_connects, bybit_calls, okx_connects, okx_calls[SRV_CALLS_MAX];
    int64_t bybit_ban_until_s;
    uint32_t next_id;
    struct text body; /* REST bodies */
    uint64_t frames, bytes;
};

/* --- used by the venues' servers */
struct srv_client *srv_client_new(struct srv *s, struct net_conn *c, enum sim_venue v);
void srv_client_free(struct srv_client *x);
void srv_on_closed(void *arg, struct net_conn *c); /* net_handlers.closed of all of them */
void srv_subscribe(struct srv_client *x, int stream, int how);
void srv_unsubscribe(struct srv_client *x, int stream);
void srv_send(struct srv_client *x, const char *text, size_t len);
/* An ack: now, or late or never when that misbehaviour is in force. */
void srv_ack(struct srv_client *x, const char *text, size_t len);
/* The answer to a ping by text, unless that misbehaviour withholds it. */
void srv_pong(struct srv_client *x, const char *text, size_t len);
/* Shall this subscription be answered by an error? */
bool srv_refused(const struct srv *s, int stream);
/* Charges a REST call; 0 = fine, else the status (429, 418) and *retry_s. */
int srv_charge(struct srv *s, enum sim_venue v, int weight, int *retry_s);
/* Answers a REST call that misbehaviour spoils; false = answer it yourself. */
bool srv_spoil(struct srv *s, enum sim_venue v, struct net_conn *c);
void srv_reply_json(struct srv *s, enum sim_venue v, struct net_conn *c, int status, int retry_s);
int64_t srv_now_us(void);

/* arg is filled in by serve.c */
extern const struct net_handlers binance_handlers, hl_handlers, bybit_handlers, okx_handlers;

/* Tells a client of OKX that its connection will be closed. */
void okx_notice(struct srv_client *x);

/* wire.c: after each step, what links shall suffer. */
void wire_step(struct srv *s);

/* Commands on a UNIX socket, one a line: a misbehaviour spec, `shock [SECONDS]`, `status`. */
int control_open(struct srv *s, const char *path);
void control_close(struct srv *s);

#endif
