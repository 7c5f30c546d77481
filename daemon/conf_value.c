/* One value of the configuration: text to its place and back, by the type of its row. What is
 * refused is said in one clause that fits after `key "x": `. Printing gives what reading takes. The
 * surprising thing: a value whose printed line would be longer than a line may be is refused on
 * reading, so that what -p prints can always be read back. */
#include "conf_priv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static int set_bool(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    static const char *const yes[] = {"yes", "true", "on"}, *const no[] = {"no", "false", "off"};
    (void)k;
    for (int i = 0; i < 3; i++) {
        if (strcmp(v, yes[i]) == 0 || strcmp(v, no[i]) == 0) {
            *(bool *)at = strcmp(v, yes[i]) == 0;
            return 0;
        }
    }
    text_fmt(why, "must be yes or no, not \"%s\"", v);
    return E_SYNTAX;
}

static int set_number(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    int64_t x;
    int err = num_parse_i64(v, strlen(v), &x);
    if (err < 0 || x < k->min || x > k->max) {
        text_fmt(why, "must be a whole number from %u to %u, not \"%s\"", k->min, k->max, v);
        return err < 0 ? err : E_RANGE;
    }
    if (k->type == CT_U8)
        *(uint8_t *)at = (uint8_t)x;
    else
        *(uint32_t *)at = (uint32_t)x;
    return 0;
}

static int set_octal(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    uint32_t x = 0;
    bool good = v[0] == '0' && v[1] && strlen(v) <= 5;
    for (const char *p = v; good && *p; p++) {
        good = *p >= '0' && *p <= '7';
        x = x * 8 + (uint32_t)(*p - '0');
    }
    if (!good || x < k->min || x > k->max) {
        text_fmt(why, "must be octal from 0%o to 0%o, not \"%s\"", k->min, k->max, v);
        return E_RANGE;
    }
    *(uint32_t *)at = x;
    return 0;
}

static int fits(const struct conf_key *k, size_t len, struct text *why)
{
    size_t line_room = CONF_LINE_MAX - strlen(k->key) - 16;
    if (len < k->size && len <= line_room)
        return 0;
    text_fmt(why, "is longer than %zu bytes", k->size - 1 < line_room ? k->size - 1 : line_room);
    return E_LIMIT;
}

static int set_text(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    size_t n = strlen(v);
    if (fits(k, n, why) < 0)
        return E_LIMIT;
    memset(at, 0, k->size);
    memcpy(at, v, n);
    return 0;
}

static int set_path(const struct conf_key *k, void *at, const char *v, const char *dir,
                    struct text *why)
{
    char full[CONF_PATH_MAX * 2];
    if (!dir || !*v || *v == '/')
        return set_text(k, at, v, why);
    int n = snprintf(full, sizeof(full), "%s/%s", dir, v);
    if (n < 0 || (size_t)n >= sizeof(full)) {
        text_str(why, "is too long");
        return E_LIMIT;
    }
    return set_text(k, at, full, why);
}

