/* Commands about alerts. The exit status 1 means: something fires at or above --floor (default
 * warning), so that a script needs no parsing. */
#include "ctl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SILENT_S 15.0 /* three heartbeats */

static const char *bound(const json_t *a)
{
    return strcmp(get_str(a, "quality"), "lower_bound") == 0 ? ">=" : "";
}

static void show_alert(const struct opts *o, const json_t *a, int64_t now_us)
{
    char where[64], value[24], limit[24], age[16];
    int64_t since =
        get_int(a, "t_firing_us") ? get_int(a, "t_firing_us") : get_int(a, "t_pending_us");
    show_where(a, where, sizeof(where));
    printf("%-6.6s %s %-8.8s %-6.6s %-18.18s %-18.18s %2s%s\n", get_str(a, "id"),
           show_severity(o, get_str(a, "severity")), get_str(a, "state"),
           show_age(since ? (double)(now_us - since) / 1e6 : NAN, age), get_str(a, "rule"), where,
           bound(a), show_num(get_num(a, "value"), value));
    printf("       %.73s\n", get_str(a, "summary"));
    if (get_bool(a, "acked") || get_bool(a, "inhibited") || get_bool(a, "silenced"))
        printf("       threshold %s%s%.20s%s%s\n", show_num(get_num(a, "threshold"), limit),
               get_bool(a, "acked") ? ", acknowledged by " : "",
               get_bool(a, "acked") ? get_str(a, "ack_by") : "",
               get_bool(a, "inhibited") ? ", frozen: its data is stale" : "",
               get_bool(a, "silenced") ? ", silenced" : "");
}

/* Most severe first, then the oldest. */
static int worse(const void *pa, const void *pb)
{
    const json_t *a = *(json_t *const *)pa, *b = *(json_t *const *)pb;
    int d = severity_rank(get_str(b, "severity")) - severity_rank(get_str(a, "severity"));
    int64_t ta = get_int(a, "t_pending_us"), tb = get_int(b, "t_pending_us");
    return d ? d : (ta > tb) - (ta < tb);
}

static void show_alerts(const struct opts *o, const json_t *list, int64_t now_us)
{
    size_t n = json_array_size(list);
    json_t **sorted = calloc(n + 1, sizeof(*sorted));
    for (size_t i = 0; sorted && i < n; i++)
        sorted[i] = json_array_get(list, i);
    if (sorted && n)
        qsort(sorted, n, sizeof(*sorted), worse);
    if (n == 0)
        printf("no alerts\n");
    else
        printf("ID     SEVERITY STATE    SINCE  RULE               WHERE              VALUE\n");
    for (size_t i = 0; sorted && i < n; i++)
        show_alert(o, sorted[i], now_us);
    free(sorted);
}

static int firing_status(const struct opts *o, const json_t *list)
{
    int floor = severity_rank(o->floor ? o->floor : "warning");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);
        if (strcmp(get_str(a, "state"), "firing") == 0 &&
            severity_rank(get_str(a, "severity")) >= floor)
            return CTL_FIRING;
    }
    return CTL_OK;
}

static json_t *filter_params(const struct opts *o)
{
    json_t *p = json_object();
    if (o->floor)
        json_object_set_new(p, "severity_floor", json_string(o->floor));
    if (o->asset)
        json_object_set_new(p, "assets", json_pack("[s]", o->asset));
    if (o->venue)
        json_object_set_new(p, "venues", json_pack("[s]", o->venue));
    return p;
}

