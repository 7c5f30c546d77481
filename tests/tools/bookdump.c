/* Runs the book over recorded texts of a venue (argument; Binance without) and prints what it
 * holds, for tests/frames/test_book_*.py, which keep books of their own. In, a line each:
 * "<t_us>\t<text>". Out, a line per book message: line number, state (0 empty, 1 waiting, 2 live, 3
 * gap), wants a snapshot, sequence, best bid and ask, spread and 10 bps depth of both sides ("nan"
 * when unknown). Exit 1 when a text was not understood. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts/batch.h"
#include "market/book.h"
#include "venue/venue.h"

static void print_state(long line, const struct book *b)
{
    struct level bid = {NAN, NAN}, ask = {NAN, NAN};
    struct book_depth d = {.spread_bps = NAN, .bid_usd = {NAN}, .ask_usd = {NAN}};
    (void)!book_best(b, true, &bid);
    (void)!book_best(b, false, &ask);
    (void)!book_depth(b, 1, false, &d);
    printf("%ld %d %d %" PRId64 " %.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", line,
           (int)book_state(b), book_wants_snapshot(b), book_seq(b), bid.px, bid.qty, ask.px,
           ask.qty, d.spread_bps, d.bid_usd[0], d.ask_usd[0]);
}

struct reader {
    const struct directory *dir;
    int venue;
    struct batch *batch;
};

static int take(const struct reader *r, struct book *b, const char *line, long n)
{
    const char *text = strchr(line, '\t');
    if (!text)
        return 1;
    int64_t t_us = strtoll(line, NULL, 10);
    struct origin o = {(uint8_t)r->venue, 0, NULL};
    batch_clear(r->batch);
    if (venues[r->venue]->parse(r->dir, &o, text + 1, strlen(text + 1), r->batch) < 0)
        return 1;
    for (uint32_t i = 0; i < r->batch->n; i++) {
        if (r->batch->ev[i].kind != EV_BOOK)
            continue;
        (void)!book_apply(b, &r->batch->ev[i].u.book, t_us);
        print_state(n, b);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *names[DIR_VENUES_MAX];
    for (int i = 0; i < n_venues; i++)
        names[i] = venues[i]->name;
    struct directory *dir = directory_new(NULL, 0, names, n_venues);
    struct book *b = book_new(4096, 256);
    struct batch *batch = batch_new();
    struct reader r = {dir, venue_find(slice_of(argc > 1 ? argv[1] : "binance")), batch};
    char *line = NULL;
    size_t cap = 0;
    long n = 0, bad = 0;
    while (dir && b && batch && r.venue >= 0 && getline(&line, &cap, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        bad += take(&r, b, line, ++n);
    }
    free(line);
    batch_free(batch);
    book_free(b);
    directory_free(dir);
    return bad > 0 || n == 0;
}
