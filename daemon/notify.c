/* sd_notify in the daemon's words. A failed notification is not an error of ours: the manager's own
 * timeouts speak then. Newlines in a status line would start a new assignment, so they are blanked.
 * Surprising: the datagram is sent by hand, because libsystemd's call waits while the manager's
 * queue is full, and the loop may not wait for anybody; a message that finds no room is dropped.
 */
#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

/* NOTIFY_SOCKET is a path, or "@name" in the abstract namespace. */
static socklen_t manager_address(struct sockaddr_un *a)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t n = name ? strlen(name) : 0;
    if (n < 2 || n >= sizeof(a->sun_path) || (name[0] != '/' && name[0] != '@'))
        return 0;
    memset(a, 0, sizeof(*a));
    a->sun_family = AF_UNIX;
    memcpy(a->sun_path, name, n);
    if (name[0] == '@')
        a->sun_path[0] = 0;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (name[0] == '/'));
}

static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *fmt, ...)
{
    char text[512];
    struct sockaddr_un a;
    socklen_t len = manager_address(&a);
    int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (fd < 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n > 0 && n < (int)sizeof(text))
        (void)!sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&a, len);
    close(fd);
}

static const char *one_line(const char *s, char *buf, size_t cap)
{
    snprintf(buf, cap, "%s", s ? s : "");
    for (char *p = buf; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    return buf;
}

void notify_ready(const char *status)
{
    char line[256];
    tell("READY=1\nSTATUS=%s", one_line(status, line, sizeof(line)));
}

void notify_status(const char *status)
{
    char line[256];
    tell("STATUS=%s", one_line(status, line, sizeof(line)));
}

void notify_watchdog(void)
{
    tell("WATCHDOG=1");
}

void notify_reloading(int64_t mono_us)
{
    tell("RELOADING=1\nMONOTONIC_USEC=%" PRId64, mono_us);
}

void notify_stopping(const char *status, int64_t extend_us)
{
    char line[256];
    one_line(status, line, sizeof(line));
    if (extend_us > 0)
        tell("STOPPING=1\nSTATUS=%s\nEXTEND_TIMEOUT_USEC=%" PRId64, line, extend_us);
    else
        tell("STOPPING=1\nSTATUS=%s", line);
}

int64_t notify_watchdog_period_us(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 2) : 0;
}
