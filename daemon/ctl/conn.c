/* The connection of cascadectl: connect, one line out, lines in, each wait with an end. A line that
 * is not JSON, or a server that says nothing for too long, is the same as no server. */
#include "ctl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/scan.h"

#define REPLY_S  30.0
#define LINE_CAP (512u << 20) /* a reply beyond this is no reply */

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int connect_path(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
        int err = errno;
        close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

int conn_open(struct conn *c, const char *path, bool quiet)
{
    *c = (struct conn){.path = path, .next_id = 1};
    c->fd = connect_path(path);
    if (c->fd < 0) {
        if (!quiet)
            fprintf(stderr, "cascadectl: %s: %s\n", path, strerror(errno));
        return -1;
    }
    c->hello = conn_next(c, 5);
    const char *method = json_string_value(json_object_get(c->hello, "method"));
    if (method && strcmp(method, "hello") == 0)
        return 0;
    if (!quiet)
        fprintf(stderr, "cascadectl: %s: %s\n", path,
                method && strcmp(method, "bye") == 0 ? "the daemon has all the clients it takes"
                                                     : "it does not greet as cascaded does");
    conn_close(c);
    return -1;
}

void conn_close(struct conn *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    free(c->buf);
    free(c->line);
    json_decref(c->hello);
    c->buf = c->line = NULL;
    c->hello = NULL;
}

static bool read_more(struct conn *c, double until)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    double left = until - now_s();
    int rc = poll(&p, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
    if (rc < 0 && errno == EINTR)
        return true;
    if (rc <= 0)
        return false;
    if (c->cap - c->len < 65536) {
        size_t cap = c->cap ? 2 * c->cap : 131072;
        char *b = cap > LINE_CAP ? NULL : realloc(c->buf, cap);
        if (!b)
            return false;
        c->buf = b;
        c->cap = cap;
    }
    ssize_t n = read(c->fd, c->buf + c->len, c->cap - c->len);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    c->len += (size_t)n;
    return true;
}

json_t *conn_next(struct conn *c, double timeout_s)
{
    double until = now_s() + timeout_s;
    char *nl;
    while (!(nl = c->len ? memchr(c->buf, '\n', c->len) : NULL))
        if (!read_more(c, until))
            return NULL;
    size_t n = (size_t)(nl - c->buf);
    free(c->line);
    c->line = malloc(n + 1);
    if (!c->line)
        return NULL;
    memcpy(c->line, c->buf, n);
    c->line[n] = 0;
    c->len -= n + 1;
    memmove(c->buf, nl + 1, c->len);
    return json_loads(c->line, 0, NULL);
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k <= 0 && errno != EINTR)
            return false;
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    return true;
}

static bool send_request(struct conn *c, const char *method, json_t *params)
{
    json_t *req = json_pack("{s:s,s:I,s:s}", "jsonrpc", "2.0", "id", (json_int_t)c->next_id,
                            "method", method);
    if (params)
        json_object_set_new(req, "params", params);
    char *line = json_dumps(req, JSON_COMPACT | JSON_PRESERVE_ORDER);
    bool good = line && send_all(c->fd, line, strlen(line)) && send_all(c->fd, "\n", 1);
    free(line);
    json_decref(req);
    return good;
}

int conn_call(struct conn *c, const char *method, json_t *params, json_t **reply)
{
    json_t *r = NULL;
    if (send_request(c, method, params)) {
        while ((r = conn_next(c, REPLY_S)) &&
               json_integer_value(json_object_get(r, "id")) != c->next_id)
            json_decref(r); /* notifications on the way */
    }
    c->next_id++;
    if (!r) {
        fprintf(stderr, "cascadectl: %s: the connection was lost\n", c->path);
        return CTL_NOCONN;
    }
    const json_t *err = json_object_get(r, "error");
    if (err) {
        const char *msg = json_string_value(json_object_get(err, "message"));
        fprintf(stderr, "cascadectl: %s: %s\n", method, msg ? msg : "error");
        json_decref(r);
        return CTL_SERVER;
    }
    *reply = r;
    return CTL_OK;
}

/* The raw value of a member of an object. */
static struct slice member(struct slice object, const char *name, size_t n)
{
    struct scan s;
    struct slice key, raw, found = {NULL, 0};
    scan_init(&s, object.p, object.len);
    if (scan_object(&s) < 0)
        return found;
    while (scan_key(&s, &key)) {
        if (scan_raw(&s, &raw) == 0 && key.len == n && memcmp(key.p, name, n) == 0)
            found = raw;
    }
    return found;
}

struct slice conn_raw(const struct conn *c, const char *path)
{
    struct slice v = slice_of(c->line);
    while (*path && v.len) {
        size_t n = strcspn(path, ".");
        v = member(v, path, n);
        path += n + (path[n] == '.');
    }
    return v;
}

void conn_print_raw(const struct conn *c, const char *path)
{
    struct slice v = conn_raw(c, path), item;
    struct scan s;
    scan_init(&s, v.p, v.len);
    if (v.len && *v.p != '[') {
        printf("%.*s\n", (int)v.len, v.p);
        return;
    }
    if (scan_array(&s) == 0)
        while (scan_item(&s) && scan_raw(&s, &item) == 0)
            printf("%.*s\n", (int)item.len, item.p);
}
