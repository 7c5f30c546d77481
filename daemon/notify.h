/* What the service manager is told (sd_notify(3)); every call does nothing when NOTIFY_SOCKET is
 * not set. READY only after configuration, socket and start are fine; the watchdog only after
 * progress. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

void notify_ready(const char *status);  /* READY=1 with a STATUS line; also ends a reload */
void notify_status(const char *status); /* one line, shown by systemctl status */
void notify_watchdog(void);
/* RELOADING=1; the monotonic stamp is what Type=notify-reload of later systemd versions asks for.
 */
void notify_reloading(int64_t mono_us);
void notify_stopping(const char *status,
                     int64_t extend_us); /* extend_us 0 = no EXTEND_TIMEOUT_USEC */

/* How often the watchdog must be fed (half of WATCHDOG_USEC); 0 = nobody watches. */
int64_t notify_watchdog_period_us(void);

#endif