int cmd_alerts(struct conn *c, const struct opts *o)
{
    json_t *reply;
    if (o->watch)
        return cmd_watch(c, o);
    int rc = conn_call(c, "alerts.list", filter_params(o), &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *result = json_object_get(reply, "result"),
                 *list = json_object_get(result, "alerts");
    if (o->json)
        conn_print_raw(c, "result.alerts");
    else
        show_alerts(o, list, get_int(result, "now_us"));
    rc = firing_status(o, list);
    json_decref(reply);
    return rc;
}

static void show_transition(const struct opts *o, const json_t *a)
{
    char time[24], where[64], value[24];
    show_where(a, where, sizeof(where));
    printf("%-8s %s %-8.8s %-16.16s %-14.14s %2s%-9s %s\n", show_time(get_int(a, "t_us"), time),
           show_severity(o, get_str(a, "severity")), get_str(a, "state"), get_str(a, "rule"), where,
           bound(a), show_num(get_num(a, "value"), value), get_bool(a, "acked") ? "acked" : "");
    printf("         %.71s\n", get_str(a, "summary"));
    if (get_int(a, "skipped"))
        printf("         (%lld transitions before this one were not shown: too fast)\n",
               (long long)get_int(a, "skipped"));
}

static void show_notification(const struct conn *c, const struct opts *o, const json_t *n)
{
    const char *method = get_str(n, "method");
    const json_t *p = json_object_get(n, "params");
    bool heartbeat = strcmp(method, "heartbeat") == 0;
    if (o->json)
        printf("%s\n", c->line);
    else if (strcmp(method, "alert") == 0)
        show_transition(o, p);
    else if (strcmp(method, "gap") == 0)
        printf("transitions were lost before seq %lld; all alerts as they are now:\n",
               (long long)get_int(p, "seq"));
    if (!o->json && strcmp(method, "gap") == 0)
        show_alerts(o, json_object_get(p, "snapshot"), (int64_t)time(NULL) * 1000000);
    if (!heartbeat || o->json)
        fflush(stdout);
}

int cmd_watch(struct conn *c, const struct opts *o)
{
    json_t *reply, *params = filter_params(o);
    if (o->after >= 0)
        json_object_set_new(params, "after", json_integer((json_int_t)o->after));
    int rc = conn_call(c, "alerts.subscribe", params, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *result = json_object_get(reply, "result"),
                 *snapshot = json_object_get(result, "snapshot");
    long long seq = (long long)get_int(result, "seq");
    if (o->json)
        conn_print_raw(c, "result");
    else if (snapshot)
        show_alerts(o, snapshot, get_int(json_object_get(c->hello, "params"), "now_us"));
    fflush(stdout);
    json_decref(reply);
    for (json_t *n; (n = conn_next(c, SILENT_S)); json_decref(n)) {
        const json_t *s = json_object_get(json_object_get(n, "params"), "seq");
        seq = s ? (long long)json_integer_value(s) : seq;
        show_notification(c, o, n);
    }
    fprintf(stderr, "cascadectl: the stream ended; continue with --after %lld\n", seq);
    return CTL_NOCONN;
}

static void show_input(const json_t *in)
{
    char where[64], value[24], age[16];
    show_where(in, where, sizeof(where));
    printf("  %-20.20s %-18.18s %2s%-9s %-6.6s age %-6s %s\n", get_str(in, "metric"), where,
           bound(in), show_num(get_num(in, "value"), value), get_str(in, "unit"),
           show_age(get_num(in, "age_s"), age),
           json_is_string(json_object_get(in, "reason")) ? get_str(in, "reason")
                                                         : get_str(in, "quality"));
}

static void show_rule(const json_t *r)
{
    const json_t *levels = json_object_get(r, "levels");
    char a[24], b[24];
    printf("rule %s on %s, version %s%s%s\n", get_str(r, "name"), get_str(r, "metric"),
           get_str(r, "version"), get_bool(r, "below") ? ", below" : "",
           get_bool(r, "fast") ? ", fast" : "");
    for (size_t i = 0; i < json_array_size(levels); i++) {
        const json_t *l = json_array_get(levels, i);
        printf("  %-8s raise %s clear %s for %lld s\n", get_str(l, "severity"),
               show_num(get_num(l, "raise"), a), show_num(get_num(l, "clear"), b),
               (long long)get_int(l, "for_s"));
    }
}

int cmd_explain(struct conn *c, const struct opts *o)
{
    json_t *reply;
    char value[24], limit[24], peak[24], t[24];
    int rc = conn_call(c, "alerts.get", json_pack("{s:s}", "id", o->args[0]), &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *result = json_object_get(reply, "result"), *a = json_object_get(result, "alert");
    const json_t *inputs = json_object_get(result, "inputs");
    if (o->json) {
        conn_print_raw(c, "result");
        json_decref(reply);
        return CTL_OK;
    }
    show_alert(o, a, get_int(result, "now_us"));
    printf("value %s%s, threshold %s, worst %s, firing since %s UTC\n", bound(a),
           show_num(get_num(a, "value"), value), show_num(get_num(a, "threshold"), limit),
           show_num(get_num(a, "peak"), peak), show_time(get_int(a, "t_firing_us"), t));
    show_rule(json_object_get(result, "rule"));
    printf("inputs\n");
    for (size_t i = 0; i < json_array_size(inputs); i++)
        show_input(json_array_get(inputs, i));
    json_decref(reply);
    return CTL_OK;
}

int cmd_ack(struct conn *c, const struct opts *o)
{
    json_t *reply, *p = json_pack("{s:s}", "id", o->args[0]);
    if (o->comment)
        json_object_set_new(p, "comment", json_string(o->comment));
    int rc = conn_call(c, "alerts.ack", p, &reply);
    if (rc != CTL_OK)
        return rc;
    if (o->json)
        conn_print_raw(c, "result");
    else
        printf("alert %s acknowledged by %s\n", o->args[0],
               get_str(json_object_get(reply, "result"), "by"));
    json_decref(reply);
    return CTL_OK;
}

int cmd_rules(struct conn *c, const struct opts *o)
{
    json_t *reply;
    int rc = conn_call(c, "rules.list", NULL, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *rules = json_object_get(json_object_get(reply, "result"), "rules");
    for (size_t i = 0; !o->json && i < json_array_size(rules); i++)
        show_rule(json_array_get(rules, i));
    if (o->json)
        conn_print_raw(c, "result.rules");
    json_decref(reply);
    return CTL_OK;
}

int cmd_reload(struct conn *c, const struct opts *o)
{
    json_t *reply;
    int rc = conn_call(c, "reload", NULL, &reply);
    if (rc != CTL_OK)
        return rc;
    if (o->json)
        conn_print_raw(c, "result");
    else
        printf("reloaded\n");
    json_decref(reply);
    return CTL_OK;
}
