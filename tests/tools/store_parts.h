/* A store and what it needs beside itself: a loop, a configuration, a directory, alerts and a
 * clock. Shared by what runs the store without a daemon: its unit tests (tests/unit/store_rig.h),
 * the feeder of the torture test, the bench of the minutes. Owner of all: who calls rig_make. The
 * surprising thing: the configuration has no defaults here, each sets what it relies on. */
#ifndef TESTS_STORE_PARTS_H
#define TESTS_STORE_PARTS_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/store_priv.h"
#include "venue/venue.h"

struct rig {
    uv_loop_t loop;
    struct conf *conf;
    struct directory *dir;
    struct alerts *alerts;
    struct store *store;
    struct sinks sinks;
    int64_t t_us; /* the clock; 0 = the wall's */
    uint32_t epoch;
    uint32_t btc; /* asset */
    uint32_t inst;
    bool stopped;
    uint64_t durable_n; /* alerts that may be published */
};

static inline int64_t wall_us(void *arg)
{
    struct timespec t;
    (void)arg;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline int64_t rig_now(void *arg)
{
    const struct rig *g = arg;
    return g->t_us ? g->t_us : wall_us(NULL);
}

static inline const struct directory *rig_directory(void *arg)
{
    return ((const struct rig *)arg)->dir;
}

static inline const struct alerts *rig_alerts(void *arg)
{
    return ((const struct rig *)arg)->alerts;
}

static inline const char *rig_channel(uint8_t venue, uint8_t channel)
{
    return venue < n_venues && channel < venues[venue]->n_channels
               ? venues[venue]->channels[channel].name
               : NULL;
}

static inline void ignore_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

/* All but the store. False: out of memory. */
static inline bool rig_make(struct rig *g, const char *const *names, int n)
{
    const struct asset_alias alias = {"*", "1000PEPE", "PEPE", 1000};
    const struct alert_names alert_names = {names, n, rig_channel};
    memset(g, 0, sizeof(*g));
    if (uv_loop_init(&g->loop) != 0)
        return false;
    g->conf = conf_new();
    g->dir = directory_new(&alias, 1, names, n);
    g->alerts = alerts_new(&alert_names, ignore_alert, NULL);
    return g->conf && g->dir && g->alerts;
}

static inline void rig_unmake(struct rig *g)
{
    directory_free(g->dir);
    alerts_free(g->alerts);
    conf_free(g->conf);
}

/* What store_new takes; the number makes the instance. */
static inline struct store_deps rig_deps(struct rig *g, uint32_t number)
{
    struct store_deps d = {.loop = &g->loop,
                           .conf = g->conf,
                           .arg = g,
                           .directory = rig_directory,
                           .alerts = rig_alerts,
                           .now_us = rig_now,
                           .epoch = g->epoch,
                           .conf_text = "[store]\n"};
    snprintf(d.instance, sizeof(d.instance), "00000000-0000-4000-8000-%012u", number);
    return d;
}

/* A linear perpetual of venue 0. */
static inline void spec_event(struct event *e, const char *symbol, const char *base)
{
    event_init(e, EV_SPEC);
    e->symbol = slice_of(symbol);
    e->u.spec.base = slice_of(base);
    e->u.spec.quote = SLICE("USDT");
    e->u.spec.settle = SLICE("USDT");
    e->u.spec.ct_size = 1;
    e->u.spec.ct_unit = QTY_BASE;
    e->u.spec.linear = 1;
    e->u.spec.tick = 0.1;
    e->u.spec.status = INST_TRADING;
    e->u.spec.category = CAT_PERP;
}

#endif
