/* The head record of a tape segment: one JSON line that says what follows, then the configuration
 * text and the specs, each of a stated length. Shared by the writer (tape.c) and the reader
 * (replay). */
#include "tape.h"

#include <stdlib.h>

#include "base/scan.h"
#include "base/text.h"

#define SPECS_MAX (8u << 20)

void tape_head_print(struct text *out, const struct tape_head *h, uint32_t segment)
{
    struct text specs;
    char *buf = h->specs ? malloc(SPECS_MAX) : NULL;
    text_init(&specs, buf ? buf : (char[1]){0}, buf ? SPECS_MAX : 1);
    if (buf)
        h->specs(h->arg, &specs);
    text_str(out, "{\"tape\":1");
    text_kv_str(out, "version", h->version);
    text_kv_str(out, "instance", h->instance);
    text_kv_i64(out, "epoch", h->epoch);
    text_kv_i64(out, "segment", segment);
    text_kv_i64(out, "conf_bytes", (int64_t)strlen(h->conf_text));
    text_kv_i64(out, "specs_bytes", (int64_t)specs.len);
    text_str(out, "}\n");
    text_str(out, h->conf_text);
    text_put(out, specs.buf, specs.len);
    free(buf);
}

static int read_line(struct slice line, struct tape_head_view *v, int64_t *conf, int64_t *specs)
{
    struct scan s;
    struct slice key;
    scan_init(&s, line.p, line.len);
    if (scan_object(&s) < 0)
        return E_SYNTAX;
    while (scan_key(&s, &key)) {
        if (slice_is(key, "version"))
            scan_str(&s, &v->version);
        else if (slice_is(key, "instance"))
            scan_str(&s, &v->instance);
        else if (slice_is(key, "epoch"))
            scan_i64(&s, &v->epoch);
        else if (slice_is(key, "segment"))
            scan_i64(&s, &v->segment);
        else if (slice_is(key, "conf_bytes"))
            scan_i64(&s, conf);
        else if (slice_is(key, "specs_bytes"))
            scan_i64(&s, specs);
        else
            scan_skip(&s);
    }
    return scan_end(&s);
}

int tape_head_parse(struct slice body, struct tape_head_view *out)
{
    struct tape_head_view v = {0};
    int64_t conf = -1, specs = -1;
    const char *nl = body.len ? memchr(body.p, '\n', body.len) : NULL;
    if (!nl)
        return E_SYNTAX;
    struct slice line = {body.p, (uint32_t)(nl - body.p)};
    int rc = read_line(line, &v, &conf, &specs);
    if (rc < 0)
        return rc;
    int64_t left = (int64_t)body.len - line.len - 1;
    if (conf < 0 || specs < 0 || conf > left || specs > left || conf + specs != left)
        return E_TORN;
    v.conf = (struct slice){nl + 1, (uint32_t)conf};
    v.specs = (struct slice){nl + 1 + conf, (uint32_t)specs};
    *out = v;
    return 0;
}
