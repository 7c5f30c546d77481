/* The table of models and what the engine does with all of them: make, feed, step, freeze, thaw.
 * In: the board, facts, ticks. Out: the states of the models, read through risk_model. Owner: the
 * board, which makes them last and frees them first. The surprising thing: which asset is due
 * follows from the number of the tick and from the asset's row, never from elapsed time. */
#include "base/scan.h"
#include "risk/board.h"
#include "risk/model_stats.h"

const struct model *const models[MODELS] = {
    [MODEL_LIQMAP] = &model_liqmap,
    [MODEL_CASCADE] = &model_cascade,
    [MODEL_STATS] = &model_stats,
};

const void *risk_model(const struct risk *r, enum model_id id)
{
    return r->model[id];
}

bool models_init(struct risk *r)
{
    for (int i = 0; i < MODELS; i++) {
        r->model[i] = models[i] ? models[i]->init(r) : NULL;
        if (models[i] && !r->model[i])
            return false;
    }
    return true;
}

void models_fini(struct risk *r)
{
    for (int i = MODELS - 1; i >= 0; i--) {
        if (r->model[i])
            models[i]->fini(r->model[i]);
        r->model[i] = NULL;
    }
}

void models_enter(struct risk *r, uint32_t asset)
{
    for (int i = 0; i < MODELS; i++)
        if (models[i] && models[i]->enter)
            models[i]->enter(r->model[i], r, asset);
}

void models_leave(struct risk *r, uint32_t asset)
{
    for (int i = MODELS - 1; i >= 0; i--)
        if (models[i] && models[i]->leave)
            models[i]->leave(r->model[i], r, asset);
}

/* The asset in row k is due when the tick's second and k leave the same rest. */
bool model_due(enum model_id id, uint32_t row, int64_t now_us)
{
    const struct model *m = models[id];
    return m && now_us / 1000000 % m->period_s == row % m->period_s;
}

void models_step(struct risk *r, int64_t now_us)
{
    for (int i = 0; i < MODELS; i++) {
        for (int k = 0; models[i] && models[i]->step && k < r->n_assets; k++) {
            uint32_t row = r->order[k];
            if (model_due((enum model_id)i, row, now_us))
                models[i]->step(r->model[i], r, r->asset[row].subject.id, now_us);
        }
    }
}

void risk_event(struct risk *r, const struct slot *s, const struct event *e)
{
    for (int i = 0; i < MODELS; i++)
        if (models[i] && models[i]->on_event)
            models[i]->on_event(r->model[i], r, s, e);
}

void risk_freeze(const struct risk *r, struct text *out)
{
    for (int i = 0; i < MODELS; i++)
        if (models[i] && models[i]->freeze)
            models[i]->freeze(r->model[i], r, out);
}

static int read_model_name(const char *line, size_t len, struct slice *name)
{
    struct scan s;
    struct slice key;
    scan_init(&s, line, len);
    if (scan_object(&s) < 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (slice_is(key, "model") && scan_peek(&s) == SCAN_STRING)
            scan_str(&s, name);
        else
            scan_skip(&s);
    }
    return scan_end(&s) < 0 || !name->p ? E_SYNTAX : 0;
}

int risk_thaw(struct risk *r, const char *line, size_t len)
{
    struct slice name = {NULL, 0};
    if (read_model_name(line, len, &name) < 0)
        return E_SYNTAX;
    for (int i = 0; i < MODELS; i++)
        if (models[i] && slice_is(name, models[i]->name) && models[i]->thaw)
            return models[i]->thaw(r->model[i], r, line, len);
    return E_UNKNOWN;
}
