/* Reads one INI text through libinih with our own reader, because Debian's libinih gives no line
 * numbers, cuts long values and lets duplicates pass. The reader looks at each line first: what it
 * refuses is listed with file and line, and libinih gets an empty line instead. Section headers are
 * taken here too, so that empty and repeated sections are seen.
 * The surprising thing: libinih ends a key at the first '=' or ':', so `binance:1000PEPE = ...` of
 * [aliases] arrives as key "binance" with the rest as its value. */
#include "conf_priv.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_INI 49 /* libinih cuts section and key names at 50 bytes */

void conf_error(struct conf_in *in, const char *key, const char *fmt, ...)
{
    struct conf_errors *errs = in->errs;
    in->rule_bad = true;
    if (errs->n++ >= CONF_ERRORS_MAX)
        return;
    struct conf_error *e = &errs->e[errs->n - 1];
    snprintf(e->file, sizeof(e->file), "%s", in->file);
    snprintf(e->key, sizeof(e->key), "%.60s", key ? key : "");
    e->line = in->line;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
}

/* Edit distance, capped: words here are short. */
static int distance(const char *a, const char *b)
{
    int row[64], n = (int)strlen(b);
    if (n > 62 || strlen(a) > 62)
        return 99;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; *a; a++, i++) {
        int diag = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int best = diag + (*a != b[j - 1]);
            diag = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

void conf_near_try(struct conf_near *n, const char *candidate)
{
    int d = distance(n->word, candidate);
    if (!n->best || d < n->distance) {
        n->best = candidate;
        n->distance = d;
    }
}

const char *conf_near_get(const struct conf_near *n)
{
    int limit = (int)strlen(n->word) / 3;
    return n->best && n->distance <= (limit < 1 ? 1 : limit) ? n->best : NULL;
}

static void unknown_word(struct conf_in *in, const char *what, struct conf_near *n)
{
    const char *near = conf_near_get(n);
    if (near)
        conf_error(in, n->word, "unknown %s, did you mean \"%s\"?", what, near);
    else
        conf_error(in, n->word, "unknown %s", what);
}

static bool section_allowed(const struct conf_in *in, enum conf_section s)
{
    return in->kind == CK_MAIN || (in->kind == CK_RULES && s == CS_RULE) ||
           (in->kind == CK_ASSETS && s == CS_ALIASES);
}

static void enter_venue(struct conf_in *in, const char *name)
{
    int v = venue_find(slice_of(name));
    if (v < 0) {
        struct conf_near n = {.word = name};
        for (int i = 0; i < n_venues; i++)
            conf_near_try(&n, venues[i]->name);
        unknown_word(in, "venue", &n);
        return;
    }
    if (in->seen_venue[v]) {
        conf_error(in, name, "section [venue %s] stands twice", name);
        return;
    }
    in->seen_venue[v] = true;
    in->section = CS_VENUE;
    in->index = v;
}

static void enter_plain(struct conf_in *in, const char *name)
{
    struct conf_near n = {.word = name};
    for (int s = 0; s < CS_NONE; s++) {
        if (s == CS_VENUE || s == CS_RULE || !section_allowed(in, (enum conf_section)s))
            continue;
        if (strcmp(conf_sections[s].name, name) == 0) {
            if (in->seen_section[s])
                conf_error(in, name, "section [%s] stands twice", name);
            else
                in->section = (enum conf_section)s;
            in->seen_section[s] = true;
            return;
        }
        conf_near_try(&n, conf_sections[s].name);
    }
    unknown_word(in, "section", &n);
}

static void leave_section(struct conf_in *in)
{
    conf_rule_end(in);
    in->section = CS_NONE;
    in->begun = true;
}

static void enter_section(struct conf_in *in, const char *name)
{
    leave_section(in);
    memset(in->row_line, 0, sizeof(in->row_line));
    memset(in->seen_route, 0, sizeof(in->seen_route));
    if (strncmp(name, "rule ", 5) == 0 && section_allowed(in, CS_RULE))
        conf_rule_begin(in, name + 5);
    else if (in->kind == CK_RULES)
        conf_rule_begin(in, name);
    else if (strncmp(name, "venue ", 6) == 0 && section_allowed(in, CS_VENUE))
        enter_venue(in, name + 6);
    else
        enter_plain(in, name);
}

/* What is wrong with a line, or NULL. */
static const char *line_fault(const char *p, size_t n)
{
    if (n > CONF_LINE_MAX)
        return "line is longer than 190 bytes";
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
            return p[i] ? "line holds a control character" : "line holds a NUL byte";
    size_t blank = 0;
    while (blank < n && (p[blank] == ' ' || p[blank] == '\t'))
        blank++;
    if (blank == n || p[blank] == ';' || p[blank] == '#')
        return NULL;
    if (blank > 0)
        return "line starts with a blank: continuation lines are refused";
    if (p[0] == '[') {
        const char *close = memchr(p, ']', n);
        size_t len = close ? (size_t)(close - p) - 1 : 0;
        return !close                           ? "section header lacks its ]"
               : len == 0 || len > NAME_MAX_INI ? "section name is empty or too long"
                                                : NULL;
    }
    const char *eq = memchr(p, '=', n), *colon = memchr(p, ':', n);
    const char *end = eq && colon && colon < eq ? colon : eq;
    if (!end)
        return "line is neither [section] nor key = value";
    return end == p || end - p > NAME_MAX_INI ? "key is empty or too long" : NULL;
}

/* Takes a section header: what stands between the brackets. */
static void take_header(struct conf_in *in, const char *p)
{
    size_t n = strcspn(p + 1, "]");
    memcpy(in->name, p + 1, n);
    in->name[n] = 0;
    enter_section(in, in->name);
}

/* The reader of ini_parse_stream, called like fgets. */
static char *read_line(char *out, int cap, void *stream)
{
    struct conf_in *in = stream;
    if (in->p >= in->end)
        return NULL;
    const char *nl = memchr(in->p, '\n', (size_t)(in->end - in->p));
    size_t n = (size_t)((nl ? nl : in->end) - in->p);
    const char *line = in->p;
    in->p += n + (nl != NULL);
    in->line++;
    if (n && line[n - 1] == '\r')
        n--;
    const char *fault = line_fault(line, n);
    if (fault || (int)n + 2 > cap) {
        conf_error(in, NULL, "%s", fault ? fault : "line is too long");
        if (n && line[0] == '[')
            leave_section(in); /* its keys belong to nobody, not to the section before */
        n = 0;
    }
    memcpy(out, line, n);
    memcpy(out + n, "\n", 2);
    if (out[0] == '[')
        take_header(in, out);
    return out;
}

static void unknown_key(struct conf_in *in, const char *key)
{
    struct conf_near n = {.word = key};
    char route_key[CONN_ROUTES][64];
    const struct venue *v = in->section == CS_VENUE ? venues[in->index] : NULL;
    for (int i = 0; i < n_conf_keys; i++)
        if (conf_keys[i].section == in->section && conf_keys[i].base != KB_ROUTE)
            conf_near_try(&n, conf_keys[i].key);
    for (int r = 0; v && r < v->n_routes && r < CONN_ROUTES; r++) {
        snprintf(route_key[r], sizeof(route_key[r]), "url_%s", v->routes[r].name);
        conf_near_try(&n, route_key[r]);
    }
    unknown_word(in, "key", &n);
}

/* Index of the route whose name follows "url_", or -1. */
static int route_find(const struct conf_in *in, const char *key)
{
    const struct venue *v = venues[in->index];
    for (int r = 0; strncmp(key, "url_", 4) == 0 && r < v->n_routes && r < CONN_ROUTES; r++)
        if (strcmp(v->routes[r].name, key + 4) == 0)
            return r;
    return -1;
}

static const struct conf_key *key_find(const struct conf_in *in, const char *key, int *route)
{
    for (int i = 0; i < n_conf_keys; i++) {
        const struct conf_key *k = &conf_keys[i];
        if (k->section != in->section)
            continue;
        if (k->base == KB_ROUTE ? (*route = route_find(in, key)) >= 0 : strcmp(k->key, key) == 0)
            return k;
    }
    return NULL;
}

static void set_key(struct conf_in *in, const struct conf_key *k, int route, const char *key,
                    const char *value)
{
    char buf[160];
    struct text why;
    size_t row = (size_t)(k - conf_keys);
    bool first = k->base == KB_ROUTE ? !in->seen_route[route] : in->row_line[row] == 0;
    if (!first && k->type != CT_LIST && k->type != CT_UNIVERSE) {
        conf_error(in, key, "stands twice in this section");
        return;
    }
    if (k->base == KB_ROUTE)
        in->seen_route[route] = true;
    in->row_line[row] = in->line;
    if (k->base == KB_CONF)
        in->once_line[row] = in->line;
    text_init(&why, buf, sizeof(buf));
    void *at = conf_at(in->c, k, in->index, route);
    if (conf_set(k, at, &(struct conf_value){value, in->dir, first}, &why) < 0)
        conf_error(in, key, "%s", buf);
    else if (k->type == CT_LEVEL)
        ((struct rule_level *)at)->severity =
            (uint8_t)(SEV_INFO + ((struct rule_level *)at - in->c->rules[in->index].level));
}

/* The handler of ini_parse_stream; the section is known from the header line. */
static int take_key(void *user, const char *section, const char *key, const char *value)
{
    struct conf_in *in = user;
    int route = -1;
    (void)section;
    if (in->section == CS_NONE) {
        if (!in->begun)
            conf_error(in, key, "stands before the first section");
        return 1;
    }
    if (in->section == CS_ALIASES) {
        conf_alias(in, key, value);
        return 1;
    }
    const struct conf_key *k = key_find(in, key, &route);
    if (k)
        set_key(in, k, route, key, value);
    else
        unknown_key(in, key);
    return 1;
}

void conf_read(struct conf_in *in)
{
    if (in->end - in->p >= 3 && memcmp(in->p, "\xef\xbb\xbf", 3) == 0)
        in->p += 3;
    in->section = CS_NONE;
    if (ini_parse_stream(read_line, in, take_key, in) != 0)
        conf_error(in, NULL, "cannot be parsed");
    conf_rule_end(in);
}
