/* Rows the store could not keep as it was told, of the last minute. In: its notes (NOTE_STORE).
 * Out: one count per kind of loss in m_process, for rules: the tables and feed_gap say what is
 * missing, but to whom reads them. The surprising thing: counts begin at 0 in each life of the
 * process; what was lost before its end has been said before. */
#include "risk/board.h"

static const struct metric loss_metrics[STORE_LOSSES] = {
    [LOSS_REFUSED] = {"store_refused_1m", "1", MQ_MEASURED, 0, INFINITY,
                      "Rows of the last minute that the database refused for their content; set "
                      "aside in a file."},
    [LOSS_UNKEPT] = {"store_unkept_1m", "1", MQ_MEASURED, 0, INFINITY,
                     "Rows of the last minute that the database refused and the file did not take: "
                     "it is full."},
    [LOSS_SHED] = {"store_shed_1m", "1", MQ_MEASURED, 0, INFINITY,
                   "Rows of the last minute given up for want of room or with a damaged file; a "
                   "lower bound."},
};

const char *store_loss_name(enum store_loss k)
{
    static const char *const names[STORE_LOSSES] = {
        [LOSS_REFUSED] = "refused", [LOSS_UNKEPT] = "unkept", [LOSS_SHED] = "shed"};
    return (unsigned)k < STORE_LOSSES ? names[k] : "?";
}

int risk_note_loss(struct risk *r, struct slice name, double rows, int64_t now_us)
{
    int64_t second = now_us / 1000000;
    int k = 0, at = (int)(second % LOSS_WINDOW_S);
    while (k < STORE_LOSSES && !slice_is(name, store_loss_name((enum store_loss)k)))
        k++;
    if (k == STORE_LOSSES)
        return E_UNKNOWN;
    if (!(rows > 0) || isinf(rows))
        return E_RANGE;
    struct loss_window *w = &r->loss[k];
    if (w->second[at] != second)
        w->rows[at] = 0;
    w->second[at] = second;
    w->rows[at] += rows;
    return 0;
}

static void eval_loss(const struct risk *r, struct subject s, int64_t now_us, struct cell *out)
{
    int64_t second = now_us / 1000000;
    (void)s;
    for (int k = 0; k < STORE_LOSSES; k++) {
        const struct loss_window *w = &r->loss[k];
        double rows = 0;
        for (int i = 0; i < LOSS_WINDOW_S; i++)
            rows += w->second[i] > second - LOSS_WINDOW_S ? w->rows[i] : 0;
        cell_known(&out[k], rows);
    }
}

const struct metric_family family_loss = {
    .name = "loss",
    .table = MT_PROCESS,
    .metrics = loss_metrics,
    .n = STORE_LOSSES,
    .period_s = 1,
    .eval = eval_loss,
};
