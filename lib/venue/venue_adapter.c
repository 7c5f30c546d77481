/* What adapters share, see venue_adapter.h. In: a scan in progress; out: values in our units and
 * events in the caller's batch. Nothing here knows a venue. */
#include "venue/venue_adapter.h"

#define T_MAX_MS ((int64_t)4102444800000) /* 2100-01-01 */

static struct parse begin(const struct adapt_in *in, struct batch *b)
{
    const struct origin *o = in->origin;
    struct parse p = {.b = b,
                      .dir = in->dir,
                      .venue = o->venue,
                      .channel = CHANNEL_NONE,
                      .route = o->conn == CONN_REST ? 0 : CONN_ROUTE(o->conn),
                      .text = {in->text, (uint32_t)in->len}};
    scan_init(&p.s, p.text.p, p.text.len);
    return p;
}

static int end(struct parse *p)
{
    int rc = scan_end(&p->s);
    if (rc == 0)
        rc = p->b->err;
    if (rc < 0)
        batch_clear(p->b);
    return rc;
}

static struct slice request_name(const char *req, struct slice *arg)
{
    struct slice name = slice_of(req);
    const char *colon = strchr(req, ':');
    *arg = (struct slice){0};
    if (!colon)
        return name;
    *arg = slice_of(colon + 1);
    name.len = (uint32_t)(colon - req);
    return name;
}

int adapt_parse(const struct adapt_doors *d, const struct adapt_in *in, struct batch *out)
{
    batch_clear(out);
    if (in->len > UINT32_MAX)
        return E_LIMIT;
    struct parse p = begin(in, out);
    if (in->origin->req) {
        struct slice arg, name = request_name(in->origin->req, &arg);
        p.arg = arg;
        d->body(&p, name);
    } else if (d->plain && slice_is(p.text, d->plain)) {
        adapt_control(&p, d->plain_is, p.text);
        return 0;
    } else {
        d->frame(&p);
    }
    return end(&p);
}

void adapt_fail(struct parse *p, int code)
{
    if (!p->s.err) {
        p->s.err = code;
        p->s.err_at = p->s.p;
    }
    p->s.p = p->s.end; /* as the scanner's own errors: every loop ends */
}

struct event *adapt_event(struct parse *p, enum event_kind kind)
{
    struct event *e = batch_add(p->b, kind);
    if (e)
        e->channel = p->channel;
    else
        adapt_fail(p, E_LIMIT);
    return e;
}

struct event *adapt_control(struct parse *p, enum control_what what, struct slice t)
{
    struct event *e = adapt_event(p, EV_CONTROL);
    if (!e)
        return NULL;
    e->u.control.what = what;
    e->u.control.text = t;
    return e;
}

void adapt_ignore(struct parse *p)
{
    scan_skip(&p->s);
    adapt_control(p, CTL_IGNORED, p->text);
}

static void unescape(struct parse *p, struct slice *str)
{
    struct batch *b = p->b;
    int n = scan_unescape(*str, b->text + b->n_text, sizeof b->text - b->n_text);
    if (n < 0) {
        adapt_fail(p, n);
        return;
    }
    *str = (struct slice){b->text + b->n_text, (uint32_t)n};
    b->n_text += (uint32_t)n;
}

void adapt_str(struct parse *p, struct slice *out)
{
    if (scan_str(&p->s, out) == 0 && p->s.escaped)
        unescape(p, out);
}

void adapt_str_opt(struct parse *p, struct slice *out)
{
    if (scan_str_opt(&p->s, out) == 0 && out->p && p->s.escaped)
        unescape(p, out);
}

void adapt_px(struct parse *p, double *out)
{
    if (scan_num(&p->s, out) == 0 && !(*out >= 0))
        adapt_fail(p, E_RANGE);
}

void adapt_px_opt(struct parse *p, double *out)
{
    if (scan_num_opt(&p->s, out) == 0 && *out < 0)
        adapt_fail(p, E_RANGE);
}

void adapt_ms(struct parse *p, int64_t *out_us)
{
    int64_t ms = 0;
    if (scan_peek(&p->s) == SCAN_NULL)
        scan_skip(&p->s);
    else if (scan_i64(&p->s, &ms) < 0)
        return;
    if (ms < 0 || ms > T_MAX_MS)
        adapt_fail(p, E_RANGE);
    else
        *out_us = ms * 1000;
}

static void take_level(struct parse *p, struct level *l)
{
    if (scan_num2(&p->s, &l->px, &l->qty) == 0 && (l->px < 0 || l->qty < 0))
        adapt_fail(p, E_RANGE);
}

_Static_assert(sizeof(struct level) == 2 * sizeof(double), "a level is a pair of doubles");

/* The levels that are written as always, at once; the others come one by one. */
static void take_plain_levels(struct parse *p)
{
    struct batch *b = p->b;
    double *to = (double *)(b->levels + b->n_levels); /* may be the end: then none fit */
    b->n_levels += (uint32_t)scan_pairs(&p->s, to, (int)(BATCH_LEVELS_MAX - b->n_levels));
}

