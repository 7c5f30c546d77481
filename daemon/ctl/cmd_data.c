/* Commands that show state: status, feeds, instruments, metrics, and rpc for everything else.
 * Tables fit 80 columns; a value that is only a lower bound stands behind ">=". */
#include "ctl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void show_links(const json_t *links)
{
    printf("VENUE        ROUTE    STATE      STREAMS    MESSAGES  LAST ERROR\n");
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *l = json_array_get(links, i);
        char streams[24], count[24];
        snprintf(streams, sizeof(streams), "%lld/%lld", (long long)get_int(l, "streams_acked"),
                 (long long)get_int(l, "streams_wanted"));
        printf("%-12.12s %-8.8s %-10.10s %-10s %-9s %.26s\n", get_str(l, "venue"),
               get_str(l, "route"), get_str(l, "state"), streams,
               show_num((double)get_int(l, "messages"), count), get_str(l, "last_error"));
    }
}

static void show_store(const json_t *st)
{
    char written[24];
    if (!json_is_object(st)) {
        printf("store      none\n");
        return;
    }
    bool standby = strcmp(get_str(st, "role"), "standby") == 0;
    printf("store      %s%s, %s rows written, %lld queued, %lld shed\n", get_str(st, "state"),
           standby ? ", standby: another daemon writes and publishes" : "",
           show_num((double)get_int(st, "rows_written"), written),
           (long long)get_int(st, "rows_queued"), (long long)get_int(st, "rows_shed"));
    if (get_int(st, "rows_refused"))
        printf("           %lld rows refused by the database, %lld of them not kept in the file\n",
               (long long)get_int(st, "rows_refused"), (long long)get_int(st, "refused_unkept"));
    if (json_is_string(json_object_get(st, "last_error")))
        printf("           %.68s\n", get_str(st, "last_error"));
}

static void show_status(const json_t *s)
{
    const json_t *al = json_object_get(s, "alerts"), *ch = json_object_get(s, "channels");
    const json_t *un = json_object_get(s, "universe"), *pr = json_object_get(s, "process");
    char age[16], rss[24];
    printf("cascaded   %s, up %s, epoch %lld, %.60s\n", get_str(s, "version"),
           show_age(get_num(s, "uptime_s"), age), (long long)get_int(s, "epoch"),
           get_str(s, "conf_file"));
    if (json_is_string(json_object_get(s, "reload_error")))
        printf("           the last reload was refused: %.60s\n", get_str(s, "reload_error"));
    printf("universe   %lld assets%s\n", (long long)get_int(un, "tracked"),
           get_bool(un, "ranked") ? "" : ", not ranked yet");
    printf("channels   %lld ok, %lld waiting, %lld silent, %lld down, %lld refused\n",
           (long long)get_int(ch, "ok"), (long long)get_int(ch, "waiting"),
           (long long)get_int(ch, "silent"), (long long)get_int(ch, "down"),
           (long long)get_int(ch, "refused"));
    printf("alerts     %lld firing, %lld pending, %lld acknowledged\n",
           (long long)get_int(al, "firing"), (long long)get_int(al, "pending"),
           (long long)get_int(al, "acked"));
    show_store(json_object_get(s, "store"));
    printf("process    %s B, loop lag p99 %.3g ms, tick p99 %.3g ms, %lld ticks skipped\n\n",
           show_num((double)get_int(pr, "rss_kb") * 1024, rss), get_num(pr, "loop_lag_p99_ms"),
           get_num(pr, "tick_p99_ms"), (long long)get_int(pr, "ticks_skipped"));
    show_links(json_object_get(s, "feeds"));
}

