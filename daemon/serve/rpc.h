/* JSON-RPC 2.0: one table of methods dispatches, checks parameters and documents (rpc.discover,
 * docs/SOCKET.md). A handler writes the text of its result, or fails with one of the errors below;
 * on failure what it wrote is taken back. */
#ifndef SERVE_RPC_H
#define SERVE_RPC_H

#include "serve/serve_priv.h"

enum rpc_err {
    RPC_OK,
    RPC_PARSE,
    RPC_INVALID,
    RPC_NO_METHOD,
    RPC_PARAMS,
    RPC_INTERNAL,
    RPC_NOT_FOUND,
    RPC_FORBIDDEN,
    RPC_CONFLICT,
    RPC_TOO_LARGE,
    RPC_REFUSED,
    RPC_NOT_READY,
    RPC_LIMIT,
    RPC_ERRS
};
struct rpc_error_doc {
    int code;
    const char *name, *help;
};
extern const struct rpc_error_doc rpc_errors[RPC_ERRS];

enum rpc_type { PT_STRING, PT_INTEGER, PT_NUMBER, PT_STRINGS };

struct rpc_param {
    const char *name;
    enum rpc_type type;
    bool required;
    const char *help;
};

#define RPC_PARAMS_MAX 6

struct rpc_call {
    struct serve *s;
    struct client *c;
    const json_t *params; /* an object that fits the method's table, or NULL */
    struct text *out;
    int64_t now_us;
    char why[256];
};

struct rpc_method {
    const char *name;
    enum peer_role role; /* at least */
    enum rpc_err (*fn)(struct rpc_call *r);
    struct rpc_param params[RPC_PARAMS_MAX];
    const char *help, *result;
};
extern const struct rpc_method rpc_methods[];
extern const int n_rpc_methods;

/* One line from a client: answers into the client's output. */
void rpc_line(struct client *c, const char *line, size_t len);

enum rpc_err rpc_fail(struct rpc_call *r, enum rpc_err e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Parameters; absent = NULL / fallback. */
const char *rpc_str(const struct rpc_call *r, const char *name);
int64_t rpc_int(const struct rpc_call *r, const char *name, int64_t fallback);
const json_t *rpc_get(const struct rpc_call *r, const char *name);
bool rpc_has(const struct rpc_call *r, const char *name);
/* RPC_PARAMS when the named venue is unknown; -1 in *venue when the parameter is absent. */
enum rpc_err rpc_venue(struct rpc_call *r, const char *name, int *venue);

/* Text: a comma unless the array or object has just begun. */
void out_item(struct text *t);
/* "asset", "venue", "channel", "symbol" of a subject; null where it has none. */
void out_subject(struct text *t, const struct engine *e, struct subject s);
const char *asset_label(const struct engine *e, struct subject s); /* "" = none */
const char *quality_name(uint8_t q);

/* Members of one alert, without braces. */
void out_alert(struct text *t, const struct engine *e, const struct alert *a);
void alert_key_of(const struct engine *e, const struct alert *a, struct alert_key *k);
/* "alerts":[...] of all active ones that pass. */
void out_alerts(struct text *t, const char *key, const struct engine *e,
                const struct alert_filter *f);

void out_rule(struct text *t, const struct rule *r);
/* "key":[...] of connections and of REST budgets; venue -1 = all. */
void out_links(struct rpc_call *r, const char *key, int venue);
void out_rest(struct rpc_call *r, const char *key, int venue);

/* Samples. */
enum rpc_err rpc_query(struct rpc_call *r, struct metric_query *q);
void out_samples(struct text *t, const struct engine *e, const struct metric_query *q);

/* Handlers, by file. */
enum rpc_err rpc_status(struct rpc_call *r);
enum rpc_err rpc_feeds_list(struct rpc_call *r);
enum rpc_err rpc_instruments_list(struct rpc_call *r);
enum rpc_err rpc_metrics_get(struct rpc_call *r);
enum rpc_err rpc_metrics_subscribe(struct rpc_call *r);
enum rpc_err rpc_map(struct rpc_call *r);
enum rpc_err rpc_alerts_list(struct rpc_call *r);
enum rpc_err rpc_alerts_get(struct rpc_call *r);
enum rpc_err rpc_alerts_subscribe(struct rpc_call *r);
enum rpc_err rpc_unsubscribe(struct rpc_call *r);
enum rpc_err rpc_alerts_ack(struct rpc_call *r);
enum rpc_err rpc_stress(struct rpc_call *r);
enum rpc_err rpc_rules_list(struct rpc_call *r);
enum rpc_err rpc_reload(struct rpc_call *r);
enum rpc_err rpc_discover(struct rpc_call *r);

#endif
