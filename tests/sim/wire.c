/* Misbehaviour of connections: cut, closed, half open, dripping, with another certificate. In: what
 * is in force after a step. Out: calls to the venue's server. Surprising: a certificate of the
 * wrong kind lies beside the right one (mkcert.sh makes them) and is used for new connections, so
 * the old ones are cut. */
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"

/* PATH/server.pem -> PATH/NAME.pem */
static void beside(const char *path, const char *name, const char *ending, char out[512])
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) + 1 : 0;
    snprintf(out, 512, "%.*s%s%s", n, path, name, ending);
}

static void use_certificate(struct srv *s, enum sim_venue v)
{
    const struct mis_item *it = mis_on(&s->sim->mis, MIS_CERT, v);
    const struct sim_options *o = &s->sim->opt;
    char cert[512], key[512];
    if (it == s->cert[v])
        return;
    s->cert[v] = it;
    snprintf(cert, sizeof cert, "%s", o->cert);
    snprintf(key, sizeof key, "%s", o->key);
    if (it) {
        beside(o->cert, it->arg, ".pem", cert);
        beside(o->key, it->arg, ".key", key);
    }
    if (net_certificate(s->net[v], cert, key) == 0)
        net_drop_all(s->net[v]);
}

static void close_clients(struct srv *s, enum sim_venue v, const struct mis_item *it)
{
    int code = (int)strtol(it->arg, NULL, 10);
    for (int i = s->n_clients - 1; i >= 0; i--)
        if (i < s->n_clients && s->clients[i]->venue == v)
            net_close_with(s->clients[i]->c, code, it->symbol);
}

/* Those connected when the notice comes; who connects later stays. */
static void give_notice(struct srv *s, enum sim_venue v)
{
    double now = s->sim->mis.now_s;
    const struct mis_item *in_force = mis_on(&s->sim->mis, MIS_NOTICE, v);
    const struct mis_item *it = in_force == s->notice[v] ? NULL : in_force;
    s->notice[v] = in_force;
    for (int i = s->n_clients - 1; i >= 0; i--) {
        struct srv_client *x = i < s->n_clients ? s->clients[i] : NULL;
        if (!x || x->venue != v)
            continue;
        if (it && v == SIM_OKX)
            okx_notice(x);
        if (it)
            x->close_s = it->to_s;
        if (x->close_s > 0 && now >= x->close_s)
            net_close(x->c, 1001);
    }
}

static void drip_clients(struct srv *s, enum sim_venue v)
{
    const struct mis_item *it = mis_on(&s->sim->mis, MIS_DRIP, v);
    for (int i = 0; i < s->n_clients; i++)
        if (s->clients[i]->venue == v)
            net_drip(s->clients[i]->c, it ? (int)it->extra : -1);
}

static void freeze_clients(struct srv *s, enum sim_venue v)
{
    for (int i = 0; i < s->n_clients; i++)
        if (s->clients[i]->venue == v)
            net_freeze(s->clients[i]->c);
}

void wire_step(struct srv *s)
{
    struct mis *x = &s->sim->mis;
    for (int i = 0; i < SIM_VENUES && x->n; i++) {
        enum sim_venue v = (enum sim_venue)i;
        const struct mis_item *closing = mis_take_item(x, MIS_CLOSE, v, NULL);
        if (mis_on(x, MIS_DOWN, v) || mis_take(x, MIS_CUT, v, NULL))
            net_drop_all(s->net[v]);
        if (closing)
            close_clients(s, v, closing);
        if (mis_take(x, MIS_HALF_OPEN, v, NULL))
            freeze_clients(s, v);
        give_notice(s, v);
        drip_clients(s, v);
        use_certificate(s, v);
    }
}
