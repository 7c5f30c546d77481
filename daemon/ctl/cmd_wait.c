/* wait-live: returns when every channel of every venue is live and the universe is ranked; says on
 * stderr what it waits for, when that changes. It connects again and again, because the daemon may
 * still be starting. Exit status 0 live, 1 not live in time, 3 nobody answered in time. */
#include "ctl.h"

#include <string.h>
#include <time.h>

#define STEP_MS 300

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void add(char *buf, size_t cap, const char *what)
{
    size_t n = strlen(buf);
    if (n < cap - 1)
        snprintf(buf + n, cap - n, "%s%s", n ? ", " : "", what);
}

static size_t missing_links(const json_t *links, char *what, size_t cap)
{
    size_t missing = 0;
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *l = json_array_get(links, i);
        bool wanted = get_int(l, "streams_wanted") > 0 ||
                      strcmp(get_str(l, "state"), "idle") != 0 ||
                      json_is_null(json_object_get(l, "route"));
        if (!wanted || strcmp(get_str(l, "state"), "up") == 0)
            continue;
        char name[160];
        snprintf(name, sizeof(name), "link %s/%s (%s)", get_str(l, "venue"), get_str(l, "route"),
                 get_str(l, "state"));
        if (missing++ < 3)
            add(what, cap, name);
    }
    return missing;
}

static size_t missing_channels(const json_t *list, char *what, size_t cap)
{
    size_t missing = json_array_size(list) == 0;
    if (missing)
        add(what, cap, "any channel");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *ch = json_array_get(list, i);
        char name[160];
        if (strcmp(get_str(ch, "state"), "ok") == 0)
            continue;
        bool one = json_is_string(json_object_get(ch, "symbol"));
        snprintf(name, sizeof(name), "%s/%s%s%s (%s)", get_str(ch, "venue"), get_str(ch, "channel"),
                 one ? ":" : "", one ? get_str(ch, "symbol") : "", get_str(ch, "state"));
        if (missing++ < 4)
            add(what, cap, name);
    }
    return missing;
}

/* CTL_OK live, CTL_FIRING not yet (what[] says why), CTL_NOCONN, CTL_SERVER. */
static int look(struct conn *c, char *what, size_t cap)
{
    json_t *status, *feeds;
    int rc = conn_call(c, "status", NULL, &status);
    if (rc != CTL_OK)
        return rc;
    rc = conn_call(c, "feeds.list", NULL, &feeds);
    if (rc == CTL_OK) {
        const json_t *r = json_object_get(feeds, "result");
        size_t links = missing_links(json_object_get(r, "links"), what, cap);
        size_t channels = missing_channels(json_object_get(r, "channels"), what, cap);
        bool ranked =
            get_bool(json_object_get(json_object_get(status, "result"), "universe"), "ranked");
        char more[48];
        snprintf(more, sizeof(more), "%zu in all", links + channels);
        if (links + channels > 7)
            add(what, cap, more);
        if (!ranked)
            add(what, cap, "the first ranking");
        rc = links + channels == 0 && ranked ? CTL_OK : CTL_FIRING;
        json_decref(feeds);
    }
    json_decref(status);
    return rc;
}

static void say(const char *what, char *said, size_t cap)
{
    if (strcmp(what, said) == 0)
        return;
    fprintf(stderr, "waiting for %s\n", what);
    snprintf(said, cap, "%s", what);
}

int cmd_wait_live(const struct opts *o)
{
    char what[512], said[512] = "";
    struct conn c = {.fd = -1};
    double until = now_s() + o->timeout_s;
    int rc = CTL_NOCONN;
    do {
        what[0] = 0;
        if (c.fd < 0 && conn_open(&c, o->socket, true) < 0) {
            snprintf(what, sizeof(what), "%.400s to answer", o->socket);
            rc = CTL_NOCONN;
        } else {
            rc = look(&c, what, sizeof(what));
        }
        if (rc == CTL_OK || rc == CTL_SERVER)
            break;
        if (rc == CTL_NOCONN && c.fd >= 0)
            conn_close(&c);
        if (what[0])
            say(what, said, sizeof(said));
        struct timespec step = {0, STEP_MS * 1000000L};
        nanosleep(&step, NULL);
    } while (now_s() < until);
    if (rc == CTL_FIRING || rc == CTL_NOCONN)
        fprintf(stderr, "cascadectl: not live within %.0f s\n", o->timeout_s);
    conn_close(&c);
    return rc;
}
