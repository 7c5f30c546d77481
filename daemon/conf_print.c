/* The configuration as text: what is in force (-p), the sample file and docs/CONFIG.md, all from
 * the key table. What conf_print writes, conf_parse reads back to the same configuration. The
 * surprising thing: long lists are written over several lines of the same key, because a line may
 * have 190 bytes and no more. */
#include "conf_priv.h"

#include <stdlib.h>
#include <string.h>

/* A value that is a password ends at the first blank, or at its closing quote. */
static const char *skip_value(const char *p)
{
    if (*p != '\'') {
        while (*p && *p != ' ' && *p != '\t')
            p += *p == '\\' && p[1] ? 2 : 1;
        return p;
    }
    for (p++; *p && *p != '\''; p++)
        if (*p == '\\' && p[1])
            p++;
    return *p ? p + 1 : p;
}

static bool secret_key(const char *p, size_t n)
{
    return (n == 8 && memcmp(p, "password", 8) == 0) ||
           (n == 11 && memcmp(p, "sslpassword", 11) == 0);
}

/* "host=x password=y": each pair copied unless it is secret. */
static void mask_pairs(const char *p, struct text *out)
{
    size_t start = out->len;
    while (*(p += strspn(p, " \t"))) {
        const char *key = p;
        size_t n = strcspn(p, "= \t");
        p += n + strspn(p + n, " \t");
        if (*p == '=')
            p = skip_value(p + 1 + strspn(p + 1, " \t"));
        if (secret_key(key, n))
            continue;
        text_str(out, out->len > start ? " " : "");
        text_put(out, key, (size_t)(p - key));
    }
}

/* "?a=b&password=c": the same for the query of a URI. */
static void mask_query(const char *p, struct text *out)
{
    char mark = '?';
    while (*p) {
        size_t n = strcspn(p, "&");
        if (!secret_key(p, strcspn(p, "=&"))) {
            text_char(out, mark);
            text_put(out, p, n);
            mark = '&';
        }
        p += n + (p[n] == '&');
    }
}

void conf_mask(const char *s, struct text *out)
{
    size_t scheme = strncmp(s, "postgresql://", 13) == 0 ? 13
                    : strncmp(s, "postgres://", 11) == 0 ? 11
                                                         : 0;
    if (!scheme) {
        mask_pairs(s, out);
        return;
    }
    size_t authority = strcspn(s + scheme, "/?");
    const char *user = s + scheme, *end = user + authority, *at = memchr(user, '@', authority);
    const char *colon = at ? memchr(user, ':', (size_t)(at - user)) : NULL;
    text_put(out, s, (size_t)((colon ? colon : end) - s));
    if (colon)
        text_put(out, at, (size_t)(end - at));
    size_t path = strcspn(end, "?");
    text_put(out, end, path);
    if (end[path])
        mask_query(end + path + 1, out);
}

static void put_line(struct text *out, const char *key, const char *value, size_t n)
{
    text_str(out, key);
    text_str(out, n ? " = " : " =");
    text_put(out, value, n);
    text_char(out, '\n');
}

/* A comma list, over several lines when it is long. */
static void put_list(struct text *out, const char *key, const char *list)
{
    size_t room = CONF_LINE_MAX - 40;
    do {
        size_t n = strlen(list);
        for (size_t cut = room; n > room && cut > 0; cut--)
            if (list[cut] == ',')
                n = cut;
        put_line(out, key, list, n);
        list += n + (list[n] == ',');
    } while (*list);
}

static void put_universe(struct text *out, const char *key, const struct engine_conf *e)
{
    char list[sizeof(e->assets) + sizeof(e->assets) / sizeof(e->assets[0])];
    struct text t;
    text_init(&t, list, sizeof(list));
    if (e->top_n)
        text_fmt(&t, "top:%u", e->top_n);
    for (int i = 0; !e->top_n && i < e->n_assets; i++) {
        text_str(&t, i ? "," : "");
        text_str(&t, e->assets[i]);
    }
    put_list(out, key, list);
}

static void put_key(struct text *out, const struct conf *c, const struct conf_key *k, int i)
{
    char value[640];
    struct text t;
    const void *at = conf_at_const(c, k, i, 0);
    text_init(&t, value, sizeof(value));
    if (k->type == CT_UNIVERSE) {
        put_universe(out, k->key, at);
        return;
    }
    if (k->type == CT_LEVEL && ((const struct rule_level *)at)->severity == SEV_NONE)
        return;
    if (k->offset == offsetof(struct conf, db_conninfo) && k->base == KB_CONF)
        conf_mask(at, &t);
    else
        conf_put(k, at, &t);
    if (k->base == KB_RULE && !value[0])
        return;
    put_list(out, k->key, value);
}

static void put_routes(struct text *out, const struct conf *c, int v)
{
    for (int r = 0; r < venues[v]->n_routes && r < CONN_ROUTES; r++) {
        text_fmt(out, "url_%s", venues[v]->routes[r].name);
        put_line(out, "", c->venue[v].url[r], strlen(c->venue[v].url[r]));
    }
}

static void put_section(struct text *out, const struct conf *c, int section, int i)
{
    for (int k = 0; k < n_conf_keys; k++) {
        if (conf_keys[k].section != section)
            continue;
        if (conf_keys[k].base == KB_ROUTE)
            put_routes(out, c, i);
        else
            put_key(out, c, &conf_keys[k], i);
    }
    text_char(out, '\n');
}

