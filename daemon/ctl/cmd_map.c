/* `cascadectl map BTC`: where forced sales sit, as a ladder of distances from the mark: shorts
 * above it, longs below, venues summed. In: the answer of `map`; out: 80 columns. Bars show USD per
 * 1 % of the price, so that bands of different width compare. Nothing here was seen: it says so. */
#include "ctl.h"

#include <math.h>
#include <string.h>

#define BANDS 12
#define BAR   30

/* Bands shown, percent of the mark; all of them are edges of the answer. */
static const double edges_pct[BANDS + 1] = {0, .5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30};

struct ladder { /* [0] longs, [1] shorts */
    double usd[2][BANDS], all_usd, seeded_usd, flight_usd[2];
    double px; /* of the venue with most open interest */
    double most_usd, since_us;
    int n;
    char in[128], out[128];
};

static void note_venue(char *list, size_t cap, const char *name, const char *why)
{
    size_t n = strlen(list);
    snprintf(list + n, cap - n, "%s%s%s%s%s", n ? ", " : "", name, why ? " (" : "", why ? why : "",
             why ? ")" : "");
}

static int band_of(double frac)
{
    int b = 0;
    while (b < BANDS && frac * 100 >= edges_pct[b + 1] - 1e-9)
        b++;
    return b; /* BANDS = beyond */
}

static void add_side(struct ladder *l, int side, const json_t *mass, const json_t *edge, double px)
{
    for (size_t i = 0; i < json_array_size(mass); i++) {
        int b = band_of(json_number_value(json_array_get(edge, i)));
        if (b < BANDS)
            l->usd[side][b] += json_number_value(json_array_get(mass, i)) * px;
    }
}

static void add_map(struct ladder *l, const json_t *m, const json_t *edge)
{
    double px = get_num(m, "px_ref"), oi_usd = get_num(m, "oi_base") * px;
    if (json_is_string(json_object_get(m, "unknown"))) {
        if (strcmp(get_str(m, "unknown"), "not_tracked") != 0)
            note_venue(l->out, sizeof(l->out), get_str(m, "venue"), get_str(m, "unknown"));
        return;
    }
    note_venue(l->in, sizeof(l->in), get_str(m, "venue"), NULL);
    add_side(l, 0, json_object_get(m, "long_base"), edge, px);
    add_side(l, 1, json_object_get(m, "short_base"), edge, px);
    l->all_usd += oi_usd;
    l->seeded_usd += oi_usd * get_num(m, "seeded_frac");
    l->flight_usd[0] += px * get_num(m, "flight_long_base");
    l->flight_usd[1] += px * get_num(m, "flight_short_base");
    if (oi_usd > l->most_usd) {
        l->most_usd = oi_usd;
        l->px = px;
    }
    double began = (double)get_int(m, "t_began_us");
    if (l->n++ == 0 || began > l->since_us)
        l->since_us = began;
}

static double density(const struct ladder *l, int side, int b)
{
    return l->usd[side][b] / (edges_pct[b + 1] - edges_pct[b]);
}

static double peak(const struct ladder *l)
{
    double most = 0;
    for (int b = 0; b < BANDS; b++)
        most = fmax(most, fmax(density(l, 0, b), density(l, 1, b)));
    return most;
}

static void show_px(double px, char buf[24])
{
    int digits = px > 0 ? 5 - (int)floor(log10(px)) : 0;
    snprintf(buf, 24, "%.*f", digits < 0 ? 0 : digits > 12 ? 12 : digits, px);
}

static void show_band(const struct ladder *l, int side, int b, double most)
{
    char px[24], usd[24], cum[24], range[40], bar[BAR + 1];
    double sign = side ? 1 : -1, sum = 0;
    for (int i = 0; i <= b; i++)
        sum += l->usd[side][i];
    int n = most > 0 ? (int)(density(l, side, b) / most * BAR + .5) : 0;
    if (n == 0 && l->usd[side][b] > 0)
        n = 1;
    memset(bar, '#', (size_t)n);
    bar[n] = 0;
    show_px(l->px * (1 + sign * edges_pct[b + 1] / 100), px);
    snprintf(range, sizeof(range), "%c%g to %g%%", side ? '+' : '-', edges_pct[b],
             edges_pct[b + 1]);
    printf("%-11s %10.10s  %9s %9s  %s\n", range, px, show_num(l->usd[side][b], usd),
           show_num(sum, cum), bar);
}

static void show_head(const struct ladder *l, const json_t *r)
{
    char t[24], px[24], oi[24], age[16];
    show_px(l->px, px);
    printf("%s liquidation map, %s UTC: MODELLED, UNCALIBRATED\n", get_str(r, "asset"),
           show_time(get_int(r, "now_us"), t));
    printf("mark %s, open interest %s USD on %s\n", px, show_num(l->all_usd, oi), l->in);
    printf("assumed, not seen: %.0f %% of it was there when watching began, %s ago\n",
           100 * l->seeded_usd / l->all_usd,
           show_age(((double)get_int(r, "now_us") - l->since_us) / 1e6, age));
    if (l->flight_usd[0] + l->flight_usd[1] > 0) {
        char longs[24], shorts[24];
        printf("crossed, not settled: longs %s USD, shorts %s USD, shown as new\n",
               show_num(l->flight_usd[0], longs), show_num(l->flight_usd[1], shorts));
    }
}

static void show_ladder(const struct ladder *l)
{
    double most = peak(l);
    char px[24], per[24];
    show_px(l->px, px);
    printf("\nDISTANCE    PRICE TO          USD       SUM  USD PER 1%%; %s = %s\n", "full bar",
           show_num(most, per));
    for (int b = BANDS - 1; b >= 0; b--)
        show_band(l, 1, b, most);
    printf("  ^ shorts, bought back if it rises --- %s --- longs, sold if it falls v\n", px);
    for (int b = 0; b < BANDS; b++)
        show_band(l, 0, b, most);
}

static int show_map(const json_t *r)
{
    static struct ladder l;
    const json_t *maps = json_object_get(r, "maps");
    memset(&l, 0, sizeof(l));
    for (size_t i = 0; i < json_array_size(maps); i++)
        add_map(&l, json_array_get(maps, i), json_object_get(r, "edge_frac"));
    if (l.n == 0) {
        printf("%s: no venue has a map: %s\n", get_str(r, "asset"),
               l.out[0] ? l.out : "none lists it");
        return CTL_OK;
    }
    show_head(&l, r);
    if (l.out[0])
        printf("not in it: %.68s\n", l.out);
    show_ladder(&l);
    return CTL_OK;
}

int cmd_map(struct conn *c, const struct opts *o)
{
    json_t *reply, *p = json_object();
    json_object_set_new(p, "asset", json_string(o->args[0]));
    if (o->venue)
        json_object_set_new(p, "venue", json_string(o->venue));
    int rc = conn_call(c, "map", p, &reply);
    if (rc != CTL_OK)
        return rc;
    if (o->json)
        conn_print_raw(c, "result");
    else
        rc = show_map(json_object_get(reply, "result"));
    json_decref(reply);
    return rc;
}
