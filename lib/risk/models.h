/* The model seam. A model has state: it learns from events and steps on ticks; metrics read models
 * and have none. A model is one file and one row of models[] in model_table.c. It reads the market
 * and the models before it in the table, never those after it, and it never reads a clock: what is
 * due when follows from the number of the tick, so that a replay does the same work at the same
 * ticks. All memory is taken at init; nothing allocates later. What a model computes is "modelled"
 * and says so wherever it is shown. */
#ifndef RISK_MODELS_H
#define RISK_MODELS_H

#include "base/text.h"
#include "risk/metric.h"

enum model_id {
    MODEL_LIQMAP,  /* liquidation map on net open interest */
    MODEL_CASCADE, /* sweeps of the map through the measured books */
    MODEL_STATS,   /* what is usual for an asset */
    MODELS
};

struct model {
    const char *name;   /* "liqmap"; names its lines in the frozen state */
    const char *help;   /* what it assumes, in one or two sentences; printed by --doc */
    uint16_t period_s;  /* one round of all assets takes so many ticks: the asset in row k is due at
                           ticks with tick_s % period_s == k % period_s */
    uint32_t budget_us; /* thread CPU of its share of one tick at 50 assets x 4 venues */
    void *(*init)(const struct risk *r); /* NULL = out of memory */
    void (*fini)(void *m);
    /* An asset is tracked from now on / no more. May be NULL. */
    void (*enter)(void *m, const struct risk *r, uint32_t asset);
    void (*leave)(void *m, const struct risk *r, uint32_t asset);
    /* A fact of a tracked instrument the market has taken. May be NULL. */
    void (*on_event)(void *m, const struct risk *r, const struct slot *s, const struct event *e);
    /* The share of this tick of one asset; called after the market's tick, before any metric. */
    void (*step)(void *m, const struct risk *r, uint32_t asset, int64_t now_us);
    /* State over a restart: lines {"state":"model","model":NAME,...}, names not ids, numbers that
     * read back equal. thaw gets one such line; E_SYNTAX, E_UNKNOWN (an asset that is not tracked:
     * the line is dropped). NULL = it has nothing worth keeping. */
    void (*freeze)(const void *m, const struct risk *r, struct text *out);
    int (*thaw)(void *m, const struct risk *r, const char *line, size_t len);
};

/* In order of evaluation. A row may be NULL: an id whose model is not there. */
extern const struct model model_liqmap, model_cascade;
extern const struct model *const models[MODELS];

/* The state of a model, for metrics, queries and later models; never NULL after risk_new while the
 * table has the model. */
const void *risk_model(const struct risk *r, enum model_id id);

/* A fact the market has just taken of a tracked slot: to every model. */
void risk_event(struct risk *r, const struct slot *s, const struct event *e);

/* The states of all models as lines, and one such line back: E_SYNTAX, E_UNKNOWN (of a model or an
 * asset nobody knows here: the line is dropped). Assets must have been added before. */
void risk_freeze(const struct risk *r, struct text *out);
int risk_thaw(struct risk *r, const char *line, size_t len) MUST_CHECK;

#endif
