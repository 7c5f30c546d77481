/* Shared by the fuzz targets of the adapters. An input is a request's name (empty = pushed), a
 * newline, a text. Whatever the bytes: a refused text leaves no event; an accepted one leaves
 * events that stay inside the batch's pools, print as valid JSON, and come out the same a second
 * time. */
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
    struct origin o = {(uint8_t)v, n_req ? CONN_REST : CONN_SLOT(size % 3, 0, 0),
                       n_req ? req : NULL};
    const char *text = (const char *)nl + 1;
    size_t len = size - n_req - 1;
    int rc = venues[v]->parse(NULL, &o, text, len, b);
    if (rc < 0) {
        assert(b->n == 0);
        return 0;
    }
    uint64_t first = print_all(b, name);
    int again = venues[v]->parse(NULL, &o, text, len, b);
    uint64_t second = print_all(b, name);
    assert(again == rc && second == first);
    return 0;
}

#endif
