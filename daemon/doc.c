/* Prints the reference from the tables (doc.h): in: a part's name; out: Markdown. Nothing here is
 * written by hand but the sentences between the tables. */
#include "doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf.h"
#include "risk/models.h"
#include "risk/models.h"
#include "serve/serve.h"
#include "store/streams.h"
#include "venue/venue.h"

#define DOC_BYTES (1u << 20)
#define METRIC_HEAD                                                                                \
    "| name | unit | quality | range | period | what it is |\n|---|---|---|---|---|---|\n"

static const char *const quality[] = {
    [MQ_MEASURED] = "measured", [MQ_MODELLED] = "modelled", [MQ_LOWER_BOUND] = "lower bound"};

static void put_range(struct text *t, const struct metric *m)
{
    text_str(t, m->lo == -INFINITY ? "any" : "from ");
    if (m->lo != -INFINITY)
        text_num(t, m->lo);
    if (m->hi != INFINITY) {
        text_str(t, " to ");
        text_num(t, m->hi);
    }
}

static void put_metric(struct text *t, const struct metric *m, const char *period)
{
    text_fmt(t, "| `%s` | %s | %s | ", m->name, m->unit, quality[m->quality]);
    put_range(t, m);
    text_fmt(t, " | %s | %s |\n", period, m->help);
}

static void put_metric_of(struct text *t, int id)
{
    const struct metric_family *f = metric_family_of(id);
    char period[32];
    snprintf(period, sizeof period, "%u s%s", f->period_s, f->fast ? ", fast" : "");
    put_metric(t, metric_at(id), period);
}

/* A table's metrics, family by family: the order of columns is that of the families. */
static void put_families(struct text *t, int table)
{
    const struct metric_family *last = NULL;
    for (int c = 0; c < metric_columns(table); c++) {
        int id = metric_by_column(table, c);
        const struct metric_family *f = metric_family_of(id);
        if (f != last) {
            text_fmt(t, "\n### %s\n\n", f->name);
            for (const char *const *need = f->needs; need && *need; need++)
                text_fmt(t, "%s `%s`%s", need == f->needs ? "From" : ",", *need,
                         need[1] ? "" : ".\n\n");
            text_str(t, METRIC_HEAD);
        }
        put_metric_of(t, id);
        last = f;
    }
}

/* What the daemon measures of itself, beside the families of m_process. */
static void put_process(struct text *t)
{
    text_str(t,
             "\n### store and loop\n\nMeasured by the daemon around the engine whenever a row is "
             "stored (*each row*); only in the database.\n\n" METRIC_HEAD);
    for (int i = 0; i < store_n_process_metrics; i++)
        put_metric(t, &store_process_metrics[i], "each row");
}

/* What modelled metrics rest on. */
static void put_models(struct text *t)
{
    text_str(t, "\n## Models\n\nWhat metrics of quality *modelled* rest on; each file names its "
                "formulas and their sources.\n"
                "In order of evaluation; *budget*: processor time of one tick at 50 assets on 4 "
                "venues.\n");
    for (int i = 0; i < MODELS; i++) {
        if (models[i])
            text_fmt(t, "\n- `%s`, each asset every %u s, budget %u us: %s\n", models[i]->name,
                     models[i]->period_s, models[i]->budget_us, models[i]->help);
    }
}

static void doc_metrics(struct text *t)
{
    text_str(t,
             "# Metrics\n\nPrinted by `cascaded --doc metrics`. A name is also the column of "
             "its table; units are in the\n"
             "name. Unknown is NULL with a reason in `metric_unknown`, never 0. *Fast* metrics "
             "are also\n"
             "evaluated at the end of each loop turn that touched their subject.\n\n"
             "Below each table its families: metrics that are computed together, by the function "
             "of that name in\n"
             "`lib/risk`, where the formula stands with its source; *from* names what else it "
             "reads.\n"
             "*Measured* comes from what venues say; *lower bound* misses what a venue does not "
             "show; *modelled* rests\n"
             "on assumptions, which the formula names.\n");
    for (int table = 0; table < MT_TABLES; table++) {
        text_fmt(t, "\n## %s\n", metric_table_name(table));
        put_families(t, table);
        if (table == MT_PROCESS)
            put_process(t);
    }
    put_models(t);
    text_str(t, "\n## Reasons a value is unknown\n\n");
    for (int r = R_KNOWN + 1; r < R_REASONS; r++)
        text_fmt(t, "%s`%s`", r > R_KNOWN + 1 ? ", " : "", unknown_reason_name(r));
    text_str(t, "\n");
}

