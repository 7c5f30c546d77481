/* See times.h. Thread time, so that a busy machine counts less; cold caches count. The surprising
 * thing: a tick is measured as it is met in life, behind a second of texts that used the caches. */
#include "replay/times.h"

#include <inttypes.h>
#include <time.h>

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void times_begin(struct times *t)
{
    if (t->on)
        t->began_ns = cpu_ns();
}

void times_end(struct times *t, enum timed what, int64_t t_us)
{
    if (!t->on)
        return;
    uint64_t ns = (uint64_t)(cpu_ns() - t->began_ns);
    if (t->from_us == 0)
        t->from_us = t_us;
    if (t_us - t->from_us < t->skip_s * 1000000)
        return;
    if (what == TIMED_TICK) {
        hist_add(&t->tick_us, ns / 1000);
        return;
    }
    *(what == TIMED_TEXT ? &t->text_ns : &t->turn_ns) += ns;
    *(what == TIMED_TEXT ? &t->texts : &t->turns) += 1;
}

void times_print(const struct times *t, FILE *out)
{
    const struct hist *h = &t->tick_us;
    fprintf(out,
            "{\"kind\":\"times\",\"ticks\":%" PRIu64 ",\"tick_p50_us\":%" PRIu64
            ",\"tick_p99_us\":%" PRIu64 ",\"tick_max_us\":%" PRIu64 ",\"texts\":%" PRIu64
            ",\"texts_us\":%" PRIu64 ",\"turns\":%" PRIu64 ",\"turns_us\":%" PRIu64 "}\n",
            h->n, hist_quantile(h, 0.5), hist_quantile(h, 0.99), h->max, t->texts,
            t->text_ns / 1000, t->turns, t->turn_ns / 1000);
}
