/* See spool_head.h. The surprising thing: the configuration of a run may be longer than what is
 * kept here of it; then it is cut, with a note, rather than the rows refused. */
#include "store/spool_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/scan.h"

#define SPOOL_FORMAT 2 /* 2: rows may have runs of numbers */

void spool_head_print(struct text *out, const struct spool_writer *w)
{
    text_fmt(out, "{\"spool\":%d,\"instance\":", SPOOL_FORMAT);
    text_json(out, w->instance);
    text_kv_i64(out, "epoch", w->epoch);
    text_kv_slice(out, "version", w->version);
    text_kv_i64(out, "t_started_us", w->t_started_us);
    text_str(out, ",\"streams\":[");
    for (int s = 0; s < STREAMS; s++) {
        text_fmt(out, "%s[\"%s\"", s ? "," : "", stream_name((enum stream_id)s));
        for (int c = 0, n = stream_columns((enum stream_id)s); c < n; c++)
            text_fmt(out, ",\"%s\"", stream_column((enum stream_id)s, c).name);
        text_char(out, ']');
    }
    text_str(out, "],\"conf\":");
    text_json(out, w->conf);
    text_str(out, "}");
}

static int find_stream(struct slice name)
{
    for (int s = 0; s < STREAMS; s++)
        if (slice_is(name, stream_name((enum stream_id)s)))
            return s;
    return -1;
}

static int find_column(int stream, struct slice name)
{
    for (int c = 0, n = stream >= 0 ? stream_columns((enum stream_id)stream) : 0; c < n; c++)
        if (slice_is(name, stream_column((enum stream_id)stream, c).name))
            return c;
    return -1;
}

/* ["name","column",...] */
static void read_stream(struct scan *s, struct spool_map *m)
{
    struct slice name;
    int at = m->n < 64 ? m->n++ : 63, cols = 0;
    scan_array(s);
    if (!scan_item(s) || scan_str(s, &name) < 0)
        return;
    int to = find_stream(name);
    m->stream[at].to = (int16_t)to;
    for (int c = 0; c < STREAM_COLS_MAX; c++)
        m->stream[at].from[c] = -1;
    while (scan_item(s) && scan_str(s, &name) == 0) {
        int c = find_column(to, name);
        if (c >= 0)
            m->stream[at].from[c] = (int16_t)cols;
        m->same = m->same && c == cols;
        cols++;
    }
    m->stream[at].cols = (uint16_t)cols;
    m->same = m->same && to == at && cols == stream_columns((enum stream_id)(to < 0 ? 0 : to));
}

static struct slice unescape(struct slice raw, char *dst, size_t cap)
{
    while (raw.len > 0) {
        int n = scan_unescape(raw, dst, cap);
        if (n >= 0)
            return (struct slice){dst, (uint32_t)n};
        raw.len = raw.len > cap ? (uint32_t)cap / 2 : raw.len / 2;
        while (raw.len > 0 && raw.p[raw.len - 1] != 'n') /* not inside an escape: behind a \n */
            raw.len--;
    }
    return (struct slice){dst, 0};
}

int spool_head_parse(struct slice head, struct spool_writer *writer, struct spool_map *m)
{
    struct scan s;
    struct slice key, instance = {NULL, 0}, version = {NULL, 0}, conf = {NULL, 0};
    struct spool_writer w = {.epoch = 0};
    int64_t format = 0;
    m->n = 0;
    m->same = true;
    scan_init(&s, head.p, head.len);
    scan_object(&s);
    while (scan_key(&s, &key)) {
        if (slice_is(key, "spool"))
            scan_i64(&s, &format);
        else if (slice_is(key, "instance"))
            scan_str(&s, &instance);
        else if (slice_is(key, "version"))
            scan_str(&s, &version);
        else if (slice_is(key, "epoch"))
            scan_i64(&s, &w.epoch);
        else if (slice_is(key, "t_started_us"))
            scan_i64(&s, &w.t_started_us);
        else if (slice_is(key, "conf"))
            scan_str(&s, &conf);
        else if (slice_is(key, "streams")) {
            scan_array(&s);
            while (scan_item(&s))
                read_stream(&s, m);
        } else
            scan_skip(&s);
    }
    int rc = scan_end(&s);
    if (rc < 0)
        return rc;
    if (format < 1 || format > SPOOL_FORMAT || !instance.p || !version.p || m->n == 0)
        return E_MISSING;
    m->same = m->same && m->n == STREAMS;
    w.instance = unescape(instance, m->instance, sizeof(m->instance));
    w.version = unescape(version, m->version, sizeof(m->version));
    w.conf = unescape(conf, m->conf, sizeof(m->conf));
    *writer = w;
    return 0;
}

/* Where each of the row's values begins; false when it has not so many. */
static bool find_values(const struct spool_row *in, int cols, uint32_t at[STREAM_COLS_MAX + 1])
{
    uint32_t p = 0;
    for (int c = 0; c < cols; c++) {
        at[c] = p;
        if (in->len - p < 4)
            return false;
        uint32_t n = row_element_len(in->data + p);
        if (in->len - p - 4 < n)
            return false;
        p += 4 + n;
    }
    at[cols] = p;
    return p == in->len;
}

void spool_map_own(struct spool_map *m)
{
    m->same = true;
    m->n = STREAMS;
}

/* The row with values alone: as it is, when it has no runs. */
static int plain_row(const struct spool_row *in, struct row *out)
{
    int rc = row_has_run(in->data, in->len);
    if (rc == 0) {
        row_borrow(out, in->stream, in->t_us, (struct slice){(const char *)in->data, in->len});
    } else if (rc == 1) {
        row_begin(out, in->stream, in->t_us);
        rc = row_expand(out, in->data, in->len);
    }
    return rc < 0 || out->full ? E_TORN : 1;
}

static int moved_row(const struct spool_map *m, const struct spool_row *in, struct row *out)
{
    uint32_t at[STREAM_COLS_MAX + 1];
    if (in->stream >= m->n || m->stream[in->stream].cols > STREAM_COLS_MAX)
        return E_TORN;
    int to = m->stream[in->stream].to;
    if (!find_values(in, m->stream[in->stream].cols, at))
        return E_TORN;
    if (to < 0)
        return 0;
    row_begin(out, (uint8_t)to, in->t_us);
    for (int c = 0, n = stream_columns((enum stream_id)to); c < n; c++) {
        int from = m->stream[in->stream].from[c];
        if (from < 0)
            row_null(out);
        else
            row_raw(out, in->data + at[from], at[from + 1] - at[from]);
    }
    return out->full ? E_TORN : 1;
}

int spool_map_row(const struct spool_map *m, const struct spool_row *in, struct row *out)
{
    struct row plain;
    if (m->same && in->stream < STREAMS)
        return plain_row(in, out);
    if (plain_row(in, &plain) < 0)
        return E_TORN;
    const struct spool_row values = {in->t_us, plain.data, plain.len, in->stream};
    return moved_row(m, &values, out);
}
