/* Helpers of the fake venues' servers. In: paths, times. Out: parameters, verdicts. No state of
 * its own. */
#include "sim/srv_util.h"

#include <string.h>

void srv_query(const char *path, const char *key, char *out, size_t cap)
{
    size_t k = strlen(key);
    const char *p = strchr(path, '?');
    out[0] = 0;
    while (p && *p) {
        p++;
        size_t n = strcspn(p, "&");
        if (n > k && p[k] == '=' && strncmp(p, key, k) == 0 && n - k - 1 < cap) {
            memcpy(out, p + k + 1, n - k - 1);
            out[n - k - 1] = 0;
            return;
        }
        p += n;
    }
}

bool srv_over(struct srv_window *w, int64_t now_s, int64_t span_s, int limit)
{
    if (w->at != now_s / span_s) {
        w->at = now_s / span_s;
        w->n = 0;
    }
    return ++w->n > limit;
}
