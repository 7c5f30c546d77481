/* How late a channel is by the venue's own stamps: receipt minus stamp, robust. In: stamps of
 * pushed facts. Out: median and median absolute deviation of the last two minutes, at most 64
 * samples half a second apart. Owned by the market, one per venue and channel. The surprising
 * thing: clock error and latency cannot be told apart from here; a negative median is certainly the
 * clocks. */
#ifndef MARKET_DELAY_H
#define MARKET_DELAY_H

#include <stdint.h>

#define DELAY_SAMPLES     64
#define DELAY_MIN_SAMPLES 20 /* below: unknown */
#define DELAY_GAP_US      INT64_C(500000)
#define DELAY_SPAN_US     INT64_C(120000000)

struct delay {
    uint32_t next, teller; /* teller: the instrument whose feed tells it, INST_NONE = the channel */
    int64_t t_us[DELAY_SAMPLES]; /* of receipt; 0 = free */
    double ms[DELAY_SAMPLES];
};

/* True when the sample was taken (none within DELAY_GAP_US before). */
int delay_add(struct delay *d, int64_t t_recv_us, int64_t t_venue_us);
/* How many samples it rests on; below DELAY_MIN_SAMPLES the outputs are NAN. */
int delay_read(const struct delay *d, int64_t now_us, double *median_ms, double *mad_ms);

#endif
