/* The tape: everything that enters the engine, in call order, as zstd segments (product.md section
 * 6). Records are collected in memory and compressed and written in the thread pool; the loop never
 * waits. When the disk is slower than the feed for longer than two buffers hold, records are
 * dropped, counted, and a new segment begins, so that what is written stays replayable. */
#ifndef DAEMON_TAPE_H
#define DAEMON_TAPE_H

#include <uv.h>

#include "base/seglog.h"
#include "conf.h"

struct tape;

struct tape_head { /* what the first record of each segment holds */
    const char *version, *instance;
    uint32_t epoch;
    const char *conf_text;
    /* writes the specs known now, one line each; called when a later segment begins */
    void (*specs)(void *arg, struct text *out);
    void *arg;
};

/* dir must exist and be writable; NULL and why[] otherwise. head is copied, its texts are borrowed.
 */
struct tape *tape_open(uv_loop_t *loop, const struct conf *c, const struct tape_head *head,
                       int64_t now_us, char why[160]);
void tape_put(struct tape *t, const struct seglog_record *r);
/* The configuration text that heads of later segments state (reload). Borrowed. */
void tape_set_conf(struct tape *t, const char *conf_text);
/* Once a second: hands a part-filled buffer to the writer, begins a new segment when due. */
void tape_tick(struct tape *t, int64_t now_us);
/* Writes out everything; done(arg) once. Then tape_free. */
void tape_stop(struct tape *t, void (*done)(void *arg), void *arg);
void tape_free(struct tape *t);

struct tape_status {
    uint64_t bytes, records, dropped, segments, write_errors;
    char file[CONF_PATH_MAX];
};
void tape_get_status(const struct tape *t, struct tape_status *out);

/* The body of a head record, both ways. parse: texts borrowed from body. */
void tape_head_print(struct text *out, const struct tape_head *h, uint32_t segment);
struct tape_head_view {
    struct slice version, instance, conf, specs;
    int64_t epoch, segment;
};
int tape_head_parse(struct slice body, struct tape_head_view *out) MUST_CHECK;

#endif
