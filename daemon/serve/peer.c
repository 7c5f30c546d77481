/* Who is at the other end. The kernel tells user, group and supplementary groups of the peer at the
 * time it connected (SO_PEERCRED, SO_PEERGROUPS); they give its role. The user's name is looked up
 * in the thread pool, because a name service may be slow; until it is known the peer is "uid:N". */
#include "serve/serve_priv.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define GROUPS_CAP 1024
#define GID_NONE   ((gid_t)-1)

const char *peer_role_name(enum peer_role r)
{
    static const char *const names[] = {"observer", "desk", "admin"};
    return names[r];
}

static gid_t group_id(const char *name)
{
    const struct group *g = *name ? getgrnam(name) : NULL;
    if (*name && !g)
        log_line(LOG_LV_WARNING, "socket: there is no group %s, nobody has its role", name);
    return g ? g->gr_gid : GID_NONE;
}

void peer_resolve_groups(struct serve *s, const struct conf *c)
{
    s->desk_gid = group_id(c->desk_group);
    s->admin_gid = group_id(c->admin_group);
}

static bool in_group(const struct client *c, const gid_t *groups, size_t n, gid_t wanted)
{
    bool found = wanted != GID_NONE && c->gid == wanted;
    for (size_t i = 0; i < n && wanted != GID_NONE; i++)
        found |= groups[i] == wanted;
    return found;
}

struct name_work {
    uv_work_t req;
    struct serve *s;
    uint64_t serial;
    uid_t uid;
    char name[32];
};

static void look_up(uv_work_t *req)
{
    struct name_work *w = req->data;
    struct passwd pw, *got = NULL;
    char buf[4096];
    if (getpwuid_r(w->uid, &pw, buf, sizeof(buf), &got) == 0 && got)
        snprintf(w->name, sizeof(w->name), "%.31s", pw.pw_name);
}

static void looked_up(uv_work_t *req, int status)
{
    struct name_work *w = req->data;
    struct client *c = client_find(w->s, w->serial);
    if (status == 0 && c && w->name[0])
        snprintf(c->who, sizeof(c->who), "%s", w->name);
    w->s->works--;
    serve_closed(w->s, 0);
    free(w);
}

static void want_name_of(struct client *c)
{
    struct name_work *w = calloc(1, sizeof(*w));
    if (!w)
        return;
    w->req.data = w;
    w->s = c->s;
    w->serial = c->serial;
    w->uid = c->uid;
    if (uv_queue_work(c->s->d.loop, &w->req, look_up, looked_up) == 0)
        c->s->works++;
    else
        free(w);
}

void peer_identify(struct client *c, int fd)
{
    struct ucred cred;
    gid_t groups[GROUPS_CAP];
    socklen_t len = sizeof(cred), glen = sizeof(groups);
    c->role = PEER_OBSERVER;
    snprintf(c->who, sizeof(c->who), "unknown");
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
        return;
    c->uid = cred.uid;
    c->gid = cred.gid;
    c->pid = cred.pid;
    snprintf(c->who, sizeof(c->who), "uid:%u", (unsigned)cred.uid);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &glen) != 0)
        glen = 0;
    size_t n = glen / sizeof(gid_t);
    if (cred.uid == 0 || cred.uid == geteuid() || in_group(c, groups, n, c->s->admin_gid))
        c->role = PEER_ADMIN;
    else if (in_group(c, groups, n, c->s->desk_gid))
        c->role = PEER_DESK;
    if (c->role >= PEER_DESK)
        want_name_of(c);
}
