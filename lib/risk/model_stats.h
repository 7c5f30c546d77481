/* What metrics remember: an asset's own past, learned by the model `stats` and read by the families
 * of crowding, build-up and peaks. Robust z-scores against up to 720 hourly samples (30 days),
 * moments of five-minute changes, the peak of open interest, a fading histogram of one-minute
 * liquidations. Owned by the board; all memory is taken at init. */
#ifndef RISK_MODEL_STATS_H
#define RISK_MODEL_STATS_H

#include "base/stat.h"
#include "risk/board.h"
#include "risk/models.h"

#define PAST_SAMPLES  720 /* hours that were watched: 30 days */
#define PAST_MIN      30  /* before that a z-score is warming up */
#define PEAK_ITEMS    124 /* of 6 hours: 30 days */
#define PEAK_SPAN_US  INT64_C(2592000000000)
#define PEAK_MIN_US   INT64_C(86400000000)
#define LIQ_BUCKETS   160  /* four an octave, from 1 USD */
#define LIQ_MIN_N     1300 /* fading minutes, some 23 hours, before a 99th percentile is one */
#define BUILD_STEP_US INT64_C(300000000)
#define BUILD_SD_MIN  1e-4 /* of a five-minute change */

enum past_id { PAST_FUND, PAST_BASIS, PAST_ACCOUNTS, PASTS };

struct past { /* hourly samples, in whole steps of past_step[] */
    uint32_t n, next;
    int32_t x[PAST_SAMPLES];
    double median, mad; /* in the quantity's unit; NAN while n is 0 */
};

struct stats_asset {
    bool used;
    uint32_t asset;
    int64_t t_hour_us, t_five_us, t_minute_us; /* of the last samples; 0 = none */
    struct past past[PASTS];
    struct tw_ewma basis;  /* bps, half-life 60 s */
    struct ewma change[2]; /* of ln open interest and ln price in five minutes */
    double waiting[2];     /* the newest of them: learned when the next one comes; NAN */
    int64_t t_began_us;    /* of watching open interest; 0 = not yet */
    int64_t t_best_us, t_peak_us;
    double best, peak; /* of the running 6 hours; of all; NAN */
    struct slide_max peaks;
    struct slide_max_item item[PEAK_ITEMS];
    double liq[LIQ_BUCKETS], liq_n; /* minutes by size, fading; their sum */
    double q99_usd;                 /* NAN = warming up */
};

struct stats {
    uint32_t rows;
    struct stats_asset *a;
    uint16_t row_of[DIR_ASSETS_MAX]; /* UINT16_MAX = not tracked */
    struct stats_asset scratch;      /* thaw: a line is taken whole or not at all */
};

extern const struct model model_stats;

/* NULL when the asset is not tracked. */
const struct stats_asset *stats_of(const struct risk *r, uint32_t asset);

/* Median and deviation again, from the samples. */
void past_judge(struct past *p, enum past_id id);
void past_add(struct past *p, enum past_id id, double x);
/* Robust z: (x - median) / (1.4826 max(MAD, floor)); NAN while fewer than PAST_MIN samples. */
double past_z(const struct past *p, enum past_id id, double x);

/* z of a change over a span of whole five-minute steps, moments scaled by time (n steps: n x mean,
 * sqrt(n) x deviation); NAN until 30 effective samples. */
double change_z(const struct ewma *e, double d, double steps);

/* ln(p / (1 - p)) of a share of accounts, cut to 0.1 .. 99.9 %. */
double account_logit(double p);

/* Upper edge of the bucket that holds the 99th percentile; NAN while warming up. */
double liq_q99(const struct stats_asset *a);
void liq_learn(struct stats_asset *a, double usd);

/* Change of ln price of the asset over a span: the mark of the largest venue that knows it. */
double asset_move(const struct risk *r, uint32_t asset, int64_t span_us, int64_t now_us,
                  uint8_t *why);

/* A row that knows nothing yet. */
void stats_clear(struct stats_asset *a, uint32_t asset);

/* model_stats_freeze.c */
void stats_freeze(const void *m, const struct risk *r, struct text *out);
int stats_thaw(void *m, const struct risk *r, const char *line, size_t len);

#endif