int cmd_status(struct conn *c, const struct opts *o)
{
    json_t *reply;
    int rc = conn_call(c, "status", NULL, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *s = json_object_get(reply, "result");
    const json_t *by = json_object_get(json_object_get(s, "alerts"), "firing_by_severity");
    if (o->json)
        conn_print_raw(c, "result");
    else
        show_status(s);
    static const char *const names[] = {"info", "warning", "critical"};
    for (int i = severity_rank(o->floor ? o->floor : "warning") - 1; i < 3; i++)
        rc = get_int(by, names[i]) ? CTL_FIRING : rc;
    json_decref(reply);
    return rc;
}

static void show_channel(const json_t *ch)
{
    char age[16], count[24];
    printf("%-12.12s %-18.18s %-14.14s %-8.8s %-7s %-8s %-4lld %s\n", get_str(ch, "venue"),
           get_str(ch, "channel"), get_str(ch, "symbol"), get_str(ch, "state"),
           show_age(get_num(ch, "age_s"), age), show_num((double)get_int(ch, "n_data"), count),
           (long long)get_int(ch, "n_gaps"), get_bool(ch, "gap_open") ? "gap" : "");
}

static json_t *pack_opts(const char *const *keys, const char *const *values, int n)
{
    json_t *p = json_object();
    for (int i = 0; i < n; i++)
        if (values[i])
            json_object_set_new(p, keys[i], json_string(values[i]));
    return p;
}

int cmd_feeds(struct conn *c, const struct opts *o)
{
    json_t *reply, *p = pack_opts((const char *const[]){"venue", "state"},
                                  (const char *const[]){o->venue, o->state}, 2);
    int rc = conn_call(c, "feeds.list", p, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *r = json_object_get(reply, "result"), *list = json_object_get(r, "channels");
    size_t hidden = 0;
    if (o->json)
        conn_print_raw(c, "result.channels");
    else {
        show_links(json_object_get(r, "links"));
        printf("\nVENUE        CHANNEL            SYMBOL         STATE    AGE     DATA     GAPS\n");
    }
    for (size_t i = 0; !o->json && i < json_array_size(list); i++) {
        const json_t *ch = json_array_get(list, i);
        if (!o->all && !o->state && strcmp(get_str(ch, "state"), "ok") == 0)
            hidden++;
        else
            show_channel(ch);
    }
    if (hidden)
        printf("%zu channels are ok; --all lists them\n", hidden);
    json_decref(reply);
    return CTL_OK;
}

int cmd_instruments(struct conn *c, const struct opts *o)
{
    const char *tracked = o->all ? NULL : "yes";
    json_t *reply,
        *p = pack_opts((const char *const[]){"venue", "asset", "tracked"},
                       (const char *const[]){o->venue, o->n_args ? o->args[0] : o->asset, tracked},
                       3);
    int rc = conn_call(c, "instruments.list", p, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *list = json_object_get(json_object_get(reply, "result"), "instruments");
    char oi[24], vol[24];
    if (o->json)
        conn_print_raw(c, "result.instruments");
    else
        printf("VENUE        SYMBOL           ASSET      STATUS    OI USD    VOL 24H   LEV\n");
    for (size_t i = 0; !o->json && i < json_array_size(list); i++) {
        const json_t *in = json_array_get(list, i);
        printf("%-12.12s %-16.16s %-10.10s %-9.9s %-9s %-9s %.4g\n", get_str(in, "venue"),
               get_str(in, "symbol"), get_str(in, "asset"), get_str(in, "status"),
               show_num(get_num(in, "oi_usd"), oi), show_num(get_num(in, "volume_24h_usd"), vol),
               get_num(in, "max_leverage"));
    }
    json_decref(reply);
    return CTL_OK;
}

/* The description of a metric in the reply's list. */
static const json_t *metric_info(const json_t *metrics, const char *table, const char *name)
{
    for (size_t i = 0; i < json_array_size(metrics); i++) {
        const json_t *m = json_array_get(metrics, i);
        if (strcmp(get_str(m, "table"), table) == 0 && strcmp(get_str(m, "name"), name) == 0)
            return m;
    }
    return NULL;
}

static void show_row(const json_t *metrics, const json_t *row)
{
    const char *name, *table = get_str(row, "table");
    char where[64], num[24];
    json_t *v;
    show_where(row, where, sizeof(where));
    printf("%s %s\n", where,
           json_is_string(json_object_get(row, "symbol")) ? get_str(row, "symbol") : "");
    json_object_foreach(json_object_get(row, "values"), name, v)
    {
        const json_t *m = metric_info(metrics, table, name);
        bool least = m && strcmp(get_str(m, "quality"), "lower_bound") == 0;
        double x = json_is_number(v) ? json_number_value(v) : NAN;
        printf("  %-26.26s %2s%-11s %-8.8s %s\n", name, least && !isnan(x) ? ">=" : "",
               show_num(x, num), m ? get_str(m, "unit") : "-",
               isnan(x) ? get_str(json_object_get(row, "unknown"), name)
               : m && strcmp(get_str(m, "quality"), "modelled") == 0 ? "modelled"
                                                                     : "");
    }
}

/* One line per asset; lower bounds say so. */
static void show_overview(const json_t *metrics, const json_t *rows)
{
    static const char *const cols[] = {"oi_usd",    "oi_chg_5m_frac", "fund_oiw_8h",
                                       "basis_bps", "liq_1m_oi_frac", "depth_10bps_rel_frac"};
    printf("ASSET      OI USD     OI 5M      FUND 8H    BASIS BPS  LIQ 1M/OI  DEPTH 10/5M\n");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *v = json_object_get(row, "values");
        printf("%-10.10s", get_str(row, "asset"));
        for (size_t k = 0; k < sizeof(cols) / sizeof(cols[0]); k++) {
            char num[24], cell[32];
            const json_t *m = metric_info(metrics, "m_asset", cols[k]);
            double x = get_num(v, cols[k]);
            bool least = m && strcmp(get_str(m, "quality"), "lower_bound") == 0 && !isnan(x);
            snprintf(cell, sizeof(cell), "%s%s", least ? ">=" : "", show_num(x, num));
            printf(" %-10s", cell);
        }
        printf("\n");
    }
}

static json_t *name_list(const char *s)
{
    json_t *a = json_array();
    while (*s) {
        size_t n = strcspn(s, ",");
        if (n)
            json_array_append_new(a, json_stringn(s, n));
        s += n + (s[n] == ',');
    }
    return a;
}

int cmd_metrics(struct conn *c, const struct opts *o)
{
    const char *asset = o->n_args ? o->args[0] : o->asset;
    bool overview = !asset && !o->names && !o->table && !o->venue;
    json_t *reply,
        *p = pack_opts((const char *const[]){"asset", "venue", "table"},
                       (const char *const[]){asset, o->venue, overview ? "m_asset" : o->table}, 3);
    if (o->names)
        json_object_set_new(p, "names", name_list(o->names));
    int rc = conn_call(c, "metrics.get", p, &reply);
    if (rc != CTL_OK)
        return rc;
    const json_t *r = json_object_get(reply, "result"), *rows = json_object_get(r, "rows");
    const json_t *metrics = json_object_get(r, "metrics");
    if (o->json)
        conn_print_raw(c, "result.rows");
    else if (overview)
        show_overview(metrics, rows);
    for (size_t i = 0; !o->json && !overview && i < json_array_size(rows); i++)
        show_row(metrics, json_array_get(rows, i));
    json_decref(reply);
    return CTL_OK;
}

int cmd_rpc(struct conn *c, const struct opts *o)
{
    json_t *reply, *params = NULL;
    json_error_t err;
    if (o->n_args > 1 && !(params = json_loads(o->args[1], JSON_REJECT_DUPLICATES, &err))) {
        fprintf(stderr, "cascadectl: PARAMS: %s at byte %d\n", err.text, err.position);
        return CTL_USAGE;
    }
    int rc = conn_call(c, o->args[0], params, &reply);
    if (rc != CTL_OK)
        return rc;
    struct slice v = conn_raw(c, "result");
    printf("%.*s\n", (int)v.len, v.p);
    json_decref(reply);
    return CTL_OK;
}
