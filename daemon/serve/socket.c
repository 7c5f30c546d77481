/* Makes the listening socket: the one systemd passed, or our own at the configured path. While the
 * path is checked and bound the folder is locked, so that two daemons that start together cannot
 * both find it free. A path somebody answers on is refused; one nobody answers on is a leftover and
 * is replaced; anything that is not a socket is left alone. */
#include "serve/serve_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "log.h"

/* The UNIX stream socket among those passed; -1 = none was. */
static int passed_fd(void)
{
    int n = sd_listen_fds(1);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++)
        if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0)
            return fd;
    return -1;
}

/* The folder of the path, locked; waits a second at most. -1 with why. */
static int lock_folder(const char *path, char why[160])
{
    char dir[CONF_PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, 160, "socket folder %.100s: %s", dir, strerror(errno));
        return -1;
    }
    for (int i = 0; i < 50; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        usleep(20000);
    }
    snprintf(why, 160, "socket folder %.100s is locked by another process", dir);
    close(fd);
    return -1;
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* 0 when the path is free now. */
static int clear_path(const char *path, const struct sockaddr_un *a, char why[160])
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    if (!S_ISSOCK(st.st_mode)) {
        snprintf(why, 160, "%.120s exists and is not a socket", path);
        return -1;
    }
    int fd = new_socket();
    int rc = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)a, sizeof(*a)), err = errno;
    if (fd >= 0)
        close(fd);
    if (rc == 0 || err != ECONNREFUSED) {
        /* EAGAIN: its backlog is full, so somebody does listen */
        snprintf(why, 160,
                 rc == 0 || err == EAGAIN ? "another cascaded answers on %.100s"
                                          : "%.100s: cannot be tested",
                 path);
        return -1;
    }
    log_line(LOG_LV_NOTICE, "socket %s: nobody answers on it, replacing it", path);
    return unlink(path);
}

/* A group that is not there leaves the socket to the daemon's own group: less access, not more. */
static void give_to_group(const char *path, const char *group)
{
    const struct group *g = *group ? getgrnam(group) : NULL;
    if (*group && !g)
        log_line(LOG_LV_WARNING,
                 "socket %s: there is no group %s, only the daemon's own group may connect", path,
                 group);
    else if (g && chown(path, (uid_t)-1, g->gr_gid) != 0)
        log_line(
            LOG_LV_WARNING,
            "socket %s: cannot be given to group %s (%s), only the daemon's own group may connect",
            path, group, strerror(errno));
}

static int bind_path(struct serve *s, const struct conf *c, const struct sockaddr_un *a,
                     char why[160])
{
    struct stat st;
    int fd = new_socket();
    mode_t mask = umask(0177);
    int rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)a, sizeof(*a));
    umask(mask);
    if (rc != 0 || listen(fd, 128) != 0 || stat(s->path, &st) != 0) {
        snprintf(why, 160, "socket %.100s: %s", s->path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    give_to_group(s->path, c->socket_group);
    if (chmod(s->path, c->socket_mode) != 0)
        log_line(LOG_LV_WARNING, "socket %s: mode cannot be set: %s", s->path, strerror(errno));
    s->path_dev = st.st_dev;
    s->path_ino = st.st_ino;
    s->own_path = true;
    return fd;
}

int socket_listen(struct serve *s, const struct conf *c, char why[160])
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = passed_fd();
    if (fd >= 0) {
        snprintf(s->path, sizeof(s->path), "passed by systemd");
        return fd;
    }
    if (strlen(c->socket_path) >= sizeof(a.sun_path) || !*c->socket_path) {
        snprintf(why, 160, "socket_path must have 1 to %zu bytes", sizeof(a.sun_path) - 1);
        return -1;
    }
    memcpy(a.sun_path, c->socket_path, strlen(c->socket_path) + 1);
    memcpy(s->path, a.sun_path, sizeof(a.sun_path));
    int lock = lock_folder(s->path, why);
    if (lock < 0)
        return -1;
    if (clear_path(s->path, &a, why) == 0)
        fd = bind_path(s, c, &a, why);
    close(lock);
    return fd;
}

void socket_unlink(struct serve *s)
{
    struct stat st;
    if (s->own_path && lstat(s->path, &st) == 0 && st.st_dev == s->path_dev &&
        st.st_ino == s->path_ino)
        unlink(s->path);
    s->own_path = false;
}
