/* cascadectl: what its files share. One connection, blocking with time limits; replies are kept as
 * the text the server sent, so that --json hands numbers through unchanged, and parsed for people.
 */
#ifndef CTL_H
#define CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum ctl_exit { CTL_OK, CTL_FIRING, CTL_USAGE, CTL_NOCONN, CTL_SERVER };

struct opts {
    const char *socket, *floor, *comment, *asset, *venue, *names, *table, *state, *scenario,
        *database, *dir, *conf;
    int64_t after; /* -1 = none */
    double timeout_s;
    bool json, watch, all, color;
    int n_args;
    char **args; /* after the command */
};

struct conn {
    int fd;
    const char *path;
    char *buf; /* what was read and not yet taken */
    size_t len, cap;
    char *line; /* the last line taken, NUL-ended; owned */
    json_t *hello;
    int64_t next_id;
};

/* 0, or -1 when nobody answers (said on stderr unless quiet). */
int conn_open(struct conn *c, const char *path, bool quiet);
void conn_close(struct conn *c);
/* The next line within timeout_s as JSON (caller decrefs); NULL = closed, silent or not JSON. */
json_t *conn_next(struct conn *c, double timeout_s);
/* Calls a method; params may be NULL and is consumed. *result is the whole reply object (caller
 * decrefs). CTL_OK, CTL_NOCONN, or CTL_SERVER with the server's words on stderr. */
int conn_call(struct conn *c, const char *method, json_t *params, json_t **reply);
/* The text of a member of the last line, by path ("result.alerts"); len 0 when absent. */
struct slice conn_raw(const struct conn *c, const char *path);
/* Prints each element of that array as a line; the value itself when it is no array. */
void conn_print_raw(const struct conn *c, const char *path);

/* Commands. */
int cmd_status(struct conn *c, const struct opts *o);
int cmd_alerts(struct conn *c, const struct opts *o);
int cmd_watch(struct conn *c, const struct opts *o);
int cmd_explain(struct conn *c, const struct opts *o);
int cmd_ack(struct conn *c, const struct opts *o);
int cmd_metrics(struct conn *c, const struct opts *o);
int cmd_feeds(struct conn *c, const struct opts *o);
int cmd_instruments(struct conn *c, const struct opts *o);
int cmd_map(struct conn *c, const struct opts *o);
int cmd_rules(struct conn *c, const struct opts *o);
int cmd_reload(struct conn *c, const struct opts *o);
int cmd_stress(struct conn *c, const struct opts *o);
int cmd_rpc(struct conn *c, const struct opts *o);
int cmd_wait_live(const struct opts *o); /* connects by itself, again and again */
int cmd_schema(const struct opts *o);
int cmd_spool(const struct opts *o);

/* Text for people. */
const char *show_num(double x, char buf[24]);       /* 1.23M; "-" when NAN */
const char *show_age(double seconds, char buf[16]); /* 4.2s 13m 2.5h 3.1d; "-" when NAN */
const char *show_time(int64_t t_us, char buf[24]);  /* UTC "12:34:56"; "-" when 0 */
const char *show_severity(const struct opts *o,
                          const char *severity);  /* padded, coloured when asked */
double get_num(const json_t *o, const char *key); /* NAN when absent or null */
int64_t get_int(const json_t *o, const char *key);
const char *get_str(const json_t *o, const char *key); /* "-" when absent or null */
bool get_bool(const json_t *o, const char *key);
void show_where(const json_t *subject, char *buf, size_t cap); /* "BTC binance forceOrder" */
int severity_rank(const char *name);                           /* 0 unknown, 1 info .. 3 critical */

#endif