static const char *const role[] = {[ROLE_START] = "from the start",
                                   [ROLE_TRACKED] = "per tracked instrument",
                                   [ROLE_SNAPSHOT] = "on demand",
                                   [ROLE_FILE] = "decoded, not fetched"};

static void put_events(struct text *t, uint32_t events)
{
    const char *sep = "";
    for (int k = 0; k < EV_KINDS; k++) {
        if (events >> k & 1) {
            text_fmt(t, "%s%s", sep, event_kind_name(k));
            sep = ", ";
        }
    }
}

static void put_limit(struct text *t, unsigned s)
{
    if (s)
        text_fmt(t, "%u s", s);
    else
        text_str(t, "sparse");
}

static void put_coverage(struct text *t, const struct venue *v, int i)
{
    const struct venue_channel *c = &v->channels[i];
    const struct venue_channel_doc *d = &v->channel_docs[i];
    text_fmt(t, "| `%s` | %s | %s | ", c->name, d->variants, role[c->role]);
    put_events(t, c->events);
    text_fmt(t, " | %s | %s | %s |\n", d->zero, v->doc->recorded >> i & 1 ? "yes" : "no",
             d->evidence);
}

static void put_channel(struct text *t, const struct venue *v, const struct venue_channel *c)
{
    text_fmt(t, "| `%s` | %s | ", c->name,
             c->transport == CH_WS ? v->routes[c->route].name : "REST");
    if (c->transport == CH_WS)
        put_limit(t, c->silent_s);
    else if (c->period_s)
        text_fmt(t, "every %u s, weight %u", c->period_s, c->weight);
    else
        text_fmt(t, "weight %u", c->weight);
    text_fmt(t, " | %s |\n", c->help);
}

/* What we keep to, from the venue's row. */
static void put_own_limits(struct text *t, const struct venue_limits *l)
{
    text_fmt(t,
             "We keep to %u weight a minute, %u requests a second and %u under way; %u messages a "
             "second and connection with\n%u subscriptions each at most; %u new connections a "
             "minute",
             l->weight_per_min, l->rest_per_s, l->rest_in_flight, l->msg_per_s, l->sub_batch,
             l->connects_per_min);
    if (l->rotate_s)
        text_fmt(t, "; a connection is replaced after %u s", l->rotate_s);
    if (l->ping_s)
        text_fmt(t, "; a ping each %u s", l->ping_s);
    if (l->ack_s)
        text_fmt(t, "; an answer to a subscription is late after %u s", l->ack_s);
    text_str(t, ".\n");
}

/* How long we stay away, asked of the function that decides it. */
static void put_backoff(struct text *t, const struct venue *v)
{
    static const int status[] = {403, 418, 429, 500};
    text_str(t, "We stay away, where no `Retry-After` says how long, after");
    for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
        int s = v->backoff_s(status[i], -1, (struct slice){0});
        text_fmt(t, "%s HTTP %d%s ", i ? "," : "", status[i], status[i] == 500 ? " and above" : "");
        if (s > 0)
            text_fmt(t, "%d s", s);
        else
            text_str(t, "as after any failure");
    }
    text_str(t, "; each failure in a row waits longer, with chance in it.\n");
}

static void put_gaps(struct text *t, const char *gaps)
{
    text_str(t, "\nKnown gaps:\n\n");
    while (*gaps) {
        const char *end = strstr(gaps, "; ");
        size_t n = end ? (size_t)(end - gaps) : strlen(gaps);
        text_str(t, "- ");
        text_put(t, gaps, n);
        text_char(t, '\n');
        gaps += n + (end ? 2 : 0);
    }
}

