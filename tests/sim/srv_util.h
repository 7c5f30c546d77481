/* Small helpers of the fake venues' servers: query parameters and counted windows of time. */
#ifndef SIM_SRV_UTIL_H
#define SIM_SRV_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of a query parameter of a path, as it stands there; "" when absent or too long. */
void srv_query(const char *path, const char *key, char *out, size_t cap);

struct srv_window {
    int64_t at;
    int n;
};
/* Counts one more event; true when there are more than limit in this window of span seconds. */
bool srv_over(struct srv_window *w, int64_t now_s, int64_t span_s, int limit);

#endif
