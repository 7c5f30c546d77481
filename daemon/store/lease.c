/* See lease.h. The surprising thing: a role is only what is published; what is stored is decided
 * row by row from the windows, so that one that stands by still stores what it had accepted before
 * the other took over. */
#include "store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MINUTE_US INT64_C(60000000)
#define UUID_LEN  36

const char *lease_role_name(enum lease_role r)
{
    static const char *const names[ROLES] = {"starting", "leader", "standby"};
    return (unsigned)r < ROLES ? names[r] : "?";
}

/* ---- the node ------------------------------------------------------------------------------- */

static bool read_node(const char *path, char node[37])
{
    char buf[UUID_LEN + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, buf, sizeof(buf));
    close(fd);
    if (n < UUID_LEN || strspn(buf, "0123456789abcdef-") < UUID_LEN)
        return false;
    memcpy(node, buf, UUID_LEN);
    node[UUID_LEN] = 0;
    return true;
}

static int write_node(const char *path, const char *node)
{
    char tmp[520], line[40];
    int n = snprintf(line, sizeof(line), "%s\n", node);
    if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp))
        return E_IO;
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return E_IO;
    bool good = write(fd, line, (size_t)n) == n && fdatasync(fd) == 0;
    good = close(fd) == 0 && good;
    return good && rename(tmp, path) == 0 ? 0 : E_IO;
}

int lease_open(struct lease *l, const char *dir, const char *instance, int64_t now_us)
{
    char path[512];
    memset(l, 0, sizeof(*l));
    l->t_start_us = l->t_role_us = now_us;
    snprintf(l->node, sizeof(l->node), "%s", instance);
    if (!dir[0])
        return 0;
    if ((size_t)snprintf(path, sizeof(path), "%s/" LEASE_NODE, dir) >= sizeof(path))
        return E_IO;
    return read_node(path, l->node) ? 0 : write_node(path, l->node);
}

/* ---- the clock ------------------------------------------------------------------------------ */

bool lease_note_clock(struct lease *l, int64_t server_us, int64_t now_us)
{
    int64_t unsure_us = (now_us - l->t_asked_us) / 2;
    int64_t off_us = server_us - (l->t_asked_us + unsure_us);
    int64_t apart_us = off_us < 0 ? -off_us : off_us;
    bool apart = l->clock_apart, was = apart;
    if (apart_us - unsure_us > LEASE_CLOCK_US)
        apart = true;
    else if (apart_us + unsure_us < LEASE_CLOCK_US)
        apart = false;
    if (unsure_us < LEASE_CLOCK_US) {
        l->clock_us = off_us;
        l->clock_known = true;
    }
    l->clock_apart = apart;
    return apart != was;
}

/* ---- verdicts ------------------------------------------------------------------------------- */

int64_t lease_term(const struct lease *l)
{
    return l->n ? l->window[0].term : 0;
}

/* One that has not been told of another since its start has worked alone; one that has been leaves
 * it what it may have accepted up to now. */
int64_t lease_from(const struct lease *l, int64_t now_us)
{
    return l->role == ROLE_STARTING ? l->t_start_us : now_us;
}

static const struct lease_window *window_of(const struct lease *l, int64_t t_us)
{
    for (int i = 0; i < l->n; i++)
        if (t_us >= l->window[i].from_us && t_us < l->window[i].to_us)
            return &l->window[i];
    return NULL;
}

enum lease_says lease_judge(const struct lease *l, int64_t t_us, int64_t now_us)
{
    int64_t from = l->asking ? l->t_from_us : now_us;
    if (l->role == ROLE_STANDBY && !l->known)
        return LEASE_WAIT;
    if (window_of(l, t_us))
        return LEASE_WRITE;
    if (l->role == ROLE_LEADER)
        return LEASE_DROP;
    return l->role == ROLE_STANDBY && t_us < from ? LEASE_DROP : LEASE_WAIT;
}

static bool is_end(uint8_t stream)
{
    return stream == ST_GAP_END || stream == ST_UNKNOWN_END;
}

/* The second value of a row is a time, its length before it; NULL: t_us. */
static int64_t second_time(int64_t t_us, const uint8_t *data, uint32_t len)
{
    uint32_t at = len >= 4 ? 4 + row_element_len(data) : len;
    uint64_t x = 0;
    if (len < at + 12 || row_element_len(data + at) != 8)
        return t_us;
    for (int i = 0; i < 8; i++)
        x = x << 8 | data[at + 4 + (uint32_t)i];
    return (int64_t)x + PG_EPOCH_US;
}

int64_t lease_time(uint8_t stream, int64_t t_us, const uint8_t *data, uint32_t len)
{
    if (stream_is_rollup((enum stream_id)stream))
        return t_us + MINUTE_US - 1;
    return is_end(stream) ? second_time(t_us, data, len) : t_us;
}

void lease_clamp(const struct lease *l, struct row *r)
{
    if (!is_end(r->stream) || r->len < 12 || row_element_len(r->data) != 8)
        return;
    const struct lease_window *w = window_of(l, lease_time(r->stream, r->t_us, r->data, r->len));
    if (!w || r->t_us >= w->from_us)
        return;
    r->t_us = w->from_us;
    put_be64(r->data + 4, (uint64_t)(w->from_us - PG_EPOCH_US));
}