static void put_aliases(struct text *out, const struct conf *c)
{
    text_str(out, "[aliases]\n");
    for (int i = 0; i < c->engine.n_aliases; i++) {
        const struct asset_alias *a = &c->aliases[i];
        text_fmt(out, "%s:%s = %s x ", a->venue, a->base, a->asset);
        text_num(out, a->multiplier);
        text_char(out, '\n');
    }
}

void conf_print(const struct conf *c, struct text *out)
{
    for (int s = 0; s < CS_RULE; s++) {
        for (int v = 0; s == CS_VENUE && v < n_venues; v++) {
            text_fmt(out, "[venue %s]\n", venues[v]->name);
            put_section(out, c, s, v);
        }
        if (s == CS_VENUE)
            continue;
        text_fmt(out, "[%s]\n", conf_sections[s].name);
        put_section(out, c, s, 0);
    }
    for (int r = 0; r < c->engine.n_rules; r++) {
        text_fmt(out, "[rule %s]\n", c->rules[r].name);
        put_section(out, c, CS_RULE, r);
    }
    put_aliases(out, c);
}

/* Help as comment lines of at most 100 bytes. */
static void put_comment(struct text *out, const char *s)
{
    while (*s) {
        size_t n = strlen(s), cut = n;
        for (size_t i = 0; n > 96 && i <= 96; i++)
            if (s[i] == ' ')
                cut = i;
        text_str(out, "; ");
        text_put(out, s, cut);
        text_char(out, '\n');
        s += cut + (s[cut] == ' ');
    }
}

static void put_range(struct text *out, const struct conf_key *k)
{
    if (k->type == CT_BOOL)
        text_str(out, "yes, no");
    else if (k->type == CT_U32 || k->type == CT_U8)
        text_fmt(out, "%u to %u%s%s", k->min, k->max, k->unit ? " " : "", k->unit ? k->unit : "");
    else if (k->type == CT_OCTAL)
        text_fmt(out, "0%o to 0%o", k->min, k->max);
    else if (k->type == CT_PATH)
        text_str(out, "path");
    else if (k->type == CT_LIST || k->type == CT_UNIVERSE)
        text_str(out, "list");
    else if (k->choices)
        for (const char *p = k->choices; *p; p++)
            text_put(out, *p == ',' ? ", " : p, *p == ',' ? 2 : 1);
    else
        text_str(out, k->type == CT_LEVEL     ? "raise clear for"
                      : k->type == CT_ADDRESS ? "IP address"
                                              : "text");
}

static void sample_key(struct text *out, const struct conf_key *k, const char *key, const char *def)
{
    char range[160];
    struct text t;
    text_init(&t, range, sizeof(range));
    put_range(&t, k);
    put_comment(out, k->help);
    text_fmt(out, "; (%s)\n", range);
    put_line(out, key, def, strlen(def));
}

static void sample_section(struct text *out, int section, int v)
{
    char key[64];
    struct text t;
    for (int k = 0; k < n_conf_keys; k++) {
        const struct conf_key *row = &conf_keys[k];
        if (row->section != section)
            continue;
        for (int r = 0; row->base == KB_ROUTE && r < venues[v]->n_routes && r < CONN_ROUTES; r++) {
            text_init(&t, key, sizeof(key));
            text_fmt(&t, "url_%s", venues[v]->routes[r].name);
            sample_key(out, row, key, row->def);
        }
        if (row->base != KB_ROUTE)
            sample_key(out, row, row->key, row->def);
    }
}

void conf_sample(struct text *out)
{
    text_str(out,
             "; Every key of cascaded with its default. What is missing here has the default too.\n"
             "; `cascaded -t` checks, `cascaded -p` prints what is in force.\n");
    for (int s = 0; s < CS_RULE; s++) {
        for (int v = 0; s == CS_VENUE && v < n_venues; v++) {
            text_fmt(out, "\n[venue %s]\n", venues[v]->name);
            sample_section(out, s, v);
        }
        if (s == CS_VENUE)
            continue;
        text_fmt(out, "\n[%s]\n", conf_sections[s].name);
        sample_section(out, s, 0);
    }
}

static void doc_key(struct text *out, const struct conf_key *k)
{
    text_fmt(out, "| `%s` | ", k->key);
    text_fmt(out, k->def[0] ? "`%s` | " : "%s | ", k->def);
    put_range(out, k);
    text_fmt(out, " | %s |\n", k->help);
}

void conf_doc(struct text *out)
{
    text_str(out, "# Configuration\n\n"
                  "Printed from the key table; do not edit. `conf/cascaded.conf` is the sample "
                  "with every key.\n\n"
                  "INI files: `[section]`, `key = value`, comments from `;` or `#` at the start of "
                  "a line and from\n"
                  "` ;` within one. A line has at most 190 bytes; continuation lines, unknown or "
                  "repeated keys and\n"
                  "sections are errors, and all errors are listed with file, line and key. "
                  "Durations and sizes end in\n"
                  "their unit. Lists are by comma; the key of a list may stand on several lines. "
                  "Relative paths start\n"
                  "at the file's folder.\n");
    for (int s = 0; s < CS_NONE; s++) {
        text_fmt(out, "\n## [%s]\n\n%s\n", conf_sections[s].name, conf_sections[s].help);
        if (s == CS_ALIASES)
            continue;
        text_str(out, "\n| key | default | value | meaning |\n|---|---|---|---|\n");
        for (int k = 0; k < n_conf_keys; k++)
            if (conf_keys[k].section == s)
                doc_key(out, &conf_keys[k]);
    }
}
