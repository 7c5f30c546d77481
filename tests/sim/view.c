/* Published windows of books. In: a book. Out: differences to what was told before. Surprising: a
 * level that falls out of the window is told as gone although it still rests in the book, as Bybit
 * and OKX do. */
#include "sim/view.h"

#include <stdlib.h>

struct sim_view *sim_view_new(int depth)
{
    struct sim_view *v = calloc(1, sizeof *v);
    struct sim_view_level *all = calloc(3 * (size_t)depth, sizeof *all);
    if (!v || !all) {
        free(v);
        free(all);
        return NULL;
    }
    v->depth = depth;
    v->side[0] = all;
    v->side[1] = all + depth;
    v->next = all + 2 * depth;
    return v;
}

static struct sim_view_level *first_of(const struct sim_view *v)
{
    struct sim_view_level *p = v->side[0] < v->side[1] ? v->side[0] : v->side[1];
    return v->next < p ? v->next : p;
}

void sim_view_free(struct sim_view *v)
{
    if (v)
        free(first_of(v));
    free(v);
}

static int tell(const struct sim_view_sink *sink, int64_t slot, int64_t lots)
{
    if (sink)
        sink->level(sink->arg, slot, lots);
    return 1;
}

/* Both lists are sorted, best first. */
int sim_view_update(struct sim_view *v, const struct sim_book *b, enum sim_book_side side,
                    const struct sim_view_sink *sink)
{
    int n = sim_book_read(b, side, v->next, v->depth), was = v->n[side], i = 0, k = 0, told = 0;
    int64_t away = side == SIM_BID ? -1 : 1;
    struct sim_view_level *old = v->side[side], *now = v->next;
    while (i < was || k < n) {
        int64_t d = i == was ? 1 : k == n ? -1 : (old[i].slot - now[k].slot) * away;
        if (d < 0) {
            told += tell(sink, old[i++].slot, 0);
        } else if (d > 0) {
            told += tell(sink, now[k].slot, now[k].lots);
            k++;
        } else {
            if (old[i].lots != now[k].lots)
                told += tell(sink, now[k].slot, now[k].lots);
            i++;
            k++;
        }
    }
    v->next = old;
    v->side[side] = now;
    v->n[side] = n;
    return told;
}