void adapt_levels(struct parse *p, const struct level **out, uint32_t *n)
{
    uint32_t from = p->b->n_levels;
    scan_array(&p->s);
    take_plain_levels(p);
    while (scan_item(&p->s)) {
        struct level *l = batch_level(p->b);
        if (!l) {
            adapt_fail(p, E_LIMIT);
            return;
        }
        take_level(p, l);
        take_plain_levels(p);
    }
    *out = p->b->levels + from;
    *n = p->b->n_levels - from;
}

static void take_bool(struct parse *p, bool *out)
{
    if (scan_peek(&p->s) != SCAN_NULL) {
        scan_bool(&p->s, out);
        return;
    }
    scan_skip(&p->s);
    *out = false;
}

/* Copies of a known size each: of a size in a variable they would be calls. */
static void take_member(struct parse *p, const struct member *m, void *into)
{
    char *to = (char *)into + m->at;
    struct slice str = {0};
    double num = 0;
    int64_t i = 0;
    bool yes = false;
    switch ((enum member_type)m->type) {
    case M_STR:
        adapt_str_opt(p, &str);
        memcpy(to, &str, sizeof str);
        break;
    case M_NUM:
        scan_num_opt(&p->s, &num);
        memcpy(to, &num, sizeof num);
        break;
    case M_PX:
        adapt_px_opt(p, &num);
        memcpy(to, &num, sizeof num);
        break;
    case M_MS:
        adapt_ms(p, &i);
        memcpy(to, &i, sizeof i);
        break;
    case M_I64:
        scan_i64(&p->s, &i);
        memcpy(to, &i, sizeof i);
        break;
    case M_BOOL:
        take_bool(p, &yes);
        memcpy(to, &yes, sizeof yes);
        break;
    case M_RAW:
        scan_raw(&p->s, &str);
        memcpy(to, &str, sizeof str);
        break;
    }
}

/* Written out, because a call to measure each name costs more than most names. */
static bool is_named(struct slice k, const char *name)
{
    uint32_t i = 0;
    while (i < k.len && name[i] == k.p[i] && name[i])
        i++;
    return i == k.len && name[i] == 0;
}

void adapt_object(struct parse *p, const struct member *m, int n, void *into)
{
    struct slice k;
    scan_object(&p->s);
    while (scan_key(&p->s, &k)) {
        int i = 0;
        while (i < n && !is_named(k, m[i].key))
            i++;
        if (i < n)
            take_member(p, &m[i], into);
        else
            scan_skip(&p->s);
    }
}

struct parse adapt_sub(const struct parse *p, struct slice raw)
{
    struct parse q = *p;
    scan_init(&q.s, raw.p, raw.len);
    return q;
}

void adapt_join(struct parse *p, struct parse *sub)
{
    int rc = scan_end(&sub->s);
    if (rc < 0)
        adapt_fail(p, rc);
}

struct slice adapt_peek(const struct parse *p, const char *key)
{
    struct scan look = p->s;
    struct slice k, v = {0};
    size_t len = strlen(key);
    scan_object(&look);
    while (scan_key(&look, &k)) {
        if (k.len == len && memcmp(k.p, key, len) == 0) {
            if (scan_peek(&look) != SCAN_STRING || scan_str(&look, &v) < 0)
                v = (struct slice){0};
            return v;
        }
        scan_skip(&look);
    }
    return v;
}

double adapt_none_px(struct event *e, double px)
{
    if (px > 0)
        return px;
    e->none |= NONE_PX;
    return NAN;
}

#define HOLD_LOOK      256
#define SERVER_FAULT_S 5

static bool hold_is(const struct adapt_hold *row, const struct adapt_answer *a)
{
    uint32_t look = a->body.len < HOLD_LOOK ? a->body.len : HOLD_LOOK;
    if (row->http_status)
        return row->http_status == a->http_status;
    return look > 0 && memmem(a->body.p, look, row->text, strlen(row->text));
}

int adapt_backoff_s(const struct adapt_hold *rows, int n, const struct adapt_answer *a)
{
    int seconds = a->http_status >= 500 ? SERVER_FAULT_S : 0;
    for (int i = n - 1; i >= 0; i--) /* the first that fits stays */
        if (hold_is(&rows[i], a))
            seconds = rows[i].seconds;
    return seconds > 0 && a->retry_after_s > 0 ? a->retry_after_s : seconds;
}

void adapt_query(struct text *t, struct slice s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (uint32_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '_' || c == '-' || c == '.';
        if (plain) {
            text_char(t, (char)c);
        } else {
            text_char(t, '%');
            text_char(t, hex[c >> 4]);
            text_char(t, hex[c & 15]);
        }
    }
}

int adapt_fits(const struct text *t)
{
    return t->full ? E_LIMIT : 0;
}
