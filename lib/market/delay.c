/* Receipt against the venue's stamp. In: stamps. Out: median, MAD. Owned by the market. Surprising:
 * samples are thinned by time, not taken one by one, because a burst would fill the window with one
 * moment. */
#include "market/delay.h"

#include <math.h>

#include "base/stat.h"

int delay_add(struct delay *d, int64_t t_recv_us, int64_t t_venue_us)
{
    uint32_t newest = (d->next + DELAY_SAMPLES - 1) % DELAY_SAMPLES;
    if (d->t_us[newest] && t_recv_us - d->t_us[newest] < DELAY_GAP_US)
        return 0;
    d->t_us[d->next] = t_recv_us;
    d->ms[d->next] = (double)(t_recv_us - t_venue_us) / 1e3;
    d->next = (d->next + 1) % DELAY_SAMPLES;
    return 1;
}

int delay_read(const struct delay *d, int64_t now_us, double *median_ms, double *mad_ms)
{
    double x[DELAY_SAMPLES];
    int n = 0;
    for (int i = 0; i < DELAY_SAMPLES; i++)
        if (d->t_us[i] && now_us - d->t_us[i] <= DELAY_SPAN_US)
            x[n++] = d->ms[i];
    *median_ms = *mad_ms = NAN;
    if (n >= DELAY_MIN_SAMPLES) {
        *median_ms = stat_median(x, n);
        *mad_ms = stat_mad(x, n);
    }
    return n;
}