static void doc_venue(struct text *t, const struct venue *v)
{
    text_fmt(
        t,
        "\n## %s\n\nPublic liquidation feed: %s.\n\n| channel | variants | role | events | is 0 "
        "a value? | recorded | evidence: the venue's page |\n|---|---|---|---|---|---|---|\n",
        v->name, v->liq_public ? coverage_name(v->liq_coverage) : "none");
    for (int c = 0; c < v->n_channels; c++)
        put_coverage(t, v, c);
    text_fmt(t, "\nDecoded by request name, but no channel: %s.\n", v->also);
    text_fmt(t, "\nREST: %s, at most %u weight a minute.\n", v->rest_url, v->limits.weight_per_min);
    if (v->rest2_url)
        text_fmt(t, "Second REST host: %s.\n", v->rest2_url);
    for (int r = 0; r < v->n_routes; r++)
        text_fmt(t, "Route `%s`: %s, at most %u streams a connection.\n", v->routes[r].name,
                 v->routes[r].url, v->routes[r].max_streams);
    text_str(t, "\n| channel | route | silence limit or poll | what it is |\n|---|---|---|---|\n");
    for (int c = 0; c < v->n_channels; c++)
        put_channel(t, v, &v->channels[c]);
    text_fmt(t, "\nAllowed: %s.\n", v->doc->limits);
    put_own_limits(t, &v->limits);
    text_fmt(t, "\nBans: %s.\n", v->doc->bans);
    put_backoff(t, v);
    put_gaps(t, v->doc->gaps);
}

static bool put_sources(struct text *t, const struct venue *v, int kind)
{
    bool any = false;
    for (int c = 0; c < v->n_channels; c++) {
        if (v->channels[c].role == ROLE_FILE || !(v->channels[c].events >> kind & 1))
            continue;
        text_fmt(t, "%s`%s`", any ? ", " : " ", v->channels[c].name);
        any = true;
    }
    return any;
}

/* What each venue tells at all, and by which channels that are fetched. */
static void put_overview(struct text *t)
{
    text_str(t, "\n## Coverage\n\n| event |");
    for (int v = 0; v < n_venues; v++)
        text_fmt(t, " %s |", venues[v]->name);
    text_str(t, "\n|---|");
    for (int v = 0; v < n_venues; v++)
        text_str(t, "---|");
    for (int k = 0; k < EV_CONTROL; k++) {
        text_fmt(t, "\n| %s |", event_kind_name(k));
        for (int v = 0; v < n_venues; v++)
            text_str(t, put_sources(t, venues[v], k) ? " |" : " none |");
    }
    text_str(t, "\n");
}

static void doc_venues(struct text *t)
{
    text_str(t, "# Venues\n\nPrinted by `cascaded --doc venues`: every channel that is read, what "
                "it tells, and how its silence is\n"
                "judged. *Sparse* channels are judged by cross-checks, not by a timer. *Recorded*: "
                "texts of the venue itself\n"
                "are among the tests' recordings; what is not was built from its pages alone.\n");
    put_overview(t);
    for (int v = 0; v < n_venues; v++)
        doc_venue(t, venues[v]);
}

static const struct {
    const char *name;
    void (*put)(struct text *t);
} parts[] = {
    {"config", conf_doc}, {"metrics", doc_metrics}, {"venues", doc_venues}, {"socket", serve_doc}};

int doc_print(FILE *out, const char *part)
{
    int printed = 0;
    char *buf = malloc(DOC_BYTES);
    struct text t;
    if (!buf)
        return 1;
    text_init(&t, buf, DOC_BYTES);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (part && strcmp(part, parts[i].name) != 0)
            continue;
        if (printed++)
            text_char(&t, '\n');
        parts[i].put(&t);
    }
    fwrite(t.buf, 1, t.len, out);
    free(buf);
    if (!printed)
        fprintf(stderr, "cascaded: no part %s; there are config, metrics, venues, socket\n", part);
    return !printed ? 2 : t.full;
}