/* One of choices ("a,b,c") that equals v, or that v starts with. */
static bool chosen(const char *choices, const char *v, bool prefix)
{
    for (const char *p = choices; *p;) {
        size_t n = strcspn(p, ",");
        if (strncmp(v, p, n) == 0 && (prefix || !v[n]))
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

static int set_choice(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    bool url = k->type == CT_URL;
    if ((url && !*v) || chosen(k->choices, v, url))
        return set_text(k, at, v, why);
    text_fmt(why, url ? "must start with one of %s, not \"%s\"" : "must be one of %s, not \"%s\"",
             k->choices, v);
    return E_RANGE;
}

static int set_address(const struct conf_key *k, void *at, const char *v, struct text *why)
{
    struct in6_addr a;
    if (!*v || inet_pton(AF_INET, v, &a) == 1 || inet_pton(AF_INET6, v, &a) == 1)
        return set_text(k, at, v, why);
    text_fmt(why, "must be an IP address, not \"%s\"", v);
    return E_SYNTAX;
}

/* Takes the next item of a comma list: trimmed, in out[cap]. 1 = got one, 0 = end, E_* = too long
 * or empty between commas. */
static int next_item(const char **p, char *out, size_t cap, struct text *why)
{
    const char *s = *p + strspn(*p, " \t");
    if (!*s)
        return 0;
    size_t n = strcspn(s, ","), m = n;
    while (m && (s[m - 1] == ' ' || s[m - 1] == '\t'))
        m--;
    if (m == 0 || m >= cap) {
        text_str(why, m == 0 ? "has an empty item" : "has an item that is too long");
        return E_SYNTAX;
    }
    memcpy(out, s, m);
    out[m] = 0;
    *p = s + n + (s[n] == ',');
    return 1;
}

static int set_list(const struct conf_key *k, void *at, const char *v, bool first, struct text *why)
{
    char item[64], whole[1024];
    struct text t;
    int got;
    text_init(&t, whole, k->size < sizeof(whole) ? k->size : sizeof(whole));
    if (!first)
        text_str(&t, at);
    while ((got = next_item(&v, item, sizeof(item), why)) > 0) {
        text_str(&t, t.len ? "," : "");
        text_str(&t, item);
    }
    if (got < 0)
        return got;
    if (t.full) {
        text_fmt(why, "holds at most %zu bytes in all", k->size - 1);
        return E_LIMIT;
    }
    memset(at, 0, k->size);
    memcpy(at, whole, t.len);
    return 0;
}

int conf_set(const struct conf_key *k, void *at, const struct conf_value *val, struct text *why)
{
    const char *v = val->text;
    switch ((enum conf_type)k->type) {
    case CT_BOOL:
        return set_bool(k, at, v, why);
    case CT_U32:
    case CT_U8:
        return set_number(k, at, v, why);
    case CT_OCTAL:
        return set_octal(k, at, v, why);
    case CT_PATH:
        return set_path(k, at, v, val->dir, why);
    case CT_TEXT:
        return set_text(k, at, v, why);
    case CT_LIST:
        return set_list(k, at, v, val->first, why);
    case CT_ENUM:
    case CT_URL:
        return set_choice(k, at, v, why);
    case CT_ADDRESS:
        return set_address(k, at, v, why);
    case CT_UNIVERSE:
        return conf_set_universe(at, v, val->first, why);
    case CT_LEVEL:
        return conf_set_level(at, v, why);
    case CT_TYPES:
        break;
    }
    return E_TYPE;
}

static int set_top(struct engine_conf *e, const char *v, struct text *why)
{
    int64_t n;
    if (num_parse_i64(v, strlen(v), &n) < 0 || n < 1 || n > 256) {
        text_fmt(why, "must be top:1 to top:256, not \"top:%s\"", v);
        return E_RANGE;
    }
    e->top_n = (uint32_t)n;
    e->n_assets = 0;
    return 0;
}

int conf_set_universe(struct engine_conf *e, const char *v, bool first, struct text *why)
{
    enum { CAP = sizeof(e->assets) / sizeof(e->assets[0]) };
    char names[CAP][sizeof(e->assets[0])], item[sizeof(e->assets[0])];
    int n = first ? 0 : e->n_assets, got;
    if (strncmp(v, "top:", 4) == 0 && first)
        return set_top(e, v + 4, why);
    memset(names, 0, sizeof(names));
    memcpy(names, e->assets, sizeof(names[0]) * (size_t)n);
    while ((got = next_item(&v, item, sizeof(item), why)) > 0) {
        if (n == CAP || strchr(item, ':')) {
            text_fmt(why, n == CAP ? "names more than %d assets" : "mixes top: with names", CAP);
            return E_LIMIT;
        }
        memcpy(names[n++], item, strlen(item) + 1);
    }
    if (got < 0 || n == 0) {
        text_str(why, got < 0 ? "" : "names no asset");
        return E_SYNTAX;
    }
    memcpy(e->assets, names, sizeof(names));
    e->n_assets = n;
    e->top_n = 0;
    return 0;
}

/* One word and the number after it; *p moves on. */
static int word_number(const char **p, const char *word, double *out)
{
    const char *s = *p + strspn(*p, " \t");
    size_t n = strlen(word);
    if (strncmp(s, word, n) != 0 || (s[n] != ' ' && s[n] != '\t'))
        return E_MISSING;
    s += n + strspn(s + n, " \t");
    size_t len = strcspn(s, " \t");
    *p = s + len;
    return num_parse(s, len, out);
}

int conf_set_level(struct rule_level *l, const char *v, struct text *why)
{
    double raise, clear, for_s = 0;
    const char *p = v;
    bool good = word_number(&p, "raise", &raise) == 0 && word_number(&p, "clear", &clear) == 0;
    if (good && *(p + strspn(p, " \t")))
        good = word_number(&p, "for", &for_s) == 0;
    if (!good || *(p + strspn(p, " \t")) || for_s < 0 || for_s > 86400 ||
        for_s != (double)(uint32_t)for_s) {
        text_fmt(why, "must be \"raise X clear Y for SECONDS\", not \"%s\"", v);
        return E_SYNTAX;
    }
    l->raise = raise;
    l->clear = clear;
    l->for_s = (uint32_t)for_s;
    l->severity = SEV_INFO; /* the reader sets which */
    return 0;
}

static void put_level(const struct rule_level *l, struct text *out)
{
    text_str(out, "raise ");
    text_num(out, l->raise);
    text_str(out, " clear ");
    text_num(out, l->clear);
    text_fmt(out, " for %u", l->for_s);
}

void conf_put(const struct conf_key *k, const void *at, struct text *out)
{
    switch ((enum conf_type)k->type) {
    case CT_BOOL:
        text_str(out, *(const bool *)at ? "yes" : "no");
        break;
    case CT_U32:
        text_i64(out, *(const uint32_t *)at);
        break;
    case CT_U8:
        text_i64(out, *(const uint8_t *)at);
        break;
    case CT_OCTAL:
        text_fmt(out, "0%o", *(const uint32_t *)at);
        break;
    case CT_LEVEL:
        put_level(at, out);
        break;
    case CT_PATH:
    case CT_TEXT:
    case CT_LIST:
    case CT_ENUM:
    case CT_URL:
    case CT_ADDRESS:
        text_str(out, at);
        break;
    case CT_UNIVERSE: /* several lines: conf_print */
    case CT_TYPES:
        break;
    }
}
