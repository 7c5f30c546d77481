/* Shared by the fuzz targets of the adapters. An input is a request's name (empty = pushed), a
 * newline, a text. Whatever the bytes: a refused text leaves no event; an accepted one leaves
 * events that stay inside the batch's pools, print as valid JSON, and come out the same a second
 * time. Two names turn the adapter round: ">" asks for what the text's bytes choose (requests and
 * subscriptions must fit or be refused, and subscriptions be JSON), "!" lets it judge an answer (a
 * back-off is neither negative nor endless). */
#ifndef FUZZ_VENUE_H
#define FUZZ_VENUE_H

#include <assert.h>
#include <stdlib.h>

#include "base/scan.h"
#include "facts/wire.h"
#include "venue/venue.h"

static void check_book(const struct batch *b, const struct ev_book *k)
{
    assert(k->bids >= b->levels && k->bids + k->n_bids <= b->levels + b->n_levels);
    assert(k->asks >= b->levels && k->asks + k->n_asks <= b->levels + b->n_levels);
    for (uint32_t i = 0; i < k->n_bids; i++)
        assert(isfinite(k->bids[i].px) && k->bids[i].px >= 0 && k->bids[i].qty >= 0);
}

/* Prints every event; the text must be JSON. Returns a sum over what was printed. */
static uint64_t print_all(const struct batch *b, const char *venue)
{
    static char buf[1 << 22];
    uint64_t sum = b->n;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct event *e = &b->ev[i];
        struct text t;
        struct scan s;
        if (e->kind == EV_BOOK)
            check_book(b, &e->u.book);
        if (e->kind == EV_SPEC && e->u.spec.tiers)
            assert(e->u.spec.tiers + e->u.spec.n_tiers <= b->tiers + b->n_tiers);
        text_init(&t, buf, sizeof buf);
        wire_event(&t, &(struct wire_from){1, venue, 0, NULL}, e);
        if (t.full)
            continue;
        scan_init(&s, t.buf, t.len);
        scan_skip(&s);
        int rc = scan_end(&s);
        assert(rc == 0);
        for (size_t k = 0; k < t.len; k++)
            sum = sum * 31 + (unsigned char)t.buf[k];
    }
    return sum;
}

static void add_instrument(struct directory *d, int v, const char *symbol, int ord)
{
    struct event e;
    uint32_t id;
    event_init(&e, EV_SPEC);
    struct ev_spec *s = &e.u.spec;
    e.symbol = slice_of(symbol);
    e.dex = SLICE("");
    e.ord = ord;
    e.segment = strstr(symbol, "_PERP") != NULL;
    s->base = SLICE("BTC");
    s->quote = s->settle = SLICE("USDT");
    s->index = SLICE("BTC-USDT");
    s->ct_size = 1;
    s->ct_unit = QTY_BASE;
    s->linear = 1;
    s->status = INST_TRADING;
    s->category = CAT_PERP;
    int rc = directory_apply(d, (uint8_t)v, &e, &id);
    assert(rc >= 0);
}

/* Names of every venue's kind, one that must be escaped, and the longest. */
static struct directory *known(int v)
{
    static struct directory *d;
    static const char *const symbols[] = {"BTCUSDT",
                                          "BTCUSD_PERP",
                                          "BTCUSD",
                                          "BTC-USDT-SWAP",
                                          "BTC",
                                          "\xe5\xb8\x81\"&",
                                          "01234567890123456789012345678901234567890123456"};
    static const char *names[DIR_VENUES_MAX];
    if (d)
        return d;
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    d = directory_new(NULL, 0, names, n_venues);
    for (size_t i = 0; d && i < sizeof symbols / sizeof *symbols; i++)
        add_instrument(d, v, symbols[i], (int)i);
    return d;
}

static void ask(int v, const uint8_t *data, size_t n)
{
    static char buf[8192];
    const struct venue *x = venues[v];
    struct directory *d = known(v);
    struct want w[64];
    int wanted = 0;
    struct text t;
    for (size_t i = 0; d && i + 1 < n && wanted < 64; i += 2) {
        uint8_t c = (uint8_t)(data[i] % x->n_channels);
        bool one = x->channels[c].scope == CH_INSTRUMENT;
        uint32_t inst = one ? data[i + 1] % directory_count(d) : INST_NONE;
        struct want k = {.venue = (uint8_t)v, .channel = c, .inst = inst};
        struct rest_request r = {.name = ""};
        int rc = x->request(d, &k, &r);
        assert(rc == E_UNKNOWN || rc == E_LIMIT || (rc == 0 && r.name[0] && r.path[0] == '/'));
        if (x->channels[c].transport == CH_WS && x->channels[c].role != ROLE_FILE &&
            wanted < x->limits.sub_batch)
            w[wanted++] = k;
        if (x->route && one && x->channels[c].transport == CH_WS)
            assert(x->route(d, c, inst) < x->n_routes);
    }
    text_init(&t, buf, n % 2 ? sizeof buf : 1 + n % 512);
    const struct sub_message m = {w, wanted, n % 3 > 0, (int64_t)n};
    if (wanted == 0 || x->subscribe(d, &m, &t) < 0)
        return;
    struct scan s;
    scan_init(&s, t.buf, t.len);
    scan_skip(&s);
    int rc = scan_end(&s);
    assert(rc == 0);
    text_init(&t, buf, sizeof buf);
    assert(!x->ping || (x->ping(&t) == 0 && t.len > 0));
}

static void judge(int v, const uint8_t *data, size_t n)
{
    static const int statuses[] = {0, 200, 400, 403, 418, 429, 500, 503};
    struct slice body = {(const char *)data, (uint32_t)n};
    int status = n ? statuses[data[0] % 8] : 0, after = n > 1 ? data[1] - 1 : -1;
    int s = venues[v]->backoff_s ? venues[v]->backoff_s(status, after, body) : 0;
    assert(s >= 0 && s <= 86400);
}

static int fuzz_venue(const char *name, const uint8_t *data, size_t size)
{
    static struct batch *b;
    const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
    size_t n_req = nl ? (size_t)(nl - data) : 0;
    int v = venue_find(slice_of(name));
    char req[64];
    if (!b)
        b = batch_new();
    if (!b || v < 0 || !nl || n_req >= sizeof req)
        return 0;
    memcpy(req, data, n_req);
    req[n_req] = 0;
    if (strcmp(req, ">") == 0)
        ask(v, nl + 1, size - n_req - 1);
    if (strcmp(req, "!") == 0)
        judge(v, nl + 1, size - n_req - 1);
    const struct directory *dir = size & 1 ? known(v) : NULL;
    struct origin o = {(uint8_t)v, n_req ? CONN_REST : CONN_SLOT(size % 3, 0, 0),
                       n_req ? req : NULL};
    const char *text = (const char *)nl + 1;
    size_t len = size - n_req - 1;
    int rc = venues[v]->parse(dir, &o, text, len, b);
    if (rc < 0) {
        assert(b->n == 0);
        return 0;
    }
    uint64_t first = print_all(b, name);
    int again = venues[v]->parse(dir, &o, text, len, b);
    uint64_t second = print_all(b, name);
    assert(again == rc && second == first);
    return 0;
}

#endif
