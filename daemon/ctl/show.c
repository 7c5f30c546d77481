/* Numbers, times and names for people's eyes. Times are UTC. A number that is unknown is "-", never
 * 0. Colour is never the only sign, and is off when NO_COLOR is set or the output is no terminal.
 */
#include "ctl.h"

#include <math.h>
#include <string.h>
#include <time.h>

const char *show_num(double x, char buf[24])
{
    static const struct {
        double unit;
        const char *suffix;
    } units[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e4, "k"}};
    double a = fabs(x);
    if (!isfinite(x))
        return "-";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (a >= units[i].unit) {
            double u = strcmp(units[i].suffix, "k") == 0 ? 1e3 : units[i].unit;
            snprintf(buf, 24, "%.4g%s", x / u, units[i].suffix);
            return buf;
        }
    }
    snprintf(buf, 24, "%.5g", x);
    return buf;
}

const char *show_age(double s, char buf[16])
{
    if (!isfinite(s))
        return "-";
    if (s < 100)
        snprintf(buf, 16, "%.1fs", s);
    else if (s < 6000)
        snprintf(buf, 16, "%.0fm", s / 60);
    else if (s < 360000)
        snprintf(buf, 16, "%.1fh", s / 3600);
    else
        snprintf(buf, 16, "%.1fd", s / 86400);
    return buf;
}

const char *show_time(int64_t t_us, char buf[24])
{
    time_t t = (time_t)(t_us / 1000000);
    struct tm tm;
    if (t_us <= 0 || !gmtime_r(&t, &tm) || strftime(buf, 24, "%H:%M:%S", &tm) == 0)
        return "-";
    return buf;
}

int severity_rank(const char *name)
{
    static const char *const names[] = {"info", "warning", "critical"};
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], name) == 0)
            return i + 1;
    return 0;
}

const char *show_severity(const struct opts *o, const char *severity)
{
    static char buf[32];
    static const char *const color[] = {"", "\033[36m", "\033[33m", "\033[1;31m"};
    int rank = severity_rank(severity);
    if (o->color && rank)
        snprintf(buf, sizeof(buf), "%s%-8.8s\033[0m", color[rank], severity);
    else
        snprintf(buf, sizeof(buf), "%-8.8s", severity);
    return buf;
}

double get_num(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

int64_t get_int(const json_t *o, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(o, key));
}

const char *get_str(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "-";
}

bool get_bool(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

void show_where(const json_t *subject, char *buf, size_t cap)
{
    static const char *const keys[] = {"asset", "venue", "channel"};
    size_t n = 0;
    buf[0] = 0;
    for (int i = 0; i < 3; i++) {
        const char *s = json_string_value(json_object_get(subject, keys[i]));
        if (s && n < cap)
            n += (size_t)snprintf(buf + n, cap - n, "%s%s", n ? " " : "", s);
    }
    if (!buf[0])
        snprintf(buf, cap, "all");
}
