/* The ring of the last alert transitions, each kept as the text that all subscribers get. In: the
 * engine's transitions in order of n. Out: the entry of an n, and whether a later transition of the
 * same alert that passes the same filter has replaced it, which is what coalescing needs. The
 * surprising thing: the buckets that find the earlier transition of an alert are never cleaned; a
 * chain ends where n has left the ring. */
#include "serve/serve_priv.h"

#include <stdlib.h>

static struct history_entry *slot(const struct history *h, uint64_t n)
{
    return &h->e[n % h->cap];
}

int history_init(struct history *h, uint32_t cap, uint64_t last_n)
{
    *h = (struct history){.cap = cap, .last_n = last_n, .put_n = last_n, .first_n = last_n + 1};
    h->e = calloc(cap, sizeof(*h->e));
    h->bucket = calloc(cap, sizeof(*h->bucket));
    if (h->e && h->bucket)
        return 0;
    history_fini(h);
    return E_NOMEM;
}

static void clear(struct history *h)
{
    for (uint32_t i = 0; h->e && i < h->cap; i++) {
        free(h->e[i].text);
        h->e[i] = (struct history_entry){0};
    }
}

void history_fini(struct history *h)
{
    clear(h);
    free(h->e);
    free(h->bucket);
    h->e = NULL;
    h->bucket = NULL;
}

const struct history_entry *history_get(const struct history *h, uint64_t n)
{
    return n >= h->first_n && n <= h->last_n ? slot(h, n) : NULL;
}

bool history_replaced(const struct history *h, const struct history_entry *e,
                      const struct alert_filter *f)
{
    for (uint64_t n = h->bucket[e->id % h->cap]; n > e->n && n >= h->first_n;) {
        const struct history_entry *later = slot(h, n);
        if (n <= h->last_n && later->id == e->id && later->text && filter_passes(f, &later->key))
            return true;
        n = later->before;
    }
    return false;
}

void history_put(struct history *h, uint64_t n, uint32_t id, const struct alert_key *k,
                 struct slice text)
{
    if (n != h->put_n + 1) {
        clear(h); /* transitions nobody told us of: nothing before them can be replayed */
        h->first_n = n;
        h->last_n = n - 1;
    } else if (n - h->first_n >= h->cap) {
        h->first_n = n - h->cap + 1;
        if (h->last_n < h->first_n - 1)
            h->last_n = h->first_n - 1; /* more wait than the ring holds: these are gone */
    }
    uint64_t *bucket = &h->bucket[id % h->cap];
    struct history_entry *e = slot(h, n);
    free(e->text);
    *e = (struct history_entry){.n = n, .before = *bucket, .id = id, .key = *k, .len = text.len};
    e->text = text.p ? malloc(text.len + 1) : NULL;
    if (e->text) {
        memcpy(e->text, text.p, text.len);
        e->text[text.len] = 0;
    } else {
        e->len = 0;
        h->lost++;
    }
    *bucket = n;
    h->put_n = n;
}

void history_publish(struct history *h, uint64_t n)
{
    if (n > h->put_n)
        n = h->put_n;
    if (n > h->last_n)
        h->last_n = n;
}

static bool named(const char (*names)[24], int n, const char *what)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], what) == 0)
            return true;
    return n == 0;
}

bool filter_passes(const struct alert_filter *f, const struct alert_key *k)
{
    bool rule = f->n_rules == 0;
    for (int i = 0; i < f->n_rules; i++)
        rule |= strcmp(f->rules[i], k->rule) == 0;
    if (f->venues && (k->venue >= 32 || !(f->venues & 1u << k->venue)))
        return false;
    return rule && k->severity >= f->floor && named(f->assets, f->n_assets, k->asset);
}
