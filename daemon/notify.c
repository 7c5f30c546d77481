/* sd_notify in the daemon's words. A failed notification is not an error of ours: the manager's own
 * timeouts speak then. Newlines in a status line would start a new assignment, so they are blanked.
 */
#include "notify.h"

#include <inttypes.h>
#include <stdio.h>

#include <systemd/sd-daemon.h>

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
    sd_notifyf(0, "READY=1\nSTATUS=%s", one_line(status, line, sizeof(line)));
}

void notify_status(const char *status)
{
    char line[256];
    sd_notifyf(0, "STATUS=%s", one_line(status, line, sizeof(line)));
}

void notify_watchdog(void)
{
    sd_notify(0, "WATCHDOG=1");
}

void notify_reloading(int64_t mono_us)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, mono_us);
}

void notify_stopping(const char *status, int64_t extend_us)
{
    char line[256];
    one_line(status, line, sizeof(line));
    if (extend_us > 0)
        sd_notifyf(0, "STOPPING=1\nSTATUS=%s\nEXTEND_TIMEOUT_USEC=%" PRId64, line, extend_us);
    else
        sd_notifyf(0, "STOPPING=1\nSTATUS=%s", line);
}

int64_t notify_watchdog_period_us(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 2) : 0;
}
